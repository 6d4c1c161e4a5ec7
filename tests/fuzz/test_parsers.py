"""Rows of shops, documents, days, sheets: whatever comes, each reader gives a record or says what is wrong with it."""

import dataclasses
import io
import ipaddress
import json
from collections.abc import Callable
from contextlib import suppress
from datetime import date
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import strategies as st

from integrator import spreadsheets, unpacking
from integrator.answers import Answer, retry_after
from integrator.canonical.errors import IntegrationError, MappingError
from integrator.canonical.fingerprint import fingerprint
from integrator.canonical.orders import DeliveryEntry, Moved, Order, PaymentEntry, PaymentKind, Stage
from integrator.canonical.records import fields_of
from integrator.canonical.text import clean, ean_valid, fold, fold_html
from integrator.network import NetworkPolicy
from shops.connectors.notices import excerpt_of, json_at
from shops.connectors.prestashop import documents
from shops.connectors.prestashop import mapping as presta
from shops.connectors.prestashop import order_mapping as presta_orders
from shops.connectors.prestashop.order_mapping import Around
from shops.connectors.shoper import mapping as shoper
from shops.connectors.shoper import order_mapping as shoper_orders
from shops.connectors.woocommerce import mapping as woo
from shops.connectors.woocommerce import order_mapping as woo_orders
from syncjobs.configuration.document import DocumentRefused, as_text, parse
from tests.connectors import shoper_samples
from tests.connectors import test_prestashop_mapping as presta_rows
from tests.connectors import test_prestashop_orders_mapping as presta_order_rows
from tests.connectors import test_woocommerce_mapping as woo_rows
from tests.connectors import test_woocommerce_orders_mapping as woo_order_rows
from tests.fuzz.cases import ANYTHING, DAMAGE, FORM, PARSER, SCALAR, Damage, damaged, fuzz, storable, storable_all
from wapro.cards import kilograms, line
from wapro.clarion import from_day, to_day
from wapro.columns import CodeColumn, GuidColumn, IdColumn
from wapro.texts import fitting

SHOPER = shoper.View(language="pl_PL", options={"10": "Kolor"}, values={"61": "Czarny"})
SHOPER_ORDERS = shoper_orders.View(
    zone=ZoneInfo("Europe/Warsaw"),
    stage=lambda key: shoper_orders.stage(key, {"1": ("Nowe", "1")}, {}),
    payment=lambda key: PaymentEntry(key=key, name="Przelew", kind=PaymentKind.TRANSFER),
    delivery=lambda key: DeliveryEntry(key=key, name="Kurier"),
)
SHOPER_ORDER: dict[str, Any] = {
    "order_id": "501", "date": "2026-11-20 10:00:00", "status_date": "2026-11-20 10:05:00", "status_id": "1",
    "sum": "73.50", "currency_id": "1", "shipping_id": "3", "shipping_cost": "12.00", "payment_id": "2", "paid": "0",
    "confirm": "1", "notes": "", "email": "a@example.com", "delivery_code": "", "shipping_additional_fields": [],
    "billingAddress": {"firstname": "Anna", "lastname": "Ż", "street1": "Długa 5", "city": "Gdańsk", "country": "PL"},
    "deliveryAddress": {"firstname": "Anna", "lastname": "Ż"}, "additional_fields": [{"field_id": "7", "value": "1"}],
}  # fmt: skip
SHOPER_LINES = [
    {"id": "9", "product_id": "301", "stock_id": "512", "name": "Kubek", "code": "K", "price": "61.50", "quantity": "1",
     "discount_perc": "0", "tax_value": "23", "option": "", "text_options": [{"name": "n", "value": "v"}]},
]  # fmt: skip
WOO_ORDER = woo_order_rows.row(
    shipping_lines=[woo_order_rows.shipping("10.00", "2.30")],
    refunds=[{"id": 1, "total": "-5.00"}],
    meta_data=woo_order_rows.fields(_billing_nip="5250000000", _wc_shipment_tracking_items=[{"tracking_number": "1"}]),
)
PRESTA_ORDER = presta_order_rows.raw(
    [presta_order_rows.line(1, "10.00", "12.30"), presta_order_rows.line(2, "5.00", "5.40")], "15.00", "17.70"
)
PRESTA_AROUND: dict[str, Any] = {
    "addresses": {"3": {"firstname": "A", "address1": "Długa 5", "id_country": "14", "other": "WAW01A"}},
    "customers": {"5": {"email": "a@example.com", "is_guest": "0"}},
    "rules": {"12": [{"name": "Kod", "value": "1.00", "value_tax_excl": "0.81", "free_shipping": "0"}]},
    "carried": {"12": [{"tracking_number": "1", "id_carrier": "8"}]},
    "details": {
        "1": {"id": 1, "total_price_tax_excl": "10.00", "total_price_tax_incl": "12.30", "id_tax_rules_group": 1}
    },
}  # fmt: skip


def told(read: Callable[[], Any]) -> None:
    """A record that can be stored, compared and written, or an error that says what is wrong in words."""
    try:
        found = read()
    except MappingError as error:
        storable_all(dict(error.problem.params))
        return
    if dataclasses.is_dataclass(found):
        if not isinstance(found, Order | Moved):
            storable(fingerprint(found))
        storable_all(dataclasses.asdict(found))  # type: ignore[arg-type]
    elif isinstance(found, str):
        storable(found)


def record(read: Callable[[], Any]) -> Any:
    told(read)
    with suppress(MappingError):
        found = read()
        if hasattr(found, "__dataclass_fields__"):
            storable_all(fields_of(found))
        return found
    return None


def shoper_rows(case: tuple[Damage, Damage]) -> None:
    row, variant = damaged(shoper_samples.PRODUCT, case[0]), damaged(shoper_samples.VARIANT, case[1])
    storable(excerpt_of(row))
    storable(shoper.label(row, "pl_PL"))
    told(lambda: shoper.whole_row(row))
    if not isinstance(row, dict) or not isinstance(variant, dict):
        return
    shared = record(lambda: shoper.product(row, SHOPER))
    for read in (shoper.variant_ids, shoper.picture_path, shoper.producer, shoper.tax_rate):
        told(lambda read=read: read(row))  # type: ignore[misc]
    for make in (lambda: shoper.image(row, "pl_PL"), lambda: shoper.unit(row, "pl_PL"), lambda: shoper.parents(row)):
        told(make)
    record(lambda: shoper.price(variant, "PLN"))
    record(lambda: shoper.stock_level(variant))
    if shared is not None:
        record(lambda: shoper.variant(shared, variant, SHOPER))


def woo_goods(case: tuple[Damage, Damage]) -> None:
    row, variant = damaged(woo_rows.ROW, case[0]), damaged(woo_rows.VARIATION, case[1])
    storable(woo.label(row))
    if not isinstance(row, dict) or not isinstance(variant, dict):
        return
    shared = record(lambda: woo.product(row, woo_rows.VIEW))
    for read in (woo.variation_ids, woo.producer, woo.unit, woo.category_ids, woo.stock_level, woo.is_sold):
        told(lambda read=read: read(row))  # type: ignore[misc]
    record(lambda: woo.price(variant, "PLN"))
    told(lambda: list(woo.images(row)))
    told(lambda: woo.tax_rate(row, [variant], "PL"))
    if shared is not None:
        record(lambda: woo.variant(shared, variant, woo_rows.VIEW))


def presta_goods(case: tuple[Damage, Damage]) -> None:
    combination = {"id": 33, "reference": "K-1", "price": "1.000000", "weight": "0", "ean13": "", "quantity": "2",
                   "associations": {"product_option_values": [{"id": "25"}]}}  # fmt: skip
    row, variant = damaged(presta_rows.row(), case[0]), damaged(combination, case[1])
    storable(presta.label(row, "2"))
    if not isinstance(row, dict) or not isinstance(variant, dict):
        return
    view = presta_rows.VIEW
    shared = record(lambda: presta.product(row, view))
    record(lambda: presta.price(row, view, variant))
    record(lambda: presta.stock_level(variant))
    for read in (presta.pictures, presta.producer, presta.stock_key, presta.sold_in_variants):
        told(lambda read=read: read(row))  # type: ignore[misc]
    told(lambda: presta.tax_groups([row], [variant], [row], "14"))
    if shared is not None:
        record(lambda: presta.variant(shared, row, variant, {"25": ("Kolor", "Czarny")}, view))


def shoper_order(case: tuple[Damage, Damage]) -> None:
    row, lines = damaged(SHOPER_ORDER, case[0]), damaged(SHOPER_LINES, case[1])
    rows = [one for one in lines if isinstance(one, dict)] if isinstance(lines, list) else []
    if isinstance(row, dict):
        told(lambda: shoper_orders.order(row, rows, rows, SHOPER_ORDERS))
        told(lambda: shoper_orders.moved(row, SHOPER_ORDERS))


def woo_order(case: tuple[Damage, Damage]) -> None:
    row = damaged(damaged(WOO_ORDER, case[0]), case[1])
    if isinstance(row, dict):
        told(lambda: woo_orders.order(row, woo_orders.OrderOptions(), "PL"))


def presta_order(case: tuple[Damage, Damage]) -> None:
    row, around = damaged(PRESTA_ORDER, case[0]), damaged(PRESTA_AROUND, case[1])
    if not isinstance(row, dict) or not isinstance(around, dict):
        return
    known = {name: value for name, value in around.items() if name in PRESTA_AROUND and _shaped(name, value)}
    told(lambda: presta_orders.order(row, Around(**known), presta_order_rows.TERMS))
    told(lambda: presta_orders.moved(row, presta_order_rows.TERMS))
    told(lambda: presta_orders.unclear(row))


def _shaped(name: str, value: Any) -> bool:
    """What is read around an order is by id, and rows are objects: its own reading sees to that."""
    if not isinstance(value, dict):
        return False
    lists = name in ("rules", "carried")
    for one in value.values():
        if isinstance(one, list) is not lists or not all(isinstance(row, dict) for row in (one if lists else [one])):
            return False
    return True


def shop_document(content: bytes) -> None:
    for read in (documents.parsed, documents.decoded):
        with suppress(documents.Unreadable):
            read(content)
    for _code, message in documents.errors_in(content):
        storable(message.replace("\x00", ""))
    with suppress(ValueError, RecursionError):
        json_at(content.decode(errors="replace"))
    answer = Answer(method="GET", path="/x", status=200, headers={}, content=content, sent=content)
    with suppress(IntegrationError):
        storable(excerpt_of(answer.json))
    storable(answer.excerpt + answer.exchange.request + answer.exchange.answer)


def packed(case: tuple[bytes, str]) -> None:
    size = 0
    with suppress(unpacking.NotUnpacked):
        for part in unpacking.unpacked([case[0]], case[1]):
            size += len(part)
            assert len(part) <= max(unpacking.PIECE, len(case[0]))
            if size > 2**20:
                return


def configuration(damage: Damage) -> None:
    row = damaged(CONFIGURATION, damage)
    try:
        text = json.dumps(row, default=str).encode()
        found = parse(text)
    except (DocumentRefused, RecursionError) as refused:
        storable_all(getattr(refused, "params", {}))
        return
    storable_all([[section, list(path), value] for (section, path), value in found.entries.items()])
    storable_all([found.name, found.platform])


CONFIGURATION: dict[str, Any] = {
    "format": "integrator-configuration", "version": 1, "platform": "shoper", "name": "Sklep",
    "erp": {"identity_key": "index", "option_fields": [{"field": "POLE2", "name": "Kolor"}], "snapshot_max_age": 300},
    "data": {"promotions": True, "stock_formula": "on_hand", "stock_buffer": "1.5", "warehouses": ["MAG"]},
    "filter": {"kinds": ["Towar"], "web_shop": True}, "platform_settings": {"gross": True},
    "kinds": {"product": {"interval_minutes": 15, "quiet_from": "22:00", "quiet_to": "06:00", "criterion": "code",
                          "owners": {"name": "erp"}}},
    "mappings": {"unit": {"links": {"szt.": "sztuka"}}, "category": {"links": {"Dom > Ogród": "Ogród"}}},
    "limits": {"deletes": 10, "share_changed": "0.5"},
    "orders": {"interval_minutes": 5, "rests": {"tracking": {"interval": 10, "quiet": ["22:00", "06:00"]}}},
    "policy": {"choices": {"Przelew": {"Nowe": "import"}}, "payment_kinds": {"Przelew": "transfer"}},
    "documents": {"rules": [{"form": "invoice", "tax_number": True, "wanted": None, "countries": ["PL"]}]},
    "order_mappings": {"rates": {"EUR": {"value": "4.25", "day": "2026-11-20"}}, "taxes": {"23%": "23"}},
    "webhooks": {"wanted": True}, "switches": {"product": False},
}  # fmt: skip


def wapro_values(case: tuple[Any, Any, Any]) -> None:
    value, text, number = case
    shown = text if isinstance(text, str) else None
    storable(line(shown))
    for column in (CodeColumn(max_length=10), GuidColumn()):
        column.from_db_value(value, None, None)
    if (
        isinstance(number, Decimal | int)
        and not isinstance(number, bool)
        and Decimal(number).is_finite()
        and abs(number) < 10**18
    ):
        assert IdColumn().from_db_value(number, None, None) == int(number)
        day = from_day(int(number))
        assert day is None or to_day(day) == int(number)
    with suppress(IntegrationError):
        storable(fitting("NAZWA", shown, 40))
    card = Card(name=shown or "", name2=None, name_full=shown, weight=Decimal(1), weight_unit=shown)
    kilograms(card)


@dataclasses.dataclass
class Card:
    name: str
    name2: str | None
    name_full: str | None
    weight: Decimal | None
    weight_unit: str | None


def words(text: str) -> None:
    plain = clean(text)
    storable(plain)
    assert clean(plain) == plain
    fold(text), fold_html(text), ean_valid(text)
    retry_after({"retry-after": text}, 0.0)


def sheet(rows: list[list[Any]]) -> None:
    """Nothing that a spreadsheet would run begins a cell, and both files can be made."""
    cells = [[str(one) if not isinstance(one, Decimal) or not one.is_finite() else one for one in row] for row in rows]
    cells = [[clean(one) if isinstance(one, str) else _plain(one) for one in row] for row in cells]
    text = b"".join(spreadsheets.csv_blocks(cells)).decode()
    for value in text.replace("\ufeff", "").replace("\r\n", ";").split(";"):
        bare = value.strip('"').strip()
        assert not bare.startswith(("=", "@")) or '"' in text, value


def workbook(rows: list[list[Any]]) -> None:
    """Of whatever cells, a file that its own library does not refuse to write."""
    cells = [[clean(str(one)) for one in row] for row in rows]
    out = io.BytesIO()
    book = spreadsheets.workbook(out)
    page = spreadsheets.headed_sheet(book, "x", ["a"], [10], book.add_format({"bold": True}))
    for number, row in enumerate(cells, start=1):
        spreadsheets.write_row(page, number, row)
    book.close()


def _plain(value: Decimal) -> Decimal:
    return value if abs(value.adjusted()) < 20 else Decimal(1)


def addresses(case: tuple[int, bytes]) -> None:
    """No form of an address leads inside: what is allowed is public in every reading of it."""

    ip = ipaddress.ip_address(
        int.from_bytes(case[1][: 4 if case[0] else 16].ljust(4 if case[0] else 16, b"\0"), "big")
        if case[0]
        else case[1].ljust(16, b"\0")[:16]
    )
    if NetworkPolicy().allows(str(ip)):
        assert ip.is_global
        assert not any((ip.is_loopback, ip.is_link_local, ip.is_multicast, ip.is_unspecified))


TWO = st.tuples(DAMAGE, DAMAGE)
MARKUP = st.sampled_from(
    [
        *(
            b"<?xml?>",
            b"<prestashop>",
            b"</prestashop>",
            b"<!DOCTYPE x>",
            b"<!ENTITY a 'b'>",
            b"&a;",
            b"<![CDATA[",
            b"]]>",
        ),
        *(b"<errors><error><code>", b"17</code>", b"</error></errors>", b'{"', b"[[[[", b"\xff\xfe", b"Notice: x\n"),
        *(b'{"a":', b"1e99999", b"\\ud800", b"\\u0000", b'"}'),
    ]
)
BYTES = st.lists(MARKUP | st.binary(max_size=20), max_size=12).map(b"".join)
PARSERS: dict[str, tuple[st.SearchStrategy[Any], Callable[[Any], None]]] = {
    "shoper products": (TWO, shoper_rows),
    "shoper orders": (TWO, shoper_order),
    "woocommerce products": (TWO, woo_goods),
    "woocommerce orders": (TWO, woo_order),
    "prestashop products": (TWO, presta_goods),
    "prestashop orders": (TWO, presta_order),
    "documents and answers": (BYTES, shop_document),
    "packed answers": (st.tuples(BYTES, st.sampled_from(["gzip", "deflate", "", "br", "gzip, gzip"])), packed),
    "configuration files": (DAMAGE, configuration),
    "wapro values": (st.tuples(ANYTHING, SCALAR, SCALAR), wapro_values),
    "texts": (st.text(max_size=60) | st.sampled_from(["\ud800", "&#0;", "a\x00"]), words),
    "sheets": (st.lists(st.lists(SCALAR, max_size=4), max_size=4), sheet),
    "addresses": (st.tuples(st.integers(0, 1), st.binary(max_size=16)), addresses),
}


@pytest.mark.parametrize("name", PARSERS)
def test_nonsense_is_read_or_refused(name: str) -> None:
    strategy, check = PARSERS[name]
    assert fuzz(name, strategy, check, PARSER) > 0


def test_workbooks_are_made_of_any_cells() -> None:
    """Each is packed as a whole, which takes its time: as many as there are of forms."""
    assert fuzz("workbooks", st.lists(st.lists(SCALAR, max_size=4), max_size=4), workbook, FORM) > 0


def test_the_days_of_the_calendar_go_there_and_back() -> None:
    for day in (date(1800, 12, 29), date(2026, 11, 25), date.max):
        assert from_day(to_day(day)) == day


def test_the_good_rows_are_good() -> None:
    """Else the damage would be done to rows that nobody reads."""
    assert shoper_orders.order(SHOPER_ORDER, SHOPER_LINES, [], SHOPER_ORDERS).total == Decimal("73.50")
    assert woo_orders.order(WOO_ORDER, woo_orders.OrderOptions(), "PL").stage is not Stage.UNKNOWN
    assert presta_orders.order(PRESTA_ORDER, Around(**PRESTA_AROUND), presta_order_rows.TERMS).lines
    assert len(parse(as_text(CONFIGURATION).encode()).entries) > 8
