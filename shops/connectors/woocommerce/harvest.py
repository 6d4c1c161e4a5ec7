"""Products and variations gathered from the rows of a page."""

from collections.abc import Mapping, Sequence
from typing import Any

from integrator.canonical.errors import MappingError
from integrator.canonical.kinds import Kind
from integrator.canonical.records import Key, Product
from shops.connectors import harvest
from shops.connectors.harvest import split_key, variant_key
from shops.connectors.woocommerce import mapping
from shops.connectors.woocommerce.mapping import View
from shops.connectors.woocommerce.rest import Row, row_id


class Harvest(harvest.Harvest):
    """What rows of products and variations mean."""

    def __init__(self) -> None:
        super().__init__(mapping.label)

    def sellables(self, raw: Any, variations: Mapping[int, Row], view: View) -> None:
        """What one row of products means: a simple product, or a group with its variants."""
        key = str(row_id(raw) or "")
        try:
            row = mapping.whole_row(raw)
            if not mapping.is_sold(row):
                return
            variants = mapping.variation_ids(row) if mapping.is_variable(row) else None
        except MappingError as error:
            self.fail(Kind.PRODUCT, "", raw, error)
            return
        if variants is None:
            if self.take(Kind.PRODUCT, key, raw, lambda: mapping.product(row, view)) is not None:
                self.figures(key, row, view.currency)
            return
        try:
            shared = mapping.product(row, view)
        except MappingError as error:
            for one in variants:
                self.fail(Kind.PRODUCT, variant_key(key, one) if key else "", raw, error)
            self.fail(Kind.GROUP, key, raw, error)
            return
        present = [one for one in variants if one in variations]
        keys = [variant_key(key, one) for one in present]
        self.take(Kind.GROUP, key, raw, lambda: mapping.group(row, shared, keys))
        for one in present:
            self.variant(variant_key(key, one), shared, variations[one], view)

    def variant(self, key: Key, shared: Product, row: Row, view: View) -> None:
        if self.take(Kind.PRODUCT, key, row, lambda: mapping.variant(shared, row, view)) is not None:
            self.figures(key, row, view.currency)

    def figures(self, key: Key, row: Row, currency: str) -> None:
        self.take(Kind.PRICE, key, row, lambda: mapping.price(row, currency))
        if mapping.has_stock(row):
            self.take(Kind.STOCK, key, row, lambda: mapping.stock_level(row))

    def bare_figures(self, raw: Any, variations: Mapping[int, Row], currency: str) -> None:
        """Price and stock of one row of products, without reading the product."""
        try:
            row = mapping.whole_row(raw)
            key = mapping.coerce.key(row, "id")
            if not mapping.is_sold(row):
                return
            if not mapping.is_variable(row):
                self.figures(key, row, currency)
                return
            for one in mapping.variation_ids(row):
                if one in variations:
                    self.figures(variant_key(key, one), variations[one], currency)
        except MappingError as error:
            self.fail(Kind.STOCK, "", raw, error)

    def images(self, raw: Any) -> None:
        """Pictures of one row of products, in the order in which the shop shows them."""
        try:
            rows = list(mapping.images(mapping.whole_row(raw)))
        except MappingError as error:
            self.fail(Kind.IMAGE, "", raw, error)
            return
        seen: set[str] = set()
        for position, (key, row) in enumerate(rows, start=1):
            if key not in seen:
                seen.add(key)
                self._image(key, position, row)

    def _image(self, key: Key, position: int, row: Row) -> None:
        self.take(Kind.IMAGE, key, row, lambda: mapping.image(split_key(key)[0], position, row))


def readable_variations(rows: Sequence[Any]) -> dict[int, list[int]]:
    """Product id -> ids of its variations, of the variable products among these rows."""
    found: dict[int, list[int]] = {}
    for raw in rows:
        try:
            row = mapping.whole_row(raw)
            one = row_id(row)
            if one is not None and mapping.is_variable(row):
                found[one] = mapping.variation_ids(row)
        except MappingError:
            continue  # the row itself becomes an error where it is read
    return found
