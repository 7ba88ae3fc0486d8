"""The hand at the window: a mouse, a pen or a finger that draws on the canvas or presses a button. It knows no Pygame.

One at a time: while something is held down, a second finger or button does not scribble.
"""

import time
from collections.abc import Callable

from digits.window.layout import Layout
from digits.window.state import State

SILENT = 1.0  # seconds without a word of what is held down, after which its release counts as lost if another comes

Pixel = tuple[int, int]
Held = tuple[str, int]  # "mouse" and the button's number, or "finger" and its id


class Hand:
    """What is held down, and what comes of it in the state: strokes, and which button is under it or pressed."""

    def __init__(self, state: State, clock: Callable[[], float] = time.monotonic):
        self.held: Held | None = None
        self._state = state
        self._clock = clock
        self._heard = clock()

    @property
    def is_finger(self) -> bool:
        """Whether it is a finger that is held down."""
        return self.held is not None and self.held[0] == "finger"

    def press(self, layout: Layout, point: Pixel, held: Held, erase: bool = False) -> None:
        """Put something down at a pixel: the pen or the eraser on the canvas, or a press on a button."""
        if self.held not in (None, held):
            if not self._is_lost(held):
                return
            self.let_go()
        self.held, self._heard = held, self._clock()
        state = self._state
        state.focused = None
        if state.has_help:
            state.has_help = False
        elif layout.canvas.contains(point):
            state.hovered = None
            state.press(*layout.to_cells(point), erase)
        elif not erase:
            state.hovered = state.pressed = part_at(layout, state, point)

    def move(self, layout: Layout, point: Pixel) -> str | None:
        """Go on to a pixel; return what that changes: "ink", "all", or None."""
        self._heard = self._clock()
        state = self._state
        if state.canvas.is_drawing:
            state.canvas.move(*layout.to_cells(point))
            return "ink"
        before, state.hovered = state.hovered, part_at(layout, state, point)
        return "all" if state.hovered != before else None

    def release(self, layout: Layout, point: Pixel) -> str | None:
        """Lift at a pixel what is held down; return the button or bar that was pressed and not slid off, if any."""
        pressed = self._state.pressed
        if self._state.canvas.is_drawing:
            self.move(layout, point)  # a pointer that comes back from outside may tell its last place here alone
        self.let_go()
        return pressed if pressed == part_at(layout, self._state, point) else None

    def _is_lost(self, other: Held) -> bool:
        """Tell whether the release of what is held down went elsewhere; a mouse itself tells of its buttons."""
        return self._clock() >= self._heard + SILENT and (self.is_finger or other[0] == "finger")

    def let_go(self) -> None:
        """Lift what is held down from where it was, without effect on a button."""
        self._state.canvas.release()
        self.held = self._state.pressed = None


def part_at(layout: Layout, state: State, point: Pixel) -> str | None:
    """Return the button at a pixel, or the bar, as "bar 7", where a click on it would mean something."""
    for name, box in layout.buttons.items():
        if box.contains(point):
            return name
    if state.is_final and not state.is_number:
        return next((f"bar {digit}" for digit, row in enumerate(layout.bars) if row.contains(point)), None)
    return None
