"""WordPress's media library, `/wp-json/wp/v2/media`: uploads with an application password."""

import re
from email import message_from_bytes
from typing import TYPE_CHECKING

from shops.connectors.woocommerce.simulator import lists, php
from shops.connectors.woocommerce.simulator.errors import error, no_route
from shops.connectors.woocommerce.simulator.images import EXTENSIONS
from shops.connectors.woocommerce.simulator.media_rows import attachment
from shops.connectors.woocommerce.simulator.schema import read_body
from shops.simulation.http import Answer, Request
from shops.simulation.pictures import extension_of
from shops.simulation.tables import Row

if TYPE_CHECKING:
    from shops.connectors.woocommerce.simulator.api import Api


class Library:
    def __init__(self, api: "Api") -> None:
        self.api = api
        self.state = api.state

    def answer(self, request: Request, rest: list[str]) -> Answer:
        known = self.api.access.wp_user(request)
        if not rest:
            if request.method == "GET":
                edit = self._edit(request, known)
                return lists.page(self.state, request, self._find(request), lambda one: self._shown(one, edit=edit))
            if request.method == "POST":
                if not known:
                    message = "Sorry, you are not allowed to create posts as this user."
                    raise error("rest_cannot_create", message, 401)
                return self._upload(request)
        elif len(rest) == 1 and rest[0].isdigit():
            return self._item(request, int(rest[0]), known)
        raise no_route()

    def _shown(self, media_id: int, *, edit: bool = False) -> Row:
        return self.api.faults.spoiled("media", media_id, attachment(self.state, media_id, edit=edit))

    def _edit(self, request: Request, known: bool) -> bool:
        """Whether the context edit is asked for. Raises 401 when nobody asks."""
        edit = request.first("context") == "edit"
        if edit and not known:
            raise error("rest_forbidden_context", "Sorry, you are not allowed to edit posts in this post type.", 401)
        return edit

    def _find(self, request: Request) -> list[int]:
        include = lists.ids(request, "include")
        found = [one for one in self.state.media if not include or one in include]
        rows = {one: self.state.media.get(one) for one in found} if request.query.keys() & {"search", "slug"} else {}
        if part := request.first("search").lower():
            found = [one for one in found if part in f"{rows[one]['title']} {rows[one]['file']}".lower()]
        if slugs := {one.strip() for one in request.first("slug").split(",")} - {""}:
            found = [one for one in found if php.slug(rows[one]["title"]) in slugs]
        lists.chosen(request, "orderby", ("date", "id", "include", "title", "slug", "modified"), "date")
        return sorted(found, reverse=lists.chosen(request, "order", ("asc", "desc"), "desc") == "desc")

    def _item(self, request: Request, media_id: int, known: bool) -> Answer:
        if media_id not in self.state.media:
            raise error("rest_post_invalid_id", "Invalid post ID.", 404)
        if request.method == "GET":
            return Answer.of(lists.only(self._shown(media_id, edit=self._edit(request, known)), request))
        if not known:
            word = "delete" if request.method == "DELETE" else "edit"
            raise error(f"rest_cannot_{word}", f"Sorry, you are not allowed to {word} this post.", 401)
        body = read_body(request)
        if request.method == "DELETE":
            if not php.boolean(body.get("force", request.first("force"))):
                message = "The post does not support trashing. Set &#039;force=true&#039; to delete."
                raise error("rest_trash_not_supported", message, 501)
            previous = self._shown(media_id, edit=True)
            self.state.remove_media(media_id)
            return Answer.of({"deleted": True, "previous": previous})
        title = body.get("title")
        with self.state.media.editing(media_id) as row:
            if title is not None:
                row["title"] = php.escaped(title.get("raw") if isinstance(title, dict) else title)
            if "alt_text" in body:
                row["alt"] = php.cleaned(body["alt_text"])
            row["modified"] = self.state.now()
        return Answer.of(self._shown(media_id, edit=True))

    def _upload(self, request: Request) -> Answer:
        """From a raw body with Content-Disposition, or a form with the field `file`."""
        kind = request.headers.get("content-type", "")
        fields: dict[str, str] = {}
        if kind.startswith("multipart/form-data"):
            name, content, fields = _form(kind, request.body)
        else:
            content = request.body
            if not content:
                raise error("rest_upload_no_data", "No data supplied.")
            name = _file_name(request.headers.get("content-disposition", ""))
        if extension_of(content) is None or name.rpartition(".")[2].lower() not in EXTENSIONS:
            message = "Sorry, you are not allowed to upload this file type."
            raise error("rest_upload_unknown_error", message, 500)
        title = fields.get("title") or request.first("title") or php.file_name(name).rpartition(".")[0]
        alt = fields.get("alt_text") or request.first("alt_text")
        media_id = self.state.add_media(content, name, title=php.escaped(title), alt=php.cleaned(alt))
        answer = Answer.of(self._shown(media_id, edit=True), 201)
        answer.headers.append(("Location", f"{self.state.address}/wp-json/wp/v2/media/{media_id}"))
        return answer


def _file_name(disposition: str) -> str:
    if not disposition:
        raise error("rest_upload_no_content_disposition", "No Content-Disposition supplied.")
    found = re.search(r'filename\s*=\s*(?:"([^"]+)"|([^;"]+))', disposition, re.IGNORECASE)
    if not found:
        message = "Invalid Content-Disposition supplied. Content-Disposition needs to be formatted as "
        message += '`attachment; filename="image.png"` or similar.'
        raise error("rest_upload_invalid_disposition", message)
    return (found[1] or found[2]).strip()


def _form(kind: str, body: bytes) -> tuple[str, bytes, dict[str, str]]:
    message = message_from_bytes(b"Content-Type: " + kind.encode() + b"\r\n\r\n" + body)
    name, content, fields = "", b"", {}
    for part in message.walk():
        payload = part.get_payload(decode=True)
        field = part.get_param("name", header="content-disposition")
        if not isinstance(payload, bytes):
            continue
        if field == "file":
            name, content = part.get_filename() or "", payload
        elif isinstance(field, str):
            fields[field] = payload.decode()
    if not name:
        raise error("rest_upload_no_data", "No data supplied.")
    return name, content, fields
