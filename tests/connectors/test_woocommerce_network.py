"""Ways into a WooCommerce shop, and what a person sees for each way in which it cannot be used."""

import hmac
import logging
import socket
import threading
from base64 import b64encode
from collections.abc import Callable, Iterator
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qs

import httpx
import pytest

from integrator.canonical.errors import AuthFailed, IntegrationError, OutcomeUnknown, Rejected, Transient, Unreachable
from integrator.canonical.kinds import Kind
from integrator.canonical.preflight import Check, Verdict
from integrator.canonical.problems import Code, Turn
from integrator.canonical.side import NewElement, Scope, Side
from integrator.network import Resolver, system_resolver
from shops.connectors.base import NetworkPolicy, ShopAccess
from shops.connectors.woocommerce.auth import needs_signature, signature
from shops.connectors.woocommerce.connector import PLATFORM
from shops.connectors.woocommerce.simulator import CONSUMER_KEY, CONSUMER_SECRET, Key, WooSimulator, serve
from shops.connectors.woocommerce.simulator.stand import KEYS, WooStand
from tests.connectors.wire import Wire, wired

Open = Callable[..., Side]
QUERY = {"query_key": CONSUMER_KEY, "query_secret": CONSUMER_SECRET}


@pytest.fixture
def stand() -> WooStand:
    return wired(WooStand())


@pytest.fixture
def shop() -> WooSimulator:
    return WooSimulator()


@pytest.fixture
def address(shop: WooSimulator) -> Iterator[str]:
    with serve(shop) as server:
        yield server.url


@pytest.fixture
def open_side() -> Iterator[Open]:
    opened: list[ShopAccess] = []

    def open_one(address: str, resolve: Resolver = system_resolver) -> Side:
        policy = NetworkPolicy(allow_private=True, resolve=resolve)
        opened.append(ShopAccess(address=address, credentials=KEYS, network=policy))
        return PLATFORM.open(opened[-1])

    yield open_one
    for access in opened:
        access.close()


def public(wire: Wire, address: str, credentials: dict[str, str], **more: Any) -> Side:
    """A side of a shop with a public address, over a line that needs no network."""
    return PLATFORM.open(ShopAccess(address=address, credentials=credentials, transport=wire, **more))


def checks_of(side: Side) -> dict[str, Check]:
    return {check.name: check for check in side.probe()}


# ways in


@pytest.mark.parametrize(
    ("address", "signed"),
    [
        ("http://shop.example", True),
        ("http://8.8.8.8:8080/sklep", True),
        ("https://shop.example", False),
        ("shop.example", False),
        ("http://127.0.0.1:8000", False),
        ("http://192.168.1.5", False),
        ("http://localhost:8000", False),
    ],
)
def test_only_a_public_shop_on_plain_http_needs_a_signature(address: str, signed: bool) -> None:
    assert needs_signature(address) is signed


def test_the_signature_is_that_of_the_standard() -> None:
    """The base string is that of the example in OAuth Core 1.0a, appendix A.5.1, but for the token."""
    params = {"size": "original", "oauth_consumer_key": "dpf43f3p2l4k3l03", "file": "vacation & co.jpg"}
    base = (
        "GET&http%3A%2F%2Fphotos.example.net%2Fphotos&file%3Dvacation%2520%2526%2520co.jpg"
        "%26oauth_consumer_key%3Ddpf43f3p2l4k3l03%26size%3Doriginal"
    )
    expected = b64encode(hmac.new(b"kd94hf93k423kf44&", base.encode(), sha256).digest()).decode()
    assert signature("get", "http://photos.example.net/photos", params, "kd94hf93k423kf44") == expected


@pytest.mark.parametrize("path", ["", "/sklep"])
def test_over_plain_http_calls_are_signed_and_show_no_secret(path: str) -> None:
    shop = WooSimulator(tls=False)
    shop.state.address = f"http://shop.example{path}"
    shop.replace_state(shop.state)
    wire = Wire(shop)
    side = public(wire, shop.state.address, KEYS, clock=shop.clock)
    side.learn()
    made = side.create(Kind.CATEGORY, [NewElement(token="a", fields={"path": ["Kubki & „dzbanki” +10%"]})])
    assert made[0].ok
    assert [item.record for item in side.fetch(Kind.CATEGORY, Scope(), None).items if item.key == made[0].key]
    sent = [str(one.url) + str(one.headers) for one in wire.requests]
    assert all("oauth_signature" in one and "authorization" not in one for one in sent)
    assert CONSUMER_SECRET not in "".join(sent)
    nonces = [parse_qs(one.url.query.decode())["oauth_nonce"][0] for one in wire.requests]
    assert len(set(nonces)) == len(nonces)


@pytest.mark.parametrize("tls", [True, False], ids=["behind a proxy that ends TLS", "plain"])
def test_a_shop_on_plain_http_nearby_is_asked_which_way_it_takes(
    shop: WooSimulator, address: str, open_side: Open, tls: bool
) -> None:
    shop.access.tls = tls
    side = open_side(address)
    side.learn()
    assert side.create(Kind.CATEGORY, [NewElement(token="a", fields={"path": ["Kubki"]})])[0].ok
    before = sum(shop.stats.requests.values())
    side.read(Kind.CATEGORY, ["1"])
    assert sum(shop.stats.requests.values()) == before + 1


def test_a_refused_signature_nearby_does_not_stay(shop: WooSimulator, address: str, open_side: Open) -> None:
    side = open_side(address)
    side.learn()
    shop.access.keys[CONSUMER_KEY] = Key(CONSUMER_SECRET, "read")
    with pytest.raises(Rejected) as caught:
        side.create(Kind.CATEGORY, [NewElement(token="a", fields={"path": ["Kubki"]})])
    assert caught.value.problem.code == Code.RIGHT_MISSING
    assert side.fetch(Kind.CATEGORY, Scope(), None).items is not None


def test_keys_in_the_address_reach_a_shop_that_strips_headers_and_turn_up_nowhere(
    stand: WooStand, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    strip_authorization(stand)
    side = public(stand.wire, "https://shop.example", QUERY)
    side.learn()
    assert side.fetch(Kind.CATEGORY, Scope(), None).items
    result = side.create(Kind.PRODUCER, [NewElement(token="a", fields={"name": "x"})])[0]
    stand.wire.answer(400, text=f'{{"code": "x", "message": "{CONSUMER_SECRET} {CONSUMER_KEY}"}}')
    with pytest.raises(Rejected) as caught:
        side.create(Kind.PRODUCER, [NewElement(token="b", fields={"name": "y"})])
    everything = f"{caplog.text} {result!r} {result.exchange} {caught.value!r} {side!r} {vars(side)!r}"
    assert stand.wire.requests[-1].url.params["consumer_secret"] == CONSUMER_SECRET
    assert CONSUMER_SECRET not in everything
    assert CONSUMER_KEY not in everything


@pytest.mark.parametrize("credentials", [QUERY, KEYS])
def test_neither_keys_nor_passwords_go_over_plain_http(stand: WooStand, credentials: dict[str, str]) -> None:
    media = {"media_user": "integrator", "media_password": "abcd efgh"}
    side = public(stand.wire, "http://shop.example", {**credentials, **media}, clock=stand.clock)
    if credentials is QUERY:
        with pytest.raises(Unreachable) as caught:
            side.learn()
        assert caught.value.problem.code == Code.ADDRESS_NOT_ALLOWED
        assert stand.wire.sent == []
    else:
        stand.shop.access.tls = False
        side.learn()
        with pytest.raises(Unreachable):
            side.create(Kind.IMAGE, [stand.new(Kind.IMAGE, 1)])


@pytest.mark.parametrize("credentials", [{}, {"consumer_key": "ck_x"}, {"consumer_key": "ck_x", "consumer_secret": ""}])
@pytest.mark.parametrize("address", ["https://shop.example", "http://shop.example"])
def test_incomplete_credentials_send_nothing(stand: WooStand, address: str, credentials: dict[str, str]) -> None:
    with pytest.raises(AuthFailed) as caught:
        public(stand.wire, address, credentials).learn()
    assert caught.value.problem.code == Code.SECRET_MISSING
    assert stand.wire.sent == []


# test settings


def strip_authorization(stand: WooStand) -> None:
    inner = stand.wire._pass

    def passing(request: httpx.Request) -> httpx.Response:
        headers = {name: value for name, value in request.headers.items() if name != "authorization"}
        return inner(httpx.Request(request.method, request.url, headers=headers, content=request.read()))

    stand.wire._pass = passing  # type: ignore[method-assign]


def test_a_stripped_login_is_told_from_a_wrong_key(stand: WooStand) -> None:
    strip_authorization(stand)
    login = checks_of(public(stand.wire, "https://shop.example", KEYS, clock=stand.clock))["login"]
    assert login.problem is not None
    assert login.problem.code == Code.KEY_NOT_RECEIVED


def test_a_proxy_that_ends_tls_unnoticed_is_told_from_a_wrong_key(stand: WooStand) -> None:
    stand.shop.access.tls = False
    login = checks_of(public(stand.wire, "https://shop.example", KEYS, clock=stand.clock))["login"]
    assert login.problem is not None
    assert login.problem.code == Code.TLS_UNNOTICED


@pytest.mark.parametrize(
    "credentials",
    [{**KEYS, "consumer_key": "ck_" + "0" * 40}, {**KEYS, "consumer_secret": "cs_" + "0" * 40}],
    ids=["wrong key", "wrong secret"],
)
def test_a_wrong_key_is_a_failed_login(stand: WooStand, credentials: dict[str, str]) -> None:
    checks = checks_of(public(stand.wire, "https://shop.example", credentials, clock=stand.clock))
    assert checks["answer"].verdict is Verdict.PASSED
    assert checks["login"].problem is not None
    assert checks["login"].problem.code == Code.LOGIN_FAILED
    assert checks["login"].turn is Turn.CONNECTION
    assert checks["right_to_write"].verdict is Verdict.SKIPPED


def test_whether_a_key_may_write_is_found_out_without_writing(stand: WooStand) -> None:
    stand.fill(2)
    before = {one: dict(stand.shop.state.products.get(one)) for one in stand.shop.state.products}
    stand.shop.access.keys[CONSUMER_KEY] = Key(CONSUMER_SECRET, "read")
    checks = checks_of(stand._open())
    assert [name for name, one in checks.items() if one.verdict is Verdict.FAILED] == ["right_to_write"]
    problem = checks["right_to_write"].problem
    assert problem is not None
    assert problem.code == Code.RIGHT_MISSING
    assert {one: dict(stand.shop.state.products.get(one)) for one in stand.shop.state.products} == before


def test_plain_permalinks_are_named(stand: WooStand) -> None:
    inner = stand.wire._pass

    def plain(request: httpx.Request) -> httpx.Response:
        if request.url.path.startswith("/wp-json"):
            return httpx.Response(404, text="<html>Not found</html>")
        return inner(request)

    stand.wire._pass = plain  # type: ignore[method-assign]
    checks = checks_of(stand._open())
    assert checks["answer"].verdict is Verdict.PASSED
    assert checks["permalinks"].problem is not None
    assert checks["permalinks"].problem.code == Code.PERMALINKS_PLAIN
    assert checks["login"].verdict is Verdict.SKIPPED


def test_an_index_kept_from_strangers_is_no_trouble(stand: WooStand) -> None:
    inner = stand.wire._pass

    def guarded(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/wp-json/":
            return httpx.Response(401, text='{"code":"rest_not_logged_in","message":"","data":{"status":401}}')
        return inner(request)

    stand.wire._pass = guarded  # type: ignore[method-assign]
    assert {check.verdict for check in checks_of(stand._open()).values()} == {Verdict.PASSED}


def set_up(stand: WooStand, name: str) -> None:
    state = stand.shop.state
    settings = {
        "currency": ("general/woocommerce_currency", "EUR"),
        "tax_calculation": ("general/woocommerce_calc_taxes", "no"),
        "stock_counted": ("products/woocommerce_manage_stock", "no"),
    }
    if name in settings:
        state.set_setting(*settings[name])
    elif name == "tax_classes":
        state.tax_classes.clear()


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("currency", Code.CURRENCY_DIFFERS),
        ("tax_calculation", Code.TAX_CALCULATION_OFF),
        ("stock_counted", Code.STOCK_NOT_COUNTED),
        ("tax_classes", Code.TAX_CLASSES_MISSING),
    ],
)
def test_settings_of_the_shop_that_a_person_should_know_of(stand: WooStand, name: str, code: Code) -> None:
    set_up(stand, name)
    checks = checks_of(stand._open())
    odd = {one.name: one for one in checks.values() if one.verdict is not Verdict.PASSED}
    assert list(odd) == [name]
    assert odd[name].verdict is Verdict.WARNING
    assert odd[name].problem is not None
    assert odd[name].problem.code == code  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("version", "verdict"),
    [("8.9.3", Verdict.FAILED), ("9.0.0", Verdict.PASSED), ("10.5.2", Verdict.PASSED), ("10.6.0", Verdict.WARNING)],
)
def test_versions_that_were_tried_and_others(version: str, verdict: Verdict) -> None:
    class Versioned(WooStand):
        pass

    Versioned.version = version
    check = checks_of(wired(Versioned())._open())["version"]
    assert (check.verdict, check.found) == (verdict, version)


def test_a_plugin_that_translates_is_warned_about(stand: WooStand) -> None:
    inner = stand.wire._pass

    def translated(request: httpx.Request) -> httpx.Response:
        answer = inner(request)
        if not request.url.path.endswith("/system_status"):
            return answer
        return httpx.Response(200, json={**answer.json(), "active_plugins": [{"plugin": "polylang/polylang.php"}]})

    stand.wire._pass = translated  # type: ignore[method-assign]
    check = checks_of(stand._open())["languages"]
    assert check.verdict is Verdict.WARNING
    assert check.problem is not None
    assert check.problem.as_dict()["plugin"] == "Polylang"


# over real sockets


def test_everything_is_reached(open_side: Open, address: str) -> None:
    checks = checks_of(open_side(address))
    assert {check.verdict for check in checks.values()} == {Verdict.PASSED}
    assert checks["name"].found == "127.0.0.1"


def unknown(host: str, port: int) -> list[str]:
    raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")


def hanging_up() -> str:
    """The address of a server that answers a greeting in TLS with the end of the connection, once."""
    listener = socket.create_server(("127.0.0.1", 0))

    def hang_up() -> None:
        with listener, listener.accept()[0] as connection:
            connection.recv(10)

    threading.Thread(target=hang_up, daemon=True).start()
    return f"https://127.0.0.1:{listener.getsockname()[1]}"


@pytest.mark.parametrize(
    ("case", "failing", "code"),
    [
        ("unknown name", "name", Code.NAME_UNKNOWN),
        ("refused port", "port", Code.PORT_REFUSED),
        ("no tls", "tls", Code.TLS_FAILED),
        ("html", "answer", Code.NOT_JSON),
        ("redirect", "answer", Code.REDIRECTED),
        ("reset", "answer", Code.CONNECTION_LOST),
    ],
)
def test_the_check_that_fails_says_why_and_the_later_ones_are_skipped(
    open_side: Open, shop: WooSimulator, address: str, case: str, failing: str, code: Code
) -> None:
    if case in ("html", "redirect", "reset"):
        shop.faults.add(case, times=9)
    if case == "refused port":
        with socket.create_server(("127.0.0.1", 0)) as free:
            address = f"http://127.0.0.1:{free.getsockname()[1]}"
    if case == "no tls":
        address = hanging_up()
    side = open_side(address, resolve=unknown) if case == "unknown name" else open_side(address)
    checks = list(side.probe())
    names = [check.name for check in checks]
    failed = [check for check in checks if check.verdict is Verdict.FAILED]
    assert [check.name for check in failed] == [failing]
    assert failed[0].problem is not None
    assert failed[0].problem.code == code
    assert {c.verdict for c in checks[: names.index(failing)]} <= {Verdict.PASSED}
    assert {c.verdict for c in checks[names.index(failing) + 1 :]} == {Verdict.SKIPPED}
    assert len(names) == len(set(names))


@pytest.mark.parametrize(
    ("fault", "error", "made"),
    [
        ("drop", OutcomeUnknown, 1),
        ("reset", OutcomeUnknown, 0),
        ("truncated", OutcomeUnknown, 1),
        ("html", OutcomeUnknown, 0),
        ("error", OutcomeUnknown, 0),
        ("redirect", Unreachable, 0),
    ],
)
def test_a_write_is_never_sent_twice(
    open_side: Open, shop: WooSimulator, address: str, fault: str, error: type[IntegrationError], made: int
) -> None:
    side = open_side(address)
    side.learn()
    before = len(shop.state.terms)
    shop.faults.add(fault, method="POST", resource="products/brands/batch")
    with pytest.raises(error):
        side.create(Kind.PRODUCER, [NewElement(token="a", fields={"name": "Nowy"})])
    assert len(shop.state.terms) == before + made
    assert shop.stats.requests["POST products/brands/batch"] == 1


@pytest.mark.parametrize(
    ("status", "text", "kind", "code"),
    [
        (400, '{"code":"rest_invalid_param","data":{"params":{"sku":"x"}}}', Rejected, Code.REJECTED),
        (401, '{"code":"woocommerce_rest_cannot_view","data":{"status":401}}', AuthFailed, Code.LOGIN_FAILED),
        (403, '{"code":"rest_forbidden","message":"","data":{"status":403}}', Rejected, Code.RIGHT_MISSING),
        (403, "<html>Firewall</html>", Transient, Code.NOT_JSON),
        (404, "<html>nginx</html>", Transient, Code.NOT_JSON),
        (404, '{"code":"rest_no_route","message":"","data":{"status":404}}', Rejected, Code.MODULE_MISSING),
        (404, '{"code":"rest_post_invalid_page_number","data":{"status":404}}', Rejected, Code.UNEXPECTED_ANSWER),
        (413, "<html>Too large</html>", Rejected, Code.REJECTED),
        (500, '{"code":"internal_server_error","message":"/srv/x.php","data":500}', Transient, Code.SERVER_ERROR),
        (501, '{"code":"woocommerce_rest_trash_not_supported"}', Rejected, Code.REJECTED),
        (503, "<html>Briefly unavailable</html>", Transient, Code.SHOP_CLOSED),
    ],
)  # fmt: skip
def test_what_woocommerce_and_its_host_refuse_with(
    stand: WooStand, status: int, text: str, kind: type[IntegrationError], code: Code
) -> None:
    side = stand.open()
    stand.wire.answer(status, times=2, text=text)
    with pytest.raises(kind) as caught:
        side.fetch(Kind.PRODUCT, Scope(), None)
    assert type(caught.value) is kind
    assert caught.value.problem.code == code
    assert "/srv/x.php" not in repr(caught.value.problem)


def test_a_404_of_a_proxy_is_no_deletion(stand: WooStand) -> None:
    side = stand.open()
    stand.wire.answer(404, text="<html>nginx</html>")
    with pytest.raises(Transient):
        side.read(Kind.PRODUCT, ["1"])
