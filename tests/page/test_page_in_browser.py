"""The page in a real browser: the window, the pad, pictures, trainings, the keyboard and a phone's width."""

import csv
import io
import json
import os
import re
import shutil
import signal
import subprocess
import zipfile
from contextlib import suppress
from itertools import cycle, pairwise
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from benchmarks.images import sheet_files
from benchmarks.page import accessibility
from benchmarks.page import pad as pad_benchmark
from benchmarks.page.server import with_children
from benchmarks.support import pen_strokes, served, template_digits
from benchmarks.support.screens import SCREEN_PROGRAMS, missing, virtual_screen, wait_until, windows, xdotool
from benchmarks.support.served import PATIENCE, draw_on_pad, running_page, wait_for_answer
from digits.window.layout import arrange

REASON = missing(SCREEN_PROGRAMS) or pad_benchmark.missing()
pytestmark = [pytest.mark.browser, pytest.mark.screen, pytest.mark.skipif(bool(REASON), reason=REASON)]

SEVEN = [(0.3, 0.2), (0.7, 0.2), (0.45, 0.8)]  # corners, in shares of the canvas
STEPS = 12  # of the pointer, between two corners
SAVING_SECONDS = 300.0  # until a training that was stopped has saved its best epoch, on a busy machine
PHONE = {"width": 375, "height": 740}  # CSS pixels
TABS = ("Draw", "Images", "History", "Your hand", "Train", "Model", "Look inside", "Learn")


@pytest.fixture(scope="module")
def screen():
    with virtual_screen() as display:
        yield display


@pytest.fixture
def bare_environment(tmp_path, data_file):
    """An environment without a screen, whose temporary files do not outlive a killed server."""
    return served.own_environment(tmp_path, data_file)


@pytest.fixture(scope="module")
def server(screen, tmp_path_factory, data_file):
    """A server on the screen, shared by the tests that do not end it."""
    environment = served.own_environment(tmp_path_factory.mktemp("server"), data_file)
    with running_page({**environment, "DISPLAY": screen}) as server:
        yield server


@pytest.fixture(scope="module")
def plain_folder(tmp_path_factory):
    return tmp_path_factory.mktemp("plain")


@pytest.fixture(scope="module")
def plain_server(plain_folder, data_file):
    """A server without a screen, shared by the tests that do not train."""
    with running_page(served.own_environment(plain_folder, data_file)) as server:
        yield server


@pytest.fixture(autouse=True)
def forgotten(plain_folder):
    """What a test teaches that server, the next one does not find."""
    yield
    shutil.rmtree(plain_folder / "data" / "handwriting" / "collection", ignore_errors=True)


@pytest.fixture
def open_page(new_tab):
    """Return a function that opens a server's page as a new visitor."""

    def open_page(server, tab="Draw", **options):
        page = new_tab(**options)
        page.goto(f"{server.address}?tab={tab.replace(' ', '+')}")
        served.wait_until_settled(page, tab)
        return page

    return open_page


@pytest.fixture
def open_tab(server, open_page, screen):
    """Return a function that opens the page of the server with a screen; no window is left open."""
    tabs = []

    def open_tab():
        tabs.append(open_page(server))
        return tabs[-1]

    yield open_tab
    if close_button(tabs[0]).is_enabled():
        close_button(tabs[0]).click()
    wait_until(lambda: not windows(screen), PATIENCE)


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


def num_answers(tab):
    """Return how many answers of the window the page has: those of earlier tests are among them."""
    found = re.search(r"answers \((\d+)\)", tab.get_by_role("tabpanel").first.inner_text())
    return int(found[1]) if found else 0


def answer_seven(screen, window):
    """Draw a seven in the window and have it answered."""
    draw(screen, window, SEVEN)
    xdotool(screen, "key", "Return")


def await_answers(tab, count):
    tab.get_by_text(f"answers ({count})").wait_for()


def draw(screen, window, corners):
    """Draw a stroke with the mouse through corners given in shares of the canvas."""
    shell = xdotool(screen, "getwindowgeometry", "--shell", window)
    x, y, width, height = (
        int(dict(re.findall(r"^(\w+)=(-?\d+)$", shell, re.M))[name]) for name in ("X", "Y", "WIDTH", "HEIGHT")
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
    count = num_answers(tab)
    window = start_drawing(tab, screen)
    answer_seven(screen, window)
    await_answers(tab, count + 1)
    served.wait_until_settled(tab, "Draw")
    assert tab.locator(".st-key-digit").inner_text().strip() == "7"
    assert tab.locator(".st-key-confidence").inner_text().endswith("sure")
    wait_until(lambda: tab.locator("[data-testid=stVegaLiteChart] :is(canvas, svg)").count(), PATIENCE)
    pictures = tab.locator(".st-key-pictures img")
    wait_until(lambda: pictures.count() == 2, PATIENCE)
    wait_until(lambda: pictures.evaluate_all("images => images.every(image => image.naturalWidth > 0)"), PATIENCE)


def test_presses_in_two_tabs_at_once_open_one_window_and_both_share_its_answers(screen, open_tab):
    first, second = open_tab(), open_tab()
    count = num_answers(first)
    for tab in (first, second):
        # Presses at the speed of the browser, before the page can disable the button.
        start_button(tab).evaluate("button => { button.click(); button.click(); }")
    for tab in (first, second):
        await_badge(tab, "Window open")
        wait_until(start_button(tab).is_disabled, PATIENCE)
    (window,) = windows(screen)
    answer_seven(screen, window)
    for tab in (first, second, open_tab()):
        await_answers(tab, count + 1)
        wait_until(start_button(tab).is_disabled, PATIENCE)
    assert windows(screen) == [window]


def test_a_window_is_closed_by_the_page_its_user_or_a_signal_and_opened_again(screen, server, open_tab):
    tab = open_tab()
    count = num_answers(tab)
    window = start_drawing(tab, screen)
    answer_seven(screen, window)
    await_answers(tab, count + 1)
    close_button(tab).click()
    await_badge(tab, "Window closed")
    assert not windows(screen)
    window = start_drawing(tab, screen)
    answer_seven(screen, window)
    await_answers(tab, count + 2)
    xdotool(screen, "key", "Escape")
    await_badge(tab, "Window closed")
    start_drawing(tab, screen)
    os.kill(child_of(server), signal.SIGKILL)
    await_badge(tab, "Window failed")
    tab.get_by_text("The window ended unexpectedly (signal SIGKILL).").wait_for()
    start_drawing(tab, screen)


# The pad


SIZES = {  # of the screen: the least side of the canvas, all in CSS pixels
    (1280, 900): 480,
    (1920, 1080): 720,
    (390, 844): 350,
    (844, 390): 320,
}


def test_the_pad_grows_with_the_screen_and_all_of_it_is_in_view(open_tab):
    tab = open_tab()
    for (width, height), least in SIZES.items():
        tab.set_viewport_size({"width": width, "height": height})
        boxes = [tab.locator(".pad canvas"), tab.locator(".pad .verdict, .pad .hint").first, tab.locator(".pad .seen")]
        boxes += [tab.locator(".pad .bars"), start_button(tab)] if min(width, height) > 600 else []
        wait_until(lambda height=height, boxes=boxes: all(is_in_view(box, height) for box in boxes), PATIENCE)
        canvas = boxes[0].bounding_box()
        assert canvas["width"] == pytest.approx(canvas["height"])
        assert canvas["width"] >= least
        assert canvas["width"] <= width
    tab.set_viewport_size({"width": 390, "height": 844})
    tab.locator(".pad").get_by_role("radio", name="Number").click()
    wait_until(lambda: tab.locator(".pad canvas").bounding_box()["height"] >= 200, PATIENCE)


def is_in_view(part, height):
    box = part.bounding_box()
    return not box or (box["y"] >= 0 and box["y"] + box["height"] <= height)


def placed(digit):
    """Return a digit's strokes in shares of the canvas."""
    return [(stroke + 3) / 22 for stroke in template_digits.strokes(digit)]


def keep(tab):
    tab.get_by_role("button", name="Keep").click()
    tab.get_by_text("Kept").wait_for()


def download(tab, label):
    """Press a button and return what it lets one download."""
    with tab.expect_download() as arriving:
        tab.get_by_role("button", name=label, exact=True).click()
    return arriving.value


def table(tab):
    """Return the answers as the CSV of the history has them."""
    return list(csv.DictReader(io.StringIO(download(tab, "CSV").path().read_text())))


def test_what_is_drawn_on_the_pad_stays_is_kept_survives_a_reload_and_can_be_downloaded(plain_server, open_page):
    tab = open_page(plain_server)
    draw_on_pad(tab, placed(5))
    assert tab.locator(".pad .verdict").inner_text() == "5"
    keep(tab)
    served.open_tab(tab, "History")
    (row,) = table(tab)
    assert (row["source"], row["answer"], row["digit"], row["sure"]) == ("pad", "5", "5", "True")
    assert re.search(r"  pad +5  \(\d+\.\d\s%\)  5\n", download(tab, "Text").path().read_text())
    (entry,) = json.loads(download(tab, "JSON").path().read_text())
    with zipfile.ZipFile(download(tab, "Pictures (ZIP)").path()) as archive:
        picture = np.array(Image.open(archive.open("0001-5.png")))
    assert np.array_equal(picture, entry["picture"])
    tab.reload()
    served.wait_until_settled(tab, "History")
    wait_until(lambda: tab.get_by_role("button", name="Clear history").count(), PATIENCE)
    assert table(tab) == [row]
    other = open_page(plain_server, "History")
    other.get_by_text("The history is empty").wait_for()
    delete_first(tab)
    tab.get_by_text("One answer was deleted").wait_for()
    tab.get_by_role("button", name="Undo").click()
    tab.get_by_text("One answer was deleted").wait_for(state="hidden")
    assert table(tab) == [row]
    tab.get_by_role("button", name="Clear history").click()
    tab.get_by_text("The history is empty").wait_for()
    tab.get_by_text("One answer was deleted").wait_for()
    served.open_tab(tab, "Draw")
    served.wait_for_answer(tab)
    assert tab.locator(".pad .verdict").inner_text() == "5"


def delete_first(tab):
    """Tick the first row of the table and press Delete, again where a table that is just shown anew loses them."""
    from playwright.sync_api import TimeoutError as NotYet

    offered = tab.get_by_role("button", name="Delete row(s)")  # once a row is ticked
    told = tab.get_by_text("One answer was deleted")

    def is_deleted() -> bool:
        tab.get_by_test_id("stDataFrame").click(position={"x": 16, "y": 60})  # the box beside the first row
        with suppress(NotYet):
            offered.wait_for(timeout=5000)
            tab.keyboard.press("Delete")
            told.wait_for(timeout=20000)
        return told.is_visible()

    wait_until(is_deleted, PATIENCE)


def test_a_finger_draws_on_a_phone(plain_server, open_page):
    tab = open_page(plain_server, viewport=PHONE, has_touch=True, is_mobile=True)
    box = tab.locator(".pad canvas").bounding_box()
    assert 0 <= box["x"] < box["x"] + box["width"] <= PHONE["width"]
    touch = tab.context.new_cdp_session(tab)
    for stroke in placed(7):
        points = between([(box["x"] + u * box["width"], box["y"] + v * box["height"]) for u, v in stroke])
        for kind, (x, y) in zip(["touchStart"] + ["touchMove"] * (len(points) - 1), points, strict=True):
            touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y}]})
        touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    served.wait_for_answer(tab)
    assert tab.locator(".pad .verdict").inner_text() == "7"
    assert tab.evaluate("window.scrollY + document.querySelector('[data-testid=stMain]').scrollTop") == 0
    keep(tab)
    served.open_tab(tab, "History")
    assert [row["answer"] for row in table(tab)] == ["7"]


# Pictures


def sheet(count):
    """Return a photo of a sheet with this many digits: 0, 1, 2 ... 9, 0 ..."""
    return sheet_files.photograph(
        pen_strokes.made_up(count).digits, sheet_files.Style(), np.random.default_rng(1)
    ).content


def upload(tab, **files):
    """Give the tab Images files of these names and contents, and wait for the answers."""
    chosen = [{"name": f"{name}.jpg", "mimeType": "image/jpeg", "buffer": content} for name, content in files.items()]
    tab.get_by_test_id("stFileUploaderDropzoneInput").set_input_files(chosen)
    tab.get_by_text(re.compile(r"digits$|^One digit$")).wait_for()
    served.wait_until_settled(tab, "Images")  # a click on a table that is still being shown can get lost


def test_sheets_are_read_a_correction_is_taken_home_and_both_stay_while_another_tab_is_open(
    plain_server, open_page, plain_folder
):
    tab = open_page(plain_server, "Images")
    upload(tab, sheet=sheet(12), other=sheet(3))
    tab.get_by_text("15 digits").wait_for()
    picture = tab.get_by_test_id("stImage").locator("img").first
    wait_until(lambda: picture.evaluate("image => image.naturalWidth > 0"), PATIENCE)
    correct_first(tab, "8")
    collection = plain_folder / "data" / "handwriting" / "collection"
    wait_until(lambda: any(collection.rglob("*.json")), PATIENCE)  # the server has been told
    served.open_tab(tab, "History")
    rows = table(tab)
    assert [row["digit"] for row in rows] == [*"012", *"012345678901"]  # the last file first
    assert [row["corrected"] for row in rows] == [*[""] * 3, "8", *[""] * 11]
    assert [row["answer"] for row in rows] == [*"012", *"812345678901"]
    assert rows[3]["name"] == "sheet.jpg (1 of 12)"
    for name in ("Draw", "Images"):
        served.open_tab(tab, name)
    tab.get_by_text("15 digits").wait_for()
    assert tab.get_by_text("other.jpg", exact=True).is_visible()


def correct_first(tab, digit):
    """Write what the first digit of the table was, by keyboard."""
    from playwright.sync_api import TimeoutError as NotYet

    editor = tab.locator("#portal textarea")

    def is_written() -> bool:
        tab.locator(".dvn-scroller").click(position={"x": 30, "y": 60})
        for key in ("ArrowRight", "ArrowRight", "ArrowRight", digit):
            tab.keyboard.press(key)
        with suppress(NotYet):  # a table that is just shown anew loses its keys
            editor.wait_for(timeout=5000)
        return bool(editor.count()) and editor.input_value() == digit

    wait_until(is_written, PATIENCE)
    tab.keyboard.press("Enter")
    told = tab.get_by_test_id("glide-cell-3-0")  # of what the grid tells those who cannot see it
    wait_until(lambda: told.text_content() == digit, PATIENCE)


def test_the_camera_takes_a_picture_and_is_off_in_other_tabs(plain_server, open_page):
    tab = open_page(plain_server, "Images", permissions=["camera"])
    tab.get_by_role("radio", name="Camera").click()
    tab.get_by_role("button", name="Take Photo").wait_for()
    served.open_tab(tab, "Draw")
    assert tab.locator("video").count() == 0
    served.open_tab(tab, "Images")
    tab.get_by_role("button", name="Take Photo").wait_for()


# Training


@pytest.fixture(scope="module")
def training_folder(tmp_path_factory):
    return tmp_path_factory.mktemp("trainings")


@pytest.fixture(scope="module")
def shared_trainer(training_folder, data_file):
    with running_page(served.own_environment(training_folder, data_file)) as server:
        yield server


@pytest.fixture
def trainer_server(shared_trainer, training_folder):
    """A server for trainings, shared by the tests that do not end it; no model is left in it."""
    yield shared_trainer
    for path in (training_folder / "data" / "handwriting" / "models").glob("*"):
        path.unlink()


def await_training(server, place):
    """Wait until something is on the page, for as long as the trainer gets on with its work."""
    from playwright.sync_api import TimeoutError as NotYet

    before = -1.0
    while True:
        try:
            place.wait_for(timeout=PATIENCE * 1000)
            return
        except NotYet:
            after = processor_seconds_of_children(server.process.pid)
            if after <= before + 0.1:
                raise
            before = after


def processor_seconds_of_children(pid):
    """Return the processor time that the living descendants of a process have taken."""
    times = []
    for child in with_children(pid)[1:]:
        with suppress(FileNotFoundError, ProcessLookupError):
            fields = Path(f"/proc/{child}/stat").read_text().rpartition(")")[2].split()
            times.append(sum(map(int, fields[11:15])))  # its own and that of the children it has waited for
    return sum(times) / os.sysconf("SC_CLK_TCK")


def open_settings(tab):
    tab.get_by_text("Settings of your own").click()
    served.wait_until_settled(tab)  # the page is shown again: what is typed before that can get lost


def start_training(tab, epochs, begun=None):
    """Press Start training, again where Streamlit loses it, until Stop, or what else tells that it began, is there."""
    from playwright.sync_api import TimeoutError as NotYet

    begun = begun or stop_button(tab)
    tab.get_by_role("spinbutton", name="Epochs").fill(str(epochs))

    def is_begun() -> bool:
        with suppress(NotYet):
            tab.get_by_role("button", name="Start training").click(timeout=5000)
            begun.wait_for(timeout=20000)
        return begun.is_visible()

    wait_until(is_begun, PATIENCE)


def stop_button(tab):
    return tab.get_by_role("button", name="Stop and keep")


def test_a_training_is_paused_goes_on_is_stopped_and_its_model_used_compared_downloaded_and_deleted(
    trainer_server, open_page, training_folder
):
    tab = open_page(trainer_server, "Train")
    open_settings(tab)
    start_training(tab, 500)
    tab.reload()
    served.wait_until_settled(tab, "Train")
    other = open_page(trainer_server, "Train")
    await_training(trainer_server, tab.get_by_text(re.compile(r"Learning · epoch \d+ of 500, .* left")))
    tab.get_by_role("button", name="Pause").click()
    paused = tab.get_by_text(re.compile(r"Paused · epoch \d+ of 500, batch \d+"))
    await_training(trainer_server, paused)
    before = paused.inner_text()
    tab.get_by_role("button", name="One batch").click()
    wait_until(lambda: paused.inner_text() != before, PATIENCE)
    tab.get_by_role("button", name="Go on").click()
    await_training(trainer_server, tab.get_by_text(re.compile(r"Learning · epoch \d+ of 500")))
    stop_button(tab).click()
    for page in (tab, other):
        told = page.get_by_text("The training was stopped; what it had learned is saved below")
        await_training(trainer_server, told)
        for part, count in ((".probe", 10), (".kernel", 16), ("polyline.main", 1)):
            shown = page.locator(f".training {part}")
            wait_until(lambda shown=shown, count=count: shown.count() == count, PATIENCE)  # drawn after the words
    (model,) = (training_folder / "data" / "handwriting" / "models").glob("*.h5")
    assert download(tab, "Download").path().read_bytes() == model.read_bytes()
    tab.get_by_role("button", name="Use", exact=True).click()
    tab.get_by_text("in use").wait_for()
    served.wait_until_settled(tab, "Train")
    compare = tab.get_by_role("combobox", name="Compare with the shipped model")
    compare.focus()
    for key in ("ArrowDown", "Enter"):
        compare.press(key)
    tab.get_by_text("Of 50 test digits: both right").wait_for()
    served.open_tab(tab, "Model")
    tab.get_by_role("heading", name=model.name).wait_for()
    served.open_tab(tab, "Draw")
    draw_on_pad(tab, placed(1))
    assert tab.locator(".pad .verdict").inner_text()
    served.open_tab(tab, "Train")
    tab.get_by_role("button", name="More").click()
    tab.get_by_role("button", name="Delete this model").click()
    tab.get_by_text("No model has been trained here yet").wait_for()
    assert not list(model.parent.iterdir())
    served.open_tab(tab, "Model")
    tab.get_by_role("heading", name="model.h5").wait_for()


def test_what_is_typed_stays_while_another_tab_is_open_and_a_training_that_cannot_begin_says_why(
    trainer_server, open_page
):
    tab = open_page(trainer_server, "Train")
    open_settings(tab)
    tab.get_by_role("spinbutton", name="Epochs").fill("17")
    tab.get_by_role("textbox", name="Data file").fill("/nowhere/m_n_ist.npz")
    served.open_tab(tab, "Model")
    served.open_tab(tab, "Train")
    assert tab.get_by_role("spinbutton", name="Epochs").input_value() == "17"
    assert tab.get_by_role("textbox", name="Data file").input_value() == "/nowhere/m_n_ist.npz"
    start_training(tab, 1, begun=tab.get_by_text("There is no data file /nowhere/m_n_ist.npz"))


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_training_window_and_temporary_files_go_with_the_server_or_at_its_next_start(
    screen, bare_environment, open_page, how
):
    folder = Path(bare_environment["TMPDIR"])
    with running_page({**bare_environment, "DISPLAY": screen}) as server:
        tab = open_page(server, "Train")
        open_settings(tab)
        start_training(tab, 500)
        trainer = child_of(server)
        served.open_tab(tab, "Draw")
        start_drawing(tab, screen)
        (left,) = folder.glob("handwriting-*")
        server.stop(how)
        wait_until(lambda: not windows(screen), PATIENCE)
        wait_until(lambda: not is_running(trainer), SAVING_SECONDS)
    if how == signal.SIGKILL:
        has_saved = any(Path(bare_environment["XDG_DATA_HOME"]).rglob("*.h5"))  # then its converter removes folders
        assert has_saved or left.is_dir()
        with running_page(bare_environment) as server:
            open_page(server)
            wait_until(lambda: not left.exists(), PATIENCE)
            server.stop(signal.SIGTERM)
    assert not list(folder.glob("handwriting-*"))


def is_running(process_id):
    try:
        return "Z" not in subprocess.check_output(["ps", "-o", "stat=", str(process_id)], text=True)
    except subprocess.CalledProcessError:
        return False


# Understanding


def test_a_click_on_the_matrix_shows_the_digits_of_that_cell_and_the_report_is_downloaded(plain_server, open_page):
    tab = open_page(plain_server, "Model")
    click_cell(tab, 3, 3)
    await_cell(tab, "3 answered as 3: 5", num_digits=5)
    click_cell(tab, 4, 5)
    await_cell(tab, "", num_digits=0)
    click_cell(tab, 7, 7)
    await_cell(tab, "7 answered as 7: 5", num_digits=5)
    report = download(tab, "Download the report")
    assert report.suggested_filename == "model.html"
    assert "<html" in report.path().read_text()


def click_cell(tab, label, answer):
    """Click in the middle of a cell, where its number is, once nothing is being shown anew."""
    served.wait_until_settled(tab, "Model")
    named = f"[aria-label^='Predicted digit: {answer}; True digit: {label};']"
    tab.locator(f"[aria-roledescription='rect mark']{named}").click(force=True)


def await_cell(tab, chosen, num_digits):
    """Wait until a cell is chosen and that many digits of it are shown."""
    choice = tab.get_by_role("combobox", name="Digits of a cell")
    wait_until(lambda: choice.input_value() == chosen, PATIENCE)
    wait_until(lambda: tab.locator(".st-key-pixels-cell img").count() == num_digits, PATIENCE)


# For everybody


def test_every_tab_fits_on_a_phone_its_headings_are_in_order_and_axe_finds_nothing(plain_server, open_page):
    tab = open_page(plain_server, viewport=PHONE)
    draw_on_pad(tab, placed(5))
    keep(tab)
    served.open_tab(tab, "Images")
    upload(tab, sheet=sheet(12))
    for name, theme in zip(TABS, cycle(("light", "dark"))):
        if name != "Images":
            served.open_tab(tab, name)
        tab.emulate_media(color_scheme=theme)
        if name == "Look inside":
            tab.locator(".network[data-version]").wait_for()  # until then its parts have nothing to say
        assert accessibility.findings(tab) == [], name
        levels = [int(level) for level in tab.evaluate(HEADINGS)]
        assert levels[:1] == [1]
        assert all(after <= before + 1 for before, after in pairwise(levels)), (name, levels)
        main = tab.get_by_test_id("stMain")
        assert main.evaluate("main => main.scrollWidth - main.clientWidth") == 0, name
        assert tab.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], name


HEADINGS = """
() => [...document.querySelectorAll("h1, h2, h3, h4, h5, h6")]
  .filter((heading) => heading.checkVisibility())
  .map((heading) => heading.tagName[1])
"""
REACHED = {  # by keyboard, in each tab
    "Draw": {"Digit", "Canvas: draw here with the mouse, a finger or a pen"},
    "Images": {"Files", "Upload"},
    "Your hand": {"Whose hand", "Use what it was taught", "Begin"},
    "Train": {"Start Classroom", "100 digits only", "Settings of your own"},
    "Model": {"The whole model card", "Digits of a cell", "Download the report"},
    "Look inside": {"Digit", "The drawing, 28x28"},
}


def test_every_tab_is_reached_and_used_by_keyboard_and_named_by_the_address(plain_server, open_page):
    tab = open_page(plain_server)
    for before, name in pairwise(("", *TABS)):
        if before:
            tab.get_by_role("tab", name=before).press("ArrowRight")
            served.wait_until_settled(tab, name)
        tab.emulate_media(color_scheme="light" if name in TABS[1::2] else "dark")
        if name == "Look inside":
            tab.locator(".network[data-version]").wait_for()  # until then its parts have nothing to say
        assert accessibility.findings(tab) == [], name
        tab.get_by_role("tab", name=name).focus()
        names = set()
        for _ in range(24):  # the most controls of a tab, without data
            tab.keyboard.press("Tab")
            names.add(tab.evaluate(FOCUSED))
        assert REACHED.get(name, set()) <= names, name
    assert tab.url.endswith("?tab=Learn")
    tab.reload()
    served.wait_until_settled(tab, "Learn")


FOCUSED = """
() => {
  let focused = document.activeElement;
  while (focused.shadowRoot?.activeElement) focused = focused.shadowRoot.activeElement;
  return focused.ariaLabel || focused.labels?.[0]?.innerText || focused.innerText.split("\\n").at(-1);
}
"""


def test_the_tab_that_has_the_focus_is_framed_and_no_other(plain_server, open_page):
    tab = open_page(plain_server)
    tab.get_by_role("tab", name="Draw").press("ArrowRight")
    served.wait_until_settled(tab, "Images")
    focused, left, other = (tab.get_by_role("tab", name=name) for name in ("Images", "History", "Train"))
    focused.focus()  # Streamlit can disable a tab for a moment while it is shown anew, and the focus is lost
    left.evaluate("tab => tab.setAttribute('data-focus-visible', 'true')")  # as the page leaves it when it is busy
    wait_until(lambda: style_of(focused)["outline"] == "solid", PATIENCE)
    wait_until(lambda: style_of(left) == style_of(other), PATIENCE)  # colours change in a transition
    assert style_of(other)["outline"] == "none"


def style_of(tab) -> dict[str, str]:
    """Return what tells a tab from its neighbours."""
    return tab.evaluate(
        "tab => { const {outlineStyle: outline, boxShadow: shadow, color} = getComputedStyle(tab);"
        " return {outline, shadow, color}; }"
    )


# Look inside

LOSE_ONE = """
text => {
  const { send } = WebSocket.prototype;
  WebSocket.prototype.send = function (message) {
    const isIt = new TextDecoder().decode(message).includes(text);
    if (isIt) WebSocket.prototype.send = send;
    else send.call(this, message);
  };
}
"""  # on its way to Streamlit: the first message that has this text in it


def open_inside(plain_server, open_page):
    """Return the tab as a new visitor gets it, and the network in it once it shows maps."""
    tab = open_page(plain_server, "Look inside")
    network = tab.locator(".network[data-version]")
    network.wait_for()
    return tab, network


def follow(tab, network):
    """Wait until the network shows what is on the pad."""
    version = tab.locator(".pad").get_attribute("data-version")
    wait_until(lambda: network.get_attribute("data-version") == version, PATIENCE)


def numbers(text):
    """Return the numbers in a line, in order."""
    return [float(number) for number in re.findall(r"-?\d+\.\d+", text.replace("\N{MINUS SIGN}", "-"))]


def test_the_network_follows_the_pen_and_its_numbers_add_up(plain_server, open_page):
    tab, network = open_inside(plain_server, open_page)
    assert "An example" in network.inner_text()
    draw_on_pad(tab, placed(4))
    follow(tab, network)
    assert network.locator(".verdict strong").inner_text() == "4"
    network.locator(".stage").nth(3).locator(".map").first.click()
    result = network.get_by_label(re.compile("arrow keys move the place"))
    result.wait_for()
    links = network.locator(".links path")
    assert links.count() == 8
    for key in ("", "ArrowRight", "ArrowDown"):
        if key:
            result.press(key)
        check_sums(network)
    before = network.locator(".arithmetic").inner_text()
    network.get_by_role("button", name="Slide slowly").click()
    wait_until(lambda: network.locator(".arithmetic").inner_text() != before, PATIENCE)
    network.get_by_role("button", name="Stop").click()
    result.press("Escape")
    network.locator(".panel").wait_for(state="hidden")
    assert not links.count()
    assert "Convolution 3, map" in tab.evaluate(FOCUSED)
    network.locator(".bar").nth(4).click()
    check_votes(network)
    served.open_tab(tab, "Draw")
    wait_for_answer(tab)
    assert tab.locator(".pad .verdict").inner_text() == "4"
    keep(tab)
    served.open_tab(tab, "Look inside")
    choice = tab.get_by_role("combobox", name="Drawing")
    for key in ("ArrowDown", "ArrowDown", "Enter"):
        choice.press(key)
    network.get_by_text("From the history").wait_for()
    tab.evaluate(LOSE_ONE, "left")
    draw_on_pad(tab, placed(7))
    wait_until(lambda: choice.input_value() == "On the pad", PATIENCE)
    follow(tab, network)


def check_sums(network):
    """Check a map's arithmetic as one would with a pocket calculator."""
    patch, kernel, products = (numbers(each) for each in network.locator(".tables table").all_inner_texts())
    for value, weight, product in zip(patch, kernel, products, strict=True):
        assert product == pytest.approx(value * weight, abs=3e-4)
    (together,) = numbers(network.locator(".contribution").inner_text())
    assert together == pytest.approx(sum(products), abs=1e-9)
    parts = [numbers(each)[0] for each in network.locator(".inputs b").all_inner_texts()]
    assert parts[-1] == pytest.approx(sum(parts[:-1]), abs=1e-9)
    normalisation, rectified = network.locator(".sum > .sentence").all_inner_texts()
    scale, total, mean, variance, epsilon, shift, result = numbers(normalisation.split("beta:")[1])
    signs = [1 if sign == "+" else -1 for sign in re.findall(r" ([+\N{MINUS SIGN}]) ", normalisation)]
    assert total == parts[-1]
    value = scale * (total + signs[0] * mean) / (variance + epsilon) ** 0.5 + signs[-1] * shift
    assert result == pytest.approx(value, abs=0.0051)
    assert numbers(rectified)[-1] == max(0, result)


def check_votes(network):
    """Check that the votes add up to the logit, and that its share is the answer's."""
    network.locator(".vote").first.wait_for()
    votes = [numbers(each.replace("+", ""))[-1] for each in network.locator(".vote .share").all_inner_texts()]
    assert votes[-1] == pytest.approx(sum(votes[:-1]), abs=1e-9)
    rows = [numbers(each) for each in network.locator(".softmax tbody tr").all_inner_texts()]
    assert rows[4][0] == votes[-1]
    powers = [row[2] for row in rows]
    assert numbers(network.locator(".verdict").inner_text())[0] == pytest.approx(
        100 * powers[4] / sum(powers), abs=0.11
    )


def test_look_inside_answers_questions_and_explains_its_words(plain_server, open_page):
    tab, network = open_inside(plain_server, open_page)
    tab.route("**/look-inside/**", lambda route: route.abort())  # as where the page is served without the route
    draw_on_pad(tab, placed(4))
    follow(tab, network)
    network.get_by_role("button", name="What would change its mind?").click()
    network.get_by_text("makes it").first.wait_for()
    assert network.locator(".changes figure").count() == 2
    network.get_by_role("button", name="Convolution 1: all 32 maps").click()
    wait_until(lambda: network.locator(".tile").count() == 32, PATIENCE)
    network.locator(".about .read .term").first.focus()
    assert "slides over a picture" in network.get_by_role("tooltip").first.inner_text()
    network.locator(".stage").first.locator(".map").click(position={"x": 20, "y": 20})
    network.get_by_text("reacts most").first.wait_for()
    assert network.locator(".map i").first.is_visible()
