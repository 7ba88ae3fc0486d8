"""The model card: `model.json` beside a model says where it came from and how far to believe it.

Keys that programs read: "sha256" of the Keras file, "tflite_sha256" of the converted file, "temperature" by which the
classifier softens the stated confidence, "least_odds" of the likeliest digit against the next, below which it is not
sure. The rest is for people: accuracies, history over epochs, recipe, seed, date and versions.
"""

import json
from pathlib import Path
from typing import NamedTuple

import numpy as np

from digits.system.files import replacing, sha256

MODEL_SUFFIXES = (".h5", ".keras")
LEARNED = ("loss", "accuracy", "validation_loss", "validation_accuracy")  # what the history tells of each epoch


class Companions(NamedTuple):
    """The files that belong to a Keras file of the same name."""

    tflite: Path
    card: Path


def companions(model_path: Path) -> Companions:
    """Return where the converted model and the card of a Keras file lie: beside it, under its name."""
    model_path = Path(model_path)
    return Companions(model_path.with_suffix(".tflite"), model_path.with_suffix(".json"))


def read_card(path: Path) -> dict:
    """Return a card's entries; none where there is no card or it is not one."""
    try:
        card = json.loads(Path(path).read_bytes())
    except (OSError, ValueError):
        return {}
    return card if isinstance(card, dict) else {}


def write_card(path: Path, model_sha256: str, tflite: Path, entries: dict) -> None:
    """Write the card of a Keras file and of the .tflite file made from it; raises OSError."""
    entries = {"sha256": model_sha256, "tflite_sha256": sha256(tflite), **entries}
    with replacing(path) as draft:
        draft.write_text(json.dumps(entries, indent=1) + "\n")


def epochs(card: dict) -> list[dict[str, float]]:
    """Return what LEARNED names of each epoch of the training; none where a card keeps no whole history."""
    try:
        values = np.array([card["history"][name] for name in LEARNED], float)
    except (KeyError, TypeError, ValueError):  # a card is a file that anybody can write
        return []
    if values.ndim != 2 or not np.isfinite(values).all():
        return []
    return [dict(zip(LEARNED, epoch, strict=True)) for epoch in values.T.tolist()]


def is_card(entries: dict) -> bool:
    """Tell whether the entries are a model card's, and not those of somebody else's model.json."""
    return {"sha256", "tflite_sha256"} <= entries.keys()


def describes(card: dict, model_sha256: str, tflite: Path) -> bool:
    """Tell whether the card and the .tflite file were made from the Keras file of that sha256."""
    numbers = (card.get("temperature", 1.0), card.get("least_odds", 1.0))
    usable = all(isinstance(number, int | float) and 0 < number < float("inf") for number in numbers)
    made_of = card.get("sha256") == model_sha256 and tflite.is_file() and card.get("tflite_sha256") == sha256(tflite)
    return made_of and usable
