"""Resampling: the averages of a picture's pixels over larger cells, which keep the amount of ink, and the way back."""

import numpy as np


def resample(values: np.ndarray, box: tuple[float, float, float, float], shape: tuple[int, int]) -> np.ndarray:
    """Return the averages of an array's values over equal cells of a box (top, left, bottom, right)."""
    top, left, bottom, right = box
    if shape == values.shape and box == (0, 0, *shape):
        return values
    return _averages(_averages(values, top, bottom, shape[0]).T, left, right, shape[1]).T


def shrink(grey: np.ndarray, side: int) -> np.ndarray:
    """Return the averages of square blocks, as small as make the longest side at most `side`."""
    block = reduction(grey, side)
    if block == 1:
        return grey
    margin = [(0, -length % block) for length in grey.shape]
    padded = np.pad(grey, margin, mode="edge") if np.any(margin) else grey
    rows = sum(np.float32(padded[place::block]) for place in range(block))
    return sum(rows[:, place::block] for place in range(block)) / block**2


def enlarge(values: np.ndarray, times: int) -> np.ndarray:
    """Return each value as a block of that many a side, straight lines running from middle to middle."""
    for axis in (1, 0):
        length = values.shape[axis]
        at = np.clip((np.arange(length * times) + 0.5) / times - 0.5, 0, length - 1)
        low = np.minimum(at.astype(np.intp), max(length - 2, 0))
        share = np.float32(at - low)
        share = share[:, None] if axis == 0 else share
        values = values.take(low, axis) * (1 - share) + values.take(np.minimum(low + 1, length - 1), axis) * share
    return values


def reduction(grey: np.ndarray, side: int) -> int:
    """Return the side of the smallest blocks that make the longest side at most `side`."""
    return -(-max(grey.shape) // side)


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
