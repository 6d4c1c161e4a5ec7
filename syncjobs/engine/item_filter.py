"""Which cards of the ERP take part in a shop at all."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from integrator.canonical.records import Product


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemFilter:
    """Every condition that is set must hold. Blocked and unfinished cards stay out unless asked in."""

    kinds: tuple[str, ...] = ("Towar",)
    """Kinds of card (`Towar`, `Usługa`, `Zestaw`); empty: all."""
    web_shop: bool = True
    """Only cards flagged for the web shop."""
    external: bool = False
    """Only cards flagged for external systems."""
    blocked: bool = False
    """Blocked cards too."""
    categories: tuple[str, ...] = ()
    """Keys of ERP categories, empty: all."""
    warehouses: tuple[str, ...] = ()
    """Only cards kept in one of these warehouses, empty: any."""
    field: str = ""
    """A free field (`POLE4`, `WYROZNIK`) that must hold `value`."""
    value: str = ""

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Self:
        """From a connection's settings. Unknown names are an error: half a filter would let too much in."""
        unknown = set(data) - set(cls.__dataclass_fields__)
        if unknown:
            raise ValueError(f"item filter does not know {', '.join(sorted(unknown))}")
        values: dict[str, Any] = {name: tuple(v) if isinstance(v, list) else v for name, v in data.items()}
        return cls(**values)

    def lets_in(self, product: Product) -> bool:
        return not self.keeps_out(product)

    def keeps_out(self, product: Product) -> str:
        """Name of the first condition that keeps the card out, empty when it takes part."""
        facts = dict(product.traits)
        if facts.get("unfinished") == "1":
            return "unfinished"
        if not self.blocked and facts.get("blocked") == "1":
            return "blocked"
        if self.kinds and facts.get("kind") not in self.kinds:
            return "kinds"
        if self.web_shop and facts.get("web_shop") != "1":
            return "web_shop"
        if self.external and facts.get("external") != "1":
            return "external"
        if self.categories and product.category not in self.categories:
            return "categories"
        if self.warehouses and not set(self.warehouses) & set(facts.get("warehouses", "").split(",")):
            return "warehouses"
        if self.field and facts.get(self.field, "") != self.value:
            return "field"
        return ""
