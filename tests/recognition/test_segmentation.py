"""Numbers: that strokes are shared out among digits as a reader would, whatever their order, lean, size and place."""

from itertools import pairwise, product

import numpy as np
import pytest

from benchmarks.support import template_digits
from digits.drawing import ink
from digits.models import loading
from digits.recognition.classifier import Answer
from digits.recognition.segmentation import read_number

HEIGHT = 16.0  # of the templates
GAP = 4.0

BAR_5 = [[(1, 1), (1, 7), (6, 6), (10, 10), (8, 15), (4, 16), (0, 15)], [(3, 0), (11, -0.5)]]
CROSSED_7 = [[(0, 0), (10, 0), (4, 16)], [(2, 8), (9, 7.5)]]
SLASHED_0 = [*template_digits.STROKES[0], [(1, 16), (9, 0)]]
FOOTED_1 = [[(1, 4), (5, 0), (5, 16)], [(1.5, 16), (8.5, 16)]]
THREE_STROKE_1 = [[(5, 0), (5, 16)], [(1.5, 4), (4.8, 0.3)], [(2, 16), (8, 16)]]
TWO_LOOP_8 = [[(5, 8), (1, 4), (5, 0), (9, 4), (5, 8)], [(5, 8), (0, 12), (5, 16), (10, 12), (5, 8)]]
OPEN_4 = [[(2, 0), (1, 9), (7.5, 9)], [(8, 3), (8, 16)]]
SEVERAL_STROKES = {
    "5 with a detached bar": (5, BAR_5),
    "5 begun with its bar": (5, BAR_5[::-1]),
    "4": (4, template_digits.STROKES[4]),
    "open 4": (4, OPEN_4),
    "1 with a foot": (1, FOOTED_1),
    "1 in three strokes": (1, THREE_STROKE_1),
    "crossed 7": (7, CROSSED_7),
    "slashed 0": (0, SLASHED_0),
    "8 of two loops": (8, TWO_LOOP_8),
}


@pytest.fixture(scope="module")
def classify():
    return loading.load().classify


class Counting:
    """Counts what it is asked, and answers as it is told: a sure 1, or by chance."""

    def __init__(self, classify=lambda picture: sure(1)):
        self.asked = 0
        self._classify = classify

    def __call__(self, picture: np.ndarray) -> Answer:
        self.asked += 1
        return self._classify(picture)


def sure(digit: int, probability: float = 0.991) -> Answer:
    others = (1 - probability) / 9
    return Answer(digit, probability, tuple(probability if other == digit else others for other in range(10)))


CHANCE = sure(0, 0.1)


def write(*digits, gap: float = GAP, sizes: tuple[float, ...] = ()) -> tuple[list[np.ndarray], list[list[int]]]:
    """Return the strokes of digits side by side on one foot line, dense as a pen's, and each digit's strokes."""
    strokes, owners, right = [], [], 0.0
    for place, digit in enumerate(digits):
        size = sizes[place] if sizes else 1.0
        shape = template_digits.STROKES[digit] if isinstance(digit, int) else digit
        points = [dense(np.array(stroke, float)) * size for stroke in shape]
        left = right + (gap if place else 0) - min(stroke[:, 0].min() for stroke in points)
        owners.append(list(range(len(strokes), len(strokes) + len(points))))
        strokes += [stroke + np.array([left, HEIGHT * (1 - size)]) for stroke in points]
        right = max(stroke[:, 0].max() for stroke in strokes[owners[-1][0] :])
    return strokes, owners


def dense(corners: np.ndarray) -> np.ndarray:
    at = np.linspace(0, len(corners) - 1, 8 * len(corners))
    return np.stack([np.interp(at, range(len(corners)), axis) for axis in corners.T], axis=1)


def number(readings) -> list[int]:
    return [reading.answer.digit for reading in readings]


def strokes_of(readings) -> list[list[int]]:
    return [list(reading.strokes) for reading in readings]


def by_shape(strokes) -> list[list[int]]:
    """Return each digit's strokes where the classifier takes any digits for the likeliest: shape alone decides."""
    return strokes_of(read_number(strokes, lambda picture: Answer(0, 1.0, (1.0,) * 10)))


# What is read


def test_2026_is_2026_and_every_digit_has_its_own_confidence_and_box(classify):
    strokes, owners = write(2, 0, 2, 6)
    readings = read_number(strokes, classify)
    assert number(readings) == [2, 0, 2, 6]
    assert strokes_of(readings) == owners
    for reading, own in zip(readings, owners, strict=True):
        points = np.concatenate([strokes[i] for i in own])
        assert reading.box == pytest.approx((*points.min(axis=0), *points.max(axis=0)))
        assert reading.answer == classify(ink.normalize([strokes[i] for i in own]))


@pytest.mark.parametrize("pair", list(product(range(10), repeat=2)), ids=lambda pair: "{}{}".format(*pair))
def test_any_two_digits_are_two(pair, classify):
    strokes, owners = write(*pair)
    assert by_shape(strokes) == owners
    assert strokes_of(read_number(strokes, classify)) == owners


@pytest.mark.parametrize("late", [False, True], ids=["in_order", "late"])
@pytest.mark.parametrize("gap", [0.5, GAP, 9.0])
@pytest.mark.parametrize(("digit", "shape"), SEVERAL_STROKES.values(), ids=SEVERAL_STROKES)
def test_a_digit_of_several_strokes_stays_whole_among_others(digit, shape, gap, late, classify):
    strokes, owners = write(3, shape, 2, gap=gap)
    if late:
        strokes.append(strokes.pop(owners[1][-1]))
        owners = [[0], [*owners[1][:-1], len(strokes) - 1], [owners[2][0] - 1]]
    readings = read_number(strokes, classify)
    assert strokes_of(readings) == owners
    assert number(readings) == [3, digit, 2]


@pytest.mark.parametrize(("digit", "shape"), SEVERAL_STROKES.values(), ids=SEVERAL_STROKES)
def test_one_digit_alone_is_one(digit, shape, classify):
    assert number(read_number(write(shape)[0], classify)) == [digit]


@pytest.mark.parametrize("order", [(2, 0, 1, 4, 3, 5), (5, 4, 3, 2, 1, 0), (0, 3, 1, 4, 2, 5)])
def test_the_order_of_drawing_does_not_matter_where_places_are_plain(order, classify):
    strokes, owners = write(BAR_5, 4, CROSSED_7)
    readings = read_number([strokes[i] for i in order], classify)
    assert number(readings) == [5, 4, 7]
    assert [sorted(order[i] for i in reading.strokes) for reading in readings] == owners


@pytest.mark.parametrize(("order", "expected"), [("left bar far right", "left"), ("left far bar right", "right")])
def test_a_bar_as_near_to_one_stroke_as_to_another_goes_with_the_one_drawn_next_to_it(order, expected):
    places = {
        "left": [(0, 0), (3, 16)],
        "bar": [(3, 8), (10, 8)],
        "right": [(13, 0), (10, 16)],
        "far": [(30, 0), (30, 16)],
    }
    names = order.split()
    groups = by_shape([np.array(places[name], float) for name in names])
    assert {"bar", expected} in [{names[i] for i in digit} for digit in groups]


def test_digits_may_reach_over_each_other_a_little(classify):
    strokes, owners = write(7, 2, 5, 3, gap=-1.5)
    readings = read_number(strokes, classify)
    assert strokes_of(readings) == owners
    assert number(readings) == [7, 2, 5, 3]


def test_a_digit_gone_over_many_times_is_one():
    strokes, _ = write(3, 0, 2)
    strokes += [strokes[1] + (0.1 * step, 0.2 * step) for step in range(1, 9)]
    assert by_shape(strokes) == [[0], [1, *range(3, 11)], [2]]


def test_two_that_would_be_too_wide_for_one_are_two():
    wide = [np.array(template_digits.STROKES[0][0]) * (1.6, 1)]
    strokes, owners = write(wide, wide, gap=-1.4)
    assert by_shape(strokes) == owners


def test_a_slash_along_the_lean_of_a_narrow_0_is_no_digit_of_its_own(classify):
    narrow = (np.array(template_digits.STROKES[0][0]) - (5, 0)) * (0.4, 1)
    strokes, owners = write(1, [narrow, [(0.5, 17), (-0.5, -1)]], 1, 1)
    leaning = [stroke @ np.array([[1, 0], [-0.5, 1]]) for stroke in strokes]
    assert strokes_of(read_number(leaning, classify)) == owners


@pytest.mark.parametrize("lean", [-0.4, -0.2, 0.0, 0.2, 0.4])
def test_digits_that_lean_over_each_other_stay_apart_and_whole(lean):
    strokes, owners = write(7, 1, BAR_5, 0, 1, 4, 9, SLASHED_0, 1, gap=2.5)
    leaning = [stroke @ np.array([[1, 0], [lean, 1]]) for stroke in strokes]
    edges = [np.concatenate([leaning[i][:, 0] for i in own]) for own in owners]
    overlaps = [left.max() - right.min() for left, right in pairwise(edges)]
    assert max(overlaps) > 8 * abs(lean) - 2.5, "boxes lie over each other"
    assert by_shape(leaning) == owners


@pytest.mark.parametrize(("scale", "shift"), [(0.1, 0), (1, (-500, 900)), (40, (3, 3))])
def test_size_and_place_do_not_matter(scale, shift, classify):
    strokes, owners = write(1, BAR_5, 0, 4)
    readings = read_number([stroke * scale + shift for stroke in strokes], classify)
    assert number(readings) == [1, 5, 0, 4]
    assert strokes_of(readings) == owners


@pytest.mark.parametrize("sizes", [(1, 2, 1), (2, 1, 2), (1, 1, 2), (2, 1, 1)])
def test_a_digit_may_be_twice_as_tall_as_its_neighbours(sizes, classify):
    strokes, owners = write(4, 3, BAR_5, sizes=sizes)
    readings = read_number(strokes, classify)
    assert number(readings) == [4, 3, 5]
    assert strokes_of(readings) == owners


def test_while_a_number_is_drawn_the_finished_digits_hold(classify):
    strokes, _ = write(2, 4, 6)
    cache = {}
    for points in range(1, len(strokes[3])):
        readings = read_number([*strokes[:3], strokes[3][:points]], classify, cache)
        assert number(readings)[:2] == [2, 4]


# What is left to the classifier


def test_where_places_leave_it_open_the_classifier_decides():
    bars = [np.array([[x, 0.0], [x, 16.0]]) for x in (0, 1.5)]
    whole = Counting(lambda picture: sure(4) if is_whole(picture) else CHANCE)
    halves = Counting(lambda picture: CHANCE if is_whole(picture) else sure(1))
    assert strokes_of(read_number(bars, whole)) == [[0, 1]]
    assert strokes_of(read_number(bars, halves)) == [[0], [1]]


def is_whole(picture: np.ndarray) -> bool:
    """Tell a picture of two bars, 1.5 of 16 apart, from one of a single bar."""
    return bool(np.count_nonzero(picture.max(axis=0)) > 4)


def test_few_candidates_are_asked_about(classify):
    asked = Counting(classify)
    strokes, _ = write(5, 4, 7, 1, 0, 6)
    read_number(strokes, asked)
    assert asked.asked <= 9


def test_with_a_cache_only_what_changed_is_asked_again():
    strokes, _ = write(1, 1, 1, gap=8.0)
    asked, cache = Counting(), {}
    first = read_number(strokes, asked, cache)
    assert asked.asked == 3
    assert read_number(strokes, asked, cache) == first
    assert asked.asked == 3
    strokes[1] = strokes[1] + (1, 0)
    read_number(strokes, asked, cache)
    assert asked.asked == 4
    read_number([], asked, cache)
    assert not cache


# Marks


def test_a_mark_beside_a_digit_is_no_digit_and_belongs_to_the_nearest(classify):
    strokes, _ = write(2, 6)
    strokes.append(strokes[1][-1:] + np.array([1.0, 2.0]))
    assert strokes_of(read_number(strokes, classify)) == [[0], [1, 2]]


def test_a_mark_far_from_all_else_belongs_to_no_digit(classify):
    strokes, _ = write(2, 6)
    strokes.insert(1, np.array([[60.0, 8], [60.5, 8.5]]))
    readings = read_number(strokes, classify)
    assert strokes_of(readings) == [[0], [2]]
    assert number(readings) == [2, 6]


@pytest.mark.parametrize("mark", [[(3.0, 4.0)], [(3.0, 4.0), (3.0, 4.0)], [(3.0, 4.0), (3.2, 4.1)]])
def test_a_mark_alone_is_read(mark, classify):
    readings = read_number([np.array(mark)], classify)
    assert strokes_of(readings) == [[0]]
    assert readings[0].box[:2] == (3.0, 4.0)


def test_nothing_is_no_digit():
    assert read_number([], Counting()) == []
