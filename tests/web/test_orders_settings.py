"""Settings of orders: nothing is imported before it is safe to, and what WAPRO knows orders by never changes."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from integrator.accounts.models import AuditEntry
from syncjobs.models.orders import OrderTerms, ShopOrder
from tests.web.orders_scene import arrived, numbered, terms
from tests.web.scene import Scene
from tests.web.tenants import shop_of
from tests.web.test_runs import text_of

pytest_plugins = ("tests.web.signed_in",)

Status = ShopOrder.Status


def _url(scene: Scene) -> str:
    return f"/shops/{scene.shop.pk}/orders/settings/"


def _sent(**more: Any) -> dict[str, Any]:
    return {
        "interval_minutes": "2",
        "prefix": "DOMO",
        "warehouse": "1",
        "go_live": "2026-11-01T00:00",
        "look_back_days": "14",
        "payment_days": "7",
        "when_unpaid": "alert",
        "again": "no",
        "private": "retail",
        **{f"{flow}-every": "0" for flow in ("shipments", "statuses", "payments", "documents")},
    } | more


def test_a_new_connection_is_offered_a_prefix_that_no_other_shop_has(scene: Scene, panel: Client) -> None:
    first = panel.get(_url(scene)).context["form"]["prefix"].value()
    other = shop_of(scene.client, name="Other", is_leading=False)
    OrderTerms.objects.create(connection=other, prefix=first)
    second = panel.get(_url(scene)).context["form"]["prefix"].value()
    assert len(first) == len(second) == 4
    assert first != second


def test_settings_are_saved_and_recorded(scene: Scene, panel: Client) -> None:
    words = text_of(panel.post(_url(scene), _sent(enabled="on", reserve="on", state_sent=""), follow=True).content)
    assert "Saved." in words
    saved = OrderTerms.objects.get(connection=scene.shop)
    assert (saved.enabled, saved.prefix, saved.warehouse, saved.reserve) == (True, "DOMO", "1", True)
    assert AuditEntry.objects.get(verb="orders.settings").subject == scene.shop.name


def test_quiet_hours_are_those_of_the_set_up(scene: Scene, panel: Client) -> None:
    night = {"orders-from": "22:00", "orders-to": "06:00", "statuses-every": "30", "statuses-from": "21:00"}
    refused = panel.post(_url(scene), _sent(**night))
    assert "Give both ends of the quiet hours, or neither." in text_of(refused.content)
    assert panel.post(_url(scene), _sent(**night, **{"statuses-to": "05:30"})).status_code == 302
    told = OrderTerms.objects.get(connection=scene.shop).rests["statuses"]
    assert told == {"interval": 30, "quiet": ["21:00", "05:30"]}
    for page in (_url(scene), f"/shops/{scene.shop.pk}/setup/scope/"):
        form = panel.get(page).context["form"]
        assert [f"{form[name].value():%H:%M}" for name in ("orders-from", "orders-to")] == ["22:00", "06:00"]
        assert form["statuses-every"].value() == 30


@pytest.mark.parametrize("missing", ["prefix", "warehouse", "go_live"])
def test_the_import_is_not_switched_on_without_what_every_order_needs(
    scene: Scene, panel: Client, missing: str
) -> None:
    answer = panel.post(_url(scene), _sent(enabled="on", **{missing: ""}))
    assert answer.status_code == 422
    assert missing in answer.context["form"].errors
    assert not OrderTerms.objects.filter(connection=scene.shop, enabled=True).exists()


@pytest.mark.parametrize("prefix", ["DOM", "ŻÓŁW", "DO-M"])
def test_a_prefix_that_is_none_is_refused(scene: Scene, panel: Client, prefix: str) -> None:
    assert "prefix" in panel.post(_url(scene), _sent(prefix=prefix)).context["form"].errors


def test_a_prefix_of_another_shop_in_the_same_database_is_refused(scene: Scene, panel: Client) -> None:
    OrderTerms.objects.create(connection=shop_of(scene.client, name="Other", is_leading=False), prefix="DOMO")
    answer = panel.post(_url(scene), _sent())
    assert "Another shop" in str(answer.context["form"].errors["prefix"])


def test_the_prefix_is_frozen_by_the_first_order_in_wapro(scene: Scene, panel: Client) -> None:
    arrived(terms(scene), status=Status.PLACED, erp_key="9", erp_number="DOMO-1001")
    assert "so it stays" in text_of(panel.get(_url(scene)).content)
    panel.post(_url(scene), _sent(prefix="NOWY"))
    assert OrderTerms.objects.get().prefix == "DOMO"


def test_the_shops_states_are_offered_with_a_proposal(scene: Scene, panel: Client) -> None:
    states = [
        {"key": "3", "name": "W realizacji", "stage": "open"},
        {"key": "5", "name": "Wysłane", "stage": "sent"},
    ]
    terms(scene, words={"states": states})
    form = panel.get(_url(scene)).context["form"]
    assert form["state_sent"].value() == "5"
    panel.post(_url(scene), _sent(back_enabled="on", state_open="", state_sent="5", state_cancelled=""))
    saved = OrderTerms.objects.get()
    assert saved.back_states == {"open": "", "sent": "5", "cancelled": ""}
    assert panel.get(_url(scene)).context["form"]["state_open"].value() == ""


def test_orders_that_wait_are_decided_again_by_new_settings(scene: Scene, panel: Client) -> None:
    found = terms(scene)
    held = arrived(found, numbered(1), status=Status.HELD, to_decide=False, reasons=[{"code": "payment_unmapped"}])
    deleted = arrived(
        found, numbered(2), status=Status.HELD, to_decide=False, reasons=[{"code": "order_deleted_there"}]
    )
    placed = arrived(found, numbered(3), status=Status.PLACED, erp_key="9", erp_number="DOMO-3", to_decide=False)
    panel.post(_url(scene), _sent(enabled="on"))
    for row in (held, deleted, placed):
        row.refresh_from_db()
    assert (held.to_decide, deleted.to_decide, placed.to_decide) == (True, True, False)


def test_an_earlier_go_live_brings_back_orders_that_were_before_it(scene: Scene, panel: Client) -> None:
    found = terms(scene, go_live=timezone.now())
    reasons = [{"code": "order_before_go_live", "params": {}}]
    row = arrived(found, status=Status.IGNORED, to_decide=False, reasons=reasons, done_at=timezone.now())
    panel.post(_url(scene), _sent(go_live=(timezone.now() - timedelta(days=3)).strftime("%Y-%m-%dT%H:%M")))
    row.refresh_from_db()
    assert (row.status, row.to_decide, row.done_at) == (Status.WAITING, True, None)


def test_a_viewer_reads_the_settings_and_cannot_save_them(scene: Scene, viewer: Client) -> None:
    assert 'class="btn btn-primary"' not in viewer.get(_url(scene)).content.decode()
    assert viewer.post(_url(scene), _sent()).status_code == 403


def test_it_says_that_people_make_documents_and_why(scene: Scene, panel: Client) -> None:
    words = text_of(panel.get(_url(scene)).content)
    assert "automatic documents: off" in words
    assert "People make documents in WAPRO, from the order." in words
    assert "Test the WAPRO connection" in words
    params = {"procedures": "JL_ZatwierdzPozycje_Server (34)"}
    found = {"name": "order_documents", "verdict": "skipped", "found": "", "turn": "us"}
    scene.erp.checks = [found | {"code": "documents_by_people", "params": params}]
    scene.erp.save()
    assert "JL_ZatwierdzPozycje_Server (34)" in text_of(panel.get(_url(scene)).content)
