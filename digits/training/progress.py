"""The progress of a training, told to the terminal and to a file, in the form described in `handwriting.py`."""

import os
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path

from digits.system.json_lines import append_record


class Progress:
    """Tells the terminal, and the progress file where there is one, how the training goes."""

    def __init__(self, path: Path | None, clock: Callable[[], float] = time.monotonic):
        self._path = path
        self._clock = clock
        self._recipe = None

    def start(self, recipe, done: int = 0) -> None:
        """Report what is about to happen, after so many epochs of an earlier run."""
        self._recipe, self._started, self._earlier = recipe, self._clock(), done
        self._record("start", **asdict(recipe))

    def epoch(self, epochs: Sequence) -> None:
        """Report the last of the epochs so far."""
        done, last, planned = len(epochs), epochs[-1], self._recipe.epochs
        left = (self._clock() - self._started) / (done - self._earlier) * (planned - done)
        self._record("epoch", epoch=done, **asdict(last))
        say(
            f"epoch {done:>{len(str(planned))}}/{planned}  loss {last.loss:.4f}  accuracy {last.accuracy:.2%}"
            f"  validation {last.validation_accuracy:.2%}  {last.seconds:.0f} s, {left / 60:.1f} min left"
        )

    def end(self, status: str, saved: list[str], test_accuracy: float | None) -> None:
        """Report how it ended, if it ever started."""
        if self._recipe is not None:
            self._record("end", status=status, saved=saved, test_accuracy=test_accuracy)

    def _record(self, event: str, **values) -> None:
        if self._path is None:
            return
        try:
            append_record(self._path, {"event": event, "time": time.time(), **values})
        except OSError as error:  # not worth a training
            print(f"handwriting.py: no more progress in {self._path} ({error.strerror})", file=sys.stderr)
            self._path = None


def say(text: str) -> None:
    """Print a line at once; a training goes on when nobody reads it any more."""
    try:
        print(text, flush=True)
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
