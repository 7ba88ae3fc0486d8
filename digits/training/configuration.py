"""The configuration of a training: one table of settings, from which trainer, command line and form are made.

Free of Keras, so that the page can offer what the trainer takes.
"""

from dataclasses import Field, dataclass, field, fields, replace
from typing import Self, TypeVar

from digits.system.files import UserError

T = TypeVar("T")


def _setting(default: T, least: float, most: float, help_text: str) -> T:
    return field(default=default, metadata={"least": least, "most": most, "help": help_text})


@dataclass(frozen=True)
class Configuration:
    """What can be chosen about a training; `checked` holds every setting to its limits.

    digits: how many of MNIST's training digits to learn from; None for all that are not held out.
    learning_rate: at its peak. seed: the same seed gives the same model.
    """

    epochs: int = _setting(12, 1, 1000, "How often it sees all digits.")
    batch_size: int = _setting(128, 1, 4096, "Digits per step.")
    learning_rate: float = _setting(0.1, 0.0001, 10.0, "At its peak.")
    seed: int = _setting(1, 0, 2**32 - 1, "The same seed gives the same model.")
    digits: int | None = _setting(None, 1, 1_000_000, "How many it learns from: fewer are quicker.")

    @classmethod
    def checked(cls, **given: float | str | None) -> Self:
        """Return the configuration of the given settings, the others at their defaults.

        None stands for the default. Raises UserError for a value beyond its limits, NaN included.
        """
        numbers = {}
        for name, value in given.items():
            try:
                numbers |= {} if value is None else {name: parse(SETTINGS[name], value)}
            except ValueError as error:
                raise UserError(f"{name.replace('_', ' ').capitalize()}: {error}.") from error
        return cls(**numbers)

    def options(self) -> list[str]:
        """Return the command-line options of the trainer that ask for this configuration."""
        given = ((setting.name, getattr(self, setting.name)) for setting in fields(self))
        return [word for name, value in given if value is not None for word in (option_name(name), str(value))]


SETTINGS: dict[str, Field] = {setting.name: setting for setting in fields(Configuration)}
OWN_DIGITS = replace(Configuration(), epochs=3, learning_rate=0.02)  # of a training on a collection
OWN_START_SHARE = 0.4  # of the weights that such a training began with, in those that are saved
FEWEST_OWN_DIGITS = 20  # for such a training; four of them are held back
LESSON = replace(Configuration(), epochs=5)  # short enough to be watched


def option_name(name: str) -> str:
    """Return the command-line option of a setting: "batch_size" -> "--batch-size"."""
    return "--" + name.replace("_", "-")


def parse(setting: Field, given: float | str) -> int | float:
    """Return the number that was given for a setting, as text or not; raises ValueError beyond its limits."""
    kind, least, most = float if setting.type is float else int, setting.metadata["least"], setting.metadata["most"]
    try:
        value = kind(given)
    except (ValueError, OverflowError):  # not a number; int() of NaN or infinity
        value = float("nan")
    if not least <= value <= most or (not isinstance(given, str) and value != given):
        what = "number" if kind is float else "whole number"
        raise ValueError(f"{given!r} is not a {what} from {least:,} to {most:,}")
    return value
