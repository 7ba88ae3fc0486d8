"""The benchmarks of the window: what they send, what they notice, and that each measures a real window."""

import json
import subprocess
import time
from itertools import pairwise
from typing import cast

import numpy as np
import pytest

from benchmarks.support import pen_strokes
from benchmarks.support.screens import missing
from benchmarks.support.x11 import Appearance, Screen
from benchmarks.window import live, random_events
from digits.drawing.canvas import WIDE
from digits.models import loading
from digits.recognition.records import Told
from digits.system.files import UserError
from digits.window import event_loop
from digits.window.layout import WINDOW_SIZE, arrange
from tests.support.processes import run_python

AT = Appearance(0.0, 100, 50)


@pytest.fixture(params=[False, True], ids=["digits", "numbers"])
def schedule(request):
    return live.plan(pen_strokes.made_up(5).digits, 3000, AT, numbers=request.param)


def followed(schedule, delay: float, picks=lambda index: True):
    """What a window would note that paints each motion after a delay, and the times of sending."""
    sent = [index / 1000 for index in range(len(schedule.acts))]
    motions: list[tuple[int, int, float, float | None]] = [
        (int(place[0] - AT.x), int(place[1] - AT.y), began + delay, began + 2 * delay)
        for index, ((name, place), began) in enumerate(zip(schedule.acts, sent, strict=True))
        if name == "move" and picks(index)
    ]
    return sent, live.Seen(motions, [live.drawn_slowly(drawing, schedule.columns) for drawing in schedule.drawings])


# The pointer of a thousand events a second


def test_a_stroke_is_sent_pixel_by_pixel_along_its_way():
    stroke = np.array([(10, 10), (10, 10), (40, 25), (38, 60)])
    dense = live.every_pixel(stroke)
    assert (np.abs(np.diff(dense, axis=0)).max(axis=1) == 1).all()
    assert {tuple(point) for point in stroke} <= {tuple(point) for point in dense}
    assert live.every_pixel(stroke[:1]).tolist() == [[10, 10]]


def test_every_motion_goes_to_another_pixel_and_every_digit_is_answered_and_reset(schedule):
    assert len(schedule.acts) == len(schedule.drawn) >= 3000
    places = [place for name, place in schedule.acts if name == "move"]
    assert all(a != b for a, b in pairwise(places))
    low, high = np.min(places, axis=0), np.max(places, axis=0)
    canvas = arrange(WINDOW_SIZE, schedule.columns).canvas
    assert (low >= (AT.x + canvas.x, AT.y + canvas.y)).all()
    assert (high < (AT.x + canvas.x + canvas.width, AT.y + canvas.y + canvas.height)).all()
    keys = [place[0] for name, place in schedule.acts if name == "key"]
    assert keys == ["Return", "r"] * len(schedule.drawings)


@pytest.mark.parametrize("places", [2, 6])
def test_the_digits_of_a_number_lie_side_by_side_over_the_whole_canvas(places):
    canvas = arrange(WINDOW_SIZE, WIDE).canvas
    digits = pen_strokes.made_up(places).digits
    row = live.in_a_row(digits, canvas, places, np.random.default_rng(0))
    ends = np.cumsum([len(digit) for digit in digits])[:-1]
    parts = [np.concatenate(part) for part in np.split(np.array(row, dtype=object), ends)]
    for index, part in enumerate(parts):
        left, right = (side * canvas.width // places for side in (index, index + 1))
        assert left <= part[:, 0].min() <= part[:, 0].max() < right
        assert 0 <= part[:, 1].min() <= part[:, 1].max() < canvas.height


def test_acts_are_sent_in_order_at_their_rate():
    done = []

    class Recorder:
        def move(self, x, y):
            done.append((x, y))

    began = time.perf_counter()
    sent = live.perform(cast(Screen, Recorder()), [("move", (n, n)) for n in range(50)], rate=1000)
    assert time.perf_counter() - began >= 0.049
    assert done == [(n, n) for n in range(50)]
    assert sent == sorted(sent)


def test_what_follows_at_once_meets_the_goals(schedule):
    sent, seen = followed(schedule, 0.005)
    result = live.figures(schedule, sent, seen, AT)
    assert result["missed"] == []
    assert result["event_to_picture"]["p99_ms"] == pytest.approx(5)
    assert result["event_to_answer"]["p50_ms"] == pytest.approx(10)
    assert result["event_to_picture"]["count"] == result["motions"] == sum(schedule.drawn)
    assert result["events_a_second"] == 1000


def test_a_slow_picture_misses_the_goal(schedule):
    sent, seen = followed(schedule, 0.020)
    assert live.figures(schedule, sent, seen, AT)["missed"] == ["event_to_picture_p99_ms"]


def test_a_lost_motion_is_counted_and_one_more_is_passed_over(schedule):
    sent, seen = followed(schedule, 0.005, picks=lambda index: index not in (0, 500, 501))
    motions = [(1, 1, 0.0, None), *seen.motions]  # where the pointer was when the window opened
    result = live.figures(schedule, sent, seen._replace(motions=motions), AT)
    lost = sum(schedule.acts[index][0] == "move" for index in (0, 500, 501))
    assert result["lost"]["value"] == lost >= 2
    assert result["event_to_picture"]["p99_ms"] == pytest.approx(5)


@pytest.mark.parametrize("spoil", [lambda all_: all_[:-1], lambda all_: [{**all_[0], "cells": "other"}, *all_[1:]]])
def test_ink_that_differs_is_counted(schedule, spoil):
    sent, seen = followed(schedule, 0.005)
    result = live.figures(schedule, sent, seen._replace(drawings=spoil(seen.drawings)), AT)
    assert result["different"]["value"] == 1
    assert result["missed"] == ["different"]


@pytest.mark.screen
@pytest.mark.skipif(bool(missing()), reason=missing())
@pytest.mark.parametrize("canvas", ["digits", "numbers"])
def test_the_live_answer_is_measured_on_a_real_screen(canvas):
    options = ["--numbers"] if canvas == "numbers" else []
    child = run_python("-m", "benchmarks.window.live", "--seconds", 1, "--rate", 500, *options)
    assert child.returncode == 0, child.stderr
    result = json.loads(child.stdout)
    assert (result["benchmark"], result["canvas"]) == ("live", canvas)
    assert (result["lost"]["value"], result["different"]["value"]) == (0, 0)
    assert result["event_to_picture"]["count"] == result["motions"] > 300
    assert result["event_to_picture"]["p50_ms"] > 0
    assert result["event_to_answer"]["count"] > 300


def test_without_a_screen_to_be_had_one_sentence_says_so():
    code = "import os; os.environ['PATH'] = ''; from benchmarks.window import live; raise SystemExit(live.main([]))"
    child = run_python("-c", code)
    assert child.returncode == 2, child.stderr
    assert "Xvfb" in child.stderr
    assert len(child.stderr.splitlines()) == 1


@pytest.mark.parametrize("benchmark", [live, random_events], ids=["live", "random_events"])
def test_a_missing_model_is_one_sentence(benchmark, tmp_path, capsys):
    assert benchmark.main(["--model", str(tmp_path / "none.h5")]) == 2
    assert "none.h5" in capsys.readouterr().err


# Random events


def test_the_window_survives_random_events():
    child = run_python("-m", "benchmarks.window.random_events", "--events", 6000, "--seed", 1)
    assert child.returncode == 0, child.stderr
    result = json.loads(child.stdout)
    assert result["printed"] == []
    assert result["exceptions"] == {"value": 0, "goal": "<= 0", "met": True}
    assert result["pictures"] >= 300
    assert result["kinds"] > 20
    assert result["windows"] == random_events.SESSIONS


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    monkeypatch.chdir(tmp_path)
    return random_events.Run(tmp_path, loading.load(), seed=0)


def test_the_same_seed_gives_the_same_events(tmp_path, monkeypatch):
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    monkeypatch.chdir(tmp_path)
    handled = []
    handle = event_loop.Window.handle
    monkeypatch.setattr(
        event_loop.Window, "handle", lambda self, event: (handled.append(str(event)), handle(self, event))
    )
    sequences = []
    for _ in range(2):
        again = random_events.Run(tmp_path, loading.load(), seed=7)
        again._drop = lambda: None  # a file is read in a thread, which may be done sooner or later
        again._makers = [maker for maker in again._makers if maker.__name__ != "_drop"]
        again._shares = np.full(len(again._makers), 1 / len(again._makers))
        again.events(300)
        sequences.append([event for event in handled if "UserEvent" not in event])
        handled.clear()
    assert sequences[0] == sequences[1] != []


def test_an_exception_is_counted_and_told(run, monkeypatch):
    def fail(self, event):
        raise RuntimeError("broken wheel")

    monkeypatch.setitem(event_loop.Window._HANDLERS, event_loop.pygame.MOUSEWHEEL, fail)
    run.events(1000)
    assert run.exceptions
    assert all("broken wheel" in told for told in run.exceptions)


def test_a_picture_that_cannot_be_painted_is_counted(run, monkeypatch):
    monkeypatch.setattr(event_loop, "paint", lambda *_: 1 / 0)
    run.events(300)
    assert "ZeroDivisionError" in run.exceptions[0]


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda shown: setattr(shown.state, "is_final", True), "a final answer that is none"),
        (lambda shown: shown.state.teaching.told.update({(): Told("3", "a.json")}), "a correction of nothing"),
        (lambda shown: setattr(shown.state, "chosen", 1), "a digit is chosen that is not there"),
        (lambda shown: setattr(shown.state.teaching, "signs", ("+",)), "the layout is not of these bars"),
        (lambda shown: setattr(shown.state.canvas, "is_drawing", True), "a stroke that nobody draws"),
        (lambda shown: shown.state.switch_numbers(), "the layout is not of this canvas"),
    ],
    ids=["answer", "label", "chosen", "bars", "stroke", "layout"],
)
def test_a_state_that_does_not_hold_together_is_noticed(run, spoil, says):
    run._open(0)
    random_events.check(run.shown)
    spoil(run.shown)
    with pytest.raises(AssertionError, match=says):
        random_events.check(run.shown)
    event_loop.pygame.quit()


def test_memory_that_is_kept_is_counted(run, monkeypatch):
    kept = []
    monkeypatch.setattr(random_events, "resident_mb", lambda: float(len(kept)))
    monkeypatch.setattr(run, "_wheel", lambda: kept.append(1))
    run._makers = [run._wheel]
    run._shares = np.array([1.0])
    run.events(2500)
    assert run.memory == [(1000, 1000), (2000, 2000), (2500, 2500)]


@pytest.mark.parametrize(("count", "early"), [(1, 1), (500, 500), (10_000, 10_000), (1_000_000, 10_000)])
def test_all_events_are_shared_out_among_windows_and_the_first_are_short(count, early):
    lengths = random_events.session_lengths(count)
    assert sum(lengths) == count
    assert sum(lengths[: random_events.SESSIONS]) == early
    assert min(lengths) > 0


def test_the_memory_of_this_process_is_read():
    assert 20 < random_events.resident_mb() < 10_000


def test_a_window_that_ends_too_early_is_one_sentence():
    class Ended:
        def poll(self):
            return 1

    with pytest.raises(UserError, match="ended too early"):
        live.wait_until(lambda: False, cast(subprocess.Popen, Ended()))
