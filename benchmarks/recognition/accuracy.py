"""How often the model is right, and whether it knows when it is not: every figure beside its goal.

    python -m benchmarks.recognition.accuracy --data mnist.npz --strokes FILE.npz [--model M.h5] [--limit N]
        [--parts PART ...] [--seed 0] [--seeds A.h5 B.h5] [--compare [--epochs N]]

The parts, all measured through the product's own code:
    mnist         the 10,000 test digits, as they are
    pen_digits    recorded pen strokes through `ink.normalize`; `benchmarks.recognition.drawn_digits` draws them in the
                  window
    drawn_badly   the same strokes distorted (`distortions.py`), and drawn so small on the canvas of a window of the
                  default size that its pixels count
    image_files   the same digits as image files (`benchmarks/images/image_files.py`) through `images.reading.read`;
                  the plain one, dark on light, is pen_width_1
    block_digits  digits of straight lines, as on a display of seven segments, shaken and drawn on the canvas
    not_a_digit   outliers: letters, symbols, scribbles, dots and nothing (`signs.py`), drawn on the canvas
An answer is "not sure" when the odds of its digit against the next are below the model card's "least_odds"; a drawing
for which the window has a hint in place of an answer is "not sure" too. An image file in which no digit was found
counts as answered wrongly. Suspect digits are included unless a figure says otherwise.

--seeds names models of the same recipe with other seeds: each figure gets "spread", the least and the greatest of all
models. --compare also trains and measures the networks of `stacks.py`.
"""

import argparse
import tempfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import numpy as np

from benchmarks.images import image_files
from benchmarks.recognition import distortions, signs, stacks
from benchmarks.recognition.drawn_digits import accuracies, share
from benchmarks.support import on_canvas, pen_strokes
from benchmarks.support.harness import positive, report
from benchmarks.support.measures import (
    Answers,
    add_spread,
    at_least,
    at_most,
    classify,
    doubt,
    expected_calibration_error,
    is_not_sure,
    missed,
    threshold_for,
)
from digits.drawing import ink
from digits.models import loading, model_card
from digits.models.keras_allowlist import check_container
from digits.recognition.classifier import Classifier
from digits.system.files import UserError
from digits.training import mnist

MNIST_GOAL = 0.9974
PEN_GOAL = 0.993  # of all pen digits
WRITERS_GOAL = 0.994  # of the mean over writers
DIGIT_GOAL = 0.985  # of each digit, 0 to 9
BLOCK_GOAL = 0.95
BADLY_GOAL = 0.975  # of each way to draw badly, and of each kind of image file
MNIST_CALIBRATION_GOAL = 0.005
PEN_CALIBRATION_GOAL = 0.01
NOT_SURE_GOAL = 0.02  # of the pen digits
SURE_GOAL = 0.997  # of the answers that are sure
NO_DIGIT_GOAL = 0.9
SIZE_GOAL = 600_000  # bytes

DRAWINGS = 20  # of each sign
WORST = 20  # letters and symbols that are named


def main(argv: list[str] | None = None) -> int:
    """Parse, measure and print; return the exit code."""
    arguments = parse(argv)
    return report("accuracy", lambda: measure(arguments))


def parse(argv: list[str] | None) -> argparse.Namespace:
    """Return the command line."""
    parser = argparse.ArgumentParser(prog="accuracy", description="Measure how often and how surely a model is right.")
    parser.add_argument("--data", type=Path, required=True, metavar="mnist.npz")
    parser.add_argument("--strokes", type=Path, required=True, metavar="FILE.npz", help="recorded pen strokes")
    parser.add_argument("--model", type=Path, default=loading.SHIPPED, help="a Keras file (default: the shipped one)")
    parser.add_argument("--limit", type=positive, metavar="N", help="of the pen digits (default: all)")
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=list(PARTS), metavar="PART", help="default: all")
    parser.add_argument("--seed", type=int, default=0, help="of the distortions and drawings (default: %(default)s)")
    parser.add_argument("--seeds", nargs="+", type=Path, default=[], metavar="MODEL", help="trained with other seeds")
    parser.add_argument("--compare", action="store_true", help="train well-known networks too and put them beside ours")
    parser.add_argument("--epochs", type=positive, metavar="N", help="train each of those for no more than this")
    return parser.parse_args(argv)


def measure(arguments: argparse.Namespace) -> dict:
    """Return the figures."""
    for path in (arguments.model, *arguments.seeds):
        check_container(path)
    data = mnist.load(arguments.data)
    collection = pen_strokes.read(arguments.strokes, arguments.limit)
    figures, *others = (
        measure_model(path, data, collection, arguments) for path in (arguments.model, *arguments.seeds)
    )
    figures = add_spread(figures, others) if others else figures
    result = {"seed": arguments.seed, **figures, "missed": missed(figures)}
    if arguments.compare:
        ours = loading.load(arguments.model)
        result["comparison"] = stacks.compare(ours, data, collection, arguments.seed, arguments.epochs)
    return result


def measure_model(
    path: Path, data: mnist.Dataset, collection: pen_strokes.PenDigits, arguments: argparse.Namespace
) -> dict:
    """Return the figures of one model."""
    classifier = loading.load(path)
    figures = {"model": describe(path, classifier)}
    for part in arguments.parts:
        figures[part] = PARTS[part](classifier, data, collection, arguments.seed)
    return figures


def describe(path: Path, classifier: loading.LoadedModel) -> dict:
    """Return what the model is: its size, and the odds below which it is not sure."""
    tflite = model_card.companions(path).tflite
    size = {"tflite_bytes": at_most(tflite.stat().st_size, SIZE_GOAL)} if tflite.is_file() else {}
    return {**size, "parameters": classifier.card.parameters, "least_odds": classifier.least_odds}


def measure_mnist(classifier: Classifier, data: mnist.Dataset, collection, seed: int) -> dict:
    """Return accuracy and calibration on the test digits."""
    answers = classify(classifier, data.test_images)
    right = answers.digits == data.test_labels
    return {
        "digits": len(right),
        "accuracy": at_least(right.mean(), MNIST_GOAL),
        "calibration_error": at_most(expected_calibration_error(answers.confidences, right), MNIST_CALIBRATION_GOAL),
        "not_sure": share(is_not_sure(answers, classifier.least_odds)),
    }


def measure_pen_digits(classifier: Classifier, data, collection: pen_strokes.PenDigits, seed: int) -> dict:
    """Return accuracy, calibration and doubt on the pen digits, normalised."""
    answers = classify(classifier, map(ink.normalize, collection.digits))
    right = answers.digits == collection.labels
    shares = accuracies(answers.digits, collection)
    return {
        "digits": len(right),
        "writers": shares["writers"],
        "suspects": shares["suspects"],
        "accuracy": at_least(shares["accuracy"], PEN_GOAL),
        "mean_over_writers": at_least(shares["accuracy_mean_over_writers"], WRITERS_GOAL),
        "without_suspects": shares["accuracy_without_suspects"],
        "per_digit": {digit: at_least(value, DIGIT_GOAL) for digit, value in shares["accuracy_per_digit"].items()},
        "calibration_error": at_most(expected_calibration_error(answers.confidences, right), PEN_CALIBRATION_GOAL),
        "doubt": doubts(answers, right, classifier.least_odds),
    }


def doubts(answers: Answers, right: np.ndarray, least_odds: float) -> dict:
    """Return what doubt costs and brings by the card's odds, and what it could at best, by odds or by confidence."""
    not_sure, accuracy = doubt(is_not_sure(answers, least_odds), right)
    return {
        "least_odds": least_odds,
        "not_sure": at_most(not_sure, NOT_SURE_GOAL),
        "accuracy_when_sure": at_least(accuracy, SURE_GOAL),
        "bounds": {"by_odds": bound(answers.odds, right), "by_confidence": bound(answers.confidences, right)},
    }


def bound(values: np.ndarray, right: np.ndarray) -> dict:
    """Return the accuracy without the 2 % of lowest value: no result, as the threshold comes from the digits judged."""
    threshold = threshold_for(values, NOT_SURE_GOAL)
    not_sure, accuracy = doubt(values < threshold, right)
    return {"threshold": round(threshold, 4), "not_sure": round(not_sure, 4), "accuracy_when_sure": round(accuracy, 4)}


def measure_drawn_badly(classifier: Classifier, data, collection: pen_strokes.PenDigits, seed: int) -> dict:
    """Return the accuracy on the pen digits under each distortion."""
    figures = {}
    for name, distort in distortions.DISTORTIONS.items():
        rng = np.random.default_rng(seed)
        figures[name] = judged(classifier, (ink.normalize(distort(d, rng)) for d in collection.digits), collection)
    figures["small"] = judged(classifier, small_pictures(collection.digits, np.random.default_rng(seed)), collection)
    return figures


def small_pictures(digits: list[pen_strokes.Digit], rng: np.random.Generator) -> Iterator[np.ndarray | None]:
    """Yield what the window makes of digits drawn small somewhere on its canvas."""
    for digit in digits:
        pixels = pen_strokes.fit(digit, on_canvas.SIDE, distortions.SMALL, rng.random(2))
        yield on_canvas.seen(on_canvas.draw(pixels))


def measure_image_files(classifier: Classifier, data, collection: pen_strokes.PenDigits, seed: int) -> dict:
    """Return the accuracy on the pen digits as files of each kind."""
    return {
        name: judged(
            classifier, read_files(classifier, kind, collection.digits, np.random.default_rng(seed)), collection
        )
        for name, kind in image_files.KINDS.items()
    }


def judged(classifier: Classifier, pictures: Iterable[np.ndarray | None], collection: pen_strokes.PenDigits) -> dict:
    """Return the accuracy on pictures of the pen digits, beside the goal."""
    return at_least((classify(classifier, pictures).digits == collection.labels).mean(), BADLY_GOAL)


def read_files(
    classifier: Classifier, kind: image_files.Kind, digits: list[pen_strokes.Digit], rng: np.random.Generator
) -> Iterator[np.ndarray | None]:
    """Write each digit as a file and yield what the product reads from it; None where it finds no or several digits."""
    from digits.sheets import reading  # late: Pillow and SciPy are for files alone

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, f"digit{kind.suffix}")
        for digit in digits:
            path.write_bytes(kind.encode(digit, rng))
            try:
                found = reading.read(path, str(path), classifier).digits
                yield found[0].picture if len(found) == 1 else None
            except UserError:
                yield None


def measure_block_digits(classifier: Classifier, data, collection, seed: int) -> dict:
    """Return the accuracy on block digits, and how many answers are sure and wrong."""
    rng = np.random.default_rng(seed)
    drawn = {digit: drawn_pictures(draw, rng) for digit, draw in signs.block_digits().items()}
    answers = {digit: classify(classifier, pictures) for digit, pictures in drawn.items()}
    right = {digit: found.digits == int(digit) for digit, found in answers.items()}
    sure = {digit: ~is_not_sure(found, classifier.least_odds) for digit, found in answers.items()}
    return {
        "drawings_of_each": DRAWINGS,
        "accuracy": at_least(np.concatenate(list(right.values())).mean(), BLOCK_GOAL),
        "sure_and_wrong": at_most(sum(int((sure[digit] & ~right[digit]).sum()) for digit in right), 0),
        "per_digit": {digit: share(right[digit]) for digit in right},
    }


def measure_not_a_digit(classifier: Classifier, data, collection, seed: int) -> dict:
    """Return how often drawings that are no digit are answered "not sure"."""
    rng = np.random.default_rng(seed)
    shares = {
        group: {name: share_not_sure(classifier, draw, rng) for name, draw in drawings.items()}
        for group, drawings in signs.groups().items()
    }
    lookalikes = shares.pop("lookalikes")
    of_signs = sorted((shares["letters"] | shares["symbols"]).items(), key=lambda item: item[1])
    return {
        "drawings_of_each": DRAWINGS,
        "not_sure": at_least(np.mean([value for group in shares.values() for value in group.values()]), NO_DIGIT_GOAL),
        **{group: share(list(values.values())) for group, values in shares.items()},
        "worst": dict(of_signs[:WORST]),
        "lookalikes_left_out": {"not_sure": share(list(lookalikes.values())), "signs": list(lookalikes)},
    }


def share_not_sure(classifier: Classifier, draw: signs.Draw, rng: np.random.Generator) -> float:
    """Return how often a drawing is answered "not sure", or with a hint in place of an answer."""
    return float(is_not_sure(classify(classifier, drawn_pictures(draw, rng)), classifier.least_odds).mean())


def drawn_pictures(draw: signs.Draw, rng: np.random.Generator) -> list[np.ndarray | None]:
    """Return what the window makes of DRAWINGS drawings."""
    return [on_canvas.seen(on_canvas.draw(draw(rng))) for _ in range(DRAWINGS)]


PARTS: dict[str, Callable[..., dict]] = {
    "mnist": measure_mnist,
    "pen_digits": measure_pen_digits,
    "drawn_badly": measure_drawn_badly,
    "image_files": measure_image_files,
    "block_digits": measure_block_digits,
    "not_a_digit": measure_not_a_digit,
}


if __name__ == "__main__":
    raise SystemExit(main())
