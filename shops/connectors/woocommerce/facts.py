"""What a shop says about itself and what hardly ever changes: version, net or gross, units of weight, names of terms.

Kept between slices (`ShopAccess.facts`). Capabilities are made of `facts["shop"]` alone (see `capabilities.py`).
"""

from collections.abc import Callable, Mapping, MutableMapping
from html import unescape
from typing import Any

from integrator.canonical.errors import Gone, Rejected, Transient
from integrator.canonical.problems import Code
from integrator.canonical.side import fact_address
from integrator.canonical.text import fold
from shops.connectors.woocommerce.errors import reason
from shops.connectors.woocommerce.mapping import Attribute, Options, View, kilograms, whole_row
from shops.connectors.woocommerce.rest import Rest, Row, row_id

FRESH = 24 * 3600.0
_MOST_KEPT = 3000
"""More names of terms than this are read anew in every session that needs them."""
_MOST_CHOSEN = 2000
SETTINGS = {
    "currency": "general/woocommerce_currency",
    "decimals": "general/woocommerce_price_num_decimals",
    "country": "general/woocommerce_default_country",
    "calc_taxes": "general/woocommerce_calc_taxes",
    "gross": "tax/woocommerce_prices_include_tax",
    "weight_unit": "products/woocommerce_weight_unit",
    "manage_stock": "products/woocommerce_manage_stock",
}
"""Where WooCommerce keeps what we must know; calc_taxes stands in the group `general`, not `tax`."""


class Facts:
    """Learnt on first use; `learn` asks anew. Facts of another address count for nothing."""

    def __init__(
        self, rest: Rest, kept: MutableMapping[str, Any], options: Options, clock: Callable[[], float]
    ) -> None:
        self._rest = rest
        self._kept = kept
        self._options = options
        self._clock = clock
        self._terms: dict[str, dict[str, str]] = {}
        self._parents: dict[str, str] | None = None
        if kept.get("of") != rest.api.base:
            self.forget()

    def forget(self) -> None:
        self._kept.clear()
        self._kept["of"] = self._rest.api.base
        self._terms, self._parents = {}, None

    @property
    def shop(self) -> Mapping[str, Any]:
        """As `learn` read it."""
        if "shop" not in self._kept:
            self.learn()
        data: Mapping[str, Any] = self._kept["shop"]
        return data

    @property
    def old(self) -> bool:
        """Whether it is time to ask again: nobody tells us when a setting of the shop is changed."""
        return self._clock() - float(self._kept.get("at", 0)) >= FRESH

    def identity(self) -> dict[str, str]:
        """Asked now, not kept: the id of the shop (`store_id`) and its address."""
        status = whole_row(self._rest.get("system_status", {"_fields": "environment"}))
        environment = whole_row(status.get("environment"))
        if not environment.get("version"):
            raise Transient(Code.UNEXPECTED_ANSWER, status=200, path="system_status", excerpt=str(environment)[:100])
        found = {"store": str(environment.get("store_id") or "")}
        found["address"] = fact_address(str(environment.get("home_url") or ""))
        return {name: value for name, value in found.items() if value}

    def learn(self) -> None:
        """Read everything that capabilities and records depend on. Names of terms are forgotten with it."""
        status = whole_row(self._rest.get("system_status", {"_fields": "environment,settings,active_plugins"}))
        shop = _environment(status)
        shop |= self._settings()
        shop["country"] = shop["country"].partition(":")[0]
        shop["classes"] = self._read_classes()
        shop["brands"] = self._answers("products/brands")
        shop["variations"] = self._answers("variations")
        shop["attributes"] = self._read_attributes()
        if self._kept.get("brandless") == shop["version"]:
            shop["brands"] = False
        for name in ("terms", "parents"):
            self._kept.pop(name, None)
        self._terms, self._parents = {}, None
        self._kept["shop"], self._kept["at"] = shop, str(round(self._clock()))

    def _settings(self) -> dict[str, str]:
        """Group by group: one call gives all settings of a group."""
        values: dict[str, Any] = {}
        for group in dict.fromkeys(path.partition("/")[0] for path in SETTINGS.values()):
            rows = self._rest.get(f"settings/{group}", {"_fields": "id,value"})
            for row in rows if isinstance(rows, list) else ():
                if isinstance(row, Mapping):
                    values[f"{group}/{row.get('id')}"] = row.get("value")
        for path in SETTINGS.values():
            if not isinstance(values.get(path), str | int):
                found = str(values.get(path))[:100]
                raise Transient(Code.UNEXPECTED_ANSWER, status=200, path=f"settings/{path}", excerpt=found)
        return {name: str(values[path]) for name, path in SETTINGS.items()}

    def _answers(self, path: str) -> bool:
        """Whether the shop's version has this list at all."""
        try:
            self._rest.get(path, {"per_page": 1, "_fields": "id"})
        except Gone:
            return False
        except Rejected as error:
            if reason(error) != "rest_no_route":
                raise
            return False
        return True

    def brands_are_not_kept(self) -> None:
        """The first versions with brands took them on a product without a word and forgot them: no more of that until
        the shop is updated."""
        self._kept["brandless"] = self.shop["version"]
        self._kept["shop"] = {**self.shop, "brands": False}

    def _read_classes(self) -> list[str]:
        return [str(row.get("slug")) for row in self._rest.whole("taxes/classes")]

    def reread_classes(self) -> None:
        self._kept["shop"] = {**self.shop, "classes": self._read_classes()}

    def variations_are_not_listed(self) -> None:
        """The list of all variations does not choose by id: they are read parent by parent until we learn anew."""
        self._kept["shop"] = {**self.shop, "variations": False}

    # attributes and their terms

    def _read_attributes(self) -> list[dict[str, str]]:
        return [
            {"id": str(row_id(row)), "name": unescape(str(row.get("name", ""))), "slug": str(row.get("slug", ""))}
            for row in self._rest.whole("products/attributes")
            if row_id(row) is not None
        ]

    def reread_attributes(self) -> None:
        self._kept["shop"] = {**self.shop, "attributes": self._read_attributes()}

    def attribute(self, name: str) -> Attribute | None:
        """The attribute of the whole shop that has this name."""
        for row in self.shop["attributes"]:
            if name and fold(row["name"]) == fold(name):
                return Attribute(id=int(row["id"]), name=row["name"], slug=row["slug"])
        return None

    def terms(self, attribute: Attribute) -> Mapping[str, str]:
        """Names of an attribute's terms by their ids, as the shop writes them."""
        kept = self._kept.setdefault("terms", {})
        key = str(attribute.id)
        found = self._terms.get(key) or kept.get(key)
        return self.reread_terms(attribute) if found is None else found

    def reread_terms(self, attribute: Attribute) -> Mapping[str, str]:
        rows = self._rest.rows(f"products/attributes/{attribute.id}/terms", {"_fields": "id,name"})
        found = {str(row_id(row)): str(row.get("name", "")) for row in rows if row_id(row) is not None}
        self._terms[str(attribute.id)] = found
        kept = self._kept.setdefault("terms", {})
        kept.pop(str(attribute.id), None)
        if len(found) <= _MOST_KEPT:
            kept[str(attribute.id)] = found
        return found

    def forget_terms(self, attribute: Attribute) -> None:
        self._terms.pop(str(attribute.id), None)
        self._kept.get("terms", {}).pop(str(attribute.id), None)

    # categories

    @property
    def parents(self) -> Mapping[str, str]:
        """Category id -> id of the category above it ("0": none)."""
        if self._parents is None:
            kept = self._kept.get("parents")
            self._parents = dict(kept) if kept is not None else self.learn_parents(self.read_categories())
        return self._parents

    def read_categories(self) -> list[Row]:
        return list(self._rest.rows("products/categories", {"_fields": "id,name,parent"}))

    def learn_parents(self, rows: list[Row]) -> dict[str, str]:
        found = {str(row_id(row)): str(row.get("parent") or 0) for row in rows if row_id(row) is not None}
        self._parents = found
        self._kept.pop("parents", None)
        if len(found) <= _MOST_KEPT:
            self._kept["parents"] = found
        return found

    @property
    def chosen(self) -> dict[str, str]:
        """Product id -> the one of its categories that we wrote, where that is not the one that we would read."""
        found: dict[str, str] = self._kept.setdefault("chosen", {})
        return found

    def choose(self, product_id: str, category_id: str) -> bool:
        """Remember it. False when too many are remembered already."""
        if len(self.chosen) >= _MOST_CHOSEN and product_id not in self.chosen:
            return False
        self.chosen[product_id] = category_id
        return True

    # units that are plain texts on products

    @property
    def symbols(self) -> list[str]:
        """Units seen on products or made by us, where units are not elements of the shop."""
        found: list[str] = self._kept.setdefault("units", [])
        return found

    def see_symbol(self, symbol: str) -> None:
        if symbol and symbol not in self.symbols:
            self._kept["units"] = sorted([*self.symbols, symbol])

    # reading

    def unit_attribute(self) -> Attribute | None:
        return self.attribute(self._options.unit_attribute) if self._options.unit == "attribute" else None

    def producer_attribute(self) -> Attribute | None:
        """None: producers are brands, or the attribute is not there yet."""
        return None if self.brands else self.attribute(self._options.producer_attribute)

    @property
    def brands(self) -> bool:
        return self._options.producer == "auto" and bool(self.shop["brands"])

    @property
    def currency(self) -> str:
        return str(self.shop["currency"])

    def view(self, rows: list[Row]) -> View:
        """What mapping needs to read these products. Names of terms are read anew when a product has an unknown one."""
        unit, producer = self.unit_attribute(), self.producer_attribute()
        several = any(len(row.get("categories") or ()) > 1 for row in rows if isinstance(row, Mapping))
        return View(
            kilograms=kilograms(self.shop["weight_unit"]),
            unit=unit,
            unit_terms=self._fitting(unit, rows),
            unit_meta=self._options.unit_meta if self._options.unit == "meta" else "",
            brands=self.brands,
            producer=producer,
            producer_terms=self._fitting(producer, rows),
            parents=self.parents if several else {},
            chosen=self.chosen,
            currency=self.currency,
        )

    def _fitting(self, attribute: Attribute | None, rows: list[Row]) -> Mapping[str, str]:
        """Ids of terms by folded name."""
        if attribute is None:
            return {}
        used = {fold(unescape(name)) for row in rows for name in attribute.on(row)}
        if not used:
            return {}
        known = by_name(self.terms(attribute))
        return known if used <= known.keys() else by_name(self.reread_terms(attribute))


def by_name(terms: Mapping[str, str]) -> dict[str, str]:
    """Ids of terms by folded name; of several with one name the oldest."""
    found: dict[str, str] = {}
    for one in sorted(terms, key=int):
        found.setdefault(fold(unescape(terms[one])), one)
    return found


def _environment(status: Row) -> dict[str, Any]:
    environment = whole_row(status.get("environment"))
    settings = status.get("settings")
    plugins = status.get("active_plugins")
    if not environment.get("version"):
        raise Transient(Code.UNEXPECTED_ANSWER, status=200, path="system_status", excerpt=str(environment)[:100])
    return {
        "version": str(environment["version"]),
        "wordpress": str(environment.get("wp_version") or ""),
        "home": str(environment.get("home_url") or ""),
        "language": str(environment.get("language") or ""),
        "hpos": _yes(settings.get("HPOS_enabled")) if isinstance(settings, Mapping) else None,
        "plugins": sorted(str(one.get("plugin") or "") for one in plugins if isinstance(one, Mapping))
        if isinstance(plugins, list)
        else [],
    }


def _yes(value: Any) -> bool | None:
    return value if isinstance(value, bool) else None
