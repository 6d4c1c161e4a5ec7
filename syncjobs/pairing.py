"""Loading linked elements for planning: records of both sides in the fields that are compared."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import partial

from django.db.models import Exists, FilteredRelation, OuterRef, Q, QuerySet

from integrator.canonical.kinds import PRODUCT_STATE_KINDS, Kind
from integrator.canonical.records import Fields, Key, PriceList, Problem, Product, Record, WarehouseStocks, fields_of
from syncjobs import snapshots
from syncjobs.engine.offer import PriceSettings, StockSettings, counts_reserved, offer_price, offer_stock
from syncjobs.engine.plan import Decision, Pair
from syncjobs.fetching import NEVER, latest_good
from syncjobs.models import Conflict, KindState, Link, SnapshotItem
from syncjobs.models.choices import LinkState
from syncjobs.orders.promises import open_of
from syncjobs.setup import Setup
from syncjobs.undoing import holds

Offer = Callable[[Key, Record], Fields | Problem]
"""From an ERP element's key and record to the fields that are compared with the shop's."""


@dataclass(slots=True)
class Loaded:
    """One link with everything that planning it needs."""

    link: Link
    erp_item: SnapshotItem
    shop_item: SnapshotItem
    pair: Pair | None
    problems: tuple[Problem, ...] = ()
    """Why the element must not be written at all."""
    held: frozenset[str] = frozenset()
    state: KindState | None = None
    conflicts: dict[str, Conflict] = field(default_factory=dict)


def link_kind(kind: Kind) -> Kind:
    """Whose link a kind uses."""
    return Kind.PRODUCT if kind in PRODUCT_STATE_KINDS else kind


def offer_for(setup: Setup, kind: Kind, promised: Mapping[Key, Decimal] | None = None) -> Offer:
    """How an ERP record of this kind becomes the fields that are compared. `promised`: of the products that will be
    asked for, None: looked up of all. Raises PlanRefused for missing settings."""
    if kind is Kind.PRICE:
        return partial(_price_fields, setup.price_settings())
    if kind is Kind.STOCK:
        known = promised_to_buyers(setup) if promised is None else promised
        return partial(_stock_fields, setup.stock_settings(), known)
    return _own_fields


def promised_to_buyers(setup: Setup, products: Collection[Key] | None = None) -> Mapping[Key, Decimal]:
    """Stock units by product that orders took and the known stock does not show yet."""
    erp, counts = setup.erp_connection, counts_reserved(setup.connection.stock_formula)
    read = latest_good(erp, Kind.STOCK, NEVER)
    if read is None:
        return open_of(erp, products, as_of=None, counts_reserved=counts)
    found = open_of(erp, products, as_of=read.started_at, counts_reserved=counts)
    # What could not be read then is known from some time before: nothing of a promise is sure to show in it.
    old = set(read.unreadable.filter(kind=Kind.STOCK).values_list("key", flat=True)) if read.issues else set()
    return found | open_of(erp, old, as_of=None, counts_reserved=counts) if old else found


def _own_fields(key: Key, record: Record) -> Fields:
    return fields_of(record)


def _price_fields(settings: PriceSettings, key: Key, record: Record) -> Fields | Problem:
    assert isinstance(record, PriceList)
    return _fields(offer_price(record, settings))


def _stock_fields(
    settings: StockSettings, promised: Mapping[Key, Decimal], key: Key, record: Record
) -> Fields | Problem:
    assert isinstance(record, WarehouseStocks)
    return _fields(offer_stock(record, settings, promised.get(key, Decimal(0))))


def _fields(found: Record | Problem) -> Fields | Problem:
    return found if isinstance(found, Problem) else fields_of(found)


def candidates(setup: Setup, kind: Kind, after: int, only: Collection[Key] | None = None) -> QuerySet[Link]:
    """Links whose element looks different than when it was last planned, or that were left open. Ids only grow. With
    `only`, the links of these elements of the shop, however they look.

    Nearly all links of a quiet shop are asked and passed over: what can be told from the state itself comes first, and
    nothing is asked by a negated comparison, which Django makes a subquery of.
    """
    links = Link.objects.filter(
        connection=setup.connection, kind=link_kind(kind), state=LinkState.LINKED, primary=True, pk__gt=after
    ).annotate(state_now=FilteredRelation("states", condition=Q(states__kind=kind)))
    erp = snapshots.present(setup.erp_connection, kind).filter(key=OuterRef("erp_key"))
    shop = snapshots.present(setup.connection, kind).filter(key=OuterRef("shop_key"))
    moved = (
        Q(state_now__isnull=True)
        | Q(state_now__open=True)
        | _other("options_version", setup.version(kind))
        | _other("refs_version", setup.options[kind].refs_version)
        | ~Exists(erp.filter(fingerprint=OuterRef("state_now__erp_fp")))
        | ~Exists(shop.filter(fingerprint=OuterRef("state_now__shop_fp")))
    )
    wanted = moved if only is None else Q(shop_key__in=list(only))
    return links.filter(wanted, Exists(erp), Exists(shop)).order_by("pk")


def _other(name: str, version: int) -> Q:
    return Q(**{f"state_now__{name}__lt": version}) | Q(**{f"state_now__{name}__gt": version})


def load(setup: Setup, kind: Kind, links: Collection[Link], offer: Offer) -> list[Loaded]:
    """Records, states and decisions of a chunk of links, in a handful of queries."""
    erp_items = snapshots.load(setup.erp_connection, kind, {link.erp_key for link in links})
    shop_items = snapshots.load(setup.connection, kind, {link.shop_key for link in links})
    pks = [link.pk for link in links]
    states = {state.link_id: state for state in KindState.objects.filter(kind=kind, link__in=pks)}
    conflicts: dict[int, dict[str, Conflict]] = {}
    open_ones = Conflict.objects.filter(kind=kind, link__in=pks).exclude(status=Conflict.Status.CLOSED)
    for conflict in open_ones:
        conflicts.setdefault(conflict.link_id, {})[conflict.field] = conflict
    products = _products(setup, kind, links)
    held = holds.fields_of_links(setup.connection, kind, pks)
    loaded = []
    for link in links:
        if link.erp_key not in erp_items or link.shop_key not in shop_items:
            continue
        item = Loaded(link, erp_items[link.erp_key], shop_items[link.shop_key], None, state=states.get(link.pk))
        item.conflicts = conflicts.get(link.pk, {})
        item.held = held.get(link.pk, frozenset())
        _complete(item, offer, products.get(link.erp_key))
        loaded.append(item)
    return loaded


def _products(setup: Setup, kind: Kind, links: Collection[Link]) -> dict[Key, tuple[Problem, ...]]:
    """Prices and stock: problems of the card itself, which hold back everything about it."""
    if kind not in PRODUCT_STATE_KINDS:
        return {}
    items = snapshots.load(setup.erp_connection, Kind.PRODUCT, {link.erp_key for link in links})
    return {key: problems_of(snapshots.record_of(item)) for key, item in items.items() if item.record.get("problems")}


def problems_of(record: Record) -> tuple[Problem, ...]:
    return record.problems if isinstance(record, Product) else ()


def _complete(item: Loaded, offer: Offer, card_problems: tuple[Problem, ...] | None) -> None:
    erp, shop = snapshots.record_of(item.erp_item), snapshots.record_of(item.shop_item)
    offered = offer(item.link.erp_key, erp)
    item.problems = card_problems or problems_of(erp)
    if isinstance(offered, Problem):
        item.problems = (*item.problems, offered)
        return
    state = item.state
    item.pair = Pair(
        erp=offered,
        shop=fields_of(shop),
        erp_seen=state.erp_seen if state else {},
        shop_seen=state.shop_seen if state else {},
        decisions={name: _decision(c) for name, c in item.conflicts.items() if c.status == Conflict.Status.DECIDED},
        contested={
            name: c.rounds for name, c in item.conflicts.items() if c.rounds and c.status == Conflict.Status.OPEN
        },
        variant=isinstance(shop, Product) and bool(shop.group),
        held=item.held,
    )


def _decision(conflict: Conflict) -> Decision:
    return Decision(owner=conflict.owner, erp=conflict.erp, shop=conflict.shop, value=conflict.value)
