"""Taking away what is only here, entry by entry, as a person ticked it."""

from collections.abc import Mapping, Sequence

from integrator.accounts.models import User
from integrator.canonical.kinds import Kind
from syncjobs import pairs
from syncjobs.configuration.compare import Row
from syncjobs.configuration.names import Names
from syncjobs.configuration.reading import Here
from syncjobs.models import Link
from syncjobs.orders import acting

_DICTIONARIES = {
    "choices": ("payments", "states"),
    "payment_kinds": ("payments",),
    "stages": ("states",),
    "payments": ("payments",),
    "deliveries": ("deliveries",),
    "taxes": ("",),
    "charges": ("", "vat_codes"),
    "rates": ("",),
    "rests": ("",),
}
"""From which dictionaries the words in the keys of each table of the terms of orders are."""


def remove(here: Here, rows: Mapping[str, Sequence[Row]], user: User) -> None:
    """Remove these entries, by section."""
    for section, of_section in rows.items():
        group, _dot, kind = section.partition(".")
        if group == "mappings":
            _break(here, Kind(kind), of_section, user)
    _from_terms(here, [row for of_section in rows.values() for row in of_section if row.path[0] in _DICTIONARIES])


def _break(here: Here, kind: Kind, rows: Sequence[Row], user: User) -> None:
    names = here.ground.names[f"erp.{kind}"]
    keys = [_key(names, row.path[1]) for row in rows]
    for link in Link.objects.filter(connection=here.connection, kind=kind, erp_key__in=keys):
        pairs.unlink(link, user)


def _from_terms(here: Here, rows: Sequence[Row]) -> None:
    if not rows:
        return
    terms, tables = here.terms, {row.path[0] for row in rows}
    for name in tables:
        gone = {_kept_under(here, row) for row in rows if row.path[0] == name}
        setattr(terms, name, {key: value for key, value in getattr(terms, name).items() if key not in gone})
    # A worker moves the rest of the row meanwhile.
    terms.save(update_fields=sorted(tables))
    acting.decide_anew(here.connection)


def _kept_under(here: Here, row: Row) -> str:
    """The key of the entry. What no dictionary lists any more is kept under itself."""
    words = zip(_DICTIONARIES[row.path[0]], row.path[1:], strict=True)
    return "|".join(_key(here.ground.dictionary(name), word) if name else word for name, word in words)


def _key(names: Names, word: str) -> str:
    found = names.key(word)
    return word.removeprefix("#") if found is None else found
