"""The faults of a simulated shop, seen through its control address: switched on, looked at, cleared.

Only for addresses of this very machine, and only where INTEGRATOR_ALLOW_LOOPBACK is on (demo and tests). A real shop
has no `/_control`, so it is never taken for a simulated one.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from integrator.api_client import ApiClient, NetworkPolicy
from integrator.canonical.errors import IntegrationError

SECONDS = 3.0
"""A person waits for the page, and the shop is on the same machine."""
FAULTS = {
    "drop": _("The shop does the work and its answer is lost"),
    "reset": _("The connection ends before the shop does anything"),
    "delay": _("The answer comes late"),
    "too_many": _("429 that says how long to wait"),
    "too_many_unsaid": _("429 that does not say how long to wait"),
    "error": _("An error of the server"),
    "gateway": _("The shop does the work and a gateway answers 504"),
    "html": _("A web page with 200 instead of data"),
    "truncated": _("Half of the answer"),
    "short_page": _("A list without its last rows"),
    "doubled": _("A list with each row twice"),
    "shuffled": _("A list backwards"),
    "stale": _("An old answer: what the same question was answered before"),
    "skew": _("The shop's clock is wrong from then on"),
    "revoke": _("The login becomes invalid"),
    "redirect": _("A redirect to another host"),
}
"""Kinds of `shops.simulation.faults`, for people."""


class NotSimulated(Exception):
    """This address leads to no simulated shop that answers now."""


@dataclass(frozen=True)
class Struck:
    kind: str
    method: str
    resource: str
    at: datetime


@dataclass(frozen=True)
class Held:
    """What the simulated shop says: `active` rows of `Fault`, `happened` counts by kind, `latest` the newest first."""

    active: list[dict[str, Any]]
    skew: float
    happened: dict[str, int]
    latest: list[Struck] = field(default_factory=list)

    @property
    def quiet(self) -> bool:
        return not self.active and not self.skew


def on_this_machine(address: str) -> bool:
    """Whether the address names a loopback address and such are allowed here."""
    if not settings.INTEGRATOR_ALLOW_LOOPBACK:
        return False
    try:
        host = urlsplit(address).hostname or ""
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


class Laboratory:
    """The control address of one simulated shop. Raises NotSimulated whenever it is none, or does not answer."""

    def __init__(self, address: str) -> None:
        if not on_this_machine(address):
            raise NotSimulated(address)
        parts = urlsplit(address)
        self.base = f"{parts.scheme}://{parts.netloc}"

    def held(self) -> Held:
        told = self._asked("GET")
        try:
            latest = [
                Struck(one["kind"], one["method"], one["resource"], datetime.fromtimestamp(one["at"], UTC))
                for one in reversed(told["latest"])
            ]
            return Held(list(told["active"]), float(told["skew"]), dict(told["happened"]), latest)
        except (KeyError, TypeError, ValueError, OverflowError):
            raise NotSimulated(self.base) from None

    def switch_on(self, kind: str, options: Mapping[str, Any]) -> None:
        """`options`: fields of `shops.simulation.faults.Fault`."""
        self._asked("POST", {"kind": kind, **options})

    def clear(self) -> None:
        self._asked("DELETE")

    def _asked(self, method: str, body: Any = None) -> dict[str, Any]:
        try:
            with ApiClient(self.base, network=NetworkPolicy(allow_private=True), deadline=SECONDS) as client:
                told = client.request(method, "/_control/faults", body=body).json
        except IntegrationError as error:
            raise NotSimulated(self.base) from error
        if not isinstance(told, dict):
            raise NotSimulated(self.base)
        return told
