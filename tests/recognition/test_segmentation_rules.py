"""The rules of grouping, each where one digit becomes two. Lengths are in line heights: every line is 1 high."""

import numpy as np
import pytest

from digits.recognition.classifier import Answer
from digits.recognition.segmentation import read_number

ANY = Answer(0, 1.0, (1.0,) * 10)  # costs nothing as any digit: shape alone decides
CHANCE = Answer(0, 0.1, (0.1,) * 10)


def bar(x: float, height: float = 1.0, top: float = 0.0, lean: float = 0.0) -> np.ndarray:
    """Return a straight stroke; with a lean it ends that much to the right per height."""
    return np.array([[x, top], [x + lean * height, top + height]])


def bow(left: float, width: float, top: float = 0.0) -> np.ndarray:
    """Return a stroke like >, which does not lean, 1 high."""
    return np.array([[left, top], [left + width, top + 0.5], [left, top + 1]])


def two_bows(overlap: float, width: float = 0.5, top: float = 0.0) -> list[np.ndarray]:
    """Return two bows whose boxes overlap sideways; the top of the second lies at `top`."""
    return [bow(0, width), bow(width - overlap, width, top)]


def digits_of(strokes: list[np.ndarray], classify=lambda picture: ANY) -> list[tuple[int, ...]]:
    return [reading.strokes for reading in read_number(strokes, classify)]


@pytest.mark.parametrize(("overlap", "count"), [(0.0375, 2), (0.0625, 1)])
def test_strokes_that_overlap_are_one_digit(overlap, count):
    assert len(digits_of(two_bows(overlap))) == count


@pytest.mark.parametrize(("overlap", "digits"), [(0.065, [(0,), (2,), (1,)]), (0.075, [(0, 2), (1,)])])
def test_strokes_that_were_not_drawn_in_turn_must_overlap_more(overlap, digits):
    first, second = two_bows(overlap)
    assert digits_of([first, bar(9), second]) == digits


@pytest.mark.parametrize(("overlap", "count"), [(0.38, 2), (0.42, 1)])
def test_strokes_that_overlap_much_are_one_digit_whatever_its_shape(overlap, count):
    assert len(digits_of(two_bows(overlap, top=9.0))) == count  # ten lines high


@pytest.mark.parametrize(("gap", "digits"), [(0.31, [(0, 1), (2,)]), (0.39, [(0,), (1,), (2,)])])
def test_strokes_that_stand_far_apart_are_two_digits_whatever_their_shapes(gap, digits):
    upper, lower = bar(0, 0.3), bar(gap, 0.3, top=0.7)  # each much too low for a digit
    assert digits_of([upper, lower, bar(9)]) == digits


@pytest.mark.parametrize(("height", "gap", "count"), [(0.48, 0.198, 1), (0.48, 0.242, 2), (0.8, 0.0, 2)])
def test_a_low_stroke_goes_with_one_beside_it(height, gap, count):
    assert len(digits_of([bar(0), bar(gap, height)])) == count


@pytest.mark.parametrize(("overlap", "count"), [(0.11, 2), (0.137, 1)])
def test_strokes_above_each_other_must_overlap_more(overlap, count):
    assert len(digits_of(two_bows(overlap, top=1.6))) == count


@pytest.mark.parametrize(("width", "count"), [(0.85, 1), (0.95, 2)])
def test_two_strokes_that_would_be_too_wide_for_one_digit_are_two(width, count):
    assert len(digits_of(two_bows(0.15, width))) == count


@pytest.mark.parametrize(("count", "digits"), [(4, 1), (5, 2)])
def test_a_digit_has_at_most_four_parts(count, digits):
    assert len(digits_of([bar(0.2 * i, 0.2, top=0.2 * i) for i in range(count)] + [bar(9)])) == digits + 1


# Lean


@pytest.mark.parametrize(("distance", "count"), [(0.15, 1), (0.25, 2)])
def test_strokes_are_set_upright_up_to_a_lean(distance, count):
    assert len(digits_of([bar(0, lean=0.85), bar(distance, lean=0.85)])) == count


@pytest.mark.parametrize(("start", "digits"), [(-0.02, [(0, 1), (2,)]), (0.01, [(0,), (1,), (2,)])])
def test_a_stroke_through_another_is_no_neighbour_that_leans(start, digits):
    strokes = [bar(0, lean=0.4), bar(start, lean=0.44), bar(9, lean=0.36)]  # the first two cross, or hardly do not
    assert digits_of(strokes) == digits


# Marks


@pytest.mark.parametrize(("width", "height"), [(0.08, 0), (0, 0.08), (0.08, 0.08)])
def test_a_tiny_mark_far_from_all_else_is_no_digit(width, height):
    assert digits_of([bar(0), np.array([[5, 0.5], [5 + width, 0.5 + height]])]) == [(0,)]


@pytest.mark.parametrize(("width", "height"), [(0.12, 0), (0, 0.12)])
def test_a_mark_that_is_not_tiny_is_a_digit(width, height):
    assert digits_of([bar(0), np.array([[5, 0.5], [5 + width, 0.5 + height]])]) == [(0,), (1,)]


@pytest.mark.parametrize(
    ("x", "y", "digits"),
    [
        (0.3, 0.5, [(0, 1)]),
        (-0.3, 0.5, [(0, 1)]),
        (0, 1.3, [(0, 1)]),
        (0.2, -0.2, [(0, 1)]),
        (0.4, 0.5, [(0,)]),
        (-0.4, 0.5, [(0,)]),
        (0, -0.4, [(0,)]),
        (0.3, 1.3, [(0,)]),
    ],
)
def test_a_tiny_mark_belongs_to_what_is_near(x, y, digits):
    assert digits_of([bar(0), np.array([[x, y]])]) == digits


# The classifier


def is_whole(picture: np.ndarray) -> bool:
    """Tell a picture of two bars from one of a single bar."""
    return bool(np.count_nonzero(picture.max(axis=0)) > 4)


@pytest.mark.parametrize(("gap", "count"), [(0.23, 1), (0.262, 2)])
def test_an_answer_by_chance_speaks_against_a_digit(gap, count):
    strokes = [bar(0), bar(gap, 0.25)]  # 0.28 apart they are one digit where the answer is sure
    assert len(digits_of(strokes, lambda picture: CHANCE if is_whole(picture) else ANY)) == count
    assert len(digits_of([bar(0), bar(0.28, 0.25)])) == 1


def sure(digit: int) -> Answer:
    return Answer(digit, 1.0, tuple(float(other == digit) for other in range(10)))


@pytest.mark.parametrize(("overlap", "count"), [(0.15, 2), (0.19, 1)])
def test_a_stroke_more_than_usual_speaks_against_a_digit(overlap, count):
    assert len(digits_of(two_bows(overlap), lambda picture: sure(0))) == count


@pytest.mark.parametrize(("digit", "strokes"), [*enumerate((1, 3, 1, 1, 2, 2, 1, 3, 1, 1))])
def test_each_digit_has_its_usual_number_of_strokes_side_by_side(digit, strokes):
    def count(number: int) -> int:
        return len(digits_of([bow(i * 0.14, 0.25) for i in range(number)], lambda picture: sure(digit)))

    assert [count(strokes), count(strokes + 1)] == [1, 2]
