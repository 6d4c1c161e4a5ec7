"""What an order stands on in one ERP: procedures, user, warehouse, dictionaries. Looked up once per open database."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.db import connections
from django.db.models import Q

from integrator.canonical.errors import AuthFailed, Locked, Rejected, Unreachable
from integrator.canonical.problems import Code
from integrator.canonical.records import Key
from wapro.columns import SQL_SERVER
from wapro.dictionaries import Units
from wapro.identity import Identity
from wapro.models import WaproConnection
from wapro.orders.batch import JSON_FROM_LEVEL
from wapro.orders.draft import WaproOrder
from wapro.orders.forms import PROCEDURES, Forms, choose
from wapro.orders.ready import CardFound, Place, key
from wapro.orders.tables import (
    Anonymised,
    CarrierRow,
    DeliveryFormRow,
    DocumentLine,
    LedgerEntry,
    OrderHeader,
    PaymentFormRow,
    TradeDocument,
    WarehouseType,
)
from wapro.procedures import Signature, read_signatures
from wapro.sample.procedures.faults import signatures as sample_signatures
from wapro.sample.procedures.session import Session
from wapro.tables import Article, Contractor, ProgramUser, Warehouse

ORDER_SIGNATURE = "ZO"
"""SYGNATURA of the type of orders from customers; its id is data of the installation."""
COLUMNS_OF_SQL = """
SELECT TABLE_NAME, COLUMN_NAME
FROM INFORMATION_SCHEMA.COLUMNS
WHERE TABLE_SCHEMA = 'dbo' AND TABLE_NAME IN (%s, %s, %s, %s, %s)
"""
LEVEL_SQL = "SELECT compatibility_level FROM sys.databases WHERE name = DB_NAME()"
_VARYING = tuple(one._meta.db_table for one in (OrderHeader, TradeDocument, DocumentLine, LedgerEntry, Anonymised))
"""Tables with columns that not every version has."""


@dataclass(slots=True)
class _Card:
    id: int
    warehouse: int | None
    index: str
    guid: str | None
    state: int | None
    blocked: int | None
    unit: int | None
    sale_unit: int | None


_CARD = ("id", "warehouse", "index", "guid", "state", "blocked", "unit", "sale_unit")


class Ground:
    def __init__(self, connection: WaproConnection, alias: str) -> None:
        self.connection = connection
        self.alias = alias
        self.identity = Identity(connection, alias)
        self._places: dict[int, Place] = {}

    @property
    def sample(self) -> bool:
        return connections[self.alias].vendor != SQL_SERVER

    @cached_property
    def signatures(self) -> Mapping[str, Signature]:
        """Read afresh with every open database: the program may have been updated since."""
        if self.sample:
            found = sample_signatures(Session(self.alias))
            return {name: found[name] for name in PROCEDURES if name in found}
        return read_signatures(self.alias, PROCEDURES)

    @cached_property
    def forms(self) -> Forms:
        return choose(self.signatures)

    @cached_property
    def has_json(self) -> bool:
        if self.sample:
            return True
        with connections[self.alias].cursor() as cursor:
            cursor.execute(LEVEL_SQL)
            row = cursor.fetchone()
        return row is not None and int(row[0] or 0) >= JSON_FROM_LEVEL

    @cached_property
    def columns(self) -> Mapping[str, frozenset[str]]:
        """Columns of the tables that differ between versions, in capitals."""
        if self.sample:
            session = Session(self.alias)
            return {name: frozenset(column.upper() for column in session.columns(name)) for name in _VARYING}
        with connections[self.alias].cursor() as cursor:
            cursor.execute(COLUMNS_OF_SQL, list(_VARYING))
            rows = cursor.fetchall()
        return {name: frozenset(str(r[1]).upper() for r in rows if str(r[0]).upper() == name) for name in _VARYING}

    def has(self, table: str, column: str) -> bool:
        return column in self.columns[table]

    @property
    def has_advances(self) -> bool:
        """Whether lines of advance invoices name the lines of orders."""
        return self.has(DocumentLine._meta.db_table, "ID_POZ_ZAM_ZAL")

    @property
    def has_anonymised(self) -> bool:
        """Whether the program marks contractors whose personal data it took away; older versions cannot."""
        return self.has(Anonymised._meta.db_table, "RODO_ZANONIMIZOWANY")

    @property
    def has_ledger(self) -> bool:
        """Whether entries of the ledger name orders and their documents, and may be read."""
        return all(self.has(LedgerEntry._meta.db_table, name) for name in ("ID_ZAMOWIENIA", "ID_FAKTURY"))

    @property
    def has_ksef(self) -> bool:
        return self.has(TradeDocument._meta.db_table, "KSEF_ID")

    @cached_property
    def user(self) -> int:
        """The user orders are written as. Raises AuthFailed when none is chosen or WAPRO has no such user: documents of
        a made-up one can be neither opened nor deleted in the program."""
        rows = ProgramUser.objects.using(self.alias).filter(Q(archived__isnull=True) | Q(archived=0)).order_by("id")
        users = {str(pk): f"{pk} ({name})" for pk, name in rows.values_list("id", "name")}
        known, chosen = ", ".join(users.values()), self.connection.order_user.strip()
        if not chosen:
            raise AuthFailed(Code.ERP_USER_UNSET, known=known)
        if chosen not in users:
            raise AuthFailed(Code.ERP_VALUE_UNKNOWN, field="order_user", value=chosen, known=known, system="WAPRO Mag")
        return int(chosen)

    def place(self, warehouse: int) -> Place:
        """Raises Rejected for a warehouse WAPRO does not have, Unreachable where it has no orders of customers."""
        if warehouse not in self._places:
            self._places[warehouse] = Place(
                company=self.company(warehouse),
                user=self.user,
                order_type=self.order_type(self.company(warehouse)),
                marks_paid=self.has(OrderHeader._meta.db_table, "OPLACONE_INTERNETOWO"),
            )
        return self._places[warehouse]

    def company(self, warehouse: int) -> int:
        companies = {pk: company for pk, _, company in self._warehouses}
        if warehouse not in companies:
            known = ", ".join(f"{pk} ({(symbol or '').strip()})" for pk, symbol, _ in self._warehouses)
            raise unknown("warehouse", warehouse, known)
        return int(companies[warehouse] or 0)

    @cached_property
    def _warehouses(self) -> list[tuple[int, str, int | None]]:
        rows = Warehouse.objects.using(self.alias).order_by("id")
        return list(rows.values_list("id", "symbol", "company"))

    @property
    def main_warehouse(self) -> int:
        leading = self.identity.leading
        return leading if leading is not None else self._warehouses[0][0]

    def order_type(self, company: int) -> int:
        """ID_TYPU of the signature ZO. Raises Unreachable where the company has none."""
        rows = WarehouseType.objects.using(self.alias).filter(company=company, signature=ORDER_SIGNATURE)
        found = rows.values_list("id", flat=True).first()
        if found is None:
            raise Unreachable(Code.ERP_VALUE_UNKNOWN, field="SYGNATURA", value=ORDER_SIGNATURE, system="WAPRO Mag")
        return int(found)

    def check_words(self, order: WaproOrder, company: int) -> None:
        """Raises Rejected for a payment form, delivery form, carrier or contractor that WAPRO does not have: it would
        keep any text and any number without a word."""
        if order.payment_form not in self._payment_forms:
            raise unknown("payment_form", order.payment_form, ", ".join(sorted(self._payment_forms)))
        if order.delivery_form and order.delivery_form not in self._delivery_forms:
            raise unknown("delivery_form", order.delivery_form)
        if order.carrier and order.carrier not in self.carriers:
            raise unknown("carrier", order.carrier)
        self.check_contractor(order.contractor, company)

    def check_contractor(self, contractor: Key, company: int) -> None:
        """Raises Rejected for one that is blocked or that the company does not have."""
        rows = Contractor.objects.using(self.alias).filter(pk=key("contractor", contractor), company=company)
        found = rows.values_list("name", "blocked").first()
        if found is None:
            raise unknown("contractor", contractor)
        if found[1]:
            raise Rejected(Code.CONTRACTOR_BLOCKED, value=f"{found[0]} ({contractor})")

    @cached_property
    def _payment_forms(self) -> frozenset[str]:
        return frozenset(PaymentFormRow.objects.using(self.alias).values_list("name", flat=True))

    @cached_property
    def _delivery_forms(self) -> frozenset[int]:
        return frozenset(DeliveryFormRow.objects.using(self.alias).values_list("id", flat=True))

    @cached_property
    def carriers(self) -> Mapping[int, tuple[str, str]]:
        """Name and address for tracking by id."""
        rows = CarrierRow.objects.using(self.alias).values_list("id", "name", "url")
        return {pk: ((name or "").strip(), (url or "").strip()) for pk, name, url in rows}

    @cached_property
    def _units(self) -> Units:
        return Units(self.alias)

    def cards(self, keys: Iterable[Key], warehouse: int) -> dict[Key, CardFound]:
        """The cards of these products in one warehouse. Raises Rejected: CARD_NOT_IN_WAREHOUSE, CARD_BLOCKED,
        ERP_VALUE_UNKNOWN, FOUND_SEVERAL; Locked for one still being made."""
        wanted = list(dict.fromkeys(keys))
        values = [value for value in map(self.identity.value, wanted) if value is not None]
        source = Article.objects.using(self.alias).filter(**{f"{self.identity.name}__in": values})
        rows = [_Card(*row) for row in source.values_list(*_CARD)]
        by_key: dict[str, list[_Card]] = {}
        for row in rows:
            by_key.setdefault(self.identity.fold(self.identity.key(row)), []).append(row)
        chosen = {one: self._chosen(one, by_key.get(self.identity.fold(one), []), warehouse) for one in wanted}
        self._units.prepare(rows, source)
        return {one: self._with_unit(card) for one, card in chosen.items()}

    def _chosen(self, wanted: Key, cards: Sequence[_Card], warehouse: int) -> _Card:
        here = [card for card in cards if card.warehouse == warehouse]
        if not cards:
            raise unknown("card", wanted)
        if not here:
            others = ", ".join(sorted({str(card.warehouse) for card in cards}))
            raise Rejected(Code.CARD_NOT_IN_WAREHOUSE, card=wanted, warehouse=warehouse, known=others)
        if len(here) > 1:
            raise Rejected(Code.FOUND_SEVERAL, count=len(here), system="WAPRO Mag", card=wanted)
        if here[0].blocked:
            raise Rejected(Code.CARD_BLOCKED, card=wanted, warehouse=warehouse)
        if here[0].state:
            raise Locked(Code.CARD_BEING_EDITED, card=wanted, warehouse=warehouse)
        return here[0]

    def _with_unit(self, card: _Card) -> CardFound:
        row = self._units.row(self._units.sold_in(card))
        factor = self._units.sale_factor(card) if row is not None else Decimal(1)
        return CardFound(id=card.id, unit=(row.symbol.strip() if row else ""), factor=factor)

    def card_keys(self, ids: Iterable[int]) -> dict[int, Key]:
        """The product of each card."""
        rows: Any = Article.objects.using(self.alias).filter(pk__in=set(ids)).values_list("id", self.identity.name)
        return {int(pk): str(value).strip() for pk, value in rows if value is not None}


def unknown(field: str, value: object, known: str = "") -> Rejected:
    more: dict[str, Any] = {"known": known} if known else {}
    return Rejected(Code.ERP_VALUE_UNKNOWN, field=field, value=str(value), system="WAPRO Mag", **more)
