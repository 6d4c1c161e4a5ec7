"""The connection of one shop of a client: access, settings, switches, health."""

from decimal import Decimal

from django.db import models
from django.utils.translation import gettext_lazy as _

from integrator.accounts.models import Client
from integrator.crypto import EncryptedJSONField
from integrator.leases import Leased


class ShopConnection(Leased):
    class Environment(models.TextChoices):
        TEST = "test", _("test")
        PRODUCTION = "production", _("production")

    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="shops")
    name = models.CharField(_("name"), max_length=80)
    platform = models.CharField(_("platform"), max_length=20)
    environment = models.CharField(
        _("environment"), max_length=12, choices=Environment.choices, default=Environment.TEST
    )
    address = models.URLField(_("shop address"), max_length=200)
    credentials = EncryptedJSONField(default=dict, blank=True)
    """As the platform's connector declares them. Never shown again once saved."""
    credentials_saved_at = models.DateTimeField(null=True, blank=True)
    token = EncryptedJSONField(default=dict, blank=True)
    """What a login gave: {"access_token", "expires_at"}; written by compare-and-swap on `token_version`."""
    token_version = models.PositiveIntegerField(default=0)
    throttle = models.JSONField(default=dict, blank=True)
    """Level of the rate limit when the last slice ended."""
    facts = models.JSONField(default=dict, blank=True, editable=False)
    """What the connector remembers of the shop: language, time zone, names of options."""

    is_leading = models.BooleanField(_("leading shop of this client"), default=False)
    """Only the leading shop may own or create ERP fields."""
    writes_enabled = models.BooleanField(_("writing switched on"), default=False)
    paused = models.BooleanField(_("paused"), default=False)

    price_type = models.CharField(_("price type"), max_length=20, blank=True)
    promotions = models.BooleanField(_("promotional prices"), default=True)
    warehouses = models.JSONField(_("warehouses summed"), default=list, blank=True)
    stock_formula = models.CharField(_("stock formula"), max_length=40, default="on_hand-in_edit-reserved")
    stock_buffer = models.DecimalField(_("safety buffer"), max_digits=12, decimal_places=3, default=Decimal(0))
    item_filter = models.JSONField(default=dict, blank=True)
    """Arguments of `engine.item_filter.ItemFilter`."""
    default_category = models.CharField(max_length=60, blank=True)
    """Shop key of the category for products whose own has no partner, empty: they wait."""
    settings = models.JSONField(default=dict, blank=True)
    """Further settings that the connector declares."""
    page_addresses = models.JSONField(null=True, blank=True, editable=False)
    """Templates of addresses of pages that people open, by what they show: `shops.page_addresses`."""
    learnt_at = models.DateTimeField(null=True, editable=False)
    """When the connector last asked the shop for what its capabilities depend on."""
    identity = models.JSONField(null=True, editable=False)
    """{"kept": what the shop said of itself when it was first reached (`Side.identity`), "found": the same when it last
    said something else}."""
    recognised_at = models.DateTimeField(null=True, editable=False)
    """When it was last seen to be the same shop."""
    settings_version = models.PositiveIntegerField(default=0, editable=False)
    """Grows with every change of what is sent, so that every element is planned anew."""
    limits = models.JSONField(default=dict, blank=True)
    """Overrides of `engine.guard.Limits`."""

    checks = models.JSONField(default=list, blank=True)
    checked_at = models.DateTimeField(null=True, blank=True)
    healthy = models.BooleanField(null=True)
    problem = models.JSONField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    tenant_path = "client"

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["client", "name"], name="shop_name_in_client"),
            models.UniqueConstraint(
                fields=["client"], condition=models.Q(is_leading=True), name="one_leading_shop_per_client"
            ),
        ]
        ordering = ["client", "name"]

    def __str__(self) -> str:
        return self.name


class LentPicture(models.Model):
    """Bytes that a shop is about to fetch from the panel (see `shops.publishing`)."""

    connection = models.ForeignKey(ShopConnection, on_delete=models.CASCADE, related_name="+")
    content = models.BinaryField()
    extension = models.CharField(max_length=5)
    expires_at = models.DateTimeField(db_index=True)

    tenant_path = "connection__client"

    def __str__(self) -> str:
        return f"picture {self.pk}"
