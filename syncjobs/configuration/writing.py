"""Taking a configuration over: what a person ticked of what they were shown, all of it or nothing."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import time
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from integrator.accounts import audit
from integrator.accounts.models import User
from integrator.canonical.kinds import Kind
from shops.models import ShopConnection
from syncjobs import errands, pairs, queue
from syncjobs.configuration.compare import Row, Section, compare, seal, unapproved
from syncjobs.configuration.document import Document
from syncjobs.configuration.names import Names
from syncjobs.configuration.reading import Here, entries_of, look
from syncjobs.configuration.removing import remove
from syncjobs.engine.guard import Limits
from syncjobs.forms import preset_of
from syncjobs.linking import bump_references
from syncjobs.models import Errand, Link
from syncjobs.models.choices import Origin
from syncjobs.options import save_options
from syncjobs.orders import acting
from wapro.models import WaproConnection

Rows = Sequence[Row]
Entry = tuple[str, tuple[str, ...]]
"""Section and path."""


class Stale(Exception):
    """Something has changed since the comparison was shown. `sections` is the fresh one."""

    def __init__(self, sections: tuple[Section, ...]) -> None:
        super().__init__("stale")
        self.sections = sections


class NotTaken(Exception):
    """The options refused what came together. `messages` say why."""

    def __init__(self, messages: list[str]) -> None:
        super().__init__("; ".join(messages))
        self.messages = messages


@dataclass(frozen=True, slots=True)
class Taken:
    entries: int
    sections: tuple[str, ...]
    unapproved: frozenset[str]
    """Kinds whose next plan waits for a person."""
    removed: int = 0


def comparison(connection: ShopConnection, wanted: Document) -> tuple[Section, ...]:
    """What would change in this connection."""
    here = look(connection)
    return compare(entries_of(here, whole=True), wanted, here.ground)


def take_over(
    connection: ShopConnection,
    wanted: Document,
    ticked: Collection[str],
    shown: str,
    user: User | None,
    source: str,
    removed: Collection[Entry] = (),
) -> Taken:
    """Write the changes of the ticked sections, and remove these entries (section, path) that are only here. `shown`:
    the seal of the comparison that the person saw. Raises Stale, NotTaken; then nothing was written."""
    with transaction.atomic():
        # Two people may take something over at once: the second waits here and then sees what the first did.
        ShopConnection.objects.select_for_update().filter(pk=connection.pk).exists()
        WaproConnection.objects.select_for_update().filter(client=connection.client_id).exists()
        here = look(ShopConnection.objects.select_related("client__firm").get(pk=connection.pk))
        sections = compare(entries_of(here, whole=True), wanted, here.ground)
        if seal(sections) != shown:
            raise Stale(sections)
        changes = {one.name: one.changes for one in sections if one.name in ticked and one.changes}
        again = unapproved(changes) & set(here.options)
        leaving = {
            one.name: rows
            for one in sections
            if (rows := [row for row in one.removable if (one.name, row.path) in removed]) and user is not None
        }
        try:
            _write(here, changes, again, user)
            if user is not None:
                remove(here, leaving, user)
        except ValidationError as refused:
            raise NotTaken(refused.messages) from refused
        count, gone = (sum(len(rows) for rows in found.values()) for found in (changes, leaving))
        if count or gone:
            data = {
                "from": source,
                "sections": {name: len(rows) for name, rows in changes.items()},
                "first_plan_again": sorted(again),
                **({"removed": {name: len(rows) for name, rows in leaving.items()}} if leaving else {}),
            }
            audit.record(user, "configuration.apply", connection.name, client=here.connection.client, data=data)
            queue.nudge(here.connection)
    return Taken(count, tuple(changes), again, gone)


def _write(here: Here, changes: Mapping[str, Rows], again: frozenset[str], user: User | None) -> None:
    if "erp" in changes:
        _write_erp(here, changes["erp"], user)
    _write_connection(here, changes)
    _write_kinds(here, changes, again, user)
    for name, rows in changes.items():
        if name.startswith("mappings."):
            _write_links(here, Kind(name.removeprefix("mappings.")), rows, user)
    _write_orders(here, changes)
    for row in changes.get("webhooks", ()):
        verb = Errand.Verb.WEBHOOKS_ON if row.new else Errand.Verb.WEBHOOKS_OFF
        errands.request(verb, shop=here.connection, user=user)


def _write_erp(here: Here, rows: Rows, user: User | None) -> None:
    erp = here.erp
    if erp is None:
        return
    for row in rows:
        (name,) = row.path
        value = _key(here, "warehouses", row.new) if name == "leading_warehouse" else row.new
        setattr(erp, name, value)
    fields = [row.path[0] for row in rows]
    erp.save(update_fields=fields)
    audit.record(user, "erp.change", erp.name, client=here.connection.client, data={"fields": fields})


def _write_connection(here: Here, changes: Mapping[str, Rows]) -> None:
    connection = here.connection
    before = connection.default_category
    fields = {
        **{row.path[0]: _data_value(here, row) for row in changes.get("data", ())},
        **_as_one(here, "item_filter", changes.get("filter", ()), connection.item_filter),
        **_as_one(here, "settings", changes.get("platform_settings", ()), connection.settings),
        **_as_one(here, "limits", changes.get("limits", ()), connection.limits),
    }
    if not fields:
        return
    if set(fields) - {"limits"}:
        fields["settings_version"] = connection.settings_version + 1
    if "settings" in fields:
        fields["learnt_at"] = None
    for name, value in fields.items():
        setattr(connection, name, value)
    connection.save(update_fields=list(fields))
    if connection.default_category != before:
        bump_references(connection)


_DICTIONARIES = {"price_type": "price_types", "warehouses": "warehouses", "default_category": "shop.category"}


def _data_value(here: Here, row: Row) -> Any:
    (name,) = row.path
    if name == "stock_buffer":
        return Decimal(row.new)
    if name not in _DICTIONARIES:
        return row.new
    if isinstance(row.new, list):
        return [_key(here, _DICTIONARIES[name], word) for word in row.new]
    return _key(here, _DICTIONARIES[name], row.new)


def _as_one(here: Here, field: str, rows: Rows, stored: Mapping[str, Any]) -> dict[str, Any]:
    """Entries that are kept together in one field."""
    if not rows:
        return {}
    found = dict(stored)
    dictionaries = {"warehouses": "warehouses", "categories": "erp.category"} if field == "item_filter" else {}
    for row in rows:
        (name,) = row.path
        if name in dictionaries:
            found[name] = [_key(here, dictionaries[name], word) for word in row.new]
        else:
            found[name] = row.new
    if field == "limits":
        Limits.of(found)
    return {field: found}


def _write_kinds(here: Here, changes: Mapping[str, Rows], again: frozenset[str], user: User | None) -> None:
    switched = {row.path[0]: row.new for row in changes.get("switches", ())}
    for kind, option in here.options.items():
        rows = changes.get(f"kinds.{kind}", ())
        if not rows and kind not in switched and kind not in again:
            continue
        owners = dict(option.owners)
        for row in rows:
            name = row.path[0]
            if name == "owners":
                owners[row.path[1]] = row.new
            else:
                setattr(option, name, _time(row.new) if name.startswith("quiet_") else row.new)
        option.owners = owners
        if rows:
            option.linked = str(preset_of(owners, option.linked))
        option.enabled = switched.get(kind, option.enabled)
        if kind in again:
            option.approved_at = option.approved_by = None
        save_options(option, user)


def _time(value: str | None) -> time | None:
    return None if value is None else time.fromisoformat(value)


def _write_links(here: Here, kind: Kind, rows: Rows, user: User | None) -> None:
    erp, shop = here.ground.names[f"erp.{kind}"], here.ground.names[f"shop.{kind}"]
    partners = {_sure(erp, row.path[1]): _sure(shop, row.new) for row in rows if row.path[0] == "links"}
    if partners:
        pairs.link_many(here.connection, kind, partners, user, Origin.PERSON)
    links = Link.objects.filter(connection=here.connection, kind=kind)
    for row in rows:
        if row.path[0] == "ways_back":
            chosen = links.filter(erp_key=_sure(erp, row.new), shop_key=_sure(shop, row.path[1])).first()
            if chosen is not None:
                links.filter(shop_key=chosen.shop_key).update(primary=False)
                links.filter(pk=chosen.pk).update(primary=True)
    bump_references(here.connection)


def _write_orders(here: Here, changes: Mapping[str, Rows]) -> None:
    terms = here.terms
    writers: dict[str, Callable[[Here, Row], None]] = {
        "orders": _order_setting,
        "policy": _policy,
        "documents": _documents,
        "order_mappings": _order_mapping,
        "switches": _order_switch,
    }
    done = [(write, row) for name, write in writers.items() for row in changes.get(name, ())]
    done = [(write, row) for write, row in done if write is not _order_switch or row.path[0].startswith("orders")]
    if not done:
        return
    for write, row in done:
        write(here, row)
    # A worker moves the rest of the row meanwhile.
    fields = {_kept_in(row.path[0], write is _order_switch) for write, row in done}
    terms.save(update_fields=sorted(fields) if terms.pk else None)
    acting.decide_anew(here.connection)


def _kept_in(name: str, switch: bool) -> str:
    """The field of the terms that an entry is kept in."""
    if switch:
        return _SWITCHED[name]
    return "documents" if name == "rules" else name


_SWITCHED = {"orders": "enabled", "orders_back": "back_enabled"}


def _order_setting(here: Here, row: Row) -> None:
    name, terms = row.path[0], here.terms
    if name == "back_states":
        terms.back_states = terms.back_states | {row.path[1]: _key(here, "states", row.new)}
    elif name == "rests":
        others = {n: one for n, one in terms.rests.get(row.path[1], {}).items() if n not in ("interval", "quiet")}
        terms.rests = terms.rests | {row.path[1]: row.new | others}
    elif name == "warehouse":
        terms.warehouse = _key(here, "warehouses", row.new)
    else:
        setattr(terms, name, _time(row.new) if name.startswith("quiet_") else row.new)


def _policy(here: Here, row: Row) -> None:
    name, terms = row.path[0], here.terms
    if name == "choices":
        pair = f"{_key(here, 'payments', row.path[1])}|{_key(here, 'states', row.path[2])}"
        terms.choices = terms.choices | {pair: row.new}
    elif name == "payment_kinds":
        terms.payment_kinds = terms.payment_kinds | {_key(here, "payments", row.path[1]): row.new}
    else:
        terms.stages = terms.stages | {_key(here, "states", row.path[1]): row.new}


def _documents(here: Here, row: Row) -> None:
    here.terms.documents = row.new


def _order_mapping(here: Here, row: Row) -> None:
    name, terms = row.path[0], here.terms
    if name == "payments":
        value = {"form": _key(here, "payment_forms", row.new["form"]), "days": row.new["days"]}
        terms.payments = terms.payments | {_key(here, "payments", row.path[1]): value}
    elif name == "deliveries":
        form, carrier = _key(here, "delivery_forms", row.new["form"]), _key(here, "carriers", row.new["carrier"])
        both = {"form": int(form) if form else None, "carrier": int(carrier) if carrier else None}
        terms.deliveries = terms.deliveries | {_key(here, "deliveries", row.path[1]): both}
    elif name == "taxes":
        code = _key(here, "vat_codes", row.new)
        terms.taxes = terms.taxes | {row.path[1]: {"code": code, "percent": here.ground.percents[code]}}
    elif name == "charges":
        charge = f"{row.path[1]}|{_key(here, 'vat_codes', row.path[2])}"
        terms.charges = terms.charges | {charge: _key(here, "service_cards", row.new)}
    else:
        terms.rates = terms.rates | {row.path[1]: row.new}


def _order_switch(here: Here, row: Row) -> None:
    setattr(here.terms, _SWITCHED[row.path[0]], row.new)


def _key(here: Here, dictionary: str, word: str) -> str:
    return _sure(here.ground.names[dictionary], word)


def _sure(names: Names, word: str) -> str:
    """The comparison let the word through, so it means something here."""
    found = names.key(word)
    if found is None:
        raise ValueError(f"no such word here: {word}")
    return found
