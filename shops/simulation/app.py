"""A simulated shop as a WSGI application: what all have in serving, counting and failing.

A platform says what its addresses answer (`handle`, `_answer`) and what its refusals look like (`_instead`).
"""

import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from dataclasses import replace
from email.utils import formatdate
from typing import Any

from shops.simulation.faults import LISTED, Dropped, Fault, Faults, Listed
from shops.simulation.http import Answer, Request
from shops.simulation.stats import Stats

StartResponse = Callable[[str, list[tuple[str, str]]], Any]


class Simulator(ABC):
    """`faults` and `stats` are open to whoever plays the shop's owner; `lock` guards the shop."""

    state: Any
    """The shop; where it stamps anything its `clock` (seconds since the epoch) is the one that `skew` sets wrong."""

    def __init__(self, *, sleep: Callable[[float], None] = time.sleep) -> None:
        self.faults = Faults()
        self.stats = Stats()
        self.lock = threading.RLock()
        self.on_save: Callable[[], None] | None = None
        """Set by a process that keeps the shop in a file; `/_control/save` calls it."""
        self._sleep = sleep
        self._answered: dict[tuple[str, str], Answer] = {}

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        request = Request.from_environ(environ)
        head = request.method == "HEAD"
        answer = self.handle(request)
        payload = answer.payload()
        headers = [("Content-Type", answer.content_type), ("Content-Length", str(len(payload))), *answer.headers]
        start_response(answer.status_line(), headers)
        return [b"" if head else payload]

    @abstractmethod
    def handle(self, request: Request) -> Answer:
        """The answer to any request. Raises `Dropped` when a fault ends the connection."""

    def _counted(self, request: Request, resource: str, parts: list[str]) -> Answer:
        """A call of the API: counted by its resource, hit by the faults that are switched on."""
        started = time.thread_time()
        with self.lock:
            self.stats.requests[f"{request.method} {resource}"] += 1
            fault = self.faults.take(request.method, resource) if self.faults.active else None
        if fault and fault.kind == "delay":
            self._sleep(fault.seconds)
        with self.lock:
            answer = self._with_fault(request, parts, fault)
            answer.headers += self._headers()
            if self.faults.skew:
                answer.headers.append(("Date", formatdate(self._now(), usegmt=True)))
            self.stats.statuses[str(answer.status)] += 1
            self.stats.bytes_sent += len(answer.payload())
            self.stats.cpu_in_requests += time.thread_time() - started
        return answer

    def _with_fault(self, request: Request, parts: list[str], fault: Fault | None) -> Answer:
        if fault is None or fault.kind == "delay":
            return self._truly(request, parts)
        if fault.kind == "reset":
            raise Dropped("the shop closed the connection")
        if fault.kind == "stale":
            return self._stale(request, parts)
        if fault.kind in ("revoke", "skew"):
            self._revoke() if fault.kind == "revoke" else self._set_clock(fault.seconds)
            return self._truly(request, parts)
        instead = self._refusal(fault, request, parts)
        if instead is not None:
            return instead
        answer = self._answer(request, parts, listed=LISTED.get(fault.kind))
        if fault.kind == "drop":
            raise Dropped("the shop closed the connection after the work")
        if fault.kind == "gateway":
            return Answer("<h1>504 Gateway Time-out</h1>", 504, content_type="text/html")
        if fault.kind == "truncated":
            answer.text = answer.text[: len(answer.text) // 2]
        return answer

    def _refusal(self, fault: Fault, request: Request, parts: list[str]) -> Answer | None:
        if not fault.kind.startswith("too_many"):
            return self._instead(fault, request, parts)
        answer = self._instead(replace(fault, kind="too_many"), request, parts)
        if answer is not None:
            answer.headers = [header for header in answer.headers if header[0].lower() != "retry-after"]
            if fault.kind == "too_many" and fault.seconds:
                answer.headers.append(("Retry-After", f"{fault.seconds:g}"))
        return answer

    def _truly(self, request: Request, parts: list[str]) -> Answer:
        answer = self._answer(request, parts)
        if request.method == "GET" and answer.status == 200 and self.faults.remembering():
            self._answered[_address(request)] = replace(answer, headers=list(answer.headers))
        return answer

    def _stale(self, request: Request, parts: list[str]) -> Answer:
        """As it was answered last; what was never asked before and what is no reading is answered truly."""
        old = self._answered.get(_address(request)) if request.method == "GET" else None
        if not self.faults.remembering():
            self._answered.clear()
        return replace(old, headers=list(old.headers)) if old is not None else self._truly(request, parts)

    def _now(self) -> float:
        return float(self.state.clock())

    def _set_clock(self, seconds: float) -> None:
        """The shop's clock is wrong by so much until the faults are cleared."""
        self.faults.skew = seconds
        if not isinstance(self.state.clock, Skewed):
            self.state.clock = Skewed(self.state.clock, self.faults)

    @abstractmethod
    def _answer(self, request: Request, parts: list[str], *, listed: Listed | None = None) -> Answer:
        """What the API answers when nothing else fails. `parts`: the path below its root, split at slashes; `listed`:
        what a fault makes of the rows of a list, of which the answer says nothing."""

    @abstractmethod
    def _instead(self, fault: Fault, request: Request, parts: list[str]) -> Answer | None:
        """The answer of a fault that keeps the API from being asked: too_many, error, html, redirect; else None."""

    @abstractmethod
    def _revoke(self) -> None:
        """Every login becomes invalid."""

    def _headers(self) -> list[tuple[str, str]]:
        """What every answer of the API carries besides its own headers, its refusals and faults too."""
        return []


class Skewed:
    """A clock that is wrong by what the faults say."""

    def __init__(self, clock: Callable[[], float], faults: Faults) -> None:
        self.clock, self.faults = clock, faults

    def __call__(self) -> float:
        return self.clock() + self.faults.skew


def _address(request: Request) -> tuple[str, str]:
    """What is asked, without what differs each time because it signs the request."""
    asked = sorted((name, values) for name, values in request.query.items() if not name.startswith("oauth_"))
    return request.path, repr(asked)


def elsewhere(request: Request) -> Answer:
    """A redirect to another host, as a wrong address or a firewall gives it."""
    return Answer(status=301, headers=[("Location", f"https://elsewhere.example{request.path}")])
