"""Child process that converts a Keras file to the .tflite file that window and page run.

    python -m digits.models.conversion MODEL OUTPUT.tflite [--int8] [--parent-pipe]

MODEL is an .h5 (Keras 2 or 3) or .keras file with 28x28 or 28x28x1 input and ten outputs, softmax or logits.
The .tflite takes float32 (1, 28, 28, 1) in [0, 1] and gives float32 (1, 10) probabilities; a model that expects
pixels of 0 to 255 is given those. OUTPUT is replaced only if it gives the same answers as the Keras model.
With --int8 the file's weights are whole numbers of eight bits: it is a quarter as large, and its probabilities differ
by a few hundredths, so that it is to be calibrated itself.
Exit code 0, or 2 with one sentence as the last line of stderr. With --parent-pipe the process ends when its standard
input closes, which means that its parent has gone.

Besides the trainer, only this program imports TensorFlow, and only this one opens Keras files from strangers:
`digits.models.keras_allowlist` checks them first.
"""

import argparse
import logging
import os
import shutil
import sys
import warnings
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path

import numpy as np

from digits.models.keras_allowlist import ZIP_START, check_config, check_container, read_start
from digits.system.child_processes import end_with_parent
from digits.system.files import UserError, check_writable, replacing
from digits.system.leftovers import TemporaryFolder
from digits.system.native_stderr import native_stderr_silenced

EXPECTED = "expected is one 28x28 or 28x28x1 input and ten outputs"
TOLERANCE = 1e-3  # in probability, between Keras and the .tflite file ...
INT8_TOLERANCE = 0.2  # ... whose weights are int8
PROBES = 8  # pictures for which the two are compared
PIXEL_SCALE = 0.1  # a Rescaling layer that multiplies by less expects 0 to 255


def main(argv: list[str] | None = None) -> int:
    """Convert one file; return the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m digits.models.conversion", description="Convert a Keras file to .tflite."
    )
    parser.add_argument("model", type=Path, help="an .h5 or .keras file")
    parser.add_argument("tflite", type=Path, help="the file to write")
    parser.add_argument("--int8", action="store_true", help="store the weights in eight bits each")
    parser.add_argument("--parent-pipe", action="store_true", help="end when standard input closes")
    arguments = parser.parse_args(argv)
    if arguments.parent_pipe:
        end_with_parent(lambda: os._exit(1))
    try:
        convert(arguments.model, arguments.tflite, arguments.int8)
    except UserError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


def convert(model_path: Path, tflite_path: Path, int8: bool = False) -> None:
    """Write the .tflite file of a Keras file, its weights float32 or int8; raises UserError if that is impossible."""
    check_container(model_path)
    check_writable(tflite_path, "converted model")
    check_config(model_path)
    model = _with_probabilities(_in_full_precision(load_model(model_path)), model_path)
    content = _to_tflite(model, model_path, int8)
    _check_same_answers(model, content, model_path, INT8_TOLERANCE if int8 else TOLERANCE)
    try:
        with replacing(tflite_path) as draft:
            draft.write_bytes(content)
    except OSError as error:
        raise UserError(f"The converted model cannot be saved to {tflite_path} ({error.strerror}).") from error


def load_model(path: Path):
    """Return the Keras model of a file that `digits.models.keras_allowlist` has passed; raises UserError."""
    with native_stderr_silenced():
        import keras

    logging.getLogger("absl").setLevel(logging.ERROR)
    suffix = ".keras" if read_start(path).startswith(ZIP_START) else ".h5"
    try:
        with TemporaryFolder("handwriting-") as folder, warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about the model's style, which is its author's business
            copy = shutil.copyfile(path, folder / f"model{suffix}")  # Keras goes by the suffix
            return keras.saving.load_model(copy, compile=False, safe_mode=True)
    except Exception as error:  # Keras lets anything through: TypeError, ValueError, OSError, KeyError ...
        raise UserError(
            f"Keras cannot load the model {path} ({_first_line(error)}); fetch or train it again."
        ) from error


def _in_full_precision(model):
    """Return the model with half-precision layers rebuilt in float32: LiteRT runs no others on a CPU."""
    import keras

    def rebuild(layer):
        return type(layer).from_config({**layer.get_config(), "dtype": "float32"})

    if all(layer.compute_dtype == "float32" for layer in _layers(model)):
        return model
    clone = keras.models.clone_model(model, clone_function=rebuild, recursive=True)
    clone.set_weights(model.get_weights())
    return clone


def _layers(model) -> list:
    """Return the layers of a model, including those of nested models."""
    return [inner for layer in getattr(model, "layers", []) for inner in (layer, *_layers(layer))]


def _with_probabilities(model, path: Path):
    """Wrap a model of any accepted form into one from (n, 28, 28, 1) to probabilities (n, 10)."""
    import keras

    inputs, outputs = (
        [tuple(tensor.shape[1:]) for tensor in getattr(model, name, None) or []] for name in ("inputs", "outputs")
    )
    if inputs not in ([(28, 28, 1)], [(28, 28)]) or outputs != [(10,)]:
        raise UserError(f"The model {path} has input {_shapes(inputs)} and output {_shapes(outputs)}; {EXPECTED}.")
    picture = keras.Input((28, 28, 1))
    scaled = keras.layers.Rescaling(255.0)(picture) if _wants_pixels(model) else picture
    try:
        answer = model(keras.layers.Reshape(inputs[0])(scaled))
        whole = keras.Model(picture, keras.layers.Activation("linear", dtype="float32")(answer))
        raw = np.asarray(whole(_probes(), training=False))
    except Exception as error:  # layers raise anything
        raise UserError(f"The model {path} cannot answer a picture ({_first_line(error)}); {EXPECTED}.") from error
    if not np.isfinite(raw).all():
        raise UserError(f"The model {path} answers with values that are not numbers; train it again.")
    if raw.min() < 0 or np.abs(raw.sum(axis=1) - 1).max() > 1e-2:  # logits; half precision sums to 1 within 1e-2
        whole = keras.Model(picture, keras.layers.Softmax()(whole(picture)))
    return whole


def _wants_pixels(model) -> bool:
    """Tell whether the model expects 0 to 255: it has integer input, or a layer that divides by 255."""
    scales = [layer.scale for layer in _layers(model) if type(layer).__name__ == "Rescaling"]
    return "int" in model.inputs[0].dtype or any(np.all(np.abs(scale) < PIXEL_SCALE) for scale in scales)


def _shapes(shapes: list[tuple]) -> str:
    return " and ".join("x".join("any" if side is None else str(side) for side in shape) for shape in shapes) or "none"


def _first_line(error: Exception) -> str:
    """Return the message without the configuration that Keras adds to it."""
    return (str(error).strip() or type(error).__name__).splitlines()[0][:200]


def _to_tflite(model, path: Path, int8: bool) -> bytes:
    import keras
    import tensorflow as tf

    try:
        with redirect_stdout(StringIO()), native_stderr_silenced():  # the converter is talkative
            one = keras.Input(batch_shape=(1, 28, 28, 1))  # recurrent layers need a fixed batch size
            converter = tf.lite.TFLiteConverter.from_keras_model(keras.Model(one, model(one)))
            if int8:  # of the weights alone: activations are quantized as they come
                converter.optimizations = [tf.lite.Optimize.DEFAULT]
            return converter.convert()
    except Exception as error:  # the converter's passes raise anything
        raise UserError(f"The model {path} uses layers that LiteRT cannot run; {EXPECTED}, of plain layers.") from error


def _check_same_answers(model, content: bytes, path: Path, tolerance: float) -> None:
    from digits.recognition.classifier import Interpreter

    expected = np.asarray(model(_probes(), training=False))
    try:
        interpreter = Interpreter(content)
        answers = np.concatenate([interpreter(picture[None]) for picture in _probes()])
    except (RuntimeError, ValueError) as error:  # an operation that LiteRT lacks
        raise UserError(f"The model {path} uses layers that LiteRT cannot run; {EXPECTED}, of plain layers.") from error
    if not np.abs(answers - expected).max() < tolerance:
        raise UserError(f"The model {path} gives other answers once converted; it cannot be used here.")


def _probes() -> np.ndarray:
    """Return coarse noise for comparing models: float32 (PROBES, 28, 28, 1) in [0, 1]."""
    coarse = np.random.default_rng(0).random((PROBES, 7, 7, 1), np.float32)
    return coarse.repeat(4, axis=1).repeat(4, axis=2)


if __name__ == "__main__":
    os.environ["KERAS_BACKEND"] = "tensorflow"
    os.environ["CUDA_VISIBLE_DEVICES"] = "-1"  # the waiting trainer may have filled the GPU
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    raise SystemExit(main())
