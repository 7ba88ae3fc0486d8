"""Train a convolutional network on MNIST with stochastic gradient descent.

    python handwriting.py              trains and reports
    python handwriting.py model.h5     also saves model.h5, model.tflite and model.json

The network is six 3x3 convolutions with batch normalisation; the recipe is SGD with Nesterov momentum and a
learning rate that rises and falls once. Every epoch sees MNIST distorted anew (`digits.augment`), with the
habits that MNIST lacks (`digits.habits`). The last 5,000 training digits are held out: they choose the epoch
that is kept and the calibration temperature. The test digits choose nothing.

With --progress FILE one JSON line is appended at the start, after every epoch and at the end:
    {"event": "start", "epochs": 13, "batch_size": 128, "learning_rate": 0.2, "seed": 1}
    {"event": "epoch", "epoch": 1, "loss": ..., "accuracy": ..., "validation_loss": ..., "validation_accuracy": ...,
     "seconds": ...}
    {"event": "end", "status": "finished" or "interrupted", "saved": ["model.h5", ...], "test_accuracy": ...}
Ctrl-C ends the training and keeps the best epoch so far.
"""

import argparse
import logging
import os
import platform
import sys
import time
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from digits import augment, calibration, card, dataset, habits, ink, models, session
from digits.files import UserError, check_writable, replacing, sha256
from digits.quiet import native_stderr_silenced
from digits.results import append_record

CHANNELS = (32, 64, 128)  # of the convolutions at 28x28, 14x14 and 7x7 pixels, two each
MOMENTUM = 0.9
WEIGHT_DECAY = 5e-4
WARM_UP = 0.2  # share of the training during which the learning rate rises
VALIDATION_DIGITS = 5000


@dataclass
class Recipe:
    """What the command line can change about a training."""

    epochs: int = 13
    batch_size: int = 128
    learning_rate: float = 0.1  # at its peak
    seed: int = 1


@dataclass
class History:
    """What every epoch came to; accuracies in [0, 1]."""

    loss: list[float] = field(default_factory=list)
    accuracy: list[float] = field(default_factory=list)
    validation_loss: list[float] = field(default_factory=list)
    validation_accuracy: list[float] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)


def main(argv: list[str] | None = None) -> int:
    """Parse, check, train, evaluate and save; return the exit code."""
    arguments = parse(argv)
    if arguments.parent_pipe:
        session.end_with_parent(session.interrupt)
    recipe = Recipe(arguments.epochs, arguments.batch_size, arguments.learning_rate, arguments.seed)
    try:
        check_outputs(arguments.model, arguments.progress)
        digits = dataset.load(arguments.data)
        return run(digits, recipe, arguments.model, Progress(arguments.progress))
    except UserError as error:
        print(f"handwriting.py: {error}", file=sys.stderr)
        return 2


def parse(argv: list[str] | None) -> argparse.Namespace:
    """Return the checked command line."""
    parser = argparse.ArgumentParser(description="Train a digit recogniser on MNIST with SGD.")
    parser.add_argument("model", nargs="?", type=Path, help="save to this .h5 or .keras file (default: save nothing)")
    parser.add_argument("--data", type=Path, metavar="FILE", help="mnist.npz (default: Keras' cache, or a download)")
    parser.add_argument("--epochs", type=_positive(int), default=Recipe.epochs, help="default: %(default)s")
    parser.add_argument("--batch-size", type=_positive(int), default=Recipe.batch_size, help="default: %(default)s")
    parser.add_argument(
        "--learning-rate", type=_positive(float), default=Recipe.learning_rate, help="at its peak; default: %(default)s"
    )
    parser.add_argument("--seed", type=_seed, default=Recipe.seed, help="default: %(default)s")
    parser.add_argument("--progress", type=Path, metavar="FILE", help="append one JSON line per epoch to this file")
    parser.add_argument("--parent-pipe", action="store_true", help="stop like Ctrl-C when standard input closes")
    return parser.parse_args(argv)


def check_outputs(model_path: Path | None, progress_path: Path | None) -> None:
    """Raise UserError, before anything slow, where the results could not be saved."""
    if model_path is not None:
        if model_path.suffix not in card.MODEL_SUFFIXES:
            raise UserError(f"{model_path} does not end in .h5 or .keras; name the model like model.h5.")
        for path in (model_path, *card.companions(model_path)):
            check_writable(path, "model")
    if progress_path is not None:
        check_writable(progress_path, "progress")


def run(digits: dataset.Dataset, recipe: Recipe, model_path: Path | None, progress: "Progress") -> int:
    """Train, report and save; return 0, or 130 after Ctrl-C."""
    prepare_keras(recipe.seed)
    training, validation = split(digits)
    model = build_model()
    progress.start(recipe)
    history, finished = train(model, training, validation, recipe, progress.epoch)
    if not history.loss:
        print("Stopped before the first epoch was done; nothing was saved.")
        progress.end("interrupted", [], None)
        return 130
    test_accuracy = evaluate(model, digits.test_images, digits.test_labels)[1]
    print(f"Test accuracy {test_accuracy:.2%} on {len(digits.test_labels):,} digits.")
    saved = []
    if model_path is not None:
        temperature = calibration.fit_temperature(predict(model, validation[0]), validation[1])
        saved = save(model, model_path, describe(model, recipe, history, test_accuracy, temperature))
    print(f"Saved {', '.join(map(str, saved))}." if saved else "Nothing was saved: no model file was named.")
    progress.end("finished" if finished else "interrupted", saved, test_accuracy)
    return 0 if finished else 130


def prepare_keras(seed: int) -> None:
    """Import Keras, quietly, and make its random numbers and its arithmetic repeatable."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("TF_DETERMINISTIC_OPS", "1")
    with native_stderr_silenced():
        import keras  # here and not on top: it takes seconds, and mistakes are reported before

    logging.getLogger("absl").setLevel(logging.ERROR)  # Keras calls HDF5 "legacy" at every save
    keras.utils.set_random_seed(seed)


def split(digits: dataset.Dataset) -> tuple[tuple[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]:
    """Return (images, labels) for training and for validation; a small set gives a tenth for validation."""
    held_out = min(VALIDATION_DIGITS, max(1, len(digits.train_labels) // 10))
    images, labels = digits.train_images, digits.train_labels
    return (images[:-held_out], labels[:-held_out]), (images[-held_out:], labels[-held_out:])


def build_model():
    """Return the untrained network: float32 (n, 28, 28, 1) in [0, 1] -> probabilities (n, 10)."""
    import keras
    from keras import layers

    model = keras.Sequential([keras.Input((ink.SIZE, ink.SIZE, 1))])
    for block, channels in enumerate(CHANNELS):
        if block:
            model.add(layers.MaxPooling2D())
        for _ in range(2):
            model.add(layers.Conv2D(channels, 3, padding="same", use_bias=False, kernel_initializer="he_normal"))
            model.add(layers.BatchNormalization())
            model.add(layers.ReLU())
    model.add(layers.GlobalAveragePooling2D())
    model.add(layers.Dense(10, activation="softmax"))
    return model


def compile_model(model, recipe: Recipe, num_digits: int) -> None:
    """Give the model SGD with Nesterov momentum and one cycle of the learning rate, up and down to zero.

    One cycle: Smith and Topin, "Super-convergence", 2018.
    """
    import keras

    steps = recipe.epochs * -(-num_digits // recipe.batch_size)
    warm_up = max(1, int(WARM_UP * steps))
    schedule = keras.optimizers.schedules.CosineDecay(
        recipe.learning_rate / 10, max(1, steps - warm_up), warmup_target=recipe.learning_rate, warmup_steps=warm_up
    )
    optimizer = keras.optimizers.SGD(schedule, momentum=MOMENTUM, nesterov=True, weight_decay=WEIGHT_DECAY)
    model.compile(optimizer, loss="sparse_categorical_crossentropy", metrics=["accuracy"])


def train(model, training, validation, recipe: Recipe, on_epoch) -> tuple[History, bool]:
    """Fit the model and leave it with the weights of the epoch of the lowest validation loss.

    Returns the history and whether all epochs ran (Ctrl-C ends them early).
    """
    images, labels = training
    compile_model(model, recipe, len(labels))
    history, best = History(), None
    try:
        for epoch in range(recipe.epochs):
            started = time.monotonic()
            shown, targets = distorted(images, labels, np.random.default_rng([recipe.seed, epoch]))
            fit = model.fit(ink.network_input(shown), targets, recipe.batch_size, shuffle=False, verbose=0)
            loss, accuracy = evaluate(model, *validation)
            if loss <= min(history.validation_loss, default=loss):
                best = model.get_weights()
            history.loss.append(fit.history["loss"][0])
            history.accuracy.append(fit.history["accuracy"][0])
            history.validation_loss.append(loss)
            history.validation_accuracy.append(accuracy)
            history.seconds.append(time.monotonic() - started)
            on_epoch(history)
    except KeyboardInterrupt:
        print("\nStopped.", flush=True)
    if best is not None:
        model.set_weights(best)
    return history, len(history.loss) == recipe.epochs


def distorted(images: np.ndarray, labels: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Return all digits in a new order, each with new habits and distortions."""
    order = rng.permutation(len(labels))
    images, labels = habits.add_habits(images[order], labels[order], rng), labels[order]
    chunks = np.array_split(images, max(1, len(images) // 500))  # small enough for the processor's cache
    return np.concatenate([augment.distort(chunk, rng) for chunk in chunks]), labels


def evaluate(model, images: np.ndarray, labels: np.ndarray) -> tuple[float, float]:
    """Return the mean cross-entropy and the accuracy on undistorted digits."""
    probabilities = predict(model, images)
    right = probabilities[np.arange(len(labels)), labels]
    return float(-np.log(right + 1e-12).mean()), float((probabilities.argmax(axis=1) == labels).mean())


def predict(model, images: np.ndarray) -> np.ndarray:
    """Return the probabilities float32 (n, 10) of pictures uint8 (n, 28, 28)."""
    return model.predict(ink.network_input(images), batch_size=500, verbose=0)


def describe(model, recipe: Recipe, history: History, test_accuracy: float, temperature: float) -> dict:
    """Return the entries of the model card."""
    import keras

    return {
        "temperature": temperature,
        "test_accuracy": test_accuracy,
        "validation_accuracy": history.validation_accuracy[int(np.argmin(history.validation_loss))],
        "parameters": model.count_params(),
        "recipe": asdict(recipe),
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "versions": {"python": platform.python_version(), "keras": keras.__version__, "numpy": np.__version__},
        "backend": keras.backend.backend(),
        "history": {name: [round(value, 5) for value in values] for name, values in asdict(history).items()},
    }


def save(model, model_path: Path, entries: dict) -> list[str]:
    """Write the Keras file, its .tflite and its card, each whole or not at all; return their names."""
    tflite, card_path = card.companions(model_path)
    try:
        with replacing(model_path) as draft:
            without_optimizer(model).save(draft)
        models.run_conversion(model_path, tflite)
        card.write_card(card_path, sha256(model_path), tflite, entries)
    except OSError as error:
        reason = error.strerror or str(error)
        raise UserError(f"The model could not be saved to {model_path} ({reason}); the old file is whole.") from error
    return [str(model_path), str(tflite), str(card_path)]


def without_optimizer(model):
    """Return the network without the optimizer's state, which is as large again."""
    network = build_model()
    network.set_weights(model.get_weights())
    return network


class Progress:
    """Tells the terminal, and the progress file where there is one, how the training goes."""

    def __init__(self, path: Path | None, clock=time.monotonic):
        self._path = path
        self._clock = clock

    def start(self, recipe: Recipe) -> None:
        """Report what is about to happen."""
        self._recipe, self._started = recipe, self._clock()
        self._record("start", **asdict(recipe))

    def epoch(self, history: History) -> None:
        """Report the last epoch of the history."""
        done, last = len(history.loss), {name: values[-1] for name, values in asdict(history).items()}
        left = (self._clock() - self._started) / done * (self._recipe.epochs - done)
        print(
            f"epoch {done:>{len(str(self._recipe.epochs))}}/{self._recipe.epochs}  loss {last['loss']:.4f}"
            f"  accuracy {last['accuracy']:.2%}  validation {last['validation_accuracy']:.2%}"
            f"  {last['seconds']:.0f} s, {left / 60:.1f} min left",
            flush=True,
        )
        self._record("epoch", epoch=done, **last)

    def end(self, status: str, saved: list[str], test_accuracy: float | None) -> None:
        """Report how it ended."""
        self._record("end", status=status, saved=saved, test_accuracy=test_accuracy)

    def _record(self, event: str, **values) -> None:
        if self._path is not None:
            append_record(self._path, {"event": event, "time": time.time(), **values})


def _positive(kind: type):
    def parse_positive(text: str):
        try:
            value = kind(text)
        except ValueError:
            value = 0
        if not 0 < value < float("inf"):
            expected = "a whole number above 0" if kind is int else "a number above 0"
            raise argparse.ArgumentTypeError(f"{text!r} is not {expected}")
        return value

    return parse_positive


def _seed(text: str) -> int:
    if not text.isdecimal() or int(text) >= 2**32:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number of 0 to 4294967295")
    return int(text)


if __name__ == "__main__":
    raise SystemExit(main())
