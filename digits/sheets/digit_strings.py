"""Digit strings: reads ink that is several digits as a whole, without cutting it, and says where each digit stands.

A small network of convolutions sees the ink, ROWS high. For each STRIDE columns it gives the logits of "nothing new
here" and of ten digits; what follows each other alike is one digit (connectionist temporal classification: Graves et
al., 2006). `digits.training.touching.network` trains it to have its peaks in the middles of the digits.
"""

from functools import cache
from typing import NamedTuple

import numpy as np

from digits.images.filters import resample
from digits.images.mnist_layout import ink_box
from digits.recognition.classifier import Interpreter
from digits.system.paths import ASSETS

NETWORK = ASSETS / "touching.tflite"
ROWS = 32  # pixels, the height of the ink
STRIDE = 2  # of the ink's columns, for which there are logits once
BLANK = 0  # the place of "nothing new" before the ten digits
WIDTHS = 16  # pixels, of which the picture's width is a multiple
BROADEST = 40  # times as broad as high, of ink that is read


class Peak(NamedTuple):
    """A digit: the column of ink in which its middle is, and the probabilities of all ten."""

    column: int
    probabilities: np.ndarray


def level(ink: np.ndarray) -> np.ndarray:
    """Return ink (h, w) within its box at the height that the network reads: float (ROWS, w) in [0, 1]."""
    top, left, bottom, right = ink_box(ink)
    width = min(max(1, round(ROWS * (right - left) / (bottom - top))), BROADEST * ROWS)
    levelled = resample(ink, (top, left, bottom, right), (ROWS, width))
    return np.clip(levelled / levelled.max(), 0, 1)  # a thin pen fills no row


def read(ink: np.ndarray) -> list[Peak]:
    """Return the digits of ink (ROWS, w) in [0, 1] from left to right; none for what is no digit."""
    width = ink.shape[1]
    picture = np.pad(ink, [(0, 0), (0, WIDTHS - width % WIDTHS)]).astype(np.float32)
    return peaks(_network().outputs(picture[None, ..., None])[0][0, 0], width)


def peaks(logits: np.ndarray, width: int) -> list[Peak]:
    """Return the digits that logits (n, 11) are, of the columns of ink of that width."""
    exponentials = np.exp(logits - logits.max(axis=1, keepdims=True))
    shares = exponentials / exponentials.sum(axis=1, keepdims=True)
    best = shares.argmax(axis=1)
    found = []
    for run in np.split(np.arange(len(best)), np.flatnonzero(np.diff(best)) + 1):
        if best[run[0]] != BLANK:
            digits = shares[run, 1:].sum(axis=0)
            middle = np.average(run + 0.5, weights=shares[run, best[run]])
            found.append(Peak(min(int(middle * STRIDE), width - 1), digits / digits.sum()))
    return found


@cache
def _network() -> Interpreter:
    return Interpreter(NETWORK.read_bytes())
