"""Orders that are held for an unknown article go in when products are linked, by a run or by a person."""

from integrator.canonical.kinds import Kind
from integrator.canonical.problems import Code
from syncjobs import pairs, runs
from syncjobs.engine.policy import Criterion
from syncjobs.models import OrderPromise, ShopOrder, SyncOptions
from tests.pipeline.selling import Shop

Status = ShopOrder.Status


def test_an_order_held_for_an_article_goes_in_when_a_run_or_a_person_links_it(shop: Shop) -> None:
    SyncOptions.objects.filter(kind=Kind.PRODUCT).update(criterion=Criterion.CODE)
    by_code = shop.simulator.state.add_product("MLO00004", "Młotek", "10.00", 5)
    by_hand = shop.simulator.state.add_product("OBCY-1", "Nie z WAPRO", "10.00", 5)
    first, second = shop.sell({by_code: 1}), shop.sell({by_hand: 2})
    shop.work()
    for key in (first, second):
        order = shop.order(key)
        assert (order.status, [one["code"] for one in order.reasons]) == (Status.HELD, [Code.ARTICLE_UNKNOWN])
    runs.start_run(shop.lab.shop_connection)
    shop.work()
    assert (shop.order(first).status, shop.order(second).status) == (Status.PLACED, Status.HELD)
    assert shop.order(second).events.filter(verb="held").count() == 1, "what is still so is told once"
    pairs.link(shop.lab.shop_connection, Kind.PRODUCT, "MLO00003", str(by_hand), shop.lab.user)
    assert OrderPromise.objects.filter(order=shop.order(second), product="MLO00003", quantity=2).exists()
    shop.work()
    assert (shop.order(second).status, shop.in_wapro()) == (Status.PLACED, 2)
