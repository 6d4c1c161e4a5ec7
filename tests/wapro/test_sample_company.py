"""What the sample company must hold: the demo, its table of planted differences and other tests lean on it."""

import io
from collections import Counter
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from itertools import chain

import pytest
from PIL import Image

from integrator.canonical.text import ean_valid
from wapro.clarion import from_day
from wapro.sample import Company, company, peculiar
from wapro.sample.articles import MAIN, RETAIL, SHOP, WHOLESALE
from wapro.sample.pictures import jpeg
from wapro.sample.schema import DoesNotFit, Row
from wapro.sample.tables import TABLES

TODAY = date(2026, 11, 24)


@pytest.fixture(scope="module")
def sample() -> Company:
    return company(TODAY)


@pytest.fixture(scope="module")
def rows(sample: Company) -> dict[str, list[Row]]:
    return sample.tables()


@pytest.fixture(scope="module")
def cards(rows: dict[str, list[Row]]) -> dict[tuple[str, int], Row]:
    """Rows of ARTYKUL by index and warehouse."""
    return {(row["INDEKS_KATALOGOWY"], row["ID_MAGAZYNU"]): row for row in rows["ARTYKUL"]}


def test_size(sample: Company, cards: dict[tuple[str, int], Row]) -> None:
    assert len(sample.articles) >= 600
    in_main, in_shop = ({index for index, warehouse in cards if warehouse == one} for one in (MAIN, SHOP))
    assert in_main | in_shop == set(sample.articles)
    assert len(in_main & in_shop) > 200
    assert in_shop - in_main == set(peculiar.ONLY_IN_SHOP)


def test_twice_the_same_and_another_day_moves_only_promotions(sample: Company, rows: dict[str, list[Row]]) -> None:
    assert company(TODAY).tables() == rows
    later = company(TODAY + timedelta(days=30)).tables()
    moved = [
        name
        for card, other in zip(rows["ARTYKUL"], later["ARTYKUL"], strict=True)
        for name in card
        if card[name] != other[name]
    ]
    assert set(moved) == {"PROMOCJA_OD", "PROMOCJA_DO"}
    assert {name: table for name, table in later.items() if name != "ARTYKUL"} == {
        name: table for name, table in rows.items() if name != "ARTYKUL"
    }


def test_rows_fit_their_columns_and_code_page(rows: dict[str, list[Row]]) -> None:
    for name, table_rows in rows.items():
        assert len({tuple(row) for row in table_rows}) == 1, name
        for row in table_rows:
            TABLES[name].check(row)
            for text in (value for value in row.values() if isinstance(value, str)):
                text.encode("cp1250")
        for group in (TABLES[name].key, *TABLES[name].unique):
            keys = [tuple(str(row.get(column)).casefold() for column in group) for row in table_rows]
            assert len(set(keys)) == len(keys), (name, group)


@pytest.mark.parametrize("change", [{"NAZWA": "x" * 41}, {"NAZWA": None}, {"KOLOR": "x"}, {"WAGA": Decimal("0.0001")}])
def test_a_row_the_server_would_refuse_or_cut_is_refused(rows: dict[str, list[Row]], change: Row) -> None:
    with pytest.raises(DoesNotFit):
        TABLES["ARTYKUL"].check(rows["ARTYKUL"][0] | change)


def test_references_lead_somewhere(rows: dict[str, list[Row]]) -> None:
    def ids(table: str, column: str) -> set[object]:
        return {row[column] for row in rows[table]}

    known = {
        "ID_MAGAZYNU": ids("MAGAZYN", "ID_MAGAZYNU"),
        "ID_KATEGORII": ids("KATEGORIA_ARTYKULU", "ID_KATEGORII"),
        "ID_KATEGORII_TREE": ids("KATEGORIA_ARTYKULU_TREE", "ID_KATEGORII_TREE") | {None},
        "ID_JEDNOSTKI": ids("JEDNOSTKA", "ID_JEDNOSTKI"),
        "ID_JEDNOSTKI_SPRZ": ids("JEDNOSTKA", "ID_JEDNOSTKI") | {0},
        "VAT_SPRZEDAZY": ids("STAWKA_VAT", "KOD_VAT"),
        "ID_PRODUCENTA": ids("KONTRAHENT", "ID_KONTRAHENTA") | {None},
    }
    for column, allowed in known.items():
        assert ids("ARTYKUL", column) <= allowed, column
    cards = ids("ARTYKUL", "ID_ARTYKULU")
    assert ids("CENA_ARTYKULU", "ID_ARTYKULU") <= cards
    assert ids("DEFINICJA_PRODUKTU", "ID_SKLADNIKA") <= cards
    assert ids("JEDNOSTKA", "ID_ARTYKULU") - {None} <= cards
    assert ids("ARTYKUL_BLOB", "INDEKS_KATALOGOWY") <= ids("ARTYKUL", "INDEKS_KATALOGOWY")


def test_gross_is_net_with_vat_to_the_grosz(rows: dict[str, list[Row]]) -> None:
    percent = {row["KOD_VAT"]: row["STAWKA"] for row in rows["STAWKA_VAT"]}
    vat = {row["ID_ARTYKULU"]: percent[row["VAT_SPRZEDAZY"]] for row in rows["ARTYKUL"]}
    prices = [(row["ID_ARTYKULU"], row["CENA_NETTO"], row["CENA_BRUTTO"]) for row in rows["CENA_ARTYKULU"]]
    prices += [(row["ID_ARTYKULU"], row["CENA_PROMOCJI_N"], row["CENA_PROMOCJI_B"]) for row in rows["ARTYKUL"]]
    for card, net, gross in prices:
        assert gross == (net * (100 + vat[card]) / 100).quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)
    assert all(row["CENA_NETTO"] > 0 for row in rows["CENA_ARTYKULU"])


def test_three_price_types_on_every_finished_card(rows: dict[str, list[Row]]) -> None:
    assert [row["NAZWA"] for row in rows["CENA"]] == ["Detaliczna", "Hurtowa", "Internetowa"]
    there = Counter(row["ID_ARTYKULU"] for row in rows["CENA_ARTYKULU"] if row["SYM_WAL"] == "")
    for card in rows["ARTYKUL"]:
        assert there[card["ID_ARTYKULU"]] == (0 if card["FLAGA_STANU"] else 3)


def test_bar_codes(sample: Company, rows: dict[str, list[Row]]) -> None:
    by_code: dict[str, set[str]] = {}
    for card in rows["ARTYKUL"]:
        if card["KOD_KRESKOWY"]:
            by_code.setdefault(card["KOD_KRESKOWY"], set()).add(card["INDEKS_KATALOGOWY"])
    wrong = {index for code, indexes in by_code.items() if not ean_valid(code) for index in indexes}
    assert wrong == set(peculiar.INVALID_EANS)
    doubled = {frozenset(indexes) for indexes in by_code.values() if len(indexes) > 1}
    assert doubled == {frozenset(pair) for pair in peculiar.DUPLICATE_EANS}
    assert {len(sample.articles[index].ean) for index in peculiar.SHORT_EANS} == {8}
    without = {index for index, article in sample.articles.items() if not article.ean}
    assert set(peculiar.WITHOUT_EAN) < without
    further = [row["KOD_KRESKOWY"] for row in rows["KOD_KRESKOWY"]]
    assert len(further) > 50
    assert all(map(ean_valid, further))
    assert not set(further) & set(by_code)


def test_units(sample: Company, rows: dict[str, list[Row]]) -> None:
    company_wide = {row["SKROT"]: row["PODZIELNA"] for row in rows["JEDNOSTKA"] if row["ID_ARTYKULU"] is None}
    assert company_wide == {"szt.": 0, "kg": 1, "mb": 1, "m2": 1, "opak.": 0}
    sold_otherwise = {index for index, article in sample.articles.items() if article.sale_unit}
    assert sold_otherwise == set(peculiar.SALE_UNIT_CARDS)
    assert len(sold_otherwise) == 10
    factors = {row["ID_JEDNOSTKI"]: row["PRZELICZNIK"] for row in rows["JEDNOSTKA"]}
    used = [factors[row["ID_JEDNOSTKI_SPRZ"]] for row in rows["ARTYKUL"] if row["ID_JEDNOSTKI_SPRZ"]]
    assert Decimal(1) not in used
    assert min(used) < 1 < max(used)
    fractions = [row["STAN"] for row in rows["ARTYKUL"] if row["STAN"] % 1]
    assert len(fractions) > 10


def test_category_trees_differ_a_little(rows: dict[str, list[Row]]) -> None:
    paths: dict[int, dict[str, tuple[str, ...]]] = {MAIN: {}, SHOP: {}}
    for row in sorted(rows["KATEGORIA_ARTYKULU_TREE"], key=lambda row: row["KOD_TREE"]):
        tree = paths[row["ID_MAGAZYNU"]]
        tree[row["KOD_TREE"]] = (*tree.get(row["KOD_TREE"][:-3], ()), row["NAZWA"])
        assert len(tree[row["KOD_TREE"]]) == row["POZIOM"] == len(row["KOD_TREE"]) // 3
    main, shop = (set(tree.values()) for tree in paths.values())
    assert {len(path) for path in main} == {1, 2, 3}
    assert len(main & shop) > 30
    assert main - shop
    assert ("Wyprzedaż",) in shop - main
    names = Counter(path[-1] for path in main)
    assert names["Akcesoria"] > 1


def test_producers(sample: Company, rows: dict[str, list[Row]]) -> None:
    contractors = {row["NAZWA"] for row in rows["KONTRAHENT"]}
    text_only = {
        row["INDEKS_KATALOGOWY"] for row in rows["ARTYKUL"] if row["PRODUCENT"] and row["ID_PRODUCENTA"] is None
    }
    assert text_only == set(peculiar.TEXT_ONLY_PRODUCERS)
    assert not {sample.articles[index].maker for index in text_only} & contractors
    assert len({row["ID_PRODUCENTA"] for row in rows["ARTYKUL"]}) > 20


def test_cards_that_disagree(sample: Company, cards: dict[tuple[str, int], Row]) -> None:
    columns = {"vat": "VAT_SPRZEDAZY", "unit": "ID_JEDNOSTKI", "ean": "KOD_KRESKOWY"}
    for what, column in columns.items():
        differing = {
            index
            for index, article in sample.articles.items()
            if len(article.stocks) == 2 and cards[index, MAIN][column] != cards[index, SHOP][column]
        }
        assert differing == set(peculiar.DISAGREEING[what]), what
    dearer = {
        index
        for index, article in sample.articles.items()
        if len(article.stocks) == 2 and article.card(SHOP).prices != article.prices
    }
    assert dearer == set(peculiar.OTHER_PRICE_IN_SHOP)


def test_states_of_cards(cards: dict[tuple[str, int], Row]) -> None:
    def having(column: str, warehouse: int) -> set[str]:
        return {index for (index, place), row in cards.items() if place == warehouse and row[column]}

    assert having("ZABLOKOWANY", MAIN) == set(peculiar.BLOCKED)
    assert having("ZABLOKOWANY", SHOP) - having("ZABLOKOWANY", MAIN) == set(peculiar.BLOCKED_IN_SHOP)
    assert having("FLAGA_STANU", MAIN) == set(peculiar.UNFINISHED)
    for index in peculiar.UNFINISHED:
        card = cards[index, MAIN]
        assert index == f"({card['ID_ARTYKULU']})"
        assert card["NAZWA"] == f"nowy artykuł {index}"
    assert set(peculiar.EDITED) <= having("SEMAFOR", MAIN)
    shop = having("DOSTEPNY_W_SKLEPIE_INTER", MAIN)
    assert len(shop) > 0.8 * sum(warehouse == MAIN for _, warehouse in cards)
    assert not shop & set(peculiar.NOT_IN_WEB_SHOP + peculiar.SERVICES)


def test_kinds_and_sets(sample: Company, rows: dict[str, list[Row]]) -> None:
    kinds: dict[str, set[str]] = {}
    for row in rows["ARTYKUL"]:
        kinds.setdefault(row["RODZAJ"], set()).add(row["INDEKS_KATALOGOWY"])
    assert kinds.keys() == {"Towar", "Usługa", "Zestaw"}
    assert kinds["Usługa"] == set(peculiar.SERVICES)
    assert kinds["Zestaw"] == set(peculiar.SETS)
    ids = {row["ID_ARTYKULU"]: row["INDEKS_KATALOGOWY"] for row in rows["ARTYKUL"]}
    parts = Counter(ids[row["ID_ARTYKULU"]] for row in rows["DEFINICJA_PRODUKTU"])
    assert set(parts) == set(peculiar.SETS)
    assert min(parts.values()) >= 2


def test_every_vat_code_is_on_goods(sample: Company, rows: dict[str, list[Row]]) -> None:
    goods = {article.vat for article in sample.articles.values() if article.kind == "Towar"}
    assert goods == {"23", "8", "5", "0", "zw", "np"} == {row["KOD_VAT"] for row in rows["STAWKA_VAT"]}
    for code, indexes in peculiar.VAT_GOODS.items():
        assert {sample.articles[index].vat for index in indexes} == {code}


def test_variant_groups(sample: Company, cards: dict[tuple[str, int], Row]) -> None:
    assert len(peculiar.VARIANT_GROUPS) == 15
    assert sum(map(len, peculiar.VARIANT_GROUPS.values())) == 60
    grouped: dict[str, list[str]] = {}
    for (index, warehouse), row in cards.items():
        if row["POLE1"] and warehouse == MAIN:
            grouped.setdefault(row["POLE1"], []).append(index)
    assert grouped == {code: list(indexes) for code, indexes in peculiar.VARIANT_GROUPS.items()}
    for code, indexes in grouped.items():
        options = [(cards[index, MAIN]["POLE2"], cards[index, MAIN]["POLE3"]) for index in indexes]
        assert len(set(options)) == 4
        assert (not any(colour for colour, _ in options)) == (code in peculiar.SIZES_ONLY)
        assert (not any(size for _, size in options)) == (code in peculiar.COLOURS_ONLY)
    hyphened = {index for index in sample.articles if "-" in index}
    assert hyphened == set(chain.from_iterable(peculiar.VARIANT_GROUPS.values()))


def test_promotions_around_today(sample: Company, cards: dict[tuple[str, int], Row]) -> None:
    running: set[str] = set()
    for (index, _), card in cards.items():
        first, last = from_day(card["PROMOCJA_OD"]), from_day(card["PROMOCJA_DO"])
        if first and last and first <= TODAY <= last:
            running.add(index)
        elif last and last < TODAY:
            assert index in peculiar.PROMOTIONS_PAST
        elif first:
            assert index in peculiar.PROMOTIONS_FUTURE
    assert running == set(peculiar.PROMOTIONS_NOW)
    for index in peculiar.PROMOTIONS_NOW + peculiar.PROMOTIONS_PAST + peculiar.PROMOTIONS_FUTURE:
        promotion = sample.articles[index].promotion
        assert promotion is not None
        assert promotion.net < sample.articles[index].prices[RETAIL]
    began, ends = (sample.articles[index].promotion for index in peculiar.PROMOTIONS_NOW[:2])
    assert began is not None
    assert began.first == TODAY
    assert ends is not None
    assert ends.last == TODAY


def test_stock(sample: Company, rows: dict[str, list[Row]]) -> None:
    below = {
        index for index, article in sample.articles.items() if any(s.available < 0 for s in article.stocks.values())
    }
    assert below == set(peculiar.OVERSOLD)
    assert sum(row["ZAREZERWOWANO"] > 0 for row in rows["ARTYKUL"]) > 50
    assert sum(row["ILOSC_EDYTOWANA"] > 0 for row in rows["ARTYKUL"]) > 20
    for row in rows["ARTYKUL"]:
        assert row["ZAMOWIONO"] == row["OD_DOSTAWCOW"] + row["DO_ODBIORCOW"]


def test_other_planted_things(sample: Company, cards: dict[tuple[str, int], Row], rows: dict[str, list[Row]]) -> None:
    nowhere = {index for (index, _), row in cards.items() if row["ID_KATEGORII_TREE"] is None}
    assert nowhere - set(peculiar.SERVICES + peculiar.UNFINISHED) == set(peculiar.WITHOUT_CATEGORY)
    assert {index for (index, _), row in cards.items() if row["JED_WAGI"] == "g"} == set(peculiar.GRAMS)
    euro = {row["ID_ARTYKULU"] for row in rows["CENA_ARTYKULU"] if row["SYM_WAL"] == "EUR"}
    assert {row["INDEKS_KATALOGOWY"] for row in rows["ARTYKUL"] if row["ID_ARTYKULU"] in euro} == set(
        peculiar.EURO_PRICES
    )
    assert all(sample.articles[index].prices[WHOLESALE] for index in peculiar.EURO_PRICES)
    entity, blanks, long = (cards[index, MAIN] for index in peculiar.ODD_NAMES)
    assert "&amp;" in entity["NAZWA"]
    assert "  " in blanks["NAZWA"]
    assert (len(long["NAZWA"]), len(long["NAZWA2"])) == (40, 40)


def test_pictures(sample: Company, rows: dict[str, list[Row]]) -> None:
    counts = Counter(row["INDEKS_KATALOGOWY"] for row in rows["ARTYKUL_BLOB"])
    assert {1, 2, 3} == set(counts.values())
    assert 0.7 < len(counts) / len(sample.articles) < 0.95
    assert sum(row["DOMYSLNE"] for row in rows["ARTYKUL_BLOB"]) == len(counts)
    contents = [row["ZDJECIE"] for row in rows["ARTYKUL_BLOB"]]
    assert len(set(contents)) == len(contents)
    formats: Counter[str | None] = Counter()
    for content in contents:
        with Image.open(io.BytesIO(content)) as picture:
            picture.load()
            formats[picture.format] += 1
            assert min(picture.size) >= 48
    assert formats["PNG"] > formats["JPEG"] > 20


def test_a_jpeg_shows_the_squares_it_was_made_of() -> None:
    with Image.open(io.BytesIO(jpeg("proof", blocks=4))) as picture:
        levels = [picture.getpixel((8 * column + 4, 8 * row + 4)) for row in range(4) for column in range(4)]
        corners = [picture.getpixel((8 * column, 8 * row)) for row in range(4) for column in range(4)]
    assert levels == corners
    assert len(set(levels)) > 8


def test_who_and_what_the_program_knows(rows: dict[str, list[Row]]) -> None:
    assert {row["ID_UZYTKOWNIKA"] for row in rows["UZYTKOWNIK"]} > {3000001, 3000004}
    assert [row["SYMBOL"] for row in rows["MAGAZYN"]] == ["MAG1", "MAG2"]
    mag = next(row for row in rows["WAPRODBSTATE"] if row["PRGKOD"] == 3)
    assert mag["PRGWER"].startswith("8.80.")
    assert len(rows["WAPRODB"]) == 1
    order = next(row for row in rows["TYP_DOKUMENTU_MAGAZYNOWEGO"] if row["SYGNATURA"] == "ZO")
    numbering = [row for row in rows["DEFINICJA_NUMERACJI"] if row["ID_TYPU"] == order["ID_TYPU"]]
    assert {row["ID_ZASOBU"] for row in numbering} == {MAIN, SHOP}
    assert {row["FORMAT"] for row in numbering} == {"ZO ####/$$"}
    assert {"gotówka", "pobranie", "przelew"} <= {row["NAZWA"] for row in rows["FORMA_PLATNOSCI"]}
    buyers = [row for row in rows["KONTRAHENT"] if row["ODBIORCA"]]
    assert len(buyers) > 20
    assert any("-" in row["NIP"] for row in buyers)
    assert any(row["NIP"].startswith("PL") for row in buyers)
