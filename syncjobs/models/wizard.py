"""What a person answered while setting a shop connection up, as far as no option of the synchronisation holds it."""

from typing import Any

from django.conf import settings
from django.db import models

from shops.models import ShopConnection


class ShopSetup(models.Model):
    connection = models.OneToOneField(ShopConnection, on_delete=models.CASCADE, related_name="wizard")
    answers = models.JSONField(default=dict)
    """{"scope": [flows], "access": {...}, "process": {...}, "parties": {...}}."""
    done = models.JSONField(default=dict)
    """Part of the wizard -> when it was last saved."""
    opened = models.JSONField(default=list)
    """Stages that a person has opened, in the order they were."""
    trial = models.JSONField(null=True)
    """{"run", "products": [keys], "before": {key: {"erp", "shop"}}}."""
    updated_at = models.DateTimeField(auto_now=True)
    updated_by: Any = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )

    tenant_path = "connection__client"

    def __str__(self) -> str:
        return f"set-up of {self.connection_id}"
