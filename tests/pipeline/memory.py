"""A side that lives in memory: the whole interface, with habits and faults a test can choose.

Used where thousands of histories are played; the simulator of a real shop is used everywhere else.
"""

import dataclasses
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from integrator.canonical.capabilities import Can, Capabilities, FieldSpec, Find, KindCapabilities
from integrator.canonical.errors import Gone, IntegrationError
from integrator.canonical.kinds import Kind
from integrator.canonical.preflight import Check, passed
from integrator.canonical.records import (
    ERP_RECORDS,
    SHOP_RECORDS,
    Category,
    Fields,
    Key,
    Price,
    PriceEntry,
    PriceList,
    Producer,
    Product,
    Record,
    StockLevel,
    TaxRate,
    Unit,
    WarehouseStock,
    WarehouseStocks,
)
from integrator.canonical.side import ElementError, Found, Keyed, NewElement, Page, Patch, ReadBack, Result, Scope

EVERYTHING = Can.READ | Can.CREATE | Can.UPDATE | Can.DELETE | Can.DEACTIVATE
PRODUCT_FIELDS = {
    "code": FieldSpec(required=True, update=False),
    "name": FieldSpec(required=True, max_length=60, overlong="cut"),
    "description": FieldSpec(html=True),
    "ean": FieldSpec(),
    "tax_rate": FieldSpec(required=True),
    "category": FieldSpec(required=True),
    "active": FieldSpec(),
}


def shop_capabilities(**changed: KindCapabilities) -> Capabilities:
    kinds = {
        Kind.UNIT: KindCapabilities(can=Can.READ),
        Kind.TAX_RATE: KindCapabilities(can=Can.READ),
        Kind.PRODUCER: KindCapabilities(can=Can.READ | Can.CREATE, fields={"name": FieldSpec()}, find=Find.NATURAL_KEY),
        Kind.CATEGORY: KindCapabilities(can=Can.READ),
        Kind.PRODUCT: KindCapabilities(
            can=EVERYTHING,
            fields=PRODUCT_FIELDS,
            delivers=frozenset({Kind.PRICE, Kind.STOCK}),
            create_needs=(Kind.PRICE, Kind.STOCK),
            find=Find.NATURAL_KEY,
        ),
        Kind.PRICE: KindCapabilities(can=Can.READ | Can.UPDATE, fields={"price": FieldSpec(decimals=2)}),
        Kind.STOCK: KindCapabilities(can=Can.READ | Can.UPDATE, fields={"quantity": FieldSpec(whole=True)}),
    }
    kinds |= {Kind(name): value for name, value in changed.items()}
    return Capabilities(label="memory", kinds=kinds, page_size=10, batch_size=5, fractions=False)


def erp_capabilities(*, writes: bool = False) -> Capabilities:
    product = KindCapabilities(
        can=Can.READ | (Can.UPDATE if writes else Can.NOTHING),
        fields={"name": FieldSpec(max_length=100), "description": FieldSpec(), "ean": FieldSpec()} if writes else {},
    )
    kinds = {kind: KindCapabilities(can=Can.READ) for kind in ERP_RECORDS if kind not in (Kind.GROUP, Kind.IMAGE)}
    return Capabilities(label="memory ERP", kinds=kinds | {Kind.PRODUCT: product}, page_size=10, batch_size=5)


class MemorySide:
    """`rows[kind][key]` is the truth. `keep` is what the side makes of a value it is sent; `fault` is asked before each
    call and after each write, and may raise."""

    def __init__(self, capabilities: Capabilities, *, erp: bool = False) -> None:
        self.capabilities = capabilities
        self.rows: dict[Kind, dict[Key, Record]] = {kind: {} for kind in (ERP_RECORDS if erp else SHOP_RECORDS)}
        self.broken: dict[Kind, dict[Key, ElementError]] = {}
        self.keep: Callable[[str, Any], Any] = lambda name, value: value
        self.fault: Callable[[str, Kind], None] = lambda call, kind: None
        self.refuse: Callable[[Kind, Fields], IntegrationError | None] = lambda kind, fields: None
        self.calls: list[tuple[str, Kind, int]] = []
        self.requests_sent = 0
        self._next = 1000

    def _call(self, name: str, kind: Kind, rows: int = 1) -> None:
        self.requests_sent += 1
        self.calls.append((name, kind, rows))
        self.fault(name, kind)

    def writes(self) -> list[tuple[str, Kind, int]]:
        return [call for call in self.calls if call[0] in ("create", "update", "delete", "deactivate")]

    def learn(self) -> None:
        """Nothing is to be learnt."""

    def probe(self) -> Iterator[Check]:
        yield passed("memory")

    def fetch(self, kind: Kind, scope: Scope, cursor: str | None) -> Page:
        self._call("fetch", kind)
        keys = sorted(self.rows[kind], key=_order)
        rest = [key for key in keys if cursor is None or _order(key) > _order(cursor)]
        part = rest[: self.capabilities.page_size]
        items = [self._keyed(kind, key) for key in part]
        for other in self.capabilities.of(kind).delivers:
            items += [self._keyed(other, key) for key in part if key in self.rows[other]]
        errors = tuple(self.broken.get(kind, {}).values()) if cursor is None else ()
        return Page(
            items=tuple(items), errors=errors, next_cursor=part[-1] if len(rest) > len(part) else None, total=len(keys)
        )

    def _keyed(self, kind: Kind, key: Key) -> Keyed:
        return Keyed(key=key, record=self.rows[kind][key], kind=kind)

    def read(self, kind: Kind, keys: Sequence[Key]) -> ReadBack:
        self._call("read", kind, len(keys))
        there = [key for key in keys if key in self.rows[kind]]
        items = [self._keyed(kind, key) for key in there]
        for other in self.capabilities.of(kind).delivers:
            items += [self._keyed(other, key) for key in there if key in self.rows[other]]
        return ReadBack(items=tuple(items), gone=tuple(key for key in keys if key not in self.rows[kind]))

    def content(self, kind: Kind, key: Key) -> bytes:
        return b""

    def find(self, kind: Kind, wanted: Sequence[NewElement]) -> Mapping[str, Found]:
        self._call("find", kind, len(wanted))
        if kind is Kind.CATEGORY:
            paths = {row.path: key for key, row in self.rows[kind].items() if isinstance(row, Category)}
            there = {one.token: paths.get(self._below(one)["path"]) for one in wanted}  # type: ignore[call-overload]
            return {token: Found(keys=(key,) if key else ()) for token, key in there.items()}
        name = "code" if kind is Kind.PRODUCT else "name"
        return {
            one.token: Found(
                keys=tuple(k for k, row in self.rows[kind].items() if getattr(row, name) == one.fields.get(name))
            )
            for one in wanted
        }

    def create(self, kind: Kind, rows: Sequence[NewElement]) -> list[Result]:
        self._call("create", kind, len(rows))
        results = []
        for row in rows:
            error = self.refuse(kind, row.fields)
            if error is None:
                self._next += 1
                key = str(self._next)
                self._put(kind, key, row.fields if kind is not Kind.CATEGORY else self._below(row))
                results.append(Result(token=row.token, key=key))
            else:
                results.append(Result(token=row.token, error=error))
        self.fault("after create", kind)
        return results

    def _below(self, row: NewElement) -> Fields:
        """A category is made below its parent, whatever the names above are on the other side."""
        above = self.rows[Kind.CATEGORY].get(row.parent)
        return {"path": (*(above.path if isinstance(above, Category) else ()), row.fields["path"][-1])}  # type: ignore

    def _put(self, kind: Kind, key: Key, fields: Fields) -> None:
        names = {f.name for f in dataclasses.fields(SHOP_RECORDS[kind])}
        kept = {name: self.keep(name, value) for name, value in fields.items() if name in names}
        self.rows[kind][key] = SHOP_RECORDS[kind](**kept)
        if "price" in fields:
            self.rows[Kind.PRICE][key] = Price(price=Decimal(str(fields["price"])))
        if "quantity" in fields:
            self.rows[Kind.STOCK][key] = StockLevel(quantity=Decimal(str(fields["quantity"])))

    def update(self, kind: Kind, rows: Sequence[Patch]) -> list[Result]:
        self._call("update", kind, len(rows))
        results = [self._update(kind, row) for row in rows]
        self.fault("after update", kind)
        return results

    def _update(self, kind: Kind, row: Patch) -> Result:
        error = self.refuse(kind, row.fields)
        if row.key not in self.rows[kind]:
            error = Gone(key=row.key)
        if error is not None:
            return Result(token=row.key, error=error)
        values = {
            name: Decimal(str(value)) if name in ("price", "quantity") else self.keep(name, value)
            for name, value in row.fields.items()
        }
        self.rows[kind][row.key] = dataclasses.replace(self.rows[kind][row.key], **values)
        return Result(token=row.key, key=row.key)

    def delete(self, kind: Kind, keys: Sequence[Key]) -> list[Result]:
        self._call("delete", kind, len(keys))
        for key in keys:
            for one in (kind, *self.capabilities.of(kind).delivers):
                self.rows[one].pop(key, None)
        return [Result(token=key, key=key) for key in keys]

    def deactivate(self, kind: Kind, keys: Sequence[Key]) -> list[Result]:
        self._call("deactivate", kind, len(keys))
        for key in keys:
            self.rows[kind][key] = dataclasses.replace(self.rows[kind][key], active=False)  # type: ignore[call-arg]
        return [Result(token=key, key=key) for key in keys]

    def admin_url(self, kind: Kind, key: Key) -> str:
        return ""


def _order(key: Key) -> tuple[int, str]:
    return (int(key), "") if key.isdigit() else (0, key)


def fill_erp(side: MemorySide, products: int = 12) -> None:
    side.rows[Kind.UNIT]["1"] = Unit(symbol="szt.", name="sztuka")
    side.rows[Kind.TAX_RATE] = {"23": TaxRate(code="23", percent=Decimal(23)), "zw": TaxRate(code="zw")}
    side.rows[Kind.PRODUCER]["5"] = Producer(name="Zawodnik")
    side.rows[Kind.CATEGORY]["1:1"] = Category(path=("Ogród", "Narzędzia"))
    for number in range(products):
        add_card(side, f"TOW{number:04d}", f"Łopata nr {number}")


def add_card(side: MemorySide, code: str, name: str, *, price: str = "12.30", stock: str = "7", **more: Any) -> None:
    facts = (("kind", "Towar"), ("web_shop", "1"))
    values = {"tax_rate": "23", "category": "1:1", "traits": facts} | more
    side.rows[Kind.PRODUCT][code] = Product(code=code, name=name, **values)
    side.rows[Kind.PRICE][code] = PriceList(entries=(PriceEntry(price_type="1", gross=Decimal(price)),))
    side.rows[Kind.STOCK][code] = WarehouseStocks(rows=(WarehouseStock(warehouse="1", on_hand=Decimal(stock)),))


def fill_shop(side: MemorySide) -> None:
    side.rows[Kind.UNIT]["1"] = Unit(symbol="szt", name="szt")
    side.rows[Kind.TAX_RATE] = {"1": TaxRate(code="23", name="23%"), "2": TaxRate(code="zw", name="zw.")}
    side.rows[Kind.PRODUCER]["3"] = Producer(name="zawodnik")
    side.rows[Kind.CATEGORY]["8"] = Category(path=("Ogród", "Narzędzia"))


def add_product(side: MemorySide, key: Key, code: str, name: str, *, price: str, stock: str, **more: Any) -> None:
    values = {"tax_rate": "1", "category": "8"} | more
    side.rows[Kind.PRODUCT][key] = Product(code=code, name=name, image_owner=key, **values)
    side.rows[Kind.PRICE][key] = Price(price=Decimal(price))
    side.rows[Kind.STOCK][key] = StockLevel(quantity=Decimal(stock))
