"""The content of a pad: strokes that a browser sent, checked before anything else looks at them."""

from typing import NamedTuple

import numpy as np

from digits.drawing import ink
from digits.drawing.canvas import CELLS, WIDE
from digits.system.files import UserError

MAX_STROKES = 100  # on the pad at once
MAX_POINTS = 5000  # of all strokes together; pad.js thins them before
MAX_LENGTH = 1500.0  # cells, of all strokes together: the pen would have covered the wide canvas by then
MAX_VERSION = 2**53  # the whole numbers that JavaScript knows
UNREADABLE = "The page sent a drawing that cannot be read; reload it and draw again."
TOO_MUCH = "There is more on the pad than it can read, {:.0f} {} and at most {:.0f}; press Undo or Clear."


class PadContent(NamedTuple):
    """What is on the pad: its version, the width of the canvas in cells, strokes float64 (n, 2) in cells."""

    version: int
    columns: int
    strokes: list[ink.Stroke]

    @property
    def is_number(self) -> bool:
        """Whether it is to be read as a number."""
        return self.columns > CELLS


def parse(payload: object) -> PadContent:
    """Return what a browser sent; raises UserError where it is no drawing, or more than a pad holds."""
    if not isinstance(payload, dict):
        raise UserError(UNREADABLE)
    version, columns, strokes = (payload.get(name) for name in ("version", "columns", "strokes"))
    if type(version) is not int or not 0 <= version <= MAX_VERSION or columns not in (CELLS, WIDE):
        raise UserError(UNREADABLE)
    if not isinstance(strokes, list) or not all(isinstance(stroke, list) for stroke in strokes):
        raise UserError(UNREADABLE)
    num_points = sum(map(len, strokes))
    _check_amount(len(strokes), MAX_STROKES, "strokes")
    _check_amount(num_points, MAX_POINTS, "points")
    parsed = [_parse_stroke(stroke, columns) for stroke in strokes]
    _check_amount(sum(map(_length, parsed)), MAX_LENGTH, "cells of ink")
    return PadContent(version, columns, parsed)


def _check_amount(amount: float, most: float, what: str) -> None:
    if amount > most:
        raise UserError(TOO_MUCH.format(amount, what, most))


def _length(stroke: ink.Stroke) -> float:
    return float(np.hypot(*np.diff(stroke, axis=0).T).sum())


def _parse_stroke(points: object, columns: int) -> ink.Stroke:
    """Return one stroke; raises UserError unless it is a list of pairs of finite numbers on the canvas."""
    try:
        stroke = np.array(points)
    except (ValueError, OverflowError) as error:  # lists of unequal lengths
        raise UserError(UNREADABLE) from error
    if stroke.dtype.kind not in "if" or stroke.ndim != 2 or stroke.shape[1] != 2:
        raise UserError(UNREADABLE)
    if not ((stroke >= 0) & (stroke <= (columns, CELLS))).all():  # nor is NaN
        raise UserError(UNREADABLE)
    return stroke.astype(np.float64)
