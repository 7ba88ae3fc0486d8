"""The evaluation of a model on labelled digits: accuracy, confusion matrix and worst mistakes."""

from typing import NamedTuple, Protocol

import numpy as np

from digits.recognition.classifier import Answer

LARGEST_SHARE = 0.9999  # that is not all: it is never rounded up to 100 %


class Evaluation(NamedTuple):
    """Pictures uint8 (n, 28, 28), their labels (n,) of 0 to 9 and a model's probabilities, float64 (n, 10)."""

    pictures: np.ndarray
    labels: np.ndarray
    probabilities: np.ndarray

    @property
    def answers(self) -> np.ndarray:
        """The likeliest digit of each, (n,)."""
        return self.probabilities.argmax(axis=1)

    @property
    def accuracy(self) -> float:
        """The share of right answers."""
        return float((self.answers == self.labels).mean())

    @property
    def per_digit(self) -> dict[int, float]:
        """The share of right answers for each label that occurs."""
        return per_digit(self.confusion)

    @property
    def confusion(self) -> np.ndarray:
        """How often each label (row) got each answer (column): int (10, 10)."""
        return confusion_matrix(self.labels, self.answers)

    def cell(self, label: int, answer: int) -> np.ndarray:
        """Return the indices of the digits with that label that got that answer, the surest first."""
        places = np.flatnonzero((self.labels == label) & (self.answers == answer))
        return places[np.argsort(-self.probabilities[places, answer], kind="stable")]

    def hardest(self, count: int) -> np.ndarray:
        """Return the indices of the `count` worst mistakes."""
        return worst_mistakes(self.labels, self.probabilities, count)


class Classifies(Protocol):
    """Anything that answers pictures, such as a Classifier."""

    def classify(self, picture: np.ndarray) -> Answer:
        """Return the answer to a picture, uint8 (28, 28)."""
        ...


def evaluate(classifier: Classifies, pictures: np.ndarray, labels: np.ndarray) -> Evaluation:
    """Return a model's evaluation on labelled digits: pictures uint8 (n, 28, 28), labels (n,)."""
    return Evaluation(pictures, labels, np.array([classifier.classify(picture).probabilities for picture in pictures]))


def in_percent(share: float, decimals: int = 2) -> str:
    """Return a share of counted digits in words: 0.9966 is "99.66 %", all of them "100 %" and nothing else is."""
    if share == 1:
        return "100\N{NO-BREAK SPACE}%"
    return f"{100 * min(share, LARGEST_SHARE):.{decimals}f}\N{NO-BREAK SPACE}%"


def per_digit(confusion: np.ndarray) -> dict[int, float]:
    """Return the share of right answers for each label that occurs; confusion: as `confusion_matrix` returns it."""
    totals = confusion.sum(axis=1)
    return {digit: float(confusion[digit, digit] / totals[digit]) for digit in range(10) if totals[digit]}


def confusion_matrix(labels: np.ndarray, answers: np.ndarray) -> np.ndarray:
    """Return how often each label (row) got each answer (column): int (10, 10)."""
    counts = np.zeros((10, 10), int)
    np.add.at(counts, (labels.astype(int), answers), 1)
    return counts


def worst_mistakes(labels: np.ndarray, probabilities: np.ndarray, count: int) -> np.ndarray:
    """Return the indices of the wrong answers, those that give the label the least probability first."""
    wrong = np.flatnonzero(probabilities.argmax(axis=1) != labels)
    return wrong[np.argsort(probabilities[wrong, labels[wrong]], kind="stable")][:count]


def differences(first: Evaluation, second: Evaluation) -> dict[str, int]:
    """Return on how many of the same digits both models, only one, or neither is right."""
    one, other = first.answers == first.labels, second.answers == second.labels
    return {
        "both right": int((one & other).sum()),
        "only the first right": int((one & ~other).sum()),
        "only the second right": int((~one & other).sum()),
        "both wrong": int((~one & ~other).sum()),
    }
