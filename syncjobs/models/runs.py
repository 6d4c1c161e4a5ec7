"""What runs, what it planned, what became of each change."""

from datetime import datetime, timedelta

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models

from shops.models import ShopConnection
from syncjobs.models.choices import (
    OPEN_STATUSES,
    STARTED_STATUSES,
    Action,
    ChangeStatus,
    KindName,
    Phase,
    Status,
)
from syncjobs.models.links import Link
from syncjobs.models.seen import Fetch
from wapro.models import WaproConnection

PLAN_IS_KEPT = timedelta(days=3)
"""So long a plan that waits for a person is left alone by the schedule: over a weekend and a day. Then it is so old
that a fresh one serves the person better."""


class Run(models.Model):
    """One execution for one shop connection: a set of steps, one per kind."""

    class Mode(models.TextChoices):
        PREVIEW = "preview"
        APPLY = "apply"

    class Trigger(models.TextChoices):
        PERSON = "person"
        SCHEDULE = "schedule"
        DECISION = "decision"
        WEBHOOK = "webhook"
        ORDER = "order"
        """Stock of what was just bought elsewhere, or comes back: `syncjobs.orders.at_once`."""
        UNDO = "undo"
        """The inverse of an earlier run: `syncjobs.undoing`."""

    SINGLE = (Trigger.WEBHOOK, Trigger.ORDER, Trigger.UNDO)
    """These look at single elements: their end says nothing about the rest of a kind."""

    connection = models.ForeignKey(ShopConnection, on_delete=models.CASCADE, related_name="runs")
    mode = models.CharField(max_length=8, choices=Mode.choices, default=Mode.APPLY)
    trigger = models.CharField(max_length=10, choices=Trigger.choices, default=Trigger.PERSON)
    undoes = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL, related_name="undoings")
    """The run that this one takes back."""
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.QUEUED)
    cancel_requested = models.BooleanField(default=False)
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL)
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    heartbeat_at = models.DateTimeField(null=True)

    tenant_path = "connection__client"

    class Meta:
        indexes = [
            models.Index(fields=["connection", "-id"]),
            models.Index(fields=["status", "id"]),
            models.Index(fields=["connection", "finished_at"]),
        ]
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"run {self.pk}"


class Step(models.Model):
    """A run's part for one kind.

    `counts` holds plain numbers: erp_fetched, shop_fetched, linked (pairs in all), newly_linked, ambiguous,
    unlinked_erp, unlinked_shop, planned, conflicts, blocked, drifted, created, updated, deleted, failed, skipped,
    requests, asked (requests until the plan was whole: the rest is what writing it took).
    """

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="steps")
    connection = models.ForeignKey(ShopConnection, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=12, choices=KindName.choices)
    position = models.PositiveSmallIntegerField()
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.QUEUED)
    phase = models.CharField(max_length=12, choices=Phase.choices, default=Phase.GATES)
    counts = models.JSONField(default=dict)
    erp_fetch = models.ForeignKey(Fetch, null=True, on_delete=models.SET_NULL, related_name="+")
    shop_fetch = models.ForeignKey(Fetch, null=True, on_delete=models.SET_NULL, related_name="+")
    cursor = models.BigIntegerField(default=0)
    """Keyset position of the planning phase."""
    part = models.CharField(max_length=12, blank=True)
    """Which part of the planning phase is under way."""
    sealed_at = models.DateTimeField(null=True)
    approved_at = models.DateTimeField(null=True)
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL)
    braked_at = models.DateTimeField(null=True)
    """When the brake held this plan (`engine.guard`). Approved as well: a person let it go on."""
    first_word_at = models.DateTimeField(null=True)
    first_word_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    """Whoever approved a plan that needs the word of a second person as well."""
    selection = models.JSONField(null=True)
    """{"erp": [keys], "shop": [keys]}: a person asked for these elements to be created. Null: the options decide. With
    "links": [keys in the ERP], a trial: of the linked elements only these are updated, and nothing else is touched."""
    had_errors = models.BooleanField(default=False)
    problems = models.JSONField(default=list)
    """Problems of the whole step: closed gates, guard refusals, a failed fetch."""
    not_before = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    worked_at = models.DateTimeField(null=True)
    raw_dropped_at = models.DateTimeField(null=True)
    """When requests and answers of its changes were taken away (`syncjobs.retention`)."""
    rows_dropped_at = models.DateTimeField(null=True)
    """When its changes were: what is left of them are `counts`."""
    tally = models.JSONField(null=True, encoder=DjangoJSONEncoder)
    """Its changes as a worker counted them last, where they are many: `syncjobs.tallies`."""

    tenant_path = "connection__client"

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["run", "kind"], name="one_step_per_kind"),
            models.UniqueConstraint(
                fields=["connection", "kind"],
                condition=models.Q(status__in=[str(s) for s in STARTED_STATUSES]),
                name="one_started_step_per_kind",
            ),
        ]
        indexes = [
            models.Index(fields=["connection", "status"]),
            models.Index(fields=["connection", "kind", "-id"]),
            models.Index(fields=["connection", "finished_at"]),
            models.Index(fields=["finished_at"], name="step_by_end"),
        ]
        ordering = ["position"]

    @property
    def open(self) -> bool:
        return self.status in OPEN_STATUSES

    @property
    def kept_until(self) -> datetime | None:
        """Until when the schedule makes no other plan in place of this one, counted from the last time that it was
        worked on; None when it waits for nobody."""
        since = self.worked_at or self.sealed_at or self.started_at
        return since + PLAN_IS_KEPT if self.status == Status.WAITING and since is not None else None


class Change(models.Model):
    """One planned write of one element, and what became of it."""

    step = models.ForeignKey(Step, on_delete=models.CASCADE, related_name="changes")
    connection = models.ForeignKey(ShopConnection, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=12, choices=KindName.choices)
    action = models.CharField(max_length=16, choices=Action.choices)
    status = models.CharField(max_length=12, choices=ChangeStatus.choices, default=ChangeStatus.PLANNED)
    link = models.ForeignKey(Link, null=True, blank=True, on_delete=models.SET_NULL, related_name="changes")
    erp_key = models.CharField(max_length=80, blank=True)
    shop_key = models.CharField(max_length=80, blank=True)
    code = models.CharField(max_length=80, blank=True)
    label = models.CharField(max_length=200, blank=True)
    fields = models.JSONField(default=list)
    """[{"name", "old", "new"}] in the destination's terms."""
    extra = models.JSONField(default=dict)
    """Creates: group_code, group_name, options, owner. Updates: settle_erp, settle_shop (to store once applied).
    Deletions that were carried out: `gone`, kind -> the record as it was last seen. Of an undo: see
    `undoing.planning`."""
    erp_fp = models.CharField(max_length=32, blank=True)
    shop_fp = models.CharField(max_length=32, blank=True)
    """Fingerprints the plan was made on: another one means the row is out of date."""
    risk = models.CharField(max_length=12, blank=True)
    """Why a person should look at it first: `zero`, `price_jump`, `delete`, `deactivate`."""
    problem = models.JSONField(null=True)
    turn = models.CharField(max_length=16, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    not_before = models.DateTimeField(null=True)
    exchange = models.JSONField(null=True)
    """{"request", "answer"}: redacted and shortened."""
    sent_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)

    tenant_path = "connection__client"

    class Meta:
        indexes = [
            models.Index(fields=["step", "status", "id"]),
            models.Index(fields=["step", "risk", "id"]),
            models.Index(fields=["step", "id"], name="change_in_order"),
            models.Index(fields=["connection", "kind", "erp_key"]),
            models.Index(fields=["connection", "kind", "shop_key"]),
        ]


class Errand(models.Model):
    """A small job a person waits for, done in the interactive lane: test settings, count what a filter leaves in, turn
    webhooks on and off, read the dictionaries of orders."""

    class Verb(models.TextChoices):
        TEST_SETTINGS = "test_settings"
        COUNT_FILTER = "count_filter"
        WEBHOOKS_ON = "webhooks_on"
        WEBHOOKS_OFF = "webhooks_off"
        WEBHOOKS_LOOK = "webhooks_look"
        ORDER_WORDS = "order_words"
        DECIDE_ALIKE = "decide_alike"
        CHECK_DATA = "check_data"
        RECENT_ORDERS = "recent_orders"
        TRY_ORDERS = "try_orders"

    shop = models.ForeignKey(ShopConnection, null=True, blank=True, on_delete=models.CASCADE, related_name="errands")
    erp = models.ForeignKey(WaproConnection, null=True, blank=True, on_delete=models.CASCADE, related_name="errands")
    verb = models.CharField(max_length=20, choices=Verb.choices)
    params = models.JSONField(default=dict)
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.QUEUED)
    result = models.JSONField(default=dict)
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL)
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True)

    tenant_path = "shop__client|erp__client"

    class Meta:
        indexes = [models.Index(fields=["status", "id"])]
