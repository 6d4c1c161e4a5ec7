"""After the panel's database was restored from a backup: what it holds about the two sides is older than they are.

Nothing has to be found out by hand: elements are recognised by the linking rules, orders by their number, a lost answer
by looking. But nothing may go on from the middle, and nothing may be believed to be as it was last seen. So what was
under way ends, pages are read afresh, links are held against what is there, and the first plan of each kind waits for
a person once more.
"""

from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from integrator.accounts import audit
from integrator.canonical.problems import Code
from integrator.canonical.records import problem
from shops.models import ShopConnection
from syncjobs import finishing
from syncjobs.models import Change, Fetch, FetchedPage, Step, SyncOptions
from syncjobs.models.choices import OPEN_STATUSES, ChangeStatus, Status
from wapro.models import WaproConnection


@dataclass(slots=True)
class Restored:
    """How many of each."""

    steps: int = 0
    fetches: int = 0
    pages: int = 0
    kinds: int = 0
    connections: int = 0


def restored() -> Restored:
    """Make every connection begin anew. Run again it finds nothing more to do, so a broken run is just repeated."""
    found = Restored()
    for connection in ShopConnection.objects.select_related("client__firm").order_by("pk"):
        _begin_anew(connection, found)
    with transaction.atomic():
        for actor in (ShopConnection, WaproConnection):
            actor.objects.update(lease_until=None, nudged_at=None, back_off_until=None)
        open_fetches = Fetch.objects.filter(status__in=[Status.QUEUED, Status.RUNNING])
        found.fetches = open_fetches.update(status=Status.CANCELLED, finished_at=timezone.now())
        found.pages = FetchedPage.objects.exclude(digest="").update(digest="")
    return found


def _begin_anew(connection: ShopConnection, found: Restored) -> None:
    with transaction.atomic():
        steps = list(Step.objects.filter(connection=connection, status__in=OPEN_STATUSES))
        for step in steps:
            # Whether the answer came is long known to the other side: the next run looks, as after any lost answer.
            Change.objects.filter(step=step, status=ChangeStatus.SENT).update(status=ChangeStatus.UNKNOWN)
            finishing.cancel(step, problem(Code.RESTORED))
        agreed = SyncOptions.objects.filter(connection=connection, approved_at__isnull=False)
        kinds = agreed.update(approved_at=None, approved_by=None)
        if steps or kinds:
            audit.record(None, "shop.restored", connection.name, client=connection.client)
            found.connections += 1
    found.steps += len(steps)
    found.kinds += kinds
