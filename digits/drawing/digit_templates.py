"""Digit templates: digits as strokes, in the ways that schools and habits teach, each drawing with a hand of its own.

MNIST was written by Americans in the 1990s; a zero with a slash, a one with a foot or a four in one stroke is rare
there. A template is a few strokes through points in a unit square, x to the right and y down. A drawing moves every
point, slants and stretches the whole.
"""

from collections.abc import Callable

import numpy as np

from digits.drawing import ink

UNSTEADINESS = (0.01, 0.09)  # standard deviation by which the points of a drawing move, of its height
SLANT = (-0.15, 0.45)  # horizontal shift per unit of height, to the right at the top
ASPECT = 0.45  # natural logarithm of the change of width, either way

Template = Callable[[np.random.Generator], list[ink.Stroke]]


def strokes(templates: list[tuple[float, Template]], rng: np.random.Generator) -> list[ink.Stroke]:
    """Return a drawing of one of the templates, each taken as often as its weight says."""
    weights, choices = zip(*templates, strict=True)
    drawn = choices[rng.choice(len(choices), p=np.array(weights) / sum(weights))](rng)
    slanted = np.array([[1, 0], [-rng.uniform(*SLANT), 1]])
    stretch = [np.exp(rng.uniform(-ASPECT, ASPECT)), 1]
    return [stroke @ slanted * stretch for stroke in drawn]


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


def _oval(rng: np.random.Generator) -> list[ink.Stroke]:
    """A zero: narrow, round or flat, begun somewhere above, closed, overlapping, spiralling or left open, with ends."""
    sweep = np.deg2rad(rng.choice([rng.uniform(300, 350), rng.uniform(350, 380), rng.uniform(380, 450)]))
    angle = np.deg2rad(rng.normal(-75, 60)) + rng.choice([-1, -1, -1, 1]) * np.linspace(0, sweep, 40)
    radius = np.linspace(1 + rng.normal(0, 0.2), 1 + rng.normal(0, 0.2), 40)
    width = rng.choice([rng.uniform(0.25, 0.6), rng.uniform(0.25, 0.6), rng.uniform(0.6, 1.0)])
    ring = 0.5 + radius[:, None] * np.stack([width * np.cos(angle), 0.5 * np.sin(angle)], axis=1)
    lead, trail = (end + rng.uniform(-0.25, 0.25, (1, 2)) for end in (ring[:1], ring[-1:]))
    has_lead, has_trail = rng.random(2) < 0.25
    return [np.concatenate([*([lead] if has_lead else []), ring, *([trail] if has_trail else [])])]


def _slashed(rng: np.random.Generator) -> list[ink.Stroke]:
    """A zero with a line through it, at any slope but mostly rising, short or long."""
    (ring,) = _oval(rng)
    angle = np.deg2rad(rng.choice([rng.uniform(30, 75), rng.uniform(30, 75), rng.uniform(-60, 120)]))
    low, high = ring.min(axis=0), ring.max(axis=0)
    along = np.array([np.cos(angle), -np.sin(angle)])
    radius = 1 / np.hypot(*(2 * along / (high - low)))  # of the zero, as an ellipse
    middle = (low + high) / 2 + rng.normal(0, 0.05, 2)
    reach = radius * rng.uniform(0.7, 1.9, 2)
    return [ring, np.array([middle - reach[0] * along, middle + reach[1] * along])]


def _stem(rng: np.random.Generator) -> np.ndarray:
    """The stem of a one, straight or bent, from the top at the origin to the foot, one unit below: (3, 2)."""
    bend, foot = rng.normal(0, 0.03), rng.normal(0, 0.05)
    return np.array([(0, 0), (foot / 2 + bend, 0.5), (foot, 1)])


def _flagged(rng: np.random.Generator) -> list[ink.Stroke]:
    """A one with a flag: the flatter it lies, the shorter it is, or the one would be a seven."""
    angle = np.deg2rad(rng.uniform(15, 90))  # from the vertical
    length = rng.uniform(0.12, 0.62 - 0.42 * angle / np.deg2rad(90))
    start = length * np.array([-np.sin(angle), np.cos(angle)])
    bend = start / 2 + rng.normal(0, 0.1 * length, 2)
    dip = [start + rng.uniform((-0.02, 0.04), (0.06, 0.14))] if rng.random() < 0.4 else []
    return [np.concatenate([smooth(np.array([*dip, start, bend, (0, 0)])), smooth(_stem(rng))])]


def _ticked(rng: np.random.Generator) -> list[ink.Stroke]:
    """A one that ends in a short stroke back up, mostly to the left, with or without a flag."""
    stem = _stem(rng)
    angle = np.deg2rad(rng.uniform(5, 40))  # from the vertical
    length = rng.uniform(0.12, 0.45)
    tick = stem[-1] + length * np.array([rng.choice([-1, -1, -1, 1]) * np.sin(angle), -np.cos(angle)])
    flag = [np.array([(-rng.uniform(0.05, 0.3), rng.uniform(0.05, 0.3))])] if rng.random() < 0.25 else []
    return [np.concatenate([*flag, smooth(stem), [tick]])]


def _loop_and_stem(rng: np.random.Generator) -> list[ink.Stroke]:
    """A nine with a loop of any size, open or closed, and a stem that is straight, curved or hooked."""
    size, openness = rng.uniform(0.14, 0.34), rng.uniform(-0.4, 0.5)
    angle = np.linspace(-openness, -2 * np.pi, 20)
    x = 0.6 - size + size * np.cos(angle)
    y = size + size * rng.uniform(0.15, 1.1) * np.sin(angle) - rng.uniform(-0.3, 0.6) * (x - 0.6)
    foot = np.array([rng.uniform(0.3, 0.65), 1.0])
    bend = np.array([(x[-1] + foot[0]) / 2 + 0.03, (y[-1] + 1) / 2])
    hook = [foot - [0.15, -0.03], foot - [0.35, 0.08]] if rng.random() < 0.35 else []
    stem = smooth(np.array([(x[-1], y[-1]), bend, foot, *hook]))
    return [np.concatenate([np.stack([x, y], axis=1), stem])]


TEMPLATES: dict[int, list[tuple[float, Template]]] = {  # of each digit: weight and template
    0: [(5, _oval), (4, _slashed)],
    1: [
        (1, through("50,0 50,100")),
        (1, through("10,30 30,16 52,0! 46,100")),
        (2, through("20,32 50,0! 50,100", "22,100 78,100")),
        (1, through("12,24 52,0! 44,100", "14,100 90,100")),
        (1, through("24,10 48,2! 50,98! 20,100")),
        (1, through("35,12 50,0! 50,100! 30,100! 72,98")),
        (1, through("10,62 30,35 50,0! 50,100")),
        (6, _flagged),
        (5, _ticked),
        (1, through("52,0 46,60 52,92 66,96")),
    ],
    2: [
        (3, through("12,26 35,2 74,10 72,38 40,72 8,100! 92,99")),
        (3, through("12,26 35,2 74,10 70,40 35,82 12,96 16,80 36,84 60,98 94,92")),
        (1, through("10,12 50,0 86,6! 60,45 10,100! 90,100")),
        (1, through("25,40 18,15 45,0 72,14 62,46 26,86 8,92 14,78 34,86 62,100 96,84")),
        (1, through("14,6 60,2 78,20 52,58 16,96! 60,90 88,98")),
    ],
    3: [
        (3, through("12,12 45,0 74,18 42,46! 80,66 52,100 8,90")),
        (2, through("12,2 80,2! 42,42! 82,66 52,100 8,90")),
        (1, through("14,14 50,0 76,20 48,48 36,46 46,42 82,66 50,100 10,86")),
        (1, through("8,6 72,4 40,44! 76,56 74,90 40,100 4,92")),
    ],
    4: [
        (3, through("35,0 12,60! 92,58", "64,25 60,100")),
        (2, through("18,0 12,50 28,60 88,52", "74,0 68,100")),
        (2, through("60,0 8,66! 95,64", "62,2 60,100")),
        (1, through("66,100 68,4! 8,64! 94,62")),
        (1, through("14,4 12,46 40,54 72,42! 76,2! 68,100")),
        (1, through("58,4 30,34 8,66! 60,60 92,58! 70,24! 58,100")),
        (1, through("84,58 10,62 46,14 66,0! 62,100")),
        (2, through("56,0 16,58! 88,62 86,46 62,44 54,100")),
        (1, through("40,0 18,56! 84,50 60,36 46,100")),
        (2, through("16,4 20,36 46,42 70,36!", "74,0 62,100")),
    ],
    5: [
        (3, through("22,4 18,44! 52,36 82,62 60,96 10,94", "22,4 84,2")),
        (2, through("84,2 24,4! 18,46! 54,36 82,64 56,98 10,92")),
        (1, through("80,8 40,4 22,28 62,46 76,74 46,98 8,90")),
        (1, through("78,0 30,2! 26,44! 76,50 74,92 14,98")),
        (1, through("20,10 18,44! 52,38 80,64 56,98 10,94", "34,4 96,-4")),
        (1, through("84,4 36,6 26,32 68,52 66,90 30,100 8,86")),
        (1, through("80,2 46,4! 28,38! 66,46 70,84 38,100 8,92")),
        (1, through("24,0 20,42 50,36 78,60 56,96 12,92", "24,2 88,6")),
    ],
    6: [
        (3, through("66,2 28,30 14,72 44,100 76,78 56,54 18,70")),
        (2, through("40,0 16,50 22,92 58,98 70,72 46,58 20,76")),
        (1, through("78,6 50,2 20,40 14,78 44,100 78,80 62,56 22,66")),
        (1, through("56,0 18,60 26,96 60,94 60,70 38,66 22,84")),
        (1, through("46,0 22,34 14,72 44,100 78,74 62,42 26,56")),
        (1, through("52,0 24,30 18,74 46,100 74,72 52,36 30,50")),
        (1, through("34,0 12,60 30,98 60,90 78,44 58,54 38,78")),
    ],
    7: [
        (2, through("10,4 86,2! 40,100")),
        (2, through("10,4 86,2! 40,100", "32,50 80,48")),
        (1, through("12,20 12,4! 84,2! 58,46 48,100")),
        (1, through("12,20 14,4! 84,2! 56,46 44,100", "30,52 82,48")),
        (1, through("6,12 26,2 52,10 84,2! 46,100")),
        (2, through("8,10 30,2 84,4! 40,100! 62,80")),
        (2, through("10,8 40,2 76,8! 38,100! 74,58")),
        (2, through("8,26 34,6 78,6 62,50 44,100", "26,52 84,50")),
        (1, through("6,20 30,4 70,10 58,54 30,100", "22,54 94,66")),
        (1, through("8,20 30,4 76,8 70,40 46,72 40,100")),
        (1, through("14,6 84,6! 36,100! 18,96")),
        (2, through("26,8 72,2! 46,100")),
    ],
    8: [
        (3, through("74,14 44,0 22,24 54,46 80,74 48,100 16,78 44,50 74,26 72,10")),
        (1, through("50,48 22,26 46,0 74,22 50,48 22,76 48,100 78,76 52,48")),
        (1, through("50,0 24,22 50,46 74,22 50,0", "50,46 18,74 50,100 80,74 50,46")),
        (2, through("84,6 48,2 24,24 56,48 78,76 46,100 18,78 50,46 88,4")),
        (1, through("26,4 50,44 76,80 48,100 20,80 50,46 76,6")),
        (3, through("20,2 28,30 66,48 78,80 46,100 16,80 46,48 80,6")),
        (1, through("28,0 24,26 44,42 70,26 66,2! 70,26 44,44 20,76 50,100 78,78 52,46")),
        (1, through("78,4 34,8 30,34 70,52 78,82 46,100 18,80 40,54 66,40")),
        (1, through("70,22 46,0 22,24 54,46 80,74 48,100 16,78 44,50 62,34")),
    ],
    9: [
        (4, _loop_and_stem),
        (2, through("72,14 40,0 16,26 44,48 72,16! 70,60 60,100")),
        (2, through("74,16 44,0 18,26 46,46 74,12! 74,66 50,98 14,88")),
        (1, through("66,8 22,18 30,42 68,12! 50,60 40,100")),
        (1, through("74,6 26,4 22,42 72,38", "76,2 72,100")),
    ],
}
