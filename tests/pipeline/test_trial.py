"""The trial goes through the real writes of what was picked, and of nothing else."""

import pytest

from integrator.canonical.kinds import Kind
from syncjobs import errands
from syncjobs.engine.policy import Owner
from syncjobs.models import Errand, Link, ShopOrder, ShopSetup, SyncOptions
from syncjobs.models.choices import Status
from syncjobs.setup import setup_of
from syncjobs.wizard import trial
from tests.pipeline.selling import Shop
from tests.pipeline.world import World

pytestmark = pytest.mark.one_database


def test_only_the_picked_products_are_written(world: World) -> None:
    world.lab.options(Kind.PRODUCT, export_unlinked=False)
    world.run()
    assert world.codes() == set()
    wizard = ShopSetup(connection=world.lab.shop_connection)
    setup = setup_of(world.lab.shop_connection)
    keys = [row["key"] for row in trial.products(world.lab.shop_connection, setup, "")][:2]
    SyncOptions.objects.update(approved_at=None)
    run = trial.start(world.lab.shop_connection, setup, wizard, keys, world.lab.user)
    _to_its_end(world, run)
    assert world.codes() == set(keys)
    after = trial.after(setup_of(world.lab.shop_connection), run, keys)
    assert all(after[key]["shop"]["name"] and after[key]["shop"]["price"] for key in keys), after
    assert wizard.trial is not None
    assert all(not wizard.trial["before"][key]["shop"] for key in keys)
    assert not SyncOptions.objects.exclude(approved_at=None).exists(), "nobody has seen a whole plan"


def test_linked_products_that_were_not_picked_stay_as_they_are(filled: World) -> None:
    filled.lab.own(Kind.STOCK, Owner.ERP, "quantity")
    filled.wapro("UPDATE ARTYKUL SET STAN = STAN + 7")
    setup = setup_of(filled.lab.shop_connection)
    key = Link.objects.filter(kind=Kind.PRODUCT).order_by("pk").values_list("erp_key", flat=True)[0]
    wizard = ShopSetup(connection=filled.lab.shop_connection)
    run = trial.start(filled.lab.shop_connection, setup, wizard, [key], filled.lab.user)
    _to_its_end(filled, run)
    written = {change.erp_key for change in filled.lab.changes(run)}
    assert written <= {key}


def _to_its_end(world: World, run: object) -> None:
    from syncjobs import runs
    from syncjobs.models import Step

    world.lab.work()
    while step := Step.objects.filter(run=run, status=Status.WAITING).first():
        runs.approve_step(step, world.lab.user)
        world.lab.work()


def test_the_check_of_the_data_says_what_the_plan_would(world: World) -> None:
    world.run()
    world.wapro("UPDATE ARTYKUL SET ID_JEDNOSTKI = NULL WHERE INDEKS_KATALOGOWY = 'GEN0000012'")
    errand = errands.request(Errand.Verb.CHECK_DATA, shop=world.lab.shop_connection)
    world.lab.work()
    errand.refresh_from_db()
    assert errand.status == Status.SUCCEEDED, errand.result
    assert errand.result["checked"] > 0
    assert errand.result["short"] <= errand.result["checked"]
    assert errand.result["twice"]["shop_code"]["count"] == 0
    assert not ShopOrder.objects.exists()


def test_an_order_is_tried_while_the_import_is_off(shop: Shop) -> None:
    shop.work()
    shop.terms.enabled = shop.terms.back_enabled = False
    shop.terms.save()
    key, other = shop.sell(), shop.sell()
    listed = errands.request(Errand.Verb.RECENT_ORDERS, shop=shop.lab.shop_connection)
    shop.work()
    listed.refresh_from_db()
    assert {str(key), str(other)} <= {one["key"] for one in listed.result["orders"]}
    assert not ShopOrder.objects.exists(), "looking keeps nothing"
    errands.request(Errand.Verb.TRY_ORDERS, shop=shop.lab.shop_connection, params={"keys": [str(key)]})
    shop.work()
    assert shop.order(key).in_erp
    assert shop.in_wapro() == 1
    shop.terms.enabled = True
    shop.terms.save()
    shop.later(10)
    assert shop.in_wapro() == 2, "the other comes with the import, the tried one is not doubled"
