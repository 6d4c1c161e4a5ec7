"""Lists that stay fast at any length: pages by keyset, filters and search in the address."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from django.db import models
from django.db.models import Q, QuerySet
from django.http import HttpRequest

PAGE = 50

M = TypeVar("M", bound=models.Model)


@dataclass(frozen=True, slots=True)
class ListPage(Generic[M]):
    """One page. `following` is the keyset position of the next page, empty on the last; `first`: this is the first."""

    rows: list[M]
    following: str
    first: bool


def newest_first(query: QuerySet[M], before: int, size: int = PAGE) -> ListPage[M]:
    """Rows by falling id, starting below `before` (0: at the newest)."""
    rows = query.filter(pk__lt=before) if before else query
    found = list(rows.order_by("-pk")[: size + 1])
    return _page(found, size, not before)


def oldest_first(query: QuerySet[M], after: int, size: int = PAGE) -> ListPage[M]:
    """Rows by rising id, starting above `after`. Their ids come first, from an index that holds all that is asked for:
    for whole rows PostgreSQL walks the primary key, and meets half a million rows of others when few are left."""
    ids = list(query.filter(pk__gt=after).order_by("pk").values_list("pk", flat=True)[: size + 1])
    found = list(query.filter(pk__in=ids).order_by("pk")) if ids else []
    return _page(found, size, not after)


def by_rank(query: QuerySet[M], ranks: Sequence[Q], after: str, size: int = PAGE) -> ListPage[M]:
    """Rows of the first condition, then of the second, and so on, by id within each; a position reads `rank.id`.

    One short query per rank that is not empty: sorting a hundred thousand rows for fifty of them would take longer.
    """
    start, _dot, last = after.partition(".")
    known = start.isdigit() and last.isdigit() and int(start) < len(ranks) and len(last) < 19
    first = int(start) if known else 0
    found: list[tuple[int, M]] = []
    for rank in range(first, len(ranks)):
        rows = query.filter(ranks[rank])
        if known and rank == first:
            rows = rows.filter(pk__gt=int(last))
        found += [(rank, row) for row in rows.order_by("pk")[: size + 1 - len(found)]]
        if len(found) > size:
            break
    following = f"{found[size - 1][0]}.{found[size - 1][1].pk}" if len(found) > size else ""
    return ListPage([row for _rank, row in found[:size]], following, not known)


def _page(found: list[M], size: int, first: bool) -> ListPage[M]:
    return ListPage(found[:size], str(found[size - 1].pk) if len(found) > size else "", first)


def number(request: HttpRequest, name: str) -> int:
    """A whole number of the query string, 0 when absent or nonsense."""
    text = request.GET.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0


def ticked(request: HttpRequest, name: str = "pick") -> list[int]:
    """Ids of the rows that were ticked on a page."""
    found = request.POST.getlist(name)[:PAGE]
    return [int(pk) for pk in found if pk.isascii() and pk.isdigit() and len(pk) < 19]


def text(request: HttpRequest, name: str, limit: int = 100) -> str:
    """A text of the query string without NUL (which no database takes), shortened."""
    return request.GET.get(name, "").replace("\x00", "").strip()[:limit]


def chosen(request: HttpRequest, name: str, offered: tuple[str, ...] | list[str], default: str) -> str:
    """One of the offered words of the query string."""
    value = request.GET.get(name, "")
    return value if value in offered else default
