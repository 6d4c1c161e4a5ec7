"""One shop of the demo's proof: what its runs counted, what the independent checker says, what is wrong."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

from integrator.accounts.models import User
from integrator.canonical.kinds import Kind
from integrator.canonical.problems import Code
from shops.models import ShopConnection
from syncjobs import conflicts
from syncjobs.demo import seed, verdict
from syncjobs.demo.checker.__main__ import reader
from syncjobs.demo.differences import BROKEN_PRODUCER, LEAST, Difference, Outcome, Planted, differences
from syncjobs.demo.household import Household
from syncjobs.demo.rounds import asked, states
from syncjobs.demo.storefronts import Storefront
from syncjobs.models import Conflict, Run
from syncjobs.models.choices import Status
from syncjobs.setup import setup_of

Report = dict[str, Any]
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
_FOR_LATER = ("kept", "right")
"""Parts of the checker's first answer that its later questions hold."""


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


class Trial:
    """Steps are called in the order of their definition; `report` sums them up."""

    def __init__(self, household: Household, shop: Storefront) -> None:
        self.shop = shop
        self.connection = ShopConnection.objects.select_related("client").get(client__name=shop.client, name=shop.name)
        self.household = household
        self._rows = tuple(differences(shop.platform))
        self.problems: list[str] = []
        self._runs: dict[str, Run] = {}
        self._answers: dict[str, Report] = {}
        self._decisions: Report = {}
        self._before: Mapping[str, Any] = {}
        self._ended: dict[tuple[str, str], Counter[str]] = {}

    def remember(self) -> None:
        """What is in the shop before anything is written there."""
        answer = self._ask("before", {})
        self._before = {name: answer[name] for name in _FOR_LATER if name in answer}
        if "error" in answer:
            self.problems.append(f"the checker could not read the shop: {answer['error']}")

    def gate_was_closed(self, run: Run) -> None:
        self._runs["closed"] = run
        self.problems += _gate_is_closed(run)

    def mend_producer(self) -> None:
        """Give the producer whose row cannot be read its name back, as somebody in the shop's panel would."""
        reader(self.shop.platform, **self.access()).name_producer(BROKEN_PRODUCER.element)

    def first_has_ended(self, run: Run) -> None:
        self._runs["opened"] = run
        self.problems += _gate_is_open(run, [*setup_of(self.connection).kinds])
        self.problems += self._ended_as_planned()
        self.problems += _enough(counts(self._runs["closed"], run))

    def compare_first(self) -> None:
        self._compare("first", "after the first synchronisation", open_conflicts=True)

    def compare_second(self) -> None:
        self._compare("second", "after the second synchronisation", open_conflicts=True)

    def second_wrote_nothing(self, run: Run) -> None:
        self._runs["second"] = run
        self.problems += _wrote_nothing(run, self._answers["first"], self._answers["second"])

    def decide_conflicts(self, user: User) -> None:
        """Every open conflict is decided for the ERP; the next run writes them."""
        open_ones = Conflict.objects.filter(connection=self.connection, status=Conflict.Status.OPEN)
        done, stale = conflicts.decide_many(list(open_ones.select_related("link")), "erp", user)
        self._decisions = {"decided": done, "stale": stale}

    def decisions_are_written(self, run: Run) -> None:
        left = Conflict.objects.filter(connection=self.connection).exclude(status=Conflict.Status.CLOSED).count()
        self._decisions |= {"left": left, "counts": counts(run)}

    def compare_decided(self) -> None:
        self._compare("decided", "after the decisions", open_conflicts=False)

    def compare_sold(self, name: str) -> None:
        """After something was sold: what was right has rightly been written to since."""
        self._before = {part: value for part, value in self._before.items() if part != "right"}
        self._compare(f"{name} after selling", "in the catalogue after orders", open_conflicts=False)

    def report(self) -> Report:
        """JSON; its `ok` says whether everything ended as it should in this shop."""
        closed, opened = self._runs["closed"], self._runs["opened"]
        return {
            "ok": not self.problems,
            "name": f"{self.shop.name}, {setup_of(self.connection).shop.label}",
            "problems": self.problems,
            "first": counts(closed, opened),
            "second": counts(self._runs["second"]),
            "gate": {"closed": states(closed), "opened": states(opened)},
            "planted": dict(Counter(row.outcome for row in self._rows)),
            "ended": [{"kind": kind, "outcome": outcome, **found} for (kind, outcome), found in self._ended.items()],
            "decisions": self._decisions,
            "checker": {name: _shown(answer) for name, answer in self._answers.items() if name != "before"},
        }

    def access(self) -> dict[str, str]:
        return {"address": self.household.shop_url(self.shop), **self.shop.credentials}

    def _compare(self, name: str, when: str, *, open_conflicts: bool) -> None:
        answer = self._ask(name, _excused(self._rows, open_conflicts))
        if answer["differences"]:
            self.problems.append(f"the checker found {answer['differences']} differences {when}: see checker")

    def _ask(self, name: str, excused: Mapping[str, list[str]]) -> Report:
        """What the independent checker says, run as a process of its own."""
        question = {
            "sample": str(self.household.sample(self.shop.client)),
            "terms": {**asdict(seed.terms()), "today": seed.terms().today.isoformat()},
            "platform": self.shop.platform,
            "shop": self.access(),
            "departments": self.shop.departments,
            "except": excused,
            "gone": [row.element for row in self._rows if row.outcome is Outcome.DELETED],
            **self._before,
        }
        self._answers[name] = {"differences": 1} | asked("syncjobs.demo.checker", question, self.household.root)
        return self._answers[name]

    def _ended_as_planned(self) -> Iterable[str]:
        planted = Counter(row.outcome for row in self._rows)
        yield from (
            f"only {planted[one]} differences are planted to end {one}" for one in Outcome if planted[one] < LEAST
        )
        for row in self._rows:
            wrong = verdict.found(self.connection, row)
            cell = self._ended.setdefault((row.kind, row.outcome), Counter(planted=0, ended=0))
            cell.update(planted=1, ended=int(not wrong))
            if wrong:
                yield wrong


def _shown(answer: Report) -> Report:
    return {name: value for name, value in answer.items() if name not in _FOR_LATER}


def _excused(rows: Iterable[Difference], open_conflicts: bool) -> dict[str, list[str]]:
    """Articles and fields that must not be equal yet: what waits for a person."""
    excused: dict[str, list[str]] = {}
    for row in rows:
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
    found = states(run)
    if found.get(Kind.PRODUCER) != Status.FAILED:
        yield f"the unreadable producer did not fail its step: {found}"
    blocked = run.steps.filter(kind=Kind.PRODUCT, status=Status.BLOCKED).first()
    if blocked is None or not any(one["code"] == Code.GATE_CLOSED for one in blocked.problems):
        yield f"the gate of products did not close: {found}"


def _gate_is_open(run: Run, kinds: Iterable[Kind]) -> Iterable[str]:
    found = states(run)
    for kind in kinds:
        if kind is not Kind.IMAGE and found.get(kind) != Status.SUCCEEDED:
            step = run.steps.filter(kind=kind).first()
            yield f"{kind} ended {found.get(kind)}: {step.problems if step else 'no step'}"
    if found.get(Kind.IMAGE) != Status.PARTLY:
        yield f"image ended {found.get(Kind.IMAGE)} instead of partly (three files are no pictures)"


def _enough(found: dict[str, dict[str, int]]) -> Iterable[str]:
    """What the runs counted themselves, over all kinds."""
    for name in ("linked", "ambiguous", "created", "updated", "deleted", "conflicts", "blocked", "failed"):
        total = sum(row[name] for row in found.values())
        if total < LEAST:
            yield f"the runs counted only {total} {name}"


def _wrote_nothing(run: Run, before: Report, after: Report) -> Iterable[str]:
    for kind, row in counts(run).items():
        if any(row[name] for name in WRITES):
            yield f"the second synchronisation wrote {kind}: {row}"
    tried, refused = after.get("writes", 0) - before.get("writes", 0), sum(r["failed"] for r in counts(run).values())
    if tried > refused:
        yield f"the shop saw {tried} writing requests of the second synchronisation; {refused} were to be refused"
    if before.get("shop") != after.get("shop"):
        yield "something in the shop moved during the second synchronisation"
