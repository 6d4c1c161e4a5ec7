"""The switch that stops all writing: of one shop, a client or a firm, at once, until somebody releases it.

Workers look before each write (a batch of a step, an order, a message to a shop): what is under way ends, nothing more
begins. A plan that was made before a stop is not written after it; orders wait and go on when it is released.
"""

from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from integrator.accounts.audit import record
from integrator.accounts.models import Client, Firm, User
from integrator.canonical.errors import PlanRefused
from integrator.canonical.problems import Code, Turn
from integrator.canonical.records import Problem, problem
from shops.models import ShopConnection
from syncjobs import queue
from syncjobs.models import Stop
from syncjobs.quiet import POLAND
from wapro.models import WaproConnection

Scope = Firm | Client | ShopConnection
LOOK_AGAIN = 30
"""Seconds after which a worker looks again at a connection that is stopped; the release wakes it at once."""


def of_shop(connection: ShopConnection) -> QuerySet[Stop]:
    """Every stop, past or present, that concerns this shop."""
    firm, client = connection.client.firm_id, connection.client_id
    mine = Q(connection=connection.pk) | Q(client=client, connection=None) | Q(firm=firm, client=None)
    return Stop.objects.filter(mine, firm=firm).order_by("-reads", "id")


def standing(connection: ShopConnection) -> Stop | None:
    """The stop that holds this shop now; one that stops reading too goes first."""
    return of_shop(connection).filter(released_at=None).first()


def since(connection: ShopConnection, moment: datetime | None) -> Stop | None:
    """A stop that stands, or that was pressed after `moment` (None: at any time) and is released by now."""
    later = Q(released_at=None) | (Q(at__gt=moment) if moment is not None else Q())
    return of_shop(connection).filter(later).first()


def reading_of_erp(connection: WaproConnection) -> Stop | None:
    """The stop that forbids reading the client's WAPRO. A stop of one shop does not: others may need it."""
    firm = connection.client.firm_id
    mine = Q(client=connection.client_id, connection=None) | Q(client=None)
    return Stop.objects.filter(mine, firm=firm, reads=True, released_at=None).first()


def told(stop: Stop) -> Problem:
    when = timezone.localtime(stop.at, POLAND).strftime("%Y-%m-%d %H:%M")
    return problem(Code.STOPPED, when=when, who=who(stop), reason=stop.reason)


def who(stop: Stop) -> str:
    """Empty for the command line."""
    return str(stop.by) if stop.by is not None else "manage.py"


def refuse(connection: ShopConnection, *, reading: bool = False) -> None:
    """Raises PlanRefused(STOPPED) while writing (with `reading`: reading) is stopped."""
    stop = standing(connection)
    if stop is not None and (stop.reads or not reading):
        raise PlanRefused(Code.STOPPED, turn=Turn.PERSON, **told(stop).as_dict())


def press(scope: Scope, user: User | None, *, reason: str = "", reads: bool = False) -> Stop:
    """Stop all writing, with `reads` all reading too. A second press changes nothing, but may add `reads`."""
    key = _key(scope)
    try:
        with transaction.atomic():
            stop = Stop.objects.create(**key, by=user, reason=reason[:300], reads=reads, at=timezone.now())
            _note(scope, user, "stop.press", {"reason": reason[:300], "reads": reads})
    except IntegrityError:
        stop = Stop.objects.get(**key, released_at=None)
        if reads and not stop.reads:
            Stop.objects.filter(pk=stop.pk).update(reads=True)
            _note(scope, user, "stop.press", {"reason": reason[:300], "reads": True})
    _wake(scope)
    return stop


def release(scope: Scope, user: User | None) -> bool:
    """Let writing go on. False when it was not stopped, or somebody else has just released it."""
    with transaction.atomic():
        stop = Stop.objects.select_for_update().filter(**_key(scope), released_at=None).first()
        if stop is None:
            return False
        Stop.objects.filter(pk=stop.pk).update(released_at=timezone.now(), released_by=user)
        _note(scope, user, "stop.release", {"reason": stop.reason, "pressed_by": who(stop)})
        _wake(scope)
    return True


def here(scope: Scope) -> Stop | None:
    """The stop of exactly this firm, client or shop."""
    return Stop.objects.select_related("by").filter(**_key(scope), released_at=None).first()


def seen_from(firm: Firm, client: Client | None) -> list[Stop]:
    """What stands and concerns a page: of the firm, and on a client's page that client and its shops."""
    mine = Q(client=None) if client is None else Q(client=None) | Q(client=client)
    found = Stop.objects.filter(mine, firm=firm, released_at=None).select_related("by", "connection", "client")
    return list(found.order_by("client", "connection", "id"))


def _key(scope: Scope) -> dict[str, Any]:
    if isinstance(scope, Firm):
        return {"firm": scope, "client": None, "connection": None}
    if isinstance(scope, Client):
        return {"firm": scope.firm, "client": scope, "connection": None}
    return {"firm": scope.client.firm, "client": scope.client, "connection": scope}


def _note(scope: Scope, user: User | None, verb: str, data: dict[str, Any]) -> None:
    firm = scope if isinstance(scope, Firm) else None
    client = scope.client if isinstance(scope, ShopConnection) else scope if isinstance(scope, Client) else None
    record(user, verb, str(scope), firm=firm, client=client, data=data)


def _wake(scope: Scope) -> None:
    """What is under way drops its plan now, or goes on now."""
    for actor in _actors(scope):
        queue.nudge(actor)


def _actors(scope: Scope) -> list[ShopConnection | WaproConnection]:
    if isinstance(scope, ShopConnection):
        return [scope]
    clients = Q(client=scope) if isinstance(scope, Client) else Q(client__firm=scope)
    return [*ShopConnection.objects.filter(clients), *WaproConnection.objects.filter(clients)]
