"""Stores: where the labelled drawings of one hand are kept, each under a name.

A folder of the collection is shared with the other programs of this computer; a visit's drawings are kept for as long
as it lasts. Both have the same methods.
"""

import os
import time
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from digits.recognition import collection
from digits.recognition.records import DigitRecord
from digits.system.files import UserError

Stamp = tuple[int, int]  # of a drawing; another one when the drawing has changed
SETTLED = 50_000_000  # nanoseconds after which a folder's time tells a later change from an earlier one


class Store(Protocol):
    """What keeps drawings."""

    def version(self) -> int | None:
        """Return a number that changes with the drawings; None if it may not have changed yet. Raises UserError."""
        ...

    def stamps(self) -> dict[str, Stamp]:
        """Return the stamps of all drawings by name, oldest first; raises UserError."""
        ...

    def read(self, name: str) -> DigitRecord | None:
        """Return a drawing; None if it is damaged or gone."""
        ...

    def write(self, name: str, record: DigitRecord) -> Stamp:
        """Keep a drawing and return its stamp; raises UserError."""
        ...

    def delete(self, name: str) -> None:
        """Forget a drawing, if it is there; raises UserError."""
        ...


class FolderStore:
    """The drawings in a folder, which need not exist yet; other programs may change them at the same time."""

    def __init__(self, folder: Path):
        self.folder = Path(folder)

    def version(self) -> int | None:
        """Return when the folder changed, 0 for none; None if it was just now. Raises UserError."""
        try:
            changed = self.folder.stat().st_mtime_ns
        except FileNotFoundError:
            return 0
        except OSError as error:
            raise collection.unusable(self.folder, error) from error
        return changed if changed < time.time_ns() - SETTLED else None

    def stamps(self) -> dict[str, Stamp]:
        """Return the stamps of all drawings by name, oldest first; raises UserError."""
        stamps = {}
        try:
            for path in collection.files(self.folder):
                with suppress(FileNotFoundError):  # deleted meanwhile
                    stamps[path.name] = _stamp(path.stat())
        except FileNotFoundError:
            return {}
        except OSError as error:
            raise collection.unusable(self.folder, error) from error
        return stamps

    def read(self, name: str) -> DigitRecord | None:
        """Return a drawing; None if it is damaged or gone."""
        return collection.read_record(self.folder / name)

    def write(self, name: str, record: DigitRecord) -> Stamp:
        """Keep a drawing and return its stamp; raises UserError."""
        collection.write(self.folder / name, record)
        try:
            return _stamp((self.folder / name).stat())
        except OSError as error:
            raise collection.unusable(self.folder, error) from error

    def delete(self, name: str) -> None:
        """Forget a drawing, if it is there; raises UserError."""
        collection.delete(self.folder / name)


class VisitStore:
    """Drawings that are kept in memory alone, at most MOST."""

    MOST = 2000

    def __init__(self) -> None:
        self._records: dict[str, tuple[Stamp, DigitRecord]] = {}
        self._version = 0

    def version(self) -> int:
        """Return how many changes there were."""
        return self._version

    def stamps(self) -> dict[str, Stamp]:
        """Return the stamps of all drawings by name, oldest first."""
        return {name: stamp for name, (stamp, _) in sorted(self._records.items())}

    def read(self, name: str) -> DigitRecord | None:
        """Return a drawing; None if it is gone."""
        return self._records[name][1] if name in self._records else None

    def write(self, name: str, record: DigitRecord) -> Stamp:
        """Keep a drawing and return its stamp; raises UserError where there are too many."""
        if len(self._records) >= self.MOST and name not in self._records:
            raise UserError(f"A visit remembers at most {self.MOST:,} drawings; forget some.")
        self._version += 1
        self._records[name] = (self._version, 0), record
        return self._records[name][0]

    def delete(self, name: str) -> None:
        """Forget a drawing, if it is there."""
        self._version += 1
        self._records.pop(name, None)


def _stamp(status: os.stat_result) -> Stamp:
    return status.st_mtime_ns, status.st_size
