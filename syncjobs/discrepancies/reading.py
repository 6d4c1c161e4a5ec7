"""What the page and the exports read of stored reports: a few index look-ups, however many rows there are."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Max, Q, QuerySet

from integrator.canonical.kinds import Kind
from integrator.canonical.text import fold
from shops.models import ShopConnection
from syncjobs.fetching import NEVER, latest_good
from syncjobs.models import Discrepancy, DiscrepancyReport, Link, Unlinked
from syncjobs.models.choices import OPEN_STATUSES, Side, Status
from wapro.models import WaproConnection

SEEN = (Kind.PRODUCT, Kind.STOCK, Kind.PRICE)
"""Kinds of data that a report is made of."""


@dataclass(frozen=True, slots=True)
class Seen:
    """When one kind of data was last fetched from both sides; None: never."""

    kind: Kind
    erp: datetime | None
    shop: datetime | None


@dataclass(frozen=True, slots=True)
class Age:
    """How old the data is that a report compares."""

    kinds: tuple[Seen, ...]

    @property
    def unseen(self) -> list[str]:
        """Sides of which nothing was fetched yet."""
        return [side for side in Side.values if all(getattr(one, side) is None for one in self.kinds)]

    def newer_than(self, moment: datetime | None) -> bool:
        """Whether something was fetched since."""
        fetched = [at for one in self.kinds for at in (one.erp, one.shop) if at is not None]
        return moment is not None and any(at > moment for at in fetched)


def age_of(connection: ShopConnection, erp: WaproConnection | None) -> Age:
    """`as of` of both sides: the beginning of the last fetch that brought each kind whole."""

    def began(source: ShopConnection | WaproConnection | None, kind: Kind) -> datetime | None:
        fetch = latest_good(source, kind, NEVER) if source is not None else None
        return fetch.started_at if fetch is not None else None

    return Age(tuple(Seen(kind, began(erp, kind), began(connection, kind)) for kind in SEEN))


def linking_has_run(connection: ShopConnection) -> bool:
    """Whether products were ever matched: before that nothing is a pair and nothing is missing."""
    mine = Q(connection=connection, kind=Kind.PRODUCT)
    return Link.objects.filter(mine).exists() or Unlinked.objects.filter(mine).exists()


def latest(connection: ShopConnection) -> DiscrepancyReport | None:
    """The newest complete report."""
    done = DiscrepancyReport.objects.filter(connection=connection, status=Status.SUCCEEDED)
    return done.order_by("-pk").first()


def latest_of(connections: Iterable[ShopConnection]) -> dict[int, DiscrepancyReport]:
    """The newest complete report of each connection, by its key. One query, however many connections."""
    done = DiscrepancyReport.objects.filter(connection__in=list(connections), status=Status.SUCCEEDED)
    newest = done.order_by().values("connection").annotate(newest=Max("pk")).values("newest")
    return {report.connection_id: report for report in DiscrepancyReport.objects.filter(pk__in=newest)}


def under_way(connection: ShopConnection) -> DiscrepancyReport | None:
    """The comparison that is being made or waits, or the last one where it failed."""
    newest = DiscrepancyReport.objects.filter(connection=connection).select_related("after_run").order_by("-pk").first()
    wanted = newest is not None and newest.status in (*OPEN_STATUSES, Status.FAILED)
    return newest if wanted else None


def rows_of(report: DiscrepancyReport, section: str = "", facet: str = "", words: str = "") -> QuerySet[Discrepancy]:
    """Rows of a report by what the address of the page asks for; empty: all."""
    query = Discrepancy.objects.filter(report=report)
    if section:
        query = query.filter(section=section)
    if facet:
        query = query.filter(facet=facet)
    if words:
        query = query.filter(Q(search__contains=fold(words)) | Q(erp_key=words) | Q(shop_key=words))
    return query
