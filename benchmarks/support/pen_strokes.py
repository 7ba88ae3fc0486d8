"""Digits drawn with a pen: read from a file, made up, and placed on a canvas.

The file is an .npz of `points` float32 (n, 2), x right and y down in any unit, `stroke_offsets` and
`digit_offsets` (where each stroke's points and each digit's strokes begin, with a sentinel at the end), and per digit
`label` 0-9, `writer` (a name) and `suspect` (true where the label may be wrong).
"""

import zipfile
from pathlib import Path
from typing import NamedTuple

import numpy as np

from benchmarks.support import template_digits
from digits.system.files import UserError

ARRAYS = ("points", "stroke_offsets", "digit_offsets", "label", "writer", "suspect")
PLACEMENTS = ("anywhere", "centred")
SMALLEST, LARGEST = 0.30, 0.95  # of the canvas: the longest side of a digit drawn anywhere
CENTRED = 0.70  # ... and of one drawn in the middle

POINTS_BETWEEN = 8  # made-up points from one corner of a digit to the next

Digit = list[np.ndarray]  # its strokes, float (n, 2) each


class PenDigits(NamedTuple):
    """Digits with what is known of each: labels uint8, writers str, suspects bool, (n,) each."""

    digits: list[Digit]
    labels: np.ndarray
    writers: np.ndarray
    suspects: np.ndarray


def read(path: Path, limit: int | None = None, in_order: bool = False) -> PenDigits:
    """Return the digits of a file, or the first `limit` of them, shuffled or as they were written; raises UserError."""
    try:
        with np.load(path) as file:
            points, strokes, digits, labels, writers, suspects = (file[name] for name in ARRAYS)
    except (OSError, EOFError, ValueError, TypeError, KeyError, zipfile.BadZipFile) as error:
        raise UserError(f"{path} is not a file of pen strokes, an .npz with {', '.join(ARRAYS)} ({error}).") from error
    order = np.arange(len(labels)) if in_order else np.random.default_rng(0).permutation(len(labels))
    chosen = order[:limit]  # shuffled, because neighbours are of one writer
    return PenDigits(
        [
            [points[strokes[stroke] : strokes[stroke + 1]] for stroke in range(digits[index], digits[index + 1])]
            for index in chosen
        ],
        labels[chosen],
        writers[chosen],
        suspects[chosen],
    )


def made_up(count: int, seed: int = 0) -> PenDigits:
    """Return digits drawn from templates, 0 to 9 in turn, no two alike."""
    rng = np.random.default_rng(seed)
    labels = np.arange(count, dtype=np.uint8) % 10
    digits = [[_dense(stroke) for stroke in template_digits.strokes(int(label), rng)] for label in labels]
    return PenDigits(digits, labels, np.full(count, "made up"), np.zeros(count, bool))


def place(digit: Digit, side: int, placement: str, rng: np.random.Generator) -> Digit:
    """Return the strokes as whole pixels of a canvas that is `side` pixels wide and high, wholly inside it.

    placement: "anywhere", in any size from SMALLEST to LARGEST, or "centred", in the middle and of one size.
    Returns int (n, 2) per stroke, within [0, side - 1].
    """
    share = CENTRED if placement == "centred" else rng.uniform(SMALLEST, LARGEST)
    return fit(digit, side, share, 0.5 if placement == "centred" else rng.random(2))


def fit(digit: Digit, side: int, share: float, spot: float | np.ndarray) -> Digit:
    """Return the strokes as whole pixels of a canvas of `side` pixels, their longest side that share of it.

    spot: where in the room that is left, from 0, left or top, to 1, right or bottom; one number or (x, y).
    Returns int (n, 2) per stroke, within [0, side - 1].
    """
    points = np.concatenate(digit)
    low, box = points.min(axis=0), np.ptp(points, axis=0)
    scale = share * (side - 1) / max(box.max(), 1e-9)
    corner = (side - 1 - box * scale) * spot
    return [np.rint((stroke - low) * scale + corner).astype(int) for stroke in digit]


def _dense(corners: np.ndarray) -> np.ndarray:
    """Return a stroke through the same corners with as many points as a pen would give it."""
    at = np.linspace(0, len(corners) - 1, (len(corners) - 1) * POINTS_BETWEEN + 1)
    return np.stack([np.interp(at, range(len(corners)), axis) for axis in corners.T], axis=1)
