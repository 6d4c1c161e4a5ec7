"""The demo's checker of orders sees what it must see: a program that finds nothing wrong proves nothing."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from syncjobs.demo.checker.orders import compare
from tests.pipeline.selling import Shop
from wapro.sample.procedures.accountant import Accountant

pytestmark = pytest.mark.one_database

PARCELS = ["0000123", "0000124"]
TAX_NUMBER = "5260001246"


class Compared:
    """An order that was sent, one that is open, one cancelled and one held, and a hand that damages the company."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        unknown = shop.simulator.state.add_product("OBCY-1", "Nie z WAPRO", "10.00", 5)
        self.sent, self.open = str(shop.sell({shop.products[0]: 2, shop.products[1]: 1})), str(shop.sell())
        self.cancelled, self.held = str(shop.sell()), str(shop.sell({unknown: 1}))
        shop.later()
        with shop.accountant() as alias:
            person = Accountant(alias)
            person.realise(int(self.there(self.sent)))
            person.ship(int(self.there(self.sent)), ";".join(PARCELS))
        shop.simulator.state.cancel_order(int(self.cancelled))
        shop.later()

    def there(self, key: str) -> str:
        """The order's key in WAPRO."""
        return self.shop.order(int(key)).erp_key

    def question(self) -> dict[str, Any]:
        plain = {"tracking": [], "tax_number": ""}
        connection = self.shop.lab.shop_connection
        return {
            "sample": self.shop.lab.erp_connection.server,
            "platform": connection.platform,
            "shop": {"address": connection.address, **connection.credentials},
            "prefix": "WOOA",
            "states": dict(self.shop.terms.back_states),
            "sold": {
                self.sent: plain | {"fate": "sent", "tracking": PARCELS},
                self.open: plain | {"fate": "open"},
                self.cancelled: plain | {"fate": "cancelled"},
                self.held: plain | {"fate": "held"},
            },
        }

    def told(self, question: dict[str, Any] | None = None) -> str:
        return "\n".join(compare(question or self.question())["differences"])

    def damage(self, sql: str) -> None:
        path = Path(self.shop.lab.erp_connection.server)
        with closing(sqlite3.connect(path)) as database, database:
            database.execute(sql)


@pytest.fixture
def compared(shop: Shop) -> Compared:
    return Compared(shop)


def test_both_sides_are_equal(compared: Compared) -> None:
    answer = compare(compared.question())
    assert answer["differences"] == []
    assert (answer["orders"], answer["in_company"], answer["parcels"]) == (4, 3, 2)
    assert answer["writes"] > 0


def test_each_damage_is_seen(compared: Compared) -> None:
    order = compared.there(compared.open)
    header = f"UPDATE ZAMOWIENIE SET {{}} WHERE ID_ZAMOWIENIA = {order}"
    line = f"UPDATE POZYCJA_ZAMOWIENIA SET {{}} WHERE ID_ZAMOWIENIA = {order}"
    for damage, told in (
        (header.format("WARTOSC_BRUTTO = WARTOSC_BRUTTO + 0.01"), "by its lines"),
        (line.format("ZAMOWIONO = ZAMOWIONO + 1"), "in the shop is"),
        (header.format("STATUS_ZAM = 'A'"), "cancelled True"),
        (line.format("ZAREZERWOWANO = 0"), "0 pieces are reserved"),
        (header.format("FLAGA_STANU = 1"), "never approved"),
        (header.format("NUMER_PRZESYLKI = 'XYZ'"), "['XYZ'] in the company"),
    ):
        before = Path(compared.shop.lab.erp_connection.server).read_bytes()
        compared.damage(damage)
        assert f"order {compared.open}: " in compared.told()
        assert told in compared.told(), damage
        Path(compared.shop.lab.erp_connection.server).write_bytes(before)
    assert compared.told() == ""


def test_a_lost_and_a_doubled_order_and_one_that_nobody_bought_are_seen(compared: Compared) -> None:
    renumber = "UPDATE ZAMOWIENIE SET NR_ZAMOWIENIA_KLIENTA = 'WOOA-{}' WHERE ID_ZAMOWIENIA = {}"
    order, sent = compared.there(compared.open), compared.there(compared.sent)
    compared.damage(renumber.format(777, order))
    assert f"order {compared.open}: the company has it 0 times" in compared.told()
    assert "order 777: the company has it, and nobody bought it" in compared.told()
    for one in (order, sent):
        compared.damage(renumber.format(compared.open, one))
    assert f"order {compared.open}: the company has it 2 times" in compared.told()


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda one: one["sold"][one["open"]].update(fate="held"), "it is to be held"),
        (lambda one: one["sold"][one["open"]].update(fate="sent"), "to be sent"),
        (lambda one: one["sold"][one["sent"]].update(tracking=PARCELS[:1]), "were sent"),
        (lambda one: one["sold"][one["open"]].update(tax_number=TAX_NUMBER), f"{TAX_NUMBER} bought"),
        (lambda one: one["states"].update(open="on-hold"), "the shop's state is processing"),
        (lambda one: one["sold"].update({"999": one["sold"][one["open"]]}), "the shop does not have it"),
    ],
)
def test_what_ended_in_another_way_is_seen(
    compared: Compared, change: Callable[[dict[str, Any]], None], told: str
) -> None:
    question = compared.question() | {"open": compared.open, "sent": compared.sent}
    change(question)
    assert told in compared.told(question)
