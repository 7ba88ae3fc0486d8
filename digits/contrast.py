"""Contrast: how far every pixel of a whole page is from its paper, whatever the light and whichever is the darker.

Where `digits.paper` looks for the one digit that a picture shows, this looks at thin marks all over it: strokes are
narrower than what surrounds them. NumPy and SciPy alone; greys are float32 (h, w) in [0, 255].
"""

from typing import NamedTuple

import numpy as np
from scipy import ndimage

from digits.resampling import enlarge, reduction, resample, shrink

COARSE_SIDES = (96, 256)  # pixels, least and greatest longest side at which the paper's level is estimated ...
COARSER = 3  # ... and how much smaller it is, between them
WIDEST_STROKE = 0.16  # of the longest side: what is broader both ways is shadow, table or paper ...
WIDEST_INK = 0.5  # ... or, if it is darker than a shadow, ink up to this breadth
DARKEST_SHADOW = 0.5  # contrast
CONTACT, DEPTH = 0.3, 0.25  # of the picture's sides: how far the black corners of a turned scan run along and into it
HOLLOW = 0.7  # share of its contrast that a stroke has left where it is taken for paper in part
STROKE_SIDES = (256, 128, 64, 32)  # pixels, longest side at which fine to broad strokes are told from gaps
STROKE_WINDOW = 5  # pixels there
STRIDE = 4  # of the pixels that a median is taken of
TILES = 8  # along each side, each with a vote on what is darker ...
LEAST_SHARE = 1e-3  # ... that counts in full if it shows more than this share of what the clearest does
LIGHT = (0.5, 1.5)  # times the usual light: what falls on light ink, at least and at most
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
        lit = level + DARKEST_PAPER
        unit = 255 * (lit / np.median(lit)).clip(*LIGHT)
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
    dark = light = 0.0
    for side in (side for side in STROKE_SIDES if side <= max(32, max(grey.shape) / 2)):
        small = ndimage.gaussian_filter(shrink(grey, side), 0.7)
        dark = dark + _in_tiles((ndimage.grey_closing(small, STROKE_WINDOW) - small) ** 3)
        light = light + _in_tiles((small - ndimage.grey_opening(small, STROKE_WINDOW)) ** 3)
    least = LEAST_SHARE * (dark + light).max() + 1e-9
    return bool(((dark - light) / (dark + light + least)).sum() >= 0)


def _in_tiles(values: np.ndarray) -> np.ndarray:
    """Return the means over TILES by TILES parts of (h, w)."""
    return resample(values, (0, 0, *values.shape), (TILES, TILES))


def _paper_level(grey: np.ndarray, dark: bool) -> np.ndarray:
    """Return the greys of the paper under the ink, float32 (h, w)."""
    side = int(np.clip(max(grey.shape) / COARSER, *COARSE_SIDES))
    small = ndimage.gaussian_filter(shrink(grey, side), 0.5)
    small = small if dark else 255 - small
    level = _closed(small, WIDEST_STROKE, goes_on=True)
    # Where a longer reach finds much more of an ink that is darker than a shadow, a stroke is broader than most.
    broad = enlarge(_closed(shrink(small, side // 2), WIDEST_INK, goes_on=False), reduction(small, side // 2))
    broad = np.maximum(level, broad[: small.shape[0], : small.shape[1]])
    near, far = (1 - small / np.maximum(each, DARKEST_PAPER) for each in (level, broad))
    touches, lies_along = _outside(far > DARKEST_SHADOW)
    is_hollow = (far > DARKEST_SHADOW) & (near < HOLLOW * far) & ~touches
    level = np.where(ndimage.maximum_filter(is_hollow, 7), broad, level)
    level = np.where(ndimage.maximum_filter(lies_along, 3), small, level)
    # Smooth, but beside an edge of the paper on the side of the ink: the table's rim is no stroke.
    level = np.minimum(ndimage.minimum_filter(level, 5), ndimage.gaussian_filter(level, 3))
    level = enlarge(level if dark else 255 - level, reduction(grey, side))
    return level[: grey.shape[0], : grey.shape[1]].astype(np.float32)


def _outside(dark: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return what of dark parts (h, w) touches the picture's rim, and what of that lies along it and is no stroke."""
    parts = ndimage.label(dark)[0]
    touches, lies_along = np.zeros((2, parts.max() + 1), bool)
    boxes = [None, *ndimage.find_objects(parts)]
    for axis, rims in ((0, (parts[0], parts[-1])), (1, (parts[:, 0], parts[:, -1]))):
        for rim in rims:
            for part in np.flatnonzero(np.bincount(rim)[1:]) + 1:
                depth = boxes[part][axis].stop - boxes[part][axis].start
                touches[part] = True
                lies_along[part] |= (rim == part).mean() > CONTACT and depth < DEPTH * dark.shape[axis]
    return touches[parts], lies_along[parts]


def _closed(grey: np.ndarray, share: float, goes_on: bool) -> np.ndarray:
    """Return greys (h, w) without what is dark and narrower than a share of the longest side.

    goes_on: whether what is dark at the edge of the picture goes on outside.
    """
    reach = max(1, round(share * max(grey.shape))) | 1
    margin = reach if goes_on else 0
    padded = np.pad(grey, margin, mode="edge")
    closed = ndimage.minimum_filter(ndimage.maximum_filter(padded, reach), reach)
    return closed[margin : margin + grey.shape[0], margin : margin + grey.shape[1]]
