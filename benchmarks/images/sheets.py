"""How many digits of a photographed sheet are found and read, and how fast many single images are.

    python -m benchmarks.images.sheets --strokes FILE.npz [--sheets 5] [--seed 0] [--model M.h5] [--save FOLDER]

A sheet (`benchmarks/images/sheet_files.py`) holds 100 pen digits in ten lines, in one pen, on squared paper whose lines
they touch and cross, turned by 5 degrees, in uneven light, blurred, noisy and saved as JPEG. The other variants are
named for what is different. Figures of each:
    found     share of the digits with a box of their own that overlaps the true one: intersection over union of at
              least 0.5, one to one, the greatest first
    right     share of all digits, suspect ones included, that are found and read rightly
    extra     boxes that belong to no digit, per sheet
    signs     signs that are read, per sheet; there are none
    in_order  share of the sheets whose digits come in reading order and in as many lines as were written
    seconds   per sheet, decoding included; the median
`signed_numbers` are 200 photos of a number of 2 to 6 digits with one sign or two (`benchmarks/support/drawn_signs.py`):
the share whose text is right, and whose signs are.
`single_images` are 200 photos of one digit (`benchmarks/images/image_files.py`), answered one after the other.
`benchmarks/support/pen_strokes.py` describes the file of strokes.
"""

import argparse
import time
from itertools import islice
from pathlib import Path

import numpy as np

from benchmarks.images import image_files, sheet_files
from benchmarks.images.sheet_files import Style
from benchmarks.recognition import drawn_numbers
from benchmarks.support import drawn_signs, pen_strokes
from benchmarks.support.harness import positive, report
from benchmarks.support.measures import at_least, at_most
from digits.models import loading
from digits.recognition.classifier import Classifier
from digits.sheets.annotation import annotate
from digits.sheets.reading import Sheet, read

DIGITS = 100  # on a sheet
SINGLES = 200
OVERLAP = 0.5  # intersection over union from which on a box is the digit's
FOUND, RIGHT, SECONDS_FOR_SINGLES = 0.99, 0.97, 3.0  # the goals
VARIANTS = {
    "squared": Style(),
    "plain": Style("plain"),
    "ruled": Style("ruled"),
    "light_on_dark": Style(is_board=True),
    "turned_8_degrees_left": Style(degrees=-8),
    "on_a_table": Style(on_table=True),
}


def main(argv: list[str] | None = None) -> int:
    """Parse, measure and print; return the exit code."""
    parser = argparse.ArgumentParser(prog="sheets", description="Measure how well sheets of many digits are read.")
    parser.add_argument("--strokes", type=Path, required=True, metavar="FILE.npz", help="recorded pen strokes")
    parser.add_argument("--sheets", type=positive, default=5, metavar="N", help="of each variant (default: 5)")
    parser.add_argument("--variants", nargs="+", choices=VARIANTS, default=[*VARIANTS], help="(default: all)")
    parser.add_argument("--seed", type=int, default=0, help="of digits and looks (default: %(default)s)")
    parser.add_argument("--model", type=Path, default=loading.SHIPPED, help="a Keras file (default: the shipped one)")
    parser.add_argument("--save", type=Path, metavar="FOLDER", help="where to put the sheets with their boxes")
    arguments = parser.parse_args(argv)
    return report("sheets", lambda: measure(arguments))


def measure(arguments: argparse.Namespace) -> dict:
    """Return the figures."""
    collection = pen_strokes.read(arguments.strokes)
    classifier = loading.load(arguments.model)
    return {
        "seed": arguments.seed,
        "sheets": arguments.sheets,
        **{name: measure_variant(name, collection, classifier, arguments) for name in arguments.variants},
        "signed_numbers": measure_signed(collection, classifier, arguments.seed),
        "single_images": measure_singles(collection, classifier, arguments.seed),
    }


def measure_variant(
    name: str, collection: pen_strokes.PenDigits, classifier: Classifier, arguments: argparse.Namespace
) -> dict:
    """Return the figures of one variant's sheets."""
    rng = np.random.default_rng([arguments.seed, [*VARIANTS].index(name)])
    scores, seconds, signs = [], [], 0
    for number in range(arguments.sheets):
        chosen = rng.integers(0, len(collection.labels), DIGITS)
        written = sheet_files.photograph([collection.digits[i] for i in chosen], VARIANTS[name], rng)
        began = time.perf_counter()
        sheet = read(written.content, "sheet.jpg", classifier)
        seconds.append(time.perf_counter() - began)
        signs += sum(digit.sign is not None for digit in sheet.digits)
        scores.append(score(sheet, written, collection.labels[chosen]))
        if arguments.save:
            (arguments.save / f"{name}_{number}.jpg").write_bytes(annotate(sheet))
    found, right, extra, in_order = np.mean(scores, axis=0)
    return {
        "found": at_least(found, FOUND),
        "right": at_least(right, RIGHT),
        "extra": round(float(extra), 2),
        "signs": round(signs / arguments.sheets, 2),
        "in_order": round(float(in_order), 2),
        "seconds": round(float(np.median(seconds)), 3),
    }


def measure_signed(collection: pen_strokes.PenDigits, classifier: Classifier, seed: int) -> dict:
    """Return the shares of photographed numbers with signs whose text, and whose signs, are read right."""
    rng = np.random.default_rng([seed, SINGLES])
    right, right_signs = [], []
    for chosen in islice(drawn_numbers.choose(collection, rng), SINGLES):
        signs = drawn_signs.before(len(chosen), rng)
        pen = rng.uniform(*image_files.PHOTO_PEN) * image_files.USUAL_PEN * drawn_numbers.LINE
        strokes = drawn_numbers.compose_signed([collection.digits[index] for index in chosen], signs, rng, pen)
        longest = np.ptp(np.concatenate(strokes), axis=0).max()
        picture = image_files.photograph(image_files.draw(strokes, rng, pen / longest), rng)
        content = image_files.encoded(picture, "JPEG", quality=int(rng.integers(*image_files.QUALITY)))
        text = read(content, "number.jpg", classifier).number
        labels = collection.labels[chosen].tolist()
        right.append(text == "".join(f"{sign}{label}" for sign, label in zip(signs, labels, strict=True)))
        right_signs.append("".join(each for each in text if each in drawn_signs.BETWEEN) == "".join(signs))
    return {"right": round(float(np.mean(right)), 4), "right_signs": round(float(np.mean(right_signs)), 4)}


def measure_singles(collection: pen_strokes.PenDigits, classifier: Classifier, seed: int) -> dict:
    """Return how long the photos of one digit take, and the share that is read as this one digit."""
    rng = np.random.default_rng(seed)
    chosen = rng.integers(0, len(collection.labels), SINGLES)
    files = [image_files.KINDS["photo"].encode(collection.digits[i], rng) for i in chosen]
    began, worked = time.perf_counter(), time.process_time()
    sheets = [read(content, "photo.jpg", classifier) for content in files]
    seconds, processor_seconds = time.perf_counter() - began, time.process_time() - worked
    answers = [[digit.answer.digit for digit in sheet.digits] for sheet in sheets]
    right = [answer == [label] for answer, label in zip(answers, collection.labels[chosen], strict=True)]
    return {
        "seconds": at_most(seconds, SECONDS_FOR_SINGLES),
        "processor_seconds": round(processor_seconds, 3),  # which other programs on the machine change little
        "right": round(float(np.mean(right)), 4),
    }


def score(sheet: Sheet, written: sheet_files.WrittenSheet, labels: np.ndarray) -> tuple[float, float, int, bool]:
    """Return the shares of digits found and right, how many boxes are too much, and whether order and lines are so."""
    mates = match(np.array([digit.box for digit in sheet.digits], float).reshape(-1, 4), written.boxes)
    answers = {true: sheet.digits[box].answer.digit for box, true in mates.items()}
    right = [answers.get(number) == label for number, label in enumerate(labels)]
    order = [mates[box] for box in sorted(mates)]
    in_order = order == sorted(order) and len(sheet.lines) == written.lines
    return len(mates) / len(labels), float(np.mean(right)), len(sheet.digits) - len(mates), in_order


def match(boxes: np.ndarray, true: np.ndarray) -> dict[int, int]:
    """Return which of the boxes (n, 4) is which of the true ones (m, 4): one to one, the greatest overlap first."""
    low = np.maximum(boxes[:, None, :2], true[None, :, :2])
    high = np.minimum(boxes[:, None, 2:], true[None, :, 2:])
    common = np.maximum(high - low, 0).prod(2)
    areas = [(each[:, 2:] - each[:, :2]).prod(1) for each in (boxes, true)]
    overlap = common / np.maximum(areas[0][:, None] + areas[1] - common, 1e-9)
    mates: dict[int, int] = {}
    for index in np.argsort(-overlap, axis=None):
        box, mate = divmod(int(index), len(true))
        if overlap[box, mate] < OVERLAP:
            break
        if box not in mates and mate not in mates.values():
            mates[box] = mate
    return mates


if __name__ == "__main__":
    raise SystemExit(main())
