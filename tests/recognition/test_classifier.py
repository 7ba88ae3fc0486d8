"""The classifier: pictures in, calibrated answers out, and how they are told."""

import numpy as np
import pytest

from digits.models import loading
from digits.recognition.calibration import odds
from digits.recognition.classifier import Answer, Classifier, percent


@pytest.fixture(scope="module")
def shipped() -> Classifier:
    return loading.load()


def test_an_answer_is_ten_probabilities_and_their_best(shipped):
    picture = np.zeros((28, 28), np.uint8)
    picture[4:24, 13:16] = 255
    answer = shipped.classify(picture)
    assert answer.digit == 1
    assert answer.confidence == max(answer.probabilities) == answer.probabilities[1]
    assert sum(answer.probabilities) == pytest.approx(1, abs=1e-9)


def test_an_answer_is_sure_from_the_least_odds_on(shipped, monkeypatch):
    picture = np.zeros((28, 28), np.uint8)
    picture[4:24, 13:16] = 255
    reached = odds(np.array(shipped.classify(picture).probabilities))
    for least_odds, is_sure in ((reached, True), (np.nextafter(reached, np.inf), False)):
        monkeypatch.setattr(shipped, "least_odds", least_odds)
        assert shipped.classify(picture).is_sure is is_sure


def test_a_higher_temperature_is_less_sure_of_the_same_digit(shipped):
    picture = np.zeros((28, 28), np.uint8)
    picture[4:24, 13:16] = 255
    beside = loading.SHIPPED.with_suffix(".tflite")
    cool, warm = (Classifier(beside, temperature=t).classify(picture) for t in (1.0, 3.0))
    assert warm.digit == cool.digit
    assert warm.confidence < cool.confidence


@pytest.mark.parametrize(
    ("probability", "words"),
    [
        (0.0, "0.0 %"),
        (0.9841, "98.4 %"),
        (0.5, "50.0 %"),
        (0.9994, "99.9 %"),
        (0.9995, "99.9 %"),
        (1.0, "99.9 %"),
    ],
)
def test_certainty_is_never_stated_as_100_percent(probability, words):
    assert percent(probability).replace("\N{NO-BREAK SPACE}", " ") == words


@pytest.mark.parametrize(
    ("likely", "is_sure", "candidates", "words"),
    [
        ({4: 0.9, 9: 0.1}, True, (4,), None),
        ({9: 0.3, 4: 0.6}, False, (4, 9), "not sure: 4 or 9?"),
        ({9: 0.12, 4: 0.8}, False, (4, 9), "not sure: 4 or 9?"),
        ({9: 0.3, 4: 0.4}, False, (4, 9), "not sure: 4 or 9?"),
        ({7: 0.45}, False, (7,), "not sure: 7?"),
        ({7: 0.45, 2: 0.15}, False, (7, 2), "not sure: 7 or 2?"),
        ({7: 0.45, 2: 0.1499}, False, (7,), "not sure: 7?"),
        ({7: 0.5}, False, (7, 0), "not sure: 7 or 0?"),
        ({}, False, (), "not sure: is it a digit?"),
    ],
)
def test_doubt_names_the_digits_that_it_could_be(likely, is_sure, candidates, words):
    rest = (1 - sum(likely.values())) / (10 - len(likely))
    probabilities = tuple(likely.get(digit, rest) for digit in range(10))
    answer = Answer(int(np.argmax(probabilities)), max(probabilities), probabilities, is_sure)
    assert answer.candidates == candidates
    assert words is None or answer.doubt.replace("\N{NO-BREAK SPACE}", " ") == words
