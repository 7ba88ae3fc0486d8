"""Averages keep the amount of ink, and the fast morphology gives what SciPy's gives."""

import numpy as np
import pytest
from scipy import ndimage

from digits.images import filters

VALUES = np.random.default_rng(0).uniform(0, 255, (13, 20)).astype(np.float32)


def test_cells_are_the_averages_of_what_lies_in_them():
    values = np.array([[1.0, 3.0], [5.0, 7.0]])
    assert filters.resample(values, (0, 0, 2, 2), (1, 1)) == pytest.approx(np.array([[4.0]]))
    assert filters.resample(values, (0, 0.5, 1, 2), (1, 1)) == pytest.approx(np.array([[(0.5 * 1 + 3) / 1.5]]))
    assert filters.resample(values, (0, 0, 2, 2), (4, 2)) == pytest.approx(values.repeat(2, axis=0))
    assert filters.resample(values, (-2, 0, 2, 2), (2, 2)) == pytest.approx(np.array([[0, 0], [3, 5]]))


@pytest.mark.parametrize("shape", [(13, 20), (5, 7), (1, 1), (40, 31)])
def test_resampling_keeps_the_mean(shape):
    assert filters.resample(VALUES, (0, 0, 13, 20), shape).mean() == pytest.approx(VALUES.mean(), rel=1e-5)


@pytest.mark.parametrize(("longest", "block"), [(20, 1), (19, 2), (10, 2), (9, 3), (7, 3), (1, 20)])
def test_blocks_are_as_small_as_the_longest_side_allows(longest, block):
    small = filters.downsample(VALUES, longest)
    assert filters.block_side(VALUES, longest) == block
    assert small.shape == (-(-13 // block), -(-20 // block))
    assert small[0, 0] == pytest.approx(VALUES[:block, :block].mean() if block < 13 else small[0, 0])


def test_blocks_at_the_edge_go_on_as_the_last_pixels():
    assert filters.downsample(np.array([[2.0, 4.0, 8.0]]), 2) == pytest.approx(np.array([[3.0, 8.0]]))


def test_enlarged_values_lie_on_straight_lines_from_middle_to_middle():
    assert filters.upsample(np.array([[0.0, 4.0]]), 2) == pytest.approx(np.array([[0, 1, 3, 4], [0, 1, 3, 4]]))
    assert filters.upsample(VALUES, 1) == pytest.approx(VALUES)
    assert filters.upsample(np.array([[5.0]]), 3) == pytest.approx(np.full((3, 3), 5.0))


@pytest.mark.parametrize("window", [1, 3, 5, 9])
def test_morphology_is_that_of_scipy(window):
    assert filters.closing(VALUES, window, extends_outside=False) == pytest.approx(
        ndimage.grey_closing(VALUES, (window, window), mode="nearest")
    )
    inner = filters.window_extreme(VALUES, window, np.minimum)
    half = window // 2
    expected = ndimage.minimum_filter(VALUES, window)[half : 13 - half, half : 20 - half]
    assert np.array_equal(inner, expected)


def test_what_is_dark_at_the_edge_is_filled_unless_it_extends_outside():
    grey = np.full((9, 9), 200.0)
    grey[:, 0] = 50
    assert filters.closing(grey, 5)[4, 0] == 50
    assert filters.closing(grey, 5, extends_outside=False)[4, 0] == 200
    grey[:] = 200
    grey[4, 4] = 50
    assert (filters.closing(grey, 3) == 200).all()


def test_pixels_that_touch_at_a_corner_are_connected_if_asked_for():
    mask = np.eye(3, dtype=bool)
    assert filters.label_components(mask)[1] == 1
    assert filters.label_components(mask, diagonally=False)[1] == 3
    assert filters.distance_to_outside(np.pad(np.ones((3, 3), bool), 1))[2, 2] == 2
