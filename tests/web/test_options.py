"""Options of one kind: only what both sides can do is offered, and what is saved is what was chosen."""

from typing import Any

import pytest
from django.http import QueryDict
from django.test import Client

from integrator.canonical.kinds import SYNC_KINDS, Kind
from syncjobs.engine.policy import Owner, owned_fields
from syncjobs.forms import OptionsForm, offer_of
from syncjobs.models import SyncOptions
from syncjobs.options import ensure_options
from syncjobs.setup import setup_of
from tests.web.scene import Scene
from tests.web.test_runs import text_of

pytest_plugins = ("tests.web.signed_in",)

LEAVE = {
    "interval_minutes": "60",
    "fetch_all": "on",
    "criterion": "code_and_name",
    "linked": "leave",
    "only_erp": "leave",
    "only_shop": "leave",
    "first_agreement": "erp",
    "erp_gone": "deactivate",
}


def _url(scene: Scene, kind: str = "product") -> str:
    return f"/shops/{scene.shop.pk}/options/{kind}/"


def _saved(scene: Scene, kind: str = "product") -> SyncOptions:
    return SyncOptions.objects.get(connection=scene.shop, kind=kind)


def test_the_page_begins_with_products(scene: Scene, panel: Client) -> None:
    assert panel.get(f"/shops/{scene.shop.pk}/options/").headers["Location"] == _url(scene)


@pytest.mark.parametrize("kind", SYNC_KINDS)
def test_every_kind_has_its_page_with_the_four_steps(scene: Scene, panel: Client, kind: Kind) -> None:
    words = text_of(panel.get(_url(scene, kind)).content)
    assert "Fetch" in words
    assert "Linking the unlinked" in words
    assert "What this means" in words


def test_a_new_connection_is_told_that_nothing_happens_by_itself(scene: Scene, panel: Client) -> None:
    words = text_of(panel.get(_url(scene)).content)
    assert "Nothing runs by itself; a run starts only when somebody starts it." in words
    assert "Linked elements are left unchanged." in words
    assert "Elements only in WAPRO are left alone." in words


@pytest.mark.parametrize("kind", SYNC_KINDS)
def test_no_owner_is_offered_that_a_side_cannot_carry_out(scene: Scene, panel: Client, kind: Kind) -> None:
    ensure_options(scene.shop)
    setup = setup_of(scene.shop)
    body = panel.get(_url(scene, kind)).content.decode()
    offer = offer_of(setup, kind)
    for name in owned_fields(setup.erp_of(kind), setup.shop.of(kind)):
        for owner in Owner:
            shown = f'name="owner-{name}" value="{owner}"' in body
            assert shown == (owner in offer.owners[name]), (kind, name, owner)


def test_what_the_platform_cannot_do_is_said_instead_of_offered(scene: Scene, panel: Client) -> None:
    setup = setup_of(scene.shop)
    body = panel.get(_url(scene, "tax_rate")).content.decode()
    assert setup.shop.of(Kind.TAX_RATE).remark
    assert "What Shoper cannot do" in body
    assert 'name="only_shop"' not in body
    assert 'name="linked"' not in body


def test_a_preset_fills_the_owners_with_its_first_choice(scene: Scene, panel: Client) -> None:
    panel.post(_url(scene), LEAVE | {"linked": "shop", "only_erp": "export"})
    saved = _saved(scene)
    assert saved.linked == "shop"
    assert saved.export_unlinked
    ruled = {name for name, owner in saved.owners.items() if owner == Owner.ERP}
    assert ruled == {"tax_rate", "ean"}


def test_single_fields_overrule_the_preset_chosen_with_them(scene: Scene, panel: Client) -> None:
    panel.post(_url(scene), LEAVE | {"linked": "shop", "owner-name": "erp"})
    assert _saved(scene).owners["name"] == Owner.ERP
    assert _saved(scene).owners["ean"] == Owner.ERP


def test_the_preset_shown_always_tells_the_truth_about_the_owners(scene: Scene, panel: Client) -> None:
    panel.post(_url(scene), LEAVE | {"owner-name": "erp"})
    assert _saved(scene).linked == "shop"
    panel.post(_url(scene), LEAVE | {"linked": "shop", "owner-name": "ignore"})
    assert _saved(scene).linked == "leave"


def test_saving_says_what_the_options_now_mean(scene: Scene, panel: Client) -> None:
    chosen = LEAVE | {"enabled": "on", "quiet_from": "08:00", "quiet_to": "10:00", "only_shop": "delete"}
    words = text_of(panel.post(_url(scene), chosen, follow=True).content)
    assert "Saved." in words
    assert "Runs by itself every 1 h, but not between 08:00 and 10:00." in words
    assert "Elements only in the shop are deleted there, each time after a person types their number." in words
    assert "The first write of this kind waits for your approval of its plan." in words


def test_import_and_delete_together_are_refused_however_they_are_sent(scene: Scene, panel: Client) -> None:
    answer = panel.post(_url(scene), LEAVE | {"only_shop": ["import", "delete"]})
    assert answer.status_code == 422
    assert "Import from the shop and delete from the shop cannot both be on." in text_of(answer.content)
    saved = _saved(scene)
    assert (saved.import_unlinked, saved.delete_unlinked) == (False, False)


@pytest.mark.parametrize(
    ("kind", "name", "value"),
    [
        ("product", "criterion", "path"),
        ("product", "only_shop", "import"),
        ("product", "owner-name", "shop"),
        ("tax_rate", "only_erp", "export"),
        ("stock", "linked", "local"),
        ("product", "interval_minutes", "0"),
    ],
)
def test_what_is_not_offered_is_refused(scene: Scene, panel: Client, kind: str, name: str, value: str) -> None:
    base = LEAVE | {"criterion": ""} if kind != "product" else LEAVE
    answer = panel.post(_url(scene, kind), base | {name: value})
    assert answer.status_code == 422
    assert "Not saved." in text_of(answer.content)


def test_half_of_a_quiet_window_is_refused(scene: Scene, panel: Client) -> None:
    answer = panel.post(_url(scene), LEAVE | {"quiet_from": "08:00"})
    assert "Give both ends of the quiet hours, or neither." in text_of(answer.content)


def test_a_kind_without_a_marker_of_change_is_always_fetched_whole(scene: Scene, panel: Client) -> None:
    panel.post(_url(scene, "stock"), {"interval_minutes": "5", "linked": "leave"})
    assert _saved(scene, "stock").fetch_all


def test_importing_is_offered_once_writing_to_wapro_is_switched_on(scene: Scene, panel: Client) -> None:
    assert "Importing needs writing to WAPRO" in text_of(panel.get(_url(scene)).content)
    scene.erp.write_import_files = True
    scene.erp.save()
    assert 'name="only_shop" value="import"' in panel.get(_url(scene)).content.decode()


def test_both_ways_is_offered_for_fields_that_both_sides_can_write(scene: Scene) -> None:
    scene.erp.write_cards = True
    scene.erp.save()
    ensure_options(scene.shop)
    setup = setup_of(scene.shop)
    options = SyncOptions.objects.get(connection=scene.shop, kind="product")
    offer = offer_of(setup, Kind.PRODUCT)
    asked = [name for name, owners in offer.owners.items() if Owner.ASK in owners]
    assert asked
    sent = QueryDict(mutable=True)
    sent.update(LEAVE | {"linked": "both", f"owner-{asked[0]}": "ask"})
    form = OptionsForm(options, offer, setup, sent)
    assert form.is_valid(), form.errors
    assert form.apply().owners[asked[0]] == Owner.ASK


def test_a_viewer_reads_the_options_and_cannot_save_them(scene: Scene, viewer: Client) -> None:
    body = viewer.get(_url(scene)).content.decode()
    assert "Save the options" not in body
    assert viewer.post(_url(scene), LEAVE).status_code == 403


def test_without_wapro_the_page_says_what_is_missing(scene: Scene, panel: Client) -> None:
    scene.erp.delete()
    answer = panel.get(f"/shops/{scene.shop.pk}/options/")
    assert answer.status_code == 200
    assert "To the client's page" in text_of(answer.content).replace("&#x27;", "'")


def test_the_page_asks_a_fixed_number_of_queries(
    scene: Scene, panel: Client, django_assert_max_num_queries: Any
) -> None:
    ensure_options(scene.shop)
    with django_assert_max_num_queries(20):
        panel.get(_url(scene))
