"""One connection's configuration as entries, and what of another one could be taken over here."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import time
from decimal import Decimal
from typing import Any

from integrator.canonical.errors import IntegrationError
from integrator.canonical.kinds import REFERENCE_KINDS, SYNC_KINDS, Kind
from integrator.canonical.records import plain_number
from integrator.public_address import public_host
from shops.models import ShopConnection
from shops.registry import platforms
from syncjobs import snapshots, webhooks
from syncjobs.configuration.compare import Ground, Offered
from syncjobs.configuration.document import Flat
from syncjobs.configuration.names import Names, names_of
from syncjobs.configuration.schema import DATA, ERP, FILTER, KIND, LIMITS, ORDERS, rest
from syncjobs.engine.guard import Limits
from syncjobs.engine.item_filter import ItemFilter
from syncjobs.forms import offer_of
from syncjobs.models import Link, OrderTerms, SyncOptions
from syncjobs.options import ensure_options
from syncjobs.orders.dictionaries import erp_words_of
from syncjobs.orders.draft import SPREAD
from syncjobs.orders.terms import words_of
from syncjobs.setup import Setup, setup_of
from wapro.models import WaproConnection

BY_CODE = (Kind.UNIT, Kind.TAX_RATE)
"""Kinds that people know by their abbreviation or code."""


@dataclass(slots=True)
class Here:
    """A connection with everything that its configuration is read from."""

    connection: ShopConnection
    erp: WaproConnection | None
    setup: Setup | None
    terms: OrderTerms
    options: dict[str, SyncOptions]
    ground: Ground


def look(connection: ShopConnection) -> Here:
    """Read it whole. Options of kinds that nobody has opened yet are made, as safe as every new one."""
    erp = WaproConnection.objects.filter(client=connection.client_id).first()
    terms = OrderTerms.objects.filter(connection=connection).first() or OrderTerms(connection=connection)
    setup, options = None, {}
    if erp is not None:
        try:
            options = {option.kind: option for option in ensure_options(connection)}
            setup = setup_of(connection)
        except IntegrationError:
            setup = None
    names = dict(_dictionaries(connection, erp, terms))
    return Here(connection, erp, setup, terms, options, _ground(connection, erp, setup, terms, names))


def _ground(
    connection: ShopConnection,
    erp: WaproConnection | None,
    setup: Setup | None,
    terms: OrderTerms,
    names: Mapping[str, Names],
) -> Ground:
    known = platforms().get(connection.platform)
    settings = known.settings if known else ()
    needed = {"prefix": terms.prefix, "warehouse": terms.warehouse, "go_live": terms.go_live}
    return Ground(
        has_erp=setup is not None,
        linked=Link.objects.filter(connection__client=connection.client_id).exists(),
        orders=bool(known and known.orders),
        webhooks=webhooks.scheme_of(connection) is not None,
        reachable=bool(public_host()),
        kinds={str(kind): _offered(setup, kind) for kind in setup.kinds} if setup else {},
        settings={one.name: _allowed(one.kind, [value for value, _text in one.choices]) for one in settings},
        names=names,
        percents={
            word.key: None if word.percent is None else plain_number(word.percent)
            for word in erp_words_of(terms).vat_codes
        },
        missing=tuple(name for name, value in needed.items() if not value),
    )


def _allowed(kind: str, choices: list[str]) -> frozenset[Any] | None:
    if kind == "bool":
        return frozenset((True, False))
    return frozenset(choices) if kind == "choice" else None


def _offered(setup: Setup, kind: Kind) -> Offered:
    offer = offer_of(setup, kind)
    return Offered(
        incremental=offer.incremental,
        criteria=frozenset(map(str, offer.criteria)) or frozenset({""}),
        linked=frozenset(map(str, offer.linked)),
        owners={name: frozenset(map(str, owners)) for name, owners in offer.owners.items()},
        export=offer.export,
        imports=offer.imports,
        delete=offer.delete,
        erp_gone=frozenset(map(str, offer.erp_gone)),
    )


def _dictionaries(
    connection: ShopConnection, erp: WaproConnection | None, terms: OrderTerms
) -> Iterator[tuple[str, Names]]:
    facts = erp.facts if erp is not None else {}
    for name in ("warehouses", "price_types"):
        yield name, names_of((str(row["key"]), str(row["name"])) for row in facts.get(name) or ())
    for kind in REFERENCE_KINDS:
        yield f"shop.{kind}", _elements(connection, kind)
        yield f"erp.{kind}", _elements(erp, kind) if erp is not None else Names()
    words = words_of(terms)
    for name, entries in (("payments", words.payments), ("states", words.states), ("deliveries", words.deliveries)):
        yield name, names_of((entry.key, entry.name) for entry in entries)
    ours = erp_words_of(terms)
    for name in ("payment_forms", "delivery_forms", "carriers", "service_cards", "vat_codes"):
        pairs = [(word.key, word.name) for word in getattr(ours, name)]
        read = terms.erp_words_at is not None or bool(terms.erp_words)
        special = [(SPREAD, SPREAD)] if name == "service_cards" else []
        if name == "payment_forms":
            # WAPRO knows a form of payment by its name alone.
            special = [(str(one["form"]),) * 2 for one in terms.payments.values() if one.get("form")]
        yield name, names_of([*special, *pairs], read=read)


def _elements(source: ShopConnection | WaproConnection, kind: Kind) -> Names:
    rows = snapshots.present(source, kind).values_list("key", "code", "label")
    read = snapshots.of(source).filter(kind=kind).exists()
    return names_of(((key, _name(kind, code, label)) for key, code, label in rows), read=read)


def _name(kind: Kind, code: str, label: str) -> str:
    return (code or label) if kind in BY_CODE else (label or code)


def entries_of(here: Here, *, whole: bool = False) -> Flat:
    """The configuration in words. `whole`: with what a document leaves out because it follows from the rest."""
    found: Flat = {}
    for section, values in _sections(here, whole):
        for path, value in values:
            found[section, path] = value
    return found


Entries = Iterable[tuple[tuple[str, ...], Any]]


def _sections(here: Here, whole: bool) -> Iterator[tuple[str, Entries]]:
    connection, names = here.connection, here.ground.names
    if here.erp is not None:
        yield "erp", _fields(here.erp, ERP, names)
    yield "data", _fields(connection, DATA, names)
    chosen = ItemFilter.of(connection.item_filter)
    yield "filter", _fields(chosen, FILTER, names)
    known = platforms().get(connection.platform)
    declared = known.settings if known else ()
    yield "platform_settings", [((one.name,), connection.settings.get(one.name, one.default)) for one in declared]
    for kind in SYNC_KINDS:
        if str(kind) in here.ground.kinds and str(kind) in here.options:
            yield f"kinds.{kind}", _kind(here.options[str(kind)], here.ground.kinds[str(kind)], names)
    for kind in REFERENCE_KINDS:
        if str(kind) in here.ground.kinds:
            yield f"mappings.{kind}", _links(connection, kind, names, whole)
    yield "limits", _fields(Limits.of(connection.limits), LIMITS, names)
    if here.ground.orders:
        yield from _orders(here.terms, names)
    if here.ground.webhooks:
        setup = webhooks.setup_for(connection)
        yield "webhooks", [(("wanted",), setup is not None and setup.on)]
    yield "switches", _switches(here)


def _fields(source: Any, slots: Mapping[str, Any], names: Mapping[str, Names]) -> Entries:
    for name, slot in slots.items():
        if slot.path or slot.parts:
            continue
        value = getattr(source, name)
        if slot.value:
            dictionary = names[slot.value]
            many = isinstance(value, list | tuple)
            value = [dictionary.word(str(key)) for key in value] if many else dictionary.word(str(value))
        yield (name,), plain(value)


def plain(value: Any) -> Any:
    """As a document holds it."""
    if isinstance(value, Decimal):
        return plain_number(value)
    if isinstance(value, time):
        return value.strftime("%H:%M")
    return list(value) if isinstance(value, tuple) else value


def _kind(option: SyncOptions, offered: Offered, names: Mapping[str, Names]) -> Entries:
    yield from _fields(option, KIND, names)
    for name in offered.owners:
        yield ("owners", name), option.owners.get(name, "ignore")


def _links(connection: ShopConnection, kind: Kind, names: Mapping[str, Names], whole: bool) -> Entries:
    erp, shop = names[f"erp.{kind}"], names[f"shop.{kind}"]
    rows = list(Link.objects.filter(connection=connection, kind=kind).values_list("erp_key", "shop_key", "primary"))
    shared: dict[str, int] = {}
    for _erp, shop_key, _primary in rows:
        shared[shop_key] = shared.get(shop_key, 0) + 1
    for erp_key, shop_key, primary in rows:
        yield ("links", erp.word(erp_key)), shop.word(shop_key)
        if primary and (whole or shared[shop_key] > 1):
            yield ("ways_back", shop.word(shop_key)), erp.word(erp_key)


def _orders(terms: OrderTerms, names: Mapping[str, Names]) -> Iterator[tuple[str, Entries]]:
    payments, states = names["payments"], names["states"]
    told = [(("back_states", stage), states.word(str(key))) for stage, key in terms.back_states.items()]
    rests = [(("rests", part), rest(found)) for part, one in terms.rests.items() if (found := _without_time(one))]
    yield "orders", [*_fields(terms, ORDERS, names), *rests, *told]
    choices = []
    for pair, choice in terms.choices.items():
        payment, _bar, state = pair.rpartition("|")
        choices.append((("choices", payments.word(payment), states.word(state)), choice))
    kinds = [(("payment_kinds", payments.word(key)), value) for key, value in terms.payment_kinds.items()]
    stages = [(("stages", states.word(key)), value) for key, value in terms.stages.items()]
    yield "policy", [*choices, *kinds, *stages]
    yield "documents", [(("rules",), terms.documents)]
    yield "order_mappings", _order_mappings(terms, names)


def _without_time(part: Mapping[str, Any]) -> dict[str, Any]:
    """When it is due next is no setting."""
    return {name: value for name, value in part.items() if name in ("interval", "quiet")}


def _order_mappings(terms: OrderTerms, names: Mapping[str, Names]) -> Entries:
    forms, cards, codes = names["payment_forms"], names["service_cards"], names["vat_codes"]
    for key, one in terms.payments.items():
        if one.get("form"):
            value: Any = {"form": forms.word(one["form"]), "days": int(one.get("days") or 0)}
            yield ("payments", names["payments"].word(key)), value
    for key, one in terms.deliveries.items():
        value = {
            "form": names["delivery_forms"].word(_text(one.get("form"))),
            "carrier": names["carriers"].word(_text(one.get("carrier"))),
        }
        yield ("deliveries", names["deliveries"].word(key)), value
    for key, one in terms.taxes.items():
        if one.get("code"):
            yield ("taxes", key), codes.word(one["code"])
    for key, card in terms.charges.items():
        kind, _bar, code = key.partition("|")
        if card:
            yield ("charges", kind, codes.word(code)), cards.word(str(card))
    for key, one in terms.rates.items():
        yield ("rates", key), {"value": one["value"], "day": one["day"]}


def _text(key: Any) -> str:
    return "" if key is None else str(key)


def _switches(here: Here) -> Entries:
    for kind, option in here.options.items():
        yield (kind,), option.enabled
    if here.ground.orders:
        yield ("orders",), here.terms.enabled
        yield ("orders_back",), here.terms.back_enabled
