"""The simulator beside recorded answers of a real shop: the same request gives the same keys and JSON types."""

import json
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit
from xml.etree import ElementTree

import pytest

from shops.connectors.prestashop.simulator import API_KEY, PrestaSimulator, ShopState
from shops.connectors.prestashop.simulator.access import NAMES, reading
from shops.connectors.prestashop.simulator.resources import RESOURCES
from shops.connectors.prestashop.simulator.selling import Basket
from shops.simulation.pictures import small_png
from tests.connectors.prestashop_shop import NEW_PRODUCT, Reply, Talk, basic, texts

RECORDED = Path(__file__).parents[3] / "shared" / "fixtures" / "prestashop_recorded"
FILES = {file.stem: json.loads(file.read_text(encoding="utf-8")) for file in sorted(RECORDED.glob("*.json"))}
BEYOND: set[str] = set()
"""Resources that the simulator does not have."""

pytestmark = pytest.mark.skipif(not FILES, reason="no recorded answers beside this checkout")
LISTS = [stem for stem, found in FILES.items() if isinstance(found["body"], dict) and stem not in BEYOND]


def planted() -> Talk:
    """A shop that holds the rows of the recorded lists; lists inside them as far as the rows they name are there."""
    state = ShopState()
    for table in state.tables.values():
        for row_id in list(table.ids):
            table.remove(row_id)
    for stem in ["languages", *sorted(set(LISTS) - {"languages"})]:
        ((resource, rows),) = FILES[stem]["body"].items()
        for place, row in enumerate(rows, start=1):
            state.insert(resource, _stored(row), row.get("id", place))
    for product in FILES["products_full_json"]["body"]["products"]:
        for place, image in enumerate(product["associations"]["images"]):
            state.insert("images", {"id_product": product["id"], "cover": place == 0, "legend": {}}, image["id"])
    return Talk(PrestaSimulator(state))


def _stored(row: dict[str, Any]) -> dict[str, Any]:
    """A recorded row as the simulator keeps it."""
    found: dict[str, Any] = {}
    for name, value in row.items():
        texts_by_language = isinstance(value, list) and value and "value" in value[0]
        found[name] = {str(text["id"]): text["value"] for text in value} if texts_by_language else value
    for name, members in row.get("associations", {}).items():
        single = all(member.keys() == {"id"} for member in members)
        found[name] = [member["id"] for member in members] if single else members
    return {name: value for name, value in found.items() if name not in ("id", "associations")}


@pytest.fixture(scope="module")
def replay() -> Talk:
    return planted()


def answer(talk: Talk, stem: str, **headers: str) -> Reply:
    """The simulator's answer to the request of a recording."""
    asked = FILES[stem]["request"]
    parts = urlsplit(asked["path"])
    query = {name: values[0] for name, values in parse_qs(parts.query).items()}
    return talk.send(asked["method"], parts.path, asked["body"] or "", headers=headers, **query)


def differences(real: Any, ours: Any, where: str = "") -> list[str]:
    """Where keys or JSON types differ. Truth values come as text or as numbers, as recorded for languages."""
    both = {type(real), type(ours)}
    if len(both) == 2 and not (both <= {str, int} and {str(real), str(ours)} <= {"0", "1"}):
        return [f"{where}: {type(real).__name__} / {type(ours).__name__}"]
    if isinstance(real, dict):
        found = [f"{where}.{name}: only one side" for name in real.keys() ^ ours.keys()]
        return found + [d for n in real.keys() & ours.keys() for d in differences(real[n], ours[n], f"{where}.{n}")]
    if isinstance(real, list):
        return [d for a, b in zip(real, ours, strict=False) for d in differences(a, b, f"{where}[]")]
    return []


@pytest.mark.parametrize("stem", LISTS)
def test_a_recorded_request_gives_the_recorded_shape(replay: Talk, stem: str) -> None:
    reply = answer(replay, stem)
    ((resource, real),) = FILES[stem]["body"].items()
    assert (reply.status, reply.headers["PSWS-Version"]) == (200, FILES[stem]["headers"]["psws-version"])
    ours = reply.json[resource]
    assert len(ours) == len(real)
    known = {"associations"} if resource in ("products", "categories", "manufacturers") else set()
    for a, b in zip(real, ours, strict=True):
        pair = [{name: value for name, value in row.items() if name not in known} for row in (a, b)]
        assert differences(*pair) == []
        assert list(pair[0]) == list(pair[1])


def test_lists_inside_a_product_have_the_recorded_shape(replay: Talk) -> None:
    real = FILES["products_full_json"]["body"]["products"][0]["associations"]
    ours = replay.row("products", 1)["associations"]
    assert real.keys() == ours.keys()
    assert differences(real, ours) == []


@pytest.mark.parametrize("stem", ["empty_list_json", "error_missing", "error_unknown_field"])
def test_answers_without_rows_are_the_recorded_ones(replay: Talk, stem: str) -> None:
    recorded, reply = FILES[stem], answer(replay, stem)
    assert reply.status == recorded["status"]
    assert reply.headers["Content-Type"] == recorded["headers"]["content-type"]
    body = recorded["body"] if isinstance(recorded["body"], str) else json.dumps(recorded["body"])
    assert reply.content.decode() == body


def test_refusals_are_the_recorded_ones(replay: Talk) -> None:
    reply = answer(replay, "error_bad_key", HTTP_AUTHORIZATION=basic("W" * 32))
    assert (reply.status, reply.content.decode()) == (401, FILES["error_bad_key"]["body"])
    assert reply.headers["PSWS-Version"] == FILES["error_bad_key"]["headers"]["psws-version"]
    talk = planted()
    talk.shop.access.accounts[API_KEY].rights = reading()
    reply = answer(talk, "error_method")
    assert (reply.status, reply.content.decode()) == (405, FILES["error_method"]["body"])


def test_pictures_of_a_product_are_listed_as_recorded(replay: Talk) -> None:
    assert answer(replay, "images_of_product").content.decode() == FILES["images_of_product"]["body"]


def elements(element: ElementTree.Element, path: str = "") -> set[tuple[str, tuple[str, ...]]]:
    """Each element of a document by its path, with the names of its attributes."""
    here = f"{path}/{element.tag}"
    found = {(here, tuple(sorted(element.attrib)))}
    return found.union(*(elements(child, here) for child in element))


def test_a_product_in_xml_has_the_recorded_elements(replay: Talk) -> None:
    real = elements(ElementTree.fromstring(FILES["products_full_xml"]["body"]))
    ours = elements(answer(replay, "products_full_xml").xml)
    links = {where for where, _ in real ^ ours}
    assert links <= {
        f"/prestashop/products/product/{where}"
        for where in ("associations/product_features/product_feature/id_feature_value", "associations/tags")
    }


def test_the_synopsis_has_the_recorded_elements(replay: Talk) -> None:
    real = ElementTree.fromstring(FILES["schema_synopsis_products"]["body"])[0]
    ours = answer(replay, "schema_synopsis_products").xml[0]
    known = {"associations"}
    shapes = [{f.tag: (sorted(f.attrib), f.get("maxSize")) for f in one if f.tag not in known} for one in (real, ours)]
    assert shapes[0] == shapes[1]


def test_rights_are_listed_as_recorded() -> None:
    talk = planted()
    talk.shop.access.accounts[API_KEY].rights = reading()
    real, ours = ElementTree.fromstring(FILES["root_rights"]["body"]), answer(talk, "root_rights").xml
    assert [child.tag for child in ours[0]] == [child.tag for child in real[0] if child.tag in NAMES]
    for child in ours[0]:
        twin = real[0].find(child.tag)
        assert twin is not None
        assert ElementTree.tostring(child) == ElementTree.tostring(twin)


@pytest.fixture(scope="module")
def written() -> Talk:
    """A new shop in which one row of each kind was made through the Webservice or by its owner."""
    talk = Talk(PrestaSimulator())
    both = texts("name", en="a", pl="ą") + texts("link_rewrite", en="a", pl="a")
    talk.post("categories", f"<id_parent>2</id_parent><active>1</active>{both}")
    talk.post("manufacturers", "<name>A</name><active>1</active>")
    link = "<associations><categories><category><id>2</id></category></categories></associations>"
    product = talk.post("products", f"{NEW_PRODUCT}<id_manufacturer>1</id_manufacturer>{link}")
    talk.post("combinations", f"<id_product>{product}</id_product><minimal_quantity>1</minimal_quantity>")
    talk.shop.state.add_image(product, small_png(1))
    talk.shop.state.place_order(Basket(pieces={(product, 0): 1}))
    return talk


@pytest.mark.parametrize("shop", ["written", "generated"])
@pytest.mark.parametrize("stem", [stem for stem in LISTS if stem != "configurations"])
def test_what_the_simulator_makes_itself_has_the_recorded_shape(written: Talk, stem: str, shop: str) -> None:
    ((resource, real),) = FILES[stem]["body"].items()
    talk = written if shop == "written" else Talk(PrestaSimulator(ShopState.generated(10)))
    if shop == "generated" and resource in ("orders", "addresses", "order_carriers"):
        talk.shop.state.place_order(Basket(pieces={(1, 0): 2}))
    ours = talk.rows(resource)
    assert ours
    for row in ours:
        row.pop("associations", None)
        shapes = [differences({k: v for k, v in one.items() if k != "associations"}, row) for one in real]
        assert min(shapes, key=len) == []


def test_every_recorded_list_is_simulated_or_named_as_missing() -> None:
    lists = {next(iter(found["body"])) for found in FILES.values() if isinstance(found["body"], dict)}
    assert lists - RESOURCES.keys() == BEYOND
