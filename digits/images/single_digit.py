"""Images: a photo, scan or screenshot of one digit becomes the 28x28 picture that the network reads.

`read_picture` goes from a file to a picture in three steps: the file is checked and decoded into greys
(`digits.images.decoding`); the greys are separated into ink and paper, whichever of them is the darker and however uneven
the light; the ink is laid out as MNIST's digits are. The last two steps are `normalize_picture`, NumPy and SciPy alone.
"""

from pathlib import Path
from typing import NamedTuple

import numpy as np
from scipy import ndimage

from digits.drawing import ink
from digits.images import decoding
from digits.images.background import measure_contrast, measure_strokes
from digits.images.binarization import find_ink
from digits.images.decoding import EXPECTED
from digits.images.resampling import reduction, resample, shrink
from digits.images.ruled_lines import without_ruling
from digits.system.files import UserError

INK_SIDE = 160  # pixels, longest side at which ink is told from paper: averages have less noise than pixels
ZOOM_BELOW = 0.4  # of the longest side: a smaller digit is cut out and looked at again
EDGE = 0.15  # ink at which the digit's box begins
FINE = 4  # cells a pixel, when the pen is measured and thinned
BROAD_PEN = 3.2  # pixels; one MNIST digit in eight is drawn with a broader pen, and hardly any drawing on paper
THINNING = 0.75  # of what the pen is too broad; all of it would eat up the ends and corners


class Digit(NamedTuple):
    """A digit's picture uint8 (28, 28), and its box (left, top, right, bottom) in the pixels it was found in."""

    picture: np.ndarray
    box: tuple[int, int, int, int]


class _Seen(NamedTuple):
    """Ink (h, w) in [0, 1] in blocks of that many pixels a side, the first at (x, y)."""

    ink: np.ndarray
    x: int
    y: int
    block: int

    def box(self) -> tuple[int, int, int, int]:
        top, left, bottom, right = (edge * self.block for edge in _box(self.ink))
        return self.x + left, self.y + top, self.x + right, self.y + bottom


def read_picture(path: Path) -> np.ndarray:
    """Return the picture uint8 (28, 28) of the digit in an image file: 0 paper, 255 ink, laid out as MNIST.

    Of an animation or a file of several pages the first is read. Raises UserError with what is wrong with the file.
    """
    grey = read_grey(path)
    picture = normalize_picture(unruled(grey, measure_strokes(grey).are_dark)[0])
    if not picture.any():
        raise blank(str(path))
    return picture


def read_grey(path: Path) -> np.ndarray:
    """Return the greys of an image file, float32 (h, w) in [0, 255], the longest side below `image_files.READ_SIDE`.

    Turned upright by its EXIF tag, transparency laid on a background unlike the ink. Raises UserError.
    """
    path = Path(path)
    decoding.check_file(path)
    with path.open("rb") as file:
        opened = decoding.open_picture(file, str(path))
    return decoding.greys(decoding.colors(opened.picture))


def unruled(grey: np.ndarray, dark_ink: bool) -> tuple[np.ndarray, np.ndarray]:
    """Return greys (h, w) without the lines of ruled or squared paper, and their contrast as `Contrast.values` is.

    The greys are the very array where there are no lines.
    """
    contrast = measure_contrast(grey, dark_ink)
    values = without_ruling(contrast.values, dark_ink)
    return (grey if values is contrast.values else contrast.grey(values)), values


def blank(name: str) -> UserError:
    """Return what to say of an image without ink."""
    return UserError(f"No digit was found in {name}: it looks blank; {EXPECTED}, in clear contrast to its paper.")


def normalize_picture(grey: np.ndarray) -> np.ndarray:
    """Return the picture uint8 (28, 28) of the digit in greys (h, w) in [0, 255]; all 0 where there is no ink.

    Dark ink on light paper or the other way round, any size, any place, any pen, shadows across it.
    """
    found = find_digit(grey)
    return np.zeros((ink.SIZE, ink.SIZE), np.uint8) if found is None else found.picture


def find_digit(grey: np.ndarray) -> Digit | None:
    """Return the one digit in greys (h, w) in [0, 255], the largest if there are several; None without ink."""
    grey = np.asarray(grey)
    seen = _seen(grey, 0, 0)
    if seen is None:
        return None
    left, top, right, bottom = seen.box()
    side = max(bottom - top, right - left)
    if side <= ZOOM_BELOW * max(grey.shape):
        y, x = max(0, top - side // 2), max(0, left - side // 2)
        seen = _seen(grey[y : bottom + side // 2, x : right + side // 2], y, x) or seen
    return Digit(lay_out(seen.ink), seen.box())


def lay_out(found: np.ndarray) -> np.ndarray:
    """Return the picture uint8 (28, 28) of a digit's ink (h, w) in [0, 1], some of it above 0, as MNIST's are."""
    return _laid_out(_thinned(found))


def _seen(grey: np.ndarray, y: int, x: int) -> _Seen | None:
    found = find_ink(np.asarray(shrink(grey, INK_SIDE), np.float64))
    return None if found is None else _Seen(found, x, y, reduction(grey, INK_SIDE))


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


def _laid_out(found: np.ndarray) -> np.ndarray:
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
