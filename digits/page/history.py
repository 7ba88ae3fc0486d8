"""The history of a visitor's session: every answer with its picture, from window, pad and images, and as files."""

import csv
import io
import json
import re
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

import numpy as np

from digits.drawing import ink
from digits.page.drawing_views import AnsweredDrawing, png, thumbnail
from digits.recognition.classifier import MOST_STATED, Answer, percent
from digits.system.files import as_cell

COLUMNS = ("time", "source", "name", "answer", "digit", "confidence", "sure", "corrected")
NO_NAME = re.compile(r"\W")  # in a label, what the name of a file may not hold


@dataclass(frozen=True, eq=False)
class HistoryEntry:
    """One answered digit: when (s since 1970), from where, as part of what, its picture and what was answered."""

    time: float
    source: str  # "window", "pad" or "image"
    name: str  # of the drawing or the file, and the digit's place in it where there are several
    picture: np.ndarray  # uint8 (28, 28)
    answer: Answer
    strokes: tuple[ink.Stroke, ...] = ()  # in cells; none of what came from an image
    label: str | None = None  # what it is said to be

    @property
    def verdict(self) -> str:
        """What the page says that it is: the label if the visitor gave one, else the answer."""
        return self.answer.words if self.label is None else self.label

    @property
    def percentage(self) -> float:
        """The confidence for a table: in percent, and never 100."""
        return 100 * min(self.answer.confidence, MOST_STATED)

    @cached_property
    def thumbnail(self) -> str:
        """A small picture, as data URL."""
        return thumbnail(self.picture)


def entries_of(drawing: AnsweredDrawing, source: str) -> list[HistoryEntry]:
    """Return the entries of a drawing: one for each of its digits."""
    names = [drawing.verdict] if len(drawing.answers) == 1 else numbered_names(drawing.verdict, len(drawing.answers))
    rows = zip(names, drawing.digit_pictures, drawing.answers, drawing.digit_strokes, strict=True)
    return [HistoryEntry(drawing.time, source, *row) for row in rows]


def numbered_names(name: str, count: int) -> list[str]:
    """Return a name for each of several digits of the same drawing or file."""
    return [f"{name} ({place} of {count})" for place in range(1, count + 1)]


def latest_first(entries: Iterable[HistoryEntry]) -> list[HistoryEntry]:
    """Return the entries by time, the latest first."""
    return sorted(entries, key=lambda entry: entry.time, reverse=True)


def as_rows(entries: Sequence[HistoryEntry]) -> list[dict]:
    """Return each entry as a row of a table, by the names in COLUMNS."""
    return [
        {
            "time": datetime.fromtimestamp(entry.time).isoformat(timespec="seconds"),
            "source": entry.source,
            "name": entry.name,
            "answer": entry.verdict,
            "digit": entry.answer.text,
            "confidence": round(entry.answer.confidence, 4),
            "sure": entry.answer.is_sure,
            "corrected": entry.label or "",
        }
        for entry in entries
    ]


def as_text(entries: Sequence[HistoryEntry]) -> str:
    """Return one line per entry, for people to read."""
    lines = [
        f"{row['time']}  {row['source']:<6}  {row['answer']}  ({percent(row['confidence'])})  {row['name']}\n"
        for row in as_rows(entries)
    ]
    return "".join(lines)


def as_csv(entries: Sequence[HistoryEntry]) -> str:
    """Return a table with a head."""
    file = io.StringIO()
    writer = csv.DictWriter(file, COLUMNS, lineterminator="\r\n")  # so that a name with either is quoted
    writer.writeheader()
    writer.writerows({key: as_cell(value) for key, value in row.items()} for row in as_rows(entries))
    return file.getvalue()


def as_json(entries: Sequence[HistoryEntry]) -> str:
    """Return everything about each entry, the picture as 28 rows of 28 numbers of 0 to 255."""
    full = [
        {**row, "probabilities": entry.answer.probabilities, "picture": entry.picture.tolist()}
        for row, entry in zip(as_rows(entries), entries, strict=True)
    ]
    return json.dumps(full, indent=1)


def as_zip(entries: Sequence[HistoryEntry]) -> bytes:
    """Return the pictures, 28x28, white on black, named by place and answer, with the table, as one archive."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("answers.csv", as_csv(entries))
        for place, entry in enumerate(entries, start=1):
            label = entry.label or (entry.answer.text if entry.answer.is_sure else "unsure")
            archive.writestr(f"{place:04}-{NO_NAME.sub('_', label)}.png", png(entry.picture))
    return file.getvalue()
