"""Distortions and habits: repeatable, of the picture contract, and each what its name says."""

import numpy as np
import pytest

from benchmarks.support import template_digits
from digits.drawing import ink
from digits.training import augmentation, style_augmentation

PICTURES, LABELS = template_digits.pictures(60, seed=4)


def constant_flow(down: float, right: float, count: int = len(PICTURES)) -> np.ndarray:
    return np.broadcast_to(np.array([down, right], np.float32)[None, :, None, None], (count, 2, 28, 28))


@pytest.mark.parametrize(
    "change",
    [
        augmentation.distort,
        augmentation.change_thickness,
        lambda pictures, rng: style_augmentation.add_habits(pictures, LABELS, rng),
    ],
    ids=["distort", "change_thickness", "add_habits"],
)
def test_the_same_generator_gives_the_same_pictures_and_the_given_ones_stay(change):
    before = PICTURES.copy()
    first, again, other = (change(PICTURES, np.random.default_rng(seed)) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)
    assert (first.dtype, first.shape) == (np.uint8, PICTURES.shape)
    np.testing.assert_array_equal(PICTURES, before)


def test_one_picture_in_five_stays_as_it_is_and_none_loses_its_ink():
    many = np.tile(PICTURES, (10, 1, 1))
    distorted = augmentation.distort(many, np.random.default_rng(0))
    stayed = [np.array_equal(picture, before) for picture, before in zip(distorted, many, strict=True)]
    assert np.mean(stayed) == pytest.approx(augmentation.AS_IT_IS, abs=0.05)
    inks = distorted.sum((1, 2), dtype=float) / many.sum((1, 2), dtype=float)
    assert 0.3 < inks.min() < inks.max() < 2.5


def test_a_flow_of_nothing_gives_the_picture_back():
    np.testing.assert_array_equal(augmentation.warp(PICTURES, constant_flow(0, 0)), PICTURES)


@pytest.mark.parametrize(("down", "right"), [(1, 0), (0, 2), (-3, 1)])
def test_a_constant_flow_shifts(down, right):
    padded = np.pad(PICTURES, ((0, 0), (4, 4), (4, 4)))
    expected = padded[:, 4 + down : 32 + down, 4 + right : 32 + right]
    np.testing.assert_array_equal(augmentation.warp(PICTURES, constant_flow(down, right)), expected)


def test_between_two_pixels_lies_their_mean():
    halfway = augmentation.warp(PICTURES, constant_flow(0, 0.5))
    mean = (PICTURES[:, :, :-1].astype(float) + PICTURES[:, :, 1:]) / 2
    assert np.abs(halfway[:, :, :-1] - mean).max() <= 0.5


@pytest.mark.parametrize("far", [-1000.0, 27.5, 1000.0])
def test_beyond_the_border_there_is_paper(far):
    full = np.full((2, 28, 28), 255, np.uint8)
    picture = augmentation.warp(full, constant_flow(far, far, count=2))
    assert picture[:, 5:, 5:].max() == 0 if far > 0 else picture.max() == 0


class FixedAmount(np.random.Generator):
    """A generator whose every number is the same."""

    def __init__(self, amount: float):
        super().__init__(np.random.PCG64())
        self.amount = amount

    def uniform(self, low=0.0, high=1.0, size=None):
        return np.full(() if size is None else size, self.amount)


def test_a_broader_pen_adds_ink_and_a_finer_one_takes_it():
    finer, same, broader = (augmentation.change_thickness(PICTURES, FixedAmount(amount)) for amount in (-0.8, 0.0, 0.8))
    np.testing.assert_array_equal(same, PICTURES)
    assert (finer <= PICTURES).all()
    assert (broader >= PICTURES).all()
    assert finer.sum() < PICTURES.sum() < broader.sum()


def test_shifts_and_turns_stay_within_what_the_constants_say():
    flow = augmentation._affine_flow(2000, np.random.default_rng(0))
    middle = flow[:, :, 13:15, 13:15].mean(axis=(2, 3))
    assert (flow.dtype, flow.shape) == (np.float32, (2000, 2, 28, 28))
    assert np.abs(middle).max() <= augmentation.SHIFT + 1e-3
    assert np.abs(middle).max() > 0.9 * augmentation.SHIFT


def test_bends_are_smooth_and_as_strong_as_the_constant_says():
    flow = augmentation._elastic_flow(2000, np.random.default_rng(0))
    at_control_point = flow[:, :, 0, 0]  # the spline's weights there: its own point at unit peak and 1/4 of the next
    assert at_control_point.std() == pytest.approx(augmentation.ELASTIC * (1 + 1 / 16), rel=0.05)
    assert np.abs(np.diff(flow, axis=3)).max() < 1


# Habits


def test_habits_change_only_the_digits_that_people_write_so(monkeypatch):
    monkeypatch.setattr(style_augmentation, "FELT_TIPS", 0)
    pictures, labels = template_digits.pictures(1000, seed=1)
    changed = (style_augmentation.add_habits(pictures, labels, np.random.default_rng(0)) != pictures).any(axis=(1, 2))
    with_habits = {label for label, _, _ in style_augmentation.HABITS}
    for digit in range(10):
        expected = 1 - np.prod([1 - share for label, _, share in style_augmentation.HABITS if label == digit])
        assert changed[labels == digit].mean() == pytest.approx(expected, abs=0.12 if digit in with_habits else 0)


@pytest.mark.parametrize(
    ("label", "habit", "share"),
    style_augmentation.HABITS,
    ids=[f"{label} {habit.__name__}" for label, habit, _ in style_augmentation.HABITS],
)
def test_a_digit_with_a_habit_still_spans_twenty_pixels_at_most(label, habit, share):
    picture = ink.normalize(template_digits.strokes(label))
    for seed in range(50):
        rows, columns = np.nonzero(habit(picture, np.random.default_rng(seed)) > style_augmentation.INKED)
        assert max(np.ptp(rows), np.ptp(columns)) <= ink.DIGIT_SIDE + 1


@pytest.fixture
def uncentred(monkeypatch):
    """Habits that leave the digit where it was."""
    monkeypatch.setattr(style_augmentation, "_center", lambda picture: picture)


STEM = ink.rasterize([np.array([(14.5, 7.0), (14.5, 20.0)])], 2.0)  # a one small enough to stay as large as it is
SEVEN = ink.rasterize([np.array([(9.0, 7.0), (19.0, 7.0), (13.0, 20.0)])], 2.0)


@pytest.mark.usefixtures("uncentred")
@pytest.mark.parametrize(
    ("digit", "habit", "rows", "columns"),
    [
        (STEM, style_augmentation.up_stroke, (5, 21), (3, 15)),
        (STEM, style_augmentation.foot, (17, 23), (7, 22)),
        (STEM, style_augmentation.tail, (11, 22), (8, 16)),
        (SEVEN, style_augmentation.cross, (9, 18), (9, 23)),
    ],
    ids=["an up-stroke leads to the top", "a foot lies below", "a tail rises to the left", "a cross lies halfway"],
)
def test_a_habit_is_what_its_name_says(digit, habit, rows, columns):
    for seed in range(50):
        added = np.argwhere(habit(digit, np.random.default_rng(seed)) > digit.astype(int) + style_augmentation.INKED)
        assert len(added) >= 2
        assert (added >= [rows[0], columns[0]]).all()
        assert (added <= [rows[1], columns[1]]).all()


def test_a_slash_adds_ink_inside_the_zero_and_a_gap_takes_some_away():
    zero = ink.normalize(template_digits.strokes(0))
    for seed in range(30):
        slashed = style_augmentation.slash(zero, np.random.default_rng(seed))
        assert (slashed[12:17, 12:17] > style_augmentation.INKED).any()
        assert style_augmentation.gap(zero, np.random.default_rng(seed)).sum(dtype=int) < zero.sum(dtype=int)


def test_a_felt_tip_draws_some_of_all_digits(monkeypatch):
    pictures, labels = template_digits.pictures(1000, seed=1)
    monkeypatch.setattr(style_augmentation, "HABITS", ())
    changed = (style_augmentation.add_habits(pictures, labels, np.random.default_rng(0)) != pictures).any(axis=(1, 2))
    assert changed.mean() == pytest.approx(style_augmentation.FELT_TIPS, abs=0.02)
    assert set(labels[changed]) == set(range(10))


def test_a_felt_tip_is_thinned_to_no_more_than_a_broad_pen_but_closes_narrow_gaps():
    one = ink.normalize(template_digits.strokes(1))
    two_lines = ink.rasterize([np.array([(x, 5.0), (x, 23.0)]) for x in (12.5, 16.0)], 2.0)
    for seed in range(30):
        felt = style_augmentation.felt_tip(one, np.random.default_rng(seed))
        assert 0.8 < felt.sum(dtype=float) / one.sum(dtype=float) < 2.5
        joined = style_augmentation.felt_tip(two_lines, np.random.default_rng(seed))
        assert joined[14, 14] > 200 > 2 * two_lines[14, 14]


@pytest.mark.parametrize("label", [0, 1, 7, 8])
def test_an_empty_picture_of_a_digit_with_habits_is_no_error(label):
    empty, labels = np.zeros((50, 28, 28), np.uint8), np.full(50, label)
    pictures = style_augmentation.add_habits(empty, labels, np.random.default_rng(0))
    assert pictures.shape == empty.shape


def test_a_digit_with_a_habit_keeps_its_centre_of_mass():
    pictures, labels = template_digits.pictures(500, seed=2)
    middles = np.arange(28) + 0.5
    for picture in style_augmentation.add_habits(pictures, labels, np.random.default_rng(0)):
        for axis in (0, 1):
            place = np.average(middles, weights=picture.sum(axis, dtype=float))
            assert place == pytest.approx(ink.CENTER, abs=0.51)
