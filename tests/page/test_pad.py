"""The pad without a browser: what a stranger may send, and what is answered to it."""

import json
import time

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from benchmarks.support import template_digits
from digits.drawing import ink, pad_content
from digits.drawing.canvas import CELLS, WIDE
from digits.models import loading
from digits.page import pad
from digits.page.drawing_views import AnsweredDrawing
from digits.recognition.classifier import Answer
from digits.recognition.hand import Hand
from digits.recognition.stores import VisitStore
from digits.system.files import UserError
from tests.drawing.test_pad_content import SEVEN, payload

LESSON = pad.Lesson("4", 0, 100)


class Certain:
    """A classifier that gives one digit a probability and the next one the rest; it remembers what it was shown."""

    def __init__(self, digit=7, confidence=0.984, is_sure=True):
        probabilities = np.zeros(10)
        probabilities[[digit, (digit + 1) % 10]] = confidence, 1 - confidence
        self.answer = Answer(digit, confidence, tuple(probabilities.tolist()), is_sure)
        self.pictures = []

    def classify(self, picture):
        self.pictures.append(picture)
        return self.answer


def number_of(*digits):
    """Digits side by side on a wide canvas, as a browser sends them."""
    corners = [np.array([4 + 20 * place, 6]) for place in range(len(digits))]
    placed = [
        stroke + corner
        for corner, digit in zip(corners, digits, strict=True)
        for stroke in template_digits.strokes(digit)
    ]
    return payload([stroke.tolist() for stroke in placed], columns=WIDE)


def plain(text):
    return text.replace("\N{NO-BREAK SPACE}", " ")


def test_the_most_that_the_pad_holds_is_answered_soon():
    """What a stranger may send must not keep the server busy: 10,000 points to and fro once took 8 s."""
    points = int(pad_content.MAX_LENGTH // np.hypot(28, 28))
    to_and_fro = [[0, 0], [28, 28]] * (points // 2)
    dots = [[1, 1]] * ((pad_content.MAX_POINTS - len(to_and_fro)) // (pad_content.MAX_STROKES - 1))
    began = time.process_time()
    for columns in (CELLS, WIDE):
        assert "error" not in pad.reply(
            payload([to_and_fro] + [dots] * (pad_content.MAX_STROKES - 1), columns=columns), Certain()
        )
    assert time.process_time() - began < 2


# What it is told


def test_a_digit_is_answered_by_the_picture_of_its_strokes():
    classifier = Certain()
    told = pad.reply(payload(version=12), classifier)
    assert np.array_equal(classifier.pictures, [ink.normalize([np.array(SEVEN[0])])])
    (digit,) = told["digits"]
    assert told["version"] == 12
    assert plain(told["words"]) == "98.4 % sure"
    assert (digit["text"], digit["is_sure"], digit["named"]) == ("7", True, ["7"])
    assert digit["box"] == (5, 5, 20.5, 25)
    assert digit["picture"].startswith("data:image/png;base64,")
    bars = {label: (share, plain(words)) for label, share, words in digit["bars"] if share}
    assert [label for label, *_ in digit["bars"]] == list("0123456789")
    assert bars == {"7": (0.984, "98.4 %"), "8": (0.016, "1.6 %")}


def test_a_doubtful_digit_is_told_as_in_the_window():
    told = pad.reply(payload(), Certain(4, 0.55, is_sure=False))
    (digit,) = told["digits"]
    assert plain(digit["doubt"]) == "Not sure: 4 or 5?"
    assert digit["named"] == ["4", "5"]
    assert plain(told["words"]) == "at most 55.0 % sure"


def test_a_number_is_answered_digit_by_digit_from_left_to_right():
    told = pad.reply(number_of(7, 1, 0), Certain())
    boxes = [digit["box"] for digit in told["digits"]]
    assert [box[0] for box in boxes] == [4, 29, 44]
    assert len({digit["picture"] for digit in told["digits"]}) == 3


@pytest.mark.parametrize(
    ("confidences", "threshold", "words"),
    [
        ((0.97,), 0.5, "97.0 % sure"),
        ((0.99999,), 0.5, "99.9 % sure"),
        ((0.4,), 0.5, "at most 40.0 % sure"),
        ((0.99999, 0.981), 0.5, "at least 98.1 % sure of every digit"),
        ((0.99999, 0.9999), 0.5, "at least 99.9 % sure of every digit"),
        ((0.4, 0.99, 0.3), 0.5, "not sure of 2 of 3 digits"),
    ],
)
def test_how_sure_it_is_in_words(confidences, threshold, words):
    answers = [Answer(1, confidence, (), confidence >= threshold) for confidence in confidences]
    assert plain(pad.in_words(answers)) == words


@pytest.mark.parametrize("columns", [CELLS, WIDE])
def test_a_dot_gets_a_hint_and_nothing_drawn_gets_nothing(columns):
    classifier = Certain()
    dot = pad.reply(payload([[[5, 5], [6, 6]]], columns=columns), classifier)
    assert dot == {"version": 3, "digits": [], "hint": pad.ONLY_A_DOT}
    assert pad.reply(payload([], columns=columns), classifier) == {"version": 3, "digits": []}
    assert not classifier.pictures


def test_what_cannot_be_read_is_answered_with_the_reason_and_its_version():
    told = pad.reply(payload([[[1, 1]]] * 101, version=8), Certain())
    assert told["version"] == 8
    assert "101 strokes" in told["error"]
    assert pad.reply("nonsense", Certain())["error"] == pad_content.UNREADABLE


@pytest.mark.parametrize("sent", [payload(), number_of(4, 2), payload([]), payload([[[1, 1]]]), "nonsense"])
def test_every_reply_goes_through_json(sent):
    json.dumps(pad.reply(sent, Certain()), allow_nan=False)


# What is kept


def test_a_kept_digit_is_the_record_of_a_drawing():
    record = pad.record_of(pad_content.parse(payload()), Certain())
    drawing = AnsweredDrawing.from_record(json.loads(json.dumps(record)))
    assert (drawing.verdict, drawing.is_number) == ("7", False)
    assert drawing.answer == Certain().answer
    assert [stroke.tolist() for stroke in drawing.strokes] == SEVEN


def test_a_kept_number_is_the_record_of_a_number():
    record = pad.record_of(pad_content.parse(number_of(7, 7, 7)), Certain())
    drawing = AnsweredDrawing.from_record(json.loads(json.dumps(record)))
    assert (drawing.verdict, drawing.is_number) == ("777", True)
    assert drawing.places == ((0,), (1,), (2,))


@pytest.mark.parametrize("strokes", [[], [[[5, 5]]]])
def test_what_has_no_answer_is_not_kept(strokes):
    assert pad.record_of(pad_content.parse(payload(strokes)), Certain()) is None


# What it is taught


@pytest.fixture
def hand():
    return Hand(loading.load(), VisitStore())


CROSS = [[[14, 6], [14, 22]], [[6, 14], [22, 14]]]


def teach(hand, label, drawn=None, **told):
    sent = {**(drawn or payload(CROSS)), "places": [0, 1], "label": label, **told}
    pad.teach(pad_content.parse(sent), sent, hand)


def test_what_is_taught_counts_at_once_and_the_answer_shows_by_which_drawing(hand):
    for shift in (0, 0.3, 0.6):
        moved = [[[x, y + shift * place] for x, y in stroke] for place, stroke in enumerate(CROSS)]
        teach(hand, "+", payload(moved))
    (digit,) = pad.reply(payload(CROSS), hand)["digits"]
    assert (digit["text"], digit["taught"], digit["named"]) == ("+", "+", ["+"])
    assert digit["source"] == digit["picture"]
    assert [label for label, *_ in digit["bars"]] == [*"0123456789", "+"]
    assert "as you taught it" in pad.reply(payload(CROSS), hand)["words"]


def test_a_drawing_that_is_told_again_is_relabelled_and_can_be_forgotten(hand):
    teach(hand, "x")
    teach(hand, "+")
    assert [drawing.label for drawing in hand.drawings()] == ["+"]
    teach(hand, None)
    assert hand.drawings() == []
    assert pad.reply(payload(CROSS), hand)["digits"][0]["taught"] is None


def test_a_digit_of_a_number_is_taught_by_its_own_strokes(hand):
    number = number_of(7, 1, 0)
    teach(hand, "3", number, places=[1])
    digits = pad.reply(number, hand)["digits"]
    assert [digit["taught"] for digit in digits] == [None, "3", None]
    assert digits[1]["places"] == (1,)


@pytest.mark.parametrize(
    "told",
    [
        {"places": None},
        {"places": []},
        {"places": [2]},
        {"places": [-1]},
        {"places": [True]},
        {"places": ["0"]},
        {"places": [0] * 3},
        {"label": 3},
        {"label": ""},
        {"label": "thirteen char"},
        {"label": "a\nb"},
    ],
)
def test_what_cannot_be_taught_is_refused_in_a_sentence_and_changes_nothing(hand, told):
    with pytest.raises(UserError):
        teach(hand, **{"label": "+", **told})
    assert hand.drawings() == []


def test_a_classifier_alone_is_not_taught():
    with pytest.raises(UserError):
        teach(Certain(), "+")


def test_the_pad_is_mounted_without_a_drawing():
    def page():
        from digits.models import loading
        from digits.page import pad

        pad.show(loading.load(), print)

    shown = AppTest.from_function(page, default_timeout=30).run()
    assert not shown.exception
    (mounted,) = shown.get("bidi_component")
    data = json.loads(mounted.proto.json)
    assert data["reply"] is None
    assert data["columns"] == {"digit": CELLS, "number": WIDE}
    assert "export default" in mounted.proto.js_content


@pytest.mark.parametrize(
    ("sent", "lesson", "known"),
    [
        (payload(), None, 1),
        (number_of(4, 2), None, 3),
        (payload([]), None, 0),
        ("nonsense", None, 0),
        (payload(), LESSON, 0),
    ],
)
def test_the_drawing_on_the_pad_is_known_to_the_whole_page(sent, lesson, known):
    def page(lesson):
        import streamlit as st

        from digits.models import loading
        from digits.page import pad, visitor_session

        pad.show(loading.load(), print, lesson=lesson)
        content = visitor_session.current_drawing()
        st.text(len(content.strokes) if content else 0)

    shown = AppTest.from_function(page, default_timeout=30, kwargs={"lesson": lesson})
    shown.session_state["pad"] = {"drawing": sent}
    assert shown.run().text[0].value == str(known)
