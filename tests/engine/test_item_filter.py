"""Which cards take part: each condition alone, and that a filter nobody understands lets nothing in."""

import pytest

from integrator.canonical.records import Product
from syncjobs.engine.item_filter import ItemFilter

GOOD = {"kind": "Towar", "web_shop": "1", "external": "1", "blocked": "0", "unfinished": "0", "warehouses": "1,2"}


def card(category: str | None = "1:7", **facts: str) -> Product:
    return Product(code="A", name="Łopata", category=category, traits=tuple((GOOD | facts).items()))


def test_an_ordinary_card_takes_part():
    assert ItemFilter().lets_in(card())


@pytest.mark.parametrize(
    ("facts", "conditions", "reason"),
    [
        ({"unfinished": "1"}, {}, "unfinished"),
        ({"unfinished": "1"}, {"blocked": True}, "unfinished"),
        ({"blocked": "1"}, {}, "blocked"),
        ({"blocked": "1"}, {"blocked": True}, ""),
        ({"kind": "Usługa"}, {}, "kinds"),
        ({"kind": "Usługa"}, {"kinds": ["Towar", "Usługa"]}, ""),
        ({"kind": "Usługa"}, {"kinds": []}, ""),
        ({"web_shop": "0"}, {}, "web_shop"),
        ({"web_shop": "0"}, {"web_shop": False}, ""),
        ({"external": "0"}, {}, ""),
        ({"external": "0"}, {"external": True}, "external"),
        ({}, {"categories": ["1:8"]}, "categories"),
        ({}, {"categories": ["1:8", "1:7"]}, ""),
        ({}, {"warehouses": ["3"]}, "warehouses"),
        ({}, {"warehouses": ["2", "3"]}, ""),
        ({"warehouses": "12"}, {"warehouses": ["1", "2"]}, "warehouses"),
        ({}, {"field": "POLE4", "value": "TAK"}, "field"),
        ({"POLE4": "NIE"}, {"field": "POLE4", "value": "TAK"}, "field"),
        ({"POLE4": "TAK"}, {"field": "POLE4", "value": "TAK"}, ""),
    ],
)
def test_each_condition(facts, conditions, reason):
    chosen = ItemFilter.of(conditions)
    assert chosen.keeps_out(card(**facts)) == reason
    assert chosen.lets_in(card(**facts)) is (reason == "")


def test_a_card_without_category_is_in_none_of_the_chosen():
    assert ItemFilter.of({"categories": ["1:7"]}).keeps_out(card(category=None)) == "categories"


def test_a_card_of_which_nothing_is_known_stays_out():
    assert ItemFilter().keeps_out(Product(code="A", name="Łopata")) == "kinds"


def test_a_condition_nobody_knows_is_refused_and_named():
    with pytest.raises(ValueError, match="colour"):
        ItemFilter.of({"web_shop": True, "colour": "red"})
