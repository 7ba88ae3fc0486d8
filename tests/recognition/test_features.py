"""Features: an output more, vectors of length 1, and products that a sketch keeps."""

import numpy as np
import pytest

from benchmarks.support import template_digits
from digits.models import loading
from digits.recognition.classifier import Interpreter
from digits.recognition.features import NETWORK_SIZE, FeatureReader, blurred, sketch, with_features


@pytest.fixture(scope="module")
def shipped() -> loading.LoadedModel:
    return loading.load()


def test_the_shipped_model_shows_what_enters_its_last_layer_and_an_earlier_one(shipped):
    content = with_features(shipped.content)
    assert content is not None
    outputs = Interpreter(content).outputs(np.zeros((1, 28, 28, 1), np.float32))
    assert [each.shape for each in outputs] == [(1, 10), (1, 4704), (1, 7, 7, 64)]
    assert {each.dtype for each in outputs} == {np.dtype(np.float32)}


def test_probabilities_are_those_of_the_classifier(shipped):
    reader = FeatureReader(shipped)
    for picture in template_digits.pictures(20, seed=1)[0]:
        assert tuple(reader(picture).probabilities) == shipped.classify(picture).probabilities


def test_digits_are_more_like_their_own_kind(shipped):
    reader = FeatureReader(shipped)
    pictures, labels = template_digits.pictures(40, seed=1)
    vectors = np.array([reader(picture).vector for picture in pictures])
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=0.02)
    similar = vectors @ vectors.T
    same = labels[:, None] == labels
    assert similar[same].mean() > 0.6 > 0.4 > similar[~same].mean()


def test_a_sketch_keeps_products():
    rng = np.random.default_rng(0)
    first, second = rng.random((2, 5000)).astype(np.float32) * (rng.random((2, 5000)) < 0.2)
    first, second = first / np.linalg.norm(first), second / np.linalg.norm(second)
    mixed = (first + second) / np.linalg.norm(first + second)
    for one, other in ((first, first), (first, second), (first, mixed)):
        assert sketch(one).shape == (NETWORK_SIZE,)
        assert sketch(one) @ sketch(other) == pytest.approx(one @ other, abs=0.1)
    np.testing.assert_array_equal(sketch(first), sketch(first.copy()))
    np.testing.assert_array_equal(sketch(first[:100]), first[:100])


def test_blurring_keeps_the_ink():
    picture = np.zeros((28, 28), np.uint8)
    picture[10:18, 14] = 255
    assert blurred(picture).sum() * 4 == pytest.approx(picture.sum(dtype=float))
