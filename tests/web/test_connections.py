"""Connection pages: secrets go in and never out, switches have their conditions, tests are done by a worker."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from integrator.accounts.models import AuditEntry, User
from integrator.canonical.kinds import Kind
from shops.forms import STOCK_FORMULAS, FilterForm
from shops.models import ShopConnection
from shops.page_addresses import order_panel, product_shop, wrong_with
from shops.platform_table import stand_of
from shops.registry import platform, platforms
from syncjobs.checks import SHOP_LABELS
from syncjobs.engine.item_filter import ItemFilter
from syncjobs.engine.offer import FORMULAS
from syncjobs.models import Errand, Link
from syncjobs.models.choices import Status
from tests.connectors.wire import wired
from tests.web.tenants import Tenants, shop_of, tenants
from wapro.models import WaproConnection

pytestmark = pytest.mark.django_db
SECRET = "very-secret-1"
FILTER = {"filter-kinds": ["Towar"], "filter-web_shop": "on"}


@pytest.fixture
def made() -> Tenants:
    return tenants()


HOME = "https://sklep.example"


def browser_of(user: User) -> Browser:
    browser = Browser()
    browser.force_login(user)
    return browser


def access(shop: ShopConnection | None, **more: Any) -> dict[str, Any]:
    """A filled access form, as the page would send it. The first way to log in is user and password."""
    way = platform("shoper").login_ways[0]
    values = {
        "name": shop.name if shop else "Shoper",
        "environment": "test",
        "address": "https://shop.example",
        "login_way": way.name,
    }
    values |= {f"setting_{one.name}": str(one.default) for one in platform("shoper").settings if one.kind != "bool"}
    return values | more


def way_fields() -> tuple[str, str]:
    """The fields of the open and of the secret credential of the first way."""
    declared = {one.name: one for one in platform("shoper").credentials}
    names = platform("shoper").login_ways[0].credentials
    open_one = next(name for name in names if not declared[name].secret)
    return f"credential_{open_one}", f"credential_{next(name for name in names if declared[name].secret)}"


def test_a_new_connection_only_reads_and_the_first_one_leads(made: Tenants) -> None:
    user, secret = way_fields()
    browser = browser_of(made.administrator)
    add = reverse("shop_add", args=[made.other.pk]) + "?platform=shoper"
    answer = browser.post(add, access(None, **{user: "api", secret: SECRET}))
    shop = ShopConnection.objects.get(client=made.other)
    assert answer["Location"] == reverse("shop", args=[shop.pk])
    assert (shop.writes_enabled, shop.is_leading, shop.platform) == (False, True, "shoper")
    assert SECRET in shop.credentials.values()
    browser.post(add, access(None, name="Second", **{user: "api", secret: SECRET}))
    assert not ShopConnection.objects.get(name="Second").is_leading


def test_a_missing_credential_is_asked_for_at_its_field(made: Tenants) -> None:
    user, secret = way_fields()
    answer = browser_of(made.administrator).post(
        reverse("shop_add", args=[made.other.pk]) + "?platform=shoper", access(None, **{user: "api"})
    )
    assert "needs it" in answer.content.decode()
    assert f"id_{secret}_error" in answer.content.decode()
    assert not ShopConnection.objects.filter(client=made.other).exists()


def test_a_secret_never_comes_back_and_an_empty_field_keeps_it(made: Tenants) -> None:
    user, secret = way_fields()
    name = secret.removeprefix("credential_")
    stored = {user.removeprefix("credential_"): "api", name: SECRET}
    saved = timezone.now() - timedelta(days=3)
    ShopConnection.objects.filter(pk=made.shop.pk).update(credentials=stored, credentials_saved_at=saved)
    browser = browser_of(made.administrator)
    page = reverse("shop_access", args=[made.shop.pk])
    for where in (page, reverse("shop", args=[made.shop.pk]), reverse("shop_edit", args=[made.shop.pk])):
        assert SECRET not in browser.get(where).content.decode()
    assert "saved on" in browser.get(page).content.decode()
    browser.post(page, access(made.shop, name="Renamed", **{user: "api", secret: ""}))
    made.shop.refresh_from_db()
    assert (made.shop.name, made.shop.credentials[name]) == ("Renamed", SECRET)
    assert made.shop.credentials_saved_at == saved
    refused = browser.post(page, access(made.shop, name="", **{user: "api", secret: "typed-secret"}))
    assert "typed-secret" not in refused.content.decode()


def test_a_new_secret_replaces_the_old_one_and_the_token_it_gave(made: Tenants) -> None:
    user, secret = way_fields()
    ShopConnection.objects.filter(pk=made.shop.pk).update(token={"access_token": "old"})
    browser = browser_of(made.administrator)
    browser.post(reverse("shop_access", args=[made.shop.pk]), access(made.shop, **{user: "api", secret: "next-secret"}))
    made.shop.refresh_from_db()
    assert made.shop.credentials[secret.removeprefix("credential_")] == "next-secret"
    assert made.shop.token == {}
    assert "next-secret" not in str(list(AuditEntry.objects.values()))


def settings_of(**more: Any) -> dict[str, Any]:
    values = {"price_type": "Detaliczna", "warehouses": "1, 2", "stock_formula": "on_hand", "stock_buffer": "1.5"}
    return values | FILTER | more


def test_what_is_sent_is_saved_and_recorded(made: Tenants) -> None:
    browser = browser_of(made.administrator)
    page = reverse("shop_edit", args=[made.shop.pk])
    browser.post(
        page, settings_of(is_leading="on", writes_enabled="on", **{"filter-field": "POLE4", "filter-value": "www"})
    )
    made.shop.refresh_from_db()
    assert made.shop.warehouses == ["1", "2"]
    assert str(made.shop.stock_buffer) == "1.500"
    known = ItemFilter.of(made.shop.item_filter)
    assert (known.kinds, known.field, known.value) == (("Towar",), "POLE4", "www")
    assert list(AuditEntry.objects.order_by("id").values_list("verb", flat=True)) == ["shop.change", "shop.writes_on"]


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [("stock_buffer", "-1", "cannot be negative"), ("filter-value", "x", "Choose the field")],
)
def test_a_setting_that_makes_no_sense_is_refused_in_words(made: Tenants, field: str, value: str, words: str) -> None:
    answer = browser_of(made.administrator).post(
        reverse("shop_edit", args=[made.shop.pk]), settings_of(**{field: value})
    )
    assert words in answer.content.decode()
    made.shop.refresh_from_db()
    assert made.shop.price_type == ""


def test_only_one_shop_of_a_client_leads(made: Tenants) -> None:
    second = shop_of(made.client, name="Second", is_leading=False)
    answer = browser_of(made.administrator).post(reverse("shop_edit", args=[second.pk]), settings_of(is_leading="on"))
    assert "is the leading shop" in answer.content.decode()


def test_the_forms_speak_the_engine_s_language() -> None:
    assert set(FilterForm.base_fields) == set(ItemFilter.__dataclass_fields__)
    assert [name for name, _label in STOCK_FORMULAS] == list(FORMULAS)


def test_price_types_and_warehouses_are_chosen_by_the_names_that_a_test_read(made: Tenants) -> None:
    facts = {"price_types": [{"key": "H", "name": "Hurtowa"}], "warehouses": [{"key": "77", "name": "MAG Bielsko"}]}
    WaproConnection.objects.filter(pk=made.erp.pk).update(facts=facts)
    ShopConnection.objects.filter(pk=made.shop.pk).update(price_type="gone", warehouses=["5"])
    browser = browser_of(made.administrator)
    page = reverse("shop_edit", args=[made.shop.pk])
    text = browser.get(page).content.decode()
    assert '<option value="H">Hurtowa</option>' in text
    assert "MAG Bielsko" in text
    assert '<option value="gone" selected>' in text
    browser.post(page, settings_of(price_type="H", warehouses=["77"]))
    made.shop.refresh_from_db()
    assert (made.shop.price_type, made.shop.warehouses) == ("H", ["77"])
    shown = browser.get(reverse("shop", args=[made.shop.pk])).content.decode()
    assert "Hurtowa" in shown
    assert "MAG Bielsko" in shown
    assert (
        '<option value="77">MAG Bielsko</option>'
        in browser.get(reverse("erp_edit", args=[made.erp.pk])).content.decode()
    )


def erp_data(**more: Any) -> dict[str, Any]:
    return {
        "name": "WAPRO Mag",
        "environment": "production",
        "server": "10.0.0.5,1433",
        "database": "WAPRO",
        "encryption": "verify",
        "identity_key": "index",
        "snapshot_max_age": "300",
        "read_user": "reader",
        "read_password": "",
    } | more


def test_an_erp_connection_is_added_once_with_its_reader(made: Tenants) -> None:
    browser = browser_of(made.administrator)
    add = reverse("erp_add", args=[made.other.pk])
    assert "Needed." in browser.post(add, erp_data()).content.decode()
    browser.post(add, erp_data(read_password="very-secret-3"))
    erp = WaproConnection.objects.get(client=made.other)
    assert erp.credentials == {"read_user": "reader", "read_password": "very-secret-3"}
    assert browser.get(add)["Location"] == reverse("erp_edit", args=[erp.pk])
    assert "very-secret-3" not in browser.get(reverse("erp_edit", args=[erp.pk])).content.decode()


@pytest.mark.parametrize("server", ["10.0.0.5;DROP", "host, 1433", "host/instance", "a b"])
def test_a_server_is_written_as_the_driver_wants_it(made: Tenants, server: str) -> None:
    answer = browser_of(made.administrator).post(reverse("erp_edit", args=[made.erp.pk]), erp_data(server=server))
    assert "Write host" in answer.content.decode()


def test_direct_creation_needs_a_dated_test_and_a_login_that_writes(made: Tenants) -> None:
    browser = browser_of(made.administrator)
    page = reverse("erp_edit", args=[made.erp.pk])
    text = browser.post(page, erp_data(create_directly="on")).content.decode()
    assert "Say when it was tested" in text
    assert "id_write_user_error" in text
    tomorrow = (timezone.localdate() + timedelta(days=2)).isoformat()
    assert "has not come yet" in browser.post(page, erp_data(experimental_tested_on=tomorrow)).content.decode()
    today = timezone.localdate().isoformat()
    good = erp_data(create_directly="on", experimental_tested_on=today, write_user="w", write_password="very-secret-4")
    assert browser.post(page, good).status_code == 302
    made.erp.refresh_from_db()
    assert made.erp.create_directly
    entry = AuditEntry.objects.get(verb="erp.writes")
    assert entry.data == {"create_directly": True}


def test_a_licence_is_confirmed_by_a_person_with_a_date(made: Tenants) -> None:
    browser = browser_of(made.administrator)
    browser.post(reverse("erp_edit", args=[made.erp.pk]), erp_data(licence_confirmed="on"))
    made.erp.refresh_from_db()
    assert made.erp.licence_confirmed_by == "administrator"
    assert made.erp.licence_confirmed_on == timezone.localdate()


def test_variants_are_grouped_by_a_prefix_or_a_field(made: Tenants) -> None:
    browser = browser_of(made.administrator)
    page = reverse("erp_edit", args=[made.erp.pk])
    data = erp_data(group_rule="prefix", group_separator="/", option_field_1="POLE2", option_name_1="Kolor")
    browser.post(page, data)
    made.erp.refresh_from_db()
    assert (made.erp.group_rule, made.erp.option_fields) == ("prefix:/", [{"field": "POLE2", "name": "Kolor"}])
    assert re.search(r'name="group_separator" value="/"', browser.get(page).content.decode())
    half = browser.post(page, erp_data(option_field_1="POLE2"))
    assert "both its field and its name" in half.content.decode()


def test_the_key_of_products_is_fixed_once_something_is_linked(made: Tenants) -> None:
    Link.objects.create(connection=made.shop, kind="product", erp_key="A", shop_key="1", origin="rule")
    browser_of(made.administrator).post(reverse("erp_edit", args=[made.erp.pk]), erp_data(identity_key="guid"))
    made.erp.refresh_from_db()
    assert made.erp.identity_key == "index"


def test_a_sample_company_asks_for_no_server(made: Tenants) -> None:
    WaproConnection.objects.filter(pk=made.erp.pk).update(engine="sample", server="/somewhere/sample.sqlite3")
    browser = browser_of(made.administrator)
    page = reverse("erp_edit", args=[made.erp.pk])
    assert 'name="server"' not in browser.get(page).content.decode()
    browser.post(page, erp_data(server="/etc/passwd", leading_warehouse="1"))
    made.erp.refresh_from_db()
    assert (made.erp.server, made.erp.leading_warehouse) == ("/somewhere/sample.sqlite3", "1")


@pytest.mark.parametrize("side", ["shop", "erp"])
def test_testing_asks_a_worker_once_and_the_page_asks_back(made: Tenants, side: str) -> None:
    pk = getattr(made, side).pk
    browser = browser_of(made.people["operator"])
    start = reverse(f"{side}_test", args=[pk])
    fragment = browser.post(start, headers={"hx-request": "true"}).content.decode()
    browser.post(start)
    errand = Errand.objects.get()
    assert (errand.verb, errand.requested_by) == ("test_settings", made.people["operator"])
    where = reverse("errand", args=[errand.pk])
    assert f'hx-get="{where}" hx-trigger="every 1s"' in fragment
    assert f'hx-get="{where}"' in browser.get(reverse(side, args=[pk])).content.decode()
    assert browser.post(start)["Location"] == reverse(side, args=[pk])


def test_an_unchanged_errand_costs_no_page_and_a_finished_one_stops_the_asking(made: Tenants) -> None:
    errand = Errand.objects.create(shop=made.shop, verb=Errand.Verb.TEST_SETTINGS)
    where, browser = reverse("errand", args=[errand.pk]), browser_of(made.people["viewer"])
    first = browser.get(where, headers={"hx-request": "true"})
    again = browser.get(where, headers={"hx-request": "true", "if-none-match": first["ETag"]})
    assert again.status_code == 304
    Errand.objects.update(status=Status.SUCCEEDED, finished_at=timezone.now())
    done = browser.get(where, headers={"hx-request": "true", "if-none-match": first["ETag"]})
    assert done["HX-Refresh"] == "true"
    assert "hx-trigger" not in done.content.decode()
    assert "See the checks" in browser.get(where).content.decode()


def test_the_checks_stand_with_reason_turn_and_way_out_failures_first(made: Tenants) -> None:
    checks = [
        {"name": "login", "verdict": "passed", "found": "token", "code": "", "params": {}, "turn": ""},
        {
            "name": "right:images",
            "verdict": "failed",
            "found": "",
            "code": "right_missing",
            "params": {"user": "api", "right": "edit", "resource": "images"},
            "turn": "shop_settings",
        },
    ]
    ShopConnection.objects.filter(pk=made.shop.pk).update(checks=checks, checked_at=timezone.now(), healthy=False)
    text = browser_of(made.people["viewer"]).get(reverse("shop", args=[made.shop.pk])).content.decode()
    assert "1 check failed" in text
    assert text.index("Rights: images") < text.index("<span>Login</span>")
    assert "the shop&#x27;s settings" in text
    only = browser_of(made.people["viewer"]).get(reverse("shop", args=[made.shop.pk]), {"show": "passed"})
    assert "Rights: images" not in only.content.decode()


@pytest.mark.parametrize("name", platforms())
def test_every_check_of_a_shop_has_a_name_for_people(name: str) -> None:
    """Those of the simulated shop, and those of one that nobody may enter."""
    stand = wired(stand_of(platform(name)))
    found = list(stand.open().probe())
    stand.change_password()
    found += stand.open().probe()
    known = {**SHOP_LABELS, **platform(name).check_labels}
    assert {check.name.partition(":")[0] for check in found} - known.keys() == set()


def test_rights_that_are_all_there_are_one_row(made: Tenants) -> None:
    checks = [
        {"name": f"right:{name}", "verdict": "passed", "found": "", "code": "", "params": {}, "turn": ""}
        for name in ("products", "taxes")
    ]
    ShopConnection.objects.filter(pk=made.shop.pk).update(checks=checks, checked_at=timezone.now(), healthy=True)
    text = browser_of(made.people["viewer"]).get(reverse("shop", args=[made.shop.pk])).content.decode()
    assert text.count("<span>Rights</span>") == 1
    assert "products, tax rates" in text


def test_the_page_lists_what_the_platform_cannot_do(made: Tenants) -> None:
    text = browser_of(made.people["viewer"]).get(reverse("shop", args=[made.shop.pk])).content.decode()
    row = re.search(r"<tr><th scope=\"row\">Categories.*?</tr>", text)
    assert row is not None
    assert row[0].count(">yes<") == 1


def test_a_connection_whose_connector_is_gone_still_opens(made: Tenants) -> None:
    ShopConnection.objects.filter(pk=made.shop.pk).update(platform="vanished")
    answer = browser_of(made.people["viewer"]).get(reverse("shop", args=[made.shop.pk]))
    assert answer.status_code == 200
    assert "is not installed here any more" in answer.content.decode()


def test_the_typed_filter_is_counted_by_a_worker_without_saving_it(made: Tenants) -> None:
    browser = browser_of(made.administrator)
    where = reverse("count_filter", args=[made.shop.pk])
    browser.post(where, {"filter-kinds": ["Usługa"], "filter-blocked": "on"}, headers={"hx-request": "true"})
    errand = Errand.objects.get()
    assert ItemFilter.of(errand.params).kinds == ("Usługa",)
    made.shop.refresh_from_db()
    assert made.shop.item_filter == {}
    Errand.objects.update(status=Status.SUCCEEDED, finished_at=timezone.now(), result={"count": 12, "of": 600})
    text = browser.get(reverse("errand", args=[errand.pk])).content.decode()
    assert "leaves in <b>12</b> of 600 cards" in text
    refused = browser.post(where, {"filter-value": "x"}, headers={"hx-request": "true"}).content.decode()
    assert "Choose the field" in refused


def test_a_paused_connection_says_so_everywhere_it_matters(made: Tenants) -> None:
    browser = browser_of(made.people["operator"])
    browser.post(reverse("shop_pause", args=[made.shop.pk]), {"paused": "1"})
    made.shop.refresh_from_db()
    assert made.shop.paused
    for where in (reverse("shop", args=[made.shop.pk]), reverse("client_home", args=[made.client.pk])):
        assert "Paused" in browser.get(where).content.decode()


@pytest.mark.parametrize(("environment", "band"), [("test", "band-test"), ("production", "band-prod")])
def test_every_page_of_a_connection_carries_its_environment(made: Tenants, environment: str, band: str) -> None:
    ShopConnection.objects.filter(pk=made.shop.pk).update(environment=environment)
    for name in ("shop", "shop_edit", "runs", "options"):
        text = browser_of(made.administrator).get(reverse(name, args=[made.shop.pk]), follow=True).content.decode()
        assert f'class="band {band}"' in text


@pytest.mark.parametrize(("side", "speaks_of_sql_server"), [("shop", False), ("erp", True)])
def test_a_refused_port_is_mended_by_what_that_side_knows(made: Tenants, side: str, speaks_of_sql_server: bool) -> None:
    connection: Any = made.shop if side == "shop" else made.erp
    found = {"code": "port_refused", "params": {"host": "10.0.0.5", "port": "1433"}, "turn": "connection"}
    type(connection)._default_manager.filter(pk=connection.pk).update(
        checks=[{"name": "port", "verdict": "failed", "found": "", **found}],
        checked_at=timezone.now(),
        healthy=False,
        problem=found | {"side": side},
    )
    page = browser_of(made.administrator).get(reverse(side, args=[connection.pk])).content.decode()
    assert "10.0.0.5 refused the connection on port 1433." in page
    assert ("SQL Server must have TCP/IP" in page) is speaks_of_sql_server


def test_a_test_that_no_worker_takes_says_so_though_nothing_else_moves(made: Tenants) -> None:
    errand = Errand.objects.create(shop=made.shop, verb=Errand.Verb.TEST_SETTINGS)
    where, browser = reverse("errand", args=[errand.pk]), browser_of(made.people["viewer"])
    first = browser.get(where, headers={"hx-request": "true"})
    Errand.objects.update(created_at=timezone.now() - timedelta(minutes=1))
    later = browser.get(where, headers={"hx-request": "true", "if-none-match": first["ETag"]})
    assert "is the worker running?" in later.content.decode()


@pytest.mark.parametrize(
    ("template", "elsewhere", "wrong"),
    [
        ("https://sklep.example/p/{id}-{code}", False, ""),
        ("http://sklep.example/p/{id}", False, "https"),
        ("javascript:alert({id})", True, "https"),
        ("https://panel.example/p/{id}", False, "host"),
        ("https://panel.example/p/{id}", True, ""),
        ("https://sklep.example:8443/p/{id}", False, "host"),
        ("https://sklep.example@evil.example/{id}", True, "host"),
        ("https://{id}.sklep.example/", True, "host"),
        ("https://sklep.example/p/{name}", False, "placeholder"),
        ("https://sklep.example/p/{id", False, "braces"),
        ("https://sklep.example/p/", False, "none"),
    ],
)
def test_an_address_of_pages_is_https_at_home_and_of_known_parts(template: str, elsewhere: bool, wrong: str) -> None:
    assert wrong_with(template, "product_shop", "https://sklep.example", elsewhere=elsewhere) == wrong


def test_pages_of_the_shop_are_linked_by_what_a_person_typed(made: Tenants) -> None:
    shop, browser = made.shop, browser_of(made.administrator)
    page = reverse("shop_access", args=[shop.pk])
    typed = {"pages": "1", "product_shop": "https://other.example/p/{id}", "order_panel": f"{HOME}/o/{{id}}"}
    ShopConnection.objects.filter(pk=shop.pk).update(address=HOME)
    refused = browser.post(page, typed)
    assert refused.status_code == 422
    assert "This is not on the shop" in refused.content.decode()
    typed["product_shop"] = f"{HOME}/p/{{id}}/{{code}}"
    assert browser.post(page, typed)["Location"] == page
    shop.refresh_from_db()
    assert product_shop(shop, Kind.PRODUCT, "12:7", "A B/1") == f"{HOME}/p/12/A%20B%2F1"
    assert product_shop(shop, Kind.PRODUCT, "12") == "", "no code, no page"
    assert order_panel(shop, "44") == f"{HOME}/o/44"
    shop.address = "https://moved.example"
    assert order_panel(shop, "44") == ""
