"""Signs: point, comma, minus and plus in a number, told by their size and their place beside digits alone.

A sign stands free, small and before a digit; what is in doubt is none. Boxes are (left, top, right, bottom) of the
pen's path, in any unit, x to the right and y down. Lengths are in line heights: the height of the digits beside it.
"""

from collections.abc import Sequence
from itertools import combinations
from typing import NamedTuple

import numpy as np

from digits.drawing.ink import Stroke

SIGNS = (".", ",", "-", "+")
FREE = 0.06  # from a sign to the ink at its sides
REACH = 1.0  # from a sign to the digits at its sides, at most
AROUND = 0.25  # above and below a sign: so high is the ink that counts as at its sides
POINT = 0.2  # longest side of a point
COMMA, SLIM = (0.12, 0.5), 0.9  # height of a comma, and its width by height at most
ASCENT, DESCENT = 0.17, 0.05  # of a comma over the base line, at most, and below it, at least
NEAR_BASE = (-0.3, 0.3)  # from the base line to the middle of a point or a comma
MINUS, FLAT = (0.18, 0.9), 0.4  # width of a minus, and its height by width at most
PLUS = (0.25, 0.8)  # both sides of a plus
HALF_HEIGHT = (0.25, 0.75)  # from the digits' top to the middle of a minus or a plus
UNEQUAL = 1.8  # times as long as its other stroke is one of a plus, at most
CENTRAL = (0.2, 0.8)  # of each of its strokes, where they cross
STRAIGHT = 1.25  # times as long as the way between its ends is a straight stroke, at most
STEP = 0.05  # line heights between the points of a stroke that are looked at

Box = tuple[float, float, float, float]


class Sign(NamedTuple):
    """A sign before a digit of a number: ".", ",", "-" or "+", and its box."""

    text: str
    box: Box


def name(box: np.ndarray, left: np.ndarray | None, right: np.ndarray | None, is_cross: bool) -> str:
    """Return the sign that free ink in a box is, between two digits or before one, by their boxes; "" for none."""
    if left is not None and box[0] - left[2] > REACH * (left[3] - left[1]):
        left = None
    if right is None or right[0] - box[2] > REACH * (right[3] - right[1]):
        return ""
    beside = np.array([each for each in (left, right) if each is not None])
    top, base = beside[:, 1].mean(), beside[:, 3].mean()
    line = base - top
    width, height = (box[2:] - box[:2]) / line
    middle = (box[1] + box[3]) / 2
    if _within((middle - top) / line, HALF_HEIGHT):
        at = (box[0] + box[2]) / 2
        if at > right[0] or (left is not None and at < left[2]):
            return ""  # the bar of a seven that misses its stem, perhaps
        if is_cross:
            return "+" if _within(width, PLUS) and _within(height, PLUS) else ""
        return "-" if _within(width, MINUS) and height <= FLAT * width else ""
    if is_cross or left is None or not _within((middle - base) / line, NEAR_BASE):
        return ""
    ascent, descent = (base - box[1]) / line, (box[3] - base) / line
    if _within(height, COMMA) and width <= SLIM * height and ascent <= ASCENT and descent >= DESCENT:
        return ","
    return "." if max(width, height) <= POINT else ""


def free_marks(strokes: Sequence[Stroke], line: float) -> list[tuple[int, ...]]:
    """Return the strokes, or pairs that cross, that stand free and are small beside a line so high: their indices."""
    boxes = np.array([box_of(stroke) for stroke in strokes]).reshape(-1, 4)
    sides = (boxes[:, 2:] - boxes[:, :2]) / line
    pairs = [
        pair
        for pair in combinations(np.flatnonzero((sides <= PLUS[1]).all(1)).tolist(), 2)
        if is_cross([strokes[index] for index in pair])
    ]
    is_small = (sides[:, 0] <= MINUS[1]) & (sides[:, 1] <= COMMA[1])
    marks = [*pairs, *((index,) for index in np.flatnonzero(is_small).tolist())]
    return [mark for mark in marks if _is_free(mark, strokes, line)]


def place(mark: Sequence[Stroke], digits: Sequence[Sequence[Stroke]], line: float) -> tuple[int, str] | None:
    """Return the number of the digit that a mark is a sign before, and the sign; None if it is none."""
    box = box_of(np.concatenate(mark))
    before, after = _neighbours(box, digits, line)
    left, right = (None if number is None else box_of(np.concatenate(digits[number])) for number in (before, after))
    text = name(box, left, right, is_cross(mark))
    return (after, text) if text and after is not None else None


def before(sign: Sign | None, digit: str) -> str:
    """Return a digit after its sign, if it has one."""
    return sign.text + digit if sign else digit


def is_cross(strokes: Sequence[Stroke]) -> bool:
    """Tell whether two strokes are a plus: straight, about as long, a flat one and an upright one cross midway."""
    if len(strokes) != 2:
        return False
    ways = [stroke[-1] - stroke[0] for stroke in strokes]
    lengths = [float(np.hypot(*way)) for way in ways]
    if min(lengths) * UNEQUAL < max(lengths) or not all(map(_is_straight, strokes)):
        return False
    if (abs(ways[0][0]) > abs(ways[0][1])) == (abs(ways[1][0]) > abs(ways[1][1])):
        return False
    along = np.linalg.solve(np.stack([ways[0], -ways[1]], 1), strokes[1][0] - strokes[0][0])
    return all(_within(share, CENTRAL) for share in along.tolist())


def box_of(stroke: Stroke) -> np.ndarray:
    """Return the box around a stroke."""
    return np.concatenate([stroke.min(axis=0), stroke.max(axis=0)])


def _is_free(mark: tuple[int, ...], strokes: Sequence[Stroke], line: float) -> bool:
    """Tell whether no other stroke is at the height of a mark and as near, or on both sides of it."""
    left, top, right, bottom = box_of(np.concatenate([strokes[index] for index in mark]))
    left, right = left - FREE * line, right + FREE * line
    for index, stroke in enumerate(strokes):
        if index in mark or stroke[:, 0].min() >= right or stroke[:, 0].max() <= left:
            continue
        across = _beside(stroke, top, bottom, line)
        if len(across) and across.min() < right and across.max() > left:
            return False
    return True


def _neighbours(box: np.ndarray, digits: Sequence[Sequence[Stroke]], line: float) -> tuple[int | None, int | None]:
    """Return the numbers of the digits within reach, left and right of a box."""
    left, top, right, bottom = box
    nearest: list[tuple[float, int | None]] = [(np.inf, None), (np.inf, None)]
    for number, digit in enumerate(digits):
        across = np.concatenate([_beside(stroke, top, bottom, line) for stroke in digit])
        if len(across):
            gaps = left - across.max(), across.min() - right
            nearest = [(gap, number) if 0 < gap < best[0] else best for gap, best in zip(gaps, nearest, strict=True)]
    return nearest[0][1], nearest[1][1]


def _beside(stroke: Stroke, top: float, bottom: float, line: float) -> np.ndarray:
    """Return the x of a stroke's points between these heights, or a little above and below."""
    steps = np.ceil(np.abs(np.diff(stroke, axis=0)).max(axis=1, initial=0) / (STEP * line)).clip(1)
    at = np.append(0, np.cumsum(steps))
    x, y = (np.interp(np.arange(at[-1] + 1), at, axis) for axis in stroke.T)
    return x[(y > top - AROUND * line) & (y < bottom + AROUND * line)]


def _is_straight(stroke: Stroke) -> bool:
    length = np.hypot(*np.diff(stroke, axis=0).T).sum()
    return 0 < length <= STRAIGHT * np.hypot(*(stroke[-1] - stroke[0]))


def _within(value: float, limits: tuple[float, float]) -> bool:
    return limits[0] <= value <= limits[1]
