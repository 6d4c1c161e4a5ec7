"""Column types of a WAPRO Mag database: the same through SQL Server and in the SQLite file of a sample company.

Keys are `numeric(18,0)` there and arrive as Decimal: they become int. Codes are `char(n)`, padded with blanks: they are
trimmed. Texts are `varchar` of the server's code page, compared without regard to case; the SQLite columns that serve
as keys do the same, so that `abc` and `ABC` are one index on both.
"""

from typing import Any
from uuid import UUID

from django.db import models
from django.db.models import lookups

SQL_SERVER = "microsoft"


class IdColumn(models.BigIntegerField):
    """`numeric(18,0)` as int."""

    def db_type(self, connection: Any) -> str:
        return "numeric(18,0)" if connection.vendor == SQL_SERVER else "bigint"

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> int | None:
        return None if value is None else int(value)


class TextColumn(models.CharField):
    """`varchar(max_length)`. `ignore_case` makes the SQLite column compare like a server whose collation is CI."""

    def __init__(self, *args: Any, ignore_case: bool = False, **kwargs: Any) -> None:
        self.ignore_case = ignore_case
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        if self.ignore_case:
            kwargs["ignore_case"] = True
        return name, path, args, kwargs

    def db_type(self, connection: Any) -> str:
        if connection.vendor != SQL_SERVER and self.ignore_case:
            return f"varchar({self.max_length}) COLLATE NOCASE"
        return f"varchar({self.max_length})"


class CodeColumn(TextColumn):
    """`char(max_length)`, trimmed when read."""

    def db_type(self, connection: Any) -> str:
        if connection.vendor == SQL_SERVER:
            return f"char({self.max_length})"
        return super().db_type(connection)

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> str | None:
        return None if value is None else str(value).strip()


class GuidColumn(models.CharField):
    """`uniqueidentifier` as lower-case text with hyphens (SQL Server writes it in capitals)."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 36)
        super().__init__(*args, **kwargs)

    def db_type(self, connection: Any) -> str:
        return "uniqueidentifier" if connection.vendor == SQL_SERVER else "char(36)"

    def get_prep_value(self, value: Any) -> str | None:
        value = super().get_prep_value(str(value) if isinstance(value, UUID) else value)
        return value.lower() if isinstance(value, str) else value

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> str | None:
        return None if value is None else str(value).strip().lower()


class _AsVarchar:
    """Sends a compared text as varchar: drivers send Unicode, and under an SQL collation the server would then scan a
    `varchar` index instead of seeking in it."""

    def process_rhs(self, compiler: Any, connection: Any) -> Any:
        sql, params = super().process_rhs(compiler, connection)  # type: ignore[misc]
        if connection.vendor != SQL_SERVER or not self.rhs_is_direct_value():  # type: ignore[attr-defined]
            return sql, params
        kind = self.lhs.output_field.db_type(connection)  # type: ignore[attr-defined]
        cast = f"CAST(%s AS {kind})"
        if isinstance(sql, tuple):
            return tuple(part.replace("%s", cast) for part in sql), params
        return sql.replace("%s", cast), params


@TextColumn.register_lookup
class VarcharExact(_AsVarchar, lookups.Exact):
    pass


@TextColumn.register_lookup
class VarcharIn(_AsVarchar, lookups.In):
    pass


@TextColumn.register_lookup
class VarcharGreater(_AsVarchar, lookups.GreaterThan):
    pass


@TextColumn.register_lookup
class VarcharAtMost(_AsVarchar, lookups.LessThanOrEqual):
    pass
