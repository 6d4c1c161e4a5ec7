"""Who rules which data, asked by groups of fields instead of field by field. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from integrator.canonical.kinds import REFERENCE_KINDS, Kind
from syncjobs.engine.policy import Owner

Field = tuple[Kind, str]
MIXED = "mixed"
"""The fields of a group are ruled differently: left as they are."""
_PRODUCT = {
    "codes": ("code", "ean", "tax_rate", "unit", "weight"),
    "texts": ("name", "description", "short_description", "seo_title", "seo_description"),
    "places": ("category", "producer"),
    "visibility": ("active",),
}
GROUPS = ("stock", "prices", "codes", "texts", "places", "visibility", "images", "dictionaries", "other")


@dataclass(frozen=True, slots=True)
class Group:
    name: str
    fields: tuple[Field, ...]
    owners: tuple[Owner, ...]
    """Those that at least one field can have."""
    present: str
    """The owner of all of them, or MIXED."""


def group_of(kind: Kind, name: str) -> str:
    whole = {
        Kind.STOCK: "stock",
        Kind.PRICE: "prices",
        Kind.IMAGE: "images",
        **dict.fromkeys(REFERENCE_KINDS, "dictionaries"),
    }
    if kind in whole:
        return whole[kind]
    return next((group for group, names in _PRODUCT.items() if name in names), "other")


def groups(
    offered: Mapping[Kind, Mapping[str, Sequence[Owner]]], present: Mapping[Kind, Mapping[str, str]]
) -> list[Group]:
    """The groups that have a field somebody may rule. `offered`: kind -> field -> owners it can have."""
    fields: dict[str, list[Field]] = {}
    for kind, names in offered.items():
        for name in names:
            fields.setdefault(group_of(kind, name), []).append((kind, name))
    found = []
    for group in GROUPS:
        if group in fields:
            mine = fields[group]
            can = {owner for kind, name in mine for owner in offered[kind][name]}
            now = {present.get(kind, {}).get(name, str(Owner.IGNORE)) for kind, name in mine}
            owners = tuple(owner for owner in Owner if owner in can)
            found.append(Group(group, tuple(mine), owners, now.pop() if len(now) == 1 else MIXED))
    return found


def ruled(
    group: Group, owner: Owner, offered: Mapping[Kind, Mapping[str, Sequence[Owner]]]
) -> dict[Kind, dict[str, str]]:
    """Owners of the group's fields once it is ruled so. A field that cannot be is left alone."""
    found: dict[Kind, dict[str, str]] = {}
    for kind, name in group.fields:
        possible = owner if owner in offered[kind][name] else Owner.IGNORE
        found.setdefault(kind, {})[name] = str(possible)
    return found
