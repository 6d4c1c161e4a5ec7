"""Paging, reading by key, pictures, and what a page costs."""

import random
from hashlib import sha256

import pytest
from django.db import connections

from integrator.canonical.errors import Gone, Unreachable
from integrator.canonical.kinds import Kind
from integrator.canonical.problems import Code
from integrator.canonical.side import NewElement, Scope
from tests.wapro.little_company import TODAY, LittleCompany
from wapro.database import open_database
from wapro.reader import Reader
from wapro.tables import ArticlePrice, Barcode, Picture, Unit


@pytest.mark.parametrize("identity", ["index", "guid", "id"])
@pytest.mark.parametrize("kind", [Kind.PRODUCT, Kind.PRICE, Kind.STOCK])
def test_every_element_comes_exactly_once(company: LittleCompany, identity: str, kind: Kind) -> None:
    company.connection.identity_key = identity
    for number in range(11):
        company.card(f"A{number}", warehouse=1)
    pages = company.pages(kind, page_size=3)
    assert [len(page.items) for page in pages] == [3, 3, 3, 2]
    assert len({item.key for page in pages for item in page.items}) == 11
    assert [page.total for page in pages] == [11, None, None, None]


def test_a_page_that_ends_exactly_is_the_last(company: LittleCompany) -> None:
    for number in range(4):
        company.card(f"A{number}")
    assert [len(page.items) for page in company.pages(Kind.PRODUCT, page_size=2)] == [2, 2]


def test_an_empty_company_has_one_empty_page(company: LittleCompany) -> None:
    for kind in (Kind.PRODUCT, Kind.PRICE, Kind.STOCK, Kind.IMAGE, Kind.PRODUCER, Kind.CATEGORY):
        (page,) = company.pages(kind)
        assert (page.items, page.errors, page.next_cursor) == ((), (), None)


@pytest.mark.parametrize("seed", range(5))
def test_no_card_is_missed_while_others_come_and_go(company: LittleCompany, seed: int) -> None:
    chance = random.Random(seed)
    lasting = {f"L{chance.randrange(10**6)}": company.card for _ in range(12)}
    for index in lasting:
        company.card(index)
    passing = [company.card(f"P{chance.randrange(10**6)}") for _ in range(6)]
    seen: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        with company.reader(page_size=3) as reader:
            page = reader.fetch(Kind.PRODUCT, cursor or None)
        seen += [item.key for item in page.items]
        cursor = page.next_cursor
        if passing and chance.random() < 0.7:
            company.delete(passing.pop())
        company.card(f"N{chance.randrange(10**6)}")
    assert set(lasting) <= set(seen)
    assert len(seen) == len(set(seen))


def queries(company: LittleCompany, kind: Kind) -> int:
    with company.side() as side:
        side.fetch(kind, Scope(), None)
        return side.requests_sent


@pytest.mark.parametrize("kind", [Kind.PRODUCT, Kind.PRICE, Kind.STOCK, Kind.IMAGE, Kind.PRODUCER])
def test_a_page_costs_the_same_however_many_cards_it_holds(company: LittleCompany, kind: Kind) -> None:
    def some(first: int, last: int) -> None:
        for number in range(first, last):
            card = company.card(f"A{number}", sale_unit=100 + number, ean="", producer=0, producer_name=f"P{number}")
            company.card(f"A{number}", warehouse=2)
            company.add(Unit, id=100 + number, symbol="op", name="op", article=card, factor=2)
            company.add(ArticlePrice, id=number, article=card, price_type=1, net=1)
            company.add(Barcode, id=number, warehouse=1, article=card, code=f"59{number}")
            company.add(Picture, id=number, index=f"A{number}", name="p", content=b"x")

    some(1, 3)
    few = queries(company, kind)
    some(3, 30)
    assert queries(company, kind) == few
    assert 0 < few <= 10


def test_reading_by_key_answers_for_every_key(company: LittleCompany) -> None:
    company.card("A", warehouse=1, name="first")
    company.card("A", warehouse=2)
    company.card("B", sale_unit=99)
    with company.side() as side:
        found = side.read(Kind.PRODUCT, ["a", "B", "C"])
        stock = side.read(Kind.STOCK, ["A", "B", "C"])
    assert [(i.key, getattr(i.record, "name", "")) for i in found.items] == [("a", "first"), ("B", "Towar B")]
    assert found.gone == ("C",)
    assert [i.key for i in stock.items] == ["A"]
    assert [e.key for e in stock.errors] == ["B"]
    assert stock.gone == ("C",)


def test_reading_more_keys_than_a_query_takes(company: LittleCompany) -> None:
    for number in range(7):
        company.card(f"A{number}")
    with company.reader(page_size=2) as reader:
        found = reader.read(Kind.STOCK, [f"A{number}" for number in range(9)])
    assert (len(found.items), found.gone) == (7, ("A7", "A8"))


def test_finding_by_code_and_by_symbol(company: LittleCompany) -> None:
    company.connection.identity_key = "guid"
    company.card("A", warehouse=1, guid="aaaaaaaa-0000-0000-0000-000000000001")
    company.card("A", warehouse=2, guid="aaaaaaaa-0000-0000-0000-000000000002")
    wanted = [NewElement(token="1", fields={"code": "a"}), NewElement(token="2", fields={"code": "B"})]
    with company.side() as side:
        found = side.find(Kind.PRODUCT, wanted)
        units = side.find(Kind.UNIT, [NewElement(token="u", fields={"symbol": "SZT"})])
    assert found["1"].keys == ("aaaaaaaa-0000-0000-0000-000000000001", "aaaaaaaa-0000-0000-0000-000000000002")
    assert found["2"].keys == ()
    assert units["u"].keys == ("1",)


def picture(company: LittleCompany, number: int, index: str, content: bytes | None, main: int = 0) -> None:
    company.add(Picture, id=number, index=index, name=f"p{number}.jpg", content=content, is_default=main)


def test_one_set_of_pictures_for_all_warehouses_main_first(company: LittleCompany) -> None:
    company.card("Kos", warehouse=1)
    company.card("Kos", warehouse=2)
    picture(company, 3, "KOS", b"three")
    picture(company, 1, "Kos", b"one")
    picture(company, 2, "Kos", b"two", main=1)
    picture(company, 9, "nobody", b"orphan")
    found = company.records(Kind.IMAGE)
    assert {key: (i.position, i.product, i.size, i.name) for key, i in found.items()} == {
        "2": (1, "Kos", 3, "p2.jpg"),
        "1": (2, "Kos", 3, "p1.jpg"),
        "3": (3, "Kos", 5, "p3.jpg"),
    }
    assert found["1"].digest == sha256(b"one").hexdigest()


def test_a_picture_without_content_is_one_error(company: LittleCompany) -> None:
    company.card("A")
    picture(company, 1, "A", None, main=1)
    picture(company, 2, "A", b"")
    picture(company, 3, "A", b"x")
    assert [(key, i.position) for key, i in company.records(Kind.IMAGE).items()] == [("3", 1)]
    assert [(e.key, e.problem.code) for e in company.errors(Kind.IMAGE)] == [
        ("1", Code.PICTURE_MISSING),
        ("2", Code.PICTURE_MISSING),
    ]


def test_pictures_belong_to_the_product_whatever_its_identity(company: LittleCompany) -> None:
    company.connection.identity_key = "guid"
    company.card("A", guid="aaaaaaaa-0000-0000-0000-000000000001")
    picture(company, 1, "A", b"x")
    assert company.records(Kind.IMAGE)["1"].product == "aaaaaaaa-0000-0000-0000-000000000001"


def test_pictures_come_in_pages_of_whole_products(company: LittleCompany, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wapro.reader.INDEXES_PER_PAGE", 2)
    for number in range(5):
        company.card(f"A{number}")
        picture(company, 10 + number, f"A{number}", b"x")
        picture(company, 20 + number, f"A{number}", b"y")
    pages = company.pages(Kind.IMAGE)
    assert [[int(i.key) for i in page.items] for page in pages] == [[10, 20, 11, 21], [12, 22, 13, 23], [14, 24]]


def test_the_content_of_a_picture(company: LittleCompany) -> None:
    company.card("A")
    picture(company, 1, "A", b"\xff\xd8jpeg")
    picture(company, 2, "A", None)
    with company.side() as side:
        assert side.content(Kind.IMAGE, "1") == b"\xff\xd8jpeg"
        found = side.read(Kind.IMAGE, ["1", "2", "3", "x"])
        for key in ("2", "3", "x"):
            with pytest.raises(Gone):
                side.content(Kind.IMAGE, key)
    assert ([i.key for i in found.items], [e.key for e in found.errors], found.gone) == (["1"], ["2"], ("3", "x"))


def test_a_database_that_is_no_wapro_is_said_so(company: LittleCompany) -> None:
    with open_database(company.connection, write=True) as alias:
        with connections[alias].cursor() as cursor:
            cursor.execute("DROP TABLE ARTYKUL")
        with pytest.raises(Unreachable) as error:
            Reader(company.connection, alias, TODAY).fetch(Kind.PRODUCT, None)
    assert error.value.problem.code == Code.NOT_WAPRO
