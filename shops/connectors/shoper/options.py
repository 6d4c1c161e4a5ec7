"""Groups of options and their values: what tells the variants of a product apart. Looked up first, made if missing."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from integrator.canonical.errors import OutcomeUnknown, Rejected
from integrator.canonical.problems import Code
from integrator.canonical.text import fold
from shops.connectors.shoper.facts import Facts
from shops.connectors.shoper.mapping import translation
from shops.connectors.shoper.rest import Operation, Rest, Row, new_id, row_id

Chosen = Sequence[tuple[str, str]]
"""(name of the option, its value) of one variant."""


@dataclass
class OptionGroup:
    """A group and its options that make variants: folded name -> id."""

    id: int
    name: str = ""
    options: dict[str, int] = field(default_factory=dict)

    def has(self, names: Iterable[str]) -> bool:
        return all(fold(name) in self.options for name in names)


class Options:
    """The shop's groups of options, read once per session."""

    def __init__(self, rest: Rest, facts: Facts) -> None:
        self.rest = rest
        self.facts = facts
        self._groups: dict[int, OptionGroup] | None = None
        self._values: dict[int, dict[str, int]] = {}

    def group(self, group_id: int) -> OptionGroup | None:
        return self._all().get(group_id)

    def fitting(self, names: Sequence[str]) -> OptionGroup:
        """The group whose options are exactly these, made if there is none.

        One that an earlier attempt left unfinished, known by its name, is completed.
        """
        wanted = {fold(name) for name in names}
        groups = self._all().values()
        for group in groups:
            if set(group.options) == wanted:
                return group
        title = ", ".join(names)
        begun = (one for one in groups if fold(one.name) == fold(title) and set(one.options) < wanted)
        return self._complete(next(begun, None) or self._make_group(title), names)

    def pairs(self, group: OptionGroup, chosen: Chosen) -> dict[int, int]:
        """Option id -> value id of a variant; values that are missing are made. Raises Rejected, OutcomeUnknown."""
        found: dict[int, int] = {}
        for name, value in chosen:
            option_id = group.options[fold(name)]
            values = self._values_of(option_id)
            if fold(value) not in values:
                values[fold(value)] = self._make(
                    "option-values",
                    {"option_id": option_id, "translations": {self.facts.language: {"value": value}}},
                )
            found[option_id] = values[fold(value)]
        return found

    def _all(self) -> dict[int, OptionGroup]:
        if self._groups is None:
            found = {row_id(row, "group_id"): row for row in self.rest.rows("option-groups")}
            self._groups = {
                one: OptionGroup(one, str(translation(row, self.facts.language).get("name", "")))
                for one, row in found.items()
                if one is not None
            }
            for row in self.rest.rows("options"):
                self._place(row)
        return self._groups

    def _place(self, row: Row) -> None:
        group_id, option_id = row_id(row, "group_id"), row_id(row, "option_id")
        group = (self._groups or {}).get(group_id or 0)
        if group is not None and option_id is not None and str(row.get("stock", "1")) == "1":
            group.options[fold(str(translation(row, self.facts.language).get("name", "")))] = option_id

    def _values_of(self, option_id: int) -> dict[str, int]:
        if option_id not in self._values:
            values: dict[str, int] = {}
            for row in self.rest.rows("option-values", {"option_id": {"=": option_id}}):
                value_id = row_id(row, "ovalue_id")
                if value_id is not None and row_id(row, "option_id") == option_id:
                    values.setdefault(fold(str(translation(row, self.facts.language).get("value", ""))), value_id)
            self._values[option_id] = values
        return self._values[option_id]

    def _make_group(self, title: str) -> OptionGroup:
        made = self._make("option-groups", {"translations": {self.facts.language: {"name": title}}})
        group = OptionGroup(made, title)
        self._all()[made] = group
        return group

    def _complete(self, group: OptionGroup, names: Sequence[str]) -> OptionGroup:
        for place, name in enumerate(names, start=1):
            if fold(name) in group.options:
                continue
            body = {
                "group_id": group.id,
                "type": "select",
                "required": 1,
                "stock": 1,
                "order": place,
                "translations": {self.facts.language: {"name": name}},
            }
            group.options[fold(name)] = self._make("options", body)
        return group

    def _make(self, resource: str, body: Mapping[str, object]) -> int:
        outcome = self.rest.bulk([Operation(token="", method="POST", path=resource, body=body)])[0]
        if outcome.error is not None:
            raise outcome.error
        made = new_id(outcome.value)
        if made is None:
            raise OutcomeUnknown(Code.UNEXPECTED_ANSWER, excerpt=str(outcome.value)[:100])
        return made


def names_of(chosen: Iterable[Chosen]) -> tuple[str, ...]:
    """The names of options that all variants of a product share. Raises Rejected when they differ or are none."""
    sets = {tuple(fold(name) for name, _ in one): tuple(name for name, _ in one) for one in chosen}
    if len({frozenset(folded) for folded in sets}) != 1 or not next(iter(sets)):
        raise Rejected(Code.REJECTED, field="options", message="the variants of one product need the same options")
    return next(iter(sets.values()))
