"""How a worker saves what it found about an order while people may act on the same one."""

from syncjobs.models.orders import ShopOrder


def save(row: ShopOrder, *fields: str) -> bool:
    """Save these fields unless a person has acted since the row was read: then nothing is saved, and the row, which
    says what that person wants, is taken up again in its turn."""
    values = {name: getattr(row, name) for name in fields}
    return bool(ShopOrder.objects.filter(pk=row.pk, version=row.version).update(**values))
