"""Orders as the pipeline leaves them, for the pages of orders."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from integrator.canonical.orders import Order
from syncjobs.models.orders import OrderTerms, ShopOrder
from syncjobs.orders import arriving
from tests.orders import make
from tests.web.scene import Scene


def terms(scene: Scene, **more: Any) -> OrderTerms:
    values: dict[str, Any] = {
        "enabled": True,
        "prefix": "DOMO",
        "warehouse": "1",
        "go_live": timezone.now() - timedelta(days=30),
    }
    return OrderTerms.objects.create(connection=scene.shop, **(values | more))


def arrived(found: OrderTerms, order: Order | None = None, **more: Any) -> ShopOrder:
    """An order as it was kept when it was read, then moved on by `more`."""
    order = order or make.order(placed_at=timezone.now() - timedelta(hours=2))
    arriving.keep(found, [order])
    ShopOrder.objects.filter(connection=found.connection, shop_key=order.key).update(**more)
    return ShopOrder.objects.get(connection=found.connection, shop_key=order.key)


def numbered(number: int, **more: Any) -> Order:
    values = {"placed_at": timezone.now() - timedelta(hours=2, minutes=number)} | more
    return make.order(key=str(number), number=str(number), **values)
