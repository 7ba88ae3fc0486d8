"""A host of a child process: it starts a program that writes records to a file, and says what has become of it.

What window and training have in common. A host lives as long as the server and is shared by all visitors.
"""

import subprocess
import threading
from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import Generic, TypeVar

from digits.system.child_processes import Child, Failure, Starter
from digits.system.json_lines import Follower

Snapshot = TypeVar("Snapshot")


class ChildHost(ABC, Generic[Snapshot]):
    """Runs at most one child process at a time and follows its records; callable from any thread.

    title: what the child is to the user, at the start of a sentence.
    """

    def __init__(self, title: str, starter: Starter = subprocess.Popen):
        self._title = title
        self._starter = starter
        self._lock = threading.RLock()
        self._child: Child | None = None
        self._follower: Follower | None = None
        self._failure: Failure | None = None  # of the latest process, once it has ended

    def snapshot(self) -> Snapshot:
        """Return what there is to see now; equal to an earlier snapshot exactly when nothing has changed."""
        with self._lock:
            return self._describe(self._is_alive())

    def _start(self, command: Sequence[str], records: Path, stderr: Path) -> bool:
        """Start the child with its files, unless one lives; tell whether it was started."""
        with self._lock:
            if self._is_alive():
                return False
            self._failure, self._follower = None, Follower(records)
            self._child = Child(self._title, stderr, self._starter)
            return self._child.start(command)

    def _is_alive(self) -> bool:
        """Take the new records and tell whether the child lives."""
        if self._child is None or self._follower is None:
            return False
        is_alive = self._child.alive  # asked before the records are read: a child that has ended adds none
        self._receive(self._follower.new_records())
        if not is_alive:
            self._failure, self._child = self._child.failure, None
            self._on_end()
        return is_alive

    @abstractmethod
    def _receive(self, records: list[dict]) -> None:
        """Take what the child has written since the last call."""

    @abstractmethod
    def _describe(self, is_alive: bool) -> Snapshot:
        """Return what there is to see."""

    def _on_end(self) -> None:
        """Do what is to be done once when a child has ended."""
