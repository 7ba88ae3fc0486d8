"""A convolutional network in NumPy: what every layer makes of a picture, number by number.

It computes what the Keras file says, in float32, with the file's own weights. The .tflite file that answers elsewhere
has them rounded to int8, so its probabilities differ slightly.
"""

from collections.abc import Iterable, Sequence
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from digits.drawing import ink
from digits.models.inside import layer_weights
from digits.models.inside.layer_weights import Layer
from digits.models.loading import LoadedModel
from digits.recognition.classifier import Answer

SAME_ANSWER = 0.1  # of a probability, by which the rounded weights may change it; more, and a layer was misread
NUM_CLASSES = 10
BLANK = np.zeros((ink.SIZE, ink.SIZE), np.uint8)


class Normalisation(NamedTuple):
    """Batch normalisation after training: gamma * (x - mean) / sqrt(variance + epsilon) + beta, float32 (maps,) each.

    Ioffe and Szegedy, "Batch normalization", 2015, algorithm 2.
    """

    mean: np.ndarray
    variance: np.ndarray
    gamma: np.ndarray
    beta: np.ndarray
    epsilon: float

    def __call__(self, values: np.ndarray) -> np.ndarray:
        """Return values (..., maps) normalised."""
        scale = self.gamma / np.sqrt(self.variance + np.float32(self.epsilon))
        return values * scale + (self.beta - self.mean * scale)


def relu(values: np.ndarray) -> np.ndarray:
    """Return what is positive, and 0 for the rest."""
    return np.maximum(values, 0)


class Stage(NamedTuple):
    """A layer that makes maps, with the steps that follow: "convolution", "pooling" or "dense".

    kernel: float32 (height, width, maps before, maps) or, of a dense stage, (values before, values). bias: float32
    (maps,). steps: a Normalisation or `relu` each, in order. size: of a pooling square.
    """

    kind: str
    kernel: np.ndarray | None = None
    bias: np.ndarray | None = None
    steps: tuple = ()
    is_padded: bool = True
    size: int = 1

    def linear(self, values: np.ndarray) -> np.ndarray:
        """Return what the layer makes of maps (n, h, w, maps), before the steps."""
        if self.kernel is None:
            return _pool(values, self.size)
        if self.kind == "dense":
            sums = values.reshape(len(values), -1) @ self.kernel
            return (sums if self.bias is None else sums + self.bias)[:, None, None]
        sums = _convolve(_padded(values, self.kernel) if self.is_padded else values, self.kernel)
        return sums if self.bias is None else sums + self.bias

    def __call__(self, values: np.ndarray) -> np.ndarray:
        """Return the stage's maps (n, h, w, maps)."""
        values = self.linear(values)
        for step in self.steps:
            values = step(values)
        return values


class Pass(NamedTuple):
    """A picture's way through the network: its maps after every stage, (1, h, w, maps), the picture itself first."""

    maps: list[np.ndarray]
    probabilities: np.ndarray  # float64 (10,), calibrated

    @property
    def logits(self) -> np.ndarray:
        """The ten sums of the last stage, float32 (10,)."""
        return self.maps[-1].ravel()


class Network:
    """A plain convolutional network; it classifies like a `Classifier`, with the same calibration."""

    def __init__(self, stages: Sequence[Stage], classifier: LoadedModel):
        self.stages = tuple(stages)
        self.classifier = classifier
        self.temperature = classifier.temperature

    def run(self, picture: np.ndarray) -> Pass:
        """Return what every stage makes of a picture, uint8 (28, 28)."""
        maps = [ink.network_input(picture)]
        for stage in self.stages:
            maps.append(stage(maps[-1]))
        return Pass(maps, self._probabilities(maps[-1])[0])

    def probabilities(self, pictures: np.ndarray) -> np.ndarray:
        """Return the calibrated probabilities float64 (n, 10) of pictures uint8 (n, 28, 28)."""
        values = ink.network_input(pictures)
        for stage in self.stages:
            values = stage(values)
        return self._probabilities(values)

    def classify(self, picture: np.ndarray) -> Answer:
        """Return the answer to one picture, uint8 (28, 28)."""
        return self.classifier.answer(self.probabilities(picture)[0])

    @cached_property
    def shapes(self) -> list[tuple[int, ...]]:
        """Height, width and number of maps after every stage, the picture first."""
        return [each.shape[1:] for each in self.run(BLANK).maps]

    def _probabilities(self, last: np.ndarray) -> np.ndarray:
        logits = last.reshape(len(last), -1).astype(np.float64) / self.temperature
        exponentials = np.exp(logits - logits.max(axis=1, keepdims=True))
        return exponentials / exponentials.sum(axis=1, keepdims=True)


def load(path: Path, classifier: LoadedModel) -> Network | None:
    """Return the network in a Keras file; None where its layers are of other kinds. Raises UserError.

    classifier: of the same file. Where the two answer differently, a layer was misread, or pixels are scaled before:
    None too.
    """
    try:
        stages = _stages(layer_weights.read(path) or [])
        if not stages or stages[-1].kind != "dense" or stages[-1].steps:
            return None
        network = Network(stages, classifier)
        return network if _agrees(network) else None
    except (IndexError, KeyError, TypeError, ValueError):  # shapes that do not fit, arguments that are not there
        return None


def votes(network: Network, seen: Pass) -> tuple[np.ndarray, np.ndarray]:
    """Return how much each map before the last stage votes for each digit, float32 (maps, 10), and the biases (10,).

    Their sums over the maps, with the bias, are the logits.
    """
    last = network.stages[-1]
    assert last.kernel is not None
    before = seen.maps[-2]
    products = before.reshape(-1, 1) * last.kernel
    by_map = products.reshape(-1, before.shape[-1], NUM_CLASSES).sum(axis=0)
    return by_map, np.zeros(NUM_CLASSES, np.float32) if last.bias is None else last.bias


def inputs(stage: Stage, before: np.ndarray, after: np.ndarray, index: int) -> np.ndarray:
    """Return what each map before adds to one map of a stage with a kernel, float32 (maps before,).

    before, after: (h, w, maps). In a convolution: at the place where that map is strongest.
    """
    assert stage.kernel is not None
    if stage.kind == "dense":
        return (before.ravel() * stage.kernel[:, index]).reshape(-1, before.shape[-1]).sum(axis=0)
    padded = _padded(before[None], stage.kernel)[0] if stage.is_padded else before
    height, width = stage.kernel.shape[:2]
    y, x = np.unravel_index(after[..., index].argmax(), after.shape[:2])
    return (padded[y : y + height, x : x + width] * stage.kernel[..., index]).sum(axis=(0, 1))


def _stages(layers: Iterable[Layer]) -> list[Stage] | None:
    """Return the stages that layers make; None where one of them is of a kind that is not known here."""
    stages: list[Stage] = []
    for layer in layers:
        if layer.kind in ("InputLayer", "Dropout", "SpatialDropout2D", "Flatten"):
            continue  # a dense stage flattens by itself
        if begun := _begin(layer):
            stages.append(begun)
            layer = Layer("Activation", {"activation": layer.arguments.get("activation", "linear")}, {})
        step = _step(layer)
        if not stages or step is None:
            return None
        stages[-1] = stages[-1]._replace(steps=(*stages[-1].steps, *step))
    return stages


def _begin(layer: Layer) -> Stage | None:
    """Return the stage that a layer begins, or None."""
    kind, arguments, weights = layer
    if kind == "Dense":
        return Stage("dense", weights["kernel"], weights.get("bias"))
    if kind == "Conv2D":
        is_plain = _is(arguments, strides=1, dilation_rate=1, groups=1, data_format="channels_last")
        padding = arguments.get("padding")
        if is_plain and padding in ("same", "valid"):
            return Stage("convolution", weights["kernel"], weights.get("bias"), is_padded=padding == "same")
    if kind == "MaxPooling2D" and _is(arguments, padding="valid", data_format="channels_last"):
        size = arguments["pool_size"]
        if size == arguments["strides"] and size[0] == size[1]:
            return Stage("pooling", size=size[0])
    return None


def _step(layer: Layer) -> tuple | None:
    """Return the steps that a layer adds to the stage before: none, one, or None where it is not known here."""
    kind, arguments, weights = layer
    if kind == "BatchNormalization":
        mean, variance = weights["moving_mean"], weights["moving_variance"]
        gamma, beta = weights.get("gamma", np.ones_like(mean)), weights.get("beta", np.zeros_like(mean))
        return (Normalisation(mean, variance, gamma, beta, float(arguments.get("epsilon", 1e-3))),)
    if kind == "ReLU":
        is_plain = (
            not arguments.get("max_value") and not arguments.get("negative_slope") and _is(arguments, threshold=0)
        )
        return (relu,) if is_plain else None
    if kind == "Softmax":
        return ()
    if kind == "Activation":
        return {"relu": (relu,), "linear": (), "softmax": ()}.get(str(arguments.get("activation")))
    return None


def _is(arguments: dict, **wanted: object) -> bool:
    """Tell whether arguments have these values, alone or for each axis, or are not given."""
    return all(arguments.get(name) in (value, [value] * 2, None) for name, value in wanted.items())


def _agrees(network: Network) -> bool:
    """Tell whether network and classifier answer alike: to a blank picture, and to strokes across it."""
    pictures = [BLANK, *(ink.rasterize([[(7 + x, 5), (14, 14 + x), (9, 24)]], ink.PEN_WIDTH) for x in (0, 6, 12))]
    for picture in pictures:
        difference = network.probabilities(picture)[0] - network.classifier.classify(picture).probabilities
        if not np.abs(difference).max() <= SAME_ANSWER:
            return False
    return True


def _padded(values: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    before = [(side - 1) // 2 for side in kernel.shape[:2]]
    after = [side // 2 for side in kernel.shape[:2]]
    return np.pad(values, ((0, 0), *zip(before, after, strict=True), (0, 0)))


def _convolve(values: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    """Return the products of a kernel with every patch of maps (n, h, w, maps), as one product of matrices."""
    height, width, maps, _ = kernel.shape
    windows = sliding_window_view(values, (height, width), axis=(1, 2))  # (n, h, w, maps, height, width)
    num, rows, columns = windows.shape[:3]
    patches = windows.transpose(0, 1, 2, 4, 5, 3).reshape(-1, height * width * maps)
    return (patches @ kernel.reshape(-1, kernel.shape[3])).reshape(num, rows, columns, -1)


def _pool(values: np.ndarray, size: int) -> np.ndarray:
    num, rows, columns, maps = values.shape
    whole = values[:, : rows // size * size, : columns // size * size]
    return whole.reshape(num, rows // size, size, columns // size, size, maps).max(axis=(2, 4))
