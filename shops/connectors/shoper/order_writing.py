"""Telling the shop what became of orders: parcels, state, payment, numbers of documents.

25 orders take a call to look, one to write (two with parcels and documents) and one to look at what came of it.
Everything may be repeated, because the look comes first: numbers that a parcel carries, documents that the private note
names, a payment or a state that is there are left out. A lost answer is OutcomeUnknown: what was done is seen then.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from integrator.canonical import coerce
from integrator.canonical.errors import Gone, IntegrationError, MappingError, Rejected
from integrator.canonical.orders import Order, OrderUpdate, SaleDocument
from integrator.canonical.problems import Code
from integrator.canonical.records import Key
from integrator.canonical.side import Exchange, Result
from shops.connectors.shoper import order_mapping
from shops.connectors.shoper.bodies import reference
from shops.connectors.shoper.order_lists import Wanted, related
from shops.connectors.shoper.rest import PAGE, Operation, Outcome, Rest, Row

_TOGETHER = 25
_NOTE = "ERP: "
"""Begins the lines that are ours in the private note of an order."""
_NEW = "new"


@dataclass
class Telling:
    """One order on its way: what is wanted, what the shop holds, what came of it."""

    row: OrderUpdate
    order: Row = field(default_factory=dict)
    parcels: list[Row] = field(default_factory=list)
    error: IntegrationError | None = None
    exchange: Exchange | None = None
    shipped: bool = False
    """A parcel was written, so the shop may have moved the state by itself."""
    full: Rejected | None = None
    """The shop took no further parcel, though it has some."""

    def fail(self, error: IntegrationError, exchange: Exchange | None = None) -> None:
        self.error = self.error or error
        self.exchange = self.exchange or exchange

    def result(self) -> Result:
        if self.error is not None:
            return Result(token=self.row.key, error=self.error, exchange=self.exchange)
        return Result(token=self.row.key, key=self.row.key, exchange=self.exchange)


class OrderWriting:
    def __init__(self, rest: Rest) -> None:
        self._rest = rest

    def update(self, rows: Sequence[OrderUpdate], known: Mapping[Key, Order]) -> list[Result]:
        """`known` saves the call where it shows that nothing is new; what is written is decided by a look of our own,
        since neither private notes nor ids of parcels are part of an order."""
        tellings = [Telling(row=row) for row in rows]
        new = [one for one in tellings if _is_new(one.row, known.get(one.row.key))]
        self._look(new)
        for one in new:
            _refuse_moved(one, known.get(one.row.key))
        open_ones = [one for one in new if one.error is None]
        self._write(open_ones)
        self._join([one for one in open_ones if one.full and one.error is None])
        self._settle([one for one in open_ones if one.error is None and one.shipped])
        return [one.result() for one in tellings]

    def _look(self, tellings: Sequence[Telling]) -> None:
        """Fill in what the shop holds. An order that it does not give is gone."""
        ids = {}
        for one in tellings:
            if one.row.key.isdigit():
                ids[int(one.row.key)] = one
            else:
                one.fail(Gone(path=f"orders/{one.row.key}"))
        if not ids:
            return
        orders, parcels = related(
            self._rest,
            Wanted(resource="orders", ids=list(ids), together=PAGE),
            Wanted(resource="parcels", ids=list(ids), together=_TOGETHER),
        )
        for number, one in ids.items():
            one.parcels = parcels[number]
            if orders[number]:
                one.order = orders[number][0]
            else:
                one.fail(Gone(path=f"orders/{number}"))

    def _write(self, tellings: Sequence[Telling]) -> None:
        self._send(_operations(tellings, _news), tellings)

    def _send(self, operations: Sequence[Operation], tellings: Sequence[Telling]) -> None:
        by_key = {one.row.key: one for one in tellings}
        for outcome in self._rest.send(operations):
            what, _, key = outcome.token.partition("|")
            _take(by_key[key], outcome, new_parcel=what == _NEW)

    def _join(self, tellings: Sequence[Telling]) -> None:
        """Where every piece is in a parcel already, Shoper takes no further one; the number joins those of the last
        parcel, whose number alone may still change."""
        if not tellings:
            return
        self._look(tellings)
        self._send(_operations(tellings, _joining), tellings)

    def _settle(self, tellings: Sequence[Telling]) -> None:
        """A sent parcel moves the order to the state that the shop is set to. Only where that is not the one wanted it
        is told; a parcel that did not take `sent` is told in the documentation's word `send`."""
        if not tellings:
            return
        self._look(tellings)
        unsent = _operations(tellings, _sending)
        if unsent:
            self._send(unsent, tellings)
            self._look(tellings)
            if _operations(tellings, _sending):
                for one in tellings:
                    if any(_unsent(one)):
                        one.fail(Rejected(field="sent", message="the parcel was kept, though not as sent"))
        self._send(_operations([one for one in tellings if one.error is None], _moving), tellings)


def _operations(tellings: Sequence[Telling], make: Callable[[Telling], Iterable[Operation]]) -> list[Operation]:
    """What these orders need; one whose rows cannot be read, or that asks for what cannot be, fails alone."""
    found: list[Operation] = []
    for one in tellings:
        try:
            found += list(make(one))
        except (MappingError, Rejected) as error:
            one.fail(error)
    return found


def _take(one: Telling, outcome: Outcome, *, new_parcel: bool) -> None:
    if new_parcel and isinstance(outcome.error, Rejected) and one.parcels:
        one.full = outcome.error
    elif outcome.error is not None:
        one.fail(outcome.error, outcome.exchange)
    elif one.error is None:
        one.exchange = outcome.exchange


def _refuse_moved(one: Telling, order: Order | None) -> None:
    """Somebody gave it another state after it was read: what is wanted was decided for an order that is no more."""
    if one.error is None and order is not None and str(one.order.get("status_id")) not in (order.state, one.row.state):
        one.fail(Rejected(Code.STALE))


def _is_new(row: OrderUpdate, order: Order | None) -> bool:
    """Whether anything may have to be told; documents are known only to the order's private note."""
    if order is None or row.documents:
        return True
    there = {parcel.number for parcel in order.parcels}
    return (
        (row.state is not None and row.state != order.state)
        or (row.paid is True and not order.payment.paid)
        or any(parcel.number not in there for parcel in row.parcels)
    )


def _unsent(one: Telling) -> list[Row]:
    """Parcels with a number of ours that the shop does not hold for sent."""
    wanted = {number for parcel in one.row.parcels for number in order_mapping.split(parcel.number)}
    ours = (parcel for parcel in one.parcels if wanted & set(order_mapping.numbers(parcel)))
    return [parcel for parcel in ours if not coerce.flag(parcel, "sent")]


# what is sent


def _news(one: Telling) -> Iterable[Operation]:
    """Everything that is new, but for a state that a parcel may move."""
    parcels = list(_parcel_operations(one))
    one.shipped = bool(parcels or _unsent(one))
    body = _order_body(one.row, one.order, by_parcel=one.shipped)
    yield from parcels
    if body:
        yield _put(one, f"orders/{one.row.key}", body)


def _sending(one: Telling) -> Iterable[Operation]:
    return [_put(one, _path(parcel), {"send": 1}) for parcel in _unsent(one)]


def _moving(one: Telling) -> Iterable[Operation]:
    if one.row.state is not None and one.row.state != coerce.key(one.order, "status_id"):
        yield _put(one, f"orders/{one.row.key}", {"status_id": reference("status_id", one.row.state)})


def _new_numbers(one: Telling) -> list[str]:
    there = {number for parcel in one.parcels for number in order_mapping.numbers(parcel)}
    wanted = dict.fromkeys(number for parcel in one.row.parcels for number in order_mapping.split(parcel.number))
    return [number for number in wanted if number not in there]


def _parcel_operations(one: Telling) -> Iterable[Operation]:
    """Parcels that were packed in the panel and have no number get the first ones, each its own. What is left goes to
    one new parcel with all goods that are in none: which piece is in which parcel nobody tells us."""
    numbers = _new_numbers(one)
    for parcel in one.parcels:
        if numbers and not order_mapping.numbers(parcel) and not coerce.flag(parcel, "sent"):
            yield _put(one, _path(parcel), {"shipping_code": numbers.pop(0), "sent": 1})
    if numbers:
        new = {
            "order_id": int(one.row.key),
            "shipping_id": int(coerce.key(one.order, "shipping_id")),
            "shipping_code": ", ".join(numbers),
            "sent": 1,
        }
        yield Operation(token=f"{_NEW}|{one.row.key}", method="POST", path="parcels", body=new)


def _joining(one: Telling) -> Iterable[Operation]:
    numbers = _new_numbers(one)
    if one.full is not None and not one.parcels:
        raise one.full
    if numbers:
        last = one.parcels[-1]
        code = ", ".join([*order_mapping.numbers(last), *numbers])
        yield _put(one, _path(last), {"shipping_code": code})


def _put(one: Telling, path: str, body: Mapping[str, Any]) -> Operation:
    return Operation(token=f"|{one.row.key}", method="PUT", path=path, body=body)


def _path(parcel: Row) -> str:
    return f"parcels/{coerce.key(parcel, 'parcel_id')}"


def _order_body(row: OrderUpdate, order: Row, *, by_parcel: bool) -> dict[str, Any]:
    """What changes of the order itself. Its state is left to the parcel where one is sent."""
    body: dict[str, Any] = {}
    state = None if row.state is None else reference("status_id", row.state)
    if state is not None and not by_parcel and row.state != coerce.key(order, "status_id"):
        body["status_id"] = state
    total, paid = coerce.decimal(order, "sum"), coerce.decimal(order, "paid", Decimal(0))
    if row.paid and paid < total:
        body["paid"] = total
    note = str(order.get("notes_priv") or "")
    wanted = with_documents(note, row.documents)
    if wanted != note:
        body["notes_priv"] = wanted
    return body


def with_documents(note: str, documents: Sequence[SaleDocument]) -> str:
    """The private note with a line for each document; what people wrote there stays. A number that any line names in
    full is not written again."""
    lines = note.split("\n") if note else []
    for document in documents:
        text = _NOTE + document.number + (f" (KSeF {document.ksef_number})" if document.ksef_number else "")
        naming = [number for number, line in enumerate(lines) if _names(line, document)]
        ours = [number for number in naming if lines[number].startswith(_NOTE)]
        if not naming:
            lines.append(text)
        elif ours and document.ksef_number and document.ksef_number not in note:
            lines[ours[0]] = text
    return "\n".join(lines)


def _names(line: str, document: SaleDocument) -> bool:
    """`FV 1/2026` is not named by `FV 1/20261` nor by `FV 11/2026`."""
    return f" {document.number} " in f" {line.strip().replace('(', ' (').replace(',', ' ')} "
