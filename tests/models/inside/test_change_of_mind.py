"""What would change its mind: the changes that are found do it, and where none does, none is found."""

import numpy as np
import pytest

from benchmarks.support import template_digits
from digits.drawing import ink
from digits.models import loading
from digits.models.inside import change_of_mind
from digits.models.inside.change_of_mind import PictureDrawing, StrokeDrawing
from digits.recognition.classifier import Answer

FOUR = [np.asarray(stroke, float) for stroke in template_digits.strokes(4)]


@pytest.fixture(scope="module")
def classify():
    return loading.load().classify


def test_the_changes_of_strokes_turn_the_answer_when_they_are_made(classify):
    answer = classify(ink.normalize(FOUR))
    assert answer.digit == 4
    drawing = StrokeDrawing(FOUR)
    changes = change_of_mind.find(drawing, classify, answer)
    assert {change.kind for change in changes} == {"stroke", "erasure"}
    assert [change.length for change in changes] == sorted(change.length for change in changes)
    for change in changes:
        drawn = drawing.with_stroke(change.points)
        erased, _ = drawing.without(change.points[0], change.radius)
        picture = drawn if change.kind == "stroke" else erased
        np.testing.assert_array_equal(picture, change.picture)
        after = classify(picture)
        assert after.digit == change.answer.digit != 4
        assert 0 < change.length <= max(change_of_mind.LENGTHS)


def test_a_picture_without_strokes_is_changed_where_it_lies(classify):
    picture = ink.normalize(FOUR)
    for change in change_of_mind.find(PictureDrawing(picture), classify, classify(picture)):
        added = change.picture.astype(int) - picture
        assert (added >= 0).all() if change.kind == "stroke" else (added <= 0).all()
        assert classify(change.picture).digit != 4


def test_where_nothing_changes_its_mind_nothing_is_found():
    stubborn = Answer(3, 1.0, tuple(float(digit == 3) for digit in range(10)))
    assert change_of_mind.find(StrokeDrawing(FOUR), lambda picture: stubborn, stubborn) == []


def test_what_is_erased_is_as_long_as_it_is_said_and_the_rest_stays():
    line = StrokeDrawing([np.array([(0.0, 0.0), (10.0, 0.0)])])
    picture, length = line.without(np.array([5.0, 0.0]), 2.0)
    assert length == pytest.approx(4, abs=0.4)
    assert np.flatnonzero(picture.sum(axis=0) == 0)[5:-5].size > 0  # a gap in the middle
    assert not line.without(np.array([5.0, 0.0]), 6.0)[0].any()


def test_a_dot_has_something_to_be_changed(classify):
    drawing = StrokeDrawing([np.array([(3.0, 3.0)])])
    change_of_mind.find(drawing, classify, classify(drawing.with_stroke(np.array([(3.0, 3.0), (3.1, 3.0)]))))
