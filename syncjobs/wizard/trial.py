"""The trial: up to five products through the real writes alone, both sides before and after."""

from collections.abc import Collection, Sequence
from typing import Any

from django.db.models import Q, QuerySet

from integrator.accounts.models import User
from integrator.canonical.kinds import Kind
from integrator.canonical.records import PriceList, Problem, Record, WarehouseStocks
from integrator.canonical.text import fold
from shops.models import ShopConnection
from syncjobs import runs, snapshots
from syncjobs.engine.offer import offer_price, offer_stock
from syncjobs.models import Change, Link, Run, ShopSetup, SnapshotItem, Unlinked
from syncjobs.models.choices import ChangeStatus, LinkState, Side
from syncjobs.setup import Setup

MOST_PRODUCTS = 5
FOUND = 20
KINDS = (Kind.PRODUCT, Kind.PRICE, Kind.STOCK)
FIELDS = ("name", "price", "quantity")


def start(connection: ShopConnection, setup: Setup, wizard: ShopSetup, keys: Sequence[str], user: User) -> Run:
    """Queue the run of these products of WAPRO. Linked ones are updated, others made in the shop, by the options."""
    chosen = list(dict.fromkeys(keys))[:MOST_PRODUCTS]
    wizard.trial = {"products": chosen, "before": both_sides(setup, chosen)}
    selection = {str(Side.ERP): chosen, "links": chosen}
    run = runs.start_run(connection, kinds=KINDS, user=user, selection=selection)
    wizard.trial["run"] = run.pk
    return run


def partners(connection: ShopConnection, keys: Collection[str]) -> dict[str, str]:
    rows = Link.objects.filter(
        connection=connection, kind=Kind.PRODUCT, state=LinkState.LINKED, primary=True, erp_key__in=list(keys)
    )
    return dict(rows.values_list("erp_key", "shop_key"))


def both_sides(setup: Setup, keys: Collection[str]) -> dict[str, dict[str, dict[str, str]]]:
    """Name, price and quantity on offer of each product, as each side was last seen: {key: {"erp", "shop"}}."""
    links = partners(setup.connection, keys)
    found: dict[str, dict[str, dict[str, str]]] = {key: {"erp": {}, "shop": {}} for key in keys}
    for kind in KINDS:
        erp = snapshots.load(setup.erp_connection, kind, list(keys))
        shop = snapshots.load(setup.connection, kind, list(links.values()))
        for key in keys:
            found[key]["erp"] |= _shown(setup, erp.get(key))
            found[key]["shop"] |= _shown(setup, shop.get(links.get(key, "")))
    return found


def after(setup: Setup, run: Run, keys: Collection[str]) -> dict[str, dict[str, dict[str, str]]]:
    """Both sides after the trial. What was written and not fetched since is as it was sent."""
    found = both_sides(setup, keys)
    done = Change.objects.filter(step__run=run, status=ChangeStatus.APPLIED, erp_key__in=list(keys))
    for key, fields in done.order_by("pk").values_list("erp_key", "fields"):
        for one in fields:
            if one["name"] in FIELDS and one["new"] is not None:
                found[key]["shop"].setdefault(one["name"], str(one["new"]))
    return found


def _shown(setup: Setup, item: SnapshotItem | None) -> dict[str, str]:
    if item is None:
        return {}
    record: Record | Problem = snapshots.record_of(item)
    if isinstance(record, PriceList):
        record = offer_price(record, setup.price_settings())
    elif isinstance(record, WarehouseStocks):
        record = offer_stock(record, setup.stock_settings())
    values = {name: getattr(record, name, None) for name in FIELDS}
    return {name: str(value) for name, value in values.items() if value is not None}


def products(connection: ShopConnection, setup: Setup, words: str) -> list[dict[str, Any]]:
    """Products of WAPRO that take part in this shop, by what was typed, each with whether it is linked."""
    items = snapshots.present(setup.erp_connection, Kind.PRODUCT).order_by("code", "pk")
    for word in fold(words).split():
        items = items.filter(search__contains=word)
    rows = list(_taking_part(connection, items).values("key", "code", "label")[:FOUND])
    partner = partners(connection, [row["key"] for row in rows])
    return [{**row, "linked": row["key"] in partner} for row in rows]


def picked(connection: ShopConnection, setup: Setup, keys: Collection[str]) -> list[str]:
    """Those of the keys that may be tried, in the order they were named."""
    items = snapshots.present(setup.erp_connection, Kind.PRODUCT).filter(key__in=list(keys))
    known = set(_taking_part(connection, items).values_list("key", flat=True))
    return [key for key in dict.fromkeys(keys) if key in known]


def _taking_part(connection: ShopConnection, items: QuerySet[SnapshotItem]) -> QuerySet[SnapshotItem]:
    linked = Link.objects.filter(connection=connection, kind=Kind.PRODUCT, state=LinkState.LINKED)
    alone = Unlinked.objects.filter(connection=connection, kind=Kind.PRODUCT, side=Side.ERP)
    alone = alone.filter(state=Unlinked.State.UNLINKED)
    return items.filter(Q(key__in=linked.values("erp_key")) | Q(key__in=alone.values("key")))
