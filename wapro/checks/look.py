"""One run of the checks of one connection: what has been found out so far, and the time that is left."""

import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db import connections

from integrator.canonical.errors import IntegrationError
from integrator.canonical.preflight import Check, Verdict
from integrator.canonical.problems import Code
from integrator.canonical.records import Problem, problem
from wapro.checks.front_door import Greeting
from wapro.database import SQL_SERVER_PORT, Server, settings_of
from wapro.models import WaproConnection

NETWORK_SECONDS = 3.0
"""The most one question over the network may take."""
BUDGET_SECONDS = 45.0
"""The most all checks together may take (half a lease); what is left then is skipped, or says how far it came."""
EXAMPLES = 3


@dataclass
class Look:
    connection: WaproConnection
    today: date
    stack: ExitStack
    """Closes the databases that the checks opened."""
    clock: Callable[[], float] = time.monotonic
    end: float = 0.0
    server: Server = field(default_factory=lambda: Server(""))
    ips: list[str] = field(default_factory=list)
    ip: str = ""
    port: int = SQL_SERVER_PORT
    greeting: Greeting | None = None
    refusal: IntegrationError | None = None
    """Why the login could not be completed, once it was tried."""
    alias: str = ""
    master: str = ""
    """Alias of the server's own database, opened when ours did not open."""
    writer: str = ""
    columns: dict[str, set[str]] = field(default_factory=dict)
    """Folded column names by folded table name, as the database has them."""
    rows: dict[str, Any] = field(default_factory=dict)
    """What an earlier check read and a later one uses."""

    def __post_init__(self) -> None:
        self.end = self.clock() + BUDGET_SECONDS

    @property
    def sample(self) -> bool:
        return self.connection.engine == WaproConnection.Engine.SAMPLE

    @property
    def seconds_left(self) -> float:
        return self.end - self.clock()

    @property
    def network_seconds(self) -> float:
        return max(min(NETWORK_SECONDS, self.seconds_left), 0.1)

    @property
    def read_user(self) -> str:
        return str(settings_of(self.connection)["USER"])

    def query(self, sql: str, params: list[Any] | None = None, alias: str = "") -> list[tuple[Any, ...]]:
        """All rows of a short query. Raises django.db.Error."""
        with connections[alias or self.alias].cursor() as cursor:
            cursor.execute(sql, params)
            return [tuple(row) for row in cursor.fetchall()]


def left_out(name: str, reason: Problem | Code, found: str = "") -> Check:
    """A check that had nothing to look at, with the reason."""
    why = reason if isinstance(reason, Problem) else problem(reason)
    return Check(name=name, verdict=Verdict.SKIPPED, found=found, problem=why)


def listed(values: list[str], most: int = EXAMPLES) -> str:
    """The first few, the rest counted: `A, B, C (+7)`."""
    rest = len(values) - most
    return ", ".join(values[:most]) + (f" (+{rest})" if rest > 0 else "")
