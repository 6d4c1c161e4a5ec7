"""A configuration leaves one connection and is taken over by another: in words, looked at first, without a secret."""

import json
import random
from io import StringIO
from pathlib import Path
from typing import Any

import msgspec
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.test import Client as Browser
from django.utils import timezone

from integrator.accounts.models import AuditEntry, Client, Firm, Membership, Role
from integrator.canonical.kinds import Kind
from integrator.canonical.orders import DeliveryEntry, OrderWords, PaymentEntry, PaymentKind, Stage, StateEntry
from integrator.canonical.records import Category, Unit
from integrator.canonical.side import Keyed
from shops.models import ShopConnection
from syncjobs import snapshots
from syncjobs.configuration.compare import Section
from syncjobs.configuration.document import Document, as_text, of_data, parse
from syncjobs.configuration.schema import KIND, LEFT_OUT, ORDERS, SAFE_OFF
from syncjobs.configuration.sources import export
from syncjobs.configuration.writing import comparison
from syncjobs.forms import offer_of, preset_of
from syncjobs.models import ConfigurationTemplate, Link, OrderTerms, SyncOptions
from syncjobs.options import ensure_options, save_options
from syncjobs.setup import setup_of
from tests.web.scene import Scene, person
from tests.web.test_runs import text_of
from wapro.models import WaproConnection

pytest_plugins = ("tests.web.signed_in",)

SECRET = "very-secret-value-"


def another(scene: Scene, *, firm: Firm | None = None, platform: str = "shoper", name: str = "Optyk") -> ShopConnection:
    """A second client with the same words under other keys."""
    client = Client.objects.create(firm=firm or scene.firm, name=name)
    erp = WaproConnection.objects.create(
        client=client,
        engine="sample",
        credentials={"read_user": "u", "read_password": SECRET + "erp"},
        facts={
            "warehouses": [{"key": "7", "name": "MAG Główny"}, {"key": "8", "name": "DET Detal"}],
            "price_types": [{"key": "P", "name": "Internet"}],
        },
    )
    shop = ShopConnection.objects.create(
        client=client,
        name=f"Sklep {name}",
        platform=platform,
        address="https://other.example",
        is_leading=True,
        credentials={"client_secret": SECRET + "shop"},
        token={"access_token": SECRET + "token"},
    )
    snapshots.store(erp, [Keyed(key="3", kind=Kind.UNIT, record=Unit(symbol="szt", name="sztuka"))])
    snapshots.store(shop, [Keyed(key="77", kind=Kind.UNIT, record=Unit(symbol="SZT.", name="sztuki"))])
    snapshots.store(shop, [Keyed(key="40", kind=Kind.CATEGORY, record=Category(path=("Ogród", "Węże i zraszacze")))])
    return shop


def furnish(scene: Scene) -> None:
    """Names for what the scene's connection chose, and secrets that must not travel."""
    scene.erp.facts = {
        "warehouses": [{"key": "1", "name": "MAG  Główny"}, {"key": "2", "name": "SER Serwis"}],
        "price_types": [{"key": "A", "name": "Internet"}],
    }
    scene.erp.credentials = {"read_user": "reader-login", "read_password": SECRET + "read"}
    scene.erp.server = "10.9.8.7,1433"
    scene.erp.save()
    scene.shop.credentials = {"user": "api-login", "password": SECRET + "api"}
    scene.shop.token = {"access_token": SECRET + "bearer"}
    scene.shop.default_category = "17"
    scene.shop.save()


def changed(found: tuple[Section, ...]) -> dict[str, list[tuple[Any, ...]]]:
    return {
        one.name: [(row.path, row.old, row.new, row.problem) for row in one.rows] or [one.problem]
        for one in found
        if one.rows or one.problem
    }


def document_of(shop: ShopConnection) -> Document:
    return parse(as_text(export(shop)).encode())


def compare_url(shop: ShopConnection, ref: str) -> str:
    return f"/shops/{shop.pk}/configuration/compare/?from={ref}"


def sent(browser: Browser, shop: ShopConnection, data: Any) -> Any:
    text = data if isinstance(data, bytes) else json.dumps(data).encode()
    return browser.post(f"/shops/{shop.pk}/configuration/", {"file": SimpleUploadedFile("mine.json", text)})


def taken(browser: Browser, shop: ShopConnection, ref: str, sections: list[str] | None = None, seal: str = "") -> Any:
    """What a person does: look, leave ticked what is ticked (or tick these), send."""
    page = browser.get(compare_url(shop, ref))
    ticked = [one["name"] for one in page.context["sections"] if one["count"] and one["ticked"]]
    return browser.post(
        f"/shops/{shop.pk}/configuration/compare/",
        {"from": ref, "seal": seal or page.context["seal"], "section": ticked if sections is None else sections},
    )


def test_a_connection_equals_its_own_export(scene: Scene) -> None:
    furnish(scene)
    assert changed(comparison(scene.shop, document_of(scene.shop))) == {}


def test_nothing_secret_and_no_address_is_in_an_export(scene: Scene, panel: Browser) -> None:
    furnish(scene)
    answer = panel.get(f"/shops/{scene.shop.pk}/configuration/export/")
    text = answer.content.decode()
    assert json.loads(text)["format"] == "integrator-configuration"
    assert "attachment" in answer["Content-Disposition"]
    for secret in (SECRET, "api-login", "reader-login", "10.9.8.7", "zielinski.example"):
        assert secret not in text


@pytest.mark.parametrize("seed", range(6))
def test_what_was_taken_over_differs_in_nothing_any_more(scene: Scene, panel: Browser, seed: int) -> None:
    furnish(scene)
    shuffle(scene.shop, random.Random(seed))
    other = another(scene)
    taken(panel, other, f"shop-{scene.shop.pk}")
    other.refresh_from_db()
    left = comparison(other, document_of(scene.shop))
    assert {name for name in changed(left) if name.startswith(("kinds.", "limits", "platform", "orders"))} == set()
    assert [row for one in left for row in one.changes if one.name not in SAFE_OFF] == []


def shuffle(shop: ShopConnection, chance: random.Random) -> None:
    """Any options that a person could have chosen."""
    for option in ensure_options(shop):
        offer = offer_of(setup_of(shop), Kind(option.kind))
        option.owners = {name: str(chance.choice(owners)) for name, owners in offer.owners.items()}
        option.linked = str(preset_of(option.owners, str(chance.choice(offer.linked))))
        option.criterion = str(chance.choice(offer.criteria)) if offer.criteria else ""
        option.erp_gone = str(chance.choice(offer.erp_gone)) if offer.erp_gone else option.erp_gone
        option.first_agreement = chance.choice(["erp", "shop", "ask"])
        option.interval_minutes = chance.randint(1, 10080)
        option.export_unlinked = offer.export and chance.random() < 0.5
        option.delete_unlinked = offer.delete and chance.random() < 0.5
        option.enabled = chance.random() < 0.5
        save_options(option, None)
    shop.limits = {"deletes": chance.randint(0, 9), "share_changed": f"{chance.randint(0, 990) / 10}"}
    shop.stock_buffer = chance.randint(0, 5)
    shop.item_filter = {"kinds": ["Towar"], "web_shop": chance.random() < 0.5, "field": "POLE4", "value": "x"}
    shop.save()


def test_words_are_found_under_the_keys_of_the_other_client(scene: Scene, panel: Browser) -> None:
    furnish(scene)
    other = another(scene)
    taken(panel, other, f"shop-{scene.shop.pk}")
    other.refresh_from_db()
    assert (other.price_type, other.warehouses, other.default_category) == ("P", ["7"], "40")
    link = Link.objects.get(connection=other, kind="unit")
    assert (link.erp_key, link.shop_key) == ("3", "77")


def test_what_is_not_there_is_told_and_stays(scene: Scene, panel: Browser) -> None:
    furnish(scene)
    scene.shop.warehouses = ["2"]
    scene.shop.save()
    other = another(scene)
    words = text_of(panel.get(compare_url(other, f"shop-{scene.shop.pk}")).content)
    assert "“SER Serwis” is not here (warehouse)" in words
    assert "“Aquaterra”" in words
    taken(panel, other, f"shop-{scene.shop.pk}")
    other.refresh_from_db()
    assert other.warehouses == []


def test_no_flow_is_switched_on_unless_it_was_ticked(scene: Scene, panel: Browser) -> None:
    ensure_options(scene.shop)
    SyncOptions.objects.filter(connection=scene.shop, kind="stock").update(enabled=True)
    other = another(scene)
    page = panel.get(compare_url(other, f"shop-{scene.shop.pk}"))
    switches = next(one for one in page.context["sections"] if one["name"] == "switches")
    assert not switches["ticked"]
    taken(panel, other, f"shop-{scene.shop.pk}")
    assert not SyncOptions.objects.filter(connection=other, enabled=True).exists()
    taken(panel, other, f"shop-{scene.shop.pk}", ["switches"])
    assert [one.kind for one in SyncOptions.objects.filter(connection=other, enabled=True)] == ["stock"]


def test_what_was_approved_waits_for_a_person_again_where_it_changed(scene: Scene, panel: Browser) -> None:
    ensure_options(scene.shop)
    SyncOptions.objects.filter(connection=scene.shop, kind="product").update(export_unlinked=True)
    SyncOptions.objects.filter(connection=scene.shop).update(approved_at=timezone.now(), approved_by=scene.user)
    other = another(scene)
    ensure_options(other)
    SyncOptions.objects.filter(connection=other).update(approved_at=timezone.now())
    answer = taken(panel, other, f"shop-{scene.shop.pk}", ["kinds.product"])
    assert answer.status_code == 302
    assert SyncOptions.objects.get(connection=other, kind="product").approved_at is None
    assert SyncOptions.objects.get(connection=other, kind="unit").approved_at is not None
    entry = AuditEntry.objects.get(verb="configuration.apply")
    assert entry.data["sections"] == {"kinds.product": 1}
    assert entry.data["first_plan_again"] == ["product"]


def test_a_stale_comparison_writes_nothing_and_is_shown_afresh(scene: Scene, panel: Browser) -> None:
    furnish(scene)
    other = another(scene)
    ref = f"shop-{scene.shop.pk}"
    seal = panel.get(compare_url(other, ref)).context["seal"]
    ShopConnection.objects.filter(pk=other.pk).update(promotions=False)
    answer = taken(panel, other, ref, ["data"], seal)
    assert answer.status_code == 422
    assert "Something has changed since this was shown" in text_of(answer.content)
    other.refresh_from_db()
    assert other.warehouses == []


def test_what_another_platform_cannot_do_is_told(scene: Scene, panel: Browser) -> None:
    other = another(scene, platform="woocommerce")
    page = panel.get(compare_url(other, f"shop-{scene.shop.pk}"))
    words = text_of(page.content)
    assert "This comes from a shop on Shoper" in words
    assert "This platform has no such setting" in words
    assert taken(panel, other, f"shop-{scene.shop.pk}").status_code == 302


def test_an_order_table_is_taken_over_by_the_shops_words(scene: Scene, panel: Browser) -> None:
    other = another(scene)
    terms_of(scene.shop, "p", choices={"p1|s1": "reserve"}, payments={"p1": {"form": "przelew", "days": 7}})
    terms_of(other, "q", cursor="where a worker was", stages={"s1": "new"})
    taken(panel, other, f"shop-{scene.shop.pk}")
    found = OrderTerms.objects.get(connection=other)
    assert found.choices == {"q1|s1": "reserve"}
    assert found.stages == {"s1": "new"}
    assert found.cursor == "where a worker was"
    assert found.payments == {"q1": {"form": "przelew", "days": 7}}
    assert (found.prefix, found.go_live) == ("", None)


def test_what_is_only_here_is_removed_where_it_was_ticked_and_stays_elsewhere(scene: Scene, panel: Browser) -> None:
    other = another(scene)
    terms_of(scene.shop, "p", choices={"p1|s1": "reserve"}, payments={"p1": {"form": "przelew", "days": 7}})
    there = {"q1|s1": "reserve", "old|s1": "wait", "older|s1": "wait"}
    terms_of(other, "q", choices=there, rates={"EUR": {"value": "4.3", "day": "2026-11-01"}})
    setup_of(other)
    link = Link.objects.create(connection=other, kind=Kind.UNIT, erp_key="9", shop_key="77", origin="person")
    ref = f"shop-{scene.shop.pk}"
    page = panel.get(compare_url(other, ref))
    offered = {token for one in page.context["sections"] for _line, token in one["leftover"]}
    gone = [json.dumps(["policy", "choices", "#old", "Nowe"]), json.dumps(["mappings.unit", "links", "#9"])]
    assert set(gone) < offered
    sent_back = {"from": ref, "seal": page.context["seal"], "section": [], "remove": gone}
    answer = panel.post(f"/shops/{other.pk}/configuration/compare/", sent_back, follow=True)
    assert "2 removed." in text_of(answer.content)
    found = OrderTerms.objects.get(connection=other)
    assert set(found.choices) == {"q1|s1", "older|s1"}
    assert found.rates, "a table that the other does not speak of"
    assert not Link.objects.filter(pk=link.pk).exists()


def terms_of(shop: ShopConnection, letter: str, **more: Any) -> OrderTerms:
    words = OrderWords(
        states=(StateEntry(key="s1", name="Nowe", stage=Stage.NEW),),
        payments=(PaymentEntry(key=f"{letter}1", name="Przelew", kind=PaymentKind.TRANSFER),),
        deliveries=(DeliveryEntry(key="d1", name="Kurier"),),
    )
    form = {"key": "przelew", "name": "przelew", "active": True, "days": 7}
    return OrderTerms.objects.create(
        connection=shop, words=msgspec.to_builtins(words), erp_words={"payment_forms": [form]}, **more
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"not json", "This is no JSON"),
        (b'{"a": 1}', "This is no configuration of Integrator"),
        (b"[" * 100_000, "This is no JSON"),
        (b" " * (2 * 1024 * 1024 + 1), "larger than 2 MB"),
        (b'{"format": "integrator-configuration", "version": 99}', "version 99"),
        (b'{"format": "integrator-configuration", "version": 1, "data": {"api_password": "x"}}', "data.api_password"),
        (b'{"format": "integrator-configuration", "version": 1, "data": {"promotions": "yes"}}', "data.promotions"),
        (b'{"format": "integrator-configuration", "version": 1, "data": []}', "“data”"),
        (
            b'{"format": "integrator-configuration", "version": 1,'
            b' "kinds": {"product": {"import_unlinked": true, "delete_unlinked": true}}}',
            "are both on",
        ),
    ],
)
def test_a_bad_file_gets_a_sentence(scene: Scene, panel: Browser, text: bytes, said: str) -> None:
    answer = sent(panel, scene.shop, text)
    assert answer.status_code == 422
    assert said in text_of(answer.content)


def test_what_is_not_understood_is_named(scene: Scene, panel: Browser) -> None:
    data = export(scene.shop) | {"weather": 1}
    data["data"] = dict(data["data"]) | {"colour": "red"}  # type: ignore[call-overload]
    where = sent(panel, scene.shop, data)["Location"]
    words = text_of(panel.get(where).content)
    assert "data.colour" in words
    assert "weather" in words
    assert "Both are the same." in words


def test_a_name_full_of_markup_is_only_text(scene: Scene, panel: Browser) -> None:
    data = {"format": "integrator-configuration", "version": 1, "data": {"warehouses": ["<script>alert(1)</script>"]}}
    where = sent(panel, scene.shop, data)["Location"]
    assert b"<script>alert" not in panel.get(where).content


def test_firms_never_meet(scene: Scene, panel: Browser) -> None:
    foreign = another(scene, firm=Firm.objects.create(name="Others"), name="Obcy")
    theirs = ConfigurationTemplate.objects.create(firm=foreign.client.firm, name="Theirs", document=export(foreign))
    for ref in (f"shop-{foreign.pk}", f"template-{theirs.pk}", "shop-999999", "upload-1", "nonsense", "shop-x"):
        assert panel.get(compare_url(scene.shop, ref)).status_code == 404, ref
        assert panel.post(f"/shops/{scene.shop.pk}/configuration/compare/", {"from": ref}).status_code == 404
    assert "Obcy" not in panel.get(f"/shops/{scene.shop.pk}/configuration/").content.decode()


def test_a_member_of_one_client_sees_neither_other_clients_nor_templates(scene: Scene) -> None:
    other = another(scene)
    template = ConfigurationTemplate.objects.create(firm=scene.firm, name="Usual", document=export(other))
    user = person("impl@zielinski.example", "impl")
    Membership.objects.create(user=user, firm=scene.firm, client=scene.client, role=Role.IMPLEMENTER)
    browser = Browser()
    browser.force_login(user)
    page = browser.get(f"/shops/{scene.shop.pk}/configuration/").content.decode()
    assert "Optyk" not in page
    assert "Usual" not in page
    for ref in (f"shop-{other.pk}", f"template-{template.pk}"):
        assert browser.get(compare_url(scene.shop, ref)).status_code == 404
    assert browser.post(f"/shops/{scene.shop.pk}/configuration/template/", {"name": "x"}).status_code == 403


def test_a_template_is_saved_renamed_used_and_removed(scene: Scene, panel: Browser) -> None:
    furnish(scene)
    save = f"/shops/{scene.shop.pk}/configuration/template/"
    assert panel.post(save, {"name": " Usual  shop "}).status_code == 302
    assert panel.post(save, {"name": "Usual shop"}).status_code == 422
    template = ConfigurationTemplate.objects.get()
    assert template.name == "Usual shop"
    assert SECRET not in json.dumps(template.document)
    panel.post(f"/templates/{template.pk}/", {"do": "rename", "name": "Garden", "shop": scene.shop.pk})
    other = another(scene)
    assert taken(panel, other, f"template-{template.pk}").status_code == 302
    other.refresh_from_db()
    assert other.warehouses == ["7"]
    panel.post(f"/templates/{template.pk}/", {"do": "remove", "shop": scene.shop.pk})
    assert not ConfigurationTemplate.objects.exists()
    verbs = list(AuditEntry.objects.filter(verb__startswith="template.").values_list("verb", flat=True))
    assert verbs == ["template.remove", "template.rename", "template.save"]


def test_on_the_command_line(scene: Scene, tmp_path: Path) -> None:
    furnish(scene)
    other, file = another(scene), tmp_path / "c.json"
    call_command("configuration", "export", str(scene.shop.pk), str(file))
    said = StringIO()
    call_command("configuration", "diff", str(other.pk), str(file), stdout=said)
    assert "data: Warehouses summed: - -> MAG Główny" in said.getvalue()
    call_command("configuration", "import", str(other.pk), str(file), "--sections", "data", stdout=StringIO())
    other.refresh_from_db()
    assert other.warehouses == ["7"]
    file.write_text("{}")
    with pytest.raises(CommandError, match="no configuration"):
        call_command("configuration", "diff", str(other.pk), str(file))


def test_every_field_is_part_of_a_configuration_or_left_out_on_purpose() -> None:
    switches = {"SyncOptions": {"enabled"}, "OrderTerms": {"enabled", "back_enabled"}}
    tables = {"choices", "payment_kinds", "stages", "payments", "deliveries", "charges", "taxes", "rates", "documents"}
    taken_along = {"SyncOptions": set(KIND), "OrderTerms": set(ORDERS) | tables}
    for model in (SyncOptions, OrderTerms):
        name = model.__name__
        fields = {field.name for field in model._meta.concrete_fields}
        assert fields - taken_along[name] - LEFT_OUT[name] - switches[name] == set(), "say in schema.py what it is"


def test_a_document_survives_being_written_and_read(scene: Scene) -> None:
    data = export(scene.shop)
    assert of_data(json.loads(as_text(data))).entries == of_data(data).entries
