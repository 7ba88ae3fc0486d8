"""What a network sees in one epoch."""

import numpy as np
import pytest

from benchmarks.support import template_digits
from digits.system import process_pool
from digits.training import augmentation, epoch_data, style_augmentation
from digits.training.configuration import Configuration
from digits.training.epoch_data import epoch_size, make_digits, make_epoch, scatter


def test_an_epoch_shows_all_digits_in_another_order(monkeypatch):
    images, labels = template_digits.pictures(40, seed=0)
    monkeypatch.setattr(augmentation, "distort", lambda images, rng: images)
    monkeypatch.setattr(style_augmentation, "add_habits", lambda images, labels, rng: images)
    shown, targets = make_epoch(images, labels, np.random.default_rng(0))
    assert not np.array_equal(targets[:40].argmax(axis=1), labels)
    pairs = {(image.tobytes(), int(target.argmax())) for image, target in zip(shown, targets, strict=True)}
    assert pairs >= {(image.tobytes(), int(label)) for image, label in zip(images, labels, strict=True)}


def test_an_epoch_also_shows_digits_from_templates_and_outliers():
    images, labels = template_digits.pictures(200, seed=0)
    shown, targets = make_epoch(images, labels, np.random.default_rng(0))
    assert (shown.shape, shown.dtype) == ((epoch_size(200), 28, 28), np.uint8)
    np.testing.assert_allclose(targets.sum(axis=1), 1, rtol=1e-6)
    digits, outliers = targets[targets.max(axis=1) == 1], targets[targets.max(axis=1) < 1]
    assert len(digits) == 200 + round(epoch_data.TEMPLATE_SHARE * 200)
    assert len(outliers) == round(epoch_data.OUTLIER_SHARE * 200) > 9
    assert outliers.max() < 0.6


def test_its_digits_alone_are_those_of_the_epoch_with_their_labels():
    images, labels = template_digits.pictures(200, seed=0)
    shown, targets = make_epoch(images, labels, np.random.default_rng(0))
    digits, of_digits = make_digits(images, labels, np.random.default_rng(0))
    is_digit = targets.max(axis=1) == 1
    np.testing.assert_array_equal(digits, shown[is_digit])
    np.testing.assert_array_equal(np.eye(10)[of_digits], targets[is_digit])


def test_epochs_differ_and_come_back_with_their_seed():
    images, labels = template_digits.pictures(20, seed=0)
    first, again, second = (make_epoch(images, labels, np.random.default_rng([1, n])) for n in (0, 0, 1))
    np.testing.assert_array_equal(first[0], again[0])
    assert not np.array_equal(first[0], second[0])


def test_a_large_set_is_made_in_parts_by_other_processes_to_the_same_result(monkeypatch):
    images, labels = template_digits.pictures(90, seed=0)
    monkeypatch.setattr(epoch_data, "PART", 30)
    elsewhere = make_epoch(images, labels, np.random.default_rng(1))
    monkeypatch.setattr(process_pool, "spread", lambda function, *arguments: list(map(function, *arguments)))
    here = make_epoch(images, labels, np.random.default_rng(1))
    for one, other in zip(elsewhere, here, strict=True):
        np.testing.assert_array_equal(one, other)
    assert len(here[0]) == epoch_size(90)
    assert np.diff(here[1].argmax(axis=1)).any()


@pytest.mark.parametrize("network", ["full", "small"])
def test_without_augmentation_an_epoch_is_the_digits_as_they_are(network):
    images, labels = template_digits.pictures(40, seed=0)
    plain = Configuration(network=network, augmentation=False)
    shown, targets = make_epoch(images, labels, np.random.default_rng(0), plain)
    assert len(shown) == epoch_size(40, plain) == 40
    pairs = [{(image.tobytes(), int(label)) for image, label in zip(*both, strict=True)}
             for both in ((shown, targets.argmax(axis=1)), (images, labels))]  # fmt: skip
    assert pairs[0] == pairs[1]


def test_the_small_network_sees_digits_that_are_distorted_and_no_others(monkeypatch):
    images, labels = template_digits.pictures(40, seed=0)
    monkeypatch.setattr(augmentation, "distort", lambda images, rng: images // 2)
    small = Configuration(network="small")
    shown, targets = make_epoch(images, labels, np.random.default_rng(0), small)
    assert len(shown) == epoch_size(40, small) == 40
    assert {image.tobytes() for image in shown} == {image.tobytes() for image in images // 2}
    assert np.bincount(targets.argmax(axis=1)).tolist() == [4] * 10


def test_digits_to_judge_by_are_distorted_in_any_case(monkeypatch):
    monkeypatch.setattr(augmentation, "distort", lambda images, rng: images // 2)
    images, labels = template_digits.pictures(40, seed=0)
    plain = Configuration(network="small", augmentation=False)
    judged, _ = make_digits(images, labels, np.random.default_rng(0), plain)
    assert {image.tobytes() for image in judged} == {image.tobytes() for image in images // 2}


def test_a_digit_that_is_left_out_is_not_drawn_from_templates_either():
    images, labels = template_digits.pictures(200, seed=0)
    kept = labels != 7
    _, targets = make_epoch(images[kept], labels[kept], np.random.default_rng(0), Configuration(left_out=7))
    digits = targets[targets.max(axis=1) == 1].argmax(axis=1)
    assert set(digits.tolist()) == set(range(10)) - {7}


def test_without_centring_digits_lie_anywhere_and_whole():
    images, _ = template_digits.pictures(300, seed=0)
    images[0] = 0
    scattered = scatter(images, np.random.default_rng(0))
    np.testing.assert_array_equal(scattered.sum(axis=(1, 2)), images.sum(axis=(1, 2)))
    for axis in (1, 2):
        inked = [np.flatnonzero(image.any(axis=axis - 1)) for image in scattered[1:]]
        assert {int(places[0]) for places in inked} >= {0, 1, 5}
        assert {int(places[-1]) for places in inked} >= {27, 26, 22}
        assert all((np.diff(places) < 4).all() for places in inked)  # nothing comes back at the other side
    shown = make_epoch(images[1:], np.ones(299, int), np.random.default_rng(0), Configuration(centring=False))[0]
    assert np.ptp([image.any(axis=1).argmax() for image in shown]) > 7
