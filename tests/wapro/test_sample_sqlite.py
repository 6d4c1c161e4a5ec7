"""The sample company as a SQLite file: complete, the same each time, and read by the side of the ERP."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from integrator.canonical.kinds import Kind
from integrator.canonical.records import PriceList, Product, WarehouseStocks
from integrator.canonical.side import Keyed, Scope
from wapro import tables
from wapro.database import open_database
from wapro.models import WaproConnection
from wapro.sample import Company, company, generated, peculiar
from wapro.sample.articles import RETAIL
from wapro.sample.schema import DoesNotFit
from wapro.sample.sqlite import build
from wapro.sample.tables import TABLES
from wapro.side import open_erp

TODAY = date(2026, 11, 24)


@pytest.fixture(scope="module")
def sample() -> Company:
    return company(TODAY)


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory, sample: Company) -> Path:
    path = tmp_path_factory.mktemp("sample") / "wapro.sqlite3"
    build(path, sample)
    return path


@pytest.fixture
def erp(file: Path, db: None, settings: Any) -> WaproConnection:
    settings.INTEGRATOR_ALLOW_REMOTE_IN_TRANSACTION = True
    return WaproConnection(
        pk=1,
        engine="sample",
        server=str(file),
        leading_warehouse="1",
        group_rule="POLE1",
        option_fields=[{"field": "POLE2", "name": "Kolor"}, {"field": "POLE3", "name": "Rozmiar"}],
    )


def dump(path: Path) -> Iterator[tuple[str, list[tuple[Any, ...]]]]:
    with closing(sqlite3.connect(path)) as database:
        for table in TABLES.values():
            yield table.name, database.execute(f'SELECT * FROM "{table.name}" ORDER BY 1').fetchall()


def fetch(connection: WaproConnection, kind: Kind) -> dict[str, Keyed]:
    found: dict[str, Keyed] = {}
    with open_erp(connection, today=TODAY) as side:
        cursor = None
        while True:
            page = side.fetch(kind, Scope(), cursor)
            assert not page.errors
            found |= {item.key: item for item in page.items}
            cursor = page.next_cursor
            if cursor is None:
                return found


def test_all_rows_are_in_the_file(file: Path, sample: Company) -> None:
    rows = sample.tables()
    assert {name: len(content) for name, content in dump(file)} == {name: len(rows.get(name, [])) for name in TABLES}


def test_built_twice_the_content_is_the_same(file: Path, tmp_path: Path) -> None:
    build(tmp_path / "again.sqlite3", company(TODAY))
    assert dict(dump(tmp_path / "again.sqlite3")) == dict(dump(file))


def test_todays_company_is_the_default(tmp_path: Path) -> None:
    build(tmp_path / "wapro.sqlite3")
    assert dict(dump(tmp_path / "wapro.sqlite3")) == dict(dump_of(company(), tmp_path / "given.sqlite3"))


def dump_of(sample: Company, path: Path) -> Iterator[tuple[str, list[tuple[Any, ...]]]]:
    build(path, sample)
    return dump(path)


def test_no_file_is_overwritten_and_none_is_left_half_written(tmp_path: Path, sample: Company) -> None:
    taken = tmp_path / "taken.sqlite3"
    taken.write_text("somebody's")
    with pytest.raises(FileExistsError):
        build(taken, sample)
    assert taken.read_text() == "somebody's"

    broken = Company(today=TODAY, articles=sample.articles, fixed={"CENA": [{"ID_CENY": 1}] * 2})
    with pytest.raises(sqlite3.IntegrityError):
        build(tmp_path / "broken.sqlite3", broken)
    assert [path.name for path in tmp_path.iterdir()] == ["taken.sqlite3"]


def test_models_read_every_table(erp: WaproConnection) -> None:
    with open_database(erp) as alias:
        for model in tables.TABLES:
            assert model._default_manager.using(alias).first() is not None, model.__name__


def test_an_index_is_found_whatever_its_case(erp: WaproConnection) -> None:
    with open_database(erp) as alias:
        assert tables.Article.objects.using(alias).filter(index=peculiar.DISAGREEING["vat"][0].lower()).count() == 2


def test_the_view_of_the_program_agrees_with_the_columns(file: Path) -> None:
    with closing(sqlite3.connect(file)) as database:
        shown = database.execute(
            'SELECT "IloscDostepna" FROM "WIDOK_ARTYKUL" WHERE "NrKatalogowy" = ?', [peculiar.OVERSOLD[0]]
        ).fetchone()
    assert shown == (-5,)


def test_the_side_reads_it_without_an_error(erp: WaproConnection, sample: Company) -> None:
    products = fetch(erp, Kind.PRODUCT)
    assert set(products) == set(sample.articles)
    disagreeing = {key for key, item in products.items() if isinstance(item.record, Product) and item.record.problems}
    assert disagreeing == {index for indexes in peculiar.DISAGREEING.values() for index in indexes}
    one = products[peculiar.VARIANT_GROUPS["KUR01"][0]].record
    assert isinstance(one, Product)
    assert (one.group, one.options) == ("KUR01", (("Kolor", "Granatowa"), ("Rozmiar", "M")))
    assert len(fetch(erp, Kind.IMAGE)) == len(sample.tables()["ARTYKUL_BLOB"])
    assert len(fetch(erp, Kind.CATEGORY)) == len(sample.tables()["KATEGORIA_ARTYKULU_TREE"])


def test_prices_and_stock_come_as_planted(erp: WaproConnection, sample: Company) -> None:
    prices, stocks = fetch(erp, Kind.PRICE), fetch(erp, Kind.STOCK)
    index = peculiar.SALE_UNIT_CARDS[0]
    price, stock = prices[index].record, stocks[index].record
    assert isinstance(price, PriceList)
    assert isinstance(stock, WarehouseStocks)
    assert price.sale_factor == stock.sale_factor == Decimal(100)
    retail = next(entry for entry in price.entries if entry.price_type == str(RETAIL))
    assert (retail.net, retail.gross) == (sample.articles[index].prices[RETAIL], sample.articles[index].gross(RETAIL))
    promoted = {key for key, item in prices.items() if item.record.promotion_net is not None}  # type: ignore[union-attr]
    assert promoted == set(peculiar.PROMOTIONS_NOW)


@pytest.fixture(scope="module")
def big() -> Company:
    return generated(1000, TODAY)


def test_generated_counts(big: Company) -> None:
    rows = big.tables()
    indexes = {row["INDEKS_KATALOGOWY"] for row in rows["ARTYKUL"]}
    assert len(indexes) == len(big.articles) == 1000
    variants = {row["INDEKS_KATALOGOWY"] for row in rows["ARTYKUL"] if row["POLE1"]}
    assert len(variants) == 300
    assert len(rows["ARTYKUL_BLOB"]) == len({row["ZDJECIE"] for row in rows["ARTYKUL_BLOB"]}) == 2000
    assert len({row["KOD_KRESKOWY"] for row in rows["ARTYKUL"]}) == 1000
    assert max(len(row["ZDJECIE"]) for row in rows["ARTYKUL_BLOB"]) < 100


def test_generated_rows_fit(big: Company) -> None:
    try:
        for name, rows in big.tables().items():
            for row in rows:
                TABLES[name].check(row)
    except DoesNotFit as error:
        pytest.fail(str(error))


def test_a_generated_article_is_the_same_alone_and_in_the_row(big: Company) -> None:
    assert [big.articles[index] for index in list(big.articles)[:90]] == list(big.articles.values())[:90]
    with pytest.raises(KeyError):
        big.articles["GEN0001000"]


def test_a_generated_company_is_written_and_another_size_is_another_database(big: Company, tmp_path: Path) -> None:
    build(tmp_path / "big.sqlite3", big)
    build(tmp_path / "small.sqlite3", generated(80, TODAY))
    with closing(sqlite3.connect(tmp_path / "big.sqlite3")) as one:
        assert one.execute("SELECT COUNT(DISTINCT INDEKS_KATALOGOWY) FROM ARTYKUL").fetchone() == (1000,)
        first = one.execute("SELECT * FROM WAPRODB").fetchone()
    with closing(sqlite3.connect(tmp_path / "small.sqlite3")) as other:
        assert other.execute("SELECT * FROM WAPRODB").fetchone() != first
