"""Explanations: the feature maps of each layer, and which ink counts for and against each digit, as images.

The .tflite file that the classifier runs is run here too, without TensorFlow.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from digits.drawing import ink
from digits.recognition.calibration import soften
from digits.recognition.classifier import Answer
from digits.system.output import native_stderr_silenced

PATCH = 4  # pixels, the side of the square that is erased at once: 1.5 times the pen's width
STEP = 2  # pixels between patches: each pixel lies in four of them
LEAST_PROBABILITY = 1e-30  # smaller ones count as this
LEAST_STRENGTH = 1.0  # in natural logarithms; if no effect is stronger, all are shown pale
FOR, AGAINST, NEITHER = (20, 120, 210), (235, 120, 0), (150, 150, 160)  # colour-blind people can tell them apart
HEATMAP_ZOOM = 10  # heatmap pixels per pixel of ink
MOSAIC_WIDTH = 956  # pixels: room for 8 maps of 28 pixels or 16 of 14 or 7, each enlarged
GAP = 4  # pixels between two maps
GAP_SHADE = 120  # of 255
CONTRAST = 0.7  # exponent of the shades, below 1 so that weak activations show
ASPECT = 2.5  # width over height that a mosaic of maps should have
ASPECT_OF_VALUES = 10.0  # ... of single values

LAYERS = {  # LiteRT operations that make a layer, and the layer's name
    "CONV_2D": "convolution",
    "DEPTHWISE_CONV_2D": "depthwise convolution",
    "TRANSPOSE_CONV": "transposed convolution",
    "MAX_POOL_2D": "max pooling",
    "AVERAGE_POOL_2D": "average pooling",
    "FULLY_CONNECTED": "dense",
    "CONCATENATION": "joined",
}
COMBINATIONS = {
    "ADD": "sum",
    "SUB": "difference",
    "MUL": "product",
    "MAXIMUM": "maximum",
}  # of two layers; with a constant, part of a layer
FOLLOWERS = {  # operations that belong to the layer before them
    *("RELU", "RELU6", "RELU_N1_TO_1", "RELU_0_TO_1", "LEAKY_RELU", "PRELU", "ELU", "GELU", "HARD_SWISH", "TANH"),
    *("LOGISTIC", "SOFTMAX", "BATCH_TO_SPACE_ND", *COMBINATIONS),
}


class Layer(NamedTuple):
    """A layer's name, such as "convolution 1, 28x28, 32 maps", and its activations, float32 (h, w, maps)."""

    name: str
    activations: np.ndarray


def feature_maps(content: bytes, picture: np.ndarray, temperature: float = 1.0) -> list[Layer]:
    """Return the layers of a .tflite model for a picture uint8 (28, 28), the ten probabilities last.

    content: the file's bytes. temperature: of the model card. Activations are taken after the non-linearity. A layer
    without maps, such as a dense one, is (1, 1, values).
    """
    from ai_edge_litert.interpreter import Interpreter, OpResolverType  # late, as in digits.recognition.classifier

    with native_stderr_silenced():
        # Without delegates, which fuse operations and keep nothing in between.
        runner = Interpreter(
            model_content=content,
            num_threads=1,
            experimental_preserve_all_tensors=True,
            experimental_op_resolver_type=OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES,
        )
        runner.allocate_tensors()
    runner.set_tensor(runner.get_input_details()[0]["index"], ink.network_input(picture))
    runner.invoke()
    output = int(runner.get_output_details()[0]["index"])
    found = find_layers(runner._get_ops_details())  # LiteRT has no public list of a model's operations
    outputs = [(kind, runner.get_tensor(tensor)) for kind, tensor in found if tensor != output]
    probabilities = soften(runner.get_tensor(output), temperature).astype(np.float32)
    return [*_named(outputs), Layer("ten probabilities", probabilities.reshape(1, 1, -1))]


def find_layers(operations: Sequence[Mapping]) -> list[tuple[str, int]]:
    """Return the layers of a model in order: the kind of each, and the tensor that holds its result.

    operations: each with "op_name", "inputs" and "outputs", in order of execution. What changes the result of
    one layer alone, such as an activation or an added constant, belongs to that layer.
    """
    layers: list[tuple[str, int]] = []
    layer_of: dict[int, int] = {}  # tensor -> index of the layer that it is part of
    for operation in operations:
        name, (output, *_) = operation["op_name"], map(int, operation["outputs"])
        sources = {layer_of[int(tensor)] for tensor in operation["inputs"] if int(tensor) in layer_of}
        if name in FOLLOWERS and len(sources) == 1:
            index = sources.pop()
            layers[index] = (layers[index][0], output)
        elif kind := LAYERS.get(name) or (len(sources) > 1 and COMBINATIONS.get(name)):
            index = len(layers)
            layers.append((kind, output))
        else:
            continue
        layer_of[output] = index
    return layers


def occlusion(
    classify: Callable[[np.ndarray], Answer], picture: np.ndarray, patch: int = PATCH, step: int = STEP
) -> np.ndarray:
    """Return how much the ink around each pixel counts for each digit: float32 (10, 28, 28), negative if against it.

    classify: as `Classifier.classify`. picture: uint8 (28, 28). A patch is erased and the picture classified again; a
    pixel's value is the evidence that the digit loses, averaged over the patches that hold the pixel; 0 without ink
    (Zeiler and Fergus, "Visualizing and understanding convolutional networks", 2014, section 4.2).
    """
    whole = evidence(classify(picture).probabilities)
    total, times = np.zeros((10, ink.SIZE, ink.SIZE)), np.zeros((ink.SIZE, ink.SIZE))
    starts = range(step - patch, ink.SIZE, step)
    for place in [_window(row, column, patch) for row in starts for column in starts]:
        times[place] += 1
        if picture[place].any():
            erased = picture.copy()
            erased[place] = 0
            total[(slice(None), *place)] += (whole - evidence(classify(erased).probabilities))[:, None, None]
    return (total / times * (picture > 0)).astype(np.float32)


def evidence(probabilities: Sequence[float]) -> np.ndarray:
    """Return how likely each of n digits is relative to their average, in natural logarithms; the mean is 0.

    The centred log-ratio (Aitchison, "The statistical analysis of compositional data", 1986), which equals the
    logits up to a constant. A probability hardly moves when an answer is sure, and its logarithm would show for nine
    digits only that the ink counts for the tenth.
    """
    logarithms = np.log(np.maximum(np.asarray(probabilities, np.float64), LEAST_PROBABILITY))
    return logarithms - logarithms.mean()


def mosaic(layer: Layer, side: int = MOSAIC_WIDTH) -> np.ndarray:
    """Return a layer's maps side by side, uint8 (h, w), about `side` pixels wide: 0 for none, 255 for the strongest.

    All maps share one scale, so that bright means strong; negative activations are shown as 0.
    """
    height, width, count = layer.activations.shape
    columns = _columns(count, width / height, ASPECT if height * width > 1 else ASPECT_OF_VALUES)
    rows = -(-count // columns)
    strongest = max(float(layer.activations.max()), 1e-12)
    shades = np.round(255 * np.clip(layer.activations / strongest, 0, 1) ** CONTRAST).astype(np.uint8)
    zoom = max(1, ((side + GAP) // columns - GAP) // width)
    image = np.full((rows * (height * zoom + GAP) - GAP, columns * (width * zoom + GAP) - GAP), GAP_SHADE, np.uint8)
    for index in range(count):
        y, x = index // columns * (height * zoom + GAP), index % columns * (width * zoom + GAP)
        image[y : y + height * zoom, x : x + width * zoom] = shades[:, :, index].repeat(zoom, 0).repeat(zoom, 1)
    return image


def heatmap(
    values: np.ndarray, picture: np.ndarray, strongest: float | None = None, zoom: int = HEATMAP_ZOOM
) -> np.ndarray:
    """Return the ink coloured, uint8 RGBA (28 * zoom, 28 * zoom, 4): blue for a digit, orange against it, else grey.

    values: (28, 28), of one digit from `occlusion`. strongest: the value that gets the full colour (default: the
    greatest one). Paper is transparent and so fits light and dark pages.
    """
    if strongest is None:
        strongest = max(float(np.abs(values).max()), LEAST_STRENGTH)
    strength = np.clip(np.abs(values) / strongest, 0, 1)[..., None]
    colors = np.where(values[..., None] > 0, FOR, AGAINST)
    mixed = strength * colors + (1 - strength) * np.array(NEITHER)
    pixels = np.dstack([mixed.round(), picture]).astype(np.uint8)
    return pixels.repeat(zoom, axis=0).repeat(zoom, axis=1)


def _named(outputs: Sequence[tuple[str, np.ndarray]]) -> list[Layer]:
    """Return the layers that have float activations, numbered within each kind."""
    layers, seen = [], dict.fromkeys((kind for kind, _ in outputs), 0)
    for kind, values in outputs:
        if values.dtype != np.float32 or values.ndim not in (2, 4) or len(values) != 1:
            continue
        seen[kind] += 1
        maps = values[0] if values.ndim == 4 else values[None]
        height, width, count = maps.shape
        size = f"{height}x{width}, {count} maps" if values.ndim == 4 else f"{count} values"
        layers.append(Layer(f"{kind} {seen[kind]}, {size}", maps))
    return layers


def _columns(count: int, aspect: float, target: float) -> int:
    """Return how many columns bring `count` maps, of width over height `aspect`, nearest to a mosaic of `target`."""

    def cost(columns: int) -> float:
        rows = -(-count // columns)
        return abs(np.log(aspect * columns / rows / target)) + (columns * rows > count)

    return min(range(1, count + 1), key=cost)


def _window(row: int, column: int, patch: int) -> tuple[slice, slice]:
    """Return the part of a patch that lies in the picture; its start may lie outside."""
    return slice(max(row, 0), row + patch), slice(max(column, 0), column + patch)
