"""Packed answers made plain piece by piece, so that whoever reads them can stop: a bomb never unfolds. Pure."""

import zlib
from collections.abc import Iterable, Iterator

ACCEPTED = "gzip, deflate"
"""What shops are told that we read. Brotli and Zstandard are left out: their libraries give no bounded pieces."""
PIECE = 64 * 1024
"""Most bytes that are unpacked at once."""
_PLAIN = ("", "identity")
_GZIP = ("gzip", "x-gzip")


class NotUnpacked(ValueError):
    """Packed in a way that was not offered, or broken."""


def unpacked(parts: Iterable[bytes], encoding: str) -> Iterator[bytes]:
    """The plain bytes of a body that came in these parts, in pieces of at most 64 KB where it was packed.

    Raises NotUnpacked: an encoding that is none of `ACCEPTED` (or two, one in the other), broken or cut-off data.
    """
    name = encoding.strip().lower()
    if name in _PLAIN:
        yield from parts
    elif name in _GZIP:
        yield from _inflated(parts, zlib.decompressobj(zlib.MAX_WBITS | 16))
    elif name == "deflate":
        yield from _deflated(parts)
    else:
        raise NotUnpacked(name)


def _deflated(parts: Iterable[bytes]) -> Iterator[bytes]:
    """With the head of zlib, as the standard says, or without, as some servers send it."""
    whole = iter(parts)
    first = next((part for part in whole if part), b"")
    headed = len(first) > 1 and first[0] & 15 == 8 and int.from_bytes(first[:2], "big") % 31 == 0
    yield from _inflated(_after(first, whole), zlib.decompressobj(zlib.MAX_WBITS if headed else -zlib.MAX_WBITS))


def _after(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from rest


def _inflated(parts: Iterable[bytes], box: "zlib._Decompress") -> Iterator[bytes]:
    seen = False
    try:
        for part in parts:
            seen = seen or bool(part)
            while part and not box.eof:
                plain = box.decompress(part, PIECE)
                if plain:
                    yield plain
                part = box.unconsumed_tail
    except zlib.error as error:
        raise NotUnpacked(str(error)) from None
    if seen and not box.eof:
        raise NotUnpacked("cut off")
