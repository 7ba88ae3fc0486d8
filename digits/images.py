"""Images: a photo, scan or screenshot of one digit becomes the 28x28 picture that the network reads.

`read_picture` goes from a file to a picture in three steps: the file is checked and decoded into greys (Pillow); the
greys are separated into ink and paper, whichever of them is the darker and however uneven the light; the ink is laid
out as MNIST's digits are. The last two steps are `normalize_picture`, NumPy and SciPy alone.
"""

import warnings
from pathlib import Path

import numpy as np
from PIL import ExifTags, Image, UnidentifiedImageError
from scipy import ndimage

from digits import ink
from digits.files import UserError
from digits.paper import find_ink
from digits.resampling import reduction, resample, shrink

# Not what else Pillow opens: Encapsulated PostScript would start Ghostscript, and the rest is rare.
FORMATS = ("PNG", "JPEG", "GIF", "BMP", "PPM", "WEBP", "TIFF")
EXPECTED = "expected is a PNG, JPEG, GIF, WebP, BMP, TIFF or PPM image of one digit"
MIN_SIDE = 8  # pixels, the longest side of the smallest image that can hold a digit
MAX_PIXELS = 50_000_000  # decoded, at most 4 bytes each
READ_SIDE = 1024  # pixels, about the longest side to which larger images are reduced
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
LUMA = (0.299, 0.587, 0.114)  # ITU-R BT.601, as in Pillow
OUTSTANDING = 2.0  # times the span of the luma: a colour channel of that span shows the ink better

INK_SIDE = 256  # pixels, longest side at which ink is told from paper
ZOOM_BELOW = 0.4  # of the longest side: a smaller digit is cut out and looked at again
EDGE = 0.15  # ink at which the digit's box begins
FINE = 4  # cells a pixel, when the pen is measured and thinned
BROAD_PEN = 3.2  # pixels; one MNIST digit in eight is drawn with a broader pen, and hardly any drawing on paper
THINNING = 0.75  # of what the pen is too broad; all of it would eat up the ends and corners


def read_picture(path: Path) -> np.ndarray:
    """Return the picture uint8 (28, 28) of the digit in an image file: 0 paper, 255 ink, laid out as MNIST.

    Of an animation or a file of several pages the first is read. Raises UserError with what is wrong with the file.
    """
    picture = normalize_picture(read_grey(path))
    if not picture.any():
        raise UserError(f"No digit was found in {path}: it looks blank; {EXPECTED}, in clear contrast to its paper.")
    return picture


def read_grey(path: Path) -> np.ndarray:
    """Return the greys of an image file, float32 (h, w) in [0, 255], the longest side below 2 * READ_SIDE.

    Turned upright by its EXIF tag, transparency laid on a background unlike the ink. Raises UserError.
    """
    path = Path(path)
    _check_file(path)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what is wrong is told in one sentence, or does not matter
            with Image.open(path, formats=FORMATS) as image:
                return _greys(_reduced(image, path))
    except UserError:
        raise
    except Image.DecompressionBombError as error:  # Pillow's own limit, several times ours
        raise _too_large(path) from error
    except UnidentifiedImageError as error:
        raise UserError(f"{path} is not an image that can be read; {EXPECTED}.") from error
    except Exception as error:  # Pillow's decoders raise whatever a damaged file leads them to
        raise UserError(f"The image {path} is damaged, cut off or of a rare kind; save it again as PNG.") from error


def normalize_picture(grey: np.ndarray) -> np.ndarray:
    """Return the picture uint8 (28, 28) of the digit in greys (h, w) in [0, 255]; all 0 where there is no ink.

    Dark ink on light paper or the other way round, any size, any place, any pen, shadows across it.
    """
    grey = np.asarray(grey, np.float64)
    found = find_ink(shrink(grey, INK_SIDE))
    if found is None:
        return np.zeros((ink.SIZE, ink.SIZE), np.uint8)
    found = _zoomed(grey, found)
    return _lay_out(_thinned(found))


def _check_file(path: Path) -> None:
    try:
        if path.is_dir():
            raise UserError(f"{path} is a folder; name an image file.")
        if not path.is_file():  # nor a device or a pipe, which might never end
            raise UserError(f"There is no image file {path}; {EXPECTED}.")
        with path.open("rb") as file:
            start = file.read(12)
    except OSError as error:  # also where its folder may not be looked into
        raise UserError(f"The image {path} cannot be read ({error.strerror}); make it readable or copy it.") from error
    if not start:
        raise UserError(f"The image {path} is empty; {EXPECTED}.")
    if start[4:8] == b"ftyp":
        raise UserError(f"{path} is a HEIC or AVIF photo or a film, which cannot be read; export it as JPEG or PNG.")


def _too_large(path: Path, size: str = "too many pixels") -> UserError:
    return UserError(f"The image {path} has {size}, more than {MAX_PIXELS:,} in all; scale it down and try again.")


def _reduced(image: Image.Image, path: Path) -> Image.Image:
    """Decode an opened image, at a fraction of its size if it is large, and turn it upright."""
    width, height = image.size
    if max(width, height) < MIN_SIDE:
        raise UserError(f"The image {path} is {width} x {height} pixels, too small for a digit; use a larger one.")
    if width * height > MAX_PIXELS:  # known from the header, before anything is decoded
        raise _too_large(path, f"{width:,} x {height:,} pixels")
    image.load()
    orientation = image.getexif().get(ExifTags.Base.Orientation)
    if image.mode in WIDE_MODES:
        image = image.convert("F")
    elif image.mode in ("1", "P", "PA"):  # of which no averages can be taken
        image = image.convert("RGBA" if image.has_transparency_data else "RGB")
    elif "transparency" in image.info:
        image = image.convert("RGBA")
    reduced = image.reduce(max(1, max(image.size) // READ_SIDE))
    upright = UPRIGHT.get(orientation)
    return reduced if upright is None else reduced.transpose(upright)


def _greys(image: Image.Image) -> np.ndarray:
    if image.mode == "F":
        values = np.nan_to_num(np.asarray(image, np.float64), nan=0.0, posinf=0.0, neginf=0.0)
        values -= min(0.0, values.min())
        return (values * (255 / max(values.max(), 1e-30))).astype(np.float32)
    if image.mode == "L":
        return np.asarray(image, np.float32)
    if image.has_transparency_data:
        colors = _opaque(np.asarray(image.convert("RGBA"), np.float32))
    else:
        colors = np.asarray(image.convert("RGB"), np.float32)
    channels = [colors @ np.array(LUMA, np.float32), *np.moveaxis(colors, 2, 0)]
    spans = np.array([np.ptp(channel) for channel in channels])
    return channels[spans.argmax() if spans.max() > OUTSTANDING * spans[0] else 0]  # yellow on white is in the blue


def _opaque(rgba: np.ndarray) -> np.ndarray:
    """Lay RGBA (h, w, 4) on black or on white, whichever makes what is visible stand out: (h, w, 3)."""
    colors, alpha = rgba[..., :3], rgba[..., 3:] / 255
    luma = colors @ np.array(LUMA, np.float32)
    visible = luma[alpha[..., 0] > 0.5]
    is_card = len(visible) > 0.5 * luma.size and np.ptp(visible) > 64  # with paper and ink of its own
    background = np.median(visible) if is_card else 255.0 * (visible.sum() < 128 * len(visible))
    return colors * alpha + background * (1 - alpha)


def _zoomed(grey: np.ndarray, found: np.ndarray) -> np.ndarray:
    """Return the ink once more, from the part of the greys where it was found, if that is a small one."""
    top, left, bottom, right = _box(found)
    side = max(bottom - top, right - left)
    if side > ZOOM_BELOW * max(found.shape):
        return found
    scale = reduction(grey, INK_SIDE)
    top, left = (max(0, start - side // 2) * scale for start in (top, left))
    bottom, right = ((stop + side // 2) * scale for stop in (bottom, right))
    again = find_ink(shrink(grey[top:bottom, left:right], INK_SIDE))
    return found if again is None else again


def _thinned(found: np.ndarray) -> np.ndarray:
    """Return ink (h, w) as a pen not much broader than MNIST's draws it, at FINE cells a pixel if it was broader.

    The pen's width is 4 times the mean depth of the ink; its edge is moved inwards by the distance transform.
    """
    fine = np.pad(_scaled(found, int(ink.DIGIT_SIDE) * FINE), 1)
    mask = fine > 0.5
    depth = ndimage.distance_transform_edt(mask) - 0.5
    width = 4 * depth[mask].mean() / FINE if mask.any() else 0.0
    if width < BROAD_PEN:
        return found
    cut = THINNING * (width - ink.PEN_WIDTH) / 2 * FINE
    pieces = ndimage.label(mask)[1]
    while True:
        thinned = np.clip(depth - cut + 0.5, 0, 1)
        if ndimage.label(thinned > 0.5)[1] == pieces:
            return thinned
        cut *= 0.8  # a stroke of uneven width stays in one piece


def _lay_out(found: np.ndarray) -> np.ndarray:
    """Return the picture uint8 (28, 28) of ink (h, w): longest side 20, its centre of mass in the middle.

    Moved by whole pixels, as MNIST was made: what came from MNIST stays as sharp as it was.
    """
    digit = _scaled(found, int(ink.DIGIT_SIDE))
    picture = np.zeros((ink.SIZE, ink.SIZE), np.uint8)
    place = []
    for axis, length in enumerate(digit.shape):
        center = np.average(np.arange(length) + 0.5, weights=digit.sum(1 - axis))
        start = int(np.clip(round(ink.CENTER - center), 0, ink.SIZE - length))
        place.append(slice(start, start + length))
    picture[tuple(place)] = np.round(digit * 255)
    return picture


def _box(found: np.ndarray) -> tuple[int, int, int, int]:
    """Return top, left, bottom and right of the ink."""
    level = min(EDGE, found.max() / 2)
    rows, columns = np.flatnonzero(found.max(1) > level), np.flatnonzero(found.max(0) > level)
    return int(rows[0]), int(columns[0]), int(rows[-1]) + 1, int(columns[-1]) + 1


def _scaled(found: np.ndarray, side: int) -> np.ndarray:
    """Return the ink within its box, the longest side scaled to `side` cells, the other to as many as it fills."""
    top, left, bottom, right = _box(found)
    cell = max(bottom - top, right - left) / side
    rows, columns = (int(np.ceil(length / cell - 1e-6)) for length in (bottom - top, right - left))
    y, x = (top + bottom - rows * cell) / 2, (left + right - columns * cell) / 2
    return resample(found, (y, x, y + rows * cell, x + columns * cell), (rows, columns))
