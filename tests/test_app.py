import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from digits.classifier import Answer
from digits.drawings import Drawing
from digits.host import Status, View
from digits.session import Failure

ROOT = Path(__file__).resolve().parent.parent
SEVEN = (np.array([[5.0, 5.0], [20.0, 5.0], [10.0, 25.0]]),)


class FakeHost:
    """A window that is in whatever state a test puts it in."""

    def __init__(self):
        self.view = View(Status.CLOSED)
        self.model_path = None
        self.num_starts = 0
        self.num_closes = 0

    def __call__(self, command):
        return self

    def look(self):
        return self.view

    def start(self, model_path):
        self.num_starts += 1
        self.model_path = model_path
        self.view = View(Status.STARTING, None, self.view.drawings)

    def close(self):
        self.num_closes += 1
        self.view = View(Status.CLOSED, None, self.view.drawings)


@pytest.fixture
def window(monkeypatch):
    """The page's window, on a machine with a screen, visited from that machine."""
    window = FakeHost()
    monkeypatch.setattr("digits.host.WindowHost", window)
    monkeypatch.setattr("digits.host.has_screen", lambda: True)
    set_visitor(monkeypatch, ip_address=None, headers={})
    monkeypatch.setattr(sys, "argv", ["app.py"])
    st.cache_resource.clear()
    yield window
    st.cache_resource.clear()


def set_visitor(monkeypatch, **what_the_page_knows):
    for name, value in what_the_page_knows.items():
        monkeypatch.setattr(type(st.context), name, property(lambda self, value=value: value))


def show(tab="Draw"):
    page = AppTest.from_file(str(ROOT / "app.py"), default_timeout=30)
    page.query_params["tab"] = tab
    page.run()
    assert not page.exception
    return page


def button(page, label):
    return next(button for button in page.button if button.label == label)


def can_be_pressed(page):
    return {button.label: not button.disabled for button in page.button}


def words(page):
    """All text of the page that is not in the sidebar, as Markdown."""
    kinds = (page.main.markdown, page.main.caption, page.main.subheader, page.main.warning, page.main.error)
    return "\n".join(element.value for kind in kinds for element in kind).replace("\N{NO-BREAK SPACE}", " ")


def unescaped(markdown):
    return re.sub(r"\\(.)", r"\1", markdown)


def drawing(digit, confidence, second=None, is_sure=True, time=1780000000.0):
    probabilities = np.zeros(10)
    probabilities[digit] = confidence
    probabilities[(digit + 1) % 10 if second is None else second] = 1 - confidence
    return Drawing(time, (Answer(digit, confidence, tuple(probabilities.tolist()), is_sure),), SEVEN)


def test_the_page_welcomes_instructs_and_invites(window):
    page = show()
    assert page.title[0].value == "Draw a digit"
    assert [tab.label for tab in page.tabs] == ["Draw", "Images", "History", "Train", "Model", "Look inside"]
    assert "`Ctrl+Z` take the last step back" in words(page)
    assert "Press **Start Drawing** and draw a digit" in words(page)
    assert not page.dataframe


@pytest.mark.parametrize(
    ("status", "badge", "start", "close"),
    [
        (Status.CLOSED, "Window closed", True, False),
        (Status.STARTING, "Window starting", False, True),
        (Status.OPEN, "Window open", False, True),
        (Status.FAILED, "Window failed", True, False),
    ],
)
def test_the_state_of_the_window_and_what_can_be_pressed(window, status, badge, start, close):
    window.view = View(status, Failure("It rains.") if status is Status.FAILED else None)
    page = show()
    assert badge in words(page)
    assert can_be_pressed(page) == {"Start Drawing": start, "Close window": close}


def test_start_drawing_starts_one_window(window):
    page = show()
    button(page, "Start Drawing").click().run()
    assert window.num_starts == 1
    assert can_be_pressed(page) == {"Start Drawing": False, "Close window": True}
    page.run()
    assert window.num_starts == 1


def test_close_window_closes_it_and_keeps_the_answers(window):
    window.view = View(Status.OPEN, None, (drawing(7, 0.9),))
    page = show()
    button(page, "Close window").click().run()
    assert window.num_closes == 1
    assert can_be_pressed(page) == {"Start Drawing": True, "Close window": False}
    assert "All answers (1)" in words(page)


def test_a_second_tab_sees_the_same_window_and_answers(window):
    first = show()
    button(first, "Start Drawing").click().run()
    window.view = View(Status.OPEN, None, (drawing(7, 0.9),))
    second = show()
    assert can_be_pressed(second) == {"Start Drawing": False, "Close window": True}
    assert ":primary[7]" in words(second)


def test_an_open_window_without_answers_says_what_to_do(window):
    window.view = View(Status.OPEN)
    assert "Draw a digit in the window and press **Classify**" in words(show())


def test_a_failure_says_why(window):
    window.view = View(
        Status.FAILED, Failure("The window ended unexpectedly (exit code 1).", "Traceback\nValueError: x")
    )
    page = show()
    assert unescaped(page.error[0].value) == "The window ended unexpectedly (exit code 1)."
    assert page.code[0].value == "Traceback\nValueError: x"


def test_a_failure_in_one_sentence_has_no_details(window):
    window.view = View(Status.FAILED, Failure("There is no model_*_.h5 for $5 -- or $6."))
    page = show()
    assert page.error[0].value == r"There is no model_\*_\.h5 for \$5 \-\- or \$6\."
    assert not page.code


def test_the_latest_answer_is_shown_large(window):
    window.view = View(Status.OPEN, None, (drawing(3, 0.95), drawing(7, 0.984)))
    page = show()
    assert ":primary[7]" in words(page)
    assert "98.4 % sure" in words(page)
    assert "Not sure" not in words(page)
    assert len(page.get("vega_lite_chart")) == 1
    assert len(page.image) == 2


def test_a_doubtful_answer_names_both_digits(window):
    window.view = View(Status.OPEN, None, (drawing(4, 0.62, second=9, is_sure=False),))
    page = show()
    assert ":orange[Not sure: 4 or 9?]" in words(page)
    assert ":primary[4]" not in words(page)


def test_the_history_has_all_answers_the_latest_first(window):
    answered = (drawing(3, 0.95, time=1.0), drawing(4, 0.6, 9, is_sure=False, time=2.0), drawing(1, 1.0, time=3.0))
    window.view = View(Status.OPEN, None, answered)
    table = show("History").dataframe[0].value
    assert list(table["answer"].str.replace("\N{NO-BREAK SPACE}", " ")) == ["1", "not sure: 4 or 9?", "3"]
    assert list(table["number"]) == [3, 2, 1]
    assert list(table["confidence"]) == pytest.approx([99.9, 60.0, 95.0])


def test_without_a_screen_the_page_says_what_to_do_instead(window, monkeypatch):
    monkeypatch.setattr("digits.host.has_screen", lambda: False)
    page = show()
    assert "no screen" in page.info[0].value
    assert "python recognition.py" in page.info[0].value
    assert can_be_pressed(page) == {"Start Drawing": False, "Close window": False}


@pytest.mark.parametrize(
    "visitor",
    [{"ip_address": "203.0.113.9"}, {"headers": {"X-Forwarded-For": "203.0.113.9, 127.0.0.1"}}],
)
def test_a_visitor_on_another_machine_is_told_where_to_go(window, monkeypatch, visitor):
    set_visitor(monkeypatch, **visitor)
    window.view = View(Status.OPEN, None, (drawing(7, 0.9),))
    page = show()
    assert "you are on another" in page.info[0].value
    assert "python recognition.py" in page.info[0].value
    assert can_be_pressed(page) == {"Start Drawing": False, "Close window": False}
    assert ":primary[7]" in words(page)


def test_a_model_of_ones_own_is_handed_to_the_window(window, monkeypatch, tmp_path):
    model_path = tmp_path / "model.h5"
    model_path.write_bytes(b"\x89HDF\r\n\x1a\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["app.py", "model.h5"])
    page = show()
    button(page, "Start Drawing").click().run()
    assert window.model_path == model_path


def test_without_a_model_the_shipped_one_is_used(window):
    button(show(), "Start Drawing").click().run()
    assert window.model_path == ROOT / "assets" / "model.h5"


@pytest.mark.parametrize("content", [None, b"", b"a text file"])
def test_an_unusable_model_is_an_obstacle(window, monkeypatch, tmp_path, content):
    model_path = tmp_path / "model.h5"
    if content is not None:
        model_path.write_bytes(content)
    monkeypatch.setattr(sys, "argv", ["app.py", str(model_path)])
    page = show()
    assert str(model_path) in unescaped(page.info[0].value)
    assert can_be_pressed(page) == {"Start Drawing": False, "Close window": False}


@pytest.mark.parametrize("arguments", [["--colour", "red"], ["--help"], ["a.h5", "b.h5"]])
def test_a_command_line_that_is_not_understood(window, monkeypatch, arguments):
    monkeypatch.setattr(sys, "argv", ["app.py", *arguments])
    page = show()
    assert "streamlit run app.py -- model.h5" in unescaped(page.error[0].value)
    assert not page.button


def test_something_new_shows_the_page_again(window):
    """The page looks twice in a run: at its top, and where it would look from time to time."""
    views = iter([View(Status.STARTING)])
    window.view = View(Status.OPEN)
    window.look = lambda: next(views, window.view)
    assert "Window open" in words(show())


def test_started_as_a_plain_script_it_says_how_to_start_it():
    process = subprocess.run([sys.executable, "app.py"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert process.returncode == 2
    assert "streamlit run app.py" in process.stderr
    assert "Traceback" not in process.stderr


def test_the_page_imports_neither_tensorflow_nor_keras_nor_pygame():
    program = """
import sys
from streamlit.testing.v1 import AppTest
from digits import drawings, host
answered = drawings.Drawing(0.0, (drawings.Answer(1, 1.0, (0, 1, 0, 0, 0, 0, 0, 0, 0, 0)),), ())
host.WindowHost.look = lambda self: host.View(host.Status.OPEN, None, (answered,))
for tab in ("Draw", "Images", "History", "Train", "Model", "Look inside"):
    page = AppTest.from_file("app.py", default_timeout=60)
    page.query_params["tab"] = tab
    page.run()
    assert page.markdown and not page.exception, page
print(sorted({name.split(".")[0] for name in sys.modules} & {"tensorflow", "keras", "pygame"}))
"""
    process = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (process.returncode, process.stdout.strip()) == (0, "[]"), process.stderr
