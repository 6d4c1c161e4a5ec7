"""Runs notice when what spoke for a link is gone, and when it is back, without asking anything more."""

import pytest

from integrator.canonical.kinds import Kind
from syncjobs.engine.policy import Owner
from syncjobs.models import Link
from tests.pipeline.memory import add_product

pytestmark = pytest.mark.one_database


def _yellow(lab) -> list[str]:
    return list(Link.objects.filter(evidence_gone=True, kind=Kind.PRODUCT).values_list("erp_key", flat=True))


def _product(lab, code: str) -> None:
    add_product(lab.shop, "100", code, "Łopata nr 0", price="12.30", stock="7")


def test_a_code_that_changed_in_the_shop_turns_the_link_yellow_and_back(lab):
    _product(lab, "TOW0000")
    lab.own(Kind.PRODUCT, Owner.ERP, "ean")
    lab.run()
    assert _yellow(lab) == []
    _product(lab, "INNY")
    lab.run()
    assert _yellow(lab) == ["TOW0000"]
    _product(lab, "TOW0000")
    lab.run()
    assert _yellow(lab) == []


def test_an_element_that_went_away_turns_its_link_yellow(lab):
    for number in range(4):
        add_product(lab.shop, str(100 + number), f"TOW{number:04d}", f"Łopata nr {number}", price="12.30", stock="7")
    lab.run()
    for kind in (Kind.PRODUCT, Kind.PRICE, Kind.STOCK):
        lab.shop.rows[kind].pop("100", None)
    lab.run()
    lab.run()
    assert _yellow(lab) == ["TOW0000"]


def test_a_kind_that_nothing_is_written_of_turns_yellow_too(lab):
    lab.options(Kind.PRODUCT, owners={})
    _product(lab, "TOW0000")
    lab.run()
    _product(lab, "INNY")
    lab.run()
    assert _yellow(lab) == ["TOW0000"]
    _product(lab, "TOW0000")
    lab.run()
    assert _yellow(lab) == []
    assert not Link.objects.filter(kind=Kind.PRODUCT).exclude(ground="code").exists()
