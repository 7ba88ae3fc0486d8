"""How long a class waits: from the start of the *Classroom* training to the first point of its curve and to 97 %.

    python -m benchmarks.training.classroom [--data mnist.npz] [--preset classroom] [--seeds 1 2 3]

`handwriting.py` runs as the page runs it, on MNIST (--data) and on the sample in `assets/`, once for each seed. Seconds
count from the start of the process, TensorFlow's start included; "learning" is from the first batch to the last.
`test_accuracy` is of all test digits by the finished model, and `to_target` the time to the end of learning where
that reaches the target, null where it does not. `curve` has the time and the accuracy on validation digits of each
record, to be looked at.
"""

import argparse
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.support.harness import report
from benchmarks.support.measures import at_least, at_most
from digits.system.files import UserError
from digits.system.json_lines import read_records
from digits.system.paths import ROOT
from digits.training import mnist
from digits.training.configuration import Configuration
from digits.training.presets import PRESETS

TARGETS = {"classroom": 0.97, "good": 0.992, "full": 0.996}
FIRST_POINT_GOAL = 8  # seconds on two cores, for the classroom, as the following ...
TO_TARGET_GOAL = 25
LEARNING_GOAL = 15


def main(argv: list[str] | None = None) -> int:
    """Parse, measure and print; return the exit code."""
    parser = argparse.ArgumentParser(prog="classroom", description="Measure how long a class waits.")
    parser.add_argument("--data", type=Path, metavar="mnist.npz", help="(default: the sample alone)")
    parser.add_argument("--preset", choices=PRESETS, default="classroom", help="(default: %(default)s)")
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3], help="(default: %(default)s)")
    arguments = parser.parse_args(argv)
    return report("classroom", lambda: measure(arguments))


def measure(arguments: argparse.Namespace) -> dict:
    """Return the figures of every data set and seed."""
    data = {"mnist": arguments.data, "sample": Path(mnist.SAMPLE_NAME)}
    configuration = PRESETS[arguments.preset].configuration
    return {
        "preset": arguments.preset,
        **{
            name: {
                f"seed_{seed}": run(path, replace(configuration, seed=seed), TARGETS[arguments.preset])
                for seed in arguments.seeds
            }
            for name, path in data.items()
            if path
        },
    }


def run(data: Path, configuration: Configuration, target: float) -> dict:
    """Train once, as the page does, and return the figures; raises UserError where the trainer fails."""
    with TemporaryDirectory() as folder:
        progress = Path(folder, "progress")
        command = [sys.executable, str(ROOT / "handwriting.py"), str(Path(folder, "model.h5")), "--data", str(data)]
        began = time.time()  # as the records have it
        done = subprocess.run(
            [*command, "--progress", str(progress), *configuration.options()], capture_output=True, text=True
        )
        seconds = time.time() - began
        if done.returncode:
            raise UserError(f"The trainer ended with code {done.returncode}: {done.stderr.strip()}")
        return figures(read_records(progress), began, target) | {"to_saved_model": round(seconds, 1)}


def figures(records: list[dict], began: float, target: float) -> dict:
    """Return what the records of a training come to; began: seconds since 1970."""
    points = [record for record in records if record["event"] == "batch"]
    to_end, accuracy = points[-1]["time"] - began, records[-1]["test_accuracy"]
    missed = {"value": None, "goal": f"<= {TO_TARGET_GOAL}", "met": False}
    return {
        "first_point": at_most(points[0]["time"] - began, FIRST_POINT_GOAL),
        "to_target": at_most(to_end, TO_TARGET_GOAL) if accuracy >= target else missed,
        "learning": at_most(points[-1]["time"] - points[0]["time"], LEARNING_GOAL),
        "test_accuracy": at_least(accuracy, target),
        "curve": [[round(point["time"] - began, 1), point["validation_accuracy"]] for point in points],
    }


if __name__ == "__main__":
    raise SystemExit(main())
