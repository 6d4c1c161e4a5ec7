"""The door: every address by every sort of person. An address that is not in the table fails here."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.db.models import Model
from django.test import Client as Browser
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from integrator.accounts.models import (
    RANK,
    AuthenticatorApp,
    Client,
    Firm,
    Membership,
    Passkey,
    RecoveryCode,
    Role,
    SignIn,
    User,
)
from syncjobs.models import AlertSubscription
from tests.web.tenants import Tenants, samples, tenants

pytestmark = pytest.mark.django_db

OPEN = {"login", "passkey_ask", "preferences", "second_step"}
"""Addresses for people who are not signed in."""
OWN = {
    *("alerts_mine", "confirm", "end_sessions", "home", "logout", "passkey_add", "passkey_new", "password", "profile"),
    *("second_factor", "second_factor_act", "second_factor_app"),
}
"""Addresses that concern nobody but the person."""
MACHINES = {"healthz", "readyz", "metrics"}
"""Addresses for what watches the installation; nothing of a tenant is there (tests/web/test_operations.py)."""
KEYED = {
    "lent_picture": {"token": "guessed", "extension": "png"},
    "webhook": {"token": "guessed"},
    "invitation": {"token": "guessed"},
}
"""Addresses for other systems, that carry their key in them; without the right one they are nothing."""
V, O, I, A = Role.VIEWER, Role.OPERATOR, Role.IMPLEMENTER, Role.ADMINISTRATOR  # noqa: E741
NEEDS: dict[str, tuple[Role | None, Role | None]] = {
    "firm_home": (V, None),
    "firm_people": (V, A),
    "firm_second_factor": (None, A),
    "firm_audit": (V, None),
    "firm_alerts": (V, I),
    "firm_alerts_act": (None, I),
    "firm_alerts_log": (I, None),
    "client_alerts": (V, I),
    "client_alerts_act": (None, I),
    "client_alerts_log": (I, None),
    "client_add": (A, A),
    "client_home": (V, None),
    "client_edit": (A, A),
    "client_pause": (None, I),
    "client_people": (V, A),
    "client_audit": (V, None),
    "client_buyers": (V, I),
    "firm_audit_export": (V, None),
    "client_audit_export": (V, None),
    "invitation_act": (None, A),
    "membership": (A, A),
    "shop_add": (I, I),
    "shop": (V, None),
    "shop_access": (I, I),
    "shop_edit": (I, I),
    "shop_remove": (None, I),
    "shop_pause": (None, O),
    "shop_stop": (V, O),
    "limits": (V, I),
    "shop_identity": (V, I),
    "erp_identity": (V, I),
    "orders_let_go": (None, O),
    "client_stop": (V, O),
    "client_dead": (V, None),
    "client_dead_act": (None, O),
    "firm_stop": (V, O),
    "shop_faults": (I, I),
    "shop_test": (None, O),
    "webhooks": (V, None),
    "webhooks_switch": (None, I),
    "count_filter": (None, I),
    "erp_add": (I, I),
    "erp": (V, None),
    "erp_edit": (I, I),
    "erp_test": (None, O),
    "errand": (V, None),
    "setup": (V, None),
    "setup_part": (V, I),
    "setup_agreement": (V, None),
    "options": (V, None),
    "options_kind": (V, I),
    "configuration": (I, I),
    "configuration_export": (I, None),
    "configuration_compare": (I, I),
    "template_save": (None, I),
    "template_edit": (None, I),
    "mapping": (V, None),
    "mapping_kind": (V, O),
    "orders": (V, None),
    "orders_settings": (V, I),
    "orders_mapping": (V, I),
    "orders_words": (None, O),
    "orders_policy": (V, I),
    "orders_documents": (None, I),
    "order": (V, None),
    "order_act": (None, O),
    "runs": (V, None),
    "synchronise": (None, O),
    "exclude": (None, O),
    "run": (V, None),
    "run_live": (V, None),
    "run_cancel": (None, O),
    "run_undo": (None, O),
    "held": (V, None),
    "held_release": (None, O),
    "step_retry": (None, O),
    "handover_import": (O, None),
    "handover_work": (O, None),
    "plan": (V, None),
    "plan_decide": (None, O),
    "unlinked": (V, None),
    "unlinked_kind": (V, None),
    "unlinked_act": (None, O),
    "unlinked_sure": (O, O),
    "unlinked_ignore": (O, O),
    "links": (V, None),
    "links_act": (None, O),
    "deeds": (V, None),
    "deed": (V, None),
    "deed_act": (None, O),
    "conflicts": (V, None),
    "conflicts_decide": (None, O),
    "conflicts_take_back": (None, O),
    "conflicts_rule": (I, I),
    "discrepancies": (V, None),
    "discrepancies_progress": (V, None),
    "discrepancies_compare": (None, O),
    "discrepancies_csv": (V, None),
    "discrepancies_xlsx": (V, None),
    "elements": (V, None),
    "element": (V, None),
    "element_act": (None, O),
}
"""Least role for reading and for sending, None where the method does not exist."""
FIRM_WIDE = {
    "template_edit",
    "firm_stop",
    "firm_alerts",
    "firm_alerts_act",
    "firm_alerts_log",
    "firm_home",
    "firm_people",
    "firm_audit",
    "firm_audit_export",
    "invitation_act",
    "client_add",
    "membership",
    "firm_second_factor",
}
SIMULATED = {"shop_faults"}
"""Addresses of simulated shops only: for a real one they are nothing, whoever asks (tests/web/test_faults.py)."""
OTHER_KINDS = {"mapping_kind": {"kind": "category"}}
"""Addresses that exist for some kinds only."""
ALLOWED = ("administrator", "implementer", "operator", "viewer", "owner")


def patterns(resolver: URLResolver | None = None) -> Iterator[URLPattern]:
    for entry in (resolver or get_resolver()).url_patterns:
        if isinstance(entry, URLResolver):
            yield from patterns(entry)
        else:
            yield entry


NAMES = sorted(str(pattern.name) for pattern in patterns())
TENANT_NAMES = [name for name in NAMES if name not in OPEN | OWN | MACHINES | KEYED.keys()]


@pytest.fixture
def made() -> Tenants:
    return tenants()


def address(name: str, known: dict[str, object]) -> str:
    pattern = next(one for one in patterns() if one.name == name)
    known = known | OTHER_KINDS.get(name, {})
    missing = set(pattern.pattern.converters) - set(known)
    assert not missing, f"{name}: give tests.web.tenants.samples an object for {missing}"
    return reverse(name, kwargs={parameter: known[parameter] for parameter in pattern.pattern.converters})


def ask(browser: Browser, method: str, where: str) -> int:
    return (browser.get(where) if method == "GET" else browser.post(where)).status_code


def signed_in(user: User) -> Browser:
    browser = Browser()
    browser.force_login(user)
    return browser


def test_every_address_has_a_name_and_a_line_in_the_table() -> None:
    assert all(pattern.name for pattern in patterns())
    assert set(TENANT_NAMES) == set(NEEDS), "say in NEEDS which role the new address needs"


@pytest.mark.parametrize("name", [name for name in NAMES if name not in OPEN | MACHINES | KEYED.keys()])
def test_an_anonymous_visitor_is_sent_to_the_login(made: Tenants, name: str) -> None:
    where = address(name, samples(made))
    for answer in (Browser().get(where), Browser().post(where)):
        assert answer.status_code == 302
        assert answer["Location"].startswith(reverse("login"))


@pytest.mark.parametrize("name", KEYED)
def test_a_guessed_key_opens_nothing(db: None, name: str) -> None:
    where = reverse(name, kwargs=KEYED[name])
    assert {Browser().get(where).status_code, Browser().post(where).status_code} <= {404, 405}


@pytest.mark.parametrize("who", ["stranger", "neighbour", "nobody"])
@pytest.mark.parametrize("name", TENANT_NAMES)
@pytest.mark.failure_mode("F13")
def test_a_stranger_finds_nothing(made: Tenants, name: str, who: str) -> None:
    where = address(name, samples(made))
    browser = signed_in(made.people[who])
    for method, needed in zip(("GET", "POST"), NEEDS[name], strict=True):
        assert ask(browser, method, where) == (404 if needed else 405)


@pytest.mark.parametrize("who", ALLOWED)
@pytest.mark.parametrize("name", TENANT_NAMES)
@pytest.mark.failure_mode("F13")
def test_each_role_may_do_what_it_needs_to_and_no_more(made: Tenants, name: str, who: str) -> None:
    where = address(name, samples(made))
    browser = signed_in(made.people[who])
    role = Role.VIEWER if who == "owner" else Role(who)
    for method, needed in zip(("GET", "POST"), NEEDS[name], strict=True):
        status = ask(browser, method, where)
        if needed is None:
            assert status == 405
        elif who == "owner" and name in FIRM_WIDE:
            assert status == 404
        elif RANK[role] < RANK[needed]:
            assert status == 403
        elif name in SIMULATED:
            assert status == 404
        else:
            assert status in (200, 302, 303, 422), f"{method} answered {status}"


def test_a_refusal_says_in_words_which_role_is_missing(made: Tenants) -> None:
    answer = signed_in(made.people["viewer"]).get(reverse("shop_edit", args=[made.shop.pk]))
    assert answer.status_code == 403
    assert "“implementer”" in answer.content.decode()
    assert "“viewer”" in answer.content.decode()


def test_somebody_who_was_switched_off_is_anonymous_at_once(made: Tenants) -> None:
    browser = signed_in(made.administrator)
    User.objects.filter(pk=made.administrator.pk).update(is_active=False)
    answer = browser.get(reverse("client_home", args=[made.client.pk]))
    assert answer.status_code == 302
    assert answer["Location"].startswith(reverse("login"))


@pytest.mark.failure_mode("F13")
def test_an_object_that_does_not_exist_and_one_of_another_firm_look_the_same(made: Tenants) -> None:
    browser = signed_in(made.people["stranger"])
    there = browser.get(reverse("shop", args=[made.shop.pk]))
    nowhere = browser.get(reverse("shop", args=[made.shop.pk + 1000]))
    assert (there.status_code, nowhere.status_code) == (404, 404)
    assert "Garden" not in there.content.decode()


def test_the_highest_of_two_roles_counts(made: Tenants) -> None:
    both = made.people["viewer"]
    Membership.objects.create(user=both, firm=made.firm, client=made.client, role=Role.IMPLEMENTER)
    browser = signed_in(both)
    assert browser.get(reverse("shop_edit", args=[made.shop.pk])).status_code == 200
    assert browser.get(reverse("erp_add", args=[made.other.pk])).status_code == 403


def our_models() -> list[type[Model]]:
    found = [
        model
        for label in ("accounts", "shops", "wapro", "syncjobs")
        for model in apps.get_app_config(label).get_models()
    ]
    of_a_person = (User, AlertSubscription, AuthenticatorApp, Passkey, RecoveryCode, SignIn)
    return [model for model in found if model._meta.managed and model not in of_a_person]


@pytest.mark.parametrize("model", our_models(), ids=lambda model: model.__name__)
def test_every_tenant_model_says_how_it_leads_to_its_client(model: type[Model]) -> None:
    path: str | None = model.__dict__.get("tenant_path", getattr(model, "tenant_path", None))
    assert path is not None, f"{model.__name__} has no tenant_path"
    if path == "":
        assert model is Firm
        return
    for part in path.split("|"):
        here: Any = model
        for name in part.split("__") if part != "self" else ():
            here = here._meta.get_field(name).related_model
        assert here in (Client, Firm)
