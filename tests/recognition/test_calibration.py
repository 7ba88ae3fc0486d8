"""Calibration: temperatures soften or sharpen, the fitted one undoes what was wrong; doubt goes by the odds."""

import numpy as np
import pytest

from digits.recognition.calibration import DOUBTED, fit_temperature, least_odds, odds, soften


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


def test_the_odds_are_those_against_the_next_digit_and_none_below_a_half():
    two_alike, oddly_written, unlikely, a_half = np.full((4, 10), 0.01)
    two_alike[[4, 9]] = 0.6, 0.32
    oddly_written[:] = 0.05
    oddly_written[3] = 0.55
    unlikely[:] = 0.06
    unlikely[7] = 0.46
    a_half[[2, 3]] = 0.5, 0.25
    np.testing.assert_allclose(odds(np.array([two_alike, oddly_written, unlikely, a_half])), [1.875, 11, 0, 2])
    assert odds(oddly_written) == pytest.approx(11)


def test_certainty_has_infinite_odds():
    assert odds(np.eye(10)[3]) == np.inf


def test_the_least_odds_leave_a_small_share_of_digits_below_them():
    of_digits = np.random.default_rng(2).uniform(0, 1000, 10_000)
    assert (of_digits < least_odds(of_digits)).mean() == pytest.approx(DOUBTED, abs=3e-4)


def test_a_network_that_knows_nothing_doubts_everything_that_is_not_likelier_than_not():
    assert least_odds(np.zeros(100)) == 1.0
