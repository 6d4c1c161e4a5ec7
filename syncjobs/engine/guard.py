"""The brake: plans that are too large or too strange to run without a person's word."""

from dataclasses import dataclass, fields
from decimal import Decimal

from integrator.canonical.problems import Code
from integrator.canonical.records import Problem, problem


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What plans may do unasked. Shares are percents of the linked elements. A limit of a day counts what was written
    since midnight, or since a person last let a held plan go on, and the plan itself."""

    writes: int = 10_000
    deletes: int = 0
    """Deletes always wait for a person, unless this is raised."""
    share_changed: Decimal = Decimal(60)
    share_zeroed: Decimal = Decimal(20)
    share_deactivated: Decimal = Decimal(5)
    share_prices: Decimal = Decimal(50)
    """Products whose price changes."""
    price_jumps: int = 0
    """Prices that move by more than `price_jump_percent`."""
    price_jump_percent: Decimal = Decimal(50)
    small: int = 20
    """Shares are not looked at below so many changes: two of three products are no disaster."""
    writes_day: int = 50_000
    deletes_day: int = 50
    share_changed_day: Decimal = Decimal(90)
    share_zeroed_day: Decimal = Decimal(30)
    share_deactivated_day: Decimal = Decimal(10)
    share_prices_day: Decimal = Decimal(70)
    orders_day: int = 2_000
    """New orders written to WAPRO in a day; all others are received and decided, and wait."""
    two_people: bool = False
    """A plan that was held goes on only with the word of somebody else than whoever asked for it."""

    @classmethod
    def of(cls, overrides: dict[str, object]) -> "Limits":
        read = {"int": lambda value: int(str(value)), "bool": _yes, "Decimal": lambda value: Decimal(str(value))}
        known = {f.name: getattr(f.type, "__name__", str(f.type)) for f in fields(cls)}
        return cls(
            **{name: read[known[name]](value) for name, value in overrides.items() if name in known}  # type: ignore[arg-type]
        )


def _yes(value: object) -> bool:
    return str(value) in ("True", "true", "1")


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanCounts:
    """Of one plan, or of a day with the plan in it; then each element counts once."""

    linked: int = 0
    updates: int = 0
    creates: int = 0
    deletes: int = 0
    deactivations: int = 0
    zeroed: int = 0
    prices: int = 0
    price_jumps: int = 0
    writes: int | None = None
    """Of a day, of all kinds; of a plan it follows from the rest."""

    @property
    def all_writes(self) -> int:
        if self.writes is not None:
            return self.writes
        return self.updates + self.creates + self.deletes + self.deactivations


OF_DAY = {
    Code.TOO_MANY_WRITES: Code.WRITES_OF_DAY,
    Code.TOO_MANY_DELETES: Code.DELETES_OF_DAY,
    Code.TOO_MANY_HIDDEN: Code.HIDDEN_OF_DAY,
    Code.TOO_MANY_ZEROS: Code.ZEROS_OF_DAY,
    Code.TOO_MANY_PRICES: Code.PRICES_OF_DAY,
    Code.SHARE_TOO_LARGE: Code.SHARE_OF_DAY,
}


def objections(counts: PlanCounts, limits: Limits, day: PlanCounts | None = None) -> tuple[Problem, ...]:
    """Why the plan must wait for a person; empty when it may go on. `day`: what the day comes to with this plan, None:
    only the plan is looked at. What the plan breaks by itself is not told of the day again."""
    found = _of_plan(counts, limits)
    if day is not None:
        told = {one.code for one in found}
        found += [one for one in _of_day(day, limits) if not any(told_of(one, code) for code in told)]
    return tuple(found)


def told_of(of_day: Problem, code: str) -> bool:
    return OF_DAY.get(Code(code)) == of_day.code


def _of_plan(counts: PlanCounts, limits: Limits) -> list[Problem]:
    shares = (
        (Code.TOO_MANY_HIDDEN, counts.deactivations, limits.share_deactivated),
        (Code.TOO_MANY_ZEROS, counts.zeroed, limits.share_zeroed),
        (Code.TOO_MANY_PRICES, counts.prices, limits.share_prices),
        (Code.SHARE_TOO_LARGE, counts.updates, limits.share_changed),
    )
    found = []
    if counts.all_writes > limits.writes:
        found.append(problem(Code.TOO_MANY_WRITES, count=counts.all_writes, limit=limits.writes))
    if counts.deletes > limits.deletes:
        found.append(problem(Code.TOO_MANY_DELETES, count=counts.deletes, limit=limits.deletes))
    found += _shares(shares, counts.linked, limits.small)
    if counts.price_jumps > limits.price_jumps:
        percent = limits.price_jump_percent
        found.append(problem(Code.PRICE_JUMP, count=counts.price_jumps, limit=limits.price_jumps, percent=percent))
    return found


def _of_day(day: PlanCounts, limits: Limits) -> list[Problem]:
    shares = (
        (Code.HIDDEN_OF_DAY, day.deactivations, limits.share_deactivated_day),
        (Code.ZEROS_OF_DAY, day.zeroed, limits.share_zeroed_day),
        (Code.PRICES_OF_DAY, day.prices, limits.share_prices_day),
        (Code.SHARE_OF_DAY, day.updates, limits.share_changed_day),
    )
    found = []
    if day.all_writes > limits.writes_day:
        found.append(problem(Code.WRITES_OF_DAY, count=day.all_writes, limit=limits.writes_day))
    if day.deletes > max(limits.deletes_day, limits.deletes):
        found.append(problem(Code.DELETES_OF_DAY, count=day.deletes, limit=limits.deletes_day))
    return found + _shares(shares, day.linked, limits.small)


def _shares(rows: tuple[tuple[Code, int, Decimal], ...], total: int, small: int) -> list[Problem]:
    return [
        problem(code, count=count, total=total, limit=f"{percent}%")
        for code, count, percent in rows
        if count > small and count * 100 > total * percent
    ]


def is_price_jump(old: Decimal, new: Decimal, percent: Decimal) -> bool:
    return old > 0 and abs(new - old) * 100 > old * percent


def may_go_on(two_people: bool, asked: int | None, first: int | None, now: int) -> bool:
    """Whether the word of person `now` lets a held plan go on. Where two people are wanted, one of them may be whoever
    asked for the run (`asked`, None: the clock) or gave the first word (`first`), but nobody counts twice."""
    return not two_people or bool({asked, first} - {None, now})


MANY, FEW = 10, 3
"""Elements that a side held when it showed less."""


def incomplete_side(known: int, received: int) -> Problem | None:
    """A side that held elements and now shows none, or no more than half of them: nothing may be concluded from that.
    Of a few elements all must be gone; that one or two go at once is everyday."""
    if known >= MANY and received == 0:
        return problem(Code.SIDE_EMPTY, known=known)
    if (known >= MANY and received * 2 <= known) or (known >= FEW and received == 0):
        return problem(Code.FETCH_INCOMPLETE, known=known, received=received)
    return None
