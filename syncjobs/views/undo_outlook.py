"""What a plan says, before it is approved, about taking it back later: by sort of change."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from integrator.canonical.errors import IntegrationError
from integrator.canonical.kinds import Kind
from shops.sessions import shop_capabilities
from syncjobs.apply import TO_ERP
from syncjobs.engine.inverse import Ground, Outlook, Way, Wrote, outlook, removal, together
from syncjobs.engine.policy import ErpGone
from syncjobs.models import Step, SyncOptions
from syncjobs.models.choices import Action, ChangeStatus, Side
from syncjobs.setup import Setup
from syncjobs.undoing.planning import WROTE, ground_of
from wapro.side import erp_capabilities

NOT_WRITTEN = (ChangeStatus.BLOCKED, ChangeStatus.HANDED_OVER, ChangeStatus.DECLINED)


@dataclass(frozen=True, slots=True)
class Row:
    """One sort of change: `outlook` whole, partly, not; `text` says what an undo would do, or why it cannot."""

    action: str
    label: str
    count: int
    outlook: str
    text: str


@dataclass(frozen=True, slots=True)
class Summary:
    outlook: str
    rows: list[Row]


def summary(step: Step, counts: Iterable[tuple[str, str, int, int]]) -> Summary | None:
    """Of a plan with these (action, status, how many, unusual); None where nothing would be written, or where it takes
    something back itself."""
    if step.run.undoes_id:
        return None
    numbers: dict[Action, int] = {}
    for action, status, count, _odd in counts:
        if status not in NOT_WRITTEN and action in WROTE:
            numbers[Action(action)] = numbers.get(Action(action), 0) + count
    if not numbers:
        return None
    grounds = _grounds(step)
    if grounds is None:
        return None
    rows = [_row(step, action, count, grounds) for action, count in numbers.items()]
    whole = together(Outlook(row.outlook) for row in rows)
    return Summary(str(whole), rows)


def _grounds(step: Step) -> dict[Side, Ground] | None:
    """Of both sides; None where the client has no WAPRO or the options contradict each other. One query."""
    erp = getattr(step.connection.client, "erp", None)
    if erp is None:
        return None
    options = {Kind(o.kind): o for o in SyncOptions.objects.filter(connection=step.connection_id, kind=step.kind)}
    setup = Setup(step.connection, erp, shop_capabilities(step.connection), erp_capabilities(erp), options)
    try:
        return {side: ground_of(setup, Kind(step.kind), side) for side in Side}
    except IntegrationError:
        return None


def _row(step: Step, action: Action, count: int, grounds: dict[Side, Ground]) -> Row:
    ground = grounds[Side.ERP if action in TO_ERP else Side.SHOP]
    wrote = WROTE[action]
    found = outlook(wrote, ground)
    return Row(str(action), str(action.label), count, str(found), _text(step, action, wrote, ground, found))


def _text(step: Step, action: Action, wrote: Wrote, ground: Ground, found: Outlook) -> str:
    if wrote is Wrote.UPDATED:
        if action is Action.UPDATE_ERP:
            return _("The values before are written back, unless somebody changed them since or edits the card.")
        if step.kind == Kind.STOCK:
            return _("The quantities before are written back where they still stand; the next run writes WAPRO's.")
        return _("The values before are written back, unless somebody changed them since.")
    if wrote is Wrote.CREATED:
        return _created(action, ground)
    if wrote is Wrote.DELETED:
        return _deleted(step, found)
    if found is Outlook.WHOLE:
        return _("They are shown again.")
    return _("They can only be shown again in the shop's own panel.")


def _created(action: Action, ground: Ground) -> str:
    if action is Action.CREATE_ERP:
        return _("Elements made in WAPRO are not deleted from here; people do that in WAPRO.")
    way = removal(ground)
    if way is Way.DELETE:
        return _("What was made is deleted again, unless somebody changed it since.")
    if way is Way.HIDE:
        return _("What was made is hidden, not deleted: so the options treat elements that are gone from WAPRO.")
    if ground.wish is ErpGone.LEAVE:
        return _("What was made stays: the options let nothing be removed from the shop.")
    return _("What was made stays: delete it in the shop's own panel.")


def _deleted(step: Step, found: Outlook) -> str:
    if found is Outlook.NOT:
        return _("Elements of this kind cannot be made again from here.")
    if step.kind == Kind.IMAGE:
        return _("Only pictures whose file WAPRO has are sent again.")
    return _("Made again from what is known, under a new number: addresses, pictures, reviews and statistics are lost.")
