"""Ruling: the printed lines of ruled and squared paper are found and taken away, the ink across them stays.

A printed line is thin, straight and runs through most of the picture: it is found by the Hough transform, then followed
from strip to strip, since pages bend. What it adds to the contrast is measured along it and taken out; where ink
crosses, the ink's own contrast is put back. Contrasts are float32 (h, w), about 0 for paper, at most 1 for ink. Lines
run from left to right here; those from top to bottom do in the picture transposed.
"""

from typing import NamedTuple

import numpy as np
from scipy import ndimage

from digits.resampling import reduction, shrink

SEARCH_SIDES = (200, 720)  # pixels, least and greatest longest side at which lines are looked for ...
COARSER = 2  # ... and how much smaller it is, between them
SMALLEST_SIDE = 64  # pixels; in a smaller picture a stroke is as thin as a line
HALF_WIDTHS = (1 / 360, 1 / 180)  # of the longest side: of thin and of broad lines
FAINTEST = 0.012  # contrast of a line
ABOVE_NOISE = 2.0  # standard deviations of noise that a line stands out by
STEEPEST = np.tan(np.deg2rad(12))
FAMILY = np.tan(np.deg2rad(3))  # difference of slopes, at most, from the others
NEAR = 3  # pixels at SEARCH_SIDE: nearer lines are one
COVERED = 0.45  # share of its way through the picture on which a line shows
LONELY = 0.8  # ... and of a line that has none or one beside it
SHORTEST = 0.3  # of the picture's length: a line's way through it

STRIPS = 22  # along the longest side: parts in which a line is straight
ALONG = 7  # strips over which a line's contrast is one
SPARE = 1.15  # times a line's contrast is taken away
DARK_LINE = 0.5  # of the ink's threshold: darker lines hide the ink that crosses them


class Line(NamedTuple):
    """A straight line: its slope, and its y in the middle column, in pixels."""

    slope: float
    middle: float

    def apart(self, other: "Line", width: int) -> float:
        """Return how far another line is at the sides of the picture, the mean of both."""
        ends = np.array([0, width])
        return float(np.abs(self.at(ends, width) - other.at(ends, width)).mean())

    def at(self, x: np.ndarray, width: int) -> np.ndarray:
        """Return the y at columns x of a picture of that width."""
        return self.middle + self.slope * (x - width / 2)


def without_ruling(values: np.ndarray, dark_ink: bool) -> np.ndarray:
    """Return the contrast (h, w) without the paper's lines; the very array where there are none."""
    if min(values.shape) < SMALLEST_SIDE:
        return values
    ruling = line_contrast(values)
    np.maximum(ruling, line_contrast(values.T).T, out=ruling)
    if not ruling.any():
        return values
    rest = 1 - (1 - values) / (1 - np.minimum(ruling, 0.9)) if dark_ink else values - ruling
    return _with_crossings(values, np.minimum(rest, values), ruling)


def line_contrast(values: np.ndarray) -> np.ndarray:
    """Return what the lines from left to right add to the contrast (h, w); 0 elsewhere."""
    side = int(np.clip(max(values.shape) / COARSER, *SEARCH_SIDES))
    block = reduction(values, side)
    ruling = np.zeros_like(values)
    for line in find_lines(shrink(values, side)):
        _add_line(ruling, values, Line(line.slope, line.middle * block))
    return ruling


def find_lines(values: np.ndarray) -> list[Line]:
    """Return the printed lines of a small contrast (h, w)."""
    shares, slopes, places = _votes(_ridges(values))
    is_peak = (shares >= COVERED) & (shares == ndimage.maximum_filter(shares, 5))
    candidates = [
        (shares[at], Line(slopes[at[0]], places[at[1]] + 0.5)) for at in zip(*np.nonzero(is_peak), strict=True)
    ]
    lines: list[tuple[float, Line]] = []
    for share, line in sorted(candidates, key=lambda each: -each[0]):
        if all(line.apart(other, values.shape[1]) > NEAR for _, other in lines):
            lines.append((share, line))
    if not lines:
        return []
    usual = np.median([line.slope for _, line in lines[:5]])
    lines = [each for each in lines if abs(each[1].slope - usual) <= FAMILY]
    if len(lines) >= 3:
        return [line for _, line in lines]
    return [line for share, line in lines if share >= LONELY]


def _ridges(values: np.ndarray) -> np.ndarray:
    """Return where a pixel is the highest between darker ones above and below it: bool (h, w)."""
    smooth = ndimage.gaussian_filter(values, (0.7, 2.5))
    ridges = np.full(values.shape, -1.0, np.float32)
    for share in HALF_WIDTHS:
        far = max(1, round(share * max(values.shape))) + 1
        padded = np.pad(smooth, ((far, far), (0, 0)), mode="edge")
        np.maximum(ridges, smooth - np.maximum(padded[: -2 * far], padded[2 * far :]), out=ridges)
    noise = (
        np.median(np.abs(smooth[::3, ::3] - smooth[2::3, ::3][: len(smooth[::3])]))
        if 0
        else 1.05 * np.median(np.abs(np.diff(smooth[::2, ::4], axis=0)))
    )
    highest = smooth == ndimage.maximum_filter1d(smooth, 3, axis=0)
    return (ridges > max(FAINTEST, ABOVE_NOISE * noise)) & highest


def _votes(ridges: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the share of each line's way through the picture that is ridge (s, p), the slopes (s,) and places (p,)."""
    height, width = ridges.shape
    slopes = np.arange(-STEEPEST, STEEPEST, 3 / width, dtype=np.float32)  # so that ends differ by 1.5 pixels
    y, x = np.nonzero(ridges)
    x = (x + 0.5 - width / 2).astype(np.float32)
    reach = int(np.ceil(STEEPEST * width / 2)) + 1
    places = np.arange(height + 2 * reach) - reach
    index = np.rint(y.astype(np.float32) - slopes[:, None] * x).astype(np.int32) + reach
    index += (np.arange(len(slopes), dtype=np.int32) * len(places))[:, None]
    votes = np.bincount(index.ravel(), minlength=len(slopes) * len(places)).reshape(len(slopes), -1)
    votes = 3 * ndimage.uniform_filter1d(votes.astype(np.float32), 3, axis=1, mode="constant")
    steep = np.where(np.abs(slopes) < 1e-6, 1e-6, slopes)[:, None]
    ends = np.sort([-places / steep, (height - 1 - places) / steep], axis=0)
    way = np.diff(np.clip(ends, -width / 2, width / 2), axis=0)[0]
    return np.where(way >= SHORTEST * width, votes / np.maximum(way, 1), 0), slopes, places


def _add_line(ruling: np.ndarray, values: np.ndarray, line: Line) -> None:
    """Put the contrast along a line into the ruling (h, w)."""
    height, width = values.shape
    strip = max(8, max(values.shape) // STRIPS)
    half = int(np.ceil(max(HALF_WIDTHS) * max(values.shape) * 1.5)) + 2
    columns = np.arange(width)
    y = line.at(columns + 0.5, width)
    columns = columns[(y > -half) & (y < height + half)]
    if len(columns) < strip:
        return
    y = y[columns]
    offsets = np.arange(-2 * half, 2 * half + 1)[:, None]
    band = values[np.clip(np.floor(y).astype(int) + offsets, 0, height - 1), columns]
    # recentre
    parts = np.array_split(np.arange(len(columns)), max(1, len(columns) // strip))
    prof = np.stack([np.median(band[:, p], axis=1) for p in parts], axis=1)
    window = ndimage.gaussian_filter1d(prof, 1.0, axis=0)[half:-half]
    drift = ndimage.median_filter(window.argmax(0) - half, 5, mode="nearest")
    middles = [p.mean() for p in parts]
    y = y + np.interp(np.arange(len(columns)), middles, ndimage.gaussian_filter1d(drift.astype(float), 0.7))
    rows = np.floor(y).astype(int) + offsets[half:-half]
    inside = (rows >= 0) & (rows < height)
    band = values[np.clip(rows, 0, height - 1), columns]
    profile = _profile([band[:, p] for p in parts])
    added = np.repeat(profile, [len(p) for p in parts], axis=1)
    rows, columns = rows[inside], np.broadcast_to(columns, inside.shape)[inside]
    ruling[rows, columns] = np.maximum(ruling[rows, columns], added[inside])


def _profile(parts: list[np.ndarray]) -> np.ndarray:
    """Return the contrast across a line in each strip, (rows, strips), of the straightened line (rows, columns)."""
    profile = np.stack([np.median(part, axis=1) for part in parts], axis=1)
    profile = ndimage.median_filter(profile, (1, ALONG), mode="nearest")
    profile -= np.percentile(profile, 25, axis=0)
    profile[profile < FAINTEST / 2] = 0
    return SPARE * ndimage.maximum_filter1d(profile, 3, axis=0)


def _with_crossings(values: np.ndarray, rest: np.ndarray, ruling: np.ndarray) -> np.ndarray:
    """Return what is left of the contrast off the ink, and all of it where ink crosses a line."""
    lined = ruling > 0
    outside = values[~lined]
    threshold = 0.4 * np.percentile(outside[outside > 0.5 * outside.max()], 50)
    ink = rest > threshold
    if ruling.max() > DARK_LINE * threshold:
        width = 4
        ink |= ndimage.binary_closing(ink, iterations=width) & lined
    return np.where(lined & ~ink, rest, values).astype(np.float32)
