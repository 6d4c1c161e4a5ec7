"""Whether what a product points to is there: PrestaShop takes any id and keeps it."""

from collections.abc import Sequence

from integrator.canonical.errors import Rejected
from integrator.canonical.problems import Code
from integrator.canonical.records import Fields
from shops.connectors.prestashop.bodies import reference
from shops.connectors.prestashop.facts import Facts
from shops.connectors.prestashop.rest import Listing, Rest

LISTINGS = {
    "producer": Listing(resource="manufacturers", display=("id",), size=500),
    "category": Listing(resource="categories", display=("id",), size=500),
}


class References:
    """Ids that were found stay known for the session."""

    def __init__(self, rest: Rest, facts: Facts) -> None:
        self.rest = rest
        self.facts = facts
        self._there: dict[str, set[str]] = {name: set() for name in LISTINGS}

    def look(self, rows: Sequence[Fields]) -> None:
        """Look up all that these rows point to, one call for producers and one for categories."""
        for name, listing in LISTINGS.items():
            wanted = {str(row[name]) for row in rows if row.get(name) not in (None, "")} - self._there[name]
            if wanted:
                self._there[name] |= self.rest.by_ids(listing, sorted(wanted)).keys()
        self.facts.view([{"id_tax_rules_group": row.get("tax_rate")} for row in rows])

    def check(self, fields: Fields) -> None:
        """Raises Rejected for the first that is not there. Call `look` before."""
        there = {**self._there, "tax_rate": set(self.facts.groups())}
        for name, known in there.items():
            wanted = reference(name, fields.get(name))
            if wanted != "0" and wanted not in known:
                raise Rejected(Code.REJECTED, field=name, message=f"the shop has nothing of the id {wanted}")
