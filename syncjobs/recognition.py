"""Whether the shop that answers is the one that was there before. What it says of itself is kept when it is first
reached and compared before every run, and every few minutes in between; another one is left alone until a person says
that it is the same shop, moved or restored."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F
from django.utils import timezone

from integrator.accounts.audit import record
from integrator.accounts.models import User
from integrator.canonical.errors import Unreachable
from integrator.canonical.problems import Code
from integrator.canonical.side import Introduces
from shops.models import ShopConnection
from syncjobs import queue
from syncjobs.fetching import error_data
from syncjobs.models.choices import Side
from wapro.models import WaproConnection

KNOWN_FOR = timedelta(minutes=5)
ANOTHER = (Code.DATABASE_CHANGED, Code.DATABASE_WENT_BACK)


def another(kept: Mapping[str, str], found: Mapping[str, str]) -> str:
    """The first fact that both name and that differs, empty for the same shop. Pure."""
    return next((name for name in kept if name in found and kept[name] != found[name]), "")


def recognise(connection: ShopConnection, side: object, since: datetime | None = None) -> None:
    """Ask the shop who it is, unless it was recognised after `since` (None: in the last minutes). Raises
    Unreachable(SHOP_CHANGED) for another one, and what the call itself raises."""
    now = timezone.now()
    known = connection.recognised_at
    if not isinstance(side, Introduces) or (known is not None and known > (since or now - KNOWN_FOR)):
        return
    found = dict(side.identity())
    stored = connection.identity or {}
    kept = stored.get("kept", {})
    name = another(kept, found)
    rows = ShopConnection.objects.filter(pk=connection.pk)
    if name:
        error = Unreachable(Code.SHOP_CHANGED, fact=name, stored=kept[name], found=found[name])
        connection.identity = {"kept": kept, "found": found}
        rows.update(identity=connection.identity, healthy=False, problem=error_data(error, Side.SHOP))
        raise error
    connection.recognised_at = now
    values: dict[str, Any] = {"recognised_at": now}
    if stored != {"kept": {**kept, **found}}:
        connection.identity = values["identity"] = {"kept": {**kept, **found}}
    if (connection.problem or {}).get("code") == Code.SHOP_CHANGED:
        values |= {"problem": None, "healthy": None}
        connection.problem = connection.healthy = None
    rows.update(**values)


def accept_shop(connection: ShopConnection, user: User) -> bool:
    """The shop that answered last is the right one: it is kept, and everything is planned anew. False when there is no
    other one to accept."""
    stored = connection.identity or {}
    found = stored.get("found")
    if not found:
        return False
    ShopConnection.objects.filter(pk=connection.pk).update(
        identity={"kept": found},
        recognised_at=None,
        learnt_at=None,
        healthy=None,
        problem=None,
        settings_version=F("settings_version") + 1,
    )
    data = {"was": stored.get("kept", {}), "is": found}
    record(user, "shop.identity", connection.name, client=connection.client, data=data)
    queue.nudge(connection)
    return True


def other_database(connection: WaproConnection) -> dict[str, Any] | None:
    """The problem that another or an older database was met with, None while it is the one from before."""
    for found in (connection.problem or {}, *connection.checks):
        if found.get("code") in ANOTHER:
            return {"code": found["code"], "params": dict(found.get("params", {}))}
    return None


def accept_database(connection: WaproConnection, user: User) -> bool:
    """The database that is there now is the right one, moved or restored: its numbers are kept from here on, and every
    shop of the client is planned anew. False when there is no other one to accept."""
    problem = other_database(connection)
    if problem is None:
        return False
    values: dict[str, Any] = {"highest": None, "healthy": None, "problem": None, "checks": [], "checked_at": None}
    if problem["code"] == Code.DATABASE_CHANGED:
        values["database_id"] = str(problem["params"]["found"])[:40]
    WaproConnection.objects.filter(pk=connection.pk).update(**values)
    shops = ShopConnection.objects.filter(client=connection.client_id)
    shops.update(settings_version=F("settings_version") + 1)
    data = {"database": values.get("database_id", connection.database_id), "why": str(problem["code"])}
    record(user, "erp.database", connection.name, client=connection.client, data=data)
    for shop in shops:
        queue.nudge(shop)
    return True
