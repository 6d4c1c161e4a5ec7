"""Units, tax rates, producers and category trees."""

from decimal import Decimal

from integrator.canonical.kinds import Kind
from integrator.canonical.records import Producer, TaxRate, Unit
from tests.wapro.little_company import LittleCompany
from wapro import tables


def test_units_of_the_company_are_elements_and_lonely_card_units_too(company: LittleCompany) -> None:
    company.add(tables.Unit, id=10, symbol="Szt", name="sztuka", article=4, factor=1)
    company.add(tables.Unit, id=12, symbol="karton", name="karton", article=4, factor=12)
    company.add(tables.Unit, id=11, symbol="KARTON", name="karton", article=5, factor=6)
    company.add(tables.Unit, id=13, symbol="m2", name="metr kw.", article=0, factor=1, fractional=1)
    assert company.records(Kind.UNIT) == {
        "1": Unit(symbol="szt.", name="sztuka"),
        "2": Unit(symbol="kg", name="kilogram", fractional=True),
        "11": Unit(symbol="KARTON", name="karton"),
        "13": Unit(symbol="m2", name="metr kw.", fractional=True),
    }


def test_tax_rates_by_code(company: LittleCompany) -> None:
    company.add(tables.VatRate, code="np ", name="nie podlega", percent=None)
    assert company.records(Kind.TAX_RATE) == {
        "23": TaxRate(code="23", name="23", percent=Decimal(23)),
        "8": TaxRate(code="8", name="8", percent=Decimal(8)),
        "zw": TaxRate(code="zw", name="zw", percent=Decimal(0)),
        "np": TaxRate(code="np", name="nie podlega", percent=None),
    }


def test_producers_are_contractors_on_cards_and_texts_on_cards_without_one(company: LittleCompany) -> None:
    for number, name in ((7, "Stalmax"), (8, "nobody's"), (9, "Ogrodnik ")):
        company.add(tables.Contractor, id=number, name=name)
    company.card("A", producer=9, producer_name="ignored text")
    company.card("B", producer=7)
    company.card("C", producer=0, producer_name="Łódzkie  Meble")
    company.card("D", producer=None, producer_name="LODZKIE MEBLE")
    company.card("E", producer_name=" ")
    found = company.records(Kind.PRODUCER)
    assert found == {
        "7": Producer(name="Stalmax"),
        "9": Producer(name="Ogrodnik"),
        "text:lodzkie meble": Producer(name="LODZKIE MEBLE"),
    }
    products = company.records(Kind.PRODUCT)
    assert [products[key].producer for key in "ABCDE"] == ["9", "7", "text:lodzkie meble", "text:lodzkie meble", None]


def test_producers_come_in_pages_with_the_texts_last(company: LittleCompany) -> None:
    for number in range(1, 6):
        company.add(tables.Contractor, id=number, name=f"P{number}")
        company.card(f"A{number}", producer=number)
    company.card("B", producer_name="Tekst")
    pages = company.pages(Kind.PRODUCER, page_size=2)
    assert [[item.key for item in page.items] for page in pages] == [["1", "2"], ["3", "4"], ["5", "text:tekst"]]


def node(company: LittleCompany, number: int, code: str | None, level: int | None, warehouse: int = 1) -> None:
    company.add(
        tables.CategoryNode, id=number, company=1, warehouse=warehouse, name=f"N{number}", code=code, level=level
    )


def test_paths_follow_the_codes_of_one_warehouse(company: LittleCompany) -> None:
    node(company, 1, "001", 1)
    node(company, 2, "001002", 2)
    node(company, 3, "001002003", 3)
    node(company, 4, "001002", 2, warehouse=2)
    node(company, 5, None, None)
    found = company.records(Kind.CATEGORY)
    assert {key: (record.path, record.parent) for key, record in found.items()} == {
        "1:1": (("N1",), None),
        "1:2": (("N1", "N2"), "1:1"),
        "1:3": (("N1", "N2", "N3"), "1:2"),
        "1:5": (("N5",), None),
        "2:4": (("N4",), None),
    }


def test_a_code_that_only_begins_alike_is_no_parent(company: LittleCompany) -> None:
    node(company, 1, "1", 1)
    node(company, 2, "10", 1)
    node(company, 3, "101", 2)
    found = company.records(Kind.CATEGORY)
    assert found["1:2"].path == ("N2",)
    assert found["1:3"].path == ("N2", "N3")


def test_dictionaries_come_in_pages_in_the_order_of_their_numbers(company: LittleCompany) -> None:
    for number in (100, 20, 3):
        company.add(tables.Unit, id=number, symbol=f"u{number}", name="u", factor=1)
    pages = company.pages(Kind.UNIT, page_size=2)
    assert [[item.key for item in page.items] for page in pages] == [["1", "2"], ["3", "20"], ["100"]]
    assert pages[0].total == 5


def test_reading_dictionaries_by_key_tells_what_is_gone(company: LittleCompany) -> None:
    company.add(tables.Contractor, id=7, name="Stalmax")
    company.card("A", producer=7)
    company.card("B", producer_name="Tekst")
    with company.reader() as reader:
        assert [i.key for i in reader.read(Kind.UNIT, ["2", "99", "x"]).items] == ["2"]
        assert reader.read(Kind.UNIT, ["2", "99", "x"]).gone == ("99", "x")
        assert reader.read(Kind.TAX_RATE, ["zw", "5"]).gone == ("5",)
        found = reader.read(Kind.PRODUCER, ["7", "text:tekst", "8"])
        assert ([item.key for item in found.items], found.gone) == (["7", "text:tekst"], ("8",))
