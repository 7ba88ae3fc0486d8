"""The window as its user meets it: a real X screen, a pointer that moves, buttons and keys that are pressed."""

import os
import re
import signal
import subprocess
import sys
from contextlib import contextmanager, nullcontext
from functools import partial
from itertools import pairwise
from pathlib import Path

import numpy as np
import psutil
import pytest

from benchmarks.support.screens import SCREEN_PROGRAMS, missing, virtual_screen, wait_until, windows, xdotool
from digits.drawing.canvas import CELLS, PEN_WIDTHS, WIDE, Canvas
from digits.recognition import collection
from digits.system import design_tokens
from digits.system.json_lines import read_records
from digits.system.paths import ROOT
from digits.window.actions import Action
from digits.window.layout import WINDOW_SIZE, Rect, arrange

LAYOUT = arrange(WINDOW_SIZE)

pytestmark = [
    pytest.mark.screen,
    pytest.mark.skipif(bool(missing(SCREEN_PROGRAMS)), reason=missing(SCREEN_PROGRAMS)),
]

DRAWINGS = {  # strokes in cells, as a hand would draw them
    0: [[(14, 4), (8, 8), (7, 15), (10, 22), (15, 24), (20, 19), (20, 10), (14, 4)]],
    1: [[(14, 3), (14, 24)]],
    2: [[(8, 8), (11, 4), (17, 4), (19, 8), (17, 13), (8, 24), (20, 24)]],
    3: [[(8, 5), (15, 3), (18, 8), (12, 12), (19, 17), (16, 23), (7, 22)]],
    4: [[(10, 4), (7, 14), (20, 14)], [(17, 6), (16, 25)]],
    6: [[(17, 3), (11, 8), (8, 16), (10, 23), (16, 24), (19, 19), (16, 15), (9, 18)]],
    7: [[(6, 5), (20, 5), (11, 25)]],
}


@pytest.fixture(scope="module")
def display():
    with virtual_screen() as name:
        yield name


def focused(display: str) -> str | None:
    """Return the id of the program's only window if that has the keys; SDL may open another for the whole screen."""
    window_id = xdotool(display, "getwindowfocus")
    return window_id if windows(display) == [window_id] else None


@contextmanager
def opened(display: str, results: Path, *arguments: str):
    """Run recognition.py on the display; yield the child and its window's id once that is on the screen."""
    environment = {**os.environ, "DISPLAY": display, "XDG_PICTURES_DIR": str(results.parent)}
    environment.pop("SDL_VIDEODRIVER", None)
    folder = results.parent
    command = [sys.executable, ROOT / "recognition.py", *arguments, "--results", results]
    command += ["--collection", folder / "collection"]
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True, cwd=folder) as child:
        try:
            wait_until(lambda: windows(display), 60)
            wait_until(results.exists, 60)  # it is painted, and has asked for the keys
            yield child, wait_until(lambda: focused(display), 60)
        finally:
            child.kill()


@pytest.fixture
def window(display, tmp_path, request):
    """An open window; the arguments of the command line are the parameters of the fixture."""
    with opened(display, tmp_path / "answers.jsonl", *getattr(request, "param", ())) as (child, window_id):
        yield Hand(display, window_id, child, tmp_path / "answers.jsonl")


started_with = partial(pytest.mark.parametrize, "window", indirect=True)


class Hand:
    """Moves the pointer over a window."""

    def __init__(self, display, window_id, child, results):
        self.display, self.id, self.child, self.results = display, window_id, child, results
        self.layout = LAYOUT

    def do(self, *arguments) -> None:
        xdotool(self.display, *arguments)

    @contextmanager
    def kept_busy(self):
        """Have the window do nothing, as on a machine that has other things to do."""
        self.child.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self.child.send_signal(signal.SIGCONT)

    def pixel(self, x: float, y: float) -> tuple[int, int]:
        """The window's pixel at a canvas position in cells."""
        box, cell = self.layout.canvas, self.layout.cell
        return round(box.x + x * cell), round(box.y + y * cell)

    def draw(self, strokes, button: int = 1) -> None:
        for stroke in strokes:
            steps = np.concatenate([np.linspace(a, b, 8) for a, b in pairwise(stroke)])
            pixels = np.round(steps * self.layout.cell + self.layout.canvas[:2]).astype(int).tolist()
            moves = [word for x, y in pixels for word in ("mousemove", "--window", self.id, x, y)]
            self.do(*moves[:5], "mousedown", button, *moves[5:], "mouseup", button)

    def click(self, button: Action) -> None:
        box = self.layout.buttons[button]
        place = box.x + box.width // 2, box.y + box.height // 2
        self.do("mousemove", "--window", self.id, *place, "click", 1)

    def press(self, key: str) -> None:
        self.do("mousemove", "--window", self.id, 5, 5, "key", key)

    def answers(self, count: int) -> list[dict]:
        """Wait for that many recorded answers."""
        return wait_until(lambda: found if len(found := read_records(self.results)) >= count else [], 30)

    def screenshot(self) -> np.ndarray:
        """Return the window's picture, uint8 (height, width, 3)."""
        from PIL import ImageGrab

        geometry = dict(
            line.split("=") for line in xdotool(self.display, "getwindowgeometry", "--shell", self.id).splitlines()
        )
        x, y, width, height = (int(geometry[name]) for name in ("X", "Y", "WIDTH", "HEIGHT"))
        return np.asarray(ImageGrab.grab((x, y, x + width, y + height), xdisplay=self.display).convert("RGB"))

    def pixels(self, box: Rect, color: design_tokens.Color) -> int:
        """Return how many pixels of a colour are in a box of the window."""
        x, y, width, height = box
        return int((self.screenshot()[y : y + height, x : x + width] == color).all(axis=2).sum())


@pytest.mark.parametrize("digit", DRAWINGS)
def test_a_digit_drawn_with_the_mouse_is_answered(window, digit):
    window.draw(DRAWINGS[digit])
    window.click(Action.CLASSIFY)
    answer = window.answers(1)[0]
    assert answer["digit"] == digit
    assert len(answer["strokes"]) == len(DRAWINGS[digit])


def test_reset_and_classify_by_button_and_by_key(window):
    window.draw(DRAWINGS[7])
    window.press("Return")
    window.answers(1)
    window.click(Action.RESET)
    window.draw(DRAWINGS[1])
    window.press("space")
    window.answers(2)
    window.press("r")
    window.draw(DRAWINGS[0])
    window.click(Action.CLASSIFY)
    answers = window.answers(3)
    assert [answer["digit"] for answer in answers] == [7, 1, 0]
    assert [len(answer["strokes"]) for answer in answers] == [1, 1, 1]


def test_one_press_is_one_answer(window):
    window.draw(DRAWINGS[7])
    for count in (1, 2, 3):
        window.click(Action.CLASSIFY)
        assert len(window.answers(count)) == count


def test_the_screen_shows_the_ink_where_it_was_drawn(window):
    window.draw(DRAWINGS[4])
    window.click(Action.CLASSIFY)
    window.answers(1)
    expected = Canvas()
    for stroke in DRAWINGS[4]:
        expected.press(*stroke[0])
        for point in stroke[1:]:
            expected.move(*point)
        expected.release()
    x, y, side, _ = LAYOUT.canvas

    def shown_ink() -> np.ndarray:
        middles = np.arange(CELLS) * LAYOUT.cell + LAYOUT.cell // 2
        canvas = window.screenshot()[y : y + side, x : x + side].mean(axis=2)
        return 255 - canvas[np.ix_(middles, middles)]

    ink = expected.cells() / 255 * shown_ink().max()
    wait_until(lambda: np.abs(shown_ink() - ink).mean() < 4, 10)
    assert np.corrcoef(shown_ink().ravel(), ink.ravel())[0, 1] > 0.98


def test_the_answer_is_on_the_screen(window):
    assert window.pixels(LAYOUT.answer, design_tokens.LIGHT.accent) == 0
    window.draw(DRAWINGS[7])
    window.press("Return")
    wait_until(lambda: window.pixels(LAYOUT.answer, design_tokens.LIGHT.accent) > 1000, 10)


def test_the_guess_is_on_the_screen_while_the_pen_is_down(window):
    (stroke,) = np.array(DRAWINGS[7]) * LAYOUT.cell + LAYOUT.canvas[:2]
    window.do("mousemove", "--window", window.id, *stroke[0].astype(int), "mousedown", 1)
    for place in stroke[1:]:
        window.do("mousemove", "--window", window.id, *place.astype(int))
    wait_until(lambda: window.pixels(LAYOUT.answer, design_tokens.LIGHT.guess) > 1000, 10)
    assert window.pixels(LAYOUT.bars[7], design_tokens.LIGHT.accent) > 300
    white = window.pixels(LAYOUT.seen, (255, 255, 255))
    assert white > 300  # what the network sees
    assert read_records(window.results) == []
    window.do("mouseup", 1)


def test_undo_redo_and_the_eraser(window):
    window.draw([*DRAWINGS[1], [(3, 25), (25, 25)]])
    for key in ("ctrl+z", "ctrl+y", "r", "ctrl+z", "ctrl+shift+z", "ctrl+z", "ctrl+z", "ctrl+y", "Return"):
        window.press(key)
    begins = [stroke[0] for stroke in window.answers(1)[0]["strokes"]]
    assert np.allclose(begins, [(14, 3), (3, 25)], atol=0.1)
    window.draw([[(3, 14), (25, 14)]], button=3)
    window.click(Action.CLASSIFY)
    above, below, line = window.answers(2)[1]["strokes"]
    assert above[-1][1] < 12
    assert below[0][1] > 16
    assert len(line) > 2


@started_with([["--numbers"]])
def test_a_drawn_number_is_read_with_each_digits_confidence_and_box(window):
    window.layout = arrange(WINDOW_SIZE, WIDE)
    for index, digit in enumerate((2, 0, 2, 6)):
        left = 3 + 19 * index - 6
        window.draw([[(x + left, y) for x, y in stroke] for stroke in DRAWINGS[digit]])
    window.press("Return")
    (answer,) = window.answers(1)
    assert answer["number"] == "2026"
    assert [digit["confidence"] > 0.5 for digit in answer["digits"]] == [True] * 4
    lefts = [digit["box"][0] for digit in answer["digits"]]
    assert np.allclose(lefts, [5, 23, 43, 62], atol=1)


def test_what_it_was_goes_to_the_collection_by_key_and_by_bar(window):
    folder = window.results.parent / "collection"
    window.draw(DRAWINGS[1])
    window.press("Return")
    window.answers(1)
    window.press("7")
    wait_until(lambda: folder.exists() and collection.count(folder) == 1, 20)
    x, y, width, height = LAYOUT.bars[2]
    window.do("mousemove", "--window", window.id, x + width // 2, y + height // 2, "click", 1)
    wait_until(lambda: collection.read(folder).labels.tolist() == ["2"], 20)


def test_a_sign_is_taught_by_its_name_and_answered_at_once(window):
    heart = [[(14, 24), (6, 14), (6, 8), (10, 6), (14, 10), (18, 6), (22, 8), (22, 14), (14, 24)]]
    window.draw(heart)
    window.press("Return")
    window.answers(1)
    window.press("a")
    window.do("type", "heart")
    window.press("Return")
    told = window.answers(2)[1]
    window.press("r")
    window.draw(heart)
    window.click(Action.CLASSIFY)
    answer = window.answers(3)[2]
    assert (told["label"], told["time"]) == ("heart", window.answers(1)[0]["time"])
    assert (answer["text"], answer["source"]) == ("heart", told["remembered"])
    lit = arrange(WINDOW_SIZE, num_signs=1).bars[10]
    wait_until(lambda: window.pixels(lit, design_tokens.LIGHT.accent) > 300, 10)


def test_s_saves_two_files_among_the_pictures(window):
    window.draw(DRAWINGS[4])
    window.press("s")
    folder = window.results.parent
    wait_until(lambda: len(list(folder.glob("digit-*.svg"))) == 1, 20)
    assert len(list(folder.glob("digit-*.png"))) == 1


@started_with([["--theme", "dark"]])
def test_the_help_card_covers_the_canvas_and_goes(window):
    middle = Rect(WINDOW_SIZE[0] // 2 - 50, WINDOW_SIZE[1] // 2 - 50, 100, 100)
    wait_until(lambda: window.pixels(middle, design_tokens.DARK.paper) > 3000, 10)
    window.press("question")
    wait_until(lambda: window.pixels(middle, design_tokens.DARK.card) > 3000, 10)
    window.press("Escape")
    wait_until(lambda: window.pixels(middle, design_tokens.DARK.paper) > 3000, 10)


@pytest.mark.parametrize("is_busy", [False, True])
def test_a_key_types_what_it_types_now_and_not_what_it_typed_before(window, is_busy):
    window.draw(DRAWINGS[1])
    with window.kept_busy() if is_busy else nullcontext():
        for key in ("equal", "braceright", "plus", "bracketright"):  # + and } are = and ] with Shift
            window.press(key)
    window.draw([[(20, 3), (20, 24)]])
    window.press("s")

    def widths() -> list[float]:
        saved = [path.read_text() for path in window.results.parent.glob("digit-*.svg")]
        return [float(width) for width in re.findall(r'stroke-width="([\d.]+)"', "".join(saved))]

    wait_until(lambda: len(widths()) == 2, 20)
    assert widths() == [PEN_WIDTHS[2], PEN_WIDTHS[4]]


@pytest.mark.parametrize("is_busy", [False, True])
def test_a_stroke_beyond_the_window_ends_where_the_button_was_released(window, is_busy):
    x, y = window.pixel(9, 9)
    window.do("mousemove", "--window", window.id, x, y)
    with window.kept_busy() if is_busy else nullcontext():  # a pointer may be back before the window sees that it left
        window.do("mousedown", 1)
        window.do("mousemove", 1270, 890, "mousemove", "--window", window.id, x, y + 90, "mouseup", 1)
    window.press("Return")
    (stroke,) = window.answers(1)[0]["strokes"]
    assert [28, 28] in stroke
    assert np.allclose(stroke[-1], np.add(stroke[0], [0, 90 / LAYOUT.cell]), atol=0.01)


@pytest.mark.parametrize("is_busy", [False, True])
def test_a_stroke_whose_button_is_released_beyond_the_window_ends_at_the_edge(window, is_busy):
    window.do("mousemove", "--window", window.id, *window.pixel(9, 9))
    with window.kept_busy() if is_busy else nullcontext():
        window.do("mousedown", 1)
        window.do("mousemove", 1270, 890, "mouseup", 1, "mousemove", "--window", window.id, *window.pixel(20, 3))
    window.do("mousemove", "--window", window.id, *window.pixel(5, 20))
    window.press("Return")
    (stroke,) = window.answers(1)[0]["strokes"]
    assert np.allclose(stroke, [(9, 9), (28, 28)], atol=0.1)


@started_with([["--kiosk"], ["--kiosk", "--projector"]])
def test_a_kiosk_fills_the_screen(window):
    geometry = xdotool(window.display, "getwindowgeometry", "--shell", window.id).splitlines()
    assert {"X=0", "Y=0", "WIDTH=1280", "HEIGHT=900"} <= set(geometry)
    projector = "--projector" in window.child.args
    window.layout = arrange((1280, 900), projector=projector)
    window.draw(DRAWINGS[7])
    window.click(Action.CLASSIFY)
    assert window.answers(1)[0]["digit"] == 7


def test_it_is_found_by_its_title(window):
    assert xdotool(window.display, "search", "--onlyvisible", "--name", "^Draw a digit$").split() == [window.id]


@pytest.mark.parametrize("key", ["Escape", "ctrl+q"])
def test_it_closes_with_exit_code_0(window, key):
    window.press(key)
    assert window.child.wait(timeout=20) == 0


@started_with([["--kiosk"]])
def test_a_kiosk_is_closed_by_those_who_know_how(window):
    for key in ("Escape", "F1", "Escape", "Escape", "q"):
        window.press(key)
    window.layout = arrange((1280, 900))
    window.draw(DRAWINGS[1])
    window.press("Return")
    window.answers(1)
    window.press("ctrl+q")
    assert window.child.wait(timeout=20) == 0


@started_with([["--kiosk"]])
def test_a_kiosk_whose_window_fails_opens_it_again(window):
    keeper = psutil.Process(window.child.pid)
    (failing,) = keeper.children()
    failing.kill()
    wait_until(lambda: failing not in keeper.children() and windows(window.display), 60)
    (window.id,) = windows(window.display)
    window.do("windowfocus", "--sync", window.id)
    window.press("ctrl+q")
    assert window.child.wait(timeout=20) == 0


def test_a_resized_window_is_drawn_on_where_the_pointer_is(window):
    size = (700, 500)
    window.do("windowsize", "--sync", window.id, *size)
    layout = arrange(size)
    corner = np.array(layout.canvas[:2])
    x, y = (corner + layout.cell * np.array([6, 5])).tolist()
    to_x, to_y = (corner + layout.cell * np.array([20, 20])).tolist()
    window.do("mousemove", "--window", window.id, x, y, "mousedown", 1)
    window.do("mousemove", "--window", window.id, to_x, to_y, "mouseup", 1)
    window.press("Return")
    stroke = np.array(window.answers(1)[0]["strokes"][0])
    assert np.allclose(stroke[[0, -1]], [(6, 5), (20, 20)], atol=0.2)


def test_a_window_that_is_killed_leaves_its_answers(window):
    window.draw(DRAWINGS[7])
    window.press("Return")
    window.answers(1)
    window.child.kill()
    window.child.wait(timeout=20)
    assert [answer["digit"] for answer in read_records(window.results)] == [7]
