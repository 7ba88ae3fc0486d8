"""What accuracy is measured in: answers and shares, calibration, doubt, and figures beside their goals."""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from digits.recognition.calibration import odds
from digits.recognition.classifier import Classifier

BINS = 15  # of equal width, in which the stated confidence is compared with the accuracy
NO_ANSWER = -1


class Answers(NamedTuple):
    """Digits int (n,), NO_ANSWER where there was none, stated confidences and odds float (n,), then 0."""

    digits: np.ndarray
    confidences: np.ndarray
    odds: np.ndarray


def classify(classifier: Classifier, pictures: Iterable[np.ndarray | None]) -> Answers:
    """Return the answers to pictures uint8 (28, 28); None gets no answer."""
    answers = [None if picture is None else classifier.classify(picture) for picture in pictures]
    digits = [NO_ANSWER if answer is None else answer.digit for answer in answers]
    probabilities = np.array([np.zeros(10) if answer is None else answer.probabilities for answer in answers])
    return Answers(np.array(digits), probabilities.max(axis=1), odds(probabilities))


def expected_calibration_error(confidences: np.ndarray, right: np.ndarray, bins: int = BINS) -> float:
    """Return how far confidence and accuracy are apart, averaged over all answers.

    confidences: (n,) in [0, 1]. right: bool (n,). The sum over bins of (answers in the bin / all answers) x
    |mean accuracy - mean confidence| (Guo et al., "On calibration of modern neural networks", 2017, equation 3).
    A bin holds its upper edge, as there.
    """
    index = np.clip(np.ceil(confidences * bins).astype(int) - 1, 0, bins - 1)
    gap = np.bincount(index, right.astype(float) - confidences, bins)  # of each bin, times its answers
    return float(np.abs(gap).sum() / len(right))


def is_not_sure(answers: Answers, least_odds: float) -> np.ndarray:
    """Return, bool (n,), which answers have lower odds, or are none."""
    return (answers.odds < least_odds) | (answers.digits == NO_ANSWER)


def doubt(not_sure: np.ndarray, right: np.ndarray) -> tuple[float, float]:
    """Return the share of answers, both bool (n,), that are not sure, and the accuracy of the others."""
    return float(not_sure.mean()), float(right[~not_sure].mean()) if not not_sure.all() else 0.0


def threshold_for(values: np.ndarray, share: float) -> float:
    """Return the highest threshold under which no more than that share of the values lies."""
    return float(np.sort(values)[int(share * len(values))])


def at_least(value: float | np.floating, goal: float) -> dict:
    """Return a figure beside a goal that it should reach."""
    return {"value": _rounded(value), "goal": f">= {goal}", "met": bool(value >= goal)}


def at_most(value: float | np.floating, goal: float) -> dict:
    """Return a figure beside a goal that it should not exceed."""
    return {"value": _rounded(value), "goal": f"<= {goal}", "met": bool(value <= goal)}


def _rounded(value: float | np.floating) -> float:
    """Return a number that JSON knows: whole numbers as they are, others to four places."""
    return value if isinstance(value, int) else round(float(value), 4)


def is_judged(figure: object) -> bool:
    """Tell whether an entry is a figure beside its goal."""
    return isinstance(figure, dict) and "met" in figure


def missed(figures: dict, prefix: str = "") -> list[str]:
    """Return the names of all figures that miss their goal, such as "mnist.accuracy"."""
    names = []
    for key, entry in figures.items():
        if is_judged(entry):
            names += [] if entry["met"] else [prefix + key]
        elif isinstance(entry, dict):
            names += missed(entry, f"{prefix}{key}.")
    return names


def add_spread(figures: dict, others: list[dict]) -> dict:
    """Return the figures, each with a goal given "spread": the least and the greatest over it and the others."""
    result = {}
    for key, entry in figures.items():
        same = [other[key] for other in others if key in other]
        if is_judged(entry):
            values = [each["value"] for each in (entry, *same)]
            result[key] = {**entry, "spread": [min(values), max(values)]}
        else:
            result[key] = add_spread(entry, same) if isinstance(entry, dict) else entry
    return result
