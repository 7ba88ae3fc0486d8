"""The configuration of a training: one table of settings, from which trainer, command line and form are made.

Free of Keras, so that the page can offer what the trainer takes.
"""

from collections.abc import Sequence
from dataclasses import Field, dataclass, field, fields, replace
from typing import Self, TypeVar

from digits.system.files import UserError

T = TypeVar("T")
NETWORKS = ("full", "small")
SWITCH = {"on": True, "off": False}  # how a setting that is true or false is written


def _setting(default: T, least: float, most: float, help_text: str) -> T:
    """Return the field of a number within limits."""
    return field(default=default, metadata={"least": least, "most": most, "help": help_text})


def _choice(default: T, choices: Sequence[str], help_text: str) -> T:
    """Return the field of one of some words; those of a switch stand for True and False."""
    return field(default=default, metadata={"choices": tuple(choices), "help": help_text})


@dataclass(frozen=True)
class Configuration:
    """What can be chosen about a training; `checked` holds every setting to its limits.

    digits: how many of MNIST's training digits to learn from; None for all that are not held out.
    learning_rate: at its peak. seed: the same seed gives the same model. network: one of NETWORKS.
    augmentation: whether it also sees distorted digits, other styles, templates and outliers. centring: whether digits
    lie as MNIST's do, or each anywhere in its image. left_out: a digit that it never sees, and None for none.
    wrong_labels: the share in [0, 1] of training labels that are wrong.
    """

    epochs: int = _setting(12, 1, 1000, "How often it sees all digits.")
    batch_size: int = _setting(128, 1, 4096, "Digits per step, fewer where there would be too few steps.")
    learning_rate: float = _setting(0.1, 0.0001, 10.0, "At its peak, with batches of 128; less with smaller ones.")
    seed: int = _setting(1, 0, 2**32 - 1, "The same seed gives the same model.")
    digits: int | None = _setting(None, 1, 1_000_000, "How many it learns from: fewer are quicker.")
    network: str = _choice("full", NETWORKS, "The small one learns in seconds, the full one reads more hands.")
    augmentation: bool = _choice(True, tuple(SWITCH), "Whether it also sees distorted digits and other styles.")
    centring: bool = _choice(True, tuple(SWITCH), "Whether digits are centred, or lie anywhere in the image.")
    left_out: int | None = _setting(None, 0, 9, "A digit that it never sees.")
    wrong_labels: float = _setting(0.0, 0.0, 1.0, "Share of the training labels that are wrong.")

    @classmethod
    def checked(cls, **given: float | str | None) -> Self:
        """Return the configuration of the given settings, as values or as text, the others at their defaults.

        None stands for the default. Raises UserError for a value beyond its limits, NaN included.
        """
        values = {}
        for name, value in given.items():
            try:
                values |= {} if value is None else {name: parse(SETTINGS[name], value)}
            except ValueError as error:
                raise UserError(f"{name.replace('_', ' ').capitalize()}: {error}.") from error
        return cls(**values)

    def as_text(self) -> dict[str, str]:
        """Return the settings that differ from where trainings begin, each as the text that `checked` takes."""
        defaults = (Configuration(), OWN_DIGITS)
        given = ((name, getattr(self, name)) for name in SETTINGS)
        return {
            name: text_of(value)
            for name, value in given
            if any(value != getattr(default, name) for default in defaults)
        }

    def options(self) -> list[str]:
        """Return the command-line options of the trainer that ask for this configuration."""
        return [word for name, text in self.as_text().items() for word in (option_name(name), text)]


SETTINGS: dict[str, Field] = {setting.name: setting for setting in fields(Configuration)}
OWN_DIGITS = replace(Configuration(), epochs=3, learning_rate=0.02)  # of a training on a collection
OWN_START_SHARE = 0.4  # of the weights that such a training began with, in those that are saved
FEWEST_OWN_DIGITS = 20  # for such a training; four of them are held back
LESSON = replace(Configuration(), epochs=5)  # short enough to be watched


def option_name(name: str) -> str:
    """Return the command-line option of a setting: "batch_size" -> "--batch-size"."""
    return "--" + name.replace("_", "-")


def parse(setting: Field, given: float | str) -> int | float | str | bool:
    """Return the value that was given for a setting, as text or not; raises ValueError beyond its limits."""
    if "choices" in setting.metadata:
        return _choose(setting, given)
    kind, least, most = float if setting.type is float else int, setting.metadata["least"], setting.metadata["most"]
    try:
        value = kind(given)
    except (ValueError, OverflowError):  # not a number; int() of NaN or infinity
        value = float("nan")
    if not least <= value <= most or (not isinstance(given, str) and value != given):
        what = "number" if kind is float else "whole number"
        raise ValueError(f"{given!r} is not a {what} from {least:,} to {most:,}")
    return value


def _choose(setting: Field, given: float | str) -> str | bool:
    choices = setting.metadata["choices"]
    word = text_of(given)
    if word not in choices:
        raise ValueError(f"{given!r} is not {' or '.join(choices)}")
    return SWITCH.get(word, word)


def text_of(value: float | str | bool) -> str:
    """Return a value as `parse` reads it."""
    return {True: "on", False: "off"}[value] if isinstance(value, bool) else str(value)
