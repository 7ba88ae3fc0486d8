"""Trainings of a server: `handwriting.py` as a child, and the models and runs that come of it.

There is one training at a time, and beside an experiment the plain training that it is compared with. Each model is a
.h5 file with its companions in the user's data folder. A page that is reloaded, or a second tab, sees the same
training, since it is the server that holds it.
"""

import subprocess
import threading
import time
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path

import numpy as np

from digits.page.jobs import runs, training_files
from digits.page.jobs.runs import Run
from digits.page.jobs.training_process import Command, OwnDigits, Training, TrainingSnapshot, in_words
from digits.system.child_processes import Starter
from digits.system.files import UserError
from digits.training import mnist
from digits.training.configuration import Configuration

MOST = {"epochs": 500, "batch_size": 1024}  # on the page: less than the trainer itself takes, for time and memory


class TrainingHost:
    """The trainings of a server: at most one lives, or an experiment and the plain training that it is compared with.

    folder: where the models are kept; made if there is none. What a killed training left in it is removed. Callable
    from any thread.
    """

    def __init__(self, folder: Path, starter: Starter = subprocess.Popen, clock: Callable[[], float] = time.time):
        self.folder = Path(folder)
        self._training, self._beside = (Training(self.folder, starter, clock) for _ in range(2))
        self._lock = threading.Lock()
        self._is_compared = False
        training_files.remove_leftovers(self.folder)

    def snapshot(self) -> TrainingSnapshot:
        """Return what there is to see of the latest training now."""
        return self._training.snapshot()

    def beside(self) -> TrainingSnapshot | None:
        """Return what there is to see of the plain training beside the latest one, if that is an experiment."""
        return self._beside.snapshot() if self._is_compared else None

    @property
    def is_busy(self) -> bool:
        """Whether any training is going on."""
        beside = self.beside()
        return self.snapshot().is_alive or (beside is not None and beside.is_alive)

    def start(
        self,
        configuration: Configuration,
        data: str = "",
        own: OwnDigits | None = None,
        beside: Configuration | None = None,
    ) -> bool:
        """Start a training unless one is going on; tell whether it was started.

        data: the path of the data file; empty for MNIST where the trainer finds it, else the sample of it. own: for a
        training on own drawings. beside: of a plain training to compare it with, at the same time.
        Raises UserError for settings beyond the page's limits, a path that cannot be one, and a folder that models
        cannot be kept in.
        """
        for each in filter(None, (configuration, beside)):
            check_limits(each)
        data_path = parse_path(data) or (None if own else _usual_data())
        with self._lock:
            if self.is_busy:
                return False
            self._make_folder()
            self._is_compared = beside is not None
            is_started = self._training.start(configuration, data_path, own)
            return (beside is None or self._beside.start(beside, data_path)) and is_started

    def tell(self, command: Command) -> None:
        """Have what is going on pause, take one step, go on, or end with the best so far kept."""
        for training in (self._training, self._beside):
            training.tell(command)

    def stop(self) -> None:
        """Ask what is going on to end; the best so far is tested and saved, which takes some seconds."""
        self.tell("stop")

    def probe(self, pictures: np.ndarray) -> None:
        """Have pictures, uint8 (n, 28, 28), answered while the training learns."""
        self._training.probe(pictures)

    def usual_data(self) -> str:
        """Return what a training learns from that names no data, in words."""
        return in_words(_usual_data())

    def models(self) -> list[Path]:
        """Return the models that were trained, the latest first."""
        return training_files.models(self.folder)

    def runs(self) -> list[Run]:
        """Return what is kept of the trainings that have ended, the latest first."""
        return runs.read(self.folder)

    def delete(self, model: Path) -> None:
        """Delete a model of the folder and what belongs to it, its run too."""
        if model.parent == self.folder:
            training_files.delete(model)

    def _make_folder(self) -> None:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            found = f"Models cannot be kept in {self.folder} ({error.strerror})"
            raise UserError(f"{found}; make that folder writable.") from error


def _usual_data() -> Path | None:
    """Return the sample of MNIST where the trainer would not find all of it."""
    return mnist.SAMPLE if mnist.find() is None else None


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
