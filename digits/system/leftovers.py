"""Leftovers: files and folders of a program that was killed before it could remove them.

A file is marked as in use by a lock, which the system releases when the last process that has it open ends, however
it ends. On Windows, which has no such locks, an open file cannot be renamed, and that is the mark.
"""

import shutil
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import IO

try:
    import fcntl
except ImportError:  # on Windows
    fcntl = None

OWNER = "owner"  # the file in a temporary folder that its process keeps open


def mark_in_use(file: IO[bytes]) -> None:
    """Mark an open file as in use, here and by every child process that inherits it."""
    if fcntl:
        with suppress(OSError):  # a file system without locks: its files are never taken for leftovers of others
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


def is_in_use(path: Path) -> bool:
    """Tell whether a living process has marked the file; a file that cannot be looked at counts as in use."""
    try:
        if not fcntl:
            path.rename(path)
            return False
        with path.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except OSError:
        return True
    return False


class TemporaryFolder:
    """A folder for temporary files, removed with this object; one that was left by a killed process, by the next.

    prefix: of the folder's name; all folders of that prefix whose process has gone are removed at the start.
    parent: where it is made; among the system's temporary files if it is not given. Raises OSError.
    """

    def __init__(self, prefix: str, parent: Path | None = None):
        remove_abandoned_folders(prefix, parent)
        self._folder = tempfile.TemporaryDirectory(prefix=prefix, dir=parent, ignore_cleanup_errors=True)
        self.path = Path(self._folder.name)
        unmarked = self.path / "unmarked"  # to others a folder without an owner, until the owner is marked
        self._owner = (unmarked if fcntl else self.path / OWNER).open("wb")
        mark_in_use(self._owner)
        if fcntl:
            unmarked.rename(self.path / OWNER)

    def __enter__(self) -> Path:
        return self.path

    def __exit__(self, *_: object) -> None:
        self._owner.close()
        self._folder.cleanup()


def remove_abandoned_folders(prefix: str, parent: Path | None = None) -> None:
    """Remove the temporary folders of that prefix whose process has gone."""
    for owner in Path(parent or tempfile.gettempdir()).glob(f"{prefix}*/{OWNER}"):
        if owner.is_file() and not owner.parent.is_symlink() and not is_in_use(owner):
            shutil.rmtree(owner.parent, ignore_errors=True)
