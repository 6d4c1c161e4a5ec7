"""The category of products whose own category has no partner in the shop."""

from django.db import transaction

from integrator.accounts.audit import record
from integrator.accounts.models import User
from integrator.canonical.records import Key
from shops.models import ShopConnection
from syncjobs.linking import bump_references


def set_default_category(connection: ShopConnection, key: Key, user: User) -> None:
    """Where such products go in the shop; empty: they wait. What waited is planned again."""
    with transaction.atomic():
        before = connection.default_category
        connection.default_category = key
        connection.save(update_fields=["default_category"])
        bump_references(connection)
        data = {"default_category": {"from": before, "to": key}}
        record(user, "shop.change", str(connection), client=connection.client, data=data)
