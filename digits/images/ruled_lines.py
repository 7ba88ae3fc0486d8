"""Ruled lines: the printed lines of ruled and squared paper are found and taken away, the ink across them stays.

A printed line is thin, straight and runs through most of the picture: it is found by a Hough transform of the ridges,
then followed from strip to strip, since pages bend. What it adds to the contrast is measured along it and taken out;
where ink crosses, the ink's own contrast is put back. Contrasts are float32 (h, w), about 0 for paper, at most 1 for
ink. Lines run from left to right here; those from top to bottom do in the picture transposed.
"""

from typing import NamedTuple

import numpy as np
from scipy import ndimage

from digits.images.background import ink_contrast
from digits.images.filters import block_side, downsample

SMALLEST_SIDE = 64  # pixels; in a smaller picture a stroke is as thin as a line
SEARCH_SIDES = (128, 720)  # pixels, least and greatest longest side at which lines are looked for ...
COARSER = 2  # ... and how much smaller it is, between them
HALF_WIDTHS = (1 / 360, 1 / 180)  # of the longest side: of thin and of broad lines
FAINTEST = 0.012  # contrast of a line
ABOVE_NOISE = 2.0  # standard deviations of noise that a line stands out by
STEEPEST = np.tan(np.deg2rad(12))
FAMILY = np.tan(np.deg2rad(1.5))  # difference of slopes, at most, from the other lines' ...
FEW = 3  # ... or, of more lines, from what their slopes are there: they change evenly in perspective
NEAR = 3  # pixels where they are looked for: nearer lines are one
SHORTEST = 0.2  # of the picture's length: a line's way through it
COVERED, CLEAR = 0.45, 0.6  # share of its way on which a line shows, and on which those show that found a family
ALONE, LONELY = 2, 0.9  # lines that are too few for a family, and the share on which one shows nevertheless
MANY = 4  # lines, of which fewer must reach both edges of the picture: a digit has three strokes along each other
OUTERMOST = 2  # pixels, at the edge
DARKEST = 1.75  # times IS_INK, the contrast of one of few lines: a darker one is a stroke

STRIPS = 22  # along the longest side: parts in which a line is straight
ALONG = 7  # strips over which a line's contrast is one
SPARE = 1.15  # times a line's contrast is taken away
NARROWEST = 24  # pixels, of these parts
THICKEST, NARROW = 0.01, 3.5  # of the longest side, and pixels: a line of both widths is a stroke
IS_INK = 0.4  # of the ink's contrast
CROSSED = 1.5  # times the line's width, and 2 pixels: a longer run of ink across it is a stroke that crosses it


class RuledLine(NamedTuple):
    """A straight line: its slope, and its y in the middle of the picture, in pixels."""

    slope: float
    middle: float

    def at(self, x: np.ndarray, width: int) -> np.ndarray:
        """Return the y at the places x of a picture of that width."""
        return self.middle + self.slope * (x - width / 2)

    def apart(self, other: "RuledLine", width: int) -> float:
        """Return how far another line is at the sides of the picture, the mean of both."""
        ends = np.array([0, width])
        return float(np.abs(self.at(ends, width) - other.at(ends, width)).mean())


def remove_ruled_lines(values: np.ndarray, is_dark_ink: bool) -> np.ndarray:
    """Return the contrast (h, w) without the paper's lines; the same array where there are none."""
    if min(values.shape) < SMALLEST_SIDE:
        return values
    side = int(np.clip(max(values.shape) / COARSER, *SEARCH_SIDES))
    small, block = downsample(values, side), block_side(values, side)
    rows, columns = (
        [RuledLine(slope, middle * block) for slope, middle in find_lines(each)] for each in (small, small.T)
    )
    if not rows and not columns:
        return values
    ink = IS_INK * ink_contrast(values[::2, ::2])
    rest = _remove(_remove(values, rows, is_dark_ink, ink).T, columns, is_dark_ink, ink).T
    return values if np.array_equal(rest, values) else rest  # where all lines were strokes


def find_lines(values: np.ndarray) -> list[RuledLine]:
    """Return the printed lines of a small contrast (h, w), the clearest first."""
    ridges = _ridges(values)
    shares, slopes, places = _votes(ridges)
    is_peak = (shares >= COVERED) & (shares == ndimage.maximum_filter(shares, 5))
    peaks = np.argwhere(is_peak)[np.argsort(-shares[is_peak], kind="stable")]
    lines: list[RuledLine] = []
    clear = []
    for slope, place in peaks:
        line = RuledLine(float(slopes[slope]), float(places[place]) + 0.5)
        if all(line.apart(other, values.shape[1]) > NEAR for other in lines):
            lines.append(line)
            clear.append(shares[slope, place])
    lines = _family(lines, sum(share >= CLEAR for share in clear))
    is_lonely = len(lines) <= ALONE and (not clear or clear[0] < LONELY)
    if len(lines) < MANY:
        lines = [line for line in lines if _reaches_edges(ridges, line)]
    return [] if is_lonely else lines


def _reaches_edges(ridges: np.ndarray, line: RuledLine) -> bool:
    """Tell whether a line shows up to both edges of the picture, as a pen's own strokes seldom do."""
    height, width = ridges.shape
    y = np.floor(line.at(np.arange(width) + 0.5, width)).astype(int)
    columns = np.flatnonzero((y >= 0) & (y < height))
    shown = ndimage.maximum_filter1d(ridges, 3, axis=0)[y[columns], columns]
    return bool(shown[:OUTERMOST].all() and shown[-OUTERMOST:].all())


def _family(lines: list[RuledLine], clear: int) -> list[RuledLine]:
    """Return the lines whose slopes are like those of the first, clear ones, or change evenly as in perspective."""
    founders = lines[:clear]
    while len(founders) > 1:
        course = _course(founders)
        strays = [abs(line.slope - course(line.middle)) for line in founders]
        if max(strays) <= FAMILY:
            return [line for line in lines if abs(line.slope - course(line.middle)) <= FAMILY]
        del founders[int(np.argmax(strays))]
    return founders


def _course(lines: list[RuledLine]) -> np.polynomial.Polynomial:
    """Return how the slope of lines, the clearest first, depends on their middle."""
    slopes, middles = np.array(lines).T
    weights = 1 / np.arange(1, len(lines) + 1)
    return np.polynomial.Polynomial.fit(middles, slopes, 1 if len(lines) > FEW else 0, w=weights)


def _ridges(values: np.ndarray) -> np.ndarray:
    """Return where a pixel is the highest between lower ones above and below it: bool (h, w)."""
    smooth = ndimage.gaussian_filter(values, (0.7, 2.5))
    ridges = np.full(values.shape, -1.0, np.float32)
    for share in HALF_WIDTHS:
        far = max(1, round(share * max(values.shape))) + 1
        padded = np.pad(smooth, ((far, far), (0, 0)), mode="edge")
        np.maximum(ridges, smooth - np.maximum(padded[: -2 * far], padded[2 * far :]), out=ridges)
    noise = 1.05 * np.median(np.abs(np.diff(smooth[::2, ::4], axis=0)))  # of a difference; of one value, in deviations
    padded = np.pad(smooth, ((1, 1), (0, 0)), mode="edge")
    highest = (smooth > padded[:-2]) & (smooth >= padded[2:])  # one of several that are as high
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


def _remove(values: np.ndarray, lines: list[RuledLine], is_dark_ink: bool, ink: float) -> np.ndarray:
    """Return the contrast (h, w) without lines; `ink` is the least contrast of ink."""
    ruling = np.zeros_like(values)
    for line in lines:
        _add_line(ruling, values, line, ink, DARKEST if len(lines) < MANY else np.inf)
    rest = 1 - (1 - values) / (1 - np.minimum(ruling, 0.9)) if is_dark_ink else values - ruling
    return np.where(ruling > 0, np.minimum(rest, values), values)


def _add_line(ruling: np.ndarray, values: np.ndarray, line: RuledLine, ink: float, darkest: float) -> None:
    """Put the contrast along a line, where no ink crosses it, into the ruling (h, w).

    darkest: times `ink`, the contrast from which on it is no line but a stroke.
    """
    height, width = values.shape
    half = int(np.ceil(1.5 * max(HALF_WIDTHS) * max(values.shape))) + 2
    y = line.at(np.arange(width) + 0.5, width)
    columns = np.flatnonzero((y > -half) & (y < height + half))
    strip = max(NARROWEST, max(values.shape) // STRIPS)
    if len(columns) < strip:
        return
    parts = np.array_split(np.arange(len(columns)), len(columns) // strip)
    y = y[columns] + _drift(_straightened(values, columns, y[columns], 2 * half)[0], parts)
    band, rows = _straightened(values, columns, y, half)
    profile = _profile(band, parts)
    if np.median((profile > profile.max(0) / 2).sum(0)) > max(THICKEST * max(values.shape), NARROW):
        return  # a stroke
    if np.median(profile.max(0)) > darkest * ink:
        return
    added = np.repeat(SPARE * ndimage.maximum_filter1d(profile, 3, axis=0), [len(part) for part in parts], axis=1)
    at = (rows >= 0) & (rows < height) & ~_is_crossed(band > ink)
    place = rows[at], np.broadcast_to(columns, rows.shape)[at]
    ruling[place] = np.maximum(ruling[place], added[at])


def _is_crossed(is_ink: np.ndarray) -> np.ndarray:
    """Return in which columns of a straightened band (rows, columns) the ink runs on beyond the line."""
    half = len(is_ink) // 2
    above, below = (np.logical_and.accumulate(part).sum(0) for part in (is_ink[half::-1], is_ink[half:]))
    run = above + below
    return run > CROSSED * np.median(run) + 2


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
    return profile
