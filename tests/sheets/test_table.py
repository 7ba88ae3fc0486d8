"""The cells of a grid are laid out upright on a page of their own, with room between them, and boxes led back."""

from itertools import pairwise

import numpy as np
import pytest

from digits.images.background import ink_contrast
from digits.sheets import table

WIDTHS, HEIGHTS = (75, 90, 120), (110, 80)


def grid_of(widths: tuple[int, ...], heights: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Return greys (h, w), 1, 2, ... in each cell and 99 on the walls, and the corners of the cells."""
    x, y = np.cumsum((20, *widths)), np.cumsum((30, *heights))
    values = np.full((y[-1] + 20, x[-1] + 20), 99.0)
    corners = np.empty((len(heights), len(widths), 4, 2))
    for row, (top, bottom) in enumerate(pairwise(y)):
        for column, (left, right) in enumerate(pairwise(x)):
            values[top + 1 : bottom - 1, left + 1 : right - 1] = 1 + column + row * len(widths)
            corners[row, column] = [(left, top), (right, top), (right, bottom), (left, bottom)]
    return values, corners


def test_cells_are_laid_out_in_their_order_without_their_walls():
    values, corners = grid_of(WIDTHS, HEIGHTS)
    page = table.lay_out(values, corners)
    for row, (top, bottom) in enumerate(page.rows):
        for column, (left, right) in enumerate(page.columns):
            assert (page.values[top:bottom, left:right] == 1 + column + row * len(WIDTHS)).all()
    for edges, sides in ((page.columns, WIDTHS), (page.rows, HEIGHTS)):
        lengths = np.diff(edges).ravel()
        np.testing.assert_allclose(lengths / lengths[0], np.divide(sides, sides[0]), rtol=0.03)
        assert (edges[1:, 0] > edges[:-1, 1]).all()
    between = page.values[:, page.columns[0, 1] : page.columns[1, 0]]
    assert not between.any()


def test_the_ink_is_that_of_the_cells_alone(monkeypatch):
    values, corners = grid_of(WIDTHS, HEIGHTS)
    seen = []
    monkeypatch.setattr(table, "ink_contrast", lambda contrasts: seen.append(contrasts) or ink_contrast(contrasts))
    table.lay_out(values, corners)
    assert set(np.unique(seen[0])) == {1, 2, 3, 4, 5, 6}


@pytest.mark.parametrize("cell", [(0, 0), (1, 2)])
def test_the_box_of_a_whole_cell_is_the_cell(cell):
    values, corners = grid_of(WIDTHS, HEIGHTS)
    page = table.lay_out(values, corners)
    rows, columns = page.rows[cell[0]], page.columns[cell[1]]
    box = table._on_page((columns[0], rows[0], columns[1], rows[1]), rows, columns, corners[cell])
    np.testing.assert_allclose(box, [*corners[cell][0], *corners[cell][2]])
