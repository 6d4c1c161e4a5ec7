"""Looking for what a create with a lost answer may have made, by what an element is called there."""

from collections.abc import Mapping, Sequence

from integrator.canonical.kinds import Kind
from integrator.canonical.side import Found, NewElement
from shops.connectors.woocommerce.lookup import Lookup, folded, key_of
from shops.connectors.woocommerce.mapping import is_alone
from shops.connectors.woocommerce.pictures import Pictures
from shops.connectors.woocommerce.rest import Row
from shops.connectors.woocommerce.terms import TermWriting


class Finding:
    def __init__(self, lookup: Lookup, terms: TermWriting, pictures: Pictures) -> None:
        self.lookup = lookup
        self.terms = terms
        self.pictures = pictures

    def find(self, kind: Kind, wanted: Sequence[NewElement]) -> Mapping[str, Found]:
        if kind is Kind.PRODUCT:
            return self._products(wanted)
        if kind is Kind.IMAGE:
            return self.pictures.find(wanted)
        if kind in (Kind.UNIT, Kind.PRODUCER, Kind.CATEGORY):
            return self.terms.find(kind, wanted)
        return {one.token: Found() for one in wanted}

    def _products(self, wanted: Sequence[NewElement]) -> Mapping[str, Found]:
        """By SKU, all in one call. What is not sold itself is none of those that are looked for."""
        codes = {one.token: str(one.fields.get("code") or "") for one in wanted}
        rows = self.lookup.by_sku(codes.values())
        return {token: Found(keys=_sold(rows.get(folded(code), ()))) for token, code in codes.items()}


def _sold(rows: Sequence[Row]) -> tuple[str, ...]:
    return tuple(key_of(row) for row in rows if is_alone(row))
