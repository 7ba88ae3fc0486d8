"""Packages that some installations do without: looked for before the work begins."""

from importlib.util import find_spec

from digits.system.files import UserError


def check_onnx() -> None:
    """Raise UserError where the packages that write and run ONNX files are not installed."""
    if not all(map(find_spec, ("onnx", "onnxruntime", "tf2onnx"))):
        found = "Exporting to ONNX needs packages that are not installed here"
        raise UserError(f"{found}; install them with: python -m pip install onnx onnxruntime tf2onnx")


def check_tensorflow(purpose: str) -> None:
    """Raise UserError where Keras or TensorFlow is not installed; purpose: what needs it, to begin the sentence."""
    if find_spec("tensorflow") is None or find_spec("keras") is None:
        found = f"{purpose} needs TensorFlow, which is not installed here"
        raise UserError(f"{found}; install it with: python -m pip install tensorflow keras")
