"""Units, producers and categories: terms of WordPress, written in batches, adopted where they exist."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from integrator.canonical.errors import Gone, Rejected
from integrator.canonical.kinds import Kind
from integrator.canonical.problems import Code
from integrator.canonical.records import FieldValue, Key
from integrator.canonical.side import Found, NewElement, Patch, Result
from integrator.canonical.text import fold, fold_unit
from shops.connectors.woocommerce.capabilities import TERM_LENGTH
from shops.connectors.woocommerce.errors import resource_id
from shops.connectors.woocommerce.facts import Facts, unescape
from shops.connectors.woocommerce.mapping import Attribute, Options
from shops.connectors.woocommerce.reading import Reading, term_id
from shops.connectors.woocommerce.rest import Outcome, Rest, row_id
from shops.connectors.woocommerce.writing import done, failed

_SLUG_LENGTH = 27
"""An attribute's slug may have 28 characters; WooCommerce makes it of the name and refuses a longer one."""
_NAME = {Kind.UNIT: "symbol", Kind.PRODUCER: "name"}


class TermWriting:
    def __init__(self, rest: Rest, facts: Facts, reading: Reading, options: Options) -> None:
        self.rest = rest
        self.facts = facts
        self.reading = reading
        self.options = options

    def create(self, kind: Kind, rows: Sequence[NewElement]) -> list[Result]:
        if kind is Kind.UNIT and self.options.unit == "meta":
            return [self._symbol(row) for row in rows]
        results: dict[str, Result] = {}
        fresh: list[tuple[str, Any]] = []
        for row in rows:
            try:
                fresh.append((row.token, _body(kind, row)))
            except Rejected as error:
                results[row.token] = Result(token=row.token, error=error)
        if fresh:
            path, attribute = self._place(kind)
            for outcome in self.rest.batch(path, "create", fresh):
                results[outcome.token] = _created(outcome, attribute)
            self._changed(attribute)
        return [results[row.token] for row in rows]

    def _symbol(self, row: NewElement) -> Result:
        """A unit that is a plain text exists by being used; nothing is sent."""
        try:
            symbol = _text("symbol", row.fields.get("symbol"))
        except Rejected as error:
            return Result(token=row.token, error=error)
        self.facts.see_symbol(symbol)
        return Result(token=row.token, key=symbol)

    def _place(self, kind: Kind) -> tuple[str, Attribute | None]:
        """Where the kind's terms are made. An attribute that the shop lacks is made first."""
        where = self.reading.source(kind)
        if where is None:
            name = self.options.unit_attribute if kind is Kind.UNIT else self.options.producer_attribute
            self._make_attribute(name)
            where = self.reading.source(kind)
        if where is None:
            raise Rejected(Code.NOT_KEPT, field=_NAME[kind], value=str(kind))
        return where

    def _make_attribute(self, name: str) -> None:
        """WooCommerce names no id when the attribute is there already, so the list is read again either way."""
        slug = re.sub(r"[^a-z0-9]+", "-", fold(name)).strip("-")[:_SLUG_LENGTH]
        self.facts.reread_attributes()
        if self.facts.attribute(name) is None:
            body = {"name": name, "slug": slug, "type": "select", "order_by": "name", "has_archives": False}
            self.rest.send("POST", "products/attributes", body)
            self.facts.reread_attributes()

    def _changed(self, attribute: Attribute | None) -> None:
        """Names of terms that are remembered are no longer all of them."""
        if attribute is not None:
            self.facts.forget_terms(attribute)

    def update(self, kind: Kind, rows: Sequence[Patch]) -> list[Result]:
        def body(row: Patch, one: int) -> dict[str, Any]:
            for name in row.fields:
                if name != _NAME.get(kind):
                    raise Rejected(Code.CANNOT_UPDATE, field=name)
            return {"id": one, "name": _text(_NAME[kind], row.fields.get(_NAME[kind]))}

        return self._each(kind, "update", [(row.key, row) for row in rows], body)

    def delete(self, kind: Kind, keys: Sequence[Key]) -> list[Result]:
        """For good: WordPress has no trash for terms. What is gone already counts as deleted."""
        results = self._each(kind, "delete", [(key, key) for key in keys], lambda key, one: one)
        return [
            Result(token=one.token, key=one.token, exchange=one.exchange) if isinstance(one.error, Gone) else one
            for one in results
        ]

    def _each(self, kind: Kind, action: str, rows: Sequence[tuple[Key, Any]], body: Any) -> list[Result]:
        where = self.reading.source(kind)
        results: dict[str, Result] = {}
        batch: list[tuple[str, Any]] = []
        for key, row in rows:
            try:
                one = None if where is None else term_id(key, where[1])
                if one is None:
                    raise Gone(key=key)
                batch.append((key, body(row, one)))
            except Rejected as error:
                results[key] = Result(token=key, error=error)
        if where is not None and batch:
            for outcome in self.rest.batch(where[0], action, batch):
                results[outcome.token] = done(outcome)
            self._changed(where[1])
        return [results[key] for key, _ in rows]

    def find(self, kind: Kind, wanted: Sequence[NewElement]) -> Mapping[str, Found]:
        """By name (categories: by name below the wanted parent), in the list of all."""
        if kind is Kind.UNIT and self.options.unit == "meta":
            known = set(self.facts.symbols)
            symbols = {one.token: str(one.fields.get("symbol") or "") for one in wanted}
            return {token: Found(keys=(symbol,) if symbol in known else ()) for token, symbol in symbols.items()}
        by_name: dict[tuple[str, str], list[Key]] = {}
        where = self.reading.source(kind)
        if where is None:
            self.facts.reread_attributes()
            where = self.reading.source(kind)
        if where is not None:
            path, attribute = where
            for row in self.rest.rows(path, {"_fields": "id,name,parent"}):
                one = row_id(row)
                if one is not None:
                    key = str(one) if attribute is None else attribute.key(one)
                    above = str(row.get("parent") or "") if kind is Kind.CATEGORY else ""
                    by_name.setdefault((above, _folded(kind, unescape(str(row.get("name", ""))))), []).append(key)
        return {
            one.token: Found(keys=tuple(by_name.get((one.parent, _folded(kind, _wanted_name(kind, one))), ())))
            for one in wanted
        }


def _created(out: Outcome, attribute: Attribute | None) -> Result:
    """A term that exists under the same name tells its id: it is the wanted one."""
    made = row_id(out.row) if out.error is None else resource_id(out.body)
    if made is None:
        return failed(out, out.error or Rejected(Code.UNEXPECTED_ANSWER, status=200, path="terms", excerpt=""))
    return Result(token=out.token, key=str(made) if attribute is None else attribute.key(made), exchange=out.exchange)


def _body(kind: Kind, row: NewElement) -> dict[str, Any]:
    body: dict[str, Any] = {"name": _text(_NAME.get(kind, "path"), _wanted_name(kind, row))}
    if kind is Kind.CATEGORY and row.parent:
        if not row.parent.isdigit():
            raise Rejected(Code.REJECTED, field="path", message=f"the shop has no category {row.parent!r}")
        body["parent"] = int(row.parent)
    return body


def _wanted_name(kind: Kind, row: NewElement) -> str:
    if kind is not Kind.CATEGORY:
        return str(row.fields.get(_NAME[kind]) or "")
    path = row.fields.get("path")
    return path[-1] if isinstance(path, list) and path else ""


def _text(field: str, value: FieldValue) -> str:
    text = str(value or "").strip()
    if not text:
        raise Rejected(Code.REQUIRED_EMPTY, field=field)
    if len(text) > TERM_LENGTH:
        raise Rejected(Code.TOO_LONG, field=field, limit=TERM_LENGTH, length=len(text))
    return text


def _folded(kind: Kind, name: str) -> str:
    return fold_unit(name) if kind is Kind.UNIT else fold(name)
