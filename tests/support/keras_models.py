"""Child process of the tests that makes and converts Keras models of many kinds, with one start of TensorFlow.

    python -m tests.support.keras_models FOLDER

Writes the models as FOLDER/NAME.h5 and FOLDER/NAME.keras where Keras can, and FOLDER/report.json. For each file's
name it holds "path", the exit "code" and standard error ("said") of the conversion, the "tflite" path, and as
"answers" the probabilities that Keras gives for PICTURES. Hostile models are only written.

A model's two files share what takes longest, the search for its way and one run of TensorFlow's converter: the second
file's Keras model is held against what the first's was converted to.
"""

import contextlib
import io
import json
import os
import shutil
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from types import ModuleType

import numpy as np

from benchmarks.support import template_digits
from digits.drawing import ink
from digits.models import adaptation, conversion, model_input

PICTURES = template_digits.pictures(20, seed=5)[0]
KERAS_2 = Path(__file__).parent.parent / "models" / "keras_2"
EXPORTED = ("logits.h5", "pixels.keras")  # to ONNX
FORMATS = (".h5", ".keras")


def untyped_keras() -> tuple[ModuleType, ModuleType]:
    """Return Keras and its layers. It has no annotations, and what a type checker infers from its defaults is wrong."""
    keras = import_module("keras")
    return keras, keras.layers


def good_models() -> dict:
    """Return models that can be used."""
    keras, layers = untyped_keras()

    def stack(*parts, shape=(28, 28, 1)):
        return keras.Sequential([keras.Input(shape), *parts])

    def operations():
        picture = keras.Input((28, 28, 1))
        flat = keras.ops.reshape((picture - 0.5) * 2.0, (-1, 784))
        return keras.Model(picture, keras.ops.softmax(layers.Dense(10)(flat[:, 100:700])))

    def branches():
        picture = keras.Input((28, 28, 1))
        left = layers.GlobalMaxPooling2D()(layers.Conv2D(4, 5, strides=2)(picture))
        right = layers.GlobalAveragePooling2D()(layers.SeparableConv2D(4, 5, strides=2)(picture))
        return keras.Model(picture, layers.Dense(10, activation="softmax")(layers.Concatenate()([left, right])))

    def trained_then_wrapped():
        network = stack(layers.Flatten(), layers.Dense(10))
        network.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"])
        network.fit(ink.network_input(PICTURES), np.arange(20) % 10, verbose=0)
        return stack(network, layers.Softmax())

    decorated = layers.Dense(
        10,
        activation=layers.LeakyReLU(negative_slope=0.1),
        kernel_initializer=keras.initializers.HeNormal(seed=1),
        kernel_regularizer=keras.regularizers.L1L2(1e-4, 1e-4),
        kernel_constraint=keras.constraints.MaxNorm(2.0),
    )
    half = {"dtype": "mixed_float16"}
    convolutional = (
        layers.Conv2D(4, 5, activation="relu"),
        layers.BatchNormalization(moving_mean_initializer="random_normal", gamma_initializer="random_normal"),
        layers.MaxPooling2D(2),
        layers.Conv2D(3, 4, padding="same", use_bias=False),
        layers.BatchNormalization(scale=False, beta_initializer="random_normal"),
        layers.ReLU(),
        layers.MaxPooling2D(3),
        layers.Flatten(),
        layers.Dense(12, activation="relu"),
        layers.Dense(10, activation="softmax"),
    )
    return {
        "softmax": stack(layers.Flatten(), layers.Dense(10, activation="softmax")),
        "logits": stack(layers.Flatten(), layers.Dense(10)),
        "square": stack(layers.Flatten(), layers.Dense(10), shape=(28, 28)),
        "recurrent": stack(layers.Bidirectional(layers.GRU(4)), layers.Dense(10), shape=(28, 28)),
        "decorated": stack(layers.RandomRotation(0.1), layers.Flatten(), layers.Dropout(0.2), decorated),
        "pixels": stack(layers.Rescaling(1 / 255), layers.Flatten(), layers.Dense(10)),
        "half": stack(layers.Flatten(), layers.Dense(8, **half), layers.Dense(10, activation="softmax", **half)),
        "branches": branches(),
        "operations": operations(),
        "convolutional": stack(*convolutional),
        "wrapped": trained_then_wrapped(),
    }


def wrong_models() -> dict:
    """Return models that Keras loads and that cannot be used here."""
    keras, layers = untyped_keras()

    def two_inputs():
        pair = [keras.Input((28, 28, 1)), keras.Input((28, 28, 1))]
        return keras.Model(pair, layers.Dense(10)(layers.Flatten()(layers.Add()(pair))))

    def network(shape, outputs):
        return keras.Sequential([keras.Input(shape), layers.Flatten(), layers.Dense(outputs)])

    not_numbers = network((28, 28, 1), 10)
    not_numbers.set_weights([weights * np.nan for weights in not_numbers.get_weights()])
    return {
        "nine outputs": network((28, 28, 1), 9),
        "letters too": network((28, 28, 1), 47),
        "other things": network((28, 28, 1), 12),
        "a sound": network((4, 100), 10),
        "a picture out": keras.Sequential([keras.Input((28, 28, 1)), layers.Conv2D(10, 1)]),
        "two inputs": two_inputs(),
        "not numbers": not_numbers,
    }


def comparing_models() -> dict:
    """Return models that read digits without a training, given in other ways: see `comparing`."""
    keras, _ = untyped_keras()

    keras.utils.set_random_seed(1)
    untrained = keras.Sequential([keras.Input((28, 28)), keras.layers.Flatten(), keras.layers.Dense(10, "softmax")])
    scalings = ("0 to 255", "-1 to 1", "of length 1 in each column", "0 to 1, dark on light")
    shapes = ((784,), (28, 28, 3), (3, 28, 28), (32, 32, 1))
    return {
        **{scaling: comparing((28, 28), model_input.Way(scaling)) for scaling in scalings},
        **{"x".join(map(str, shape)): comparing(shape, model_input.Way()) for shape in shapes},
        "transposed": comparing((28, 28), model_input.Way(is_transposed=True)),
        "twelve outputs": comparing((28, 28), model_input.Way(), outputs=12),
        "sigmoids": comparing((28, 28), model_input.Way(), activation="sigmoid"),
        "untrained": untrained,
    }


def comparing(shape: tuple[int, ...], way: model_input.Way, outputs: int = 10, activation: str = "softmax"):
    """Return a network that compares pictures, given in that way, with the mean of each digit drawn from templates."""
    keras, layers = untyped_keras()

    pictures, labels = adaptation.probes()
    given = np.asarray(model_input.given(model_input.layers_before(way, shape), pictures), np.float64).reshape(
        len(labels), -1
    )
    means = np.stack([given[labels == digit].mean(axis=0) for digit in range(10)], axis=1)
    sharpness = 20 / np.square(given[:, None] - means.T).sum(axis=2).mean()
    kernel, biases = np.zeros((len(means), outputs)), np.full(outputs, -1e3)
    kernel[:, :10] = 2 * sharpness * means
    biases[:10] = -sharpness * np.square(means).sum(axis=0)
    if activation == "sigmoid":  # whose logits are about 0 where a digit is as likely as another
        biases += 10 - sharpness * np.square(given).sum(axis=1).mean()
    dense = layers.Dense(outputs, activation)
    model = keras.Sequential([keras.Input(shape), layers.Flatten(), dense])
    dense.set_weights([kernel, biases])
    return model


def hostile_models() -> dict:
    """Return models with custom code or references to files, as Keras writes them."""
    keras, layers = untyped_keras()

    @keras.saving.register_keras_serializable(package="stranger")
    class Doubled(layers.Layer):
        def call(self, inputs):
            return inputs * 2

    def network(*parts):
        return keras.Sequential([keras.Input((28, 28, 1)), *parts, layers.Flatten(), layers.Dense(10)])

    def code():
        return layers.Lambda(lambda picture: picture * 2, output_shape=lambda shape: shape)

    return {
        "lambda": network(code()),
        "lambda in a model": network(keras.Sequential([keras.Input((28, 28, 1)), code()])),
        "lambda in a wrapper": network(layers.TimeDistributed(code())),
        "class of its own": network(Doubled()),
        "discretization": network(layers.Discretization([0.5])),
    }


def keras_answers(path: Path) -> np.ndarray:
    """Return the probabilities (20, 10) that Keras alone gives for PICTURES."""
    keras, _ = untyped_keras()

    model = keras.saving.load_model(path, compile=False)
    pictures = PICTURES.reshape(-1, *model.input_shape[1:]) / (1.0 if path.stem == "pixels" else 255.0)
    raw = np.asarray(model(pictures.astype(np.float32), training=False), np.float64)
    if np.abs(raw.sum(axis=1) - 1).max() < 1e-2:
        return raw
    exponentials = np.exp(raw - raw.max(axis=1, keepdims=True))
    return exponentials / exponentials.sum(axis=1, keepdims=True)


def converted(path: Path, suffix: str = "tflite") -> dict:
    """Convert a file as `python -m digits.models.conversion` does and return its entry in the report."""
    output, said = path.with_name(f"{path.name}.{suffix}"), io.StringIO()
    with contextlib.redirect_stderr(said):
        code = conversion.main([str(path), str(output)])
    return {"path": str(path), "code": code, "said": said.getvalue(), suffix: str(output)}


def once_for_each_name(function: Callable) -> Callable:
    """Return the function of a model, a path and another that returns what it did for the other file of that name."""
    results = {}

    def of_name(*given):
        path = next(each for each in given if isinstance(each, Path))
        if path.stem not in results:
            results[path.stem] = function(*given)
        return results[path.stem]

    return of_name


def main(folder: Path) -> int:
    """Make, convert and report all models."""
    keras, _ = untyped_keras()

    conversion._to_tflite = once_for_each_name(conversion._to_tflite)
    adaptation._best_way = once_for_each_name(adaptation._best_way)
    keras.utils.set_random_seed(1)
    report, good = {}, good_models()
    for name, model in good.items():
        for suffix in FORMATS:
            if suffix == ".h5" and name == "operations":  # Keras cannot read these from HDF5
                continue
            model.save(path := folder / f"{name}{suffix}")
            report[path.name] = {**converted(path), "answers": keras_answers(path).tolist()}
    for name in EXPORTED:
        report[name] |= converted(folder / name, "onnx")
    for path in sorted(KERAS_2.glob("*.h5")):
        copy = Path(shutil.copy(path, folder / f"keras-2-{path.name}"))
        report[copy.name] = converted(copy)
    for name, model in comparing_models().items():
        model.save(path := folder / f"{name}.keras")
        report[path.name] = converted(path)
        report[path.name]["card"] = json.loads(path.with_name(f"{path.name}.json").read_text())
    for name, model in wrong_models().items():
        model.save(path := folder / f"{name}.keras")
        report[path.name] = converted(path)
    for name, model in hostile_models().items():
        for suffix in FORMATS:
            model.save(path := folder / f"{name}{suffix}")
            report[path.name] = {"path": str(path)}
    good["softmax"].save_weights(folder / "alone.weights.h5")
    (folder / "report.json").write_text(json.dumps(report))
    return 0


if __name__ == "__main__":
    os.environ["KERAS_BACKEND"] = "tensorflow"
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    raise SystemExit(main(Path(sys.argv[1])))
