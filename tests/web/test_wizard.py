"""The set-up wizard: each part is kept where runs and orders find it, and nobody overwrites unseen what is stored."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from integrator.accounts.models import AuditEntry, Role
from integrator.canonical.kinds import Kind
from syncjobs.models import Errand, OrderTerms, Run, ShopOrder, ShopSetup, Step, SyncOptions
from syncjobs.models.choices import Side, Status
from syncjobs.options import ensure_options
from tests.web.scene import NAMES, ONLY_ERP, Scene
from tests.web.test_runs import text_of

pytest_plugins = ("tests.web.signed_in",)
PARTS = ("scope", "owners", "access", "process", "stages", "trial", "finish")


def url(scene: Scene, part: str = "") -> str:
    return f"/shops/{scene.shop.pk}/setup/{part}/" if part else f"/shops/{scene.shop.pk}/setup/"


def form_of(panel: Client, where: str) -> dict[str, Any]:
    """What a browser would send of the page as it stands."""
    form = panel.get(where).context["form"]
    sent = {"seen": form.digest}
    for field in form.visible_fields():
        value = field.value()
        if value is True:
            sent[field.html_name] = "on"
        elif value is not None and value is not False:
            sent[field.html_name] = str(value)
    return sent


@pytest.fixture
def products(scene: Scene) -> Scene:
    for number, (code, name, ean) in enumerate(NAMES[:4]):
        scene.product(code, name, ean, number=number)
    scene.unlinked(Side.ERP, *(ONLY_ERP[0][0], *ONLY_ERP[0]))
    ensure_options(scene.shop)
    return scene


@pytest.mark.parametrize("part", PARTS)
def test_every_part_opens_and_names_all_others(products: Scene, panel: Client, part: str) -> None:
    body = panel.get(url(products, part)).content.decode()
    assert all(url(products, other) in body for other in PARTS)


def test_it_begins_with_the_first_part_that_nobody_went_through(scene: Scene, panel: Client) -> None:
    assert panel.get(url(scene)).headers["Location"] == url(scene, "scope")
    panel.post(url(scene, "scope"), form_of(panel, url(scene, "scope")))
    assert panel.get(url(scene)).headers["Location"] == url(scene, "owners")


def test_a_scope_is_kept_with_its_times_and_switches_nothing_on(scene: Scene, panel: Client) -> None:
    sent = form_of(panel, url(scene, "scope")) | {
        "stock-on": "on",
        "stock-every": "10",
        "stock-from": "22:00",
        "stock-to": "06:00",
        "orders-on": "on",
        "orders-every": "3",
        "orders-from": "01:00",
        "orders-to": "02:00",
        "shipments-on": "on",
        "shipments-every": "30",
    }
    answer = panel.post(url(scene, "scope"), sent | {"go": "next"})
    assert answer.headers["Location"] == url(scene, "owners")
    stock = SyncOptions.objects.get(connection=scene.shop, kind="stock")
    assert (stock.enabled, stock.interval_minutes, f"{stock.quiet_from:%H:%M}") == (False, 10, "22:00")
    terms = OrderTerms.objects.get(connection=scene.shop)
    assert (terms.enabled, terms.interval_minutes, f"{terms.quiet_to:%H:%M}") == (False, 3, "02:00")
    assert terms.rests["shipments"]["interval"] == 30
    assert set(ShopSetup.objects.get().answers["scope"]) == {"stock", "orders", "shipments"}
    assert AuditEntry.objects.filter(verb="wizard.save", client=scene.client).exists()


def test_a_flow_that_runs_stops_when_it_leaves_the_scope(scene: Scene, panel: Client) -> None:
    ensure_options(scene.shop)
    SyncOptions.objects.filter(connection=scene.shop, kind="price").update(enabled=True)
    sent = form_of(panel, url(scene, "scope"))
    assert sent.pop("prices-on") == "on"
    panel.post(url(scene, "scope"), sent)
    assert not SyncOptions.objects.get(connection=scene.shop, kind="price").enabled


@pytest.mark.parametrize(
    "wrong", [{"stock-every": "0"}, {"stock-from": "22:00"}, {"stock-every": "soon"}, {"prices-to": "25:99"}]
)
def test_what_cannot_be_is_refused_and_stays_typed(scene: Scene, panel: Client, wrong: dict[str, str]) -> None:
    sent = form_of(panel, url(scene, "scope")) | {"products-on": "on"} | wrong
    answer = panel.post(url(scene, "scope"), sent)
    assert answer.status_code == 422
    assert "Not saved." in text_of(answer.content)
    assert answer.context["form"]["products-on"].value()
    assert not ShopSetup.objects.filter(done__has_key="scope").exists()


def test_a_form_older_than_what_is_stored_is_refused_and_nothing_typed_is_lost(scene: Scene, panel: Client) -> None:
    sent = form_of(panel, url(scene, "scope")) | {"stock-every": "7"}
    SyncOptions.objects.filter(connection=scene.shop, kind="stock").update(interval_minutes=45)
    answer = panel.post(url(scene, "scope"), sent)
    words = text_of(answer.content)
    assert answer.status_code == 409
    assert "somebody else has saved this part meanwhile" in words
    assert "45" in words
    assert 'value="7"' in answer.content.decode()
    assert SyncOptions.objects.get(connection=scene.shop, kind="stock").interval_minutes == 45
    again = sent | {"seen": answer.context["form"].digest}
    assert panel.post(url(scene, "scope"), again).status_code == 302
    assert SyncOptions.objects.get(connection=scene.shop, kind="stock").interval_minutes == 7


def test_the_owner_of_a_group_is_the_owner_of_its_fields(scene: Scene, panel: Client) -> None:
    sent = form_of(panel, url(scene, "owners")) | {"stock": "erp", "texts": "erp", "codes": "erp"}
    assert panel.post(url(scene, "owners"), sent).status_code == 302
    assert SyncOptions.objects.get(connection=scene.shop, kind="stock").owners["quantity"] == "erp"
    product = SyncOptions.objects.get(connection=scene.shop, kind="product")
    assert product.owners["name"] == product.owners["ean"] == "erp"
    assert product.linked == "shop"
    assert AuditEntry.objects.filter(verb="options.change").exists()


def test_fields_that_are_ruled_differently_are_left_as_they_are(scene: Scene, panel: Client) -> None:
    ensure_options(scene.shop)
    option = SyncOptions.objects.get(connection=scene.shop, kind="product")
    option.owners = {**option.owners, "name": "erp"}
    option.save()
    sent = form_of(panel, url(scene, "owners"))
    assert sent["texts"] == "mixed"
    panel.post(url(scene, "owners"), sent)
    option.refresh_from_db()
    assert option.owners["name"] == "erp"


def test_answers_come_back_and_html_stays_text(scene: Scene, panel: Client) -> None:
    sent = form_of(panel, url(scene, "process")) | {"decider": "<b>Jan</b>", "exceptions": "Gift cards\nGermany"}
    panel.post(url(scene, "process"), sent)
    body = panel.get(url(scene, "process")).content.decode()
    assert "<b>Jan</b>" not in body
    assert "&lt;b&gt;Jan&lt;/b&gt;" in body
    sheet = panel.get(url(scene, "agreement")).content.decode()
    assert "<b>Jan</b>" not in sheet
    assert "Gift cards" in sheet


def test_the_data_are_checked_by_a_worker_and_only_once_at_a_time(scene: Scene, panel: Client) -> None:
    for _ in range(2):
        panel.post(url(scene, "access"), {"act": "check_data"})
    assert Errand.objects.filter(shop=scene.shop, verb=Errand.Verb.CHECK_DATA).count() == 1


def test_what_the_check_found_is_told_with_what_to_do(products: Scene, panel: Client) -> None:
    problem = {"code": "field_required", "params": {"field": "ean"}, "count": 3, "examples": [["K", "K", "Rake"]]}
    result = {
        "at": timezone.now().isoformat(),
        "checked": 14,
        "short": 3,
        "problems": [problem],
        "twice": {"erp_code": {"count": 0}, "shop_ean": {"count": 2, "examples": ["590", "591"], "more": False}},
    }
    Errand.objects.create(shop=products.shop, verb=Errand.Verb.CHECK_DATA, status=Status.SUCCEEDED, result=result)
    words = text_of(panel.get(url(products, "access")).content)
    assert "3 products of 14 could not be made" in words
    assert "EANs that several products of the shop have" in words


def scoped(scene: Scene, *flows: str) -> ShopSetup:
    ensure_options(scene.shop)
    return ShopSetup.objects.create(connection=scene.shop, answers={"scope": list(flows)})


def works(scene: Scene) -> None:
    for side in (scene.shop, scene.erp):
        type(side)._default_manager.filter(pk=side.pk).update(healthy=True)


def test_a_stage_that_is_measured_too_low_does_not_open(products: Scene, panel: Client) -> None:
    scoped(products, "stock")
    words = text_of(panel.get(url(products, "stages")).content)
    assert "Connections whose test passed" in words
    answer = panel.post(url(products, "stages"), {"act": "open_stage", "stage": "stock"}, follow=True)
    assert "does not open yet" in text_of(answer.content)
    assert not SyncOptions.objects.get(connection=products.shop, kind="stock").enabled


def test_a_stage_whose_criteria_are_met_opens_once_and_closes_again(products: Scene, panel: Client) -> None:
    scoped(products, "stock", "prices")
    works(products)
    for _ in range(2):
        panel.post(url(products, "stages"), {"act": "open_stage", "stage": "stock"})
    assert ShopSetup.objects.get().opened == ["stock"]
    on = SyncOptions.objects.filter(connection=products.shop, enabled=True).values_list("kind", flat=True)
    assert set(on) == {"stock", "price"}, "products were not agreed on"
    panel.post(url(products, "stages"), {"act": "close_stage", "stage": "stock"})
    assert not SyncOptions.objects.filter(connection=products.shop, enabled=True).exists()
    assert ShopSetup.objects.get().opened == []


def test_the_way_back_switches_on_only_what_was_agreed(scene: Scene, panel: Client) -> None:
    from integrator.canonical.orders import Stage
    from syncjobs.orders.terms import back_terms_of
    from syncjobs.wizard import scope
    from syncjobs.wizard.flows import Flow

    OrderTerms.objects.create(connection=scene.shop, back_states={"sent": "4"})
    scope.turn(scene.shop, [Flow.SHIPMENTS], on=True, user=scene.user)
    terms = OrderTerms.objects.get(connection=scene.shop)
    assert (terms.back_enabled, terms.tell_tracking, terms.tell_documents) == (True, True, False)
    assert (terms.back_states, back_terms_of(terms).states) == ({"sent": "4"}, {}), "mapped, and silent"
    scope.turn(scene.shop, [Flow.STATUSES], on=True, user=scene.user)
    terms.refresh_from_db()
    assert back_terms_of(terms).states == {Stage.SENT: "4"}
    scope.turn(scene.shop, [Flow.STATUSES], on=False, user=scene.user)
    scope.turn(scene.shop, [Flow.SHIPMENTS], on=False, user=scene.user)
    terms.refresh_from_db()
    assert not terms.back_enabled


def test_a_trial_takes_just_the_picked_products(products: Scene, panel: Client) -> None:
    codes = [NAMES[0][0], ONLY_ERP[0][0]]
    panel.post(url(products, "trial"), {"act": "try_products", "product": [*codes, "made-up"]})
    run = Run.objects.get(connection=products.shop)
    assert {step.kind for step in run.steps.all()} == {"product", "price", "stock"}
    assert all(step.selection == {"erp": codes, "links": codes} for step in run.steps.all())
    kept = ShopSetup.objects.get().trial
    assert kept["before"][codes[0]]["shop"]["price"] == "84.99"
    words = text_of(panel.get(url(products, "trial")).content)
    assert "before" in words
    assert "84.99" in words


@pytest.mark.parametrize("count", [0, 6])
def test_a_trial_of_none_or_too_many_is_refused(scene: Scene, panel: Client, count: int) -> None:
    for number, (code, name, ean) in enumerate(NAMES[:6]):
        scene.product(code, name, ean, number=number)
    sent = {"act": "try_products", "product": [code for code, _, _ in NAMES[:count]]}
    panel.post(url(scene, "trial"), sent)
    assert not Run.objects.exists()


def test_a_shop_that_only_reads_is_not_tried(products: Scene, panel: Client) -> None:
    type(products.shop).objects.filter(pk=products.shop.pk).update(writes_enabled=False)
    answer = panel.post(url(products, "trial"), {"act": "try_products", "product": [NAMES[0][0]]}, follow=True)
    assert "Writing is switched off" in text_of(answer.content)
    assert not Run.objects.exists()


def test_products_are_searched_in_the_words_people_type(products: Scene, panel: Client) -> None:
    found = panel.get(url(products, "trial"), {"q": "waz zbrojony"}).context["found"]
    assert [row["code"] for row in found] == ["WAZ-ZBR-25"]
    assert panel.get(url(products, "trial"), {"q": "nothing like it"}).context["found"] == []


def test_approving_a_trial_approves_no_whole_plan(products: Scene, panel: Client) -> None:
    from syncjobs import runs

    run = runs.start_run(products.shop, kinds=[Kind.STOCK], user=products.user, selection={"erp": [], "links": ["K"]})
    Step.objects.filter(run=run).update(status=Status.WAITING)
    assert runs.approve_step(Step.objects.get(run=run), products.user)
    assert SyncOptions.objects.get(connection=products.shop, kind="stock").approved_at is None


def test_orders_are_tried_only_when_nothing_is_missing(scene: Scene, panel: Client) -> None:
    listed = {"orders": [{"key": "7", "number": "7", "placed_at": "2026-11-20", "total": "10", "currency": "PLN"}]}
    Errand.objects.create(shop=scene.shop, verb=Errand.Verb.RECENT_ORDERS, status=Status.SUCCEEDED, result=listed)
    answer = panel.post(url(scene, "trial"), {"act": "try_orders", "order": ["7"]}, follow=True)
    assert "Orders still need something" in text_of(answer.content)
    assert not Errand.objects.filter(verb=Errand.Verb.TRY_ORDERS).exists()


def test_the_agreement_is_polish_for_whoever_reads_it(products: Scene, panel: Client) -> None:
    scoped(products, "orders", "stock")
    body = panel.get(url(products, "agreement")).content.decode()
    sheet = body[body.index('class="sheet"') :]
    assert 'lang="pl"' in body
    assert products.client.name in sheet
    assert products.firm.name in sheet
    assert "Scope of the integration" not in sheet or "Zakres" not in sheet
    assert re.search(r"<table>.*</table>", sheet, re.S)


def test_the_preview_starts_from_the_last_part(scene: Scene, panel: Client) -> None:
    panel.post(url(scene, "finish"), {"act": "preview"})
    assert Run.objects.get(connection=scene.shop).mode == Run.Mode.PREVIEW


@pytest.mark.parametrize("part", PARTS)
def test_a_viewer_reads_every_part_and_changes_none(products: Scene, viewer: Client, part: str) -> None:
    body = viewer.get(url(products, part)).content.decode()
    assert 'name="go"' not in body
    assert 'name="act"' not in body
    assert viewer.post(url(products, part), {}).status_code == 403


def test_an_operator_does_not_set_up(scene: Scene) -> None:
    browser = Client()
    browser.force_login(scene.member(Role.OPERATOR, "operator@zielinski.example"))
    assert browser.post(url(scene, "stages"), {"act": "open_stage", "stage": "stock"}).status_code == 403


def test_without_wapro_the_wizard_says_what_is_missing(scene: Scene, panel: Client) -> None:
    scene.erp.delete()
    assert "To the client's page" in text_of(panel.get(url(scene, "scope")).content).replace("&#x27;", "'")


def test_a_part_that_does_not_exist_is_not_found(scene: Scene, panel: Client) -> None:
    assert panel.get(url(scene, "nonsense")).status_code == 404


@pytest.mark.parametrize("part", PARTS)
def test_pages_ask_a_fixed_number_of_queries(
    products: Scene, panel: Client, part: str, django_assert_max_num_queries: Any
) -> None:
    for number in range(30):
        ShopOrder.objects.create(
            connection=products.shop,
            shop_key=str(number),
            placed_at=timezone.now() - timedelta(hours=number),
            read_at=timezone.now(),
        )
    with django_assert_max_num_queries(60):
        panel.get(url(products, part))
