"""One actor per connection: a lease taken, renewed and released by conditional UPDATE.

The number grows with every holder. Whoever saves something after a remote call makes the save conditional on the number
it holds, so a worker that was thought dead cannot overwrite the work of its successor.
"""

from datetime import datetime, timedelta
from typing import Self

from django.db import models
from django.db.models import F, Q

LEASE = timedelta(seconds=90)


class Leased(models.Model):
    lease_until = models.DateTimeField(null=True, blank=True, editable=False)
    lease_number = models.BigIntegerField(default=0, editable=False)
    nudged_at = models.DateTimeField(null=True, blank=True, editable=False)
    """When a message for this actor was last put in the queue."""
    back_off_until = models.DateTimeField(null=True, blank=True, editable=False)
    transport_failures = models.PositiveSmallIntegerField(default=0, editable=False)

    class Meta:
        abstract = True

    @classmethod
    def take_lease(cls, pk: int, now: datetime) -> int | None:
        """The lease number when the lease was free or had run out, else None."""
        free = Q(lease_until__isnull=True) | Q(lease_until__lte=now)
        taken = (
            cls._default_manager.filter(free, pk=pk).update(lease_until=now + LEASE, lease_number=F("lease_number") + 1)
        )
        if not taken:
            return None
        return cls._default_manager.values_list("lease_number", flat=True).get(pk=pk)

    @classmethod
    def renew_lease(cls, pk: int, number: int, now: datetime) -> bool:
        return bool(
            cls._default_manager.filter(pk=pk, lease_number=number, lease_until__gt=now).update(lease_until=now + LEASE)
        )

    @classmethod
    def release_lease(cls, pk: int, number: int) -> bool:
        return bool(cls._default_manager.filter(pk=pk, lease_number=number).update(lease_until=None))

    def back_off(self, now: datetime, seconds: int) -> None:
        """Leave the other system alone for a while (three failed calls in a row: a dead shop must hold no worker)."""
        type(self)._default_manager.filter(pk=self.pk).update(back_off_until=now + timedelta(seconds=seconds))

    def holds(self, number: int) -> models.QuerySet[Self]:
        return type(self)._default_manager.filter(pk=self.pk, lease_number=number)
