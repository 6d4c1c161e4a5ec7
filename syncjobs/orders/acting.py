"""What people do to one order: decide again, import anyway, leave alone, cancel. Each with its event and its record."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from integrator.accounts import audit
from integrator.accounts.models import User
from integrator.canonical.orders import Stage
from integrator.canonical.problems import Code
from shops.models import ShopConnection
from syncjobs import queue
from syncjobs.models.inbox import LaidAside
from syncjobs.models.orders import OrderPromise, OrderTerms, ShopOrder
from syncjobs.orders import promises
from syncjobs.orders.arriving import order_in
from syncjobs.orders.events import Side, note
from syncjobs.orders.keys import next_number
from syncjobs.orders.policy import Again

Status = ShopOrder.Status


class NotNow(Exception):
    """The order has moved on meanwhile: what was asked for does not fit where it stands."""


def offered(row: ShopOrder) -> tuple[str, ...]:
    """What a person may do to an order that stands there: `retry`, `overrule`, `leave`, `cancel`, `seen`. Nothing to
    one whose buyer was forgotten: it could only be written for nobody."""
    if row.forgotten_at is not None:
        return ()
    if row.status == Status.CANCELLING:
        return ()
    if row.in_erp:
        seen = ("seen",) if row.alert or row.edited else ()
        if row.status == Status.CANCELLED:
            return (*seen, *(("overrule",) if _may_come_again(row) else ()))
        placed = row.status == Status.PLACED
        return (*(("retry",) if placed else ()), *seen, *(("cancel",) if placed else ()))
    if row.status == Status.INTENDED:
        # It may be written already: only WAPRO can tell, so it is tried again and nothing else.
        return ("retry",)
    if not row.record:
        return ("leave",) if row.status != Status.IGNORED else ()
    leave = ("leave",) if row.status in (Status.WAITING, Status.HELD) else ()
    return (*(() if row.deleted_there else ("retry",)), "overrule", *leave)


def _may_come_again(row: ShopOrder) -> bool:
    """Whether the settings let a person import an order anew that was cancelled in WAPRO. Not while it is cancelled in
    the shop as well: it would be cancelled once more."""
    if row.stage in (Stage.CANCELLED, Stage.RETURNED):
        return False
    return OrderTerms.objects.filter(connection=row.connection_id, again=Again.YES).exists()


def act(pk: int, verb: str, user: User, reason: str = "") -> ShopOrder:
    """Carry out one of `offered`. Raises NotNow when it is not offered any more, ValueError without a needed reason and
    for a number that has no room for a second import."""
    if verb in ("overrule", "leave", "cancel") and not reason.strip():
        raise ValueError(verb)
    with transaction.atomic():
        row = ShopOrder.objects.select_for_update(of=("self",)).select_related("connection__client").get(pk=pk)
        if verb not in offered(row):
            raise NotNow(verb)
        ACTS[verb](row, user, reason.strip())
        # What fails again is shown again.
        LaidAside.objects.filter(sort="order", ref=row.pk).delete()
        note(row, Side.PERSON, verb, user=user, reason=reason.strip()).save()
        audit.record(
            user,
            f"order.{verb}",
            f"{row.connection.name}: {row}",
            client=row.connection.client,
            data={"reason": reason.strip()},
        )
        queue.nudge(row.connection)
    return row


def _retry(row: ShopOrder, user: User, reason: str) -> None:
    """Everything is looked at anew, at once. What a person decided before is taken back."""
    values: dict[str, Any] = {"to_decide": True, "attempts": 0, "not_before": None}
    if row.in_erp:
        values["checked_at"] = None
        values["told"] = {name: value for name, value in row.told.items() if name != "refused"}
    elif row.status != Status.INTENDED:
        values |= {"overruled": None}
        _reopen(row, values)
    _set(row, values)
    OrderTerms.objects.filter(connection=row.connection).update(not_before=None, erp_not_before=None)


def _overrule(row: ShopOrder, user: User, reason: str) -> None:
    values = {
        "overruled": {"by": str(user), "at": timezone.now().isoformat(), "reason": reason},
        "to_decide": True,
        "attempts": 0,
        "not_before": None,
        "alert": False,
    }
    if row.in_erp:
        anew = {"erp_key": "", "erp_document": "", "erp_number": next_number(row.erp_number)}
        values |= anew | {"placing_began_at": None, "draft": None, "progress": {}, "imported": None, "edited": []}
    _reopen(row, values)
    _set(row, values)


def _leave(row: ShopOrder, user: User, reason: str) -> None:
    now = timezone.now()
    _set(
        row,
        {
            "overruled": {"by": str(user), "at": now.isoformat(), "reason": reason, "leave": True},
            "status": Status.IGNORED,
            "done_at": now,
            "to_decide": False,
            "alert": False,
            "reasons": [],
            "not_before": None,
        },
    )
    promises.end(row)


def _cancel(row: ShopOrder, user: User, reason: str) -> None:
    _set(row, {"status": Status.CANCELLING, "attempts": 0, "not_before": None, "alert": False})


def _seen(row: ShopOrder, user: User, reason: str) -> None:
    """A person has looked: what differs from the shop stays as it is in WAPRO."""
    _set(row, {"alert": False, "reasons": []})


ACTS = {"retry": _retry, "overrule": _overrule, "leave": _leave, "cancel": _cancel, "seen": _seen}


def _reopen(row: ShopOrder, values: dict[str, Any]) -> None:
    """An order that was over waits again, and its goods are promised again."""
    if row.status not in (Status.IGNORED, Status.CANCELLED):
        return
    values |= {"status": Status.WAITING, "done_at": None}
    row.done_at = None
    terms = OrderTerms.objects.select_related("connection").filter(connection=row.connection).first()
    OrderPromise.objects.filter(order=row, let_go=True).delete()
    if terms is not None:
        promises.promise(terms, row, order_in(row))


def _set(row: ShopOrder, values: dict[str, Any]) -> None:
    values = values | {"version": row.version + 1}
    for name, value in values.items():
        setattr(row, name, value)
    row.save(update_fields=list(values))


def decide_anew(connection: ShopConnection, *, since: datetime | None = None) -> int:
    """The terms have changed: what waits or is held is decided by the new ones. With `since`, orders that were too old
    or before the go-live and were placed from then on, wait again too. How many orders."""
    rows = ShopOrder.objects.filter(connection=connection, erp_key="").exclude(record={})
    waiting = rows.filter(status__in=[Status.WAITING, Status.HELD])
    count = waiting.update(to_decide=True, not_before=None, version=F("version") + 1)
    if since is not None:
        late = rows.filter(status=Status.IGNORED, overruled__isnull=True, placed_at__gte=since)
        late = late.filter(Q(reasons__0__code=Code.ORDER_BEFORE_GO_LIVE) | Q(reasons__0__code=Code.ORDER_TOO_OLD))
        for row in late:
            values: dict[str, Any] = {"to_decide": True}
            _reopen(row, values)
            _set(row, values)
            count += 1
        # What was never fetched, for it was too old then, is looked for as well.
        OrderTerms.objects.filter(connection=connection).update(
            since=None, cursor="", fetch_began_at=None, next_at=None
        )
    return count
