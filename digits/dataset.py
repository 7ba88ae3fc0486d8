"""MNIST: where it is found and what it must hold."""

import os
import zipfile
from pathlib import Path
from typing import NamedTuple

import numpy as np

from digits.files import UserError

URL = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/mnist.npz"
SHA256 = "731c5ac602752760c8e48fbffcf8c3b850d9dc2a2aedcf2cc48468fc17b673d1"
SUPPLY = "give the path of an mnist.npz with --data FILE or in the variable HANDWRITING_DATA"


class Dataset(NamedTuple):
    """Pictures uint8 (n, 28, 28), 0 paper to 255 ink, and labels uint8 (n,) of 0 to 9."""

    train_images: np.ndarray
    train_labels: np.ndarray
    test_images: np.ndarray
    test_labels: np.ndarray


def load(path: Path | None = None) -> Dataset:
    """Load MNIST from `path`, else $HANDWRITING_DATA, else Keras' cache, else from the network.

    Raises UserError where there is none or its arrays are not MNIST's.
    """
    return read(find(path) or _download())


def find(path: Path | None = None) -> Path | None:
    """Return the file that `load` would read, or None where only a download is left."""
    named = path or os.environ.get("HANDWRITING_DATA")
    if named:
        return Path(named).expanduser()
    cache = Path(os.environ.get("KERAS_HOME", Path.home() / ".keras")) / "datasets" / "mnist.npz"
    return cache if cache.is_file() else None


def read(path: Path) -> Dataset:
    """Read x_train, y_train, x_test and y_test from an .npz file and check them; raises UserError."""
    if not path.is_file():
        raise UserError(f"There is no data file {path}; {SUPPLY}.")
    try:
        # Never keras.datasets.mnist.load_data: it deletes a file whose hash it does not know.
        with np.load(path, allow_pickle=False) as arrays:
            dataset = Dataset(*(arrays[name] for name in ("x_train", "y_train", "x_test", "y_test")))
    except KeyError as error:
        raise UserError(f"{path} lacks an array ({error.args[0]}); {SUPPLY}.") from error
    except (OSError, ValueError, EOFError, AttributeError, zipfile.BadZipFile) as error:
        raise UserError(f"{path} is not a whole .npz file; {SUPPLY}.") from error
    for part in ("train", "test"):
        _check(path, part, getattr(dataset, f"{part}_images"), getattr(dataset, f"{part}_labels"))
    return dataset


def _check(path: Path, part: str, images: np.ndarray, labels: np.ndarray) -> None:
    found = f"x_{part} is {images.dtype} {images.shape} and y_{part} {labels.dtype} {labels.shape}"
    if images.dtype != np.uint8 or images.ndim != 3 or images.shape[1:] != (28, 28) or not len(images):
        raise UserError(f"In {path} {found}; expected uint8 (n, 28, 28) pictures: {SUPPLY}.")
    if labels.shape != (len(images),) or labels.dtype.kind not in "iu" or not np.isin(labels, range(10)).all():
        raise UserError(f"In {path} {found}; expected one label of 0 to 9 for each picture: {SUPPLY}.")


def _download() -> Path:
    import keras  # only here: importing it takes seconds

    try:
        return Path(keras.utils.get_file("mnist.npz", origin=URL, file_hash=SHA256))
    except Exception as error:  # Keras raises bare Exception for every failed download
        raise UserError(f"MNIST could not be downloaded from {URL}; {SUPPLY}.") from error
