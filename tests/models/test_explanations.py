"""Explanations: the layers of any model in order, which ink counts for each digit, and the images of both."""

import re
from pathlib import Path

import numpy as np
import pytest

from benchmarks.support import template_digits
from digits.drawing import ink
from digits.models import explanations, loading
from digits.models.explanations import Layer
from digits.recognition.classifier import Answer, Classifier
from tests.support.keras_models import PICTURES

THREE = ink.normalize(template_digits.strokes(3))


@pytest.fixture(scope="module")
def shipped() -> Classifier:
    return loading.load()


@pytest.fixture(scope="module")
def layers(shipped) -> list[Layer]:
    content = loading.SHIPPED.with_suffix(".tflite").read_bytes()
    return explanations.feature_maps(content, THREE, shipped.temperature)


def test_the_layers_are_named_in_order_by_what_they_are(layers):
    names = [layer.name for layer in layers]
    assert names[-1] == "ten probabilities"
    assert all(re.fullmatch(r"(convolution|max pooling) \d+, \d+x\d+, \d+ maps", name) for name in names[:-1])
    for kind in ("convolution", "max pooling"):
        numbers = [int(name.split(",")[0].split()[-1]) for name in names if name.startswith(kind)]
        assert numbers == list(range(1, len(numbers) + 1))
    for layer in layers[:-1]:
        height, width, maps = layer.activations.shape
        assert layer.name.endswith(f", {height}x{width}, {maps} maps")


def test_activations_are_taken_after_the_nonlinearity(layers):
    for layer in layers:
        assert layer.activations.dtype == np.float32
        assert layer.activations.min() >= 0
        assert layer.activations.max() > 0


def test_a_pooling_layer_is_the_largest_of_the_layer_before(layers):
    pooled = [index for index, layer in enumerate(layers) if layer.name.startswith("max pooling")]
    assert pooled
    for index in pooled:
        before, after = layers[index - 1].activations, layers[index].activations
        height, width, maps = after.shape
        np.testing.assert_array_equal(before.reshape(height, 2, width, 2, maps).max(axis=(1, 3)), after)


def test_the_last_layer_is_the_classifiers_probabilities(layers, shipped):
    probabilities = shipped.classify(THREE).probabilities
    np.testing.assert_allclose(layers[-1].activations, np.reshape(probabilities, (1, 1, 10)), 1e-3, 1e-6)


def test_another_picture_has_other_maps(layers):
    content = loading.SHIPPED.with_suffix(".tflite").read_bytes()
    others = explanations.feature_maps(content, ink.normalize(template_digits.strokes(8)))
    assert all((one.activations != other.activations).any() for one, other in zip(layers, others, strict=True))


@pytest.mark.parametrize(
    ("name", "kinds"),
    [
        ("softmax", []),
        ("decorated", ["dense"]),  # one dense layer, whose leaky ReLU belongs to it
        ("operations", None),
        ("half", ["dense"]),
        ("recurrent", None),
        ("branches", ["convolution", "depthwise convolution", "joined"]),
    ],
)
def test_layers_of_other_models_are_found(keras_models, name, kinds):
    report = keras_models[f"{name}.keras"]
    layers = explanations.feature_maps(Path(report["tflite"]).read_bytes(), PICTURES[3])
    np.testing.assert_allclose(layers[-1].activations.ravel(), report["answers"][3], atol=1e-3)
    found = {re.sub(r" \d+, .*", "", layer.name) for layer in layers[:-1]}
    assert kinds is None or found == set(kinds)
    for layer in layers:
        assert explanations.mosaic(layer).ndim == 2


def operation(name: str, inputs: list[int], output: int) -> dict:
    return {"op_name": name, "inputs": np.array(inputs), "outputs": np.array([output])}


@pytest.mark.parametrize(
    ("operations", "expected"),
    [
        ([("CONV_2D", [0, 90, 91], 1)], [("convolution", 1)]),
        ([("CONV_2D", [0, 90], 1), ("RELU", [1], 2)], [("convolution", 2)]),
        ([("CONV_2D", [0, 90], 1), ("MUL", [1, 91], 2), ("ADD", [2, 92], 3), ("ELU", [3], 4)], [("convolution", 4)]),
        ([("CONV_2D", [0, 90], 1), ("LOGISTIC", [1], 2), ("MUL", [1, 2], 3)], [("convolution", 3)]),
        (
            [("CONV_2D", [0, 90], 1), ("CONV_2D", [1, 90], 2), ("ADD", [1, 2], 3), ("RELU", [3], 4)],
            [("convolution", 1), ("convolution", 2), ("sum", 4)],
        ),
        (
            [("DEPTHWISE_CONV_2D", [0, 90], 1), ("AVERAGE_POOL_2D", [1], 2), ("RESHAPE", [2, 91], 3)],
            [("depthwise convolution", 1), ("average pooling", 2)],
        ),
        ([("FULLY_CONNECTED", [0, 90, -1], 1), ("SOFTMAX", [1], 2)], [("dense", 2)]),
        ([("MUL", [0, 90], 1), ("RESHAPE", [1, 91], 2), ("UNHEARD_OF", [2], 3)], []),
    ],
)
def test_operations_are_grouped_into_layers(operations, expected):
    assert explanations.find_layers([operation(*each) for each in operations]) == expected


def test_erasing_the_ink_that_counts_most_changes_the_answer_most(shipped):
    """Over all ten digits: the quarter of the ink that counts most for the answer, against the least."""
    kept = {"most": [], "least": []}
    for digit in range(10):
        picture = ink.normalize(template_digits.strokes(digit))
        answer = shipped.classify(picture)
        values = np.where(picture > 0, explanations.occlusion(shipped.classify, picture)[answer.digit], np.nan)
        for name, erased in (
            ("most", values >= np.nanquantile(values, 0.75)),
            ("least", values <= np.nanquantile(values, 0.25)),
        ):
            probabilities = shipped.classify(np.where(erased, 0, picture).astype(np.uint8)).probabilities
            kept[name].append(probabilities[answer.digit])
    assert np.mean(kept["most"]) < np.mean(kept["least"]) - 0.3


def test_only_ink_counts(shipped):
    values = explanations.occlusion(shipped.classify, THREE)
    assert (values.dtype, values.shape) == (np.float32, (10, 28, 28))
    assert (values[:, THREE == 0] == 0).all()
    assert not explanations.occlusion(shipped.classify, np.zeros((28, 28), np.uint8)).any()


def rule(picture: np.ndarray) -> Answer:
    """A classifier that looks at two pixels alone: ink at (5, 5) makes a 2 likelier, at (20, 20) a 7 less likely."""
    logits = np.zeros(10)
    logits[2] = 4.0 * (picture[5, 5] > 0)
    logits[7] = -3.0 * (picture[20, 20] > 0)
    probabilities = np.exp(logits) / np.exp(logits).sum()
    return Answer(int(probabilities.argmax()), float(probabilities.max()), tuple(probabilities))


def test_ink_counts_for_digits_that_it_makes_likelier_and_against_others():
    values = explanations.occlusion(rule, np.full((28, 28), 255, np.uint8))
    assert values[2, 5, 5] == pytest.approx(4.0 * 0.9)  # relative to the mean of the ten, itself included
    assert values[7, 20, 20] == pytest.approx(-3.0 * 0.9)
    assert values[3, 5, 5] == pytest.approx(-0.4)
    near = np.zeros((28, 28), bool)
    near[2:9, 2:9] = near[17:24, 17:24] = True  # what shares a patch with one of the two pixels
    assert values[:, ~near] == pytest.approx(0, abs=1e-6)
    np.testing.assert_allclose(values.sum(axis=0), 0, atol=1e-5)


@pytest.mark.parametrize(("patch", "step", "times"), [(4, 2, {4}), (3, 1, {9}), (4, 4, {1}), (4, 3, {1, 2, 4})])
def test_pixels_are_erased_as_often_at_the_edge_as_within(patch, step, times):
    picture, counts = np.full((28, 28), 255, np.uint8), np.zeros((28, 28), int)

    def watch(erased: np.ndarray) -> Answer:
        np.add(counts, erased == 0, out=counts)
        return Answer(0, 0.1, (0.1,) * 10)

    explanations.occlusion(watch, picture, patch, step)
    assert set(counts.ravel().tolist()) == times
    assert (picture == 255).all()


def test_blank_patches_are_not_classified():
    calls = []

    def watch(picture: np.ndarray) -> Answer:
        calls.append(picture)
        return Answer(0, 0.1, (0.1,) * 10)

    explanations.occlusion(watch, THREE)
    assert 20 < len(calls) < 120


def test_evidence_is_logits_up_to_a_constant_also_where_the_answer_is_sure():
    logits = np.array([30.0, 3, -5, 0, 0, 1, 2, 3, 4, -20])
    probabilities = np.exp(logits) / np.exp(logits).sum()
    np.testing.assert_allclose(explanations.evidence(probabilities), logits - logits.mean())
    assert np.isfinite(explanations.evidence([1.0] + [0.0] * 9)).all()


@pytest.mark.parametrize(
    ("shape", "columns", "rows"),
    [((28, 28, 32), 8, 4), ((14, 14, 64), 16, 4), ((7, 7, 128), 16, 8), ((1, 1, 10), 10, 1), ((9, 9, 1), 1, 1)],
)
def test_maps_stand_side_by_side_in_full_rows(shape, columns, rows):
    height, width, count = shape
    activations = np.arange(count, dtype=np.float32) + np.ones(shape, np.float32)
    mosaic = explanations.mosaic(Layer("", activations))
    zoom = ((mosaic.shape[1] + explanations.GAP) // columns - explanations.GAP) // width
    assert mosaic.shape == (
        rows * (height * zoom + explanations.GAP) - explanations.GAP,
        columns * (width * zoom + explanations.GAP) - explanations.GAP,
    )
    assert 0.9 * explanations.MOSAIC_WIDTH <= mosaic.shape[1] <= explanations.MOSAIC_WIDTH
    middles = mosaic[
        height * zoom // 2 :: height * zoom + explanations.GAP, width * zoom // 2 :: width * zoom + explanations.GAP
    ]
    shades = 255 * (np.arange(1, count + 1) / count) ** explanations.CONTRAST
    np.testing.assert_allclose(middles.ravel(), shades, atol=0.51)


def test_a_map_is_enlarged_pixel_by_pixel():
    activations = np.zeros((2, 3, 1), np.float32)
    activations[1, 2] = 5
    activations[0, 0] = -5
    mosaic = explanations.mosaic(Layer("", activations), side=30)
    np.testing.assert_array_equal(mosaic[5::10, 5::10], [[0, 0, 0], [0, 0, 255]])
    assert mosaic.shape == (20, 30)


@pytest.mark.parametrize("count", [3, 37, 100, 1000])
def test_any_number_of_maps_is_shown(count):
    mosaic = explanations.mosaic(Layer("", np.ones((4, 4, count), np.float32)))
    zoom = np.sqrt((mosaic == 255).sum() / (count * 4 * 4))
    assert zoom == int(zoom) >= 1
    assert mosaic.shape[1] <= explanations.MOSAIC_WIDTH


def test_a_layer_of_zeros_is_dark():
    assert not explanations.mosaic(Layer("", np.zeros((4, 4, 1), np.float32))).any()


def test_the_ink_is_blue_for_and_orange_against_a_digit():
    picture = np.zeros((28, 28), np.uint8)
    picture[10, 10:14] = [255, 255, 255, 100]
    values = np.zeros((28, 28), np.float32)
    values[10, 10:14] = [4, -4, 0, -2]
    pixels = explanations.heatmap(values, picture, zoom=1)
    assert pixels.dtype == np.uint8
    assert pixels[10, 10].tolist() == [*explanations.FOR, 255]
    assert pixels[10, 11].tolist() == [*explanations.AGAINST, 255]
    assert pixels[10, 12].tolist() == [*explanations.NEITHER, 255]
    halfway = (np.array(explanations.AGAINST) + explanations.NEITHER) / 2
    np.testing.assert_allclose(pixels[10, 13], [*halfway, 100], atol=0.5)
    assert (pixels[..., 3] == picture).all()


def test_weak_effects_are_pale_and_a_common_scale_compares_digits():
    picture, values = np.full((28, 28), 255, np.uint8), np.full((28, 28), 0.1, np.float32)
    pale = np.array(explanations.NEITHER) * 0.9 + np.array(explanations.FOR) * 0.1
    for pixels in (explanations.heatmap(values, picture), explanations.heatmap(values * 50, picture, strongest=50)):
        assert pixels.shape == (280, 280, 4)
        np.testing.assert_allclose(pixels[0, 0, :3], pale, atol=0.5)
    assert explanations.heatmap(values * 90, picture, strongest=5)[0, 0, :3].tolist() == list(explanations.FOR)


def luminance(color: tuple[int, int, int]) -> float:
    """Relative luminance (WCAG 2.2)."""
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (part / 255 for part in color)]
    return float(np.dot(linear, [0.2126, 0.7152, 0.0722]))


@pytest.mark.parametrize("page", [(255, 255, 255), (14, 17, 23)], ids=["light", "dark"])
@pytest.mark.parametrize("color", [explanations.FOR, explanations.AGAINST, explanations.NEITHER])
def test_the_colours_stand_out_on_light_and_on_dark_pages(page, color):
    low, high = sorted([luminance(page), luminance(color)])
    assert (high + 0.05) / (low + 0.05) > 2.5
