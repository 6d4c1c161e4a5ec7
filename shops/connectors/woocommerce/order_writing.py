"""Telling the shop what became of its orders.

Everything begins with one look at all the orders of a call, so every call may be repeated: what is there is not sent
again. What can go into one batch does; parcels of plugins, fulfilments and notes need a call of their own each.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from integrator.canonical.errors import (
    AuthFailed,
    Gone,
    IntegrationError,
    OutcomeUnknown,
    RateLimited,
    Rejected,
    Transient,
    Unreachable,
)
from integrator.canonical.orders import Order, OrderUpdate, Parcel
from integrator.canonical.problems import Code
from integrator.canonical.records import Key
from integrator.canonical.side import Result
from shops.connectors.woocommerce import order_bodies, order_mapping
from shops.connectors.woocommerce.mapping import whole_row
from shops.connectors.woocommerce.order_mapping import OrderOptions
from shops.connectors.woocommerce.order_reading import OrderReading
from shops.connectors.woocommerce.rest import BATCH_SECONDS, Outcome, Rest, Row

_LOOK = "id,status,date_paid_gmt,payment_method,meta_data"
TRACKING_ROOT = "/wp-json/wc-shipment-tracking/v3/"


@dataclass(kw_only=True)
class Plan:
    """What is left to be told of one order."""

    row: OrderUpdate
    present: Row
    parcels: list[Parcel] = field(default_factory=list)
    body: dict[str, Any] = field(default_factory=dict)
    """For the batch; empty: nothing."""
    error: IntegrationError | None = None
    """What cannot be told, though the rest was."""


class OrderWriting:
    def __init__(self, rest: Rest, reading: OrderReading, options: OrderOptions) -> None:
        self.rest = rest
        self._reading = reading
        self._options = options

    def update(self, rows: Sequence[OrderUpdate], known: Mapping[Key, Order]) -> list[Result]:
        """Parcels and notes first, then states and fields of all orders in one batch: a call that broke off in between
        is taken up where it ended. A state, a field and a payment are absolute and may be written again; parcels and
        notes are looked for before. Only a call that is repeated while the shop still works on the first could double a
        note, which pipelines that wait between tries do not do."""
        news = [row for row in rows if _is_news(row, known.get(row.key))]
        done = {row.key: Result(token=row.key, key=row.key) for row in rows}
        plans = {}
        for row, plan in zip(news, self._plans(news, known), strict=True):
            if isinstance(plan, Plan):
                plans[row.key] = plan
            else:
                done[row.key] = Result(token=row.key, error=plan)
        for key, plan in list(plans.items()):
            failure = self._one_by_one(plan)
            if failure is not None:
                done[key] = Result(token=key, error=failure)
                del plans[key]
        done |= {result.token: result for result in self._batch(list(plans.values()))}
        return [done[row.key] for row in rows]

    # deciding

    def _plans(self, news: Sequence[OrderUpdate], known: Mapping[Key, Order]) -> list[Plan | IntegrationError]:
        if not news:
            return []
        fields = _LOOK + (",line_items" if self._options.tracking == "fulfillments" else "")
        present, _ = self._reading.present([row.key for row in news], {"_fields": fields})
        states: list[str] = []
        if any(row.state is not None and row.state != _status(present.get(row.key)) for row in news):
            states = [str(one.get("slug")) for one in self._reading.statuses()]
        return [self._plan(row, present.get(row.key), known.get(row.key), states) for row in news]

    def _plan(
        self, row: OrderUpdate, present: Row | None, known: Order | None, states: Sequence[str]
    ) -> Plan | IntegrationError:
        if present is None:
            return Gone(path=f"orders/{row.key}")
        if known is not None and known.state != present.get("status"):
            return Rejected(Code.STALE)
        plan = Plan(row=row, present=present)
        try:
            kept = order_mapping.fields(present)
            plan.parcels = order_bodies.new_parcels(row, kept)
            plan.body = order_bodies.state_body(row, present, states)
            meta = self._fields(plan, kept)
        except IntegrationError as error:
            return error
        try:
            state = str(plan.body.get("status", present.get("status")))
            plan.body |= order_bodies.paid_body(row, present, state)
        except Rejected as error:
            plan.error = error
        if meta:
            plan.body["meta_data"] = meta
        return plan

    def _fields(self, plan: Plan, kept: Mapping[str, Any]) -> list[dict[str, Any]]:
        """The plugin writes its own field. Fulfilments are in no list of orders, so the field tells of them too."""
        found = []
        if plan.parcels and self._options.tracking != "plugin":
            found.append(order_bodies.parcel_field(plan.parcels, kept, int(self.rest.clock())))
        if plan.row.documents and self._options.documents:
            documents = order_bodies.documents_field(self._options.documents, plan.row.documents, kept)
            found += [documents] if documents is not None else []
        return found

    # what needs calls of its own

    def _one_by_one(self, plan: Plan) -> IntegrationError | None:
        """What the order's own calls failed with. What concerns the whole shop is raised."""
        try:
            if plan.parcels and self._options.tracking == "plugin":
                self._plugin_parcels(plan)
            if plan.parcels and self._options.tracking == "fulfillments":
                self._fulfil(plan)
            self._notes(plan)
        except (AuthFailed, RateLimited, Unreachable):
            raise
        except OutcomeUnknown as error:
            return _repeatable(error)
        except IntegrationError as error:
            return error
        return None

    def _plugin_parcels(self, plan: Plan) -> None:
        """Repeatable: the plugin keeps parcels in a field of the order, which was looked at."""
        for parcel in plan.parcels:
            path = f"{TRACKING_ROOT}orders/{plan.row.key}/shipment-trackings"
            body = order_bodies.parcel_row(parcel)
            self.rest.api.request("POST", path, body=body, deadline=BATCH_SECONDS)

    def _fulfil(self, plan: Plan) -> None:
        """Repeatable: fulfilments are looked at first, and one that has the numbers is left."""
        path = f"orders/{plan.row.key}/fulfillments"
        found = self.rest.get(path)
        found = found.get("fulfillments", found) if isinstance(found, Mapping) else found
        if not isinstance(found, list):
            raise Transient(Code.UNEXPECTED_ANSWER, status=200, path=path, excerpt=str(found)[:100])
        made = [whole_row(one) for one in found]
        told = order_bodies.fulfilled_numbers(made)
        new = [one for one in plan.parcels if one.number not in told]
        if new:
            one, body = order_bodies.fulfilment(plan.present, made, new)
            params = {"notify_customer": "true"} if plan.row.notify else None
            self.rest.send("PUT" if one else "POST", f"{path}/{one}" if one else path, body, params)

    def _notes(self, plan: Plan) -> None:
        """A note to the buyer where WooCommerce would send no parcel's number by itself, and document numbers where no
        field is set for them. Repeatable: what any note says already is not said again."""
        notes: list[tuple[Sequence[str], Callable[[Sequence[str]], str], bool]] = []
        if plan.row.notify and plan.parcels and self._options.tracking == "meta":
            by_number = {one.number: one for one in plan.parcels}
            notes.append((list(by_number), lambda new: order_bodies.parcel_note([by_number[one] for one in new]), True))
        if plan.row.documents and not self._options.documents:
            # A number that KSeF gave later is told in a note of its own.
            texts = {one.ksef_number or one.number: order_bodies.document_text(one) for one in plan.row.documents}
            notes.append((list(texts), lambda new: "\n".join(texts[one] for one in new), plan.row.notify))
        if not notes:
            return
        path = f"orders/{plan.row.key}/notes"
        found = self.rest.get(path, {"_fields": "id,note"})
        if not isinstance(found, list):
            raise Transient(Code.UNEXPECTED_ANSWER, status=200, path=path, excerpt=str(found)[:100])
        said = "\n".join(str(one.get("note")) for one in found if isinstance(one, Mapping))
        for numbers, text, to_buyer in notes:
            new = [one for one in numbers if one not in said]
            if new:
                self.rest.send("POST", path, {"note": text(new), "customer_note": to_buyer})

    # what goes together

    def _batch(self, plans: Sequence[Plan]) -> list[Result]:
        """One call for all. Repeatable: values are absolute, and an order that has them at the next look is left."""
        by_key = {plan.row.key: plan for plan in plans}
        results = [Result(token=plan.row.key, key=plan.row.key, error=plan.error) for plan in plans if not plan.body]
        bodies = [(key, {"id": int(key), **plan.body}) for key, plan in by_key.items() if plan.body]
        if not bodies:
            return results
        try:
            outcomes = self.rest.batch("orders", "update", bodies)
        except OutcomeUnknown as error:
            raise _repeatable(error) from None
        return results + [_result(by_key[out.token], out) for out in outcomes]


def _is_news(row: OrderUpdate, known: Order | None) -> bool:
    if known is None or row.documents:
        return True
    there = {one.number for one in known.parcels}
    return (
        row.state not in (None, known.state)
        or (row.paid is True and not known.payment.paid)
        or any(one.number not in there for one in row.parcels)
    )


def _status(present: Row | None) -> Any:
    return None if present is None else present.get("status")


def _repeatable(error: OutcomeUnknown) -> Transient:
    """Nothing would be doubled by saying it again, so nobody has to look first."""
    params: dict[str, Any] = error.problem.as_dict()
    return Transient(Code.OUTCOME_UNKNOWN, **params)


def _result(plan: Plan, out: Outcome) -> Result:
    error = out.error
    if isinstance(error, OutcomeUnknown):
        error = _repeatable(error)
    if error is None and out.row is not None:
        error = _lost(plan, out.row) or plan.error
    key = "" if error is not None else out.token
    return Result(token=out.token, key=key, error=error, exchange=out.exchange)


def _lost(plan: Plan, row: Row) -> Rejected | None:
    """A batch is answered as success whatever became of it."""
    wanted = plan.body.get("status")
    if wanted is not None and row.get("status") != wanted and "set_paid" not in plan.body:
        return Rejected(Code.NOT_KEPT, field="status", value=str(wanted))
    if plan.row.paid and plan.error is None and not row.get("date_paid_gmt"):
        return Rejected(Code.NOT_KEPT, field="paid", value="true")
    kept = order_mapping.fields(row)
    for one in plan.body.get("meta_data", ()):
        if not kept.get(one["key"]):
            return Rejected(Code.NOT_KEPT, field=one["key"], value=str(one["value"])[:100])
    return None
