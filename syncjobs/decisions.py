"""The record of decisions as people read it: kinds, fields and settings by their names on screen, not those in code.

An entry keeps the words of the code, since the reader's language is known only when it is read.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db.models import DecimalField
from django.utils.functional import Promise
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from integrator.accounts.models import AuditEntry, Firm, Role
from shops.models import ShopConnection
from syncjobs.fields import NUMBERS, field_label, kind_label, shown, written
from syncjobs.forms import CRITERION_LABELS, FIRST_LABELS, GONE_LABELS, LINKED_LABELS, OWNER_LABELS
from syncjobs.forms_brakes import LABELS as LIMIT_LABELS
from syncjobs.models import OrderTerms, SyncOptions
from syncjobs.models.choices import KindName, Mark
from wapro.models import WaproConnection

LONGEST = 240
"""Characters of details on one line."""
NAMES = {
    "before": gettext_lazy("before"),
    "changes": gettext_lazy("changes"),
    "charges": gettext_lazy("charges"),
    "choices": gettext_lazy("payment and state"),
    "chosen": gettext_lazy("chosen"),
    "count": gettext_lazy("how many"),
    "criterion": gettext_lazy("link by"),
    "database": gettext_lazy("database"),
    "deed": gettext_lazy("action"),
    "deliveries": gettext_lazy("deliveries"),
    "documents": gettext_lazy("documents"),
    "erp": gettext_lazy("WAPRO"),
    "erp_gone": gettext_lazy("gone from WAPRO"),
    "fields": gettext_lazy("fields"),
    "flows": gettext_lazy("flows"),
    "first_agreement": gettext_lazy("a new pair that differs"),
    "keys": gettext_lazy("keys"),
    "kind": gettext_lazy("kind"),
    "kinds": gettext_lazy("kinds"),
    "login": gettext_lazy("login"),
    "mark": gettext_lazy("mark"),
    "open": gettext_lazy("still open"),
    "orders": gettext_lazy("orders"),
    "owner": gettext_lazy("who rules"),
    "owners": gettext_lazy("who rules which field"),
    "part": gettext_lazy("part of the set-up"),
    "payment_kinds": gettext_lazy("kinds of payments"),
    "payments": gettext_lazy("payments"),
    "pressed_by": gettext_lazy("stopped by"),
    "rates": gettext_lazy("currencies"),
    "reads": gettext_lazy("reading stopped too"),
    "reason": gettext_lazy("reason"),
    "role": gettext_lazy("role"),
    "run": gettext_lazy("run"),
    "second_factor": gettext_lazy("second factor"),
    "shop": gettext_lazy("shop"),
    "sort": gettext_lazy("sort"),
    "stages": gettext_lazy("meaning of states"),
    "taxes": gettext_lazy("VAT rates"),
    "undo": gettext_lazy("taken back by run"),
    "value": gettext_lazy("value"),
    "waiting": gettext_lazy("waiting"),
    "why": gettext_lazy("reason"),
    "written": gettext_lazy("written"),
}
"""Names of details that no model or form names."""
CHOSEN_LABELS = {
    "erp": gettext_lazy("WAPRO"),
    "shop": gettext_lazy("shop"),
    "value": gettext_lazy("another value"),
    "ignore": gettext_lazy("both left as they are"),
}
"""What a person chose of a conflict."""
_SETTINGS = (ShopConnection, WaproConnection, SyncOptions, OrderTerms)


def subject(entry: AuditEntry) -> str:
    """What was decided about. In `Garden: run 7` and `Garden: price` the run and the kind are put into words."""
    family = entry.verb.partition(".")[0]
    said = _SUBJECTS.get(family, str)(entry.subject)
    return said or entry.subject


def _of_run(text: str) -> str:
    found = re.fullmatch(r"(.*): run (\d+)", text)
    return _("%(shop)s: run %(number)s") % {"shop": found[1], "number": found[2]} if found else ""


def _of_kind(text: str) -> str:
    head, _colon, kind = text.rpartition(": ")
    return f"{head}: {kind_label(kind)}" if kind in KindName.values else ""


def _of_link(text: str) -> str:
    kind, _space, pair = text.partition(" ")
    return f"{kind_label(kind)}: {pair}" if kind in KindName.values else ""


def _of_conflict(text: str) -> str:
    """One field of one element (`product K1: name`), or a field of all of them (`Garden: product name`)."""
    head, _colon, name = text.rpartition(": ")
    of_all, _space, field = name.partition(" ")
    if field and of_all in KindName.values:
        return f"{head}: {kind_label(of_all)}, {field_label(field)}"
    kind, _space, key = head.partition(" ")
    return f"{key}: {field_label(name)}" if kind in KindName.values else ""


_SUBJECTS: dict[str, Callable[[str], str]] = {
    "run": _of_run,
    "step": _of_kind,
    "options": _of_kind,
    "link": _of_link,
    "conflict": _of_conflict,
}


def details(entry: AuditEntry) -> str:
    """What the entry holds beside the subject, in one short line; what is empty is left out."""
    data = _before_and_after(entry.data)
    field = _field_of(entry)
    if field:
        data |= {name: shown(field, data[name]) for name in ("erp", "shop", "value") if data.get(name) is not None}
    parts = [f"{_name(name)}: {text}" for name, value in data.items() if (text := _detail(name, value))]
    return Truncator("; ".join(parts)).chars(LONGEST)


def _field_of(entry: AuditEntry) -> str:
    """The field whose two values a decision of a conflict names; empty of other entries."""
    return entry.subject.rpartition(": ")[2].rpartition(" ")[2] if entry.verb.startswith("conflict.") else ""


def _before_and_after(data: Mapping[str, Any]) -> dict[str, Any]:
    """`before` beside a role is that role's former value, beside `after` the former rule of the second factor: each
    reads as one change."""
    if set(data) == {"before", "after"}:
        return {"second_factor": {"from": data["before"], "to": data["after"]}}
    if "before" in data and "role" in data:
        rest = {name: value for name, value in data.items() if name not in ("before", "role")}
        return {"role": {"from": data["before"], "to": data["role"]}, **rest}
    return dict(data)


def _name(name: str) -> str:
    return str(NAMES.get(name) or _setting(name) or field_label(name))


def _setting(name: str) -> str:
    """How a connection or the options call this field; nothing for a field that only code has a name for."""
    for model in _SETTINGS:
        try:
            label = getattr(model._meta.get_field(name), "verbose_name", "")
        except FieldDoesNotExist:
            continue
        return str(label) if isinstance(label, Promise) else ""
    return ""


def _detail(name: str, value: Any) -> str:
    if isinstance(value, dict) and set(value) == {"from", "to"}:
        if isinstance(value["to"], dict):
            return _changed(name, value["from"] or {}, value["to"])
        return f"{_word(name, value['from'])} → {_word(name, value['to'])}"
    if value in (None, "", [], {}):
        return ""
    if isinstance(value, list):
        return ", ".join(dict.fromkeys(_word(name, one) for one in value))
    return _word(name, value)


def _changed(name: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    """Only what moved of a mapping, such as the owners of fields."""
    moved = [key for key in after if after[key] != before.get(key)]
    return ", ".join(f"{_name(key)} {_word(name, before.get(key))} → {_word(name, after[key])}" for key in moved)


def _word(name: str, value: Any) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if value in (None, ""):
        return "–"
    text = str(value)
    if name in ("kind", "kinds"):
        return kind_label(text)
    if name == "fields":
        family, _dot, inner = text.partition(".")
        if family == "limits":
            return str(LIMIT_LABELS.get(inner, inner))
        return _("item filter") if family == "filter" else _name(text)
    return str(_VALUES.get(name, {}).get(text) or (written(text) if name in _NUMBERS else text))


_NUMBERS = NUMBERS | {
    column.name for model in _SETTINGS for column in model._meta.concrete_fields if isinstance(column, DecimalField)
}
_VALUES: dict[str, Mapping[Any, Any]] = {
    "criterion": CRITERION_LABELS,
    "linked": {preset: label for preset, (label, _help) in LINKED_LABELS.items()},
    "owners": OWNER_LABELS,
    "owner": OWNER_LABELS,
    "chosen": CHOSEN_LABELS,
    "first_agreement": FIRST_LABELS,
    "erp_gone": GONE_LABELS,
    "role": dict(Role.choices),
    "before": dict(Role.choices),
    "mark": dict(Mark.choices),
    "second_factor": {value or "-": label for value, label in Firm.SecondFactor.choices},
}
