"""Train a convolutional network on MNIST with stochastic gradient descent.

    python handwriting.py              trains and reports
    python handwriting.py model.h5     also saves model.h5, model.tflite and model.json
    python handwriting.py --epochs 3 --digits 5000     learns from fewer digits: quick, and not so good
    python handwriting.py --resume model.h5     goes on with a training of model.h5 that was interrupted
    python handwriting.py better.h5 --start model.h5 --epochs 4 --learning-rate 0.03     trains model.h5 further
    python handwriting.py --report model.h5     trains nothing and writes model.html: how it learned, where it fails

The network is nine 3x3 convolutions with batch normalisation; the recipe is SGD with Nesterov momentum and a
learning rate that rises and falls once. Every epoch sees MNIST distorted anew (`digits.training.augmentation`), with habits that
MNIST lacks (`digits.training.style_augmentation`), beside digits drawn from templates (`digits.training.synthetic_digits`) and pictures that are no digit
(`digits.training.outliers`), for which no answer is right. The last 5,000 training digits are held out: they choose the epoch
that is kept, the calibration temperature and when an answer is in doubt. The test digits choose nothing.

Measured: the model in `assets/` has 381,418 weights and reads 99.71 % of MNIST's test digits, two others that this
recipe made 99.55 and 99.61 % (`benchmarks.recognition.accuracy`). Of the seeds 1, 2 and 3 it is the last, the best on the
validation digits. One epoch of 30,000 digits, a minute on two cores, comes to 99.1 or 99.2 %
(`benchmarks.training.training_time`).

With --progress FILE one JSON line is appended at the start, after every epoch and at the end:
    {"event": "start", "epochs": 12, "batch_size": 128, "learning_rate": 0.1, "seed": 1, "digits": null}
    {"event": "epoch", "epoch": 1, "loss": ..., "accuracy": ..., "validation_loss": ..., "validation_accuracy": ...,
     "distorted_accuracy": ..., "seconds": ...}
    {"event": "end", "status": "finished", "interrupted" or "failed", "saved": ["model.h5", ...], "test_accuracy": ...}
Losses and accuracies are those of undistorted digits, as many for training as for validation; the distorted ones are
validation digits too.
Ctrl-C ends the training and saves the best epoch so far. A checkpoint is kept beside the model until the training is
finished, so that --resume goes on after whatever ended it. Exit code 0, 130 after Ctrl-C, 2 with one sentence
on standard error for what the user can mend.
"""

import argparse
import logging
import os
import platform
import random
import re
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from digits.drawing import ink
from digits.models import conversion, loading, model_card, report
from digits.models.keras_allowlist import check_config, check_container
from digits.recognition import calibration
from digits.system import child_processes, process_pool
from digits.system.files import UserError, check_writable, replacing, sha256
from digits.system.native_stderr import native_stderr_silenced
from digits.training import augmentation, checkpoint, mnist, outliers, style_augmentation, synthetic_digits
from digits.training.progress import Progress, say

CHANNELS = (32, 64, 96)  # of the convolutions at 28x28, 14x14 and 7x7 pixels ...
CONVOLUTIONS = 3  # ... and how many of them there are at each size
DROPOUT = 0.3
NORMALIZATION_MOMENTUM = 0.9  # Keras' 0.99 lags behind the weights: after a short epoch it describes other ones
MOMENTUM = 0.9
WEIGHT_DECAY = 5e-4
WARM_UP = 0.2  # share of the training during which the learning rate rises
VALIDATION_DIGITS = 5000
TEMPLATE_SHARE = 0.3  # digits drawn from templates, for each MNIST digit
NONDIGIT_SHARE = 0.08  # pictures that are no digit, for each MNIST digit
PART = 4000  # MNIST digits, about, that one process distorts at a time
DOUBT_DIGITS = 4  # from templates, for each validation digit; the least clear ones tell when to doubt
EXIT_CODES = {"finished": 0, "failed": 2, "interrupted": 130}
LARGEST_NUMBER = 1_000_000  # that the command line takes, for epochs and the like


@dataclass
class Recipe:
    """What the command line can change about a training."""

    epochs: int = 12
    batch_size: int = 128
    learning_rate: float = 0.1  # at its peak
    seed: int = 1
    digits: int | None = None  # of the training digits the first so many; None: all that are not held out


@dataclass(frozen=True)
class Epoch:
    """What one pass over the training digits came to; losses are mean cross-entropies, accuracies in [0, 1].

    The first four are of undistorted digits: distorted ones would make training look worse than validation. The fifth
    is of the validation digits as the training shows them, distorted and with some from templates among them.
    """

    loss: float
    accuracy: float
    validation_loss: float
    validation_accuracy: float
    distorted_accuracy: float
    seconds: float


@dataclass(frozen=True)
class Course:
    """How far a training has come: its epochs, and the weights of the best of them, None before the first."""

    epochs: tuple[Epoch, ...] = ()
    weights: list[np.ndarray] | None = None


def main(argv: list[str] | None = None) -> int:
    """Parse, check, train, evaluate and save; return the exit code."""
    arguments = parse(argv)
    if arguments.parent_pipe:
        signal.signal(signal.SIGINT, signal.default_int_handler)  # a parent in the background passes on "ignore"
        child_processes.end_with_parent(child_processes.interrupt)
    recipe = Recipe(arguments.epochs, arguments.batch_size, arguments.learning_rate, arguments.seed, arguments.digits)
    progress = Progress(arguments.progress)
    try:
        if arguments.report:
            check_container(arguments.model)
        else:
            check_outputs(arguments.model, arguments.progress, mnist.find(arguments.data))
            if arguments.start:
                check_container(arguments.start)
                check_config(arguments.start)
            begun = read_checkpoint(arguments.model, recipe) if arguments.resume else None
        digits = mnist.load(arguments.data)
        if arguments.report:
            say(f"Wrote {report.write(arguments.model, digits.test_images, digits.test_labels)}.")
            return EXIT_CODES["finished"]
        return run(digits, recipe, arguments.model, progress, begun, arguments.start)
    except UserError as error:
        print(f"handwriting.py: {error}", file=sys.stderr)
        progress.end("failed", [], None)
        return EXIT_CODES["failed"]
    except KeyboardInterrupt:
        say("\nStopped; nothing was saved.")
        progress.end("interrupted", [], None)
        return EXIT_CODES["interrupted"]


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
    parser.add_argument("--digits", type=_positive(int), help="train on the first so many (default: all)")
    parser.add_argument(
        "--start", type=Path, metavar="MODEL", help="begin with the weights of this model, not at random"
    )
    parser.add_argument("--progress", type=Path, metavar="FILE", help="append one JSON line per epoch to this file")
    parser.add_argument("--parent-pipe", action="store_true", help="stop like Ctrl-C when standard input closes")
    parser.add_argument("--report", action="store_true", help="train nothing; write a page on the model, as .html")
    parser.add_argument("--resume", action="store_true", help="go on with an interrupted training of this model")
    arguments = parser.parse_args(argv)
    for option in ("report", "resume"):
        if getattr(arguments, option) and arguments.model is None:
            parser.error(f"--{option} needs a model, such as: python handwriting.py --{option} model.h5")
    if arguments.report and (arguments.start or arguments.resume):
        parser.error("--report trains nothing; leave out --start and --resume")
    return arguments


def check_outputs(model_path: Path | None, progress_path: Path | None, data_path: Path | None) -> None:
    """Raise UserError, before anything slow, where the results could not be saved or would destroy something."""
    outputs = []
    if model_path is not None:
        if model_path.suffix not in model_card.MODEL_SUFFIXES:
            raise UserError(f"{model_path} does not end in .h5 or .keras; name the model like model.h5.")
        outputs = [model_path, *model_card.companions(model_path), checkpoint.beside(model_path)]
        for path in outputs:
            check_writable(path, "model")
        card_path = model_card.companions(model_path).card
        if card_path.exists() and model_card.read_card(card_path).is_empty:
            raise UserError(f"{card_path} is no model card and would be overwritten; move it or name another model.")
    if progress_path is not None:
        check_writable(progress_path, "progress")
        if progress_path.resolve() in [path.resolve() for path in (*outputs, data_path) if path]:
            raise UserError(f"{progress_path} is the model or the data; name another file for the progress.")


def run(
    digits: mnist.Dataset,
    recipe: Recipe,
    model_path: Path | None,
    progress: Progress,
    begun: checkpoint.Checkpoint | None = None,
    start: Path | None = None,
) -> int:
    """Train, from random weights, another model's or a checkpoint, report and save; return the exit code."""
    prepare_keras(recipe.seed)
    training, validation = split(digits, recipe.digits)
    model = build_model()
    origin = begin_with(model, start) if start else {}
    compile_model(model, recipe, len(training[1]))
    course = restore(model, begun) if begun else Course()
    progress.start(recipe, len(course.epochs))

    def on_epoch(course: Course) -> None:
        if model_path is not None:
            keep_checkpoint(model, recipe, course, model_path)
        progress.epoch(course.epochs)

    course = train(model, training, validation, recipe, on_epoch, course)
    with uninterruptible():
        if len(course.epochs) < recipe.epochs:  # under JAX, an interrupted fit leaves a model that cannot answer
            model = without_optimizer(model)
        return finish(model, digits, recipe, course, model_path, progress, origin)


def begin_with(model, start: Path) -> dict[str, str]:
    """Give the model a saved one's weights and return the card's entry on it; raises UserError for another network."""
    weights = conversion.load_model(start).get_weights()
    if [each.shape for each in weights] != [each.shape for each in model.get_weights()]:
        raise UserError(f"{start} is another network than this trainer's; give --start a model that it has saved.")
    model.set_weights(weights)
    return {"started_from": sha256(start)}


def finish(
    model, digits, recipe: Recipe, course: Course, model_path: Path | None, progress: Progress, origin: dict[str, str]
) -> int:
    """Test the trained model, say how good it is, and save it; return the exit code."""
    is_finished = len(course.epochs) == recipe.epochs
    if not is_finished:
        say("\nStopped; the best epoch so far is tested" + (" and saved." if model_path else "."))
    test_accuracy = evaluate(model, digits.test_images, digits.test_labels)[1]
    say(f"Test accuracy {test_accuracy:.2%} on {len(digits.test_labels):,} digits.")
    saved = []
    if model_path is not None:
        confidence = calibrate(model, split(digits)[1], recipe)
        about = describe(model, recipe, course.epochs, test_accuracy, confidence | origin)
        saved = save(model, model_path, about)
        if is_finished:
            checkpoint.beside(model_path).unlink(missing_ok=True)
        else:
            say("Go on with: python handwriting.py --resume, with the same options.")
    say(f"Saved {', '.join(saved)}." if saved else "Nothing was saved: no model file was named.")
    status = "failed" if len(saved) == 1 else "finished" if is_finished else "interrupted"
    progress.end(status, saved, test_accuracy)
    return EXIT_CODES[status]


@contextmanager
def uninterruptible() -> Iterator[None]:
    """Let a second Ctrl-C, or one that comes late, not cost the user the model."""
    handler = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, handler)


def prepare_keras(seed: int) -> None:
    """Import Keras, quietly, and make its random numbers and its arithmetic repeatable."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("TF_DETERMINISTIC_OPS", "1")
    try:
        with native_stderr_silenced():
            import keras  # here and not on top: it takes seconds, and mistakes are reported before
    except (ImportError, ValueError) as error:  # ValueError: a KERAS_BACKEND that Keras does not know
        command = "pip install -r requirements.txt"
        raise UserError(f"Keras cannot be imported ({error}); run {command} and look at KERAS_BACKEND.") from error

    for name in ("absl", "tensorflow"):  # Keras calls HDF5 "legacy" at every save, TensorFlow counts its compilations
        logging.getLogger(name).setLevel(logging.ERROR)
    with native_stderr_silenced():
        keras.utils.set_random_seed(seed)  # beside another backend, this imports TensorFlow


def split(
    digits: mnist.Dataset, at_most: int | None = None
) -> tuple[tuple[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]:
    """Return (images, labels) for training and for validation; a small set gives a tenth for validation.

    The validation digits are the same ones however few are trained on.
    """
    held_out = min(VALIDATION_DIGITS, max(1, len(digits.train_labels) // 10))
    images, labels = digits.train_images, digits.train_labels
    return (images[:-held_out][:at_most], labels[:-held_out][:at_most]), (images[-held_out:], labels[-held_out:])


def build_model(to_train: bool = True):
    """Return the untrained network: float32 (n, 28, 28, 1) in [0, 1] -> probabilities (n, 10).

    One to be trained gives its loss the logits instead: a probability that has become 0 teaches nothing. The other
    is made of plain layers, which any program loads.
    """
    import keras
    from keras import layers

    class SoftmaxOutsideTraining(layers.Softmax):
        def call(self, logits, training=None):
            return logits if training else super().call(logits)

    model = keras.Sequential([keras.Input((ink.SIZE, ink.SIZE, 1))])
    for block, channels in enumerate(CHANNELS):
        if block:
            model.add(layers.MaxPooling2D())
        for _ in range(CONVOLUTIONS):
            model.add(layers.Conv2D(channels, 3, padding="same", use_bias=False, kernel_initializer="he_normal"))
            model.add(layers.BatchNormalization(momentum=NORMALIZATION_MOMENTUM))
            model.add(layers.ReLU())
    model.add(layers.Flatten())  # and no pooling over places: where a stroke lies tells a 4 from a 9
    # Without a seed, PyTorch would draw from its own random numbers, which no checkpoint holds.
    model.add(layers.Dropout(DROPOUT, seed=random.randint(1, 10**9)))
    for layer in [layers.Dense(10), SoftmaxOutsideTraining()] if to_train else [layers.Dense(10, activation="softmax")]:
        model.add(layer)
    return model


def compile_model(model, recipe: Recipe, num_digits: int) -> None:
    """Give the model SGD with Nesterov momentum and one cycle of the learning rate, up and down to zero.

    One cycle: Smith and Topin, "Super-convergence", 2018.
    """
    import keras

    steps = recipe.epochs * max(1, pictures_per_epoch(num_digits) // recipe.batch_size)
    warm_up = max(1, int(WARM_UP * steps))
    schedule = keras.optimizers.schedules.CosineDecay(
        recipe.learning_rate / 10, max(1, steps - warm_up), warmup_target=recipe.learning_rate, warmup_steps=warm_up
    )
    optimizer = keras.optimizers.SGD(schedule, momentum=MOMENTUM, nesterov=True, weight_decay=WEIGHT_DECAY)
    model.compile(optimizer, loss=keras.losses.CategoricalCrossentropy(from_logits=True))


def train(model, training, validation, recipe: Recipe, on_epoch: Callable, course: Course = Course()) -> Course:
    """Fit the compiled model, and leave it with the weights of the epoch that did best on the validation digits.

    Returns the course to its end; Ctrl-C ends it early, and rises only before the first epoch is done.
    Raises UserError when the loss is not a number any more.
    """
    try:
        for number in range(len(course.epochs) + 1, recipe.epochs + 1):
            epoch = train_epoch(model, training, validation, recipe, number)
            epochs = (*course.epochs, epoch)
            weights = model.get_weights() if epoch is best_epoch(epochs) else course.weights
            course = Course(epochs, weights)  # assigned as one, so that Ctrl-C finds the two together
            on_epoch(course)
    except KeyboardInterrupt:
        if not course.epochs:
            raise
    with uninterruptible():
        model.set_weights(course.weights)
    return course


def train_epoch(model, training, validation, recipe: Recipe, number: int) -> Epoch:
    """Show the model all training digits once, distorted anew, and judge it by undistorted ones."""
    started = time.monotonic()
    pictures, targets = distorted(*training, np.random.default_rng([recipe.seed, number - 1]))
    if not np.isfinite(fit(model, pictures, targets, recipe.batch_size)):
        raise UserError(f"The loss of epoch {number} is not a number; give a lower --learning-rate.")
    shown = (array[: len(validation[1])] for array in training)
    anew = as_people_write(*validation, np.random.default_rng(recipe.seed))  # the same ones after every epoch
    judged = *evaluate(model, *shown), *evaluate(model, *validation), evaluate(model, *anew)[1]
    return Epoch(*judged, time.monotonic() - started)


def fit(model, pictures: np.ndarray, targets: np.ndarray, batch_size: int) -> float:
    """Train the model on pictures uint8 (n, 28, 28) and targets (n, 10), batch by batch; return the mean loss.

    `model.fit` would do the same, but makes TensorFlow set up a pipeline of data for each call, whose end may wait for
    a thread that sleeps up to a minute.
    """
    batch_size = min(batch_size, len(targets))
    model.reset_metrics()
    for end in range(batch_size, len(targets) + 1, batch_size):  # a last batch of a few would derail the normalisation
        batch = slice(end - batch_size, end)
        logs = model.train_on_batch(ink.network_input(pictures[batch]), targets[batch], return_dict=True)
    return float(logs["loss"])


def best_epoch(epochs: Sequence[Epoch]) -> Epoch:
    """Return the epoch that is kept: most right on the validation digits, plain and distorted.

    The plain ones alone are too few: a handful of them would choose an epoch before the learning rate has come down.
    Of equals it is the one of the lowest loss.
    """
    return max(
        reversed(epochs),
        key=lambda epoch: (epoch.validation_accuracy + epoch.distorted_accuracy, -epoch.validation_loss),
    )


def pictures_per_epoch(num_digits: int) -> int:
    """Return how many pictures an epoch of so many MNIST digits shows."""
    sizes = [len(part) for part in parts(np.arange(num_digits))]
    return sum(size + round(TEMPLATE_SHARE * size) + round(NONDIGIT_SHARE * size) for size in sizes)


def distorted(images: np.ndarray, labels: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Return all digits with new habits, new ones from templates and pictures of none, distorted and in a new order.

    Pictures are uint8 (m, 28, 28), targets float32 (m, 10): the probabilities that the network should give. Large sets
    are made in parts by all cores; the pictures do not depend on how many there are.
    """
    split_images = parts(images)
    made = process_pool.spread(distort_part, split_images, parts(labels), rng.spawn(len(split_images)))
    pictures, targets = map(np.concatenate, zip(*made, strict=True))
    order = rng.permutation(len(targets))
    return pictures[order], targets[order]


def parts(array: np.ndarray) -> list[np.ndarray]:
    """Return the array in parts of about PART digits."""
    return np.array_split(array, max(1, round(len(array) / PART)))


def distort_part(images: np.ndarray, labels: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Return a part of what `distorted` does, the digits in their order and the others behind them."""
    extra = synthetic_digits.choose(round(TEMPLATE_SHARE * len(labels)), rng)
    others, doubts = outliers.draw(round(NONDIGIT_SHARE * len(labels)), images, labels, rng)
    pictures = np.concatenate(
        [style_augmentation.add_habits(images, labels, rng), synthetic_digits.draw(extra, rng), others]
    )
    targets = np.concatenate([np.eye(10, dtype=np.float32)[np.concatenate([labels, extra])], doubts])
    chunks = np.array_split(pictures, max(1, len(pictures) // 500))  # small enough for the processor's cache
    return np.concatenate([augmentation.distort(chunk, rng) for chunk in chunks]), targets


def as_people_write(images: np.ndarray, labels: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Return pictures and labels of digits as `distorted` shows them, without what is no digit."""
    pictures, targets = distorted(images, labels, rng)
    is_digit = targets.max(axis=1) == 1
    return pictures[is_digit], targets[is_digit].argmax(axis=1)


def calibrate(model, validation, recipe: Recipe) -> dict[str, float]:
    """Return the card's "temperature" and "least_odds", chosen on digits that were not trained on.

    The temperature: on the validation digits, as they are and distorted. The odds: on new digits from templates,
    which are as odd as people's.
    """
    rng = np.random.default_rng([recipe.seed, recipe.epochs])
    images, labels = map(np.concatenate, zip(validation, as_people_write(*validation, rng), strict=True))
    temperature = calibration.fit_temperature(predict(model, images), labels)
    drawn = synthetic_digits.draw(synthetic_digits.choose(DOUBT_DIGITS * len(validation[1]), rng), rng)
    odds = calibration.odds(calibration.soften(predict(model, drawn), temperature))
    return {"temperature": temperature, "least_odds": calibration.least_odds(odds)}


def evaluate(model, images: np.ndarray, labels: np.ndarray) -> tuple[float, float]:
    """Return the mean cross-entropy and the accuracy on undistorted digits."""
    probabilities = predict(model, images)
    right = probabilities[np.arange(len(labels)), labels]
    return float(np.log(1 / np.maximum(right, 1e-12)).mean()), float((probabilities.argmax(axis=1) == labels).mean())


def predict(model, images: np.ndarray) -> np.ndarray:
    """Return the probabilities float32 (n, 10) of pictures uint8 (n, 28, 28), at least one."""
    batches = [ink.network_input(images[start : start + 500]) for start in range(0, len(images), 500)]
    return np.concatenate([model.predict_on_batch(batch) for batch in batches])  # and no `predict`: see `fit`


def describe(model, recipe: Recipe, epochs: Sequence[Epoch], test_accuracy: float, more: dict) -> dict:
    """Return the entries of the model card, and `more` among them."""
    import keras

    history = {name: [round(asdict(epoch)[name], 5) for epoch in epochs] for name in asdict(epochs[0])}
    return {
        **more,
        "test_accuracy": test_accuracy,
        "validation_accuracy": best_epoch(epochs).validation_accuracy,
        "parameters": model.count_params(),
        "recipe": asdict(recipe),
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "versions": {"python": platform.python_version(), "keras": keras.__version__, "numpy": np.__version__},
        "backend": keras.backend.backend(),
        "processors": os.cpu_count(),
        "history": history,
    }


def keep_checkpoint(model, recipe: Recipe, course: Course, model_path: Path) -> None:
    """Write down where the training is; a disk that is full costs the checkpoint and not the training."""
    about = {"recipe": asdict(recipe), "epochs": [asdict(epoch) for epoch in course.epochs]}
    try:
        checkpoint.write(checkpoint.beside(model_path), about, model, course.weights)
    except OSError as error:
        print(f"handwriting.py: no checkpoint of this epoch ({reason(error)})", file=sys.stderr)


def read_checkpoint(model_path: Path, recipe: Recipe) -> checkpoint.Checkpoint:
    """Return the checkpoint of a model's training; raises UserError unless it was of the same recipe."""
    found = checkpoint.read(checkpoint.beside(model_path))
    theirs, epochs = found.about.get("recipe", {}), found.about.get("epochs", [])
    kept = [(theirs, Recipe), *((epoch, Epoch) for epoch in epochs)]
    if not epochs or any(set(values) != set(kind.__dataclass_fields__) for values, kind in kept):
        raise UserError(f"The checkpoint of {model_path} is of another version of this program; train anew.")
    if theirs != asdict(recipe):
        options = " ".join(f"--{name.replace('_', '-')} {value}" for name, value in theirs.items() if value is not None)
        raise UserError(f"The checkpoint of {model_path} is of another recipe; go on with: --resume {options}.")
    return found


def restore(model, found: checkpoint.Checkpoint) -> Course:
    """Put the compiled model where the checkpoint left it, and return the course so far."""
    checkpoint.restore(model, found)
    return Course(tuple(Epoch(**epoch) for epoch in found.about["epochs"]), found.best)


def save(model, model_path: Path, entries: dict) -> list[str]:
    """Write the Keras file, its .tflite and its card, each whole or not at all; return the names of those written.

    Raises UserError if the Keras file cannot be written. Without the other two it is still of use (`digits.models.loading`
    converts it when it is named), so their failure is only told.
    """
    tflite, card_path = model_card.companions(model_path)
    try:
        with replacing(model_path) as draft:
            without_optimizer(model).save(draft)
    except (OSError, RuntimeError) as error:  # RuntimeError: HDF5 that cannot close its file
        found = f"The model could not be saved to {model_path} ({reason(error)})"
        raise UserError(f"{found}; what was there before is whole. Make room and train again.") from error
    try:
        loading.run_conversion(model_path, tflite)
        model_card.write_card(card_path, sha256(model_path), tflite, entries)
    except (OSError, UserError) as error:
        print(f"handwriting.py: {tflite.name} and {card_path.name} were not saved: {reason(error)}", file=sys.stderr)
        return [str(model_path)]
    return [str(model_path), str(tflite), str(card_path)]


def reason(error: Exception) -> str:
    """Return why a file could not be written, without the inner life of HDF5."""
    of_hdf5 = re.search("error message = '(.*?)'", str(error))
    return of_hdf5[1] if of_hdf5 else getattr(error, "strerror", None) or str(error)


def without_optimizer(model):
    """Return the network without the optimizer's state, which is as large again."""
    network = build_model(to_train=False)
    network.set_weights(model.get_weights())
    return network


def _positive(kind: type):
    def parse_positive(text: str):
        try:
            value = kind(text)
        except ValueError:
            value = 0
        if not 0 < value <= LARGEST_NUMBER:
            expected = f"a {'whole ' if kind is int else ''}number above 0 and up to {LARGEST_NUMBER:,}"
            raise argparse.ArgumentTypeError(f"{text!r} is not {expected}")
        return value

    return parse_positive


def _seed(text: str) -> int:
    if not text.isdecimal() or int(text) >= 2**32:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number of 0 to 4294967295")
    return int(text)


if __name__ == "__main__":
    raise SystemExit(main())
