"""The cells of forms, tables and sudokus are found by their walls, in any perspective; squared paper holds no cells."""

from itertools import chain

import numpy as np
import pytest
from PIL import Image

from benchmarks.images.clean_pages import CELL, PAPER, TABLE_MARGIN, add_squares, draw_page, draw_table, encoded
from digits.models import loading
from digits.sheets.grid import find_grid
from digits.sheets.reading import read
from digits.sheets.table import read_table
from digits.system.files import UserError

SUDOKU = (
    "53  7    ",
    "6  195   ",
    " 98    6 ",
    "8   6   3",
    "4  8 3  1",
    "7   2   6",
    " 6    28 ",
    "   419  5",
    "    8  79",
)


@pytest.fixture(scope="module")
def classifier():
    return loading.load()


def seen_from_aside(grey: np.ndarray) -> Image.Image:
    """Return greys in perspective, on a dark table."""
    height, width = grey.shape
    place = (0.1, -0.1, 0.06, 0.1)
    picture = Image.fromarray(np.pad(grey, 60, constant_values=60))
    top, right = place[1] * height, place[0] * width
    quad = (-20, top, 0, height + 120, width + 120 + right, height + 140, width + 160, -60)
    return picture.transform(
        (width + 120, height + 120), Image.Transform.QUAD, quad, Image.Resampling.BILINEAR, fillcolor=60
    )


def test_every_cell_is_found_where_it_is():
    grid = find_grid((PAPER - draw_table(SUDOKU).astype(np.float32)) / PAPER)
    assert grid is not None
    assert grid.holds_digits
    assert grid.corners.shape == (9, 9, 4, 2)
    middles = grid.corners.mean(2)
    expected = TABLE_MARGIN + CELL * (np.arange(9) + 0.5)
    assert np.abs(middles[..., 0] - expected).max() < 4
    assert np.abs(middles[..., 1] - expected[:, None]).max() < 4


def test_rows_and_columns_may_be_of_different_sizes():
    x, y = np.cumsum((20, 40, 90, 60, 60)), np.cumsum((20, 50, 120, 60))
    values = np.zeros((y[-1] + 20, x[-1] + 20), np.float32)
    for at in x:
        values[y[0] : y[-1] + 2, at : at + 2] = 1
    for at in y:
        values[at : at + 2, x[0] : x[-1] + 2] = 1
    values[y[1] : y[2], x[1] : x[1] + 2] = 0  # two cells in one
    grid = find_grid(values)
    assert grid is not None
    assert grid.corners.shape == (3, 4, 4, 2)
    np.testing.assert_allclose(grid.corners[:, :, 0], np.stack(np.meshgrid(x[:-1], y[:-1]), -1), atol=4)


@pytest.mark.parametrize("wall", [1, 3, 7])
@pytest.mark.parametrize("rows", [("0123456789",), ("503", "268", "190"), SUDOKU], ids=["form", "table", "sudoku"])
def test_digits_keep_their_cells_behind_walls_of_any_thickness(rows, wall, classifier):
    sheet = read(encoded(draw_table(rows, wall)), "table.png", classifier)
    answers = [
        "".join("".join(str(digit.answer.digit) for digit in cell) or " " for cell in row) for row in sheet.table
    ]
    assert answers == [*rows]
    assert sheet.number == "\n".join(" ".join(row.split()) for row in rows)
    assert [*chain(*sheet.lines)] == sheet.digits


def test_boxes_lie_in_their_cells_of_a_photo_taken_from_aside(classifier):
    photo = seen_from_aside(draw_table(SUDOKU))
    sheet = read(encoded(photo, "JPEG"), "photo.jpg", classifier)
    assert sheet.number == "\n".join(" ".join(row.split()) for row in SUDOKU)
    dark = np.asarray(photo) < 120
    for digit in sheet.digits:
        left, top, right, bottom = map(round, digit.box)
        assert dark[top:bottom, left:right].any()


def test_a_table_holds_so_many_marks_at_most(classifier):
    values = (PAPER - draw_table(("123", "456")).astype(np.float32)) / PAPER
    grid = find_grid(values)
    assert grid is not None
    assert [len(read_table(values, grid, classifier, most, True)) for most in (6, 5)] == [2, 0]


def test_a_wall_with_gaps_keeps_its_cells(classifier):
    grey = draw_table(("1234", "5678", "9021"))
    grey[TABLE_MARGIN + 10 : TABLE_MARGIN + 40, TABLE_MARGIN + CELL - 3 : TABLE_MARGIN + CELL + 4] = PAPER
    assert read(encoded(grey), "table.png", classifier).number == "1234\n5678\n9021"


def test_squared_paper_with_digits_across_its_lines_is_no_table(classifier):
    sheet = read(encoded(add_squares(draw_page("2026\n8359"))), "page.png", classifier)
    assert sheet.table == ()
    assert sheet.text == "2026\n8359"


def test_an_empty_table_has_no_digits(classifier):
    with pytest.raises(UserError, match="No digit was found"):
        read(encoded(draw_table((" " * 5,) * 4)), "table.png", classifier)
