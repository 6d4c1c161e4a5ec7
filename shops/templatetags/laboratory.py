"""What pages ask about simulated shops."""

from django import template

from shops.laboratory import on_this_machine
from shops.models import ShopConnection

register = template.Library()


@register.filter
def may_be_simulated(connection: ShopConnection) -> bool:
    """Whether a link to the page of faults is worth showing: nothing is asked over the network for it."""
    return on_this_machine(connection.address)
