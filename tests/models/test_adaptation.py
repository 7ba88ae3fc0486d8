"""Adaptation: models that take other pictures read digits all the same, and their cards say how they are given them.

The models are those of `tests.support.keras_models.comparing`, which read digits without having been trained.
"""

from pathlib import Path

import numpy as np
import pytest

from digits.models import adaptation
from digits.recognition.classifier import Interpreter

LEAST = 0.6  # accuracy: what such a model reaches by comparing


def accuracy(tflite: str) -> float:
    interpreter = Interpreter(Path(tflite).read_bytes())
    pictures, labels = adaptation.probes(100)
    return float(np.mean([interpreter(picture[None]).argmax() for picture in pictures] == labels))


@pytest.mark.parametrize(
    ("name", "way"),
    [
        ("0 to 255", "pixels 0 to 255"),
        ("-1 to 1", "pixels -1 to 1"),
        ("of length 1 in each column", "pixels of length 1 in each column"),
        ("0 to 1, dark on light", "pixels 0 to 1, dark on light"),
        ("transposed", "pixels 0 to 1, rows and columns exchanged"),
    ],
)
def test_the_way_in_which_a_model_is_given_digits_is_found(keras_models, name, way):
    model = keras_models[f"{name}.keras"]
    assert model["card"]["input"] == way
    assert accuracy(model["tflite"]) > LEAST
    assert model["card"]["template_accuracy"] > LEAST


@pytest.mark.parametrize("name", ["784", "28x28x3", "3x28x28", "32x32x1", "twelve outputs", "sigmoids"])
def test_models_of_other_shapes_and_outputs_read_digits(keras_models, name):
    model = keras_models[f"{name}.keras"]
    assert model["card"]["input"] == "pixels 0 to 1"
    assert accuracy(model["tflite"]) > LEAST


def test_the_ten_probabilities_sum_to_1(keras_models):
    for name in ("twelve outputs", "sigmoids"):
        interpreter = Interpreter(Path(keras_models[f"{name}.keras"]["tflite"]).read_bytes())
        answer = interpreter(adaptation.probes(1)[0])
        assert answer.shape == (1, 10)
        assert answer.sum() == pytest.approx(1, abs=1e-4)


def test_a_model_that_reads_by_chance_is_used_with_a_warning(keras_models):
    card = keras_models["untrained.keras"]["card"]
    assert card["input"] == "pixels 0 to 1"
    assert "no better than chance" in card["warning"]
    assert "warning" not in keras_models["784.keras"]["card"]


def test_sigmoids_count_by_their_odds():
    raw = np.array([[0.99, 0.6, *[0.01] * 8]])
    probabilities = adaptation._probabilities(raw)
    assert probabilities.sum() == pytest.approx(1)
    assert probabilities[0, 0] / probabilities[0, 1] == pytest.approx(66)
