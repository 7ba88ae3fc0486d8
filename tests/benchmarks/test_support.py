"""The benchmarks: what they replay, what they count, and that each measures something on a real screen."""

import json
import os

import numpy as np
import pytest

from benchmarks.drawing import pen_width
from benchmarks.recognition import drawn_digits
from benchmarks.support import harness, pen_strokes
from benchmarks.support.screens import missing
from benchmarks.window import plain_program
from digits.drawing import ink
from digits.models import loading
from digits.recognition.classifier import Answer
from digits.system.files import UserError
from tests.support.processes import run_python

screen = [pytest.mark.screen, pytest.mark.skipif(bool(missing()), reason=missing())]


class Same:
    """A classifier that always answers 3."""

    def classify(self, picture: np.ndarray) -> Answer:
        return Answer(3, 1.0, tuple(float(digit == 3) for digit in range(10)))


@pytest.fixture
def strokes_file(tmp_path):
    """Twenty digits by two writers, the last one suspect, in the form of the recorded ones."""
    collection = pen_strokes.made_up(20)
    path = tmp_path / "strokes.npz"
    np.savez(
        path,
        points=np.concatenate([stroke for digit in collection.digits for stroke in digit]).astype(np.float32),
        stroke_offsets=np.cumsum([0, *(len(stroke) for digit in collection.digits for stroke in digit)]),
        digit_offsets=np.cumsum([0, *map(len, collection.digits)]),
        label=collection.labels,
        writer=np.array(["ann"] * 15 + ["bob"] * 5),
        suspect=np.arange(20) == 19,
    )
    return path


@pytest.fixture
def always_3(monkeypatch):
    monkeypatch.setattr(loading, "load", lambda path: Same())
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")


@pytest.fixture
def hand(monkeypatch):
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    hand = drawn_digits.Hand(Same())
    yield hand
    hand.close()


def figures(capsys, main, *arguments: object) -> dict:
    """Run a benchmark in this process and return what it printed."""
    assert main([*map(str, arguments)]) == 0
    return json.loads(capsys.readouterr().out)


# The strokes


def test_strokes_are_read_as_they_were_written(strokes_file):
    written, read = pen_strokes.made_up(20), pen_strokes.read(strokes_file)
    assert sorted(read.labels) == sorted(written.labels)
    for digit, label in zip(read.digits, read.labels, strict=True):
        same = [other for other, kind in zip(written.digits, written.labels, strict=True) if kind == label]
        assert any(all(map(np.allclose, digit, other)) for other in same)


def test_a_limit_takes_that_many_digits(strokes_file):
    assert len(pen_strokes.read(strokes_file, 7).digits) == 7


@pytest.mark.parametrize("content", [None, b"", b"no archive"])
def test_what_is_no_file_of_strokes_is_said_so(tmp_path, content):
    path = tmp_path / "strokes.npz"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(UserError, match="not a file of pen strokes"):
        pen_strokes.read(path)


def test_a_missing_array_is_said_so(tmp_path):
    np.savez(tmp_path / "strokes.npz", points=np.zeros((3, 2)))
    with pytest.raises(UserError, match="stroke_offsets"):
        pen_strokes.read(tmp_path / "strokes.npz")


@pytest.mark.parametrize("placement", pen_strokes.PLACEMENTS)
def test_a_placed_digit_is_inside_the_canvas_and_of_a_size_that_was_promised(placement):
    rng, side = np.random.default_rng(0), 560
    for digit in pen_strokes.made_up(100).digits:
        placed = np.concatenate(pen_strokes.place(digit, side, placement, rng))
        assert placed.min() >= 0
        assert placed.max() < side
        share = np.ptp(placed, axis=0).max() / (side - 1)
        if placement == "centred":
            assert share == pytest.approx(pen_strokes.CENTRED, abs=0.01)
            assert (placed.max(axis=0) + placed.min(axis=0)) / 2 == pytest.approx((side - 1) / 2, abs=1)
        else:
            assert pen_strokes.SMALLEST - 0.01 < share < pen_strokes.LARGEST + 0.01


def test_a_placed_digit_keeps_its_shape():
    digit = pen_strokes.made_up(3).digits[2]
    placed = pen_strokes.place(digit, 560, "anywhere", np.random.default_rng(0))
    factors = [np.ptp(new, axis=0) / np.ptp(old, axis=0) for new, old in zip(placed, digit, strict=True)]
    assert np.ptp(factors) < 0.2


def test_a_single_point_is_placed():
    placed = pen_strokes.place([np.array([[5.0, 7.0]])], 560, "anywhere", np.random.default_rng(0))
    assert placed[0].shape == (1, 2)


# The digits drawn in the window


def test_the_window_receives_every_pixel_of_every_stroke(hand):
    rng = np.random.default_rng(0)
    for digit in pen_strokes.made_up(10).digits:
        placed = pen_strokes.place(digit, hand.side, "anywhere", rng)
        assert hand.draw(placed) == 3
        received = hand.window.state.canvas.strokes
        assert len(received) == len(placed)
        for stroke, pixels in zip(received, placed, strict=True):
            moved = np.concatenate([[True], np.any(np.diff(pixels, axis=0), axis=1)])
            assert np.array(stroke) * hand.cell == pytest.approx(pixels[moved] + 0.5)


def test_a_dot_is_not_answered(hand):
    assert hand.draw([np.array([[100, 100]])]) == -1


def test_a_benchmark_of_drawn_digits_counts_what_is_right(capsys, strokes_file, always_3):
    result = figures(capsys, drawn_digits.main, "--strokes", strokes_file)
    assert result["digits"] == 20
    assert result["accuracy"] == 0.1
    assert result["accuracy_mean_over_writers"] == pytest.approx((1 / 15 + 0 / 5 + 1 / 15) / 2, abs=1e-4)
    assert result["accuracy_without_suspects"] == pytest.approx(2 / 19, abs=1e-4)
    assert result["accuracy_per_digit"] == {str(digit): float(digit == 3) for digit in range(10)}
    assert (result["writers"], result["suspects"], result["unanswered"]) == (2, 1, 0)
    assert result["seconds_per_digit"] > 0


@pytest.mark.parametrize("placement", pen_strokes.PLACEMENTS)
def test_the_shipped_model_reads_made_up_digits_and_the_same_seed_gives_the_same(
    capsys, strokes_file, placement, monkeypatch
):
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    arguments = ["--strokes", strokes_file, "--placement", placement, "--seed", 5]
    first, second = (figures(capsys, drawn_digits.main, *arguments) for _ in range(2))
    assert first["accuracy"] >= 0.8
    for result in (first, second):
        del result["seconds_per_digit"], result["context"]
    assert first == second


def test_the_plain_brush_marks_a_cell_and_its_neighbours():
    cells = np.zeros((28, 28), np.uint8)
    plain_program.ink(cells, 0, 5)
    assert cells[5, 0] == 255
    assert cells[4, 0] == cells[6, 0] == cells[5, 1] == 160
    assert np.count_nonzero(cells) == 4


def test_a_plain_picture_is_what_lies_under_the_pointer():
    picture = drawn_digits.plain_picture([np.array([[0, 0], [45, 25]])], cell=20)
    assert picture[0, 0] == picture[1, 2] == 255


# The others


def test_the_pen_width_is_where_drawn_ink_meets_mnist(capsys, data_file, strokes_file):
    result = figures(capsys, pen_width.main, "--data", data_file, "--strokes", strokes_file)
    drawn = list(result["drawn_ink"].values())
    assert drawn == sorted(drawn)
    # The data of the tests are rendered with the very pen, from digits like these.
    assert result["matching_width"] == pytest.approx(ink.PEN_WIDTH, abs=0.3)


def test_ink_is_counted_in_full_pixels():
    pictures = np.zeros((2, 28, 28), np.uint8)
    pictures[0, 0, :10] = 255
    assert pen_width.mean_ink(pictures) == pytest.approx(5.0)


def test_percentiles_are_in_milliseconds():
    assert harness.percentiles([0.001] * 99 + [0.101]) == {"count": 100, "p50_ms": 1.0, "p99_ms": 2.0, "max_ms": 101.0}


def test_processor_time_and_memory_of_a_process_are_read():
    assert harness.processor_seconds(os.getpid()) > 0
    assert 10 < harness.peak_megabytes(os.getpid()) < 10_000


def test_the_context_names_neither_the_machine_nor_its_paths():
    context = json.dumps(harness.describe_machine())
    assert os.uname().nodename not in context.split('"')
    assert str(harness.ROOT) not in context


@pytest.mark.parametrize("name", ["startup", "idle", "responsiveness"])
def test_without_a_screen_to_be_had_one_sentence_says_so(name):
    code = (
        f"import os; os.environ['PATH'] = ''; from benchmarks.window import {name}; raise SystemExit({name}.main([]))"
    )
    child = run_python("-c", code)
    assert child.returncode == 2, child.stderr
    assert child.stdout == ""
    assert "Xvfb" in child.stderr
    assert len(child.stderr.splitlines()) == 1


@pytest.mark.parametrize("name", ["startup", "idle", "responsiveness", "drawn_digits"])
def test_a_missing_model_is_one_sentence(name, tmp_path, capsys, strokes_file):
    room = "recognition" if name == "drawn_digits" else "window"
    main = __import__(f"benchmarks.{room}.{name}", fromlist=["main"]).main
    extra = ["--strokes", str(strokes_file)] if name == "drawn_digits" else []
    assert main(["--model", str(tmp_path / "none.h5"), *extra]) == 2
    assert "none.h5" in capsys.readouterr().err


def test_no_digits_at_all_are_refused(capsys, strokes_file):
    with pytest.raises(SystemExit, match="2"):
        drawn_digits.main(["--strokes", str(strokes_file), "--limit", "0"])
    assert "positive" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "measured"),
    [
        pytest.param(["startup", "--runs", "1", "--without-plain"], ["window_program", "answer_s"], marks=screen),
        pytest.param(
            ["idle", "--seconds", "0.5", "--without-plain"], ["window_program", "share_of_core_percent"], marks=screen
        ),
        pytest.param(
            ["responsiveness", "--digits", "2", "--rested-digits", "1", "--plain-digits", "1"],
            ["plain_program", "p50_ms"],
            marks=screen,
        ),
    ],
    ids=lambda value: value[0],
)
def test_a_program_is_measured_on_a_real_screen(arguments, measured):
    child = run_python("-m", f"benchmarks.window.{arguments[0]}", *arguments[1:])
    assert child.returncode == 0, child.stderr
    result = json.loads(child.stdout)
    assert result["benchmark"] == arguments[0]
    program, key = measured
    assert result[program][key] >= 0


def test_the_plain_program_is_imported_without_tensorflow_and_pygame():
    code = "import sys, benchmarks.window.plain_program; print({'tensorflow', 'pygame'} & set(sys.modules))"
    assert run_python("-c", code).stdout.strip() == "set()"
