"""A real X screen for tests, and how they wait: no fixtures here, any test module may import it."""

import os
import select
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

T = TypeVar("T")
SCREEN_PROGRAMS = ("Xvfb", "xdotool")
START_SECONDS = 20  # for the X server, on a busy machine


def missing(programs: tuple[str, ...] = SCREEN_PROGRAMS) -> str:
    """Return why the tests that need these programs cannot run here, or "" if they can."""
    absent = [program for program in programs if shutil.which(program) is None]
    return f"not installed: {', '.join(absent)}" if absent else ""


@contextmanager
def virtual_screen(size: str = "1280x900x24") -> Iterator[str]:
    """Run Xvfb on a free display and yield that display's name, such as ":99"."""
    read_end, write_end = os.pipe()
    # -noreset: the screen stays as it is when the last window on it closes.
    command = ["Xvfb", "-displayfd", str(write_end), "-screen", "0", size, "-nolisten", "tcp", "-noreset"]
    server = subprocess.Popen(
        command, pass_fds=[write_end], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    os.close(write_end)
    try:
        yield f":{_first_line(read_end)}"
    finally:
        os.close(read_end)
        server.terminate()
        server.wait()


def wait_until(predicate: Callable[[], T], seconds: float = 10.0, pause: float = 0.02) -> T:
    """Return the first true value of `predicate`; raises AssertionError when there is none in time."""
    deadline = time.monotonic() + seconds
    while not (value := predicate()):
        if time.monotonic() > deadline:
            raise AssertionError(f"not true within {seconds} s: {getattr(predicate, '__name__', predicate)}")
        time.sleep(pause)
    return value


def xdotool(display: str, *arguments: object) -> str:
    """Run xdotool on a display and return what it printed; raises CalledProcessError where it fails."""
    command = ["xdotool", *map(str, arguments)]
    environment = {**os.environ, "DISPLAY": display}
    return subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout.strip()


def windows(display: str, wm_class: str = "handwriting") -> list[str]:
    """Return the ids of the visible windows of an X class; the program's own has the class "handwriting".

    Not by title: where the locale is C, xdotool cannot read the titles that SDL sets.
    """
    try:
        return xdotool(display, "search", "--onlyvisible", "--class", wm_class).split()
    except subprocess.CalledProcessError:  # xdotool's way to say "none"
        return []


def _first_line(read_end: int) -> str:
    line = b""
    deadline = time.monotonic() + START_SECONDS
    while not line.endswith(b"\n"):
        ready, _, _ = select.select([read_end], [], [], max(0.0, deadline - time.monotonic()))
        part = os.read(read_end, 16) if ready else b""
        if not part:
            raise RuntimeError("Xvfb did not start")
        line += part
    return line.decode().strip()
