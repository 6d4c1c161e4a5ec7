"""After writing: what did the destination really keep, and what became of creates whose answer was lost."""

from collections.abc import Collection, Mapping

from django.db import transaction
from django.utils import timezone

from integrator.canonical.capabilities import FieldSpec, Find
from integrator.canonical.kinds import PRODUCT_STATE_KINDS, Kind
from integrator.canonical.problems import Code
from integrator.canonical.records import Fields, Record, fields_of, problem
from integrator.canonical.side import ReadBack
from syncjobs import outcomes, snapshots, states
from syncjobs.apply import CREATES, TO_ERP, fail_for_person, new_elements, token_of
from syncjobs.engine.verify import kept_differently
from syncjobs.models import Change, KindState, Step
from syncjobs.models.choices import Action, ChangeStatus
from syncjobs.setup import Setup
from syncjobs.slices import Slice

READ_AT_ONCE = 50
VERIFIED = (Action.UPDATE_SHOP, Action.CREATE_SHOP, Action.UPDATE_ERP, Action.CREATE_ERP)


def verify_batch(setup: Setup, step: Step, work: Slice) -> bool:
    """Read back the next written elements. False when all that need it were. Prices and stock are sampled: one batch,
    and the rest only if something in it was kept differently (the next fetch shows them anyway)."""
    sampled = Kind(step.kind) in PRODUCT_STATE_KINDS
    if sampled and step.cursor and not step.counts.get("drifted"):
        return False
    applied = [ChangeStatus.APPLIED, ChangeStatus.DRIFTED]
    changes = list(
        Change.objects.filter(step=step, status__in=applied, action__in=VERIFIED, pk__gt=step.cursor)
        .select_related("link")
        .order_by("pk")[:READ_AT_ONCE]
    )
    if not changes:
        return False
    in_erp = changes[0].action in TO_ERP
    changes = [change for change in changes if (change.action in TO_ERP) is in_erp]
    side = work.erp(setup.erp_connection) if in_erp else work.shop(setup.connection)
    before = side.requests_sent
    keys = [change.erp_key if in_erp else change.shop_key for change in changes]
    read = side.read(Kind(step.kind), list(dict.fromkeys(keys)))
    with transaction.atomic():
        work.hold.check()
        snapshots.store(setup.erp_connection if in_erp else setup.connection, read.items)
        _compare(setup, step, changes, read, in_erp=in_erp)
        step.cursor = changes[-1].pk
        step.save(update_fields=["cursor"])
        outcomes.count(step, requests=side.requests_sent - before)
    return True


def _compare(setup: Setup, step: Step, changes: list[Change], read: ReadBack, *, in_erp: bool) -> None:
    kind = Kind(step.kind)
    specs = (setup.erp if in_erp else setup.shop).of(kind).fields
    kept = {item.key: _own_fields(item.record, specs) for item in read.items if item.kind is kind}
    source = setup.erp_connection if in_erp else setup.connection
    rows = snapshots.present(source, kind).filter(key__in=list(kept))
    now = dict(rows.values_list("key", "fingerprint"))
    drifted, created, updated = [], [], {}
    for change in changes:
        key = change.erp_key if in_erp else change.shop_key
        if key not in kept:
            continue
        sent = outcomes.sent(change)
        differs = kept_differently(sent, kept[key], specs)
        if differs:
            change.status = ChangeStatus.DRIFTED
            change.extra["kept"] = {name: kept[key][name] for name in differs}
            drifted.append(change)
        if change.action in CREATES:
            created.append((change, kept[key], now.get(key, "")))
        else:
            updated[change.pk] = (now.get(key), {name: kept[key].get(name) for name in sent if name in kept[key]})
    Change.objects.bulk_update(drifted, ["status", "extra"], batch_size=50)
    outcomes.settle(step, [c for c in changes if c.pk in updated], updated, to_shop=not in_erp)
    _settle_created(setup, step, created, in_erp=in_erp)
    outcomes.count(step, drifted=len(drifted))


def _own_fields(record: Record, specs: Mapping[str, FieldSpec]) -> Fields:
    """A variant answers with its parent's name and texts too: those it does not keep itself are not compared."""
    fields = fields_of(record)
    if not getattr(record, "group", ""):
        return fields
    return {name: value for name, value in fields.items() if name not in specs or specs[name].variant}


def _settle_created(setup: Setup, step: Step, created: list[tuple[Change, Fields, str]], *, in_erp: bool) -> None:
    """A created pair begins its life settled: the source as it was planned from, the destination as it kept it."""
    kind = Kind(step.kind)
    origin, key = (setup.connection, "shop_key") if in_erp else (setup.erp_connection, "erp_key")
    items = snapshots.load(origin, kind, [getattr(change, key) for change, _, _ in created])
    rows: list[KindState] = []
    for change, kept, fingerprint in created:
        item = items.get(getattr(change, key))
        if item is None or change.link is None or kind not in setup.options:
            continue
        source = fields_of(snapshots.record_of(item))
        names = set(outcomes.sent(change)) & set(source) & set(kept)
        state = states.current(setup, None, change.link, kind)
        pair = ({n: source[n] for n in names}, {n: kept[n] for n in names})
        states.settle(state, *(reversed(pair) if in_erp else pair))
        state.erp_fp, state.shop_fp = (fingerprint, item.fingerprint) if in_erp else (item.fingerprint, fingerprint)
        state.open = False
        rows.append(state)
    states.save(rows)


def resolve_unknown(setup: Setup, step: Step, work: Slice, actions: Collection[Action]) -> bool:
    """Look for creates whose answer was lost: one found is adopted, several wait for a person, none is made again only
    where the side's search can be trusted. False when none is due."""
    kind = Kind(step.kind)
    changes = list(
        Change.objects.filter(step=step, status=ChangeStatus.UNKNOWN, action__in=actions)
        .exclude(not_before__gt=timezone.now())
        .order_by("pk")[:READ_AT_ONCE]
    )
    changes = [c for c in changes if c.action == changes[0].action]
    if not changes:
        return False
    in_erp = changes[0].action in TO_ERP
    elements, failed = new_elements(setup, work, kind, changes)
    side = work.erp(setup.erp_connection, write=True) if in_erp else work.shop(setup.connection)
    trust = (setup.erp if in_erp else setup.shop).of(kind).find
    before = side.requests_sent
    found = side.find(kind, list(elements.values()))
    with transaction.atomic():
        work.hold.check()
        for change in changes:
            if change.pk in failed:
                fail_for_person(change, problem(Code.OUTCOME_UNKNOWN))
                outcomes.count(step, failed=1)
                continue
            token = token_of(change)
            keys = found[token].keys if token in found else ()
            _resolve(setup, step, change, keys, can_be_trusted=trust is not Find.NEVER)
        outcomes.count(step, requests=side.requests_sent - before)
    return True


def _resolve(setup: Setup, step: Step, change: Change, keys: tuple[str, ...], *, can_be_trusted: bool) -> None:
    if len(keys) == 1:
        outcomes.adopt(setup, step, change, keys[0])
        change.status, change.done_at, change.problem, change.turn = ChangeStatus.APPLIED, timezone.now(), None, ""
        change.save()
        outcomes.count(step, created=1)
    elif keys:
        fail_for_person(change, problem(Code.FOUND_SEVERAL, count=len(keys), keys=", ".join(keys[:5])))
        outcomes.count(step, failed=1)
    elif can_be_trusted:
        change.status, change.not_before = ChangeStatus.PLANNED, None
        change.save(update_fields=["status", "not_before"])
    else:
        fail_for_person(change, problem(Code.OUTCOME_UNKNOWN))
        outcomes.count(step, failed=1)
