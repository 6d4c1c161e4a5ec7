"""Step a: fetching one kind from one side, page by page. Any worker goes on from the stored cursor."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Any

from django.db import transaction
from django.utils import timezone

from integrator.canonical.errors import IntegrationError, Transient
from integrator.canonical.kinds import Kind
from integrator.canonical.problems import Code
from integrator.canonical.records import Problem
from integrator.canonical.side import ElementError, Scope, Side
from integrator.leases import LeaseHold
from integrator.log_setup import known_secrets
from shops.models import ShopConnection
from syncjobs import receipts, snapshots
from syncjobs.engine.guard import incomplete_side
from syncjobs.models import ElementIssue, ElementMark, Fetch, FetchedPage
from syncjobs.models.choices import OPEN_STATUSES, Mark, Status
from syncjobs.models.choices import Side as SideName
from wapro.models import WaproConnection

ROWS_AT_ONCE = 1000
"""Rows of a side that are held in memory and stored at once."""
MOST_SECONDS = 2.0
"""Pages are stored, and their progress seen, at least this often."""
AnyPage = receipts.AnyPage
SWEPT = frozenset(Kind) - {Kind.PRICE, Kind.STOCK}
"""Kinds whose elements can go missing. Prices and stock come and go with their product."""


def problem_data(found: Problem, turn: str = "", side: str | None = None) -> dict[str, Any]:
    """A problem as JSON columns hold it; `side` where it was met, if on one. Known secrets are taken out once more, as
    a shop may repeat anything."""
    params = {name: known_secrets.black_out(value) for name, value in found.as_dict().items()}
    data = {"code": found.code, "params": params, "turn": turn}
    return data | {"side": str(side)} if side else data


def error_data(error: IntegrationError, side: str | None = None) -> dict[str, Any]:
    return problem_data(error.problem, error.turn, side)


def unexpected(error: Exception) -> IntegrationError:
    """An error that nobody foresaw, as one that can be shown. Its text may hold anything, so only its kind is told."""
    return IntegrationError(Code.INTERNAL, detail=type(error).__name__)


def start_fetch(source: snapshots.Owner, kind: Kind, delivers: Iterable[Kind], since: datetime | None = None) -> Fetch:
    """A fetch of the kind that is under way or about to be; a new one when none is."""
    side = {"erp": source} if isinstance(source, WaproConnection) else {"shop": source}
    running = Fetch.objects.filter(**side, kind=kind, status__in=OPEN_STATUSES).order_by("-id").first()
    if running is not None:
        return running
    kinds = [str(kind), *(str(k) for k in delivers if k is not kind)]
    return Fetch.objects.create(**side, kind=kind, delivers=kinds, since=since)


NEVER = datetime.min.replace(tzinfo=UTC)
"""Before any fetch."""


def latest_good(source: snapshots.Owner, kind: Kind, not_before: datetime) -> Fetch | None:
    """The newest finished fetch that brought this kind and began after the given moment. Readings of hinted elements
    do not count: they say nothing about the rest."""
    side = {"erp": source} if isinstance(source, WaproConnection) else {"shop": source}
    whole = Fetch.objects.filter(**side, status=Status.SUCCEEDED, started_at__gte=not_before, keys__isnull=True)
    recent = whole.order_by("-id")[:20]
    return next((fetch for fetch in recent if kind in fetch.delivers), None)


def fetch_pages(
    fetch: Fetch, source: snapshots.Owner, side: Side, hold: LeaseHold, over: Callable[[], bool] = lambda: False
) -> None:
    """The next pages, some hundred rows: fetched one by one, then rows, receipts and cursor stored in one transaction.

    Raises IntegrationError of a call, after what came before it is stored.
    """
    if fetch.status == Status.QUEUED:
        fetch.status, fetch.started_at = Status.RUNNING, timezone.now()
        fetch.save(update_fields=["status", "started_at"])
    before = side.requests_sent
    pages, error = _next_pages(fetch, side, over)
    harvest = receipts.reap(fetch, source, side, pages)
    with transaction.atomic():
        hold.check()
        fetch.changed += snapshots.store(source, harvest.items, harvest.prints)
        FetchedPage.objects.bulk_create(
            harvest.receipts,
            update_conflicts=True,
            unique_fields=["fetch", "number"],
            update_fields=["keys", "digest", "kept"],
        )
        _keep_issues(fetch, harvest.errors)
        for page, receipt in zip(pages, harvest.receipts, strict=True):
            _count(fetch, page, receipt)
        fetch.requests += side.requests_sent - before
        if pages and pages[-1].next_cursor is None:
            _finish(fetch, source)
        fetch.save()
    if error is not None:
        raise error


def _next_pages(fetch: Fetch, side: Side, over: Callable[[], bool]) -> tuple[list[AnyPage], IntegrationError | None]:
    """Pages until enough rows are there, the time is over or a call fails."""
    pages: list[AnyPage] = []
    cursor, started = fetch.cursor, monotonic()
    most = max(ROWS_AT_ONCE // max(side.capabilities.page_size, 1), 1)
    try:
        while len(pages) < most and not (pages and (over() or monotonic() - started > MOST_SECONDS)):
            page = side.fetch(Kind(fetch.kind), Scope(since=fetch.since), cursor)
            pages.append(page)
            cursor = page.next_cursor
            if cursor is None:
                break
    except IntegrationError as error:
        return pages, error
    return pages, None


def _count(fetch: Fetch, page: AnyPage, receipt: FetchedPage) -> None:
    fetch.cursor = page.next_cursor
    fetch.pages += 1
    fetch.received += len(receipt.keys.get(fetch.kind, ()))
    if page.total is not None:
        if fetch.total is None:
            fetch.total = page.total
        fetch.totals_agree = fetch.total == page.total


def _keep_issues(fetch: Fetch, errors: Iterable[ElementError]) -> None:
    rows = [
        ElementIssue(
            fetch=fetch,
            kind=error.kind,
            key=error.key[:80],
            label=error.label[:200],
            problem=problem_data(error.problem),
            excerpt=known_secrets.black_out(error.excerpt)[:2000],
        )
        for error in errors
    ]
    ElementIssue.objects.bulk_create(rows)
    fetch.issues += len(rows)
    fetch.key_hidden = fetch.key_hidden or any(not row.key for row in rows)


def _finish(fetch: Fetch, source: snapshots.Owner) -> None:
    """The last page has come: note what is missing, unless that could be our own blindness."""
    fetch.finished_at = timezone.now()
    fetch.status = Status.SUCCEEDED
    _drop_old_receipts(fetch)
    if not fetch.full or Kind(fetch.kind) not in SWEPT:
        return
    known = snapshots.of(source).filter(kind=fetch.kind, missed=0).count()
    strange = incomplete_side(known, fetch.received + fetch.issues)
    if strange is not None and not _seen_before(fetch, strange):
        fetch.status, fetch.problem = Status.FAILED, problem_data(strange, "person")
        return
    if fetch.key_hidden or not fetch.totals_agree:
        return
    for kind in map(Kind, fetch.delivers):
        if kind in SWEPT:
            unreadable = set(fetch.unreadable.filter(kind=kind).values_list("key", flat=True))
            snapshots.sweep(fetch, source, kind, snapshots.received_keys(fetch, kind), unreadable)


def _seen_before(fetch: Fetch, strange: Problem) -> bool:
    """A side that shrank to half or less and stays so in three fetches in a row has really shrunk; what follows from
    that still passes the guard. One that is empty and held more than a few elements is never believed."""
    if strange.code != Code.FETCH_INCOMPLETE:
        return False
    earlier = Fetch.objects.filter(
        erp=fetch.erp, shop=fetch.shop, kind=fetch.kind, pk__lt=fetch.pk, keys__isnull=True
    ).order_by("-id")
    before = list(earlier[:2])
    alike = all((one.problem or {}).get("code") == strange.code for one in before)
    received = [one.received for one in before]
    return len(before) == 2 and alike and max(received) * 50 <= min(received) * 51


def _drop_old_receipts(fetch: Fetch) -> None:
    """Receipts prove the latest fetch; those of the ones before would only grow."""
    earlier = FetchedPage.objects.filter(fetch__erp=fetch.erp, fetch__shop=fetch.shop, fetch__kind=fetch.kind)
    earlier.exclude(fetch=fetch).delete()


def fail(fetch: Fetch, error: IntegrationError) -> None:
    fetch.status, fetch.problem, fetch.finished_at = Status.FAILED, error_data(error), timezone.now()
    fetch.save(update_fields=["status", "problem", "finished_at"])


def retry_delay(error: Transient, attempts: int) -> timedelta:
    """How long to leave the other system alone: what it asked for, else doubling from 5 s to 10 min."""
    asked = getattr(error, "retry_after", None)
    return timedelta(seconds=float(asked) if asked else min(5 * 2**attempts, 600))


def open_issues(fetch: Fetch | None, connection: ShopConnection, kind: Kind) -> list[ElementIssue]:
    """Unreadable elements of a kind that nobody excluded by name."""
    if fetch is None or not fetch.issues:
        return []
    side = SideName.ERP if fetch.erp_id is not None else SideName.SHOP
    excluded = set(
        ElementMark.objects.filter(
            connection=connection, side=side, kind=kind, mark__in=[Mark.EXCLUDED, Mark.IGNORED]
        ).values_list("key", flat=True)
    )
    return [issue for issue in fetch.unreadable.filter(kind=kind) if not issue.key or issue.key not in excluded]
