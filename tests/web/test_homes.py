"""The firm's and the client's home: what needs a person comes first, quiet is said in words, queries stay few."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from integrator.accounts.models import Client, User
from shops.models import ShopConnection
from syncjobs import heartbeat
from syncjobs.models import Conflict, Link, Run, Step, SyncOptions, Unlinked
from syncjobs.models.choices import Status
from tests.web.tenants import Tenants, erp_of, shop_of, tenants

pytestmark = pytest.mark.django_db


@pytest.fixture
def made() -> Tenants:
    made = tenants()
    for one in (made.shop, made.erp):
        type(one).objects.filter(pk=one.pk).update(healthy=True, checked_at=timezone.now())
    ShopConnection.objects.filter(pk=made.shop.pk).update(price_type="1", warehouses=["1"], writes_enabled=True)
    return made


def browser_of(user: User) -> Browser:
    browser = Browser()
    browser.force_login(user)
    return browser


def ran(shop: ShopConnection, status: Status, kind: str = "product", minutes: int = 10, **more: object) -> Step:
    at = timezone.now() - timedelta(minutes=minutes)
    end = None if status in (Status.RUNNING, Status.QUEUED, Status.WAITING) else at
    run = Run.objects.create(connection=shop, status=status, finished_at=end)
    values = {"position": 0, "finished_at": end, **more}
    return Step.objects.create(run=run, connection=shop, kind=kind, status=status, **values)


def text_of(made: Tenants, name: str, *args: int, who: str = "administrator") -> str:
    return browser_of(made.people[who]).get(reverse(name, args=args)).content.decode()


def in_order(text: str, *parts: str) -> bool:
    places = [text.index(part) for part in parts]
    return places == sorted(places)


def fill(made: Tenants) -> None:
    """One matter of every sort."""
    shop = made.shop
    ran(shop, Status.FAILED, "tax_rate", counts={"failed": 2})
    ran(shop, Status.WAITING, "price", counts={"planned": 68})
    problems = [{"code": "gate_closed", "params": {"kind": "tax_rate"}}]
    ran(shop, Status.BLOCKED, "product", problems=problems)
    link = Link.objects.create(connection=shop, kind="product", erp_key="A", shop_key="1", origin="rule")
    Conflict.objects.create(connection=shop, link=link, kind="product", field="name")
    for number in range(3):
        Unlinked.objects.create(connection=shop, kind="product", side="erp", key=f"U{number}")
    Unlinked.objects.create(connection=shop, kind="product", side="erp", key="M", state="ambiguous")
    Unlinked.objects.create(connection=shop, kind="product", side="erp", key="I", state="ignored")


def test_every_matter_stands_once_the_most_urgent_first_with_its_next_step(made: Tenants) -> None:
    fill(made)
    text = text_of(made, "client_home", made.client.pk)
    assert in_order(
        text,
        "Tax rates: the run failed",
        "Prices: a plan with 68 changes waits for approval",
        "1 field changed on both sides",
        "Waiting for something else first: products",
        "Products: 3 without a partner",
        "Products: 1 fits more than one element",
    )
    unlinked = reverse("unlinked_kind", args=[made.shop.pk, "product"])
    assert f'href="{unlinked}?show=unlinked"' in text
    assert f'href="{reverse("conflicts", args=[made.shop.pk])}"' in text


def test_a_connection_that_does_not_work_comes_before_everything(made: Tenants) -> None:
    fill(made)
    problem = {"code": "unreachable", "params": {"host": "10.0.0.5", "port": "1433"}}
    type(made.erp).objects.filter(pk=made.erp.pk).update(healthy=False, problem=problem)
    text = text_of(made, "client_home", made.client.pk)
    assert in_order(text, "WAPRO Mag: the connection does not work", "Tax rates: the run failed")
    assert "No connection" in text_of(made, "firm_home", made.firm.pk)


def test_a_quiet_client_is_said_to_be_in_step_in_words(made: Tenants) -> None:
    ran(made.shop, Status.SUCCEEDED, "stock", minutes=0)
    text = text_of(made, "client_home", made.client.pk)
    assert "Everything in step since" in text
    assert "No errors, no conflicts" in text
    assert "In step since" in text_of(made, "firm_home", made.firm.pk)


def test_a_later_success_clears_an_earlier_failure(made: Tenants) -> None:
    ran(made.shop, Status.FAILED, "stock", minutes=30)
    ran(made.shop, Status.SUCCEEDED, "stock", minutes=5)
    assert "the run failed" not in text_of(made, "client_home", made.client.pk)


def test_a_preview_is_no_success_of_a_flow(made: Tenants) -> None:
    step = ran(made.shop, Status.SUCCEEDED, "stock", minutes=5)
    Run.objects.filter(pk=step.run_id).update(mode=Run.Mode.PREVIEW)
    assert "Everything in step" not in text_of(made, "client_home", made.client.pk)


def test_a_new_client_is_led_through_its_first_steps(made: Tenants) -> None:
    text = text_of(made, "client_home", made.other.pk)
    assert "Three steps to the first preview" in text
    assert reverse("erp_add", args=[made.other.pk]) in text
    looking = text_of(made, "client_home", made.other.pk, who="viewer")
    assert reverse("erp_add", args=[made.other.pk]) not in looking


def test_who_only_looks_sees_no_buttons_that_start_something(made: Tenants) -> None:
    start = f'action="{reverse("synchronise", args=[made.shop.pk])}"'
    assert start in text_of(made, "client_home", made.client.pk, who="operator")
    assert start not in text_of(made, "client_home", made.client.pk, who="owner")
    assert "pause" not in text_of(made, "client_home", made.client.pk, who="operator").split("<main")[1].lower()


def test_preview_and_synchronise_start_a_run(made: Tenants) -> None:
    browser = browser_of(made.people["operator"])
    for mode in ("preview", "apply"):
        answer = browser.post(reverse("synchronise", args=[made.shop.pk]), {"mode": mode})
        run = Run.objects.get(mode=mode)
        assert answer["Location"] == reverse("run", args=[run.pk])
        assert run.requested_by == made.people["operator"]


def test_a_paused_client_says_so_and_its_buttons_are_off(made: Tenants) -> None:
    browser_of(made.administrator).post(reverse("client_pause", args=[made.client.pk]), {"paused": "1"})
    text = text_of(made, "client_home", made.client.pk)
    assert "This client is paused" in text
    assert 'value="apply" disabled' in text
    assert "Paused" in text_of(made, "firm_home", made.firm.pk)


def test_the_firm_lists_clients_in_need_first_and_filters_by_link(made: Tenants) -> None:
    erp_of(made.other, healthy=True, checked_at=timezone.now())
    shop_of(made.other, healthy=True, checked_at=timezone.now())
    ran(made.other.shops.get(), Status.SUCCEEDED, "stock", minutes=1)
    fill(made)
    page = reverse("firm_home", args=[made.firm.pk])
    browser = browser_of(made.administrator)
    text = browser.get(page).content.decode().split("<tbody>")[1]
    assert in_order(text, ">Garden<", ">Optics<")
    only = browser.get(page, {"show": "attention"}).content.decode().split("<tbody>")[1]
    assert ">Garden<" in only
    assert ">Optics<" not in only
    found = browser.get(page, {"q": "óptics"}).content.decode().split("<tbody>")[1]
    assert ">Optics<" in found
    assert ">Garden<" not in found
    assert "No client fits" in browser.get(page, {"q": "zebra"}).content.decode()


def test_an_empty_firm_says_what_a_client_is(made: Tenants) -> None:
    text = text_of(made, "firm_home", made.foreign.pk, who="stranger")
    assert "No clients yet" in text
    assert reverse("client_add", args=[made.foreign.pk]) in text


def test_the_administrator_adds_and_renames_clients(made: Tenants) -> None:
    browser = browser_of(made.administrator)
    add = reverse("client_add", args=[made.firm.pk])
    browser.post(add, {"name": "Books"})
    client = Client.objects.get(name="Books")
    assert client.firm == made.firm
    assert "already has a client" in browser.post(add, {"name": "books"}).content.decode()
    browser.post(reverse("client_edit", args=[client.pk]), {"name": "Books and more"})
    client.refresh_from_db()
    assert client.name == "Books and more"


def test_the_strip_tells_its_days_to_screen_readers(made: Tenants) -> None:
    ran(made.shop, Status.SUCCEEDED, "stock", minutes=1)
    ran(made.shop, Status.FAILED, "price", minutes=60 * 24 * 3)
    text = text_of(made, "client_home", made.client.pk)
    assert 'aria-label="last 30 days: 1 without errors, 0 partly, 1 with errors"' in text
    assert "Runs of the last 30 days" in text


def test_a_late_flow_is_marked_only_past_its_own_limit(made: Tenants) -> None:
    SyncOptions.objects.create(connection=made.shop, kind="stock", criterion="", enabled=True, interval_minutes=60)
    ran(made.shop, Status.SUCCEEDED, "stock", minutes=120)
    assert "num on-f" not in text_of(made, "client_home", made.client.pk).split("Flows</h2>")[1].split("</table>")[0]
    Step.objects.update(finished_at=timezone.now() - timedelta(minutes=140))
    assert "num on-f" in text_of(made, "client_home", made.client.pk).split("Flows</h2>")[1].split("</table>")[0]


@pytest.mark.parametrize("minutes", [None, 0, 10])
def test_the_foot_of_the_menu_tells_whether_the_scheduler_lives(made: Tenants, minutes: int | None) -> None:
    if minutes is not None:
        cache.set(heartbeat.KEY, timezone.now() - timedelta(minutes=minutes))
    words = {None: "has given no sign yet", 0: "The queue works", 10: "The queue is silent since"}
    assert words[minutes] in text_of(made, "client_home", made.client.pk)


def queries(made: Tenants, name: str, pk: int) -> int:
    browser = browser_of(made.administrator)
    browser.get(reverse(name, args=[pk]))
    with CaptureQueriesContext(
        connection,
    ) as seen:
        assert browser.get(reverse(name, args=[pk])).status_code == 200
    return len(seen)


def test_the_firm_asks_as_many_questions_for_ten_clients_as_for_two(made: Tenants) -> None:
    fill(made)
    before = queries(made, "firm_home", made.firm.pk)
    for number in range(8):
        client = Client.objects.create(firm=made.firm, name=f"Client {number}")
        erp_of(client)
        shop = shop_of(client)
        ran(shop, Status.FAILED, "stock")
        ran(shop, Status.SUCCEEDED, "price")
        Unlinked.objects.create(connection=shop, kind="product", side="erp", key="U")
    assert queries(made, "firm_home", made.firm.pk) == before
    assert before <= 25


def test_a_client_asks_as_many_questions_for_three_shops_as_for_one(made: Tenants) -> None:
    fill(made)
    before = queries(made, "client_home", made.client.pk)
    for number in range(2):
        shop = shop_of(made.client, name=f"Shop {number}", is_leading=False)
        ran(shop, Status.FAILED, "stock")
        ran(shop, Status.WAITING, "price")
    assert queries(made, "client_home", made.client.pk) == before
    assert before <= 33


def test_what_is_left_of_setting_up_is_said_one_thing_after_the_other(made: Tenants) -> None:
    shop = ShopConnection.objects.filter(pk=made.shop.pk)
    shop.update(price_type="", writes_enabled=False, checked_at=None, healthy=None)
    untested, unchosen, unwritten = "the settings were never tested", "price type and warehouses", "only reads so far"

    def said() -> list[str]:
        text = text_of(made, "client_home", made.client.pk)
        return [words for words in (untested, unchosen, unwritten) if words in text]

    assert said() == [untested]
    shop.update(checked_at=timezone.now(), healthy=True)
    assert said() == [unchosen]
    shop.update(price_type="1")
    assert said() == []
    ran(made.shop, Status.SUCCEEDED)
    assert said() == [unwritten]
    shop.update(writes_enabled=True)
    assert said() == []


def test_who_only_looks_is_sent_into_no_dead_end(made: Tenants) -> None:
    fill(made)
    ShopConnection.objects.filter(pk=made.shop.pk).update(price_type="")
    settings = reverse("shop_edit", args=[made.shop.pk])
    own = text_of(made, "client_home", made.client.pk, who="operator").split("<main")[1]
    assert ">Review the plan<" in own
    assert settings not in own
    main = text_of(made, "client_home", made.client.pk, who="viewer").split("<main")[1]
    assert "Prices: a plan with 68 changes waits for approval" in main
    for action in ("Review the plan", "Decide", "Link", "Choose"):
        assert f">{action}<" not in main
    assert ">See what failed<" in main
    assert settings not in main


def test_the_lag_of_a_day_is_a_table_for_screen_readers(made: Tenants) -> None:
    ran(made.shop, Status.SUCCEEDED, "stock", minutes=60 * 9)
    text = text_of(made, "client_home", made.client.pk)
    table = text.split("lag of the flows over the last 24 hours</caption>")[1].split("</table>")[0]
    assert "8 hours ago" in table
    assert "<td>–</td><td>1 h</td><td>5 h</td><td>9 h</td>" in table.replace("60 min", "1 h")


def test_a_run_that_goes_on_is_named_on_the_home(made: Tenants) -> None:
    step = ran(made.shop, Status.RUNNING, "stock")
    assert f"run {step.run_id} is at stock" in text_of(made, "client_home", made.client.pk)


def test_the_home_says_which_plan_a_new_run_would_replace(made: Tenants) -> None:
    step = ran(made.shop, Status.WAITING, "price", counts={"planned": 68})
    text = text_of(made, "client_home", made.client.pk, who="operator")
    assert "A new run replaces the plan that waits:" in text
    assert reverse("plan", args=[step.pk]) in text.split("replaces the plan")[1].split("</p>")[0]
    assert "A new run replaces" not in text_of(made, "client_home", made.client.pk, who="owner")
