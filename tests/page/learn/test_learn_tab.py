"""The tab Learn as Streamlit runs it: quests that are noticed, the way to them, a class that is opened and ended."""

import re
import socket

import numpy as np
import pytest

from digits.classroom.host import ClassHost
from digits.page.jobs.window_process import WindowSnapshot, WindowStatus
from digits.page.learn import class_section, quest_log
from digits.page.learn.quests import QUESTS
from digits.recognition.records import Told
from tests.classroom.test_styles import BARRED_SEVEN, PLAIN_SEVEN
from tests.programs.test_app import STRANGERS, button, drawing, set_visitor, show, speed, trainer, window, words

__all__ = ["speed", "trainer", "window"]  # fixtures


@pytest.fixture
def host(monkeypatch):
    """The page's class, on a free port of this computer."""
    host = ClassHost((0,), lambda: ["127.0.0.1"])
    monkeypatch.setattr(class_section, "ClassHost", lambda: host)
    yield host
    host.close()


def answered(digit, confidence, strokes, told=None):
    made = drawing(digit, confidence)
    return type(made)(made.time, made.answers, tuple(strokes), told=(told,))


def test_nothing_is_done_at_first_and_each_quest_has_its_way(window):
    page = show("Learn")
    assert page.session_state[quest_log.DONE] == set()
    for quest in QUESTS:
        assert f"**{quest.title}**" in words(page)
        assert quest.lesson not in words(page)
    page.button(key="quest-page").click().run()
    assert page.session_state["tab"] == "Images"


def test_what_was_done_in_the_window_is_noticed_and_its_lesson_is_told(window):
    drawn = (answered(7, 0.995, BARRED_SEVEN), answered(9, 0.9, PLAIN_SEVEN, Told("4", "name")))
    window.shown = WindowSnapshot(WindowStatus.OPEN, None, drawn)
    page = show("Learn")
    assert page.session_state[quest_log.DONE] == {"clear", "bar", "fooled"}
    for quest in QUESTS:
        assert (quest.lesson in words(page)) is (quest.name in ("clear", "bar", "fooled"))


@pytest.mark.parametrize("visitor", STRANGERS[:1])
def test_what_is_done_in_the_window_is_nobody_elses_quest(window, monkeypatch, visitor):
    window.shown = WindowSnapshot(WindowStatus.OPEN, None, (answered(7, 0.995, BARRED_SEVEN),))
    set_visitor(monkeypatch, **visitor)
    assert show("Learn").session_state[quest_log.DONE] == set()


def test_a_drawing_is_no_digit_once_nothing_is_added_to_it(window):
    def script():
        import streamlit as st

        from digits.page.learn import quest_log

        for answer, strokes in st.session_state["drawn"]:
            quest_log.notice_on_pad([answer], strokes)

    from streamlit.testing.v1 import AppTest

    doubtful, four = drawing(4, 0.3).answer._replace(is_sure=False), drawing(4, 0.9).answer
    half, whole = PLAIN_SEVEN[:1], (*PLAIN_SEVEN[:1], *PLAIN_SEVEN[:1])
    page = AppTest.from_function(script)
    for drawn, done in (
        ([(doubtful, half), (four, whole)], set()),  # a digit was being drawn
        ([(doubtful, whole)], set()),  # more may come
        ([(four, half)], {"doubt"}),  # another drawing is begun
    ):
        page.session_state["drawn"] = drawn
        page.run()
        assert page.session_state[quest_log.DONE] == done


def test_what_is_taught_is_noticed(window):
    def script():
        import streamlit as st

        from digits.page import hands

        hands.teach(st.session_state["hand_of_test"], *st.session_state["taught"])

    from streamlit.testing.v1 import AppTest

    class Remembering:
        def find(self, picture):
            return None

        def remember(self, *what):
            pass

    page = AppTest.from_function(script)
    page.session_state["hand_of_test"] = Remembering()
    picture = np.zeros((28, 28), np.uint8)
    page.session_state["taught"] = (picture, "1", drawing(7, 0.9).answer, PLAIN_SEVEN)
    page.session_state[quest_log.ON_QUEST] = True
    page.run()
    assert page.session_state[quest_log.DONE] == {"fooled", "taught"}
    assert "Teach it your 1" in page.toast[-1].value


def test_a_class_is_opened_shown_and_ended(window, host):
    page = show("Learn")
    button(page, "Open a class").click().run()
    opened = host.current()
    assert opened is not None
    assert f"**{opened.room.code}**" in words(page)
    shown = re.sub(r"\\(.)", r"\1", words(page))
    assert f"**127.0.0.1:{opened.port}**" in shown
    assert "Nobody has joined yet" in words(page)
    opened.room.join("Ada")
    assert "1 pupil joined" in words(page.run())
    button(page, "End it now").click().run()
    assert host.current() is None
    assert button(page, "Open a class")
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", opened.port)) != 0


def test_without_a_network_it_says_what_to_do(window, monkeypatch):
    monkeypatch.setattr(class_section, "ClassHost", lambda: ClassHost((0,), list))
    page = show("Learn")
    button(page, "Open a class").click().run()
    assert "Connect it to the network" in page.error[0].value


@pytest.mark.parametrize("visitor", STRANGERS)
def test_only_who_is_at_this_computer_opens_a_class_or_sees_one(window, host, monkeypatch, visitor):
    class_section.host()
    code = host.open(lambda picture: None).room.code
    set_visitor(monkeypatch, **visitor)
    page = show("Learn")
    assert "A class can be opened only at the computer that runs this page" in words(page)
    assert code not in words(page)
    assert "Open a class" not in [each.label for each in page.button]
