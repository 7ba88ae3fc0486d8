"""How often a number on a wide canvas is read right: split into its digits, and every digit right.

    python -m benchmarks.recognition.drawn_numbers --strokes FILE.npz [--limit N] [--seed 0] [--model M.h5]

A number is 2 to 6 pen digits of one writer, every writer as often as any other, suspect digits included. Its line is
20 cells high. Each digit is made 90 to 110 % as high, its foot moved up or down by as much as 10 %, and set after the
one before with a gap of -5 to 60 % of the line's height, all at random. Gaps are between the boxes of the pen's path:
below 10 %, ink may touch. The points are the pixels of a window of the default size. Half of the numbers are drawn in
order. In the others one digit of several strokes gets its last one late: after the next digit or at the very end.
All go through what the window calls, `digits.recognition.segmentation.read_number`.
    fully_right             the digits read, from left to right, are those of the number
    right_count             there are as many of them
    right_strokes           every digit has exactly its own strokes
    digits_alone            how often the same digits are right when each is drawn by itself ...
    fully_right_if_grouped  ... and in how many numbers all are: what no grouping can do better than
    signs_in_none           in how many of the numbers, none of which has a sign, one is read
    signed                  as many numbers of the same kind, of one or two signs and gaps of 10 to 50 %, drawn with a
                            shaken hand (`benchmarks/support/drawn_signs.py`): the share whose signs are right, and
                            whose text is
    leaning                 the same numbers, slanted to the left or right by as much as 22 degrees; no goal is set
`benchmarks/support/pen_strokes.py` describes the file.
"""

import argparse
import time
from collections.abc import Iterator
from itertools import islice, pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np

from benchmarks.recognition.distortions import slant
from benchmarks.recognition.drawn_digits import share
from benchmarks.support import drawn_signs, on_canvas, pen_strokes
from benchmarks.support.harness import percentiles, positive, report
from benchmarks.support.measures import at_least, missed
from digits.drawing import ink
from digits.drawing.canvas import CELLS
from digits.models import loading
from digits.models.keras_allowlist import check_container
from digits.recognition.classifier import Classifier
from digits.recognition.segmentation import read_number

NUMBERS = 8000  # the shares are then good to 0.5 % (two standard deviations)
LENGTHS = (2, 6)  # digits, least and most
LINE = 20.0  # cells, the height of a line
GAPS = (-0.05, 0.6)  # of the line's height
SIGNED_GAPS = (0.1, 0.5)  # of the line's height, beside signs and in numbers that have some
VARIATION = 0.1  # of the line's height, either way: size and foot of each digit
GAP_BANDS = (-0.05, 0.0, 0.1, 0.3, 0.6)  # a number belongs to the band of its smallest gap
FEWEST = 10  # digits of a writer who is asked for numbers


class Number(NamedTuple):
    """A number as it was drawn: strokes float (n, 2) in cells, in the order of drawing, and what it is."""

    strokes: list[np.ndarray]
    owners: tuple[int, ...]  # of each stroke: the digit's place in the number
    labels: tuple[int, ...]
    suspect: bool
    late: bool
    gap: float  # the smallest, of the line's height


def main(argv: list[str] | None = None) -> int:
    """Parse, measure and print; return the exit code."""
    parser = argparse.ArgumentParser(
        prog="drawn_numbers", description="Measure how often drawn numbers are read right."
    )
    parser.add_argument("--strokes", type=Path, required=True, metavar="FILE.npz", help="recorded pen strokes")
    parser.add_argument("--limit", type=positive, default=NUMBERS, metavar="N", help="numbers (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=0, help="of the numbers (default: %(default)s)")
    parser.add_argument("--model", type=Path, default=loading.SHIPPED, help="a Keras file (default: the shipped one)")
    arguments = parser.parse_args(argv)
    return report("drawn_numbers", lambda: measure(arguments))


def measure(arguments: argparse.Namespace) -> dict:
    """Return the figures."""
    check_container(arguments.model)
    collection, classifier = pen_strokes.read(arguments.strokes), loading.load(arguments.model)
    numbers = compose(collection, arguments.limit, arguments.seed)
    signed = measure_signed(collection, arguments.limit, arguments.seed, classifier)
    return {"seed": arguments.seed, "signed": signed, **figures(numbers, classifier)}


def measure_signed(collection: pen_strokes.PenDigits, count: int, seed: int, classifier: Classifier) -> dict:
    """Return the shares of numbers with signs whose signs, and whose text, are read right."""
    rng = np.random.default_rng([seed, 1])
    right_signs, right = [], []
    for chosen in islice(choose(collection, rng), count):
        signs, labels = drawn_signs.before(len(chosen), rng), collection.labels[chosen].tolist()
        strokes = compose_signed([collection.digits[index] for index in chosen], signs, rng)
        readings = read_number(strokes, classifier.classify)
        right_signs.append([reading.sign.text if reading.sign else "" for reading in readings] == signs)
        right.append([reading.text for reading in readings] == [f"{s}{d}" for s, d in zip(signs, labels, strict=True)])
    return {"numbers": count, "right_signs": share(right_signs), "right": share(right)}


def choose(collection: pen_strokes.PenDigits, rng: np.random.Generator) -> Iterator[np.ndarray]:
    """Yield the digits of one number after another, each of one writer, any writer as often as any other."""
    writers, sizes = np.unique(collection.writers, return_counts=True)
    of_writer = [np.flatnonzero(collection.writers == writer) for writer in writers[sizes >= FEWEST]]
    while True:
        of_one = of_writer[rng.integers(len(of_writer))]
        yield rng.choice(of_one, rng.integers(*LENGTHS, endpoint=True), replace=False)


def compose_signed(
    digits: list[pen_strokes.Digit], signs: list[str], rng: np.random.Generator, pen: float = 0.0
) -> pen_strokes.Digit:
    """Set digits beside one another, each after its sign; pen: its width in cells, which the gaps do not count."""
    strokes: pen_strokes.Digit = []
    right = 0.0
    for digit, sign in zip(digits, signs, strict=True):
        placed = set_digit(digit, 0.0, rng)
        for drawn in ([stroke * LINE + (0, LINE) for stroke in drawn_signs.strokes(sign, rng)] if sign else [], placed):
            if drawn:
                left = right + pen + rng.uniform(*SIGNED_GAPS) * LINE
                strokes += [stroke + np.array([left, 0]) for stroke in drawn]
                right = max(stroke[:, 0].max() for stroke in strokes)
    return [in_pixels(stroke + (CELLS - LINE) / 2) for stroke in strokes]


def figures(numbers: list[Number], classifier: Classifier) -> dict:
    """Return the figures of all numbers and of groups of them."""
    marks, seconds = zip(*(read(number, classifier) for number in numbers), strict=True)
    found = [read_number(number.strokes, classifier.classify) for number in numbers]
    marks = np.array(marks)
    alone = np.array([right_alone(number, classifier) for number in numbers], dtype=object)
    rng = np.random.default_rng(0)
    leaning = np.array([read(lean(number, rng), classifier)[0] for number in numbers])
    result = {
        "numbers": len(numbers),
        "fully_right": at_least(marks[:, 0].mean(), 0.95),
        "right_count": at_least(marks[:, 1].mean(), 0.985),
        "right_strokes": share(marks[:, 2]),
        "digits_alone": share(np.concatenate(alone)),
        "fully_right_if_grouped": share([all(digits) for digits in alone]),
        **{name: shares(marks[chosen]) for name, chosen in groups(numbers).items()},
        "signs_in_none": share([any(reading.sign for reading in readings) for readings in found]),
        "leaning": shares(leaning),
        "read_number": percentiles(seconds),
    }
    return {**result, "missed": missed(result)}


def groups(numbers: list[Number]) -> dict[str, np.ndarray]:
    """Return, by name, which numbers are in a group: bool (n,) each."""
    late, suspect = np.array([n.late for n in numbers]), np.array([n.suspect for n in numbers])
    lengths, gaps = np.array([len(n.labels) for n in numbers]), np.array([n.gap for n in numbers])
    return {
        "in_order": ~late,
        "late_stroke": late,
        **{f"smallest_gap_{low}_to_{high}": (low <= gaps) & (gaps < high) for low, high in pairwise(GAP_BANDS)},
        **{f"{length}_digits": lengths == length for length in range(LENGTHS[0], LENGTHS[1] + 1)},
        "without_suspects": ~suspect,
    }


def shares(marks: np.ndarray) -> dict:
    """Return the shares of the marks bool (n, 3), by their names."""
    names = ("fully_right", "right_count", "right_strokes")
    return {"numbers": len(marks), **{name: share(column) for name, column in zip(names, marks.T, strict=True)}}


def read(number: Number, classifier: Classifier) -> tuple[tuple[bool, bool, bool], float]:
    """Read a number; return whether digits, count and strokes are right, and the seconds it took."""
    began = time.perf_counter()
    readings = read_number(number.strokes, classifier.classify)
    seconds = time.perf_counter() - began
    right = [reading.answer.digit for reading in readings] == list(number.labels)
    found = [set(reading.strokes) for reading in readings]
    return (right, len(readings) == len(number.labels), found == digits_of(number)), seconds


def right_alone(number: Number, classifier: Classifier) -> list[bool]:
    """Return which digits of a number are right when each is drawn by itself."""
    pictures = [ink.normalize([number.strokes[i] for i in sorted(digit)]) for digit in digits_of(number)]
    pairs = zip(pictures, number.labels, strict=True)
    return [classifier.classify(picture).digit == label for picture, label in pairs]


def digits_of(number: Number) -> list[set[int]]:
    """Return the strokes of each digit."""
    return [{i for i, owner in enumerate(number.owners) if owner == d} for d in range(len(number.labels))]


def lean(number: Number, rng: np.random.Generator) -> Number:
    """Slant a whole number."""
    ends = np.cumsum([len(stroke) for stroke in number.strokes])[:-1]
    slanted = slant([np.concatenate(number.strokes)], rng)[0]
    return number._replace(strokes=[in_pixels(stroke) for stroke in np.split(slanted, ends)])


def compose(collection: pen_strokes.PenDigits, count: int, seed: int) -> list[Number]:
    """Return numbers: in order and with a late stroke in turn."""
    rng = np.random.default_rng(seed)
    numbers = []
    choices = choose(collection, rng)
    while len(numbers) < count:
        chosen = next(choices)
        late = len(numbers) % 2 == 1
        if not late or any(len(collection.digits[index]) > 1 for index in chosen[:-1]):
            numbers.append(compose_number(collection, chosen, late, rng))
    return numbers


def compose_number(
    collection: pen_strokes.PenDigits, chosen: np.ndarray, late: bool, rng: np.random.Generator
) -> Number:
    """Set digits beside one another."""
    gaps = rng.uniform(*GAPS, len(chosen) - 1)
    placed, right = [], 0.0
    for digit, gap in zip((collection.digits[index] for index in chosen), (0, *gaps), strict=True):
        placed.append(set_digit(digit, right + gap * LINE, rng))
        right = max(stroke[:, 0].max() for stroke in placed[-1])
    order = drawing_order([len(digit) for digit in placed], late, rng)
    return Number(
        [in_pixels(placed[owner][stroke] + ((CELLS - LINE) / 2,) * 2) for owner, stroke in order],
        tuple(owner for owner, _ in order),
        tuple(map(int, collection.labels[chosen])),
        bool(collection.suspects[chosen].any()),
        late,
        float(gaps.min()),
    )


def set_digit(digit: pen_strokes.Digit, left: float, rng: np.random.Generator) -> pen_strokes.Digit:
    """Return the digit in cells, its box beginning at `left`, its size and its foot about the line's."""
    points = np.concatenate(digit)
    height, foot = LINE * (1 + rng.uniform(-VARIATION, VARIATION, 2))
    scale = height / max(np.ptp(points[:, 1]), np.ptp(points[:, 0]) / 4, 1e-9)  # a bar is no mile wide
    corner = np.array([points[:, 0].min(), points[:, 1].max()])
    return [(stroke - corner) * scale + (left, foot) for stroke in digit]


def drawing_order(counts: list[int], late: bool, rng: np.random.Generator) -> list[tuple[int, int]]:
    """Return (digit, stroke) in the order of drawing; with `late` one digit's last stroke comes after the next digit.

    ... or at the very end.
    """
    order = [(digit, stroke) for digit, count in enumerate(counts) for stroke in range(count)]
    if late:
        digit = rng.choice([digit for digit, count in enumerate(counts[:-1]) if count > 1])
        stroke = order.pop(order.index((digit, counts[digit] - 1)))
        after = digit + 1 if rng.random() < 0.5 else len(counts) - 1
        order.insert(1 + max(i for i, (owner, _) in enumerate(order) if owner <= after), stroke)
    return order


def in_pixels(stroke: np.ndarray) -> np.ndarray:
    """Return a stroke as a window of the default size hands it on: at the middles of pixels, none twice in a row."""
    pixels = np.floor(np.asarray(stroke, float) * on_canvas.CELL)
    moved = np.append(True, np.diff(pixels, axis=0).any(axis=1))
    return (pixels[moved] + 0.5) / on_canvas.CELL


if __name__ == "__main__":
    raise SystemExit(main())
