"""What PrestaShop reckons for a basket: lines, delivery, wrapping and vouchers, each net and gross on its own.

Unit prices have six decimals. By the setting PS_ROUND_TYPE each piece (1), each line (2) or only the total (3) is
rounded, by PS_PRICE_ROUND_MODE up, down, or half up, down, to even, to odd (0 to 5). Net and gross are rounded apart
from each other. Vouchers are worked out row by row without rounding; their sum is rounded.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal

GROSZ = Decimal("0.01")
MICRO = Decimal("0.000001")
ITEM, LINE, TOTAL = 1, 2, 3
_MODES = {0: ROUND_CEILING, 1: ROUND_FLOOR, 2: ROUND_HALF_UP, 3: ROUND_HALF_DOWN, 4: ROUND_HALF_EVEN}


@dataclass(frozen=True, kw_only=True)
class Sum:
    net: Decimal
    gross: Decimal

    def __add__(self, other: "Sum") -> "Sum":
        return Sum(net=self.net + other.net, gross=self.gross + other.gross)

    def __sub__(self, other: "Sum") -> "Sum":
        return Sum(net=self.net - other.net, gross=self.gross - other.gross)

    def times(self, factor: Decimal) -> "Sum":
        return Sum(net=self.net * factor, gross=self.gross * factor)

    def each(self, change: Callable[[Decimal], Decimal]) -> "Sum":
        return Sum(net=change(self.net), gross=change(self.gross))


NOTHING = Sum(net=Decimal(0), gross=Decimal(0))


@dataclass(frozen=True, kw_only=True)
class Voucher:
    """A cart rule: percent off, or a gross amount off, of all goods or of one product; and free delivery."""

    name: str = "Rabat"
    percent: Decimal = Decimal(0)
    amount: Decimal = Decimal(0)
    product: int = 0
    free_shipping: bool = False


@dataclass(frozen=True, kw_only=True)
class Row:
    product: int
    unit: Sum
    quantity: int


def rounded(value: Decimal, mode: int) -> Decimal:
    if mode == 5:
        down = value.quantize(GROSZ, ROUND_HALF_DOWN)
        up = value.quantize(GROSZ, ROUND_HALF_UP)
        return up if int(up / GROSZ) % 2 else down
    return value.quantize(GROSZ, _MODES[mode])


def unit_price(net: Decimal, percent: Decimal) -> Sum:
    """A net price with six decimals, and its gross one with as many."""
    return Sum(net=net.quantize(MICRO), gross=(net * (100 + percent) / 100).quantize(MICRO, ROUND_HALF_UP))


def line_total(row: Row, kind: int, mode: int) -> Sum:
    if kind == ITEM:
        return row.unit.each(lambda value: rounded(value, mode)).times(Decimal(row.quantity))
    whole = row.unit.times(Decimal(row.quantity))
    return whole if kind == TOTAL else whole.each(lambda value: rounded(value, mode))


def total_of(parts: Iterable[Sum]) -> Sum:
    return sum(parts, NOTHING)


def vouchers_off(
    rows: Sequence[Row], totals: Sequence[Sum], shipping: Sum, vouchers: Sequence[Voucher]
) -> list[tuple[Voucher, Sum]]:
    """What each voucher takes off, one after the other from what the earlier ones left."""
    left = list(totals)
    found = []
    for voucher in vouchers:
        off = shipping if voucher.free_shipping else NOTHING
        concerned = [i for i, row in enumerate(rows) if voucher.product in (0, row.product)]
        for place in concerned if voucher.percent else ():
            part = left[place].times(voucher.percent / 100)
            left[place], off = left[place] - part, off + part
        whole = total_of(left[i] for i in concerned)
        if voucher.amount and whole.gross:
            share = min(voucher.amount, whole.gross) / whole.gross
            for place in concerned:
                part = left[place].times(share)
                left[place], off = left[place] - part, off + part
        found.append((voucher, off))
    return found
