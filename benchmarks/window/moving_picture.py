"""A moving picture of the window for the README: digits drawn stroke by stroke, answered while they are drawn.

    python -m benchmarks.window.moving_picture assets/window.webp [--digits 4 2]

The real program runs on a virtual screen, where a pointer draws strokes of templates in the canvas. After each step
the window is photographed. Playback has an even pace, however busy the machine was. FILE is a WebP or a GIF.
"""

import argparse
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageGrab
from scipy.interpolate import CubicSpline

from benchmarks.support import pen_strokes, template_digits
from benchmarks.support.harness import ANSWER_SECONDS, Program, screen_for_windows, window_program
from benchmarks.support.x11 import Appearance, Screen
from digits.models import loading
from digits.system.files import UserError, replacing
from digits.window.layout import WINDOW_SIZE, arrange

STEP = 14  # pixels between two photographs of a stroke
PAINT_SECONDS = 0.15  # for the window to answer and paint what a step changed
FRAME, BETWEEN_STROKES, LIVE, FINAL = 40, 240, 700, 1800  # milliseconds that a photograph is shown
SHARES = (0.8, 0.5, 0.65)  # of the canvas: the longest side of the digits, in turn
SPOTS = ((0.5, 0.5), (0.8, 0.25), (0.2, 0.8))  # where in the room that is left
HAND = 4  # the seed of the hand's unsteadiness
ROUND = (0, 2, 3, 5, 6, 8, 9)  # digits whose strokes are curves
FORMATS = {".webp": {"quality": 75, "method": 4}, ".gif": {}}


class Frame(NamedTuple):
    """A photograph of the window and how long it is shown, in milliseconds."""

    picture: Image.Image
    duration: int


def main(argv: list[str] | None = None) -> int:
    """Parse, draw, photograph and save; return the exit code."""
    parser = argparse.ArgumentParser(prog="moving_picture", description="Make a moving picture of the window.")
    parser.add_argument("file", type=Path, metavar="FILE", help="a .webp or .gif")
    parser.add_argument("--digits", nargs="+", type=int, choices=range(10), default=[4, 2], metavar="DIGIT")
    arguments = parser.parse_args(argv)
    try:
        if arguments.file.suffix not in FORMATS:
            raise UserError(f"{arguments.file} is neither a .webp nor a .gif.")
        save(list(frames(arguments.digits)), arguments.file)
    except UserError as error:
        print(f"moving_picture: {error}", file=sys.stderr)
        return 2
    print(f"{arguments.file}: {arguments.file.stat().st_size:,} bytes")
    return 0


def frames(digits: list[int]) -> Iterator[Frame]:
    """Yield the photographs of a window in which the digits are drawn; raises UserError without Xvfb."""
    with screen_for_windows() as (display, screen), window_program(display, loading.SHIPPED) as program:
        window = screen.wait_for_window(ANSWER_SECONDS)
        program.wait_until_open()
        for number, digit in enumerate(digits):
            spot = number % len(SPOTS)
            strokes = on_canvas(digit, SHARES[spot], np.array(SPOTS[spot]))
            for moment in draw(screen, program, window, strokes):
                yield Frame(photograph(display, window), moment)
            screen.key("r")


def draw(screen: Screen, program: Program, window: Appearance, strokes: pen_strokes.Digit) -> Iterator[int]:
    """Draw a digit and have it answered; yield at each moment to photograph, for how long to show it."""
    yield from pause(BETWEEN_STROKES)
    for stroke in strokes:
        for index, (x, y) in enumerate(stroke):
            screen.move(window.x + x, window.y + y)
            if index == 0:
                screen.button(True)
            yield from pause(FRAME)
        screen.button(False)
        yield from pause(BETWEEN_STROKES)
    yield from pause(LIVE)
    before = program.answered()
    screen.key("Return")
    program.wait_for_answer(before)
    yield from pause(FINAL)


def pause(duration: int) -> Iterator[int]:
    """Yield a duration once the window has had time to paint."""
    time.sleep(PAINT_SECONDS)
    yield duration


def on_canvas(digit: int, share: float, spot: np.ndarray) -> pen_strokes.Digit:
    """Return the strokes of a template as pixels of the window, about STEP apart."""
    canvas = arrange(WINDOW_SIZE).canvas
    strokes = template_digits.strokes(digit, np.random.default_rng(HAND))
    placed = pen_strokes.fit(strokes, canvas.width, share, spot)
    corner = np.array([canvas.x, canvas.y])
    return [evenly(smooth(stroke) if digit in ROUND else stroke) + corner for stroke in placed]


def smooth(corners: np.ndarray) -> np.ndarray:
    """Return a curve through the corners of a stroke."""
    at = np.append(0, np.hypot(*np.diff(corners, axis=0).T).cumsum())
    return CubicSpline(at, corners)(np.linspace(0, at[-1], 200))


def evenly(points: np.ndarray) -> np.ndarray:
    """Return whole pixels on the line through the points, STEP pixels from one to the next."""
    at = np.append(0, np.hypot(*np.diff(points, axis=0).T).cumsum())
    places = np.linspace(0, at[-1], max(2, round(at[-1] / STEP)))
    return np.stack([np.rint(np.interp(places, at, axis)) for axis in points.T], axis=1).astype(int)


def photograph(display: str, window: Appearance) -> Image.Image:
    """Return what the window shows now."""
    width, height = WINDOW_SIZE
    corners = (window.x, window.y, window.x + width, window.y + height)
    return ImageGrab.grab(corners, xdisplay=display)


def save(shown: list[Frame], path: Path) -> None:
    """Write the photographs as one file that plays for ever."""
    first, *rest = [frame.picture for frame in shown]
    durations = [frame.duration for frame in shown]
    with replacing(path) as draft:
        options = FORMATS[path.suffix]
        first.save(draft, path.suffix[1:], save_all=True, append_images=rest, duration=durations, loop=0, **options)


if __name__ == "__main__":
    raise SystemExit(main())
