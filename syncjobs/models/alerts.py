"""Who wants to be told of what needs a person, what was noticed, who was told of it, and how that went."""

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from integrator.accounts.models import Client, Firm
from integrator.crypto import EncryptedJSONField
from syncjobs.alerts.rules import DEFAULT_SORTS, DEFAULT_URGENT, Terms


def _default_sorts() -> list[str]:
    return list(DEFAULT_SORTS)


def _default_urgent() -> list[str]:
    return list(DEFAULT_URGENT)


class Receiver(models.Model):
    """What somebody wants to be told at once, and when not."""

    sorts = models.JSONField(default=_default_sorts)
    """Of `alerts.rules.SORTS`."""
    urgent = models.JSONField(default=_default_urgent)
    """Those of them that quiet hours let through."""
    quiet_from = models.TimeField(null=True, blank=True)
    quiet_to = models.TimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        abstract = True

    def terms_in(self, zone: str, digest_hour: int | None = None) -> Terms:
        return Terms(
            sorts=frozenset(self.sorts),
            urgent=frozenset(self.urgent),
            quiet_from=self.quiet_from,
            quiet_to=self.quiet_to,
            zone=zone,
            digest_hour=digest_hour,
        )


class AlertSubscription(Receiver):
    """What one person is told by e-mail, over all clients that the person may see when it is sent."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="alerts")
    at_once = models.BooleanField(default=True)
    digest = models.BooleanField(default=False)
    digest_hour = models.PositiveSmallIntegerField(default=7)
    all_quiet = models.BooleanField(default=False)
    """The digest comes also when nothing waits."""
    last_digest_on = models.DateField(null=True)
    muted: Any = models.ManyToManyField(Client, blank=True, related_name="+")
    """Clients that the person does not want to hear of."""

    @property
    def zone(self) -> str:
        return str(self.user.time_zone)

    @property
    def terms(self) -> Terms:
        return self.terms_in(self.zone, self.digest_hour if self.digest else None)


class AlertChannel(Receiver):
    """A webhook of a firm, which hears of all its clients, or of one client."""

    firm = models.ForeignKey(Firm, on_delete=models.CASCADE, related_name="alert_channels")
    client = models.ForeignKey(Client, null=True, blank=True, on_delete=models.CASCADE, related_name="alert_channels")
    name = models.CharField(max_length=80)
    url = models.CharField(max_length=500)
    secret = EncryptedJSONField(editable=False)
    """{"secret": what deliveries are signed with}. Shown once, when it is made."""
    language = models.CharField(max_length=8, default="pl", choices=[("pl", "Polski"), ("en", "English")])
    time_zone = models.CharField(max_length=64, default="Europe/Warsaw")
    active = models.BooleanField(default=True)

    tenant_path = "firm"

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return self.name

    @property
    def terms(self) -> Terms:
        return self.terms_in(self.time_zone)


class Alert(models.Model):
    """One matter as it was last seen. A matter that comes back is the same row, opened anew."""

    firm = models.ForeignKey(Firm, on_delete=models.CASCADE, related_name="+")
    client = models.ForeignKey(Client, null=True, on_delete=models.CASCADE, related_name="alerts")
    """Null: it concerns the installation, so only people of the whole firm hear of it."""
    key = models.CharField(max_length=80)
    sort = models.CharField(max_length=12)
    texts = models.JSONField(default=dict)
    """{language: {"place", "title", "detail", "action"}}, as the screen says it."""
    url = models.CharField(max_length=200, blank=True)
    """Path of the page where it is mended."""
    since = models.DateTimeField(null=True)
    count = models.PositiveIntegerField(default=1)
    opened_at = models.DateTimeField()
    resolved_at = models.DateTimeField(null=True)

    tenant_path = "firm"

    class Meta:
        constraints = [models.UniqueConstraint(fields=["firm", "key"], name="alert_once_per_firm")]
        indexes = [models.Index(fields=["resolved_at", "firm"])]

    def __str__(self) -> str:
        return self.key


class AlertDelivery(models.Model):
    """One e-mail or one call of a webhook: written down before it is sent, and its outcome at once after."""

    class What(models.TextChoices):
        ALERTS = "alerts", _("alerts")
        DIGEST = "digest", _("digest")
        TEST = "test", _("test")

    class Status(models.TextChoices):
        WAITING = "waiting", _("waits to be sent")
        SENDING = "sending", _("being sent")
        SENT = "sent", _("sent")
        FAILED = "failed", _("given up")
        DROPPED = "dropped", _("not sent any more")

    firm = models.ForeignKey(Firm, on_delete=models.CASCADE, related_name="+")
    channel = models.ForeignKey(AlertChannel, null=True, on_delete=models.CASCADE, related_name="deliveries")
    subscription = models.ForeignKey(AlertSubscription, null=True, on_delete=models.CASCADE, related_name="deliveries")
    clients: Any = models.ManyToManyField(Client, related_name="+")
    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    """Named in every try, so that a receiver knows a second one as the same."""
    what = models.CharField(max_length=8, choices=What.choices, default=What.ALERTS)
    items = models.JSONField(default=list)
    """What is told: see `alerts.planning.item_of`."""
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    not_before = models.DateTimeField(null=True)
    claimed_at = models.DateTimeField(null=True)
    """When a worker took it to send it; one that never said how that went is taken again later."""
    http_status = models.PositiveSmallIntegerField(null=True)
    answer = models.CharField(max_length=400, blank=True)
    """What the other side said, shortened and without secrets."""
    created_at = models.DateTimeField(auto_now_add=True)
    sent_at = models.DateTimeField(null=True)

    tenant_path = "firm"

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(channel__isnull=True, subscription__isnull=False)
                | Q(channel__isnull=False, subscription__isnull=True),
                name="delivery_has_one_receiver",
            )
        ]
        indexes = [
            models.Index(fields=["status", "not_before"]),
            models.Index(fields=["channel", "-id"]),
            models.Index(fields=["subscription", "-id"]),
            models.Index(fields=["firm", "-id"]),
            models.Index(fields=["created_at"]),
        ]

    @property
    def open(self) -> bool:
        return self.status in (self.Status.WAITING, self.Status.SENDING)


class AlertNotice(models.Model):
    """What a receiver was last told of an alert."""

    alert = models.ForeignKey(Alert, on_delete=models.CASCADE, related_name="notices")
    channel = models.ForeignKey(AlertChannel, null=True, on_delete=models.CASCADE, related_name="+")
    subscription = models.ForeignKey(AlertSubscription, null=True, on_delete=models.CASCADE, related_name="+")
    opening = models.DateTimeField()
    told_at = models.DateTimeField()
    count = models.PositiveIntegerField(default=1)
    resolved = models.BooleanField(default=False)

    tenant_path = "alert__firm"

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["alert", "channel"], name="notice_once_per_channel"),
            models.UniqueConstraint(fields=["alert", "subscription"], name="notice_once_per_person"),
        ]
