"""Fills the demo: users and connections in the panel's database, the sample company, the shops' states."""

import secrets
import shutil
import sqlite3
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from django.db import transaction
from django.utils import timezone

from integrator.accounts.models import Client, Firm, Membership, Role, User
from integrator.canonical.capabilities import Can
from integrator.canonical.kinds import Kind
from shops.models import ShopConnection
from syncjobs.demo.checker.sample import Terms, offered
from syncjobs.demo.differences import Planted, planted
from syncjobs.demo.household import CLIENTS, Household, keep_login
from syncjobs.demo.order_terms import ensure_terms, let_orders_in
from syncjobs.demo.shops import demo_shop, save_shop
from syncjobs.demo.shops.shoper import empty_shop
from syncjobs.demo.storefronts import EMPTY, STOREFRONTS, Storefront
from syncjobs.engine.policy import Criterion, FirstAgreement, Owner, offered_owners
from syncjobs.models import OrderTerms, SyncOptions
from syncjobs.options import ensure_options, save_options
from syncjobs.setup import Setup, setup_of
from wapro.models import WaproConnection
from wapro.sample.sqlite import build

FIRM, STRANGERS = "Mostek Integracje", "Inna Firma"
LEADING, WAREHOUSES, PRICE_TYPE, GROUP_FIELD = 1, (1, 2), 3, "POLE1"
OWNED: Mapping[Kind, tuple[str, ...]] = {
    Kind.PRODUCT: ("name", "description", "ean", "unit", "tax_rate", "producer", "category", "weight"),
    Kind.PRICE: ("price",),
    Kind.STOCK: ("quantity",),
    Kind.IMAGE: ("name",),
}
"""Fields that the ERP rules in the demo, where the two sides offer it."""
EXPORTED = (Kind.UNIT, Kind.PRODUCER, Kind.CATEGORY, Kind.PRODUCT, Kind.IMAGE)
"""Kinds of which missing elements are made in shops that let us."""
_NO_PICTURE = b"II*\x00 a scan that somebody renamed to .png"


@dataclass(frozen=True, slots=True)
class _Person:
    email: str
    name: str
    role: Role
    client: bool = False
    """Only of the first client."""


ADMINISTRATOR = "anna@mostek.example"
_PEOPLE = (
    _Person(ADMINISTRATOR, "Anna Mostowska", Role.ADMINISTRATOR),
    _Person("igor@mostek.example", "Igor Wdrożeniowy", Role.IMPLEMENTER),
    _Person("ola@mostek.example", "Ola Operatorska", Role.OPERATOR),
    _Person("zofia@zagroda.example", "Zofia Zagrodnik", Role.VIEWER, client=True),
)


def seed(household: Household) -> None:
    """Make what is missing. What an earlier start left is kept; only the shops' addresses follow their ports."""
    if not household.sample(CLIENTS[0]).exists():
        _make_files(household)
    if not Firm.objects.filter(name=FIRM).exists():
        password = secrets.token_urlsafe(9)
        with transaction.atomic():
            _make_rows(household, password)
            keep_login(household.login_file, {"email": ADMINISTRATOR, "password": password})
    for shop in (*STOREFRONTS, EMPTY):
        address = household.shop_url(shop)
        of_shop = ShopConnection.objects.filter(client__name=shop.client, name=shop.name)
        of_shop.exclude(address=address).update(address=address)
        if shop is not EMPTY:
            _take_orders(of_shop.get())


def _take_orders(connection: ShopConnection) -> None:
    """A demo that was made before orders came gets them too; what somebody has set since stays."""
    if not OrderTerms.objects.filter(connection=connection).exists():
        let_orders_in(connection.client.erp)
        ensure_terms(connection)


def terms(today: date | None = None) -> Terms:
    """The settings of all connections, as the checker wants them."""
    day = today or timezone.localdate()
    return Terms(leading=LEADING, warehouses=WAREHOUSES, price_type=PRICE_TYPE, group_field=GROUP_FIELD, today=day)


def _make_files(household: Household) -> None:
    """The first company comes last: its file says that all are there."""
    plain = household.folder / "wapro-plain.sqlite3"
    plain.unlink(missing_ok=True)
    build(plain)
    for client in reversed(CLIENTS):
        made = household.folder / "wapro-new.sqlite3"
        shutil.copyfile(plain, made)
        shops = [shop for shop in STOREFRONTS if shop.client == client]
        plant_in_company(made, [shop.platform for shop in shops])
        articles = offered(made, terms())
        for shop in shops:
            save_shop(shop, demo_shop(shop, articles.values()), household.shop_state(shop))
        if client == EMPTY.client:
            save_shop(EMPTY, empty_shop(), household.shop_state(EMPTY))
        made.replace(household.sample(client))
    plain.unlink()


def plant_in_company(path: Path, platforms: Collection[str]) -> None:
    """The differences that are on WAPRO's side, for the shops of these platforms: prices that are missing, files that
    are no pictures."""
    unpriced = planted(platforms, Kind.PRODUCT, Planted.NO_PRICE) | planted(platforms, Kind.PRICE, Planted.NO_PRICE)
    with sqlite3.connect(path) as database:
        for index in unpriced:
            database.execute(
                "DELETE FROM CENA_ARTYKULU WHERE ID_CENY = ? AND ID_ARTYKULU IN"
                " (SELECT ID_ARTYKULU FROM ARTYKUL WHERE INDEKS_KATALOGOWY = ?)",
                (PRICE_TYPE, index),
            )
        for index in planted(platforms, Kind.IMAGE, Planted.NO_PICTURE_AT_ALL):
            content = _NO_PICTURE + index.encode()
            database.execute("UPDATE ARTYKUL_BLOB SET ZDJECIE = ? WHERE INDEKS_KATALOGOWY = ?", (content, index))
    database.close()


def _make_rows(household: Household, password: str) -> None:
    firm = Firm.objects.create(name=FIRM)
    clients = {name: Client.objects.create(firm=firm, name=name) for name in CLIENTS}
    people = {}
    for person in _PEOPLE:
        user = people[person.role] = User.objects.create_user(person.email, password, name=person.name)
        client = clients[CLIENTS[0]] if person.client else None
        Membership.objects.create(user=user, firm=firm, client=client, role=person.role)
    _make_strangers(password)
    for client in clients.values():
        _erp(client, household.sample(client.name))
    for shop in STOREFRONTS:
        connection = _shop(clients[shop.client], shop, household.shop_url(shop), writes_enabled=True)
        _set_options(connection, people[Role.IMPLEMENTER])
    ensure_options(_shop(clients[EMPTY.client], EMPTY, household.shop_url(EMPTY), writes_enabled=False))


def _make_strangers(password: str) -> None:
    """Somebody of another firm, who must see nothing of this one."""
    firm = Firm.objects.create(name=STRANGERS)
    user = User.objects.create_user("karol@inna.example", password, name="Karol Obcy")
    Membership.objects.create(user=user, firm=firm, role=Role.ADMINISTRATOR)
    Client.objects.create(firm=firm, name="Klient innej firmy")


def _erp(client: Client, path: Path) -> WaproConnection:
    return WaproConnection.objects.create(
        client=client,
        engine=WaproConnection.Engine.SAMPLE,
        server=str(path),
        leading_warehouse=str(LEADING),
        group_rule=GROUP_FIELD,
        option_fields=[{"field": "POLE2", "name": "Kolor"}, {"field": "POLE3", "name": "Rozmiar"}],
        snapshot_max_age=60,
    )


def _shop(client: Client, shop: Storefront, address: str, *, writes_enabled: bool) -> ShopConnection:
    keys = shop.category_keys()
    return ShopConnection.objects.create(
        client=client,
        name=shop.name,
        platform=shop.platform,
        address=address,
        credentials=dict(shop.credentials),
        is_leading=shop.leading,
        writes_enabled=writes_enabled,
        price_type=str(PRICE_TYPE),
        warehouses=[str(warehouse) for warehouse in WAREHOUSES],
        item_filter={"categories": keys} if keys else {},
    )


def _set_options(connection: ShopConnection, user: User) -> None:
    """WAPRO rules what OWNED names; what is missing in the shop is created, what no card knows is deleted; a price that
    differs at the first meeting is for a person to decide."""
    for options in ensure_options(connection):
        kind, setup = Kind(options.kind), setup_of(connection)
        options.owners |= _owners(setup, options)
        options.export_unlinked = kind in EXPORTED and setup.shop.can(kind, Can.CREATE)
        options.delete_unlinked = kind is Kind.PRODUCT
        if kind is Kind.PRODUCT:
            options.criterion = Criterion.CODE
        if kind is Kind.PRICE:
            options.first_agreement = FirstAgreement.ASK
        options.linked = "shop" if OWNED.get(kind) else "leave"
        save_options(options, user)


def _owners(setup: Setup, options: SyncOptions) -> dict[str, str]:
    kind = Kind(options.kind)
    return {
        name: str(Owner.ERP)
        for name in OWNED.get(kind, ())
        if Owner.ERP in offered_owners(name, setup.erp_of(kind), setup.shop.of(kind))
    }
