"""How often the window is right about digits drawn with a pen.

    python -m benchmarks.recognition.drawn_digits --strokes FILE.npz [--limit N] [--placement anywhere] [--seed 0]
        [--model M.h5]

Every recorded digit is drawn in the real window (`digits.window.event_loop.Window`, on SDL's dummy driver) by Pygame's
own events in whole window pixels: button down, motions and button up for each stroke, then the key that classifies;
its answer is the one that the window would show. The key that resets comes before the next. Placement:
    anywhere   the longest side 30 to 95 % of the canvas, at random, anywhere inside it
    centred    the longest side 70 % of the canvas, in its middle
`accuracy` is the share of all digits that are right, suspect ones included; no answer is a wrong one.
`plain_picture` is how often the same network is right when the same pixels are drawn with the plain program's brush
into its 784 cells and classified without normalisation, as such programs do; real ones also miss pixels between
two frames. `benchmarks/support/pen_strokes.py` describes the file.
"""

import argparse
import os
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np

from benchmarks.support import pen_strokes
from benchmarks.support.harness import positive, report
from benchmarks.window.plain_program import ink
from digits.drawing.canvas import CELLS
from digits.models import loading
from digits.models.keras_allowlist import check_container
from digits.recognition.classifier import Recognizer

MANY_DIGITS = 20  # of one writer: the accuracy on fewer says little


def main(argv: list[str] | None = None) -> int:
    """Parse, measure and print; return the exit code."""
    parser = argparse.ArgumentParser(prog="drawn_digits", description="Measure how often drawn digits are recognised.")
    parser.add_argument("--strokes", type=Path, required=True, metavar="FILE.npz", help="recorded pen strokes")
    parser.add_argument("--limit", type=positive, metavar="N", help="of the digits, chosen at random (default: all)")
    parser.add_argument("--placement", choices=pen_strokes.PLACEMENTS, default="anywhere")
    parser.add_argument("--seed", type=int, default=0, help="of the placement (default: %(default)s)")
    parser.add_argument("--model", type=Path, default=loading.SHIPPED, help="a Keras file (default: the shipped one)")
    arguments = parser.parse_args(argv)
    return report("drawn_digits", lambda: measure(arguments))


def measure(arguments: argparse.Namespace) -> dict:
    """Return the figures."""
    check_container(arguments.model)
    collection = pen_strokes.read(arguments.strokes, arguments.limit)
    classifier = loading.load(arguments.model)
    hand = Hand(classifier)
    rng = np.random.default_rng(arguments.seed)
    placed = [pen_strokes.place(digit, hand.side, arguments.placement, rng) for digit in collection.digits]
    began = time.perf_counter()
    answers = np.array([hand.draw(digit) for digit in placed])
    seconds = time.perf_counter() - began
    plain = np.array([classifier.classify(plain_picture(digit, hand.cell)).digit for digit in placed])
    hand.close()
    return {
        "placement": arguments.placement,
        "seed": arguments.seed,
        "digits": len(answers),
        "seconds_per_digit": round(seconds / len(answers), 5),
        **accuracies(answers, collection),
        "plain_picture": {"accuracy": share(plain == collection.labels)},
    }


class Hand:
    """Draws in a real window that shows itself to nobody, and presses its keys.

    side and cell: of the canvas and of one of its cells, in pixels.
    """

    def __init__(self, classifier: Recognizer):
        os.environ["SDL_VIDEODRIVER"] = "dummy"
        from digits.window import event_loop  # late: it sets the environment that Pygame reads on import
        from digits.window.state import State

        self._pygame = pygame = event_loop.pygame
        self.window = event_loop.Window(State(), lambda before: classifier)
        self.window.handle(pygame.event.Event(event_loop.MODEL_LOADED, classifier=classifier))
        canvas = self.window._layout.canvas
        self._corner = np.array([canvas.x, canvas.y])
        self.side, self.cell = canvas.width, self.window._layout.cell

    def draw(self, digit: pen_strokes.Digit) -> int:
        """Reset, draw strokes of whole pixels of the canvas, classify; return the answered digit, -1 for none."""
        self._press_key(self._pygame.K_r)
        for stroke in digit:
            for event in self._events(stroke + self._corner):
                self.window.handle(event)
        self._press_key(self._pygame.K_RETURN)
        answer = self.window.state.answer
        return -1 if answer is None else answer.digit

    def close(self) -> None:
        """Close the window."""
        self._pygame.quit()

    def _events(self, pixels: np.ndarray) -> Iterator:
        """Yield the events of one stroke: down at its first pixel, motions, up at its last."""
        pygame, points = self._pygame, [tuple(map(int, pixel)) for pixel in pixels]
        yield pygame.event.Event(pygame.MOUSEBUTTONDOWN, pos=points[0], button=1, touch=False)
        for before, after in pairwise(points):
            moved = (after[0] - before[0], after[1] - before[1])
            yield pygame.event.Event(pygame.MOUSEMOTION, pos=after, rel=moved, buttons=(1, 0, 0), touch=False)
        yield pygame.event.Event(pygame.MOUSEBUTTONUP, pos=points[-1], button=1, touch=False)

    def _press_key(self, key: int) -> None:
        for kind in (self._pygame.KEYDOWN, self._pygame.KEYUP):
            self.window.handle(self._pygame.event.Event(kind, key=key, mod=0, unicode="", scancode=0))


def plain_picture(digit: pen_strokes.Digit, cell: int) -> np.ndarray:
    """Return the cells that the plain program's brush makes of pixels: uint8 (28, 28)."""
    cells = np.zeros((CELLS, CELLS), np.uint8)
    for column, row in np.concatenate(digit) // cell:
        ink(cells, column, row)
    return cells


def accuracies(answers: np.ndarray, collection: pen_strokes.PenDigits) -> dict:
    """Return how often the answers are right: of all, over writers, per digit.

    The mean over writers is over those with MANY_DIGITS or more; over all where nobody wrote so many.
    """
    right = answers == collection.labels
    names, counts = np.unique(collection.writers, return_counts=True)
    judged = names[counts >= MANY_DIGITS] if counts.max(initial=0) >= MANY_DIGITS else names
    writers = [right[collection.writers == writer].mean() for writer in judged]
    return {
        "accuracy": share(right),
        "accuracy_mean_over_writers": share(writers),
        "accuracy_without_suspects": share(right[~collection.suspects]),
        "accuracy_per_digit": {
            str(digit): share(right[collection.labels == digit]) for digit in np.unique(collection.labels)
        },
        "writers": len(names),
        "suspects": int(collection.suspects.sum()),
        "unanswered": int((answers < 0).sum()),
    }


def share(values: np.ndarray | list) -> float | None:
    """Return a mean to four places; None of nothing."""
    return round(float(np.mean(values)), 4) if len(values) else None


if __name__ == "__main__":
    raise SystemExit(main())
