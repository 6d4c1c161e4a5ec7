"""A side: one system (the ERP or a shop) seen through the same small interface."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Protocol, runtime_checkable
from urllib.parse import urlsplit

from integrator.canonical.capabilities import Capabilities
from integrator.canonical.errors import IntegrationError
from integrator.canonical.kinds import Kind
from integrator.canonical.preflight import Check
from integrator.canonical.records import Fields, Key, Problem, Record


@dataclass(frozen=True, slots=True, kw_only=True)
class Keyed:
    """A record with its key on its side."""

    key: Key
    record: Record
    kind: Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class ElementError:
    """One element that could not be read. `key` is empty when not even the key could be: then nothing may count as
    missing in this fetch."""

    key: Key
    kind: Kind
    problem: Problem
    excerpt: str = ""
    label: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What to fetch: everything, or (kinds with INCREMENTAL) what changed since, overlap already subtracted."""

    since: datetime | None = None

    @property
    def full(self) -> bool:
        return self.since is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One page of a fetch. `next_cursor` is the side's own, opaque, None after the last page. `total` counts the rows
    of the main kind as the side reports it, where it does."""

    items: tuple[Keyed, ...]
    errors: tuple[ElementError, ...] = ()
    next_cursor: str | None = None
    total: int | None = None


@dataclass(frozen=True, kw_only=True)
class LatePage:
    """A page whose records are made only when somebody asks for them. `digest` is taken from everything that they are
    made from: two pages of one digest hold the same records, so those of a page that was seen before need not be made.
    """

    digest: str
    make: Callable[[], tuple[Sequence[Keyed], Sequence[ElementError]]] = field(compare=False, repr=False)
    next_cursor: str | None = None
    total: int | None = None

    @cached_property
    def _made(self) -> tuple[Sequence[Keyed], Sequence[ElementError]]:
        return self.make()

    @property
    def items(self) -> tuple[Keyed, ...]:
        return tuple(self._made[0])

    @property
    def errors(self) -> tuple[ElementError, ...]:
        return tuple(self._made[1])


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadBack:
    """Answer to a read by keys. A key in none of the three was not answered for."""

    items: tuple[Keyed, ...] = ()
    gone: tuple[Key, ...] = ()
    errors: tuple[ElementError, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class NewElement:
    """An element to create, in the destination's own terms: references hold the destination's keys, text is projected.

    `token` is the row's name in this call (the source's key). Products: `fields` may also hold `price` (in the side's
    basis) and `quantity` when `create_needs` asks for them. A variant has `group_code`, `group_name` and `options`: all
    rows of one call with the same `group_code` belong to one parent, which is looked up by that code first and made if
    missing. Categories: the last name of the path is the one to make, `parent` the destination's key of the category
    above it, "" for one of the top level. Images: `owner` is the destination's `image_owner`, `content` the bytes.
    """

    token: str
    fields: Fields
    group_code: str = ""
    group_name: str = ""
    options: tuple[tuple[str, str], ...] = ()
    parent: Key = ""
    owner: Key = ""
    content: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Patch:
    """New values of named fields of one element; nothing else of it may change. `old` holds what was read before the
    plan was made (the ERP writes only where it still stands so)."""

    key: Key
    fields: Fields
    old: Fields = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """A request and its answer, redacted and shortened, kept with the change for people to read."""

    request: str = ""
    answer: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """Outcome of one row of a write: `key` after success, else `error`. `record` where the answer carries it."""

    token: str
    key: Key = ""
    error: IntegrationError | None = None
    record: Record | None = None
    image_owner: str = ""
    exchange: Exchange | None = None

    @property
    def ok(self) -> bool:
        return self.error is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Answer of `find`: keys of elements that are the wanted one by the side's natural key."""

    keys: tuple[Key, ...] = ()


class Side(Protocol):
    """One system. Methods raise IntegrationError for the whole call; row problems come back as Result.error."""

    capabilities: Capabilities

    def learn(self) -> None:
        """Ask afresh for what the capabilities depend on."""

    def probe(self) -> Iterator[Check]: ...

    def fetch(self, kind: Kind, scope: Scope, cursor: str | None) -> Page | LatePage:
        """One page of records in a stable order. Calling again with the same cursor is allowed."""

    def read(self, kind: Kind, keys: Sequence[Key]) -> ReadBack:
        """The present state of named elements, in as few requests as the system allows."""

    def content(self, kind: Kind, key: Key) -> bytes:
        """Bytes of a picture. Raises Gone."""

    def find(self, kind: Kind, wanted: Sequence[NewElement]) -> Mapping[str, Found]:
        """By token: elements that already are the wanted one."""

    def create(self, kind: Kind, rows: Sequence[NewElement]) -> list[Result]: ...

    def update(self, kind: Kind, rows: Sequence[Patch]) -> list[Result]:
        """`Result.token` is the key. Prices and stock use the product's key."""

    def delete(self, kind: Kind, keys: Sequence[Key]) -> list[Result]:
        """Repeatable: an element that is already gone is a success."""

    def deactivate(self, kind: Kind, keys: Sequence[Key]) -> list[Result]: ...

    def admin_url(self, kind: Kind, key: Key) -> str:
        """Address of the element in the system's own panel, empty where there is none."""

    @property
    def requests_sent(self) -> int:
        """Calls made since the side was opened."""


@runtime_checkable
class Introduces(Protocol):
    """A side that can say which shop or database it is."""

    def identity(self) -> Mapping[str, str]:
        """Facts that stay while it is the same one and differ for another: `licence`, `store`, `installed`, `address`
        (see `fact_address`). In one request; facts that it does not tell are left out."""


def fact_address(url: str) -> str:
    """The address of a shop for comparing: a move to https or to www is none."""
    parts = urlsplit(url if "//" in url else f"//{url}")
    port = f":{parts.port}" if parts.port else ""
    return f"{(parts.hostname or '').removeprefix('www.')}{port}{parts.path.rstrip('/')}"
