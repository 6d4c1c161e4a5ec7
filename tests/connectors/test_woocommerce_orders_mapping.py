"""Rows of WooCommerce's orders as canonical ones."""

import copy
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrator.canonical.errors import MappingError
from integrator.canonical.orders import ChargeKind, Order, PaymentKind, Stage
from shops.connectors.woocommerce.order_amounts import settled
from shops.connectors.woocommerce.order_mapping import NONE, OrderOptions, order, payment_kind
from shops.connectors.woocommerce.orders import ORDER_SETTINGS, order_options
from tests.connectors.order_conformance import paid_by_buyer

RECORDED = Path(__file__).parents[3] / "shared" / "fixtures" / "woocommerce_recorded" / "orders_one.json"
ADDRESS = {
    "first_name": "Anna",
    "last_name": "Żółkiewska",
    "company": "",
    "address_1": "ul. Długa 5/6",
    "address_2": "",
    "city": "Gdańsk",
    "state": "",
    "postcode": "80-001",
    "country": "PL",
    "phone": "501501501",
}
TAXES = {"1": ("23.0", "PL-VAT 23%-1"), "2": ("8", "PL-VAT 8%-1"), "4": ("0", "PL-VAT 0%-1"), "9": ("19", "DE-MWST-1")}


def line(net: str, tax: str, rate: str = "1", **fields: Any) -> dict[str, Any]:
    taxes = [{"id": int(rate), "total": tax, "subtotal": tax}] if rate else []
    row = {"id": 91, "name": "Kubek &amp; spodek", "product_id": 43, "variation_id": 0, "quantity": 2, "tax_class": ""}
    row |= {"total": net, "total_tax": tax, "taxes": taxes, "meta_data": [], "sku": "KUB-1", "global_unique_id": ""}
    return {**row, **fields}


def shipping(net: str, tax: str, rate: str = "1", **fields: Any) -> dict[str, Any]:
    taxes = [{"id": int(rate), "total": tax, "subtotal": ""}] if rate else []
    row = {"id": 93, "method_title": "Kurier DPD", "method_id": "flat_rate", "instance_id": "1", "meta_data": []}
    return {**row, "total": net, "total_tax": tax, "taxes": taxes, **fields}


def row(**fields: Any) -> dict[str, Any]:
    whole: dict[str, Any] = {
        "id": 122,
        "number": "2026/122",
        "status": "on-hold",
        "currency": "PLN",
        "prices_include_tax": True,
        "date_created_gmt": "2026-11-22T02:19:51",
        "date_modified_gmt": "2026-11-22T02:20:00",
        "date_paid_gmt": None,
        "total": "24.60",
        "total_tax": "4.60",
        "customer_id": 0,
        "billing": {**ADDRESS, "email": "anna@example.com"},
        "shipping": {**ADDRESS, "phone": ""},
        "payment_method": "bacs",
        "payment_method_title": "Przelew",
        "transaction_id": "",
        "customer_note": "",
        "line_items": [line("20.00", "4.60")],
        "tax_lines": [
            {
                "rate_id": int(one),
                "rate_code": code,
                "rate_percent": Decimal(percent),
                "label": "VAT",
                "compound": False,
            }
            for one, (percent, code) in TAXES.items()
        ],
        "shipping_lines": [],
        "fee_lines": [],
        "meta_data": [],
    }
    return {**whole, **fields}


def read(options: OrderOptions | None = None, **fields: Any) -> Order:
    return order(row(**fields), options or OrderOptions(), "PL")


def fields(**values: Any) -> list[dict[str, Any]]:
    return [{"id": place, "key": key, "value": value} for place, (key, value) in enumerate(values.items())]


# the whole


@pytest.mark.skipif(not RECORDED.exists(), reason="no recorded answers beside this checkout")
def test_a_recorded_order() -> None:
    (raw,) = json.loads(RECORDED.read_text(encoding="utf-8"), parse_float=Decimal)["body"]
    found = order(raw, OrderOptions(), "PL")
    assert (found.key, found.state, found.stage, found.total) == ("122", "processing", Stage.OPEN, Decimal("210.80"))
    assert [(one.gross, one.tax, one.percent) for one in found.lines] == [
        (Decimal("74.03"), "0% zero-rate", 0),
        (Decimal("124.58"), "5%", 5),
    ]
    assert [(one.kind, one.gross, one.tax) for one in found.charges] == [
        (ChargeKind.SHIPPING, Decimal("12.19"), "no VAT")
    ]
    assert paid_by_buyer(found) == found.total
    assert (found.lines[1].code, found.lines[1].ean) == ("SKU-0034", "5900000000340")
    assert found.payment.paid
    assert found.buyer.delivery is None


def test_numbers_times_and_names_are_the_shops_own() -> None:
    found = read(line_items=[line("20.00", "4.60", product_id=43, variation_id=77)])
    assert (found.key, found.number) == ("122", "2026/122")
    assert found.placed_at.isoformat() == "2026-11-22T02:19:51+00:00"
    assert found.changed_at is not None
    assert found.changed_at.isoformat() == "2026-11-22T02:20:00+00:00"
    assert (found.lines[0].product, found.lines[0].name) == ("43:77", "Kubek & spodek")
    assert found.tax_total == Decimal("4.60")


def test_a_product_that_was_deleted_keeps_its_code() -> None:
    (found,) = read(line_items=[line("20.00", "4.60", product_id=0)]).lines
    assert (found.product, found.code) == ("", "KUB-1")


@pytest.mark.parametrize(
    ("broken", "field"),
    [
        ({"date_created_gmt": None}, "date_created_gmt"),
        ({"total": "1 234,00"}, "total"),
        ({"line_items": "?"}, "line_items"),
        ({"line_items": [line("x", "1.00")]}, "total"),
        ({"billing": "?"}, "billing"),
        ({"meta_data": [{"id": 1, "key": "_wc_shipment_tracking_items", "value": "a:1:{i:0;}"}]}, "_wc_shipment"),
    ],
)
def test_what_cannot_be_read_is_named(broken: dict[str, Any], field: str) -> None:
    with pytest.raises(MappingError) as caught:
        read(**broken)
    assert caught.value.problem.as_dict()["field"].startswith(field)


# money


def test_a_shop_that_rounds_at_the_subtotal_is_brought_to_its_total() -> None:
    found = read(total="1.22", prices_include_tax=False, line_items=[line("0.330000", "0.075900")] * 3)
    assert [one.gross for one in found.lines] == [Decimal("0.40"), Decimal("0.41"), Decimal("0.41")]
    assert [one.net for one in found.lines] == [Decimal("0.33")] * 3
    assert found.basis == "net"


def test_a_grosz_stays_within_its_rate() -> None:
    """5.0553 and 1.944: a shop that rounds at the subtotal charges 5.06 and 1.94."""
    lines = [
        line("2.230000", "0.512900", id=1),
        line("1.880000", "0.432400", id=2),
        line("1.800000", "0.144000", "2", id=3),
    ]
    order = read(line_items=lines, total="7.00")
    by_rate = {tax: sum((one.gross or 0 for one in order.lines if one.tax == tax), Decimal(0)) for tax in ("23%", "8%")}
    assert by_rate == {"23%": Decimal("5.06"), "8%": Decimal("1.94")}


def test_what_rounding_cannot_make_is_left_for_people_to_see() -> None:
    """A gift card of some plugin lowers the total and is on no line."""
    found = read(total="14.60")
    assert (paid_by_buyer(found), found.total) == (Decimal("24.60"), Decimal("14.60"))


@given(
    st.lists(st.decimals(min_value=-500, max_value=5000, places=6), min_size=1, max_size=30),
    st.integers(min_value=-3, max_value=3),
)
def test_amounts_are_settled_to_the_grosz_or_left(exact: list[Decimal], off: int) -> None:
    total = round(sum(exact, Decimal(0)), 2) + off * Decimal("0.01")
    found = settled(exact, total)
    assert all(abs(one - kept) < Decimal("0.02") for one, kept in zip(exact, found, strict=True))
    if off == 0:
        assert sum(found, Decimal(0)) == total
    assert all(not kept for one, kept in zip(exact, found, strict=True) if not one)


def test_delivery_and_fees_are_charges_with_their_rate() -> None:
    fees: list[dict[str, Any]] = [
        {"name": "Opłata za pobranie", "total": "4.07", "total_tax": "0.93", "taxes": [{"id": 1, "total": "0.93"}]},
        {"name": "Pakowanie na prezent", "total": "3.00", "total_tax": "0.69", "taxes": [{"id": 1, "total": "0.69"}]},
        {"name": "Ubezpieczenie", "total": "1.00", "total_tax": "0.00", "taxes": [{"id": 4, "total": "0"}]},
        {"name": "Za darmo", "total": "0.00", "total_tax": "0.00", "taxes": []},
    ]
    lines = [line("20.00", "4.60"), line("5.00", "0.00", "4", tax_class="zwolnione")]
    charges = read(
        total="54.29",
        line_items=lines,
        shipping_lines=[shipping("12.20", "2.80")],
        fee_lines=[{"id": place, "tax_class": "", **one} for place, one in enumerate(fees)],
    ).charges
    assert [(one.kind, one.gross, one.tax) for one in charges] == [
        (ChargeKind.SHIPPING, Decimal("15.00"), "23%"),
        (ChargeKind.COD, Decimal("5.00"), "23%"),
        (ChargeKind.PACKING, Decimal("3.69"), "23%"),
        (ChargeKind.OTHER, Decimal("1.00"), "0% zwolnione"),
    ]


def test_free_delivery_is_no_charge_but_names_the_way() -> None:
    found = read(shipping_lines=[shipping("0.00", "0.00", "")])
    assert (found.charges, found.delivery.method, found.delivery.name) == ((), "flat_rate:1", "Kurier DPD")


def test_a_discount_over_several_rates_comes_apart_by_rate() -> None:
    taxes = [{"id": 1, "total": "-0.46"}, {"id": 2, "total": "-0.16"}, {"id": 4, "total": "0"}]
    fee = {"id": 5, "name": "Rabat", "tax_class": "", "total": "-5.00", "total_tax": "-0.62", "taxes": taxes}
    lines = [line("20.00", "4.60"), line("20.00", "1.60", "2"), line("10.00", "0.00", "4", tax_class="zero-rate")]
    charges = read(total="50.58", line_items=lines, fee_lines=[fee]).charges
    assert [(one.kind, one.net, one.gross, one.tax) for one in charges] == [
        (ChargeKind.DISCOUNT, Decimal("-2.00"), Decimal("-2.46"), "23%"),
        (ChargeKind.DISCOUNT, Decimal("-2.00"), Decimal("-2.16"), "8%"),
        (ChargeKind.DISCOUNT, Decimal("-1.00"), Decimal("-1.00"), "0% zero-rate"),
    ]


def test_two_taxes_on_one_amount_stay_one_charge() -> None:
    """As in countries where a state adds its own."""
    taxes = [{"id": 1, "total": "2.30"}, {"id": 2, "total": "0.80"}]
    fee = {"id": 5, "name": "Ubezpieczenie", "tax_class": "", "total": "10.00", "total_tax": "3.10", "taxes": taxes}
    (charge,) = read(total="37.70", fee_lines=[fee]).charges
    assert (charge.net, charge.gross, charge.tax, charge.percent) == (10, Decimal("13.10"), "23% + 8%", 31)


@pytest.mark.parametrize(
    ("items", "country", "name", "percent"),
    [
        (line("20.00", "4.60"), "PL", "23%", 23),
        (line("20.00", "0.00", "4", tax_class="zero-rate"), "PL", "0% zero-rate", 0),
        (line("20.00", "0.00", "4", tax_class="zwolnione"), "PL", "0% zwolnione", 0),
        (line("20.00", "3.80", "9"), "DE", "19% DE", 19),
        (line("20.00", "0.00", ""), "DE", "no VAT DE", 0),
        (line("20.00", "0.00", "", tax_class="zwolnione"), "PL", "no VAT zwolnione", 0),
        (line("20.00", "0.00", ""), "PL", "no VAT", 0),
    ],
)
def test_rates_have_names_that_last(items: dict[str, Any], country: str, name: str, percent: int) -> None:
    address = {**ADDRESS, "country": country}
    total = str(Decimal(items["total"]) + Decimal(items["total_tax"]))
    (found,) = read(total=total, line_items=[items], billing=address, shipping=address).lines
    assert (found.tax, found.percent) == (name, percent)


def test_a_rate_without_a_figure_is_named_by_its_label() -> None:
    unknown = [{"rate_id": 1, "rate_code": "PL-VAT-1", "rate_percent": None, "label": "VAT 23%", "compound": False}]
    (found,) = read(tax_lines=unknown).lines
    assert (found.tax, found.percent) == ("VAT 23%", None)


def test_rates_of_an_order_that_do_not_touch_a_line_are_none_of_its() -> None:
    taxes = [{"id": 1, "total": "4.60"}, {"id": 2, "total": ""}]
    (found,) = read(line_items=[line("20.00", "4.60", taxes=taxes)]).lines
    assert found.tax == "23%"


# buyer


@pytest.mark.parametrize(
    "name", ["_billing_nip", "billing_nip", "vat_number", "_wc_billing/polski/nip", "_wc_other/faktury/NIP"]
)
def test_the_tax_number_is_found_where_plugins_keep_it(name: str) -> None:
    assert read(meta_data=fields(**{name: " 526-030-02-36 "})).buyer.billing.tax_number == "526-030-02-36"


def test_the_first_field_that_is_filled_in_counts() -> None:
    kept = fields(_billing_nip="", vat_number="PL1", own="777")
    assert read(meta_data=kept).buyer.billing.tax_number == "PL1"
    assert (
        read(order_options({"order_tax_number": "own, vat_number"}), meta_data=kept).buyer.billing.tax_number == "777"
    )
    assert read(order_options({"order_tax_number": ""}), meta_data=kept).buyer.billing.tax_number == ""


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        ("1", True),
        ("Tak", True),
        ("faktura", True),
        (True, True),
        ("0", False),
        ("", False),
        ("nie", False),
        ("?", None),
    ],
)
def test_a_wish_for_an_invoice_is_read(value: Any, wanted: bool | None) -> None:
    assert read(meta_data=fields(_billing_faktura=value)).buyer.wants_invoice is wanted
    assert read().buyer.wants_invoice is None


def test_another_address_of_delivery_is_told() -> None:
    there = {**ADDRESS, "company": "Biuro", "address_1": "Krótka 1", "address_2": "lok. 2", "phone": "600"}
    buyer = read(shipping=there, customer_id=7).buyer
    assert buyer.delivery is not None
    assert (buyer.delivery.company, buyer.delivery.street, buyer.delivery.phone) == ("Biuro", "Krótka 1 lok. 2", "600")
    assert (buyer.email, buyer.phone, buyer.account) == ("anna@example.com", "501501501", "7")
    empty = dict.fromkeys(ADDRESS, "") | {"country": "PL"}
    assert read(shipping=empty).buyer.delivery is None


# payment, delivery, the rest


@pytest.mark.parametrize(
    ("gateway", "kind"),
    [
        ("bacs", PaymentKind.TRANSFER),
        ("cod", PaymentKind.COD),
        ("przelewy24", PaymentKind.ONLINE),
        ("payulistbanks", PaymentKind.ONLINE),
        ("pay_by_paynow_pl_blik", PaymentKind.ONLINE),
        ("ppcp-gateway", PaymentKind.ONLINE),
        ("igfw_invoice_gateway", PaymentKind.DEFERRED),
        ("cheque", PaymentKind.UNKNOWN),
        ("moja_bramka", PaymentKind.UNKNOWN),
        ("", PaymentKind.UNKNOWN),
    ],
)
def test_only_well_known_gateways_have_a_kind(gateway: str, kind: PaymentKind) -> None:
    assert payment_kind(gateway) is kind


def test_payment_and_its_transaction() -> None:
    paid = read(date_paid_gmt="2026-11-22T03:00:00", transaction_id="P24-1", payment_method="przelewy24").payment
    assert (paid.type, paid.name, paid.paid, paid.reference) == ("przelewy24", "Przelew", True, "P24-1")
    assert not read().payment.paid
    assert read(payment_method="").payment.type == NONE


def test_what_was_given_back_is_added_up() -> None:
    refunds = [{"id": 7, "reason": "", "total": "-12.30"}, {"id": 8, "reason": "Uszkodzony", "total": "-0.70"}]
    assert read(refunds=refunds).refunded == Decimal("13.00")
    assert read().refunded == 0
    with pytest.raises(MappingError):
        read(refunds=[{"id": 7}])


@pytest.mark.parametrize("place", ["order", "method"])
def test_the_pickup_point_may_be_kept_with_the_order_or_the_method(place: str) -> None:
    kept = fields(_parcel_machine_id="GDA01M", _parcel_machine_desc="ul. Długa 1, Gdańsk")
    line_ = shipping("0.00", "0.00", "", instance_id="", meta_data=kept if place == "method" else [])
    found = read(shipping_lines=[line_], meta_data=kept if place == "order" else []).delivery
    assert found.method == "flat_rate"
    assert found.pickup is not None
    assert (found.pickup.code, found.pickup.name) == ("GDA01M", "ul. Długa 1, Gdańsk")


def test_nothing_to_send_has_no_method() -> None:
    assert (read().delivery.method, read().delivery.pickup) == (NONE, None)


@pytest.mark.parametrize("field", [{"_wcpay_mode": "test"}, {"_ppcp_paypal_payment_mode": "sandbox"}])
def test_orders_paid_with_play_money_are_tests(field: dict[str, str]) -> None:
    assert read(meta_data=fields(**field)).is_test
    assert not read(meta_data=fields(**dict.fromkeys(field, "live"))).is_test


def test_notes_of_buyer_and_lines() -> None:
    own = [
        {"id": 1, "key": "_reduced_stock", "value": "1", "display_key": "_reduced_stock", "display_value": "1"},
        {"id": 2, "key": "grawer", "value": "Ala", "display_key": "Grawer", "display_value": "<p>Ala &amp; Ola</p>"},
        {"id": 3, "key": "addons", "value": [{"x": 1}]},
    ]
    found = read(customer_note="Proszę o &quot;pilne&quot;", line_items=[line("20.00", "4.60", meta_data=own)])
    assert (found.note, found.lines[0].note) == ('Proszę o "pilne"', "Grawer: Ala & Ola")


def test_parcels_of_both_plugins_are_known() -> None:
    items = [
        {"tracking_provider": "DPD", "custom_tracking_provider": "", "tracking_number": "1", "date_shipped": 1764},
        {"tracking_provider": "", "custom_tracking_provider": "Kurier", "custom_tracking_link": "https://k.example/2",
         "tracking_number": "2"},
        {"tracking_number": ""},
    ]  # fmt: skip
    found = read(meta_data=fields(_wc_shipment_tracking_items=items)).parcels
    assert [(one.number, one.carrier, one.url) for one in found] == [
        ("1", "DPD", ""),
        ("2", "Kurier", "https://k.example/2"),
    ]


@pytest.mark.parametrize(("state", "stage"), [("failed", Stage.AWAITING_PAYMENT), ("refunded", Stage.RETURNED)])
def test_states_of_plugins_mean_nothing_to_us(state: str, stage: Stage) -> None:
    assert read(status=state).stage is stage
    assert read(status="wyslane").stage is Stage.UNKNOWN


def test_reading_changes_no_row() -> None:
    raw = row()
    before = copy.deepcopy(raw)
    order(raw, OrderOptions(), "PL")
    assert raw == before


def test_the_settings_say_what_is_done_without_them() -> None:
    defaults = {one.name: one.default for one in ORDER_SETTINGS}
    assert order_options(defaults) == order_options({}) == OrderOptions()
