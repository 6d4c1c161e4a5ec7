"""Effective prices and weights of stock rows: what a variant takes from its product and what it has of its own."""

from decimal import Decimal

from shops.simulation.tables import Row

INHERITED = ("price", "price_wholesale", "price_special", "weight")
"""What variants may take from the base row."""
FROM_PRODUCT, OWN, PLUS, MINUS = "0", "1", "2", "3"


def _effective(kind: str, own: str, base: str) -> Decimal:
    if kind == FROM_PRODUCT:
        return Decimal(base)
    if kind == PLUS:
        return Decimal(base) + Decimal(own)
    return Decimal(base) - Decimal(own) if kind == MINUS else Decimal(own)


def _discounted(row: Row, price: Decimal) -> Decimal:
    offer = row.get("special_offer")
    return price - Decimal(offer["discount"]) if offer else price


def recompute(row: Row, base: Row) -> None:
    """Sets the `comp_*` figures of a stock row; `base` is the product's base row (the row itself for that one)."""
    own = row is base or row["extended"] == "0"
    price = _effective(OWN if own else row["price_type"], row["price"], base["price"])
    row["comp_price"] = f"{price:.2f}"
    row["comp_promo_price"] = f"{_discounted(row, price):.2f}"
    for level in ("wholesale", "special"):
        kind = row[f"price_type_{level}"]
        amount = price if kind == FROM_PRODUCT else _effective(kind, row[f"price_{level}"], base[f"price_{level}"])
        row[f"comp_price_{level}"] = row[f"comp_promo_price_{level}"] = f"{amount:.2f}"
        if kind == FROM_PRODUCT and own:
            row[f"price_{level}"] = f"{price:.2f}"
    weight = _effective(OWN if own else row["weight_type"], row["weight"], base["weight"])
    row["comp_weight"] = f"{weight:f}"
    lowest = row["historical_lowest_price"]
    if Decimal(lowest) == 0 or price < Decimal(lowest):
        row["historical_lowest_price"] = f"{price:.2f}"
        row["wholesale_historical_lowest_price"] = row["special_historical_lowest_price"] = f"{price:.2f}"
