"""Pictures: sent one by one, for the API takes no more; the first of a product is its cover, and any can be made it.

PrestaShop has no name and no digest of a picture and stores other bytes than it was sent, so what was sent is
remembered for a while: after a lost answer it tells whether the picture has arrived.
"""

from collections.abc import Mapping, MutableMapping, Sequence
from hashlib import sha256
from typing import Any

from integrator.canonical.errors import Gone, IntegrationError, OutcomeUnknown, Rejected
from integrator.canonical.problems import Code
from integrator.canonical.records import Key
from integrator.canonical.side import Exchange, Found, NewElement, Patch, Result
from shops.connectors.harvest import split_key
from shops.connectors.prestashop import mapping
from shops.connectors.prestashop.bodies import reference, whole_number
from shops.connectors.prestashop.documents import Unreadable, parsed
from shops.connectors.prestashop.rest import GALLERIES, Row
from shops.connectors.prestashop.writing import Change, Writing

UPLOAD_SECONDS = 75.0
REMEMBERED = 200
"""Pictures whose digest is kept: those of the last uploads, which alone may have to be looked for."""
_BOUNDARY = "integrator-5b1f0e7a4c9d42"
_TYPES = {b"\x89PNG": ("png", "image/png"), b"\xff\xd8\xff": ("jpg", "image/jpeg"), b"GIF8": ("gif", "image/gif"),
          b"RIFF": ("webp", "image/webp")}  # fmt: skip


def multipart(content: bytes) -> tuple[bytes, dict[str, str]]:
    """Body and headers of an upload: PrestaShop reads the field `image` of a form and wants a file's name."""
    extension, kind = next(
        (known for magic, known in _TYPES.items() if content.startswith(magic)), ("jpg", "image/jpeg")
    )
    boundary = _BOUNDARY
    while boundary.encode() in content:
        boundary += "0"
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="image"; filename="picture.{extension}"\r\n'
    head += f"Content-Type: {kind}\r\n\r\n"
    body = head.encode() + content + f"\r\n--{boundary}--\r\n".encode()
    return body, {"Content-Type": f"multipart/form-data; boundary={boundary}", "Accept": "text/xml"}


class Pictures:
    def __init__(self, writing: Writing, memory: MutableMapping[str, Any]) -> None:
        self.writing = writing
        self.rest = writing.rest
        self.memory = memory

    def create(self, rows: Sequence[NewElement]) -> list[Result]:
        """In the given order, which is the order they get: the shop puts each new picture after the others.

        When a call fails in a way that does not concern its picture alone, the rest is not sent.
        """
        galleries = self._galleries([row.owner for row in rows])
        results: list[Result] = []
        for row in rows:
            try:
                results.append(self._upload(row, galleries))
            except Rejected as error:
                results.append(Result(token=row.token, error=error))
            except IntegrationError as error:
                if not results:
                    raise
                results += [Result(token=left.token, error=error) for left in rows[len(results) :]]
                break
        return self._with_covers(rows, results, galleries)

    def _upload(self, row: NewElement, galleries: Mapping[Key, Row]) -> Result:
        if not row.content:
            raise Rejected(Code.PICTURE_MISSING, name=row.fields.get("name") or "")
        owner = reference("product", row.owner)
        if owner not in galleries:
            raise Gone(key=row.owner)
        digest = sha256(row.content).hexdigest()[:16]
        before = [*mapping.pictures(galleries[owner]), *self._sent_to(owner)]
        self.memory["uploading"] = {"owner": owner, "digest": digest, "before": before}
        body, headers = multipart(row.content)
        path = f"{self.rest.root}images/products/{owner}"
        answer = self.rest.api.request("POST", path, content=body, headers=headers, deadline=UPLOAD_SECONDS)
        try:
            made = (parsed(answer.content).findtext(".//id") or "").strip()
        except Unreadable:
            made = ""
        if not made.isdigit():
            raise OutcomeUnknown(Code.UNEXPECTED_ANSWER, status=answer.status, excerpt="")
        key = f"{owner}:{made}"
        self.memory.pop("uploading", None)
        uploads = {**self.memory.get("uploads", {}), key: digest}
        self.memory["uploads"] = dict(list(uploads.items())[-REMEMBERED:])
        # The answer repeats the whole picture, which nobody wants to read.
        shown = Exchange(request=f"POST {path}\n{len(row.content)} bytes", answer=f"{answer.status}\nid {made}")
        return Result(token=row.token, key=key, image_owner=owner, exchange=shown)

    def _sent_to(self, owner: Key) -> list[str]:
        keys = (split_key(key) for key in self.memory.get("uploads", {}))
        return [picture for one, picture in keys if one == owner]

    def _with_covers(
        self, rows: Sequence[NewElement], results: Sequence[Result], galleries: Mapping[Key, Row]
    ) -> list[Result]:
        """Of a product that had pictures before, a new one for the first place is made the cover. The picture stays
        where that fails: its place is a matter of the next run."""
        wanted = {
            result.token: result.key
            for row, result in zip(rows, results, strict=True)
            if result.ok and str(row.fields.get("position")) == "1" and mapping.pictures(galleries.get(row.owner, {}))
        }
        if wanted:
            self._choose(list(wanted.values()))
        return list(results)

    def _choose(self, keys: Sequence[Key]) -> dict[str, Result]:
        """Make pictures the covers of their products; results by the picture's key."""
        covers = {split_key(key)[0]: key for key in keys}
        changes = [
            Change(token=key, id=owner, fields={"id_default_image": split_key(key)[1]}) for owner, key in covers.items()
        ]
        try:
            return self.writing.change("products", changes)
        except IntegrationError as error:
            return {key: Result(token=key, error=error) for key in covers.values()}

    def update(self, rows: Sequence[Patch]) -> list[Result]:
        """Places. Only the first can be given; the record that comes with the result is what the shop kept."""
        results: dict[Key, Result] = {}
        firsts: list[Key] = []
        for row in rows:
            try:
                place = self._place(row)
            except Rejected as error:
                results[row.key] = Result(token=row.key, error=error)
                continue
            results[row.key] = Result(token=row.key, key=row.key)
            if place == 1:
                firsts.append(row.key)
        galleries = self._galleries([split_key(row.key)[0] for row in rows])
        moved = [key for key in firsts if _place_of(key, galleries) not in (None, 1)]
        if moved:
            results |= self._choose(moved)
            galleries = self._galleries([split_key(row.key)[0] for row in rows])
        return [_kept(results[row.key], galleries) for row in rows]

    def _place(self, row: Patch) -> int:
        for name in row.fields:
            if name != "position":
                raise Rejected(Code.CANNOT_UPDATE, field=name)
        return int(whole_number("position", row.fields["position"])) if row.fields else 0

    def delete(self, keys: Sequence[Key]) -> list[Result]:
        results: list[Result] = []
        for key in keys:
            owner, picture = split_key(key)
            try:
                self.rest.call("DELETE", f"images/products/{owner}/{picture}")
            except Gone:
                results.append(Result(token=key, key=key))
            except IntegrationError as error:
                if not results and not isinstance(error, Rejected):
                    raise
                results.append(Result(token=key, error=error))
            else:
                results.append(Result(token=key, key=key))
        return results

    def content(self, key: Key) -> bytes:
        """The picture as the shop keeps it. Raises Gone."""
        owner, picture = split_key(key)
        return self.rest.api.get(
            f"{self.rest.root}images/products/{owner}/{picture}", headers={"Accept": "*/*"}
        ).content

    def find(self, wanted: Sequence[NewElement]) -> Mapping[str, Found]:
        galleries = self._galleries([one.owner for one in wanted])
        return {one.token: Found(keys=self._found(one, galleries.get(one.owner))) for one in wanted}

    def _found(self, wanted: NewElement, gallery: Row | None) -> tuple[Key, ...]:
        """The picture as it was remembered; else what came to the product since it was sent; else one of its bytes."""
        if gallery is None or not wanted.content:
            return ()
        digest = sha256(wanted.content).hexdigest()[:16]
        keys = [f"{wanted.owner}:{one}" for one in mapping.pictures(gallery)]
        uploads = self.memory.get("uploads", {})
        remembered = tuple(key for key in keys if uploads.get(key) == digest)
        if remembered:
            return remembered
        pending = self.memory.get("uploading") or {}
        if pending.get("owner") == wanted.owner and pending.get("digest") == digest:
            return tuple(key for key in keys if split_key(key)[1] not in pending["before"])
        return tuple(key for key in keys if key not in uploads and self._same(key, wanted.content))

    def _same(self, key: Key, content: bytes) -> bool:
        try:
            return self.content(key) == content
        except Gone:
            return False

    def _galleries(self, owners: Sequence[Key]) -> dict[Key, Row]:
        return self.rest.by_ids(GALLERIES, owners)


def _place_of(key: Key, galleries: Mapping[Key, Row]) -> int | None:
    owner, picture = split_key(key)
    listed = mapping.pictures(galleries[owner]) if owner in galleries else []
    return listed.index(picture) + 1 if picture in listed else None


def _kept(result: Result, galleries: Mapping[Key, Row]) -> Result:
    if not result.ok:
        return result
    place = _place_of(result.key, galleries)
    if place is None:
        return Result(token=result.token, error=Gone(key=result.token))
    record = mapping.image(split_key(result.key)[0], place)
    return Result(token=result.token, key=result.key, record=record, exchange=result.exchange)
