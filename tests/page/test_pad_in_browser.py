"""The pad in a real browser, on a page that does nothing else: drawn on by mouse, fingers and pen."""

import json
from contextlib import nullcontext

import numpy as np
import pytest

from benchmarks.page.pad import GOAL, draw, main, missing, page_on_this_computer
from benchmarks.support import served, template_digits
from benchmarks.support.screens import wait_until
from benchmarks.support.served import PATIENCE
from digits.drawing.canvas import DOT
from digits.drawing.prompts import ONLY_A_DOT, WELCOME, WELCOME_NUMBER
from digits.system.design_tokens import THEMES

pytestmark = [pytest.mark.browser, pytest.mark.skipif(bool(missing()), reason=missing())]

PHONE = {"viewport": {"width": 375, "height": 812}, "device_scale_factor": 2, "has_touch": True, "is_mobile": True}
SEVEN = np.array([(0.3, 0.2), (0.7, 0.2), (0.45, 0.8)])  # corners, in shares of the canvas
ONE = np.array([(0.5, 0.2), (0.5, 0.8)])
DASH = np.array([(0.2, 0.9), (0.5, 0.9)])
STEPS = 4  # of the pointer, between two corners
PAGE = """
import json
import time

import streamlit as st

from digits.models import loading
from digits.page import pad
from digits.recognition.classifier import Answer


class Unsure:
    def classify(self, picture):
        return Answer(4, 0.45, (0, 0, 0, 0, 0.45, 0, 0, 0, 0.15, 0.4), False)


class Slow:
    def classify(self, picture):
        time.sleep(0.5)
        return Answer(3, 0.9, (0, 0.1, 0, 0.9, 0, 0, 0, 0, 0, 0))


@st.cache_resource(show_spinner=False)
def classifier(kind):
    return {"unsure": Unsure, "slow": Slow}.get(kind, loading.load)()


answer = vars(pad).setdefault("answer", pad.reply)


def lossy(payload, classifier):
    # The first reply to every drawing is lost, and so is the first Keep below: Streamlit loses one now and then.
    lost = st.session_state.setdefault("lost", set())
    if "lose" in st.query_params and payload["version"] not in lost:
        lost.add(payload["version"])
        return None
    return answer(payload, classifier)


keep = vars(pad).setdefault("keep", pad._keep)


def lossy_keep(key, *others):
    if "lose" not in st.query_params or st.session_state[key]["keep"]["attempt"]:
        keep(key, *others)


pad.reply, pad._keep = lossy, lossy_keep
pad.MAX_STROKES = int(st.query_params.get("strokes", 100))
pad.MAX_LENGTH = float(st.query_params.get("length", 1500))
kept = st.session_state.setdefault("kept", [])
st.text("kept: " + json.dumps(kept))
if st.toggle("Pad", True):
    pad.show(classifier("unsure" if st.toggle("Doubt") else st.query_params.get("classifier")), kept.append)
"""


class Page:
    """A tab with the pad, and the hand that draws on it."""

    def __init__(self, tab):
        self.tab = tab
        self.pad = tab.locator(".pad")
        self.canvas = tab.locator(".pad canvas")
        self.canvas.wait_for()

    def on_screen(self, shares):
        """Pixels of the page for shares of the canvas (n, 2)."""
        box = self.canvas.bounding_box()
        return np.array(shares) * [box["width"], box["height"]] + [box["x"], box["y"]]

    def draw(self, corners, steps=STEPS):
        """Draw one stroke with the mouse and wait for its answer."""
        draw(self.tab, self.on_screen(between(corners, steps)))
        self.settle()

    def press(self, name):
        self.pad.get_by_role("button", name=name).click()
        self.settle()

    def switch_to(self, mode):
        self.pad.get_by_role("radio", name=mode).click()
        self.settle()

    def settle(self):
        served.wait_for_answer(self.tab)

    def verdict(self):
        return self.text(".verdict")

    def text(self, name):
        part = self.pad.locator(name)
        return part.inner_text().replace("\N{NO-BREAK SPACE}", " ") if part.is_visible() else ""

    def named(self):
        """The digits whose bars stand out."""
        return [text.split()[0] for text in self.pad.locator(".bar.named").all_inner_texts()]

    def can_press(self):
        names = ("undo", "redo", "clear", "keep")
        return {name for name in names if self.pad.locator(f".{name}").is_enabled()}

    def keep(self):
        """Keep the answer and return all records that the page then has."""
        count = len(self.kept())
        self.press("Keep")
        wait_until(lambda: len(self.kept()) == count + 1, PATIENCE)
        return self.kept()

    def kept(self):
        return json.loads(self.tab.get_by_text("kept: ").inner_text().removeprefix("kept: "))

    def ends(self):
        """Where ink and boxes, the two rows, begin and end, in pixels from the left."""
        return self.canvas.evaluate(
            """canvas => {
                const {left, width} = canvas.getBoundingClientRect();
                const {data} = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
                const ink = [...data.keys()].filter(place => place % 4 === 3 && data[place] > 128);
                const columns = ink.map(place => (place >> 2) % canvas.width * width / canvas.width);
                const boxes = [...canvas.parentElement.querySelectorAll(".boxes i")];
                const sides = boxes.map(box => box.getBoundingClientRect()).flatMap(box => [box.left, box.right]);
                const ends = numbers => numbers.reduce(([a, b], x) => [Math.min(a, x), Math.max(b, x)], [1e9, 0]);
                return [ends(columns), ends(sides.map(side => side - left))];
            }"""
        )

    def ink(self):
        """The share of the canvas's pixels that are ink."""
        return self.canvas.evaluate(
            """canvas => {
                const {data} = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
                return data.filter((value, place) => place % 4 === 3 && value > 128).length / data.length * 4;
            }"""
        )


def between(corners, steps=STEPS):
    shares = np.linspace(0, len(corners) - 1, steps * (len(corners) - 1) + 1)
    return np.stack([np.interp(shares, range(len(corners)), axis) for axis in np.transpose(corners)], axis=1)


def strokes_of(digit, left, width):
    """A digit's strokes in shares of the canvas, across that width of it."""
    return [np.array(stroke) / [10, 16] * [width, 0.6] + [left, 0.2] for stroke in template_digits.STROKES[digit]]


@pytest.fixture(scope="module")
def address():
    with page_on_this_computer(PAGE) as address:
        yield address


@pytest.fixture
def open_page(new_tab, address):
    """Return a function that opens the page as a new visitor."""

    def open_page(query="", **options):
        tab = new_tab(**options)
        tab.goto(address + query)
        return Page(tab)

    return open_page


@pytest.fixture
def page(open_page):
    return open_page()


# Answers


def test_a_digit_drawn_with_the_mouse_is_answered_with_bars_and_picture(page):
    assert page.text(".hint") == WELCOME
    page.draw(SEVEN)
    assert page.verdict() == "7"
    assert page.text(".words").endswith("% sure")
    assert page.named() == ["7"]
    assert page.text(".hint") == ""
    picture = page.pad.locator(".seen")
    wait_until(lambda: picture.evaluate("image => image.naturalWidth") == 28, PATIENCE)
    assert "7" in page.pad.locator("[role=status]").inner_text()


def test_the_answer_follows_the_pen(page):
    points = page.on_screen(between(SEVEN))
    page.tab.mouse.move(*points[0])
    page.tab.mouse.down()
    for point in points[1:]:
        page.tab.mouse.move(*point)
    wait_until(page.verdict, PATIENCE)
    assert page.pad.locator(".said.following").count() == 1
    assert page.can_press() == set()
    page.tab.mouse.up()
    page.settle()
    assert page.pad.locator(".said.following").count() == 0
    assert page.verdict() == "7"


def test_doubt_is_named(open_page):
    page = open_page("?classifier=unsure")
    page.draw(SEVEN)
    assert page.verdict() == "Not sure: 4 or 9?"
    assert page.text(".words") == "at most 45.0 % sure"
    assert page.named() == ["4", "9"]


def test_a_dot_gets_a_hint(page):
    page.draw([(0.5, 0.5), (0.5 + DOT / 2 / 28, 0.5)])
    assert page.text(".hint") == ONLY_A_DOT
    assert page.verdict() == ""
    assert "keep" not in page.can_press()
    assert page.ink() > 0


def test_a_number_is_answered_digit_by_digit(page):
    page.switch_to("Number")
    assert page.text(".hint") == WELCOME_NUMBER
    for place, digit in enumerate((2, 0, 6)):
        for stroke in strokes_of(digit, left=0.08 + 0.3 * place, width=0.12):
            page.draw(stroke, steps=1)
    assert page.verdict() == "206"
    assert page.pad.locator(".boxes i").count() == 3
    for place, digit in enumerate("206"):
        page.pad.locator(".card").nth(place).click()
        assert page.named() == [digit]
    (record,) = page.keep()
    assert record["number"] == "206"


def test_the_boxes_stay_around_the_digits_where_the_screen_becomes_narrower(page):
    page.switch_to("Number")
    for digit in (2, 0, 7):
        page.pad.get_by_role("button", name=f"Example: {digit}").click()
    page.settle()
    before = page.tab.viewport_size
    page.tab.set_viewport_size({"width": 390, "height": 844})  # room for fewer columns
    wait_until(lambda: page.canvas.bounding_box()["width"] < 390 and np.ptp(page.ends(), axis=0).max() < 12, PATIENCE)
    page.tab.set_viewport_size(before)


def test_unsure_digits_of_a_number_are_question_marks(open_page):
    page = open_page("?classifier=unsure")
    page.switch_to("Number")
    page.draw(SEVEN)
    assert page.verdict() == "?"
    assert page.text(".card").strip() == "4 or 9?"
    assert page.pad.locator(".boxes i.unsure").count() == 1


def test_a_full_pad_takes_no_more_strokes_says_so_and_undo_helps(open_page):
    page = open_page("?strokes=1")
    page.draw(SEVEN)
    ink = page.ink()
    assert page.text(".hint") == ""
    page.draw(DASH)
    assert page.text(".hint.error") == "The pad is full: press Undo or Clear."
    assert (page.ink(), page.verdict()) == (ink, "7")
    page.press("Undo")
    assert page.text(".hint") == WELCOME
    page.draw(ONE)
    assert page.verdict() == "1"


def test_a_stroke_ends_where_the_pad_is_full_and_is_answered(open_page):
    page = open_page("?length=12")
    page.draw(SEVEN, steps=10)
    assert page.text(".hint.error") == "The pad is full: press Undo or Clear."
    assert page.text(".words").endswith("sure")
    (record,) = page.keep()
    (stroke,) = np.array(record["strokes"])
    assert 10 < np.hypot(*np.diff(stroke, axis=0).T).sum() <= 11


def test_a_drawing_whose_reply_is_lost_is_sent_again_and_kept_once(open_page):
    page = open_page("?lose=1")
    page.draw(SEVEN)
    assert page.verdict() == "7"
    page.draw(DASH)
    page.press("Undo")
    assert page.verdict() == "7"
    page.keep()
    wait_until(lambda: page.text(".keep").startswith("Kept"), PATIENCE)
    assert len(page.kept()) == 1


def test_a_late_answer_does_not_return_to_a_cleared_pad(open_page):
    page = open_page("?classifier=slow")
    page.pad.evaluate(
        """pad => {
            window.answered = [];
            const verdict = pad.querySelector(".verdict");
            new MutationObserver(() => verdict.textContent && window.answered.push(Number(pad.dataset.answered)))
                .observe(pad, {attributes: true, attributeFilter: ["data-answered"]});
        }"""
    )
    draw(page.tab, page.on_screen(ONE))
    page.pad.get_by_role("button", name="Clear").click()  # before the answer
    cleared = int(page.pad.get_attribute("data-version"))
    page.draw(SEVEN)  # is answered after the late one
    assert page.verdict() == "3"
    assert min(page.tab.evaluate("() => window.answered")) > cleared


def test_another_model_answers_what_is_drawn(page):
    page.draw(SEVEN)
    page.tab.get_by_text("Doubt").click()
    wait_until(lambda: page.verdict() == "Not sure: 4 or 9?", PATIENCE)


# Undo, clear, keep


def test_steps_by_buttons(page):
    assert page.can_press() == set()
    page.draw(SEVEN)
    page.draw(DASH)
    whole = page.ink()
    page.press("Undo")
    assert page.verdict() == "7"
    assert page.ink() < whole
    page.press("Redo")
    assert page.ink() == whole
    assert page.can_press() == {"undo", "clear", "keep"}
    page.press("Clear")
    assert (page.ink(), page.verdict(), page.text(".hint")) == (0, "", WELCOME)
    assert page.can_press() == {"undo"}
    page.press("Undo")
    assert page.ink() == whole
    page.draw(ONE)
    assert "redo" not in page.can_press()


def test_steps_by_keys(page):
    page.draw(SEVEN)
    seven = page.ink()
    for keys, ink in [
        ("Control+z", 0),
        ("Control+Shift+Z", seven),
        ("Control+z", 0),
        ("Control+y", seven),
        ("Delete", 0),
        ("Control+z", seven),
        ("Backspace", 0),
    ]:
        page.tab.keyboard.press(keys)
        page.settle()
        assert page.ink() == ink, keys


def test_an_example_is_put_on_the_pad_and_can_be_undone(page):
    page.draw(ONE)
    one = page.ink()
    page.press("Example: 4")
    assert page.verdict() == "4"
    page.press("Undo")
    assert page.ink() == one
    page.switch_to("Number")
    for digit in "31":
        page.press(f"Example: {digit}")
    assert page.verdict() == "31"
    for _ in range(9):
        page.pad.get_by_role("button", name="Example: 4").click()
    assert page.text(".hint.error") == "The pad is full: press Undo or Clear."


def test_the_keyboard_draws(page):
    page.canvas.focus()
    keyboard = page.tab.keyboard
    for keys in ["ArrowUp"] * 12 + ["Space"]:
        keyboard.press(keys)
    assert page.pad.locator("[role=status]").inner_text() == "Pen down at column 14, row 8"
    assert page.pad.locator(".pen.down").is_visible()
    for _ in range(6):
        keyboard.press("Shift+ArrowDown")
    keyboard.press("Space")
    page.settle()
    assert page.verdict() == "1"
    (record,) = page.keep()
    (stroke,) = np.array(record["strokes"])
    assert (stroke[0].tolist(), stroke[-1].tolist()) == ([14, 8], [14, 23])
    page.canvas.focus()
    keyboard.press("Space")
    keyboard.press("ArrowLeft")
    page.canvas.blur()
    page.settle()
    assert "undo" in page.can_press()  # who leaves lifts the pen


def test_a_drawing_survives_a_reload_for_its_own_visitor(page, open_page):
    page.draw(SEVEN)
    ink = page.ink()
    page.tab.reload()
    page.canvas.wait_for()
    wait_until(lambda: page.ink() == ink, PATIENCE)  # it comes back after the page
    page.settle()
    assert (page.verdict(), page.ink()) == ("7", ink)
    assert open_page().ink() == 0


def test_an_answer_is_kept_once_until_the_drawing_changes(page):
    page.draw(SEVEN)
    (record,) = page.keep()
    assert record["digit"] == 7
    assert record["is_sure"]
    assert len(record["strokes"]) == 1
    wait_until(lambda: page.text(".keep").startswith("Kept"), PATIENCE)
    assert "keep" not in page.can_press()
    page.canvas.focus()
    page.tab.keyboard.press("Enter")
    page.draw(DASH)
    assert page.text(".keep") == "Keep"
    assert [len(record["strokes"]) for record in page.keep()] == [1, 2]


def test_enter_keeps(page):
    page.draw(SEVEN)
    page.tab.keyboard.press("Enter")
    wait_until(page.kept, PATIENCE)


def test_a_cleared_answer_is_not_kept(page):
    page.draw(SEVEN)
    page.press("Clear")
    page.tab.keyboard.press("Enter")
    page.draw(ONE)
    assert [record["digit"] for record in page.keep()] == [1]


def test_digit_and_number_each_keep_their_drawing(page):
    page.draw(SEVEN)
    seven = page.ink()
    page.switch_to("Number")
    assert page.ink() == 0
    page.switch_to("Digit")
    assert page.ink() == seven
    assert page.verdict() == "7"


def take_away_and_show_again(page):
    toggle = page.tab.get_by_text("Pad", exact=True)
    toggle.click()
    page.pad.wait_for(state="detached")
    toggle.click()
    page.pad.wait_for()


def test_a_drawing_survives_that_the_page_takes_the_pad_away(page):
    page.draw(SEVEN)
    for _ in range(2):
        take_away_and_show_again(page)
        assert page.verdict() == "7"
        assert page.ink() > 0


def test_an_answer_is_there_again_before_it_is_computed_again(open_page):
    page = open_page("?classifier=slow")
    page.draw(ONE)
    take_away_and_show_again(page)
    assert page.verdict() == "3"


# What draws


def test_a_stroke_that_leaves_goes_on_at_the_edge(page):
    page.draw([(0.5, 0.5), (1.4, 0.5), (1.4, 1.3), (0.5, 0.7)])
    (record,) = page.keep()
    (stroke,) = np.array(record["strokes"])
    assert stroke.min() >= 0
    assert stroke.max(axis=0).tolist() == [28, 28]
    assert stroke[-1] == pytest.approx([14, 19.6], abs=0.2)


def test_other_buttons_of_the_mouse_do_not_draw(page):
    page.tab.mouse.move(*page.on_screen([(0.5, 0.5)])[0])
    page.tab.mouse.down(button="right")
    page.tab.mouse.move(*page.on_screen([(0.7, 0.7)])[0])
    page.tab.mouse.up(button="right")
    assert page.ink() == 0


def touch(session, kind, *points):
    touches = [{"x": float(x), "y": float(y), "id": finger} for finger, (x, y) in enumerate(points)]
    session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": touches})


def test_a_finger_draws_and_the_page_does_not_scroll(open_page):
    page = open_page(**PHONE)
    session = page.tab.context.new_cdp_session(page.tab)
    points = page.on_screen(between(SEVEN))
    touch(session, "touchStart", points[0])
    for point in points[1:]:
        touch(session, "touchMove", point)
    touch(session, "touchEnd")
    page.settle()
    assert page.verdict() == "7"
    main = page.tab.locator("[data-testid=stMain]")
    assert main.evaluate("main => main.scrollTop") == 0


def test_a_second_finger_does_not_scribble(open_page):
    page = open_page(**PHONE)
    session = page.tab.context.new_cdp_session(page.tab)
    points, palm = page.on_screen(between(SEVEN)), page.on_screen([(0.9, 0.9), (0.7, 0.95)])
    touch(session, "touchStart", points[0])
    touch(session, "touchStart", points[0], palm[0])
    for point in points[1:]:
        touch(session, "touchMove", point, palm[1])
    touch(session, "touchEnd", points[-1])
    touch(session, "touchEnd")
    page.settle()
    (record,) = page.keep()
    assert record["digit"] == 7
    assert len(record["strokes"]) == 1


def test_a_pen_takes_over_from_the_palm(open_page):
    page = open_page(**PHONE)
    session = page.tab.context.new_cdp_session(page.tab)
    touch(session, "touchStart", page.on_screen([(0.9, 0.9)])[0])
    for kind, (x, y) in zip(
        ["mousePressed", *["mouseMoved"] * (2 * STEPS)], page.on_screen(between(SEVEN)), strict=True
    ):
        mouse = {"type": kind, "x": x, "y": y, "button": "left", "buttons": 1, "pointerType": "pen"}
        session.send("Input.dispatchMouseEvent", {**mouse, "clickCount": 1})
    x, y = page.on_screen(SEVEN)[-1]
    released = {"type": "mouseReleased", "x": x, "y": y, "button": "left", "pointerType": "pen", "clickCount": 1}
    session.send("Input.dispatchMouseEvent", released)
    touch(session, "touchEnd")
    page.settle()
    (record,) = page.keep()
    assert record["digit"] == 7
    assert len(record["strokes"]) == 1


# Screens


@pytest.mark.parametrize("mode", ["Digit", "Number"])
def test_a_phone_shows_it_all_without_scrolling_sideways(open_page, mode):
    page = open_page(**PHONE)
    if mode == "Number":
        page.switch_to(mode)
    for place, digit in enumerate([4] * (1 if mode == "Digit" else 4)):
        for stroke in strokes_of(digit, left=0.06 + 0.24 * place, width=0.1):
            page.draw(stroke, steps=1)
    widths = page.tab.evaluate(
        """() => ["[data-testid=stMain]", "html"].map(name => document.querySelector(name))
            .map(part => part.scrollWidth - part.clientWidth)"""
    )
    assert widths == [0, 0]
    assert page.canvas.bounding_box()["width"] > 340


def test_every_pixel_of_a_dense_screen_is_used(open_page):
    page = open_page(**PHONE)
    box = page.canvas.bounding_box()
    wait_until(lambda: page.canvas.evaluate("canvas => canvas.width") == round(2 * box["width"]), PATIENCE)


def test_light_and_dark(page):
    look = """pad => [getComputedStyle(pad).color, getComputedStyle(pad.querySelector("canvas")).color,
        getComputedStyle(pad.querySelector("canvas")).backgroundColor]"""
    for name, theme in THEMES.items():
        page.tab.emulate_media(color_scheme=name)
        page.tab.reload()
        page.canvas.wait_for()
        colors = [f"rgb{color}" for color in (theme.text, theme.ink, theme.paper)]
        assert page.pad.evaluate(look) == colors


def test_the_benchmark_measures_every_digit(browser, monkeypatch, capsys):
    monkeypatch.setattr("benchmarks.page.pad.chromium", lambda: nullcontext(browser))
    assert main(["--limit", "2"]) == 0
    browser.contexts[-1].close()
    figures = json.loads(capsys.readouterr().out)
    assert figures["digits"] == 2
    assert 0 < figures["of_that_in_the_page"]["p50_ms"] < figures["stroke_to_answer"]["p50_ms"]
    assert figures["stroke_to_answer"]["p95_ms"]["goal"] == f"<= {GOAL}"
