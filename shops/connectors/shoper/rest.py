"""Shoper's conventions on top of the client: pages of 50, JSON filters, explicit sorting, bulks of 25."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b
from typing import Any

from integrator.api_client import Answer, ApiClient, encode, general_error
from integrator.canonical.errors import (
    Gone,
    IntegrationError,
    OutcomeUnknown,
    RateLimited,
    Rejected,
    Transient,
)
from integrator.canonical.problems import Code
from integrator.canonical.side import Exchange
from shops.connectors.pagination import Batch, Place, chunks, keyset_held, walk
from shops.connectors.shoper.errors import shoper_error

ROOT = "/webapi/rest/"
PAGE = 50
"""Shoper gives at most 50 rows; asked for more it silently gives 10."""
BATCH = 25
"""Most operations of one bulk call."""
BULK_SECONDS = 70.0
_BUCKET_SECONDS = 5.0
"""What a full bucket takes to empty (10 calls, 2 per second); an item of a bulk brings no Retry-After of its own."""
KEYS = {
    "units": "unit_id",
    "taxes": "tax_id",
    "producers": "producer_id",
    "categories": "category_id",
    "products": "product_id",
    "product-stocks": "stock_id",
    "product-images": "gfx_id",
    "option-groups": "group_id",
    "options": "option_id",
    "option-values": "ovalue_id",
    "currencies": "currency_id",
    "languages": "lang_id",
    "orders": "order_id",
    "order-products": "id",
    "parcels": "parcel_id",
    "statuses": "status_id",
    "payments": "payment_id",
    "shippings": "shipping_id",
    "webhooks": "webhook_id",
}
PLAIN = frozenset({"taxes", "webhooks"})
"""Lists that take nothing but page and limit: neither filters nor sorting (of webhooks nothing else is known)."""
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One call of a bulk. `token` is the caller's name for it; `path` goes without the root (`products/17`)."""

    token: str
    method: str
    path: str
    body: Any = None
    params: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    token: str
    value: Any = None
    error: IntegrationError | None = None
    exchange: Exchange | None = None


def row_id(row: Any, key: str) -> int | None:
    """The id of a row, None when it has no readable one."""
    try:
        return int(str(row[key]))
    except (KeyError, TypeError, ValueError):
        return None


def new_id(value: Any) -> int | None:
    """The id that a create answered with: a bare number, which may come as text."""
    if isinstance(value, bool) or not isinstance(value, int | str) or not str(value).isdigit():
        return None
    return int(value) or None


class Rest:
    """Calls of one session."""

    def __init__(self, api: ApiClient) -> None:
        self.api = api
        self._no_in: set[str] = set()
        """Resources that turned out not to filter by a list of ids."""
        self._heard = blake2b(digest_size=16)

    def listen(self) -> None:
        """Begin a page: `heard` then tells one by what its rows look like."""
        self._heard = blake2b(digest_size=16)

    def heard(self) -> str:
        """Hash of the rows of all lists read since `listen`, as they came."""
        return self._heard.hexdigest()

    def get(self, path: str) -> Any:
        return self.api.get(ROOT + path).json

    def page(self, resource: str, place: Place, filters: Mapping[str, Any] | None = None) -> Batch:
        """The page that begins at `place`, ascending by id.

        Goes on after the last id where the resource lets itself be filtered so, which is checked on the rows that come;
        else by page numbers.
        """
        key = KEYS[resource]
        wanted = dict(filters or {})
        if place.after and not place.numbered:
            wanted[key] = {">": place.after}
        try:
            envelope = self._list(resource, place.page(PAGE) if place.numbered else 1, wanted)
        except Gone:
            if key not in wanted:
                raise Rejected(Code.UNEXPECTED_ANSWER, status=404, path=resource, excerpt=str(sorted(wanted))) from None
            return self.page(resource, replace(place, numbered=True), filters)
        rows, count, pages, number = envelope
        ids = [row_id(row, key) for row in rows]
        if not place.numbered and place.after and not keyset_held(ids, place.after):
            return self.page(resource, replace(place, numbered=True), filters)
        total = count if place.numbered or place.total is None else place.total
        if not rows or number >= pages:
            return Batch(rows=rows, total=total)
        following = place.moved(ids, count)
        if resource in PLAIN or not keyset_held(ids, place.after):
            following = replace(following, numbered=True)
        return Batch(rows=rows, next=following, total=total)

    def rows(self, resource: str, filters: Mapping[str, Any] | None = None) -> Iterator[Row]:
        """All rows of a short list. Raises Rejected when the shop does not know a filter."""
        return walk(lambda place: self.page(resource, place, filters))

    def lookups(self, resource: str, filters: Sequence[Mapping[str, Any]]) -> list[tuple[Row, ...]]:
        """The first page of several lists, 25 to a call. Raises what any of them was refused with."""
        found: list[tuple[Row, ...]] = []
        for chunk in chunks(filters, BATCH):
            reads = [
                Operation(token="", method="GET", path=resource, params={"limit": PAGE, "filters": _json(one)})
                for one in chunk
            ]
            for outcome in self.bulk(reads):
                if outcome.error is not None:
                    raise outcome.error
                found.append(listed(outcome.value, resource))
        return found

    def by_ids(self, resource: str, ids: Sequence[int]) -> dict[int, Row]:
        """Rows by id in as few calls as possible; ids that do not exist are left out."""
        found: dict[int, Row] = {}
        for chunk in chunks(sorted(set(ids)), PAGE):
            rows = None if resource in self._no_in else self._in(resource, chunk)
            found |= self._each(resource, chunk) if rows is None else rows
        return found

    def _in(self, resource: str, ids: Sequence[int]) -> dict[int, Row] | None:
        """None when the shop does not obey such a filter: rows that were not asked for must not count as found."""
        key = KEYS[resource]
        found: dict[int, Row] = {}
        number = 1
        while True:
            try:
                rows, _, pages, _ = self._list(resource, number, {key: {"in": list(ids)}})
            except (Gone, Rejected) as error:
                if error.problem.code == Code.RIGHT_MISSING:
                    raise
                rows, pages = ({},), 1
            for row in rows:
                one = row_id(row, key)
                if one is None or one not in ids:
                    self._no_in.add(resource)
                    return None
                found[one] = row
            if not rows or number >= pages:
                return found
            number += 1

    def _each(self, resource: str, ids: Sequence[int]) -> dict[int, Row]:
        found: dict[int, Row] = {}
        for chunk in chunks(ids, BATCH):
            reads = [Operation(token=str(one), method="GET", path=f"{resource}/{one}") for one in chunk]
            for outcome in self.bulk(reads):
                if outcome.error is None and isinstance(outcome.value, Mapping):
                    found[int(outcome.token)] = outcome.value
                elif outcome.error is not None and not isinstance(outcome.error, Gone):
                    raise outcome.error
        return found

    def _list(
        self, resource: str, number: int, filters: Mapping[str, Any]
    ) -> tuple[tuple[Row, ...], int | None, int, int]:
        """Rows, count of the whole list, count of pages, this page's number."""
        params: dict[str, Any] = {"limit": PAGE, "page": number}
        if resource not in PLAIN:
            params["order"] = f"{KEYS[resource]} ASC"
        if filters:
            params["filters"] = _json(filters)
        answer = self.api.get(ROOT + resource, params)
        # The counts stand before the rows and change with every row that comes or goes anywhere in the list.
        self._heard.update(answer.content[max(answer.content.find(b'"list"'), 0) :])
        return unwrap(answer)

    def bulk(self, operations: Sequence[Operation]) -> list[Outcome]:
        """At most 25 calls in one; an outcome each, in order. Raises IntegrationError when the whole call failed."""
        if not operations:
            return []
        body = [_item(number, operation) for number, operation in enumerate(operations)]
        reads = all(operation.method == "GET" for operation in operations)
        answer = self.api.request("POST", ROOT + "bulk", body=body, deadline=BULK_SECONDS, reads=reads)
        items = self._items(answer)
        return [self._outcome(operation, items.get(str(n))) for n, operation in enumerate(operations)]

    def send(self, operations: Sequence[Operation]) -> list[Outcome]:
        """Any number of writes in bulks.

        Raises what the first bulk raises; when a later one fails as a whole, its operations and all that follow carry
        that error, so that nothing that was done before is forgotten.
        """
        done: list[Outcome] = []
        for chunk in chunks(operations, BATCH):
            try:
                done += self.bulk(chunk)
            except IntegrationError as error:
                if not done:
                    raise
                done += [Outcome(token=left.token, error=error) for left in operations[len(done) :]]
                break
        return done

    def _items(self, answer: Answer) -> dict[str, Mapping[str, Any]]:
        try:
            return {str(item["id"]): item for item in answer.json["items"]}
        except (KeyError, TypeError, Transient):
            raise OutcomeUnknown(path=answer.path, excerpt=answer.excerpt) from None

    def _outcome(self, operation: Operation, item: Mapping[str, Any] | None) -> Outcome:
        if item is None:
            return Outcome(token=operation.token, error=OutcomeUnknown(path=operation.path))
        answer = self._single(operation, item)
        if 200 <= answer.status < 300:
            return Outcome(token=operation.token, value=item.get("body"), exchange=answer.exchange)
        return Outcome(token=operation.token, error=_error(answer), exchange=answer.exchange)

    def _single(self, operation: Operation, item: Mapping[str, Any]) -> Answer:
        """An item of a bulk as the answer that the single call would have had."""
        try:
            status = int(str(item.get("code", 0)))
        except ValueError:
            status = 0
        return Answer(
            method=operation.method,
            path=ROOT + operation.path,
            status=status,
            headers={},
            content=encode(item.get("body")).encode(),
            sent=b"" if operation.body is None else encode(operation.body).encode(),
            redact=self.api.redact,
        )


def _error(answer: Answer) -> IntegrationError:
    if answer.status == 429:
        return RateLimited(_BUCKET_SECONDS)
    if answer.status < 400:
        return OutcomeUnknown(path=answer.path, status=answer.status)
    return shoper_error(answer) or general_error(answer, "")


def _item(number: int, operation: Operation) -> dict[str, Any]:
    item: dict[str, Any] = {"id": str(number), "path": ROOT + operation.path, "method": operation.method}
    if operation.body is not None:
        item["body"] = operation.body
    if operation.params is not None:
        item["params"] = operation.params
    return item


def _json(filters: Mapping[str, Any]) -> str:
    return json.dumps(filters, ensure_ascii=False, separators=(",", ":"))


def listed(body: Any, path: str) -> tuple[Row, ...]:
    """The rows of a list's envelope; they may come as an object by id."""
    rows = body.get("list") if isinstance(body, Mapping) else None
    if not isinstance(rows, list | Mapping):
        raise Transient(Code.UNEXPECTED_ANSWER, path=path, excerpt=str(body)[:100])
    return tuple(rows.values() if isinstance(rows, Mapping) else rows)


def unwrap(answer: Answer) -> tuple[tuple[Row, ...], int | None, int, int]:
    """The envelope of a list: `{"count": "57", "pages": 6, "page": 1, "list": [...]}`."""
    body = answer.json
    try:
        rows = listed(body, answer.path)
        return rows, int(str(body.get("count", len(rows)))), int(body.get("pages", 1)), int(body.get("page", 1))
    except (TypeError, ValueError, Transient):
        raise Transient(
            Code.UNEXPECTED_ANSWER, status=answer.status, path=answer.path, excerpt=answer.excerpt
        ) from None
