"""The checks of a connection as people read them: name, verdict, what was found, why, whose turn, what to do."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext, gettext_lazy, gettext_noop

from integrator.canonical.preflight import Verdict
from shops.models import ShopConnection
from shops.registry import platforms
from syncjobs.explain import Explained, explain
from syncjobs.fields import resource_label
from wapro.probe import LABELS as ERP_LABELS

SHOP_LABELS = {
    "name": gettext_lazy("Address of the shop"),
    "port": gettext_lazy("Reaching the shop"),
    "tls": gettext_lazy("Certificate"),
    "answer": gettext_lazy("The shop answers"),
    "connection": gettext_lazy("Connection"),
    "login": gettext_lazy("Login"),
    "version": gettext_lazy("Version"),
    "time_zone": gettext_lazy("Time zone"),
    "currency": gettext_lazy("Currency"),
    "languages": gettext_lazy("Languages"),
    "warehouses": gettext_lazy("Warehouses"),
    "bulk": gettext_lazy("Many calls in one"),
    "right": gettext_lazy("Rights"),
}
"""By the names that connectors give their checks; an unknown name is shown as it is."""
LOOKS = {
    Verdict.FAILED: ("fail", "circle-x", gettext_lazy("Did not pass")),
    Verdict.WARNING: ("wait", "alert-triangle", gettext_lazy("Warning")),
    Verdict.SKIPPED: ("off", "player-skip-forward", gettext_lazy("Not looked at")),
    Verdict.PASSED: ("ok", "circle-check", gettext_lazy("Fine")),
}
FOUND = frozenset({gettext_noop("gross"), gettext_noop("net"), gettext_noop("yes"), gettext_noop("no")})
"""What connectors found that is a word and no name."""
ORDER = [str(verdict) for verdict in LOOKS]
"""What needs a person comes first."""


@dataclass(frozen=True, slots=True)
class CheckRow:
    verdict: str
    tone: str
    icon: str
    word: str
    label: str
    found: str
    explained: Explained | None


def label_of(name: str, connection: Any) -> str:
    """The check's name on screen. A check of one resource is named `right:<resource>`."""
    head, _colon, tail = name.partition(":")
    text = capfirst(_label(head, connection))
    return f"{text}: {resource_label(tail)}" if tail else text


def _label(head: str, connection: Any) -> str:
    if not isinstance(connection, ShopConnection):
        return str(ERP_LABELS.get(head) or head.replace("_", " "))
    known = platforms().get(connection.platform)
    own = known.check_labels.get(head) if known is not None else None
    return gettext(own) if own else str(SHOP_LABELS.get(head) or head.replace("_", " "))


def rows_of(connection: Any) -> list[CheckRow]:
    """The checks of the last test, what needs a person first. Rights that are all as they should be are one row."""
    rights = [check for check in connection.checks if _is_right(check)]
    rows = [row_of(check, connection) for check in connection.checks if check not in rights]
    if rights:
        names = ", ".join(resource_label(check["name"].partition(":")[2]) for check in rights)
        whole = row_of({**rights[0], "name": "right", "found": names}, connection)
        rows.append(whole)
    return sorted(rows, key=lambda row: ORDER.index(row.verdict))


def _is_right(check: Mapping[str, Any]) -> bool:
    return check["verdict"] == Verdict.PASSED and str(check["name"]).startswith("right:")


def row_of(check: Mapping[str, Any], connection: Any) -> CheckRow:
    verdict = Verdict(check["verdict"])
    tone, icon, word = LOOKS[verdict]
    shop = connection if isinstance(connection, ShopConnection) else None
    told = None
    if check.get("code"):
        side = "shop" if shop is not None else "erp"
        told = explain(check, side=side, connection=shop, turn=check.get("turn", ""))
    label = label_of(check["name"], connection)
    found = str(check.get("found") or "")
    return CheckRow(str(verdict), tone, icon, str(word), label, gettext(found) if found in FOUND else found, told)
