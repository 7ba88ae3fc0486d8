"""The actions of the window: one table of what can be done, by which keys and buttons.

The window acts by this table; its help card, its tooltips and the page's list of keys are printed from it. A key is
named by the character it types, or by Pygame's name for it; "ctrl+" also stands for the command key of a Mac.
"""

from enum import StrEnum
from typing import NamedTuple


class Action(StrEnum):
    """What a key or a button does."""

    CLASSIFY = "classify"
    RESET = "reset"
    UNDO = "undo"
    REDO = "redo"
    ERASER = "eraser"
    THINNER = "thinner"
    THICKER = "thicker"
    NEXT_PEN = "next pen"
    NUMBERS = "numbers"
    LIVE = "live"
    LABEL = "label"
    NAME = "name"
    CONFIRM = "confirm"
    NEXT_DIGIT = "next digit"
    DIGIT_BEFORE = "digit before"
    MEMORY = "memory"
    HAND = "hand"
    SAVE = "save"
    COPY = "copy"
    THEME = "theme"
    NEXT = "next"
    PREVIOUS = "previous"
    HELP = "help"
    CLOSE = "close"
    QUIT = "quit"


class Description(NamedTuple):
    """The keys of an action, how they are written, its line on the help card, and the name of its button.

    An empty line is not on the card, and an action without a name has no button.
    """

    keys: tuple[str, ...]
    written: str
    effect: str
    button: str = ""


ACTIONS: dict[Action, Description] = {
    Action.CLASSIFY: Description(("return", "enter", "space"), "Enter", "answer and record the drawing", "Classify"),
    Action.RESET: Description(("r", "delete"), "R", "empty the canvas", "Reset"),
    Action.UNDO: Description(("ctrl+z", "backspace"), "Ctrl+Z", "take the last step back", "Undo"),
    Action.REDO: Description(("ctrl+y", "ctrl+shift+z"), "Ctrl+Y", "redo what was taken back", "Redo"),
    Action.ERASER: Description(("e",), "E", "eraser on and off (or the right button)", "Eraser"),
    Action.THINNER: Description(("[", "-"), "[", "a finer pen"),
    Action.THICKER: Description(("]", "+"), "]", "a broader pen (or the wheel)"),
    Action.NEXT_PEN: Description((), "]", "", "Pen width"),
    Action.NUMBERS: Description(("n",), "N", "a wide canvas for numbers", "Numbers"),
    Action.LIVE: Description(("l",), "L", "answer while you draw, on and off", "Live answer"),
    Action.LABEL: Description(tuple("0123456789"), "0 ... 9", "say what it really was, after an answer"),
    Action.NAME: Description(("a",), "A", "... any text: a letter, a sign, a word", "It was ..."),
    Action.CONFIRM: Description(("y",), "Y", "right: remember it", "Right"),
    Action.NEXT_DIGIT: Description(("right",), "Left, Right", "choose the digit of a number to correct"),
    Action.DIGIT_BEFORE: Description(("left",), "Left, Right", ""),
    Action.MEMORY: Description(("m",), "M", "answer with and without what you taught", "Memory"),
    Action.HAND: Description(("w",), "W", "whose hand it is: the next one's, or a guest's"),
    Action.SAVE: Description(("s",), "S", "save as PNG and SVG", "Save"),
    Action.COPY: Description(("ctrl+c",), "Ctrl+C", "copy the picture"),
    Action.THEME: Description(("t",), "T", "light or dark"),
    Action.NEXT: Description(("tab",), "Tab", "go to the next button, Shift+Tab to the one before"),
    Action.PREVIOUS: Description(("shift+tab",), "Shift+Tab", ""),
    Action.HELP: Description(("f1", "?", "h"), "F1 or ?", "this card", "Help"),
    Action.CLOSE: Description(("escape",), "Esc", "close this card, or the window"),
    Action.QUIT: Description(("ctrl+q",), "Ctrl+Q", "close the window, a kiosk's too"),
}
OF_KEYS = {key: action for action, described in ACTIONS.items() for key in described.keys}
IN_NO_KIOSK = (Action.SAVE,)  # a guest has no files here
UNSAID_IN_KIOSK = (*IN_NO_KIOSK, Action.HAND, Action.MEMORY, Action.CLOSE, Action.QUIT)


def help_card(is_kiosk: bool = False) -> dict[str, str]:
    """Return the lines of the help card: keys and what they do. A kiosk tells its guests nothing of how it is left."""
    unsaid = UNSAID_IN_KIOSK if is_kiosk else ()
    shown = (described for action, described in ACTIONS.items() if action not in unsaid)
    return {described.written: described.effect for described in shown if described.effect}


HELP = help_card()
