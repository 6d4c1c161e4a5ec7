"""What a company has beside its goods: the firm, users, rates, units, prices, contractors, forms, document types."""

from decimal import Decimal

from wapro.sample.articles import INTERNET, MAIN, RETAIL, SHOP, WHOLESALE
from wapro.sample.categories import flat_rows, tree_rows
from wapro.sample.codes import guid, nip
from wapro.sample.names import COMPANIES, MAKERS, PEOPLE, SUPPLIERS
from wapro.sample.pricing import VAT_PERCENT
from wapro.sample.schema import Row

COMPANY_ID = 1
DATABASE_ID = "5b1f0c58-7d3e-4c0a-9a55-3e8f5d6a2c10"
"""WAPRODB_ID: says which database this is."""
PROGRAM_VERSION, DATABASE_VERSION = "8.80.2", Decimal("26.8802")
USER_ID, INTEGRATOR_USER_ID = 3000001, 3000004
"""Ids of users of the program; documents are made in the name of the second."""
ORDER_TYPE_ID = 12
RETAIL_CONTRACTOR_ID = 1
UNIT_IDS: dict[str, int] = {"szt.": 1, "kg": 2, "mb": 3, "m2": 4, "opak.": 5}
"""Units of the whole company."""
MAKER_IDS: dict[str, int] = {maker.name: 201 + number for number, maker in enumerate(MAKERS)}
"""ID_KONTRAHENTA of the producers that are contractors."""

_UNIT_NAMES = {"szt.": "sztuka", "kg": "kilogram", "mb": "metr bieżący", "m2": "metr kwadratowy", "opak.": "opakowanie"}
_FRACTIONAL = ("kg", "mb", "m2")
_VAT_NAMES = {"23": "23%", "8": "8%", "5": "5%", "0": "0%", "zw": "zwolniony", "np": "nie podlega"}


def fixed_rows() -> dict[str, list[Row]]:
    """Rows by table, in an order in which they can be inserted."""
    return {
        "FIRMA": _firm(),
        "MAGAZYN": _warehouses(),
        "UZYTKOWNIK": _users(),
        "WAPRODBSTATE": _programs(),
        "WAPRODB": [{"WAPRODB_ID": DATABASE_ID}],
        "STAWKA_VAT": _rates(),
        "JEDNOSTKA": _units(),
        "KATEGORIA_ARTYKULU": flat_rows(),
        "KATEGORIA_ARTYKULU_TREE": tree_rows(COMPANY_ID),
        "CENA": _price_types(),
        "GRUPA_KONTRAHENTA": _groups(),
        "KLASYFIKACJA_KONTRAHENTA": _classes(),
        "KONTRAHENT": _contractors(),
        "RACHUNEK_FIRMY": _accounts(),
        "FORMA_PLATNOSCI": _payments(),
        "FORMA_DOSTAWY": _deliveries(),
        "MAG_OPERATOR_PRZESYLKI": _carriers(),
        "TYP_DOKUMENTU_HANDLOWEGO": _trade_types(),
        "TYP_DOKUMENTU_MAGAZYNOWEGO": _warehouse_types(),
        "DEFINICJA_NUMERACJI": _numbering(),
        "MAG_SLOWNIK_STATUSOW_DOKUMENTOW": _statuses(),
    }


def _firm() -> list[Row]:
    full = "Zagroda i Warsztat Hurtownia Ogrodniczo-Narzędziowa Sp. z o.o."
    return [
        {
            "ID_FIRMY": COMPANY_ID,
            "NAZWA": "Zagroda i Warsztat",
            "NAZWA_PELNA": full,
            "PLATNIK_VAT": 1,
            "NIP": nip(1),
            "AKTYWNA": 1,
            "MAG": 1,
        }
    ]


def _warehouses() -> list[Row]:
    lines = ((MAIN, "Magazyn główny", "MAG1", "Swarzędz"), (SHOP, "Sklep przy Rynku", "MAG2", "Kórnik"))
    return [
        {
            "ID_MAGAZYNU": warehouse,
            "ID_FIRMY": COMPANY_ID,
            "NAZWA": name,
            "SYMBOL": symbol,
            "STAN_MAGAZYNU": "Praca",
            "MIEJSCE_WYSTAWIENIA": town,
            "WYROZNIK_SYNCHRONIZACJI": "",
            "ID_RACHUNKU": 3,
            "WSPOLNA_NUM_INDEKSOW": 1,
        }
        for warehouse, name, symbol, town in lines
    ]


def _users() -> list[Row]:
    lines = (
        (USER_ID, "ADMIN", "Administrator", 0),
        (3000002, "MAGAZYN", "Barbara Zając", 0),
        (3000003, "HANDEL", "Tomasz Wróblewski", 0),
        (INTEGRATOR_USER_ID, "INTEGRATOR", "Integrator sklepów", 0),
        (3000005, "PRAKTYKANT", "Konto nieużywane", 1),
    )
    return [
        {
            "ID_UZYTKOWNIKA": user,
            "IDENTYFIKATOR": identifier,
            "NAZWA": name,
            "CZY_AKTYWNY": 1 - archived,
            "ARCHIWALNY": archived,
        }
        for user, identifier, name, archived in lines
    ]


def _programs() -> list[Row]:
    lines = ((1, 3, "WAPRO Mag", PROGRAM_VERSION, DATABASE_VERSION), (2, 2, "WAPRO Kaper", "8.71.0", Decimal("8.71")))
    return [
        {
            "IDTAB": row,
            "PRGKOD": program,
            "PRGNAZWA": name,
            "PRGWER": version,
            "DBWER": database,
            "START": 0,
            "WORKSTATIONS": 5,
            "WARIANT": "Prestiż",
        }
        for row, program, name, version, database in lines
    ]


def _rates() -> list[Row]:
    return [
        {"KOD_VAT": code, "NAZWA": _VAT_NAMES[code], "STAWKA": percent, "AKTYWNY": 1}
        for code, percent in VAT_PERCENT.items()
    ]


def _units() -> list[Row]:
    return [
        {
            "ID_JEDNOSTKI": unit,
            "ID_ARTYKULU": None,
            "ID_FIRMY": COMPANY_ID,
            "NAZWA": _UNIT_NAMES[symbol],
            "SKROT": symbol,
            "PRZELICZNIK": Decimal(1),
            "PODZIELNA": int(symbol in _FRACTIONAL),
            "WZORZEC_INNEJ": 1,
            "ARCHIWALNA": 0,
        }
        for symbol, unit in UNIT_IDS.items()
    ]


def _price_types() -> list[Row]:
    lines = ((RETAIL, "Detaliczna", 1), (WHOLESALE, "Hurtowa", 0), (INTERNET, "Internetowa", 1))
    return [
        {
            "ID_CENY": price_type,
            "ID_FIRMY": COMPANY_ID,
            "NAZWA": name,
            "OPIS": "",
            "DLA_WSZYSTKICH": everyone,
            "SEMAFOR": 0,
            "FLAGA_STANU": 0,
            "KOLEJNOSC": price_type,
        }
        for price_type, name, everyone in lines
    ]


def _groups() -> list[Row]:
    lines = ((1, "Detal", RETAIL, 1), (2, "Hurt", WHOLESALE, 0), (3, "Sklep internetowy", INTERNET, 0))
    return [
        {
            "ID_GRUPY": group,
            "ID_FIRMY": COMPANY_ID,
            "ID_CENY": price,
            "NARZUT": Decimal(0),
            "NAZWA": name,
            "DOMYSLNA": default,
        }
        for group, name, price, default in lines
    ]


def _classes() -> list[Row]:
    return [
        {"ID_KLASYFIKACJI": number, "ID_FIRMY": COMPANY_ID, "NAZWA": name, "DOMYSLNA": int(number == 1)}
        for number, name in enumerate(("Odbiorcy krajowi", "Dostawcy krajowi", "Zagraniczni"), start=1)
    ]


def _contractors() -> list[Row]:
    rows = [
        _contractor(RETAIL_CONTRACTOR_ID, "Sprzedaż detaliczna", "Sprzedaż detaliczna", "", ("", "", ""), customer=1)
    ]
    for number, maker in enumerate(MAKERS):
        address = (maker.postcode, maker.town, maker.street)
        tax = "" if maker.country != "PL" else nip(100 + 20 * number)
        row = _contractor(MAKER_IDS[maker.name], maker.name, maker.full_name, tax, address, country=maker.country)
        rows.append(row)
    for number, (name, full_name, postcode, town) in enumerate(SUPPLIERS):
        rows.append(
            _contractor(301 + number, name, full_name, nip(2000 + 20 * number), (postcode, town, "ul. Targowa 1"))
        )
    for number, (name, postcode, town) in enumerate(COMPANIES):
        tax = nip(5000 + 20 * number)
        written = (tax, f"{tax[:3]}-{tax[3:6]}-{tax[6:8]}-{tax[8:]}", f"PL {tax}")[number % 3]
        address = (postcode, town, f"ul. Polna {number + 3}")
        rows.append(_contractor(401 + number, name, name, written, address, customer=1, group=2))
    for number, (first, last, postcode, town) in enumerate(PEOPLE):
        address = (postcode, town, f"ul. Ogrodowa {number * 7 + 2}/{number + 1}")
        mail = f"klient{number + 1}@example.com"
        rows.append(_contractor(501 + number, f"{last} {first}", f"{first} {last}", "", address, customer=1, mail=mail))
    rows[-1]["ZABLOKOWANY"] = 1
    return rows


def _contractor(
    contractor: int,
    name: str,
    full_name: str,
    tax: str,
    address: tuple[str, str, str],
    *,
    customer: int = 0,
    group: int = 1,
    country: str = "PL",
    mail: str = "",
) -> Row:
    postcode, town, street = address
    return {
        "ID_KONTRAHENTA": contractor,
        "ID_GRUPY": group,
        "ID_FIRMY": COMPANY_ID,
        "ID_KLASYFIKACJI": 1 if customer else 2 if country == "PL" else 3,
        "KOD_KONTRAHENTA": contractor,
        "NAZWA": name,
        "NAZWA_PELNA": full_name,
        "NIP": tax,
        "NIPL": "".join(character for character in tax if character.isdigit()),
        "SYM_KRAJU": country,
        "KOD_POCZTOWY": postcode,
        "MIEJSCOWOSC": town,
        "ULICA_LOKAL": street,
        "ODBIORCA": customer,
        "DOSTAWCA": 1 - customer,
        "ID_PLATNIKA": contractor,
        "PLATNIK_VAT": int(bool(tax)),
        "FORMA_PLATNOSCI": "przelew 14 dni" if tax else "gotówka",
        "TERMIN_NALEZNOSCI": 14 if tax else 0,
        "DOMYSLNY_RABAT": Decimal(0),
        "ADRES_EMAIL": mail,
        "KontrahentUE": int(country != "PL"),
        "Incydentalny": int(contractor == RETAIL_CONTRACTOR_ID),
        "ZABLOKOWANY": 0,
        "SEMAFOR": 0,
        "FLAGA_STANU": 0,
        "NR_AKCYZOWY": "",
        "WYROZNIK": "",
    }


def _accounts() -> list[Row]:
    return [
        {
            "ID_RACHUNKU": 3,
            "ID_FIRMY": COMPANY_ID,
            "SYM_WALUTY": "PLN",
            "NUMER_RACHUNKU": "00 0000 0000 0000 0000 0000 0001",
            "AKTYWNY": 1,
            "NAZWA": "Rachunek główny",
        }
    ]


def _payments() -> list[Row]:
    lines = (
        ("gotówka", 0), ("przelew", 0), ("przelew 14 dni", 14), ("pobranie", 7),
        ("karta płatnicza", 0), ("płatność internetowa", 0), ("raty", 30),
    )  # fmt: skip
    return [
        {
            "ID_FORMY": number,
            "NAZWA": name,
            "SYSTEMOWY": int(number < 3),
            "DNI_NALEZNOSCI": days,
            "AKTYWNA": 1,
            "ID_FIRMY": COMPANY_ID,
        }
        for number, (name, days) in enumerate(lines, start=1)
    ]


def _deliveries() -> list[Row]:
    names = ("Odbiór osobisty", "Kurier", "Kurier za pobraniem", "Automat paczkowy", "Paleta", "Własny transport")
    return [
        {"ID_FORMY_DOSTAWY": number, "ID_FIRMY": COMPANY_ID, "NAZWA": name, "SYSTEMOWA": int(number == 1)}
        for number, name in enumerate(names, start=1)
    ]


def _carriers() -> list[Row]:
    lines = (("Kurier Strzała", "strzala"), ("Poczta Gołębia", "golab"), ("Paczkomat Skrytka", "skrytka"))
    return [
        {
            "ID_OPERATORA_PRZESYLKI": number,
            "ID_OPERATORA_AUKCJE": 0,
            "NAZWA": name,
            "URL_SLEDZENIE": f"https://{host}.example.com/sledzenie?nr=",
        }
        for number, (name, host) in enumerate(lines, start=1)
    ]


def _trade_types() -> list[Row]:
    lines = ((1, "FV", "Faktura VAT"), (2, "PA", "Paragon"), (3, "FK", "Faktura korygująca"))
    return [
        {"ID_TYPU": kind, "SYGNATURA": sign, "ID_FIRMY": COMPANY_ID, "NAZWA": name, "CZY_SYSTEMOWY": 1, "AKTYWNY": 1}
        for kind, sign, name in lines
    ]


def _warehouse_types() -> list[Row]:
    lines = (
        (1, "PZ", "Przyjęcie zewnętrzne", "Przychód"),
        (2, "WZ", "Wydanie zewnętrzne", "Rozchód"),
        (3, "MM", "Przesunięcie międzymagazynowe", "Rozchód"),
        (ORDER_TYPE_ID, "ZO", "Zamówienie od odbiorcy", "Zamówienie"),
        (13, "ZD", "Zamówienie do dostawcy", "Zamówienie"),
    )
    return [
        {"ID_TYPU": kind, "SYGNATURA": sign, "ID_FIRMY": COMPANY_ID, "NAZWA": name, "RODZAJ": sort, "CZY_SYSTEMOWY": 1}
        for kind, sign, name, sort in lines
    ]


def _numbering() -> list[Row]:
    """Orders are document 2, trade documents 4. `#` are digits of the running number, `$$` the year."""
    lines = ((2, ORDER_TYPE_ID, "ZO ####/$$"), (2, 13, "ZD ####/$$"), (4, 1, "FV ####/$$"), (4, 2, "PA ####/$$"))
    return [
        {
            "ID_FIRMY": COMPANY_ID,
            "DOKUMENT": document,
            "ID_TYPU": kind,
            "ID_ZASOBU": warehouse,
            "FORMAT": pattern,
            "OKRESNUMERACJI": 1,
            "PARAMETR1": 1,
            "PARAMETR2": 2,
        }
        for warehouse in (MAIN, SHOP)
        for document, kind, pattern in lines
    ]


def _statuses() -> list[Row]:
    lines = (("V", "Potwierdzone"), ("P", "W przygotowaniu"), ("W", "Wysłane"), ("A", "Anulowane"))
    return [
        {
            "ID_STATUSU": number,
            "OPIS_STATUSU": name,
            "KOD_STATUSU": code,
            "TYP_DOKUMENTU": "Z",
            "SYSTEMOWY": int(code == "A"),
            "AKTYWNY": 1,
        }
        for number, (code, name) in enumerate(lines, start=1)
    ]


def database_guid(name: str) -> str:
    """WAPRODB_ID of a generated company, so that two of them are never taken for one database."""
    return guid(f"database {name}")
