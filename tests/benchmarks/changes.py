"""What a change costs each platform: requests of a run of one kind after N elements of that kind were changed."""

import os
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from integrator.canonical.kinds import Kind
from tests.benchmarks import company, stand
from tests.benchmarks.shops import SHOPS, some

KINDS = (Kind.STOCK, Kind.PRICE, Kind.PRODUCT)


def measure(platform: str, products: int, changed: int, database: str, profiles: Path | None) -> dict[str, Any]:
    """A first synchronisation, one without changes; then per kind a run with nothing changed, one after `changed`
    simple products have changed, and one after as many variants have."""
    shop = SHOPS[platform]
    sellables = partial(shop.sellables, products)
    with TemporaryDirectory(prefix="bench-") as temporary, stand.running_shop(platform, products) as address:
        folder = Path(temporary)
        with stand.database(database, folder) as panel:
            given = stand.environment(DATABASE_URL=panel)
            one = stand.Stand(platform, products, folder, address, given, profiles)
            found: dict[str, Any] = {"platform": platform, "label": shop.label, "products": products}
            found |= {"load_before": os.getloadavg()[0], "articles": company.write(one.company, sellables)}
            one.prepare()
            found["first"], found["no_change"] = one.sync("first"), one.sync("no-change")
            found["rows"] = []
            for kind in KINDS:
                quiet = one.sync(f"{kind}-no-change", kind)
                for variants in (False, True):
                    chosen = some(sellables(), changed, variants=variants)
                    company.change(one.company, kind, chosen)
                    ran = one.sync(f"{kind}-{'variants' if variants else 'simple'}", kind)
                    row = {"kind": str(kind), "variants": variants, "changed": len(chosen), "run": ran, "quiet": quiet}
                    found["rows"].append(row | _compared(ran, quiet, len(chosen), shop.fewest(kind, chosen)))
            return found | {"load_after": os.getloadavg()[0]}


def _compared(ran: dict[str, Any], quiet: dict[str, Any], changed: int, fewest: int) -> dict[str, Any]:
    """`reads` come again with every run of the kind, changed or not; `more_reads` are those that the changes cost."""
    writes, reads = ran["shop"]["writes"], ran["shop"]["total"] - ran["shop"]["writes"]
    return {
        "updated": sum(step.get("updated", 0) for step in ran["steps"].values()),
        "reads": quiet["shop"]["total"],
        "more_reads": reads - quiet["shop"]["total"],
        "writes": writes,
        "fewest": fewest,
        "writes_per_changed": writes / changed,
        "reads_per_changed": reads / changed,
        "ratio": writes / fewest,
    }
