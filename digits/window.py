"""The window: what Pygame's events mean, and when a new picture is painted.

Events are handled, then what is drawn is answered and the picture painted if something changed, then the window
sleeps. Start-up is a matter of order: the window first, the classifier after it, in a thread, while the user draws.
"""

import locale
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import ClassVar, NamedTuple

# SDL's own framebuffer in place of OpenGL: 90 MB less, and no driver to wait for. Read when the display opens.
os.environ.setdefault("SDL_FRAMEBUFFER_ACCELERATION", "0")
# The press that brings the window to the front draws too; SDL would swallow it, and with it the first stroke.
os.environ.setdefault("SDL_MOUSE_FOCUS_CLICKTHROUGH", "1")
os.environ.setdefault("SDL_TOUCH_MOUSE_EVENTS", "0")  # fingers are fingers, and not a mouse as well
os.environ.setdefault("SDL_VIDEO_X11_WMCLASS", "handwriting")
os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")
# Pygame looks for its own files with pkg_resources if it is there, which takes longer to import than Pygame itself.
sys.modules.setdefault("pkg_resources", None)  # type: ignore[arg-type]

import pygame  # noqa: E402

from digits import theme  # noqa: E402
from digits.bindings import ACTIONS  # noqa: E402
from digits.canvas import CELLS, WIDE  # noqa: E402
from digits.classifier import Classifier  # noqa: E402
from digits.files import UserError  # noqa: E402
from digits.layout import WINDOW_SIZE, Layout, arrange  # noqa: E402
from digits.picture import paint, paint_live  # noqa: E402
from digits.shapes import forget, prepare  # noqa: E402
from digits.state import State  # noqa: E402

Loader = Callable[[Callable[[], None]], Classifier]
Hand = tuple[str, int]  # "mouse" and the button's number, or "finger" and its id

TITLE = "Draw a digit"
AWAKE = 500  # milliseconds without events after which the window sleeps
NAP = 0.005  # seconds between looks at the queue while it sleeps; SDL's own waiting looks every millisecond
GUESSING = 0.25  # share of the time that live answers may take; ink comes first
KIOSK_SECONDS = 60.0  # without a visitor's hand, after which a kiosk begins anew
UNSEEN_DRIVERS = ("dummy", "offscreen")  # of SDL
LEFT, RIGHT = 1, 3  # Pygame's numbers of the mouse buttons
PRINTED = {" ": "space"}  # characters whose keys have names

MODEL_LOADING = pygame.event.custom_type()
MODEL_LOADED = pygame.event.custom_type()
MODEL_FAILED = pygame.event.custom_type()
IMAGE_READ = pygame.event.custom_type()
SAID = pygame.event.custom_type()
COUNTED = pygame.event.custom_type()


class Options(NamedTuple):
    """How the window is shown."""

    theme: str = "light"
    numbers: bool = False
    projector: bool = False
    kiosk: bool = False


class Window:
    """An open window with its state.

    state: what it shows. load: returns the classifier, called once in a thread of its own with a function to call
    before a lengthy conversion; it may raise UserError. on_open: called when the window is on the screen.
    Raises UserError where no window can be opened.
    """

    def __init__(
        self,
        state: State,
        load: Loader,
        on_open: Callable[[], None] = lambda: None,
        options: Options | None = None,
        clock: Callable[[], float] = time.monotonic,
    ):
        self.state = state
        self._load = load
        self._on_open = on_open
        self._options = options = options or Options()
        self._clock = clock
        self._theme = options.theme
        if options.numbers:
            state.switch_numbers()
        self._surface = open_display(full_screen=options.kiosk)
        self._layout = self._arrange()
        self._is_open = True
        self._changed: str | None = "all"  # "all", "ink" or None: what the next picture has to show anew
        self._guess_at = 0.0  # not before this time, while the pen is down
        self._last_input = clock()
        self._hand: Hand | None = None  # what is held down: one hand at a time

    def run(self) -> None:
        """Show the window until it is closed."""
        try:
            self._paint()
            threading.Thread(target=self._load_model, daemon=True).start()
            self._on_open()
            while self._is_open:
                for event in next_events(self._deadline(), self._clock):
                    self.handle(event)
                self._begin_anew_for_the_next_visitor()
                self._paint()
        finally:
            pygame.quit()

    def handle(self, event: pygame.event.Event) -> None:
        """Do what one event means."""
        self._last_input = self._clock()
        handler = self._HANDLERS.get(event.type)
        if handler is not None:
            handler(self, event)

    def do(self, action: str) -> None:
        """Do what a key or a button names; what the state cannot do by itself is done here."""
        own = {
            "close": self._close,
            "numbers": self._switch_numbers,
            "theme": self._switch_theme,
            "save": self._save,
            "copy": self._copy,
            "next": lambda: self._move_focus(1),
            "previous": lambda: self._move_focus(-1),
        }
        if action in own:
            own[action]()
        else:
            DEEDS[action](self.state)
        self._changed = "all"

    # The pointer: mouse, pen or one finger

    def _press(self, point: tuple[int, int], hand: Hand, erase: bool = False) -> None:
        if self._hand not in (None, hand):
            return  # a second finger or button does not scribble
        self._hand = hand
        self.state.focused = None
        if self.state.has_help:
            self.state.has_help = False
        elif self._layout.canvas.contains(point):
            self.state.hovered = None
            self.state.press(*self._layout.to_cells(point), erase)
        elif not erase:
            self.state.hovered = self.state.pressed = self._part_at(point)
        self._changed = "all"

    def _move(self, point: tuple[int, int]) -> None:
        if self.state.canvas.is_drawing:
            self.state.canvas.move(*self._layout.to_cells(point))
            self._changed = self._changed or "ink"
        elif (part := self._part_at(point)) != self.state.hovered:
            self.state.hovered = part
            self._changed = "all"

    def _release(self, point: tuple[int, int], hand: Hand) -> None:
        pressed = self.state.pressed
        if hand == self._hand:
            if self.state.canvas.is_drawing:
                self._move(point)  # a pointer that comes back from outside may tell its last place here alone
            self._let_go()
            if pressed is not None and pressed == self._part_at(point):  # a press can be taken back by sliding off
                self._push(pressed)

    def _let_go(self) -> None:
        """Lift the pen or the finger from where it was, without effect on a button."""
        if self.state.canvas.is_drawing or self.state.pressed is not None:
            self._changed = "all"
        self.state.canvas.release()
        self._hand = self.state.pressed = None

    def _push(self, name: str) -> None:
        """Do what a button or a bar is there for."""
        if name.startswith("bar "):
            self.state.correct(int(name[4:]))
        else:
            self.do("thicker around" if name == "thicker" else name)

    def _on_press(self, event: pygame.event.Event) -> None:
        if event.button in (LEFT, RIGHT) and not getattr(event, "touch", False):  # fingers have their own events
            self._press(event.pos, ("mouse", event.button), erase=event.button == RIGHT)

    def _on_motion(self, event: pygame.event.Event) -> None:
        if getattr(event, "touch", False) or self._is_touched():
            return
        self._move(event.pos)
        if self._hand is not None and not event.buttons[self._hand[1] - 1]:
            self._let_go()  # the button was released where we could not see it

    def _on_release(self, event: pygame.event.Event) -> None:
        if not getattr(event, "touch", False):
            self._release(event.pos, ("mouse", event.button))

    def _on_finger_down(self, event: pygame.event.Event) -> None:
        self._press(self._place_of(event), ("finger", event.finger_id))

    def _on_finger_motion(self, event: pygame.event.Event) -> None:
        if self._hand == ("finger", event.finger_id):
            self._move(self._place_of(event))

    def _on_finger_up(self, event: pygame.event.Event) -> None:
        if self._hand == ("finger", event.finger_id):
            self._release(self._place_of(event), self._hand)
            self.state.hovered = None

    def _on_focus_lost(self, event: pygame.event.Event) -> None:
        if self._is_touched():  # the end of the touch may go to another window
            self._let_go()
            self.state.hovered = None

    def _is_touched(self) -> bool:
        return self._hand is not None and self._hand[0] == "finger"

    def _on_wheel(self, event: pygame.event.Event) -> None:
        if event.y:  # 0 when it turns sideways
            self.do("thicker" if event.y > 0 else "thinner")

    # Keys, files and the window itself

    def _on_key(self, event: pygame.event.Event) -> None:
        name = key_name(event)
        action = ACTIONS.get(name)
        if action == "label":
            self.state.correct(int(name))
            self._changed = "all"
        elif action == "classify" and self.state.focused:
            self._push(self.state.focused)
        elif action is not None:
            self.do(action)

    def _on_drop(self, event: pygame.event.Event) -> None:
        threading.Thread(target=read_image, args=(event.file,), daemon=True).start()

    def _on_image_read(self, event: pygame.event.Event) -> None:
        self.state.drop(event.picture, event.name)
        self._layout = self._arrange()
        self._changed = "all"

    def _on_said(self, event: pygame.event.Event) -> None:
        self.state.complain(event.text) if event.is_error else self.state.say(event.text)
        self._changed = "all"

    def _on_counted(self, event: pygame.event.Event) -> None:
        if self.state.num_collected is None:  # else it was counted here meanwhile
            self.state.num_collected = event.count
            self._changed = "all"

    def _on_resize(self, event: pygame.event.Event) -> None:
        forget()
        self._surface = pygame.display.get_surface()
        self._layout = self._arrange()
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
        pygame.MOUSEWHEEL: _on_wheel,
        pygame.FINGERDOWN: _on_finger_down,
        pygame.FINGERMOTION: _on_finger_motion,
        pygame.FINGERUP: _on_finger_up,
        pygame.KEYDOWN: _on_key,
        pygame.DROPFILE: _on_drop,
        pygame.VIDEORESIZE: _on_resize,
        pygame.VIDEOEXPOSE: _on_expose,
        pygame.WINDOWLEAVE: _on_leave,
        pygame.WINDOWFOCUSLOST: _on_focus_lost,
        IMAGE_READ: _on_image_read,
        SAID: _on_said,
        COUNTED: _on_counted,
        MODEL_LOADING: _on_model_loading,
        MODEL_LOADED: _on_model_loaded,
        MODEL_FAILED: _on_model_failed,
        pygame.QUIT: _on_quit,
    }

    def _close(self) -> None:
        if self.state.has_help:
            self.state.has_help = False
        else:
            self._is_open = False

    def _switch_numbers(self) -> None:
        self.state.switch_numbers()
        self._layout = self._arrange()

    def _switch_theme(self) -> None:
        names = list(theme.THEMES)
        self._theme = names[(names.index(self._theme) + 1) % len(names)]

    def _save(self) -> None:
        if self.state.canvas.is_empty():
            self.state.say("Nothing is drawn yet that could be saved.")
            return
        from digits import export  # late: it is not needed to draw

        canvas = self.state.canvas
        try:
            png, svg = export.save(None, canvas.strokes, widths=canvas.widths, columns=canvas.columns)
        except UserError as error:
            self.state.complain(str(error))
        else:
            self.state.say(f"Saved {png.name} and {svg.suffix} in {png.parent}.")

    def _copy(self) -> None:
        canvas = self.state.canvas
        if canvas.is_empty():
            self.state.say("Nothing is drawn yet that could be copied.")
        else:
            drawing = canvas.strokes, canvas.widths, canvas.columns
            threading.Thread(target=copy_drawing, args=drawing, daemon=True).start()

    def _move_focus(self, steps: int) -> None:
        names = list(self._layout.buttons)
        now = names.index(self.state.focused) if self.state.focused in names else -1 if steps > 0 else 0
        self.state.focused = names[(now + steps) % len(names)]

    def _arrange(self) -> Layout:
        columns = WIDE if self.state.is_number else CELLS
        return arrange(self._surface.get_size(), columns, self._options.projector)

    def _part_at(self, point: tuple[int, int]) -> str | None:
        """Return the button under a point, or the bar, where a click on it would mean something."""
        for name, box in self._layout.buttons.items():
            if box.contains(point):
                return name
        if self.state.is_final and not self.state.is_number:
            return next((f"bar {d}" for d, row in enumerate(self._layout.bars) if row.contains(point)), None)
        return None

    def _place_of(self, event: pygame.event.Event) -> tuple[int, int]:
        """Return the pixel under a finger, whose place is told in shares of the window."""
        width, height = self._surface.get_size()
        return round(event.x * width - 0.5), round(event.y * height - 0.5)

    def _load_model(self) -> None:
        try:
            post(MODEL_LOADED, classifier=self._load(lambda: post(MODEL_LOADING)))
        except UserError as error:
            post(MODEL_FAILED, sentence=str(error))
        except Exception as error:  # a thread that ends in silence would leave the user waiting
            post(MODEL_FAILED, sentence=f"The model cannot be used here ({error}); install requirements.txt again.")
        post(COUNTED, count=self.state.count_collected())  # after it: that is not waited for

    def _deadline(self) -> float | None:
        """Return when to go on without an event, if ever: for a late guess, or for a kiosk's next visitor."""
        if self._changed is not None:
            return self._guess_at
        return self._last_input + KIOSK_SECONDS if self._options.kiosk else None

    def _begin_anew_for_the_next_visitor(self) -> None:
        if self._options.kiosk and self._clock() >= self._last_input + KIOSK_SECONDS:
            self._last_input = self._clock()
            self._let_go()
            self.state.forget()
            self._theme = self._options.theme
            if self.state.is_number != self._options.numbers:
                self._switch_numbers()
            self._changed = "all"

    def _paint(self) -> None:
        """Answer and show what changed; while the pen is down answers wait if they would hold up the ink."""
        if self._changed is None:
            return
        changed, self._changed = self._changed, None
        began = self._clock()
        if not self.state.canvas.is_drawing or began >= self._guess_at:
            self.state.guess()
            ended = self._clock()
            self._guess_at = ended + (ended - began) * (1 - GUESSING) / GUESSING
        else:
            self._changed = "ink"
        look = theme.THEMES[self._theme]
        if changed == "all" or self.state.has_help:
            paint(self._surface, self.state, self._layout, look)
            pygame.display.flip()
        else:
            pygame.display.update(paint_live(self._surface, self.state, self._layout, look))


DEEDS: dict[str, Callable[[State], None]] = {  # what actions do that concern the state alone
    "classify": State.classify,
    "reset": State.reset,
    "undo": State.undo,
    "redo": State.redo,
    "eraser": State.switch_eraser,
    "live": State.switch_live,
    "help": State.switch_help,
    "thinner": lambda state: state.change_pen(-1),
    "thicker": lambda state: state.change_pen(1),
    "thicker around": lambda state: state.change_pen(1, around=True),
}


def key_name(event: pygame.event.Event) -> str:
    """Return the key of an event as `digits.bindings` names it: what it types, or Pygame's name for it."""
    control, shift = event.mod & (pygame.KMOD_CTRL | pygame.KMOD_META), event.mod & pygame.KMOD_SHIFT
    if not control and event.unicode.isprintable() and event.unicode:
        return PRINTED.get(event.unicode, event.unicode.lower())
    name = pygame.key.name(event.key)
    return ("ctrl+" if control else "") + ("shift+" if shift else "") + name


def read_image(path: str) -> None:
    """Read an image file, in a thread of its own, and tell the window."""
    from digits import images  # late: Pillow and SciPy are no use to those who draw

    try:
        post(IMAGE_READ, picture=images.read_picture(Path(path)), name=Path(path).name)
    except UserError as error:
        post(SAID, text=str(error), is_error=True)
    except Exception as error:  # silence would leave the user waiting
        sentence = f"{Path(path).name} cannot be read here ({error}); install requirements.txt again."
        post(SAID, text=sentence, is_error=True)


def copy_drawing(strokes: list, widths: list, columns: int) -> None:
    """Copy a drawing as a picture, in a thread of its own, and tell the window."""
    from digits import export

    nowhere = "This computer has no clipboard for pictures; install xclip or wl-clipboard, or save with S."
    post(SAID, text="Copied." if export.copy(strokes, widths=widths, columns=columns) else nowhere, is_error=False)


def open_display(size: tuple[int, int] = WINDOW_SIZE, full_screen: bool = False) -> pygame.Surface:
    """Open the window with its icon and title; raises UserError where there is no display."""
    try:
        pygame.display.init()  # and not pygame.init(): its mixer complains where there is no sound
        prepare()
        pygame.event.set_blocked(None)  # before the window is there: blocking throws away what is in the queue
        pygame.event.set_allowed(list(Window._HANDLERS))
        pygame.display.set_icon(pygame.image.load(str(theme.ICON)))
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
        return [first, *pygame.event.get()]
    while not (events := pygame.event.get()) and (until is None or clock() < until):
        time.sleep(NAP)
    return events


def post(kind: int, **values) -> None:
    """Put an event into the queue, from any thread; nothing once the window is closed."""
    with suppress(pygame.error):
        pygame.event.post(pygame.event.Event(kind, values))


def close() -> None:
    """Ask the window to close, from any thread."""
    post(pygame.QUIT)
