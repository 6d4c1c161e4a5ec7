"""Faults, control address, server, saving, generated shops of the Shoper simulator."""

import http.client
import json
import random
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest

from shops.connectors.shoper.simulator import STATIC_TOKEN, ShoperSimulator, ShopState, serve
from shops.connectors.shoper.simulator.persistence import dump, read, restore, save
from shops.connectors.shoper.simulator.rows import render
from shops.simulation.faults import Dropped
from shops.simulation.pictures import small_png
from tests.connectors.shoper_shop import Talk, new_product, picture

ROOT = Path(__file__).parents[2]


@pytest.fixture
def shop() -> ShoperSimulator:
    return ShoperSimulator(limited=False)


@pytest.fixture
def talk(shop: ShoperSimulator) -> Talk:
    return Talk(shop)


class Line:
    """One kept-alive connection."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        assert parts.hostname is not None
        self.connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=10)

    def send(self, method: str, path: str, body: Any = None) -> tuple[int, bytes]:
        headers = {"Authorization": f"Bearer {STATIC_TOKEN}"}
        self.connection.request(method, path, None if body is None else json.dumps(body), headers)
        answer = self.connection.getresponse()
        return answer.status, answer.read()


@pytest.fixture
def line(shop: ShoperSimulator) -> Iterator[Line]:
    with serve(shop) as server:
        found = Line(server.url)
        yield found
        found.connection.close()


def test_a_connection_serves_many_requests(line: Line) -> None:
    line.connection.connect()
    socket = line.connection.sock
    for _ in range(5):
        status, body = line.send("GET", "/webapi/rest/units?" + urlencode({"filters": '{"unit_id":2}'}))
        assert (status, json.loads(body)["count"]) == (200, "1")
    status, body = line.send("POST", "/webapi/rest/producers", {"name": "Zażółć"})
    assert line.send("GET", f"/webapi/rest/producers/{int(body)}")[1].count(b"\\u00f3") == 1
    assert line.send("HEAD", "/webapi/rest/units") == (200, b"")
    assert line.connection.sock is socket


def test_a_dropped_answer_leaves_the_work_done(shop: ShoperSimulator, line: Line) -> None:
    shop.faults.add("drop", method="POST", resource="producers")
    with pytest.raises((http.client.RemoteDisconnected, ConnectionResetError)):
        line.send("POST", "/webapi/rest/producers", {"name": "Acme"})
    line.connection.close()
    assert json.loads(line.send("GET", "/webapi/rest/producers")[1])["count"] == "1"


def test_a_reset_does_no_work(shop: ShoperSimulator, line: Line) -> None:
    shop.faults.add("reset")
    with pytest.raises((http.client.RemoteDisconnected, ConnectionResetError)):
        line.send("POST", "/webapi/rest/producers", {"name": "Acme"})
    line.connection.close()
    assert json.loads(line.send("GET", "/webapi/rest/producers")[1])["count"] == "0"


def test_closing_ends_open_connections(shop: ShoperSimulator) -> None:
    with serve(shop) as server:
        line = Line(server.url)
        line.send("GET", "/webapi/rest/units")
    with pytest.raises((ConnectionError, http.client.HTTPException)):
        line.send("GET", "/webapi/rest/units")
    line.connection.close()


def test_faults_hit_after_so_many_and_so_often_as_told(talk: Talk) -> None:
    talk.shop.faults.add("error", status=502, resource="units", method="GET", skip=1, times=2)
    talk.get("producers")
    assert [talk.send("GET", "units").status for _ in range(4)] == [200, 502, 502, 200]
    assert talk.shop.faults.happened["error"] == 2
    with pytest.raises(ValueError, match="unknown fault"):
        talk.shop.faults.add("nonsense")


def test_answers_that_are_no_good(talk: Talk) -> None:
    faults = talk.shop.faults
    faults.add("too_many")
    reply = talk.send("GET", "units")
    assert (reply.status, reply.headers["Retry-After"]) == (429, "1")
    faults.add("html")
    reply = talk.send("GET", "units")
    assert (reply.status, reply.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    faults.add("redirect")
    assert talk.send("GET", "units").status == 301
    faults.add("truncated")
    with pytest.raises(json.JSONDecodeError):
        talk.send("GET", "units")
    faults.add("short_page")
    page = talk.get("units")
    assert (page["count"], len(page["list"])) == ("5", 2)
    faults.add("reset")
    with pytest.raises(Dropped):
        talk.send("GET", "units")


def test_a_delay_is_waited_on_the_given_sleep() -> None:
    waited: list[float] = []
    talk = Talk(ShoperSimulator(limited=False, sleep=waited.append))
    talk.shop.faults.add("delay", seconds=7)
    assert talk.send("GET", "units").status == 200
    assert waited == [7]


def test_a_broken_record_is_one_element_of_its_page(talk: Talk) -> None:
    for number in range(3):
        talk.shop.state.add_product(f"A{number}", f"A{number}")
    talk.shop.faults.break_record("products", 2)
    rows = talk.get("products")["list"]
    assert [row["translations"] is None for row in rows] == [False, True, False]
    talk.shop.faults.clear()
    assert talk.get("products/2")["translations"]["pl_PL"]["name"] == "A1"


def test_a_revoked_token_is_401_until_the_next_login(talk: Talk) -> None:
    token = talk.raw("POST", "auth", query="client_id=integrator&client_secret=integrator-password").body[
        "access_token"
    ]
    user = Talk(talk.shop, token)
    assert user.get("units")
    talk.shop.faults.add("revoke")
    assert user.send("GET", "units").status == 401


def test_the_control_address_switches_and_counts(talk: Talk) -> None:
    talk.get("units")
    talk.send("POST", "bulk", [{"id": "1", "path": "/webapi/rest/units", "method": "GET"}])
    talk.send("POST", "/_control/faults", {"kind": "error", "status": 503})
    assert talk.send("GET", "units").status == 503
    stats = talk.get("/_control/stats")
    assert stats["requests"] == {"GET units": 2, "POST bulk": 1}
    assert (stats["total"], stats["bulk_items"], stats["statuses"]) == (3, 1, {"200": 2, "503": 1})
    assert stats["cpu_seconds"] >= 0
    talk.send("POST", "/_control/reset_stats")
    assert talk.get("/_control/stats")["requests"] == {}
    talk.send("POST", "/_control/lock", {"resource": "units", "id": 1})
    assert talk.refused("PUT", "units/1", {})[0] == 409
    talk.send("DELETE", "/_control/faults")
    talk.put("units/1", {})
    talk.send("POST", "/_control/quirks", {"image_order_writable": True})
    assert talk.shop.quirks.image_order_writable
    assert talk.send("POST", "/_control/quirks", {"typo": 1}).status == 400
    talk.send("POST", "/_control/rights", {"login": "integration", "rights": {"units": "read"}})
    assert talk.refused("PUT", "units/1", {})[0] == 403
    assert talk.send("POST", "/_control/faults", {"kind": "?"}).status == 400


def test_the_control_address_answers_loopback_only(talk: Talk) -> None:
    assert talk.raw("GET", "/_control/stats", REMOTE_ADDR="192.0.2.7").status == 403
    assert talk.raw("GET", "/_control/stats", REMOTE_ADDR="::1").status == 200


def busy_shop(talk: Talk) -> None:
    state = talk.shop.state
    category = state.add_category("A", state.add_category("B"))
    group, option, values = state.add_option("Kolor", "Kolor", ["biały"])
    product = talk.post("products", new_product(category, group_id=group))
    state.add_variant(product, "V", {option: values["biały"]})
    talk.post("product-images", {"product_id": product, "content": picture(5)})
    talk.send("DELETE", "units/3")


def everything(talk: Talk) -> dict[str, Any]:
    names = ("units", "categories", "categories-tree", "products", "product-stocks", "product-images", "option-groups")
    return {name: talk.get(name, limit=50) for name in (*names, "option-values", "application-config")}


def test_a_shop_comes_back_from_its_file(talk: Talk, tmp_path: Path) -> None:
    busy_shop(talk)
    save(talk.shop.state, tmp_path / "shop.json")
    again = Talk(ShoperSimulator(read(tmp_path / "shop.json"), limited=False))
    assert everything(again) == everything(talk)
    assert again.raw("GET", "/userdata/public/gfx/1.png").body == small_png(5)
    assert again.post("units", {"floating_point": 1}) == talk.post("units", {"floating_point": 1})


def test_a_generated_shop_comes_back_with_its_changes() -> None:
    talk = Talk(ShoperSimulator(ShopState.generated(30), limited=False))
    talk.put("products/7", {"code": "NOWY", "stock": {"stock": 3}})
    talk.send("DELETE", "products/8")
    saved = json.loads(json.dumps(dump(talk.shop.state)))
    assert len(saved["tables"]["product-stocks"]["rows"]) == 1
    again = Talk(ShoperSimulator(restore(saved), limited=False))
    for page in (1, 2, 3):
        assert again.get("products", page=page) == talk.get("products", page=page)
        assert again.get("product-stocks", page=page) == talk.get("product-stocks", page=page)


def test_a_file_of_another_version_is_refused() -> None:
    with pytest.raises(ValueError, match="version 99"):
        restore({"version": 99})


def test_generated_rows_are_what_rendering_gives() -> None:
    state = ShopState.generated(20, images=1)
    assert state.recipe is not None
    for name in ("products", "product-stocks", "product-images"):
        for row_id in state.tables[name]:
            assert json.loads(state.recipe.json(name, row_id)) == render(state, name, row_id)


def test_a_generated_product_shows_what_was_written() -> None:
    talk = Talk(ShoperSimulator(ShopState.generated(20, variants_share=0), limited=False))
    base = talk.get("products/5")["stock"]["stock_id"]
    talk.put(f"product-stocks/{base}", {"price": 1.5})
    assert talk.get("products/5")["stock"]["comp_price"] == "1.50"
    main = talk.get("products/6")["main_image"]["gfx_id"]
    talk.put(f"product-images/{main}", {"translations": {"pl_PL": {"name": "Inny"}}})
    assert talk.get("products/6")["main_image"]["translations"]["pl_PL"]["name"] == "Inny"
    talk.send("DELETE", f"product-images/{main}")
    assert talk.get("products/6")["main_image"]["gfx_id"] == str(int(main) + 1)


def test_a_hundred_thousand_products_take_little_room_and_are_found_by_index(record_property: Any) -> None:
    before, started = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.perf_counter()
    talk = Talk(ShoperSimulator(ShopState.generated(100_000), limited=False))
    built = time.perf_counter() - started
    started = time.perf_counter()
    last, pages = 0, 100
    for _ in range(pages):
        rows = talk.get("products", limit=50, order="product_id ASC", filters={"product_id": {">": last}})["list"]
        assert [int(row["product_id"]) for row in rows] == list(range(last + 1, last + 51))
        last += 50
    rate = pages / (time.perf_counter() - started)
    assert talk.ids("product-stocks", "stock_id", filters={"code": "SIM-050000"}) == [199_997]
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    record_property("seconds_to_build", round(built, 2))
    record_property("pages_of_50_a_second", round(rate))
    record_property("megabytes", round(grown))
    print(f"built in {built:.2f} s, {rate:.0f} pages of 50 a second with decoding, {grown:.0f} MB")
    assert grown < 200


@pytest.mark.parametrize("seed", range(20))
def test_keyset_pages_are_complete_while_products_come_and_go(seed: int) -> None:
    chance = random.Random(seed)
    talk = Talk(ShoperSimulator(ShopState.generated(300, images=0), limited=False))
    category, gone, seen, last = 1, set(), [], 0
    while True:
        wanted = {"product_id": {">": last}}
        found = talk.ids("products", "product_id", limit=50, order="product_id ASC", filters=wanted)
        if not found:
            break
        seen += found
        last = found[-1]
        if last < 300:
            talk.post("products", new_product(category, f"NEW-{last}"))
        victim = chance.randrange(1, 301)
        if talk.send("DELETE", f"products/{victim}").status == 200:
            gone.add(victim)
    assert len(seen) == len(set(seen))
    assert set(range(1, 301)) - gone <= set(seen)


def test_numbered_pages_skip_rows_when_earlier_ones_are_deleted() -> None:
    talk = Talk(ShoperSimulator(ShopState.generated(100, images=0), limited=False))
    first = talk.ids("products", "product_id", limit=50, page=1)
    talk.send("DELETE", "products/1")
    second = talk.ids("products", "product_id", limit=50, page=2)
    assert 51 not in first + second


def test_the_command_serves_and_keeps_the_shop(tmp_path: Path) -> None:
    command = [sys.executable, str(ROOT / "manage.py"), "simulator", "shoper", "--no-limit"]
    command += ["--state", str(tmp_path / "shop.json")]
    for expected in ("0", "1"):
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
            try:
                assert process.stdout is not None
                line = Line(process.stdout.readline().split()[-1])
                assert json.loads(line.send("GET", "/webapi/rest/producers")[1])["count"] == expected
                line.send("POST", "/webapi/rest/producers", {"name": "Acme"})
                line.connection.close()
            finally:
                process.terminate()
            assert process.wait(timeout=20) == 0


def test_the_command_knows_its_platforms() -> None:
    command = [sys.executable, str(ROOT / "manage.py"), "simulator", "nowhere"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, timeout=60, check=False)
    assert done.returncode == 1
    assert "No simulator" in done.stderr
