"""Table: the digits in the cells of a grid, with the row and column of each.

The paper within the walls of every cell is laid out on a page of its own, upright and with room between the cells, so
that neither walls nor what stands beside the grid is taken for digits. Contrasts are float32 (h, w), about 0 for paper.
"""

from functools import partial
from typing import NamedTuple

import numpy as np
from PIL import Image

from digits.images.background import ink_contrast
from digits.images.components import Components
from digits.recognition.classifier import Recognizer
from digits.sheets.digit_segmentation import DigitSegmentation, RecognizedDigit
from digits.sheets.grid import Grid
from digits.sheets.signs import with_signs

LEAST_SIDE = 48  # pixels, the shorter side of a usual cell that digits are read in
LONGEST = 2000  # pixels, the longest side that all cells are enlarged to
ROOM = 0.5  # of a cell's shorter side, between two cells: more than between the parts of a digit
WALL = 0.02  # of a cell's sides, that may still be wall

Cell = tuple[RecognizedDigit, ...]  # the digits in it, from left to right
Table = tuple[tuple[Cell, ...], ...]  # rows of cells


class LaidOut(NamedTuple):
    """The cells' contrast (h, w), paper between them, and their edges there: int (rows, 2) and (columns, 2)."""

    values: np.ndarray
    rows: np.ndarray
    columns: np.ndarray
    ink: float


def read_table(values: np.ndarray, grid: Grid, classifier: Recognizer, most: int, has_signs: bool) -> Table:
    """Return the digits in each cell of a grid on a page of that contrast, row by row; boxes in pixels of the page.

    Empty where there are more than that many components of ink.
    """
    page = lay_out(values, grid.corners)
    components = Components(page.values, page.ink)
    if len(components.kept) > most:
        return ()
    segmentation = DigitSegmentation(components, classifier.classify, has_signs)
    cells: list[list[list[RecognizedDigit]]] = [[[] for _ in page.columns] for _ in page.rows]
    digits = segmentation.recognize()
    if has_signs:
        digits = with_signs(digits, components, segmentation.groups)
    for digit in sorted(digits, key=lambda digit: digit.box[0]):
        left, top, right, bottom = digit.box
        row, column = _nearest(page.rows, (top + bottom) / 2), _nearest(page.columns, (left + right) / 2)
        on_page = partial(
            _on_page, rows=page.rows[row], columns=page.columns[column], corners=grid.corners[row, column]
        )
        cells[row][column].append(digit.placed(on_page))
    return tuple(tuple(map(tuple, row)) for row in cells)


def lay_out(values: np.ndarray, corners: np.ndarray) -> LaidOut:
    """Return the cells with these corners (rows, columns, 4, 2), each upright, on one page."""
    middle = corners.mean(2, keepdims=True)
    corners = middle + (corners - middle) * (1 - 2 * WALL)
    across, down = (np.linalg.norm(corners[..., a, :] - corners[..., b, :], axis=-1) for a, b in ((0, 1), (0, 3)))
    widths, heights = np.median(across, 0), np.median(down, 1)
    side = min(np.median(widths), np.median(heights))
    scale = max(1.0, min(LEAST_SIDE / side, LONGEST / max(widths.sum(), heights.sum())))
    room = round(ROOM * side * scale)
    rows, columns = (_edges(sides * scale, room) for sides in (heights, widths))
    mesh = [
        ((left, top, right, bottom), tuple(corners[row, column, [0, 3, 2, 1]].ravel()))
        for row, (top, bottom) in enumerate(rows.tolist())
        for column, (left, right) in enumerate(columns.tolist())
    ]
    size = int(columns[-1, 1]) + room, int(rows[-1, 1]) + room
    picture = Image.fromarray(values.astype(np.float32)).transform(
        size, Image.Transform.MESH, mesh, Image.Resampling.BILINEAR
    )
    laid = np.asarray(picture)
    inside = laid[np.ix_(_within(rows, size[1]), _within(columns, size[0]))]
    return LaidOut(laid, rows, columns, ink_contrast(inside[::2, ::2]))


def _edges(sides: np.ndarray, room: int) -> np.ndarray:
    """Return where cells of these sides begin and end, int (n, 2), with room around them."""
    lengths = np.maximum(np.round(sides).astype(int), 1)
    stops = np.cumsum(lengths + room)
    return np.stack([stops - lengths, stops], 1)


def _within(edges: np.ndarray, length: int) -> np.ndarray:
    """Return which of that many pixels lie in a cell: bool (length,)."""
    at = np.arange(length)[:, None]
    return np.any((at >= edges[:, 0]) & (at < edges[:, 1]), axis=1)


def _nearest(edges: np.ndarray, at: float) -> int:
    return int(np.abs(edges.mean(1) - at).argmin())


def _on_page(box: tuple, rows: np.ndarray, columns: np.ndarray, corners: np.ndarray) -> np.ndarray:
    """Return the box on the page around a box in a cell, given by its edges and its corners (4, 2) on the page."""
    x = (np.array(box[::2]) - columns[0]) / np.ptp(columns)
    y = ((np.array(box[1::2]) - rows[0]) / np.ptp(rows))[:, None]
    top, bottom = (corners[a] + (corners[b] - corners[a]) * x[:, None] for a, b in ((0, 1), (3, 2)))
    points = np.concatenate([top + (bottom - top) * each for each in y])
    return np.concatenate([points.min(0), points.max(0)])
