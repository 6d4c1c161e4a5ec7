"""PrestaShop's rows as records. Pure. Each function raises MappingError for a value that cannot be read."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from integrator.canonical import coerce
from integrator.canonical.errors import MappingError
from integrator.canonical.problems import Code
from integrator.canonical.records import (
    Category,
    Image,
    Price,
    Producer,
    Product,
    ProductGroup,
    StockLevel,
    TaxRate,
    plain_number,
)
from integrator.canonical.rounding import to_places
from integrator.canonical.text import clean, fold
from shops.connectors.prestashop.pricing import shown

Row = Mapping[str, Any]
_SAYS = {
    "zw": re.compile(r"\bzw|zwoln|exempt"),
    "np": re.compile(r"\bnp\b|nie podlega"),
    "oo": re.compile(r"\boo\b|odwrotn|reverse"),
}
_METRIC = {"kg": Decimal(1), "dag": Decimal("0.01"), "g": Decimal("0.001"), "t": Decimal(1000)}
_OTHER = {"lb": Decimal("0.45359237"), "lbs": Decimal("0.45359237"), "oz": Decimal("0.028349523125")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """A group of tax rules as it works in the shop's own country. `percent` None: no rule there, so no tax is added."""

    name: str
    percent: Decimal | None = None
    unclear: bool = False
    """Several rules of the country contradict each other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What reading takes besides the rows themselves."""

    language: str
    """Id of the shop's default language."""
    gross: bool = True
    """Whether prices are read and written gross."""
    taxed: bool = True
    """Whether the shop adds tax at all (PS_TAX)."""
    groups: Mapping[str, Group] = field(default_factory=dict)
    """By id of the group of tax rules."""
    kilograms: Decimal = Decimal(1)
    """Kilograms in the shop's unit of weight."""
    roots: Collection[str] = ("1", "2")
    """Categories that hold all others and are shown nowhere."""
    currency: str = "PLN"

    def percent(self, group: str | None) -> Decimal:
        """The VAT rate that the shop adds to a net price. Groups without a rule, or unknown, add nothing."""
        found = self.groups.get(group or "")
        if found is not None and found.unclear:
            raise MappingError("id_tax_rules_group", found.name)
        if not self.taxed or found is None:
            return Decimal(0)
        return found.percent or Decimal(0)


def whole_row(raw: Any) -> Row:
    """The row itself; what is no object at all cannot be read."""
    if not isinstance(raw, Mapping):
        raise MappingError("row", raw)
    return raw


def texts(raw: Row, name: str, language: str) -> dict[str, str]:
    """Language id -> text as it stands. A shop of one language gives a plain text, that of `language`."""
    value = raw.get(name)
    if value in (None, False, ""):
        return {}
    if isinstance(value, str | int | Decimal):
        return {language: str(value)}
    if isinstance(value, Mapping):
        value = [{"id": one, "value": text} for one, text in value.items()]
    if not isinstance(value, list):
        raise MappingError(name, value)
    found: dict[str, str] = {}
    for one in value:
        if not isinstance(one, Mapping):
            raise MappingError(name, value)
        found[coerce.key(one, "id")] = str(one.get("value") or "")
    return found


def text(raw: Row, name: str, language: str) -> str:
    """The text in this language, cleaned; empty where there is none."""
    return clean(texts(raw, name, language).get(language, ""))


def product_name(raw: Row, language: str) -> str:
    """The name in this language, else in the first of the others that has one: a product nameless in one language must
    not keep all products from being compared. Raises MappingError where it has none at all."""
    found = texts(raw, "name", language)
    others = (found[one] for one in sorted(found, key=lambda one: (len(one), one)))
    return _named(next((clean(one) for one in (found.get(language, ""), *others) if clean(one)), ""), "name")


def _named(value: str, name: str) -> str:
    if not value:
        raise MappingError(name, value, code=Code.FIELD_MISSING)
    return value


def associated(raw: Row, name: str) -> list[Row]:
    """Rows of an association. An empty one is absent; some versions give an object by number."""
    found = coerce.mapping(raw, "associations").get(name)
    if found in (None, False, "") or found == []:
        return []
    if isinstance(found, Mapping):
        found = list(found.values())
    if not isinstance(found, list) or not all(isinstance(one, Mapping) for one in found):
        raise MappingError(name, found)
    return found


def ids(raw: Row, name: str) -> list[str]:
    return [coerce.key(one, "id") for one in associated(raw, name)]


def producer(raw: Row) -> Producer:
    return Producer(name=_named(coerce.text(raw, "name", ""), "name"))


def tax_groups(groups: Iterable[Row], rules: Iterable[Row], taxes: Iterable[Row], country: str) -> dict[str, Group]:
    """Groups that are in use, by id, with the rate of the shop's own country.

    Rules for single states or post codes are for other countries' taxes; Poland has none. A group that is switched off
    adds no tax, whatever its rules say.
    """
    rates = {coerce.key(row, "id"): coerce.decimal(row, "rate") for row in taxes}
    found: dict[str, set[Decimal | None]] = {}
    for row in rules:
        whole = coerce.optional_key(row, "id_state") is None and str(row.get("zipcode_from") or "0") == "0"
        if coerce.optional_key(row, "id_country") == country and whole:
            tax = coerce.optional_key(row, "id_tax")
            found.setdefault(coerce.key(row, "id_tax_rules_group"), set()).add(rates.get(tax) if tax else Decimal(0))
    named: dict[str, Group] = {}
    for row in groups:
        if coerce.flag(row, "deleted"):
            continue
        key = coerce.key(row, "id")
        percents = found.get(key, set()) if coerce.flag(row, "active", default=True) else set()
        one = next(iter(percents)) if len(percents) == 1 else None
        named[key] = Group(name=coerce.text(row, "name", ""), percent=one, unclear=len(percents) > 1)
    return named


def tax_rate(group: Group) -> TaxRate:
    if group.unclear:
        raise MappingError("tax_rules", group.name)
    return TaxRate(code=tax_code(group), name=group.name, percent=group.percent)


def tax_code(group: Group) -> str:
    """`23` of 23 %; of a group that adds nothing what its name says (zw, np, oo), else 0. Without a rule in the shop's
    country the name, so that no ERP rate is taken for it."""
    if group.percent is None:
        return fold(group.name) or "-"
    if group.percent:
        return plain_number(group.percent)
    name = fold(group.name)
    return next((code for code, says in _SAYS.items() if says.search(name)), "0")


def category_name(raw: Row, language: str) -> str:
    return _named(text(raw, "name", language), "name")


def category(
    key: str, raw: Row, names: Mapping[str, str], parents: Mapping[str, str], roots: Collection[str]
) -> Category:
    """`parents` of all categories by id. Roots end the path; an ancestor that cannot be read appears by its id."""
    path: list[str] = []
    step = key
    while step and step not in roots and len(path) < 50:
        path.append(names.get(step, f"#{step}"))
        step = parents.get(step, "")
    parent = parents.get(key, "")
    return Category(
        path=tuple(reversed(path)),
        parent=None if not parent or parent in roots else parent,
        active=coerce.flag(raw, "active", default=True),
    )


def sold_in_variants(raw: Row) -> bool:
    """Whether a product is a parent: it has combinations, or was made to get some and has none yet."""
    return bool(associated(raw, "combinations")) or raw.get("product_type") == "combinations"


def product(raw: Row, view: View) -> Product:
    """A product without combinations; of one with them, what all of them share."""
    key = coerce.key(raw, "id")
    category = coerce.optional_key(raw, "id_category_default")
    return Product(
        code=coerce.text(raw, "reference", ""),
        name=product_name(raw, view.language),
        short_description=text(raw, "description_short", view.language),
        description=text(raw, "description", view.language),
        ean=coerce.text(raw, "ean13", ""),
        tax_rate=coerce.optional_key(raw, "id_tax_rules_group"),
        producer=coerce.optional_key(raw, "id_manufacturer"),
        category=None if category in view.roots else category,
        weight=_weight(coerce.decimal(raw, "weight", Decimal(0)), view),
        active=coerce.flag(raw, "active"),
        image_owner=key,
    )


def group(shared: Product, variants: Iterable[str]) -> ProductGroup:
    return ProductGroup(code=shared.code, name=shared.name, variants=tuple(variants), image_owner=shared.image_owner)


def variant(shared: Product, parent: Row, row: Row, options: Mapping[str, tuple[str, str]], view: View) -> Product:
    """A combination: its own code, EAN and options; what it weighs it adds to its product; the rest from its product.
    It cannot be hidden alone. `options`: id of a value -> names of option and value."""
    weight = coerce.decimal(parent, "weight", Decimal(0)) + coerce.decimal(row, "weight", Decimal(0))
    chosen = [options.get(one, ("#", f"#{one}")) for one in ids(row, "product_option_values")]
    return Product(
        code=coerce.text(row, "reference", ""),
        name=shared.name,
        short_description=shared.short_description,
        description=shared.description,
        ean=coerce.text(row, "ean13", ""),
        tax_rate=shared.tax_rate,
        producer=shared.producer,
        category=shared.category,
        weight=_weight(weight, view),
        active=shared.active,
        group=shared.image_owner,
        options=tuple(sorted(chosen)),
        image_owner=shared.image_owner,
    )


def _weight(weight: Decimal, view: View) -> Decimal | None:
    """Kilograms. PrestaShop has no "unknown": 0 stands for it."""
    places = 6 if view.kilograms in _METRIC.values() else 3
    return to_places(weight * view.kilograms, places) or None


def kilograms_of(unit: str) -> Decimal:
    """Kilograms in a unit of weight as the shop writes it; an unknown one counts as kilograms."""
    plain = unit.strip().rstrip(".").lower()
    return (_METRIC | _OTHER).get(plain, Decimal(1))


def metric(kilograms: Decimal) -> bool:
    return kilograms in _METRIC.values()


def price(raw: Row, view: View, impact: Row | None = None) -> Price:
    """The regular price in the connection's basis; promotions (specific prices) are left out. `impact`: a combination,
    whose price is what it adds to its product's."""
    net = coerce.decimal(raw, "price")
    if impact is not None:
        net += coerce.decimal(impact, "price", Decimal(0))
    percent = view.percent(coerce.optional_key(raw, "id_tax_rules_group"))
    return Price(price=shown(net, percent, gross=view.gross), currency=view.currency)


def stock_level(raw: Row) -> StockLevel:
    return StockLevel(quantity=coerce.decimal(raw, "quantity"))


def stock_key(raw: Row) -> str:
    """Key of the sellable whose stock a row is: a product's own row has the combination 0."""
    product_id = coerce.key(raw, "id_product")
    combination = coerce.optional_key(raw, "id_product_attribute")
    return f"{product_id}:{combination}" if combination else product_id


def pictures(raw: Row) -> list[str]:
    """Ids of a product's pictures, the cover first, the others as the shop shows them."""
    listed = ids(raw, "images")
    cover = coerce.optional_key(raw, "id_default_image")
    return sorted(listed, key=lambda one: one != cover)


def image(owner: str, place: int) -> Image:
    """PrestaShop gives a picture's name to nobody outside, and its bytes are not those that were sent."""
    return Image(name="", position=place, product=owner)


def label(raw: Any, language: str) -> str:
    """What to call a row that cannot be read, as far as anything in it can."""
    if not isinstance(raw, Mapping):
        return ""
    try:
        name = text(raw, "name", language)
    except MappingError:
        name = ""
    return name or clean(str(raw.get("reference") or ""))


def own_rows(rows: Sequence[Row], shop: str) -> list[Row]:
    """Rows of stock that belong to the shop, or to its group where that shares its stock (id_shop 0 and a group).

    A careless PUT of another program leaves rows behind that belong to neither.
    """
    own = [row for row in rows if str(row.get("id_shop", shop)) == shop]
    taken = {(str(row.get("id_product")), str(row.get("id_product_attribute"))) for row in own}
    shared = [
        row
        for row in rows
        if str(row.get("id_shop")) == "0"
        and str(row.get("id_shop_group") or "0") != "0"
        and (str(row.get("id_product")), str(row.get("id_product_attribute"))) not in taken
    ]
    return own + shared
