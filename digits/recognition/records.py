"""JSON Lines records: how the window and the trainer tell the page what happened.

One JSON object a line, appended in one write. A reader ignores an unfinished last line: the writer may be in the
middle of it. The trainer's records (`handwriting.py --progress FILE`) are described in its docstring. The window's
(`recognition.py --results FILE`) are one per classification:
    {"time": 1780000000.0, "digit": 7, "confidence": 0.98, "probabilities": [ten of them], "is_sure": true,
     "strokes": [[[x, y], ...]]}
and for a number that was drawn, with a digit's places among the strokes and its box in cells:
    {"time": ..., "number": "2026", "digits": [{"digit": 2, "confidence": ..., "probabilities": ..., "is_sure": ...,
     "places": [0], "box": [left, top, right, bottom]}, ...], "strokes": ...}
time in seconds since 1970, strokes in cells of the 28x28 canvas, x to the right and y down.
"""

import errno
import json
import os
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO

from digits.drawing.ink import Stroke
from digits.recognition.classifier import Answer
from digits.recognition.segmentation import Reading


def classification(answer: Answer, strokes: Sequence[Stroke], clock: Callable[[], float] = time.time) -> dict:
    """Return the record of one answer to the strokes of a drawing."""
    return {"time": clock(), **_answered(answer), "strokes": _rounded(strokes)}


def number(readings: Sequence[Reading], strokes: Sequence[Stroke], clock: Callable[[], float] = time.time) -> dict:
    """Return the record of a number that was read from the strokes of a drawing."""
    digits = [
        {**_answered(answer), "places": list(places), "box": [round(side, 3) for side in box]}
        for places, box, answer in readings
    ]
    text = "".join(str(digit["digit"]) for digit in digits)
    return {"time": clock(), "number": text, "digits": digits, "strokes": _rounded(strokes)}


def append_record(path: Path, record: dict) -> None:
    """Append one record as one line; what other writers add at the same time stays whole (O_APPEND).

    A line that a full disk cut off stays by itself: the next record begins a new one. Raises OSError if the file
    cannot be written, and ValueError for a record with a number that JSON has not, such as NaN.
    """
    line = json.dumps(record, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode() + b"\n"
    with open(path, "a+b", buffering=0) as file:
        if _is_cut_off(file):
            line = b"\n" + line
        if file.write(line) < len(line):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))


def read_records(path: Path) -> list[dict]:
    """Return the records of a file, oldest first; none if it does not exist yet.

    Lines that are not JSON objects (cut off by a full disk, say) are passed over.
    """
    try:
        lines = Path(path).read_bytes().split(b"\n")[:-1]
    except FileNotFoundError:
        return []
    return [record for record in map(_parse, lines) if isinstance(record, dict)]


def _answered(answer: Answer) -> dict:
    return {**answer._asdict(), "probabilities": list(answer.probabilities)}


def _rounded(strokes: Sequence[Stroke]) -> list[list[list[float]]]:
    return [[[round(float(x), 3), round(float(y), 3)] for x, y in stroke] for stroke in strokes]


def _is_cut_off(file: IO[bytes]) -> bool:
    """Tell whether the last line of a file lacks its end; a pipe or a terminal has none."""
    if not file.seekable() or not file.seek(0, os.SEEK_END):
        return False
    file.seek(-1, os.SEEK_END)
    return file.read(1) != b"\n"


def _parse(line: bytes) -> object:
    try:
        return json.loads(line)
    except ValueError:
        return None
