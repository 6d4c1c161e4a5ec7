"""The demo's checker sees what it must see: a program that finds nothing wrong proves nothing."""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from shops.connectors.prestashop.simulator import API_KEY, PrestaSimulator
from shops.connectors.prestashop.simulator import ShopState as PrestaState
from shops.connectors.woocommerce.simulator import CONSUMER_KEY, CONSUMER_SECRET, WooSimulator
from shops.connectors.woocommerce.simulator import ShopState as WooState
from shops.simulation.server import serve
from syncjobs.demo.checker.__main__ import reader
from syncjobs.demo.checker.comparing import compared, digest, rewritten, touched
from syncjobs.demo.checker.sample import Offered
from syncjobs.demo.checker.sold import Reader

POT = Offered(
    index="GAR-1",
    name="Garnek & pokrywka",
    description="Stal nierdzewna",
    ean="5900407300015",
    unit="szt.",
    tax="23",
    tax_name="23%",
    producer="Garncarz",
    category=("Dom", "Kuchnia"),
    weight=Decimal("0.9"),
    price=Decimal("46.99"),
    quantity=Decimal("16.75"),
    group="",
    options=("", ""),
)


class WooShop:
    """One pot in a shop on WooCommerce, and a hand that changes things there."""

    def __init__(self) -> None:
        self.state = WooState()
        home = self.state.add_category("Dom")
        kitchen, self.news = self.state.add_category("Kuchnia", home), self.state.add_category("Nowości")
        brand = self.state.add_brand("Garncarz")
        unit = self.state.add_attribute("Jednostka", ["szt."])
        terms = list(self.state.terms_of("pa_jednostka"))
        shown = {"id": unit, "name": "", "position": 0, "visible": True, "variation": False, "options": terms}
        texture = {**shown, "id": 0, "name": "Faktura", "options": ["gładka"]}
        self.id = self.state.add_product(
            POT.index, POT.name, "46.99", 16, categories=[self.news, kitchen], brands=[brand], weight="0.9",
            description="<p>Stal nierdzewna</p>", global_unique_id=POT.ean, attributes=[texture, shown],
            tags=[self.state.add_tag("polecane")], sale_price="40.00",
        )  # fmt: skip
        self.simulator = WooSimulator(self.state)
        self.login = {"consumer_key": CONSUMER_KEY, "consumer_secret": CONSUMER_SECRET}

    def damage(self) -> set[str]:
        """What a careless program does; the names of what it destroyed."""
        row = self.state.products.get(self.id)
        self.state.change(
            self.id, categories=row["categories"][1:], attributes=row["attributes"][1:], tags=[], sale_price=""
        )
        return {"categories", "attributes", "tags", "sale_price", "on_sale"}

    def grow(self) -> None:
        """What a synchronisation may do."""
        self.state.change(self.id, regular_price="45.00", name="Garnek", stock_quantity=3)
        self.state.add_image(self.id, b"\x89PNG\r\n\x1a\n one more")


class PrestaShop:
    """The same pot in a shop on PrestaShop, whose own language is Polish."""

    def __init__(self) -> None:
        self.state = PrestaState()
        self.state.set_setting("PS_LANG_DEFAULT", "2")
        kitchen = self.state.add_category({2: "Kuchnia", 1: "Kitchen"}, self.state.add_category("Dom"))
        self.id = self.state.add_product(
            POT.index, {2: POT.name, 1: "A pot"}, "38.203252", 16, category=kitchen,
            categories=[self.state.add_category("Nowości")], ean13=POT.ean, weight="0.900000",
            description={2: "<b>Stal</b> nierdzewna", 1: "Stainless"},
            id_manufacturer=self.state.add_manufacturer("Garncarz"),
        )  # fmt: skip
        self.simulator = PrestaSimulator(self.state)
        self.login = {"key": API_KEY}

    def damage(self) -> set[str]:
        """What a PUT of half a product, or of one language, does."""
        with self.state.products.editing(self.id) as row:
            row["name"], row["description"] = {"2": POT.name}, {"1": "", "2": "Stal nierdzewna"}
            row["categories"] = row["categories"][:1]
            row["link_rewrite"] = {"1": "", "2": "garnek"}
        return {"name", "description", "categories", "link_rewrite"}

    def grow(self) -> None:
        with self.state.products.editing(self.id) as row:
            row["price"], row["name"] = "36.585366", {**row["name"], "2": "Garnek"}
        self.state.set_quantity(self.id, 0, 3)
        self.state.add_image(self.id, b"\x89PNG\r\n\x1a\n one more")


@pytest.fixture(params=[WooShop, PrestaShop])
def shop(request: pytest.FixtureRequest) -> Any:
    return request.param()


@pytest.fixture
def address(shop: Any) -> Iterator[str]:
    with serve(shop.simulator) as server:
        yield server.url


def look(shop: Any, address: str) -> Reader:
    return reader(next(name for name, kind in PLATFORMS.items() if isinstance(shop, kind)), address, **shop.login)


PLATFORMS = {"woocommerce": WooShop, "prestashop": PrestaShop}


def pot(**changed: Any) -> list[Offered]:
    return [replace(POT, **changed)]


def test_an_article_that_is_in_the_shop_as_it_should_be_has_no_difference(shop: Any, address: str) -> None:
    done = compared(pot(), look(shop, address), {})
    assert (done.different, done.missing, done.articles) == ([], [], 1)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", "Garnek"),
        ("description", "Stal"),
        ("ean", "5900407300022"),
        ("producer", "Krzesiwo"),
        ("category", ("Dom", "Kuchnia", "Garnki")),
        ("weight", Decimal("0.901")),
        ("price", Decimal("47.00")),
        ("quantity", Decimal("17")),
        ("pictures", [("a.png", b"one")]),
    ],
)
def test_each_field_that_differs_is_seen(shop: Any, address: str, field: str, value: Any) -> None:
    done = compared(pot(**{field: value}), look(shop, address), {})
    assert [line.split(":")[0] for line in done.different] == [f"GAR-1.{field}"]


def test_another_rate_of_vat_is_seen(shop: Any, address: str) -> None:
    done = compared(pot(tax="8", tax_name="8%"), look(shop, address), {})
    assert [line.split(":")[0] for line in done.different] == ["GAR-1.tax_rate"]


def test_a_unit_is_read_from_woocommerce_alone(address: str, shop: Any) -> None:
    done = compared(pot(unit="kg"), look(shop, address), {})
    assert len(done.different) == ("unit" in look(shop, address).fields)


def test_what_is_missing_or_there_twice_is_seen(shop: Any, address: str) -> None:
    assert compared(pot(index="GAR-2"), look(shop, address), {}).missing == ["GAR-2: the shop has 0"]
    shop.state.add_product("GAR-1", "Garnek")
    assert compared(pot(), look(shop, address), {}).missing == ["GAR-1: the shop has 2"]


def test_what_is_the_shops_own_is_seen_to_be_touched(shop: Any, address: str) -> None:
    before = look(shop, address).kept()
    destroyed = shop.damage()
    seen = {line.split(":")[2].partition(".")[2] for line in touched(before, look(shop, address).kept(), [])}
    assert seen == destroyed


def test_what_a_synchronisation_rules_is_nobodys_own(shop: Any, address: str) -> None:
    before = look(shop, address)
    first = digest(before.everything())
    kept = before.kept()
    shop.grow()
    after = look(shop, address)
    assert list(touched(kept, after.kept(), [])) == []
    assert digest(after.everything()) != first


def test_a_write_that_was_not_needed_is_seen(shop: Any, address: str) -> None:
    right = compared(pot(), look(shop, address), {}).right
    assert list(rewritten(right, compared(pot(), look(shop, address), {}))) == []
    shop.state.clock = lambda: 2_000_000_000
    shop.state.touch(shop.id)
    assert list(rewritten(right, compared(pot(), look(shop, address), {}))) == ["GAR-1 was written to without need"]


def test_a_product_that_vanished_is_seen_unless_it_had_to_go(shop: Any, address: str) -> None:
    before = look(shop, address).kept()
    shop.state.remove_product(shop.id)
    after = look(shop, address).kept()
    assert [line for line in touched(before, after, ["GAR-1"]) if line.startswith("product:")] == []
    assert [line for line in touched(before, after, []) if "GAR-1 is not there any more" in line]


def test_the_panels_hand_names_the_producer_and_is_counted_as_a_write(shop: Any, address: str) -> None:
    table, key = (
        (shop.state.terms, shop.state.add_brand("x"))
        if isinstance(shop, WooShop)
        else (shop.state.tables["manufacturers"], shop.state.add_manufacturer("x"))
    )
    with table.editing(key) as row:
        row["name"] = ""
    one = look(shop, address)
    before = one.writes()
    one.name_producer("Oficyna & Rolna")
    assert one.writes() == before + 1
    assert table.get(key)["name"] in ("Oficyna & Rolna", "Oficyna &amp; Rolna")
