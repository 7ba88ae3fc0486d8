"""The canvas: strokes in, cells and the network's picture out."""

import numpy as np
import pytest

from digits import ink
from digits.canvas import PEN_WIDTH, Canvas


def draw(canvas: Canvas, *strokes) -> Canvas:
    for (x, y), *rest in strokes:
        canvas.press(x, y)
        for point in rest:
            canvas.move(*point)
        canvas.release()
    return canvas


def test_a_stroke_is_kept_as_its_points():
    canvas = draw(Canvas(), [(1, 2), (3, 4), (3, 9)])
    assert canvas.strokes == [[(1, 2), (3, 4), (3, 9)]]


def test_cells_drawn_point_by_point_are_those_drawn_at_once():
    canvas, strokes = Canvas(), [[(2, 2), (20, 5), (9, 25)], [(4, 14), (22, 13)]]
    for (x, y), *rest in strokes:
        canvas.press(x, y)
        for point in rest:
            canvas.move(*point)
            canvas.cells()  # looked at after every event, as the window does
        canvas.release()
    assert np.array_equal(canvas.cells(), ink.rasterize([np.array(s) for s in strokes], PEN_WIDTH))


def test_two_strokes_between_two_looks_are_both_shown():
    canvas = draw(Canvas(), [(3, 3), (3, 20)], [(20, 3), (20, 20)])
    assert canvas.cells()[10, 2] > 100
    assert canvas.cells()[10, 20] > 100


def test_crossing_ink_never_gets_lighter():
    canvas = draw(Canvas(), [(2, 14), (26, 14)])
    before = canvas.cells().copy()
    draw(canvas, [(14, 2), (14, 26)])
    assert (canvas.cells() >= before).all()


def test_a_flick_leaves_no_gap():
    cells = draw(Canvas(), [(2, 2), (26, 25)]).cells()
    assert all(cells[y].max() > 200 for y in range(3, 24))


def test_a_stroke_that_leaves_the_canvas_goes_on_at_its_edge():
    canvas = draw(Canvas(), [(5, 5), (-7, 12), (40, 90)])
    assert canvas.strokes == [[(5, 5), (0, 12), (28, 28)]]


def test_moving_with_the_pen_up_draws_nothing():
    canvas = Canvas()
    canvas.move(3, 3)
    assert canvas.is_empty()
    assert not canvas.cells().any()


@pytest.mark.parametrize(
    ("points", "is_dot"), [([(9, 9)], True), ([(9, 9), (9.4, 9.9)], True), ([(9, 9), (9, 13)], False)]
)
def test_a_dot_is_told_from_a_digit(points, is_dot):
    assert draw(Canvas(), points).is_dot() is is_dot


def test_an_empty_canvas_is_no_dot_and_has_no_ink():
    canvas = Canvas()
    assert canvas.is_empty()
    assert not canvas.is_dot()
    assert not canvas.picture().any()


def test_clear_forgets_everything():
    canvas = draw(Canvas(), [(2, 2), (26, 25)])
    canvas.clear()
    assert canvas.is_empty()
    assert not canvas.cells().any()


def test_place_and_size_do_not_change_what_the_network_sees():
    seven = np.array([(0, 0), (6, 0), (2, 10)])
    small = draw(Canvas(), (seven * 0.5 + 1).tolist()).picture()
    large = draw(Canvas(), (seven * 2.4 + [9, 3]).tolist()).picture()
    assert np.abs(small.astype(int) - large).max() <= 1
