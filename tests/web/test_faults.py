"""Faults of a simulated shop, switched from the panel: for those who set things up, and for simulated shops only."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client as Browser
from django.urls import reverse

from integrator.accounts.models import AuditEntry
from shops.connectors.shoper.simulator import ShoperSimulator, serve
from shops.laboratory import FAULTS, Laboratory, NotSimulated, on_this_machine
from shops.models import ShopConnection
from shops.simulation.faults import KINDS
from tests.web.tenants import Tenants, tenants
from tests.web.test_connections import browser_of

pytestmark = pytest.mark.django_db
FAULT = {"do": "add", "kind": "error", "times": "3", "skip": "2", "method": "GET", "resource": "products",
         "seconds": "1", "status": "503"}  # fmt: skip


@pytest.fixture
def made() -> Tenants:
    return tenants()


@pytest.fixture
def simulator(made: Tenants) -> Iterator[ShoperSimulator]:
    shop = ShoperSimulator(limited=False)
    with serve(shop) as server:
        ShopConnection.objects.filter(pk=made.shop.pk).update(address=f"{server.url}/sklep/")
        yield shop


@pytest.fixture
def panel(made: Tenants) -> Browser:
    return browser_of(made.people["implementer"])


def where(made: Tenants) -> str:
    return reverse("shop_faults", args=[made.shop.pk])


def test_a_fault_is_switched_on_strikes_is_shown_and_cleared(
    made: Tenants, simulator: ShoperSimulator, panel: Browser
) -> None:
    answer = panel.post(where(made), FAULT, follow=True)
    assert answer.status_code == 200
    (fault,) = simulator.faults.active
    assert (fault.kind, fault.times, fault.skip, fault.method, fault.resource, fault.status) == (
        *("error", 3, 2, "GET", "products"), 503,
    )  # fmt: skip
    assert [simulator.faults.take("GET", "products") is None for _ in range(3)] == [True, True, False]
    shown = panel.get(where(made)).content.decode()
    assert "for 2 calls" in shown
    assert "GET products" in " ".join(shown.split())
    entry = AuditEntry.objects.get(verb="shop.faults_on")
    assert (entry.user, entry.data["fault"], entry.data["times"]) == (made.people["implementer"], "error", 3)
    panel.post(where(made), FAULT | {"kind": "skew", "seconds": "-300"})
    panel.post(where(made), {"do": "clear"})
    assert (simulator.faults.active, simulator.faults.skew) == ([], 0)
    assert AuditEntry.objects.filter(verb="shop.faults_off").count() == 1


@pytest.mark.parametrize(
    "wrong",
    [
        *({"kind": "earthquake"}, {"times": "0"}, {"times": ""}, {"kind": "delay", "seconds": "999"}),
        *({"kind": "delay", "seconds": "-1"}, {"status": "200"}, {"method": "BREW"}, {"do": ""}),
    ],
)  # fmt: skip
def test_what_makes_no_fault_is_refused_and_nothing_is_written_down(
    made: Tenants, simulator: ShoperSimulator, panel: Browser, wrong: dict[str, str]
) -> None:
    answer = panel.post(where(made), FAULT | wrong)
    assert answer.status_code == (200 if "do" in wrong else 422)
    assert simulator.faults.active == []
    assert not AuditEntry.objects.exists()


def test_only_where_loopback_is_allowed(
    made: Tenants, simulator: ShoperSimulator, panel: Browser, settings: Any
) -> None:
    overview = reverse("shop", args=[made.shop.pk])
    assert where(made) in panel.get(overview).content.decode()
    assert where(made) not in browser_of(made.people["operator"]).get(overview).content.decode()
    settings.INTEGRATOR_ALLOW_LOOPBACK = False
    assert where(made) not in panel.get(overview).content.decode()
    assert {panel.get(where(made)).status_code, panel.post(where(made), FAULT).status_code} == {404}
    assert simulator.faults.active == []


@pytest.mark.parametrize(
    "body", [b"[]", b'{"active": 7}', b"<html>", b'{"active": [], "skew": 0, "happened": {}, "latest": [{}]}']
)
def test_a_service_of_this_machine_that_is_no_simulator_is_nothing(made: Tenants, panel: Browser, body: bytes) -> None:
    def other(environ: dict[str, Any], start: Any) -> list[bytes]:
        start("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
        return [body]

    with serve(other) as server:
        ShopConnection.objects.filter(pk=made.shop.pk).update(address=server.url)
        assert panel.get(where(made)).status_code == 404
    assert panel.get(where(made)).status_code == 404, "nobody listens there any more"


@pytest.mark.parametrize(
    "address", ["https://shop.example", "http://10.0.0.7", "http://127.0.0.1.example", "", "http://[bad"]
)
def test_other_machines_are_never_asked(address: str) -> None:
    assert not on_this_machine(address)
    with pytest.raises(NotSimulated):
        Laboratory(address)


def test_every_fault_of_a_simulator_has_a_word() -> None:
    assert set(FAULTS) == KINDS
