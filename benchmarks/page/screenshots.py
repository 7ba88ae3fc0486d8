"""Pictures of every tab of the page, to be looked at: in both themes, on a wide and on a phone-wide screen.

    python -m benchmarks.page.screenshots FOLDER [--data mnist.npz] [--themes light dark] [--widths 1200 375]

A real Chromium visits the real page and opens every tab, first with nothing in it. Then a digit is drawn in the window,
on a virtual screen, another on the pad, a sheet is uploaded and a small network trained. FOLDER gets a PNG for each,
such as `history-dark-375.png`, of all that there is when one scrolls down. The model's figures are of the data
file's test digits; without one, of digits drawn from templates.
"""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from benchmarks.images import sheet_files
from benchmarks.page.pad import chromium, missing
from benchmarks.support import pen_strokes, served, template_digits
from benchmarks.support.harness import ANSWER_SECONDS, positive, screen_for_windows
from benchmarks.support.x11 import Screen
from benchmarks.window.startup import draw_and_classify
from digits.system.files import UserError

TABS = ("Draw", "Images", "History", "Your hand", "Train", "Model", "Look inside", "Learn")
THEMES = ("light", "dark")
WIDTHS = (1200, 375)  # CSS pixels
HEIGHT, TALLEST = 900, 6000  # CSS pixels of the window: at first, and to show all of a tab
FOOT = 40  # CSS pixels under the last thing
DIGITS_ON_SHEET = 20
TRAINING_SECONDS = 300.0  # on a busy machine
HEIGHT_OF_ALL = """
Math.ceil(document.querySelector("[data-testid=stMainBlockContainer] > div").getBoundingClientRect().bottom
    + document.querySelector("[data-testid=stMain]").scrollTop)
"""
PAINTED = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"


def main(argv: list[str] | None = None) -> int:
    """Parse, take the pictures and name them; return the exit code."""
    parser = argparse.ArgumentParser(prog="page_shots", description="Take pictures of every tab of the page.")
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="where to put them; made if there is none")
    parser.add_argument("--data", type=Path, metavar="FILE.npz", help="MNIST (default: digits drawn from templates)")
    parser.add_argument("--themes", nargs="+", choices=THEMES, default=THEMES)
    parser.add_argument("--widths", nargs="+", type=positive, default=WIDTHS, metavar="PIXELS")
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
    if reason := missing():
        raise UserError(f"The pictures are taken by a real browser, which is {reason}; see .ci/run.")
    arguments.folder.mkdir(parents=True, exist_ok=True)
    looks = [(theme, width) for theme in arguments.themes for width in arguments.widths]
    with TemporaryDirectory() as folder, screen_for_windows() as (display, screen):
        data = template_digits.write_dataset(Path(folder, "drawn.npz"))
        environment = served.own_environment(Path(folder), arguments.data or data) | {"DISPLAY": display}
        with served.running_page(environment) as page, chromium() as browser:
            for theme, width in looks:
                tab = open_page(browser, page, theme, width)
                yield from picture_all(tab, arguments.folder, f"empty-{theme}-{width}")
            tab = open_page(browser, page, *looks[0])
            draw_in_window(tab, screen)
            train(tab, data)
            for theme, width in looks:
                tab = open_page(browser, page, theme, width)
                fill(tab)
                yield from picture_all(tab, arguments.folder, f"{theme}-{width}")


def open_page(browser, page: served.Page, theme: str, width: int):
    """Return the page as a new visitor gets it."""
    tab = browser.new_context(color_scheme=theme, viewport={"width": width, "height": HEIGHT}).new_page()
    tab.goto(page.address)
    tab.locator(".pad canvas").wait_for(timeout=served.PATIENCE * 1000)
    served.wait_until_settled(tab)
    return tab


def draw_in_window(tab, screen: Screen) -> None:
    """Have a digit drawn in the window answered."""
    tab.get_by_role("button", name="Start Drawing").click()
    window = screen.wait_for_window(ANSWER_SECONDS)
    assert window, "no window opened"
    tab.get_by_text("Window open").wait_for(timeout=served.PATIENCE * 1000)
    draw_and_classify(screen, window)
    tab.get_by_text("All answers (1)").wait_for(timeout=served.PATIENCE * 1000)


def train(tab, data: Path) -> None:
    """Have a small network trained until it is listed."""
    served.open_tab(tab, "Train")
    tab.get_by_text("Settings of your own").click()
    tab.get_by_role("spinbutton", name="Epochs").fill("10")
    tab.get_by_role("spinbutton", name="Batch size").fill("16")
    tab.get_by_role("textbox", name="Data file").fill(str(data))
    tab.get_by_role("button", name="Start training").click()
    tab.get_by_text("The training is finished").wait_for(timeout=TRAINING_SECONDS * 1000)


def fill(tab) -> None:
    """Do what a visitor does: keep a drawing, upload a sheet, compare a model and choose a cell."""
    served.draw_on_pad(tab, [(stroke + 3) / 22 for stroke in template_digits.strokes(5)])
    tab.get_by_role("button", name="Keep").click()
    tab.get_by_text("Kept").wait_for()
    served.open_tab(tab, "Images")
    sheet = {"name": "sheet.jpg", "mimeType": "image/jpeg", "buffer": sheet_of_digits()}
    tab.locator("[data-testid=stFileUploaderDropzoneInput]").set_input_files(sheet)
    tab.get_by_text("sheet.jpg:").wait_for(timeout=served.PATIENCE * 1000)
    served.open_tab(tab, "Train")
    choose_first(tab.get_by_role("combobox", name="Compare with the shipped model"))
    tab.get_by_text("both right").wait_for(timeout=served.PATIENCE * 1000)


def choose_first(box) -> None:
    """Choose the first entry of a list, by keyboard."""
    box.focus()
    for key in ("ArrowDown", "Enter"):
        box.press(key)


def sheet_of_digits() -> bytes:
    """Return a photo of a sheet of squared paper."""
    digits = pen_strokes.made_up(DIGITS_ON_SHEET).digits
    return sheet_files.photograph(digits, sheet_files.Style(), np.random.default_rng(1)).content


def picture_all(tab, folder: Path, name: str) -> Iterator[Path]:
    """Yield a picture of each tab."""
    for title in TABS:
        (open_empty if name.startswith("empty") else open_used)(tab, title)
        path = folder / f"{title.replace(' ', '-').lower()}-{name}.png"
        picture(tab, path)
        yield path
    tab.context.close()


def open_empty(tab, title: str) -> None:
    """Go to a tab, unless it is open."""
    if tab.get_by_role("tab", name=title, exact=True).get_attribute("aria-selected") == "false":
        served.open_tab(tab, title)


def open_used(tab, title: str) -> None:
    """Go to a tab and have it show what it shows on demand: the digits of a cell, the arithmetic of a map."""
    open_empty(tab, title)
    if title == "Model":
        choose_first(tab.get_by_role("combobox", name="Digits of a cell"))
        tab.locator(".st-key-pixels-cell img").first.wait_for(timeout=served.PATIENCE * 1000)
    if title == "Look inside":
        tab.locator(".network[data-version] .stage").nth(3).locator(".map").first.click()
        tab.locator(".network .sum .input").first.wait_for(timeout=served.PATIENCE * 1000)


def picture(tab, path: Path) -> None:
    """Save a picture of all that a tab shows, in a window that is high enough for it."""
    width = tab.viewport_size["width"]
    shown, needed = 0, HEIGHT
    while shown < needed <= TALLEST:  # charts take their height when they are painted
        shown = needed
        tab.set_viewport_size({"width": width, "height": shown})
        served.wait_until_settled(tab)
        tab.wait_for_load_state("networkidle")
        tab.evaluate(PAINTED)
        needed = tab.evaluate(HEIGHT_OF_ALL) + FOOT
    tab.evaluate("document.querySelector('[data-testid=stMain]').scrollTo(0, 0)")
    tab.screenshot(path=path, animations="disabled")
    tab.set_viewport_size({"width": width, "height": HEIGHT})


if __name__ == "__main__":
    raise SystemExit(main())
