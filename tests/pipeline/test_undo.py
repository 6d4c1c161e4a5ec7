"""The undo of a run: what it takes back, what it leaves, what it holds, and that a dead worker changes nothing."""

import dataclasses
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction

from integrator.canonical.kinds import Kind
from integrator.canonical.problems import Code
from integrator.canonical.records import Price, PriceEntry, PriceList
from syncjobs import runs
from syncjobs.engine.policy import Owner
from syncjobs.models import Change, Link, Run, Step, UndoHold
from syncjobs.models.choices import Action, ChangeStatus, Side, Status
from syncjobs.undoing import holds, starting
from tests.pipeline.lab import Lab, memory_lab
from tests.pipeline.memory import add_product
from tests.pipeline.test_death import Killed, Reaper
from tests.pipeline.world import PLAIN, World

pytestmark = pytest.mark.one_database
REFERENCES = (Kind.UNIT, Kind.TAX_RATE, Kind.PRODUCER, Kind.CATEGORY)
SEEN = (*REFERENCES, Kind.PRODUCT, Kind.PRICE)


@pytest.fixture
def shop(db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Lab]:
    """Products of which some are in the shop already; the others are made there by the first run."""
    with memory_lab(monkeypatch, products=5) as lab:
        prepare(lab)
        yield lab


def prepare(lab: Lab, linked: int = 3) -> None:
    for n in range(linked):
        add_product(lab.shop, str(100 + n), f"TOW{n:04d}", f"Łopata nr {n}", price="1", stock="3")
    lab.options(Kind.PRODUCT, export_unlinked=True, erp_gone="delete")
    lab.own(Kind.PRICE, Owner.ERP, "price")
    lab.own(Kind.STOCK, Owner.ERP, "quantity")


def held(lab: Lab) -> dict[str, Any]:
    """What the shop holds, whatever keys it gave."""
    return {
        kind: sorted(
            (str(key) if kind is not Kind.PRODUCT else "", str(row)) for key, row in lab.shop.rows[kind].items()
        )
        for kind in (Kind.PRODUCT, Kind.PRICE, Kind.STOCK, Kind.PRODUCER)
    }


def undo(lab: Lab, run: Run, *, approve: bool = True) -> Run:
    lab.clock.shift(1)
    found = starting.begin(run, lab.user)
    lab.work()
    while approve and (step := Step.objects.filter(run=found, status=Status.WAITING).first()):
        runs.approve_step(step, lab.user)
        lab.work()
    found.refresh_from_db()
    return found


def costs(gross: int) -> PriceList:
    return PriceList(entries=(PriceEntry(price_type="1", gross=Decimal(gross)),))


def reasons(run: Run) -> dict[str, str]:
    rows = Change.objects.filter(step__run=run, status=ChangeStatus.BLOCKED)
    return {change.shop_key or change.erp_key: change.problem["code"] for change in rows if change.problem}


def test_an_undone_run_leaves_the_shop_as_it_was_and_is_not_redone(shop: Lab) -> None:
    before = held(shop)
    run = shop.run()
    after = held(shop)
    assert after != before
    plan = undo(shop, run, approve=False)
    assert (plan.status, held(shop)) == (Status.WAITING, after), "nothing is written before somebody agrees"
    for step in Step.objects.filter(run=plan, status=Status.WAITING):
        assert Code.UNDO_ASKED in [found["code"] for found in step.problems]
    done = undo(shop, run)
    assert done == plan, "the undo that is under way is not begun a second time"
    assert (done.status, held(shop), shop.links()) == (Status.SUCCEEDED, before, {})
    state = starting.undone(Run.objects.get(pk=run.pk))
    assert state is not None
    assert (state.run, state.open, state.left) == (done, False, 0)
    assert starting.against(done) is starting.Against.UNDO

    again = shop.run()
    assert held(shop) == before, "the next run does not simply do the same again"
    assert not shop.changes(again)
    assert set(shop.unlinked(Kind.PRODUCT, Side.ERP).values()) == {"ignored"}

    assert holds.release(shop.shop_connection, UndoHold.objects.all(), shop.user) > 0
    shop.run()
    assert {row.code for row in shop.shop.rows[Kind.PRODUCT].values()} == set(shop.links())
    assert sorted(str(row) for row in shop.shop.rows[Kind.PRICE].values()) == sorted(
        text for _, text in after[Kind.PRICE]
    )


def test_what_was_changed_since_stays_and_is_told(shop: Lab) -> None:
    shop.run(*SEEN)
    for n in range(3):
        shop.erp.rows[Kind.PRICE][f"TOW{n:04d}"] = costs(20 + n)
    run = shop.run(Kind.PRICE)
    shop.erp.rows[Kind.PRICE]["TOW0001"] = costs(30)
    later = shop.run(Kind.PRICE)
    shop.shop.rows[Kind.PRICE]["100"] = Price(price=Decimal(7))
    done = undo(shop, run)
    prices = {key: row.price for key, row in shop.shop.rows[Kind.PRICE].items()}
    assert (prices["100"], prices["101"], prices["102"]) == (Decimal(7), Decimal(30), Decimal("12.3"))
    assert reasons(done) == dict.fromkeys(("100", "101"), Code.UNDO_CHANGED_SINCE)
    told = {c.shop_key: c.problem["params"] for c in shop.changes(done, ChangeStatus.BLOCKED) if c.problem}
    assert told["101"]["run"] == str(later.pk)
    assert "run" not in told["100"]
    assert UndoHold.objects.get().link.shop_key == "102"

    shop.shop.rows[Kind.PRICE]["102"] = Price(price=Decimal(5))
    shop.run(Kind.PRICE)
    assert shop.shop.rows[Kind.PRICE]["102"].price == 5, "nobody released it"
    assert shop.shop.rows[Kind.PRICE]["100"].price == 20, "what the undo left alone goes on by the options"


def test_what_may_or_may_not_have_been_written_is_told_and_left(shop: Lab) -> None:
    shop.run(*SEEN)
    for n in range(2):
        shop.erp.rows[Kind.PRICE][f"TOW{n:04d}"] = costs(20 + n)
    run = shop.run(Kind.PRICE)
    Change.objects.filter(step__run=run, shop_key="100").update(status=ChangeStatus.SENT)
    assert reasons(undo(shop, run)) == {"100": Code.UNDO_OUTCOME_UNKNOWN}


def test_an_undo_looks_again_right_before_it_writes(shop: Lab) -> None:
    run = shop.run(*SEEN)
    plan = undo(shop, run, approve=False)
    shop.shop.rows[Kind.PRICE]["100"] = Price(price=Decimal(7))
    made = next(key for key in shop.shop.rows[Kind.PRODUCT] if int(key) > 1000)
    shop.shop.rows[Kind.PRODUCT][made] = dataclasses.replace(shop.shop.rows[Kind.PRODUCT][made], name="Ręcznie")
    undo(shop, run)
    assert shop.shop.rows[Kind.PRICE]["100"].price == 7
    assert shop.shop.rows[Kind.PRODUCT][made].name == "Ręcznie"
    assert {c.shop_key for c in shop.changes(plan, ChangeStatus.STALE)} == {"100", made}


def test_what_was_deleted_or_hidden_is_there_again_and_stays(shop: Lab) -> None:
    add_product(shop.shop, "200", "OBCY-1", "Tylko w sklepie", price="9", stock="4")
    shop.run(*REFERENCES)
    shop.options(Kind.PRODUCT, delete_unlinked=True, erp_gone="deactivate")
    shop.run(Kind.PRODUCT)
    del shop.erp.rows[Kind.PRODUCT]["TOW0001"]
    first, run = shop.run(Kind.PRODUCT), shop.run(Kind.PRODUCT)
    gone = Run.objects.order_by("pk")[1]
    assert "200" not in shop.shop.rows[Kind.PRODUCT]
    hidden = next(
        one for one in (first, run) if Change.objects.filter(step__run=one, action=Action.DEACTIVATE_SHOP).exists()
    )
    assert not shop.shop.rows[Kind.PRODUCT]["101"].active
    undo(shop, hidden)
    assert shop.shop.rows[Kind.PRODUCT]["101"].active
    back = undo(shop, gone)
    made = {row.code: key for key, row in shop.shop.rows[Kind.PRODUCT].items()}["OBCY-1"]
    assert shop.shop.rows[Kind.PRICE][made].price == 9
    assert shop.shop.rows[Kind.STOCK][made].quantity == 4
    shop.run(Kind.PRODUCT)
    assert made in shop.shop.rows[Kind.PRODUCT]
    assert shop.shop.rows[Kind.PRODUCT]["101"].active
    assert UndoHold.objects.filter(run=back, side=Side.SHOP, key=made, field="").exists()


def test_a_write_into_wapro_is_set_back_and_a_released_field_that_is_asked_about_is_asked(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    with memory_lab(monkeypatch, products=3, erp_writes=True) as lab:
        prepare(lab)
        lab.own(Kind.PRODUCT, Owner.ASK, "name")
        lab.run(*REFERENCES, Kind.PRODUCT)
        lab.shop.rows[Kind.PRODUCT]["100"] = dataclasses.replace(lab.shop.rows[Kind.PRODUCT]["100"], name="Nowa nazwa")
        run = lab.run(Kind.PRODUCT)
        assert lab.erp.rows[Kind.PRODUCT]["TOW0000"].name == "Nowa nazwa"
        undo(lab, run)
        assert lab.erp.rows[Kind.PRODUCT]["TOW0000"].name == "Łopata nr 0"
        lab.run(Kind.PRODUCT)
        assert lab.shop.rows[Kind.PRODUCT]["100"].name == "Nowa nazwa", "held: neither side is written"
        holds.release(lab.shop_connection, UndoHold.objects.all(), lab.user)
        lab.run(Kind.PRODUCT)
        assert Link.objects.get(erp_key="TOW0000", kind=Kind.PRODUCT).conflicts.get(status="open").field == "name"
        assert lab.shop.rows[Kind.PRODUCT]["100"].name == "Nowa nazwa"


@pytest.mark.django_db
def test_dying_in_the_middle_of_an_undo_changes_nothing_in_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    with memory_lab(monkeypatch, products=3) as lab:
        prepare(lab, linked=2)
        run = lab.run(*SEEN)
        rows = {kind: dict(of_kind) for kind, of_kind in lab.shop.rows.items()}

        def lived(at: int) -> tuple[int, Any]:
            lab.shop.rows = {kind: dict(of_kind) for kind, of_kind in rows.items()}
            reaper = Reaper(at)
            with transaction.atomic():
                with reaper.around(lab, monkeypatch):
                    try:
                        undo(lab, run)
                    except Killed:
                        lab.clock.shift(120)
                lab.shop.fault = lab.erp.fault = lambda call, kind: None
                done = undo(lab, run)
                outcome = held(lab), lab.links(), sorted(str(hold) for hold in UndoHold.objects.all()), done.status
                transaction.set_rollback(True)
            return reaper.moments, outcome

        moments, expected = lived(0)
        assert expected[1] == {}
        for at in range(2, moments + 1, max(moments // 4, 1)):
            assert lived(at)[1] == expected, f"died at moment {at} of {moments}"


def test_in_a_shop_over_http_what_people_changed_since_is_left(filled: World) -> None:
    lab = filled.lab
    before = prices(filled)
    filled.wapro("UPDATE CENA_ARTYKULU SET CENA_NETTO = CENA_NETTO * 2, CENA_BRUTTO = CENA_BRUTTO * 2")
    run = filled.run(Kind.PRICE)
    dear = {c.code: c for c in lab.changes(run, ChangeStatus.APPLIED)}
    assert len(dear) > 5
    by_hand = PLAIN
    product, _, variant = dear[by_hand].shop_key.partition(":")
    state = filled.shop.state
    with state.stocks.editing(int(variant or state.stock_ids(int(product))[0])) as row:
        row["price"] = row["comp_price"] = "1.11"
    done = undo(lab, run)
    assert reasons(done) == {dear[by_hand].shop_key: Code.UNDO_CHANGED_SINCE}
    now = prices(filled)
    assert {code for code in dear if now[code] != before[code]} == {by_hand}
    assert now[by_hand] == Decimal("1.11")


def prices(world: World) -> dict[str, Decimal]:
    rows = [world.shop.state.stocks.get(one) for one in world.shop.state.stocks]
    return {row["code"]: Decimal(row["comp_price"]) for row in rows}
