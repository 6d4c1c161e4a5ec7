"""What a side can do. The planner and the forms read this and nothing else decides what is offered."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import Flag, StrEnum, auto
from typing import Literal

from integrator.canonical.kinds import Kind


class Can(Flag):
    NOTHING = 0
    READ = auto()
    CREATE = auto()
    UPDATE = auto()
    DELETE = auto()
    DEACTIVATE = auto()
    INCREMENTAL = auto()
    """Has a real marker of change: "recent only" may be offered."""
    HAND_OVER = auto()
    """New elements are written to a file and a work list for a person instead of being created."""


class Find(StrEnum):
    """How far `Side.find` can be trusted after a lost answer of a create."""

    OWN_KEY = "own_key"
    NATURAL_KEY = "natural_key"
    LISTING = "listing"
    NEVER = "never"


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldSpec:
    """One field as the side takes it. `max_length` counts characters; the rest after `decimals` is rounded half up (of
    quantities: dropped)."""

    max_length: int | None = None
    decimals: int | None = None
    whole: bool = False
    """Numbers are floored to whole ones."""
    required: bool = False
    html: bool = False
    """Holds HTML which the side may rewrite (sanitise); compared as folded text without tags."""
    update: bool = True
    """May be changed on a linked element."""
    create: bool = True
    variant: bool = True
    """May be written on a variant; else only on a simple product."""
    refused: str = ""
    """Characters that the side does not take in this field: such an element waits for a person."""
    overlong: Literal["cut", "block"] = "block"
    """Text longer than `max_length`: is cut as the side itself cuts, or the element waits for a person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KindCapabilities:
    can: Can = Can.READ
    fields: Mapping[str, FieldSpec] = field(default_factory=dict)
    """Writable fields by canonical name. A canonical field that is missing here is read and shown, never written."""
    delivers: frozenset[Kind] = frozenset()
    """Further kinds that one fetch of this kind brings along completely."""
    create_needs: tuple[Kind, ...] = ()
    """Kinds (price, stock) whose fields a create must carry."""
    creates_variants: bool = False
    find: Find = Find.NEVER
    settles_in: timedelta = timedelta(0)
    answers_with_record: bool = False
    batch: int | None = None
    """Most rows of one write call of this kind, where it is not the side's `batch_size`."""
    remark: str = ""
    """English sentence (a gettext msgid) about what cannot be done here and where to do it instead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Capabilities:
    label: str
    kinds: Mapping[Kind, KindCapabilities]
    page_size: int = 100
    batch_size: int = 1
    """Most rows of one write call."""
    price_basis: Literal["net", "gross"] = "gross"
    fractions: bool = True
    """Whether stock may be a fraction."""
    languages: bool = False
    unlearnt: bool = False
    """What can be done depends on facts that nobody has asked the shop for yet: `Connector.learn` first."""

    def of(self, kind: Kind) -> KindCapabilities:
        return self.kinds.get(kind, KindCapabilities(can=Can.NOTHING))

    def batch_of(self, kind: Kind) -> int:
        return self.of(kind).batch or self.batch_size

    def can(self, kind: Kind, what: Can) -> bool:
        return what in self.of(kind).can
