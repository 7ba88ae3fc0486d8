"""Child process that converts a Keras file to the .tflite file that window and page run.

    python -m digits.models.conversion MODEL OUTPUT.tflite [--ours] [--parent-pipe]
    python -m digits.models.conversion MODEL OUTPUT.onnx

MODEL is an .h5 or .keras file, of Keras 1 to 3, with one picture as input and ten outputs; `digits.models.adaptation`
finds out how it wants its pixels. The .tflite takes float32 (1, 28, 28, 1) in [0, 1] and gives float32 (1, 10)
probabilities. OUTPUT is replaced only if it gives the same answers as the Keras model; the model card beside it says
how the pixels are given, and how many template digits were read.
An OUTPUT.onnx, for other programs, takes and gives the same and has no card (`digits.models.onnx_export`).
With --ours, for what the trainer made, nothing is tried, and the weights become whole numbers of eight bits: the file
is a quarter as large, its probabilities differ by a few hundredths, and so it is to be calibrated itself.
Exit code 0, or 2 with one sentence as the last line of stderr. With --parent-pipe the process ends when its standard
input closes, which means that its parent has gone.

Besides the trainer, only this program imports TensorFlow, and only this one opens Keras files from strangers:
`digits.models.keras_allowlist` checks them first.
"""

import argparse
import os
import sys
from collections.abc import Callable
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path

import numpy as np

from digits.models.adaptation import CHANCE, EXPECTED, Adapted, adapt, probes
from digits.models.keras_allowlist import check_container
from digits.models.keras_loading import in_full_precision, load_model
from digits.models.model_card import companions, write_card
from digits.models.onnx_export import answer, to_onnx
from digits.recognition.calibration import fit_temperature
from digits.system import paths
from digits.system.child_processes import end_with_parent, limit
from digits.system.files import UserError, check_writable, replacing, sha256
from digits.system.output import native_stderr_silenced

Answers = Callable[[bytes, np.ndarray], np.ndarray]  # of a converted file, float32 (n, 10) for its pictures

TOLERANCE = 1e-3  # in probability, between Keras and the .tflite file ...
INT8_TOLERANCE = 0.2  # ... whose weights are int8
MAX_MEMORY = 8_000_000_000  # bytes of address space, of which TensorFlow alone takes 2, for a stranger's file ...
LOADING_SECONDS = 60  # ... of the processor until Keras, imported in 5 of them, has built its model ...
MAX_SECONDS = 300  # ... and altogether
PROBES = 8  # pictures of each kind for which the two are compared


def main(argv: list[str] | None = None) -> int:
    """Convert one file; return the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m digits.models.conversion", description="Convert a Keras file to .tflite."
    )
    parser.add_argument("model", type=Path, help="an .h5 or .keras file")
    parser.add_argument("output", type=Path, help="the file to write, or an .onnx file")
    parser.add_argument("--ours", action="store_true", help="the trainer made it: try nothing, and store int8 weights")
    parser.add_argument("--parent-pipe", action="store_true", help="end when standard input closes")
    arguments = parser.parse_args(argv)
    if arguments.parent_pipe:
        end_with_parent(lambda: os._exit(1))
    is_limited = arguments.parent_pipe and not arguments.ours
    if is_limited:
        limit(MAX_MEMORY, LOADING_SECONDS, MAX_SECONDS)
    try:
        convert(arguments.model, arguments.output, arguments.ours, is_limited)
    except UserError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


def convert(model_path: Path, output: Path, is_ours: bool = False, is_limited: bool = False) -> None:
    """Write the .tflite file of a Keras file, and its model card, or its .onnx file; raises UserError.

    is_limited: this process has the limits of a loading, and gets those of all the rest.
    """
    check_container(model_path)
    check_writable(output, "converted model")
    is_onnx = output.suffix == ".onnx"
    model = load_model(model_path)
    if is_limited:
        limit(MAX_MEMORY, MAX_SECONDS)
    adapted = adapt(in_full_precision(model), model_path, is_ours)
    content = to_onnx(adapted.model, model_path) if is_onnx else _to_tflite(adapted.model, model_path, is_ours)
    tolerance = INT8_TOLERANCE if is_ours else TOLERANCE
    _check_same_answers(adapted.model, answer if is_onnx else _answer_tflite, content, model_path, tolerance)
    try:
        with replacing(output) as draft:
            draft.write_bytes(content)
        if not is_onnx:
            write_card(companions(output).card, sha256(model_path), output, _card_entries(adapted))
    except OSError as error:
        raise UserError(f"The converted model cannot be saved to {output} ({error.strerror}).") from error


def _card_entries(adapted: Adapted) -> dict:
    """Return what the card says of a model that has answered the probes."""
    if adapted.accuracy is None:
        return {}
    entries = {"input": str(adapted.way), "template_accuracy": round(adapted.accuracy, 3)}
    if adapted.accuracy <= CHANCE:
        return {**entries, "warning": "This model reads digits no better than chance; its answers mean nothing."}
    pictures, labels = probes()
    return {**entries, "temperature": fit_temperature(np.asarray(adapted.model(pictures, training=False)), labels)}


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


def _check_same_answers(model, answers: Answers, content: bytes, path: Path, tolerance: float) -> None:
    """Raise UserError unless a converted file answers the probes as Keras does."""
    try:
        differences = answers(content, _probes()) - np.asarray(model(_probes(), training=False))
    except (RuntimeError, ValueError) as error:  # an operation that LiteRT lacks
        raise UserError(f"The model {path} uses layers that LiteRT cannot run; {EXPECTED}, of plain layers.") from error
    if not np.abs(differences).max() < tolerance:
        raise UserError(f"The model {path} gives other answers once converted; it cannot be used here.")


def _answer_tflite(content: bytes, pictures: np.ndarray) -> np.ndarray:
    from digits.recognition.classifier import Interpreter

    interpreter = Interpreter(content)
    return np.concatenate([interpreter(picture[None]) for picture in pictures])


def _probes() -> np.ndarray:
    """Return digits and coarse noise for comparing models: float32 (2 * PROBES, 28, 28, 1) in [0, 1]."""
    coarse = np.random.default_rng(0).random((PROBES, 7, 7, 1), np.float32)
    return np.concatenate([coarse.repeat(4, axis=1).repeat(4, axis=2), probes(PROBES)[0]])


if __name__ == "__main__":
    os.environ["KERAS_BACKEND"] = "tensorflow"
    os.environ["CUDA_VISIBLE_DEVICES"] = "-1"  # the waiting trainer may have filled the GPU
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    paths.house_keras()
    raise SystemExit(main())
