"""Configurations of older Keras are read as today's: each case is a part of a file, and what Keras must be given."""

import pytest

from digits.models.keras_legacy import modernize

DENSE = {"class_name": "Dense", "config": {"name": "d", "units": 10}}
INPUT = {"class_name": "InputLayer", "config": {"batch_shape": [None, 28, 28], "name": "input_of_s"}}


def sequential(*layers, **more) -> dict:
    return {"class_name": "Sequential", "config": {"name": "s", "layers": list(layers), **more}}


def flatten(**arguments) -> dict:
    return {"class_name": "Flatten", "config": {"name": "f", **arguments}}


def operation(function: str, **keywords) -> dict:
    config = {"name": "op", "function": function}
    return {"class_name": "TFOpLambda", "config": config, "inbound_nodes": [["x", 0, 0, keywords]]}


@pytest.mark.parametrize(
    "old",
    [
        sequential(flatten(batch_input_shape=[None, 28, 28]), DENSE),
        sequential(flatten(), DENSE, build_input_shape=[None, 28, 28]),
    ],
)
def test_a_sequential_model_without_an_input_layer_gets_one(old):
    assert modernize(old)["config"]["layers"] == [INPUT, flatten(), DENSE]


def test_a_list_of_layers_becomes_a_model():
    old = {"class_name": "Sequential", "config": [flatten(batch_input_shape=[None, 28, 28]), DENSE]}
    names = [layer["class_name"] for layer in modernize(old)["config"]["layers"]]
    assert names == ["InputLayer", "Flatten", "Dense"]


def test_what_only_a_training_needs_is_dropped():
    initializer = {"class_name": "GlorotUniform", "config": {"seed": None, "dtype": "float32"}}
    old = {"class_name": "Dense", "config": {"name": "d", "units": 10, "kernel_initializer": initializer}}
    assert modernize(old) == DENSE
    shear = {"class_name": "RandomShear", "config": {"name": "r", "x_factor": [-0.1, 0.1]}}
    assert modernize(shear) == {"class_name": "Identity", "config": {"name": "r"}}


@pytest.mark.parametrize(("old", "new"), [("softmax_v2", "softmax"), ("relu", "relu"), ("swish", "silu")])
def test_a_function_that_is_a_plain_activation_is_a_name(old, new):
    function = {"class_name": "function", "config": old, "module": "builtins", "registered_name": "function"}
    assert modernize(function) == new
    layer = {"class_name": "Dense", "config": {"activation": old}}
    assert modernize(layer)["config"] == {"activation": new}


@pytest.mark.parametrize(
    ("old", "name", "arguments"),
    [
        (operation("math.truediv", y=255.0, name=None), "Rescaling", {"scale": 1 / 255, "offset": 0.0}),
        (operation("math.subtract", y=0.5, name=None), "Rescaling", {"scale": 1.0, "offset": -0.5}),
        (operation("nn.softmax", axis=-1, name=None), "Activation", {"activation": "softmax"}),
        (operation("cast", dtype="float32"), "Activation", {"activation": "linear"}),
    ],
)
def test_plain_arithmetic_of_tensorflow_becomes_a_layer(old, name, arguments):
    new = {"class_name": name, "config": {"name": "op", **arguments}, "inbound_nodes": [[["x", 0, 0, {}]]]}
    assert modernize(old) == new


@pytest.mark.parametrize(
    "unknown",
    [
        operation("io.read_file", name=None),
        operation("math.truediv", y=["z", 0, 0]),
        operation("nn.leaky_relu", alpha=0.5),
        {"class_name": "function", "config": "system", "module": "os"},
    ],
)
def test_other_functions_are_left_for_the_allowlist_to_refuse(unknown):
    assert modernize(unknown) == unknown


def test_layers_of_keras_1_get_the_names_of_today():
    old = {
        "class_name": "Convolution2D",
        "config": {"nb_filter": 8, "nb_row": 3, "nb_col": 5, "border_mode": "same", "dim_ordering": "tf", "bias": True},
    }
    new = {"filters": 8, "kernel_size": [3, 5], "padding": "same", "data_format": "channels_last", "use_bias": True}
    assert modernize(old) == {"class_name": "Conv2D", "config": new}
    assert modernize({"class_name": "Dense", "config": {"output_dim": 10}})["config"] == {"units": 10}
    assert modernize({"class_name": "Dropout", "config": {"p": 0.5}})["config"] == {"rate": 0.5}
