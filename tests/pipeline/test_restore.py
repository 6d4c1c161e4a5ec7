"""The panel's database is lost and an old backup is put back: both sides went on meanwhile, and nothing comes twice."""

from pathlib import Path

from django.core.management import call_command

from integrator.canonical.kinds import Kind
from integrator.canonical.problems import Code
from syncjobs import runs
from syncjobs.engine.policy import Criterion
from syncjobs.models import Change, Step
from syncjobs.models.choices import Action, ChangeStatus, Status
from tests.pipeline.backups import back_up, restore
from tests.pipeline.selling import Shop
from tests.pipeline.world import ARTICLES, PLAIN, WITHOUT_IMAGES, World, assert_all_well


def test_what_was_created_after_the_backup_is_linked_and_not_created_again(world: World, tmp_path: Path) -> None:
    lab = world.lab
    first = lab.run(*WITHOUT_IMAGES, approve=False)
    assert Step.objects.filter(run=first, status=Status.WAITING).exists(), "the backup holds a plan that waits"
    backup = back_up(tmp_path)
    while (step := Step.objects.filter(run=first, status=Status.WAITING).first()) is not None:
        runs.approve_step(step, lab.user)
        lab.work()
    assert len(world.codes()) == ARTICLES

    restore(backup)
    call_command("restored")
    call_command("restored")
    old = Step.objects.filter(run=first, status=Status.CANCELLED)
    assert {found["code"] for step in old for found in step.problems} == {Code.RESTORED}
    run = world.run()
    taken = Change.objects.filter(step__run=run, kind=Kind.PRODUCT)
    # A variant has its parent's name in the shop: code and name do not agree, so it waits for a person.
    assert {(change.action, change.status) for change in taken} == {(Action.CREATE_SHOP, ChangeStatus.BLOCKED)}
    assert {change.problem["code"] for change in taken} == {Code.CODE_TAKEN}
    lab.options(Kind.PRODUCT, criterion=Criterion.CODE)
    assert_all_well(world, world.run())
    assert len(lab.links()) == ARTICLES


def test_the_first_write_after_a_restored_backup_waits_for_a_person(filled: World, tmp_path: Path) -> None:
    backup = back_up(tmp_path)
    filled.wapro("UPDATE ARTYKUL SET NAZWA = 'Nazwa po kopii' WHERE INDEKS_KATALOGOWY = ?", PLAIN)
    filled.run()
    restore(backup)
    call_command("restored")
    filled.wapro("UPDATE ARTYKUL SET STAN = STAN + 5")
    before = filled.writes()
    run = filled.lab.run(Kind.STOCK, approve=False)
    assert filled.ended(run) == {Kind.STOCK: Status.WAITING}
    assert filled.writes() == before


def test_an_order_placed_after_the_backup_is_found_and_not_placed_again(shop: Shop, tmp_path: Path) -> None:
    backup = back_up(tmp_path)
    key = shop.sell()
    shop.later()
    placed = shop.order(key)
    assert shop.in_wapro() == 1
    restore(backup)
    call_command("restored")
    shop.lab.shop_connection.refresh_from_db()
    shop.later()
    assert shop.in_wapro() == 1
    assert shop.order(key).erp_key == placed.erp_key
    assert shop.order(key).status == placed.status
