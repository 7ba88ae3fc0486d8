"""Features: what a drawing looks like to the network and to the eye, as a vector whose products tell how alike two are.

The network's part is what enters its last dense layer and an earlier one, which knows less of the answer and more of
the drawing; the eye's is the blurred picture, which alone serves for a model without such layers. Nothing is converted
anew: a .tflite file is read, given these outputs too and run.
"""

import hashlib
from collections.abc import Sequence
from functools import cached_property, lru_cache
from typing import Any, NamedTuple

import numpy as np

from digits.drawing import digit_templates, ink
from digits.recognition.calibration import soften
from digits.recognition.classifier import Classifier, Interpreter

VERSION = 2  # of the vectors: those of another one are computed anew
EARLIER = 3  # layers with weights from the last dense one back to the earlier one
NETWORK_SHARE = 0.7  # of the similarity, half of it each layer's; the rest is the picture's
NETWORK_SIZE = 384  # numbers; more are sketched, which keeps products to about 0.03
SKETCH_SEED = 0
BLUR = (1, 4, 6, 4, 1)  # weights of neighbouring pixels, down and across: a deviation of one pixel
BLOCK = 2  # pixels, down and across, of which the mean is taken
NUM_STRANGERS = 200  # digits drawn from templates, by which similarities are judged


class Seen(NamedTuple):
    """A picture as the classifier sees it: calibrated probabilities float64 (10,), features float32 of length 1."""

    probabilities: np.ndarray
    vector: np.ndarray


class FeatureReader:
    """Returns the probabilities and features of pictures, by a classifier's own model."""

    def __init__(self, classifier: Classifier):
        self._temperature = classifier.temperature
        self._interpreter = _interpreter(classifier.content)
        self.identity = hashlib.sha256(b"%d" % VERSION + classifier.content).hexdigest()

    def __call__(self, picture: np.ndarray) -> Seen:
        """Return what one picture, uint8 (28, 28), looks like."""
        raw, *layers = self._interpreter.outputs(ink.network_input(picture))
        return Seen(soften(raw[0], self._temperature), _joined(picture, layers))

    @cached_property
    def strangers(self) -> np.ndarray:
        """Features float32 (NUM_STRANGERS, d) of digits drawn from templates, 0 to 9 in turn."""
        return np.array([self(picture).vector for picture in digit_templates.pictures(NUM_STRANGERS)[0]])


@lru_cache(maxsize=4)
def reader_of(classifier: Classifier) -> FeatureReader:
    """Return the reader of a classifier, the same for all who ask."""
    return FeatureReader(classifier)


def _interpreter(content: bytes) -> Interpreter:
    """Return the interpreter of a model, with its features as further outputs where LiteRT can give them."""
    try:
        return Interpreter(with_features(content) or content)
    except (RuntimeError, ValueError):  # a layer within a loop, say
        return Interpreter(content)


def with_features(content: bytes) -> bytes | None:
    """Return a .tflite model with what enters its last dense layer and an earlier one as outputs too.

    None if there is no such layer.
    """
    try:  # late, since it takes a tenth of a second; and not promised by LiteRT
        import flatbuffers
        from ai_edge_litert import schema_py_generated as schema
    except ImportError:
        return None
    model: Any = schema.ModelT.InitFromPackedBuf(content, 0)
    graph, kinds = model.subgraphs[0], schema.BuiltinOperator
    codes = [model.operatorCodes[operator.opcodeIndex].builtinCode for operator in graph.operators]
    layers = [place for place, code in enumerate(codes) if code in (kinds.CONV_2D, kinds.FULLY_CONNECTED)]
    dense = [number for number, place in enumerate(layers) if codes[place] == kinds.FULLY_CONNECTED]
    last = max(dense, default=-1)
    entering = [int(graph.operators[layers[number]].inputs[0]) for number in (last, last - EARLIER) if number >= 0]
    floats = [tensor for tensor in entering if graph.tensors[tensor].type == schema.TensorType.FLOAT32]
    shown = [tensor for tensor in floats if tensor not in graph.inputs]
    if not shown:
        return None
    graph.outputs = np.array([*graph.outputs, *shown], np.int32)
    builder = flatbuffers.Builder(len(content))
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def sketch(values: np.ndarray, size: int = NETWORK_SIZE) -> np.ndarray:
    """Return (n,) values as at most `size` numbers whose products are about the same.

    Each number is a sum of some of the values with random signs (Charikar, Chen and Farach-Colton, "Finding frequent
    items in data streams", 2002).
    """
    if len(values) <= size:
        return values
    order, signs, starts = _plan(len(values), size)
    return np.add.reduceat(values[order] * signs, starts)


@lru_cache(maxsize=8)
def _plan(length: int, size: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the order of the values, their signs and where each sum begins; always the same for a length and size."""
    rng = np.random.default_rng(SKETCH_SEED)
    signs = rng.choice(np.array([-1, 1], np.float32), length)
    return rng.permutation(length), signs, np.arange(size) * length // size


def blurred(picture: np.ndarray) -> np.ndarray:
    """Return a picture uint8 (28, 28) without its details, float32 (196,)."""
    return (_BLURRING @ picture.astype(np.float32) @ _BLURRING.T).ravel()


def _blurring() -> np.ndarray:
    """Return what blurs a column of pixels and takes the mean of each block: float32 (14, 28)."""
    pixels = np.convolve(BLUR, np.ones(BLOCK)) / (sum(BLUR) * BLOCK)
    rows = np.zeros((ink.SIZE // BLOCK, ink.SIZE + len(BLUR) - 1), np.float32)
    for place, row in enumerate(rows):
        row[place * BLOCK : place * BLOCK + len(pixels)] = pixels
    return rows[:, len(BLUR) // 2 : len(BLUR) // 2 + ink.SIZE]


_BLURRING = _blurring()


def _joined(picture: np.ndarray, layers: Sequence[np.ndarray]) -> np.ndarray:
    look = _of_length_1(blurred(picture))
    if not layers:
        return look
    network = _of_length_1(sketch(np.concatenate([_of_length_1(layer.ravel()) for layer in layers])))
    return np.concatenate([NETWORK_SHARE**0.5 * network, (1 - NETWORK_SHARE) ** 0.5 * look])


def _of_length_1(values: np.ndarray) -> np.ndarray:
    values = np.nan_to_num(values)
    return (values / max(float(np.linalg.norm(values)), 1e-9)).astype(np.float32)
