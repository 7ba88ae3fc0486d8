"""Pictures that a training answers again and again while it learns, such as the drawing on the page's pad.

They lie in a file (`handwriting.py --probes FILE.npz`): the array "pictures", uint8 (n, 28, 28), of which the first
MOST_PROBES count. Whoever changes them replaces the file as a whole; it is read again whenever it has changed.
"""

from pathlib import Path

import numpy as np

from digits.drawing import ink

MOST_PROBES = 40


class Probes:
    """The pictures of a file, uint8 (n, 28, 28); none where there is no file or it holds anything else."""

    def __init__(self, path: Path | None = None):
        self._path = path
        self._seen: tuple[int, int, int] | None = None
        self.pictures = _no_pictures()

    def look(self) -> bool:
        """Read the file again if it has changed; tell whether there are other pictures now."""
        state = self._state()
        if state == self._seen:
            return False
        before, self._seen = self.pictures, state
        self.pictures = _read(self._path) if self._path and state else _no_pictures()
        return not np.array_equal(before, self.pictures)

    def _state(self) -> tuple[int, int, int] | None:
        """Return what changes with the file; None where there is none."""
        try:
            found = self._path.stat() if self._path else None
        except OSError:
            return None
        return (found.st_ino, found.st_mtime_ns, found.st_size) if found else None


def _read(path: Path) -> np.ndarray:
    try:
        with np.load(path, allow_pickle=False) as arrays:
            pictures = arrays["pictures"]
    except Exception:  # zip, zlib and NumPy raise many kinds for what is no such file
        return _no_pictures()
    fits = pictures.dtype == np.uint8 and pictures.ndim == 3 and pictures.shape[1:] == (ink.SIZE, ink.SIZE)
    return pictures[:MOST_PROBES] if fits else _no_pictures()


def _no_pictures() -> np.ndarray:
    return np.empty((0, ink.SIZE, ink.SIZE), np.uint8)
