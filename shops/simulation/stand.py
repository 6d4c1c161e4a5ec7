"""What the conformance suite needs of a simulated shop: the way in, and the shop owner's own hands."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from random import Random
from typing import Any

from integrator.api_client import Throttle
from integrator.canonical.kinds import Kind
from integrator.canonical.records import Fields, Key
from integrator.canonical.side import NewElement, Side
from shops.connectors.base import MemoryTokens, NetworkPolicy, Platform, ShopAccess


class Clock:
    """Seconds since the epoch that pass only by sleeping."""

    def __init__(self) -> None:
        self.now = 1_764_000_000.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


class Stand(ABC):
    """One simulated shop, fresh for each test."""

    platform: Platform
    credentials: Mapping[str, str]
    settings: Mapping[str, Any] = {}
    app: Callable[..., Any]
    """The simulator, as WSGI calls it."""
    light: Kind | None = None
    """A kind of which one call reads a page, where the first that is read takes several."""
    empty_lists: tuple[str, ...] = ()
    """Bodies that say "there are none" on this platform and would be garbage on another."""
    wire: Any = None
    """A transport to `app`, put in by whoever uses the stand."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.tokens = MemoryTokens()
        self.facts: dict[str, Any] = {}
        self.throttle = Throttle(self.platform.rate)
        self._accesses: list[ShopAccess] = []

    def open(self, **changes: Any) -> Side:
        """A new session. Token, facts and rate limit live on from one to the next, as in the database; what the
        capabilities depend on has been learnt."""
        side = self._open(**changes)
        if side.capabilities.unlearnt:
            side.learn()
            side = self._open(**changes)
        return side

    def _open(self, **changes: Any) -> Side:
        access = ShopAccess(
            address=changes.get("address", "http://127.0.0.1:9"),
            credentials=changes.get("credentials", self.credentials),
            settings=changes.get("settings", self.settings),
            tokens=self.tokens,
            facts=self.facts,
            throttle=self.throttle,
            network=NetworkPolicy(allow_private=True),
            clock=self.clock,
            sleep=self.clock.sleep,
            transport=changes.get("transport", self.wire),
        )
        self._accesses.append(access)
        return self.platform.open(access)

    def close(self) -> None:
        """Ends every session."""
        for access in self._accesses:
            access.close()

    def most_writes(self, keys: Sequence[Key], batch: int) -> int:
        """Most write requests that new stock of these elements may take: what the API's own limits make of them."""
        return -(-len(keys) // batch)

    @abstractmethod
    def secrets(self) -> list[str]:
        """What must turn up nowhere: password, ready tokens, and every token given out so far."""

    @abstractmethod
    def fill(self, products: int) -> None:
        """So many products, some of them with variants, on several pages."""

    @abstractmethod
    def add_product(self) -> Key: ...

    @abstractmethod
    def product_ids(self) -> list[Key]: ...

    @abstractmethod
    def remove_product(self, product_id: Key) -> None: ...

    @abstractmethod
    def spoil_product(self) -> Key:
        """Makes one simple product arrive so that it cannot be read; gives its key."""

    @abstractmethod
    def new(self, kind: Kind, number: int) -> NewElement:
        """An element of the kind that can be created, different for each number."""

    @abstractmethod
    def changes(self, kind: Kind) -> Fields:
        """New values for every field of the kind that may be changed on a linked element."""

    @abstractmethod
    def stored(self, kind: Kind, key: Key) -> Mapping[str, Any]:
        """The element as the shop itself keeps it, one level: dotted names to plain values."""

    @abstractmethod
    def footprint(self, kind: Kind, field: str) -> set[str]:
        """Names in `stored` that may change when this field alone is written."""

    def another_shop(self) -> None:
        """Another shop of the platform answers at the same address from now on."""
        raise NotImplementedError

    @abstractmethod
    def revoke_tokens(self) -> None: ...

    @abstractmethod
    def change_password(self) -> None: ...

    @abstractmethod
    def touch_product(self) -> Key:
        """Changes a product the way an administrator does; gives its key."""


class OrderStand(Stand):
    """One simulated shop that sells, for the suite of orders."""

    sent_state: Key
    """The shop's state of an order that has left."""

    @abstractmethod
    def place_order(self, lines: int = 1) -> Key:
        """Somebody buys pieces of so many products, to be sent, by a payment that is awaited; gives the order's key."""

    @abstractmethod
    def random_order(self, chance: Random) -> Key:
        """An order with whatever moves money: VAT rates, quantities, prices, discounts, delivery and other charges."""

    @abstractmethod
    def pay_order(self, key: Key) -> None: ...

    @abstractmethod
    def cancel_order(self, key: Key) -> None: ...

    @abstractmethod
    def edit_order(self, key: Key) -> None:
        """Changes an order so that the shop tells of it, without finishing it."""

    @abstractmethod
    def remove_order(self, key: Key) -> None: ...

    @abstractmethod
    def spoil_order(self, key: Key) -> None:
        """Makes one order arrive so that it cannot be read."""

    @abstractmethod
    def order_stored(self, key: Key) -> str:
        """All that the shop keeps of what it is told of an order (state, parcels, payments, notes, dates), as text."""

    def writes(self, request: Any) -> bool:
        """Whether this request (an `httpx.Request`) may change something: not every platform reads by GET alone."""
        return request.method not in ("GET", "HEAD")

    def leave_cart(self) -> None:
        """A buyer goes away before ordering; nothing where carts are no orders."""
