"""What becomes of hints: gathered, read once, compared, and never taken for more than they are."""

import dataclasses
import json
import random
from datetime import time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import DatabaseError
from django.utils import timezone

from integrator.canonical.errors import AuthFailed, Transient
from integrator.canonical.kinds import PRODUCT_STATE_KINDS, REFERENCE_KINDS, Kind
from integrator.canonical.problems import Code
from integrator.canonical.records import Price, problem
from integrator.canonical.side import ElementError
from shops.connectors.shoper.simulator import ShopState
from shops.connectors.shoper.simulator.hooks import Delivery, signed
from shops.models import ShopConnection
from syncjobs import finishing, hinted, inbox, queue, runner, runs, schedule, snapshots
from syncjobs.engine.policy import Owner
from syncjobs.models import Change, Fetch, InboxEvent, Link, Run, Step, WebhookSetup
from syncjobs.models.choices import LinkState, Status
from tests.deliveries import post
from tests.pipeline.lab import Lab
from tests.pipeline.memory import MemorySide, add_card, add_product

pytestmark = pytest.mark.one_database

WATCHED = (Kind.PRODUCT, *PRODUCT_STATE_KINDS)
POLLED = (*REFERENCE_KINDS, *WATCHED)
Reason = InboxEvent.Reason
KEY = "1001"


class Told:
    """A shop in memory that is in step with the ERP, and what its webhooks send. WAPRO owns the prices."""

    def __init__(self, lab: Lab) -> None:
        self.lab = lab
        self.connection = lab.shop_connection
        self.setup = WebhookSetup.objects.create(
            connection=lab.shop_connection, token="t" * 43, secret="tajemnica", url="https://panel.example/hooks/t/"
        )
        self._hooks = ShopState()
        hook = {"url": f"/hooks/{self.setup.token}/", "secret": "tajemnica", "active": "1", "format": "0", "events": []}
        self._hooks.tables["webhooks"].insert(hook)
        self._sent = 0

    @property
    def shop(self) -> MemorySide:
        assert self.lab.shop is not None
        return self.lab.shop

    def tells(self, key: str = KEY, event: str = "product.edit", **more: Any) -> Delivery:
        """A delivery about a product as it is now."""
        self._sent += 1
        body = {"product_id": key, "edit_date": str(self._sent)} | more
        return signed(self._hooks, 1, event, json.dumps(body).encode())

    def reprices(self, key: str = KEY) -> Delivery:
        """The shop's owner raises a price a little."""
        self.shop.rows[Kind.PRICE][key] = Price(price=self.price(key) + Decimal("0.10"))
        return self.tells(key)

    def price(self, key: str = KEY) -> Decimal:
        record = self.shop.rows[Kind.PRICE][key]
        assert isinstance(record, Price)
        return record.price

    def reasons(self) -> list[str]:
        return list(InboxEvent.objects.order_by("id").values_list("reason", flat=True))

    def runs(self) -> list[Run]:
        return list(Run.objects.filter(trigger=Run.Trigger.WEBHOOK).order_by("id"))

    def reads(self) -> int:
        return sum(1 for call in self.shop.calls if call[0] == "read")


@pytest.fixture
def told(lab: Lab, settings: Any, tmp_path: Path) -> Told:
    settings.STATIC_ROOT = tmp_path
    cache.clear()
    for number in range(12):
        code, name = f"TOW{number:04d}", f"Łopata nr {number}"
        add_product(lab.shop, str(1001 + number), code, name, price="12.30", stock="7")  # type: ignore[arg-type]
    lab.own(Kind.PRICE, Owner.ERP, "price")
    assert lab.run(*POLLED).status == Status.SUCCEEDED
    for kind in WATCHED:
        lab.options(kind, enabled=True, approved_at=timezone.now())
    lab.shop.calls.clear()  # type: ignore[union-attr]
    return Told(lab)


def test_what_differs_is_put_right(told: Told) -> None:
    assert post(told.reprices()) == 200
    told.lab.work()
    assert told.price() == Decimal("12.30")
    assert told.reasons() == [Reason.CHANGED]
    assert [call for call in told.shop.calls if call[0] == "fetch"] == []


def test_what_is_as_it_was_starts_nothing(told: Told) -> None:
    post(told.tells())
    told.lab.work()
    assert told.reasons() == [Reason.SAME]
    assert told.runs() == []


def test_ten_hints_at_one_product_are_one_reading(told: Told) -> None:
    for _ in range(10):
        assert post(told.reprices()) == 200
    told.lab.clock.shift(inbox.GATHER)
    runner.advance_shop(told.connection.pk)
    assert told.reasons() == [Reason.CHANGED] * 10
    assert len(told.runs()) == 1
    assert [call[1:] for call in told.shop.calls if call[0] == "read"][:3] == [(kind, 1) for kind in _in_order()]


def _in_order() -> tuple[Kind, ...]:
    return (Kind.PRODUCT, Kind.STOCK, Kind.PRICE)


def test_hints_are_gathered_for_some_seconds(told: Told) -> None:
    post(told.reprices())
    wait = runner.advance_shop(told.connection.pk)
    assert told.reads() == 0
    assert wait is not None
    assert 0 < wait <= inbox.GATHER.total_seconds()


def test_the_same_delivery_again_changes_nothing(told: Told) -> None:
    delivery = told.reprices()
    assert [post(delivery), post(delivery)] == [200, 200]
    told.lab.work()
    assert post(delivery) == 200
    told.lab.work()
    assert InboxEvent.objects.count() == 1
    assert len(told.runs()) == 1


def test_the_same_bytes_much_later_are_another_change(told: Told) -> None:
    """Shoper gives deliveries no id: there, back and there again looks like a delivery that was repeated."""
    delivery = told.reprices()
    post(delivery)
    told.lab.work()
    told.lab.clock.shift(inbox.AGAIN_AFTER * 2)
    told.reprices()
    post(delivery)
    told.lab.work()
    assert InboxEvent.objects.count() == 1
    assert len(told.runs()) == 2


def test_of_a_delivery_only_the_hint_is_kept(told: Told) -> None:
    post(told.tells(name="Jan Kowalski"))
    event = InboxEvent.objects.get()
    assert (event.kind, event.keys, event.topic) == (Kind.PRODUCT, [KEY], "product.edit")
    kept = [str(getattr(event, field.attname)) for field in InboxEvent._meta.concrete_fields]
    assert not [value for value in kept if "Kowalski" in value]


def test_orders_that_nobody_takes_are_noted_and_left_alone(told: Told) -> None:
    assert post(signed(told._hooks, 1, "order.create", b'{"order_id": "501"}')) == 200
    assert post(signed(told._hooks, 1, "client.create", b'{"user_id": "501"}')) == 200
    told.lab.work()
    assert told.reasons() == [Reason.FLOW_OFF, Reason.OTHER]
    assert told.reads() == 0


def test_a_delivery_that_names_nothing_is_noted(told: Told) -> None:
    assert post(signed(told._hooks, 1, "product.edit", b"[]")) == 200
    assert told.reasons() == [Reason.UNREADABLE]


def test_a_flushed_broker_loses_no_hint(told: Told, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue, "_send", lambda *message: None)
    post(told.reprices())
    told.lab.clock.shift(timedelta(seconds=settings.SILENT_SECONDS + 1))
    assert told.connection in runner.silent(timezone.now())
    told.lab.work()
    assert told.reasons() == [Reason.CHANGED]
    assert told.connection not in runner.silent(timezone.now() + timedelta(hours=1))


def test_a_hint_during_a_run_waits_for_its_end(told: Told) -> None:
    """The page with the element may have been fetched before it changed."""
    run = runs.start_run(told.connection, kinds=[Kind.PRICE], user=told.lab.user)
    post(told.reprices())
    told.lab.clock.shift(inbox.GATHER * 2)
    assert inbox.readiness(told.connection, Kind.PRODUCT, timezone.now()) == inbox.Readiness()
    told.lab.work()
    run.refresh_from_db()
    assert run.status == Status.SUCCEEDED
    assert InboxEvent.objects.get().done_at >= run.finished_at  # type: ignore[operator]


def test_a_plan_that_waits_for_a_person_is_not_replaced(told: Told) -> None:
    told.lab.options(Kind.PRICE, approved_at=None)
    post(told.reprices())
    told.lab.work()
    (run,) = told.runs()
    assert run.status == Status.WAITING
    post(told.reprices())
    told.lab.work()
    assert told.runs() == [run]
    runs.approve_step(Step.objects.get(run=run), told.lab.user)
    told.lab.work()
    assert told.price() == Decimal("12.30")
    assert not InboxEvent.objects.filter(status=InboxEvent.Status.WAITING).exists()


def test_flows_that_do_not_run_by_themselves_are_not_moved(told: Told) -> None:
    for kind in WATCHED:
        told.lab.options(kind, enabled=False)
    post(told.reprices())
    told.lab.work()
    assert told.reasons() == [Reason.FLOW_OFF]
    assert told.price() == Decimal("12.40")


def test_only_flows_that_run_by_themselves_are_read(told: Told) -> None:
    told.lab.options(Kind.PRICE, enabled=False)
    post(told.reprices())
    told.lab.work()
    assert told.reasons() == [Reason.SAME]
    assert Kind.PRICE not in {call[1] for call in told.shop.calls}


def test_the_quiet_hours_hold_for_hints_too(told: Told) -> None:
    for kind in WATCHED:
        told.lab.options(kind, quiet_from=time(0), quiet_to=time(23, 59, 59))
    post(told.reprices())
    told.lab.work()
    assert told.reasons() == [""]
    for kind in WATCHED:
        told.lab.options(kind, quiet_from=None, quiet_to=None)
    told.lab.work()
    assert told.reasons() == [Reason.CHANGED]


def test_a_paused_connection_keeps_its_hints(told: Told) -> None:
    told.connection.paused = True
    told.connection.save()
    post(told.reprices())
    told.lab.work()
    assert told.reasons() == [""]
    told.connection.paused = False
    told.connection.save()
    told.lab.work()
    assert told.reasons() == [Reason.CHANGED]


def test_what_was_never_fetched_whole_is_not_taken_for_missing(told: Told) -> None:
    """One product alone in the snapshot would make all others look as if they were not in the shop."""
    Fetch.objects.filter(shop=told.connection).delete()
    post(told.reprices())
    told.lab.work()
    assert told.reasons() == [Reason.POLL_FIRST]
    assert told.runs() == []


def test_hints_create_and_delete_nothing(told: Told) -> None:
    """A new card waits for the next polling, which knows the whole shop: it may be there already."""
    told.lab.options(Kind.PRODUCT, export_unlinked=True, delete_unlinked=True)
    add_card(told.lab.erp, "TOW0099", "Grabie")  # type: ignore[arg-type]
    add_product(told.shop, "2001", "OBCY-1", "Towar właściciela", price="5.00", stock="1")
    told.lab.clock.shift(timedelta(hours=1))
    post(told.tells("2001", "product.create"))
    told.lab.work()
    (run,) = told.runs()
    assert run.status == Status.SUCCEEDED
    assert told.shop.writes() == []
    assert told.lab.unlinked(Kind.PRODUCT, "shop") == {"2001": "unlinked"}
    assert told.lab.unlinked(Kind.PRODUCT, "erp") == {"TOW0099": "unlinked"}


def test_a_deleted_product_counts_as_missed_once(told: Told) -> None:
    told.shop.delete(Kind.PRODUCT, [KEY])
    for _ in range(2):
        post(told.tells(event="product.delete"))
        told.lab.work()
    assert told.reasons() == [Reason.GONE, Reason.GONE]
    assert snapshots.of(told.connection).get(kind=Kind.PRODUCT, key=KEY).missed == 1
    assert Link.objects.get(kind=Kind.PRODUCT, shop_key=KEY).state == LinkState.LINKED
    told.lab.run(Kind.PRODUCT)
    assert Link.objects.get(kind=Kind.PRODUCT, shop_key=KEY).state == LinkState.SHOP_GONE


def test_hints_tell_nothing_of_their_kind(told: Told) -> None:
    """The last polling of prices failed: a hinted success neither hides that nor opens a gate."""
    last = Step.objects.filter(connection=told.connection, kind=Kind.PRICE).order_by("-id").first()
    assert last is not None
    Step.objects.filter(pk=last.pk).update(status=Status.FAILED)
    post(told.reprices())
    told.lab.work()
    assert told.runs()[0].status == Status.SUCCEEDED
    assert finishing.ended_well(told.connection)[Kind.PRICE] is False


def test_an_incremental_fetch_goes_on_from_the_last_polling(told: Told) -> None:
    """A hinted reading in between must not hide what changed elsewhere before it."""
    polled = Fetch.objects.filter(shop=told.connection, kind=Kind.PRODUCT).order_by("-id").first()
    told.lab.clock.shift(timedelta(minutes=30))
    told.shop.rows[Kind.PRODUCT][KEY] = dataclasses.replace(told.shop.rows[Kind.PRODUCT][KEY], name="Szpadel")  # type: ignore[type-var]
    post(told.tells())
    told.lab.work()
    assert Fetch.objects.filter(shop=told.connection, kind=Kind.PRODUCT, keys__isnull=False).exists()
    assert inbox.latest_good(told.connection, Kind.PRODUCT, polled.started_at) == polled  # type: ignore[union-attr,arg-type]


def test_after_an_unreadable_element_polling_goes_first(told: Told) -> None:
    broken = ElementError(key="1009", kind=Kind.PRODUCT, problem=problem(Code.FIELD_MISSING, field="name"))
    told.shop.broken[Kind.PRODUCT] = {"1009": broken}
    told.lab.run(Kind.PRODUCT)
    told.shop.rows[Kind.PRODUCT][KEY] = dataclasses.replace(told.shop.rows[Kind.PRODUCT][KEY], name="Szpadel")  # type: ignore[type-var]
    for kind in PRODUCT_STATE_KINDS:
        told.lab.options(kind, enabled=False)
    post(told.tells())
    told.lab.work()
    assert told.reasons() == [Reason.POLL_FIRST]


def test_a_shop_that_does_not_answer_is_asked_again(told: Told) -> None:
    left = [3]

    def fault(call: str, kind: Kind) -> None:
        left[0] -= 1
        if left[0] >= 0:
            raise Transient(Code.SERVER_ERROR, status=503)

    post(told.reprices())
    told.shop.fault = fault
    told.lab.work()
    assert told.reasons() == [Reason.CHANGED]
    assert told.price() == Decimal("12.30")
    assert WebhookSetup.objects.get().attempts == 0


@pytest.mark.parametrize("error", [Transient(Code.SERVER_ERROR, status=503), KeyError()])
def test_a_shop_that_stays_away_is_left_to_polling(told: Told, error: Exception) -> None:
    def fault(call: str, kind: Kind) -> None:
        raise error

    post(told.reprices())
    told.shop.fault = fault
    told.lab.work()
    assert told.reasons() == [Reason.UNREAD]
    assert told.runs() == []
    assert told.reads() <= hinted.MOST_ATTEMPTS


@pytest.mark.failure_mode("F8")
def test_after_a_refused_login_hints_wait_for_a_person(told: Told) -> None:
    def fault(call: str, kind: Kind) -> None:
        raise AuthFailed(Code.LOGIN_FAILED)

    post(told.reprices())
    told.shop.fault = fault
    for _ in range(4):
        told.lab.work()
        told.lab.clock.shift(timedelta(minutes=20))
        schedule.tick()
    assert (told.reasons(), told.reads()) == ([""], 1)
    told.connection.refresh_from_db()
    assert told.connection.healthy is False
    told.shop.fault = lambda call, kind: None
    ShopConnection.objects.update(healthy=True, problem=None)  # what a test of the settings that passes leaves
    told.lab.work()
    assert told.reasons() == [Reason.CHANGED]
    assert told.price() == Decimal("12.30")


def test_a_worker_that_dies_while_saving_leaves_the_hint(told: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else the snapshot would hold the change, the next reading would find nothing new, and nobody would plan it."""

    def die(*args: Any, **more: Any) -> None:
        raise DatabaseError("gone")

    post(told.reprices())
    told.lab.clock.shift(inbox.GATHER)
    with monkeypatch.context() as dying:
        dying.setattr(hinted.runs, "start_run", die)
        with pytest.raises(DatabaseError):
            runner.advance_shop(told.connection.pk)
    assert told.reasons() == [""]
    told.lab.work()
    assert told.price() == Decimal("12.30")
    assert told.reasons() == [Reason.CHANGED]


def test_without_the_erp_hints_hold_up_nothing(told: Told) -> None:
    told.lab.erp_connection.delete()
    post(told.reprices())
    for _ in range(20):
        runner.advance_shop(told.connection.pk)
        told.lab.clock.shift(timedelta(minutes=11))
    assert told.reasons() == [Reason.UNREAD]


def test_many_hints_are_read_in_portions(told: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inbox, "MOST_KEYS", 4)
    for number in range(12):
        post(told.reprices(str(1001 + number)))
    told.lab.work()
    assert told.reasons() == [Reason.CHANGED] * 12
    assert {told.price(str(1001 + number)) for number in range(12)} == {Decimal("12.30")}
    assert max(call[2] for call in told.shop.calls if call[0] == "read") <= 5


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.failure_mode("F7")
def test_lost_doubled_and_shuffled_deliveries_end_as_none(told: Told, seed: int) -> None:
    """Polling is the truth: with hints or without, both sides end the same."""
    chance = random.Random(seed)
    deliveries = [told.reprices(str(1001 + chance.randrange(12))) for _ in range(30)]
    sent = [one for one in deliveries if chance.random() > 0.3]
    sent += [one for one in sent if chance.random() < 0.3]
    chance.shuffle(sent)
    for number, delivery in enumerate(sent):
        assert post(delivery) == 200
        if number % 7 == 0:
            told.lab.work()
    told.lab.work()
    told.lab.run(*POLLED)
    assert {told.price(str(1001 + number)) for number in range(12)} == {Decimal("12.30")}
    assert Change.objects.filter(status="failed").count() == 0


def test_old_events_are_forgotten(told: Told) -> None:
    post(told.tells())
    told.lab.work()
    told.lab.clock.shift(timedelta(days=settings.KEEP_DAYS["events"], minutes=1))
    schedule.prune()
    assert InboxEvent.objects.count() == 0
