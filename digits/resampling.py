"""Resampling: the averages of a picture's pixels over larger cells, which keep the amount of ink, and the way back."""

import numpy as np


def resample(values: np.ndarray, box: tuple[float, float, float, float], shape: tuple[int, int]) -> np.ndarray:
    """Return the averages of an array's values over equal cells of a box (top, left, bottom, right)."""
    top, left, bottom, right = box
    if shape == values.shape and box == (0, 0, *shape):
        return values
    down = _shares(values.shape[0], top, bottom, shape[0])
    across = _shares(values.shape[1], left, right, shape[1])
    return down @ values @ across.T


def shrink(grey: np.ndarray, side: int) -> np.ndarray:
    """Return the averages of square blocks, as small as make the longest side at most `side`."""
    block = reduction(grey, side)
    if block == 1:
        return grey
    height, width = (-(-length // block) for length in grey.shape)
    margin = [(0, height * block - grey.shape[0]), (0, width * block - grey.shape[1])]
    rows = np.pad(grey, margin, mode="edge").reshape(height, block, width * block).mean(1)
    return rows.reshape(height, width, block).mean(2)


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


def _shares(length: int, start: float, stop: float, cells: int) -> np.ndarray:
    """Return the share (cells, length) of each pixel in equal cells from start to stop; a cell's sum is 1."""
    edges, pixels = np.linspace(start, stop, cells + 1)[:, None], np.arange(length)
    shared = np.maximum(np.minimum(edges[1:], pixels + 1) - np.maximum(edges[:-1], pixels), 0)
    return shared / np.maximum(shared.sum(1, keepdims=True), 1e-9)
