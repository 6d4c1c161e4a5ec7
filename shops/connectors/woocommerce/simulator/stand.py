"""The WooCommerce simulator as a stand of the conformance suite."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from random import Random
from typing import Any

from integrator.canonical.kinds import Kind
from integrator.canonical.records import Fields, Key
from integrator.canonical.side import NewElement
from shops.connectors.base import Known
from shops.connectors.woocommerce.connector import PLATFORM
from shops.connectors.woocommerce.simulator import (
    APPLICATION_PASSWORD,
    CONSUMER_KEY,
    CONSUMER_SECRET,
    USER,
    ShopState,
    WooSimulator,
)
from shops.connectors.woocommerce.simulator.order_money import Coupon
from shops.simulation.pictures import small_png
from shops.simulation.stand import OrderStand

KEYS = {"consumer_key": CONSUMER_KEY, "consumer_secret": CONSUMER_SECRET}


def ean13(number: int) -> str:
    """A GTIN-13 with the right check digit."""
    head = f"{number:012d}"
    weighted = sum(int(one) * (3 if place % 2 else 1) for place, one in enumerate(head))
    return f"{head}{(10 - weighted % 10) % 10}"


class WooStand(OrderStand):
    platform = PLATFORM
    credentials = {**KEYS, "media_user": USER, "media_password": APPLICATION_PASSWORD}
    version = "10.5.0"
    sent_state = "completed"

    def __init__(self) -> None:
        super().__init__()
        state = ShopState(clock=self.clock, version=self.version)
        self.shop = WooSimulator(state, clock=self.clock, sleep=self.clock.sleep)
        self.app = self.shop
        home = state.add_category("Dom")
        self.category = state.add_category("Kubki & dzbanki", parent=home)
        self.brands = self.settings.get("producer", "auto") == "auto" and state.features.brands_on_products
        if self.brands:
            self.brand = state.add_brand("Fabryka Ćmielów")
            self.producer = str(self.brand)
        else:
            makers = state.add_attribute("Marka", ["Fabryka Ćmielów"])
            self.producer = f"{makers}:{state.terms_of('pa_marka')[0]}"
        self.unit = state.add_attribute("Jednostka", ["szt.", "kpl."])
        self.pieces, self.sets = list(state.terms_of("pa_jednostka"))
        self.colour = state.add_attribute("Kolor", ["Czarny", "Biały", "Szary"])
        self.added = 0
        self.owner = state.add_product("OWNER", "Właściciel zdjęć", categories=[self.category])

    def secrets(self) -> list[str]:
        headers = {r.headers.get("authorization", "").partition(" ")[2] for r in self.wire.requests}
        return [CONSUMER_KEY, CONSUMER_SECRET, APPLICATION_PASSWORD, *filter(None, headers)]

    def fill(self, products: int) -> None:
        for number in range(products):
            self.add_product(variants=number % 3 == 0)

    def add_product(self, *, variants: bool = False) -> Key:
        self.added += 1
        sku = f"KUB-{self.added:04d}"
        colours = [{"sku": f"{sku}-{text}", "option": text, "stock": 2} for text in ("Czarny", "Biały")]
        made = self.shop.state.add_product(
            sku,
            f"Kubek {self.added}",
            "12.30",
            5,
            attribute=self.colour,
            variations=colours if variants else (),
            images=[small_png(self.added)],
            categories=[self.category],
            brands=[self.brand] if self.brands else [],
        )
        return str(made)

    def variants(self, product_id: Key) -> list[Key]:
        return [f"{product_id}:{one}" for one in self.shop.state.living_children(int(product_id))]

    def product_ids(self) -> list[Key]:
        table = self.shop.state.products
        return [str(one) for one in table if table.get(one)["type"] != "variation" and one != self.owner]

    def simple_ids(self) -> list[Key]:
        return [one for one in self.product_ids() if self.shop.state.products.get(int(one))["type"] == "simple"]

    def remove_product(self, product_id: Key) -> None:
        self.shop.state.remove_product(int(product_id))

    def spoil_product(self) -> Key:
        key = self.simple_ids()[0]
        self.shop.faults.break_record("products", int(key), {"name": None})
        return key

    def most_writes(self, keys: Sequence[Key], batch: int) -> int:
        """Variations of one parent need a batch of their own."""
        simple = sum(":" not in key for key in keys)
        return -(-simple // batch) + len({key.partition(":")[0] for key in keys if ":" in key})

    def unit_key(self, term: int) -> Key:
        return f"{self.unit}:{term}"

    def new(self, kind: Kind, number: int) -> NewElement:
        fields: dict[Kind, Fields] = {
            Kind.UNIT: {"symbol": f"rolka{number}"},
            Kind.PRODUCER: {"name": f"Łucznik & Syn {number}"},
            Kind.CATEGORY: {"path": ["Dom", "Kubki & dzbanki", f"Emaliowane & blaszane {number}"]},
            Kind.IMAGE: {"name": f"Widok {number}", "position": "1"},
            Kind.PRODUCT: self._new_product(number),
        }
        content = small_png(1_000_000 + number) if kind is Kind.IMAGE else None
        return NewElement(
            token=f"{kind}-{number}",
            fields=fields[kind],
            owner=str(self.owner) if kind is Kind.IMAGE else "",
            parent=str(self.category) if kind is Kind.CATEGORY else "",
            content=content,
        )

    def _declared(self, fields: Fields) -> Fields:
        """Only those that this version and these settings can keep."""
        specs = self.platform.capabilities(Known(settings=self.settings, facts=self.facts)).of(Kind.PRODUCT).fields
        return {name: value for name, value in fields.items() if name in {*specs, "price", "quantity"}}

    def _new_product(self, number: int) -> Fields:
        fields: Fields = {
            "code": f"NOWY-{number}",
            "name": f"Nowy „kubek” & spodek {number}",
            "short_description": "<p>Krótko</p>",
            "description": '<p onclick="alert(1)">Długo</p><script></script>',
            "ean": ean13(590_000_100_000 + number),
            "unit": self.unit_key(self.sets),
            "tax_rate": "reduced-rate",
            "producer": self.producer,
            "category": str(self.category),
            "weight": "0.375",
            "active": True,
            "price": "19.99",
            "quantity": "4",
        }
        return self._declared(fields)

    def changes(self, kind: Kind) -> Fields:
        changed: dict[Kind, Fields] = {
            Kind.UNIT: {"symbol": "zgrzewka"},
            Kind.PRODUCER: {"name": "Zmieniony Ż"},
            Kind.CATEGORY: {},
            Kind.IMAGE: {"name": "Inny widok", "position": "1"},
            Kind.PRICE: {"price": "7.05"},
            Kind.STOCK: {"quantity": "11"},
            Kind.PRODUCT: {
                "code": "ZMIENIONY",
                "name": "Zmieniony",
                "short_description": "<p>Inaczej</p>",
                "description": "<p>Całkiem <strong>inaczej</strong></p>",
                "ean": ean13(590_000_200_000),
                "unit": self.unit_key(self.pieces),
                "tax_rate": "standard",
                "producer": None,
                "category": str(self.shop.state.products.get(self.owner)["categories"][0] - 1),
                "weight": "1.25",
                "active": False,
            },
        }
        if kind is Kind.IMAGE:
            with self.shop.state.products.editing(self.owner) as row:
                row["images"] = [self.shop.state.add_media(small_png(77)), *row["images"]]
        return self._declared(changed[kind]) if kind is Kind.PRODUCT else changed[kind]

    def stored(self, kind: Kind, key: Key) -> Mapping[str, Any]:
        state = self.shop.state
        if kind in (Kind.UNIT, Kind.PRODUCER):
            return _flat(state.terms.get(int(key.rpartition(":")[2])))
        if kind is Kind.IMAGE:
            owner, _, media = key.partition(":")
            place = state.products.get(int(owner))["images"].index(int(media))
            return {**_flat(state.media.get(int(media))), "place": place}
        return _flat(state.products.get(int(key.rpartition(":")[2])))

    def footprint(self, kind: Kind, field: str) -> set[str]:
        where = {
            "code": {"sku"},
            "ean": {"global_unique_id"},
            "unit": {"attributes"},
            "tax_rate": {"tax_class"},
            "producer": {"brands"} if self.brands else {"attributes"},
            "category": {"categories"},
            "active": {"status"},
            "price": {"regular_price"},
            "quantity": {"stock_quantity", "stock_status"},
        }
        if kind in (Kind.UNIT, Kind.PRODUCER):
            return {"name"}
        if kind is Kind.IMAGE:
            return {"alt", "modified"} if field == "name" else {"place"}
        return where.get(field, {field}) | {"modified"}

    def another_shop(self) -> None:
        self.shop.state.environment["store_id"] = "11111111-1111-4111-8111-111111111111"

    def revoke_tokens(self) -> None:
        """The keys of this API do not run out."""

    def change_password(self) -> None:
        self.shop.access.keys[CONSUMER_KEY].secret = "cs_" + "0" * 40

    def touch_product(self) -> Key:
        key = self.simple_ids()[0]
        self.shop.state.change(int(key), name="Zmieniony przez sklep")
        return key

    # orders

    def place_order(self, lines: int = 1) -> Key:
        while len(self.simple_ids()) < lines:
            self.add_product()
        pieces = {int(one): place + 1 for place, one in enumerate(self.simple_ids()[:lines])}
        return str(self.shop.state.place_order(pieces))

    def random_order(self, chance: Random) -> Key:
        """Under any of the shop's settings of tax."""
        state = self.shop.state
        for name in ("prices_include_tax", "tax_round_at_subtotal"):
            state.set_setting(f"tax/woocommerce_{name}", chance.choice(["yes", "no"]))
        pieces = {}
        for _ in range(chance.randint(1, 6)):
            self.added += 1
            price = f"{chance.randint(1, 60_000) / 100:.2f}"
            tax_class = chance.choice(["", "", "reduced-rate", "vat-5", "zero-rate"])
            made = state.add_product(f"LOS-{self.added}", "Los", price, 9, tax_class=tax_class)
            pieces[made] = chance.randint(1, 12)
        fees = chance.sample(
            [
                ("Opłata za pobranie", "4.065041", ""),
                ("Pakowanie na prezent", "3.25", ""),
                ("Rabat stały", "-0.07", ""),
            ],
            chance.randint(0, 3),
        )
        coupons = [
            None,
            Coupon("LATO", "percent", Decimal(chance.randint(1, 99))),
            Coupon("MINUS", "fixed_cart", Decimal(chance.randint(1, 900)) / 100),
        ]
        buyer = {"country": chance.choice(["PL", "PL", "PL", "DE"])}
        delivery = chance.choice(["flat_rate:1", "flat_rate:2", "local_pickup:3", ""])
        terms: dict[str, Any] = {"buyer": buyer, "delivery": delivery, "coupon": chance.choice(coupons), "fees": fees}
        return str(state.place_order(pieces, payment=chance.choice(["bacs", "cod", "przelewy24"]), **terms))

    def pay_order(self, key: Key) -> None:
        self.shop.state.pay_order(int(key))

    def cancel_order(self, key: Key) -> None:
        self.shop.state.cancel_order(int(key))

    def edit_order(self, key: Key) -> None:
        self.shop.state.edit_order(int(key), customer_note="Proszę zadzwonić")

    def remove_order(self, key: Key) -> None:
        self.shop.state.set_order_status(int(key), "trash")

    def spoil_order(self, key: Key) -> None:
        self.shop.faults.break_record("orders", int(key), {"line_items": "?"})

    def order_stored(self, key: Key) -> str:
        return repr(self.shop.state.orders.get(int(key)))

    def leave_cart(self) -> None:
        self.shop.state.place_order({int(self.add_product()): 1}, status="checkout-draft")


def _flat(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: repr(value) for name, value in row.items()}
