"""Orders of a shop that sells, into the sample company and back, by the same slices that everything runs in."""

from decimal import Decimal

import pytest

from integrator.canonical.errors import OutcomeUnknown
from integrator.canonical.kinds import Kind
from integrator.canonical.problems import Code
from syncjobs import runs
from syncjobs.models import Link, OrderPromise, OrderTerms, ShopOrder
from syncjobs.models.choices import LinkState
from syncjobs.orders import acting, placing, promises
from tests.pipeline.selling import GOODS, Shop
from wapro.orders.erp import ErpOrders, open_orders
from wapro.sample.procedures.accountant import Accountant

Status = ShopOrder.Status


def test_an_order_goes_in_and_its_way_comes_back(shop: Shop) -> None:
    key = shop.sell({shop.products[0]: 2, shop.products[1]: 1})
    shop.later()
    order = shop.order(key)
    assert (order.status, order.reasons and order.reasons[0]["code"]) == (Status.PLACED, Code.ORDER_BY_DEFAULT)
    assert order.erp_number == f"WOOA-{key}"
    assert order.proof["holds"]
    with open_orders(shop.lab.erp_connection) as orders:
        (there,) = orders.read([order.erp_key])
    assert there.gross == order.total
    with shop.accountant() as alias:
        person = Accountant(alias)
        made = person.realise(int(order.erp_key))
        person.ship(int(order.erp_key), "PACZKA-1")
    shop.later()
    order.refresh_from_db()
    assert made.document_number in order.told["documents"]
    row = shop.simulator.state.orders.get(key) if hasattr(shop.simulator.state, "orders") else None
    assert row is None or row["status"] == "completed"
    verbs = list(order.events.values_list("verb", flat=True))
    assert verbs[0] == "placed"
    assert {"decided", "realised", "document", "parcel", "told"} <= set(verbs)
    called = order.events.get(side="erp", verb="placed").data["exchange"]
    made = [line for line in called["request"].splitlines() if line.startswith("EXEC ")]
    assert [line.split()[1] for line in made] == [
        "RM_DodajZamowienie_Server",
        *["RM_DodajPozycjeZamowienia"] * 3,
        "RM_SumujZamowienie",
        "RM_KontrolaCenPozycjiZamowienia",
        "JL_PobierzFormatNumeracji_Server",
        "RM_ZatwierdzZamowienie",
    ]
    assert order.erp_document in called["answer"]
    before = shop.simulator.stats.as_json()["writes"]
    shop.later(10)
    assert shop.simulator.stats.as_json()["writes"] == before, "the shop is told once"


def test_nothing_is_doubled_when_the_answer_of_wapro_is_lost(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    key = shop.sell()
    real = ErpOrders.place
    lost = [True]

    def place(self, order):
        placed = real(self, order)
        if lost:
            lost.clear()
            raise OutcomeUnknown(detail="the line broke")
        return placed

    monkeypatch.setattr(ErpOrders, "place", place)
    shop.later()
    shop.later()
    assert shop.order(key).status == Status.PLACED
    assert shop.in_wapro() == 1


def test_a_worker_that_dies_after_the_write_finds_the_order(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """The intent was stored, WAPRO has the order, and nothing of that was saved here."""
    key = shop.sell()
    monkeypatch.setattr(placing, "_placed", lambda *_: (_ for _ in ()).throw(SystemExit("killed")))
    with pytest.raises(SystemExit):
        shop.later()
    assert shop.order(key).status == Status.INTENDED
    assert shop.in_wapro() == 1
    monkeypatch.undo()
    shop.later()
    order = shop.order(key)
    assert (order.status, shop.in_wapro()) == (Status.PLACED, 1)
    assert order.events.get(verb="placed", side="erp").data["found"] is True


@pytest.mark.failure_mode("F9")
def test_what_cannot_be_written_waits_with_its_reasons_and_goes_in_when_they_are_mended(shop: Shop) -> None:
    unknown = shop.simulator.state.add_product("OBCY-1", "Nie z WAPRO", "10.00", 5)
    key = shop.sell({unknown: 1})
    shop.later()
    order = shop.order(key)
    assert (order.status, [one["code"] for one in order.reasons]) == (Status.HELD, [Code.ARTICLE_UNKNOWN])
    assert shop.in_wapro() == 0
    Link.objects.create(
        connection=shop.lab.shop_connection,
        kind=Kind.PRODUCT,
        erp_key="MLO00004",
        shop_key=str(unknown),
        origin="person",
        state=LinkState.LINKED,
    )
    ShopOrder.objects.filter(pk=order.pk).update(to_decide=True)
    shop.later()
    assert shop.order(key).status == Status.PLACED


def test_a_transfer_waits_for_its_payment_and_its_goods_are_promised_meanwhile(shop: Shop) -> None:
    key = shop.sell({shop.products[0]: 3}, payment="bacs")
    shop.later()
    order = shop.order(key)
    assert (order.status, order.reasons[0]["code"]) == (Status.WAITING, Code.PAYMENT_AWAITED)
    assert promises.open_of(shop.lab.erp_connection, [GOODS[0]], as_of=None, counts_reserved=True) == {GOODS[0]: 3}
    shop.simulator.state.pay_order(key)
    shop.later()
    assert shop.order(key).status == Status.PLACED


def test_a_cancelled_order_is_cancelled_there_and_gives_its_goods_back(shop: Shop) -> None:
    key = shop.sell({shop.products[0]: 2})
    shop.later()
    assert shop.order(key).status == Status.PLACED
    shop.simulator.state.cancel_order(key)
    shop.later()
    order = shop.order(key)
    assert order.status == Status.CANCELLED
    with open_orders(shop.lab.erp_connection) as orders:
        (there,) = orders.read([order.erp_key])
    assert there.cancelled
    assert not OrderPromise.objects.filter(order=order, ended_at=None).exists()


def test_two_shops_that_issue_the_same_number_do_not_meet(shop: Shop) -> None:
    """The prefix is the connection's own."""
    key = shop.sell()
    shop.later()
    first = shop.order(key)
    OrderTerms.objects.update(prefix="WOOB")
    ShopOrder.objects.filter(pk=first.pk).delete()
    OrderTerms.objects.update(since=None, next_at=None)
    shop.later()
    second = shop.order(key)
    assert (first.erp_number, second.erp_number) == (f"WOOA-{key}", f"WOOB-{key}")
    assert shop.in_wapro() == 2


def test_every_promise_is_of_whole_pieces_of_the_card(shop: Shop) -> None:
    key = shop.sell({shop.products[0]: 2, shop.products[1]: 1})
    shop.later()
    found = dict(OrderPromise.objects.filter(order=shop.order(key)).values_list("product", "quantity"))
    assert found == {GOODS[0]: Decimal(2), GOODS[1]: Decimal(1)}


def test_a_mistake_of_ours_stops_the_orders_and_nothing_else(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("syncjobs.orders.deciding.decide_rows", lambda *_: 1 / 0)
    key = shop.sell()
    run = runs.start_run(shop.lab.shop_connection, kinds=[Kind.TAX_RATE])
    shop.work()
    assert shop.lab.step(run, Kind.TAX_RATE).status == "succeeded"
    shop.terms.refresh_from_db()
    assert shop.terms.erp_problem["code"] == Code.INTERNAL
    monkeypatch.undo()
    shop.later(30)
    assert shop.order(key).status == Status.PLACED


def test_what_a_person_decides_while_wapro_is_asked_is_not_overwritten(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The worker holds the order it read before; the person's word is the later one."""
    real = ErpOrders.contractors_by_email

    def asked(self, *args):
        row = ShopOrder.objects.get()
        if row.status != Status.IGNORED:
            acting.act(row.pk, "leave", shop.lab.user, "Klient zrezygnował przez telefon")
        return real(self, *args)

    monkeypatch.setattr(ErpOrders, "contractors_by_email", asked)
    key = shop.sell()
    shop.later()
    assert (shop.order(key).status, shop.in_wapro()) == (Status.IGNORED, 0)


def test_an_order_cancelled_by_a_person_while_it_is_followed_is_cancelled(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = shop.sell()
    shop.work()
    real = ErpOrders.read

    def read(self, keys):
        row = ShopOrder.objects.get()
        if row.status == Status.PLACED:
            acting.act(row.pk, "cancel", shop.lab.user, "Klient zrezygnował przez telefon")
        return real(self, keys)

    monkeypatch.setattr(ErpOrders, "read", read)
    shop.later()
    monkeypatch.undo()
    assert shop.order(key).status == Status.CANCELLED
    with open_orders(shop.lab.erp_connection) as orders:
        assert orders.read([shop.order(key).erp_key])[0].cancelled


def test_an_order_deleted_in_wapro_stays_out_whatever_the_shop_changes(shop: Shop) -> None:
    key = shop.sell({shop.products[0]: 2})
    shop.later()
    with shop.accountant() as alias:
        Accountant(alias).delete(int(shop.order(key).erp_key))
    shop.later()
    shop.simulator.state.edit_order(key, {shop.products[0]: 3})
    shop.later()
    order = shop.order(key)
    assert (order.status, order.reasons[0]["code"]) == (Status.HELD, Code.ORDER_DELETED_THERE)
    assert shop.in_wapro() == 0
    acting.act(order.pk, "overrule", shop.lab.user, "Usunięte przez pomyłkę")
    shop.later()
    assert (shop.order(key).status, shop.in_wapro()) == (Status.PLACED, 1)


def test_an_order_deleted_in_wapro_comes_back_where_that_is_chosen(shop: Shop) -> None:
    OrderTerms.objects.update(again="if_deleted")
    key = shop.sell()
    shop.later()
    with shop.accountant() as alias:
        Accountant(alias).delete(int(shop.order(key).erp_key))
    shop.later()
    assert (shop.order(key).status, shop.in_wapro()) == (Status.PLACED, 1)


def test_an_order_whose_document_is_wanted_is_listed_until_wapro_shows_one(shop: Shop) -> None:
    OrderTerms.objects.update(choices={"cod|processing": "document"})
    key = shop.sell()
    shop.later()
    order = shop.order(key)
    assert (order.status, order.to_document) == (Status.PLACED, True)
    with shop.accountant() as alias:
        made = Accountant(alias).realise(int(order.erp_key))
    shop.later()
    order = shop.order(key)
    assert not order.to_document
    assert made.document_number in order.told["documents"]


def test_an_order_cancelled_in_wapro_comes_in_once_more_when_a_person_says_so(shop: Shop) -> None:
    key = shop.sell()
    shop.later()
    first = shop.order(key)
    with shop.accountant() as alias:
        Accountant(alias).cancel(int(first.erp_key))
    shop.later()
    assert shop.order(key).status == Status.CANCELLED
    assert "overrule" not in acting.offered(shop.order(key))
    OrderTerms.objects.update(again="yes")
    shop.later()
    assert "overrule" not in acting.offered(shop.order(key)), "the shop was told, and says that it is cancelled"
    shop.simulator.state.set_order_status(key, "processing")
    shop.later()
    acting.act(first.pk, "overrule", shop.lab.user, "Klient jednak chce")
    shop.later()
    order = shop.order(key)
    assert (order.status, order.erp_number) == (Status.PLACED, f"WOOA-{key}/2")
    assert order.erp_key != first.erp_key
    assert shop.in_wapro() == 2
