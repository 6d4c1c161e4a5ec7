"""What people and buyers leave behind: orders with their timelines, the record of decisions."""

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import msgspec

from integrator.accounts.models import AuditEntry, Client, Firm, User
from integrator.canonical.orders import (  # fmt: skip
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
from shops.models import ShopConnection
from syncjobs.demo.load.elements import Row
from syncjobs.demo.load.goods import code_of, mixed, name_of
from syncjobs.demo.load.writer import fill, next_id
from syncjobs.models import OrderEvent, OrderTerms, ShopOrder

ORDER = (
    "id",
    "connection_id",
    "shop_key",
    "shop_number",
    "erp_number",
    "buyer",
    "total",
    "state",
    "stage",
    "payment",
    "paid",
    "placed_at",
    "record",
    "status",
    "reasons",
    "to_decide",
    "erp_key",
    "erp_document",
    "seen_at",
    "read_at",
)
EVENT = ("order_id", "at", "side", "verb", "data")
ENTRY = ("firm_id", "client_id", "user_id", "verb", "subject", "data", "at")
SURNAMES = ("Żak", "Nowak", "Wiśniewska", "Zieliński", "Wójcik", "Mazur", "Łukasik", "Dąbrowska", "Kaczmarek", "Pawlak")
VERBS = ("link.add", "link.remove", "conflict.decide", "mark.add", "step.approve", "run.start", "options.change")
HELD = json.dumps([{"code": "setting_missing", "params": {"setting": "price_type"}}])


def orders(shop: ShopConnection, count: int, first: int, products: int, now: datetime) -> None:
    OrderTerms.objects.create(
        connection=shop, enabled=True, prefix="DOM", warehouse="1", go_live=now - timedelta(days=400)
    )
    start = next_id(ShopOrder)
    fill(ShopOrder, ORDER, (_order(shop, start + n, n, count, first, products, now) for n in range(count)))
    fill(OrderEvent, EVENT, _events(start, count, now))


def _order(shop: ShopConnection, pk: int, n: int, count: int, first: int, products: int, now: datetime) -> Row:
    placed = now - timedelta(minutes=(count - n) * 5)
    surname = SURNAMES[mixed(n) % len(SURNAMES)]
    number = first + mixed(n) % max(1, products)
    total = f"{50 + mixed(n) % 900}.00"
    line = OrderLine(
        key="1",
        product=str(number),
        code=code_of(number),
        name=name_of(number)[0],
        quantity=Decimal(1),
        gross=Decimal(total),
        tax="23%",
        percent=Decimal(23),
    )
    home = Address(
        first_name="Anna", last_name=surname, street="Polna 3", postcode="00-001", city="Wólka", country="PL"
    )
    made = Order(
        key=str(n),
        number=f"{10_000 + n}",
        placed_at=placed.astimezone(UTC),
        state="new",
        stage=Stage.NEW,
        total=Decimal(total),
        buyer=Buyer(email=f"{n}@buyers.example", billing=home),
        lines=(line,),
        payment=Payment(type="cod", name="Za pobraniem", kind=PaymentKind.COD),
        delivery=Delivery(method="courier", name="Kurier"),
        charges=(
            Charge(kind=ChargeKind.SHIPPING, gross=Decimal("12.30"), name="Kurier", tax="23%", percent=Decimal(23)),
        ),
    )
    lately = count - n
    status = "done" if lately > 400 else ("held", "waiting", "placed", "placed", "placed")[n % 5]
    there = status in ("done", "placed")
    erp = (str(n), f"ZO/{n}/2026") if there else ("", "")
    record = msgspec.json.encode(made).decode()
    told = (
        total,
        "new",
        "new",
        "Za pobraniem",
        False,
        placed,
        record,
        status,
        HELD if status == "held" else "[]",
        False,
    )
    return pk, shop.pk, str(n), f"{10_000 + n}", f"DOM-{n}", f"Anna {surname}", *told, *erp, placed, placed


def _events(start: int, count: int, now: datetime) -> Iterator[Row]:
    for n in range(count):
        at = now - timedelta(minutes=(count - n) * 5)
        for place, (side, verb) in enumerate(
            (("shop", "seen"), ("us", "intended"), ("erp", "placed"), ("shop", "told"))
        ):
            yield start + n, at + timedelta(minutes=place), side, verb, "{}"


def decisions(firm: Firm, clients: Sequence[Client], people: Sequence[User], count: int, now: datetime) -> None:
    """Most of them at the first client, as most of everything is."""

    def rows() -> Iterator[Row]:
        for n in range(count):
            client = clients[0] if n % 10 < 7 else clients[mixed(n) % len(clients)]
            user = people[mixed(n + 1) % len(people)]
            at = now - timedelta(minutes=2 * (count - n))
            verb = VERBS[mixed(n + 2) % len(VERBS)]
            yield firm.pk, client.pk, user.pk, verb, name_of(n)[0], "{}", at

    fill(AuditEntry, ENTRY, rows())
