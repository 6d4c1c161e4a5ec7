"""Placing and cancelling orders: what is looked up before, the batch, and what its answer means.

Placing may be repeated after any death: under the lock the batch first looks for the order's number.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from django.db import connections

from integrator.canonical.errors import OutcomeUnknown
from integrator.canonical.problems import Turn
from integrator.canonical.records import Key
from wapro.errors import canonical_errors
from wapro.orders import outcome
from wapro.orders.batch import build, resource, status_batch
from wapro.orders.calls import exchange
from wapro.orders.draft import CANCELLED, Placed, WaproOrder
from wapro.orders.forms import STATUS, refuse_unknown
from wapro.orders.ground import Ground
from wapro.orders.outcome import Row
from wapro.orders.ready import ReadyOrder, key, ready
from wapro.sample.procedures import script
from wapro.sample.procedures.session import Session

ANSWER = "integrator"
"""Name of the first column of a batch's own result set."""


def prepare(ground: Ground, order: WaproOrder) -> ReadyOrder:
    """Everything an order needs, looked up and checked; nothing is written. Raises Rejected, AuthFailed, Unreachable,
    Locked."""
    _ = ground.forms
    with canonical_errors():
        place = ground.place(order.warehouse)
        ground.check_words(order, place.company)
        cards = ground.cards([line.card for line in order.lines], order.warehouse)
    return ready(order, place, cards)


def place(ground: Ground, order: WaproOrder) -> Placed:
    """The order in WAPRO, made now or found. Raises what `prepare` does, what `outcome.placed` does, and OutcomeUnknown
    when the connection died: call again then."""
    prepared = prepare(ground, order)
    if ground.sample:
        with canonical_errors(write=True):
            rows: Sequence[Row] = script.place(Session(ground.alias), prepared, ground.forms)
    else:
        batch = build(prepared, ground.forms, has_json=ground.has_json)
        rows = run(ground.alias, batch.text, batch.parameters)
    keys = {line.card_id: line.card for line in prepared.lines}
    placed = outcome.placed(prepared, rows, keys)
    return replace(placed, exchange=exchange(prepared, ground.forms, placed))


def cancel(ground: Ground, order: Key, number: str) -> None:
    """Give the order the status that cancels it. Cancelling twice is cancelling once.

    Raises Gone for a deleted order, Rejected where people decide (ORDER_STATUS_SET, ORDER_REALISED, ORDER_DOCUMENTED,
    ORDER_UNFINISHED) or where the order of this key has another number (ORDER_NOT_OURS), and what placing raises.
    """
    refuse_unknown([STATUS], ground.signatures)
    pk, user = key("order", order), ground.user
    if ground.sample:
        with canonical_errors(write=True):
            now = datetime.now(UTC)
            rows: Sequence[Row] = script.set_status(Session(ground.alias), pk, user, CANCELLED, number, now)
    else:
        text = status_batch(has_advances=ground.has_advances, has_ledger=ground.has_ledger)
        rows = run(ground.alias, text, [pk, user, CANCELLED, number, resource(f"status:{order}")])
    if rows[0][ANSWER] == "refused":
        raise outcome.refusal(rows[0], number=number)


def run(alias: str, text: str, parameters: Sequence[Any]) -> list[Row]:
    """The rows of a batch's own answer; result sets of the procedures before it are passed over."""
    try:
        with canonical_errors(write=True), connections[alias].cursor() as cursor:
            cursor.execute(text, list(parameters))
            rows = _answer(cursor)
    except OutcomeUnknown:
        # The line is broken: whoever comes next on this alias gets a new one (`wapro.database.revive`).
        connections[alias].close()
        raise
    if not rows:
        raise OutcomeUnknown(turn=Turn.ERP_OUTAGE, detail="the batch gave no answer")
    return rows


def _answer(cursor: Any) -> list[Row]:
    while True:
        names = [str(column[0]) for column in cursor.description or ()]
        if names and names[0] == ANSWER:
            return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
        if not cursor.nextset():
            return []
