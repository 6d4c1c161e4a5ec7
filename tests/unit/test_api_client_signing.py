"""Logins that put something into the address: asked for every try, kept nowhere, over http only as a signature."""

import logging
from collections.abc import Mapping
from typing import Any

import httpx
import pytest

from integrator.api_client import ApiClient, NetworkPolicy
from integrator.canonical.errors import IntegrationError, Unreachable
from integrator.canonical.problems import Code

SECRET = "cs_canary/0123456789"


class InAddress:
    def __init__(self, *, sends_secrets: bool) -> None:
        self.sends_secrets = sends_secrets
        self.asked: list[tuple[str, str, dict[str, Any]]] = []

    def headers(self) -> Mapping[str, str]:
        return {}

    def renew(self) -> bool:
        return False

    def sign(self, method: str, url: str, params: Mapping[str, Any]) -> Mapping[str, Any]:
        self.asked.append((method, url, dict(params)))
        return {**params, "consumer_secret": SECRET, "nonce": len(self.asked)}


def talking(address: str, auth: InAddress, handler: Any, **options: Any) -> ApiClient:
    return ApiClient(address, auth=auth, secrets=[SECRET], transport=httpx.MockTransport(handler), **options)


def test_every_try_is_signed_anew() -> None:
    seen: list[httpx.URL] = []

    def handler(request: httpx.Request) -> httpx.Response:
        seen.append(request.url)
        if len(seen) == 1:
            raise httpx.ReadError("lost", request=request)
        return httpx.Response(200, text="{}")

    auth = InAddress(sends_secrets=True)
    talking("https://shop.example/sklep", auth, handler).get("/items", {"page": 2})
    assert auth.asked == [("GET", "https://shop.example/sklep/items", {"page": 2})] * 2
    assert [dict(url.params)["nonce"] for url in seen] == ["1", "2"]
    assert dict(seen[0].params)["page"] == "2"


def test_calls_without_credentials_are_not_signed() -> None:
    auth = InAddress(sends_secrets=True)
    talking("https://shop.example", auth, lambda request: httpx.Response(200)).get("/picture.jpg", sign=False)
    assert auth.asked == []


@pytest.mark.parametrize("lost", [False, True])
def test_what_a_login_adds_is_kept_nowhere(lost: bool, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)

    def handler(request: httpx.Request) -> httpx.Response:
        if lost:
            raise httpx.ReadError(f"failed at {request.url}", request=request)
        return httpx.Response(400, text=f"You asked for {request.url}")

    api = talking("https://shop.example", InAddress(sends_secrets=True), handler)
    with pytest.raises(IntegrationError) as caught:
        api.request("POST", "/items", body={"a": 1})
    everything = f"{caught.value!r} {caught.value.problem!r} {caplog.text} {api!r}"
    assert "canary" not in everything


def test_plain_http_is_for_signatures_only() -> None:
    answer = talking("http://shop.example", InAddress(sends_secrets=False), lambda request: httpx.Response(200))
    assert answer.get("/items").status == 200
    for options in ({}, {"network": NetworkPolicy()}):
        api = talking("http://shop.example", InAddress(sends_secrets=True), pytest.fail, **options)
        with pytest.raises(Unreachable) as caught:
            api.get("/items")
        assert caught.value.problem.code == Code.ADDRESS_NOT_ALLOWED


def test_bytes_go_as_they_are() -> None:
    seen: list[httpx.Request] = []

    def handler(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(201, text="{}")

    api = talking("https://shop.example", InAddress(sends_secrets=True), handler)
    api.request("POST", "/media", content=b"\x89PNG", headers={"Content-Type": "image/png"})
    assert seen[0].content == b"\x89PNG"
    assert seen[0].headers["content-type"] == "image/png"
