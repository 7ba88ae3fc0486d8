"""Of the connected ink on a page, specks, giants and what belongs to the surroundings are left out."""

import numpy as np
import pytest

from digits.images.components import Components, weighted_median

DIGITS = [(40 + 60 * place, 100, 70 + 60 * place, 140) for place in range(6)]  # left, top, right, bottom; 40 is typical


def components(*boxes: tuple[int, int, int, int], contrast: float = 1.0) -> Components:
    """Six digits as blocks of full ink and further blocks of some contrast."""
    values = np.zeros((400, 600), np.float32)
    for left, top, right, bottom in boxes:
        values[top:bottom, left:right] = contrast
    for left, top, right, bottom in DIGITS:
        values[top:bottom, left:right] = 1
    return Components(values)


def kept(found: Components) -> set[tuple[int, ...]]:
    return {tuple(found.boxes[number].tolist()) for number in found.kept} - set(DIGITS)


@pytest.mark.parametrize(
    ("box", "is_kept"),
    [
        ((300, 200, 304, 204), False),  # a speck, less than 0.12 of a digit
        ((300, 200, 305, 205), True),
        ((300, 200, 418, 210), True),
        ((300, 200, 424, 210), False),  # a giant, more than 3 digits
        ((0, 200, 30, 260), False),  # all of it along the edge of the picture
        ((0, 200, 60, 210), False),  # cut off by it
        ((1, 200, 30, 260), True),
        ((570, 200, 600, 260), False),
        ((300, 370, 330, 400), False),
        ((300, 340, 310, 400), False),
    ],
)
def test_specks_giants_and_what_touches_the_edge_are_left_out(box, is_kept):
    found = components(box)
    assert found.typical_size == 40
    assert kept(found) == ({box} if is_kept else set())


@pytest.mark.parametrize(("contrast", "is_kept"), [(0.25, False), (0.45, False), (0.6, True), (1.0, True)])
def test_faint_marks_are_left_out(contrast, is_kept):
    assert bool(kept(components((300, 200, 330, 240), contrast=contrast))) is is_kept


@pytest.mark.parametrize(("side", "is_kept"), [(11, False), (12, True)])
def test_a_speck_is_small_beside_a_typical_digit(side, is_kept):
    values = np.zeros((400, 600), np.float32)
    values[100:200, 50:80] = values[100:200, 250:280] = values[300 : 300 + side, 400 : 400 + side] = 1
    found = Components(values)
    assert found.typical_size == 100
    assert len(found.kept) == 2 + is_kept


def test_a_large_digit_may_be_cut_off_by_the_edge_but_does_not_lie_along_it():
    cut_off, along = np.zeros((2, 200, 200), np.float32)
    cut_off[:140, 60:70] = cut_off[60:75, 30:170] = 1
    along[:, :30] = 1
    assert len(Components(cut_off).kept) == 1
    assert not Components(along).kept


def test_sizes_and_distances_are_in_typical_sizes():
    found = components((100, 150, 130, 190))
    first, second = found.kept[1], found.kept[-1]
    assert tuple(found.boxes[first]) == (100, 100, 130, 140)
    assert found.size((first, second)) == pytest.approx((0.75, 2.25))
    assert found.distance((first,), (second,)) == pytest.approx(11 / 40)
    assert found.box((first, second)).tolist() == [100, 100, 130, 190]


def strokes(*lines: tuple[int, int, int, int]) -> Components:
    """Blocks of ink as a stroke of some width draws them."""
    values = np.zeros((200, 200), np.float32)
    for left, top, right, bottom in lines:
        values[top:bottom, left:right] = 1
    return Components(values)


def test_a_straight_stroke_has_no_more_ink_than_its_pen_leaves():
    bar = strokes((50, 50, 130, 58))
    assert bar.is_straight((bar.kept[0],))
    bent = strokes((50, 50, 130, 58), (50, 50, 58, 130), (50, 122, 130, 130))
    assert not bent.is_straight((bent.kept[0],))


def test_a_ring_has_a_hole():
    ring = strokes((50, 50, 130, 58), (50, 122, 130, 130), (50, 50, 58, 130), (122, 50, 130, 130))
    assert ring.has_hole((ring.kept[0],))
    assert not ring.is_straight((ring.kept[0],))
    angle = strokes((50, 50, 130, 58), (50, 50, 58, 130))
    assert not angle.has_hole((angle.kept[0],))


def test_the_ink_of_a_component_leaves_its_neighbours_out():
    found = components((73, 100, 80, 140))
    ink, box = found.ink((found.kept[0],))
    assert box == pytest.approx((40, 100, 70, 140), abs=1)
    assert ink.shape == (44, 34)
    assert ink[2:-2, 2:-2].min() == 1
    assert ink[:, -1].max() == 0


@pytest.mark.parametrize(
    ("values", "weights", "median"),
    [([], [], 1), ([5], [1], 5), ([1, 2, 3], [1, 1, 1], 2), ([3, 1, 2], [1, 9, 1], 1), ([1, 2], [1, 1], 1)],
)
def test_a_weighted_median_has_half_of_the_weight_at_or_below_it(values, weights, median):
    assert weighted_median(np.array(values), np.array(weights)) == median


@pytest.mark.parametrize(
    ("box", "is_kept"),
    [
        ((0, 40, 70, 46), False),  # what is left of a ruled line, from edge to edge
        ((30, 0, 36, 100), False),
        ((40, 40, 70, 46), True),  # a stroke that the picture's edge cuts off
        ((0, 40, 40, 46), True),
    ],
)
def test_on_ruled_paper_what_reaches_from_edge_to_edge_is_a_line(box, is_kept):
    values = np.zeros((100, 70), np.float32)
    left, top, right, bottom = box
    values[top:bottom, left:right] = 1
    values[60:90, 45:65] = 1
    found = Components(values, is_ruled=True)
    assert (box in {tuple(found.boxes[number].tolist()) for number in found.kept}) is is_kept


@pytest.mark.parametrize("has_others", [False, True])
def test_digits_that_touch_are_as_large_as_they_are_high(has_others):
    posts = [(20 + 18 * place, 50, 24 + 18 * place, 70) for place in range(9)]
    line, others = (20, 67, 168, 70), [(50, 120, 54, 140), (80, 120, 84, 140)]
    found = strokes(*posts, line, *(others if has_others else []))
    assert len(found.kept) == 1 + 2 * has_others
    assert found.typical_size == pytest.approx(20, abs=3)


def test_a_frame_is_no_string_of_digits():
    frame = [(10, 40, 190, 43), (10, 147, 190, 150), (10, 40, 13, 150), (187, 40, 190, 150)]
    digits = [(left, top, left + 12, top + 20) for left in (50, 75, 100, 125, 150) for top in (60, 100)]
    assert len(strokes(*frame, *digits).kept) == len(digits)
