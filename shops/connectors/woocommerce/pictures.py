"""Pictures: a file goes into WordPress's media library once, products name it by its id, in their order.

Two ways lead there: an upload with a WordPress login, or an address of ours that the shop fetches the file from. An
address is never sent for a picture that is attached already: WordPress would fetch and keep the file once more.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit

from integrator.api_client import ApiClient
from integrator.canonical.errors import (
    AuthFailed,
    Gone,
    IntegrationError,
    OutcomeUnknown,
    RateLimited,
    Rejected,
    Transient,
    Unreachable,
)
from integrator.canonical.kinds import Kind
from integrator.canonical.problems import Code, Turn
from integrator.canonical.records import Key
from integrator.canonical.side import Found, NewElement, Patch, Result
from shops.connectors.base import ShopAccess
from shops.connectors.harvest import split_key
from shops.connectors.pagination import chunks
from shops.connectors.woocommerce import bodies, mapping
from shops.connectors.woocommerce.auth import MEDIA_PASSWORD, MEDIA_USER, Basic
from shops.connectors.woocommerce.errors import decoded, woo_error
from shops.connectors.woocommerce.facts import Facts
from shops.connectors.woocommerce.harvest import Harvest
from shops.connectors.woocommerce.reading import IMAGE_FIELDS
from shops.connectors.woocommerce.rest import PAGE, Outcome, Rest, Row, listed, row_id
from shops.connectors.woocommerce.writing import failed

MEDIA = "/wp-json/wp/v2/media"
UPLOAD_SECONDS = 75.0
_TYPES = {"jpg": "image/jpeg", "png": "image/png", "gif": "image/gif", "webp": "image/webp"}
_SOUGHT = 25
"""Names of files in one address: each has 68 characters."""
Entry = dict[str, Any]
"""A picture as it is sent with a product: `{"id": 17}`, or `{"src": address}`, with what it is called."""


def extension(content: bytes) -> str:
    """By the first bytes. Raises Rejected for what WordPress takes for no picture."""
    if content.startswith(b"\xff\xd8\xff"):
        return "jpg"
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if content.startswith((b"GIF87a", b"GIF89a")):
        return "gif"
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "webp"
    raise Rejected(Code.REJECTED, field="content", message="neither JPEG nor PNG, GIF or WebP")


class Library:
    """WordPress's media library, through a login of its own: WooCommerce's keys open no door there."""

    def __init__(self, access: ShopAccess) -> None:
        given = access.credentials
        self._access = access
        self._login = (given.get(MEDIA_USER, ""), given.get(MEDIA_PASSWORD, ""))
        self._api: ApiClient | None = None

    @property
    def open(self) -> bool:
        return all(self._login)

    @property
    def user(self) -> str:
        return self._login[0]

    @property
    def api(self) -> ApiClient:
        if self._api is None:
            self._api = self._access.api(auth=Basic(*self._login), errors=woo_error, deadline=UPLOAD_SECONDS)
        return self._api

    def find(self, digests: Collection[str]) -> dict[str, int]:
        """Files of these contents by digest, by the names that we give files: all in one call."""
        found: dict[str, int] = {}
        for chunk in chunks(sorted(digests), _SOUGHT):
            slugs = ",".join(f"erp-{one}" for one in chunk)
            answer = self.api.get(MEDIA, {"slug": slugs, "_fields": "id,source_url", "per_page": PAGE})
            for row in listed(answer)[0]:
                one = row_id(row)
                if one is not None:
                    found.setdefault(mapping.digest_in(str(row.get("source_url") or "")), one)
        return {one: found[one] for one in digests if one in found}

    def upload(self, content: bytes, digest: str) -> int:
        kind = extension(content)
        headers = {
            "Content-Type": _TYPES[kind],
            "Content-Disposition": f'attachment; filename="{mapping.file_name(digest, kind)}"',
        }
        answer = self.api.request("POST", MEDIA, content=content, headers=headers, deadline=UPLOAD_SECONDS)
        try:
            made = row_id(decoded(answer))
        except Transient:
            made = None
        if made is None:
            raise OutcomeUnknown(Code.UNEXPECTED_ANSWER, status=answer.status, excerpt=answer.excerpt)
        return made


class Pictures:
    def __init__(self, access: ShopAccess, rest: Rest, facts: Facts) -> None:
        self.access = access
        self.rest = rest
        self.facts = facts
        self.library = Library(access)

    # creating

    def create(self, rows: Sequence[NewElement]) -> list[Result]:
        """Files first, then all products of the call at once, each with the pictures it has and the new ones in their
        places. When a call fails in a way that does not concern its picture alone, no further file is sent."""
        results: dict[str, Result] = {}
        ready: dict[str, list[tuple[NewElement, Entry]]] = {}
        trouble: IntegrationError | None = None
        kept: dict[str, int] | None = None
        for row in rows:
            try:
                if trouble is not None:
                    raise trouble
                owner, content = _owner(row), _content(row)
                if kept is None:
                    kept = self._kept(rows)
                ready.setdefault(owner, []).append((row, self._entry(row, content, kept)))
            except AuthFailed:
                # Only pictures need this login: the keys of the connection are good.
                trouble = Rejected(Code.LOGIN_FAILED, turn=Turn.CONNECTION, user=self.library.user)
                results[row.token] = Result(token=row.token, error=trouble)
            except IntegrationError as error:
                trouble = trouble if isinstance(error, Rejected) else error
                results[row.token] = Result(token=row.token, error=error)
        if trouble is not None and not any(ready.values()):
            raise trouble
        results |= self._attach(ready)
        return [results[row.token] for row in rows]

    def _kept(self, rows: Sequence[NewElement]) -> dict[str, int]:
        """Files that the library has already, by digest."""
        if not self.library.open:
            return {}
        return self.library.find({sha256(row.content).hexdigest() for row in rows if row.content})

    def _entry(self, row: NewElement, content: bytes, kept: dict[str, int]) -> Entry:
        kind = extension(content)
        called = {"alt": str(row.fields["name"])} if row.fields.get("name") else {}
        if self.library.open:
            digest = sha256(content).hexdigest()
            if digest not in kept:
                kept[digest] = self.library.upload(content, digest)
            return {"id": kept[digest], **called}
        if self.access.publish is None:
            raise Rejected(Code.NOT_OFFERED, kind=Kind.IMAGE)
        return {"src": self.access.publish(content, kind), **called}

    def _attach(self, ready: Mapping[str, list[tuple[NewElement, Entry]]]) -> dict[str, Result]:
        shown = self._shown([owner for owner, pairs in ready.items() if pairs])
        results: dict[str, Result] = {}
        changed: dict[str, tuple[list[tuple[NewElement, Entry]], list[Entry]]] = {}
        for owner, pairs in ready.items():
            if owner not in shown:
                results |= {row.token: Result(token=row.token, error=Gone(key=owner)) for row, _ in pairs}
                continue
            fresh = self._fresh(owner, pairs, shown[owner], results)
            if fresh:
                changed[owner] = (fresh, _placed(shown[owner], fresh))
        outcomes = self._send({owner: entries for owner, (_, entries) in changed.items()})
        for owner, (fresh, entries) in changed.items():
            results |= _attached(owner, fresh, entries, outcomes[owner])
        return results

    def _fresh(
        self,
        owner: str,
        pairs: Sequence[tuple[NewElement, Entry]],
        shown: Sequence[int],
        results: dict[str, Result],
    ) -> list[tuple[NewElement, Entry]]:
        """Those that the product does not show yet: an earlier try may have got so far."""
        fresh: list[tuple[NewElement, Entry]] = []
        taken: set[int] = set()
        for row, entry in pairs:
            media = entry.get("id")
            if media in taken:
                message = "the same picture twice on one product"
                error = Rejected(Code.REJECTED, field="content", message=message)
                results[row.token] = Result(token=row.token, error=error)
            elif media in shown:
                results[row.token] = Result(token=row.token, key=f"{owner}:{media}", image_owner=owner)
            else:
                fresh.append((row, entry))
            if media is not None:
                taken.add(media)
        return fresh

    def _shown(self, owners: Sequence[str]) -> dict[str, list[int]]:
        """Ids of the files that these products show, in order; a product that is not there is left out."""
        found: dict[str, list[int]] = {}
        ids = [int(owner) for owner in owners if owner.isdigit()]
        rows = self.rest.by_ids("products", ids, {"_fields": IMAGE_FIELDS}) if ids else {}
        for one, row in rows.items():
            found[str(one)] = [int(split_key(key)[1]) for key, _ in mapping.images(row)]
        return found

    def _send(self, entries: Mapping[str, list[Entry]]) -> dict[str, Outcome]:
        if not entries:
            return {}
        changes = [(owner, {"id": int(owner), "images": images}) for owner, images in entries.items()]
        return {out.token: out for out in self.rest.batch("products", "update", changes)}

    # changing

    def update(self, rows: Sequence[Patch]) -> list[Result]:
        """Name and place. The whole list of a product is sent again, by ids; what is not named stays."""

        def change(entries: list[Entry], mine: Sequence[Patch]) -> list[Entry]:
            for row in sorted(mine, key=lambda one: str(one.fields.get("position") or "").zfill(6)):
                media = int(split_key(row.key)[1])
                entry = next((one for one in entries if one["id"] == media), None)
                if entry is None:
                    raise Gone(key=row.key)
                if row.fields.get("name"):
                    entry["alt"] = str(row.fields["name"])
                if "position" in row.fields:
                    place = max(bodies.pieces(row.fields["position"]) - 1, 0)
                    entries.remove(entry)
                    entries.insert(place, entry)
            return entries

        return self._rewrite([(row.key, row) for row in rows], change)

    def delete(self, keys: Sequence[Key]) -> list[Result]:
        """Taken off the product; the file stays in the library, where other products may show it."""

        def change(entries: list[Entry], mine: Sequence[Key]) -> list[Entry]:
            gone = {int(split_key(key)[1]) for key in mine if split_key(key)[1].isdigit()}
            return [one for one in entries if one["id"] not in gone]

        results = self._rewrite([(key, key) for key in keys], change)
        return [Result(token=one.token, key=one.token) if isinstance(one.error, Gone) else one for one in results]

    def _rewrite(
        self, rows: Sequence[tuple[Key, Any]], change: Callable[[list[Entry], Sequence[Any]], list[Entry]]
    ) -> list[Result]:
        """One read and one write for all products of the call."""
        by_owner: dict[str, list[tuple[Key, Any]]] = {}
        for key, row in rows:
            by_owner.setdefault(split_key(key)[0], []).append((key, row))
        shown = self._shown(list(by_owner))
        results: dict[str, Result] = {}
        changed: dict[str, list[Entry]] = {}
        for owner, mine in by_owner.items():
            try:
                if owner not in shown:
                    raise Gone(key=owner)
                before: list[Entry] = [{"id": media} for media in shown[owner]]
                after = change([dict(one) for one in before], [row for _, row in mine])
                if after != before:
                    changed[owner] = after
            except Rejected as error:
                results |= {key: Result(token=key, error=error) for key, _ in mine}
        outcomes = self._send(changed)
        for owner, mine in by_owner.items():
            for key, _ in mine:
                if key not in results:
                    results[key] = _rewritten(key, outcomes.get(owner))
        return [results[key] for key, _ in rows]

    # reading

    def content(self, key: Key) -> bytes:
        """The file as the shop, or the service it keeps files with, gives it to everybody. Raises Gone."""
        owner = split_key(key)[0]
        rows = self.rest.by_ids("products", [int(owner)], {"_fields": IMAGE_FIELDS}) if owner.isdigit() else {}
        for found, row in mapping.images(rows.get(int(owner), {"id": owner}) if rows else {"id": owner}):
            if found == key:
                return self._download(mapping.coerce.text(row, "src"))
        raise Gone(key=key)

    def _download(self, address: str) -> bytes:
        parts = urlsplit(address)
        path = parts.path + (f"?{parts.query}" if parts.query else "")
        own = {urlsplit(self.rest.api.base).netloc, urlsplit(str(self.facts.shop["home"])).netloc}
        if parts.netloc in own or not parts.netloc:
            prefix = urlsplit(self.rest.api.base).path
            return self.rest.api.get(path.removeprefix(prefix) if prefix else path, sign=False).content
        elsewhere = replace(self.access, address=f"{parts.scheme}://{parts.netloc}", credentials={})
        with elsewhere.api() as api:
            return api.get(path, sign=False).content

    def find(self, wanted: Sequence[NewElement]) -> Mapping[str, Found]:
        """Pictures of the owner with the same bytes; where the shop has changed them, those of that name and place."""
        ids = [int(one.owner) for one in wanted if one.owner.isdigit()]
        rows = self.rest.by_ids("products", ids, {"_fields": IMAGE_FIELDS}) if ids else {}
        return {
            one.token: Found(keys=self._same(one, rows[int(one.owner)]))
            if one.owner.isdigit() and int(one.owner) in rows
            else Found()
            for one in wanted
        }

    def _same(self, wanted: NewElement, row: Row) -> tuple[str, ...]:
        harvest = Harvest()
        harvest.images(row)
        pictures = {item.key: item.record for item in harvest.items if isinstance(item.record, mapping.Image)}
        digest = sha256(wanted.content or b"").hexdigest()
        ours = tuple(key for key, picture in pictures.items() if picture.digest == digest)
        if ours or wanted.content is None:
            return ours
        named = [key for key, one in pictures.items() if not one.digest and one.name == wanted.fields.get("name")]
        files = dict(mapping.images(row)) if named else {}
        same = tuple(key for key in named if self._digest(mapping.coerce.text(files[key], "src", "")) == digest)
        place = str(wanted.fields.get("position"))
        return same or tuple(key for key in named if str(pictures[key].position) == place)

    def _digest(self, address: str) -> str:
        """Empty for a file that cannot be had: one that a CDN refuses leaves the others to be compared."""
        try:
            return sha256(self._download(address)).hexdigest() if address else ""
        except RateLimited:
            raise  # the others would not be had either
        except (AuthFailed, Rejected, Transient, Unreachable):
            return ""


def _owner(row: NewElement) -> str:
    if not row.owner.isdigit():
        raise Rejected(Code.REJECTED, field="product", message=f"{row.owner!r} is no product")
    return row.owner


def _content(row: NewElement) -> bytes:
    if not row.content:
        raise Rejected(Code.PICTURE_MISSING, name=row.fields.get("name") or "")
    return row.content


def _placed(shown: Sequence[int], fresh: Sequence[tuple[NewElement, Entry]]) -> list[Entry]:
    """The product's list with the new pictures in it, each in its place where it says one, else at the end."""
    entries: list[Entry] = [{"id": media} for media in shown]
    for row, entry in sorted(fresh, key=lambda pair: str(pair[0].fields.get("position") or "9").zfill(6)):
        told = str(row.fields.get("position") or "")
        entries.insert(max(int(told) - 1, 0) if told.isdigit() else len(entries), entry)
    return entries


def _attached(
    owner: str, fresh: Sequence[tuple[NewElement, Entry]], entries: Sequence[Entry], out: Outcome
) -> dict[str, Result]:
    """What the product shows now, place by place: an address became a file whose id only the answer tells."""
    if out.error is not None or out.row is None:
        return {row.token: Result(token=row.token, error=out.error, exchange=out.exchange) for row, _ in fresh}
    listed_now = out.row.get("images")
    kept = [row_id(one) for one in listed_now] if isinstance(listed_now, list) else []
    results: dict[str, Result] = {}
    for row, entry in fresh:
        media = kept[entries.index(entry)] if len(kept) == len(entries) else None
        media = entry["id"] if entry.get("id") in kept else media
        if media is None:
            error = Rejected(Code.NOT_KEPT, field="content", value=str(row.fields.get("name") or ""))
            results[row.token] = Result(token=row.token, error=error, exchange=out.exchange)
        else:
            results[row.token] = Result(
                token=row.token, key=f"{owner}:{media}", image_owner=owner, exchange=out.exchange
            )
    return results


def _rewritten(key: Key, out: Outcome | None) -> Result:
    if out is not None and out.error is not None:
        return failed(replace(out, token=key))
    return Result(token=key, key=key, exchange=None if out is None else out.exchange)
