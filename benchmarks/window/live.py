"""Whether the ink and the live answer keep up with a pointer that reports a thousand times a second.

    python -m benchmarks.window.live [--numbers] [--seconds 60] [--rate 1000] [--strokes FILE.npz] [--model model.h5]

The real window (`digits.window.event_loop.Window.run`, its results written to a file) runs under Xvfb in its own
process. From here X's own pointer moves along digits, to another pixel with every event, and never waits for it.
After each digit Enter is pressed, and then R; with --numbers, after each number of two to six digits, drawn on the
wide canvas. The window's process notes every motion that its loop had in hand, and when the loop came back for more,
with the picture on the screen, for SDL waits until X has painted it. Both processes read the same clock.
    event_to_picture   from a motion with the button down, sent to X, to its ink on the screen; ms
    event_to_answer    ... to the answer to a drawing with that ink, bars and all; the ink never waits for it
    lost               motions that never reached the window's loop
    different          drawings whose strokes or cells differ from those of the same pixels drawn slowly, one by one
    events_a_second    sent; below the rate where this machine had no time to send them
Without --strokes the digits are made up; `benchmarks/support/pen_strokes.py` does that and describes the file.
"""

import argparse
import hashlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import contextmanager
from itertools import cycle, islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import numpy as np

from benchmarks.support import pen_strokes
from benchmarks.support.harness import ROOT, WINDOW_SETTINGS, percentiles, positive, report, screen_for_windows
from benchmarks.support.measures import at_most, missed
from benchmarks.support.x11 import Appearance, Screen
from digits.drawing.canvas import CELLS, WIDE, Canvas
from digits.models import loading
from digits.models.keras_allowlist import check_container
from digits.system import child_processes
from digits.system.files import UserError
from digits.system.json_lines import read_records
from digits.window.layout import WINDOW_SIZE, Rect, arrange

GOAL_MS = 16.0  # a frame of a usual screen
PATIENCE = 60.0  # seconds, for the window to open and to end
AHEAD = 20  # motions, among which the next one is looked for
POLL = 0.02  # seconds between looks at a file
MADE_UP = 100  # digits, drawn again and again
LENGTHS = 2, 6  # digits of a number: from, to

Act = tuple[str, tuple]  # a method of `Screen` and its arguments


class Schedule(NamedTuple):
    """What to do with pointer and keys, one act after the other, and the drawings that come of it.

    drawn: of each act, whether it is a motion with the button down. drawings: strokes of pixels of the canvas, which
    is that many columns of cells wide.
    """

    acts: list[Act]
    drawn: list[bool]
    drawings: list[pen_strokes.Digit]
    columns: int = CELLS


class Seen(NamedTuple):
    """What the window's process noted.

    motions: (x, y, when painted, when its answer was painted or None). drawings: "strokes" and "cells", a digest.
    """

    motions: list[tuple[int, int, float, float | None]]
    drawings: list[dict]


def main(argv: list[str] | None = None) -> int:
    """Parse, measure and print; return the exit code."""
    parser = argparse.ArgumentParser(prog="live", description="Measure whether ink and answer keep up with a pointer.")
    parser.add_argument("--numbers", action="store_true", help="draw numbers, on the wide canvas")
    parser.add_argument("--seconds", type=float, default=60.0, help="of drawing (default: %(default)s)")
    parser.add_argument("--rate", type=positive, default=1000, help="events a second (default: %(default)s)")
    parser.add_argument("--strokes", type=Path, metavar="FILE.npz", help="recorded pen strokes (default: made up)")
    parser.add_argument("--model", type=Path, default=loading.SHIPPED, help="a Keras file (default: the shipped one)")
    parser.add_argument("--window", type=Path, help=argparse.SUPPRESS)  # the folder of the window's own process
    arguments = parser.parse_args(argv)
    if arguments.window:
        return show_window(arguments.window, arguments.model, arguments.numbers)
    return report("live", lambda: measure(arguments))


def measure(arguments: argparse.Namespace) -> dict:
    """Return the figures."""
    check_container(arguments.model)
    given = pen_strokes.read(arguments.strokes, MADE_UP) if arguments.strokes else pen_strokes.made_up(MADE_UP)
    with screen_for_windows() as (display, screen), TemporaryDirectory() as folder:
        with window(display, Path(folder), arguments.model, arguments.numbers) as child:
            at = screen.wait_for_window(PATIENCE)
            wait_until(Path(folder, "answers.jsonl").exists, child)
            schedule = plan(given.digits, round(arguments.seconds * arguments.rate), at, arguments.numbers)
            sent = perform(screen, schedule.acts, arguments.rate)
            expected = len(schedule.drawings)
            wait_until(lambda: len(read_records(Path(folder, "answers.jsonl"))) >= expected, child)
        seen = Seen(**json.loads(Path(folder, "seen.json").read_text()))
    return {"canvas": "numbers" if arguments.numbers else "digits", **figures(schedule, sent, seen, at)}


def plan(digits: Sequence[pen_strokes.Digit], count: int, at: Appearance, numbers: bool = False) -> Schedule:
    """Return about that many acts, which draw digits or numbers on the canvas of the window, one after the other."""
    columns = WIDE if numbers else CELLS
    canvas, rng = arrange(WINDOW_SIZE, columns).canvas, np.random.default_rng(0)
    corner = np.array([at.x + canvas.x, at.y + canvas.y])
    schedule, given = Schedule([], [], [], columns), cycle(digits)
    while len(schedule.acts) < count:
        places = int(rng.integers(*LENGTHS, endpoint=True)) if numbers else 1
        drawing = [every_pixel(stroke) for stroke in in_a_row(islice(given, places), canvas, places, rng)]
        schedule.drawings.append(drawing)
        for stroke in drawing:
            (first, *others) = (tuple(map(int, pixel)) for pixel in stroke + corner)
            _append(schedule, [("move", first), ("button", (True,))])
            _append(schedule, [("move", pixel) for pixel in others], drawn=True)
            _append(schedule, [("button", (False,))])
        _append(schedule, [("key", ("Return",)), ("key", ("r",))])
    return schedule


def in_a_row(
    digits: Iterable[pen_strokes.Digit], canvas: Rect, places: int, rng: np.random.Generator
) -> pen_strokes.Digit:
    """Return the strokes of digits side by side, in pixels of the canvas, each anywhere in its part of it."""
    width = canvas.width // places
    return [
        stroke + np.array([index * width, 0])
        for index, digit in enumerate(digits)
        for stroke in pen_strokes.place(digit, min(width, canvas.height), "anywhere", rng)
    ]


def _append(schedule: Schedule, acts: list[Act], drawn: bool = False) -> None:
    schedule.acts.extend(acts)
    schedule.drawn.extend([drawn] * len(acts))


def every_pixel(stroke: np.ndarray) -> np.ndarray:
    """Return a stroke of whole pixels, int (n, 2), with every pixel on its way, none twice in a row."""
    lengths = np.abs(np.diff(stroke, axis=0)).max(axis=1) if len(stroke) > 1 else np.zeros(0)
    position = np.concatenate([[0], np.cumsum(lengths)])
    steps = np.arange(int(position[-1]) + 1)
    dense = np.stack([np.interp(steps, position, axis) for axis in stroke.T], axis=1).round().astype(int)
    moved = np.any(np.diff(dense, axis=0), axis=1)
    return dense[np.concatenate([[True], moved])]


def perform(screen: Screen, acts: list[Act], rate: int) -> list[float]:
    """Do the acts at that many a second; return when each was sent (time.perf_counter)."""
    sent = []
    began = time.perf_counter()
    for index, (name, arguments) in enumerate(acts):
        if (left := began + index / rate - time.perf_counter()) > 0:
            time.sleep(left)
        sent.append(time.perf_counter())
        getattr(screen, name)(*arguments)
    return sent


def figures(schedule: Schedule, sent: list[float], seen: Seen, at: Appearance) -> dict:
    """Return what was lost, how long the rest took, and whether the drawings are what was drawn."""
    to_picture, to_answer, lost = latencies(schedule, sent, seen, at)
    slowly = [drawn_slowly(drawing, schedule.columns) for drawing in schedule.drawings]
    different = sum(one != other for one, other in zip(slowly, seen.drawings, strict=False))
    different += abs(len(slowly) - len(seen.drawings))
    seconds = sent[-1] - sent[0]
    result = {
        "seconds": round(seconds, 1),
        "motions": sum(schedule.drawn),
        "drawings": len(schedule.drawings),
        "events_a_second": round((len(sent) - 1) / max(seconds, 1e-9)),
        "lost": at_most(lost, 0),
        "different": at_most(different, 0),
        "event_to_picture_p99_ms": at_most(percentiles(to_picture)["p99_ms"], GOAL_MS),
        "event_to_picture": percentiles(to_picture),
        "event_to_answer": percentiles(to_answer),
    }
    return {**result, "missed": missed(result)}


def latencies(
    schedule: Schedule, sent: list[float], seen: Seen, at: Appearance
) -> tuple[list[float], list[float], int]:
    """Return the seconds to the picture and to the answer of the motions that drew, and how many were lost."""
    places = [(x, y) for x, y, _, _ in seen.motions]
    to_picture, to_answer, lost, following = [], [], 0, 0
    for (name, place), is_drawn, began in zip(schedule.acts, schedule.drawn, sent, strict=True):
        if name != "move":
            continue
        try:  # the window also hears of the pointer when it opens
            found = places.index((place[0] - at.x, place[1] - at.y), following, following + AHEAD)
        except ValueError:
            lost += 1
            continue
        following = found + 1
        if is_drawn:
            _, _, painted, answered = seen.motions[found]
            to_picture.append(painted - began)
            to_answer += [] if answered is None else [answered - began]
    return to_picture, to_answer, lost


def drawn_slowly(drawing: pen_strokes.Digit, columns: int = CELLS) -> dict:
    """Return what comes of strokes of pixels that are drawn one by one, with a look at the cells after each."""
    canvas, cell = Canvas(columns), arrange(WINDOW_SIZE, columns).cell
    for stroke in drawing:
        (first, *others) = ((stroke + 0.5) / cell).tolist()
        canvas.press(*first)
        for point in others:
            canvas.move(*point)
            canvas.cells()
        canvas.release()
    return summary(canvas)


def summary(canvas: Canvas) -> dict:
    """Return the strokes of a canvas, and a digest of its cells."""
    cells = hashlib.sha256(canvas.cells().tobytes()).hexdigest()
    return {"strokes": [stroke.tolist() for stroke in canvas.strokes], "cells": cells}


# The window's own process


@contextmanager
def window(display: str, folder: Path, model: Path, numbers: bool):
    """Run the window; it ends, and writes what it saw, when the context does."""
    command = [
        sys.executable,
        "-m",
        "benchmarks.window.live",
        "--window",
        str(folder),
        "--model",
        str(Path(model).resolve()),
    ]
    command += ["--numbers"] if numbers else []
    environment = {**os.environ, **WINDOW_SETTINGS, "DISPLAY": display}
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdin=subprocess.PIPE) as child:
        try:
            yield child
            assert child.stdin is not None
            child.stdin.close()
            if child.wait(PATIENCE):
                raise UserError(f"The window ended with exit code {child.returncode}.")
        finally:
            child.kill()


def wait_until(predicate: Callable[[], bool], child: subprocess.Popen) -> None:
    """Wait for something that the window's process does; raises UserError."""
    deadline = time.monotonic() + PATIENCE
    while not predicate():
        if child.poll() is not None or time.monotonic() > deadline:
            raise UserError("The window ended too early, or did not do what was expected in time.")
        time.sleep(POLL)


class Recorder:
    """Stands in for `window.next_events`: calls it, and notes each motion and when it was painted and answered."""

    def __init__(self, next_events: Callable[..., list], state):
        self.motions: list[list] = []
        self._next_events, self._state = next_events, state
        self._painted = self._answered = 0  # so many of the motions

    def __call__(self, *arguments: object) -> list:
        """Return the next events."""
        import pygame  # late: it reads the environment when the display opens

        now = time.perf_counter()
        for motion in self.motions[self._painted :]:
            motion[2] = now
        self._painted = len(self.motions)
        if self._state._answered == self._state.canvas.version:
            for motion in self.motions[self._answered :]:
                motion[3] = now
            self._answered = self._painted
        events = self._next_events(*arguments)
        self.motions += [[*event.pos, None, None] for event in events if event.type == pygame.MOUSEMOTION]
        return events


def show_window(folder: Path, model: Path, numbers: bool) -> int:
    """Show the window until standard input closes; write what it saw into the folder."""
    from digits.window import display, event_loop
    from digits.window.state import State

    classifier = loading.load(model)
    answers, drawings = folder / "answers.jsonl", []
    state = State(answers)
    look = event_loop.Options(numbers=numbers)
    shown = event_loop.Window(state, lambda before_conversion: classifier, answers.touch, look)
    empty = state.canvas.clear

    def keep_and_empty() -> None:
        drawings.append(summary(state.canvas))
        empty()

    state.canvas.clear = keep_and_empty
    recorder = event_loop.next_events = Recorder(event_loop.next_events, state)  # this process ends after it
    child_processes.end_with_parent(display.close)
    shown.run()
    if not state.canvas.is_empty():
        drawings.append(summary(state.canvas))
    painted = [motion for motion in recorder.motions if motion[2] is not None]
    (folder / "seen.json").write_text(json.dumps({"motions": painted, "drawings": drawings}))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
