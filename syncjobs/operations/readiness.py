"""Whether this process can serve people now: its database, the schema it was written for, its broker."""

import logging
from collections.abc import Callable

import redis
from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, DatabaseError, connections
from django.db.migrations.executor import MigrationExecutor
from redis.exceptions import RedisError

SECONDS = 2
"""So long the broker may take to answer."""
log = logging.getLogger(__name__)
_up_to_date: set[str] = set()
"""Databases whose schema was found complete: it does not become older while a process runs."""


def checks() -> dict[str, bool]:
    """What is needed by name, each with whether it answers. Strangers may read this, so the reasons go into the log."""
    database = _holds("database", _database)
    return {
        "database": database,
        "migrations": database and _holds("migrations", _migrations),
        "broker": not settings.REDIS_URL or _holds("broker", _broker),
    }


def _holds(name: str, check: Callable[[], None]) -> bool:
    try:
        check()
    except (DatabaseError, RedisError, OSError, Unready) as error:
        log.error("not ready: %s: %s", name, error)
        return False
    return True


class Unready(Exception):
    """Something answers, and not as it should."""


def _database() -> None:
    with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
        cursor.execute("SELECT 1")


def _migrations() -> None:
    """A schema newer than the code is fine: while a release is rolled out, old and new processes serve side by side."""
    connection = connections[DEFAULT_DB_ALIAS]
    name = str(connection.settings_dict["NAME"])
    if name in _up_to_date:
        return
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if plan:
        raise Unready(f"{len(plan)} migrations are not applied, beginning with {plan[0][0]}; run manage.py migrate")
    _up_to_date.add(name)


def _broker() -> None:
    with redis.Redis.from_url(settings.REDIS_URL, socket_connect_timeout=SECONDS, socket_timeout=SECONDS) as broker:
        broker.ping()
