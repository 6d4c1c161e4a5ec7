"""Options of the synchronisation of one connection: safe ones to begin with, changes noted and planned anew."""

from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from integrator.accounts.audit import record
from integrator.accounts.models import User
from integrator.canonical.capabilities import Can
from integrator.canonical.kinds import Kind
from shops.models import ShopConnection
from syncjobs.engine.policy import CRITERIA, ErpGone, FirstAgreement, Linked, Owner, offered_owners, preset_owners
from syncjobs.models import SyncOptions
from syncjobs.quiet import quiet_until
from syncjobs.setup import Setup, setup_of

INTERVALS = {Kind.STOCK: 5, Kind.PRICE: 15}
"""Minutes between scheduled runs of a kind to begin with; other kinds once a day."""
DAILY = 24 * 60
PLANNED_BY = ("criterion", "owners", "first_agreement", "erp_gone")
"""Options whose change makes every element be planned again."""


def is_quiet(option: SyncOptions, now: datetime) -> bool:
    """Inside the quiet window, by the clock on the wall in Poland; a window may pass midnight."""
    return quiet_until(now, option.quiet_from, option.quiet_to) is not None


def ensure_options(connection: ShopConnection) -> list[SyncOptions]:
    """One row per offered kind. What is made here writes nothing: linked elements are left, unlinked ones too, every
    flow is off. Raises PlanRefused when the client has no ERP connection."""
    setup = setup_of(connection)
    known = setup.options
    rows = [
        SyncOptions(
            connection=connection,
            kind=kind,
            interval_minutes=INTERVALS.get(kind, DAILY),
            criterion=str(CRITERIA[kind][0]) if kind in CRITERIA else "",
            linked=str(Linked.LEAVE),
            owners={name: str(owner) for name, owner in _owners(setup, kind, Linked.LEAVE).items()},
            first_agreement=str(FirstAgreement.ERP),
            erp_gone=str(ErpGone.DEACTIVATE if setup.shop.can(kind, Can.DEACTIVATE) else ErpGone.LEAVE),
        )
        for kind in setup.kinds
        if kind not in known
    ]
    SyncOptions.objects.bulk_create(rows, ignore_conflicts=True)
    order = {kind: place for place, kind in enumerate(setup.kinds)}
    found = SyncOptions.objects.filter(connection=connection, kind__in=setup.kinds)
    return sorted(found, key=lambda option: order[Kind(option.kind)])


def _owners(setup: Setup, kind: Kind, linked: Linked) -> dict[str, Owner]:
    return preset_owners(linked, kind, setup.erp_of(kind), setup.shop.of(kind))


def save_options(options: SyncOptions, user: User | None) -> None:
    """Check against what the two sides can do, save, and have elements planned again where that matters. Raises
    ValidationError."""
    setup = setup_of(options.connection)
    kind = Kind(options.kind)
    # A kind may have no field to own, and prices and stock have no criterion of their own.
    options.full_clean(exclude=["connection", "approved_by", "owners", "criterion"])
    for name, owner in options.owners.items():
        offered = offered_owners(name, setup.erp_of(kind), setup.shop.of(kind))
        if Owner(owner) not in offered:
            raise ValidationError(_("This field cannot be ruled that way here: %(field)s.") % {"field": name})
    before = SyncOptions.objects.filter(pk=options.pk).first()
    changed = _changed(before, options)
    with transaction.atomic():
        if any(name in changed for name in PLANNED_BY):
            options.options_version = F("options_version") + 1
        options.save()
        options.refresh_from_db(fields=["options_version"])
        if changed:
            client = options.connection.client
            record(user, "options.change", f"{options.connection}: {kind}", client=client, data=changed)


def _changed(before: SyncOptions | None, after: SyncOptions) -> dict[str, Any]:
    names = [f.name for f in SyncOptions._meta.concrete_fields if f.name not in ("id", "connection", "options_version")]
    return {
        name: {"from": _plain(getattr(before, name, None)), "to": _plain(getattr(after, name))}
        for name in names
        if before is None or getattr(before, name) != getattr(after, name)
    }


def _plain(value: Any) -> Any:
    return value if isinstance(value, bool | int | str | dict | list | None) else str(value)
