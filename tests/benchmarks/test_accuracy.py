"""The benchmark of accuracy: that its figures are what they are called, by examples worked by hand."""

import io
import json
import sys
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from benchmarks.images import image_files
from benchmarks.recognition import accuracy, distortions, signs
from benchmarks.support import measures, on_canvas, pen_strokes
from benchmarks.support.measures import Answers
from benchmarks.training import training_time
from digits.drawing import ink
from digits.models import loading
from digits.models.model_card import ModelCard
from digits.recognition.classifier import Answer, Classifier
from digits.system.files import UserError
from tests.support.processes import run_python

ZIGZAG = np.array([[0.0, 0], [10, 0], [0, 10], [10, 10], [10, 40]])


class Fake(Classifier):
    """A classifier that always answers 3, with odds that fall with the ink: empty pictures are sure."""

    def __init__(self, **card):
        self.card = ModelCard(**card)
        self.least_odds = self.card.least_odds

    def classify(self, picture: np.ndarray) -> Answer:
        confidence = 1 - picture.mean() / 255
        return Answer(3, confidence, tuple(np.where(np.arange(10) == 3, confidence, (1 - confidence) / 9)))


def images_module(read_picture) -> SimpleNamespace:
    def read(path, name, classifier):
        return SimpleNamespace(digits=[SimpleNamespace(picture=read_picture(path))])

    return SimpleNamespace(read=read)


def dark_on_light(path) -> np.ndarray:
    """Read a file as the product does, as far as this test needs it."""
    return 255 - np.asarray(Image.open(path).convert("L").resize((28, 28)))


@pytest.fixture
def measured(monkeypatch, capsys, data_file):
    """Run the benchmark on made-up digits and return what it printed."""

    def run(*arguments: object, classifier=None) -> dict:
        monkeypatch.setattr(pen_strokes, "read", lambda path, limit: pen_strokes.made_up(limit or 20))
        monkeypatch.setattr(loading, "load", lambda path: classifier or Fake())
        monkeypatch.setitem(sys.modules, "digits.sheets.reading", images_module(dark_on_light))
        monkeypatch.setattr("digits.sheets.reading", sys.modules["digits.sheets.reading"], raising=False)
        assert accuracy.main(["--data", str(data_file), "--strokes", "made up", *map(str, arguments)]) == 0
        return json.loads(capsys.readouterr().out)

    return run


# Measures


def test_the_calibration_error_is_that_of_an_example_worked_by_hand():
    # Bins of 1/4: of two answers at 0.5 one is right, gap 0; of two at 0.9 and 1.0 one is right, gap 0.45 x 2/4.
    confidences, right = np.array([0.5, 0.5, 0.9, 1.0]), np.array([True, False, True, False])
    assert measures.expected_calibration_error(confidences, right, bins=4) == pytest.approx(0.225)


def test_within_a_bin_over_and_under_confidence_cancel_and_between_bins_they_do_not():
    right = np.array([True, False])
    assert measures.expected_calibration_error(np.array([0.41, 0.41]), right, bins=2) == pytest.approx(0.09)
    assert measures.expected_calibration_error(np.array([0.6, 0.4]), right, bins=2) == pytest.approx(0.4)


def test_who_is_as_right_as_promised_has_no_calibration_error():
    right = np.arange(100) < 80
    assert measures.expected_calibration_error(np.full(100, 0.8), right) == pytest.approx(0)


@pytest.mark.parametrize(("least_odds", "expected"), [(7.0, (0.4, 2 / 3)), (0.0, (0.2, 0.5)), (np.inf, (1.0, 0.0))])
def test_doubt_is_the_share_of_lower_odds_and_no_answer_is_doubt(least_odds, expected):
    answers = Answers(np.array([1, 2, 3, 4, -1]), np.ones(5), np.array([9.0, 8.0, 7.0, 3.0, 0.0]))
    right = np.array([True, True, False, False, False])
    assert measures.doubt(measures.is_not_sure(answers, least_odds), right) == pytest.approx(expected)


def test_a_bound_leaves_the_lowest_two_of_a_hundred_out():
    values, right = np.arange(100.0), np.arange(100) != 1
    assert accuracy.bound(values, right) == {"threshold": 2.0, "not_sure": 0.02, "accuracy_when_sure": 1.0}
    assert accuracy.bound(values[::-1], right)["accuracy_when_sure"] == pytest.approx(97 / 98, abs=1e-4)


@pytest.mark.parametrize(("share", "expected"), [(0.0, 0.1), (0.2, 0.3), (0.25, 0.3), (0.4, 0.5)])
def test_the_best_threshold_leaves_no_more_than_the_share_below_it(share, expected):
    confidences = np.array([0.9, 0.1, 0.5, 0.3, 0.7])
    threshold = measures.threshold_for(confidences, share)
    assert threshold == expected
    assert (confidences < threshold).mean() <= share


def test_equal_confidences_are_all_sure_or_all_not():
    assert measures.threshold_for(np.array([1.0, 0.5, 0.5, 0.5]), 0.5) == 0.5


def test_a_figure_says_whether_its_goal_is_met():
    assert measures.at_least(0.98764, 0.99) == {"value": 0.9876, "goal": ">= 0.99", "met": False}
    assert measures.at_most(2_000_000, 2_000_000) == {"value": 2_000_000, "goal": "<= 2000000", "met": True}
    figures = {"a": {"b": measures.at_least(1, 2), "c": measures.at_least(2, 2)}, "d": 5, "e": measures.at_most(3, 2)}
    assert measures.missed(figures) == ["a.b", "e"]


def test_a_figure_that_rounds_up_to_its_goal_has_not_met_it():
    assert not measures.at_least(0.98999, 0.99)["met"]


def test_the_spread_is_over_all_models():
    first, second, third = ({"n": 1, "part": {"accuracy": measures.at_least(v, 0.5)}} for v in (0.5, 0.3, 0.6))
    spread = measures.add_spread(first, [second, third])
    assert spread["part"]["accuracy"] == {"value": 0.5, "goal": ">= 0.5", "met": True, "spread": [0.3, 0.6]}
    assert spread["n"] == 1


def test_a_picture_that_is_missing_has_no_answer():
    answers = measures.classify(Fake(), [np.zeros((28, 28), np.uint8), None])
    assert answers.digits.tolist() == [3, -1]
    assert answers.confidences.tolist() == [1.0, 0.0]
    assert answers.odds.tolist() == [np.inf, 0.0]


# Strokes drawn badly


def test_seldom_sampled_strokes_have_ten_points_evenly_along_the_same_path():
    sampled = distortions.sample_seldom([ZIGZAG, np.array([[3.0, 4.0]])], np.random.default_rng(0))
    assert [len(stroke) for stroke in sampled] == [10, 10]
    assert sampled[0][0].tolist() == [0, 0]
    assert sampled[0][-1].tolist() == [10, 40]
    straight = distortions.sample_seldom([np.array([[0.0, 0], [1, 0], [90, 0]])], np.random.default_rng(0))
    assert straight[0][:, 0] == pytest.approx(np.arange(0, 91, 10))
    assert (sampled[1] == (3, 4)).all()


def test_jitter_moves_each_point_by_two_percent_of_the_longest_side():
    stroke = np.linspace([0, 0], [100, 300], 20_000)
    moved = distortions.jitter([stroke], np.random.default_rng(0))[0] - stroke
    assert moved.std(axis=0) == pytest.approx([6, 6], rel=0.05)
    assert moved.mean(axis=0) == pytest.approx([0, 0], abs=0.2)


def test_turning_keeps_lengths_and_reaches_twenty_degrees_either_way():
    rng, up = np.random.default_rng(0), [np.array([[0.0, 0], [0, -10]])]
    turned = [distortions.turn(up, rng)[0][1] for _ in range(500)]
    assert np.hypot(*np.transpose(turned)) == pytest.approx(10)
    angles = np.rad2deg([np.arctan2(x, -y) for x, y in turned])
    assert -20 <= angles.min() < -19
    assert 19 < angles.max() <= 20


def test_slanting_moves_the_top_sideways_and_keeps_the_height():
    rng, up = np.random.default_rng(0), [np.array([[0.0, 0], [0, -10]])]
    tops = np.array([distortions.slant(up, rng)[0][1] for _ in range(500)])
    assert (tops[:, 1] == -10).all()
    assert -4 <= tops[:, 0].min() < -3.9
    assert 3.9 < tops[:, 0].max() <= 4


def test_stretching_changes_the_width_from_six_tenths_to_sixteen_tenths():
    rng = np.random.default_rng(0)
    corners = np.array([distortions.stretch([ZIGZAG], rng)[0][-1] for _ in range(500)])
    assert (corners[:, 1] == 40).all()
    assert 6 <= corners[:, 0].min() < 6.1
    assert 15.8 < corners[:, 0].max() <= 16


@pytest.mark.parametrize("distort", distortions.DISTORTIONS.values(), ids=distortions.DISTORTIONS)
def test_a_distortion_is_repeatable_and_leaves_the_original_alone(distort):
    digit = pen_strokes.made_up(6).digits[4]
    before = [stroke.copy() for stroke in digit]
    first, second = (distort(digit, np.random.default_rng(7)) for _ in range(2))
    assert all(map(np.array_equal, first, second))
    assert all(map(np.array_equal, digit, before))
    assert not all(map(np.array_equal, first, digit))


# Drawn on the canvas


def test_a_small_digit_is_that_share_of_the_canvas_in_whole_pixels():
    rng = np.random.default_rng(0)
    for digit in pen_strokes.made_up(20).digits:
        pixels = pen_strokes.fit(digit, on_canvas.SIDE, distortions.SMALL, rng.random(2))
        points = np.concatenate(pixels)
        assert points.dtype.kind == "i"
        assert np.ptp(points, axis=0).max() == pytest.approx(0.15 * on_canvas.SIDE, abs=2)
        assert points.min() >= 0
        assert points.max() < on_canvas.SIDE


def test_the_canvas_receives_the_middle_of_each_pixel():
    canvas = on_canvas.draw([np.array([[0, 0], [on_canvas.CELL, 2 * on_canvas.CELL]])])
    half = 0.5 / on_canvas.CELL
    assert np.array(canvas.strokes[0]) == pytest.approx(np.array([[half, half], [1 + half, 2 + half]]))
    assert not canvas.is_drawing


def test_the_picture_is_the_one_of_the_same_strokes_at_any_place():
    digit = pen_strokes.made_up(3).digits[2]
    drawn = on_canvas.seen(on_canvas.draw(pen_strokes.fit(digit, on_canvas.SIDE, 0.9, 0.3)))
    assert drawn is not None
    assert np.abs(drawn.astype(int) - ink.normalize(digit)).max() < 40


@pytest.mark.parametrize("name", ["empty", "dot"])
def test_where_the_window_gives_a_hint_there_is_no_picture(name):
    draw = signs.groups()[name][name]
    rng = np.random.default_rng(0)
    assert all(on_canvas.seen(on_canvas.draw(draw(rng))) is None for _ in range(50))


# Signs

EVERY_SIGN = [(group, name) for group, of in signs.groups().items() for name in of]


@pytest.mark.parametrize(("group", "name"), EVERY_SIGN, ids=[name for _, name in EVERY_SIGN])
def test_a_sign_is_inside_the_canvas_and_the_same_seed_gives_the_same(group, name):
    draw = signs.groups()[group][name]
    first, second = ([draw(rng) for _ in range(5)] for rng in (np.random.default_rng(3), np.random.default_rng(3)))
    for drawing, again in zip(first, second, strict=True):
        assert all(map(np.array_equal, drawing, again))
        if drawing:
            points = np.concatenate(drawing)
            assert points.min() >= 0
            assert points.max() < on_canvas.SIDE
    if group not in ("empty", "dot"):
        assert len({np.concatenate(drawing).tobytes() for drawing in first}) == 5, "no two are alike"
        assert all(on_canvas.seen(on_canvas.draw(drawing)) is not None for drawing in first)


def test_there_are_many_signs_and_none_is_in_two_groups():
    names = [name for _, name in EVERY_SIGN]
    assert len(names) == len(set(names))
    groups = signs.groups()
    assert len(groups["letters"]) >= 26
    assert len(groups["symbols"]) >= 25
    assert {"O", "I", "S", "Z", "B", "b", "g", "q"} <= groups["lookalikes"].keys()


def test_a_smooth_stroke_goes_through_its_points():
    corners = np.array([[0.0, 0], [4, 9], [10, 3]])
    dense = signs._dense(corners, True)
    assert dense[:: signs.POINTS_BETWEEN] == pytest.approx(corners)


# Image files


@pytest.mark.parametrize("kind", image_files.KINDS.values(), ids=image_files.KINDS)
def test_a_file_is_dark_on_light_and_the_same_seed_gives_the_same_bytes(kind):
    digit = pen_strokes.made_up(9).digits[8]
    first, second = (kind.encode(digit, np.random.default_rng(1)) for _ in range(2))
    assert first == second
    with Image.open(io.BytesIO(first)) as picture:
        assert picture.format == {".png": "PNG", ".jpg": "JPEG"}[kind.suffix]
        assert min(image_files.SIDES) <= picture.width == picture.height <= max(image_files.SIDES)
        pixels = np.asarray(picture.convert("L"), float)
    assert pixels.min() < 0.6 * np.median(pixels)
    border = np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]])
    assert border.min() > pixels.min() + 20, "no ink at the edge"


@pytest.mark.parametrize("pen", [0.5, 1, 2, 3])
def test_the_pen_is_as_wide_as_named(pen):
    bar = np.array([[0.0, 0], [0, 100]])
    for seed in range(5):
        picture = np.asarray(image_files.draw([bar], np.random.default_rng(seed), pen)) < 128
        width, height = np.ptp(np.argwhere(picture), axis=0)[::-1] + 1
        assert width / (height - width) == pytest.approx(pen * image_files.USUAL_PEN, abs=0.02)


def test_a_photo_has_uneven_light_and_noise():
    paper = np.asarray(image_files.photograph(Image.new("L", (300, 300), 255), np.random.default_rng(0)), float)
    parts = paper.mean(axis=2).reshape(3, 100, 3, 100)
    assert np.ptp(parts.mean(axis=(1, 3))) > 10
    assert (parts[:, :20, :, :20].std(axis=(1, 3)) > 1).all()


def test_a_file_without_a_digit_is_a_wrong_answer(monkeypatch):
    def refuse(path):
        raise UserError("There is no digit in it.")

    monkeypatch.setitem(sys.modules, "digits.sheets.reading", images_module(refuse))
    monkeypatch.setattr("digits.sheets.reading", sys.modules["digits.sheets.reading"], raising=False)
    collection = pen_strokes.made_up(10)
    figures = accuracy.measure_image_files(Fake(), None, collection, 0)
    assert {name: figure["value"] for name, figure in figures.items()} == dict.fromkeys(image_files.KINDS, 0.0)


# The whole


def test_all_parts_are_measured_beside_their_goals(measured):
    result = measured()
    assert set(accuracy.PARTS) <= result.keys()
    assert result["mnist"]["accuracy"] == {"value": 0.1, "goal": ">= 0.9974", "met": False}
    pen = result["pen_digits"]
    assert (pen["accuracy"]["value"], pen["mean_over_writers"]["value"]) == (0.1, 0.1)
    assert {digit: figure["met"] for digit, figure in pen["per_digit"].items()} == {
        str(digit): digit == 3 for digit in range(10)
    }
    assert set(result["drawn_badly"]) == {*distortions.DISTORTIONS, "small"}
    assert {figure["value"] for figure in result["drawn_badly"].values()} == {0.1}
    assert {figure["value"] for figure in result["image_files"].values()} == {0.1}
    assert {"mnist.accuracy", "pen_digits.per_digit.0", "drawn_badly.small", "image_files.photo"} <= {*result["missed"]}
    assert "pen_digits.per_digit.3" not in result["missed"]
    assert result["block_digits"]["accuracy"]["value"] == 0.1
    assert result["block_digits"]["sure_and_wrong"]["value"] == 9 * accuracy.DRAWINGS
    assert result["not_a_digit"]["empty"] == result["not_a_digit"]["dot"] == 1.0


@pytest.mark.parametrize(("card", "not_sure"), [({}, 0.0), ({"least_odds": 1e6}, 1.0)])
def test_the_least_odds_of_the_model_card_decide_what_is_not_sure(measured, card, not_sure):
    result = measured("--parts", "pen_digits", "not_a_digit", classifier=Fake(**card))
    assert result["pen_digits"]["doubt"]["not_sure"]["value"] == not_sure
    assert result["not_a_digit"]["letters"] == result["not_a_digit"]["lookalikes_left_out"]["not_sure"] == not_sure
    assert result["model"]["least_odds"] == card.get("least_odds", 3.0)


def test_the_same_seed_gives_the_same_and_another_does_not():
    classifier, collection = Fake(least_odds=66.0), pen_strokes.made_up(5)
    first, second, third = (accuracy.measure_not_a_digit(classifier, None, collection, seed) for seed in (1, 1, 2))
    assert first == second != third


def test_models_of_other_seeds_give_the_spread(measured):
    result = measured("--parts", "mnist", "--seeds", loading.SHIPPED, loading.SHIPPED)
    assert result["mnist"]["accuracy"]["spread"] == [0.1, 0.1]


@pytest.mark.parametrize("missing", ["--data", "--strokes", "--model", "--seeds"])
def test_a_missing_file_is_one_sentence(missing, capsys, data_file, tmp_path, monkeypatch):
    files = {"--data": data_file, "--strokes": "made up", missing: tmp_path / "none.h5"}
    if missing != "--strokes":
        monkeypatch.setattr(pen_strokes, "read", lambda path, limit: pen_strokes.made_up(2))
    assert accuracy.main([str(word) for pair in files.items() for word in pair]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert "none.h5" in err
    assert len(err.splitlines()) == 1


COMPARISON_AND_TIME = """
import json, sys
from pathlib import Path
from benchmarks.recognition import stacks
from benchmarks.support import pen_strokes
from benchmarks.training import training_time
from digits.models import loading
from digits.training import mnist

data = sys.argv[1]
print(json.dumps(stacks.compare(loading.load(), mnist.load(Path(data)), pen_strokes.made_up(10), 1, 2)))
sys.exit(training_time.main(["--data", data, "--epochs", "2", "--network", "small", "--target", "0.01"]))
"""


@pytest.fixture(scope="module")
def comparison_and_time(data_file) -> tuple[list[dict], dict]:
    """The comparison with networks that saw a few drawn digits twice, and the time of a training on them."""
    child = run_python("-c", COMPARISON_AND_TIME, data_file)
    assert child.returncode == 0, child.stderr
    comparison, time = child.stdout.split("\n", 1)
    return json.loads(comparison), json.loads(time)


@pytest.fixture
def comparison(comparison_and_time) -> list[dict]:
    return comparison_and_time[0]


def test_the_well_known_networks_have_the_layers_that_they_are_named_for(comparison):
    # Weights and biases, of 3x3 convolutions without padding: 28 -> 26, 13 -> 11, 5 -> 3, 1; then of dense layers.
    convs = {(1, 32): 320, (32, 64): 18_496, (64, 64): 36_928, (1, 64): 640}
    assert [row["parameters"] for row in comparison[1:]] == [
        convs[1, 32] + (13 * 13 * 32 + 1) * 128 + 1290,
        convs[1, 32] + convs[32, 64] + (5 * 5 * 64 + 1) * 128 + 1290,
        convs[1, 32] + convs[32, 64] + convs[64, 64] + (3 * 3 * 64 + 1) * 64 + 650,
        convs[1, 64] + 2 * convs[64, 64] + (64 + 1) * 64 + (64 + 1) * 32 + 330,
    ]


def test_every_network_is_asked_the_same(comparison):
    tests = {"mnist", "pen_digits_normalized", "pen_digits_cells_anywhere", "pen_digits_cells_centred"}
    for row in comparison:
        assert set(row) == {"network", "parameters", "epochs"} | tests
        assert all(0 <= row[test] <= 1 for test in tests)
    assert comparison[0]["network"] == "ours"
    assert comparison[0]["mnist"] > 0.9
    assert max(row["mnist"] for row in comparison[1:]) > 0.3  # two epochs of few digits; chance is 0.1


# Training time


def test_the_first_epoch_that_reaches_the_target_counts():
    epochs = [{"seconds": s, "test_accuracy": a} for s, a in ((10, 0.98), (20, 0.991), (30, 0.989))]
    assert training_time.seconds_to(0.99, epochs) == 20
    assert training_time.seconds_to(0.995, epochs) is None


def test_a_short_training_is_timed(comparison_and_time):
    _, result = comparison_and_time
    first, second = result["epochs"]
    assert 0 < first["seconds"] < second["seconds"]
    assert result["seconds_to_target"]["value"] == first["seconds"]
    assert result["full_recipe"]["epochs"] > 0


def test_without_data_no_training_is_begun(capsys, tmp_path):
    assert training_time.main(["--data", str(tmp_path / "none.npz")]) == 2
    assert "none.npz" in capsys.readouterr().err
