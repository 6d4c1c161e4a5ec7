"""F8: a shop that refuses the login is asked at most three times and then waits for a person."""

import pytest
from django.utils import timezone

from integrator.canonical.kinds import SYNC_KINDS
from shops.connectors.shoper.simulator import STATIC_TOKEN
from shops.models import ShopConnection
from syncjobs import schedule
from syncjobs.models import Run
from syncjobs.models.choices import OPEN_STATUSES
from tests.pipeline.selling import PrestaShop, Shop, ShoperShop

pytestmark = pytest.mark.one_database


def revoke(shop: Shop) -> None:
    """The shop's owner takes the login away."""
    if isinstance(shop, ShoperShop):
        shop.simulator.access.static_tokens.clear()
    shop.simulator.faults.add("revoke")


def give_back(shop: Shop) -> None:
    if isinstance(shop, ShoperShop):
        shop.simulator.access.static_tokens[STATIC_TOKEN] = shop.simulator.access.accounts.popitem()[1]
    elif isinstance(shop, PrestaShop):
        for account in shop.simulator.access.accounts.values():
            account.active = True
    else:
        shop.simulator.access.restore()


@pytest.mark.failure_mode("F8")
@pytest.mark.parametrize("shop", [Shop, ShoperShop, PrestaShop], indirect=True, ids=lambda kind: kind.platform)
def test_a_refused_login_costs_three_calls_and_waits_for_a_person(shop: Shop) -> None:
    """Every flow is due at once and again later, orders too. A test of the settings that passes sets all going."""
    connection = shop.lab.shop_connection
    shop.later()
    for kind in SYNC_KINDS:
        shop.lab.options(kind, enabled=True, approved_at=timezone.now(), interval_minutes=30, next_at=timezone.now())
    revoke(shop)
    before = shop.simulator.stats.as_json()["total"]
    for _ in range(4):
        schedule.tick()
        shop.later(45)
    connection.refresh_from_db()
    assert connection.healthy is False
    assert shop.simulator.stats.as_json()["total"] - before <= 3
    assert not Run.objects.filter(status__in=OPEN_STATUSES).exists()
    key = shop.sell()
    give_back(shop)
    ShopConnection.objects.update(healthy=True, problem=None)
    shop.later()
    assert shop.order(key).status == "placed"
