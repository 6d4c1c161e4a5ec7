"""Two firms, each with everything: what one sends, asks or opens never shows nor changes anything of the other's."""

import inspect
import json
from collections.abc import Iterator
from itertools import groupby
from operator import itemgetter
from typing import Any

import pytest
from django.apps import apps
from django.db.models import Model
from django.urls import reverse

from integrator.accounts.models import Client, Membership, Role, User
from syncjobs import tasks
from syncjobs.models import (
    AlertChannel,
    AlertDelivery,
    Change,
    ConfigurationTemplate,
    ConfigurationUpload,
    SnapshotItem,
    Step,
    Unlinked,
)
from syncjobs.models.orders import ShopOrder
from tests.web.tenants import Tenants, erp_of, samples, shop_of, tenants
from tests.web.test_access import FIRM_WIDE, NEEDS, OWN, TENANT_NAMES, address, signed_in

pytestmark = pytest.mark.django_db
CANARY = "Zxqv"
"""Stands in every name of the other firm, and nowhere else."""


@pytest.fixture
def made() -> Tenants:
    return tenants()


def everything_of_others(made: Tenants) -> tuple[Tenants, dict[str, Any]]:
    """The other firm with a client and one object of each sort, and what they are called in forms."""
    client = Client.objects.create(firm=made.foreign, name=f"{CANARY} client")
    shop, erp = shop_of(client, f"{CANARY} shop"), erp_of(client, name=f"{CANARY} erp")
    theirs = Tenants(made.foreign, client, client, made.firm, shop, erp)
    theirs.people = {"administrator": made.people["stranger"], "operator": User.objects.create(email="op@zxqv.example")}
    Membership.objects.create(user=theirs.people["operator"], firm=made.foreign, role=Role.OPERATOR)
    ids = samples(theirs)
    SnapshotItem.objects.filter(erp=erp).update(label=f"{CANARY} card", record={"code": "K1", "name": f"{CANARY} card"})
    SnapshotItem.objects.filter(shop=shop).update(
        label=f"{CANARY} item", record={"code": "K1", "name": f"{CANARY} item"}
    )
    ConfigurationTemplate.objects.filter(firm=made.foreign).update(name=f"{CANARY} template")
    ShopOrder.objects.filter(connection=shop).update(shop_number=f"{CANARY}-1")
    Step.objects.filter(pk=ids["step"]).update(status="waiting")
    change = Change.objects.create(
        step_id=ids["step"], connection=shop, kind="product", action="update_shop", status="planned", label=CANARY
    )
    alone = Unlinked.objects.create(connection=shop, kind="product", side="erp", key="K9", label=f"{CANARY} alone")
    channel = AlertChannel.objects.create(
        firm=made.foreign, client=client, name=f"{CANARY} hook", url="https://zxqv.example/", secret={"secret": "s"}
    )
    delivery = AlertDelivery.objects.create(firm=made.foreign, channel=channel, status="failed")
    upload = ConfigurationUpload.objects.create(connection=shop, name=f"{CANARY} file", document={})
    more = {"change": change, "alone": alone, "channel": channel, "delivery": delivery, "upload": upload}
    return theirs, ids | {name: one.pk for name, one in more.items()}


def forms(their: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Addresses of ours, and what a form with objects of the other firm would send there."""
    change, link, conflict = their["change"], their["link"], their["conflict"]
    for data in ({"pick": change}, {"one": change}):
        yield "step_retry", data
    for data in ({"scope": "picked"}, {"leave": "picked"}, {"back": "picked"}):
        yield "plan_decide", data | {"pick": change}
    for verb in ("break", "again", "check"):
        yield "links_act", {"one": f"{verb} {link}"}
        yield "links_act", {"do": verb, "pick": link}
    for verb in ("link", "create", "import", "ignore", "unignore", "link_picked"):
        yield "unlinked_act", {"do": verb, "pick": ["erp:K9", "shop:1"]}
    for owner in ("erp", "shop"):
        named = {f"owner-{conflict}": owner, f"version-{conflict}": "1", f"similar-{conflict}": "1"}
        yield "conflicts_decide", {"conflict": conflict} | named
        yield "conflicts_decide", {"conflict": conflict, "whole": owner}
    yield "conflicts_take_back", {"conflict": conflict}
    for source in (f"template-{their['template']}", f"shop-{their['shop']}", f"upload-{their['upload']}"):
        yield "configuration_compare", {"from": source, "section": "options", "seal": "x"}
    yield "template_edit", {"shop": their["shop"], "name": "Usual", "do": "rename"}
    for name in ("firm_alerts_act", "client_alerts_act"):
        for verb in ("test", "secret", "pause", "resume", "remove", "again"):
            yield name, {"verb": verb, "channel": their["channel"], "delivery": their["delivery"]}
    for name in ("firm_alerts", "client_alerts"):
        yield name, {"channel": their["channel"], "name": "Taken", "url": "https://taken.example/"}
    for verb in ("mute", "hear"):
        yield "alerts_mine", {"verb": verb, "client": their["client"]}
    yield "mapping_kind", {"primary": link}
    yield "exclude", {"side": "erp", "kind": "product", "key": "K9", "do": "ignore"}
    for part in ("stage", "trial"):
        yield "setup_part", {"act": part, "product": "K9", "order": "1001", "stage": "1"}
    yield "membership", {"role": "viewer", "client": their["client"], "firm": their["firm"], "membership": 1}
    yield "end_sessions", {"one": 1}
    yield "second_factor_act", {"act": "passkey_remove", "passkey_id": 1}


def state_of(theirs: Tenants) -> str:
    """Every row that leads to the other firm, whole."""
    rows: list[Any] = []
    for label in ("accounts", "shops", "wapro", "syncjobs"):
        for model in apps.get_app_config(label).get_models():
            path = getattr(model, "tenant_path", None)
            if path is not None and model._meta.managed:
                rows += [model.__name__, sorted(map(str, _of(model, path, theirs)))]
    return json.dumps(rows, default=str)


def _of(model: type[Model], path: str, theirs: Tenants) -> list[Any]:
    found: list[Any] = []
    for part in path.split("|"):
        where = {"": {"pk": theirs.firm.pk}, "self": {"firm": theirs.firm}, "firm": {"firm": theirs.firm}}
        condition = where.get(part, {part: theirs.client.pk})
        found += model._default_manager.filter(**condition).values_list()
    return found


def read(answer: Any) -> str:
    content = b"".join(answer) if answer.streaming else answer.content
    return bytes(content).decode("utf-8", "replace")


def test_objects_of_others_in_forms_and_queries_neither_show_nor_change(made: Tenants) -> None:
    theirs, their = everything_of_others(made)
    ours = samples(made)
    Step.objects.filter(pk=ours["step"]).update(status="waiting")
    before = state_of(theirs)
    assert len(before) > 3000, "there is something to be changed"
    browser = signed_in(made.administrator)
    for name, sent in groupby(forms(their), key=itemgetter(0)):
        for _name, data in sent:
            more = {"part": "trial"} if "act" in data else {}
            answer = browser.post(reverse(name) if name in OWN else address(name, ours | more), data)
            assert answer.status_code < 500, (name, data)
            assert CANARY not in read(answer), (name, data)
        assert state_of(theirs) == before, name


def test_pages_of_others_lend_nothing_to_ours_by_cache_or_query(made: Tenants) -> None:
    theirs, their = everything_of_others(made)
    ours = samples(made)
    names = [name for name in TENANT_NAMES if NEEDS[name][0] is not None]
    stranger, browser = signed_in(made.people["stranger"]), signed_in(made.administrator)
    shown = [CANARY in read(stranger.get(address(name, their))) for name in names]
    assert sum(shown) > len(names) / 2, "the other firm sees its own"
    same = ("client", "channel", "conflict", "link", "run", "step", "order")
    asked = {name: their[name] for name in same} | {
        "who": theirs.people["administrator"].pk,
        "change": their["channel"],
        "from": f"shop-{their['shop']}",
        "before": 10**9,
        "with": "erp:K9",
        "pick": "K9",
        "q": "",
    }
    for name in names:
        assert CANARY not in read(browser.get(address(name, ours), asked)), name


@pytest.mark.parametrize(("who", "methods"), [("stranger", ("HEAD", "OPTIONS", "PUT")), ("owner", ("PUT",))])
def test_no_other_method_opens_what_get_and_post_do_not(made: Tenants, who: str, methods: tuple[str, ...]) -> None:
    ours = samples(made)
    browser = signed_in(made.people[who])
    before = state_of(made)
    for name in TENANT_NAMES:
        reads = NEEDS[name][0] == Role.VIEWER and not (who == "owner" and name in FIRM_WIDE)
        for method in methods:
            status = browser.generic(method, address(name, ours)).status_code
            refused = status in (403, 404, 405)
            assert refused or (who == "owner" and reads and status in (200, 302)), (name, method, status)
    assert state_of(made) == before, "nothing but GET and POST does anything"


def test_tasks_carry_a_connection_and_nothing_else() -> None:
    """A task acts on one connection, whose rows it finds by itself: no message can name two tenants."""
    app = tasks.tick.app
    ours = [task for name, task in app.tasks.items() if not name.startswith("celery.")]
    assert tasks.advance_shop.name in [task.name for task in ours]
    for task in ours:
        assert set(inspect.signature(task.run).parameters) <= {"pk"}, task.name
    assert set(app.conf.accept_content) == {"json"}
    assert app.conf.task_serializer == "json"
