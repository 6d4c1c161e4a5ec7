"""Axes of variants (product_options) and their values: looked up by name first, made if missing."""

from collections.abc import Hashable, Iterable, Mapping, Sequence

from integrator.canonical.errors import Rejected
from integrator.canonical.problems import Code
from integrator.canonical.text import fold
from shops.connectors.prestashop import bodies, mapping
from shops.connectors.prestashop.creating import Creating, Look, Making
from shops.connectors.prestashop.rest import OPTIONS, VALUES

Chosen = Sequence[tuple[str, str]]
"""(name of the option, its value) of one variant."""


class Options:
    """The shop's options, read once per session."""

    def __init__(self, creating: Creating) -> None:
        self.creating = creating
        self.rest = creating.rest
        self.facts = creating.writing.facts
        self._options: dict[str, str] | None = None
        self._values: dict[str, dict[str, str]] = {}

    def values(self, chosen: Iterable[Chosen]) -> dict[tuple[str, str], str]:
        """Ids of values by (folded option, folded value), all that are missing made with one call for the options and
        one for the values. Raises Rejected for a name that the shop refuses."""
        pairs = {(fold(option), fold(value)): (option, value) for one in chosen for option, value in one}
        options = self._all_options([option for option, _ in pairs.values()])
        missing = [pair for pair in pairs if pair[1] not in self._values_of(options[pair[0]])]
        makings = [
            Making(
                token=f"{option}\n{value}",
                natural=(options[option], value),
                fields=bodies.new_value(options[option], pairs[option, value][1], self.facts.languages),
            )
            for option, value in missing
        ]
        self._make("product_option_values", makings, self._look_for_values)
        for option in {options[option] for option, _ in missing}:
            self._values.pop(option, None)
        return {pair: self._values_of(options[pair[0]])[pair[1]] for pair in pairs}

    def _all_options(self, names: Sequence[str]) -> dict[str, str]:
        known = self._known()
        missing = {fold(name): name for name in names if fold(name) not in known}
        makings = [
            Making(token=folded, natural=folded, fields=bodies.new_option(name, self.facts.languages))
            for folded, name in missing.items()
        ]
        self._make("product_options", makings, self._look_for_options)
        if makings:
            self._options = None
        return self._known()

    def _make(self, resource: str, makings: Sequence[Making], look: Look) -> None:
        if not makings:
            return
        for result in self.creating.make(resource, makings, look).values():
            if result.error is not None:
                raise result.error

    def _known(self) -> dict[str, str]:
        """Folded name -> id; of several of one name the oldest."""
        if self._options is None:
            found: dict[str, str] = {}
            for row in self.rest.rows(OPTIONS):
                found.setdefault(fold(mapping.text(row, "name", self.facts.language)), str(row.get("id")))
            self._options = found
        return self._options

    def _values_of(self, option: str) -> dict[str, str]:
        if option not in self._values:
            found: dict[str, str] = {}
            for row in self.rest.rows(VALUES, {"id_attribute_group": f"[{option}]"}):
                found.setdefault(fold(mapping.text(row, "name", self.facts.language)), str(row.get("id")))
            self._values[option] = found
        return self._values[option]

    def _look_for_options(self, makings: Sequence[Making]) -> Mapping[Hashable, str]:
        self._options = None
        found: dict[Hashable, str] = {}
        found.update(self._known())
        return found

    def _look_for_values(self, makings: Sequence[Making]) -> Mapping[Hashable, str]:
        found: dict[Hashable, str] = {}
        for option in {one.natural[0] for one in makings if isinstance(one.natural, tuple)}:
            self._values.pop(str(option), None)
            found |= {(option, name): key for name, key in self._values_of(str(option)).items()}
        return found


def names_of(chosen: Iterable[Chosen]) -> tuple[str, ...]:
    """The names of options that all variants of a product share. Raises Rejected when they differ or are none."""
    sets = {tuple(fold(name) for name, _ in one): tuple(name for name, _ in one) for one in chosen}
    if len({frozenset(folded) for folded in sets}) != 1 or not next(iter(sets)):
        raise Rejected(Code.REJECTED, field="options", message="the variants of one product need the same options")
    return next(iter(sets.values()))
