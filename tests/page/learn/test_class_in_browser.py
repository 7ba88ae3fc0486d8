"""A class in real browsers: a pupil types the code, joins and draws; the wall shows it, asks, hides and ends."""

import pytest

from benchmarks.page import accessibility
from benchmarks.page import pad as pad_benchmark
from benchmarks.support import served
from digits.classroom.host import ClassHost
from digits.models import loading

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(bool(pad_benchmark.missing()), reason=str(pad_benchmark.missing())),
]
SEVEN = [[(0.3, 0.2), (0.7, 0.2), (0.45, 0.8)], [(0.35, 0.5), (0.7, 0.5)]]
PHONE = {"viewport": {"width": 390, "height": 844}}
WALL = {"viewport": {"width": 1920, "height": 1080}}


@pytest.fixture
def opened():
    host = ClassHost((0,), lambda: ["127.0.0.1"])
    yield host.open(loading.load())
    host.close()


def draw(tab, strokes):
    box = tab.locator("canvas").bounding_box()
    for stroke in strokes:
        points = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in stroke]
        tab.mouse.move(*points[0])
        tab.mouse.down()
        for point in points[1:]:
            tab.mouse.move(*point, steps=5)
        tab.mouse.up()


def test_a_lesson_from_the_code_to_the_end(opened, new_tab):
    wall, pupil = new_tab(**WALL), new_tab(**PHONE)
    wall.goto(opened.wall_address)
    wall.locator("#empty .code").get_by_text(opened.room.code).wait_for()
    assert opened.room.key not in wall.url
    assert wall.get_by_alt_text("QR code of the address of this class").first.evaluate(
        "image => image.naturalWidth > 100"
    )

    pupil.goto(f"{opened.addresses[0]}/")
    pupil.get_by_label("The code on the wall").fill(opened.room.code.lower())
    pupil.get_by_role("button", name="Go on").click()
    pupil.get_by_label("Your first name").fill("Ada")
    pupil.get_by_role("button", name="Join").click()
    wall.get_by_text("1 pupil, 0 of 1 have drawn").wait_for()
    wall.get_by_role("group", name="What everybody is asked").get_by_role("button", name="7").click()
    pupil.locator("#asked").get_by_text("7").wait_for()

    held = []
    pupil.route("**/draw", lambda route: held.append(route), times=1)  # the first stroke is long on its way ...
    with pupil.expect_request("**/draw"):
        draw(pupil, SEVEN)
    held[0].continue_()  # ... and the second one does not overtake it
    pupil.locator("#answer").get_by_text("7").wait_for()
    tile = wall.locator("#tiles li")
    tile.get_by_text("7").wait_for()
    wall.locator("#tally").get_by_text("with a bar").wait_for()  # both strokes are there
    assert tile.locator("polyline").count() == 2
    assert accessibility.findings(wall) == accessibility.findings(pupil) == []
    page_height, window_height = pupil.evaluate("[document.documentElement.scrollHeight, innerHeight]")
    assert page_height <= window_height  # a pad that scrolls cannot be drawn on

    pupil.reload()  # it is the same pupil
    pupil.locator("#who").get_by_text("Ada").wait_for()
    tile.hover()
    tile.get_by_role("button", name="Hide").click()
    wall.get_by_role("button", name="Show pupil 1 again").wait_for()
    assert not tile.is_visible()
    assert "Ada" not in wall.inner_text("body")
    wall.get_by_role("button", name="End the class").click()
    wall.get_by_label("End the class").get_by_role("button", name="End the class").click()
    pupil.get_by_text("The class is over").wait_for()
    wall.locator(".over").get_by_text("What was drawn is forgotten").wait_for()


def test_a_wrong_code_is_answered_in_a_sentence(opened, new_tab):
    pupil = new_tab(**PHONE)
    pupil.set_default_timeout(served.PATIENCE * 1000)
    pupil.goto(f"{opened.addresses[0]}/WRONG")
    pupil.get_by_text("There is no class with this code").wait_for()
    assert pupil.get_by_label("The code on the wall").is_visible()
