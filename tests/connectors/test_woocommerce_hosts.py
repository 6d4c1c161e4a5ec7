"""WooCommerce behind a firewall, with rights that are missing, and what is asked of it before anything else."""

import httpx
import pytest

from integrator.canonical.errors import Transient
from integrator.canonical.kinds import Kind
from integrator.canonical.preflight import Verdict
from integrator.canonical.problems import Code
from shops.connectors.woocommerce.simulator.stand import WooStand
from tests.connectors.wire import wired


@pytest.fixture
def stand() -> WooStand:
    return wired(WooStand())


@pytest.mark.parametrize("status", [403, 405])
def test_a_firewall_that_refuses_deletions_is_got_round_once_and_for_all(stand: WooStand, status: int) -> None:
    first, second, third = (stand.add_product() for _ in range(3))
    stand.open()
    inner = stand.wire._pass

    def guarded(request: httpx.Request) -> httpx.Response:
        if request.method in ("PUT", "DELETE"):
            return httpx.Response(status, text="<html>Forbidden</html>")
        return inner(request)

    stand.wire._pass = guarded  # type: ignore[method-assign]
    before = len(stand.wire.requests)
    assert all(result.ok for result in stand.open().delete(Kind.PRODUCT, [first, second]))
    assert stand.open().delete(Kind.PRODUCT, [third])[0].ok
    rows = [stand.shop.state.products.get(int(key)) for key in (first, second, third)]
    assert [row and row["status"] for row in rows] == ["trash"] * 3
    sent = [(one.method, one.url.params.get("_method")) for one in stand.wire.requests[before:]]
    assert sent == [("DELETE", None), *[("POST", "DELETE")] * 3]


def test_a_right_that_wordpress_refuses_is_not_asked_for_in_another_way(stand: WooStand) -> None:
    key = stand.add_product()
    side = stand.open()
    body = '{"code":"woocommerce_rest_cannot_delete","message":"Nie","data":{"status":403}}'
    stand.wire.answer(403, text=body)
    before = len(stand.wire.requests)
    result = side.delete(Kind.PRODUCT, [key])[0]
    assert result.error is not None
    assert result.error.problem.code == Code.RIGHT_MISSING
    assert [one.method for one in stand.wire.requests[before:]] == ["DELETE"]


def test_what_the_shop_is_set_to_is_learnt_group_by_group(stand: WooStand) -> None:
    side = stand.open()
    before = len(stand.wire.sent)
    side.learn()
    asked = [one.partition("/v3/")[2] for one in stand.wire.sent[before:] if "/settings/" in one]
    assert sorted(asked) == ["settings/general", "settings/products", "settings/tax"]


def test_a_setting_that_cannot_be_read_is_not_guessed(stand: WooStand) -> None:
    side = stand.open()
    stand.shop.state.set_setting("tax/woocommerce_prices_include_tax", None)
    with pytest.raises(Transient) as caught:
        side.learn()
    assert caught.value.problem.as_dict()["path"] == "settings/tax/woocommerce_prices_include_tax"


def test_a_right_that_only_orders_need_is_a_warning(stand: WooStand) -> None:
    side = stand._open()
    body = '{"code":"woocommerce_rest_cannot_view","message":"Nie","data":{"status":403}}'
    stand.wire._plans.append(
        lambda request: httpx.Response(403, text=body) if request.url.path.endswith("/orders") else None
    )
    odd = {check.name: check for check in side.probe() if check.verdict is not Verdict.PASSED}
    assert list(odd) == ["right:orders"]
    assert odd["right:orders"].verdict is Verdict.WARNING
    assert odd["right:orders"].problem is not None
    assert odd["right:orders"].problem.code == Code.RIGHT_MISSING
