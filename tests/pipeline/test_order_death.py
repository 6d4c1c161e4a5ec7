"""A worker that dies anywhere on the way of an order: the next one ends where a way without a death ends."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from integrator.leases import LeaseHold
from syncjobs.models import OrderPromise, OrderTerms, ShopOrder
from tests.pipeline.selling import Shop
from tests.pipeline.test_death import Killed, Reaper
from wapro.models import WaproConnection
from wapro.orders.erp import ErpOrders
from wapro.sample.procedures.accountant import Accountant

PARCEL = "PACZKA-1"
CALLS = ("place", "cancel", "read", "create_contractor")
"""What is done in WAPRO: a worker may die with the answer in its hands."""


@contextmanager
def reaped(at: int, monkeypatch: pytest.MonkeyPatch) -> Iterator[Reaper]:
    """Dies at one moment that matters: before a call, before a result is saved, after WAPRO has answered."""
    reaper = Reaper(at)
    check, ensure, release = LeaseHold.check, LeaseHold.ensure, LeaseHold.release
    with monkeypatch.context() as patched:
        patched.setattr(LeaseHold, "check", lambda hold: (reaper.moment(), check(hold))[1])
        patched.setattr(LeaseHold, "ensure", lambda hold, seconds=0: (reaper.moment(), ensure(hold, seconds))[1])
        patched.setattr(LeaseHold, "release", lambda hold: None if reaper.just_died() else release(hold))
        for name in CALLS:
            patched.setattr(ErpOrders, name, _answered(getattr(ErpOrders, name), reaper))
        yield reaper


def _answered(call: Callable[..., Any], reaper: Reaper) -> Callable[..., Any]:
    def done(self: ErpOrders, *args: Any) -> Any:
        answer = call(self, *args)
        reaper.moment()
        return answer

    return done


class Way:
    """The way of one order from the shop into WAPRO and back, on a company and a shop that are new each time."""

    def __init__(self, shop: Shop, empty: bytes) -> None:
        self.shop = shop
        self.company = Path(shop.lab.erp_connection.server)
        self.empty = empty
        WaproConnection.objects.update(create_contractors=True, experimental_tested_on=date(2026, 1, 1))
        OrderTerms.objects.update(private="one_off")

    def sold(self) -> int:
        """A new order of a shop whose earlier ones are all before its go-live, and a company that knows none."""
        self.company.write_bytes(self.empty)
        ShopOrder.objects.all().delete()
        self.shop.lab.clock.shift(3600)
        over = {"since": None, "cursor": "", "fetch_began_at": None, "next_at": None, "not_before": None}
        OrderTerms.objects.update(go_live=timezone.now() - timedelta(minutes=30), **over)
        return self.shop.sell({self.shop.products[0]: 2})

    def survive(self, deed: Callable[[], None]) -> None:
        """Whoever takes over finds the lease run out."""
        try:
            deed()
        except Killed:
            self.shop.lab.clock.shift(120)
            self.survive(self.shop.later)

    def realised_and_told(self, key: int) -> None:
        self.survive(self.shop.later)
        with self.shop.accountant() as alias:
            Accountant(alias).realise(int(self.shop.order(key).erp_key))
            Accountant(alias).ship(int(self.shop.order(key).erp_key), PARCEL)
        self.survive(self.shop.later)
        self.survive(self.shop.later)

    def cancelled_there(self, key: int) -> None:
        self.survive(self.shop.later)
        self.shop.simulator.state.cancel_order(key)
        self.survive(self.shop.later)
        self.survive(self.shop.later)

    def ends(self, key: int) -> dict[str, Any]:
        """What everybody sees in the end."""
        row, order = self.shop.simulator.state.orders.get(key), self.shop.order(key)
        # A state that we set ourselves and did not save is noticed as the shop's.
        events = order.events.exclude(verb__in=["contractor", "state"]).values_list("side", "verb")
        return {
            "status": order.status,
            "in_wapro": self.shop.counted("SELECT COUNT(*) FROM ZAMOWIENIE WHERE NR_ZAMOWIENIA_KLIENTA LIKE 'WOOA-%'"),
            "contractors": self.shop.counted("SELECT COUNT(*) FROM KONTRAHENT"),
            "reserved": self.shop.counted("SELECT SUM(ZAREZERWOWANO) FROM POZYCJA_ZAMOWIENIA"),
            "shop": row["status"],
            "written there": [one["note"] for one in row["notes"]],
            "promised": OrderPromise.objects.filter(order=order, ended_at=None).count(),
            "timeline": sorted(set(events)),
        }


@pytest.mark.parametrize("deed", ["realised_and_told", "cancelled_there"])
@pytest.mark.failure_mode("F1")
def test_dying_at_any_moment_neither_loses_nor_doubles_an_order(
    shop: Shop, deed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    way = Way(shop, Path(shop.lab.erp_connection.server).read_bytes())

    def lived(at: int) -> tuple[int, dict[str, Any]]:
        key = way.sold()
        with reaped(at, monkeypatch) as reaper:
            getattr(way, deed)(key)
        return reaper.moments, way.ends(key)

    moments, expected = lived(0)
    assert expected["in_wapro"] == 1
    assert moments > 20
    # Half of the moments on either database: the two runs of `make test` see them all.
    first = 1 if connection.vendor == "sqlite" else 2
    for at in range(first, moments + 1, 2):
        assert lived(at)[1] == expected, f"died at moment {at}"
