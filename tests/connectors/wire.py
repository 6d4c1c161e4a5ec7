"""The line between a connector and a simulated shop, and walking over pages."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeVar

import httpx

from integrator.canonical.kinds import Kind
from integrator.canonical.side import LatePage, Page, Scope, Side
from shops.simulation.stand import Stand

AnyStand = TypeVar("AnyStand", bound=Stand)


class Wire(httpx.BaseTransport):
    """The line between connector and shop: remembers what goes over it and can lose or replace answers."""

    def __init__(self, app: Callable[..., Any]) -> None:
        self._inner = httpx.WSGITransport(app=app)
        self.requests: list[httpx.Request] = []
        self.sent: list[str] = []
        self._plans: list[Callable[[httpx.Request], httpx.Response | None]] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        self.sent.append(f"{request.method} {request.url.path}")
        for plan in self._plans:
            answer = plan(request)
            if answer is not None:
                return answer
        return self._pass(request)

    def _pass(self, request: httpx.Request) -> httpx.Response:
        try:
            answer = self._inner.handle_request(request)
            answer.read()
        except ConnectionError as error:
            raise httpx.ReadError(str(error), request=request) from None
        return answer

    def lose_answers(self, method: str, times: int = 1) -> None:
        """The shop does the work, and its answer never arrives."""
        left = [times]

        def plan(request: httpx.Request) -> httpx.Response | None:
            if request.method != method or not left[0]:
                return None
            left[0] -= 1
            self._pass(request)
            raise httpx.ReadError("connection lost", request=request)

        self._plans.append(plan)

    def answer(self, status: int, times: int = 1, text: str = "", headers: Mapping[str, str] | None = None) -> None:
        """The next answers are these, whatever was asked."""
        left = [times]

        def plan(request: httpx.Request) -> httpx.Response | None:
            if not left[0]:
                return None
            left[0] -= 1
            return httpx.Response(status, text=text, headers=dict(headers or {}))

        self._plans.append(plan)

    def after_each(self, act: Callable[[], None]) -> None:
        """Something happens in the shop after every request."""

        def plan(request: httpx.Request) -> httpx.Response | None:
            answer = self._pass(request)
            act()
            return answer

        self._plans.append(plan)


def wired(stand: AnyStand) -> AnyStand:
    """The stand with a line to its simulator."""
    stand.wire = Wire(stand.app)
    return stand


def all_pages(side: Side, kind: Kind, scope: Scope | None = None) -> Iterator[Page | LatePage]:
    cursor = None
    while True:
        page = side.fetch(kind, scope or Scope(), cursor)
        yield page
        cursor = page.next_cursor
        if cursor is None:
            return
