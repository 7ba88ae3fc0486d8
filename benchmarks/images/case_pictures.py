"""How small pictures that are known to be difficult are read: right, not sure, or surely wrong.

    python -m benchmarks.images.case_pictures --pictures FOLDER [--model M.h5]

FOLDER has a `right.json` that says what each picture shows: "" for nothing, lines parted by " / ". Spaces do not count.
Where there is nothing, nothing must be found, not even a digit that is not sure; elsewhere an answer is not sure where
one of its digits is not. Figures: `pictures`, `right`, `unsure`, and by name what is `sure_and_wrong`, with what was
read.
"""

import argparse
import json
from pathlib import Path

from benchmarks.support.harness import report
from digits.models import loading
from digits.recognition.classifier import Recognizer
from digits.sheets.reading import read
from digits.system.files import UserError


def main(argv: list[str] | None = None) -> int:
    """Parse, measure and print; return the exit code."""
    parser = argparse.ArgumentParser(prog="case_pictures", description="Read small pictures that are difficult.")
    parser.add_argument("--pictures", type=Path, required=True, metavar="FOLDER", help="with a right.json")
    parser.add_argument("--model", type=Path, default=loading.SHIPPED, help="a Keras file (default: the shipped one)")
    arguments = parser.parse_args(argv)
    return report("case_pictures", lambda: measure(arguments.pictures, loading.load(arguments.model)))


def measure(folder: Path, classifier: Recognizer) -> dict:
    """Return the figures of a folder of pictures; raises UserError."""
    try:
        shown = json.loads((folder / "right.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UserError(f"{folder} is no folder of pictures with a right.json ({error}); name one.") from error
    texts = {name: text_of(folder / name, classifier) for name in shown}
    right = [name for name, shows in shown.items() if "".join(shows.split()) == texts[name]]
    unsure = [name for name, shows in shown.items() if shows and name not in right and "?" in texts[name]]
    wrong = {name: text for name, text in texts.items() if name not in right and name not in unsure}
    return {"pictures": len(shown), "right": len(right), "unsure": len(unsure), "sure_and_wrong": wrong}


def text_of(path: Path, classifier: Recognizer) -> str:
    """Return what is read on a picture, its lines parted by "/", "?" where it is not sure, "" for no digit."""
    try:
        return "/".join("".join(line.split()) for line in read(path, path.name, classifier).text.splitlines())
    except UserError:
        return ""


if __name__ == "__main__":
    raise SystemExit(main())
