"""Who ordered and where it goes, in fields that people copy one by one into WAPRO."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from integrator.canonical.orders import Address, Order


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """An address with its title; `fields`: (label, text) pairs that are not empty."""

    title: str
    fields: tuple[tuple[str, str], ...]


def people(order: Order) -> list[Block]:
    """The buyer with the invoice address, and the delivery address where that is another one."""
    buyer = order.buyer
    ways = ((_("e-mail"), buyer.email), (_("phone"), buyer.billing.phone or buyer.phone))
    found = [_block(_("Buyer and invoice address"), buyer.billing, ways)]
    if buyer.delivery is not None and buyer.delivery != buyer.billing:
        found.append(_block(_("Delivery address"), buyer.delivery, ((_("phone"), buyer.delivery.phone),)))
    return [block for block in found if block.fields]


def _block(title: str, address: Address, ways: tuple[tuple[str, str], ...]) -> Block:
    fields = (
        (_("company"), address.company),
        (_("tax number"), address.tax_number),
        (_("first and last name"), f"{address.first_name} {address.last_name}".strip()),
        (_("street"), address.street),
        (_("postcode"), address.postcode),
        (_("city"), address.city),
        (_("country"), address.country),
        *ways,
    )
    return Block(title=title, fields=tuple((label, text) for label, text in fields if text))
