"""The shapes that templates are made of: splines through shaken points, block letters, and hands that no points list.

A template draws one way of writing a digit or a letter, each time a little differently: strokes in a unit square, x to
the right and y down. Some shapes reach out of the square; `ink.normalize` makes all of them one size.
"""

from collections.abc import Callable

import numpy as np

from digits.drawing import ink

UNSTEADINESS = (0.01, 0.09)  # standard deviation by which the points of a drawing move, of its height

Template = Callable[[np.random.Generator], list[ink.Stroke]]


def through(*strokes: str) -> Template:
    """Return the template of strokes given as "x,y x,y ..." in hundredths, smooth but for corners, "x,y!"."""
    parsed = [[word.rstrip("!").split(",") for word in stroke.split()] for stroke in strokes]
    corners = [[1 + word.endswith("!") for word in stroke.split()] for stroke in strokes]

    def template(rng: np.random.Generator) -> list[ink.Stroke]:
        unsteadiness = rng.uniform(*UNSTEADINESS)
        shaken = [np.array(points, float) / 100 + rng.normal(0, unsteadiness, (len(points), 2)) for points in parsed]
        return [smooth(points.repeat(times, axis=0)) for points, times in zip(shaken, corners, strict=True)]

    return template


def smooth(points: np.ndarray, steps: int = 8) -> ink.Stroke:
    """Return a stroke through the points, float (n, 2), as a Catmull-Rom spline; a point given twice is a corner."""
    padded = np.concatenate([points[:1], points, points[-1:]])
    p0, p1, p2, p3 = padded[:-3, None], padded[1:-2, None], padded[2:-1, None], padded[3:, None]
    t = np.linspace(0, 1, steps)[None, :, None]
    doubled = 2 * p1 + (p2 - p0) * t + (2 * p0 - 5 * p1 + 4 * p2 - p3) * t**2 + (3 * p1 - p0 - 3 * p2 + p3) * t**3
    return doubled.reshape(-1, 2) / 2


def beside(point: np.ndarray, right: float, down: float) -> np.ndarray:
    """Return the point so far to the right of another and below it."""
    return point + np.array([right, down])


def block(*strokes: str, roundest: float = 0.5) -> Template:
    """Return the template of strokes given as "x,y x,y ..." in hundredths: straight lines, their corners rounded.

    Drawings differ in width, in how the points are shaken, and in how much of each line its corners round off: up to
    `roundest`, which is little where the round shape is another digit, as an eight's is a crossed zero.
    """
    parsed = [np.array([word.split(",") for word in stroke.split()], float) / 100 for stroke in strokes]

    def template(rng: np.random.Generator) -> list[ink.Stroke]:
        unsteadiness, rounding = rng.uniform(0, 0.05), rng.choice([0, rng.uniform(0, roundest)])
        width = rng.uniform(0.4, 1.1)
        shaken = [points * [width, 1] + rng.normal(0, unsteadiness, points.shape) for points in parsed]
        return [round_corners(points, rounding) for points in shaken]

    return template


def round_corners(points: np.ndarray, share: float, steps: int = 6) -> ink.Stroke:
    """Return the line through the points (n, 2), each corner a curve that takes that share, 0 to 0.5, of both sides."""
    t = np.linspace(0, 1, steps)[:, None]
    parts = [points[:1]]
    for before, corner, after in zip(points, points[1:], points[2:], strict=False):
        start, end = corner + share * (before - corner), corner + share * (after - corner)
        parts.append((1 - t) ** 2 * start + 2 * t * (1 - t) * corner + t**2 * end)
    return np.concatenate([*parts, points[-1:]])
