"""What a WooCommerce shop can do, by its version, its settings and what is filled in."""

from typing import Any

import pytest

from integrator.canonical.capabilities import Can
from integrator.canonical.kinds import Kind
from shops.connectors.base import Known
from shops.connectors.woocommerce.capabilities import capabilities, version_of

SHOP = {"version": "10.5.0", "gross": "yes", "decimals": "2", "brands": True}


def of(shop: dict[str, Any] | None = None, **known: Any) -> Any:
    facts = {} if shop is None else {"shop": shop}
    return capabilities(Known(facts=facts, **known))


def test_what_can_be_done_is_unlearnt_until_the_shop_was_asked() -> None:
    assert of().unlearnt
    assert not of(SHOP).unlearnt


@pytest.mark.parametrize(("setting", "basis"), [("yes", "gross"), ("no", "net")])
def test_the_shops_own_setting_tells_net_from_gross(setting: str, basis: str) -> None:
    assert of({**SHOP, "gross": setting}).price_basis == basis


def test_without_taxes_the_price_is_what_customers_pay() -> None:
    assert of({**SHOP, "gross": "no", "calc_taxes": "no"}).price_basis == "gross"
    assert of({**SHOP, "gross": "no", "calc_taxes": "yes"}).price_basis == "net"


def test_prices_have_the_shops_decimals_and_stock_none() -> None:
    found = of({**SHOP, "decimals": "0"})
    assert found.of(Kind.PRICE).fields["price"].decimals == 0
    assert found.of(Kind.STOCK).fields["quantity"].whole
    assert not found.fractions


def test_units_are_kept_where_the_setting_says() -> None:
    assert of(SHOP).can(Kind.UNIT, Can.UPDATE | Can.DELETE)
    meta = of(SHOP, settings={"unit": "meta"})
    assert meta.of(Kind.UNIT).can == Can.READ | Can.CREATE
    nowhere = of(SHOP, settings={"unit": ""})
    assert nowhere.of(Kind.UNIT).can == Can.NOTHING
    assert "unit" not in nowhere.of(Kind.PRODUCT).fields
    assert "unit" in meta.of(Kind.PRODUCT).fields


@pytest.mark.parametrize(
    ("known", "writes"),
    [
        ({}, False),
        ({"given": frozenset({"media_user"})}, False),
        ({"given": frozenset({"media_user", "media_password"})}, True),
        ({"public": True}, True),
    ],
)
def test_pictures_are_sent_only_where_there_is_a_way(known: dict[str, Any], writes: bool) -> None:
    found = of(SHOP, **known)
    assert found.can(Kind.IMAGE, Can.READ)
    assert found.can(Kind.IMAGE, Can.CREATE) is writes
    assert found.of(Kind.IMAGE).remark


def test_a_shop_before_9_2_has_no_bar_codes() -> None:
    assert "ean" in of(SHOP).of(Kind.PRODUCT).fields
    assert "ean" not in of({**SHOP, "version": "9.1.4"}).of(Kind.PRODUCT).fields


def test_batches_are_as_large_as_the_api_takes_them() -> None:
    found = of(SHOP, public=True)
    for kind in (Kind.PRODUCT, Kind.PRICE, Kind.STOCK, Kind.CATEGORY, Kind.PRODUCER, Kind.UNIT):
        assert found.batch_of(kind) == 100
    assert found.page_size == 100
    assert found.batch_of(Kind.IMAGE) < 100


@pytest.mark.parametrize(
    ("text", "version"), [("10.5.0", (10, 5, 0)), ("9.0.0-beta.2", (9, 0, 0)), ("10", (10,)), ("x", ()), ("", ())]
)
def test_versions(text: str, version: tuple[int, ...]) -> None:
    assert version_of(text) == version
