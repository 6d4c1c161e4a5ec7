"""What an undo brought back and no run writes again by itself."""

from django.db import models

from shops.models import ShopConnection
from syncjobs.models.choices import KindName, Side
from syncjobs.models.links import Link
from syncjobs.models.runs import Run


class UndoHold(models.Model):
    """Held after an undo, until a person releases it: one field of a linked element (`link` and `field`), which no plan
    writes; or an element as such (no `field`), which is neither linked by a rule, nor created on the other side, nor
    hidden or deleted. Without it the next run would do again what was just undone."""

    connection = models.ForeignKey(ShopConnection, on_delete=models.CASCADE, related_name="undo_holds")
    kind = models.CharField(max_length=12, choices=KindName.choices)
    """Of a field: the kind whose step wrote it, so `price` and `stock` too."""
    side = models.CharField(max_length=4, choices=Side.choices)
    key = models.CharField(max_length=80)
    field = models.CharField(max_length=40, blank=True)
    link = models.ForeignKey(Link, null=True, blank=True, on_delete=models.CASCADE, related_name="undo_holds")
    code = models.CharField(max_length=80, blank=True)
    label = models.CharField(max_length=200, blank=True)
    run = models.ForeignKey(Run, null=True, on_delete=models.SET_NULL, related_name="undo_holds")
    """The undo that holds it."""
    at = models.DateTimeField(auto_now_add=True)

    tenant_path = "connection__client"

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["connection", "kind", "side", "key", "field"], name="undo_holds_once")
        ]
        indexes = [models.Index(fields=["connection", "id"], name="undo_hold_in_order")]

    def __str__(self) -> str:
        return f"{self.kind} {self.side} {self.key} {self.field}".strip()
