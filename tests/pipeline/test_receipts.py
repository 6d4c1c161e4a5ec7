"""A page that comes again as it was is not taken apart, and yet nothing that happened meanwhile is overlooked."""

import dataclasses
from collections.abc import Iterator
from decimal import Decimal

import pytest

from integrator.api_client import NetworkPolicy
from integrator.canonical.kinds import Kind
from integrator.canonical.records import Price
from integrator.canonical.side import Keyed, Side
from integrator.leases import LeaseHold
from shops.connectors.base import ShopAccess
from shops.connectors.shoper import mapping
from shops.connectors.shoper.connector import PLATFORM
from shops.connectors.shoper.simulator import STATIC_TOKEN, ShoperSimulator, ShopState
from shops.models import ShopConnection
from syncjobs import receipts, snapshots
from syncjobs.fetching import fetch_pages, start_fetch
from syncjobs.models import Fetch, FetchedPage
from syncjobs.models.choices import OPEN_STATUSES
from tests.connectors.wire import Wire
from tests.pipeline.lab import client

PRODUCTS = 120


@dataclasses.dataclass
class Stand:
    connection: ShopConnection
    side: Side
    simulator: ShoperSimulator
    hold: LeaseHold
    read: list[str]
    """Names of the products that were made into records since the last look."""

    def fetch(self) -> Fetch:
        self.read.clear()
        fetch = start_fetch(self.connection, Kind.PRODUCT, self.side.capabilities.of(Kind.PRODUCT).delivers)
        while fetch.status in OPEN_STATUSES:
            fetch_pages(fetch, self.connection, self.side, self.hold)
        return fetch

    def price(self, key: str) -> str:
        item = snapshots.of(self.connection).get(kind=Kind.PRICE, key=key)
        return str(item.record["price"])


def opened_on(simulator: ShoperSimulator) -> Side:
    access = ShopAccess(
        address="http://127.0.0.1:9",
        credentials={"token": STATIC_TOKEN},
        network=NetworkPolicy(allow_private=True),
        transport=Wire(simulator),
    )
    return PLATFORM.open(access)


@pytest.fixture
def stand(db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stand]:
    _, made = client()
    connection = ShopConnection.objects.create(client=made, name="S", platform="shoper", address="http://127.0.0.1:9")
    simulator = ShoperSimulator(ShopState.generated(PRODUCTS), limited=False)
    side = opened_on(simulator)
    hold = LeaseHold.take(ShopConnection, connection.pk)
    assert hold is not None
    read: list[str] = []
    product = mapping.product

    def watched(raw: mapping.Row, view: mapping.View) -> object:
        read.append(str(raw.get("product_id")))
        return product(raw, view)

    monkeypatch.setattr(mapping, "product", watched)
    yield Stand(connection, side, simulator, hold, read)
    hold.release()


def test_an_unchanged_shop_is_not_read_into_records_again(stand: Stand) -> None:
    first = stand.fetch()
    assert len(stand.read) == PRODUCTS
    second = stand.fetch()
    assert stand.read == []
    assert (second.received, second.changed, second.total) == (first.received, 0, first.total)
    third = stand.fetch()
    assert (stand.read, third.received) == ([], first.received)


def test_only_the_page_with_a_changed_row_is_read(stand: Stand) -> None:
    stand.fetch()
    stock_id = stand.simulator.state.stock_ids(61)[0]
    with stand.simulator.state.changing_stock(stock_id) as row:
        row["price"] = "1234.00"
    fetch = stand.fetch()
    assert [int(one) for one in stand.read] == list(range(51, 101))
    assert fetch.changed == 1
    assert stand.price("61") == "1234"


def test_what_we_wrote_ourselves_does_not_hide_that_the_shop_put_it_back(stand: Stand) -> None:
    """The shop's page is as in the last fetch, but not what we believe of it since our own write."""
    stand.fetch()
    before = stand.price("61")
    written = Keyed(key="61", kind=Kind.PRICE, record=Price(price=Decimal("7")))
    snapshots.store(stand.connection, [written])
    assert stand.price("61") == "7"
    stand.fetch()
    assert stand.price("61") == before


def test_an_element_that_was_missed_comes_back_with_its_old_page(stand: Stand) -> None:
    stand.fetch()
    snapshots.of(stand.connection).filter(kind=Kind.PRODUCT, key="61").update(missed=2)
    stand.fetch()
    assert snapshots.present(stand.connection, Kind.PRODUCT).filter(key="61", missed=0).exists()


def test_one_that_went_is_missed_although_another_came_for_it(stand: Stand) -> None:
    """As many are there as before, so a count of the shop alone would see nothing."""
    stand.fetch()
    stand.simulator.state.remove_product(61)
    stand.simulator.state.add_product("NOWY-1", "Towar, który przyszedł")
    fetch = stand.fetch()
    known = snapshots.of(stand.connection).filter(kind=Kind.PRODUCT)
    assert list(known.filter(missed=1).values_list("key", flat=True)) == ["61"]
    assert known.filter(missed=0).count() == fetch.received
    stand.fetch()
    gone = known.filter(missed=snapshots.GONE_AFTER)
    assert list(gone.values_list("key", flat=True)) == ["61"]
    assert not snapshots.present(stand.connection, Kind.PRODUCT).filter(key="61").exists()
    stand.fetch()
    assert known.filter(missed=0).count() == fetch.received


def test_a_broken_row_is_told_in_every_fetch(stand: Stand) -> None:
    stand.simulator.faults.break_record("products", 61)
    assert stand.fetch().issues > 0
    again = stand.fetch()
    assert again.issues > 0
    stand.simulator.faults.clear()
    mended = stand.fetch()
    assert (mended.issues, mended.changed > 0) == (0, True)


def test_other_code_reads_every_page_anew(stand: Stand, monkeypatch: pytest.MonkeyPatch) -> None:
    stand.fetch()
    monkeypatch.setattr(receipts, "code_digest", lambda module: "the next version")
    stand.fetch()
    assert len(stand.read) == PRODUCTS


def test_only_the_last_fetch_keeps_receipts(stand: Stand) -> None:
    stand.fetch()
    last = stand.fetch()
    assert set(FetchedPage.objects.values_list("fetch", flat=True)) == {last.pk}
