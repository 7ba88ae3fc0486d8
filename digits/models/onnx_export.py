"""Export to ONNX: the bytes of an .onnx file for a Keras model, and the answers of such a file. Imports Keras, late.

The file takes "pictures", float32 (n, 28, 28, 1) in [0, 1], and gives "probabilities", float32 (n, 10), before the
temperature of the model card. Needs the extra `onnx`.
"""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np

from digits.system.files import UserError
from digits.system.installed import check_onnx
from digits.system.leftovers import TemporaryFolder
from digits.system.output import native_stderr_silenced


def to_onnx(model: Any, path: Path) -> bytes:
    """Return the .onnx file of a Keras model of one 28x28 picture; raises UserError, which names it by `path`."""
    check_onnx()
    import keras

    pictures = keras.InputSpec(shape=(None, 28, 28, 1), dtype="float32", name="pictures")
    try:
        with TemporaryFolder("handwriting-onnx-") as folder, _silence():
            model.export(folder / "model.onnx", format="onnx", verbose=False, input_signature=[pictures])
            return _with_named_output(folder / "model.onnx")
    except Exception as error:  # the exporter's passes raise anything
        raise UserError(f"The model {path} uses layers that ONNX has no form of; name another model.") from error


def answer(content: bytes, pictures: np.ndarray) -> np.ndarray:
    """Return the probabilities (n, 10) that an .onnx file gives for pictures float32 (n, 28, 28, 1)."""
    import onnxruntime

    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    return np.asarray(session.run(["probabilities"], {"pictures": pictures})[0])


@contextmanager
def _silence() -> Iterator[None]:
    """Keep quiet what the exporter prints, and what it warns of: the ways of its own code."""
    with redirect_stdout(StringIO()), native_stderr_silenced(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _with_named_output(path: Path) -> bytes:
    """Return the file with its only output named, whatever the exporter called it."""
    import onnx

    content = onnx.load(path)
    (output,) = content.graph.output
    content.graph.node.append(onnx.helper.make_node("Identity", [output.name], ["probabilities"]))
    output.name = "probabilities"
    return content.SerializeToString()
