"""What the window costs while nothing happens, and the most memory it has had.

    python -m benchmarks.window.idle [--seconds 10] [--model model.h5] [--without-plain]

A fresh process under Xvfb shows its window, is drawn a digit in and answers it. It is then left alone: after
two seconds to settle, the processor time, user and system, that it uses over the interval is read from /proc,
and its peak resident memory (VmHWM). Beside it the same of the plain program (`benchmarks/window/plain_program.py`).
    share_of_core_percent   processor time by elapsed time, of one core (in 10 s a clock tick is 0.1 %)
    peak_mb                 units of 1,000,000 bytes
"""

import argparse
import time
from pathlib import Path

from benchmarks.support.harness import (
    Program,
    peak_megabytes,
    plain_program,
    processor_seconds,
    report,
    screen_for_windows,
    window_program,
)
from benchmarks.support.x11 import Screen
from benchmarks.window.startup import Starter, appearance, draw_and_classify
from digits.models import loading
from digits.models.keras_allowlist import check_container

SETTLING = 2.0  # seconds


def main(argv: list[str] | None = None) -> int:
    """Parse, measure and print; return the exit code."""
    parser = argparse.ArgumentParser(prog="idle", description="Measure what the window costs while nothing happens.")
    parser.add_argument("--seconds", type=float, default=10.0, help="to watch each program (default: %(default)s)")
    parser.add_argument("--model", type=Path, default=loading.SHIPPED, help="a Keras file (default: the shipped one)")
    parser.add_argument("--without-plain", action="store_true", help="leave the plain program out")
    arguments = parser.parse_args(argv)
    return report("idle", lambda: measure(arguments.model, arguments.seconds, not arguments.without_plain))


def measure(model: Path, seconds: float, with_plain: bool) -> dict:
    """Return the figures of the window and of the plain program."""
    check_container(model)
    with screen_for_windows() as (display, screen):
        figures = {"window_program": watch(screen, display, window_program, model, seconds)}
        if with_plain:
            figures["plain_program"] = watch(screen, display, plain_program, model, seconds)
    return figures


def watch(screen: Screen, display: str, starter: Starter, model: Path, seconds: float) -> dict:
    """Start a program, have one digit answered, and return what it costs when it is left alone."""
    with starter(display, model) as program:
        window = appearance(screen, program)
        program.wait_until_open()
        draw_and_classify(screen, window)
        program.wait_for_answer()
        time.sleep(SETTLING)
        return {
            "share_of_core_percent": share_of_core(program, seconds),
            "peak_mb": round(peak_megabytes(program.pid), 1),
        }


def share_of_core(program: Program, seconds: float) -> float:
    """Return the processor time that a program uses over an interval, in percent of one core."""
    began, used = time.monotonic(), processor_seconds(program.pid)
    time.sleep(seconds)
    program.check()
    return round(100 * (processor_seconds(program.pid) - used) / (time.monotonic() - began), 2)


if __name__ == "__main__":
    raise SystemExit(main())
