"""Rows to write to a simulated PrestaShop, and what became of them there."""

from collections.abc import Mapping, Sequence
from typing import Any

from integrator.canonical.errors import IntegrationError
from integrator.canonical.kinds import Kind
from integrator.canonical.records import Fields
from integrator.canonical.side import NewElement, Result, Side
from shops.connectors.prestashop.simulator.stand import PrestaStand
from tests.connectors.wire import all_pages

VERSIONS = ["1.7.8.8", "8.1.2", "9.1.4"]


class Old(PrestaStand):
    version = "1.7.8.8"


class New(PrestaStand):
    version = "9.1.4"


def stock_keys(side: Side) -> list[str]:
    return [item.key for page in all_pages(side, Kind.PRODUCT) for item in page.items if item.kind is Kind.STOCK]


def writes(stand: PrestaStand, before: int) -> list[str]:
    """Methods and resources of the writes sent since."""
    return [
        f"{one.method} {one.url.path.removeprefix('/api/')}"
        for one in stand.wire.requests[before:]
        if one.method not in ("GET", "HEAD")
    ]


def errors(results: Sequence[Result]) -> list[IntegrationError | None]:
    return [result.error for result in results]


def quantity(stand: PrestaStand, key: str) -> int:
    product_id, _, own = key.partition(":")
    row = stand.state.stock_row(int(product_id), int(own or 0))
    assert row is not None
    return int(stand.state.stocks.get(row)["quantity"])


def product(stand: PrestaStand, key: str) -> dict[str, Any]:
    return dict(stand.state.products.get(int(key.partition(":")[0])))


def new_product(stand: PrestaStand, code: str, /, **fields: Any) -> NewElement:
    given: Fields = {
        "code": code,
        "name": f"Towar {code}",
        "tax_rate": "1",
        "category": str(stand.category),
        "price": "12.30",
        "quantity": "4",
    }
    return NewElement(token=code, fields=given | fields)


def new_variant(stand: PrestaStand, group: str, size: str, /, **fields: Any) -> NewElement:
    one = new_product(stand, f"{group}-{size}", **fields)
    options = (("Colour", "Czarny"), ("Rozmiar", size))
    return NewElement(token=one.token, fields=one.fields, group_code=group, group_name="Koszula", options=options)


def references(stand: PrestaStand) -> list[str]:
    return [str(stand.state.products.get(one)["reference"]) for one in stand.state.products]


def moved(before: Mapping[str, Any], after: Mapping[str, Any]) -> set[str]:
    return {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}
