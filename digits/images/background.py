"""Background: the polarity of a page, dark ink or light, and the contrast of every pixel to the paper under it.

Strokes are narrower than what surrounds them: that tells ink from paper, whichever is darker and however uneven the
light. Greys are float32 (h, w) in [0, 255].
"""

from typing import NamedTuple

import numpy as np
from scipy import ndimage

from digits.images.filters import block_side, closing, downsample, label_components, resample, upsample

COARSE_SIDES = (96, 256)  # pixels, least and greatest longest side at which the paper's level is estimated ...
COARSER = 3  # ... and how much smaller it is, between them
WIDEST_STROKE = 0.16  # of the longest side: what is broader both ways is shadow, table or paper ...
WIDEST_INK = 0.5  # ... or, if it is darker than a shadow, ink up to this breadth
LIGHTEST_TABLE, DARKEST_SHADOW = 0.3, 0.5  # contrast
CONTACT, DEPTH = 0.3, 0.25  # of the picture's sides: how far the black corners of a turned scan run along and into it
HOLLOW = 0.7  # share of its contrast that a stroke has left where it is taken for paper in part
STROKE_SIDES = (512, 256, 128, 64, 32)  # pixels, longest side at which fine to broad strokes are told from gaps
STROKE_WINDOW = 5  # pixels there
STRIDE = 4  # of the pixels that a median is taken of
FINE = 0.2  # of what windows of other sizes fill, that the smallest fills, at most, of broad strokes
TILES = 8  # along each side, each with a vote on what is darker, that counts half if it shows as much as the clearest
DARKEST_PAPER = 16.0  # grey; noise in pitch dark is not ink
MIN_CONTRAST = 0.04  # of ink to paper; blank paper has less
ABOVE_NOISE = 5.0  # standard deviations of paper that ink stands out by


class PageContrast(NamedTuple):
    """Values float32 (h, w), about 0 for paper and 1 at most for dark ink; the greys are level + values * unit."""

    values: np.ndarray
    level: np.ndarray
    unit: np.ndarray
    is_dark_ink: bool

    def to_grey(self, values: np.ndarray) -> np.ndarray:
        """Return the greys (h, w) of other values on the same paper."""
        return np.clip(self.level + values * self.unit, 0, 255)


class Polarity(NamedTuple):
    """Whether strokes are darker than what surrounds them, and whether they are broad enough for a small picture."""

    is_dark_ink: bool
    is_broad: bool


def measure_contrast(grey: np.ndarray, is_dark_ink: bool) -> PageContrast:
    """Return the contrast of all marks in greys (h, w), which are darker than their paper or lighter.

    Light falls on ink and paper alike, so the unit of contrast is what the paper reflects.
    """
    level = _paper_level(grey, is_dark_ink)
    if is_dark_ink:
        unit = -np.maximum(level, DARKEST_PAPER)
    else:
        lit = level + DARKEST_PAPER
        unit = 255 * lit / np.median(lit)
    values = (grey - level) / unit
    values -= np.median(values[::STRIDE, ::STRIDE])
    return PageContrast(values, level, unit, is_dark_ink)


def ink_contrast(values: np.ndarray) -> float:
    """Return the contrast of full ink among that of pixels, any shape, most of them paper; 1 where there is no ink.

    The threshold is half the mean of all above it: Ridler and Calvard, "Picture thresholding using an iterative
    selection method", 1978, for paper at 0.
    """
    noise = 1.48 * np.median(np.abs(values - np.median(values)))
    above = values[values > max(MIN_CONTRAST, ABOVE_NOISE * noise)]
    if not len(above):
        return 1.0
    threshold = np.percentile(above, 99) / 2
    for _ in range(20):
        before, threshold = threshold, above[above > threshold].mean() / 2
        if abs(before - threshold) < 1e-4:
            break
    return float(np.percentile(above[above > threshold], 75))


def measure_polarity(grey: np.ndarray) -> Polarity:
    """Return whether the ink in greys (h, w) is dark, and whether its strokes are broad.

    Closing fills narrow dark, opening narrow light. Strokes are narrower than the gaps between them, so over windows of
    all sizes the one that fills strokes changes more. Small windows count for more: a large one spans margins, too.
    Edges of paper and of shadows change with neither.
    """
    sides = [side for side in STROKE_SIDES if side <= max(*grey.shape, STROKE_SIDES[-1])]
    filled = []
    for side in sides:
        grey = downsample(grey, side)
        smooth = ndimage.gaussian_filter(grey, 0.7)
        filled.append((_filled(smooth), _filled(-smooth)))
    dark, light = np.tensordot(sides, filled, 1)
    votes = (dark - light) / (dark + light + (dark + light).max() + 1e-9)
    is_dark = bool(votes.sum() >= 0)
    finest, *rest = np.mean(filled, (2, 3))[:, 0 if is_dark else 1].tolist()
    return Polarity(is_dark, bool(finest < FINE * max(rest, default=0.0)))


def _filled(grey: np.ndarray) -> np.ndarray:
    """Return how much of greys (h, w) is narrow and dark, in TILES by TILES parts: the means of the contrast cubed."""
    depth = closing(grey, STROKE_WINDOW, extends_outside=False) - grey
    return resample(depth * depth * depth, (0, 0, *grey.shape), (TILES, TILES))


def _paper_level(grey: np.ndarray, dark: bool) -> np.ndarray:
    """Return the greys of the paper under the ink, float32 (h, w)."""
    side = int(np.clip(max(grey.shape) / COARSER, *COARSE_SIDES))
    small = ndimage.gaussian_filter(downsample(grey, side), 0.5)
    small = small if dark else 255 - small
    level: np.ndarray = closing(small, _reach(small, WIDEST_STROKE))
    # Where a longer reach finds much more of an ink that is darker than a shadow, a stroke is broader than most.
    smaller = downsample(small, side // 2)
    broad = closing(smaller, _reach(smaller, WIDEST_INK), extends_outside=False)
    broad = upsample(broad, block_side(small, side // 2))
    broad = np.maximum(level, broad[: level.shape[0], : level.shape[1]])
    near, far = (1 - small / np.maximum(each, DARKEST_PAPER) for each in (level, broad))
    is_hollow = (far > DARKEST_SHADOW) & (near < HOLLOW * far) & ~_parts_at_edge(far > LIGHTEST_TABLE, 0, 1)
    level = np.where(ndimage.maximum_filter(is_hollow, 7), broad, level)
    level = np.where(ndimage.maximum_filter(_parts_at_edge(far > DARKEST_SHADOW, CONTACT, DEPTH), 3), small, level)
    # Smooth, but beside an edge of the paper on the side of the ink: the table's rim is no stroke.
    level = np.minimum(ndimage.minimum_filter(level, 5), ndimage.gaussian_filter(level, 3))
    level = upsample(level if dark else 255 - level, block_side(grey, side))
    return level[: grey.shape[0], : grey.shape[1]].astype(np.float32)


def _parts_at_edge(dark: np.ndarray, contact: float, depth: float) -> np.ndarray:
    """Return the connected parts of a mask (h, w) that lie along the rim of the picture: (h, w).

    contact: the share of one of the sides of the picture, more than which they cover. depth: how far they reach into
    the picture at most, from there, as a share.
    """
    parts, count = label_components(dark, diagonally=False)
    chosen = np.zeros(count + 1, bool)
    boxes = [None, *ndimage.find_objects(parts)]
    for axis, rims in ((0, (parts[0], parts[-1])), (1, (parts[:, 0], parts[:, -1]))):
        for rim in rims:
            for part in np.flatnonzero(np.bincount(rim, minlength=2)[1:] > contact * len(rim)) + 1:
                chosen[part] |= boxes[part][axis].stop - boxes[part][axis].start <= depth * dark.shape[axis]
    return chosen[parts]


def _reach(grey: np.ndarray, share: float) -> int:
    return max(1, round(share * max(grey.shape))) | 1
