"""One training as a child process: `handwriting.py`, followed by its records and told what to do.

What it writes and what it is told are described in `digits.training.progress` and `digits.training.live.control`.
"""

import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from enum import StrEnum
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np

from digits.page.jobs import runs, training_files
from digits.page.jobs.child_host import ChildHost
from digits.page.jobs.runs import Curve, Point, Run
from digits.system.child_processes import Failure, Starter
from digits.system.files import replacing
from digits.system.json_lines import append_record
from digits.system.paths import ROOT
from digits.training import mnist
from digits.training.configuration import Configuration

SAVING_SECONDS = 900.0  # that a stopped training may take to test and save its best epoch, on a busy machine
WHOLE, SAMPLE = "MNIST", "sample of MNIST"  # what a run learned from, in words

Command = Literal["pause", "step", "continue", "stop"]  # as `handwriting.py --control` takes them


class TrainingStatus(StrEnum):
    """What the training is doing."""

    IDLE = "idle"
    STARTING = "starting"
    RUNNING = "running"
    STOPPING = "stopping"
    FINISHED = "finished"
    STOPPED = "stopped"
    FAILED = "failed"


ENDINGS = {  # by what the trainer says
    "finished": TrainingStatus.FINISHED,
    "interrupted": TrainingStatus.STOPPED,
    "failed": TrainingStatus.FAILED,
}
ALIVE = (TrainingStatus.STARTING, TrainingStatus.RUNNING, TrainingStatus.STOPPING)


class OwnDigits(NamedTuple):
    """What a training on own drawings goes by: the model that it begins with, the collection, and whose hand."""

    start: Path
    collection: Path
    hand: str

    def options(self) -> list[str]:
        """Return the command-line options of the trainer that ask for it."""
        return ["--start", str(self.start), "--collection", str(self.collection), "--hand", self.hand]


class TrainingSnapshot(NamedTuple):
    """What there is to see of a training; equal to another exactly when nothing has changed between them."""

    status: TrainingStatus = TrainingStatus.IDLE
    num_epochs: int = 0  # planned
    epochs: tuple[dict, ...] = ()  # records of the trainer, one per epoch
    model: str = ""
    test_accuracy: float | None = None
    failure: Failure | None = None
    is_own: bool = False  # on the user's own drawings
    own: dict | None = None  # what came of that: the trainer's record with "before" and "after"
    configuration: Configuration | None = None
    data: str = ""  # what it learns from, in words
    phase: str = ""  # what the trainer says that it is doing
    batch: dict | None = None  # its latest record of a batch
    curve: tuple[Point, ...] = ()

    @property
    def is_alive(self) -> bool:
        """Whether it is still going on."""
        return self.status in ALIVE

    @property
    def is_paused(self) -> bool:
        """Whether it waits for a command."""
        return bool(self.batch and self.batch.get("is_paused")) and self.status is TrainingStatus.RUNNING

    @property
    def share_done(self) -> float:
        """What is done of all epochs."""
        if self.batch and self.num_epochs:
            done = self.batch["epoch"] - 1 + self.batch["batch"] / self.batch["batches"]
            return min(1.0, done / self.num_epochs)
        return len(self.epochs) / self.num_epochs if self.num_epochs else 0.0

    @property
    def seconds_left(self) -> float | None:
        """How long it will take, as the trainer says, or at the pace of the epochs so far; None while nobody knows."""
        if self.batch:
            return self.batch.get("seconds_left")
        if not self.epochs:
            return None
        seconds = [epoch["seconds"] for epoch in self.epochs]
        return (self.num_epochs - len(seconds)) * sum(seconds) / len(seconds)

    @property
    def images_in_all(self) -> int:
        """How many images it will have seen in the end; 0 before its first record of a batch."""
        if not self.batch or not self.configuration:
            return 0
        return self.num_epochs * self.batch["batches"] * self.configuration.batch_size


class Training(ChildHost[TrainingSnapshot]):
    """One training after the other, each in a child process. Callable from any thread.

    folder: where the models are kept. clock: seconds since 1970.
    """

    def __init__(self, folder: Path, starter: Starter, clock: Callable[[], float]):
        super().__init__("The training", training_files.marked(starter))
        self._folder, self._clock = folder, clock
        self._model: Path | None = None  # the latest training's
        self._shown = TrainingSnapshot()
        self._curve = Curve()
        self._began = 0.0
        self._is_stopping = False
        self._pictures: np.ndarray | None = None  # that it answers while it learns
        self._end: dict = {}

    def start(self, configuration: Configuration, data: Path | None, own: OwnDigits | None = None) -> bool:
        """Start a training unless one is going on; tell whether it was started."""
        with self._lock:
            if self._is_alive():
                return False
            model = training_files.new_name(self._folder, self._clock())
            self._model, self._began, self._curve = model, self._clock(), Curve()
            self._is_stopping, self._pictures, self._end = False, None, {}
            self._shown = TrainingSnapshot(
                num_epochs=configuration.epochs,
                model=model.name,
                is_own=own is not None,
                configuration=configuration,
                data=in_words(data),
            )
            command = trainer_command(configuration, data, model, own)
            files = (model.with_suffix(suffix) for suffix in (training_files.PROGRESS, training_files.STDERR))
            return self._start(command, *files)

    def stop(self) -> None:
        """Ask the training to end; it tests and saves its best, which takes some seconds."""
        with self._lock:
            child = self._child
            if child is None or not child.alive or self._is_stopping:
                return
            self._is_stopping = True
            if self._shown.batch:  # it obeys between two batches
                self._tell("stop")
                end = threading.Timer(SAVING_SECONDS, child.close)
            else:
                end = threading.Thread(target=child.close, args=(SAVING_SECONDS,))
        end.daemon = True
        end.start()

    def tell(self, command: Command) -> None:
        """Have a training that is going on pause, take one step, go on, or end."""
        if command == "stop":
            self.stop()
            return
        with self._lock:
            if self._child is not None and self._child.alive and not self._is_stopping:
                self._tell(command)

    def probe(self, pictures: np.ndarray) -> None:
        """Have pictures, uint8 (n, 28, 28), answered while the training learns, in the place of those before."""
        with self._lock:
            is_known = self._pictures is not None and np.array_equal(self._pictures, pictures)
            if self._child is None or self._model is None or is_known:
                return
            with suppress(OSError), replacing(self._model.with_suffix(training_files.PROBES)) as draft:
                np.savez(draft, pictures=pictures)
                self._pictures = pictures

    def _tell(self, command: Command) -> None:
        assert self._model is not None
        with suppress(OSError):  # a full disk: the training goes on
            append_record(self._model.with_suffix(training_files.CONTROL), {"command": command})

    def _receive(self, records: list[dict]) -> None:
        for record in records:
            with suppress(KeyError, TypeError, ValueError, ZeroDivisionError):  # a damaged one
                self._take(record)

    def _take(self, record: dict) -> None:
        """Take one record of the trainer (see `digits.training.progress`)."""
        shown = self._shown
        match record["event"]:
            case "phase":
                shown = shown._replace(phase=str(record["phase"]))
            case "start" if not shown.phase:
                shown = shown._replace(phase="learning")
            case "batch":
                shown = shown._replace(batch=record)
                done = (record["epoch"] - 1) * record["batches"] + record["batch"]
                size = shown.configuration.batch_size if shown.configuration else 1
                self._curve.add(Point(done * size, float(record["validation_accuracy"]), record.get("accuracy")))
                shown = shown._replace(curve=self._curve.points)
            case "epoch":
                shown = shown._replace(epochs=(*shown.epochs, record))
            case "own digits":
                shown = shown._replace(own=record)
            case "end":
                self._end = record
                shown = shown._replace(test_accuracy=record["test_accuracy"])
        self._shown = shown

    def _describe(self, is_alive: bool) -> TrainingSnapshot:
        failure = None if self._is_stopping else self._failure
        return self._shown._replace(status=self._status(is_alive), failure=failure)

    def _status(self, is_alive: bool) -> TrainingStatus:
        if is_alive:
            if self._is_stopping:
                return TrainingStatus.STOPPING
            is_at_work = self._shown.phase not in ("", "waking")
            return TrainingStatus.RUNNING if is_at_work else TrainingStatus.STARTING
        if self._follower is None:
            return TrainingStatus.IDLE
        if self._end.get("status") in ENDINGS:
            return ENDINGS[self._end["status"]]
        return TrainingStatus.STOPPED if self._failure is None or self._is_stopping else TrainingStatus.FAILED

    def _on_end(self) -> None:
        if self._model is None:
            return
        training_files.remove_work_files(self._model)
        ended = self._describe(is_alive=False)
        if ended.curve and not ended.is_own and ended.configuration:
            sentence = ended.failure.sentence if ended.failure else ""
            seconds = self._clock() - self._began
            run = Run(
                self._model.stem,
                ended.configuration,
                ended.status.value,
                ended.data,
                seconds,
                ended.test_accuracy,
                ended.curve,
                sentence,
            )
            with suppress(OSError):
                runs.write(self._folder, run)


def trainer_command(
    configuration: Configuration, data: Path | None, model: Path, own: OwnDigits | None = None
) -> list[str]:
    """Return the trainer's command line; the files of the protocol lie beside the model."""
    files = {"--progress": training_files.PROGRESS}
    if own is None:
        files |= {"--control": training_files.CONTROL, "--probes": training_files.PROBES}
    return [
        sys.executable,
        str(ROOT / "handwriting.py"),
        str(model),
        *configuration.options(),
        *(word for option, suffix in files.items() for word in (option, str(model.with_suffix(suffix)))),
        *(["--data", str(data)] if data else []),
        *(own.options() if own else []),
        "--parent-pipe",
    ]


def in_words(data: Path | None) -> str:
    """Return what a training learns from, in words."""
    return SAMPLE if data == mnist.SAMPLE else data.name if data else WHOLE
