"""What is sent to WooCommerce: canonical fields as bodies. Pure. Raises Rejected for what must not be sent.

A batch is not checked by WooCommerce: there `"abc"` clears a price, 2.5 pieces become 2, an unknown status makes a
draft, an unknown tax class the standard one, and all of it is answered as success. So everything is checked here.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from integrator.canonical.errors import Rejected
from integrator.canonical.problems import Code
from integrator.canonical.records import Fields, FieldValue, plain_number
from integrator.canonical.rounding import to_places
from integrator.canonical.side import NewElement
from integrator.canonical.text import fold
from shops.connectors.woocommerce.mapping import STANDARD, Attribute, Row, attributes

CODE_LENGTH = 100
_NEEDED = ("name", "code", "tax_rate", "category", "price")
_TEXTS = ("short_description", "description")
_UNSEEN = re.compile(r"<(script|style|iframe)\b.*?</\1\s*>", re.IGNORECASE | re.DOTALL)
"""WordPress takes only the tags of these away and would show what is between them to customers."""
_CLEANED_AWAY = re.compile(r"<[^>\s][^>]*>|%[0-9a-f]{2}", re.IGNORECASE)
"""WordPress takes these out of a SKU: what is left is another one, or none, and would be made again at every try."""
_LARGEST_STOCK = 2_000_000_000
_ENDLESS = Decimal(10) ** 15
"""No price, weight or quantity; rounding it would fail."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What references of a call become. Keys of terms lead to their texts, as products name them."""

    decimals: int = 2
    kilograms: Decimal = Decimal(1)
    classes: Collection[str] = ()
    brands: bool = True
    unit_meta: str = ""
    unit: Attribute | None = None
    producer: Attribute | None = None
    names: Mapping[str, str] = field(default_factory=dict)
    """Key of a term (`4:31`) -> its text."""
    present: Collection[tuple[str, str]] = ()
    """(`category` or `producer`, id) of the referenced elements that the shop really has."""


def number(name: str, value: FieldValue) -> Decimal:
    """A number of a field. Raises Rejected for what is none (a comma, words)."""
    try:
        found = Decimal(str(value))
    except InvalidOperation:
        found = Decimal("NaN")
    if not found.is_finite() or abs(found) >= _ENDLESS:
        raise Rejected(Code.REJECTED, field=name, message=f"{value!r} is not a number")
    return found


def money(value: FieldValue, decimals: int) -> str:
    """Always a text with a dot and the shop's decimals: WooCommerce refuses JSON numbers and misreads `1e3`."""
    price = number("price", value)
    if price < 0:
        raise Rejected(Code.REJECTED, field="price", message=f"{value!r} is below zero")
    return f"{to_places(price, decimals):f}"


def pieces(value: FieldValue) -> int:
    quantity = number("quantity", value)
    if quantity != int(quantity) or abs(quantity) > _LARGEST_STOCK:
        raise Rejected(Code.REJECTED, field="quantity", message=f"{value!r} is not a whole number of pieces")
    return int(quantity)


def code(value: FieldValue) -> str:
    """A SKU as WordPress keeps it: it makes one space of several."""
    text = " ".join(str(value or "").split())
    if not text:
        raise Rejected(Code.REQUIRED_EMPTY, field="code")
    if _CLEANED_AWAY.search(text):
        raise Rejected(Code.REJECTED, field="code", message=f"WordPress would take a part of {text!r} away")
    if len(text) > CODE_LENGTH:
        raise Rejected(Code.TOO_LONG, field="code", limit=CODE_LENGTH, length=len(text))
    return text


def gtin(value: FieldValue) -> str:
    """WooCommerce throws letters out without a word, which makes another number of it."""
    text = str(value or "")
    if not all(one.isdigit() or one == "-" for one in text) or not text.isascii():
        raise Rejected(Code.EAN_INVALID, field="ean", value=text)
    return text


def weight(value: FieldValue, kilograms: Decimal) -> str:
    if value in (None, ""):
        return ""
    found = number("weight", value) / kilograms
    if found < 0:
        raise Rejected(Code.REJECTED, field="weight", message=f"{value!r} is below zero")
    return plain_number(to_places(found, 6)) if found else ""


def _figures(name: str, value: FieldValue, terms: Terms) -> dict[str, Any] | None:
    """Fields that simple products and variants have alike; None for another one."""
    if name == "code":
        return {"sku": code(value)}
    if name == "ean":
        return {"global_unique_id": gtin(value)}
    if name == "weight":
        return {"weight": weight(value, terms.kilograms)}
    if name == "price":
        return {"regular_price": money(value, terms.decimals)}
    if name == "quantity":
        # A quantity alone is lost on a product whose pieces are not counted yet.
        return {"manage_stock": True, "stock_quantity": pieces(value)}
    return None


def variant_update(fields: Fields, terms: Terms) -> dict[str, Any]:
    """Body of a change of a variation. What all variants share belongs to their parent and is refused here."""
    body: dict[str, Any] = {}
    for name, value in fields.items():
        found = _figures(name, value, terms)
        if found is not None:
            body |= found
        elif name == "active":
            body["status"] = "publish" if value else "private"
        else:
            raise Rejected(Code.CANNOT_UPDATE, field=name)
    return body


def product_update(fields: Fields, terms: Terms, before: Row | None = None) -> dict[str, Any]:
    """Body of a change of a product. `before` holds its present attributes where they must be carried along: the list
    that is sent replaces the one that is there. The category is left to the caller, who knows the others."""
    body: dict[str, Any] = {}
    for name, value in fields.items():
        found = _figures(name, value, terms)
        if found is not None:
            body |= found
        elif name == "name":
            body["name"] = _needed(name, value)
        elif name in _TEXTS:
            body[name] = _UNSEEN.sub("", str(value or ""))
        elif name == "active":
            body["status"] = "publish" if value else "draft"
        elif name == "tax_rate":
            body |= tax_class(value, terms)
        elif name == "category":
            _present(name, _needed(name, value), terms)
        elif name in ("unit", "producer"):
            body |= _reference(name, value, terms, body.get("attributes"), before)
        else:
            raise Rejected(Code.CANNOT_UPDATE, field=name)
    return body


def _needed(name: str, value: FieldValue) -> str:
    if value in (None, ""):
        raise Rejected(Code.REQUIRED_EMPTY, field=name)
    return str(value)


def tax_class(value: FieldValue, terms: Terms) -> dict[str, Any]:
    """An unknown class would silently be the standard one."""
    slug = _needed("tax_rate", value)
    if slug not in terms.classes:
        raise Rejected(Code.REJECTED, field="tax_rate", message=f"the shop has no tax class {slug!r}")
    return {"tax_status": "taxable", "tax_class": "" if slug == STANDARD else slug}


def _present(name: str, value: FieldValue, terms: Terms) -> int | None:
    """The id of a category or brand. One that is not there would silently leave the product in none."""
    if value in (None, ""):
        return None
    if not str(value).isdigit() or (name, str(value)) not in terms.present:
        raise Rejected(Code.REJECTED, field=name, message=f"the shop has no {name} {value!r}")
    return int(str(value))


def _reference(
    name: str, value: FieldValue, terms: Terms, changed: list[dict[str, Any]] | None, before: Row | None
) -> dict[str, Any]:
    if name == "unit" and terms.unit_meta:
        # Empty and not null, which would delete the entry with the id that other plugins may know.
        return {"meta_data": [{"key": terms.unit_meta, "value": str(value or "")}]}
    if name == "producer" and terms.brands:
        brand = _present(name, value, terms)
        return {"brands": [] if brand is None else [{"id": brand}]}
    attribute = terms.unit if name == "unit" else terms.producer
    entries = changed if changed is not None else [dict(one) for one in attributes(before)]
    if attribute is None:
        if value in (None, ""):
            return {"attributes": entries}
        raise Rejected(Code.REJECTED, field=name, message=f"the shop has no {name} {value!r}")
    return {"attributes": with_term(entries, attribute, _term(name, value, terms))}


def _term(name: str, value: FieldValue, terms: Terms) -> str:
    if value in (None, ""):
        return ""
    if str(value) not in terms.names:
        raise Rejected(Code.REJECTED, field=name, message=f"the shop has no {name} {value!r}")
    return terms.names[str(value)]


def with_term(entries: Sequence[Row], attribute: Attribute, text: str) -> list[dict[str, Any]]:
    """A product's attributes with this one set to one term, or taken out. All others, their order and whether they are
    shown or make variants, stay; one of the product's own with the same name is replaced."""
    found: list[dict[str, Any]] = []
    done = False
    for one in entries:
        ours = attribute.is_this(one) or (not one.get("id") and fold(str(one.get("name", ""))) == fold(attribute.name))
        if not ours:
            found.append(dict(one))
        elif text and not done:
            found.append({**one, "id": attribute.id, "name": attribute.name, "options": [text]})
            done = True
    if text and not done:
        entry = {"id": attribute.id, "name": attribute.name, "options": [text], "visible": True, "variation": False}
        found.append({**entry, "position": len(found)})
    return found


def missing(fields: Fields) -> str:
    """The first field that a new product cannot do without and that is empty; empty when all are there."""
    return next((name for name in _NEEDED if fields.get(name) in (None, "")), "")


def _given(fields: Fields) -> Fields:
    """What is filled in; a missing quantity is none. Raises Rejected for what a new product needs."""
    empty = missing(fields)
    if empty:
        raise Rejected(Code.REQUIRED_EMPTY, field=empty)
    given: Fields = {name: value for name, value in fields.items() if value not in (None, "")}
    given.setdefault("quantity", "0")
    given.setdefault("active", True)
    return given


def new_product(fields: Fields, terms: Terms) -> dict[str, Any]:
    """Body of a new simple product."""
    given = _given(fields)
    categories = [{"id": _present("category", given["category"], terms)}]
    return {"type": "simple", **product_update(given, terms), "categories": categories}


def new_parent(row: NewElement, choices: Sequence[Mapping[str, Any]], terms: Terms) -> dict[str, Any]:
    """Body of a product that gets variants: what they share, from the first of them, and what tells them apart."""
    own = ("ean", "weight", "price", "quantity", "active", "code", "name")
    _given(row.fields)
    shared: Fields = {n: v for n, v in row.fields.items() if n not in own and v not in (None, "")}
    body = product_update(
        {"code": row.group_code, "name": row.group_name or row.fields.get("name"), **shared, "active": True}, terms
    )
    body["categories"] = [{"id": _present("category", shared["category"], terms)}]
    body["attributes"] = [*choices, *body.get("attributes", ())]
    return {"type": "variable", "manage_stock": False, **body}


def new_variation(fields: Fields, chosen: Sequence[Mapping[str, Any]], terms: Terms) -> dict[str, Any]:
    """Body of a new variation. Its tax follows the parent, which holds the same."""
    given = _given(fields)
    own: Fields = {n: given[n] for n in ("code", "ean", "weight", "price", "quantity", "active") if n in given}
    return {**variant_update(own, terms), "tax_class": "parent", "attributes": list(chosen)}
