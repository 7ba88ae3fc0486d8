"""How many of other people's models are usable here, and how well they read.

    python -m benchmarks.models.other_models --models FOLDER --data mnist.npz

FOLDER holds Keras files and right.json: for each file's name its "kind", which begins with "answers" or "refuses", and
for those that answer perhaps "least", the accuracy on MNIST's first test digits that they must reach. Figures:
    models            how many there are
    usable            that load and reach "least", or warn that they read digits no better than chance
    refused_rightly   that are refused, in one sentence, and should be
    wrong             all others
`each` tells of every model: its accuracy, its "input" and "warning" from the model card, or the sentence "refused".
"""

import argparse
import json
from pathlib import Path

import numpy as np

from benchmarks.support.harness import report
from digits.models import loading
from digits.models.evaluation import evaluate
from digits.system.files import UserError
from digits.training import mnist

NUM_DIGITS = 1000  # test digits that each model reads


def main(argv: list[str] | None = None) -> int:
    """Parse, measure and print; return the exit code."""
    parser = argparse.ArgumentParser(prog="other_models", description="Use models that others have saved.")
    parser.add_argument("--models", type=Path, required=True, metavar="FOLDER", help="Keras files and right.json")
    parser.add_argument("--data", type=Path, required=True, metavar="FILE", help="MNIST as mnist.npz")
    arguments = parser.parse_args(argv)
    return report("other_models", lambda: measure(arguments.models, arguments.data))


def measure(folder: Path, data: Path) -> dict:
    """Return the figures; raises UserError for a folder without right.json."""
    try:
        expected = json.loads((folder / "right.json").read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise UserError(f"There is no right.json in {folder} to be read; name the folder of the models.") from error
    digits = mnist.read(data)
    pictures, labels = digits.test_images[:NUM_DIGITS], digits.test_labels[:NUM_DIGITS]
    each = {name: use(folder / name, pictures, labels) for name in expected}
    verdicts = [verdict(each[name], entry) for name, entry in expected.items()]
    counts = {name: verdicts.count(name) for name in ("usable", "refused_rightly", "wrong")}
    for outcome, name in zip(each.values(), verdicts, strict=True):
        outcome["verdict"] = name
    return {"models": len(each), **counts, "each": each}


def use(path: Path, pictures: np.ndarray, labels: np.ndarray) -> dict:
    """Return what became of a model: its accuracy and what its card says, or the sentence with which it is refused."""
    try:
        model = loading.load(path)
    except UserError as error:
        return {"refused": str(error)}
    said = {name: model.card.entries[name] for name in ("input", "warning") if name in model.card.entries}
    return {"accuracy": round(evaluate(model, pictures, labels).accuracy, 4), **said}


def verdict(outcome: dict, entry: dict) -> str:
    """Return "usable", "refused_rightly" or "wrong", by what is expected of the model."""
    if entry["kind"].startswith("refuses"):
        return "refused_rightly" if "refused" in outcome else "wrong"
    if "refused" in outcome:
        return "wrong"
    if "least" in entry:
        return "usable" if outcome["accuracy"] >= entry["least"] else "wrong"
    return "usable" if "warning" in outcome else "wrong"


if __name__ == "__main__":
    raise SystemExit(main())
