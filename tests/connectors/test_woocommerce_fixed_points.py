"""What is read from a WooCommerce shop, projected and written reads back the same: else it would go out every night.

The shop rewrites texts (paragraphs, scripts) and escapes names; nothing else may move.
"""

from pathlib import Path
from typing import Any

import pytest

from integrator.canonical.kinds import Kind
from integrator.canonical.records import Fields, fields_of
from integrator.canonical.side import Patch, Side
from shops.connectors.woocommerce.simulator import ShopState, WooSimulator
from shops.connectors.woocommerce.simulator.stand import WooStand, ean13
from shops.simulation.pictures import small_png
from syncjobs.engine.projection import project, same
from tests.connectors.wire import Wire, all_pages, wired

RECORDED = Path(__file__).parents[3] / "shared" / "fixtures" / "woocommerce_recorded"
HTML = (
    '<p onclick="x()">Wymiary: 2&nbsp;m &times; 3&nbsp;m</p><br><img src="a.png">',
    "<div><script>alert(1)</script><b>Uwaga:</b> nie prać &amp; nie prasować</div><!-- uwaga -->",
    "Pierwszy akapit\n\nDrugi akapit\nz drugim wierszem",
)
NAMES = ("Łopata  z dwiema  spacjami", "Kubek 'Ćma' & spodek <mały>", "Żyłka 0,25\u00a0mm", "x" * 255, "A &amp; B")
KINDS = (Kind.PRODUCT, Kind.PRICE, Kind.STOCK, Kind.PRODUCER, Kind.UNIT, Kind.IMAGE)


def with_samples() -> WooStand:
    """A shop whose rows hold all sorts of values, put there by its own panel."""
    stand = wired(WooStand())
    state = stand.shop.state
    for number, name in enumerate(NAMES):
        state.add_product(
            f"Kod/{number} ą", name, ("0", "0.5", "61.50", "9999.99", "1")[number], (0, 3, None, 12, 1)[number],
            global_unique_id=ean13(590_000_300_000 + number) if number % 2 else "", categories=[stand.category],
            brands=[stand.brand] if number % 2 else [], weight=("", "0.001", "2.5", "100", "0")[number],
            status="publish" if number % 3 else "draft", tax_class=("", "reduced-rate", "vat-5")[number % 3],
            short_description=HTML[number % 3], description=HTML[(number + 1) % 3], images=[small_png(number)],
        )  # fmt: skip
    stand.fill(3)
    state.add_term(stand.unit, "m² & <cm²>")
    state.add_brand("Zakłady  „Łucznik” &amp; Syn")
    return stand


def with_recordings() -> WooStand:
    if not RECORDED.is_dir():
        pytest.skip("no recorded answers beside this checkout")
    stand = wired(WooStand())
    stand.shop = WooSimulator(ShopState.from_recordings(RECORDED, clock=stand.clock), clock=stand.clock)
    stand.wire = Wire(stand.shop)
    return stand


def elements(side: Side, kind: Kind) -> dict[str, Fields]:
    items = [item for page in all_pages(side, kind) for item in page.items if item.kind is kind]
    return {item.key: fields_of(item.record) for item in items}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("make", [with_samples, with_recordings])
def test_writing_what_was_read_changes_nothing(make: Any, kind: Kind) -> None:
    stand = make()
    side = stand.open()
    specs = side.capabilities.of(kind).fields
    before = elements(side, kind)
    patches = []
    for key, fields in before.items():
        whole = kind is not Kind.PRODUCT or ":" not in key
        writable = {name: spec for name, spec in specs.items() if spec.update and (whole or spec.variant)}
        projected = {name: project(name, fields[name], spec) for name, spec in writable.items()}
        sent: Fields = {name: one.value for name, one in projected.items() if one.problem is None}
        if kind is Kind.STOCK and sent["quantity"] == "-1":
            continue  # not counted: no stock of an ERP is written as this
        patches.append(Patch(key=key, fields=sent))
    assert [result.error for result in side.update(kind, patches)] == [None] * len(patches)
    after = elements(stand.open(), kind)
    assert after.keys() == before.keys()
    moved = {
        (key, name): (before[key][name], after[key][name])
        for key in before
        for name, spec in specs.items()
        if not same(name, before[key][name], after[key][name], spec)
    }
    assert moved == {}
    again = elements(stand.open(), kind)
    assert again == after
