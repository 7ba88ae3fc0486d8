"""The model card: `model.json` beside a model says where it came from and how far to trust it.

"sha256" is that of the Keras file, "tflite_sha256" that of the converted file. "temperature" softens the stated
confidence; below "least_odds" of the likeliest digit against the next, an answer is not sure. The rest is for people:
of somebody else's model, "input" says how it is given its pixels, "template_accuracy" how many digits drawn from
templates it reads, and "warning" that these are no more than by chance. "confusion" says how often each test digit
(row) was answered as each digit (column).
A card is a file that anybody can write, so every entry is checked as it is read.
"""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from digits.recognition.classifier import LEAST_ODDS
from digits.system.files import replacing, sha256, shorten

MODEL_SUFFIXES = (".h5", ".keras")
HISTORY_FIELDS = ("loss", "accuracy", "validation_loss", "validation_accuracy")
LEAST_TEMPERATURE = 1e-6  # below which softening overflows
LARGEST_NUMBER = 2**53  # up to which JSON readers agree on whole numbers
LONGEST_WARNING = 200  # characters; anybody may have written it
DEEPEST = 20  # levels of lists and objects within a card


class Companions(NamedTuple):
    """The files that belong to a Keras file of the same name."""

    tflite: Path
    card: Path


def companions(model_path: Path) -> Companions:
    """Return where the converted model and the card of a Keras file lie: beside it, under its name."""
    model_path = Path(model_path)
    return Companions(model_path.with_suffix(".tflite"), model_path.with_suffix(".json"))


class ModelCard(NamedTuple):
    """What a card says. The empty card belongs to no model."""

    sha256: str = ""
    tflite_sha256: str = ""
    temperature: float = 1.0
    least_odds: float = LEAST_ODDS
    test_accuracy: float | None = None  # in [0, 1]
    parameters: int | None = None
    recipe: Mapping[str, float] = {}
    date: str = ""  # YYYY-MM-DD
    history: tuple[dict[str, float], ...] = ()  # of each epoch, HISTORY_FIELDS
    confusion: tuple[tuple[int, ...], ...] = ()  # of the test digits: ten rows of ten counts; empty where not counted
    entries: Mapping[str, object] = {}  # all, as they are in the file

    @property
    def is_empty(self) -> bool:
        """Whether there was no card, or a file that is not one."""
        return not self.sha256

    @property
    def warning(self) -> str:
        """A sentence on why the model is hardly of use; empty for one that is."""
        warning = _text(self.entries.get("warning"))
        return warning and shorten(warning, LONGEST_WARNING)

    def belongs_to(self, model_sha256: str, tflite: Path) -> bool:
        """Tell whether the card and the .tflite file were made from the Keras file of that sha256."""
        return self.sha256 == model_sha256 and tflite.is_file() and self.tflite_sha256 == sha256(tflite)


def read_card(path: Path) -> ModelCard:
    """Return the card in a file; the empty one if there is none or it is damaged."""
    try:
        return parse_card(Path(path).read_bytes())
    except (OSError, ValueError):  # ValueError: a path with a NUL
        return ModelCard()


def parse_card(content: bytes) -> ModelCard:
    """Return the card that the JSON holds; never raises.

    It is empty if the JSON is damaged, or if an entry is wrong on which answers depend: a sha256, the temperature or
    the odds. Another wrong entry is left out.
    """
    try:
        entries = json.loads(content)
    except (ValueError, RecursionError):  # ValueError: no JSON, no UTF-8, or a number of thousands of digits
        return ModelCard()
    if not isinstance(entries, dict) or not _is_shallow(entries, DEEPEST):
        return ModelCard()
    model, tflite = (_text(entries.get(name)) for name in ("sha256", "tflite_sha256"))
    temperature = _number(entries.get("temperature", 1.0), LEAST_TEMPERATURE)
    least_odds = _number(entries.get("least_odds", LEAST_ODDS))
    if not model or not tflite or temperature is None or not least_odds:
        return ModelCard()
    recipe, parameters = entries.get("recipe"), _number(entries.get("parameters"))
    numbers = {name: _number(value) for name, value in recipe.items()} if isinstance(recipe, dict) else {}
    return ModelCard(
        model,
        tflite,
        float(temperature),
        float(least_odds),
        test_accuracy=_number(entries.get("test_accuracy"), high=1),
        parameters=None if parameters is None else int(parameters),
        recipe={name: number for name, number in numbers.items() if number is not None},
        date=date[0] if (date := re.match(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", _text(entries.get("date")))) else "",
        history=_epochs(entries.get("history")),
        confusion=_counts(entries.get("confusion")),
        entries=entries,
    )


def write_card(path: Path, model_sha256: str, tflite: Path, entries: dict) -> None:
    """Write the card of a Keras file and of the .tflite file made from it; raises OSError."""
    entries = {"sha256": model_sha256, "tflite_sha256": sha256(tflite), **entries}
    with replacing(path) as draft:
        draft.write_text(json.dumps(entries, indent=1) + "\n")


def note(path: Path, **entries: object) -> None:
    """Add entries to a card that is there, or replace them; raises OSError."""
    card = read_card(path)
    if not card.is_empty:
        with replacing(path) as draft:
            draft.write_text(json.dumps({**card.entries, **entries}, indent=1) + "\n")


def _epochs(history: object) -> tuple[dict[str, float], ...]:
    """Return the history epoch by epoch; nothing unless it is whole."""
    if not isinstance(history, dict):
        return ()
    columns = [history.get(name) for name in HISTORY_FIELDS]
    columns = [column for column in columns if isinstance(column, list)]
    if len(columns) < len(HISTORY_FIELDS) or len({len(column) for column in columns}) > 1:
        return ()
    epochs = []
    for values in zip(*columns, strict=True):
        numbers = [number for number in map(_number, values) if number is not None]
        if len(numbers) < len(HISTORY_FIELDS):
            return ()
        epochs.append(dict(zip(HISTORY_FIELDS, numbers, strict=True)))
    return tuple(epochs)


def _counts(confusion: object) -> tuple[tuple[int, ...], ...]:
    """Return a confusion matrix; nothing unless it is ten rows of ten counts, and some digits were counted."""
    rows = confusion if isinstance(confusion, list) else []
    counts = tuple(tuple(row) for row in rows if isinstance(row, list) and len(row) == 10)
    is_whole = len(counts) == len(rows) == 10 and all(type(_number(count)) is int for row in counts for count in row)
    return counts if is_whole and any(map(any, counts)) else ()


def _number(value: object, low: float = 0, high: float = LARGEST_NUMBER) -> int | float | None:
    """Return a number within the limits; None for anything else."""
    if not isinstance(value, int | float) or isinstance(value, bool):
        return None
    return value if low <= value <= high else None


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _is_shallow(value: object, levels: int) -> bool:
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return levels >= 0 and all(_is_shallow(part, levels - 1) for part in parts)
