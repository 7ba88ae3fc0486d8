"""Styles: strokes, loops, crossings and beginnings of digits that were drawn for it, and their tally."""

import numpy as np
import pytest

from digits.classroom import styles
from digits.classroom.styles import Style
from digits.drawing import ink
from digits.recognition.classifier import Answer


def strokes(*lines):
    return [np.array(line, np.float64) for line in lines]


PLAIN_SEVEN = strokes([(5, 5), (20, 5), (10, 25)])
BARRED_SEVEN = strokes([(5, 5), (20, 5), (10, 25)], [(9, 15), (20, 15)])
OPEN_FOUR = strokes([(8, 4), (5, 15), (20, 15)], [(16, 8), (16, 25)])
CLOSED_FOUR = strokes([(16, 25), (16, 4), (5, 17), (20, 17)])
NOUGHT = strokes([(14, 4), (7, 9), (7, 19), (14, 24), (21, 19), (21, 9), (14, 4)])


@pytest.mark.parametrize(
    ("drawn", "expected"),
    [
        (PLAIN_SEVEN, Style(1, 0, False, 0)),
        (BARRED_SEVEN, Style(2, 0, True, 0)),
        (OPEN_FOUR, Style(2, 0, True, 0)),
        (CLOSED_FOUR, Style(1, 1, False, 2)),
        (NOUGHT, Style(1, 1, False, 0)),
        (strokes([(14, 14), (14, 4)], [(14, 14), (14, 24)]), Style(2, 0, False, 1)),
        (strokes([(4, 14), (24, 14)]), Style(1, 0, False, 0)),  # no height
    ],
)
def test_a_style_is_read_off_the_strokes(drawn, expected):
    assert styles.style_of(drawn, ink.normalize(drawn)) == expected


def test_a_long_scribble_is_compared_in_a_moment():
    """Crossings are looked for among few segments: 5,000 points against 5,000 would be millions of them."""
    angles = np.linspace(0, 500, 2500)
    one = np.column_stack([14 + 10 * np.cos(angles), 14 + 10 * np.sin(angles)])
    assert len(styles._segments(one)[0]) == styles.MOST_SEGMENTS
    assert styles.is_crossed([one, one[:, ::-1]])


def answer(digit, is_sure=True):
    return Answer(digit, 0.9, tuple(np.eye(10)[digit]), is_sure)


def test_a_tally_counts_answers_doubts_and_the_styles_of_what_was_asked_for():
    drawn = [
        (answer(4), Style(2, 0, True, 0)),
        (answer(4), Style(1, 1, False, 0)),
        (answer(9), Style(1, 1, False, 1)),
        (answer(1, is_sure=False), Style(5, 0, False, 2)),
    ]
    rows = {row.title: row.counts for row in styles.tally("4", drawn)}
    assert rows == {
        "Read as": [("4", 2), ("9", 1), ("not sure", 1)],
        "Strokes": [("1", 2), ("2", 1), ("3 or more", 1)],
        "Loop": [("closed", 2), ("open", 2)],
        "Begun": [("at the top", 2), ("in the middle", 1), ("at the bottom", 1)],
    }
    assert dict(styles.tally("7", drawn))["Bar"] == [("with a bar", 1), ("without a bar", 3)]
    assert [row.title for row in styles.tally(None, drawn)] == ["Read as"]
    assert styles.tally("4", []) == []
