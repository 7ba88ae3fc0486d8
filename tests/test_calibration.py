"""Calibration: temperatures soften or sharpen, and the one that is fitted is the one that was wrong."""

import numpy as np
import pytest

from digits.calibration import DOUBTED, doubt_threshold, fit_temperature, soften


def softmax(logits: np.ndarray) -> np.ndarray:
    exponentials = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return exponentials / exponentials.sum(axis=-1, keepdims=True)


@pytest.mark.parametrize("temperature", [0.5, 1.0, 2.0])
def test_softening_divides_the_logits(temperature):
    logits = np.random.default_rng(0).normal(0, 3, (5, 10))
    np.testing.assert_allclose(soften(softmax(logits), temperature), softmax(logits / temperature))


def test_certainty_stays_a_number():
    certain = np.eye(10, dtype=np.float32)
    for temperature in (0.25, 1.0, 4.0):
        softened = soften(certain, temperature)
        assert np.isfinite(softened).all()
        np.testing.assert_array_equal(softened.argmax(axis=1), range(10))


@pytest.mark.parametrize("boast", [0.5, 1.0, 2.0])
def test_the_fitted_temperature_undoes_what_the_network_boasts(boast):
    rng = np.random.default_rng(1)
    logits = rng.normal(0, 2, (20_000, 10))
    labels = (logits + rng.gumbel(size=logits.shape)).argmax(axis=1)  # drawn with the probabilities softmax(logits)
    assert fit_temperature(softmax(logits * boast), labels) == pytest.approx(boast, rel=0.05)


def test_the_doubt_threshold_leaves_a_small_share_of_digits_below_it():
    confidences = np.random.default_rng(2).uniform(0.3, 1, 10_000)
    threshold = doubt_threshold(confidences)
    assert (confidences < threshold).mean() == pytest.approx(DOUBTED, abs=3e-4)
