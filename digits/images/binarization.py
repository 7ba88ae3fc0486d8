"""Paper: ink is told from it, whichever of the two is darker and however uneven the light.

Several explanations of the greys are tried (polarity, size of the shadows); the one whose ink has the most complete
outline wins. NumPy and SciPy alone; greys are float64 (h, w) in [0, 255].
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from scipy import ndimage

from digits.images.resampling import resample

PAPER_SIDE = 96  # pixels, longest side at which the paper's level is estimated
PAPER_BLUR = 0.8  # pixels there, against noise
REACHES = (0.5, 0.25, 0.12)  # of the longest side: dark (or light) that spans more is shadow, not ink
REACH_COST, UNUSUAL_COST = 0.02, 0.1  # of outline, for a shorter reach and for the less likely polarity
UNEVEN_COST = 0.5  # of outline, for each standard deviation of the paper's level as a share of white
CLEAR_OUTLINE = 0.98  # share of the outline that is an edge; no other explanation is looked for
MIN_CONTRAST = 0.04  # of ink to paper; blank paper has less
MIN_SEPARATION = 4.0  # ink above paper, in standard deviations of the paper; noise has 3
DARKEST_PAPER = 16.0  # grey; noise in pitch dark is not ink
SURE, POSSIBLE = 0.5, 0.3  # of the ink's level: a part needs some of the first, and extends over the second
MIN_PART, MAX_GAP = 0.15, 0.4  # of the main part's longest side: smaller parts are specks, farther ones are not its own


class Paper(NamedTuple):
    """What the paper would look like without ink: its greys (h, w), and whether ink is darker than it."""

    level: np.ndarray
    dark_ink: bool

    def contrast(self, grey: np.ndarray) -> np.ndarray:
        """Return how far greys (h, w) are from paper to full ink: about 0 to about 1."""
        level = resample(self.level, (0, 0, *self.level.shape), grey.shape)
        if self.dark_ink:
            return 1 - grey / np.maximum(level, DARKEST_PAPER)  # ink takes the same share of any light
        return (grey - level) / 255


class Levels(NamedTuple):
    """The contrast of paper (mean and standard deviation) and of ink, and the threshold between them."""

    paper: float
    noise: float
    ink: float
    threshold: float


def find_ink(grey: np.ndarray) -> np.ndarray | None:
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
    digit = _digit_parts((smooth - levels.paper) / scale)
    digit = ndimage.binary_dilation(digit, iterations=max(1, round(side / 128)))
    return np.clip((contrast - levels.paper) / scale, 0, 1) * digit


def _find_paper(grey: np.ndarray) -> Paper | None:
    """Return the paper that leaves ink with the clearest outline; None for a blank picture.

    Ink has an edge all around. A shadow taken for ink, or the gap between two strokes, ends somewhere in mid-paper.
    """
    side = PAPER_SIDE / max(grey.shape)
    shape = tuple(max(1, round(n * side)) for n in grey.shape)
    small = ndimage.gaussian_filter(resample(grey, (0, 0, *grey.shape), shape), PAPER_BLUR)
    steps = np.subtract(*(extreme(_padded(small, 2), 5, pick) for pick in (np.maximum, np.minimum)))
    best, best_score = None, -1.0
    for paper, cost in _papers(small):
        contrast = paper.contrast(small)
        levels = _levels(contrast)
        if levels is None or levels.ink - levels.paper < max(MIN_CONTRAST, MIN_SEPARATION * levels.noise):
            continue
        full_step = (levels.ink - levels.paper) * (np.maximum(paper.level, DARKEST_PAPER) if paper.dark_ink else 255)
        outline = _outline(contrast > levels.threshold, steps > full_step / 2)
        if outline - cost > best_score:
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
            level = (closed(framed, reach) if dark else -closed(-framed, reach))[1:-1, 1:-1]
            cost = steps * REACH_COST + (dark != likely) * UNUSUAL_COST + level.std() / 255 * UNEVEN_COST
            yield Paper(level, dark), float(cost)


def _framed(grey: np.ndarray) -> np.ndarray:
    """Return greys with one more pixel around: the rim's, without the ink that touches it."""
    framed = np.pad(grey, 1, mode="edge")
    for side in (framed[0], framed[-1], framed[:, 0], framed[:, -1]):
        side[:] = ndimage.median_filter(side, PAPER_SIDE | 1, mode="nearest")
    return framed


def closed(grey: np.ndarray, window: int, goes_on: bool = True) -> np.ndarray:
    """Return greys (h, w) without what is dark and narrower, both ways, than a window: pixels, an odd number.

    goes_on: whether what is dark at the edge of the picture goes on outside.
    """
    filled = extreme(_padded(grey, window - 1 if goes_on else window // 2), window, np.maximum)
    return extreme(filled if goes_on else _padded(filled, window // 2), window, np.minimum)


def extreme(values: np.ndarray, window: int, pick: np.ufunc) -> np.ndarray:
    """Return the extremes of values (h, w) in all square windows of so many pixels that lie within the picture.

    pick: np.maximum or np.minimum. Windows grow by doubling, which is several times as fast as `scipy.ndimage`.
    """
    for _ in range(2):
        grown = 1
        while grown < window:
            step = min(grown, window - grown)
            values = pick(values[:-step], values[step:])
            grown += step
        values = values.T
    return values


def _padded(grey: np.ndarray, margin: int) -> np.ndarray:
    return np.pad(grey, margin, mode="edge")


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
    outline = mask & ~ndimage.binary_erosion(mask)
    return float(is_edge[outline].mean())


def _levels(contrast: np.ndarray) -> Levels | None:
    """Return the levels of paper and ink; None where all is one level.

    Ridler and Calvard, "Picture thresholding using an iterative selection method", 1978, begun at half the greatest
    contrast, since a small digit would not move a beginning at the mean.
    """
    threshold = contrast.max() / 2
    for _ in range(20):
        above = contrast > threshold
        if above.all() or not above.any():
            return None
        before, threshold = threshold, (contrast[above].mean() + contrast[~above].mean()) / 2
        if abs(threshold - before) < 1e-4:
            break
    paper = contrast[~above]
    return Levels(paper.mean(), paper.std(), np.percentile(contrast[above], 75), threshold)


def _digit_parts(level: np.ndarray) -> np.ndarray:
    """Return the mask of the largest connected part and of those that are near enough to belong to it."""
    parts, count = ndimage.label(level > POSSIBLE, np.ones((3, 3)))
    boxes = np.array([[s.start for s in box] + [s.stop for s in box] for box in ndimage.find_objects(parts)])
    extent = np.where(np.isin(np.arange(1, count + 1), parts[level > SURE]), (boxes[:, 2:] - boxes[:, :2]).max(1), 0)
    main = boxes[extent.argmax()]
    gap = np.maximum(boxes[:, :2] - main[2:], main[:2] - boxes[:, 2:]).max(1)
    keep = (extent >= MIN_PART * extent.max()) & (gap <= MAX_GAP * extent.max())
    return np.concatenate([[False], keep])[parts]
