"""What people decide about conflicts. A decision is valid for exactly the two values it was made on."""

from collections.abc import Iterable

from django.db import transaction
from django.utils import timezone

from integrator.accounts.audit import record
from integrator.accounts.models import User
from integrator.canonical.records import FieldValue
from syncjobs.models import Conflict, KindState

WORDS = ("erp", "shop", "value", "ignore")


class StaleDecision(Exception):
    """The values have moved since the screen was drawn; `conflict` holds the fresh ones."""

    def __init__(self, conflict: Conflict) -> None:
        super().__init__(f"conflict {conflict.pk} is at version {conflict.version}")
        self.conflict = conflict


def decide(conflict: Conflict, version: int, owner: str, value: FieldValue, user: User) -> None:
    """Settle one field of one element once: `erp`, `shop`, `value` (typed) or `ignore` (leave both as they are). The
    next run of the kind writes it. Raises StaleDecision, ValueError for another word."""
    if owner not in WORDS:
        raise ValueError(owner)
    with transaction.atomic():
        moved = Conflict.objects.filter(pk=conflict.pk, version=version, status=Conflict.Status.OPEN).update(
            status=Conflict.Status.DECIDED,
            owner=owner,
            value=value if owner == "value" else None,
            lost=_loser(conflict, owner),
            decided_by=user,
            decided_at=timezone.now(),
        )
        conflict.refresh_from_db()
        if not moved:
            raise StaleDecision(conflict)
        KindState.objects.filter(link=conflict.link_id, kind=conflict.kind).update(open=True)
        record(
            user,
            "conflict.decide",
            f"{conflict.kind} {conflict.link.erp_key}: {conflict.field}",
            client=conflict.connection.client,
            data={"owner": owner, "erp": conflict.erp, "shop": conflict.shop, "value": conflict.value},
        )


def _loser(conflict: Conflict, owner: str) -> FieldValue | dict[str, FieldValue]:
    if owner == "erp":
        return conflict.shop
    if owner == "shop":
        return conflict.erp
    return {"erp": conflict.erp, "shop": conflict.shop} if owner == "value" else None


def decide_many(conflicts: Iterable[Conflict], owner: str, user: User) -> tuple[int, int]:
    """The same word for many; how many were decided and how many had moved meanwhile."""
    done = stale = 0
    for conflict in conflicts:
        try:
            decide(conflict, conflict.version, owner, None, user)
            done += 1
        except StaleDecision:
            stale += 1
    return done, stale
