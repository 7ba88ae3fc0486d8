"""Well-known networks for MNIST, to compare ours with.

Each is trained as usual in such programs: pixels divided by 255 and not normalised otherwise, Adam with its defaults,
all 60,000 training digits, a fixed number of epochs. `python -m benchmarks.recognition.accuracy --compare` trains and
measures them.
"""

from collections.abc import Callable
from typing import NamedTuple, cast

import numpy as np

from benchmarks.recognition.drawn_digits import plain_picture, share
from benchmarks.support import on_canvas, pen_strokes
from benchmarks.support.measures import classify
from digits.drawing import ink
from digits.models.loading import LoadedModel
from digits.training.keras_model import predict, prepare_keras
from digits.training.mnist import Dataset


class Stack(NamedTuple):
    """Layers from the picture on, before the ten outputs, and for how long they are trained.

    "conv 32" is 32 3x3 convolutions and "dense 64" 64 neurons, both with ReLU; "pool" takes the largest of 2x2.
    """

    layers: tuple[str, ...]
    epochs: int
    batch_size: int  # 32 is what Keras takes where nothing is said

    @property
    def name(self) -> str:
        """The layers in one line, such as "conv 32 - pool - dense 128"."""
        return " - ".join(self.layers)


STACKS = (
    Stack(("conv 32", "pool", "dense 128", "dropout 0.5"), 10, 32),
    Stack(("conv 32", "pool", "conv 64", "pool", "dense 128 L2", "dropout 0.5"), 10, 64),
    Stack(("conv 32", "pool", "conv 64", "pool", "conv 64", "dense 64"), 25, 100),
    Stack(("conv 64", "pool", "conv 64", "pool", "conv 64", "pool", "dense 64", "dense 32"), 5, 32),
)


def build(stack: Stack):
    """Return the untrained Keras model: float32 (n, 28, 28, 1) in [0, 1] -> probabilities (n, 10)."""
    import keras

    model = keras.Sequential([keras.Input((ink.SIZE, ink.SIZE, 1))])
    for layer in stack.layers:
        if layer.startswith("dense") and not any(isinstance(added, keras.layers.Flatten) for added in model.layers):
            model.add(keras.layers.Flatten())
        model.add(_layer(layer))
    model.add(keras.layers.Dense(10, activation="softmax"))
    return model


def train(stack: Stack, images: np.ndarray, labels: np.ndarray, epochs: int):
    """Return the Keras model, trained on pictures uint8 (n, 28, 28)."""
    model = build(stack)
    model.compile("adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    silent = cast(str, 0)  # Keras' annotation is wrong
    model.fit(ink.network_input(images), labels, stack.batch_size, epochs=epochs, verbose=silent)
    return model


def compare(
    classifier: LoadedModel, data: Dataset, collection: pen_strokes.PenDigits, seed: int, epochs: int | None
) -> list[dict]:
    """Return a row of accuracies for our network and for each of `STACKS`, trained here for at most `epochs`."""
    shown = pictures(data, collection, seed)
    card = classifier.card
    ours = {"network": "ours", "parameters": card.parameters, "epochs": card.recipe.get("epochs")}
    rows = [{**ours, **scores(lambda of: classify(classifier, of).digits, shown)}]
    for stack in STACKS:
        prepare_keras(seed)
        num_epochs = min(stack.epochs, epochs or stack.epochs)
        model = train(stack, data.train_images, data.train_labels, num_epochs)
        row = {"network": stack.name, "parameters": model.count_params(), "epochs": num_epochs}
        rows.append({**row, **scores(lambda of, m=model: predict(m, of).argmax(axis=1), shown)})
    return rows


def pictures(data: Dataset, collection: pen_strokes.PenDigits, seed: int) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Return what every network is asked, pictures and labels: MNIST's test digits, and the pen digits in three ways.

    normalized: through `ink.normalize`. cells: with the plain program's brush on its canvas, drawn anywhere or centred.
    """
    normalized = np.stack([ink.normalize(digit) for digit in collection.digits])
    cells = {}
    for placement in pen_strokes.PLACEMENTS:
        rng = np.random.default_rng(seed)
        placed = [pen_strokes.place(digit, on_canvas.SIDE, placement, rng) for digit in collection.digits]
        drawn = np.stack([plain_picture(pixels, on_canvas.CELL) for pixels in placed])
        cells[f"pen_digits_cells_{placement}"] = drawn, collection.labels
    mnist = data.test_images, data.test_labels
    return {"mnist": mnist, "pen_digits_normalized": (normalized, collection.labels), **cells}


def scores(
    predict: Callable[[np.ndarray], np.ndarray], shown: dict[str, tuple[np.ndarray, np.ndarray]]
) -> dict[str, float | None]:
    """Return how often the predicted digits are right, for each set of pictures."""
    return {name: share(predict(images) == labels) for name, (images, labels) in shown.items()}


def _layer(text: str):
    """Return the Keras layer that is described by a kind and its numbers."""
    from keras import layers

    kind, *details = text.split()
    if kind == "conv":
        return layers.Conv2D(int(details[0]), 3, activation="relu")
    if kind == "pool":
        return layers.MaxPooling2D()
    if kind == "dropout":
        return layers.Dropout(float(details[0]))
    regularizer = "l2" if details[1:] == ["L2"] else None  # of Keras' own strength, 0.01
    return layers.Dense(int(details[0]), activation="relu", kernel_regularizer=regularizer)
