"""The window as its user meets it: a real X screen, a pointer that moves, buttons that are pressed."""

import os
import subprocess
import sys
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from digits.canvas import CELLS
from digits.layout import WINDOW_SIZE, arrange
from digits.results import read_records
from tests.screens import SCREEN_PROGRAMS, missing, virtual_screen, wait_until, windows, xdotool

ROOT = Path(__file__).resolve().parent.parent
LAYOUT = arrange(WINDOW_SIZE)

pytestmark = [
    pytest.mark.screen,
    pytest.mark.skipif(bool(missing(SCREEN_PROGRAMS)), reason=missing(SCREEN_PROGRAMS)),
]

DRAWINGS = {  # strokes in cells, as a hand would draw them
    0: [[(14, 4), (8, 8), (7, 15), (10, 22), (15, 24), (20, 19), (20, 10), (14, 4)]],
    1: [[(14, 3), (14, 24)]],
    3: [[(8, 5), (15, 3), (18, 8), (12, 12), (19, 17), (16, 23), (7, 22)]],
    4: [[(10, 4), (7, 14), (20, 14)], [(17, 6), (16, 25)]],
    7: [[(6, 5), (20, 5), (11, 25)]],
}


@pytest.fixture(scope="module")
def display():
    with virtual_screen() as name:
        yield name


@contextmanager
def opened(display: str, results: Path, *arguments: str):
    """Run recognition.py on the display; yield the child and its window's id once that is on the screen."""
    environment = {**os.environ, "DISPLAY": display}
    environment.pop("SDL_VIDEODRIVER", None)
    command = [sys.executable, ROOT / "recognition.py", *arguments, "--results", results]
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) as child:
        try:
            yield child, wait_until(lambda: windows(display), 60)[0]
        finally:
            child.kill()


@pytest.fixture
def window(display, tmp_path):
    with opened(display, tmp_path / "answers.jsonl") as (child, window_id):
        yield Hand(display, window_id, child, tmp_path / "answers.jsonl")


class Hand:
    """Moves the pointer over a window."""

    def __init__(self, display, window_id, child, results):
        self.display, self.id, self.child, self.results = display, window_id, child, results

    def do(self, *arguments) -> None:
        xdotool(self.display, *arguments)

    def draw(self, strokes) -> None:
        for stroke in strokes:
            steps = np.concatenate([np.linspace(a, b, 8) for a, b in pairwise(stroke)])
            pixels = np.round(steps * LAYOUT.cell + LAYOUT.canvas[:2]).astype(int).tolist()
            moves = [word for x, y in pixels for word in ("mousemove", "--window", self.id, x, y)]
            self.do(*moves[:5], "mousedown", 1, *moves[5:], "mouseup", 1)

    def click(self, button: str) -> None:
        box = LAYOUT.buttons[button]
        place = box.x + box.width // 2, box.y + box.height // 2
        self.do("mousemove", "--window", self.id, *place, "click", 1)

    def press(self, key: str) -> None:
        self.do("mousemove", "--window", self.id, 5, 5, "key", key)

    def answers(self, count: int) -> list[dict]:
        """Wait for that many recorded answers."""
        return wait_until(lambda: len(found := read_records(self.results)) >= count and found, 30)

    def screenshot(self) -> np.ndarray:
        """Return the window's picture, uint8 (height, width, 3)."""
        from PIL import ImageGrab

        geometry = dict(
            line.split("=") for line in xdotool(self.display, "getwindowgeometry", "--shell", self.id).splitlines()
        )
        x, y, width, height = (int(geometry[name]) for name in ("X", "Y", "WIDTH", "HEIGHT"))
        return np.asarray(ImageGrab.grab((x, y, x + width, y + height), xdisplay=self.display).convert("RGB"))


@pytest.mark.parametrize("digit", DRAWINGS)
def test_a_digit_drawn_with_the_mouse_is_answered(window, digit):
    window.draw(DRAWINGS[digit])
    window.click("classify")
    answer = window.answers(1)[0]
    assert answer["digit"] == digit
    assert len(answer["strokes"]) == len(DRAWINGS[digit])


def test_reset_and_classify_by_button_and_by_key(window):
    window.draw(DRAWINGS[7])
    window.press("Return")
    window.answers(1)
    window.click("reset")
    window.draw(DRAWINGS[1])
    window.press("space")
    window.answers(2)
    window.press("r")
    window.draw(DRAWINGS[0])
    window.click("classify")
    answers = window.answers(3)
    assert [answer["digit"] for answer in answers] == [7, 1, 0]
    assert [len(answer["strokes"]) for answer in answers] == [1, 1, 1]


def test_one_press_is_one_answer(window):
    window.draw(DRAWINGS[7])
    for count in (1, 2, 3):
        window.click("classify")
        assert len(window.answers(count)) == count


def test_the_screen_shows_the_ink_where_it_was_drawn(window):
    window.draw(DRAWINGS[4])
    window.click("classify")
    window.answers(1)
    from digits.canvas import Canvas

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
    x, y, width, height = LAYOUT.answer

    def accent() -> int:
        part = window.screenshot()[y : y + height, x : x + width].astype(int)
        return int((part[..., 2] - part[..., 1] > 100).sum())

    assert accent() == 0
    window.draw(DRAWINGS[7])
    window.press("Return")
    wait_until(lambda: accent() > 1000, 10)


def test_it_is_found_by_its_title(window):
    assert xdotool(window.display, "search", "--onlyvisible", "--name", "^Draw a digit$").split() == [window.id]


def test_escape_closes_it_with_exit_code_0(window):
    window.press("Escape")
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
