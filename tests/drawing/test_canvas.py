"""The canvas: strokes in, cells and the network's picture out, and every step can be taken back."""

import numpy as np
import pytest

from digits.drawing import ink
from digits.drawing.canvas import ERASER_WIDTH, MAX_UNDO, PEN_WIDTH, WIDE, Canvas, Drawing, cut


def draw(canvas: Canvas, *strokes, erase: bool = False) -> Canvas:
    for (x, y), *rest in strokes:
        canvas.press(x, y, erase)
        for point in rest:
            canvas.move(*point)
        canvas.release()
    return canvas


def points(canvas: Canvas) -> list[list[tuple[float, float]]]:
    return [list(map(tuple, stroke.tolist())) for stroke in canvas.strokes]


def look(canvas: Canvas) -> tuple:
    """All that undo brings back: the strokes, their pens and the cells."""
    return points(canvas), canvas.widths, canvas.cells().tolist()


A, B = [(2, 2), (20, 5), (9, 25)], [(4, 14), (22, 13)]


def test_a_stroke_is_kept_as_its_points():
    canvas = draw(Canvas(), [(1, 2), (3, 4), (3, 9)])
    assert points(canvas) == [[(1, 2), (3, 4), (3, 9)]]
    assert canvas.strokes[0].dtype == np.float64


def test_a_stroke_of_thousands_of_points_is_kept_whole():
    path = [(14 + 9 * np.cos(t / 90), 14 + 9 * np.sin(t / 70)) for t in range(5000)]
    canvas = draw(Canvas(), path, B)
    assert points(canvas) == [path, B]


def test_strokes_that_were_handed_out_do_not_change():
    canvas = Canvas()
    canvas.press(1, 1)
    canvas.move(5, 5)
    (early,) = canvas.strokes
    canvas.move(9, 9)
    draw(canvas, B)
    assert early.tolist() == [[1, 1], [5, 5]]


def test_cells_drawn_point_by_point_are_those_drawn_at_once():
    canvas = Canvas()
    for (x, y), *rest in (A, B):
        canvas.press(x, y)
        for point in rest:
            canvas.move(*point)
            canvas.cells()  # looked at after every event, as the window does
        canvas.release()
    assert np.array_equal(canvas.cells(), ink.rasterize([np.array(s) for s in (A, B)], PEN_WIDTH))


def test_two_strokes_between_two_looks_are_both_shown():
    canvas = draw(Canvas(), [(3, 3), (3, 20)], [(20, 3), (20, 20)])
    assert canvas.cells()[10, 2] > 100
    assert canvas.cells()[10, 20] > 100


def test_a_dot_is_shown_from_the_press_on():
    canvas = Canvas()
    canvas.press(14, 14)
    assert canvas.cells()[13:15, 13:15].all()
    canvas.release()
    assert canvas.cells()[13:15, 13:15].all()


def test_crossing_ink_never_gets_lighter():
    canvas = draw(Canvas(), [(2, 14), (26, 14)])
    before = canvas.cells().copy()
    draw(canvas, [(14, 2), (14, 26)])
    assert (canvas.cells() >= before).all()


def test_a_flick_leaves_no_gap():
    cells = draw(Canvas(), [(2, 2), (26, 25)]).cells()
    assert all(cells[y].max() > 200 for y in range(3, 24))


@pytest.mark.parametrize(("columns", "right"), [(28, 28), (WIDE, 40)])
def test_a_stroke_that_leaves_the_canvas_goes_on_at_its_edge(columns, right):
    canvas = draw(Canvas(columns), [(5, 5), (-7, 12), (40, 90)])
    assert points(canvas) == [[(5, 5), (0, 12), (right, 28)]]


def test_a_wide_canvas_shows_ink_on_all_of_it():
    cells = draw(Canvas(WIDE), [(80, 5), (80, 20)]).cells()
    assert cells.shape == (28, WIDE)
    assert cells[10, 80] > 200


def test_moving_with_the_pen_up_draws_nothing():
    canvas = Canvas()
    canvas.move(3, 3)
    assert canvas.is_empty()
    assert not canvas.cells().any()


@pytest.mark.parametrize(
    ("stroke", "is_dot"), [([(9, 9)], True), ([(9, 9), (9.4, 9.9)], True), ([(9, 9), (9, 13)], False)]
)
def test_a_dot_is_told_from_a_digit(stroke, is_dot):
    assert draw(Canvas(), stroke).is_dot() is is_dot


def test_an_empty_canvas_is_no_dot_and_has_no_ink():
    canvas = Canvas()
    assert canvas.is_empty()
    assert not canvas.is_dot()
    assert not canvas.picture().any()


def test_a_cleared_canvas_is_empty():
    canvas = draw(Canvas(), A)
    canvas.clear()
    assert canvas.is_empty()
    assert not canvas.cells().any()


def test_place_and_size_do_not_change_what_the_network_sees():
    seven = np.array([(0, 0), (6, 0), (2, 10)])
    small = draw(Canvas(), (seven * 0.5 + 1).tolist()).picture()
    large = draw(Canvas(), (seven * 2.4 + [9, 3]).tolist()).picture()
    assert np.abs(small.astype(int) - large).max() <= 1


def test_the_version_grows_with_every_change_and_with_nothing_else():
    canvas, versions = Canvas(), []
    changes = [
        lambda: canvas.press(3, 3),
        lambda: canvas.move(9, 9),
        lambda: draw(canvas, A),
        lambda: draw(canvas, A, erase=True),
        canvas.undo,
        canvas.redo,
        canvas.clear,
    ]
    for change in changes:
        change()
        versions.append(canvas.version)
    assert len(set(versions)) == len(changes)
    for idle in (canvas.cells, canvas.release, canvas.clear, canvas.redo, lambda: canvas.move(9, 9)):
        idle()
        assert canvas.version == versions[-1]


# Pens


def test_each_stroke_keeps_the_width_of_its_pen():
    canvas = draw(Canvas(), [(4, 4), (4, 24)])
    canvas.pen_width = 4.0
    draw(canvas, [(20, 4), (20, 24)])
    assert canvas.widths == [PEN_WIDTH, 4.0]
    inked = (canvas.cells()[14] > 0).nonzero()[0]
    assert [np.count_nonzero(inked < 12), np.count_nonzero(inked > 12)] == [2, 4]
    canvas.undo()
    canvas.redo()
    assert canvas.widths == [PEN_WIDTH, 4.0]


def test_a_broad_pen_does_not_change_what_the_network_sees():
    fine, broad = Canvas(), Canvas()
    broad.pen_width = 3.75
    assert np.array_equal(draw(fine, A).picture(), draw(broad, A).picture())


# Steps that can be undone


@pytest.mark.parametrize(
    "step",
    [
        lambda canvas: draw(canvas, B),
        lambda canvas: draw(canvas, [(0, 14), (28, 14)], erase=True),
        lambda canvas: canvas.clear(),
        lambda canvas: canvas.replace(Drawing((np.array(B, float),), (3.0,))),
    ],
    ids=["stroke", "eraser", "reset", "another drawing"],
)
def test_every_step_is_taken_back_and_done_again(step):
    canvas = draw(Canvas(), A)
    before = look(canvas)
    step(canvas)
    after = look(canvas)
    assert after != before
    canvas.undo()
    assert look(canvas) == before
    canvas.redo()
    assert look(canvas) == after
    canvas.undo()
    canvas.undo()
    assert canvas.is_empty()
    assert not canvas.can_undo()


def test_undo_and_redo_walk_the_whole_history():
    canvas, looks = Canvas(), []
    for x in range(3, 25, 3):
        draw(canvas, [(x, 3), (x, 25)])
        looks.append(look(canvas))
    for expected in looks[-2::-1]:
        canvas.undo()
        assert look(canvas) == expected
    for expected in looks[1:]:
        canvas.redo()
        assert look(canvas) == expected
    assert not canvas.can_redo()


def test_a_new_stroke_ends_what_could_be_done_again():
    canvas = draw(Canvas(), A)
    canvas.undo()
    assert canvas.can_redo()
    draw(canvas, B)
    assert not canvas.can_redo()
    canvas.redo()
    assert points(canvas) == [B]


def test_undo_in_the_middle_of_a_stroke_takes_that_stroke_back():
    canvas = draw(Canvas(), A)
    canvas.press(3, 3)
    canvas.move(9, 9)
    canvas.undo()
    assert points(canvas) == [A]
    canvas.move(20, 20)
    assert points(canvas) == [A]


def test_with_nothing_to_undo_or_redo_nothing_happens():
    canvas = Canvas()
    canvas.undo()
    canvas.redo()
    canvas.clear()
    assert canvas.is_empty()
    assert not canvas.can_undo()


def test_the_history_has_an_end():
    canvas = draw(Canvas(), *([(x % 28, 2), (x % 28, 9)] for x in range(MAX_UNDO + 20)))
    while canvas.can_undo():
        canvas.undo()
    assert len(canvas.strokes) == 20


def test_forget_leaves_nothing_to_undo():
    canvas = draw(Canvas(), A)
    canvas.forget()
    assert canvas.is_empty()
    assert not canvas.can_undo()
    assert not canvas.can_redo()


# The eraser


def test_the_eraser_cuts_a_stroke_in_two_where_it_goes():
    canvas = draw(Canvas(), [(4, 14), (24, 14)])
    draw(canvas, [(14, 4), (14, 24)], erase=True)
    left, right = canvas.strokes
    assert (left[0].tolist(), right[-1].tolist()) == ([4, 14], [24, 14])
    reach = PEN_WIDTH * ERASER_WIDTH / 2 + PEN_WIDTH / 2
    assert left[-1][0] == pytest.approx(14 - reach, abs=0.3)
    assert right[0][0] == pytest.approx(14 + reach, abs=0.3)
    assert canvas.cells()[14, 14] == 0
    assert canvas.cells()[14, 5] == 255


def test_a_fast_eraser_leaves_nothing_between_two_of_its_points():
    canvas = draw(Canvas(), *([(x, 10), (x, 18)] for x in range(3, 26, 2)))
    draw(canvas, [(1, 14), (27, 14)], erase=True)
    assert not canvas.cells()[14].any()
    assert canvas.cells()[10].any()


def test_an_eraser_that_meets_nothing_is_no_step_and_keeps_what_can_be_done_again():
    canvas = draw(Canvas(), A, B)
    canvas.undo()
    draw(canvas, [(27, 27), (27, 20)], erase=True)
    assert points(canvas) == [A]
    canvas.redo()
    assert points(canvas) == [A, B]
    canvas.undo()
    canvas.undo()
    assert not canvas.can_undo()


def test_one_gesture_of_the_eraser_is_one_step():
    canvas = draw(Canvas(), *([(x, 4), (x, 24)] for x in (5, 11, 17, 23)))
    before = look(canvas)
    draw(canvas, [(x, 14) for x in range(28)], erase=True)
    assert len(canvas.strokes) == 8
    canvas.undo()
    assert look(canvas) == before


def test_a_dot_is_rubbed_out_whole():
    canvas = draw(Canvas(), [(14, 14)])
    draw(canvas, [(14.5, 14.5)], erase=True)
    assert canvas.is_empty()


def test_pieces_keep_the_width_of_their_pen():
    canvas = Canvas()
    canvas.pen_width = 3.75
    draw(canvas, [(4, 14), (24, 14)])
    canvas.pen_width = 1.0
    draw(canvas, [(14, 4), (14, 24)], erase=True)
    assert canvas.widths == [3.75, 3.75]


@pytest.mark.parametrize("seed", range(5))
def test_what_is_left_of_a_stroke_is_what_lies_outside(seed):
    rng = np.random.default_rng(seed)
    stroke, path, radius = rng.uniform(0, 28, (30, 2)), rng.uniform(0, 28, (2, 2)), 2.0
    pieces = cut(stroke, path, radius)
    along = np.linspace(path[0], path[1], 2000)
    for piece in pieces or [stroke]:
        nearest = np.hypot(*(piece[:, None] - along).transpose(2, 0, 1)).min(axis=1)
        assert nearest.min() > radius - 0.01
    assert pieces is not None
    kept = {tuple(point) for piece in pieces for point in piece.round(6).tolist()}
    far = np.hypot(*(stroke[:, None] - along).transpose(2, 0, 1)).min(axis=1) > radius + 0.01
    assert kept >= set(map(tuple, stroke[far].round(6).tolist()))


@pytest.mark.parametrize(("distance", "is_touched"), [(8.0, False), (2.01, False), (2.0, True), (1.99, True)])
def test_a_stroke_out_of_the_erasers_reach_is_not_touched(distance, is_touched):
    stroke = np.array([(1.0, 1.0), (5, 1)])
    for side in (-distance, distance):
        assert (cut(stroke, stroke + np.array([0, side]), 2.0) is not None) is is_touched
