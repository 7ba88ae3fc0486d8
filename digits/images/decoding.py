"""Image files: what users hand over is opened as an upright picture of a bearable size, or refused in one sentence.

A file may be damaged or made to do harm. Only what Pillow reads itself is opened, the header's promises are checked
before anything is decoded, and no more is kept than a reduced picture.
"""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, NamedTuple

import numpy as np
from PIL import ExifTags, Image, UnidentifiedImageError

from digits.system.files import UserError

# Not what else Pillow opens: Encapsulated PostScript would start Ghostscript, and the rest is rare.
FORMATS = ("PNG", "JPEG", "GIF", "BMP", "PPM", "WEBP", "TIFF")
EXPECTED = "expected is a PNG, JPEG, GIF, WebP, BMP, TIFF or PPM image of digits"
MIN_SIDE = 8  # pixels, the longest side of the smallest image that can hold a digit
MAX_PIXELS = 50_000_000  # decoded, at most 4 bytes each
MAX_PIXELS_OF = {"WEBP": 16_000_000, "progressive JPEG": 32_000_000}  # which take 16 and 12 bytes each
MAX_SCANNED = 600_000_000  # pixels times scans of a progressive JPEG: a second and a half
JPEGS = ("JPEG", "MPO")  # the second: several in one file, as phones store portraits
INTERPRETED = ("ppm_plain", "bmp_rle")  # decoders of Pillow that are written in Python
MAX_INTERPRETED = 4_000_000  # bytes for those
READ_SIDE = 2048  # pixels: larger images are reduced to half of it or more
MAX_STRIP = 100_000_000  # bytes of a TIFF that libtiff decodes at once
ROWS = 256  # rows that are converted and reduced at once
WIDE_MODES = ("I", "F", "I;16", "I;16B", "I;16L", "I;16N")  # whose white is not always 255
UPRIGHT = {  # what undoes an EXIF orientation
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
SIDEWAYS = (5, 6, 7, 8)  # orientations that swap width and height
LUMA = np.array([0.299, 0.587, 0.114], np.float32)  # ITU-R BT.601, as in Pillow
OUTSTANDING = 2.0  # times the span of the luma: a colour channel of that span shows the ink better


class Opened(NamedTuple):
    """An upright picture, reduced if the image was large, and the width and height of the upright image in pixels."""

    picture: Image.Image
    width: int
    height: int


def check_file(path: Path) -> None:
    """Raise UserError unless there is a file at `path` that can be read."""
    try:
        if path.is_dir():
            raise UserError(f"{path} is a folder; name an image file.")
        if not path.is_file():  # nor a device or a pipe, which might never end
            raise UserError(f"There is no image file {path}; {EXPECTED}.")
        path.open("rb").close()
    except OSError as error:  # also where its folder may not be looked into
        raise UserError(f"The image {path} cannot be read ({error.strerror}); make it readable or copy it.") from error


def open_picture(source: BinaryIO, name: str) -> Opened:
    """Return the first picture of an image file; raises UserError, which calls the file by its name."""
    with _one_sentence(name):
        _check_start(source.read(12), name)
        source.seek(0)
        with Image.open(source, formats=FORMATS) as image:
            _check_size(image, name)
            _check_work(image, source, name)
            return _decoded(image)


def colors(picture: Image.Image) -> np.ndarray:
    """Return the colours of a picture, transparency laid on a background unlike the ink: float32 (h, w, 3)."""
    if picture.mode == "F":
        values = np.nan_to_num(np.asarray(picture, np.float64), nan=0.0, posinf=0.0, neginf=0.0)
        values -= min(0.0, values.min())
        return np.repeat((values * (255 / max(values.max(), 1e-30))).astype(np.float32)[..., None], 3, axis=2)
    if picture.has_transparency_data:
        return _opaque(np.asarray(picture.convert("RGBA"), np.float32))
    return np.asarray(picture.convert("RGB"), np.float32)


def greys(colors: np.ndarray) -> np.ndarray:
    """Return the luma of colours (h, w, 3), or the channel that shows much more: float32 (h, w) in [0, 255]."""
    luma = colors @ LUMA
    spans = np.array([np.ptp(channel) for channel in (luma, *np.moveaxis(colors, 2, 0))])
    if spans.max() <= OUTSTANDING * spans[0]:
        return luma
    return colors[..., spans.argmax() - 1]  # yellow on white is in the blue


@contextmanager
def _one_sentence(name: str) -> Iterator[None]:
    """Turn whatever goes wrong while an image is opened into a UserError."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what is wrong is told in one sentence, or does not matter
            yield
    except UserError:
        raise
    except Image.DecompressionBombError as error:  # Pillow's own limit, several times ours
        raise _too_large(name, "too many pixels", MAX_PIXELS) from error
    except UnidentifiedImageError as error:
        raise UserError(f"{name} is not an image that can be read; {EXPECTED}.") from error
    except Exception as error:  # Pillow's decoders raise whatever a damaged file leads them to
        raise UserError(f"The image {name} is damaged, cut off or of a rare kind; save it again as PNG.") from error


def _check_start(start: bytes, name: str) -> None:
    if not start:
        raise UserError(f"The image {name} is empty; {EXPECTED}.")
    if start[4:8] == b"ftyp":
        raise UserError(f"{name} is a HEIC or AVIF photo or a film, which cannot be read; export it as JPEG or PNG.")


def _check_size(image: Image.Image, name: str) -> None:
    """Raise UserError for too few or too many pixels: known from the header, before anything is decoded."""
    width, height = image.size
    if max(width, height) < MIN_SIDE:
        raise UserError(f"The image {name} is {width} x {height} pixels, too small for a digit; use a larger one.")
    kind = "progressive JPEG" if image.info.get("progressive") else image.format
    most = MAX_PIXELS_OF.get(kind, MAX_PIXELS)
    if width * height > most:
        raise _too_large(name, f"{width:,} x {height:,} pixels", most)


def _check_work(image: Image.Image, source: BinaryIO, name: str) -> None:
    """Raise UserError for an image of bearable size that is built to take long, or much memory, to decode."""
    width, height = image.size
    if image.format in JPEGS:
        is_bad = width * height * _content(source).count(b"\xff\xda") > MAX_SCANNED
    elif image.format == "TIFF":
        is_bad = _strip_bytes(image) > MAX_STRIP
    else:
        is_interpreted = any(tile[0] in INTERPRETED for tile in image.tile)
        is_bad = is_interpreted and len(_content(source)) > MAX_INTERPRETED
    if is_bad:
        raise UserError(f"The image {name} is stored in a way that takes too long to decode; save it again as PNG.")


def _content(source: BinaryIO) -> bytes:
    place = source.tell()
    source.seek(0)
    content = source.read()
    source.seek(place)
    return content


def _strip_bytes(image: Image.Image) -> int:
    """Return how much of a TIFF is decoded at once, in bytes."""
    tags = image.tag_v2
    rows = min(tags.get(ExifTags.Base.RowsPerStrip, image.height), image.height)
    width, rows = tags.get(ExifTags.Base.TileWidth, image.width), tags.get(ExifTags.Base.TileLength, rows)
    return width * rows * sum(tags.get(ExifTags.Base.BitsPerSample, (8,))) // 8


def _too_large(name: str, size: str, most: int) -> UserError:
    return UserError(f"The image {name} has {size}, more than {most:,} in all; scale it down and try again.")


def _decoded(image: Image.Image) -> Opened:
    """Decode an opened image, at a fraction of its size if it is large, and turn it upright."""
    size = image.size
    if image.format in JPEGS:
        image.draft(None, tuple(length // _fraction(size) for length in size))
    is_draft = image.size != size
    image.load()
    width, height = size if is_draft else image.size  # Pillow itself turns a TIFF while it is loaded
    orientation = _orientation(image)
    reduced = _reduced(image, _fraction(image.size))
    if orientation not in UPRIGHT:
        return Opened(reduced, width, height)
    if orientation in SIDEWAYS:
        width, height = height, width
    return Opened(reduced.transpose(UPRIGHT[orientation]), width, height)


def _fraction(size: tuple[int, int]) -> int:
    return max(size) // READ_SIDE + 1


def _orientation(image: Image.Image) -> int | None:
    try:
        return image.getexif().get(ExifTags.Base.Orientation)
    except Exception:  # an EXIF block that is damaged says nothing; the picture may be whole
        return None


def _reduced(image: Image.Image, fraction: int) -> Image.Image:
    """Return the averages over blocks of pixels in a mode that has averages; little more is held at a time."""
    if fraction == 1:
        return _averageable(image)
    result = None
    for top in range(0, image.height, ROWS * fraction):
        rows = image.crop((0, top, image.width, min(image.height, top + ROWS * fraction)))
        part = _averageable(rows).reduce(fraction)
        if result is None:
            result = Image.new(part.mode, (part.width, -(-image.height // fraction)))
        result.paste(part, (0, top // fraction))
    return result


def _averageable(image: Image.Image) -> Image.Image:
    if image.mode in WIDE_MODES:
        return image.convert("F")
    if "transparency" in image.info:
        return image.convert("RGBA")
    if image.mode in ("1", "P", "PA"):
        return image.convert("RGBA" if image.has_transparency_data else "RGB")
    return image


def _opaque(rgba: np.ndarray) -> np.ndarray:
    """Lay RGBA (h, w, 4) on black or on white, whichever makes what is visible stand out: (h, w, 3)."""
    colors, alpha = rgba[..., :3], rgba[..., 3:] / 255
    luma = colors @ LUMA
    visible = luma[alpha[..., 0] > 0.5]
    is_card = len(visible) > 0.5 * luma.size and np.ptp(visible) > 64  # with paper and ink of its own
    background = np.median(visible) if is_card else 255.0 * (visible.sum() < 128 * len(visible))
    return colors * alpha + background * (1 - alpha)
