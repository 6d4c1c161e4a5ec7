"""Changing, creating, deleting and hiding products: bodies into batches, outcomes into results, one per row.

Simple products go into one batch, variations into one per parent: WooCommerce refuses them anywhere else.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from integrator.canonical.errors import (
    Gone,
    IntegrationError,
    MappingError,
    OutcomeUnknown,
    Rejected,
    Transient,
)
from integrator.canonical.kinds import Kind
from integrator.canonical.problems import Code
from integrator.canonical.records import Fields, Key, Record
from integrator.canonical.side import NewElement, Patch, Result
from shops.connectors.harvest import split_key
from shops.connectors.woocommerce import bodies, mapping
from shops.connectors.woocommerce.bodies import Terms
from shops.connectors.woocommerce.errors import SKU_TAKEN, reason
from shops.connectors.woocommerce.facts import Facts
from shops.connectors.woocommerce.harvest import Harvest
from shops.connectors.woocommerce.lookup import Lookup, folded, in_the_trash, key_of
from shops.connectors.woocommerce.rest import Outcome, Rest, Row, row_id

_CARRIED = "id,attributes,categories"
"""What must be read before a product's unit, producer or category is changed: lists replace what is there."""
Bodies = dict[str, list[tuple[str, Any]]]
"""Rows by the path of their batch."""


class Writing:
    def __init__(self, rest: Rest, facts: Facts, lookup: Lookup) -> None:
        self.rest = rest
        self.facts = facts
        self.lookup = lookup

    # changing

    def update(self, kind: Kind, rows: Sequence[Patch]) -> list[Result]:
        """A request for all simple products of the call, and one per parent of variants; before it, where needed, what
        their lists hold now and whether what they refer to is there."""
        terms = self.lookup.terms([row.fields for row in rows])
        before = self._carried(rows, terms)
        by_key = {row.key: row for row in rows}

        def body(key: str) -> dict[str, Any]:
            return self._change(by_key[key], terms, before)

        def result(out: Outcome) -> Result:
            return self._updated(kind, by_key[out.token], out, terms.brands)

        results = self._write([row.key for row in rows], body, result)
        return [results[row.key] for row in rows]

    def _carried(self, rows: Sequence[Patch], terms: Terms) -> Mapping[int, Row]:
        listed = {"category"}
        if terms.unit is not None:
            listed.add("unit")
        if not terms.brands:
            listed.add("producer")
        ids = [int(row.key) for row in rows if row.key.isdigit() and listed & row.fields.keys()]
        return self.rest.by_ids("products", ids, {"_fields": _CARRIED}) if ids else {}

    def _change(self, row: Patch, terms: Terms, before: Mapping[int, Row]) -> dict[str, Any]:
        _, variation_id = split_key(row.key)
        if variation_id:
            return {"id": int(variation_id), **bodies.variant_update(row.fields, terms)}
        product_id = int(row.key)
        present = before.get(product_id)
        body = {"id": product_id, **bodies.product_update(row.fields, terms, present)}
        if "category" in row.fields:
            if present is None:
                raise Gone(path=f"products/{product_id}")
            body["categories"] = self._categories(row.key, str(row.fields["category"]), present)
        elif body.get("attributes") is not None and present is None:
            raise Gone(path=f"products/{product_id}")
        return body

    def _categories(self, key: Key, wanted: str, present: Row) -> list[dict[str, int]]:
        """The other categories stay. Where one of them would be read as the main one, the written one is remembered."""
        ids = mapping.category_ids(present)
        parents = self.facts.parents if set(ids) - {wanted} else {}
        main = mapping.main_category(key, ids, parents, self.facts.chosen)
        found = mapping.moved_categories(ids, main, wanted, parents)
        self.facts.chosen.pop(key, None)
        if mapping.main_category(key, found, parents, {}) != wanted and not self.facts.choose(key, wanted):
            found = [wanted]
        return [{"id": int(one)} for one in found]

    def _updated(self, kind: Kind, row: Patch, out: Outcome, brands: bool) -> Result:
        if out.error is not None or out.row is None:
            return failed(out)
        lost = self._lost(row.fields, out.row, brands)
        if lost is not None:
            return failed(out, lost)
        record = self._record(kind, row.key, out.row)
        return Result(token=out.token, key=row.key, record=record, exchange=out.exchange)

    def _lost(self, fields: Fields, row: Row, brands: bool) -> Rejected | None:
        """WooCommerce takes what it does not know without a word. A brand that was there and is not kept tells a
        version that cannot keep any."""
        producer, category = fields.get("producer"), fields.get("category")
        if producer and brands and str(producer) not in _ids(row, "brands"):
            self.facts.brands_are_not_kept()
            return Rejected(Code.NOT_KEPT, field="producer", value=str(producer))
        if category and "categories" in row and str(category) not in _ids(row, "categories"):
            return Rejected(Code.NOT_KEPT, field="category", value=str(category))
        return None

    def _record(self, kind: Kind, key: Key, row: Row) -> Record | None:
        """What the answer shows of a price or stock. Products answer with texts as they are edited, which a fetch shows
        in another form."""
        harvest = Harvest()
        if kind in (Kind.PRICE, Kind.STOCK):
            harvest.figures(key, row, self.facts.currency)
        return next((item.record for item in harvest.items if item.kind is kind and item.key == key), None)

    def deactivate(self, keys: Sequence[Key]) -> list[Result]:
        """A simple product becomes a draft, a variation private; its parent stays as it is."""

        def body(key: str) -> dict[str, Any]:
            product_id, variation_id = split_key(key)
            return (
                {"id": int(variation_id), "status": "private"}
                if variation_id
                else {"id": int(product_id), "status": "draft"}
            )

        results = self._write(keys, body, done)
        return [results[key] for key in keys]

    def _write(
        self, keys: Sequence[Key], body: Callable[[str], dict[str, Any]], result: Callable[[Outcome], Result]
    ) -> dict[str, Result]:
        """Updates by key: a row that cannot be put into a body fails alone, a batch that fails holds up no other."""
        results: dict[str, Result] = {}
        batches: Bodies = {}
        for key in keys:
            try:
                path = batch_path(key)
                batches.setdefault(path, []).append((key, body(key)))
            except (Rejected, MappingError) as error:
                results[key] = Result(token=key, error=error)
        for outcome in self.send("update", batches):
            results[outcome.token] = result(outcome)
        return results

    def send(self, action: str, batches: Bodies) -> list[Outcome]:
        """Each path's rows in their own batch. A parent that is gone fails its rows; any other failure stops: raised
        where nothing was done yet, else it is what became of all rows that are left."""
        found: list[Outcome] = []
        trouble: IntegrationError | None = None
        for path, rows in batches.items():
            try:
                if trouble is None:
                    found += self.rest.batch(path, action, rows)
                    continue
            except Gone as error:
                found += [Outcome(token=token, error=error) for token, _ in rows]
                continue
            except IntegrationError as error:
                if not found:
                    raise
                trouble = error
            found += [Outcome(token=token, error=trouble) for token, _ in rows]
        return found

    # creating

    def create_simple(self, rows: Sequence[NewElement]) -> list[Result]:
        """Products without variants, in one batch. A SKU that is there already is what an earlier try made, or what
        the shop's owner made meanwhile: it is adopted."""
        if not rows:
            return []
        terms = self.lookup.terms([row.fields for row in rows])
        by_token = {row.token: row for row in rows}
        results: dict[str, Result] = {}
        fresh: list[tuple[str, Any]] = []
        for row in rows:
            try:
                fresh.append((row.token, bodies.new_product(row.fields, terms)))
            except Rejected as error:
                results[row.token] = Result(token=row.token, error=error)
        taken: list[Outcome] = []
        for outcome in self.rest.batch("products", "create", fresh) if fresh else ():
            if reason(outcome.error) in SKU_TAKEN:
                taken.append(outcome)
            else:
                results[outcome.token] = self._created(by_token[outcome.token], outcome)
        results |= self._adopted(taken, by_token)
        return [results[row.token] for row in rows]

    def _created(self, row: NewElement, out: Outcome) -> Result:
        made = None if out.row is None else row_id(out.row)
        if out.error is not None or out.row is None:
            return failed(out)
        if made is None:
            return failed(out, OutcomeUnknown(Code.UNEXPECTED_ANSWER, excerpt=str(out.row)[:100]))
        # What was not kept is no failure of the creation: the product is there, and reading it back shows the rest.
        self._lost(row.fields, out.row, self.facts.brands)
        return Result(token=out.token, key=str(made), image_owner=str(made), exchange=out.exchange)

    def _adopted(self, taken: Sequence[Outcome], by_token: Mapping[str, NewElement]) -> dict[str, Result]:
        if not taken:
            return {}
        codes = {out.token: str(by_token[out.token].fields.get("code") or "") for out in taken}
        found = self.lookup.by_sku(codes.values())
        missing = [code for code in codes.values() if not found.get(folded(code))]
        trashed = self.lookup.in_trash(missing) if missing else set()
        results: dict[str, Result] = {}
        for out in taken:
            sku = folded(codes[out.token])
            rows = found.get(sku, [])
            if len(rows) == 1 and mapping.is_alone(rows[0]):
                key = key_of(rows[0])
                results[out.token] = Result(
                    token=out.token, key=key, image_owner=split_key(key)[0], exchange=out.exchange
                )
            elif sku in trashed:
                results[out.token] = failed(out, in_the_trash(codes[out.token]))
            elif reason(out.error) == "woocommerce_rest_product_not_created" and not rows:
                # Somebody is making it at this moment, or left its SKU behind in the table of lookups.
                results[out.token] = failed(out, Transient(Code.SERVER_ERROR, status=400, path="products"))
            else:
                results[out.token] = failed(out)
        return results

    # deleting

    def delete(self, keys: Sequence[Key]) -> list[Result]:
        """Into the trash, one call each: a batch would delete for good. What is gone or in the trash counts as done."""
        results: list[Result] = []
        for key in keys:
            product_id, variation_id = split_key(key)
            path = f"products/{product_id}/variations/{variation_id}" if variation_id else f"products/{product_id}"
            try:
                self.rest.call("DELETE", path)
            except Gone:
                pass
            except Rejected as error:
                results.append(Result(token=key, error=error))
                continue
            except IntegrationError as error:
                if not results:
                    raise
                results += [Result(token=left, error=error) for left in keys[len(results) :]]
                break
            results.append(Result(token=key, key=key))
        return results


def batch_path(key: Key) -> str:
    """Where the batch of a product's key goes. Raises Rejected for what is no key of a product."""
    product_id, variation_id = split_key(key)
    if not product_id.isdigit() or (variation_id and not variation_id.isdigit()):
        raise Rejected(Code.REJECTED, field="key", message=f"{key!r} is no product")
    return f"products/{product_id}/variations" if variation_id else "products"


def failed(out: Outcome, error: IntegrationError | None = None) -> Result:
    return Result(token=out.token, error=error or out.error, exchange=out.exchange)


def done(out: Outcome) -> Result:
    if out.error is not None:
        return failed(out)
    return Result(token=out.token, key=out.token, exchange=out.exchange)


def _ids(row: Row, name: str) -> set[str]:
    listed = row.get(name)
    return {str(one.get("id")) for one in listed if isinstance(one, Mapping)} if isinstance(listed, list) else set()
