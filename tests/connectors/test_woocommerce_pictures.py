"""Pictures in WooCommerce: one file once, products that keep theirs, and two ways for a file to get there."""

import json
from collections import Counter
from hashlib import sha256
from typing import Any

import httpx
import pytest

from integrator.canonical.errors import OutcomeUnknown, Rejected, Transient
from integrator.canonical.kinds import Kind
from integrator.canonical.problems import Code
from integrator.canonical.records import Image
from integrator.canonical.side import NewElement, Patch, Result
from shops.connectors.base import NetworkPolicy, ShopAccess
from shops.connectors.woocommerce.connector import PLATFORM
from shops.connectors.woocommerce.simulator.stand import KEYS, WooStand
from shops.simulation.pictures import small_png
from tests.connectors.wire import all_pages, wired


@pytest.fixture
def stand() -> WooStand:
    return wired(WooStand())


def keys(results: list[Result]) -> list[str]:
    assert [result.error for result in results] == [None] * len(results)
    return [result.key for result in results]


def new(stand: WooStand, number: int, owner: str = "", **changes: Any) -> NewElement:
    made = stand.new(Kind.IMAGE, number)
    fields = {"name": f"Zdjęcie {number}", "position": str(changes.pop("position", number))}
    return NewElement(token=f"i{number}{owner}", fields=fields, owner=owner or made.owner, content=made.content)


def shown(stand: WooStand, owner: str | int) -> list[int]:
    return list(stand.shop.state.products.get(int(owner))["images"])


def test_pictures_take_their_places_among_those_that_are_there(stand: WooStand) -> None:
    key = stand.add_product()
    before = shown(stand, key)
    made = keys(stand.open().create(Kind.IMAGE, [new(stand, 2, key), new(stand, 1, key), new(stand, 9, key)]))
    ids = [int(one.partition(":")[2]) for one in made]
    assert shown(stand, key) == [ids[1], ids[0], *before, ids[2]]
    found = {i.key: i.record for page in all_pages(stand.open(), Kind.IMAGE) for i in page.items}
    content = stand.new(Kind.IMAGE, 1).content or b""
    assert found[made[1]] == Image(name="Zdjęcie 1", position=1, product=key, digest=sha256(content).hexdigest())
    assert stand.open().content(Kind.IMAGE, made[1]) == content


def test_files_of_one_call_are_looked_for_together(stand: WooStand) -> None:
    owner = stand.add_product()
    side = stand.open()
    before = len(stand.wire.sent)
    rows = [new(stand, number, owner) for number in range(1, 5)]
    made = keys(side.create(Kind.IMAGE, rows))
    assert Counter(stand.wire.sent[before:])["GET /wp-json/wp/v2/media"] == 1
    assert keys(stand.open().create(Kind.IMAGE, rows)) == made
    assert Counter(stand.wire.sent)["POST /wp-json/wp/v2/media"] == 4


def test_one_file_serves_many_products_and_is_sent_once(stand: WooStand) -> None:
    owners = [stand.add_product() for _ in range(3)]
    side = stand.open()
    before = len(stand.wire.sent)
    rows = [new(stand, 1, owner) for owner in owners]
    made = keys(side.create(Kind.IMAGE, rows))
    calls = Counter(stand.wire.sent[before:])
    assert calls["POST /wp-json/wp/v2/media"] == 1
    assert calls["POST /wp-json/wc/v3/products/batch"] == 1
    assert calls["GET /wp-json/wc/v3/products"] == 1
    assert len({key.partition(":")[2] for key in made}) == 1
    assert keys(stand.open().create(Kind.IMAGE, rows)) == made, "and a second time changes nothing"
    assert Counter(stand.wire.sent)["POST /wp-json/wp/v2/media"] == 1


def test_a_file_whose_upload_was_not_answered_is_not_sent_again(stand: WooStand) -> None:
    side = stand.open()
    files = len(stand.shop.state.media)
    stand.shop.faults.add("drop", method="POST", resource="media")
    with pytest.raises(OutcomeUnknown):
        side.create(Kind.IMAGE, [new(stand, 1)])
    assert stand.open().find(Kind.IMAGE, [new(stand, 1)])["i1"].keys == ()
    keys(stand.open().create(Kind.IMAGE, [new(stand, 1)]))
    assert len(stand.shop.state.media) == files + 1


def test_uploads_stop_when_the_shop_does_and_what_is_there_is_attached(stand: WooStand) -> None:
    side = stand.open()
    stand.shop.faults.add("error", method="POST", resource="media", skip=1, status=503, times=9)
    results = side.create(Kind.IMAGE, [new(stand, number) for number in (1, 2, 3)])
    assert [result.ok for result in results] == [True, False, False]
    assert all(isinstance(result.error, Transient) for result in results[1:])
    assert sum(one == "POST /wp-json/wp/v2/media" for one in stand.wire.sent) == 2


def test_a_picture_that_fails_holds_up_only_itself(stand: WooStand) -> None:
    rows = [
        new(stand, 1),
        NewElement(token="bad", fields={"name": "x"}, owner=str(stand.owner), content=b"no picture"),
        NewElement(token="empty", fields={"name": "x"}, owner=str(stand.owner), content=None),
        NewElement(token="lost", fields={"name": "x"}, owner="999999", content=small_png(5)),
        NewElement(token="twice", fields={"name": "x"}, owner=str(stand.owner), content=new(stand, 1).content),
        new(stand, 2),
    ]
    results = stand.open().create(Kind.IMAGE, rows)
    assert [result.ok for result in results] == [True, False, False, False, False, True]
    codes = [one.error.problem.code for one in results if one.error]
    assert codes == [Code.REJECTED, Code.PICTURE_MISSING, Code.GONE, Code.REJECTED]


def test_names_and_places_change_and_all_else_stays(stand: WooStand) -> None:
    made = keys(stand.open().create(Kind.IMAGE, [new(stand, number) for number in (1, 2, 3)]))
    ids = [int(key.partition(":")[2]) for key in made]
    side = stand.open()
    before = len(stand.wire.sent)
    fields = {"position": "1", "name": "Przód"}
    keys(side.update(Kind.IMAGE, [Patch(key=made[2], fields=fields), Patch(key=made[0], fields={"name": "Tył"})]))
    assert len(stand.wire.sent) - before == 2, "one read, one write"
    assert shown(stand, stand.owner) == [ids[2], ids[0], ids[1]]
    assert [stand.shop.state.media.get(one)["alt"] for one in ids] == ["Tył", "Zdjęcie 2", "Przód"]


def test_a_deleted_picture_leaves_its_product_and_stays_in_the_library(stand: WooStand) -> None:
    made = keys(stand.open().create(Kind.IMAGE, [new(stand, 1), new(stand, 2)]))
    side = stand.open()
    for _ in range(2):
        keys(side.delete(Kind.IMAGE, made[:1]))
    assert shown(stand, stand.owner) == [int(made[1].partition(":")[2])]
    assert int(made[0].partition(":")[2]) in stand.shop.state.media
    keys(side.delete(Kind.IMAGE, made[1:]))
    assert shown(stand, stand.owner) == []
    assert keys(side.delete(Kind.IMAGE, ["999999:1"])) == ["999999:1"]


def test_a_wrong_application_password_stops_pictures_and_nothing_else(stand: WooStand) -> None:
    side = stand.open(credentials={**stand.credentials, "media_password": "wrong canary word"})
    with pytest.raises(Rejected) as caught:
        side.create(Kind.IMAGE, [new(stand, 1), new(stand, 2)])
    assert caught.value.problem.code == Code.LOGIN_FAILED
    assert "canary" not in repr(caught.value)
    assert sum("media" in one for one in stand.wire.sent) == 1, "one wrong login is enough"
    checks = {check.name: check for check in side.probe()}
    assert [name for name, check in checks.items() if check.verdict != "passed"] == ["media"]


# the way by address


class Lending(WooStand):
    """A panel that shops can reach lends them pictures under addresses of its own."""

    credentials = KEYS

    def lend(self, content: bytes, extension: str) -> str:
        address = f"https://panel.example/lent/{len(self.shop.state.remote_files)}.{extension}"
        self.shop.state.remote_files[address] = content
        return address

    def side(self) -> Any:
        access = ShopAccess(
            address="http://127.0.0.1:9",
            credentials=self.credentials,
            facts=self.facts,
            publish=self.lend,
            network=NetworkPolicy(allow_private=True),
            clock=self.clock,
            transport=self.wire,
        )
        return PLATFORM.open(access)


def test_a_shop_fetches_pictures_from_an_address_once() -> None:
    stand = wired(Lending())
    side = stand.side()
    made = keys(side.create(Kind.IMAGE, [new(stand, 1), new(stand, 2)]))
    assert stand.side().content(Kind.IMAGE, made[0]) == new(stand, 1).content
    assert [int(key.partition(":")[2]) for key in made] == shown(stand, stand.owner)
    third = keys(stand.side().create(Kind.IMAGE, [new(stand, 3, position=1)]))
    sent = [json.loads(one.content)["update"][0]["images"] for one in stand.wire.requests if one.method == "POST"]
    assert ["src" in one for one in sent[-1]] == [True, False, False]
    assert len(stand.shop.state.remote_files) == 3
    assert shown(stand, stand.owner) == [int(key.partition(":")[2]) for key in (*third, *made)]


def test_an_address_that_the_shop_cannot_fetch_fails_its_product_alone() -> None:
    stand = wired(Lending())
    other = stand.add_product()
    bad = new(stand, 1)
    lend = stand.lend
    stand.lend = lambda content, extension: (  # type: ignore[method-assign]
        lend(content, extension) if content != bad.content else "https://nowhere.example/x.png"
    )
    results = stand.side().create(Kind.IMAGE, [bad, new(stand, 2, other)])
    assert [result.ok for result in results] == [False, True]
    assert isinstance(results[0].error, Rejected)
    assert results[0].error.field == "image"


def test_a_lost_answer_of_pictures_by_address_is_found_by_content() -> None:
    stand = wired(Lending())
    side = stand.side()
    side.learn()
    stand.shop.state.add_image(stand.owner, small_png(5), alt="Zdjęcie 1")
    stand.wire.lose_answers("POST")
    with pytest.raises(OutcomeUnknown):
        side.create(Kind.IMAGE, [new(stand, 1)])
    newest = shown(stand, stand.owner)[0]
    assert stand.side().find(Kind.IMAGE, [new(stand, 1)])["i1"].keys == (f"{stand.owner}:{newest}",)


@pytest.mark.parametrize("status", [401, 403, 404, 500, None])
def test_a_picture_that_cannot_be_fetched_does_not_hide_the_same_one_beside_it(
    stand: WooStand, status: int | None
) -> None:
    """The panel looks for a picture whose answer was lost; a CDN refuses one file of that name and gives the other."""
    key = stand.add_product()
    for number in (1, 2):
        stand.shop.state.add_image(int(key), small_png(number), alt="Zdjęcie 7")
    inner = stand.wire._pass

    def passing(request: httpx.Request) -> httpx.Response:
        if request.url.host == "cdn.example":
            if request.url.path == "/good.png":
                return httpx.Response(200, content=new(stand, 7).content)
            if status is None:
                raise httpx.ConnectError("no route", request=request)
            return httpx.Response(status)
        answer = inner(request)
        if request.url.path.endswith("/products"):
            rows = answer.json()
            for one in rows:
                for picture, name in zip(one.get("images", ())[-2:], ("bad", "good"), strict=False):
                    picture["src"] = f"https://cdn.example/{name}.png"
            return httpx.Response(200, json=rows, headers={"x-wp-total": "1"})
        return answer

    stand.wire._pass = passing  # type: ignore[method-assign]
    wanted = new(stand, 7, key)
    expected = f"{key}:{shown(stand, key)[-1]}"
    assert stand.open().find(Kind.IMAGE, [wanted])[wanted.token].keys == (expected,)


def test_pictures_kept_elsewhere_are_fetched_there(stand: WooStand) -> None:
    key = stand.add_product()
    side = stand.open()
    inner = stand.wire._pass
    address = "https://cdn.example/x/y.png?w=1"

    def passing(request: httpx.Request) -> httpx.Response:
        if request.url.host == "cdn.example":
            assert "authorization" not in request.headers
            return httpx.Response(200, content=small_png(3))
        answer = inner(request)
        if request.url.path.endswith("/products"):
            rows = answer.json()
            for one in rows:
                one["images"][0]["src"] = address
            return httpx.Response(200, json=rows, headers={"x-wp-total": "1"})
        return answer

    stand.wire._pass = passing  # type: ignore[method-assign]
    image = f"{key}:{shown(stand, key)[0]}"
    assert side.content(Kind.IMAGE, image) == small_png(3)
    assert str(stand.wire.requests[-1].url) == address
