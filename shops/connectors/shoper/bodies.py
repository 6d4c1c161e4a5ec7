"""What is sent to Shoper: canonical fields as bodies of POST and PUT. Pure.

Raises Rejected for a field that cannot be written there. Texts go into the default language alone; other languages and
everything that is not named stay as they are, because Shoper's updates are partial.
"""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from integrator.canonical.errors import Rejected
from integrator.canonical.kinds import Kind
from integrator.canonical.problems import Code
from integrator.canonical.records import Fields, FieldValue
from integrator.canonical.side import NewElement
from integrator.canonical.text import fold_unit

_TEXTS = ("name", "short_description", "description")
_REFERENCES = {"unit": "unit_id", "tax_rate": "tax_id", "producer": "producer_id", "category": "category_id"}
_NEEDED = ("name", "code", "tax_rate", "category", "unit", "price")
_MEASURES = frozenset(
    "kg g dag dkg mg t l ml dl hl m mb mm cm dm km m2 m3 cm2 cm3 ha ar h godz lbs kwh".split()  # noqa: SIM905
)
"""Units that are measured and not counted: a quantity in them may be a fraction."""


def number(name: str, value: FieldValue) -> Decimal:
    """A number of a field. Raises Rejected for what is none (a comma, words)."""
    try:
        found = Decimal(str(value))
    except InvalidOperation:
        found = Decimal("NaN")
    if not found.is_finite():
        raise Rejected(Code.REJECTED, field=name, message=f"{value!r} is not a number")
    return found


def reference(name: str, value: FieldValue) -> int:
    """The id of another element; none is 0."""
    if value in (None, ""):
        return 0
    if not str(value).isdigit():
        raise Rejected(Code.REJECTED, field=name, message=f"{value!r} is not an id")
    return int(str(value))


def simple_update(fields: Fields, language: str, kilograms: Decimal) -> dict[str, Any]:
    """Body of PUT /products/{id} for a product without variants, price and stock included."""
    body: dict[str, Any] = {}
    stock: dict[str, Any] = {}
    texts: dict[str, Any] = {}
    for name, value in fields.items():
        if name in _TEXTS:
            texts[name] = value or ""
        elif name == "active":
            texts["active"] = int(bool(value))
        elif name in _REFERENCES:
            body[_REFERENCES[name]] = reference(name, value)
        elif name in ("code", "ean"):
            body[name] = stock[name] = value or ""
        elif name == "weight":
            stock["weight"] = number(name, value or "0") / kilograms
        elif name == "price":
            stock["price"] = number(name, value)
        elif name == "quantity":
            stock["stock"] = number(name, value)
        else:
            raise Rejected(Code.CANNOT_UPDATE, field=name)
    if stock:
        body["stock"] = stock
    if texts:
        body["translations"] = {language: texts}
    return body


def variant_update(fields: Fields, kilograms: Decimal) -> dict[str, Any]:
    """Body of PUT /product-stocks/{id}. What all variants share belongs to their product and is refused here."""
    body: dict[str, Any] = {}
    for name, value in fields.items():
        if name in ("code", "ean"):
            body[name] = value or ""
        elif name == "active":
            body["active"] = int(bool(value))
        elif name == "weight":
            body |= {"weight": number(name, value or "0") / kilograms, "weight_type": 1}
        elif name == "price":
            body |= {"price": number(name, value), "price_type": 1}
        elif name == "quantity":
            body["stock"] = number(name, value)
        else:
            raise Rejected(Code.CANNOT_UPDATE, field=name)
    return body


def missing(fields: Fields) -> str:
    """The first field that a new product cannot do without and that is empty; empty when all are there."""
    return next((name for name in _NEEDED if fields.get(name) in (None, "")), "")


def new_product(fields: Fields, language: str, kilograms: Decimal) -> dict[str, Any]:
    """Body of POST /products.

    Tax, unit, category and visibility are always sent: left out, Shoper takes 23 %, its default unit, and hides the
    product. Raises Rejected(REQUIRED_EMPTY).
    """
    empty = missing(fields)
    if empty:
        raise Rejected(Code.REQUIRED_EMPTY, field=empty)
    given: Fields = {name: value for name, value in fields.items() if value not in (None, "")}
    given.setdefault("quantity", "0")
    given.setdefault("active", True)
    body = simple_update(given, language, kilograms)
    body["categories"] = [body["category_id"]]
    return body


def new_parent(row: NewElement, group_id: int, language: str, kilograms: Decimal) -> dict[str, Any]:
    """Body of POST /products for a product that gets variants: what they share, from the first of them."""
    fields: Fields = {
        **row.fields,
        "code": row.group_code,
        "name": row.group_name or row.fields.get("name"),
        "quantity": "0",
        "ean": "",
    }
    return new_product(fields, language, kilograms) | {"group_id": group_id}


def new_variant(fields: Fields, product_id: int, pairs: Mapping[int, int], kilograms: Decimal) -> dict[str, Any]:
    """Body of POST /product-stocks. Raises Rejected for a missing price."""
    if fields.get("price") in (None, ""):
        raise Rejected(Code.PRICE_MISSING, value="")
    own = {name: fields[name] for name in ("code", "ean", "weight", "price") if fields.get(name) not in (None, "")}
    own["quantity"] = fields.get("quantity") or "0"
    return {
        "product_id": product_id,
        "extended": 1,
        "active": int(fields.get("active") is not False),
        "options": [{"option_id": option, "value_id": value} for option, value in pairs.items()],
        **variant_update(own, kilograms),
    }


def plain(kind: Kind, fields: Fields, language: str) -> dict[str, Any]:
    """Body of PUT for a unit, a producer or a picture."""
    body: dict[str, Any] = {}
    for name, value in fields.items():
        if kind is Kind.PRODUCER and name == "name":
            body["name"] = value
        elif (kind is Kind.UNIT and name == "symbol") or (kind is Kind.IMAGE and name == "name"):
            body["translations"] = {language: {"name": value or ""}}
        elif kind is Kind.IMAGE and name == "position":
            body["order"] = int(number(name, value))
        else:
            raise Rejected(Code.CANNOT_UPDATE, field=name)
    return body


def new_plain(kind: Kind, fields: Fields, language: str) -> dict[str, Any]:
    """Body of POST for a unit or a producer. Whether a unit may be divided cannot be left out."""
    name = "symbol" if kind is Kind.UNIT else "name"
    if fields.get(name) in (None, ""):
        raise Rejected(Code.REQUIRED_EMPTY, field=name)
    body = plain(kind, {name: fields[name]}, language)
    if kind is Kind.UNIT:
        told = fields.get("fractional")
        measured = fold_unit(str(fields[name])) in _MEASURES
        body["floating_point"] = int(told in (True, "1") if told is not None else measured)
    else:
        body["translations"] = {language: {"description": ""}}
    return body
