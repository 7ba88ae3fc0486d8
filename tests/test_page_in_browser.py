import importlib.util
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import urllib.request
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

import pytest

from digits.layout import arrange
from tests.screens import SCREEN_PROGRAMS, missing, virtual_screen, wait_until, windows, xdotool

ROOT = Path(__file__).resolve().parent.parent
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
REASON = missing(SCREEN_PROGRAMS)
if CHROMIUM is None:
    REASON = REASON or "not installed: chromium"
if importlib.util.find_spec("playwright") is None:
    REASON = REASON or "not installed: playwright"
pytestmark = [pytest.mark.browser, pytest.mark.screen, pytest.mark.skipif(bool(REASON), reason=REASON)]

PATIENCE = 30.0  # seconds, on a busy machine
SEVEN = [(0.3, 0.2), (0.7, 0.2), (0.45, 0.8)]  # corners, in shares of the canvas
STEPS = 12  # of the pointer, between two corners


class Server:
    """A real `streamlit run app.py`."""

    def __init__(self, environment, *arguments):
        self.port = free_port()
        command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.headless", "true"]
        command += ["--server.port", str(self.port), "--", *arguments]
        silent = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        self.process = subprocess.Popen(command, cwd=ROOT, env=environment, **silent)
        wait_until(self.is_up, PATIENCE)

    def is_up(self):
        try:
            return urllib.request.urlopen(f"http://127.0.0.1:{self.port}/_stcore/health").status == 200
        except OSError:
            return False

    def stop(self, how=signal.SIGTERM):
        self.process.send_signal(how)
        self.process.wait()


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def running_server(environment, *arguments):
    server = Server(environment, *arguments)
    try:
        yield server
    finally:
        server.process.kill()
        server.process.wait()


@pytest.fixture(scope="module")
def browser():
    from playwright.sync_api import sync_playwright

    options = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=options)
        yield browser
        browser.close()


@pytest.fixture
def screen():
    with virtual_screen() as display:
        yield display


@pytest.fixture
def bare_environment(tmp_path):
    """An environment without a screen, whose temporary files do not outlive a killed server."""
    screens = ("DISPLAY", "WAYLAND_DISPLAY")
    return {name: value for name, value in os.environ.items() if name not in screens} | {"TMPDIR": str(tmp_path)}


@pytest.fixture
def server(screen, bare_environment):
    with running_server({**bare_environment, "DISPLAY": screen}) as server:
        yield server


@pytest.fixture
def open_tab(browser, server):
    """Return a function that opens the page in one more tab; each is waited for."""
    context = browser.new_context()
    context.set_default_timeout(PATIENCE * 1000)

    def open_tab():
        tab = context.new_page()
        tab.goto(f"http://127.0.0.1:{server.port}/")
        start_button(tab).wait_for()
        return tab

    yield open_tab
    context.close()


def start_button(tab):
    return tab.get_by_role("button", name="Start Drawing")


def close_button(tab):
    return tab.get_by_role("button", name="Close window")


def await_badge(tab, words):
    tab.get_by_text(re.compile(words)).wait_for()  # a pattern, for its capital: the instructions say "A window opens"


def start_drawing(tab, screen):
    """Press the button and return the window's id once the page knows that it is open."""
    start_button(tab).click()
    (window,) = wait_until(lambda: windows(screen), PATIENCE)
    await_badge(tab, "Window open")
    return window


def draw(screen, window, corners):
    """Draw a stroke with the mouse through corners given in shares of the canvas."""
    shell = xdotool(screen, "getwindowgeometry", "--shell", window)
    x, y, width, height = (
        int(re.search(rf"^{name}=(-?\d+)$", shell, re.M)[1]) for name in ("X", "Y", "WIDTH", "HEIGHT")
    )
    canvas = arrange((width, height)).canvas
    points = [(x + canvas.x + u * canvas.width, y + canvas.y + v * canvas.height) for u, v in between(corners)]
    move(screen, points[0])
    xdotool(screen, "mousedown", 1)
    for point in points[1:]:
        move(screen, point)
    xdotool(screen, "mouseup", 1)


def between(corners):
    shares = [step / STEPS for step in range(STEPS)]
    legs = pairwise(corners)
    return [(a + (c - a) * t, b + (d - b) * t) for (a, b), (c, d) in legs for t in shares] + [corners[-1]]


def move(screen, point):
    xdotool(screen, "mousemove", "--sync", *(round(share) for share in point))


def child_of(server):
    """Return the process id of the window that the server started."""
    listed = subprocess.run(["ps", "-o", "pid=", "--ppid", str(server.process.pid)], capture_output=True, text=True)
    (process_id,) = listed.stdout.split()
    return int(process_id)


def test_a_digit_drawn_in_the_window_is_answered_on_the_page(screen, open_tab):
    tab = open_tab()
    window = start_drawing(tab, screen)
    draw(screen, window, SEVEN)
    xdotool(screen, "key", "Return")
    tab.get_by_text("All answers (1)").wait_for()
    assert tab.locator(".st-key-digit").inner_text().strip() == "7"
    assert tab.locator(".st-key-confidence").inner_text().endswith("sure")
    wait_until(lambda: tab.locator("[data-testid=stVegaLiteChart] :is(canvas, svg)").count(), PATIENCE)
    pictures = tab.locator(".st-key-pictures img")
    assert pictures.count() == 2
    wait_until(lambda: pictures.evaluate_all("images => images.every(image => image.naturalWidth > 0)"), PATIENCE)


def test_two_tabs_share_one_window_and_its_answers(screen, open_tab):
    first, second = open_tab(), open_tab()
    window = start_drawing(first, screen)
    await_badge(second, "Window open")
    wait_until(start_button(second).is_disabled, PATIENCE)
    draw(screen, window, SEVEN)
    xdotool(screen, "key", "Return")
    for tab in (first, second, open_tab()):
        tab.get_by_text("All answers (1)").wait_for()
        wait_until(start_button(tab).is_disabled, PATIENCE)
    assert windows(screen) == [window]


def test_presses_in_two_tabs_at_once_open_one_window(screen, open_tab):
    first, second = open_tab(), open_tab()
    for tab in (first, second):
        # Presses at the speed of the browser, before the page can disable the button.
        start_button(tab).evaluate("button => { button.click(); button.click(); }")
    for tab in (first, second):
        await_badge(tab, "Window open")
    assert len(windows(screen)) == 1


def test_close_window_closes_it_and_the_answers_stay_for_the_next(screen, open_tab):
    tab = open_tab()
    window = start_drawing(tab, screen)
    draw(screen, window, SEVEN)
    xdotool(screen, "key", "Return")
    tab.get_by_text("All answers (1)").wait_for()
    close_button(tab).click()
    await_badge(tab, "Window closed")
    assert not windows(screen)
    window = start_drawing(tab, screen)
    draw(screen, window, SEVEN)
    xdotool(screen, "key", "Return")
    tab.get_by_text("All answers (2)").wait_for()


def test_a_window_that_its_user_closes_is_closed_on_the_page(screen, open_tab):
    tab = open_tab()
    window = start_drawing(tab, screen)
    xdotool(screen, "mousemove", "--window", window, 200, 200)
    xdotool(screen, "key", "Escape")
    await_badge(tab, "Window closed")
    wait_until(start_button(tab).is_enabled, PATIENCE)


def test_a_killed_window_is_failed_and_can_be_opened_again(screen, server, open_tab):
    tab = open_tab()
    start_drawing(tab, screen)
    os.kill(child_of(server), signal.SIGKILL)
    await_badge(tab, "Window failed")
    tab.get_by_text("The window ended unexpectedly (signal SIGKILL).").wait_for()
    start_drawing(tab, screen)


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_the_window_goes_with_the_server(screen, server, open_tab, how):
    start_drawing(open_tab(), screen)
    server.stop(how)
    wait_until(lambda: not windows(screen), PATIENCE)


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_a_server_that_is_stopped_leaves_no_files(server, open_tab, tmp_path, how):
    open_tab()
    assert list(tmp_path.glob("handwriting-*"))
    server.stop(how)
    assert not list(tmp_path.glob("handwriting-*"))


def test_without_a_screen_the_page_says_so(browser, bare_environment):
    with running_server(bare_environment) as server:
        tab = browser.new_page()
        tab.goto(f"http://127.0.0.1:{server.port}/")
        tab.get_by_text("There is no screen here").wait_for(timeout=PATIENCE * 1000)
        assert start_button(tab).is_disabled()
        tab.close()
