"""A complete fetch is complete while others write: whatever stood in the shop from beginning to end is never missed in
two fetches running, and nothing arrives twice.

The default is a handful of seeds; `COMPLETENESS_SEEDS=1000` runs the whole proof (about half an hour).
"""

import os
import random
from collections import Counter
from dataclasses import dataclass, field

import pytest
from django.db import transaction

from integrator.api_client import NetworkPolicy
from integrator.canonical.kinds import Kind
from integrator.canonical.records import Key
from integrator.canonical.side import Side
from integrator.leases import LeaseHold
from shops.connectors.base import ShopAccess
from shops.connectors.shoper.connector import PLATFORM
from shops.connectors.shoper.simulator import STATIC_TOKEN, ShoperSimulator, ShopState
from shops.connectors.shoper.simulator.generated import FIRST_VALUE_ID, GROUP_ID, OPTION_ID
from shops.models import ShopConnection
from syncjobs import snapshots
from syncjobs.fetching import fetch_pages, start_fetch
from syncjobs.models import Fetch, FetchedPage
from syncjobs.models.choices import OPEN_STATUSES, Status
from tests.connectors.wire import Wire
from tests.pipeline.lab import client

pytestmark = pytest.mark.one_database

SEEDS = int(os.environ.get("COMPLETENESS_SEEDS", "5"))
PRODUCTS = 2000
GONE_BEFORE = 7
"""Products deleted before the fetches of a seed begin: those must be noticed."""


@dataclass
class Bustle:
    """People at work in the shop between any two requests: products and variants come, go, are renamed and sorted."""

    state: ShopState
    chance: random.Random
    done: Counter[str] = field(default_factory=Counter)

    def __call__(self) -> None:
        for _ in range(self.chance.choice((0, 0, 1, 2, 5))):
            act = self.chance.choice((self.delete, self.insert, self.rename, self.sort, self.fewer, self.more))
            act()
            self.done[act.__name__] += 1

    def _any(self) -> int:
        return self.chance.choice(self.state.products.ids)

    def delete(self) -> None:
        self.state.remove_product(self._any())

    def insert(self) -> None:
        number = self.state.products.next_id
        made = self.state.add_product(f"NOWY-{number}", f"Nowy {number}", "5.00", 1, group=GROUP_ID)
        if self.chance.random() < 0.3:
            self.state.add_variant(made, f"NOWY-{number}-S", {OPTION_ID: FIRST_VALUE_ID})

    def rename(self) -> None:
        with self.state.products.editing(self._any()) as row:
            for texts in row["translations"].values():
                texts["name"] = f"{self.chance.choice('AŁŹ')} {texts['name']}"
        self.state.touch(int(row["product_id"]))

    def sort(self) -> None:
        """The order of the shop's own lists: it must not matter to us."""
        with self.state.products.editing(self._any()) as row:
            for texts in row["translations"].values():
                texts["order"] = str(self.chance.randrange(1000))

    def fewer(self) -> None:
        variants = self.state.stock_ids(self._any())[1:]
        if len(variants) > 1:
            self.state.remove_variant(self.chance.choice(variants))

    def more(self) -> None:
        product = self._any()
        if len(self.state.stock_ids(product)) > 1:
            self.state.add_variant(product, f"WAR-{product}", {OPTION_ID: FIRST_VALUE_ID})


@pytest.fixture
def connection(db: None) -> ShopConnection:
    _, made = client()
    return ShopConnection.objects.create(client=made, name="Sklep", platform="shoper", address="http://127.0.0.1:9")


def opened(state: ShopState) -> tuple[Side, Wire]:
    wire = Wire(ShoperSimulator(state, limited=False))
    access = ShopAccess(
        address="http://127.0.0.1:9",
        credentials={"token": STATIC_TOKEN},
        network=NetworkPolicy(allow_private=True),
        transport=wire,
    )
    return PLATFORM.open(access), wire


def fetched(connection: ShopConnection, side: Side, hold: LeaseHold) -> Fetch:
    fetch = start_fetch(connection, Kind.PRODUCT, side.capabilities.of(Kind.PRODUCT).delivers)
    while fetch.status in OPEN_STATUSES:
        fetch_pages(fetch, connection, side, hold)
    assert fetch.status == Status.SUCCEEDED
    assert fetch.pages >= PRODUCTS // side.capabilities.page_size
    return fetch


def sellables(state: ShopState) -> set[Key]:
    """What stands in the shop now, as keys."""
    found: set[Key] = set()
    for product in state.products:
        variants = state.stock_ids(product)[1:]
        found |= {f"{product}:{one}" for one in variants} or {str(product)}
    return found


def doubled(fetch: Fetch) -> list[Key]:
    pages = FetchedPage.objects.filter(fetch=fetch).values_list("keys", flat=True)
    seen = Counter((kind, key) for page in pages for kind, keys in page.items() for key in keys)
    return [f"{kind} {key}" for (kind, key), times in seen.items() if times > 1]


def gone(connection: ShopConnection) -> set[Key]:
    items = snapshots.of(connection).filter(kind=Kind.PRODUCT, missed__gte=snapshots.GONE_AFTER)
    return set(items.values_list("key", flat=True))


def played(connection: ShopConnection, seed: int) -> list[str]:
    """One history: two fetches while people work. What went wrong, in words."""
    state = ShopState.generated(PRODUCTS)
    chance = random.Random(seed)
    deleted = set(sellables(state))
    for product in chance.sample(list(state.products.ids), GONE_BEFORE):
        state.remove_product(product)
    before = sellables(state)
    deleted -= before
    side, wire = opened(state)
    bustle = Bustle(state, chance)
    wire.after_each(bustle)
    hold = LeaseHold.take(ShopConnection, connection.pk)
    assert hold is not None
    fetches = [fetched(connection, side, hold) for _ in range(2)]
    hold.release()
    assert len(bustle.done) == 6
    lost = gone(connection)
    wrong = [
        f"seed {seed}: {key} was there all the time and counts as gone" for key in lost & before & sellables(state)
    ]
    wrong += [f"seed {seed}: {key} was deleted and does not count as gone" for key in deleted - lost]
    wrong += [f"seed {seed}: {what} came twice" for fetch in fetches for what in doubled(fetch)]
    return wrong


@pytest.mark.failure_mode("F2")
def test_nothing_that_stands_in_the_shop_is_ever_missed(connection: ShopConnection) -> None:
    hold = LeaseHold.take(ShopConnection, connection.pk)
    assert hold is not None
    fetched(connection, opened(ShopState.generated(PRODUCTS))[0], hold)
    hold.release()
    assert gone(connection) == set()
    wrong: list[str] = []
    for seed in range(SEEDS):
        with transaction.atomic():
            wrong += played(connection, seed)
            transaction.set_rollback(True)
    assert wrong == []
