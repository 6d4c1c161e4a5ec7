"""One client: a sample company, a simulated shop of any platform, and what people do on either side.

What is done is data (`Edit`), so that the same can be done in a world without faults, and both compared.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

from django.utils import timezone

from integrator.accounts.models import Client, Firm, Role, User
from integrator.canonical.kinds import Kind
from integrator.canonical.records import Key, Product
from integrator.canonical.side import Patch, Scope
from shops.connectors.prestashop.simulator import PrestaSimulator
from shops.connectors.prestashop.simulator import ShopState as PrestaState
from shops.connectors.shoper.simulator import ShoperSimulator
from shops.connectors.shoper.simulator import ShopState as ShoperState
from shops.connectors.woocommerce.simulator import ShopState as WooState
from shops.connectors.woocommerce.simulator import WooSimulator
from shops.models import ShopConnection
from shops.sessions import open_shop
from shops.simulation.server import serve
from syncjobs import queue, runs
from syncjobs.demo.order_terms import ensure_terms, let_orders_in
from syncjobs.demo.trade.counter import Counter
from syncjobs.demo.trade.goods import Goods
from syncjobs.demo.trade.warehouse import Warehouse
from syncjobs.engine.policy import Criterion, FirstAgreement, Linked, Owner
from syncjobs.models import Change, Link, OrderTerms, Run, ShopOrder, Step
from syncjobs.models.choices import OPEN_STATUSES, Status
from syncjobs.options import ensure_options
from tests.benchmarks import company
from tests.benchmarks.shops import SHOPS, Sellable
from wapro.models import WaproConnection
from wapro.sample.articles import INTERNET, MAIN, SERVICE

PLATFORMS = ("shoper", "woocommerce", "prestashop")
KINDS = (Kind.UNIT, Kind.TAX_RATE, Kind.PRODUCER, Kind.CATEGORY, Kind.PRODUCT, Kind.PRICE, Kind.STOCK)
OWNED = {Kind.PRODUCT: ("name", "ean"), Kind.PRICE: ("price",), Kind.STOCK: ("quantity",)}
SERVICES = tuple(f"USL00{number}" for number in range(1, 6))
"""Cards on which orders put delivery and the like."""
PLENTY = 500
"""Pieces of each card: no order is held for want of goods."""
UNLIMITED = {"share_changed": "100", "share_zeroed": "100", "price_jump": "1000"}


@dataclass(frozen=True)
class Edit:
    """One thing that somebody does. `verb` is a method of `World`."""

    verb: str
    code: str
    value: Any = None

    def __str__(self) -> str:
        return f"{self.verb} {self.code} {self.value}"


@dataclass
class World:
    platform: str
    company: Path
    shop: Any
    """The simulator."""
    erp: WaproConnection
    connection: ShopConnection
    person: User
    """Approves plans."""
    orders: list[str] = field(default_factory=list)
    """Keys of what was bought, in the order of buying."""

    def do(self, edit: Edit) -> None:
        getattr(self, edit.verb)(edit.code, edit.value)

    def rename(self, code: str, name: str) -> None:
        self._wapro("UPDATE ARTYKUL SET NAZWA = ?, NAZWA_CALA = ? WHERE INDEKS_KATALOGOWY = ?", name, name, code)

    def reprice(self, code: str, gross: str) -> None:
        net = str((Decimal(gross) / Decimal("1.23")).quantize(Decimal("0.0001")))
        cards = "SELECT ID_ARTYKULU FROM ARTYKUL WHERE INDEKS_KATALOGOWY = ?"
        prices = f"UPDATE CENA_ARTYKULU SET CENA_NETTO = ?, CENA_BRUTTO = ? WHERE ID_CENY = {INTERNET}"
        self._wapro(f"{prices} AND ID_ARTYKULU IN ({cards})", net, gross, code)

    def restock(self, code: str, pieces: int) -> None:
        self._wapro(f"UPDATE ARTYKUL SET STAN = ? WHERE INDEKS_KATALOGOWY = ? AND ID_MAGAZYNU = {MAIN}", pieces, code)

    def add_card(self, code: str, like: str, **more: Any) -> None:
        """A new card, as another one but for its code, name and EAN."""
        with closing(sqlite3.connect(self.company, timeout=30)) as database, database:
            database.row_factory = sqlite3.Row
            card = database.execute(
                f"SELECT * FROM ARTYKUL WHERE INDEKS_KATALOGOWY = ? AND ID_MAGAZYNU = {MAIN}", [like]
            ).fetchone()
            number = database.execute("SELECT MAX(ID_ARTYKULU) + 1 FROM ARTYKUL").fetchone()[0]
            name = f"Nowość {code}"
            fresh = {
                "ID_ARTYKULU": number, "INDEKS_KATALOGOWY": code, "NAZWA": name, "NAZWA_CALA": name,
                "KOD_KRESKOWY": "", "ZAREZERWOWANO": 0, "GUID_ARTYKUL": f"{number:08d}-0000-0000-0000-000000000000",
            } | more  # fmt: skip
            _copy(database, "ARTYKUL", card, fresh)
            prices = database.execute("SELECT * FROM CENA_ARTYKULU WHERE ID_ARTYKULU = ?", [card["ID_ARTYKULU"]])
            for price in prices.fetchall():
                key = database.execute("SELECT MAX(ID_CENA_ARTYKULU) + 1 FROM CENA_ARTYKULU").fetchone()[0]
                _copy(database, "CENA_ARTYKULU", price, {"ID_CENA_ARTYKULU": key, "ID_ARTYKULU": number})

    def meddle(self, code: str, fields: dict[str, Any]) -> None:
        """Somebody changes in the shop what WAPRO rules, behind the back of the faults."""
        held, self.shop.faults.active = self.shop.faults.active, []
        try:
            with open_shop(self.connection) as side:
                for kind, values in fields.items():
                    patch = Patch(key=self.key_of(code), fields=values, old={})
                    for result in side.update(Kind(kind), [patch]):
                        if result.error is not None:
                            raise result.error
        finally:
            self.shop.faults.active = held

    def buy(self, code: str, how: tuple[int, str]) -> None:
        pieces, payment = how
        goods = Goods(key=self.key_of(code), article=code)
        self.orders.append(Counter(self.connection.address).sell({goods: pieces}, payment))

    def cancel(self, code: str, place: int) -> None:
        """The shop's people cancel the order that was bought as the n-th."""
        Counter(self.connection.address).cancel(self.orders[place])

    def send_all(self) -> int:
        """The warehouse realises and sends every order that is in WAPRO."""
        warehouse = Warehouse(self.erp)
        waiting = warehouse.waiting()
        for order in waiting:
            warehouse.realise(order)
            warehouse.ship(order, f"PACZKA-{order}")
        return len(waiting)

    def choose_category(self) -> None:
        """Where new products go."""
        with open_shop(self.connection) as side:
            page = side.fetch(Kind.CATEGORY, Scope(since=None), None)
        self.connection.default_category = next(item.key for item in page.items if item.kind is Kind.CATEGORY)
        self.connection.save(update_fields=["default_category"])

    def key_of(self, code: str) -> Key:
        return Link.objects.get(connection=self.connection, kind=Kind.PRODUCT, erp_key=code).shop_key

    def linked(self) -> list[str]:
        links = Link.objects.filter(connection=self.connection, kind=Kind.PRODUCT, state="linked")
        return sorted(links.values_list("erp_key", flat=True))

    def synchronise(self, *kinds: Kind) -> Run:
        return runs.start_run(self.connection, kinds=list(kinds or KINDS))

    def idle(self) -> bool:
        """Whether no step is open and every order has gone as far as it goes by itself."""
        return not Step.objects.filter(connection=self.connection, status__in=OPEN_STATUSES).exists()

    def hurry(self) -> None:
        """As if the time had passed for which anything was put off; plans that wait are approved."""
        now = timezone.now()
        for step in Step.objects.filter(connection=self.connection, status=Status.WAITING):
            runs.approve_step(step, self.person)
        for actor in (self.connection, self.erp):
            rows = type(actor)._default_manager.filter(pk=actor.pk)
            rows.update(back_off_until=None, transport_failures=0)
        Step.objects.filter(connection=self.connection, status__in=OPEN_STATUSES).update(not_before=None)
        Change.objects.filter(connection=self.connection, not_before__gt=now).update(not_before=now)
        OrderTerms.objects.filter(connection=self.connection).update(next_at=None, not_before=None, erp_not_before=None)
        ShopOrder.objects.filter(connection=self.connection, not_before__gt=now).update(not_before=now)
        for actor in (self.connection, self.erp):
            queue.nudge(actor)

    def _wapro(self, sql: str, *values: Any) -> None:
        with closing(sqlite3.connect(self.company, timeout=30)) as database, database:
            if not database.execute(sql, values).rowcount:
                raise LookupError(f"no card for {values}")

    def asked(self, sql: str) -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(self.company, timeout=30)) as database:
            return database.execute(sql).fetchall()

    # How things stand: the same in a world with faults and in its twin.

    def standing(self) -> dict[str, Any]:
        return {"products": self.products(), "orders": self.order_states(), "wapro": self.company_state()}

    def products(self) -> dict[str, Any]:
        """What the shop shows by code, with how often a code is there."""
        rows: dict[Kind, dict[Key, Any]] = {kind: {} for kind in (Kind.PRODUCT, Kind.PRICE, Kind.STOCK)}
        with open_shop(self.connection) as side:
            delivered = side.capabilities.of(Kind.PRODUCT).delivers
            for kind in [Kind.PRODUCT, *(one for one in (Kind.PRICE, Kind.STOCK) if one not in delivered)]:
                cursor = None
                while True:
                    page = side.fetch(kind, Scope(since=None), cursor)
                    for item in page.items:
                        rows[item.kind][item.key] = item.record
                    cursor = page.next_cursor
                    if cursor is None:
                        break
        found: dict[str, Any] = {}
        for key, product in rows[Kind.PRODUCT].items():
            assert isinstance(product, Product)
            one = found.setdefault(product.code, {"times": 0})
            price, stock = rows[Kind.PRICE].get(key), rows[Kind.STOCK].get(key)
            one |= {
                "times": one["times"] + 1,
                "name": product.name,
                "ean": product.ean,
                "active": product.active,
                "price": None if price is None else price.price,
                "stock": None if stock is None else stock.quantity,
            }
        return found

    def order_states(self) -> dict[str, Any]:
        rows = {row.shop_key: row for row in ShopOrder.objects.filter(connection=self.connection)}
        found = {}
        for place, key in enumerate(self.orders):
            row = rows.get(key)
            found[f"{place}"] = "missing" if row is None else {"status": row.status, "in WAPRO": bool(row.erp_key)}
        return found

    def company_state(self) -> dict[str, Any]:
        """Orders by how often one number is there, reservations, contractors."""
        orders = self.asked("SELECT NR_ZAMOWIENIA_KLIENTA, COUNT(*) FROM ZAMOWIENIE GROUP BY 1")
        held = self.asked(
            f"SELECT INDEKS_KATALOGOWY, ZAREZERWOWANO FROM ARTYKUL WHERE ID_MAGAZYNU = {MAIN} AND ZAREZERWOWANO <> 0"
        )
        return {
            "orders": sum(count for _, count in orders),
            "doubled": sorted(number for number, count in orders if number and count > 1),
            "reserved": {code: float(pieces) for code, pieces in held},
            "contractors": self.asked("SELECT COUNT(*) FROM KONTRAHENT")[0][0],
        }


def _copy(database: sqlite3.Connection, table: str, row: sqlite3.Row, changed: dict[str, Any]) -> None:
    values = dict(zip(row.keys(), row, strict=True)) | changed
    names, marks = ", ".join(f'"{name}"' for name in values), ", ".join("?" * len(values))
    database.execute(f'INSERT INTO "{table}" ({names}) VALUES ({marks})', list(values.values()))


def sellables(platform: str, cards: int) -> list[Sellable]:
    return [replace(one, pictures=(), quantity=PLENTY) for one in SHOPS[platform].sellables(cards, 0.0)]


def simulator(platform: str, products: int) -> Any:
    """A shop of so many simple products; the company's cards are the same and more."""
    if platform == "shoper":
        return ShoperSimulator(ShoperState.generated(products, 0.0, images=0), limited=False)
    if platform == "woocommerce":
        return WooSimulator(WooState.generated(products, 0.0, images=0))
    return PrestaSimulator(PrestaState.generated(products, 0.0, images=0))


@contextmanager
def world(platform: str, folder: Path, name: str, *, cards: int, products: int, sells: bool = True) -> Iterator[World]:
    """A client of its own whose shop is served while the block lasts; everything it may do has been approved."""
    file = folder / f"{name}.sqlite3"
    company.write(file, lambda: iter(sellables(platform, cards)))
    app = simulator(platform, products)
    firm, _ = Firm.objects.get_or_create(name="Meridian")
    made = Client.objects.create(firm=firm, name=name)
    person = User.objects.create_user(f"{name}@example.com", "dobre-haslo-1", name="A. Kurek")
    person.memberships.create(firm=firm, role=Role.IMPLEMENTER)
    with serve(app) as server:
        erp = WaproConnection.objects.create(
            client=made, engine="sample", server=str(file), leading_warehouse=str(MAIN)
        )
        connection = ShopConnection.objects.create(
            client=made, name=name, platform=platform, address=server.url,
            credentials=dict(SHOPS[platform].credentials), settings=dict(SHOPS[platform].settings), limits=UNLIMITED,
            is_leading=True, writes_enabled=True, price_type=str(INTERNET), warehouses=[str(MAIN)],
        )  # fmt: skip
        for option in ensure_options(connection):
            _choose(option)
        if sells:
            let_orders_in(erp)
            ensure_terms(connection)
        made_world = World(platform, file, app, erp, connection, person)
        made_world.choose_category()
        for code in SERVICES:
            made_world.add_card(code, "SIM-000001", RODZAJ=SERVICE, DOSTEPNY_W_SKLEPIE_INTER=0)
        yield made_world


def _choose(option: Any) -> None:
    kind = Kind(option.kind)
    owned = [name for name in OWNED.get(kind, ()) if name in option.owners]
    option.owners |= dict.fromkeys(owned, str(Owner.ERP))
    option.linked = str(Linked.SHOP if owned else Linked.LEAVE)
    option.approved_at = timezone.now()
    option.export_unlinked = kind in (Kind.PRODUCT, Kind.PRODUCER)
    if kind is Kind.PRODUCT:
        option.criterion = Criterion.CODE
    option.first_agreement = FirstAgreement.ERP
    option.save()


def some_edits(chance: Random, linked: Sequence[str], number: int, open_orders: Sequence[int]) -> list[Edit]:
    """What happens in a round, on both sides, to cards that both worlds have already. `number` names the round,
    `open_orders` may be cancelled: which ones is no matter of timing."""
    made = [_some_edit(chance, chance.choice(linked), f"{number}.{place}") for place in range(chance.randint(6, 14))]
    if open_orders and chance.random() < 0.5:
        made.append(Edit("cancel", "", chance.choice(open_orders)))
    return made


def _some_edit(chance: Random, code: str, word: str) -> Edit:
    price = f"{chance.randint(500, 90_000) / 100:.2f}"
    return chance.choice(
        (
            Edit("rename", code, f"Towar {code} {word}"),
            Edit("reprice", code, price),
            Edit("restock", code, PLENTY + chance.randint(1, 400)),
            Edit("add_card", f"NEW-{word}", code),
            Edit("meddle", code, {"product": {"name": f"Nie ta nazwa {word}"}}),
            Edit("meddle", code, {"price": {"price": price}}),
            Edit("meddle", code, {"stock": {"quantity": str(chance.randint(50, 99))}}),
            Edit("buy", code, (chance.randint(1, 3), chance.choice(("cod", "online", "transfer")))),
            Edit("buy", code, (1, "cod")),
        )
    )
