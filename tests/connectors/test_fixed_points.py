"""A value that is read, projected, written and read again is the same value: else the shop would get it every night.

What a shop is known to rewrite must be declared as such, and nothing else may move.
"""

from pathlib import Path
from typing import Any

import pytest

from integrator.canonical.kinds import SYNC_KINDS, Kind
from integrator.canonical.records import Fields, fields_of
from integrator.canonical.side import Patch, Side
from shops.connectors.shoper.simulator import ShoperSimulator, ShopState
from shops.connectors.shoper.simulator.stand import ShoperStand, picture
from shops.connectors.shoper.simulator.validation import ean13
from syncjobs.engine.projection import project, same
from tests.connectors.wire import Wire, all_pages, wired

RECORDED = Path(__file__).parents[3] / "shared" / "fixtures" / "shoper_recorded"
HTML = (
    '<p onclick="x()">Wymiary: 2&nbsp;m &times; 3&nbsp;m</p><br><img src="a.png">',
    "<div><script>alert(1)</script><b>Uwaga:</b> nie prać &amp; nie prasować</div><!-- uwaga -->",
    '<a href="javascript:void(0)">Więcej</a> o tym <iframe src="https://x.example"></iframe>towarze',
)
"""As panels of shops save it and their API does not."""
NAMES = ("Łopata  z dwiema  spacjami", "Kubek 'Ćma' & spodek <mały>", "Żyłka 0,25\u00a0mm", "x" * 255, "ż")
NUMBERS = ("0", "0.001", "2.5", "61.50", "100", "9999.999")


def stand_with_samples() -> ShoperStand:
    """A shop whose rows hold all sorts of values, put there by its own panel."""
    stand = wired(ShoperStand())
    state = stand.shop.state
    for number, name in enumerate(NAMES):
        state.add_product(
            f"Kod/{number} ą", name, NUMBERS[number % 6], NUMBERS[(number + 1) % 6],
            ean=ean13(590_000_300_000 + number) if number % 2 else "", category=stand.category,
            producer=1 if number % 2 else None, weight=NUMBERS[(number + 2) % 6], active=number % 3 != 0,
            short_description=HTML[number % 3], description=HTML[(number + 1) % 3], images=[picture(number)],
        )  # fmt: skip
    stand.fill(3)
    state.add_unit("m²", fractional=True)
    state.add_producer("Zakłady  „Łucznik” & Syn")
    return stand


def stand_with_recordings() -> ShoperStand:
    stand = wired(ShoperStand())
    state = ShopState.from_recordings(RECORDED, clock=stand.clock)
    stand.shop = ShoperSimulator(state, limited=False, clock=stand.clock)
    stand.wire = Wire(stand.shop)
    return stand


def elements(side: Side, kind: Kind) -> dict[str, tuple[Fields, bool]]:
    """Key -> fields, and whether it is a variant."""
    items = [item for page in all_pages(side, kind) for item in page.items if item.kind is kind]
    variants = {item.key for item in items if ":" in item.key}
    return {item.key: (fields_of(item.record), item.key in variants) for item in items}


def written_again(side: Side, kind: Kind) -> dict[str, list[tuple[Any, Any]]]:
    """Every element is sent its own values, projected. Field -> (before, after) of those that moved by that."""
    specs = side.capabilities.of(kind).fields
    before = elements(side, kind)
    patches = []
    for key, (held, variant) in before.items():
        sent: Fields = {}
        for name, spec in specs.items():
            if name in held and spec.update and (spec.variant or not variant):
                projected = project(name, held[name], spec)
                # An empty required field (a product in no category) is nothing that could be sent.
                assert projected.problem is None or held[name] in (None, ""), (key, name, projected.problem)
                if projected.problem is None:
                    sent[name] = projected.value
        patches.append(Patch(key=key, fields=sent))
    assert [result.error for result in side.update(kind, patches) if result.error] == []
    after = elements(side, kind)
    assert after.keys() == before.keys()
    moved: dict[str, list[tuple[Any, Any]]] = {}
    for patch in patches:
        for name in patch.fields:
            pair = before[patch.key][0][name], after[patch.key][0][name]
            if pair[0] != pair[1]:
                moved.setdefault(f"{kind}.{name}", []).append(pair)
    return moved


def listed(moved: dict[str, list[tuple[Any, Any]]]) -> str:
    lines = [f"{name}: {before!r} became {after!r}" for name, pairs in moved.items() for before, after in pairs[:3]]
    return "no fixed points:\n" + "\n".join(lines)


def writable(side: Side) -> list[Kind]:
    return [kind for kind in SYNC_KINDS if side.capabilities.of(kind).fields]


def rewritten(side: Side) -> set[str]:
    """Fields that the capabilities say the shop rewrites."""
    return {
        f"{kind}.{name}" for kind in SYNC_KINDS for name, spec in side.capabilities.of(kind).fields.items() if spec.html
    }


SHOPS = [
    pytest.param(stand_with_samples, id="samples"),
    pytest.param(
        stand_with_recordings,
        id="recordings",
        marks=pytest.mark.skipif(not RECORDED.exists(), reason="no recorded answers beside this checkout"),
    ),
]


def test_only_what_is_declared_as_rewritten_moves() -> None:
    side = stand_with_samples().open()
    moved: dict[str, list[tuple[Any, Any]]] = {}
    for kind in writable(side):
        moved |= written_again(side, kind)
    assert set(moved) == rewritten(side), listed(moved)


@pytest.mark.parametrize("shop", SHOPS)
def test_what_moves_still_counts_as_the_same(shop: Any) -> None:
    side = shop().open()
    assert elements(side, Kind.PRODUCT)
    for kind in writable(side):
        specs = side.capabilities.of(kind).fields
        moved = written_again(side, kind)
        assert set(moved) <= rewritten(side), listed(moved)
        for name, pairs in moved.items():
            spec = specs[name.partition(".")[2]]
            different = [pair for pair in pairs if not same(name.partition(".")[2], *pair, spec)]
            assert different == [], listed({name: different})


@pytest.mark.parametrize("shop", SHOPS)
def test_what_was_rewritten_once_stays(shop: Any) -> None:
    side = shop().open()
    for kind in writable(side):
        written_again(side, kind)
        again = written_again(side, kind)
        assert again == {}, listed(again)
