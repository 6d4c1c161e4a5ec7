"""Pictures of the simulated shop: what kind a content is, and small real ones for generated products."""

import struct
import zlib

_MAGIC = ((b"\x89PNG\r\n\x1a\n", "png"), (b"\xff\xd8\xff", "jpg"), (b"GIF8", "gif"), (b"RIFF", "webp"))

CONTENT_TYPES = {"png": "image/png", "jpg": "image/jpeg", "gif": "image/gif", "webp": "image/webp"}


def extension_of(content: bytes) -> str | None:
    """The file extension by the first bytes, None when this is no picture."""
    for magic, extension in _MAGIC:
        if content.startswith(magic) and (extension != "webp" or content[8:12] == b"WEBP"):
            return extension
    return None


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def small_png(seed: int) -> bytes:
    """An 8x8 PNG of one colour; every seed below 16 777 216 gives another content."""
    colour = bytes((seed >> 16 & 255, seed >> 8 & 255, seed & 255))
    pixels = b"".join(b"\x00" + colour * 8 for _ in range(8))
    header = struct.pack(">IIBBBBB", 8, 8, 8, 2, 0, 0, 0)
    body = _chunk(b"IHDR", header) + _chunk(b"IDAT", zlib.compress(pixels)) + _chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body
