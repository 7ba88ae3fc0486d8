"""JSON Lines: one JSON object a line, appended by one process and followed by others.

A record is appended in one write. A reader ignores an unfinished last line: the writer may be in the middle of it.
"""

import errno
import json
import os
from pathlib import Path
from typing import IO


class Follower:
    """Reads the records of a file while it grows: each is returned once."""

    def __init__(self, path: Path):
        self.path = Path(path)
        self._offset = 0  # bytes that have been read

    def new_records(self) -> list[dict]:
        """Return the records that were finished since the last call, oldest first; none while there is no file.

        Lines that are not JSON objects (cut off by a full disk, say) are passed over. A file that is shorter than it
        was is read from its beginning.
        """
        try:
            with self.path.open("rb") as file:
                if file.seek(0, os.SEEK_END) < self._offset:
                    self._offset = 0
                file.seek(self._offset)
                finished, end, _ = file.read().rpartition(b"\n")
        except FileNotFoundError:
            self._offset = 0
            return []
        self._offset += len(finished + end)
        return [record for line in finished.split(b"\n") if (record := parse_object(line)) is not None]


def read_records(path: Path) -> list[dict]:
    """Return the records of a file, oldest first; none if it does not exist yet."""
    return Follower(path).new_records()


def append_record(path: Path | str, record: dict) -> None:
    """Append one record as one line; what other writers add at the same time stays whole (O_APPEND).

    A line that a full disk cut off stays by itself: the next record begins a new one. Raises OSError if the file
    cannot be written, and ValueError for a record with a number that JSON does not have, such as NaN.
    """
    line = json.dumps(record, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode() + b"\n"
    with open(path, "a+b", buffering=0) as file:
        if _is_cut_off(file):
            line = b"\n" + line
        if file.write(line) < len(line):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))


def parse_object(text: bytes) -> dict | None:
    """Return the JSON object that a text is, or None if it is anything else."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _is_cut_off(file: IO[bytes]) -> bool:
    """Tell whether the last line of a file lacks its end; a pipe or a terminal has none."""
    if not file.seekable() or not file.seek(0, os.SEEK_END):
        return False
    file.seek(-1, os.SEEK_END)
    return file.read(1) != b"\n"
