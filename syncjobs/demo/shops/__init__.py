"""Builds the demo's shops: what they should show by the sample company's own figures, bent by the table of
differences. `shelf` works out what stands in a shop, one module per platform puts it there."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from shops.connectors.prestashop.simulator import persistence as prestashop_files
from shops.connectors.shoper.simulator import persistence as shoper_files
from shops.connectors.woocommerce.simulator import persistence as woocommerce_files
from syncjobs.demo.checker.sample import Offered
from syncjobs.demo.shops import prestashop, shoper, woocommerce
from syncjobs.demo.shops.shelf import shelf_of
from syncjobs.demo.storefronts import PRESTASHOP, SHOPER, WOOCOMMERCE, Storefront

_BUILDERS: dict[str, Callable[[Any], Any]] = {
    SHOPER: shoper.shop_with,
    WOOCOMMERCE: woocommerce.shop_with,
    PRESTASHOP: prestashop.shop_with,
}
_FILES: dict[str, Any] = {SHOPER: shoper_files, WOOCOMMERCE: woocommerce_files, PRESTASHOP: prestashop_files}


def demo_shop(storefront: Storefront, articles: Iterable[Offered]) -> Any:
    """The state of a shop with every difference of the table. `articles`: all that the company has for web shops."""
    return _BUILDERS[storefront.platform](shelf_of(storefront, list(articles)))


def save_shop(storefront: Storefront, state: Any, path: Path) -> None:
    """Write a shop's state where its simulator looks for it."""
    _FILES[storefront.platform].save(state, path)
