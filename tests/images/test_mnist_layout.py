"""Ink is laid out as MNIST's digits are: longest side 20, centre of mass in the middle, the pen not too broad."""

import numpy as np
import pytest

from digits.drawing import ink
from digits.images.mnist_layout import ink_box, to_mnist


def block(top: int, left: int, bottom: int, right: int, shape: tuple[int, int] = (50, 60)) -> np.ndarray:
    """Full ink within a box."""
    values = np.zeros(shape)
    values[top:bottom, left:right] = 1
    return values


def test_the_box_begins_where_there_is_more_than_a_hint_of_ink():
    values = block(10, 20, 30, 35)
    values[9], values[:, 18], values[30], values[:, 36] = 0.15, 0.15, 0.15, 0.15
    values[10:30, 20:35] = 1
    assert ink_box(values) == (10, 20, 30, 35)
    assert ink_box(0.1 * block(10, 20, 30, 35)) == (10, 20, 30, 35)
    values[8, 22] = 0.2
    assert ink_box(values) == (8, 20, 30, 35)


@pytest.mark.parametrize(("height", "width"), [(40, 4), (20, 2), (4, 40), (10, 1)])
def test_the_longest_side_becomes_20_pixels_in_the_middle(height, width):
    picture = to_mnist(block(5, 7, 5 + height, 7 + width))
    rows, columns = np.nonzero(picture)
    assert max(np.ptp(rows), np.ptp(columns)) + 1 == 20
    assert min(np.ptp(rows), np.ptp(columns)) + 1 == 2
    assert picture.max() == 255
    for places in (rows, columns):
        assert places.mean() + 0.5 == pytest.approx(ink.CENTER, abs=0.51)


def test_the_centre_of_mass_and_not_that_of_the_box_is_in_the_middle():
    values = block(5, 10, 45, 14) + block(5, 10, 9, 26)  # a gamma
    picture = to_mnist(np.minimum(values, 1)).astype(float)
    for axis in (0, 1):
        at = np.average(np.arange(28) + 0.5, weights=picture.sum(1 - axis))
        assert at == pytest.approx(ink.CENTER, abs=0.51)


@pytest.mark.parametrize(("pen", "columns"), [(4, 2), (6, 3), (10, 4), (16, 6)])
def test_a_broad_pen_is_thinned_but_not_to_nothing(pen, columns):
    picture = to_mnist(block(5, 10, 45, 10 + pen))
    assert (picture[14] > 127).sum() == columns
