"""Whole runs on two sides in memory: link, write, verify; and the second run finds nothing to do."""

import dataclasses
from decimal import Decimal

import pytest
from django.db.models import Q

from integrator.canonical.errors import AuthFailed, OutcomeUnknown, RateLimited, Rejected, Transient
from integrator.canonical.kinds import Kind
from integrator.canonical.problems import Code
from integrator.canonical.records import Price, problem
from integrator.canonical.side import ElementError, Scope
from syncjobs import conflicts, pairs, runs, snapshots
from syncjobs.engine.policy import Owner
from syncjobs.models import Conflict, Run, Step, SyncOptions
from syncjobs.models.choices import ChangeStatus, Mark, Side, Status
from tests.pipeline.lab import Lab, memory_lab
from tests.pipeline.memory import add_card, add_product, shop_capabilities

pytestmark = pytest.mark.one_database

STATUSES = {Status.SUCCEEDED}


def shop_has(lab: Lab, count: int, **changed) -> None:
    """The first cards are in the shop already."""
    for number in range(count):
        values = {"price": "12.30", "stock": "7"} | changed
        add_product(lab.shop, str(100 + number), f"TOW{number:04d}", f"Łopata nr {number}", **values)


def statuses(run: Run) -> dict[str, str]:
    return dict(Step.objects.filter(run=run).values_list("kind", "status"))


def test_a_new_connection_links_and_writes_nothing(lab):
    shop_has(lab, 5)
    run = lab.run()
    assert set(statuses(run).values()) == STATUSES
    assert lab.links() == {f"TOW{n:04d}": str(100 + n) for n in range(5)}
    assert len(lab.unlinked(Kind.PRODUCT, "erp")) == 7
    assert lab.links(Kind.TAX_RATE) == {"23": "1", "zw": "2"}
    assert lab.links(Kind.UNIT) == {"1": "1"}
    assert lab.shop.writes() == []


def test_prices_and_stock_reach_the_shop_and_the_second_run_writes_nothing(lab):
    shop_has(lab, 5, price="9.99", stock="0")
    lab.own(Kind.PRICE, Owner.ERP, "price")
    lab.own(Kind.STOCK, Owner.ERP, "quantity")
    run = lab.run()
    assert run.status == Status.SUCCEEDED
    assert {row.price for row in lab.shop.rows[Kind.PRICE].values()} == {Decimal("12.30")}
    assert {row.quantity for row in lab.shop.rows[Kind.STOCK].values()} == {Decimal(7)}
    lab.shop.calls.clear()
    second = lab.run()
    assert second.status == Status.SUCCEEDED
    assert lab.shop.writes() == []
    assert lab.changes(second) == []


def test_missing_products_are_created_with_price_and_stock_and_stay_settled(lab):
    lab.options(Kind.PRODUCT, export_unlinked=True)
    for kind, name in ((Kind.PRODUCT, "name"), (Kind.PRICE, "price"), (Kind.STOCK, "quantity")):
        lab.own(kind, Owner.ERP, name)
    lab.shop.keep = lambda name, value: f"<p>{value}</p>" if name == "name" else value
    run = lab.run()
    assert run.status == Status.SUCCEEDED
    assert len(lab.links()) == len(lab.shop.rows[Kind.PRODUCT]) == 12
    assert {row.quantity for row in lab.shop.rows[Kind.STOCK].values()} == {Decimal(7)}
    assert {change.status for change in lab.changes(run)} == {ChangeStatus.DRIFTED}
    lab.shop.calls.clear()
    lab.run()
    assert lab.shop.writes() == []


def test_a_preview_writes_nothing_and_shows_the_plan(lab):
    lab.options(Kind.PRODUCT, export_unlinked=True)
    run = lab.run(mode=Run.Mode.PREVIEW)
    assert lab.shop.writes() == []
    assert len(lab.changes(run, ChangeStatus.PLANNED)) == 12


def test_the_first_write_of_a_kind_waits_for_a_person(lab):
    shop_has(lab, 3, stock="1")
    lab.own(Kind.STOCK, Owner.ERP, "quantity")
    run = lab.run(approve=False)
    assert run.status == Status.WAITING
    assert lab.shop.writes() == []
    step = lab.step(run, Kind.STOCK)
    first = lab.changes(run, ChangeStatus.PLANNED)[0]
    runs.approve_step(step, lab.user, Q(pk=first.pk))
    lab.work()
    assert [call[2] for call in lab.shop.writes()] == [1]
    assert len(lab.changes(run, ChangeStatus.DECLINED)) == 2


@pytest.mark.failure_mode("F9")
def test_a_broken_record_closes_the_gates_and_the_rest_goes_on(lab):
    shop_has(lab, 3, stock="1")
    lab.own(Kind.STOCK, Owner.ERP, "quantity")
    lab.run(Kind.PRODUCT, Kind.UNIT, Kind.TAX_RATE, Kind.PRODUCER, Kind.CATEGORY)
    lab.shop.broken[Kind.TAX_RATE] = {
        "9": ElementError(key="9", kind=Kind.TAX_RATE, problem=problem(Code.FIELD_MISSING, field="value"), label="NP")
    }
    run = lab.run()
    found = statuses(run)
    assert found["tax_rate"] == Status.FAILED
    assert found["product"] == Status.BLOCKED
    assert found["stock"] == Status.SUCCEEDED
    assert lab.step(run, Kind.PRODUCT).problems[0]["code"] == Code.GATE_CLOSED
    pairs.mark(lab.shop_connection, Side.SHOP, Kind.TAX_RATE, ["9"], Mark.EXCLUDED, lab.user, "nie używamy")
    lab.work()
    assert statuses(Run.objects.latest("id")) == {"tax_rate": Status.SUCCEEDED, "product": Status.SUCCEEDED}


def test_a_refused_row_fails_alone(lab):
    shop_has(lab, 6, stock="1")
    lab.own(Kind.STOCK, Owner.ERP, "quantity")
    bad = lab.shop.rows[Kind.STOCK]["102"]
    lab.shop.refuse = lambda kind, fields: Rejected(message="nie") if fields == {"quantity": "9"} else None
    lab.erp.rows[Kind.STOCK]["TOW0002"] = dataclasses.replace(
        lab.erp.rows[Kind.STOCK]["TOW0002"],
        rows=(dataclasses.replace(lab.erp.rows[Kind.STOCK]["TOW0002"].rows[0], on_hand=Decimal(9)),),
    )
    run = lab.run()
    assert lab.step(run, Kind.STOCK).status == Status.PARTLY
    assert lab.shop.rows[Kind.STOCK]["102"] == bad
    (failed,) = lab.changes(run, ChangeStatus.FAILED)
    assert failed.code == "TOW0002"
    lab.shop.refuse = lambda kind, fields: None
    again = runs.retry_changes(lab.step(run, Kind.STOCK), lab.user)
    lab.work()
    again.refresh_from_db()
    assert again.status == Status.SUCCEEDED
    assert lab.shop.rows[Kind.STOCK]["102"].quantity == 9


def test_two_changed_sides_make_a_conflict_that_a_person_decides(lab):
    shop_has(lab, 3)
    lab.own(Kind.PRODUCT, Owner.ASK, "name")
    lab.options(Kind.PRODUCT, owners={"name": "ask"})
    lab.run()
    for side, key, text in ((lab.erp, "TOW0001", "Łopata stalowa"), (lab.shop, "101", "Łopata super")):
        side.rows[Kind.PRODUCT][key] = dataclasses.replace(side.rows[Kind.PRODUCT][key], name=text)
    lab.run()
    conflict = Conflict.objects.get(status="open")
    assert (conflict.base_erp, conflict.erp, conflict.shop) == ("Łopata nr 1", "Łopata stalowa", "Łopata super")
    with pytest.raises(conflicts.StaleDecision):
        conflicts.decide(conflict, conflict.version + 1, "erp", None, lab.user)
    conflicts.decide(conflict, conflict.version, "erp", None, lab.user)
    lab.run()
    assert lab.shop.rows[Kind.PRODUCT]["101"].name == "Łopata stalowa"
    conflict.refresh_from_db()
    assert conflict.status == Conflict.Status.CLOSED
    assert conflict.lost == "Łopata super"
    lab.shop.calls.clear()
    lab.run()
    assert lab.shop.writes() == []


@pytest.mark.failure_mode("F1")
def test_a_create_whose_answer_is_lost_leaves_one_product(lab):
    lab.options(Kind.PRODUCT, export_unlinked=True)
    lost = {"left": 2}

    def fault(call, kind):
        if call == "after create" and lost["left"]:
            lost["left"] -= 1
            raise OutcomeUnknown()

    lab.shop.fault = fault
    run = lab.run()
    assert run.status == Status.SUCCEEDED
    codes = [row.code for row in lab.shop.rows[Kind.PRODUCT].values()]
    assert sorted(codes) == sorted(set(codes))
    assert len(codes) == 12
    assert len(lab.links()) == 12


def test_passing_trouble_is_waited_out(lab):
    shop_has(lab, 12, stock="1")
    lab.own(Kind.STOCK, Owner.ERP, "quantity")
    errors = [Transient(Code.SERVER_ERROR, status=502), RateLimited(3), Transient(Code.CONNECTION_LOST)]

    def fault(call, kind):
        if errors and call in ("fetch", "update") and kind in (Kind.PRODUCT, Kind.STOCK):
            raise errors.pop()

    lab.shop.fault = fault
    run = lab.run()
    assert errors == []
    assert run.status == Status.SUCCEEDED
    assert {row.quantity for row in lab.shop.rows[Kind.STOCK].values()} == {Decimal(7)}


def test_a_dead_login_stops_the_run_and_marks_the_connection(lab):
    def fault(call, kind):
        raise AuthFailed(Code.LOGIN_FAILED, user="wapro")

    lab.shop.fault = fault
    run = lab.run(Kind.STOCK)
    assert run.status == Status.FAILED
    lab.shop_connection.refresh_from_db()
    assert lab.shop_connection.healthy is False
    assert lab.shop_connection.problem["code"] == Code.LOGIN_FAILED


def test_an_element_gone_from_wapro_is_hidden_only_after_two_complete_fetches(lab):
    shop_has(lab, 12)
    lab.run()
    for rows in lab.erp.rows.values():
        rows.pop("TOW0003", None)
    lab.run()
    assert lab.shop.rows[Kind.PRODUCT]["103"].active
    lab.run()
    assert not lab.shop.rows[Kind.PRODUCT]["103"].active
    assert [row.active for row in lab.shop.rows[Kind.PRODUCT].values()].count(False) == 1
    lab.shop.calls.clear()
    lab.run()
    assert lab.shop.writes() == []


def test_an_empty_side_concludes_nothing(lab):
    shop_has(lab, 12)
    lab.run()
    kept = {kind: dict(rows) for kind, rows in lab.erp.rows.items()}
    for rows in lab.erp.rows.values():
        rows.clear()
    for _ in range(3):
        lab.run()
    assert all(row.active for row in lab.shop.rows[Kind.PRODUCT].values())
    lab.erp.rows.update(kept)
    assert lab.run().status == Status.SUCCEEDED
    assert len(lab.links()) == 12


@pytest.mark.failure_mode("F10")
def test_a_side_that_stays_small_is_believed_in_the_end_but_the_guard_asks(lab):
    shop_has(lab, 12)
    lab.run()
    for rows in lab.erp.rows.values():
        for number in range(8):
            rows.pop(f"TOW{number:04d}", None)
    lab.options(Kind.PRODUCT, erp_gone="deactivate")
    for _ in range(2):
        assert lab.step(lab.run(Kind.PRODUCT), Kind.PRODUCT).problems[0]["code"] == Code.FETCH_INCOMPLETE
    for _ in range(2):
        run = lab.run(Kind.PRODUCT, approve=False)
    assert all(row.active for row in lab.shop.rows[Kind.PRODUCT].values())
    runs.approve_step(lab.step(run, Kind.PRODUCT), lab.user)
    lab.work()
    assert [row.active for row in lab.shop.rows[Kind.PRODUCT].values()].count(False) == 8


def test_only_products_without_any_card_are_deleted_and_only_after_approval(lab):
    shop_has(lab, 12)
    add_product(lab.shop, "900", "OBCY1", "Nie z WAPRO", price="1", stock="1")
    add_card(lab.erp, "USLUGA", "Usługa poza filtrem", traits=(("kind", "Usługa"),))
    add_product(lab.shop, "901", "USLUGA", "Usługa w sklepie", price="1", stock="1")
    add_product(lab.shop, "902", "tow0011", "Inna nazwa, ten sam indeks", price="1", stock="1")
    lab.options(Kind.PRODUCT, delete_unlinked=True)
    waiting = lab.run(approve=False)
    assert "900" in lab.shop.rows[Kind.PRODUCT]
    runs.approve_step(lab.step(waiting, Kind.PRODUCT), lab.user)
    lab.work()
    assert "900" not in lab.shop.rows[Kind.PRODUCT]
    assert {"901", "902"} <= set(lab.shop.rows[Kind.PRODUCT])


def test_a_renamed_index_keeps_its_link(lab):
    shop_has(lab, 12)
    card = lab.erp.rows[Kind.PRODUCT]["TOW0004"]
    lab.erp.rows[Kind.PRODUCT]["TOW0004"] = dataclasses.replace(card, aliases=("index:TOW0004", "guid:77"))
    lab.options(Kind.PRODUCT, export_unlinked=True)
    lab.run()
    for rows in lab.erp.rows.values():
        if "TOW0004" in rows:
            rows["NOWY0004"] = rows.pop("TOW0004")
    lab.erp.rows[Kind.PRODUCT]["NOWY0004"] = dataclasses.replace(card, code="NOWY0004", aliases=("guid:77",))
    lab.run()
    assert lab.links()["NOWY0004"] == "104"
    assert len(lab.shop.rows[Kind.PRODUCT]) == 12


def test_a_stale_plan_is_refused_row_by_row(lab):
    shop_has(lab, 3, price="1.00")
    lab.own(Kind.PRICE, Owner.ERP, "price")
    run = lab.run(approve=False)
    add_card(lab.erp, "TOW0001", "Łopata nr 1", price="55.00")
    lab.run(Kind.PRODUCT, approve=False)
    snapshots.store(lab.erp_connection, lab.erp.fetch(Kind.PRICE, Scope(), None).items)
    runs.approve_step(lab.step(run, Kind.PRICE), lab.user)
    lab.work()
    assert lab.shop.rows[Kind.PRICE]["101"] == Price(price=Decimal("1.00"))
    assert [change.code for change in lab.changes(run, ChangeStatus.STALE)] == ["TOW0001"]
    lab.run()
    assert lab.shop.rows[Kind.PRICE]["101"].price == Decimal("55.00")


def test_a_plan_that_waited_long_looks_before_it_writes(lab):
    shop_has(lab, 3, price="1.00")
    lab.own(Kind.PRICE, Owner.ERP, "price")
    run = lab.run(approve=False)
    lab.shop.rows[Kind.PRICE]["101"] = Price(price=Decimal("77.00"))
    lab.clock.shift(3600)
    runs.approve_step(lab.step(run, Kind.PRICE), lab.user)
    lab.work()
    assert lab.shop.rows[Kind.PRICE]["101"].price == Decimal("77.00")
    assert lab.shop.rows[Kind.PRICE]["102"].price == Decimal("12.30")
    assert [change.code for change in lab.changes(run, ChangeStatus.STALE)] == ["TOW0001"]


def test_hiding_what_is_gone_is_chosen_only_where_the_shop_can_hide(lab):
    chosen = dict(SyncOptions.objects.values_list("kind", "erp_gone"))
    assert chosen[Kind.PRODUCT] == "deactivate"
    assert chosen[Kind.PRODUCER] == "leave"


def test_a_paused_connection_does_nothing_until_it_goes_on(lab):
    shop_has(lab, 3)
    lab.shop_connection.paused = True
    lab.shop_connection.save()
    run = lab.run()
    assert run.status == Status.QUEUED
    assert lab.shop.calls == []
    lab.shop_connection.paused = False
    lab.shop_connection.save()
    lab.work()
    run.refresh_from_db()
    assert run.status == Status.SUCCEEDED


def test_edits_in_the_shop_come_back_where_the_shop_rules(monkeypatch, db):
    with memory_lab(monkeypatch, erp_writes=True) as lab:
        shop_has(lab, 12)
        lab.own(Kind.PRODUCT, Owner.SHOP, "name")
        lab.run()
        lab.shop.rows[Kind.PRODUCT]["101"] = dataclasses.replace(lab.shop.rows[Kind.PRODUCT]["101"], name="Łopata XXL")
        lab.run()
        assert lab.erp.rows[Kind.PRODUCT]["TOW0001"].name == "Łopata XXL"
        lab.erp.calls.clear()
        lab.run()
        assert lab.erp.writes() == lab.shop.writes() == []


def test_an_impatient_second_click_is_the_first_run(lab):
    first = runs.start_run(lab.shop_connection, user=lab.user, once=True)
    assert runs.start_run(lab.shop_connection, user=lab.user, once=True) == first
    other = runs.start_run(lab.shop_connection, user=lab.user, mode=Run.Mode.PREVIEW, once=True)
    assert other != first
    lab.work()
    assert runs.start_run(lab.shop_connection, user=lab.user, once=True) not in (first, other)


def test_retrying_what_a_person_chose_tries_just_that_again(lab):
    lab.run()
    lab.shop.refuse = lambda kind, fields: Rejected(Code.REJECTED, message="nie")
    run = pairs.create_there(lab.shop_connection, Kind.PRODUCT, ["TOW0003"], lab.user)
    lab.work()
    runs.approve_step(lab.step(run, Kind.PRODUCT), lab.user)
    lab.work()
    lab.shop.refuse = lambda kind, fields: None
    again = runs.retry_changes(lab.step(run, Kind.PRODUCT), lab.user)
    assert again is not None
    lab.work()
    assert [change.erp_key for change in lab.changes(again)] == ["TOW0003"]
    assert list(lab.links()) == ["TOW0003"]


def test_cards_that_look_like_variants_are_not_exported_apart_without_a_warning(lab):
    product = dataclasses.replace(lab.shop.capabilities.of(Kind.PRODUCT), creates_variants=True)
    lab.shop.capabilities = shop_capabilities(product=product)
    for size in ("S", "M", "L", "XL", "XXL", "3XL"):
        add_card(lab.erp, f"BLU-{size}", f"Bluza polarowa czarna {size}")
    lab.options(Kind.PRODUCT, export_unlinked=True, approved_at=lab.erp_connection.created_at)
    preview = lab.run(mode=Run.Mode.PREVIEW)
    assert [found["code"] for found in lab.step(preview, Kind.PRODUCT).problems] == [Code.NO_GROUPING_RULE]
    waiting = lab.step(lab.run(approve=False), Kind.PRODUCT)
    assert waiting.status == Status.WAITING
    assert waiting.problems[0]["params"]["count"] == "6"
    lab.erp_connection.group_rule = "POLE1"
    lab.erp_connection.save()
    assert lab.step(lab.run(approve=False), Kind.PRODUCT).status == Status.SUCCEEDED


def test_no_card_is_made_for_a_code_that_a_card_has_already(lab):
    add_product(lab.shop, "900", "OBCY1", "Nie z WAPRO", price="1", stock="1")
    add_product(lab.shop, "902", "tow0011", "Inna nazwa, ten sam indeks", price="1", stock="1")
    lab.options(Kind.PRODUCT, import_unlinked=True)
    found = {change.code: change.problem["code"] for change in lab.changes(lab.run())}
    assert found == {"OBCY1": Code.CANNOT_CREATE, "tow0011": Code.CODE_TAKEN}


def test_a_plan_that_comes_late_gives_way_to_the_run_already_asked_for(lab):
    """Somebody starts a whole run while an earlier one has not planned yet: one plan is to be approved, the fresher."""
    shop_has(lab, 2, price="9.99")
    lab.own(Kind.PRICE, Owner.ERP, "price")
    SyncOptions.objects.filter(connection=lab.shop_connection, kind=Kind.PRICE).update(approved_at=None)
    first = runs.start_run(lab.shop_connection, user=lab.user)
    second = runs.start_run(lab.shop_connection, user=lab.user)
    lab.work()
    assert statuses(first)[Kind.PRICE] == Status.CANCELLED
    assert statuses(second)[Kind.PRICE] == Status.WAITING
