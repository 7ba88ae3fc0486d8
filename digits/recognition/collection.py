"""The user's collection: drawings with their labels, one small file each, in a plain folder.

    python -m digits.recognition.collection [DIR]     counts a collection and writes its overview, DIR/index.html

A drawing is a JSON file, named by the time in UTC, so that the order of the names is that of the drawings. It holds a
labelled record of a digit (`digits.recognition.records`). Nothing leaves the computer; the files can be deleted,
copied and moved like any others.
"""

import argparse
import json
import os
import time
from collections.abc import Callable, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

import numpy as np

from digits.drawing import export, ink
from digits.drawing.canvas import CELLS
from digits.recognition.classifier import Answer
from digits.recognition.records import DigitRecord, RecordError
from digits.system.design_tokens import css_variables
from digits.system.files import UserError, replacing
from digits.system.json_lines import parse_object
from digits.system.output import print_error, print_result
from digits.system.paths import user_data

SUFFIX = ".json"
OVERVIEW = "index.html"
TEMPLATE = Path(__file__).with_name("overview.html.jinja")
MAX_BYTES = 4_000_000  # of a file; hours of drawing


class Entry(NamedTuple):
    """A drawing: its file, label, answer, time in seconds since 1970, and strokes in cells."""

    path: Path
    label: int
    answer: Answer
    time: float
    strokes: Sequence[ink.Stroke]


class Collection(NamedTuple):
    """Pictures uint8 (n, 28, 28) as MNIST's, labels int64 (n,), their entries, and how many files were damaged."""

    pictures: np.ndarray
    labels: np.ndarray
    entries: list[Entry]
    damaged: int


def default_folder() -> Path:
    """Return the folder of the user's collection, which may not exist yet."""
    return user_data() / "collection"


def add(
    folder: Path,
    strokes: Sequence[ink.Stroke],
    label: int | np.integer,
    answer: Answer,
    clock: Callable[[], float] = time.time,
    path: Path | None = None,
) -> Path:
    """Write one drawing and return its file; with the `path` of an earlier call that drawing is replaced.

    folder: created if missing. label: 0 to 9. Raises UserError if it cannot be written, ValueError for another label
    or no strokes.
    """
    if label not in range(10) or not len(strokes):
        raise ValueError(f"A label of 0 to 9 and strokes are expected, not {label} and {len(strokes)} strokes.")
    record = DigitRecord(clock(), answer, strokes, int(label))
    with _explained(folder):
        folder = Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / _new_name(record.time) if path is None else Path(path)
        with replacing(path) as draft:
            draft.write_text(
                json.dumps(record.to_json(), separators=(",", ":"), allow_nan=False) + "\n", encoding="utf-8"
            )
    return path


def count(folder: Path) -> int:
    """Return the number of drawings in a folder, 0 if it does not exist yet; raises UserError."""
    try:
        return len(_files(folder))
    except FileNotFoundError:
        return 0
    except OSError as error:
        raise _unusable(folder, error) from error


def read(folder: Path) -> Collection:
    """Return all drawings of a folder, oldest first; damaged files are counted and skipped.

    Raises UserError for a folder that is missing or cannot be read.
    """
    try:
        files = _files(folder)
    except FileNotFoundError as error:
        raise UserError(
            f"There is no collection {folder}; correct an answer in the window, which begins one, or name another."
        ) from error
    except OSError as error:
        raise _unusable(folder, error) from error
    entries = [entry for file in files if (entry := _read_entry(file)) is not None]
    pictures = np.array([ink.normalize(entry.strokes) for entry in entries], np.uint8)
    labels = np.array([entry.label for entry in entries], np.int64)
    return Collection(pictures.reshape(-1, ink.SIZE, ink.SIZE), labels, entries, len(files) - len(entries))


def write_overview(folder: Path, collection: Collection | None = None) -> Path:
    """Write a page that shows all drawings of a folder, into the folder, and return its path; raises UserError."""
    collection = read(folder) if collection is None else collection
    page = Path(folder) / OVERVIEW
    with _explained(folder), replacing(page) as draft:
        draft.write_text(render_overview(collection, str(folder)), encoding="utf-8", errors="replace")
    return page


def render_overview(collection: Collection, folder: str) -> str:
    """Return the page: the drawings under their labels, newest first, each a link to its file."""
    import jinja2  # late: the window adds drawings and shows no page

    by_label = [(digit, [entry for entry in collection.entries if entry.label == digit]) for digit in range(10)]
    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined)
    return environment.from_string(TEMPLATE.read_text(encoding="utf-8")).render(
        css_variables=css_variables(),
        folder=folder,
        num_drawings=len(collection.entries),
        damaged=collection.damaged,
        groups=[(label, entries) for label, entries in by_label if entries],
        cells=CELLS,
        count=_counted,
        link=lambda path: quote(os.fsencode(path.name)),
        svg_paths=export.svg_paths,
    )


def summary(folder: Path) -> dict:
    """Write the overview and return what the command line prints: counts and where the page is; raises UserError."""
    collection = read(folder)
    return {
        "folder": str(folder),
        "drawings": len(collection.entries),
        "damaged": collection.damaged,
        "per_digit": {str(digit): int((collection.labels == digit).sum()) for digit in range(10)},
        "overview": str(write_overview(folder, collection)),
    }


def main(argv: list[str] | None = None) -> int:
    """Print the summary of a collection; return the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m digits.recognition.collection", description="Look at your own digits."
    )
    parser.add_argument("folder", nargs="?", type=Path, metavar="DIR", help="a collection (default: your own)")
    arguments = parser.parse_args(argv)
    try:
        print_result(json.dumps(summary(arguments.folder or default_folder()), indent=1))
    except UserError as error:
        print_error("digits.recognition.collection", str(error))
        return 2
    return 0


def _new_name(seconds: float) -> str:
    """Return a unique file name such as 20261121T153012.250000Z-1f0c9a3e.json."""
    whole, microseconds = divmod(round(seconds * 1e6), 1_000_000)
    return f"{time.strftime('%Y%m%dT%H%M%S', time.gmtime(whole))}.{microseconds:06}Z-{os.urandom(4).hex()}{SUFFIX}"


def _files(folder: Path) -> list[Path]:
    """Return the drawings' files in order, without hidden ones."""
    with os.scandir(folder) as found:
        names = [file.name for file in found if file.name.endswith(SUFFIX) and not file.name.startswith(".")]
    return [Path(folder, name) for name in sorted(names)]


def _read_entry(path: Path) -> Entry | None:
    """Return the drawing of a file, or None for one that is damaged."""
    try:
        content = b"" if path.stat().st_size > MAX_BYTES else path.read_bytes()
        record = DigitRecord.from_json(parse_object(content))
    except (OSError, RecordError):
        return None
    return None if record.label is None else Entry(path, record.label, record.answer, record.time, record.strokes)


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


@contextmanager
def _explained(folder: Path):
    """Raise UserError in place of OSError."""
    try:
        yield
    except OSError as error:
        raise _unusable(folder, error) from error


def _unusable(folder: Path, error: OSError) -> UserError:
    if isinstance(error, FileExistsError | NotADirectoryError):
        return UserError(f"{folder} is no folder; name a folder for your own digits.")
    return UserError(f"{folder} cannot hold your own digits ({error.strerror}); mend that or name another folder.")


if __name__ == "__main__":
    raise SystemExit(main())
