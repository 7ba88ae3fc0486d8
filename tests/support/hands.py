"""A classifier that answers one digit, and a hand around it that sees pictures without a network."""

import numpy as np
import pytest

from digits.recognition import features, hand
from digits.recognition.classifier import LEAST_ODDS, Answer
from digits.recognition.stores import Store, VisitStore


class Always:
    """A classifier that answers one digit and keeps the pictures it was shown."""

    least_odds = LEAST_ODDS

    def __init__(self, digit: int = 7, is_sure: bool = True):
        self.given = Answer(digit, 0.91, tuple(0.91 if other == digit else 0.01 for other in range(10)), is_sure)
        self.pictures = []

    def classify(self, picture: np.ndarray) -> Answer:
        self.pictures.append(picture)
        return self.given

    def answer(self, probabilities: np.ndarray) -> Answer:
        return self.given


class Look:
    """In place of a `FeatureReader`: what a picture looks like, blurred, with the classifier's one answer."""

    identity = "look"
    strangers = np.full((200, 196), 1 / 14, np.float32)

    def __init__(self, classifier: Always):
        self._classifier = classifier

    def __call__(self, picture: np.ndarray) -> features.Seen:
        probabilities = np.array(self._classifier.classify(picture).probabilities)
        look = features.blurred(picture)
        return features.Seen(probabilities, look / np.linalg.norm(look))


def open_hand(monkeypatch: pytest.MonkeyPatch, classifier: Always, store: Store | None = None) -> hand.Hand:
    """Return a hand around a classifier, which is none of LiteRT's; its drawings are kept in a store."""
    monkeypatch.setattr(hand, "reader_of", Look)
    return hand.Hand(classifier, store or VisitStore())  # type: ignore[arg-type]
