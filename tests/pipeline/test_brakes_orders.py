"""What brakes mean for orders: they are received, promised and decided whatever is stopped, and wait to be written."""

from django.utils import timezone

from shops.models import ShopConnection
from syncjobs import stops
from syncjobs.models import OrderPromise, OrderTerms, ShopOrder
from syncjobs.orders import brake
from tests.pipeline.selling import Shop

Status = ShopOrder.Status


def test_orders_wait_while_writing_is_stopped_and_beyond_the_limit_of_the_day(shop: Shop) -> None:
    client, person = shop.lab.shop_connection.client, shop.lab.user
    stops.press(client, person, reason="wrong prices")
    first = shop.sell()
    shop.later()
    assert (shop.order(first).status, shop.in_wapro()) == (Status.INTENDED, 0)
    assert OrderPromise.objects.filter(order=shop.order(first), ended_at=None).exists()
    assert stops.release(client, person)
    shop.later()
    assert (shop.order(first).status, shop.in_wapro()) == (Status.PLACED, 1)
    ShopConnection.objects.update(limits={"orders_day": 1})
    second = shop.sell()
    shop.later()
    assert (shop.order(second).status, shop.in_wapro()) == (Status.INTENDED, 1)
    ((terms, objection),) = brake.held([shop.lab.shop_connection.pk], timezone.now())
    assert objection.as_dict() == {"count": "1", "limit": "1"}
    brake.let_go(terms, person)
    shop.later()
    assert (shop.order(second).status, shop.in_wapro()) == (Status.PLACED, 2)
    assert OrderTerms.objects.get().let_go_at is not None
