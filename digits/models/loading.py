"""Loading a model: from a Keras file to a classifier, converted once if needed.

The .tflite file that runs lies beside the Keras file, if the model card says that it belongs to it, or in the user's
cache folder under the Keras file's sha256. If it is in neither place, a child process makes it
(`digits.models.conversion`). One that lies beside the Keras file may come from a stranger, so another child runs it
first (`digits.models.trial`); where that fails, it is as if it were not there.
"""

import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from digits.models.keras_allowlist import check_container
from digits.models.model_card import ModelCard, companions, read_card
from digits.recognition.classifier import Classifier
from digits.system import child_processes
from digits.system.files import UserError, sha256
from digits.system.installed import check_onnx, check_tensorflow
from digits.system.paths import ASSETS, ROOT, user_cache

SHIPPED = ASSETS / "model.h5"
CONVERSION = 2  # of the way of converting: what an earlier one has put into the cache is made anew
CONVERSION_SECONDS = 300  # after which a conversion is given up ...
TRIAL_SECONDS = 30  # ... and the trial of a converted model


class LoadedModel(Classifier):
    """The classifier of a Keras file, calibrated by its model card."""

    def __init__(self, tflite: Path, card: ModelCard):
        super().__init__(tflite, card.temperature, card.least_odds)
        self.card = card


def load(model_path: Path = SHIPPED, before_conversion: Callable[[], None] = lambda: None) -> LoadedModel:
    """Return the classifier of a Keras file; raises UserError.

    before_conversion: called if the file has to be converted first, which takes seconds.
    """
    classifier = load_if_converted(model_path)
    if classifier is None:
        before_conversion()
        classifier = convert(model_path)
    return classifier


def load_if_converted(model_path: Path) -> LoadedModel | None:
    """Return the classifier of a Keras file, or None if it has to be converted first.

    Raises UserError for a file that is missing or clearly no Keras model.
    """
    model_path = Path(model_path)
    digest = _digest(model_path)
    for path in (model_path, _cached(digest)):
        tflite, card_path = companions(path)
        card = read_card(card_path)
        if card.belongs_to(digest, tflite) and _can_run(tflite, card.tflite_sha256):
            return LoadedModel(tflite, card)
    return None


def convert(model_path: Path) -> LoadedModel:
    """Convert a Keras file into the cache, in a child process, and return its classifier; raises UserError."""
    model_path = Path(model_path)
    digest = _digest(model_path)
    tflite, card_path = companions(_cached(digest))
    try:
        tflite.parent.mkdir(parents=True, exist_ok=True)
        run_conversion(model_path, tflite)
    except OSError as error:
        found = f"The converted model cannot be kept in {tflite.parent} ({error.strerror})"
        raise UserError(f"{found}; make that folder writable or set XDG_CACHE_HOME to one that is.") from error
    return LoadedModel(tflite, read_card(card_path))


def export(model_path: Path, suffix: str) -> Path:
    """Write a Keras file in a format for other programs, "onnx", beside it; return that file. Raises UserError."""
    check_onnx()
    output = Path(model_path).with_suffix(f".{suffix}")
    run_conversion(Path(model_path), output)
    return output


def run_conversion(
    model_path: Path, output: Path, runner: Callable = child_processes.run, is_ours: bool = False
) -> None:
    """Run `digits.models.conversion` in a child process and wait for it; raises UserError with what it said.

    is_ours: this project's trainer made the model: it takes pixels as all here do, and gets int8 weights.
    """
    check_tensorflow(f"Converting {model_path.name}")
    files = [str(model_path.resolve()), str(output.resolve())]
    command = [sys.executable, "-m", "digits.models.conversion", *files, "--parent-pipe", *(["--ours"] * is_ours)]
    try:
        child = runner(command, cwd=ROOT, timeout=CONVERSION_SECONDS)
    except subprocess.TimeoutExpired as error:
        found = f"The model {model_path} was not converted in {CONVERSION_SECONDS} s"
        raise UserError(f"{found}; it may be too large for this computer.") from error
    said = child.stderr.decode(errors="replace").strip().splitlines() or ["no reason was given"]
    if child.returncode == 2:
        raise UserError(said[-1])
    if child.returncode == -getattr(signal, "SIGXCPU", 0):
        raise UserError(f"The model {model_path} takes too long to convert; it is too large to be used here.")
    if child.returncode < 0:
        found = f"The converter of {model_path} was ended by signal {-child.returncode}"
        raise UserError(f"{found}, often for lack of memory; close other programs and try again.")
    if child.returncode:
        raise UserError(f"The model {model_path} was not converted: {said[-1]}")


def _can_run(tflite: Path, digest: str) -> bool:
    """Tell whether a converted file of that sha256 can be run here: it was made here, or a child has run it once."""
    if tflite.parent in (ASSETS, user_cache()):
        return True
    tried = user_cache() / f"{digest}.tried"
    if not tried.exists():
        command = [sys.executable, "-m", "digits.models.trial", str(tflite.resolve())]
        try:
            code = child_processes.run(command, cwd=ROOT, timeout=TRIAL_SECONDS).returncode
        except (OSError, subprocess.TimeoutExpired):
            return False
        if code:
            return False
        with suppress(OSError):  # then it is tried again the next time
            tried.parent.mkdir(parents=True, exist_ok=True)
            tried.touch()
    return True


def _digest(model_path: Path) -> str:
    check_container(model_path)
    return sha256(model_path)


def _cached(digest: str) -> Path:
    return user_cache() / f"{digest}-{CONVERSION}.h5"
