"""The history of a visit: every answer with its picture, from window, pad and images, and as files to take home."""

import csv
import io
import json
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property

import numpy as np

from digits.page.drawing_views import Drawing, data_url, enlarge, png, tinted
from digits.recognition.classifier import Answer

COLUMNS = ("time", "source", "name", "answer", "digit", "confidence", "sure", "corrected")
THUMBNAIL = 3  # picture pixels per pixel


@dataclass(frozen=True, eq=False)
class Entry:
    """One answered digit: when (s since 1970), from where, as part of what, its picture and what was answered."""

    time: float
    source: str  # "window", "pad" or "image"
    name: str  # of the drawing or the file, and the digit's place in it where there are several
    picture: np.ndarray  # uint8 (28, 28)
    answer: Answer
    label: int | None = None  # what it really was, by the visitor

    @property
    def verdict(self) -> str:
        """What the page says that it is: the visitor's word first."""
        if self.label is not None:
            return str(self.label)
        return str(self.answer.digit) if self.answer.is_sure else self.answer.doubt

    @cached_property
    def thumbnail(self) -> str:
        """A small picture, as data URL."""
        return data_url(png(tinted(enlarge(self.picture, THUMBNAIL))))

    def corrected(self, label: int | None) -> "Entry":
        """Return the entry with another label; a label that is the answer is none."""
        is_right = self.answer.is_sure and label == self.answer.digit
        return replace(self, label=None if is_right else label)


def of_drawing(drawing: Drawing, source: str) -> list[Entry]:
    """Return the entries of a drawing: one for each of its digits."""
    names = [drawing.verdict] if len(drawing.answers) == 1 else numbered(drawing.verdict, len(drawing.answers))
    rows = zip(names, drawing.digit_pictures, drawing.answers, strict=True)
    return [Entry(drawing.time, source, name, picture, answer) for name, picture, answer in rows]


def numbered(name: str, count: int) -> list[str]:
    """Return a name for each of several digits of the same drawing or file."""
    return [f"{name} ({place} of {count})" for place in range(1, count + 1)]


def in_order(entries: Iterable[Entry]) -> list[Entry]:
    """Return the entries by time, the latest first."""
    return sorted(entries, key=lambda entry: entry.time, reverse=True)


def as_rows(entries: Sequence[Entry]) -> list[dict]:
    """Return what can be said of each entry in a table."""
    return [
        {
            "time": datetime.fromtimestamp(entry.time).isoformat(timespec="seconds"),
            "source": entry.source,
            "name": entry.name,
            "answer": entry.verdict,
            "digit": entry.answer.digit,
            "confidence": round(entry.answer.confidence, 4),
            "sure": entry.answer.is_sure,
            "corrected": "" if entry.label is None else entry.label,
        }
        for entry in entries
    ]


def as_text(entries: Sequence[Entry]) -> str:
    """Return one line per entry, to be read."""
    rows = as_rows(entries)
    return "".join(
        f"{row['time']}  {row['source']:<6}  {row['answer']}  ({row['confidence']:.1%})  {row['name']}\n"
        for row in rows
    )


def as_csv(entries: Sequence[Entry]) -> str:
    """Return a table with a head; what a spreadsheet would take for a formula is defused by an apostrophe."""
    file = io.StringIO()
    writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows({key: _harmless(value) for key, value in row.items()} for row in as_rows(entries))
    return file.getvalue()


def as_json(entries: Sequence[Entry]) -> str:
    """Return all that is known of each entry, the picture as 28 rows of 28 numbers of 0 to 255."""
    full = [
        {**row, "probabilities": entry.answer.probabilities, "picture": entry.picture.tolist()}
        for row, entry in zip(as_rows(entries), entries, strict=True)
    ]
    return json.dumps(full, indent=1)


def as_zip(entries: Sequence[Entry]) -> bytes:
    """Return the pictures, 28x28, white on black, named by place and answer, with the table, as one archive."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("answers.csv", as_csv(entries))
        for place, entry in enumerate(entries, start=1):
            sure = str(entry.answer.digit if entry.label is None else entry.label)
            label = sure if entry.answer.is_sure or entry.label is not None else "unsure"
            archive.writestr(f"{place:04}-{label}.png", png(entry.picture))
    return file.getvalue()


def _harmless(value: object) -> object:
    return f"'{value}" if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r") else value
