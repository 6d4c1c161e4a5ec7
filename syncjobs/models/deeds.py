"""What people did with elements and links, row by row, so that it can be taken back as a whole."""

from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from shops.models import ShopConnection
from syncjobs.models.choices import KindName, Side


class Deed(models.Model):
    """One action on one or many elements of one kind. A long one is carried out by a worker, part by part: `cursor` and
    `done` are written together with what they count."""

    class Verb(models.TextChoices):
        LINK = "link", _("linked")
        LINK_SURE = "link_sure", _("linked by suggestion")
        UNLINK = "unlink", _("link broken")
        IGNORE = "ignore", _("ignored")
        IGNORE_ALL = "ignore_all", _("ignored, all of a list")
        UNIGNORE = "unignore", _("takes part again")
        CREATE = "create", _("to be created in the shop")
        IMPORT = "import", _("to be imported to WAPRO")
        CHECK = "check", _("evidence checked again")

    class Status(models.TextChoices):
        OPEN = "open", _("under way")
        DONE = "done", _("done")
        UNDOING = "undoing", _("being taken back")
        UNDONE = "undone", _("taken back")
        FAILED = "failed", _("stopped by an error")

    connection = models.ForeignKey(ShopConnection, on_delete=models.CASCADE, related_name="deeds")
    kind = models.CharField(max_length=12, choices=KindName.choices)
    verb = models.CharField(max_length=12, choices=Verb.choices)
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.DONE)
    params = models.JSONField(default=dict)
    """IGNORE_ALL: {"side", "q"}; ignoring: {"reason"}."""
    label = models.CharField(max_length=200, blank=True)
    """The element, or the first of them."""
    cursor = models.BigIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    """Rows to look at, as they were counted at the start."""
    looked = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    skipped = models.PositiveIntegerField(default=0)
    """Rows that somebody or something had settled meanwhile."""
    result = models.JSONField(default=dict)
    """CHECK: {"yellow"}; a failed one: {"problem"}."""
    run: Any = models.ForeignKey("syncjobs.Run", null=True, on_delete=models.SET_NULL, related_name="+")
    """The run that creates or imports."""
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True)
    undone_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    undone_at = models.DateTimeField(null=True)
    undone = models.PositiveIntegerField(default=0)
    undo_skipped = models.PositiveIntegerField(default=0)

    tenant_path = "connection__client"

    class Meta:
        indexes = [models.Index(fields=["connection", "status", "id"]), models.Index(fields=["connection", "-id"])]

    def __str__(self) -> str:
        return f"{self.verb} {self.kind} {self.label}"

    @property
    def under_way(self) -> bool:
        return self.status in (self.Status.OPEN, self.Status.UNDOING)


class DeedRow(models.Model):
    """One element or pair that a deed settled, and what has to be known to take it back."""

    deed = models.ForeignKey(Deed, on_delete=models.CASCADE, related_name="rows")
    side = models.CharField(max_length=4, choices=Side.choices, blank=True)
    """Marks: whose element; empty for a pair."""
    erp_key = models.CharField(max_length=80, blank=True)
    shop_key = models.CharField(max_length=80, blank=True)
    before = models.JSONField(default=dict)
    """Link: {"shop_key"} of the partner it left. Unlink: the link as it was, with what both sides last agreed on.
    Unignore: {"reason"}."""

    tenant_path = "deed__connection__client"

    class Meta:
        indexes = [models.Index(fields=["deed", "id"])]
