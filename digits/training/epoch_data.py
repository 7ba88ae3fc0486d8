"""What a network sees in one epoch: MNIST's digits distorted anew, digits drawn from templates, and outliers.

The small network sees distorted digits alone: they cost a sixth of the time, and it hardly learns more from the rest.
Images are uint8 (n, 28, 28), targets float32 (n, 10): the probabilities that the network should give.
"""

from dataclasses import replace
from functools import partial

import numpy as np

from digits.drawing.ink import SIZE
from digits.system import process_pool
from digits.training import augmentation, outliers, style_augmentation, synthetic_digits
from digits.training.configuration import Configuration

TEMPLATE_SHARE = 0.4  # digits drawn from templates, for each MNIST digit
OUTLIER_SHARE = 0.09  # outliers, for each MNIST digit
PART = 4000  # MNIST digits, about, that one process distorts at a time
LIGHT_PART = 16_000  # ... where distorting is all there is to do
CHUNK = 500  # images distorted at a time: they fit the processor's cache
FULL = Configuration()


def make_epoch(
    images: np.ndarray, labels: np.ndarray, rng: np.random.Generator, configuration: Configuration = FULL
) -> tuple[np.ndarray, np.ndarray]:
    """Return images and targets of one epoch, in random order, made from MNIST's images and their labels (n,).

    Large sets are made in parts by all cores; the result does not depend on how many there are.
    """
    size = _part_size(configuration)
    image_parts = _in_parts(images, size)
    make = partial(_make_part, configuration=configuration)
    parts = process_pool.spread(make, image_parts, _in_parts(labels, size), rng.spawn(len(image_parts)))
    made, targets = map(np.concatenate, zip(*parts, strict=True))
    order = rng.permutation(len(targets))
    return made[order], targets[order]


def make_digits(
    images: np.ndarray, labels: np.ndarray, rng: np.random.Generator, configuration: Configuration = FULL
) -> tuple[np.ndarray, np.ndarray]:
    """Return the images of `make_epoch` without the outliers, and their labels (m,): distorted in any case."""
    made, targets = make_epoch(images, labels, rng, replace(configuration, augmentation=True, left_out=None))
    is_digit = targets.max(axis=1) == 1
    return made[is_digit], targets[is_digit].argmax(axis=1)


def epoch_size(num_digits: int, configuration: Configuration = FULL) -> int:
    """Return how many images `make_epoch` makes from so many MNIST digits."""
    if not _is_varied(configuration):
        return num_digits
    sizes = [len(part) for part in _in_parts(np.arange(num_digits), PART)]
    return sum(size + round(TEMPLATE_SHARE * size) + round(OUTLIER_SHARE * size) for size in sizes)


def scatter(images: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return images uint8 (n, 28, 28) with the ink of each moved to a random place, none of it beyond the border."""
    down, right = (_random_shifts(images.max(axis=axis) > 0, rng) for axis in (2, 1))
    places = np.arange(SIZE)
    rows, columns = ((places - shifts[:, None]) % SIZE for shifts in (down, right))
    return images[np.arange(len(images))[:, None, None], rows[:, :, None], columns[:, None, :]]


def _random_shifts(inked: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return shifts (n,) that keep the ink, bool (n, 28) along one axis, inside."""
    first, last = inked.argmax(axis=1), SIZE - 1 - inked[:, ::-1].argmax(axis=1)
    return rng.integers(-first, SIZE - last)


def _is_varied(configuration: Configuration) -> bool:
    """Tell whether the network also sees other styles, digits from templates and outliers."""
    return configuration.augmentation and configuration.network == "full"


def _part_size(configuration: Configuration) -> int:
    return PART if _is_varied(configuration) else LIGHT_PART


def _in_parts(array: np.ndarray, size: int) -> list[np.ndarray]:
    return np.array_split(array, max(1, round(len(array) / size)))


def _make_part(
    images: np.ndarray, labels: np.ndarray, rng: np.random.Generator, configuration: Configuration
) -> tuple[np.ndarray, np.ndarray]:
    """Return images and targets made from a part of MNIST, its digits first and in their order."""
    made, targets = images, np.eye(10, dtype=np.float32)[labels]
    if _is_varied(configuration):
        made, targets = _with_others(images, labels, rng, configuration.left_out)
    if configuration.augmentation:
        chunks = np.array_split(made, max(1, len(made) // CHUNK))
        made = np.concatenate([augmentation.distort(chunk, rng) for chunk in chunks])
    return made if configuration.centring else scatter(made, rng), targets


def _with_others(
    images: np.ndarray, labels: np.ndarray, rng: np.random.Generator, left_out: int | None
) -> tuple[np.ndarray, np.ndarray]:
    """Return the digits, some in other styles, with digits from templates and outliers, and their targets."""
    drawn_labels = synthetic_digits.choose(round(TEMPLATE_SHARE * len(labels)), rng, left_out)
    outlier_images, outlier_targets = outliers.draw(round(OUTLIER_SHARE * len(labels)), images, labels, rng)
    styled = style_augmentation.add_habits(images, labels, rng)
    made = np.concatenate([styled, synthetic_digits.draw(drawn_labels, rng), outlier_images])
    digit_targets = np.eye(10, dtype=np.float32)[np.concatenate([labels, drawn_labels])]
    return made, np.concatenate([digit_targets, outlier_targets])
