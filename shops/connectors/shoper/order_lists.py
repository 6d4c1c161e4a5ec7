"""Several lists in one call, and the rows that belong to many orders at once."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from integrator.canonical.errors import Gone, IntegrationError, Rejected
from integrator.canonical.problems import Code
from shops.connectors.pagination import chunks
from shops.connectors.shoper.rest import BATCH, KEYS, PAGE, Operation, Rest, Row, listed, row_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """The first page of a list."""

    resource: str
    filters: Mapping[str, Any]
    order: str
    limit: int = PAGE

    @property
    def operation(self) -> Operation:
        filters = json.dumps(self.filters, ensure_ascii=False, separators=(",", ":"))
        params = {"limit": self.limit, "page": 1, "order": self.order, "filters": filters}
        return Operation(token=self.resource, method="GET", path=self.resource, params=params)


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    rows: tuple[Row, ...] = ()
    more: bool = False
    unknown_filter: bool = False
    """404: the shop does not filter by this."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Rows of a resource whose `field` is one of `ids`; `together` of them usually fit on one page."""

    resource: str
    ids: Iterable[int]
    field: str = "order_id"
    together: int = PAGE


Related = dict[int, list[Row]]
"""Rows by the id they belong to; every id asked for is there."""


def lists(rest: Rest, listings: Sequence[Listing]) -> list[Listed]:
    """Up to 25 to a call. Raises what any of them was refused with, an unknown filter excepted."""
    found: list[Listed] = []
    for chunk in chunks(listings, BATCH):
        for listing, outcome in zip(chunk, rest.bulk([one.operation for one in chunk]), strict=True):
            if isinstance(outcome.error, Gone):
                found.append(Listed(unknown_filter=True))
            elif outcome.error is not None:
                raise outcome.error
            else:
                found.append(_read(listing, outcome.value))
    return found


def _read(listing: Listing, body: Any) -> Listed:
    rows = listed(body, listing.resource)
    pages = row_id(body, "pages") if isinstance(body, Mapping) else None
    return Listed(rows=rows, more=bool(rows) and pages is not None and pages > 1)


def related(rest: Rest, *wanted: Wanted) -> list[Related]:
    """All rows that belong to these ids, for each of `wanted`, in as few calls as their pages allow.

    Raises Rejected when a shop does not obey such a filter: rows of other orders must never count as theirs.
    """
    found: list[Related] = [{one: [] for one in want.ids} for want in wanted]
    todo = [
        (number, tuple(chunk), 0)
        for number, want in enumerate(wanted)
        for chunk in chunks(sorted(found[number]), want.together)
    ]
    while todo:
        asked, todo = todo[:BATCH], todo[BATCH:]
        listings = [_belonging(wanted[number], ids, after) for number, ids, after in asked]
        for (number, ids, _), listing, answer in zip(asked, listings, lists(rest, listings), strict=True):
            last = _sort_in(found[number], wanted[number], ids, listing, answer)
            if answer.more:
                todo.append((number, ids, last))
    return found


def _belonging(want: Wanted, ids: Sequence[int], after: int) -> Listing:
    key = KEYS[want.resource]
    filters: dict[str, Any] = {want.field: {"IN": [str(one) for one in ids]}}
    if after and key != want.field:
        filters[key] = {">": after}
    return Listing(resource=want.resource, filters=filters, order=f"{key} ASC")


def _sort_in(found: Related, want: Wanted, ids: Sequence[int], listing: Listing, answer: Listed) -> int:
    """The last id of the rows."""
    key, last = KEYS[want.resource], 0
    for row in answer.rows:
        owner = row_id(row, want.field)
        if owner is None or owner not in ids:
            raise _ignored(listing, row)
        found[owner].append(row)
        last = row_id(row, key) or last
    if answer.unknown_filter or (answer.more and (not last or key == want.field)):
        raise _ignored(listing, {})
    return last


def _ignored(listing: Listing, row: Row) -> IntegrationError:
    excerpt = f"{json.dumps(dict(listing.filters))} -> {str(dict(row))[:60]}"
    return Rejected(Code.UNEXPECTED_ANSWER, status=200, path=listing.resource, excerpt=excerpt)
