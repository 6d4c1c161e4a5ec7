"""What became of orders: some eight queries for up to 200 of them, whatever their lines and documents."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any, Literal

from django.db.models import Q

from integrator.canonical.records import Key
from wapro.clarion import from_day
from wapro.dictionaries import NONE
from wapro.orders.draft import Progress, ProgressLine, WaproDocument
from wapro.orders.ground import Ground
from wapro.orders.tables import (
    TRACKING_FIELDS,
    DocumentLine,
    LedgerEntry,
    OrderHeader,
    OrderLine,
    TradeDocument,
    TradeType,
    WarehouseDocument,
)

ORDERS_A_READ = 200
_IDS_A_QUERY = 1000
_SEPARATORS = re.compile(r"[;,|\r\n]+")
_SAVED = Q(flag__isnull=True) | Q(flag=0)
_REGISTERED = Q(registration__isnull=True) | Q(registration=0)
_KSEF = {"KSEF_ID": "ksef_number", "KSEF_STATUS_OPIS": "ksef_status"}
_HEADER = (
    "id", "number", "client_number", "contractor", "flag", "state", "status", "currency", "net", "gross",
    "net_in_currency", "gross_in_currency", "carrier", "advance",
)  # fmt: skip
_TRADE = ("id", "type", "number", "day", "gross", "paid", "left", "settled", "correction", "receipt_number")


def read(ground: Ground, keys: Sequence[Key]) -> list[Progress]:
    """Of every key in the order given; one that WAPRO does not have (deletes are physical) is told as gone."""
    found: dict[int, Progress] = {}
    wanted = dict.fromkeys(number for number in map(_number, keys) if number)
    for some in _batched(wanted, ORDERS_A_READ):
        found |= {int(one.key): one for one in _read(ground, some)}
    return [found.get(_number(one), Progress(key=one, gone=True)) for one in keys]


def _number(key: Key) -> int:
    """0, which no order has, for a key that cannot be one."""
    return int(key) if key.isascii() and key.isdigit() else 0


def find(ground: Ground, number: str) -> tuple[Key, ...]:
    """Keys of the orders from customers under this client number, in every warehouse; finished or not."""
    rows = OrderHeader.objects.using(ground.alias).filter(client_number=number, kind=1).order_by("id")
    return tuple(str(pk) for pk in rows.values_list("id", flat=True))


def left_behind(ground: Ground, user: int) -> list[Progress]:
    """Orders of this user that were begun and never approved: what an interrupted program leaves."""
    rows = OrderHeader.objects.using(ground.alias).filter(flag=1, user=user).order_by("id")
    return list(_read(ground, list(rows.values_list("id", flat=True)[:ORDERS_A_READ])))


def _batched(values: Iterable[int], size: int) -> Iterator[list[int]]:
    values = list(values)
    return (values[first : first + size] for first in range(0, len(values), size))


def _read(ground: Ground, ids: list[int]) -> Iterator[Progress]:
    tracking = TRACKING_FIELDS.get(ground.connection.tracking_field, "tracking")
    headers = list(OrderHeader.objects.using(ground.alias).filter(pk__in=ids).values(*_HEADER, tracking))
    lines: dict[int, list[OrderLine]] = defaultdict(list)
    for line in OrderLine.objects.using(ground.alias).filter(order__in=ids).order_by("id"):
        lines[int(line.order)].append(line)
    cards = ground.card_keys(int(line.card) for some in lines.values() for line in some if line.card)
    prepaid = [int(header["id"]) for header in headers if header["advance"]]
    order_of = {int(line.id): order for order, some in lines.items() for line in some}
    documents = _documents(ground, ids, order_of, prepaid)
    for header in headers:
        own = lines.get(int(header["id"]), [])
        yield _progress(ground, header, header[tracking], own, cards, documents.get(int(header["id"]), []))


def _progress(
    ground: Ground,
    header: Mapping[str, Any],
    tracking: str | None,
    lines: Sequence[OrderLine],
    cards: Mapping[int, Key],
    documents: Sequence[WaproDocument],
) -> Progress:
    foreign = (header["currency"] or "").strip().upper() not in ("", "PLN")
    suffix = "_in_currency" if foreign else ""
    carrier, url = ground.carriers.get(header["carrier"] or 0, ("", "")) if header["carrier"] else ("", "")
    return Progress(
        key=str(header["id"]),
        number=(header["number"] or "").strip(),
        client_number=(header["client_number"] or "").strip(),
        contractor=str(header["contractor"] or ""),
        unfinished=bool(header["flag"]),
        state=header["state"] or "",
        status=header["status"] or "",
        net=header[f"net{suffix}"] or Decimal(0),
        gross=header[f"gross{suffix}"] or Decimal(0),
        lines=tuple(_line(line, cards) for line in lines),
        tracking=parcels(tracking or ""),
        carrier=carrier,
        tracking_url=url,
        documents=tuple(documents),
        paid=sum((one.paid for one in documents), Decimal(0)),
        left_to_pay=sum((one.left for one in documents), Decimal(0)),
        has_ksef=ground.has_ksef,
    )


def _line(line: OrderLine, cards: Mapping[int, Key]) -> ProgressLine:
    return ProgressLine(
        key=str(line.id),
        card=cards.get(line.card or 0, ""),
        ordered=line.ordered or Decimal(0),
        done=line.done or Decimal(0),
        reserved=line.reserved or Decimal(0),
        missing=line.missing or Decimal(0),
        factor=line.factor or Decimal(1),
    )


def parcels(text: str) -> tuple[str, ...]:
    """Tracking numbers of one column: several are parted by a semicolon, comma, bar or line. Spaces stay, because some
    carriers write them inside a number."""
    return tuple(dict.fromkeys(part for part in (one.strip() for one in _SEPARATORS.split(text)) if part))


@dataclass(slots=True)
class _Links:
    """Documents of orders: by id of the document, the orders it realises."""

    warehouse: dict[int, set[int]] = field(default_factory=lambda: defaultdict(set))
    trade: dict[int, set[int]] = field(default_factory=lambda: defaultdict(set))


def _documents(
    ground: Ground, ids: list[int], order_of: Mapping[int, int], prepaid: Sequence[int]
) -> dict[int, list[WaproDocument]]:
    """By order, trade documents first. The invoice is on the document's line, else on the WZ that the line is on.
    `prepaid`: orders with an advance (ZALICZKA)."""
    links = _Links()
    of_orders = OrderLine.objects.using(ground.alias).filter(order__in=ids).values("id")
    rows = DocumentLine.objects.using(ground.alias).filter(order_line__in=of_orders)
    without: set[tuple[int, int]] = set()
    for order_line, warehouse, trade in rows.values_list("order_line", "warehouse_document", "trade_document"):
        order = order_of.get(int(order_line))
        if order is None:
            continue
        if warehouse not in NONE:
            links.warehouse[int(warehouse)].add(order)
        if trade not in NONE:
            links.trade[int(trade)].add(order)
        elif warehouse not in NONE:
            without.add((int(warehouse), order))
    issues = list(_issues(ground, links, without))
    realising = set(links.trade)
    for document_id, order in _advances(ground, order_of, prepaid):
        links.trade[document_id].add(order)
    found: dict[int, list[WaproDocument]] = defaultdict(list)
    for document in _trades(ground, links):
        if int(document.key) not in realising:
            document = replace(document, advance=True)
        for order in sorted(links.trade[int(document.key)]):
            found[order].append(document)
    for document in issues:
        for order in sorted(links.warehouse[int(document.key)]):
            found[order].append(document)
    return found


def _advances(ground: Ground, order_of: Mapping[int, int], prepaid: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Trade documents for advances, with their orders. Nothing that ties them is indexed, as far as is known, so only
    orders with an advance are asked about."""
    if prepaid and ground.has_advances:
        lines = OrderLine.objects.using(ground.alias).filter(order__in=prepaid).values("id")
        rows = DocumentLine.objects.using(ground.alias).filter(advance_line__in=lines)
        for line, document in rows.values_list("advance_line", "trade_document"):
            if document not in NONE and int(line) in order_of:
                yield int(document), order_of[int(line)]
    if prepaid and ground.has_ledger:
        entries = LedgerEntry.objects.using(ground.alias).filter(order__in=prepaid)
        for order, document in entries.values_list("order", "trade_document"):
            if document not in NONE:
                yield int(document), int(order)


def _issues(ground: Ground, links: _Links, without: set[tuple[int, int]]) -> Iterator[WaproDocument]:
    orders_without: dict[int, set[int]] = defaultdict(set)
    for document, order in without:
        orders_without[document].add(order)
    for some in _batched(sorted(links.warehouse), _IDS_A_QUERY):
        rows = WarehouseDocument.objects.using(ground.alias).filter(_SAVED, _REGISTERED, pk__in=some).order_by("id")
        for row in rows:
            if row.trade_document not in NONE and orders_without[row.id]:
                links.trade[int(row.trade_document)] |= orders_without[row.id]
            yield WaproDocument(
                key=str(row.id),
                number=(row.number or "").strip(),
                kind="issue" if (row.kind or "").upper() == "WZ" else "other",
                day=from_day(row.day),
                gross=row.gross or Decimal(0),
                correction=bool(row.correction),
            )


def _trades(ground: Ground, links: _Links) -> Iterator[WaproDocument]:
    if not links.trade:
        return
    table = TradeDocument._meta.db_table
    more = tuple(name for column, name in _KSEF.items() if ground.has(table, column))
    types = {row.id: row for row in TradeType.objects.using(ground.alias).all()}
    for some in _batched(sorted(links.trade), _IDS_A_QUERY):
        rows = TradeDocument.objects.using(ground.alias).filter(_SAVED, _REGISTERED, pk__in=some).order_by("id")
        for row in rows.values(*_TRADE, *more):
            yield WaproDocument(
                key=str(row["id"]),
                number=(row["number"] or "").strip(),
                kind=kind_of(types.get(row["type"])),
                ksef_number=(row.get("ksef_number") or "").strip(),
                ksef_status=(row.get("ksef_status") or "").strip(),
                day=from_day(row["day"]),
                gross=row["gross"] or Decimal(0),
                paid=row["paid"] or Decimal(0),
                left=row["left"] or Decimal(0),
                settled=bool(row["settled"]),
                correction=bool(row["correction"]),
                receipt_number=(row["receipt_number"] or "").strip(),
            )


def kind_of(type_: TradeType | None) -> Literal["invoice", "receipt", "other"]:
    """Types of documents are data of the installation: told by their name, else by the first letter of the signature
    (`FV`, `PA`, `PR` were seen)."""
    if type_ is None:
        return "other"
    name, signature = (type_.name or "").casefold(), (type_.signature or "").strip().upper()
    if "paragon" in name:
        return "receipt"
    if "faktur" in name:
        return "invoice"
    return "receipt" if signature.startswith("P") else "invoice" if signature.startswith("F") else "other"
