"""The simulator beside recorded answers of a real shop: the same request gives the same keys and JSON types."""

import json
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from shops.connectors.woocommerce.simulator import ShopState, WooSimulator
from shops.simulation.pictures import small_png
from tests.connectors.woocommerce_shop import Talk, basic

RECORDED = Path(__file__).parents[3] / "shared" / "fixtures" / "woocommerce_recorded"
FILES = sorted(RECORDED.glob("*.json"))
READ_KEY = ("ck_" + "0" * 40, "cs_" + "0" * 40)

pytestmark = pytest.mark.skipif(not FILES, reason="no recorded answers beside this checkout")


def recorded(stem: str) -> Any:
    return json.loads((RECORDED / f"{stem}.json").read_text(encoding="utf-8"))


@pytest.fixture
def replay() -> Talk:
    return Talk(WooSimulator(ShopState.from_recordings(RECORDED)))


def differences(real: Any, ours: Any, where: str = "", loose: bool = False) -> list[str]:
    """Where keys or JSON types differ. `loose` lets null and [] stand for any type, as they do in the shop."""
    if loose and (real in (None, [], "") or ours in (None, [], "")):
        return []
    if type(real) is not type(ours) and {type(real), type(ours)} != {int, float}:
        return [f"{where}: {type(real).__name__} / {type(ours).__name__}"]
    if isinstance(real, dict):
        found = [f"{where}.{name}: only one side" for name in real.keys() ^ ours.keys()]
        both = real.keys() & ours.keys()
        return found + [d for one in both for d in differences(real[one], ours[one], f"{where}.{one}", loose)]
    if isinstance(real, list):
        return [d for a, b in zip(real, ours, strict=False) for d in differences(a, b, f"{where}[]", loose)]
    return []


def asked(talk: Talk, recording: Any) -> Any:
    request = recording["request"]
    parts = urlsplit(request["path"])
    body = b"" if request["body"] is None else json.dumps(request["body"]).encode()
    return talk.raw(request["method"], parts.path, body, parts.query)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_recorded_request_gives_the_recorded_shape(replay: Talk, file: Path) -> None:
    real = recorded(file.stem)
    if file.stem == "error_bad_secret":
        replay.authorization = basic(*_first_key(replay), "wrong")
    if file.stem == "error_read_key_writing":
        replay.shop.access.keys[READ_KEY[0]] = _read_key()
        replay.authorization = basic(*READ_KEY)
    ours = asked(replay, real)
    assert ours.status == real["status"]
    assert differences(real["body"], ours.body, loose=file.stem == "orders_one") == []
    if isinstance(real["body"], dict) and "code" in real["body"]:
        assert ours.body == real["body"]
    if real["body"] and isinstance(real["body"], list) and "id" in real["body"][0] and file.stem != "orders_one":
        assert [row["id"] for row in real["body"]][: len(ours.body)] == [row["id"] for row in ours.body]
        assert ours.body
    assert ours.headers["Content-Type"] == real["headers"]["content-type"]


@pytest.fixture
def written() -> Talk:
    """A new shop in which one object of each kind was made through the API."""
    talk = Talk(WooSimulator())
    address = "https://img.example/p00.jpg"
    talk.shop.state.remote_files[address] = small_png(1)
    category = talk.post("products/categories", {"name": "Koszulki"})
    talk.post("products/categories", {"name": "Letnie", "parent": category["id"]})
    talk.post("products/brands", {"name": "Acme"})
    color = talk.post("products/attributes", {"name": "Kolor"})["id"]
    simple = {"name": "Kubek", "sku": "A", "regular_price": "10.00", "images": [{"src": address, "alt": "kubek"}]}
    talk.post("products", {**simple, "meta_data": [{"key": "_erp_id", "value": "1"}], "manage_stock": True})
    shown = {"id": color, "visible": True, "variation": True, "options": ["Biały", "Czarny"]}
    parent = talk.post("products", {"name": "Koszulka", "type": "variable", "attributes": [shown]})["id"]
    for option in ("Biały", "Czarny"):
        chosen = [{"id": color, "option": option}]
        talk.post(f"products/{parent}/variations", {"regular_price": "9.00", "attributes": chosen})
    talk.shop.state.add_order({parent - 1: 2, parent + 1: 1})
    return talk


@pytest.mark.parametrize(
    ("stem", "path"),
    [
        ("attributes", "products/attributes"),
        ("brands", "products/brands"),
        ("categories", "products/categories"),
        ("order_statuses", "orders/statuses"),
        ("orders_one", "orders"),
        ("products_page1", "products?type=simple"),
        ("products_variable", "products?type=variable"),
        ("tax_classes", "taxes/classes"),
        ("taxes", "taxes"),
        ("variations", "variations"),
    ],
)
def test_what_the_simulator_makes_itself_has_the_recorded_shape(written: Talk, stem: str, path: str) -> None:
    path, _, query = path.partition("?")
    ours = written.raw("GET", f"/wp-json/wc/v3/{path}", query=query).body
    assert ours
    for row in ours:
        shapes = [differences(real, row, loose=True) for real in recorded(stem)["body"]]
        assert set(min(shapes, key=len)) <= {"._links.up: only one side", "._links.email_templates: only one side"}


def test_a_write_answers_what_a_recorded_write_answered(written: Talk) -> None:
    known = written.ids("products", sku="A")[0]
    batch = recorded("batch_stock_update_with_one_bad_id")
    batch["request"]["body"]["update"][0]["id"] = known
    ours = asked(written, batch).body["update"]
    assert differences(batch["body"]["update"], ours, loose=True) == []
    assert ours[1] == batch["body"]["update"][1]
    assert (ours[0]["manage_stock"], ours[0]["stock_quantity"]) == (True, 7)


@pytest.mark.parametrize("stem", ["environment", "setting_currency", "setting_prices_include_tax"])
def test_a_new_shop_describes_itself_as_recorded(stem: str) -> None:
    real, ours = recorded(stem), asked(Talk(WooSimulator()), recorded(stem)).body
    for body in (real["body"], ours):
        body.pop("options", None)
    assert differences(real["body"], ours, loose=True) == []


def test_a_generated_shop_has_the_recorded_shape() -> None:
    talk = Talk(WooSimulator(ShopState.generated(10)))
    for stem, kind in (("products_page1", "simple"), ("products_variable", "variable")):
        for row in talk.get("products", type=kind, per_page=100):
            assert differences(recorded(stem)["body"][-1], row, loose=True) == []
    for row in talk.get("variations"):
        assert differences(recorded("variations")["body"][-1], row, loose=True) == []


def _first_key(talk: Talk) -> tuple[str]:
    return (next(iter(talk.shop.access.keys)),)


def _read_key() -> Any:
    from shops.connectors.woocommerce.simulator import Key

    return Key(READ_KEY[1], "read")
