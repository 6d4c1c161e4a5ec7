"""Work of a client that was given up after its tries: found, listed, released to be tried again, or laid aside.

Every kind of work that a worker takes has a bounded number of tries, after which its row says so. Nothing is copied:
the rows themselves are the dead letters. What a later run or try has settled is none any more.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from integrator.accounts import audit
from integrator.accounts.models import Client, User
from integrator.canonical.problems import Code
from integrator.canonical.records import problem
from shops.models import ShopConnection
from syncjobs import deeds, errands, health, queue, runs
from syncjobs.fetching import problem_data
from syncjobs.models import Change, Deed, Errand, InboxEvent, LaidAside, ShopOrder, Step
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
    rows = _given_up(Client.objects.filter(pk=client.pk))
    found = [_LETTERS[sort](row) for sort in SORTS for row in rows[sort].order_by("-id")[:MOST]]
    return sorted(found, key=lambda letter: letter.at.timestamp() if letter.at else 0.0, reverse=True)


def counts() -> dict[str, int]:
    """Of the whole installation, by sort: how much was given up and not laid aside. As many queries for many."""
    return {sort: rows.count() for sort, rows in _given_up(Client.objects.all()).items()}


def _given_up(clients: QuerySet[Client]) -> dict[str, QuerySet[Any]]:
    """By sort: the rows of these clients that were given up and not laid aside."""
    rows: dict[str, QuerySet[Any]] = {
        "change": _changes(clients),
        "order": ShopOrder.objects.filter(connection__client__in=clients, alert=True, attempts__gt=0),
        "event": InboxEvent.objects.filter(
            connection__client__in=clients, reason=InboxEvent.Reason.UNREAD, done_at__gt=_recent()
        ),
        "errand": _errands(clients),
        "deed": Deed.objects.filter(connection__client__in=clients, status=Deed.Status.FAILED),
    }
    return {
        sort: of_sort.exclude(pk__in=_laid_aside(sort)).select_related(*_RELATED[sort])
        for sort, of_sort in rows.items()
    }


def _laid_aside(sort: str) -> QuerySet[LaidAside, int]:
    return LaidAside.objects.filter(sort=sort).values_list("ref", flat=True)


def _changes(clients: QuerySet[Client]) -> QuerySet[Change]:
    """Failed writes of the latest run of each kind: an element that failed before and not again is well."""
    shops = ShopConnection.objects.filter(client__in=clients).values_list("pk", flat=True)
    latest = [step.pk for step in health.latest_steps(shops) if step.status not in OPEN_STATUSES]
    return Change.objects.filter(step__in=latest, status=ChangeStatus.FAILED)


def _errands(clients: QuerySet[Client]) -> QuerySet[Errand]:
    """Small jobs whose latest try failed. A test of settings shows on the page of its connection."""
    same = Q(shop=OuterRef("shop")) | Q(erp=OuterRef("erp"))
    later = Errand.objects.filter(same, verb=OuterRef("verb"), params=OuterRef("params"), pk__gt=OuterRef("pk"))
    mine = Q(shop__client__in=clients) | Q(erp__client__in=clients)
    rows = Errand.objects.filter(mine, ~Exists(later), status=Status.FAILED, finished_at__gt=_recent())
    return rows.exclude(verb=Errand.Verb.TEST_SETTINGS)


def _change(row: Change) -> Letter:
    url = f"{address('run', run=row.step.run_id)}?kind={row.kind}&show=failed"
    title, why = row.label or row.code or row.erp_key or row.shop_key, row.problem or _unknown()
    return Letter("change", row.pk, row.connection, title, why, max(row.attempts, 1), row.done_at, url)


def _order(row: ShopOrder) -> Letter:
    why, url = row.reasons[0] if row.reasons else _unknown(), address("order", order=row.pk)
    return Letter("order", row.pk, row.connection, str(row), why, row.attempts, row.read_at, url)


def _event(row: InboxEvent) -> Letter:
    title, why = f"{row.topic}: {', '.join(row.keys)}", row.get_reason_display()
    url = address("webhooks", shop=row.connection_id)
    return Letter("event", row.pk, row.connection, title, None, 1, row.done_at, url, why)


def _errand(row: Errand) -> Letter:
    connection = row.shop or row.erp
    assert connection is not None
    name = "shop" if row.shop is not None else "erp"
    why, url = row.result.get("problem") or _unknown(), address(name, **{name: connection.pk})
    return Letter(
        "errand", row.pk, connection, str(JOBS.get(Errand.Verb(row.verb), row.verb)), why, 1, row.finished_at, url
    )


def _deed(row: Deed) -> Letter:
    why, title = row.result.get("problem") or _unknown(), f"{row.get_verb_display()} {row.label}".strip()
    return Letter("deed", row.pk, row.connection, title, why, 1, row.finished_at, address("deed", deed=row.pk))


_RELATED = {
    "change": ("connection", "step"),
    "order": ("connection",),
    "event": ("connection",),
    "errand": ("shop", "erp"),
    "deed": ("connection",),
}
_LETTERS: dict[str, Callable[[Any], Letter]] = {
    "change": _change,
    "order": _order,
    "event": _event,
    "errand": _errand,
    "deed": _deed,
}


def _unknown() -> dict[str, Any]:
    return problem_data(problem(Code.INTERNAL, detail="?"), "us")


def _recent() -> datetime:
    return timezone.now() - RECENT


def release(client: Client, letters: Sequence[Letter], user: User) -> int:
    """Have these tried again, at once; how many of them. One that cannot be any more is left as it is."""
    done = 0
    for part in _together(letters):
        with transaction.atomic():
            if _AGAIN[part[0].sort](part, user):
                for letter in part:
                    audit.record(user, "dead.again", letter.title, client=client, data={"sort": letter.sort})
                done += len(part)
    return done


def _together(letters: Sequence[Letter]) -> list[list[Letter]]:
    """Elements of one step are tried again by one run, everything else by itself."""
    elements = [letter.ref for letter in letters if letter.sort == "change"]
    steps = dict(Change.objects.filter(pk__in=elements).values_list("pk", "step"))
    parts: dict[object, list[Letter]] = defaultdict(list)
    for letter in letters:
        parts[steps[letter.ref] if letter.sort == "change" else letter.name].append(letter)
    return list(parts.values())


def lay_aside(client: Client, letters: Sequence[Letter], user: User) -> int:
    """Show these no more. Nothing becomes of the work itself; what somebody tries again and fails comes again."""
    for letter in letters:
        with transaction.atomic():
            LaidAside.objects.get_or_create(client=client, sort=letter.sort, ref=letter.ref, defaults={"by": user})
            audit.record(user, "dead.aside", letter.title, client=client, data={"sort": letter.sort})
    return len(letters)


def _changes_again(letters: Sequence[Letter], user: User) -> bool:
    """All of one step. A plan of the kind that waits for a person is not replaced."""
    step = Step.objects.select_related("connection__client").get(changes=letters[0].ref)
    waiting = Step.objects.filter(connection=step.connection_id, kind=step.kind, status=Status.WAITING)
    refs = [letter.ref for letter in letters]
    return not waiting.exists() and runs.retry_changes(step, user, refs) is not None


def _order_again(letters: Sequence[Letter], user: User) -> bool:
    (letter,) = letters
    try:
        acting.act(letter.ref, "retry", user)
    except acting.NotNow:
        return False
    return True


def _event_again(letters: Sequence[Letter], user: User) -> bool:
    (letter,) = letters
    rows = InboxEvent.objects.filter(pk=letter.ref, status=InboxEvent.Status.IGNORED)
    moved = rows.update(status=InboxEvent.Status.WAITING, reason="", done_at=None, received_at=timezone.now())
    if moved and isinstance(letter.connection, ShopConnection):
        queue.nudge(letter.connection)
    return bool(moved)


def _errand_again(letters: Sequence[Letter], user: User) -> bool:
    (letter,) = letters
    row = Errand.objects.get(pk=letter.ref)
    errands.request(row.verb, shop=row.shop, erp=row.erp, user=user, params=row.params)
    return True


def _deed_again(letters: Sequence[Letter], user: User) -> bool:
    (letter,) = letters
    return deeds.resume(Deed.objects.get(pk=letter.ref))


_AGAIN: dict[str, Callable[[Sequence[Letter], User], bool]] = {
    "change": _changes_again,
    "order": _order_again,
    "event": _event_again,
    "errand": _errand_again,
    "deed": _deed_again,
}
