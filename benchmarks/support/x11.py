"""X seen from outside a program: when its window appears, and a pointer and a keyboard that do what a user would.

The C libraries of X themselves, through ctypes: asking another program ten times a second would blur what is measured.
"""

import select
import time
from ctypes import CDLL, POINTER, byref, c_char_p, c_int, c_long, c_uint, c_ulong, c_void_p
from typing import NamedTuple

from digits.system.files import UserError

SUBSTRUCTURE_NOTIFY = 1 << 19  # events of the windows inside a window
MAP_NOTIFY = 19
EVENT_LONGS = 24  # the size of an XEvent
LEFT = 1  # the number of the left button
KEYS = {"Return": 0xFF0D, "r": 0x72}  # X's numbers of keys


class Appearance(NamedTuple):
    """When a window was put on the screen (time.monotonic), and where its upper left corner is, in pixels."""

    time: float
    x: int
    y: int


class Screen:
    """A connection to an X display; from one thread only. Raises UserError where there is none."""

    def __init__(self, display: str):
        self._x, self._test = _libraries()
        self._display = self._x.XOpenDisplay(display.encode())
        if not self._display:
            raise UserError(f"There is no X display {display}.")
        root = self._x.XDefaultRootWindow(self._display)
        self._x.XSelectInput(self._display, root, SUBSTRUCTURE_NOTIFY)
        self._x.XSync(self._display, 0)

    def wait_for_window(self, seconds: float) -> Appearance | None:
        """Return the next window that appears; None if there is none in time."""
        event = (c_long * EVENT_LONGS)()
        deadline = time.monotonic() + seconds
        while True:
            while self._x.XPending(self._display):
                self._x.XNextEvent(self._display, event)
                if event[0] & 0xFFFFFFFF == MAP_NOTIFY:
                    return Appearance(time.monotonic(), *self._corner(event[5]))
            left = deadline - time.monotonic()
            if left <= 0:
                return None
            select.select([self._x.XConnectionNumber(self._display)], [], [], left)

    def move(self, x: int, y: int) -> None:
        """Move the pointer to a pixel of the screen."""
        self._test.XTestFakeMotionEvent(self._display, -1, int(x), int(y), 0)
        self._x.XSync(self._display, 0)

    def button(self, is_down: bool) -> None:
        """Press or release the left button."""
        self._test.XTestFakeButtonEvent(self._display, LEFT, int(is_down), 0)
        self._x.XSync(self._display, 0)

    def key(self, name: str) -> None:
        """Press and release a key."""
        code = self._x.XKeysymToKeycode(self._display, KEYS[name])
        for is_down in (1, 0):
            self._test.XTestFakeKeyEvent(self._display, code, is_down, 0)
        self._x.XSync(self._display, 0)

    def close(self) -> None:
        """End the connection."""
        self._x.XCloseDisplay(self._display)

    def _corner(self, window: int) -> tuple[int, int]:
        """Return the upper left corner of a window, which is that on the screen where no window manager runs."""
        root, x, y = c_ulong(), c_int(), c_int()
        width, height, border, depth = c_uint(), c_uint(), c_uint(), c_uint()
        rest = map(byref, (width, height, border, depth))
        self._x.XGetGeometry(self._display, window, byref(root), byref(x), byref(y), *rest)
        return x.value, y.value


def _libraries() -> tuple[CDLL, CDLL]:
    """Return libX11 and libXtst with the types of the functions used here."""
    try:
        x, test = CDLL("libX11.so.6"), CDLL("libXtst.so.6")
    except OSError as error:
        raise UserError("libX11 or libXtst is not installed; install xdotool, which brings both.") from error
    x.XOpenDisplay.argtypes, x.XOpenDisplay.restype = [c_char_p], c_void_p
    x.XDefaultRootWindow.argtypes, x.XDefaultRootWindow.restype = [c_void_p], c_ulong
    x.XSelectInput.argtypes = [c_void_p, c_ulong, c_long]
    x.XNextEvent.argtypes = [c_void_p, POINTER(c_long)]
    x.XSync.argtypes = [c_void_p, c_int]
    x.XKeysymToKeycode.argtypes = [c_void_p, c_ulong]
    x.XGetGeometry.argtypes = [c_void_p, c_ulong, *[c_void_p] * 7]
    for function in (x.XPending, x.XConnectionNumber, x.XCloseDisplay):
        function.argtypes = [c_void_p]
    test.XTestFakeMotionEvent.argtypes = [c_void_p, c_int, c_int, c_int, c_ulong]
    test.XTestFakeButtonEvent.argtypes = [c_void_p, c_uint, c_int, c_ulong]
    test.XTestFakeKeyEvent.argtypes = [c_void_p, c_uint, c_int, c_ulong]
    return x, test
