"""Styles: in which way a digit was written, and how many of a class wrote it in each."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from digits.drawing import ink
from digits.recognition.classifier import Answer

PAPER = 64  # of 255: a pixel with less ink is paper
LEAST_LOOP = 2  # pixels of 28x28 that a loop encloses
MOST_SEGMENTS = 100  # of a stroke that are tried for crossings
CROSSED = {"7": ("with a bar", "without a bar"), "0": ("with a slash", "without a slash")}
LOOPED = {
    "2": ("with a loop", "without a loop"),
    "4": ("closed", "open"),
    "6": ("closed", "open"),
    "9": ("closed", "open"),
}
STARTS = ("at the top", "in the middle", "at the bottom")


class Style(NamedTuple):
    """How a digit was written: in how many strokes and loops, whether two strokes cross, in which third it began."""

    num_strokes: int
    num_loops: int
    is_crossed: bool
    start: int  # index in STARTS


class Row(NamedTuple):
    """One line of a tally: what is counted, and how many there are of each kind."""

    title: str
    counts: list[tuple[str, int]]


def style_of(strokes: Sequence[ink.Stroke], picture: np.ndarray) -> Style:
    """Return the style of a digit: its strokes, float (n, 2) each, and its picture, uint8 (28, 28)."""
    points = np.concatenate(strokes)
    top, height = points[:, 1].min(), np.ptp(points[:, 1])
    third = min(int(3 * (points[0, 1] - top) / height), 2) if height else 0
    return Style(len(strokes), count_loops(picture), is_crossed(strokes), third)


def is_crossed(strokes: Sequence[ink.Stroke]) -> bool:
    """Tell whether two of the strokes cross each other."""
    return any(_cross(one, other) for place, one in enumerate(strokes) for other in strokes[:place])


def count_loops(picture: np.ndarray) -> int:
    """Return how many patches of paper the ink of a picture, uint8 (28, 28), encloses."""
    from scipy import ndimage  # late: a page without a class does without it

    around = np.pad(picture < PAPER, 1, constant_values=True)
    patches = np.empty(around.shape, np.int32)
    ndimage.label(around, output=patches)
    return int((np.bincount(patches[patches > 0])[2:] >= LEAST_LOOP).sum())  # the first patch is the paper around


def tally(asked: str | None, drawings: Iterable[tuple[Answer, Style]]) -> list[Row]:
    """Return what a class drew: the answers, and the ways in which the digit that was asked for was written."""
    answers, styles = [], []
    for answer, style in drawings:
        answers.append(answer)
        styles.append(style)
    if not answers:
        return []
    sure = Counter(answer.text for answer in answers if answer.is_sure)
    counts = sorted(sure.items(), key=lambda each: (each[0] != asked, each[0]))
    rows = [Row("Read as", [*counts, *_unless_none("not sure", len(answers) - sure.total())])]
    return rows if asked is None else [*rows, *_style_rows(asked, styles)]


def _style_rows(asked: str, styles: Sequence[Style]) -> list[Row]:
    strokes = Counter(min(style.num_strokes, 3) for style in styles)
    names = {1: "1", 2: "2", 3: "3 or more"}
    rows = [Row("Strokes", [(names[number], strokes[number]) for number in sorted(strokes)])]
    for title, kinds, found in (
        ("Bar" if asked == "7" else "Slash", CROSSED.get(asked), [style.is_crossed for style in styles]),
        ("Loop", LOOPED.get(asked), [style.num_loops > 0 for style in styles]),
    ):
        if kinds:
            counts = [*_unless_none(kinds[0], sum(found)), *_unless_none(kinds[1], len(found) - sum(found))]
            rows.append(Row(title, counts))
    starts = Counter(style.start for style in styles)
    return [*rows, Row("Begun", [(STARTS[third], starts[third]) for third in sorted(starts)])]


def _unless_none(name: str, count: int) -> list[tuple[str, int]]:
    return [(name, count)] if count else []


def _cross(one: ink.Stroke, other: ink.Stroke) -> bool:
    """Tell whether two strokes cross each other: a segment of one has both ends of one of the other's at its sides."""
    a, b = _segments(one)
    c, d = _segments(other)
    if not len(a) or not len(c):
        return False
    a, b, c, d = a[:, None], b[:, None], c[None], d[None]
    apart = (_side(a, b, c) * _side(a, b, d) < 0) & (_side(c, d, a) * _side(c, d, b) < 0)
    return bool(apart.any())


def _segments(stroke: ink.Stroke) -> tuple[np.ndarray, np.ndarray]:
    kept = np.linspace(0, len(stroke) - 1, min(len(stroke), MOST_SEGMENTS + 1)).round().astype(int)
    points = stroke[kept]
    return points[:-1], points[1:]


def _side(start: np.ndarray, end: np.ndarray, point: np.ndarray) -> np.ndarray:
    """Return on which side of a line a point lies, as the sign of a cross product."""
    along, to = end - start, point - start
    return along[..., 0] * to[..., 1] - along[..., 1] * to[..., 0]
