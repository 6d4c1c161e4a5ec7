"""Making products with combinations: the parent is looked up by its code and made if missing, its options likewise, and
all its new combinations go in one body."""

from collections.abc import Hashable, Mapping, Sequence
from functools import partial

from integrator.canonical.errors import IntegrationError, OutcomeUnknown, Rejected
from integrator.canonical.problems import Code
from integrator.canonical.records import Key
from integrator.canonical.side import NewElement, Result
from integrator.canonical.text import fold
from shops.connectors.prestashop import bodies, mapping
from shops.connectors.prestashop.creating import Making
from shops.connectors.prestashop.options import Options, names_of
from shops.connectors.prestashop.products import KNOWN_BY, Products
from shops.connectors.prestashop.rest import COMBINATIONS, Row, row_id

Values = frozenset[str]
"""Ids of option values: what tells the combinations of a product apart."""


class Variants:
    def __init__(self, products: Products) -> None:
        self.products = products
        self.creating = products.creating
        self.rest = products.rest
        self.facts = products.facts
        self.options = Options(products.creating)

    def create(self, rows: Sequence[NewElement]) -> list[Result]:
        """A result per row. Rows of one group code share a parent. A group that is refused does not hold up the others;
        what concerns the whole shop does."""
        groups: dict[str, list[NewElement]] = {}
        for row in rows:
            groups.setdefault(row.group_code, []).append(row)
        results: dict[str, Result] = {}
        trouble: IntegrationError | None = None
        for members in groups.values():
            try:
                if trouble is not None:
                    raise trouble
                made = self._create_group(members)
            except IntegrationError as error:
                if not isinstance(error, Rejected):
                    if not any(result.ok for result in results.values()):
                        raise
                    trouble = error
                made = [Result(token=row.token, error=error) for row in members]
            results |= {result.token: result for result in made}
        return [results[row.token] for row in rows]

    def _create_group(self, members: Sequence[NewElement]) -> list[Result]:
        names_of(row.options for row in members)
        parent = self.parent(members[0].group_code)
        ours = parent is None
        values = self.options.values(row.options for row in members)
        if parent is None:
            parent = self._make_parent(members[0])
        elif not mapping.sold_in_variants(parent):
            # It is sold as it is, perhaps with orders and stock: not ours to turn into something else.
            raise Rejected(Code.VARIANT_NOT_ATTACHED, label=members[0].group_name or members[0].group_code)
        try:
            results = self._create_combinations(members, parent, values)
        except Rejected:
            if ours:
                self._take_back(parent)
            raise
        if ours and not any(result.ok or not isinstance(result.error, Rejected) for result in results):
            self._take_back(parent)
        return results

    def parent(self, code: str) -> Row | None:
        """The product with this code. Raises Rejected when the shop has several."""
        found = self.products.by_code([code]).get(code, [])
        if len(found) > 1:
            keys = ", ".join(str(row_id(row)) for row in found)
            raise Rejected(Code.FOUND_SEVERAL, count=len(found), keys=keys)
        return found[0] if found else None

    def _make_parent(self, first: NewElement) -> Row:
        self.products.references.look([first.fields])
        self.products.references.check(first.fields)
        fields = bodies.new_parent(first, self.facts.view(), self.facts.languages)
        making = Making(token="", natural=first.group_code, fields=fields)
        made = self.creating.make("products", [making], self._look_for_parents)[""]
        if made.error is not None:
            raise made.error
        row = self.rest.by_ids(KNOWN_BY, [made.key]).get(made.key)
        if row is None:
            raise OutcomeUnknown(path=f"products/{made.key}")
        return row

    def _look_for_parents(self, makings: Sequence[Making]) -> Mapping[Hashable, str]:
        found = self.products.by_code([str(one.natural) for one in makings])
        return {code: str(row_id(rows[-1])) for code, rows in found.items()}

    def _create_combinations(
        self, members: Sequence[NewElement], parent: Row, values: Mapping[tuple[str, str], str]
    ) -> list[Result]:
        present = self._present(parent)
        view = self.facts.view([parent])
        results: dict[str, Result] = {}
        makings: list[Making] = []
        for row in members:
            chosen = [values[fold(option), fold(value)] for option, value in row.options]
            try:
                making = self._making(row, parent, chosen, present, view)
            except IntegrationError as error:
                results[row.token] = Result(token=row.token, error=error)
                continue
            there = present.get(frozenset(chosen))
            if there is not None:
                results[row.token] = Result(token=row.token, key=str(row_id(there)))
            else:
                makings.append(making)
        if not present and makings:
            # The shop shows one combination first; without a chosen one some of its pages show none.
            first = makings[0]
            makings[0] = Making(token=first.token, natural=first.natural, fields={**first.fields, "default_on": "1"})
        if makings:
            results |= self.creating.make("combinations", makings, partial(self._look, parent))
        return [_keyed(results[row.token], str(row_id(parent))) for row in members]

    def _making(
        self,
        row: NewElement,
        parent: Row,
        chosen: Sequence[str],
        present: Mapping[Values, Row],
        view: mapping.View,
    ) -> Making:
        """Raises Rejected when the product has these options already under another code."""
        there = present.get(frozenset(chosen))
        code = str(row.fields.get("code") or "")
        if there is not None and str(there.get("reference") or "") != code:
            raise Rejected(Code.OPTIONS_TAKEN, other=str(there.get("reference") or f"#{row_id(there)}"))
        fields = bodies.new_combination(row, parent, chosen, view)
        return Making(token=row.token, natural=frozenset(chosen), fields=fields)

    def _present(self, parent: Row) -> dict[Values, Row]:
        rows = self.rest.rows(COMBINATIONS, {"id_product": f"[{row_id(parent)}]"})
        return {frozenset(mapping.ids(row, "product_option_values")): row for row in rows}

    def _look(self, parent: Row, makings: Sequence[Making]) -> Mapping[Hashable, str]:
        return {values: str(row_id(row)) for values, row in self._present(parent).items()}

    def _take_back(self, parent: Row) -> None:
        """A parent that we made and that got no combination would stand in the shop as a product nobody can order."""
        self.rest.delete("products", [str(row_id(parent))])


def _keyed(made: Result, product_id: Key) -> Result:
    if not made.ok:
        return made
    return Result(token=made.token, key=f"{product_id}:{made.key}", image_owner=product_id, exchange=made.exchange)
