"""Random histories of several shops that sell from one stock, with late orders, lost answers and late readings."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    multiple,
    precondition,
    rule,
    run_state_machine_as_test,
)

from integrator.accounts.models import Client, Firm
from integrator.canonical.kinds import Kind
from integrator.canonical.orders import Stage
from integrator.canonical.records import WarehouseStock, WarehouseStocks
from integrator.canonical.side import Keyed
from shops.models import ShopConnection
from syncjobs import snapshots
from syncjobs.engine.offer import FORMULAS
from syncjobs.models import Fetch, Link, OrderTerms, ShopOrder
from syncjobs.models.choices import LinkState, Status
from syncjobs.orders import arriving, promises
from syncjobs.pairing import offer_for, promised_to_buyers
from syncjobs.setup import setup_of
from tests.orders.make import line, order
from wapro.models import WaproConnection
from wapro.orders.draft import CANCELLED, Progress, ProgressLine

PRODUCT = "LOP1"
SHOPS = st.integers(0, 2)
PIECES = st.integers(1, 4)
ZERO = Decimal(0)


@dataclass(eq=False)
class Sale:
    """One order, as it is: in the shop, in WAPRO, and what is known of it."""

    key: str
    shop: int
    pieces: int
    units: Decimal
    called_off: bool = False
    known: bool = False
    known_off: bool = False
    in_wapro: bool = False
    known_in_wapro: bool = False
    reserved: Decimal = ZERO
    done: Decimal = ZERO
    cancelled: bool = False
    deleted: bool = False
    """Somebody deleted it in WAPRO, and nobody has noticed."""

    @property
    def committed(self) -> Decimal:
        """Units that have still to be given to the buyer."""
        if self.cancelled or self.deleted or (self.called_off and not self.in_wapro):
            return ZERO
        return self.units - self.done


class Market(RuleBasedStateMachine):
    """Three shops of one client, one product. The rules are what happens; the promises are the real ones."""

    sales: Bundle[Sale] = Bundle("sales")

    def __init__(self) -> None:
        super().__init__()
        self._all: list[Sale] = []
        self._undo = transaction.atomic()
        self._undo.__enter__()

    @initialize(
        on_hand=st.integers(0, 30),
        factor=st.sampled_from([1, 1, 2, 6]),
        formula=st.sampled_from(sorted(FORMULAS)),
        buffers=st.lists(st.integers(0, 2), min_size=3, max_size=3),
    )
    def open_shops(self, on_hand: int, factor: int, formula: str, buffers: list[int]) -> None:
        self.on_hand, self.factor, self.buffers = Decimal(on_hand), Decimal(factor), buffers
        client = Client.objects.create(firm=Firm.objects.create(name="Meridian"), name="Dom i Ogród")
        self.erp = WaproConnection.objects.create(client=client, engine="sample", server="nowhere")
        self.connections = [
            ShopConnection.objects.create(
                client=client, name=f"Sklep {number}", platform="woocommerce", warehouses=["1"],
                stock_formula=formula, stock_buffer=buffers[number],
            )
            for number in range(3)
        ]  # fmt: skip
        for one in self.connections:
            Link.objects.create(connection=one, kind=Kind.PRODUCT, erp_key=PRODUCT, shop_key="10", origin="rule",
                                state=LinkState.LINKED)  # fmt: skip
        start = timezone.now() - timedelta(days=1)
        made = [OrderTerms(connection=one, enabled=True, go_live=start) for one in self.connections]
        self.terms = OrderTerms.objects.bulk_create(made)
        self.setups = [setup_of(one) for one in self.connections]
        self.fetch: Fetch | None = None
        self.shown, self.planned = [0, 0, 0], [0, 0, 0]
        self.fetch_stock()
        for shop in range(3):
            self.plan(shop)
            self.write(shop)

    def teardown(self) -> None:
        try:
            if hasattr(self, "terms"):
                self.come_to_rest()
        finally:
            transaction.set_rollback(True)
            self._undo.__exit__(None, None, None)

    # In the shops

    @rule(target=sales, shop=SHOPS, pieces=PIECES)
    def buy(self, shop: int, pieces: int) -> Any:
        """A buyer takes what the shop shows. Where everything is known and the shop shows no more than is offered now,
        that is never more than there is."""
        pieces = min(pieces, self.shown[shop])
        if pieces <= 0:
            return multiple()
        told = all(one.known for one in self._all) and self.shown[shop] <= self.offered(shop)
        self.shown[shop] -= pieces
        sale = Sale(str(len(self._all)), shop, pieces, pieces * self.factor)
        self._all.append(sale)
        assert not told or self.free(self._all) >= 0, "sold twice although everything was known"
        return sale

    @rule(sale=sales)
    def call_off(self, sale: Sale) -> None:
        if not sale.called_off:
            sale.called_off = True
            self.shown[sale.shop] += sale.pieces

    @rule(sale=sales)
    def see(self, sale: Sale) -> None:
        """Late, again, or after it was called off."""
        stage = Stage.CANCELLED if sale.called_off else Stage.OPEN
        placed = line(product="10", code="", quantity=str(sale.pieces))
        now = timezone.now()
        arriving.keep(self.terms[sale.shop], [order(key=sale.key, stage=stage, placed_at=now, lines=(placed,))])
        sale.known, sale.known_off = True, sale.called_off

    # In WAPRO

    @rule(sale=sales)
    def bring_in(self, sale: Sale) -> None:
        """The usual way: seen, placed, reserved and read back without a hitch."""
        self.see(sale)
        self.place(sale, lost=False)
        self.reserve(sale, sale.pieces * int(self.factor))
        self.read_back(sale)

    @rule(sale=sales, lost=st.booleans())
    def place(self, sale: Sale, lost: bool) -> None:
        """The intent is stored first. An answer that is lost leaves it so until somebody looks."""
        if sale.known and not sale.known_off and not sale.in_wapro:
            draft = {"order": {"lines": [{"card": PRODUCT}]}}
            self.save(sale, status=ShopOrder.Status.INTENDED, draft=draft, placing_began_at=timezone.now())
            sale.in_wapro = True
            if not lost:
                self.find(sale)

    @rule(sale=sales)
    def find(self, sale: Sale) -> None:
        if sale.in_wapro and not sale.known_in_wapro:
            self.save(sale, status=ShopOrder.Status.PLACED, erp_key=f"ZO{sale.key}")
            sale.known_in_wapro = True

    @rule(sale=sales, units=PIECES)
    def reserve(self, sale: Sale, units: int) -> None:
        if sale.in_wapro and not sale.cancelled:
            free = self.on_hand - sum((one.reserved for one in self._all), ZERO)
            sale.reserved += max(min(Decimal(units), sale.units - sale.done - sale.reserved, free), ZERO)

    @rule(sale=sales, units=PIECES)
    def issue(self, sale: Sale, units: int) -> None:
        if sale.in_wapro and not sale.cancelled:
            others = sum((one.reserved for one in self._all if one is not sale), ZERO)
            taken = max(min(Decimal(units), sale.units - sale.done, self.on_hand - others), ZERO)
            self.on_hand -= taken
            sale.done += taken
            sale.reserved -= min(sale.reserved, taken)

    @rule(sale=sales)
    def cancel(self, sale: Sale) -> None:
        """By our worker or by a person in the program."""
        if sale.in_wapro and sale.done < sale.units:
            sale.cancelled, sale.reserved = True, ZERO

    @rule(sale=sales)
    def delete(self, sale: Sale) -> None:
        """A person deletes it there: what it had reserved is free, and the buyer still waits."""
        if sale.known_in_wapro and not sale.done and not sale.cancelled:
            sale.deleted, sale.in_wapro, sale.reserved = True, False, ZERO

    @rule(units=PIECES)
    def deliver(self, units: int) -> None:
        self.on_hand += units

    # What is known here

    @rule(sale=sales)
    def read_back(self, sale: Sale) -> None:
        if not sale.known_in_wapro:
            return
        row = self.row(sale)
        if row.done_at is not None:
            return
        if sale.deleted:
            promises.cover(row, Progress(key=row.erp_key, gone=True))
            self.save(sale, status=ShopOrder.Status.WAITING, erp_key="", draft=None, placing_began_at=None)
            sale.deleted, sale.known_in_wapro = False, False
            return
        held = ProgressLine(key="1", card=PRODUCT, ordered=Decimal(sale.pieces), done=sale.done / self.factor,
                            reserved=sale.reserved, missing=ZERO, factor=self.factor)  # fmt: skip
        progress = Progress(key=row.erp_key, status=CANCELLED if sale.cancelled else "", lines=(held,))
        promises.cover(row, progress)
        if sale.cancelled:
            self.save(sale, status=ShopOrder.Status.CANCELLED, done_at=timezone.now())
            promises.end(row)

    @precondition(lambda self: self.fetch is None)
    @rule()
    def begin_reading_stock(self) -> None:
        now = timezone.now()
        self.fetch = Fetch.objects.create(
            erp=self.erp, kind=Kind.STOCK, delivers=[Kind.STOCK], status=Status.RUNNING, started_at=now
        )

    @precondition(lambda self: self.fetch is not None)
    @rule()
    def read_stock(self) -> None:
        reserved = sum((one.reserved for one in self._all), ZERO)
        rows = (WarehouseStock(warehouse="1", on_hand=self.on_hand, reserved=reserved),)
        record = WarehouseStocks(rows=rows, sale_factor=self.factor)
        snapshots.store(self.erp, [Keyed(key=PRODUCT, kind=Kind.STOCK, record=record)])
        assert self.fetch is not None
        self.fetch.received = 1

    @precondition(lambda self: self.fetch is not None and self.fetch.received)
    @rule()
    def end_reading_stock(self) -> None:
        assert self.fetch is not None
        self.fetch.status = Status.SUCCEEDED
        self.fetch.save()
        self.fetch = None

    @precondition(lambda self: self.fetch is None)
    @rule()
    def fetch_stock(self) -> None:
        self.begin_reading_stock()
        self.read_stock()
        self.end_reading_stock()

    @rule(shop=SHOPS)
    def plan(self, shop: int) -> None:
        self.planned[shop] = self.offered(shop)

    @rule(shop=SHOPS, lost=st.booleans())
    def write(self, shop: int, lost: bool = False) -> None:
        """A plan that is out of date is not written. A write that is lost may be sent again at any time."""
        if not lost and self.planned[shop] == self.offered(shop):
            self.shown[shop] = self.planned[shop]

    # What must hold

    @invariant()
    def never_offers_more_than_there_is(self) -> None:
        if not hasattr(self, "terms"):
            return
        free = self.free([one for one in self._all if one.known])
        for shop, buffer in enumerate(self.buffers):
            most = max(free // self.factor - buffer, 0)
            assert self.offered(shop) <= most, f"shop {shop}: {self.offered(shop)} offered, {most} there"

    @rule()
    def come_to_rest(self) -> None:
        """Everything is seen, placed and read back: each piece is offered that is there, and none is counted twice."""
        for sale in self._all:
            self.read_back(sale)
            self.see(sale)
            self.place(sale, lost=False)
            self.find(sale)
            if sale.called_off and sale.in_wapro and sale.done < sale.units:
                self.cancel(sale)
            self.read_back(sale)
        if self.fetch is None:
            self.begin_reading_stock()
        self.read_stock()
        self.end_reading_stock()
        self.fetch_stock()
        free = self.free(self._all)
        for shop, buffer in enumerate(self.buffers):
            assert self.offered(shop) == max(free // self.factor - buffer, 0)

    # Shorthands

    def free(self, sales: list[Sale]) -> Decimal:
        """Units that are there and have still to be given to nobody."""
        return self.on_hand - sum((one.committed for one in sales), ZERO)

    def offered(self, shop: int) -> int:
        setup = self.setups[shop]
        item = snapshots.load(self.erp, Kind.STOCK, [PRODUCT])[PRODUCT]
        offer = offer_for(setup, Kind.STOCK, promised_to_buyers(setup, [PRODUCT]))
        fields = offer(PRODUCT, snapshots.record_of(item))
        assert isinstance(fields, dict)
        return int(str(fields["quantity"]))

    def row(self, sale: Sale) -> ShopOrder:
        return ShopOrder.objects.get(connection=self.connections[sale.shop], shop_key=sale.key)

    def save(self, sale: Sale, **values: Any) -> None:
        ShopOrder.objects.filter(connection=self.connections[sale.shop], shop_key=sale.key).update(**values)


@pytest.mark.django_db
@pytest.mark.failure_mode("F6")
def test_whatever_happens_no_piece_is_offered_that_is_known_to_be_sold() -> None:
    run_state_machine_as_test(Market, settings=settings(max_examples=50, stateful_step_count=40, deadline=None))
