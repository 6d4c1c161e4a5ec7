"""Shoper's rows as records. Pure. Each function raises MappingError for a value that cannot be read."""

import re
from collections.abc import Callable, Iterable, Mapping
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
    Unit,
    plain_number,
)
from integrator.canonical.text import clean, fold

Row = Mapping[str, Any]
_PERCENT = re.compile(r"(\d+(?:[.,]\d+)?)\s*%?")
_WORDS = {"zwolniony": "zw", "zwolniona": "zw", "zwolnione": "zw", "niepodlega": "np", "odwrotneobciazenie": "oo"}


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What reading a product takes besides the row itself."""

    language: str
    kilograms: Decimal = Decimal(1)
    currency: Callable[[str | None], str] = field(default=lambda currency_id: "PLN")
    options: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, str] = field(default_factory=dict)


def whole_row(raw: Any) -> Row:
    """The row itself; what is no object at all cannot be read."""
    if not isinstance(raw, Mapping):
        raise MappingError("row", raw)
    return raw


def translation(raw: Row, language: str) -> Row:
    """Texts in the shop's default language, or in the first one there is."""
    texts = coerce.mapping(raw, "translations")
    chosen = texts.get(language)
    if chosen is None:
        chosen = next(iter(texts.values()), {})
    if not isinstance(chosen, Mapping):
        raise MappingError("translations", chosen)
    return chosen


def unit(raw: Row, language: str) -> Unit:
    """Shoper's units have a name and no abbreviation; the name is what documents print."""
    return Unit(symbol=_named(translation(raw, language), "name"), fractional=coerce.flag(raw, "floating_point"))


def tax_rate(raw: Row) -> TaxRate:
    """Three of the six rates of a new shop have the value 0, so the name tells them apart."""
    name = coerce.text(raw, "name", "") or coerce.text(raw, "class", "")
    percent = coerce.decimal(raw, "value")
    return TaxRate(code=tax_code(name, percent), name=name, percent=percent)


def tax_code(name: str, percent: Decimal) -> str:
    """`23%` -> 23, `zw.` -> zw, `np.` -> np; of a name that says nothing, the percent where it is one of a kind."""
    plain = re.sub(r"[^a-z0-9,%]", "", fold(name))
    number = _PERCENT.fullmatch(re.sub(r"^(stawka)?(vat)?", "", plain))
    if number:
        return plain_number(Decimal(number[1].replace(",", ".")))
    letters = re.sub(r"[^a-z]", "", plain)
    if letters in _WORDS:
        return _WORDS[letters]
    if letters in ("zw", "np", "oo"):
        return letters
    return plain_number(percent) if percent else fold(name)


def producer(raw: Row) -> Producer:
    return Producer(name=_named(raw, "name"))


def _named(raw: Row, name: str) -> str:
    value = coerce.text(raw, name)
    if not value:
        raise MappingError(name, value, code=Code.FIELD_MISSING)
    return value


def parents(tree: Any) -> dict[str, str | None]:
    """Category id -> parent id of the tree, which is a bare list of `{"id", "children"}`."""
    found: dict[str, str | None] = {}
    todo: list[tuple[Any, str | None]] = [(node, None) for node in _nodes(tree)]
    while todo:
        node, parent = todo.pop()
        key = coerce.key(whole_row(node), "id")
        if key not in found:
            found[key] = parent
            todo += [(child, key) for child in _nodes(node.get("children"))]
    return found


def _nodes(value: Any) -> Iterable[Any]:
    if isinstance(value, Mapping):
        return list(value.values())
    return value if isinstance(value, list) else []


def category_name(raw: Row, language: str) -> str:
    return _named(translation(raw, language), "name")


def category(key: str, raw: Row, names: Mapping[str, str], tree: Mapping[str, str | None], language: str) -> Category:
    """`names` of all categories and the `tree`: one that is not in the tree counts as a root; an ancestor whose name
    could not be read appears by its id."""
    path: list[str] = []
    step: str | None = key
    while step is not None and len(path) < 50:
        path.append(names.get(step, f"#{step}"))
        step = tree.get(step)
    return Category(
        path=tuple(reversed(path)),
        parent=tree.get(key),
        active=coerce.flag(translation(raw, language), "active", default=True),
    )


def variant_ids(raw: Row) -> list[int]:
    """Ids of the stock rows that are a product's variants; none: the product is sold as it is."""
    listed = raw.get("options")
    if isinstance(listed, Mapping):
        listed = list(listed.values())
    if listed in (None, False, ""):
        return []
    if not isinstance(listed, list):
        raise MappingError("options", listed)
    try:
        return [int(str(one)) for one in listed]
    except ValueError:
        raise MappingError("options", listed) from None


def product(raw: Row, view: View) -> Product:
    """A product with no variants; of one with variants, what all of them share."""
    texts = translation(raw, view.language)
    stock = coerce.mapping(raw, "stock")
    key = coerce.key(raw, "product_id")
    return Product(
        code=coerce.text(raw, "code", "") or coerce.text(stock, "code", ""),
        name=_named(texts, "name"),
        short_description=coerce.text(texts, "short_description", ""),
        description=coerce.text(texts, "description", ""),
        ean=coerce.text(raw, "ean", "") or coerce.text(stock, "ean", ""),
        unit=coerce.optional_key(raw, "unit_id"),
        tax_rate=coerce.optional_key(raw, "tax_id"),
        producer=coerce.optional_key(raw, "producer_id"),
        category=coerce.optional_key(raw, "category_id"),
        weight=_weight(stock, view),
        active=coerce.flag(texts, "active"),
        image_owner=key,
    )


def group(key: str, shared: Product, variants: Iterable[str]) -> ProductGroup:
    return ProductGroup(code=shared.code, name=shared.name, variants=tuple(variants), image_owner=key)


def variant(shared: Product, row: Row, view: View) -> Product:
    """A sellable row of a product: its own code, EAN, weight and options, the rest from its product."""
    return Product(
        code=coerce.text(row, "code", ""),
        name=shared.name,
        short_description=shared.short_description,
        description=shared.description,
        ean=coerce.text(row, "ean", ""),
        unit=shared.unit,
        tax_rate=shared.tax_rate,
        producer=shared.producer,
        category=shared.category,
        weight=_weight(row, view),
        active=shared.active and coerce.flag(row, "active", default=True),
        group=shared.image_owner,
        options=tuple(
            (view.options.get(option, f"#{option}"), view.values.get(value, f"#{value}"))
            for option, value in option_pairs(row)
        ),
        image_owner=shared.image_owner,
    )


def option_pairs(row: Row) -> list[tuple[str, str]]:
    """(option id, value id) of a variant: a map, `[]` for none, or a list of `{"option_id", "value_id"}`."""
    given = row.get("options")
    if isinstance(given, Mapping):
        return [(_id(option), _id(value)) for option, value in given.items()]
    if isinstance(given, list):
        return [(_id(p.get("option_id")), _id(p.get("value_id"))) for p in given if isinstance(p, Mapping)]
    return []


def _id(value: Any) -> str:
    """Of an option or value, which may be one that the shop no longer has: it is shown as it is, within reason."""
    return clean(str(value)[:80])


def _weight(stock: Row, view: View) -> Decimal | None:
    """Kilograms. Shoper has no "unknown": 0 stands for it."""
    name = "comp_weight" if stock.get("comp_weight") not in (None, "") else "weight"
    weight = coerce.decimal(stock, name, Decimal(0)) * view.kilograms
    return weight or None


def price(stock: Row, currency: str) -> Price:
    """The effective gross price: a variant may take it from its product or add to it, which `comp_price` reckons in."""
    effective = stock.get("comp_price")
    figures = {"price": stock.get("price") if effective in (None, "") else effective}
    return Price(price=coerce.decimal(figures, "price"), currency=currency)


def stock_level(stock: Row) -> StockLevel:
    return StockLevel(quantity=coerce.decimal(stock, "stock"))


def image(raw: Row, language: str) -> Image:
    """The name is the alternative text; without one, the file's name."""
    position = coerce.decimal(raw, "order", Decimal(1))
    return Image(
        name=coerce.text(translation(raw, language), "name", "") or coerce.text(raw, "name", ""),
        position=int(position),
        product=coerce.key(raw, "product_id"),
    )


def picture_path(raw: Row) -> str:
    """Where the shop serves the file of a picture."""
    name = coerce.text(raw, "unic_name", "") or coerce.key(raw, "gfx_id")
    return f"/userdata/public/gfx/{name}.{coerce.text(raw, 'extension', 'jpg')}"


def label(raw: Any, language: str) -> str:
    """What to call a row that cannot be read, as far as anything in it can."""
    if not isinstance(raw, Mapping):
        return ""
    texts = raw.get("translations")
    texts = texts.get(language, {}) if isinstance(texts, Mapping) else {}
    found = [texts.get("name") if isinstance(texts, Mapping) else None, raw.get("name"), raw.get("code")]
    return next((clean(one) for one in found if isinstance(one, str) and one), "")
