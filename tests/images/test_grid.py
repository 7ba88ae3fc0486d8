"""The cells of forms, tables and sudokus are found by their walls, in any perspective; squared paper holds no cells."""

from itertools import chain

import numpy as np
import pytest
from PIL import Image

from benchmarks.images.clean_pages import INK, PAPER, add_squares, draw_page, encoded
from benchmarks.support import template_digits
from digits.drawing import ink
from digits.images.grid import find_grid
from digits.images.reading import read
from digits.models import loading
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
CELL = 64  # pixels
MARGIN = 50


@pytest.fixture(scope="module")
def classifier():
    return loading.load()


def table(rows: tuple[str, ...], wall: int = 2, shade: int = INK) -> np.ndarray:
    """Return greys of a table with a digit or none in each cell."""
    shape = len(rows) * CELL + 2 * MARGIN, len(rows[0]) * CELL + 2 * MARGIN
    strokes = [
        stroke * 2.2 + (MARGIN + (column + 0.33) * CELL, MARGIN + (row + 0.22) * CELL)
        for row, line in enumerate(rows)
        for column, digit in enumerate(line)
        if digit != " "
        for stroke in template_digits.strokes(int(digit))
    ]
    grey = PAPER - (PAPER - INK) * (ink.rasterize(strokes, 4, shape) / 255)
    y, x = (np.abs((np.arange(side) - MARGIN + CELL / 2) % CELL - CELL / 2) <= wall / 2 for side in shape)
    inside = np.zeros(shape, bool)
    inside[MARGIN - wall : shape[0] - MARGIN + wall, MARGIN - wall : shape[1] - MARGIN + wall] = True
    return np.where(inside & (y[:, None] | x), np.minimum(grey, shade), grey).astype(np.uint8)


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
    grid = find_grid((PAPER - table(SUDOKU).astype(np.float32)) / PAPER)
    assert grid is not None
    assert grid.holds_digits
    assert grid.corners.shape == (9, 9, 4, 2)
    middles = grid.corners.mean(2)
    expected = MARGIN + CELL * (np.arange(9) + 0.5)
    assert np.abs(middles[..., 0] - expected).max() < 4
    assert np.abs(middles[..., 1] - expected[:, None]).max() < 4


@pytest.mark.parametrize("wall", [1, 3, 7])
@pytest.mark.parametrize("rows", [("0123456789",), ("503", "268", "190"), SUDOKU], ids=["form", "table", "sudoku"])
def test_digits_keep_their_cells_behind_walls_of_any_thickness(rows, wall, classifier):
    sheet = read(encoded(table(rows, wall)), "table.png", classifier)
    answers = [
        "".join("".join(str(digit.answer.digit) for digit in cell) or " " for cell in row) for row in sheet.table
    ]
    assert answers == [*rows]
    assert sheet.number == "\n".join(" ".join(row.split()) for row in rows)
    assert [*chain(*sheet.lines)] == sheet.digits


def test_boxes_lie_in_their_cells_of_a_photo_taken_from_aside(classifier):
    photo = seen_from_aside(table(SUDOKU))
    sheet = read(encoded(photo, "JPEG"), "photo.jpg", classifier)
    assert sheet.number == "\n".join(" ".join(row.split()) for row in SUDOKU)
    dark = np.asarray(photo) < 120
    for digit in sheet.digits:
        left, top, right, bottom = map(round, digit.box)
        assert dark[top:bottom, left:right].any()


def test_a_wall_with_gaps_keeps_its_cells(classifier):
    grey = table(("1234", "5678", "9021"))
    grey[MARGIN + 10 : MARGIN + 40, MARGIN + CELL - 3 : MARGIN + CELL + 4] = PAPER
    assert read(encoded(grey), "table.png", classifier).number == "1234\n5678\n9021"


def test_squared_paper_with_digits_across_its_lines_is_no_table(classifier):
    sheet = read(encoded(add_squares(draw_page("2026\n8359"))), "page.png", classifier)
    assert sheet.table == ()
    assert sheet.text == "2026\n8359"


def test_an_empty_table_has_no_digits(classifier):
    with pytest.raises(UserError, match="No digit was found"):
        read(encoded(table((" " * 5,) * 4)), "table.png", classifier)
