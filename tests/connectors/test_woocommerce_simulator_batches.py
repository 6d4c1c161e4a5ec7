"""Batches of the simulated WooCommerce shop: nothing is checked, each item answers for itself."""

from typing import Any

import pytest

from shops.connectors.woocommerce.simulator import WooSimulator
from tests.connectors.woocommerce_shop import Talk


@pytest.fixture
def talk() -> Talk:
    return Talk(WooSimulator())


def test_a_batch_answers_item_by_item_in_the_order_sent(talk: Talk) -> None:
    known = talk.shop.state.add_product("A", "A")
    answer = talk.batch(
        "products",
        create=[{"name": "B", "sku": "B"}, {"name": "C", "sku": "a"}],
        update=[{"id": 999}, {"id": known, "name": "AA"}, {"name": "bez id"}],
        delete=[998, known],
    )
    assert [row.get("sku") or row["error"]["code"] for row in answer["create"]] == ["B", "product_invalid_sku"]
    assert answer["create"][1]["id"] == 0
    first, second, third = answer["update"]
    assert (first["id"], first["error"]["data"]["status"]) == (999, 400)
    assert second["name"] == "AA"
    assert (third["id"], third["error"]["code"]) == (None, "woocommerce_rest_product_invalid_id")
    assert answer["delete"][0]["error"]["data"]["status"] == 404
    assert answer["delete"][1]["id"] == known


def test_a_batch_of_more_than_a_hundred_is_refused_whole(talk: Talk) -> None:
    product = talk.shop.state.add_product("A", "A")
    update = [{"id": product, "name": "B"}] * 41
    status, code, _ = talk.refused("POST", "products/batch", {"update": update, "create": [{"name": "C"}] * 60})
    assert (status, code) == (413, "woocommerce_rest_request_entity_too_large")
    assert [row["name"] for row in talk.get("products")] == ["A"]
    assert len(talk.batch("products", update=[{"id": product}] * 100)["update"]) == 100


def test_batch_items_are_not_checked(talk: Talk) -> None:
    state = talk.shop.state
    product = state.add_product("A", "A")

    def sent(**fields: Any) -> Any:
        return talk.batch("products", update=[{"id": product, **fields}])["update"][0]

    assert sent(status="nonsense")["status"] == "draft"
    assert sent(stock_quantity="abc")["stock_quantity"] == 0
    assert sent(stock_quantity=2.5)["stock_quantity"] == 2
    assert sent(stock_quantity="3.9")["stock_quantity"] == 3
    assert sent(regular_price=12.5)["regular_price"] == "12.5"
    assert sent(regular_price={"brutto": 1})["regular_price"] == "Array"
    assert sent(manage_stock="no")["stock_quantity"] is None


@pytest.mark.parametrize(
    "fields",
    [
        {"status": "nonsense"},
        {"stock_quantity": "abc"},
        {"stock_quantity": 2.5},
        {"stock_quantity": "2.5"},
        {"regular_price": 12.5},
        {"regular_price": {"brutto": 1}},
        {"sku": 17},
        {"categories": [{"id": "x"}]},
        {"dimensions": {"length": 1}},
    ],
)
def test_single_writes_are_checked(talk: Talk, fields: dict[str, Any]) -> None:
    product = talk.shop.state.add_product("A", "A")
    status, code, data = talk.refused("PUT", f"products/{product}", {"name": "B", **fields})
    assert (status, code, list(data["params"])) == (400, "rest_invalid_param", list(fields))
    assert talk.get(f"products/{product}")["name"] == "A"


def test_a_batch_deletes_for_good_whatever_it_says(talk: Talk) -> None:
    ids = [talk.shop.state.add_product(text, text) for text in "AB"]
    talk.batch("products", delete=[ids[0], {"id": ids[1], "force": False}])
    assert talk.get("products") == talk.get("products", status="trash") == []


def test_fields_hide_what_a_batch_did(talk: Talk) -> None:
    product = talk.shop.state.add_product("A", "A")
    reply = talk.send("POST", "products/batch", {"update": [{"id": product, "name": "B"}]}, _fields="id")
    assert (reply.status, reply.body) == (200, {"update": []})
    assert talk.get(f"products/{product}")["name"] == "B"


def test_a_batch_of_products_takes_no_variations(talk: Talk) -> None:
    state = talk.shop.state
    size = state.add_attribute("Rozmiar", ["S"])
    parent = state.add_product("P", "P", variations=[{"sku": "P-S", "option": "S"}], attribute=size)
    answer = talk.batch("products", update=[{"id": parent + 1, "regular_price": "1"}], delete=[parent + 1])
    for action in ("update", "delete"):
        assert answer[action][0]["error"]["code"] == "woocommerce_rest_invalid_product_id"


def test_every_kind_of_term_has_batches(talk: Talk) -> None:
    attribute = talk.shop.state.add_attribute("Kolor")
    paths = ("products/categories", "products/tags", "products/brands", f"products/attributes/{attribute}/terms")
    for path in paths:
        answer = talk.batch(path, create=[{"name": "Biały"}, {"name": "biały"}, {}])["create"]
        assert [row.get("error", {}).get("code") for row in answer] == [None, "term_exists", "empty_term_name"]
    assert talk.batch("taxes", create=[{"rate": "7", "name": "7%"}])["create"][0]["rate"] == "7.0000"


def test_empty_lists_leave_no_trace_in_the_answer(talk: Talk) -> None:
    assert talk.batch("products", create=[], update=[]) == []
    assert talk.batch("products", delete=[0, 7])["delete"][0]["id"] == 7


def test_nothing_is_created_under_a_given_id(talk: Talk) -> None:
    assert talk.refused("POST", "products", {"id": 7, "name": "A"})[1] == "woocommerce_rest_product_exists"
    row = talk.batch("products", create=[{"id": 7, "name": "A"}])["create"][0]
    assert (row["id"], row["error"]["code"]) == (0, "woocommerce_rest_product_exists")
    made = talk.send("POST", "products", {"name": "A"})
    assert made.headers["Location"].endswith(f"/wp-json/wc/v3/products/{made.body['id']}")


def test_a_sent_again_batch_names_what_it_made_before(talk: Talk) -> None:
    batch = [{"name": text, "sku": text} for text in "ABC"]
    made = [row["id"] for row in talk.batch("products", create=batch)["create"]]
    again = [row["error"] for row in talk.batch("products", create=batch)["create"]]
    assert {error["code"] for error in again} == {"product_invalid_sku"}
    assert [error["data"]["resource_id"] for error in again] == made
