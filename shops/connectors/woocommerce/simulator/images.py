"""Pictures that come with a product or term: by id from the library, or by address, then uploaded again every time."""

import ipaddress
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from shops.connectors.woocommerce.simulator import php
from shops.connectors.woocommerce.simulator.errors import error
from shops.connectors.woocommerce.simulator.media_rows import UPLOADS
from shops.connectors.woocommerce.simulator.state import ShopState
from shops.simulation.pictures import extension_of

Fetch = Callable[[str], bytes | None]
"""The internet as the shop sees it: the content at an address, None when there is nothing."""

_PORTS = (None, 80, 443, 8080)
EXTENSIONS = ("jpg", "jpeg", "png", "gif", "webp")


class _NotHad(Exception):
    """There is no picture at an address."""


class Images:
    def __init__(self, state: ShopState, fetch: Fetch | None) -> None:
        self.state = state
        self.fetch = fetch

    def chosen(self, given: list[Mapping[str, Any]]) -> list[int]:
        """The media ids of an `images` list, the featured one first. Raises 400 for a picture that cannot be had."""
        return [self.one(picture, "product") for picture in given if picture]

    def one(self, picture: Mapping[str, Any], owner: str) -> int:
        """`owner`: product, variation or term; the codes of refusals tell them apart."""
        media_id = php.integer(picture.get("id"))
        if not media_id and picture.get("src"):
            try:
                media_id = self._uploaded(php.text(picture["src"]))
            except _NotHad as reason:
                message = f"Error getting remote image {picture['src']}. Error: {reason}"
                raise error(f"woocommerce_{owner}_image_upload_error", message) from None
        if media_id not in self.state.media:
            raise error(f"woocommerce_{owner}_invalid_image_id", f"#{media_id} is an invalid image ID.")
        with self.state.media.editing(media_id) as row:
            if picture.get("alt"):
                row["alt"] = php.cleaned(picture["alt"])
            if picture.get("name"):
                row["title"] = php.cleaned(picture["name"])
        return media_id

    def _uploaded(self, src: str) -> int:
        parts = urlsplit(src)
        name = parts.path.rpartition("/")[2]
        if name.rpartition(".")[2].lower() not in EXTENSIONS:
            raise _NotHad("Invalid image type.")
        content = self._content(src)
        if content is None:
            raise _NotHad("A valid URL was not provided.")
        if extension_of(content) is None:
            raise _NotHad("Sorry, you are not allowed to upload this file type.")
        return self.state.add_media(content, name)

    def _content(self, src: str) -> bytes | None:
        """WordPress asks no private address and only usual ports, whatever stands there."""
        own = f"{self.state.address}{UPLOADS}"
        if src.startswith(own):
            return self.state.content(src[len(own) :])
        parts = urlsplit(src)
        if parts.scheme not in ("http", "https") or parts.port not in _PORTS or _is_private(parts.hostname or ""):
            return None
        if src in self.state.remote_files:
            return self.state.remote_files[src]
        return self.fetch(src) if self.fetch else None


def _is_private(host: str) -> bool:
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return host in ("", "localhost") or "." not in host
