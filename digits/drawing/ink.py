"""Ink: from strokes to the picture of 28x28 pixels that the network reads.

A stroke is a float array (n, 2) of pen positions, x to the right and y down, n >= 1. A picture is
uint8 (28, 28), 0 for paper and 255 for ink, as in `keras.datasets.mnist`, everywhere.
"""

from collections.abc import Sequence

import numpy as np

SIZE = 28  # pixels, the side of every picture
CENTER = 14.5  # pixels, where MNIST has the centre of mass: the middle of pixel 14, counted from 0
DIGIT_SIDE = 20.0  # pixels, the longest side of a normalised digit, pen included
PEN_WIDTH = 2.4  # pixels; gives drawn digits the mean ink of MNIST (`python -m benchmarks.drawing.pen_width`)
SMALLEST = 1e-300  # longest side of a drawing that is more than a dot; of one still smaller the scale would be infinite

Stroke = np.ndarray
StrokeLike = Stroke | Sequence[Sequence[float]]


def rasterize(strokes: Sequence[StrokeLike], pen_width: float, shape: tuple[int, int] = (SIZE, SIZE)) -> np.ndarray:
    """Return the anti-aliased picture of a round pen moved along the strokes.

    strokes: arrays (n, 2) in pixels, in a picture of [0, width] in x and [0, height] in y; ink outside is cut off.
    pen_width: the pen's diameter in pixels, above 0. shape: height and width of the picture in pixels.
    Returns uint8 of that shape. A pixel's ink is the share of a one-pixel ramp across the pen's edge, at
    the pixel's distance from the nearest segment, so that strokes have neither gaps nor steps.
    """
    start, end = _short_segments(strokes)
    reach = pen_width / 2 + 0.5
    # A segment is at most one pixel long: a small window of pixels around its start holds all its ink.
    around = np.arange(-np.ceil(reach) - 1, np.ceil(reach) + 2, dtype=np.intp)
    rows = np.floor(start[:, 1]).astype(np.intp)[:, None] + around
    columns = np.floor(start[:, 0]).astype(np.intp)[:, None] + around
    offset_y = (rows + 0.5 - start[:, 1:])[:, :, None]
    offset_x = (columns + 0.5 - start[:, :1])[:, None, :]
    direction = (end - start)[:, :, None, None]
    dx, dy = direction[:, 0], direction[:, 1]
    along = (offset_x * dx + offset_y * dy) / np.maximum(dx * dx + dy * dy, 1e-12)
    along = np.clip(along, 0, 1)
    distance = np.hypot(offset_x - along * dx, offset_y - along * dy)
    ink = np.clip(reach - distance, 0, 1)
    height, width = shape
    inside = ((rows >= 0) & (rows < height))[:, :, None] & ((columns >= 0) & (columns < width))[:, None, :]
    picture = np.zeros(height * width)
    pixels = rows[:, :, None] * width + columns[:, None, :]
    np.maximum.at(picture, pixels[inside], ink[inside])
    return np.round(picture * 255).astype(np.uint8).reshape(shape)


def normalize(strokes: Sequence[StrokeLike], pen_width: float = PEN_WIDTH) -> np.ndarray:
    """Return the picture of a drawing of any size at any place, laid out as MNIST's digits are.

    The longest side, pen included, becomes 20 pixels and the centre of mass of the ink the middle
    (LeCun et al., "Gradient-based learning applied to document recognition", 1998, section III.A).
    No strokes give an empty picture; a dot stays a dot of the pen's width.
    """
    arrays = [np.asarray(stroke, np.float64).reshape(-1, 2) for stroke in strokes if len(stroke)]
    if not arrays:
        return np.zeros((SIZE, SIZE), np.uint8)
    longest = extent(arrays)
    scale = (DIGIT_SIDE - pen_width) / longest if longest > SMALLEST else 1.0
    scaled = [stroke * scale for stroke in arrays]
    shift = CENTER - center_of_mass(scaled)
    return rasterize([stroke + shift for stroke in scaled], pen_width)


def extent(strokes: Sequence[Stroke]) -> float:
    """Return the longest side of the box around all points, in the strokes' unit; 0.0 for none."""
    if not strokes:
        return 0.0
    return float(np.ptp(np.concatenate(strokes), axis=0).max())


def center_of_mass(strokes: Sequence[Stroke]) -> np.ndarray:
    """Return the centre (x, y) of evenly spread ink: the segments' midpoints weighted by their lengths."""
    points = np.concatenate(strokes)
    middles = np.concatenate([(s[1:] + s[:-1]) / 2 for s in strokes])
    lengths = np.concatenate([np.hypot(*np.diff(s, axis=0).T) for s in strokes])
    if lengths.sum() == 0:
        return points.mean(axis=0)
    return np.average(middles, axis=0, weights=lengths)


def network_input(pictures: np.ndarray) -> np.ndarray:
    """Turn uint8 (n, 28, 28) or (28, 28) pictures into the network's float32 (n, 28, 28, 1) in [0, 1]."""
    return np.asarray(pictures, np.float32).reshape(-1, SIZE, SIZE, 1) / 255


def _short_segments(strokes: Sequence[StrokeLike]) -> tuple[np.ndarray, np.ndarray]:
    """Cut the strokes into segments of at most one pixel: starts and ends, float64 (k, 2) each."""
    starts, ends = [np.empty((0, 2))], [np.empty((0, 2))]
    for stroke in strokes:
        points = np.asarray(stroke, np.float64).reshape(-1, 2)
        starts.append(points[:-1] if len(points) > 1 else points)
        ends.append(points[1:] if len(points) > 1 else points)
    start, end = np.concatenate(starts), np.concatenate(ends)
    pieces = np.maximum(1, np.ceil(np.hypot(*(end - start).T))).astype(np.intp)
    segment = np.repeat(np.arange(len(start)), pieces)
    piece = np.arange(len(segment)) - np.repeat(np.cumsum(pieces) - pieces, pieces)
    step = ((end - start) / pieces[:, None])[segment]
    first = start[segment] + step * piece[:, None]
    return first, first + step
