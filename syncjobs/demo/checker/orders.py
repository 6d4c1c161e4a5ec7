"""`python -m syncjobs.demo.checker.orders`: compares what one shop sold with the orders in the company's database. A
question as JSON on standard input, the answer as JSON on standard output.

The question: `sample` (path), `platform`, `shop` (address and credentials), `prefix` (of the numbers under which the
company knows the shop's orders), `states` (open, sent, cancelled -> the shop's state), `sold` (the shop's order ->
`fate`: held, open, sent or cancelled; `tracking`: what the warehouse wrote; `tax_number`: of the company that buys).
"""

import json
import sqlite3
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from syncjobs.demo.checker.__main__ import reader
from syncjobs.demo.checker.comparing import digest
from syncjobs.demo.checker.sold import Bought

_GROSZ = Decimal("0.01")
_SERVICE = "Usługa"
_HEADERS = """
    SELECT z.ID_ZAMOWIENIA, z.NR_ZAMOWIENIA_KLIENTA, z.WARTOSC_BRUTTO, z.STAN_REALIZ, z.STATUS_ZAM, z.FLAGA_STANU,
        z.NUMER_PRZESYLKI, k.NIP
    FROM ZAMOWIENIE z LEFT JOIN KONTRAHENT k ON k.ID_KONTRAHENTA = z.ID_KONTRAHENTA
    WHERE z.NR_ZAMOWIENIA_KLIENTA LIKE ? ORDER BY z.ID_ZAMOWIENIA"""
_LINES = """
    SELECT p.ID_ZAMOWIENIA, a.INDEKS_KATALOGOWY, a.RODZAJ, p.ZAMOWIONO, p.ZREALIZOWANO, p.ZAREZERWOWANO, p.CENA_BRUTTO
    FROM POZYCJA_ZAMOWIENIA p JOIN ARTYKUL a ON a.ID_ARTYKULU = p.ID_ARTYKULU ORDER BY p.ID_POZYCJI_ZAMOWIENIA"""


@dataclass(slots=True, kw_only=True)
class Ordered:
    """One order as the company's database has it."""

    total: Decimal
    summed: Decimal
    """Gross total by its lines."""
    pieces: dict[str, Decimal] = field(default_factory=dict)
    """By catalogue index, services left out."""
    done: Decimal
    reserved: Decimal
    realised: bool
    cancelled: bool
    finished: bool
    """Approved, no longer being written."""
    tracking: list[str]
    tax_number: str


def ordered(path: str, prefix: str) -> dict[str, list[Ordered]]:
    """By the shop's id: all orders under the shop's prefix. More than one of the same is a doubled order."""
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as database:
        database.row_factory = sqlite3.Row
        lines: dict[int, list[sqlite3.Row]] = {}
        for row in database.execute(_LINES):
            lines.setdefault(row["ID_ZAMOWIENIA"], []).append(row)
        found: dict[str, list[Ordered]] = {}
        for row in database.execute(_HEADERS, (f"{prefix}-%",)):
            key = row["NR_ZAMOWIENIA_KLIENTA"].removeprefix(f"{prefix}-").strip()
            found.setdefault(key, []).append(_ordered(row, lines.get(row["ID_ZAMOWIENIA"], [])))
    database.close()
    return found


def _ordered(row: sqlite3.Row, lines: list[sqlite3.Row]) -> Ordered:
    pieces: dict[str, Decimal] = {}
    goods = [line for line in lines if line["RODZAJ"] != _SERVICE]
    for line in goods:
        index = line["INDEKS_KATALOGOWY"].strip()
        pieces[index] = pieces.get(index, Decimal(0)) + _number(line["ZAMOWIONO"])
    worth = [_number(line["ZAMOWIONO"]) * _number(line["CENA_BRUTTO"]) for line in lines]
    return Ordered(
        total=_number(row["WARTOSC_BRUTTO"]).quantize(_GROSZ, ROUND_HALF_UP),
        summed=sum((one.quantize(_GROSZ, ROUND_HALF_UP) for one in worth), Decimal(0)),
        pieces=pieces,
        done=sum((_number(line["ZREALIZOWANO"]) for line in goods), Decimal(0)),
        reserved=sum((_number(line["ZAREZERWOWANO"]) for line in goods), Decimal(0)),
        realised=row["STAN_REALIZ"] == "Z",
        cancelled=row["STATUS_ZAM"] == "A",
        finished=not row["FLAGA_STANU"],
        tracking=[one for one in (row["NUMER_PRZESYLKI"] or "").split(";") if one],
        tax_number="".join(sign for sign in (row["NIP"] or "") if sign.isdigit()),
    )


def _number(value: Any) -> Decimal:
    """SQLite keeps numbers as binary fractions; the program's columns have six places."""
    return round(Decimal(str(value or 0)), 6)


def wrong(fate: Mapping[str, Any], theirs: Bought | None, mine: list[Ordered], states: Mapping[str, str]) -> list[str]:
    """What is not as it must be with one order, in words."""
    if theirs is None:
        return ["the shop does not have it"]
    if fate["fate"] == "held":
        return [f"the company has it {len(mine)} times, it is to be held"] if mine else []
    if len(mine) != 1:
        return [f"the company has it {len(mine)} times"]
    return list(_different(fate, theirs, mine[0], states))


def _different(fate: Mapping[str, Any], theirs: Bought, mine: Ordered, states: Mapping[str, str]) -> Iterator[str]:
    if not theirs.total == mine.total == mine.summed:
        yield f"{theirs.total} in the shop is {mine.total} in the company, {mine.summed} by its lines"
    if theirs.pieces != mine.pieces:
        yield f"{_shown(theirs.pieces)} in the shop is {_shown(mine.pieces)} in the company"
    if not mine.finished:
        yield "the company's order was never approved"
    end = fate["fate"]
    if (mine.cancelled, mine.realised) != (end == "cancelled", end == "sent"):
        yield f"to be {end}, and the company says cancelled {mine.cancelled}, realised {mine.realised}"
    if mine.reserved != (0 if end != "open" else sum(mine.pieces.values()) - mine.done):
        yield f"{mine.reserved} pieces are reserved of {_shown(mine.pieces)}, {mine.done} issued"
    if theirs.state != states[end]:
        yield f"to be {end}, and the shop's state is {theirs.state}"
    if not sorted(theirs.tracking) == sorted(mine.tracking) == sorted(fate["tracking"]):
        yield f"parcels {theirs.tracking} in the shop, {mine.tracking} in the company, {fate['tracking']} were sent"
    if fate["tax_number"] and mine.tax_number != fate["tax_number"]:
        yield f"{fate['tax_number']} bought, and the company has it for {mine.tax_number or 'nobody'}"


def _shown(pieces: Mapping[str, Decimal]) -> str:
    return ", ".join(f"{amount:f} × {code}" for code, amount in sorted(pieces.items()))


def compare(question: dict[str, Any]) -> dict[str, Any]:
    """How many orders and figures were compared and what is wrong with which; `shop` changes with anything that the
    shop holds of its orders, `writes` counts what could have written there."""
    shop = reader(question["platform"], **question["shop"])
    bought = {one.key: one for one in shop.bought()}
    mine = ordered(question["sample"], question["prefix"])
    told = [
        f"order {key}: {one}"
        for key, fate in question["sold"].items()
        for one in wrong(fate, bought.get(key), mine.get(key, []), question["states"])
    ]
    told += [f"order {key}: the company has it, and nobody bought it" for key in mine.keys() - question["sold"].keys()]
    return {
        "orders": len(question["sold"]),
        "in_company": sum(map(len, mine.values())),
        "gross": str(sum((one.total for some in mine.values() for one in some), Decimal(0))),
        "parcels": sum(len(one.tracking) for one in bought.values()),
        "differences": told,
        "shop": digest([one.rows for one in bought.values()]),
        "writes": shop.writes(),
    }


if __name__ == "__main__":
    json.dump(compare(json.load(sys.stdin)), sys.stdout, ensure_ascii=False)
