"""How long a training takes: to 99.0 % on MNIST's test digits in a short training, and with the whole recipe.

    python -m benchmarks.training.training_time --data mnist.npz [--epochs 1] [--digits 30000] [--target 0.99]
                                                [--network small] [--model model.h5]

The short training is the trainer's own (`handwriting.train`) with one epoch of fewer digits. After every epoch the test
digits are evaluated, to measure and for nothing else; `seconds` is training without that. Compiling the
network is part of the first epoch, importing Keras is not in it. How long the whole recipe took stands in the model
card's history, on the machine where that model was trained; --gpu holds it against the goal for one GPU.
"""

import argparse
import time
from pathlib import Path

import handwriting
from benchmarks.recognition.drawn_digits import share
from benchmarks.support.harness import positive, report
from benchmarks.support.measures import at_most
from digits.models import loading, model_card
from digits.training import mnist
from digits.training.configuration import NETWORKS, SETTINGS, Configuration
from digits.training.keras_model import evaluate, prepare_keras
from digits.training.progress import History

TO_TARGET_GOAL = 90  # seconds on 2 cores
FULL_GOAL = 40 * 60  # seconds on 2 cores
FULL_GPU_GOAL = 60  # seconds on one GPU
SHORT_EPOCHS, SHORT_DIGITS = 1, 30_000


def main(argv: list[str] | None = None) -> int:
    """Parse, measure and print; return the exit code."""
    parser = argparse.ArgumentParser(prog="training_time", description="Measure how long a training takes.")
    parser.add_argument("--data", type=Path, required=True, metavar="mnist.npz")
    parser.add_argument("--epochs", type=positive, default=SHORT_EPOCHS, help="of the short training, %(default)s")
    parser.add_argument("--digits", type=positive, default=SHORT_DIGITS, help="of the short training, %(default)s")
    parser.add_argument("--learning-rate", type=float, help="of the short training (default: the trainer's)")
    parser.add_argument("--batch-size", type=positive, help="of the short training (default: the trainer's)")
    parser.add_argument("--network", choices=NETWORKS, help="of the short training (default: the trainer's)")
    parser.add_argument("--seed", type=int, help="of the short training (default: the trainer's)")
    parser.add_argument("--target", type=float, default=0.99, help="test accuracy to reach (default: %(default)s)")
    parser.add_argument(
        "--model", type=Path, default=loading.SHIPPED, help="whose card says how long the whole recipe took"
    )
    parser.add_argument("--gpu", action="store_true", help="that model was trained on a GPU")
    arguments = parser.parse_args(argv)
    return report("training_time", lambda: measure(arguments))


def measure(arguments: argparse.Namespace) -> dict:
    """Return the figures."""
    digits = mnist.load(arguments.data)
    configuration = Configuration.checked(**{name: getattr(arguments, name, None) for name in SETTINGS})
    epochs = train_and_test(digits, configuration)
    seconds = seconds_to(arguments.target, epochs)
    reached = {"value": None, "goal": f"<= {TO_TARGET_GOAL}", "met": False}
    return {
        "target": arguments.target,
        "seconds_to_target": reached if seconds is None else at_most(seconds, TO_TARGET_GOAL),
        "epochs": epochs,
        "full_recipe": full_recipe(arguments.model, FULL_GPU_GOAL if arguments.gpu else FULL_GOAL),
    }


def train_and_test(digits: mnist.Dataset, configuration: Configuration) -> list[dict]:
    """Return, for each epoch of a training, the seconds of training so far and the test accuracy."""
    prepare_keras(configuration.seed)
    training, validation = mnist.split(digits, configuration.digits)
    model = handwriting.build_model(network=configuration.network)
    handwriting.compile_model(model, configuration, len(training[1]))
    rows, testing = [], 0.0
    started = time.perf_counter()

    def test(history: History) -> None:
        nonlocal testing
        paused = time.perf_counter()
        accuracy = evaluate(model, digits.test_images, digits.test_labels)[1]
        rows.append({"seconds": round(paused - started - testing, 2), "test_accuracy": share([accuracy])})
        testing += time.perf_counter() - paused

    handwriting.train(model, training, validation, configuration, test)
    return rows


def seconds_to(target: float, epochs: list[dict]) -> float | None:
    """Return the seconds of training after the first epoch that reaches the accuracy; None if none does."""
    return next((epoch["seconds"] for epoch in epochs if epoch["test_accuracy"] >= target), None)


def full_recipe(model_path: Path, goal: float) -> dict:
    """Return epochs and seconds of the training that made a model, by its card; nothing where it has no history."""
    history = model_card.read_card(model_card.companions(model_path).card).entries.get("history")
    seconds = history.get("seconds") if isinstance(history, dict) else None
    return {"epochs": len(seconds), "seconds": at_most(sum(seconds), goal)} if seconds else {}


if __name__ == "__main__":
    raise SystemExit(main())
