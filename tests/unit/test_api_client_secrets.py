"""Planted secrets must turn up in no error, exchange, repr or log line."""

import logging
import traceback
from base64 import b64encode
from collections.abc import Mapping
from typing import Any

import httpx
import pytest

from integrator.api_client import ApiClient
from integrator.canonical.errors import IntegrationError
from integrator.redaction import Redactor

PASSWORD = 'canary"hasło-9f3'
TOKEN = "canary-token-51ab"
BASIC = b64encode(f"erp:{PASSWORD}".encode()).decode()


class Login:
    def headers(self) -> Mapping[str, str]:
        return {"Authorization": f"Bearer {TOKEN}"}

    def renew(self) -> bool:
        return False


def texts_of(error: BaseException) -> str:
    shown = "".join(traceback.format_exception(error))
    problem = error.problem if isinstance(error, IntegrationError) else ""
    return f"{error!s} {error!r} {problem!r} {shown}"


def echo(request: httpx.Request) -> httpx.Response:
    """The worst of shops: repeats everything it was sent, in an error."""
    seen = "\n".join(f"{name}: {value}" for name, value in request.headers.items())
    return httpx.Response(400, text=f"{request.url}\n{seen}\n{request.content.decode()}")


def broken(request: httpx.Request) -> httpx.Response:
    raise httpx.ReadError(f"failed at {request.url} with {request.headers!r}", request=request)


@pytest.mark.parametrize("handler", [echo, broken])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_errors_and_logs_hold_no_secret(handler: Any, method: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    api = ApiClient("https://shop.example", auth=Login(), secrets=[PASSWORD], transport=httpx.MockTransport(handler))
    with pytest.raises(IntegrationError) as caught:
        api.request(
            method, f"/items?key={TOKEN}", body={"password": PASSWORD, "note": PASSWORD}, params={"again": PASSWORD},
            headers={"Authorization": f"Basic {BASIC}"},
        )  # fmt: skip
    everything = texts_of(caught.value) + caplog.text + repr(api) + repr(vars(api))
    for secret in (PASSWORD, TOKEN, BASIC, PASSWORD.encode("unicode_escape").decode()):
        assert secret not in everything


def test_exchanges_hold_no_secret_and_stay_short() -> None:
    answer = '{"access_token": "never-seen-before-77", "list": [' + '"x", ' * 5000 + f'"{TOKEN}"]}}'
    api = ApiClient(
        "https://shop.example",
        auth=Login(),
        secrets=[PASSWORD],
        transport=httpx.MockTransport(lambda request: httpx.Response(200, text=answer)),
    )
    exchange = api.request("POST", "/login", body={"user": "erp", "pass": PASSWORD}).exchange
    kept = exchange.request + exchange.answer
    for secret in (PASSWORD, TOKEN, "never-seen-before-77"):
        assert secret not in kept
    assert exchange.request.startswith("POST /login\n")
    assert '"user":"erp"' in exchange.request
    assert len(kept) <= 4000


@pytest.mark.parametrize("shown", ["abcd EFGH 1234", "abcdEFGH1234", "abcd%20EFGH%201234", "abcd+EFGH+1234"])
def test_a_password_typed_with_spaces_is_hidden_in_every_form(shown: str) -> None:
    assert Redactor(["abcd EFGH 1234"])(f"sent {shown} in vain") == "sent *** in vain"


def test_short_values_are_no_secrets() -> None:
    """Else a one-letter password would blank out every letter of every message."""
    redact = Redactor(["a", "long-secret"])
    assert redact("a banana and long-secret") == "a banana and ***"


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ('{"access_token": "abc123"}', '{"access_token": ***}'),
        ("Authorization: Bearer abc123", "Authorization: ***"),
        ("ws_key=abc123&page=2", "ws_key=***&page=2"),
        ("tokens are fine", "tokens are fine"),
    ],
)
def test_usual_names_of_secrets(text: str, kept: str) -> None:
    assert Redactor()(text) == kept
