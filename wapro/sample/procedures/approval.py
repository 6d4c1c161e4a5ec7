"""Numbering, approval with reservation, and status, as in `sqlserver/21_order_approval.sql`."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from wapro.clarion import from_day
from wapro.orders.draft import SERVICE
from wapro.sample.procedures.orders import total
from wapro.sample.procedures.session import Row, Session, decimal


def numbering(session: Session, firm: int, order_type: int, warehouse: int) -> Row:
    """JL_PobierzFormatNumeracji_Server for orders."""
    found = session.first(
        'SELECT "FORMAT", "OKRESNUMERACJI", "PARAMETR1", "PARAMETR2" FROM "DEFINICJA_NUMERACJI" '
        'WHERE "ID_FIRMY" = %s AND "DOKUMENT" = 2 AND "ID_TYPU" = %s AND "ID_ZASOBU" = %s',
        [firm, order_type, warehouse],
    )
    if found is None:
        session.refuse("Nie ma definicji numeracji tego dokumentu.")
        return {}
    return {
        "format": found["FORMAT"],
        "okres": found["OKRESNUMERACJI"],
        "auto": found["PARAMETR1"],
        "niezalezny": found["PARAMETR2"],
    }


def next_number(session: Session, values: dict[str, Any]) -> tuple[int, str]:
    """The running number and its text. # are the digits of the number, $$ the year of the order's day."""
    day = from_day(values["data"])
    year = day.year if day else 0
    where = (
        '"ID_FIRMY" = %s AND "ID_MAGAZYNU" = %s AND "DOKUMENT" = 2 AND "TYP_DOKUMENTU" = %s AND "OKRES" = %s '
        'AND "ID_URZADZENIA" = 0'
    )
    keys = [values["firma"], values["magazyn"], values["typ"], year]
    if not session.run(f'UPDATE "NUMERACJA" SET "LAST_ID" = "LAST_ID" + 1 WHERE {where}', keys):
        names = ("ID_FIRMY", "ID_MAGAZYNU", "TYP_DOKUMENTU", "OKRES")
        session.insert(
            "NUMERACJA", dict(zip(names, keys, strict=True)) | {"DOKUMENT": 2, "LAST_ID": 1, "ID_URZADZENIA": 0}
        )
    found = session.first(f'SELECT "LAST_ID" FROM "NUMERACJA" WHERE {where}', keys)
    number, pattern = int(found["LAST_ID"]) if found else 0, str(values["format"])
    digits = pattern.count("#")
    return number, pattern.replace("#" * digits, str(number).zfill(digits)).replace("$$", f"{year % 100:02d}")


def approve(session: Session, values: dict[str, Any], off_by: Decimal) -> None:
    """RM_ZatwierdzZamowienie(_Server), with the variables of the batch."""
    _refuse_approval(session, values)
    order = values["id"]
    session.run('DELETE FROM "POZYCJA_ZAMOWIENIA" WHERE "ID_ZAMOWIENIA" = %s AND "ZAMOWIONO" = 0', [order])
    running, number = next_number(session, values)
    total(session, order, off_by)
    reserve(session, order, bool(values["rezerwuj"]))
    buyer = session.first('SELECT "NAZWA" FROM "KONTRAHENT" WHERE "ID_KONTRAHENTA" = %s', [values["kontrahent"]])
    session.update(
        "ZAMOWIENIE",
        ("ID_ZAMOWIENIA", order),
        {
            "NUMER": number,
            "AUTONUMER": running,
            "ID_KONTRAHENTA": values["kontrahent"],
            "KONTRAHENT_NAZWA": buyer["NAZWA"] if buyer else "",
            "DATA": values["data"],
            "DATA_REALIZACJI": values["realizacja"],
            "AUTO_REZERWACJA": values["rezerwuj"],
            "NR_ZAMOWIENIA_KLIENTA": values["numer_klienta"],
            "ID_PRACOWNIKA": 0,
            "PRZELICZNIK_WAL": values["kurs"],
            "DATA_KURS_WAL": values["data_kursu"],
            "SYM_WAL": str(values["waluta"]).rstrip(),
            "DOK_WAL": values["dok_wal"],
            "UWAGI": values["uwagi"],
            "INFORMACJE_DODATKOWE": values["informacje"],
            "OSOBA_ZAMAWIAJACA": values["osoba"],
            "FORMA_PLATNOSCI": values["forma_platnosci"],
            "DNI_PLATNOSCI": values["dni"],
            "FAKTURA_DO_ZAMOWIENIA": values["dokument"],
            "NUMER_PRZESYLKI": "",
            "ID_OPERATORA_PRZESYLKI": values["operator"],
            "STAN_REALIZ": "N",
            "SEMAFOR": 0,
            "FLAGA_STANU": 0,
        },
    )


def _refuse_approval(session: Session, values: dict[str, Any]) -> None:
    open_order = session.first(
        'SELECT 1 FROM "ZAMOWIENIE" WHERE "ID_ZAMOWIENIA" = %s AND "FLAGA_STANU" = 1 AND "ID_FIRMY" = %s '
        'AND "ID_MAGAZYNU" = %s AND "TYP" = 1',
        [values["id"], values["firma"], values["magazyn"]],
    )
    if open_order is None:
        session.refuse("Zamówienia nie ma albo jest już zatwierdzone.")
    if not session.rows('SELECT 1 FROM "KONTRAHENT" WHERE "ID_KONTRAHENTA" = %s', [values["kontrahent"]]):
        session.refuse("Nie ma takiego kontrahenta.")
    if not session.rows('SELECT 1 FROM "TYP_DOKUMENTU_MAGAZYNOWEGO" WHERE "ID_TYPU" = %s', [values["typ"]]):
        session.refuse("Nie ma takiego typu dokumentu.")
    lines = 'SELECT 1 FROM "POZYCJA_ZAMOWIENIA" WHERE "ID_ZAMOWIENIA" = %s AND "ZAMOWIONO" > 0'
    if not session.rows(lines, [values["id"]]):
        session.refuse("Zamówienie nie ma pozycji.")
    if "#" not in str(values["format"] or ""):
        session.refuse("Format numeru nie ma miejsca na numer.")


def reserve(session: Session, order: int, wanted: bool) -> None:
    """Reserve what the lines want, as far as there is any. Services are never reserved."""
    lines = session.rows(
        'SELECT p.*, a."STAN", a."ILOSC_EDYTOWANA", a."RODZAJ" FROM "POZYCJA_ZAMOWIENIA" AS p '
        'JOIN "ARTYKUL" AS a ON a."ID_ARTYKULU" = p."ID_ARTYKULU" WHERE p."ID_ZAMOWIENIA" = %s '
        'ORDER BY p."ID_POZYCJI_ZAMOWIENIA"',
        [order],
    )
    for line in lines:
        if line["RODZAJ"] == SERVICE:
            continue
        factor = decimal(line["PRZELICZNIK"])
        ordered, asked = decimal(line["ZAMOWIONO"]) * factor, decimal(line["DO_REZERWACJI"]) * factor
        wish = Decimal(0) if not wanted else (asked or ordered)
        # Read afresh: an earlier line may have taken of the same card.
        card = session.first('SELECT "ZAREZERWOWANO" FROM "ARTYKUL" WHERE "ID_ARTYKULU" = %s', [line["ID_ARTYKULU"]])
        held = decimal(card["ZAREZERWOWANO"]) if card else Decimal(0)
        free = max(decimal(line["STAN"]) - decimal(line["ILOSC_EDYTOWANA"]) - held, Decimal(0))
        got = min(free, wish)
        move_card(session, int(line["ID_ARTYKULU"]), reserved=got, missing=wish - got, ordered=ordered)
        session.update(
            "POZYCJA_ZAMOWIENIA",
            ("ID_POZYCJI_ZAMOWIENIA", line["ID_POZYCJI_ZAMOWIENIA"]),
            {"ZAREZERWOWANO": got, "DO_REZERWACJI": wish - got},
        )


def move_card(session: Session, card: int, **moves: Decimal) -> None:
    """Add to the card's quantities: `reserved`, `missing`, `ordered` (by customers), `stock`."""
    columns = {
        "reserved": ("ZAREZERWOWANO",),
        "missing": ("DO_REZERWACJI",),
        "ordered": ("DO_ODBIORCOW", "ZAMOWIONO"),
        "stock": ("STAN",),
    }
    row = session.first('SELECT * FROM "ARTYKUL" WHERE "ID_ARTYKULU" = %s', [card])
    if row is None:
        return
    changed = {column: decimal(row[column]) + move for name, move in moves.items() for column in columns[name]}
    session.update("ARTYKUL", ("ID_ARTYKULU", card), changed)


def set_status(session: Session, order: int, user: int, status: str, now: datetime, *, frees: bool = True) -> None:
    """RM_UstawStanZamowien. Status A frees what was reserved; whether the vendor's procedure does is not known, so with
    `frees` False it does not."""
    row = session.first(
        'SELECT COALESCE("STATUS_ZAM", \'\') AS "STATUS" FROM "ZAMOWIENIE" '
        'WHERE "ID_ZAMOWIENIA" = %s AND "FLAGA_STANU" = 0',
        [order],
    )
    if row is None:
        session.refuse("Nie ma takiego zatwierdzonego zamówienia.")
        return
    known = 'SELECT 1 FROM "MAG_SLOWNIK_STATUSOW_DOKUMENTOW" WHERE "KOD_STATUSU" = %s AND "AKTYWNY" = 1'
    if not session.rows(known, [status]):
        session.refuse("Nie ma takiego statusu.")
    if row["STATUS"] == status:
        return
    if status == "A" and frees:
        release(session, order)
    session.update("ZAMOWIENIE", ("ID_ZAMOWIENIA", order), {"STATUS_ZAM": status})
    session.insert(
        "MAG_REJESTR_ZMIAN_STATUSOW_ZAMOWIEN",
        {
            "ID_REJESTRU_ZMIAN": session.next_key("MAG_REJESTR_ZMIAN_STATUSOW_ZAMOWIEN", "ID_REJESTRU_ZMIAN"),
            "ID_DOKUMENTU": order,
            "KOD_Z": row["STATUS"],
            "KOD_NA": status,
            "DATAICZAS": now.isoformat(sep=" ", timespec="seconds"),
            "ID_UZYTKOWNIKA": user,
        },
    )


def release(session: Session, order: int) -> None:
    """Give back what the order holds of the cards."""
    lines = session.rows(
        'SELECT p.*, a."RODZAJ" FROM "POZYCJA_ZAMOWIENIA" AS p '
        'JOIN "ARTYKUL" AS a ON a."ID_ARTYKULU" = p."ID_ARTYKULU" WHERE p."ID_ZAMOWIENIA" = %s',
        [order],
    )
    for line in lines:
        if line["RODZAJ"] == SERVICE:
            continue
        open_still = (decimal(line["ZAMOWIONO"]) - decimal(line["ZREALIZOWANO"])) * decimal(line["PRZELICZNIK"])
        move_card(
            session,
            int(line["ID_ARTYKULU"]),
            reserved=-decimal(line["ZAREZERWOWANO"]),
            missing=-decimal(line["DO_REZERWACJI"]),
            ordered=-open_still,
        )
    session.update("POZYCJA_ZAMOWIENIA", ("ID_ZAMOWIENIA", order), {"ZAREZERWOWANO": 0, "DO_REZERWACJI": 0})
