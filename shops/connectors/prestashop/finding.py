"""Looking for what a create with a lost answer may have made, by its code."""

from collections.abc import Mapping, Sequence

from integrator.canonical.records import Key
from integrator.canonical.side import Found, NewElement
from shops.connectors.prestashop import mapping
from shops.connectors.prestashop.products import Products
from shops.connectors.prestashop.rest import Listing, row_id

CODES = Listing(resource="combinations", display=("id", "id_product", "reference"), size=500)


class Finding:
    """Products: a simple one by its own code, a combination by its own among those of its parent."""

    def __init__(self, products: Products) -> None:
        self.products = products
        self.rest = products.rest

    def find(self, wanted: Sequence[NewElement]) -> Mapping[str, Found]:
        codes = [one.group_code or _code(one) for one in wanted]
        there = self.products.by_code(codes)
        parents = {str(row_id(row)): code for code, rows in there.items() for row in rows}
        variants = self._variants([_code(one) for one in wanted if one.group_code], parents)
        found: dict[str, Found] = {}
        for one in wanted:
            if one.group_code:
                keys = variants.get((one.group_code, _code(one)), [])
            else:
                rows = there.get(_code(one), [])
                keys = [str(row_id(row)) for row in rows if not mapping.sold_in_variants(row)]
            found[one.token] = Found(keys=tuple(dict.fromkeys(keys)))
        return found

    def _variants(self, codes: Sequence[str], parents: Mapping[str, str]) -> dict[tuple[str, str], list[Key]]:
        """Keys by (code of the parent, own code)."""
        found: dict[tuple[str, str], list[Key]] = {}
        if not parents or not codes:
            return found
        for row in self.rest.by_texts(CODES, "reference", codes):
            product_id = str(row.get("id_product"))
            if product_id in parents:
                place = (parents[product_id], str(row.get("reference")))
                found.setdefault(place, []).append(f"{product_id}:{row_id(row)}")
        return found


def _code(wanted: NewElement) -> str:
    return str(wanted.fields.get("code") or "")
