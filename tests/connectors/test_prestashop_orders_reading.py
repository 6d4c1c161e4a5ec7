"""Reading orders of a PrestaShop: what is asked for, what is left alone, and what its oddities do to it."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random

import pytest

from integrator.canonical.errors import Rejected, Transient
from integrator.canonical.orders import Charge, ChargeKind, OrderLine, PaymentKind, Stage
from integrator.canonical.problems import Code
from shops.connectors.prestashop.simulator.order_money import Voucher
from shops.connectors.prestashop.simulator.order_stand import PrestaOrderStand
from shops.connectors.prestashop.simulator.selling import Buyer
from tests.connectors.order_conformance import paid_by_buyer
from tests.connectors.prestashop_orders import asked, bought, everything, now, one, orders_of, selling


@pytest.fixture
def stand() -> PrestaOrderStand:
    return selling()


# what is read


def test_buyer_addresses_note_and_transaction_arrive(stand: PrestaOrderStand) -> None:
    key = bought(
        stand,
        buyer=Buyer(company="Zażółć Sp. z o.o.", tax_number="526-000-12-46", flat="lok. 3", guest=False),
        delivery=Buyer(street="ul. Odległa 1", city="Łódź", country=1),
        payment="przelewy24",
        transaction="P24-1",
        note="Proszę dzwonić",
    )
    found = one(stand, key)
    assert found.buyer.billing.tax_number == "526-000-12-46"
    assert found.buyer.billing.street == "ul. Źródlana 7 lok. 3"
    assert found.buyer.delivery is not None
    assert (found.buyer.delivery.city, found.buyer.delivery.country) == ("Łódź", "DE")
    assert found.buyer.account
    assert found.note == "Proszę dzwonić"
    assert (found.payment.kind, found.payment.paid, found.payment.reference) == (PaymentKind.ONLINE, True, "P24-1")
    assert found.stage is Stage.NEW
    assert len(found.number) == 9


def test_a_combination_is_bought_by_the_key_its_product_has(stand: PrestaOrderStand) -> None:
    product = next(one for one in stand.state.products if stand.state.owned("combinations", one))
    combination = stand.state.owned("combinations", product)[1]
    (line,) = one(stand, bought(stand, pieces={(product, combination): 2})).lines
    assert (line.product, line.code) == (f"{product}:{combination}", "KUB-0001-Biały")


def test_talk_with_employees_is_no_note(stand: PrestaOrderStand) -> None:
    key = bought(stand)
    for private, employee in (("1", 0), ("0", 3)):
        said = {"id_order": int(key), "message": "Wewnętrzne", "private": private, "id_employee": employee}
        stand.state.insert("messages", said)
    assert one(stand, key).note == ""


def test_a_carrier_stays_the_same_when_it_is_edited(stand: PrestaOrderStand) -> None:
    before = one(stand, bought(stand, carrier=1)).delivery
    edited = stand.state.edit_carrier(1, name="Kurier DPD Polska")
    after = one(stand, bought(stand, carrier=edited)).delivery
    assert (before.method, before.name) == ("1", "Kurier DPD")
    assert (after.method, after.name) == ("1", "Kurier DPD Polska")
    offered = {entry.key: entry.name for entry in orders_of(stand).words().deliveries}
    assert offered["1"] == "Kurier DPD Polska"
    assert len(offered) == 3


def test_an_order_abroad_has_the_rate_and_currency_of_its_own(stand: PrestaOrderStand) -> None:
    euro = stand.state.insert("currencies", {"iso_code": "EUR", "name": "Euro", "conversion_rate": "0.23"})
    key = bought(stand, delivery=Buyer(country=1, city="Berlin"), currency=euro)
    found = one(stand, key)
    assert (found.currency, found.lines[0].tax) == ("EUR", "19%")
    assert paid_by_buyer(found) == found.total


def test_goods_without_tax_say_why(stand: PrestaOrderStand) -> None:
    group = stand.state.add_tax_group("Zwolnione z VAT", "0")
    zero = stand.state.add_tax_group("Stawka 0%", "0")
    books = [stand.state.add_product("K", "Książka", 10, 5, id_tax_rules_group=one) for one in (group, zero)]
    stand.facts.clear()
    found = one(stand, bought(stand, pieces={(book, 0): 1 for book in books}))
    assert [line.tax for line in found.lines] == ["zw", "0%"]


def test_vouchers_come_by_name_and_rate(stand: PrestaOrderStand) -> None:
    other = stand.state.add_product("B", "Książka", 20, 5, id_tax_rules_group=3)
    key = bought(
        stand,
        pieces={(int(stand.simple_product()), 0): 2, (other, 0): 1},
        vouchers=[Voucher(name="LATO", percent=Decimal(10)), Voucher(name="GRATIS", free_shipping=True)],
    )
    found = one(stand, key)
    off = [(each.name, each.tax) for each in found.charges if each.kind is ChargeKind.DISCOUNT]
    assert off == [("LATO", "23%"), ("LATO", "5%"), ("GRATIS", "23%")]
    assert paid_by_buyer(found) == found.total


@pytest.mark.parametrize("seed", range(4))
def test_net_and_gross_both_add_up_and_nearly_every_charge_has_its_rate(stand: PrestaOrderStand, seed: int) -> None:
    chance = Random(1000 + seed)
    since = now(stand)
    for _ in range(100):
        stand.random_order(chance)
    found = everything(orders_of(stand), since)
    assert len(found) == 100
    parts: dict[str, list[OrderLine | Charge]] = {each.key: [*each.lines, *each.charges] for each in found}
    net = {key: sum((part.net or Decimal(0) for part in listed), Decimal(0)) for key, listed in parts.items()}
    assert {each.key: each.total - (each.tax_total or 0) for each in found} == net
    assert [each.key for each in found if paid_by_buyer(each) != each.total] == []
    assert all(line.tax for each in found for line in each.lines)
    unknown = [part for listed in parts.values() for part in listed if not part.tax]
    assert len(unknown) <= 2


# what is asked


def test_nothing_is_asked_that_no_order_speaks_of(stand: PrestaOrderStand) -> None:
    orders = orders_of(stand)
    orders.words()
    since, so_far = now(stand), len(stand.wire.sent)
    for _ in range(30):
        bought(stand)
    assert len(everything(orders, since)) == 30
    assert asked(stand, so_far) == ["orders", "addresses", "customers", "messages"]
    so_far = len(stand.wire.sent)
    everything(orders, since)
    assert asked(stand, so_far) == ["orders"]


def test_no_secret_of_a_buyer_is_asked_for(stand: PrestaOrderStand) -> None:
    orders_of(stand).read([bought(stand, buyer=Buyer(guest=False))])
    shown = [str(sent.url.params.get("display")) for sent in stand.wire.requests]
    assert not any("full" in text or "passwd" in text or "secure_key" in text for text in shown)


def test_a_right_that_is_missing_is_named(stand: PrestaOrderStand) -> None:
    key = bought(stand)
    (account,) = stand.shop.access.accounts.values()
    del account.rights["messages"]
    with pytest.raises(Rejected) as raised:
        orders_of(stand).read([key])
    assert raised.value.problem.code == Code.RIGHT_MISSING
    assert raised.value.problem.as_dict()["resource"] == "messages"


# by changes


def test_more_orders_than_a_page_holds_may_change_in_one_second(stand: PrestaOrderStand) -> None:
    since = now(stand)
    keys = [bought(stand) for _ in range(170)]
    stand.clock.now += 1
    keys.append(bought(stand))
    assert [each.key for each in everything(orders_of(stand), since)] == keys


def test_a_shop_that_dies_over_a_page_is_asked_for_less(stand: PrestaOrderStand) -> None:
    since = now(stand)
    keys = [bought(stand) for _ in range(40)]
    orders = orders_of(stand)
    orders.words()
    stand.shop.faults.add("error", method="GET", resource="orders", times=1)
    assert [each.key for each in everything(orders, since)] == keys
    limits = [each.url.params.get("limit") for each in stand.wire.requests if each.url.path.endswith("/orders")]
    assert limits[:3] == ["50", "25", "25"]


def test_an_answer_that_does_not_obey_is_not_believed(stand: PrestaOrderStand) -> None:
    orders = orders_of(stand)
    for number in range(3):
        stand.clock.now += 10
        stand.shop.faults.break_record("orders", int(bought(stand)), {"date_upd": f"2030-01-0{3 - number} 00:00:00"})
    with pytest.raises(Transient) as raised:
        orders.fetch(now(stand) - timedelta(hours=1), None)
    assert raised.value.problem.code == Code.UNEXPECTED_ANSWER


@pytest.mark.parametrize("minutes", [0, 25, 59])
def test_an_order_of_the_hour_that_comes_twice_is_found(minutes: int) -> None:
    """Clocks go back on 25 October 2026 at 3:00: 2:00 to 3:00 is there twice, and the shop dates both the same."""
    shop = PrestaOrderStand()
    shop.clock.now = datetime(2026, 10, 25, 0, minutes, tzinfo=UTC).timestamp()
    ready = selling(shop)
    since = now(ready)
    keys = set()
    for _ in range(10):
        keys.add(bought(ready))
        ready.clock.now += 700
    assert {each.key for each in everything(orders_of(ready), since)} == keys


def test_an_order_without_a_state_is_still_being_placed(stand: PrestaOrderStand) -> None:
    since = now(stand)
    key = stand.state.add_order(current_state=0, total_paid_tax_incl="10.00")
    page = orders_of(stand).fetch(since, None)
    assert (page.orders, page.errors) == ((), ())
    stand.clock.now += 600
    (error,) = orders_of(stand).fetch(since, None).errors
    assert (error.key, error.problem.as_dict()["field"]) == (str(key), "current_state")


def test_states_made_later_are_known_when_an_order_has_them(stand: PrestaOrderStand) -> None:
    key = bought(stand)
    orders = orders_of(stand)
    orders.words()
    made = stand.state.insert("order_states", {"name": stand.state.in_all("Spakowane"), "delivery": "1"})
    with stand.state.tables["orders"].editing(int(key)) as row:
        row["current_state"] = made
    (found,) = orders.read([key]).orders
    assert (found.state, found.stage) == (str(made), Stage.OPEN)


def test_what_was_learnt_of_the_shop_outlives_the_session(stand: PrestaOrderStand) -> None:
    key = bought(stand)
    orders_of(stand).read([key])
    so_far = len(stand.wire.sent)
    orders_of(stand).read([key])
    assert asked(stand, so_far) == ["orders", "addresses", "customers", "messages"]
