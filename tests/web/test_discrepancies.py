"""The discrepancy report: what differs is counted, listed and exported; nothing of either side is touched."""

import csv
import io
import json
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from integrator.canonical.kinds import Kind
from integrator.canonical.records import Producer, Product, StockLevel, WarehouseStock, WarehouseStocks
from integrator.leases import LeaseHold
from shops.models import ShopConnection
from syncjobs.discrepancies import storing
from syncjobs.models import Change, Discrepancy, DiscrepancyReport, Fetch, Link, Run, SnapshotItem, SyncOptions
from syncjobs.models.choices import LinkState, Side, Status
from syncjobs.options import ensure_options
from syncjobs.slices import Slice
from tests.web.scene import Scene, alone, products
from tests.web.test_runs import text_of

pytest_plugins = ("tests.web.signed_in",)

EVIL = '=HYPERLINK("http://evil.example","Grabie")'


@pytest.fixture
def fetched(scene: Scene) -> Scene:
    """Both sides were fetched: twelve pairs whose prices differ, stock of all but one, and products without partner."""
    products(scene)
    alone(scene)
    for owner in ({"erp": scene.erp}, {"shop": scene.shop}):
        for kind in ("product", "stock", "price"):
            began = timezone.now() - timedelta(minutes=5)
            Fetch.objects.create(
                kind=kind, delivers=[kind], status=Status.SUCCEEDED, started_at=began, finished_at=began, **owner
            )
    return scene


def compare(scene: Scene) -> DiscrepancyReport:
    """What a worker does with a comparison that was asked for."""
    report = storing.ask(scene.shop)
    work_on(scene)
    report.refresh_from_db()
    return report


def work_on(scene: Scene) -> None:
    hold = LeaseHold.take(ShopConnection, scene.shop.pk)
    assert hold is not None
    with Slice(hold) as work:
        while storing.attend(scene.shop, work):
            pass
    hold.release()


def url(scene: Scene, query: str = "", page: str = "") -> str:
    return f"/shops/{scene.shop.pk}/discrepancies/{page}{query}"


def page(scene: Scene, panel: Client, query: str = "") -> str:
    return text_of(panel.get(url(scene, query)).content)


def body_of(answer: Any) -> bytes:
    return b"".join(answer.streaming_content)


def test_counts_are_links_to_exactly_those_rows(fetched: Scene, panel: Client) -> None:
    report = compare(fetched)
    assert {name: found["total"] for name, found in report.counts.items()} == {
        "stock": 11, "price": 12, "field": 0, "missing": 8, "duplicate": 0,
    }  # fmt: skip
    html = panel.get(url(fetched)).content.decode()
    assert "31 discrepancies" in text_of(html.encode())
    for section, count in (("stock", 11), ("price", 12), ("missing", 8)):
        assert f'href="?section={section}"' in html
        assert panel.get(url(fetched, f"?section={section}")).content.decode().count("data-row>") == count


def test_a_row_says_what_should_be_what_is_and_by_how_much_and_leads_to_the_element(
    fetched: Scene, panel: Client
) -> None:
    compare(fetched)
    words = page(fetched, panel, "?section=price&q=TAC-OGR")
    assert "89.99 zł 84.99 zł −5.00 −5.6 %" in words
    html = panel.get(url(fetched, "?section=price&q=tac-ogr")).content.decode()
    assert f"/shops/{fetched.shop.pk}/elements/product/erp/TAC-OGR-100/" in html
    assert html.count("data-row>") == 1


def test_stock_is_what_is_left_after_formula_buffer_and_whole_pieces(fetched: Scene, panel: Client) -> None:
    stock = WarehouseStocks(
        rows=(
            WarehouseStock(warehouse="1", on_hand=Decimal("20.5"), reserved=Decimal(4), in_edit=Decimal(1)),
            WarehouseStock(warehouse="9", on_hand=Decimal(500)),
        )
    )
    fetched.item(Side.ERP, Kind.STOCK, "TAC-OGR-100", stock)
    ShopConnection.objects.filter(pk=fetched.shop.pk).update(stock_buffer=Decimal(3))
    fetched.shop.refresh_from_db()
    compare(fetched)
    row = Discrepancy.objects.get(section="stock", code="TAC-OGR-100")
    assert (row.expected, row.shown, row.detail["difference"]) == ("12", "38", "26")
    assert "12 38 +26" in page(fetched, panel, "?section=stock&q=TAC-OGR-100")


def test_the_largest_difference_comes_first_and_pages_go_on_where_the_last_ended(fetched: Scene, panel: Client) -> None:
    for n in range(120):
        fetched.product(f"X-{n:03}", f"Produkt {n}", number=200 + n)
        fetched.item(Side.SHOP, Kind.STOCK, str(9000 + n), StockLevel(quantity=Decimal(0)))
    compare(fetched)
    seen: list[str] = []
    after = ""
    while True:
        answer = panel.get(url(fetched, f"?section=stock&after={after}"))
        rows, after = [one["row"] for one in answer.context["rows"]], answer.context["page"].following
        seen += [row.pk for row in rows]
        assert [row.weight for row in rows] == sorted((row.weight for row in rows), reverse=True)
        if not after:
            break
    assert len(seen) == len(set(seen)) == Discrepancy.objects.filter(section="stock").count() > 100
    for nonsense in ("1_", "x_1", "NaN_5", "1e999_4", "9" * 30 + "_1"):
        assert panel.get(url(fetched, f"?section=stock&after={nonsense}")).status_code == 200


def test_bars_show_how_the_differences_are_spread_and_filter_by_them(fetched: Scene, panel: Client) -> None:
    report = compare(fetched)
    html = panel.get(url(fetched, "?section=stock")).content.decode()
    assert html.count('<svg class="db"') == len(report.counts["stock"]["facets"])
    assert "−10 … 0" in html
    assert 'style="' not in html
    fewer = panel.get(url(fetched, "?section=stock&only=more_0"))
    assert len(fewer.context["rows"]) == report.counts["stock"]["facets"]["more_0"]
    assert len(panel.get(url(fetched, "?section=stock&only=nonsense")).context["rows"]) == 11


def test_a_filter_that_matches_nothing_says_so(fetched: Scene, panel: Client) -> None:
    compare(fetched)
    assert "Nothing matches." in page(fetched, panel, "?section=stock&q=niemaczegostakiego")


def test_missing_and_ambiguous_lead_to_where_a_partner_is_chosen(fetched: Scene, panel: Client) -> None:
    link = fetched.product("ZNI-1", "Zniknął ze sklepu", number=90)
    Link.objects.filter(pk=link.pk).update(state=LinkState.SHOP_GONE)
    compare(fetched)
    words = page(fetched, panel, "?section=missing")
    assert "Several candidates" in words
    assert "Not in the shop" in words
    assert "Gone from the shop" in words
    assert "montaż pergoli" not in words, "an ignored element is no discrepancy"
    found = Discrepancy.objects.get(section="missing", code="REK-M")
    html = panel.get(url(fetched, "?section=missing&only=ambiguous")).content.decode()
    assert f"unlinked/product/?at={found.detail['unlinked']}&amp;show=ambiguous" in html


def test_duplicates_are_told_by_code_and_ean_and_cards_that_take_no_part_are_none(
    fetched: Scene, panel: Client
) -> None:
    fetched.item(Side.SHOP, Kind.PRODUCT, "1", Product(code="dup-1", name="Raz"))
    fetched.item(Side.SHOP, Kind.PRODUCT, "2", Product(code="DUP-1", name="Dwa"))
    for key in ("N1", "N2"):
        fetched.item(Side.ERP, Kind.PRODUCT, key, Product(code="HIDDEN", name=key))
    compare(fetched)
    rows = Discrepancy.objects.filter(section="duplicate", facet="shop_code")
    assert sorted(rows.values_list("code", flat=True)) == ["DUP-1", "dup-1"]
    assert not Discrepancy.objects.filter(section="duplicate", code="HIDDEN").exists()


def test_the_other_kinds_are_compared_too(fetched: Scene, panel: Client) -> None:
    ensure_options(fetched.shop)
    SyncOptions.objects.filter(connection=fetched.shop, kind=Kind.PRODUCER).update(owners={"name": "erp"})
    for side, key, name in (
        (Side.ERP, "7", "Gardena"),
        (Side.SHOP, "70", "GARDENA AG"),
        (Side.SHOP, "71", "gardena ag"),
    ):
        fetched.item(side, Kind.PRODUCER, key, Producer(name=name))
    fetched.link(Kind.PRODUCER, "7", "70")
    fetched.item(Side.ERP, Kind.PRODUCER, "8", Producer(name="Zniknęła"))
    fetched.link(Kind.PRODUCER, "8", "80", state=LinkState.SHOP_GONE)
    fetched.unlinked(Side.SHOP, "72", "", "Bez pary", kind=Kind.PRODUCER)
    report = compare(fetched)
    facets = {name: set(found["facets"]) for name, found in report.counts.items()}
    assert facets["field"] == {"producer:name"}
    assert facets["duplicate"] == {"producer:shop_label"}
    assert {"producer:gone_shop", "producer:erp", "shop"} < facets["missing"]
    html = panel.get(url(fetched, "?section=missing&only=producer:erp")).content.decode()
    assert "Producers: not in WAPRO" in html
    assert "unlinked/producer/?at=" in html
    assert f'href="/shops/{fetched.shop.pk}/elements/producer/shop/72/"' in html
    assert "producers: name" in body_of(panel.get(url(fetched, "?section=field", "export.csv"))).decode("utf-8-sig")


def test_nothing_fetched_is_said_in_words(scene: Scene, panel: Client, viewer: Client) -> None:
    words = page(scene, panel)
    assert "Nothing was fetched yet, neither from WAPRO nor from the shop." in words
    assert "never" in words
    assert "Fetch and compare now" in words
    assert "Fetch and compare now" not in page(scene, viewer)


def test_a_missing_setting_is_named_instead_of_counted(fetched: Scene, panel: Client) -> None:
    ShopConnection.objects.filter(pk=fetched.shop.pk).update(price_type="")
    fetched.shop.refresh_from_db()
    report = compare(fetched)
    assert report.status == Status.SUCCEEDED
    assert "price type" in page(fetched, panel, "?section=price")
    assert report.counts["stock"]["total"] == 11


def test_fetch_and_compare_is_a_preview_and_the_comparison_waits_for_it(fetched: Scene, panel: Client) -> None:
    for _ in range(2):
        panel.post(url(fetched, page="compare/"), {"do": "fetch"})
    run = Run.objects.get()
    assert run.mode == Run.Mode.PREVIEW
    report = DiscrepancyReport.objects.get()
    work_on(fetched)
    report.refresh_from_db()
    assert report.status == Status.QUEUED, "the run has not fetched yet"
    assert "Both sides are being fetched" in page(fetched, panel)
    Run.objects.filter(pk=run.pk).update(status=Status.SUCCEEDED, finished_at=timezone.now())
    work_on(fetched)
    report.refresh_from_db()
    assert report.status == Status.SUCCEEDED
    assert panel.get(url(fetched, page="progress/"))["HX-Refresh"] == "true"


def test_comparing_writes_to_neither_side_and_keeps_one_report(fetched: Scene) -> None:
    before = list(SnapshotItem.objects.order_by("pk").values_list("pk", "fingerprint", "updated_at"))
    first, second = compare(fetched), compare(fetched)
    assert not DiscrepancyReport.objects.filter(pk=first.pk).exists()
    assert set(Discrepancy.objects.values_list("report", flat=True)) == {second.pk}
    assert list(SnapshotItem.objects.order_by("pk").values_list("pk", "fingerprint", "updated_at")) == before
    assert not Change.objects.exists()


def test_asking_twice_makes_one_comparison(fetched: Scene, panel: Client) -> None:
    for _ in range(3):
        panel.post(url(fetched, page="compare/"), {"do": "again"})
    assert DiscrepancyReport.objects.count() == 1
    assert "waits for a worker" in page(fetched, panel)


def test_a_comparison_is_made_once_a_day_of_what_was_fetched(fetched: Scene) -> None:
    now = timezone.now()
    storing.ask_daily(now)
    storing.ask_daily(now)
    assert DiscrepancyReport.objects.count() == 1
    compare(fetched)
    storing.ask_daily(now)
    assert DiscrepancyReport.objects.count() == 1


def test_newer_data_is_pointed_out(fetched: Scene, panel: Client) -> None:
    compare(fetched)
    assert "Newer data was fetched" not in page(fetched, panel)
    later = timezone.now() + timedelta(minutes=1)
    Fetch.objects.create(kind="stock", delivers=["stock"], status=Status.SUCCEEDED, started_at=later, shop=fetched.shop)
    assert "Newer data was fetched" in page(fetched, panel)


def test_the_page_asks_as_little_however_many_rows_there_are(
    fetched: Scene, panel: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    report = compare(fetched)
    rows = [
        Discrepancy(report=report, section="stock", facet="more_0", weight=n % 50, code=f"C{n}", shop_key=str(n))
        for n in range(3000)
    ]
    Discrepancy.objects.bulk_create(rows, batch_size=500)
    with django_assert_max_num_queries(45):
        assert panel.get(url(fetched, "?section=stock")).status_code == 200


def test_csv_opens_in_a_polish_excel_and_runs_no_formula(fetched: Scene, viewer: Client) -> None:
    fetched.product("ZLY", EVIL, number=91)
    compare(fetched)
    content = body_of(viewer.get(url(fetched, "?section=price", "export.csv")))
    assert content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig")), delimiter=";"))
    heading, rows = rows[0], rows[1:]
    assert heading[:5] == ["section", "group", "code", "name", "EAN"]
    assert len(rows) == 13
    evil = next(row for row in rows if row[2] == "ZLY")
    assert evil[3] == "'" + EVIL
    assert (evil[8], evil[9], evil[10]) == ("89,99", "84,99", "-5")


def test_csv_holds_just_the_rows_of_the_filter(fetched: Scene, viewer: Client) -> None:
    compare(fetched)
    lines = body_of(viewer.get(url(fetched, "?section=price&q=tac-ogr", "export.csv"))).decode().splitlines()
    assert len(lines) == 2
    everything = body_of(viewer.get(url(fetched, page="export.csv"))).decode().splitlines()
    assert len(everything) == 1 + Discrepancy.objects.count()


SHEETS = {"m": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}


def sheets_of(content: bytes) -> Iterator[list[list[str]]]:
    """The worksheets of a workbook, read by the format's own rules; a formula anywhere fails."""
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        assert book.testzip() is None
        for name in sorted(n for n in book.namelist() if n.startswith("xl/worksheets/sheet")):
            tree = ElementTree.fromstring(book.read(name))
            assert tree.findall(".//m:f", SHEETS) == []
            yield [[_cell(cell) for cell in row] for row in tree.findall(".//m:row", SHEETS)]


def _cell(cell: Any) -> str:
    inline = cell.find("m:is/m:t", SHEETS)
    value = cell.find("m:v", SHEETS)
    return (inline.text if inline is not None else value.text if value is not None else "") or ""


def test_the_workbook_holds_what_the_page_shows(fetched: Scene, viewer: Client) -> None:
    fetched.product("ZLY", EVIL, number=91)
    compare(fetched)
    answer = viewer.get(url(fetched, page="export.xlsx"))
    assert "sklep-zielinski-discrepancies" in answer["Content-Disposition"]
    sheets = list(sheets_of(body_of(answer)))
    assert [len(rows) - 1 for rows in sheets] == [
        Discrepancy.objects.filter(section=section).count() for section in ("stock", "price", "missing")
    ]
    prices = {row[2]: row for row in sheets[1][1:]}
    assert EVIL in prices["ZLY"]
    tac = [cell for cell in prices["TAC-OGR-100"] if cell]
    assert [round(float(cell), 4) for cell in tac[-4:]] == [89.99, 84.99, -5, -5.6]


def test_without_a_report_the_files_are_empty(scene: Scene, viewer: Client) -> None:
    assert body_of(viewer.get(url(scene, page="export.csv"))).count(b"\r\n") == 1
    assert list(sheets_of(body_of(viewer.get(url(scene, page="export.xlsx")))))


def test_a_name_full_of_html_stays_text(fetched: Scene, panel: Client) -> None:
    fetched.product("HTML", "<script>alert(1)</script>", number=92)
    compare(fetched)
    html = panel.get(url(fetched, "?section=price&q=HTML")).content.decode()
    assert "<script>alert(1)" not in html
    assert "&lt;script&gt;" in html


class Out:
    """What a command printed."""

    def __init__(self) -> None:
        self.stdout, self.stderr = io.StringIO(), io.StringIO()


def command(*args: str) -> tuple[int, str]:
    out = Out()
    try:
        call_command("discrepancies", *args, stdout=out.stdout, stderr=out.stderr)
    except SystemExit as ended:
        return int(str(ended.code)), out.stdout.getvalue()
    except CommandError as error:
        return error.returncode, str(error)
    return 0, out.stdout.getvalue()


def test_the_command_compares_afresh_and_says_by_its_exit_code(fetched: Scene) -> None:
    code, said = command(str(fetched.shop.pk), "--section", "price")
    assert (code, len(said.splitlines())) == (1, 12)
    assert "89.99 / 84.99" in said
    Link.objects.filter(kind="product").delete()
    assert command("Sklep Zieliński", "--section", "price") == (0, "")
    assert not DiscrepancyReport.objects.exists()


def test_the_command_writes_files(fetched: Scene, tmp_path: Path) -> None:
    workbook, table, lines = tmp_path / "a.xlsx", tmp_path / "a.csv", tmp_path / "a.json"
    for form, file in (("xlsx", workbook), ("csv", table), ("json", lines)):
        code, _ = command("Sklep Zieliński", "--format", form, "--output", str(file))
        assert code == 1
    assert len(list(sheets_of(workbook.read_bytes()))) == 3
    assert len(table.read_text(encoding="utf-8-sig").splitlines()) == 32
    rows = [json.loads(line) for line in lines.read_text(encoding="utf-8").splitlines()]
    assert {row["section"] for row in rows} == {"stock", "price", "missing"}


def test_the_command_says_what_is_in_its_way(scene: Scene, tmp_path: Path) -> None:
    assert command("Nie ma takiego")[0] == 2
    assert command("999999")[0] == 2
    code, said = command(str(scene.shop.pk))
    assert code == 2
    assert "nothing was fetched yet" in said


def test_a_file_that_cannot_be_written_is_trouble(fetched: Scene, tmp_path: Path) -> None:
    code, _ = command(str(fetched.shop.pk), "--format", "csv", "--output", str(tmp_path / "missing" / "a.csv"))
    assert code == 2
