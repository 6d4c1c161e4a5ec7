"""The demo's own proof: synchronise through the real worker, mend what closes a gate, synchronise again, compare."""

import json
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import asdict
from typing import Any

from integrator.accounts.models import User
from integrator.canonical.kinds import Kind
from integrator.canonical.problems import Code
from shops.models import ShopConnection
from syncjobs import conflicts, runs
from syncjobs.demo import seed, verdict
from syncjobs.demo.checker.shop import Shop
from syncjobs.demo.differences import BROKEN_PRODUCER, DIFFERENCES, LEAST, Outcome, Planted
from syncjobs.demo.household import Household
from syncjobs.models import Conflict, Run, Step
from syncjobs.models.choices import OPEN_STATUSES, Status

Report = dict[str, Any]
PATIENCE = 420.0
"""Seconds one run may take."""
_LOOK_EVERY = 0.25
COUNTS = {
    "erp_fetched": "fetched_erp",
    "shop_fetched": "fetched_shop",
    "linked": "linked",
    "ambiguous": "ambiguous",
    "created": "created",
    "updated": "updated",
    "deleted": "deleted",
    "conflicts": "conflicts",
    "blocked": "blocked",
    "failed": "failed",
    "requests": "requests",
}
"""Names in `Step.counts` -> names in the report."""
SUMMED = ("created", "updated", "deleted", "requests")
"""Counts that add up over the runs of one synchronisation; of the others the last one stands."""
WRITES = ("created", "updated", "deleted")


class TooSlow(RuntimeError):
    """A run did not end in time; the message says where it stood."""


def check(household: Household, say: Callable[[str], None]) -> Report:
    """The report; its `ok` says whether everything ended as it should. Raises TooSlow."""
    connection = ShopConnection.objects.select_related("client").get(client__name=seed.CLIENT)
    user = User.objects.get(email=seed.ADMINISTRATOR)
    problems: list[str] = []
    say("First synchronisation: a producer that cannot be read closes the gate of products")
    closed = synchronise(connection, user)
    problems += _gate_is_closed(closed)
    say("Mending the producer in the shop; the first synchronisation goes on")
    mend_producer(household)
    opened = synchronise(connection, user)
    problems += _gate_is_open(opened)
    problems += _ended_as_planned(connection)
    problems += _enough(counts(closed, opened))
    before = compare(household, open_conflicts=True)
    problems += _nothing_differs(before, "after the first synchronisation")
    say("Second synchronisation: it must write nothing")
    second = synchronise(connection, user)
    after = compare(household, open_conflicts=True)
    problems += _wrote_nothing(second, before, after)
    first_counts, second_counts = counts(closed, opened), counts(second)
    say("Deciding the conflicts for WAPRO; the next run writes them")
    decided = decide_conflicts(household, connection, user)
    problems += _nothing_differs(decided["checker"], "after the decisions")
    return {
        "ok": not problems,
        "problems": problems,
        "first": first_counts,
        "second": second_counts,
        "gate": {"closed": _states(closed), "opened": _states(opened)},
        "planted": dict(Counter(row.outcome for row in DIFFERENCES)),
        "decisions": decided,
        "checker": {"first": before, "second": after},
    }


def synchronise(connection: ShopConnection, user: User) -> Run:
    """One run of all kinds, carried out by the worker; plans that wait are approved. Raises TooSlow."""
    run = runs.start_run(connection, user=user)
    deadline = time.monotonic() + PATIENCE
    while Run.objects.filter(pk=run.pk, status__in=OPEN_STATUSES).exists():
        for step in Step.objects.filter(run=run, status=Status.WAITING).select_related("connection__client"):
            runs.approve_step(step, user)
        if time.monotonic() > deadline:
            raise TooSlow(f"the run did not end in {PATIENCE:.0f} seconds: {_states(run)}")
        time.sleep(_LOOK_EVERY)
    run.refresh_from_db()
    return run


def _states(run: Run) -> dict[str, str]:
    return {step.kind: step.status for step in run.steps.order_by("position")}


def counts(*parts: Run) -> dict[str, dict[str, int]]:
    """Per kind, over the runs of one synchronisation."""
    found: dict[str, dict[str, int]] = {}
    for run in parts:
        for step in run.steps.order_by("position"):
            row = found.setdefault(step.kind, dict.fromkeys(COUNTS.values(), 0))
            for name, shown in COUNTS.items():
                value = step.counts.get(name, 0)
                row[shown] = row[shown] + value if shown in SUMMED else value
    return found


def mend_producer(household: Household) -> None:
    """Give the producer whose row cannot be read its name back, as somebody in the shop's panel would."""
    shop = Shop(household.shop_url, seed.SHOP_USER, seed.SHOP_PASSWORD)
    for row in shop.rows("producers", "producer_id"):
        if not row["name"]:
            shop.put(f"producers/{row['producer_id']}", {"name": BROKEN_PRODUCER.element})


def decide_conflicts(household: Household, connection: ShopConnection, user: User) -> Report:
    """Every open conflict is decided for the ERP and written by a run of its kinds."""
    waiting = list(Conflict.objects.filter(connection=connection, status=Conflict.Status.OPEN).select_related("link"))
    done, stale = conflicts.decide_many(waiting, "erp", user)
    run = synchronise(connection, user)
    left = Conflict.objects.filter(connection=connection).exclude(status=Conflict.Status.CLOSED).count()
    return {
        "decided": done,
        "stale": stale,
        "left": left,
        "counts": counts(run),
        "checker": compare(household, open_conflicts=False),
    }


def compare(household: Household, *, open_conflicts: bool) -> Report:
    """What the independent checker says, run as a process of its own."""
    today = seed.terms().today.isoformat()
    question = {
        "sample": str(household.sample),
        "terms": {**asdict(seed.terms()), "today": today},
        "shop": {"address": household.shop_url, "user": seed.SHOP_USER, "password": seed.SHOP_PASSWORD},
        "fields": [*(name for kind in (Kind.PRODUCT, Kind.PRICE, Kind.STOCK) for name in seed.OWNED[kind]), "pictures"],
        "variant_fields": ["ean", "weight", "price", "quantity", "tax_rate", "unit", "producer", "category"],
        "except": _excused(open_conflicts),
        "gone": [row.element for row in DIFFERENCES if row.outcome is Outcome.DELETED],
    }
    done = subprocess.run(
        [sys.executable, "-m", "syncjobs.demo.checker"],
        input=json.dumps(question),
        capture_output=True,
        text=True,
        cwd=household.root,
        check=False,
    )
    if done.returncode:
        return {"differences": 1, "error": done.stderr[-2000:]}
    answer: Report = json.loads(done.stdout)
    return answer


def _excused(open_conflicts: bool) -> dict[str, list[str]]:
    """Articles and fields that must not be equal yet: what waits for a person."""
    excused: dict[str, list[str]] = {}
    for row in DIFFERENCES:
        fields: list[str] = []
        if row.outcome is Outcome.AMBIGUOUS or (row.outcome is Outcome.BLOCKED and _not_created(row.planted, row.kind)):
            fields = ["*"]
        elif row.field and (row.outcome is Outcome.BLOCKED or (row.outcome is Outcome.CONFLICT and open_conflicts)):
            fields = [row.field]
        elif row.outcome is Outcome.FAILED:
            fields = ["pictures"]
        if fields:
            excused[row.element] = excused.get(row.element, []) + fields
    return excused


def _not_created(how: Planted, kind: Kind) -> bool:
    return how is Planted.NOT_IN_SHOP or (how is Planted.NO_PRICE and kind is Kind.PRODUCT)


def _gate_is_closed(run: Run) -> Iterable[str]:
    states = _states(run)
    if states.get(Kind.PRODUCER) != Status.FAILED:
        yield f"the unreadable producer did not fail its step: {states}"
    blocked = run.steps.filter(kind=Kind.PRODUCT, status=Status.BLOCKED).first()
    if blocked is None or not any(found["code"] == Code.GATE_CLOSED for found in blocked.problems):
        yield f"the gate of products did not close: {states}"


def _gate_is_open(run: Run) -> Iterable[str]:
    states = _states(run)
    for kind in (Kind.UNIT, Kind.TAX_RATE, Kind.PRODUCER, Kind.CATEGORY, Kind.PRODUCT, Kind.PRICE, Kind.STOCK):
        if states.get(kind) != Status.SUCCEEDED:
            step = run.steps.filter(kind=kind).first()
            yield f"{kind} ended {states.get(kind)}: {step.problems if step else 'no step'}"
    if states.get(Kind.IMAGE) != Status.PARTLY:
        yield f"image ended {states.get(Kind.IMAGE)} instead of partly (three files are no pictures)"


def _ended_as_planned(connection: ShopConnection) -> Iterable[str]:
    planted = Counter(row.outcome for row in DIFFERENCES)
    yield from (f"only {planted[one]} differences are planted to end {one}" for one in Outcome if planted[one] < LEAST)
    yield from filter(None, (verdict.found(connection, row) for row in DIFFERENCES))


def _enough(found: dict[str, dict[str, int]]) -> Iterable[str]:
    """What the runs counted themselves, over all kinds."""
    for name in ("linked", "ambiguous", "created", "updated", "deleted", "conflicts", "blocked", "failed"):
        total = sum(row[name] for row in found.values())
        if total < LEAST:
            yield f"the runs counted only {total} {name}"


def _nothing_differs(answer: Report, when: str) -> Iterable[str]:
    if answer["differences"]:
        yield f"the checker found {answer['differences']} differences {when}: see checker"


def _wrote_nothing(run: Run, before: Report, after: Report) -> Iterable[str]:
    for kind, row in counts(run).items():
        if any(row[name] for name in WRITES):
            yield f"the second synchronisation wrote {kind}: {row}"
    tried, refused = after.get("writes", 0) - before.get("writes", 0), sum(r["failed"] for r in counts(run).values())
    if tried != refused:
        yield f"the shop saw {tried} writing requests of the second synchronisation; {refused} were to be refused"
    if before.get("shop") != after.get("shop"):
        yield "something in the shop moved during the second synchronisation"
    yield from _nothing_differs(after, "after the second synchronisation")
