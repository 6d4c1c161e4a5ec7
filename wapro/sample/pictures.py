"""Small real pictures made with the standard library alone: PNG with a palette, JPEG of flat blocks.

A picture follows from its seed: colours and shape differ between articles and between the pictures of one article, so
that two pictures never have the same content.
"""

import struct
import zlib
from collections.abc import Callable
from functools import cache
from random import Random

Colour = tuple[int, int, int]
_PAPER: Colour = (250, 248, 243)
_HUES: tuple[Colour, ...] = (
    (58, 125, 68),
    (201, 84, 48),
    (45, 96, 148),
    (178, 139, 41),
    (120, 74, 140),
    (32, 138, 138),
    (156, 52, 74),
    (92, 102, 112),
    (116, 153, 54),
    (72, 72, 160),
)


@cache
def png(seed: str, side: int = 48) -> bytes:
    """A picture of one shape on paper: a disc, ring, rhombus, house, cross, hammer, wave or checkers, with a shadow."""
    random = Random(f"png {seed}")
    shape = _SHAPES[random.randrange(len(_SHAPES))]
    main = _near(random, _HUES[random.randrange(len(_HUES))])
    size = random.uniform(0.55, 0.85)
    steps = [((2 * step + 1) / side - 1) / size for step in range(side)]
    mask = [[shape(u, v) for u in steps] for v in steps]
    shift = max(1, side // 32)
    pixels = [
        [1 if mask[y][x] else 2 if x >= shift <= y and mask[y - shift][x - shift] else 0 for x in range(side)]
        for y in range(side)
    ]
    return _palette_png((_PAPER, main, _darker(main)), pixels)


def tiny_png(number: int) -> bytes:
    """The smallest picture there can be, one pixel, another colour for each number below 16 777 216."""
    return _palette_png((((number >> 16) & 255, (number >> 8) & 255, number & 255),), [[0]])


def _palette_png(palette: tuple[Colour, ...], pixels: list[list[int]]) -> bytes:
    """PNG with two bits a pixel, an index into the palette.

    The data are not compressed: what zlib makes of them differs between its versions, and the company must not.
    """
    header = struct.pack(">IIBBBBB", len(pixels[0]), len(pixels), 2, 3, 0, 0, 0)
    data = b"".join(b"\0" + _packed(row) for row in pixels)
    stored = b"\x78\x01\x01" + struct.pack("<HH", len(data), len(data) ^ 0xFFFF) + data
    parts = (
        _chunk(b"IHDR", header),
        _chunk(b"PLTE", b"".join(bytes(colour) for colour in palette)),
        _chunk(b"IDAT", stored + struct.pack(">I", zlib.adler32(data))),
        _chunk(b"IEND", b""),
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def _packed(row: list[int]) -> bytes:
    """Four pixels in a byte, the first one in the highest bits."""
    full = [*row, *[0] * (-len(row) % 4)]
    return bytes(full[i] << 6 | full[i + 1] << 4 | full[i + 2] << 2 | full[i + 3] for i in range(0, len(full), 4))


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def _near(random: Random, colour: Colour) -> Colour:
    red, green, blue = (max(0, min(255, part + random.randint(-18, 18))) for part in colour)
    return red, green, blue


def _darker(colour: Colour) -> Colour:
    red, green, blue = (part * 2 // 5 + 110 for part in colour)
    return red, green, blue


_SHAPES: tuple[Callable[[float, float], bool], ...] = (
    lambda u, v: u * u + v * v < 1,
    lambda u, v: 0.3 < u * u + v * v < 1,
    lambda u, v: abs(u) + abs(v) < 1,
    lambda u, v: (abs(u) < 0.8 and -0.1 < v < 0.9) or (v <= 0 and abs(u) - v < 0.95 and v > -0.95),
    lambda u, v: max(abs(u), abs(v)) < 0.95 and min(abs(u), abs(v)) < 0.32,
    lambda u, v: (abs(u) < 0.32 and abs(v) < 1) or (abs(v + 0.75) < 0.25 and abs(u) < 0.85),
    lambda u, v: abs(v - 0.4 * (1 - u * u) * (1 if u > 0 else -1)) < 0.3 and abs(u) < 1,
    lambda u, v: max(abs(u), abs(v)) < 0.95 and (int(u * 3 + 9) + int(v * 3 + 9)) % 2 == 0,
)


def jpeg(seed: str, blocks: int = 8) -> bytes:
    """A grey-scale mosaic of `blocks` x `blocks` squares as a baseline JPEG.

    Each 8x8 block is flat, so only its mean has to be coded; the Huffman tables hold just what that needs.
    """
    random = Random(f"jpeg {seed}")
    side = blocks * 8
    bits = _Bits()
    previous = 0
    for _ in range(blocks * blocks):
        level = random.randrange(-60, 60)
        _write_difference(bits, level - previous)
        previous = level
    frame = struct.pack(">BHHB", 8, side, side, 1) + bytes((1, 0x11, 0))
    return b"".join(
        (
            b"\xff\xd8",
            _segment(0xE0, b"JFIF\0\x01\x01\0\0\x01\0\x01\0\0"),
            _segment(0xDB, b"\0" + bytes([16]) * 64),
            _segment(0xC0, frame),
            _segment(0xC4, b"\x00" + bytes([0, 0, 0, 12] + [0] * 12) + bytes(range(12))),
            _segment(0xC4, b"\x10" + bytes([1] + [0] * 15) + b"\0"),
            _segment(0xDA, bytes((1, 1, 0x00, 0, 63, 0))),
            bits.padded(),
            b"\xff\xd9",
        )
    )


def _segment(marker: int, data: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(data) + 2) + data


def _write_difference(bits: "_Bits", difference: int) -> None:
    """The change of the mean against the block before, then "no more coefficients" (the one code of the AC table)."""
    length = abs(difference).bit_length()
    bits.add(length, 4)
    if length:
        bits.add(difference if difference > 0 else difference + (1 << length) - 1, length)
    bits.add(0, 1)


class _Bits:
    def __init__(self) -> None:
        self._text: list[str] = []

    def add(self, value: int, length: int) -> None:
        self._text.append(format(value, f"0{length}b"))

    def padded(self) -> bytes:
        """Filled with ones to whole bytes; a byte 255 is followed by 0, as the format wants."""
        text = "".join(self._text)
        text += "1" * (-len(text) % 8)
        data = int(text, 2).to_bytes(len(text) // 8, "big")
        return data.replace(b"\xff", b"\xff\0")
