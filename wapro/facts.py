"""Names of what a person chooses from in the settings of a shop: warehouses and price types of the company."""

from typing import TypedDict

from integrator.canonical.records import Key
from wapro.database import open_database
from wapro.errors import canonical_errors
from wapro.models import WaproConnection
from wapro.tables import PriceType, Warehouse


class Named(TypedDict):
    key: Key
    name: str


class Facts(TypedDict):
    warehouses: list[Named]
    price_types: list[Named]


def read_facts(connection: WaproConnection) -> Facts:
    """Two queries. Raises Unreachable, AuthFailed or Transient."""
    with open_database(connection) as alias, canonical_errors():
        warehouses = Warehouse.objects.using(alias).order_by("id").values_list("id", "symbol", "name")
        types = PriceType.objects.using(alias).order_by("position", "id").values_list("id", "name")
        return {
            "warehouses": [_named(key, f"{symbol.strip()} {name.strip()}") for key, symbol, name in warehouses],
            "price_types": [_named(key, name) for key, name in types],
        }


def _named(key: int, name: str) -> Named:
    return {"key": str(int(key)), "name": " ".join(name.split())}
