"""Opening the shop of a connection: what is restored, what is saved, and when a call is forbidden."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone
from pytest_django import Settings

from integrator.accounts.models import Client, Firm
from integrator.canonical.errors import RateLimited, Unreachable
from integrator.canonical.kinds import Kind
from integrator.canonical.problems import Code
from integrator.canonical.side import Scope
from integrator.leases import LEASE, LeaseHold, LeaseLost
from shops import registry
from shops.connectors.shoper.simulator.stand import ShoperStand
from shops.models import ShopConnection
from shops.sessions import StoredTokens, TransactionOpen, open_shop
from tests.connectors.wire import wired

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def stand() -> ShoperStand:
    return wired(ShoperStand())


@pytest.fixture
def connection() -> ShopConnection:
    client = Client.objects.create(firm=Firm.objects.create(name="Firma"), name="Klient")
    return ShopConnection.objects.create(
        client=client,
        name="Sklep",
        platform="shoper",
        address="http://127.0.0.1:9",
        credentials=dict(ShoperStand.credentials),
    )


def again(connection: ShopConnection) -> ShopConnection:
    return ShopConnection.objects.get(pk=connection.pk)


def fetch_units(connection: ShopConnection, stand: ShoperStand, hold: LeaseHold | None = None) -> None:
    with open_shop(connection, hold, transport=stand.wire) as side:
        assert side.fetch(Kind.UNIT, Scope(), None).items


def test_token_facts_and_limit_live_on_in_the_database(connection: ShopConnection, stand: ShoperStand) -> None:
    stand.clock.now = timezone.now().timestamp()
    fetch_units(connection, stand)
    kept = again(connection)
    assert kept.token["access_token"]
    assert kept.token_version == 1
    assert kept.throttle["burst"] == "10"
    assert kept.facts["config"]["data"]["language"] == "pl_PL"
    sent = len(stand.wire.sent)
    fetch_units(kept, stand)
    assert stand.wire.sent[sent:] == ["GET /webapi/rest/units"]


def test_a_refusal_holds_back_the_next_slice(connection: ShopConnection, stand: ShoperStand) -> None:
    fetch_units(connection, stand)
    stand.wire.answer(429, headers={"Retry-After": "600"})
    for _ in range(2):
        with pytest.raises(RateLimited), open_shop(again(connection), transport=stand.wire) as side:
            side.fetch(Kind.UNIT, Scope(), None)
    assert sum("units" in sent for sent in stand.wire.sent) == 2


def test_tokens_are_compared_before_they_are_swapped(connection: ShopConnection) -> None:
    ours, theirs = StoredTokens(connection.pk), StoredTokens(connection.pk)
    assert ours.load() == theirs.load() == {}
    assert theirs.save({"access_token": "theirs"})
    assert not ours.save({"access_token": "ours"})
    assert ours.load() == {"access_token": "theirs"}
    assert ours.save({"access_token": "ours"})
    assert again(connection).token == {"access_token": "ours"}
    assert "ours" not in repr(ours)


def test_a_call_inside_a_transaction_is_refused(connection: ShopConnection, stand: ShoperStand) -> None:
    with transaction.atomic(), pytest.raises(TransactionOpen), open_shop(connection, transport=stand.wire) as side:
        side.fetch(Kind.UNIT, Scope(), None)
    assert stand.wire.sent == []


def test_tests_may_allow_it(connection: ShopConnection, stand: ShoperStand, settings: Settings) -> None:
    settings.INTEGRATOR_ALLOW_REMOTE_IN_TRANSACTION = True
    with transaction.atomic():
        fetch_units(connection, stand)


def test_a_call_renews_the_lease_it_needs(connection: ShopConnection, stand: ShoperStand) -> None:
    hold = LeaseHold.take(ShopConnection, connection.pk)
    assert hold is not None
    soon = timezone.now() + timedelta(seconds=5)
    ShopConnection.objects.filter(pk=connection.pk).update(lease_until=soon)
    hold.until = soon
    fetch_units(connection, stand, hold)
    renewed = again(connection).lease_until
    assert renewed is not None
    assert renewed > timezone.now() + LEASE - timedelta(seconds=30)


def test_without_the_lease_nothing_is_sent_or_saved(connection: ShopConnection, stand: ShoperStand) -> None:
    hold = LeaseHold.take(ShopConnection, connection.pk)
    assert hold is not None
    hold.until = timezone.now()
    ShopConnection.objects.filter(pk=connection.pk).update(lease_number=hold.number + 1, throttle={"level": "9"})
    with pytest.raises(LeaseLost):
        fetch_units(connection, stand, hold)
    assert stand.wire.sent == []
    assert again(connection).throttle == {"level": "9"}


def test_private_addresses_only_where_the_installation_allows_them(
    connection: ShopConnection, settings: Settings
) -> None:
    settings.INTEGRATOR_ALLOW_LOOPBACK = False
    connection.address = "https://127.0.0.1:9"
    with pytest.raises(Unreachable) as caught, open_shop(connection) as side:
        side.fetch(Kind.UNIT, Scope(), None)
    assert caught.value.problem.code == Code.ADDRESS_NOT_ALLOWED


def test_platforms_are_found_by_folder() -> None:
    assert "shoper" in registry.platforms()
    shoper = registry.platform("shoper")
    assert (shoper.name, shoper.label) == ("shoper", "Shoper")
    fields = {field.name for field in shoper.credentials}
    assert all(set(way.credentials) <= fields for way in shoper.login_ways)
    assert shoper.setting({}, "edit_date_trusted") is False
    with pytest.raises(KeyError, match="no connector for the shop platform 'magento'"):
        registry.platform("magento")
