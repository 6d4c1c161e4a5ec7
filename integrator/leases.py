"""One actor per connection: a lease taken, renewed and released by conditional UPDATE.

The number grows with every holder. Whoever saves something after a remote call makes the save conditional on the number
it holds, so a worker that was thought dead cannot overwrite the work of its successor.
"""

from datetime import datetime, timedelta
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

LEASE = timedelta(seconds=90)
MARGIN = timedelta(seconds=10)
"""A call starts only if the lease outlives its deadline by this much."""


class LeaseLost(Exception):
    """Another worker holds the connection now: stop without saving anything more."""


class Leased(models.Model):
    lease_until = models.DateTimeField(null=True, blank=True, editable=False)
    lease_number = models.BigIntegerField(default=0, editable=False)
    nudged_at = models.DateTimeField(null=True, blank=True, editable=False)
    """When a message for this actor was last put in the queue."""
    worked_from = models.DateTimeField(null=True, blank=True, editable=False)
    """When the last slice of its work began: a message that was sent before has been answered by that slice."""
    back_off_until = models.DateTimeField(null=True, blank=True, editable=False)
    transport_failures = models.PositiveSmallIntegerField(default=0, editable=False)

    class Meta:
        abstract = True

    @classmethod
    def take_lease(cls, pk: int, now: datetime) -> int | None:
        """The lease number when the lease was free or had run out, else None."""
        free = Q(lease_until__isnull=True) | Q(lease_until__lte=now)
        taken = cls._default_manager.filter(free, pk=pk).update(
            lease_until=now + LEASE, lease_number=F("lease_number") + 1, worked_from=now
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


class LeaseHold:
    """A lease in the hands of one worker. Passed down to whatever calls another system."""

    def __init__(
        self, actor: type[Leased], pk: int, number: int, until: datetime, *, after_death: bool = False
    ) -> None:
        self.actor = actor
        self.pk = pk
        self.number = number
        self.until = until
        self.after_death = after_death
        """Whether the holder before never released it: its worker died, or hung, in the middle of something."""

    @classmethod
    def take(cls, actor: type[Leased], pk: int) -> "LeaseHold | None":
        now = timezone.now()
        left = actor._default_manager.filter(pk=pk, lease_until__isnull=False).exists()
        number = actor.take_lease(pk, now)
        return None if number is None else cls(actor, pk, number, now + LEASE, after_death=left)

    def ensure(self, seconds: float = 0) -> None:
        """Have at least `seconds` and the margin left, renewing if need be. Raises LeaseLost."""
        now = timezone.now()
        if self.until - now >= timedelta(seconds=seconds) + MARGIN:
            return
        if not self.actor.renew_lease(self.pk, self.number, now):
            raise LeaseLost(f"{self.actor.__name__} {self.pk}")
        self.until = now + LEASE

    def check(self) -> None:
        """Raises LeaseLost unless this worker is still the holder: asked inside the transaction that saves a result."""
        held = self.actor._default_manager.filter(pk=self.pk, lease_number=self.number, lease_until__gt=timezone.now())
        if not held.exists():
            raise LeaseLost(f"{self.actor.__name__} {self.pk}")

    def release(self) -> None:
        self.actor.release_lease(self.pk, self.number)
