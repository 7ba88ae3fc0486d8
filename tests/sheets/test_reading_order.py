"""Boxes on a page come line by line from the top, each line from left to right, however the page is turned."""

import numpy as np
import pytest

from digits.sheets import reading_order

LINES = {
    "one": ([(10, 10)], [[0]]),
    "backwards": ([(50, 10), (30, 12), (10, 9)], [[2, 1, 0]]),
    "two lines": ([(10, 60), (40, 58), (12, 10), (41, 11)], [[2, 3], [0, 1]]),
    "a gap": ([(10, 10), (200, 12), (11, 60)], [[0, 1], [2]]),
}


@pytest.mark.parametrize("name", LINES)
def test_boxes_come_in_reading_order(name):
    corners, lines = LINES[name]
    corners = np.array(corners, float)
    assert reading_order.group_lines(np.hstack([corners, corners + np.array([15, 25])])) == lines


@pytest.mark.parametrize("degrees", [-12, -5, 0, 5, 12])
def test_a_turned_page_has_the_same_lines(degrees):
    y, x = np.divmod(np.arange(60), 10)
    angle = np.deg2rad(degrees)
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    middles = (np.stack([x, y], 1) * 50 + np.random.default_rng(6).uniform(-6, 6, (60, 2))) @ turn
    found = np.hstack([middles - np.array([9, 14]), middles + np.array([9, 14])])
    assert reading_order.group_lines(found) == np.arange(60).reshape(6, 10).tolist()
    assert np.rad2deg(reading_order.page_turn(found)) == pytest.approx(degrees, abs=1.5)


def boxes_at(*lefts: float, width: float = 20, height: float = 40) -> np.ndarray:
    """Boxes in one line."""
    return np.array([(left, 100, left + width, 100 + height) for left in lefts], float)


@pytest.mark.parametrize(("gap", "is_space"), [(0, False), (28, False), (30, False), (32, True), (60, True)])
def test_a_gap_of_three_quarters_of_a_digit_parts_numbers(gap, is_space):
    found = reading_order.split_numbers(boxes_at(0, 20 + gap, 40 + gap))
    assert found == ([[0], [1, 2]] if is_space else [[0, 1, 2]])


def test_the_typical_size_is_the_median_of_the_longer_sides():
    assert reading_order.typical_size(np.array([(0, 0, 10, 40), (0, 0, 50, 30), (0, 0, 5, 20)])) == 40


@pytest.mark.parametrize(("drop", "num_lines"), [(0, 1), (23, 1), (25, 2)])
def test_a_digit_belongs_to_the_line_at_its_height(drop, num_lines):
    found = boxes_at(0, 40)
    found[1, [1, 3]] += drop
    assert len(reading_order.group_lines(found)) == num_lines


def test_a_line_goes_on_at_the_height_of_its_last_digits():
    bent = boxes_at(*range(0, 900, 30))
    bent[:, [1, 3]] += (np.arange(30)[:, None] - 15) ** 2 * 0.3
    assert reading_order.group_lines(bent) == [[*range(30)]]


@pytest.mark.parametrize(("count", "is_turned"), [(5, False), (6, True)])
def test_four_neighbours_are_too_few_to_tell_how_lines_run(count, is_turned):
    rising = boxes_at(*range(0, 40 * count, 40))
    rising[:, [1, 3]] += 6 * np.arange(count)[:, None]
    assert (reading_order.page_turn(rising) > 0.1) is is_turned


def test_without_boxes_there_are_no_lines():
    assert reading_order.group_lines(np.empty((0, 4))) == []
