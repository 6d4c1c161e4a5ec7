"""The brake: plans that are too large or too strange to run without a person's word."""

from dataclasses import dataclass, fields
from decimal import Decimal

from integrator.canonical.problems import Code
from integrator.canonical.records import Problem, problem


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a plan may do unasked. Shares are percents of the linked elements."""

    deletes: int = 0
    """Deletes always wait for a person, unless this is raised."""
    share_changed: Decimal = Decimal(60)
    share_zeroed: Decimal = Decimal(20)
    share_deactivated: Decimal = Decimal(5)
    price_jumps: int = 0
    """Prices that move by more than `price_jump_percent`."""
    price_jump_percent: Decimal = Decimal(50)
    small: int = 20
    """Shares are not looked at below so many changes: two of three products are no disaster."""

    @classmethod
    def of(cls, overrides: dict[str, object]) -> "Limits":
        known = {f.name: f.type for f in fields(cls)}
        return cls(
            **{  # type: ignore[arg-type]
                name: int(str(value)) if known[name] in (int, "int") else Decimal(str(value))
                for name, value in overrides.items()
                if name in known
            }
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanCounts:
    linked: int = 0
    updates: int = 0
    creates: int = 0
    deletes: int = 0
    deactivations: int = 0
    zeroed: int = 0
    price_jumps: int = 0


def objections(counts: PlanCounts, limits: Limits) -> tuple[Problem, ...]:
    """Why the plan must wait for a person; empty when it may go on."""
    found = []
    if counts.deletes > limits.deletes:
        found.append(problem(Code.TOO_MANY_DELETES, count=counts.deletes, limit=limits.deletes))
    if _too_large(counts.deactivations, counts.linked, limits.share_deactivated, limits.small):
        found.append(_share(Code.TOO_MANY_HIDDEN, counts.deactivations, counts.linked, limits.share_deactivated))
    if _too_large(counts.zeroed, counts.linked, limits.share_zeroed, limits.small):
        found.append(_share(Code.TOO_MANY_ZEROS, counts.zeroed, counts.linked, limits.share_zeroed))
    if counts.price_jumps > limits.price_jumps:
        percent = limits.price_jump_percent
        found.append(problem(Code.PRICE_JUMP, count=counts.price_jumps, limit=limits.price_jumps, percent=percent))
    if _too_large(counts.updates, counts.linked, limits.share_changed, limits.small):
        found.append(_share(Code.SHARE_TOO_LARGE, counts.updates, counts.linked, limits.share_changed))
    return tuple(found)


def _too_large(count: int, total: int, percent: Decimal, small: int) -> bool:
    return count > small and count * 100 > total * percent


def _share(code: Code, count: int, total: int, limit: Decimal) -> Problem:
    return problem(code, count=count, total=total, limit=f"{limit}%")


def is_price_jump(old: Decimal, new: Decimal, percent: Decimal) -> bool:
    return old > 0 and abs(new - old) * 100 > old * percent


def incomplete_side(known: int, received: int) -> Problem | None:
    """A side that held elements and now shows none, or less than half of them: nothing may be concluded from that."""
    if known >= 10 and received == 0:
        return problem(Code.SIDE_EMPTY, known=known)
    if known >= 10 and received * 2 < known:
        return problem(Code.FETCH_INCOMPLETE, known=known, received=received)
    return None
