"""Filters: averages over blocks of pixels and the way back, grey morphology, connected components and distances.

Averages keep the amount of ink, which interpolation does not. Arrays are (h, w) of any values.
"""

from functools import reduce

import numpy as np
from scipy import ndimage


def resample(values: np.ndarray, box: tuple[float, float, float, float], shape: tuple[int, int]) -> np.ndarray:
    """Return the averages of an array's values over equal cells of a box (top, left, bottom, right)."""
    top, left, bottom, right = box
    if shape == values.shape and box == (0, 0, *shape):
        return values
    return _averages(_averages(values, top, bottom, shape[0]).T, left, right, shape[1]).T


def block_side(grey: np.ndarray, longest: int) -> int:
    """Return the side of the smallest blocks that make the longest side at most `longest`."""
    return -(-max(grey.shape) // longest)


def downsample(grey: np.ndarray, longest: int) -> np.ndarray:
    """Return the averages of square blocks, the smallest that make the longest side at most `longest`."""
    block = block_side(grey, longest)
    if block == 1:
        return grey
    margin = [(0, -length % block) for length in grey.shape]
    padded = np.pad(grey, margin, mode="edge") if np.any(margin) else grey
    rows: np.ndarray = reduce(np.add, (padded[place::block].astype(np.float32) for place in range(block)))
    return reduce(np.add, (rows[:, place::block] for place in range(block))) / block**2


def upsample(values: np.ndarray, times: int) -> np.ndarray:
    """Return each value as a block of that many a side, straight lines running from middle to middle."""
    for axis in (1, 0):
        length = values.shape[axis]
        at = np.clip((np.arange(length * times) + 0.5) / times - 0.5, 0, length - 1)
        low = np.minimum(at.astype(np.intp), max(length - 2, 0))
        share = (at - low).astype(np.float32)
        share = share[:, None] if axis == 0 else share
        values = values.take(low, axis) * (1 - share) + values.take(np.minimum(low + 1, length - 1), axis) * share
    return values


def closing(grey: np.ndarray, window: int, extends_outside: bool = True) -> np.ndarray:
    """Return the grey closing: without what is dark and narrower, both ways, than a window of an odd number of pixels.

    extends_outside: whether what is dark at the edge of the picture extends beyond it.
    """
    filled = window_extreme(pad_edge(grey, window - 1 if extends_outside else window // 2), window, np.maximum)
    return window_extreme(filled if extends_outside else pad_edge(filled, window // 2), window, np.minimum)


def window_extreme(values: np.ndarray, window: int, pick: np.ufunc) -> np.ndarray:
    """Return the extremes in all square windows of that many pixels a side that lie within the picture.

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


def label_components(mask: np.ndarray, diagonally: bool = True) -> tuple[np.ndarray, int]:
    """Return the number of each pixel's connected component, 0 outside the mask, and how many there are.

    diagonally: whether pixels that touch at a corner are connected.
    """
    labels = np.empty(mask.shape, np.int32)
    count = ndimage.label(mask, np.ones((3, 3)) if diagonally else None, output=labels)
    assert isinstance(count, int)  # with `output`
    return labels, count


def distance_to_outside(mask: np.ndarray) -> np.ndarray:
    """Return the distance from each pixel of a mask to the nearest pixel outside it: float64 (h, w)."""
    distances = np.empty(mask.shape)
    ndimage.distance_transform_edt(mask, distances=distances)
    return distances


def pad_edge(grey: np.ndarray, margin: int) -> np.ndarray:
    """Return greys with `margin` more pixels on every side, which repeat the outermost ones."""
    return np.pad(grey, margin, mode="edge")


def _averages(values: np.ndarray, start: float, stop: float, cells: int) -> np.ndarray:
    """Return the averages (cells, w) of rows (h, w) over equal cells from start to stop, of what lies within the rows.

    From sums between the edges and not as a matrix product, whose threads wait for each other on a busy machine.
    """
    edges = np.linspace(start, stop, cells + 1).clip(0, len(values))
    row = np.minimum(edges.astype(np.intp), len(values) - 1)
    sums = np.add.reduceat(values, row, axis=0, dtype=np.float64)[:-1]  # of whole rows, from edge to edge
    sums[row[:-1] == row[1:]] = 0  # where `reduceat` gives the row itself
    parts = (edges - row)[:, None] * values[row]
    return (sums + np.diff(parts, axis=0)) / np.maximum(np.diff(edges), 1e-9)[:, None]
