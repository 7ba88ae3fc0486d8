"""Signs on a page: what stands small and free before or between digits, is ink as they are, and is no digit itself.

`digits.drawing.signs` tells which sign it is. All lengths are in typical sizes.
"""

from itertools import chain
from typing import NamedTuple

import numpy as np

from digits.drawing import signs
from digits.drawing.signs import Sign
from digits.images.components import ComponentGroup, Components
from digits.sheets.digit_segmentation import RecognizedDigit, to_box

SMALLEST, WIDEST = 0.06, 1.2  # longest side of a sign
LARGEST = 0.85  # longest side of a digit that may be a plus or a comma
EMPTY, INKED = 0.22, 0.2  # share of ink in the corners of a plus, at most, and in its arms, at least


class _Mark(NamedTuple):
    """Ink that may be a sign: its box in pixels, and the number of the digit that it was taken for."""

    box: np.ndarray
    digit: int | None = None


def with_signs(
    digits: list[RecognizedDigit], components: Components, groups: list[ComponentGroup]
) -> list[RecognizedDigit]:
    """Return the digits of a page with the signs before them, without those that are a sign themselves.

    groups: the components of all digits.
    """
    if not digits:
        return digits
    small = [
        _Mark(np.array(digit.box), number)
        for number, digit in enumerate(digits)
        if _side(digit.box) < LARGEST * components.typical_size
    ]
    marks = [*small, *map(_Mark, _spare_boxes(components, groups))]
    while True:
        taken = {mark.digit for mark in marks}
        page = _Page([digit for number, digit in enumerate(digits) if number not in taken], components)
        places = [page.place(mark) for mark in marks]
        kept = [mark for mark, place in zip(marks, places, strict=True) if place or mark.digit is None]
        if len(kept) == len(marks):
            break
        marks = kept
    found = dict(place for place in places if place)
    return [digit._replace(sign=found.get(number)) for number, digit in enumerate(page.digits)]


def is_cross(ink: np.ndarray) -> bool:
    """Tell whether ink, bool (h, w) within its box, is a plus: in the middle and to all sides, not in the corners."""
    if min(ink.shape) < 3:
        return False
    shares = np.array([[part.mean() for part in np.array_split(band, 3, 1)] for band in np.array_split(ink, 3)])
    return bool(shares[::2, ::2].max() < EMPTY and min(shares[1].min(), shares[:, 1].min()) > INKED)


class _Page:
    """Digits on a page and the ink around them."""

    def __init__(self, digits: list[RecognizedDigit], components: Components):
        self.digits = digits
        self._components = components
        self._boxes = np.array([digit.box for digit in digits]).reshape(-1, 4)

    def place(self, mark: _Mark) -> tuple[int, Sign] | None:
        """Return the number of the digit that a mark is a sign before, and the sign; None if it is none."""
        line = self._components.typical_size
        before, after = self._neighbours(mark.box, line)
        if after is None or not self._is_free(mark.box, line):
            return None
        beside = [number for number in (before, after) if number is not None]
        pen = float(np.mean([self._components.pen(self._boxes[number]) for number in beside]))
        left, right = (None if number is None else _path(self._boxes[number], pen) for number in (before, after))
        text = signs.name(_path(mark.box, pen), left, right, is_cross(self._components.mask(mark.box)))
        return (after, Sign(text, to_box(mark.box))) if text else None

    def _neighbours(self, box: np.ndarray, line: float) -> tuple[int | None, int | None]:
        """Return the numbers of the digits nearest at the height of a box, left and right of it."""
        around, reach = signs.AROUND * line, 2 * signs.REACH * line
        left, top, right, bottom = box + np.array([-reach, -around, reach, around])
        boxes = self._boxes
        near = (boxes[:, 0] < right) & (boxes[:, 2] > left) & (boxes[:, 1] < bottom) & (boxes[:, 3] > top)
        nearest: list[tuple[float, int | None]] = [(np.inf, None), (np.inf, None)]
        for number in np.flatnonzero(near).tolist():
            across = self._components.columns(np.array([boxes[number, 0], top, boxes[number, 2], bottom]), box)
            if len(across):
                gaps = box[0] - across.max(), across.min() - box[2]
                nearest = [
                    (gap, number) if 0 < gap < best[0] else best for gap, best in zip(gaps, nearest, strict=True)
                ]
        return nearest[0][1], nearest[1][1]

    def _is_free(self, box: np.ndarray, line: float) -> bool:
        aside, around = signs.FREE * line, signs.AROUND * line
        return not len(self._components.columns(box + np.array([-aside, -around, aside, around]), box))


def _spare_boxes(components: Components, groups: list[ComponentGroup]) -> np.ndarray:
    """Return the boxes of the ink of no digit that is as large as signs may be: float (n, 4)."""
    boxes = components.boxes[np.setdiff1d(components.inked, list(chain(*groups))).astype(int)].astype(float)
    sides = (boxes[:, 2:] - boxes[:, :2]).max(1, initial=0) / components.typical_size
    return boxes[(sides >= SMALLEST) & (sides <= WIDEST)]


def _path(box: np.ndarray, pen: float) -> np.ndarray:
    """Return the box of the path of a pen that so wide left ink in a box."""
    middle, half = (box[:2] + box[2:]) / 2, (box[2:] - box[:2] - pen).clip(0) / 2
    return np.concatenate([middle - half, middle + half])


def _side(box: signs.Box) -> float:
    return max(box[2] - box[0], box[3] - box[1])
