"""The files of trainings in their folder: models with their companions, and what only a running training needs."""

import subprocess
import time
from contextlib import suppress
from pathlib import Path

from digits.models import model_card
from digits.page.jobs import runs
from digits.system.child_processes import Starter
from digits.system.files import DRAFT_PREFIX
from digits.system.leftovers import is_in_use, mark_in_use, remove_abandoned_folders

STDERR = ".stderr"  # open for as long as its trainer lives: the mark of a training that is going on
CONTROL, PROBES, PROGRESS = ".control", ".probes.npz", ".progress"
WORK_FILES = (STDERR, PROGRESS, CONTROL, PROBES, ".checkpoint.npz")  # what only a running training needs


def models(folder: Path) -> list[Path]:
    """Return the models that were trained, the latest first."""
    return sorted((path for path in folder.glob("*.h5") if model_card.companions(path).card.is_file()), reverse=True)


def new_name(folder: Path, now: float) -> Path:
    """Return a name for the next model that no file in the folder has: when it was begun (s since 1970)."""
    stamp = time.strftime("%Y-%m-%d %H.%M.%S", time.localtime(now))
    taken = {path.name for path in folder.iterdir()}
    name, count = stamp, 1
    while any(other.startswith(f"{name}.") for other in taken):
        count += 1
        name = f"{stamp} ({count})"
    return folder / f"{name}.h5"


def delete(model: Path) -> None:
    """Delete a model and what belongs to it."""
    others = (model.with_suffix(suffix) for suffix in (".html", ".checkpoint.npz", runs.SUFFIX))
    for path in (model, *model_card.companions(model), *others):
        path.unlink(missing_ok=True)


def marked(starter: Starter) -> Starter:
    """Return a starter whose child's standard error is marked as in use for as long as the child lives."""

    def start(*arguments, stderr, **options) -> subprocess.Popen:
        mark_in_use(stderr)
        return starter(*arguments, stderr=stderr, **options)

    return start


def remove_work_files(model: Path) -> None:
    """Remove what only a running training of a model needs."""
    for suffix in WORK_FILES:
        model.with_suffix(suffix).unlink(missing_ok=True)


def remove_leftovers(folder: Path) -> None:
    """Remove what trainings left that were killed."""
    remove_abandoned_folders(DRAFT_PREFIX, folder)
    with suppress(OSError):
        for path in folder.glob(f"*{STDERR}"):
            if not is_in_use(path):
                remove_work_files(path)
