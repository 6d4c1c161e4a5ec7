"""Bad input: one element among many that cannot be read, sent or written. What people are told, that the rest goes on,
and that mending it helps."""

from typing import Any

import pytest

from integrator.canonical.kinds import SYNC_KINDS, Kind
from integrator.canonical.problems import Turn
from syncjobs import errands, pairs, runs, snapshots
from syncjobs.models import ElementIssue, Errand, Run
from syncjobs.models.choices import ChangeStatus, Mark, Side, Status
from syncjobs.views.changes import destination
from tests.pipeline.world import ARTICLES, PLAIN, WITHOUT_IMAGES, World, assert_all_well, said
from wapro.sample.articles import INTERNET

pytestmark = pytest.mark.one_database


@pytest.mark.failure_mode("F9")
def test_a_broken_record_among_good_ones(filled: World) -> None:
    lab, state = filled.lab, filled.shop.state
    producer = state.tables["producers"].ids[2]
    name = state.tables["producers"].get(producer)["name"]
    filled.shop.faults.break_record("producers", producer, {"name": ["?"]})
    with state.stocks.editing(state.stocks.ids[0]) as row:
        row["stock"] = "0"
    run = filled.run()
    assert filled.ended(run) == {
        **dict.fromkeys(WITHOUT_IMAGES, Status.SUCCEEDED),
        Kind.PRODUCER: Status.FAILED,
        Kind.PRODUCT: Status.BLOCKED,
    }
    (issue,) = ElementIssue.objects.filter(fetch=lab.step(run, Kind.PRODUCER).shop_fetch)
    assert (issue.kind, issue.key) == (Kind.PRODUCER, str(producer))
    assert f'"producer_id": "{producer}"' in issue.excerpt
    (told,) = filled.told(lab.step(run, Kind.PRODUCER))
    assert told.startswith("Sklep: the field “name” holds ['?'], which cannot be read. Correct this value")
    kept = snapshots.present(lab.shop_connection, Kind.PRODUCER)
    assert kept.filter(key=str(producer), label=name).exists(), "what was known of it before is not lost"
    assert kept.count() == len(state.tables["producers"])
    # A person excludes it by name; that alone opens the gate.
    pairs.mark(
        lab.shop_connection, Side.SHOP, Kind.PRODUCER, [str(producer)], Mark.EXCLUDED, lab.user, "do wyjaśnienia"
    )
    lab.work()
    assert filled.ended(Run.objects.latest("id"))[Kind.PRODUCT] == Status.SUCCEEDED
    # Or it is mended in the shop.
    pairs.unmark(lab.shop_connection, Side.SHOP, Kind.PRODUCER, [str(producer)], lab.user)
    filled.shop.faults.clear()
    assert_all_well(filled, filled.run())


def test_a_price_with_a_comma_in_the_shop(filled: World) -> None:
    """The other prices wait with it (they were read by the same fetch), stock does not."""
    state = filled.shop.state
    product = next(one for one in state.products if len(state.stock_ids(one)) == 1)
    stock = state.stocks.get(state.stock_ids(product)[0])
    comma = {"stock": {**stock, "price": "12,50", "comp_price": "12,50"}}
    filled.shop.faults.break_record("products", product, comma)
    filled.wapro("UPDATE ARTYKUL SET STAN = STAN + 5")
    run = filled.run()
    assert filled.ended(run) == {**dict.fromkeys(WITHOUT_IMAGES, Status.SUCCEEDED), Kind.PRICE: Status.FAILED}
    (told,) = filled.told(filled.lab.step(run, Kind.PRICE))
    assert told.startswith("Sklep: the field “price” holds '12,50', which cannot be read. Correct this value")
    (issue,) = ElementIssue.objects.filter(fetch__shop=filled.lab.shop_connection)
    assert (issue.kind, issue.key, issue.label) == (
        Kind.PRICE,
        str(product),
        state.products.get(product)["translations"]["pl_PL"]["name"],
    )
    assert filled.lab.step(run, Kind.STOCK).counts["updated"] > 0
    filled.shop.faults.clear()
    assert_all_well(filled, filled.run())


def test_a_price_with_a_comma_in_wapro(filled: World) -> None:
    """A real server cannot hold one; whatever it is that cannot be read, the prices say so and the rest goes on."""
    filled.wapro(
        "UPDATE CENA_ARTYKULU SET CENA_BRUTTO = '12,50' WHERE ID_CENY = ? AND ID_ARTYKULU IN "
        "(SELECT ID_ARTYKULU FROM ARTYKUL WHERE INDEKS_KATALOGOWY = ?)",
        INTERNET,
        PLAIN,
    )
    run = filled.run(Kind.STOCK, Kind.PRICE)
    assert filled.ended(run) == {Kind.STOCK: Status.SUCCEEDED, Kind.PRICE: Status.FAILED}
    (told,) = filled.told(filled.lab.step(run, Kind.PRICE))
    assert told.startswith("Something failed on our side: ")
    filled.wapro("UPDATE CENA_ARTYKULU SET CENA_BRUTTO = 12.50 WHERE CENA_BRUTTO = '12,50'")
    assert_all_well(filled, filled.run())


def blocked(world: World, run: Run, code: str) -> str:
    """The element that waits, what is said about it, and that all others were created."""
    change = world.change(run, code)
    assert change.status == ChangeStatus.BLOCKED
    assert world.ended(run)[Kind.PRODUCT] == Status.SUCCEEDED
    assert len(world.codes()) == ARTICLES - 1
    assert code not in world.codes()
    problem = change.problem
    return said(problem, side=destination(change), connection=world.lab.shop_connection, turn=change.turn)


def test_an_unknown_tax_code(world: World) -> None:
    world.wapro("UPDATE ARTYKUL SET VAT_SPRZEDAZY = '77' WHERE INDEKS_KATALOGOWY = ?", PLAIN)
    told = blocked(world, world.run(), PLAIN)
    assert told.startswith("The tax code “77” is not among the rates of")
    assert "Correct the tax code on the card" in told
    world.wapro("UPDATE ARTYKUL SET VAT_SPRZEDAZY = '23' WHERE INDEKS_KATALOGOWY = ?", PLAIN)
    assert_all_well(world, world.run())


def test_a_name_that_is_too_long(world: World) -> None:
    world.wapro("UPDATE ARTYKUL SET NAZWA_CALA = ? WHERE INDEKS_KATALOGOWY = ?", "Bardzo długa nazwa " * 20, PLAIN)
    told = blocked(world, world.run(), PLAIN)
    assert told.startswith("The field “name” is longer than the 255 characters that Sklep takes. Shorten the text")
    world.wapro("UPDATE ARTYKUL SET NAZWA_CALA = 'Krótka nazwa' WHERE INDEKS_KATALOGOWY = ?", PLAIN)
    assert_all_well(world, world.run())


def test_a_card_without_a_price(world: World) -> None:
    world.wapro(
        "DELETE FROM CENA_ARTYKULU WHERE ID_CENY = ? AND ID_ARTYKULU IN "
        "(SELECT ID_ARTYKULU FROM ARTYKUL WHERE INDEKS_KATALOGOWY = ?)",
        INTERNET,
        PLAIN,
    )
    told = blocked(world, world.run(), PLAIN)
    assert told.startswith("There is no price of the type")
    assert "Fill the price in on the card" in told


# pictures


def test_a_picture_without_its_file(world: World) -> None:
    """Listed in WAPRO, but empty: an error of reading, so pictures wait until it is mended or excluded by name."""
    (kept,) = world.held("SELECT ZDJECIE FROM ARTYKUL_BLOB WHERE INDEKS_KATALOGOWY = ? AND DOMYSLNE = 1", PLAIN)
    emptied = "UPDATE ARTYKUL_BLOB SET ZDJECIE = ? WHERE INDEKS_KATALOGOWY = ? AND DOMYSLNE = 1"
    world.wapro(emptied, None, PLAIN)
    run = world.run(*SYNC_KINDS)
    assert world.ended(run) == {**dict.fromkeys(SYNC_KINDS, Status.SUCCEEDED), Kind.IMAGE: Status.FAILED}
    (told,) = world.told(world.lab.step(run, Kind.IMAGE))
    assert told.startswith("The picture “")
    assert "is listed but its file is missing. Add the picture again" in told
    (issue,) = ElementIssue.objects.filter(fetch=world.lab.step(run, Kind.IMAGE).erp_fetch)
    assert issue.label.startswith(PLAIN)
    assert len(world.shop.state.images) == 0
    world.wapro(emptied, kept, PLAIN)
    assert_all_well(world, world.run(*SYNC_KINDS))
    assert len(world.shop.state.images) > 0


def test_a_picture_that_goes_between_plan_and_upload_fails_alone(world: World) -> None:
    """The plan waits for a person; meanwhile the picture is deleted in WAPRO."""
    world.run()
    waiting = world.lab.run(Kind.IMAGE, approve=False)
    step = world.lab.step(waiting, Kind.IMAGE)
    planned = step.changes.filter(status=ChangeStatus.PLANNED)
    total, lost = planned.count(), planned.order_by("pk")[1]
    world.wapro("DELETE FROM ARTYKUL_BLOB WHERE ID_BLOBA = ?", lost.erp_key)
    runs.approve_step(step, world.lab.user)
    world.lab.work()
    step.refresh_from_db()
    lost.refresh_from_db()
    assert (step.status, lost.status) == (Status.PARTLY, ChangeStatus.FAILED)
    assert len(world.shop.state.images) == total - 1
    told = said(lost.problem, side=destination(lost), connection=world.lab.shop_connection, turn=lost.turn)
    assert told.startswith(f"The picture “{lost.label}” is listed but its file is missing.")
    assert lost.turn == Turn.ERP_DATA
    assert world.lab.run(Kind.IMAGE).status == Status.SUCCEEDED
    assert len(world.shop.state.images) == total - 1


# what nobody foresaw


@pytest.mark.failure_mode("F12")
def test_a_failure_of_our_own_is_told_and_not_repeated_for_ever(filled: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any) -> None:
        raise ZeroDivisionError("secret detail")

    monkeypatch.setattr("syncjobs.linking.reference_marks", broken)
    run = filled.run(Kind.UNIT, Kind.STOCK)
    assert filled.ended(run) == {Kind.UNIT: Status.FAILED, Kind.STOCK: Status.SUCCEEDED}
    (told,) = filled.told(filled.lab.step(run, Kind.UNIT))
    assert told.startswith("Something failed on our side: ZeroDivisionError. Send the number of this run")
    monkeypatch.undo()
    assert_all_well(filled, filled.run())


def test_a_filter_nobody_understands_stops_neither_errands_nor_runs(filled: World) -> None:
    lab = filled.lab
    asked = errands.request(Errand.Verb.COUNT_FILTER, shop=lab.shop_connection, user=lab.user, params={"colour": "red"})
    lab.work()
    asked.refresh_from_db()
    assert asked.status == Status.FAILED
    assert said(asked.result["problem"]).startswith("Something failed on our side: ValueError.")
    assert_all_well(filled, filled.run())
