"""Pictures of every tab of the page in every state, to be looked at: in both themes, on phones and on large screens.

    python -m benchmarks.page.screenshots FOLDER [--data mnist.npz] [--themes light dark] [--screens 390x844 ...]

`benchmarks/page/walk.py` visits the page. FOLDER gets a PNG for each state, theme and screen, such as
`history-cleared-dark-390x844.png`, of all that there is when one scrolls down.
"""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

from benchmarks.page import walk
from benchmarks.page.pad import chromium
from digits.system.files import UserError

SCREENS = ("390x844", "844x390", "1280x900", "1920x1080")  # CSS pixels
IN_FULL = """
:is(html, body, #root, #root > div, [data-testid=stApp], [data-testid=stAppViewContainer], [data-testid=stMain])
{height: auto !important; min-height: 100vh; overflow: clip visible !important; position: static !important;}
"""  # instead of scrolling within the window
STYLE = """
css => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css);
  document.adoptedStyleSheets = [sheet];
}
"""  # the wall of a class allows no other way
PAINTED = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"


def main(argv: list[str] | None = None) -> int:
    """Parse, take the pictures and name them; return the exit code."""
    parser = argparse.ArgumentParser(prog="page_shots", description="Take pictures of every state of the page.")
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="where to put them; made if there is none")
    parser.add_argument("--data", type=Path, metavar="FILE.npz", help="MNIST (default: digits drawn from templates)")
    parser.add_argument("--themes", nargs="+", choices=walk.THEMES, default=walk.THEMES)
    parser.add_argument("--screens", nargs="+", default=SCREENS, metavar="WIDTHxHEIGHT")
    arguments = parser.parse_args(argv)
    try:
        for path in take(arguments):
            print(path, flush=True)
    except UserError as error:
        print(f"page_shots: {error}", file=sys.stderr)
        return 2
    return 0


def take(arguments: argparse.Namespace) -> Iterator[Path]:
    """Yield each picture when it is there; raises UserError without a browser."""
    arguments.folder.mkdir(parents=True, exist_ok=True)
    with chromium() as browser:
        for theme in arguments.themes:
            for state, tab in walk.states(browser, theme, arguments.data):
                for screen in arguments.screens:
                    path = arguments.folder / f"{state.replace(' ', '-').lower()}-{theme}-{screen}.png"
                    picture(tab, path, *map(int, screen.split("x")))
                    yield path


def picture(tab, path: Path, width: int, height: int) -> None:
    """Save a picture of all that a tab shows on a screen of that size."""
    before = tab.viewport_size
    tab.set_viewport_size({"width": width, "height": height})
    tab.evaluate(STYLE, IN_FULL)
    tab.wait_for_load_state("networkidle")
    tab.evaluate(PAINTED)
    tab.screenshot(path=path, animations="disabled", full_page=True)
    tab.evaluate(STYLE, "")
    tab.set_viewport_size(before)


if __name__ == "__main__":
    raise SystemExit(main())
