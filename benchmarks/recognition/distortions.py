"""Distortions: the same strokes as drawn by unsteady hands, in a hurry and on slow computers.

Every distortion takes a digit, strokes float (n, 2) with x to the right and y down, and a random generator, and returns
a new digit. The same state of the generator gives the same digit. Digits of the size `SMALL`, for which the canvas's
pixels count, are drawn by `benchmarks.recognition.accuracy` on the canvas itself.
"""

from collections.abc import Callable

import numpy as np

from benchmarks.support.pen_strokes import Digit
from digits.drawing import ink

POINTS = 10  # of each stroke, where the pointer is seldom sampled
JITTER = 0.02  # of the digit's longest side: the standard deviation of each point, in x and in y
ANGLE = 20.0  # degrees, at most, either way
SLANT = 0.4  # horizontal shift per unit of height, at most, either way: 22 degrees
STRETCH = (0.6, 1.6)  # width by height, as a multiple of what it was
SMALL = 0.15  # of the canvas: the longest side of a small digit

Distortion = Callable[[Digit, np.random.Generator], Digit]


def sample_seldom(digit: Digit, rng: np.random.Generator) -> Digit:
    """Return every stroke as ten points, evenly along its length and joined by straight lines."""
    return [_resample(np.asarray(stroke, np.float64)) for stroke in digit]


def jitter(digit: Digit, rng: np.random.Generator) -> Digit:
    """Move every point independently, normally distributed."""
    deviation = JITTER * ink.extent(digit)
    return [stroke + rng.normal(0, deviation, stroke.shape) for stroke in digit]


def turn(digit: Digit, rng: np.random.Generator) -> Digit:
    """Turn the digit by an angle that is uniform within the limits."""
    angle = np.deg2rad(rng.uniform(-ANGLE, ANGLE))
    cos, sin = np.cos(angle), np.sin(angle)
    return [stroke @ np.array([[cos, sin], [-sin, cos]]) for stroke in digit]


def slant(digit: Digit, rng: np.random.Generator) -> Digit:
    """Shift the digit sideways in proportion to the height, uniform within the limits."""
    shift = rng.uniform(-SLANT, SLANT)
    return [stroke @ np.array([[1, 0], [shift, 1]]) for stroke in digit]


def stretch(digit: Digit, rng: np.random.Generator) -> Digit:
    """Make the digit wider or narrower, the logarithm of the factor uniform within the limits."""
    factor = np.exp(rng.uniform(*np.log(STRETCH)))
    return [stroke * (factor, 1) for stroke in digit]


DISTORTIONS: dict[str, Distortion] = {
    "ten_points_a_stroke": sample_seldom,
    "jitter": jitter,
    "turned": turn,
    "slanted": slant,
    "stretched": stretch,
}


def _resample(stroke: np.ndarray) -> np.ndarray:
    """Return POINTS points float64 at even distances along a stroke; a dot stays where it is."""
    along = np.concatenate([[0], np.cumsum(np.hypot(*np.diff(stroke, axis=0).T))])
    at = np.linspace(0, along[-1], POINTS)
    return np.stack([np.interp(at, along, axis) for axis in stroke.T], axis=1)
