"""Webhooks as connectors present them: how a platform's deliveries are read, and how it is asked to send them.

A delivery is only a hint that an element or an order may have changed: what it says is never stored, the thing is read
afresh.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, runtime_checkable

from integrator.canonical.kinds import Kind
from integrator.canonical.records import Key

Headers = Mapping[str, str]
"""Headers of a delivery by lower-case name."""
ORDER: Literal["order"] = "order"
Subject = Kind | Literal["order"]
"""What a delivery or topic is about: a kind of elements, or orders. These are no kind: neither linked nor merged nor
gone through by a run, they go a way of their own from here on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """What a delivery hints at."""

    id: str = ""
    """The platform's own id of this delivery; empty where it has none, then equal bytes are one delivery."""
    topic: str = ""
    subject: Subject | None = None
    """None: nothing that is synchronised, or a body that says nothing."""
    keys: tuple[Key, ...] = ()
    """A product that has variants may be named by its parent's key, a deleted variant by its own id alone."""
    ping: bool = False
    """The platform only tries whether somebody answers. It is not signed, and nothing follows from it."""
    shop: str = ""
    """The shop as the delivery names it, for people."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """Something a platform tells of, by its own name, with what the deliveries are about."""

    name: str
    subject: Subject


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookScheme:
    """How a platform's deliveries are told from forgeries and read. Pure; knows no connection."""

    topics: tuple[Topic, ...]
    """Those that we ask for; those about orders only where orders are taken."""
    verify: Callable[[Headers, bytes, str], bool]
    """Whether the raw body was signed with this secret; takes the same time whatever the signature is."""
    read: Callable[[Headers, bytes], Delivery]
    """Raises nothing: what cannot be read hints at nothing."""
    remark: str = ""
    """Msgid of what people should know of this platform's webhooks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HookState:
    """A webhook as the shop holds it."""

    id: str
    topics: tuple[str, ...]
    url: str
    active: bool
    failures: int | None = None
    """Deliveries in a row that the shop could not make, None where it does not tell."""


class Hooks(Protocol):
    """The webhooks of one shop. Methods raise IntegrationError; each may be repeated."""

    def listed(self) -> list[HookState]:
        """Every webhook of the shop, those of others too."""

    def register(self, topics: Sequence[str], url: str, secret: str) -> None:
        """Have the shop send these topics to the address, signed with the secret. Looks first: a webhook that already
        sends there gets the secret and is switched on, so that none is doubled after a lost answer."""

    def activate(self, hook: str) -> None:
        """Switch a webhook on again that the shop switched off."""

    def remove(self, hook: str) -> None:
        """One that is already gone is a success."""


@runtime_checkable
class SendsHooks(Protocol):
    """What the side of a platform with webhooks offers besides the interface of every side."""

    @property
    def hooks(self) -> Hooks: ...
