"""Strokes become the picture that the network reads: the same whatever their size, place and order."""

from itertools import pairwise

import numpy as np
import pytest

from benchmarks.support import template_digits
from digits.drawing import ink

MIDDLE = np.arange(ink.SIZE) + 0.5


def slow_picture(strokes: list[np.ndarray], pen_width: float, size: int = ink.SIZE) -> np.ndarray:
    """Return what `rasterize` should: each pixel by its distance to every whole segment, one by one."""
    picture = np.zeros((size, size))
    for y, x in np.ndindex(size, size):
        pixel = np.array([x + 0.5, y + 0.5])
        for stroke in strokes:
            for start, end in pairwise(stroke) if len(stroke) > 1 else [(stroke[0], stroke[0])]:
                length = float(np.dot(end - start, end - start))
                along = np.clip(np.dot(pixel - start, end - start) / length, 0, 1) if length else 0
                distance = np.hypot(*(pixel - start - along * (end - start)))
                picture[y, x] = max(picture[y, x], min(1, max(0, pen_width / 2 + 0.5 - distance)))
    return np.round(picture * 255).astype(np.uint8)


def center(picture: np.ndarray) -> tuple[float, float]:
    """Return the centre of mass (x, y) in pixels."""
    x, y = (float(np.average(MIDDLE, weights=picture.sum(axis, dtype=float))) for axis in (0, 1))
    return x, y


def box(picture: np.ndarray, least: int = 1) -> tuple[int, int]:
    """Return width and height of the ink in pixels."""
    rows, columns = np.nonzero(picture >= least)
    return int(np.ptp(columns)) + 1, int(np.ptp(rows)) + 1


def differ(one: np.ndarray, other: np.ndarray) -> int:
    return int(np.abs(one.astype(int) - other.astype(int)).max())


RANDOM = np.random.default_rng(3)
DRAWINGS = {
    "a line": [np.array([[4.0, 4], [20, 23]])],
    "a bend": [np.array([[3.0, 20], [14, 3.3], [25, 20.7]])],
    "two strokes": [np.array([[5.0, 5], [5, 20]]), np.array([[2.0, 9], [22, 9]])],
    "a dot": [np.array([[14.2, 13.9]])],
    "a point twice": [np.array([[9.0, 9], [9, 9]])],
    "at the border": [np.array([[-3.0, 5], [31, 0.2]]), np.array([[27.9, 27.9]])],
    "outside": [np.array([[40.0, 40], [60, -50]])],
    "a scribble": [RANDOM.uniform(-2, 30, (12, 2)), RANDOM.uniform(0, 28, (5, 2))],
    "an eight": [stroke + 7 for stroke in template_digits.strokes(8)],
}


@pytest.mark.parametrize("pen_width", [0.3, 1.0, 2.4, 5.7])
@pytest.mark.parametrize("strokes", DRAWINGS.values(), ids=DRAWINGS)
def test_a_picture_is_that_of_the_slow_reference(strokes, pen_width):
    assert differ(ink.rasterize(strokes, pen_width), slow_picture(strokes, pen_width)) <= 1  # rounding


def test_a_picture_may_have_another_size():
    strokes = [np.array([[3.0, 50], [61, 7]])]
    assert differ(ink.rasterize(strokes, 3.0, (64, 64)), slow_picture(strokes, 3.0, 64)) <= 1


def test_a_picture_is_uint8_from_paper_to_ink():
    picture = ink.rasterize([np.array([[5.0, 14], [23, 14]])], 4.0)
    assert (picture.dtype, picture.shape) == (np.uint8, (28, 28))
    assert (picture.min(), picture.max()) == (0, 255)


@pytest.mark.parametrize("slope", [0.0, 0.13, 0.5, 1.0, 3.0])
def test_a_fast_stroke_of_two_points_has_no_gap(slope):
    end = np.array([20.0, 20 * slope]) / max(1, slope)
    picture = ink.rasterize([np.array([[3.0, 3], end + 3])], 1.5)
    for share in np.linspace(0, 1, 200):
        x, y = share * end + 3
        assert picture[int(y), int(x)] > 100


def test_many_points_on_a_line_are_the_line():
    few, many = np.array([[3.0, 4], [24, 20]]), np.linspace([3.0, 4], [24, 20], 500)
    assert differ(ink.rasterize([few], 2.4), ink.rasterize([many], 2.4)) <= 1


def test_edges_are_smooth():
    picture = ink.rasterize([np.array([[3.0, 5], [25, 11]])], 2.4)
    steps = np.abs(np.diff(picture[:, 6:22].astype(int), axis=0))
    assert ((picture > 0) & (picture < 255)).sum() > 40
    assert steps.max() < 255


def test_strokes_that_cross_are_not_darker_than_ink_and_none_erases_another():
    across, down = [np.array([[4.0, 14.3], [24, 14.3]])], [np.array([[14.3, 4.0], [14.3, 24]])]
    both = np.maximum(ink.rasterize(across, 2.0), ink.rasterize(down, 2.0))
    np.testing.assert_array_equal(ink.rasterize(across + down, 2.0), both)


def test_nothing_drawn_is_an_empty_picture():
    for strokes in ([], [np.empty((0, 2))], [[]]):
        for picture in (ink.rasterize(strokes, 2.4), ink.normalize(strokes)):
            assert (picture.dtype, picture.shape, picture.max()) == (np.uint8, (28, 28), 0)


@pytest.mark.parametrize("digit", range(10))
def test_place_and_size_on_the_canvas_do_not_matter(digit):
    strokes = template_digits.strokes(digit)
    expected = ink.normalize(strokes)
    for scale, shift in [(0.1, 0), (1, (500, -300)), (37.5, (0, 9)), (1e6, 1e9), (1e-6, 0)]:
        assert differ(ink.normalize([stroke * scale + shift for stroke in strokes]), expected) <= 1


@pytest.mark.parametrize("digit", range(10))
def test_direction_and_order_of_the_strokes_do_not_matter(digit):
    strokes = template_digits.strokes(digit)
    assert differ(ink.normalize([stroke[::-1] for stroke in strokes[::-1]]), ink.normalize(strokes)) <= 1


@pytest.mark.parametrize("digit", range(10))
def test_how_often_the_pointer_was_sampled_does_not_matter(digit):
    strokes = template_digits.strokes(digit)
    sampled = [
        np.concatenate(
            [np.linspace(a, b, count) for (a, b), count in zip(pairwise(stroke), (3, 40, 7) * 9, strict=False)]
        )
        for stroke in strokes
    ]
    assert differ(ink.normalize(sampled), ink.normalize(strokes)) <= 1


@pytest.mark.parametrize("digit", range(10))
def test_a_digit_is_laid_out_as_mnists_are(digit):
    picture = ink.normalize(template_digits.strokes(digit))
    assert max(box(picture, least=128)) in (20, 21)  # the twenty pixels may lie across pixel borders
    assert center(picture) == pytest.approx((14.5, 14.5), abs=0.4)  # of ink spread evenly, while crossings count once


def test_a_flat_stroke_fills_the_width():
    picture = ink.normalize([np.array([[0.0, 0], [300, 0]])])
    width, height = box(picture, least=128)
    assert width in (20, 21)
    assert height <= 4
    assert center(picture) == pytest.approx((14.5, 14.5), abs=0.01)


@pytest.mark.parametrize("stroke", [[[7.0, 300]], [[7.0, 300]] * 5, [[0, 0], [0, 1e-320]]])
def test_a_dot_stays_a_dot_of_the_pens_width_in_the_middle(stroke):
    picture = ink.normalize([np.array(stroke)])
    assert box(picture, least=128) == (3, 3)
    assert center(picture) == pytest.approx((14.5, 14.5))


def test_plain_lists_of_points_are_strokes_too():
    np.testing.assert_array_equal(ink.normalize([[(0, 0), (3, 9)]]), ink.normalize([np.array([[0.0, 0], [3, 9]])]))


def test_strokes_are_left_as_they_are():
    strokes = template_digits.strokes(4)
    before = [stroke.copy() for stroke in strokes]
    ink.normalize(strokes)
    ink.rasterize(strokes, 2.4)
    for stroke, copy in zip(strokes, before, strict=True):
        np.testing.assert_array_equal(stroke, copy)


def test_extent_and_center_of_mass_are_those_of_even_ink():
    corner = [np.array([[0.0, 0], [8, 0]]), np.array([[8.0, 0], [8, 4]])]
    assert ink.extent(corner) == 8
    assert ink.extent([]) == 0
    np.testing.assert_allclose(ink.center_of_mass(corner), [(8 * 4 + 4 * 8) / 12, (8 * 0 + 4 * 2) / 12])
    np.testing.assert_allclose(ink.center_of_mass([np.array([[1.0, 2]]), np.array([[3.0, 6]])]), [2, 4])


@pytest.mark.parametrize("shape", [(28, 28), (1, 28, 28), (5, 28, 28)])
def test_the_network_reads_float32_between_0_and_1(shape):
    pictures = np.random.default_rng(0).integers(0, 256, shape).astype(np.uint8)
    pictures.flat[:2] = 0, 255
    given = ink.network_input(pictures)
    assert (given.dtype, given.shape) == (np.float32, (len(pictures.reshape(-1, 28, 28)), 28, 28, 1))
    assert (given.min(), given.max()) == (0, 1)
    np.testing.assert_array_equal(np.round(given.reshape(shape) * 255).astype(np.uint8), pictures)
