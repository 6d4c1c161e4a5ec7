"""A shop's order as WAPRO takes it, or every reason why it waits."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from integrator.canonical.orders import Address, Buyer, Charge, ChargeKind, Delivery, Payment, PickupPoint
from integrator.canonical.problems import Code
from syncjobs.orders.draft import SPREAD, Draft, Goods, Rate, draft
from tests.orders.make import NOW, PERSON, catalogue, line, mapping, order, shipping

DAY = NOW.date()


def drafted(one, maps=None, goods=None, **more) -> Draft:
    values = {"contractor": "7", "form": "receipt", "reserve": True, "placed": DAY, "today": DAY} | more
    return draft(one, maps or mapping(), goods or catalogue(), **values)


def codes(found: Draft) -> list[str]:
    return [problem.code for problem in found.problems]


def test_a_sound_order_becomes_lines_with_its_charges_as_service_cards():
    found = drafted(order())
    assert found.problems == ()
    made = found.order
    assert (made.number, made.payment_form, made.payment_days, made.carrier) == ("SKLP-1001", "pobranie", 7, 1)
    assert [(one.card, one.quantity, one.gross, one.reserve) for one in made.lines] == [
        ("KOD10", Decimal(2), Decimal("12.3000"), Decimal(2)),
        ("TRANSPORT", Decimal(1), Decimal("12.3000"), Decimal(0)),
    ]
    assert made.expected_gross == Decimal("36.90") == order().total


def test_all_reasons_are_told_at_once():
    bad = order(
        lines=(line(), line("2", product="999", code="NIEMA"), line("3", tax="oo", percent=None)),
        payment=Payment(type="raty", name="Raty"),
        delivery=Delivery(method="dron", name="Dron"),
        charges=(shipping(), Charge(kind=ChargeKind.PACKING, name="Karton", gross=Decimal(3), tax="23%")),
        currency="EUR",
    )
    found = drafted(bad)
    assert found.order is None
    assert set(codes(found)) == {
        Code.PAYMENT_UNMAPPED,
        Code.DELIVERY_UNMAPPED,
        Code.CURRENCY_UNMAPPED,
        Code.ARTICLE_UNKNOWN,
        Code.TAX_UNMAPPED,
        Code.CHARGE_UNMAPPED,
    }


def test_a_line_without_a_link_is_known_by_a_code_that_one_card_has():
    one = order(lines=(line(product="", code="abc-1"),))
    known = catalogue(by_code={"abc-1": [Goods(key="ABC-1", unit="szt.")]})
    assert drafted(one, goods=known).order.lines[0].card == "ABC-1"
    twice = catalogue(by_code={"abc-1": [Goods(key="ABC-1", unit=""), Goods(key="abc-1", unit="")]})
    assert codes(drafted(one, goods=twice)) == [Code.ARTICLE_AMBIGUOUS]


@pytest.mark.parametrize(
    ("state", "code"), [({"blocked": True}, Code.CARD_BLOCKED), ({"here": False}, Code.CARD_NOT_IN_WAREHOUSE)]
)
def test_a_card_that_cannot_be_sold_holds_the_order(state, code):
    known = catalogue(by_shop_key={"10": replace(Goods(key="KOD10", unit=""), **state)})
    (told,) = drafted(order(), goods=known).problems
    assert (told.code, told.as_dict()) == (code, {"card": "KOD10", "warehouse": "1"})


def test_an_order_discount_comes_off_the_lines_of_its_rate_where_the_mapping_says_so():
    lines = (
        line(gross="100.00", quantity="1"),
        line("2", "11", gross="50.00", quantity="1", tax="8%", percent=Decimal(8)),
    )
    off = Charge(kind=ChargeKind.DISCOUNT, name="Kod SIERPIEŃ", gross=Decimal("-10.00"), tax="23%")
    one = order(lines=lines, charges=(off,))
    assert codes(drafted(one)) == [Code.CHARGE_UNMAPPED]
    found = drafted(one, maps=mapping(charges={(ChargeKind.DISCOUNT, "23"): SPREAD}))
    assert [(made.card, made.gross) for made in found.order.lines] == [
        ("KOD10", Decimal("90.0000")),
        ("KOD11", Decimal("50.0000")),
    ]
    assert found.order.expected_gross == Decimal("140.00")


def test_a_difference_of_a_grosz_holds_the_order_and_shows_the_equation():
    found = drafted(order(total=Decimal("36.91")))
    assert codes(found) == [Code.TOTAL_DIFFERS]
    assert [(rate.rate, rate.gross) for rate in found.proof.rates] == [("23", Decimal("36.90"))]


def test_the_vat_that_the_shop_reckons_for_the_whole_order_is_compared_too():
    assert codes(drafted(order(tax_total=Decimal("6.90")))) == []
    assert codes(drafted(order(tax_total=Decimal("2.73")))) == [Code.TAX_DIFFERS]


def test_a_foreign_currency_needs_a_rate_and_carries_it():
    maps = mapping(rates={"EUR": Rate(value=Decimal("4.2815"), day=DAY)})
    made = drafted(order(currency="EUR"), maps=maps).order
    assert (made.currency, made.rate, made.rate_day) == ("EUR", Decimal("4.2815"), DAY)


@pytest.mark.parametrize(("age", "expected"), [(0, []), (7, []), (8, [Code.RATE_OLD]), (-1, [])])
def test_a_rate_of_long_before_the_order_is_used_no_more(age, expected):
    maps = mapping(rates={"EUR": Rate(value=Decimal("4.2815"), day=DAY - timedelta(days=age))})
    assert codes(drafted(order(currency="EUR"), maps=maps)) == expected
    assert codes(drafted(order(), maps=maps)) == []


def test_the_address_and_the_pick_up_point_go_with_the_order_and_strange_characters_are_said():
    to = Address(first_name="Zoë", last_name="Kłos", street="x" * 60, postcode="30-001", city="Kraków", country="PL")
    one = order(
        buyer=Buyer(email="z@example.com", billing=PERSON, delivery=to),
        delivery=Delivery(method="courier", name="Paczkomat", pickup=PickupPoint(code="KRA01M", name="Rynek 1")),
        note="Proszę szybko 🚚",
    )
    found = drafted(one)
    assert "KRA01M" in found.order.info
    assert "x" * 60 in found.order.info, "a long street is not cut: the order's own text has room"
    assert found.order.notes == "Proszę szybko "
    assert [(problem.code, problem.as_dict()["value"]) for problem in found.remarks] == [
        (Code.CHARACTERS_DROPPED, "🚚")
    ]


def test_a_name_that_wapro_cannot_keep_whole_is_said():
    buyer = replace(PERSON, first_name="Ala 🌻", last_name="x" * 120)
    found = drafted(order(buyer=Buyer(email="a@example.com", billing=buyer, delivery=PERSON)))
    assert len(found.order.person) == 101
    assert [problem.code for problem in found.remarks] == [Code.CHARACTERS_DROPPED, Code.TEXT_SHORTENED]


def test_what_the_buyer_had_engraved_goes_with_its_line():
    goods = (line(note="Grawer: Ania", gross="10.00", quantity="3"), line("2", "11", note="❤" + "x" * 600))
    found = drafted(order(lines=goods))
    notes = [(made.card, made.quantity, made.note) for made in found.order.lines]
    assert notes[:2] == [("KOD10", 2, "Grawer: Ania"), ("KOD10", 1, "Grawer: Ania")], "of both prices of a split line"
    assert notes[2] == ("KOD11", 2, "x" * 499 + "…")
    assert notes[3] == ("TRANSPORT", 1, "")
    told = [(one.code, one.as_dict()["name"]) for one in found.remarks]
    assert told == [(Code.CHARACTERS_DROPPED, "Towar 11"), (Code.TEXT_SHORTENED, "Towar 11")]


def test_what_was_given_back_before_the_import_holds_the_order():
    found = drafted(order(refunded=Decimal("12.30")))
    assert (codes(found), found.problems[0].as_dict()["value"]) == ([Code.ORDER_REFUNDED], "12.3")


def test_orders_that_were_put_together_wait_until_a_person_wants_one_of_them():
    merged = order(merged=("17", "18"))
    assert codes(drafted(merged)) == [Code.ORDER_MERGED]
    assert drafted(merged, overruled=True).order is not None
    assert codes(drafted(replace(merged, refunded=Decimal(1)), overruled=True)) == [Code.ORDER_REFUNDED]


def test_the_shops_own_number_and_the_transaction_are_kept():
    paid = Payment(type="cod", name="P24", reference="P24-77")
    assert drafted(order(number="XKBKNABJK", payment=paid)).order.info.endswith(
        "\nnr w sklepie: XKBKNABJK, transakcja: P24-77"
    )
    assert "nr w sklepie" not in drafted(order()).order.info, "the order's key is in its number already"


def test_an_order_of_nothing_and_one_of_too_much_wait():
    assert Code.ORDER_EMPTY in codes(drafted(order(lines=())))
    many = tuple(line(str(number)) for number in range(501))
    assert Code.ORDER_TOO_LONG in codes(drafted(order(lines=many)))


def test_goods_are_not_reserved_where_nobody_wants_it():
    made = drafted(order(), reserve=False).order
    assert not made.reserve
    assert {one.reserve for one in made.lines} == {Decimal(0)}
