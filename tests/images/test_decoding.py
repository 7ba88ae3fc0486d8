"""What a file's header promises is checked before anything is decoded."""

import zlib

import pytest

from benchmarks.images.hostile_files import tiff
from digits.images.decoding import MAX_STRIP, decode
from digits.system.files import UserError

WIDTH, HEIGHT, ROWS_PER_STRIP, TILE_WIDTH, TILE_HEIGHT, BITS = 256, 257, 278, 322, 323, 258  # tags of TIFF
TOO_LONG, DAMAGED = "takes too long to decode", "damaged, cut off"


def large_tiff(rows: int, bits: int = 32, tile: tuple[int, int] | None = None) -> bytes:
    """The header of a TIFF of 5,000 x 5,000 pixels, stored in strips of so many rows, and next to no pixels."""
    tags = [(WIDTH, 4, 1, 5000), (HEIGHT, 4, 1, 5000), (ROWS_PER_STRIP, 4, 1, rows), (BITS, 3, 1, bits), (259, 3, 1, 8)]
    tags += [(TILE_WIDTH, 4, 1, tile[0]), (TILE_HEIGHT, 4, 1, tile[1])] if tile else []
    tags += [(339, 3, 1, 3)] if bits == 32 else []
    return tiff(*tags, pixels=zlib.compress(bytes(100)))


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (large_tiff(5000), DAMAGED),  # 100 million bytes at once, as many as are decoded
        (large_tiff(2500), DAMAGED),
        (large_tiff(5000, bits=8), DAMAGED),
        (large_tiff(2**31), DAMAGED),  # no more rows than there are
        (large_tiff(10, tile=(5001, 5000)), TOO_LONG),
        (large_tiff(10, tile=(50_000, 5000)), TOO_LONG),
        (large_tiff(5000, tile=(100, 100)), DAMAGED),
    ],
)
def test_a_tiff_is_decoded_in_strips_of_limited_size(content, says):
    assert MAX_STRIP == 5000 * 5000 * 4
    with pytest.raises(UserError, match=says):
        decode(content, "large.tiff")
