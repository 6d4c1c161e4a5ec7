"""A small sample company in a file of the test's own, with orders to place in it."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.db import connections

from integrator.canonical.rounding import to_places
from wapro.database import open_database
from wapro.models import WaproConnection
from wapro.orders.draft import Placed, WaproLine, WaproOrder
from wapro.orders.erp import ErpOrders, open_orders
from wapro.sample import Company, company, peculiar
from wapro.sample.fixed import INTEGRATOR_USER_ID
from wapro.sample.procedures import faults
from wapro.sample.procedures.accountant import Accountant
from wapro.sample.sqlite import build

TODAY = date(2026, 11, 24)
SERVICE = peculiar.SERVICES[0]
BLOCKED = peculiar.BLOCKED[0]
ONLY_IN_SHOP = peculiar.ONLY_IN_SHOP[0]
BY_PACKAGE = peculiar.SALE_UNIT_CARDS[0]
GOODS = tuple(index for group in ("KUR01", "SPO01", "BLU01") for index in peculiar.VARIANT_GROUPS[group])


def build_little(path: Path) -> None:
    """The fixed rows of the sample company and a few of its articles."""
    whole = company(TODAY)
    kept = {*peculiar.SERVICES, BLOCKED, ONLY_IN_SHOP, BY_PACKAGE, *GOODS, *peculiar.UNFINISHED[:1]}
    build(path, Company(today=TODAY, articles={index: whole.articles[index] for index in sorted(kept)}))


def line(card: str, quantity: str = "1", gross: str = "123", **more: Any) -> WaproLine:
    price = Decimal(gross)
    plain: dict[str, Any] = {
        "card": card,
        "vat_code": "23",
        "quantity": Decimal(quantity),
        "net": (price / Decimal("1.23")).quantize(Decimal("0.0001")),
        "gross": price,
        "reserve": Decimal(quantity),
    }
    return WaproLine(**(plain | more))


def order(number: str = "AB12-1", *lines: WaproLine, **more: Any) -> WaproOrder:
    given = lines or (line(GOODS[0], "2"), line(SERVICE, "1", "15", reserve=Decimal(0)))
    total = sum((to_places(one.quantity * one.gross, 2) for one in given), Decimal(0))
    plain: dict[str, Any] = {
        "number": number,
        "placed": TODAY,
        "due": TODAY,
        "warehouse": 1,
        "contractor": "401",
        "payment_form": "przelew",
        "lines": given,
        "expected_gross": total,
    }
    return WaproOrder(**(plain | more))


class OrderStand:
    def __init__(self, built: Path, path: Path) -> None:
        shutil.copy(built, path)
        self.connection = WaproConnection(
            pk=1,
            engine="sample",
            server=str(path),
            leading_warehouse="1",
            write_orders=True,
            order_user=str(INTEGRATOR_USER_ID),
            retail_contractor="1",
        )

    @contextmanager
    def orders(self, *, write: bool = True) -> Iterator[ErpOrders]:
        with open_orders(self.connection, write=write) as opened:
            yield opened

    @contextmanager
    def alias(self) -> Iterator[str]:
        with open_database(self.connection, write=True) as alias:
            yield alias

    def place(self, wanted: WaproOrder) -> Placed:
        """As a worker does: in a session of its own."""
        with self.orders() as opened:
            return opened.place(wanted)

    @contextmanager
    def accountant(self) -> Iterator[Accountant]:
        with self.alias() as alias:
            yield Accountant(alias, TODAY)

    def plant(self, *planted: faults.Fault) -> None:
        with self.alias() as alias:
            faults.plant(alias, *planted)

    def rows(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        with self.alias() as alias, connections[alias].cursor() as cursor:
            cursor.execute(sql, list(values))
            return [tuple(row) for row in cursor.fetchall()] if cursor.description else []

    def card(self, index: str, warehouse: int = 1) -> dict[str, Any]:
        names = ("ID_ARTYKULU", "STAN", "ZAREZERWOWANO", "DO_REZERWACJI", "DO_ODBIORCOW")
        ((*values,),) = self.rows(
            f"SELECT {', '.join(names)} FROM ARTYKUL WHERE INDEKS_KATALOGOWY = %s AND ID_MAGAZYNU = %s",
            index,
            warehouse,
        )
        return dict(zip(names, values, strict=True))

    def count(self) -> int:
        ((found,),) = self.rows("SELECT COUNT(*) FROM ZAMOWIENIE")
        return int(found)

    def traces(self) -> tuple[Any, ...]:
        """Everything an order leaves: to see that nothing was left."""
        counted = [f"(SELECT COUNT(*) FROM {name})" for name in ("ZAMOWIENIE", "POZYCJA_ZAMOWIENIA", "DOSTAWA")]
        sums = "(SELECT SUM(ZAREZERWOWANO) FROM ARTYKUL), (SELECT COALESCE(SUM(LAST_ID), 0) FROM NUMERACJA)"
        ((*found,),) = self.rows(f"SELECT {', '.join(counted)}, {sums}")
        return tuple(found)
