"""The inverse of what a run wrote, element by element: what can be taken back, how, and why not. Pure.

Only values that still stand as the run wrote them are taken back; whatever was changed since is left and told.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from integrator.canonical.capabilities import Can, FieldSpec, KindCapabilities
from integrator.canonical.kinds import REFERENCE_FIELDS
from integrator.canonical.problems import Code
from integrator.canonical.records import Fields, FieldValue, Problem, problem
from syncjobs.engine.plan import FieldChange
from syncjobs.engine.policy import ErpGone, writable
from syncjobs.engine.projection import same


class Wrote(StrEnum):
    """What a run did to an element of the destination."""

    UPDATED = "updated"
    CREATED = "created"
    DELETED = "deleted"
    HIDDEN = "hidden"


class Way(StrEnum):
    """How an element is brought back."""

    RESTORE = "restore"
    DELETE = "delete"
    HIDE = "hide"
    CREATE = "create"
    NOTHING = "nothing"
    """It is as it was before the run already, or what is left cannot be taken back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """One write of a run, as it is stored. `kept`: what the destination made of the sent values, where that is known to
    be something else. `gone`: a deleted element's fields as they were last seen, with those that its creation must
    carry; None where they are not known. `obstacles`: what the caller knows to stand against making it again."""

    wrote: Wrote
    fields: tuple[FieldChange, ...] = ()
    kept: Fields = field(default_factory=dict)
    variant: bool = False
    gone: Fields | None = None
    obstacles: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """What is not taken back and why: a field, or the element as a whole (no field)."""

    problem: Problem
    field: FieldChange | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Inverse:
    """`fields`: to write, `old` as the destination shows it now. Of a deletion they are what must still stand there."""

    way: Way
    fields: tuple[FieldChange, ...] = ()
    left: tuple[Left, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What the destination can do with this kind, and what the client wants to become of elements that have no business
    in the shop. `needs`: fields of other kinds that a creation must carry."""

    can: KindCapabilities
    wish: ErpGone = ErpGone.DEACTIVATE
    needs: Mapping[str, FieldSpec] = field(default_factory=dict)


def inverse(written: Written, now: Fields | None, ground: Ground) -> Inverse:
    """How one write is taken back, from the destination's present fields (None: the element is not there)."""
    return _INVERSES[written.wrote](written, now, ground)


def _updated(written: Written, now: Fields | None, ground: Ground) -> Inverse:
    if now is None:
        return _left(problem(Code.UNDO_GONE))
    back: list[FieldChange] = []
    left: list[Left] = []
    for change in written.fields:
        spec = ground.can.fields.get(change.name)
        present = now.get(change.name)
        if same(change.name, change.old, present, spec):
            continue
        restored = FieldChange(name=change.name, old=present, new=change.old)
        against = _against(change, present, written, ground)
        if against is None:
            back.append(restored)
        else:
            left.append(Left(problem=against, field=restored))
    return Inverse(way=Way.RESTORE if back else Way.NOTHING, fields=tuple(back), left=tuple(left))


def _against(change: FieldChange, present: FieldValue, written: Written, ground: Ground) -> Problem | None:
    """Why a field is not set back, None when it can be."""
    spec = ground.can.fields.get(change.name)
    if not _stands(change, present, written, spec):
        return problem(Code.UNDO_CHANGED_SINCE, field=change.name, value=_plain(present))
    if not _writable(change.name, written.variant, ground):
        return problem(Code.UNDO_NOT_WRITABLE, field=change.name)
    if spec is not None and spec.required and change.old in (None, "", []):
        return problem(Code.UNDO_WAS_EMPTY, field=change.name)
    return None


def _stands(change: FieldChange, present: FieldValue, written: Written, spec: FieldSpec | None) -> bool:
    """Whether the field still holds what the run wrote, or what the destination made of it then."""
    kept = written.kept.get(change.name, change.new)
    return same(change.name, change.new, present, spec) or same(change.name, kept, present, spec)


def _writable(name: str, variant: bool, ground: Ground) -> bool:
    spec = ground.can.fields.get(name)
    return writable(name, ground.can) and (not variant or spec is None or spec.variant)


def _created(written: Written, now: Fields | None, ground: Ground) -> Inverse:
    if now is None:
        return Inverse(way=Way.NOTHING)
    way = removal(ground)
    if way is Way.HIDE:
        if now.get("active") is False:
            return Inverse(way=Way.NOTHING)
        return Inverse(way=Way.HIDE, fields=(FieldChange(name="active", old=now.get("active"), new=False),))
    if way is not Way.DELETE:
        return _left(_stays(ground))
    specs = ground.can.fields
    known = [change for change in written.fields if change.name in now]
    for change in known:
        if not _stands(change, now[change.name], written, specs.get(change.name)):
            return _left(problem(Code.UNDO_MADE_CHANGED, field=change.name, value=_plain(now[change.name])))
    added = _added(known, now, ground)
    if added:
        return _left(problem(Code.UNDO_MADE_CHANGED, field=added, value=_plain(now[added])))
    guards = tuple(FieldChange(name=change.name, old=now[change.name], new=None) for change in known)
    return Inverse(way=Way.DELETE, fields=guards)


def _added(known: list[FieldChange], now: Fields, ground: Ground) -> str:
    """A text that the run did not write and that stands there: somebody has worked on the element since. References are
    left out, since shops fill them in by themselves."""
    written = {change.name for change in known}
    texts = (name for name in ground.can.fields if name not in written and name not in REFERENCE_FIELDS)
    return next((name for name in texts if isinstance(now.get(name), str) and now[name]), "")


def removal(ground: Ground) -> Way:
    """What becomes of an element that the run made: the client's wish, as far as the destination can; NOTHING: it
    stays."""
    if ground.wish is ErpGone.LEAVE:
        return Way.NOTHING
    if ground.wish is ErpGone.DELETE and Can.DELETE in ground.can.can:
        return Way.DELETE
    return Way.HIDE if Can.DEACTIVATE in ground.can.can else Way.NOTHING


def _stays(ground: Ground) -> Problem:
    by_options = ground.wish is ErpGone.LEAVE or Can.DELETE in ground.can.can
    return problem(Code.UNDO_STAYS_BY_OPTIONS if by_options else Code.UNDO_STAYS)


def _hidden(written: Written, now: Fields | None, ground: Ground) -> Inverse:
    if now is None:
        return _left(problem(Code.UNDO_GONE))
    if now.get("active") is not False:
        return Inverse(way=Way.NOTHING)
    change = FieldChange(name="active", old=False, new=True)
    if not _writable("active", written.variant, ground):
        return _left(problem(Code.UNDO_NOT_WRITABLE, field="active"), change)
    return Inverse(way=Way.RESTORE, fields=(change,))


def _deleted(written: Written, now: Fields | None, ground: Ground) -> Inverse:
    """Made again where everything is known that making it takes. It gets another key."""
    if now is not None:
        return Inverse(way=Way.NOTHING)
    if Can.CREATE not in ground.can.can:
        return _left(problem(Code.UNDO_NOT_MADE_AGAIN))
    if written.gone is None:
        return _left(problem(Code.UNDO_RECORD_UNKNOWN))
    if written.variant:
        return _left(problem(Code.UNDO_VARIANT))
    if written.obstacles:
        return _left(written.obstacles[0])
    specs = {name: spec for name, spec in ground.can.fields.items() if spec.create} | dict(ground.needs)
    for name, spec in specs.items():
        if (spec.required or name in ground.needs) and written.gone.get(name) in (None, "", []):
            return _left(problem(Code.UNDO_PART_UNKNOWN, field=name))
    made = [FieldChange(name=name, old=None, new=written.gone[name]) for name in specs if name in written.gone]
    return Inverse(way=Way.CREATE, fields=tuple(made))


def _left(why: Problem, change: FieldChange | None = None) -> Inverse:
    return Inverse(way=Way.NOTHING, left=(Left(problem=why, field=change),))


def _plain(value: FieldValue) -> str:
    """A value as a sentence can hold it; longer ones are shortened."""
    text = " / ".join(value) if isinstance(value, list) else "" if value is None else str(value)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


LONGEST = 60
_INVERSES = {Wrote.UPDATED: _updated, Wrote.CREATED: _created, Wrote.HIDDEN: _hidden, Wrote.DELETED: _deleted}


class Outlook(StrEnum):
    """How far a write could be taken back, told before it is made."""

    WHOLE = "whole"
    PARTLY = "partly"
    NOT = "not"


def outlook(wrote: Wrote, ground: Ground) -> Outlook:
    """Whether writes of this sort could be taken back later, as far as the destination's capabilities tell."""
    if wrote is Wrote.UPDATED:
        return Outlook.WHOLE
    if wrote is Wrote.HIDDEN:
        return Outlook.WHOLE if writable("active", ground.can) else Outlook.NOT
    if wrote is Wrote.DELETED:
        return Outlook.PARTLY if Can.CREATE in ground.can.can else Outlook.NOT
    return {Way.DELETE: Outlook.WHOLE, Way.HIDE: Outlook.PARTLY}.get(removal(ground), Outlook.NOT)


def together(outlooks: Iterable[Outlook]) -> Outlook | None:
    """Of several sorts at once; None of none."""
    found = set(outlooks)
    if not found:
        return None
    return found.pop() if len(found) == 1 else Outlook.PARTLY
