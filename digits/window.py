"""The window: what Pygame's events mean, and when a new picture is painted.

Events are handled, then the picture is painted if something changed, then the window sleeps. Start-up is a matter of
order: the window first, the classifier after it, in a thread, while the user already draws.
"""

import locale
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import ClassVar

# SDL's own framebuffer in place of OpenGL: 90 MB less, and no driver to wait for. Read when the display opens.
os.environ.setdefault("SDL_FRAMEBUFFER_ACCELERATION", "0")
# The press that brings the window to the front draws too; SDL would swallow it, and with it the first stroke.
os.environ.setdefault("SDL_MOUSE_FOCUS_CLICKTHROUGH", "1")
os.environ.setdefault("SDL_VIDEO_X11_WMCLASS", "handwriting")
os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")
# Pygame looks for its own files with pkg_resources if it is there, which takes longer to import than Pygame itself.
sys.modules.setdefault("pkg_resources", None)  # type: ignore[arg-type]

import pygame  # noqa: E402

from digits import theme  # noqa: E402
from digits.classifier import Classifier  # noqa: E402
from digits.files import UserError  # noqa: E402
from digits.layout import WINDOW_SIZE, arrange  # noqa: E402
from digits.picture import paint, paint_canvas, prepare  # noqa: E402
from digits.state import State  # noqa: E402

Loader = Callable[[Callable[[], None]], Classifier]

TITLE = "Draw a digit"
AWAKE = 500  # milliseconds without events after which the window sleeps
NAP = 0.005  # seconds between looks at the queue while it sleeps; SDL's own waiting looks every millisecond
UNSEEN_DRIVERS = ("dummy", "offscreen")  # of SDL
LEFT = 1  # Pygame's number of the left mouse button

KEYS = {
    pygame.K_RETURN: "classify",
    pygame.K_KP_ENTER: "classify",
    pygame.K_SPACE: "classify",
    pygame.K_r: "reset",
    pygame.K_DELETE: "reset",
    pygame.K_ESCAPE: "close",
}
MODEL_LOADING = pygame.event.custom_type()
MODEL_LOADED = pygame.event.custom_type()
MODEL_FAILED = pygame.event.custom_type()


class Window:
    """An open window with its state.

    state: what it shows. load: returns the classifier, called once in a thread of its own with a function to call
    before a lengthy conversion; it may raise UserError. on_open: called when the window is on the screen.
    Raises UserError where no window can be opened.
    """

    def __init__(self, state: State, load: Loader, on_open: Callable[[], None] = lambda: None):
        self.state = state
        self._load = load
        self._on_open = on_open
        self._surface = open_display()
        self._layout = arrange(self._surface.get_size())
        self._is_open = True
        self._changed: str | None = "all"  # "all", "ink" or None: what the next picture has to show anew

    def run(self) -> None:
        """Show the window until it is closed."""
        try:
            self._paint()
            threading.Thread(target=self._load_model, daemon=True).start()
            self._on_open()
            while self._is_open:
                for event in next_events():
                    self.handle(event)
                self._paint()
        finally:
            pygame.quit()

    def handle(self, event: pygame.event.Event) -> None:
        """Do what one event means."""
        handler = self._HANDLERS.get(event.type)
        if handler is not None:
            handler(self, event)

    def do(self, action: str) -> None:
        """Do what a key or a button names."""
        if action == "close":
            self._is_open = False
        elif action == "classify":
            self.state.classify()
        elif action == "reset":
            self.state.reset()
        self._changed = "all"

    def _on_press(self, event: pygame.event.Event) -> None:
        if event.button != LEFT:
            return
        if self._layout.canvas.contains(event.pos):
            self.state.press(*self._layout.to_cells(event.pos))
        else:
            self.state.hovered = self.state.pressed = self._button_at(event.pos)
        self._changed = "all"

    def _on_motion(self, event: pygame.event.Event) -> None:
        if self.state.canvas.is_drawing:
            self.state.canvas.move(*self._layout.to_cells(event.pos))
            if not event.buttons[0]:  # the button was released where we could not see it
                self.state.canvas.release()
            self._changed = self._changed or "ink"
        elif (button := self._button_at(event.pos)) != self.state.hovered:
            self.state.hovered = button
            self._changed = "all"

    def _on_release(self, event: pygame.event.Event) -> None:
        if event.button != LEFT:
            return
        self.state.canvas.release()
        pressed, self.state.pressed = self.state.pressed, None
        self._changed = self._changed or "ink"
        if pressed is not None:
            self._changed = "all"
            if pressed == self._button_at(event.pos):  # as everywhere, a press can be taken back by sliding off
                self.do(pressed)

    def _on_key(self, event: pygame.event.Event) -> None:
        if event.key in KEYS:
            self.do(KEYS[event.key])

    def _on_resize(self, event: pygame.event.Event) -> None:
        self._surface = pygame.display.get_surface()
        self._layout = arrange(self._surface.get_size())
        self._changed = "all"

    def _on_leave(self, event: pygame.event.Event) -> None:
        self.state.hovered = None
        self._changed = "all"

    def _on_expose(self, event: pygame.event.Event) -> None:
        self._changed = "all"

    def _on_model_loading(self, event: pygame.event.Event) -> None:
        self.state.model_loading()
        self._changed = "all"

    def _on_model_loaded(self, event: pygame.event.Event) -> None:
        self.state.model_loaded(event.classifier)
        self._changed = "all"

    def _on_model_failed(self, event: pygame.event.Event) -> None:
        self.state.model_failed(event.sentence)
        self._changed = "all"

    def _on_quit(self, event: pygame.event.Event) -> None:
        self._is_open = False

    _HANDLERS: ClassVar = {
        pygame.MOUSEBUTTONDOWN: _on_press,
        pygame.MOUSEMOTION: _on_motion,
        pygame.MOUSEBUTTONUP: _on_release,
        pygame.KEYDOWN: _on_key,
        pygame.VIDEORESIZE: _on_resize,
        pygame.VIDEOEXPOSE: _on_expose,
        pygame.WINDOWLEAVE: _on_leave,
        MODEL_LOADING: _on_model_loading,
        MODEL_LOADED: _on_model_loaded,
        MODEL_FAILED: _on_model_failed,
        pygame.QUIT: _on_quit,
    }

    def _button_at(self, point: tuple[int, int]) -> str | None:
        return next((name for name, box in self._layout.buttons.items() if box.contains(point)), None)

    def _load_model(self) -> None:
        try:
            post(MODEL_LOADED, classifier=self._load(lambda: post(MODEL_LOADING)))
        except UserError as error:
            post(MODEL_FAILED, sentence=str(error))
        except Exception as error:  # a thread that ends in silence would leave the user waiting
            post(MODEL_FAILED, sentence=f"The model cannot be used here ({error}); install requirements.txt again.")

    def _paint(self) -> None:
        if self._changed == "all":
            paint(self._surface, self.state, self._layout)
            pygame.display.flip()
        elif self._changed == "ink":
            paint_canvas(self._surface, self.state, self._layout)
            pygame.display.update(self._layout.canvas)
        self._changed = None


def open_display(size: tuple[int, int] = WINDOW_SIZE) -> pygame.Surface:
    """Open the window with its icon and title; raises UserError where there is no display."""
    try:
        pygame.display.init()  # and not pygame.init(): its mixer complains where there is no sound
        prepare()
        pygame.event.set_blocked(None)  # before the window is there: blocking throws away what is in the queue
        pygame.event.set_allowed(list(Window._HANDLERS))
        pygame.display.set_icon(pygame.image.load(str(theme.ICON)))
        with plain_locale():
            pygame.display.set_caption(TITLE)
            surface = pygame.display.set_mode(size, pygame.RESIZABLE)
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


def next_events() -> list[pygame.event.Event]:
    """Wait for events and return all that are there."""
    first = pygame.event.wait(AWAKE)
    if first.type != pygame.NOEVENT:
        return [first, *pygame.event.get()]
    while not (events := pygame.event.get()):
        time.sleep(NAP)
    return events


def post(kind: int, **values) -> None:
    """Put an event into the queue, from any thread; nothing once the window is closed."""
    with suppress(pygame.error):
        pygame.event.post(pygame.event.Event(kind, values))


def close() -> None:
    """Ask the window to close, from any thread."""
    post(pygame.QUIT)
