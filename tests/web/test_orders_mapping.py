"""Mappings of orders: filled with suggestions from what the shop really used, and counting only once saved."""

from typing import Any

import pytest
from django.test import Client

from integrator.accounts.models import AuditEntry
from syncjobs.models import Errand
from syncjobs.models.orders import OrderTerms, ShopOrder
from syncjobs.orders.draft import DeliveryMap, PaymentMap
from syncjobs.orders.terms import map_of
from tests.orders import make
from tests.web.orders_scene import arrived, numbered, terms
from tests.web.scene import Scene
from tests.web.test_runs import text_of

pytest_plugins = ("tests.web.signed_in",)

ERP_WORDS: dict[str, Any] = {
    "payment_forms": [
        {"key": "gotówka", "name": "gotówka"},
        {"key": "Za pobraniem", "name": "Za pobraniem", "days": 7},
    ],
    "delivery_forms": [{"key": "2", "name": "Kurier"}],
    "carriers": [{"key": "7", "name": "InPost"}],
    "service_cards": [
        {"key": "TRANSPORT", "name": "Transport", "vat_code": "23", "unit": "szt", "warehouses": [1]},
    ],
    "vat_codes": [
        {"key": "23", "name": "23%", "percent": "23"},
        {"key": "np", "name": "nie podlega", "percent": None},
    ],
}
ALL = {
    "payments|form|cod": "Za pobraniem",
    "payments|days|cod": "7",
    "deliveries|form|courier": "2",
    "deliveries|carrier|courier": "",
    "taxes|code|23%": "23",
    "charges|card|shipping|23": "TRANSPORT",
}


def _url(scene: Scene) -> str:
    return f"/shops/{scene.shop.pk}/orders/mapping/"


def _held(scene: Scene, **more: Any) -> ShopOrder:
    found = terms(scene, erp_words=ERP_WORDS)
    return arrived(found, numbered(1, **more), status=ShopOrder.Status.HELD, to_decide=False)


def test_an_empty_page_says_where_its_rows_come_from(scene: Scene, panel: Client) -> None:
    words = text_of(panel.get(_url(scene)).content)
    assert "known of the shop" in words
    assert "Read WAPRO" in words


def test_reading_the_dictionaries_is_asked_of_a_worker_once(scene: Scene, panel: Client) -> None:
    for _ in range(2):
        panel.post(f"/shops/{scene.shop.pk}/orders/dictionaries/")
    assert [errand.verb for errand in Errand.objects.filter(shop=scene.shop)] == ["order_words"]
    assert "Waits for a worker" in text_of(panel.get(_url(scene)).content)


def test_what_orders_used_is_there_with_suggestions_that_do_not_count_yet(scene: Scene, panel: Client) -> None:
    _held(scene)
    answer = panel.get(_url(scene))
    chosen = {
        cell["pick"].name: cell["value"]
        for table in answer.context["tables"]
        for one in table["rows"]
        for cell in one["picks"]
    }
    assert chosen == ALL
    assert "4 rows are filled with suggestions" in text_of(answer.content)
    assert map_of(OrderTerms.objects.get()).payments == {}


def test_saved_mappings_are_what_the_import_uses_and_waiting_orders_are_decided_again(
    scene: Scene, panel: Client
) -> None:
    row = _held(scene)
    assert "Saved." in text_of(panel.post(_url(scene), ALL, follow=True).content)
    assert map_of(OrderTerms.objects.get()) == make.mapping(
        prefix="DOMO",
        payments={"cod": PaymentMap(form="Za pobraniem", days=7)},
        deliveries={"courier": DeliveryMap(form=2)},
        taxes={"23%": make.mapping().taxes["23%"]},
    )
    row.refresh_from_db()
    assert row.to_decide
    assert AuditEntry.objects.filter(verb="orders.mapping").exists()
    assert "orders wait" not in text_of(panel.get(_url(scene)).content)


def test_a_delivery_without_a_form_is_mapped_on_purpose(scene: Scene, panel: Client) -> None:
    _held(scene)
    panel.post(_url(scene), ALL | {"deliveries|form|courier": "-", "deliveries|carrier|courier": "7"})
    assert OrderTerms.objects.get().deliveries == {"courier": {"form": None, "carrier": 7}}
    assert 'value="-" selected' in panel.get(_url(scene)).content.decode()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("payments|form|cod", "bitcoin"),
        ("payments|days|cod", "soon"),
        ("taxes|code|23%", "np"),
        ("deliveries|form|courier", "99"),
    ],
)
def test_what_wapro_does_not_have_is_refused_and_nothing_is_saved(
    scene: Scene, panel: Client, name: str, value: str
) -> None:
    _held(scene)
    answer = panel.post(_url(scene), ALL | {name: value})
    assert answer.status_code == 422
    assert list(answer.context["problems"]) == [name]
    assert OrderTerms.objects.get().payments == {}


@pytest.mark.parametrize(
    ("value", "day", "ok"), [("4,2815", "2026-11-24", True), ("x", "2026-11-24", False), ("4", "", False)]
)
def test_a_foreign_currency_needs_a_rate_and_its_day(
    scene: Scene, panel: Client, value: str, day: str, ok: bool
) -> None:
    _held(scene, currency="EUR")
    answer = panel.post(_url(scene), ALL | {"rates|value|EUR": value, "rates|day|EUR": day})
    assert (answer.status_code == 302) is ok
    saved = OrderTerms.objects.get().rates
    assert saved == ({"EUR": {"value": "4.2815", "day": "2026-11-24"}} if ok else {})


def test_a_viewer_cannot_save(scene: Scene, viewer: Client) -> None:
    _held(scene)
    assert "Save the mappings" not in text_of(viewer.get(_url(scene)).content)
    assert viewer.post(_url(scene), ALL).status_code == 403
