"""WAPRO Mag as a side: what it can do for a connection, and the open side itself."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from typing import Any, Protocol

from django.db import connections
from django.utils.translation import gettext_noop

from integrator.canonical.capabilities import Can, Capabilities, FieldSpec, Find, KindCapabilities
from integrator.canonical.errors import PlanRefused, Rejected
from integrator.canonical.kinds import Kind
from integrator.canonical.preflight import Check
from integrator.canonical.problems import Code, Turn
from integrator.canonical.records import Key
from integrator.canonical.side import Found, LatePage, NewElement, Page, Patch, ReadBack, Result, Scope
from wapro import writer
from wapro.creation import Creator
from wapro.database import CONNECT_SECONDS, QUERY_SECONDS, open_database, refuse_open_transaction
from wapro.errors import canonical_errors
from wapro.models import WaproConnection
from wapro.probe import database_identity, probe
from wapro.reader import PAGE_SIZE, Reader
from wapro.recognition import CARDS, refuse_another

CARD_FIELDS: Mapping[str, FieldSpec] = {
    "name": FieldSpec(max_length=writer.NAME_LENGTH, required=True),
    "description": FieldSpec(max_length=1000),
    "ean": FieldSpec(max_length=20),
    "weight": FieldSpec(decimals=3),
}
"""Plain card fields that may be written. Everything that documents, stock or prices are computed from stays out, and so
does blocking a card: it stops documents."""

_ONLY_ON_A_NEW_CARD = FieldSpec(update=False)
NEW_CARD_FIELDS: Mapping[str, FieldSpec] = {
    "code": FieldSpec(max_length=20, required=True, update=False),
    "unit": FieldSpec(required=True, update=False),
    "tax_rate": FieldSpec(required=True, update=False),
    "producer": _ONLY_ON_A_NEW_CARD,
    "category": _ONLY_ON_A_NEW_CARD,
}
UNIT_FIELDS: Mapping[str, FieldSpec] = {
    "symbol": FieldSpec(max_length=10, required=True, update=False),
    "name": FieldSpec(max_length=20, update=False),
}
_NOT_HERE = gettext_noop("This is kept in WAPRO Mag itself and only read here.")


class Hold(Protocol):
    """The lease of the worker that uses this side."""

    def ensure(self, seconds: float = 0) -> None: ...


def erp_capabilities(connection: WaproConnection) -> Capabilities:
    """What may be done on this connection, by its switches. Opens nothing."""
    creates = connection.create_directly and connection.experimental_tested_on is not None
    new = (Can.CREATE if creates else Can.NOTHING) | (Can.HAND_OVER if connection.write_import_files else Can.NOTHING)
    by_hand = Can.HAND_OVER if connection.write_import_files else Can.NOTHING
    only_read = KindCapabilities(remark=_NOT_HERE)
    return Capabilities(
        label="WAPRO Mag",
        page_size=PAGE_SIZE,
        batch_size=20,
        price_basis="gross",
        kinds={
            Kind.UNIT: KindCapabilities(
                can=Can.READ | new, fields=UNIT_FIELDS if new else {}, find=Find.NATURAL_KEY, remark=_NOT_HERE
            ),
            Kind.TAX_RATE: only_read,
            Kind.PRODUCER: KindCapabilities(
                can=Can.READ | by_hand,
                fields={"name": FieldSpec(max_length=50, required=True, update=False)} if by_hand else {},
                remark=_NOT_HERE,
            ),
            Kind.CATEGORY: KindCapabilities(
                can=Can.READ | by_hand,
                fields={"path": FieldSpec(required=True, update=False)} if by_hand else {},
                remark=_NOT_HERE,
            ),
            Kind.PRODUCT: _products(connection.write_cards, new),
            Kind.IMAGE: only_read,
            Kind.PRICE: only_read,
            Kind.STOCK: only_read,
        },
    )


def _products(write_cards: bool, new: Can) -> KindCapabilities:
    can = Can.READ | new | (Can.UPDATE if write_cards else Can.NOTHING)
    fields = dict(CARD_FIELDS) if can != Can.READ else {}
    if not write_cards:
        fields = {name: _without_update(spec) for name, spec in fields.items()}
    if new:
        fields |= NEW_CARD_FIELDS
    return KindCapabilities(
        can=can,
        fields=fields,
        find=Find.NATURAL_KEY,
        answers_with_record=True,
        remark=gettext_noop(
            "Writing to cards is not a procedure of WAPRO Mag's vendor: test it on a copy of the database first."
        ),
    )


def _without_update(spec: FieldSpec) -> FieldSpec:
    return FieldSpec(max_length=spec.max_length, decimals=spec.decimals, required=spec.required, update=False)


@contextmanager
def open_erp(
    connection: WaproConnection, *, today: date, write: bool = False, hold: Hold | None = None
) -> Iterator["WaproSide"]:
    """The side on an open database, with the write login when asked for. `today` decides which promotions run.

    Raises Unreachable (also for another database than the one tested), AuthFailed or Transient;
    PlanRefused(WRITE_DISABLED) when no way of writing is switched on.
    """
    if write and not (connection.write_cards or connection.create_directly):
        raise PlanRefused(Code.WRITE_DISABLED, turn=Turn.CONNECTION, system="WAPRO Mag")
    if hold is not None:
        hold.ensure(CONNECT_SECONDS)
    with open_database(connection, write) as alias:
        refuse_another(connection, alias, CARDS)
        side = WaproSide(connection, alias, today=today, write=write, hold=hold)
        with connections[alias].execute_wrapper(side.count):
            yield side


class WaproSide:
    """See `integrator.canonical.side.Side`."""

    def __init__(
        self, connection: WaproConnection, alias: str, *, today: date, write: bool, hold: Hold | None = None
    ) -> None:
        self.capabilities = erp_capabilities(connection)
        self._connection = connection
        self._alias = alias
        self._write = write
        self._hold = hold
        self._sent = 0
        self._today = today
        self._reader = Reader(connection, alias, today)

    @property
    def requests_sent(self) -> int:
        """Queries executed since the side was opened."""
        return self._sent

    def count(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        refuse_open_transaction()
        self._sent += 1
        return execute(sql, params, many, context)

    def learn(self) -> None:
        """Nothing: what can be done in WAPRO depends on the settings alone."""

    def identity(self) -> Mapping[str, str]:
        """WAPRODB.WAPRODB_ID."""
        with canonical_errors():
            return {"database": database_identity(self._alias)}

    def probe(self) -> Iterator[Check]:
        yield from probe(self._connection, today=self._today)

    def fetch(self, kind: Kind, scope: Scope, cursor: str | None) -> Page | LatePage:
        """Always everything: WAPRO Mag has no general mark of change, so the scope makes no difference."""
        self._ensure()
        return self._reader.fetch(kind, cursor)

    def read(self, kind: Kind, keys: Sequence[Key]) -> ReadBack:
        self._ensure()
        return self._reader.read(kind, keys)

    def content(self, kind: Kind, key: Key) -> bytes:
        self._ensure()
        return self._reader.content(key)

    def find(self, kind: Kind, wanted: Sequence[NewElement]) -> Mapping[str, Found]:
        self._ensure()
        return self._reader.find(kind, wanted)

    def create(self, kind: Kind, rows: Sequence[NewElement]) -> list[Result]:
        if not self._may(kind, Can.CREATE):
            return [_refused(row.token, Code.CANNOT_CREATE, kind) for row in rows]
        creator = Creator(self._connection, self._reader, self._today)
        made = []
        for row in rows:
            self._ensure()
            made.append(creator.create(kind, row))
        return made

    def update(self, kind: Kind, rows: Sequence[Patch]) -> list[Result]:
        if not self._may(kind, Can.UPDATE):
            return [_refused(row.key, Code.CANNOT_UPDATE, kind) for row in rows]
        done = []
        for row in rows:
            self._ensure()
            done.append(writer.update(self._reader, self.capabilities.of(kind).fields, row))
        return done

    def delete(self, kind: Kind, keys: Sequence[Key]) -> list[Result]:
        """Never: documents may hang on every row of WAPRO Mag."""
        return [_refused(key, Code.NOT_OFFERED, kind) for key in keys]

    def deactivate(self, kind: Kind, keys: Sequence[Key]) -> list[Result]:
        return [_refused(key, Code.NOT_OFFERED, kind) for key in keys]

    def admin_url(self, kind: Kind, key: Key) -> str:
        """WAPRO Mag is a desktop program: there is no address to lead to."""
        return ""

    def _may(self, kind: Kind, what: Can) -> bool:
        return self._write and self.capabilities.can(kind, what)

    def _ensure(self) -> None:
        if self._hold is not None:
            self._hold.ensure(QUERY_SECONDS)


def _refused(token: str, code: Code, kind: Kind) -> Result:
    return Result(token=token, error=Rejected(code, turn=Turn.PERSON, system="WAPRO Mag", kind=kind))
