"""A network in NumPy: it answers as Keras does, and every number on the way is the one that its definition gives."""

from pathlib import Path

import numpy as np
import pytest
from scipy.signal import correlate2d

from digits.drawing import ink
from digits.models import loading
from digits.models.inside import network
from digits.models.inside.network import Normalisation, Stage, relu
from digits.models.inside.other_network import OtherNetwork
from digits.models.loading import LoadedModel
from digits.models.model_card import ModelCard
from digits.training import mnist
from tests.support.keras_models import PICTURES

RNG = np.random.default_rng(0)


@pytest.fixture(scope="module")
def shipped() -> network.Network:
    found = network.load(loading.SHIPPED, loading.load())
    assert found
    return found


def loaded(report: dict) -> LoadedModel:
    return LoadedModel(Path(report["tflite"]), ModelCard())


@pytest.mark.parametrize("name", ["convolutional.h5", "convolutional.keras", "softmax.h5", "logits.keras"])
def test_a_plain_network_answers_as_keras_does(keras_models, name):
    report = keras_models[name]
    found = network.load(Path(report["path"]), loaded(report))
    assert found
    np.testing.assert_allclose(found.probabilities(PICTURES), report["answers"], atol=1e-4)


def test_the_file_of_keras_2_is_read_too(keras_models):
    report = keras_models["keras-2-sequential.h5"]
    assert network.load(Path(report["path"]), loaded(report))


@pytest.mark.parametrize("name", ["branches", "decorated", "pixels", "recurrent", "wrapped", "operations"])
def test_what_is_not_plain_is_not_taken_for_plain(keras_models, name):
    report = keras_models[f"{name}.keras"]
    assert network.load(Path(report["path"]), loaded(report)) is None


def test_another_network_shows_the_maps_of_its_layers(keras_models):
    report = keras_models["branches.keras"]
    other = OtherNetwork(loaded(report))
    seen = other.run(PICTURES[3])
    assert [maps.shape[1:] for maps in seen.maps] == other.shapes
    assert len(other.names) == len(other.shapes) - 1
    np.testing.assert_allclose(seen.probabilities, report["answers"][3], atol=1e-3)
    assert other.classify(PICTURES[3]).digit == int(np.argmax(report["answers"][3]))


def test_the_shipped_network_answers_as_its_rounded_weights_do(shipped):
    pictures = mnist.read(mnist.SAMPLE).test_images[:50]
    for picture, probabilities in zip(pictures, shipped.probabilities(pictures), strict=True):
        np.testing.assert_allclose(probabilities, shipped.classifier.classify(picture).probabilities, atol=0.02)
        np.testing.assert_allclose(shipped.run(picture).probabilities, probabilities, atol=1e-4)
        assert shipped.classify(picture).digit == int(probabilities.argmax())


@pytest.mark.parametrize("is_padded", [True, False])
@pytest.mark.parametrize("side", [3, 4, 5])
def test_a_convolution_is_the_sum_of_all_kernels_over_the_maps_before(is_padded, side):
    maps, kernel = RNG.normal(size=(1, 9, 8, 3)), RNG.normal(size=(side, side, 3, 2))
    stage = Stage("convolution", kernel, np.array([1.0, -2.0]), is_padded=is_padded)
    left, right = (side - 1) // 2, side // 2
    padded = np.pad(maps[0], ((left, right), (left, right), (0, 0))) if is_padded else maps[0]
    for index, bias in enumerate((1.0, -2.0)):
        each = [correlate2d(padded[..., before], kernel[..., before, index], "valid") for before in range(3)]
        np.testing.assert_allclose(stage(maps)[0, ..., index], sum(each) + bias)


def test_pooling_keeps_the_largest_and_drops_what_is_left_over():
    maps = np.arange(25.0).reshape(1, 5, 5, 1)
    assert Stage("pooling", size=2)(maps)[0, ..., 0].tolist() == [[6, 8], [16, 18]]


def test_steps_follow_in_their_order():
    values = np.array([[[[-3.0], [5.0]]]])
    normalise = Normalisation(*(np.array([number]) for number in (1.0, 4.0, 2.0, -1.0)), epsilon=0.0)
    assert normalise(values).ravel().tolist() == [-5, 3]
    stage = Stage("convolution", np.ones((1, 1, 1, 1)), steps=(normalise, relu))
    assert stage(values).ravel().tolist() == [0, 3]
    assert stage._replace(steps=(relu, normalise))(values).ravel().tolist() == [-2, 3]


def test_votes_and_biases_add_up_to_the_logits_and_these_to_the_answer(shipped):
    seen = shipped.run(PICTURES[4])
    votes, bias = network.votes(shipped, seen)
    np.testing.assert_allclose(votes.sum(axis=0) + bias, seen.logits, rtol=1e-3, atol=1e-3)
    powers = np.exp(seen.logits.astype(float) / shipped.temperature)
    np.testing.assert_allclose(seen.probabilities, powers / powers.sum(), rtol=1e-4)


def test_a_picture_goes_in_as_everywhere(shipped):
    np.testing.assert_array_equal(shipped.run(PICTURES[0]).maps[0], ink.network_input(PICTURES[0]))
