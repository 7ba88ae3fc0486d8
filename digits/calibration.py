"""Calibration: a stated confidence of 90 % should be right nine times in ten, and little confidence is doubt."""

import numpy as np

TEMPERATURES = np.geomspace(0.25, 4.0, 241)
DOUBTED = 0.012  # of digits from templates are answered "not sure"; people's are odder, and 0.02 of them may be


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


def doubt_threshold(confidences: np.ndarray) -> float:
    """Return the confidence below which an answer is "not sure": that of the DOUBTED least sure digits, (n,)."""
    return round(float(np.quantile(confidences, DOUBTED)), 4)
