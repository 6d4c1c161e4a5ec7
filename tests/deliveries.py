"""Posts what a simulated shop would send, as the shop would: no session, no token of a form, the headers it signs."""

from typing import Protocol
from urllib.parse import urlsplit

from django.test import Client


class Delivery(Protocol):
    """What the simulators give."""

    @property
    def url(self) -> str: ...
    @property
    def headers(self) -> dict[str, str]: ...
    @property
    def body(self) -> bytes: ...


def post(delivery: Delivery, *, body: bytes | None = None, url: str = "", **headers: str) -> int:
    """The status that the panel answers with; `headers` replace those of the delivery by their name with `_`."""
    given = {name.lower(): value for name, value in delivery.headers.items()}
    given |= {name.replace("_", "-"): value for name, value in headers.items()}
    kind = given.pop("content-type", "application/json")
    where = urlsplit(url or delivery.url).path
    browser = Client(enforce_csrf_checks=True)
    answer = browser.post(where, data=delivery.body if body is None else body, content_type=kind, headers=given)
    assert not answer.cookies, "a shop has no session"
    return answer.status_code
