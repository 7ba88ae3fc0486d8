"""The configuration of a training: one table of settings, from which trainer, command line and form are made.

Free of Keras, so that the page can offer what the trainer takes.
"""

from dataclasses import dataclass, field, fields, replace
from typing import Any


def _setting(default: Any, least: float, most: float, help_text: str) -> Any:
    return field(default=default, metadata={"least": least, "most": most, "help": help_text})


@dataclass(frozen=True)
class Configuration:
    """What can be chosen about a training; every setting lies within its limits.

    digits: how many of MNIST's training digits to learn from; None for all that are not held out.
    learning_rate: at its peak. seed: the same seed gives the same model.
    """

    epochs: int = _setting(12, 1, 1000, "How often it sees all digits.")
    batch_size: int = _setting(128, 1, 4096, "Digits per step.")
    learning_rate: float = _setting(0.1, 0.0001, 10.0, "At its peak.")
    seed: int = _setting(1, 0, 2**32 - 1, "The same seed gives the same model.")
    digits: int | None = _setting(None, 1, 1_000_000, "How many it learns from: fewer are quicker.")

    def options(self) -> list[str]:
        """Return the command-line options of the trainer that ask for this configuration."""
        given = ((setting.name, getattr(self, setting.name)) for setting in fields(self))
        return [word for name, value in given if value is not None for word in (option_name(name), str(value))]


LESSON = replace(Configuration(), epochs=5)  # short enough to be watched


def option_name(name: str) -> str:
    """Return the command-line option of a setting: "batch_size" -> "--batch-size"."""
    return "--" + name.replace("_", "-")
