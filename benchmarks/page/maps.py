"""How soon the maps in Look inside follow the pen, from a point of a stroke to the maps on the screen.

    python -m benchmarks.page.maps [--strokes FILE.npz] [--limit 100] [--open map] [--seed 0]

A real Chromium opens the tab of the real page, served on this computer, and draws digits with the mouse, a point every
frame, the recorded ones of a file or made-up ones, until `--limit` points are drawn. `point_to_maps` runs from the
browser's time stamp of the mouse event that added a point to the second animation frame after maps are in the page that
were made of this point, or of later ones too: by then they are on the screen. With `--open map`, a map is looked at in
numbers meanwhile. `benchmarks/support/pen_strokes.py` describes the file.
"""

import argparse
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from benchmarks.page.pad import chromium, missing
from benchmarks.support import pen_strokes, served
from benchmarks.support.harness import positive, report
from benchmarks.support.measures import at_most
from benchmarks.support.served import PATIENCE
from digits.system.files import UserError

GOAL = 100  # ms, p95 from a point to the maps on the screen
FRAME = 16  # ms between two points
TAB = "Look inside"
WATCH = """
network => {
  let now = 0;
  let waiting = []; // of the points that are not on the screen: [version, when]
  window.pointTimes = [];
  for (const kind of ["pointerdown", "pointermove"])
    window.addEventListener(kind, event => { now = event.timeStamp; }, true);
  window.addEventListener("paddrawing", ({detail}) => window.isDrawing && waiting.push([detail.version, now]));
  new MutationObserver(() => {
    const shown = Number(network.dataset.version);
    const there = waiting.filter(([version]) => version <= shown);
    waiting = waiting.filter(([version]) => version > shown);
    requestAnimationFrame(() => requestAnimationFrame(() => {
      const seen = performance.now();
      window.pointTimes.push(...there.map(([, when]) => seen - when));
    }));
  }).observe(network, {attributes: true, attributeFilter: ["data-version"]});
  window.isFollowed = () => !waiting.length;
}
"""


def main(argv: list[str] | None = None) -> int:
    """Parse, measure and print; return the exit code."""
    parser = argparse.ArgumentParser(
        prog="maps", description="Measure how soon the maps in Look inside follow the pen."
    )
    parser.add_argument("--strokes", type=Path, metavar="FILE.npz", help="recorded pen strokes (default: made up)")
    parser.add_argument("--limit", type=positive, default=100, metavar="N", help="of the points (default: %(default)s)")
    parser.add_argument("--open", choices=("map",), help="what is looked at in detail meanwhile (default: nothing)")
    parser.add_argument("--seed", type=int, default=0, help="of the placement (default: %(default)s)")
    arguments = parser.parse_args(argv)
    return report("maps", lambda: measure(arguments))


def measure(arguments: argparse.Namespace) -> dict:
    """Return the figures."""
    if reason := missing():
        raise UserError(f"The maps are measured in a real browser, which is {reason}; see .ci/run.")
    limit = arguments.limit
    collection = pen_strokes.read(arguments.strokes, limit) if arguments.strokes else pen_strokes.made_up(limit)
    rng = np.random.default_rng(arguments.seed)
    with TemporaryDirectory() as folder, page_for_one(Path(folder)) as page, chromium() as browser:
        tab = open_tab(browser.new_page(viewport={"width": 1280, "height": 900}), page.address)
        if arguments.open == "map":
            tab.locator(".network .stage").nth(3).locator(".map").first.click()
            tab.locator(".network .sum .input").first.wait_for()
        times = times_of(tab, collection.digits, limit, rng)
    p50, p95, longest = np.percentile(times, [50, 95, 100]).round(1).tolist()
    return {
        "points": len(times),
        "strokes": "recorded" if arguments.strokes else "made up",
        "open": arguments.open or "nothing",
        "point_to_maps": {"p50_ms": p50, "p95_ms": at_most(p95, GOAL), "max_ms": longest},
    }


def page_for_one(folder: Path):
    """Serve the page with data folders of its own."""
    return served.running_page(served.own_environment(folder))


def open_tab(tab, address: str):
    """Return a browser's page in which the tab is open, shows maps and is watched."""
    tab.goto(f"{address}?tab={TAB.replace(' ', '+')}")
    served.wait_until_settled(tab, TAB)
    network = tab.locator(".network[data-version]")
    network.wait_for(timeout=PATIENCE * 1000)
    network.evaluate(WATCH)
    return tab


def times_of(tab, digits, limit: int, rng: np.random.Generator) -> list[float]:
    """Draw digits, each on an empty pad, and return how long the first `limit` points took, in ms."""
    times: list[float] = []
    for digit in digits:
        box = tab.locator(".pad canvas").bounding_box()
        tab.evaluate("window.isDrawing = true")
        for stroke in pen_strokes.place(digit, int(box["width"]), "anywhere", rng):
            draw(tab, stroke + np.array([box["x"], box["y"]]))
        tab.evaluate("window.isDrawing = false")
        tab.wait_for_function("() => window.isFollowed()", timeout=PATIENCE * 1000)
        tab.wait_for_timeout(5 * FRAME)
        times = tab.evaluate("window.pointTimes")
        if len(times) >= limit:
            break
        tab.locator(".pad .clear").click()
    return times[:limit]


def draw(tab, points: np.ndarray) -> None:
    """Pull the mouse, its button down, through points (n, 2) in pixels of the page, one in each frame."""
    (x, y), *others = points.tolist()
    tab.mouse.move(x, y)
    tab.mouse.down()
    for x, y in others:
        tab.mouse.move(x, y)
        tab.wait_for_timeout(FRAME)
    tab.mouse.up()


if __name__ == "__main__":
    raise SystemExit(main())
