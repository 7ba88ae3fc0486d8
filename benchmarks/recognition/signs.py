"""Outliers: letters, symbols, scribbles, dots and empty drawings, no two alike; and block digits, drawn like them.

Signs with the shape of a digit, such as a capital O, are a separate group (`LOOKALIKES`). The same state of the random
generator gives the same drawing.
"""

from collections.abc import Callable

import numpy as np

from benchmarks.recognition.sign_templates import BLOCK_DIGITS, LETTERS, LOOKALIKES, SYMBOLS, Template
from benchmarks.support import on_canvas, pen_strokes
from benchmarks.support.pen_strokes import Digit

JITTER = 0.35  # units of the templates' box: standard deviation of each corner
WARP = 0.08  # standard deviation of the four numbers of the matrix that turns, slants and stretches
POINTS_BETWEEN = 8  # drawn from one corner to the next
SHARES = (0.3, 0.9)  # of the canvas: the longest side of a sign
LARGEST_DOT = 0.04  # of the canvas: half of the dots are a single point, half a blot as wide as this

Draw = Callable[[np.random.Generator], Digit]


def groups() -> dict[str, dict[str, Draw]]:
    """Return a function that draws each sign, in whole pixels of the window's canvas, by group and name."""
    templates = {"letters": LETTERS, "symbols": SYMBOLS, "lookalikes": LOOKALIKES}
    return {
        "empty": {"empty": lambda rng: []},
        "dot": {"dot": dot},
        "scribbles": {name: _placed(scribble) for name, scribble in SCRIBBLES.items()},
        **{group: {name: _placed(_drawing(of)) for name, of in signs.items()} for group, signs in templates.items()},
    }


def block_digits() -> dict[str, Draw]:
    """Return a function that draws each digit of straight lines, as `groups` does for signs."""
    return {digit: _placed(_drawing(template)) for digit, template in BLOCK_DIGITS.items()}


def drawn(template: Template, rng: np.random.Generator) -> Digit:
    """Return the strokes of a template with its corners moved, then turned, slanted and stretched at random."""
    matrix = np.eye(2) + rng.normal(0, WARP, (2, 2))
    paths = [np.array(path.corners, float) for path in template]
    moved = [corners + rng.normal(0, JITTER, corners.shape) for corners in paths]
    return [_dense(corners, path.is_smooth) @ matrix for corners, path in zip(moved, template, strict=True)]


def zigzag(rng: np.random.Generator) -> Digit:
    """Return a zigzag down the page, as if to cross a word out."""
    turns = int(rng.integers(6, 14))
    x = np.where(np.arange(turns) % 2, 10, 0) + rng.normal(0, 1.2, turns)
    y = np.linspace(0, rng.uniform(4, 14), turns) + rng.normal(0, 0.6, turns)
    return [_dense(np.stack([x, y], axis=1), bool(rng.integers(2)))]


def tangle(rng: np.random.Generator) -> Digit:
    """Return a smooth stroke through random points."""
    return [_dense(rng.uniform(0, 10, (int(rng.integers(9, 18)), 2)), True)]


def spiral(rng: np.random.Generator) -> Digit:
    """Return a spiral, outwards."""
    turns = rng.uniform(2.5, 5)
    angle = np.linspace(0, 2 * np.pi * turns, 120)
    sense, start = rng.choice([-1, 1]), rng.uniform(0, 2 * np.pi)
    return [np.stack([angle * np.cos(sense * angle + start), angle * np.sin(sense * angle + start)], axis=1)]


def hatching(rng: np.random.Generator) -> Digit:
    """Return parallel strokes."""
    count = int(rng.integers(4, 8))
    ends = [np.array([[x + 3, 0], [x, 10]]) for x in np.linspace(0, 10, count)]
    return [_dense(stroke + rng.normal(0, 0.5, (2, 2)), False) for stroke in ends]


def curls(rng: np.random.Generator) -> Digit:
    """Return a row of loops, as if to try a pen."""
    angle = np.linspace(0, 2 * np.pi * rng.uniform(3, 6), 120)
    wide, high = rng.uniform(1.5, 3), rng.uniform(2, 5)
    return [np.stack([0.6 * angle + wide * np.cos(angle), high * np.sin(angle)], axis=1)]


SCRIBBLES: dict[str, Draw] = {
    "zigzag": zigzag,
    "tangle": tangle,
    "spiral": spiral,
    "hatching": hatching,
    "curls": curls,
}


def dot(rng: np.random.Generator) -> Digit:
    """Return a dot: a single point or a small blot."""
    points = rng.random((int(rng.choice([1, 6])), 2))
    return pen_strokes.fit([points], on_canvas.SIDE, LARGEST_DOT, rng.random(2))


def _drawing(template: Template) -> Draw:
    return lambda rng: drawn(template, rng)


def _placed(draw: Draw) -> Draw:
    """Return a function that draws the same on the window's canvas, in any size and place: int (n, 2) per stroke."""
    return lambda rng: pen_strokes.fit(draw(rng), on_canvas.SIDE, rng.uniform(*SHARES), rng.random(2))


def _dense(corners: np.ndarray, is_smooth: bool) -> np.ndarray:
    """Return a stroke, float64 (n, 2), through the corners; a smooth one as a Catmull-Rom spline.

    Catmull and Rom, "A class of local interpolating splines", 1974.
    """
    if len(corners) == 1:
        return corners
    t = np.linspace(0, len(corners) - 1, (len(corners) - 1) * POINTS_BETWEEN + 1)
    if not is_smooth:
        return np.stack([np.interp(t, range(len(corners)), axis) for axis in corners.T], axis=1)
    padded = np.concatenate([2 * corners[:1] - corners[1:2], corners, 2 * corners[-1:] - corners[-2:-1]])
    first = np.minimum(t.astype(int), len(corners) - 2)
    p0, p1, p2, p3 = (padded[first + k] for k in range(4))
    s = (t - first)[:, None]
    cubic = 2 * p1 + (p2 - p0) * s + (2 * p0 - 5 * p1 + 4 * p2 - p3) * s**2 + (3 * p1 - p0 - 3 * p2 + p3) * s**3
    return cubic / 2
