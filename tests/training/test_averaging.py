"""The mean of trained models: its weights, its card, and what is refused."""

from pathlib import Path

import numpy as np
import pytest

from benchmarks.support import template_digits
from digits.models import keras_loading, loading, model_card
from digits.system.files import sha256
from digits.training import mnist
from digits.training.mnist import Dataset
from digits.training.results import averaging, saving


class Network:
    """Ten weights, the shares of its answers; saves them as text."""

    def __init__(self, *weights: float):
        self.weights = [np.array(weights)]

    def get_weights(self) -> list[np.ndarray]:
        return self.weights

    def set_weights(self, weights: list[np.ndarray], /) -> None:
        self.weights = weights

    def predict_on_batch(self, x: np.ndarray, /) -> np.ndarray:
        return np.tile(self.weights[0] / self.weights[0].sum(), (len(x), 1)).astype(np.float32)

    def count_params(self) -> int:
        return 10

    def save(self, filepath: Path, /) -> None:
        filepath.write_text(" ".join(map(str, self.weights[0])))


@pytest.fixture
def averaged(tmp_path, monkeypatch):
    """Return a function that averages models, given as their weights, by the command line; the path and the code."""
    monkeypatch.setattr(loading, "run_conversion", lambda model, tflite, is_ours: tflite.write_bytes(b"converted"))
    monkeypatch.setattr(averaging, "prepare_keras", lambda seed: None)
    monkeypatch.setattr(saving, "Converted", lambda tflite: Network(*range(1, 11)))
    images, labels = template_digits.pictures(20, seed=0)
    monkeypatch.setattr(mnist, "load", lambda path: Dataset(images, labels, images, labels))
    monkeypatch.setattr(keras_loading, "load_model", lambda path: Network(*map(float, path.read_text().split())))

    def averaged(*models, shares=()):
        paths = [tmp_path / f"{index}.h5" for index in range(len(models))]
        for path, weights in zip(paths, models, strict=True):
            path.write_text(" ".join(map(str, weights)))
            (card := model_card.companions(path)).tflite.write_bytes(b"tflite")
            model_card.write_card(card.card, sha256(path), card.tflite, {"recipe": {"seed": int(path.stem)}})
        given = ["--shares", *map(str, shares)] if shares else []
        return tmp_path / "mean.h5", averaging.main([str(tmp_path / "mean.h5"), *map(str, paths), *given])

    return averaged


def test_the_mean_is_saved_with_a_card_that_says_of_what(averaged, tmp_path):
    path, code = averaged([8, *[1] * 9], [2, *[4] * 9], shares=[1, 2])
    assert (code, path.read_text().split()) == (0, ["4.0", *["3.0"] * 9])
    card = model_card.read_card(model_card.companions(path).card)
    assert card.entries["averaged"] == [
        {"sha256": sha256(tmp_path / "0.h5"), "share": pytest.approx(1 / 3)},
        {"sha256": sha256(tmp_path / "1.h5"), "share": pytest.approx(2 / 3)},
    ]
    assert (card.test_accuracy, card.parameters, card.recipe) == (0.1, 10, {"seed": 0})
    assert np.sum(card.confusion) == 20


@pytest.mark.parametrize(
    ("models", "shares", "words"),
    [
        ([[1] * 10, [1] * 9], [], "another network"),
        ([[1] * 10, [1] * 10], [1], "one share for each"),
        ([[1] * 10, [1] * 10], [0, 0], "one share for each"),
        ([[1] * 10, [1] * 10], [2, -1], "one share for each"),
    ],
)
def test_what_has_no_mean_is_refused_in_one_sentence(averaged, capsys, models, shares, words):
    path, code = averaged(*models, shares=shares)
    assert code == 2
    assert not path.exists()
    error = capsys.readouterr().err
    assert words in error
    assert error.count("\n") == 1
