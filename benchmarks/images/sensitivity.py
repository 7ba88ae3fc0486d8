"""Which of the constants that steer the reading of images matter: each is changed, and the changed answers counted.

    python -m benchmarks.images.sensitivity [--pictures FOLDER] [--photos FOLDER] [--modules NAME ...] [--seed 0]

Every number on top of a module of `digits.images` and `digits.sheets` is multiplied by 0.5 and by 2, one at a time, and
all images are read again: sheets (`sheet_files`), single digits (`image_files`) and clean pages (`clean_pages`), of
made-up strokes.
--pictures adds a folder of pictures with a `right.json` that says what each shows, --photos one of photos. Figures:
    images      how many are read
    right       how many of those whose content is known are read rightly, as it is
    constants   of each, by factor: answers that changed, and how many more are right; "error" where reading failed
    idle        constants that changed no answer
A constant without effect here is not useless: what only damaged files or rare photos need, the tests hold.
"""

import argparse
import ast
import importlib
import json
import pkgutil
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

import numpy as np

import digits.images
import digits.sheets
from benchmarks.images import clean_pages, image_files, sheet_files
from benchmarks.images.sheets import VARIANTS
from benchmarks.support import pen_strokes
from benchmarks.support.harness import report
from digits.models import loading
from digits.recognition.classifier import Classifier
from digits.sheets.reading import read
from digits.system.files import UserError

FACTORS = (0.5, 2.0)
LEFT_OUT = ("annotation", "decoding")  # modules that change no answer
DIGITS_ON_SHEET, SINGLES = 20, 12  # of each kind
TEXTS = ("7", "42", "1024 7\n63", "0123456789\n9876543210")


class Known(NamedTuple):
    """An image file's content, and what it shows; None where that is not known."""

    content: bytes
    shows: str | None


def main(argv: list[str] | None = None) -> int:
    """Parse, measure and print; return the exit code."""
    parser = argparse.ArgumentParser(prog="sensitivity", description="Count the answers that each constant changes.")
    parser.add_argument("--pictures", type=Path, metavar="FOLDER", help="pictures with a right.json beside them")
    parser.add_argument("--photos", type=Path, metavar="FOLDER", help="photos (.jpg) of any digits")
    parser.add_argument("--modules", nargs="+", choices=modules(), default=modules(), help="(default: all)")
    parser.add_argument("--seed", type=int, default=0, help="of digits and looks (default: %(default)s)")
    arguments = parser.parse_args(argv)
    return report("sensitivity", lambda: measure(arguments))


def measure(arguments: argparse.Namespace) -> dict:
    """Return the figures."""
    images = made_up(arguments.seed)
    images |= pictures(arguments.pictures) if arguments.pictures else {}
    images |= photos(arguments.photos) if arguments.photos else {}
    classifier = loading.load()
    before = {name: answer(image, classifier) for name, image in images.items()}
    constants = {}
    for module in arguments.modules:
        for name, changed in changes(importlib.import_module(f"digits.{module}")):
            after = {name: answer(image, classifier) for name, image in images.items()}
            constants.setdefault(f"{module}.{name}", {})[changed] = difference(images, before, after)
    return {
        "seed": arguments.seed,
        "images": len(images),
        "right": num_right(images, before),
        "constants": constants,
        "idle": [name for name, figures in constants.items() if not any(each["changed"] for each in figures.values())],
    }


def modules() -> list[str]:
    """Return the names of the modules with constants, with their rooms."""
    rooms = {"images": digits.images, "sheets": digits.sheets}
    names = [
        (room, module.name) for room, package in rooms.items() for module in pkgutil.iter_modules(package.__path__)
    ]
    return [f"{room}.{name}" for room, name in names if name not in LEFT_OUT]


def changes(module: ModuleType) -> Iterator[tuple[str, str]]:
    """Change the constants of a module one at a time; yield the name and the factor while each is changed."""
    for name in constant_names(module):
        original = getattr(module, name)
        for factor in FACTORS:
            changed = scaled(original, factor)
            if changed is None or changed == original:
                continue
            setattr(module, name, changed)
            try:
                yield name, f"times {factor:g}"
            finally:
                setattr(module, name, original)


def constant_names(module: ModuleType) -> list[str]:
    """Return the names in capitals that a module itself defines, in order."""
    tree = ast.parse(Path(str(module.__file__)).read_text(encoding="utf-8"))
    targets = [target for node in tree.body if isinstance(node, ast.Assign) for target in node.targets]
    names = [node.id for target in targets for node in ast.walk(target) if isinstance(node, ast.Name)]
    return [name for name in names if name.isupper()]


def scaled(value: object, factor: float) -> object | None:
    """Return a number, or a tuple of numbers, times a factor: whole numbers stay so and above 0; None for all else."""
    if isinstance(value, int) and not isinstance(value, bool):
        return max(1, round(value * factor))
    if isinstance(value, float | np.floating):
        return value * factor
    if isinstance(value, tuple):
        numbers = tuple(scaled(each, factor) for each in value)
        return None if None in numbers else numbers
    return None


def answer(image: Known, classifier: Classifier) -> str:
    """Return what is read on an image, "" where there is no digit, or the error of a reading that failed."""
    try:
        return read(image.content, "image", classifier).number
    except UserError:
        return ""
    except (ArithmeticError, LookupError, ValueError, MemoryError) as error:
        return f"error: {type(error).__name__}"


def difference(images: dict[str, Known], before: dict[str, str], after: dict[str, str]) -> dict:
    """Return how many answers changed, and how many more are right."""
    figures = {
        "changed": sum(before[name] != after[name] for name in images),
        "more_right": num_right(images, after) - num_right(images, before),
    }
    errors = sum(read.startswith("error") for read in after.values())
    return figures | ({"error": errors} if errors else {})


def num_right(images: dict[str, Known], answers: dict[str, str]) -> int:
    """Return how many images are read as what they show; spaces do not count."""
    return sum(image.shows is not None and plain(image.shows) == plain(answers[name]) for name, image in images.items())


def plain(text: str) -> str:
    """Return the digits, line by line."""
    return "\n".join("".join(line.split()) for line in text.splitlines())


def made_up(seed: int) -> dict[str, Known]:
    """Return sheets, single digits and clean pages by name."""
    rng = np.random.default_rng(seed)
    collection = pen_strokes.made_up(200, seed)
    images = {}
    for name, style in VARIANTS.items():
        chosen = rng.integers(0, 200, DIGITS_ON_SHEET)
        written = sheet_files.photograph([collection.digits[each] for each in chosen], style, rng)
        labels = "".join(map(str, collection.labels[chosen]))
        lines = [labels[start : start + sheet_files.COLUMNS] for start in range(0, len(labels), sheet_files.COLUMNS)]
        images[f"sheet, {name}"] = Known(written.content, "\n".join(lines))
    for kind, make in image_files.KINDS.items():
        for number, chosen in enumerate(rng.integers(0, 200, SINGLES)):
            content = make.encode(collection.digits[chosen], rng)
            images[f"{kind} {number}"] = Known(content, str(collection.labels[chosen]))
    return images | clean()


def clean() -> dict[str, Known]:
    """Return clean pages: of several numbers, of digits in several parts, on squared paper, light on dark."""
    pages = {text: (clean_pages.draw_page(text), text) for text in TEXTS}
    for digit, parts in (("5", clean_pages.DETACHED_FIVE), ("4", clean_pages.OPEN_FOUR), ("8", clean_pages.RINGS)):
        text = f"0{digit}7{digit}2"
        pages[f"{digit} in parts"] = clean_pages.draw_page(text, parts={digit: parts}), text
    for degrees in (-8, 0, 5):
        squared = clean_pages.add_squares(clean_pages.draw_page("2026\n8359"), degrees=degrees)
        pages[f"squared paper turned by {degrees}"] = squared, "2026\n8359"
    images = {name: Known(clean_pages.encoded(grey), text) for name, (grey, text) in pages.items()}
    return images | {f"{text}, inverted": Known(clean_pages.encoded(255 - pages[text][0]), text) for text in TEXTS}


def pictures(folder: Path) -> dict[str, Known]:
    """Return the pictures that a folder's `right.json` names, with what they show: lines parted by " / "."""
    right = json.loads((folder / "right.json").read_text(encoding="utf-8"))
    return {name: Known((folder / name).read_bytes(), "\n".join(text.split(" / "))) for name, text in right.items()}


def photos(folder: Path) -> dict[str, Known]:
    """Return the photos of a folder; what they show is not known."""
    return {path.name: Known(path.read_bytes(), None) for path in sorted(folder.glob("*.jpg"))}


if __name__ == "__main__":
    raise SystemExit(main())
