"""The keys of the window: one table, from which the window acts and its help card is printed.

A key is named by the character it types, or by Pygame's name for it; "ctrl+" also stands for the command key of a Mac.
"""

from typing import NamedTuple


class Binding(NamedTuple):
    """An action, the keys that do it, how they are written for people, and what the action does."""

    action: str
    keys: tuple[str, ...]
    shown: str
    does: str


BINDINGS = (
    Binding("classify", ("return", "enter", "space"), "Enter", "answer and record the drawing"),
    Binding("reset", ("r", "delete"), "R", "empty the canvas"),
    Binding("undo", ("ctrl+z", "backspace"), "Ctrl+Z", "take the last step back"),
    Binding("redo", ("ctrl+y", "ctrl+shift+z"), "Ctrl+Y", "do it again"),
    Binding("eraser", ("e",), "E", "eraser on and off (or the right button)"),
    Binding("thinner", ("[", "-"), "[", "a finer pen"),
    Binding("thicker", ("]", "+"), "]", "a broader pen (or the wheel)"),
    Binding("numbers", ("n",), "N", "a wide canvas for numbers"),
    Binding("live", ("l",), "L", "answer while you draw, on and off"),
    Binding("label", tuple("0123456789"), "0 ... 9", "say what it really was, after an answer"),
    Binding("save", ("s",), "S", "save as PNG and SVG"),
    Binding("copy", ("ctrl+c",), "Ctrl+C", "copy the picture"),
    Binding("theme", ("t",), "T", "light or dark"),
    Binding("next", ("tab",), "Tab", "go to the next button, Shift+Tab to the one before"),
    Binding("previous", ("shift+tab",), "Shift+Tab", ""),
    Binding("help", ("f1", "?", "h"), "F1 or ?", "this card"),
    Binding("close", ("escape",), "Esc", "close this card, or the window"),
    Binding("quit", ("ctrl+q",), "Ctrl+Q", "close the window, a kiosk's too"),
)
ACTIONS = {key: binding.action for binding in BINDINGS for key in binding.keys}
SHOWN = {binding.action: binding.shown for binding in BINDINGS}
HELP = {binding.shown: binding.does for binding in BINDINGS if binding.does}
