"""Prices and stock as the ERP holds them: every price type, every warehouse, per stock unit."""

from datetime import date
from decimal import Decimal

import pytest

from integrator.canonical.kinds import Kind
from integrator.canonical.problems import Code
from integrator.canonical.records import PriceEntry
from tests.wapro.little_company import LittleCompany
from wapro.clarion import to_day
from wapro.tables import ArticlePrice, Unit


def price(company: LittleCompany, card: int, price_type: int, net: str, currency: str | None = "") -> None:
    with company.reader() as reader:
        number = ArticlePrice.objects.using(reader.alias).count() + 1
    gross = Decimal(net) * Decimal("1.23")
    company.add(
        ArticlePrice, id=number, article=card, price_type=price_type, net=Decimal(net), gross=gross, currency=currency
    )


def test_every_price_type_of_the_leading_card(company: LittleCompany) -> None:
    company.card("A", warehouse=1)
    company.card("A", warehouse=2)
    price(company, 1, 1, "10", None)
    price(company, 1, 2, "8.1234", "PLN")
    price(company, 2, 1, "99")
    found = company.records(Kind.PRICE)["A"]
    assert found.entries == (
        PriceEntry(price_type="1", net=Decimal(10), gross=Decimal("12.3")),
        PriceEntry(price_type="2", net=Decimal("8.1234"), gross=Decimal("9.9918")),
    )
    assert (found.currency, found.tax_percent, found.sale_factor) == ("PLN", Decimal(23), Decimal(1))


def test_prices_in_a_foreign_currency_are_never_taken_for_zlotys(company: LittleCompany) -> None:
    company.card("mixed")
    company.card("euro")
    company.card("none")
    price(company, 1, 1, "10")
    price(company, 1, 2, "3", "EUR")
    price(company, 2, 1, "3", "eur")
    found = company.records(Kind.PRICE)
    assert [(e.price_type, e.net) for e in found["mixed"].entries] == [("1", Decimal(10))]
    assert (found["euro"].currency, len(found["euro"].entries)) == ("EUR", 1)
    assert found["none"].entries == ()


@pytest.mark.parametrize(
    ("today", "runs"),
    [("2026-11-09", False), ("2026-11-10", True), ("2026-11-20", True), ("2026-11-21", False)],
)
def test_a_promotion_runs_on_its_days_only(company: LittleCompany, today: str, runs: bool) -> None:
    first, last = to_day(date(2026, 11, 10)), to_day(date(2026, 11, 20))
    company.card(
        "A", promotion_from=first, promotion_to=last, promotion_net=Decimal(7), promotion_gross=Decimal("8.61")
    )
    found = company.records(Kind.PRICE, today=date.fromisoformat(today))["A"]
    assert (found.promotion_net, found.promotion_gross) == ((Decimal(7), Decimal("8.61")) if runs else (None, None))


@pytest.mark.parametrize(("first", "last"), [(0, 0), (None, None), (1, 0), (0, 90000)])
def test_a_promotion_without_both_days_never_runs(company: LittleCompany, first: int | None, last: int | None) -> None:
    company.card("A", promotion_from=first, promotion_to=last, promotion_gross=Decimal(1))
    assert company.records(Kind.PRICE)["A"].promotion_gross is None


def test_an_exempt_card_has_the_rate_of_its_code(company: LittleCompany) -> None:
    company.card("A", sale_vat="zw ")
    company.card("B", sale_vat="??")
    found = company.records(Kind.PRICE)
    assert (found["A"].tax_percent, found["B"].tax_percent) == (Decimal(0), None)


def test_quantities_of_every_warehouse_with_what_is_held_back(company: LittleCompany) -> None:
    company.card("A", warehouse=2, on_hand=Decimal("5.5"), in_edit=Decimal(1), reserved=Decimal(2))
    company.card("A", warehouse=1, on_hand=None, in_edit=None)
    found = company.records(Kind.STOCK)["A"]
    assert [(r.warehouse, r.on_hand, r.in_edit, r.reserved) for r in found.rows] == [
        ("1", 0, 0, 0),
        ("2", Decimal("5.5"), 1, 2),
    ]
    assert (found.sale_factor, found.fractional) == (1, False)


def test_a_sale_unit_brings_its_factor_to_price_and_stock(company: LittleCompany) -> None:
    company.add(Unit, id=10, symbol="opak.", name="opakowanie", article=1, factor=Decimal("2.5"), fractional=1)
    company.card("A", unit=1, sale_unit=10)
    stock, prices = company.records(Kind.STOCK)["A"], company.records(Kind.PRICE)["A"]
    assert (stock.sale_factor, stock.fractional, prices.sale_factor) == (Decimal("2.5"), True, Decimal("2.5"))


@pytest.mark.parametrize("kind", [Kind.STOCK, Kind.PRICE])
def test_a_sale_unit_that_makes_no_sense_is_one_error_among_good_rows(company: LittleCompany, kind: Kind) -> None:
    company.add(Unit, id=10, symbol="opak.", name="opakowanie", article=1, factor=0)
    company.card("A")
    company.card("B", unit=1, sale_unit=10)
    company.card("C", unit=1, sale_unit=999)
    company.card("D")
    assert list(company.records(kind)) == ["A", "D"]
    assert [(e.key, e.problem.code, e.problem.as_dict()["field"]) for e in company.errors(kind)] == [
        ("B", Code.FIELD_UNREADABLE, "PRZELICZNIK"),
        ("C", Code.FIELD_UNREADABLE, "ID_JEDNOSTKI_SPRZ"),
    ]


def test_kilograms_are_never_added_to_pieces(company: LittleCompany) -> None:
    company.card("A", warehouse=1, unit=1, on_hand=Decimal(3))
    company.card("A", warehouse=2, unit=2, on_hand=Decimal(1000))
    company.card("A", warehouse=3, unit=1, on_hand=Decimal(4))
    assert [(r.warehouse, r.on_hand) for r in company.records(Kind.STOCK)["A"].rows] == [("1", 3), ("3", 4)]
