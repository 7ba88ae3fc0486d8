"""How small inputs that programs of this kind get wrong are answered: pictures of digits, and other people's models.

    python -m benchmarks.cases [--pictures FOLDER] [--models FOLDER --data mnist.npz]

Each folder has a `right.json`; `images.case_pictures` and `models.other_models`, beside this, say in which form.
"""

import argparse
from pathlib import Path

from benchmarks.images import case_pictures
from benchmarks.models import other_models
from benchmarks.support.harness import report
from benchmarks.support.measures import at_least, at_most
from digits.models import loading


def main(argv: list[str] | None = None) -> int:
    """Parse, measure and print; return the exit code."""
    parser = argparse.ArgumentParser(prog="cases", description="Read pictures and models that often go wrong.")
    parser.add_argument("--pictures", type=Path, metavar="FOLDER", help="of pictures")
    parser.add_argument("--models", type=Path, metavar="FOLDER", help="of Keras files")
    parser.add_argument("--data", type=Path, metavar="FILE", help="MNIST as mnist.npz, which the models read")
    arguments = parser.parse_args(argv)
    if not (arguments.pictures or arguments.models):
        parser.error("name a folder by --pictures or --models")
    if arguments.models and not arguments.data:
        parser.error("--models needs --data")
    return report("cases", lambda: measure(arguments.pictures, arguments.models, arguments.data))


def measure(pictures: Path | None, models: Path | None, data: Path | None) -> dict:
    """Return the figures of the folders that are given."""
    figures = {}
    if pictures:
        figures |= case_pictures.measure(pictures, loading.load())
        figures["num_sure_and_wrong"] = at_most(len(figures["sure_and_wrong"]), 0)
    if models and data:
        figures["models"] = other_models.measure(models, data)
        good = figures["models"]["usable"] + figures["models"]["refused_rightly"]
        figures["models_right"] = at_least(good / max(figures["models"]["models"], 1), 1.0)
    return figures


if __name__ == "__main__":
    raise SystemExit(main())
