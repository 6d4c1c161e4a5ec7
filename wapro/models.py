"""The ERP connection of a client: how its WAPRO Mag database is reached and read."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from integrator.accounts.models import Client
from integrator.crypto import EncryptedJSONField
from integrator.leases import Leased


class WaproConnection(Leased):
    class Engine(models.TextChoices):
        SQLSERVER = "sqlserver", _("SQL Server")
        SAMPLE = "sample", _("sample company")

    class Encryption(models.TextChoices):
        VERIFY = "verify", _("encrypted, certificate checked")
        TRUST = "trust", _("encrypted, any certificate")
        OFF = "off", _("not encrypted")

    class IdentityKey(models.TextChoices):
        INDEX = "index", _("catalogue index")
        GUID = "guid", _("GUID of the card")
        ID = "id", _("id of the card (one warehouse only)")

    class Environment(models.TextChoices):
        TEST = "test", _("test")
        PRODUCTION = "production", _("production")

    client = models.OneToOneField(Client, on_delete=models.CASCADE, related_name="erp")
    name = models.CharField(_("name"), max_length=80, default="WAPRO Mag")
    environment = models.CharField(
        _("environment"), max_length=12, choices=Environment.choices, default=Environment.TEST
    )
    engine = models.CharField(max_length=12, choices=Engine.choices, default=Engine.SQLSERVER)
    server = models.CharField(_("server"), max_length=200, blank=True)
    """`host`, `host,port` or `host\\instance`; the path of the SQLite file of a sample company."""
    database = models.CharField(_("database"), max_length=128, blank=True, default="WAPRO")
    credentials = EncryptedJSONField(default=dict, blank=True)
    """read_user, read_password, write_user, write_password. Never shown again once saved."""
    credentials_saved_at = models.DateTimeField(null=True, blank=True)
    encryption = models.CharField(_("encryption"), max_length=8, choices=Encryption.choices, default=Encryption.VERIFY)
    identity_key = models.CharField(
        _("identity key"), max_length=8, choices=IdentityKey.choices, default=IdentityKey.INDEX
    )
    leading_warehouse = models.CharField(_("leading warehouse"), max_length=20, blank=True)
    """ID_MAGAZYNU whose card supplies texts, price, VAT and category."""
    group_rule = models.CharField(_("grouping of variants"), max_length=20, blank=True)
    """Empty, a free field (`POLE1`..`POLE10`) with the group's code, or `prefix:-` (index up to the separator)."""
    option_fields = models.JSONField(default=list, blank=True)
    """What tells variants apart: [{"field": "POLE2", "name": "Kolor"}]."""
    snapshot_max_age = models.PositiveIntegerField(_("ERP snapshot may be this old, seconds"), default=300)

    write_cards = models.BooleanField(_("write plain card fields"), default=False)
    write_import_files = models.BooleanField(_("hand new elements over by import file and work list"), default=False)
    create_directly = models.BooleanField(_("create cards and units directly (experimental)"), default=False)
    experimental_tested_on = models.DateField(_("tested on a copy on"), null=True, blank=True)
    write_orders = models.BooleanField(_("write orders"), default=False)
    order_user = models.CharField(_("WAPRO user that orders are written as"), max_length=20, blank=True)
    """UZYTKOWNIK.ID_UZYTKOWNIKA of a real user: a made-up one leaves documents that nobody can open."""
    create_contractors = models.BooleanField(_("create contractors (experimental)"), default=False)
    retail_contractor = models.CharField(_("contractor of retail sales"), max_length=20, blank=True)
    """ID_KONTRAHENTA, as is the next."""
    one_off_contractor = models.CharField(_("one-off contractor"), max_length=20, blank=True)
    tracking_field = models.CharField(_("column of the tracking number"), max_length=30, default="NUMER_PRZESYLKI")
    """NUMER_PRZESYLKI or one of POLE1..POLE10 of the order."""
    licence_confirmed_on = models.DateField(_("licence confirmed on"), null=True, blank=True)
    licence_confirmed_by = models.CharField(max_length=150, blank=True)

    database_id = models.CharField(max_length=40, blank=True)
    """WAPRODB.WAPRODB_ID seen at the first successful test: another one means another (or restored) database."""
    highest = models.JSONField(null=True, editable=False)
    """Table -> highest key seen in it: several that went back are a database restored from a backup."""
    facts = models.JSONField(default=dict, blank=True, editable=False)
    """`wapro.facts.Facts` as the last successful test found them."""
    checks = models.JSONField(default=list, blank=True)
    checked_at = models.DateTimeField(null=True, blank=True)
    healthy = models.BooleanField(null=True)
    problem = models.JSONField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    tenant_path = "client"

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(create_directly=False) | models.Q(experimental_tested_on__isnull=False),
                name="experimental_needs_a_dated_test",
            ),
            models.CheckConstraint(
                condition=models.Q(create_contractors=False) | models.Q(experimental_tested_on__isnull=False),
                name="new_contractors_need_a_dated_test",
            ),
        ]

    def __str__(self) -> str:
        return self.name
