"""Decoding: an image file becomes upright pictures of limited size, or is refused in one sentence.

A file may be damaged or malicious. Only formats that Pillow itself decodes are opened, and HEIC photos; the header is
checked before anything is decoded, and only a reduced picture is kept. A TIFF may have several pages; those of a PDF
are rendered elsewhere (`digits.images.pdf_pages`).
"""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, NamedTuple

from PIL import ExifTags, Image, ImageFile, TiffImagePlugin, UnidentifiedImageError

from digits.system.files import UserError

# Not what else Pillow opens: Encapsulated PostScript would start Ghostscript, and the rest is rare.
FORMATS = ("PNG", "JPEG", "GIF", "BMP", "PPM", "WEBP", "TIFF")
EXPECTED = "expected a PNG, JPEG, HEIC, GIF, WebP, BMP, TIFF or PPM image of digits, or a PDF"
HEIC_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"mif1", b"msf1")  # in bytes 8 to 12, after "ftyp"
MAX_PAGES = 20  # of a TIFF
MIN_SIDE = 8  # pixels, the longest side of the smallest image that can hold a digit
MAX_PIXELS = 50_000_000  # decoded, at most 4 bytes each
MAX_PIXELS_OF = {"WEBP": 16_000_000, "progressive JPEG": 32_000_000}  # which take 16 and 12 bytes each
MAX_SCANNED = 600_000_000  # pixels times scans of a progressive JPEG: a second and a half
JPEGS = ("JPEG", "MPO")  # the second: several in one file, as phones store portraits
INTERPRETED = ("ppm_plain", "bmp_rle")  # decoders of Pillow that are written in Python
MAX_INTERPRETED = 2_500_000  # bytes for those: a second and a half
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


class NoImageError(UserError):
    """The file is none of the images that can be read."""


class ImageTooLargeError(UserError):
    """The image has too many pixels."""


class DecodedImage(NamedTuple):
    """An upright picture, reduced if the image was large, and the width and height of the upright image in pixels."""

    picture: Image.Image
    width: int
    height: int


def decode(source: Path | bytes, name: str) -> DecodedImage:
    """Return the first picture of an image file, given by its path or its content.

    Raises UserError, which calls the file by `name` and says what is wrong with it.
    """
    return next(decode_pages(source, name))


def decode_pages(source: Path | bytes, name: str) -> Iterator[DecodedImage]:
    """Yield the pictures of an image file, of which a TIFF may have several; raises what `decode` raises."""
    if isinstance(source, bytes):
        yield from _decode_checked(BytesIO(source), name)
        return
    _check_path(source, name)
    with source.open("rb") as file:
        yield from _decode_checked(file, name)


def read_bytes(path: Path, name: str, most: int) -> bytes:
    """Return the content of an image file of at most so many bytes; raises UserError, which calls it by `name`."""
    _check_path(path, name)
    try:
        with path.open("rb") as file:
            content = file.read(most + 1)
    except OSError as error:
        raise UserError(f"The image {name} cannot be read ({error.strerror}); copy it from where it came.") from error
    if len(content) > most:
        raise UserError(f"The image {name} has more than {most:,} bytes; scale it down and try again.")
    return content


def _check_path(path: Path, name: str) -> None:
    try:
        if path.is_dir():
            raise UserError(f"{name} is a folder; name an image file.")
        if not path.is_file():  # nor a device or a pipe, which might never end
            raise UserError(f"There is no image file {name}; {EXPECTED}.")
        path.open("rb").close()
    except OSError as error:  # also where its folder may not be looked into
        raise UserError(f"The image {name} cannot be read ({error.strerror}); make it readable or copy it.") from error


def _decode_checked(file: BinaryIO, name: str) -> Iterator[DecodedImage]:
    for page in range(MAX_PAGES):
        decoded = _decode_page(file, name, page)
        if decoded is None:
            return
        yield decoded  # with the file's own image closed: it may be large


def _decode_page(file: BinaryIO, name: str, page: int) -> DecodedImage | None:
    """Return one page of a file; None after the last, the only one but in a TIFF."""
    with _one_sentence(name):
        file.seek(0)
        formats = _formats(file.read(12), name)
        file.seek(0)
        with Image.open(file, formats=formats) as image:
            try:
                if page and image.format != "TIFF":
                    return None
                image.seek(page)
            except EOFError:
                return None
            _check_size(image, name)
            _check_work(image, file, name)
            return _decode(image)


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
        raise NoImageError(f"{name} is not an image that can be read; {EXPECTED}.") from error
    except Exception as error:  # Pillow's decoders raise whatever a damaged file leads them to
        raise UserError(f"The image {name} is damaged, cut off or of a rare kind; save it again as PNG.") from error


def _formats(start: bytes, name: str) -> tuple[str, ...]:
    """Return the formats, as Pillow calls them, that a file may be of which begins so; raises UserError for none."""
    if not start:
        raise UserError(f"The image {name} is empty; {EXPECTED}.")
    if start[4:8] != b"ftyp":
        return FORMATS
    if start[8:12] not in HEIC_BRANDS:
        raise NoImageError(f"{name} is an AVIF picture or a film, which cannot be read; export it as JPEG or PNG.")
    import pillow_heif  # late: few pictures need it

    pillow_heif.register_heif_opener(thumbnails=False)
    return ("HEIF",)


def _check_size(image: Image.Image, name: str) -> None:
    """Raise UserError for too few or too many pixels: known from the header, before anything is decoded."""
    width, height = image.size
    if max(width, height) < MIN_SIDE:
        raise UserError(f"The image {name} is {width} x {height} pixels, too small for a digit; use a larger one.")
    kind = "progressive JPEG" if image.info.get("progressive") else image.format or ""
    most = MAX_PIXELS_OF.get(kind, MAX_PIXELS)
    if width * height > most:
        raise _too_large(name, f"{width:,} x {height:,} pixels", most)


def _check_work(image: ImageFile.ImageFile, file: BinaryIO, name: str) -> None:
    """Raise UserError for an image of a permitted size that is made to take long, or much memory, to decode."""
    width, height = image.size
    if image.format in JPEGS:
        is_bad = width * height * _content(file).count(b"\xff\xda") > MAX_SCANNED
    elif isinstance(image, TiffImagePlugin.TiffImageFile):
        is_bad = _strip_bytes(image) > MAX_STRIP
    else:
        is_interpreted = any(tile[0] in INTERPRETED for tile in image.tile)
        is_bad = is_interpreted and len(_content(file)) > MAX_INTERPRETED
    if is_bad:
        raise UserError(f"The image {name} is stored in a way that takes too long to decode; save it again as PNG.")


def _content(file: BinaryIO) -> bytes:
    place = file.tell()
    file.seek(0)
    content = file.read()
    file.seek(place)
    return content


def _strip_bytes(image: TiffImagePlugin.TiffImageFile) -> int:
    """Return how much of a TIFF is decoded at once, in bytes."""
    tags = image.tag_v2
    rows = min(tags.get(ExifTags.Base.RowsPerStrip, image.height), image.height)
    width, rows = tags.get(ExifTags.Base.TileWidth, image.width), tags.get(ExifTags.Base.TileLength, rows)
    return width * rows * sum(tags.get(ExifTags.Base.BitsPerSample, (8,))) // 8


def _too_large(name: str, size: str, most: int) -> ImageTooLargeError:
    return ImageTooLargeError(f"The image {name} has {size}, more than {most:,} in all; scale it down and try again.")


def _decode(image: Image.Image) -> DecodedImage:
    """Decode an opened image, at a fraction of its size if it is large, and turn it upright."""
    size = image.size
    if image.format in JPEGS:
        image.draft(None, (size[0] // _divisor(size), size[1] // _divisor(size)))
    is_draft = image.size != size
    image.load()
    width, height = size if is_draft else image.size  # Pillow itself turns a TIFF while it is loaded
    orientation = _orientation(image)
    reduced = _reduced(image, _divisor(image.size))
    if orientation not in UPRIGHT:
        return DecodedImage(reduced, width, height)
    if orientation in SIDEWAYS:
        width, height = height, width
    return DecodedImage(reduced.transpose(UPRIGHT[orientation]), width, height)


def _divisor(size: tuple[int, int]) -> int:
    return max(size) // READ_SIDE + 1


def _orientation(image: Image.Image) -> int | None:
    try:
        return image.getexif().get(ExifTags.Base.Orientation)
    except Exception:  # an EXIF block that is damaged says nothing; the picture may be whole
        return None


def _reduced(image: Image.Image, divisor: int) -> Image.Image:
    """Return the averages over blocks of pixels in a mode that has averages; little more is held at a time."""
    if divisor == 1:
        return _averageable(image)
    parts = []
    for top in range(0, image.height, ROWS * divisor):
        rows = image.crop((0, top, image.width, min(image.height, top + ROWS * divisor)))
        parts.append(_averageable(rows).reduce(divisor))
    result = Image.new(parts[0].mode, (parts[0].width, -(-image.height // divisor)))
    for number, part in enumerate(parts):
        result.paste(part, (0, number * ROWS))
    return result


def _averageable(image: Image.Image) -> Image.Image:
    if image.mode in WIDE_MODES:
        return image.convert("F")
    if "transparency" in image.info:
        return image.convert("RGBA")
    if image.mode in ("1", "P", "PA"):
        return image.convert("RGBA" if image.has_transparency_data else "RGB")
    return image
