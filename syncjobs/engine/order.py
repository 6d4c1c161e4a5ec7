"""In which order kinds go, and which gates are open (rules 1-3 of the synchronisation)."""

from collections.abc import Collection, Mapping

from integrator.canonical.kinds import GATES, SYNC_KINDS, Kind


def in_order(kinds: Collection[Kind]) -> tuple[Kind, ...]:
    """Those kinds that have steps of their own, so that each comes after what it depends on."""
    return tuple(kind for kind in SYNC_KINDS if kind in kinds)


def closed_by(kind: Kind, ended_well: Mapping[Kind, bool | None], offered: Collection[Kind]) -> tuple[Kind, ...]:
    """Kinds that hold the gate of `kind` closed, none when it is open.

    `ended_well` tells of the latest run of each kind whether it ended with no error; None or absent: it never ran,
    which closes the gate too. A kind that the platform does not have counts as passed.
    """
    return tuple(needed for needed in GATES.get(kind, ()) if needed in offered and not ended_well.get(needed))


def dependents(kind: Kind) -> tuple[Kind, ...]:
    """Kinds whose gate looks at this one."""
    return tuple(other for other, needed in GATES.items() if kind in needed)


def held_up_by(kind: Kind) -> tuple[Kind, ...]:
    """Kinds that cannot run while this one has errors, near and far: images wait for products, products for units."""
    found = {kind}
    while more := {other for one in found for other in dependents(one)} - found:
        found |= more
    return in_order(found - {kind})
