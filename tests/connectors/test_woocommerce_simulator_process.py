"""Webhooks, faults, control address, server, saving, generated shops of the WooCommerce simulator."""

import base64
import hashlib
import hmac
import http.client
import json
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from shops.connectors.woocommerce.simulator import Dropped, ShopState, WooSimulator, serve
from shops.connectors.woocommerce.simulator.persistence import dump, read, restore, save
from shops.simulation.pictures import small_png
from tests.connectors.woocommerce_shop import KEY, PERSON, Talk

ROOT = Path(__file__).parents[2]
API = "/wp-json/wc/v3"


@pytest.fixture
def shop() -> WooSimulator:
    return WooSimulator()


@pytest.fixture
def talk(shop: WooSimulator) -> Talk:
    return Talk(shop)


# webhooks


def hook(talk: Talk, topic: str = "product.updated", **fields: Any) -> int:
    """A registered webhook whose ping has gone out."""
    body = {"topic": topic, "delivery_url": "https://panel.example/h", "secret": "tajne", **fields}
    made = talk.post("webhooks", body)
    talk.shop.deliver()
    return int(made["id"])


def test_a_new_webhook_sends_an_unsigned_ping(talk: Talk) -> None:
    made = talk.post("webhooks", {"topic": "product.updated", "delivery_url": "https://panel.example/h", "secret": "s"})
    assert (made["status"], made["topic"], "secret" in made) == ("active", "product.updated", False)
    ping = talk.shop.deliver()[0]
    assert (ping.url, ping.body) == ("https://panel.example/h", f"webhook_id={made['id']}".encode())
    assert ping.headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert "X-WC-Webhook-Signature" not in ping.headers


def test_a_delivery_is_signed_and_shows_the_object_as_it_is_then(talk: Talk) -> None:
    number = hook(talk)
    product = talk.post("products", {"name": "A"})["id"]
    for name in ("B", "C"):
        talk.put(f"products/{product}", {"name": name})
    [delivery] = talk.shop.deliver()
    made = hmac.new(b"tajne", delivery.body, hashlib.sha256).digest()
    assert delivery.headers["X-WC-Webhook-Signature"] == base64.b64encode(made).decode()
    assert json.loads(delivery.body)["name"] == "C"
    expected = {"Topic": "product.updated", "Resource": "product", "Event": "updated", "ID": str(number)}
    assert {name: delivery.headers[f"X-WC-Webhook-{name}"] for name in expected} == expected
    assert delivery.headers["User-Agent"] == "WooCommerce/10.5.0 Hookshot (WordPress/6.9.7)"
    assert talk.shop.deliver() == []


def test_deliveries_of_one_webhook_in_one_second_share_their_id() -> None:
    now = [1_795_313_284.0]
    talk = Talk(WooSimulator(ShopState(clock=lambda: now[0])))
    hook(talk)
    ids = [talk.shop.state.add_product(text, text) for text in "AB"]
    seen = []
    for second in (0, 1):
        now[0] += second
        for product in ids:
            talk.put(f"products/{product}", {})
        seen += [one.headers["X-WC-Webhook-Delivery-ID"] for one in talk.shop.deliver()]
    assert len(seen) == 4
    assert seen[0] == seen[1] != seen[2] == seen[3]


def test_variations_arrive_as_updated_products(talk: Talk) -> None:
    hook(talk)
    size = talk.shop.state.add_attribute("Rozmiar", ["S"])
    parent = talk.shop.state.add_product("P", "P", variations=[{"sku": "P-S", "option": "S"}], attribute=size)
    talk.batch(f"products/{parent}/variations", update=[{"id": parent + 1, "stock_quantity": 4}])
    bodies = [json.loads(one.body) for one in talk.shop.deliver()]
    assert (parent + 1, "variation") in [(body["id"], body["type"]) for body in bodies]


def test_only_the_trash_tells_of_deletions(talk: Talk) -> None:
    hook(talk, "product.deleted")
    ids = [talk.shop.state.add_product(text, text) for text in "ABC"]
    talk.send("DELETE", f"products/{ids[0]}")
    talk.send("DELETE", f"products/{ids[1]}", force="true")
    talk.batch("products", delete=[ids[2]])
    assert [json.loads(one.body) for one in talk.shop.deliver()] == [{"id": ids[0]}]


def test_an_object_that_is_gone_by_then_is_an_error(talk: Talk) -> None:
    hook(talk)
    product = talk.shop.state.add_product("A", "A")
    talk.put(f"products/{product}", {})
    talk.shop.state.remove_product(product)
    assert [json.loads(one.body)["code"] for one in talk.shop.deliver()] == ["woocommerce_rest_product_invalid_id"]


def test_a_webhook_dies_of_its_failures_and_can_be_woken(talk: Talk) -> None:
    number = hook(talk)
    product = talk.shop.state.add_product("A", "A")
    for turn in range(7):
        talk.put(f"products/{product}", {})
        for delivery in talk.shop.deliver():
            talk.shop.delivered(delivery, 302 if turn == 0 else 500)
    assert talk.get(f"webhooks/{number}")["status"] == "disabled"
    talk.put(f"products/{product}", {})
    assert talk.shop.deliver() == []
    assert talk.put(f"webhooks/{number}", {"status": "active"})["status"] == "active"
    talk.put(f"products/{product}", {})
    assert len(talk.shop.deliver()) == 1


def test_what_cannot_be_registered(talk: Talk) -> None:
    good = {"topic": "product.updated", "delivery_url": "https://panel.example/h"}
    status, code, _ = talk.refused("POST", "webhooks", {**good, "topic": "product.sold"})
    assert (status, code) == (400, "woocommerce_rest_shop_webhook_invalid_topic")
    assert talk.refused("POST", "webhooks", {**good, "delivery_url": "ftp://x"})[0] == 400
    assert talk.refused("POST", "webhooks", {"topic": "product.updated"})[1] == "rest_missing_callback_param"
    number = hook(talk)
    assert talk.ids("webhooks", status="active") == [number]
    assert talk.refused("DELETE", f"webhooks/{number}")[0] == 501
    talk.send("DELETE", f"webhooks/{number}", force="true")
    assert talk.refused("GET", f"webhooks/{number}")[:2] == (404, "woocommerce_rest_shop_webhook_invalid_id")


# faults and control


def test_faults_hit_after_so_many_and_so_often_as_told(talk: Talk) -> None:
    talk.shop.faults.add("error", status=502, resource="taxes/classes", method="GET", skip=1, times=2)
    talk.get("taxes")
    assert [talk.send("GET", "taxes/classes").status for _ in range(4)] == [200, 502, 502, 200]


def test_answers_that_are_no_good(talk: Talk) -> None:
    faults = talk.shop.faults
    faults.add("too_many", seconds=7)
    reply = talk.send("GET", "taxes")
    assert (reply.status, reply.headers["Retry-After"]) == (429, "7")
    faults.add("too_many", seconds=0)
    assert "Retry-After" not in talk.send("GET", "taxes").headers
    faults.add("error")
    reply = talk.send("GET", "taxes")
    assert (reply.status, reply.body["code"]) == (500, "internal_server_error")
    faults.add("html")
    reply = talk.send("GET", "taxes")
    assert (reply.status, reply.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    faults.add("redirect")
    assert talk.send("GET", "taxes").status == 301
    faults.add("truncated")
    with pytest.raises(json.JSONDecodeError):
        talk.send("GET", "taxes")
    faults.add("short_page")
    reply = talk.send("GET", "taxes")
    assert (reply.headers["X-WP-Total"], len(reply.body)) == ("4", 2)
    faults.add("reset", method="POST")
    with pytest.raises(Dropped):
        talk.send("POST", "products", {"name": "A"})
    assert talk.get("products") == []


def test_the_shop_finishes_a_batch_whose_client_is_gone(talk: Talk) -> None:
    talk.shop.faults.add("drop", resource="products/batch")
    with pytest.raises(Dropped):
        talk.batch("products", create=[{"name": f"A{n}", "sku": f"A{n}"} for n in range(60)])
    assert talk.send("GET", "products").headers["X-WP-Total"] == "60"


def test_a_delay_is_waited_on_the_given_sleep() -> None:
    waited: list[float] = []
    talk = Talk(WooSimulator(sleep=waited.append))
    talk.shop.faults.add("delay", seconds=7)
    assert talk.get("products") == []
    assert waited == [7]


def test_a_broken_record_is_one_element_of_its_page(talk: Talk) -> None:
    size = talk.shop.state.add_attribute("Rozmiar", ["S"])
    parent = talk.shop.state.add_product("P", "P", variations=[{"sku": "P-S", "option": "S"}], attribute=size)
    for name, row_id in (("products", parent), ("products/variations", parent + 1)):
        talk.send("POST", "/_control/break_record", {"resource": name, "id": row_id})
    for path in ("products", "variations", f"products/{parent}/variations"):
        assert [row["manage_stock"] for row in talk.get(path)] == ["?"]
    assert talk.get(f"products/{parent}")["name"] is None
    talk.shop.faults.clear()
    assert talk.get(f"products/{parent}")["name"] == "P"


def test_the_control_address_switches_and_counts(talk: Talk) -> None:
    product = talk.shop.state.add_product("A", "A")
    talk.get(f"products/{product}")
    talk.batch("products", update=[{"id": product}, {"id": 9}])
    talk.batch(f"products/{product}/variations", create=[])
    talk.raw("GET", "/wp-json/wp/v2/media")
    stats = talk.get("/_control/stats")
    assert stats["requests"] == {
        "GET products": 1,
        "POST products/batch": 1,
        "POST products/variations/batch": 1,
        "GET media": 1,
    }
    assert (stats["writes"], stats["bulk_items"]) == (2, 2)
    talk.send("POST", "/_control/revoke")
    assert talk.refused("GET", "products")[1] == "woocommerce_rest_cannot_view"
    talk.send("POST", "/_control/restore_keys")
    talk.send("POST", "/_control/tls", {"on": False})
    assert talk.send("GET", "products").status == 401
    talk.send("POST", "/_control/tls", {"on": True})
    hook(talk)
    talk.put(f"products/{product}", {})
    [delivery] = talk.send("POST", "/_control/deliveries").body["deliveries"]
    assert json.loads(delivery["body"])["id"] == product
    assert talk.raw("GET", "/_control/stats", REMOTE_ADDR="192.0.2.7").status == 403


# saving


def busy_shop(talk: Talk) -> None:
    state = talk.shop.state
    state.remote_files["https://img.example/a.png"] = small_png(5)
    size = state.add_attribute("Rozmiar", ["S"])
    state.add_product("P", "P", variations=[{"sku": "P-S", "option": "S"}], attribute=size, images=[small_png(1)])
    talk.post("products", {"name": "A", "sku": "A", "images": [{"src": "https://img.example/a.png"}]})
    talk.post("taxes/classes", {"name": "VAT 7"})
    talk.put("settings/tax/woocommerce_prices_include_tax", {"value": "no"})
    talk.post("webhooks", {"topic": "product.updated", "delivery_url": "https://panel.example/h"})
    talk.send("DELETE", "taxes/2", force="true")
    state.add_order({state.sku_owner("A", trash=False) or 0: 1})
    state.orphan_skus.add("x")


def everything(talk: Talk) -> dict[str, Any]:
    paths = ("products", "variations", "products/categories", "products/attributes", "taxes", "taxes/classes")
    paths += ("settings/tax", "settings/products", "orders", "webhooks", "system_status")
    person = Talk(talk.shop, PERSON)
    found = {path: talk.get(path) for path in paths} | {"media": person.get("/wp-json/wp/v2/media")}
    for one in found["media"]:
        address = one["source_url"].removeprefix("https://shop.example")
        found[one["source_url"]] = talk.raw("GET", address).body
    return found


def test_a_shop_comes_back_from_its_file(talk: Talk, tmp_path: Path) -> None:
    busy_shop(talk)
    save(talk.shop.state, tmp_path / "shop.json")
    again = Talk(WooSimulator(read(tmp_path / "shop.json")))
    assert everything(again) == everything(talk)
    assert again.shop.deliver() == talk.shop.deliver()
    assert again.refused("POST", "products", {"name": "X", "sku": "X"})[1] == "woocommerce_rest_product_not_created"
    assert again.post("products", {"name": "N"})["id"] == talk.post("products", {"name": "N"})["id"]


def test_a_generated_shop_comes_back_with_its_changes() -> None:
    talk = Talk(WooSimulator(ShopState.generated(30)))
    number = talk.ids("products", sku="SIM-000007")[0]
    talk.put(f"products/{number}", {"name": "Nowy", "stock_quantity": 3})
    talk.send("DELETE", f"products/{number + 8}", force="true")
    saved = json.loads(json.dumps(dump(talk.shop.state)))
    assert len(saved["tables"]["products"]["rows"]) == 1
    again = Talk(WooSimulator(restore(saved)))
    assert again.get("products", per_page=100) == talk.get("products", per_page=100)
    assert again.get("variations", per_page=100) == talk.get("variations", per_page=100)
    again.send("POST", "/_control/state", saved)
    assert again.get(f"products/{number}")["name"] == "Nowy"


def test_a_file_of_another_version_is_refused() -> None:
    with pytest.raises(ValueError, match="version 99"):
        restore({"version": 99})


# generated shops


def test_computed_rows_are_found_by_what_they_hold() -> None:
    state = ShopState.generated(40)
    assert state.recipe is not None
    paths = ("kind", "sku", "parent", "global_unique_id", "slug", "status", "categories", "brands", "type", "modified")
    for row_id in list(state.products):
        quick = {path: state.recipe.value("products", row_id, path) for path in paths}
        state.products.rows[row_id] = state.products.get(row_id)
        assert {path: state.values("products", row_id, path) for path in paths} == quick


def test_a_generated_shop_holds_together() -> None:
    talk = Talk(WooSimulator(ShopState.generated(20, images=2)))
    rows = talk.get("products", per_page=100, orderby="id", order="asc")
    assert [row["sku"] for row in rows] == [f"SIM-{number:06d}" for number in range(1, 21)]
    assert sum(row["type"] == "variable" for row in rows) == 6
    for row in rows:
        assert len(row["categories"]) == len(row["brands"]) == 1
        assert all(
            talk.raw("GET", one["src"].removeprefix("https://shop.example")).status == 200 for one in row["images"]
        )
        if row["type"] == "variable":
            inner = talk.get(f"products/{row['id']}/variations", orderby="id", order="asc")
            assert [one["id"] for one in inner] == row["variations"]
            assert [one["name"] for one in inner] == ["S", "M", "L"]


def test_a_hundred_thousand_products_take_little_room(record_property: Any) -> None:
    before, started = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.perf_counter()
    talk = Talk(WooSimulator(ShopState.generated(100_000)))
    talk.get("products", per_page=1, orderby="id", order="asc")
    built = time.perf_counter() - started
    started, pages, seen = time.perf_counter(), 20, 0
    for page in range(1, pages + 1):
        rows = talk.get("products", per_page=100, page=page, orderby="id", order="asc")
        assert [row["id"] for row in rows] == [8 * number for number in range(seen + 1, seen + 101)]
        seen += 100
    rate = pages / (time.perf_counter() - started)
    assert talk.ids("products", sku="sim-050000") == [400_000]
    since = talk.get("products/800000")["date_modified_gmt"]
    talk.put("products/8", {"stock_quantity": 3})
    assert talk.ids("products", modified_after=since, dates_are_gmt="true") == [8]
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    record_property("seconds_to_build", round(built, 2))
    record_property("pages_of_100_a_second", round(rate, 1))
    record_property("megabytes", round(grown))
    print(f"built in {built:.2f} s, {rate:.0f} pages of 100 a second with decoding, {grown:.0f} MB")
    assert grown < 200


# the server


class Line:
    """One kept-alive connection."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        assert parts.hostname is not None
        self.connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=10)

    def send(self, method: str, path: str, body: Any = None) -> tuple[int, bytes]:
        content = None if body is None else json.dumps(body)
        self.connection.request(method, path, content, {"Authorization": KEY, "Content-Type": "application/json"})
        answer = self.connection.getresponse()
        return answer.status, answer.read()


@pytest.fixture
def line(shop: WooSimulator) -> Iterator[Line]:
    with serve(shop) as server:
        found = Line(server.url)
        yield found
        found.connection.close()


def test_a_connection_serves_many_requests(line: Line) -> None:
    line.connection.connect()
    socket = line.connection.sock
    assert line.send("POST", f"{API}/products", {"name": "Zażółć"})[0] == 201
    assert json.loads(line.send("GET", f"{API}/products")[1])[0]["name"] == "Zażółć"
    assert line.send("HEAD", f"{API}/products") == (200, b"")
    assert line.connection.sock is socket


def test_a_dropped_answer_leaves_the_work_done(shop: WooSimulator, line: Line) -> None:
    shop.faults.add("drop", method="POST", resource="products")
    with pytest.raises((http.client.RemoteDisconnected, ConnectionResetError)):
        line.send("POST", f"{API}/products", {"name": "A"})
    line.connection.close()
    assert len(json.loads(line.send("GET", f"{API}/products")[1])) == 1


def test_the_command_serves_and_keeps_the_shop(tmp_path: Path) -> None:
    command = [sys.executable, str(ROOT / "manage.py"), "simulator", "woocommerce", "--no-limit"]
    command += ["--products", "3", "--state", str(tmp_path / "shop.json")]
    for expected in (3, 4):
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
            try:
                assert process.stdout is not None
                line = Line(process.stdout.readline().split()[-1])
                assert len(json.loads(line.send("GET", f"{API}/products")[1])) == expected
                line.send("POST", f"{API}/products", {"name": "A"})
                line.connection.close()
            finally:
                process.terminate()
            assert process.wait(timeout=20) == 0
