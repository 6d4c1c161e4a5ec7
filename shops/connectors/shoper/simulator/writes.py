"""Creating, changing and deleting of the plain resources: units, categories, producers, options and their values."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from shops.connectors.shoper.simulator import rows
from shops.connectors.shoper.simulator.errors import Findings, Refused, invalid, not_found
from shops.connectors.shoper.simulator.resources import RESOURCES
from shops.connectors.shoper.simulator.store import Store
from shops.connectors.shoper.simulator.validation import clean_text, flag, translations, whole
from shops.simulation.tables import Row

Body = Mapping[str, Any]


@dataclass
class Quirks:
    """Behaviours of the real shop that are not known for certain: each can be switched at run time."""

    image_order_writable: bool = False
    """Whether `order` of a picture is honoured on POST and PUT; otherwise it is ignored without a word."""
    stock_writes_move_edit_date: bool = False
    """Whether a PUT on product-stocks moves the product's `edit_date`."""
    image_writes_move_edit_date: bool = False
    new_variant_active: bool = False
    """Whether `active` in a POST of a variant is honoured; otherwise a new variant is inactive until a PUT."""
    lock_error: str = "server_error"
    """The code of the 409 for an object open in the panel; `temporarily_unavailable` has been seen too."""
    parcel_sent_key: str = "sent"
    """`sent` or `send`: the key of a write that marks a parcel as sent."""
    bulk_cost: str = "one"
    """`one` or `each`: how many units of the rate limit a bulk call takes."""


@dataclass
class Writes:
    """All writes of one shop. Every method raises `Refused` and changes nothing then."""

    state: Store
    quirks: Quirks = field(default_factory=Quirks)

    def create(self, resource: str, body: Body) -> int:
        """Stores a new object and returns its id."""
        from shops.connectors.shoper.simulator import hooks, image_writes, order_writes, product_writes

        creators: dict[str, Callable[[Writes, Body], int]] = {
            "units": _create_unit,
            "categories": _create_category,
            "producers": _create_producer,
            "option-groups": _create_option_group,
            "options": _create_option,
            "option-values": _create_option_value,
            "products": product_writes.create_product,
            "product-stocks": product_writes.create_variant,
            "product-images": image_writes.create_image,
            "webhooks": hooks.create_hook,
            "parcels": order_writes.create_parcel,
        }
        if resource == "languages":
            raise Refused(500, "server_error", "Operation Failed")
        return creators[resource](self, body)

    def update(self, resource: str, row_id: int, body: Body) -> None:
        """Changes the fields that are given."""
        from shops.connectors.shoper.simulator import hooks, image_writes, order_writes, product_writes

        if row_id not in self.state.tables[resource]:
            raise not_found()
        special: dict[str, Callable[[Writes, int, Body], None]] = {
            "categories": _update_category,
            "options": _update_option,
            "products": product_writes.update_product,
            "product-stocks": product_writes.update_stock,
            "product-images": image_writes.update_image,
            "webhooks": hooks.update_hook,
            "orders": order_writes.update_order,
            "parcels": order_writes.update_parcel,
        }
        if resource in special:
            special[resource](self, row_id, body)
        else:
            _update_plain(self, resource, row_id, body)

    def delete(self, resource: str, row_id: int) -> None:
        from shops.connectors.shoper.simulator import product_writes, selling

        if row_id not in self.state.tables[resource]:
            raise not_found()
        if resource == "categories":
            _delete_category(self.state, row_id)
        elif resource == "products":
            self.state.remove_product(row_id)
        elif resource == "product-stocks":
            product_writes.delete_variant(self, row_id)
        elif resource == "product-images":
            self.state.remove_image(row_id)
        elif resource == "orders":
            selling.remove(self.state, row_id)
        else:
            self.state.tables[resource].remove(row_id)


@dataclass(frozen=True)
class _Texts:
    """How a resource keeps its texts: the name of the translation's own id, defaults, and where its page is."""

    own_key: str
    defaults: Row
    page: str = ""


_TEXTS = {
    "units": _Texts("translation_id", {"name": "", "lang_id": "1"}),
    "categories": _Texts("trans_id", rows.CATEGORY_TEXTS, "{language}/c/{slug}/{id}"),
    "producers": _Texts("translation_id", rows.PRODUCER_TEXTS, "{locale}/producer/{slug}/{id}"),
    "products": _Texts("translation_id", rows.PRODUCT_TEXTS, "{language}/p/{slug}/{id}"),
    "product-images": _Texts("translation_id", {"name": "", "description": "", "lang_id": "1"}),
    "option-groups": _Texts("translation_id", {"lang_id": "1", "name": ""}),
    "options": _Texts("translation_id", {"lang_id": "1", "name": ""}),
    "option-values": _Texts("translation_id", {"lang_id": "1", "value": ""}),
}


def merged_texts(
    state: Store, resource: str, row_id: int, present: Mapping[str, Row], given: Mapping[str, Row], name: str = ""
) -> dict[str, Row]:
    """The texts after a write: given fields replace those of their locale, all others stay."""
    spec, key, locales = _TEXTS[resource], RESOURCES[resource].key, state.locales()
    merged = dict(present)
    for locale, texts in given.items():
        lang = locales[locale]
        own_id = row_id if lang == "1" else row_id + 1_000_000 * int(lang)
        row = present.get(locale) or {spec.own_key: str(own_id), key: str(row_id), **spec.defaults, "lang_id": lang}
        changes = {field: clean_text(field, value) for field, value in texts.items() if field in spec.defaults}
        changes.pop("lang_id", None)
        row = {**row, **changes}
        if spec.page:
            slug = rows.slug(row.get("name") or name)
            page = spec.page.format(language=locale[:2], locale=locale, slug=slug, id=row_id)
            row["permalink"] = f"{state.address}/{page}"
        merged[locale] = row
    return merged


def _checked(state: Store, body: Body, *required: str) -> tuple[Findings, dict[str, dict[str, Any]]]:
    findings = Findings()
    for name in required:
        if body.get(name) in (None, ""):
            findings.required(name)
    return findings, translations(findings, body, state.locales())


def _insert(writes: Writes, resource: str, row: Row, given: Mapping[str, Row], row_id: int | None = None) -> int:
    row_id = row_id or writes.state.tables[resource].next_id
    texts = merged_texts(writes.state, resource, row_id, {}, given, row.get("name", ""))
    return writes.state.tables[resource].insert({**row, "translations": texts}, row_id)


def _create_unit(writes: Writes, body: Body) -> int:
    findings, given = _checked(writes.state, body, "floating_point")
    findings.raise_if_any()
    return _insert(writes, "units", {"floating_point": flag(body["floating_point"])}, given)


def _create_producer(writes: Writes, body: Body) -> int:
    findings, given = _checked(writes.state, body, "name")
    _check_name(findings, body)
    findings.raise_if_any()
    row = {**rows.PRODUCER, "name": str(body["name"]), "web": str(body.get("web") or "")}
    return _insert(writes, "producers", row, given or {"pl_PL": {}})


def _check_name(findings: Findings, body: Body) -> None:
    if len(str(body.get("name") or "")) > 255:
        findings.field("name", "Maksymalna długość to 255 znaków")


def _create_category(writes: Writes, body: Body) -> int:
    """An unknown parent is accepted without a word: the category is then listed but stands nowhere in the tree."""
    findings, given = _checked(writes.state, body, "parent_id")
    if not any(texts.get("name") for texts in given.values()):
        findings.required("translations.pl_PL.name")
    parent, order = whole(body.get("parent_id", 0)), whole(body.get("order", 0))
    if parent is None:
        findings.field("parent_id", "Nieprawidłowa wartość")
    findings.raise_if_any()
    assert parent is not None
    category_id = max([writes.state.categories.next_id - 1, *writes.state.nodes]) + 1
    row = {**rows.CATEGORY, "order": str(order or 0), "root": str(int(parent == 0))}
    writes.state.nodes[category_id] = (parent, order or 0)
    return _insert(writes, "categories", row, given, category_id)


def _update_category(writes: Writes, category_id: int, body: Body) -> None:
    findings, given = _checked(writes.state, body)
    parent, order = writes.state.nodes.get(category_id, (0, 0))
    moved, placed = whole(body.get("parent_id", parent)), whole(body.get("order", order))
    if moved is None or placed is None:
        findings.field("parent_id", "Nieprawidłowa wartość")
    elif _inside(writes.state, moved, category_id):
        findings.field("parent_id", "Kategoria nie może być podrzędna wobec siebie")
    findings.raise_if_any()
    writes.state.nodes[category_id] = (moved or 0, placed or 0)
    with writes.state.categories.editing(category_id) as row:
        row["order"], row["root"] = str(placed), str(int(not moved))
        row["translations"] = merged_texts(writes.state, "categories", category_id, row["translations"], given)


def _inside(state: Store, category_id: int, above: int) -> bool:
    """Whether a category is `above` itself or somewhere below it."""
    seen: set[int] = set()
    while category_id and category_id not in seen:
        if category_id == above:
            return True
        seen.add(category_id)
        category_id = state.nodes.get(category_id, (0, 0))[0]
    return False


def _delete_category(state: Store, category_id: int) -> None:
    """Deletes a category with everything below it; products lose it from their lists."""
    for below in [c for c in list(state.nodes) if c != category_id and _inside(state, c, category_id)] + [category_id]:
        index = state.products.index("category_tree_id")
        for product_id in list(index.of(below)):
            with state.products.editing(product_id) as row:
                row["categories"] = [c for c in row["categories"] if int(c) != below]
        state.nodes.pop(below, None)
        if below in state.categories:
            state.categories.remove(below)


def _create_option_group(writes: Writes, body: Body) -> int:
    findings, given = _checked(writes.state, body)
    if not any(texts.get("name") for texts in given.values()):
        findings.required("translations.pl_PL.name")
    findings.raise_if_any()
    return _insert(writes, "option-groups", {"filters": flag(body.get("filters", 0))}, given)


def _create_option(writes: Writes, body: Body) -> int:
    findings, given = _checked(writes.state, body, "group_id", "type")
    _check_reference(writes, findings, body, "group_id", "option-groups")
    if body.get("type") not in ("file", "text", "radio", "select", "checkbox", "color"):
        findings.field("type", "Nieprawidłowa wartość")
    if not any(texts.get("name") for texts in given.values()):
        findings.required("translations.pl_PL.name")
    findings.raise_if_any()
    row = {"group_id": str(body["group_id"]), "order": str(body.get("order", 1)), "type": body["type"]}
    row |= {name: flag(body.get(name, 1)) for name in ("required", "filters", "stock")}
    return _insert(writes, "options", row, given)


def _update_option(writes: Writes, option_id: int, body: Body) -> None:
    row = writes.state.tables["options"].get(option_id)
    if "type" in body and body["type"] != row["type"]:
        raise Refused(400, "option_cannot_modify_type", "Nie można zmienić typu opcji")
    if "required" in body and flag(body["required"]) != row["required"]:
        raise Refused(400, "option_cannot_modify_require", "Nie można zmienić wymagalności opcji")
    _update_plain(writes, "options", option_id, body)


def _create_option_value(writes: Writes, body: Body) -> int:
    findings, given = _checked(writes.state, body, "option_id")
    _check_reference(writes, findings, body, "option_id", "options")
    if not any(texts.get("value") for texts in given.values()):
        findings.required("translations.pl_PL.value")
    findings.raise_if_any()
    row: Row = {"option_id": str(body["option_id"]), "order": str(body.get("order", 1))}
    row |= {"change_price_type": 0, "change_price_value": 0, "percent": "0", "color": str(body.get("color") or "")}
    return _insert(writes, "option-values", row, given)


def _check_reference(writes: Writes, findings: Findings, body: Body, name: str, resource: str) -> None:
    if name in body and whole(body[name]) not in writes.state.tables[resource]:
        findings.text(f"{name} '{body[name]}' does not exist")


_PLAIN_FIELDS: dict[str, dict[str, Callable[[Any], str]]] = {
    "units": {"floating_point": flag},
    "producers": {"name": str, "web": str},
    "option-groups": {"filters": flag},
    "options": {"order": str, "filters": flag, "stock": flag},
    "option-values": {"order": str, "color": str},
}


def _update_plain(writes: Writes, resource: str, row_id: int, body: Body) -> None:
    findings, given = _checked(writes.state, body)
    if resource == "producers" and "name" in body and not body["name"]:
        findings.required("name")
    _check_name(findings, body)
    findings.raise_if_any()
    with writes.state.tables[resource].editing(row_id) as row:
        for name, convert in _PLAIN_FIELDS[resource].items():
            if name in body:
                row[name] = convert(body[name])
        present = row["translations"] or {}
        name = str(row.get("name", ""))
        row["translations"] = merged_texts(writes.state, resource, row_id, present, given, name)


def locked(quirks: Quirks) -> Refused:
    """The refusal for an object that an administrator has open in the panel."""
    return Refused(409, quirks.lock_error, "Object is locked")


__all__ = ["Body", "Quirks", "Writes", "invalid", "locked", "merged_texts"]
