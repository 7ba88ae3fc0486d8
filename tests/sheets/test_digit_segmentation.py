"""Components of ink that are no digit by themselves join one; where they could be one digit or two, answers decide."""

import numpy as np
import pytest

from digits.images.components import Components
from digits.recognition.classifier import Answer
from digits.sheets.digit_segmentation import DigitSegmentation

FILLER = [(20 + 90 * place, 20, 50 + 90 * place, 60) for place in range(5)]  # digits of 40 pixels, far from the rest
Box = tuple[int, int, int, int]


class Asked:
    """Answers every picture alike, except that what is put together may get an answer of its own."""

    def __init__(self, digit: int = 5, confidence: float = 0.9):
        self.answer = Answer(digit, confidence, (0.1,) * 10)
        self.count = 0

    def __call__(self, picture: np.ndarray) -> Answer:
        self.count += 1
        return self.answer


def groups(classify, *boxes: Box) -> list[list[Box]]:
    """The blocks of ink of each digit, without the filler."""
    values = np.zeros((400, 500), np.float32)
    for left, top, right, bottom in [*FILLER, *boxes]:
        values[top:bottom, left:right] = 1
    components = Components(values)
    found = [
        [tuple(components.boxes[each].tolist()) for each in group]
        for group in DigitSegmentation(components, classify).groups
    ]
    return sorted([sorted(group) for group in found if group[0] not in FILLER])


DIGIT = (200, 200, 230, 240)


@pytest.mark.parametrize(
    ("bar", "joins"),
    [
        ((200, 186, 230, 190), True),  # a bar above, as a five's
        ((200, 181, 230, 185), True),  # 0.4 of a digit away
        ((200, 180, 230, 184), False),
        ((200, 250, 230, 254), True),  # beneath
        ((235, 215, 239, 219), False),  # a dot beside
        ((210, 194, 216, 198), True),  # a dot above, 0.15 away
        ((210, 189, 216, 195), True),
        ((210, 187, 216, 193), False),
    ],
)
def test_a_part_joins_the_digit_above_or_below_it_or_is_left_out(bar, joins):
    assert groups(Asked(3), DIGIT, bar) == [sorted([DIGIT, bar]) if joins else [DIGIT]]


@pytest.mark.parametrize(
    ("digit", "confidence", "joins"), [(5, 0.9, True), (4, 0.9, True), (5, 0.5, False), (3, 0.9, False)]
)
def test_a_part_beside_a_digit_joins_what_is_then_likely_a_four_or_five(digit, confidence, joins):
    part = (233, 200, 243, 206)
    assert groups(Asked(digit, confidence), DIGIT, part) == [sorted([DIGIT, part]) if joins else [DIGIT]]


@pytest.mark.parametrize(("gap", "joins_lower"), [(8, False), (12, False), (16, True), (20, True)])
def test_a_bar_between_two_digits_is_that_of_the_nearer(gap, joins_lower):
    lower = (200, 240 + 4 + 28, 230, 240 + 4 + 28 + 40)
    bar = (200, 240 + gap, 230, 244 + gap)
    expected = [[DIGIT], sorted([bar, lower])] if joins_lower else [sorted([DIGIT, bar]), [lower]]
    assert groups(Asked(3), DIGIT, bar, lower) == sorted(expected)


RING = [(200, 200, 230, 204), (200, 236, 230, 240), (200, 200, 204, 240), (226, 200, 230, 240)]


def test_what_lies_within_another_component_is_part_of_it():
    inner = (212, 215, 216, 226)
    (group,) = groups(Asked(8, 0.1), *RING, inner)
    assert group == [DIGIT, inner]


@pytest.mark.parametrize(("confidence", "joins"), [(0.7, True), (0.5, False)])
def test_two_halves_are_one_digit_where_it_is_a_likely_one(confidence, joins):
    upper, lower = (200, 200, 220, 223), (200, 225, 222, 248)
    expected = [[upper, lower]] if joins else [[upper], [lower]]
    assert groups(Asked(8, confidence), upper, lower) == expected


def test_two_digits_one_above_the_other_are_no_halves():
    below = (200, 242, 230, 282)
    assert groups(Asked(8, 0.95), DIGIT, below) == [[DIGIT], [below]]


@pytest.mark.parametrize(("digit", "stem_end", "joins"), [(4, 250, True), (9, 250, False), (4, 230, False)])
def test_an_angle_and_a_stem_that_ends_below_it_are_a_four(digit, stem_end, joins):
    angle, stem = [(200, 200, 204, 230), (200, 226, 222, 230)], (225, 212, 229, stem_end)
    (first, *rest) = groups(Asked(digit, 0.7), *angle, stem)
    assert (not rest) is joins
    assert first[0] == (200, 200, 222, 230)


@pytest.mark.parametrize(("confidence", "joins"), [(0.9, False), (0.3, True)])
def test_two_digits_that_nearly_touch_are_one_where_neither_is_likely_by_itself(confidence, joins):
    beside = (232, 200, 252, 240)
    expected = [[DIGIT, beside]] if joins else [[DIGIT], [beside]]
    assert groups(Asked(6, confidence), DIGIT, beside) == expected


def test_a_bar_does_not_make_a_digit_taller_than_digits_are():
    tall, bar = (200, 200, 230, 256), (200, 186, 230, 190)
    assert groups(Asked(5), tall, bar) == [[tall]]


def test_digits_that_are_far_apart_are_not_asked_about_together():
    asked = Asked()
    assert groups(asked, DIGIT, (240, 200, 270, 240)) == [[DIGIT], [(240, 200, 270, 240)]]
    assert asked.count == 0


def test_a_turned_page_is_read_as_it_was_written():
    values = np.zeros((400, 500), np.float32)
    for place in range(9):
        values[100 + 8 * place : 140 + 8 * place, 20 + 50 * place : 24 + 50 * place] = 1
    pictures = [digit.picture for digit in DigitSegmentation(Components(values), Asked()).recognize()]
    places = [np.nonzero(picture > 100) for picture in pictures]
    leaning = [abs(np.polyfit(rows, columns, 1)[0]) for rows, columns in places]
    assert np.median(leaning) == pytest.approx(8 / 50, abs=0.05)


def test_a_page_without_ink_has_no_digits():
    assert DigitSegmentation(Components(np.zeros((100, 100), np.float32)), Asked()).recognize() == []
