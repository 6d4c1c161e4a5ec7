"""What the lines of orders may be, looked up for many orders at once."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from integrator.canonical.errors import Locked, Rejected
from integrator.canonical.kinds import Kind
from integrator.canonical.orders import Order
from integrator.canonical.problems import Code
from integrator.canonical.records import Key
from syncjobs import snapshots
from syncjobs.models import Link
from syncjobs.models.choices import LinkState
from syncjobs.models.orders import OrderTerms
from syncjobs.orders.draft import Catalogue, Goods
from wapro.errors import canonical_errors
from wapro.models import WaproConnection
from wapro.orders.erp import ErpOrders

_ROW = ("key", "code", "record__active", "record__traits")


def catalogue_for(terms: OrderTerms, erp: WaproConnection, orders: Sequence[Order]) -> Catalogue:
    """What the lines of these orders may be: by link, and by code among all cards of the ERP. Whether they may be sold
    is as of the last fetch; see `asked_again`."""
    keys = {line.product for order in orders for line in order.lines if line.product}
    links = Link.objects.filter(
        connection=terms.connection, kind=Kind.PRODUCT, state=LinkState.LINKED, shop_key__in=keys
    )
    linked = dict(links.values_list("shop_key", "erp_key"))
    known = {goods.key: goods for _code, goods in _goods(terms, erp, key__in=set(linked.values()))}
    by_shop_key = {shop: known.get(key, Goods(key=key, unit="")) for shop, key in linked.items()}
    codes = {line.code.strip() for order in orders for line in order.lines if line.code.strip()}
    forms = {form for code in codes for form in (code, code.upper(), code.lower())}
    by_code: dict[str, list[Goods]] = {}
    for code, goods in _goods(terms, erp, code__in=forms):
        by_code.setdefault(code.casefold(), []).append(goods)
    return Catalogue(by_shop_key=by_shop_key, by_code=by_code)


def _goods(terms: OrderTerms, erp: WaproConnection, **which: Any) -> Iterator[tuple[str, Goods]]:
    """Goods with their codes."""
    rows = snapshots.present(erp, Kind.PRODUCT).filter(**which).values_list(*_ROW)
    for key, code, active, traits in rows:
        warehouses = [one for one in dict(traits or ()).get("warehouses", "").split(",") if one]
        leading = erp.leading_warehouse.strip()
        lead = leading if leading in warehouses else next(iter(warehouses), "")
        here = not terms.warehouse or not warehouses or terms.warehouse in warehouses
        # A product is described by its leading card; whether others are blocked is not known.
        yield code, Goods(key=key, unit="", here=here, blocked=active is False and lead in ("", terms.warehouse))


def asked_again(catalogue: Catalogue, terms: OrderTerms, orders: Callable[[], ErpOrders]) -> Catalogue:
    """The catalogue after WAPRO itself was asked for what was blocked or not in the warehouse at the last fetch: it may
    have been put right since. `orders` is called only where there is something to ask."""
    known: dict[Key, Goods] = {}

    def now(goods: Goods) -> Goods:
        if (goods.here and not goods.blocked) or not terms.warehouse:
            return goods
        if goods.key not in known:
            known[goods.key] = _standing(goods, orders(), int(terms.warehouse))
        return known[goods.key]

    by_shop_key: Mapping[Key, Goods] = {key: now(goods) for key, goods in catalogue.by_shop_key.items()}
    by_code = {code: [now(goods) for goods in several] for code, several in catalogue.by_code.items()}
    return Catalogue(by_shop_key=by_shop_key, by_code=by_code)


def _standing(goods: Goods, orders: ErpOrders, warehouse: int) -> Goods:
    """What is wrong in another way is said when the order is placed."""
    blocked, here = False, True
    try:
        with canonical_errors():
            orders.ground.cards([goods.key], warehouse)
    except Rejected as error:
        blocked, here = error.problem.code == Code.CARD_BLOCKED, error.problem.code != Code.CARD_NOT_IN_WAREHOUSE
    except Locked:
        pass
    return replace(goods, blocked=blocked, here=here)
