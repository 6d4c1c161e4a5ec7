"""Webhooks of a shop connection, and what came through them."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from integrator.accounts.models import Client
from integrator.crypto import EncryptedJSONField
from shops.connectors.hooks import ORDER
from shops.models import ShopConnection
from syncjobs.models.choices import KindName
from syncjobs.models.runs import Run


class WebhookSetup(models.Model):
    """Where a shop sends its webhooks and how they are signed. There is one while they are on, or are being turned on:
    the shop may send before its answer to that has come."""

    connection = models.OneToOneField(ShopConnection, on_delete=models.CASCADE, related_name="webhooks")
    token = models.CharField(max_length=64, unique=True)
    """Last part of the address that the shop sends to. Nobody can guess it; what comes must be signed all the same."""
    secret = EncryptedJSONField()
    """What deliveries are signed with, a text. It is never shown."""
    url = models.URLField(max_length=300, blank=True)
    """The whole address as the shop was told it; empty until it was."""
    held = models.JSONField(default=list)
    """Our webhooks as the shop last showed them: {"id", "topics", "active", "failures"}."""
    missing = models.JSONField(default=list)
    """Topics that no webhook of ours sends any more."""
    checked_at = models.DateTimeField(null=True)
    """When the shop was last asked."""
    problem = models.JSONField(null=True)
    """Why asking did not work."""
    revived_at = models.DateTimeField(null=True)
    """When webhooks that the shop had switched off were last switched on again."""
    pinged_at = models.DateTimeField(null=True)
    refused = models.PositiveIntegerField(default=0)
    """Deliveries with a wrong signature, which were not looked at."""
    refused_at = models.DateTimeField(null=True)
    unkept = models.PositiveIntegerField(default=0)
    """Deliveries above what is kept in a minute."""
    unkept_at = models.DateTimeField(null=True)
    not_before = models.DateTimeField(null=True)
    """The shop did not answer when what is hinted at was to be read: leave it alone until then."""
    attempts = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)

    tenant_path = "connection__client"

    @property
    def on(self) -> bool:
        return bool(self.url)


class InboxEvent(models.Model):
    """One delivery: that elements or orders may have changed. Its body is not kept: what it names is read afresh, and a
    body may hold what is nobody's business."""

    class Status(models.TextChoices):
        WAITING = "waiting", _("waiting")
        DONE = "done", _("done")
        IGNORED = "ignored", _("ignored")

    class Reason(models.TextChoices):
        """What became of it."""

        CHANGED = "changed", _("something had changed: a run was started")
        SAME = "same", _("nothing differs from what is known, as after a write of our own")
        GONE = "gone", _("the element is not in the shop any more; the next polling confirms it")
        BROKEN = "broken", _("the element cannot be read; polling says why")
        OTHER = "other", _("it is about something that is not synchronised")
        UNREADABLE = "unreadable", _("it names no element")
        FLOW_OFF = "flow_off", _("the flow is switched off")
        POLL_FIRST = "poll_first", _("the last polling did not bring everything; it goes first")
        UNREAD = "unread", _("the shop could not be asked; polling finds it")

    connection = models.ForeignKey(ShopConnection, on_delete=models.CASCADE, related_name="inbox")
    delivery = models.CharField(max_length=32)
    """Digest of the platform's id of the delivery, or of topic and body where it gives none."""
    topic = models.CharField(max_length=60, blank=True)
    kind = models.CharField(max_length=12, choices=[*KindName.choices, (ORDER, _("orders"))], blank=True)
    """What it is about: a kind of elements, or orders."""
    keys = models.JSONField(default=list)
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.WAITING)
    reason = models.CharField(max_length=12, choices=Reason.choices, blank=True)
    run = models.ForeignKey(Run, null=True, on_delete=models.SET_NULL, related_name="+")
    received_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)

    tenant_path = "connection__client"

    class Meta:
        constraints = [models.UniqueConstraint(fields=["connection", "delivery"], name="delivery_once")]
        indexes = [
            models.Index(fields=["connection", "status", "received_at"]),
            models.Index(fields=["connection", "received_at"]),
            models.Index(fields=["received_at"]),
        ]


class LaidAside(models.Model):
    """Work that failed for good and that a person has read about and wants to see no more: `syncjobs.dead_letters`."""

    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="+")
    sort = models.CharField(max_length=8)
    """Of work: a name of `dead_letters.SORTS`."""
    ref = models.BigIntegerField()
    """Its row's key."""
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    tenant_path = "client"

    class Meta:
        constraints = [models.UniqueConstraint(fields=["client", "sort", "ref"], name="laid_aside_once")]
