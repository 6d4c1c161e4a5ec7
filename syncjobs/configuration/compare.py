"""What would change here if a configuration were taken over, entry by entry, and what cannot, with the reason. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from syncjobs.configuration.document import Document, Flat, Path, digest
from syncjobs.configuration.names import Names
from syncjobs.configuration.schema import CHARGE_KINDS, SECTIONS, Slot, slot_of

Problem = tuple[str, dict[str, Any]]
"""Code and its parameters; the panel has the sentence."""

REMOVABLE = frozenset(
    ("links", "choices", "payment_kinds", "stages", "payments", "deliveries", "taxes", "charges", "rates", "rests")
)
"""Tables whose entries may be removed: mappings, rules of orders, hours of the way back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Offered:
    """What both sides can do with one kind here."""

    incremental: bool = False
    criteria: frozenset[str] = frozenset()
    linked: frozenset[str] = frozenset()
    owners: Mapping[str, frozenset[str]] = field(default_factory=dict)
    export: bool = False
    imports: bool = False
    delete: bool = False
    erp_gone: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """All that decides what can be taken over by one connection."""

    has_erp: bool = False
    linked: bool = False
    """Elements of this client are linked: the identity key stands."""
    orders: bool = False
    webhooks: bool = False
    reachable: bool = False
    kinds: Mapping[str, Offered] = field(default_factory=dict)
    settings: Mapping[str, frozenset[Any] | None] = field(default_factory=dict)
    """Settings of the platform; None: any text."""
    names: Mapping[str, Names] = field(default_factory=dict)
    percents: Mapping[str, str | None] = field(default_factory=dict)
    """Percent of each VAT code."""
    missing: tuple[str, ...] = ()
    """What orders still need before they can be switched on."""

    def dictionary(self, name: str) -> Names:
        return self.names.get(name, Names())


@dataclass(frozen=True, slots=True)
class Row:
    """One entry that differs. `path` and `new` in the words of this side where it has them."""

    path: Path
    old: Any
    new: Any
    problem: Problem | None = None


@dataclass(frozen=True, slots=True)
class Section:
    name: str
    rows: tuple[Row, ...] = ()
    same: int = 0
    leftover: tuple[Row, ...] = ()
    """Entries of tables that only this side has: they stay, unless a person ticks one to be removed."""
    problem: Problem | None = None
    """Why nothing of it can be taken over."""

    @property
    def only_here(self) -> int:
        return len(self.leftover)

    @property
    def removable(self) -> tuple[Row, ...]:
        """Those whose absence means something: what they map waits for a person again, or is told at once."""
        return tuple(row for row in self.leftover if row.path[0] in REMOVABLE)

    @property
    def changes(self) -> tuple[Row, ...]:
        return tuple(row for row in self.rows if row.problem is None)

    @property
    def refused(self) -> tuple[Row, ...]:
        return tuple(row for row in self.rows if row.problem is not None)


def compare(present: Flat, wanted: Document, ground: Ground) -> tuple[Section, ...]:
    """The sections that the document speaks of, in the order of the page."""
    by_section: dict[str, list[tuple[Path, Any]]] = {}
    for (section, path), value in wanted.entries.items():
        by_section.setdefault(section, []).append((path, value))
    return tuple(_section(name, by_section[name], present, ground) for name in SECTIONS if name in by_section)


def _section(name: str, entries: list[tuple[Path, Any]], present: Flat, ground: Ground) -> Section:
    problem = _not_here(name, ground)
    if problem is not None:
        return Section(name, problem=problem)
    rows, same, seen = [], 0, set()
    for path, value in entries:
        row = _row(name, path, value, present, ground)
        seen.add(row.path)
        if row.problem is None and row.old == row.new:
            same += 1
        else:
            rows.append(row)
    tables = {path[0] for path, _value in entries if len(path) > 1} - {"ways_back", "owners"}
    leftover = [
        Row(path, value, None)
        for (section, path), value in present.items()
        if section == name and path[0] in tables and path not in seen
    ]
    return Section(name, tuple(rows), same, tuple(leftover))


def _not_here(name: str, ground: Ground) -> Problem | None:
    kind = name.partition(".")[2]
    if name == "erp" or name.startswith(("kinds.", "mappings.")):
        if not ground.has_erp:
            return "no_erp", {}
        if kind and kind not in ground.kinds:
            return "kind_not_here", {"kind": kind}
    if name in ("orders", "policy", "documents", "order_mappings") and not ground.orders:
        return "no_orders", {}
    if name == "webhooks" and not ground.webhooks:
        return "no_webhooks", {}
    return None


def _row(section: str, path: Path, value: Any, present: Flat, ground: Ground) -> Row:
    if (section, path) in present and present[section, path] == value:
        return Row(path, value, value)
    slot = slot_of(section, path[0])
    assert slot is not None
    own_path, wrong = _own_path(slot, path, ground)
    own, wrong_value = _own_value(slot, value, ground)
    old = present.get((section, own_path))
    problem = wrong or wrong_value
    if problem is None and old != own:
        problem = _refused(section, own_path, own, ground)
    return Row(own_path, old, own, problem)


def _own_path(slot: Slot, path: Path, ground: Ground) -> tuple[Path, Problem | None]:
    found, problem = [path[0]], None
    for dictionary, word in zip(slot.path, path[1:], strict=True):
        own, wrong = _own(dictionary, word, ground)
        found.append(own)
        problem = problem or wrong
    return tuple(found), problem


def _own_value(slot: Slot, value: Any, ground: Ground) -> tuple[Any, Problem | None]:
    if slot.value and isinstance(value, list):
        pairs = [_own(slot.value, word, ground) for word in value]
        return [own for own, _wrong in pairs], next((wrong for _own, wrong in pairs if wrong), None)
    if slot.value:
        return _own(slot.value, value, ground)
    if not slot.parts:
        return value, None
    found, problem = dict(value), None
    for name, dictionary in slot.parts.items():
        found[name], wrong = _own(dictionary, value[name], ground)
        problem = problem or wrong
    return found, problem


def _own(dictionary: str, word: str, ground: Ground) -> tuple[str, Problem | None]:
    """The word as this side writes it."""
    if not dictionary or not word:
        return word, None
    names = ground.dictionary(dictionary)
    key = names.key(word)
    if key is not None:
        return names.word(key), None
    return word, ("unknown_word" if names.read else "unread", {"word": word, "dictionary": dictionary})


def _refused(section: str, path: Path, value: Any, ground: Ground) -> Problem | None:
    if section == "erp" and path[0] == "identity_key" and ground.linked:
        return "identity_fixed", {}
    if section == "platform_settings":
        return _of_platform(path[0], value, ground)
    if section.startswith("kinds."):
        return _of_kind(path, value, ground.kinds[section.removeprefix("kinds.")])
    if section == "order_mappings" and path[0] == "taxes" and not _percent(value, ground):
        return "no_percent", {"word": value}
    if section == "order_mappings" and path[0] == "charges" and path[1] not in CHARGE_KINDS:
        return "no_charge", {"word": path[1]}
    if section == "switches" and value:
        return _of_switch(path[0], ground)
    if section == "webhooks" and value and not ground.reachable:
        return "not_reachable", {}
    return None


def _percent(word: str, ground: Ground) -> str | None:
    key = ground.dictionary("vat_codes").key(word)
    return ground.percents.get(key) if key else None


def _of_platform(name: str, value: Any, ground: Ground) -> Problem | None:
    if name not in ground.settings:
        return "no_setting", {"name": name}
    allowed = ground.settings[name]
    fits = isinstance(value, str) if allowed is None else value in allowed
    return None if fits else ("not_offered", {})


def _of_kind(path: Path, value: Any, offered: Offered) -> Problem | None:
    possible: dict[str, bool] = {
        "fetch_all": bool(value) or offered.incremental,
        "criterion": value in offered.criteria,
        "linked": value in offered.linked,
        "erp_gone": value in offered.erp_gone,
        "import_unlinked": not value or offered.imports,
        "export_unlinked": not value or offered.export,
        "delete_unlinked": not value or offered.delete,
    }
    if path[0] == "owners":
        if path[1] not in offered.owners:
            return ("no_field", {"field": path[1]}) if value != "ignore" else ("no_field_ignored", {"field": path[1]})
        return None if value in offered.owners[path[1]] else ("owner_not_offered", {"field": path[1]})
    return None if possible.get(path[0], True) else ("not_offered", {})


def _of_switch(name: str, ground: Ground) -> Problem | None:
    if not ground.has_erp:
        return "no_erp", {}
    if not name.startswith("orders"):
        return None if name in ground.kinds else ("kind_not_here", {"kind": name})
    if not ground.orders:
        return "no_orders", {}
    return ("orders_not_ready", {"missing": list(ground.missing)}) if name == "orders" and ground.missing else None


def seal(sections: Iterable[Section]) -> str:
    """Of everything a person sees in a comparison: what is taken over is what was looked at, or nothing."""
    return digest(
        [
            [
                one.name,
                one.problem,
                [[row.path, row.old, row.new, row.problem] for row in (*one.rows, *one.leftover)],
            ]
            for one in sections
        ]
    )


def unapproved(changed: Mapping[str, tuple[Row, ...]]) -> frozenset[str]:
    """Kinds whose first plan needs a person's word again: by what rules or sends them a person never decided here."""
    kinds = set()
    for section, rows in changed.items():
        names = {row.path[0] for row in rows}
        if section.startswith("kinds.") and names - {"interval_minutes", "quiet_from", "quiet_to", "fetch_all"}:
            kinds.add(section.removeprefix("kinds."))
        if section in ("erp", "filter", "platform_settings") and rows:
            kinds |= {"product", "price", "stock"} if section == "erp" else {"product"}
        if section == "data":
            kinds |= {"price"} if names & {"price_type", "promotions"} else set()
            kinds |= {"stock"} if names & {"warehouses", "stock_formula", "stock_buffer"} else set()
            kinds |= {"product"} if "default_category" in names else set()
        if section == "platform_settings" and rows:
            kinds |= {"price", "stock"}
    return frozenset(kinds)
