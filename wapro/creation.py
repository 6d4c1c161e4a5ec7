"""New cards and units by direct INSERT: experimental, behind a switch with a dated confirmation of a test on a copy.

WAPRO's keys are no IDENTITY: the program takes the next free one, and so do we, inside a transaction that keeps
everybody else from taking the same one (on SQL Server a range lock on the end of the key, on SQLite the file's write
lock).
"""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import uuid4

from django.db import connections, transaction
from django.db.models import Max

from integrator.canonical.errors import IntegrationError, Rejected
from integrator.canonical.kinds import Kind
from integrator.canonical.problems import Code
from integrator.canonical.records import Fields, Key
from integrator.canonical.side import NewElement, Result
from integrator.canonical.text import fold_unit
from wapro.cards import FREE_FIELDS
from wapro.clarion import to_day
from wapro.dictionaries import NONE, TEXT
from wapro.errors import canonical_errors
from wapro.models import WaproConnection
from wapro.reader import Reader
from wapro.tables import Article, Company, FlatCategory, PriceType, Table, Unit, Warehouse
from wapro.texts import fitting
from wapro.writer import columns_of, lock

NEXT_KEY = "SELECT ISNULL(MAX({column}), 0) + 1 FROM dbo.{table} WITH (UPDLOCK, HOLDLOCK)"


@dataclass(frozen=True, slots=True)
class Creator:
    """Creates elements on an open alias with the write login."""

    connection: WaproConnection
    reader: Reader
    today: date

    def create(self, kind: Kind, row: NewElement) -> Result:
        """One element in a transaction of its own. Errors come back in the result."""
        try:
            alias = self.reader.alias
            with serializable(alias), canonical_errors(write=True), transaction.atomic(using=alias):
                lock(alias, "integrator:create")
                key = self._unit(row.fields) if kind is Kind.UNIT else self._card(row)
            self.reader.forget()
            kept = self.reader.read(kind, [key]).items
        except IntegrationError as error:
            return Result(token=row.token, error=error)
        return Result(token=row.token, key=key, record=kept[0].record if kept else None)

    def _unit(self, wanted: Fields) -> Key:
        symbol = fitting("symbol", wanted.get("symbol"), 10)
        if not symbol:
            raise Rejected(Code.REQUIRED_EMPTY, field="symbol", system="WAPRO Mag")
        self.reader.forget()
        if any(fold_unit(unit.symbol) == fold_unit(symbol) for unit in self.reader.units.elements().values()):
            raise Rejected(Code.DUPLICATE_CODE, field="symbol", value=symbol)
        key = next_key(self.reader.alias, Unit)
        insert(
            self.reader.alias,
            Unit,
            id=key,
            company=Company.objects.using(self.reader.alias).order_by("id").values_list("id", flat=True).first(),
            name=fitting("name", wanted.get("name") or symbol, 20),
            symbol=symbol,
            factor=1,
            fractional=0,
        )
        return str(key)

    def _card(self, row: NewElement) -> Key:
        wanted = row.fields
        code = fitting("code", wanted.get("code"), 20)
        if not code:
            raise Rejected(Code.REQUIRED_EMPTY, field="code", system="WAPRO Mag")
        if Article.objects.using(self.reader.alias).filter(index=code).exists():
            raise Rejected(Code.DUPLICATE_CODE, field="code", value=code)
        warehouse = self._warehouse()
        key = next_key(self.reader.alias, Article)
        guid = str(uuid4())
        plain: Fields = {name: wanted[name] for name in ("name", "description", "ean", "weight") if name in wanted}
        values = {column: value for parts in columns_of(plain).values() for column, value in parts.items()}
        values |= self._fixed(warehouse) | self._references(wanted, warehouse) | self._variant(row)
        insert(self.reader.alias, Article, id=key, index=code, trade_index=code, guid=guid, **values)
        return {"index": code, "guid": guid, "id": str(key)}[self.reader.identity.name]

    def _warehouse(self) -> int:
        if self.reader.identity.leading is not None:
            return self.reader.identity.leading
        found = Warehouse.objects.using(self.reader.alias).order_by("id").values_list("id", flat=True).first()
        if found is None:
            raise Rejected(Code.REQUIRED_EMPTY, field="warehouse", system="WAPRO Mag")
        return found

    def _fixed(self, warehouse: int) -> dict[str, Any]:
        """Columns the shop says nothing about."""
        alias = self.reader.alias
        price_type = PriceType.objects.using(alias).order_by("position", "id").values_list("id", flat=True).first()
        default = FlatCategory.objects.using(alias).filter(warehouse=warehouse, is_default=1).order_by("id")
        return {
            "warehouse": warehouse,
            "kind": "Towar",
            "category": default.values_list("id", flat=True).first(),
            "default_price_type": price_type,
            "purchase_changed": to_day(self.today),
            "on_hand": 0,
            "in_edit": 0,
            "reserved": 0,
            "external": 0,
            "web_shop": 1,
            "blocked": 0,
            "editor": 0,
            "state": 0,
        }

    def _references(self, wanted: Fields, warehouse: int) -> dict[str, Any]:
        unit = self.reader.units.row(_number(wanted.get("unit")))
        if unit is None or unit.article not in NONE:
            raise Rejected(Code.REQUIRED_EMPTY, field="unit", system="WAPRO Mag")
        rate = self.reader.vat.get(str(wanted.get("tax_rate") or ""))
        if rate is None:
            raise Rejected(Code.TAX_CODE_UNKNOWN, field="tax_rate", value=wanted.get("tax_rate"), system="WAPRO Mag")
        made: dict[str, Any] = {"unit": unit.id, "sale_unit": unit.id, "purchase_unit": unit.id}
        made |= {"sale_vat": rate.code, "purchase_vat": rate.code}
        producer = str(wanted.get("producer") or "")
        if producer.isdigit():
            made["producer"] = int(producer)
        elif producer.startswith(TEXT):
            made["producer_name"] = self._producer_text(producer)
        tree, _, node = str(wanted.get("category") or "").partition(":")
        if node and tree == str(warehouse):
            made["category_node"] = int(node)
        return made

    def _producer_text(self, key: Key) -> str:
        kept = self.reader.read(Kind.PRODUCER, [key]).items
        return fitting("producer", getattr(kept[0].record, "name", "") if kept else "", 50)

    def _variant(self, row: NewElement) -> dict[str, Any]:
        """What joins variants, in the free fields the connection keeps it in."""
        names = {
            str(entry.get("name")): FREE_FIELDS.get(str(entry.get("field"))) for entry in self.connection.option_fields
        }
        made = {names[name]: value for name, value in row.options if names.get(name)}
        group = FREE_FIELDS.get(self.connection.group_rule)
        if group and row.group_code:
            made[group] = row.group_code
        return {column: fitting("options", value, 100) for column, value in made.items() if column}


def _number(value: object) -> int | None:
    text = str(value or "")
    return int(text) if text.isdigit() else None


def next_key(alias: str, table: type[Table]) -> int:
    """The next free key, held until the transaction ends."""
    if connections[alias].vendor == "microsoft":
        key = table._meta.pk
        with connections[alias].cursor() as cursor:
            cursor.execute(NEXT_KEY.format(column=key.column, table=table._meta.db_table))
            return int(cursor.fetchone()[0])
    highest = table.objects.using(alias).aggregate(highest=Max("pk"))["highest"]
    return int(highest or 0) + 1


def insert(alias: str, table: type[Table], **values: Any) -> None:
    """One row with just these columns (those that are None are left to the database's defaults)."""
    opened = connections[alias]
    given = {name: value for name, value in values.items() if value is not None}
    by_name = {column.name: column for column in table._meta.concrete_fields}
    columns = [by_name[name] for name in given]
    quoted = ", ".join(opened.ops.quote_name(str(column.column)) for column in columns)
    places = ", ".join(["%s"] * len(columns))
    ready = [column.get_db_prep_save(value, opened) for column, value in zip(columns, given.values(), strict=True)]
    with opened.cursor() as cursor:
        cursor.execute(f"INSERT INTO {opened.ops.quote_name(table._meta.db_table)} ({quoted}) VALUES ({places})", ready)


class serializable:
    """SERIALIZABLE on SQL Server for the time of a creation; nothing on SQLite, where writers come one by one."""

    def __init__(self, alias: str) -> None:
        self._alias = alias

    def _set(self, level: str) -> None:
        if connections[self._alias].vendor == "microsoft":
            with canonical_errors(write=True), connections[self._alias].cursor() as cursor:
                cursor.execute(f"SET TRANSACTION ISOLATION LEVEL {level}")

    def __enter__(self) -> None:
        self._set("SERIALIZABLE")

    def __exit__(self, *exc: object) -> None:
        self._set("READ COMMITTED")
