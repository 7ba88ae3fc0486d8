"""How many digits are answered wrongly and surely where a picture is cut closely around thin strokes.

    python -m benchmarks.images.tight_crops [--strokes FILE.npz] [--digits 640] [--seed 0] [--model M.h5]

A thin pen's foot of a two, bar of a seven or stem of a four is as long, straight and thin as a printed line, and none.
Each digit is drawn by a pen of 0.5 to 2 % of its size, with a margin of 0 to 8 %, on grey and grainy paper.
Figures, as shares of all: `right`, `unsure` (whatever the answer), and `sure_and_wrong`, which counts in digits.
Without --strokes, digits drawn from templates take the place of pen digits.
"""

import argparse
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from benchmarks.images.image_files import encoded
from benchmarks.support import pen_strokes
from benchmarks.support.harness import positive, report
from digits.models import loading
from digits.sheets.reading import read
from digits.system.files import UserError

FINENESS = 3  # a picture is drawn this much larger and then reduced, so that edges are smooth
# Ranges are uniform
SIDE = (150, 400)  # pixels, the longest side of a digit
PEN = (0.005, 0.02)  # of that
MARGIN = (0.0, 0.08)  # of that, on each side
PAPER, INK = (170, 240), (30, 90)  # grey
NOISE = (1.0, 5.0)  # grey levels, standard deviation


def main(argv: list[str] | None = None) -> int:
    """Parse, measure and print; return the exit code."""
    parser = argparse.ArgumentParser(prog="tight_crops", description="Count what is sure and wrong in tight crops.")
    parser.add_argument("--strokes", type=Path, metavar="FILE.npz", help="recorded pen strokes")
    parser.add_argument("--digits", type=positive, default=640, metavar="N", help="(default: %(default)s)")
    parser.add_argument("--seed", type=int, default=0, help="of digits and looks (default: %(default)s)")
    parser.add_argument("--model", type=Path, default=loading.SHIPPED, help="a Keras file (default: the shipped one)")
    arguments = parser.parse_args(argv)
    return report("tight_crops", lambda: measure(arguments))


def measure(arguments: argparse.Namespace) -> dict:
    """Return the figures; raises UserError."""
    count, seed = arguments.digits, arguments.seed
    drawn = pen_strokes.read(arguments.strokes, count) if arguments.strokes else pen_strokes.made_up(count, seed)
    classifier, rng = loading.load(arguments.model), np.random.default_rng(seed)
    right = unsure = wrong = 0
    for digit, label in zip(drawn.digits, drawn.labels.tolist(), strict=True):
        try:
            sheet = read(draw(digit, rng), "crop.png", classifier)
        except UserError:
            unsure += 1
            continue
        right += sheet.text == str(label)
        unsure += "?" in sheet.text
        wrong += sheet.text != str(label) and "?" not in sheet.text
    total = len(drawn.labels)
    return {"digits": total, "right": right / total, "unsure": unsure / total, "sure_and_wrong": wrong}


def draw(digit: pen_strokes.Digit, rng: np.random.Generator) -> bytes:
    """Return the PNG of a digit in a thin pen, cut out closely."""
    points = np.concatenate(digit)
    low, extent = points.min(0), np.ptp(points, axis=0)
    side = FINENESS * rng.uniform(*SIDE)
    scale = side / max(extent.max(), 1e-9)
    pen = max(FINENESS, round(rng.uniform(*PEN) * side))
    before, after = rng.uniform(*MARGIN, (2, 2)) * side + pen / 2
    width, height = np.ceil(extent * scale + before + after).astype(int).clip(8 * FINENESS)
    picture = Image.new("L", (int(width), int(height)), 0)
    for stroke in digit:
        line = [tuple(point) for point in (stroke - low) * scale + before]
        ImageDraw.Draw(picture).line(line, 255, pen, joint="curve")
    ink = np.asarray(picture.reduce(FINENESS), float) / 255
    paper = rng.uniform(*PAPER)
    grey = paper + (rng.uniform(*INK) - paper) * ink + rng.normal(0, rng.uniform(*NOISE), ink.shape)
    return encoded(Image.fromarray(grey.clip(0, 255).astype(np.uint8)), "PNG")


if __name__ == "__main__":
    raise SystemExit(main())
