"""The Shoper simulator as a stand of the conformance suite."""

import struct
import zlib
from collections.abc import Mapping
from typing import Any

from integrator.canonical.kinds import Kind
from integrator.canonical.records import Fields, Key
from integrator.canonical.side import NewElement
from shops.connectors.shoper.connector import PLATFORM
from shops.connectors.shoper.simulator import LOGIN, PASSWORD, STATIC_TOKEN, ShoperSimulator, ShopState
from shops.connectors.shoper.simulator.validation import ean13
from shops.simulation.stand import Stand

RESOURCES = {
    Kind.UNIT: "units",
    Kind.PRODUCER: "producers",
    Kind.PRODUCT: "products",
    Kind.PRICE: "products",
    Kind.STOCK: "products",
    Kind.IMAGE: "product-images",
}


def picture(number: int) -> bytes:
    """A PNG of one pixel, another one for each number."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    pixel = zlib.compress(b"\0" + bytes([number % 256, number // 256 % 256, 7]))
    header = struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixel) + chunk(b"IEND", b"")


class ShoperStand(Stand):
    platform = PLATFORM
    credentials = {"user": LOGIN, "password": PASSWORD}

    def __init__(self) -> None:
        super().__init__()
        self.shop = ShoperSimulator(ShopState(clock=self.clock), clock=self.clock, sleep=self.clock.sleep)
        self.shop.quirks.image_order_writable = True
        self.app = self.shop
        state = self.shop.state
        state.add_category("Dom")
        self.category = state.add_category("Kubki", parent=1)
        state.add_producer("Fabryka Ćmielów")
        self.group, self.option, self.values = state.add_option("Kolory", "Kolor", ["Czarny", "Biały", "Szary"])
        self.added = 0
        self.owner = state.add_product("OWNER", "Właściciel zdjęć", category=self.category)

    def secrets(self) -> list[str]:
        bearers = {r.headers.get("authorization", "").partition(" ")[2] for r in self.wire.requests}
        return [PASSWORD, STATIC_TOKEN, *filter(None, bearers)]

    def fill(self, products: int) -> None:
        for number in range(products):
            self.add_product(variants=number % 3 == 0)

    def add_product(self, *, variants: bool = False) -> Key:
        self.added += 1
        code = f"KUB-{self.added:04d}"
        made = self.shop.state.add_product(
            code,
            f"Kubek {self.added}",
            "12.30",
            5,
            category=self.category,
            producer=1,
            group=self.group if variants else None,
            variants=[
                {"code": f"{code}-{text}", "options": {self.option: value}, "stock": 2}
                for text, value in list(self.values.items())[:2]
            ]
            if variants
            else (),
            images=[picture(self.added)],
        )
        return str(made)

    def product_ids(self) -> list[Key]:
        return [str(one) for one in self.shop.state.products if one != self.owner]

    def remove_product(self, product_id: Key) -> None:
        self.shop.state.remove_product(int(product_id))

    def spoil_product(self) -> Key:
        key = next(k for k in self.product_ids() if len(self.shop.state.stock_ids(int(k))) == 1)
        self.shop.faults.break_record("products", int(key), {"translations": {"pl_PL": {"name": None}}})
        return key

    def new(self, kind: Kind, number: int) -> NewElement:
        fields: dict[Kind, Fields] = {
            Kind.UNIT: {"symbol": f"rolka{number}"},
            Kind.PRODUCER: {"name": f"Łucznik & Syn {number}"},
            Kind.IMAGE: {"name": f"Widok {number}", "position": "1"},
            Kind.PRODUCT: {
                "code": f"NOWY-{number}",
                "name": f"Nowy „kubek” {number}",
                "short_description": "<p>Krótko</p>",
                "description": '<p onclick="alert(1)">Długo</p><script></script>',
                "ean": ean13(590_000_100_000 + number),
                "unit": "2",
                "tax_rate": "2",
                "producer": "1",
                "category": str(self.category),
                "weight": "0.375",
                "active": True,
                "price": "19.99",
                "quantity": "4",
            },
        }
        content = picture(1000 + number) if kind is Kind.IMAGE else None
        owner = str(self.owner) if kind is Kind.IMAGE else ""
        return NewElement(token=f"{kind}-{number}", fields=fields[kind], owner=owner, content=content)

    def changes(self, kind: Kind) -> Fields:
        other = self.shop.state.categories.ids[0]
        changed: dict[Kind, Fields] = {
            Kind.UNIT: {"symbol": "zgrzewka"},
            Kind.PRODUCER: {"name": "Zmieniony Ż"},
            Kind.IMAGE: {"name": "Inny widok", "position": "1"},
            Kind.PRICE: {"price": "7.05"},
            Kind.STOCK: {"quantity": "11.5"},
            Kind.PRODUCT: {
                "code": "ZMIENIONY",
                "name": "Zmieniony",
                "short_description": "<p>Inaczej</p>",
                "description": "<p>Całkiem <strong>inaczej</strong></p>",
                "ean": ean13(590_000_200_000),
                "unit": "1",
                "tax_rate": "1",
                "producer": None,
                "category": str(other),
                "weight": "1.25",
                "active": False,
            },
        }
        if kind is Kind.IMAGE:
            self.shop.state.add_image(self.owner, picture(77))
            images = self.shop.state.image_ids(self.owner)
            self.shop.state.arrange_images(self.owner, images[::-1])
        return changed[kind]

    def stored(self, kind: Kind, key: Key) -> Mapping[str, Any]:
        from shops.connectors.shoper.simulator.rows import render

        self.shop.state.clock()
        return dict(_flat(render(self.shop.state, RESOURCES[kind], int(key))))

    def footprint(self, kind: Kind, field: str) -> set[str]:
        where = {
            "code": {"code", "stock.code"},
            "ean": {"ean", "stock.ean"},
            "unit": {"unit_id"},
            "tax_rate": {"tax_id"},
            "producer": {"producer_id"},
            "category": {"category_id", "categories"},
            "weight": {"stock.weight", "stock.comp_weight"},
            "quantity": {"stock.stock"},
            "symbol": {"translations.pl_PL.name"},
            "position": {"order", "main"},
        }
        if kind is Kind.PRODUCER:
            return {"name", "translations.pl_PL.permalink"}
        if field == "price":
            return _PRICES
        texts = {f"translations.pl_PL.{field}", "translations.pl_PL.permalink"}
        return where.get(field, texts) | {"edit_date"}

    def another_shop(self) -> None:
        self.shop.state.config["license_id"] = "700001"

    def revoke_tokens(self) -> None:
        self.shop.access.revoke()

    def change_password(self) -> None:
        self.shop.access.accounts[LOGIN].password = "another-password"

    def touch_product(self) -> Key:
        key = next(k for k in self.product_ids() if len(self.shop.state.stock_ids(int(k))) == 1)
        self.shop.state.touch(int(key))
        return key


_PRICES = {"edit_date"} | {
    f"stock.{name}"
    for name in (
        *("price", "comp_price", "comp_promo_price", "historical_lowest_price"),
        *("price_wholesale", "comp_price_wholesale", "comp_promo_price_wholesale", "wholesale_historical_lowest_price"),
        *("price_special", "comp_price_special", "comp_promo_price_special", "special_historical_lowest_price"),
    )
}


def _flat(value: Any, path: str = "") -> list[tuple[str, Any]]:
    if isinstance(value, Mapping) and value:
        return [pair for name, inner in value.items() for pair in _flat(inner, f"{path}.{name}" if path else name)]
    return [(path, repr(value))]
