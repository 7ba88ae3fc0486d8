"""What a training leaves behind: a calibrated model, its model card and its converted file."""

import os
import platform
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

import numpy as np

from digits.models import conversion, loading, model_card
from digits.models.evaluation import confusion_matrix
from digits.recognition import calibration
from digits.recognition.classifier import Interpreter
from digits.system import process_pool
from digits.system.files import UserError, replacing, sha256
from digits.system.output import print_error
from digits.training import synthetic_digits
from digits.training.command_line import Options
from digits.training.configuration import Configuration
from digits.training.epoch_data import make_digits
from digits.training.keras_model import Predictor, predict
from digits.training.mnist import Dataset, split
from digits.training.progress import Epoch, History, Progress, best_epoch, print_line
from digits.training.results import checkpoint

CALIBRATED = 1000  # validation digits on which a network is calibrated that is small or was trained on own drawings
DOUBT_DIGITS = 4  # drawn from templates for each validation digit; the least clear ones tell when to doubt


class Savable(Protocol):
    """A Keras model that can be written to a file."""

    def save(self, filepath: Path, /) -> None:
        """Write the model; the suffix chooses the format."""
        ...


class TrainedNetwork(Predictor, Savable, Protocol):
    """A Keras model that can be tested and saved."""

    def count_params(self) -> int:
        """Return the number of weights."""
        ...


class Converted:
    """A .tflite file that answers batches, as a Keras model does, on all cores."""

    def __init__(self, tflite: Path):
        self._interpreter = Interpreter(tflite.read_bytes())

    def predict_on_batch(self, x: np.ndarray, /) -> np.ndarray:
        """Return the probabilities float32 (n, 10) of images float32 (n, 28, 28, 1) in [0, 1]."""
        parts = np.array_split(x, process_pool.CORES)
        return np.concatenate(process_pool.spread(_answer, [self._interpreter] * len(parts), parts))


def finish(
    network: TrainedNetwork,
    digits: Dataset,
    options: Options,
    history: History,
    progress: Progress,
    origin: Mapping[str, object],
) -> str:
    """Test the trained network, calibrate and save it, and report; return "finished", "interrupted" or "failed".

    origin: further entries of the model card.
    """
    configuration = options.configuration
    is_finished = len(history.epochs) == configuration.epochs and not history.is_stopped
    if not is_finished:
        print_line("\nStopped; the best epoch so far is tested" + (" and saved." if options.model else "."))
    progress.phase("testing")
    answers = predict(network, digits.test_images).argmax(axis=1)
    confusion = confusion_matrix(digits.test_labels, answers)
    test_accuracy = float(np.trace(confusion) / len(answers))
    print_line(f"Test accuracy {test_accuracy:.2%} on {len(digits.test_labels):,} digits.")
    saved = []
    if options.model:
        entries = card_entries(configuration, history.epochs, test_accuracy, network.count_params())
        at_most = CALIBRATED if configuration.network == "small" else None
        images, labels = split(digits)[1]

        def describe(converted: Predictor) -> dict:
            few = images[:at_most], labels[:at_most]
            counted = {"confusion": confusion.tolist()}
            return calibrate(converted, few, configuration) | dict(origin) | entries | counted

        progress.phase("saving")
        saved = save(network, options.model, describe)
        if is_finished:
            checkpoint.beside(options.model).unlink(missing_ok=True)
        elif checkpoint.beside(options.model).is_file():
            print_line("Continue with: python handwriting.py --resume, with the same options.")
    print_line(f"Saved {', '.join(saved)}." if saved else "Nothing was saved: no model file was named.")
    status = "failed" if len(saved) == 1 else "finished" if is_finished else "interrupted"
    progress.end(status, saved, test_accuracy)
    return status


def finish_own(
    network: TrainedNetwork,
    digits: Dataset,
    options: Options,
    epochs: Sequence[Epoch],
    test_accuracy: float,
    progress: Progress,
    origin: Mapping[str, object],
) -> str:
    """Calibrate and save a network that was trained on own drawings, and report; return "finished" or "failed".

    It is calibrated on other people's digits: their labels are known to be right, and own drawings are few.
    """
    entries = card_entries(options.configuration, epochs, test_accuracy, network.count_params())
    images, labels = split(digits)[1]

    def describe(converted: Predictor) -> dict:
        few = images[:CALIBRATED], labels[:CALIBRATED]
        return calibrate(converted, few, options.configuration) | dict(origin) | entries

    progress.phase("saving")
    saved = save(network, options.model, describe) if options.model else []
    print_line(f"Saved {', '.join(saved)}.")
    status = "failed" if len(saved) == 1 else "finished"
    progress.end(status, saved, test_accuracy)
    return status


def calibrate(
    model: Predictor, validation: tuple[np.ndarray, np.ndarray], configuration: Configuration
) -> dict[str, float]:
    """Return the card's "temperature" and "least_odds", chosen on digits that were not trained on.

    The temperature: on the validation digits, plain and distorted. The odds: on new digits from templates, which are
    as varied as people's.
    """
    rng = np.random.default_rng([configuration.seed, configuration.epochs])
    images, labels = map(np.concatenate, zip(validation, make_digits(*validation, rng, configuration), strict=True))
    temperature = calibration.fit_temperature(predict(model, images), labels)
    drawn = synthetic_digits.draw(synthetic_digits.choose(DOUBT_DIGITS * len(validation[1]), rng), rng)
    odds = calibration.odds(calibration.soften(predict(model, drawn), temperature))
    return {"temperature": temperature, "least_odds": calibration.least_odds(odds)}


def card_entries(configuration: Configuration, epochs: Sequence[Epoch], test_accuracy: float, parameters: int) -> dict:
    """Return what the model card says about a training and its result; `parameters` is the number of weights."""
    import keras

    return {
        "test_accuracy": test_accuracy,
        "validation_accuracy": best_epoch(epochs).validation_accuracy,
        "parameters": parameters,
        "recipe": asdict(configuration),
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "versions": {"python": platform.python_version(), "keras": keras.__version__, "numpy": np.__version__},
        "backend": keras.backend.backend(),
        "processors": os.cpu_count(),
        "history": {name: [round(asdict(epoch)[name], 5) for epoch in epochs] for name in asdict(epochs[0])},
    }


def save(network: Savable, model_path: Path, describe: Callable[[Predictor], dict]) -> list[str]:
    """Write the Keras file, its .tflite and its card, each whole or not at all; return the names of those written.

    describe: returns the card's entries for the converted model. It is that one which is calibrated, since it is the
    one that answers, and with weights in eight bits it is a little less or more sure than the network.
    Raises UserError if the Keras file cannot be written. It is of use without the other two (`digits.models.loading`
    converts it when it is named), so their failure is only reported.
    """
    tflite, card_path = model_card.companions(model_path)
    try:
        with replacing(model_path) as draft:
            network.save(draft)
    except (OSError, RuntimeError) as error:  # RuntimeError: HDF5 that cannot close its file
        found = f"The model could not be saved to {model_path} ({_reason(error)})"
        raise UserError(f"{found}; the file that was there before is unchanged. Make room and train again.") from error
    try:
        _convert(model_path, tflite)
        model_card.write_card(card_path, sha256(model_path), tflite, describe(Converted(tflite)))
    except (OSError, UserError) as error:
        print_error("handwriting.py", f"{tflite.name} and {card_path.name} were not saved: {_reason(error)}")
        return [str(model_path)]
    return [str(model_path), str(tflite), str(card_path)]


def _convert(model_path: Path, tflite: Path) -> None:
    """Convert a saved model; in a child process, unless Keras runs on TensorFlow here, which takes seconds to start."""
    keras = sys.modules.get("keras")
    if keras and keras.backend.backend() == "tensorflow":
        conversion.convert(model_path, tflite, is_ours=True)
    else:
        loading.run_conversion(model_path, tflite, is_ours=True)


def _answer(interpreter: Interpreter, images: np.ndarray) -> np.ndarray:
    answers = [interpreter(image[None]) for image in images]
    return np.concatenate(answers) if answers else np.empty((0, 10), np.float32)


def _reason(error: Exception) -> str:
    """Return why a file could not be written, in HDF5's case without the rest of what it says."""
    of_hdf5 = re.search("error message = '(.*?)'", str(error))
    return of_hdf5[1] if of_hdf5 else getattr(error, "strerror", None) or str(error)
