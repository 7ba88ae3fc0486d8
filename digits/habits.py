"""Ways of writing that MNIST hardly has: slashed zeros, ones with an up-stroke or a foot, crossed sevens.

Each habit is strokes drawn over an MNIST digit with the pen that draws in the window (`ink.rasterize`), in a width
like the digit's own. Pictures are uint8 (n, 28, 28), positions are pixels, x to the right and y down.
"""

from collections.abc import Callable

import numpy as np

from digits import ink

PEN_WIDTHS = (1.8, 3.0)  # pixels

Habit = Callable[[np.ndarray, np.random.Generator], list[ink.Stroke]]


def add_habits(pictures: np.ndarray, labels: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return the pictures, some digits with the strokes that some people add to them."""
    pictures = pictures.copy()
    for label, habit, share in HABITS:
        for index in np.flatnonzero((labels == label) & (rng.random(len(labels)) < share)):
            pictures[index] = _add(pictures[index], habit(pictures[index], rng), rng.uniform(*PEN_WIDTHS))
    return pictures


def slash(picture: np.ndarray, rng: np.random.Generator) -> list[ink.Stroke]:
    """A diagonal through a zero, from the lower left to the upper right."""
    left, top, right, bottom = _box(picture)
    reach = rng.uniform(-0.15, 0.3, 2)[:, None] * [right - left, top - bottom]
    wobble = rng.normal(0, 1.0, (2, 2))
    return [np.array([[left, bottom], [right, top]]) + reach * [[-1], [1]] + wobble]


def up_stroke(picture: np.ndarray, rng: np.random.Generator) -> list[ink.Stroke]:
    """The stroke that leads up to a one's top, from a short flag to the height of the stem."""
    top, bottom = _stem(picture)
    angle = np.deg2rad(rng.uniform(20, 65))  # from the vertical
    length = rng.uniform(0.2, 1.0) * rng.uniform(0.5, 1.0) * (bottom[1] - top[1]) / np.cos(angle / 2)
    start = top + length * np.array([-np.sin(angle), np.cos(angle)])
    bend = (start + top) / 2 + rng.normal(0, 0.06 * length, 2)
    return [np.array([start, bend, top])]


def foot(picture: np.ndarray, rng: np.random.Generator) -> list[ink.Stroke]:
    """The bar that a one stands on."""
    top, bottom = _stem(picture)
    half = rng.uniform(0.12, 0.4, 2) * (bottom[1] - top[1])
    tilt = rng.normal(0, 0.08, 2) * half
    return [bottom + np.array([[-half[0], tilt[0]], [half[1], tilt[1]]])]


def foot_and_up_stroke(picture: np.ndarray, rng: np.random.Generator) -> list[ink.Stroke]:
    """A one as it is printed."""
    return foot(picture, rng) + up_stroke(picture, rng)


def cross(picture: np.ndarray, rng: np.random.Generator) -> list[ink.Stroke]:
    """The short bar through the stem of a seven."""
    left, top, right, bottom = _box(picture)
    height = top + rng.uniform(0.4, 0.65) * (bottom - top)
    row = picture[int(height)].astype(float) + 1e-9
    middle = np.array([np.average(np.arange(ink.SIZE) + 0.5, weights=row), height])
    half = rng.uniform(0.15, 0.4, 2) * max(right - left, 8)
    tilt = rng.normal(0, 0.12, 2) * half
    return [middle + np.array([[-half[0], tilt[0]], [half[1], tilt[1]]])]


HABITS: tuple[tuple[int, Habit, float], ...] = (  # label, habit, share of that label's digits
    (0, slash, 0.15),
    (1, up_stroke, 0.2),
    (1, foot, 0.05),
    (1, foot_and_up_stroke, 0.1),
    (7, cross, 0.15),
)


def _add(picture: np.ndarray, strokes: list[ink.Stroke], pen_width: float) -> np.ndarray:
    """Return the picture with the strokes, its centre of mass moved back to MNIST's, by whole pixels."""
    drawn = np.maximum(picture, ink.rasterize(strokes, pen_width))
    middles = np.arange(ink.SIZE) + 0.5
    y, x = (np.average(middles, weights=drawn.sum(axis, dtype=float) + 1e-9) for axis in (1, 0))
    down, right = (round(ink.CENTER - position) for position in (y, x))
    return np.roll(drawn, (down, right), axis=(0, 1))


def _box(picture: np.ndarray) -> tuple[float, float, float, float]:
    """Return left, top, right and bottom of the ink."""
    rows, columns = np.flatnonzero(picture.max(1) > 64), np.flatnonzero(picture.max(0) > 64)
    if not len(rows):
        return 4.0, 4.0, 24.0, 24.0
    return columns[0] + 0.5, rows[0] + 0.5, columns[-1] + 0.5, rows[-1] + 0.5


def _stem(picture: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the top and the bottom end of a one's stem, each (x, y)."""
    _, top, _, bottom = _box(picture)
    columns = np.arange(ink.SIZE) + 0.5
    ends = []
    for y in (top, bottom):
        row = picture[int(y)].astype(float) + 1e-9
        ends.append(np.array([np.average(columns, weights=row), y]))
    return ends[0], ends[1]
