"""What stops writing: a person's press on the switch, and whoever else writes the same fields."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from integrator.accounts.models import Client, Firm
from shops.models import ShopConnection
from syncjobs.models.choices import KindName, Side


class Stop(models.Model):
    """Nothing is written for a firm, one of its clients or one shop, from `at` until it is released."""

    firm = models.ForeignKey(Firm, on_delete=models.CASCADE, related_name="stops")
    client = models.ForeignKey(Client, null=True, blank=True, on_delete=models.CASCADE, related_name="stops")
    connection = models.ForeignKey(
        ShopConnection, null=True, blank=True, on_delete=models.CASCADE, related_name="stops"
    )
    reads = models.BooleanField(default=False)
    """Nothing is read either."""
    reason = models.CharField(max_length=300, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    """None: the command line."""
    at = models.DateTimeField()
    released_at = models.DateTimeField(null=True)
    released_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")

    tenant_path = "firm"

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["firm"], condition=Q(client=None, released_at=None), name="one_stop_of_a_firm"
            ),
            models.UniqueConstraint(
                fields=["client"], condition=Q(connection=None, released_at=None), name="one_stop_of_a_client"
            ),
            models.UniqueConstraint(fields=["connection"], condition=Q(released_at=None), name="one_stop_of_a_shop"),
            models.CheckConstraint(
                condition=Q(connection=None) | Q(client__isnull=False), name="stop_names_the_client"
            ),
        ]
        indexes = [models.Index(fields=["firm", "-at"], name="stops_of_a_firm")]

    def __str__(self) -> str:
        return f"stop {self.pk}"


class Rival(models.Model):
    """A field that something else writes too, as the latest runs saw it."""

    connection = models.ForeignKey(ShopConnection, on_delete=models.CASCADE, related_name="rivals")
    kind = models.CharField(max_length=12, choices=KindName.choices)
    field = models.CharField(max_length=40)
    side = models.CharField(max_length=4, choices=Side.choices)
    """Where it is overwritten."""
    elements = models.PositiveIntegerField(default=0)
    """Seen in the run `run`."""
    rounds = models.PositiveIntegerField(default=0)
    """The most in a row that one element's value was overwritten."""
    run = models.PositiveBigIntegerField(default=0)
    since = models.DateTimeField()
    last_at = models.DateTimeField()

    tenant_path = "connection__client"

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["connection", "kind", "field", "side"], name="one_rival_per_field")
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.field}"
