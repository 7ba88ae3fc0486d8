"""The cache of a hand: what was computed from its drawings for one model, so that thousands open at once.

Nothing is lost with it. It is an .npz file in the user's cache folder, named by the hand's folder.
"""

import hashlib
import os
import zipfile
from pathlib import Path
from typing import NamedTuple

import numpy as np

from digits.drawing.ink import SIZE
from digits.system.files import UserError, replacing
from digits.system.paths import user_cache


class Saved(NamedTuple):
    """Names and labels of the drawings, stamps int64 (n, 2), pictures uint8 (n, 28, 28), vectors float32 (n, d)."""

    names: list[str]
    labels: list[str]
    stamps: np.ndarray
    pictures: np.ndarray
    vectors: np.ndarray
    strangers: np.ndarray  # `FeatureReader.strangers`


def place_of(folder: Path) -> Path | None:
    """Return the file of a hand's folder; None for a user without a home folder."""
    try:
        digest = hashlib.sha256(os.fsencode(Path(folder).absolute())).hexdigest()
        return user_cache() / f"hand-{digest[:32]}.npz"
    except UserError:
        return None


def load(path: Path, identity: str) -> Saved | None:
    """Return what was saved for the model of that identity; None where there is nothing or it is damaged."""
    try:
        with np.load(path, allow_pickle=False) as file:
            if str(file["identity"]) != identity:
                return None
            names, labels, stamps = file["names"].tolist(), file["labels"].tolist(), file["stamps"]
            pictures = file["pictures"]
            vectors, strangers = (file[name].astype(np.float32) for name in ("vectors", "strangers"))
    except (OSError, ValueError, KeyError, EOFError, TypeError, zipfile.BadZipFile):
        return None
    count = len(names)
    shapes = (len(labels), stamps.shape, pictures.shape, vectors.shape)
    is_whole = shapes == (count, (count, 2), (count, SIZE, SIZE), (count, *strangers.shape[1:]))
    return Saved(names, labels, stamps, pictures, vectors, strangers) if is_whole else None


def save(path: Path, identity: str, saved: Saved) -> None:
    """Write what was computed, if it can be written."""
    arrays = {
        "identity": np.array(identity),
        "names": np.array(saved.names, np.str_),
        "labels": np.array(saved.labels, np.str_),
        "stamps": saved.stamps,
        "pictures": saved.pictures,
        "vectors": saved.vectors.astype(np.float16),
        "strangers": saved.strangers.astype(np.float16),
    }
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with replacing(path) as draft:
            np.savez(draft, **arrays)
    except OSError:  # a full disk, say: it is computed again next time
        return
