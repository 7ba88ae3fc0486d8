"""The page's side of the drawing window: one for the whole server, and everything that was answered in it."""

import ipaddress
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from enum import StrEnum
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from digits.page.drawing_views import Drawing
from digits.recognition.records import RecordError
from digits.system.child_processes import Child, Failure, Starter
from digits.system.json_lines import Follower


class Status(StrEnum):
    """What a window is doing."""

    STARTING = "starting"
    OPEN = "open"
    CLOSED = "closed"
    FAILED = "failed"


class View(NamedTuple):
    """What there is to see of a window; equal to another exactly when nothing has changed between them."""

    status: Status
    failure: Failure | None = None
    drawings: tuple[Drawing, ...] = ()

    @property
    def alive(self) -> bool:
        """Whether there is a window, or will be in a moment."""
        return self.status in (Status.STARTING, Status.OPEN)


class WindowHost:
    """The drawing window of a server: at most one lives, and the answers of all that lived stay.

    command: how to start it, without the model and the options of the protocol; callable from any thread.
    """

    def __init__(self, command: Sequence[str], starter: Starter = subprocess.Popen):
        self._command = list(command)
        self._folder = TemporaryDirectory(prefix="handwriting-", ignore_cleanup_errors=True)
        self._child = Child("The window", Path(self._folder.name, "stderr.txt"), starter)
        self._lock = threading.Lock()
        self._followers: list[Follower] = []
        self._drawings: tuple[Drawing, ...] = ()

    def start(self, model_path: Path) -> bool:
        """Open the window with a model unless there is one; tell whether a new one was started."""
        with self._lock:
            if self._child.alive:
                return False
            path = Path(self._folder.name, f"answers-{len(self._followers) + 1}.jsonl")
            self._followers.append(Follower(path))
            return self._child.start([*self._command, str(model_path), "--results", str(path), "--parent-pipe"])

    def close(self) -> None:
        """Close the window if there is one, and wait for its end."""
        self._child.close()

    def look(self) -> View:
        """Return what there is to see now."""
        with self._lock:
            alive = self._child.alive  # asked before the answers are read: a window that has ended adds none
            failure = None if alive else self._child.failure
            for follower in self._followers:
                for record in follower.new_records():
                    with suppress(RecordError):  # a damaged one
                        self._drawings += (Drawing.from_record(record),)
            return View(self._status(alive, failure), failure, self._drawings)

    def _status(self, alive: bool, failure: Failure | None) -> Status:
        if not alive:
            return Status.FAILED if failure else Status.CLOSED
        # The window makes its results file the moment it is on the screen.
        return Status.OPEN if self._followers[-1].path.exists() else Status.STARTING


def has_screen(environ: Mapping[str, str] = os.environ, platform: str = sys.platform) -> bool:
    """Tell whether a window could open here: on Linux and its like, X or Wayland must be named."""
    if platform in ("win32", "darwin"):
        return True
    return bool(environ.get("DISPLAY") or environ.get("WAYLAND_DISPLAY"))


def is_this_machine(address: str | None) -> bool:
    """Tell whether an IP address is one of this machine's own; None stands for localhost.

    A socket can be bound to the machine's own addresses and to no others.
    """
    if address is None:
        return True
    try:
        parsed = ipaddress.ip_address(address)
        parsed = getattr(parsed, "ipv4_mapped", None) or parsed
        if parsed.is_loopback:
            return True
        family = socket.AF_INET6 if parsed.version == 6 else socket.AF_INET
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.bind((str(parsed), 0))
    except (OSError, ValueError):
        return False
    return True
