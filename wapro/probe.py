""" "Test settings" of an ERP connection: named checks in order, each with what was found, why, and whose turn it is.

Nothing is written, and no password is in any text. A check that needs one that failed is skipped; everything else goes
on, so one visit shows all there is to mend.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.db import Error as DjangoDatabaseError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from integrator.canonical.errors import IntegrationError
from integrator.canonical.preflight import Check, Verdict, failed
from integrator.canonical.problems import Code
from integrator.canonical.records import problem
from wapro.checks import data, login, network, orders, server
from wapro.checks.look import BUDGET_SECONDS, Look, left_out
from wapro.checks.server import database_identity
from wapro.errors import statement_error
from wapro.models import WaproConnection

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

__all__ = ["LABELS", "STEPS", "database_identity", "probe"]


@dataclass(frozen=True, slots=True)
class Step:
    name: str
    run: Callable[[Look], Check]
    needs: tuple[str, ...] = ()
    """Checks that must not have failed or been skipped for want of another."""
    server_only: bool = False
    """Means nothing for the sample company."""


STEPS: tuple[Step, ...] = (
    Step("driver", network.driver, server_only=True),
    Step("name", network.name, server_only=True),
    Step("port", network.port, ("name",), server_only=True),
    Step("answer", network.answer, ("port",), server_only=True),
    Step("encryption", login.encryption, ("driver", "answer"), server_only=True),
    Step("login", login.login, ("driver", "answer", "encryption"), server_only=True),
    Step("version", server.version, ("answer",), server_only=True),
    Step("database", login.database, ("login",)),
    Step("write_login", login.write_login, ("database",)),
    Step("settings", server.settings, ("database",), server_only=True),
    Step("wapro", server.wapro, ("database",)),
    Step("identity", server.identity, ("wapro",)),
    Step("tables", server.tables, ("wapro",)),
    Step("rights", server.rights, ("tables",), server_only=True),
    Step("procedures", server.procedures, ("wapro",), server_only=True),
    Step("formula", data.formula, ("tables", "rights")),
    Step("warehouse", data.warehouse, ("tables", "rights")),
    Step("cards", data.cards, ("tables", "rights")),
    Step("identity_key", data.identity_key, ("cards",)),
    Step("eans", data.eans, ("cards",)),
    Step("agreement", data.agreement, ("cards",)),
    Step("licence", data.licence),
    Step("order_tables", orders.order_tables, ("tables",)),
    Step("order_procedures", orders.order_procedures, ("order_tables", "write_login")),
    Step("order_rights", orders.order_rights, ("order_procedures",), server_only=True),
    Step("order_user", orders.order_user, ("order_tables",)),
    Step("order_type", orders.order_type, ("order_tables", "warehouse")),
    Step("order_contractors", orders.order_contractors, ("order_type",)),
    Step("service_cards", orders.service_cards, ("order_tables", "warehouse")),
    Step("order_documents", orders.order_documents, ("order_tables", "write_login")),
    Step("half_made", orders.half_made, ("order_user",)),
)

LABELS: Mapping[str, "StrOrPromise"] = {
    "driver": _("SQL Server driver"),
    "name": _("Name of the server"),
    "port": _("Port"),
    "answer": _("SQL Server answers"),
    "encryption": _("Encryption and certificate"),
    "login": _("Login for reading"),
    "version": _("Version of SQL Server"),
    "database": _("Database"),
    "write_login": _("Login for writing"),
    "settings": _("Collation and compatibility level"),
    "wapro": _("WAPRO Mag and its version"),
    "identity": _("Same database as before"),
    "tables": _("Tables and columns"),
    "rights": _("Rights"),
    "procedures": _("Procedures of WAPRO Mag"),
    "formula": _("Stock formula"),
    "warehouse": _("Leading warehouse"),
    "cards": _("All cards can be read"),
    "identity_key": _("Identity key"),
    "eans": _("EANs"),
    "agreement": _("Cards of one product agree"),
    "licence": _("Licence"),
    "order_tables": _("Orders: tables and columns"),
    "order_procedures": _("Orders: procedures of WAPRO Mag"),
    "order_rights": _("Orders: rights"),
    "order_user": _("Orders: user of WAPRO they are written as"),
    "order_type": _("Orders: type of document"),
    "order_contractors": _("Orders: contractors of retail and one-off sales"),
    "service_cards": _("Orders: service cards for charges"),
    "order_documents": _("Orders: documents made automatically"),
    "half_made": _("Orders begun and never approved"),
}
"""What people call each check."""


def probe(connection: WaproConnection, *, today: date | None = None) -> Iterator[Check]:
    """Every check of STEPS once, in order, as it is done. Raises nothing that a connection can cause."""
    day = today or timezone.now().astimezone(ZoneInfo("Europe/Warsaw")).date()
    stopped: set[str] = set()
    with ExitStack() as stack:
        look = Look(connection, day, stack)
        for step in STEPS:
            check = _check(step, look, stopped)
            if _stops(check):
                stopped.add(step.name)
            yield check


def _check(step: Step, look: Look, stopped: set[str]) -> Check:
    if look.sample and step.server_only:
        return left_out(step.name, Code.SAMPLE_COMPANY)
    if stopped.intersection(step.needs):
        return left_out(step.name, Code.CHECK_SKIPPED)
    if look.seconds_left <= 0:
        return left_out(step.name, problem(Code.DEADLINE, seconds=int(BUDGET_SECONDS), system="WAPRO Mag"))
    try:
        return step.run(look)
    except IntegrationError as error:
        return failed(step.name, error.problem, error.turn)
    except DjangoDatabaseError as error:
        told = statement_error(error)
        return failed(step.name, told.problem, told.turn)


def _stops(check: Check) -> bool:
    """Whether what needs this check cannot be looked at. A check without an object (no server, nothing switched on)
    stops nothing."""
    if check.verdict is Verdict.FAILED:
        return True
    return check.problem is not None and check.problem.code in (Code.CHECK_SKIPPED, Code.DEADLINE)
