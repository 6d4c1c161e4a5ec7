"""How far a run is: its steps as a table, kinds down and phases across, and what is under way right now."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from integrator.canonical.kinds import PRODUCT_STATE_KINDS, REFERENCE_KINDS
from syncjobs import tallies
from syncjobs.fields import kind_label
from syncjobs.models import Fetch, Run, Step
from syncjobs.models.choices import UPDATE_ACTIONS, ChangeStatus, Phase, Status
from syncjobs.tallies import Counted

PHASES = list(Phase.values)
FETCHING = (Phase.FETCH_ERP, Phase.FETCH_SHOP)
_LEFT = (ChangeStatus.PLANNED, ChangeStatus.SENT)
_BAD = (ChangeStatus.FAILED, ChangeStatus.UNKNOWN)
_WRITTEN = (ChangeStatus.APPLIED, ChangeStatus.HANDED_OVER, ChangeStatus.DRIFTED)


@dataclass(frozen=True, slots=True)
class Cell:
    """One phase of one step. `state`: ok run part fail, no (did not start), na (nothing to do here)."""

    state: str
    text: str = ""
    note: str = ""
    url: str = ""
    note_url: str = ""
    share: float | None = None


@dataclass(slots=True)
class Tally:
    """Changes of one step in one phase, by what became of them."""

    total: int = 0
    left: int = 0
    written: int = 0
    bad: int = 0
    first: datetime | None = None
    last: datetime | None = None

    @property
    def done(self) -> int:
        return self.total - self.left


@dataclass(slots=True)
class Row:
    step: Step
    cells: list[tuple[str, Cell]] = field(default_factory=list)
    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Now:
    """What is under way: `total` 0 where nobody can tell it in advance."""

    kind: str
    phase: str
    done: int = 0
    total: int = 0
    rate: float | None = None
    seconds_left: float | None = None

    @property
    def share(self) -> float | None:
        return self.done / self.total if self.total else None

    @property
    def tens(self) -> int | None:
        """Percent in whole tens: as often as it is worth saying aloud."""
        return None if self.share is None else int(min(self.share, 1) * 10) * 10


def counted(steps: list[Step]) -> dict[int, list[Counted]]:
    """Changes of all steps that have a plan."""
    return tallies.of([step for step in steps if step.counts.get("planned") or step.sealed_at])


def by_phase(changes: Mapping[int, list[Counted]]) -> dict[int, dict[str, Tally]]:
    """Counted changes per step and phase (`update`, `create`)."""
    found: dict[int, dict[str, Tally]] = {pk: {"update": Tally(), "create": Tally()} for pk in changes}
    for pk, rows in changes.items():
        for row in rows:
            _add(found[pk]["update" if row.action in UPDATE_ACTIONS else "create"], row)
    return found


def _add(tally: Tally, row: Counted) -> None:
    if row.status in (ChangeStatus.BLOCKED, ChangeStatus.DECLINED):
        return
    tally.total += row.number
    tally.left += row.number if row.status in _LEFT else 0
    tally.bad += row.number if row.status in _BAD else 0
    tally.written += row.number if row.status in _WRITTEN else 0
    tally.first = min(filter(None, (tally.first, row.first)), default=None)
    tally.last = max(filter(None, (tally.last, row.last)), default=None)


def rows_of(steps: list[Step], counted: Mapping[int, Mapping[str, Tally]], now: datetime) -> list[Row]:
    """The table of a run: one row per step, one cell per phase."""
    return [_row(step, counted.get(step.pk, {}), now) for step in steps]


def _row(step: Step, counted: Mapping[str, Tally], now: datetime) -> Row:
    seconds = ((step.finished_at or now) - step.started_at).total_seconds() if step.started_at else None
    cells = [
        ("a", _fetch_cell(step)),
        ("b", _link_cell(step)),
        ("plan", _plan_cell(step)),
        ("c", _write_cell(step, Phase.UPDATE, counted.get("update", Tally()))),
        ("d", _write_cell(step, Phase.CREATE, counted.get("create", Tally()))),
    ]
    return Row(step=step, cells=cells, seconds=seconds)


def reached(step: Step, phase: str) -> int:
    """-1: not yet there, 0: in it, 1: past it."""
    at, this = PHASES.index(step.phase), PHASES.index(phase)
    return (at > this) - (at < this)


def _waiting(step: Step) -> Cell:
    """A phase the step has not come to: still to come, or never to come since it ended before."""
    if step.open:
        return Cell("na", "–")
    return Cell("no", _("did not start"))


def _fetch_cell(step: Step) -> Cell:
    if reached(step, Phase.FETCH_ERP) < 0:
        return _waiting(step)
    erp, shop = step.erp_fetch, step.shop_fetch
    unreadable = (erp.issues if erp else 0) + (shop.issues if shop else 0)
    note = ngettext("%(n)s unreadable", "%(n)s unreadable", unreadable) % {"n": unreadable} if unreadable else ""
    url = f"{_run_url(step)}#unreadable" if unreadable else ""
    counts = [step.counts.get("erp_fetched", erp.received if erp else 0)]
    counts.append(step.counts.get("shop_fetched", shop.received if shop else 0))
    text = f"{_n(counts[0])} / {_n(counts[1])}"
    elements = elements_url(step)
    if step.phase in FETCHING and step.open:
        return Cell("run", text, note, elements, url, share=_fetched_share(step))
    stopped = step.phase in FETCHING
    state = "fail" if stopped or (unreadable and step.had_errors) else "ok"
    return Cell(state, text, note or (_("interrupted") if stopped else ""), elements, url)


def elements_url(step: Step) -> str:
    """The page of all elements of the step's kind."""
    page = "mapping_kind" if step.kind in REFERENCE_KINDS else "elements"
    return reverse(page, kwargs={"shop": step.connection_id, "kind": step.kind})


def _fetched_share(step: Step) -> float | None:
    fetch = current_fetch(step)
    return min(1.0, fetch.received / fetch.total) if fetch and fetch.total else None


def current_fetch(step: Step) -> Fetch | None:
    return step.erp_fetch if step.phase == Phase.FETCH_ERP else step.shop_fetch


def _link_cell(step: Step) -> Cell:
    if step.kind in PRODUCT_STATE_KINDS:
        return Cell("na", _("by products"))
    at = reached(step, Phase.LINK)
    if at < 0:
        return _waiting(step)
    if at == 0 and step.open:
        return Cell("run", _("linking"))
    linked, ambiguous = step.counts.get("linked", 0), step.counts.get("ambiguous", 0)
    text = ngettext("%(n)s pair", "%(n)s pairs", linked) % {"n": _n(linked)}
    note = ngettext("%(n)s ambiguous", "%(n)s ambiguous", ambiguous) % {"n": _n(ambiguous)} if ambiguous else ""
    unlinked = reverse("unlinked_kind", kwargs={"shop": step.connection_id, "kind": step.kind})
    return Cell(
        "part" if ambiguous else "ok",
        text,
        note,
        url=elements_url(step),
        note_url=f"{unlinked}?show=ambiguous" if ambiguous else "",
    )


def _plan_cell(step: Step) -> Cell:
    if reached(step, Phase.PLAN) < 0:
        return _waiting(step)
    if step.phase in (Phase.PLAN, Phase.GUARD) and step.status == Status.RUNNING:
        return Cell("run", _("planning"))
    planned, conflicts = step.counts.get("planned", 0), step.counts.get("conflicts", 0)
    note = ngettext("%(n)s conflict", "%(n)s conflicts", conflicts) % {"n": _n(conflicts)} if conflicts else ""
    text = ngettext("%(n)s change", "%(n)s changes", planned) % {"n": _n(planned)} if planned else _("no changes")
    blocked = step.counts.get("blocked", 0)
    if blocked and not note:
        note = ngettext("%(n)s blocked", "%(n)s blocked", blocked) % {"n": _n(blocked)}
    return Cell(
        "part" if step.status == Status.WAITING or note else "ok",
        text,
        note,
        url=reverse("plan", kwargs={"step": step.pk}) if (planned or blocked) and not step.rows_dropped_at else "",
        note_url=_note_url(step, bool(conflicts)) if note and not step.rows_dropped_at else "",
    )


def _note_url(step: Step, conflicts: bool) -> str:
    if conflicts:
        return reverse("conflicts", kwargs={"shop": step.connection_id}) + f"?kind={step.kind}"
    return results_url(step, "blocked")


def _write_cell(step: Step, phase: Phase, tally: Tally) -> Cell:
    if step.rows_dropped_at is not None:
        return _counted_cell(step, phase)
    if step.run.mode == Run.Mode.PREVIEW:
        return Cell("na", _("preview") if tally.total else "–")
    if not tally.total:
        over = not step.open and reached(step, Phase.GUARD) < 0
        return Cell("no", _("did not start")) if over else Cell("na", "–")
    if step.status == Status.WAITING:
        return Cell("na", _("waits"))
    text = _n(tally.written) if tally.written == tally.total else _of(tally.written, tally.total)
    note = ngettext("%(n)s failed", "%(n)s failed", tally.bad) % {"n": _n(tally.bad)} if tally.bad else ""
    failed = results_url(step, "failed", phase) if tally.bad else ""
    written = results_url(step, "written", phase)
    if step.open and step.phase == phase:
        return Cell("run", text, note, written, failed, tally.done / tally.total)
    state = "part" if tally.bad else "ok" if tally.done == tally.total else "no"
    return Cell(state, text, note, written, failed)


def _counted_cell(step: Step, phase: Phase) -> Cell:
    """Of a step whose changes are not kept any more: its counts, with no way to the elements."""
    names = ("updated",) if phase == Phase.UPDATE else ("created", "deleted")
    written = sum(step.counts.get(name, 0) for name in names)
    return Cell("ok", _n(written)) if written else Cell("na", "–")


def _of(done: int, total: int) -> str:
    return _("%(done)s of %(total)s") % {"done": _n(done), "total": _n(total)}


def _n(count: int) -> str:
    return number_format(count, use_l10n=True, force_grouping=True)


def _run_url(step: Step) -> str:
    return reverse("run", kwargs={"run": step.run_id}) + f"?kind={step.kind}"


def results_url(step: Step, show: str, phase: str = "") -> str:
    """Address of the elements a count stands for, of one phase where the count is."""
    return f"{_run_url(step)}&show={show}{f'&phase={phase}' if phase else ''}#results"


def under_way(steps: list[Step], counted: Mapping[int, Mapping[str, Tally]]) -> Now | None:
    """The step that a worker is at, with its progress and pace; None when none is."""
    running = [step for step in steps if step.status == Status.RUNNING]
    if not running:
        return None
    step = max(running, key=lambda s: (s.worked_at is not None, s.worked_at or timezone.now()))
    name, phase = kind_label(step.kind), str(Phase(step.phase).label)
    if step.phase in FETCHING:
        fetch = current_fetch(step)
        if fetch is None:
            return Now(name, phase)
        last = fetch.finished_at or step.worked_at
        return _paced(Now(name, phase, fetch.received, fetch.total or 0), fetch.started_at, last)
    if step.phase in (Phase.UPDATE, Phase.CREATE):
        tally = counted.get(step.pk, {}).get(str(step.phase), Tally())
        return _paced(Now(name, phase, tally.done, tally.total), tally.first, tally.last)
    return Now(name, phase)


def _paced(now: Now, since: datetime | None, until: datetime | None) -> Now:
    """With rate (per second) and time left, once there is enough to judge by."""
    if since is None or until is None or now.done < 2:
        return now
    seconds = (until - since).total_seconds()
    if seconds < 1:
        return now
    rate = now.done / seconds
    left = max(0, now.total - now.done) / rate if now.total else None
    return Now(now.kind, now.phase, now.done, now.total, rate, left)
