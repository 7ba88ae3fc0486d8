"""Adaptation: from a Keras model of any usual form to one from (n, 28, 28, 1) in [0, 1] to ten probabilities.

A Keras file says which shape a model takes, and not how its pixels were scaled. So the model answers digits drawn from
templates under every usual way of scaling, and the way under which it reads them best becomes a part of it.
Of Keras, only what every backend has is used; it is imported late, since that takes seconds.
"""

import math
from typing import Any, NamedTuple

import numpy as np

from digits.drawing import digit_templates, ink
from digits.models.keras_loading import all_layers, reason
from digits.models.model_input import PIXELS, SCALINGS, SHIPPED_SCALING, Way, fits, given, layers_before, size
from digits.system.files import UserError

EXPECTED = "expected one picture as input, of 28x28 pixels or near it, and ten outputs"
MOST_OUTPUTS = 1000
OF_LETTERS = (26, 27, 36, 37, 47, 52, 62)  # outputs of a model that reads letters too, such as EMNIST's
NUM_PROBES = 400  # digits that decide; an accuracy is then known to two hundredths
NUM_FIRST_PROBES = 100  # after which only the best ways go on
FINALISTS = 4
NUMBERS_PER_CALL = 100 * ink.SIZE**2  # that a model takes at once
FEW = 0.5  # accuracy, below which more is tried
CHANCE = 0.2  # accuracy; untrained networks are right in up to 0.17 of the probes under the way that suits them best
WEIGHT_OF_LIKELIHOOD = 0.1  # of the mean logarithm of the right digit's probability, beside the accuracy
LEAST_PROBABILITY = 1e-4  # smaller ones count as this
LEAST_SIGMOID = 1e-6  # likewise
PIXEL_SCALE = 0.1  # a Rescaling layer that multiplies by less expects 0 to 255
SUM_TOLERANCE = 1e-2  # probabilities in half precision sum to 1 within this


class Adapted(NamedTuple):
    """A model that answers as all here do, the way that it is given pictures, and its accuracy on the probes."""

    model: Any
    way: Way
    accuracy: float | None


def adapt(model: Any, path: object, is_ours: bool = False) -> Adapted:
    """Return a Keras model with what it needs before and after it; raises UserError if its shape fits no digits.

    is_ours: the trainer made it, so nothing has to be tried.
    """
    shape = _input_shape(model, path)
    if is_ours:
        return Adapted(_assemble(model, Way(), path), Way(), None)
    way, accuracy = _best_way(model, shape, path)
    return Adapted(_assemble(model, way, path), way, accuracy)


def probes(count: int = NUM_PROBES) -> tuple[np.ndarray, np.ndarray]:
    """Return digits from templates as float32 (n, 28, 28, 1) in [0, 1], and their labels (n,), all ten in turn."""
    pictures, labels = digit_templates.pictures(count)
    return ink.network_input(pictures), labels


def _input_shape(model: Any, path: object) -> tuple[int, ...]:
    """Return the shape of the one picture that a model takes; raises UserError for any other model."""
    inputs, outputs = (
        [tuple(tensor.shape[1:]) for tensor in getattr(model, name, None) or []] for name in ("inputs", "outputs")
    )
    shape = tuple(side or ink.SIZE for side in inputs[0]) if len(inputs) == 1 else ()
    num_outputs = int(outputs[0][-1] or 0) if len(outputs) == 1 and outputs[0] else 0
    is_row = num_outputs > 0 and all(side in (1, None) for side in outputs[0][:-1])
    if num_outputs in OF_LETTERS:
        raise UserError(f"The model {path} has output {num_outputs}, letters among them; expected are the ten digits.")
    if size(shape) is None or not is_row or not 10 <= num_outputs <= MOST_OUTPUTS:
        raise UserError(f"The model {path} has input {_shapes(inputs)} and output {_shapes(outputs)}; {EXPECTED}.")
    return shape


def _called(model: Any, pictures: Any) -> Any:
    """Return the one output of a model, which some give in a list."""
    import keras

    return keras.tree.flatten(model(pictures, training=False))[0]


def _best_way(model: Any, shape: tuple[int, ...], path: object) -> tuple[Way, float]:
    """Return the way under which the model reads the probes best, and its accuracy; as it says itself if by chance."""
    declared = PIXELS if _wants_pixels(model) else SHIPPED_SCALING
    ways = [Way(scaling, fit) for fit in fits(shape) for scaling in sorted(SCALINGS, key=lambda name: name != declared)]

    def rank(ways: list[Way], count: int) -> list[tuple[float, float, Way]]:
        pictures, labels = probes(count)
        scores = [(*_score(_answers(model, layers_before(way, shape), pictures, path), labels), way) for way in ways]
        return sorted(scores, key=lambda score: -score[0])

    ranked = rank(ways, NUM_FIRST_PROBES)
    if ranked[0][1] < FEW:  # perhaps its rows are columns, as EMNIST's are
        ranked += rank([way._replace(is_transposed=True) for way in ways], NUM_FIRST_PROBES)
        ranked.sort(key=lambda score: -score[0])
    _, accuracy, way = rank([way for *_, way in ranked[:FINALISTS]], NUM_PROBES)[0]
    if accuracy > CHANCE:
        return way, accuracy
    if (num_outputs := model.outputs[0].shape[-1]) > 10:
        found = f"The model {path} has output {num_outputs}, and its first ten do not tell the digits"
        raise UserError(f"{found}; expected are ten outputs.")
    return ways[0], accuracy


def _answers(model: Any, steps: list, pictures: np.ndarray, path: object) -> np.ndarray:
    """Return a model's own outputs, float (n, outputs); raises UserError where it fails."""
    batch_size = max(1, NUMBERS_PER_CALL // math.prod(_input_shape(model, path)))
    try:
        batches = [pictures[start : start + batch_size] for start in range(0, len(pictures), batch_size)]
        answered = [np.asarray(_called(model, given(steps, batch)), np.float64) for batch in batches]
    except Exception as error:  # layers raise anything
        raise UserError(f"The model {path} cannot answer a picture ({reason(error)}); {EXPECTED}.") from error
    return np.concatenate(answered).reshape(len(pictures), -1)


def _score(raw: np.ndarray, labels: np.ndarray) -> tuple[float, float]:
    """Return how well the outputs tell the labels, and the accuracy."""
    if not np.isfinite(raw).all():
        return -math.inf, 0.0
    right = _probabilities(raw)[np.arange(len(labels)), labels]
    accuracy = float((raw.argmax(axis=1) == labels).mean())
    return accuracy + WEIGHT_OF_LIKELIHOOD * float(np.log(np.maximum(right, LEAST_PROBABILITY)).mean()), accuracy


def _kind_of_outputs(raw: np.ndarray) -> str:
    """Return what outputs (n, k) are: "logits", "probabilities" or, of one yes or no for each digit, "sigmoids"."""
    if raw.min() < 0 or raw.max() > 1 + SUM_TOLERANCE:
        return "logits"
    return "probabilities" if np.abs(raw.sum(axis=1) - 1).max() < SUM_TOLERANCE else "sigmoids"


def _probabilities(raw: Any, kind: str | None = None, ops: Any = np) -> Any:
    """Return the first ten outputs as probabilities that sum to 1.

    kind: of the outputs, if known. ops: NumPy, or Keras' operations where the outputs are part of a model. A sigmoid
    counts by its odds: the probabilities themselves would make two digits nearly alike of 0.99 and 0.6.
    """
    kind, raw = kind or _kind_of_outputs(raw), raw[:, :10]
    if kind == "logits":
        raw = ops.exp(raw - ops.max(raw, axis=1, keepdims=True))
    elif kind == "sigmoids":
        raw = ops.clip(raw, LEAST_SIGMOID, 1 - LEAST_SIGMOID)
        raw = raw / (1 - raw)
    return raw / ops.maximum(ops.sum(raw, axis=1, keepdims=True), LEAST_SIGMOID)


def _assemble(model: Any, way: Way, path: object) -> Any:
    """Return the model with the layers that a way needs before it, and with ten probabilities after it."""
    import keras

    shape = _input_shape(model, path)
    steps = layers_before(way, shape)
    raw = _answers(model, steps, probes(NUM_FIRST_PROBES)[0], path)
    if not np.isfinite(raw).all():
        raise UserError(f"The model {path} answers with values that are not numbers; train it again.")
    picture = keras.Input((ink.SIZE, ink.SIZE, 1))
    answer = keras.layers.Activation("linear", dtype="float32")(_called(model, given(steps, picture)))
    answer = keras.layers.Reshape((raw.shape[1],))(answer)
    kind = _kind_of_outputs(raw)
    if kind != "probabilities" or raw.shape[1] > 10:
        answer = _probabilities(answer, kind, keras.ops)
    return keras.Model(picture, answer)


def _wants_pixels(model: Any) -> bool:
    """Tell whether the model itself says that it takes 0 to 255: by integer input, or a layer that divides by 255."""
    scales = [layer.scale for layer in all_layers(model) if type(layer).__name__ == "Rescaling"]
    return "int" in model.inputs[0].dtype or any(np.all(np.abs(scale) < PIXEL_SCALE) for scale in scales)


def _shapes(shapes: list[tuple]) -> str:
    return " and ".join("x".join("any" if side is None else str(side) for side in shape) for shape in shapes) or "none"
