"""The layout at every size: inside the window, nothing over anything else, cells square and whole."""

from itertools import combinations

import pytest

from digits.layout import CELLS, WINDOW_SIZE, Box, arrange

SIZES = [(320, 240), (640, 480), WINDOW_SIZE, (1920, 1080), (3840, 2160), (420, 860), (700, 700), (1600, 400)]


def boxes(layout):
    return [layout.canvas, layout.answer, *layout.bars, *layout.buttons.values()]


@pytest.mark.parametrize("size", SIZES)
def test_everything_lies_inside_the_window(size):
    for box in boxes(arrange(size)):
        assert box.width > 0
        assert box.height > 0
        assert 0 <= box.x <= box.x + box.width <= size[0]
        assert 0 <= box.y <= box.y + box.height <= size[1]


@pytest.mark.parametrize("size", SIZES)
def test_nothing_covers_anything_else(size):
    for a, b in combinations(boxes(arrange(size)), 2):
        assert a.x + a.width <= b.x or b.x + b.width <= a.x or a.y + a.height <= b.y or b.y + b.height <= a.y


@pytest.mark.parametrize("size", SIZES)
def test_the_canvas_is_28_whole_cells_a_side(size):
    layout = arrange(size)
    assert layout.canvas.width == layout.canvas.height == CELLS * layout.cell


def test_the_canvas_grows_with_the_window():
    assert arrange((1920, 1280)).cell >= 2 * arrange((960, 640)).cell - 1


@pytest.mark.parametrize("size", [(1, 1), (10, 500), (500, 10)])
def test_a_hopelessly_small_window_still_has_a_layout(size):
    assert arrange(size).cell >= 1


def test_the_corners_of_the_canvas_are_the_corners_in_cells():
    layout = arrange(WINDOW_SIZE)
    x, y, side, _ = layout.canvas
    assert layout.to_cells((x, y)) == pytest.approx((0.5 / layout.cell, 0.5 / layout.cell))
    assert layout.to_cells((x + side - 1, y + side - 1)) == pytest.approx((28 - 0.5 / layout.cell,) * 2)


def test_a_box_contains_its_first_pixel_and_not_the_one_after_its_last():
    box = Box(10, 20, 5, 5)
    assert box.contains((10, 20))
    assert box.contains((14, 24))
    assert not box.contains((15, 24))
    assert not box.contains((9, 22))
