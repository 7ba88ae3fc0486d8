"""The table of actions: no key twice, each action is done, each is on the help card and on its button."""

from collections import Counter
from typing import NoReturn

import pytest

from digits.window import display, event_loop, icons
from digits.window.actions import ACTIONS, OF_KEYS, Action
from digits.window.layout import TOOLS, WINDOW_SIZE, arrange
from digits.window.state import State

pygame = event_loop.pygame
KEYS = [(action, key) for action, described in ACTIONS.items() for key in described.keys]
MODIFIERS = {"ctrl+": pygame.KMOD_LCTRL, "shift+": pygame.KMOD_LSHIFT}
UNPRINTED = {"return": "\r", "enter": "\r", "tab": "\t", "escape": "\x1b", "backspace": "\b", "delete": "\x7f"}


def no_model(_: object) -> NoReturn:
    raise AssertionError("a window that does not run loads nothing")


@pytest.fixture
def opened(monkeypatch):
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    yield event_loop.Window(State(), no_model)
    pygame.quit()


def key_event(key: str):
    """The event that pressing a key of the table gives: its modifiers, its code and what it types."""
    mod = 0
    for prefix, flag in MODIFIERS.items():
        if key.startswith(prefix):
            mod, key = mod | flag, key.removeprefix(prefix)
    typed = UNPRINTED.get(key, " " if key == "space" else key if len(key) == 1 else "")
    code = {"enter": pygame.K_KP_ENTER, "?": pygame.K_SLASH, "+": pygame.K_EQUALS}.get(key)
    code = pygame.key.key_code(key) if code is None else code
    return pygame.event.Event(pygame.KEYDOWN, key=code, mod=mod, unicode="" if mod else typed)


def test_no_key_does_two_things():
    assert [key for key, count in Counter(key for _, key in KEYS).items() if count > 1] == []


@pytest.mark.parametrize(("action", "key"), KEYS, ids=lambda value: value)
def test_every_key_is_recognised_and_its_action_is_called(opened, monkeypatch, action, key):
    event, called = key_event(key), []
    assert display.key_name(event) == key
    if action is Action.LABEL:
        monkeypatch.setattr(opened.state, "correct", called.append)
        expected = key
    else:
        monkeypatch.setattr(opened, "do", called.append)
        expected = action
    opened.handle(event)
    assert called == [expected]


@pytest.mark.parametrize("action", [action for action in Action if action is not Action.LABEL])
def test_every_action_is_done_by_something(opened, action):
    opened.do(action)  # raises KeyError for what nothing does


@pytest.mark.parametrize("action", list(arrange(WINDOW_SIZE).buttons))
def test_every_button_does_something_and_has_a_name_and_a_key(opened, action):
    opened.activate(action)
    assert ACTIONS[action].button
    assert ACTIONS[action].written


def test_every_tool_has_an_icon():
    assert set(TOOLS) - {Action.NEXT_PEN} == set(icons.STROKES)  # the pen's width is a dot as broad as the pen
    for name in icons.STROKES:
        opacity = icons.icon(name, 24)
        assert opacity.shape == (24, 24)
        assert 30 < (opacity > 128).sum() < 250


def test_every_action_is_in_the_table():
    assert set(ACTIONS) == set(Action)


@pytest.mark.parametrize(
    ("shown", "key"),
    [
        ("Ctrl+Z", "ctrl+z"),
        ("Ctrl+Y", "ctrl+y"),
        ("Ctrl+C", "ctrl+c"),
        ("Enter", "return"),
        ("R", "r"),
        ("E", "e"),
        ("N", "n"),
        ("L", "l"),
        ("S", "s"),
        ("T", "t"),
        ("[", "["),
        ("]", "]"),
        ("Esc", "escape"),
        ("Ctrl+Q", "ctrl+q"),
        ("Tab", "tab"),
        ("F1 or ?", "f1"),
        ("F1 or ?", "?"),
        ("0 ... 9", "0"),
        ("0 ... 9", "9"),
        ("A", "a"),
        ("Y", "y"),
        ("M", "m"),
        ("W", "w"),
        ("Left, Right", "left"),
        ("Left, Right", "right"),
    ],
)
def test_the_key_that_is_written_is_the_key_that_works(shown, key):
    assert ACTIONS[OF_KEYS[key]].written == shown


def test_redo_has_the_keys_of_both_habits():
    assert OF_KEYS["ctrl+y"] is OF_KEYS["ctrl+shift+z"] is Action.REDO
    assert OF_KEYS["ctrl+z"] is Action.UNDO


@pytest.mark.parametrize("typed", ["R", "é", "#", "F5"])
def test_a_letter_is_the_same_with_shift_and_others_mean_nothing(opened, monkeypatch, typed):
    called = []
    monkeypatch.setattr(opened, "do", called.append)
    code = pygame.K_F5 if typed == "F5" else pygame.K_r
    unicode = "" if typed == "F5" else typed
    opened.handle(pygame.event.Event(pygame.KEYDOWN, key=code, mod=pygame.KMOD_LSHIFT, unicode=unicode))
    assert called == ([Action.RESET] if typed == "R" else [])
