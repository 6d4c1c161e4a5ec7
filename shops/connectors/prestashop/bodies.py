"""What is sent to PrestaShop: canonical fields as fields of its elements. Pure.

Raises Rejected for a field that cannot be written there. A text is sent in all languages, the others as they stand,
because a language that is left out becomes empty.
"""

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation

from integrator.canonical.errors import Rejected
from integrator.canonical.problems import Code
from integrator.canonical.records import Fields, FieldValue
from integrator.canonical.rounding import to_places
from integrator.canonical.side import NewElement
from integrator.canonical.text import fold
from shops.connectors.prestashop import mapping
from shops.connectors.prestashop.documents import Associations, Entity, plain
from shops.connectors.prestashop.mapping import Row, View
from shops.connectors.prestashop.pricing import PLACES, moved, stored

TEXTS = {"name": "name", "short_description": "description_short", "description": "description"}
EAN_LENGTH = 13
NAME_LENGTH = 128
_NEEDED = ("name", "code", "tax_rate", "category", "price")
_NOT_IN_LINKS = re.compile(r"[^a-z0-9]+")
Body = dict[str, "str | Mapping[str, str] | Associations"]


def number(name: str, value: FieldValue) -> Decimal:
    """A number of a field. Raises Rejected for what is none (a comma, words)."""
    try:
        found = Decimal(str(value))
    except InvalidOperation:
        found = Decimal("NaN")
    if not found.is_finite():
        raise Rejected(Code.REJECTED, field=name, message=f"{value!r} is not a number")
    return found


def whole_number(name: str, value: FieldValue) -> str:
    """PrestaShop counts in whole pieces. Raises Rejected for a fraction."""
    found = number(name, value)
    if found != int(found):
        raise Rejected(Code.REJECTED, field=name, message=f"{value!r} is not a whole number")
    return str(int(found))


def reference(name: str, value: FieldValue) -> str:
    """The id of another element; none is 0. Raises Rejected: the shop would accept an id that does not exist."""
    if value in (None, ""):
        return "0"
    if not str(value).isdigit():
        raise Rejected(Code.REJECTED, field=name, message=f"{value!r} is not an id")
    return str(value)


def link_rewrite(name: str) -> str:
    """The part of an address that stands for a name: `Młotek 500 g` -> `mlotek-500-g`."""
    return _NOT_IN_LINKS.sub("-", fold(name)).strip("-")[:NAME_LENGTH] or "x"


def in_all(languages: Sequence[str], text: str) -> Mapping[str, str]:
    return dict.fromkeys(languages, text)


def edited(present: Row, name: str, language: str, text: str) -> Mapping[str, str]:
    """The texts of a field as they stand, that of `language` replaced."""
    return {**mapping.texts(present, name, language), language: text}


def simple_update(fields: Fields, present: Row, view: View) -> Body:
    """Fields of a product without combinations. `present` is the product as it stands, with what `needs` names."""
    body: Body = {}
    for name, value in fields.items():
        if name in TEXTS:
            body[TEXTS[name]] = edited(present, TEXTS[name], view.language, str(value or ""))
        elif name == "active":
            body["active"] = str(int(bool(value)))
        elif name == "producer":
            body["id_manufacturer"] = reference(name, value)
        elif name == "tax_rate":
            body |= _taxed(reference(name, value), present, view)
        elif name == "category":
            body |= _placed(reference(name, value), present)
        elif name in ("code", "ean"):
            body |= _coded(name, value)
        elif name == "weight":
            body["weight"] = _weight(value, view)
        elif name == "price":
            group = mapping.coerce.optional_key(present, "id_tax_rules_group")
            body["price"] = plain(stored(number(name, value), view.percent(group), gross=view.gross))
        else:
            raise Rejected(Code.CANNOT_UPDATE, field=name)
    return body


def needs(fields: Fields, *, gross: bool) -> list[str]:
    """What must be known of a product before these fields can be written, as a display names it."""
    wanted = [TEXTS[name] for name in fields if name in TEXTS]
    if "category" in fields:
        wanted += ["id_category_default", "categories[id]"]
    if "price" in fields or ("tax_rate" in fields and gross):
        wanted += ["price", "id_tax_rules_group"]
    return wanted


def _coded(name: str, value: FieldValue) -> Body:
    text = str(value or "")
    if name == "ean" and len(text) > EAN_LENGTH:
        raise Rejected(Code.TOO_LONG, field=name, limit=EAN_LENGTH, length=len(text))
    return {"reference" if name == "code" else "ean13": text}


def _taxed(group: str, present: Row, view: View) -> Body:
    """A net price under another VAT rate is another gross price, so where prices are gross it moves along."""
    body: Body = {"id_tax_rules_group": group}
    before = view.percent(mapping.coerce.optional_key(present, "id_tax_rules_group")) if view.gross else Decimal(0)
    after = view.percent(group) if view.gross else Decimal(0)
    if before != after:
        body["price"] = plain(moved(mapping.coerce.decimal(present, "price"), before, after))
    return body


def _placed(category: str, present: Row) -> Body:
    """The list of categories is the whole truth, so the product stays in all it is in."""
    if category == "0":
        raise Rejected(Code.REQUIRED_EMPTY, field="category")
    listed = [*mapping.ids(present, "categories"), category]
    return {
        "id_category_default": category,
        "associations": Associations({"categories": list(dict.fromkeys(listed))}),
    }


def _weight(value: FieldValue, view: View) -> str:
    return plain(to_places(number("weight", value or "0") / view.kilograms, PLACES))


def variant_update(fields: Fields, parent: Row, view: View) -> Body:
    """Fields of a combination. Price and weight are what it adds to its product's, which stay as they are. What all
    combinations share belongs to their product and is refused here."""
    body: Body = {}
    for name, value in fields.items():
        if name in ("code", "ean"):
            body |= _coded(name, value)
        elif name == "weight":
            own = number(name, value or "0") / view.kilograms
            body["weight"] = plain(to_places(own - mapping.coerce.decimal(parent, "weight", Decimal(0)), PLACES))
        elif name == "price":
            group = mapping.coerce.optional_key(parent, "id_tax_rules_group")
            net = stored(number(name, value), view.percent(group), gross=view.gross)
            body["price"] = plain(net - mapping.coerce.decimal(parent, "price"))
        else:
            raise Rejected(Code.CANNOT_UPDATE, field=name)
    return body


def new_product(fields: Fields, view: View, languages: Sequence[str], product_type: str = "standard") -> Body:
    """A new product with everything that makes it visible: with less, the shop keeps a ghost that not even its panel
    shows. Raises Rejected(REQUIRED_EMPTY)."""
    empty = next((name for name in _NEEDED if fields.get(name) in (None, "")), "")
    if empty:
        raise Rejected(Code.REQUIRED_EMPTY, field=empty)
    group, category = reference("tax_rate", fields["tax_rate"]), reference("category", fields["category"])
    body: Body = {
        "id_manufacturer": reference("producer", fields.get("producer")),
        "id_category_default": category,
        "id_tax_rules_group": group,
        "reference": str(fields["code"]),
        **_coded("ean", fields.get("ean")),
        "price": plain(stored(number("price", fields["price"]), view.percent(group), gross=view.gross)),
        "weight": _weight(fields.get("weight"), view),
        "product_type": product_type,
        "state": "1",
        "active": str(int(fields.get("active") is not False)),
        "available_for_order": "1",
        "show_price": "1",
        "minimal_quantity": "1",
        "visibility": "both",
        "condition": "new",
        "link_rewrite": in_all(languages, link_rewrite(str(fields["name"]))),
        "associations": Associations({"categories": [category]}),
    }
    for name, theirs in TEXTS.items():
        body[theirs] = in_all(languages, str(fields.get(name) or ""))
    return body


def new_parent(row: NewElement, view: View, languages: Sequence[str]) -> Body:
    """A product that gets combinations: what they share, from the first of them."""
    fields: Fields = {
        **row.fields,
        "code": row.group_code,
        "name": row.group_name or row.fields.get("name"),
        "ean": "",
    }
    return new_product(fields, view, languages, "combinations")


def new_combination(row: NewElement, parent: Row, values: Sequence[str], view: View) -> Body:
    """A combination of a product that is there. Raises Rejected for a missing price."""
    if row.fields.get("price") in (None, ""):
        raise Rejected(Code.PRICE_MISSING, value="")
    own = {name: row.fields.get(name) for name in ("code", "ean", "weight", "price")}
    return {
        "id_product": mapping.coerce.key(parent, "id"),
        **variant_update(own, parent, view),
        "minimal_quantity": "1",
        "associations": Associations({"product_option_values": list(values)}),
    }


def new_category(name: str, parent: str, languages: Sequence[str]) -> Body:
    return {
        "id_parent": parent,
        "active": "1",
        "name": in_all(languages, _short(name)),
        "link_rewrite": in_all(languages, link_rewrite(name)),
    }


def _short(name: str) -> str:
    if not name:
        raise Rejected(Code.REQUIRED_EMPTY, field="path")
    if len(name) > NAME_LENGTH:
        raise Rejected(Code.TOO_LONG, field="path", limit=NAME_LENGTH, length=len(name))
    return name


def new_producer(fields: Fields) -> Body:
    if fields.get("name") in (None, ""):
        raise Rejected(Code.REQUIRED_EMPTY, field="name")
    return {"active": "1", "name": str(fields["name"])}


def new_option(name: str, languages: Sequence[str]) -> Entity:
    """A new axis of variants, e.g. Kolor."""
    texts = in_all(languages, name)
    return {"is_color_group": "0", "group_type": "select", "name": texts, "public_name": texts}


def new_value(option: str, name: str, languages: Sequence[str]) -> Entity:
    return {"id_attribute_group": option, "name": in_all(languages, name)}
