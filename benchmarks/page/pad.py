"""How fast the pad in the page answers, from the end of a stroke to the answer on the screen.

    python -m benchmarks.page.pad [--strokes FILE.npz] [--limit 100] [--seed 0]

A real Chromium opens a page with the pad, served on this computer, and draws digits by mouse events, each in any size
anywhere on the pad, the recorded ones of a file or made-up ones. While a stroke is drawn the pad asks for an answer
some times a second, as always. `stroke_to_answer` runs from the browser's time stamp of the last stroke's end, when it
gets the mouse event, to the second animation frame after the answer is in the page: by then it is on the screen.
`of_that_in_the_page` ends when it is in the page. `benchmarks/support/pen_strokes.py` describes the file.
"""

import argparse
import importlib.util
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from benchmarks.support import pen_strokes, served
from benchmarks.support.harness import ROOT, positive, report
from benchmarks.support.measures import at_most
from benchmarks.support.served import PATIENCE
from digits.system.files import UserError

GOAL = 250  # ms, p95 from the end of a stroke to the answer on the screen
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
PAGE = """
import streamlit as st

from digits.models import loading
from digits.page import pad


@st.cache_resource(show_spinner=False)
def classifier():
    return loading.load()


st.set_page_config("Pad")
kept = st.session_state.setdefault("kept", [])
pad.show(classifier(), kept.append)
st.markdown("Kept: " + ", ".join(str(record.get("number", record.get("digit"))) for record in kept))
"""
WATCH = """
pad => {
  const canvas = pad.querySelector("canvas");
  let end = null;
  window.answered = {version: null};
  canvas.addEventListener("pointerdown", () => { end = null; });
  canvas.addEventListener("pointerup", event => { end = event.timeStamp; });
  new MutationObserver(() => {
    const {answered, version} = pad.dataset;
    if (end === null || answered !== version) return;
    const [began, there] = [end, performance.now()];
    end = null;
    requestAnimationFrame(() => requestAnimationFrame(() => {
      window.answered = {version, there: there - began, seen: performance.now() - began};
    }));
  }).observe(pad, {attributes: true, attributeFilter: ["data-answered"]});
  window.lastStroke = () => window.answered.version === pad.dataset.version ? window.answered : null;
  window.isSettled = () => pad.dataset.answered === pad.dataset.version;
}
"""


def main(argv: list[str] | None = None) -> int:
    """Parse, measure and print; return the exit code."""
    parser = argparse.ArgumentParser(prog="pad", description="Measure how fast the pad in the page answers.")
    parser.add_argument("--strokes", type=Path, metavar="FILE.npz", help="recorded pen strokes (default: made up)")
    parser.add_argument("--limit", type=positive, default=100, metavar="N", help="of the digits (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=0, help="of the placement (default: %(default)s)")
    arguments = parser.parse_args(argv)
    return report("pad", lambda: measure(arguments))


def measure(arguments: argparse.Namespace) -> dict:
    """Return the figures."""
    if reason := missing():
        raise UserError(f"The pad is measured in a real browser, which is {reason}; see .ci/run.")
    limit = arguments.limit
    collection = pen_strokes.read(arguments.strokes, limit) if arguments.strokes else pen_strokes.made_up(limit)
    rng = np.random.default_rng(arguments.seed)
    with page_on_this_computer() as address, chromium() as browser:
        tab = browser.new_page()
        tab.goto(address)
        tab.locator(".pad canvas").wait_for(timeout=PATIENCE * 1000)
        tab.locator(".pad").evaluate(WATCH)
        times = [answer_time(tab, digit, rng) for digit in collection.digits]
    return {
        "digits": len(times),
        "strokes": "recorded" if arguments.strokes else "made up",
        "stroke_to_answer": {
            "p50_ms": percentile(times, "seen", 50),
            "p95_ms": at_most(percentile(times, "seen", 95), GOAL),
            "max_ms": percentile(times, "seen", 100),
        },
        "of_that_in_the_page": {"p50_ms": percentile(times, "there", 50), "p95_ms": percentile(times, "there", 95)},
    }


def answer_time(tab, digit: pen_strokes.Digit, rng: np.random.Generator) -> dict:
    """Draw a digit on an empty pad and return how long its last stroke's answer took, in ms."""
    box = tab.locator(".pad canvas").bounding_box()
    for stroke in pen_strokes.place(digit, int(box["width"]), "anywhere", rng):
        draw(tab, stroke + np.array([box["x"], box["y"]]))
    time = tab.wait_for_function("() => window.lastStroke()", timeout=PATIENCE * 1000).json_value()
    tab.locator(".pad .clear").click()
    tab.wait_for_function("() => window.isSettled()", timeout=PATIENCE * 1000)
    return time


def draw(tab, points: np.ndarray) -> None:
    """Pull the mouse, its button down, through points (n, 2) in pixels of the page."""
    (x, y), *others = points.tolist()
    tab.mouse.move(x, y)
    tab.mouse.down()
    for x, y in others:
        tab.mouse.move(x, y)
    tab.mouse.up()


def percentile(times: list[dict], name: str, share: float) -> float:
    """Return a percentile of one of the durations, in ms."""
    return round(float(np.percentile([time[name] for time in times], share)), 1)


def missing() -> str:
    """Return what a real browser lacks here, or "" if it can be started."""
    absent = [] if any(map(shutil.which, BROWSERS)) else ["chromium"]
    absent += [] if importlib.util.find_spec("playwright") else ["playwright"]
    return f"not installed: {', '.join(absent)}" if absent else ""


@contextmanager
def page_on_this_computer(script: str = PAGE) -> Iterator[str]:
    """Serve a Streamlit script with this project's settings and yield its address."""
    with TemporaryDirectory() as folder:
        path = Path(folder, "page.py")
        path.write_text(script)
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        with served.running_page(environment, script=str(path)) as page:
            yield page.address


@contextmanager
def chromium() -> Iterator:
    """Run Chromium, unseen, and yield it as Playwright's browser; raises UserError where it is missing."""
    if reason := missing():
        raise UserError(f"A real browser visits the page, which is {reason}; see .ci/run.")
    from playwright.sync_api import sync_playwright

    program = next(filter(None, map(shutil.which, BROWSERS)))
    options = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=options)
        try:
            yield browser
        finally:
            browser.close()


if __name__ == "__main__":
    raise SystemExit(main())
