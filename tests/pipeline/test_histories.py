"""Random histories: both sides are edited between runs; the pipeline always comes to rest and keeps its word."""

import dataclasses
from decimal import Decimal

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from integrator.canonical.kinds import Kind
from integrator.canonical.records import Price, StockLevel
from syncjobs.engine.policy import Owner
from syncjobs.models import Link
from tests.pipeline.lab import Lab, memory_lab
from tests.pipeline.memory import add_card, add_product

NAMES = st.sampled_from(["Łopata", "Grabie", "Taczka <b>100 l</b>", "Sekator nr 7"])
MOVES = st.one_of(
    st.tuples(st.just("erp name"), st.integers(0, 5), NAMES),
    st.tuples(st.just("shop name"), st.integers(0, 5), NAMES),
    st.tuples(st.just("erp stock"), st.integers(0, 5), st.integers(0, 9)),
    st.tuples(st.just("shop stock"), st.integers(0, 5), st.integers(0, 9)),
    st.tuples(st.just("shop price"), st.integers(0, 5), st.integers(1, 9)),
    st.tuples(st.just("new card"), st.integers(6, 9), NAMES),
    st.tuples(st.just("new product"), st.integers(6, 9), NAMES),
    st.tuples(st.just("shop deletes"), st.integers(0, 5), st.none()),
    st.tuples(st.just("run"), st.none(), st.none()),
)
HABITS = st.sampled_from(["as sent", "names in capitals"])


def play(lab: Lab, move: tuple) -> None:
    what, number, value = move
    code, key = f"TOW{number or 0:04d}", str(100 + (number or 0))
    erp, shop = lab.erp.rows, lab.shop.rows
    if what == "run":
        lab.run()
    elif what == "new card" and code not in erp[Kind.PRODUCT]:
        add_card(lab.erp, code, value)
    elif what == "new product" and code not in {row.code for row in shop[Kind.PRODUCT].values()}:
        add_product(lab.shop, key, code, value, price="1", stock="1")
    elif what == "erp name" and code in erp[Kind.PRODUCT]:
        erp[Kind.PRODUCT][code] = dataclasses.replace(erp[Kind.PRODUCT][code], name=value)
    elif what == "erp stock" and code in erp[Kind.STOCK]:
        stocks = erp[Kind.STOCK][code]
        row = dataclasses.replace(stocks.rows[0], on_hand=Decimal(value))
        erp[Kind.STOCK][code] = dataclasses.replace(stocks, rows=(row,))
    elif key in shop[Kind.PRODUCT]:
        if what == "shop name":
            shop[Kind.PRODUCT][key] = dataclasses.replace(shop[Kind.PRODUCT][key], name=value)
        elif what == "shop stock":
            shop[Kind.STOCK][key] = StockLevel(quantity=Decimal(value))
        elif what == "shop price":
            shop[Kind.PRICE][key] = Price(price=Decimal(value))
        elif what == "shop deletes":
            for kind in (Kind.PRODUCT, Kind.PRICE, Kind.STOCK):
                shop[kind].pop(key)


@pytest.mark.django_db
@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(MOVES, max_size=8), HABITS, st.sampled_from([Owner.ERP, Owner.ASK]))
def test_every_history_comes_to_rest(monkeypatch, moves, habit, owner):
    with transaction.atomic(), memory_lab(monkeypatch, products=6) as lab:
        for number in range(4):
            add_product(lab.shop, str(100 + number), f"TOW{number:04d}", f"Łopata nr {number}", price="5", stock="1")
        if habit == "names in capitals":
            lab.shop.keep = lambda name, value: str(value).upper() if name == "name" else value
        lab.options(Kind.PRODUCT, export_unlinked=True, first_agreement="erp")
        lab.own(Kind.PRODUCT, owner, "name")
        lab.own(Kind.PRICE, Owner.ERP, "price")
        lab.own(Kind.STOCK, Owner.ERP, "quantity")
        for move in moves:
            play(lab, move)
        for _ in range(2):  # an element is gone only after two complete fetches
            lab.run()
        lab.shop.calls.clear()
        lab.run()
        assert lab.shop.writes() == []
        _kept_its_word(lab)
        transaction.set_rollback(True)


def _kept_its_word(lab: Lab) -> None:
    shop = lab.shop.rows
    codes = [row.code for row in shop[Kind.PRODUCT].values()]
    assert len(codes) == len(set(codes)), "an element was doubled"
    for erp_key, shop_key in Link.objects.filter(kind=Kind.PRODUCT, state="linked").values_list("erp_key", "shop_key"):
        if shop_key in shop[Kind.STOCK]:
            assert shop[Kind.STOCK][shop_key].quantity == lab.erp.rows[Kind.STOCK][erp_key].rows[0].on_hand
            assert shop[Kind.PRICE][shop_key].price == Decimal("12.30")
