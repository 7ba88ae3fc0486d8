"""Strings of touching digits: ink as high as the picture, in one piece, and labels that say where each digit is."""

import numpy as np
import pytest

from digits.images.filters import label_components
from digits.sheets.digit_strings import ROWS
from digits.training import mnist
from digits.training.touching import strings


@pytest.fixture(scope="module")
def digits():
    return mnist.split(mnist.read(mnist.SAMPLE))[0]


@pytest.fixture(scope="module")
def made(digits):
    images, labels = digits
    return strings.make(120, images, labels, np.random.default_rng(0))


def test_the_same_seed_gives_the_same_strings(digits, made):
    images, labels = digits
    again = strings.make(120, images, labels, np.random.default_rng(0))
    assert all(np.array_equal(one, other) for one, other in zip(made, again, strict=True))


def test_ink_fills_the_height_and_begins_at_the_left(made):
    assert made.pictures.shape == (120, ROWS, strings.COLUMNS)
    inked = made.pictures > 25
    assert inked[:, :, :2].any((1, 2)).all()
    assert inked[:, [0, -1]].any(2).mean() > 0.95


def test_middles_are_those_of_the_digits_from_left_to_right(made):
    for picture, digits, middles in zip(*made, strict=True):
        middles = middles[digits >= 0]
        width = np.flatnonzero(picture.max(0) > 25)[-1]
        assert (np.diff(middles) > 0).all()
        assert (middles <= width + 1).all()
        if len(middles) == 1:
            assert middles[0] == pytest.approx(width / 2, abs=2)


def test_nearly_all_strings_hang_together_and_some_are_no_digits(made):
    lengths = (made.digits >= 0).sum(1)
    assert set(lengths) == {0, 1, 2, 3, 4}
    pieces = [label_components(picture > 64)[1] for picture in made.pictures[lengths > 1]]
    assert np.mean(np.array(pieces) == 1) > 0.8
