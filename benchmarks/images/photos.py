"""How many digits of photographed grids, such as filled-in sudokus, are found and read, as the photos were taken.

    python -m benchmarks.images.photos --photos FOLDER [--model M.h5] [--save FOLDER]

FOLDER has an `index.json`: a list with, for each photo, "file", "corners" (of the grid in pixels, from the top left
one clockwise) and "rows" of labels, such as "7": 0 for an empty cell, 10 for one where any answer or none is right.
Each photo is read as `recognition.py --classify` and the page do. Figures:
    digits           in the cells of all grids
    found            share of them with a box whose middle lies in their cell
    right            share of them for which that box has the right answer
    extra_per_photo  boxes that belong to no digit: of several in one cell, the one next to its middle does
    seconds_per_photo  decoding included; the median. `longest_seconds` is the slowest photo's
    processor_seconds  per photo, which other programs on the machine change little
--save keeps the photos with their boxes.
"""

import argparse
import json
import time
from pathlib import Path
from typing import NamedTuple

import numpy as np

from benchmarks.support.harness import report
from benchmarks.support.measures import at_least, at_most
from digits.models import loading
from digits.sheets.annotation import annotate
from digits.sheets.digit_segmentation import RecognizedDigit
from digits.sheets.reading import read
from digits.system.files import UserError

EMPTY, ANYTHING = 0, 10  # labels of cells
FOUND, RIGHT, EXTRA, SECONDS = 0.93, 0.93, 3.0, 2.0  # the goals


class Score(NamedTuple):
    """What was found on a photo: how many digits there are, are found and right, and how many boxes are too much."""

    digits: int
    found: int
    right: int
    extra: int


def main(argv: list[str] | None = None) -> int:
    """Parse, measure and print; return the exit code."""
    parser = argparse.ArgumentParser(prog="photos", description="Measure how well photographed grids are read.")
    parser.add_argument("--photos", type=Path, required=True, metavar="FOLDER", help="photos with their index.json")
    parser.add_argument("--model", type=Path, default=loading.SHIPPED, help="a Keras file (default: the shipped one)")
    parser.add_argument("--save", type=Path, metavar="FOLDER", help="where to put the photos with their boxes")
    arguments = parser.parse_args(argv)
    return report("photos", lambda: measure(arguments))


def measure(arguments: argparse.Namespace) -> dict:
    """Return the figures; raises UserError."""
    index = read_index(arguments.photos)
    classifier = loading.load(arguments.model)
    scores, seconds, began_working = {}, [], time.process_time()
    for photo in index:
        path = arguments.photos / photo["file"]
        began = time.perf_counter()
        try:
            sheet = read(path, path.name, classifier)
        except UserError:
            sheet = None
        seconds.append(time.perf_counter() - began)
        labels = np.array(photo["rows"], int)
        scores[path.name] = score(sheet.digits if sheet else [], np.array(photo["corners"], float), labels)
        if arguments.save and sheet:
            (arguments.save / f"{path.stem}.jpg").write_bytes(annotate(sheet))
    worked = time.process_time() - began_working
    digits, found, right, extra = np.sum([*scores.values()], axis=0).tolist()
    return {
        "digits": digits,
        "found": at_least(found / digits, FOUND),
        "right": at_least(right / digits, RIGHT),
        "extra_per_photo": at_most(extra / len(scores), EXTRA),
        "seconds_per_photo": at_most(float(np.median(seconds)), SECONDS),
        "longest_seconds": round(max(seconds), 3),
        "processor_seconds": round(worked / len(scores), 3),
        "photos": {name: each._asdict() for name, each in scores.items()},
    }


def read_index(folder: Path) -> list[dict]:
    """Return what a folder's `index.json` says of its photos; raises UserError."""
    try:
        return json.loads((folder / "index.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UserError(
            f"{folder} is no folder of photos with an index.json ({error}); name one by --photos."
        ) from error


def score(digits: list[RecognizedDigit], corners: np.ndarray, labels: np.ndarray) -> Score:
    """Return how well the digits read are those of a grid: corners (4, 2) in pixels, labels int (rows, columns)."""
    middles = np.array([digit.box for digit in digits], float).reshape(-1, 2, 2).mean(1)
    places = in_grid(middles, corners) * labels.shape[::-1]
    cells = np.floor(places).astype(int)
    nearest: dict[tuple[int, int], int] = {}
    extra = 0
    for index in np.argsort(np.abs(places - cells - 0.5).max(1)).tolist():
        column, row = cells[index].tolist()
        is_inside = 0 <= row < labels.shape[0] and 0 <= column < labels.shape[1]
        label = labels[row, column] if is_inside else EMPTY
        if label != EMPTY and (row, column) not in nearest:
            nearest[row, column] = index
        else:
            extra += label != ANYTHING
    found = {cell: digits[index].answer.digit for cell, index in nearest.items() if labels[cell] != ANYTHING}
    right = sum(labels[cell] == digit for cell, digit in found.items())
    return Score(int(((labels != EMPTY) & (labels != ANYTHING)).sum()), len(found), int(right), int(extra))


def in_grid(points: np.ndarray, corners: np.ndarray) -> np.ndarray:
    """Return where points (n, 2) of a photo lie in the grid with these corners: from (0, 0) to (1, 1)."""
    equations, values = [], []
    for (x, y), (u, v) in zip(corners, ((0, 0), (1, 0), (1, 1), (0, 1)), strict=True):
        equations += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
        values += [u, v]
    across, down, depth = np.append(np.linalg.solve(equations, values), 1).reshape(3, 3) @ np.vstack(
        [points.T, np.ones(len(points))]
    )
    return np.stack([across / depth, down / depth], axis=1)


if __name__ == "__main__":
    raise SystemExit(main())
