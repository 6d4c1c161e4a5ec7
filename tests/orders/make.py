"""Orders to decide about, with plain defaults."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from integrator.canonical.orders import (
    Address,
    Buyer,
    Charge,
    ChargeKind,
    Delivery,
    Order,
    OrderLine,
    Payment,
    PaymentKind,
    Stage,
)
from syncjobs.orders.draft import Catalogue, DeliveryMap, Goods, OrderMap, PaymentMap, Vat
from syncjobs.orders.policy import Rules

NOW = datetime(2026, 11, 25, 10, tzinfo=UTC)
PERSON = Address(first_name="Łucja", last_name="Żak", street="Polna 3/4", postcode="00-001", city="Wólka", country="PL")
COMPANY = Address(company="Ogród Sp. z o.o.", tax_number="525-23-44-078", street="Leśna 1", city="Kórnik", country="PL")


def line(key: str = "1", product: str = "10", gross: str = "24.60", quantity: str = "2", **more: Any) -> OrderLine:
    values = {"code": f"KOD{product}", "name": f"Towar {product}", "tax": "23%", "percent": Decimal(23)} | more
    return OrderLine(key=key, product=product, quantity=Decimal(quantity), gross=Decimal(gross), **values)


def shipping(gross: str = "12.30", **more: Any) -> Charge:
    values = {"name": "Kurier", "tax": "23%", "percent": Decimal(23)} | more
    return Charge(kind=ChargeKind.SHIPPING, gross=Decimal(gross), **values)


def order(**more: Any) -> Order:
    lines = more.pop("lines", (line(),))
    charges = more.pop("charges", (shipping(),))
    total = sum((one.gross or Decimal(0) for one in (*lines, *charges)), Decimal(0))
    values: dict[str, Any] = {
        "key": "1001",
        "number": "1001",
        "placed_at": NOW - timedelta(hours=1),
        "state": "new",
        "stage": Stage.NEW,
        "total": total,
        "buyer": Buyer(email="lucja@example.com", billing=PERSON),
        "payment": Payment(type="cod", name="Za pobraniem", kind=PaymentKind.COD),
        "delivery": Delivery(method="courier", name="Kurier"),
    }
    return Order(lines=lines, charges=charges, **(values | more))


def rules(**more: Any) -> Rules:
    return Rules(**({"go_live": NOW - timedelta(days=30)} | more))


def mapping(**more: Any) -> OrderMap:
    values: dict[str, Any] = {
        "prefix": "SKLP",
        "warehouse": 1,
        "payments": {"cod": PaymentMap(form="pobranie", days=7)},
        "deliveries": {"courier": DeliveryMap(form=2, carrier=1)},
        "charges": {(ChargeKind.SHIPPING, "23"): "TRANSPORT"},
        "taxes": {"23%": Vat(code="23", percent=Decimal(23)), "8%": Vat(code="8", percent=Decimal(8))},
    }
    return OrderMap(**(values | more))


def catalogue(**more: Any) -> Catalogue:
    goods = {str(number): Goods(key=f"KOD{number}", unit="szt.") for number in range(10, 20)}
    return Catalogue(**({"by_shop_key": goods} | more))
