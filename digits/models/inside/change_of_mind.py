"""What would change its mind: the shortest stroke, and the shortest erasure, after which the answer is another digit.

Each is looked for by trial: many changes of one size are answered, and those that come nearest to another answer are
tried in all sizes, the smallest first.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple, Protocol

import numpy as np

from digits.drawing import ink
from digits.recognition.classifier import Answer

GRID = 10  # places across and down where a stroke is tried, over the drawing and a little around it
DIRECTIONS = 6  # of a stroke at each place
MARGIN = 0.15  # of the drawing's longest side, around it
LENGTHS = (0.08, 0.12, 0.16, 0.2, 0.26, 0.32, 0.4, 0.5, 0.65, 0.8)  # of strokes, of the drawing's longest side ...
FIRST_LENGTH = 0.26  # ... and the one that all places are tried with
RADII = (0.04, 0.07, 0.1, 0.13, 0.17, 0.21, 0.26, 0.32)  # of what is erased, likewise
FIRST_RADIUS = 0.13
SPACING = 0.06  # of the drawing's longest side, between two middles of erasures
FINALISTS = 14  # that are tried in all sizes
CLEARLY = 1.2  # times as likely as the digit before: the smallest change would else hang on the last decimal

Classify = Callable[[np.ndarray], Answer]


class Change(NamedTuple):
    """A change after which the answer is another.

    kind: "stroke" or "erasure". points: float64 (2, 2), the stroke's ends, or (1, 2), the middle of what is erased; in
    the drawing's units. radius: of an erasure. length: of the ink that is drawn or erased, as a share of the drawing's
    longest side.
    """

    kind: str
    points: np.ndarray
    radius: float
    length: float
    picture: np.ndarray  # uint8 (28, 28), as the network then gets it
    answer: Answer


class Drawing(Protocol):
    """What can be changed."""

    box: tuple[np.ndarray, np.ndarray]  # least and greatest x, y of the ink

    def with_stroke(self, line: np.ndarray) -> np.ndarray:
        """Return the picture, uint8 (28, 28), with a stroke from one point to another, (2, 2)."""
        ...

    def without(self, middle: np.ndarray, radius: float) -> tuple[np.ndarray, float]:
        """Return the picture without the ink around a point, and how long the erased ink is."""
        ...

    def middles(self, spacing: float) -> np.ndarray:
        """Return points on the ink, (n, 2), about so far from each other."""
        ...


class StrokeDrawing:
    """A drawing of strokes: after a change it is laid out anew, as on the pad."""

    def __init__(self, strokes: Sequence[ink.Stroke]):
        step = max(ink.extent(list(strokes)) / 60, 1e-3)
        self._strokes = [_resampled(stroke, step) for stroke in strokes if len(stroke)]
        self._points = np.concatenate(self._strokes)
        self._step = step
        self.box = self._points.min(axis=0), self._points.max(axis=0)

    def with_stroke(self, line: np.ndarray) -> np.ndarray:
        """See `Drawing`."""
        return ink.normalize([*self._strokes, line])

    def without(self, middle: np.ndarray, radius: float) -> tuple[np.ndarray, float]:
        """See `Drawing`."""
        kept, erased = [], 0
        for stroke in self._strokes:
            is_kept = np.hypot(*(stroke - middle).T) > radius
            erased += int((~is_kept).sum())
            cuts = np.flatnonzero(np.diff(is_kept)) + 1
            kept += [
                part for part, keeps in zip(np.split(stroke, cuts), np.split(is_kept, cuts), strict=True) if keeps[0]
            ]
        return ink.normalize(kept), erased * self._step

    def middles(self, spacing: float) -> np.ndarray:
        """See `Drawing`."""
        return self._points[:: max(1, round(spacing / self._step))]


class PictureDrawing:
    """A picture, uint8 (28, 28), of which no strokes are known: it is changed where it lies."""

    def __init__(self, picture: np.ndarray):
        self._picture = picture
        rows, columns = np.nonzero(picture > 127)
        self._points = np.stack([columns, rows], axis=1) + 0.5 if len(rows) else np.full((1, 2), ink.CENTER)
        self.box = self._points.min(axis=0), self._points.max(axis=0)

    def with_stroke(self, line: np.ndarray) -> np.ndarray:
        """See `Drawing`."""
        return np.maximum(self._picture, ink.rasterize([line], ink.PEN_WIDTH))

    def without(self, middle: np.ndarray, radius: float) -> tuple[np.ndarray, float]:
        """See `Drawing`."""
        disc = ink.rasterize([middle[None]], 2 * radius)
        kept = (self._picture * (1 - disc / 255)).round().astype(np.uint8)
        return kept, float((self._picture.astype(int) - kept).sum() / 255 / ink.PEN_WIDTH)

    def middles(self, spacing: float) -> np.ndarray:
        """See `Drawing`."""
        rows_and_columns = (self._points // max(1, round(spacing))).astype(int)
        return self._points[np.unique(rows_and_columns, axis=0, return_index=True)[1]]


def find(drawing: Drawing, classify: Classify, answer: Answer) -> list[Change]:
    """Return the shortest stroke and the shortest erasure that make it another digit than `answer`, the shorter first.

    None is returned of a kind that does not do it.
    """
    side = float(max(*(drawing.box[1] - drawing.box[0]), 1e-3))
    found = [_find_stroke(drawing, classify, answer, side), _find_erasure(drawing, classify, answer, side)]
    return sorted((change for change in found if change), key=lambda change: change.length)


def _find_stroke(drawing: Drawing, classify: Classify, answer: Answer, side: float) -> Change | None:
    low, high = drawing.box[0] - MARGIN * side, drawing.box[1] + MARGIN * side
    places = np.stack(np.meshgrid(*np.linspace(low, high, GRID).T), axis=-1).reshape(-1, 2)
    angles = np.arange(DIRECTIONS) * np.pi / DIRECTIONS
    directions = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    tried = [(place, direction) for place in places for direction in directions]

    def attempt(place: np.ndarray, direction: np.ndarray, length: float) -> tuple[Change, float]:
        line = place + np.outer([-0.5, 0.5], direction) * length * side
        picture = drawing.with_stroke(line)
        after = classify(picture)
        return Change("stroke", line, 0.0, length, picture, after), _nearness(after, answer)

    return _smallest(tried, attempt, FIRST_LENGTH, LENGTHS)


def _find_erasure(drawing: Drawing, classify: Classify, answer: Answer, side: float) -> Change | None:
    tried = [(middle,) for middle in drawing.middles(SPACING * side)]

    def attempt(middle: np.ndarray, radius: float) -> tuple[Change, float]:
        picture, length = drawing.without(middle, radius * side)
        after = classify(picture)
        change = Change("erasure", middle[None], radius * side, length / side, picture, after)
        return change, _nearness(after, answer) if picture.any() else -np.inf

    return _smallest(tried, attempt, FIRST_RADIUS, RADII)


def _smallest(tried: list, attempt: Callable, first: float, sizes: Sequence[float]) -> Change | None:
    """Return the smallest change that turns the answer, of those that come nearest to it in one size."""
    nearness = [attempt(*each, first)[1] for each in tried]
    best: Change | None = None
    for place in np.argsort(nearness)[::-1][:FINALISTS]:
        for size in sizes:
            change, near = attempt(*tried[place], size)
            if best and change.length >= best.length:
                break
            if near >= np.log(CLEARLY):
                best = change
                break
    return best


def _nearness(after: Answer, before: Answer) -> float:
    """Return the logarithm of how likely the best other digit is against the one answered before."""
    probabilities = np.log(np.maximum(after.probabilities, 1e-30))
    return float(np.delete(probabilities, before.digit).max() - probabilities[before.digit])


def _resampled(stroke: ink.Stroke, step: float) -> np.ndarray:
    """Return a stroke with a point about every `step`."""
    points = np.asarray(stroke, np.float64).reshape(-1, 2)
    along = np.concatenate([[0.0], np.hypot(*np.diff(points, axis=0).T).cumsum()])
    places = np.linspace(0, along[-1], max(2, int(along[-1] / step) + 1)) if along[-1] > 0 else np.zeros(1)
    return np.stack([np.interp(places, along, axis) for axis in points.T], axis=1)
