"""Steps c and d: planned changes sent to a side, batch by batch, each with its own outcome.

A change is `sent` in the database before it is sent to the other system. Whatever dies in between, the next worker
finds it so: an update is sent again (it is absolute), a delete too, a create is looked for first.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from integrator.canonical.capabilities import FieldSpec
from integrator.canonical.errors import Gone, IntegrationError, OutcomeUnknown, RateLimited, Rejected, Transient
from integrator.canonical.kinds import Kind
from integrator.canonical.problems import Code, Turn
from integrator.canonical.records import Fields, FieldValue, Problem, fields_of, problem
from integrator.canonical.side import Exchange, NewElement, Patch, Result, Side
from syncjobs import outcomes, snapshots, stops
from syncjobs.engine.projection import same
from syncjobs.fetching import error_data, problem_data, retry_delay
from syncjobs.models import Change, Link, Run, Step
from syncjobs.models.choices import Action, ChangeStatus
from syncjobs.pairing import offer_for, promised_to_buyers
from syncjobs.setup import Setup
from syncjobs.slices import Slice

MOST_ATTEMPTS = 5
PLAN_MAX_AGE = timedelta(minutes=30)
LOOKED_AT = (Action.UPDATE_SHOP, Action.UPDATE_ERP, Action.DEACTIVATE_SHOP)
TO_ERP = (Action.UPDATE_ERP, Action.CREATE_ERP)
CREATES = (Action.CREATE_SHOP, Action.CREATE_ERP)


def ready(step: Step, actions: Sequence[Action]) -> list[Change]:
    """Planned changes of one action whose time has come, oldest first; the action with work left that comes first."""
    due = Q(not_before__isnull=True) | Q(not_before__lte=timezone.now())
    for action in actions:
        changes = Change.objects.filter(due, step=step, action=action, status=ChangeStatus.PLANNED).order_by("pk")
        found = list(changes.select_related("link")[: snapshots.CHUNK])
        if found:
            return found
    return []


def waiting(step: Step, actions: Sequence[Action]) -> Change | None:
    """The planned or unknown change whose turn comes first."""
    left = Change.objects.filter(
        step=step, action__in=actions, status__in=[ChangeStatus.PLANNED, ChangeStatus.UNKNOWN], not_before__isnull=False
    )
    return left.order_by("not_before").first()


def recover(step: Step) -> None:
    """Changes that a dead worker left `sent`: creates may have happened, everything else is simply sent again."""
    left = Change.objects.filter(step=step, status=ChangeStatus.SENT)
    left.filter(action__in=CREATES).update(status=ChangeStatus.UNKNOWN)
    left.update(status=ChangeStatus.PLANNED)


def apply_batch(setup: Setup, step: Step, work: Slice, actions: Sequence[Action]) -> bool:
    """Send the next batch. False when nothing is ready. Raises IntegrationError that concerns the whole connection."""
    changes = ready(step, actions)
    if not changes:
        return False
    action = Action(changes[0].action)
    side, size = _destination(setup, work, action, Kind(step.kind))
    changes = _together(changes[:size])
    if _parents_open(step, changes[0]):
        return False
    changes = _fresh(setup, step, work, changes)
    if not changes:
        return True
    now = timezone.now()
    with transaction.atomic():
        work.hold.check()
        if stops.standing(setup.connection) is not None:
            return True
        Change.objects.filter(pk__in=[c.pk for c in changes]).update(status=ChangeStatus.SENT, sent_at=now)
    before = side.requests_sent
    try:
        results = _send(setup, step, work, action, changes)
    except IntegrationError as error:
        with transaction.atomic():
            work.hold.check()
            _call_failed(action, changes, error)
            outcomes.count(step, requests=side.requests_sent - before)
        if isinstance(error, OutcomeUnknown) or (isinstance(error, Transient) and not isinstance(error, RateLimited)):
            return True
        raise
    _save(setup, step, work, action, changes, results, side.requests_sent - before)
    return True


def _destination(setup: Setup, work: Slice, action: Action, kind: Kind) -> tuple[Side, int]:
    if action in TO_ERP:
        return work.erp(setup.erp_connection, write=True), setup.erp.batch_of(kind)
    return work.shop(setup.connection), setup.shop.batch_of(kind)


def _together(changes: list[Change]) -> list[Change]:
    """New categories of one level only: the key of a parent made in this very call would not be known yet."""
    level = changes[0].extra.get("level")
    return [change for change in changes if change.extra.get("level") == level]


def _parents_open(step: Step, change: Change) -> bool:
    """Whether a category of a level above is still to be made or looked for: those below wait for its key."""
    if not change.extra.get("level"):
        return False
    above = Change.objects.filter(step=step, action=change.action, extra__level__lt=change.extra["level"])
    return above.filter(status__in=[ChangeStatus.PLANNED, ChangeStatus.UNKNOWN]).exists()


def _fresh(setup: Setup, step: Step, work: Slice, changes: list[Change]) -> list[Change]:
    """Leave out what is out of date: the source moved since the plan, or (asked fields, deletes) the destination."""
    kind = Kind(step.kind)
    # What an undo sets back comes from the history, not from the other side.
    stale = set() if step.run.undoes_id else _moved_source(setup, kind, changes)
    every = _must_look(step)
    careful = [
        c
        for c in changes
        if c.pk not in stale
        and (c.extra.get("look_first") or c.action == Action.DELETE_SHOP or (every and c.action in LOOKED_AT))
    ]
    if careful:
        stale |= _moved_destination(setup, kind, work, careful)
    if stale:
        with transaction.atomic():
            work.hold.check()
            Change.objects.filter(pk__in=stale).update(
                status=ChangeStatus.STALE, problem=problem_data(problem(Code.STALE), "us"), done_at=timezone.now()
            )
    return [change for change in changes if change.pk not in stale]


def _must_look(step: Step) -> bool:
    """Whether every row is read again before it is written: the plan has grown old (it waited for a person), it takes
    back what a run wrote, or it rests on a fetch of recent elements only, unless just those that are written were read
    for it."""
    old = step.sealed_at is not None and timezone.now() - step.sealed_at > PLAN_MAX_AGE
    part = step.shop_fetch is not None and not step.shop_fetch.full
    return old or bool(step.run.undoes_id) or (part and step.run.trigger != Run.Trigger.ORDER)


def _moved_source(setup: Setup, kind: Kind, changes: list[Change]) -> set[int]:
    """No request: the source's snapshot must still be the one the plan was made on."""
    to_shop = [c for c in changes if c.action in (Action.UPDATE_SHOP, Action.CREATE_SHOP)]
    to_erp = [c for c in changes if c.action in TO_ERP]
    stale = set()
    for group, source, key, fp in (
        (to_shop, setup.erp_connection, "erp_key", "erp_fp"),
        (to_erp, setup.connection, "shop_key", "shop_fp"),
    ):
        rows = snapshots.present(source, kind).filter(key__in=[getattr(c, key) for c in group])
        now = dict(rows.values_list("key", "fingerprint"))
        stale |= {c.pk for c in group if now.get(getattr(c, key)) != getattr(c, fp)}
    return stale | _promised_since(setup, [c for c in to_shop if c.kind == Kind.STOCK and c.pk not in stale])


def _promised_since(setup: Setup, changes: list[Change]) -> set[int]:
    """Stock of which more is promised to buyers by now, or less, than when it was planned."""
    if not changes:
        return set()
    keys = {c.erp_key for c in changes}
    offer = offer_for(setup, Kind.STOCK, promised_to_buyers(setup, keys))
    items = snapshots.load(setup.erp_connection, Kind.STOCK, keys)
    now = {key: offer(key, snapshots.record_of(item)) for key, item in items.items()}
    return {c.pk for c in changes if c.extra.get("source") not in (None, now.get(c.erp_key))}


def _moved_destination(setup: Setup, kind: Kind, work: Slice, changes: list[Change]) -> set[int]:
    """Read before write, batched: what a person decided on must still stand there. Where a worker died over a row, what
    it wrote may stand there already."""
    in_shop = changes[0].action != Action.UPDATE_ERP
    side = work.shop(setup.connection) if in_shop else work.erp(setup.erp_connection)
    source = setup.connection if in_shop else setup.erp_connection
    key_of = {c.pk: c.shop_key if in_shop else c.erp_key for c in changes}
    read = side.read(kind, list(key_of.values()))
    with transaction.atomic():
        work.hold.check()
        snapshots.store(source, read.items)
    kept = {item.key: fields_of(item.record) for item in read.items if item.kind is kind}
    specs = setup.shop.of(kind).fields
    stale = set()
    for change in changes:
        now = kept.get(key_of[change.pk])
        if now is None:
            if change.action != Action.DELETE_SHOP:
                stale.add(change.pk)
        elif any(not _expected(change, f, now.get(f["name"]), specs.get(f["name"])) for f in change.fields):
            stale.add(change.pk)
    return stale


def _expected(change: Change, field: dict[str, Any], now: FieldValue, spec: FieldSpec | None) -> bool:
    written = change.sent_at is not None and change.action != Action.DELETE_SHOP
    known = (field["old"], field["new"]) if written else (field["old"],)
    return any(same(field["name"], value, now, spec) for value in known)


def _send(setup: Setup, step: Step, work: Slice, action: Action, changes: list[Change]) -> dict[int, Result]:
    kind = Kind(step.kind)
    if action in CREATES:
        elements, failed = new_elements(setup, work, kind, changes)
        side, _ = _destination(setup, work, action, kind)
        made = side.create(kind, list(elements.values())) if elements else []
        by_token = {result.token: result for result in made}
        return failed | {pk: by_token[e.token] for pk, e in elements.items() if e.token in by_token}
    side, _ = _destination(setup, work, action, kind)
    keys = {c.pk: c.erp_key if action in TO_ERP else c.shop_key for c in changes}
    if action is Action.DELETE_SHOP:
        results = side.delete(kind, list(keys.values()))
    elif action is Action.DEACTIVATE_SHOP:
        results = side.deactivate(kind, list(keys.values()))
    else:
        results = side.update(kind, [_patch(keys[change.pk], change) for change in changes])
    by_key = {result.token: result for result in results}
    return {pk: by_key[key] for pk, key in keys.items() if key in by_key}


def _patch(key: str, change: Change) -> Patch:
    return Patch(
        key=key,
        fields={f["name"]: f["new"] for f in change.fields},
        old={f["name"]: f["old"] for f in change.fields},
    )


def new_elements(
    setup: Setup, work: Slice, kind: Kind, changes: Sequence[Change]
) -> tuple[dict[int, NewElement], dict[int, Result]]:
    """What can be sent, and the outcome of those for which nothing can: a picture whose file is gone fails alone."""
    elements: dict[int, NewElement] = {}
    failed: dict[int, Result] = {}
    for change in changes:
        try:
            elements[change.pk] = new_element(setup, work, kind, change)
        except Gone:
            missing = Rejected(Code.PICTURE_MISSING, turn=Turn.ERP_DATA, name=change.label)
            failed[change.pk] = Result(token="", error=missing)
        except Rejected as error:
            failed[change.pk] = Result(token="", error=error)
    return elements, failed


def new_element(setup: Setup, work: Slice, kind: Kind, change: Change) -> NewElement:
    """What `Side.create` and `Side.find` are given. Pictures bring their bytes along, read just now. Raises Gone
    when the ERP has no such picture any more, Rejected for a category whose parent has no partner."""
    in_shop = change.action == Action.CREATE_SHOP
    content = None
    if kind is Kind.IMAGE and in_shop:
        content = work.erp(setup.erp_connection).content(kind, change.erp_key)
    fields: Fields = {f["name"]: f["new"] for f in change.fields}
    return NewElement(
        token=token_of(change),
        fields=fields,
        group_code=change.extra.get("group_code", ""),
        group_name=change.extra.get("group_name", ""),
        options=tuple((name, value) for name, value in change.extra.get("options", ())),
        parent=_parent(setup, change),
        owner=change.extra.get("owner", ""),
        content=content,
    )


def token_of(change: Change) -> str:
    """The name of a new element's row in a call. What an undo makes again may have no source."""
    return (change.erp_key if change.action == Action.CREATE_SHOP else change.shop_key) or f"change-{change.pk}"


def _parent(setup: Setup, change: Change) -> str:
    """The shop's category that a new one is made below, as it is linked by now. An undo knows it by its own key."""
    if "parent_there" in change.extra:
        return str(change.extra["parent_there"])
    parent = change.extra.get("parent", "")
    if not parent:
        return ""
    link = Link.objects.filter(connection=setup.connection, kind=Kind.CATEGORY, erp_key=parent).first()
    if link is None or not link.shop_key:
        raise Rejected(Code.PARENT_UNLINKED, name=change.label, parent=change.extra.get("parent_name", parent))
    return link.shop_key


def _call_failed(action: Action, changes: list[Change], error: IntegrationError) -> None:
    """The whole call failed: creates of unknown outcome are looked for, the rest waits its turn or goes back."""
    now = timezone.now()
    for change in changes:
        change.attempts += 1
        change.problem, change.turn = error_data(error), error.turn
        if isinstance(error, OutcomeUnknown) and action in CREATES:
            change.status, change.not_before = ChangeStatus.UNKNOWN, now + timedelta(seconds=5)
        elif isinstance(error, Transient):
            _later(change, error)
        else:
            change.status, change.attempts = ChangeStatus.PLANNED, change.attempts - 1
    _write(changes)


def _later(change: Change, error: Transient) -> None:
    if change.attempts >= MOST_ATTEMPTS and not isinstance(error, RateLimited):
        change.status, change.done_at = ChangeStatus.FAILED, timezone.now()
        return
    change.status = ChangeStatus.PLANNED
    change.not_before = timezone.now() + retry_delay(error, change.attempts)


def _write(changes: list[Change]) -> None:
    """In one statement: `bulk_update` builds a CASE for every field of every row, which took longer than the rest."""
    fields = [
        "status",
        "attempts",
        "not_before",
        "problem",
        "turn",
        "exchange",
        "done_at",
        "shop_key",
        "erp_key",
        "link",
    ]
    Change.objects.bulk_create(changes, update_conflicts=True, unique_fields=["id"], update_fields=fields)


def _save(
    setup: Setup,
    step: Step,
    work: Slice,
    action: Action,
    changes: list[Change],
    results: dict[int, Result],
    requests: int,
) -> None:
    done: list[tuple[Change, Result]] = []
    for change in changes:
        result = results.get(change.pk)
        if result is None:
            _row_failed(action, change, OutcomeUnknown())
            continue
        change.exchange = _exchange(result.exchange)
        if result.error is None:
            change.status, change.done_at, change.problem, change.turn = ChangeStatus.APPLIED, timezone.now(), None, ""
            done.append((change, result))
        else:
            _row_failed(action, change, result.error)
    with transaction.atomic():
        work.hold.check()
        outcomes.succeed(setup, step, action, done)
        _write(changes)
        failed = sum(change.status == ChangeStatus.FAILED for change in changes)
        outcomes.count(step, requests=requests, failed=failed, **{outcomes.COUNTED[action]: len(done)})


def _row_failed(action: Action, change: Change, error: IntegrationError) -> None:
    change.attempts += 1
    change.problem, change.turn = error_data(error), error.turn
    if isinstance(error, OutcomeUnknown) and action in CREATES:
        change.status, change.not_before = ChangeStatus.UNKNOWN, timezone.now() + timedelta(seconds=5)
    elif isinstance(error, Transient):
        _later(change, error)
    else:
        change.status, change.done_at = ChangeStatus.FAILED, timezone.now()


def _exchange(exchange: Exchange | None) -> dict[str, str] | None:
    return None if exchange is None else {"request": exchange.request[:4000], "answer": exchange.answer[:4000]}


def fail_for_person(change: Change, found: Problem) -> None:
    change.status, change.done_at = ChangeStatus.FAILED, timezone.now()
    change.problem, change.turn = problem_data(found), "person"
    _write([change])
