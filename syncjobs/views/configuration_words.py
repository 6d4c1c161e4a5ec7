"""Entries of a configuration, their values, and why one cannot be taken over, in words."""

import dataclasses
from collections.abc import Mapping
from typing import Any

import msgspec
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from integrator.canonical.orders import PaymentKind, Stage
from integrator.canonical.text import clean
from shops.forms import STOCK_FORMULAS
from shops.registry import platforms
from syncjobs.configuration.compare import Problem, Row, Section
from syncjobs.configuration.document import DocumentRefused
from syncjobs.engine.guard import Limits
from syncjobs.fields import field_label, kind_label, written
from syncjobs.forms import CRITERION_LABELS, FIRST_LABELS, GONE_LABELS, LINKED_LABELS, OWNER_LABELS
from syncjobs.forms_brakes import LABELS as LIMIT_LABELS
from syncjobs.forms_orders import AGAIN, PRIVATE, TOLD, WHEN_UNPAID
from syncjobs.models import OrderTerms, SyncOptions
from syncjobs.orders.policy import DocumentRule
from syncjobs.views.orders_mapping import CHARGES
from syncjobs.views.orders_mapping import TITLES as MAPPED
from syncjobs.views.orders_policy import CHOICES, KINDS, STAGES
from syncjobs.views.orders_rules import sentence as rule_sentence
from wapro.models import WaproConnection

TITLES = {
    "erp": gettext_lazy("WAPRO connection"),
    "data": gettext_lazy("What is sent"),
    "filter": gettext_lazy("Which cards take part"),
    "platform_settings": gettext_lazy("Settings of this platform"),
    "limits": gettext_lazy("Limits of the brake"),
    "orders": gettext_lazy("Settings of orders"),
    "policy": gettext_lazy("What happens to orders"),
    "documents": gettext_lazy("Rules of documents"),
    "order_mappings": gettext_lazy("Mappings of orders"),
    "webhooks": gettext_lazy("Webhooks"),
    "switches": gettext_lazy("Switches of the flows"),
}
LABELS: Mapping[str, Any] = {
    "identity_key": gettext_lazy("Key of the products"),
    "leading_warehouse": gettext_lazy("Leading warehouse"),
    "snapshot_max_age": gettext_lazy("Data read from WAPRO may be this old, in seconds"),
    "group_rule": gettext_lazy("Grouping of variants"),
    "option_fields": gettext_lazy("What tells variants apart"),
    "tracking_field": gettext_lazy("Column of the tracking number"),
    "price_type": gettext_lazy("Price type"),
    "promotions": gettext_lazy("promotional prices, on the days they run"),
    "warehouses": gettext_lazy("Warehouses summed"),
    "stock_formula": gettext_lazy("Stock formula"),
    "stock_buffer": gettext_lazy("Safety buffer"),
    "default_category": gettext_lazy("Default category"),
    "kinds": gettext_lazy("Kinds of cards"),
    "web_shop": gettext_lazy("only cards flagged for the web shop"),
    "external": gettext_lazy("only cards flagged for external systems"),
    "blocked": gettext_lazy("blocked cards too"),
    "categories": gettext_lazy("In one of these categories"),
    "field": gettext_lazy("Free field"),
    "value": gettext_lazy("must hold"),
    **LIMIT_LABELS,
    "quiet_from": gettext_lazy("quiet from"),
    "quiet_to": gettext_lazy("quiet to"),
    "first_agreement": gettext_lazy("When a new pair differs from the start"),
    "erp_gone": gettext_lazy("When a linked element disappears from WAPRO"),
    "rests": gettext_lazy("when it is told"),
    "choices": gettext_lazy("what happens"),
    "payment_kinds": gettext_lazy("what sort of payment"),
    "stages": gettext_lazy("what the state means"),
    "rules": gettext_lazy("Rules of documents"),
    "wanted": gettext_lazy("the shop tells of changes at once"),
    "orders": gettext_lazy("orders go into WAPRO"),
    "orders_back": gettext_lazy("the shop is told what became of them"),
    "ways_back": gettext_lazy("way back"),
}
SUMMED = {"filter": {"warehouses": gettext_lazy("Kept in one of these warehouses")}}
"""Where one name means another thing in another section."""
DICTIONARIES = {
    "warehouses": gettext_lazy("warehouse"),
    "price_types": gettext_lazy("price type"),
    "payments": gettext_lazy("payment of the shop"),
    "states": gettext_lazy("state of the shop"),
    "deliveries": gettext_lazy("delivery of the shop"),
    "payment_forms": gettext_lazy("form of payment of WAPRO"),
    "delivery_forms": gettext_lazy("form of delivery of WAPRO"),
    "carriers": gettext_lazy("carrier of WAPRO"),
    "service_cards": gettext_lazy("service card of WAPRO"),
    "vat_codes": gettext_lazy("VAT code of WAPRO"),
}


def title(section: str) -> str:
    """The section's name on screen."""
    group, _dot, kind = section.partition(".")
    if group == "kinds":
        return _("Options: %(kind)s") % {"kind": kind_label(kind)}
    if group == "mappings":
        return _("Mappings: %(kind)s") % {"kind": kind_label(kind)}
    return str(TITLES[section])


def label(section: str, row: Row) -> str:
    """What an entry is called."""
    name = row.path[0]
    if section == "switches" and not name.startswith("orders"):
        return kind_label(name)
    if section == "platform_settings":
        return _setting_label(name)
    if name == "owners":
        return _("who rules: %(field)s") % {"field": field_label(row.path[1])}
    if name == "links":
        return row.path[1]
    if name == "back_states":
        return str(TOLD.get(Stage(row.path[1]), row.path[1])) if row.path[1] in set(map(str, Stage)) else row.path[1]
    if name == "rests":
        return f"{_named(section, name)}: {_TOLD_PARTS.get(row.path[1], row.path[1])}"
    if section == "order_mappings":
        return _order_label(row)
    words = " · ".join(row.path[1:])
    return f"{_named(section, name)}: {words}" if words else _named(section, name)


def _order_label(row: Row) -> str:
    if row.path[0] == "charges":
        return f"{CHARGES.get(row.path[1], row.path[1])} · {row.path[2]}"
    return f"{MAPPED[row.path[0]][0]}: {row.path[1] or '–'}"


def _named(section: str, name: str) -> str:
    if name in SUMMED.get(section, {}):
        return str(SUMMED[section][name])
    if name in LABELS:
        return str(LABELS[name])
    for model in (SyncOptions, OrderTerms, WaproConnection):
        known = {field.name: field for field in model._meta.concrete_fields}
        if name in known and (model is not OrderTerms or section == "orders"):
            return str(known[name].verbose_name)
    return name.replace("_", " ")


def _setting_label(name: str) -> str:
    for known in platforms().values():
        for setting in known.settings:
            if setting.name == name:
                return _(setting.label)
    return name


_TOLD_PARTS = {
    "statuses": gettext_lazy("states"),
    "payments": gettext_lazy("payments"),
    "shipments": gettext_lazy("tracking numbers"),
    "documents": gettext_lazy("numbers of documents"),
}
_WORDS: Mapping[str, Mapping[Any, Any]] = {
    "stock_formula": dict(STOCK_FORMULAS),
    "criterion": CRITERION_LABELS,
    "linked": {preset: name for preset, (name, _hint) in LINKED_LABELS.items()},
    "owners": OWNER_LABELS,
    "first_agreement": FIRST_LABELS,
    "erp_gone": GONE_LABELS,
    "when_unpaid": WHEN_UNPAID,
    "again": AGAIN,
    "private": PRIVATE,
    "choices": CHOICES,
    "payment_kinds": {kind: KINDS[kind] for kind in PaymentKind},
    "stages": STAGES,
    "identity_key": dict(WaproConnection.IdentityKey.choices),
}


_NUMBERS = ("stock_buffer", *(one.name for one in dataclasses.fields(Limits)))


def shown(section: str, path: tuple[str, ...], value: Any) -> str:
    """A value for people; empty where there is none."""
    if value is None or value == "" or value == []:
        return ""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if path[0] == "rules":
        return "; ".join(rule_sentence(msgspec.convert(rule, DocumentRule)) for rule in value)
    if path[0] == "option_fields":
        return ", ".join(f"{one['field']}: {one['name']}" for one in value)
    if isinstance(value, list):
        return ", ".join(str(one) for one in value)
    if isinstance(value, dict):
        return _parts(path[0], value)
    words = _WORDS.get(path[0], {})
    return str(words.get(value) or (written(value) if path[0] in _NUMBERS else value))


def _parts(name: str, value: Mapping[str, Any]) -> str:
    if name == "payments":
        days = ngettext("%(n)s day", "%(n)s days", value["days"]) % {"n": value["days"]}
        return f"{value['form']}, {days}"
    if name == "deliveries":
        return ", ".join(part for part in (value["form"] or _("none, on purpose"), value["carrier"]) if part)
    if name == "rates":
        return f"{written(value['value'])} ({value['day']})"
    quiet = "–".join(str(one) for one in value.get("quiet", ()))
    often = _("every %(n)s min") % {"n": value["interval"]} if "interval" in value else ""
    return ", ".join(part for part in (often, quiet) if part)


def why(problem: Problem) -> str:
    """Why an entry or a section cannot be taken over, and what to do about it."""
    code, params = problem
    told = _WHY[code] % _readable(params)
    return str(told)


def _readable(params: Mapping[str, Any]) -> dict[str, Any]:
    found = dict(params)
    if "kind" in found:
        found["kind"] = kind_label(found["kind"])
    if "field" in found:
        found["field"] = field_label(found["field"])
    if "dictionary" in found:
        found["dictionary"] = _dictionary(found["dictionary"])
    if "missing" in found:
        found["missing"] = ", ".join(_named("orders", name) for name in found["missing"])
    return found


def _dictionary(name: str) -> str:
    side, dot, kind = name.partition(".")
    if not dot:
        return str(DICTIONARIES[name])
    pattern = _("%(kind)s of the shop") if side == "shop" else _("%(kind)s of WAPRO")
    return pattern % {"kind": kind_label(kind)}


_WHY: Mapping[str, Any] = {
    "no_erp": gettext_lazy("This client has no WAPRO connection yet: add it, then compare again."),
    "kind_not_here": gettext_lazy("This shop or this WAPRO does not offer %(kind)s."),
    "no_orders": gettext_lazy("This platform has no orders here."),
    "no_webhooks": gettext_lazy("This platform has no webhooks here."),
    "not_reachable": gettext_lazy("Shops cannot reach the panel from outside, so webhooks cannot be turned on."),
    "unknown_word": gettext_lazy(
        "“%(word)s” is not here (%(dictionary)s): map it by hand, or have it made and compare again."
    ),
    "unread": gettext_lazy(
        "Whether “%(word)s” is here is not known yet (%(dictionary)s): test the connections, read the dictionaries "
        "or fetch once, then compare again."
    ),
    "identity_fixed": gettext_lazy("Elements of this client are linked by the present key, so it stays."),
    "no_setting": gettext_lazy("This platform has no such setting (%(name)s)."),
    "not_offered": gettext_lazy("The shop or WAPRO cannot do this here."),
    "no_field": gettext_lazy("No side can write the field “%(field)s” here."),
    "no_field_ignored": gettext_lazy("The field “%(field)s” is left alone there, and here nobody can write it."),
    "owner_not_offered": gettext_lazy("The field “%(field)s” cannot be ruled that way here."),
    "no_percent": gettext_lazy("WAPRO has no percentage for the code “%(word)s”."),
    "no_charge": gettext_lazy("“%(word)s” is no sort of charge that is known here."),
    "orders_not_ready": gettext_lazy("Orders cannot be switched on before these are set here: %(missing)s."),
}
_BAD: Mapping[str, Any] = {
    "too_big": gettext_lazy(
        "The file is larger than %(limit)s MB; a configuration is much smaller. Choose another file."
    ),
    "not_json": gettext_lazy("This is no JSON. Choose the file that “Export” gave, as it was downloaded."),
    "other_file": gettext_lazy("This is no configuration of Integrator. Choose the file that “Export” gave."),
    "version": gettext_lazy(
        "The file has version %(found)s, and here version %(known)s is known. Export it again from a panel of the same "
        "version."
    ),
    "secret": gettext_lazy(
        "Something in the file looks like a secret: “%(where)s”. Logins and keys never travel with a configuration. "
        "Take it out of the file, then send it again."
    ),
    "wrong": gettext_lazy("“%(where)s” holds something that cannot stand there. Mend it in the file, or export again."),
    "import_and_delete": gettext_lazy(
        "In “%(where)s” import from the shop and delete from the shop are both on. Choose one of them in the file."
    ),
    "quiet": gettext_lazy("In “%(where)s” the quiet hours have only one end. Give both in the file, or neither."),
}


def bad(refused: DocumentRefused) -> str:
    """Why a file cannot be read as a configuration, and what to do."""
    return str(_BAD[refused.code] % {name: clean(str(value)) for name, value in refused.params.items()})


def again(kinds: frozenset[str]) -> str:
    """Which kinds need approval anew, as a list."""
    return ", ".join(kind_label(kind) for kind in sorted(kinds))


def heading(section: Section) -> str:
    return capfirst(title(section.name))
