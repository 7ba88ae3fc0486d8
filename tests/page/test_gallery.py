"""The gallery of taught drawings: what a browser may have done to them."""

import numpy as np
import pytest

from benchmarks.support import template_digits
from digits.models import loading
from digits.page import gallery
from digits.page.pad import Lesson
from digits.page.tabs import answer_table, lesson
from digits.recognition.hand import Hand, Remembered
from digits.recognition.stores import VisitStore
from digits.system.files import UserError
from tests.page.test_history import SURE, UNSURE, entry


@pytest.fixture
def hand():
    hand = Hand(loading.load(), VisitStore())
    for picture in template_digits.pictures(3, seed=1)[0]:
        hand.remember(picture, "1", hand.classify(picture))
    return hand


def labels(hand):
    return [drawing.label for drawing in hand.drawings()]


def test_chosen_drawings_are_relabelled_and_forgotten_together_and_one_undo_takes_that_back(hand):
    last, _, first = (drawing.name for drawing in hand.drawings())
    gallery.act({"names": [first, last], "label": "+"}, hand)
    assert labels(hand) == ["+", "1", "+"]
    gallery.act({"names": [first, last], "label": None}, hand)
    assert labels(hand) == ["1"]
    hand.undo()
    assert labels(hand) == ["+", "1", "+"]
    hand.undo()
    assert labels(hand) == ["1", "1", "1"]


def test_what_is_sent_again_is_done_once(hand):
    name = hand.drawings()[0].name
    for at, label in ((1, "+"), (1, "+"), (2, "2"), (2, "2")):
        gallery.act_once({"names": [name], "label": label, "at": at}, hand)
    hand.undo()
    assert labels(hand) == ["+", "1", "1"]
    hand.undo()
    assert labels(hand) == ["1", "1", "1"]


@pytest.mark.parametrize(
    "sent",
    [None, [], {"names": "a", "label": "1"}, {"names": [], "label": 1}, {"names": [], "label": "a\nb"}],
    ids=repr,
)
def test_what_is_no_action_is_refused_in_a_sentence(hand, sent):
    with pytest.raises(UserError):
        gallery.act(sent, hand)
    assert labels(hand) == ["1", "1", "1"]


def test_names_that_are_not_there_are_passed_over(hand):
    gallery.act({"names": ["../a", 3, ["b"]], "label": None}, hand)
    assert labels(hand) == ["1", "1", "1"]


def taught(text):
    return [Remembered(str(place), label, np.zeros((28, 28), np.uint8)) for place, label in enumerate(text)]


@pytest.mark.parametrize(
    ("text", "step"),
    [
        ("", Lesson("0", 0, 100)),
        ("0123", Lesson("4", 4, 100)),
        ("0123456789+", Lesson("0", 10, 100)),
        ("0" * 12 + "123456789" * 10, None),
        ("123456789" * 10 + "0" * 9, Lesson("0", 99, 100)),
    ],
)
def test_the_walk_asks_for_the_digit_of_which_there_are_the_fewest(text, step):
    assert lesson.next_step(taught(text)) == step


@pytest.mark.parametrize(
    ("answered", "is_right", "text", "label"),
    [
        (entry(SURE), False, "", None),
        (entry(SURE), True, "", "7"),
        (entry(SURE), False, "1", "1"),
        (entry(SURE, label="7"), True, "7", "7"),
        (entry(SURE, label="7"), False, "7", None),
        (entry(SURE, label="1"), False, "", None),
        (entry(SURE, label="1"), True, "1", "7"),
        (entry(UNSURE), True, "", "4"),
        (entry(SURE, label="+"), False, "+", "+"),
    ],
)
def test_what_is_said_in_the_table(answered, is_right, text, label):
    assert answer_table.said(answered, is_right, text) == label
