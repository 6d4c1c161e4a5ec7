"""How the demo's shops sell, and under which terms their orders go into WAPRO: what a person would have chosen on the
pages of settings and mappings."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils import timezone

from shops.models import ShopConnection
from syncjobs.demo.storefronts import PRESTASHOP, SHOPER, WOOCOMMERCE
from syncjobs.models import OrderTerms
from syncjobs.orders.draft import SPREAD
from wapro.models import WaproConnection
from wapro.sample.articles import MAIN
from wapro.sample.fixed import INTEGRATOR_USER_ID, RETAIL_CONTRACTOR_ID

COD, TRANSFER, ONLINE = "pobranie", "przelew", "płatność internetowa"
"""Forms of payment of the sample company."""
IN_PERSON, COURIER, LOCKER = 1, 2, 4
"""Its forms of delivery."""
_CHARGES = {
    "shipping|23": "USL001",
    "shipping|8": "USL002",
    "shipping|5": "USL003",
    "cod|23": "USL004",
    "packing|23": "USL005",
    **{f"discount|{code}": SPREAD for code in ("23", "8", "5", "0", "zw")},
}
_TAXES = {"23%": "23", "8%": "8", "5%": "5", "0%": "0", "zw": "zw", "zw.": "zw"}
_PERCENT = {"23": "23", "8": "8", "5": "5", "0": "0", "zw": "0"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Selling:
    """What one shop calls things, and what they are in WAPRO."""

    prefix: str
    payments: Mapping[str, str]
    deliveries: Mapping[str, int]
    states: Mapping[str, str]
    """Stage in WAPRO -> the shop's state."""


SELLING: Mapping[str, Selling] = {
    SHOPER: Selling(
        prefix="ZAGR",
        payments={"1": "gotówka", "2": COD, "3": TRANSFER, "4": ONLINE},
        deliveries={"1": IN_PERSON, "2": LOCKER, "3": COURIER},
        states={"open": "2", "sent": "7", "cancelled": "8"},
    ),
    WOOCOMMERCE: Selling(
        prefix="DOMI",
        payments={"cod": COD, "bacs": TRANSFER, "przelewy24": ONLINE},
        deliveries={"flat_rate:1": COURIER, "flat_rate:2": LOCKER, "local_pickup:3": IN_PERSON},
        states={"open": "processing", "sent": "completed", "cancelled": "cancelled"},
    ),
    PRESTASHOP: Selling(
        prefix="OGRO",
        payments={"ps_cashondelivery": COD, "ps_wirepayment": TRANSFER, "przelewy24": ONLINE},
        deliveries={"1": COURIER, "2": IN_PERSON, "3": LOCKER},
        states={"open": "3", "sent": "4", "cancelled": "6"},
    ),
}
"""By platform."""


def let_orders_in(erp: WaproConnection) -> None:
    """The company takes orders: in the name of a user of its own, private buyers as retail sales."""
    erp.write_orders = True
    erp.order_user, erp.retail_contractor = str(INTEGRATOR_USER_ID), str(RETAIL_CONTRACTOR_ID)
    erp.save(update_fields=["write_orders", "order_user", "retail_contractor"])


def ensure_terms(connection: ShopConnection) -> None:
    """Orders are taken from now on, and the shop is told what becomes of them. Terms that are there stay."""
    selling = SELLING[connection.platform]
    OrderTerms.objects.get_or_create(
        connection=connection,
        defaults={
            "enabled": True,
            "back_enabled": True,
            "interval_minutes": 1,
            "prefix": selling.prefix,
            "warehouse": str(MAIN),
            "go_live": timezone.now(),
            "payments": {key: {"form": form, "days": 0} for key, form in selling.payments.items()},
            "deliveries": {key: {"form": form, "carrier": None} for key, form in selling.deliveries.items()},
            "charges": _CHARGES,
            "taxes": {name: {"code": code, "percent": _PERCENT[code]} for name, code in _TAXES.items()},
            "back_states": dict(selling.states),
        },
    )
