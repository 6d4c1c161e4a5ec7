"""The simulator beside recorded answers of a real shop: the same request gives the same keys and JSON types."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from shops.connectors.shoper.simulator import ShoperSimulator, ShopState
from shops.connectors.shoper.simulator.resources import RESOURCES
from tests.connectors.shoper_shop import Talk, new_product, picture

RECORDED = Path(__file__).parents[3] / "shared" / "fixtures" / "shoper_recorded"
FILES = sorted(RECORDED.glob("*.json"))

pytestmark = pytest.mark.skipif(not FILES, reason="no recorded answers beside this checkout")


@pytest.fixture(scope="module")
def replay() -> Talk:
    return Talk(ShoperSimulator(ShopState.from_recordings(RECORDED), limited=False))


def differences(real: Any, ours: Any, where: str = "", loose: bool = False) -> list[str]:
    """Where keys or JSON types differ. `loose` lets null stand for any type and [] for a map, as the shop does."""
    if loose and (real is None or ours is None or [] in (real, ours)):
        return []
    if type(real) is not type(ours):
        return [f"{where}: {type(real).__name__} / {type(ours).__name__}"]
    if isinstance(real, dict):
        if any(name.isdigit() for name in (*real, *ours)):
            return [d for v in real.values() for w in ours.values() for d in differences(v, w, f"{where}.*", loose)]
        found = [f"{where}.{name}: only one side" for name in real.keys() ^ ours.keys()]
        return found + [
            d
            for name in real.keys() & ours.keys()
            for d in differences(real[name], ours[name], f"{where}.{name}", loose)
        ]
    if isinstance(real, list):
        return [d for a, b in zip(real, ours, strict=False) for d in differences(a, b, f"{where}[]", loose)]
    return []


def answer(talk: Talk, stem: str) -> Any:
    """The simulator's answer to the request that a file is named after."""
    resource, _, rest = stem.partition("_")
    if rest.isdigit():
        return talk.get(f"{resource}/{rest}")
    if limit := re.fullmatch(r"limit_(\d+)", rest):
        return talk.get(resource, limit=limit[1])
    if wanted := re.fullmatch(r"filters_(\w+?)_3D_(\d+)", rest):
        return talk.get(resource, filters={wanted[1]: int(wanted[2])})
    assert not rest, stem
    return talk.get(resource)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_recorded_request_gives_the_recorded_shape(replay: Talk, file: Path) -> None:
    real = json.loads(file.read_text(encoding="utf-8"))
    ours = answer(replay, file.stem)
    if isinstance(real, dict) and "list" in real:
        key = RESOURCES[file.stem.partition("_")[0]].key
        rows = {row[key]: row for row in ours["list"]}
        real_rows = {row[key]: row for row in real["list"]}
        assert real_rows.keys() & rows.keys()
        both = real_rows.keys() & rows.keys()
        found = [d for name in both for d in differences(real_rows[name], rows[name], f"{key}={name}")]
        found += differences({**real, "list": []}, {**ours, "list": []})
    else:
        found = differences(real, ours)
    assert found == []


@pytest.fixture(scope="module")
def written() -> Talk:
    """A new shop in which one object of each kind was made through the API."""
    talk = Talk(ShoperSimulator(limited=False))
    name = {"translations": {"pl_PL": {"name": "A"}}}
    group = talk.post("option-groups", name)
    talk.post("categories", {"parent_id": 0, **name})
    talk.post("producers", {"name": "A"})
    talk.post("units", {"floating_point": 1, **name})
    product = talk.post("products", new_product(1, group_id=group))
    talk.post("product-images", {"product_id": product, "content": picture()})
    return talk


@pytest.mark.parametrize(
    "stem",
    [
        "categories",
        "currencies",
        "languages",
        "option-groups",
        "payments",
        "producers",
        "product-images_filters_product_id_3D_36",
        "product-stocks_limit_5",
        "products",
        "shippings",
        "statuses",
        "taxes",
        "units",
    ],
)
def test_what_the_simulator_makes_itself_has_the_recorded_shape(written: Talk, stem: str) -> None:
    real = json.loads((RECORDED / f"{stem}.json").read_text(encoding="utf-8"))["list"]
    ours = written.get(stem.partition("_")[0], limit=50)["list"]
    assert ours
    shapes = [differences(real_row, row, loose=True) for row in ours for real_row in real]
    known = {".special_offer: only one side", ".category_id: int / str"}
    assert min((set(shape) - known for shape in shapes), key=len) == set()


def test_a_generated_shop_has_the_recorded_shape() -> None:
    talk = Talk(ShoperSimulator(ShopState.generated(10), limited=False))
    for stem in ("products", "product-stocks_limit_5", "product-images_filters_product_id_3D_36"):
        real = json.loads((RECORDED / f"{stem}.json").read_text(encoding="utf-8"))["list"][-1]
        for row in talk.get(stem.partition("_")[0], limit=50)["list"]:
            assert differences(real, row, loose=True) in ([], [".category_id: int / str"])
