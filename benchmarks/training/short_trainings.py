"""Whether a short training learns what so few digits and epochs allow, whatever the batch size.

    python -m benchmarks.training.short_trainings --data mnist.npz [--network small] [--seeds 1 2 3] [--before]

Trains on a sampled grid of digits, epochs and batch sizes with the trainer's own functions, and gives the accuracy on
the first 2,000 test digits for each seed, and the least. --before trains as the trainer did when neither batch nor
learning rate followed from how much there is to learn: batches as configured, every digit once per epoch.
"""

import argparse
from pathlib import Path

import handwriting
from benchmarks.support.harness import report
from digits.training import mnist
from digits.training.configuration import NETWORKS, Configuration
from digits.training.keras_model import evaluate, prepare_keras
from digits.training.stages import training_loop

TESTED = 2000
GRID = (  # digits, epochs, batch size
    (100, 1, 128),
    (100, 5, 8),
    (500, 1, 1024),
    (500, 5, 64),
    (2000, 1, 128),
    (2000, 1, 8),
    (2000, 5, 128),
    (2000, 5, 8),
    (10_000, 1, 1024),
    (10_000, 2, 32),
)


def main(argv: list[str] | None = None) -> int:
    """Parse, measure and print; return the exit code."""
    parser = argparse.ArgumentParser(prog="short_trainings", description="Measure what short trainings learn.")
    parser.add_argument("--data", type=Path, required=True, metavar="mnist.npz", help='or "sample"')
    parser.add_argument("--network", choices=NETWORKS, default="small", help="(default: %(default)s)")
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3], help="(default: %(default)s)")
    parser.add_argument("--before", action="store_true", help="with batches and rates as they are configured")
    arguments = parser.parse_args(argv)
    return report("short_trainings", lambda: measure(arguments))


def measure(arguments: argparse.Namespace) -> dict:
    """Return the accuracies."""
    digits = mnist.load(arguments.data)
    if arguments.before:
        training_loop.LEAST_STEPS = training_loop.LEAST_BATCH = handwriting.FULL_RATE_BATCH = 1
    rows = []
    for num_digits, epochs, batch_size in GRID:
        if num_digits > len(digits.train_labels):
            continue
        configuration = Configuration(epochs, batch_size, digits=num_digits, network=arguments.network)
        found = [train(digits, configuration, seed) for seed in arguments.seeds]
        settings = {"digits": num_digits, "epochs": epochs, "batch_size": batch_size}
        rows.append({**settings, "test_accuracy": found, "least": min(found)})
    return {"network": arguments.network, "before": arguments.before, "trainings": rows}


def train(digits: mnist.Dataset, configuration: Configuration, seed: int) -> float:
    """Return the accuracy of a training with that seed."""
    prepare_keras(seed)
    training, validation = mnist.split(digits, configuration.digits)
    training = training_loop.repeat(*training, configuration)
    few = validation[0][:500], validation[1][:500]  # the last epoch is judged, and so they choose little
    model = handwriting.build_model(network=configuration.network)
    handwriting.compile_model(model, configuration, len(training[1]))
    handwriting.train(model, training, few, configuration, lambda history: None)
    return round(evaluate(model, digits.test_images[:TESTED], digits.test_labels[:TESTED])[1], 4)


if __name__ == "__main__":
    raise SystemExit(main())
