"""Touching digits: ink that hangs together is read as a whole, and parted between the digits that are read.

`digits.sheets.digit_strings` reads it. The ink of a digit ends at a seam, the cheapest path from the top to the bottom
between its middle and that of the next (Avidan and Shamir, "Seam carving for content-aware image resizing", 2007,
section 3), so that digits may lean and reach over each other.
"""

from itertools import pairwise
from typing import NamedTuple

import numpy as np

from digits.images.mnist_layout import ink_box
from digits.recognition.calibration import odds
from digits.recognition.classifier import LEAST_ODDS, Answer
from digits.sheets import digit_strings

NARROW, BROAD = 0.5, 1.3  # width by height of what is one digit, and of what may be several whatever the answer
SURE = 0.99  # confidence in an answer that is believed between the two, without a look for several digits
SIDESTEP = 0.1  # of a full pixel of ink, that a seam's step to the side costs


class TouchingDigit(NamedTuple):
    """One of several digits: its ink (h, w), in the place that it has in theirs, and the answer to it."""

    ink: np.ndarray
    answer: Answer


def may_be_several(width: float, height: float, answer: Answer) -> bool:
    """Tell whether ink of that box and answer is worth a try: it is broad for one digit, or not narrow and unsure."""
    breadth = width / height
    return breadth > BROAD or (breadth > NARROW and answer.confidence < SURE)


def part(ink: np.ndarray, answer: Answer) -> list[TouchingDigit]:
    """Return the digits that ink (h, w) in [0, 1] is, from left to right, if it is several; else none.

    answer: to the whole, which is believed where it is surer than all of several digits, unless it doubts broad ink.
    """
    levelled = digit_strings.level(ink)
    peaks = digit_strings.read(levelled)
    is_doubted = levelled.shape[1] > BROAD * levelled.shape[0] and answer.confidence < SURE
    confidence = np.prod([peak.probabilities.max() for peak in peaks])
    if len(peaks) < 2 or (not is_doubted and confidence < answer.confidence):
        return []
    number = _numbers(levelled, [peak.column for peak in peaks])[_places(ink, levelled.shape)]
    pieces = [TouchingDigit(ink * (number == place), _answer(peak.probabilities)) for place, peak in enumerate(peaks)]
    return [piece for piece in pieces if piece.ink.any()]


def _answer(probabilities: np.ndarray) -> Answer:
    digit = int(probabilities.argmax())
    is_sure = bool(odds(probabilities) >= LEAST_ODDS)
    return Answer(digit, float(probabilities[digit]), tuple(probabilities.tolist()), is_sure)


def _places(ink: np.ndarray, shape: tuple[int, ...]) -> tuple[np.ndarray, ...]:
    """Return the rows and columns, int (h, 1) and (1, w), of a picture of the ink's box at which its pixels are."""
    box = ink_box(ink)
    ends = zip(box[:2], box[2:], ink.shape, shape, strict=True)
    places = [(np.arange(length) + 0.5 - low) * cells / (high - low) for low, high, length, cells in ends]
    return np.ix_(*(np.clip(at, 0, cells - 1).astype(int) for at, cells in zip(places, shape, strict=True)))


def _numbers(ink: np.ndarray, middles: list[int]) -> np.ndarray:
    """Return which of the digits, from 0, that have their middles in those columns each pixel of ink belongs to."""
    columns = np.arange(ink.shape[1])
    return np.sum(
        [columns >= left + 1 + _seam(ink[:, left + 1 : right + 1])[:, None] for left, right in pairwise(middles)],
        axis=0,
    )


def _seam(ink: np.ndarray) -> np.ndarray:
    """Return the column, int (h,), at which the cheapest seam crosses each row of ink (h, w)."""
    total, steps = np.zeros(ink.shape[1]), np.zeros(ink.shape, int)
    for y, cost in enumerate(ink):
        before = np.pad(total, 1, constant_values=np.inf)
        ways = np.stack([before[:-2] + SIDESTEP, total, before[2:] + SIDESTEP])
        steps[y] = ways.argmin(axis=0) - 1
        total = ways.min(axis=0) + cost
    path = [int(total.argmin())]
    for step in steps[:0:-1]:
        path.append(path[-1] + int(step[path[-1]]))
    return np.array(path[::-1])
