"""A simulated shop as a WSGI application: what all have in serving, counting and failing.

A platform says what its addresses answer (`handle`, `_answer`) and what its refusals look like (`_instead`).
"""

import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from typing import Any

from shops.simulation.faults import Dropped, Fault, Faults
from shops.simulation.http import Answer, Request
from shops.simulation.stats import Stats

StartResponse = Callable[[str, list[tuple[str, str]]], Any]


class Simulator(ABC):
    """`faults` and `stats` are open to whoever plays the shop's owner; `lock` guards the shop."""

    def __init__(self, *, sleep: Callable[[float], None] = time.sleep) -> None:
        self.faults = Faults()
        self.stats = Stats()
        self.lock = threading.RLock()
        self.on_save: Callable[[], None] | None = None
        """Set by a process that keeps the shop in a file; `/_control/save` calls it."""
        self._sleep = sleep

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
            self.stats.statuses[str(answer.status)] += 1
            self.stats.bytes_sent += len(answer.payload())
            self.stats.cpu_in_requests += time.thread_time() - started
        return answer

    def _with_fault(self, request: Request, parts: list[str], fault: Fault | None) -> Answer:
        if fault is None or fault.kind == "delay":
            return self._answer(request, parts)
        if fault.kind == "reset":
            raise Dropped("the shop closed the connection")
        if fault.kind == "revoke":
            self._revoke()
            return self._answer(request, parts)
        instead = self._instead(fault, request, parts)
        if instead is not None:
            return instead
        answer = self._answer(request, parts, short=fault.kind == "short_page")
        if fault.kind == "drop":
            raise Dropped("the shop closed the connection after the work")
        if fault.kind == "truncated":
            answer.text = answer.text[: len(answer.text) // 2]
        return answer

    @abstractmethod
    def _answer(self, request: Request, parts: list[str], *, short: bool = False) -> Answer:
        """What the API answers when nothing else fails. `parts`: the path below its root, split at slashes; `short`: a
        list lacks its last rows and says nothing of it."""

    @abstractmethod
    def _instead(self, fault: Fault, request: Request, parts: list[str]) -> Answer | None:
        """The answer of a fault that keeps the API from being asked: too_many, error, html, redirect; else None."""

    @abstractmethod
    def _revoke(self) -> None:
        """Every login becomes invalid."""

    def _headers(self) -> list[tuple[str, str]]:
        """What every answer of the API carries besides its own headers, its refusals and faults too."""
        return []


def elsewhere(request: Request) -> Answer:
    """A redirect to another host, as a wrong address or a firewall gives it."""
    return Answer(status=301, headers=[("Location", f"https://elsewhere.example{request.path}")])
