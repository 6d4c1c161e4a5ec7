"""PrestaShop over real sockets and behind bad hosts: what a person sees for each way in which it cannot be reached."""

import logging
import socket
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from integrator.canonical.errors import (
    AuthFailed,
    IntegrationError,
    OutcomeUnknown,
    Rejected,
    Transient,
    Unreachable,
)
from integrator.canonical.kinds import Kind
from integrator.canonical.preflight import Check, Verdict
from integrator.canonical.problems import Code
from integrator.canonical.side import NewElement, Patch, Scope, Side
from shops.connectors.base import NetworkPolicy, ShopAccess
from shops.connectors.prestashop.connector import PLATFORM
from shops.connectors.prestashop.probe import FOR_ORDERS, NEEDED
from shops.connectors.prestashop.simulator import API_KEY, PrestaSimulator, serve
from shops.connectors.prestashop.simulator.stand import PrestaStand
from tests.connectors.wire import wired

Open = Callable[..., Side]


@pytest.fixture
def shop() -> PrestaSimulator:
    return PrestaSimulator()


@pytest.fixture
def address(shop: PrestaSimulator) -> Iterator[str]:
    with serve(shop) as server:
        yield server.url


@pytest.fixture
def open_side() -> Iterator[Open]:
    opened: list[ShopAccess] = []

    def open_one(address: str, **credentials: str) -> Side:
        given = credentials or {"key": API_KEY}
        access = ShopAccess(address=address, credentials=given, network=NetworkPolicy(allow_private=True))
        opened.append(access)
        return PLATFORM.open(access)

    yield open_one
    for access in opened:
        access.close()


@pytest.fixture
def stand() -> PrestaStand:
    return wired(PrestaStand())


def checks(side: Side) -> dict[str, Check]:
    return {check.name: check for check in side.probe()}


def code_of(check: Check) -> str:
    return "" if check.problem is None else check.problem.code


def replacing(stand: PrestaStand, make: Callable[[httpx.Request], httpx.Response | None]) -> None:
    """The shop's host answers in place of the shop where `make` gives something."""
    stand.wire._plans.append(make)


# the way there


def test_everything_is_reached(open_side: Open, address: str) -> None:
    found = checks(open_side(address))
    assert {name: check.verdict for name, check in found.items() if check.verdict is not Verdict.PASSED} == {}
    assert found["version"].found == "8.1.2"
    assert found["languages"].found == "en, pl"


@pytest.mark.parametrize(
    ("fault", "failing", "code"),
    [
        ("html", "answer", Code.NOT_JSON),
        ("redirect", "answer", Code.REDIRECTED),
        ("reset", "answer", Code.CONNECTION_LOST),
        ("truncated", "answer", Code.NOT_JSON),
        ("port", "port", Code.PORT_REFUSED),
    ],
)
def test_the_check_that_fails_says_why_and_the_later_ones_are_skipped(
    open_side: Open, shop: PrestaSimulator, address: str, fault: str, failing: str, code: Code
) -> None:
    if fault == "port":
        with socket.create_server(("127.0.0.1", 0)) as free:
            address = f"http://127.0.0.1:{free.getsockname()[1]}"
    else:
        shop.faults.add(fault, times=9)
    found = list(open_side(address).probe())
    names = [check.name for check in found]
    failed = [check for check in found if check.verdict is Verdict.FAILED]
    assert [(check.name, code_of(check)) for check in failed] == [(failing, code)]
    assert {check.verdict for check in found[: names.index(failing)]} <= {Verdict.PASSED}
    assert {check.verdict for check in found[names.index(failing) + 1 :]} == {Verdict.SKIPPED}


def test_a_wrong_name_of_the_host_shows_the_right_one(open_side: Open, shop: PrestaSimulator, address: str) -> None:
    shop.hosting.host = "www.sklep.example"
    check = checks(open_side(address))["answer"]
    assert check.problem is not None
    assert check.problem.as_dict()["location"] == "http://www.sklep.example/"


def test_the_shop_may_stand_in_a_folder_and_the_address_may_name_the_api(stand: PrestaStand) -> None:
    asked: list[str] = []

    def moved(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.path)
        return httpx.Response(503, text="<html>")

    transport = httpx.MockTransport(moved)
    for address in ("https://sklep.example/nowy", "https://sklep.example/nowy/api/"):
        access = ShopAccess(address=address, credentials={"key": API_KEY}, transport=transport)
        with pytest.raises(Transient):
            PLATFORM.open(access).learn()
    assert asked == ["/nowy/api/"] * 2


# the key


@pytest.mark.parametrize(
    ("key", "code"),
    [("SHORT", Code.KEY_INCOMPLETE), ("X" * 32, Code.KEY_UNKNOWN)],
)
@pytest.mark.parametrize("way", ["key", "ws_key"])
def test_bad_keys_are_told_apart(open_side: Open, address: str, way: str, key: str, code: Code) -> None:
    found = checks(open_side(address, **{way: key}))
    assert code_of(found["login"]) == code
    assert found["answer"].verdict is Verdict.PASSED
    with pytest.raises(AuthFailed):
        open_side(address, **{way: key}).learn()


def test_a_host_that_drops_the_login_is_told_apart_from_a_bad_key(stand: PrestaStand) -> None:
    stand.shop.hosting.hides_login = True
    assert code_of(checks(stand._open())["login"]) == Code.KEY_NOT_RECEIVED
    in_address = stand._open(credentials={"ws_key": API_KEY})
    assert checks(in_address)["login"].verdict is Verdict.PASSED


def test_the_key_in_the_address_turns_up_nowhere(stand: PrestaStand, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    side = stand.open(credentials={"ws_key": API_KEY})
    made = side.create(Kind.PRODUCT, [stand.new(Kind.PRODUCT, 1)])[0]
    refused = side.update(Kind.PRODUCT, [Patch(key=made.key, fields={"code": "A<B"})])[0]
    assert all(API_KEY in str(one.url) for one in stand.wire.requests)
    assert all("authorization" not in one.headers for one in stand.wire.requests)
    seen = [
        caplog.text,
        repr(side),
        repr(vars(side)),
        repr(made),
        repr(made.exchange),
        repr(refused),
        repr(stand.facts),
    ]
    replacing(stand, lambda request: httpx.Response(500, text=f"Fatal error at {request.url}"))
    for act in (lambda: side.fetch(Kind.PRODUCER, Scope(), None), lambda: side.delete(Kind.PRODUCER, ["1"])):
        with pytest.raises(IntegrationError) as caught:
            act()
        seen += [repr(caught.value), repr(caught.value.problem)]
    assert [text for text in seen if API_KEY in text] == []


def test_a_connection_without_a_key_asks_nobody(stand: PrestaStand) -> None:
    with pytest.raises(AuthFailed) as caught:
        stand._open(credentials={}).learn()
    assert caught.value.problem.code == Code.SECRET_MISSING
    assert stand.wire.requests == []


def test_a_web_service_that_is_switched_off(open_side: Open, shop: PrestaSimulator, address: str) -> None:
    shop.access.enabled = False
    found = checks(open_side(address))
    assert code_of(found["login"]) == Code.WEBSERVICE_OFF
    assert found["answer"].verdict is Verdict.PASSED
    with pytest.raises(Unreachable):
        open_side(address).learn()


def test_a_key_of_another_shop(open_side: Open, shop: PrestaSimulator, address: str) -> None:
    shop.access.accounts[API_KEY].foreign = True
    assert checks(open_side(address))["login"].verdict is Verdict.FAILED


# rights and settings


@pytest.mark.parametrize("resource", sorted(NEEDED))
def test_a_missing_right_is_named_with_its_resource(stand: PrestaStand, resource: str) -> None:
    stand.shop.access.accounts[API_KEY].rights[resource] = {"HEAD"}
    check = checks(stand._open())[f"right:{resource}"]
    assert check.verdict is Verdict.FAILED
    assert check.problem is not None
    assert check.problem.as_dict()["resource"] == resource
    missing = check.problem.as_dict()["right"].split(", ")
    assert missing == [method.upper() for method in NEEDED[resource]]


@pytest.mark.parametrize("resource", sorted(FOR_ORDERS))
def test_a_right_that_only_orders_need_is_a_warning(stand: PrestaStand, resource: str) -> None:
    assert checks(stand._open())[f"right:{resource}"].verdict is Verdict.PASSED
    stand.shop.access.accounts[API_KEY].rights[resource] = {"HEAD"}
    check = checks(stand._open())[f"right:{resource}"]
    assert check.verdict is Verdict.WARNING
    assert check.problem is not None
    missing = ", ".join(method.upper() for method in FOR_ORDERS[resource])
    assert check.problem.as_dict() == {"right": missing, "resource": resource}


def test_a_key_without_patch_is_a_warning_while_it_has_put(stand: PrestaStand) -> None:
    stand.shop.access.accounts[API_KEY].rights["products"].discard("PATCH")
    check = checks(stand._open())["right:products"]
    assert check.verdict is Verdict.WARNING
    assert check.problem is not None
    assert check.problem.as_dict() == {"right": "PATCH", "resource": "products"}


def test_version_1_7_needs_put_and_misses_no_patch() -> None:
    class Old(PrestaStand):
        version = "1.7.8.8"

    stand = wired(Old())
    assert checks(stand._open())["right:products"].verdict is Verdict.PASSED
    stand.shop.access.accounts[API_KEY].rights["products"].discard("PUT")
    check = checks(stand._open())["right:products"]
    assert check.problem is not None
    assert check.problem.as_dict()["right"] == "PUT"


@pytest.mark.parametrize(
    ("setting", "value", "name", "code"),
    [
        ("PS_STOCK_MANAGEMENT", "0", "stock_management", Code.STOCK_MANAGEMENT_OFF),
        ("PS_TAX", "0", "taxes", Code.TAX_NOT_ADDED),
        ("PS_ADVANCED_STOCK_MANAGEMENT", "1", "advanced_stock", Code.ADVANCED_STOCK_ON),
        ("PS_USE_ECOTAX", "1", "ecotax", Code.ECOTAX_ON),
        ("PS_COUNTRY_DEFAULT", "1", "country", Code.COUNTRY_DIFFERS),
        ("PS_COUNTRY_DEFAULT", "1", "tax_rates", Code.TAX_RATES_MISSING),
    ],
)
def test_settings_that_matter_are_warned_of(
    stand: PrestaStand, setting: str, value: str, name: str, code: Code
) -> None:
    stand.state.set_setting(setting, value)
    check = checks(stand._open())[name]
    assert (check.verdict, code_of(check)) == (Verdict.WARNING, code)


def test_several_shops_in_one_are_refused(stand: PrestaStand) -> None:
    stand.state.insert("shops", {"id_shop_group": 1, "id_category": 2, "active": "1", "name": "Hurt"})
    check = checks(stand._open())["shops"]
    assert (check.verdict, code_of(check)) == (Verdict.FAILED, Code.SEVERAL_SHOPS)


# bad hosts


@pytest.mark.parametrize(
    ("status", "text", "error", "code"),
    [
        (200, "<html>Przerwa techniczna</html>", Transient, Code.NOT_JSON),
        (200, "[]", Transient, Code.NOT_JSON),
        (503, "<html>Przerwa techniczna</html>", Transient, Code.SHOP_CLOSED),
        (403, "<html>Cloudflare</html>", Transient, Code.NOT_JSON),
        (404, "<html>Nie ma takiej strony</html>", Transient, Code.NOT_JSON),
        (404, "", Rejected, Code.UNEXPECTED_ANSWER),
    ],
)
def test_pages_of_others_are_no_answers_of_the_shop(
    stand: PrestaStand, status: int, text: str, error: type[IntegrationError], code: Code
) -> None:
    side = stand.open()
    stand.wire.answer(status, text=text, headers={"Content-Type": "text/html"})
    with pytest.raises(error) as caught:
        side.fetch(Kind.PRODUCT, Scope(), None)
    assert caught.value.problem.code == code


def test_warnings_before_the_answers_do_no_harm(stand: PrestaStand) -> None:
    stand.fill(3)
    side = stand.open()
    stand.shop.hosting.warns = True
    keys = [item.key for item in side.fetch(Kind.PRICE, Scope(), None).items]
    assert len(keys) == 5
    simple = stand.simple_product()
    assert side.update(Kind.PRICE, [Patch(key=simple, fields={"price": "7.00"})])[0].ok


def test_a_firewall_that_refuses_changes_is_got_round_once_and_for_all(stand: PrestaStand) -> None:
    stand.shop.hosting.blocked = ("PATCH", "PUT", "DELETE")
    key, other = stand.add_product(), stand.add_product()
    side = stand.open()
    assert side.update(Kind.STOCK, [Patch(key=key, fields={"quantity": "9"})])[0].ok
    before = len(stand.wire.requests)
    results = stand.open().delete(Kind.PRODUCT, [key, other])
    assert all(result.ok for result in results)
    assert key not in stand.product_ids()
    sent = [(one.method, one.url.params.get("ps_method")) for one in stand.wire.requests[before:]]
    assert sent == [("GET", None), ("POST", "DELETE")]


def test_a_write_that_is_answered_with_a_page_may_have_been_done(stand: PrestaStand) -> None:
    side = stand.open()
    stand.shop.faults.add("html", method="POST")
    with pytest.raises(OutcomeUnknown):
        side.create(Kind.PRODUCER, [NewElement(token="a", fields={"name": "Nowy"})])


def test_cookies_of_the_shop_are_not_sent_back() -> None:
    seen: list[str] = []

    def cookie(request: httpx.Request) -> httpx.Response:
        seen.append(request.headers.get("cookie", ""))
        return httpx.Response(503, text="<html>", headers={"Set-Cookie": "PrestaShop-1=abc; path=/"})

    access = ShopAccess(
        address="https://sklep.example", credentials={"key": API_KEY}, transport=httpx.MockTransport(cookie)
    )
    side = PLATFORM.open(access)
    for _ in range(2):
        with pytest.raises(Transient):
            side.learn()
    assert seen == ["", ""]


@pytest.mark.parametrize(
    ("fault", "error", "made"),
    [
        ("drop", OutcomeUnknown, 1),
        ("reset", OutcomeUnknown, 0),
        ("error", OutcomeUnknown, 0),
        ("redirect", Unreachable, 0),
    ],
)
def test_a_create_is_never_sent_twice(
    open_side: Open, shop: PrestaSimulator, address: str, fault: str, error: type[IntegrationError], made: int
) -> None:
    side = open_side(address)
    side.learn()
    before = len(shop.state.tables["manufacturers"])
    shop.faults.add(fault, method="POST")
    with pytest.raises(error):
        side.create(Kind.PRODUCER, [NewElement(token="a", fields={"name": "Nowy"})])
    assert len(shop.state.tables["manufacturers"]) == before + made
    assert shop.stats.requests["POST manufacturers"] == 1


def test_a_connection_that_breaks_once_is_no_trouble_for_reading(
    open_side: Open, shop: PrestaSimulator, address: str
) -> None:
    side = open_side(address)
    side.learn()
    shop.state.add_manufacturer("Ćmielów")
    shop.faults.add("reset", method="GET")
    assert side.fetch(Kind.PRODUCER, Scope(), None).items


def test_messages_are_plain_in_every_version(stand: PrestaStand) -> None:
    key = stand.add_product()
    refused: Any = stand.open().update(Kind.PRODUCT, [Patch(key=key, fields={"code": "A<B"})])[0].error
    assert "&gt;" not in refused.problem.as_dict()["message"]
    assert "->" in refused.problem.as_dict()["message"]
