"""The benchmark of numbers: that they are made as it says, and that it counts what it says."""

import json
from itertools import pairwise

import numpy as np
import pytest

from benchmarks.recognition import drawn_numbers as numbers
from benchmarks.support import on_canvas, pen_strokes
from digits.models import loading
from digits.recognition.classifier import Answer, Classifier

PIXEL = 1 / on_canvas.CELL


class Fake(Classifier):
    """A classifier that always answers 3."""

    def __init__(self):  # without a model
        pass

    def classify(self, picture: np.ndarray) -> Answer:
        return Answer(3, 0.991, tuple(0.991 if digit == 3 else 0.001 for digit in range(10)))


@pytest.fixture(scope="module")
def collection() -> pen_strokes.PenDigits:
    """Sixty digits of two writers, and a third writer's, who drew too few."""
    made = pen_strokes.made_up(64)
    return made._replace(writers=np.array(["ann", "bob"] * 30 + ["cy"] * 4), suspects=np.arange(64) == 20)


@pytest.fixture(scope="module")
def composed(collection) -> list[numbers.Number]:
    return numbers.compose(collection, 200, seed=1)


def boxes(number: numbers.Number) -> np.ndarray:
    """Return the digits' boxes: left, top, right, bottom."""
    points = [np.concatenate([number.strokes[i] for i in digit]) for digit in numbers.digits_of(number)]
    return np.array([np.concatenate([p.min(axis=0), p.max(axis=0)]) for p in points])


def test_the_same_seed_gives_the_same_numbers_and_another_does_not(collection, composed):
    again, other = (numbers.compose(collection, 200, seed) for seed in (1, 2))
    assert [n.labels for n in again] == [n.labels for n in composed] != [n.labels for n in other]
    assert all(map(np.array_equal, again[7].strokes, composed[7].strokes))


def test_numbers_have_two_to_six_digits_of_one_writer(collection, monkeypatch):
    told = []
    compose_number = numbers.compose_number
    monkeypatch.setattr(
        numbers, "compose_number", lambda c, chosen, *rest: told.append(chosen) or compose_number(c, chosen, *rest)
    )
    made = numbers.compose(collection, 200, seed=1)
    assert {len(number.labels) for number in made} == {2, 3, 4, 5, 6}
    assert [{*collection.labels[chosen]} for chosen in told] == [{*number.labels} for number in made]
    writers = [{*collection.writers[chosen].tolist()} for chosen in told]
    assert all(len(of_one) == 1 for of_one in writers)
    assert {"ann"} in writers
    assert {"bob"} in writers
    assert {"cy"} not in writers
    assert [number.suspect for number in made] == [20 in chosen for chosen in told]


def test_sizes_feet_and_gaps_are_within_their_limits(composed):
    gaps, heights, feet = [], [], []
    for number in composed:
        found = boxes(number)
        between = [right[0] - left[2] for left, right in pairwise(found)]
        assert min(between) == pytest.approx(number.gap * 20, abs=2 * PIXEL)
        gaps += between
        heights += (found[:, 3] - found[:, 1]).tolist()
        feet += found[:, 3].tolist()
    for values, low, high in ((gaps, -1, 12), (heights, 18, 22), (feet, 22, 26)):
        assert low - 2 * PIXEL <= min(values) < low + 0.1 * (high - low)
        assert high - 0.1 * (high - low) < max(values) <= high + 2 * PIXEL


def test_points_are_middles_of_pixels_and_none_comes_twice_in_a_row(composed):
    for stroke in composed[0].strokes:
        middles = stroke * on_canvas.CELL - 0.5
        assert middles == pytest.approx(np.rint(middles))
        assert (np.diff(stroke, axis=0) != 0).any(axis=1).all()


def test_half_are_drawn_in_order_and_half_have_one_late_stroke(composed):
    in_order = [n for n in composed if not n.late]
    late = [n for n in composed if n.late]
    assert len(in_order) == len(late) == 100
    assert all(list(n.owners) == sorted(n.owners) for n in in_order)
    steps_back = [sum(a > b for a, b in pairwise(n.owners)) for n in late]
    assert set(steps_back) == {1}
    last = [n.owners[-1] != len(n.labels) - 1 for n in late]
    assert 0.3 < np.mean(last) < 1, "at the end, and elsewhere"


@pytest.mark.parametrize("counts", [[2, 1, 1], [1, 3, 2, 1]])
def test_a_late_stroke_is_the_last_of_its_digit(counts):
    rng = np.random.default_rng(0)
    for _ in range(20):
        order = numbers.drawing_order(counts, True, rng)
        for digit, count in enumerate(counts):
            assert [stroke for owner, stroke in order if owner == digit] == list(range(count))


def test_a_leaning_number_is_the_same_number_slanted(composed):
    number = composed[3]
    leaning = numbers.lean(number, np.random.default_rng(0))
    assert (leaning.owners, leaning.labels) == (number.owners, number.labels)
    heights = [np.ptp(stroke[:, 1]) for stroke in number.strokes]
    assert [np.ptp(stroke[:, 1]) for stroke in leaning.strokes] == pytest.approx(heights)
    moved = leaning.strokes[0][[0, -1], 0] - number.strokes[0][[0, -1], 0]
    assert abs(moved[0] - moved[1]) > 0.1


def test_digits_strokes_and_their_number_are_told_apart(monkeypatch, composed):
    number = next(n for n in composed if len(n.labels) == 2 and len(n.strokes) == 3)
    one, other = (tuple(sorted(digit)) for digit in numbers.digits_of(number))
    right, wrong = number.labels, ((number.labels[0] + 1) % 10, number.labels[1])

    def mark(groups, digits) -> tuple:
        answers = [numbers.read_number(number.strokes, Fake().classify)[0]._replace(strokes=g) for g in groups]
        readings = [r._replace(answer=r.answer._replace(digit=d)) for r, d in zip(answers, digits, strict=True)]
        with monkeypatch.context() as patch:
            patch.setattr(numbers, "read_number", lambda strokes, classify: readings)
            return numbers.read(number, Fake())[0]

    assert mark([one, other], right) == (True, True, True)
    assert mark([one, other], wrong) == (False, True, True)
    assert mark([one[:1], other], right) == (True, True, False)
    assert mark([one + other], right[:1]) == (False, False, False)


def test_the_benchmark_prints_all_figures_beside_their_goals(monkeypatch, capsys, collection):
    monkeypatch.setattr(pen_strokes, "read", lambda path: collection)
    assert numbers.main(["--strokes", "made up", "--limit", "60"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert result["fully_right"]["goal"] == ">= 0.95"
    assert result["right_count"]["goal"] == ">= 0.985"
    assert result["right_count"]["met"]
    assert result["right_strokes"] > 0.95
    assert result["fully_right"]["value"] <= result["right_count"]["value"]
    assert result["in_order"]["numbers"] == result["late_stroke"]["numbers"] == 30
    for kind in ("smallest_gap_", "_digits"):
        assert sum(part["numbers"] for name, part in result.items() if kind in name and "alone" not in name) == 60
    assert result["leaning"]["numbers"] == result["read_number"]["count"] == 60


def test_what_no_grouping_can_better_is_what_the_digits_are_alone(composed):
    result = numbers.figures(composed, Fake())
    labels = np.concatenate([n.labels for n in composed])
    assert result["digits_alone"] == pytest.approx((labels == 3).mean(), abs=1e-4)
    assert result["fully_right_if_grouped"] == np.mean([{*n.labels} == {3} for n in composed])
    assert result["missed"][0] == "fully_right"


@pytest.mark.parametrize("missing", ["--strokes", "--model"])
def test_a_missing_file_is_one_sentence(missing, monkeypatch, capsys, tmp_path, collection):
    files = {"--strokes": "made up", "--model": loading.SHIPPED, missing: tmp_path / "none.h5"}
    if missing != "--strokes":
        monkeypatch.setattr(pen_strokes, "read", lambda path: collection)
    assert numbers.main([str(word) for pair in files.items() for word in pair]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert "none.h5" in err
    assert len(err.splitlines()) == 1
