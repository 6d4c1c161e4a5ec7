"""Pictures of products: lists, contents, uploads. They speak XML only and take multipart bodies."""

import base64
from email.parser import BytesParser
from email.policy import HTTP
from typing import TYPE_CHECKING

from shops.connectors.prestashop.simulator.errors import Blank, Refused
from shops.connectors.prestashop.simulator.render import HEAD, TAIL, cdata
from shops.connectors.prestashop.simulator.store import Store
from shops.connectors.prestashop.simulator.versions import Version
from shops.simulation.http import Answer, Request
from shops.simulation.pictures import CONTENT_TYPES, extension_of

if TYPE_CHECKING:
    from shops.connectors.prestashop.simulator.api import Call

XML = "text/xml;charset=utf-8"
_TYPES = ("general", "products", "categories", "manufacturers", "suppliers", "stores", "customizations")


def answer(store: Store, version: Version, call: "Call") -> Answer:
    """The answer to a call below `/api/images`. Raises `Refused` and `Blank`."""
    kind, *rest = call.parts[1:] or [""]
    if not kind:
        inner = "".join(f'<{name} xlink:href="{call.root}images/{name}"/>\n' for name in _TYPES)
        return _xml(f"<image_types>\n{inner}</image_types>\n")
    if kind != "products":
        raise Blank(404)
    ids = [int(part) for part in rest if part.isdigit()]
    if len(ids) != len(rest):
        raise Refused(400, (54, "This image id does not exist"))
    if not ids:
        return _all(store, call)
    if ids[0] not in store.products:
        raise Refused(400, (48, "This product id does not exist"))
    return _of_product(store, version, call, ids)


def _of_product(store: Store, version: Version, call: "Call", ids: list[int]) -> Answer:
    product_id, *chosen = ids
    known = store.owned("images", product_id)
    if chosen and chosen[0] not in known:
        raise Blank(404)
    if call.method in ("GET", "HEAD"):
        return _content(store, chosen[0]) if chosen else _listed(product_id, known, call)
    if call.method == "DELETE":
        for image_id in chosen or known:
            remove(store, image_id)
        return Answer(content_type=XML)
    if call.request.method != "POST":
        raise Refused(400, (76, 'Please set an "image" parameter with image data for value'))
    content = uploaded(call.request)
    if len(content) > _largest(store, version):
        raise Refused(400, (72, "The image size is too large"))
    if chosen:
        store.files[chosen[0]] = content
        return _made(store, chosen[0])
    return _made(store, add(store, product_id, content))


def _largest(store: Store, version: Version) -> int:
    """Bytes: a constant in 1.7, a setting in megabytes later."""
    if not version.patches:
        return 3_000_000
    return int(store.setting("PS_LIMIT_UPLOAD_IMAGE_VALUE") or 2) * 1024 * 1024


def uploaded(request: Request) -> bytes:
    """The picture in the field `image` of a multipart body. Raises `Refused`."""
    head = f"Content-Type: {request.headers.get('content-type', '')}\r\n\r\n".encode()
    message = BytesParser(policy=HTTP).parsebytes(head + request.body)
    if message.is_multipart():
        for part in message.iter_parts():
            content = part.get_payload(decode=True)
            if part.get_param("name", header="content-disposition") == "image" and isinstance(content, bytes):
                if extension_of(content) is None:
                    raise Refused(400, (76, "This image format is not recognized"))
                return content
    raise Refused(400, (76, 'Please set an "image" parameter with image data for value'))


def add(store: Store, product_id: int, content: bytes) -> int:
    """Adds a picture as the product's last one; the first is the cover. The product's `date_upd` stays."""
    first = not store.owned("images", product_id)
    image_id = store.insert("images", {"id_product": product_id, "cover": first, "legend": {}})
    store.files[image_id] = content
    return image_id


def remove(store: Store, image_id: int) -> None:
    """Deletes a picture; when it was the cover the first of the others becomes it."""
    row = store.images.get(image_id)
    store.remove("images", image_id)
    left = store.owned("images", row["id_product"])
    if row["cover"] and left:
        with store.images.editing(left[0]) as heir:
            heir["cover"] = True


def _xml(inner: str) -> Answer:
    return Answer(f"{HEAD}{inner}{TAIL}", content_type=XML)


def _all(store: Store, call: "Call") -> Answer:
    owners = dict.fromkeys(store.images.get(image_id)["id_product"] for image_id in store.images)
    inner = "".join(f'<image id="{i}" xlink:href="{call.root}images/products/{i}"/>\n' for i in owners)
    return _xml(f"<images>\n{inner}</images>\n")


def _listed(product_id: int, images: list[int], call: "Call") -> Answer:
    if not images:
        raise Blank(404)
    place = f"{call.root}images/products/{product_id}"
    inner = "".join(f'<declination id="{image}" xlink:href="{place}/{image}"/>\n' for image in images)
    return _xml(f'<image id="{product_id}">\n{inner}</image>\n')


def _content(store: Store, image_id: int) -> Answer:
    content = store.content(image_id) or b""
    kind = CONTENT_TYPES.get(extension_of(content) or "", "image/jpeg")
    return Answer(content=content, content_type=kind)


def _made(store: Store, image_id: int) -> Answer:
    """The picture's row and its whole content in base64, with status 200 for a new one too."""
    row = store.images.get(image_id)
    place = store.owned("images", row["id_product"]).index(image_id) + 1
    fields = {"id": image_id, "id_product": row["id_product"], "position": place, "cover": int(row["cover"]) or ""}
    inner = "".join(f"\t<{name}>{cdata(value)}</{name}>\n" for name, value in fields.items())
    content = cdata(base64.b64encode(store.content(image_id) or b"").decode())
    return _xml(f'<image>\n{inner}</image>\n<content encode="base64">{content}</content>\n')
