"""Quantities: rows of their own, one per sellable, changed by their id and nothing else, many in one body."""

from collections.abc import Mapping, Sequence
from functools import partial

from integrator.canonical.errors import Gone, Rejected
from integrator.canonical.problems import Code
from integrator.canonical.records import FieldValue, Key
from integrator.canonical.side import Patch, Result
from shops.connectors.prestashop import mapping
from shops.connectors.prestashop.bodies import whole_number
from shops.connectors.prestashop.reading import Reading
from shops.connectors.prestashop.rest import Row
from shops.connectors.prestashop.writing import Change, Writing, results_of


class Stock:
    def __init__(self, reading: Reading, writing: Writing) -> None:
        self.reading = reading
        self.writing = writing

    def update(self, rows: Sequence[Patch]) -> list[Result]:
        """One read for the ids of the rows, one write for all of them."""
        present = self._rows([row.key for row in rows])
        makes = [(row.key, partial(self._change, row, present)) for row in rows]
        return results_of(makes, partial(self.writing.change, "stock_availables"))

    def set(self, quantities: Mapping[Key, FieldValue]) -> dict[Key, Result]:
        """The same for products that were just made."""
        if not quantities:
            return {}
        rows = [Patch(key=key, fields={"quantity": quantity}) for key, quantity in quantities.items()]
        return {result.token: result for result in self.update(rows)}

    def _rows(self, keys: Sequence[Key]) -> dict[Key, list[Row]]:
        found: dict[Key, list[Row]] = {}
        for row in self.reading.stock_rows(keys):
            found.setdefault(mapping.stock_key(row), []).append(row)
        return found

    def _change(self, row: Patch, present: Mapping[Key, list[Row]]) -> Change:
        quantity = ""
        for name, value in row.fields.items():
            if name != "quantity":
                raise Rejected(Code.CANNOT_UPDATE, field=name)
            quantity = whole_number(name, value)
        rows = present.get(row.key, [])
        own = mapping.own_rows(rows, self.reading.facts.shop_id)
        if not rows:
            raise Gone(key=row.key)
        if not own:
            raise Rejected(Code.STOCK_ROW_LOST, key=row.key)
        if mapping.coerce.flag(own[0], "depends_on_stock"):
            raise Rejected(Code.ADVANCED_STOCK_ON)
        return Change(token=row.key, id=mapping.coerce.key(own[0], "id"), fields={"quantity": quantity})
