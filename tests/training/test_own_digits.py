"""A user's own digits: which are held back, how the others are varied, and when a new model is kept."""

import numpy as np
import pytest

from benchmarks.support import template_digits
from digits.drawing import ink
from digits.recognition import collection
from digits.recognition.classifier import Answer
from digits.recognition.records import DigitRecord
from digits.system.files import UserError
from digits.training import mnist, own_digits
from digits.training.own_digits import Standing

ANSWER = Answer(0, 1.0, (1.0,) + (0.0,) * 9)


@pytest.fixture
def folder(tmp_path):
    rng = np.random.default_rng(0)
    for number in range(50):
        collection.add(tmp_path, template_digits.strokes(number % 10, rng), number % 10, ANSWER)
    scan = ink.normalize(template_digits.strokes(3, rng))
    collection.write(tmp_path / "scan.json", DigitRecord(1.0, ANSWER, (), "3", scan))
    collection.add(tmp_path, template_digits.strokes(1, rng), "heart", ANSWER)
    return tmp_path


def test_a_fifth_of_each_digit_is_held_back_and_signs_are_left_out(folder):
    own = own_digits.load(folder, seed=1)
    assert (len(own.drawings), len(own.held_labels)) == (41, 10)
    assert set(own.held_labels.tolist()) == set(range(10))
    assert own.images.shape == (41, 28, 28)
    held = {image.tobytes() for image in own.held_images}
    assert not held & {image.tobytes() for image in own.images}


def test_too_few_are_one_sentence(tmp_path):
    collection.add(tmp_path, template_digits.strokes(1), 1, ANSWER)
    with pytest.raises(UserError, match="There are 1 drawings of digits"):
        own_digits.load(tmp_path, seed=1)


def test_drawings_are_varied_and_each_comes_about_as_often(folder):
    own = own_digits.load(folder, seed=1)
    images, targets = own_digits.vary(own.drawings, 123, np.random.default_rng(0))
    assert (images.shape, images.dtype, targets.shape, targets.dtype) == (
        (123, 28, 28),
        np.uint8,
        (123, 10),
        np.float32,
    )
    assert len({image.tobytes() for image in images}) > 115
    assert images.max(axis=(1, 2)).min() > 100
    np.testing.assert_array_equal(targets.sum(axis=0), 3 * np.bincount(own.labels, minlength=10))


def test_an_epoch_is_of_own_digits_and_of_others_and_the_same_from_the_same_seed(folder, monkeypatch):
    monkeypatch.setattr(own_digits, "OWN_DIGITS", 30)
    own = own_digits.load(folder, seed=1)
    images, labels = template_digits.pictures(40, seed=1)
    first, second = (own_digits.make_own_epoch(own, images, labels, np.random.default_rng(5)) for _ in range(2))
    np.testing.assert_array_equal(first[0], second[0])
    assert len(first[1]) == len(first[0]) > 70


BEFORE = Standing(0.9, 0.2, 0.995)


@pytest.mark.parametrize(
    ("after", "is_better"),
    [
        (Standing(0.95, 0.1, 0.995), True),
        (Standing(0.9, 0.1, 0.993), True),
        (Standing(0.9, 0.2, 0.995), False),
        (Standing(0.95, 0.1, 0.99), False),
        (Standing(0.85, 0.1, 0.995), False),
        (Standing(0.95, 0.3, 0.995), False),
        (Standing(0.95, float("nan"), 0.995), False),
    ],
)
def test_a_new_model_must_read_the_held_back_drawings_better_and_forget_hardly_anything(after, is_better):
    assert after.is_better_than(BEFORE) is is_better


def test_without_mnist_its_sample_is_there():
    digits = mnist.load_or_sample()
    assert (len(digits.train_labels), len(digits.test_labels)) == (5000, 1000)
    assert mnist.SAMPLE.stat().st_size < 1_500_000
