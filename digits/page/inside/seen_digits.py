"""The digits of MNIST's training set that look most like a drawing to the network.

Of the sample's 5,000 those come into question whose blurred pictures are most alike; the features that enter the last
layer decide among them.
"""

from functools import cache
from typing import NamedTuple

import numpy as np

from digits.recognition.classifier import Classifier
from digits.recognition.features import blurred, reader_of
from digits.training import mnist

CANDIDATES = 250  # whose features are computed, in a tenth of a second


class SeenDigit(NamedTuple):
    """A digit of the training set, uint8 (28, 28), and how much alike it is, 1 for the same."""

    picture: np.ndarray
    label: int
    similarity: float


def nearest(classifier: Classifier, picture: np.ndarray, count: int) -> list[SeenDigit]:
    """Return the digits of the sample that are most like a picture, uint8 (28, 28), the most alike first."""
    images, labels, looks = _sample()
    reader = reader_of(classifier)
    wanted = reader(picture).vector
    candidates = np.argsort(looks @ _of_length_1(blurred(picture)))[::-1][:CANDIDATES]
    similarities = np.array([reader(images[place]).vector @ wanted for place in candidates])
    best = np.argsort(similarities)[::-1][:count]
    return [
        SeenDigit(images[place], int(labels[place]), float(similarity))
        for place, similarity in zip(candidates[best], similarities[best], strict=True)
    ]


def by_digit(count: int) -> np.ndarray:
    """Return so many pictures of each digit of the sample, uint8 (10, count, 28, 28)."""
    images, labels, _ = _sample()
    return np.stack([images[labels == digit][:count] for digit in range(10)])


@cache
def _sample() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return images, labels and blurred pictures float32 (n, 196) of length 1."""
    digits = mnist.read(mnist.SAMPLE)
    looks = np.stack([_of_length_1(blurred(image)) for image in digits.train_images])
    return digits.train_images, digits.train_labels, looks


def _of_length_1(values: np.ndarray) -> np.ndarray:
    return values / max(float(np.linalg.norm(values)), 1e-9)
