"""The user's collection: drawings with their labels, one small file each, in a plain folder.

    python -m digits.recognition.collection [DIR]     counts a collection and writes its overview, DIR/index.html

A drawing is a JSON file, named by the time in UTC, so that the order of the names is that of the drawings. It holds a
labelled record of a digit (`digits.recognition.records`). The files of this computer's user lie in the folder itself,
those of another hand in a subfolder of its name. Nothing leaves the computer; the files can be deleted, copied and
moved like any others.
"""

import argparse
import getpass
import json
import os
import time
import unicodedata
from collections.abc import Callable, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

import numpy as np

from digits.drawing import export, ink
from digits.drawing.canvas import CELLS
from digits.recognition.classifier import Answer
from digits.recognition.labels import DIGITS, checked
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
LONGEST_HAND = 40  # characters of a hand's name


class Entry(NamedTuple):
    """A drawing: its file, label, answer, time in seconds since 1970, and strokes in cells."""

    path: Path
    label: str
    answer: Answer
    time: float
    strokes: Sequence[ink.Stroke]  # none of a drawing that came from an image
    picture: np.ndarray  # uint8 (28, 28)


class Collection(NamedTuple):
    """Pictures uint8 (n, 28, 28) as MNIST's, labels (n,) as text, their entries, and how many files were damaged."""

    pictures: np.ndarray
    labels: np.ndarray
    entries: list[Entry]
    damaged: int


def default_folder() -> Path:
    """Return the folder of the user's collection, which may not exist yet."""
    return user_data() / "collection"


def default_hand() -> str:
    """Return the name of this computer's user, whose hand is meant where none is named."""
    try:
        return hand_name(getpass.getuser())
    except (OSError, KeyError, ImportError, UserError):  # no such user, or a name that is none for a folder
        return "me"


def hand_name(text: str) -> str:
    """Return the name of a hand as it is kept; raises UserError where it cannot name a folder."""
    name = unicodedata.normalize("NFC", text.strip())
    is_plain = name.isprintable() and not set(name) & set('<>:"/\\|?*') and not name.startswith(".")
    if not 1 <= len(name) <= LONGEST_HAND or not is_plain or name.endswith((".", SUFFIX)):
        found = f"A hand has a name of 1 to {LONGEST_HAND} letters, digits and spaces"
        raise UserError(f'{found}, such as Ada; "{text[:LONGEST_HAND]}" is none.')
    return name


def hand_folder(folder: Path, name: str | None = None) -> Path:
    """Return where the drawings of a hand lie in a collection: this user's in the folder itself; raises UserError."""
    name = default_hand() if name is None else hand_name(name)
    return Path(folder) if name == default_hand() else Path(folder, name)


def hands(folder: Path) -> list[str]:
    """Return the names of the hands of a collection that have drawings, this user's first; raises UserError."""
    try:
        with os.scandir(folder) as found:
            names = [each.name for each in found if each.is_dir() and _is_hand(each.name) and files(Path(each.path))]
    except FileNotFoundError:
        names = []
    except OSError as error:
        raise unusable(folder, error) from error
    return [default_hand(), *sorted(set(names) - {default_hand()})]


def add(
    folder: Path,
    strokes: Sequence[ink.Stroke],
    label: str | int | np.integer,
    answer: Answer,
    clock: Callable[[], float] = time.time,
    path: Path | None = None,
) -> Path:
    """Write one drawing and return its file; with the `path` of an earlier call that drawing is replaced.

    folder: created if missing. Raises UserError for a label that is none and if it cannot be written, ValueError
    for no strokes.
    """
    if not len(strokes):
        raise ValueError("Strokes are expected.")
    record = DigitRecord(clock(), answer, strokes, checked(label))
    path = Path(folder) / new_name(record.time) if path is None else Path(path)
    write(path, record)
    return path


def write(path: Path, record: DigitRecord) -> None:
    """Write a labelled drawing, whole or not at all, and its folder if there is none; raises UserError."""
    content = json.dumps(record.to_json(), separators=(",", ":"), allow_nan=False) + "\n"
    with _explained(path.parent):
        path.parent.mkdir(parents=True, exist_ok=True)
        with replacing(path) as draft:
            draft.write_text(content, encoding="utf-8")


def delete(path: Path) -> None:
    """Delete a drawing's file, if it is still there; raises UserError."""
    with _explained(path.parent):
        path.unlink(missing_ok=True)


def read_record(path: Path) -> DigitRecord | None:
    """Return the labelled drawing of a file, or None for one that is damaged."""
    try:
        return parse(b"" if path.stat().st_size > MAX_BYTES else path.read_bytes())
    except OSError:
        return None


def parse(content: bytes) -> DigitRecord | None:
    """Return the labelled drawing that a file's content is, or None for anything else."""
    try:
        record = DigitRecord.from_json(parse_object(content))
    except RecordError:
        return None
    return None if record.label is None else record


def count(folder: Path) -> int:
    """Return the number of drawings in a folder, 0 if it does not exist yet; raises UserError."""
    try:
        return len(files(folder))
    except FileNotFoundError:
        return 0
    except OSError as error:
        raise unusable(folder, error) from error


def read(folder: Path) -> Collection:
    """Return all drawings of a folder, oldest first; damaged files are counted and skipped.

    Raises UserError for a folder that is missing or cannot be read.
    """
    try:
        found = files(folder)
    except FileNotFoundError as error:
        raise UserError(
            f"There is no collection {folder}; correct an answer in the window, which begins one, or name another."
        ) from error
    except OSError as error:
        raise unusable(folder, error) from error
    entries = [entry for file in found if (entry := _read_entry(file)) is not None]
    pictures = np.array([entry.picture for entry in entries], np.uint8)
    labels = np.array([entry.label for entry in entries], np.str_)
    return Collection(pictures.reshape(-1, ink.SIZE, ink.SIZE), labels, entries, len(found) - len(entries))


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

    by_label = {
        label: [entry for entry in collection.entries if entry.label == label] for label in in_order(collection)
    }
    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined)
    return environment.from_string(TEMPLATE.read_text(encoding="utf-8")).render(
        css_variables=css_variables(),
        folder=folder,
        num_drawings=len(collection.entries),
        damaged=collection.damaged,
        groups=[(f"d{place}", label, entries) for place, (label, entries) in enumerate(by_label.items()) if entries],
        cells=CELLS,
        count=_counted,
        link=lambda path: quote(os.fsencode(path.name)),
        svg_paths=export.svg_paths,
        picture=_pixels,
    )


def in_order(collection: Collection) -> list[str]:
    """Return the ten digits and then the other labels of a collection."""
    return [*DIGITS, *sorted(set(collection.labels.tolist()) - set(DIGITS))]


def summary(folder: Path) -> dict:
    """Write the overview and return what the command line prints: counts and where the page is; raises UserError."""
    collection = read(folder)
    return {
        "folder": str(folder),
        "drawings": len(collection.entries),
        "damaged": collection.damaged,
        "per_digit": {label: int((collection.labels == label).sum()) for label in in_order(collection)},
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


def new_name(seconds: float) -> str:
    """Return a unique file name such as 20261121T153012.250000Z-1f0c9a3e.json."""
    whole, microseconds = divmod(round(seconds * 1e6), 1_000_000)
    return f"{time.strftime('%Y%m%dT%H%M%S', time.gmtime(whole))}.{microseconds:06}Z-{os.urandom(4).hex()}{SUFFIX}"


def is_drawing(name: str) -> bool:
    """Tell whether a file of that name is a drawing."""
    return name.endswith(SUFFIX) and not name.startswith(".")


def files(folder: Path) -> list[Path]:
    """Return the drawings' files in order, without hidden ones; raises OSError."""
    with os.scandir(folder) as found:
        names = [file.name for file in found if is_drawing(file.name)]
    return [Path(folder, name) for name in sorted(names)]


def _read_entry(path: Path) -> Entry | None:
    """Return the drawing of a file, or None for one that is damaged."""
    record = read_record(path)
    if record is None or record.label is None:
        return None
    return Entry(path, record.label, record.answer, record.time, record.strokes, record.picture)


def _is_hand(name: str) -> bool:
    try:
        return hand_name(name) == name
    except UserError:
        return False


def _pixels(picture: np.ndarray) -> str:
    """Return a drawing of 28x28 pixels as SVG squares, on a canvas of CELLS cells."""
    rows, columns = np.nonzero(picture)
    return "".join(
        f'<rect x="{x}" y="{y}" width="1" height="1" fill-opacity="{picture[y, x] / 255:.2f}"/>'
        for y, x in zip(rows.tolist(), columns.tolist(), strict=True)
    )


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


@contextmanager
def _explained(folder: Path):
    """Raise UserError in place of OSError."""
    try:
        yield
    except OSError as error:
        raise unusable(folder, error) from error


def unusable(folder: Path, error: OSError) -> UserError:
    """Return the sentence on a folder that cannot be read or written."""
    if isinstance(error, FileExistsError | NotADirectoryError):
        return UserError(f"{folder} is no folder; name a folder for your own digits.")
    return UserError(f"{folder} cannot hold your own digits ({error.strerror}); mend that or name another folder.")


if __name__ == "__main__":
    raise SystemExit(main())
