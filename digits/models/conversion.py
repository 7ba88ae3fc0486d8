"""Child process that converts a Keras file to the .tflite file that window and page run.

    python -m digits.models.conversion MODEL OUTPUT.tflite [--ours] [--parent-pipe]

MODEL is an .h5 or .keras file, of Keras 1 to 3, with one picture as input and ten outputs; `digits.models.adaptation`
finds out how it wants its pixels. The .tflite takes float32 (1, 28, 28, 1) in [0, 1] and gives float32 (1, 10)
probabilities. OUTPUT is replaced only if it gives the same answers as the Keras model; the model card beside it says
how the pixels are given, and how many template digits were read.
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
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path

import numpy as np

from digits.models.adaptation import CHANCE, EXPECTED, Adapted, adapt, probes
from digits.models.keras_allowlist import check_container
from digits.models.keras_loading import in_full_precision, load_model
from digits.models.model_card import companions, write_card
from digits.recognition.calibration import fit_temperature
from digits.system.child_processes import end_with_parent, limit
from digits.system.files import UserError, check_writable, replacing, sha256
from digits.system.native_stderr import native_stderr_silenced

TOLERANCE = 1e-3  # in probability, between Keras and the .tflite file ...
INT8_TOLERANCE = 0.2  # ... whose weights are int8
MAX_MEMORY = 8_000_000_000  # bytes of address space, of which TensorFlow alone takes 2, for a stranger's file ...
MAX_SECONDS = 300  # ... and of the processor
PROBES = 8  # pictures of each kind for which the two are compared


def main(argv: list[str] | None = None) -> int:
    """Convert one file; return the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m digits.models.conversion", description="Convert a Keras file to .tflite."
    )
    parser.add_argument("model", type=Path, help="an .h5 or .keras file")
    parser.add_argument("tflite", type=Path, help="the file to write")
    parser.add_argument("--ours", action="store_true", help="the trainer made it: try nothing, and store int8 weights")
    parser.add_argument("--parent-pipe", action="store_true", help="end when standard input closes")
    arguments = parser.parse_args(argv)
    if arguments.parent_pipe:
        end_with_parent(lambda: os._exit(1))
        if not arguments.ours:
            limit(MAX_MEMORY, MAX_SECONDS)
    try:
        convert(arguments.model, arguments.tflite, arguments.ours)
    except UserError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


def convert(model_path: Path, tflite_path: Path, is_ours: bool = False) -> None:
    """Write the .tflite file of a Keras file, and its model card; raises UserError if that is impossible."""
    check_container(model_path)
    check_writable(tflite_path, "converted model")
    adapted = adapt(in_full_precision(load_model(model_path)), model_path, is_ours)
    content = _to_tflite(adapted.model, model_path, is_ours)
    _check_same_answers(adapted.model, content, model_path, INT8_TOLERANCE if is_ours else TOLERANCE)
    try:
        with replacing(tflite_path) as draft:
            draft.write_bytes(content)
        write_card(companions(tflite_path).card, sha256(model_path), tflite_path, _card_entries(adapted))
    except OSError as error:
        raise UserError(f"The converted model cannot be saved to {tflite_path} ({error.strerror}).") from error


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
    """Return digits and coarse noise for comparing models: float32 (2 * PROBES, 28, 28, 1) in [0, 1]."""
    coarse = np.random.default_rng(0).random((PROBES, 7, 7, 1), np.float32)
    return np.concatenate([coarse.repeat(4, axis=1).repeat(4, axis=2), probes(PROBES)[0]])


if __name__ == "__main__":
    os.environ["KERAS_BACKEND"] = "tensorflow"
    os.environ["CUDA_VISIBLE_DEVICES"] = "-1"  # the waiting trainer may have filled the GPU
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    raise SystemExit(main())
