"""WooCommerce's conventions on top of the client: pages of 100 sorted by id, many ids at once, batches of 100."""

import time
from collections.abc import Callable, Iterator, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b
from typing import Any

from integrator.answers import resource
from integrator.api_client import Answer, ApiClient, encode
from integrator.canonical.errors import IntegrationError, OutcomeUnknown, Rejected, Transient
from integrator.canonical.problems import Code, Turn
from integrator.canonical.side import Exchange
from shops.connectors.pagination import Batch, NotMoving, OutOfOrder, Place, Window, chunks, overlapping, walk
from shops.connectors.woocommerce.errors import Blocked, decoded, meaning, refusal

ROOT = "/wp-json/wc/v3/"
PAGE = 100
BATCH = 100
"""Most rows of one batch, over its create, update and delete together."""
BATCH_SECONDS = 75.0
"""A batch of 100 takes 1.5 s on a bare shop; a call must end before the lease of 90 seconds does."""
_SMALLEST = 10
_QUICK = 10.0
"""Seconds. A batch that was answered sooner may be doubled again."""
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of one row of a batch, by the caller's name for it."""

    token: str
    row: Row | None = None
    error: IntegrationError | None = None
    body: Any = None
    """The row's refusal as it came."""
    exchange: Exchange | None = None


def row_id(row: Any) -> int | None:
    """The id of a row, None when it has no readable one."""
    value = row.get("id") if isinstance(row, Mapping) else None
    if isinstance(value, bool) or not isinstance(value, int | str) or not str(value).isdigit():
        return None
    return int(value) or None


class Rest:
    """Calls of one session. `kept` remembers between sessions how large a batch this shop bears."""

    def __init__(self, api: ApiClient, kept: MutableMapping[str, Any], clock: Callable[[], float]) -> None:
        self.api = api
        self.clock = clock
        self._kept = kept
        self._heard = blake2b(digest_size=16)

    def listen(self) -> None:
        """Begin a page: `heard` then tells one by what its rows look like."""
        self._heard = blake2b(digest_size=16)

    def heard(self) -> str:
        """Hash of all lists read since `listen`, as they came."""
        return self._heard.hexdigest()

    def get(self, path: str, params: Mapping[str, Any] | None = None) -> Any:
        return decoded(self.api.get(ROOT + path, params))

    def page(self, path: str, place: Place, params: Mapping[str, Any] | None = None, size: int = PAGE) -> Batch:
        """The page that begins at `place`, ascending by id, complete while rows come and go. A list that ignores the
        offset is read by page numbers."""

        def read(offset: int) -> Window:
            where = {"page": offset // size + 1} if place.numbered else {"offset": offset}
            asked = {"per_page": size, **where, "orderby": "id", "order": "asc", **(params or {})}
            rows, total = self._list(path, asked)
            return Window(rows=rows, ids=tuple(row_id(row) for row in rows), total=total)

        if place.numbered:
            return _numbered(read(place.seen), place, size)
        try:
            return overlapping(read, place, size)
        except NotMoving:
            return self.page(path, replace(place, numbered=True), params, size)
        except OutOfOrder:
            where = {"status": 200, "path": path, "excerpt": "rows not sorted by id"}
            raise Transient(Code.UNEXPECTED_ANSWER, turn=Turn.SHOP_SETTINGS, **where) from None

    def _list(self, path: str, params: Mapping[str, Any] | None) -> tuple[tuple[Row, ...], int | None]:
        answer = self.api.get(ROOT + path, params)
        self._heard.update(answer.content)
        return listed(answer)

    def rows(self, path: str, params: Mapping[str, Any] | None = None) -> Iterator[Row]:
        """All rows of a list that may be held at once."""
        return walk(lambda place: self.page(path, place, params))

    def whole(self, path: str, params: Mapping[str, Any] | None = None) -> tuple[Row, ...]:
        """A list that WooCommerce gives at once, whatever page is asked for (attributes, tax classes)."""
        return self._list(path, params)[0]

    def by_ids(self, path: str, ids: Sequence[int], params: Mapping[str, Any] | None = None) -> dict[int, Row]:
        """Rows by id, 100 to a call; ids that do not exist, or lie in the trash, are left out. Raises FilterIgnored."""
        found: dict[int, Row] = {}
        for chunk in chunks(sorted(set(ids)), PAGE):
            asked = {"include": ",".join(map(str, chunk)), "per_page": PAGE, "orderby": "id", "order": "asc"}
            wanted = set(chunk)
            for row in self._list(path, {**asked, **(params or {})})[0]:
                one = row_id(row)
                if one in wanted:
                    found[one] = row
                elif one is not None:
                    raise FilterIgnored(Code.UNEXPECTED_ANSWER, status=200, path=path, excerpt=f"include: {one}")
        return found

    def send(self, method: str, path: str, body: Any = None, params: Mapping[str, Any] | None = None) -> Any:
        """One write. A body that cannot be read leaves open what was done."""
        answer = self.call(method, path, body, params)
        try:
            return decoded(answer)
        except Transient:
            raise OutcomeUnknown(path=answer.path, excerpt=answer.excerpt) from None

    def call(self, method: str, path: str, body: Any = None, params: Mapping[str, Any] | None = None) -> Answer:
        """A write whose answer is not read. Where a firewall lets only GET and POST pass, WordPress is told the method
        beside a POST."""
        if method == "POST" or not self._kept.get("only_post"):
            try:
                return self.api.request(method, ROOT + path, body=body, params=params, deadline=BATCH_SECONDS)
            except Blocked:
                pass  # nothing was done, so it may be asked for in another way
        given = {**(params or {}), "_method": method}
        answer = self.api.request("POST", ROOT + path, body=body, params=given, deadline=BATCH_SECONDS)
        self._kept["only_post"] = True
        return answer

    def batch(self, path: str, action: str, rows: Sequence[tuple[str, Any]]) -> list[Outcome]:
        """Rows of (token, body) to `<path>/batch`; an outcome each, in order. `action` is `create`, `update`, `delete`.

        As many requests as the shop's bearable size of a batch asks for, normally one. Raises what the first request
        failed with; when a later one fails, its rows and all that follow carry that error.
        """
        done: list[Outcome] = []
        while len(done) < len(rows):
            chunk = rows[len(done) : len(done) + self._size]
            try:
                done += self._one_batch(path, action, chunk)
            except _TooMany:
                self._shrink()
            except IntegrationError as error:
                if isinstance(error, OutcomeUnknown):
                    self._shrink()
                if not done:
                    raise
                done += [Outcome(token=token, error=error) for token, _ in rows[len(done) :]]
        return done

    @property
    def _size(self) -> int:
        return min(BATCH, int(self._kept.get("batch", BATCH)))

    def _shrink(self) -> None:
        self._kept["batch"] = max(_SMALLEST, self._size // 2)

    def _one_batch(self, path: str, action: str, rows: Sequence[tuple[str, Any]]) -> list[Outcome]:
        started = time.monotonic()
        try:
            # `_fields` would hide the errors of single rows, so whole elements come back.
            body = {action: [row for _, row in rows]}
            answer = self.api.request("POST", f"{ROOT}{path}/batch", body=body, deadline=BATCH_SECONDS)
        except Rejected as error:
            if error.problem.as_dict().get("status") == "413" and len(rows) > _SMALLEST:
                raise _TooMany from None
            raise
        if self._size < BATCH and time.monotonic() - started < _QUICK:
            self._kept["batch"] = min(BATCH, self._size * 2)
        return self._outcomes(answer, action, rows)

    def _outcomes(self, answer: Answer, action: str, rows: Sequence[tuple[str, Any]]) -> list[Outcome]:
        try:
            items = decoded(answer)[action]
        except (KeyError, TypeError, Transient):
            items = None
        if not isinstance(items, list) or len(items) != len(rows):
            raise OutcomeUnknown(path=answer.path, excerpt=answer.excerpt)
        return [self._outcome(answer, token, row, item) for (token, row), item in zip(rows, items, strict=True)]

    def _outcome(self, answer: Answer, token: str, row: Any, item: Any) -> Outcome:
        refused = item.get("error") if isinstance(item, Mapping) else None
        shown = Answer(
            method=answer.method,
            path=answer.path,
            status=answer.status,
            headers={},
            content=encode(refused or item).encode(),
            sent=encode(row).encode(),
            redact=answer.redact,
        ).exchange
        if not isinstance(item, Mapping):
            return Outcome(token=token, error=OutcomeUnknown(path=answer.path), exchange=shown)
        if refused is None:
            return Outcome(token=token, row=item, exchange=shown)
        found = refusal(refused)
        error = (
            OutcomeUnknown(path=answer.path)
            if found is None
            else meaning(found, answer.path.removesuffix("/batch"), answer.redact)
        )
        return Outcome(token=token, error=error, body=refused, exchange=shown)


def _numbered(window: Window, place: Place, size: int) -> Batch:
    """A page by its number: its rows but for those that are known, and the next number while it is full."""
    rows = tuple(row for row, one in zip(window.rows, window.ids, strict=True) if one is None or one > place.after)
    following = place.moved(window.ids, window.total) if len(window.rows) == size else None
    return Batch(rows=rows, next=following, total=place.total if place.total is not None else window.total)


class FilterIgnored(Transient):
    """Rows came that were not asked for: then those that did not come are not known to be gone."""


class _TooMany(Exception):
    """The shop takes fewer rows in one batch; nothing was done."""


def listed(answer: Answer) -> tuple[tuple[Row, ...], int | None]:
    """The rows of a list and the length of the whole list.

    Raises Transient for anything else: also for an empty list without WordPress's header, which some proxy made up.
    """
    body = decoded(answer)
    told = answer.headers.get("x-wp-total", "")
    total = int(told) if told.isdigit() else None
    if not isinstance(body, list) or (not body and total is None):
        where: dict[str, Any] = {"status": answer.status, "path": resource(answer.path), "excerpt": answer.excerpt}
        raise Transient(Code.UNEXPECTED_ANSWER, **where)
    return tuple(body), total
