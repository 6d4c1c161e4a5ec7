"""The door to a shop's orders: its connection, and the terms under which they are taken."""

from django.http import Http404, HttpRequest

from integrator.accounts.access import Role, get_or_404
from shops.models import ShopConnection
from shops.registry import platforms
from syncjobs.models.orders import OrderTerms
from syncjobs.orders.terms import words_of


def with_orders(request: HttpRequest, shop: int, role: Role = Role.VIEWER) -> ShopConnection:
    """The connection behind the door. Raises Http404 where its platform has no orders."""
    connection = get_or_404(request, ShopConnection, shop, role)
    known = platforms().get(connection.platform)
    if known is None or not known.orders:
        raise Http404
    return connection


def terms_of(connection: ShopConnection) -> OrderTerms:
    """The stored terms, or those of a connection that nobody has set up yet (not stored)."""
    found = OrderTerms.objects.filter(connection=connection).first()
    return found or OrderTerms(connection=connection)


def state_names(terms: OrderTerms) -> dict[str, str]:
    """The shop's states by key, as the shop calls them."""
    return {entry.key: entry.name for entry in words_of(terms).states}
