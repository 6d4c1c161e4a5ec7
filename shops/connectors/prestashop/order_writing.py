"""Telling a shop what became of its orders: tracking numbers, document numbers, payments, states.

The state comes last: its mail names the tracking number. Each step is one body for all orders, by whether their buyers
may be written to.

Why each is repeatable: the order's note, its first tracking number and its sum of payments are absolute. A further
parcel and a payment are looked for before they are made. PrestaShop enters a state as often as it is told to, so an
order is compared with the shop before, and again after an answer that is not a clear yes.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from integrator.canonical import coerce
from integrator.canonical.errors import Gone, IntegrationError, MappingError, Rejected
from integrator.canonical.orders import Order, OrderUpdate
from integrator.canonical.problems import Code
from integrator.canonical.records import Key
from integrator.canonical.side import Exchange, Result
from shops.connectors.prestashop.mapping import Row
from shops.connectors.prestashop.order_amounts import ZERO
from shops.connectors.prestashop.order_dictionaries import Dictionaries
from shops.connectors.prestashop.order_news import News, anything_new, news
from shops.connectors.prestashop.order_reading import OrderReading
from shops.connectors.prestashop.order_sending import Errors, Fields, OrderSending, exchange_of
from shops.connectors.prestashop.order_terms import PAID_STATE
from shops.connectors.prestashop.rest import Listing

STANDING = Listing(resource="orders", display=("id", "current_state"), size=500)
PAID = Listing(resource="order_payments", display=("id", "order_reference", "amount"), size=500)


@dataclass(slots=True, kw_only=True)
class Task:
    """One order on its way."""

    update: OrderUpdate
    raw: Row
    news: News
    error: IntegrationError | None = None
    exchanges: list[Exchange] = field(default_factory=list)

    @property
    def key(self) -> Key:
        return self.update.key

    def in_order(self, patches: bool) -> bool:
        """Whether its tracking number goes into the order itself: the first one, unless a mail is wanted about it.
        Without PATCH only if the order is put back whole anyway: somebody may change it in that moment."""
        only = len(self.news.numbers) == 1 and not self.raw.get("shipping_number")
        return only and (bool(self.news.state) or not self.update.notify) and (patches or self.news.note is not None)


class OrderWriting:
    def __init__(self, reading: OrderReading, dictionaries: Dictionaries) -> None:
        self.reading = reading
        self.rest = reading.rest
        self.facts = reading.facts
        self.dictionaries = dictionaries

    def update(self, rows: Sequence[OrderUpdate], known: Mapping[Key, Order]) -> list[Result]:
        """A result per row. Raises what concerns all of them when nothing was written."""
        results: dict[Key, Result] = {}
        due: list[OrderUpdate] = []
        for row in rows:
            order = known.get(row.key)
            if order is None:
                results[row.key] = Result(token=row.key, error=Gone(key=row.key))
            elif anything_new(row, order):
                due.append(row)
            else:
                results[row.key] = Result(token=row.key, key=row.key)
        tasks = self._tasks(due, known, results)
        self._carry_out(tasks)
        for task in tasks:
            self.reading.fresh.pop(task.key, None)
            error = task.error or self._without_note(task.update)
            key = "" if error else task.key
            results[task.key] = Result(token=task.key, key=key, error=error, exchange=exchange_of(task.exchanges))
        return [results[row.key] for row in rows]

    def _tasks(self, due: Sequence[OrderUpdate], known: Mapping[Key, Order], results: dict[Key, Result]) -> list[Task]:
        raws = self.reading.rows_of([row.key for row in due])
        named = {row.state for row in due if row.state} | {str(raw.get("current_state")) for raw in raws.values()}
        states = self.dictionaries.states(named) if due else {}
        paid_state = self.dictionaries.own_state(PAID_STATE) if due else ""
        tasks = []
        for row in due:
            raw = raws.get(row.key)
            if raw is None:
                results[row.key] = Result(token=row.key, error=Gone(key=row.key))
                continue
            if str(raw.get("current_state")) not in (known[row.key].state, row.state):
                # Somebody moved it after it was read: what is wanted was decided for an order that is no more.
                results[row.key] = Result(token=row.key, error=Rejected(Code.STALE))
                continue
            try:
                found = news(row, known[row.key], raw, states, paid_state)
            except (Rejected, MappingError) as error:
                results[row.key] = Result(token=row.key, error=error)
                continue
            tasks.append(Task(update=row, raw=raw, news=found))
        return tasks

    def _without_note(self, update: OrderUpdate) -> Rejected | None:
        """Versions before 1.7.8 have no place for the numbers of documents."""
        if update.documents and "note" not in self.reading.listing.display:
            return Rejected(Code.CANNOT_UPDATE, field="documents")
        return None

    def _carry_out(self, tasks: Sequence[Task]) -> None:
        steps: tuple[Callable[[Sequence[Task]], None], ...] = (
            self._carry_parcels,
            self._enter_payments,
            self._change_orders,
            self._enter_states,
        )
        wrote = False
        for step in steps:
            mine = [task for task in tasks if task.error is None]
            try:
                step(mine)
            except IntegrationError as error:
                if not wrote and not any(task.exchanges for task in tasks):
                    raise
                for task in mine:
                    task.error = error
                return
            wrote = wrote or any(task.exchanges for task in mine)

    # parcels that the order itself has no place for

    def _carry_parcels(self, tasks: Sequence[Task]) -> None:
        """The first number goes to the carrier row that every order gets when it is placed, each further one to a row
        of its own. A row that is made is not mailed about."""
        patches = self.facts.patches("orders")
        mine = {task.key: task for task in tasks if task.news.numbers and not task.in_order(patches)}
        if not mine:
            return
        carried = self.reading.parcels(list(mine))
        whole = not self.facts.patches("order_carriers")
        for mail in (False, True):
            changes: dict[str, tuple[str, Fields]] = {}
            wanted: dict[str, Fields] = {}
            for key, task in mine.items():
                if self._mails(task) is mail:
                    _spread(task, carried.get(key, []), changes, wanted, whole=whole)
            sending = OrderSending(self.rest, self.facts)
            self._settle(mine, sending, sending.change("order_carriers", changes, mail=mail, whole=whole))
            kept = {token: one for token, one in wanted.items() if mine[_order_of(token)].error is None}
            sending = OrderSending(self.rest, self.facts)
            self._settle(mine, sending, sending.make("order_carriers", kept, self._look_for_parcels))

    @staticmethod
    def _mails(task: Task) -> bool:
        """About a number alone; a state has a mail of its own that names the number."""
        return task.update.notify and not task.news.state

    def _look_for_parcels(self, tokens: Sequence[str]) -> dict[str, bool | None]:
        carried = self.reading.parcels([_order_of(token) for token in tokens])
        there = {f"{key}:{row.get('tracking_number')}" for key, rows in carried.items() for row in rows}
        return {token: token in there for token in tokens}

    # payments that no state tells

    def _enter_payments(self, tasks: Sequence[Task]) -> None:
        """What is missing of each order's total, unless its reference was paid in full: then only its sum lags."""
        mine = {task.key: task for task in tasks if task.news.payment}
        if not mine:
            return
        wanted = {}
        sums = self._sums([str(task.raw.get("reference")) for task in mine.values()])
        for key, task in mine.items():
            missing = coerce.decimal(task.raw, "total_paid_tax_incl") - sums.get(str(task.raw.get("reference")), ZERO)
            if missing > 0:
                wanted[key] = _payment(task.raw, missing)

        def look(keys: Sequence[str]) -> dict[str, bool | None]:
            paid = self._sums([str(mine[key].raw.get("reference")) for key in keys])
            return {
                key: paid.get(str(mine[key].raw.get("reference")), ZERO)
                >= coerce.decimal(mine[key].raw, "total_paid_tax_incl")
                for key in keys
            }

        sending = OrderSending(self.rest, self.facts)
        self._settle(mine, sending, sending.make("order_payments", wanted, look))

    def _sums(self, references: Sequence[str]) -> dict[str, Decimal]:
        found: dict[str, Decimal] = {}
        for row in self.rest.by_texts(PAID, "order_reference", references):
            name = str(row.get("order_reference"))
            found[name] = found.get(name, ZERO) + coerce.decimal(row, "amount", ZERO)
        return found

    # the orders themselves

    def _change_orders(self, tasks: Sequence[Task]) -> None:
        patches = self.facts.patches("orders")
        changes: dict[str, tuple[str, Fields]] = {}
        for task in tasks:
            fields: dict[str, str] = {}
            if task.in_order(patches):
                fields["shipping_number"] = task.news.numbers[0]
            if task.news.note is not None:
                fields["note"] = task.news.note
            if task.news.payment:
                fields["total_paid_real"] = str(task.raw.get("total_paid_tax_incl"))
            if fields:
                changes[task.key] = (task.key, fields)
        if changes:
            sending = OrderSending(self.rest, self.facts)
            self._settle({task.key: task for task in tasks}, sending, sending.change("orders", changes))

    def _enter_states(self, tasks: Sequence[Task]) -> None:
        for mail in (False, True):
            mine = {task.key: task for task in tasks if task.news.state and task.update.notify is mail}
            wanted: dict[str, Fields] = {
                key: {"id_order": key, "id_order_state": task.news.state} for key, task in mine.items()
            }

            def look(keys: Sequence[str], mine: Mapping[Key, Task] = mine) -> dict[str, bool | None]:
                rows = self.rest.by_ids(STANDING, keys)
                return {
                    key: str(rows[key].get("current_state")) == mine[key].news.state if key in rows else None
                    for key in keys
                }

            sending = OrderSending(self.rest, self.facts)
            self._settle(mine, sending, sending.make("order_histories", wanted, look, mail=mail))

    @staticmethod
    def _settle(tasks: Mapping[Key, Task], sending: OrderSending, errors: Errors) -> None:
        for token, error in errors.items():
            tasks[_order_of(token)].error = tasks[_order_of(token)].error or error
        for token, parts in sending.exchanges.items():
            tasks[_order_of(token)].exchanges += parts


def _order_of(token: str) -> Key:
    """Parcels are named by their order and number."""
    return token.partition(":")[0]


def _spread(
    task: Task,
    carried: Sequence[Row],
    changes: dict[str, tuple[str, Fields]],
    wanted: dict[str, Fields],
    *,
    whole: bool,
) -> None:
    """Where each new number of one order goes: into empty rows first, then into new ones. `whole`: rows are put back
    with all they hold."""
    there = {str(row.get("tracking_number") or "") for row in carried}
    empty = [row for row in carried if not row.get("tracking_number")]
    for number in task.news.numbers:
        if number in there:
            continue
        token = f"{task.key}:{number}"
        if empty:
            row = {name: str(value) for name, value in empty.pop(0).items()}
            changes[token] = (row["id"], {**(row if whole else {}), "tracking_number": number})
        else:
            carrier = str(task.raw.get("id_carrier"))
            wanted[token] = {"id_order": task.key, "id_carrier": carrier, "tracking_number": number}


def _payment(raw: Row, amount: Decimal) -> Fields:
    return {
        "order_reference": str(raw.get("reference")),
        "id_currency": str(raw.get("id_currency")),
        "amount": f"{amount:f}",
        "payment_method": str(raw.get("payment") or ""),
        "conversion_rate": "1",
    }
