"""What rules what: owners of fields, the presets of step c, criteria of step b, the options of step d."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from integrator.canonical.capabilities import Can, KindCapabilities
from integrator.canonical.errors import PlanRefused
from integrator.canonical.kinds import Kind
from integrator.canonical.problems import Code


class Owner(StrEnum):
    """Who rules a field of a linked element."""

    ERP = "erp"
    SHOP = "shop"
    ASK = "ask"
    """Whoever moved since they last agreed; both: a conflict for a person."""
    IGNORE = "ignore"


class Linked(StrEnum):
    """Presets of step c. Only the owners they fill in are stored and count."""

    LEAVE = "leave"
    LOCAL = "local"
    SHOP = "shop"
    BOTH = "both"


class FirstAgreement(StrEnum):
    """Who wins a field that differs when the pair was never settled."""

    ERP = "erp"
    SHOP = "shop"
    ASK = "ask"


class ErpGone(StrEnum):
    DEACTIVATE = "deactivate"
    DELETE = "delete"
    LEAVE = "leave"


class Criterion(StrEnum):
    """What makes two elements one (step b)."""

    CODE_AND_NAME = "code_and_name"
    CODE = "code"
    EAN = "ean"
    SYMBOL_OR_NAME = "symbol_or_name"
    NAME = "name"
    PATH = "path"
    TAX_CODE = "tax_code"
    CONTENT_OR_POSITION = "content_or_position"


CRITERIA: dict[Kind, tuple[Criterion, ...]] = {
    Kind.UNIT: (Criterion.SYMBOL_OR_NAME,),
    Kind.TAX_RATE: (Criterion.TAX_CODE,),
    Kind.PRODUCER: (Criterion.NAME,),
    Kind.CATEGORY: (Criterion.PATH,),
    Kind.PRODUCT: (Criterion.CODE_AND_NAME, Criterion.CODE, Criterion.EAN),
    Kind.IMAGE: (Criterion.CONTENT_OR_POSITION,),
}
"""Criteria to choose from, the default first. Prices and stock use the product's link."""

CHOSEN_FIRST: dict[Kind, frozenset[str]] = {
    Kind.PRODUCT: frozenset({"tax_rate", "ean"}),
    Kind.PRICE: frozenset({"price"}),
    Kind.STOCK: frozenset({"quantity"}),
    Kind.IMAGE: frozenset({"name", "position"}),
}
"""Fields that a preset takes at first; further ones a person adds. Kinds that are not here: all fields."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """The options of one kind of one connection. Raises PlanRefused for import together with delete."""

    owners: Mapping[str, Owner] = field(default_factory=dict)
    criterion: Criterion | None = None
    first_agreement: FirstAgreement = FirstAgreement.ERP
    erp_gone: ErpGone = ErpGone.DEACTIVATE
    import_unlinked: bool = False
    export_unlinked: bool = False
    delete_unlinked: bool = False

    def __post_init__(self) -> None:
        if self.import_unlinked and self.delete_unlinked:
            raise PlanRefused(Code.IMPORT_AND_DELETE)

    def owner(self, name: str) -> Owner:
        return self.owners.get(name, Owner.IGNORE)

    @property
    def updates(self) -> bool:
        return any(owner is not Owner.IGNORE for owner in self.owners.values())


def writable(name: str, capabilities: KindCapabilities) -> bool:
    """Whether a field of a linked element can be changed on that side."""
    spec = capabilities.fields.get(name)
    return spec is not None and spec.update and Can.UPDATE in capabilities.can


def offered_owners(name: str, erp: KindCapabilities, shop: KindCapabilities) -> tuple[Owner, ...]:
    """Owners a person may choose for a field: only what the two sides can do."""
    to_shop, to_erp = writable(name, shop), writable(name, erp)
    offered = [Owner.IGNORE]
    if to_shop:
        offered.append(Owner.ERP)
    if to_erp:
        offered.append(Owner.SHOP)
    if to_shop and to_erp:
        offered.append(Owner.ASK)
    return tuple(offered)


def owned_fields(erp: KindCapabilities, shop: KindCapabilities) -> tuple[str, ...]:
    """Fields that at least one side can write, in the shop's order."""
    names = [*shop.fields, *(name for name in erp.fields if name not in shop.fields)]
    return tuple(name for name in names if writable(name, shop) or writable(name, erp))


_PRESET_OWNER = {Linked.SHOP: Owner.ERP, Linked.LOCAL: Owner.SHOP, Linked.BOTH: Owner.ASK}


def preset_owners(
    linked: Linked, kind: Kind, erp: KindCapabilities, shop: KindCapabilities, chosen: Collection[str] | None = None
) -> dict[str, Owner]:
    """Owners that a preset of step c fills in. `chosen`: the fields a person picked, None: the first choice."""
    picked = chosen if chosen is not None else CHOSEN_FIRST.get(kind, frozenset(owned_fields(erp, shop)))
    wanted = _PRESET_OWNER.get(linked, Owner.IGNORE)
    return {
        name: wanted if name in picked and wanted in offered_owners(name, erp, shop) else Owner.IGNORE
        for name in owned_fields(erp, shop)
    }
