"""Average trained models into one that reads more hands than any of them.

    python -m digits.training.results.averaging MODEL.h5 A.h5 B.h5 ... [--shares 1 2 ...] [--data mnist.npz]

It works for models that were trained further from the same weights (Wortsman et al., "Model soups: averaging weights of
multiple fine-tuned models improves accuracy without increasing inference time", 2022). The card of the new model says
how the first one learned, and which models were averaged.
"""

import argparse
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from digits.models import keras_loading, model_card
from digits.models.evaluation import confusion_matrix
from digits.system.files import UserError, sha256
from digits.system.output import print_error
from digits.training import mnist
from digits.training.configuration import Configuration
from digits.training.keras_model import Predictor, evaluate, predict, prepare_keras
from digits.training.progress import print_line
from digits.training.results.saving import calibrate, save

OF_THE_FIRST = ("recipe", "history", "versions", "backend", "processors")  # entries of its card that are kept


def main(argv: list[str] | None = None) -> int:
    """Read the command line, average, test, calibrate and save; return the exit code."""
    parser = argparse.ArgumentParser(prog="averaging", description="Average models trained from the same weights.")
    parser.add_argument("model", type=Path, help="save the mean to this .h5 or .keras file")
    parser.add_argument("models", type=Path, nargs="+", help="two models or more")
    parser.add_argument("--shares", type=float, nargs="+", help="of each in the mean (default: equal)")
    parser.add_argument("--data", type=Path, help="mnist.npz, to test and calibrate with (default: as the trainer's)")
    arguments = parser.parse_args(argv)
    try:
        average(arguments.model, arguments.models, arguments.shares or [1] * len(arguments.models), arguments.data)
    except UserError as error:
        print_error("averaging", str(error))
        return 2
    return 0


def average(path: Path, models: list[Path], shares: list[float], data: Path | None) -> None:
    """Save the weighted mean of the models, tested and calibrated; raises UserError."""
    if len(shares) != len(models) or min(shares) < 0 or not sum(shares):
        raise UserError(f"There are {len(models)} models and the shares {shares}; give one share for each, 0 or more.")
    parts = np.array(shares) / sum(shares)
    digits = mnist.load(data)
    prepare_keras(seed=1)
    network = mean_network(models, parts)
    answers = predict(network, digits.test_images).argmax(axis=1)
    validation = mnist.split(digits)[1]
    first = model_card.read_card(model_card.companions(models[0]).card)
    entries = {
        **{name: first.entries[name] for name in OF_THE_FIRST if name in first.entries},
        "averaged": [{"sha256": sha256(each), "share": float(part)} for each, part in zip(models, parts, strict=True)],
        "test_accuracy": float((answers == digits.test_labels).mean()),
        "validation_accuracy": evaluate(network, *validation)[1],
        "parameters": network.count_params(),
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "confusion": confusion_matrix(digits.test_labels, answers).tolist(),
    }
    print_line(f"Validation {entries['validation_accuracy']:.2%}, test {entries['test_accuracy']:.2%}.")

    def describe(converted: Predictor) -> dict:
        return calibrate(converted, validation, Configuration()) | entries

    print_line(f"Saved {', '.join(save(network, path, describe))}.")


def mean_network(models: list[Path], parts: np.ndarray) -> Any:
    """Return a Keras model whose weights are the mean of the models' by those parts; raises UserError."""
    networks: list[Any] = [keras_loading.load_model(path) for path in models]
    weights = [each.get_weights() for each in networks]
    for path, own in zip(models, weights, strict=True):
        if [each.shape for each in own] != [each.shape for each in weights[0]]:
            raise UserError(f"{path} is another network than {models[0]}; only models of one network can be averaged.")
    means = [sum(part * each for part, each in zip(parts, layer, strict=True)) for layer in zip(*weights, strict=True)]
    networks[0].set_weights(means)
    return networks[0]


if __name__ == "__main__":
    raise SystemExit(main())
