"""Opening a shop: the connector with its credentials, kept token, rate limit, lease and network policy around it."""

import copy
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from ipaddress import ip_network
from typing import Any, cast

from django.conf import settings
from django.db import connection as database
from django.db.models import F

from integrator.api_client import NetworkPolicy, Throttle
from integrator.canonical.capabilities import Capabilities
from integrator.canonical.side import Side
from integrator.leases import LeaseHold
from integrator.log_setup import know_secrets
from integrator.public_address import public_host
from shops.connectors.base import Known, ShopAccess
from shops.models import ShopConnection
from shops.publishing import publisher
from shops.registry import platform


class StoredTokens:
    """The token column of a connection, written by compare-and-swap on `token_version`."""

    def __init__(self, pk: int) -> None:
        self.pk = pk
        self._version: int | None = None

    def __repr__(self) -> str:
        return f"StoredTokens({self.pk})"

    def load(self) -> Mapping[str, Any]:
        row = ShopConnection.objects.only("token", "token_version").get(pk=self.pk)
        self._version = row.token_version
        return cast(dict[str, Any], row.token)

    def save(self, token: Mapping[str, Any]) -> bool:
        know_secrets(token)
        if self._version is None:
            self.load()
        known = cast(int, self._version)
        rows = ShopConnection.objects.filter(pk=self.pk, token_version=known)
        if not rows.update(token=dict(token), token_version=known + 1):
            return False
        self._version = known + 1
        return True


class TransactionOpen(RuntimeError):
    """A remote call was tried inside a database transaction, which would keep rows locked as long as a shop likes."""


def network_policy() -> NetworkPolicy:
    """Which addresses shops may have, and whatever else is called for people, by the settings."""
    return NetworkPolicy(
        allow_private=settings.INTEGRATOR_ALLOW_LOOPBACK,
        networks=tuple(ip_network(one) for one in settings.INTEGRATOR_ALLOWED_NETWORKS),
    )


def shop_capabilities(connection: ShopConnection) -> Capabilities:
    """What can be done on this shop by all that is known of it. Raises UnknownPlatform."""
    credentials = cast(dict[str, str], connection.credentials)
    known = Known(
        settings=connection.settings,
        facts=connection.facts,
        given=frozenset(name for name, value in credentials.items() if value),
        public=bool(public_host()),
    )
    return platform(connection.platform).capabilities(known)


def access_to(connection: ShopConnection, hold: LeaseHold | None = None, *, transport: Any = None) -> ShopAccess:
    """What a connector needs to reach the shop of this connection. Raises UnknownPlatform."""

    def before_call(seconds: float) -> None:
        if database.in_atomic_block and not settings.INTEGRATOR_ALLOW_REMOTE_IN_TRANSACTION:
            raise TransactionOpen(f"shop connection {connection.pk}")
        if hold is not None:
            hold.ensure(seconds)

    return ShopAccess(
        address=connection.address,
        credentials=dict(cast(dict[str, str], connection.credentials)),
        settings=dict(connection.settings),
        tokens=StoredTokens(connection.pk),
        throttle=Throttle.restore(connection.throttle, platform(connection.platform).rate),
        network=network_policy(),
        facts=copy.deepcopy(connection.facts),
        publish=publisher(connection, hold),
        before_call=before_call,
        transport=transport,
    )


@contextmanager
def open_shop(connection: ShopConnection, hold: LeaseHold | None = None, *, transport: Any = None) -> Iterator[Side]:
    """The shop of this connection as a side.

    The level of the rate limit and what was learnt of the shop are saved when the block ends, unless the lease was lost
    meanwhile. Raises UnknownPlatform; calls raise IntegrationError, `LeaseLost`, and `TransactionOpen` inside
    `atomic()`.
    """
    access = access_to(connection, hold, transport=transport)
    try:
        yield platform(connection.platform).open(access)
    finally:
        access.close()
        _keep(connection, access, hold)


def _keep(connection: ShopConnection, access: ShopAccess, hold: LeaseHold | None) -> None:
    """For the next slice. Whoever lost the lease keeps nothing: another worker knows better by now. Where the shop
    turns out to be able to do something else than before, everything is planned anew."""
    changed: dict[str, Any] = {"throttle": access.throttle.state()}
    if access.facts != connection.facts:
        could = shop_capabilities(connection)
        changed["facts"] = connection.facts = access.facts
        if shop_capabilities(connection) != could:
            changed["settings_version"] = F("settings_version") + 1
    rows = ShopConnection.objects.filter(pk=connection.pk)
    if hold is not None:
        rows = rows.filter(lease_number=hold.number)
    if rows.update(**changed):
        connection.throttle = changed["throttle"]
        connection.refresh_from_db(fields=["settings_version"])
