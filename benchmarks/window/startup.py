"""How long a user waits: from the start of the process to a window, and to an answer.

    python -m benchmarks.window.startup [--runs 5] [--model model.h5] [--without-plain]

Each run starts a fresh process under Xvfb, after one that is not counted: the files are in the system's cache.
    window   until X reports that the window is on the screen (MapNotify, not the program's own word)
    answer   until a digit, drawn by a pointer that X itself moves as soon as the window is painted, with Enter pressed
             right after, is answered: a line in the results file, seen by looking every half millisecond
Beside it, in turn, the plain program (`benchmarks/window/plain_program.py`) is measured in the same way; its answer is
the line that it prints. Figures are seconds, the median over the runs and each of them.
"""

import argparse
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from statistics import median
from typing import NamedTuple

from benchmarks.support.harness import (
    ANSWER_SECONDS,
    Program,
    plain_program,
    positive,
    report,
    screen_for_windows,
    window_program,
)
from benchmarks.support.x11 import Appearance, Screen
from digits.models import loading
from digits.models.keras_allowlist import check_container
from digits.system.files import UserError

# Pixels of either window, inside its canvas: a one, from top to bottom.
STROKE = [(300, y) for y in range(150, 460, 20)]

Starter = Callable[[str, Path], AbstractContextManager[Program]]


class Waits(NamedTuple):
    """Seconds from the start of a process to its window and to its first answer."""

    window: float
    answer: float


def main(argv: list[str] | None = None) -> int:
    """Parse, measure and print; return the exit code."""
    parser = argparse.ArgumentParser(prog="startup", description="Measure how long the window takes to start.")
    parser.add_argument("--runs", type=positive, default=5, help="processes to start (default: %(default)s)")
    parser.add_argument("--model", type=Path, default=loading.SHIPPED, help="a Keras file (default: the shipped one)")
    parser.add_argument("--without-plain", action="store_true", help="leave the plain program out")
    arguments = parser.parse_args(argv)
    return report("startup", lambda: measure(arguments.model, arguments.runs, not arguments.without_plain))


def measure(model: Path, runs: int, with_plain: bool) -> dict:
    """Return the waits of the window and of the plain program, and how many times longer the latter's are."""
    check_container(model)
    starters = {"window_program": window_program} | ({"plain_program": plain_program} if with_plain else {})
    with screen_for_windows() as (display, screen):
        for starter in starters.values():
            wait(screen, display, starter, model)
        waits = {name: [] for name in starters}
        for _ in range(runs):  # in turn, so that a busy minute touches both
            for name, starter in starters.items():
                waits[name].append(wait(screen, display, starter, model))
    figures = {name: summary(values) for name, values in waits.items()}
    if with_plain:
        ours, plain = figures.values()
        figures["times_faster"] = {key: round(plain[key] / ours[key], 1) for key in ("window_s", "answer_s")}
    return figures


def wait(screen: Screen, display: str, starter: Starter, model: Path) -> Waits:
    """Start a program, draw a digit in it, and return how long its window and its answer took."""
    with starter(display, model) as program:
        window = appearance(screen, program)
        program.wait_until_open()
        draw_and_classify(screen, window)
        return Waits(window.time - program.started, program.wait_for_answer() - program.started)


def appearance(screen: Screen, program: Program) -> Appearance:
    """Wait for a program's window; raises UserError if it does not come."""
    try:
        return screen.wait_for_window(ANSWER_SECONDS)
    except UserError:
        program.check()
        raise


def draw_and_classify(screen: Screen, window: Appearance, step: float = 0.0) -> float:
    """Draw a digit with the pointer, `step` seconds between two motions; return when Enter is pressed after it."""
    for index, (x, y) in enumerate(STROKE):
        screen.move(window.x + x, window.y + y)
        if index == 0:
            screen.button(True)
        time.sleep(step)
    screen.button(False)
    pressed = time.monotonic()
    screen.key("Return")
    return pressed


def summary(waits: list[Waits]) -> dict:
    """Return medians and all runs, in seconds."""
    windows, answers = zip(*waits, strict=True)
    return {
        "window_s": round(median(windows), 3),
        "answer_s": round(median(answers), 3),
        "windows_s": [round(value, 3) for value in windows],
        "answers_s": [round(value, 3) for value in answers],
    }


if __name__ == "__main__":
    raise SystemExit(main())
