"""Faults, control address, server, saving, generated shops of the PrestaShop simulator."""

import http.client
import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit
from xml.etree import ElementTree

import pytest

from shops.connectors.prestashop.simulator import API_KEY, Dropped, PrestaSimulator, ShopState, serve
from shops.connectors.prestashop.simulator.persistence import dump, read, restore, save
from shops.simulation.pictures import small_png
from tests.connectors.prestashop_shop import NEW_PRODUCT, Talk, basic

ROOT = Path(__file__).parents[2]


@pytest.fixture
def talk() -> Talk:
    return Talk(PrestaSimulator())


class Line:
    """One kept-alive connection."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        assert parts.hostname is not None
        self.connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=10)

    def send(self, method: str, path: str, body: str | None = None, **query: Any) -> tuple[int, bytes]:
        target = f"/api/{path}?{urlencode(query)}"
        sent = None if body is None else body.encode()
        self.connection.request(method, target, sent, {"Authorization": basic(API_KEY)})
        answer = self.connection.getresponse()
        return answer.status, answer.read()


@pytest.fixture
def line(talk: Talk) -> Iterator[Line]:
    with serve(talk.shop) as server:
        found = Line(server.url)
        yield found
        found.connection.close()


BRAND = "<prestashop><manufacturer><name>Ćmielów</name><active>1</active></manufacturer></prestashop>"


def test_a_connection_serves_reads_and_writes(line: Line) -> None:
    line.connection.connect()
    socket = line.connection.sock
    status, body = line.send("POST", "manufacturers", BRAND)
    assert (status, ElementTree.fromstring(body)[0].findtext("name")) == (201, "Ćmielów")
    host = f"{line.connection.host}:{line.connection.port}"
    assert f'xlink:href="http://{host}/api/manufacturers/1"'.encode() in line.send("GET", "manufacturers")[1]
    assert line.send("GET", "products", output_format="JSON") == (200, b"[]")
    assert line.send("HEAD", "languages") == (200, b"")
    assert line.connection.sock is socket


def test_a_dropped_answer_leaves_the_work_done_and_a_reset_does_none(talk: Talk, line: Line) -> None:
    for kind, made in (("reset", []), ("drop", [1])):
        talk.shop.faults.add(kind, method="POST", resource="manufacturers")
        with pytest.raises((http.client.RemoteDisconnected, ConnectionResetError)):
            line.send("POST", "manufacturers", BRAND)
        line.connection.close()
        assert talk.ids("manufacturers") == made


def test_answers_that_are_no_good(talk: Talk) -> None:
    for number in range(4):
        talk.shop.state.add_product(f"A-{number}", "A")
    faults = talk.shop.faults
    faults.add("too_many")
    reply = talk.send("GET", "products")
    assert (reply.status, reply.headers["Retry-After"]) == (429, "1")
    faults.add("error", status=502, skip=1, times=2, resource="products")
    assert [talk.send("GET", "products").status for _ in range(4)] == [200, 502, 502, 200]
    faults.add("error", status=500)
    assert talk.send("GET", "products").content == b""
    faults.add("html")
    reply = talk.send("GET", "products")
    assert (reply.status, reply.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    faults.add("redirect")
    reply = talk.send("GET", "products/1")
    assert (reply.status, reply.headers["Location"]) == (302, "http://elsewhere.example/?url=products/1")
    faults.add("reset")
    with pytest.raises(Dropped):
        talk.send("GET", "products")


def test_answers_cut_short(talk: Talk) -> None:
    for number in range(4):
        talk.shop.state.add_product(f"A-{number}", "A")
    for query in ({}, {"output_format": "JSON"}):
        talk.shop.faults.add("truncated")
        cut = talk.send("GET", "products", display="full", **query)
        with pytest.raises((ElementTree.ParseError, json.JSONDecodeError)):
            _ = cut.json if query else cut.xml
    talk.shop.faults.add("short_page")
    assert talk.ids("products") == [1, 2]
    assert talk.ids("products") == [1, 2, 3, 4]


def test_a_delay_is_waited_on_the_given_sleep() -> None:
    waited: list[float] = []
    talk = Talk(PrestaSimulator(sleep=waited.append))
    talk.shop.faults.add("delay", seconds=7)
    assert talk.send("GET", "products").status == 200
    assert waited == [7]


def test_a_revoked_key_is_no_longer_active(talk: Talk) -> None:
    talk.shop.faults.add("revoke")
    assert talk.send("GET", "products").codes == [20, 21]


def test_a_broken_record_is_one_row_of_its_page(talk: Talk) -> None:
    for number in range(3):
        talk.shop.state.add_product(f"A-{number}", "A")
    talk.shop.faults.break_record("products", 2, {"price": "drogo", "name": None})
    rows = talk.rows("products", "[id,price,name]")
    assert [row["price"] for row in rows] == ["1.000000", "drogo", "1.000000"]
    assert rows[1]["name"] is None
    assert [p.text for p in talk.send("GET", "products", display="[price]").xml.iter("price")][1] == "drogo"
    talk.shop.faults.clear()
    assert talk.row("products", 2)["price"] == "1.000000"


# the control address


def control(talk: Talk, method: str, what: str, body: Any = None) -> Any:
    reply = talk.send(method, f"/_control/{what}", "" if body is None else json.dumps(body))
    return reply.json if reply.status == 200 else reply.status


def test_the_control_address_counts_and_switches(talk: Talk) -> None:
    talk.post("products", NEW_PRODUCT)
    control(talk, "POST", "faults", {"kind": "error", "status": 503, "resource": "products"})
    assert talk.send("GET", "products").status == 503
    stats = control(talk, "GET", "stats")
    assert stats["requests"] == {"POST products": 1, "GET products": 1}
    assert (stats["writes"], stats["bulk_items"], stats["statuses"]) == (1, 1, {"201": 1, "503": 1})
    control(talk, "POST", "break_record", {"resource": "products", "id": 1})
    assert talk.row("products", 1)["price"] == "?"
    control(talk, "DELETE", "faults")
    control(talk, "POST", "rights", {"rights": {"products": ["GET"]}})
    assert talk.send("GET", "languages").status == 401
    control(talk, "POST", "switches", {"enabled": False, "full_rows": 5})
    assert talk.send("GET", "products").status == 503
    assert talk.shop.api.full_rows == 5
    assert control(talk, "POST", "switches", {"typo": 1}) == 400
    assert control(talk, "POST", "faults", {"kind": "?"}) == 400
    assert control(talk, "POST", "save") == 400
    control(talk, "POST", "switches", {"enabled": True})
    control(talk, "POST", "hosting", {"blocked": ["GET"]})
    assert talk.send("GET", "products").status == 405
    control(talk, "POST", "reset_stats")
    assert control(talk, "GET", "stats")["requests"] == {}


def test_the_control_address_answers_loopback_only(talk: Talk) -> None:
    assert talk.send("GET", "/_control/stats", headers={"REMOTE_ADDR": "192.0.2.7"}).status == 403


def test_a_shop_is_put_in_the_place_of_another(talk: Talk) -> None:
    talk.shop.state.add_product("A-1", "Kubek")
    kept = control(talk, "GET", "state")
    talk.shop.state.remove_product(1)
    control(talk, "POST", "state", kept)
    assert talk.row("products", 1)["reference"] == "A-1"


# keeping a shop


def everything(talk: Talk) -> dict[str, Any]:
    names = ("products", "combinations", "stock_availables", "categories", "languages", "taxes", "product_options")
    return {name: talk.rows(name) for name in names}


def test_a_shop_comes_back_from_its_file(talk: Talk, tmp_path: Path) -> None:
    state = talk.shop.state
    values = state.add_option("Kolor", ["biały", "czarny"])
    combinations = [{"reference": f"V-{n}", "values": [v], "stock": 2} for n, v in values.items()]
    state.add_product("A-1", {1: "Mug", 2: "Kubek"}, 5, combinations=combinations, pictures=[small_png(5)])
    gone = state.add_product("A-2", "Młotek")
    talk.send("DELETE", f"products/{gone}")
    save(state, tmp_path / "shop.json")
    again = Talk(PrestaSimulator(read(tmp_path / "shop.json")))
    assert everything(again) == everything(talk)
    assert again.send("GET", "images/products/1/1").content == small_png(5)
    assert again.post("products", NEW_PRODUCT) == talk.post("products", NEW_PRODUCT) == gone + 1


def test_a_generated_shop_comes_back_with_its_changes() -> None:
    talk = Talk(PrestaSimulator(ShopState.generated(30)))
    talk.patch("products", 7, "<price>3</price>")
    talk.send("DELETE", "products/8")
    talk.post("products", NEW_PRODUCT)
    talk.shop.state.set_quantity(9, 0, 77)
    kept = json.loads(json.dumps(dump(talk.shop.state)))
    assert [row_id for row_id, _ in kept["tables"]["products"]["rows"]] == [7, 31]
    assert everything(Talk(PrestaSimulator(restore(kept)))) == everything(talk)


def test_a_file_of_another_format_is_refused() -> None:
    with pytest.raises(ValueError, match="format 99"):
        restore({"format": 99})


# generated shops


def test_a_generated_shop_hangs_together() -> None:
    talk = Talk(PrestaSimulator(ShopState.generated(40, variants_share=0.5, images=2)))
    products = {row["id"]: row for row in talk.rows("products")}
    assert len({row["reference"] for row in products.values()}) == 40
    assert sum(row["product_type"] == "combinations" for row in products.values()) == 20
    categories, brands = set(talk.ids("categories")), set(talk.ids("manufacturers"))
    for product, row in products.items():
        lists = row["associations"]
        assert {member["id"] for member in lists["categories"]} <= categories
        assert row["id_manufacturer"] in brands
        assert lists["images"][0]["id"] == row["id_default_image"]
        stock = talk.stock(product)
        if row["product_type"] == "combinations":
            assert stock[0] == sum(stock.values()) - stock[0]
            assert set(stock) == {0, *(member["id"] for member in lists["combinations"])}
    assert talk.send("GET", "images/products/40/79").content == small_png(79)


def test_generated_rows_are_found_by_what_they_show() -> None:
    talk = Talk(PrestaSimulator(ShopState.generated(40, variants_share=0.5)))
    for table, fields in (
        ("products", ("reference", "id_category_default", "date_upd")),
        ("combinations", ("reference", "id_product")),
        ("stock_availables", ("id_product", "id_product_attribute")),
    ):
        for row in talk.rows(table):
            for field in fields:
                found = talk.ids(table, filters={field: f"[{row[field]}]"}, date=1)
                assert row["id"] in found


def test_a_generated_product_takes_writes() -> None:
    talk = Talk(PrestaSimulator(ShopState.generated(20, variants_share=1)))
    first = talk.shop.state.owned("combinations", 5)[0]
    (row,) = talk.ids("stock_availables", filters={"id_product": 5, "id_product_attribute": first})
    others = sum(quantity for key, quantity in talk.stock(5).items() if key not in (0, first))
    talk.patch("stock_availables", row, "<quantity>500</quantity>")
    assert talk.stock(5)[0] == others + 500
    talk.patch("products", 5, "<reference>NOWY</reference>")
    assert talk.ids("products", filters={"reference": "NOWY"}) == [5]
    talk.send("DELETE", "products/5")
    assert talk.ids("combinations", filters={"id_product": 5}) == []
    assert 5 not in talk.ids("products")


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the system does not tell")
def test_a_hundred_thousand_products_start_quickly_and_small() -> None:
    # Not ru_maxrss: a process inherits it from the one that started it.
    program = (
        "import time; began = time.process_time();"
        "from shops.connectors.prestashop.simulator import PrestaSimulator, ShopState;"
        "shop = PrestaSimulator(ShopState.generated(100_000));"
        "own = [line.split()[1] for line in open('/proc/self/status') if line.startswith('VmHWM')];"
        "print(time.process_time() - began, *own)"
    )
    out = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    seconds, kilobytes = out.split()
    assert float(seconds) < 5
    assert int(kilobytes) < 200_000


def test_the_command_serves_a_shop_and_keeps_it(tmp_path: Path) -> None:
    program = (
        "from pathlib import Path;"
        "from shops.connectors.prestashop.simulator.process import simulator;"
        "from shops.simulation.process import run;"
        f"kept = Path({str(tmp_path / 'shop.json')!r});"
        "run(simulator(products=5, limited=False, state_file=kept), state_file=kept, "
        "ready=lambda url: print(url, flush=True))"
    )
    process = subprocess.Popen([sys.executable, "-c", program], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        line = Line(process.stdout.readline().strip())
        status, _ = line.send("PATCH", "products", "<p><a><id>2</id><price>4</price></a></p>")
        assert status == 200
        line.connection.close()
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=20) == 0
    finally:
        process.kill()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()
    kept = Talk(PrestaSimulator(read(tmp_path / "shop.json")))
    assert [row["price"] for row in kept.rows("products", "[price]")][1] == "4.000000"
