"""Unmanaged models of the WAPRO Mag tables that are read (and, where switched on, written).

They hold no data of the panel: every query names its connection with `using(alias)` (see `wapro.database`), the router
refuses anything else. Only columns that every known version of the program has are declared, except where said so.
"""

from typing import Any, ClassVar

from django.apps.registry import Apps
from django.db import models

from wapro.columns import CodeColumn, GuidColumn, IdColumn, TextColumn

erp_apps = Apps()
"""A registry of their own: these models take part in no migration and no content type of the panel."""


class Table(models.Model):
    """Base of all tables here: not managed, not in the registry of the panel, one manager that takes `using(alias)`."""

    objects: ClassVar[models.Manager[Any]] = models.Manager()

    class Meta:
        abstract = True
        managed = False
        app_label = "wapro"
        apps = erp_apps


def _id(column: str, **kwargs: Any) -> IdColumn:
    return IdColumn(db_column=column, **({"null": True, "blank": True} | kwargs))


def _key(column: str) -> IdColumn:
    return IdColumn(db_column=column, primary_key=True)


def _text(column: str, length: int, **kwargs: Any) -> TextColumn:
    return TextColumn(db_column=column, max_length=length, **({"null": True, "blank": True} | kwargs))


def _code(column: str, length: int = 3, **kwargs: Any) -> CodeColumn:
    return CodeColumn(db_column=column, max_length=length, **({"null": True, "blank": True} | kwargs))


def _guid(column: str, **kwargs: Any) -> GuidColumn:
    return GuidColumn(db_column=column, **({"null": True, "blank": True} | kwargs))


def _quantity(column: str) -> models.DecimalField:
    return models.DecimalField(db_column=column, max_digits=16, decimal_places=6, null=True, blank=True)


def _money(column: str) -> models.DecimalField:
    return models.DecimalField(db_column=column, max_digits=14, decimal_places=4, null=True, blank=True)


def _size(column: str) -> models.DecimalField:
    return models.DecimalField(db_column=column, max_digits=20, decimal_places=3, null=True, blank=True)


def _flag(column: str, **kwargs: Any) -> models.SmallIntegerField:
    """A yes/no column of the program: tinyint or smallint, 0 and NULL both mean no."""
    return models.SmallIntegerField(db_column=column, **({"null": True, "blank": True, "default": 0} | kwargs))


def _number(column: str, **kwargs: Any) -> models.IntegerField:
    return models.IntegerField(db_column=column, **({"null": True, "blank": True} | kwargs))


class Article(Table):
    """ARTYKUL: one item card of one warehouse. The same item in three warehouses is three rows."""

    id = _key("ID_ARTYKULU")
    warehouse = _id("ID_MAGAZYNU", db_index=True)
    category = _id("ID_KATEGORII")
    """Flat category, see FlatCategory."""
    category_node = _id("ID_KATEGORII_TREE")
    default_price_type = _id("ID_CENY_DOM")
    unit = _id("ID_JEDNOSTKI")
    """Stock unit: quantities and prices of the card are per this unit."""
    purchase_unit = _id("ID_JEDNOSTKI_ZAK")
    sale_unit = _id("ID_JEDNOSTKI_SPRZ")
    """0 or NULL: sold in the stock unit."""
    purchase_vat = _code("VAT_ZAKUPU")
    sale_vat = _code("VAT_SPRZEDAZY")
    name = _text("NAZWA", 40, null=False)
    name2 = _text("NAZWA2", 40)
    name_original = _text("NAZWA_ORYG", 100)
    name_full = _text("NAZWA_CALA", 100)
    on_hand = _quantity("STAN")
    in_edit = _quantity("ILOSC_EDYTOWANA")
    reserved = models.DecimalField(db_column="ZAREZERWOWANO", max_digits=16, decimal_places=6, default=0)
    to_reserve = _quantity("DO_REZERWACJI")
    ordered = _quantity("ZAMOWIONO")
    from_suppliers = _quantity("OD_DOSTAWCOW")
    for_customers = _quantity("DO_ODBIORCOW")
    stock_minimum = _quantity("STAN_MINIMALNY")
    stock_maximum = _quantity("STAN_MAKSYMALNY")
    index = _text("INDEKS_KATALOGOWY", 20, null=False, ignore_case=True, db_index=True)
    """Catalogue index, the SKU; unique together with the warehouse."""
    trade_index = _text("INDEKS_HANDLOWY", 20, null=False, default="")
    kind = _text("RODZAJ", 10)
    """`Towar`, `Usługa`, `Zestaw`."""
    ean = _text("KOD_KRESKOWY", 20)
    pkwiu = _text("PKWIU", 14)
    cn_code = _text("KOD_CN", 20)
    country = _text("KRAJ_POCHODZENIA", 3)
    location = _text("LOKALIZACJA", 30)
    description = _text("OPIS", 1000)
    notes = _text("UWAGI", 1000)
    purchase_net = _money("CENA_ZAKUPU_NETTO")
    purchase_gross = _money("CENA_ZAKUPU_BRUTTO")
    purchase_changed = _number("DATA_ZM_CZ", null=False, default=36163)
    """Clarion day."""
    promotion_from = _number("PROMOCJA_OD")
    """Clarion day (see `wapro.clarion`), as is `promotion_to`, which belongs to the promotion."""
    promotion_to = _number("PROMOCJA_DO")
    promotion_net = _money("CENA_PROMOCJI_N")
    promotion_gross = _money("CENA_PROMOCJI_B")
    currency = _text("SYM_WAL", 3)
    producer_name = _text("PRODUCENT", 50)
    producer = _id("ID_PRODUCENTA")
    """Contractor.id"""
    weight = _size("WAGA")
    weight_unit = _text("JED_WAGI", 10)
    height = _size("WYMIAR_W")
    width = _size("WYMIAR_S")
    depth = _size("WYMIAR_G")
    size_unit = _text("JED_WYMIARU", 10)
    marker = _text("WYROZNIK", 50)
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
    guid = _guid("GUID_ARTYKUL", db_index=True)
    discountable = _flag("PODLEGA_RABATOWANIU", default=1)
    blocked = _flag("ZABLOKOWANY")
    has_picture = _flag("JEST_ZDJECIE")
    external = _flag("AKTYWNY_DLA_SYS_ZEW", null=False)
    web_shop = _flag("DOSTEPNY_W_SKLEPIE_INTER")
    auctions = _flag("DOSTEPNY_W_AUKCJACH")
    editor = _id("SEMAFOR", default=0)
    """Id of the user who edits the row, 0 or NULL when nobody does."""
    state = _flag("FLAGA_STANU")
    """0 = saved; anything else: the row is still being made."""

    class Meta(Table.Meta):
        db_table = "ARTYKUL"


class Unit(Table):
    """JEDNOSTKA: a unit of the company, or (`article` set) a further unit of one card."""

    id = _key("ID_JEDNOSTKI")
    article = _id("ID_ARTYKULU", db_index=True)
    company = _id("ID_FIRMY")
    name = _text("NAZWA", 20, null=False)
    symbol = _text("SKROT", 10, null=False)
    factor = models.DecimalField(
        db_column="PRZELICZNIK", max_digits=16, decimal_places=6, null=True, blank=True, default=1
    )
    """Stock units in one of this unit."""
    fractional = _flag("PODZIELNA")
    is_template = _flag("WZORZEC_INNEJ")

    class Meta(Table.Meta):
        db_table = "JEDNOSTKA"


class FlatCategory(Table):
    """KATEGORIA_ARTYKULU: the flat category that drives numbering and VAT; per warehouse."""

    id = _key("ID_KATEGORII")
    warehouse = _id("ID_MAGAZYNU")
    vat = _code("KOD_VAT")
    purchase_vat = _code("KOD_VAT_ZAK")
    name = _text("NAZWA", 50, null=False)
    index_mask = _text("MASKA_I_KATALOG", 30)
    default_price_type = _id("ID_DOMYSLNEJ_CENY", default=0)
    guid = _guid("GUID_KATEGORIA")
    is_default = _flag("DOMYSLNA")
    editor = _id("SEMAFOR", default=0)
    state = _flag("FLAGA_STANU")

    class Meta(Table.Meta):
        db_table = "KATEGORIA_ARTYKULU"


class CategoryNode(Table):
    """KATEGORIA_ARTYKULU_TREE: a node of the category tree of one warehouse. The hierarchy is in `code` (a prefix)."""

    id = _key("ID_KATEGORII_TREE")
    company = _id("ID_FIRMY", null=False)
    warehouse = _id("ID_MAGAZYNU", null=False)
    name = _text("NAZWA", 50, null=False)
    code = _text("KOD_TREE", 30)
    level = _number("POZIOM")
    guid = _guid("GUID_KATEGORIA_TREE")

    class Meta(Table.Meta):
        db_table = "KATEGORIA_ARTYKULU_TREE"


class VatRate(Table):
    """STAWKA_VAT: code -> rate in percent."""

    code = CodeColumn(db_column="KOD_VAT", max_length=3, primary_key=True, ignore_case=True)
    name = _text("NAZWA", 20)
    percent = models.DecimalField(db_column="STAWKA", max_digits=8, decimal_places=4, null=True, blank=True)
    active = _flag("AKTYWNY", default=1)

    class Meta(Table.Meta):
        db_table = "STAWKA_VAT"


class Warehouse(Table):
    """MAGAZYN"""

    id = _key("ID_MAGAZYNU")
    company = _id("ID_FIRMY")
    name = _text("NAZWA", 50, null=False)
    symbol = _text("SYMBOL", 10, null=False)
    state = _text("STAN_MAGAZYNU", 10, default="Praca")
    sync_marker = _text("WYROZNIK_SYNCHRONIZACJI", 20, null=False, default="")

    class Meta(Table.Meta):
        db_table = "MAGAZYN"


class PriceType(Table):
    """CENA: a price type, `Detaliczna` and the like."""

    id = _key("ID_CENY")
    company = _id("ID_FIRMY")
    name = _text("NAZWA", 50, null=False)
    position = _id("KOLEJNOSC", default=0)
    for_everyone = _flag("DLA_WSZYSTKICH")
    editor = _id("SEMAFOR", default=0)
    state = _flag("FLAGA_STANU")

    class Meta(Table.Meta):
        db_table = "CENA"


class ArticlePrice(Table):
    """CENA_ARTYKULU: the price of a card in one price type, per stock unit; an empty currency is PLN."""

    id = _key("ID_CENA_ARTYKULU")
    article = _id("ID_ARTYKULU", null=False, db_index=True)
    price_type = _id("ID_CENY", null=False)
    currency = _text("SYM_WAL", 3)
    rate = models.DecimalField(
        db_column="PRZELICZNIK_WAL", max_digits=14, decimal_places=8, null=True, blank=True, default=1
    )
    net = _money("CENA_NETTO")
    gross = _money("CENA_BRUTTO")
    notes = _text("UWAGI", 50)

    class Meta(Table.Meta):
        db_table = "CENA_ARTYKULU"


class Barcode(Table):
    """KOD_KRESKOWY: further bar codes of a card, each for a unit (0 = the stock unit) and a quantity."""

    id = _key("ID_KODU_KRESKOWEGO")
    warehouse = _id("ID_MAGAZYNU", null=False)
    code = _text("KOD_KRESKOWY", 20, null=False)
    article = _id("ID_ARTYKULU", db_index=True)
    unit = _id("ID_JEDNOSTKI", default=0)
    quantity = models.DecimalField(
        db_column="DOM_ILOSC", max_digits=16, decimal_places=4, null=True, blank=True, default=1
    )

    class Meta(Table.Meta):
        db_table = "KOD_KRESKOWY"


class Picture(Table):
    """ARTYKUL_BLOB: a picture, tied to the catalogue index: one set for the cards of all warehouses."""

    id = _key("ID_BLOBA")
    index = _text("INDEKS_KATALOGOWY", 20, null=False, ignore_case=True, db_index=True)
    content = models.BinaryField(db_column="ZDJECIE", null=True, blank=True)
    name = _text("NAZWA", 50, null=False)
    is_default = _flag("DOMYSLNE")
    guid = _guid("GUID_ARTYKUL_BLOB")

    class Meta(Table.Meta):
        db_table = "ARTYKUL_BLOB"


class Contractor(Table):
    """KONTRAHENT, as far as producers and orders need it."""

    id = _key("ID_KONTRAHENTA")
    company = _id("ID_FIRMY")
    group = _id("ID_GRUPY")
    classification = _id("ID_KLASYFIKACJI")
    payer = _id("ID_PLATNIKA")
    number = _number("KOD_KONTRAHENTA")
    name = _text("NAZWA", 50)
    full_name = _text("NAZWA_PELNA", 200)
    tax_id = _text("NIP", 30)
    tax_digits = _text("NIPL", 30)
    """The tax number without what people put into it; not everybody fills it in."""
    pays_vat = _flag("PLATNIK_VAT")
    is_customer = _flag("ODBIORCA")
    is_supplier = _flag("DOSTAWCA")
    country = _text("SYM_KRAJU", 3)
    postcode = _text("KOD_POCZTOWY", 20)
    town = _text("MIEJSCOWOSC", 50)
    street = _text("ULICA_LOKAL", 50)
    postal_country = _text("SYM_KRAJU_KOR", 3)
    email = _text("ADRES_EMAIL", 255)
    phone = _text("TELEFON_FIRMOWY", 20)
    payment_form = _text("FORMA_PLATNOSCI", 50)
    """By name."""
    payment_days = _number("TERMIN_NALEZNOSCI", default=0)
    priority = models.SmallIntegerField(db_column="PRIORYTET", null=True, blank=True, default=2)
    discount = models.DecimalField(db_column="DOMYSLNY_RABAT", max_digits=6, decimal_places=2, null=True, blank=True)
    blocking = _flag("BLOKOWANIE")
    one_off = _flag("Incydentalny")
    external = _flag("UTWORZONY_W_SYSTEMIE_ZEWNETRZNYM", null=False)
    marker = _text("WYROZNIK", 50)
    author = _text("KTO_WPISAL", 50)
    blocked = _flag("ZABLOKOWANY")
    editor = _id("SEMAFOR", default=0)
    state = _flag("FLAGA_STANU")
    excise_number = _text("NR_AKCYZOWY", 30, null=False, default="")

    class Meta(Table.Meta):
        db_table = "KONTRAHENT"


class SetComponent(Table):
    """DEFINICJA_PRODUKTU: what a set (`Zestaw`) is made of."""

    id = _key("ID_DEFINICJI")
    article = _id("ID_ARTYKULU", db_index=True)
    variant = _id("ID_WARIANTU")
    component = _id("ID_SKLADNIKA")
    unit = _text("JEDNOSTKA", 10)
    quantity = _quantity("ILOSC")
    factor = _quantity("PRZELICZNIK")
    position = _number("KOLEJNOSC", default=0)

    class Meta(Table.Meta):
        db_table = "DEFINICJA_PRODUKTU"


class Company(Table):
    """FIRMA"""

    id = _key("ID_FIRMY")
    name = _text("NAZWA", 50, null=False)
    full_name = _text("NAZWA_PELNA", 100)
    tax_id = _text("NIP", 20)

    class Meta(Table.Meta):
        db_table = "FIRMA"


class DatabaseIdentity(Table):
    """WAPRODB: one row, the identity of this very database."""

    id = GuidColumn(db_column="WAPRODB_ID", primary_key=True)

    class Meta(Table.Meta):
        db_table = "WAPRODB"


class ProgramState(Table):
    """WAPRODBSTATE: a row per program that uses the database; program 3 is Mag."""

    id = _key("IDTAB")
    program = models.SmallIntegerField(db_column="PRGKOD")
    program_name = _text("PRGNAZWA", 257, null=False)
    program_version = _text("PRGWER", 20, null=False, default="0")
    database_version = models.DecimalField(db_column="DBWER", max_digits=14, decimal_places=4, default=0)
    start = _flag("START", null=False)
    workstations = models.SmallIntegerField(db_column="WORKSTATIONS", default=0)
    edition = _text("WARIANT", 50)
    """Not in every version: read it apart, after looking whether the column is there."""

    class Meta(Table.Meta):
        db_table = "WAPRODBSTATE"


class ProgramUser(Table):
    """UZYTKOWNIK: a user of the program."""

    id = _key("ID_UZYTKOWNIKA")
    identifier = _text("IDENTYFIKATOR", 20, null=False)
    name = _text("NAZWA", 50, null=False)
    active = _flag("CZY_AKTYWNY", default=1)
    archived = _flag("ARCHIWALNY")

    class Meta(Table.Meta):
        db_table = "UZYTKOWNIK"


TABLES: tuple[type[Table], ...] = (
    Company,
    Warehouse,
    ProgramUser,
    DatabaseIdentity,
    ProgramState,
    VatRate,
    Unit,
    FlatCategory,
    CategoryNode,
    PriceType,
    Contractor,
    Article,
    ArticlePrice,
    Barcode,
    Picture,
    SetComponent,
)
"""In an order in which they can be created and filled."""
