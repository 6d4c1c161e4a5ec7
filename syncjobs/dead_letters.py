"""Work of a client that was given up after its tries: found, listed, released to be tried again, or laid aside.

Every kind of work that a worker takes has a bounded number of tries, after which its row says so. Nothing is copied:
the rows themselves are the dead letters. What a later run or try has settled is none any more.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from integrator.accounts import audit
from integrator.accounts.models import Client, User
from integrator.canonical.problems import Code
from integrator.canonical.records import problem
from shops.models import ShopConnection
from syncjobs import deeds, errands, health, queue, runs
from syncjobs.fetching import problem_data
from syncjobs.models import Change, Deed, Errand, InboxEvent, LaidAside, ShopOrder
from syncjobs.models.choices import OPEN_STATUSES, ChangeStatus, Status
from syncjobs.navigation import address
from syncjobs.orders import acting
from wapro.models import WaproConnection

MOST = 200
"""Letters of one sort on a page."""
RECENT = timedelta(days=14)
"""Errands and hints that failed longer ago are of no use to anybody."""
SORTS = {
    "change": _("element"),
    "order": _("order"),
    "event": _("hint of a webhook"),
    "errand": _("small job"),
    "deed": _("action on many elements"),
}

JOBS = {
    Errand.Verb.COUNT_FILTER: _("count what the filter lets in"),
    Errand.Verb.WEBHOOKS_ON: _("turn webhooks on"),
    Errand.Verb.WEBHOOKS_OFF: _("turn webhooks off"),
    Errand.Verb.WEBHOOKS_LOOK: _("look at the shop's webhooks"),
    Errand.Verb.ORDER_WORDS: _("read what orders are mapped from"),
    Errand.Verb.DECIDE_ALIKE: _("decide conflicts alike"),
    Errand.Verb.CHECK_DATA: _("check the data"),
    Errand.Verb.RECENT_ORDERS: _("read the latest orders"),
    Errand.Verb.TRY_ORDERS: _("try the trial's orders"),
}


@dataclass(frozen=True, slots=True)
class Letter:
    """One piece of work that was given up."""

    sort: str
    ref: int
    connection: ShopConnection | WaproConnection
    title: str
    problem: dict[str, Any] | None
    """Why the last try failed; None: `why` says it."""
    tries: int
    at: datetime | None
    url: str
    why: str = ""

    @property
    def name(self) -> str:
        """Of the letter in a form."""
        return f"{self.sort}-{self.ref}"

    @property
    def sort_label(self) -> str:
        return str(SORTS[self.sort])


def of_client(client: Client) -> list[Letter]:
    """What was given up and not laid aside, the newest first."""
    shops = list(ShopConnection.objects.filter(client=client))
    aside = {(row.sort, row.ref) for row in LaidAside.objects.filter(client=client)}
    found = [letter for sort in _FOUND.values() for letter in sort(client, shops)]
    kept = [letter for letter in found if (letter.sort, letter.ref) not in aside]
    return sorted(kept, key=lambda letter: letter.at.timestamp() if letter.at else 0.0, reverse=True)


def _changes(client: Client, shops: Sequence[ShopConnection]) -> Iterable[Letter]:
    """Failed writes of the latest run of each kind: an element that failed before and not again is well."""
    latest = [step.pk for step in health.latest_steps([shop.pk for shop in shops]) if step.status not in OPEN_STATUSES]
    rows = Change.objects.filter(step__in=latest, status=ChangeStatus.FAILED).select_related("connection")
    for row in rows.order_by("-id")[:MOST]:
        url = f"{address('run', run=row.step.run_id)}?kind={row.kind}&show=failed"
        yield Letter(
            "change", row.pk, row.connection, row.label or row.code or row.erp_key or row.shop_key,
            row.problem or _unknown(), max(row.attempts, 1), row.done_at, url,
        )  # fmt: skip


def _orders(client: Client, shops: Sequence[ShopConnection]) -> Iterable[Letter]:
    rows = ShopOrder.objects.filter(connection__in=shops, alert=True, attempts__gt=0).select_related("connection")
    for row in rows.order_by("-id")[:MOST]:
        why = row.reasons[0] if row.reasons else _unknown()
        yield Letter(
            "order", row.pk, row.connection, str(row), why, row.attempts, row.read_at, address("order", order=row.pk)
        )


def _events(client: Client, shops: Sequence[ShopConnection]) -> Iterable[Letter]:
    rows = InboxEvent.objects.filter(connection__in=shops, reason=InboxEvent.Reason.UNREAD, done_at__gt=_recent())
    for row in rows.select_related("connection").order_by("-id")[:MOST]:
        url = address("webhooks", shop=row.connection_id)
        title, why = f"{row.topic}: {', '.join(row.keys)}", row.get_reason_display()
        yield Letter("event", row.pk, row.connection, title, None, 1, row.done_at, url, why)


def _errands(client: Client, shops: Sequence[ShopConnection]) -> Iterable[Letter]:
    """Small jobs whose latest try failed. A test of settings shows on the page of its connection."""
    for owner, name in (("shop__client", "shop"), ("erp__client", "erp")):
        later = Errand.objects.filter(verb=OuterRef("verb"), params=OuterRef("params"), pk__gt=OuterRef("pk"))
        rows: QuerySet[Errand] = Errand.objects.filter(
            ~Exists(later.filter(**{name: OuterRef(name)})),
            status=Status.FAILED, finished_at__gt=_recent(), **{owner: client},
        ).exclude(verb=Errand.Verb.TEST_SETTINGS)  # fmt: skip
        for row in rows.select_related("shop", "erp").order_by("-id")[:MOST]:
            connection = row.shop or row.erp
            if connection is not None:
                why = row.result.get("problem") or _unknown()
                url = address(name, **{name: connection.pk})
                title = str(JOBS.get(Errand.Verb(row.verb), row.verb))
                yield Letter("errand", row.pk, connection, title, why, 1, row.finished_at, url)


def _deeds(client: Client, shops: Sequence[ShopConnection]) -> Iterable[Letter]:
    rows = Deed.objects.filter(connection__in=shops, status=Deed.Status.FAILED).select_related("connection")
    for row in rows.order_by("-id")[:MOST]:
        why, title = row.result.get("problem") or _unknown(), f"{row.get_verb_display()} {row.label}".strip()
        yield Letter("deed", row.pk, row.connection, title, why, 1, row.finished_at, address("deed", deed=row.pk))


_FOUND: dict[str, Callable[[Client, Sequence[ShopConnection]], Iterable[Letter]]] = {
    "change": _changes,
    "order": _orders,
    "event": _events,
    "errand": _errands,
    "deed": _deeds,
}


def _unknown() -> dict[str, Any]:
    return problem_data(problem(Code.INTERNAL, detail="?"), "us")


def _recent() -> datetime:
    return timezone.now() - RECENT


def release(client: Client, letters: Sequence[Letter], user: User) -> int:
    """Have these tried again, at once; how many of them. One that cannot be any more is left as it is."""
    done = 0
    for letter in letters:
        with transaction.atomic():
            if _AGAIN[letter.sort](letter, user):
                audit.record(user, "dead.again", letter.title, client=client, data={"sort": letter.sort})
                done += 1
    return done


def lay_aside(client: Client, letters: Sequence[Letter], user: User) -> int:
    """Show these no more. Nothing becomes of the work itself; what fails again comes again."""
    for letter in letters:
        with transaction.atomic():
            LaidAside.objects.get_or_create(client=client, sort=letter.sort, ref=letter.ref, defaults={"by": user})
            audit.record(user, "dead.aside", letter.title, client=client, data={"sort": letter.sort})
    return len(letters)


def _change_again(letter: Letter, user: User) -> bool:
    change = Change.objects.select_related("step", "connection").get(pk=letter.ref)
    return runs.retry_changes(change.step, user, [change.pk]) is not None


def _order_again(letter: Letter, user: User) -> bool:
    try:
        acting.act(letter.ref, "retry", user)
    except acting.NotNow:
        return False
    return True


def _event_again(letter: Letter, user: User) -> bool:
    rows = InboxEvent.objects.filter(pk=letter.ref, status=InboxEvent.Status.IGNORED)
    moved = rows.update(status=InboxEvent.Status.WAITING, reason="", done_at=None, received_at=timezone.now())
    if moved and isinstance(letter.connection, ShopConnection):
        queue.nudge(letter.connection)
    return bool(moved)


def _errand_again(letter: Letter, user: User) -> bool:
    row = Errand.objects.get(pk=letter.ref)
    errands.request(row.verb, shop=row.shop, erp=row.erp, user=user, params=row.params)
    return True


def _deed_again(letter: Letter, user: User) -> bool:
    return deeds.resume(Deed.objects.get(pk=letter.ref))


_AGAIN: dict[str, Callable[[Letter, User], bool]] = {
    "change": _change_again,
    "order": _order_again,
    "event": _event_again,
    "errand": _errand_again,
    "deed": _deed_again,
}
