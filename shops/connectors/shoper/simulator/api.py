"""The REST interface of the shop: routing, lists, single objects, bulk calls. It knows neither sockets nor faults."""

import json
from array import array
from collections import OrderedDict
from typing import Any

from shops.connectors.shoper.simulator.access import Access, Account, Bucket, require
from shops.connectors.shoper.simulator.errors import Refused, invalid, not_found
from shops.connectors.shoper.simulator.filters import parse_filters, parse_order, select
from shops.connectors.shoper.simulator.resources import READ, RESOURCES, Resource
from shops.connectors.shoper.simulator.rows import render
from shops.connectors.shoper.simulator.store import Store
from shops.connectors.shoper.simulator.validation import whole
from shops.connectors.shoper.simulator.writes import Quirks, Writes, locked
from shops.simulation.faults import Faults
from shops.simulation.http import Answer, Request, dumps

ROOT = "/webapi/rest/"
DEFAULT_PAGE, LARGEST_PAGE, LARGEST_BULK = 10, 50, 25
_REMEMBERED_QUERIES = 16


def _wrong_path() -> Refused:
    return invalid("Nieprawidłowa ścieżka")


class Api:
    """Answers requests below `/webapi/rest/` from the state. `answer` raises `Refused` for every refusal."""

    def __init__(self, state: Store, access: Access, bucket: Bucket, faults: Faults, quirks: Quirks) -> None:
        self.state = state
        self.access = access
        self.bucket = bucket
        self.faults = faults
        self.quirks = quirks
        self.writes = Writes(state, quirks)
        self._queries: OrderedDict[tuple[Any, ...], array[int]] = OrderedDict()

    def answer(self, request: Request, parts: list[str]) -> Answer:
        """The answer to a request; `parts` is its path below the root, split at slashes."""
        if self.faults.shop_locked:
            raise Refused(503, "temporarily_unavailable", "Sklep jest zablokowany")
        if self.faults.unpaid:
            raise Refused(402, "access_denied", "Sklep nie jest opłacony")
        if parts == ["auth"]:
            self.bucket.take()
            return self._log_in(request)
        account = self.access.holder(request.authorization)
        each = parts == ["bulk"] and self.quirks.bulk_cost == "each"
        self.bucket.take(len(_json(request)) if each else 1)
        if parts == ["bulk"]:
            return self._bulk(request, account)
        return self._single(request, parts, account)

    def _log_in(self, request: Request) -> Answer:
        if request.method != "POST":
            raise Refused(405, "invalid_request", "Method not allowed")
        return Answer.of(self.access.log_in(*_login(request)))

    def _single(self, request: Request, parts: list[str], account: Account) -> Answer:
        name = parts[0] if parts else ""
        if name in RESOURCES and len(parts) <= 2:
            return self._resource(request, RESOURCES[name], parts[1:], account)
        singletons = {
            "application-config": lambda: self.state.config,
            "application-version": lambda: {"version": self.state.application_version},
        }
        if name in singletons and len(parts) == 1:
            self._only_reading(request)
            return Answer.of(singletons[name]())
        if name == "categories-tree" and len(parts) <= 2:
            return self._tree(request, parts[1:], account)
        if name == "object-mtime":
            return self._mtime(request, parts[1:], account)
        if name == "warehouses":
            raise invalid("Warehouses module is disabled")
        raise _wrong_path()

    def _only_reading(self, request: Request) -> None:
        if request.method not in READ:
            raise Refused(405, "invalid_request", "Method not allowed")

    def _tree(self, request: Request, rest: list[str], account: Account) -> Answer:
        self._only_reading(request)
        require(account, request.method, "categories")
        if not rest:
            return Answer.of(self.state.tree())
        top = whole(rest[0])
        if top is None or top not in self.state.nodes:
            raise not_found()
        return Answer.of({"id": top, "children": self.state.tree(top)})

    def _mtime(self, request: Request, rest: list[str], account: Account) -> Answer:
        self._only_reading(request)
        if len(rest) != 2:
            raise Refused(501, "invalid_request", "Not implemented")
        require(account, request.method, "products")
        row_id = whole(rest[1])
        if rest[0] != "product" or row_id not in self.state.products:
            raise not_found()
        assert row_id is not None
        return Answer.of({"date": self.state.epoch(self.state.products.get(row_id)["edit_date"])})

    def _resource(self, request: Request, resource: Resource, rest: list[str], account: Account) -> Answer:
        with_id = request.method in ("PUT", "DELETE")
        collection = request.method == "POST"
        if request.method not in resource.methods or (rest and collection) or (with_id and not rest):
            raise Refused(405, "invalid_request", "Method not allowed")
        require(account, request.method, resource.name)
        if not rest:
            if collection:
                return Answer.of(self.writes.create(resource.name, _json_object(request)))
            return self._list(request, resource)
        row_id = whole(rest[0])
        if row_id is None or row_id not in self.state.tables[resource.name]:
            raise not_found()
        if request.method in READ:
            return Answer(self._row(resource.name, row_id))
        if (resource.name, row_id) in self.faults.locked:
            raise locked(self.quirks)
        if request.method == "PUT":
            self.writes.update(resource.name, row_id, _json_object(request))
        else:
            self.writes.delete(resource.name, row_id)
        return Answer.of(1)

    def _row(self, resource: str, row_id: int) -> str:
        if (resource, row_id) in self.faults.broken:
            return dumps(self.faults.spoiled(resource, row_id, render(self.state, resource, row_id)))
        if self.state.recipe and self.state.is_generated(resource, row_id):
            return self.state.recipe.json(resource, row_id)
        return dumps(render(self.state, resource, row_id))

    def _list(self, request: Request, resource: Resource) -> Answer:
        ids = self._selected(request, resource)
        limit = whole(request.first("limit", str(DEFAULT_PAGE))) or DEFAULT_PAGE
        if not 1 <= limit <= LARGEST_PAGE:
            limit = DEFAULT_PAGE
        page = max(1, whole(request.first("page", "1")) or 1)
        pages = -(-len(ids) // limit)
        if not ids:
            page = 1
        counts = [("X-Shop-Result-Count", len(ids)), ("X-Shop-Result-Pages", pages), ("X-Shop-Result-Page", page)]
        answer = Answer(headers=[(name, str(value)) for name, value in counts])
        if request.method == "GET":
            answer.rows = [self._row(resource.name, row_id) for row_id in ids[(page - 1) * limit : page * limit]]
            start = f'{{"count":"{len(ids)}","pages":{pages},"page":{page},"list":['
            answer.text = f"{start}{','.join(answer.rows)}]}}"
        return answer

    def _selected(self, request: Request, resource: Resource) -> "array[int]":
        """Ids of the list, remembered while nothing is written, so that later pages cost no second search."""
        conditions = parse_filters(resource, request.query)
        order = parse_order(resource, request.query)
        table = self.state.tables[resource.name]
        if not conditions and not order:
            return table.ids
        asked = tuple((name, *values) for name, values in sorted(request.query.items()) if name[0] in "fo")
        key = (resource.name, asked, table.version, self.state.stocks.version)
        if key not in self._queries:
            self._queries[key] = select(table, conditions, order)
            if len(self._queries) > _REMEMBERED_QUERIES:
                self._queries.popitem(last=False)
        return self._queries[key]

    def _bulk(self, request: Request, account: Account) -> Answer:
        if request.method not in ("POST", "PUT"):
            raise Refused(405, "invalid_request", "Method not allowed")
        operations = _json(request)
        if not isinstance(operations, list) or not all(isinstance(operation, dict) for operation in operations):
            raise invalid("Oczekiwano tablicy operacji")
        if len(operations) > LARGEST_BULK:
            raise invalid(f"Najwyżej {LARGEST_BULK} operacji w jednym wywołaniu")
        answers = [self._bulk_item(operation, account) for operation in operations]
        errors = any(answer.status >= 400 for answer in answers)
        items = ",".join(
            f'{{"id":{dumps(operation.get("id"))},"code":{answer.status},"body":{answer.text or "null"}}}'
            for operation, answer in zip(operations, answers, strict=True)
        )
        return Answer(f'{{"errors":{dumps(errors)},"items":[{items}]}}')

    def _bulk_item(self, operation: dict[str, Any], account: Account) -> Answer:
        """One operation of a bulk call; its refusal is an answer of its own and stops no other."""
        path, method = str(operation.get("path", "")), str(operation.get("method", "GET")).upper()
        body = operation.get("body")
        query = {name: [_parameter(value)] for name, value in (operation.get("params") or {}).items()}
        request = Request(method, path, query, b"" if body is None else json.dumps(body).encode())
        parts = [part for part in path.removeprefix(ROOT).split("/") if part]
        try:
            if not path.startswith(ROOT) or parts[:1] in (["bulk"], ["auth"]):
                raise _wrong_path()
            return self._single(request, parts, account)
        except Refused as refused:
            return Answer.refusal(refused)


def _json(request: Request) -> Any:
    try:
        return request.json()
    except ValueError:
        raise invalid("Nieprawidłowy JSON") from None


def _json_object(request: Request) -> dict[str, Any]:
    found = _json(request)
    if not isinstance(found, dict):
        raise invalid("Oczekiwano obiektu JSON")
    return found


def _login(request: Request) -> tuple[str, str]:
    """From the Basic header or from `client_id` and `client_secret`."""
    if request.authorization.lower().startswith("basic "):
        return request.basic()
    return request.first("client_id"), request.first("client_secret")


def _parameter(value: Any) -> str:
    """A parameter of a bulk operation as text; `filters` must come as a JSON text, an object is not understood."""
    return value if isinstance(value, str) else str(value)
