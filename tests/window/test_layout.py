"""The layout at every size: inside the window, nothing over anything else, cells square and whole."""

from itertools import combinations

import pytest

from digits.drawing.canvas import WIDE
from digits.window.layout import CELLS, TOOLS, WINDOW_SIZE, Rect, arrange, digit_boxes

SIZES = [(320, 240), (640, 480), WINDOW_SIZE, (1920, 1080), (3840, 2160), (420, 860), (700, 700), (1600, 400)]
MODES = {
    "digit": {},
    "number": {"columns": WIDE},
    "signs": {"num_signs": 4},
    "projector": {"projector": True},
    "projected signs": {"projector": True, "num_signs": 4},
    "projected number": {"columns": WIDE, "projector": True},
}
everywhere = pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
in_each_mode = pytest.mark.parametrize("mode", MODES.values(), ids=MODES.keys())


def boxes(layout):
    note = [layout.note] if layout.note.height else []
    pictures = [layout.pictures] if layout.pictures.height else []
    return [layout.canvas, layout.answer, *layout.bars, *note, *pictures, *layout.buttons.values()]


def lies_in(inner: Rect, outer: Rect) -> bool:
    return (
        outer.x <= inner.x
        and inner.x + inner.width <= outer.x + outer.width
        and outer.y <= inner.y
        and inner.y + inner.height <= outer.y + outer.height
    )


@everywhere
@in_each_mode
def test_everything_lies_inside_the_window(size, mode):
    for box in boxes(arrange(size, **mode)):
        assert box.width > 0
        assert box.height > 0
        assert lies_in(box, Rect(0, 0, *size))


@everywhere
@in_each_mode
def test_nothing_covers_anything_else(size, mode):
    for a, b in combinations(boxes(arrange(size, **mode)), 2):
        assert a.x + a.width <= b.x or b.x + b.width <= a.x or a.y + a.height <= b.y or b.y + b.height <= a.y


@everywhere
@in_each_mode
def test_what_teaches_lies_on_the_note_with_room_for_words(size, mode):
    layout = arrange(size, **mode)
    assert set(layout.teaching) == (set() if mode.get("projector") else {"confirm", "name"})
    for box in layout.teaching.values():
        assert lies_in(box, layout.note)
        assert box.height < 0.65 * layout.note.height
    for a, b in combinations(layout.teaching.values(), 2):
        assert a.x + a.width <= b.x


@everywhere
@pytest.mark.parametrize("count", [1, 3, 12])
def test_each_digit_of_a_number_has_a_column_of_the_answer(size, count):
    answer = arrange(size, WIDE).answer
    columns, type_size = digit_boxes(answer, count)
    assert len(columns) == count
    assert type_size <= answer.height
    for column in columns:
        assert lies_in(column, answer)
    for a, b in combinations(columns, 2):
        assert a.x + a.width <= b.x


@everywhere
@in_each_mode
def test_the_canvas_is_28_whole_cells_high(size, mode):
    layout = arrange(size, **mode)
    assert layout.canvas.height == CELLS * layout.cell
    assert layout.canvas.width == mode.get("columns", CELLS) * layout.cell


@everywhere
def test_what_the_network_sees_is_square_and_in_the_answers_corner(size):
    layout = arrange(size)
    assert layout.seen.width == layout.seen.height >= CELLS
    assert layout.seen.width % CELLS == 0  # pixels are whole pixels, and all alike
    assert lies_in(layout.seen, layout.answer)
    assert layout.seen.x + layout.seen.width == layout.answer.x + layout.answer.width


@everywhere
@pytest.mark.parametrize("num_signs", [0, 1, 4])
def test_there_is_a_row_for_every_digit_and_sign_and_all_are_alike(size, num_signs):
    layout = arrange(size, num_signs=num_signs)
    assert len(layout.bars) == 10 + num_signs
    assert len({(bar.x, bar.width, bar.height) for bar in layout.bars}) == 1


@everywhere
@in_each_mode
def test_all_buttons_are_there_and_a_projector_shows_but_two(size, mode):
    names = set(arrange(size, **mode).buttons)
    assert names == ({"reset", "classify"} if mode.get("projector") else {"reset", "classify", *TOOLS})


def test_the_canvas_grows_with_the_window():
    assert arrange((1920, 1280)).cell >= 2 * arrange((960, 640)).cell - 1


@pytest.mark.parametrize("size", [(640, 480), WINDOW_SIZE, (3840, 2160)])
def test_type_grows_with_the_window_and_can_be_read_on_the_smallest(size):
    layout = arrange(size)
    share = size[1] / WINDOW_SIZE[1]
    assert layout.unit == pytest.approx(share, rel=0.15)
    assert layout.bars[0].height >= 12  # pixels


@pytest.mark.parametrize("size", [(1280, 720), (1280, 900), (1920, 1080)])
def test_a_projector_shows_digit_and_bars_at_least_twice_as_large(size):
    shown, projected = arrange(size), arrange(size, projector=True)
    assert projected.answer.height >= 2 * shown.answer.height
    assert projected.answer_width >= 1.3 * shown.answer_width
    assert projected.bars[0].height >= 2 * shown.bars[0].height
    number, large = arrange(size, WIDE), arrange(size, WIDE, projector=True)
    _, small_type = digit_boxes(number.answer, 4, number.digit_share)
    _, large_type = digit_boxes(large.answer, 4, large.digit_share)
    assert large_type >= 2 * small_type


@everywhere
def test_what_the_network_sees_lies_under_the_canvas_of_a_projector_where_there_is_room(size):
    layout = arrange(size, projector=True)
    assert layout.seen.width == layout.seen.height
    assert not layout.seen.width % CELLS
    assert lies_in(layout.seen, layout.pictures) or not layout.seen.width
    assert layout.seen.width or size[0] < size[1] or size == (1600, 400) or size == (700, 700)


@in_each_mode
@pytest.mark.parametrize("size", [(1, 1), (10, 500), (500, 10)])
def test_a_hopelessly_small_window_still_has_a_layout(size, mode):
    assert arrange(size, **mode).cell >= 1


@pytest.mark.parametrize("columns", [CELLS, WIDE])
def test_the_corners_of_the_canvas_are_the_corners_in_cells(columns):
    layout = arrange(WINDOW_SIZE, columns)
    x, y, width, height = layout.canvas
    half = 0.5 / layout.cell
    assert layout.to_cells((x, y)) == pytest.approx((half, half))
    assert layout.to_cells((x + width - 1, y + height - 1)) == pytest.approx((columns - half, CELLS - half))


def test_a_box_contains_its_first_pixel_and_not_the_one_after_its_last():
    box = Rect(10, 20, 5, 5)
    assert box.contains((10, 20))
    assert box.contains((14, 24))
    assert not box.contains((15, 24))
    assert not box.contains((9, 22))
