"""MNIST: where it is found, what it must hold, which digits are held out for validation and which are learned from."""

import http.client
import os
import sys
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np

from digits.system.files import UserError, replacing, sha256
from digits.system.paths import ASSETS, expand, user_home
from digits.training.configuration import Configuration

URL = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/mnist.npz"
SHA256 = "731c5ac602752760c8e48fbffcf8c3b850d9dc2a2aedcf2cc48468fc17b673d1"
SAMPLE = ASSETS / "mnist-sample.npz"  # 5,000 training and 1,000 test digits
SAMPLE_NAME = "sample"  # by which it is asked for in the place of a path
VALIDATION_DIGITS = 5000
DIGITS_PER_JUDGE = 10  # that are learned from, for each validation digit that judges an epoch ...
LEAST_JUDGES = 1000  # ... of which there are no fewer than this
PART = 1 << 16  # bytes of a download, after which its progress is told
PATIENCE = 30  # seconds without a byte, after which a download fails
SUPPLY = "give the path of an mnist.npz with --data FILE or in the variable HANDWRITING_DATA"


class Dataset(NamedTuple):
    """Images uint8 (n, 28, 28), 0 paper to 255 ink, and labels uint8 (n,) of 0 to 9."""

    train_images: np.ndarray
    train_labels: np.ndarray
    test_images: np.ndarray
    test_labels: np.ndarray


def load(path: Path | None = None) -> Dataset:
    """Load MNIST from `path`, else $HANDWRITING_DATA, else Keras' cache, else from the network.

    Either may be "sample", for the one in `assets/`.
    Raises UserError where there is none or its arrays are not like MNIST's.
    """
    return read(find(path) or download())


def load_or_sample(path: Path | None = None) -> Dataset:
    """Load MNIST from where `load` finds it without a download, else the sample of it; raises UserError."""
    return read(find(path) or SAMPLE)


def split(
    digits: Dataset, at_most: int | None = None
) -> tuple[tuple[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]:
    """Return (images, labels) for training, at most so many, and for validation.

    The last training digits are held out for validation, a tenth of a small set: the same ones however few are
    trained on.
    """
    held_out = min(VALIDATION_DIGITS, max(1, len(digits.train_labels) // 10))
    images, labels = digits.train_images, digits.train_labels
    return (images[:-held_out][:at_most], labels[:-held_out][:at_most]), (images[-held_out:], labels[-held_out:])


def num_judges(num_digits: int) -> int:
    """Return how many validation digits, at most, judge an epoch of so many digits: this takes time, too."""
    return max(LEAST_JUDGES, num_digits // DIGITS_PER_JUDGE)


def with_images(digits: Dataset, change: Callable[[np.ndarray], np.ndarray]) -> Dataset:
    """Return the digits with changed images."""
    return digits._replace(train_images=change(digits.train_images), test_images=change(digits.test_images))


def chosen(images: np.ndarray, labels: np.ndarray, configuration: Configuration) -> tuple[np.ndarray, np.ndarray]:
    """Return the training digits without the one that is left out, and with as many wrong labels as configured.

    Raises UserError where none is left.
    """
    if configuration.left_out is not None:
        images, labels = (array[labels != configuration.left_out] for array in (images, labels))
        if not len(labels):
            raise UserError(f"No digit is left to learn from without the {configuration.left_out}; give more --digits.")
    if configuration.wrong_labels:
        rng = np.random.default_rng(configuration.seed)
        is_wrong = rng.permutation(len(labels)) < round(configuration.wrong_labels * len(labels))
        labels = np.where(is_wrong, (labels + rng.integers(1, 10, len(labels))) % 10, labels).astype(np.uint8)
    return images, labels


def find(path: Path | None = None) -> Path | None:
    """Return the file that `load` would read, or None where only a download is left."""
    named = path or os.environ.get("HANDWRITING_DATA")
    if named:
        return SAMPLE if str(named) == SAMPLE_NAME else expand(named)
    try:
        return cache() if cache().is_file() else None
    except UserError:  # no home folder, and so no cache
        return None


def read(path: Path) -> Dataset:
    """Read x_train, y_train, x_test and y_test from an .npz file and check them; raises UserError.

    The file is only ever read: `keras.datasets.mnist.load_data` deletes one whose hash it does not know.
    """
    if path.is_dir():
        raise UserError(f"{path} is a folder; {SUPPLY}.")
    if not path.is_file():
        raise UserError(f"There is no data file {path}; {SUPPLY}.")
    try:
        with np.load(path, allow_pickle=False) as arrays:
            dataset = Dataset(*(arrays[name] for name in ("x_train", "y_train", "x_test", "y_test")))
    except KeyError as error:
        raise UserError(f"{path} lacks an array ({error.args[0]}); {SUPPLY}.") from error
    except PermissionError as error:
        raise UserError(f"{path} cannot be read ({error.strerror}); {SUPPLY}.") from error
    except Exception as error:  # zip, zlib and NumPy raise many kinds for damaged and for other files
        raise UserError(f"{path} is not a complete .npz file of plain arrays; {SUPPLY}.") from error
    for part in ("train", "test"):
        _check(path, part, getattr(dataset, f"{part}_images"), getattr(dataset, f"{part}_labels"))
    return dataset._replace(
        train_labels=dataset.train_labels.astype(np.uint8), test_labels=dataset.test_labels.astype(np.uint8)
    )


def _check(path: Path, part: str, images: np.ndarray, labels: np.ndarray) -> None:
    found = f"x_{part} is {images.dtype} {images.shape} and y_{part} {labels.dtype} {labels.shape}"
    if images.dtype != np.uint8 or images.ndim != 3 or images.shape[1:] != (28, 28) or len(images) < 2:
        raise UserError(f"In {path} {found}; expected two or more uint8 (n, 28, 28) images: {SUPPLY}.")
    if labels.shape != (len(images),) or labels.dtype.kind not in "iu" or not np.isin(labels, range(10)).all():
        raise UserError(f"In {path} {found}; expected one label of 0 to 9 for each image: {SUPPLY}.")


def cache() -> Path:
    """Return where Keras keeps MNIST once it has downloaded it."""
    return Path(os.environ.get("KERAS_HOME") or user_home() / ".keras") / "datasets" / "mnist.npz"


def download(on_progress: Callable[[int, int | None], None] = lambda received, of: None, remedy: str = SUPPLY) -> Path:
    """Fetch MNIST into Keras' cache, as Keras does, but without importing it first; raises UserError.

    on_progress: called with the bytes received so far, and of how many, if the server says so. remedy: what to do
    where it fails, to end the sentence.
    """
    target = cache()
    print(f"Downloading {URL} to {target}", file=sys.stderr)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with replacing(target) as draft:
            with urllib.request.urlopen(URL, timeout=PATIENCE) as source, draft.open("wb") as file:
                length = source.headers.get("Content-Length")
                while part := source.read(PART):
                    file.write(part)
                    on_progress(file.tell(), int(length) if length else None)
            if sha256(draft) != SHA256:
                raise UserError(f"The file at {URL} is not MNIST; {remedy}.")
    except (OSError, http.client.HTTPException) as error:
        cause = getattr(error, "reason", error)  # which urllib wraps
        words = getattr(cause, "strerror", None) or cause
        raise UserError(f"MNIST could not be downloaded from {URL} ({words}); {remedy}.") from error
    return target
