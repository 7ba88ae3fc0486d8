"""The window's handling of events, without a screen: real Pygame events into the real handler."""

import threading
from itertools import pairwise

import numpy as np
import pytest

from digits import theme, window
from digits.classifier import Answer
from digits.files import UserError
from digits.results import read_records
from digits.state import DOT, EMPTY, WELCOME, State

pygame = window.pygame


class Always:
    """A classifier that answers one digit and keeps the pictures it was shown."""

    def __init__(self, digit: int = 7):
        rest = tuple(0.01 if other != digit else 0.91 for other in range(10))
        self.answer = Answer(digit, 0.91, rest)
        self.pictures = []

    def classify(self, picture: np.ndarray) -> Answer:
        self.pictures.append(picture)
        return self.answer


@pytest.fixture(autouse=True)
def no_screen(monkeypatch):
    """Windows that nobody sees; in these tests alone, others need real ones."""
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")


@pytest.fixture
def classifier():
    return Always(7)


@pytest.fixture
def shown(classifier):
    """An open window whose model is ready."""
    opened = window.Window(State(), lambda _: classifier)
    opened.state.model_loaded(classifier)
    yield opened
    pygame.quit()


def pointer(kind: int, pos: tuple[int, int], button: int = 1, buttons=(1, 0, 0)):
    if kind == pygame.MOUSEMOTION:
        return pygame.event.Event(kind, pos=pos, rel=(0, 0), buttons=buttons)
    return pygame.event.Event(kind, pos=pos, button=button)


def pixel(shown, x: float, y: float) -> tuple[int, int]:
    """The window's pixel at a canvas position in cells."""
    box, cell = shown._layout.canvas, shown._layout.cell
    return round(box.x + x * cell), round(box.y + y * cell)


def drag(shown, *points, button: int = 1) -> None:
    first, *rest = (pixel(shown, *point) for point in points)
    shown.handle(pointer(pygame.MOUSEBUTTONDOWN, first, button))
    for position in rest:
        shown.handle(pointer(pygame.MOUSEMOTION, position))
    shown.handle(pointer(pygame.MOUSEBUTTONUP, (rest or [first])[-1], button))


def middle(shown, name: str) -> tuple[int, int]:
    box = shown._layout.buttons[name]
    return box.x + box.width // 2, box.y + box.height // 2


def click(shown, name: str) -> None:
    shown.handle(pointer(pygame.MOUSEBUTTONDOWN, middle(shown, name)))
    shown.handle(pointer(pygame.MOUSEBUTTONUP, middle(shown, name)))


def key(shown, code: int) -> None:
    shown.handle(pygame.event.Event(pygame.KEYDOWN, key=code, mod=0, unicode=""))
    shown.handle(pygame.event.Event(pygame.KEYUP, key=code, mod=0))


def seven(shown) -> None:
    drag(shown, (6, 5), (20, 5), (12, 25))


def test_a_drag_is_a_stroke_in_cells(shown):
    drag(shown, (6, 5), (20, 5), (12, 25))
    stroke = np.array(shown.state.canvas.strokes[0])
    assert np.abs(stroke - [(6, 5), (20, 5), (12, 25)]).max() < 1 / shown._layout.cell


def test_every_motion_event_is_a_point(shown):
    path = [(4 + 20 * i / 300, 14 + 8 * np.sin(i / 20)) for i in range(300)]
    drag(shown, *path)
    pixels = [pixel(shown, *point) for point in path]
    repeated = sum(a == b for a, b in pairwise(pixels))  # the pointer did not move: no new point
    assert len(shown.state.canvas.strokes[0]) == len(path) - repeated


@pytest.mark.parametrize("way", ["button", pygame.K_RETURN, pygame.K_KP_ENTER, pygame.K_SPACE])
def test_classify_answers(shown, classifier, way):
    seven(shown)
    click(shown, "classify") if way == "button" else key(shown, way)
    assert shown.state.answer == classifier.answer
    assert len(classifier.pictures) == 1
    assert np.array_equal(classifier.pictures[0], shown.state.canvas.picture())


@pytest.mark.parametrize("way", ["button", pygame.K_r, pygame.K_DELETE])
def test_reset_empties_the_canvas(shown, way):
    seven(shown)
    key(shown, pygame.K_RETURN)
    click(shown, "reset") if way == "button" else key(shown, way)
    assert shown.state.canvas.is_empty()
    assert shown.state.answer is None
    assert shown.state.message == WELCOME


def test_a_held_button_is_one_press(shown, classifier):
    seven(shown)
    shown.handle(pointer(pygame.MOUSEBUTTONDOWN, middle(shown, "classify")))
    for _ in range(50):
        shown.handle(pointer(pygame.MOUSEMOTION, middle(shown, "classify")))
    shown.handle(pointer(pygame.MOUSEBUTTONUP, middle(shown, "classify")))
    assert len(classifier.pictures) == 1


def test_a_press_that_slides_off_the_button_does_nothing(shown, classifier):
    seven(shown)
    shown.handle(pointer(pygame.MOUSEBUTTONDOWN, middle(shown, "classify")))
    shown.handle(pointer(pygame.MOUSEBUTTONUP, middle(shown, "reset")))
    assert not classifier.pictures
    assert not shown.state.canvas.is_empty()


def test_a_stroke_that_ends_on_a_button_does_not_press_it(shown, classifier):
    shown.handle(pointer(pygame.MOUSEBUTTONDOWN, pixel(shown, 6, 6)))
    shown.handle(pointer(pygame.MOUSEMOTION, middle(shown, "classify")))
    shown.handle(pointer(pygame.MOUSEBUTTONUP, middle(shown, "classify")))
    assert not classifier.pictures
    assert shown.state.canvas.strokes[0][-1][0] == 28


@pytest.mark.parametrize("button", [2, 3, 4, 5])
def test_other_mouse_buttons_and_the_wheel_draw_nothing(shown, button):
    drag(shown, (6, 5), (20, 5), button=button)
    assert shown.state.canvas.is_empty()


def test_a_release_that_was_never_seen_ends_the_stroke(shown):
    shown.handle(pointer(pygame.MOUSEBUTTONDOWN, pixel(shown, 6, 6)))
    shown.handle(pointer(pygame.MOUSEMOTION, pixel(shown, 9, 9), buttons=(0, 0, 0)))
    shown.handle(pointer(pygame.MOUSEMOTION, pixel(shown, 20, 20), buttons=(0, 0, 0)))
    assert len(shown.state.canvas.strokes[0]) == 2


def test_an_empty_canvas_gets_a_word_and_no_digit(shown, classifier):
    click(shown, "classify")
    assert shown.state.message == EMPTY
    assert not classifier.pictures


def test_a_dot_gets_a_word_and_no_digit(shown, classifier):
    drag(shown, (14, 14))
    click(shown, "classify")
    assert shown.state.message == DOT
    assert not classifier.pictures


def test_new_ink_takes_back_the_answer(shown):
    seven(shown)
    key(shown, pygame.K_RETURN)
    shown.handle(pointer(pygame.MOUSEBUTTONDOWN, pixel(shown, 6, 16)))
    assert shown.state.answer is None


@pytest.mark.parametrize("event", ["escape", "close button"])
def test_it_closes(shown, event):
    if event == "escape":
        key(shown, pygame.K_ESCAPE)
    else:
        shown.handle(pygame.event.Event(pygame.QUIT))
    assert not shown._is_open


def test_the_button_under_the_pointer_lights_up(shown):
    shown.handle(pointer(pygame.MOUSEMOTION, middle(shown, "reset"), buttons=(0, 0, 0)))
    assert shown.state.hovered == "reset"
    shown.handle(pygame.event.Event(pygame.WINDOWLEAVE))
    assert shown.state.hovered is None


def test_what_is_on_the_screen_follows_the_state(shown):
    shown._paint()
    x, y = pixel(shown, 13, 5)
    assert shown._surface.get_at((x + 5, y - 5))[:3] == theme.PAPER
    seven(shown)
    shown._paint()
    assert sum(shown._surface.get_at((x + 5, y - 5))[:3]) < 200
    assert not accent_pixels(shown, shown._layout.answer)
    key(shown, pygame.K_RETURN)
    shown._paint()
    assert accent_pixels(shown, shown._layout.answer) > 1000


def accent_pixels(shown, box) -> int:
    colors = pygame.surfarray.array3d(shown._surface.subsurface(pygame.Rect(*box)))
    return int((colors == theme.ACCENT).all(axis=2).sum())


def test_the_bar_of_the_answer_is_the_longest(shown):
    seven(shown)
    key(shown, pygame.K_RETURN)
    shown._paint()
    assert [accent_pixels(shown, row) > 0 for row in shown._layout.bars] == [digit == 7 for digit in range(10)]


def test_nothing_is_painted_while_nothing_changes(shown, monkeypatch):
    shown._paint()
    monkeypatch.setattr(window, "paint", lambda *_: pytest.fail("painted without need"))
    monkeypatch.setattr(window, "paint_canvas", lambda *_: pytest.fail("painted without need"))
    shown.handle(pointer(pygame.MOUSEMOTION, (1, 1), buttons=(0, 0, 0)))
    shown._paint()


def test_a_resized_window_has_a_new_layout_and_keeps_the_drawing(shown):
    seven(shown)
    strokes = [list(stroke) for stroke in shown.state.canvas.strokes]
    shown._surface = pygame.display.set_mode((640, 480), pygame.RESIZABLE)
    shown.handle(pygame.event.Event(pygame.VIDEORESIZE, size=(640, 480), w=640, h=480))
    shown._paint()
    assert shown._layout.canvas.x + shown._layout.canvas.width <= 640
    assert shown.state.canvas.strokes == strokes


def test_classify_before_the_model_is_there_answers_when_it_comes():
    opened = window.Window(State(loading="Wait ..."), lambda _: Always(3))
    seven(opened)
    key(opened, pygame.K_RETURN)
    assert opened.state.answer is None
    assert opened.state.message.text == "Wait ..."
    opened.handle(pygame.event.Event(window.MODEL_LOADED, classifier=Always(3)))
    assert opened.state.answer.digit == 3
    pygame.quit()


def test_a_model_that_fails_says_so_for_good(shown):
    shown.handle(pygame.event.Event(window.MODEL_FAILED, sentence="That is no model."))
    for action in ("reset", "classify"):
        click(shown, action)
        assert shown.state.message == ("That is no model.", True)


def test_every_classification_is_recorded(tmp_path, classifier):
    opened = window.Window(State(results=tmp_path / "answers.jsonl"), lambda _: classifier)
    opened.state.model_loaded(classifier)
    seven(opened)
    key(opened, pygame.K_RETURN)
    key(opened, pygame.K_RETURN)
    key(opened, pygame.K_r)
    key(opened, pygame.K_RETURN)
    records = read_records(tmp_path / "answers.jsonl")
    assert [record["digit"] for record in records] == [7, 7]
    assert np.allclose(records[0]["strokes"][0], [(6, 5), (20, 5), (12, 25)], atol=0.05)
    assert records[0]["probabilities"] == list(classifier.answer.probabilities)
    pygame.quit()


def test_results_that_cannot_be_written_lose_neither_answer_nor_drawing(tmp_path, classifier):
    opened = window.Window(State(results=tmp_path), lambda _: classifier)
    opened.state.model_loaded(classifier)
    seven(opened)
    key(opened, pygame.K_RETURN)
    assert opened.state.answer == classifier.answer
    assert opened.state.message.is_error
    assert "not written" in opened.state.message.text
    assert not opened.state.canvas.is_empty()
    pygame.quit()


def test_run_shows_loads_and_closes(classifier):
    seen = []

    def load(announce_conversion):
        seen.append(threading.current_thread() is threading.main_thread())
        announce_conversion()
        return classifier

    opened = window.Window(State(), load, lambda: seen.append("open"))
    opened.state.model_loaded = lambda _: (seen.append("loaded"), window.close())
    opened.run()
    assert sorted(map(str, seen)) == ["False", "loaded", "open"]


def test_run_reports_a_model_that_cannot_be_loaded():
    def load(_):
        raise UserError("No such model.")

    opened = window.Window(State(), load)
    fail = opened.state.model_failed
    opened.state.model_failed = lambda sentence: (fail(sentence), window.close())
    opened.run()
    assert opened.state.failure == "No such model."


def test_no_display_is_one_sentence(monkeypatch):
    monkeypatch.setenv("SDL_VIDEODRIVER", "nonesuch")
    with pytest.raises(UserError, match="No window can be opened here"):
        window.Window(State(), lambda _: Always())
    pygame.quit()


def test_an_unseen_window_is_no_window(monkeypatch):
    """Without a display SDL goes on with a driver that shows nothing."""
    monkeypatch.delenv("SDL_VIDEODRIVER")
    monkeypatch.setenv("DISPLAY", ":4711")
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    with pytest.raises(UserError, match="No window can be opened here"):
        window.Window(State(), lambda _: Always())
