"""How PrestaShop's rows become orders: amounts to the grosz, VAT rates, states, payments, addresses."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from integrator.canonical.errors import MappingError
from integrator.canonical.orders import ChargeKind, Order, PaymentKind, SaleDocument, Stage
from shops.connectors.prestashop import order_mapping, order_terms
from shops.connectors.prestashop.mapping import Group
from shops.connectors.prestashop.order_amounts import Money, Part, by_rates, percent_of, rounded, settled, shares
from shops.connectors.prestashop.order_mapping import Around, Carrier, Terms
from shops.connectors.prestashop.order_news import noted
from shops.connectors.prestashop.order_terms import State

RECORDED = Path(__file__).parents[3] / "shared" / "fixtures" / "prestashop_recorded"


def money(net: str, gross: str) -> Money:
    return Money(net=Decimal(net), gross=Decimal(gross))


def part(net: str, gross: str, percent: str) -> Part:
    return Part(money=money(net, gross), percent=Decimal(percent), tax=f"{percent}%")


def line(key: int, net: str, gross: str, quantity: int = 1, **more: Any) -> dict[str, Any]:
    return {
        "id": key,
        "product_id": 7,
        "product_attribute_id": 0,
        "product_quantity": quantity,
        "product_name": "Kubek",
        "product_reference": "KUB",
        "product_ean13": "",
        "unit_price_tax_excl": net,
        "unit_price_tax_incl": gross,
        **more,
    }


def raw(lines: list[dict[str, Any]], net: str, gross: str, **more: Any) -> dict[str, Any]:
    """An order of goods of this worth and nothing else."""
    return {
        "id": 12,
        "reference": "QWERTYUIO",
        "id_address_delivery": 3,
        "id_address_invoice": 3,
        "id_currency": 1,
        "id_customer": 5,
        "id_carrier": 8,
        "current_state": 10,
        "module": "ps_wirepayment",
        "payment": "Przelew",
        "date_add": "2026-07-01 12:00:00",
        "date_upd": "2026-07-01 12:00:05",
        "total_paid_real": "0.000000",
        "total_paid_tax_incl": gross,
        "total_paid_tax_excl": net,
        "total_products": net,
        "total_products_wt": gross,
        "carrier_tax_rate": "23.000",
        "round_mode": 2,
        "round_type": 2,
        "associations": {"order_rows": lines},
        **more,
    }


TERMS = Terms(
    zone=ZoneInfo("Europe/Warsaw"),
    basis="gross",
    states={"10": State(name="Oczekiwanie na przelew", stage=Stage.AWAITING_PAYMENT, paid=False)},
    carriers={"8": Carrier(key="2", name="Kurier")},
    countries={"14": "PL"},
    currencies={"1": "PLN"},
    groups={
        "1": Group(name="PL 23%", percent=Decimal(23)),
        "2": Group(name="PL 8%", percent=Decimal(8)),
        "4": Group(name="Zwolnione", percent=Decimal(0)),
        "5": Group(name="Export 0%", percent=Decimal(0)),
    },
)


def read(row: dict[str, Any], **around: Any) -> Order:
    return order_mapping.order(row, Around(**around), TERMS)


# amounts


@pytest.mark.skipif(not RECORDED.exists(), reason="no recorded answers beside this checkout")
def test_a_recorded_order_is_read_to_the_grosz() -> None:
    body = json.loads((RECORDED / "orders.json").read_text(encoding="utf-8"))["body"]["orders"][0]
    found = read(body)
    assert [(one.tax, one.net, one.gross) for one in found.lines] == [
        ("23%", Decimal("76.72"), Decimal("94.37")),
        ("8%", Decimal("32.88"), Decimal("35.51")),
    ]
    assert (found.total, found.tax_total) == (Decimal("129.88"), Decimal("20.28"))
    assert found.placed_at == datetime(2026, 11, 22, 2, 20, 50, tzinfo=UTC)


@pytest.mark.parametrize(("net", "percent"), [("8.130081", 23), ("0.47", 8), ("19.18", 23), ("32.88", 5), ("9.99", 0)])
def test_the_rate_stands_between_two_prices_of_six_decimals(net: str, percent: int) -> None:
    gross = (Decimal(net) * (100 + percent) / 100).quantize(Decimal("0.000001"))
    assert percent_of(Decimal(net), gross) == percent


@pytest.mark.parametrize(("net", "gross"), [("8.13", "10.00"), ("0", "0"), ("10", "9"), ("100", "122.877300")])
def test_two_prices_of_no_rate_tell_none(net: str, gross: str) -> None:
    assert percent_of(Decimal(net), Decimal(gross)) is None


@pytest.mark.parametrize(
    ("mode", "expected"),
    [(0, "0.35 0.35"), (1, "0.34 0.34"), (2, "0.35 0.35"), (3, "0.34 0.35"), (4, "0.34 0.35"), (5, "0.35 0.35")],
)
def test_each_mode_of_rounding_is_the_shops_own(mode: int, expected: str) -> None:
    found = [rounded(Decimal(value), mode) for value in ("0.345", "0.3451")]
    assert " ".join(map(str, found)) == expected


@pytest.mark.parametrize(("kind", "gross"), [(1, "30.03"), (2, "30.02"), (3, "30.02")])
def test_pieces_lines_or_the_total_are_rounded_as_the_order_says(kind: int, gross: str) -> None:
    net = "24.42" if kind == 1 else "24.41"
    (one,) = read(raw([line(1, "8.135000", "10.006050", 3)], net, gross, round_type=kind)).lines
    assert (one.net, one.gross) == (Decimal(net), Decimal(gross))


def test_lines_of_an_order_rounded_as_one_sum_add_up_to_it() -> None:
    lines = [line(key, "1.353659", "1.665000") for key in (1, 2, 3)]
    found = read(raw(lines, "4.06", "5.00", round_type=3))
    assert sorted(one.gross for one in found.lines if one.gross) == [Decimal("1.66"), Decimal("1.67"), Decimal("1.67")]
    assert sum(one.net for one in found.lines if one.net) == Decimal("4.06")


def test_lines_that_do_not_add_up_are_left_for_the_proof_to_show() -> None:
    assert settled([money("8.13", "10.00")], money("9.00", "11.07")) == [money("8.13", "10.00")]


def test_shares_lose_no_grosz() -> None:
    found = shares(Decimal("10.00"), [Decimal("10") / 3] * 3)
    assert found == [Decimal("3.34"), Decimal("3.33"), Decimal("3.33")]
    assert shares(Decimal("-0.01"), [Decimal(0), Decimal("-0.004")]) == [Decimal("0.00"), Decimal("-0.01")]


# what lines alone do not tell


def test_prices_changed_by_hand_and_untaxed_lines_need_the_shops_details() -> None:
    assert not order_mapping.unclear(raw([line(1, "8.130081", "10.000000")], "8.13", "10.00"))
    assert order_mapping.unclear(raw([line(1, "8.13", "10.000000")], "8.13", "10.00"))
    assert order_mapping.unclear(raw([line(1, "10.00", "10.00")], "10.00", "10.00"))
    assert order_mapping.unclear(raw([line(1, "8.130081", "10.000000")], "9.00", "11.00"))


def detail(tax: str = "", group: int = 1, net: str = "8.13", gross: str = "10.00") -> dict[str, Any]:
    taxes = {"associations": {"taxes": [{"id": tax}]}} if tax else {}
    return {
        "id": 1,
        "id_tax_rules_group": group,
        "total_price_tax_excl": net,
        "total_price_tax_incl": gross,
        **taxes,
    }


def test_details_tell_rate_and_reason() -> None:
    by_hand = raw([line(1, "8.13", "10.000000")], "8.13", "10.00")
    assert read(by_hand, details={"1": detail("3")}, taxes={"3": Decimal(23)}).lines[0].tax == "23%"
    untaxed = raw([line(1, "10.00", "10.00")], "10.00", "10.00")
    names = {
        group: read(untaxed, details={"1": detail(group=group, net="10.00")}).lines[0].tax for group in (1, 4, 5, 99)
    }
    assert names == {1: "0%", 4: "zw", 5: "0%", 99: "0%"}


def test_a_rate_that_nothing_tells_is_not_guessed() -> None:
    found = read(raw([line(1, "8.13", "10.000000")], "8.13", "10.00"), details={"1": detail("3")}).lines[0]
    assert (found.percent, found.tax, found.gross) == (None, "", Decimal("10.00"))


def test_amounts_come_from_the_details_where_prices_do_not_add_up() -> None:
    row = raw([line(1, "8.130081", "10.000000", 3)], "24.40", "30.01")
    found = read(row, details={"1": detail("3", net="24.400000", gross="30.010000")}).lines[0]
    assert (found.net, found.gross, found.percent) == (Decimal("24.40"), Decimal("30.01"), 23)


def test_pieces_given_back_are_told_by_the_details() -> None:
    untaxed = raw([line(1, "10.00", "10.00", 3)], "30.00", "30.00")
    told = detail(net="30.00", gross="30.00") | {"product_quantity_refunded": "1", "product_quantity_return": "2"}
    assert read(untaxed, details={"1": told}).refunded == Decimal("20.00")
    assert read(untaxed, details={"1": detail(net="30.00", gross="30.00")}).refunded == 0


# charges


def charged(**totals: str) -> Order:
    fields = {f"total_{name}": value for name, value in totals.items()}
    return read(raw([line(1, "81.300813", "100.000000")], "81.30", "100.00", **fields))


def test_delivery_has_the_rate_that_the_order_keeps() -> None:
    (found,) = charged(shipping_tax_excl="10.00", shipping_tax_incl="12.30").charges
    assert (found.kind, found.name, found.tax, found.gross) == (ChargeKind.SHIPPING, "Kurier", "23%", Decimal("12.30"))


def test_wrapping_is_packing_at_the_one_rate_its_amounts_can_be_of() -> None:
    (found,) = charged(wrapping_tax_excl="5.00", wrapping_tax_incl="5.40").charges
    assert (found.kind, found.tax) == (ChargeKind.PACKING, "8%")
    (unknown,) = charged(wrapping_tax_excl="0.05", wrapping_tax_incl="0.06").charges
    assert (unknown.tax, unknown.percent) == ("", None)


def test_a_voucher_is_given_back_by_rate_in_proportion() -> None:
    found = by_rates(money("17.39", "20.00"), [part("81.30", "100.00", "23"), part("92.59", "100.00", "8")])
    assert [(one.tax, one.money.gross) for one in found] == [("23%", Decimal("10.00")), ("8%", Decimal("10.00"))]
    assert sum(one.money.net for one in found) == Decimal("17.39")


def test_a_voucher_for_one_product_is_told_by_its_net_sum() -> None:
    goods = [part("81.30", "100.00", "23"), part("92.59", "100.00", "8"), part("95.24", "100.00", "5")]
    assert [(one.tax, one.money.gross) for one in by_rates(money("46.30", "50.00"), goods)] == [
        ("8%", Decimal("50.00"))
    ]


def test_a_voucher_off_some_goods_of_two_rates_is_solved() -> None:
    found = by_rates(money("33.66", "40.00"), [part("81.30", "100.00", "23"), part("92.59", "100.00", "8")])
    assert {one.tax: round(one.money.gross) for one in found} == {"23%": 30, "8%": 10}


def test_a_voucher_that_cannot_be_told_keeps_no_rate() -> None:
    goods = [part("81.30", "100.00", "23"), part("92.59", "100.00", "8"), part("95.24", "100.00", "5")]
    (found,) = by_rates(money("31.00", "40.00"), goods)
    assert (found.percent, found.tax, found.money) == (None, "", money("31.00", "40.00"))


def test_free_delivery_takes_off_the_delivery_first() -> None:
    rules = {"12": [{"name": "Gratis", "value": "22.300000", "value_tax_excl": "18.130000", "free_shipping": "1"}]}
    totals = {"shipping_tax_excl": "10.00", "shipping_tax_incl": "12.30", "discounts_tax_excl": "18.13",
              "discounts_tax_incl": "22.30"}  # fmt: skip
    fields = {f"total_{name}": value for name, value in totals.items()}
    row = raw([line(1, "81.300813", "100.000000")], "81.30", "100.00", **fields)
    found = [(one.kind, one.name, one.gross, one.tax) for one in read(row, rules=rules).charges]
    assert found == [
        (ChargeKind.SHIPPING, "Kurier", Decimal("12.30"), "23%"),
        (ChargeKind.DISCOUNT, "Gratis", Decimal("-12.30"), "23%"),
        (ChargeKind.DISCOUNT, "Gratis", Decimal("-10.00"), "23%"),
    ]


def test_vouchers_that_say_something_else_than_the_order_give_way_to_it() -> None:
    rules = {"12": [{"name": "Stary", "value": "50.00", "value_tax_excl": "40.65", "free_shipping": "0"}]}
    off = {"total_discounts_tax_excl": "8.13", "total_discounts_tax_incl": "10.00"}
    row = raw([line(1, "81.300813", "100.000000")], "81.30", "100.00", **off)
    assert [(one.name, one.gross) for one in read(row, rules=rules).charges] == [("", Decimal("-10.00"))]


# states and payments


def state(**flags: Any) -> dict[str, Any]:
    return {"id": 20, "name": [{"id": 1, "value": "Sent"}, {"id": 2, "value": "Wysłane"}], **flags}


@pytest.mark.parametrize(
    ("row", "setting", "stage"),
    [
        (state(shipped="1", delivery="1", paid="1"), "PS_OS_SHIPPING", Stage.SENT),
        (state(shipped="1", paid="1"), "PS_OS_DELIVERED", Stage.DONE),
        (state(), "PS_OS_CANCELED", Stage.CANCELLED),
        (state(invoice="1"), "PS_OS_REFUND", Stage.RETURNED),
        (state(paid="1", delivery="1"), "PS_OS_PREPARATION", Stage.OPEN),
        (state(paid="1"), "PS_OS_PAYMENT", Stage.NEW),
        (state(), "PS_OS_COD_VALIDATION", Stage.NEW),
        (state(), "PS_OS_ERROR", Stage.AWAITING_PAYMENT),
        (state(shipped="1"), "", Stage.SENT),
        (state(delivery="1", paid="1"), "", Stage.OPEN),
        (state(paid="1"), "", Stage.NEW),
        (state(template=[{"id": 1, "value": "order_canceled"}]), "", Stage.CANCELLED),
        (state(template="bankwire"), "", Stage.AWAITING_PAYMENT),
        (state(template=[{"id": 1, "value": "payu_status"}]), "", Stage.UNKNOWN),
        (state(), "", Stage.UNKNOWN),
    ],
)
def test_a_state_means_what_the_shop_uses_it_for(row: dict[str, Any], setting: str, stage: Stage) -> None:
    found = order_terms.state(row, {"20": setting} if setting else {}, "2")
    assert (found.name, found.stage) == ("Wysłane", stage)


@pytest.mark.parametrize(
    ("module", "kind"),
    [
        ("ps_cashondelivery", PaymentKind.COD),
        ("ps_wirepayment", PaymentKind.TRANSFER),
        ("przelewy24", PaymentKind.ONLINE),
        ("ps_checkpayment", PaymentKind.UNKNOWN),
        ("sklepowy_modul", PaymentKind.UNKNOWN),
    ],
)
def test_only_well_known_modules_have_a_kind(module: str, kind: PaymentKind) -> None:
    found = read(raw([line(1, "8.130081", "10.000000")], "8.13", "10.00", module=module)).payment
    assert (found.type, found.kind, found.name) == (module, kind, "Przelew")


def test_ways_to_pay_of_one_module_are_told_apart_by_name() -> None:
    row = raw([line(1, "8.130081", "10.000000")], "8.13", "10.00", module="universalpay", payment="Raty")
    assert read(row).payment.type == "universalpay:Raty"


def test_money_received_counts_whatever_the_state_says() -> None:
    row = raw([line(1, "8.130081", "10.000000")], "8.13", "10.00", total_paid_real="10.000000")
    assert (read(row).payment.paid, read(row).payment.amount) == (True, Decimal("10.00"))
    assert not read(row | {"total_paid_real": "9.99"}).payment.paid


# people and places


def test_the_tax_number_and_both_lines_of_the_street_are_kept_as_typed() -> None:
    address = {"id": 3, "id_country": 14, "company": "Zażółć", "vat_number": "PL 526-000-12-46", "address1": "Długa 1",
               "address2": "m. 2", "phone": "12 345", "phone_mobile": "600 700"}  # fmt: skip
    row = raw([line(1, "8.130081", "10.000000")], "8.13", "10.00")
    buyer = read(row, addresses={"3": address}, customers={"5": {"email": "a@b.example", "is_guest": "1"}}).buyer
    assert (buyer.billing.tax_number, buyer.billing.street, buyer.billing.country) == (
        "PL 526-000-12-46",
        "Długa 1 m. 2",
        "PL",
    )
    assert (buyer.email, buyer.phone, buyer.account, buyer.delivery) == ("a@b.example", "600 700", "", None)


@pytest.mark.parametrize(
    ("carrier", "other", "code"),
    [
        ("InPost Paczkomaty 24/7", "Paczkomat KRA01A, ul. Długa", "KRA01A"),
        ("InPost Paczkomaty 24/7", "KRA01A albo WAW117M", None),
        ("Kurier DPD", "KRA01A", None),
    ],
)
def test_a_parcel_locker_is_seen_where_a_module_wrote_its_code(carrier: str, other: str, code: str | None) -> None:
    terms = Terms(
        zone=TERMS.zone,
        basis="gross",
        states=TERMS.states,
        carriers={"8": Carrier(key="2", name=carrier)},
        countries={},
        currencies=TERMS.currencies,
        groups=TERMS.groups,
    )
    row = raw([line(1, "8.130081", "10.000000")], "8.13", "10.00")
    pickup = order_mapping.order(row, Around(addresses={"3": {"id": 3, "other": other}}), terms).delivery.pickup
    assert (pickup.code if pickup else None) == code


@pytest.mark.parametrize(
    ("field", "value"),
    [("current_state", 0), ("total_paid_tax_incl", "dużo"), ("id_currency", 9), ("date_add", "0000-00-00 00:00:00")],
)
def test_an_order_without_what_it_needs_cannot_be_read(field: str, value: Any) -> None:
    with pytest.raises(MappingError):
        read(raw([line(1, "8.130081", "10.000000")], "8.13", "10.00", **{field: value}))


# the note


def test_documents_stand_in_the_note_once_and_get_their_ksef_number_later() -> None:
    invoice = SaleDocument(number="FV 7/2026", kind="invoice")
    with_ksef = SaleDocument(number="FV 7/2026", kind="invoice", ksef_number="5260001246-X")
    assert noted("Zadzwonić!", [invoice]) == "Zadzwonić!\nFV 7/2026"
    assert noted("Zadzwonić!\nFV 7/2026", [invoice]) is None
    assert noted("FV 7/2026\nZadzwonić!", [with_ksef]) == "FV 7/2026 (KSeF 5260001246-X)\nZadzwonić!"
    assert noted("FV 7/2026 (KSeF 5260001246-X)", [invoice, with_ksef]) is None
