"""Products by SKU, and what a write refers to: looked up many at once, before anything is sent."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from integrator.canonical.errors import Rejected
from integrator.canonical.problems import Code
from integrator.canonical.records import Fields
from shops.connectors.harvest import variant_key
from shops.connectors.pagination import chunks
from shops.connectors.woocommerce.bodies import Terms
from shops.connectors.woocommerce.facts import Facts
from shops.connectors.woocommerce.mapping import Options, kilograms, unescape
from shops.connectors.woocommerce.rest import PAGE, Rest, Row, row_id

FIELDS = "id,sku,type,status,parent_id"
_LONGEST_LIST = 2000
"""Characters of SKUs in one address; servers take 8 000 of the whole address, some firewalls less."""


def folded(sku: Any) -> str:
    """SKUs are the same without regard to case, outer and double spaces; `<` comes back escaped."""
    return " ".join(unescape(str(sku)).split()).casefold()


def key_of(row: Row) -> str:
    """The key of a product or variation found by its SKU."""
    one = row_id(row)
    return variant_key(row.get("parent_id"), one) if row.get("type") == "variation" else str(one)


class Lookup:
    def __init__(self, rest: Rest, facts: Facts, options: Options) -> None:
        self.rest = rest
        self.facts = facts
        self.options = options

    def by_sku(self, skus: Iterable[str], fields: str = FIELDS, **filters: Any) -> dict[str, list[Row]]:
        """Products and variations of exactly these SKUs, by folded SKU; without those in the trash."""
        wanted = list(dict.fromkeys(" ".join(sku.split()) for sku in skus if sku.strip()))
        found: dict[str, list[Row]] = {folded(sku): [] for sku in wanted}
        plain = [sku for sku in wanted if "," not in sku]
        for chunk in _short_lists(plain):
            self._gather(found, {"sku": ",".join(chunk), "_fields": fields, **filters})
        for sku in wanted:
            if "," in sku:  # a comma parts SKUs, so it can only be searched for by its longest part
                part = max(sku.split(","), key=len).strip()
                self._gather(found, {"search_sku": part, "_fields": fields, **filters})
        return found

    def _gather(self, found: dict[str, list[Row]], params: Mapping[str, Any]) -> None:
        for row in self.rest.rows("products", params):
            sku = folded(row.get("sku", "")) if row_id(row) is not None else ""
            if sku in found and all(row_id(row) != row_id(one) for one in found[sku]):
                found[sku].append(row)

    def terms(self, fields: Sequence[Fields]) -> Terms:
        """What the references in these fields lead to. Reads only what is not known yet; a missing element is a matter
        of its row alone."""
        shop = self.facts.shop
        unit = self.facts.unit_attribute()
        producer = self.facts.producer_attribute()
        names = self._texts("unit", fields, unit) | self._texts("producer", fields, producer)
        present = {("category", one) for one in self._existing("products/categories", _values(fields, "category"))}
        if self.facts.brands:
            present |= {("producer", one) for one in self._existing("products/brands", _values(fields, "producer"))}
        classes = shop["classes"]
        if not _values(fields, "tax_rate") <= set(classes):
            self.facts.reread_classes()
            classes = self.facts.shop["classes"]
        return Terms(
            decimals=int(shop["decimals"]) if str(shop["decimals"]).isdigit() else 2,
            kilograms=kilograms(shop["weight_unit"]),
            classes=frozenset(classes),
            brands=self.facts.brands,
            unit_meta=self.options.unit_meta if self.options.unit == "meta" else "",
            unit=unit,
            producer=producer,
            names=names,
            present=frozenset(present),
        )

    def _texts(self, name: str, fields: Sequence[Fields], attribute: Any) -> dict[str, str]:
        """Texts of the terms that a field names by key (`4:31`)."""
        wanted = _values(fields, name)
        if attribute is None or not wanted:
            return {}
        known = {attribute.key(one): text for one, text in self.facts.terms(attribute).items()}
        if not wanted <= known.keys():
            known = {attribute.key(one): text for one, text in self.facts.reread_terms(attribute).items()}
        return known

    def _existing(self, path: str, wanted: Collection[str]) -> set[str]:
        ids = [int(one) for one in wanted if one.isdigit()]
        return {str(one) for one in self.rest.by_ids(path, ids, {"_fields": "id"})} if ids else set()

    def in_trash(self, skus: Iterable[str]) -> set[str]:
        """Folded SKUs that lie in the shop's trash."""
        return {sku for sku, rows in self.by_sku(skus, status="trash").items() if rows}


def _values(fields: Sequence[Fields], name: str) -> set[str]:
    return {str(one[name]) for one in fields if one.get(name) not in (None, "")}


def _short_lists(skus: Sequence[str]) -> Iterable[Sequence[str]]:
    """Lists of at most a page, and short enough for an address."""
    for chunk in chunks(skus, PAGE):
        start, length = 0, 0
        for place, sku in enumerate(chunk):
            length += len(sku.encode()) + 1
            if length > _LONGEST_LIST and place > start:
                yield chunk[start:place]
                start, length = place, len(sku.encode()) + 1
        yield chunk[start:]


def in_the_trash(sku: str) -> Rejected:
    """Whether what lies there is ours cannot be told: restoring it is a person's decision."""
    return Rejected(Code.IN_TRASH, field="code", value=sku)
