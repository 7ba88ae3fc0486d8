"""Pictures without any digit: blank, grainy, shaded, ruled and squared paper, textures, blobs; what is read on them.

    python -m benchmarks.images.blank_papers [--seed 0] [--model M.h5]

Figures: `pictures`, `with_digits` (how many have a digit or more), and by name what was read on those.
"""

import argparse
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from benchmarks.images.image_files import encoded
from benchmarks.support.harness import report
from digits.models import loading
from digits.recognition.classifier import Recognizer
from digits.sheets.reading import read
from digits.system.files import UserError

SHAPES = ((240, 320), (500, 400), (800, 1000))  # pixels, height and width
PAPER = 235  # grey
GRAINS = (0, 1, 2, 4, 8)  # grey levels, standard deviation
RULED = ((1, 30), (2, 40), (3, 70))  # pixels, the width of lines and their distance
SHADES = (45, 120)  # grey levels that a line takes
BLOBS = (4, 12, 40, 70, 90, 105)  # pixels across


def main(argv: list[str] | None = None) -> int:
    """Parse, measure and print; return the exit code."""
    parser = argparse.ArgumentParser(prog="blank_papers", description="Look for digits where there are none.")
    parser.add_argument("--seed", type=int, default=0, help="of grain (default: %(default)s)")
    parser.add_argument("--model", type=Path, default=loading.SHIPPED, help="a Keras file (default: the shipped one)")
    arguments = parser.parse_args(argv)
    return report("blank_papers", lambda: measure(arguments.seed, loading.load(arguments.model)))


def measure(seed: int, classifier: Recognizer) -> dict:
    """Return the figures."""
    texts = {name: text_of(grey, classifier) for name, grey in kinds(np.random.default_rng(seed))}
    found = {name: text for name, text in texts.items() if text}
    return {"pictures": len(texts), "with_digits": len(found), "read": found}


def text_of(grey: np.ndarray, classifier: Recognizer) -> str:
    """Return what is read in greys (h, w), "" for no digit."""
    try:
        return read(encoded(Image.fromarray(grey), "PNG"), "paper.png", classifier).text
    except UserError:
        return ""


def kinds(rng: np.random.Generator) -> Iterator[tuple[str, np.ndarray]]:
    """Yield pictures without digits, uint8 (h, w), by name."""
    for shape in SHAPES:
        for grain in GRAINS:
            yield f"plain {shape} {grain}", grainy(np.full(shape, float(PAPER)), grain, rng)
            yield f"shaded {shape} {grain}", grainy(PAPER * shade(shape), grain, rng)
        for width, distance in RULED:
            for taken in SHADES:
                lines = taken * (np.arange(max(shape)) % distance < width)
                rows, columns = lines[: shape[0], None], lines[: shape[1]]
                paper = PAPER * shade(shape)
                yield f"ruled {shape} {width} {taken}", grainy(paper - rows, 2, rng)
                yield f"squared {shape} {width} {taken}", grainy(paper - np.maximum(rows, columns), 2, rng)
        yield f"cloth {shape}", grainy(PAPER - 40 * (np.indices(shape) // 3 % 2).sum(0) % 2, 10, rng)
        yield f"wood {shape}", grainy(150 + 20 * np.sin(np.arange(shape[0]) / 5)[:, None] * shade(shape), 4, rng)
    for side in BLOBS:
        yield f"blob {side}", blob(side)


def grainy(grey: np.ndarray, grain: float, rng: np.random.Generator) -> np.ndarray:
    """Return greys (h, w) with noise of that standard deviation: uint8."""
    return (grey + rng.normal(0, grain, grey.shape)).clip(0, 255).astype(np.uint8)


def shade(shape: tuple[int, int]) -> np.ndarray:
    """Return the share of a lamp's light, float (h, w), that reaches paper: less farther from a place left of it."""
    y, x = np.mgrid[0 : 1 : shape[0] * 1j, 0 : 1 : shape[1] * 1j]
    return 0.72 + 0.28 * np.exp(-1.6 * ((x - 0.3) ** 2 + (y - 0.35) ** 2))


def blob(side: int) -> np.ndarray:
    """Return a filled ellipse that is so broad."""
    picture = Image.new("L", (200, 200), PAPER)
    half = side / 2
    ImageDraw.Draw(picture).ellipse((100 - half, 100 - 1.2 * half, 100 + half, 100 + 1.2 * half), fill=20)
    return np.asarray(picture)


if __name__ == "__main__":
    raise SystemExit(main())
