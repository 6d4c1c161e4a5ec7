"""What the mapping page of orders offers: the dictionaries of WAPRO that an order points to."""

from collections.abc import Iterator
from dataclasses import dataclass

from wapro.cards import full_name
from wapro.dictionaries import Units
from wapro.orders.draft import SERVICE, ErpWords, PaymentForm, ServiceCard, VatCode, Word
from wapro.orders.ground import Ground
from wapro.orders.tables import DeliveryFormRow, PaymentFormRow, StatusRow
from wapro.tables import Article, ProgramUser, VatRate, Warehouse


def words(ground: Ground) -> ErpWords:
    """Eight short queries."""
    alias = ground.alias
    payments = PaymentFormRow.objects.using(alias).order_by("id")
    deliveries = DeliveryFormRow.objects.using(alias).order_by("id")
    rates = VatRate.objects.using(alias).order_by("code")
    users = ProgramUser.objects.using(alias).order_by("id")
    statuses = StatusRow.objects.using(alias).order_by("id")
    houses = Warehouse.objects.using(alias).order_by("id")
    return ErpWords(
        payment_forms=tuple(
            PaymentForm(key=row.name, name=_line(row.name), active=row.active != 0, days=row.days or 0)
            for row in payments
        ),
        delivery_forms=tuple(Word(key=str(row.id), name=_line(row.name)) for row in deliveries),
        carriers=tuple(Word(key=str(pk), name=_line(name)) for pk, (name, _) in sorted(ground.carriers.items())),
        service_cards=tuple(services(ground)),
        vat_codes=tuple(
            VatCode(key=row.code, name=_line(row.name), percent=row.percent, active=row.active != 0) for row in rates
        ),
        users=tuple(Word(key=str(row.id), name=_line(row.name), active=not row.archived) for row in users),
        statuses=tuple(Word(key=row.code or "", name=_line(row.name), active=row.active != 0) for row in statuses),
        warehouses=tuple(Word(key=str(row.id), name=_line(f"{row.symbol} {row.name}")) for row in houses),
    )


def _line(text: str | None) -> str:
    return " ".join((text or "").split())


@dataclass(slots=True)
class _Service:
    id: int
    warehouse: int
    index: str
    guid: str | None
    name: str
    name2: str | None
    name_full: str | None
    weight: None
    weight_unit: None
    sale_vat: str | None
    unit: int | None
    sale_unit: int | None
    blocked: int | None
    state: int | None


_SERVICE = (
    "id", "warehouse", "index", "guid", "name", "name2", "name_full", "weight", "weight_unit", "sale_vat", "unit",
    "sale_unit", "blocked", "state",
)  # fmt: skip


def services(ground: Ground) -> Iterator[ServiceCard]:
    """Services by identity key; the card of the leading warehouse names it. Only they may stand for charges: an item of
    goods would be reserved and issued."""
    source = Article.objects.using(ground.alias).filter(kind=SERVICE)
    rows = [_Service(*row) for row in source.order_by("index", "warehouse", "id").values_list(*_SERVICE)]
    units = Units(ground.alias)
    units.prepare(rows, source)
    for group in ground.identity.groups(rows):
        lead = group[0]
        unit = units.row(units.sold_in(lead))
        usable = [card.warehouse for card in group if not card.blocked and not card.state]
        yield ServiceCard(
            key=ground.identity.key(lead),
            name=full_name(lead),
            active=bool(usable),
            vat_code=(lead.sale_vat or "").strip(),
            unit=unit.symbol.strip() if unit else "",
            warehouses=tuple(sorted(usable)),
        )
