"""Somebody in the company's warehouse: sees in WAPRO what web shops ordered, issues it, sends it."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.db import connections

from wapro.database import open_database
from wapro.models import WaproConnection
from wapro.sample.fixed import INTEGRATOR_USER_ID
from wapro.sample.procedures.accountant import Accountant

_OURS = (
    'FROM "ZAMOWIENIE" WHERE "TYP" = 1 AND "FLAGA_STANU" = 0 AND COALESCE("STATUS_ZAM", \'\') <> \'A\' '
    f'AND "ID_UZYTKOWNIKA" = {INTEGRATOR_USER_ID} '
)
_CARRIER = 1


class Warehouse:
    """Raises what `open_database` does, and DatabaseError when the company's database is busy for too long."""

    def __init__(self, erp: WaproConnection) -> None:
        self._erp = erp

    def waiting(self) -> list[int]:
        """Orders of web shops that are not realised, the oldest first."""
        return [row[0] for row in self._asked(f'SELECT "ID_ZAMOWIENIA" {_OURS} AND "STAN_REALIZ" <> \'Z\' ORDER BY 1')]

    def packed(self) -> list[int]:
        """Realised orders that have not left yet."""
        unsent = "AND \"STAN_REALIZ\" = 'Z' AND COALESCE(\"NUMER_PRZESYLKI\", '') = '' ORDER BY 1"
        return [row[0] for row in self._asked(f'SELECT "ID_ZAMOWIENIA" {_OURS} {unsent}')]

    def order(self, number: str) -> int:
        """By the shop's number. Raises LookupError."""
        found = self._asked(f'SELECT "ID_ZAMOWIENIA" {_OURS} AND "NR_ZAMOWIENIA_KLIENTA" = %s', [number])
        if len(found) != 1:
            raise LookupError(f"WAPRO has {len(found)} orders {number}")
        return int(found[0][0])

    def realise(self, order: int) -> None:
        """All of it, with an invoice for a company and a receipt for anybody else."""
        invoice = self._is_of_company(order)
        with open_database(self._erp, True) as alias:
            Accountant(alias).realise(order, document="invoice" if invoice else "receipt")

    def realise_first_line(self, order: int) -> None:
        """One piece of the first line, the rest comes later."""
        with open_database(self._erp, True) as alias:
            person = Accountant(alias)
            quantities: Mapping[int, Decimal] = {person.lines(order)[0]: Decimal(1)}
            person.realise(order, quantities=quantities, document="receipt")

    def ship(self, order: int, *numbers: str) -> None:
        with open_database(self._erp, True) as alias:
            Accountant(alias).ship(order, ";".join(numbers), _CARRIER)

    def _is_of_company(self, order: int) -> bool:
        sql = (
            'SELECT k."NIPL" FROM "ZAMOWIENIE" AS z JOIN "KONTRAHENT" AS k '
            'ON k."ID_KONTRAHENTA" = z."ID_KONTRAHENTA" WHERE z."ID_ZAMOWIENIA" = %s'
        )
        return any(row[0] for row in self._asked(sql, [order]))

    def _asked(self, sql: str, values: list[Any] | None = None) -> list[tuple[Any, ...]]:
        with open_database(self._erp) as alias, connections[alias].cursor() as cursor:
            cursor.execute(sql, values or [])
            return list(cursor.fetchall())
