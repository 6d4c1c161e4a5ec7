"""Rules made of conflicts: from now on one side rules a field, and the conflicts that are open are settled by it."""

from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from integrator.accounts.audit import record
from integrator.accounts.models import User
from integrator.canonical.kinds import Kind
from shops.models import ShopConnection
from syncjobs import conflicts, errands
from syncjobs.conflicts import Alike
from syncjobs.engine.policy import Owner, offered_owners
from syncjobs.models import Conflict, Errand, SyncOptions
from syncjobs.options import save_options
from syncjobs.setup import setup_of

RULERS = (Owner.ERP, Owner.SHOP, Owner.IGNORE)
"""Owners under which a field has no conflicts."""


@dataclass(frozen=True, slots=True)
class Outlook:
    """What making one side rule a field would do."""

    options: SyncOptions
    field: str
    before: str
    offered: tuple[Owner, ...]
    settles: int
    upto: int
    examples: list[Conflict]


class MovedMeanwhile(Exception):
    """Somebody changed the options of the kind since the screen was drawn."""


def outlook(connection: ShopConnection, kind: str, field: str) -> Outlook | None:
    """Nothing where the kind has no options or the field cannot be ruled. Raises PlanRefused without an ERP."""
    options = SyncOptions.objects.filter(connection=connection, kind=kind).first()
    setup = setup_of(connection)
    if options is None or Kind(kind) not in setup.kinds:
        return None
    both = offered_owners(field, setup.erp_of(Kind(kind)), setup.shop.of(Kind(kind)))
    offered = tuple(owner for owner in RULERS if owner in both)
    if offered == (Owner.IGNORE,):
        return None
    found = Conflict.objects.filter(connection=connection, kind=kind, field=field, status=Conflict.Status.OPEN)
    last = found.order_by("-pk").values_list("pk", flat=True).first() or 0
    examples = list(found.select_related("link").order_by("pk")[:3])
    before = str(options.owners.get(field, Owner.IGNORE))
    return Outlook(options, field, before, offered, found.count(), last, examples)


def make_rule(seen: Outlook, owner: Owner, version: int, user: User) -> Errand | int:
    """Let `owner` rule the field and settle what is open: how many were settled, or the errand that settles very many.
    Raises MovedMeanwhile, ValidationError."""
    connection, kind = seen.options.connection, seen.options.kind
    with transaction.atomic():
        options = SyncOptions.objects.select_for_update().get(pk=seen.options.pk)
        if options.options_version != version:
            raise MovedMeanwhile
        if owner not in seen.offered:
            raise ValidationError(_("This field cannot be ruled that way here."))
        options.owners = {**options.owners, seen.field: str(owner)}
        save_options(options, user)
        data = {"owner": {"from": seen.before, "to": str(owner)}, "count": seen.settles}
        record(user, "conflict.rule", f"{connection}: {kind} {seen.field}", client=connection.client, data=data)
    return decide_all(Alike(connection, kind, seen.field, str(owner), seen.upto, ruled=seen.before), user, seen.settles)


def decide_all(alike: Alike, user: User, count: int) -> Errand | int:
    """Decide all alike: at once, or by a worker where they are very many."""
    if count < conflicts.MANY:
        return conflicts.decide_alike(alike, user)
    params = {
        "kind": alike.kind,
        "field": alike.field,
        "owner": alike.owner,
        "upto": alike.upto,
        "ruled": alike.ruled,
        "total": count,
    }
    return errands.request(Errand.Verb.DECIDE_ALIKE, shop=alike.connection, user=user, params=params)


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule made of conflicts that can still be taken back."""

    kind: str
    field: str
    owner: str
    before: str


def rules_of(connection: ShopConnection) -> list[Rule]:
    """Rules that settled conflicts of which some are not written yet."""
    waiting = Conflict.objects.filter(connection=connection, status=Conflict.Status.DECIDED).exclude(ruled="")
    rows = waiting.order_by("kind", "field").values_list("kind", "field", "owner", "ruled").distinct()
    return [Rule(*row) for row in rows]


def undo_rule(connection: ShopConnection, kind: str, field: str, user: User) -> int:
    """Give the field back to who ruled it before, and open the conflicts again that are not written yet. How many.
    Raises AlreadyWritten while a run works on them."""
    rule = next((one for one in rules_of(connection) if (one.kind, one.field) == (kind, field)), None)
    if rule is None:
        raise conflicts.AlreadyWritten
    with transaction.atomic():
        busy = conflicts.working_on(connection.pk, kind)
        if busy is not None:
            raise conflicts.AlreadyWritten(busy.run_id)
        options = SyncOptions.objects.select_for_update().get(connection=connection, kind=kind)
        options.owners = {**options.owners, field: rule.before}
        save_options(options, user)
        settled = Conflict.objects.filter(connection=connection, kind=kind, field=field).exclude(ruled="")
        opened = conflicts.reopen(settled)
        data = {"owner": {"from": rule.owner, "to": rule.before}, "count": opened}
        record(user, "conflict.unrule", f"{connection}: {kind} {field}", client=connection.client, data=data)
    return opened
