"""Changes to cards of WAPRO Mag. Not a procedure of the vendor: off by default, and meant to be tried on a copy first.

Each row is one short transaction of its own. An application lock keeps two of our workers apart; a card that somebody
has open is left alone; the old values stand in the WHERE of every UPDATE, so what changed in between is never
overwritten. Stock and reservations are never touched.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db import connections, transaction
from django.db.models import Q

from integrator.canonical.capabilities import FieldSpec
from integrator.canonical.errors import Gone, IntegrationError, Locked, Rejected
from integrator.canonical.kinds import Kind
from integrator.canonical.problems import Code
from integrator.canonical.records import Fields, FieldValue, fields_of, plain_number
from integrator.canonical.rounding import to_places
from integrator.canonical.side import Patch, Result
from integrator.canonical.text import clean
from wapro.cards import full_name, kilograms
from wapro.database import LOCK_MILLISECONDS
from wapro.errors import canonical_errors
from wapro.reader import Reader
from wapro.tables import Article, ProgramUser
from wapro.texts import fitting

NAME_PART = 40
NAME_LENGTH = 2 * NAME_PART
"""NAZWA and NAZWA2 together."""

FREE = (Q(editor__isnull=True) | Q(editor=0)) & (Q(state__isnull=True) | Q(state=0))
"""Nobody edits the row, and it is not still being made."""


@dataclass(slots=True)
class WritableCard:
    """Columns of ARTYKUL a change looks at."""

    id: int
    warehouse: int | None
    index: str
    guid: str | None
    state: int | None
    editor: int | None
    name: str
    name2: str | None
    name_full: str | None
    description: str | None
    ean: str | None
    weight: Decimal | None
    weight_unit: str | None


def update(reader: Reader, specs: Mapping[str, FieldSpec], patch: Patch) -> Result:
    """Write named fields on all cards of the element, or on none.

    Errors come back in the result: Locked while a card is being edited, Rejected(STALE) when an old value no longer
    stands, Rejected(CARDS_DISAGREE) when another warehouse's card holds a third value, Gone.
    """
    try:
        _refuse_unwritable(specs, patch.fields)
        columns = columns_of(patch.fields)
        with canonical_errors(write=True), transaction.atomic(using=reader.alias):
            lock(reader.alias, f"integrator:card:{reader.identity.fold(patch.key)}")
            _change(reader, patch, columns)
        kept = reader.read(Kind.PRODUCT, [patch.key]).items
    except IntegrationError as error:
        return Result(token=patch.key, error=error)
    return Result(token=patch.key, key=patch.key, record=kept[0].record if kept else None)


def _refuse_unwritable(specs: Mapping[str, FieldSpec], wanted: Iterable[str]) -> None:
    for name in wanted:
        if name not in specs or not specs[name].update:
            raise Rejected(Code.CANNOT_UPDATE, field=name, system="WAPRO Mag")


def _change(reader: Reader, patch: Patch, columns: Mapping[str, Mapping[str, Any]]) -> None:
    current = reader.read(Kind.PRODUCT, [patch.key]).items
    names = [field.name for field in fields(WritableCard)]
    cards = [WritableCard(*row) for row in reader.identity.having([patch.key]).order_by("id").values_list(*names)]
    if not current or not cards:
        raise Gone(kind=Kind.PRODUCT, key=patch.key)
    _refuse_edited(reader.alias, cards)
    now = fields_of(current[0].record)
    for name, old in patch.old.items():
        # A change sent a second time after a lost answer finds its own value there.
        if name in patch.fields and not _same(now.get(name), old) and not _same(now.get(name), patch.fields[name]):
            raise Rejected(Code.STALE, field=name)
    _refuse_taken_ean(reader, cards, patch.fields)
    for card in cards:
        _refuse_third_value(card, patch.fields, now)
        _write_card(reader.alias, card, columns)


def _refuse_edited(alias: str, cards: Iterable[WritableCard]) -> None:
    for card in cards:
        if card.editor or card.state:
            user = ProgramUser.objects.using(alias).filter(pk=card.editor or 0).values_list("name", flat=True).first()
            raise Locked(Code.CARD_BEING_EDITED, **({"user": user} if user else {}), warehouse=card.warehouse)


def _refuse_taken_ean(reader: Reader, cards: list[WritableCard], wanted: Fields) -> None:
    ean = wanted.get("ean")
    if not ean:
        return
    own = [card.id for card in cards]
    if Article.objects.using(reader.alias).filter(ean=str(ean)).exclude(pk__in=own).exists():
        raise Rejected(Code.DUPLICATE_EAN, field="ean", value=ean)


def _refuse_third_value(card: WritableCard, wanted: Fields, now: Fields) -> None:
    """Another warehouse's card may hold the old value, the new one or nothing. Anything else was meant to be so."""
    held = held_by(card)
    for name, value in wanted.items():
        if held[name] not in (None, "") and not _same(held[name], now.get(name)) and not _same(held[name], value):
            raise Rejected(Code.CARDS_DISAGREE, field=name, value=f"{held[name]} ({card.warehouse})")


def _write_card(alias: str, card: WritableCard, columns: Mapping[str, Mapping[str, Any]]) -> None:
    values = {column: value for parts in columns.values() for column, value in parts.items()}
    read = {column: getattr(card, column) for column in values}
    stands = {column: value for column, value in read.items() if value is not None}
    stands |= {f"{column}__isnull": True for column, value in read.items() if value is None}
    if not Article.objects.using(alias).filter(FREE, pk=card.id, **stands).update(**values):
        raise Locked(Code.CARD_BEING_EDITED, warehouse=card.warehouse)


def held_by(card: WritableCard) -> Fields:
    """The writable fields as one card holds them."""
    weight, _ = kilograms(card)
    return {
        "name": full_name(card),
        "description": clean(card.description or ""),
        "ean": (card.ean or "").strip(),
        "weight": None if weight is None else plain_number(weight),
    }


def _same(left: FieldValue, right: FieldValue) -> bool:
    if left in (None, "") or right in (None, ""):
        return left in (None, "") and right in (None, "")
    if left == right:
        return True
    try:
        return Decimal(str(left)) == Decimal(str(right))
    except InvalidOperation:
        return False


def columns_of(wanted: Fields) -> dict[str, dict[str, Any]]:
    """The columns of each field, checked for length and characters. Raises Rejected."""
    made: dict[str, dict[str, Any]] = {}
    for name, value in wanted.items():
        if name == "name":
            first, second = split_name(fitting("name", value, NAME_LENGTH))
            made[name] = {"name": first, "name2": second, "name_full": fitting("name", value, NAME_LENGTH)}
        elif name == "description":
            made[name] = {"description": fitting(name, value, 1000)}
        elif name == "ean":
            made[name] = {"ean": fitting(name, value, 20)}
        elif name == "weight":
            made[name] = _weight(value)
        else:
            raise Rejected(Code.CANNOT_UPDATE, field=name, system="WAPRO Mag")
    return made


def _weight(value: FieldValue) -> dict[str, Any]:
    if value in (None, ""):
        return {"weight": Decimal(0), "weight_unit": "kg"}
    try:
        return {"weight": to_places(Decimal(str(value)), 3), "weight_unit": "kg"}
    except InvalidOperation:
        raise Rejected(Code.FIELD_UNREADABLE, field="weight", value=value) from None


def split_name(name: str) -> tuple[str, str]:
    """The two parts in which the program keeps a name: at the last space that leaves both within 40 characters, else
    hard at 40. The full name is kept beside them."""
    if len(name) <= NAME_PART:
        return name, ""
    cut = name.rfind(" ", len(name) - NAME_PART - 1, NAME_PART + 1)
    if cut > 0:
        return name[:cut], name[cut + 1 :]
    return name[:NAME_PART], name[NAME_PART:]


LOCK_BATCH = """SET NOCOUNT ON;
DECLARE @here int, @rc int;
SELECT TOP (1) @here = 1 FROM dbo.WAPRODB;
EXEC @rc = sp_getapplock @Resource = %s, @LockMode = 'Exclusive', @LockOwner = 'Transaction', @LockTimeout = %s;
SELECT @rc AS rc, @@TRANCOUNT AS depth;"""
"""The SELECT from a table opens the implicit transaction that owns the lock."""


def lock(alias: str, resource: str) -> None:
    """Hold `resource` until the transaction ends, so that two of our workers never write one element at once. Raises
    Locked. SQLite needs none: a writing transaction there has the whole file."""
    if connections[alias].vendor != "microsoft":
        return
    with connections[alias].cursor() as cursor:
        cursor.execute(LOCK_BATCH, [resource[:255], LOCK_MILLISECONDS])
        code, depth = cursor.fetchone()
    if code < 0 or depth < 1:
        raise Locked(Code.LOCKED, detail=f"sp_getapplock {code}, transactions {depth}")
