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

SEARCH_SIDE = 720  # pixels, longest side at which lines are looked for
SMALLEST_SIDE = 64  # pixels; in a smaller picture a stroke is as thin as a line
HALF_WIDTHS = (1 / 360, 1 / 180)  # of the longest side: of thin and of broad lines
FAINTEST = 0.012  # contrast of a line
ABOVE_NOISE = 2.0  # standard deviations of noise that a line stands out by
SLOPES = np.tan(np.deg2rad(np.arange(-12, 12.01, 0.3)))
FAMILY = np.tan(np.deg2rad(3))  # difference of slopes, at most, from the others
NEAR = 3  # pixels at SEARCH_SIDE: nearer lines are one
COVERED = 0.45  # share of its way through the picture on which a line shows
LINES = {1: 0.8, 3: COVERED}  # number of parallel lines: the share on which each of them shows
SHORTEST = 0.3  # of the picture's length: a line's way through it

STRIPS = 22  # along the longest side: parts in which a line is straight
ALONG = 7  # strips over which a line's contrast is one
SPARE = 1.15  # times a line's contrast is taken away
DARK_LINE = 0.5  # of the ink's threshold: darker lines hide the ink that crosses them


class Line(NamedTuple):
    """A straight line: its slope, and its y in the middle column, in pixels."""

    slope: float
    middle: float

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
    block = reduction(values, SEARCH_SIDE)
    small = shrink(values, SEARCH_SIDE)
    ruling = np.zeros_like(values)
    for line in find_lines(small):
        _add_line(ruling, values, Line(line.slope, line.middle * block))
    return ruling


def find_lines(values: np.ndarray) -> list[Line]:
    """Return the printed lines of a small contrast (h, w)."""
    votes, lowest = _votes(_ridges(values))
    is_peak = (votes == ndimage.maximum_filter(votes, 5)) & (votes >= COVERED)
    slopes, places = np.nonzero(is_peak)
    order = np.argsort(-votes[slopes, places], kind="stable")
    lines: list[Line] = []
    shares = []
    width = values.shape[1]
    for slope, place in zip(slopes[order], places[order], strict=True):
        line = Line(float(SLOPES[slope]), float(place + lowest + 0.5))
        ends = np.array([0.0, width])
        if all(np.abs(line.at(ends, width) - other.at(ends, width)).mean() > NEAR for other in lines):
            lines.append(line)
            shares.append(votes[slope, place])
    if not lines:
        return []
    usual = np.median([line.slope for line in lines[: max(3, len(lines) // 2)]])
    lines = [(line, share) for line, share in zip(lines, shares) if abs(line.slope - usual) <= FAMILY]
    for least, share in LINES.items():
        if sum(own >= share for _, own in lines) >= least:
            return [line for line, _ in lines] if len(lines) >= 3 else [line for line, own in lines if own >= share]
    return []


def _ridges(values: np.ndarray) -> np.ndarray:
    """Return where a pixel is the highest between darker ones above and below it: bool (h, w)."""
    smooth = ndimage.gaussian_filter(values, (0.7, 2.5))
    ridges = np.full(values.shape, -1.0, np.float32)
    for share in HALF_WIDTHS:
        far = max(1, round(share * max(values.shape))) + 1
        padded = np.pad(smooth, ((far, far), (0, 0)), mode="edge")
        np.maximum(ridges, smooth - np.maximum(padded[: -2 * far], padded[2 * far :]), out=ridges)
    noise = 1.48 * np.median(np.abs(smooth - ndimage.gaussian_filter(smooth, (2, 0))))
    highest = smooth == ndimage.maximum_filter1d(smooth, 3, axis=0)
    return (ridges > max(FAINTEST, ABOVE_NOISE * noise)) & highest


def _votes(ridges: np.ndarray) -> tuple[np.ndarray, int]:
    """Return the share of each line's way that is ridge, (slopes, places), and the y of the first place."""
    height, width = ridges.shape
    y, x = np.nonzero(ridges)
    x = x + 0.5 - width / 2
    reach = int(np.ceil(np.abs(SLOPES).max() * width / 2)) + 1
    count = height + 2 * reach
    votes = np.stack([np.bincount(np.rint(y - slope * x).astype(np.intp) + reach, minlength=count) for slope in SLOPES])
    votes = ndimage.uniform_filter1d(votes.astype(np.float32), 3, axis=1, mode="constant") * 3
    places = np.arange(count) - reach
    with np.errstate(divide="ignore", invalid="ignore"):
        cut = [np.sort([-places / slope, (height - 1 - places) / slope], axis=0) for slope in SLOPES]
    way = []
    for slope, (first, last) in zip(SLOPES, cut):
        if abs(slope) < 1e-9:
            inside = ((places >= 0) & (places < height)) * float(width)
        else:
            inside = np.clip(last, -width / 2, width / 2) - np.clip(first, -width / 2, width / 2)
        way.append(inside)
    way = np.array(way)
    return np.where(way >= SHORTEST * width, votes / np.maximum(way, 1), 0), -reach


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
