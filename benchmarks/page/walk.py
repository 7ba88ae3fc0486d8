"""A walk through the page, as a teacher takes it: every tab, and every state of it that is worth a look.

The page is the real one in a real Chromium. First nothing is in it; then a digit is drawn in the window, on a virtual
screen, and others on the pad, a sheet is read, networks are trained, a class is opened; in the end the page is hosted.
"""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from benchmarks.images import sheet_files
from benchmarks.support import pen_strokes, served, template_digits
from benchmarks.support.harness import ANSWER_SECONDS, screen_for_windows
from benchmarks.support.x11 import Screen
from benchmarks.window.startup import draw_and_classify
from digits.system import hosting

TABS = ("Draw", "Images", "History", "Your hand", "Train", "Model", "Look inside", "Learn")
THEMES = ("light", "dark")
DIGITS_ON_SHEET = 20
TRAINING_SECONDS = 300.0  # on a busy machine
TAUGHT = (3, 7)
PUPILS = {"Ada": 4, "Ben": 7}  # what each of them draws


def states(browser, theme: str, data: Path | None = None) -> Iterator[tuple[str, Any]]:
    """Yield the name of each state and the browser's tab that shows it.

    data: what is found as MNIST; without it, digits drawn from templates. Raises UserError without a screen.
    """
    with TemporaryDirectory() as folder, screen_for_windows() as (display, screen):
        drawn = template_digits.write_dataset(Path(folder, "drawn.npz"))
        environment = served.own_environment(Path(folder), data or drawn) | {"DISPLAY": display}
        with served.running_page(environment) as page:
            tab = open_page(browser, page, theme)
            for title in TABS:
                served.open_tab(tab, title)
                yield f"empty {title}", tab
            for part in (draw, read_sheet, keep_history, teach, train, look_at_model, look_inside):
                for name in part(tab, screen):
                    yield name, tab
            yield from open_class(tab)
            tab.context.close()
        with served.running_page(environment | {hosting.VARIABLE: "hosted"}) as page:
            tab = open_page(browser, page, theme)
            for title in ("Draw", "Your hand", "Train", "Learn"):
                served.open_tab(tab, title)
                yield f"hosted {title}", tab
            tab.context.close()


def open_page(browser, page: served.Page, theme: str):
    """Return the page as a new visitor gets it."""
    tab = browser.new_context(color_scheme=theme).new_page()
    tab.set_default_timeout(served.PATIENCE * 1000)
    tab.goto(page.address)
    tab.locator(".pad canvas").wait_for()
    served.wait_until_settled(tab)
    return tab


def press(tab, name: str) -> None:
    """Press a button."""
    tab.get_by_role("button", name=name, exact=True).click()


def draw_digit(tab, digit: int) -> None:
    """Draw a digit on the pad and wait for its answer."""
    served.draw_on_pad(tab, shares(digit))


def shares(digit: int) -> list[np.ndarray]:
    """Return a digit's strokes in shares of a canvas."""
    return [(stroke + 3) / 22 for stroke in template_digits.strokes(digit)]


def draw(tab, screen: Screen) -> Iterator[str]:
    """Draw a number on the pad, digits, and one in the window; keep all of them."""
    served.open_tab(tab, "Draw")
    tab.get_by_role("radio", name="Number").click()
    for digit in (2, 0, 7):
        press(tab, f"Example: {digit}")
    served.wait_for_answer(tab)
    yield "draw number"
    press(tab, "Keep")
    tab.get_by_role("radio", name="Digit").click()
    draw_digit(tab, 5)
    press(tab, "Keep")
    tab.get_by_text("Kept").wait_for()
    yield "draw digit"
    press(tab, "Start Drawing")
    window = screen.wait_for_window(ANSWER_SECONDS)
    tab.get_by_text("Window open").wait_for()
    draw_and_classify(screen, window)
    tab.get_by_text("answers (1)").wait_for()
    yield "draw window"


def read_sheet(tab, _: Screen) -> Iterator[str]:
    """Have a sheet read, and a file that is no picture."""
    served.open_tab(tab, "Images")
    upload = tab.locator("[data-testid=stFileUploaderDropzoneInput]")
    upload.set_input_files({"name": "sheet.jpg", "mimeType": "image/jpeg", "buffer": sheet_of_digits()})
    tab.get_by_text("sheet.jpg:").wait_for()
    yield "images sheet"
    upload.set_input_files({"name": "notes.png", "mimeType": "image/png", "buffer": b"no picture"})
    tab.get_by_test_id("stAlert").filter(has_text="notes.png").wait_for()
    yield "images error"


def sheet_of_digits() -> bytes:
    """Return a photo of a sheet of squared paper."""
    digits = pen_strokes.made_up(DIGITS_ON_SHEET).digits
    return sheet_files.photograph(digits, sheet_files.Style(), np.random.default_rng(1)).content


def keep_history(tab, _: Screen) -> Iterator[str]:
    """Look at the history, clear it and take that back."""
    served.open_tab(tab, "History")
    yield "history"
    press(tab, "Clear history")
    tab.get_by_text("The history is empty").wait_for()
    yield "history cleared"
    press(tab, "Undo")
    tab.get_by_role("button", name="Clear history").wait_for()


def teach(tab, _: Screen) -> Iterator[str]:
    """Teach it two digits on the pad, and begin the walk through all ten."""
    served.open_tab(tab, "Draw")
    for digit in TAUGHT:
        press(tab, "Clear")
        draw_digit(tab, digit)
        tab.locator(".bar").nth(digit).click()
        tab.locator(".asked").get_by_text("It remembers this as").wait_for()
    yield "draw taught"
    served.open_tab(tab, "Your hand")
    tab.locator(".tile").first.click()
    yield "your hand"
    press(tab, "Go on")
    tab.locator(".asked-for").wait_for()
    served.wait_until_settled(tab)
    yield "your hand lesson"


def train(tab, _: Screen) -> Iterator[str]:
    """Train the small network, pause it, and make an experiment."""
    served.open_tab(tab, "Train")
    press(tab, "Start Classroom")
    pause = tab.get_by_role("button", name="Pause")
    tab.get_by_text("Learning \N{MIDDLE DOT}").wait_for()
    pause.click()
    tab.get_by_text("Paused \N{MIDDLE DOT}").wait_for()
    yield "train paused"
    press(tab, "Go on")
    wait_until_trained(tab, "Classroom")
    yield "train finished"
    press(tab, "100 digits only")
    wait_until_trained(tab, "100 digits only")
    yield "train experiment"
    choose_first(tab.get_by_role("combobox", name="Compare with the shipped model"))
    tab.get_by_text("both right").wait_for()
    yield "train compared"


def wait_until_trained(tab, title: str) -> None:
    """Wait until a training is over."""
    tab.get_by_role("heading", name=title, exact=True).wait_for()
    tab.get_by_text("The training is finished").wait_for(timeout=TRAINING_SECONDS * 1000)
    served.wait_until_settled(tab)


def choose_first(box) -> None:
    """Choose the first entry of a list, by keyboard."""
    box.focus()
    for key in ("ArrowDown", "Enter"):
        box.press(key)


def look_at_model(tab, _: Screen) -> Iterator[str]:
    """Look at the digits of a cell of the confusion matrix."""
    served.open_tab(tab, "Model")
    choose_first(tab.get_by_role("combobox", name="Digits of a cell"))
    tab.locator(".st-key-pixels-cell img").first.wait_for()
    yield "model"


def look_inside(tab, _: Screen) -> Iterator[str]:
    """Open a map to its arithmetic, a pixel, the vote, and ask the three questions."""
    served.open_tab(tab, "Look inside")
    stages = tab.locator(".network[data-version] .stage")
    stages.nth(3).locator(".map").first.click()
    tab.locator(".network .sum .input").first.wait_for()
    yield "look inside map"
    stages.first.locator(".map").first.click()
    tab.get_by_text("Who looks at a pixel").wait_for()
    yield "look inside pixel"
    stages.last.locator("button").nth(4).click()
    tab.get_by_text("Votes and probabilities").wait_for()
    yield "look inside vote"
    for name in ("What would change its mind?", "What has it seen that looks like this?", "Which ink speaks for it?"):
        press(tab, name)
        tab.locator(".network .panel img").first.wait_for()
        yield f"look inside {name.rstrip('?')}"


def open_class(tab) -> Iterator[tuple[str, Any]]:
    """Open a class, have two pupils join, draw what the wall asks for, and end it."""
    served.open_tab(tab, "Learn")
    press(tab, "Open a class")
    code = tab.locator(".st-key-class-code").inner_text().strip()
    yield "class open", tab
    wall, *pupils = (tab.context.new_page() for _ in range(1 + len(PUPILS)))
    wall.goto(tab.get_by_role("link", name="Open the wall").get_attribute("href"))
    wall.locator("#empty .code").wait_for()
    yield "class wall empty", wall
    for pupil, (name, digit) in zip(pupils, PUPILS.items(), strict=True):
        pupil.goto(wall.url.split("/wall")[0] + f"/{code}")
        pupil.get_by_label("Your first name").fill(name)
        press(pupil, "Join")
        pupil.locator("#answer").get_by_text("Draw here").wait_for()
        served.draw_on(pupil, "#pad canvas", shares(digit))
        pupil.locator("#answer").get_by_text(str(digit)).wait_for()
    wall.locator("#tiles li").nth(len(PUPILS) - 1).wait_for()
    yield "class phone", pupils[0]
    yield "class wall", wall
    press(wall, "End the class")
    wall.get_by_label("End the class").get_by_role("button", name="End the class").click()
    pupils[0].get_by_text("The class is over").wait_for()
    yield "class over", pupils[0]
