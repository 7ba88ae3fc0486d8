"""Loading with Keras: a file becomes a Keras model, once the allowlist has passed it. Imports Keras, late."""

import inspect
import logging
import math
import re
import shutil
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from digits.models.keras_allowlist import LARGEST_LAYER, MODELS, check_config
from digits.models.keras_files import is_archive, write_config
from digits.system.files import UserError, shorten
from digits.system.leftovers import TemporaryFolder
from digits.system.output import native_stderr_silenced

LONGEST_REASON = 200  # characters of what Keras says; the names in it are a file's
OF_EVERY_LAYER = frozenset(["name", "trainable", "dtype", "activity_regularizer", "autocast", "rms_scaling"])


def load_model(path: Path) -> Any:
    """Return the Keras model of a file; raises UserError for one that the allowlist or Keras refuses."""
    contents = check_config(path)
    with native_stderr_silenced():
        import keras

    class Normalization(keras.layers.Normalization):
        """Keras' own layer with another default: its reader of HDF5 drops an axis of None, which means all."""

        def __init__(self, axis: Any = None, **arguments):
            super().__init__(axis, **arguments)

    logging.getLogger("absl").setLevel(logging.ERROR)
    suffix, own = (".keras", {}) if is_archive(path) else (".h5", {"Normalization": Normalization})
    try:
        with TemporaryFolder("handwriting-") as folder, warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about the model's style, which is its author's business
            copy = shutil.copyfile(path, folder / f"model{suffix}")  # Keras goes by the suffix
            write_config(copy, _known_arguments(contents.config))
            with _weights_at_most(contents.most_weights):
                model = keras.saving.load_model(copy, own, compile=False, safe_mode=True)
    except Exception as error:  # Keras lets anything through: TypeError, ValueError, OSError, KeyError ...
        raise UserError(f"Keras cannot load the model {path} ({reason(error)}); fetch or train it again.") from error
    _check_sizes(model, path)
    return model


def in_full_precision(model: Any) -> Any:
    """Return the model with half-precision layers rebuilt in float32: LiteRT runs no others on a CPU."""
    import keras

    def rebuild(layer):
        return type(layer).from_config({**layer.get_config(), "dtype": "float32"})

    if all(layer.compute_dtype == "float32" for layer in all_layers(model)):
        return model
    clone = keras.models.clone_model(model, clone_function=rebuild, recursive=True)
    clone.set_weights(model.get_weights())
    return clone


def all_layers(model: Any) -> list:
    """Return the layers of a model, including those of nested models."""
    return [inner for layer in getattr(model, "layers", []) for inner in (layer, *all_layers(layer))]


def reason(error: Exception) -> str:
    """Return why Keras failed, in a line, without the configurations and headings that it puts before the cause."""
    text = re.sub(r"\x1b\[\d*m", "", str(error)).rpartition("Exception encountered:")[2]
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    causes = [line for line in lines if not line.startswith("Exception encountered when")]
    return shorten((causes or [type(error).__name__])[0].rstrip("."), LONGEST_REASON)


def _known_arguments(config: Any) -> Any:
    """Return a configuration without the arguments of layers that today's Keras lacks, such as `time_major`."""
    from keras import layers

    if isinstance(config, list):
        return [_known_arguments(part) for part in config]
    if not isinstance(config, dict):
        return config
    part = {name: _known_arguments(value) for name, value in config.items()}
    kind = getattr(layers, str(part.get("class_name")), None)
    is_layer = kind is not None and part["class_name"] not in MODELS and part.get("module") in (None, "keras.layers")
    if not is_layer or not isinstance(part.get("config"), dict):
        return part
    parameters = inspect.signature(kind.__init__).parameters
    takes_more = any(parameter.kind is inspect.Parameter.VAR_KEYWORD for parameter in parameters.values())
    known = {*parameters, *(OF_EVERY_LAYER if takes_more else ())}
    return {**part, "config": {name: value for name, value in part["config"].items() if name in known}}


@contextmanager
def _weights_at_most(count: int) -> Iterator[None]:
    """Refuse a model whose layers ask for more weights than its file holds, before they take the memory."""
    import keras

    add_weight, left = keras.Layer.add_weight, count

    def limited(layer, shape=None, *args, **kwargs):
        nonlocal left
        left -= math.prod(shape or ())
        if left < 0:
            raise UserError("it needs far more weights than its file holds")
        return add_weight(layer, shape, *args, **kwargs)

    setattr(keras.Layer, "add_weight", limited)  # noqa: B010  # its annotations name each argument
    try:
        yield
    finally:
        setattr(keras.Layer, "add_weight", add_weight)  # noqa: B010


def _check_sizes(model: Any, path: Path) -> None:
    """Raise UserError for a model that would fill the memory with what its layers give."""
    for layer in all_layers(model):
        shape = getattr(getattr(layer, "output", None), "shape", None) or ()
        if math.prod(side or 1 for side in shape) > LARGEST_LAYER:
            raise UserError(f"The model {path} has a layer of {shape} values; at most {LARGEST_LAYER:,} are accepted.")
