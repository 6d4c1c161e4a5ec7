"""Orders of a simulated PrestaShop, and what was asked of it."""

from datetime import UTC, datetime
from typing import Any

from integrator.canonical.orders import Order, Orders
from shops.connectors.prestashop.simulator.order_stand import PrestaOrderStand
from shops.connectors.prestashop.simulator.selling import Basket
from tests.connectors.order_conformance import orders_of, pages
from tests.connectors.wire import wired

__all__ = ["asked", "bought", "changed", "everything", "now", "one", "orders_of", "selling"]


def selling(stand: PrestaOrderStand | None = None) -> PrestaOrderStand:
    """A wired shop of twelve products."""
    ready = wired(stand or PrestaOrderStand())
    ready.fill(12)
    return ready


def now(stand: PrestaOrderStand) -> datetime:
    return datetime.fromtimestamp(stand.clock.now, UTC)


def bought(stand: PrestaOrderStand, **basket: Any) -> str:
    """Key of an order of three pieces of one product, or of what the basket says."""
    simple = int(stand.simple_product())
    return str(stand.state.place_order(Basket(**{"pieces": {(simple, 0): 3}, **basket})))


def everything(orders: Orders, since: datetime) -> list[Order]:
    return [order for page in pages(orders, since) for order in page.orders]


def one(stand: PrestaOrderStand, key: str) -> Order:
    (found,) = orders_of(stand).read([key]).orders
    return found


def asked(stand: PrestaOrderStand, since: int) -> list[str]:
    """Resources that were read since."""
    return [one.url.path.removeprefix("/api/") for one in stand.wire.requests[since:] if one.method in ("GET", "HEAD")]


def changed(stand: PrestaOrderStand, since: int) -> list[str]:
    """Methods and resources of the writes sent since, and whether mails were allowed."""
    return [
        f"{one.method} {one.url.path.removeprefix('/api/')}{' +mail' if 'sendemail' in one.url.params else ''}"
        for one in stand.wire.requests[since:]
        if one.method not in ("GET", "HEAD")
    ]
