"""One price and one quantity out of all that the ERP holds."""

from decimal import Decimal

import pytest

from integrator.canonical.problems import Code
from integrator.canonical.records import Price, PriceEntry, PriceList, Problem, WarehouseStock, WarehouseStocks
from syncjobs.engine.offer import FORMULAS, PriceSettings, StockSettings, offer_price, offer_stock

DETAL = PriceSettings(price_type="1")
NET = PriceSettings(price_type="1", basis="net")


def prices(net: str | None = "100", gross: str | None = "123", **more) -> PriceList:
    entry = PriceEntry(
        price_type="1", net=Decimal(net) if net else None, gross=Decimal(gross) if gross is not None else None
    )
    values = {
        name: Decimal(value) if isinstance(value, str) and name != "currency" else value for name, value in more.items()
    }
    other = PriceEntry(price_type="2", net=Decimal(1), gross=Decimal(2))
    return PriceList(entries=(other, entry), **({"tax_percent": Decimal(23)} | values))


def amount(found: Price | Problem) -> Decimal:
    assert isinstance(found, Price), found
    return found.price


@pytest.mark.parametrize(
    ("settings", "held", "expected"),
    [
        (DETAL, prices(), "123"),
        (NET, prices(), "100"),
        (DETAL, prices(gross=None), "123.00"),
        (NET, prices(net=None), "100.00"),
        (DETAL, prices(net="9.99", gross=None, tax_percent="8"), "10.79"),
        (DETAL, prices(sale_factor="12"), "1476"),
        (DETAL, prices(sale_factor="0.1"), "12.3"),
    ],
    ids=["gross", "net", "gross from net", "net from gross", "to the grosz", "by the dozen", "by the tenth"],
)
def test_the_price_in_the_shop_s_basis_per_sale_unit(settings, held, expected):
    assert amount(offer_price(held, settings)) == Decimal(expected)


def test_a_promotion_rules_while_it_runs_and_only_where_it_is_wanted():
    held = prices(promotion_net="80", promotion_gross="98.40")
    assert amount(offer_price(held, DETAL)) == Decimal("98.40")
    assert amount(offer_price(held, NET)) == Decimal(80)
    assert amount(offer_price(held, PriceSettings(price_type="1", promotions=False))) == Decimal(123)


def test_a_promotion_known_only_net_gives_its_own_gross_and_not_the_list_price():
    assert amount(offer_price(prices(promotion_net="80"), DETAL)) == Decimal("98.40")


def test_an_empty_promotion_is_none():
    assert amount(offer_price(prices(promotion_net="0", promotion_gross="0"), DETAL)) == Decimal(123)


@pytest.mark.parametrize(
    ("held", "settings"),
    [
        (prices(), PriceSettings(price_type="9")),
        (prices(gross="0"), DETAL),
        (prices(net=None, gross=None), DETAL),
        (prices(gross=None, tax_percent=None), DETAL),
        (prices(currency="EUR"), DETAL),
    ],
    ids=["no such type", "zero", "nothing", "no VAT to reckon with", "another currency"],
)
def test_nothing_is_ever_offered_for_nothing_or_by_guess(held, settings):
    found = offer_price(held, settings)
    assert isinstance(found, Problem)
    assert found.code == Code.PRICE_MISSING
    assert found.as_dict()["value"] == settings.price_type


STOCKS = WarehouseStocks(
    rows=(
        WarehouseStock(warehouse="1", on_hand=Decimal(10), in_edit=Decimal(1), reserved=Decimal(2)),
        WarehouseStock(warehouse="2", on_hand=Decimal(5)),
    )
)


def quantity(stocks: WarehouseStocks = STOCKS, **settings) -> Decimal:
    return offer_stock(stocks, StockSettings(**({"warehouses": frozenset({"1"})} | settings))).quantity


@pytest.mark.parametrize(
    ("formula", "expected"), [("on_hand-in_edit-reserved", 7), ("on_hand-reserved", 8), ("on_hand", 10)]
)
def test_every_formula(formula, expected):
    assert quantity(formula=formula) == expected


def test_no_formula_is_untried():
    assert set(FORMULAS) == {"on_hand-in_edit-reserved", "on_hand-reserved", "on_hand"}


def test_only_the_chosen_warehouses_are_summed():
    assert quantity(warehouses=frozenset({"1", "2"})) == 12
    assert quantity(warehouses=frozenset({"2"})) == 5
    assert quantity(warehouses=frozenset({"9"})) == 0


def test_the_buffer_is_taken_off_and_nothing_goes_below_zero():
    assert quantity(buffer=Decimal(3)) == 4
    assert quantity(buffer=Decimal(100)) == 0
    oversold = WarehouseStocks(rows=(WarehouseStock(warehouse="1", on_hand=Decimal(1), reserved=Decimal(4)),))
    assert quantity(oversold) == 0


def test_an_oversold_warehouse_takes_from_the_sum():
    rows = (WarehouseStock(warehouse="1", on_hand=Decimal(-2)), WarehouseStock(warehouse="2", on_hand=Decimal(5)))
    assert quantity(WarehouseStocks(rows=rows), warehouses=frozenset({"1", "2"})) == 3


@pytest.mark.parametrize(
    ("factor", "fractional", "shop_fractions", "expected"),
    [
        ("12", False, True, "2"),
        ("0.1", False, True, "255"),
        ("1", True, True, "25.5"),
        ("1", True, False, "25"),
        ("1", False, True, "25"),
        ("4", True, True, "6.375"),
    ],
    ids=["dozens", "tenths", "fractions", "shop without fractions", "unit without fractions", "fraction of a unit"],
)
def test_stock_units_become_whole_sale_units_where_either_side_has_no_fractions(
    factor, fractional, shop_fractions, expected
):
    rows = (WarehouseStock(warehouse="1", on_hand=Decimal("25.5")),)
    stocks = WarehouseStocks(rows=rows, sale_factor=Decimal(factor), fractional=fractional)
    assert quantity(stocks, fractions=shop_fractions) == Decimal(expected)


def test_the_buffer_is_counted_in_sale_units():
    rows = (WarehouseStock(warehouse="1", on_hand=Decimal(30)),)
    assert quantity(WarehouseStocks(rows=rows, sale_factor=Decimal(12)), buffer=Decimal(1)) == 1
