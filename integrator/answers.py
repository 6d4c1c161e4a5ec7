"""Answers of a shop: JSON with exact numbers both ways, what is kept of an exchange, and what each status means."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from email.utils import parsedate_to_datetime
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

from integrator.canonical.errors import (
    AuthFailed,
    Gone,
    IntegrationError,
    Locked,
    Rejected,
    Transient,
    Unreachable,
)
from integrator.canonical.problems import Code, Turn
from integrator.canonical.records import keepable, plain_number
from integrator.canonical.side import Exchange
from integrator.redaction import shorten

_KEPT = 2000
"""Characters of a request and of an answer that are kept for people."""
_SECONDS = re.compile(r"[0-9]{1,9}(\.[0-9]*)?")


@dataclass(frozen=True)
class Answer:
    """An answer as it came. `path` is the one asked for; headers are found without regard to case."""

    method: str
    path: str
    status: int
    headers: Mapping[str, str] = field(repr=False)
    content: bytes = field(repr=False)
    sent: bytes = field(default=b"", repr=False)
    redact: Callable[[str], str] = field(default=str, repr=False)

    @cached_property
    def json(self) -> Any:
        """The decoded body, fractions as Decimal. Raises Transient(NOT_JSON) for a page of HTML or half an answer."""
        try:
            return json.loads(self.content, parse_float=Decimal, parse_constant=_refuse_constant)
        except (ValueError, RecursionError):
            raise Transient(Code.NOT_JSON, status=self.status, path=self.path, excerpt=self.excerpt) from None

    @cached_property
    def text(self) -> str:
        """The beginning of the body, secrets removed."""
        return keepable(self.redact(self.content[: 2 * _KEPT].decode(errors="replace")))

    @property
    def excerpt(self) -> str:
        """A line of the body for people, secrets removed."""
        return shorten(" ".join(self.text.split()), 200)

    @cached_property
    def exchange(self) -> Exchange:
        """Request and answer, redacted and shortened."""
        sent = keepable(self.redact(self.sent[: 2 * _KEPT].decode(errors="replace")))
        return Exchange(
            request=shorten(f"{self.method} {self.redact(self.path)}\n{sent}".strip(), _KEPT),
            answer=shorten(f"{self.status}\n{self.text}".strip(), _KEPT),
        )


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def encode(value: Any) -> str:
    """Python as JSON, Decimals as plain numbers with all their digits."""
    if isinstance(value, Decimal):
        return plain_number(value)
    if isinstance(value, Mapping):
        return "{" + ",".join(f"{json.dumps(str(name))}:{encode(inner)}" for name, inner in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ",".join(encode(inner) for inner in value) + "]"
    return json.dumps(value)


def general_error(answer: Answer, host: str) -> IntegrationError:
    """What a status outside 200 to 299 means on every platform."""
    where: dict[str, Any] = {"status": answer.status, "path": answer.redact(answer.path), "excerpt": answer.excerpt}
    if answer.status < 400:
        return Unreachable(Code.REDIRECTED, host=host, location=_target(answer))
    if answer.status == 401:
        return AuthFailed(Code.LOGIN_FAILED, **where)
    if answer.status == 403:
        return Rejected(Code.RIGHT_MISSING, turn=Turn.SHOP_SETTINGS, resource=resource(answer.path), **where)
    if answer.status in (404, 410):
        return Gone(**where)
    if answer.status in (409, 423):
        return Locked(**where)
    if answer.status in (408, 425) or answer.status >= 500:
        return Transient(Code.SERVER_ERROR, **where)
    return Rejected(Code.REJECTED, message=answer.excerpt, **where)


def _target(answer: Answer) -> str:
    """Where a redirect leads, without the query, which may hold a key."""
    parts = urlsplit(answer.headers.get("location", ""))
    return answer.redact(f"{parts.scheme}://{parts.netloc}{parts.path}" if parts.netloc else parts.path)


def resource(path: str) -> str:
    """The resource a path speaks of: `products` of `/webapi/rest/products/17`."""
    words = [part for part in path.split("?")[0].split("/") if part and not part.isdigit()]
    return words[-1] if words else path


def retry_after(headers: Mapping[str, str], now: float) -> float | None:
    """Seconds of a Retry-After header, given as seconds or as a date; None without a readable one."""
    value = headers.get("retry-after", "").strip()
    if _SECONDS.fullmatch(value):
        return float(value)
    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - now)
    except (TypeError, ValueError, OverflowError):
        return None
