"""The shop as a WSGI application, with its faults, its counters and its control address."""

import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from shops.connectors.woocommerce.simulator import persistence, webhooks
from shops.connectors.woocommerce.simulator.access import Access
from shops.connectors.woocommerce.simulator.api import ROOT, Api
from shops.connectors.woocommerce.simulator.control import Control
from shops.connectors.woocommerce.simulator.images import Fetch
from shops.connectors.woocommerce.simulator.media_rows import UPLOADS
from shops.connectors.woocommerce.simulator.orders import Orders
from shops.connectors.woocommerce.simulator.resources import Products
from shops.connectors.woocommerce.simulator.state import ShopState
from shops.connectors.woocommerce.simulator.webhooks import Delivery
from shops.simulation.app import Simulator, elsewhere
from shops.simulation.faults import Fault, Listed
from shops.simulation.http import Answer, Refused, Request, dumps
from shops.simulation.pictures import CONTENT_TYPES, extension_of

_PAGE = "<!DOCTYPE html><html><head><title>Sklep</title></head><body><h1>Przerwa techniczna</h1></body></html>"
_HTML = "text/html; charset=utf-8"
_JSON = "application/json; charset=UTF-8"
_FATAL = {
    "code": "internal_server_error",
    "message": "<p>There has been a critical error on this website.</p>",
    "data": {"status": 500},
}


class WooSimulator(Simulator):
    """A small WooCommerce shop in memory: call it as WSGI, or put it behind `serve`.

    `version` is that of a shop made here; a given `state` has its own. `tls`: whether PHP believes that requests came
    over https, which Basic and query keys need. `clock` (seconds since the epoch) drives dates and `sleep` the delays,
    so that tests need not wait. `fetch` is the internet from which pictures given by address come, besides
    `state.remote_files`. Core has no rate limit; a host's is the fault `too_many` (Retry-After is its `seconds`, none
    for 0).
    """

    def __init__(
        self,
        state: ShopState | None = None,
        *,
        clock: Callable[[], float] | None = None,
        sleep: Callable[[float], None] = time.sleep,
        version: str = "10.5.0",
        tls: bool = True,
        fetch: Fetch | None = None,
    ) -> None:
        super().__init__(sleep=sleep)
        self.state = state if state is not None else ShopState(clock=clock, version=version)
        self.clock = clock or self.state.clock
        self.access = Access(self.clock, tls=tls)
        self.fetch = fetch
        self.replace_state(self.state)
        self.control = Control(self)

    def replace_state(self, state: ShopState) -> None:
        """Puts another shop in the place of this one; keys and faults stay."""
        with self.lock:
            self.state = state
            self.access.address = state.address
            self.api = Api(state, self.access, self.faults, self.stats, self.fetch)

    # what a process that keeps the shop needs

    def version(self) -> tuple[int, ...]:
        """Another one after every change of what the shop holds."""
        state = self.state
        return id(state), state.changes, len(state.queue), sum(table.version for table in state.tables.values())

    def dump(self) -> dict[str, Any]:
        return persistence.dump(self.state)

    def load(self, data: dict[str, Any]) -> None:
        self.replace_state(persistence.restore(data, clock=self.state.clock))

    # webhooks

    def deliver(self) -> list[Delivery]:
        """What the shop's cron would send now, exactly as it goes over the line; the queue is empty then."""
        with self.lock:
            return webhooks.due(self.state, {"product": Products(self.api), "order": Orders(self.api)})

    def delivered(self, delivery: Delivery, status: int) -> None:
        """Tells the shop how the target answered a delivery."""
        with self.lock:
            webhooks.answered(self.state, delivery, status)

    # serving

    def handle(self, request: Request) -> Answer:
        """The answer to any request. Raises `Dropped` when a fault ends the connection."""
        if request.path.startswith("/_control"):
            return self.control.answer(request)
        if request.method == "HEAD":
            request.method = "GET"
        folder = urlsplit(self.state.address).path.rstrip("/")
        path = request.path.removeprefix(folder) if folder else request.path
        if path.startswith(UPLOADS):
            return self._file(request, path)
        if not (path == ROOT or path.startswith(f"{ROOT}/") or request.query.get("rest_route")):
            home = ("Link", f'<{self.state.address}{ROOT}/>; rel="https://api.w.org/"')
            status = 200 if path == "/" else 404
            return Answer(status=status, content=_PAGE.encode(), content_type=_HTML, headers=[home])
        return self._api(request, (request.first("rest_route") or path.removeprefix(ROOT)))

    def _api(self, request: Request, path: str) -> Answer:
        parts = [part for part in path.split("/") if part]
        _override_method(request)
        return self._counted(request, resource_name(parts), parts)

    def _revoke(self) -> None:
        self.access.revoke()

    def _instead(self, fault: Fault, request: Request, parts: list[str]) -> Answer | None:
        if fault.kind == "too_many":
            wait = [("Retry-After", f"{fault.seconds:g}")] if fault.seconds else []
            return Answer(status=429, content=_PAGE.encode(), content_type=_HTML, headers=wait)
        if fault.kind == "error":
            if fault.status == 500:
                return Answer(dumps(_FATAL), 500, content_type=_JSON)
            return Answer(status=fault.status, content=_PAGE.encode(), content_type=_HTML)
        if fault.kind == "html":
            return Answer(content=_PAGE.encode(), content_type=_HTML)
        return elsewhere(request) if fault.kind == "redirect" else None

    def _answer(self, request: Request, parts: list[str], *, listed: Listed | None = None) -> Answer:
        try:
            answer = self.api.answer(request, parts)
        except Refused as refused:
            answer = Answer.refusal(refused)
        if listed and answer.rows:
            answer.text = f"[{','.join(listed(answer.rows))}]"
        answer.content_type = _JSON
        answer.headers.append(("Link", f'<{self.state.address}{ROOT}/>; rel="https://api.w.org/"'))
        answer.headers.append(("Cache-Control", "no-cache, must-revalidate, max-age=0, no-store, private"))
        return answer

    def _file(self, request: Request, path: str) -> Answer:
        """A picture at its public address."""
        with self.lock:
            self.stats.requests[f"{request.method} file"] += 1
            content = self.state.content(path[len(UPLOADS) :])
        if content is None:
            return Answer(status=404, content=_PAGE.encode(), content_type=_HTML)
        kind = CONTENT_TYPES.get(extension_of(content) or "", "application/octet-stream")
        return Answer(content=content, content_type=kind)


def resource_name(parts: list[str]) -> str:
    """The address without its beginning and without ids: `products/variations/batch`, `media`, `settings/tax`."""
    behind = parts[2:] if parts[:2] in (["wc", "v3"], ["wp", "v2"]) else parts
    if behind[:1] == ["settings"]:
        return "/".join(behind[:2])
    return "/".join(part for part in behind if not part.isdigit())


def _override_method(request: Request) -> None:
    """PUT and DELETE for hosts that let only POST through."""
    given = request.headers.get("x-http-method-override") or request.first("_method")
    if request.method == "POST" and given:
        request.method = given.upper()
