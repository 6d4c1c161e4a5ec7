"""Checks of the company's own data: stock formula, warehouses, and every card through the reader that a run uses."""

from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.db import connections

from integrator.canonical.kinds import Kind
from integrator.canonical.preflight import Check, failed, passed, warned
from integrator.canonical.problems import Code, Turn
from integrator.canonical.records import Key, Product, plain_number, problem
from wapro.checks.look import EXAMPLES, Look, left_out, listed
from wapro.identity import Identity
from wapro.models import WaproConnection
from wapro.reader import Reader
from wapro.tables import Article, Warehouse

VIEW = "WIDOK_ARTYKUL"
_VIEW_COLUMNS = {"idartykulu", "iloscdostepna"}
_HAND, _EDIT, _RESERVED = "COALESCE(a.STAN, 0)", "COALESCE(a.ILOSC_EDYTOWANA, 0)", "COALESCE(a.ZAREZERWOWANO, 0)"
FORMULAS = {
    "on_hand-in_edit-reserved": f"{_HAND} - {_EDIT} - {_RESERVED}",
    "on_hand-reserved": f"{_HAND} - {_RESERVED}",
    "on_hand": _HAND,
}
"""The stock formulas a shop connection can choose, in the ERP's columns; the first is the default."""
_DEFAULT = next(iter(FORMULAS))
_OTHER = "ABS(COALESCE(v.IloscDostepna, 0) - ({formula})) >= 0.00005"
_JOINED = "FROM ARTYKUL AS a INNER JOIN WIDOK_ARTYKUL AS v ON v.IdArtykulu = a.ID_ARTYKULU"
_COUNTED = ", ".join(f"SUM(CASE WHEN {_OTHER.format(formula=text)} THEN 1 ELSE 0 END)" for text in FORMULAS.values())
FORMULA_SQL = f"SELECT COUNT(*), {_COUNTED} {_JOINED}"
FORMULA_EXAMPLES_SQL = (
    f"SELECT a.INDEKS_KATALOGOWY, a.ID_MAGAZYNU, {FORMULAS[_DEFAULT]}, v.IloscDostepna {_JOINED} "
    f"WHERE {_OTHER.format(formula=FORMULAS[_DEFAULT])} ORDER BY a.INDEKS_KATALOGOWY, a.ID_MAGAZYNU"
)
LICENCE_GOOD_FOR = timedelta(days=365)


def formula(look: Look) -> Check:
    """The default formula against the quantity that the program itself shows to reports."""
    if not look.columns.get(VIEW.casefold(), set()) >= _VIEW_COLUMNS:
        return left_out("formula", problem(Code.VIEW_MISSING, view=VIEW))
    (counts,) = look.query(FORMULA_SQL)
    total, differing = int(counts[0]), dict(zip(FORMULAS, (int(count or 0) for count in counts[1:]), strict=True))
    if not differing[_DEFAULT]:
        return passed("formula", str(total))
    found = "; ".join(f"{name}: {count}/{total}" for name, count in differing.items())
    with connections[look.alias].cursor() as cursor:
        cursor.execute(FORMULA_EXAMPLES_SQL)
        rows = cursor.fetchmany(EXAMPLES)
    examples = ", ".join(f"{str(row[0]).strip()} ({row[1]}): {_number(row[2])} / {_number(row[3])}" for row in rows)
    differs = problem(Code.FORMULA_DIFFERS, count=differing[_DEFAULT], total=total, examples=examples, view=VIEW)
    return warned("formula", differs, Turn.PERSON, found)


def _number(value: Any) -> str:
    return plain_number(round(Decimal(str(value or 0)), 6))


def warehouse(look: Look) -> Check:
    """The leading warehouse exists; with several warehouses it should have been chosen."""
    rows = list(Warehouse.objects.using(look.alias).order_by("id").values_list("id", "symbol"))
    known = ", ".join(f"{key} ({(symbol or '').strip()})" for key, symbol in rows)
    chosen = look.connection.leading_warehouse.strip()
    if chosen:
        named = next((symbol for key, symbol in rows if str(key) == chosen), None)
        if named is None:
            unknown = problem(Code.WAREHOUSE_UNKNOWN, warehouse=chosen, known=known)
            return failed("warehouse", unknown, Turn.CONNECTION, known)
        return passed("warehouse", f"{chosen} ({named.strip()})")
    if len(rows) > 1:
        unset = problem(Code.WAREHOUSE_UNSET, warehouse=rows[0][0], known=known)
        return warned("warehouse", unset, Turn.CONNECTION, known)
    return passed("warehouse", known)


@dataclass
class Findings:
    """What a walk over all cards found, by key of the element."""

    products: int = 0
    complete: bool = True
    unreadable: list[str] = field(default_factory=list)
    repeated: list[str] = field(default_factory=list)
    differing: list[str] = field(default_factory=list)
    eans: dict[str, Key] = field(default_factory=dict)
    """The first product of each bar code."""
    repeated_eans: dict[str, list[Key]] = field(default_factory=dict)

    def add(self, key: Key, item: Product) -> None:
        self.products += 1
        codes = {one.code for one in item.problems}
        if Code.DUPLICATE_CODE in codes:
            self.repeated.append(key)
        if Code.CARDS_DISAGREE in codes:
            self.differing.append(key)
        if codes - {Code.DUPLICATE_CODE, Code.CARDS_DISAGREE}:
            self.unreadable.append(key)
        if item.ean and item.active and ("unfinished", "1") not in item.traits:
            first = self.eans.setdefault(item.ean, key)
            if first != key:
                self.repeated_eans.setdefault(item.ean, [first]).append(key)

    @property
    def found(self) -> str:
        return str(self.products) if self.complete else f"{self.products}+"


def cards(look: Look) -> Check:
    """Read every product as a run would. Stops where the time is up and says so: the counts then end with a plus."""
    findings = look.rows["cards"] = Findings()
    reader = Reader(look.connection, look.alias, look.today)
    cursor: str | None = None
    while True:
        page = reader.fetch(Kind.PRODUCT, cursor)
        for item in page.items:
            if isinstance(item.record, Product):
                findings.add(item.key, item.record)
        findings.unreadable += [error.label or error.key for error in page.errors]
        cursor = page.next_cursor
        if cursor is None:
            break
        if look.seconds_left <= 0:
            findings.complete = False
            break
    if findings.unreadable:
        unread = problem(Code.CARDS_UNREADABLE, count=len(findings.unreadable), examples=listed(findings.unreadable))
        return warned("cards", unread, Turn.ERP_DATA, findings.found)
    return passed("cards", findings.found)


def identity_key(look: Look) -> Check:
    """Cards without a value, two cards of one warehouse with the same, and an id that cannot join warehouses."""
    findings: Findings = look.rows["cards"]
    without = Identity(look.connection, look.alias).without().order_by("id")
    empty = without.count()
    if empty:
        names = [str(index).strip() for index in without.values_list("index", flat=True)[:EXAMPLES]]
        return warned(
            "identity_key",
            problem(Code.IDENTITY_EMPTY, count=empty, examples=", ".join(names)),
            Turn.ERP_DATA,
            findings.found,
        )
    if findings.repeated:
        twice = problem(Code.IDENTITY_REPEATED, count=len(findings.repeated), examples=listed(findings.repeated))
        return warned("identity_key", twice, Turn.ERP_DATA, findings.found)
    if look.connection.identity_key == WaproConnection.IdentityKey.ID:
        holding = Article.objects.using(look.alias).values("warehouse").distinct().count()
        if holding > 1:
            only = problem(Code.IDENTITY_PER_WAREHOUSE, count=holding)
            return warned("identity_key", only, Turn.CONNECTION, findings.found)
    return passed("identity_key", findings.found)


def eans(look: Look) -> Check:
    findings: Findings = look.rows["cards"]
    twice = findings.repeated_eans
    if not twice:
        return passed("eans", f"{len(findings.eans)}")
    examples = listed([f"{ean} ({', '.join(keys)})" for ean, keys in sorted(twice.items())])
    repeated = problem(Code.EANS_REPEATED, count=len(twice), examples=examples)
    return warned("eans", repeated, Turn.ERP_DATA, f"{len(findings.eans)}")


def agreement(look: Look) -> Check:
    """Cards of one element must not differ in VAT, unit or bar code."""
    findings: Findings = look.rows["cards"]
    if not findings.differing:
        return passed("agreement", findings.found)
    differ = problem(Code.CARDS_DIFFER, count=len(findings.differing), examples=listed(findings.differing))
    return warned("agreement", differ, Turn.ERP_DATA, findings.found)


def licence(look: Look) -> Check:
    """A program cannot read whether the licence allows an integration: a person says so, with a date."""
    connection = look.connection
    if look.sample:
        return left_out("licence", Code.SAMPLE_COMPANY)
    day = connection.licence_confirmed_on
    if day is None:
        return warned("licence", problem(Code.LICENCE_UNCONFIRMED), Turn.PERSON)
    found = f"{day.isoformat()} {connection.licence_confirmed_by}".strip()
    if look.today - day > LICENCE_GOOD_FOR:
        return warned("licence", problem(Code.LICENCE_OLD, day=day.isoformat()), Turn.PERSON, found)
    return passed("licence", found)
