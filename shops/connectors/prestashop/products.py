"""Changing products and their prices, and making products without combinations."""

from collections.abc import Hashable, Mapping, Sequence
from functools import partial

from integrator.canonical.errors import Gone, IntegrationError, Rejected
from integrator.canonical.kinds import Kind
from integrator.canonical.problems import Code
from integrator.canonical.records import Key
from integrator.canonical.side import NewElement, Patch, Result
from shops.connectors.harvest import split_key
from shops.connectors.prestashop import bodies
from shops.connectors.prestashop.creating import Creating, Making
from shops.connectors.prestashop.mapping import sold_in_variants
from shops.connectors.prestashop.reading import FINISHED
from shops.connectors.prestashop.references import References
from shops.connectors.prestashop.rest import Listing, Row
from shops.connectors.prestashop.stock import Stock
from shops.connectors.prestashop.writing import Change, Writing, results_of

KNOWN_BY = Listing(
    resource="products", display=("id", "reference", "product_type", "price", "weight", "id_tax_rules_group",
                                  "combinations[id]"), size=200
)  # fmt: skip


class Products:
    def __init__(self, creating: Creating, stock: Stock) -> None:
        self.creating = creating
        self.writing: Writing = creating.writing
        self.rest = creating.rest
        self.facts = self.writing.facts
        self.stock = stock
        self.references = References(creating.rest, creating.writing.facts)

    def update(self, kind: Kind, rows: Sequence[Patch]) -> list[Result]:
        """Products or their prices. At most one write for those without and one for those with combinations, after one
        read of what must be known before."""
        simple = [row for row in rows if not split_key(row.key)[1]]
        variants = [row for row in rows if split_key(row.key)[1]]
        results = {result.token: result for result in self._update_simple(simple)}
        try:
            results |= {result.token: result for result in self._update_variants(variants)}
        except IntegrationError as error:
            if not any(result.ok for result in results.values()):
                raise
            results |= {row.key: Result(token=row.key, error=error) for row in variants}
        return [results[row.key] for row in rows]

    def _update_simple(self, rows: Sequence[Patch]) -> list[Result]:
        self.references.look([row.fields for row in rows])
        gross = self.facts.view().gross
        wanted = list(dict.fromkeys(name for row in rows for name in bodies.needs(row.fields, gross=gross)))
        present = self._present(rows, wanted) if wanted else {}
        view = self.facts.view(present.values())

        def change(row: Patch) -> Change:
            if wanted and row.key not in present:
                raise Gone(key=row.key)
            self.references.check(row.fields)
            return Change(
                token=row.key, id=row.key, fields=bodies.simple_update(row.fields, present.get(row.key, {}), view)
            )

        return results_of([(row.key, partial(change, row)) for row in rows], partial(self.writing.change, "products"))

    def _update_variants(self, rows: Sequence[Patch]) -> list[Result]:
        """Price and weight of a combination are told apart from its product's, which are read for it."""
        wanted = ["price", "weight", "id_tax_rules_group"]
        added = any(name in row.fields for row in rows for name in ("price", "weight"))
        parents = self._present(rows, wanted) if added else {}
        view = self.facts.view(parents.values())

        def change(row: Patch) -> Change:
            own, combination = split_key(row.key)
            if added and own not in parents:
                raise Gone(key=row.key)
            return Change(
                token=row.key, id=combination, fields=bodies.variant_update(row.fields, parents.get(own, {}), view)
            )

        makes = [(row.key, partial(change, row)) for row in rows]
        return results_of(makes, partial(self.writing.change, "combinations"))

    def _present(self, rows: Sequence[Patch], wanted: Sequence[str]) -> dict[str, Row]:
        listing = Listing(resource="products", display=("id", *wanted), size=200)
        return self.rest.by_ids(listing, [split_key(row.key)[0] for row in rows])

    def create(self, rows: Sequence[NewElement]) -> list[Result]:
        """Products without combinations. One whose code the shop has already is the one that an earlier try made."""
        self.references.look([row.fields for row in rows])
        languages, view = self.facts.languages, self.facts.view()
        results: dict[str, Result] = {}
        makings: list[Making] = []
        for row in rows:
            try:
                self.references.check(row.fields)
                fields = bodies.new_product(row.fields, view, languages)
                makings.append(Making(token=row.token, natural=str(row.fields["code"]), fields=fields))
            except IntegrationError as error:
                results[row.token] = Result(token=row.token, error=error)
        results |= self._make(makings)
        return [_owned(results[row.token]) for row in rows]

    def _make(self, makings: Sequence[Making]) -> dict[str, Result]:
        there = self.by_code([str(one.natural) for one in makings]) if makings else {}
        results: dict[str, Result] = {}
        for one in makings:
            found = there.get(str(one.natural), [])
            if len(found) == 1 and sold_in_variants(found[0]):
                results[one.token] = Result(token=one.token, error=Rejected(Code.CODE_TAKEN, value=one.natural))
            elif len(found) == 1:
                results[one.token] = Result(token=one.token, key=str(found[0]["id"]))
            elif found:
                error = Rejected(Code.FOUND_SEVERAL, count=len(found), keys=", ".join(str(row["id"]) for row in found))
                results[one.token] = Result(token=one.token, error=error)
        fresh = [one for one in makings if one.token not in results]
        seen: set[Hashable] = set()
        for one in fresh:
            if one.natural in seen:
                results[one.token] = Result(token=one.token, error=Rejected(Code.DUPLICATE_CODE, value=one.natural))
            seen.add(one.natural)
        fresh = [one for one in fresh if one.token not in results]
        return results | self.creating.make("products", fresh, self._look)

    def _look(self, makings: Sequence[Making]) -> Mapping[Hashable, str]:
        found = self.by_code([str(one.natural) for one in makings])
        return {code: str(rows[-1]["id"]) for code, rows in found.items()}

    def by_code(self, codes: Sequence[str]) -> dict[str, list[Row]]:
        """Products of the panel by their exact code."""
        found: dict[str, list[Row]] = {}
        for row in self.rest.by_texts(KNOWN_BY, "reference", codes, FINISHED):
            found.setdefault(str(row.get("reference")), []).append(row)
        return found

    def with_quantities(self, rows: Sequence[NewElement], results: Mapping[str, Result]) -> list[Result]:
        """Give new products, whose stock is 0, their quantities: one write for all of them.

        One whose quantity cannot be written counts as not made yet: tried again, it is found by its code.
        """
        wanted = {
            results[row.token].key: row.fields["quantity"] for row in rows if results[row.token].ok and _counted(row)
        }
        try:
            set_ = self.stock.set(wanted)
        except IntegrationError as error:
            set_ = {key: Result(token=key, error=error) for key in wanted}
        failed = {key: result.error for key, result in set_.items() if result.error is not None}
        return [_finished(results[row.token], failed) for row in rows]


def _counted(row: NewElement) -> bool:
    return row.fields.get("quantity") not in (None, "")


def _finished(made: Result, failed: Mapping[Key, IntegrationError]) -> Result:
    if made.ok and made.key in failed:
        return Result(token=made.token, error=failed[made.key], exchange=made.exchange)
    return made


def _owned(made: Result) -> Result:
    if not made.ok:
        return made
    return Result(token=made.token, key=made.key, image_owner=made.key, exchange=made.exchange)
