"""The page as a visitor has it: served on this computer, with a data folder of its own, and used in a real browser."""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from benchmarks.support.harness import ROOT
from benchmarks.support.screens import wait_until
from digits.page.jobs import machine_speed
from digits.system import paths
from digits.training.presets import PRESETS

PATIENCE = 120.0  # seconds, after which an event is given up, on a very busy machine
SETTLED = """
name => {
  const open = document.querySelector('[role="tab"][aria-selected="true"]');
  const panel = document.querySelector(`[role="tabpanel"][aria-labelledby="${open?.id}"]`);
  const has = (...kinds) => panel?.querySelector(kinds.join());
  return document.querySelector('[data-testid="stApp"]').dataset.testScriptState === "notRunning"
    && (!name || open?.textContent === name)
    && has("h2", "h3", '[data-testid*="stBidi"]', '[data-testid="stAlert"]', '[data-testid="stDataFrame"]')
    && !has('[data-stale="true"]', '[data-testid="stSkeleton"]');
}
"""  # each tab has one of these, and only while it is open
IS_ANSWERED = "({dataset}) => dataset.version && dataset.answered === dataset.version"  # a new pad has neither


class Page:
    """A real `streamlit run app.py`: its process, its address, and when it was started (time.monotonic).

    environment: of the server; give it an XDG_DATA_HOME, where it keeps its models. script: another page.
    """

    def __init__(self, environment: Mapping[str, str], *arguments: str, script: str = "app.py"):
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}/"
        command = [sys.executable, "-m", "streamlit", "run", script, "--server.headless", "true"]
        command += ["--server.port", str(self.port), "--server.fileWatcherType", "none", "--", *arguments]
        nowhere = subprocess.DEVNULL
        self.started = time.monotonic()
        self.process = subprocess.Popen(
            command, cwd=ROOT, env=dict(environment), stdin=nowhere, stdout=nowhere, stderr=nowhere
        )

    def is_up(self) -> bool:
        """Tell whether the server answers; raises AssertionError where it has ended."""
        assert self.process.poll() is None, f"the page's server ended with exit code {self.process.returncode}"
        try:
            return urllib.request.urlopen(f"{self.address}_stcore/health").status == 200
        except OSError:
            return False

    def stop(self, how: int) -> None:
        """Send the server a signal and wait for its end."""
        self.process.send_signal(how)
        self.process.wait()


@contextmanager
def running_page(environment: Mapping[str, str], *arguments: str, script: str = "app.py") -> Iterator[Page]:
    """Serve the page and wait until it answers; kill it in the end."""
    page = Page(environment, *arguments, script=script)
    try:
        wait_until(page.is_up, PATIENCE)
        yield page
    finally:
        page.process.kill()
        page.process.wait()


def own_environment(folder: Path, data: Path | None = None) -> dict[str, str]:
    """Return this environment without a screen, whose files stay in a folder; data: what is found as MNIST.

    How fast this machine trains is known there: the page would measure it beside what is to be measured.
    """
    screens = ("DISPLAY", "WAYLAND_DISPLAY", "HANDWRITING_DATA")
    kept = {name: value for name, value in os.environ.items() if name not in screens}
    folders = {"TMPDIR": folder, "XDG_DATA_HOME": folder / "data", "KERAS_HOME": folder / "keras"}
    folders["XDG_CACHE_HOME"] = folder / "cache"
    speed = machine_speed.file_in(folder / "cache" / paths.NAME)
    speed.parent.mkdir(parents=True, exist_ok=True)
    speed.write_text(json.dumps({"presets": dict.fromkeys(PRESETS, 60.0)}))
    own = {name: str(path) for name, path in folders.items()}
    return {**kept, **own, **({"HANDWRITING_DATA": str(data.resolve())} if data else {})}


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until_settled(tab, name: str = "") -> None:
    """Wait until the page's tab that is open, or is about to be, shows all that it has to show."""
    tab.wait_for_function(SETTLED, arg=name, timeout=PATIENCE * 1000)


def open_tab(tab, name: str) -> None:
    """Go to one of the page's tabs, within the same session, and wait until it shows all that it has to show."""
    tab.get_by_role("tab", name=name, exact=True).click()
    wait_until_settled(tab, name)


def draw_on_pad(tab, strokes: Iterable[np.ndarray]) -> None:
    """Draw strokes with the mouse, each of points (n, 2) in shares of the canvas, and wait for the answer."""
    draw_on(tab, ".pad canvas", strokes)
    wait_for_answer(tab)


def draw_on(tab, name: str, strokes: Iterable[np.ndarray]) -> None:
    """Draw strokes with the mouse on a canvas, each of points (n, 2) in shares of it."""
    canvas = tab.locator(name)
    canvas.hover(timeout=PATIENCE * 1000)  # once it is in view and stands still
    box = canvas.bounding_box()
    for stroke in strokes:
        points = np.asarray(stroke) * [box["width"], box["height"]] + [box["x"], box["y"]]
        tab.mouse.move(*points[0])
        tab.mouse.down()
        for point in points[1:]:
            tab.mouse.move(*point)
        tab.mouse.up()


def wait_for_answer(tab) -> None:
    """Wait until the pad shows the answer to what is on it."""
    wait_until(lambda: tab.locator(".pad").evaluate(IS_ANSWERED), PATIENCE)
