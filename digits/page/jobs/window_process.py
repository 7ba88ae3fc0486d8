"""The page's side of the drawing window: one for the whole server, and everything that was answered in it."""

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

from digits.page.drawing_views import AnsweredDrawing
from digits.page.jobs.child_host import ChildHost
from digits.recognition.records import RecordError
from digits.system.child_processes import Failure, Starter
from digits.system.leftovers import TemporaryFolder


class WindowStatus(StrEnum):
    """What a window is doing."""

    STARTING = "starting"
    OPEN = "open"
    CLOSED = "closed"
    FAILED = "failed"


class WindowSnapshot(NamedTuple):
    """What there is to see of a window; equal to another exactly when nothing has changed between them."""

    status: WindowStatus
    failure: Failure | None = None
    drawings: tuple[AnsweredDrawing, ...] = ()

    @property
    def is_alive(self) -> bool:
        """Whether there is a window, or will be in a moment."""
        return self.status in (WindowStatus.STARTING, WindowStatus.OPEN)


class WindowHost(ChildHost[WindowSnapshot]):
    """The drawing window of a server: at most one lives, and the answers of all that lived stay.

    command: how to start it, without the model and the options of the protocol; callable from any thread.
    """

    def __init__(self, command: Sequence[str], starter: Starter = subprocess.Popen):
        super().__init__("The window", starter)
        self._command = list(command)
        self._folder = TemporaryFolder("handwriting-")
        self._num_starts = 0
        self._drawings: tuple[AnsweredDrawing, ...] = ()

    def start(self, model_path: Path, options: Sequence[str] = ()) -> bool:
        """Open the window with a model and further options unless there is one; tell whether a new one was started."""
        with self._lock:
            results = self._folder.path / f"answers-{self._num_starts + 1}.jsonl"
            command = [*self._command, str(model_path), *options, "--results", str(results), "--parent-pipe"]
            is_started = self._start(command, results, self._folder.path / "stderr.txt")
            self._num_starts += is_started
            return is_started

    def close(self) -> None:
        """Close the window if there is one, and wait for its end."""
        child = self._child
        if child is not None:
            child.close()

    def _receive(self, records: list[dict]) -> None:
        for record in records:
            with suppress(RecordError):  # a damaged one
                drawing = AnsweredDrawing.from_record(record)
                self._drawings = (*(each for each in self._drawings if each.time != drawing.time), drawing)

    def _describe(self, is_alive: bool) -> WindowSnapshot:
        return WindowSnapshot(self._status(is_alive), self._failure, self._drawings)

    def _status(self, is_alive: bool) -> WindowStatus:
        if not is_alive:
            return WindowStatus.FAILED if self._failure else WindowStatus.CLOSED
        # The window makes its results file the moment it is on the screen.
        is_open = self._follower is not None and self._follower.path.exists()
        return WindowStatus.OPEN if is_open else WindowStatus.STARTING


def has_screen(environ: Mapping[str, str] = os.environ, platform: str = sys.platform) -> bool:
    """Tell whether a window could open here: on Linux and its like, X or Wayland must be named."""
    if platform in ("win32", "darwin"):
        return True
    return bool(environ.get("DISPLAY") or environ.get("WAYLAND_DISPLAY"))
