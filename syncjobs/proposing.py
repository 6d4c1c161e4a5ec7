"""From unlinked and gone elements to planned creates, hand-overs, deletes and deactivations (step d)."""

from collections.abc import Collection, Iterable, Mapping
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone

from integrator.canonical.capabilities import Can, FieldSpec
from integrator.canonical.kinds import Kind
from integrator.canonical.problems import Code
from integrator.canonical.records import (
    Category,
    Fields,
    Image,
    PriceList,
    Problem,
    Product,
    WarehouseStocks,
    fields_of,
    problem,
)
from integrator.leases import LeaseHold
from syncjobs import snapshots
from syncjobs.engine.offer import offer_price, offer_stock
from syncjobs.engine.plan import Creation, Rules, plan_creation_in_erp, plan_creation_in_shop
from syncjobs.engine.policy import ErpGone
from syncjobs.fetching import NEVER, latest_good, problem_data
from syncjobs.linking import image_owners
from syncjobs.models import Change, Link, SnapshotItem, Step, Unlinked
from syncjobs.models.choices import Action, ChangeStatus, LinkState, Side
from syncjobs.pairing import promised_to_buyers
from syncjobs.setup import Setup
from syncjobs.undoing import holds


def plan_exports(setup: Setup, step: Step, rules: Rules, hold: LeaseHold) -> bool:
    """Plan the next chunk of elements that are only in the ERP. False when there are no more."""
    if not wanted(step, Side.ERP, rules.policy.export_unlinked):
        return False
    items = _next(setup, step, Side.ERP)
    if not items:
        return False
    if rules.kind is Kind.CATEGORY:
        items = sorted(items, key=_level)
    if rules.kind is Kind.IMAGE:
        changes = _image_exports(setup, step, rules, items)
    else:
        taken = _codes_there(setup, rules.kind, items)
        changes = [_export(setup, step, rules, item, *bundle) for item, bundle in _bundles(setup, rules, items)]
        for change in changes:
            if change.code and change.code.casefold() in taken:
                _hold_back(change, problem(Code.CODE_TAKEN, value=change.code, other=taken[change.code.casefold()]))
        _name_groups(changes)
    _append(step, hold, changes)
    return True


def _name_groups(changes: list[Change]) -> None:
    """A parent is called what the names of its variants begin with: "Bluza polarowa" of "Bluza polarowa czarna L"."""
    groups: dict[str, list[Change]] = {}
    for change in changes:
        if change.extra.get("group_code"):
            groups.setdefault(change.extra["group_code"], []).append(change)
    for members in groups.values():
        shared = common_words([change.label for change in members]) if len(members) > 1 else ""
        for change in members:
            change.extra["group_name"] = shared or members[0].label


def common_words(names: list[str]) -> str:
    """The words that all names begin with."""
    shared = []
    for words in zip(*(name.split() for name in names), strict=False):
        if len(set(words)) > 1:
            break
        shared.append(words[0])
    return " ".join(shared).rstrip(",;-–")


def _codes_there(setup: Setup, kind: Kind, items: Collection[SnapshotItem]) -> dict[str, str]:
    """Codes of these elements that the shop has already, under another name or ambiguous: creating them would double
    them. Code -> the name there."""
    if kind is not Kind.PRODUCT:
        return {}
    rows = snapshots.present(setup.connection, kind).filter(code__in=_spellings(items))
    return {code.casefold(): label for code, label in rows.values_list("code", "label")}


def _spellings(items: Iterable[SnapshotItem]) -> set[str]:
    """Codes as they are written, and in capitals and small letters: a difference in case makes no other code."""
    return {form for item in items if item.code for form in (item.code, item.code.upper(), item.code.lower())}


def _hold_back(change: Change, found: Problem) -> None:
    change.status, change.done_at, change.problem = ChangeStatus.BLOCKED, timezone.now(), problem_data(found, "person")


def plan_imports(setup: Setup, step: Step, rules: Rules, hold: LeaseHold) -> bool:
    """Plan the next chunk of elements that are only in the shop and are to be made in the ERP."""
    if not wanted(step, Side.SHOP, rules.policy.import_unlinked):
        return False
    items = _next(setup, step, Side.SHOP)
    changes = [_import(step, rules, item) for item in items]
    cards = _cards_called(setup, rules.kind, items) if rules.kind is Kind.PRODUCT else {}
    for change in changes:
        code = change.code.casefold().strip()
        if code in cards:
            _hold_back(change, problem(Code.CODE_TAKEN, value=change.code, other=cards[code], side=Side.ERP))
    if items:
        _append(step, hold, changes)
    return bool(items)


def plan_deletes(setup: Setup, step: Step, rules: Rules, hold: LeaseHold) -> bool:
    """Plan to delete elements that are only in the shop: never one whose code some card of the *unfiltered* ERP has,
    never an ambiguous, ignored or frozen one, and only after complete fetches of both sides."""
    if not rules.policy.delete_unlinked or not Can.DELETE & rules.shop.can or step.selection is not None:
        return False
    if not _complete(step):
        return False
    items = _next(setup, step, Side.SHOP)
    if not items:
        return False
    cards = _cards_called(setup, rules.kind, items)
    doomed = [item for item in items if item.code and item.code.casefold().strip() not in cards]
    _append(step, hold, [_about(step, item, Action.DELETE_SHOP, risk="delete") for item in doomed])
    return True


def _cards_called(setup: Setup, kind: Kind, items: Collection[SnapshotItem]) -> dict[str, str]:
    """Codes of these elements that any card has, filtered out or not, written in whatever case -> the card's name."""
    wanted = {item.code.casefold().strip() for item in items if item.code}
    if not wanted:
        return {}
    rows = snapshots.of(setup.erp_connection).filter(kind=kind).values_list("code", "label")
    called = ((code.casefold().strip(), label) for code, label in rows.iterator(chunk_size=snapshots.CHUNK))
    return {code: label for code, label in called if code in wanted}


def plan_gone(setup: Setup, step: Step, rules: Rules, hold: LeaseHold) -> bool:
    """Plan what becomes of shop elements whose ERP element is gone. One chunk holds them all in practice."""
    what = rules.policy.erp_gone
    action = {ErpGone.DEACTIVATE: Action.DEACTIVATE_SHOP, ErpGone.DELETE: Action.DELETE_SHOP}.get(what)
    able = Can.DEACTIVATE if what is ErpGone.DEACTIVATE else Can.DELETE
    if action is None or able not in rules.shop.can or not _complete(step):
        return False
    links = Link.objects.filter(
        connection=setup.connection, kind=step.kind, state=LinkState.ERP_GONE, pk__gt=step.cursor
    ).order_by("pk")[: snapshots.CHUNK]
    rows = list(links)
    if not rows:
        return False
    items = snapshots.load(setup.connection, Kind(step.kind), {link.shop_key for link in rows})
    held = holds.shown_or_gone(setup.connection, Kind(step.kind))
    changes = []
    for link in rows:
        item = items.get(link.shop_key)
        if item is None or link.erp_key in held or (what is ErpGone.DEACTIVATE and not _active(item)):
            continue
        change = _about(step, item, action, risk="delete" if action is Action.DELETE_SHOP else "deactivate")
        change.link, change.erp_key = link, link.erp_key
        changes.append(change)
    _append(step, hold, changes, cursor=rows[-1].pk)
    return True


def _active(item: SnapshotItem) -> bool:
    return bool(getattr(snapshots.record_of(item), "active", True))


def _complete(step: Step) -> bool:
    fetches = (step.erp_fetch, step.shop_fetch)
    return all(f is not None and f.full and f.totals_agree and not f.key_hidden for f in fetches)


def wanted(step: Step, side: Side, by_options: bool) -> bool:
    return bool(step.selection.get(side)) if step.selection is not None else by_options


def _level(item: SnapshotItem) -> int:
    return len(item.record.get("path") or ())


def _next(setup: Setup, step: Step, side: Side) -> list[SnapshotItem]:
    """Snapshot rows of the next unlinked elements; moves the cursor of the step (in memory) past them."""
    rows = Unlinked.objects.filter(
        connection=setup.connection, kind=step.kind, side=side, state=Unlinked.State.UNLINKED, pk__gt=step.cursor
    ).order_by("pk")
    if step.selection is not None:
        rows = rows.filter(key__in=step.selection.get(side, []))
    # Parents come before children, so categories, which are few, are taken all at once.
    most = None if step.kind == Kind.CATEGORY else snapshots.CHUNK
    found = list(rows.values_list("pk", "key")[:most])
    if found:
        step.cursor = found[-1][0]
    source = setup.erp_connection if side is Side.ERP else setup.connection
    items = snapshots.load(source, Kind(step.kind), [key for _, key in found])
    return [items[key] for _, key in found if key in items]


def _append(step: Step, hold: LeaseHold, changes: Iterable[Change], cursor: int | None = None) -> None:
    with transaction.atomic():
        hold.check()
        Change.objects.bulk_create(list(changes))
        if cursor is not None:
            step.cursor = cursor
        step.save(update_fields=["cursor"])


def _about(step: Step, item: SnapshotItem, action: Action, **more: Any) -> Change:
    in_erp = item.erp_id is not None
    return Change(
        step=step,
        connection_id=step.connection_id,
        kind=step.kind,
        action=action,
        erp_key=item.key if in_erp else "",
        shop_key="" if in_erp else item.key,
        code=item.code if step.kind != Kind.IMAGE else "",
        label=item.label,
        erp_fp=item.fingerprint if in_erp else "",
        shop_fp="" if in_erp else item.fingerprint,
        **more,
    )


Bundle = tuple[Fields, dict[str, FieldSpec], list[Problem]]


def _bundles(setup: Setup, rules: Rules, items: Collection[SnapshotItem]) -> Iterable[tuple[SnapshotItem, Bundle]]:
    """Each element with the fields of other kinds (price, quantity) that the platform's create must carry."""
    needed = {
        kind: snapshots.load(setup.erp_connection, kind, [i.key for i in items]) for kind in rules.shop.create_needs
    }
    promised = promised_to_buyers(setup, {i.key for i in items}) if Kind.STOCK in needed else {}
    broken = {kind: _unreadable(setup, kind, [i.key for i in items]) for kind in needed}
    specs = {name: spec for kind in needed for name, spec in setup.shop.of(kind).fields.items()}
    for item in items:
        fields: Fields = {}
        problems: list[Problem] = []
        for kind, rows in needed.items():
            offered = broken[kind].get(item.key) or _offered(setup, kind, rows.get(item.key), promised)
            if isinstance(offered, Problem):
                problems.append(offered)
            else:
                fields |= offered
        yield item, (fields, specs, problems)


def shortcomings(
    setup: Setup, rules: Rules, items: Collection[SnapshotItem]
) -> Iterable[tuple[SnapshotItem, list[Problem]]]:
    """What a plan would hold against making each of these elements in the shop, by the checks that plans go by."""
    for item, (fields, specs, problems) in _bundles(setup, rules, items):
        record = snapshots.record_of(item)
        creation = plan_creation_in_shop(fields_of(record), rules, extra=fields, extra_specs=specs)
        own = record.problems if isinstance(record, Product) else ()
        yield item, [*own, *creation.problems, *problems]


def _unreadable(setup: Setup, kind: Kind, keys: list[str]) -> dict[str, Problem]:
    """Of these elements those whose price or stock could not be read last time: what is known of it is out of date."""
    fetch = latest_good(setup.erp_connection, kind, NEVER)
    if fetch is None or not fetch.issues:
        return {}
    rows = fetch.unreadable.filter(kind=kind, key__in=keys).values_list("key", "problem")
    return {key: problem(found["code"], **found["params"]) for key, found in rows}


def _offered(setup: Setup, kind: Kind, item: SnapshotItem | None, promised: Mapping[str, Decimal]) -> Fields | Problem:
    if item is None:
        return problem(Code.PRICE_MISSING, value=setup.connection.price_type, currency="PLN")
    record = snapshots.record_of(item)
    if isinstance(record, PriceList):
        offered = offer_price(record, setup.price_settings())
        return offered if isinstance(offered, Problem) else fields_of(offered)
    assert isinstance(record, WarehouseStocks)
    return fields_of(offer_stock(record, setup.stock_settings(), promised.get(item.key, Decimal(0))))


def _export(
    setup: Setup,
    step: Step,
    rules: Rules,
    item: SnapshotItem,
    fields: Fields,
    specs: dict[str, FieldSpec],
    problems: list[Problem],
) -> Change:
    record = snapshots.record_of(item)
    creation = plan_creation_in_shop(fields_of(record), rules, extra=fields, extra_specs=specs)
    creation.problems += problems
    change = _about(step, item, Action.CREATE_SHOP)
    if isinstance(record, Product):
        # What is wrong with the card itself comes first: an unknown tax code is no matter of linking rates.
        creation.problems = [*record.problems, *creation.problems]
        if record.group and rules.shop.creates_variants:
            change.extra = {
                "group_code": record.group,
                "options": [list(option) for option in record.options],
            }
    if isinstance(record, Category):
        change.extra = {
            "level": len(record.path),
            "parent": record.parent or "",
            "parent_name": " / ".join(record.path[:-1]),
        }
    return _with(change, creation)


def _with(change: Change, creation: Creation) -> Change:
    change.fields = [{"name": name, "old": None, "new": value} for name, value in creation.fields.items()]
    if creation.problems:
        change.status, change.done_at = ChangeStatus.BLOCKED, timezone.now()
        change.problem = problem_data(creation.problems[0])
        change.extra["problems"] = [problem_data(found) for found in creation.problems]
    return change


def _image_exports(setup: Setup, step: Step, rules: Rules, items: list[SnapshotItem]) -> list[Change]:
    owners = image_owners(setup.connection)
    changes = []
    for item in items:
        record = snapshots.record_of(item)
        if isinstance(record, Image) and record.product in owners:
            change = _with(_about(step, item, Action.CREATE_SHOP), plan_creation_in_shop(fields_of(record), rules))
            change.extra |= {"owner": owners[record.product], "product": record.product}
            change.code = record.product
            changes.append(change)
    return sorted(changes, key=lambda c: (c.extra["owner"], _position(c)))


def _position(change: Change) -> int:
    return next((int(f["new"] or 0) for f in change.fields if f["name"] == "position"), 0)


def _import(step: Step, rules: Rules, item: SnapshotItem) -> Change:
    creation = plan_creation_in_erp(fields_of(snapshots.record_of(item)), rules)
    change = _with(_about(step, item, Action.CREATE_ERP), creation)
    if change.status == ChangeStatus.PLANNED and Can.CREATE not in rules.erp.can:
        change.status, change.done_at = ChangeStatus.HANDED_OVER, timezone.now()
        change.problem = problem_data(problem(Code.HANDED_OVER), "person")
    return change
