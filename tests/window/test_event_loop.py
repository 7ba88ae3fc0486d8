"""The window's handling of events, without a screen: real Pygame events into the real handler."""

import gc
import sys
import threading
import time
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

import digits.sheets
from digits.drawing import export
from digits.drawing.canvas import PEN_WIDTH, PEN_WIDTHS, WIDE
from digits.models import loading
from digits.recognition import collection
from digits.recognition.classifier import Answer
from digits.recognition.hands import GUEST, Hands
from digits.recognition.records import DigitRecord
from digits.recognition.stores import FolderStore
from digits.system import design_tokens
from digits.system.files import UserError
from digits.system.json_lines import read_records
from digits.window import background_tasks, display, event_loop
from digits.window.actions import Action
from digits.window.layout import digit_boxes
from digits.window.pointer import SILENT
from digits.window.state import DOT, EMPTY, WELCOME, Bar, Place, State
from digits.window.teaching import OPENING
from tests.support.hands import Always, open_hand

pygame = event_loop.pygame
NO_BUTTON = (0, 0, 0)
CTRL, SHIFT = pygame.KMOD_LCTRL, pygame.KMOD_LSHIFT


class Clock:
    """A clock that stands still until it is set on."""

    def __init__(self):
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture(autouse=True)
def no_screen(monkeypatch):
    """Windows that nobody sees; in these tests alone, others need real ones."""
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")


@pytest.fixture
def classifier():
    return Always(7)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def open_window(classifier, clock, tmp_path, monkeypatch):
    """A function that opens a window whose model and hand are ready."""

    def open_one(**options) -> event_loop.Window:
        look = event_loop.Options(**options)
        hands = Hands(tmp_path / "collection", "Ada")
        opened = event_loop.Window(State(), lambda _: classifier, options=look, clock=clock, hands=hands)
        opened.state.model_loaded(classifier)
        hand = open_hand(monkeypatch, classifier, FolderStore(tmp_path / "collection" / "Ada"))
        opened.state.hand_opened(hand, "Ada")
        return opened

    yield open_one
    pygame.quit()


@pytest.fixture
def shown(open_window):
    return open_window()


def pointer(kind: int, pos: tuple[int, int], button: int = 1, buttons=(1, 0, 0)):
    if kind == pygame.MOUSEMOTION:
        return pygame.event.Event(kind, pos=pos, rel=(0, 0), buttons=buttons)
    return pygame.event.Event(kind, pos=pos, button=button)


def finger(shown, kind: int, pos: tuple[int, int], finger_id: int = 1):
    """An event of a touch screen, which tells places in shares of the window."""
    width, height = shown._surface.get_size()
    place = {"x": (pos[0] + 0.5) / width, "y": (pos[1] + 0.5) / height, "dx": 0, "dy": 0}
    return pygame.event.Event(kind, touch_id=3, finger_id=finger_id, **place)


def pixel(shown, x: float, y: float) -> tuple[int, int]:
    """The window's pixel at a canvas position in cells."""
    box, cell = shown._layout.canvas, shown._layout.cell
    return round(box.x + x * cell), round(box.y + y * cell)


def drag(shown, *points, button: int = 1) -> None:
    first, *rest = (pixel(shown, *point) for point in points)
    shown.handle(pointer(pygame.MOUSEBUTTONDOWN, first, button))
    for position in rest:
        shown.handle(pointer(pygame.MOUSEMOTION, position, buttons=tuple(int(button == n) for n in (1, 2, 3))))
    shown.handle(pointer(pygame.MOUSEBUTTONUP, (rest or [first])[-1], button))


def middle(shown, target: Action | Bar | Place) -> tuple[int, int]:
    layout = shown._layout
    if isinstance(target, Bar):
        box = layout.bars[shown.state.bar_labels.index(target.label)]
    elif isinstance(target, Place):
        box = digit_boxes(layout.answer, len(shown.state.readings))[0][target.index]
    else:
        box = (layout.buttons | layout.teaching)[target]
    return box.x + box.width // 2, box.y + box.height // 2


def click(shown, name: Action | Bar | Place) -> None:
    shown.handle(pointer(pygame.MOUSEBUTTONDOWN, middle(shown, name)))
    shown.handle(pointer(pygame.MOUSEBUTTONUP, middle(shown, name)))


def key(shown, code: int, mod: int = 0, unicode: str = "") -> None:
    shown.handle(pygame.event.Event(pygame.KEYDOWN, key=code, mod=mod, unicode=unicode))
    shown.handle(pygame.event.Event(pygame.KEYUP, key=code, mod=mod))


def seven(shown) -> None:
    drag(shown, (6, 5), (20, 5), (12, 25))


def answered_seven(shown) -> None:
    seven(shown)
    key(shown, pygame.K_RETURN)


def strokes(shown) -> list[list]:
    return [stroke.tolist() for stroke in shown.state.canvas.strokes]


def wait_for_event(shown, kind: int) -> None:
    """Handle what comes until an event of a kind, sent by a thread, has been handled."""
    while True:
        event = pygame.event.wait(20_000)
        assert event.type != pygame.NOEVENT, "no event came"
        shown.handle(event)
        if event.type == kind:
            return


# Drawing


def test_a_drag_is_a_stroke_in_cells(shown):
    drag(shown, (6, 5), (20, 5), (12, 25))
    assert np.abs(shown.state.canvas.strokes[0] - [(6, 5), (20, 5), (12, 25)]).max() < 1 / shown._layout.cell


@pytest.mark.parametrize("hand", ["mouse", "finger"])
def test_every_motion_event_is_a_point(shown, hand):
    path = [(4 + 20 * i / 300, 14 + 8 * np.sin(i / 20)) for i in range(300)]
    pixels = [pixel(shown, *point) for point in path]
    if hand == "mouse":
        drag(shown, *path)
    else:
        shown.handle(finger(shown, pygame.FINGERDOWN, pixels[0]))
        for place in pixels[1:]:
            shown.handle(finger(shown, pygame.FINGERMOTION, place))
        shown.handle(finger(shown, pygame.FINGERUP, pixels[-1]))
    repeated = sum(a == b for a, b in pairwise(pixels))  # the pointer did not move: no new point
    (stroke,) = shown.state.canvas.strokes
    assert len(stroke) == len(path) - repeated
    expected = [shown._layout.to_cells(pixels[0])]
    expected += [shown._layout.to_cells(b) for a, b in pairwise(pixels) if a != b]
    assert np.allclose(stroke, expected)


def test_a_fast_flick_between_two_frames_leaves_ink_all_the_way(shown):
    shown.handle(pointer(pygame.MOUSEBUTTONDOWN, pixel(shown, 2, 2)))
    shown.handle(pointer(pygame.MOUSEMOTION, pixel(shown, 26, 26)))
    cells = shown.state.canvas.cells()
    assert all(cells[i, i] > 200 for i in range(3, 25))


def test_a_stroke_that_leaves_the_canvas_goes_on_at_its_edge(shown):
    shown.handle(pointer(pygame.MOUSEBUTTONDOWN, pixel(shown, 6, 6)))
    shown.handle(pointer(pygame.MOUSEMOTION, (-50, 100)))  # SDL follows a held button beyond the window
    shown.handle(pointer(pygame.MOUSEMOTION, middle(shown, Action.CLASSIFY)))
    shown.handle(pointer(pygame.MOUSEMOTION, pixel(shown, 6, 20)))
    shown.handle(pointer(pygame.MOUSEBUTTONUP, pixel(shown, 6, 20)))
    (stroke,) = strokes(shown)
    assert [x for x, _ in stroke] == pytest.approx([6, 0, 28, 6], abs=0.1)


def test_a_stroke_begins_on_the_canvas_only(shown):
    canvas = shown._layout.canvas
    for outside in ((canvas.x - 1, canvas.y + 9), (canvas.x + 9, canvas.y + canvas.height), (1, 1)):
        shown.handle(pointer(pygame.MOUSEBUTTONDOWN, outside))
        shown.handle(pointer(pygame.MOUSEMOTION, pixel(shown, 14, 14)))
        shown.handle(pointer(pygame.MOUSEBUTTONUP, pixel(shown, 14, 14)))
    assert shown.state.canvas.is_empty()


@pytest.mark.parametrize("button", [2, 4, 5])
def test_other_mouse_buttons_draw_nothing(shown, button):
    drag(shown, (6, 5), (20, 5), button=button)
    assert shown.state.canvas.is_empty()


def test_a_release_that_was_never_seen_ends_the_stroke(shown):
    shown.handle(pointer(pygame.MOUSEBUTTONDOWN, pixel(shown, 6, 6)))
    shown.handle(pointer(pygame.MOUSEMOTION, pixel(shown, 9, 9), buttons=NO_BUTTON))
    shown.handle(pointer(pygame.MOUSEMOTION, pixel(shown, 20, 20), buttons=NO_BUTTON))
    assert len(shown.state.canvas.strokes[0]) == 2
    seven(shown)
    assert len(shown.state.canvas.strokes) == 2


def test_a_release_that_was_never_seen_presses_no_button(shown, classifier):
    seven(shown)
    shown.handle(pointer(pygame.MOUSEBUTTONDOWN, middle(shown, Action.RESET)))
    shown.handle(pointer(pygame.MOUSEMOTION, middle(shown, Action.RESET), buttons=NO_BUTTON))
    shown.handle(pointer(pygame.MOUSEBUTTONUP, middle(shown, Action.RESET)))
    assert not shown.state.canvas.is_empty()


def test_new_ink_takes_back_the_answer(shown):
    answered_seven(shown)
    shown.handle(pointer(pygame.MOUSEBUTTONDOWN, pixel(shown, 6, 16)))
    assert shown.state.answer is None


# One hand at a time


def test_a_second_finger_does_not_scribble(shown):
    shown.handle(finger(shown, pygame.FINGERDOWN, pixel(shown, 6, 5), 1))
    shown.handle(finger(shown, pygame.FINGERDOWN, pixel(shown, 20, 20), 2))
    shown.handle(finger(shown, pygame.FINGERMOTION, pixel(shown, 20, 25), 2))
    shown.handle(finger(shown, pygame.FINGERMOTION, pixel(shown, 6, 15), 1))
    shown.handle(finger(shown, pygame.FINGERUP, pixel(shown, 20, 25), 2))
    shown.handle(finger(shown, pygame.FINGERMOTION, pixel(shown, 6, 25), 1))
    shown.handle(finger(shown, pygame.FINGERUP, pixel(shown, 6, 25), 1))
    (stroke,) = strokes(shown)
    assert np.allclose(stroke, [(6, 5), (6, 15), (6, 25)], atol=0.1)


def test_the_next_finger_draws_when_the_first_has_gone(shown):
    for finger_id in (1, 2):
        shown.handle(finger(shown, pygame.FINGERDOWN, pixel(shown, 6 * finger_id, 5), finger_id))
        shown.handle(finger(shown, pygame.FINGERMOTION, pixel(shown, 6 * finger_id, 25), finger_id))
        shown.handle(finger(shown, pygame.FINGERUP, pixel(shown, 6 * finger_id, 25), finger_id))
    assert len(strokes(shown)) == 2


def test_a_finger_whose_end_goes_to_another_window_does_not_block_the_next(shown):
    shown.handle(finger(shown, pygame.FINGERDOWN, pixel(shown, 6, 5), 1))
    shown.handle(pygame.event.Event(pygame.WINDOWFOCUSLOST))
    shown.handle(finger(shown, pygame.FINGERDOWN, pixel(shown, 12, 5), 2))
    shown.handle(finger(shown, pygame.FINGERUP, pixel(shown, 12, 5), 2))
    assert len(strokes(shown)) == 2


@pytest.mark.parametrize("next_one", ["finger", "mouse"])
def test_a_finger_whose_end_is_never_reported_does_not_block_the_next_for_long(shown, clock, next_one):
    def touch(x: float) -> None:
        clock.now += 0.1
        if next_one == "finger":
            shown.handle(finger(shown, pygame.FINGERDOWN, pixel(shown, x, 5), 2))
            shown.handle(finger(shown, pygame.FINGERMOTION, pixel(shown, x, 25), 2))
            shown.handle(finger(shown, pygame.FINGERUP, pixel(shown, x, 25), 2))
        else:
            drag(shown, (x, 5), (x, 25))

    shown.handle(finger(shown, pygame.FINGERDOWN, pixel(shown, 6, 5), 1))
    clock.now += SILENT - 0.2
    shown.handle(finger(shown, pygame.FINGERMOTION, pixel(shown, 6, 20), 1))
    clock.now += SILENT - 0.2
    touch(12)  # the first may still be there
    assert len(strokes(shown)) == 1
    touch(18)
    lost, drawn = strokes(shown)
    assert np.allclose(lost, [(6, 5), (6, 20)], atol=0.1)
    assert np.allclose(drawn, [(18, 5), (18, 25)], atol=0.1)
    assert not shown.state.canvas.is_drawing


def test_a_button_that_is_held_still_stays_held(shown, clock):
    """The mouse itself tells which of its buttons are down."""
    shown.handle(pointer(pygame.MOUSEBUTTONDOWN, pixel(shown, 6, 5)))
    clock.now += 60
    shown.handle(pointer(pygame.MOUSEBUTTONDOWN, pixel(shown, 6, 5), 3))
    shown.handle(pointer(pygame.MOUSEMOTION, pixel(shown, 6, 25), buttons=(1, 0, 1)))
    shown.handle(pointer(pygame.MOUSEBUTTONUP, pixel(shown, 6, 25), 3))
    assert shown.state.canvas.is_drawing
    (stroke,) = strokes(shown)
    assert len(stroke) == 2


@pytest.mark.parametrize("way", [pygame.K_RETURN, pygame.K_r, "focus"])
def test_a_finger_whose_end_is_never_reported_leaves_no_stroke_open(shown, way):
    shown.handle(finger(shown, pygame.FINGERDOWN, pixel(shown, 6, 5)))
    shown.handle(finger(shown, pygame.FINGERMOTION, pixel(shown, 6, 25)))
    if way == "focus":
        shown.handle(pygame.event.Event(pygame.WINDOWFOCUSLOST))
    else:
        key(shown, way)
    assert not shown.state.canvas.is_drawing
    before = strokes(shown)
    shown.handle(finger(shown, pygame.FINGERMOTION, pixel(shown, 20, 25)))
    assert strokes(shown) == before


def test_a_mouse_that_a_finger_makes_draws_nothing_more(shown):
    """SDL can tell the same touch as a mouse too."""
    shown.handle(finger(shown, pygame.FINGERDOWN, pixel(shown, 6, 5)))
    touched = {"pos": pixel(shown, 20, 20), "touch": True}
    shown.handle(pygame.event.Event(pygame.MOUSEBUTTONDOWN, button=1, **touched))
    shown.handle(pygame.event.Event(pygame.MOUSEMOTION, rel=(0, 0), buttons=(1, 0, 0), **touched))
    shown.handle(pygame.event.Event(pygame.MOUSEBUTTONUP, button=1, **touched))
    shown.handle(pointer(pygame.MOUSEMOTION, pixel(shown, 25, 3), buttons=NO_BUTTON))  # a mouse that is pushed
    shown.handle(finger(shown, pygame.FINGERUP, pixel(shown, 6, 5)))
    (stroke,) = strokes(shown)
    assert len(stroke) == 1


def test_a_second_button_does_not_end_the_stroke(shown):
    shown.handle(pointer(pygame.MOUSEBUTTONDOWN, pixel(shown, 6, 5), 1))
    shown.handle(pointer(pygame.MOUSEBUTTONDOWN, pixel(shown, 6, 5), 3))
    shown.handle(pointer(pygame.MOUSEBUTTONUP, pixel(shown, 6, 5), 3))
    shown.handle(pointer(pygame.MOUSEMOTION, pixel(shown, 6, 25)))
    shown.handle(pointer(pygame.MOUSEBUTTONUP, pixel(shown, 6, 25), 1))
    (stroke,) = strokes(shown)
    assert np.allclose(stroke, [(6, 5), (6, 25)], atol=0.1)


def test_a_finger_presses_buttons(shown, classifier):
    seven(shown)
    for kind in (pygame.FINGERDOWN, pygame.FINGERUP):
        shown.handle(finger(shown, kind, middle(shown, Action.CLASSIFY)))
    assert shown.state.answer == classifier.given
    assert shown.state.hovered is None  # no tip stays where no pointer is


# Buttons and keys


@pytest.mark.parametrize("way", ["button", pygame.K_RETURN, pygame.K_KP_ENTER, pygame.K_SPACE])
def test_classify_answers(shown, classifier, way):
    seven(shown)
    click(shown, Action.CLASSIFY) if way == "button" else key(shown, way)
    assert shown.state.answer == classifier.given
    assert shown.state.is_final
    assert len(classifier.pictures) == 1
    assert np.array_equal(classifier.pictures[0], shown.state.canvas.picture())


@pytest.mark.parametrize("way", ["button", pygame.K_r, pygame.K_DELETE])
def test_reset_empties_the_canvas(shown, way):
    answered_seven(shown)
    click(shown, Action.RESET) if way == "button" else key(shown, way)
    assert shown.state.canvas.is_empty()
    assert shown.state.answer is None
    assert shown.state.message == WELCOME


@pytest.mark.parametrize("redo", [(pygame.K_y, CTRL), (pygame.K_z, CTRL | SHIFT)])
@pytest.mark.parametrize("by", ["keys", "buttons"])
def test_undo_and_redo(shown, by, redo):
    seven(shown)
    before = strokes(shown)
    key(shown, pygame.K_r)
    key(shown, pygame.K_z, CTRL, "\x1a") if by == "keys" else click(shown, Action.UNDO)
    assert strokes(shown) == before
    key(shown, *redo) if by == "keys" else click(shown, Action.REDO)
    assert strokes(shown) == []


def test_the_command_key_of_a_mac_is_control(shown):
    seven(shown)
    key(shown, pygame.K_z, pygame.KMOD_LMETA)
    assert shown.state.canvas.is_empty()


@pytest.mark.parametrize("way", ["right button", "E", "button"])
def test_the_eraser(shown, way):
    seven(shown)
    if way == "E":
        key(shown, pygame.K_e, unicode="e")
    elif way == "button":
        click(shown, Action.ERASER)
    drag(shown, (13, 2), (13, 9), button=3 if way == "right button" else 1)
    assert len(shown.state.canvas.strokes) == 2
    assert shown.state.canvas.cells()[5, 13] == 0


@pytest.mark.parametrize(
    ("do", "steps"),
    [
        (lambda shown: key(shown, pygame.K_RIGHTBRACKET, unicode="]"), 1),
        (lambda shown: key(shown, pygame.K_LEFTBRACKET, unicode="["), -1),
        (lambda shown: shown.handle(pygame.event.Event(pygame.MOUSEWHEEL, x=0, y=1)), 1),
        (lambda shown: shown.handle(pygame.event.Event(pygame.MOUSEWHEEL, x=0, y=-1)), -1),
        (lambda shown: shown.handle(pygame.event.Event(pygame.MOUSEWHEEL, x=1, y=0)), 0),
        (lambda shown: click(shown, Action.NEXT_PEN), 1),
    ],
    ids=["]", "[", "wheel up", "wheel down", "wheel sideways", "button"],
)
def test_the_width_of_the_pen(shown, do, steps):
    do(shown)
    assert PEN_WIDTHS.index(shown.state.canvas.pen_width) - PEN_WIDTHS.index(PEN_WIDTH) == steps
    seven(shown)
    assert shown.state.canvas.widths == [shown.state.canvas.pen_width]


def test_a_held_button_is_one_press(shown, classifier):
    seven(shown)
    shown.handle(pointer(pygame.MOUSEBUTTONDOWN, middle(shown, Action.CLASSIFY)))
    for _ in range(50):
        shown.handle(pointer(pygame.MOUSEMOTION, middle(shown, Action.CLASSIFY)))
    shown.handle(pointer(pygame.MOUSEBUTTONUP, middle(shown, Action.CLASSIFY)))
    assert len(classifier.pictures) == 1


def test_a_press_that_slides_off_the_button_does_nothing(shown, classifier):
    seven(shown)
    shown.handle(pointer(pygame.MOUSEBUTTONDOWN, middle(shown, Action.CLASSIFY)))
    shown.handle(pointer(pygame.MOUSEBUTTONUP, middle(shown, Action.RESET)))
    assert not classifier.pictures
    assert not shown.state.canvas.is_empty()


def test_a_stroke_that_ends_on_a_button_does_not_press_it(shown, classifier):
    shown.handle(pointer(pygame.MOUSEBUTTONDOWN, pixel(shown, 6, 6)))
    shown.handle(pointer(pygame.MOUSEMOTION, middle(shown, Action.CLASSIFY)))
    shown.handle(pointer(pygame.MOUSEBUTTONUP, middle(shown, Action.CLASSIFY)))
    assert not classifier.pictures
    assert shown.state.canvas.strokes[0][-1][0] == 28


def test_an_empty_canvas_gets_a_word_and_no_digit(shown, classifier):
    click(shown, Action.CLASSIFY)
    assert shown.state.message == EMPTY
    assert not classifier.pictures


def test_a_dot_gets_a_word_and_no_digit(shown, classifier):
    drag(shown, (14, 14))
    click(shown, Action.CLASSIFY)
    assert shown.state.message == DOT
    assert not classifier.pictures


def test_the_focus_goes_round_all_buttons_and_enter_presses_the_one_that_has_it(shown):
    names = list(shown._layout.buttons)
    visited = []
    for _ in names:
        key(shown, pygame.K_TAB, unicode="\t")
        visited.append(shown.state.focused)
    assert visited == names
    key(shown, pygame.K_TAB, unicode="\t")
    assert shown.state.focused == names[0]
    key(shown, pygame.K_TAB, SHIFT)
    assert shown.state.focused == names[-1]
    seven(shown)
    assert shown.state.focused is None  # the pointer takes over
    while shown.state.focused != Action.RESET:
        key(shown, pygame.K_TAB)
    key(shown, pygame.K_RETURN)
    assert shown.state.canvas.is_empty()


@pytest.mark.usefixtures("shown")
def test_a_window_that_nobody_uses_looks_less_and_less_often(monkeypatch):
    looks = []
    look = pygame.event.get
    monkeypatch.setattr(pygame.event, "get", lambda: looks.append(1) or look())
    monkeypatch.setattr(display, "AWAKE", 1)
    monkeypatch.setattr(display, "DROWSY", 0.0)
    pygame.event.clear()
    assert display.next_events(until=time.monotonic() + 0.4) == []
    assert 1 < len(looks) <= 0.4 / display.LONG_NAP + 2


@pytest.mark.parametrize("told", ["/", "", "8"])
def test_a_key_is_what_it_types_even_if_pygame_forgot(shown, told):
    pygame.event.clear()
    for typed, text in ((told, "?"), ("x", None), (told, "]"), ("r", "r")):
        pygame.event.post(pygame.event.Event(pygame.KEYDOWN, key=pygame.K_SLASH, mod=SHIFT, unicode=typed))
        if text:
            pygame.event.post(pygame.event.Event(pygame.TEXTINPUT, text=text))
        pygame.event.post(pygame.event.Event(pygame.KEYUP, key=pygame.K_SLASH, mod=0, unicode=typed))
    presses = [event for event in display.next_events() if event.type == pygame.KEYDOWN]
    assert [display.key_name(event) for event in presses] == ["?", "x", "]", "r"]


def test_the_focused_pen_goes_through_all_widths(shown):
    while shown.state.focused != Action.NEXT_PEN:
        key(shown, pygame.K_TAB)
    widths = set()
    for _ in PEN_WIDTHS:
        key(shown, pygame.K_SPACE, unicode=" ")
        widths.add(shown.state.canvas.pen_width)
    assert widths == set(PEN_WIDTHS)


@pytest.mark.parametrize("way", [(pygame.K_F1, ""), (pygame.K_SLASH, "?"), "button"])
def test_the_help_card_comes_and_goes(shown, way):
    click(shown, Action.HELP) if way == "button" else key(shown, way[0], unicode=way[1])
    assert shown.state.has_help
    key(shown, pygame.K_ESCAPE, unicode="\x1b")
    assert not shown.state.has_help
    assert shown._is_open


def test_a_click_puts_the_help_card_away_and_does_no_more(shown):
    key(shown, pygame.K_F1)
    click(shown, Action.RESET)
    assert not shown.state.has_help
    key(shown, pygame.K_F1)
    seven(shown)
    assert not shown.state.has_help
    assert shown.state.canvas.is_empty()


def test_t_goes_through_the_themes(shown):
    shown._paint()
    colors = []
    for _ in range(2):
        key(shown, pygame.K_t, unicode="t")
        shown._paint()
        colors.append(shown._surface.get_at((1, 1))[:3])
    assert colors == [design_tokens.DARK.background, design_tokens.LIGHT.background]


@pytest.mark.parametrize("event", ["escape", "ctrl+q", "ctrl+q over the help card", "close button"])
def test_it_closes(shown, event):
    if event == "escape":
        key(shown, pygame.K_ESCAPE)
    elif event.startswith("ctrl+q"):
        shown.state.has_help = "help" in event
        key(shown, pygame.K_q, CTRL, "\x11")
    else:
        shown.handle(pygame.event.Event(pygame.QUIT))
    assert not shown._is_open


def test_the_button_under_the_pointer_lights_up(shown):
    shown.handle(pointer(pygame.MOUSEMOTION, middle(shown, Action.RESET), buttons=NO_BUTTON))
    assert shown.state.hovered == Action.RESET
    shown.handle(pygame.event.Event(pygame.WINDOWLEAVE))
    assert shown.state.hovered is None


# Live answers


def test_the_guess_follows_the_stroke_while_it_is_drawn(shown, classifier, clock):
    shown.handle(pointer(pygame.MOUSEBUTTONDOWN, pixel(shown, 6, 5)))
    for y in range(7, 26):
        clock.now += 0.016
        shown.handle(pointer(pygame.MOUSEMOTION, pixel(shown, 6, y)))
        shown._paint()
        assert np.array_equal(classifier.pictures[-1], shown.state.canvas.picture())
        assert shown.state.answer == classifier.given
        assert not shown.state.is_final
    assert len(classifier.pictures) == 19


def test_a_slow_model_never_holds_up_the_ink(open_window, clock):
    slow = Always(7)
    answer = slow.classify

    def classify(picture):
        clock.now += 0.1  # seconds
        return answer(picture)

    slow.classify = classify
    shown = open_window()
    shown.state.classifier = slow
    shown.state.hand_opened(None, GUEST)
    shown.handle(pointer(pygame.MOUSEBUTTONDOWN, pixel(shown, 3, 3)))
    for step in range(1, 500):
        clock.now += 0.008
        shown.handle(pointer(pygame.MOUSEMOTION, pixel(shown, 3 + 22 * step / 500, 14 + 9 * np.sin(step / 40))))
        shown._paint()
    share = 0.1 * len(slow.pictures) / (clock.now - 1000)
    assert 0.2 < share < 0.27  # a quarter of the time
    shown.handle(pointer(pygame.MOUSEBUTTONUP, pixel(shown, 25, 5)))
    shown._paint()
    assert np.array_equal(slow.pictures[-1], shown.state.canvas.picture())  # in the end it is of all the ink


def test_a_guess_that_had_to_wait_comes_without_a_further_event(shown, classifier, clock):
    shown.handle(pointer(pygame.MOUSEBUTTONDOWN, pixel(shown, 6, 5)))
    shown.handle(pointer(pygame.MOUSEMOTION, pixel(shown, 6, 15)))
    shown._next_live_answer = clock.now + 0.05
    shown._paint()
    assert not classifier.pictures
    assert shown._deadline() == clock.now + 0.05
    clock.now = shown._next_live_answer
    shown._paint()
    assert len(classifier.pictures) == 1
    assert shown._deadline() is None


def test_l_switches_live_answers(shown, classifier):
    key(shown, pygame.K_l, unicode="l")
    seven(shown)
    shown._paint()
    assert shown.state.answer is None
    assert not classifier.pictures
    click(shown, Action.LIVE)
    shown._paint()
    assert shown.state.answer == classifier.given


# Numbers


@pytest.mark.parametrize("way", ["N", "button", "option"])
def test_numbers_are_drawn_on_a_wide_canvas(open_window, way):
    shown = open_window(numbers=way == "option")
    if way != "option":
        key(shown, pygame.K_n, unicode="n") if way == "N" else click(shown, Action.NUMBERS)
    assert shown.state.is_number
    assert shown._layout.canvas.width == WIDE * shown._layout.cell
    for left in (5, 33, 61):
        drag(shown, (left, 5), (left + 14, 5), (left + 6, 25))
    key(shown, pygame.K_RETURN)
    shown._paint()
    assert [reading.answer.digit for reading in shown.state.readings] == [7, 7, 7]
    key(shown, pygame.K_n, unicode="n")
    assert shown._layout.canvas.width == 28 * shown._layout.cell


# Corrections


def labels(folder: Path) -> list[str]:
    return collection.read(folder / "collection" / "Ada").labels.tolist() if (folder / "collection").exists() else []


def type_into(shown, text: str) -> None:
    """Type as SDL tells it: each key, and what it typed."""
    for letter in text:
        shown.handle(pygame.event.Event(pygame.KEYDOWN, key=ord(letter), mod=0, unicode=letter))
        shown.handle(pygame.event.Event(pygame.TEXTINPUT, text=letter))
        shown.handle(pygame.event.Event(pygame.KEYUP, key=ord(letter), mod=0))


@pytest.mark.parametrize("way", ["key", "keypad", "bar"])
def test_a_digit_tells_what_it_was(shown, tmp_path, way):
    answered_seven(shown)
    if way == "bar":
        click(shown, Bar("1"))
    else:
        key(shown, pygame.K_1 if way == "key" else pygame.K_KP1, unicode="1")
    assert labels(tmp_path) == ["1"]
    shown._paint()


@pytest.mark.parametrize("target", [Bar("1"), Action.CONFIRM, Action.NAME])
@pytest.mark.parametrize("why", ["no answer yet", "a guest"])
def test_nothing_teaches_without_an_answer_or_a_hand(shown, tmp_path, target, why):
    seven(shown)
    if why == "a guest":
        shown.state.hand_opened(None, GUEST)
        key(shown, pygame.K_RETURN)
        shown.state.note = ""
    click(shown, target)
    assert shown.state.typed is None
    assert labels(tmp_path) == []


@pytest.mark.parametrize("way", ["Y", "button"])
def test_right_is_remembered(shown, tmp_path, way):
    answered_seven(shown)
    key(shown, pygame.K_y, unicode="y") if way == "Y" else click(shown, Action.CONFIRM)
    assert labels(tmp_path) == ["7"]


def test_there_is_no_button_under_the_note_that_says_what_was_taught(shown, tmp_path):
    answered_seven(shown)
    click(shown, Bar("1"))
    click(shown, Action.CONFIRM)
    assert labels(tmp_path) == ["1"]


@pytest.mark.parametrize("way", ["A", "button"])
def test_any_text_is_typed_and_taken_by_enter(shown, tmp_path, way):
    answered_seven(shown)
    click(shown, Action.NAME) if way == "button" else type_into(shown, "a")
    assert shown.state.typed == ""  # the key that opened the field is not in it
    type_into(shown, "aart y1")  # no key means an action meanwhile
    key(shown, pygame.K_BACKSPACE, unicode="\b")
    shown._paint()
    assert labels(tmp_path) == []
    key(shown, pygame.K_RETURN, unicode="\r")
    assert labels(tmp_path) == ["aart y"]
    assert shown.state.typed is None


@pytest.mark.parametrize("way", ["escape", "click"])
def test_what_is_typed_can_be_left(shown, tmp_path, way):
    answered_seven(shown)
    click(shown, Action.NAME)
    type_into(shown, "+")
    if way == "escape":
        key(shown, pygame.K_ESCAPE, unicode="\x1b")
    else:
        drag(shown, (3, 3), (9, 9))  # puts the card away and draws nothing
    assert shown.state.typed is None
    assert shown._is_open
    assert shown.state.is_final
    assert labels(tmp_path) == []


def test_a_taught_sign_gets_a_bar_below_the_ten_which_teaches_too(shown, tmp_path):
    answered_seven(shown)
    shown.state.correct("+")
    shown._paint()
    assert len(shown._layout.bars) == 11
    key(shown, pygame.K_r)
    drag(shown, (3, 14), (25, 14))
    key(shown, pygame.K_RETURN)
    click(shown, Bar("+"))
    assert labels(tmp_path) == ["+", "+"]


@pytest.mark.parametrize("way", ["click", "keys"])
def test_a_digit_of_a_number_is_chosen_and_corrected(shown, tmp_path, way):
    key(shown, pygame.K_n, unicode="n")
    for left in (5, 33, 61):
        drag(shown, (left, 5), (left + 14, 5), (left + 6, 25))
    key(shown, pygame.K_RETURN)
    if way == "click":
        click(shown, Place(2))
    else:
        for code in (pygame.K_RIGHT, pygame.K_LEFT, pygame.K_LEFT):
            key(shown, code)
    key(shown, pygame.K_1, unicode="1")
    shown._paint()
    told = shown.state.teaching.told
    assert {part: each.label for part, each in told.items()} == {shown.state.readings[2].strokes: "1"}
    assert labels(tmp_path) == ["1"]


def test_m_shows_the_difference_that_it_makes(shown):
    answered_seven(shown)
    shown.state.correct("1")
    key(shown, pygame.K_RETURN)
    texts = [shown.state.answer.text]
    key(shown, pygame.K_m, unicode="m")
    texts.append(shown.state.answer.text)
    shown._paint()
    click(shown, Action.MEMORY)
    texts.append(shown.state.answer.text)
    assert texts == ["1", "7", "1"]


def test_after_what_went_wrong_a_digit_is_still_taken_down(shown, tmp_path):
    answered_seven(shown)
    shown.handle(pygame.event.Event(display.NOTE, text="notes.txt is no image.", is_error=True))
    assert shown.state.message.is_error
    shown._paint()
    key(shown, pygame.K_1, unicode="1")
    assert labels(tmp_path) == ["1"]
    assert not shown.state.message.is_error


def test_what_is_loaded_is_not_looked_through_again_while_the_user_draws(classifier):
    gc.unfreeze()
    background_tasks.load_model(lambda _: classifier)
    assert gc.get_freeze_count() > 10_000
    gc.unfreeze()


# Whose hand


@pytest.fixture(scope="module")
def shipped():
    return loading.load()


def test_the_hand_comes_after_the_model_and_w_goes_through_all_and_a_guest(shipped, tmp_path, cache_folder):
    record = DigitRecord(1.0, Always().given, [np.array([(1.0, 1), (2, 9)])], "3")
    collection.write(collection.hand_folder(tmp_path, "Bob") / "a.json", record)
    hands = Hands(tmp_path, "Ada")
    shown = event_loop.Window(State(), lambda _: shipped, hands=hands)
    assert shown.state.teaching.without_hand == OPENING
    threading.Thread(target=background_tasks.load_model, args=(shown._load, hands)).start()
    wait_for_event(shown, display.HAND_OPENED)
    owners = []
    for _ in range(4):
        owners.append(shown.state.teaching.owner)
        key(shown, pygame.K_w, unicode="w")
        wait_for_event(shown, display.HAND_OPENED)
    own = collection.default_hand()
    assert owners == ["Ada", GUEST, own, "Bob"]
    assert shown.state.teaching.owner == "Ada"
    pygame.quit()


def test_w_says_so_while_there_is_no_hand_to_choose(classifier):
    opened = event_loop.Window(State(), lambda _: classifier)
    opened.state.model_loaded(classifier)
    key(opened, pygame.K_w, unicode="w")
    assert opened.state.note == opened.state.teaching.without_hand
    pygame.quit()


@pytest.mark.parametrize(("name", "says"), [("../Ada", "is none"), ("Ada", "is no folder")])
def test_a_hand_that_cannot_be_opened_is_one_sentence(shipped, tmp_path, cache_folder, name, says):
    (tmp_path / "file").touch()
    opened = event_loop.Window(State(), lambda _: shipped)
    background_tasks.open_hand(shipped, Hands(tmp_path / "file", name))
    wait_for_event(opened, display.HAND_OPENED)
    assert says in opened.state.message.text
    assert opened.state.message.is_error
    pygame.quit()


# Files


@pytest.fixture
def own_folder(tmp_path, monkeypatch):
    monkeypatch.setattr("platformdirs.user_pictures_path", lambda: tmp_path)
    return tmp_path


def test_s_saves_a_png_and_an_svg(shown, own_folder):
    seven(shown)
    key(shown, pygame.K_s, unicode="s")
    png, svg = sorted(own_folder.glob("digit-*"))
    assert (png.suffix, svg.suffix) == (".png", ".svg")
    assert png.name in shown.state.note
    size, middle_of_bar = pygame.image.load(str(png)).get_size(), pygame.image.load(str(png)).get_at((13 * 40, 5 * 40))
    assert size == (1120, 1120)
    assert middle_of_bar[:3] == design_tokens.LIGHT.ink


def test_a_number_is_saved_in_its_full_width(shown, own_folder):
    key(shown, pygame.K_n, unicode="n")
    drag(shown, (80, 5), (80, 25))
    click(shown, Action.SAVE)
    png, svg = sorted(own_folder.glob("digit-*"))
    saved = pygame.image.load(str(png))
    assert saved.get_size() == (3 * 1120, 1120)
    assert saved.get_at((80 * 40, 15 * 40))[:3] == design_tokens.LIGHT.ink
    assert 'viewBox="0 0 84 28"' in svg.read_text()


def test_there_is_nothing_to_save_or_copy_on_an_empty_canvas(shown, own_folder):
    for code, mod in ((pygame.K_s, 0), (pygame.K_c, CTRL)):
        key(shown, code, mod)
        assert "Nothing is drawn" in shown.state.note
    assert list(own_folder.iterdir()) == []


def test_a_drawing_that_cannot_be_saved_is_said_so_and_nothing_is_lost(shown, monkeypatch):
    def fail(*_, **__):
        raise UserError("There is no room.")

    monkeypatch.setattr(export, "save", fail)
    answered_seven(shown)
    key(shown, pygame.K_s, unicode="s")
    assert shown.state.message == ("There is no room.", True)
    assert shown.state.answer is not None
    shown._paint()


@pytest.mark.parametrize(("copied", "says"), [(True, "Copied."), (False, "no clipboard")])
def test_ctrl_c_copies(shown, monkeypatch, copied, says):
    given = []
    monkeypatch.setattr(export, "copy", lambda *args, **options: given.append((args, options)) or copied)
    seven(shown)
    key(shown, pygame.K_c, CTRL, "\x03")
    wait_for_event(shown, display.NOTE)
    assert says in shown.state.note
    ((args, options),) = given
    assert [stroke.tolist() for stroke in args[0]] == strokes(shown)
    assert options == {"widths": [PEN_WIDTH], "columns": 28}


@pytest.fixture
def reader(monkeypatch):
    """In place of `digits.sheets.reading`, which needs more than the window does; `result` is what it reads."""
    reader = SimpleNamespace(paths=[], result=np.full((28, 28), 200, np.uint8), count=1)

    def read(path, name, classifier):
        reader.paths.append(path)
        if isinstance(reader.result, Exception):
            raise reader.result
        return SimpleNamespace(digits=[SimpleNamespace(picture=reader.result)] * reader.count, text="20\n26")

    reading = SimpleNamespace(read=read)
    monkeypatch.setitem(sys.modules, "digits.sheets.reading", reading)
    monkeypatch.setattr(digits.sheets, "reading", reading, raising=False)
    return reader


def drop(shown, path: str) -> None:
    shown.handle(pygame.event.Event(pygame.DROPFILE, file=path))


def test_a_dropped_file_is_classified(shown, classifier, reader):
    drop(shown, "/a/folder/seven.png")
    wait_for_event(shown, display.IMAGE_READ)
    assert reader.paths == [Path("/a/folder/seven.png")]
    assert classifier.pictures == [reader.result]
    assert shown.state.answer == classifier.given
    assert shown.state.is_final
    assert shown.state.note == "seven.png"
    shown._paint()
    assert shown._surface.get_at(pixel(shown, 3.5, 3.5))[0] < 100  # it is shown in place of a drawing


def test_a_dropped_file_of_several_digits_is_named_in_a_note_and_the_answer_stays(shown, classifier, reader):
    answered_seven(shown)
    before = shown.state.answer
    reader.count = 4
    drop(shown, "/a/folder/year.png")
    wait_for_event(shown, display.NOTE)
    assert shown.state.note == "year.png shows 4 digits: 20 / 26. Open it on the page to see them boxed."
    assert shown.state.answer == before
    assert not shown.state.message.is_error


def test_a_file_dropped_on_a_number_is_shown_as_one_digit(shown, classifier):
    key(shown, pygame.K_n, unicode="n")
    picture = np.zeros((28, 28), np.uint8)
    shown.handle(pygame.event.Event(display.IMAGE_READ, picture=picture, name="a.png"))
    assert shown._layout.canvas.width == 28 * shown._layout.cell
    shown._paint()


@pytest.mark.parametrize(
    ("error", "says"),
    [(UserError("notes.txt is no image."), "notes.txt is no image."), (ImportError("no SciPy"), "no SciPy")],
)
def test_a_dropped_file_that_cannot_be_read_is_said_so_and_the_answer_stays(shown, classifier, reader, error, says):
    answered_seven(shown)
    reader.result = error
    drop(shown, "notes.txt")
    wait_for_event(shown, display.NOTE)
    assert shown.state.message.is_error
    assert says in shown.state.message.text
    assert shown.state.answer == classifier.given
    shown._paint()


# Projector and kiosk


def test_a_projector_shows_no_tools_but_its_keys_work(open_window):
    shown = open_window(projector=True)
    assert shown._surface.get_flags() & pygame.FULLSCREEN
    assert set(shown._layout.buttons) == {"reset", "classify"}
    seven(shown)
    key(shown, pygame.K_n, unicode="n")
    drag(shown, (80, 5), (80, 25))
    shown._paint()
    assert shown.state.canvas.cells()[15, 80] > 200


def test_a_kiosk_fills_the_screen(open_window):
    shown = open_window(kiosk=True)
    assert shown._surface.get_flags() & pygame.FULLSCREEN
    assert shown._surface.get_size() == pygame.display.get_desktop_sizes()[0]


@pytest.mark.parametrize("numbers", [False, True])
def test_a_kiosk_begins_anew_a_minute_after_the_last_hand(open_window, clock, numbers):
    shown = open_window(kiosk=True, numbers=numbers, theme="dark")
    shown._paint()
    seven(shown)
    key(shown, pygame.K_n, unicode="n")
    seven(shown)
    for code, typed in ((pygame.K_t, "t"), (pygame.K_e, "e"), (pygame.K_RIGHTBRACKET, "]")):
        key(shown, code, unicode=typed)
    shown._paint()
    clock.now += 59
    shown.handle(pointer(pygame.MOUSEMOTION, (1, 1), buttons=NO_BUTTON))  # a hand, even if nothing comes of it
    clock.now += 59.9
    shown._reset_kiosk()
    assert not shown.state.canvas.is_empty()
    assert shown._deadline() == pytest.approx(clock.now + 0.1)
    clock.now = shown._deadline()
    shown._reset_kiosk()
    shown._paint()
    assert shown.state.canvas.is_empty()
    assert not shown.state.canvas.can_undo()
    assert shown.state.is_number is numbers
    assert shown._layout.canvas.width == (WIDE if numbers else 28) * shown._layout.cell
    assert not shown.state.is_erasing
    assert shown.state.canvas.pen_width == PEN_WIDTH
    assert shown._surface.get_at((1, 1))[:3] == design_tokens.DARK.background
    assert shown._deadline() == pytest.approx(clock.now + 60)


def test_escape_does_not_close_a_kiosk_nor_does_it_tell_what_does(open_window):
    shown = open_window(kiosk=True)
    key(shown, pygame.K_F1)
    key(shown, pygame.K_ESCAPE, unicode="\x1b")
    assert not shown.state.has_help
    assert shown.state.note == ""
    key(shown, pygame.K_ESCAPE, unicode="\x1b")
    shown._paint()
    assert shown._is_open
    assert shown.state.note == ""
    key(shown, pygame.K_q, unicode="q")
    assert shown._is_open
    key(shown, pygame.K_q, CTRL, "\x11")
    assert not shown._is_open


def test_a_kiosk_saves_nothing_and_has_no_button_for_it(open_window, monkeypatch):
    monkeypatch.setattr("digits.drawing.export.save", lambda *args, **options: pytest.fail("it saved"))
    shown = open_window(kiosk=True)
    assert "save" not in shown._layout.buttons
    seven(shown)
    key(shown, pygame.K_s, unicode="s")
    assert shown.state.note == ""


def test_a_kiosk_closes_when_the_system_asks_it_to(open_window):
    shown = open_window(kiosk=True)
    shown.handle(pygame.event.Event(pygame.QUIT))
    assert not shown._is_open


def test_no_other_window_begins_anew(shown, clock):
    seven(shown)
    shown._paint()
    clock.now += 1e6
    shown._reset_kiosk()
    assert not shown.state.canvas.is_empty()
    assert shown._deadline() is None


def test_a_kiosk_wakes_up_by_itself(open_window, clock, monkeypatch):
    """The loop itself: with nobody there it goes on once the minute is over."""
    monkeypatch.setattr(display, "AWAKE", 1)
    shown = open_window(kiosk=True)
    shown._load = lambda _: shown.state.classifier
    seven(shown)
    naps = []

    def nap(seconds):
        naps.append(seconds)
        clock.now += 30
        if shown.state.canvas.is_empty():
            display.close()
        assert len(naps) < 50, "it did not begin anew"

    monkeypatch.setattr(display.time, "sleep", nap)
    shown.run()
    assert shown.state.canvas.is_empty()


# The picture on the screen


def test_what_is_on_the_screen_follows_the_state(shown):
    shown._paint()
    x, y = pixel(shown, 13, 5)
    assert shown._surface.get_at((x + 5, y - 5))[:3] == design_tokens.LIGHT.paper
    seven(shown)
    shown._paint()
    assert sum(shown._surface.get_at((x + 5, y - 5))[:3]) < 200
    assert not accent_pixels(shown, shown._layout.answer)
    key(shown, pygame.K_RETURN)
    shown._paint()
    assert accent_pixels(shown, shown._layout.answer) > 1000


def accent_pixels(shown, box) -> int:
    colors = pygame.surfarray.array3d(shown._surface.subsurface(pygame.Rect(*box)))
    return int((colors == design_tokens.LIGHT.accent).all(axis=2).sum())


def test_the_bar_of_the_answer_is_the_longest(shown):
    answered_seven(shown)
    shown._paint()
    assert [accent_pixels(shown, row) > 0 for row in shown._layout.bars] == [digit == 7 for digit in range(10)]


def test_while_a_stroke_is_drawn_only_what_it_changes_is_painted(shown, monkeypatch):
    shown._paint()
    shown.handle(pointer(pygame.MOUSEBUTTONDOWN, pixel(shown, 6, 5)))
    shown._paint()
    monkeypatch.setattr(event_loop, "paint", lambda *_: pytest.fail("painted more than the stroke changed"))
    shown.handle(pointer(pygame.MOUSEMOTION, pixel(shown, 6, 25)))
    shown._paint()
    assert sum(shown._surface.get_at(pixel(shown, 6.2, 15))[:3]) < 200


def test_nothing_is_painted_while_nothing_changes(shown, monkeypatch):
    shown._paint()
    monkeypatch.setattr(event_loop, "paint", lambda *_: pytest.fail("painted without need"))
    monkeypatch.setattr(event_loop, "paint_live", lambda *_: pytest.fail("painted without need"))
    shown.handle(pointer(pygame.MOUSEMOTION, (1, 1), buttons=NO_BUTTON))
    shown._paint()


def test_a_resized_window_has_a_new_layout_and_keeps_the_drawing(shown):
    seven(shown)
    before = strokes(shown)
    shown._surface = pygame.display.set_mode((640, 480), pygame.RESIZABLE)
    shown.handle(pygame.event.Event(pygame.VIDEORESIZE, size=(640, 480), w=640, h=480))
    shown._paint()
    assert shown._layout.canvas.x + shown._layout.canvas.width <= 640
    assert strokes(shown) == before


def test_a_release_tells_the_last_place_of_a_stroke(shown):
    shown.handle(pointer(pygame.MOUSEBUTTONDOWN, pixel(shown, 5, 5)))
    shown.handle(pointer(pygame.MOUSEBUTTONUP, pixel(shown, 20, 9)))
    (stroke,) = shown.state.canvas.strokes
    np.testing.assert_allclose(stroke, [(5, 5), (20, 9)], atol=0.05)


# The model


def test_classify_before_the_model_is_there_answers_when_it_comes():
    opened = event_loop.Window(State(loading="Wait ..."), lambda _: Always(3))
    answered_seven(opened)
    assert (opened.state.answer, opened.state.message.text) == (None, "Wait ...")
    opened.handle(pygame.event.Event(display.MODEL_LOADED, classifier=Always(3)))
    answer: Answer | None = opened.state.answer
    assert answer is not None
    assert answer.digit == 3
    pygame.quit()


def test_a_model_that_fails_says_so_for_good(shown):
    shown.handle(pygame.event.Event(display.MODEL_FAILED, sentence="That is no model."))
    for action in (Action.RESET, Action.CLASSIFY):
        click(shown, action)
        assert shown.state.message == ("That is no model.", True)


def test_every_classification_is_recorded(tmp_path, classifier):
    opened = event_loop.Window(State(results=tmp_path / "answers.jsonl"), lambda _: classifier)
    opened.state.model_loaded(classifier)
    answered_seven(opened)
    key(opened, pygame.K_RETURN)
    key(opened, pygame.K_r)
    key(opened, pygame.K_RETURN)
    records = read_records(tmp_path / "answers.jsonl")
    assert [record["digit"] for record in records] == [7, 7]
    assert np.allclose(records[0]["strokes"][0], [(6, 5), (20, 5), (12, 25)], atol=0.05)
    assert records[0]["probabilities"] == list(classifier.given.probabilities)
    pygame.quit()


def test_run_shows_loads_and_closes(classifier, tmp_path, monkeypatch):
    seen = []

    def load(announce_conversion):
        seen.append(threading.current_thread() is threading.main_thread())
        announce_conversion()
        return classifier

    opened = event_loop.Window(State(), load, lambda: seen.append("open"))
    monkeypatch.setattr(opened.state, "model_loaded", lambda _: (seen.append("loaded"), display.close()))
    opened.run()
    assert sorted(map(str, seen)) == ["False", "loaded", "open"]


@pytest.mark.parametrize(
    ("error", "says"),
    [(UserError("No such model."), "No such model."), (MemoryError("1 GB"), "cannot be used here (1 GB)")],
)
def test_run_reports_a_model_that_cannot_be_loaded(error, says, tmp_path, monkeypatch):
    def load(_):
        raise error

    opened = event_loop.Window(State(), load)
    fail = opened.state.model_failed
    monkeypatch.setattr(opened.state, "model_failed", lambda sentence: (fail(sentence), display.close()))
    opened.run()
    assert says in opened.state.failure


def test_of_all_events_only_those_come_that_were_asked_for():
    display.open_display(kinds=[pygame.QUIT])
    named = [
        kind for kind in range(1, pygame.NUMEVENTS) if pygame.event.event_name(kind) not in ("Unknown", "UserEvent")
    ]
    assert {kind for kind in named if not pygame.event.get_blocked(kind)} == {pygame.QUIT, *display.OF_KEYS}
    pygame.quit()


def test_no_display_is_one_sentence(monkeypatch):
    monkeypatch.setenv("SDL_VIDEODRIVER", "nonesuch")
    with pytest.raises(UserError, match="No window can be opened here"):
        event_loop.Window(State(), lambda _: Always(7))
    pygame.quit()


def test_an_unseen_window_is_no_window(monkeypatch):
    """Without a display SDL goes on with a driver that shows nothing."""
    monkeypatch.delenv("SDL_VIDEODRIVER")
    monkeypatch.setenv("DISPLAY", ":4711")
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    with pytest.raises(UserError, match="No window can be opened here"):
        event_loop.Window(State(), lambda _: Always(7))
