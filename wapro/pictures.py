"""Pictures of items. WAPRO ties them to the catalogue index, so the cards of all warehouses share one set.

Their content is never read to tell whether it changed: the server takes the digest (SQL Server 2016 and newer hash any
length; our SQLite connection is given the same function).
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import BigIntegerField, CharField, Func, QuerySet

from integrator.canonical.kinds import Kind
from integrator.canonical.problems import Code
from integrator.canonical.records import Image, Key, problem
from integrator.canonical.side import ElementError, Keyed
from integrator.canonical.text import clean
from wapro.identity import Identity
from wapro.tables import Picture

INDEXES_PER_PAGE = 200
Made = tuple[list[Keyed], list[ElementError]]


class ContentDigest(Func):
    """SHA-256 of a binary column in lower-case hex, NULL of NULL."""

    output_field = CharField(max_length=64)
    arity = 1
    function = "wapro_sha256"

    def as_microsoft(self, compiler: Any, connection: Any) -> Any:
        template = "LOWER(CONVERT(varchar(64), HASHBYTES('SHA2_256', CAST(%(expressions)s AS varbinary(max))), 2))"
        return self.as_sql(compiler, connection, template=template)


class ContentSize(Func):
    """Bytes of a binary column, NULL of NULL."""

    output_field = BigIntegerField()
    arity = 1
    function = "LENGTH"

    def as_microsoft(self, compiler: Any, connection: Any) -> Any:
        return self.as_sql(compiler, connection, function="DATALENGTH")


@dataclass(slots=True)
class PictureRow:
    id: int
    index: str
    name: str | None
    is_default: int | None
    digest: str | None
    size: int | None

    @property
    def empty(self) -> bool:
        return not self.digest or not self.size


@dataclass(slots=True)
class _IndexedCard:
    id: int
    warehouse: int | None
    index: str
    guid: str | None
    state: int | None


class Pictures:
    def __init__(self, alias: str, identity: Identity) -> None:
        self._alias = alias
        self._identity = identity

    def all(self) -> QuerySet[Picture]:
        return Picture.objects.using(self._alias)

    def next_indexes(self, cursor: str | None, size: int) -> list[str]:
        """Up to `size` + 1 indexes that have pictures, after the cursor."""
        pictures = self.all() if cursor is None else self.all().filter(index__gt=cursor)
        return list(pictures.order_by("index").values_list("index", flat=True).distinct()[: size + 1])

    def between(self, cursor: str | None, upto: str | None) -> QuerySet[Picture]:
        pictures = self.all() if cursor is None else self.all().filter(index__gt=cursor)
        return pictures if upto is None else pictures.filter(index__lte=upto)

    def beside(self, ids: Sequence[int]) -> QuerySet[Picture]:
        """The pictures and all others of their indexes: a position is a place among these."""
        return self.all().filter(index__in=self.all().filter(pk__in=ids).values("index"))

    def records(self, source: QuerySet[Picture]) -> Made:
        """Images of whole indexes in two queries. A picture whose index no card has belongs to nothing: left out."""
        return self.gathered(source)[1]()

    def gathered(self, source: QuerySet[Picture]) -> tuple[list[object], Callable[[], Made]]:
        """The same in two halves: what was read, and what makes images of it."""
        owners = self._owners(source)
        read = source.order_by("index", "id").annotate(digest=ContentDigest("content"), size=ContentSize("content"))
        found = list(read.values_list("id", "index", "name", "is_default", "digest", "size"))

        def make() -> Made:
            items: list[Keyed] = []
            errors: list[ElementError] = []
            for rows in _by_index(PictureRow(*row) for row in found):
                owner = owners.get(_fold(rows[0].index))
                if owner is not None:
                    errors += (_missing(row) for row in rows if row.empty)
                    items += _images(owner, [row for row in rows if not row.empty])
            return items, errors

        return [found, list(owners.items())], make

    def _owners(self, source: QuerySet[Picture]) -> dict[str, Key]:
        """Product key by folded index."""
        cards = self._identity.cards().filter(index__in=source.order_by().values("index")).order_by("id")
        found: dict[str, list[_IndexedCard]] = {}
        for row in cards.values_list("id", "warehouse", "index", "guid", "state"):
            card = _IndexedCard(*row)
            found.setdefault(_fold(card.index), []).append(card)
        return {index: self._identity.key(self._identity.ordered(group)[0]) for index, group in found.items()}


def _fold(index: str) -> str:
    return index.strip().casefold()


def _by_index(rows: Iterable[PictureRow]) -> Iterable[list[PictureRow]]:
    found: dict[str, list[PictureRow]] = {}
    for row in rows:
        found.setdefault(_fold(row.index), []).append(row)
    return found.values()


def _images(owner: Key, rows: list[PictureRow]) -> list[Keyed]:
    """The main picture first, the others in the order they were added."""
    ordered = sorted(rows, key=lambda row: (not row.is_default, row.id))
    return [
        Keyed(
            key=str(row.id),
            kind=Kind.IMAGE,
            record=Image(
                name=clean(row.name or ""), position=place, product=owner, digest=row.digest or "", size=row.size or 0
            ),
        )
        for place, row in enumerate(ordered, start=1)
    ]


def _missing(row: PictureRow) -> ElementError:
    name = clean(row.name or "")
    return ElementError(
        key=str(row.id),
        kind=Kind.IMAGE,
        problem=problem(Code.PICTURE_MISSING, name=name),
        label=f"{row.index.strip()}: {name}",
        excerpt=f"ID_BLOBA={row.id}",
    )
