"""X seen from outside a program: when its window appears, and a pointer and a keyboard that do what a user would.

With python-xlib: asking another program ten times a second would blur what is measured.
"""

import select
import time
from typing import NamedTuple

from Xlib import XK, X
from Xlib.display import Display
from Xlib.error import DisplayError
from Xlib.ext import xtest

from digits.system.files import UserError

LEFT = 1  # the number of the left button


class Appearance(NamedTuple):
    """When a window was put on the screen (time.monotonic), and where its upper left corner is, in pixels."""

    time: float
    x: int
    y: int


class Screen:
    """A connection to an X display; from one thread only. Raises UserError where there is none."""

    def __init__(self, display: str):
        try:
            self._display = Display(display)
        except (DisplayError, OSError) as error:
            raise UserError(f"There is no X display {display}.") from error
        self._display.screen().root.change_attributes(event_mask=X.SubstructureNotifyMask)
        self._display.sync()

    def wait_for_window(self, seconds: float) -> Appearance:
        """Return the next window that appears; raises UserError when there is none in time."""
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            while self._display.pending_events():
                event = self._display.next_event()
                if event.type == X.MapNotify:
                    seen = time.monotonic()
                    # The corner on the screen, where no window manager runs.
                    geometry = event.window.get_geometry()
                    return Appearance(seen, geometry.x, geometry.y)
            select.select([self._display.fileno()], [], [], left)
        raise UserError(f"No window appeared within {seconds:.0f} s.")

    def move(self, x: int, y: int) -> None:
        """Move the pointer to a pixel of the screen."""
        self._fake(X.MotionNotify, x=int(x), y=int(y))

    def button(self, is_down: bool) -> None:
        """Press or release the left button."""
        self._fake(X.ButtonPress if is_down else X.ButtonRelease, LEFT)

    def key(self, name: str) -> None:
        """Press and release a key, named as X names it."""
        code = self._display.keysym_to_keycode(XK.string_to_keysym(name))
        self._fake(X.KeyPress, code)
        self._fake(X.KeyRelease, code)

    def close(self) -> None:
        """End the connection."""
        self._display.close()

    def _fake(self, kind: int, detail: int = 0, **place: int) -> None:
        xtest.fake_input(self._display, kind, detail, **place)
        self._display.sync()
