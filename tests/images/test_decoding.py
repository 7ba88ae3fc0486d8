"""A picture is upright and of limited size, and what its header promises is checked before it is decoded."""

import zlib

import numpy as np
import pytest
from PIL import ExifTags, Image

from benchmarks.images.clean_pages import encoded
from benchmarks.images.hostile_files import tiff
from digits.images.decoding import MAX_STRIP, READ_SIDE, ROWS, decode
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


@pytest.mark.parametrize("form", ["PNG", "JPEG", "TIFF"])
@pytest.mark.parametrize(("orientation", "size"), [(1, (90, 40)), (3, (90, 40)), (6, (40, 90)), (8, (40, 90))])
def test_width_and_height_are_those_of_the_upright_picture(form, orientation, size):
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    image = decode(encoded(Image.new("L", (90, 40)), form, exif=exif), "turned")
    assert (image.width, image.height) == image.picture.size == size


@pytest.mark.parametrize("size", [(6000, 1000), (1000, 6000), (2100, 2000)])
def test_a_large_picture_is_reduced_no_more_than_is_needed(size):
    for form in ("PNG", "JPEG"):
        image = decode(encoded(Image.new("L", size, 200), form), "large")
        assert (image.width, image.height) == size
        assert READ_SIDE / 2 <= max(image.picture.size) <= READ_SIDE
        assert image.picture.width * size[1] == pytest.approx(image.picture.height * size[0], rel=0.01)


def test_a_picture_that_is_reduced_in_parts_is_the_whole_picture_reduced():
    pixels = np.random.default_rng(0).integers(0, 256, (2 * ROWS * 2 + 100, 2100), np.uint8)
    picture = decode(encoded(pixels), "large.png").picture
    assert np.array_equal(np.asarray(picture), np.asarray(Image.fromarray(pixels).reduce(2)))
