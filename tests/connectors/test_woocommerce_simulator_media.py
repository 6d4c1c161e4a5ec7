"""Pictures of the simulated WooCommerce shop, those of products and those of the library."""

from typing import Any

import pytest

from shops.connectors.woocommerce.simulator import ShopState, WooSimulator
from shops.simulation.pictures import small_png
from tests.connectors.woocommerce_shop import PERSON, Reply, Talk, basic

IMG = "https://img.example/p05.png"


@pytest.fixture
def clock() -> list[float]:
    return [1_795_313_284.0]


@pytest.fixture
def state(clock: list[float]) -> ShopState:
    state = ShopState(clock=lambda: clock[0])
    state.remote_files[IMG] = small_png(5)
    return state


@pytest.fixture
def talk(state: ShopState) -> Talk:
    return Talk(WooSimulator(state))


def parent_of(talk: Talk, *skus: str, **fields: Any) -> int:
    """A variable product with a variation per size."""
    size = talk.shop.state.add_attribute("Rozmiar", ["S", "M", "L"])
    variations = [{"sku": sku, "option": option} for sku, option in zip(skus, "SML", strict=False)]
    return talk.shop.state.add_product("P", "Koszulka", variations=variations, attribute=size, **fields)


# pictures


def test_a_picture_by_address_is_uploaded_again_every_time(talk: Talk) -> None:
    made = talk.post("products", {"name": "A", "images": [{"src": IMG, "alt": "Kubek", "name": "Widok"}]})
    first = made["images"][0]
    assert (first["alt"], first["name"]) == ("Kubek", "Widok")
    path = f"products/{made['id']}"
    names = [talk.put(path, {"images": [{"src": IMG}]})["images"][0]["src"].rpartition("/")[2] for _ in range(2)]
    assert names == ["p05-1.png", "p05-2.png"]
    both = talk.put(path, {"images": [{"id": first["id"]}, {"src": IMG}]})["images"]
    assert both[0]["id"] == first["id"]
    assert len(Talk(talk.shop, PERSON).get("/wp-json/wp/v2/media")) == 4
    assert talk.put(path, {"images": []})["images"] == []
    assert talk.raw("GET", first["src"].removeprefix("https://shop.example")).body == small_png(5)


@pytest.mark.parametrize(
    ("image", "code"),
    [
        ({"src": "https://img.example/nie-ma.png"}, "woocommerce_product_image_upload_error"),
        ({"src": "https://img.example/bez-konca"}, "woocommerce_product_image_upload_error"),
        ({"src": "https://img.example/tekst.png"}, "woocommerce_product_image_upload_error"),
        ({"src": "https://img.example:8443/p05.png"}, "woocommerce_product_image_upload_error"),
        ({"src": "http://10.0.0.7/p05.png"}, "woocommerce_product_image_upload_error"),
        ({"id": 999}, "woocommerce_product_invalid_image_id"),
        ({"alt": "bez obrazu"}, "woocommerce_product_invalid_image_id"),
    ],
)
def test_a_picture_that_cannot_be_had_refuses_the_whole_write(talk: Talk, image: dict[str, Any], code: str) -> None:
    talk.shop.state.remote_files["https://img.example/tekst.png"] = b"to nie obraz"
    talk.shop.state.remote_files["https://img.example:8443/p05.png"] = small_png(1)
    talk.shop.state.remote_files["http://10.0.0.7/p05.png"] = small_png(1)
    product = talk.shop.state.add_product("A", "A")
    body = {"name": "B", "images": [image]}
    assert talk.refused("PUT", f"products/{product}", body)[:2] == (400, code)
    assert talk.batch("products", update=[{"id": product, **body}])["update"][0]["error"]["code"] == code
    assert talk.get(f"products/{product}")["name"] == "A"


def test_the_internet_can_be_given(state: ShopState) -> None:
    talk = Talk(WooSimulator(state, fetch={"https://panel.example/a/7.png": small_png(7)}.get))
    made = talk.post("products", {"name": "A", "images": [{"src": "https://panel.example/a/7.png"}]})
    assert talk.raw("GET", made["images"][0]["src"].removeprefix("https://shop.example")).body == small_png(7)


def test_a_variation_has_one_picture(talk: Talk) -> None:
    parent = parent_of(talk, "P-S")
    path = f"products/{parent}/variations/{parent + 1}"
    assert talk.get(path)["image"] is None
    image = talk.put(path, {"image": {"src": IMG}})["image"]
    assert image["src"].endswith("/p05.png")
    assert "srcset" not in image
    assert talk.refused("PUT", path, {"image": {"id": 999}})[1] == "woocommerce_variation_invalid_image_id"
    nowhere = {"src": "https://img.example/nie-ma.png"}
    assert talk.refused("PUT", path, {"image": nowhere})[1] == "woocommerce_variation_image_upload_error"
    assert talk.put(path, {"image": {}})["image"] is None


def test_the_dates_of_a_picture_are_one_offset_too_far(talk: Talk) -> None:
    made = talk.post("products", {"name": "A", "images": [{"src": IMG}]})
    image = made["images"][0]
    assert (image["date_created"], image["date_created_gmt"]) == ("2026-11-22T04:08:04", "2026-11-22T02:08:04")
    assert made["date_created"] == "2026-11-22T03:08:04"


# WordPress's library


def upload(talk: Talk, **extra: str) -> Reply:
    headers = {"HTTP_CONTENT_DISPOSITION": 'attachment; filename="kubek żółty.png"', "CONTENT_TYPE": "image/png"}
    return talk.raw("POST", "/wp-json/wp/v2/media", small_png(9), **{**headers, **extra})


def test_a_person_uploads_what_a_key_cannot(talk: Talk) -> None:
    assert upload(talk).body["code"] == "invalid_username"
    person = Talk(talk.shop, PERSON)
    reply = upload(person)
    assert (reply.status, reply.body["media_type"], reply.body["title"]["rendered"]) == (201, "image", "kubek-zolty")
    address = reply.body["source_url"].removeprefix("https://shop.example")
    assert reply.headers["Location"].endswith(f"/wp-json/wp/v2/media/{reply.body['id']}")
    assert person.raw("GET", address).body == small_png(9)
    product = talk.post("products", {"name": "A", "images": [{"id": reply.body["id"]}]})
    assert product["images"][0]["src"] == reply.body["source_url"]
    path = f"/wp-json/wp/v2/media/{reply.body['id']}"
    assert person.send("POST", path, {"alt_text": "Kubek"}).body["alt_text"] == "Kubek"
    assert person.get(path)["title"] == {"rendered": "kubek-zolty"}
    assert person.get(path, context="edit")["title"]["raw"] == "kubek-zolty"
    assert Talk(talk.shop, "").refused("GET", path, context="edit")[:2] == (401, "rest_forbidden_context")
    assert [one["id"] for one in Talk(talk.shop, "").get("/wp-json/wp/v2/media")] == [reply.body["id"]]
    assert person.refused("DELETE", path)[:2] == (501, "rest_trash_not_supported")
    assert person.send("DELETE", path, force="true").body["deleted"] is True
    assert person.refused("GET", path)[0] == 404
    assert talk.get(f"products/{product['id']}")["images"] == []


def test_uploads_say_what_is_wrong(talk: Talk) -> None:
    person = Talk(talk.shop, PERSON)
    cases = [
        (upload(person, HTTP_CONTENT_DISPOSITION=""), 400, "rest_upload_no_content_disposition"),
        (upload(person, HTTP_CONTENT_DISPOSITION="attachment"), 400, "rest_upload_invalid_disposition"),
        (upload(person, HTTP_CONTENT_DISPOSITION='attachment; filename="a.exe"'), 500, "rest_upload_unknown_error"),
        (person.raw("POST", "/wp-json/wp/v2/media"), 400, "rest_upload_no_data"),
        (upload(Talk(talk.shop, basic("integrator", "zle haslo"))), 401, "incorrect_password"),
        (upload(Talk(talk.shop, basic("nikt", "x"))), 401, "invalid_username"),
        (upload(Talk(talk.shop, "")), 401, "rest_cannot_create"),
    ]
    assert [(reply.status, reply.body["code"]) for reply, _, _ in cases] == [case[1:] for case in cases]
    talk.shop.access.tls = False
    assert upload(person).status == 401


def test_a_form_uploads_too(talk: Talk) -> None:
    body = b'--x\r\nContent-Disposition: form-data; name="alt_text"\r\n\r\nKubek\r\n'
    body += b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\nContent-Type: image/png\r\n\r\n'
    body += small_png(3) + b"\r\n--x--\r\n"
    person = Talk(talk.shop, PERSON)
    reply = person.raw("POST", "/wp-json/wp/v2/media", body, CONTENT_TYPE="multipart/form-data; boundary=x")
    assert (reply.status, reply.body["alt_text"]) == (201, "Kubek")
    assert person.raw("GET", reply.body["source_url"].removeprefix("https://shop.example")).body == small_png(3)
