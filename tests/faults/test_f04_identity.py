"""F4: of a catalogue in which three cards in a hundred collide, none is linked to the wrong product."""

from random import Random

import pytest

from syncjobs.engine.match import Candidate, match, product_marks
from syncjobs.engine.policy import Criterion

pytestmark = pytest.mark.one_database

CARDS = 3000
COLLIDING = 0.03


def typed(code: str, chance: Random) -> str:
    """As another person types the same code."""
    return chance.choice((code, code.lower(), f" {code}", f"{code} ", code.upper()))


@pytest.mark.failure_mode("F4")
@pytest.mark.parametrize("criterion", [Criterion.CODE, Criterion.EAN, Criterion.CODE_AND_NAME])
@pytest.mark.parametrize("seed", range(3))
def test_no_collision_links_by_itself_and_all_candidates_are_named(criterion: Criterion, seed: int) -> None:
    chance = Random(seed)
    erp: dict[str, tuple[str, ...]] = {}
    shop: dict[str, tuple[str, ...]] = {}
    collided = set()
    for number in range(CARDS):
        code, ean, name = f"Tow-{number:05d}/Ą", f"59{number:011d}", f"Towar {number}"
        erp[f"E{number}"] = product_marks(criterion, code, name, ean, None)
        shop[f"S{number}"] = product_marks(criterion, typed(code, chance), name, ean, None)
        if chance.random() < COLLIDING:
            collided.add(number)
            twin = product_marks(criterion, typed(code, chance), name, ean, None)
            (erp if chance.random() < 0.5 else shop)[f"X{number}"] = twin
    found = match(*([Candidate(key, marks) for key, marks in side.items()] for side in (erp, shop)))
    assert len(collided) > CARDS * COLLIDING / 2
    assert {(pair.erp, pair.shop) for pair in found.pairs} == {
        (f"E{number}", f"S{number}") for number in range(CARDS) if number not in collided
    }
    for number in collided:
        cards = {f"E{number}", f"X{number}"} & set(erp)
        products = {f"S{number}", f"X{number}"} & set(shop)
        assert all(set(found.ambiguous_erp[key]) == products for key in cards)
        assert all(set(found.ambiguous_shop[key]) == cards for key in products)
