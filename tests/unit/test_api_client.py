"""ApiClient without a network: what each answer and each failure means, what is repeated, what is limited."""

import json
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

import httpx
import pytest

from integrator.api_client import ApiClient, NetworkPolicy
from integrator.canonical.errors import (
    AuthFailed,
    Gone,
    IntegrationError,
    Locked,
    OutcomeUnknown,
    RateLimited,
    Rejected,
    Transient,
    Unreachable,
)
from integrator.canonical.problems import Code

Handler = Callable[[httpx.Request], httpx.Response]


def client(handler: Handler, **options: Any) -> ApiClient:
    return ApiClient("https://shop.example", transport=httpx.MockTransport(handler), **options)


def answering(status: int, text: str = "{}", headers: Mapping[str, str] | None = None) -> ApiClient:
    return client(lambda request: httpx.Response(status, text=text, headers=dict(headers or {})))


@pytest.mark.parametrize(
    ("status", "kind", "code"),
    [
        (301, Unreachable, Code.REDIRECTED),
        (400, Rejected, Code.REJECTED),
        (401, AuthFailed, Code.LOGIN_FAILED),
        (403, Rejected, Code.RIGHT_MISSING),
        (404, Gone, Code.GONE),
        (409, Locked, Code.LOCKED),
        (410, Gone, Code.GONE),
        (422, Rejected, Code.REJECTED),
        (423, Locked, Code.LOCKED),
        (429, RateLimited, Code.RATE_LIMITED),
        (500, Transient, Code.SERVER_ERROR),
        (502, Transient, Code.SERVER_ERROR),
        (503, Transient, Code.SERVER_ERROR),
    ],
)
def test_statuses_become_errors(status: int, kind: type[IntegrationError], code: Code) -> None:
    with pytest.raises(kind) as caught:
        answering(status).get("/products/17")
    assert type(caught.value) is kind
    assert caught.value.problem.code == code


def test_a_redirect_is_not_followed_and_says_where_it_leads() -> None:
    seen: list[str] = []

    def handler(request: httpx.Request) -> httpx.Response:
        seen.append(str(request.url))
        return httpx.Response(302, headers={"location": "https://www.shop.example/api?key=abc"})

    with pytest.raises(Unreachable) as caught:
        client(handler).get("/api")
    assert seen == ["https://shop.example/api"]
    assert caught.value.problem.as_dict()["location"] == "https://www.shop.example/api"


def test_a_missing_right_names_the_resource() -> None:
    with pytest.raises(Rejected) as caught:
        answering(403).get("/webapi/rest/producers/5")
    assert caught.value.problem.as_dict()["resource"] == "producers"


@pytest.mark.parametrize("body", ["<html><body>Just a moment...</body></html>", '{"count": ', "NaN"])
def test_what_is_no_json_is_shown(body: str) -> None:
    with pytest.raises(Transient) as caught:
        _ = answering(200, body).get("/products").json
    assert caught.value.problem.code == Code.NOT_JSON
    assert caught.value.problem.as_dict()["excerpt"] == body.strip()


def test_numbers_stay_exact_both_ways() -> None:
    sent: list[str] = []

    def handler(request: httpx.Request) -> httpx.Response:
        sent.append(request.content.decode())
        return httpx.Response(200, text='{"price": 0.1, "id": 7}')

    body = {"stock": {"price": Decimal("19.90")}, "list": [Decimal("1E+2"), None, True, "ż"]}
    answer = client(handler).request("PUT", "/products/7", body=body)
    assert answer.json == {"price": Decimal("0.1"), "id": 7}
    assert '"price":19.9' in sent[0]
    assert json.loads(sent[0]) == {"stock": {"price": 19.9}, "list": [100, None, True, "ż"]}


def failing(times: int, error: Callable[[httpx.Request], Exception]) -> tuple[ApiClient, list[str]]:
    calls: list[str] = []

    def handler(request: httpx.Request) -> httpx.Response:
        calls.append(request.method)
        if len(calls) <= times:
            raise error(request)
        return httpx.Response(200, text="1")

    return client(handler), calls


def lost(request: httpx.Request) -> Exception:
    return httpx.RemoteProtocolError("Server disconnected without sending a response.", request=request)


def refused(request: httpx.Request) -> Exception:
    return httpx.ConnectError("Connection refused", request=request)


@pytest.mark.parametrize("error", [lost, refused])
def test_a_get_is_repeated_once(error: Callable[[httpx.Request], Exception]) -> None:
    api, calls = failing(1, error)
    assert api.get("/x").json == 1
    assert len(calls) == 2
    assert api.requests_sent == 2


def test_a_get_is_not_repeated_twice() -> None:
    api, calls = failing(9, lost)
    with pytest.raises(Transient) as caught:
        api.get("/x")
    assert caught.value.problem.code == Code.CONNECTION_LOST
    assert len(calls) == 2


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_a_write_with_a_lost_answer_is_unknown_and_not_repeated(method: str) -> None:
    api, calls = failing(1, lost)
    with pytest.raises(OutcomeUnknown):
        api.request(method, "/x", body={})
    assert len(calls) == 1


def test_a_write_that_never_left_is_no_unknown_outcome() -> None:
    api, calls = failing(1, refused)
    with pytest.raises(Unreachable):
        api.request("POST", "/x", body={})
    assert len(calls) == 1


def test_a_write_that_times_out_is_unknown() -> None:
    api, _ = failing(1, lambda request: httpx.ReadTimeout("slow", request=request))
    with pytest.raises(OutcomeUnknown):
        api.request("POST", "/x", body={})


def test_a_get_that_times_out_is_late() -> None:
    api, calls = failing(1, lambda request: httpx.ReadTimeout("slow", request=request))
    with pytest.raises(Transient) as caught:
        api.get("/x")
    assert caught.value.problem.code == Code.DEADLINE
    assert len(calls) == 1


def test_an_endless_answer_is_cut_off() -> None:
    def endless() -> Any:
        while True:
            yield b"x" * 1000

    api = client(lambda request: httpx.Response(200, content=endless()), max_bytes=50_000)
    with pytest.raises(Rejected) as caught:
        api.get("/x")
    assert caught.value.problem.code == Code.TOO_LARGE


def test_the_platform_reads_errors_first() -> None:
    api = client(
        lambda request: httpx.Response(500, text="no such picture"),
        errors=lambda answer: Rejected(Code.PICTURE_MISSING) if b"picture" in answer.content else None,
    )
    with pytest.raises(Rejected):
        api.get("/x")


class Tokens:
    """A login that gives a new token each time it is asked."""

    def __init__(self, *, renews: bool = True) -> None:
        self.number = 1
        self.renews = renews

    def headers(self) -> Mapping[str, str]:
        return {"Authorization": f"Bearer token-number-{self.number}"}

    def renew(self) -> bool:
        self.number += 1
        return self.renews


def test_a_refused_token_is_renewed_once_and_the_call_repeated() -> None:
    seen: list[str] = []

    def handler(request: httpx.Request) -> httpx.Response:
        seen.append(request.headers["authorization"])
        return httpx.Response(401 if len(seen) == 1 else 200, text="1")

    client(handler, auth=Tokens()).request("POST", "/x", body={})
    assert seen == ["Bearer token-number-1", "Bearer token-number-2"]


@pytest.mark.parametrize(("renews", "calls"), [(True, 2), (False, 1)])
def test_a_second_refusal_is_final(renews: bool, calls: int) -> None:
    seen: list[int] = []

    def handler(request: httpx.Request) -> httpx.Response:
        seen.append(1)
        return httpx.Response(401)

    with pytest.raises(AuthFailed):
        client(handler, auth=Tokens(renews=renews)).get("/x")
    assert len(seen) == calls


def test_the_caller_may_forbid_a_call_before_anything_is_sent() -> None:
    asked: list[float] = []

    def forbid(seconds: float) -> None:
        asked.append(seconds)
        raise RuntimeError("lease lost")

    api = client(lambda request: pytest.fail("was sent"), before_call=forbid, deadline=12)
    with pytest.raises(RuntimeError, match="lease lost"):
        api.get("/x")
    assert asked == [12]
    assert api.requests_sent == 0


@pytest.mark.parametrize("address", ["http://shop.example", "ftp://shop.example", "https://user:pw@shop.example"])
def test_addresses_that_would_show_a_password_are_refused(address: str) -> None:
    api = ApiClient(address, transport=httpx.MockTransport(lambda request: pytest.fail("was sent")))
    with pytest.raises(Unreachable) as caught:
        api.get("/x")
    assert caught.value.problem.code == Code.ADDRESS_NOT_ALLOWED


@pytest.mark.parametrize(
    ("address", "url"),
    [
        ("shop.example", "https://shop.example/x"),
        (" https://shop.example/ ", "https://shop.example/x"),
        ("http://127.0.0.1:8123", "http://127.0.0.1:8123/x"),
    ],
)
def test_addresses_as_people_type_them(address: str, url: str) -> None:
    seen: list[str] = []

    def handler(request: httpx.Request) -> httpx.Response:
        seen.append(str(request.url))
        return httpx.Response(200)

    network = NetworkPolicy(allow_private=True)
    ApiClient(address, network=network, transport=httpx.MockTransport(handler)).get("/x")
    assert seen == [url]
