"""A user's own digits to train on: read from a collection, a fifth held back, the others drawn in many ways.

The drawings are varied as strokes: turned, slanted, stretched, with other pens; those that came from images, as
pictures. Labels that are no digits are left out: the network has ten outputs, and the memory answers those.
"""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple, Protocol

import numpy as np

from digits.drawing import ink
from digits.recognition import collection
from digits.recognition.collection import Entry
from digits.recognition.labels import DIGITS
from digits.system.files import UserError
from digits.training import augmentation
from digits.training.configuration import FEWEST_OWN_DIGITS, Configuration
from digits.training.epoch_data import FULL, make_epoch
from digits.training.keras_model import Predictor, Trainable, evaluate, fit
from digits.training.progress import Epoch

HELD_BACK = 5  # one drawing of so many
OWN_DIGITS = 800  # of an epoch, for each of which ...
MNIST_DIGITS = 1000  # ... it sees about as many of other people, and templates and outliers besides
MOST_FORGOTTEN = 0.003  # of other people's digits, by a model that is kept
AT_LARGE = 2500  # of other people's digits, on which that is measured
TURN = 8.0  # degrees, either way
SLANT = 0.2  # horizontal shift per unit of height
STRETCH = 0.15  # natural logarithm of the scale of the width
PEN_WIDTHS = (1.7, 3.4)  # pixels of the normalised picture


class TrainablePredictor(Trainable, Predictor, Protocol):
    """A compiled Keras model."""


class Standing(NamedTuple):
    """How good a model is: accuracies in [0, 1], and a mean cross-entropy."""

    own_accuracy: float  # on the held-back drawings
    own_loss: float
    large_accuracy: float  # on other people's digits

    def __str__(self) -> str:
        own, large = f"{self.own_accuracy:.1%} of the held-back drawings", f"{self.large_accuracy:.2%}"
        return f"{own} are read right (cross-entropy {self.own_loss:.4f}), and {large} of other people's digits"

    def is_better_than(self, before: "Standing") -> bool:
        """Tell whether it reads the held-back drawings better, and has hardly forgotten other people's digits."""
        has_kept = self.large_accuracy >= before.large_accuracy - MOST_FORGOTTEN
        return has_kept and self.own_accuracy >= before.own_accuracy and self.own_loss < before.own_loss


class OwnDigits(NamedTuple):
    """Drawings to train on, and the pictures uint8 (n, 28, 28) and labels (n,) of those that are held back."""

    drawings: list[Entry]
    held_images: np.ndarray
    held_labels: np.ndarray

    @property
    def images(self) -> np.ndarray:
        """The pictures of the drawings to train on, uint8 (n, 28, 28)."""
        return np.array([drawing.picture for drawing in self.drawings])

    @property
    def labels(self) -> np.ndarray:
        """Their labels, uint8 (n,)."""
        return np.array([int(drawing.label) for drawing in self.drawings], np.uint8)


def load(folder: Path, seed: int) -> OwnDigits:
    """Return the digits in the folder of a hand; a fifth of each digit is held back. Raises UserError for too few."""
    entries = [entry for entry in collection.read(folder).entries if entry.label in DIGITS]
    if len(entries) < FEWEST_OWN_DIGITS:
        found = f"There are {len(entries)} drawings of digits in {folder}"
        raise UserError(
            f"{found}; draw {FEWEST_OWN_DIGITS} or more, ten of each digit are best, and say what they are."
        )
    order = np.random.default_rng(seed).permutation(len(entries)).tolist()
    mixed = sorted((entries[place] for place in order), key=lambda entry: entry.label)
    held = mixed[HELD_BACK // 2 :: HELD_BACK]
    rest = [entry for place, entry in enumerate(mixed) if place % HELD_BACK != HELD_BACK // 2]
    labels = np.array([int(entry.label) for entry in held], np.uint8)
    return OwnDigits(rest, np.array([entry.picture for entry in held]), labels)


def judge(model: Predictor, own: OwnDigits, images: np.ndarray, labels: np.ndarray) -> Standing:
    """Return how good a model is on the held-back drawings and on images uint8 (n, 28, 28) of other people's digits."""
    loss, accuracy = evaluate(model, own.held_images, own.held_labels)
    return Standing(accuracy, loss, evaluate(model, images[:AT_LARGE], labels[:AT_LARGE])[1])


def report(own: OwnDigits, before: Standing, after: Standing) -> dict:
    """Return what progress file and model card say of a training."""
    counts = {"drawings": len(own.drawings), "held_back": len(own.held_labels)}
    standings = {name: each._asdict() for name, each in (("before", before), ("after", after))}
    return {**counts, **standings, "is_better": after.is_better_than(before)}


def train_epoch(
    model: TrainablePredictor,
    own: OwnDigits,
    images: np.ndarray,
    labels: np.ndarray,
    configuration: Configuration,
    number: int,
) -> Epoch:
    """Show the model own drawings and MNIST's digits, varied anew, and evaluate it; raises UserError if it diverges.

    number: of the epoch, from 0. The epoch's validation is that of the held-back drawings.
    """
    started = time.monotonic()
    made = make_own_epoch(own, images, labels, np.random.default_rng([configuration.seed, number]), configuration)
    if not np.isfinite(fit(model, *made, configuration.batch_size)):
        raise UserError(f"The loss of epoch {number + 1} is not a number; give a lower --learning-rate.")
    varied, targets = vary(own.drawings, len(own.held_labels), np.random.default_rng(configuration.seed))
    results = *evaluate(model, own.images, own.labels), *evaluate(model, own.held_images, own.held_labels)
    return Epoch(*results, evaluate(model, varied, targets.argmax(axis=1))[1], time.monotonic() - started)


def make_own_epoch(
    own: OwnDigits,
    images: np.ndarray,
    labels: np.ndarray,
    rng: np.random.Generator,
    configuration: Configuration = FULL,
) -> tuple[np.ndarray, np.ndarray]:
    """Return images uint8 (n, 28, 28) and targets float32 (n, 10) of own digits and MNIST's, in random order.

    images, labels: of MNIST, some of which are taken.
    """
    chosen = rng.choice(len(labels), min(MNIST_DIGITS, len(labels)), replace=False)
    others, other_targets = make_epoch(images[chosen], labels[chosen], rng, configuration)
    drawn, own_targets = vary(own.drawings, OWN_DIGITS, rng)
    order = rng.permutation(len(others) + len(drawn))
    return np.concatenate([others, drawn])[order], np.concatenate([other_targets, own_targets])[order]


def vary(drawings: Sequence[Entry], count: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Return so many pictures of the drawings, each about as often, no two alike, and their targets float32 (n, 10)."""
    places = np.resize(rng.permutation(len(drawings)), count).tolist()
    pictures = np.array([_redrawn(drawings[place], rng) for place in places])
    labels = [int(drawings[place].label) for place in places]
    return augmentation.distort(pictures, rng), np.eye(10, dtype=np.float32)[labels]


def _redrawn(drawing: Entry, rng: np.random.Generator) -> np.ndarray:
    """Return the picture of a drawing by a hand that slants otherwise and by another pen."""
    if not drawing.strokes:
        return drawing.picture
    angle = np.deg2rad(rng.uniform(-TURN, TURN))
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    slant = np.array([[np.exp(rng.uniform(-STRETCH, STRETCH)), 0], [rng.uniform(-SLANT, SLANT), 1]])
    pen_width = float(np.exp(rng.uniform(*np.log(PEN_WIDTHS))))
    return ink.normalize([stroke @ slant @ turn for stroke in drawing.strokes], pen_width)
