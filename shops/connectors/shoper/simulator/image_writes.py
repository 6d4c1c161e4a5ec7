"""Writes of product pictures: by content or by address, numbered by the shop."""

import base64
import binascii
import ipaddress
from typing import Any
from urllib.parse import urlsplit

from shops.connectors.shoper.simulator.errors import Findings, Refused, invalid
from shops.connectors.shoper.simulator.validation import flag, translations, whole
from shops.connectors.shoper.simulator.writes import Body, Writes, merged_texts
from shops.simulation.pictures import extension_of
from shops.simulation.tables import Row

MOST_IMAGES = 255


def create_image(writes: Writes, body: Body) -> int:
    """Takes exactly one of `content` (base64) and `url`. The first picture of a product becomes its main one."""
    state, findings = writes.state, Findings()
    product_id = whole(body.get("product_id"))
    if body.get("product_id") in (None, ""):
        findings.required("product_id")
    elif product_id not in state.products:
        findings.text(f"Product '{body['product_id']}' does not exist")
    given = translations(findings, body, state.locales())
    findings.raise_if_any()
    assert product_id is not None
    present = state.image_ids(product_id)
    if len(present) >= MOST_IMAGES:
        raise invalid(f"Produkt może mieć najwyżej {MOST_IMAGES} zdjęć")
    content = _content(writes, body)
    gfx_id = state.images.next_id
    extension = extension_of(content) or "jpg"
    name = str(body.get("name") or f"{gfx_id}.{extension}")
    row: Row = {"product_id": "", "name": name, "unic_name": str(gfx_id), "order": str(len(present) + 1)}
    row |= {"hidden": flag(body.get("hidden", 0)), "main": int(not present)}
    row["translations"] = merged_texts(state, "product-images", gfx_id, {}, {"pl_PL": {"name": name}} | given)
    gfx_id = state.insert_image(product_id, {**row, "extension": extension}, content, gfx_id)
    _place(writes, product_id, gfx_id, body)
    return gfx_id


def update_image(writes: Writes, gfx_id: int, body: Body) -> None:
    """Changes texts, visibility or the picture itself; `order` counts only where the shop is switched so."""
    state, findings = writes.state, Findings()
    given = translations(findings, body, state.locales())
    findings.raise_if_any()
    content = _content(writes, body) if "content" in body or "url" in body else None
    with state.images.editing(gfx_id) as row:
        if content is not None:
            state.files[gfx_id] = content
            row["extension"] = extension_of(content) or "jpg"
        if "hidden" in body:
            row["hidden"] = flag(body["hidden"])
        row["translations"] = merged_texts(state, "product-images", gfx_id, row["translations"], given)
        product_id = int(row["product_id"])
    _place(writes, product_id, gfx_id, body)


def _place(writes: Writes, product_id: int, gfx_id: int, body: Body) -> None:
    if writes.quirks.image_writes_move_edit_date:
        writes.state.touch(product_id)
    wanted = whole(body.get("order")) if writes.quirks.image_order_writable else None
    if wanted is None:
        return
    others = [i for i in writes.state.image_ids(product_id) if i != gfx_id]
    others.insert(max(0, wanted - 1), gfx_id)
    writes.state.arrange_images(product_id, others)


def _content(writes: Writes, body: Body) -> bytes:
    if ("content" in body) == ("url" in body):
        raise invalid("Wartość pola 'content' jest niepoprawna: Podaj content albo url")
    return _downloaded(writes, body["url"]) if "url" in body else _decoded(body["content"])


def _decoded(given: Any) -> bytes:
    try:
        content = base64.b64decode(str(given), validate=True)
    except (binascii.Error, ValueError):
        content = b""
    if not content or extension_of(content) is None:
        raise invalid("Wartość pola 'content' jest niepoprawna: Nieprawidłowy plik")
    return content


def _downloaded(writes: Writes, url: Any) -> bytes:
    """The picture at an address of the internet that the shop can reach; nothing is really downloaded."""
    parts = urlsplit(str(url))
    if parts.scheme not in ("http", "https") or not parts.hostname or _internal(parts.hostname):
        raise invalid(f"Url '{url}' is not valid")
    content = writes.state.remote_files.get(str(url))
    if content is None:
        raise Refused(500, "server_error", "Operation Failed")
    return content


def _internal(host: str) -> bool:
    if host == "localhost" or "." not in host:
        return True
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return False
