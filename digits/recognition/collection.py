"""The user's own collection: drawings with what they really were, one small file each, in a plain folder.

    python -m digits.recognition.collection [DIR]     counts a collection and writes its overview, DIR/index.html

A drawing is a JSON file, named by the time in UTC, so that names in order are drawings in order. It holds what a
record of the window holds (`digits.recognition.records`) and the label, the digit that was meant:
    {"label": 7, "time": ..., "digit": 1, "confidence": ..., "probabilities": [...], "is_sure": true,
     "strokes": [[[x, y], ...], ...]}
Nothing leaves the machine. A file is deleted, copied or moved as any other.
"""

import argparse
import json
import os
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import contextmanager
from html import escape
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

import numpy as np

from digits.drawing import export, ink
from digits.drawing.canvas import CELLS
from digits.recognition.classifier import Answer
from digits.recognition.records import DigitRecord, RecordError
from digits.system.files import UserError, replacing
from digits.system.json_lines import parse_object
from digits.system.paths import user_data

SUFFIX = ".json"
OVERVIEW = "index.html"
LARGEST = 4_000_000  # bytes; hours of drawing

STYLE = """
:root { color-scheme: light dark; --paper: #f6f5f1; --card: #fff; --text: #1c1e2e; --faint: #6a6a78; --line: #d6d3cb;
  --wrong: #b03818; }
@media (prefers-color-scheme: dark) { :root { --paper: #14151d; --card: #1d1f2b; --text: #ecebf3; --faint: #a3a3b5;
  --line: #363849; --wrong: #f0936e; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 2.5rem 1.25rem 4rem; max-width: 62rem; background: var(--paper); color: var(--text);
  font: 1rem/1.5 Inter, system-ui, sans-serif; font-variant-numeric: tabular-nums; }
h1 { font-size: 2rem; line-height: 1.2; margin: 0 0 .25rem; } h2 { font-size: 1.25rem; margin: 2.25rem 0 .75rem; }
p { margin: .25rem 0; overflow-wrap: anywhere; } .faint, h2 span, figcaption { color: var(--faint); font-weight: 400;
  font-size: .875rem; }
nav { display: flex; flex-wrap: wrap; gap: .5rem; margin: 1.25rem 0 0; padding: 0; }
nav a { padding: .3rem .8rem; border: 1px solid var(--line); border-radius: 2rem; background: var(--card); }
a { color: inherit; text-decoration: none; } a:focus-visible { outline: 2px solid; outline-offset: 2px; }
.drawings { display: grid; gap: .75rem; grid-template-columns: repeat(auto-fill, minmax(6.5rem, 1fr)); }
figure { margin: 0; background: var(--card); border: 1px solid var(--line); border-radius: .75rem; padding: .5rem;
  content-visibility: auto; contain-intrinsic-size: auto 6.5rem auto 8rem; }
figure:hover { border-color: var(--faint); }
svg { display: block; width: 100%; height: auto; fill: none; stroke: currentColor; stroke-linecap: round;
  stroke-linejoin: round; }
figcaption { text-align: center; font-size: .75rem; line-height: 1.3; margin-top: .3rem; }
figcaption b { color: var(--wrong); }
"""


class Entry(NamedTuple):
    """A drawing: its file, the digit that was meant, what was answered, when (s since 1970), the strokes in cells."""

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
    """Return the folder of the user's collection, which need not exist yet."""
    return user_data() / "collection"


def add(
    folder: Path,
    strokes: Sequence[ink.Stroke],
    label: int,
    answer: Answer,
    clock: Callable[[], float] = time.time,
    path: Path | None = None,
) -> Path:
    """Write one drawing and return its file; with the `path` of an earlier call it takes that one's place.

    folder: made if there is none. label: 0 to 9. Raises UserError where it cannot be written, ValueError for what is
    no drawing of a digit.
    """
    if label not in range(10) or not len(strokes):
        raise ValueError(f"A label of 0 to 9 and strokes are expected, not {label} and {len(strokes)} strokes.")
    record = DigitRecord(clock(), answer, strokes, int(label))
    with _telling(folder):
        folder = Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / _new_name(record.time) if path is None else Path(path)
        with replacing(path) as draft:
            draft.write_text(
                json.dumps(record.to_json(), separators=(",", ":"), allow_nan=False) + "\n", encoding="utf-8"
            )
    return path


def remove(path: Path) -> None:
    """Take a drawing out of its collection, if it is still there; raises UserError where that is not allowed."""
    with _telling(Path(path).parent):
        Path(path).unlink(missing_ok=True)


def count(folder: Path) -> int:
    """Return how many drawings are in a folder, none if there is no such folder yet; raises UserError."""
    try:
        return len(_files(folder))
    except FileNotFoundError:
        return 0
    except OSError as error:
        raise _unusable(folder, error) from error


def read(folder: Path) -> Collection:
    """Return all drawings of a folder, oldest first; damaged files are counted and passed over.

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
    with _telling(folder), replacing(page) as draft:
        draft.write_text(overview(collection, str(folder)), encoding="utf-8", errors="replace")
    return page


def overview(collection: Collection, title: str) -> str:
    """Return the page: the drawings under the digits that they are, newest first, each a link to its file."""
    groups = {digit: [entry for entry in collection.entries if entry.label == digit] for digit in range(10)}
    jumps = "".join(
        f'<a href="#d{digit}"><b>{digit}</b> \N{MULTIPLICATION SIGN} {len(group)}</a>'
        for digit, group in groups.items()
        if group
    )
    sections = "".join(_section(digit, group) for digit, group in groups.items() if group)
    damaged = f"<p>{_number(collection.damaged, 'file')} could not be read.</p>" if collection.damaged else ""
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width"><title>Your digits</title>'
        f"<style>{STYLE}</style></head>\n<body><h1>{_number(len(collection.entries), 'digit')} of yours</h1>"
        f'<p class="faint">{escape(title)}</p>{damaged}<nav>{jumps}</nav>{sections}</body></html>\n'
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
        print(json.dumps(summary(arguments.folder or default_folder()), indent=1))
    except UserError as error:
        print(f"digits.recognition.collection: {error}", file=sys.stderr)
        return 2
    return 0


def _new_name(seconds: float) -> str:
    """Return a file name that nobody else takes: 20261121T153012.250000Z-1f0c9a3e.json."""
    whole, microseconds = divmod(round(seconds * 1e6), 1_000_000)
    return f"{time.strftime('%Y%m%dT%H%M%S', time.gmtime(whole))}.{microseconds:06}Z-{os.urandom(4).hex()}{SUFFIX}"


def _files(folder: Path) -> list[Path]:
    """Return the drawings' files in order; a draft, which begins with a dot, is none."""
    with os.scandir(folder) as found:
        names = [file.name for file in found if file.name.endswith(SUFFIX) and not file.name.startswith(".")]
    return [Path(folder, name) for name in sorted(names)]


def _read_entry(path: Path) -> Entry | None:
    """Return the drawing of a file, or None for one that is damaged."""
    try:
        content = b"" if path.stat().st_size > LARGEST else path.read_bytes()
        record = DigitRecord.from_json(parse_object(content))
    except (OSError, RecordError):
        return None
    return None if record.label is None else Entry(path, record.label, record.answer, record.time, record.strokes)


def _section(digit: int, entries: list[Entry]) -> str:
    figures = "".join(_figure(entry) for entry in reversed(entries))
    title = f'<h2 id="d{digit}">{digit} <span>{_number(len(entries), "drawing")}</span></h2>'
    return f'{title}<div class="drawings">{figures}</div>\n'


def _figure(entry: Entry) -> str:
    answer, name = entry.answer.digit, entry.path.name
    caption = "read right" if answer == entry.label else f"read as <b>{answer}</b>"
    return (
        f'<figure><a href="{quote(os.fsencode(name))}" title="{escape(name)}">'
        f'<svg viewBox="0 0 {CELLS} {CELLS}" role="img" aria-label="A {entry.label}, read as {answer}">'
        f"{export.paths(entry.strokes)}</svg></a>"
        f"<figcaption>{caption}</figcaption></figure>\n"
    )


def _number(count: int, noun: str) -> str:
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


@contextmanager
def _telling(folder: Path):
    """Turn what the system objects to into a sentence."""
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
