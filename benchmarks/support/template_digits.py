"""Digits drawn from templates, so that tests need neither MNIST nor an internet connection."""

from pathlib import Path

import numpy as np

from digits.drawing import ink

STROKES = {  # in a box of width 10 and height 16, x to the right and y down
    0: [[(5, 0), (1, 3), (0, 8), (1, 13), (5, 16), (9, 13), (10, 8), (9, 3), (5, 0)]],
    1: [[(5, 0), (5, 16)]],
    2: [[(0, 4), (2, 1), (5, 0), (9, 2), (9, 6), (5, 10), (0, 16), (10, 16)]],
    3: [[(0, 1), (5, 0), (9, 3), (8, 6), (4, 8), (9, 10), (9, 14), (5, 16), (0, 15)]],
    4: [[(6, 0), (0, 10), (10, 10)], [(7, 5), (7, 16)]],
    5: [[(9, 0), (1, 0), (1, 7), (6, 6), (10, 10), (8, 15), (4, 16), (0, 15)]],
    6: [[(8, 0), (3, 4), (0, 11), (3, 16), (8, 15), (9, 11), (5, 8), (1, 11)]],
    7: [[(0, 0), (10, 0), (4, 16)]],
    8: [[(5, 8), (1, 4), (5, 0), (9, 4), (5, 8), (0, 12), (5, 16), (10, 12), (5, 8)]],
    9: [[(9, 4), (5, 8), (1, 5), (3, 1), (8, 1), (9, 4), (8, 10), (6, 16)]],
}


def strokes(digit: int, rng: np.random.Generator | None = None) -> list[ink.Stroke]:
    """Return the strokes of a digit; with a generator no two are alike."""
    template = [np.array(stroke, float) for stroke in STROKES[digit]]
    if rng is None:
        return template
    slant = np.eye(2) + rng.normal(0, 0.08, (2, 2))
    return [stroke @ slant + rng.normal(0, 0.3, stroke.shape) for stroke in template]


def pictures(count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return that many pictures uint8 (count, 28, 28) and their labels, all ten digits in turn."""
    rng = np.random.default_rng(seed)
    labels = np.arange(count, dtype=np.uint8) % 10
    return np.stack([ink.normalize(strokes(int(label), rng)) for label in labels]), labels


def write_dataset(path: Path, test_labels_wrong_by: int = 0) -> Path:
    """Write a small file of MNIST's form: 480 digits for training and 50 for the test."""
    (x_train, y_train), (x_test, y_test) = pictures(480, seed=1), pictures(50, seed=2)
    y_test = (y_test + test_labels_wrong_by) % 10
    np.savez_compressed(path, x_train=x_train, y_train=y_train, x_test=x_test, y_test=y_test)
    return path
