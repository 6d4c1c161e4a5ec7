"""A firm with a dozen clients, of whom one has most of everything."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from integrator.accounts.models import AuditEntry, Client, Firm, Membership, Role, User
from shops.models import ShopConnection
from syncjobs import tallies
from syncjobs.demo.load import elements, history, people
from syncjobs.demo.load.elements import Lot
from syncjobs.demo.load.writer import light
from syncjobs.models import (
    Change,
    Conflict,
    ElementMark,
    KindState,
    Link,
    OrderEvent,
    Run,
    ShopOrder,
    SnapshotItem,
    Step,
    SyncOptions,
    Unlinked,
)
from syncjobs.options import ensure_options
from wapro.models import WaproConnection

FIRM = "Load Integrations"
ADMINISTRATOR = "load@integrations.example"
CLIENTS = 12
SHARES = (70, 12, 5, 3, 2, 2, 1, 1, 1, 1, 1, 1)
"""Percent of everything, by client; the first client's are divided between two shops, nine to one."""
TABLES = (
    SnapshotItem,
    Link,
    KindState,
    Unlinked,
    Conflict,
    ElementMark,
    Run,
    Step,
    Change,
    ShopOrder,
    OrderEvent,
    AuditEntry,
)


@dataclass(frozen=True, slots=True)
class Size:
    links: int
    changes: int
    orders: int
    decisions: int


def occupied() -> bool:
    """Whether somebody's work is in this database."""
    return Firm.objects.exists() or Link.objects.exists()


def seed(size: Size, tell: Callable[[str], None]) -> User:
    """Fill the database. The firm's administrator, who has no password: sign in by `changepassword`."""
    now = timezone.now().replace(microsecond=0)
    firm = Firm.objects.create(name=FIRM)
    user = User.objects.create(email=ADMINISTRATOR, name="Load Administrator", language="pl")
    Membership.objects.create(user=user, firm=firm, role=Role.ADMINISTRATOR)
    shops = [shop for place in range(CLIENTS) for shop in _client(firm, place, now)]
    with light(TABLES):
        number = 1
        for shop, share in shops:
            lot = Lot(shop, shop.client.erp, int(size.links * share), number, elements.first_link(), now)
            tell(f"{shop.client.name}, {shop.name}: {lot.links:,} links")
            elements.write(lot)
            history.write(lot, int(size.changes * share))
            people.orders(shop, max(5, int(size.orders * share)), lot.first, lot.products, now)
            number += lot.products + 2 * lot.alone
        people.decisions(firm, list(firm.clients.order_by("id")), [user], size.decisions, now)
        tell("indexes")
    tell("counts")
    for step in Step.objects.exclude(sealed_at=None).iterator():
        tallies.keep(step)  # as the worker that was at it leaves them
    return user


def _client(firm: Firm, place: int, now: datetime) -> list[tuple[ShopConnection, float]]:
    client = Client.objects.create(firm=firm, name=f"Klient {place + 1:02d}")
    WaproConnection.objects.create(client=client, server="10.0.0.5", checked_at=now, healthy=True)
    share = SHARES[place] / 100
    parts = [("Sklep", share * 0.9), ("Outlet", share * 0.1)] if place == 0 else [("Sklep", share)]
    return [(_shop(client, name, now), part) for name, part in parts]


def _shop(client: Client, name: str, now: datetime) -> ShopConnection:
    shop = ShopConnection.objects.create(
        client=client,
        name=name,
        platform="shoper",
        address=f"https://{name.lower()}-{client.pk}.example",
        environment="production",
        is_leading=name == "Sklep",
        writes_enabled=True,
        price_type="A",
        warehouses=["1"],
        checked_at=now,
        healthy=True,
    )
    ensure_options(shop)
    SyncOptions.objects.filter(connection=shop).update(enabled=True, next_at=now)
    return shop
