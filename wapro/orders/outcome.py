"""What the answer of a batch means. Pure."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from integrator.canonical.errors import AuthFailed, Gone, IntegrationError, Locked, Rejected, Unreachable
from integrator.canonical.problems import Code, Turn
from integrator.canonical.records import Key, plain_number
from integrator.canonical.rounding import to_places
from wapro.orders.draft import Placed, PlacedLine
from wapro.orders.ready import ANY_NET, ReadyOrder

Row = Mapping[str, Any]
_WAITED = (1205, 1222)
"""Deadlock, and somebody else's lock held too long."""
_DENIED = (229,)
_OTHER_LIST = (119, 201, 2812, 8144, 8145)
"""A procedure that is not there, or takes other parameters than we gave."""
_ENDED = (266, 3902, 3903, 3915, 3930, 3998)
"""The transaction is not the one it was before the call."""
_RAISED = 50000


def placed(order: ReadyOrder, rows: Sequence[Row], keys: Mapping[int, Key]) -> Placed:
    """The order of an answer. `keys`: product by id of card. Raises what `refusal` gives, and
    Rejected(ORDER_UNFINISHED, ORDER_NUMBER_TAKEN) for an order that was there and is not this one."""
    head = rows[0]
    if head["integrator"] == "refused":
        raise refusal(head, order)
    number = str(head["numer"] or "").strip()
    if int(head["flaga"] or 0):
        raise Rejected(Code.ORDER_UNFINISHED, turn=Turn.ERP_DATA, number=order.number)
    found = bool(head["found"])
    if found and (differences := differs(order, rows)):
        raise Rejected(
            Code.ORDER_NUMBER_TAKEN, number=order.number, found=number, differences="; ".join(differences),
            key=str(int(head["id"])),
        )  # fmt: skip
    return Placed(
        key=str(int(head["id"])),
        number=number,
        net=_money(head["netto"]),
        gross=_money(head["brutto"]),
        lines=tuple(_line(row, keys) for row in rows if row["artykul"] is not None),
        found=found,
    )


def _line(row: Row, keys: Mapping[int, Key]) -> PlacedLine:
    card = int(row["artykul"])
    return PlacedLine(
        card=keys.get(card, ""),
        ordered=_quantity(row["zamowiono"]),
        reserved=_quantity(row["zarezerwowano"]),
        done=_quantity(row["zrealizowano"]),
        factor=_quantity(row["przelicznik"]),
    )


def differs(order: ReadyOrder, rows: Sequence[Row]) -> list[str]:
    """What makes the order found another one: its warehouse, currency, goods or total. What people in WAPRO may change
    of an order that is ours (contractor, payment, texts, dates) does not."""
    head, found = rows[0], []
    if int(head["magazyn"] or 0) != order.values["magazyn"]:
        found.append(f"ID_MAGAZYNU {head['magazyn']} / {order.values['magazyn']}")
    currency = str(head["waluta"] or "").strip().upper()
    if (currency or "PLN") != (order.values["waluta"].upper() or "PLN"):
        found.append(f"SYM_WAL {currency} / {order.values['waluta']}")
    theirs = _goods((int(row["artykul"]), _stock(row)) for row in rows if row["artykul"] is not None)
    ours = _goods((line.card_id, _stock(line.values)) for line in order.lines)
    names = {line.card_id: line.card for line in order.lines}
    for card in sorted(theirs.keys() | ours.keys()):
        if theirs.get(card) != ours.get(card):
            found.append(f"{names.get(card, f'ID_ARTYKULU {card}')} {_shown(theirs, card)} / {_shown(ours, card)}")
    if to_places(_money(head["brutto"]), 2) != order.values["oczekiwane_brutto"]:
        found.append(f"WARTOSC_BRUTTO {head['brutto']} / {order.values['oczekiwane_brutto']}")
    return found


def _goods(quantities: Any) -> dict[int, Decimal]:
    found: dict[int, Decimal] = {}
    for card, quantity in quantities:
        found[card] = found.get(card, Decimal(0)) + quantity
    return found


def _stock(row: Row) -> Decimal:
    return to_places(_quantity(row["zamowiono"]) * _quantity(row["przelicznik"]), 6)


def _shown(goods: Mapping[int, Decimal], card: int) -> str:
    return plain_number(goods[card]) if card in goods else "0"


def _money(value: Any) -> Decimal:
    return to_places(Decimal(str(value or 0)), 4)


def _quantity(value: Any) -> Decimal:
    return to_places(Decimal(str(value or 0)), 6)


def refusal(row: Row, order: ReadyOrder | None = None, *, number: str = "") -> IntegrationError:
    """Why nothing was kept. `number`: of the order in WAPRO where `order` is not given."""
    reason, step, message = str(row["powod"] or ""), str(row["krok"]), str(row["tresc"] or "").strip()
    if reason:
        return _own(reason, step, row, order, order.number if order else number)
    error = int(row["numer_bledu"] or 0)
    if error in _WAITED:
        return Locked(detail=f"{step}: {message}")
    if error in _DENIED:
        return AuthFailed(Code.RIGHT_MISSING, right="EXECUTE", resource=step, detail=message)
    if error in _OTHER_LIST:
        return Unreachable(Code.PROCEDURES_DIFFER, turn=Turn.US, procedures=f"{step}: {message}", count=1)
    if error in _ENDED:
        return Rejected(Code.ORDER_UNDONE, turn=Turn.US, procedure=step, detail=message)
    return Rejected(
        Code.ORDER_REFUSED, turn=Turn.ERP_DATA, procedure=step, message=message, error=error, **_place(row, order)
    )


def _place(row: Row, order: ReadyOrder | None) -> dict[str, Any]:
    position = int(row["pozycja"] or 0)
    if not position or order is None:
        return {}
    return {"line": position, "card": order.lines[position - 1].card}


def _own(reason: str, step: str, row: Row, order: ReadyOrder | None, number: str) -> IntegrationError:
    match reason:
        case "undone" | "no_id":
            return Rejected(Code.ORDER_UNDONE, turn=Turn.US, procedure=step, **_place(row, order))
        case "returned":
            message = f"RETURN {row['wynik']}"
            return Rejected(
                Code.ORDER_REFUSED, turn=Turn.ERP_DATA, procedure=step, message=message, **_place(row, order)
            )
        case "locked":
            return Locked(detail=f"sp_getapplock {row['wynik']}")
        case "several":
            return Rejected(Code.FOUND_SEVERAL, count=2, system="WAPRO Mag", number=number)
        case "total":
            return _total(row, order)
        case "gone":
            return Gone(key=str(row["id"]))
        case "unfinished":
            return Rejected(Code.ORDER_UNFINISHED, turn=Turn.ERP_DATA, number=str(row["id"]))
        case "status":
            return Rejected(Code.ORDER_STATUS_SET, value=str(row["numer"] or ""))
        case "realised":
            return Rejected(Code.ORDER_REALISED)
        case "documents":
            return Rejected(Code.ORDER_DOCUMENTED)
        case "another":
            return Rejected(Code.ORDER_NOT_OURS, number=number, found=str(row["numer"] or "").strip())
        case _:
            return Rejected(Code.ORDER_NOT_APPROVED, turn=Turn.US, detail=f"{step}, {reason}")


def _total(row: Row, order: ReadyOrder | None) -> Rejected:
    """Both totals of both sides: which of them differs shows by itself."""
    values = order.values if order else {}
    found = f"{_money(row['netto']):.2f} / {_money(row['brutto']):.2f}"
    net = values.get("oczekiwane_netto")
    expected = f"{'-' if net in (None, ANY_NET) else f'{net:.2f}'} / {values.get('oczekiwane_brutto', 0):.2f}"
    return Rejected(Code.ORDER_TOTAL_DIFFERS, found=found, expected=expected, number=order.number if order else "")
