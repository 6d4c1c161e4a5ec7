"""What is handed over to a person: the import file and the work list."""

import csv
import io
import re
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.utils.translation import override

from integrator.canonical.errors import Rejected
from integrator.canonical.problems import Code
from wapro.handover import NewItem, NewPrice, Origin, WorkRow, import_file, item_of, unfit, work_list

ORIGIN = Origin(
    database="WAPRO", version="26.8704", warehouse=1, company=1, made_at=datetime(2026, 11, 24, 9, 5, tzinfo=UTC)
)
RETAIL = NewPrice(price_type=1, name="Detaliczna", net=Decimal(10), gross=Decimal("12.3"))
ITEM = NewItem(
    code="KOS-1", name="Kosiarka żółta", unit_id=5, unit="szt.", tax_code="23", ean="5901234123457", prices=(RETAIL,)
)


def read(content: bytes) -> dict[str, list[dict[str, str]]]:
    """Tables of an import file, read by the format's own rules."""
    text = content.decode("cp1250")
    tables = {}
    for name, body in re.findall(r"<HT><(\w+)>: TABELA \1(.*?)</HT>", text, re.DOTALL):
        columns = re.findall(r"\w+", "".join(re.findall(r"<HA>(.*?)</HA>", body, re.DOTALL)))
        rows = [re.findall(r"<DT>(.*?)</DT>", row, re.DOTALL) for row in re.findall(r"<SL>(.*?)</EL>", body, re.DOTALL)]
        (count,) = re.findall(r"<LR>(\d+)</LR>", body)
        assert int(count) == len(rows)
        if rows:
            (mask,) = re.findall(r"<LT>([01]+)</LT>", body)
            assert len(mask) == len(columns)
            assert mask == "".join(sorted(mask, reverse=True))
        tables[name] = [dict(zip(columns, row, strict=True)) for row in rows]
    return tables


def test_the_file_holds_items_with_their_units_and_prices() -> None:
    other = NewItem(code="NIC", name="Usługa", unit_id=7, unit="godz", tax_code="zw")
    content = import_file([ITEM, other], ORIGIN)
    assert content.startswith(b"<ED>EKSPORT DANYCH Z PROGRAMU WAPRO Mag\r\n")
    assert b"Wersja bazy danych: 26.8704\r\n" in content
    found = read(content)
    assert [row["SKROT"] for row in found["JEDNOSTKA"]] == ["szt.", "godz"]
    first, second = found["ARTYKUL"]
    assert (first["INDEKS_KATALOGOWY"], first["NAZWA_CALA"], first["KOD_KRESKOWY"]) == (
        "KOS-1", "Kosiarka żółta", "5901234123457",
    )  # fmt: skip
    assert (second["VAT_SPRZEDAZY"], second["KOD_KRESKOWY"], second["ID_CENY_DOM"]) == ("zw", "brak", "brak")
    (price,) = found["CENA_ARTYKULU"]
    assert (price["ID_ARTYKULU"], price["CENA_NETTO"], price["CENA_BRUTTO"]) == (
        first["ID_ARTYKULU"], "10.0000", "12.3000",
    )  # fmt: skip


def test_an_item_is_made_of_the_fields_of_a_waiting_change() -> None:
    fields: dict[str, Any] = {"code": "K", "name": "N", "unit": "5", "tax_rate": "8", "producer": "7", "weight": "0.5"}
    found = item_of(fields, {"unit": {"5": "kg"}, "producer": {"7": "Stalmax"}})
    assert (found.unit_id, found.unit, found.producer, found.weight) == (5, "kg", "Stalmax", Decimal("0.5"))
    for missing in ("code", "unit", "tax_rate"):
        with pytest.raises(Rejected) as error:
            item_of(fields | {missing: None}, {})
        assert error.value.field == missing


def test_stock_is_never_handed_over() -> None:
    assert not {"STAN", "ZAREZERWOWANO", "ILOSC_EDYTOWANA"} & set(read(import_file([ITEM], ORIGIN))["ARTYKUL"][0])


def test_a_text_cannot_break_the_layout() -> None:
    evil = NewItem(code="X", name="A</DT></EL>", description="<SL><DT>x", unit_id=1, unit="szt.", tax_code="23")
    (row,) = read(import_file([evil], ORIGIN))["ARTYKUL"]
    assert row["NAZWA_CALA"] == "A‹/DT›‹/EL›"


@pytest.mark.parametrize(
    ("change", "code"),
    [({"name": "x" * 81}, Code.TOO_LONG), ({"code": "x" * 21}, Code.TOO_LONG), ({"name": "🔨"}, Code.REJECTED)],
)
def test_an_item_that_does_not_fit_says_why(change: dict[str, str], code: Code) -> None:
    plain: dict[str, Any] = {"code": "X", "name": "Y", "unit": "szt.", "tax_code": "23"}
    found = unfit(NewItem(**(plain | change), unit_id=1))
    assert found is not None
    assert found.code == code
    assert unfit(ITEM) is None


def test_the_work_list_opens_in_a_polish_spreadsheet() -> None:
    rows = [
        WorkRow(kind="category", code="", name="Ogród", fields={"path": ["Dom", "Ogród"], "active": True}),
        WorkRow(kind="unit", code="", name="opak.", fields={"symbol": "opak."}, reason="za długie; skróć"),
    ]
    with override("en"):
        content = work_list(rows)
    assert content.startswith(b"\xef\xbb\xbf")
    table = list(csv.reader(io.StringIO(content.decode("utf-8-sig")), delimiter=";"))
    assert table == [
        ["kind", "code", "name", "active", "path", "reason"],
        ["category", "", "Ogród", "yes", "Dom > Ogród", ""],
        ["unit", "", "opak.", "", "", "za długie; skróć"],
    ]


@pytest.mark.parametrize("text", ["=1+1", "+48 600", "-2+3", "@SUM(A1)", "\t=1", " =cmd|' /C calc'!A0"])
def test_no_cell_is_run_as_a_formula(text: str) -> None:
    with override("en"):
        content = work_list([WorkRow(kind="product", code="1", name=text)]).decode("utf-8-sig")
    (_, row) = csv.reader(io.StringIO(content), delimiter=";")
    assert row[2] == "'" + text


def test_a_negative_number_stays_a_number() -> None:
    with override("en"):
        content = work_list([WorkRow(kind="product", code="-1,5", name="x")]).decode("utf-8-sig")
    assert "-1,5;x" in content
    assert "'-1,5" not in content
