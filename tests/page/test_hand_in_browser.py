"""A hand in a real browser: taught on the pad, looked at, forgotten, and the walk through the ten digits."""

import numpy as np
import pytest

from benchmarks.page.pad import missing
from benchmarks.support import served, template_digits
from benchmarks.support.screens import wait_until
from benchmarks.support.served import PATIENCE, draw_on_pad, running_page

pytestmark = [pytest.mark.browser, pytest.mark.skipif(bool(missing()), reason=missing())]

CROSS = np.array([[(0.5, 0.25), (0.5, 0.75)], [(0.3, 0.5), (0.7, 0.5)]])  # strokes, in shares of the canvas

LOSE_ONE = """
() => {
    const { send } = WebSocket.prototype;
    WebSocket.prototype.send = function (message) {
        if (!new TextDecoder().decode(message).includes('"names"')) return send.call(this, message);
        WebSocket.prototype.send = send;
    };
}
"""  # the gallery's next message


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with running_page(served.own_environment(tmp_path_factory.mktemp("hand"))) as server:
        yield server


@pytest.fixture
def tab(server, new_tab):
    tab = new_tab()
    tab.goto(server.address)
    served.wait_until_settled(tab, "Draw")
    return tab


def verdict(tab):
    return tab.locator(".verdict").inner_text()


def teach(tab, label):
    """Write what the drawing on the pad was and wait until that is remembered."""
    tab.get_by_label("What it was").fill(label)
    tab.get_by_role("button", name="Teach").click()
    wait_until_remembered(tab, label)


def wait_until_remembered(tab, label):
    wait_until(lambda: tab.locator(".asked").inner_text() == f"It remembers this as {label}.", PATIENCE)


def labels(tab):
    return tab.locator(".tile span").all_inner_texts()


def test_a_sign_is_taught_on_the_pad_relabelled_by_a_bar_forgotten_and_brought_back(tab):
    draw_on_pad(tab, CROSS)
    assert not tab.locator(".goes-by").is_visible()
    teach(tab, "*a*")
    wait_until(lambda: verdict(tab) == "*a*", PATIENCE)
    tab.get_by_role("button", name="Clear").click()
    draw_on_pad(tab, CROSS * [1.1, 1])
    assert verdict(tab) == "*a*"
    assert tab.locator(".words").inner_text().startswith("as you taught it")
    assert tab.locator(".goes-by img").is_visible()
    assert tab.locator(".bar").all_inner_texts()[-1].split()[0] == "*a*"
    tab.locator(".bar").nth(4).click()
    wait_until_remembered(tab, "4")
    served.open_tab(tab, "Your hand")
    wait_until(lambda: labels(tab) == ["4", "*a*"], PATIENCE)
    served.wait_until_settled(tab, "Your hand")
    tab.locator(".tile").first.click()
    tab.evaluate(LOSE_ONE)  # as Streamlit does now and then
    tab.get_by_role("button", name="Forget").click()
    wait_until(lambda: labels(tab) == ["*a*"], PATIENCE)
    served.wait_until_settled(tab, "Your hand")
    tab.get_by_role("button", name="Undo").click()
    wait_until(lambda: labels(tab) == ["4", "*a*"], PATIENCE)


def test_the_walk_takes_one_drawing_after_the_other(tab):
    served.open_tab(tab, "Your hand")
    tab.get_by_role("button", name="Begin").or_(tab.get_by_role("button", name="Go on")).click()
    asked, done = tab.locator(".asked-for strong"), tab.locator(".done")
    for count in range(3):
        wait_until(lambda: done.count() == 1 and done.inner_text() != "", PATIENCE)
        before, digit = done.inner_text(), int(asked.inner_text())
        draw_on_pad(tab, [(stroke + 3) / 22 for stroke in template_digits.strokes(digit)])
        if count % 2:
            tab.keyboard.press("Enter")
        else:
            tab.get_by_role("button", name="Next").click()
        wait_until(lambda before=before: done.inner_text() != before, PATIENCE)
        wait_until(tab.get_by_role("button", name="Next").is_disabled, PATIENCE)  # the pad is empty again
