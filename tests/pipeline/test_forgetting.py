"""Buyers are forgotten when they ask, when they are old and when WAPRO has anonymised them; and are not read back."""

import json
from datetime import timedelta

import pytest
from django.core import serializers
from django.core.management import CommandError, call_command
from django.db import connections
from django.utils import timezone
from pytest_django.fixtures import Settings

from integrator.accounts.models import AuditEntry
from syncjobs.models import OrderEvent, OrderTerms, ShopOrder
from syncjobs.orders import acting, arriving, forgetting
from syncjobs.orders.personal import Wanted
from syncjobs.retention import prune
from syncjobs.retention_rows import named
from tests.pipeline.selling import Shop
from wapro.sample.procedures.accountant import Accountant

pytestmark = pytest.mark.one_database


def finished(shop: Shop) -> ShopOrder:
    """An order that went into WAPRO, was sent and is over."""
    order = placed(shop)
    with shop.accountant() as alias:
        person = Accountant(alias)
        person.realise(int(order.erp_key))
        person.ship(int(order.erp_key), "PACZKA-1")
    shop.later()
    ShopOrder.objects.filter(pk=order.pk).update(status=ShopOrder.Status.DONE, done_at=timezone.now())
    return shop.order(int(order.shop_key))


def placed(shop: Shop) -> ShopOrder:
    key = shop.sell()
    shop.later()
    return shop.order(key)


def kept(order: ShopOrder) -> str:
    """All that the panel's database holds of an order, as text."""
    rows = [*ShopOrder.objects.filter(pk=order.pk), *OrderEvent.objects.filter(order=order)]
    return json.dumps(json.loads(serializers.serialize("json", rows)), ensure_ascii=False)


def marks(order: ShopOrder) -> list[str]:
    """What names the buyer, as the shop gave it."""
    buyer = arriving.order_in(order).buyer
    given = [buyer.email, buyer.billing.last_name, buyer.billing.street, buyer.billing.phone, buyer.billing.postcode]
    assert all(given), "the simulated buyer must have all of them, else this proves nothing"
    return given


def test_a_buyer_who_asks_is_gone_and_is_not_read_back(shop: Shop) -> None:
    order = finished(shop)
    buyer = marks(order)
    total = order.total
    gone, left = forgetting.forget_person(shop.lab.shop_connection.client, Wanted(email=buyer[0].upper()))
    assert (gone, left) == (1, [])
    order.refresh_from_db()
    assert [mark for mark in buyer if mark in kept(order)] == []
    assert order.total == total
    assert acting.offered(order) == ()
    OrderTerms.objects.update(since=timezone.now() - timedelta(days=2), next_at=None)
    shop.later(60)
    assert [mark for mark in buyer if mark in kept(order)] == [], "the next fetch must not bring it back"
    entry = AuditEntry.objects.get(verb="orders.forget")
    assert buyer[0] not in json.dumps(entry.data) + entry.subject


def test_an_open_order_keeps_the_address_it_goes_to_and_the_command_says_so(shop: Shop) -> None:
    order = placed(shop)
    client = shop.lab.shop_connection.client
    with pytest.raises(CommandError, match=str(order)):
        call_command("personal_data", "--client", str(client.pk), "--email", marks(order)[0], "--forget")
    assert marks(shop.order(int(order.shop_key)))[1] in kept(order)


def test_who_bought_long_ago_goes_with_the_retention(shop: Shop, settings: Settings) -> None:
    order = finished(shop)
    buyer = marks(order)
    now = timezone.now() + timedelta(days=settings.KEEP_DAYS["buyers"] - 1)
    list(prune(named(["buyers"]), now=now))
    assert buyer[0] in kept(order)
    list(prune(named(["buyers"]), now=now + timedelta(days=2)))
    assert [mark for mark in buyer if mark in kept(order)] == []


def test_a_contractor_that_wapro_anonymised_is_forgotten_within_a_day(shop: Shop) -> None:
    order = finished(shop)
    buyer = marks(order)
    there = shop.counted("SELECT MAX(ID_KONTRAHENTA) FROM KONTRAHENT")
    ShopOrder.objects.filter(pk=order.pk).update(contractor=str(there))
    shop.later(minutes=24 * 60 + 1)
    assert buyer[0] in kept(order), "an older program marks nobody"
    with shop.accountant() as alias, connections[alias].cursor() as cursor:
        cursor.execute("ALTER TABLE KONTRAHENT ADD COLUMN RODO_ZANONIMIZOWANY smallint")
        cursor.execute("UPDATE KONTRAHENT SET RODO_ZANONIMIZOWANY = 1 WHERE ID_KONTRAHENTA = %s", [there])
        assert cursor.rowcount == 1
    shop.later(minutes=24 * 60 + 1)
    assert [mark for mark in buyer if mark in kept(order)] == []
