"""The shop as a WSGI application, with its faults, its counters and its control address."""

import json
import time
from collections.abc import Callable
from typing import Any

from shops.connectors.shoper.simulator import hooks, persistence
from shops.connectors.shoper.simulator.access import Access, Bucket
from shops.connectors.shoper.simulator.api import ROOT, Api
from shops.connectors.shoper.simulator.control import Control
from shops.connectors.shoper.simulator.errors import Refused
from shops.connectors.shoper.simulator.state import ShopState
from shops.connectors.shoper.simulator.writes import Quirks
from shops.simulation.app import Simulator, elsewhere
from shops.simulation.faults import Fault, Listed
from shops.simulation.http import Answer, Request
from shops.simulation.pictures import CONTENT_TYPES

_FILES = "/userdata/public/gfx/"
_PAGE = "<!DOCTYPE html><html><head><title>Sklep</title></head><body><h1>Przerwa techniczna</h1></body></html>"


class ShoperSimulator(Simulator):
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
        super().__init__(sleep=sleep)
        self.state = state if state is not None else ShopState(clock=clock)
        self.clock = clock or self.state.clock
        self.access = Access(self.clock)
        self.bucket = Bucket(self.clock, off=not limited)
        self.quirks = quirks or Quirks()
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

    def deliver(self) -> list[hooks.Delivery]:
        """What the shop has sent by itself about orders since it was last asked; whoever plays the shop posts it."""
        with self.lock:
            sent = list(self.state.outbox)
            self.state.outbox.clear()
            return sent

    def handle(self, request: Request) -> Answer:
        """The answer to any request. Raises `Dropped` when a fault ends the connection."""
        if request.path.startswith("/_control"):
            return self.control.answer(request)
        if request.path.startswith(_FILES):
            return self._file(request)
        if not request.path.startswith(ROOT.rstrip("/")):
            return Answer(status=404, content=_PAGE.encode(), content_type="text/html; charset=utf-8")
        parts = [part for part in request.path[len(ROOT) - 1 :].split("/") if part]
        return self._counted(request, parts[0] if parts else "", parts)

    def _headers(self) -> list[tuple[str, str]]:
        return self.bucket.headers()

    def _revoke(self) -> None:
        self.access.revoke()

    def _instead(self, fault: Fault, request: Request, parts: list[str]) -> Answer | None:
        if fault.kind == "too_many":
            return Answer.refusal(Bucket.overflow(1))
        if fault.kind == "error":
            return Answer.of({"error": "server_error", "error_description": "Operation Failed"}, fault.status)
        if fault.kind == "html":
            return Answer(content=_PAGE.encode(), content_type="text/html; charset=utf-8")
        return elsewhere(request) if fault.kind == "redirect" else None

    def _answer(self, request: Request, parts: list[str], *, listed: Listed | None = None) -> Answer:
        try:
            answer = self.api.answer(request, parts)
        except Refused as refused:
            return Answer.refusal(refused)
        if parts == ["bulk"]:
            methods = [str(one.get("method", "GET")).upper() for one in json.loads(request.body)]
            self.stats.bulk_items += len(methods)
            self.stats.reading_posts += set(methods) <= {"GET"}
        if listed and answer.rows:
            head, _, _ = answer.text.partition('"list":[')
            answer.text = f'{head}"list":[{",".join(listed(answer.rows))}]}}'
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
