"""Options of the synchronisation of one kind, as the seed document names them."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from shops.models import ShopConnection
from syncjobs.models.choices import KindName


class SyncOptions(models.Model):
    connection = models.ForeignKey(ShopConnection, on_delete=models.CASCADE, related_name="options")
    kind = models.CharField(max_length=12, choices=KindName.choices)
    enabled = models.BooleanField(_("this flow runs by itself"), default=False)
    interval_minutes = models.PositiveIntegerField(_("every so many minutes"), default=60)
    quiet_from = models.TimeField(_("quiet from"), null=True, blank=True)
    quiet_to = models.TimeField(_("quiet to"), null=True, blank=True)
    next_at = models.DateTimeField(null=True, blank=True)

    fetch_all = models.BooleanField(_("detect changed and deleted (fetch everything)"), default=True)
    criterion = models.CharField(_("link by"), max_length=24)
    linked = models.CharField(_("properties of linked elements"), max_length=8, default="leave")
    """A preset of `engine.policy.Linked`; `owners` is what counts."""
    owners = models.JSONField(default=dict)
    """Field name -> `engine.policy.Owner`."""
    first_agreement = models.CharField(max_length=8, default="erp")
    erp_gone = models.CharField(max_length=12, default="deactivate")
    import_unlinked = models.BooleanField(_("import from the shop"), default=False)
    export_unlinked = models.BooleanField(_("export to the shop"), default=False)
    delete_unlinked = models.BooleanField(_("delete from the shop"), default=False)

    options_version = models.PositiveIntegerField(default=1)
    refs_version = models.PositiveIntegerField(default=1)
    """Grows when a link of a kind that this kind refers to changes."""
    approved_at = models.DateTimeField(null=True, blank=True)
    """First write of this kind was approved by a person."""
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL)

    tenant_path = "connection__client"

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["connection", "kind"], name="options_once_per_kind"),
            models.CheckConstraint(
                condition=~models.Q(import_unlinked=True, delete_unlinked=True),
                name="import_and_delete_exclude_each_other",
            ),
        ]

    def clean(self) -> None:
        if self.import_unlinked and self.delete_unlinked:
            raise ValidationError(_("Import from the shop and delete from the shop cannot both be on."))
