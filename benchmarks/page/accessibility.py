"""Accessibility: what axe finds in every state of the page, in both themes, on a wide and on a phone's screen.

    python -m benchmarks.page.accessibility [--themes light dark] [--widths 1280 390]

`benchmarks/page/walk.py` visits the page. Counted are the elements that break a rule whose breach axe calls serious or
critical (https://github.com/dequelabs/axe-core).
"""

import argparse

from axe_playwright_python.sync_playwright import Axe

from benchmarks.page import walk
from benchmarks.page.pad import chromium
from benchmarks.support.harness import positive, report
from benchmarks.support.measures import at_most

IMPACTS = ("serious", "critical")
WIDTHS = (1280, 390)  # CSS pixels
HEIGHT = 900  # of the screen
STANDING_STILL = """
() => Promise.all(document.getAnimations()
  .filter((each) => each.effect.getComputedTiming().endTime < Infinity)
  .map((each) => each.finished.catch(() => {})))
"""  # a colour that is on its way to another has a contrast of its own


def main(argv: list[str] | None = None) -> int:
    """Parse, measure and print; return the exit code."""
    parser = argparse.ArgumentParser(
        prog="accessibility", description="Count what axe finds in every state of the page."
    )
    parser.add_argument("--themes", nargs="+", choices=walk.THEMES, default=walk.THEMES)
    parser.add_argument("--widths", nargs="+", type=positive, default=WIDTHS, metavar="PIXELS")
    arguments = parser.parse_args(argv)
    return report("accessibility", lambda: measure(arguments))


def measure(arguments: argparse.Namespace) -> dict:
    """Return the figures of every state, by theme and width."""
    figures: dict = {f"{theme}, {width} px": {} for theme in arguments.themes for width in arguments.widths}
    with chromium() as browser:
        for theme in arguments.themes:
            for state, tab in walk.states(browser, theme):
                for width in arguments.widths:
                    tab.set_viewport_size({"width": width, "height": HEIGHT})
                    figures[f"{theme}, {width} px"][state] = counted(findings(tab))
    return figures


def counted(found: list[dict]) -> dict:
    """Return how many elements break a rule, and which."""
    counts = {impact: at_most(sum(each["impact"] == impact for each in found), 0) for impact in IMPACTS}
    return {**counts, "found": found} if found else counts


def findings(tab) -> list[dict]:
    """Return what breaks a rule: the rule, its impact, which is one of IMPACTS, and the element as HTML."""
    tab.evaluate(STANDING_STILL)
    broken = Axe().run(tab).response["violations"]
    return [
        {"rule": rule["id"], "impact": rule["impact"], "element": node["html"]}
        for rule in broken
        if rule["impact"] in IMPACTS
        for node in rule["nodes"]
    ]


if __name__ == "__main__":
    raise SystemExit(main())
