"""Calibration: answers of 90 % confidence should be right nine times in ten; and which answers are not sure."""

import numpy as np

TEMPERATURES = np.geomspace(0.25, 4.0, 241)
DOUBTED = 0.04  # of digits from templates are answered "not sure": they are stranger than people's, of which fewer are
MAJORITY = 0.5  # an answer of less confidence is never sure


def soften(probabilities: np.ndarray, temperature: float) -> np.ndarray:
    """Return softmax(logits / temperature) of probabilities (..., 10) that are softmax(logits).

    Guo et al., "On calibration of modern neural networks", 2017. Returns float64 (..., 10).
    """
    logits = np.log(np.maximum(probabilities, np.finfo(np.float32).tiny).astype(np.float64)) / temperature
    exponentials = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return exponentials / exponentials.sum(axis=-1, keepdims=True)


def fit_temperature(probabilities: np.ndarray, labels: np.ndarray) -> float:
    """Return the temperature under which the labels (n,) are likeliest, given probabilities (n, 10)."""
    rows = np.arange(len(labels))
    losses = [-np.log(soften(probabilities, t)[rows, labels] + 1e-12).mean() for t in TEMPERATURES]
    return round(float(TEMPERATURES[np.argmin(losses)]), 4)


def odds(probabilities: np.ndarray) -> np.ndarray:
    """Return how many times likelier the likeliest digit is than the next, of (..., 10): float64 (...), up to infinity.

    0 where the likeliest is less likely than MAJORITY. Doubt depends on these odds and not on the probability itself:
    digits that look like another are mistaken more often than digits that are only oddly written.
    """
    second, first = np.moveaxis(np.sort(np.asarray(probabilities, np.float64), axis=-1)[..., -2:], -1, 0)
    with np.errstate(divide="ignore"):
        return np.divide(first, second, out=np.zeros_like(first), where=first >= MAJORITY)


def least_odds(digit_odds: np.ndarray) -> float:
    """Return the odds, at least 1, below which an answer is "not sure": the quantile DOUBTED of the odds (n,)."""
    return max(1.0, round(float(np.quantile(digit_odds, DOUBTED)), 3))
