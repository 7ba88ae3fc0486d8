"""How soon the window answers, and how long a frame takes.

    python -m benchmarks.window.responsiveness [--strokes FILE.npz] [--digits 1000] [--plain-digits 50]
                                               [--model model.h5]

The real window (`digits.window.event_loop.Window.run`, its results written to a file) runs under Xvfb in this process.
A thread moves X's own pointer along the digits, one motion after another, and presses X's keys. A probe around
`window.next_events` sees when the loop has events in hand and when it comes back for more, with the picture on
the screen, for SDL waits until X has painted it. Milliseconds, over all digits:
    press_to_answer      from Enter, sent to X, to the answer on the screen
    press_after_a_rest   the same for a few digits, Enter pressed a second after the last motion: the window sleeps
    motion_to_ink        from a motion, sent to X, to its ink on the screen
    frame                from a motion in hand to its ink on the screen
    compute              from the strokes to the answer and no further: `Canvas.picture`, `Classifier.classify`
    plain_program        from Enter, sent to X, to the line that `benchmarks/window/plain_program.py` prints when its
                         answer is on the screen, after the first, which takes longer
Without --strokes the digits are made up; `benchmarks/support/pen_strokes.py` does that and describes the file.
"""

import argparse
import os
import threading
import time
from collections import Counter
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import numpy as np

from benchmarks.support import pen_strokes
from benchmarks.support.harness import (
    WINDOW_SETTINGS,
    Program,
    percentiles,
    plain_program,
    positive,
    report,
    screen_for_windows,
)
from benchmarks.support.x11 import Appearance, Screen
from benchmarks.window.startup import appearance, draw_and_classify
from digits.drawing.canvas import Canvas
from digits.models import loading
from digits.models.keras_allowlist import check_container
from digits.recognition.classifier import Classifier
from digits.system.files import UserError
from digits.window.layout import WINDOW_SIZE, arrange

PATIENCE = 10.0  # seconds, for what takes milliseconds
REST = 1.0, 1.1  # seconds, after which the window sleeps: from, to, so that no rhythm of its own is met
PLAIN_STEP = 0.02  # seconds between two motions, for the plain program looks at the pointer once a frame


class Timing(NamedTuple):
    """Seconds from an act to its picture on the screen, and those of them in which the window was at work."""

    latency: float
    frame: float


class Probe:
    """Stands in for `window.next_events`: calls it, and notes when its events were in hand and when painted."""

    def __init__(self, next_events: Callable[..., list]):
        self._next_events = next_events
        self._rounds = threading.Condition()
        self._seen: Counter = Counter()  # events painted, by their kind
        self._painted: dict[int, tuple[float, float]] = {}  # when the latest of a kind was in hand and painted
        self._events: list = []
        self._began = 0.0

    def __call__(self, *arguments: object) -> list:
        """Return the next events, asked for as `window.next_events` is."""
        now = time.perf_counter()
        with self._rounds:
            for event in self._events:
                self._seen[event.type] += 1
                self._painted[event.type] = (self._began, now)
            self._rounds.notify()
        self._events = self._next_events(*arguments)
        self._began = time.perf_counter()
        return self._events

    def time(self, kind: int, act: Callable[..., None], *arguments: object) -> Timing:
        """Do something that sends the window one event of a kind, and wait until that is on the screen."""
        before = self._seen[kind]
        started = time.perf_counter()
        act(*arguments)
        with self._rounds:
            if not self._rounds.wait_for(lambda: self._seen[kind] > before, PATIENCE):
                raise UserError(f"The window did not handle an event within {PATIENCE} s.")
            in_hand, painted = self._painted[kind]
        return Timing(painted - started, painted - in_hand)


class Hand:
    """Draws digits in the window, with X's pointer and keys, and keeps the times."""

    def __init__(self, screen: Screen, corner: tuple[int, int], probe: Probe):
        self.motions: list[Timing] = []
        self._screen, self._corner, self._probe = screen, corner, probe

    def draw(self, digit: pen_strokes.Digit, rest: float = 0.0) -> Timing:
        """Reset, draw strokes of whole pixels of the window, rest, and press Enter, which is timed."""
        import pygame  # late: it reads the environment when the display opens

        screen, probe = self._screen, self._probe
        probe.time(pygame.KEYDOWN, screen.key, "r")
        for stroke in digit:
            pixels = [tuple(map(int, pixel)) for pixel in stroke + self._corner]
            screen.move(*pixels[0])
            probe.time(pygame.MOUSEBUTTONDOWN, screen.button, True)
            for before, after in pairwise(pixels):
                if before != after:  # X says nothing of a motion to where the pointer is
                    self.motions.append(probe.time(pygame.MOUSEMOTION, screen.move, *after))
            probe.time(pygame.MOUSEBUTTONUP, screen.button, False)
        time.sleep(rest)
        return probe.time(pygame.KEYDOWN, screen.key, "Return")


class Work(threading.Thread):
    """Runs a function beside the window, and closes the window after it; `result` raises what it raised."""

    def __init__(self, function: Callable[[], dict], close: Callable[[], None]):
        super().__init__(daemon=True)
        self._function, self._close = function, close
        self._result: dict = {}
        self._error: Exception | None = None

    def run(self) -> None:
        """Do the work."""
        try:
            self._result = self._function()
        except Exception as error:  # raised again where the result is asked for
            self._error = error
        finally:
            self._close()

    def result(self) -> dict:
        """Return what the function returned."""
        self.join()
        if self._error:
            raise self._error
        return self._result


def main(argv: list[str] | None = None) -> int:
    """Parse, measure and print; return the exit code."""
    parser = argparse.ArgumentParser(prog="responsiveness", description="Measure how soon the window answers.")
    parser.add_argument("--strokes", type=Path, metavar="FILE.npz", help="recorded pen strokes (default: made up)")
    parser.add_argument("--digits", type=positive, default=1000, help="to draw in the window (default: %(default)s)")
    parser.add_argument("--rested-digits", type=int, default=20, help="of them, with a rest (default: %(default)s)")
    parser.add_argument("--plain-digits", type=int, default=50, help="in the plain program (default: %(default)s)")
    parser.add_argument("--model", type=Path, default=loading.SHIPPED, help="a Keras file (default: the shipped one)")
    arguments = parser.parse_args(argv)
    return report("responsiveness", lambda: measure(arguments))


def measure(arguments: argparse.Namespace) -> dict:
    """Return the figures of the window and of the plain program."""
    check_container(arguments.model)
    digits = placed_digits(arguments.strokes, arguments.digits)
    classifier = loading.load(arguments.model)
    with screen_for_windows() as (display, screen):
        figures = measure_window(screen, display, classifier, digits, arguments.rested_digits)
        figures["compute"] = percentiles([compute(classifier, digit) for digit in digits])
        if arguments.plain_digits:
            with plain_program(display, arguments.model) as program:
                figures["plain_program"] = measure_plain(screen, program, arguments.plain_digits)
    return figures


def placed_digits(path: Path | None, count: int) -> list[pen_strokes.Digit]:
    """Return digits of a file, or made-up ones, in pixels of the window's canvas."""
    digits = (pen_strokes.read(path, count) if path else pen_strokes.made_up(count)).digits
    side, rng = arrange(WINDOW_SIZE).canvas.width, np.random.default_rng(0)
    return [pen_strokes.place(digit, side, "anywhere", rng) for digit in digits]


def measure_window(
    screen: Screen, display: str, classifier: Classifier, digits: list[pen_strokes.Digit], num_rested: int
) -> dict:
    """Show the window until all digits are drawn in it; return the times."""
    os.environ.update(WINDOW_SETTINGS, DISPLAY=display)
    from digits.window import event_loop
    from digits.window.display import close
    from digits.window.state import State

    probe = event_loop.next_events = Probe(event_loop.next_events)  # this process ends after it
    with TemporaryDirectory() as folder:
        state = State(Path(folder, "answers.jsonl"))
        shown = event_loop.Window(state, lambda before_conversion: classifier)
        at = screen.wait_for_window(PATIENCE)
        work = Work(lambda: draw_all(screen, at, probe, digits, num_rested), close)
        work.start()
        shown.run()
        return work.result()


def draw_all(screen: Screen, at: Appearance, probe: Probe, digits: list[pen_strokes.Digit], num_rested: int) -> dict:
    """Draw all digits, then a few again with a rest; return the times."""
    canvas = arrange(WINDOW_SIZE).canvas
    hand = Hand(screen, (at.x + canvas.x, at.y + canvas.y), probe)
    hand.draw(digits[0])
    presses = [hand.draw(digit).latency for digit in digits]
    rng = np.random.default_rng(0)
    rested = [hand.draw(digit, rng.uniform(*REST)).latency for digit in digits[:num_rested]]
    latencies, frames = zip(*hand.motions, strict=True)
    times = {"press_to_answer": presses, "press_after_a_rest": rested, "motion_to_ink": latencies, "frame": frames}
    return {name: percentiles(seconds) for name, seconds in times.items() if seconds}


def compute(classifier: Classifier, digit: pen_strokes.Digit) -> float:
    """Return the seconds from strokes, in pixels, to an answer."""
    canvas, cell = Canvas(), arrange(WINDOW_SIZE).cell
    for stroke in digit:
        first, *others = (stroke / cell).tolist()
        canvas.press(*first)
        for point in others:
            canvas.move(*point)
    began = time.perf_counter()
    classifier.classify(canvas.picture())
    return time.perf_counter() - began


def measure_plain(screen: Screen, program: Program, count: int) -> dict:
    """Draw a digit in the plain program again and again; return the times of its answers."""
    window = appearance(screen, program)
    times = []
    for _ in range(count + 1):
        before = program.answered()
        began = draw_and_classify(screen, window, PLAIN_STEP)
        times.append(program.wait_for_answer(before) - began)
    return {"first_ms": round(times[0] * 1000, 1), **percentiles(times[1:])}


if __name__ == "__main__":
    raise SystemExit(main())
