"""Whose order it becomes in WAPRO, and which cards and contractors are refused before anything is written."""

from datetime import date
from typing import Any

import pytest
from django.db import connections

from integrator.canonical.problems import Code
from syncjobs import runs
from syncjobs.models import OrderTerms, ShopOrder
from syncjobs.orders import acting
from syncjobs.orders.trial import Trial, try_order
from tests.pipeline.selling import Shop
from wapro.models import WaproConnection

pytestmark = pytest.mark.one_database

Status = ShopOrder.Status
MAIL = "zosia@example.com"
WANTS_INVOICE = [{"id": 9001, "key": "_billing_faktura", "value": "tak"}]
PERSON = {
    "first_name": "Zofia", "last_name": "Kot", "company": "", "address_1": "Polna 1", "address_2": "", "city": "Łódź",
    "postcode": "90-001", "country": "PL", "state": "", "email": MAIL, "phone": "501 501 501",
}  # fmt: skip


def codes(order: ShopOrder) -> list[str]:
    return [one["code"] for one in order.reasons]


def in_company(shop: Shop, sql: str, *values: Any) -> None:
    with shop.accountant() as alias, connections[alias].cursor() as cursor:
        cursor.execute(sql, values)


def known(shop: Shop, *contractors: int, blocked: bool = False) -> None:
    """These contractors of the company, private people, have the buyer's e-mail."""
    for one in contractors:
        in_company(
            shop,
            "UPDATE KONTRAHENT SET ADRES_EMAIL = %s, ZABLOKOWANY = %s WHERE ID_KONTRAHENTA = %s",
            MAIL,
            int(blocked),
            one,
        )


def sold(shop: Shop, **fields: Any) -> ShopOrder:
    key = shop.sell()
    shop.simulator.state.edit_order(key, **({"billing": PERSON} | fields))
    shop.later()
    return shop.order(key)


def again(shop: Shop, order: ShopOrder) -> ShopOrder:
    acting.act(order.pk, "retry", shop.lab.user)
    shop.later()
    order.refresh_from_db()
    return order


def fetched(shop: Shop) -> None:
    """The snapshot is as the company's cards are."""
    runs.start_run(shop.lab.shop_connection)
    shop.work()


def tried(shop: Shop, order: ShopOrder) -> Trial:
    return try_order(OrderTerms.objects.select_related("connection").get(), WaproConnection.objects.get(), order)


def test_an_invoice_for_a_private_buyer_is_made_out_to_nobody_else(shop: Shop) -> None:
    order = sold(shop, meta_data=WANTS_INVOICE)
    assert (order.status, codes(order), shop.in_wapro()) == (Status.HELD, [Code.BUYER_MISSING], 0)
    known(shop, 501)
    order = again(shop, order)
    assert (order.status, order.contractor) == (Status.PLACED, "501")


def test_a_blocked_private_buyer_does_not_come_in_as_retail_sales(shop: Shop) -> None:
    known(shop, 501, blocked=True)
    order = sold(shop)
    assert (order.status, codes(order), shop.in_wapro()) == (Status.HELD, [Code.CONTRACTOR_BLOCKED], 0)


def test_retail_sales_instead_of_two_contractors_of_one_mail_are_said(shop: Shop) -> None:
    known(shop, 501, 502)
    order = sold(shop)
    assert (order.status, order.contractor) == (Status.PLACED, "1")
    assert Code.BUYER_UNCERTAIN in codes(order)


def test_a_street_that_wapro_has_no_room_for_is_said_with_all_other_reasons(shop: Shop) -> None:
    WaproConnection.objects.update(create_contractors=True, experimental_tested_on=date(2026, 1, 1))
    OrderTerms.objects.update(private="one_off", deliveries={})
    order = sold(shop, billing=PERSON | {"address_1": "x" * 60})
    assert set(codes(order)) == {Code.TOO_LONG, Code.DELIVERY_UNMAPPED}
    assert Code.TOO_LONG in [one.code for one in tried(shop, order).remarks]


def test_a_card_that_may_not_be_sold_is_known_before_wapro_refuses_it(shop: Shop) -> None:
    in_company(shop, "UPDATE ARTYKUL SET ZABLOKOWANY = 1 WHERE INDEKS_KATALOGOWY = 'LOP00007'")
    fetched(shop)
    OrderTerms.objects.update(deliveries={})
    order = sold(shop)
    assert set(codes(order)) == {Code.CARD_BLOCKED, Code.DELIVERY_UNMAPPED}
    assert {one.code for one in tried(shop, order).problems} == {Code.CARD_BLOCKED, Code.DELIVERY_UNMAPPED}
    assert not tried(shop, order).goes_in


def test_a_card_that_was_unblocked_since_the_last_fetch_holds_nothing(shop: Shop) -> None:
    in_company(shop, "UPDATE ARTYKUL SET ZABLOKOWANY = 1 WHERE INDEKS_KATALOGOWY = 'LOP00007'")
    fetched(shop)
    order = sold(shop)
    assert (order.status, codes(order)) == (Status.HELD, [Code.CARD_BLOCKED])
    in_company(shop, "UPDATE ARTYKUL SET ZABLOKOWANY = 0 WHERE INDEKS_KATALOGOWY = 'LOP00007'")
    assert again(shop, order).status == Status.PLACED
