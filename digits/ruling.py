"""Ruling: the printed lines of ruled and squared paper are found and taken away, the ink across them stays.

A printed line is thin, straight and runs through most of the picture: it is found by a Hough transform of the ridges,
then followed from strip to strip, since pages bend. What it adds to the contrast is measured along it and taken out;
where ink crosses, the ink's own contrast is put back. Contrasts are float32 (h, w), about 0 for paper, at most 1 for
ink. Lines run from left to right here; those from top to bottom do in the picture transposed.
"""

from typing import NamedTuple

import numpy as np
from scipy import ndimage

from digits.contrast import ink_contrast
from digits.resampling import reduction, shrink

SMALLEST_SIDE = 64  # pixels; in a smaller picture a stroke is as thin as a line
SEARCH_SIDES = (200, 720)  # pixels, least and greatest longest side at which lines are looked for ...
COARSER = 2  # ... and how much smaller it is, between them
HALF_WIDTHS = (1 / 360, 1 / 180)  # of the longest side: of thin and of broad lines
FAINTEST = 0.012  # contrast of a line
ABOVE_NOISE = 2.0  # standard deviations of noise that a line stands out by
STEEPEST = np.tan(np.deg2rad(12))
FAMILY = np.tan(np.deg2rad(3))  # difference of slopes, at most, from the clearest lines
CLEAREST = 5  # lines
NEAR = 3  # pixels where they are looked for: nearer lines are one
SHORTEST = 0.3  # of the picture's length: a line's way through it
COVERED = 0.45  # share of its way on which a line shows ...
ALONE, LONELY = 2, 0.8  # ... and on which one shows that has so few of its kind

STRIPS = 22  # along the longest side: parts in which a line is straight
ALONG = 7  # strips over which a line's contrast is one
SPARE = 1.15  # times a line's contrast is taken away
OVER = 0.35  # of the ink's contrast: what is left where ink crosses a line
DARK_LINE = 0.4  # of the ink's contrast: a darker line hides the ink that crosses it


class Line(NamedTuple):
    """A straight line: its slope, and its y in the middle of the picture, in pixels."""

    slope: float
    middle: float

    def at(self, x: np.ndarray, width: int) -> np.ndarray:
        """Return the y at the places x of a picture of that width."""
        return self.middle + self.slope * (x - width / 2)

    def apart(self, other: "Line", width: int) -> float:
        """Return how far another line is at the sides of the picture, the mean of both."""
        ends = np.array([0, width])
        return float(np.abs(self.at(ends, width) - other.at(ends, width)).mean())


def without_ruling(values: np.ndarray, dark_ink: bool) -> np.ndarray:
    """Return the contrast (h, w) without the paper's lines; the very array where there are none."""
    if min(values.shape) < SMALLEST_SIDE:
        return values
    side = int(np.clip(max(values.shape) / COARSER, *SEARCH_SIDES))
    small, block = shrink(values, side), reduction(values, side)
    ruling, widest = np.zeros_like(values), 0
    for whole, searched, across in ((values, small, ruling), (values.T, small.T, ruling.T)):
        for line in find_lines(searched):
            widest = max(widest, _add_line(across, whole, Line(line.slope, line.middle * block)))
    if not widest:
        return values
    rest = 1 - (1 - values) / (1 - np.minimum(ruling, 0.9)) if dark_ink else values - ruling
    return _with_crossings(values, np.minimum(rest, values), ruling, widest)


def find_lines(values: np.ndarray) -> list[Line]:
    """Return the printed lines of a small contrast (h, w), the clearest first."""
    shares, slopes, places = _votes(_ridges(values))
    is_peak = (shares >= COVERED) & (shares == ndimage.maximum_filter(shares, 5))
    peaks = np.argwhere(is_peak)[np.argsort(-shares[is_peak], kind="stable")]
    lines: list[Line] = []
    is_clear = []
    for slope, place in peaks:
        line = Line(float(slopes[slope]), float(places[place]) + 0.5)
        is_like = abs(line.slope - np.median([each.slope for each in lines[:CLEAREST] or [line]])) <= FAMILY
        if is_like and all(line.apart(other, values.shape[1]) > NEAR for other in lines):
            lines.append(line)
            is_clear.append(shares[slope, place] >= LONELY)
    return lines if len(lines) > ALONE else [line for line, clear in zip(lines, is_clear, strict=True) if clear]


def _ridges(values: np.ndarray) -> np.ndarray:
    """Return where a pixel is the highest between lower ones above and below it: bool (h, w)."""
    smooth = ndimage.gaussian_filter(values, (0.7, 2.5))
    ridges = np.full(values.shape, -1.0, np.float32)
    for share in HALF_WIDTHS:
        far = max(1, round(share * max(values.shape))) + 1
        padded = np.pad(smooth, ((far, far), (0, 0)), mode="edge")
        np.maximum(ridges, smooth - np.maximum(padded[: -2 * far], padded[2 * far :]), out=ridges)
    noise = 1.05 * np.median(np.abs(np.diff(smooth[::2, ::4], axis=0)))  # of a difference; of one value, in deviations
    highest = smooth == ndimage.maximum_filter1d(smooth, 3, axis=0)
    return (ridges > max(FAINTEST, ABOVE_NOISE * noise)) & highest


def _votes(ridges: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the share of each line's way through the picture that is ridge, (s, p), the slopes (s,) and places (p,).

    The Hough transform of Duda and Hart, "Use of the Hough transformation to detect lines and curves in pictures",
    1972, with lines given by slope and place in the middle, since none is steep.
    """
    height, width = ridges.shape
    slopes = np.arange(-STEEPEST, STEEPEST, 3 / width, dtype=np.float32)  # their ends differ by 1.5 pixels
    reach = int(np.ceil(STEEPEST * width / 2)) + 1
    places = np.arange(-reach, height + reach)
    y, x = np.nonzero(ridges)
    x = (x + 0.5 - width / 2).astype(np.float32)
    index = np.rint(y.astype(np.float32) - slopes[:, None] * x).astype(np.int32) + reach
    index += (np.arange(len(slopes), dtype=np.int32) * len(places))[:, None]
    votes = np.bincount(index.ravel(), minlength=len(slopes) * len(places)).reshape(len(slopes), -1)
    votes = 3 * ndimage.uniform_filter1d(votes.astype(np.float32), 3, axis=1, mode="constant")
    steep = np.where(np.abs(slopes) < 1e-6, 1e-6, slopes)[:, None]
    ends = np.sort([-places / steep, (height - 1 - places) / steep], axis=0).clip(-width / 2, width / 2)
    way = ends[1] - ends[0]
    return np.where(way >= SHORTEST * width, votes / np.maximum(way, 1), 0), slopes, places


def _add_line(ruling: np.ndarray, values: np.ndarray, line: Line) -> int:
    """Put the contrast along a line into the ruling (h, w); return how many pixels across it are changed."""
    height, width = values.shape
    half = int(np.ceil(1.5 * max(HALF_WIDTHS) * max(values.shape))) + 2
    y = line.at(np.arange(width) + 0.5, width)
    columns = np.flatnonzero((y > -half) & (y < height + half))
    parts = np.array_split(np.arange(len(columns)), max(1, len(columns) * STRIPS // max(values.shape)))
    if len(columns) < STRIPS:
        return 0
    y = y[columns] + _drift(_straightened(values, columns, y[columns], 2 * half)[0], parts)
    band, rows = _straightened(values, columns, y, half)
    profile = _profile(band, parts)
    added = np.repeat(profile, [len(part) for part in parts], axis=1)
    inside = (rows >= 0) & (rows < height)
    at = rows[inside], np.broadcast_to(columns, rows.shape)[inside]
    ruling[at] = np.maximum(ruling[at], added[inside])
    return int((profile > 0).sum(0).max())


def _straightened(values: np.ndarray, columns: np.ndarray, y: np.ndarray, half: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the contrast within `half` pixels of a line, (2 * half + 1, columns), and the rows it was taken from."""
    rows = np.floor(y).astype(int) + np.arange(-half, half + 1)[:, None]
    return values[rows.clip(0, len(values) - 1), columns], rows


def _drift(band: np.ndarray, parts: list[np.ndarray]) -> np.ndarray:
    """Return how far a bent line leaves its straight course, in pixels for each column of a straightened band."""
    profile = np.stack([np.median(band[:, part], axis=1) for part in parts], axis=1)
    half = len(profile) // 4
    inner = ndimage.gaussian_filter1d(profile, 1.0, axis=0)[half:-half]
    drift = ndimage.median_filter(inner.argmax(0) - half, 5, mode="nearest")
    smooth = ndimage.gaussian_filter1d(drift.astype(float), 0.7, mode="nearest")
    return np.interp(np.arange(band.shape[1]), [part.mean() for part in parts], smooth)


def _profile(band: np.ndarray, parts: list[np.ndarray]) -> np.ndarray:
    """Return the contrast across a line in each strip, (rows, strips), of the straightened line (rows, columns)."""
    profile = np.stack([np.median(band[:, part], axis=1) for part in parts], axis=1)
    profile = ndimage.median_filter(profile, (1, ALONG), mode="nearest")  # so that a stroke along the line stays
    profile -= np.percentile(profile, 25, axis=0)
    profile[profile < FAINTEST / 2] = 0
    return SPARE * ndimage.maximum_filter1d(profile, 3, axis=0)


def _with_crossings(values: np.ndarray, rest: np.ndarray, ruling: np.ndarray, width: int) -> np.ndarray:
    """Return what is left of the contrast, and all of it where ink crosses a line, lines being `width` pixels wide."""
    lined = ruling > 0
    full = ink_contrast(values[~lined][::4])
    ink = rest > OVER * full
    if ruling.max() > DARK_LINE * full:  # what is ink on both sides goes on in between
        ink |= ndimage.binary_closing(ink, iterations=width // 2 + 1) & (values > OVER * full)
    return np.where(lined & ~ink, rest, values).astype(np.float32)
