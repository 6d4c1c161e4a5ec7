"""Orders with their lines and parcels: a page of 50 takes a call for the orders and one for all their lines."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from integrator.canonical.errors import MappingError, Rejected
from integrator.canonical.orders import Known, Order, OrderError, OrderPage, OrdersRead
from integrator.canonical.problems import Code
from integrator.canonical.records import Key
from shops.connectors.marks import Marks
from shops.connectors.notices import excerpt_of
from shops.connectors.shoper import mapping, order_mapping
from shops.connectors.shoper.facts import Facts
from shops.connectors.shoper.order_lists import Listed, Listing, Related, Wanted, lists, related
from shops.connectors.shoper.order_paging import Spot, Walk, go_on, shop_text
from shops.connectors.shoper.order_words import Words
from shops.connectors.shoper.rest import PAGE, Rest, Row, row_id

_LINES_TOGETHER = 6
"""Orders whose lines are asked for in one list: six of eight lines fill a page."""
_PARCELS_TOGETHER = 25
_MOST_KEPT = 3000
"""Stock rows that are remembered as variants or none."""
_MARKS = Marks(
    "order_id", "status_id", ["status_date"], ["paid", "is_paid", "is_overpayment", "is_underpayment", "notes_priv"]
)


class OrderReading:
    def __init__(self, rest: Rest, facts: Facts, words: Words, settings: Mapping[str, Any]) -> None:
        self._rest = rest
        self._facts = facts
        self._words = words
        self._invoice_field = str(settings.get("invoice_field") or "").strip()

    def fetch(self, since: datetime, cursor: str | None, known: Known) -> OrderPage:
        if cursor is None:
            spot, listed = self._begin(since)
        else:
            spot = Spot.decode(cursor)
            (listed,) = lists(self._rest, [_listing(spot)])
        if listed.unknown_filter:
            raise Rejected(Code.UNEXPECTED_ANSWER, status=404, path="orders", excerpt=str(spot.filters()))
        rows, following = go_on(spot, listed.rows, listed.more)
        marks = _MARKS.of(rows)
        new, moved = _MARKS.sort(rows, marks, known)
        orders, errors = self._made(new, *self._around(new))
        return OrderPage(
            orders=tuple(orders),
            moved=tuple(order_mapping.moved(row, self._view({})) for row in moved),
            errors=tuple(errors),
            marks={key: mark for key, mark in marks.items() if key not in {one.key for one in errors}},
            next_cursor=None if following is None else following.encode(),
        )

    def _begin(self, since: datetime) -> tuple[Spot, Listed]:
        """The first page, and in the same call whether there are orders that its walk would not meet."""
        first = Spot.first(shop_text(since, self._facts.zone))
        late = Spot(walk=Walk.LATE, since=first.since)
        changed, missed = lists(self._rest, [_listing(first), _listing(late, 1)])
        if changed.unknown_filter:
            placed = Spot(walk=Walk.PLACED, since=first.since)
            return placed, lists(self._rest, [_listing(placed)])[0]
        return Spot(since=first.since, at=first.at, late=bool(missed.rows)), changed

    def read(self, keys: Sequence[Key]) -> OrdersRead:
        """One call, lines and parcels included, where they fit on their pages."""
        known = {int(key): key for key in keys if key.isdigit()}
        found, lines, parcels = related(
            self._rest, Wanted(resource="orders", ids=known, together=PAGE), _lines_of(known), _parcels_of(known)
        )
        rows = [row for number in known for row in found[number]]
        orders, errors = self._made(rows, lines, parcels)
        gone = tuple(key for key in keys if not key.isdigit() or not found[int(key)])
        return OrdersRead(orders=tuple(orders), errors=tuple(errors), gone=gone)

    def _around(self, rows: Sequence[Any]) -> list[Related]:
        """Lines and parcels of these orders."""
        numbered = [(row, one) for row in rows if (one := row_id(row, "order_id")) is not None]
        sent = [one for row, one in numbered if _may_have_parcels(row)]
        return related(self._rest, _lines_of([one for _, one in numbered]), _parcels_of(sent))

    def _made(self, rows: Sequence[Any], lines: Related, parcels: Related) -> tuple[list[Order], list[OrderError]]:
        if not rows:
            return [], []
        view = self._view(lines)
        orders: list[Order] = []
        errors: list[OrderError] = []
        for raw in rows:
            number = row_id(raw, "order_id") or 0
            try:
                row = mapping.whole_row(raw)
                orders.append(order_mapping.order(row, lines.get(number, ()), parcels.get(number, ()), view))
            except MappingError as error:
                errors.append(_failed(raw, number, error))
        return orders, errors

    def _view(self, lines: Mapping[int, Sequence[Row]]) -> order_mapping.View:
        return order_mapping.View(
            zone=self._facts.zone,
            currency=self._facts.order_currency,
            stage=self._words.stage,
            payment=self._words.payment,
            delivery=self._words.delivery,
            variants=self._variants(lines),
            confirmation=bool(self._facts.config.get("confirmation")),
            invoice_field=self._invoice_field,
        )

    def _variants(self, lines: Mapping[int, Sequence[Row]]) -> Mapping[str, bool]:
        """Which stock rows of these lines are variants. Asked once: a row never becomes another one's."""
        wanted = set()
        for row in (one for rows in lines.values() for one in rows):
            stock = row_id(row, "stock_id")
            if stock and row.get("option"):
                wanted.add(stock)
        known = dict(self._facts.fresh("sold_variants", dict))
        unknown = sorted(one for one in wanted if str(one) not in known)
        if unknown:
            (found,) = related(self._rest, Wanted(resource="product-stocks", ids=unknown, field="stock_id"))
            known |= {str(one): str(rows[0].get("extended")) == "1" for one, rows in found.items() if rows}
            self._facts.keep("sold_variants", dict(list(known.items())[-_MOST_KEPT:]))
        return known


def _lines_of(ids: Iterable[int]) -> Wanted:
    return Wanted(resource="order-products", ids=ids, together=_LINES_TOGETHER)


def _parcels_of(ids: Iterable[int]) -> Wanted:
    return Wanted(resource="parcels", ids=ids, together=_PARCELS_TOGETHER)


def _listing(spot: Spot, limit: int = PAGE) -> Listing:
    return Listing(resource="orders", filters=spot.filters(), order=spot.order(), limit=limit)


def _may_have_parcels(row: Row) -> bool:
    """The order counts its parcels; where it does not, they are asked for."""
    return str(row.get("total_parcels")) != "0"


def _failed(raw: Any, number: int, error: MappingError) -> OrderError:
    excerpt = excerpt_of(raw)
    key = str(number) if number else ""
    return OrderError(key=key, problem=error.problem, excerpt=excerpt, number=key)
