"""MNIST layout: the ink of a digit becomes the 28x28 picture that the network reads, laid out as MNIST's are.

The longest side is scaled to 20 pixels, a pen broader than MNIST's is thinned, the centre of mass is put in the middle.
Ink is float (h, w) in [0, 1].
"""

import numpy as np

from digits.drawing import ink
from digits.images.filters import distance_to_outside, label_components, resample

BOX_EDGE = 0.15  # ink at which the digit's box begins
CELLS_PER_PIXEL = 4  # when the pen is measured and thinned
BROAD_PEN = 3.2  # pixels; one MNIST digit in eight is drawn with a broader pen, and hardly any drawing on paper
LAID_OUT = (18, 22)  # pixels, the longest side of a digit that needs no layout ...
OFF_CENTRE = 1.0  # pixels, ... and how far its centre of mass is from the middle, at most
INK_ON_EDGE = 12  # pixels of the picture's edge, at most: a foot that reaches it
THINNING = 0.75  # of what the pen is too broad; all of it would eat up the ends and corners


def to_mnist(digit: np.ndarray) -> np.ndarray:
    """Return the picture uint8 (28, 28) of a digit's ink (h, w), some of it above 0: 0 paper, 255 ink."""
    return _centre(_thin(digit))


def is_laid_out(picture: np.ndarray) -> bool:
    """Tell whether a picture uint8 (28, 28) is laid out as MNIST's are: size, centre, paper of 0 around the ink."""
    edge = np.concatenate([picture[0], picture[-1], picture[:, 0], picture[:, -1]])
    if not picture.any() or np.count_nonzero(edge) > INK_ON_EDGE:
        return False
    top, left, bottom, right = ink_box(picture / 255)
    weights = picture.astype(np.float64)
    center = [np.average(np.arange(ink.SIZE) + 0.5, weights=weights.sum(1 - axis)) for axis in (0, 1)]
    is_centred = np.abs(np.array(center) - ink.CENTER).max() <= OFF_CENTRE
    return LAID_OUT[0] <= max(bottom - top, right - left) <= LAID_OUT[1] and bool(is_centred)


def ink_box(digit: np.ndarray) -> tuple[int, int, int, int]:
    """Return top, left, bottom and right of the ink (h, w)."""
    level = min(BOX_EDGE, digit.max() / 2)
    rows, columns = np.flatnonzero(digit.max(1) > level), np.flatnonzero(digit.max(0) > level)
    return int(rows[0]), int(columns[0]), int(rows[-1]) + 1, int(columns[-1]) + 1


def _thin(digit: np.ndarray) -> np.ndarray:
    """Return ink (h, w) as a pen not much broader than MNIST's draws it, at CELLS_PER_PIXEL if it was broader.

    The pen's width is 4 times the mean depth of the ink; its edge is moved inwards by the distance transform.
    """
    fine = np.pad(_scale(digit, int(ink.DIGIT_SIDE) * CELLS_PER_PIXEL), 1)
    mask = fine > 0.5
    depth = distance_to_outside(mask) - 0.5
    width = 4 * depth[mask].mean() / CELLS_PER_PIXEL if mask.any() else 0.0
    if width < BROAD_PEN:
        return digit
    cut = THINNING * (width - ink.PEN_WIDTH) / 2 * CELLS_PER_PIXEL
    num_components = label_components(mask, diagonally=False)[1]
    while True:
        thinned = np.clip(depth - cut + 0.5, 0, 1)
        if label_components(thinned > 0.5, diagonally=False)[1] == num_components:
            return thinned
        cut *= 0.8  # a stroke of uneven width stays in one piece


def _centre(digit: np.ndarray) -> np.ndarray:
    """Return the picture uint8 (28, 28) of ink (h, w): longest side 20, its centre of mass in the middle.

    Moved by whole pixels, as MNIST was made: what came from MNIST stays as sharp as it was.
    """
    scaled = _scale(digit, int(ink.DIGIT_SIDE))
    picture = np.zeros((ink.SIZE, ink.SIZE), np.uint8)
    place = []
    for axis, length in enumerate(scaled.shape):
        center = np.average(np.arange(length) + 0.5, weights=scaled.sum(1 - axis))
        start = int(np.clip(round(ink.CENTER - center), 0, ink.SIZE - length))
        place.append(slice(start, start + length))
    picture[tuple(place)] = np.round(scaled * 255)
    return picture


def _scale(digit: np.ndarray, side: int) -> np.ndarray:
    """Return the ink within its box, the longest side scaled to `side` cells, the other to as many as it fills."""
    top, left, bottom, right = ink_box(digit)
    cell = max(bottom - top, right - left) / side
    rows, columns = (int(np.ceil(length / cell - 1e-6)) for length in (bottom - top, right - left))
    y, x = (top + bottom - rows * cell) / 2, (left + right - columns * cell) / 2
    return resample(digit, (y, x, y + rows * cell, x + columns * cell), (rows, columns))
