"""Orders: what a buyer asked for, in one shape for every shop. Money is Decimal in the order's currency, times are UTC.

An order is read whole and never edited here; what goes back to the shop is an `OrderUpdate`.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Literal, Protocol

from integrator.canonical.records import Key, Problem
from integrator.canonical.side import Result


class PaymentKind(StrEnum):
    """What sort of payment a shop's own type is: decides what happens by default."""

    COD = "cod"
    TRANSFER = "transfer"
    ONLINE = "online"
    DEFERRED = "deferred"
    UNKNOWN = "unknown"


class Stage(StrEnum):
    """What a shop's own state means."""

    NEW = "new"
    AWAITING_PAYMENT = "awaiting_payment"
    OPEN = "open"
    """Accepted, being prepared."""
    SENT = "sent"
    DONE = "done"
    CANCELLED = "cancelled"
    RETURNED = "returned"
    UNKNOWN = "unknown"

    @property
    def over(self) -> bool:
        """Nothing more is expected of the order."""
        return self in (Stage.DONE, Stage.CANCELLED, Stage.RETURNED)


class ChargeKind(StrEnum):
    """Amounts of an order that are no goods. A discount is negative."""

    SHIPPING = "shipping"
    COD = "cod"
    PACKING = "packing"
    DISCOUNT = "discount"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    first_name: str = ""
    last_name: str = ""
    company: str = ""
    tax_number: str = ""
    """As typed by the buyer."""
    street: str = ""
    """With the numbers of house and flat."""
    postcode: str = ""
    city: str = ""
    country: str = ""
    """Two letters, upper case."""
    phone: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Buyer:
    email: str = ""
    phone: str = ""
    billing: Address = field(default_factory=Address)
    delivery: Address | None = None
    """None: where the invoice goes."""
    wants_invoice: bool | None = None
    """None: the shop does not ask."""
    account: Key = ""
    """The shop's key of the buyer's account, empty for a guest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderLine:
    """Amounts are those of the whole line after every discount on it."""

    key: Key
    product: Key = ""
    """Key of the product or variant, empty when the shop no longer knows it."""
    code: str = ""
    ean: str = ""
    name: str = ""
    quantity: Decimal
    unit: str = ""
    net: Decimal | None = None
    gross: Decimal | None = None
    """At least one of `net` and `gross` is there."""
    tax: str = ""
    """The rate as the shop names it: `23%`, `zw`, a class."""
    percent: Decimal | None = None
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Charge:
    kind: ChargeKind
    name: str = ""
    net: Decimal | None = None
    gross: Decimal | None = None
    tax: str = ""
    percent: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    type: Key
    """The shop's key of the way to pay."""
    name: str = ""
    kind: PaymentKind = PaymentKind.UNKNOWN
    paid: bool = False
    amount: Decimal | None = None
    """Paid so far, where the shop tells."""
    reference: str = ""
    """Of the transaction."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PickupPoint:
    code: str
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    method: Key
    """The shop's key of the way to deliver."""
    name: str = ""
    pickup: PickupPoint | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    number: str
    """For tracking."""
    carrier: str = ""
    """As the ERP names it."""
    url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    key: Key
    """The shop's own id that never changes."""
    number: str
    """As the buyer sees it."""
    placed_at: datetime
    changed_at: datetime | None = None
    state: Key
    """The shop's key of the state."""
    stage: Stage = Stage.UNKNOWN
    currency: str = "PLN"
    basis: Literal["net", "gross"] = "gross"
    """Which of its amounts the shop calculates from."""
    lines: tuple[OrderLine, ...]
    charges: tuple[Charge, ...] = ()
    total: Decimal
    """Gross, as the buyer pays it."""
    tax_total: Decimal | None = None
    refunded: Decimal = Decimal(0)
    """Given back to the buyer so far, gross, where the shop tells; `total` and lines are without it."""
    buyer: Buyer = field(default_factory=Buyer)
    payment: Payment
    delivery: Delivery
    note: str = ""
    """From the buyer."""
    is_test: bool = False
    parcels: tuple[Parcel, ...] = ()
    """Already known to the shop."""
    merged: tuple[Key, ...] = ()
    """Orders that were put together with it, or that it was put into: the same goods may stand in both."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderError:
    """An order that could not be read. `key` is empty when not even the key could be."""

    key: Key
    number: str = ""
    """As people know it, where that could be read."""
    problem: Problem
    excerpt: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """How an order stood when it was last fetched or told of."""

    state: Key
    mark: str
    """As the page said it: tells all else that the shop's list shows of it, the date of its change left out. Opaque."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """An order that is as it was seen, but for its state and what is paid of it."""

    key: Key
    state: Key
    stage: Stage
    changed_at: datetime | None
    paid: bool
    amount: Decimal | None

    def of(self, order: Order) -> Order:
        """The order after this."""
        payment = replace(order.payment, paid=self.paid, amount=self.amount)
        return replace(order, state=self.state, stage=self.stage, changed_at=self.changed_at, payment=payment)


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderPage:
    """One page of orders, oldest change first. `errors`: orders that could not be read, each by its key."""

    orders: tuple[Order, ...]
    moved: tuple[Moved, ...] = ()
    """Only of those that are known."""
    errors: tuple[OrderError, ...] = ()
    marks: Mapping[Key, str] = field(default_factory=dict)
    """By order, those included that were left out as they stood as before."""
    next_cursor: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OrdersRead:
    """Answer to a read by keys. An order in none of the three was not answered for."""

    orders: tuple[Order, ...] = ()
    gone: tuple[Key, ...] = ()
    errors: tuple[OrderError, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class StateEntry:
    key: Key
    name: str
    stage: Stage


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentEntry:
    key: Key
    name: str
    kind: PaymentKind


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryEntry:
    key: Key
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderWords:
    """What a shop calls its states, payments and deliveries, as far as it lists them itself."""

    states: tuple[StateEntry, ...]
    payments: tuple[PaymentEntry, ...] = ()
    deliveries: tuple[DeliveryEntry, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SaleDocument:
    """A document made in the ERP for an order."""

    number: str
    kind: Literal["invoice", "receipt", "issue", "other"]
    ksef_number: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderUpdate:
    """What the shop is told about one order; None and empty mean nothing new."""

    key: Key
    state: Key | None = None
    paid: bool | None = None
    parcels: tuple[Parcel, ...] = ()
    """All that are known; those the shop has already are left."""
    documents: tuple[SaleDocument, ...] = ()
    notify: bool = False
    """Whether the shop may write to the buyer about it."""


Known = Callable[[Collection[Key]], Mapping[Key, Seen]]
"""How those of these orders stood that were seen before."""


def unseen(keys: Collection[Key]) -> Mapping[Key, Seen]:
    """None was."""
    return {}


class Orders(Protocol):
    """The orders of one shop: a further face of a side that has them. Raises IntegrationError for a whole call."""

    def fetch(self, since: datetime, cursor: str | None, known: Known = unseen) -> OrderPage:
        """Orders placed or changed since then, as far as the shop tells; carts that were never ordered are left out,
        and so are those that stand as they are known. Calling again with the same cursor is allowed."""

    def read(self, keys: Sequence[Key]) -> OrdersRead:
        """The present state of named orders, in as few requests as the shop allows."""

    def words(self) -> OrderWords:
        """The shop's own dictionaries."""

    def update(self, rows: Sequence[OrderUpdate], known: Mapping[Key, Order]) -> list[Result]:
        """Tell the shop. Repeatable: what the shop knows already is not told twice. `known` holds the orders as they
        were last read; one that stands in a third state by now, neither that nor the wanted one, is left as it is
        (Rejected, STALE). `Result.token` is the order's key."""
