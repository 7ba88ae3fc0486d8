"""Configurations of older Keras, rewritten as the Keras of today writes them; data in, data out, without Keras.

Read are Keras 1 and 2, alone and within TensorFlow, in HDF5 and in .keras files. What changes no answer is dropped,
whoever wrote it: initialisers, regularisers, constraints and random distortions, which only trainings apply. TensorFlow
functions that are plain activations, or arithmetic with a number, become layers that compute the same. All else is left
as it is, to be judged by the allowlist.
"""

from typing import Any

PLAIN_ACTIVATIONS = (
    *("elu", "gelu", "hard_sigmoid", "leaky_relu", "linear", "log_softmax", "mish", "relu", "relu6", "selu"),
    *("sigmoid", "silu", "softmax", "softplus", "softsign", "tanh"),
)
ACTIVATIONS = {  # the name in Keras of a function in TensorFlow or in older Keras
    **{name: name for name in PLAIN_ACTIVATIONS},
    "identity": "linear",
    "log_softmax_v2": "log_softmax",
    "softmax_v2": "softmax",
    "swish": "silu",
    "swish_impl": "silu",
}
RENAMED_CLASSES = {
    "AtrousConvolution2D": "Conv2D",
    "BatchNormalizationV1": "BatchNormalization",
    "BatchNormalizationV2": "BatchNormalization",
    "Convolution1D": "Conv1D",
    "Convolution2D": "Conv2D",
    "Deconvolution2D": "Conv2DTranspose",
    "SeparableConvolution2D": "SeparableConv2D",
}
RENAMED_ARGUMENTS = {  # of Keras 1
    "atrous_rate": "dilation_rate",
    "bias": "use_bias",
    "border_mode": "padding",
    "filter_length": "kernel_size",
    "inner_activation": "recurrent_activation",
    "nb_filter": "filters",
    "p": "rate",
    "pool_length": "pool_size",
    "stride": "strides",
    "subsample": "strides",
    "subsample_length": "strides",
}
OF_TRAINING = ("_constraint", "_initializer", "_regularizer")  # arguments that end so change no answer
AUGMENTATIONS = ("AugMix", "CutMix", "MixUp", "RandAugment")  # layers that only trainings apply ...
NO_AUGMENTATIONS = ("RandomCrop", "RandomNormal", "RandomUniform")  # ... and so are the others that begin with Random
KERAS_1_ORDERS = {"tf": "channels_last", "th": "channels_first"}
ARITHMETIC = {  # TensorFlow function of a picture and a number: scale and offset that do the same
    "__operators__.add": lambda number: (1.0, number),
    "math.add": lambda number: (1.0, number),
    "math.divide": lambda number: (1 / number, 0.0),
    "math.multiply": lambda number: (number, 0.0),
    "math.subtract": lambda number: (1.0, -number),
    "math.truediv": lambda number: (1 / number, 0.0),
}


def modernize(config: Any) -> Any:
    """Return a configuration, or any part of one, as today's Keras writes it; the given one is left as it is."""
    if isinstance(config, list):
        return [modernize(part) for part in config]
    if not isinstance(config, dict):
        return config
    part = {name: modernize(value) for name, value in config.items() if not name.endswith(OF_TRAINING)}
    name, arguments = part.get("class_name"), part.get("config")
    if name == "function":
        return ACTIVATIONS.get(arguments, part) if isinstance(arguments, str) else part
    if name == "Sequential" and isinstance(arguments, list):
        part["config"] = arguments = {"name": "sequential", "layers": arguments}
    if not isinstance(name, str) or not isinstance(arguments, dict):
        return part
    if name == "Policy":
        return arguments.get("name", part)
    if name in ("Sequential", "Functional", "Model"):
        return _model(part)
    if name == "TFOpLambda":
        return _plain_operation(part)
    return _layer(part)


def _model(part: dict) -> dict:
    """Return a model under today's module, a Sequential one with the shape of its input in a layer of its own."""
    if ".engine." in str(part.get("module")):
        part["module"] = "keras.src.models.functional" if part["class_name"] == "Functional" else "keras"
        part["registered_name"] = part["class_name"]
    layers = part["config"].get("layers")
    if part["class_name"] == "Sequential" and isinstance(layers, list) and layers:
        shape = _input_shape(part)
        if shape and not _is_input(layers[0]):
            first = {"class_name": "InputLayer", "config": {"batch_shape": shape, "name": f"input_of_{_name(part)}"}}
            if "module" in layers[0]:
                first |= {"module": "keras.layers", "registered_name": None}
            part["config"]["layers"] = [first, *layers]
    for layer in part["config"].get("layers") or []:
        if isinstance(layer, dict) and isinstance(layer.get("config"), dict) and not _is_input(layer):
            layer["config"].pop("batch_input_shape", None)
    return part


def _input_shape(part: object) -> list | None:
    """Return the shape that the first layer names, with the size of a batch, or the model if none does."""
    if not isinstance(part, dict) or not isinstance(part.get("config"), dict):
        return None
    config = part["config"]
    layers = config.get("layers")
    first = _input_shape(layers[0]) if isinstance(layers, list) and layers else None
    flat = config.get("input_dim") if part.get("class_name") == "Dense" else None
    named = first or config.get("batch_input_shape") or config.get("batch_shape") or config.get("build_input_shape")
    return named or ([None, flat] if flat else None)


def _is_input(layer: object) -> bool:
    return isinstance(layer, dict) and layer.get("class_name") == "InputLayer"


def _name(part: dict) -> str:
    return str(part["config"].get("name", "model"))


def _layer(part: dict) -> dict:
    """Return a layer, or a part of one such as an initialiser, with the names and arguments of today."""
    arguments = part["config"]
    name = part["class_name"]
    if name in AUGMENTATIONS or (name.startswith("Random") and name not in NO_AUGMENTATIONS):
        return _replaced(part, "Identity", {})
    if "output_dim" in arguments and name != "Embedding":  # Keras 1, which has other names for most
        arguments["units"] = arguments.pop("output_dim")
    if "nb_row" in arguments:
        arguments["kernel_size"] = [arguments.pop("nb_row"), arguments.pop("nb_col", None)]
    if arguments.get("dim_ordering") in KERAS_1_ORDERS:
        arguments["data_format"] = KERAS_1_ORDERS[arguments.pop("dim_ordering")]
    for old, new in RENAMED_ARGUMENTS.items():
        if old in arguments and new not in arguments:
            arguments[new] = arguments.pop(old)
    for key in ("activation", "recurrent_activation"):
        if isinstance(arguments.get(key), str):
            arguments[key] = ACTIVATIONS.get(arguments[key], arguments[key])
    if name == "LeakyReLU" and "alpha" in arguments:
        arguments["negative_slope"] = arguments.pop("alpha")
    if name == "Normalization" and arguments.get("axis") == []:
        arguments["axis"] = None
    elif isinstance(arguments.get("axis"), list) and len(arguments["axis"]) == 1:
        arguments["axis"] = arguments["axis"][0]
    if name == "InputLayer" and "batch_input_shape" in arguments:
        arguments["batch_shape"] = arguments.pop("batch_input_shape")
    part["class_name"] = RENAMED_CLASSES.get(name, name)
    return part


def _plain_operation(part: dict) -> dict:
    """Return the layer that computes what a TensorFlow function in a model of Keras 2 does, or the function itself."""
    function, nodes = str(part["config"].get("function")), part.get("inbound_nodes")
    if not (isinstance(nodes, list) and len(nodes) == 1 and isinstance(nodes[0], list) and len(nodes[0]) == 4):
        return part
    *source, keywords = nodes[0]
    if source[0] == "_CONSTANT_VALUE" or not isinstance(keywords, dict):
        return part
    values = [value for name, value in keywords.items() if value is not None and (name, value) != ("axis", -1)]
    activation = ACTIVATIONS.get(function.removeprefix("nn.").removeprefix("math."))
    if function == "cast" and values == ["float32"]:
        activation, values = "linear", []
    if activation and not values:
        plain = _replaced(part, "Activation", {"activation": activation})
    elif function in ARITHMETIC and len(values) == 1 and isinstance(values[0], int | float) and values[0]:
        scale, offset = ARITHMETIC[function](float(values[0]))
        plain = _replaced(part, "Rescaling", {"scale": scale, "offset": offset})
    else:
        return part
    return {**plain, "inbound_nodes": [[[*source, {}]]]}


def _replaced(part: dict, class_name: str, arguments: dict) -> dict:
    """Return a layer of another class in the place of one, under its name."""
    kept = {key: part["config"][key] for key in ("name", "dtype") if key in part["config"]}
    changed = {**part, "class_name": class_name, "config": {**kept, **arguments}}
    if "module" in part:
        changed |= {"module": "keras.layers", "registered_name": None}
    return changed
