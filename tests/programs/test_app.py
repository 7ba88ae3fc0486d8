import json
import os
import re
import shutil
import subprocess
import sys
import threading
from functools import cache
from urllib.parse import parse_qs

import numpy as np
import pandas as pd
import pytest
import streamlit as st
from streamlit.components.v2 import manifest_scanner
from streamlit.runtime.context import StreamlitHeaders
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Caption

from benchmarks.images.clean_pages import draw_table, encoded
from benchmarks.support import template_digits
from digits.drawing import examples, ink
from digits.models import loading, model_card
from digits.page import charts, drawing_views, history, visitor_session
from digits.page.drawing_views import AnsweredDrawing
from digits.page.jobs import runs, training_jobs
from digits.page.jobs.machine_speed import Speed
from digits.page.jobs.runs import Point, Run
from digits.page.jobs.training_process import OwnDigits, TrainingSnapshot, TrainingStatus
from digits.page.jobs.window_process import WindowSnapshot, WindowStatus
from digits.page.tabs import inside, train
from digits.page.training_views import link
from digits.recognition import collection
from digits.recognition.classifier import Answer
from digits.recognition.hand import open_hand
from digits.sheets import reading
from digits.system.child_processes import Failure
from digits.system.files import LONGEST_WORD, sha256
from digits.system.paths import ROOT
from digits.training.configuration import OWN_DIGITS, Configuration
from digits.training.presets import CLASSROOM, FEW_DIGITS, GOOD, LEFT_OUT
from tests.support.processes import run_python

TABS = ("Draw", "Images", "History", "Your hand", "Train", "Model", "Look inside", "Learn")
SCAN_ONCE = cache(manifest_scanner.scan_component_manifests)  # a server does it once, AppTest for each page
SEVEN = (np.array([[5.0, 5.0], [20.0, 5.0], [10.0, 25.0]]),)


class FakeHost:
    """A window that is in whatever state a test puts it in."""

    def __init__(self):
        self.shown = WindowSnapshot(WindowStatus.CLOSED)
        self.model_path = None
        self.options = []
        self.num_starts = 0
        self.num_closes = 0

    def __call__(self, command):
        return self

    def snapshot(self):
        return self.shown

    def start(self, model_path, options):
        self.num_starts += 1
        self.model_path, self.options = model_path, options
        self.shown = WindowSnapshot(WindowStatus.STARTING, None, self.shown.drawings)

    def close(self):
        self.num_closes += 1
        self.shown = WindowSnapshot(WindowStatus.CLOSED, None, self.shown.drawings)


class FakeTrainings:
    """Trainings that are in whatever state a test puts them in; the models are files in a folder."""

    def __init__(self, folder):
        self.folder = folder
        self.shown = TrainingSnapshot()
        self.shown_beside = None
        self.started = []
        self.told = []
        self.probed = None
        self.num_stops = 0

    def __call__(self, folder):
        return self

    def snapshot(self):
        return self.shown

    def beside(self):
        return self.shown_beside

    @property
    def is_busy(self):
        return self.shown.is_alive

    def start(self, configuration, data="", own=None, beside=None):
        training_jobs.check_limits(configuration)
        training_jobs.parse_path(data)
        self.started.append((configuration, data, *filter(None, (own, beside))))
        status, is_own = TrainingStatus.STARTING, own is not None
        self.shown = TrainingSnapshot(status, configuration.epochs, is_own=is_own, configuration=configuration)
        self.shown_beside = TrainingSnapshot(status, configuration=beside) if beside else None

    def stop(self):
        self.num_stops += 1
        self.shown = self.shown._replace(status=TrainingStatus.STOPPING)

    def tell(self, command):
        self.told.append(command)

    def probe(self, pictures):
        self.probed = pictures

    runs = training_jobs.TrainingHost.runs
    usual_data = training_jobs.TrainingHost.usual_data
    models = training_jobs.TrainingHost.models
    delete = training_jobs.TrainingHost.delete


class FakeSpeed:
    """A machine whose speed is what a test says."""

    def __init__(self, shown):
        self.shown = shown

    def __call__(self, folder):
        return self

    def look(self, may_measure=True):
        return self.shown

    def stop(self):
        pass


@pytest.fixture
def speed(monkeypatch):
    """How fast this machine is."""
    speed = FakeSpeed(Speed({"classroom": 21.0, "good": 75.0, "full": 6000.0}))
    monkeypatch.setattr("digits.page.visitor_session.MachineSpeed", speed)
    return speed


@pytest.fixture
def trainer(monkeypatch, tmp_path, speed):
    """The page's trainings, none so far."""
    trainer = FakeTrainings(tmp_path)
    monkeypatch.setattr("digits.page.visitor_session.TrainingHost", trainer)
    return trainer


@pytest.fixture
def window(monkeypatch, trainer, tmp_path_factory):
    """The page's window, on a machine with a screen, visited from that machine; nothing was taught there."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path_factory.mktemp("data")))
    window = FakeHost()
    monkeypatch.setattr("digits.page.jobs.window_process.WindowHost", window)
    monkeypatch.setattr("digits.page.jobs.window_process.has_screen", lambda: True)
    monkeypatch.setattr(manifest_scanner, "scan_component_manifests", SCAN_ONCE)
    set_visitor(monkeypatch, headers={})
    monkeypatch.setattr(sys, "argv", ["app.py"])
    st.cache_resource.clear()
    yield window
    st.cache_resource.clear()


@pytest.fixture
def mnist(monkeypatch, data_file):
    """Test digits for the page to evaluate models with."""
    monkeypatch.setenv("HANDWRITING_DATA", str(data_file))
    return data_file


LOCAL = {"Host": "localhost:8501", "Origin": "http://localhost:8501"}
STRANGERS = [  # set aside for documentation, RFC 5737
    {"ip_address": "203.0.113.9"},
    {"ip_address": "203.0.113.9", "headers": {"X-Forwarded-For": "127.0.0.1"}},
    {"headers": {"X-Forwarded-For": "127.0.0.1, 203.0.113.9"}},
    {"headers": {"Host": "evil.example:8501"}},
    {"mode": "hosted"},
]


def set_visitor(monkeypatch, ip_address=None, headers=None, mode=""):
    """Have the page see its visitor at this address, with these headers beside those of a local one."""
    monkeypatch.setenv("HANDWRITING_MODE", mode)
    seen = StreamlitHeaders((LOCAL | (headers or {})).items())
    monkeypatch.setattr(type(st.context), "ip_address", property(lambda self: ip_address))
    monkeypatch.setattr(type(st.context), "headers", property(lambda self: seen))


def show(tab="Draw"):
    page = AppTest.from_file(str(ROOT / "app.py"), default_timeout=30)
    page.query_params["tab"] = tab
    page.run()
    assert not page.exception
    return page


def button(page, label):
    return next(button for button in page.button if button.label == label)


def can_be_pressed(page):
    return {button.label: not button.disabled for button in open_tab(page).button}


def open_tab(page):
    return next(tab for tab in page.tabs if tab.label == page.session_state["tab"])


def go_to(page, tab):
    page.query_params.clear()  # which would decide
    page.session_state["tab"] = tab
    page.run()
    assert not page.exception
    return page


def words(page):
    """All text of the open tab, as Markdown."""
    kinds = ("markdown", "caption", "subheader", "header", "info", "success", "warning", "error")
    texts = [element.value for kind in kinds for element in getattr(open_tab(page), kind)]
    return "\n".join(texts).replace("\N{NO-BREAK SPACE}", " ")


def unescaped(markdown):
    return re.sub(r"\\(.)", r"\1", markdown)


def drawing(digit, confidence, second=None, is_sure=True, time=1780000000.0):
    probabilities = np.zeros(10)
    probabilities[digit] = confidence
    probabilities[(digit + 1) % 10 if second is None else second] = 1 - confidence
    return AnsweredDrawing(time, (Answer(digit, confidence, tuple(probabilities.tolist()), is_sure),), SEVEN)


def test_the_page_welcomes_instructs_and_invites(window):
    page = show()
    assert page.title[0].value == "Draw a digit"
    assert [tab.label for tab in page.tabs] == list(TABS)
    assert "`Ctrl+Z` take the last step back" in words(page)
    assert "Draw here or, with **Start Drawing**, in a window" in words(page)
    assert not page.dataframe


@pytest.mark.parametrize(
    ("status", "badge", "start", "close"),
    [
        (WindowStatus.CLOSED, "Window closed", True, False),
        (WindowStatus.STARTING, "Window starting", False, True),
        (WindowStatus.OPEN, "Window open", False, True),
        (WindowStatus.FAILED, "Window failed", True, False),
    ],
)
def test_the_state_of_the_window_and_what_can_be_pressed(window, status, badge, start, close):
    window.shown = WindowSnapshot(status, Failure("It rains.") if status is WindowStatus.FAILED else None)
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
    window.shown = WindowSnapshot(WindowStatus.OPEN, None, (drawing(7, 0.9),))
    page = show()
    button(page, "Close window").click().run()
    assert window.num_closes == 1
    assert can_be_pressed(page) == {"Start Drawing": True, "Close window": False}
    assert "answers (1)" in words(page)


def test_a_second_tab_sees_the_same_window_and_answers(window):
    first = show()
    button(first, "Start Drawing").click().run()
    window.shown = WindowSnapshot(WindowStatus.OPEN, None, (drawing(7, 0.9),))
    second = show()
    assert can_be_pressed(second) == {"Start Drawing": False, "Close window": True}
    assert ":primary[7]" in words(second)


def test_an_open_window_without_answers_says_what_to_do(window):
    window.shown = WindowSnapshot(WindowStatus.OPEN)
    assert "Draw a digit in the window and press **Classify**" in words(show())


def test_a_failure_says_why(window):
    window.shown = WindowSnapshot(
        WindowStatus.FAILED, Failure("The window ended unexpectedly (exit code 1).", "Traceback\nValueError: x")
    )
    page = show()
    assert unescaped(page.error[0].value) == "The window ended unexpectedly (exit code 1)."
    assert page.code[0].value == "Traceback\nValueError: x"


def test_a_failure_in_one_sentence_has_no_details(window):
    window.shown = WindowSnapshot(WindowStatus.FAILED, Failure("There is no model_*_.h5 for $5 -- or $6."))
    page = show()
    assert page.error[0].value == r"There is no model\_\*\_\.h5 for \$5 \-\- or \$6\."
    assert not page.code


def test_the_latest_answer_is_shown_large(window):
    window.shown = WindowSnapshot(WindowStatus.OPEN, None, (drawing(3, 0.95), drawing(7, 0.984)))
    page = show()
    assert ":primary[7]" in words(page)
    assert "98.4 % sure" in words(page)
    assert "Not sure" not in words(page)
    assert len(page.get("vega_lite_chart")) == 1
    assert len(page.image) == 2


def test_a_doubtful_answer_names_both_digits(window):
    window.shown = WindowSnapshot(WindowStatus.OPEN, None, (drawing(4, 0.62, second=9, is_sure=False),))
    page = show()
    assert ":orange[Not sure: 4 or 9?]" in unescaped(words(page))
    assert ":primary[4]" not in words(page)


def test_the_history_has_all_answers_the_latest_first(window):
    answered = (drawing(3, 0.95, time=1.0), drawing(4, 0.6, 9, is_sure=False, time=2.0), drawing(1, 1.0, time=3.0))
    window.shown = WindowSnapshot(WindowStatus.OPEN, None, answered)
    table = show("History").dataframe[0].value
    assert list(table["answer"].str.replace("\N{NO-BREAK SPACE}", " ")) == ["1", "not sure: 4 or 9?", "3"]
    assert list(table["number"]) == [3, 2, 1]
    assert list(table["confidence"]) == pytest.approx([99.9, 60.0, 95.0])


def test_without_a_screen_the_page_says_what_to_do_instead(window, monkeypatch):
    monkeypatch.setattr("digits.page.jobs.window_process.has_screen", lambda: False)
    page = show()
    assert "no screen" in words(page)
    assert "python recognition.py" in words(page)
    assert can_be_pressed(page) == {}


def test_the_look_at_the_window_comes_behind_all_else_of_its_tab(window, monkeypatch):
    """What follows a fragment with a timer gets lost at times."""
    monkeypatch.setattr("digits.page.tabs.draw.rerun_on_change", lambda *_: st.caption("looked"))
    for has_screen in (True, False):
        monkeypatch.setattr("digits.page.jobs.window_process.has_screen", lambda has_screen=has_screen: has_screen)
        shown = list(open_tab(show()).children.values())
        assert len(shown) > 2
        assert isinstance(shown[-1], Caption)
        assert shown[-1].value == "looked"


@pytest.mark.parametrize("visitor", STRANGERS)
def test_a_visitor_on_another_machine_cannot_open_the_window(window, monkeypatch, visitor):
    set_visitor(monkeypatch, **visitor)
    window.shown = WindowSnapshot(WindowStatus.OPEN, None, (drawing(7, 0.9),))
    page = show()
    assert ("you are on another" in words(page)) is ("mode" not in visitor)
    assert can_be_pressed(page) == {}
    assert ":primary[7]" not in words(page)
    history = show("History")
    assert history.dataframe.values == []
    window.snapshot = lambda: pytest.fail("the visitor's page looks at the window")
    for shown in (page, history, show("Look inside")):
        assert not shown.run().exception
    assert (window.num_starts, window.num_closes) == (0, 0)


@pytest.mark.parametrize("visitor", STRANGERS)
def test_a_visitor_on_another_machine_cannot_train(window, trainer, monkeypatch, tmp_path, visitor):
    model_file(tmp_path, "mine")
    at_home = show("Train")
    assert "Delete this model" in can_be_pressed(at_home)
    set_visitor(monkeypatch, **visitor)
    page = show("Train")
    trainer.shown = TrainingSnapshot(TrainingStatus.RUNNING, 3, EPOCHS[:1])
    for shown in (page, show("Train")):
        assert words(shown) == train.OTHER_MACHINE
        assert can_be_pressed(shown) == {}
        for kind in ("number_input", "text_input", "progress", "selectbox"):
            assert not open_tab(shown).get(kind)


@pytest.mark.parametrize(("visitor", "is_here"), [({}, True), *((stranger, False) for stranger in STRANGERS)])
def test_a_model_is_brought_and_converted_at_this_computer_alone(window, monkeypatch, visitor, is_here):
    set_visitor(monkeypatch, **visitor)
    page = show("Model")
    assert ("Use a model of your own" in [expander.label for expander in page.expander]) is is_here
    assert ("own model" in [uploader.key for uploader in page.file_uploader]) is is_here
    assert ("Write as ONNX" in [each.label for each in page.button]) is is_here


def test_a_history_forgets_the_earliest_answers(monkeypatch):
    own: list = []
    entries: list = ["first", "second", "third"]
    monkeypatch.setattr(visitor_session, "MOST_ENTRIES", 2)
    monkeypatch.setattr(visitor_session, "_own", lambda: own)
    visitor_session.remember(entries[:1])
    visitor_session.remember(entries[1:])
    assert own == entries[1:]


def test_the_script_for_hosts_that_set_no_variables_is_hosted(window, monkeypatch):
    monkeypatch.setenv("HANDWRITING_MODE", "")
    page = AppTest.from_file(str(ROOT / "hosted" / "streamlit_app.py"), default_timeout=30).run()
    assert not page.exception
    assert page.title[0].value == "Draw a digit"
    assert not page.button


def test_an_unknown_mode_is_an_error(window, monkeypatch):
    set_visitor(monkeypatch, mode="open")
    assert "expected one of hosted" in show().error[0].value


def test_what_went_wrong_on_the_computer_is_for_those_at_it(window, trainer, monkeypatch):
    window.shown = WindowSnapshot(WindowStatus.FAILED, Failure("The window ended.", "Traceback"))
    trainer.shown = TrainingSnapshot(TrainingStatus.FAILED, 3, failure=Failure("There is no data file /home/x."))
    assert show().code
    assert show("Train").error
    set_visitor(monkeypatch, ip_address="203.0.113.9")
    assert not show().code
    assert not show("Train").error


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
    assert str(model_path) in unescaped(page.error[0].value)
    assert can_be_pressed(page) == {}


@pytest.mark.parametrize("arguments", [["--colour", "red"], ["--help"], ["a.h5", "b.h5"]])
def test_a_command_line_that_is_not_understood(window, monkeypatch, arguments):
    monkeypatch.setattr(sys, "argv", ["app.py", *arguments])
    page = show()
    assert "streamlit run app.py -- model.h5" in unescaped(page.error[0].value)
    assert not page.button


def test_something_new_shows_the_page_again(window):
    """The page looks twice in a run: at its top, and where it would look from time to time."""
    views = iter([WindowSnapshot(WindowStatus.STARTING)])
    window.shown = WindowSnapshot(WindowStatus.OPEN)
    window.snapshot = lambda: next(views, window.shown)
    assert "Window open" in words(show())


# The tabs


@pytest.mark.parametrize(
    ("tab", "purpose", "invitation"),
    [
        ("Draw", "a neural network tells you which digit it is", "**Start Drawing**"),
        ("Images", "Upload pictures of handwritten digits, or take one", "Choose a picture or drop it above"),
        ("History", "Every answer of this session", "keep an answer on the pad, or upload a picture"),
        ("Your hand", "it does not make that mistake again", "Say on the pad, in *Images* or in *History*"),
        ("Train", "Train the network yourself", "No model has been trained here yet: start one above."),
        ("Model", "how often it is right on digits it has never seen", "Get all of MNIST"),
        ("Look inside", "watch the network at work", "every picture is what one part of it makes of your drawing"),
    ],
)
def test_every_tab_says_what_it_is_for_and_what_to_do(window, tab, purpose, invitation):
    page = show(tab)
    assert purpose in open_tab(page).markdown[0].value
    assert invitation in unescaped(words(page))


@pytest.mark.parametrize("tab", ["", "Nowhere", "draw"])
def test_an_unknown_tab_in_the_address_shows_the_first(window, tab):
    page = AppTest.from_file(str(ROOT / "app.py"), default_timeout=30)
    page.query_params["tab"] = tab
    page.run()
    assert not page.exception
    assert "**Start Drawing**" in words(page)


def test_only_the_open_tab_costs_anything(window, monkeypatch):
    for name in (
        "page.tabs.model.evaluate_on_test_digits",
        "page.inside.component.show",
        "page.history.as_json",
        "page.pad.show",
    ):
        monkeypatch.setattr(f"digits.{name}", None)
    show("Images")


# Images


def picture_of(*digits):
    """A PNG file of digits beside each other, dark on light."""
    row = np.concatenate([template_digits.pictures(10, seed=digit)[0][digit] for digit in digits], axis=1)
    return drawing_views.png(255 - drawing_views.repeat_pixels(row, 4))


def upload(page, *files):
    """Give the page files of these names and contents."""
    page.file_uploader[0].set_value([(name, content, "image/png") for name, content in files])
    page.run()
    assert not page.exception
    return page


def column(page, name):
    return list(open_tab(page).dataframe[0].value[name])


def told(page):
    """What the answers of the open tab are said to be."""
    return ["" if pd.isna(label) else label for label in column(page, "it was")]


def test_the_digits_of_uploaded_pictures_are_read_and_remembered(window):
    page = upload(show("Images"), ("three.png", picture_of(3)), ("number.png", picture_of(4, 7)))
    assert column(page, "answer") == ["3", "4", "7"]
    assert column(page, "name") == ["three.png", "number.png (1 of 2)", "number.png (2 of 2)"]
    assert len(page.image) == 2
    go_to(page, "History")
    assert sorted(column(page, "answer")) == ["3", "4", "7"]
    assert set(column(page, "source")) == {"image"}


def test_a_sample_sheet_is_read_at_a_press(window):
    page = show("Images")
    page.segmented_control(key="from").set_value("Sample sheet").run()
    assert not page.exception
    assert "".join(column(page, "answer")) == "".join(examples.SHEET).replace(" ", "")
    page.run()
    assert len(page.session_state["history"]) == len(column(page, "answer"))


def test_digits_in_the_cells_of_a_grid_are_shown_as_a_table_that_can_be_downloaded(window):
    form = encoded(draw_table(("3 1", "47 ")))
    page = upload(show("Images"), ("form.png", form), ("three.png", picture_of(3)))
    (table,) = open_tab(page).table
    assert table.value.to_numpy().tolist() == [["3", "", "1"], ["4", "7", ""]]
    (button,) = [each for each in open_tab(page).get("download_button") if each.proto.label == "CSV"]
    assert button.proto.url.endswith(".csv")


def test_many_pictures_are_read_in_other_processes_to_the_same_end(window, monkeypatch):
    monkeypatch.setattr("digits.page.jobs.image_jobs.FEW", 3)
    monkeypatch.setattr("digits.page.jobs.image_jobs.READING", None)
    files = [(f"{digit}.png", picture_of(digit)) for digit in (3, 1, 4)]
    page = upload(show("Images"), *files, ("broken.png", b"no picture"))
    assert column(page, "answer") == ["3", "1", "4"]
    assert column(page, "name") == ["3.png", "1.png", "4.png"]
    assert "broken.png" in unescaped(page.warning[0].value)
    assert sorted(column(go_to(page, "History"), "answer")) == ["1", "3", "4"]


def test_each_picture_is_read_once(window, monkeypatch):
    page = upload(show("Images"), ("three.png", picture_of(3)))
    monkeypatch.setattr("digits.sheets.reading.read_pages", None)
    page.run()
    go_to(page, "Draw")
    go_to(page, "Images")
    assert column(page, "answer") == ["3"]
    assert len(go_to(page, "History").dataframe[0].value) == 1


def test_a_run_that_was_cut_short_reads_the_rest_in_the_next(window, monkeypatch):
    read, names = reading.read_pages, []

    def cut_short(content, name, classifier):
        names.append(name)
        if len(names) == 3:
            raise RuntimeError
        return read(content, name, classifier)

    monkeypatch.setattr("digits.sheets.reading.read_pages", cut_short)
    page = show("Images")
    page.file_uploader[0].set_value([(f"{digit}.png", picture_of(digit), "image/png") for digit in range(4)])
    page.run()
    assert page.exception
    page.run()
    assert names == ["0.png", "1.png", "2.png", "2.png", "3.png"]
    assert column(page, "answer") == list("0123")
    assert sorted(column(go_to(page, "History"), "answer")) == list("0123")


def test_a_picture_that_is_taken_away_leaves_the_tab_but_not_the_history(window):
    page = upload(show("Images"), ("three.png", picture_of(3)))
    upload(page)
    assert not open_tab(page).dataframe
    assert column(go_to(page, "History"), "answer") == ["3"]


def test_what_cannot_be_read_is_named_as_it_is_and_stops_nothing(window):
    page = upload(show("Images"), ("_note_*.png", b"no picture"), ("three.png", picture_of(3)))
    assert "_note_*.png" in unescaped(page.warning[0].value)
    assert r"\_note\_\*" in page.warning[0].value
    assert column(page, "answer") == ["3"]


def test_the_name_of_an_upload_is_one_printable_line_of_limited_length(window):
    names = ["two\nlines\x1b[2J.png", "r\N{RIGHT-TO-LEFT OVERRIDE}l.png", f"{'n' * 400}.png"]
    page = upload(show("Images"), *((name, picture_of(3)) for name in names), ("bad\n.png", b"no picture"))
    *short, long = column(page, "name")
    assert short == ["two lines [2J.png", "r l.png"]
    assert len(long) <= LONGEST_WORD
    assert unescaped(page.warning[0].value).startswith("bad .png is not an image")


def test_a_file_name_is_never_taken_for_markdown(window):
    page = upload(show("Images"), ("![x](http://a.b) _c_.png", picture_of(3)))
    (picture,) = page.image[0].proto.imgs
    assert picture.caption == r"\!\[x\]\(http\://a\.b\) \_c\_\.png: 3"


def test_a_correction_is_in_the_history(window):
    page = upload(show("Images"), ("number.png", picture_of(4, 7)))
    key = page.data_editor[0].key
    assert key
    page.session_state[key] = {
        "edited_rows": {1: {"it was": "1"}},
        "added_rows": [],
        "deleted_rows": [],
    }
    page.run()
    assert not page.exception
    assert told(page) == ["", "1"]
    assert column(page, "answer") == ["4", "7"]
    assert sorted(told(go_to(page, "History"))) == ["", "1"]
    assert told(go_to(page, "Images")) == ["", "1"]


def test_of_many_pictures_one_is_chosen_to_be_seen(window):
    page = upload(show("Images"), *((f"{digit}.png", picture_of(digit)) for digit in range(5)))
    assert column(page, "answer") == list("01234")
    assert len(page.image) == 1
    page.selectbox[0].select_index(3).run()
    assert [unescaped(picture.caption) for picture in page.image[0].proto.imgs] == ["3.png: 3"]


# History


def kept(page, *digits):
    """Put answers of the pad into the history."""
    page.session_state["history"] = [
        entry for digit in digits for entry in history.entries_of(drawing(digit, 0.9), "pad")
    ]
    page.run()
    return page


def test_the_history_is_of_one_session_only(window):
    first, second = kept(show("History"), 3), show("History")
    assert column(first, "answer") == ["3"]
    assert not second.dataframe


def test_the_history_begins_with_the_drawing_on_the_pad_without_a_press(window):
    page = show("History")
    page.session_state["drawing"] = {"version": 3, "columns": 28, "strokes": [[[5, 5], [20, 5], [10, 25]]]}
    page.run()
    assert "On the pad now: **7**, 99.9 % sure" in words(page)
    button(page, "Keep").click().run()
    assert "On the pad now" not in words(page)
    assert column(page, "answer") == ["7"]
    page.session_state["drawing"] = {"version": 4, "columns": 28, "strokes": []}
    page.run()
    assert "On the pad now" not in words(page)


def test_the_history_can_be_downloaded_in_four_forms(window):
    page = kept(show("History"), 3)
    assert [button.label for button in page.download_button] == ["Text", "CSV", "JSON", "Pictures (ZIP)"]


def test_clearing_forgets_everything_so_far(window):
    window.shown = WindowSnapshot(WindowStatus.OPEN, None, (drawing(7, 0.9, time=1.0),))
    page = kept(show("History"), 3)
    assert len(page.dataframe[0].value) == 2
    button(page, "Clear history").click().run()
    assert "The history is empty" in words(page)
    assert "2 answers were deleted" in words(page)
    button(page, "Undo").click().run()
    assert len(page.dataframe[0].value) == 2
    button(page, "Clear history").click().run()
    window.shown = WindowSnapshot(WindowStatus.OPEN, None, (*window.shown.drawings, drawing(1, 0.9, time=4e9)))
    page.run()
    assert column(page, "answer") == ["1"]


def test_single_answers_are_deleted_and_come_back_where_they_were(window):
    window.shown = WindowSnapshot(WindowStatus.OPEN, None, (drawing(7, 0.9, time=4e9), drawing(1, 0.9, time=1.0)))
    page = kept(show("History"), 3, 5)
    before = column(page, "answer")
    assert (before[0], before[-1]) == ("7", "1")
    delete_rows(page, 0, before.index("3"))
    assert column(page, "answer") == [answer for answer in before if answer not in "37"]
    assert "2 answers were deleted" in words(page)
    page.session_state["history"] += history.entries_of(drawing(9, 0.9, time=2e9), "pad")
    button(page.run(), "Undo").click().run()
    assert column(page, "answer") == ["7", "9", *before[1:]]
    assert "deleted" not in words(page).replace("To delete", "")
    delete_rows(page, 1)
    assert column(page, "answer") == before


def delete_rows(page, *rows):
    """Delete rows of the open tab's table of answers."""
    page.session_state[page.data_editor[0].key] = {"edited_rows": {}, "added_rows": [], "deleted_rows": [*rows]}
    page.run()
    assert not page.exception


def test_the_history_follows_the_window(window):
    """The page looks twice in a run: for the table, and where it would look from time to time."""
    before, after = WindowSnapshot(WindowStatus.OPEN), WindowSnapshot(WindowStatus.OPEN, None, (drawing(7, 0.9),))
    looks = iter([before, before])
    window.snapshot = lambda: next(looks, after)
    assert column(show("History"), "answer") == ["7"]


# A hand


def tell(page, row, **said):
    """Edit a row of the open tab's table of answers."""
    key = page.data_editor[0].key
    page.session_state[key] = {"edited_rows": {row: said}, "added_rows": [], "deleted_rows": []}
    page.run()
    assert not page.exception
    return page


def hand_of_folder(name=None):
    """What other programs of this computer see."""
    return open_hand(loading.load(), name=name)


def labels_of(hand):
    return [drawing.label for drawing in hand.drawings()]


def test_right_and_wrong_can_be_told_in_the_history_and_is_kept_in_the_collection(window):
    page = kept(show("History"), 3)
    tell(page, 0, right=True)
    assert labels_of(hand_of_folder()) == ["3"]
    assert (column(page, "right"), column(page, "it was")) == ([True], ["3"])
    tell(page, 0, **{"it was": "+"})
    assert labels_of(hand_of_folder()) == ["+"]
    assert (column(page, "right"), column(page, "it was")) == ([False], ["+"])
    tell(page, 0, **{"it was": None})
    assert labels_of(hand_of_folder()) == []


def test_a_label_that_is_none_is_refused_in_a_sentence(window):
    page = tell(kept(show("History"), 3), 0, **{"it was": "thirteen char"})
    assert "1 to 12 characters" in words(page)
    assert labels_of(hand_of_folder()) == []


def test_what_the_window_was_taught_is_in_the_history_and_among_the_taught_drawings(window):
    window.shown = WindowSnapshot(WindowStatus.OPEN, None, (drawing(7, 0.9),))
    page = show("History")
    assert column(page, "it was") == [None]
    hand = hand_of_folder()
    picture = ink.normalize(SEVEN)
    hand.remember(picture, "1", hand.classify(picture), SEVEN)
    page.run()
    assert column(page, "it was") == ["1"]
    assert "Taught: 1 drawing" in words(go_to(page, "Your hand"))


def test_answers_go_by_what_was_taught_until_it_is_switched_off(window):
    page = upload(show("Images"), ("number.png", picture_of(4, 7)))
    tell(page, 0, **{"it was": "heart"})
    for picture in template_digits.pictures(20, seed=4)[0][4::10]:
        hand_of_folder().remember(picture, "heart", loading.load().classify(picture))
    upload(page, ("again.png", picture_of(4, 7)))
    assert column(page, "answer") == ["heart, as you taught it", "7"]
    assert column(page, "goes by")[0].startswith("data:image/png")
    go_to(page, "Your hand").toggle[0].set_value(False).run()
    assert column(go_to(page, "Images"), "answer") == ["4", "7"]
    assert "switched off" in words(go_to(page, "Draw"))


def test_another_hand_and_a_guest(window):
    page = go_to(tell(kept(show("History"), 3), 0, right=True), "Your hand")
    assert "Taught: 1 drawing" in words(page)
    whose(page, "Ada")
    assert "Nothing yet" in words(page)
    tell(kept(go_to(page, "History"), 4), 0, right=True)
    assert (labels_of(hand_of_folder("Ada")), labels_of(hand_of_folder())) == (["4"], ["3"])
    whose(go_to(page, "Your hand"), "")
    assert "A guest is answered by the network alone" in words(page)
    tell(kept(go_to(page, "History"), 5), 0, right=True)
    assert column(page, "it was") == ["5"]
    assert (labels_of(hand_of_folder("Ada")), labels_of(hand_of_folder())) == (["4"], ["3"])


def whose(page, name):
    """Choose a hand; the test's page offers those of the list alone, so a new one is set as a typed one is."""
    page.session_state["hand_name"] = name
    return page.run()


def test_the_window_goes_by_the_hand_of_the_page(window):
    page = show()
    button(page, "Start Drawing").click().run()
    assert window.options[-2:] == ["--hand", collection.default_hand()]
    page.session_state["hand_name"] = ""
    window.shown = WindowSnapshot(WindowStatus.CLOSED)
    page.run()
    button(page, "Start Drawing").click().run()
    assert window.options == ["--guest"]


@pytest.mark.parametrize("visitor", STRANGERS[:1])
def test_what_a_visitor_from_elsewhere_teaches_is_the_visitors_alone(window, monkeypatch, visitor):
    set_visitor(monkeypatch, **visitor)
    page = go_to(tell(kept(show("History"), 3), 0, right=True), "Your hand")
    assert "Taught: 1 drawing" in words(page)
    assert "download your drawings" in words(page)
    assert page.selectbox[0].options == ["this visit", "Guest"]
    assert labels_of(hand_of_folder()) == []
    assert "Nothing yet" in words(show("Your hand"))


def test_a_zip_of_drawings_is_brought_back_once_and_can_be_undone(window):
    other = hand_of_folder("Ada")
    for picture in template_digits.pictures(3, seed=1)[0]:
        other.remember(picture, "+", other.classify(picture))
    page = show("Your hand")

    def bring_back(content):
        page.file_uploader(key="hand zip").set_value([("hand.zip", content, "application/zip")])
        page.run()

    bring_back(other.export())
    assert "3 added, 0 known already, 0 damaged" in unescaped(words(page))
    assert "Taught: 3 drawings" in words(page)
    button(page, "Undo").click().run()
    assert "Nothing yet" in words(page)
    bring_back(b"no ZIP")
    assert "This is no ZIP of a collection" in unescaped(words(page))


def test_a_collection_that_cannot_be_read_is_said_and_the_page_goes_on(window, tmp_path, monkeypatch):
    (tmp_path / "handwriting").mkdir()
    (tmp_path / "handwriting" / "collection").touch()
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert "is no folder" in unescaped(words(show("Your hand")))
    page = tell(kept(show("History"), 3), 0, right=True)
    assert "is no folder" in unescaped(words(page))


def teach_digits(count):
    hand = hand_of_folder()
    pictures, labels = template_digits.pictures(count, seed=1)
    for picture, label in zip(pictures, labels.tolist(), strict=True):
        hand.remember(picture, label, hand.classify(picture))


def test_the_walk_through_the_digits_begins_where_it_was_left(window):
    teach_digits(13)
    page = show("Your hand")
    button(page, "Go on").click().run()
    (mounted,) = open_tab(page).get("bidi_component")
    assert json.loads(mounted.proto.json)["lesson"] == {"label": "3", "done": 13, "of": 100}
    button(page, "Stop for now").click().run()
    assert "Taught: 13 drawings" in words(page)
    teach_digits(100)
    assert "Ten of each digit are there" in words(page.run())


def test_a_hand_is_trained_on_compared_and_used(window, trainer):
    teach_digits(19)
    assert "20 digits are needed; so far: 19." in words(show("Your hand"))
    teach_digits(1)
    page = show("Your hand")
    button(page, "Train on 20 digits").click().run()
    (started,) = trainer.started
    own = OwnDigits(loading.SHIPPED, collection.default_folder(), collection.default_hand())
    assert started == (OWN_DIGITS, "", own)
    model = model_file(trainer.folder, "mine")
    before, after = ({"own_accuracy": own, "own_loss": 0.1, "large_accuracy": 0.99} for own in (0.75, 1.0))
    came_of_it = {"drawings": 16, "held_back": 4, "before": before, "after": after, "is_better": True}
    done = TrainingSnapshot(TrainingStatus.FINISHED, 3, EPOCHS, model.name, 0.99, None, True, came_of_it)
    trainer.shown = done
    page.run()
    assert [metric.value for metric in page.metric] == [
        "75.0\N{NO-BREAK SPACE}% \N{RIGHTWARDS ARROW} 100\N{NO-BREAK SPACE}%",
        "99.0\N{NO-BREAK SPACE}% \N{RIGHTWARDS ARROW} 99.0\N{NO-BREAK SPACE}%",
    ]
    button(page, "Use it").click().run()
    assert page.session_state["model"] == model
    trainer.shown = done._replace(own={**came_of_it, "is_better": False})
    assert "no better, so the one in use stays" in words(page.run())
    assert "own drawings" in words(go_to(page, "Train"))


# Training


EPOCHS = tuple(
    {"epoch": n, "loss": 1 / n, "accuracy": 1 - 0.1 / n, "validation_loss": 1 / n, "validation_accuracy": 1 - 0.2 / n}
    | {"seconds": 40.0}
    for n in (1, 2, 3)
)


def model_file(folder, name, **entries):
    """A copy of the shipped model, with other entries in its card."""
    path = folder / f"{name}.h5"
    for source, target in zip(
        (loading.SHIPPED, *model_card.companions(loading.SHIPPED)), (path, *model_card.companions(path)), strict=True
    ):
        shutil.copy(source, target)
    told = model_card.companions(path).card
    told.write_text(json.dumps({**model_card.read_card(told).entries, **entries}))
    return path


CHOSEN = {
    "Digits": "digits",
    "Epochs": "epochs",
    "Batch size": "batch_size",
    "Learning rate": "learning_rate",
    "Seed": "seed",
    "Left out": "left_out",
    "Wrong labels": "wrong_labels",
}
OTHER = Configuration(2, 64, 0.05, 9, 2000, "full", augmentation=False, centring=False, left_out=3, wrong_labels=0.25)
BATCH = {
    "epoch": 2,
    "batch": 40,
    "batches": 80,
    "seconds_left": 30.0,
    "is_paused": False,
    "probes": np.eye(11, 10).tolist(),
    "kernels": [[0.5] * 9, [-0.5] * 9],
}
CURVE = (Point(0, 0.1), Point(5120, 0.75, 0.5), Point(7680, 0.9, 0.8))
LEARNING = TrainingSnapshot(
    TrainingStatus.RUNNING,
    3,
    configuration=CLASSROOM.configuration,
    phase="learning",
    batch=BATCH,
    curve=CURVE,
    data="MNIST",
)


def test_what_was_chosen_is_trained(window, trainer):
    page = show("Train")
    choose(page, OTHER, "~/digits.npz")
    assert trainer.started == [(OTHER, "~/digits.npz")]
    assert link.read({name: "".join(value) for name, value in page.query_params.items()}) == OTHER
    assert "Waking TensorFlow" in page.get("progress")[0].proto.text
    assert can_be_pressed(page) == {"Pause": False, "One batch": False, "Stop and keep": True}


def test_a_preset_says_how_long_it_takes_here_and_starts(window, trainer, speed, mnist):
    told = words(show("Train"))
    for title, time in zip(("Classroom", "Good", "Full"), ("21 s", "75 s", "1.7 h"), strict=True):
        assert f"**{title}**" in told
        assert f"About {time} on this computer" in told
    runs.write(trainer.folder, Run("2026-11-27 10.00.00", CLASSROOM.configuration, "finished", "MNIST", 18.0))
    runs.write(trainer.folder, Run("2026-11-27 11.00.00", CLASSROOM.configuration, "finished", "MNIST", 60.0))  # paused
    assert "About 18 s on this computer" in words(show("Train"))
    speed.shown = Speed(is_being_measured=True)
    page = show("Train")
    assert words(page).count("Measuring how fast this computer is") == 2
    button(page, "Start Good").click().run()
    assert trainer.started == [(GOOD.configuration, "")]


def test_without_mnist_only_what_does_with_the_sample_can_be_started(window, trainer, monkeypatch):
    page = show("Train")
    pressed = can_be_pressed(page)
    assert [pressed[f"Start {title}"] for title in ("Classroom", "Good", "Full")] == [True, False, False]
    assert trainer.usual_data() == "sample of MNIST"
    started = threading.Event()
    monkeypatch.setattr(visitor_session.mnist_download(), "_download", lambda note, remedy: started.wait(60))
    button(page, "Get all of MNIST").click().run()
    assert page.get("progress")[0].proto.text == "Downloading MNIST: 0.0 MB"
    started.set()


def test_an_experiment_has_its_question_before_and_its_finding_after(window, trainer):
    page = show("Train")
    assert FEW_DIGITS.question in words(page)
    page.button(key=f"experiment {FEW_DIGITS.name}").click().run()
    assert trainer.started == [(FEW_DIGITS.configuration, "", CLASSROOM.configuration)]
    assert f"**{FEW_DIGITS.question}**" in words(page)
    plain = Run("2026-11-27 10.00.00", CLASSROOM.configuration, "finished", "MNIST", 20.0, 0.975, CURVE)
    run = Run("2026-11-27 11.00.00", FEW_DIGITS.configuration, "finished", "MNIST", 20.0, 0.75, CURVE)
    for each in (plain, run):
        runs.write(trainer.folder, each)
    trainer.shown = LEARNING._replace(
        status=TrainingStatus.FINISHED, configuration=run.configuration, model=f"{run.name}.h5", test_accuracy=0.75
    )
    trainer.shown_beside = None
    page.run()
    said = unescaped(words(page))
    assert "Test accuracy: 75.00 %, and 97.50 % without the change: 22.5 points lower." in said
    assert FEW_DIGITS.finding in said
    shown = view_of(page)
    assert [curve["kind"] for curve in shown["curves"]] == ["main", "plain", "seen"]


def test_an_experiment_takes_the_plain_run_that_is_kept(window, trainer):
    plain = Run("2026-11-27 10.00.00", CLASSROOM.configuration, "finished", trainer.usual_data(), 20.0, 0.975, CURVE)
    runs.write(trainer.folder, plain)
    show("Train").button(key=f"experiment {LEFT_OUT.name}").click().run()
    assert trainer.started == [(LEFT_OUT.configuration, "")]


@pytest.mark.parametrize(
    ("changed", "said", "share"),
    [
        ({"status": TrainingStatus.STARTING, "batch": None}, "Waking TensorFlow, which takes a few seconds ...", 0),
        ({"phase": "drawing", "batch": None}, "Drawing the digits to learn from ...", 0),
        ({}, "Learning · epoch 2 of 3, batch 40 of 80 · about 30 s left", 50),
        (
            {"batch": {**BATCH, "seconds_left": 840.0}},
            "Learning · epoch 2 of 3, batch 40 of 80 · about 14 min left",
            50,
        ),
        ({"batch": {**BATCH, "is_paused": True}}, "Paused · epoch 2 of 3, batch 40 of 80", 50),
        ({"phase": "testing"}, "Reading the test digits ...", 50),
        ({"status": TrainingStatus.STOPPING}, "Stopping: the best so far is tested and saved ...", 50),
    ],
)
def test_a_training_is_followed(window, trainer, changed, said, share):
    trainer.shown = LEARNING._replace(**changed)
    page = show("Train")
    (progress,) = page.get("progress")
    assert (progress.proto.text, progress.proto.value) == (said, share)
    assert trainer.probed.shape == (10, 28, 28)


def test_the_drawing_on_the_pad_is_answered_first_while_it_learns(window, trainer):
    trainer.shown = LEARNING
    page = show("Train")
    page.session_state["drawing"] = {"version": 1, "columns": 28, "strokes": [[[5, 5], [20, 5], [10, 25]]]}
    page.run()
    assert trainer.probed.shape == (11, 28, 28)
    shown = view_of(page)
    assert [probe["name"] for probe in shown["probes"][:2]] == ["Your drawing", "A 0 of MNIST"]
    assert shown["probes"][1]["shares"] == BATCH["probes"][0]
    assert shown["curves"][0]["points"] == [[seen, accuracy] for seen, accuracy, _ in CURVE]
    assert shown["images"] == 3 * 80 * CLASSROOM.configuration.batch_size


def view_of(page):
    """What the browser is given to show of a training."""
    shown = (json.loads(view.proto.json) for view in page.get("bidi_component") if '"curves"' in view.proto.json)
    return next(shown)


@pytest.mark.parametrize(("phase", "can_be"), [("drawing", True), ("learning", True), ("testing", False)])
def test_a_training_can_be_paused_between_two_epochs_too(window, trainer, phase, can_be):
    trainer.shown = LEARNING._replace(phase=phase)
    assert can_be_pressed(show("Train")) == {"Pause": can_be, "One batch": can_be, "Stop and keep": True}


def test_a_training_is_paused_goes_on_batch_by_batch_and_is_stopped(window, trainer):
    trainer.shown = LEARNING
    page = show("Train")
    button(page, "Pause").click().run()
    button(page, "One batch").click().run()
    trainer.shown = LEARNING._replace(batch={**BATCH, "is_paused": True})
    button(page.run(), "Go on").click().run()
    assert trainer.told == ["pause", "step", "continue"]
    button(page, "Stop and keep").click().run()
    assert trainer.num_stops == 1
    assert can_be_pressed(page) == {"Pause": False, "One batch": False, "Stop and keep": False}


@pytest.mark.parametrize(
    ("view", "said"),
    [
        (
            TrainingSnapshot(TrainingStatus.FINISHED, 3, EPOCHS, "a.h5", 0.9876),
            "Test accuracy: 98.76 %",
        ),
        (TrainingSnapshot(TrainingStatus.STOPPED, 5, EPOCHS, "a.h5", 0.5), "what it had learned is saved"),
        (
            TrainingSnapshot(TrainingStatus.FAILED, 5, failure=Failure("No file x_y.npz.")),
            r"No file x\_y\.npz\.",
        ),
    ],
)
def test_how_a_training_ended_is_said(window, trainer, view, said):
    trainer.shown = view
    page = show("Train")
    assert said in words(page)
    assert "Start training" in can_be_pressed(page)
    assert not page.get("progress")


def test_a_second_session_finds_the_running_training(window, trainer):
    first = show("Train")
    button(first, "Start Classroom").click().run()
    second = show("Train")
    assert can_be_pressed(second)["Stop and keep"]
    assert len(trainer.started) == 1


def choose(page, configuration, data=""):
    """Fill in the form and start the training."""
    for label, name in CHOSEN.items():
        next(widget for widget in page.number_input if widget.label == label).set_value(getattr(configuration, name))
    next(widget for widget in page.selectbox if widget.label == "Network").set_value(configuration.network)
    for toggle in page.toggle:
        if toggle.label.lower() in ("augmentation", "centring"):
            toggle.set_value(getattr(configuration, toggle.label.lower()))
    page.text_input[0].set_value(data)
    button(page, "Start training").click().run()
    assert not page.exception


def values(page):
    """What the form holds: numbers, network, switches and data file."""
    numbers = {CHOSEN[widget.label]: widget.value for widget in page.number_input}
    network = next(widget for widget in page.selectbox if widget.label == "Network").value
    switches = {toggle.label.lower(): toggle.value for toggle in page.toggle}
    return Configuration.checked(**numbers, network=network, **switches), page.text_input[0].value


def test_the_next_training_begins_with_what_this_visitor_chose_last(window, trainer):
    page, other = show("Train"), show("Train")
    choose(page, OTHER, "here.npz")
    trainer.shown = TrainingSnapshot(TrainingStatus.FINISHED, 7, EPOCHS)
    page.run()
    assert values(page) == (OTHER, "here.npz")
    assert values(other.run()) == values(show("Train")) == (CLASSROOM.configuration, "")


def test_the_settings_of_a_link_are_filled_in_and_nothing_is_started(window, trainer):
    page = AppTest.from_file(str(ROOT / "app.py"), default_timeout=30)
    for name, (value,) in parse_qs(link.write(OTHER)[1:]).items():
        page.query_params[name] = value
    page.run()
    assert values(page) == (OTHER, "")
    assert "the settings of the link that you opened" in words(page)
    assert trainer.started == []
    page.query_params["epochs"] = "many"
    assert "Epochs: 'many' is not a whole number from 1 to 1,000." in unescaped(page.run().error[0].value)


def test_all_runs_are_listed_compared_linked_and_downloaded(window, trainer):
    for hour, configuration in enumerate((CLASSROOM.configuration, FEW_DIGITS.configuration, OTHER)):
        runs.write(
            trainer.folder, Run(f"2026-11-27 1{hour}.00.00", configuration, "finished", "MNIST", 20.0, 0.9, CURVE)
        )
    page = show("Train")
    table = page.dataframe[0].value
    assert list(table["Run"]) == ["Custom", "100 digits only", "Classroom"]
    assert str(table["Link"][0]) == link.write(OTHER)
    page.multiselect[0].select("2026-11-27 10.00.00").select("2026-11-27 11.00.00").run()
    assert [curve["name"] for curve in view_of(page)["curves"]] == [
        "Classroom, 2026-11-27 10.00.00",
        "100 digits only, 2026-11-27 11.00.00",
    ]
    assert page.code[0].value.endswith(link.write(CLASSROOM.configuration))
    assert "Download all runs" in [button.label for button in page.download_button]


@pytest.mark.parametrize(
    ("label", "value", "told"),
    [
        ("Epochs", 501, "Epochs: 501 is not a number from 1 to 500"),
        ("Batch size", 1025, "Batch size: 1025 is not a number from 1 to 1,024"),
        ("Epochs", 2.5, "Epochs: 2.5 is not a whole number from 1 to 1,000"),
        ("Data file", "~nosuchuser/x", "There is no home folder for ~nosuchuser/x"),
        ("Data file", "a\0b", "a character that no path can have"),
    ],
)
def test_what_no_training_can_take_is_refused_in_a_sentence(window, trainer, monkeypatch, label, value, told):
    monkeypatch.setattr("digits.page.training_views.choosing.limits", lambda name: (0, 1e9))  # a forged message
    page = show("Train")
    (widget,) = [widget for widget in (*page.number_input, *page.text_input) if widget.label == label]
    widget.set_value(value)
    button(page, "Start training").click().run()
    assert not page.exception
    assert told in unescaped(page.error[0].value)
    assert trainer.started == []


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf"), 1e300])
@pytest.mark.parametrize("label", ["Epochs", "Digits", "Learning rate"])
def test_a_number_beyond_all_limits_becomes_the_default(window, trainer, label, value):
    page = show("Train")
    before = values(page)
    next(widget for widget in page.number_input if widget.label == label).set_value(value)
    button(page, "Start training").click().run()
    assert not page.exception
    assert trainer.started == [before]


def test_a_folder_that_cannot_be_written_is_said(window, trainer, monkeypatch):
    def refuse(configuration, data, beside):
        raise training_jobs.UserError("Models cannot be kept in /x; make that folder writable.")

    monkeypatch.setattr(trainer, "start", refuse)
    page = show("Train")
    button(page, "Start training").click().run()
    assert "Models cannot be kept" in words(page)


def test_a_trained_model_is_listed_used_and_deleted(window, trainer, tmp_path):
    older = model_file(tmp_path, "2026-01-01 10.00.00", test_accuracy=0.5, recipe={"epochs": 20, "seed": 1})
    newer = model_file(tmp_path, "2026-01-02 10.00.00", test_accuracy=0.75, recipe={"epochs": 2, "seed": 8})
    page = show("Train")
    listed = [line for line in words(page).splitlines() if "test accuracy" in line]
    assert [unescaped(line) for line in listed] == [
        "**2026-01-02 10.00.00** · 75.00 % test accuracy · 2 epochs, seed 8",
        "**2026-01-01 10.00.00** · 50.00 % test accuracy · 20 epochs, seed 1",
    ]
    page.button(key=f"use {newer.stem}").click().run()
    assert ":primary[in use]" in words(page)
    assert page.button(key=f"use {newer.stem}").disabled
    button(go_to(page, "Draw"), "Start Drawing").click().run()
    assert window.model_path == newer
    go_to(page, "Train").button(key=f"delete {newer.stem}").click().run()
    assert not page.exception
    assert sorted(path.name for path in tmp_path.iterdir() if path.is_file()) == sorted(
        path.name for path in (older, *model_card.companions(older))
    )
    assert ":primary[in use]" not in words(page)
    assert headings(go_to(page, "Model"))[0] == "model.h5"


def test_the_shipped_model_can_be_used_again(window, trainer, tmp_path):
    path = model_file(tmp_path, "mine")
    page = show("Train")
    page.button(key="use mine").click().run()
    assert page.session_state["model"] == path
    button(page, "Use the shipped model again").click().run()
    assert page.session_state["model"] == loading.SHIPPED
    assert ":primary[in use]" not in words(page)


def test_a_model_is_compared_with_the_shipped_one_on_the_same_digits(window, trainer, tmp_path, mnist):
    model_file(tmp_path, "mine")
    page = show("Train")
    page.selectbox(key="compared").select_index(0).run()
    table = page.dataframe[0].value
    assert list(table.columns) == ["Digit", "Shipped model", "mine"]
    assert list(table["Digit"]) == ["All", *map(str, range(10))]
    assert list(table["Shipped model"]) == list(table["mine"])
    right = float(str(table["mine"][0]).removesuffix("\N{NO-BREAK SPACE}%")) / 2
    assert f"Of 50 test digits: both right {right:.0f}, only the shipped model 0, only this one 0, neither" in words(
        page
    )


def test_without_mnist_models_are_compared_on_the_sample(window, trainer, tmp_path):
    model_file(tmp_path, "mine")
    page = show("Train")
    page.selectbox(key="compared").select_index(0).run()
    assert "Of 1,000 test digits: both right" in words(page)


# The model


def test_the_model_tab_shows_card_and_figures(window, mnist):
    page = show("Model")
    told = model_card.read_card(model_card.companions(loading.SHIPPED).card).entries
    figures = {metric.label: metric.value for metric in page.metric}
    assert figures["Test digits"] == "50"  # those of the data that is there
    assert figures["Weights"] == f"{told['parameters']:,}"
    assert headings(page) == ["model.h5", "How it learned", *FAILURES]
    assert len(page.get("vega_lite_chart")) == 4
    assert [button.label for button in page.download_button] == ["Download the report", "Download .tflite"]


FAILURES = ["Confusion matrix", "Accuracy per digit", "The hardest mistakes"]


def headings(page):
    return [unescaped(heading.value) for heading in (*page.header, *page.subheader)]


def test_without_mnist_the_card_tells_where_the_model_fails_and_the_sample_has_the_digits(window):
    page = show("Model")
    assert headings(page) == ["model.h5", "How it learned", *FAILURES]
    figures = {metric.label: metric.value for metric in page.metric}
    confusion = np.array(model_card.read_card(model_card.companions(loading.SHIPPED).card).confusion)
    accuracy = f"{np.trace(confusion) / 100:.2f}\N{NO-BREAK SPACE}%"
    assert (figures["Test accuracy"], figures["Test digits"]) == (accuracy, "10,000")
    assert "from the sample of MNIST that comes with the page" in words(page)
    cell = page.selectbox(key="cell")
    assert f"7 answered as 1: {confusion[7, 1]}" in cell.options
    before = len(page.image)
    cell.select_index(cell.options.index(f"3 answered as 3: {confusion[3, 3]:,}")).run()
    assert len(page.image) == before + 24
    assert not page.error


def test_a_model_without_history_and_counts_is_tried_on_the_sample(window, tmp_path, monkeypatch):
    path = model_file(tmp_path, "mine", history={"loss": [0.5]}, confusion=None)
    monkeypatch.setattr(sys, "argv", ["app.py", str(path)])
    page = show("Model")
    assert headings(page) == ["mine.h5", *FAILURES]
    assert {metric.label: metric.value for metric in page.metric}["Test digits"] == "1,000"


def test_no_bar_of_an_accuracy_hides_its_baseline():
    confusion = 100 * np.eye(10, dtype=int)
    confusion[8] = [0, 53, 0, 0, 0, 0, 0, 0, 47, 0]
    chart = charts.per_digit_chart(confusion).to_dict()
    (row,) = (row for row in chart["data"]["values"] if row["digit"] == "8")
    assert (row["right"], row["wrong"]) == (0.47, "53 of 100")
    assert all(layer["encoding"]["x"].get("scale", {"domain": [0]})["domain"][0] == 0 for layer in chart["layer"])


def own_model(page, name, content):
    page.file_uploader(key="own model").set_value((name, content, "application/octet-stream")).run()
    assert not page.exception
    return page


def test_a_model_of_ones_own_answers_once_it_is_uploaded(window, monkeypatch):
    def convert(model_path, tflite):
        shutil.copy(model_card.companions(loading.SHIPPED).tflite, tflite)
        warning = {"warning": "This model reads by chance."}
        model_card.write_card(model_card.companions(tflite).card, sha256(model_path), tflite, warning)

    monkeypatch.setattr(loading, "run_conversion", convert)
    page = own_model(show("Model"), "a_b.keras", b"PK of mine")
    assert headings(page)[0] == "a_b.keras"
    assert "This model reads by chance." in unescaped(page.warning[0].value)
    button(page, "Use the shipped model again").click().run()
    assert headings(page)[0] == "model.h5"


def test_a_model_that_is_refused_gets_its_sentence_and_the_other_stays(window):
    page = own_model(show("Model"), "mine.h5", b"weights")
    assert "mine.h5 is not a Keras model" in unescaped(page.error[0].value)
    assert headings(page)[0] == "model.h5"


def test_damaged_entries_of_a_card_are_left_out(window, trainer, tmp_path):
    wrong = {"recipe": [1], "test_accuracy": "x", "parameters": None, "date": 7, "history": 7, "seed": 10**400}
    model_file(tmp_path, "mine", **wrong)
    page = show("Train")
    assert "**mine** · not tested · ? epochs, seed ?" in words(page)
    page.button(key="use mine").click().run()
    assert headings(go_to(page, "Model"))[0] == "mine.h5"
    assert [metric.label for metric in page.metric] == ["Test accuracy", "Test digits", "Sure from odds of"]
    assert not page.exception


def test_a_report_is_offered_as_it_is_whatever_its_encoding(window, tmp_path, monkeypatch):
    path = model_file(tmp_path, "mine")
    path.with_suffix(".html").write_bytes(b"\xff\xfe")
    monkeypatch.setattr(sys, "argv", ["app.py", str(path)])
    assert show("Model").download_button


def test_a_data_file_that_is_not_there_is_named(window, monkeypatch):
    monkeypatch.setenv("HANDWRITING_DATA", "/nowhere/mnist.npz")
    assert "There is no data file /nowhere/mnist.npz" in unescaped(show("Model").error[0].value)


def test_the_digits_of_a_cell_can_be_chosen_mistakes_first(window, monkeypatch, tmp_path):
    data = template_digits.write_dataset(tmp_path / "wrong.npz", test_labels_wrong_by=1)
    monkeypatch.setenv("HANDWRITING_DATA", str(data))
    page = show("Model")
    pictures = len(page.image)
    choice = page.selectbox(key="cell")
    assert choice.options[0] == "0 answered as 9: 5"
    choice.select_index(0).run()
    assert len(page.image) == pictures + 5


def test_a_network_without_mistakes_is_praised(window, mnist, monkeypatch):
    monkeypatch.setattr("digits.models.evaluation.worst_mistakes", lambda *arguments: np.array([], int))
    assert "None of these digits is misread." in words(show("Model"))


# Look inside


def test_without_answers_only_the_pad_is_looked_into(window):
    page = show("Look inside")
    assert not page.exception
    assert "The network at work" in words(page)
    assert not [box for box in page.selectbox if box.label == "Drawing"]


def test_what_is_in_the_history_can_be_looked_into(window):
    page = show("Images")
    upload(page, ("three.png", picture_of(3)), ("eight.png", picture_of(8)))
    go_to(page, "Look inside")
    drawings = page.selectbox(key=inside.CHOSEN)
    assert drawings.value == -1  # what is on the pad
    assert drawings.options[1:] == ["No. 2: 8 (image, eight.png)", "No. 1: 3 (image, three.png)"]
    drawings.select_index(1).run()
    assert not page.exception


def test_the_model_in_use_is_offered_to_other_programs(window, monkeypatch):
    written = []

    def convert(model, output):
        written.append(model)
        output.write_bytes(b"onnx")

    monkeypatch.setattr(loading, "run_conversion", convert)
    page = show("Model")
    button(page, "Write as ONNX").click().run()
    assert not page.exception
    assert "Download .onnx" in [each.label for each in page.download_button]
    assert written == [loading.SHIPPED]


def test_an_export_that_fails_says_why(window, monkeypatch):
    monkeypatch.setattr("digits.system.installed.find_spec", lambda name: None)
    st.cache_data.clear()
    page = show("Model")
    button(page, "Write as ONNX").click().run()
    assert not page.exception
    assert "pip install onnx onnxruntime tf2onnx" in unescaped(page.error[0].value)
    assert "Write as ONNX" in [each.label for each in page.button]


# The process


def test_started_as_a_plain_script_it_says_how_to_start_it():
    process = subprocess.run([sys.executable, "app.py"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert process.returncode == 2
    assert "streamlit run app.py" in process.stderr
    assert "Traceback" not in process.stderr


@pytest.mark.parametrize("variable", ["HANDWRITING_MODE", "HANDWRITING_API_RATE"])
def test_a_wrong_variable_ends_the_server_before_it_starts(variable):
    done = run_python("-c", "import app", env=os.environ | {variable: "open"})
    assert done.returncode == 2
    assert re.fullmatch(rf"app\.py: {variable} is 'open'; expected .*\.\n", done.stderr)
