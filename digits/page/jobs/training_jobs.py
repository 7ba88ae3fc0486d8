"""Trainings of a server: `handwriting.py` as a child, one at a time, and the models that came of it.

Each model is a .h5 file with its companions in the user's data folder. A page that is reloaded, or a second tab, sees
the same training, since it is the server that holds it.
"""

import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import fields
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

from digits.page.jobs import training_files
from digits.page.jobs.child_host import ChildHost
from digits.system.child_processes import Failure, Starter
from digits.system.files import UserError
from digits.system.paths import ROOT
from digits.training.configuration import Configuration

SAVING_SECONDS = 900.0  # that a stopped training may take to test and save its best epoch, on a busy machine
MOST = {"epochs": 500, "batch_size": 1024}  # on the page: less than the trainer itself takes, for time and memory


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

    @property
    def is_alive(self) -> bool:
        """Whether it is still going on."""
        return self.status in ALIVE

    @property
    def share_done(self) -> float:
        """Epochs done, of all."""
        return len(self.epochs) / self.num_epochs if self.num_epochs else 0.0

    @property
    def seconds_left(self) -> float | None:
        """How long it will take at the pace so far; None before the first epoch."""
        if not self.epochs:
            return None
        seconds = [epoch["seconds"] for epoch in self.epochs]
        return (self.num_epochs - len(seconds)) * sum(seconds) / len(seconds)


class TrainingHost(ChildHost[TrainingSnapshot]):
    """The trainings of a server: at most one lives. Callable from any thread.

    folder: where the models are kept; made if there is none. What a killed training left in it is removed.
    """

    def __init__(self, folder: Path, starter: Starter = subprocess.Popen, clock: Callable[[], float] = time.time):
        super().__init__("The training", training_files.marked(starter))
        self.folder = Path(folder)
        self._clock = clock
        self._model: Path | None = None  # the latest training's
        self._num_epochs = 0
        self._records: list[dict] = []
        self._is_stopping = False
        self._is_own = False
        training_files.remove_leftovers(self.folder)

    def start(self, configuration: Configuration, data: str = "", own: OwnDigits | None = None) -> bool:
        """Start a training unless one is going on; tell whether it was started.

        data: the path of the data file; empty for the one that the trainer finds. own: for a training on own drawings.
        Raises UserError for settings beyond the page's limits, a path that cannot be one, and a folder that models
        cannot be kept in.
        """
        check_limits(configuration)
        data_path = parse_path(data)
        with self._lock:
            if self._is_alive():
                return False
            self._make_folder()
            model = training_files.new_name(self.folder, self._clock())
            self._model, self._num_epochs = model, configuration.epochs
            self._records, self._is_stopping, self._is_own = [], False, own is not None
            progress = model.with_suffix(".progress")
            command = trainer_command(configuration, data_path, model, progress, own)
            return self._start(command, progress, model.with_suffix(training_files.STDERR))

    def stop(self) -> None:
        """Ask the training to end; it tests and saves its best epoch, which takes some seconds."""
        with self._lock:
            if self._child is None or not self._child.alive or self._is_stopping:
                return
            self._is_stopping = True
            child = self._child
        threading.Thread(target=child.close, args=(SAVING_SECONDS,), daemon=True).start()

    def models(self) -> list[Path]:
        """Return the models that were trained, the latest first."""
        return training_files.models(self.folder)

    def delete(self, model: Path) -> None:
        """Delete a model of the folder and what belongs to it."""
        if model.parent == self.folder:
            training_files.delete(model)

    def _receive(self, records: list[dict]) -> None:
        self._records += records

    def _describe(self, is_alive: bool) -> TrainingSnapshot:
        epochs = tuple(record for record in self._records if record.get("event") == "epoch")
        end = next((record for record in self._records if record.get("event") == "end"), {})
        own = next((record for record in self._records if record.get("event") == "own digits"), None)
        status = self._status(is_alive, end)
        name = self._model.name if self._model else ""
        accuracy = end.get("test_accuracy")
        return TrainingSnapshot(status, self._num_epochs, epochs, name, accuracy, self._failure, self._is_own, own)

    def _status(self, is_alive: bool, end: dict) -> TrainingStatus:
        if is_alive:
            if self._is_stopping:
                return TrainingStatus.STOPPING
            return TrainingStatus.RUNNING if self._records else TrainingStatus.STARTING
        if self._follower is None:
            return TrainingStatus.IDLE
        if end.get("status") in ENDINGS:
            return ENDINGS[end["status"]]
        return TrainingStatus.STOPPED if self._failure is None else TrainingStatus.FAILED

    def _on_end(self) -> None:
        if self._model:
            training_files.remove_work_files(self._model)

    def _make_folder(self) -> None:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            found = f"Models cannot be kept in {self.folder} ({error.strerror})"
            raise UserError(f"{found}; make that folder writable.") from error


def trainer_command(
    configuration: Configuration, data: Path | None, model: Path, progress: Path, own: OwnDigits | None = None
) -> list[str]:
    """Return the trainer's command line."""
    files = ["--progress", str(progress), *(["--data", str(data)] if data else [])]
    return [
        sys.executable,
        str(ROOT / "handwriting.py"),
        str(model),
        *configuration.options(),
        *files,
        *(own.options() if own else []),
        "--parent-pipe",
    ]


def limits(name: str) -> tuple[float, float]:
    """Return the least and the most that a setting may be on the page."""
    (setting,) = (each for each in fields(Configuration) if each.name == name)
    return setting.metadata["least"], min(setting.metadata["most"], MOST.get(name, setting.metadata["most"]))


def check_limits(configuration: Configuration) -> None:
    """Raise UserError for a setting beyond the page's limits, or one that is no number."""
    for setting in fields(Configuration):
        value = getattr(configuration, setting.name)
        if "choices" in setting.metadata:
            continue
        least, most = limits(setting.name)
        if value is not None and not least <= value <= most:  # nor is NaN
            name = setting.name.replace("_", " ").capitalize()
            raise UserError(f"{name}: {value} is not a number from {least:,} to {most:,}.")


def parse_path(text: str) -> Path | None:
    """Return the path that was typed, None for an empty one; raises UserError where it cannot be one."""
    text = text.strip()
    if "\0" in text:
        raise UserError("The path of the data file has a character that no path can have; type it again.")
    try:
        return Path(text).expanduser() if text else None
    except RuntimeError as error:
        raise UserError(f"There is no home folder for {text}; name the whole path of the data file.") from error
