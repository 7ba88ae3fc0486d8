"""The layers of a Keras file and their weights, read as data, without Keras."""

import io
import re
import zipfile
from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from digits.models import keras_files, keras_legacy

VARIABLES = {  # in the order in which a .keras file numbers them
    "Conv2D": ("kernel", "bias"),
    "Dense": ("kernel", "bias"),
    "BatchNormalization": ("gamma", "beta", "moving_mean", "moving_variance"),
}
SWITCHES = {"bias": "use_bias", "gamma": "scale", "beta": "center"}  # arguments without which there is no such variable


class Layer(NamedTuple):
    """A layer: its class, its arguments, and its weights by name ("kernel", "bias", "gamma", ...), float32."""

    kind: str
    arguments: dict[str, Any]
    weights: dict[str, np.ndarray]


def read(path: Path) -> list[Layer] | None:
    """Return the layers of a model that is one row of layers, in order; None for any other. Raises UserError."""
    config = keras_legacy.modernize(keras_files.read(path).config)
    if not isinstance(config, dict) or config.get("class_name") != "Sequential":
        return None
    layers = [(each["class_name"], each["config"]) for each in config["config"]["layers"]]
    if any(kind in ("Sequential", "Functional") for kind, _ in layers):
        return None
    weights = (_of_archive if keras_files.is_archive(path) else _of_hdf5)(path, layers)
    return [Layer(*layer, found) for layer, found in zip(layers, weights, strict=True)]


def _of_hdf5(path: Path, layers: list[tuple[str, dict]]) -> list[dict[str, np.ndarray]]:
    """Return the weights of each layer of an .h5 file, where they lie in a group of the layer's name."""
    import h5py

    def of_layer(group: Any) -> dict[str, np.ndarray]:
        found = {}
        for name in group.attrs.get("weight_names", ()):
            name = name.decode() if isinstance(name, bytes) else name
            found[name.split("/")[-1].split(":")[0]] = np.asarray(group[name], np.float32)
        return found

    with h5py.File(path) as file:
        groups: Any = file.get("model_weights", file)
        return [of_layer(groups[arguments["name"]]) if arguments["name"] in groups else {} for _, arguments in layers]


def _of_archive(path: Path, layers: list[tuple[str, dict]]) -> list[dict[str, np.ndarray]]:
    """Return the weights of each layer of a .keras file, where layers are counted by their class."""
    import h5py

    seen: Counter[str] = Counter()
    found = []
    with zipfile.ZipFile(path) as archive, h5py.File(io.BytesIO(archive.read("model.weights.h5"))) as file:
        for kind, arguments in layers:
            name = _snake_case(kind)
            place = f"layers/{name}_{seen[name]}" if seen[name] else f"layers/{name}"
            seen[name] += 1
            present = [each for each in VARIABLES.get(kind, ()) if arguments.get(SWITCHES.get(each, ""), True)]
            variables = [np.asarray(file[f"{place}/vars/{number}"], np.float32) for number in range(len(present))]
            found.append(dict(zip(present, variables, strict=True)))
    return found


def _snake_case(name: str) -> str:
    """Return "Conv2D" as "conv2d" and "BatchNormalization" as "batch_normalization", as Keras does."""
    name = re.sub(r"\W+", "", name)
    name = re.sub("(.)([A-Z][a-z]+)", r"\1_\2", name)
    return re.sub("([a-z])([A-Z])", r"\1_\2", name).lower()
