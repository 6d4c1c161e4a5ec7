"""What differs between the two sides of a connection, as it was last compared. Neither side is written."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from shops.models import ShopConnection
from syncjobs.models.choices import OPEN_STATUSES, Status
from syncjobs.models.runs import Run


class Section(models.TextChoices):
    STOCK = "stock", _("stock")
    PRICE = "price", _("prices")
    DUPLICATE = "duplicate", _("duplicates")
    MISSING = "missing", _("missing on one side")
    FIELD = "field", _("other fields")


class DiscrepancyReport(models.Model):
    """One comparison of all that is known of both sides. A worker makes it piece by piece, beside the runs; the page
    shows the newest that is complete."""

    connection = models.ForeignKey(ShopConnection, on_delete=models.CASCADE, related_name="discrepancy_reports")
    after_run = models.ForeignKey(Run, null=True, on_delete=models.SET_NULL, related_name="+")
    """The comparison waits until this run has fetched both sides."""
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.QUEUED)
    stage = models.CharField(max_length=10, blank=True)
    cursor = models.BigIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    """Elements that were looked at, and that there are to look at."""
    counts = models.JSONField(default=dict)
    """Section -> {"compared": pairs looked at, "total": rows, "facets": {facet: rows}}."""
    problem = models.JSONField(null=True)
    gaps = models.JSONField(default=dict)
    """Section -> the problem for which it could not be compared: no price type was chosen, say."""
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    tenant_path = "connection__client"

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["connection"],
                condition=models.Q(status__in=[str(one) for one in OPEN_STATUSES]),
                name="one_comparison_at_a_time",
            )
        ]
        indexes = [models.Index(fields=["connection", "status", "-id"])]

    @property
    def open(self) -> bool:
        return self.status in OPEN_STATUSES


class Discrepancy(models.Model):
    """One row of a report: an element, or one field of it."""

    report = models.ForeignKey(DiscrepancyReport, on_delete=models.CASCADE, related_name="rows")
    section = models.CharField(max_length=10, choices=Section.choices)
    facet = models.CharField(max_length=40, blank=True)
    """What the section is filtered by: the bar of the picture, the field, where an element is missing."""
    weight = models.DecimalField(max_digits=16, decimal_places=3, default=0)
    """How far apart the two are, without its sign. The largest come first."""
    erp_key = models.CharField(max_length=80, blank=True)
    shop_key = models.CharField(max_length=80, blank=True)
    code = models.CharField(max_length=80, blank=True)
    label = models.CharField(max_length=200, blank=True)
    ean = models.CharField(max_length=20, blank=True)
    search = models.CharField(max_length=300, blank=True)
    field = models.CharField(max_length=40, blank=True)
    expected = models.JSONField(null=True)
    """What the shop should show, in the shop's terms."""
    shown = models.JSONField(null=True)
    """What the shop shows."""
    detail = models.JSONField(default=dict)
    """Further facts: difference, percent, promised, who rules, problem, candidates."""

    tenant_path = "report__connection__client"

    class Meta:
        indexes = [
            models.Index(fields=["report", "section", "-weight", "id"], name="discrepancy_largest"),
            models.Index(fields=["report", "section", "facet", "-weight", "id"], name="discrepancy_of_facet"),
        ]
