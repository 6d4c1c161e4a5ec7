"""The shop as a WSGI application, with its faults, its counters and its control address."""

import time
from collections.abc import Callable
from typing import Any

from shops.connectors.prestashop.simulator import persistence, render
from shops.connectors.prestashop.simulator.access import Access
from shops.connectors.prestashop.simulator.api import JSON, ROOT, XML, Api, Call, wants_json
from shops.connectors.prestashop.simulator.control import Control
from shops.connectors.prestashop.simulator.errors import Blank, Refused
from shops.connectors.prestashop.simulator.hosting import HTML, PAGE, Hosting, elsewhere
from shops.connectors.prestashop.simulator.state import ShopState
from shops.connectors.prestashop.simulator.versions import Version
from shops.simulation.app import Simulator
from shops.simulation.faults import Fault, Listed
from shops.simulation.http import Answer, Request

_FULL_ROWS = 2500
"""Products in full that PHP with 128 MB still holds: 2 000 did, 3 000 did not."""


class PrestaSimulator(Simulator):
    """A small PrestaShop in memory: call it as WSGI, or put it behind `serve`.

    `version` is the release it behaves like. `host` is its right name: other names are redirected (None: any is
    right). `full_rows` is the longest page that `display=full` survives. `clock` (seconds since the epoch) stamps
    dates and `sleep` makes the delays. `state`, `access`, `api`, `hosting`, `faults`, `stats` are open.
    """

    def __init__(
        self,
        state: ShopState | None = None,
        *,
        clock: Callable[[], float] | None = None,
        sleep: Callable[[float], None] = time.sleep,
        version: str = "8.1.2",
        host: str | None = None,
        full_rows: int = _FULL_ROWS,
    ) -> None:
        super().__init__(sleep=sleep)
        self.state = state if state is not None else ShopState(clock=clock)
        self.release = Version(version)
        self.hosting = Hosting(host)
        self.access = Access(self.release)
        self._full_rows = full_rows
        self._restart()

    def _restart(self) -> None:
        self.api = Api(self.state, self.access, self.faults, self.stats, self.release, self._full_rows)
        self.control = Control(self)

    def version(self) -> tuple[int, int]:
        """Another one after every change of what the shop holds."""
        return id(self.state), sum(table.version for table in self.state.tables.values())

    def dump(self) -> dict[str, Any]:
        return persistence.dump(self.state)

    def load(self, data: dict[str, Any]) -> None:
        self.replace_state(persistence.restore(data, clock=self.state.clock))

    def replace_state(self, state: ShopState) -> None:
        """Puts another shop in the place of this one; keys, faults and switches stay."""
        with self.lock:
            self.state = state
            self._restart()

    def handle(self, request: Request) -> Answer:
        """The answer to any request. Raises `Dropped` when a fault ends the connection."""
        if request.path.startswith("/_control"):
            return self.control.answer(request)
        if request.path != ROOT and not request.path.startswith(f"{ROOT}/"):
            return Answer(status=404, content=PAGE, content_type=HTML)
        parts = [part for part in request.path[len(ROOT) :].split("/") if part]
        return self._counted(request, parts[0] if parts else "", parts)

    def _revoke(self) -> None:
        for account in self.access.accounts.values():
            account.active = False

    def _instead(self, fault: Fault, request: Request, parts: list[str]) -> Answer | None:
        if fault.kind == "too_many":
            return Answer(status=429, headers=[("Retry-After", "1")], content=PAGE, content_type=HTML)
        if fault.kind == "error":
            return Answer(status=fault.status, content_type=HTML)
        if fault.kind == "html":
            return Answer(content=PAGE, content_type=HTML)
        return elsewhere(parts, "elsewhere.example") if fault.kind == "redirect" else None

    def _answer(self, request: Request, parts: list[str], *, listed: Listed | None = None) -> Answer:
        refusal = self.hosting.refusal(request, parts)
        if refusal:
            return refusal
        as_json, known = wants_json(request), False
        try:
            account = self.access.account(request)
            if account is None:
                asking = ("WWW-Authenticate", 'Basic realm="PrestaShop Webservice"')
                return Answer("401 Unauthorized", 401, [asking], content_type="text/html")
            known = True
            method = (request.first("ps_method") or request.method).upper()
            root = f"http://{request.headers.get('host') or 'shop.example'}{ROOT}/"
            answer = self.api.answer(Call(request, method, parts, root, as_json, listed), account)
        except Blank as blank:
            answer = Answer(status=blank.status, content_type="")
        except Refused as refused:
            told = render.errors(refused.errors, as_json=as_json, escaped=self.release.escapes_messages)
            answer = Answer(told, refused.status, content_type=JSON if as_json else XML)
        answer.headers.append(("PSWS-Version", self.release.text if known else "0"))
        return self.hosting.passed(answer)
