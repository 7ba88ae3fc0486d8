"""The pen that gives drawn digits the mean ink of MNIST: the value of `ink.PEN_WIDTH`.

    python -m benchmarks.drawing.pen_width --data mnist.npz --strokes FILE.npz [--limit N]

The ink of a picture is the sum of its 784 values by 255: how many pixels it would fill. Printed are the mean over
MNIST's 60,000 training digits, the mean over the pen digits as `ink.normalize` renders them with pens of several
widths, and the width, between those, at which the two are the same.
"""

import argparse
from pathlib import Path

import numpy as np

from benchmarks.support import pen_strokes
from benchmarks.support.harness import positive, report
from digits.drawing import ink
from digits.training import mnist

WIDTHS = (1.6, 1.8, 2.0, 2.2, 2.4, 2.6, 2.8, 3.0, 3.2)  # pixels


def main(argv: list[str] | None = None) -> int:
    """Parse, measure and print; return the exit code."""
    parser = argparse.ArgumentParser(prog="pen_width", description="Find the pen that gives digits the ink of MNIST.")
    parser.add_argument("--data", type=Path, required=True, metavar="mnist.npz")
    parser.add_argument("--strokes", type=Path, required=True, metavar="FILE.npz", help="recorded pen strokes")
    parser.add_argument("--limit", type=positive, default=2000, help="of the pen digits (default: %(default)s)")
    arguments = parser.parse_args(argv)
    return report("pen_width", lambda: measure(arguments.data, arguments.strokes, arguments.limit))


def measure(data: Path, path: Path, limit: int) -> dict:
    """Return the mean ink of MNIST, of the pen digits per width, and the width that matches."""
    ink_of_mnist = mean_ink(mnist.load(data).train_images)
    digits = pen_strokes.read(path, limit).digits
    drawn = [mean_ink(np.stack([ink.normalize(digit, width) for digit in digits])) for width in WIDTHS]
    return {
        "digits": len(digits),
        "mnist_ink": round(ink_of_mnist, 1),
        "drawn_ink": {str(width): round(value, 1) for width, value in zip(WIDTHS, drawn, strict=True)},
        "matching_width": round(float(np.interp(ink_of_mnist, drawn, WIDTHS)), 2),
        "pen_width": ink.PEN_WIDTH,
    }


def mean_ink(pictures: np.ndarray) -> float:
    """Return how many full pixels the ink of uint8 (n, 28, 28) pictures fills on average."""
    return float(pictures.mean(dtype=np.float64) * ink.SIZE**2 / 255)


if __name__ == "__main__":
    raise SystemExit(main())
