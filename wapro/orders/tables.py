"""Unmanaged models of the tables of orders and of what realises them. Read only; orders are written by procedures."""

from typing import Any

from django.db import models

from wapro.columns import CodeColumn, IdColumn, TextColumn
from wapro.tables import Table


def _id(column: str, **kwargs: Any) -> IdColumn:
    return IdColumn(db_column=column, **({"null": True} | kwargs))


def _text(column: str, length: int) -> TextColumn:
    return TextColumn(db_column=column, max_length=length, null=True)


def _code(column: str, length: int) -> CodeColumn:
    return CodeColumn(db_column=column, max_length=length, null=True)


def _quantity(column: str) -> models.DecimalField:
    return models.DecimalField(db_column=column, max_digits=16, decimal_places=6, null=True)


def _money(column: str) -> models.DecimalField:
    return models.DecimalField(db_column=column, max_digits=14, decimal_places=4, null=True)


def _number(column: str) -> models.IntegerField:
    return models.IntegerField(db_column=column, null=True)


class OrderHeader(Table):
    """ZAMOWIENIE"""

    id = _id("ID_ZAMOWIENIA", primary_key=True, null=False)
    company = _id("ID_FIRMY")
    warehouse = _id("ID_MAGAZYNU")
    contractor = _id("ID_KONTRAHENTA")
    kind = _number("TYP")
    """1 from a customer, 2 to a supplier."""
    number = _text("NUMER", 30)
    client_number = _text("NR_ZAMOWIENIA_KLIENTA", 30)
    user = _id("ID_UZYTKOWNIKA")
    state = _code("STAN_REALIZ", 1)
    status = _code("STATUS_ZAM", 1)
    flag = _number("FLAGA_STANU")
    currency = _text("SYM_WAL", 3)
    advance = _money("ZALICZKA")
    net = _money("WARTOSC_NETTO")
    gross = _money("WARTOSC_BRUTTO")
    net_in_currency = _money("WARTOSC_NETTO_WAL")
    gross_in_currency = _money("WARTOSC_BRUTTO_WAL")
    tracking = _text("NUMER_PRZESYLKI", 50)
    carrier = _id("ID_OPERATORA_PRZESYLKI")
    field1 = _text("POLE1", 100)
    field2 = _text("POLE2", 100)
    field3 = _text("POLE3", 100)
    field4 = _text("POLE4", 100)
    field5 = _text("POLE5", 100)
    field6 = _text("POLE6", 100)
    field7 = _text("POLE7", 100)
    field8 = _text("POLE8", 100)
    field9 = _text("POLE9", 100)
    field10 = _text("POLE10", 100)

    class Meta(Table.Meta):
        db_table = "ZAMOWIENIE"


TRACKING_FIELDS = {"NUMER_PRZESYLKI": "tracking"} | {f"POLE{number}": f"field{number}" for number in range(1, 11)}
"""Columns the tracking number may be kept in, with the fields here."""


class OrderLine(Table):
    """POZYCJA_ZAMOWIENIA"""

    id = _id("ID_POZYCJI_ZAMOWIENIA", primary_key=True, null=False)
    order = _id("ID_ZAMOWIENIA")
    card = _id("ID_ARTYKULU")
    ordered = _quantity("ZAMOWIONO")
    done = _quantity("ZREALIZOWANO")
    reserved = _quantity("ZAREZERWOWANO")
    missing = _quantity("DO_REZERWACJI")
    factor = _quantity("PRZELICZNIK")

    class Meta(Table.Meta):
        db_table = "POZYCJA_ZAMOWIENIA"


class DocumentLine(Table):
    """POZYCJA_DOKUMENTU_MAGAZYNOWEGO: a line of a warehouse document, of a trade document, or of both."""

    id = _id("ID_POZ_DOK_MAG", primary_key=True, null=False)
    warehouse_document = _id("ID_DOK_MAGAZYNOWEGO")
    trade_document = _id("ID_DOK_HANDLOWEGO")
    order_line = _id("ID_POZ_ZAM")
    advance_line = _id("ID_POZ_ZAM_ZAL")
    """The line of the order that an advance invoice is for. Not every version has it."""

    class Meta(Table.Meta):
        db_table = "POZYCJA_DOKUMENTU_MAGAZYNOWEGO"


class LedgerEntry(Table):
    """ROZRACHUNEK: what somebody owes or has paid. Known from one source only, so it is used where it is there."""

    id = _id("ID_ROZRACHUNKU", primary_key=True, null=False)
    order = _id("ID_ZAMOWIENIA")
    trade_document = _id("ID_FAKTURY")

    class Meta(Table.Meta):
        db_table = "ROZRACHUNEK"


class WarehouseDocument(Table):
    """DOKUMENT_MAGAZYNOWY"""

    id = _id("ID_DOK_MAGAZYNOWEGO", primary_key=True, null=False)
    trade_document = _id("ID_DOKUMENTU_HANDLOWEGO")
    kind = _code("RODZAJ_DOKUMENTU", 3)
    number = _text("NUMER", 30)
    day = _number("DATA")
    gross = _money("WARTOSC_BRUTTO")
    correction = _number("DOK_KOREKTY")
    registration = _number("TRYBREJESTRACJI")
    flag = _number("FLAGA_STANU")

    class Meta(Table.Meta):
        db_table = "DOKUMENT_MAGAZYNOWY"


class TradeDocument(Table):
    """DOKUMENT_HANDLOWY: an invoice, a receipt or a correction."""

    id = _id("ID_DOKUMENTU_HANDLOWEGO", primary_key=True, null=False)
    type = _id("ID_TYPU")
    number = _text("NUMER", 30)
    day = _number("DATA_WYSTAWIENIA")
    gross = _money("WARTOSC_BRUTTO")
    paid = _money("RAZEM_ZAPLACONO")
    left = _money("POZOSTALO")
    settled = _number("ROZLICZONY")
    correction = _number("DOK_KOREKTY")
    receipt_number = _text("NUMER_PARAGONU", 30)
    registration = _number("TRYBREJESTRACJI")
    flag = _number("FLAGA_STANU")
    ksef_number = _text("KSEF_ID", 100)
    """Newest versions only, as is the next: read them after looking whether the column is there."""
    ksef_status = _text("KSEF_STATUS_OPIS", 255)

    class Meta(Table.Meta):
        db_table = "DOKUMENT_HANDLOWY"


class TradeType(Table):
    """TYP_DOKUMENTU_HANDLOWEGO"""

    id = _id("ID_TYPU", primary_key=True, null=False)
    signature = _text("SYGNATURA", 5)
    name = _text("NAZWA", 50)

    class Meta(Table.Meta):
        db_table = "TYP_DOKUMENTU_HANDLOWEGO"


class WarehouseType(Table):
    """TYP_DOKUMENTU_MAGAZYNOWEGO, which holds the types of orders too."""

    id = _id("ID_TYPU", primary_key=True, null=False)
    signature = _text("SYGNATURA", 3)
    company = _id("ID_FIRMY")
    name = _text("NAZWA", 50)

    class Meta(Table.Meta):
        db_table = "TYP_DOKUMENTU_MAGAZYNOWEGO"


class PaymentFormRow(Table):
    """FORMA_PLATNOSCI"""

    id = _id("ID_FORMY", primary_key=True, null=False)
    name = _text("NAZWA", 50)
    days = _number("DNI_NALEZNOSCI")
    active = _number("AKTYWNA")
    company = _id("ID_FIRMY")

    class Meta(Table.Meta):
        db_table = "FORMA_PLATNOSCI"


class DeliveryFormRow(Table):
    """FORMA_DOSTAWY"""

    id = _id("ID_FORMY_DOSTAWY", primary_key=True, null=False)
    name = _text("NAZWA", 100)
    company = _id("ID_FIRMY")

    class Meta(Table.Meta):
        db_table = "FORMA_DOSTAWY"


class CarrierRow(Table):
    """MAG_OPERATOR_PRZESYLKI"""

    id = _id("ID_OPERATORA_PRZESYLKI", primary_key=True, null=False)
    name = _text("NAZWA", 100)
    url = _text("URL_SLEDZENIE", 500)

    class Meta(Table.Meta):
        db_table = "MAG_OPERATOR_PRZESYLKI"


class StatusRow(Table):
    """MAG_SLOWNIK_STATUSOW_DOKUMENTOW"""

    id = _id("ID_STATUSU", primary_key=True, null=False)
    code = _code("KOD_STATUSU", 1)
    name = _text("OPIS_STATUSU", 50)
    active = _number("AKTYWNY")

    class Meta(Table.Meta):
        db_table = "MAG_SLOWNIK_STATUSOW_DOKUMENTOW"


class ContractorGroup(Table):
    """GRUPA_KONTRAHENTA"""

    id = _id("ID_GRUPY", primary_key=True, null=False)
    company = _id("ID_FIRMY")
    is_default = _number("DOMYSLNA")

    class Meta(Table.Meta):
        db_table = "GRUPA_KONTRAHENTA"


class ContractorClass(Table):
    """KLASYFIKACJA_KONTRAHENTA"""

    id = _id("ID_KLASYFIKACJI", primary_key=True, null=False)
    company = _id("ID_FIRMY")
    is_default = _number("DOMYSLNA")

    class Meta(Table.Meta):
        db_table = "KLASYFIKACJA_KONTRAHENTA"


class Anonymised(Table):
    """KONTRAHENT in newer versions: apart from `wapro.tables.Contractor`, whose columns every version has."""

    id = _id("ID_KONTRAHENTA", primary_key=True, null=False)
    anonymised = _number("RODO_ZANONIMIZOWANY")
    """1: the program took its personal data away."""

    class Meta(Table.Meta):
        db_table = "KONTRAHENT"


ORDER_TABLES: tuple[type[Table], ...] = (
    OrderHeader, OrderLine, DocumentLine, WarehouseDocument, TradeDocument, TradeType, WarehouseType, PaymentFormRow,
    DeliveryFormRow, CarrierRow, StatusRow, ContractorGroup, ContractorClass,
)  # fmt: skip
OPTIONAL = frozenset({"KSEF_ID", "KSEF_STATUS_OPIS", "ID_POZ_ZAM_ZAL"})
