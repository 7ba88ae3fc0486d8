"""The checkpoint of a training: all that is needed to resume it after an interruption, in one file beside the model.

`model.h5` has `model.checkpoint.npz`: the configuration and the epochs so far, every variable of the model and of its
optimizer (momentum, steps), the state of the random numbers, and the weights of the best epoch. A training that is
resumed from it ends as if it had never stopped.
"""

import json
import zipfile
from collections.abc import Sequence
from dataclasses import asdict, fields
from pathlib import Path
from typing import NamedTuple, Protocol, TypeGuard

import numpy as np

from digits.system.files import UserError, replacing
from digits.system.output import print_error
from digits.training.configuration import Configuration
from digits.training.progress import Epoch, History


class Variable(Protocol):
    """A Keras variable."""

    def assign(self, value: np.ndarray, /) -> object:
        """Set the value."""
        ...


class Optimizer(Protocol):
    """A Keras optimizer, for its state."""

    @property
    def variables(self) -> Sequence[Variable]:
        """The state, once built."""
        ...

    def build(self, variables: Sequence[Variable], /) -> None:
        """Make the state for these weights."""
        ...


class CompiledModel(Protocol):
    """A compiled Keras model, for its state."""

    @property
    def optimizer(self) -> Optimizer:
        """What trains it."""
        ...

    @property
    def layers(self) -> Sequence[object]:
        """All layers."""
        ...

    @property
    def weights(self) -> Sequence[Variable]:
        """All weights, trainable or not."""
        ...

    @property
    def trainable_variables(self) -> Sequence[Variable]:
        """The weights that the optimizer changes."""
        ...


class Checkpoint(NamedTuple):
    """What JSON can hold about a training, and the arrays of the model, of its optimizer and of the best epoch."""

    about: dict
    model: list[np.ndarray]
    optimizer: list[np.ndarray]
    best: list[np.ndarray]


def beside(model_path: Path) -> Path:
    """Return where the checkpoint of a model's training lies."""
    return Path(model_path).with_suffix(".checkpoint.npz")


def keep(model: CompiledModel, configuration: Configuration, history: History, model_path: Path) -> None:
    """Write the checkpoint of a training; a full disk costs the checkpoint and not the training."""
    about = {"recipe": asdict(configuration), "epochs": [asdict(epoch) for epoch in history.epochs]}
    try:
        write(beside(model_path), about, model, history.best_weights)
    except OSError as error:
        print_error("handwriting.py", f"no checkpoint of this epoch ({error.strerror or error})")


def find(model_path: Path, configuration: Configuration) -> Checkpoint:
    """Return the checkpoint of a model's training; raises UserError unless it was of the same configuration."""
    found = read(beside(model_path))
    settings, epochs = found.about.get("recipe"), found.about.get("epochs")
    has_epochs = isinstance(epochs, list) and bool(epochs) and all(_has_fields(epoch, Epoch) for epoch in epochs)
    if not has_epochs or not _has_fields(settings, Configuration):
        raise UserError(f"The checkpoint of {model_path} is of another version of this program; train anew.")
    if settings != asdict(configuration):
        options = " ".join(Configuration(**settings).options())
        raise UserError(f"The checkpoint of {model_path} is of another training; continue it with: --resume {options}.")
    return found


def restore(model: CompiledModel, found: Checkpoint) -> History:
    """Put the variables of the model where the checkpoint left them; return the history up to there."""
    model.optimizer.build(model.trainable_variables)
    variables = [*_variables(model), *model.optimizer.variables]
    for variable, value in zip(variables, [*found.model, *found.optimizer], strict=True):
        variable.assign(value)
    return History(tuple(Epoch(**epoch) for epoch in found.about["epochs"]), found.best)


def write(path: Path, about: dict, model: CompiledModel, best: list[np.ndarray]) -> None:
    """Write a checkpoint, whole or not at all; raises OSError."""
    lists = {"model": _values(_variables(model)), "optimizer": _values(model.optimizer.variables), "best": best}
    arrays = {f"{name}/{index:03}": array for name, values in lists.items() for index, array in enumerate(values)}
    arrays["about"] = np.frombuffer(json.dumps(about).encode(), np.uint8)
    with replacing(path) as draft, open(draft, "xb") as file:
        np.savez(file, allow_pickle=False, **arrays)


def read(path: Path) -> Checkpoint:
    """Return what `write` wrote; raises UserError where there is no checkpoint or it cannot be read."""
    if not path.is_file():
        raise UserError(f"There is no checkpoint {path} to resume from; train without --resume.")
    try:
        with np.load(path, allow_pickle=False) as file:
            about = dict(json.loads(file["about"].tobytes()))
            names = sorted(file.files)
            lists = [[file[name] for name in names if name.startswith(f"{of}/")] for of in Checkpoint._fields[1:]]
    except (OSError, ValueError, TypeError, KeyError, EOFError, RecursionError, zipfile.BadZipFile) as error:
        raise UserError(f"The checkpoint {path} cannot be read ({error}); train without --resume.") from error
    return Checkpoint(about, *lists)


def _has_fields(values: object, kind: type[Configuration | Epoch]) -> TypeGuard[dict]:
    return isinstance(values, dict) and values.keys() == {field.name for field in fields(kind)}


def _variables(model: CompiledModel) -> list[Variable]:
    """Return the weights, and the state of the random numbers of each layer that has one."""
    generators = [getattr(layer, "seed_generator", None) for layer in model.layers]
    return [*model.weights, *(generator.state for generator in generators if generator is not None)]


def _values(variables: Sequence[Variable]) -> list[np.ndarray]:
    import keras  # late: the trainer has imported it before it comes here

    return [np.asarray(keras.ops.convert_to_numpy(variable)) for variable in variables]
