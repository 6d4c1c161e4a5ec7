"""Who belongs to whom, what both looked like when they last agreed, and what waits for a person."""

from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from integrator.canonical.kinds import Kind
from shops.models import ShopConnection
from syncjobs.engine.evidence import strongest
from syncjobs.models.choices import KindName, LinkState, Mark, Origin, Side


class GroundField(models.CharField):
    """What a link rests on, kept beside its evidence so that lists filter by it. It is never set: whatever writes the
    link writes what its evidence says."""

    def pre_save(self, model_instance: Any, add: bool) -> str:
        found = strongest(Kind(model_instance.kind), model_instance.evidence)
        setattr(model_instance, self.attname, found)
        return found

    def deconstruct(self) -> Any:
        """In migrations it is a column like any."""
        name, _path, args, options = super().deconstruct()
        return name, "django.db.models.CharField", args, options


class Link(models.Model):
    """This ERP element is that shop element. For units, tax rates, producers and categories several ERP elements may
    lead to one shop element; exactly one of those is `primary`, the way back."""

    connection = models.ForeignKey(ShopConnection, on_delete=models.CASCADE, related_name="links")
    kind = models.CharField(max_length=12, choices=KindName.choices)
    erp_key = models.CharField(max_length=80)
    shop_key = models.CharField(max_length=80)
    image_owner = models.CharField(max_length=80, blank=True)
    """Products: where the shop keeps the pictures of this element."""
    primary = models.BooleanField(default=True)
    state = models.CharField(max_length=12, choices=LinkState.choices, default=LinkState.LINKED)
    origin = models.CharField(max_length=12, choices=Origin.choices)
    evidence = models.JSONField(default=dict)
    """What spoke for it: criterion, code, EAN, name on both sides, score."""
    ground = GroundField(max_length=12, null=True, editable=False)
    """`engine.evidence.strongest` of it. Null: written by a version that did not know this column."""
    evidence_gone = models.BooleanField(default=False)
    """Yellow: what spoke for it no longer does, or an element is gone (`syncjobs.evidence`)."""
    linked_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL)
    linked_at = models.DateTimeField(auto_now_add=True)

    tenant_path = "connection__client"

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["connection", "kind", "erp_key"], name="erp_element_linked_once"),
            models.UniqueConstraint(
                fields=["connection", "kind", "shop_key"],
                condition=models.Q(primary=True),
                name="shop_element_linked_once",
            ),
            models.CheckConstraint(
                condition=models.Q(primary=True) | models.Q(kind__in=["unit", "tax_rate", "producer", "category"]),
                name="many_to_one_only_for_reference_kinds",
            ),
        ]
        indexes = [
            models.Index(fields=["connection", "kind", "shop_key"]),
            models.Index(fields=["connection", "kind", "id"], name="link_in_order"),
            models.Index(fields=["connection", "kind", "image_owner"]),
            models.Index(fields=["connection", "kind", "origin", "id"]),
            models.Index(fields=["connection", "kind", "ground", "id"], name="link_by_ground"),
            models.Index(
                fields=["connection", "kind", "id"], condition=models.Q(evidence_gone=True), name="link_evidence_gone"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.erp_key} = {self.shop_key}"


class KindState(models.Model):
    """What both sides held of one kind of data of one link when they were last settled, and against which fingerprints
    it was last planned. Values stay in each side's own keys."""

    link = models.ForeignKey(Link, on_delete=models.CASCADE, related_name="states")
    connection = models.ForeignKey(ShopConnection, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=12, choices=KindName.choices)
    erp_seen = models.JSONField(default=dict)
    shop_seen = models.JSONField(default=dict)
    erp_fp = models.CharField(max_length=32, blank=True)
    shop_fp = models.CharField(max_length=32, blank=True)
    options_version = models.PositiveIntegerField(default=0)
    refs_version = models.PositiveIntegerField(default=0)
    open = models.BooleanField(default=True)
    """Something is left to do: plan it again even when both fingerprints stand."""
    drifted = models.JSONField(default=list)
    """Fields that a side keeps differently than it was sent."""

    tenant_path = "connection__client"

    class Meta:
        constraints = [models.UniqueConstraint(fields=["link", "kind"], name="one_state_per_kind")]
        indexes = [models.Index(fields=["connection", "kind", "open"])]


class Conflict(models.Model):
    """Both sides changed one field since they last agreed. Holds this field, not the element."""

    class Status(models.TextChoices):
        OPEN = "open"
        DECIDED = "decided"
        CLOSED = "closed"

    connection = models.ForeignKey(ShopConnection, on_delete=models.CASCADE, related_name="conflicts")
    link = models.ForeignKey(Link, on_delete=models.CASCADE, related_name="conflicts")
    kind = models.CharField(max_length=12, choices=KindName.choices)
    field = models.CharField(max_length=40)
    base_erp = models.JSONField(null=True)
    base_shop = models.JSONField(null=True)
    erp = models.JSONField(null=True)
    shop = models.JSONField(null=True)
    """The two values between which a person chooses; a decision is valid for exactly these."""
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.OPEN)
    version = models.PositiveIntegerField(default=1)
    """Grows whenever the values change: a decision made on an older screen is refused."""
    owner = models.CharField(max_length=8, blank=True)
    """The decision: `erp`, `shop`, `value` (typed) or `ignore`."""
    value = models.JSONField(null=True)
    lost = models.JSONField(null=True)
    """The value that was overruled."""
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL)
    decided_at = models.DateTimeField(null=True)
    opened_at = models.DateTimeField(auto_now_add=True)
    erp_at = models.DateTimeField(null=True)
    shop_at = models.DateTimeField(null=True)
    """When a fetch first brought the value of that side. No side tells when the field itself was edited."""
    rounds = models.PositiveIntegerField(default=0, db_default=0)
    """How often in a row something else had overwritten what we wrote, 0: a usual conflict (`engine.rivals`)."""
    ruled = models.CharField(max_length=8, blank=True)
    """Settled by a rule for the field: who ruled it before. Empty: decided by itself."""

    tenant_path = "connection__client"

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["link", "kind", "field"],
                condition=models.Q(status__in=["open", "decided"]),
                name="one_open_conflict_per_field",
            )
        ]
        indexes = [
            models.Index(fields=["connection", "status", "id"]),
            models.Index(fields=["connection", "kind", "field", "status", "id"], name="conflict_alike"),
            models.Index(
                fields=["connection", "-decided_at", "-id"],
                name="conflict_history",
                condition=models.Q(decided_at__isnull=False),
            ),
        ]


class ElementMark(models.Model):
    """A person's word about one element: ignore it, exclude it from the gate, freeze it."""

    connection = models.ForeignKey(ShopConnection, on_delete=models.CASCADE, related_name="marks")
    side = models.CharField(max_length=4, choices=Side.choices)
    kind = models.CharField(max_length=12, choices=KindName.choices)
    key = models.CharField(max_length=80)
    mark = models.CharField(max_length=10, choices=Mark.choices)
    reason = models.CharField(max_length=300, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL)
    at = models.DateTimeField(auto_now_add=True)

    tenant_path = "connection__client"

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["connection", "side", "kind", "key"], name="one_mark_per_element")
        ]


class Unlinked(models.Model):
    """An element without a partner, as the last linking of its kind left it. Derived: every linking writes it anew.

    ERP elements that the item filter of the connection leaves out are not here, nor are parents of variants.
    """

    class State(models.TextChoices):
        UNLINKED = "unlinked", _("unlinked")
        AMBIGUOUS = "ambiguous", _("ambiguous")
        IGNORED = "ignored", _("ignored")

    connection = models.ForeignKey(ShopConnection, on_delete=models.CASCADE, related_name="unlinked")
    kind = models.CharField(max_length=12, choices=KindName.choices)
    side = models.CharField(max_length=4, choices=Side.choices)
    key = models.CharField(max_length=80)
    state = models.CharField(max_length=10, choices=State.choices, default=State.UNLINKED)
    candidates = models.JSONField(default=list)
    """Ambiguous: keys on the other side that it could belong to."""
    code = models.CharField(max_length=80, blank=True)
    label = models.CharField(max_length=200, blank=True)
    ean = models.CharField(max_length=20, blank=True)
    search = models.CharField(max_length=300, blank=True)
    since = models.DateTimeField(auto_now_add=True)

    tenant_path = "connection__client"

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["connection", "side", "kind", "key"], name="unlinked_element_once")
        ]
        indexes = [
            models.Index(fields=["connection", "kind", "side", "state", "id"]),
            models.Index(fields=["connection", "kind", "side", "code"]),
            models.Index(fields=["connection", "kind", "side", "ean"]),
        ]
