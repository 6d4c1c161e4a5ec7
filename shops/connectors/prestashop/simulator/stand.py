"""The PrestaShop simulator as a stand of the conformance suite."""

from collections.abc import Mapping
from typing import Any

from integrator.canonical.kinds import Kind
from integrator.canonical.records import Fields, Key
from integrator.canonical.side import NewElement
from shops.connectors.prestashop.connector import PLATFORM
from shops.connectors.prestashop.simulator.access import API_KEY
from shops.connectors.prestashop.simulator.app import PrestaSimulator
from shops.connectors.prestashop.simulator.state import ShopState
from shops.simulation.pictures import small_png
from shops.simulation.stand import Stand

RESOURCES = {
    Kind.PRODUCER: "manufacturers",
    Kind.CATEGORY: "categories",
    Kind.PRODUCT: "products",
    Kind.PRICE: "products",
    Kind.IMAGE: "products",
}


def ean13(number: int) -> str:
    """A valid EAN of a number of twelve digits."""
    digits = f"{number:012d}"
    weighted = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(digits))
    return f"{digits}{-weighted % 10}"


class PrestaStand(Stand):
    """A shop of version 8.1.2: English the default language and Polish beside it, zlotys, Polish VAT."""

    platform = PLATFORM
    credentials = {"key": API_KEY}
    version = "8.1.2"
    light = Kind.PRODUCER
    empty_lists = ("[]",)

    def __init__(self) -> None:
        super().__init__()
        state = ShopState(clock=self.clock)
        self.shop = PrestaSimulator(state, clock=self.clock, sleep=self.clock.sleep, version=self.version)
        self.app = self.shop
        self.kitchen = state.add_category("Kuchnia")
        self.category = state.add_category({1: "Mugs", 2: "Kubki"}, self.kitchen)
        self.producer = state.add_manufacturer("Fabryka Ćmielów")
        self.colours = state.add_option({1: "Colour", 2: "Kolor"}, ["Czarny", "Biały", "Szary"])
        self.added = 0
        self.owner = state.add_product("OWNER", "Właściciel zdjęć", category=self.category)

    @property
    def state(self) -> ShopState:
        return self.shop.state

    def secrets(self) -> list[str]:
        return [API_KEY]

    def fill(self, products: int) -> None:
        for number in range(products):
            self.add_product(variants=number % 3 == 0)

    def add_product(self, *, variants: bool = False) -> Key:
        self.added += 1
        code = f"KUB-{self.added:04d}"
        combinations = [
            {"reference": f"{code}-{name}", "values": [value], "stock": 2}
            for name, value in list(self.colours.items())[:2]
        ]
        made = self.state.add_product(
            code,
            {1: f"Mug {self.added}", 2: f"Kubek {self.added}"},
            "10.00",
            5,
            category=self.category,
            combinations=combinations if variants else (),
            pictures=[small_png(self.added)],
            id_manufacturer=self.producer,
        )
        return str(made)

    def product_ids(self) -> list[Key]:
        return [str(one) for one in self.state.products if one != self.owner]

    def remove_product(self, product_id: Key) -> None:
        self.state.remove_product(int(product_id))

    def simple_product(self) -> Key:
        return next(key for key in self.product_ids() if not self.state.owned("combinations", int(key)))

    def spoil_product(self) -> Key:
        key = self.simple_product()
        self.shop.faults.break_record("products", int(key), {"weight": "ciężki"})
        return key

    def new(self, kind: Kind, number: int) -> NewElement:
        fields: dict[Kind, Fields] = {
            Kind.PRODUCER: {"name": f"Łucznik & Syn {number}"},
            Kind.CATEGORY: {"path": ["Kuchnia", f"Dzbanki „{number}”"]},
            Kind.IMAGE: {"position": "1"},
            Kind.PRODUCT: {
                "code": f"NOWY-{number}",
                "name": f"Nowy „kubek” {number}",
                "short_description": "<p>Krótko</p>",
                "description": "<p>Długo &amp; <b>wyraźnie</b></p>",
                "ean": ean13(590_000_100_000 + number),
                "tax_rate": "2",
                "producer": str(self.producer),
                "category": str(self.category),
                "weight": "0.375",
                "active": True,
                "price": "19.99",
                "quantity": "4",
            },
        }
        return NewElement(
            token=f"{kind}-{number}",
            fields=fields[kind],
            parent=str(self.kitchen) if kind is Kind.CATEGORY else "",
            owner=str(self.owner) if kind is Kind.IMAGE else "",
            content=small_png(1000 + number) if kind is Kind.IMAGE else None,
        )

    def changes(self, kind: Kind) -> Fields:
        changed: dict[Kind, Fields] = {
            Kind.PRODUCER: {"name": "Zmieniony Ż"},
            Kind.IMAGE: {"position": "1"},
            Kind.PRICE: {"price": "7.05"},
            Kind.STOCK: {"quantity": "11"},
            Kind.PRODUCT: {
                "code": "ZMIENIONY",
                "name": "Zmieniony",
                "short_description": "<p>Inaczej</p>",
                "description": "<p>Całkiem <strong>inaczej</strong></p>",
                "ean": ean13(590_000_200_000),
                "tax_rate": "1",
                "producer": None,
                "category": str(self.kitchen),
                "weight": "1.25",
                "active": False,
            },
        }
        if kind is Kind.IMAGE:
            self._put_another_first()
        return changed[kind]

    def _put_another_first(self) -> None:
        """The picture that is about to be moved is no longer the first of its product."""
        cover = self.state.add_image(self.owner, small_png(77))
        for one in self.state.owned("images", self.owner):
            with self.state.images.editing(one) as row:
                row["cover"] = one == cover

    def stored(self, kind: Kind, key: Key) -> Mapping[str, Any]:
        product_id, _, own = key.partition(":")
        if kind is Kind.STOCK:
            row_id = self.state.stock_row(int(product_id), int(own or 0))
            return dict(_flat(self.state.stocks.get(row_id or 0)))
        if kind is Kind.IMAGE:
            owned = self.state.owned("images", int(product_id))
            return {str(one): self.state.images.get(one)["cover"] for one in owned}
        return dict(_flat(self.state.tables[RESOURCES[kind]].get(int(product_id))))

    def footprint(self, kind: Kind, field: str) -> set[str]:
        if kind is Kind.STOCK:
            return {"quantity"}
        if kind is Kind.IMAGE:
            return {str(one) for one in self.state.owned("images", self.owner)}
        if kind is Kind.PRODUCER:
            return {"name", "date_upd"}
        where = {
            "code": {"reference"},
            "name": {"name.1"},
            "short_description": {"description_short.1"},
            "description": {"description.1"},
            "ean": {"ean13"},
            "tax_rate": {"id_tax_rules_group", "price"},
            "producer": {"id_manufacturer"},
            "category": {"id_category_default", "categories"},
        }
        return where.get(field, {field}) | {"date_upd"}

    def another_shop(self) -> None:
        table = self.shop.state.tables["configurations"]
        for row_id in list(table.rows):
            with table.editing(row_id) as row:
                row["date_add"] = "2026-03-04 05:06:07"

    def revoke_tokens(self) -> None:
        """Keys do not expire."""

    def change_password(self) -> None:
        self.shop.access.accounts[API_KEY].active = False

    def touch_product(self) -> Key:
        key = self.simple_product()
        self.state.touch(int(key))
        return key


def _flat(value: Any, path: str = "") -> list[tuple[str, Any]]:
    """What is empty is left out: texts that nobody wrote and empty ones are the same to the shop."""
    if isinstance(value, Mapping):
        return [pair for name, inner in value.items() for pair in _flat(inner, f"{path}.{name}" if path else name)]
    return [] if value in ("", None, []) else [(path, repr(value))]
