"""Digits drawn from templates: pictures of them by pens of any width, and by felt-tips on paper.

`digits/drawing/digit_templates.py` gives the strokes; they go through `ink.normalize`, as the window's do.
"""

import numpy as np

from digits.drawing import digit_templates, ink
from digits.drawing.digit_templates import TEMPLATES
from digits.drawing.template_shapes import Template
from digits.images.mnist_layout import to_mnist

PEN_WIDTHS = (1.5, 4.5)  # pixels of the normalised picture, the broad ones rare
LOOPED = (0, 6, 8, 9)  # digits that a broad pen would fill: a narrow zero would be a one ...
LOOP_PEN = 0.36  # ... and so it is at most this share of their shorter side
FELT_TIPS = 0.15  # share of the drawings that a broad pen makes on paper: `mnist_layout` thins those
FELT_PENS = (0.15, 0.4)  # of the strokes' longest side
PAPER_SIDE = 40  # pixels, that side on the paper
WEIGHTS = np.array(
    [3, 4, 2, 2, 3, 2, 2, 4, 2, 3]
)  # of 0 to 9: how much more ways to write them there are than in MNIST


def draw(labels: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return one picture per label: uint8 (n, 28, 28) of digits (n,)."""
    drawn = [write(TEMPLATES[label], rng, has_loops=label in LOOPED) for label in labels]
    return np.array(drawn, np.uint8).reshape(-1, ink.SIZE, ink.SIZE)


def choose(count: int, rng: np.random.Generator, left_out: int | None = None) -> np.ndarray:
    """Return labels to draw, int (count,), those more often that are written in more ways, and one of them never."""
    weights = np.where(np.arange(10) == left_out, 0, WEIGHTS)
    return rng.choice(10, count, p=weights / weights.sum())


def write(templates: list[tuple[float, Template]], rng: np.random.Generator, has_loops: bool = False) -> np.ndarray:
    """Return the picture, uint8 (28, 28), of one of the templates, each taken as often as its weight says."""
    strokes = digit_templates.strokes(templates, rng)
    sides = np.ptp(np.concatenate(strokes), axis=0)
    broadest = max(LOOP_PEN * sides.min() / sides.max(), PEN_WIDTHS[0] / ink.DIGIT_SIDE) if has_loops else 1.0
    if rng.random() < FELT_TIPS:
        return _on_paper(strokes, min(rng.uniform(*FELT_PENS), broadest))
    pen = np.exp(rng.uniform(*np.log(PEN_WIDTHS)))
    return ink.normalize(strokes, float(min(pen, broadest * ink.DIGIT_SIDE)))


def _on_paper(strokes: list[ink.Stroke], pen: float) -> np.ndarray:
    """Return the picture of strokes that were drawn on paper with a pen of that share of their longest side."""
    scale = PAPER_SIDE / ink.extent(strokes)
    low, high = (pick(np.concatenate(strokes), axis=0) * scale for pick in (np.min, np.max))
    margin = pen * PAPER_SIDE / 2 + 1
    height, width = np.ceil(high - low + 2 * margin).astype(int)[::-1]
    drawn = ink.rasterize([stroke * scale - low + margin for stroke in strokes], pen * PAPER_SIDE, (height, width))
    return to_mnist(drawn / 255)
