"""Signs between digits, drawn with a shaken hand: point, comma, minus and plus, no two alike.

Ranges are uniform; lengths are in heights of a digit.
"""

import numpy as np

from benchmarks.support.pen_strokes import Digit

BETWEEN = ".,-+"  # digits
LEADING = "-"  # before a number
POINT = (0.0, 0.06)  # how far the pen slips
COMMA, LEAN = (0.2, 0.35), (0.0, 0.7)  # height, and the way to the left by height
ABOVE = (0.0, 0.08)  # from the top of a comma to the base line
MINUS, PLUS = (0.25, 0.6), (0.35, 0.6)  # length of each stroke
MIDDLE = (0.42, 0.58)  # height of a minus or a plus above the base line
TILT = 0.12  # radians, standard deviation of a stroke's direction
SHAKE = 0.012  # standard deviation of each point
POINTS = 9  # of a stroke


def strokes(sign: str, rng: np.random.Generator) -> Digit:
    """Return a sign of a digit 1 high that stands on 0, x from 0 to the right and y down: float (n, 2) each."""
    if sign == ".":
        drawn = [_line(np.zeros(2), rng.normal(0, 1, 2) * rng.uniform(*POINT))[: rng.integers(1, POINTS)]]
    elif sign == ",":
        height = rng.uniform(*COMMA)
        top = np.array([0, -rng.uniform(*ABOVE)])
        drawn = [_line(top, top + height * np.array([-rng.uniform(*LEAN), 1]))]
    else:
        middle = np.array([0, -rng.uniform(*MIDDLE)])
        ways = [_way(0, rng.uniform(*(MINUS if sign == "-" else PLUS)), rng)]
        if sign == "+":
            ways.append(_way(np.pi / 2, rng.uniform(*PLUS), rng))
        drawn = [_line(middle - way / 2, middle + way / 2) for way in ways]
    drawn = [stroke + rng.normal(0, SHAKE, stroke.shape) for stroke in drawn]
    return [stroke - (np.concatenate(drawn)[:, 0].min(), 0) for stroke in drawn]


def _line(start: np.ndarray, end: np.ndarray) -> np.ndarray:
    return np.linspace(start, end, POINTS)


def _way(direction: float, length: float, rng: np.random.Generator) -> np.ndarray:
    angle = direction + rng.normal(0, TILT)
    return length * np.array([np.cos(angle), np.sin(angle)])


def before(count: int, rng: np.random.Generator) -> list[str]:
    """Return what stands before each of that many digits, 2 or more: a sign or two, and "" before the others."""
    signs = [""] * count
    for place in rng.choice(count, rng.integers(1, 3), replace=False).tolist():
        signs[place] = str(rng.choice(list(BETWEEN if place else LEADING)))
    return signs
