"""The checkpoint of a training: all that is needed to go on after an interruption, in one file beside the model.

`model.h5` has `model.checkpoint.npz`: what the trainer has to know about the training, every variable of the model
and of its optimizer (momentum, steps), the state of the random numbers, and the weights of the best epoch. A training
that went on from it ends as if it had never stopped.
"""

import json
import zipfile
from pathlib import Path
from typing import NamedTuple

import numpy as np

from digits.system.files import UserError, replacing


class Checkpoint(NamedTuple):
    """What JSON can hold about a training, and the arrays of the model, of its optimizer and of the best epoch."""

    about: dict
    model: list[np.ndarray]
    optimizer: list[np.ndarray]
    best: list[np.ndarray]


def beside(model_path: Path) -> Path:
    """Return where the checkpoint of a model's training lies."""
    return Path(model_path).with_suffix(".checkpoint.npz")


def write(path: Path, about: dict, model, best: list[np.ndarray]) -> None:
    """Write the checkpoint of a compiled Keras model, whole or not at all; raises OSError."""
    lists = {"model": _values(_variables(model)), "optimizer": _values(model.optimizer.variables), "best": best}
    arrays = {f"{name}/{index:03}": array for name, values in lists.items() for index, array in enumerate(values)}
    with replacing(path) as draft, open(draft, "xb") as file:
        np.savez(file, about=np.frombuffer(json.dumps(about).encode(), np.uint8), **arrays)


def read(path: Path) -> Checkpoint:
    """Return what `write` wrote; raises UserError where there is no checkpoint or it cannot be read."""
    if not path.is_file():
        raise UserError(f"There is no checkpoint {path} to go on from; train without --resume.")
    try:
        with np.load(path, allow_pickle=False) as file:
            about = json.loads(file["about"].tobytes())
            names = sorted(file.files)
            lists = [[file[name] for name in names if name.startswith(f"{of}/")] for of in Checkpoint._fields[1:]]
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise UserError(f"The checkpoint {path} cannot be read ({error}); train without --resume.") from error
    return Checkpoint(about, *lists)


def restore(model, found: Checkpoint) -> None:
    """Put the variables of a compiled Keras model where the checkpoint left them."""
    model.optimizer.build(model.trainable_variables)
    variables = [*_variables(model), *model.optimizer.variables]
    for variable, value in zip(variables, [*found.model, *found.optimizer], strict=True):
        variable.assign(value)


def _variables(model) -> list:
    """Return the weights, and the state of the random numbers of each layer that has one."""
    return [*model.weights, *(layer.seed_generator.state for layer in model.layers if hasattr(layer, "seed_generator"))]


def _values(variables: list) -> list[np.ndarray]:
    import keras  # the trainer has imported it; nobody else comes here

    return [keras.ops.convert_to_numpy(variable) for variable in variables]
