"""How long the trainings that are ready to start take on this machine: measured once by `handwriting.py --measure`.

What it writes is kept in the user's cache, for this machine and these versions.
"""

import hashlib
import json
import os
import platform
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from importlib import metadata
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from digits.system.child_processes import Child, Starter
from digits.system.files import replacing
from digits.system.paths import ROOT

PACKAGES = ("tensorflow", "keras", "numpy")  # whose versions decide how fast a training is


class Speed(NamedTuple):
    """Seconds from Start to the end, by the preset's name; none where they are not known, or not yet."""

    presets: Mapping[str, float] = MappingProxyType({})
    is_being_measured: bool = False


class MachineSpeed:
    """Measures this machine in a child process, at most once in a server; callable from any thread.

    folder: where the result is kept; made if there is none.
    """

    def __init__(self, folder: Path, starter: Starter = subprocess.Popen):
        self._file = file_in(Path(folder))
        self._starter = starter
        self._lock = threading.Lock()
        self._child: Child | None = None
        self._is_over = False  # the measurement of this server, whatever came of it

    def look(self, may_measure: bool = True) -> Speed:
        """Return what is known; begin to measure where nothing is and it may: not beside a training."""
        with self._lock:
            if known := _read(self._file):
                return Speed(known)
            if self._child is not None and not self._child.alive:
                self._is_over = True
                return Speed(self._take_result())
            if self._child is None and may_measure and not self._is_over:
                self._start()
            return Speed(is_being_measured=self._child is not None and self._child.alive)

    def stop(self) -> None:
        """End a measurement that is going on, to begin anew when the machine is idle."""
        with self._lock:
            if self._child is not None and self._child.alive:
                self._child.close()
                self._child = None

    def _start(self) -> None:
        draft = self._file.with_suffix(".draft")
        with suppress(OSError):  # a cache that cannot be written to is worth no sentence
            draft.parent.mkdir(parents=True, exist_ok=True)
            draft.unlink(missing_ok=True)
            self._child = Child("The measurement", draft.with_suffix(".stderr"), self._starter)
            self._child.start(measuring_command(draft))

    def _take_result(self) -> dict[str, float]:
        """Keep what the child has written, and nothing else of it."""
        draft = self._file.with_suffix(".draft")
        known = _read(draft)
        with suppress(OSError):
            if known:
                with replacing(self._file) as kept:
                    kept.write_bytes(draft.read_bytes())
            for path in (draft, draft.with_suffix(".stderr")):
                path.unlink(missing_ok=True)
        return known


def file_in(folder: Path) -> Path:
    """Return the file in a folder that says how fast this machine is, with these versions."""
    return folder / f"speed-{_machine()}.json"


def measuring_command(result: Path) -> Sequence[str]:
    """Return the command that measures this machine and writes a file."""
    return [sys.executable, str(ROOT / "handwriting.py"), "--measure", str(result), "--parent-pipe"]


def _read(path: Path) -> dict[str, float]:
    """Return the seconds of each preset in a file; nothing where it is missing or damaged."""
    try:
        presets = json.loads(path.read_bytes())["presets"]
        return {str(name): float(seconds) for name, seconds in presets.items()}
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return {}


def _machine() -> str:
    """Return a name for this machine with these versions."""
    versions = []
    for package in PACKAGES:
        with suppress(metadata.PackageNotFoundError):
            versions.append(f"{package} {metadata.version(package)}")
    known = [platform.node(), platform.machine(), str(os.cpu_count()), platform.python_version(), *versions]
    return hashlib.sha256("\n".join(known).encode()).hexdigest()[:16]
