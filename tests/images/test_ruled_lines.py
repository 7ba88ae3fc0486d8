"""Printed lines are told from strokes by their length, their thinness and their parallels, and taken away."""

import numpy as np
import pytest

from digits.images.ruled_lines import find_lines, remove_ruled_lines

HEIGHT, WIDTH = 200, 300
SHADE = 0.3  # contrast of a line


def ruled(*rows: int, start: int = 0, stop: int = WIDTH, width: int = 2, slope: float = 0.0) -> np.ndarray:
    """The contrast of paper with lines, which cross the middle column at these rows."""
    values = np.random.default_rng(0).normal(0, 0.004, (HEIGHT, WIDTH)).astype(np.float32)
    for row in rows:
        for column in range(start, stop):
            top = round(row + slope * (column - WIDTH / 2))
            values[max(0, top) : max(0, top + width), column] += SHADE
    return values


@pytest.mark.parametrize("slope", [-0.18, -0.05, 0.0, 0.1, 0.2])
def test_parallel_lines_are_found_where_they_are(slope):
    lines = find_lines(ruled(60, 100, 140, slope=slope))
    assert sorted(line.middle for line in lines) == pytest.approx([61, 101, 141], abs=1.5)
    assert [line.slope for line in lines] == pytest.approx([slope] * 3, abs=0.01)


def test_steep_lines_are_none():
    assert find_lines(ruled(60, 100, 140, slope=0.35)) == []


@pytest.mark.parametrize(
    ("rows", "share", "count"),
    [
        ((100,), 1.0, 1),  # a single line shows nearly all along
        ((100,), 0.85, 0),
        ((60, 100), 1.0, 2),
        ((60, 100), 0.85, 0),
        ((60, 100, 140), 1.0, 3),
        ((60, 100, 140), 0.95, 0),  # as the three strokes of a digit, that ends before the picture does
        ((25, 55, 85, 115, 145, 175), 0.65, 6),
        ((25, 55, 85, 115, 145, 175), 0.4, 0),
    ],
)
def test_few_lines_must_show_on_more_of_their_way_than_a_family(rows, share, count):
    assert len(find_lines(ruled(*rows, stop=round(share * WIDTH)))) == count


def test_lines_that_run_across_the_others_are_not_of_their_family():
    values = np.maximum(ruled(50, 80, 110, 140), ruled(100, slope=0.15))
    assert sorted(round(line.middle / 10) for line in find_lines(values)) == [5, 8, 11, 14]


def test_lines_that_approach_each_other_as_in_perspective_are_a_family():
    values = np.maximum.reduce([ruled(row, slope=(row - 100) / 600) for row in (40, 70, 100, 130, 160)])
    assert len(find_lines(values)) == 5


def test_lines_are_taken_away_in_both_directions_and_ink_stays():
    values = ruled(40, 80, 120, 160)
    for column in range(60, WIDTH, 50):
        values[:, column : column + 2] = SHADE
    values[50:150, 130:142] = 0.8
    rest = remove_ruled_lines(values, True)
    assert rest[52:148, 132:140].min() > 0.6
    paper = np.ones((HEIGHT, WIDTH), bool)
    paper[45:155, 125:147] = False
    assert rest[paper].max() < 0.1


@pytest.mark.parametrize("rows", [(100,), (60, 140)])
def test_a_line_as_dark_as_the_ink_is_a_stroke_unless_there_are_many(rows):
    values = np.maximum(2 * ruled(*rows), 2 * ruled(100, slope=0.9, start=100, stop=200))
    assert remove_ruled_lines(values, True) is values


@pytest.mark.parametrize("is_dark_ink", [True, False])
def test_paper_without_lines_and_small_pictures_stay_the_same_array(is_dark_ink):
    blank, small = ruled(), ruled(20, 40)[:63]
    assert remove_ruled_lines(blank, is_dark_ink) is blank
    assert remove_ruled_lines(small, is_dark_ink) is small


def test_a_thick_stroke_across_the_picture_is_no_line():
    values = ruled(60, 100, 140, width=9)
    assert remove_ruled_lines(values, True) is values
