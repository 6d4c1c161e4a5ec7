"""Fetching orders by their changes, reading named ones, and the shop's words for states, payments and deliveries."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from integrator.canonical.errors import Gone, MappingError, Transient
from integrator.canonical.orders import (
    DeliveryEntry,
    Known,
    Order,
    OrderError,
    OrderPage,
    OrdersRead,
    OrderWords,
    PaymentEntry,
    StateEntry,
)
from integrator.canonical.problems import Code, Turn
from integrator.canonical.records import Key
from shops.connectors.marks import Marks
from shops.connectors.notices import excerpt_of
from shops.connectors.pagination import Place
from shops.connectors.woocommerce import order_mapping
from shops.connectors.woocommerce.facts import Facts
from shops.connectors.woocommerce.mapping import whole_row
from shops.connectors.woocommerce.order_amounts import DECIMALS
from shops.connectors.woocommerce.order_mapping import CARTS, OrderOptions, method_key, plain
from shops.connectors.woocommerce.rest import PAGE, ROOT, Rest, Row, listed, row_id

FIELDS = (
    "id,number,status,currency,prices_include_tax,date_created_gmt,date_modified_gmt,date_paid_gmt,total,total_tax,"
    "customer_id,billing,shipping,payment_method,payment_method_title,transaction_id,customer_note,line_items,tax_lines,"
    "shipping_lines,fee_lines,refunds,meta_data"
)
_MARKS = Marks("id", "status", ["date_modified_gmt"])
_WHOLE = {"_fields": FIELDS, "dp": DECIMALS}


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """Where a fetch goes on: at orders changed in `since` (seconds) or later. With a `place`, only those of that very
    second, by id: more than a page was changed in it."""

    since: int
    place: Place | None = None

    def encode(self) -> str:
        place = None if self.place is None else self.place.encode()
        return json.dumps({"since": self.since, "place": place})

    @classmethod
    def decode(cls, cursor: str) -> "Spot":
        found = json.loads(cursor)
        place = found["place"]
        return cls(since=found["since"], place=None if place is None else Place.decode(place))


class OrderReading:
    def __init__(self, rest: Rest, facts: Facts, options: OrderOptions) -> None:
        self.rest = rest
        self._facts = facts
        self._options = options

    # by changes

    def fetch(self, since: datetime, cursor: str | None, known: Known) -> OrderPage:
        """A page of 100 begins at a second, not at a number: orders that change meanwhile move to the end, and pages by
        number would skip as many others. The last second of a full page is left to the next one, so nothing comes
        twice and nothing is missed."""
        spot = Spot(since=int(since.timestamp())) if cursor is None else Spot.decode(cursor)
        if spot.place is not None:
            return self._of_one_second(spot.since, spot.place, known)
        asked = {**between(spot.since), **_WHOLE, "per_page": PAGE, "orderby": "modified", "order": "asc"}
        rows, _ = listed(self.rest.api.get(ROOT + "orders", asked))
        if len(rows) < PAGE:
            return self._page(rows, None, known)
        seconds = _ascending([_changed(row) for row in rows])
        last = max(one for one in seconds if one is not None)
        if all(one in (None, last) for one in seconds):
            return self._of_one_second(last, Place(), known)
        early = [row for row, one in zip(rows, seconds, strict=True) if one != last]
        return self._page(early, Spot(since=last), known)

    def _of_one_second(self, second: int, place: Place, known: Known) -> OrderPage:
        batch = self.rest.page("orders", place, {**between(second, second), **_WHOLE})
        following = Spot(since=second + 1) if batch.next is None else Spot(since=second, place=batch.next)
        return self._page(batch.rows, following, known)

    def _page(self, rows: Sequence[Any], following: Spot | None, known: Known) -> OrderPage:
        marks = _MARKS.of(rows)
        new, moved = _MARKS.sort(rows, marks, known)
        orders, errors = self._harvest([*new, *moved])
        return OrderPage(
            orders=tuple(orders),
            errors=tuple(errors),
            marks={key: mark for key, mark in marks.items() if key not in {one.key for one in errors}},
            next_cursor=None if following is None else following.encode(),
        )

    def _harvest(self, rows: Iterable[Any]) -> tuple[list[Order], list[OrderError]]:
        orders: list[Order] = []
        errors: list[OrderError] = []
        home = str(self._facts.shop["country"])
        for raw in rows:
            try:
                row = whole_row(raw)
                if not order_mapping.is_cart(row):
                    orders.append(order_mapping.order(row, self._options, home))
            except MappingError as error:
                errors.append(_unreadable(raw, error))
        return orders, errors

    # by keys

    def read(self, keys: Sequence[Key]) -> OrdersRead:
        rows, gone = self.present(keys, _WHOLE)
        orders, errors = self._harvest(rows.values())
        return OrdersRead(orders=tuple(orders), gone=gone, errors=tuple(errors))

    def present(self, keys: Sequence[Key], asked: Mapping[str, Any]) -> tuple[dict[Key, Row], tuple[Key, ...]]:
        """Orders by key, and the keys of those that are gone, the trash included. An order whose state a plugin made
        that is switched off by now is in no list: what the list lacks is asked for one by one."""
        ids = [int(key) for key in dict.fromkeys(keys) if key.isdigit()]
        rows = {str(one): row for one, row in self.rest.by_ids("orders", ids, asked).items()}
        missing = [one for one in ids if str(one) not in rows]
        thrown = self.rest.by_ids("orders", missing, {"_fields": "id", "status": "trash"}) if len(missing) > 1 else {}
        for one in missing:
            row = None if one in thrown else self._single(one, asked)
            if row is not None:
                rows[str(one)] = row
        found = {key: rows[key] for key in dict.fromkeys(keys) if key in rows}
        return found, tuple(key for key in dict.fromkeys(keys) if key not in rows)

    def _single(self, one: int, asked: Mapping[str, Any]) -> Row | None:
        wanted = {**asked, "_fields": f"{asked['_fields']},status"}
        try:
            row = whole_row(self.rest.get(f"orders/{one}", wanted))
        except Gone:
            return None
        return None if row.get("status") == "trash" else row

    # words

    def words(self) -> OrderWords:
        """A call for the states, one for the gateways, and one for each zone that things are sent to."""
        states = [
            StateEntry(
                key=plain(row, "slug"), name=plain(row, "name"), stage=order_mapping.stage_of(plain(row, "slug"))
            )
            for row in self.statuses()
            if row.get("slug") not in CARTS
        ]
        payments = [
            PaymentEntry(key=key, name=plain(row, "title") or plain(row, "method_title") or key, kind=_kind(key))
            for row in self._whole("payment_gateways", {"_fields": "id,title,method_title,enabled"})
            if row.get("enabled") is True and (key := plain(row, "id"))
        ]
        return OrderWords(states=tuple(states), payments=tuple(payments), deliveries=tuple(self._deliveries()))

    def statuses(self) -> list[Row]:
        return self._whole("orders/statuses")

    def _whole(self, path: str, asked: Mapping[str, Any] | None = None) -> list[Row]:
        """A list that has no pages and tells no totals."""
        found = self.rest.get(path, asked)
        if not isinstance(found, list) or not all(isinstance(one, Mapping) for one in found):
            raise Transient(Code.UNEXPECTED_ANSWER, status=200, path=path, excerpt=str(found)[:100])
        return found

    def _deliveries(self) -> Iterable[DeliveryEntry]:
        for zone in self._whole("shipping/zones", {"_fields": "id"}):
            path = f"shipping/zones/{plain(zone, 'id')}/methods"
            for row in self._whole(path, {"_fields": "instance_id,title,enabled,method_id,method_title"}):
                key = method_key(plain(row, "method_id"), plain(row, "instance_id"))
                if key and row.get("enabled") is True:
                    yield DeliveryEntry(key=key, name=plain(row, "title") or plain(row, "method_title") or key)


_kind = order_mapping.payment_kind


def between(first: int, last: int | None = None) -> dict[str, Any]:
    """Orders changed in these seconds, both included: the filters mean after and before, in whole seconds. Naive UTC
    together with the flag, because with a `Z` the flag shifts a second time."""
    asked: dict[str, Any] = {"modified_after": _naive(first - 1), "dates_are_gmt": "true"}
    return asked if last is None else asked | {"modified_before": _naive(last + 1)}


def _naive(second: int) -> str:
    return datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%dT%H:%M:%S")


def _changed(raw: Any) -> int | None:
    """The second of the last change, None where it cannot be read."""
    try:
        return int(order_mapping.moment(whole_row(raw), "date_modified_gmt").timestamp())
    except MappingError:
        return None


def _ascending(seconds: list[int | None]) -> list[int | None]:
    """Raises Transient for a list that is not sorted, or has no readable date: going on after it would lose orders."""
    known = [one for one in seconds if one is not None]
    if not known or known != sorted(known):
        where: dict[str, Any] = {"status": 200, "path": "orders", "excerpt": "orders not sorted by their change"}
        raise Transient(Code.UNEXPECTED_ANSWER, turn=Turn.SHOP_SETTINGS, **where)
    return seconds


def _unreadable(raw: Any, error: MappingError) -> OrderError:
    excerpt = excerpt_of(raw)
    label = str(raw.get("number") or "") if isinstance(raw, Mapping) else ""
    return OrderError(key=str(row_id(raw) or ""), problem=error.problem, excerpt=excerpt, number=label)
