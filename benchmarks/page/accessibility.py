"""Accessibility: what axe finds on every tab of the page, in both themes, on a wide and on a phone's screen.

    python -m benchmarks.page.accessibility [--themes light dark] [--widths 1280 390]

A real Chromium visits the real page and uses it as `benchmarks/page/screenshots.py` does: a drawing on the pad and in
the history, a sheet that was read, a trained network, a cell of the matrix, a map opened to its arithmetic. Counted are
the elements that break a rule whose breach axe calls serious or critical (https://github.com/dequelabs/axe-core).
"""

import argparse
from pathlib import Path
from tempfile import TemporaryDirectory

from axe_playwright_python.sync_playwright import Axe

from benchmarks.page import screenshots
from benchmarks.page.pad import chromium, missing
from benchmarks.support import served, template_digits
from benchmarks.support.harness import positive, report
from benchmarks.support.measures import at_most
from digits.system.files import UserError

IMPACTS = ("serious", "critical")
WIDTHS = (1280, 390)  # CSS pixels
STANDING_STILL = """
() => Promise.all(document.getAnimations()
  .filter((each) => each.effect.getComputedTiming().endTime < Infinity)
  .map((each) => each.finished.catch(() => {})))
"""  # a colour that is on its way to another has a contrast of its own


def main(argv: list[str] | None = None) -> int:
    """Parse, measure and print; return the exit code."""
    parser = argparse.ArgumentParser(prog="accessibility", description="Count what axe finds on every tab of the page.")
    parser.add_argument("--themes", nargs="+", choices=screenshots.THEMES, default=screenshots.THEMES)
    parser.add_argument("--widths", nargs="+", type=positive, default=WIDTHS, metavar="PIXELS")
    arguments = parser.parse_args(argv)
    return report("accessibility", lambda: measure(arguments))


def measure(arguments: argparse.Namespace) -> dict:
    """Return the figures of every tab, by theme and width."""
    if reason := missing():
        raise UserError(f"axe runs in a real browser, which is {reason}; see .ci/run.")
    figures = {}
    with TemporaryDirectory() as folder:
        data = template_digits.write_dataset(Path(folder, "drawn.npz"))
        environment = served.own_environment(Path(folder), data)
        with served.running_page(environment) as page, chromium() as browser:
            screenshots.train(screenshots.open_page(browser, page, "light", WIDTHS[0]), data)
            for theme in arguments.themes:
                for width in arguments.widths:
                    figures[f"{theme}, {width} px"] = of_all_tabs(browser, page, theme, width)
    return figures


def of_all_tabs(browser, page: served.Page, theme: str, width: int) -> dict:
    """Return the figures of every tab, used."""
    tab = screenshots.open_page(browser, page, theme, width)
    screenshots.fill(tab)
    figures = {}
    for title in screenshots.TABS:
        screenshots.open_used(tab, title)
        found = findings(tab)
        counts = {impact: at_most(sum(each["impact"] == impact for each in found), 0) for impact in IMPACTS}
        figures[title] = {**counts, "found": found} if found else counts
    tab.context.close()
    return figures


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
