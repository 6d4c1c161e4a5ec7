"""The planner alone: pure decisions about so many linked products, one in a hundred of which differs."""

import time
from decimal import Decimal
from typing import Any

from integrator.canonical.capabilities import Can, KindCapabilities
from integrator.canonical.kinds import Kind
from integrator.canonical.records import Fields, Product, fields_of
from shops.connectors.base import Known
from shops.connectors.shoper.capabilities import capabilities
from syncjobs.engine.plan import Pair, References, Rules, plan_pair
from syncjobs.engine.policy import Owner, Policy

OWNED = ("name", "description", "ean", "unit", "tax_rate", "producer", "weight", "active")
_CHUNK = 500


def measure(pairs: int) -> dict[str, Any]:
    """Seconds of planning, without those of making the pairs."""
    rules = Rules(
        kind=Kind.PRODUCT,
        policy=Policy(owners=dict.fromkeys(OWNED, Owner.ERP)),
        erp=KindCapabilities(can=Can.READ),
        shop=capabilities(Known()).of(Kind.PRODUCT),
        references=References(
            to_shop={Kind.UNIT: {"1": "1"}, Kind.TAX_RATE: {"23": "1"}, Kind.PRODUCER: {"201": "7"}},
            to_erp={Kind.UNIT: {"1": "1"}, Kind.TAX_RATE: {"1": "23"}, Kind.PRODUCER: {"7": "201"}},
        ),
    )
    seconds, changed = 0.0, 0
    for first in range(0, pairs, _CHUNK):
        chunk = [_pair(number) for number in range(first, min(first + _CHUNK, pairs))]
        started = time.process_time()
        changed += sum(not plan_pair(pair, rules).quiet for pair in chunk)
        seconds += time.process_time() - started
    return {"pairs": pairs, "seconds": seconds, "changed": changed, "pairs_a_second": round(pairs / seconds)}


def _pair(number: int) -> Pair:
    erp = _fields(number, unit="1", tax_rate="23", producer="201", description="Opis towaru.")
    shop = _fields(number, unit="1", tax_rate="1", producer="7", description="<p>Opis towaru.</p>")
    if number % 100 == 0:
        return Pair(erp={**erp, "name": f"{erp['name']} N"}, shop=shop, erp_seen=erp, shop_seen=shop)
    return Pair(erp=erp, shop=shop, erp_seen=erp, shop_seen=shop)


def _fields(number: int, **more: str) -> Fields:
    made = Product(code=f"C{number:06d}", name=f"Towar numer {number}", ean="5901234123457", weight=Decimal(1), **more)  # type: ignore[arg-type]
    return fields_of(made)
