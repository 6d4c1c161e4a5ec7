"""Writes of products and of their stock rows (the base row and variants)."""

from decimal import Decimal
from typing import Any

from shops.connectors.shoper.simulator import rows
from shops.connectors.shoper.simulator.errors import Findings, invalid
from shops.connectors.shoper.simulator.pricing import recompute
from shops.connectors.shoper.simulator.validation import ean_is_valid, flag, number, translations, whole
from shops.connectors.shoper.simulator.writes import Body, Writes, merged_texts
from shops.simulation.tables import Row

_MONEY = ("price", "price_wholesale", "price_special", "price_buying")
_QUANTITIES = ("stock", "warn_level", "weight", "package")
_TYPES = ("price_type", "price_type_wholesale", "price_type_special", "weight_type")
_NUMBERS = ("dimension_w", "dimension_h", "dimension_l", "vol_weight")
_FLAGS = ("bestseller", "newproduct", "in_loyalty")
_LISTS = ("related", "collections", "tags", "feeds_excludes")
_REFERENCES = {"producer_id": "producers", "group_id": "option-groups", "tax_id": "taxes", "unit_id": "units"}
_OPTIONAL = ("producer_id", "group_id")


def create_product(writes: Writes, body: Body) -> int:
    """Name in some language, a category and `stock.price` are required; a product is hidden unless `active` is sent."""
    state, findings = writes.state, Findings()
    given = translations(findings, body, state.locales())
    nested = _nested_stock(findings, body)
    if not any(texts.get("name") for texts in given.values()):
        findings.required("translations.pl_PL.name")
    if not whole(body.get("category_id")):
        findings.required("category_id")
    if nested.get("price") in (None, ""):
        findings.required("stock.price")
    row: Row = {**rows.PRODUCT, "unit_id": str(state.config.get("product_defaults_unit_id") or "1")}
    changes = _product_changes(writes, findings, body, row, None)
    stock_changes = _stock_changes(findings, nested, "stock.") | _relative(findings, nested, "0")
    code, ean = _identity(writes, findings, body, nested, None)
    findings.raise_if_any()
    product_id = state.products.next_id
    row |= changes | {"add_date": state.now_text(), "edit_date": state.now_text()}
    row["translations"] = merged_texts(state, "products", product_id, {}, given)
    warn = str(state.config.get("product_defaults_warn_level") or "1")
    stock: Row = {**rows.STOCK, "default": "1", "warn_level": warn, **stock_changes}
    stock["code"], stock["ean"] = code or str(product_id), ean or ""
    recompute(stock, stock)
    return state.insert_product(row, stock)


def update_product(writes: Writes, product_id: int, body: Body) -> None:
    """Changes what is given, `stock.stock_relative` included, and moves `edit_date`."""
    state, findings = writes.state, Findings()
    base_id = state.stock_ids(product_id)[0]
    given = translations(findings, body, state.locales())
    for locale, texts in given.items():
        if "name" in texts and not texts["name"]:
            findings.required(f"translations.{locale}.name")
    nested = _nested_stock(findings, body)
    changes = _product_changes(writes, findings, body, state.products.get(product_id), product_id)
    stock_changes = _stock_changes(findings, nested, "stock.")
    stock_changes |= _relative(findings, nested, state.stocks.get(base_id)["stock"])
    code, ean = _identity(writes, findings, body, nested, product_id)
    findings.raise_if_any()
    if code is not None:
        stock_changes["code"] = code
    if ean is not None:
        stock_changes["ean"] = ean
    with state.changing_stock(base_id) as stock:
        stock.update(stock_changes)
    with state.products.editing(product_id) as row:
        row.update(changes)
        row["edit_date"] = state.now_text()
        row["translations"] = merged_texts(state, "products", product_id, row["translations"], given)


def _nested_stock(findings: Findings, body: Body) -> Body:
    nested = body.get("stock") or {}
    if not isinstance(nested, dict):
        findings.field("stock", "Nieprawidłowa wartość")
        return {}
    if "active" in nested:
        findings.field("stock.active", "Pole tylko do odczytu")
    return nested


def _product_changes(writes: Writes, findings: Findings, body: Body, row: Row, product_id: int | None) -> Row:
    changes: Row = {}
    for name, resource in _REFERENCES.items():
        if name not in body:
            continue
        wanted = whole(body[name]) if body[name] not in (None, "", "0", 0) else 0
        if not wanted and name in _OPTIONAL:
            changes[name] = None
        elif wanted is None or wanted not in writes.state.tables[resource]:
            findings.text(f"{name} '{body[name]}' does not exist")
        else:
            changes[name] = str(wanted)
    for name in _NUMBERS:
        if name in body and (found := number(findings, name, body[name])) is not None:
            changes[name] = f"{found:.4f}"
    if "other_price" in body and (found := number(findings, "other_price", body["other_price"])) is not None:
        changes["other_price"] = rows.money(found)
    changes |= {name: flag(body[name]) for name in _FLAGS if name in body}
    changes |= {name: list(body[name] or []) for name in _LISTS if name in body}
    if "pkwiu" in body:
        changes["pkwiu"] = str(body["pkwiu"] or "")
    if "safety_information" in body:
        changes["safety_information"] = rows.SAFETY | dict(body["safety_information"] or {})
    return changes | _category_changes(writes, findings, body, row)


def _category_changes(writes: Writes, findings: Findings, body: Body, row: Row) -> Row:
    """The main category and the list that contains it; a new main category takes the place of the old one."""
    if "category_id" not in body and "categories" not in body:
        return {}
    main = whole(body.get("category_id", row["category_id"])) or 0
    listed = [whole(c) or 0 for c in (body.get("categories") or [])]
    if "categories" not in body:
        listed = [int(c) for c in row["categories"] if int(c) != (whole(row["category_id"]) or 0)]
    wanted = list(dict.fromkeys([main, *listed] if main not in listed else listed))
    for category in wanted:
        if category and not writes.state.category_is_known(category):
            findings.text(f"Category '{category}' does not exist")
    if not main and "category_id" in body:
        findings.required("category_id")
    return {"category_id": str(main), "categories": wanted}


def _identity(
    writes: Writes, findings: Findings, body: Body, nested: Body, product_id: int | None
) -> tuple[str | None, str | None]:
    """The code and the EAN that a write gives, at the product or inside `stock`; None for what it leaves alone."""
    code = body["code"] if "code" in body else nested.get("code")
    ean = body["ean"] if "ean" in body else nested.get("ean")
    code = None if code is None else str(code).strip()
    ean = None if ean is None else str(ean).strip()
    if code:
        _check_code(writes, findings, code, "0", writes.state.stock_ids(product_id)[0] if product_id else None)
    if ean and not ean_is_valid(ean):
        findings.field("ean", "Nieprawidłowa cyfra kontrolna")
    return code, ean


def _check_code(writes: Writes, findings: Findings, code: str, extended: str, own: int | None) -> None:
    """Codes are unique among products, and among variants."""
    stocks = writes.state.stocks
    index = stocks.index("code")
    for stock_id in index.of(code):
        if stock_id != own and stocks.get(stock_id)["extended"] == extended:
            findings.field("code", f"Kod '{code}' jest już używany")
            return


def _stock_changes(findings: Findings, given: Body, prefix: str = "") -> Row:
    changes: Row = {}
    for name in _MONEY:
        if name in given and (found := number(findings, prefix + name, given[name])) is not None:
            changes[name] = rows.money(found)
    for name in _QUANTITIES:
        if name in given and (found := number(findings, prefix + name, given[name], least=None)) is not None:
            changes[name] = rows.quantity(found)
    for name in _TYPES:
        if name in given:
            changes[name] = str(given[name])
            if changes[name] not in ("0", "1", "2", "3"):
                findings.field(prefix + name, "Nieprawidłowa wartość")
    for name in ("availability_id", "delivery_id", "gfx_id"):
        if name in given:
            changes[name] = str(given[name]) if given[name] else None
    return changes


def _relative(findings: Findings, nested: Body, present: str) -> Row:
    """The quantity of a relative write, which makes an absolute `stock` beside it be ignored."""
    if "stock_relative" not in nested:
        return {}
    found = number(findings, "stock.stock_relative", nested["stock_relative"], least=None)
    return {} if found is None else {"stock": rows.quantity(Decimal(present) + found)}


def create_variant(writes: Writes, body: Body) -> int:
    """A new variant is inactive: `active` counts only in a later PUT, unless the shop is switched otherwise."""
    state, findings = writes.state, Findings()
    product_id = whole(body.get("product_id"))
    if body.get("product_id") in (None, ""):
        findings.required("product_id")
    elif product_id not in state.products:
        findings.text(f"Product '{body['product_id']}' does not exist")
    options = _options(writes, findings, body.get("options"))
    if not options:
        findings.required("options")
    changes = _stock_changes(findings, body)
    _stock_identity(writes, findings, body, changes, "1", None)
    if product_id is not None and product_id in state.products and options:
        _check_combination(writes, findings, product_id, options)
    findings.raise_if_any()
    assert product_id is not None
    row: Row = {**rows.STOCK, "extended": "1", "weight_type": "0" if "weight" not in body else "1"}
    row |= {"price_type": "1" if changes.get("price") else "0"} | changes
    row |= {"options": options, "active": flag(body.get("active", 0)) if writes.quirks.new_variant_active else "0"}
    recompute(row, state.stocks.get(state.stock_ids(product_id)[0]))
    stock_id = state.insert_variant(product_id, row)
    if writes.quirks.stock_writes_move_edit_date:
        state.touch(product_id)
    return stock_id


def _options(writes: Writes, findings: Findings, given: Any) -> dict[str, str]:
    """Options as stored, from both spellings: {"10": "61"} and [{"option_id": 10, "value_id": 61}]."""
    if isinstance(given, dict):
        pairs = [(whole(option), whole(value)) for option, value in given.items()]
    elif isinstance(given, list) and all(isinstance(pair, dict) for pair in given):
        pairs = [(whole(pair.get("option_id")), whole(pair.get("value_id"))) for pair in given]
    else:
        pairs = []
    values = writes.state.tables["option-values"]
    for option, value in pairs:
        if option not in writes.state.tables["options"]:
            findings.text(f"Option '{option}' does not exist")
        elif value is None or value not in values or values.get(value)["option_id"] != str(option):
            findings.text(f"Option value '{value}' does not exist")
    return {str(option): str(value) for option, value in pairs}


def _check_combination(writes: Writes, findings: Findings, product_id: int, options: dict[str, str]) -> None:
    state = writes.state
    group = state.products.get(product_id)["group_id"]
    groups = {state.tables["options"].get(int(o))["group_id"] for o in options if int(o) in state.tables["options"]}
    if groups and groups != {group}:
        findings.field("options", "Opcja nie należy do grupy wariantów produktu")
    if any(state.stocks.get(s)["options"] == options for s in state.stock_ids(product_id)[1:]):
        findings.field("options", "Wariant o tych opcjach już istnieje")


def _stock_identity(
    writes: Writes, findings: Findings, body: Body, changes: Row, extended: str, own: int | None
) -> None:
    if "code" in body:
        changes["code"] = str(body["code"] or "").strip()
        if changes["code"]:
            _check_code(writes, findings, changes["code"], extended, own)
    if "ean" in body:
        changes["ean"] = str(body["ean"] or "").strip()
        if not ean_is_valid(changes["ean"]):
            findings.field("ean", "Nieprawidłowa cyfra kontrolna")


def update_stock(writes: Writes, stock_id: int, body: Body) -> None:
    """Changes a stock row; quantities are absolute. The base row takes no other price type than its own price."""
    state, findings = writes.state, Findings()
    present = state.stocks.get(stock_id)
    changes = _stock_changes(findings, body)
    _stock_identity(writes, findings, body, changes, present["extended"], stock_id)
    if present["extended"] == "0" and changes.get("price_type", "1") != "1":
        findings.field("price_type", "Nieprawidłowa wartość")
    if "active" in body:
        changes["active"] = flag(body["active"])
    if "options" in body and present["extended"] == "1":
        changes["options"] = _options(writes, findings, body["options"])
    findings.raise_if_any()
    with state.changing_stock(stock_id) as row:
        row.update(changes)
    if writes.quirks.stock_writes_move_edit_date:
        state.touch(int(present["product_id"]))


def delete_variant(writes: Writes, stock_id: int) -> None:
    """Deletes a variant; the base row goes only with its product."""
    if writes.state.stocks.get(stock_id)["extended"] == "0":
        raise invalid("Nie można usunąć podstawowego stanu magazynowego")
    writes.state.remove_variant(stock_id)
