"""What the ERP's side must do, wherever its database lives: one suite for the sample company on SQLite and on a server.

The expected values come from the description of the sample company, not from anything the reader computes.
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from decimal import Decimal
from hashlib import sha256
from html import unescape
from typing import Any, Protocol

import pytest

from integrator.canonical.errors import Gone, IntegrationError, Locked
from integrator.canonical.kinds import Kind
from integrator.canonical.preflight import Verdict
from integrator.canonical.problems import Code
from integrator.canonical.records import Product, TaxRate, Unit, WarehouseStocks
from integrator.canonical.side import ElementError, Keyed, NewElement, Patch, Scope
from wapro.probe import STEPS
from wapro.sample import Company, peculiar
from wapro.sample.articles import MAIN, Article
from wapro.side import WaproSide

CARD_KINDS = (Kind.PRODUCT, Kind.PRICE, Kind.STOCK)
ALL_KINDS = (Kind.UNIT, Kind.TAX_RATE, Kind.PRODUCER, Kind.CATEGORY, *CARD_KINDS, Kind.IMAGE)


class Opener(Protocol):
    def __call__(self, *, write: bool = False, **settings: Any) -> AbstractContextManager[WaproSide]: ...


class ErpContract:
    """Subclasses give `opener` (opens the side, with other settings of the connection where named) and `sample`."""

    @pytest.fixture
    def opener(self) -> Opener:
        raise NotImplementedError

    @pytest.fixture
    def sample(self) -> Company:
        raise NotImplementedError

    @pytest.fixture
    def side(self, opener: Opener) -> Iterator[WaproSide]:
        with opener() as opened:
            yield opened

    # dictionaries

    def test_units_of_the_company_with_their_fractions(self, side: WaproSide) -> None:
        units = {record.symbol: record for record in records(side, Kind.UNIT).values()}
        assert {symbol for symbol, unit in units.items() if unit.fractional} >= {"kg", "mb", "m2"}
        assert not units["szt."].fractional
        assert units["szt."] == Unit(symbol="szt.", name="sztuka", fractional=False)

    def test_vat_codes_are_keys_even_where_the_percent_repeats(self, side: WaproSide) -> None:
        rates = records(side, Kind.TAX_RATE)
        assert set(rates) == {"23", "8", "5", "0", "zw", "np"}
        assert rates["zw"] == TaxRate(code="zw", name="zwolniony", percent=Decimal(0))
        assert {code for code, rate in rates.items() if rate.percent == 0} == {"0", "zw", "np"}

    def test_producers_are_contractors_and_texts(self, side: WaproSide, sample: Company) -> None:
        producers = records(side, Kind.PRODUCER)
        assert "Łąkosz" in {producer.name for producer in producers.values()}
        texts = {sample.articles[index].maker for index in peculiar.TEXT_ONLY_PRODUCERS}
        assert {producer.name for key, producer in producers.items() if key.startswith("text:")} == texts

    def test_each_warehouse_has_a_category_tree_of_its_own(self, side: WaproSide) -> None:
        categories = records(side, Kind.CATEGORY)
        assert {key.partition(":")[0] for key in categories} == {"1", "2"}
        for category in categories.values():
            if category.parent is not None:
                assert categories[category.parent].path == category.path[:-1]

    # pages

    @pytest.mark.parametrize("kind", ALL_KINDS)
    def test_pages_bring_every_element_once(self, side: WaproSide, kind: Kind) -> None:
        keys, cursor, pages = [], None, 0
        while True:
            page = side.fetch(kind, Scope(), cursor)
            keys += [item.key for item in page.items if item.kind is kind]
            pages += 1
            cursor = page.next_cursor
            if cursor is None:
                break
        assert len(keys) == len(set(keys)) > 0
        if kind in CARD_KINDS:
            assert pages > 1

    def test_the_same_cursor_gives_the_same_page(self, side: WaproSide) -> None:
        first = side.fetch(Kind.PRODUCT, Scope(), None)
        again = side.fetch(Kind.PRODUCT, Scope(), first.next_cursor)
        assert side.fetch(Kind.PRODUCT, Scope(), first.next_cursor) == again
        assert side.fetch(Kind.PRODUCT, Scope(), None) == first

    # products

    def test_every_article_is_one_product_however_many_cards_it_has(self, side: WaproSide, sample: Company) -> None:
        assert set(records(side, Kind.PRODUCT)) == set(sample.articles)

    def test_the_leading_warehouse_gives_the_fields(self, side: WaproSide, sample: Company) -> None:
        products = records(side, Kind.PRODUCT)
        units = {key: unit.symbol for key, unit in records(side, Kind.UNIT).items()}
        for index, article in sample.articles.items():
            card, product = leading(article), products[index]
            if article.unfinished:
                continue
            assert product.name == " ".join(unescape(card.name).split()), index
            assert (product.code, product.tax_rate, product.active) == (index, card.vat, not card.blocked), index
            assert units[product.unit or ""] == (card.sale_unit or card.unit), index
            assert product.ean == card.ean or not card.ean, index

    def test_another_leading_warehouse_gives_other_fields(self, opener: Opener, sample: Company) -> None:
        index = peculiar.DISAGREEING["ean"][0]
        article = sample.articles[index]
        for warehouse in (1, 2):
            with opener(leading_warehouse=str(warehouse)) as side:
                assert read_one(side, Kind.PRODUCT, index).ean == article.card(warehouse).ean

    def test_cards_that_disagree_are_a_problem_of_their_product(self, side: WaproSide) -> None:
        products = records(side, Kind.PRODUCT)
        found = {
            index
            for index, product in products.items()
            if any(one.code == Code.CARDS_DISAGREE for one in product.problems)
        }
        assert found == {index for indexes in peculiar.DISAGREEING.values() for index in indexes}

    def test_facts_for_the_item_filter(self, side: WaproSide) -> None:
        products = records(side, Kind.PRODUCT)

        def with_fact(name: str, value: str) -> set[str]:
            return {index for index, product in products.items() if dict(product.traits).get(name) == value}

        assert with_fact("unfinished", "1") == set(peculiar.UNFINISHED)
        assert with_fact("blocked", "1") == set(peculiar.BLOCKED)
        assert with_fact("kind", "Usługa") == set(peculiar.SERVICES)
        assert with_fact("kind", "Zestaw") == set(peculiar.SETS)
        assert with_fact("web_shop", "0") >= set(peculiar.NOT_IN_WEB_SHOP)
        assert with_fact("POLE1", "KUR01") == set(peculiar.VARIANT_GROUPS["KUR01"])
        assert with_fact("warehouses", "2") == set(peculiar.ONLY_IN_SHOP)

    def test_variants_are_grouped_by_a_free_field_with_their_options(self, opener: Opener) -> None:
        options = [{"field": "POLE2", "name": "Kolor"}, {"field": "POLE3", "name": "Rozmiar"}]
        with opener(group_rule="POLE1", option_fields=options) as side:
            products = records(side, Kind.PRODUCT)
        groups: dict[str, set[str]] = {}
        for index, product in products.items():
            if product.group:
                groups.setdefault(product.group, set()).add(index)
        assert groups == {code: set(indexes) for code, indexes in peculiar.VARIANT_GROUPS.items()}
        for indexes in groups.values():
            assert len({products[index].options for index in indexes}) == len(indexes)

    # identity

    @pytest.mark.parametrize("identity", ["index", "guid"])
    def test_an_identity_key_joins_the_cards_of_all_warehouses(
        self, opener: Opener, sample: Company, identity: str
    ) -> None:
        with opener(identity_key=identity) as side:
            products = records(side, Kind.PRODUCT)
        assert sorted(product.code for product in products.values()) == sorted(sample.articles)
        for key, product in products.items():
            assert f"{identity}:{key}" in product.aliases

    def test_the_id_of_the_card_serves_one_warehouse(self, opener: Opener, sample: Company) -> None:
        with opener(identity_key="id") as side:
            products = records(side, Kind.PRODUCT)
        in_main = {index for index, article in sample.articles.items() if MAIN in article.stocks}
        assert {product.code for product in products.values()} == in_main
        assert all(f"id:{key}" in product.aliases for key, product in products.items())

    # prices and stock

    def test_prices_of_every_type_and_promotions_of_the_day(self, side: WaproSide, sample: Company) -> None:
        lists = records(side, Kind.PRICE)
        for index, article in sample.articles.items():
            if article.unfinished:
                continue
            card, prices = leading(article), lists[index]
            listed = {entry.price_type: (entry.net, entry.gross) for entry in prices.entries}
            assert listed == {str(kind): (net, card.gross(kind)) for kind, net in card.prices.items()}, index
            assert prices.currency == "PLN"
        now = {index for index, prices in lists.items() if prices.promotion_net}
        assert now == set(peculiar.PROMOTIONS_NOW)

    def test_stocks_of_every_warehouse_with_what_is_held_back(self, side: WaproSide, sample: Company) -> None:
        stocks = records(side, Kind.STOCK)
        apart = set(peculiar.DISAGREEING["unit"])
        for index, article in sample.articles.items():
            if index in apart:
                continue
            found = {row.warehouse: (row.on_hand, row.in_edit, row.reserved) for row in stocks[index].rows}
            wanted = {str(w): (s.on_hand, s.in_edit, s.reserved) for w, s in article.stocks.items()}
            assert found == wanted, index

    def test_a_sale_unit_brings_its_factor(self, side: WaproSide, sample: Company) -> None:
        prices, stocks = records(side, Kind.PRICE), records(side, Kind.STOCK)
        for index in peculiar.SALE_UNIT_CARDS:
            article = sample.articles[index]
            factor = next(unit.factor for unit in article.units if unit.symbol == article.sale_unit)
            assert prices[index].sale_factor == stocks[index].sale_factor == factor != 1, index
        others = set(prices) - set(peculiar.SALE_UNIT_CARDS)
        assert {prices[index].sale_factor for index in others} == {1}

    # pictures

    def test_pictures_belong_to_their_product_in_order_with_their_content(
        self, side: WaproSide, sample: Company
    ) -> None:
        images = records(side, Kind.IMAGE)
        owners: dict[str, list[str]] = {}
        for key, image in sorted(images.items(), key=lambda pair: pair[1].position):
            owners.setdefault(image.product, []).append(key)
        assert set(owners) == {index for index, article in sample.articles.items() if article.pictures}
        index = next(index for index, article in sample.articles.items() if len(article.pictures) > 1)
        wanted = {sha256(picture.content).hexdigest() for picture in sample.articles[index].pictures}
        assert {sha256(side.content(Kind.IMAGE, key)).hexdigest() for key in owners[index]} == wanted
        assert {images[key].digest for key in owners[index]} <= wanted | {""}
        assert [images[key].position for key in owners[index]] == list(range(1, len(owners[index]) + 1))

    def test_a_picture_that_is_not_there_is_gone(self, side: WaproSide) -> None:
        with pytest.raises(Gone):
            side.content(Kind.IMAGE, "999999999")

    # reading and finding again

    @pytest.mark.parametrize("kind", CARD_KINDS)
    def test_reading_by_key_gives_what_the_pages_gave(self, side: WaproSide, kind: Kind) -> None:
        every = records(side, kind)
        wanted = [*sorted(every)[::40], "NIE-MA-TAKIEGO"]
        back = side.read(kind, wanted)
        assert {item.key: item.record for item in back.items} == {key: every[key] for key in wanted[:-1]}
        assert (back.gone, back.errors) == (("NIE-MA-TAKIEGO",), ())

    def test_finding_by_code_ignores_case_as_the_server_does(self, side: WaproSide) -> None:
        wanted = [NewElement(token=code, fields={"code": code}) for code in ("GRA00001", "gra00002", "NIE-MA")]
        found = side.find(Kind.PRODUCT, wanted)
        assert {token: found[token].keys for token in ("GRA00001", "gra00002")} == {
            "GRA00001": ("GRA00001",),
            "gra00002": ("GRA00002",),
        }
        assert "NIE-MA" not in found or found["NIE-MA"].keys == ()

    # writing, where it is switched on

    def test_a_plain_field_is_written_on_all_cards_and_put_back(self, opener: Opener, sample: Company) -> None:
        index = next(i for i, a in sample.articles.items() if len(a.stocks) == 2 and not a.editor and a.description)
        with opener(write=True, write_cards=True) as side:
            before = read_one(side, Kind.PRODUCT, index).description
            try:
                assert describe(side, index, before, "Opis próbny: zażółć") is None
                assert read_one(side, Kind.PRODUCT, index).description == "Opis próbny: zażółć"
                assert isinstance(describe(side, index, "przedawniony", "x"), IntegrationError)
                assert read_one(side, Kind.PRODUCT, index).description == "Opis próbny: zażółć"
            finally:
                describe(side, index, "Opis próbny: zażółć", before)
            assert read_one(side, Kind.PRODUCT, index).description == before

    def test_a_card_on_somebodys_screen_is_left_alone(self, opener: Opener) -> None:
        index = peculiar.EDITED[0]
        with opener(write=True, write_cards=True) as side:
            before = read_one(side, Kind.PRODUCT, index).description
            refused = describe(side, index, before, "x")
            assert isinstance(refused, Locked)
            assert refused.problem.code == Code.CARD_BEING_EDITED
            assert read_one(side, Kind.PRODUCT, index).description == before

    def test_nothing_is_written_while_it_is_switched_off(self, opener: Opener) -> None:
        with opener() as side:
            refused = describe(side, "GRA00001", "", "x")
        assert refused is not None

    # checks

    def test_no_check_fails_on_the_sample_company(self, side: WaproSide) -> None:
        done = list(side.probe())
        assert [check.name for check in done] == [step.name for step in STEPS]
        assert [check for check in done if check.verdict is Verdict.FAILED] == []


def leading(article: Article) -> Article:
    """The card of the main warehouse, else the other one."""
    return article.card(MAIN if MAIN in article.stocks else min(article.stocks))


def records(side: WaproSide, kind: Kind) -> dict[str, Any]:
    """All records of a kind by key. Elements that could not be read are none of the good ones, and are few."""
    found: dict[str, Any] = {}
    errors: list[ElementError] = []
    cursor = None
    while True:
        page = side.fetch(kind, Scope(), cursor)
        found |= {item.key: item.record for item in page.items if item.kind is kind}
        errors += page.errors
        cursor = page.next_cursor
        if cursor is None:
            break
    assert not {error.key for error in errors} & set(found)
    if kind is Kind.STOCK:
        found |= {error.key: WarehouseStocks(rows=()) for error in errors}
    else:
        assert errors == []
    return found


def read_one(side: WaproSide, kind: Kind, key: str) -> Product:
    (item,) = side.read(kind, [key]).items
    assert isinstance(item, Keyed)
    assert isinstance(item.record, Product)
    return item.record


def describe(side: WaproSide, key: str, before: str, text: str) -> IntegrationError | None:
    """Write a description; the error of the one row, None after success."""
    patch = Patch(key=key, fields={"description": text}, old={"description": before})
    (result,) = side.update(Kind.PRODUCT, [patch])
    return result.error
