"""How often digits that touch or overlap in a picture are read right.

    python -m benchmarks.images.touching --strokes FILE.npz [--strings 600] [--seed 0] [--model M.h5]

A string is two or three pen digits, in turn, of one writer or of any, in turn. Each is made 90 to 110 % as high, its
foot moved up or down by as much as 10 %. Its box overlaps that of the one before by up to 15 % of their mean width, or
by more where only then their ink meets. The string is photographed as a single digit is
(`benchmarks/images/image_files.py`): 200 to 400 pixels wide, the string 40 to 80 % of that, in pens from half the usual
one to one and a half. Figures:
    right          share of the strings whose digits are read, from left to right, as they were written; suspect digits
                   included
    right_count    ... that are read as so many digits
    apart          the same digits in the same pictures, but 10 to 30 % of their height apart: what no parting can do
                   better than
    singles        photos of one digit: those read rightly, and those read as more than one
    seconds        per picture, decoding included; the median
`benchmarks/support/pen_strokes.py` describes the file.
"""

import argparse
import time
from pathlib import Path
from typing import NamedTuple

import numpy as np
from scipy.spatial import KDTree

from benchmarks.images import image_files
from benchmarks.recognition.drawn_digits import share
from benchmarks.support import pen_strokes
from benchmarks.support.harness import positive, report
from benchmarks.support.measures import at_least
from digits.models import loading
from digits.recognition.classifier import Recognizer
from digits.sheets.reading import read

RIGHT = 0.85  # the goal
LENGTHS = (2, 3)  # digits
VARIATION = 0.1  # of a digit's height, either way: its size and its foot
OVERLAP = 0.15  # of the mean width of two digits: that of their boxes, at most, unless their ink does not meet
TOUCH = 0.8  # of the pen's width: the distance of paths whose ink surely meets
GAP = (0.1, 0.3)  # of a digit's height, between the boxes of ink that stands apart
FEWEST = 10  # digits of a writer who is asked for strings
STEP = 0.01  # of a digit's height, between points of a path and between places that are tried


class Outcome(NamedTuple):
    """Of each picture: whether the digits are right, whether their number is, and the seconds it took."""

    right: list[bool]
    right_count: list[bool]
    seconds: list[float]


def main(argv: list[str] | None = None) -> int:
    """Parse, measure and print; return the exit code."""
    parser = argparse.ArgumentParser(prog="touching", description="Measure how well touching digits are read.")
    parser.add_argument("--strokes", type=Path, required=True, metavar="FILE.npz", help="recorded pen strokes")
    parser.add_argument("--strings", type=positive, default=600, metavar="N", help="(default: %(default)s)")
    parser.add_argument("--seed", type=int, default=0, help="of digits and looks (default: %(default)s)")
    parser.add_argument("--model", type=Path, default=loading.SHIPPED, help="a Keras file (default: the shipped one)")
    arguments = parser.parse_args(argv)
    return report("touching", lambda: measure(arguments))


def measure(arguments: argparse.Namespace) -> dict:
    """Return the figures."""
    collection = pen_strokes.read(arguments.strokes)
    classifier = loading.load(arguments.model)
    chosen = choose(collection, arguments.strings, arguments.seed)
    touching, apart, singles = (
        measure_strings(collection, digits, is_touching, classifier, arguments.seed)
        for digits, is_touching in ((chosen, True), (chosen, False), ([digits[:1] for digits in chosen], True))
    )
    return {
        "seed": arguments.seed,
        "strings": len(chosen),
        "right": at_least(np.mean(touching.right), RIGHT),
        **{f"right_{name}": share(touching.right[n::2]) for n, name in enumerate(("pairs", "triples"))},
        "right_count": share(touching.right_count),
        "apart": {"right": share(apart.right), "right_count": share(apart.right_count)},
        "singles": {"right": share(singles.right), "cut": share(np.logical_not(singles.right_count))},
        **{
            f"seconds_{name}": round(float(np.median(outcome.seconds)), 4)
            for name, outcome in (("touching", touching), ("apart", apart), ("singles", singles))
        },
    }


def choose(collection: pen_strokes.PenDigits, count: int, seed: int) -> list[np.ndarray]:
    """Return the digits' numbers of each string: pairs and triples in turn, then of one writer and of any."""
    rng = np.random.default_rng(seed)
    writers, sizes = np.unique(collection.writers, return_counts=True)
    of_writer = [np.flatnonzero(collection.writers == writer) for writer in writers[sizes >= FEWEST]]
    everyone = np.arange(len(collection.labels))
    return [
        rng.choice(everyone if string & 2 else of_writer[rng.integers(len(of_writer))], LENGTHS[string & 1], False)
        for string in range(count)
    ]


def measure_strings(
    collection: pen_strokes.PenDigits, chosen: list[np.ndarray], is_touching: bool, classifier: Recognizer, seed: int
) -> Outcome:
    """Draw and read strings of the chosen digits; the same seed gives the same sizes, pens and papers."""
    outcome = Outcome([], [], [])
    for string, digits in enumerate(chosen):
        content = photograph([collection.digits[i] for i in digits], is_touching, np.random.default_rng([seed, string]))
        began = time.perf_counter()
        sheet = read(content, "string.jpg", classifier)
        outcome.seconds.append(time.perf_counter() - began)
        answers = [digit.answer.digit for digit in sorted(sheet.digits, key=lambda digit: digit.box[0] + digit.box[2])]
        outcome.right.append(answers == collection.labels[digits].tolist())
        outcome.right_count.append(len(answers) == len(digits))
    return outcome


def photograph(digits: list[pen_strokes.Digit], is_touching: bool, rng: np.random.Generator) -> bytes:
    """Return the photo of a string as the bytes of a file."""
    pen = rng.uniform(*image_files.PHOTO_PEN)
    strokes = set_together(digits, pen * image_files.USUAL_PEN, is_touching, rng)
    longest = np.ptp(np.concatenate(strokes), axis=0).max()
    picture = image_files.photograph(image_files.draw(strokes, rng, pen / longest), rng)
    return image_files.encoded(picture, "JPEG", quality=int(rng.integers(*image_files.QUALITY)))


def set_together(
    digits: list[pen_strokes.Digit], pen: float, is_touching: bool, rng: np.random.Generator
) -> pen_strokes.Digit:
    """Return the strokes of a string, a digit's height being about 1; pen: its width."""
    string: pen_strokes.Digit = []
    before: pen_strokes.Digit = []
    for digit in digits:
        digit, overlap, gap = set_digit(digit, rng), rng.uniform(0, OVERLAP), rng.uniform(*GAP)
        if before:
            place = right_edge(string) + gap + pen
            if is_touching:
                widths = [np.ptp(np.concatenate(each)[:, 0]) + pen for each in (before, digit)]
                place = right_edge(string) + pen - overlap * float(np.mean(widths))
                place = meeting_place(string, digit, place, pen)
            digit = [stroke + np.array([place, 0]) for stroke in digit]
        string, before = string + digit, digit
    return string


def set_digit(digit: pen_strokes.Digit, rng: np.random.Generator) -> pen_strokes.Digit:
    """Return a digit about 1 high, its box beginning at 0, its foot about 0, its points close together."""
    points = np.concatenate(digit)
    height, foot = np.array([1, 0]) + rng.uniform(-VARIATION, VARIATION, 2)
    scale = height / max(np.ptp(points[:, 1]), np.ptp(points[:, 0]) / 2, 1e-9)
    corner = np.array([points[:, 0].min(), points[:, 1].max()])
    return [dense((stroke - corner) * scale + (0, foot)) for stroke in digit]


def dense(stroke: np.ndarray) -> np.ndarray:
    """Return a path's points, no more than STEP apart."""
    along = np.append(0, np.cumsum(np.hypot(*np.diff(stroke, axis=0).T)))
    at = np.linspace(0, along[-1], 1 + int(np.ceil(along[-1] / STEP)))
    return np.stack([np.interp(at, along, axis) for axis in stroke.T], axis=1)


def right_edge(strokes: pen_strokes.Digit) -> float:
    """Return where a path ends."""
    return float(np.concatenate(strokes)[:, 0].max())


def meeting_place(string: pen_strokes.Digit, digit: pen_strokes.Digit, place: float, pen: float) -> float:
    """Return how far to the right a digit is moved, `place` at most, for its ink to meet that of a string."""
    ink, points = KDTree(np.concatenate(string)), np.concatenate(digit)
    while place > 0 and ink.query(points + np.array([place, 0]))[0].min() > TOUCH * pen:
        place -= STEP
    return place


if __name__ == "__main__":
    raise SystemExit(main())
