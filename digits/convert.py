"""Child process that turns a Keras file into the .tflite file that window and page run.

    python -m digits.convert MODEL OUTPUT.tflite

MODEL is an .h5 (Keras 2 or 3) or .keras file with 28x28 or 28x28x1 input and ten outputs, softmax or logits.
The .tflite takes float32 (1, 28, 28, 1) in [0, 1] and gives float32 (1, 10) probabilities. It replaces OUTPUT only
when it gives the same answers as the Keras model. Exit code 0, or 2 with one sentence as the last line of stderr.

This is the one program besides the trainer that imports TensorFlow, and the one that opens files of strangers: a
file that would run code of its own (a Lambda layer, a class from outside Keras) or read other files is refused.
"""

import json
import logging
import os
import shutil
import sys
import zipfile
from collections.abc import Iterator
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from digits.files import UserError, check_writable, replacing
from digits.quiet import native_stderr_silenced

EXPECTED = "expected is one 28x28 or 28x28x1 input and ten outputs"
TOLERANCE = 1e-3  # of probability, between Keras and the .tflite file
PROBES = 8  # pictures on which the two are compared


def main(argv: list[str] | None = None) -> int:
    """Convert one file; return the exit code."""
    model_path, tflite_path = map(Path, sys.argv[1:] if argv is None else argv)
    try:
        convert(model_path, tflite_path)
    except UserError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


def convert(model_path: Path, tflite_path: Path) -> None:
    """Write the .tflite file of a Keras file; raises UserError where that cannot be."""
    check_container(model_path)
    check_writable(tflite_path, "converted model")
    check_config(model_path)
    model = _with_probabilities(_load(model_path), model_path)
    content = _to_tflite(model, model_path)
    _check_same_answers(model, content, model_path)
    try:
        with replacing(tflite_path) as draft:
            draft.write_bytes(content)
    except OSError as error:
        raise UserError(f"The converted model cannot be saved to {tflite_path} ({error.strerror}).") from error


def check_container(path: Path) -> None:
    """Raise UserError unless the file begins like an .h5 or a .keras file; cheap, and free of Keras."""
    if path.is_dir():
        raise UserError(f"{path} is a folder; name a Keras model file that ends in .h5 or .keras.")
    if not path.is_file():
        raise UserError(f"There is no model file {path}; train one with: python handwriting.py {path.name}")
    try:
        with path.open("rb") as file:
            start = file.read(8)
    except OSError as error:
        raise UserError(f"The model {path} cannot be read ({error.strerror}).") from error
    if not start:
        raise UserError(f"The model {path} is empty; train a new one with: python handwriting.py {path.name}")
    if start != b"\x89HDF\r\n\x1a\n" and not start.startswith(b"PK"):
        raise UserError(f"{path} is not a Keras model: neither HDF5 (.h5) nor a .keras archive.")


def check_config(path: Path) -> None:
    """Raise UserError for a file without an architecture, or with one that runs code or reads other files."""
    import h5py  # not on top: recognition.py uses check_container, and has no use for HDF5

    try:
        if path.open("rb").read(2) == b"PK":
            with zipfile.ZipFile(path) as archive:
                config = json.loads(archive.read("config.json"))
        else:
            with h5py.File(path) as file:
                config = _hdf5_config(file, path)
    except UserError:
        raise
    except (OSError, ValueError, KeyError, RuntimeError, EOFError, zipfile.BadZipFile) as error:
        raise UserError(f"The model {path} is damaged or cut off; fetch or train it again.") from error
    for part in _objects(config):
        _check_object(part, path)


def _hdf5_config(file, path: Path) -> object:
    def refuse_links(name: str, item: object) -> None:
        if getattr(item, "external", None) or getattr(item, "is_virtual", False):
            raise UserError(f"The model {path} reads other files ({name}); it is refused for safety.")

    file.visititems(refuse_links)
    for name, link in _links(file):
        if type(link).__name__ == "ExternalLink":
            raise UserError(f"The model {path} reads other files ({name}); it is refused for safety.")
    if "model_config" not in file.attrs:
        raise UserError(f"{path} holds weights without an architecture; save the whole model with model.save().")
    return json.loads(file.attrs["model_config"])


def _links(group) -> Iterator[tuple[str, object]]:
    for name in group:
        link = group.get(name, getlink=True)
        yield name, link
        if type(link).__name__ == "HardLink" and hasattr(group[name], "keys"):
            yield from _links(group[name])


def _objects(config: object) -> Iterator[dict]:
    """Yield every serialised object in a Keras configuration, nested ones too."""
    if isinstance(config, dict):
        if "class_name" in config:
            yield config
        config = list(config.values())
    if isinstance(config, list):
        for part in config:
            yield from _objects(part)


def _check_object(part: dict, path: Path) -> None:
    name, module = str(part["class_name"]), part.get("module") or "keras"
    if "Lambda" in name or name in ("__lambda__", "function"):
        raise UserError(f"The model {path} holds code of its own (a {name} layer); it is refused for safety.")
    if str(module).split(".")[0] not in ("keras", "tensorflow", "tf_keras", "builtins") or part.get("registered_name"):
        if part.get("registered_name") in (None, name) and str(module).startswith("keras"):
            return
        raise UserError(f"The model {path} needs the class {name} from outside Keras; it is refused for safety.")


def _load(path: Path):
    with native_stderr_silenced():
        import keras

    logging.getLogger("absl").setLevel(logging.ERROR)
    suffix = ".keras" if path.open("rb").read(2) == b"PK" else ".h5"
    try:
        if path.suffix == suffix:
            return keras.saving.load_model(path, compile=False)
        with TemporaryDirectory() as folder:  # Keras goes by the name, we by the content
            return keras.saving.load_model(shutil.copy(path, Path(folder) / f"model{suffix}"), compile=False)
    except Exception as error:  # Keras raises what it meets: TypeError, ValueError, OSError, KeyError ...
        reason = str(error).strip().split("\n")[0][:200]
        raise UserError(f"Keras cannot load the model {path} ({reason}); fetch or train it again.") from error


def _with_probabilities(model, path: Path):
    """Return a Keras model (n, 28, 28, 1) -> (n, 10) probabilities around a model of any accepted form."""
    import keras

    inputs, outputs = getattr(model, "inputs", None) or [], getattr(model, "outputs", None) or []
    shapes = [tuple(tensor.shape[1:]) for tensor in inputs], [tuple(tensor.shape[1:]) for tensor in outputs]
    if shapes[0] not in ([(28, 28, 1)], [(28, 28)]) or shapes[1] != [(10,)]:
        found = f"input {_shape(shapes[0])} and output {_shape(shapes[1])}"
        raise UserError(f"The model {path} has {found}; {EXPECTED}.")
    picture = keras.Input((28, 28, 1))
    answer = model(picture if shapes[0] == [(28, 28, 1)] else keras.layers.Reshape((28, 28))(picture))
    whole = keras.Model(picture, answer)
    raw = np.asarray(whole(_probes(), training=False))
    if raw.min() < 0 or np.abs(raw.sum(axis=1) - 1).max() > 1e-3:  # logits
        whole = keras.Model(picture, keras.layers.Softmax()(answer))
    return whole


def _shape(shapes: list[tuple]) -> str:
    return " and ".join("x".join("any" if side is None else str(side) for side in shape) for shape in shapes) or "none"


def _to_tflite(model, path: Path) -> bytes:
    import tensorflow as tf

    try:
        with redirect_stdout(StringIO()), native_stderr_silenced():  # the converter tells its inner life
            return tf.lite.TFLiteConverter.from_keras_model(model).convert()
    except Exception as error:  # the converter raises whatever its passes raise
        raise UserError(f"The model {path} uses layers that LiteRT cannot run; {EXPECTED}, of plain layers.") from error


def _check_same_answers(model, content: bytes, path: Path) -> None:
    from digits.classifier import Interpreter

    interpreter = Interpreter(content)
    expected = np.asarray(model(_probes(), training=False))
    answers = np.concatenate([interpreter(picture[None]) for picture in _probes()])
    if not np.abs(answers - expected).max() < TOLERANCE:
        raise UserError(f"The model {path} gives other answers once converted; it cannot be used here.")


def _probes() -> np.ndarray:
    """Return pictures on which models are compared: float32 (PROBES, 28, 28, 1) of blurred noise in [0, 1]."""
    coarse = np.random.default_rng(0).random((PROBES, 7, 7, 1), np.float32)
    return coarse.repeat(4, axis=1).repeat(4, axis=2)


if __name__ == "__main__":
    os.environ["KERAS_BACKEND"] = "tensorflow"
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    raise SystemExit(main())
