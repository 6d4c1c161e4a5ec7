"""Checks inside the server: its version, the database's settings, WAPRO Mag's tables, rights and procedures."""

from collections.abc import Iterable
from decimal import Decimal

from django.db import connections

from integrator.canonical.preflight import Check, failed, passed, warned
from integrator.canonical.problems import Code, Turn
from integrator.canonical.records import problem
from wapro.checks.look import Look, left_out, listed
from wapro.procedures import KNOWN, Reason, compare, read_signatures
from wapro.tables import TABLES, Article, DatabaseIdentity, ProgramState, Unit

OLDEST_SUPPORTED = 14
NAMES = {14: "2017", 15: "2019", 16: "2022", 17: "2025"}
_OLDER = {8: "2000", 9: "2005", 10: "2008", 11: "2012", 12: "2014", 13: "2016"}
MAG = 3
"""WAPRODBSTATE.PRGKOD of WAPRO Mag."""
OPTIONAL_COLUMNS = frozenset({("waprodbstate", "wariant")})
"""Columns that older versions of the program do not have and that we can do without."""
POLISH_CODE_PAGES = (1250, 65001)
OLDEST_LEVEL = 110

EDITION_SQL = "SELECT CAST(SERVERPROPERTY('Edition') AS varchar(128))"
SETTINGS_SQL = """
SELECT CAST(DATABASEPROPERTYEX(DB_NAME(), 'Collation') AS varchar(128)),
       CAST(COLLATIONPROPERTY(CAST(DATABASEPROPERTYEX(DB_NAME(), 'Collation') AS varchar(128)), 'CodePage') AS int),
       (SELECT compatibility_level FROM sys.databases WHERE name = DB_NAME())
"""
COLUMNS_SQL = "SELECT TABLE_NAME, COLUMN_NAME FROM INFORMATION_SCHEMA.COLUMNS WHERE TABLE_SCHEMA = 'dbo'"
RIGHTS = ("SELECT", "INSERT", "UPDATE", "DELETE")
RIGHTS_SQL = """
SELECT v.name,
       HAS_PERMS_BY_NAME('dbo.' + v.name, 'OBJECT', 'SELECT'), HAS_PERMS_BY_NAME('dbo.' + v.name, 'OBJECT', 'INSERT'),
       HAS_PERMS_BY_NAME('dbo.' + v.name, 'OBJECT', 'UPDATE'), HAS_PERMS_BY_NAME('dbo.' + v.name, 'OBJECT', 'DELETE')
FROM (VALUES {names}) AS v(name)
"""


def version(look: Look) -> Check:
    """From the greeting, so it is known even when the login fails; the edition is added when it succeeds."""
    major = look.greeting.version[0] if look.greeting else 0
    number = ".".join(str(part) for part in look.greeting.version) if look.greeting else ""
    if major < OLDEST_SUPPORTED:
        known = f"SQL Server {_OLDER.get(major, '')} ({number})".replace("  ", " ")
        return failed("version", problem(Code.VERSION_UNSUPPORTED, version=known), Turn.ERP_SETTINGS, known)
    found = f"SQL Server {NAMES.get(major, '')} ({number})".replace("  ", " ")
    if look.alias:
        ((edition,),) = look.query(EDITION_SQL)
        found = f"{found}, {edition}"
    return passed("version", found)


def settings(look: Look) -> Check:
    """Collation and compatibility level of the database."""
    ((collation, code_page, level),) = look.query(SETTINGS_SQL)
    found = f"{collation}, {level}"
    if code_page not in POLISH_CODE_PAGES:
        return warned("settings", problem(Code.COLLATION_NOT_POLISH, collation=collation), Turn.ERP_SETTINGS, found)
    if int(level or 0) < OLDEST_LEVEL:
        return warned("settings", problem(Code.COMPATIBILITY_LOW, level=level), Turn.ERP_SETTINGS, found)
    return passed("settings", found)


def read_columns(look: Look) -> None:
    if look.sample:
        opened = connections[look.alias]
        with opened.cursor() as cursor:
            for table in opened.introspection.table_names(cursor, include_views=True):
                described = opened.introspection.get_table_description(cursor, table)
                look.columns[table.casefold()] = {column.name.casefold() for column in described}
        return
    for table, column in look.query(COLUMNS_SQL):
        look.columns.setdefault(str(table).casefold(), set()).add(str(column).casefold())


def wapro(look: Look) -> Check:
    """WAPRODBSTATE has a row per program that uses the database: Mag must be among them."""
    read_columns(look)
    table = ProgramState._meta.db_table
    name = look.connection.database
    if table.casefold() not in look.columns:
        return failed("wapro", problem(Code.NOT_WAPRO, database=name, table=table), Turn.CONNECTION)
    fields = ["program", "program_name", "program_version", "database_version"]
    has_edition = "wariant" in look.columns[table.casefold()]
    states = ProgramState.objects.using(look.alias).values(*fields, *(["edition"] if has_edition else []))
    for state in states.order_by("id"):
        if state["program"] == MAG or "mag" in str(state["program_name"]).casefold():
            words = [str(state["program_name"]).strip(), str(state["program_version"]).strip()]
            words += [str(state.get("edition") or "").strip(), f"({Decimal(state['database_version'])})"]
            return passed("wapro", " ".join(word for word in words if word))
    return failed("wapro", problem(Code.NOT_WAPRO, database=name), Turn.CONNECTION)


def database_identity(alias: str) -> str:
    """WAPRODB.WAPRODB_ID, which says which database this is: lower case with hyphens, empty when the table is empty.

    Raises django.db.Error where the table is missing.
    """
    return DatabaseIdentity.objects.using(alias).order_by("id").values_list("id", flat=True).first() or ""


def identity(look: Look) -> Check:
    """Another identity than the stored one: another company, or one restored from a backup."""
    found, stored = database_identity(look.alias), look.connection.database_id
    if not found:
        table = DatabaseIdentity._meta.db_table
        return failed("identity", problem(Code.NOT_WAPRO, database=look.connection.database, table=table), Turn.US)
    if stored and stored.casefold() != found:
        changed = problem(Code.DATABASE_CHANGED, stored=stored, found=found)
        return failed("identity", changed, Turn.CONNECTION, found)
    return passed("identity", found)


def tables(look: Look) -> Check:
    """Every table and column that is declared in `wapro.tables`, apart from the optional ones."""
    missing = [model._meta.db_table for model in TABLES if model._meta.db_table.casefold() not in look.columns]
    if missing:
        user = "" if look.sample else look.read_user
        lost = problem(Code.TABLES_MISSING, user=user, tables=", ".join(missing))
        return failed("tables", lost, Turn.ERP_SETTINGS)
    columns = [
        f"{model._meta.db_table}.{field.column}"
        for model in TABLES
        for field in model._meta.concrete_fields
        if not _has(look, model._meta.db_table, str(field.column))
    ]
    if columns:
        lost = problem(Code.COLUMNS_MISSING, columns=", ".join(columns), count=len(columns))
        return failed("tables", lost, Turn.US)
    return passed("tables", str(len(TABLES)))


def _has(look: Look, table: str, column: str) -> bool:
    wanted = (table.casefold(), column.casefold())
    return wanted in OPTIONAL_COLUMNS or wanted[1] in look.columns.get(wanted[0], set())


def rights(look: Look) -> Check:
    """SELECT on every table; the right to write only where writing is switched on, and not for the read login."""
    reading = _rights(look, look.alias)
    blind = [table for table, allowed in reading.items() if "SELECT" not in allowed]
    if blind:
        return _missing(look.read_user, "SELECT", blind)
    if look.writer:
        writing = _rights(look, look.writer)
        for right, table in _rights_to_write(look):
            if right not in writing[table]:
                return _missing(str(connections[look.writer].settings_dict["USER"]), right, [table])
    writes = [table for table, allowed in reading.items() if allowed - {"SELECT"}]
    if writes:
        found = problem(Code.READ_LOGIN_WRITES, user=look.read_user, tables=listed(writes))
        return warned("rights", found, Turn.ERP_SETTINGS, str(len(writes)))
    return passed("rights", "SELECT")


def _rights(look: Look, alias: str) -> dict[str, set[str]]:
    """What a login may do with each table. NULL, for a table it does not even see, counts as nothing."""
    names = [model._meta.db_table for model in TABLES]
    rows = look.query(RIGHTS_SQL.format(names=", ".join(["(%s)"] * len(names))), names, alias=alias)
    return {str(row[0]): {right for right, has in zip(RIGHTS, row[1:], strict=True) if has} for row in rows}


def _missing(user: str, right: str, tables: Iterable[str]) -> Check:
    found = problem(Code.RIGHT_MISSING, user=user, right=right, resource=", ".join(tables))
    return failed("rights", found, Turn.ERP_SETTINGS)


def _rights_to_write(look: Look) -> list[tuple[str, str]]:
    article, unit = Article._meta.db_table, Unit._meta.db_table
    wanted = []
    if look.connection.write_cards:
        wanted.append(("UPDATE", article))
    if look.connection.create_directly:
        wanted += [("INSERT", article), ("INSERT", unit)]
    return wanted


def procedures(look: Look) -> Check:
    """The login that would call them is asked: a procedure is visible only to who may execute it or see its text."""
    found = read_signatures(look.writer or look.alias, list(KNOWN))
    differences = compare(KNOWN, found)
    if not found and not look.writer:
        return left_out("procedures", Code.WRITE_DISABLED)
    strange = [one for one in differences if one.reason is not Reason.MISSING]
    missing = [one for one in differences if one.reason is Reason.MISSING]
    if strange or len(missing) == len(KNOWN):
        texts = [str(one) for one in strange or missing]
        differ = problem(Code.PROCEDURES_DIFFER, procedures="; ".join(texts), count=len(texts))
        return warned("procedures", differ, Turn.US, f"{len(found)}/{len(KNOWN)}")
    return passed("procedures", f"{len(found)}/{len(KNOWN)}")
