"""Fetching orders by their date of change, reading named ones, and the shop's own words."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from integrator.canonical.errors import Gone, MappingError, Rejected, Transient
from integrator.canonical.orders import (
    DeliveryEntry,
    Known,
    Order,
    OrderError,
    OrderPage,
    OrdersRead,
    OrderWords,
    StateEntry,
)
from integrator.canonical.problems import Code
from integrator.canonical.records import Key
from shops.connectors.marks import Marks
from shops.connectors.notices import excerpt_of
from shops.connectors.prestashop import order_mapping
from shops.connectors.prestashop.errors import Crashed
from shops.connectors.prestashop.facts import Facts
from shops.connectors.prestashop.mapping import whole_row
from shops.connectors.prestashop.order_around import Surroundings, values
from shops.connectors.prestashop.order_dictionaries import Dictionaries
from shops.connectors.prestashop.order_mapping import Terms
from shops.connectors.prestashop.reading import local_time, row_key
from shops.connectors.prestashop.rest import FEWEST, Listing, Rest, Row, listed, row_id, version_numbers

Clock = Callable[[], float]
"""Seconds since the epoch."""
_ROWS = (
    "id,product_id,product_attribute_id,product_quantity,product_name,product_reference,product_ean13,"
    "unit_price_tax_incl,unit_price_tax_excl"
)
_TOTALS = tuple(
    f"total_{name}_tax_{tax}" for name in ("paid", "shipping", "wrapping", "discounts") for tax in ("incl", "excl")
)
ORDERS = Listing(
    resource="orders",
    display=("id", "reference", "id_address_delivery", "id_address_invoice", "id_currency", "id_customer",
             "id_carrier", "current_state", "module", "payment", "date_add", "date_upd", "shipping_number",
             "total_paid_real", "total_products", "total_products_wt", "carrier_tax_rate", "round_mode", "round_type",
             *_TOTALS, f"order_rows[{_ROWS}]"),
    size=50,
)  # fmt: skip
NOTED = Listing(resource="orders", display=(*ORDERS.display, "note"), size=ORDERS.size)
"""With the note of the panel, which is there since 1.7.8."""
NOTES_SINCE = (1, 7, 8)
OVERLAP = timedelta(minutes=2)
"""Shops date orders when their row is saved, which is after the second it is dated with has begun."""
BEING_PLACED = timedelta(minutes=5)
"""An order has no state while PHP is still writing its lines; it is fetched again when it has got one."""
_MARKS = Marks("id", "current_state", ["date_upd"], ["total_paid_real", "note"])
_FAR = "2099-12-31 00:00:00"
_LAST = 2**63


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """The order that a page ended with: its date as the shop writes it, and its id."""

    at: str = ""
    id: int = 0

    def encode(self) -> str:
        return json.dumps({"at": self.at, "id": self.id})

    @classmethod
    def decode(cls, cursor: str | None) -> "Spot":
        return cls(**json.loads(cursor)) if cursor else cls()


class OrderReading:
    """One session."""

    def __init__(self, rest: Rest, facts: Facts, dictionaries: Dictionaries, *, gross: bool, clock: Clock) -> None:
        self.rest = rest
        self.facts = facts
        self.dictionaries = dictionaries
        self.fresh: dict[Key, Row] = {}
        """Orders as they were last read in this session, by key."""
        self._surroundings = Surroundings(rest, facts)
        self._gross = gross
        self._clock = clock

    @property
    def version(self) -> tuple[int, ...]:
        return version_numbers(str(self.facts.shop["version"]))

    @property
    def listing(self) -> Listing:
        return NOTED if self.version >= NOTES_SINCE else ORDERS

    # by changes

    def fetch(self, since: datetime, cursor: str | None, known: Known) -> OrderPage:
        """Orders by the date of their last change, then by id. A page goes on after the last order of the one before:
        by number, orders that change meanwhile would move to the end and push others out of sight.

        Tracking numbers move no date; the open orders that are read again now and then show them.
        """
        spot = Spot.decode(cursor)
        begin = spot.at or local_time(since - OVERLAP, self.facts.zone)
        rows, more = self._changed(begin, spot)
        marks = _MARKS.of(rows)
        new, moved = self._sorted(rows, marks, known)
        orders, errors = self._orders(new)
        following = _end(rows) if more else None
        young = self._being_placed(rows)
        unread = {one.key for one in errors}
        return OrderPage(
            orders=tuple(orders),
            moved=tuple(order_mapping.moved(row, self._terms(moved)) for row in moved),
            errors=tuple(one for one in errors if one.key not in young),
            marks={key: mark for key, mark in marks.items() if key not in unread},
            next_cursor=None if following is None else following.encode(),
        )

    def _sorted(self, rows: Sequence[Any], marks: Mapping[Key, str], known: Known) -> tuple[list[Any], list[Row]]:
        """Rows to be read with all that belongs to them, and those of which only state and payment moved. A payment by
        a module brings the number of its transaction, which is read."""
        new, moved = _MARKS.sort(rows, marks, known)
        self.fresh |= {row_key(row): row for row in rows if isinstance(row, Mapping)}
        new += [row for row in moved if order_mapping.paid_by_module(row)]
        return new, [row for row in moved if not order_mapping.paid_by_module(row)]

    def _changed(self, begin: str, spot: Spot) -> tuple[Sequence[Row], bool]:
        """Rows after the spot, and whether there may be more. Where more orders than a page holds changed in one second
        that second is read by id."""
        rows, size = self._page({"date_upd": f"[{begin},{_FAR}]"}, "[date_upd_ASC,id_ASC]")
        new = [row for row in rows if not spot.at or _place(row) > (spot.at, spot.id)]
        if new or len(rows) < size:
            return new, len(rows) == size
        rows, size = self._page({"date_upd": f"[{begin},{begin}]", "id": f">[{spot.id}]"}, "[id_ASC]")
        if rows:
            return rows, True
        rows, size = self._page({"date_upd": f">[{begin}]"}, "[date_upd_ASC,id_ASC]")
        return rows, len(rows) == size

    def _page(self, filters: Mapping[str, str], sort: str) -> tuple[Sequence[Row], int]:
        """One page and how many rows were asked for; halved for a shop that dies over it, now and later."""
        pages: dict[str, int] = dict(self.rest.memory.get("pages", {}))
        listing = self.listing
        size = min(pages.get("orders_changed", listing.size), listing.size)
        while True:
            params: dict[str, Any] = {
                "output_format": "JSON",
                "date": "1",
                "display": listing.shown(self.version),
                "sort": sort,
                "limit": str(size),
                **{f"filter[{name}]": value for name, value in filters.items()},
            }
            try:
                answer = self.rest.api.get(self.rest.root + listing.resource, params)
                break
            except Gone:
                raise Rejected(Code.UNEXPECTED_ANSWER, status=404, path=listing.resource, excerpt="") from None
            except Crashed:
                if size // 2 < FEWEST:
                    raise
                size //= 2
                self.rest.memory["pages"] = {**pages, "orders_changed": size}
        rows = listed(answer, listing.resource)
        dates = [str(row.get("date_upd")) for row in rows if isinstance(row, Mapping)]
        if sort.startswith("[date") and dates != sorted(dates):
            raise Transient(Code.UNEXPECTED_ANSWER, path=listing.resource, excerpt=f"dates out of order: {dates[:3]}")
        return rows, size

    def _being_placed(self, rows: Iterable[Row]) -> set[Key]:
        """Keys of orders without a state that are so new that they will get one."""
        newest = local_time(datetime.fromtimestamp(self._clock(), UTC) - BEING_PLACED, self.facts.zone)
        return {
            row_key(row)
            for row in rows
            if isinstance(row, Mapping) and str(row.get("current_state") or "0") == "0"
            if str(row.get("date_upd")) > newest
        }

    # by keys

    def read(self, keys: Sequence[Key]) -> OrdersRead:
        asked = list(dict.fromkeys(keys))
        rows = self.rest.by_ids(self.listing, asked)
        orders, errors = self._orders(list(rows.values()))
        told = {one.key for one in orders} | {one.key for one in errors}
        return OrdersRead(
            orders=tuple(orders), errors=tuple(errors), gone=tuple(key for key in asked if key not in told)
        )

    def rows_of(self, keys: Sequence[Key]) -> dict[Key, Row]:
        """Rows of orders as they were read in this session, the others as they are now."""
        missing = [key for key in keys if key not in self.fresh]
        if missing:
            self.fresh |= self.rest.by_ids(self.listing, missing)
        return {key: self.fresh[key] for key in keys if key in self.fresh}

    def parcels(self, keys: Sequence[Key]) -> dict[Key, list[Row]]:
        """Rows of order_carriers, by order."""
        return self._surroundings.parcels(keys)

    def _orders(self, rows: Sequence[Any]) -> tuple[list[Order], list[OrderError]]:
        readable = [row for row in rows if isinstance(row, Mapping)]
        around, terms = self._surroundings.of(readable), self._terms(readable)
        orders: list[Order] = []
        errors: list[OrderError] = []
        for raw in rows:
            try:
                found = order_mapping.order(whole_row(raw), around, terms)
            except MappingError as error:
                errors.append(_error(raw, error))
                continue
            orders.append(found)
            self.fresh[found.key] = raw
        return orders, errors

    def _terms(self, rows: Sequence[Row]) -> Terms:
        return Terms(
            zone=self.facts.zone,
            basis="gross" if self._gross else "net",
            states=self.dictionaries.states(values(rows, "current_state")),
            carriers=self.dictionaries.carriers(values(rows, "id_carrier")),
            countries=self.dictionaries.countries(self._surroundings.countries),
            currencies=self.dictionaries.currencies(values(rows, "id_currency")),
            groups=self.facts.groups(),
        )

    def words(self) -> OrderWords:
        """States that can be chosen and carriers that are offered. Payment modules are listed nowhere."""
        self.dictionaries.read_states()
        states = self.dictionaries.states()
        carriers = self.dictionaries.read_carriers()
        self.dictionaries.read_currencies()
        return OrderWords(
            states=tuple(
                StateEntry(key=key, name=one.name, stage=one.stage) for key, one in states.items() if not one.deleted
            ),
            deliveries=tuple(DeliveryEntry(key=one.key, name=one.name) for one in carriers.values()),
        )


def _place(row: Any) -> tuple[str, int]:
    """Date of change and id; of a row without an id the end of its second."""
    if not isinstance(row, Mapping):
        return _FAR, 0
    found = row_id(row)
    return str(row.get("date_upd")), found if found is not None else _LAST


def _end(rows: Sequence[Any]) -> Spot:
    """Where the next page begins. Raises Transient for a page of which no row can be told from another."""
    known = [_place(row) for row in rows if isinstance(row, Mapping) and row_id(row) is not None]
    if not known:
        raise Transient(Code.UNEXPECTED_ANSWER, path=ORDERS.resource, excerpt="orders without ids")
    at, last = known[-1]
    return Spot(at=at, id=last)


def _error(raw: Any, error: MappingError) -> OrderError:
    excerpt = excerpt_of(raw)
    label = str(raw.get("reference") or "") if isinstance(raw, Mapping) else ""
    return OrderError(key=row_key(raw), problem=error.problem, excerpt=excerpt, number=label)
