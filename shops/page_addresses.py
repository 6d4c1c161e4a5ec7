"""Addresses of pages that people open from here: where a product is edited and sold, where an order is handled.

A platform that has proven addresses gives them itself; others are typed by a person, with `{id}` and `{code}` in them.
"""

import re
from collections.abc import Mapping
from urllib.parse import quote, urlsplit

from integrator.canonical.kinds import Kind
from shops.models import ShopConnection
from shops.registry import platforms

PRODUCT_PANEL, PRODUCT_SHOP, ORDER_PANEL = "product_panel", "product_shop", "order_panel"
PAGES: Mapping[str, frozenset[str]] = {
    PRODUCT_PANEL: frozenset(("id", "code")),
    PRODUCT_SHOP: frozenset(("id", "code")),
    ORDER_PANEL: frozenset(("id", "code")),
}
"""Pages and the placeholders that each knows: the shop's own number, and the product's code or the order's number."""
ELSEWHERE = "elsewhere"
"""Set where a person said that these pages are on another host than the shop."""
LONGEST = 300
_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")


def wrong_with(template: str, page: str, shop: str, *, elsewhere: bool) -> str:
    """What is wrong with an address template: `https`, `host`, `braces`, `placeholder` (one that is not known) or
    `none` (it would show the same page for everything); empty when nothing is. `shop`: the shop's address."""
    names = _PLACEHOLDER.findall(template)
    if "{" in _PLACEHOLDER.sub("", template) or "}" in _PLACEHOLDER.sub("", template):
        return "braces"
    try:
        parts = urlsplit(template)
        host, port = parts.hostname, parts.port
    except ValueError:
        return "host"
    if parts.scheme != "https":
        return "https"
    if not host or "{" in parts.netloc or parts.username is not None or any(mark.isspace() for mark in template):
        return "host"
    home = urlsplit(shop)
    if not elsewhere and (host.casefold(), port or 443) != ((home.hostname or "").casefold(), home.port or 443):
        return "host"
    if set(names) - PAGES[page]:
        return "placeholder"
    return "" if names else "none"


def page_of(connection: ShopConnection, page: str, key: str, code: str = "") -> str:
    """The address of one element's page; empty where none is known, or where it lacks what the template asks for."""
    stored = connection.page_addresses or {}
    template, values = str(stored.get(page, "")), {"id": key.partition(":")[0], "code": code}
    # The shop may have moved to another host since it was typed.
    if not template or wrong_with(template, page, connection.address, elsewhere=bool(stored.get(ELSEWHERE))):
        return ""
    if any(not values.get(name) for name in _PLACEHOLDER.findall(template)):
        return ""
    return _PLACEHOLDER.sub(lambda found: quote(values[found[1]], safe=""), template)


def product_panel(connection: ShopConnection, kind: Kind, key: str, code: str = "") -> str:
    """Where an element is edited in the shop's own panel: as a person said for products, else as the platform knows."""
    if not key:
        return ""
    typed = page_of(connection, PRODUCT_PANEL, key, code) if kind is Kind.PRODUCT else ""
    known = platforms().get(connection.platform)
    return typed or (known.admin_url(connection.address, kind, key) if known is not None else "")


def product_shop(connection: ShopConnection, kind: Kind, key: str, code: str = "") -> str:
    """Where buyers see a product."""
    return page_of(connection, PRODUCT_SHOP, key, code) if key and kind is Kind.PRODUCT else ""


def order_panel(connection: ShopConnection, key: str, number: str = "") -> str:
    """Where an order is handled in the shop's own panel."""
    known = platforms().get(connection.platform)
    typed = page_of(connection, ORDER_PANEL, key, number)
    return typed or (known.order_url(connection.address, connection.facts, key) if known is not None else "")
