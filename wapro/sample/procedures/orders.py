"""Header, lines, totals and price check, as in `sqlserver/20_order_lines.sql`."""

from collections import defaultdict
from decimal import Decimal
from typing import Any

from integrator.canonical.rounding import gross_of, net_of, to_places
from wapro.sample.procedures.session import Session, decimal


def add_header(session: Session, firm: int, contractor: int, warehouse: int, day: int, user: int, basis: str) -> int:
    """RM_DodajZamowienie(_Server): the id of the new order."""
    buyer = session.first(
        'SELECT "NAZWA", "FORMA_PLATNOSCI", "TERMIN_NALEZNOSCI" FROM "KONTRAHENT" '
        'WHERE "ID_KONTRAHENTA" = %s AND "ID_FIRMY" = %s',
        [contractor, firm],
    )
    known = session.first('SELECT 1 FROM "MAGAZYN" WHERE "ID_MAGAZYNU" = %s AND "ID_FIRMY" = %s', [warehouse, firm])
    if basis not in ("Netto", "Brutto"):
        session.refuse("Zamówienie liczy się od cen netto albo brutto.")
    if session.first('SELECT 1 FROM "UZYTKOWNIK" WHERE "ID_UZYTKOWNIKA" = %s', [user]) is None:
        session.refuse("Nie ma takiego użytkownika.")
    if known is None:
        session.refuse("Nie ma takiego magazynu.")
    if buyer is None:
        session.refuse("Nie ma takiego kontrahenta.")
        return 0
    order = session.next_key("ZAMOWIENIE", "ID_ZAMOWIENIA")
    session.insert(
        "ZAMOWIENIE",
        {
            "ID_ZAMOWIENIA": order,
            "ID_FIRMY": firm,
            "ID_KONTRAHENTA": contractor,
            "ID_MAGAZYNU": warehouse,
            "TYP": 1,
            "DATA": day,
            "DATA_REALIZACJI": day,
            "NUMER": "",
            "SEMAFOR": user,
            "ID_UZYTKOWNIKA": user,
            "TRYBREJESTRACJI": 0,
            "OBLICZANIE_WG_CEN": basis,
            "FLAGA_STANU": 1,
            "STATUS_ZAM": "",
            "KONTRAHENT_NAZWA": buyer["NAZWA"],
            "FORMA_PLATNOSCI": buyer["FORMA_PLATNOSCI"],
            "DNI_PLATNOSCI": buyer["TERMIN_NALEZNOSCI"],
            "SYM_WAL": "",
            "NR_ZAMOWIENIA_KLIENTA": "",
        },
    )
    return order


def add_line(session: Session, values: dict[str, Any]) -> None:
    """RM_DodajPozycjeZamowienia(_Server), with the variables of the batch."""
    order = session.first(
        'SELECT "ID_MAGAZYNU", "TYP" FROM "ZAMOWIENIE" WHERE "ID_ZAMOWIENIA" = %s AND "FLAGA_STANU" = 1',
        [values["id"]],
    )
    if order is None:
        session.refuse("Zamówienia nie ma albo jest już zatwierdzone.")
        return
    _refuse_line(session, values, int(order["ID_MAGAZYNU"]))
    session.insert(
        "POZYCJA_ZAMOWIENIA",
        {
            "ID_POZYCJI_ZAMOWIENIA": session.next_key("POZYCJA_ZAMOWIENIA", "ID_POZYCJI_ZAMOWIENIA"),
            "ID_ZAMOWIENIA": values["id"],
            "ID_ARTYKULU": values["artykul"],
            "KOD_VAT": values["kod_vat"],
            "ZAMOWIONO": values["zamowiono"],
            "DO_REZERWACJI": values["do_rezerwacji"],
            "DO_REZ_USER": values["do_rezerwacji"],
            "CENA_NETTO": values["netto"],
            "CENA_BRUTTO": values["brutto"],
            "CENA_NETTO_WAL": values["netto_wal"],
            "CENA_BRUTTO_WAL": values["brutto_wal"],
            "PRZELICZNIK": values["przelicznik"],
            "JEDNOSTKA": values["jednostka"],
            "TYP": order["TYP"],
            "OPIS": values["opis"],
            "ZNACZNIK_CENY": "m",
            "NR_SERII": "",
        },
    )


def _refuse_line(session: Session, values: dict[str, Any], warehouse: int) -> None:
    card = session.first(
        'SELECT "ZABLOKOWANY" FROM "ARTYKUL" WHERE "ID_ARTYKULU" = %s AND "ID_MAGAZYNU" = %s',
        [values["artykul"], warehouse],
    )
    if session.first('SELECT 1 FROM "STAWKA_VAT" WHERE "KOD_VAT" = %s', [values["kod_vat"]]) is None:
        session.refuse("Nie ma takiej stawki VAT.")
    if values["zamowiono"] < 0 or values["przelicznik"] <= 0:
        session.refuse("Ilość i przelicznik muszą być dodatnie.")
    if card is None:
        session.refuse("Artykułu nie ma w magazynie zamówienia.")
    elif card["ZABLOKOWANY"]:
        session.refuse("Kartoteka artykułu jest zablokowana.")
    unit = session.first(
        'SELECT 1 FROM "JEDNOSTKA" WHERE "SKROT" = %s '
        'AND ("ID_ARTYKULU" IS NULL OR "ID_ARTYKULU" = 0 OR "ID_ARTYKULU" = %s)',
        [values["jednostka"], values["artykul"]],
    )
    if unit is None:
        session.refuse("Artykuł nie ma takiej jednostki.")


def total(session: Session, order: int, off_by: Decimal = Decimal(0)) -> None:
    """RM_SumujZamowienie. The basis (net or gross) is summed over the lines, the other is computed once per VAT rate.
    `off_by` is added to the gross total."""
    head = session.first('SELECT "OBLICZANIE_WG_CEN" FROM "ZAMOWIENIE" WHERE "ID_ZAMOWIENIA" = %s', [order])
    basis = "Brutto" if head and head["OBLICZANIE_WG_CEN"].strip() == "Brutto" else "Netto"
    sums: dict[str, list[Decimal]] = defaultdict(lambda: [Decimal(0)] * 4)
    percents = {row["KOD_VAT"]: decimal(row["STAWKA"], 4) for row in session.rows('SELECT * FROM "STAWKA_VAT"')}
    columns = ("CENA_NETTO", "CENA_BRUTTO", "CENA_NETTO_WAL", "CENA_BRUTTO_WAL")
    for line in session.rows('SELECT * FROM "POZYCJA_ZAMOWIENIA" WHERE "ID_ZAMOWIENIA" = %s', [order]):
        quantity = decimal(line["ZAMOWIONO"])
        values = [to_places(quantity * decimal(line[column], 4), 2) for column in columns]
        sums[line["KOD_VAT"]] = [a + b for a, b in zip(sums[line["KOD_VAT"]], values, strict=True)]
    net = gross = Decimal(0)
    for code, (line_net, line_gross, _, _) in sums.items():
        net += net_of(line_gross, percents[code]) if basis == "Brutto" else line_net
        gross += line_gross if basis == "Brutto" else gross_of(line_net, percents[code])
    session.update(
        "ZAMOWIENIE",
        ("ID_ZAMOWIENIA", order),
        {
            "WARTOSC_NETTO": net,
            "WARTOSC_BRUTTO": gross + off_by,
            "WARTOSC_NETTO_WAL": sum((one[2] for one in sums.values()), Decimal(0)),
            "WARTOSC_BRUTTO_WAL": sum((one[3] for one in sums.values()), Decimal(0)),
        },
    )


def check_prices(session: Session, order: int) -> None:
    """RM_KontrolaCenPozycjiZamowienia marks each price: k as in the price list of the card, m typed by hand."""
    session.run(
        'UPDATE "POZYCJA_ZAMOWIENIA" SET "ZNACZNIK_CENY" = CASE WHEN EXISTS (SELECT 1 FROM "CENA_ARTYKULU" AS c '
        'WHERE c."ID_ARTYKULU" = "POZYCJA_ZAMOWIENIA"."ID_ARTYKULU" AND COALESCE(c."SYM_WAL", \'\') = \'\' '
        'AND ROUND(c."CENA_NETTO" * "POZYCJA_ZAMOWIENIA"."PRZELICZNIK", 2) = "POZYCJA_ZAMOWIENIA"."CENA_NETTO") '
        "THEN 'k' ELSE 'm' END WHERE \"ID_ZAMOWIENIA\" = %s",
        [order],
    )
