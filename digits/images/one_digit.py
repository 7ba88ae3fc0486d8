"""One digit: where a picture shows no more than one, its ink is separated from the paper with more care than a page's.

Several explanations of the greys are tried (polarity, size of the shadows); the one whose ink has the most complete
outline wins. A small digit is cut out and examined again. Greys are float (h, w) in [0, 255].
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from scipy import ndimage

from digits.images.background import DARKEST_PAPER, MIN_CONTRAST
from digits.images.components import is_blob, pen_width
from digits.images.filters import (
    block_side,
    closing,
    downsample,
    label_components,
    pad_edge,
    resample,
    window_extreme,
)
from digits.images.mnist_layout import ink_box, to_mnist

INK_SIDE = 160  # pixels, longest side at which ink is told from paper: averages have less noise than pixels
ZOOM_BELOW = 0.4  # of the longest side: a smaller digit is cut out and examined again
PAPER_SIDE = 96  # pixels, longest side at which the paper's level is estimated
PAPER_BLUR = 0.8  # pixels there, against noise
REACHES = (0.5, 0.25, 0.12)  # of the longest side: dark (or light) that spans more is shadow, not ink
REACH_COST, UNUSUAL_COST = 0.02, 0.1  # of outline, for a shorter reach and for the less likely polarity
UNEVEN_COST = 0.5  # of outline, for each standard deviation of the paper's level as a share of white
LEAST_OUTLINE = 0.5  # share of the outline that is an edge; a slope of the light has next to none
CLEAR_OUTLINE = 0.98  # share of the outline that is an edge; no other explanation is looked for
MIN_SEPARATION = 4.0  # ink above paper, in standard deviations of the paper; noise has 3
CORE, FRINGE = 0.5, 0.3  # of the ink's level: a component needs some of the first, and extends over the second
MIN_COMPONENT = 0.15  # of the main component's longest side: smaller ones are specks ...
MAX_GAP = 0.4  # ... and farther ones not the digit's
BROAD_PEN = 0.15  # of a digit's longest side: half as broad again as the usual pen


class OneDigit(NamedTuple):
    """A digit's picture uint8 (28, 28), and its box (left, top, right, bottom) in the pixels it was found in."""

    picture: np.ndarray
    box: tuple[int, int, int, int]


class LocatedInk(NamedTuple):
    """Ink (h, w) in [0, 1] in blocks of that many pixels a side, the first at (x, y)."""

    ink: np.ndarray
    x: int
    y: int
    block: int

    def box(self) -> tuple[int, int, int, int]:
        """Return left, top, right and bottom of the ink in pixels."""
        top, left, bottom, right = (edge * self.block for edge in ink_box(self.ink))
        return self.x + left, self.y + top, self.x + right, self.y + bottom

    def mask(self) -> np.ndarray:
        """Return where the ink is clear, within its box: bool (h, w)."""
        top, left, bottom, right = ink_box(self.ink)
        return self.ink[top:bottom, left:right] > CORE * self.ink.max()


class Paper(NamedTuple):
    """What the paper would look like without ink: its greys (h, w), and whether ink is darker than it."""

    level: np.ndarray
    is_dark_ink: bool

    def contrast(self, grey: np.ndarray) -> np.ndarray:
        """Return how far greys (h, w) are from paper to full ink: about 0 to about 1."""
        level = resample(self.level, (0, 0, *self.level.shape), grey.shape)
        if self.is_dark_ink:
            return 1 - grey / np.maximum(level, DARKEST_PAPER)  # ink takes the same share of any light
        return (grey - level) / 255


class Levels(NamedTuple):
    """The contrast of paper (mean and standard deviation) and of ink, and the threshold between them."""

    paper: float
    noise: float
    ink: float
    threshold: float


def find_one_digit(grey: np.ndarray) -> OneDigit | None:
    """Return the one digit in greys (h, w), the largest if there are several; None where there is no ink or a blob.

    Dark ink on light paper or the other way round, any size, any place, any pen, shadows across it.
    """
    located = _located(np.asarray(grey))
    if located is None or is_blob(located.mask()):
        return None
    return OneDigit(to_mnist(located.ink), located.box())


def find_broad_digit(grey: np.ndarray) -> OneDigit | None:
    """Return the one digit in greys (h, w) if it hangs together and its pen is broad for its size; None otherwise.

    A page's reader may take the paper within such a digit for ink.
    """
    located = _located(np.asarray(grey))
    if located is None:
        return None
    mask = located.mask()
    is_broad = pen_width(mask) > BROAD_PEN * max(mask.shape) and label_components(mask)[1] == 1
    return OneDigit(to_mnist(located.ink), located.box()) if is_broad and not is_blob(mask) else None


def _located(grey: np.ndarray) -> LocatedInk | None:
    located = _locate(grey, 0, 0)
    if located is None:
        return None
    left, top, right, bottom = located.box()
    side = max(bottom - top, right - left)
    if side <= ZOOM_BELOW * max(grey.shape):
        y, x = max(0, top - side // 2), max(0, left - side // 2)
        located = _locate(grey[y : bottom + side // 2, x : right + side // 2], y, x) or located
    return located


def _locate(grey: np.ndarray, y: int, x: int) -> LocatedInk | None:
    found = _find_ink(np.asarray(downsample(grey, INK_SIDE), np.float64))
    return None if found is None else LocatedInk(found, x, y, block_side(grey, INK_SIDE))


def _find_ink(grey: np.ndarray) -> np.ndarray | None:
    """Return the ink (h, w) in [0, 1] of the digit in greys (h, w), paper 0; None if there is none."""
    paper = _find_paper(grey)
    if paper is None:
        return None
    contrast = paper.contrast(grey)
    side = max(grey.shape)
    smooth = ndimage.gaussian_filter(contrast, side / 200)  # nothing to a 28x28 image, enough to a noisy photo
    levels = _levels(smooth)
    if levels is None:
        return None
    scale = levels.ink - levels.paper
    digit = _digit_components((smooth - levels.paper) / scale)
    digit = ndimage.binary_dilation(digit, iterations=max(1, round(side / 128)))
    return np.clip((contrast - levels.paper) / scale, 0, 1) * digit


def _find_paper(grey: np.ndarray) -> Paper | None:
    """Return the paper that leaves ink with the clearest outline; None for a blank picture.

    Ink has an edge all around. A shadow taken for ink, or the gap between two strokes, ends somewhere in mid-paper.
    """
    side = PAPER_SIDE / max(grey.shape)
    shape = max(1, round(grey.shape[0] * side)), max(1, round(grey.shape[1] * side))
    small = ndimage.gaussian_filter(resample(grey, (0, 0, *grey.shape), shape), PAPER_BLUR)
    steps = np.subtract(*(window_extreme(pad_edge(small, 2), 5, pick) for pick in (np.maximum, np.minimum)))
    best, best_score = None, -1.0
    for paper, cost in _papers(small):
        contrast = paper.contrast(small)
        levels = _levels(contrast)
        if levels is None or levels.ink - levels.paper < max(MIN_CONTRAST, MIN_SEPARATION * levels.noise):
            continue
        full_step = (levels.ink - levels.paper) * (np.maximum(paper.level, DARKEST_PAPER) if paper.is_dark_ink else 255)
        outline = _outline(contrast > levels.threshold, steps > full_step / 2)
        if outline >= LEAST_OUTLINE and outline - cost > best_score:
            best, best_score = paper, outline - cost
        if outline > CLEAR_OUTLINE:
            break
    return best


def _papers(grey: np.ndarray) -> Iterator[tuple[Paper, float]]:
    """Yield possible papers under greys (h, w), the likeliest first, each with what it costs to believe in it.

    Grey closing fills what is dark and narrower than its reach, and keeps the edges of broader shadows as they are.
    """
    likely = _is_ink_dark(grey)
    framed = _framed(grey)
    for steps, share in enumerate(REACHES):
        reach = max(3, round(share * PAPER_SIDE)) | 1
        for dark in (likely, not likely):
            level = (closing(framed, reach) if dark else -closing(-framed, reach))[1:-1, 1:-1]
            cost = steps * REACH_COST + (dark != likely) * UNUSUAL_COST + level.std() / 255 * UNEVEN_COST
            yield Paper(level, dark), float(cost)


def _framed(grey: np.ndarray) -> np.ndarray:
    """Return greys with one more pixel around: the rim's, without the ink that touches it."""
    framed = np.pad(grey, 1, mode="edge")
    for side in (framed[0], framed[-1], framed[:, 0], framed[:, -1]):
        side[:] = ndimage.median_filter(side, PAPER_SIDE | 1, mode="nearest")
    return framed


def _is_ink_dark(grey: np.ndarray) -> bool:
    """Tell whether most of what differs from the paper is darker than it: paper is what surrounds.

    A plane is fitted to the outermost pixels, robustly (least absolute deviations by reweighting).
    """
    rows, columns = np.indices(grey.shape)
    plane = np.stack([np.ones(grey.shape), rows / PAPER_SIDE, columns / PAPER_SIDE], axis=-1)
    rim = np.ones(grey.shape, bool)
    rim[1:-1, 1:-1] = False
    points, values = plane[rim], grey[rim]
    weights = np.ones(len(values))
    for _ in range(8):
        weighted = points.T * weights**2
        fit = np.linalg.lstsq(weighted @ points, weighted @ values, rcond=None)[0]
        weights = 1 / np.sqrt(np.abs(points @ fit - values) + 1)
    stray = grey - (fit[0] + fit[1] * plane[..., 1] + fit[2] * plane[..., 2])
    return bool((stray * stray * stray).sum() < 0)


def _outline(mask: np.ndarray, is_edge: np.ndarray) -> float:
    """Return the share of a mask's outline that lies on an edge within the picture."""
    is_edge = is_edge.copy()
    is_edge[[0, -1]] = is_edge[:, [0, -1]] = False
    outline = mask & np.logical_not(ndimage.binary_erosion(mask))
    return float(is_edge[outline].mean())


def _levels(contrast: np.ndarray) -> Levels | None:
    """Return the levels of paper and ink; None where all is one level.

    Ridler and Calvard, "Picture thresholding using an iterative selection method", 1978, begun at half the greatest
    contrast, since a small digit would not move a beginning at the mean.
    """
    threshold, ink, paper = contrast.max() / 2, contrast, contrast
    for _ in range(20):
        is_ink = contrast > threshold
        if is_ink.all() or not is_ink.any():
            return None
        ink, paper = contrast[is_ink], contrast[~is_ink]
        before, threshold = threshold, (ink.mean() + paper.mean()) / 2
        if abs(threshold - before) < 1e-4:
            break
    return Levels(paper.mean(), paper.std(), float(np.percentile(ink, 75)), threshold)


def _digit_components(level: np.ndarray) -> np.ndarray:
    """Return the mask of the largest connected component and of those that are near enough to belong to it."""
    labels, count = label_components(level > FRINGE)
    boxes = np.array([[s.start for s in box] + [s.stop for s in box] for box in ndimage.find_objects(labels)])
    has_core = np.isin(np.arange(1, count + 1), labels[level > CORE])
    sides = np.where(has_core, (boxes[:, 2:] - boxes[:, :2]).max(1), 0)
    main = boxes[sides.argmax()]
    gap = np.maximum(boxes[:, :2] - main[2:], main[:2] - boxes[:, 2:]).max(1)
    keep = (sides >= MIN_COMPONENT * sides.max()) & (gap <= MAX_GAP * sides.max())
    return np.concatenate([[False], keep])[labels]
