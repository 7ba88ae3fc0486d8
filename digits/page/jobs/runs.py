"""Runs: what is kept of each training that has ended, one small file beside its model.

A run without a model is one that was stopped before there was anything to keep, or that failed while it learned.
"""

import json
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from digits.models import model_card
from digits.system.files import UserError, replacing
from digits.training.configuration import Configuration
from digits.training.presets import EXPERIMENTS, PRESETS, Experiment

SUFFIX = ".run.json"
MOST_POINTS = 400  # of a curve: a long training loses every second one each time that they are too many
CUSTOM = "Custom"


class Point(NamedTuple):
    """Where a training stands: digits seen so far, and shares of right answers in [0, 1]."""

    seen: int
    accuracy: float  # on validation digits
    training_accuracy: float | None = None  # on the digits seen since the point before


class Curve:
    """The points of a training, thinned so that a long one takes no more room than a short one."""

    def __init__(self) -> None:
        self._kept: tuple[Point, ...] = ()
        self._latest: tuple[Point, ...] = ()  # none, or the one that was passed over last
        self._stride = 1  # of the points that come, one is kept
        self._count = 0

    @property
    def points(self) -> tuple[Point, ...]:
        """The points, evenly spaced but for the latest."""
        return (*self._kept, *self._latest)

    def add(self, point: Point) -> None:
        """Take the next point."""
        is_kept = self._count % self._stride == 0
        self._kept, self._latest = ((*self._kept, point), ()) if is_kept else (self._kept, (point,))
        self._count += 1
        if len(self._kept) > MOST_POINTS:
            self._kept, self._stride = self._kept[::2], 2 * self._stride


@dataclass(frozen=True)
class Run:
    """A training that has ended.

    name: of its model's file, without the suffix: when it was begun. status: "finished", "stopped" or "failed".
    data: what it learned from, in words. seconds: from its start to its end. failure: a sentence, where it failed.
    """

    name: str
    configuration: Configuration
    status: str
    data: str
    seconds: float
    test_accuracy: float | None = None
    curve: tuple[Point, ...] = ()
    failure: str = ""

    @property
    def title(self) -> str:
        """What kind of training it was."""
        return title_of(self.configuration)

    def confusion(self, folder: Path) -> tuple[tuple[int, ...], ...]:
        """Return how its model, in that folder, answered the test digits: ten rows of ten counts, or nothing."""
        return model_card.read_card(folder / f"{self.name}.json").confusion


def title_of(configuration: Configuration) -> str:
    """Return the title of the preset or the experiment that has these settings, or "Custom"."""
    ready = [*PRESETS.values(), *EXPERIMENTS.values()]
    return next((each.title for each in ready if each.configuration == configuration), CUSTOM)


def experiment_of(run: Run) -> Experiment | None:
    """Return the experiment that a run was, or None."""
    plain = [preset.configuration for preset in PRESETS.values()]
    found = (each for each in EXPERIMENTS.values() if each.configuration == run.configuration)
    return None if run.configuration in plain else next(found, None)


def latest(runs: Iterable[Run], configuration: Configuration, data: str | None = None) -> Run | None:
    """Return the latest finished run with these settings, on that data if it is given; runs: the latest first."""
    return next(
        (
            run
            for run in runs
            if run.configuration == configuration and run.status == "finished" and data in (None, run.data)
        ),
        None,
    )


def write(folder: Path, run: Run) -> None:
    """Keep a run in a folder; raises OSError."""
    content = {
        "status": run.status,
        "data": run.data,
        "seconds": round(run.seconds, 1),
        "test_accuracy": run.test_accuracy,
        "failure": run.failure,
        "settings": asdict(run.configuration),
        "curve": run.curve,
    }
    with replacing(folder / f"{run.name}{SUFFIX}") as draft:
        draft.write_text(json.dumps(content), "utf-8")


def read(folder: Path) -> list[Run]:
    """Return the runs that are kept in a folder, the latest first; a damaged one is left out."""
    runs = []
    for path in sorted(folder.glob(f"*{SUFFIX}"), reverse=True):
        with suppress(OSError, ValueError, TypeError, KeyError, UserError):
            runs.append(_read(path, path.stat().st_mtime_ns))
    return runs


@lru_cache(maxsize=500)
def _read(path: Path, modified: int) -> Run:
    return _parse(path.name.removesuffix(SUFFIX), json.loads(path.read_bytes()))


def _parse(name: str, content: dict) -> Run:
    accuracy = content["test_accuracy"]
    return Run(
        name,
        Configuration.checked(**content["settings"]),
        str(content["status"]),
        str(content["data"]),
        float(content["seconds"]),
        None if accuracy is None else float(accuracy),
        tuple(map(_point, content["curve"])),
        str(content["failure"]),
    )


def _point(values: Sequence[float | None]) -> Point:
    seen, accuracy, training = values
    if seen is None or accuracy is None:
        raise ValueError("a point without its place")
    return Point(int(seen), float(accuracy), None if training is None else float(training))
