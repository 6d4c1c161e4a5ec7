"""The way in: the orders of one ERP on an open database."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.db import connections

from integrator.canonical.errors import PlanRefused
from integrator.canonical.problems import Code, Turn
from integrator.canonical.records import Key
from wapro.database import CONNECT_SECONDS, QUERY_SECONDS, open_database, refuse_open_transaction, revive
from wapro.errors import canonical_errors
from wapro.models import WaproConnection
from wapro.orders import contractors, place, read, words
from wapro.orders.draft import (
    ContractorsFound,
    ErpWords,
    FoundContractor,
    NewContractor,
    Placed,
    Progress,
    WaproOrder,
)
from wapro.orders.ground import Ground
from wapro.recognition import ORDERS, refuse_another
from wapro.side import Hold


@contextmanager
def open_orders(connection: WaproConnection, *, write: bool = False, hold: Hold | None = None) -> Iterator["ErpOrders"]:
    """The orders of this ERP, with the write login when asked for.

    Raises Unreachable (also for another database than the one tested), AuthFailed or Transient; PlanRefused
    (WRITE_DISABLED) when writing orders is switched off.
    """
    if write and not connection.write_orders:
        raise PlanRefused(Code.WRITE_DISABLED, turn=Turn.CONNECTION, system="WAPRO Mag")
    if hold is not None:
        hold.ensure(CONNECT_SECONDS)
    with open_database(connection, write) as alias:
        refuse_another(connection, alias, {} if write else ORDERS)
        orders = ErpOrders(connection, alias, write=write, hold=hold)
        with connections[alias].execute_wrapper(orders.count):
            yield orders


class ErpOrders:
    """Everything raises errors of integrator.canonical.errors. Reading is allowed on either login."""

    def __init__(
        self, connection: WaproConnection, alias: str, *, write: bool = False, hold: Hold | None = None
    ) -> None:
        self.ground = Ground(connection, alias)
        self._write = write
        self._hold = hold
        self._sent = 0

    @property
    def requests_sent(self) -> int:
        """Queries executed since the database was opened."""
        return self._sent

    def count(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        refuse_open_transaction()
        self._sent += 1
        return execute(sql, params, many, context)

    def find(self, number: str) -> tuple[Key, ...]:
        """Keys of the orders under this number (NR_ZAMOWIENIA_KLIENTA); more than one is a mistake of somebody's."""
        self._ensure()
        with canonical_errors():
            return read.find(self.ground, number)

    def place(self, order: WaproOrder) -> Placed:
        """Write the order whole or not at all, or find that it is there. May be repeated after anything. See
        `wapro.orders.place`."""
        self._ensure(write=True)
        return place.place(self.ground, order)

    def check(self, order: WaproOrder) -> None:
        """Try an order: everything `place` looks up and refuses, without writing."""
        self._ensure()
        place.prepare(self.ground, order)

    def cancel(self, key: Key, number: str) -> None:
        """Cancel the order of this key, which must have this number. See `wapro.orders.place`."""
        self._ensure(write=True)
        place.cancel(self.ground, key, number)

    def read(self, keys: Sequence[Key]) -> list[Progress]:
        """What became of orders, in the order of the keys."""
        self._ensure()
        with canonical_errors():
            return read.read(self.ground, keys)

    def left_behind(self) -> list[Progress]:
        """Orders of our user that were begun and never approved: staff approve or delete them."""
        self._ensure()
        with canonical_errors():
            return read.left_behind(self.ground, self.ground.user)

    def contractors_by_tax_number(self, tax_number: str, warehouse: int | None = None) -> ContractorsFound:
        """All contractors of the warehouse's company (else the leading one's) with this number, however typed."""
        self._ensure()
        with canonical_errors():
            return contractors.by_tax_number(self.ground, tax_number, self._company(warehouse))

    def contractors_by_email(self, email: str, warehouse: int | None = None) -> ContractorsFound:
        """Private persons only."""
        self._ensure()
        with canonical_errors():
            return contractors.by_email(self.ground, email, self._company(warehouse))

    def anonymised(self, keys: Sequence[Key]) -> frozenset[Key]:
        """Of up to some hundred contractors those that WAPRO has anonymised."""
        self._ensure()
        with canonical_errors():
            return contractors.anonymised(self.ground, keys)

    @property
    def retail(self) -> Key:
        """The contractor of retail sales, empty when none is set; so is the next."""
        return self.ground.connection.retail_contractor.strip()

    @property
    def one_off(self) -> Key:
        return self.ground.connection.one_off_contractor.strip()

    def create_contractor(self, new: NewContractor, warehouse: int | None = None) -> FoundContractor:
        """Behind a switch of its own. See `wapro.orders.contractors.create`."""
        self._ensure(write=True)
        with canonical_errors():
            company = self._company(warehouse)
        return contractors.create(self.ground, new, company)

    def words(self) -> ErpWords:
        self._ensure()
        with canonical_errors():
            return words.words(self.ground)

    def _company(self, warehouse: int | None) -> int:
        return self.ground.company(self.ground.main_warehouse if warehouse is None else warehouse)

    def _ensure(self, *, write: bool = False) -> None:
        if write and not self._write:
            raise PlanRefused(Code.WRITE_DISABLED, turn=Turn.CONNECTION, system="WAPRO Mag")
        if self._hold is not None:
            self._hold.ensure(QUERY_SECONDS)
        revive(self.ground.alias)
