"""The shop as a WSGI application, with its faults, its counters and its control address."""

import json
import threading
import time
from collections.abc import Callable, Iterable
from typing import Any

from shops.connectors.shoper.simulator import hooks, persistence
from shops.connectors.shoper.simulator.access import Access, Bucket
from shops.connectors.shoper.simulator.api import ROOT, Api
from shops.connectors.shoper.simulator.control import Control
from shops.connectors.shoper.simulator.errors import Refused
from shops.connectors.shoper.simulator.state import ShopState
from shops.connectors.shoper.simulator.writes import Quirks
from shops.simulation.faults import Dropped, Fault, Faults
from shops.simulation.http import Answer, Request
from shops.simulation.pictures import CONTENT_TYPES
from shops.simulation.stats import Stats

_FILES = "/userdata/public/gfx/"
_PAGE = "<!DOCTYPE html><html><head><title>Sklep</title></head><body><h1>Przerwa techniczna</h1></body></html>"

StartResponse = Callable[[str, list[tuple[str, str]]], Any]


class ShoperSimulator:
    """A small Shoper shop in memory: call it as WSGI, or put it behind `serve`.

    `limited=False` switches the rate limit off. `clock` (seconds since the epoch) drives tokens and the limit and
    `sleep` the delays, so that tests need not wait. `state`, `access`, `faults`, `quirks`, `bucket`, `stats` are open.
    """

    def __init__(
        self,
        state: ShopState | None = None,
        *,
        limited: bool = True,
        clock: Callable[[], float] | None = None,
        sleep: Callable[[float], None] = time.sleep,
        quirks: Quirks | None = None,
    ) -> None:
        self.state = state if state is not None else ShopState(clock=clock)
        self.clock = clock or self.state.clock
        self.access = Access(self.clock)
        self.bucket = Bucket(self.clock, off=not limited)
        self.faults = Faults()
        self.quirks = quirks or Quirks()
        self.stats = Stats()
        self.lock = threading.RLock()
        self.on_save: Callable[[], None] | None = None
        """Set by a process that keeps the shop in a file; `/_control/save` calls it."""
        self._sleep = sleep
        self._restart()

    def _restart(self) -> None:
        self.api = Api(self.state, self.access, self.bucket, self.faults, self.quirks)
        self.control = Control(self)

    def version(self) -> tuple[int, int]:
        """Another one after every change of what the shop holds."""
        return id(self.state), sum(table.version for table in self.state.tables.values())

    def dump(self) -> dict[str, Any]:
        return persistence.dump(self.state)

    def load(self, data: dict[str, Any]) -> None:
        self.replace_state(persistence.restore(data, clock=self.state.clock))

    def replace_state(self, state: ShopState) -> None:
        """Puts another shop in the place of this one; accounts, faults and switches stay."""
        with self.lock:
            self.state = state
            self._restart()

    def deliveries(self, event: str, row_id: int, gone: dict[str, Any] | None = None) -> list[hooks.Delivery]:
        """What the shop sends when this happens to an object; whoever plays the shop posts them. `gone`: a deleted
        object as it was."""
        with self.lock:
            return hooks.deliveries(self.state, event, row_id, gone=gone)

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        request = Request.from_environ(environ)
        answer = self.handle(request)
        payload = answer.payload()
        headers = [("Content-Type", answer.content_type), ("Content-Length", str(len(payload))), *answer.headers]
        start_response(answer.status_line(), headers)
        return [b"" if request.method == "HEAD" else payload]

    def handle(self, request: Request) -> Answer:
        """The answer to any request. Raises `Dropped` when a fault ends the connection."""
        if request.path.startswith("/_control"):
            return self.control.answer(request)
        if request.path.startswith(_FILES):
            return self._file(request)
        if not request.path.startswith(ROOT.rstrip("/")):
            return Answer(status=404, content=_PAGE.encode(), content_type="text/html; charset=utf-8")
        started = time.thread_time()
        parts = [part for part in request.path[len(ROOT) - 1 :].split("/") if part]
        with self.lock:
            resource = parts[0] if parts else ""
            self.stats.requests[f"{request.method} {resource}"] += 1
            fault = self.faults.take(request.method, resource) if self.faults.active else None
        if fault and fault.kind == "delay":
            self._sleep(fault.seconds)
        with self.lock:
            answer = self._with_fault(request, parts, fault)
            answer.headers += self.bucket.headers()
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
            self.access.revoke()
            return self._answer(request, parts)
        if fault.kind == "too_many":
            return Answer.refusal(Bucket.overflow(1))
        if fault.kind == "error":
            return Answer.of({"error": "server_error", "error_description": "Operation Failed"}, fault.status)
        if fault.kind == "html":
            return Answer(content=_PAGE.encode(), content_type="text/html; charset=utf-8")
        if fault.kind == "redirect":
            return Answer(status=301, headers=[("Location", f"https://elsewhere.example{request.path}")])
        answer = self._answer(request, parts)
        if fault.kind == "drop":
            raise Dropped("the shop closed the connection after the work")
        return _spoiled(answer, fault.kind)

    def _answer(self, request: Request, parts: list[str]) -> Answer:
        try:
            answer = self.api.answer(request, parts)
        except Refused as refused:
            return Answer.refusal(refused)
        if parts == ["bulk"]:
            self.stats.bulk_items += len(json.loads(request.body))
        return answer

    def _file(self, request: Request) -> Answer:
        """A picture at its public address."""
        name, _, extension = request.path[len(_FILES) :].partition(".")
        with self.lock:
            self.stats.requests[f"{request.method} file"] += 1
            content = self.state.content(int(name)) if name.isdigit() else None
            known = content is not None and self.state.images.get(int(name))["extension"] == extension
        if content is None or not known:
            return Answer(status=404, content=_PAGE.encode(), content_type="text/html; charset=utf-8")
        return Answer(content=content, content_type=CONTENT_TYPES.get(extension, "application/octet-stream"))


def _spoiled(answer: Answer, kind: str) -> Answer:
    """An answer cut in half, or a page that lacks its last rows though the counts name them."""
    if kind == "truncated":
        answer.text = answer.text[: len(answer.text) // 2]
    elif answer.rows:
        head, _, _ = answer.text.partition('"list":[')
        answer.text = f'{head}"list":[{",".join(answer.rows[: len(answer.rows) // 2])}]}}'
    return answer
