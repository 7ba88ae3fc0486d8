"""The progress of a training: what each epoch came to, printed and appended to a file.

The file (`handwriting.py --progress FILE`) gets one JSON line for each of these, with the "time" in seconds since 1970:
    {"event": "phase", "phase": "waking", "drawing", "learning", "testing" or "saving"}
    {"event": "start", "epochs": 12, "batch_size": 128, ...}     every setting of `Configuration`
    {"event": "batch", "epoch": 1, "batch": 40, "batches": 235, "loss": ..., "accuracy": ...,
     "validation_accuracy": ..., "rate": ..., "seconds_left": ..., "is_paused": false, "probes": [[...], ...],
     "kernels": [[...], ...]}
    {"event": "epoch", "epoch": 1, "loss": ..., "accuracy": ..., "validation_loss": ..., "validation_accuracy": ...,
     "distorted_accuracy": ..., "seconds": ...}
    {"event": "own digits", "drawings": 80, "held_back": 20, "before": ..., "after": ..., "is_better": true}
    {"event": "end", "status": "finished", "interrupted" or "failed", "saved": ["model.h5", ...], "test_accuracy": ...}

Phases: "waking" comes before Keras and its backend are imported, "drawing" before the images of an epoch are drawn,
"learning" before its first batch, "testing" before the test digits are answered, "saving" before the rest: calibrating
the network, converting it and writing its files.

Batches (`digits.training.live`): one record before the first batch of every epoch, with "batch" 0, then about two a
second, one after the last batch of the epoch, and one at once when the training is paused or has taken a single step.
"loss" (mean cross-entropy) and "accuracy" are of the training images of the batches since the last record, as they
were answered while it learned, and null in a record with no batch since. "validation_accuracy" is of up to 500
validation digits, always the same. "rate" is the learning rate of the last batch. "seconds_left" is until the last
epoch is done, null where nothing is known yet. "probes" are the ten probabilities of each picture of `--probes FILE`,
[] without one. "kernels" are those of the first convolution, one list of numbers, row by row, for each map.
A training on a collection has no such records.

The numbers of an epoch are those of `Epoch`; "own digits" is of a training on a collection, its numbers those of
`digits.training.own_digits.Standing`.
"""

import os
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np

from digits.system.json_lines import append_record
from digits.system.output import print_error
from digits.training.configuration import Configuration


@dataclass(frozen=True)
class Epoch:
    """The result of one pass over the training digits; losses are mean cross-entropies, accuracies in [0, 1].

    The first four are of undistorted digits, as many for training as for validation: distorted ones would make
    training look worse than validation. The fifth is of the validation digits, distorted as in training, and of some
    drawn from templates.
    """

    loss: float
    accuracy: float
    validation_loss: float
    validation_accuracy: float
    distorted_accuracy: float
    seconds: float


@dataclass(frozen=True)
class History:
    """The epochs of a training so far, and the weights of the best of them; none before the first.

    is_stopped: whether the last epoch was ended early by a command.
    """

    epochs: tuple[Epoch, ...] = ()
    best_weights: list[np.ndarray] = field(default_factory=list)
    is_stopped: bool = False


def best_epoch(epochs: Sequence[Epoch]) -> Epoch:
    """Return the epoch with the most right answers on the validation digits, plain and distorted.

    The plain ones alone are too few: a handful of them would choose an epoch before the learning rate has come down.
    Of equals it is the one with the lowest validation loss, and of those the last.
    """
    return max(
        reversed(epochs),
        key=lambda epoch: (epoch.validation_accuracy + epoch.distorted_accuracy, -epoch.validation_loss),
    )


class Progress:
    """Reports a training to the terminal and, where there is one, to the progress file."""

    def __init__(self, path: Path | None, clock: Callable[[], float] = time.monotonic):
        self._path = path
        self._clock = clock
        self._planned = 0  # epochs; 0 before the start

    def start(self, configuration: Configuration, epochs_done: int = 0) -> None:
        """Report what is about to happen, after so many epochs of an earlier run."""
        self._planned, self._started, self._earlier = configuration.epochs, self._clock(), epochs_done
        self._record("start", **asdict(configuration))

    @property
    def is_recorded(self) -> bool:
        """Whether there is a file for the records."""
        return self._path is not None

    def phase(self, name: str) -> None:
        """Report what begins now."""
        self._record("phase", phase=name)

    def batch(self, **values: object) -> None:
        """Report a batch, by `digits.training.live.watching`."""
        self._record("batch", **values)

    def epoch(self, epochs: Sequence[Epoch]) -> None:
        """Report the last of the epochs so far."""
        done, last, planned = len(epochs), epochs[-1], self._planned
        left = (self._clock() - self._started) / (done - self._earlier) * (planned - done)
        self._record("epoch", epoch=done, **asdict(last))
        print_line(
            f"epoch {done:>{len(str(planned))}}/{planned}  loss {last.loss:.4f}  accuracy {last.accuracy:.2%}"
            f"  validation {last.validation_accuracy:.2%}  {last.seconds:.0f} s, {left / 60:.1f} min left"
        )

    def own_digits(self, **values: object) -> None:
        """Report what a training on a collection came to."""
        self._record("own digits", **values)

    def end(self, status: str, saved: list[str], test_accuracy: float | None) -> None:
        """Report how it ended, if it ever started."""
        if self._planned:
            self._record("end", status=status, saved=saved, test_accuracy=test_accuracy)

    def _record(self, event: str, **values: object) -> None:
        if self._path is None:
            return
        try:
            append_record(self._path, {"event": event, "time": time.time(), **values})
        except OSError as error:  # not worth a training
            print_error("handwriting.py", f"no more progress in {self._path} ({error.strerror})")
            self._path = None


def print_line(text: str) -> None:
    """Print a line at once; a training goes on when nobody reads it any more."""
    try:
        print(text, flush=True)
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
