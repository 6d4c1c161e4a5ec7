"""The orders of one WooCommerce shop, and the settings that say where a shop keeps what WooCommerce has no place for.

`order_mapping.py` and `order_amounts.py` read rows, `order_bodies.py` says what is sent; all three are pure.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from integrator.canonical.orders import Known, Order, OrderPage, OrdersRead, OrderUpdate, OrderWords, unseen
from integrator.canonical.records import Key
from integrator.canonical.side import Result
from shops.connectors.base import SettingField, gettext_noop
from shops.connectors.woocommerce.facts import Facts
from shops.connectors.woocommerce.order_mapping import OrderOptions
from shops.connectors.woocommerce.order_reading import OrderReading
from shops.connectors.woocommerce.order_writing import OrderWriting
from shops.connectors.woocommerce.rest import Rest

_DEFAULT = OrderOptions()
_SEVERAL = gettext_noop("Names of fields, parted by commas; * stands for anything. The first that is filled in counts.")

ORDER_SETTINGS = (
    SettingField(
        name="order_tax_number",
        label=gettext_noop("Fields of an order that hold the buyer's tax number"),
        default=", ".join(_DEFAULT.tax_number),
        help=_SEVERAL,
    ),
    SettingField(
        name="order_invoice",
        label=gettext_noop("Fields of an order that say that an invoice is wanted"),
        default=", ".join(_DEFAULT.invoice),
        help=_SEVERAL,
    ),
    SettingField(
        name="order_pickup",
        label=gettext_noop("Fields of an order that hold the code of the pick-up point"),
        default=", ".join(_DEFAULT.pickup),
        help=_SEVERAL,
    ),
    SettingField(
        name="order_pickup_name",
        label=gettext_noop("Fields of an order that describe the pick-up point"),
        default=", ".join(_DEFAULT.pickup_name),
        help=_SEVERAL,
    ),
    SettingField(
        name="order_tracking",
        label=gettext_noop("Where tracking numbers go"),
        kind="choice",
        default=_DEFAULT.tracking,
        choices=(
            ("meta", gettext_noop("into the order's field that tracking plugins show")),
            ("plugin", gettext_noop("to the plugin Shipment Tracking or Advanced Shipment Tracking")),
            ("fulfillments", gettext_noop("into WooCommerce's own fulfilments")),
        ),
        help=gettext_noop("Fulfilments are a feature of WooCommerce 10.1 and later that has to be switched on there."),
    ),
    SettingField(
        name="order_documents",
        label=gettext_noop("Field of an order that gets the numbers of documents"),
        default=_DEFAULT.documents,
        help=gettext_noop("Leave it empty to have them written into a note to the order."),
    ),
)


def order_options(settings: Mapping[str, Any]) -> OrderOptions:
    """The connection's settings with their defaults. An emptied list of fields means that none is looked at."""

    def listed(name: str, default: tuple[str, ...]) -> tuple[str, ...]:
        given = settings.get(name)
        return default if given is None else tuple(part.strip() for part in str(given).split(",") if part.strip())

    return OrderOptions(
        tax_number=listed("order_tax_number", _DEFAULT.tax_number),
        invoice=listed("order_invoice", _DEFAULT.invoice),
        pickup=listed("order_pickup", _DEFAULT.pickup),
        pickup_name=listed("order_pickup_name", _DEFAULT.pickup_name),
        tracking=str(settings.get("order_tracking") or _DEFAULT.tracking),
        documents=str(settings.get("order_documents", _DEFAULT.documents)).strip(),
    )


class WooOrders:
    """`canonical.orders.Orders` of one session."""

    def __init__(self, rest: Rest, facts: Facts, settings: Mapping[str, Any]) -> None:
        options = order_options(settings)
        self._rest = rest
        self._facts = facts
        self._reading = OrderReading(rest, facts, options)
        self._writing = OrderWriting(rest, self._reading, options)

    def fetch(self, since: datetime, cursor: str | None, known: Known = unseen) -> OrderPage:
        return self._reading.fetch(since, cursor, known)

    def read(self, keys: Sequence[Key]) -> OrdersRead:
        return self._reading.read(keys)

    def words(self) -> OrderWords:
        return self._reading.words()

    def update(self, rows: Sequence[OrderUpdate], known: Mapping[Key, Order]) -> list[Result]:
        return self._writing.update(rows, known)

    def admin_url(self, key: Key) -> str:
        """Where the shop's panel shows the order; older shops keep orders as posts."""
        return order_url(self._rest.api.base, {"shop": self._facts.shop}, key)


def order_url(address: str, facts: Mapping[str, Any], key: Key) -> str:
    """Orders have a page of their own where the shop keeps them in tables of their own, else they are posts."""
    panel = f"{address.rstrip('/')}/wp-admin"
    if facts.get("shop", {}).get("hpos"):
        return f"{panel}/admin.php?page=wc-orders&action=edit&id={key}"
    return f"{panel}/post.php?post={key}&action=edit"
