"""What can be bought in a shop so that the company has it to send: linked, priced, in stock on both sides."""

from dataclasses import dataclass
from decimal import Decimal

from integrator.canonical.kinds import Kind
from integrator.canonical.records import Price, StockLevel, WarehouseStocks
from shops.models import ShopConnection
from syncjobs import snapshots
from syncjobs.models import Link
from syncjobs.models.choices import LinkState
from wapro.models import WaproConnection


@dataclass(frozen=True, slots=True, kw_only=True)
class Goods:
    key: str
    """Of the product or variant in the shop."""
    article: str
    """Catalogue index."""


def on_sale(connection: ShopConnection, erp: WaproConnection, warehouse: int, least: int) -> list[Goods]:
    """Goods of which the shop shows at least so many pieces, as the panel last saw it, and the warehouse of the company
    has as many; in the order of their index. Empty before the first synchronisation."""
    links = Link.objects.filter(connection=connection, kind=Kind.PRODUCT, state=LinkState.LINKED, primary=True)
    pairs = list(links.order_by("erp_key").values_list("erp_key", "shop_key"))
    stocks = snapshots.load(connection, Kind.STOCK, [shop for _, shop in pairs])
    prices = snapshots.load(connection, Kind.PRICE, [shop for _, shop in pairs])
    there = snapshots.load(erp, Kind.STOCK, [article for article, _ in pairs])
    found = []
    for article, shop in pairs:
        if shop not in stocks or shop not in prices or article not in there:
            continue
        level, price = snapshots.record_of(stocks[shop]), snapshots.record_of(prices[shop])
        held = snapshots.record_of(there[article])
        assert isinstance(level, StockLevel)
        assert isinstance(price, Price)
        assert isinstance(held, WarehouseStocks)
        if level.quantity >= least and price.price > 0 and _free(held, str(warehouse)) >= least:
            found.append(Goods(key=shop, article=article))
    return found


def _free(held: WarehouseStocks, warehouse: str) -> Decimal:
    """In the unit that shops sell it in."""
    rows = [row for row in held.rows if row.warehouse == warehouse]
    return sum((row.on_hand - row.in_edit - row.reserved for row in rows), Decimal(0)) / held.sale_factor
