"""The pointer: a mouse, a pen or a finger that draws on the canvas or presses a button. It knows no Pygame.

One at a time: while something is held down, a second finger or button does not scribble.
"""

import time
from collections.abc import Callable
from enum import Enum, IntEnum, auto
from typing import Literal, NamedTuple

from digits.window.actions import Action
from digits.window.layout import Layout, digit_boxes
from digits.window.state import Bar, Place, State, Target

SILENT = 1.0  # seconds without news of what is held down, after which its release counts as lost if another one comes

Pixel = tuple[int, int]


class Source(NamedTuple):
    """What is held down: a mouse button by its number, or a finger by its id."""

    device: Literal["mouse", "finger"]
    number: int


DRAWING, ERASING = Source("mouse", 1), Source("mouse", 3)  # the left and the right button


class Phase(Enum):
    """What a pointer does."""

    PRESS = auto()
    MOVE = auto()
    RELEASE = auto()


class PointerEvent(NamedTuple):
    """A pointer that was pressed, moved or released at a pixel.

    source: what was pressed or released, or the finger that moved; None for a mouse that moved. held: the mouse
    buttons that are down while it moves.
    """

    phase: Phase
    point: Pixel
    source: Source | None
    held: tuple[Source, ...] = ()


class Change(IntEnum):
    """How much of the picture has to be painted anew."""

    NOTHING = 0
    INK = 1
    ALL = 2


class Pointer:
    """What is held down, and its effect on the state: strokes, and which button is under the pointer or pressed."""

    def __init__(self, state: State, clock: Callable[[], float] = time.monotonic):
        self.held: Source | None = None
        self._state = state
        self._clock = clock
        self._heard = clock()

    @property
    def is_finger(self) -> bool:
        """Whether a finger is held down."""
        return self.held is not None and self.held.device == "finger"

    def handle(self, event: PointerEvent, layout: Layout) -> tuple[Change, Target | None]:
        """Do what an event means; return what has changed, and the button or bar that was clicked, if any."""
        if event.phase is Phase.PRESS and event.source is not None:
            self._press(event.point, event.source, layout)
            return Change.ALL, None
        if event.phase is Phase.MOVE:
            return self._on_move(event, layout), None
        if event.source == self.held and self.held is not None:
            return Change.ALL, self._release(event.point, layout)
        return Change.NOTHING, None

    def let_go(self) -> None:
        """Lift what is held down from where it was, without effect on a button."""
        if self.is_finger:
            self._state.hovered = None
        self._state.canvas.release()
        self.held = self._state.pressed = None

    def _on_move(self, event: PointerEvent, layout: Layout) -> Change:
        is_other = event.source != self.held if event.source is not None else self.is_finger
        if is_other:
            return Change.NOTHING
        change = self._move(event.point, layout)
        if event.source is None and self.held is not None and self.held not in event.held:
            self.let_go()  # the button was released where we could not see it
            return Change.ALL
        return change

    def _press(self, point: Pixel, source: Source, layout: Layout) -> None:
        """Put something down: the pen or the eraser on the canvas, or a press on a button."""
        if self.held not in (None, source):
            if not self._is_lost(source):
                return
            self.let_go()
        self.held, self._heard = source, self._clock()
        state = self._state
        state.focused = None
        if state.has_card:
            state.close_cards()
        elif layout.canvas.contains(point):
            state.hovered = None
            state.press(*layout.to_cells(point), source == ERASING)
        elif source != ERASING:
            state.hovered = state.pressed = target_at(layout, state, point)

    def _move(self, point: Pixel, layout: Layout) -> Change:
        self._heard = self._clock()
        state = self._state
        if state.canvas.is_drawing:
            state.canvas.move(*layout.to_cells(point))
            return Change.INK
        before, state.hovered = state.hovered, target_at(layout, state, point)
        return Change.ALL if state.hovered != before else Change.NOTHING

    def _release(self, point: Pixel, layout: Layout) -> Target | None:
        """Lift what is held down; return the button or bar that was pressed, unless the pointer slid off it."""
        pressed = self._state.pressed
        if self._state.canvas.is_drawing:
            self._move(point, layout)  # a pointer that comes back from outside may tell its last place here alone
        target = target_at(layout, self._state, point)
        self.let_go()
        return pressed if pressed == target else None

    def _is_lost(self, other: Source) -> bool:
        """Tell whether the release of what is held down went elsewhere; a mouse tells of its buttons by itself."""
        return self._clock() >= self._heard + SILENT and (self.is_finger or other.device == "finger")


def target_at(layout: Layout, state: State, point: Pixel) -> Target | None:
    """Return the button at a pixel, or the bar or the digit of a number where a click on it would mean something."""
    buttons = layout.buttons | (layout.teaching if state.offers_teaching else {})
    for action, rect in buttons.items():
        if rect.contains(point):
            return Action(action)
    if not state.can_teach:
        return None
    if state.is_number:
        columns, _ = digit_boxes(layout.answer, len(state.readings), layout.digit_share, state.signed)
        return next((Place(index) for index, column in enumerate(columns) if column.contains(point)), None)
    bars = zip(state.bar_labels, layout.bars, strict=False)
    return next((Bar(label) for label, row in bars if row.contains(point)), None)
