"""Pictures of the library: how they are kept and how they are answered, by WooCommerce and by WordPress.

A row is kept as: file (below `/wp-content/uploads/`), title, alt, mime, created, modified, parent.
"""

from datetime import UTC

from shops.connectors.woocommerce.simulator import php
from shops.connectors.woocommerce.simulator.dates import shown, shown_with_offset_twice
from shops.connectors.woocommerce.simulator.store import Store
from shops.simulation.tables import Row

UPLOADS = "/wp-content/uploads/"
_SMALLER = ("300x300", "150x150", "600x600", "100x100")


def source(store: Store, row: Row) -> str:
    return f"{store.address}{UPLOADS}{row['file']}"


def picture(store: Store, media_id: int) -> Row:
    """As products show it."""
    answer = plain_picture(store, media_id)
    src = answer["src"]
    stem, _, extension = src.rpartition(".")
    sizes = [f"{src} 640w", *(f"{stem}-{size}.{extension} {size.partition('x')[0]}w" for size in _SMALLER)]
    answer |= {"srcset": ", ".join(sizes), "sizes": "(max-width: 640px) 100vw, 640px"}
    return answer | {"thumbnail": f"{stem}-300x300.{extension}"}


def plain_picture(store: Store, media_id: int) -> Row:
    """As variations and terms show it: without smaller sizes."""
    row = store.media.get(media_id)
    answer: Row = {"id": media_id}
    for ours, theirs in (("created", "date_created"), ("modified", "date_modified")):
        answer[theirs] = shown_with_offset_twice(row[ours], store.zone)
        answer[f"{theirs}_gmt"] = shown(row[ours], UTC)
    return answer | {"src": source(store, row), "name": row["title"], "alt": row["alt"]}


def attachment(store: Store, media_id: int, *, edit: bool) -> Row:
    """As `wp/v2/media` shows it. `edit`: in the context edit, which writes answer in; raw texts are only there."""
    row = store.media.get(media_id)
    src = source(store, row)
    base = f"{store.address}/wp-json/wp/v2"
    title = row["title"]

    def text(value: str) -> Row:
        return {"rendered": value, "raw": value} if edit else {"rendered": value}

    return {
        "id": media_id,
        "date": shown(row["created"], store.zone),
        "date_gmt": shown(row["created"], UTC),
        "guid": text(src),
        "modified": shown(row["modified"], store.zone),
        "modified_gmt": shown(row["modified"], UTC),
        "slug": php.slug(title),
        "status": "inherit",
        "type": "attachment",
        "link": f"{store.address}/{php.slug(title)}/",
        "title": text(title),
        "author": 1,
        "comment_status": "open",
        "ping_status": "closed",
        "template": "",
        "meta": [],
        "description": text(""),
        "caption": text(""),
        "alt_text": row["alt"],
        "media_type": "image",
        "mime_type": row["mime"],
        "media_details": {"width": 640, "height": 640, "file": row["file"], "filesize": row["size"], "sizes": {}},
        "post": row["parent"] or None,
        "source_url": src,
        "_links": {"self": [{"href": f"{base}/media/{media_id}"}], "collection": [{"href": f"{base}/media"}]},
    }
