"""Trainings of a server: `handwriting.py` as a child, one at a time, and the models that came of it.

Each model is a .h5 file with its companions in the user's data folder. A page that is reloaded, or a second tab, sees
the same training, since it is the server that holds it.
"""

import subprocess
import sys
import threading
import time
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

from digits.models import model_card
from digits.system.child_processes import Child, Failure, Starter
from digits.system.files import UserError
from digits.system.json_lines import Follower
from digits.system.paths import ROOT

SAVING_SECONDS = 120.0  # that a stopped training may take to test and save its best epoch


class Status(StrEnum):
    """What the training is doing."""

    IDLE = "idle"
    STARTING = "starting"
    RUNNING = "running"
    STOPPING = "stopping"
    FINISHED = "finished"
    STOPPED = "stopped"
    FAILED = "failed"


ENDINGS = {"finished": Status.FINISHED, "interrupted": Status.STOPPED, "failed": Status.FAILED}  # by the trainer
ALIVE = (Status.STARTING, Status.RUNNING, Status.STOPPING)


class Wish(NamedTuple):
    """What a visitor chose; no data file means the one that the trainer finds."""

    epochs: int = 5
    batch_size: int = 128
    learning_rate: float = 0.1
    seed: int = 1
    digits: int | None = None  # all
    data: str = ""

    def command(self, model: Path, progress: Path) -> list[str]:
        """Return the trainer's command line."""
        options = {"--epochs": self.epochs, "--batch-size": self.batch_size, "--learning-rate": self.learning_rate}
        options |= {"--seed": self.seed, "--progress": progress}
        if self.digits:
            options["--digits"] = self.digits
        if self.data.strip():
            options["--data"] = Path(self.data.strip()).expanduser()
        words = [str(word) for pair in options.items() for word in pair]
        return [sys.executable, str(ROOT / "handwriting.py"), str(model), *words, "--parent-pipe"]


class View(NamedTuple):
    """What there is to see of a training; equal to another exactly when nothing has changed between them."""

    status: Status = Status.IDLE
    wish: Wish | None = None
    epochs: tuple[dict, ...] = ()  # records of the trainer, one per epoch
    model: str = ""
    test_accuracy: float | None = None
    failure: Failure | None = None

    @property
    def alive(self) -> bool:
        """Whether it is still going on."""
        return self.status in ALIVE

    @property
    def share_done(self) -> float:
        """Epochs done, of all."""
        return len(self.epochs) / self.wish.epochs if self.wish else 0.0

    @property
    def seconds_left(self) -> float | None:
        """How long it will take at the pace so far; None before the first epoch."""
        if not self.epochs or not self.wish:
            return None
        seconds = [epoch["seconds"] for epoch in self.epochs]
        return (self.wish.epochs - len(seconds)) * sum(seconds) / len(seconds)


class TrainingHost:
    """The trainings of a server: at most one lives. Callable from any thread.

    folder: where the models are kept; made if there is none.
    """

    def __init__(self, folder: Path, starter: Starter = subprocess.Popen, clock: Callable[[], float] = time.time):
        self.folder = Path(folder)
        self._starter = starter
        self._clock = clock
        self._lock = threading.Lock()
        self._child: Child | None = None
        self._records: list[dict] = []
        self._wish: Wish | None = None
        self._is_stopping = False
        self._ended: View | None = None  # what there is to see of a training that is over

    def start(self, wish: Wish) -> bool:
        """Start a training unless one is going on; tell whether it was started. Raises UserError for a bad folder."""
        with self._lock:
            if self._child is not None and self._child.alive:
                return False
            try:
                self.folder.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                found = f"Models cannot be kept in {self.folder} ({error.strerror})"
                raise UserError(f"{found}; make that folder writable.") from error
            self._model = self._new_name()
            self._follower = Follower(self._model.with_suffix(".progress"))
            self._child = Child("The training", self._model.with_suffix(".stderr"), self._starter)
            self._records, self._wish, self._is_stopping, self._ended = [], wish, False, None
            return self._child.start(wish.command(self._model, self._follower.path))

    def stop(self) -> None:
        """Ask the training to end; it tests and saves its best epoch, which takes some seconds."""
        with self._lock:
            if self._child is None or not self._child.alive or self._is_stopping:
                return
            self._is_stopping = True
            child = self._child
        threading.Thread(target=child.close, args=(SAVING_SECONDS,), daemon=True).start()

    def look(self) -> View:
        """Return what there is to see now."""
        with self._lock:
            if self._child is None:
                return View()
            if self._ended is not None:
                return self._ended
            alive = self._child.alive  # asked before the records are read: a trainer that has ended adds none
            self._records += self._follower.new_records()
            epochs = tuple(record for record in self._records if record["event"] == "epoch")
            end = next((record for record in self._records if record["event"] == "end"), {})
            failure = None if alive else self._child.failure
            status = self._status(alive, end, failure)
            view = View(status, self._wish, epochs, self._model.name, end.get("test_accuracy"), failure)
            if not alive:
                self._ended = view
                self._tidy()
            return view

    def models(self) -> list[Path]:
        """Return the models that were trained, the latest first."""
        return sorted(
            (path for path in self.folder.glob("*.h5") if model_card.companions(path).card.is_file()), reverse=True
        )

    def delete(self, model: Path) -> None:
        """Delete a model and what belongs to it."""
        for path in (
            model,
            *model_card.companions(model),
            model.with_suffix(".html"),
            model.with_suffix(".checkpoint.npz"),
        ):
            if path.parent == self.folder:
                path.unlink(missing_ok=True)

    def _status(self, alive: bool, end: dict, failure: Failure | None) -> Status:
        if alive:
            if self._is_stopping:
                return Status.STOPPING
            return Status.RUNNING if self._records else Status.STARTING
        if end.get("status") in ENDINGS:
            return ENDINGS[end["status"]]
        return Status.STOPPED if failure is None else Status.FAILED

    def _tidy(self) -> None:
        """Remove what only a running training needs."""
        for suffix in (".stderr", ".progress", ".checkpoint.npz"):
            self._model.with_suffix(suffix).unlink(missing_ok=True)

    def _new_name(self) -> Path:
        """Return a name for the next model: when it was begun."""
        stamp = time.strftime("%Y-%m-%d %H.%M.%S", time.localtime(self._clock()))
        return self.folder / f"{stamp}.h5"
