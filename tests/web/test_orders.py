"""The list of orders and the page of one: what waits and why, the money, what happened, and what people may do."""

from datetime import timedelta
from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from integrator.accounts.models import AuditEntry
from integrator.canonical.orders import Buyer, Payment, PaymentKind
from shops.models import ShopConnection
from syncjobs.models.orders import OrderEvent, OrderPromise, OrderTerms, ShopOrder
from syncjobs.orders import acting, arriving
from tests.orders import make
from tests.web.orders_scene import arrived, numbered, terms
from tests.web.scene import Scene, products
from tests.web.test_runs import text_of

pytest_plugins = ("tests.web.signed_in",)

Status = ShopOrder.Status
UNMAPPED = {"code": "payment_unmapped", "params": {"name": "Za pobraniem"}}
PROOF = {
    "basis": "Brutto",
    "rates": [
        {
            "rate": "23",
            "percent": "23",
            "shop_gross": "36.90",
            "net": "30.00",
            "tax": "6.89",
            "gross": "36.89",
            "difference": "-0.01",
        }
    ],
    "shop_total": "36.90",
    "net": "30.00",
    "gross": "36.89",
    "holds": False,
}


def _list(scene: Scene, query: str = "") -> str:
    return f"/shops/{scene.shop.pk}/orders/{query}"


def _page(row: ShopOrder) -> str:
    return f"/orders/{row.pk}/"


def _act(browser: Client, row: ShopOrder, do: str, reason: str = "") -> str:
    answer = browser.post(f"/orders/{row.pk}/act/", {"do": do, "reason": reason}, follow=True)
    row.refresh_from_db()
    return text_of(answer.content)


def test_a_connection_without_orders_says_how_to_begin(scene: Scene, panel: Client) -> None:
    words = text_of(panel.get(_list(scene)).content)
    assert "Orders of this shop are not imported." in words
    for missing in (
        "prefix of the numbers, warehouse, go-live",
        "Writing orders is switched off",
        "read the dictionaries",
    ):
        assert missing in words
    assert "The import is switched on : to do" in words


def test_the_navigation_leads_to_orders_and_counts_those_that_need_a_look(scene: Scene, panel: Client) -> None:
    arrived(terms(scene), status=Status.HELD, reasons=[UNMAPPED])
    body = panel.get(f"/shops/{scene.shop.pk}/runs/").content.decode()
    assert f'href="/shops/{scene.shop.pk}/orders/"' in body
    assert "Orders" in text_of(body)


def test_an_import_that_is_on_names_only_what_recent_orders_lack(scene: Scene, panel: Client) -> None:
    scene.erp.write_orders, scene.erp.order_user, scene.erp.retail_contractor = True, "3", "1"
    scene.erp.save()
    unused = {"key": "x", "name": "Krypto", "kind": "unknown"}
    words = {"states": [], "payments": [{"key": "cod", "name": "Za pobraniem", "kind": "cod"}, unused]}
    mapped = {
        "deliveries": {"courier": {"form": 2, "carrier": None}},
        "taxes": {"23%": {"code": "23", "percent": "23"}},
    }
    arrived(terms(scene, words=words, charges={"shipping|23": "TRANSPORT"}, **mapped))
    shown = {one.title: one.detail for one in panel.get(_list(scene)).context["points"]}
    assert shown == {"Mapped: Payments": "Missing: Za pobraniem."}


def test_a_row_says_what_waits_and_why_and_what_to_do(scene: Scene, panel: Client) -> None:
    arrived(terms(scene), status=Status.HELD, reasons=[UNMAPPED], alert=True)
    words = text_of(panel.get(_list(scene)).content)
    assert "Łucja Żak" in words
    assert "36.90" in words
    assert "Za pobraniem" in words
    assert "Held" in words
    assert "The payment “Za pobraniem” has no form of payment in WAPRO yet." in words


def test_filters_and_search_narrow_the_list(scene: Scene, panel: Client) -> None:
    found = terms(scene)
    arrived(found, numbered(501), status=Status.HELD, reasons=[UNMAPPED])
    arrived(found, numbered(502), status=Status.PLACED, erp_key="9", erp_document="ZO 7/2026")
    held = text_of(panel.get(_list(scene, "?status=held")).content)
    assert "501" in held
    assert "ZO 7/2026" not in held
    assert "501" not in text_of(panel.get(_list(scene, "?status=look&q=ZO+7")).content)
    assert "502" in text_of(panel.get(_list(scene, "?q=ZO+7")).content)
    assert "Nothing here matches" in text_of(panel.get(_list(scene, "?q=nobody")).content)


def test_a_long_list_goes_on_by_the_day_of_ordering_without_losing_any(scene: Scene, panel: Client) -> None:
    found = terms(scene)
    arriving.keep(found, [numbered(number) for number in range(1000, 1060)])
    seen: list[str] = []
    where = _list(scene)
    while where:
        answer = panel.get(where)
        seen += [str(row["order"]) for row in answer.context["rows"]]
        following = answer.context["page"].following
        where = _list(scene, f"?before={following}") if following else ""
    assert seen == [str(number) for number in range(1000, 1060)]


def test_a_platform_without_orders_has_no_such_page(scene: Scene, panel: Client, monkeypatch: Any) -> None:
    monkeypatch.setattr("syncjobs.views.orders_door.platforms", _without_orders)
    monkeypatch.setattr("syncjobs.navigation.platforms", _without_orders)
    assert panel.get(_list(scene)).status_code == 404
    assert "/orders/" not in panel.get(f"/shops/{scene.shop.pk}/runs/").content.decode()


def _without_orders() -> dict[str, Any]:
    import dataclasses

    from shops.connectors.shoper.connector import PLATFORM

    return {"shoper": dataclasses.replace(PLATFORM, orders=False)}


def test_the_page_of_an_order_shows_money_lines_reasons_and_timeline(scene: Scene, panel: Client) -> None:
    row = arrived(terms(scene), status=Status.HELD, reasons=[UNMAPPED], alert=True, proof=PROOF)
    words = text_of(panel.get(_page(row)).content)
    assert "difference -0.01" in words
    assert "36.89" in words
    assert "Towar 10" in words
    assert "Placed in the shop: 36.90, Za pobraniem" in words
    assert "Map it on the page of orders" in words


def test_an_order_that_wants_its_document_is_on_a_list_of_its_own(scene: Scene, panel: Client) -> None:
    found = terms(scene)
    row = arrived(found, numbered(601), status=Status.PLACED, erp_key="9", erp_document="ZO 9/2026", to_document=True)
    arrived(found, numbered(602), status=Status.PLACED, erp_key="10", erp_document="ZO 10/2026")
    words = text_of(panel.get(_list(scene, "?status=document")).content)
    assert "Document wanted 1" in words
    assert "ZO 9/2026" in words
    assert "ZO 10/2026" not in words
    assert "The policy asks for its document at once." in text_of(panel.get(_page(row)).content)
    home = panel.get(f"/clients/{scene.client.pk}/").content.decode()
    assert "1 order wants its document" in text_of(home)
    assert f'href="/shops/{scene.shop.pk}/orders/?status=document"' in home


def test_the_buyers_data_can_be_copied_field_by_field(scene: Scene, panel: Client) -> None:
    reasons = [{"code": "contractor_missing", "params": {"company": "Ogród Sp. z o.o.", "tax_number": "5252344078"}}]
    buyer = Buyer(email="biuro@ogrod.example", billing=make.COMPANY, delivery=make.PERSON)
    row = arrived(terms(scene), numbered(603, buyer=buyer), status=Status.HELD, reasons=reasons, alert=True)
    answer = panel.get(_page(row))
    for copied in ("Ogród Sp. z o.o.", "525-23-44-078", "Leśna 1", "biuro@ogrod.example", "Polna 3/4"):
        assert f'data-copy="{copied}"' in answer.content.decode()
    assert "Delivery address" in text_of(answer.content)


def test_amounts_in_reasons_are_written_as_people_read_them(scene: Scene, panel: Client) -> None:
    params = {"shop": "1353.98", "erp": "1353.97", "difference": "-0.01"}
    row = arrived(terms(scene), status=Status.HELD, reasons=[{"code": "total_differs", "params": params}], alert=True)
    assert "total is 1,353.98 and WAPRO would come to 1,353.97" in text_of(panel.get(_page(row)).content)


def test_what_was_given_back_and_an_old_rate_are_said_and_lead_somewhere(scene: Scene, panel: Client) -> None:
    given = {"code": "order_refunded", "params": {"value": "1024.6", "currency": "EUR"}}
    old = {"code": "rate_old", "params": {"currency": "EUR", "day": "2026-11-01", "days": "7"}}
    row = arrived(terms(scene), status=Status.HELD, reasons=[given, old], alert=True)
    answer = panel.get(_page(row))
    words = text_of(answer.content)
    assert "given 1,024.60 EUR of this order back" in words
    assert "The rate of EUR is of 2026-11-01" in words
    assert f"/shops/{scene.shop.pk}/orders/mapping/" in answer.content.decode()


def test_an_order_that_went_in_by_rule_is_not_bothered_with_the_rule(scene: Scene, panel: Client) -> None:
    by_rule = {"code": "order_by_default", "params": {"payment": "Za pobraniem", "state": "Nowe"}}
    remark = {"code": "text_shortened", "params": {"length": "60", "limit": "50"}}
    values = {"status": Status.PLACED, "erp_key": "9", "draft": {"order": {"document": "issue", "number": "DOMO-1001"}}}
    row = arrived(terms(scene), reasons=[by_rule, remark], **values)
    words = text_of(panel.get(_page(row)).content)
    assert "unless the table says otherwise" not in words
    assert "A text of 60 characters was cut to 50." in words
    assert "Goods issue (WZ), neither invoice nor receipt" in words
    assert "Values of the order for WAPRO" in words


def test_what_was_edited_after_the_import_is_shown_part_by_part(scene: Scene, panel: Client) -> None:
    edited = [{"field": "line:2", "before": "", "now": "KSI-DON-01 × 1"}, {"field": "total", "before": "1", "now": "2"}]
    row = arrived(terms(scene), status=Status.PLACED, erp_key="9", erp_document="ZO 7/2026", edited=edited, alert=True)
    listed = text_of(panel.get(_list(scene)).content)
    assert "Changed in the shop after the import" in listed
    assert "more reason" not in listed
    words = text_of(panel.get(_page(row)).content)
    assert "Changed in the shop after the import" in words
    assert "KSI-DON-01 × 1" in words
    assert "left as it is" not in words
    _act(panel, row, "seen")
    assert not row.alert


def test_documents_parcels_and_the_exact_call_are_there(scene: Scene, panel: Client) -> None:
    progress = {
        "key": "9",
        "state": "Z",
        "tracking": ["620018735520"],
        "carrier": "InPost",
        "documents": [{"key": "5", "number": "PA 2231/2026", "kind": "receipt"}],
    }
    row = arrived(terms(scene), status=Status.DONE, erp_key="9", erp_document="ZO 7/2026", progress=progress)
    exchange = {"request": "PUT /orders/1001", "answer": "200 OK"}
    data = {"exchange": exchange, "state": "sent", "parcels": ["620018735520"], "documents": []}
    OrderEvent.objects.create(order=row, at=timezone.now(), side="shop", verb="told", data=data)
    words = text_of(panel.get(_page(row)).content)
    assert "PA 2231/2026" in words
    assert "InPost 620018735520" in words
    assert "The shop was told: sent" in words
    assert words.count("620018735520") == 2
    assert "PUT /orders/1001" in words


def test_every_event_of_the_pipeline_has_a_sentence(scene: Scene, panel: Client) -> None:
    row = arrived(terms(scene))
    verbs = [
        ("shop", "state"), ("shop", "paid"), ("shop", "edited"), ("shop", "deleted"), ("shop", "not_told"),
        ("us", "decided"), ("us", "held"), ("us", "cancels"), ("erp", "contractor"), ("erp", "placed"),
        ("erp", "refused"), ("erp", "cancelled"), ("erp", "realised"), ("erp", "document"), ("erp", "parcel"),
        ("erp", "paid"), ("erp", "deleted"), ("person", "retry"), ("person", "overrule"), ("person", "leave"),
    ]  # fmt: skip
    for side, verb in verbs:
        OrderEvent.objects.create(order=row, at=timezone.now(), side=side, verb=verb)
    shown = panel.get(_page(row)).context["events"]
    assert len(shown) == len(verbs) + 1
    assert [one.text for one in shown if one.icon == "info-circle"] == []


def test_import_anyway_needs_a_reason_and_is_recorded(scene: Scene, panel: Client) -> None:
    row = arrived(terms(scene), status=Status.WAITING, to_decide=False)
    assert "Say why" in _act(panel, row, "overrule")
    assert row.overruled is None
    _act(panel, row, "overrule", "Klient zapłacił w sklepie stacjonarnym")
    assert row.overruled is not None
    assert row.overruled["reason"] == "Klient zapłacił w sklepie stacjonarnym"
    assert row.to_decide
    entry = AuditEntry.objects.get(verb="order.overrule")
    assert entry.data["reason"] == "Klient zapłacił w sklepie stacjonarnym"
    assert "Import anyway" in text_of(panel.get(_page(row)).content)


def test_an_order_that_is_left_alone_gives_its_goods_back_and_stays_so(scene: Scene, panel: Client) -> None:
    products(scene)
    found = terms(scene)
    order = numbered(700, lines=(_line("8800"),))
    row = arrived(found, order, status=Status.HELD, reasons=[UNMAPPED], alert=True, to_decide=False)
    assert OrderPromise.objects.get(order=row).ended_at is None
    _act(panel, row, "leave", "Zamówienie testowe")
    assert (row.status, row.alert) == (Status.IGNORED, False)
    assert OrderPromise.objects.get(order=row).let_go
    paid = Payment(type="cod", name="Za pobraniem", kind=PaymentKind.COD, paid=True)
    arriving.keep(found, [numbered(700, lines=(_line("8800"),), payment=paid)])
    row.refresh_from_db()
    assert row.overruled is not None
    assert row.overruled["leave"]


def test_an_ignored_order_that_is_imported_anyway_promises_its_goods_again(scene: Scene, panel: Client) -> None:
    products(scene)
    row = arrived(terms(scene), numbered(700, lines=(_line("8800"),)), status=Status.HELD, to_decide=False)
    _act(panel, row, "leave", "pomyłka")
    _act(panel, row, "overrule", "jednak wysyłamy")
    assert (row.status, row.done_at) == (Status.WAITING, None)
    assert OrderPromise.objects.get(order=row).ended_at is None


def _line(product: str, **more: Any) -> Any:
    return make.line(product=product, **more)


def test_an_intent_that_may_be_written_already_is_only_tried_again(scene: Scene, panel: Client) -> None:
    row = arrived(terms(scene), status=Status.INTENDED, draft={"order": {}}, attempts=8, alert=True)
    assert acting.offered(row) == ("retry",)
    assert "moved on meanwhile" in _act(panel, row, "leave", "nie chcę")
    assert row.status == Status.INTENDED
    _act(panel, row, "retry")
    assert row.attempts == 0


def test_an_order_deleted_in_wapro_comes_back_only_by_a_reason(scene: Scene) -> None:
    reasons = [{"code": "order_deleted_there", "params": {"number": "ZO 7/2026"}}]
    row = arrived(terms(scene), status=Status.HELD, reasons=reasons, imported={"total": "10"})
    assert "retry" not in acting.offered(row)
    assert "overrule" in acting.offered(row)


def test_an_order_in_wapro_can_be_cancelled_there(scene: Scene, panel: Client) -> None:
    row = arrived(terms(scene), status=Status.PLACED, erp_key="9", erp_document="ZO 7/2026")
    _act(panel, row, "cancel", "Klient zrezygnował")
    assert row.status == Status.CANCELLING
    assert AuditEntry.objects.filter(verb="order.cancel").exists()


def test_a_viewer_sees_an_order_and_is_offered_nothing(scene: Scene, viewer: Client) -> None:
    row = arrived(terms(scene), status=Status.HELD, reasons=[UNMAPPED])
    body = viewer.get(_page(row)).content.decode()
    assert 'name="do"' not in body
    assert viewer.post(f"/orders/{row.pk}/act/", {"do": "retry"}).status_code == 403


def test_trouble_of_the_whole_lane_is_said_on_top_for_either_side(scene: Scene, panel: Client) -> None:
    trouble = {"code": "unreachable", "params": {}, "turn": "connection"}
    terms(scene, problem=trouble, erp_problem=trouble, erp_not_before=timezone.now() + timedelta(hours=1))
    words = text_of(panel.get(_list(scene)).content)
    assert words.count("Turn:") == 2
    assert words.count("next attempt") == 1
    assert "WAPRO: the server cannot be reached" in words


def test_orders_that_wait_for_a_person_are_on_the_clients_page(scene: Scene, panel: Client) -> None:
    found = terms(scene, problem={"code": "unreachable", "params": {}, "side": "erp", "turn": "connection"})
    arrived(found, numbered(501), status=Status.HELD, reasons=[UNMAPPED])
    arrived(found, numbered(502), status=Status.PLACED, erp_key="9", alert=True)
    arrived(found, numbered(503), status=Status.WAITING)
    body = panel.get(f"/clients/{scene.client.pk}/").content.decode()
    words = text_of(body)
    assert "2 orders wait for a person" in words
    assert f"{scene.shop.name}: orders stand still" in words
    assert f'href="/shops/{scene.shop.pk}/orders/?status=look"' in body


def many(found: OrderTerms, count: int) -> None:
    """Orders as a list sees them, a minute apart; three of the same minute now and then."""
    now = timezone.now()
    ShopOrder.objects.bulk_create(
        ShopOrder(
            connection=found.connection,
            shop_key=f"N{number}",
            shop_number=f"N{number}",
            placed_at=now - timedelta(minutes=number - number % 3),
            read_at=now,
            status=Status.DONE if number % 5 else Status.HELD,
            erp_key=str(number) if number % 5 else "",
            reasons=[UNMAPPED],
            progress={"key": str(number), "documents": [{"key": "5", "number": f"PA {number}", "kind": "receipt"}]},
        )
        for number in range(count)
    )


def asked(browser: Client, where: str) -> tuple[int, Any]:
    """Queries that a page costs, and the answer."""
    with CaptureQueriesContext(connection) as queries:
        answer = browser.get(where)
    return len(queries), answer


def test_a_list_of_ten_thousand_costs_what_a_short_one_costs_and_loses_none(scene: Scene, panel: Client) -> None:
    found = terms(scene)
    many(found, 60)
    few, _answer = asked(panel, _list(scene))
    ShopOrder.objects.all().delete()
    many(found, 10_000)
    assert ShopConnection.objects.count() == 1
    where, seen = _list(scene), []
    while where:
        cost, answer = asked(panel, where)
        assert cost <= few
        assert answer.context["total"] == 10_000
        seen += [row["order"].pk for row in answer.context["rows"]]
        following = answer.context["page"].following
        where = _list(scene, f"?before={following}") if following and len(seen) < 400 else ""
    assert len(set(seen)) == len(seen) == 400
    newest = ShopOrder.objects.order_by("-placed_at", "-pk").values_list("pk", flat=True)[:400]
    assert seen == list(newest)
    assert few <= 24


def test_the_page_of_an_order_asks_a_fixed_number_of_queries(scene: Scene, panel: Client) -> None:
    products(scene)
    lines = tuple(_line("8800", key=str(number)) for number in range(60))
    row = arrived(terms(scene), numbered(800, lines=lines), status=Status.PLACED, erp_key="9")
    few, _answer = asked(panel, _page(row))
    for number in range(80):
        OrderEvent.objects.create(
            order=row, at=timezone.now(), side="shop", verb="told", data={"state": str(number)}, user=scene.user
        )
    more, answer = asked(panel, _page(row))
    assert more <= few
    assert len(answer.context["events"]) == 81
    assert few <= 24
