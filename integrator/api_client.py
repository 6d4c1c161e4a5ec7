"""ApiClient: every HTTP call to a shop goes through here, and only this file knows httpx.

It adds a *total* deadline, a cap on the size of answers, the rate limit, the login, the guard of addresses, the removal
of secrets from what is kept, and the translation of everything that can go wrong into the errors of
`integrator.canonical.errors`. It repeats a GET once after a lost connection and any call once after a fresh login;
every other repetition is the pipeline's.
"""

import logging
import ssl
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any, Protocol, runtime_checkable
from urllib.parse import urlsplit

import httpcore
import httpx

from integrator import unpacking
from integrator.answers import Answer, encode, general_error, retry_after
from integrator.canonical.errors import (
    IntegrationError,
    OutcomeUnknown,
    RateLimited,
    Rejected,
    Transient,
    Unreachable,
)
from integrator.canonical.problems import Code
from integrator.network import Deadline, GuardedBackend, NetworkPolicy
from integrator.redaction import Redactor
from integrator.throttle import Rate, Reported, Throttle

__all__ = [
    "Answer", "ApiClient", "Auth", "ErrorMapper", "NetworkPolicy", "Rate", "RateReader", "Reported", "Throttle",
    "encode", "general_error",
]  # fmt: skip

CONNECT_SECONDS = 10.0
"""For reaching a server and agreeing on TLS, within the deadline of the call."""
LONGEST_REFUSAL = 3600.0
"""Seconds. A shop that asks to be left alone for longer is asked again all the same."""
log = logging.getLogger("integrator.api")
for _chatty in ("httpx", "httpcore"):  # they would log addresses and headers
    logging.getLogger(_chatty).setLevel(logging.WARNING)


class Auth(Protocol):
    """Puts credentials on calls. `renew` is asked once after a 401: True when it is worth trying the call again."""

    def headers(self) -> Mapping[str, str]: ...

    def renew(self) -> bool: ...


@runtime_checkable
class Signing(Protocol):
    """What an `Auth` may do besides: put credentials into the address. Whatever it adds is kept nowhere."""

    sends_secrets: bool
    """False when only signatures travel: then plain http is allowed, which shows a listener nothing to log in with."""

    def sign(self, method: str, url: str, params: Mapping[str, Any]) -> Mapping[str, Any]:
        """All parameters of the call, those of the login added. Asked again for every try."""


ErrorMapper = Callable[[Answer], IntegrationError | None]
"""A platform's own reading of an answer of 400 and above; None leaves it to the general table."""
RateReader = Callable[[Mapping[str, str]], Reported | None]
"""What an answer's headers say about the rate limit."""


class ApiClient:
    """Calls to one shop. Not for several threads at once; close it, or use it as a context manager."""

    def __init__(
        self,
        address: str,
        *,
        auth: Auth | None = None,
        errors: ErrorMapper | None = None,
        rate_reader: RateReader | None = None,
        headers: Mapping[str, str] | None = None,
        throttle: Throttle | None = None,
        network: NetworkPolicy | None = None,
        deadline: float = 30.0,
        max_bytes: int = 32 * 1024 * 1024,
        before_call: Callable[[float], None] | None = None,
        secrets: Sequence[str] = (),
        clock: Callable[[], float] | None = None,
        sleep: Callable[[float], None] | None = None,
        tls: ssl.SSLContext | None = None,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self.base = _base_url(address)
        self.network = network or NetworkPolicy()
        self.auth = auth
        self.errors = errors
        self.rate_reader = rate_reader
        self.throttle = throttle or Throttle()
        self.redact = Redactor(secrets)
        self.requests_sent = 0
        self._seconds = deadline
        self._max_bytes = max_bytes
        self._before_call = before_call
        self._clock = clock or time.time
        self._sleep = sleep or time.sleep
        self._deadline = Deadline()
        self._client = httpx.Client(
            headers={
                "User-Agent": "Integrator",
                "Accept": "application/json",
                "Accept-Encoding": unpacking.ACCEPTED,
                **(headers or {}),
            },
            transport=transport or _NetworkTransport(self.network, self._deadline, tls),
            follow_redirects=False,
            trust_env=False,
        )

    def __enter__(self) -> "ApiClient":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"ApiClient({self.base})"

    def close(self) -> None:
        self._client.close()

    def get(self, path: str, params: Mapping[str, Any] | None = None, **more: Any) -> Answer:
        return self.request("GET", path, params=params, **more)

    def request(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,
        body: Any = None,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        deadline: float | None = None,
        sign: bool = True,
        reads: bool = False,
    ) -> Answer:
        """One call and its answer of 200 to 299, within `deadline` seconds from the first byte sent to the last read.

        `body` becomes JSON with exact decimals; `content` goes as it is (`headers` name its type). `sign=False` sends
        no credentials (the login itself). `reads` says that a POST changes nothing, so it counts as a GET.
        Raises IntegrationError; for whatever may change something a lost answer is OutcomeUnknown.
        """
        call = _Call(
            method=method.upper(),
            path=path,
            url=self.base + path,
            params=dict(params or {}),
            content=content if body is None else encode(body).encode(),
            headers=({} if body is None else {"Content-Type": "application/json"}) | dict(headers or {}),
            seconds=deadline or self._seconds,
            reads=reads or method.upper() in ("GET", "HEAD"),
        )
        answer = self._once_more_if_lost(call, sign)
        if answer.status == 401 and sign and self.auth is not None and self.auth.renew():
            answer = self._once_more_if_lost(call, sign)
        if not 200 <= answer.status < 300:
            error = self._error(answer)
            # Whatever a platform's own reading took from the answer: shops repeat what they were sent.
            error.black_out(self.redact)
            raise error
        return answer

    def _once_more_if_lost(self, call: "_Call", sign: bool) -> Answer:
        try:
            return self._send(call, sign)
        except _Lost as lost:
            if not call.reads:
                raise lost.error from None
        try:
            return self._send(call, sign)
        except _Lost as lost:
            raise lost.error from None

    def _send(self, call: "_Call", sign: bool) -> Answer:
        headers, params = dict(call.headers), call.params
        if sign and self.auth is not None:
            headers |= self.auth.headers()
            if isinstance(self.auth, Signing):
                params = dict(self.auth.sign(call.method, call.url, params))
        self.redact.add(*(value for name, value in headers.items() if name.lower() == "authorization"))
        self._check_scheme()
        self._wait_for_a_token()
        if self._before_call is not None:
            self._before_call(call.seconds)
        self.throttle.count(self._clock())
        self.requests_sent += 1
        started = time.monotonic()
        self._deadline.start(call.seconds)
        with self._translated(call):
            request = self._client.build_request(
                call.method, call.url, params=params or None, content=call.content, headers=headers,
                timeout=httpx.Timeout(call.seconds, connect=min(CONNECT_SECONDS, call.seconds)),
            )  # fmt: skip
            response = self._client.send(request, stream=True)
            try:
                content = self._read(response, call)
            finally:
                response.close()
                # Every call stands alone: a shop's session would answer for somebody else's language or basket.
                self._client.cookies.clear()
        log.debug("%s %s %s in %.3f s", call.method, self.redact(call.path), response.status_code,
                  time.monotonic() - started)  # fmt: skip
        return self._answer(call, response, content)

    def _check_scheme(self) -> None:
        """Credentials travel over plain http only where private addresses are allowed (demo, tests)."""
        parts = urlsplit(self.base)
        harmless = self.network.allow_private or (isinstance(self.auth, Signing) and not self.auth.sends_secrets)
        plain = parts.scheme == "http" and harmless
        if (parts.scheme == "https" or plain) and parts.hostname and parts.username is None:
            return
        raise Unreachable(Code.ADDRESS_NOT_ALLOWED, host=parts.hostname or "", reason=parts.scheme)

    def _wait_for_a_token(self) -> None:
        seconds = self.throttle.wait(self._clock())
        if seconds > 0:
            self._sleep(seconds)

    def _read(self, response: httpx.Response, call: "_Call") -> bytes:
        """The body, unpacked here and not by httpx, which unpacks whatever came in one piece at once: a packed answer
        of a few kilobytes would be gigabytes in memory before anybody could count them."""
        parts: list[bytes] = []
        size = 0
        try:
            for part in _plain_parts(response):
                size += len(part)
                if size > self._max_bytes:
                    raise Rejected(Code.TOO_LARGE, path=self.redact(call.path), limit=self._max_bytes)
                if self._deadline.left <= 0:
                    raise httpx.ReadTimeout("deadline")
                parts.append(part)
        except unpacking.NotUnpacked:
            raise httpx.DecodingError("content encoding") from None
        return b"".join(parts)

    def _answer(self, call: "_Call", response: httpx.Response, content: bytes) -> Answer:
        reported = self.rate_reader(response.headers) if self.rate_reader is not None else None
        if reported is not None:
            self.throttle.learn(reported, self._clock())
        return Answer(
            method=call.method,
            path=self.redact(call.path),
            status=response.status_code,
            headers=response.headers,
            content=content,
            sent=call.content or b"",
            redact=self.redact,
        )

    def _error(self, answer: Answer) -> IntegrationError:
        if answer.status == 429:
            seconds = min(retry_after(answer.headers, self._clock()) or self._bucket_seconds(), LONGEST_REFUSAL)
            self.throttle.close(seconds, self._clock())
            return RateLimited(seconds)
        if answer.status >= 400 and self.errors is not None:
            error = self.errors(answer)
            if error is not None:
                return error
        return general_error(answer, urlsplit(self.base).hostname or "")

    def _bucket_seconds(self) -> float:
        """How long the bucket needs to empty, where the shop did not say how long to wait."""
        rate = self.throttle.rate
        return rate.burst / rate.per_second if rate is not None else 10.0

    @contextmanager
    def _translated(self, call: "_Call") -> Iterator[None]:
        """httpx's errors as ours. Nothing of theirs is kept: their texts hold addresses with keys in them."""
        try:
            yield
        except IntegrationError:
            raise
        except (httpx.ConnectTimeout, httpx.PoolTimeout):
            raise Unreachable(Code.SILENT, **self._where()) from None
        except httpx.ConnectError as error:
            raise _Lost(Unreachable(Code.UNREACHABLE, **self._where(), reason=self.redact(str(error)))) from None
        except httpx.TimeoutException:
            if call.reads:
                raise Transient(Code.DEADLINE, path=self.redact(call.path), seconds=f"{call.seconds:g}") from None
            raise OutcomeUnknown(path=self.redact(call.path)) from None
        except (httpx.InvalidURL, httpx.UnsupportedProtocol):
            raise Unreachable(Code.NAME_UNKNOWN, **self._where()) from None
        except httpx.HTTPError:
            if call.reads:
                raise _Lost(Transient(Code.CONNECTION_LOST, **self._where())) from None
            raise OutcomeUnknown(path=self.redact(call.path)) from None

    def _where(self) -> dict[str, Any]:
        parts = urlsplit(self.base)
        return {"host": parts.hostname or "", "port": parts.port or (443 if parts.scheme == "https" else 80)}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Call:
    method: str
    path: str
    url: str
    params: dict[str, Any]
    content: bytes | None
    headers: dict[str, str]
    seconds: float
    reads: bool
    """Changes nothing in the shop: worth repeating once, and a lost answer is no unknown outcome."""


class _Lost(Exception):
    """The connection broke before a whole answer: worth one more try when the call changes nothing."""

    def __init__(self, error: IntegrationError) -> None:
        self.error = error


@cache
def _default_tls() -> ssl.SSLContext:
    """Made once: reading the certificates of the world takes longer than most calls."""
    return httpx.create_ssl_context()


class _NetworkTransport(httpx.BaseTransport):
    """httpx's requests over sockets that obey the policy and the deadline."""

    def __init__(self, network: NetworkPolicy, deadline: Deadline, tls: ssl.SSLContext | None) -> None:
        self._pool = httpcore.ConnectionPool(
            ssl_context=tls or _default_tls(),
            max_connections=4,
            keepalive_expiry=20.0,
            network_backend=GuardedBackend(network, deadline),
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        with _named_by_httpx():
            answer = self._pool.handle_request(
                httpcore.Request(
                    method=request.method,
                    url=httpcore.URL(
                        scheme=request.url.raw_scheme,
                        host=request.url.raw_host,
                        port=request.url.port,
                        target=request.url.raw_path,
                    ),
                    headers=request.headers.raw,
                    content=request.stream,
                    extensions=request.extensions,
                )
            )
        return httpx.Response(answer.status, headers=answer.headers, stream=_Body(answer.stream))

    def close(self) -> None:
        self._pool.close()


class _Body(httpx.SyncByteStream):
    def __init__(self, inner: Any) -> None:
        self._inner = inner

    def __iter__(self) -> Iterator[bytes]:
        with _named_by_httpx():
            yield from self._inner

    def close(self) -> None:
        self._inner.close()


@contextmanager
def _named_by_httpx() -> Iterator[None]:
    """httpcore's errors under the names httpx gives them, so that tests without a network see the same."""
    try:
        yield
    except (httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError) as error:
        raise getattr(httpx, type(error).__name__, httpx.TransportError)(str(error)) from None


def _plain_parts(response: httpx.Response) -> Iterator[bytes]:
    if response.is_stream_consumed:  # a transport of tests gives answers that were read already
        return iter((response.content,))
    return unpacking.unpacked(response.iter_raw(), response.headers.get("content-encoding", ""))


def _base_url(address: str) -> str:
    """`https://shop.example` of whatever a person typed: no path's end, no query, https where no scheme is given."""
    address = address.strip().rstrip("/")
    return address if "://" in address else f"https://{address}"
