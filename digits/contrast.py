"""Contrast: how far every pixel of a whole page is from its paper, whatever the light and whichever is the darker.

Where `digits.paper` looks for the one digit that a picture shows, this looks at thin marks all over it: strokes are
narrower than what surrounds them. NumPy and SciPy alone; greys are float32 (h, w) in [0, 255].
"""

from typing import NamedTuple

import numpy as np
from scipy import ndimage

from digits.resampling import enlarge, reduction, shrink

COARSE_SIDES = (96, 256)  # pixels, least and greatest longest side at which the paper's level is estimated ...
COARSER = 3  # ... and how much smaller it is, between them
WIDEST_STROKE = 0.16  # of the longest side: what is broader both ways is shadow, table or paper
STROKE_SIDES = (256, 128, 64, 32)  # pixels, longest side at which fine to broad strokes are told from gaps
STROKE_WINDOW = 5  # pixels there
STRIDE = 4  # of the pixels that a median is taken of
DARKEST_PAPER = 16.0  # grey; noise in pitch dark is not ink


MIN_CONTRAST = 0.04  # of ink to paper; blank paper has less
ABOVE_NOISE = 5.0  # standard deviations of paper that ink stands out by


class Contrast(NamedTuple):
    """Values float32 (h, w), about 0 for paper and 1 at most for dark ink; the greys are level + values * unit."""

    values: np.ndarray
    level: np.ndarray
    unit: np.ndarray
    dark_ink: bool

    def grey(self, values: np.ndarray) -> np.ndarray:
        """Return the greys (h, w) of other values on the same paper."""
        return np.clip(self.level + values * self.unit, 0, 255)


def measure_contrast(grey: np.ndarray) -> Contrast:
    """Return the contrast of all marks in greys (h, w).

    Light falls on ink and paper alike, so the unit of contrast is what the paper reflects.
    """
    dark = is_ink_dark(grey)
    level = _paper_level(grey, dark)
    if dark:
        unit = -np.maximum(level, DARKEST_PAPER)
    else:
        unit = level + DARKEST_PAPER
        unit *= 255 / np.median(unit)
    values = (grey - level) / unit
    values -= np.median(values[::STRIDE, ::STRIDE])
    return Contrast(values, level, unit, dark)


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


def is_ink_dark(grey: np.ndarray) -> bool:
    """Tell whether marks are darker than what surrounds them.

    Closing fills narrow dark, opening narrow light. Strokes are narrower than the gaps between them, so over windows of
    all sizes the one that fills strokes changes more. Edges of paper and of shadows change with neither.
    """
    lead = 0.0
    for side in (side for side in STROKE_SIDES if side <= max(32, max(grey.shape) / 2)):
        small = ndimage.gaussian_filter(shrink(grey, side), 0.7)
        dark = ndimage.grey_closing(small, STROKE_WINDOW) - small
        light = small - ndimage.grey_opening(small, STROKE_WINDOW)
        lead += float((dark**3).mean(dtype=np.float64) - (light**3).mean(dtype=np.float64))
    return lead >= 0


def _paper_level(grey: np.ndarray, dark: bool) -> np.ndarray:
    """Return the greys of the paper under the ink, float32 (h, w)."""
    side = int(np.clip(max(grey.shape) / COARSER, *COARSE_SIDES))
    small = ndimage.gaussian_filter(shrink(grey, side), 1)
    reach = round(WIDEST_STROKE * max(small.shape)) | 1
    sign = 1 if dark else -1
    padded = np.pad(sign * small, reach, mode="edge")  # a shadow at the edge goes on outside
    closed = ndimage.minimum_filter(ndimage.maximum_filter(padded, reach), reach)[reach:-reach, reach:-reach]
    # Smooth, but beside an edge of the paper on the side of the ink: the table's rim is no stroke.
    level = np.minimum(ndimage.minimum_filter(closed, 3), ndimage.gaussian_filter(closed, 3))
    level = enlarge(sign * level, reduction(grey, side))
    return level[: grey.shape[0], : grey.shape[1]].astype(np.float32)
