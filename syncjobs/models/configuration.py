"""Configurations that are kept: a firm's templates, and files on their way into a connection."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from integrator.accounts.models import Firm
from shops.models import ShopConnection


class ConfigurationTemplate(models.Model):
    """A configuration that a firm keeps under a name, for its other clients. It holds no secret."""

    firm = models.ForeignKey(Firm, on_delete=models.CASCADE, related_name="templates")
    name = models.CharField(_("name"), max_length=80)
    document = models.JSONField()
    """`syncjobs.configuration.document`."""
    platform = models.CharField(max_length=20, blank=True)
    """Of the shop that it was made from."""
    saved_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL)
    saved_at = models.DateTimeField(auto_now=True)

    tenant_path = "firm"

    class Meta:
        constraints = [models.UniqueConstraint(fields=["firm", "name"], name="template_name_in_firm")]
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class ConfigurationUpload(models.Model):
    """A file that somebody sent for one connection: kept while it is compared, for a day."""

    connection = models.ForeignKey(ShopConnection, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=100)
    document = models.JSONField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL)
    at = models.DateTimeField(auto_now_add=True)

    tenant_path = "connection__client"

    def __str__(self) -> str:
        return self.name
