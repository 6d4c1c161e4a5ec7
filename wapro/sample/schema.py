"""The tables of the sample database with the types SQL Server has for them.

Written as short lines, `NAME type[!][=default]`: `!` is NOT NULL, the default is T-SQL. The types carry the lengths of
the program's own columns, so a text that would be cut there is refused here (`Table.check`).
"""

import re
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

Row = dict[str, Any]

_TYPES = {
    "id": "numeric(18,0)",
    "qty": "decimal(16,6)",
    "money": "decimal(14,4)",
    "count": "decimal(16,4)",
    "percent": "decimal(8,4)",
    "rate": "decimal(14,8)",
    "discount": "decimal(6,2)",
    "size": "decimal(20,3)",
    "flag": "tinyint",
    "small": "smallint",
    "int": "int",
    "day": "int",
    "guid": "uniqueidentifier",
    "bytes": "varbinary(max)",
    "time": "datetime",
}
_COLUMN = re.compile(r"^(?P<name>\w+) (?P<type>[a-z]+)(?P<length>\d+)?(?P<needed>!)?(?:=(?P<default>.+))?$")


class DoesNotFit(ValueError):
    """A value is too long, missing where it must not be, or of a column the table does not have."""


@dataclass(frozen=True, slots=True)
class Column:
    name: str
    type: str
    """As SQL Server has it: `varchar(40)`, `decimal(14,4)`."""
    required: bool = False
    default: str | None = None
    """T-SQL expression: `0`, `'Praca'`, `newid()`."""

    @property
    def length(self) -> int | None:
        """Characters a text may have, None for anything else."""
        found = re.match(r"(?:var)?char\((\d+)\)", self.type)
        return int(found[1]) if found else None

    def plain_default(self) -> Any:
        """The default as a Python value; None when there is none or only the server can compute it."""
        if self.default is None or self.default.endswith("()"):
            return None
        return self.default[1:-1] if self.default.startswith("'") else int(self.default)


@dataclass(frozen=True, slots=True)
class Table:
    name: str
    key: tuple[str, ...]
    columns: dict[str, Column]
    unique: tuple[tuple[str, ...], ...] = ()
    indexes: tuple[tuple[str, ...], ...] = field(default=())

    def check(self, row: Row) -> None:
        """Raise DoesNotFit when SQL Server would refuse or cut the row."""
        unknown = row.keys() - self.columns.keys()
        if unknown:
            raise DoesNotFit(f"{self.name} has no column {', '.join(sorted(unknown))}")
        for column in self.columns.values():
            value = row.get(column.name)
            if value is None and column.required and (column.name in row or column.default is None):
                raise DoesNotFit(f"{self.name}.{column.name} must not be empty: {row}")
            if isinstance(value, str) and column.length is not None and len(value) > column.length:
                raise DoesNotFit(f"{self.name}.{column.name} holds {column.length} characters: {value!r}")
            if isinstance(value, Decimal):
                _check_decimal(self.name, column, value)


def _check_decimal(table: str, column: Column, value: Decimal) -> None:
    digits, places = (int(part) for part in re.findall(r"\d+", column.type)[:2])
    exponent = value.as_tuple().exponent
    if (isinstance(exponent, int) and -exponent > places) or abs(value) >= Decimal(10) ** (digits - places):
        raise DoesNotFit(f"{table}.{column.name} is {column.type}: {value}")


def _column(text: str) -> Column:
    found = _COLUMN.match(text)
    if found is None:
        raise ValueError(f"not a column: {text!r}")
    kind, length = found["type"], found["length"]
    sql = f"{'varchar' if kind == 't' else 'char'}({length})" if kind in ("t", "c") else _TYPES[kind]
    return Column(found["name"], sql, required=bool(found["needed"]), default=found["default"])


def _expanded(text: str) -> list[str]:
    """`POLE* t100` stands for the ten free fields every table of the program has."""
    return [text.replace("*", str(number)) for number in range(1, 11)] if "*" in text else [text]


def table(
    name: str,
    key: str,
    columns: str,
    *,
    unique: tuple[str, ...] = (),
    indexes: tuple[str, ...] = (),
) -> Table:
    parsed = [_column(one) for part in columns.split(",") for one in _expanded(part.strip())]
    return Table(
        name=name,
        key=tuple(key.split()),
        columns={column.name: column for column in parsed},
        unique=tuple(tuple(group.split()) for group in unique),
        indexes=tuple(tuple(group.split()) for group in indexes),
    )
