"""What a network sees in one epoch: MNIST's digits distorted anew, digits drawn from templates, and outliers.

Images are uint8 (n, 28, 28), targets float32 (n, 10): the probabilities that the network should give.
"""

import numpy as np

from digits.system import process_pool
from digits.training import augmentation, outliers, style_augmentation, synthetic_digits

TEMPLATE_SHARE = 0.4  # digits drawn from templates, for each MNIST digit
OUTLIER_SHARE = 0.09  # outliers, for each MNIST digit
PART = 4000  # MNIST digits, about, that one process distorts at a time
CHUNK = 500  # images distorted at a time: they fit the processor's cache


def make_epoch(images: np.ndarray, labels: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Return images and targets of one epoch, in random order, made from MNIST's images and their labels (n,).

    Large sets are made in parts by all cores; the result does not depend on how many there are.
    """
    image_parts = _in_parts(images)
    parts = process_pool.spread(_make_part, image_parts, _in_parts(labels), rng.spawn(len(image_parts)))
    made, targets = map(np.concatenate, zip(*parts, strict=True))
    order = rng.permutation(len(targets))
    return made[order], targets[order]


def make_digits(images: np.ndarray, labels: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Return the images of `make_epoch` without the outliers, and their labels (m,)."""
    made, targets = make_epoch(images, labels, rng)
    is_digit = targets.max(axis=1) == 1
    return made[is_digit], targets[is_digit].argmax(axis=1)


def epoch_size(num_digits: int) -> int:
    """Return how many images `make_epoch` makes from so many MNIST digits."""
    sizes = [len(part) for part in _in_parts(np.arange(num_digits))]
    return sum(size + round(TEMPLATE_SHARE * size) + round(OUTLIER_SHARE * size) for size in sizes)


def _in_parts(array: np.ndarray) -> list[np.ndarray]:
    return np.array_split(array, max(1, round(len(array) / PART)))


def _make_part(images: np.ndarray, labels: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Return images and targets made from a part of MNIST, its digits first and in their order."""
    drawn_labels = synthetic_digits.choose(round(TEMPLATE_SHARE * len(labels)), rng)
    outlier_images, outlier_targets = outliers.draw(round(OUTLIER_SHARE * len(labels)), images, labels, rng)
    styled = style_augmentation.add_habits(images, labels, rng)
    made = np.concatenate([styled, synthetic_digits.draw(drawn_labels, rng), outlier_images])
    digit_targets = np.eye(10, dtype=np.float32)[np.concatenate([labels, drawn_labels])]
    chunks = np.array_split(made, max(1, len(made) // CHUNK))
    distorted = np.concatenate([augmentation.distort(chunk, rng) for chunk in chunks])
    return distorted, np.concatenate([digit_targets, outlier_targets])
