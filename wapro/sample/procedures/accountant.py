"""What people do in the program with an order: issue goods, invoice, ship, take money, cancel, delete.

Tests and the demo play them on the sample company. What the program does inside is ours; what is stored is what readers
of a real database find.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Literal

from integrator.canonical.rounding import to_places
from wapro.clarion import to_day
from wapro.orders.draft import SERVICE
from wapro.sample.fixed import COMPANY_ID, USER_ID
from wapro.sample.procedures.approval import move_card, release, set_status
from wapro.sample.procedures.session import Row, Session, decimal

_TRADE = {"invoice": (1, "FV"), "receipt": (2, "PA")}
_ISSUE_TYPE = 2
_DOCUMENTS = {
    "DOKUMENT_HANDLOWY": "ID_DOKUMENTU_HANDLOWEGO",
    "DOKUMENT_MAGAZYNOWY": "ID_DOK_MAGAZYNOWEGO",
    "POZYCJA_DOKUMENTU_MAGAZYNOWEGO": "ID_POZ_DOK_MAG",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Realised:
    """Keys and numbers of the documents that were made; 0 and empty for one that was not."""

    issue: int = 0
    issue_number: str = ""
    document: int = 0
    document_number: str = ""


class Accountant:
    """One person at the program, on an open alias with the write login. `day`: of the documents."""

    def __init__(self, alias: str, day: date | None = None) -> None:
        self._session = Session(alias)
        self._day = day or datetime.now(UTC).date()

    def realise(
        self,
        order: int,
        *,
        quantities: Mapping[int, Decimal] | None = None,
        document: Literal["invoice", "receipt"] | None = "invoice",
        issue: bool = True,
        on_lines: bool = True,
    ) -> Realised:
        """Issue goods of the order and invoice them.

        `quantities` by id of the order's line, None for all that is left. `issue` False: a trade document without a WZ.
        `on_lines` False: the invoice hangs on the WZ alone and is not named on its lines, as some versions leave it.
        """
        session = self._session
        session.begin()
        try:
            head = self._order(order)
            lines = [(line, done) for line in self._lines(order) if (done := _done(line, quantities)) > 0]
            gross = sum((to_places(done * decimal(line["CENA_BRUTTO"], 4), 2) for line, done in lines), Decimal(0))
            net = sum((to_places(done * decimal(line["CENA_NETTO"], 4), 2) for line, done in lines), Decimal(0))
            trade, number = self._trade(head, document, net, gross) if document else (0, "")
            warehouse, issued = self._issue(head, trade, net, gross) if issue else (0, "")
            for line, done in lines:
                self._document_line(line, done, warehouse, trade if on_lines or not issue else 0)
                self._realise_line(line, done)
            if all(decimal(line["ZREALIZOWANO"]) >= decimal(line["ZAMOWIONO"]) for line in self._lines(order)):
                session.update("ZAMOWIENIE", ("ID_ZAMOWIENIA", order), {"STAN_REALIZ": "Z"})
            session.commit()
        finally:
            session.rollback()
        return Realised(issue=warehouse, issue_number=issued, document=trade, document_number=number)

    def invoice_advance(self, order: int, amount: Decimal) -> Realised:
        """An invoice for money paid before anything goes out: it names the order's first line and its ledger entry the
        order, and nothing is realised."""
        session = self._session
        session.begin()
        try:
            head, line = self._order(order), self._lines(order)[0]
            document, number = self._trade(head, "invoice", amount, amount)
            self._document_line(line, Decimal(0), 0, document, advance=True)
            session.insert(
                "ROZRACHUNEK",
                {
                    "ID_ROZRACHUNKU": session.next_key("ROZRACHUNEK", "ID_ROZRACHUNKU"),
                    "ID_FIRMY": head["ID_FIRMY"],
                    "ID_KONTRAHENTA": head["ID_KONTRAHENTA"],
                    "NR_DOK": number,
                    "DATA_DOK": to_day(self._day),
                    "ID_FAKTURY": document,
                    "ID_ZAMOWIENIA": order,
                },
            )
            session.update("ZAMOWIENIE", ("ID_ZAMOWIENIA", order), {"ZALICZKA": amount})
            session.commit()
        finally:
            session.rollback()
        return Realised(document=document, document_number=number)

    def ship(self, order: int, number: str, carrier: int = 0, column: str = "NUMER_PRZESYLKI") -> None:
        """Write down the tracking number (several parted by a semicolon) and the carrier."""
        self._session.update(
            "ZAMOWIENIE", ("ID_ZAMOWIENIA", order), {column: number, "ID_OPERATORA_PRZESYLKI": carrier}
        )

    def pay(self, document: int, amount: Decimal | None = None) -> None:
        """Settle a trade document, whole or in part."""
        row = self._session.first('SELECT * FROM "DOKUMENT_HANDLOWY" WHERE "ID_DOKUMENTU_HANDLOWEGO" = %s', [document])
        assert row is not None, f"no document {document}"
        left = decimal(row["POZOSTALO"], 4)
        given = left if amount is None else amount
        self._session.update(
            "DOKUMENT_HANDLOWY",
            ("ID_DOKUMENTU_HANDLOWEGO", document),
            {
                "RAZEM_ZAPLACONO": decimal(row["RAZEM_ZAPLACONO"], 4) + given,
                "POZOSTALO": left - given,
                "ROZLICZONY": int(left == given),
                "DATA_OST_ROZLICZENIA": to_day(self._day),
            },
        )

    def send_to_ksef(self, document: int, number: str, status: str = "Przyjęty") -> None:
        self._session.update(
            "DOKUMENT_HANDLOWY",
            ("ID_DOKUMENTU_HANDLOWEGO", document),
            {"KSEF_ID": number, "KSEF_STATUS_DOK": 200, "KSEF_STATUS_OPIS": status},
        )

    def print_receipt(self, document: int, number: str) -> None:
        """On a fiscal printer."""
        self._session.update(
            "DOKUMENT_HANDLOWY",
            ("ID_DOKUMENTU_HANDLOWEGO", document),
            {"NUMER_PARAGONU": number, "FISKALNY_OK": 1},
        )

    def set_status(self, order: int, status: str) -> None:
        """`A` cancels and frees what was reserved."""
        self._session.begin()
        try:
            set_status(self._session, order, USER_ID, status, datetime.now(UTC))
            self._session.commit()
        finally:
            self._session.rollback()

    def cancel(self, order: int) -> None:
        self.set_status(order, "A")

    def delete(self, order: int) -> None:
        """For good, with its lines; what it held is free again."""
        session = self._session
        session.begin()
        try:
            release(session, order)
            for table in ("POZYCJA_ZAMOWIENIA", "DOSTAWA", "ZAMOWIENIE"):
                session.run(f'DELETE FROM "{table}" WHERE "ID_ZAMOWIENIA" = %s', [order])
            session.commit()
        finally:
            session.rollback()

    def change_line(self, line: int, quantity: Decimal) -> None:
        """Order another quantity of a line, as people do after a telephone call."""
        self._session.update("POZYCJA_ZAMOWIENIA", ("ID_POZYCJI_ZAMOWIENIA", line), {"ZAMOWIONO": quantity})

    def begin_order(self, user: int, warehouse: int = 1) -> int:
        """An order somebody began and never approved."""
        key = self._session.next_key("ZAMOWIENIE", "ID_ZAMOWIENIA")
        self._session.insert(
            "ZAMOWIENIE",
            {"ID_ZAMOWIENIA": key, "ID_FIRMY": COMPANY_ID, "ID_MAGAZYNU": warehouse, "TYP": 1, "NUMER": "",
             "SEMAFOR": user, "ID_UZYTKOWNIKA": user, "FLAGA_STANU": 1, "STATUS_ZAM": "", "NR_ZAMOWIENIA_KLIENTA": ""},
        )  # fmt: skip
        return key

    def lines(self, order: int) -> list[int]:
        """Ids of the order's lines."""
        return [int(line["ID_POZYCJI_ZAMOWIENIA"]) for line in self._lines(order)]

    def _order(self, order: int) -> Row:
        row = self._session.first('SELECT * FROM "ZAMOWIENIE" WHERE "ID_ZAMOWIENIA" = %s', [order])
        assert row is not None, f"no order {order}"
        return row

    def _lines(self, order: int) -> list[Row]:
        return self._session.rows(
            'SELECT p.*, a."RODZAJ" FROM "POZYCJA_ZAMOWIENIA" AS p JOIN "ARTYKUL" AS a '
            'ON a."ID_ARTYKULU" = p."ID_ARTYKULU" WHERE p."ID_ZAMOWIENIA" = %s ORDER BY p."ID_POZYCJI_ZAMOWIENIA"',
            [order],
        )

    def _number(self, table: str, sign: str) -> tuple[int, str]:
        """Key and number of a new document, counted from one per kind and year."""
        pattern = f"{sign} %/{self._day:%y}"
        found = self._session.first(f'SELECT COUNT(*) AS "many" FROM "{table}" WHERE "NUMER" LIKE %s', [pattern])
        number = f"{sign} {int(found['many'] if found else 0) + 1:04d}/{self._day:%y}"
        return self._session.next_key(table, _DOCUMENTS[table]), number

    def _trade(self, head: Row, document: str, net: Decimal, gross: Decimal) -> tuple[int, str]:
        kind, sign = _TRADE[document]
        key, number = self._number("DOKUMENT_HANDLOWY", sign)
        self._session.insert(
            "DOKUMENT_HANDLOWY",
            {
                "ID_DOKUMENTU_HANDLOWEGO": key,
                "ID_FIRMY": head["ID_FIRMY"],
                "ID_MAGAZYNU": head["ID_MAGAZYNU"],
                "TYP_DOKUMENTU": "s",
                "ID_TYPU": kind,
                "NUMER": number,
                "FORMA_PLATNOSCI": head["FORMA_PLATNOSCI"],
                "DATA_WYSTAWIENIA": to_day(self._day),
                "DATA_SPRZEDAZY": to_day(self._day),
                "ID_KONTRAHENTA": head["ID_KONTRAHENTA"],
                "ID_PLATNIKA": head["ID_KONTRAHENTA"],
                "KONTRAHENT_NAZWA": head["KONTRAHENT_NAZWA"],
                "OBLICZANIE_WG_CEN": head["OBLICZANIE_WG_CEN"],
                "WARTOSC_NETTO": net,
                "WARTOSC_BRUTTO": gross,
                "RAZEM_ZAPLACONO": 0,
                "POZOSTALO": gross,
                "ID_UZYTKOWNIKA": USER_ID,
            },
        )
        return key, number

    def _issue(self, head: Row, trade: int, net: Decimal, gross: Decimal) -> tuple[int, str]:
        key, number = self._number("DOKUMENT_MAGAZYNOWY", "WZ")
        self._session.insert(
            "DOKUMENT_MAGAZYNOWY",
            {
                "ID_DOK_MAGAZYNOWEGO": key,
                "ID_KONTRAHENTA": head["ID_KONTRAHENTA"],
                "ID_MAGAZYNU": head["ID_MAGAZYNU"],
                "ID_DOKUMENTU_HANDLOWEGO": trade,
                "PRZYCHOD": 0,
                "ROZCHOD": 1,
                "ID_TYPU": _ISSUE_TYPE,
                "NUMER": number,
                "DATA": to_day(self._day),
                "WARTOSC_NETTO": net,
                "WARTOSC_BRUTTO": gross,
                "RODZAJ_DOKUMENTU": "WZ",
                "TRYB_ROZCHODU": "FIFO",
                "WYCENA": "S",
                "ID_UZYTKOWNIKA": USER_ID,
            },
        )
        return key, number

    def _document_line(self, line: Row, done: Decimal, warehouse: int, trade: int, *, advance: bool = False) -> None:
        self._session.insert(
            "POZYCJA_DOKUMENTU_MAGAZYNOWEGO",
            {
                "ID_POZ_DOK_MAG": self._session.next_key("POZYCJA_DOKUMENTU_MAGAZYNOWEGO", "ID_POZ_DOK_MAG"),
                "ID_DOK_MAGAZYNOWEGO": warehouse,
                "ID_DOK_HANDLOWEGO": trade,
                "ID_ARTYKULU": line["ID_ARTYKULU"],
                "KOD_VAT": line["KOD_VAT"],
                "ILOSC": done,
                "RODZAJ_POZYCJI": "R",
                "DATA": to_day(self._day),
                "CENA_NETTO": decimal(line["CENA_NETTO"], 4),
                "CENA_BRUTTO": decimal(line["CENA_BRUTTO"], 4),
                "JEDNOSTKA": line["JEDNOSTKA"],
                "PRZELICZNIK": decimal(line["PRZELICZNIK"]),
                "ID_POZ_ZAM_ZAL" if advance else "ID_POZ_ZAM": line["ID_POZYCJI_ZAMOWIENIA"],
            },
        )

    def _realise_line(self, line: Row, done: Decimal) -> None:
        """The goods leave the stock; of the reservation goes what they used of it."""
        stock = done * decimal(line["PRZELICZNIK"])
        used = min(stock, decimal(line["ZAREZERWOWANO"]))
        missing = min(stock - used, decimal(line["DO_REZERWACJI"]))
        if line["RODZAJ"] != SERVICE:
            card = int(line["ID_ARTYKULU"])
            move_card(self._session, card, stock=-stock, reserved=-used, missing=-missing, ordered=-stock)
        self._session.update(
            "POZYCJA_ZAMOWIENIA",
            ("ID_POZYCJI_ZAMOWIENIA", line["ID_POZYCJI_ZAMOWIENIA"]),
            {
                "ZREALIZOWANO": decimal(line["ZREALIZOWANO"]) + done,
                "ZAREZERWOWANO": decimal(line["ZAREZERWOWANO"]) - used,
                "DO_REZERWACJI": decimal(line["DO_REZERWACJI"]) - missing,
            },
        )


def _done(line: Row, quantities: Mapping[int, Decimal] | None) -> Decimal:
    left = decimal(line["ZAMOWIONO"]) - decimal(line["ZREALIZOWANO"])
    return left if quantities is None else quantities.get(int(line["ID_POZYCJI_ZAMOWIENIA"]), Decimal(0))
