"""Watching a training: after how many batches it is recorded, what is recorded, and where it waits or ends.

The record's form is described in `digits.training.progress`.
"""

import math
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol, SupportsFloat

import numpy as np

from digits.drawing import ink
from digits.training.configuration import Configuration
from digits.training.keras_model import BATCH
from digits.training.live.control import Control
from digits.training.live.probes import MOST_PROBES, Probes
from digits.training.progress import Progress

INTERVAL = 0.5  # seconds between two records, more where ...
COST = 0.2  # ... answering the digits and probes would take more than this share of the time
WATCHED = {"small": BATCH - MOST_PROBES, "full": 100 - MOST_PROBES}  # validation digits, by the network
DECIMALS = 5  # of the numbers in a record


class Watched(Protocol):
    """A compiled Keras model that is being trained."""

    @property
    def weights(self) -> Sequence[object]:
        """All weights, the kernels of the first convolution in front."""
        ...

    @property
    def optimizer(self) -> Any:
        """What trains it, with its "learning_rate"."""
        ...

    def predict_on_batch(self, x: np.ndarray, /) -> np.ndarray:
        """Return the probabilities of one batch."""
        ...


class Watch:
    """Follows one training: `begin`, then `start_epoch` and `after_batch` for every epoch."""

    def __init__(
        self,
        progress: Progress,
        control: Control | None = None,
        probes: Probes | None = None,
        clock: Callable[[], float] = time.monotonic,
    ):
        self._progress = progress
        self._control = control or Control()
        self._probes = probes or Probes()
        self._clock = clock
        self._times = Times(clock)
        self._model: Watched | None = None
        self._results: list[Mapping[str, SupportsFloat]] = []  # of the batches since the last record
        self._recorded = 0, False  # the batch of the last record, and whether it was of a pause
        self._due = 0.0  # when the next record is
        self._epoch = self._epochs = 0
        self.is_cut_short = False  # whether the last epoch was ended by a command, before its last batch

    def begin(self, model: Watched, images: np.ndarray, labels: np.ndarray, configuration: Configuration) -> None:
        """Watch this model: how it answers the first of these validation digits, uint8 (n, 28, 28) and (n,)."""
        count = WATCHED[configuration.network]
        self._model, self._images, self._labels = model, images[:count], labels[:count]
        self._epochs = configuration.epochs

    def draw_epoch(self, number: int) -> None:
        """Say that the images of an epoch, counted from 1, are being drawn."""
        self._epoch = number
        self._times.start_drawing()
        self._progress.phase("drawing")

    def start_epoch(self, batches: int) -> None:
        """Say that the epoch begins to learn from so many batches; raises KeyboardInterrupt where it must not."""
        self._batches, self._results = batches, []
        self._times.start_learning()
        self._progress.phase("learning")
        self._record(0)
        if not self._wait(0):
            raise KeyboardInterrupt

    def after_batch(self, batch: int, results: Mapping[str, SupportsFloat]) -> bool:
        """Record a batch, counted from 1, if it is time to, and wait during a pause; tell whether to go on.

        results: its "loss" and "accuracy".
        """
        self._times.batch()
        self._results.append(results)
        if batch == self._batches or self._clock() >= self._due:
            self._record(batch)
        self.is_cut_short = batch < self._batches and not self._wait(batch)
        return not self.is_cut_short

    def _wait(self, batch: int) -> bool:
        """Wait for as long as the training is paused; tell whether to go on."""
        while not self._control.may_go_on():
            if self._probes.look() or self._recorded != (batch, True):
                self._record(batch)
            self._control.wait()
            self._times.skip()
        return not self._control.is_stopped

    def _record(self, batch: int) -> None:
        began = self._clock()
        if self._model is not None and self._progress.is_recorded:
            self._progress.batch(
                epoch=self._epoch,
                batch=batch,
                batches=self._batches,
                loss=self._mean("loss"),
                accuracy=self._mean("accuracy"),
                **self._look(self._model),
                seconds_left=self._times.left(self._batches - batch, self._epochs - self._epoch, self._batches),
                is_paused=self._control.is_paused,
            )
        self._results = []
        self._recorded = batch, self._control.is_paused
        cost = self._clock() - began
        self._times.skip()
        self._due = self._clock() + max(INTERVAL - cost, cost / COST)

    def _mean(self, name: str) -> float | None:
        """Return the mean over the batches since the last record."""
        return _number(np.mean([float(results[name]) for results in self._results])) if self._results else None

    def _look(self, model: Watched) -> dict:
        """Return what the model answers now, and what its first kernels and the learning rate are.

        The batch always has the same shape: TensorFlow would compile another one.
        """
        self._probes.look()
        pictures = self._probes.pictures
        rest = np.zeros((MOST_PROBES - len(pictures), ink.SIZE, ink.SIZE), np.uint8)
        batch = np.concatenate([self._images, pictures, rest])
        probabilities = np.asarray(model.predict_on_batch(ink.network_input(batch)))
        digits, probed = np.split(probabilities[: len(self._images) + len(pictures)], [len(self._images)])
        kernels = _array(model.weights[0])
        return {
            "validation_accuracy": _number((digits.argmax(axis=1) == self._labels).mean()),
            "rate": _number(_array(model.optimizer.learning_rate)),
            "probes": _rows(probed),
            "kernels": _rows(kernels[:, :, 0].reshape(-1, kernels.shape[-1]).T),
        }


class Times:
    """How long drawing and learning take, from which the rest is estimated."""

    def __init__(self, clock: Callable[[], float]):
        self._clock = clock
        self._drawing = self._learning = 0.0  # seconds: of the last drawing, of the batches that count
        self._counted = 0  # batches: all but the first of a training, for which the network is compiled
        self._is_first = True
        self._since = clock()

    def start_drawing(self) -> None:
        """Begin to draw an epoch."""
        self._since = self._clock()

    def start_learning(self) -> None:
        """Begin to learn from what was drawn."""
        self._drawing = self._clock() - self._since
        self.skip()

    def batch(self) -> None:
        """Count a batch."""
        if not self._is_first:
            self._learning += self._clock() - self._since
            self._counted += 1
        self._is_first = False
        self.skip()

    def skip(self) -> None:
        """Leave out the time since the last call, which was spent on something else."""
        self._since = self._clock()

    def left(self, batches: int, epochs: int, batches_per_epoch: int) -> float | None:
        """Return the seconds until so many batches and then so many epochs are done; None where nothing is known."""
        if not self._counted:
            return None
        batch = self._learning / self._counted
        return round(batches * batch + epochs * (self._drawing + batches_per_epoch * batch), 1)


def _number(value: SupportsFloat) -> float | None:
    """Return a number that JSON has; None for NaN and infinity."""
    number = float(value)
    return round(number, DECIMALS) if math.isfinite(number) else None


def _rows(array: np.ndarray) -> list[list[float]]:
    """Return an array as lists of numbers that JSON has."""
    return np.nan_to_num(array.astype(float), posinf=0, neginf=0).round(DECIMALS).tolist()


def _array(variable: object) -> np.ndarray:
    import keras  # late: the trainer has imported it before it comes here

    return np.asarray(keras.ops.convert_to_numpy(variable))
