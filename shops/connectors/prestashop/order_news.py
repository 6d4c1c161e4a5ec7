"""What of an update a shop does not know yet. Pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import unescape

from integrator.canonical import coerce
from integrator.canonical.errors import Rejected
from integrator.canonical.orders import Order, OrderUpdate, SaleDocument, Stage
from integrator.canonical.problems import Code
from integrator.canonical.records import Key
from shops.connectors.prestashop.mapping import Row
from shops.connectors.prestashop.order_amounts import ZERO
from shops.connectors.prestashop.order_terms import State

NUMBER_LENGTH = 64
_NUMBER = re.compile(r"[~:,%&_=()\[\].? +\-@/a-zA-Z0-9]+")
"""What PrestaShop takes for a tracking number; its own check of `#` differs between versions, so that is left out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """What is sent of one order."""

    state: Key = ""
    numbers: tuple[str, ...] = ()
    """Tracking numbers."""
    note: str | None = None
    """The whole new note."""
    payment: bool = False
    """A payment is entered, because no state says that the order is paid."""

    def __bool__(self) -> bool:
        return bool(self.state or self.numbers or self.note is not None or self.payment)


def anything_new(update: OrderUpdate, order: Order) -> bool:
    """Whether the shop has to be asked at all. Documents stand in a note that orders do not carry."""
    known = {one.number for one in order.parcels}
    return bool(
        (update.state and update.state != order.state)
        or any(one.number not in known for one in update.parcels)
        or (update.paid and not order.payment.paid)
        or update.documents
    )


def news(update: OrderUpdate, order: Order, raw: Row, states: Mapping[Key, State], paid_state: Key) -> News:
    """`raw`: the order as it is now; `paid_state`: PrestaShop's own state of an accepted payment, empty without one.

    Raises Rejected for a state that the shop does not have, or a number that it does not take.
    """
    current = str(raw.get("current_state"))
    state = update.state if update.state and update.state != current else ""
    if state and (state not in states or states[state].deleted):
        raise Rejected(Code.REJECTED, field="state", message=f"{state!r} is no state of the shop")
    known = {one.number for one in order.parcels} | {coerce.text(raw, "shipping_number", "")}
    numbers = tuple(dict.fromkeys(one.number for one in update.parcels if one.number not in known))
    for number in numbers:
        _check(number)
    payment = False
    if update.paid and not _is_paid(raw, states.get(current)) and not (state and states[state].paid):
        waits = current in states and states[current].stage in (Stage.NEW, Stage.AWAITING_PAYMENT)
        if not update.state and waits and paid_state in states:
            state = paid_state
        else:
            payment = True
    note = noted(coerce.text(raw, "note", ""), update.documents) if "note" in raw else None
    return News(state=state, numbers=numbers, note=note, payment=payment)


def _check(number: str) -> None:
    if len(number) > NUMBER_LENGTH:
        raise Rejected(Code.TOO_LONG, field="tracking_number", limit=NUMBER_LENGTH, length=len(number))
    if not _NUMBER.fullmatch(number):
        raise Rejected(Code.REJECTED, field="tracking_number", message=f"{number!r}")


def _is_paid(raw: Row, state: State | None) -> bool:
    whole = coerce.decimal(raw, "total_paid_tax_incl")
    return (state is not None and state.paid) or coerce.decimal(raw, "total_paid_real", ZERO) >= whole


def noted(note: str, documents: Sequence[SaleDocument]) -> str | None:
    """The note with a line for each document, None when they all stand there. A number that was noted before KSeF gave
    its own gets it; everything else in the note stays."""
    lines = note.splitlines()
    plain = [unescape(line).strip() for line in lines]
    changed = False
    for one in documents:
        wanted = f"{one.number} (KSeF {one.ksef_number})" if one.ksef_number else one.number
        if wanted in plain or (not one.ksef_number and any(line.startswith(f"{one.number} (KSeF ") for line in plain)):
            continue
        if one.number in plain:
            place = plain.index(one.number)
            lines[place] = plain[place] = wanted
        else:
            lines.append(wanted)
            plain.append(wanted)
        changed = True
    return "\n".join(lines) if changed else None
