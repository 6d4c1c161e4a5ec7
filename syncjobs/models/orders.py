"""Orders of a shop connection: the terms they are taken under, each with its way, and what was promised by them."""

from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from shops.models import ShopConnection


class OrderTerms(models.Model):
    """How orders of one connection are taken: what a person chose, and what the shop was seen to use. The engine's own
    shapes are made from it in `syncjobs.orders.terms`."""

    connection = models.OneToOneField(ShopConnection, on_delete=models.CASCADE, related_name="order_terms")
    enabled = models.BooleanField(_("orders go into WAPRO"), default=False)
    back_enabled = models.BooleanField(_("the shop is told what became of them"), default=False)
    interval_minutes = models.PositiveSmallIntegerField(_("look for new orders every (minutes)"), default=1)
    next_at = models.DateTimeField(null=True, blank=True)
    quiet_from = models.TimeField(_("quiet from"), null=True, blank=True)
    quiet_to = models.TimeField(_("quiet to"), null=True, blank=True)
    let_go_at = models.DateTimeField(null=True, blank=True, editable=False)
    """When a person last let orders go on beyond the limit of the day: from here on it counts anew."""
    rests = models.JSONField(default=dict, blank=True)
    """When parts of the way back are told: {"shipments": {"interval": minutes, "quiet": ["22:00", "06:00"],
    "next_at": time, "off": true}}, see `syncjobs.orders.resting`."""
    prefix = models.CharField(_("prefix of order numbers"), max_length=4, blank=True)
    """Unique in a WAPRO database and frozen by the first order: it is part of what makes an order found again."""
    warehouse = models.CharField(_("warehouse of the orders"), max_length=20, blank=True)
    reserve = models.BooleanField(_("reserve the goods"), default=True)
    go_live = models.DateTimeField(_("go-live"), null=True, blank=True)
    look_back_days = models.PositiveSmallIntegerField(_("look back (days)"), default=14)
    payment_days = models.PositiveSmallIntegerField(_("await a payment for (days)"), default=7)
    when_unpaid = models.CharField(_("after that"), max_length=8, default="alert")
    again = models.CharField(_("import again"), max_length=12, default="no")
    private = models.CharField(_("private buyers"), max_length=8, default="retail")

    choices = models.JSONField(default=dict, blank=True)
    """{"payment type|state": choice}"""
    payment_kinds = models.JSONField(default=dict, blank=True)
    stages = models.JSONField(default=dict, blank=True)
    payments = models.JSONField(default=dict, blank=True)
    """Payment type of the shop -> {"form": name in WAPRO, "days": n}."""
    deliveries = models.JSONField(default=dict, blank=True)
    """Delivery method -> {"form": id or null, "carrier": id or null}."""
    charges = models.JSONField(default=dict, blank=True)
    """{"shipping|23": service card}, `*` spreads a discount over the lines."""
    taxes = models.JSONField(default=dict, blank=True)
    """The shop's name of a rate -> {"code": WAPRO's, "percent": "23"}."""
    rates = models.JSONField(default=dict, blank=True)
    """Currency -> {"value": "4.2815", "day": "2026-11-24"}."""
    documents = models.JSONField(default=list, blank=True)
    """Rules of the document form in order, empty: the usual ones."""
    back_states = models.JSONField(default=dict, blank=True)
    """Stage in WAPRO -> the shop's state."""
    tell_tracking = models.BooleanField(_("tracking numbers"), default=True)
    tell_payments = models.BooleanField(_("payments"), default=False)
    tell_documents = models.BooleanField(_("numbers of documents"), default=True)
    notify = models.BooleanField(_("the shop writes to the buyer"), default=False)

    words = models.JSONField(default=dict, blank=True, editable=False)
    """What the shop calls its states, payments and deliveries: {"states": [...], "payments": [...], ...}."""
    seen = models.JSONField(default=dict, blank=True, editable=False)
    """What recent orders really used: {"payments": {key: {"name", "count"}}, "deliveries", "taxes", "charges", ...}."""
    erp_words = models.JSONField(default=dict, blank=True, editable=False)
    """`wapro.orders.draft.ErpWords` as they were last read: what mappings may point to."""
    erp_words_at = models.DateTimeField(null=True, blank=True, editable=False)
    anonymised_at = models.DateTimeField(null=True, blank=True, editable=False)
    """When WAPRO was last asked whose personal data it took away: `orders.forgetting`."""
    since = models.DateTimeField(null=True, blank=True, editable=False)
    """Orders changed up to here were seen."""
    cursor = models.CharField(max_length=400, blank=True, editable=False)
    fetch_began_at = models.DateTimeField(null=True, blank=True, editable=False)
    words_at = models.DateTimeField(null=True, blank=True, editable=False)
    attempts = models.PositiveSmallIntegerField(default=0, editable=False)
    not_before = models.DateTimeField(null=True, blank=True, editable=False)
    problem = models.JSONField(null=True, blank=True, editable=False)
    """Why all of them wait: of the shop's side. The next are of WAPRO's, which waits by itself."""
    erp_attempts = models.PositiveSmallIntegerField(default=0, editable=False)
    erp_not_before = models.DateTimeField(null=True, blank=True, editable=False)
    erp_problem = models.JSONField(null=True, blank=True, editable=False)

    tenant_path = "connection__client"

    @property
    def trouble(self) -> dict[str, Any] | None:
        """Why all of them wait, on the shop's side or on WAPRO's."""
        return self.problem or self.erp_problem

    def __str__(self) -> str:
        return f"orders of {self.connection_id}"


class ShopOrder(models.Model):
    """One order of a shop on its way. The intent is stored before WAPRO is called, the result at once after."""

    class Status(models.TextChoices):
        WAITING = "waiting", _("waits")
        """For a payment, a state, a day: by itself."""
        HELD = "held", _("held")
        """For a person: `reasons` say what to mend."""
        INTENDED = "intended", _("goes into WAPRO")
        PLACED = "placed", _("in WAPRO")
        CANCELLING = "cancelling", _("being cancelled")
        CANCELLED = "cancelled", pgettext_lazy("order", "cancelled")
        IGNORED = "ignored", _("left alone")
        DONE = "done", _("finished")

    connection = models.ForeignKey(ShopConnection, on_delete=models.CASCADE, related_name="orders")
    shop_key = models.CharField(max_length=64)
    shop_number = models.CharField(max_length=64, blank=True)
    erp_number = models.CharField(max_length=30, blank=True)
    """NR_ZAMOWIENIA_KLIENTA: prefix and the shop's id."""
    buyer = models.CharField(max_length=200, blank=True)
    total = models.DecimalField(max_digits=14, decimal_places=2, default=Decimal(0))
    currency = models.CharField(max_length=3, default="PLN")
    state = models.CharField(max_length=64, blank=True)
    """As the shop keys it."""
    stage = models.CharField(max_length=20, blank=True)
    payment = models.CharField(max_length=100, blank=True)
    paid = models.BooleanField(default=False)
    placed_at = models.DateTimeField()
    changed_at = models.DateTimeField(null=True)
    record = models.JSONField(default=dict)
    """`integrator.canonical.orders.Order` as it was last read."""
    digest = models.CharField(max_length=32, blank=True)
    """Of what an import depends on, as it was last read."""
    mark = models.CharField(max_length=40, blank=True, editable=False)
    """What the shop's list shows of it, as it was last fetched: `integrator.canonical.orders.Seen`."""

    status = models.CharField(max_length=12, choices=Status.choices, default=Status.WAITING)
    reasons = models.JSONField(default=list)
    """Why it waits or is held, as problems."""
    to_decide = models.BooleanField(default=True)
    """New, changed, or the terms changed: what happens to it is decided anew."""
    version = models.PositiveIntegerField(default=0)
    """Grows with every act of a person on the order or the terms: a worker that read the row before gives way."""
    alert = models.BooleanField(default=False)
    to_document = models.BooleanField(default=False)
    """Its sale document is wanted, and WAPRO shows none yet."""
    overruled = models.JSONField(null=True)
    """A person's *import anyway*: {"by", "at", "reason"}; with `leave`: it is left alone whatever changes."""
    contractor = models.CharField(max_length=20, blank=True)
    draft = models.JSONField(null=True)
    """What is written into WAPRO, stored before it is: {"order", "create", "one_off", "content"}."""
    placing_began_at = models.DateTimeField(null=True)
    """When WAPRO was first asked to take it: from then on it may be there, whatever we know of it."""
    proof = models.JSONField(null=True)
    imported = models.JSONField(null=True)
    """`content` of the order as it was imported."""
    edited = models.JSONField(default=list)
    """How it differs now from what was imported."""
    erp_key = models.CharField(max_length=20, blank=True)
    erp_document = models.CharField(max_length=30, blank=True)
    """NUMER of the order in WAPRO."""
    progress = models.JSONField(default=dict)
    told = models.JSONField(default=dict)
    """What the shop was told: {"documents": {number: number of KSeF}}; `refused`, the update that it did not take, and
    `trouble`, why, and whether that alone made it a matter for a person."""
    untold = models.JSONField(null=True)
    """An update under way, stored before it is sent."""
    attempts = models.PositiveSmallIntegerField(default=0)
    not_before = models.DateTimeField(null=True)
    seen_at = models.DateTimeField(auto_now_add=True)
    read_at = models.DateTimeField()
    placed_in_erp_at = models.DateTimeField(null=True)
    checked_at = models.DateTimeField(null=True)
    """When WAPRO was last asked about it."""
    realised_at = models.DateTimeField(null=True)
    """When it was first seen to be realised as a whole."""
    done_at = models.DateTimeField(null=True)
    forgotten_at = models.DateTimeField(null=True)
    """When the buyer's personal data were taken away here: `orders.forgetting`. They are not kept again."""

    tenant_path = "connection__client"

    class Meta:
        constraints = [models.UniqueConstraint(fields=["connection", "shop_key"], name="order_once_per_shop")]
        indexes = [
            models.Index(fields=["connection", "status", "id"]),
            models.Index(fields=["connection", "-placed_at"]),
            models.Index(fields=["connection", "seen_at"], name="order_first_seen"),
            models.Index(fields=["connection", "to_decide", "id"]),
            models.Index(fields=["connection", "checked_at"]),
            models.Index(
                fields=["connection", "seen_at"],
                condition=models.Q(status="held") | models.Q(alert=True),
                name="order_needs_a_look",
            ),
            models.Index(
                fields=["connection", "seen_at"], condition=models.Q(to_document=True), name="order_to_document"
            ),
            models.Index(fields=["done_at"], condition=models.Q(forgotten_at__isnull=True), name="order_of_somebody"),
        ]

    def __str__(self) -> str:
        return self.shop_number or self.shop_key

    @property
    def in_erp(self) -> bool:
        return bool(self.erp_key)

    @property
    def left_alone(self) -> bool:
        """A person said so, whatever the shop or the buyer changes later."""
        return bool(self.overruled and self.overruled.get("leave"))

    @property
    def may_be_in_erp(self) -> bool:
        """It is in WAPRO, or it was sent and the answer is not known."""
        return self.in_erp or self.placing_began_at is not None

    @property
    def deleted_there(self) -> bool:
        """It was in WAPRO, and somebody deleted it there."""
        return self.imported is not None and not self.erp_key


NEEDS_A_LOOK = models.Q(status=ShopOrder.Status.HELD) | models.Q(alert=True)
"""Orders that go no further before a person has looked."""
WANTS_DOCUMENT = models.Q(to_document=True)
"""Orders whose sale document somebody is to make in WAPRO."""


class OrderEvent(models.Model):
    """One thing that happened to an order, for its timeline."""

    class Side(models.TextChoices):
        SHOP = "shop", _("shop")
        ERP = "erp", _("WAPRO")
        PERSON = "person", _("person")
        US = "us", _("Integrator")

    order = models.ForeignKey(ShopOrder, on_delete=models.CASCADE, related_name="events")
    at = models.DateTimeField()
    side = models.CharField(max_length=8, choices=Side.choices)
    verb = models.CharField(max_length=24)
    data = models.JSONField(default=dict)
    """Parameters of the sentence, and `exchange` with the exact call where there was one."""
    user = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")

    tenant_path = "order__connection__client"

    class Meta:
        ordering = ["at", "id"]


class OrderPromise(models.Model):
    """Goods of one order that no shop of the client may sell again, in stock units: `syncjobs.orders.availability`."""

    order = models.ForeignKey(ShopOrder, on_delete=models.CASCADE, related_name="promises")
    erp: Any = models.ForeignKey("wapro.WaproConnection", on_delete=models.CASCADE, related_name="promises")
    product = models.CharField(max_length=120)
    """The ERP's key of the product."""
    quantity = models.DecimalField(max_digits=16, decimal_places=6)
    reserved = models.DecimalField(max_digits=16, decimal_places=6, default=Decimal(0))
    issued = models.DecimalField(max_digits=16, decimal_places=6, default=Decimal(0))
    """What WAPRO reserved and issued of it, as last read back."""
    covered_at = models.DateTimeField(null=True)
    """When that was read: a stock read before does not show it yet."""
    earlier = models.JSONField(default=list)
    """What was read before that, oldest first: [[time, reserved, issued], ...]."""
    ended_at = models.DateTimeField(null=True)
    let_go = models.BooleanField(default=False)
    """Ended because the order is over, not because WAPRO holds the goods."""
    created_at = models.DateTimeField(auto_now_add=True)

    tenant_path = "order__connection__client"

    class Meta:
        constraints = [models.UniqueConstraint(fields=["order", "product"], name="promise_once")]
        indexes = [models.Index(fields=["erp", "ended_at", "product"])]


class DueOffer(models.Model):
    """A product whose offer in a shop is to be written at once, because a promise began or was let go:
    `syncjobs.orders.at_once`. There may be several of one product: each is taken away by whoever saw its promise."""

    connection = models.ForeignKey(ShopConnection, on_delete=models.CASCADE, related_name="+")
    product = models.CharField(max_length=120)
    """The ERP's key of the product."""
    since = models.DateTimeField(auto_now_add=True)
    not_before = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)

    tenant_path = "connection__client"

    class Meta:
        indexes = [models.Index(fields=["connection", "id"])]
