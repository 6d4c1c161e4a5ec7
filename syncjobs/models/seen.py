"""What each side looked like when it was last fetched."""

from django.db import models

from shops.models import ShopConnection
from syncjobs.models.choices import KindName, Side, Status
from wapro.models import WaproConnection

ONE_SOURCE = models.Q(erp__isnull=True, shop__isnull=False) | models.Q(erp__isnull=False, shop__isnull=True)


class Source(models.Model):
    """Base of rows that belong to one side: an ERP connection or a shop connection."""

    erp = models.ForeignKey(WaproConnection, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    shop = models.ForeignKey(ShopConnection, null=True, blank=True, on_delete=models.CASCADE, related_name="+")

    class Meta:
        abstract = True

    @property
    def side(self) -> Side:
        return Side.ERP if self.erp_id is not None else Side.SHOP


class Fetch(Source):
    """One fetch of one kind from one side, page by page; any worker goes on from `cursor`."""

    kind = models.CharField(max_length=12, choices=KindName.choices)
    delivers = models.JSONField(default=list)
    """All kinds this fetch brings in, `kind` included."""
    since = models.DateTimeField(null=True)
    """Null: everything, unless there are `keys`."""
    keys = models.JSONField(null=True)
    """Not null: only these elements were read, because something hinted at them. Such a fetch says nothing about the
    rest of its kind."""
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.QUEUED)
    cursor = models.TextField(null=True)
    pages = models.PositiveIntegerField(default=0)
    received = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0)
    issues = models.PositiveIntegerField(default=0)
    requests = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(null=True)
    """Rows of `kind` as the side reported them with the first page."""
    totals_agree = models.BooleanField(default=True)
    key_hidden = models.BooleanField(default=False)
    """A broken record hid its key: nothing may count as missing in this fetch."""
    problem = models.JSONField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    tenant_path = "shop__client|erp__client"

    class Meta:
        constraints = [models.CheckConstraint(condition=ONE_SOURCE, name="fetch_of_one_source")]
        indexes = [models.Index(fields=["erp", "kind", "-id"]), models.Index(fields=["shop", "kind", "-id"])]

    @property
    def full(self) -> bool:
        return self.since is None and self.keys is None


class FetchedPage(models.Model):
    """Receipt of one page: which keys came, by kind. Rows seen unchanged are not touched: this is what proves them."""

    fetch = models.ForeignKey(Fetch, on_delete=models.CASCADE, related_name="receipts")
    number = models.PositiveIntegerField()
    keys = models.JSONField()
    digest = models.CharField(max_length=32, blank=True)
    """What the records of the page were made from: the side's own digest, where it began, and our code."""
    kept = models.CharField(max_length=32, blank=True)
    """Fingerprints of the page's elements. A later page with the same digest, while the snapshot still holds just these
    fingerprints, holds nothing new: its records need not be made."""

    tenant_path = "fetch__shop__client|fetch__erp__client"

    class Meta:
        constraints = [models.UniqueConstraint(fields=["fetch", "number"], name="one_receipt_per_page")]


class ElementIssue(models.Model):
    """An element that could not be read in a fetch. An error of step a)."""

    fetch = models.ForeignKey(Fetch, on_delete=models.CASCADE, related_name="unreadable")
    kind = models.CharField(max_length=12, choices=KindName.choices)
    key = models.CharField(max_length=80, blank=True)
    label = models.CharField(max_length=200, blank=True)
    problem = models.JSONField()
    excerpt = models.TextField(blank=True)
    excluded = models.BooleanField(default=False)
    """A person excluded the element by name, with a reason: it does not close the gate."""

    tenant_path = "fetch__shop__client|fetch__erp__client"


class SnapshotItem(Source):
    """One element as one side showed it last."""

    kind = models.CharField(max_length=12, choices=KindName.choices)
    key = models.CharField(max_length=80)
    fingerprint = models.CharField(max_length=32)
    record = models.JSONField()
    """`canonical.records.to_json`."""
    code = models.CharField(max_length=80, blank=True)
    """Images: the digest of the content."""
    label = models.CharField(max_length=200, blank=True)
    ean = models.CharField(max_length=20, blank=True)
    search = models.CharField(max_length=300, blank=True)
    """Folded code, name and EAN."""
    owner = models.CharField(max_length=80, blank=True)
    """Images: key of the product (ERP) or the image owner (shop). Variants: key of the parent."""
    missed = models.PositiveSmallIntegerField(default=0)
    """Complete fetches in a row that did not hold it; at two it is gone."""
    updated_at = models.DateTimeField(auto_now=True)

    tenant_path = "shop__client|erp__client"

    class Meta:
        constraints = [
            models.CheckConstraint(condition=ONE_SOURCE, name="item_of_one_source"),
            # No condition on these: rows of the other source hold NULL here, and only a plain constraint can be the
            # target of an upsert.
            models.UniqueConstraint(fields=["erp", "kind", "key"], name="erp_item_once"),
            models.UniqueConstraint(fields=["shop", "kind", "key"], name="shop_item_once"),
        ]
        indexes = [
            models.Index(fields=["shop", "kind", "owner"]),
            models.Index(fields=["erp", "kind", "owner"]),
            models.Index(fields=["shop", "kind", "code"]),
            models.Index(fields=["erp", "kind", "code"]),
            models.Index(fields=["shop", "kind", "ean"], condition=~models.Q(ean=""), name="shop_item_by_ean"),
            models.Index(fields=["erp", "kind", "ean"], condition=~models.Q(ean=""), name="erp_item_by_ean"),
            models.Index(fields=["updated_at"], condition=models.Q(missed__gte=2), name="item_gone"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.code or self.key} {self.label}"
