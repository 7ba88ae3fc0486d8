"""The window: what Pygame's events mean, and when a new picture is painted.

Events are handled, then what is drawn is answered and the picture painted if something changed, then the window
sleeps. Start-up is a matter of order: the window first, the classifier after it, in a thread, while the user draws.
"""

import threading
import time
from collections.abc import Callable
from typing import ClassVar, NamedTuple

from digits.drawing.canvas import CELLS, WIDE
from digits.system import design_tokens
from digits.system.files import UserError
from digits.window.background_tasks import Loader, copy_drawing, load_model, read_image
from digits.window.display import (  # Pygame from there, where it is imported after what it reads from the environment
    COUNTED,
    IMAGE_READ,
    MODEL_FAILED,
    MODEL_LOADED,
    MODEL_LOADING,
    SAID,
    key_name,
    next_events,
    open_display,
    pygame,
)
from digits.window.keymap import ACTIONS, SHOWN
from digits.window.layout import Layout, arrange
from digits.window.pointer import Hand
from digits.window.primitives import forget
from digits.window.rendering import paint, paint_live
from digits.window.state import State

GUESSING = 0.25  # share of the time that live answers may take; ink comes first
KIOSK_SECONDS = 60.0  # without a visitor's hand, after which a kiosk begins anew
LEFT, RIGHT = 1, 3  # Pygame's numbers of the mouse buttons
KIOSK_CLOSES = f"{SHOWN['quit']} closes this window."


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
        self._surface = open_display(full_screen=options.kiosk, kinds=self._HANDLERS)
        self._layout = self._arrange()
        self._is_open = True
        self._changed: str | None = "all"  # "all", "ink" or None: what the next picture has to show anew
        self._guess_at = 0.0  # not before this time, while the pen is down
        self._last_input = clock()
        self._hand = Hand(state, clock)

    def run(self) -> None:
        """Show the window until it is closed."""
        try:
            self._paint()
            _start(load_model, self._load, self.state.count_collected)
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
            "quit": self._quit,
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

    def _on_press(self, event: pygame.event.Event) -> None:
        if event.button in (LEFT, RIGHT) and not _is_touch(event):
            self._hand.press(self._layout, event.pos, ("mouse", event.button), erase=event.button == RIGHT)
            self._changed = "all"

    def _on_motion(self, event: pygame.event.Event) -> None:
        if _is_touch(event) or self._hand.is_finger:
            return
        self._move(event.pos)
        if self._hand.held is not None and not event.buttons[self._hand.held[1] - 1]:
            self._let_go()  # the button was released where we could not see it

    def _on_release(self, event: pygame.event.Event) -> None:
        if self._hand.held == ("mouse", event.button) and not _is_touch(event):
            self._release(event.pos)

    def _on_finger_down(self, event: pygame.event.Event) -> None:
        self._hand.press(self._layout, self._place_of(event), ("finger", event.finger_id))
        self._changed = "all"

    def _on_finger_motion(self, event: pygame.event.Event) -> None:
        if self._hand.held == ("finger", event.finger_id):
            self._move(self._place_of(event))

    def _on_finger_up(self, event: pygame.event.Event) -> None:
        if self._hand.held == ("finger", event.finger_id):
            self._release(self._place_of(event))
            self.state.hovered = None

    def _on_focus_lost(self, event: pygame.event.Event) -> None:
        if self._hand.is_finger:  # the end of the touch may go to another window
            self._let_go()
            self.state.hovered = None

    def _move(self, point: tuple[int, int]) -> None:
        changed = self._hand.move(self._layout, point)
        if changed == "all" or self._changed is None:
            self._changed = changed

    def _release(self, point: tuple[int, int]) -> None:
        self._changed = "all"
        pushed = self._hand.release(self._layout, point)
        if pushed is not None:
            self._push(pushed)

    def _let_go(self) -> None:
        self._hand.let_go()
        self._changed = "all"

    def _push(self, name: str) -> None:
        """Do what a button or a bar is there for."""
        if name.startswith("bar "):
            self.state.correct(int(name[4:]))
        else:
            self.do("thicker around" if name == "thicker" else name)

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
        _start(read_image, event.file, self.state.classifier)

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
        self._quit()

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
        """Put the help card away, or else close; whoever leans on the keys of a kiosk does not end it."""
        if self.state.has_help:
            self.state.has_help = False
        elif self._options.kiosk:
            self.state.say(KIOSK_CLOSES)
        else:
            self._quit()

    def _quit(self) -> None:
        self._is_open = False

    def _switch_numbers(self) -> None:
        self.state.switch_numbers()
        self._layout = self._arrange()

    def _switch_theme(self) -> None:
        names = list(design_tokens.THEMES)
        self._theme = names[(names.index(self._theme) + 1) % len(names)]

    def _save(self) -> None:
        if self.state.canvas.is_empty():
            self.state.say("Nothing is drawn yet that could be saved.")
            return
        from digits.drawing import export  # late: it is not needed to draw

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
            _start(copy_drawing, canvas.strokes, canvas.widths, canvas.columns)

    def _move_focus(self, steps: int) -> None:
        names = list(self._layout.buttons)
        now = names.index(self.state.focused) if self.state.focused in names else -1 if steps > 0 else 0
        self.state.focused = names[(now + steps) % len(names)]

    def _arrange(self) -> Layout:
        columns = WIDE if self.state.is_number else CELLS
        return arrange(self._surface.get_size(), columns, self._options.projector)

    def _place_of(self, event: pygame.event.Event) -> tuple[int, int]:
        """Return the pixel under a finger, whose place is told in shares of the window."""
        width, height = self._surface.get_size()
        return round(event.x * width - 0.5), round(event.y * height - 0.5)

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
        look = design_tokens.THEMES[self._theme]
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


def _is_touch(event: pygame.event.Event) -> bool:
    """Tell whether a finger moved this mouse; fingers have events of their own."""
    return getattr(event, "touch", False)


def _start(errand: Callable[..., None], *arguments: object) -> None:
    threading.Thread(target=errand, args=arguments, daemon=True).start()
