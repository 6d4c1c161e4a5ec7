"""Producers and categories."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from functools import partial

from integrator.canonical.errors import IntegrationError, Rejected
from integrator.canonical.kinds import Kind
from integrator.canonical.problems import Code
from integrator.canonical.side import Found, NewElement, Patch, Result
from integrator.canonical.text import fold
from shops.connectors.prestashop import bodies, mapping
from shops.connectors.prestashop.creating import Creating, Making
from shops.connectors.prestashop.rest import CATEGORIES, MANUFACTURERS
from shops.connectors.prestashop.writing import Change, results_of


class Elements:
    def __init__(self, creating: Creating) -> None:
        self.creating = creating
        self.writing = creating.writing
        self.rest = creating.rest
        self.facts = creating.writing.facts

    def create(self, kind: Kind, rows: Sequence[NewElement]) -> list[Result]:
        """One that the shop has already is the one that an earlier try made."""
        making = self._producer if kind is Kind.PRODUCER else self._category
        look = self._producers if kind is Kind.PRODUCER else self._categories
        resource = "manufacturers" if kind is Kind.PRODUCER else "categories"
        results: dict[str, Result] = {}
        makings: list[Making] = []
        for row in rows:
            try:
                makings.append(making(row))
            except IntegrationError as error:
                results[row.token] = Result(token=row.token, error=error)
        return self._made(resource, rows, makings, results, look)

    def _made(
        self,
        resource: str,
        rows: Sequence[NewElement],
        makings: Sequence[Making],
        results: dict[str, Result],
        look: Callable[[Sequence[Making]], Mapping[Hashable, str]],
    ) -> list[Result]:
        there = look(makings) if makings else {}
        first: dict[Hashable, str] = {}
        for one in makings:
            if one.natural in there:
                results[one.token] = Result(token=one.token, key=there[one.natural])
            else:
                first.setdefault(one.natural, one.token)
        fresh = [one for one in makings if first.get(one.natural) == one.token]
        results |= self.creating.make(resource, fresh, look)
        for one in makings:
            if one.token not in results:
                twin = results[first[one.natural]]
                results[one.token] = Result(token=one.token, key=twin.key, error=twin.error)
        return [results[row.token] for row in rows]

    def _producer(self, row: NewElement) -> Making:
        return Making(token=row.token, natural=_name(row), fields=bodies.new_producer(row.fields))

    def _category(self, row: NewElement) -> Making:
        """Those of the top level stand under the shop's home category."""
        parent = row.parent or self.facts.home
        if not parent.isdigit():
            raise Rejected(Code.REJECTED, field="parent", message=f"{parent!r} is not an id")
        fields = bodies.new_category(_last(row), parent, self.facts.languages)
        return Making(token=row.token, natural=(parent, fold(_last(row))), fields=fields)

    def _producers(self, makings: Sequence[Making]) -> Mapping[Hashable, str]:
        return {name: keys[0] for name, keys in self._producer_keys().items()}

    def _producer_keys(self) -> dict[Hashable, list[str]]:
        found: dict[Hashable, list[str]] = {}
        for row in self.rest.rows(MANUFACTURERS):
            found.setdefault(fold(str(row.get("name", ""))), []).append(str(row.get("id")))
        return found

    def _categories(self, makings: Sequence[Making]) -> Mapping[Hashable, str]:
        parents = [one.natural[0] for one in makings if isinstance(one.natural, tuple)]
        return {name: keys[0] for name, keys in self._category_keys(parents).items()}

    def _category_keys(self, parents: Sequence[str]) -> dict[Hashable, list[str]]:
        found: dict[Hashable, list[str]] = {}
        for row in self.rest.among(CATEGORIES, "id_parent", sorted(set(parents))):
            name = fold(mapping.text(row, "name", self.facts.language))
            found.setdefault((str(row.get("id_parent")), name), []).append(str(row.get("id")))
        return found

    def find(self, kind: Kind, wanted: Sequence[NewElement]) -> Mapping[str, Found]:
        if kind is Kind.PRODUCER:
            producers = self._producer_keys()
            return {one.token: Found(keys=tuple(producers.get(_name(one), ()))) for one in wanted}
        home = self.facts.home
        categories = self._category_keys([one.parent or home for one in wanted])
        return {
            one.token: Found(keys=tuple(categories.get((one.parent or home, fold(_last(one))), ()))) for one in wanted
        }

    def update(self, rows: Sequence[Patch]) -> list[Result]:
        """Producers: their name, which the shop calls empty when it is left out of a whole."""

        def change(row: Patch) -> Change:
            for name, value in row.fields.items():
                if name != "name":
                    raise Rejected(Code.CANNOT_UPDATE, field=name)
                if not value:
                    raise Rejected(Code.REQUIRED_EMPTY, field=name)
            return Change(token=row.key, id=row.key, fields={"name": str(row.fields["name"])})

        makes = [(row.key, partial(change, row)) for row in rows]
        return results_of(makes, partial(self.writing.change, "manufacturers"))


def _name(row: NewElement) -> str:
    return fold(str(row.fields.get("name") or ""))


def _last(row: NewElement) -> str:
    path = row.fields.get("path")
    return str(path[-1]) if isinstance(path, list | tuple) and path else ""
