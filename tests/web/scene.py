"""A client with something to look at on every page of the synchronisation: rows as the pipeline leaves them.

Only rows are made here, nothing is run: pages are read-mostly, and what they show must not depend on how it came about.
"""

import dataclasses
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone

from integrator.accounts.models import Client, Firm, Membership, Role, User
from integrator.canonical.kinds import SYNC_KINDS, Kind
from integrator.canonical.records import (
    Category,
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
from integrator.canonical.side import Keyed
from shops.models import ShopConnection
from syncjobs import snapshots
from syncjobs.models import (
    Change,
    Conflict,
    ElementIssue,
    Fetch,
    Link,
    Run,
    Step,
    Unlinked,
)
from syncjobs.models.choices import Action, ChangeStatus, Phase, Side, Status
from wapro.models import WaproConnection

NAMES = (
    ("TAC-OGR-100", "Taczka ogrodowa 100 l, ocynk", "5907713041011"),
    ("WAZ-ZBR-25", 'Wąż zbrojony 1/2" 25 m', "5907713041288"),
    ("NAW-IGL-5", "Nawóz do iglaków 5 kg", "5902660010138"),
    ("DON-TER-40", "Donica terakota Ø 40 cm", "5904422140402"),
    ("SEK-TYT-21", "Sekator tytanowy 21 cm", "5903317210016"),
    ("GRA-WAC-14", "Grabie wachlarzowe 14 zębów", "5900217140144"),
    ("KON-OCY-10", "Konewka ocynkowana 10 l", "5902660010107"),
    ("KOS-EL-1600", "Kosiarka elektryczna 1600 W", "5908812600111"),
    ("ZIE-UNI-50", "Ziemia uniwersalna 50 l", "5901117100104"),
    ("LEZ-DRE-01", "Leżak drewniany, składany", "5906641340018"),
    ("RYN-PCV-125", "Rynna PCV 125 mm, brązowa, 4 m", "5901238812504"),
    ("OPR-PLE-10", "Opryskiwacz plecakowy 10 l", "5901117100111"),
)
ONLY_ERP = (
    ("WAZ-SPI-15", "Wąż spiralny 15 m z pistoletem", "5907713041301"),
    ("DON-BET-35", "Donica betonowa Ø 35 cm", "5904422140419"),
    ("PLO-OGR-25", "Płotek ogrodowy 2,5 m", ""),
    ("KOM-TER-340", "Kompostownik termo 340 l", "5906641340025"),
)
ONLY_SHOP = (
    ("WAZ-SPI-15", "Wąż ogrodowy spiralny 15 m + pistolet", "5907713041301"),
    ("ZRA-3", "Zestaw zraszaczy 3 szt.", "5907713060012"),
    ("", "Bon podarunkowy 100 zł", ""),
)


@dataclass
class Scene:
    firm: Firm
    client: Client
    erp: WaproConnection
    shop: ShopConnection
    user: User

    def item(self, side: Side, kind: Kind, key: str, record: Record) -> None:
        snapshots.store(self.erp if side is Side.ERP else self.shop, [Keyed(key=key, kind=kind, record=record)])

    def link(self, kind: Kind, erp_key: str, shop_key: str, **more: Any) -> Link:
        values = {"origin": "rule", "evidence": {"criterion": "code_and_name"}} | more
        return Link.objects.create(connection=self.shop, kind=kind, erp_key=erp_key, shop_key=shop_key, **values)

    def product(self, code: str, name: str, ean: str = "", *, number: int, price: str = "89.99") -> Link:
        """One product on both sides, linked, with price and stock."""
        key = str(8800 + number)
        card = Product(code=code, name=name, ean=ean, unit="1", tax_rate="23", category="1:10")
        self.item(Side.ERP, Kind.PRODUCT, code, card)
        self.item(Side.SHOP, Kind.PRODUCT, key, dataclasses.replace(card, unit="5", tax_rate="1", category="17"))
        gross = Decimal(price)
        entry = PriceEntry(price_type="A", net=(gross / Decimal("1.23")).quantize(Decimal("0.01")), gross=gross)
        self.item(Side.ERP, Kind.PRICE, code, PriceList(entries=(entry,), tax_percent=Decimal(23)))
        self.item(Side.SHOP, Kind.PRICE, key, Price(price=gross - 5))
        stock = WarehouseStock(warehouse="1", on_hand=Decimal(36 + number))
        self.item(Side.ERP, Kind.STOCK, code, WarehouseStocks(rows=(stock,)))
        self.item(Side.SHOP, Kind.STOCK, key, StockLevel(quantity=Decimal(38)))
        return self.link(Kind.PRODUCT, code, key)

    def unlinked(self, side: Side, key: str, code: str, name: str, ean: str = "", **more: Any) -> Unlinked:
        kind = more.pop("kind", Kind.PRODUCT)
        record = Product(code=code, name=name, ean=ean) if kind is Kind.PRODUCT else Producer(name=name)
        self.item(side, kind, key, record)
        item = snapshots.of(self.erp if side is Side.ERP else self.shop).get(kind=kind, key=key)
        return Unlinked.objects.create(
            connection=self.shop,
            kind=kind,
            side=side,
            key=key,
            code=item.code,
            label=item.label,
            ean=item.ean,
            search=item.search,
            **more,
        )

    def run(self, status: Status = Status.SUCCEEDED, **more: Any) -> Run:
        now = timezone.now()
        values = {"started_at": now - timedelta(minutes=3), "requested_by": self.user} | more
        if status not in (Status.QUEUED, Status.RUNNING):
            values.setdefault("finished_at", now)
        return Run.objects.create(connection=self.shop, status=status, **values)

    def step(self, run: Run, kind: Kind, status: Status = Status.SUCCEEDED, **more: Any) -> Step:
        now = timezone.now()
        counts = more.pop("counts", {"erp_fetched": 14, "shop_fetched": 11, "linked": 11})
        values = {"phase": Phase.DONE, "started_at": now - timedelta(seconds=12), "finished_at": now} | more
        return Step.objects.create(
            run=run,
            connection=self.shop,
            kind=kind,
            position=SYNC_KINDS.index(kind),
            status=status,
            counts=counts,
            **values,
        )

    def change(self, step: Step, link: Link | None = None, **more: Any) -> Change:
        values: dict[str, Any] = {"action": Action.UPDATE_SHOP, "status": ChangeStatus.PLANNED}
        if link is not None:
            values |= {"link": link, "erp_key": link.erp_key, "shop_key": link.shop_key, "code": link.erp_key}
        return Change.objects.create(step=step, connection=self.shop, kind=step.kind, **(values | more))

    def issue(
        self, step: Step, key: str, label: str, problem: dict[str, Any], *, side: Side = Side.SHOP
    ) -> ElementIssue:
        """An element that could not be read in this step's fetch."""
        owner = {"erp": self.erp} if side is Side.ERP else {"shop": self.shop}
        fetch = Fetch.objects.create(
            kind=step.kind, status=Status.SUCCEEDED, received=8, issues=1, delivers=[step.kind], **owner
        )
        setattr(step, "erp_fetch" if side is Side.ERP else "shop_fetch", fetch)
        step.had_errors = True
        step.save()
        return ElementIssue.objects.create(fetch=fetch, kind=step.kind, key=key, label=label, problem=problem)

    def conflict(self, link: Link, field: str, base: Any, erp: Any, shop: Any, **more: Any) -> Conflict:
        values = {"kind": Kind.PRODUCT, "base_erp": base, "base_shop": base, "erp": erp, "shop": shop} | more
        return Conflict.objects.create(connection=self.shop, link=link, field=field, **values)

    def member(self, role: Role, email: str) -> User:
        user = person(email, email.split("@")[0])
        Membership.objects.create(user=user, firm=self.firm, client=self.client, role=role)
        return user


def person(email: str, name: str, language: str = "en") -> User:
    """Somebody who is signed in by force; no password is hashed, which would take its time."""
    user = User(email=email, name=name, language=language)
    user.set_unusable_password()
    user.save()
    return user


def new_scene(*, platform: str = "shoper", language: str = "en") -> Scene:
    """A firm with one client, both connections and reference elements that are linked."""
    firm = Firm.objects.create(name="Merydian Integracje")
    client = Client.objects.create(firm=firm, name="Dom i Ogród Zieliński")
    erp = WaproConnection.objects.create(client=client, engine="sample", environment="production")
    shop = ShopConnection.objects.create(
        client=client,
        name="Sklep Zieliński",
        platform=platform,
        address="https://zielinski.example",
        environment="production",
        is_leading=True,
        writes_enabled=True,
        price_type="A",
        warehouses=["1"],
    )
    user = person("kurek@merydian.example", "A. Kurek", language)
    Membership.objects.create(user=user, firm=firm, role=Role.ADMINISTRATOR)
    scene = Scene(firm, client, erp, shop, user)
    _references(scene)
    return scene


def _references(scene: Scene) -> None:
    pairs: list[tuple[Kind, str, Record, str, Record]] = [
        (Kind.UNIT, "1", Unit(symbol="szt", name="sztuka"), "5", Unit(symbol="szt.", name="sztuki")),
        (Kind.TAX_RATE, "23", TaxRate(code="23", percent=Decimal(23)), "1", TaxRate(code="23%", percent=Decimal(23))),
        (Kind.PRODUCER, "40", Producer(name="Aquaterra"), "9", Producer(name="AQUATERRA")),
        (Kind.CATEGORY, "1:10", Category(path=("Nawadnianie",)), "17", Category(path=("Ogród", "Węże i zraszacze"))),
    ]
    for kind, erp_key, erp, shop_key, shop in pairs:
        scene.item(Side.ERP, kind, erp_key, erp)
        scene.item(Side.SHOP, kind, shop_key, shop)
        scene.link(kind, erp_key, shop_key)


def products(scene: Scene) -> list[Link]:
    return [scene.product(code, name, ean, number=n) for n, (code, name, ean) in enumerate(NAMES)]


def alone(scene: Scene) -> list[Unlinked]:
    """Unlinked, ambiguous and ignored products of both sides."""
    rows = [scene.unlinked(Side.ERP, code, code, name, ean) for code, name, ean in ONLY_ERP]
    rows += [scene.unlinked(Side.SHOP, str(9000 + n), *row) for n, row in enumerate(ONLY_SHOP)]
    rows.append(
        scene.unlinked(
            Side.ERP, "REK-M", "REK-M", "Rękawice ogrodowe M", state="ambiguous", candidates=["9001", "9002"]
        )
    )
    rows.append(scene.unlinked(Side.SHOP, "9099", "", "Usługa: montaż pergoli", state="ignored"))
    return rows
