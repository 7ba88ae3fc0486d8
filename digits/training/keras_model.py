"""What the trainer does with any Keras model: start from saved weights, fit, predict and evaluate."""

import logging
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Protocol, SupportsFloat, cast

import numpy as np

from digits.drawing import ink
from digits.models import keras_loading
from digits.system import paths
from digits.system.files import UserError, sha256
from digits.system.output import native_stderr_silenced

BATCH = 500  # images per prediction


class Predictor(Protocol):
    """A Keras model that answers: float32 (n, 28, 28, 1) in [0, 1] -> probabilities float32 (n, 10)."""

    def predict_on_batch(self, x: np.ndarray, /) -> np.ndarray:
        """Return the probabilities of one batch."""
        ...


class Weighted(Protocol):
    """A Keras model, for its weights."""

    def get_weights(self) -> list[np.ndarray]:
        """Return all weights."""
        ...

    def set_weights(self, weights: list[np.ndarray], /) -> None:
        """Take all weights."""
        ...


class Trainable(Protocol):
    """A compiled Keras model, to be trained batch by batch."""

    def reset_metrics(self) -> None:
        """Forget the batches so far."""
        ...

    def train_on_batch(self, x: np.ndarray, y: np.ndarray, *, return_dict: bool) -> Mapping[str, SupportsFloat]:
        """Take one step; return the "loss" and other measures of the batches since the last reset."""
        ...


def prepare_keras(seed: int) -> None:
    """Import Keras, quietly, and make its random numbers and its arithmetic repeatable; raises UserError."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("TF_DETERMINISTIC_OPS", "1")
    paths.house_keras()
    try:
        with native_stderr_silenced():
            import keras  # here and not on top: it takes seconds, and mistakes are reported before
    except (ImportError, ValueError) as error:  # ValueError: a KERAS_BACKEND that Keras does not know
        command = "pip install -r requirements.txt"
        raise UserError(f"Keras cannot be imported ({error}); run {command} and look at KERAS_BACKEND.") from error

    for name in ("absl", "tensorflow"):  # Keras calls HDF5 "legacy" at every save, TensorFlow counts its compilations
        logging.getLogger(name).setLevel(logging.ERROR)
    with native_stderr_silenced():
        keras.utils.set_random_seed(seed)  # beside another backend, this imports TensorFlow


def start_from(model: Weighted, saved: Path) -> dict[str, str]:
    """Give the model a saved one's weights and return the card's entry on it; raises UserError for another network."""
    weights = cast(Weighted, keras_loading.load_model(saved)).get_weights()
    if [each.shape for each in weights] != [each.shape for each in model.get_weights()]:
        raise UserError(f"{saved} is another network than this trainer's; give --start a model that it has saved.")
    model.set_weights(weights)
    return {"started_from": sha256(saved)}


class Start:
    """The weights that a model has before its training, those of a saved one if named, of which a share may be kept.

    A network trained further on new styles forgets some old ones; the mean of both knows nearly all (Wortsman et al.,
    "Robust fine-tuning of zero-shot models", 2022).
    origin: the model card's entries on it. Raises UserError where the saved one is another network.
    """

    def __init__(self, model: Weighted, saved: Path | None, share: float):
        self._share = share
        self.origin: dict[str, object] = {**start_from(model, saved)} if saved else {}
        if share:
            self.origin["start_share"] = share
        self._weights = model.get_weights()

    def mixed(self, trained: list[np.ndarray]) -> list[np.ndarray]:
        """Return the weights between the trained ones and those before, of which the share is kept."""
        if not self._share:
            return trained
        return [(1 - self._share) * new + self._share * old for new, old in zip(trained, self._weights, strict=True)]


def fit(
    model: Trainable,
    images: np.ndarray,
    targets: np.ndarray,
    batch_size: int,
    go_on: Callable[[int, Mapping[str, SupportsFloat]], bool] = lambda batch, results: True,
) -> float:
    """Train the model on images uint8 (n, 28, 28) and targets (n, 10), batch by batch; return the mean loss.

    go_on: called after each batch with its number, from 1, and its "loss" and whatever the model measures besides;
    tells whether to take another.

    `model.fit` would do the same, but makes TensorFlow set up a data pipeline for each call, whose end may wait for
    a thread that sleeps up to a minute.
    """
    losses = []
    for number in range(1, num_batches(len(targets), batch_size) + 1):
        batch = slice((number - 1) * batch_size, number * batch_size)
        model.reset_metrics()  # Keras 3.15 does it, earlier ones do not
        results = model.train_on_batch(ink.network_input(images[batch]), targets[batch], return_dict=True)
        losses.append(float(results["loss"]))
        if not go_on(number, results):
            break
    return float(np.mean(losses))


def num_batches(num_images: int, batch_size: int) -> int:
    """Return how many batches `fit` takes: a last, smaller one would derail the normalisation and is left out."""
    return max(1, num_images // batch_size)


def predict(model: Predictor, images: np.ndarray) -> np.ndarray:
    """Return the probabilities float32 (n, 10) of images uint8 (n, 28, 28), at least one.

    Not by `model.predict`, for the reason given in `fit`.
    """
    batches = [images[start : start + BATCH] for start in range(0, len(images), BATCH)]
    return np.concatenate([model.predict_on_batch(ink.network_input(batch)) for batch in batches])


def evaluate(model: Predictor, images: np.ndarray, labels: np.ndarray) -> tuple[float, float]:
    """Return the mean cross-entropy and the accuracy on images uint8 (n, 28, 28) with labels (n,)."""
    probabilities = predict(model, images)
    right = probabilities[np.arange(len(labels)), labels]
    return float(np.log(1 / np.maximum(right, 1e-12)).mean()), float((probabilities.argmax(axis=1) == labels).mean())
