"""The checks of a connection as people read them: name, verdict, what was found, why, whose turn, what to do."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext_lazy

from integrator.canonical.preflight import Verdict
from shops.models import ShopConnection
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
    "right": gettext_lazy("Right to read"),
    "permalinks": gettext_lazy("Addresses of the shop's pages"),
    "api": gettext_lazy("Interface of the shop"),
    "price_basis": gettext_lazy("Prices, net or gross"),
    "tax_calculation": gettext_lazy("Reckoning of VAT"),
    "tax_classes": gettext_lazy("VAT rates"),
    "weight_unit": gettext_lazy("Unit of weight"),
    "stock_counted": gettext_lazy("Counting of stock"),
    "brands": gettext_lazy("Brands"),
    "order_tables": gettext_lazy("How orders are kept"),
    "right_to_write": gettext_lazy("Right to write"),
    "media": gettext_lazy("Way of pictures"),
}
"""By the names that connectors give their checks; an unknown name is shown as it is."""
LOOKS = {
    Verdict.FAILED: ("fail", "circle-x", gettext_lazy("Did not pass")),
    Verdict.WARNING: ("wait", "alert-triangle", gettext_lazy("Warning")),
    Verdict.SKIPPED: ("off", "player-skip-forward", gettext_lazy("Not looked at")),
    Verdict.PASSED: ("ok", "circle-check", gettext_lazy("Fine")),
}
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


def label_of(name: str, erp: bool) -> str:
    """The check's name on screen. A check of one resource is named `right:<resource>`."""
    labels: Mapping[str, Any] = ERP_LABELS if erp else SHOP_LABELS
    head, _colon, tail = name.partition(":")
    text = capfirst(str(labels.get(head) or head.replace("_", " ")))
    return f"{text}: {resource_label(tail)}" if tail else text


def row_of(check: Mapping[str, Any], connection: Any) -> CheckRow:
    verdict = Verdict(check["verdict"])
    tone, icon, word = LOOKS[verdict]
    shop = connection if isinstance(connection, ShopConnection) else None
    told = None
    if check.get("code"):
        side = "shop" if shop is not None else "erp"
        told = explain(check, side=side, connection=shop, turn=check.get("turn", ""))
    label = label_of(check["name"], erp=shop is None)
    return CheckRow(str(verdict), tone, icon, str(word), label, check.get("found") or "", told)
