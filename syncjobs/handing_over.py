"""What a step handed over to a person: the program's import file for items with prices, a work list for the rest."""

from collections.abc import Iterable
from decimal import Decimal

from django.utils import timezone

from integrator.canonical.errors import Rejected
from integrator.canonical.kinds import Kind
from integrator.canonical.records import Fields, Key, Price, TaxRate
from integrator.canonical.rounding import gross_of, net_of
from syncjobs import snapshots
from syncjobs.explain import explain
from syncjobs.fields import kind_label
from syncjobs.models import Change, Step
from syncjobs.models.choices import ChangeStatus
from syncjobs.outcomes import sent
from syncjobs.setup import Setup, setup_of
from wapro.handover import NewItem, NewPrice, Origin, WorkRow, import_file, item_of, unfit, work_list


def handed_over(step: Step) -> Iterable[Change]:
    return Change.objects.filter(step=step, status=ChangeStatus.HANDED_OVER).order_by("pk")


def import_document(step: Step) -> tuple[bytes, int]:
    """The import file and how many items are in it; what does not fit is on the work list with the reason."""
    setup = setup_of(step.connection)
    items = [item for _, item, _ in _sorted(setup, step) if item is not None]
    erp = setup.erp_connection
    origin = Origin(
        database=erp.database or erp.name,
        version=erp.facts.get("version", ""),
        warehouse=int(erp.leading_warehouse or 0),
        company=int(erp.facts.get("company", 1)),
        made_at=timezone.localtime(),
    )
    return import_file(items, origin), len(items)


def work_document(step: Step) -> bytes:
    """The work list: everything handed over that the import file cannot carry."""
    rows = [
        WorkRow(
            kind=kind_label(Kind(change.kind)), code=change.code, name=change.label, fields=sent(change), reason=reason
        )
        for change, item, reason in _sorted(setup_of(step.connection), step)
        if item is None
    ]
    return work_list(rows)


def _sorted(setup: Setup, step: Step) -> Iterable[tuple[Change, NewItem | None, str]]:
    """Each change with its item for the file, or with the reason why it is work for a person."""
    names = {str(kind): _labels(setup, kind) for kind in (Kind.UNIT, Kind.PRODUCER)}
    percents = _percents(setup)
    changes = list(handed_over(step))
    prices = snapshots.load(setup.connection, Kind.PRICE, [change.shop_key for change in changes])
    for change in changes:
        if change.kind != Kind.PRODUCT:
            yield change, None, ""
            continue
        fields = sent(change)
        price = snapshots.record_of(prices[change.shop_key]) if change.shop_key in prices else None
        try:
            item = item_of(fields, names, _prices(setup, fields, price, percents))
            misfit = unfit(item)
        except Rejected as error:
            yield change, None, explain(error.problem).sentence
            continue
        yield change, None if misfit else item, explain(misfit).sentence if misfit else ""


def _labels(setup: Setup, kind: Kind) -> dict[Key, str]:
    column = "code" if kind is Kind.UNIT else "label"
    return dict(snapshots.present(setup.erp_connection, kind).values_list("key", column))


def _percents(setup: Setup) -> dict[Key, Decimal]:
    rates = snapshots.present(setup.erp_connection, Kind.TAX_RATE)
    records = {item.key: snapshots.record_of(item) for item in rates}
    return {key: rate.percent or Decimal(0) for key, rate in records.items() if isinstance(rate, TaxRate)}


def _prices(setup: Setup, fields: Fields, price: object, percents: dict[Key, Decimal]) -> list[NewPrice]:
    """The shop's price in the price type this shop sells at; none where type, rate or price is unknown."""
    types = {row["key"]: row["name"] for row in setup.erp_connection.facts.get("price_types", [])}
    name, percent = types.get(setup.connection.price_type), percents.get(str(fields.get("tax_rate")))
    if not isinstance(price, Price) or name is None or percent is None:
        return []
    net, gross = _both(price.price, percent, setup.shop.price_basis)
    return [NewPrice(price_type=int(setup.connection.price_type), name=name, net=net, gross=gross)]


def _both(price: Decimal, percent: Decimal, basis: str) -> tuple[Decimal, Decimal]:
    if basis == "net":
        return price, gross_of(price, percent)
    return net_of(price, percent), price
