"""What the lines of orders may be, looked up for many orders at once."""

from collections.abc import Sequence

from integrator.canonical.kinds import Kind
from integrator.canonical.orders import Order
from syncjobs import snapshots
from syncjobs.models import Link
from syncjobs.models.choices import LinkState
from syncjobs.models.orders import OrderTerms
from syncjobs.orders.draft import Catalogue, Goods
from wapro.models import WaproConnection


def catalogue_for(terms: OrderTerms, erp: WaproConnection, orders: Sequence[Order]) -> Catalogue:
    """What the lines of these orders may be: by link, and by code among all cards of the ERP."""
    keys = {line.product for order in orders for line in order.lines if line.product}
    links = Link.objects.filter(
        connection=terms.connection, kind=Kind.PRODUCT, state=LinkState.LINKED, shop_key__in=keys
    )
    by_shop_key = {shop: Goods(key=key, unit="") for shop, key in links.values_list("shop_key", "erp_key")}
    codes = {line.code.strip() for order in orders for line in order.lines if line.code.strip()}
    forms = {form for code in codes for form in (code, code.upper(), code.lower())}
    by_code: dict[str, list[Goods]] = {}
    rows = snapshots.present(erp, Kind.PRODUCT).filter(code__in=forms)
    for key, code in rows.values_list("key", "code"):
        by_code.setdefault(code.casefold(), []).append(Goods(key=key, unit=""))
    return Catalogue(by_shop_key=by_shop_key, by_code=by_code)
