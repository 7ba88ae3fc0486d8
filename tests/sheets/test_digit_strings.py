"""Ink becomes what the network of digit strings reads, and its logits become digits."""

import numpy as np
import pytest

from benchmarks.support import template_digits
from digits.drawing import ink
from digits.sheets.digit_strings import BLANK, BROADEST, ROWS, STRIDE, level, peaks, read


def logits(*places: int) -> np.ndarray:
    """Return logits (n, 11) that are sure of one place after the other: BLANK, or a digit and 1."""
    return 9 * np.eye(11)[list(places)]


@pytest.mark.parametrize(
    ("places", "digits"),
    [
        ((BLANK, BLANK), []),
        ((BLANK, 4, BLANK), [3]),
        ((4, 4, 4), [3]),
        ((4, BLANK, 4), [3, 3]),
        ((1, 10), [0, 9]),
    ],
)
def test_alike_columns_are_one_digit_unless_a_blank_is_between(places, digits):
    assert [peak.probabilities.argmax() for peak in peaks(logits(*places), 100)] == digits


def test_a_digit_is_in_the_middle_of_its_columns_and_within_the_ink():
    found = peaks(logits(BLANK, 4, 4, 4, BLANK, BLANK, 2), 6 * STRIDE)
    assert [peak.column for peak in found] == [int(2.5 * STRIDE), 6 * STRIDE - 1]


def test_probabilities_are_those_of_the_ten_digits():
    unsure = np.log([[0.38, *[0.015] * 8, 0.3, 0.2], [0.1, *[0.01] * 8, 0.62, 0.2]])
    (peak,) = peaks(unsure, 100)
    assert peak.probabilities.sum() == pytest.approx(1)
    assert peak.probabilities[[8, 9]] == pytest.approx([0.62 / 0.9, 0.2 / 0.9])


@pytest.mark.parametrize(
    ("shape", "width"), [((64, 64), 32), ((16, 40), 80), ((200, 3), 1), ((1, 4000), BROADEST * ROWS)]
)
def test_ink_is_as_high_as_the_network_reads_it_and_keeps_its_shape(shape, width):
    framed = np.pad(np.full(shape, 0.7), 5)
    assert level(framed).shape == (ROWS, width)
    assert level(framed).max() == 1


@pytest.mark.parametrize("digit", range(10))
def test_one_digit_is_read_as_one(digit):
    drawn = ink.rasterize([stroke * 4 + 8 for stroke in template_digits.strokes(digit)], 6, (80, 60)) / 255
    assert [peak.probabilities.argmax() for peak in read(level(drawn))] == [digit]
