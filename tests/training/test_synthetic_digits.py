"""Digits from templates and pictures of no digit: laid out as the contract says, repeatable, and what they claim."""

import numpy as np
import pytest

from benchmarks.support import template_digits
from digits.drawing import digit_templates, ink, template_shapes
from digits.models import loading
from digits.training import outliers, synthetic_digits


def spans(picture: np.ndarray) -> int:
    rows, columns = np.nonzero(picture)
    return int(max(np.ptp(rows), np.ptp(columns))) + 1


@pytest.mark.parametrize("digit", range(10))
def test_digits_from_templates_are_laid_out_as_mnist_is(digit):
    pictures = synthetic_digits.draw(np.full(60, digit), np.random.default_rng(digit))
    assert (pictures.shape, pictures.dtype) == ((60, 28, 28), np.uint8)
    assert {spans(picture) for picture in pictures} <= set(range(19, 23))
    assert len({picture.tobytes() for picture in pictures}) == 60


@pytest.mark.parametrize("digit", range(10))
def test_digits_from_templates_are_those_digits(digit):
    """The shipped model learned from such drawings, but from MNIST's far more: a wrong template would stand out."""
    classifier = loading.load()
    for weight, template in digit_templates.TEMPLATES[digit]:
        rng = np.random.default_rng(0)
        answers = [classifier.classify(synthetic_digits.write([(weight, template)], rng)).digit for _ in range(30)]
        assert np.mean(np.array(answers) == digit) > 0.7


def test_a_broad_pen_on_paper_is_thinned(monkeypatch):
    """The same strokes in the same pen, of a quarter of the digit, lose a quarter of the ink or more."""
    line = [(1.0, template_shapes.through("0,0 50,100"))]
    monkeypatch.setattr(synthetic_digits, "PEN_WIDTHS", (5.0, 5.0))
    monkeypatch.setattr(synthetic_digits, "FELT_PENS", (5.0 / 15, 5.0 / 15))
    mean_ink = []
    for share in (0.0, 1.0):
        monkeypatch.setattr(synthetic_digits, "FELT_TIPS", share)
        mean_ink.append(np.mean([synthetic_digits.write(line, np.random.default_rng(seed)) for seed in range(20)]))
    assert 0.4 < mean_ink[1] / mean_ink[0] < 0.75


def test_the_broadest_pen_leaves_the_loops_of_a_digit_open(monkeypatch):
    """A pen of a third of a narrow zero's width would fill it, and the zero would be a one."""
    narrow_zero = [(1.0, template_shapes.through("50,0 36,50 50,100 64,50 50,0"))]
    monkeypatch.setattr(synthetic_digits, "PEN_WIDTHS", (1.5, 16.0))
    monkeypatch.setattr(synthetic_digits, "FELT_TIPS", 0.0)
    monkeypatch.setattr(template_shapes, "UNSTEADINESS", (0.0, 0.0))
    for seed in range(20):
        picture = synthetic_digits.write(narrow_zero, np.random.default_rng(seed), has_loops=True)
        rows = picture[picture.max(axis=1) > 128]
        middle = rows[len(rows) // 2]
        inked = np.flatnonzero(middle > 128)
        assert middle[inked[0] : inked[-1]].min() < 128


def test_no_labels_give_no_pictures():
    assert synthetic_digits.draw(np.array([], int), np.random.default_rng(0)).shape == (0, 28, 28)


@pytest.mark.parametrize("kind", sorted(set(outliers.KINDS), key=repr), ids=lambda kind: kind.__name__)
def test_each_kind_of_no_digit_has_ink_and_no_two_are_alike(kind):
    pictures, labels = template_digits.pictures(50, seed=0)
    rng = np.random.default_rng(0)
    made = [kind(pictures, labels, rng) for _ in range(30)]
    for picture in made:
        assert (picture.shape, picture.dtype) == ((28, 28), np.uint8)
        assert np.count_nonzero(picture) > 20
    assert len({picture.tobytes() for picture in made}) >= 15  # of few digits some are chosen twice


def test_no_digits_come_back_with_their_seed():
    pictures, labels = template_digits.pictures(50, seed=0)
    first, again, other = (outliers.draw(20, pictures, labels, np.random.default_rng(seed))[0] for seed in (0, 0, 1))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)
    none, targets = outliers.draw(0, pictures, labels, np.random.default_rng(0))
    assert (none.shape, targets.shape) == ((0, 28, 28), (0, 10))


def test_no_answer_is_right_but_of_a_pair_its_digits_are_half_right():
    pictures, labels = template_digits.pictures(50, seed=0)
    _, targets = outliers.draw(64, pictures, labels, np.random.default_rng(0))
    np.testing.assert_allclose(targets.sum(axis=1), 1, rtol=1e-6)
    assert (targets[8:] == np.float32(0.1)).all()
    for target in targets[:8]:
        named = target > 0.1
        assert 1 <= named.sum() <= 2
        np.testing.assert_allclose(target[~named], 0.05, rtol=1e-6)


def test_a_turned_digit_is_never_an_upright_one():
    pictures, labels = template_digits.pictures(50, seed=0)
    upright = {picture.tobytes() for picture in pictures}
    rng = np.random.default_rng(0)
    for _ in range(60):
        assert outliers.turned(pictures, labels, rng).tobytes() not in upright


def test_a_pair_shows_two_digits_beside_each_other():
    one = np.zeros((28, 28), np.uint8)
    one[4:24, 13:16] = 255
    for seed in range(20):
        columns = outliers.pair(one, one, np.random.default_rng(seed)).max(axis=0) > 0
        assert np.diff(np.flatnonzero(columns)).max() > 3  # a gap between them


def test_a_blob_is_filled_and_has_no_loop():
    pictures, labels = template_digits.pictures(10, seed=0)
    for seed in range(20):
        blob = outliers.blob(pictures, labels, np.random.default_rng(seed))
        for row in blob[6:22]:
            inked = np.flatnonzero(row > 128)
            assert np.ptp(inked) == len(inked) - 1


def test_digits_that_cannot_be_turned_are_taken_where_there_are_no_others():
    ones = np.stack([ink.normalize(template_digits.strokes(1))] * 3)
    assert outliers.turned(ones, np.array([1, 1, 1]), np.random.default_rng(0)).any()
