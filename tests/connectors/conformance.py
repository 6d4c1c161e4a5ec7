"""What every connector must do. A platform subclasses `Conformance` and names its stand; what it does not claim is
skipped with a reason."""

import logging
import random
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import ClassVar

import pytest

from integrator.canonical.capabilities import Can, Find
from integrator.canonical.errors import AuthFailed, IntegrationError, OutcomeUnknown, RateLimited, Transient
from integrator.canonical.kinds import PRODUCT_STATE_KINDS, SYNC_KINDS, Kind
from integrator.canonical.preflight import Verdict
from integrator.canonical.records import SHOP_RECORDS, Fields, Key, fields_of
from integrator.canonical.side import Introduces, Patch, Result, Scope, Side
from shops.simulation.stand import Stand
from syncjobs.engine.projection import project, same
from tests.connectors.wire import all_pages, wired

KINDS = list(SYNC_KINDS)
CREATED = [kind for kind in KINDS if kind not in PRODUCT_STATE_KINDS]


class Conformance:
    stand_type: ClassVar[type[Stand]]

    @pytest.fixture
    def stand(self) -> Stand:
        return wired(self.stand_type())

    def test_another_shop_at_the_same_address_says_so(self, stand):
        side = stand.open()
        if not isinstance(side, Introduces):
            pytest.skip(f"{side.capabilities.label} does not say which shop it is")
        before, sent = dict(side.identity()), side.requests_sent
        assert before
        assert stand.open().identity() == before
        assert sent <= 2, "one call, and a login where there is one"
        stand.another_shop()
        now = stand.open().identity()
        assert [name for name in before if now[name] != before[name]]

    def need(self, side: Side, kind: Kind, what: Can) -> None:
        if not side.capabilities.can(kind, what):
            pytest.skip(f"{side.capabilities.label} does not claim {what.name} for {kind}")

    def light(self, side: Side) -> Kind:
        """A kind that is read in a call or two: where it does not matter which."""
        if self.stand_type.light is not None:
            return self.stand_type.light
        return next(kind for kind in KINDS if side.capabilities.can(kind, Can.READ))

    def element(self, stand: Stand, side: Side, kind: Kind, number: int = 1) -> Key:
        """A new element, or where the platform makes none, one that the shop's owner made."""
        kind = Kind.PRODUCT if kind in PRODUCT_STATE_KINDS else kind
        if side.capabilities.can(kind, Can.CREATE):
            return self.create(stand, side, kind, number)
        if kind is not Kind.PRODUCT:
            return next(item.key for page in all_pages(side, kind) for item in page.items if item.kind is kind)
        return stand.add_product()

    def create(self, stand: Stand, side: Side, kind: Kind, number: int = 1) -> Key:
        result = side.create(kind, [stand.new(kind, number)])[0]
        assert result.error is None, result.error
        return result.key

    def read_fields(self, side: Side, kind: Kind, key: Key) -> Fields:
        read = side.read(kind, [key])
        assert [item.key for item in read.items] == [key]
        return fields_of(read.items[0].record)

    # reading

    def test_preflight_passes_and_names_its_checks(self, stand: Stand) -> None:
        checks = list(stand.open().probe())
        assert [check.name for check in checks if check.verdict is not Verdict.PASSED] == []
        names = [check.name for check in checks]
        assert len(names) == len(set(names))
        assert {"name", "port", "tls", "answer", "login", "version"} <= set(names)

    @pytest.mark.parametrize("kind", KINDS)
    def test_records_are_of_their_kind(self, stand: Stand, kind: Kind) -> None:
        side = stand.open()
        self.need(side, kind, Can.READ)
        stand.fill(3)
        found = [item for page in all_pages(side, kind) for item in page.items]
        assert kind in {item.kind for item in found}
        assert {item.kind for item in found} <= {kind, *side.capabilities.of(kind).delivers}
        assert all(isinstance(item.record, SHOP_RECORDS[item.kind]) for item in found)

    @pytest.mark.parametrize("seed", range(5))
    def test_a_fetch_is_complete_while_rows_come_and_go(self, stand: Stand, seed: int) -> None:
        """Whatever stood there from beginning to end arrives, exactly once, and in hardly more calls than pages."""
        stand.fill(230)
        side = stand.open()
        list(all_pages(side, self.light(side)))
        chance = random.Random(seed)
        before = set(stand.product_ids())
        removed: set[Key] = set()

        def stir() -> None:
            gone = chance.choice(sorted(set(stand.product_ids()) & before))
            stand.remove_product(gone)
            removed.add(gone)
            stand.add_product()

        stand.wire.after_each(stir)
        pages = list(all_pages(side, Kind.PRODUCT))
        seen = Counter(item.key for page in pages for item in page.items if item.kind is Kind.PRODUCT)
        lasting = {key.partition(":")[0] for key in before - removed}
        assert [key for key, times in seen.items() if times > 1] == []
        assert lasting - {key.partition(":")[0] for key in seen} == set()
        assert [error for page in pages for error in page.errors] == []
        assert len({page.total for page in pages}) == 1

    def test_a_page_can_be_fetched_again(self, stand: Stand) -> None:
        stand.fill(120)
        side = stand.open()
        cursor = side.fetch(Kind.PRODUCT, Scope(), None).next_cursor
        assert cursor is not None
        first, again = side.fetch(Kind.PRODUCT, Scope(), cursor), stand.open().fetch(Kind.PRODUCT, Scope(), cursor)
        assert first == again

    def test_a_malformed_record_is_one_error_and_the_rest_arrives(self, stand: Stand) -> None:
        stand.fill(60)
        sound = {item.key for page in all_pages(stand.open(), Kind.PRODUCT) for item in page.items}
        spoiled = stand.spoil_product()
        pages = list(all_pages(stand.open(), Kind.PRODUCT))
        errors = [error for page in pages for error in page.errors if error.kind is Kind.PRODUCT]
        assert [error.key for error in errors] == [spoiled]
        assert errors[0].excerpt
        assert {item.key for page in pages for item in page.items} == sound - {spoiled}

    def test_recent_only_brings_at_least_what_changed(self, stand: Stand) -> None:
        side = stand.open()
        self.need(side, Kind.PRODUCT, Can.INCREMENTAL)
        stand.fill(60)
        stand.clock.now += 3600
        since = datetime.fromtimestamp(stand.clock.now, UTC) - timedelta(seconds=60)
        changed = stand.touch_product()
        found = {item.key for page in all_pages(side, Kind.PRODUCT, Scope(since=since)) for item in page.items}
        assert changed in found
        assert len(found) < 60

    @pytest.mark.parametrize("kind", PRODUCT_STATE_KINDS)
    def test_figures_alone_are_those_of_the_products(self, stand: Stand, kind: Kind) -> None:
        stand.fill(70)
        side = stand.open()
        self.need(side, kind, Can.READ)
        whole = {i.key: i.record for page in all_pages(side, Kind.PRODUCT) for i in page.items if i.kind is kind}
        alone = {i.key: i.record for page in all_pages(side, kind) for i in page.items if i.kind is kind}
        assert whole.keys() <= alone.keys()
        assert {key: alone[key] for key in whole} == whole

    # writing

    @pytest.mark.parametrize("kind", CREATED)
    def test_what_is_created_reads_back_as_projected(self, stand: Stand, kind: Kind) -> None:
        side = stand.open()
        self.need(side, kind, Can.CREATE)
        wanted = stand.new(kind, 1)
        kept = self.read_fields(side, kind, self.create(stand, side, kind))
        for name, spec in side.capabilities.of(kind).fields.items():
            if name in wanted.fields and spec.create:
                expected = project(name, wanted.fields[name], spec).value
                assert same(name, expected, kept[name], spec), (name, expected, kept[name])

    @pytest.mark.parametrize("kind", KINDS)
    def test_what_is_updated_reads_back_as_projected(self, stand: Stand, kind: Kind) -> None:
        side = stand.open()
        self.need(side, kind, Can.UPDATE)
        key = self.element(stand, side, kind)
        changes = stand.changes(kind)
        assert set(changes) == {n for n, spec in side.capabilities.of(kind).fields.items() if spec.update}
        assert [r.error for r in side.update(kind, [Patch(key=key, fields=changes)])] == [None]
        kept = self.read_fields(side, kind, key)
        for name, value in changes.items():
            spec = side.capabilities.of(kind).fields[name]
            assert same(name, project(name, value, spec).value, kept[name], spec), (name, value, kept[name])

    @pytest.mark.parametrize("kind", KINDS)
    def test_only_named_fields_are_touched(self, stand: Stand, kind: Kind) -> None:
        side = stand.open()
        self.need(side, kind, Can.UPDATE)
        key = self.element(stand, side, kind)
        for name, value in stand.changes(kind).items():
            before = dict(stand.stored(kind, key))
            assert [r.error for r in side.update(kind, [Patch(key=key, fields={name: value})])] == [None]
            after = dict(stand.stored(kind, key))
            moved = {path for path in before.keys() | after.keys() if before.get(path) != after.get(path)}
            assert moved, f"{name} was not written"
            assert moved <= stand.footprint(kind, name), name

    def test_one_bad_row_does_not_spoil_its_batch(self, stand: Stand) -> None:
        side = stand.open()
        self.need(side, Kind.STOCK, Can.UPDATE)
        keys = [self.element(stand, side, Kind.PRODUCT, number) for number in (1, 2, 3)]
        patches = [Patch(key=key, fields={"quantity": "7"}) for key in keys]
        patches[1] = Patch(key=keys[1], fields={"quantity": "seven"})
        results = side.update(Kind.STOCK, patches)
        assert [result.token for result in results] == keys
        assert [result.ok for result in results] == [True, False, True]
        assert self.read_fields(side, Kind.STOCK, keys[2]) == {"quantity": "7"}

    def test_many_rows_go_in_batches(self, stand: Stand) -> None:
        stand.fill(70)
        side = stand.open()
        keys = [i.key for page in all_pages(side, Kind.PRODUCT) for i in page.items if i.kind is Kind.STOCK][:60]
        before = len(stand.wire.requests)
        results = side.update(Kind.STOCK, [Patch(key=key, fields={"quantity": "3"}) for key in keys])
        assert all(result.ok for result in results)
        writes = [one for one in stand.wire.requests[before:] if one.method not in ("GET", "HEAD")]
        assert len(writes) <= stand.most_writes(keys, side.capabilities.batch_of(Kind.STOCK))
        read = side.read(Kind.STOCK, keys)
        assert {fields_of(item.record)["quantity"] for item in read.items} == {"3"}
        assert len(read.items) == len(keys)

    @pytest.mark.parametrize("kind", CREATED)
    def test_find_sees_what_create_made(self, stand: Stand, kind: Kind) -> None:
        side = stand.open()
        self.need(side, kind, Can.CREATE)
        if side.capabilities.of(kind).find is Find.NEVER:
            pytest.skip(f"{kind} cannot be looked for")
        wanted, other = stand.new(kind, 1), stand.new(kind, 2)
        assert all(not found.keys for found in side.find(kind, [wanted, other]).values())
        key = self.create(stand, side, kind)
        found = stand.open().find(kind, [wanted, other])
        assert found[wanted.token].keys == (key,)
        assert found[other.token].keys == ()

    @pytest.mark.parametrize("kind", CREATED)
    @pytest.mark.failure_mode("F1")
    def test_a_create_with_a_lost_answer_leaves_one(self, stand: Stand, kind: Kind) -> None:
        """Look, and create again only what is not found: in the end it stands there once."""
        side = stand.open()
        self.need(side, kind, Can.CREATE)
        wanted = stand.new(kind, 1)
        list(all_pages(side, kind))
        before = self.count(stand, kind)
        stand.wire.lose_answers("POST")
        error = self.outcome(side, kind, wanted)
        assert isinstance(error, OutcomeUnknown)
        for _ in range(3):
            keys = stand.open().find(kind, [wanted])[wanted.token].keys
            if keys:
                break
            side.create(kind, [wanted])
        assert len(keys) == 1
        assert self.count(stand, kind) == before + 1

    def outcome(self, side: Side, kind: Kind, wanted: object) -> IntegrationError | None:
        try:
            result: Result = side.create(kind, [wanted])[0]  # type: ignore[list-item]
        except IntegrationError as error:
            return error
        return result.error

    def count(self, stand: Stand, kind: Kind) -> int:
        return sum(i.kind is kind for page in all_pages(stand.open(), kind) for i in page.items)

    @pytest.mark.parametrize("kind", CREATED)
    def test_delete_is_repeatable(self, stand: Stand, kind: Kind) -> None:
        side = stand.open()
        self.need(side, kind, Can.DELETE)
        key = self.create(stand, side, kind)
        for _ in range(2):
            assert [result.error for result in side.delete(kind, [key])] == [None]
        assert side.read(kind, [key]).gone == (key,)

    def test_deactivate_is_repeatable(self, stand: Stand) -> None:
        side = stand.open()
        self.need(side, Kind.PRODUCT, Can.DEACTIVATE)
        key = self.create(stand, side, Kind.PRODUCT)
        for _ in range(2):
            assert [result.error for result in side.deactivate(Kind.PRODUCT, [key])] == [None]
        assert self.read_fields(side, Kind.PRODUCT, key)["active"] is False

    @pytest.mark.parametrize("kind", CREATED)
    def test_declared_lengths_are_true(self, stand: Stand, kind: Kind) -> None:
        side = stand.open()
        self.need(side, kind, Can.UPDATE)
        limits = {n: s for n, s in side.capabilities.of(kind).fields.items() if s.max_length and s.update}
        if not limits:
            pytest.skip(f"no length is declared for {kind}")
        key = self.create(stand, side, kind)
        for name, spec in limits.items():
            text = "ż" * (spec.max_length or 0)
            assert [r.error for r in side.update(kind, [Patch(key=key, fields={name: text})])] == [None]
            assert self.read_fields(side, kind, key)[name] == text
            longer = side.update(kind, [Patch(key=key, fields={name: text + "x"})])[0]
            assert longer.error is not None or self.read_fields(side, kind, key)[name] == text

    # limits and logins

    @pytest.mark.failure_mode("F8")
    def test_a_429_is_obeyed(self, stand: Stand) -> None:
        stand.fill(1)
        side = stand.open()
        side.fetch(self.light(side), Scope(), None)
        stand.wire.answer(429, headers={"Retry-After": "9"})
        with pytest.raises(RateLimited) as caught:
            side.fetch(self.light(side), Scope(), None)
        assert caught.value.retry_after == 9
        sent = len(stand.wire.requests)
        with pytest.raises(RateLimited):
            side.fetch(self.light(side), Scope(), None)
        assert len(stand.wire.requests) == sent, "nothing is sent before the time is over"
        stand.clock.now += 9
        assert side.fetch(self.light(side), Scope(), None).items

    @pytest.mark.failure_mode("F8")
    def test_no_call_meets_a_429_when_the_bucket_is_watched(self, stand: Stand) -> None:
        if stand.platform.rate is None:
            pytest.skip("the platform tells no limit")
        stand.fill(300)
        side = stand.open()
        pages = list(all_pages(side, Kind.PRODUCT)) + list(all_pages(side, Kind.STOCK))
        assert sum(len(page.items) for page in pages) > 300
        assert stand.clock.slept, "the stand's bucket is smaller than these calls"

    def test_a_revoked_token_is_renewed_once(self, stand: Stand) -> None:
        stand.fill(1)
        side = stand.open()
        side.fetch(self.light(side), Scope(), None)
        stand.revoke_tokens()
        assert side.fetch(self.light(side), Scope(), None).items

    def test_a_changed_password_is_a_failed_login(self, stand: Stand) -> None:
        side = stand.open()
        side.fetch(self.light(side), Scope(), None)
        stand.revoke_tokens()
        stand.change_password()
        with pytest.raises(AuthFailed):
            side.fetch(self.light(side), Scope(), None)
        checks = {check.name: check.verdict for check in stand.open().probe()}
        assert checks["login"] is Verdict.FAILED
        assert checks["port"] is Verdict.PASSED

    def test_a_token_lives_on_in_the_next_session(self, stand: Stand) -> None:
        def asked(side: Side) -> int:
            sent = len(stand.wire.requests)
            side.fetch(self.light(side), Scope(), None)
            return len(stand.wire.requests) - sent

        side = stand.open()
        asked(side)
        assert asked(stand.open()) == asked(side) >= 1, "no login and nothing else but the page"

    @pytest.mark.parametrize("status", [500, 502, 503, 504])
    def test_a_shop_in_trouble_is_tried_later(self, stand: Stand, status: int) -> None:
        side = stand.open()
        side.fetch(self.light(side), Scope(), None)
        stand.wire.answer(status, text="<html>Bad gateway</html>")
        with pytest.raises(Transient):
            side.fetch(self.light(side), Scope(), None)

    @pytest.mark.parametrize("text", ["<html>Przerwa techniczna</html>", '{"half": ', "[]", "7"])
    @pytest.mark.failure_mode("F10")
    def test_garbage_is_no_empty_shop(self, stand: Stand, text: str) -> None:
        if text in stand.empty_lists:
            pytest.skip("that is how this platform says that there are none")
        side = stand.open()
        side.fetch(self.light(side), Scope(), None)
        stand.wire.answer(200, text=text)
        with pytest.raises(IntegrationError):
            side.fetch(Kind.PRODUCT, Scope(), None)

    def test_secrets_turn_up_nowhere(self, stand: Stand, caplog: pytest.LogCaptureFixture) -> None:
        caplog.set_level(logging.DEBUG)
        side = stand.open()
        seen = [repr(list(side.probe())), repr(side), repr(vars(side))]
        if side.capabilities.can(Kind.PRODUCT, Can.CREATE):
            result = side.create(Kind.PRODUCT, [stand.new(Kind.PRODUCT, 1)])
            seen.append(repr(result) + str(result[0].exchange))
        secret = {one.name for one in stand.platform.credentials if one.secret}
        bad = {name: "wrong-canary-17" if name in secret else value for name, value in stand.credentials.items()}
        stand.tokens.save({})
        other = stand.open(credentials=bad)
        with pytest.raises(AuthFailed) as caught:
            other.fetch(self.light(other), Scope(), None)
        seen += [repr(caught.value), str(caught.value), repr(caught.value.problem), caplog.text, repr(stand.tokens)]
        everything = "\n".join(seen)
        assert [secret for secret in [*stand.secrets(), "wrong-canary-17"] if secret in everything] == []
