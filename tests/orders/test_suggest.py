"""Suggestions for mappings: what is plain is proposed, what could be two things is left to the person."""

from decimal import Decimal

import pytest

from integrator.canonical.orders import ChargeKind, PaymentKind
from syncjobs.orders import suggest
from wapro.orders.draft import PaymentForm, ServiceCard, VatCode, Word

FORMS = (
    PaymentForm(key="gotówka", name="gotówka"),
    PaymentForm(key="przelew 14 dni", name="przelew 14 dni", days=14),
    PaymentForm(key="Za pobraniem", name="Za pobraniem", days=7),
    PaymentForm(key="przelew stary", name="przelew stary", active=False),
)
CARDS = (
    ServiceCard(key="TRANSPORT", name="Transport kurierem", vat_code="23", unit="szt", warehouses=(1,)),
    ServiceCard(key="TRANSPORT8", name="Transport kurierem 8%", vat_code="8", unit="szt", warehouses=(1,)),
    ServiceCard(key="PAKOWANIE", name="Pakowanie na prezent", vat_code="23", unit="szt", warehouses=(1, 2)),
)
CODES = (
    VatCode(key="23", name="Stawka 23%", percent=Decimal(23)),
    VatCode(key="8", name="Stawka 8%", percent=Decimal(8)),
    VatCode(key="0", name="Stawka 0%", percent=Decimal(0)),
    VatCode(key="zw", name="zwolniona", percent=Decimal(0)),
    VatCode(key="22", name="Stawka 22%", percent=Decimal(22), active=False),
)


@pytest.mark.parametrize(
    ("name", "kind", "key"),
    [
        ("ZA POBRANIEM", PaymentKind.UNKNOWN, "Za pobraniem"),
        ("Płatność przy odbiorze", PaymentKind.COD, "Za pobraniem"),
        ("Przelew bankowy", PaymentKind.TRANSFER, "przelew 14 dni"),
    ],
)
def test_a_payment_is_known_by_its_name_else_by_its_sort(name: str, kind: PaymentKind, key: str) -> None:
    found = suggest.payment_form(name, kind, FORMS)
    assert found is not None
    assert found.key == key


def test_nothing_is_guessed_where_two_forms_are_as_likely() -> None:
    twice = (*FORMS, PaymentForm(key="przelew 30 dni", name="przelew 30 dni"))
    assert suggest.payment_form("Przelew bankowy", PaymentKind.TRANSFER, twice) is None
    assert suggest.payment_form("Coś innego", PaymentKind.UNKNOWN, FORMS) is None


def test_a_delivery_names_its_carrier() -> None:
    forms = (Word(key="1", name="Odbiór osobisty"), Word(key="2", name="Paczkomaty"))
    carriers = (Word(key="7", name="InPost"), Word(key="8", name="DPD"))
    form, carrier = suggest.delivery("InPost Paczkomaty 24/7", forms, carriers)
    assert form is not None
    assert carrier is not None
    assert (form.key, carrier.key) == ("2", "7")
    assert suggest.delivery("Gołąb pocztowy", forms, carriers) == (None, None)


def test_a_charge_takes_the_service_card_of_its_vat_rate_and_warehouse() -> None:
    assert suggest.charge_card(ChargeKind.SHIPPING, "23", CARDS, 1) == "TRANSPORT"
    assert suggest.charge_card(ChargeKind.SHIPPING, "8", CARDS, 1) == "TRANSPORT8"
    assert suggest.charge_card(ChargeKind.SHIPPING, "23", CARDS, 2) == ""
    assert suggest.charge_card(ChargeKind.DISCOUNT, "23", CARDS, 1) == "*"


@pytest.mark.parametrize(
    ("name", "percent", "key"),
    [("23%", "23", "23"), ("reduced-rate", "8", "8"), ("ZW", "0", "zw"), ("ZW", None, "zw")],
)
def test_a_rate_is_known_by_its_code_else_by_a_percent_that_only_one_has(
    name: str, percent: str | None, key: str
) -> None:
    found = suggest.vat_code(name, None if percent is None else Decimal(percent), CODES)
    assert found is not None
    assert found.key == key


def test_a_percent_that_two_codes_have_is_not_guessed_and_an_old_rate_neither() -> None:
    assert suggest.vat_code("zero-rate", Decimal(0), CODES) is None
    assert suggest.vat_code("22%", Decimal(22), CODES) is None
    assert suggest.vat_code("23%", Decimal(19), CODES) is None
