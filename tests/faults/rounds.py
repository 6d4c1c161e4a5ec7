"""Small worlds in which the same days pass with faults and without, and what everybody sees in the end.

A round takes a schedule, or None for the day on which nothing goes wrong, and gives its outcome for
`tests.faults.schedule.differences`. What may never happen meanwhile it finds itself: `wrong` holds it in words.
"""

from collections import Counter
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

import pytest

from integrator.canonical.kinds import SYNC_KINDS, Kind
from integrator.canonical.records import Price, PriceEntry, PriceList, Product, StockLevel, WarehouseStocks
from integrator.canonical.side import NewElement, Patch
from syncjobs import runs
from syncjobs.engine.policy import Owner
from syncjobs.models import Change, Step
from syncjobs.models.choices import ChangeStatus, Status
from tests.faults.faulty import put_between
from tests.faults.schedule import Schedule
from tests.pipeline.lab import Lab, memory_lab
from tests.pipeline.memory import MemorySide, add_card, add_product
from tests.pipeline.test_death import Killed

CARDS = 5
OFTEN = (Kind.PRODUCT, Kind.PRICE, Kind.STOCK)
"""What runs in between; all kinds run first and last."""
UNDER_WAY = (ChangeStatus.SENT, ChangeStatus.UNKNOWN, ChangeStatus.PLANNED)


@dataclass
class Ended:
    outcome: dict[str, Any]
    wrong: list[str] = field(default_factory=list)
    struck: list[str] = field(default_factory=list)


class Watch:
    """Looks at everything the shop is asked to write, before it is written."""

    def __init__(self, erp: MemorySide, shop: MemorySide) -> None:
        self.erp, self.shop, self.wrong = erp, shop, list[str]()
        self._create, self._update = shop.create, shop.update
        shop.create, shop.update = self.create, self.update  # type: ignore[method-assign]
        shop.delete = self.removing("deleted")  # type: ignore[method-assign]
        shop.deactivate = self.removing("hidden")  # type: ignore[method-assign]

    def create(self, kind: Kind, rows: Any) -> Any:
        for row in rows:
            self.look(kind, row, row.token)
        return self._create(kind, rows)

    def update(self, kind: Kind, rows: Any) -> Any:
        for row in rows:
            if row.key in self.shop.rows[Kind.PRODUCT]:
                self.look(kind, row, code_of(self.shop, row.key))
        return self._update(kind, rows)

    def look(self, kind: Kind, row: NewElement | Patch, code: str) -> None:
        true = figures(self.erp, code)
        for name, value in row.fields.items():
            if name in true and Decimal(str(value)) != true[name]:
                self.wrong.append(f"{code}: {name} {value} was written while WAPRO held {true[name]}")

    def removing(self, what: str) -> Any:
        def refused(kind: Kind, keys: Any) -> Any:
            self.wrong.append(f"{kind} {', '.join(keys)} {what}")
            return []

        return refused


def code_of(shop: MemorySide, key: str) -> str:
    record = shop.rows[Kind.PRODUCT][key]
    assert isinstance(record, Product)
    return record.code


def figures(erp: MemorySide, code: str) -> dict[str, Decimal]:
    """Price and quantity of a card as WAPRO holds them now."""
    price, stock = erp.rows[Kind.PRICE].get(code), erp.rows[Kind.STOCK].get(code)
    if not isinstance(price, PriceList) or not isinstance(stock, WarehouseStocks):
        return {}
    gross = price.entries[0].gross
    assert gross is not None
    return {"price": gross, "quantity": stock.rows[0].on_hand}


def in_memory(monkeypatch: pytest.MonkeyPatch, shop: Schedule | None, erp: Schedule | None = None) -> Ended:
    """Two days of a client whose sides are in memory: products are linked and created, stock and prices move on both
    sides, a card comes. The workers die where the schedule says so and are followed by others."""
    with memory_lab(monkeypatch, products=CARDS) as lab, put_between(lab, monkeypatch) as (erp_line, shop_line):
        assert lab.erp is not None
        assert lab.shop is not None
        for number in (0, 1):
            code, name = f"TOW{number:04d}", f"Łopata nr {number}"
            add_product(lab.shop, str(100 + number), code, name, price="1.00", stock="2")
        lab.options(Kind.PRODUCT, export_unlinked=True)
        lab.own(Kind.PRICE, Owner.ERP, "price")
        lab.own(Kind.STOCK, Owner.ERP, "quantity")
        watch = Watch(lab.erp, lab.shop)
        erp_line.plan, shop_line.plan = erp, shop
        survive(lab, *SYNC_KINDS)
        first_day(lab)
        survive(lab)
        second_day(lab)
        survive(lab)
        erp_line.plan = shop_line.plan = None
        survive(lab, *SYNC_KINDS)
        lab.shop.calls.clear()
        survive(lab)
        ended = Ended(seen(lab), watch.wrong, [str(one) for line in (erp_line, shop_line) for one in line.struck])
        ended.wrong += [f"at rest, yet {name} of {kind}" for name, kind, _ in lab.shop.writes()]
        return ended


def first_day(lab: Lab) -> None:
    """Goods are sold over the counter, a price goes up, somebody in the shop sells below it, a card comes."""
    moves(lab, "TOW0001", stock="5")
    moves(lab, "TOW0002", price="14.50")
    assert lab.shop is not None
    lab.shop.rows[Kind.PRICE]["100"] = Price(price=Decimal("9.99"))
    assert lab.erp is not None
    add_card(lab.erp, "TOW0099", "Nowa łopata")


def second_day(lab: Lab) -> None:
    """Stock goes on falling, and rises; the shop itself has sold one."""
    moves(lab, "TOW0001", stock="3")
    moves(lab, "TOW0003", stock="11")
    assert lab.shop is not None
    lab.shop.rows[Kind.STOCK]["101"] = StockLevel(quantity=Decimal(1))


def moves(lab: Lab, code: str, *, stock: str = "", price: str = "") -> None:
    """Somebody changes a card in WAPRO."""
    assert lab.erp is not None
    if stock:
        held = lab.erp.rows[Kind.STOCK][code]
        assert isinstance(held, WarehouseStocks)
        row = replace(held.rows[0], on_hand=Decimal(stock))
        lab.erp.rows[Kind.STOCK][code] = replace(held, rows=(row,))
    if price:
        entries = (PriceEntry(price_type="1", gross=Decimal(price)),)
        lab.erp.rows[Kind.PRICE][code] = PriceList(entries=entries)


def survive(lab: Lab, *kinds: Kind) -> None:
    """One run to its end, whoever dies; plans that wait are approved as a person would."""
    lab.clock.shift(60)
    runs.start_run(lab.shop_connection, kinds=kinds or OFTEN, user=lab.user)
    for _ in range(60):
        try:
            lab.work()
        except Killed:
            lab.clock.shift(120)
            continue
        step = Step.objects.filter(status=Status.WAITING, run__connection=lab.shop_connection).first()
        if step is None:
            return
        runs.approve_step(step, lab.user)
    raise AssertionError("the pipeline does not come to rest")


def seen(lab: Lab) -> dict[str, Any]:
    """What stands in the shop and what we hold of it."""
    assert lab.shop is not None
    shop, links = lab.shop.rows, lab.links()
    codes = Counter(code_of(lab.shop, key) for key in shop[Kind.PRODUCT])
    by_code = {code_of(lab.shop, key): key for key in shop[Kind.PRODUCT]}
    return {
        "times": dict(codes),
        "products": {
            code: {"price": shop[Kind.PRICE][key].price, "stock": shop[Kind.STOCK][key].quantity}  # type: ignore[attr-defined]
            for code, key in by_code.items()
        },
        "links": {code: by_code.get(code) == key for code, key in links.items()},
        "producers": Counter(row.name for row in shop[Kind.PRODUCER].values()),  # type: ignore[attr-defined]
        "under way": Change.objects.filter(status__in=UNDER_WAY, step__run__connection=lab.shop_connection).count(),
    }
