"""A bounded piece of work on one connection: the lease, the deadline and the two sides, opened only when needed."""

import logging
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from datetime import datetime, timedelta

from django.db import DatabaseError
from django.utils import timezone
from structlog.contextvars import bound_contextvars

from integrator.canonical.errors import IntegrationError
from integrator.canonical.side import Side
from integrator.leases import LeaseHold, LeaseLost
from shops.models import ShopConnection
from shops.sessions import open_shop
from syncjobs import queue, recognition
from syncjobs.fetching import error_data, unexpected
from syncjobs.models.choices import Side as SideName
from wapro.models import WaproConnection
from wapro.orders.erp import ErpOrders, open_orders
from wapro.side import open_erp

log = logging.getLogger(__name__)
SLICE = timedelta(seconds=15)
"""So long others may have to wait for their turn."""
BROKEN_REST = timedelta(minutes=10)
"""A connection whose work fails as nobody foresaw, outside of any single piece of work, is left alone for so long, or
until its settings are tested."""
LAST_UNIT = timedelta(seconds=3)
"""No unit of work (a page, a batch: some calls) begins so shortly before the end of a slice."""


class Slice:
    """Use as a context manager; sides are closed at its end."""

    def __init__(self, hold: LeaseHold) -> None:
        self.hold = hold
        self.ends_at: datetime = timezone.now() + SLICE
        self.looked_at: datetime = timezone.now()
        """When work was last looked for."""
        self.talking_to: SideName | None = None
        """The side that was used last: the one an error comes from."""
        self.after_shop = True
        """Whether the orders' last unit of work was the shop's. A page may take all of a slice."""
        self._sides: dict[tuple[str, int], tuple[Side, ExitStack]] = {}
        self._orders: dict[tuple[str, int], tuple[ErpOrders, ExitStack]] = {}

    def __enter__(self) -> "Slice":
        return self

    def __exit__(self, *exc: object) -> None:
        with ExitStack() as closing:
            for _, stack in (*self._sides.values(), *self._orders.values()):
                closing.push(stack)
            self._sides.clear()
            self._orders.clear()

    @property
    def over(self) -> bool:
        return timezone.now() >= self.ends_at - LAST_UNIT

    def look(self) -> None:
        """Say that work is looked for now: whoever nudges later may find the lease taken and be dropped."""
        self.looked_at = timezone.now()

    def shop(self, connection: ShopConnection) -> Side:
        side = self.whoever(connection)
        recognition.recognise(connection, side)
        return side

    def whoever(self, connection: ShopConnection) -> Side:
        """The shop without asking who it is: a test of the settings says in its own checks why nobody answers."""
        self.talking_to = SideName.SHOP
        return self._side("shop", connection.pk) or self._open(
            "shop", connection.pk, open_shop(connection, hold=self.hold)
        )

    def recognise(self, connection: ShopConnection, since: datetime) -> None:
        """See to it that the shop was recognised after `since`. Raises Unreachable for another one."""
        recognition.recognise(connection, self.shop(connection), since)

    def learn(self, connection: ShopConnection) -> None:
        """Ask the shop for what its capabilities depend on, and keep it. Whoever plans takes the setup anew."""
        self._close("shop", connection.pk)
        self.talking_to = SideName.SHOP
        with open_shop(connection, hold=self.hold) as side:
            recognition.recognise(connection, side)
            side.learn()
        connection.learnt_at = timezone.now()
        ShopConnection.objects.filter(pk=connection.pk).update(learnt_at=connection.learnt_at)

    def erp(self, connection: WaproConnection, *, write: bool = False) -> Side:
        self.talking_to = SideName.ERP
        name = "erp-write" if write else "erp"
        return self._side(name, connection.pk) or self._open(
            name,
            connection.pk,
            open_erp(connection, today=timezone.localdate(), write=write, hold=self.hold),
        )

    def orders(self, connection: WaproConnection, *, write: bool = False) -> ErpOrders:
        """The orders of the ERP; with `write` by the login that may write them."""
        self.talking_to = SideName.ERP
        if write:
            # The login that writes may not see every table by which a restored database is known.
            self.orders(connection)
        key = ("orders-write" if write else "orders", connection.pk)
        if key not in self._orders:
            stack = ExitStack()
            opened = stack.enter_context(open_orders(connection, write=write, hold=self.hold))
            self._orders[key] = (opened, stack)
        return self._orders[key][0]

    def _side(self, name: str, pk: int) -> Side | None:
        found = self._sides.get((name, pk))
        return None if found is None else found[0]

    def _open(self, name: str, pk: int, opened: AbstractContextManager[Side]) -> Side:
        stack = ExitStack()
        side = stack.enter_context(opened)
        self._sides[name, pk] = (side, stack)
        return side

    def _close(self, name: str, pk: int) -> None:
        if (name, pk) in self._sides:
            self._sides.pop((name, pk))[1].close()


def one_slice(
    actor: type[ShopConnection] | type[WaproConnection], pk: int, work_on: Callable[[Slice], float | None]
) -> float | None:
    """One slice of an actor's work under its lease. Seconds until the next is worth while (0: at once), None when
    nothing is left or another worker holds the lease. A message that met the held lease is made up for."""
    hold = LeaseHold.take(actor, pk)
    if hold is None:
        return None
    try:
        with bound_contextvars(actor=actor.__name__, connection=pk, lease=hold.number), Slice(hold) as work:
            seconds = work_on(work)
    except LeaseLost:
        return None
    except DatabaseError:
        raise
    except Exception as error:
        # Nobody may be kept from a turn of their own by what only stops this connection: it is shown, and tried later.
        log.exception("slice of %s %s: %s", actor.__name__, pk, type(error).__name__)
        actor._default_manager.filter(pk=pk).update(
            healthy=False, problem=error_data(unexpected(error)), back_off_until=timezone.now() + BROKEN_REST
        )
        return BROKEN_REST.total_seconds()
    finally:
        hold.release()
    return 0 if queue.missed(actor, pk, work.looked_at) else seconds


@contextmanager
def contained(what: str, put_down: Callable[[IntegrationError], None]) -> Iterator[None]:
    """Work whose failure, foreseen or not, is written down by `put_down`: left in the queue it would stop all other
    work of its connection. A lost lease and a database that does not answer go on up: nothing could be written down."""
    try:
        yield
    except IntegrationError as error:
        put_down(error)
    except (LeaseLost, DatabaseError):
        raise
    except Exception as error:
        log.exception("%s: %s", what, type(error).__name__)
        put_down(unexpected(error))
