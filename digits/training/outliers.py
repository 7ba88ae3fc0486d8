"""Outliers, from which a network learns to doubt: scribbles, letters, made-up signs, turned and paired digits.

The network is shown them with the target "all ten equally" (Hendrycks, Mazeika and Dietterich, "Deep anomaly
detection with outlier exposure", 2019); two digits beside each other are half that and half the two. The letters leave
out those that are a digit in somebody's hand, such as O and Z, as the marks leave out the square and the zigzag of a
flash. Of the symbols by which `benchmarks.recognition.accuracy` measures doubt, a third are of a kind that is among the
marks, drawn here from points of their own.
"""

from collections.abc import Callable

import numpy as np

from digits.drawing import ink
from digits.drawing.template_shapes import smooth, through
from digits.training.synthetic_digits import write

TURNABLE = (2, 3, 4, 5, 7)  # digits that are none after a quarter turn
PAIR_EVERY = 8  # pictures, one of which is a pair
MIRRORABLE = (3, 4, 6, 7, 9)  # and these in a mirror
NODES = np.array([(x, y) for y in range(3) for x in range(3)], float)  # between which made-up signs are drawn

LETTERS = [
    (1.0, through(*strokes))
    for strokes in (
        ("5,100 48,0! 95,100", "22,62 78,60"),  # A
        ("88,14 50,0 12,24 8,70 46,100 90,86"),  # C
        ("14,0 14,100", "14,0 70,8 86,50 66,92 14,100"),  # D
        ("82,2 14,0! 12,100! 86,98", "12,48 68,48"),  # E
        ("84,0 14,2! 12,100", "12,46 66,46"),  # F
        ("86,12 46,0 10,40 30,94 84,84 88,56! 54,56"),  # G
        ("10,0 12,100", "84,0 82,100", "12,50 84,48"),  # H
        ("30,0 86,0", "60,0 60,76 36,100 8,78"),  # J
        ("12,0 12,100", "80,4 14,56! 84,100"),  # K
        ("14,0 12,98! 82,98"),  # L
        ("4,100 16,0! 50,68! 84,0! 96,100"),  # M
        ("10,100 14,0! 80,100! 84,0"),  # N
        ("14,0 12,100", "14,4 76,8 74,46 14,54"),  # P
        ("50,0 10,40 34,96 84,76 82,20 50,0", "60,68 96,104"),  # Q
        ("14,0 12,100", "14,2 74,10 70,44 14,52! 82,100"),  # R
        ("4,2 94,0", "50,2 48,100"),  # T
        ("10,0 12,70 48,100 84,72 86,0"),  # U
        ("6,0 48,100! 92,0"),  # V
        ("0,0 24,100! 50,30! 74,100! 100,0"),  # W
        ("8,0 90,100", "90,0 8,100"),  # X
        ("8,0 48,48! 90,0", "48,48 46,100"),  # Y
        ("74,44 36,36 12,68 34,100 70,80 76,42! 80,98"),  # a
        ("78,40 40,32 10,66 36,100 72,78 78,40! 76,84 104,96"),
        ("70,46 32,40 14,74 38,100 72,78", "76,0 74,98"),  # d
        ("14,70 78,62 50,38 14,62 36,100 82,88"),  # e
        ("76,8 50,2 42,30 40,100", "14,44 72,42"),  # f
        ("16,0 14,100! 18,58 54,44 74,62 76,100"),  # h
        ("50,34 50,100", "50,4 51,8"),  # i
        ("52,34 50,110 20,128", "54,4 55,8"),  # j
        ("16,0 16,100", "70,40 18,70! 76,100"),  # k
        ("6,42 8,100! 10,58 34,44 46,60 46,100! 50,56 76,44 88,62 90,100"),  # m
        ("16,42 16,100! 20,56 56,42 74,60 76,100"),  # n
        ("16,40 14,130", "16,50 58,38 80,66 52,100 16,88"),  # p
        ("18,42 18,100! 22,58 48,42 72,46"),  # r
        ("44,4 42,80 58,100 82,88", "14,40 78,38"),  # t
        ("14,40 16,80 44,100 74,78 78,42! 80,100"),  # u
    )
    for strokes in [strokes if isinstance(strokes, tuple) else (strokes,)]
]

MARKS = [
    (1.0, through(*strokes))
    for strokes in (
        ("50,0 50,100", "0,50 100,50"),  # plus
        ("0,50 100,50",),  # dash
        ("0,70 120,0",),  # slash, flat
        ("0,0 120,70",),  # backslash, flat
        ("50,0 20,25 12,50 20,75 50,100",),  # brackets
        ("12,0 42,25 50,50 42,75 12,100",),
        ("0,0 100,100", "100,0 0,100"),  # times
        ("0,20 100,20", "0,60 100,60"),  # equals
        ("50,0 48,66", "48,94 49,97"),  # exclamation mark
        ("8,22 40,0 76,16 50,44 44,66", "44,92 45,95"),  # question mark
        ("0,56 34,94! 110,0",),  # tick
        ("0,56 34,94! 110,0",),
        ("0,56 70,0! 140,52",),  # caret, wider than a one with a long flag
        ("50,0 50,100", "4,62 50,100! 96,60"),  # arrows
        ("50,100 50,0", "4,38 50,0! 96,40"),
        ("0,50 130,50", "88,6 130,50! 90,94"),
        ("130,50 0,50", "42,6 0,50! 40,94"),
        ("0,90 60,0! 120,92 0,90",),  # triangle
    )
]

EVEN = np.full(10, 0.1, np.float32)

Kind = Callable[[np.ndarray, np.ndarray, np.random.Generator], np.ndarray]


def draw(
    count: int, pictures: np.ndarray, labels: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Return pictures, uint8 (count, 28, 28), and the probabilities to be given to them, float32 (count, 10).

    A share are pairs, made from the digits given, uint8 (n, 28, 28) and labels (n,), as turned digits are.
    """
    num_pairs = count // PAIR_EVERY
    pairs = rng.integers(len(labels), size=(num_pairs, 2))
    drawn = [pair(pictures[one], pictures[other], rng) for one, other in pairs]
    drawn += [KINDS[index % len(KINDS)](pictures, labels, rng) for index in range(count - num_pairs)]
    known = np.eye(10, dtype=np.float32)[labels[pairs]].mean(axis=1)
    targets = np.concatenate([(known + EVEN) / 2, np.tile(EVEN, (count - num_pairs, 1))])
    return np.array(drawn, np.uint8).reshape(-1, ink.SIZE, ink.SIZE), targets


def scribble(pictures: np.ndarray, labels: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Draw a line that wanders to and fro."""
    turns = rng.uniform(0, 1, (rng.integers(8, 25), 2)) * rng.uniform(0.4, 1, 2)
    return ink.normalize([smooth(turns)])


def letter(pictures: np.ndarray, labels: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Write a letter, large or small."""
    return write(LETTERS, rng)


def sign(pictures: np.ndarray, labels: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Draw four to six strokes, straight or bulging, between nine nodes: a letter of an unknown alphabet."""
    nodes = NODES * [rng.uniform(0.6, 1.2), 1] + rng.normal(0, 0.08, (9, 2))
    count, bulging = rng.integers(4, 7), rng.choice([0.0, 0.6])
    return ink.normalize([_bend(nodes[rng.choice(9, 2, replace=False)], bulging, rng) for _ in range(count)])


def tangle(pictures: np.ndarray, labels: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Draw three or four short lines that lie across each other."""
    return ink.normalize([smooth(rng.uniform(0, 1, (rng.integers(3, 6), 2))) for _ in range(rng.integers(3, 5))])


def mark(pictures: np.ndarray, labels: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Draw a plus, a dash, a slash that lies flatter than ones do, a bracket, a tick, an arrow, a stop, a triangle."""
    return write(MARKS, rng)


def blob(pictures: np.ndarray, labels: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Fill a spot of ink: round, long or dented."""
    angle = np.linspace(0, 2 * np.pi, 24, endpoint=False)
    waves = [rng.normal(0, 0.12 / n) * np.cos(n * angle + rng.uniform(0, 2 * np.pi)) for n in (2, 3, 4)]
    outline = (1 + np.sum(waves, axis=0))[:, None] * np.stack(
        [rng.uniform(0.6, 1) * np.cos(angle), np.sin(angle)], axis=1
    )
    rings = [outline * scale for scale in np.linspace(0.1, 1, 8)]
    return ink.normalize([np.concatenate([ring, ring[:1]]) for ring in rings], 3.0)


def turned(pictures: np.ndarray, labels: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Lay a digit on its side, or show it in a mirror."""
    if rng.random() < 0.6:
        return np.rot90(_choose(pictures, labels, TURNABLE, rng), rng.choice([1, 3]))
    return _choose(pictures, labels, MIRRORABLE, rng)[:, ::-1]


def pair(left: np.ndarray, right: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Put two digits side by side, as wide together as one."""
    shift = rng.integers(ink.SIZE // 2, ink.SIZE - 4)
    both = np.zeros((ink.SIZE, ink.SIZE + shift), np.uint8)
    both[:, : ink.SIZE] = left
    both[:, shift:] = np.maximum(both[:, shift:], right)
    return _narrowed(both)


KINDS: tuple[Kind, ...] = (
    scribble,
    letter,
    letter,
    sign,
    sign,
    tangle,
    turned,
    mark,
    mark,
    blob,
)  # each as often as it stands here


def _narrowed(wide: np.ndarray) -> np.ndarray:
    """Return a picture (28, w) made 28 wide, and as much less high."""
    scale = wide.shape[1] / ink.SIZE
    columns = np.round(np.linspace(0, wide.shape[1] - 1, ink.SIZE)).astype(int)
    middle = (ink.SIZE - 1) / 2
    rows = np.round((np.arange(ink.SIZE) - middle) * scale + middle).astype(int)
    inside = (rows >= 0) & (rows < ink.SIZE)
    picture = wide[np.ix_(np.clip(rows, 0, ink.SIZE - 1), columns)]
    return np.where(inside[:, None], picture, 0).astype(np.uint8)


def _choose(pictures: np.ndarray, labels: np.ndarray, wanted: tuple[int, ...], rng: np.random.Generator) -> np.ndarray:
    """Return a random picture of the digits wanted; any picture where there is none of them."""
    candidates = np.flatnonzero(np.isin(labels, wanted))
    return pictures[rng.choice(candidates) if len(candidates) else rng.integers(len(labels))]


def _bend(ends: np.ndarray, bulging: float, rng: np.random.Generator) -> ink.Stroke:
    """Return the line between two points, bulging to a side with that probability."""
    if rng.random() >= bulging:
        return ends
    along = ends[1] - ends[0]
    side = rng.choice([-1, 1]) * rng.uniform(0.3, 0.6) * np.array([-along[1], along[0]])
    t = np.linspace(0, 1, 12)[:, None]
    return ends[0] + t * along + np.sin(np.pi * t) * side
