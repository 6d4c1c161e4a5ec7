"""Making products with combinations: parents are looked up by their codes and made if missing, their options likewise,
and the new combinations of all of them go in one body."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass

from integrator.canonical.errors import IntegrationError, OutcomeUnknown, Rejected
from integrator.canonical.problems import Code
from integrator.canonical.side import NewElement, Result
from integrator.canonical.text import fold
from shops.connectors.prestashop import bodies, mapping
from shops.connectors.prestashop.creating import Making
from shops.connectors.prestashop.options import Options, names_of
from shops.connectors.prestashop.products import KNOWN_BY, Products
from shops.connectors.prestashop.rest import COMBINATIONS, Row, row_id

Values = frozenset[str]
"""Ids of option values: what tells the combinations of a product apart."""
Results = dict[str, Result]


@dataclass(slots=True)
class Group:
    """Rows of one call that share a parent."""

    code: str
    members: list[NewElement]
    parent: Row | None = None
    ours: bool = False
    """We made the parent in this call."""
    values: Mapping[tuple[str, str], str] | None = None
    """Ids of values by (folded option, folded value)."""

    @property
    def label(self) -> str:
        return self.members[0].group_name or self.code

    @property
    def parent_id(self) -> str:
        return "" if self.parent is None else str(row_id(self.parent))


class Variants:
    def __init__(self, products: Products) -> None:
        self.products = products
        self.creating = products.creating
        self.rest = products.rest
        self.facts = products.facts
        self.options = Options(products.creating)

    def create(self, rows: Sequence[NewElement]) -> list[Result]:
        """A result per row. Rows of one group code share a parent; a group that is refused does not hold up the others,
        what concerns the whole shop is raised.

        At most one write each for parents and combinations, and two for options, whatever the number of groups.
        """
        if not rows:
            return []
        results: Results = {}
        by_code: dict[str, Group] = {}
        for row in rows:
            by_code.setdefault(row.group_code, Group(row.group_code, [])).members.append(row)
        groups = self._each(list(by_code.values()), results, lambda group: names_of(r.options for r in group.members))
        there = self.products.by_code([group.code for group in groups]) if groups else {}
        groups = self._each(groups, results, lambda group: _take_parent(group, there.get(group.code, [])))
        groups = self._with_values(groups, results)
        groups = self._with_parents(groups, results)
        try:
            self._create_combinations(groups, results)
        except Rejected as error:
            for group in groups:
                _fail(group, error, results)
        self._take_back([group for group in groups if group.ours], results)
        return [results[row.token] for row in rows]

    def _each(self, groups: Sequence[Group], results: Results, act: Callable[[Group], object]) -> list[Group]:
        """The groups for which this was not refused."""
        sound: list[Group] = []
        for group in groups:
            try:
                act(group)
                sound.append(group)
            except Rejected as error:
                _fail(group, error, results)
        return sound

    def _with_values(self, groups: Sequence[Group], results: Results) -> list[Group]:
        """Options and values of all groups at once; where the shop refuses one of them, group by group."""

        def look(group: Group) -> None:
            group.values = self.options.values(row.options for row in group.members)

        if len(groups) > 1:
            try:
                self.options.values(row.options for group in groups for row in group.members)
            except Rejected as error:
                if error.problem.code == Code.RIGHT_MISSING:
                    for group in groups:
                        _fail(group, error, results)
                    return []
        return self._each(groups, results, look)

    # parents

    def _with_parents(self, groups: Sequence[Group], results: Results) -> list[Group]:
        lacking = [group for group in groups if group.parent is None]
        self.products.references.look([group.members[0].fields for group in lacking])
        view, languages = self.facts.view(), self.facts.languages
        makings: dict[str, Making] = {}

        def prepare(group: Group) -> None:
            first = group.members[0]
            self.products.references.check(first.fields)
            fields = bodies.new_parent(first, view, languages)
            makings[group.code] = Making(token=group.code, natural=group.code, fields=fields)

        lacking = self._each(lacking, results, prepare)
        try:
            made = self.creating.make("products", list(makings.values()), self._look_for_parents) if makings else {}
        except Rejected as error:
            made = {code: Result(token=code, error=error) for code in makings}
        rows = self.rest.by_ids(KNOWN_BY, [one.key for one in made.values() if one.ok])
        for group in lacking:
            one = made[group.code]
            if one.error is None and one.key in rows:
                group.parent, group.ours = rows[one.key], True
            else:
                _fail(group, one.error or OutcomeUnknown(path=f"products/{one.key}"), results)
        return [group for group in groups if group.parent is not None]

    def _look_for_parents(self, makings: Sequence[Making]) -> Mapping[Hashable, str]:
        found = self.products.by_code([str(one.natural) for one in makings])
        return {code: str(row_id(rows[-1])) for code, rows in found.items()}

    def _take_back(self, groups: Sequence[Group], results: Results) -> None:
        """Parents that we made and that got no combination would stand in the shop as products nobody can order."""
        bare = [
            group.parent_id
            for group in groups
            if all(isinstance(results[row.token].error, Rejected) for row in group.members)
        ]
        if bare:
            self.rest.delete("products", bare)

    # combinations

    def _create_combinations(self, groups: Sequence[Group], results: Results) -> None:
        if not groups:
            return
        present = self._present([group.parent_id for group in groups])
        view = self.facts.view([group.parent for group in groups if group.parent is not None])
        makings: list[Making] = []
        for group in groups:
            makings += self._makings(group, present, view, results)
        if makings:
            results |= self.creating.make("combinations", makings, self._look)
        for group in groups:
            for row in group.members:
                results[row.token] = _keyed(results[row.token], group.parent_id)

    def _makings(
        self, group: Group, present: Mapping[tuple[str, Values], Row], view: mapping.View, results: Results
    ) -> list[Making]:
        """The combinations of one parent that the shop lacks; those it has are results already."""
        assert group.parent is not None
        assert group.values is not None
        made: dict[Hashable, Making] = {}
        first = not any(parent == group.parent_id for parent, _ in present)
        for row in group.members:
            chosen = [group.values[fold(option), fold(value)] for option, value in row.options]
            place = (group.parent_id, frozenset(chosen))
            try:
                there = _there(row, place, present)
                if place in made:
                    raise Rejected(Code.OPTIONS_TAKEN, other=made[place].fields["reference"])
                fields = bodies.new_combination(row, group.parent, chosen, view)
            except IntegrationError as error:
                results[row.token] = Result(token=row.token, error=error)
                continue
            if there is not None:
                results[row.token] = Result(token=row.token, key=str(row_id(there)))
                continue
            if first:
                # The shop shows one combination first; without a chosen one some of its pages show none.
                fields, first = {**fields, "default_on": "1"}, False
            made[place] = Making(token=row.token, natural=place, fields=fields)
        return list(made.values())

    def _present(self, parents: Sequence[str]) -> dict[tuple[str, Values], Row]:
        rows = self.rest.among(COMBINATIONS, "id_product", parents)
        return {(str(row.get("id_product")), frozenset(mapping.ids(row, "product_option_values"))): row for row in rows}

    def _look(self, makings: Sequence[Making]) -> Mapping[Hashable, str]:
        parents = dict.fromkeys(one.natural[0] for one in makings if isinstance(one.natural, tuple))
        return {place: str(row_id(row)) for place, row in self._present(list(parents)).items()}


def _take_parent(group: Group, found: Sequence[Row]) -> None:
    """The product with the group's code, if there is one. Raises Rejected when it cannot be the parent."""
    if len(found) > 1:
        keys = ", ".join(str(row_id(row)) for row in found)
        raise Rejected(Code.FOUND_SEVERAL, count=len(found), keys=keys)
    if found and not mapping.sold_in_variants(found[0]):
        # It is sold as it is, perhaps with orders and stock: not ours to turn into something else.
        raise Rejected(Code.VARIANT_NOT_ATTACHED, label=group.label)
    group.parent = found[0] if found else None


def _there(row: NewElement, place: tuple[str, Values], present: Mapping[tuple[str, Values], Row]) -> Row | None:
    """The combination with these options. Raises Rejected when it has another code."""
    there = present.get(place)
    if there is not None and str(there.get("reference") or "") != str(row.fields.get("code") or ""):
        raise Rejected(Code.OPTIONS_TAKEN, other=str(there.get("reference") or f"#{row_id(there)}"))
    return there


def _fail(group: Group, error: IntegrationError, results: Results) -> None:
    for row in group.members:
        results[row.token] = Result(token=row.token, error=error)


def _keyed(made: Result, product_id: str) -> Result:
    if not made.ok:
        return made
    return Result(token=made.token, key=f"{product_id}:{made.key}", image_owner=product_id, exchange=made.exchange)
