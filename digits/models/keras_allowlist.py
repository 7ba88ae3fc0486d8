"""What a Keras file from a stranger may hold: judged as data before Keras opens it, and without importing Keras.

Keras rebuilds a model from a configuration, JSON that names classes. Some classes run code that the file brings
(Lambda), some read other files (TFSMLayer, StringLookup), and a file can name classes of other modules. So a file
passes only if every class in it is on the lists below, which compute on tensors and do nothing else. A model of more
or larger layers than people build, or one that would need more weights than its file holds, is refused too.
"""

import itertools
import math
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from digits.models import keras_files
from digits.models.keras_files import HDF5_START, ZIP_START, Contents, read_start
from digits.models.keras_legacy import modernize
from digits.system.files import UserError, shorten

SAVE_AGAIN = 'save the whole Keras model where it was made, with model.save("model.h5").'
MOST_OBJECTS = 10_000  # of a configuration; the largest networks of Keras' own collection have a third
MOST_CALLS = 3_000  # of layers while Keras builds the model; those networks need a third, a row of 76 layers all
LARGEST_LAYER = 2**22  # values that a layer may give for one picture; VGG's largest, of 224x224 pixels, has 0.8 of it
WIDTHS = ("filters", "units")  # arguments that are the length of an axis, in what a layer gives and in its weights
SIZES = (*WIDTHS, "batch_shape", "height", "n", "output_dim", "padding", "size", "strides", "target_shape", "width")


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


LAYERS = _names("""
    InputLayer Dense EinsumDense Embedding Identity Masking Activation
    ELU LeakyReLU PReLU ReLU Softmax ThresholdedReLU
    Conv1D Conv2D Conv3D Conv1DTranspose Conv2DTranspose Conv3DTranspose
    DepthwiseConv1D DepthwiseConv2D SeparableConv1D SeparableConv2D
    AveragePooling1D AveragePooling2D AveragePooling3D MaxPooling1D MaxPooling2D MaxPooling3D
    GlobalAveragePooling1D GlobalAveragePooling2D GlobalAveragePooling3D
    GlobalMaxPooling1D GlobalMaxPooling2D GlobalMaxPooling3D
    AdaptiveAveragePooling1D AdaptiveAveragePooling2D AdaptiveMaxPooling1D AdaptiveMaxPooling2D
    BatchNormalization GroupNormalization LayerNormalization RMSNormalization SpectralNormalization UnitNormalization
    ActivityRegularization AlphaDropout Dropout GaussianDropout GaussianNoise
    SpatialDropout1D SpatialDropout2D SpatialDropout3D
    Cropping1D Cropping2D Cropping3D Flatten Permute RepeatVector Reshape
    UpSampling1D UpSampling2D UpSampling3D ZeroPadding1D ZeroPadding2D ZeroPadding3D
    Add Average Concatenate Dot Maximum Minimum Multiply Subtract
    AdditiveAttention Attention GroupQueryAttention GroupedQueryAttention MultiHeadAttention
    Bidirectional ConvLSTM1D ConvLSTM2D GRU GRUCell LSTM LSTMCell RNN SimpleRNN SimpleRNNCell StackedRNNCells
    TimeDistributed
    CenterCrop Normalization Rescaling Resizing RandomBrightness RandomContrast RandomCrop RandomElasticTransform
    RandomErasing RandomFlip RandomGaussianBlur RandomInvert RandomPerspective RandomRotation RandomSharpness
    RandomShear RandomTranslation RandomZoom
""")
WRAPPERS = frozenset(["Bidirectional", "SpectralNormalization", "TimeDistributed"])
MODELS = frozenset(["Functional", "Model", "Sequential"])
POLICIES = frozenset(["DTypePolicy", "DTypePolicyMap", "FloatDTypePolicy", "Policy"])
INITIALIZERS = _names("""
    Constant GlorotNormal GlorotUniform HeNormal HeUniform Identity LecunNormal LecunUniform Ones Orthogonal
    RandomNormal RandomUniform TruncatedNormal VarianceScaling Zeros
""")
REGULARIZERS = frozenset(["L1", "L1L2", "L2", "OrthogonalRegularizer"])
CONSTRAINTS = frozenset(["MaxNorm", "MinMaxNorm", "NonNeg", "UnitNorm"])
OPERATIONS = _names("""
    Absolute Add Clip Concatenate Divide Exp ExpandDims GetItem LogSoftmax Max Maximum Mean Min Minimum Multiply
    Negative Power Relu Relu6 Reshape Sigmoid Silu Softmax Sqrt Square Squeeze Subtract Sum Tanh Transpose TrueDivide
""")
VALUES = frozenset(["__bytes__", "__ellipsis__", "__keras_tensor__", "__numpy__", "__slice__", "__tensor__"])
LEGACY_VALUES = frozenset(["TensorShape", "__ellipsis__", "__tuple__"])  # Keras 2 and HDF5

MODULES = {  # what Keras 3 writes for "module", and the classes accepted from there
    "builtins": VALUES,
    "keras": MODELS | POLICIES,
    "keras.models": MODELS,
    "keras.src.models.functional": MODELS,
    "keras.layers": LAYERS | MODELS,
    "keras.initializers": INITIALIZERS,
    "keras.regularizers": REGULARIZERS,
    "keras.constraints": CONSTRAINTS,
    "keras.dtype_policies": POLICIES,
    "keras.mixed_precision": POLICIES,  # Keras 2
    "keras.src.ops.numpy": OPERATIONS,
    "keras.src.ops.nn": OPERATIONS,
}
WITHOUT_MODULE = LAYERS | MODELS | POLICIES | INITIALIZERS | REGULARIZERS | CONSTRAINTS | VALUES | LEGACY_VALUES
TRAINING_MODULES = ("keras.losses", "keras.metrics", "keras.optimizers", "keras.optimizers.schedules")


def check_container(path: Path) -> None:
    """Raise UserError unless the file begins like an .h5 or a .keras file; quick, and without Keras."""
    try:
        if (path / "saved_model.pb").is_file():
            raise UserError(f"{path} is a TensorFlow SavedModel, which is not read here; {SAVE_AGAIN}")
        if path.is_dir():
            raise UserError(f"{path} is a folder; name a Keras model file that ends in .h5 or .keras.")
        if not path.is_file():
            raise UserError(f"There is no model file {path}; train one with: {_training(path)}")
        start = read_start(path)
    except OSError as error:
        raise UserError(f"The model {path} cannot be read ({error.strerror}); name another file.") from error
    if not start:
        raise UserError(f"The model {path} is empty; train a new one with: {_training(path)}")
    if path.suffix.lower() == ".onnx":
        raise UserError(f"{path} is an ONNX model, which is not read here; {SAVE_AGAIN}")
    if start.lstrip().startswith(b"{"):
        raise UserError(f"{path} is text, perhaps an architecture without its weights; {SAVE_AGAIN}")
    if start != HDF5_START and not start.startswith(ZIP_START):
        raise UserError(f"{path} is not a Keras model: expected an HDF5 file (.h5) or a .keras archive.")


def _training(path: Path) -> str:
    return f"python handwriting.py {path.with_suffix('.h5')}"


def check_config(path: Path) -> Contents:
    """Return what a file holds, its configuration as today's Keras writes it; raises UserError for what is refused.

    That is a model without layers, one that could run code or read other files, and one that would fill the memory.
    """
    contents = keras_files.read(path)
    try:
        config = modernize(contents.config)
        parts = list(itertools.islice(_objects(config), MOST_OBJECTS + 1))
        num_calls = _num_calls(config)
        num_values = max(map(_least_values, parts), default=0)
    except RecursionError as error:
        raise UserError(f"The model {path} is damaged or cut off; fetch or train it again.") from error
    if not parts or not isinstance(config, dict):
        raise UserError(f"The model {path} has no layers in its configuration; fetch or train it again.")
    if len(parts) > MOST_OBJECTS:
        raise UserError(f"The model {path} has more than {MOST_OBJECTS:,} layers and parts; it is refused for safety.")
    for part in parts:
        _check_object(part, path)
    if num_calls > MOST_CALLS:
        raise UserError(f"The model {path} has more layers than Keras can build soon; it is refused for safety.")
    if num_values > LARGEST_LAYER:
        raise UserError(
            f"The model {path} has a layer of more than {LARGEST_LAYER:,} values; it is refused for safety."
        )
    if sum(map(_least_weights, parts)) > contents.most_weights or not _has_all_widths(parts, contents):
        raise UserError(f"The model {path} needs far more weights than its file holds; fetch or train it again.")
    return contents._replace(config=config)


def _objects(config: object) -> Iterator[dict]:
    """Yield every serialised object in a Keras configuration, nested ones too."""
    if isinstance(config, dict):
        if "class_name" in config:
            yield config
        config = list(config.values())
    if isinstance(config, list):
        for part in config:
            yield from _objects(part)


def _num_calls(config: object) -> int:
    """Return about how many times Keras calls a layer while it builds what a configuration describes.

    A layer is called once for each of its nodes, and with it all that is in it: models within models can multiply. Of
    a Sequential model all layers are called anew whenever one is added.
    """
    if isinstance(config, list):
        return sum(map(_num_calls, config))
    if not isinstance(config, dict):
        return 0
    inner, kind, nodes = _num_calls(list(config.values())), config.get("class_name"), config.get("inbound_nodes")
    if not isinstance(kind, str) or kind not in LAYERS | MODELS:
        return inner
    if kind == "Sequential":
        inner *= len(_layers_of(config)) // 2 + 1
    elif kind in WRAPPERS:
        inner *= 2
    return (1 + inner) * max(1, len(nodes) if isinstance(nodes, list) else 1)


def _layers_of(model: dict) -> list:
    layers = _arguments(model).get("layers")
    return layers if isinstance(layers, list) else []


def _check_object(part: dict, path: Path) -> None:
    """Raise UserError unless the object's class is on the lists and registered under its own name."""
    name, module = part["class_name"], part.get("module") or None
    if "Lambda" in str(name) or str(name) in ("function", "__lambda__"):
        raise UserError(f"The model {path} holds code of its own ({shorten(name)}); it is refused for safety.")
    if not (_is_listed(name, module) and part.get("registered_name") in (None, name)):
        found = f"{module}.{name}" if module else name
        raise UserError(
            f"The model {path} needs {shorten(found)}; only models of Keras' own plain layers are accepted."
        )


def _is_listed(name: object, module: object) -> bool:
    if not isinstance(name, str) or not isinstance(module, str | None):
        return False
    if module is None:
        return name in WITHOUT_MODULE
    return name in MODULES.get(module, ()) or (module in TRAINING_MODULES and name.isidentifier())


def _least_values(part: dict) -> int:
    """Return how many values a layer gives for one picture by its own arguments, about: its input may multiply them."""
    arguments = _arguments(part)
    return math.prod(_extent(arguments.get(name)) for name in SIZES)


def _extent(size: object) -> int:
    """Return how many values an argument stands for: a number, a shape, or the borders of each axis in pairs."""
    if isinstance(size, list):
        return math.prod(sum(map(_extent, side)) if isinstance(side, list) else _extent(side) for side in size)
    return max(1, size) if isinstance(size, int) else 1


def _has_all_widths(parts: list[dict], contents: Contents) -> bool:
    """Tell whether the file has an array for each layer that is as wide; one array may serve a layer and its copy."""
    widths = Counter(_extent(_arguments(part).get(name)) for part in parts for name in WIDTHS)
    return all(width == 1 or count <= 2 * contents.axes[width] for width, count in widths.items())


def _least_weights(part: dict) -> int:
    """Return how many weights a layer has at least, by its own arguments; whatever its input, they are no fewer."""
    arguments = _arguments(part)
    if "Separable" in part["class_name"]:  # whose two kernels are smaller
        return 0
    factors = [_extent(arguments.get(name)) for name in (*WIDTHS, "input_dim", "output_dim", "kernel_size")]
    return math.prod(factors) if max(factors) > 1 else 0


def _arguments(part: dict) -> dict:
    arguments = part.get("config")
    return arguments if isinstance(arguments, dict) else {}
