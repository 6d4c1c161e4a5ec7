"""Contractors: found by tax number or e-mail, never guessed; created only behind a switch.

No procedure of the vendor that creates one is known, so a creation is an INSERT with keys taken under a range lock. It
is experimental and meant to be tried on a copy of the database first.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from django.db import connections, transaction
from django.db.models import CharField, F, Func, Max, Q, QuerySet, Value
from django.db.models.functions import Upper

from integrator.canonical.errors import PlanRefused, Rejected
from integrator.canonical.problems import Code, Turn
from integrator.canonical.records import Key
from wapro.columns import SQL_SERVER
from wapro.creation import insert, next_key, serializable
from wapro.errors import canonical_errors
from wapro.orders.draft import ContractorsFound, FoundContractor, NewContractor
from wapro.orders.ground import Ground
from wapro.orders.tables import Anonymised, ContractorClass, ContractorGroup
from wapro.tables import Contractor, Table
from wapro.texts import fitting
from wapro.writer import lock

LIMITS: Mapping[str, int] = {
    "name": 50,
    "full_name": 200,
    "tax_number": 30,
    "country": 3,
    "street": 50,
    "postcode": 20,
    "city": 50,
    "email": 255,
    "phone": 20,
    "payment_form": 50,
    "marker": 50,
}
"""Characters that the columns of KONTRAHENT take, by field of NewContractor."""
AUTHOR = "Integrator"
NEXT_NUMBER = """
SELECT ISNULL(MAX(KOD_KONTRAHENTA), 0) + 1
FROM dbo.KONTRAHENT WITH (UPDLOCK, HOLDLOCK)
WHERE ID_FIRMY = %s
"""
_NOISE = re.compile(r"[^0-9A-Z]")
_ROW = (
    "id", "number", "name", "full_name", "tax_id", "email", "street", "postcode", "town", "country", "payment_form",
    "payment_days", "one_off",
)  # fmt: skip


class _Without(Func):
    """REPLACE as it stands: Django's own asks a SQL Server for its collation first."""

    function = "REPLACE"
    output_field = CharField()


def normalised(tax_number: str) -> str:
    """Digits and capital letters only, without the PL of a Polish number: `PL 526-10-40-567` is `5261040567`."""
    plain = _NOISE.sub("", tax_number.upper())
    return plain[2:] if plain.startswith("PL") and plain[2:].isdigit() else plain


def by_tax_number(ground: Ground, tax_number: str, company: int) -> ContractorsFound:
    """All contractors of the company with this number, however it was typed."""
    wanted = normalised(tax_number)
    if not wanted:
        return ContractorsFound()
    typed: Any = Upper(F("tax_id"))
    for noise in ("-", " ", ".", "/"):
        typed = _Without(typed, Value(noise), Value(""))
    rows = _contractors(ground, company).annotate(typed=typed)
    rows = rows.filter(Q(typed__in=(wanted, f"PL{wanted}")) | Q(tax_digits=wanted))
    # NIPL may hold the digits of a foreign number, too: the number as typed decides where there is one.
    return _found(rows, lambda row: normalised(row["tax_id"] or "") in ("", wanted))


def by_email(ground: Ground, email: str, company: int) -> ContractorsFound:
    """Private persons of the company with this address: a firm is told by its tax number alone. The contractors of
    retail and one-off sales are nobody's."""
    wanted = email.strip()
    if not wanted:
        return ContractorsFound()
    firm = Q(tax_id__isnull=False) & ~Q(tax_id="") | Q(tax_digits__isnull=False) & ~Q(tax_digits="")
    shared = [int(key) for key in _shared(ground) if key.isdigit()]
    rows = _contractors(ground, company).filter(email__iexact=wanted).exclude(firm).exclude(pk__in=shared)
    return _found(rows, lambda row: True)


def anonymised(ground: Ground, keys: Iterable[Key]) -> frozenset[Key]:
    """Of these contractors those whose personal data the program took away; of an older program none is known."""
    ids = [int(key) for key in keys if key.isdigit()]
    if not ids or not ground.has_anonymised:
        return frozenset()
    rows = Anonymised.objects.using(ground.alias).filter(pk__in=ids, anonymised=1)
    return frozenset(str(pk) for pk in rows.values_list("pk", flat=True))


def _by_marker(ground: Ground, marker: str, company: int) -> ContractorsFound:
    """Contractors that we made for this buyer of a shop."""
    if not marker:
        return ContractorsFound()
    return _found(_contractors(ground, company).filter(marker=marker, external=1, author=AUTHOR), lambda row: True)


def _shared(ground: Ground) -> tuple[str, str]:
    return ground.connection.retail_contractor.strip(), ground.connection.one_off_contractor.strip()


def _contractors(ground: Ground, company: int) -> QuerySet[Contractor]:
    saved = Q(state__isnull=True) | Q(state=0)
    return Contractor.objects.using(ground.alias).filter(saved, company=company).order_by("id")


def _found(rows: QuerySet[Contractor], fits: Any) -> ContractorsFound:
    told = [(bool(row["blocked"]), _told(row)) for row in rows.values(*_ROW, "blocked") if fits(row)]
    return ContractorsFound(
        found=tuple(one for blocked, one in told if not blocked), blocked=tuple(one for blocked, one in told if blocked)
    )


def _told(row: Mapping[str, Any]) -> FoundContractor:
    texts = {name: (row[name] or "").strip() for name in ("name", "full_name", "email", "street", "postcode")}
    return FoundContractor(
        key=str(row["id"]),
        number=row["number"],
        tax_number=(row["tax_id"] or "").strip(),
        city=(row["town"] or "").strip(),
        country=(row["country"] or "").strip(),
        payment_form=(row["payment_form"] or "").strip(),
        payment_days=row["payment_days"] or 0,
        one_off=bool(row["one_off"]),
        **texts,
    )


def fits(new: NewContractor) -> dict[str, str]:
    """The texts as they go into the columns. Pure. Raises Rejected(TOO_LONG, REJECTED, REQUIRED_EMPTY)."""
    texts = {name: fitting(name, getattr(new, name), limit) for name, limit in LIMITS.items()}
    if not texts["name"]:
        raise Rejected(Code.REQUIRED_EMPTY, field="name", system="WAPRO Mag")
    return texts | {"full_name": texts["full_name"] or texts["name"], "country": texts["country"] or "PL"}


def create(ground: Ground, new: NewContractor, company: int) -> FoundContractor:
    """A new contractor, or the one that has its tax number already (without one: its e-mail, without that the marker we
    wrote): so it may be repeated after a lost answer.

    Raises PlanRefused(WRITE_DISABLED) while the switch is off, Rejected(TOO_LONG, REQUIRED_EMPTY, FOUND_SEVERAL,
    CONTRACTOR_BLOCKED), Locked, OutcomeUnknown.
    """
    connection = ground.connection
    if not connection.create_contractors or connection.experimental_tested_on is None:
        raise PlanRefused(Code.WRITE_DISABLED, turn=Turn.CONNECTION, system="WAPRO Mag")
    texts, alias = fits(new), ground.alias
    with serializable(alias), canonical_errors(write=True), transaction.atomic(using=alias):
        lock(alias, "integrator:create")
        there = _same(ground, new, company)
        if there is not None:
            return there
        pk = next_key(alias, Contractor)
        insert(alias, Contractor, **_columns(ground, new, texts, company, pk))
    row = Contractor.objects.using(alias).filter(pk=pk).values(*_ROW).get()
    return _told(row)


def _same(ground: Ground, new: NewContractor, company: int) -> FoundContractor | None:
    if new.tax_number:
        seen = by_tax_number(ground, new.tax_number, company)
    elif new.email:
        seen = by_email(ground, new.email, company)
    else:
        seen = _by_marker(ground, new.marker, company)
    if seen.blocked:
        raise Rejected(Code.CONTRACTOR_BLOCKED, turn=Turn.ERP_DATA, value=_named(seen.blocked))
    if len(seen.found) > 1:
        raise Rejected(Code.FOUND_SEVERAL, count=len(seen.found), system="WAPRO Mag", found=_named(seen.found))
    return seen.found[0] if seen.found else None


def _named(contractors: Iterable[FoundContractor]) -> str:
    return ", ".join(f"{one.name} ({one.number or one.key})" for one in contractors)


def _columns(ground: Ground, new: NewContractor, texts: Mapping[str, str], company: int, pk: int) -> dict[str, Any]:
    tax = texts["tax_number"]
    return {
        "id": pk,
        "company": company,
        "number": _next_number(ground.alias, company),
        "group": _default(ground.alias, ContractorGroup, company),
        "classification": _default(ground.alias, ContractorClass, company),
        "payer": pk,
        "name": texts["name"],
        "full_name": texts["full_name"],
        "tax_id": tax,
        "tax_digits": normalised(tax),
        "pays_vat": int(bool(tax)),
        "is_customer": 1,
        "is_supplier": 0,
        "country": texts["country"],
        "postal_country": texts["country"],
        "postcode": texts["postcode"],
        "town": texts["city"],
        "street": texts["street"],
        "email": texts["email"],
        "phone": texts["phone"],
        "payment_form": texts["payment_form"],
        "payment_days": new.payment_days,
        "priority": 2,
        "discount": 0,
        "blocking": 0,
        "one_off": int(new.one_off),
        "external": 1,
        "marker": texts["marker"],
        "author": AUTHOR,
        "blocked": 0,
        "editor": 0,
        "state": 0,
        "excise_number": "",
    }


def _next_number(alias: str, company: int) -> int:
    """KOD_KONTRAHENTA, unique in a company."""
    if connections[alias].vendor == SQL_SERVER:
        with connections[alias].cursor() as cursor:
            cursor.execute(NEXT_NUMBER, [company])
            return int(cursor.fetchone()[0])
    highest = Contractor.objects.using(alias).filter(company=company).aggregate(highest=Max("number"))["highest"]
    return int(highest or 0) + 1


def _default(alias: str, table: type[Table], company: int) -> int | None:
    """The company's default group or class, else its first."""
    rows = table.objects.using(alias).filter(company=company).order_by("-is_default", "id")
    return rows.values_list("id", flat=True).first()
