"""The display: opens Pygame's, and its queue of events with those of the window's own. The one place that prepares SDL.

The other modules take Pygame from here: what SDL and Pygame read from the environment must be set before.
"""

import locale
import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from itertools import pairwise

# SDL's own framebuffer in place of OpenGL: 90 MB less, and no driver to wait for. Read when the display opens.
os.environ.setdefault("SDL_FRAMEBUFFER_ACCELERATION", "0")
# The press that brings the window to the front draws too; SDL would swallow it, and with it the first stroke.
os.environ.setdefault("SDL_MOUSE_FOCUS_CLICKTHROUGH", "1")
os.environ.setdefault("SDL_TOUCH_MOUSE_EVENTS", "0")  # fingers are fingers, and not a mouse as well
if sys.platform == "linux":
    # X and Wayland tell a window of a held button's pointer by themselves. SDL's own grab comes late, and if the
    # pointer has left by then, SDL drops where it came back (X11_DispatchEvent, EnterNotify): the stroke ends outside.
    os.environ.setdefault("SDL_MOUSE_AUTO_CAPTURE", "0")
os.environ.setdefault("SDL_VIDEO_X11_WMCLASS", "handwriting")
os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")
# Pygame looks for its own files with pkg_resources if it is there, which takes longer to import than Pygame itself.
sys.modules.setdefault("pkg_resources", None)  # type: ignore[arg-type]

import pygame  # noqa: E402
import pygame.locals  # noqa: E402

from digits.system import design_tokens  # noqa: E402
from digits.system.files import UserError  # noqa: E402
from digits.system.output import native_stderr_silenced  # noqa: E402
from digits.window.layout import WINDOW_SIZE  # noqa: E402
from digits.window.pointer import DRAWING, ERASING, Phase, PointerEvent, Source  # noqa: E402
from digits.window.primitives import prepare  # noqa: E402

TITLE = "Draw a digit"
AWAKE = 500  # milliseconds without events after which the window sleeps
NAP = 0.008  # seconds between looks at the queue while it sleeps; SDL's own waiting looks every millisecond ...
DROWSY, LONG_NAP = 3.0, 0.016  # ... and after so many seconds without events, the longer ones
UNSEEN_DRIVERS = ("dummy", "offscreen")  # of SDL
PRINTED = {" ": "space"}  # characters whose keys have names
# Pygame repeats what a key typed first until it has reported that the key is up again.
OF_KEYS = (pygame.TEXTINPUT, pygame.KEYUP)

OF_FINGERS = (pygame.FINGERDOWN, pygame.FINGERMOTION, pygame.FINGERUP)
PHASES = {
    pygame.MOUSEBUTTONDOWN: Phase.PRESS,
    pygame.MOUSEMOTION: Phase.MOVE,
    pygame.MOUSEBUTTONUP: Phase.RELEASE,
    **dict(zip(OF_FINGERS, Phase, strict=True)),
}

MODEL_LOADING = pygame.event.custom_type()
MODEL_LOADED = pygame.event.custom_type()  # classifier
MODEL_FAILED = pygame.event.custom_type()  # sentence
IMAGE_READ = pygame.event.custom_type()  # picture, name
NOTE = pygame.event.custom_type()  # text, is_error
HAND_OPENED = pygame.event.custom_type()  # hand, or None; owner, problem


def named_events() -> list[int]:
    """Return the types of events that SDL and Pygame send by themselves.

    `set_blocked(None)` would go through all 65,536 that there could be, which takes 6 to 11 ms of every start.
    """
    constants = {value for value in vars(pygame.locals).values() if type(value) is int and 0 < value < pygame.NUMEVENTS}
    return [kind for kind in constants if pygame.event.event_name(kind) not in ("Unknown", "UserEvent")]


def open_display(
    size: tuple[int, int] = WINDOW_SIZE, full_screen: bool = False, kinds: Iterable[int] = ()
) -> pygame.Surface:
    """Open the window with its icon and title; of all events only those kinds will come, and what `next_events` needs.

    Returns what to paint on. Raises UserError where there is no display.
    """
    try:
        with native_stderr_silenced():  # SDL's own words where there is no display
            pygame.display.init()  # and not pygame.init(): its mixer complains where there is no sound
        prepare()
        pygame.event.set_blocked(named_events())  # before the window is there: it throws away what is in the queue
        pygame.event.set_allowed([*kinds, *OF_KEYS])
        pygame.display.set_icon(pygame.image.load(str(design_tokens.ICON)))
        with plain_locale():
            pygame.display.set_caption(TITLE)
            full = (0, 0), pygame.FULLSCREEN
            surface = pygame.display.set_mode(*(full if full_screen else (size, pygame.RESIZABLE)))
        if pygame.display.get_driver() in UNSEEN_DRIVERS and "SDL_VIDEODRIVER" not in os.environ:
            raise pygame.error("there is no display")  # SDL would go on where nobody sees it
    except pygame.error as error:
        pygame.quit()
        raise UserError(
            f"No window can be opened here ({error}); run this on a machine with a screen, or classify image files"
            " with: python recognition.py --classify IMAGE"
        ) from error
    return surface


@contextmanager
def plain_locale() -> Iterator[None]:
    """Write as in the C locale; in C.UTF-8 Xlib gives the title an encoding that tools for windows cannot read."""
    before = locale.setlocale(locale.LC_CTYPE)
    locale.setlocale(locale.LC_CTYPE, "C")
    try:
        yield
    finally:
        locale.setlocale(locale.LC_CTYPE, before)


def next_events(until: float | None = None, clock: Callable[[], float] = time.monotonic) -> list[pygame.event.Event]:
    """Wait for events and return all that are there; none if none came until that time."""
    patience = AWAKE if until is None else min(AWAKE, max(1, round(1000 * (until - clock()))))
    first = pygame.event.wait(patience)
    if first.type != pygame.NOEVENT:
        return with_text([first, *pygame.event.get()])
    asleep = time.monotonic()
    while not (events := pygame.event.get()) and (until is None or clock() < until):
        time.sleep(NAP if time.monotonic() - asleep < DROWSY else LONG_NAP)
    return with_text(events)


def with_text(events: list[pygame.event.Event]) -> list[pygame.event.Event]:
    """Return the events, with what each press of a key typed: pygame-ce forgets it if the key is up again by now."""
    for press, following in pairwise(events):
        if press.type == pygame.KEYDOWN and following.type == pygame.TEXTINPUT:
            press.unicode = following.text
    return events


def key_name(event: pygame.event.Event) -> str:
    """Return the key of an event as `digits.window.actions` names it: what it types, or Pygame's name for it."""
    control, shift = event.mod & (pygame.KMOD_CTRL | pygame.KMOD_META), event.mod & pygame.KMOD_SHIFT
    typed: str = event.unicode
    if not control and typed.isprintable() and typed:
        return PRINTED.get(typed, typed.lower())
    name = pygame.key.name(event.key) or ""
    return ("ctrl+" if control else "") + ("shift+" if shift else "") + name


def pointer_event(event: pygame.event.Event, size: tuple[int, int]) -> PointerEvent | None:
    """Return what a pointer did in a window of that width and height in pixels; None for any other event.

    A mouse that a finger moves is none: fingers have events of their own. They tell places in shares of the window.
    """
    phase = PHASES.get(event.type)
    if phase is None or getattr(event, "touch", False):
        return None
    if event.type in OF_FINGERS:
        point = round(event.x * size[0] - 0.5), round(event.y * size[1] - 0.5)
        return PointerEvent(phase, point, Source("finger", event.finger_id))
    if phase is Phase.MOVE:
        held = tuple(Source("mouse", number) for number, is_down in enumerate(event.buttons, 1) if is_down)
        return PointerEvent(phase, event.pos, None, held)
    source = Source("mouse", event.button)
    return PointerEvent(phase, event.pos, source) if source in (DRAWING, ERASING) else None


def post(kind: int, **values) -> None:
    """Put an event into the queue, from any thread; nothing once the window is closed."""
    with suppress(pygame.error):
        pygame.event.post(pygame.event.Event(kind, values))


def close() -> None:
    """Ask the window to close, from any thread."""
    post(pygame.QUIT)
