"""Ways of writing that MNIST hardly has: slashed and open zeros, ones with an up-stroke or a foot, crossed sevens.
Besides, any digit may be drawn with a felt-tip.

A habit changes one MNIST digit. What it adds is drawn with the pen that draws in the window (`ink.rasterize`); a
digit that grows by it is made smaller again, as MNIST's were, to 20 pixels. Pictures are uint8 (28, 28),
positions are pixels, x to the right and y down.
"""

from collections.abc import Callable

import numpy as np
from scipy import ndimage

from digits.drawing import ink
from digits.images.filters import upsample
from digits.images.mnist_layout import CELLS_PER_PIXEL, to_mnist
from digits.training.augmentation import warp

PEN_WIDTHS = (1.8, 3.0)  # pixels
FELT_TIPS = 0.08  # share of all digits that are drawn over with a felt-tip, which adds ...
FELT_TIP = (1.0, 2.5)  # ... so many pixels all around
INKED = 64  # ink from which a pixel belongs to the digit's box

Habit = Callable[[np.ndarray, np.random.Generator], np.ndarray]


def add_habits(pictures: np.ndarray, labels: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return the pictures, uint8 (n, 28, 28) with labels (n,), some digits written as some people write them."""
    pictures = pictures.copy()
    for label, habit, share in HABITS:
        for index in np.flatnonzero((labels == label) & (rng.random(len(labels)) < share)):
            pictures[index] = habit(pictures[index], rng)
    for index in np.flatnonzero(rng.random(len(labels)) < FELT_TIPS):
        pictures[index] = felt_tip(pictures[index], rng)
    return pictures


def felt_tip(picture: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Draw a digit over with a broad pen, and thin it as `mnist_layout` does: that gives back no narrow gap."""
    fine = upsample(picture / np.float32(255), CELLS_PER_PIXEL)
    inked = ndimage.find_objects((fine >= 0.5).astype(np.uint8))
    if not inked:
        return picture
    reach = rng.uniform(*FELT_TIP) * CELLS_PER_PIXEL
    paper = np.pad(fine[inked[0]] < 0.5, int(reach) + 1, constant_values=True)
    away = np.asarray(ndimage.distance_transform_edt(paper))
    return to_mnist((away <= reach).astype(np.float32))


def slash(picture: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Draw a line through the middle of a zero: mostly rising to the right, sometimes level or upright."""
    left, top, right, bottom = _box(picture)
    low, high = ((30, 75), (30, 75), (-12, 25), (75, 105))[rng.integers(4)]
    angle = np.deg2rad(rng.uniform(low, high))
    direction = np.array([np.cos(angle), -np.sin(angle)])
    radius = 1 / np.hypot(*(2 * direction / [right - left, bottom - top]))  # of the zero, as an ellipse
    reach = radius * (1 + rng.uniform(-0.15, 0.6, 2))
    middle = np.array([left + right, top + bottom]) / 2 + rng.normal(0, 0.06, 2) * [right - left, bottom - top]
    return _draw(picture, [np.array([middle - reach[0] * direction, middle + reach[1] * direction])], rng)


def gap(picture: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Leave the upper loop of a zero or an eight open, as a hurried pen does."""
    left, top, right, bottom = _box(picture)
    angle = np.deg2rad(rng.uniform(20, 160))
    height = (bottom - top) / 4
    place = np.array([left + right, 2 * (top + height)]) / 2
    place += [np.cos(angle) * (right - left) / 2, -np.sin(angle) * height]
    y, x = np.indices(picture.shape) + 0.5
    kept = np.clip(np.hypot(x - place[0], y - place[1]) - rng.uniform(1.0, 5.0), 0, 1)
    return _center(np.round(picture * kept).astype(np.uint8))


def up_stroke(picture: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Lead up to a one's top, from a short flag to the height of the stem."""
    return _draw(picture, _up_stroke(picture, rng), rng)


def foot(picture: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Stand a one on a bar."""
    return _draw(picture, _foot(picture, rng), rng)


def foot_and_up_stroke(picture: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Write a one as it is printed."""
    return _draw(picture, _foot(picture, rng) + _up_stroke(picture, rng), rng)


def tail(picture: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """End a one with a short stroke back up to the left."""
    top, bottom = _stem(picture)
    angle = np.deg2rad(rng.uniform(8, 45))  # from the vertical
    length = rng.uniform(0.15, 0.45) * (bottom[1] - top[1])
    return _draw(picture, [np.array([bottom, bottom + length * np.array([-np.sin(angle), -np.cos(angle)])])], rng)


def cross(picture: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Draw the short bar through the stem of a seven."""
    left, top, right, bottom = _box(picture)
    height = top + rng.uniform(0.4, 0.65) * (bottom - top)
    middle = np.array([_middle_of_row(picture, height), height])
    return _draw(picture, [middle + _bar(rng.uniform(0.15, 0.4, 2) * max(right - left, 8), 0.12, rng)], rng)


HABITS: tuple[tuple[int, Habit, float], ...] = (  # label, habit, share of that label's digits
    (0, slash, 0.2),
    (0, gap, 0.1),
    (1, up_stroke, 0.2),
    (1, foot, 0.05),
    (1, foot_and_up_stroke, 0.1),
    (1, tail, 0.08),
    (7, cross, 0.15),
    (8, gap, 0.05),
)


def _up_stroke(picture: np.ndarray, rng: np.random.Generator) -> list[ink.Stroke]:
    top, bottom = _stem(picture)
    steepness = rng.uniform()  # a flag that lies flat is short, or the one would be a seven
    angle = np.deg2rad(85 - 65 * steepness)  # from the vertical
    length = rng.uniform(0.15, 0.25 + 0.85 * steepness) * (bottom[1] - top[1])
    start = top + length * np.array([-np.sin(angle), np.cos(angle)])
    bend = (start + top) / 2 + rng.normal(0, 0.06 * length, 2)
    return [np.array([start, bend, top])]


def _foot(picture: np.ndarray, rng: np.random.Generator) -> list[ink.Stroke]:
    top, bottom = _stem(picture)
    return [bottom + _bar(rng.uniform(0.12, 0.4, 2) * (bottom[1] - top[1]), 0.08, rng)]


def _bar(reach: np.ndarray, tilt: float, rng: np.random.Generator) -> ink.Stroke:
    """Return a nearly level line around the origin that reaches so far to the left and to the right."""
    drop = rng.normal(0, tilt, 2) * reach
    return np.array([[-reach[0], drop[0]], [reach[1], drop[1]]])


def _draw(picture: np.ndarray, strokes: list[ink.Stroke], rng: np.random.Generator) -> np.ndarray:
    """Draw the strokes over a picture, made small enough for both to span 20 pixels, around MNIST's centre."""
    left, top, right, bottom = _box(picture)
    corners = np.concatenate([*strokes, [(left, top), (right, bottom)]])
    low, high = corners.min(axis=0), corners.max(axis=0)
    scale = (ink.DIGIT_SIDE - 1) / (high - low).max()
    if scale < 1:
        middle, center = (low + high) / 2, ink.SIZE / 2
        pixels = np.indices((ink.SIZE, ink.SIZE)) + 0.5
        flow = (pixels - center) / scale + middle[::-1, None, None] - pixels
        picture = warp(picture[None], flow[None].astype(np.float32))[0]
        strokes = [(stroke - middle) * scale + center for stroke in strokes]
    return _center(np.maximum(picture, ink.rasterize(strokes, rng.uniform(*PEN_WIDTHS))))


def _center(picture: np.ndarray) -> np.ndarray:
    """Move the centre of mass to MNIST's, by whole pixels."""
    positions = np.arange(ink.SIZE) + 0.5
    y, x = (np.average(positions, weights=picture.sum(axis, dtype=float) + 1e-9) for axis in (1, 0))
    down, right = round(ink.CENTER - y), round(ink.CENTER - x)
    return np.pad(picture, ink.SIZE)[ink.SIZE - down :, ink.SIZE - right :][: ink.SIZE, : ink.SIZE]


def _box(picture: np.ndarray) -> tuple[float, float, float, float]:
    """Return left, top, right and bottom of the ink."""
    rows, columns = np.flatnonzero(picture.max(1) > INKED), np.flatnonzero(picture.max(0) > INKED)
    if len(rows) < 2 or len(columns) < 2:
        return 4.0, 4.0, 24.0, 24.0
    return columns[0] + 0.5, rows[0] + 0.5, columns[-1] + 0.5, rows[-1] + 0.5


def _stem(picture: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the top and the bottom end of a one's stem, each (x, y)."""
    _, top, _, bottom = _box(picture)
    top_end, bottom_end = (np.array([_middle_of_row(picture, y), y]) for y in (top, bottom))
    return top_end, bottom_end


def _middle_of_row(picture: np.ndarray, y: float) -> float:
    return float(np.average(np.arange(ink.SIZE) + 0.5, weights=picture[int(y)] + 1e-9))
