"""A client with both connections, and a way to let its actors work until nothing is left, on a clock that jumps."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from integrator.accounts.models import Client, Firm, Role, User
from integrator.canonical.kinds import Kind
from shops.models import ShopConnection
from syncjobs import erp_actor, runner, runs
from syncjobs.engine.policy import Linked, Owner
from syncjobs.models import Change, Link, Run, Step, SyncOptions, Unlinked
from syncjobs.models.choices import ChangeStatus, Status
from syncjobs.options import ensure_options
from tests.pipeline.memory import MemorySide, erp_capabilities, fill_erp, fill_shop, shop_capabilities
from wapro.models import WaproConnection

MOST_SLICES = 400


@dataclass
class Lab:
    user: User
    shop_connection: ShopConnection
    erp_connection: WaproConnection
    clock: Any
    erp: MemorySide | None = None
    shop: MemorySide | None = None

    def work(self) -> None:
        """Advance both actors until neither has anything left; waiting moves the clock on."""
        for _ in range(MOST_SLICES):
            erp = erp_actor.advance_erp(self.erp_connection.pk)
            shop = runner.advance_shop(self.shop_connection.pk)
            if erp is None and shop is None:
                return
            waits = [seconds for seconds in (erp, shop) if seconds is not None]
            self.clock.shift(timedelta(seconds=max(min(waits), 0.1)))
        raise AssertionError("the pipeline does not come to rest")

    def run(self, *kinds: Kind, approve: bool = True, mode: str = Run.Mode.APPLY, **more: Any) -> Run:
        """One run to its end. `approve`: waiting plans are approved as a person would."""
        self.clock.shift(timedelta(seconds=1))
        run = runs.start_run(self.shop_connection, kinds=kinds or None, mode=mode, user=self.user, **more)
        self.work()
        while approve and (step := Step.objects.filter(run=run, status=Status.WAITING).first()):
            runs.approve_step(step, self.user)
            self.work()
        run.refresh_from_db()
        return run

    def options(self, kind: Kind, **changed: Any) -> None:
        SyncOptions.objects.filter(connection=self.shop_connection, kind=kind).update(**changed)

    def own(self, kind: Kind, owner: Owner, *fields: str) -> None:
        """Let one owner rule these fields."""
        option = SyncOptions.objects.get(connection=self.shop_connection, kind=kind)
        option.owners = {**option.owners, **dict.fromkeys(fields, str(owner))}
        option.linked = str(Linked.SHOP)
        option.options_version += 1
        option.save()

    def step(self, run: Run, kind: Kind) -> Step:
        return Step.objects.get(run=run, kind=kind)

    def links(self, kind: Kind = Kind.PRODUCT) -> dict[str, str]:
        rows = Link.objects.filter(connection=self.shop_connection, kind=kind)
        return dict(rows.values_list("erp_key", "shop_key"))

    def unlinked(self, kind: Kind, side: str) -> dict[str, str]:
        rows = Unlinked.objects.filter(connection=self.shop_connection, kind=kind, side=side)
        return dict(rows.values_list("key", "state"))

    def changes(self, run: Run, *statuses: ChangeStatus) -> list[Change]:
        rows = Change.objects.filter(step__run=run).order_by("pk")
        return list(rows.filter(status__in=statuses) if statuses else rows)


def client(name: str = "Ogrody Zieliński") -> tuple[User, Client]:
    firm = Firm.objects.create(name=f"Meridian {name}")
    made = Client.objects.create(firm=firm, name=name)
    user = User.objects.create_user(f"{made.pk}@example.com", "dobre-haslo-1", name="A. Kurek")
    user.memberships.create(firm=firm, role=Role.IMPLEMENTER)
    return user, made


@contextmanager
def memory_lab(monkeypatch: pytest.MonkeyPatch, *, products: int = 12, erp_writes: bool = False) -> Iterator[Lab]:
    """Two sides in memory behind the real pipeline."""
    user, made = client()
    erp = MemorySide(erp_capabilities(writes=erp_writes), erp=True)
    shop = MemorySide(shop_capabilities())
    fill_erp(erp, products)
    fill_shop(shop)

    @contextmanager
    def opened(side: MemorySide) -> Iterator[MemorySide]:
        yield side

    monkeypatch.setattr("syncjobs.slices.open_shop", lambda connection, hold=None: opened(shop))
    monkeypatch.setattr("syncjobs.slices.open_erp", lambda connection, **more: opened(erp))
    monkeypatch.setattr("syncjobs.setup.shop_capabilities", lambda connection: shop.capabilities)
    monkeypatch.setattr("syncjobs.setup.erp_capabilities", lambda connection: erp.capabilities)
    with time_machine.travel(timezone.now(), tick=False) as clock:
        erp_connection = WaproConnection.objects.create(client=made, engine="sample", server="memory")
        shop_connection = ShopConnection.objects.create(
            client=made,
            name="Sklep",
            platform="shoper",
            address="https://shop.example",
            is_leading=True,
            writes_enabled=True,
            price_type="1",
            warehouses=["1"],
        )
        ensure_options(shop_connection)
        yield Lab(user, shop_connection, erp_connection, clock, erp, shop)
