"""The calls that place an order, spelled out for people to read: what was asked of which procedure. Pure."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from integrator.canonical.records import plain_number
from integrator.canonical.side import Exchange
from wapro.orders.draft import Placed
from wapro.orders.forms import Call, Forms
from wapro.orders.ready import ReadyOrder


def exchange(order: ReadyOrder, forms: Forms, placed: Placed) -> Exchange:
    """Of an order that was there already nothing was called but the look-up."""
    asked = f"NR_ZAMOWIENIA_KLIENTA = {_value(order.number)}" if placed.found else spelled(order, forms)
    held = ", ".join(f"{line.card}: {plain_number(line.reserved)}" for line in placed.lines if line.reserved)
    answer = [
        f"ID_ZAMOWIENIA {placed.key}, NUMER {placed.number}",
        f"WARTOSC_NETTO {placed.net:.2f}, WARTOSC_BRUTTO {placed.gross:.2f}",
        *([f"ZAREZERWOWANO {held}"] if held else []),
    ]
    return Exchange(request=asked, answer="\n".join(answer))


def spelled(order: ReadyOrder, forms: Forms) -> str:
    """One EXEC a line, in the order they are made. What a procedure gives back keeps its variable."""
    calls = forms.calls()
    made = [_exec(calls["header"], order.values)]
    made += [_exec(calls["line"], {**order.values, **line.values}) for line in order.lines]
    made += [_exec(calls[name], order.values) for name in ("totals", "prices", "numbering", "approval")]
    return "\n".join(made)


def _exec(call: Call, values: Mapping[str, Any]) -> str:
    return f"EXEC {call.procedure} {', '.join(_argument(one, values) for one in call.arguments)}"


def _argument(written: str, values: Mapping[str, Any]) -> str:
    name = written.removeprefix("@")
    return _value(values[name]) if written.startswith("@") and name in values else written


def _value(value: Any) -> str:
    if isinstance(value, Decimal):
        return plain_number(value)
    if isinstance(value, int | float):
        return str(value)
    text = value.isoformat() if isinstance(value, date) else str(value)
    return "'" + text.replace("'", "''") + "'"
