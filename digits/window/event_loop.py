"""The event loop of the window: what Pygame's events mean, and when a new picture is painted.

Events are handled, then the drawing is answered and the picture painted if something changed, then the window sleeps.
Start-up is a matter of order: the window first, the classifier after it, in a thread, while the user draws.
"""

import threading
import time
from collections.abc import Callable
from typing import ClassVar, NamedTuple

from digits.drawing.canvas import CELLS, WIDE
from digits.recognition.hands import Hands
from digits.recognition.labels import DIGITS
from digits.system import design_tokens
from digits.system.files import UserError
from digits.window.actions import IN_NO_KIOSK, OF_KEYS, Action
from digits.window.background_tasks import Loader, copy_drawing, load_model, open_hand, read_image
from digits.window.display import (  # Pygame from there, where it is imported after what it reads from the environment
    HAND_OPENED,
    IMAGE_READ,
    MODEL_FAILED,
    MODEL_LOADED,
    MODEL_LOADING,
    NOTE,
    PHASES,
    key_name,
    next_events,
    open_display,
    pointer_event,
    pygame,
)
from digits.window.layout import TOOLS, Layout, arrange
from digits.window.pointer import Change, Pointer, PointerEvent
from digits.window.primitives import forget
from digits.window.rendering import paint, paint_live
from digits.window.state import Bar, State, Target
from digits.window.teaching import OPENING

LIVE_SHARE = 0.25  # of the time, that live answers may take; ink comes first
KIOSK_SECONDS = 60.0  # without input, after which a kiosk starts over


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
    hands: whose drawings are remembered; None where nobody's are.
    Raises UserError where no window can be opened.
    """

    def __init__(
        self,
        state: State,
        load: Loader,
        on_open: Callable[[], None] = lambda: None,
        options: Options | None = None,
        clock: Callable[[], float] = time.monotonic,
        hands: Hands | None = None,
    ):
        self.state = state
        self._hands = hands
        self._load = load
        self._on_open = on_open
        self._options = options = options or Options()
        self._clock = clock
        self._theme = options.theme
        state.is_kiosk = options.kiosk
        if options.numbers:
            state.switch_numbers()
        if hands is not None:
            state.teaching.without_hand = OPENING
        self._surface = open_display(full_screen=options.kiosk or options.projector, kinds=[*PHASES, *self._HANDLERS])
        self._layout = self._arrange()
        self._is_open = True
        self._change = Change.ALL  # what the next picture has to show anew
        self._next_live_answer = 0.0  # not before this time, while the pen is down
        self._last_input = clock()
        self._pointer = Pointer(state, clock)
        self._effects = self._effects_of_actions()
        self._opened_by = ""  # what the key typed that opened the text field

    def run(self) -> None:
        """Show the window until it is closed."""
        try:
            self._paint()
            _start(load_model, self._load, self._hands)
            self._on_open()
            while self._is_open:
                for event in next_events(self._deadline(), self._clock):
                    self.handle(event)
                self._reset_kiosk()
                self._paint()
        finally:
            pygame.quit()

    def handle(self, event: pygame.event.Event) -> None:
        """Do what one event means."""
        self._last_input = self._clock()
        if (moved := pointer_event(event, self._surface.get_size())) is not None:
            self._on_pointer(moved)
        elif (handler := self._HANDLERS.get(event.type)) is not None:
            handler(self, event)

    def do(self, action: Action) -> None:
        """Do what a key or a button stands for; a kiosk does not do all of it."""
        if self._options.kiosk and action in IN_NO_KIOSK:
            return
        self._effects[action]()
        self._change = Change.ALL

    def activate(self, target: Target) -> None:
        """Do what a click on a button or a bar means."""
        if isinstance(target, Action):
            self.do(target)
            return
        if isinstance(target, Bar):
            self.state.correct(target.label)
        else:
            self.state.choose(target.index)
        self._change = Change.ALL

    def _effects_of_actions(self) -> dict[Action, Callable[[], None]]:
        """Return what each action does, but for LABEL, which needs a digit."""
        state = self.state
        return {
            Action.CLASSIFY: state.classify,
            Action.RESET: state.reset,
            Action.UNDO: state.undo,
            Action.REDO: state.redo,
            Action.ERASER: state.switch_eraser,
            Action.THINNER: lambda: state.change_pen(-1),
            Action.THICKER: lambda: state.change_pen(1),
            Action.NEXT_PEN: lambda: state.change_pen(1, around=True),
            Action.NUMBERS: self._switch_numbers,
            Action.LIVE: state.switch_live,
            Action.NAME: state.open_text_field,
            Action.CONFIRM: state.confirm,
            Action.NEXT_DIGIT: lambda: state.choose(state.chosen + 1),
            Action.DIGIT_BEFORE: lambda: state.choose(state.chosen - 1),
            Action.MEMORY: state.switch_memory,
            Action.HAND: self._change_hand,
            Action.SAVE: self._save,
            Action.COPY: self._copy,
            Action.THEME: self._switch_theme,
            Action.NEXT: lambda: self._move_focus(1),
            Action.PREVIOUS: lambda: self._move_focus(-1),
            Action.HELP: state.switch_help,
            Action.CLOSE: self._close,
            Action.QUIT: self._quit,
        }

    # Events

    def _on_pointer(self, event: PointerEvent) -> None:
        change, clicked = self._pointer.handle(event, self._layout)
        self._change = max(self._change, change)
        if clicked is not None:
            self.activate(clicked)

    def _on_focus_lost(self, event: pygame.event.Event) -> None:
        if self._pointer.is_finger:  # the end of the touch may go to another window
            self._let_go()

    def _on_wheel(self, event: pygame.event.Event) -> None:
        if event.y:  # 0 when it turns sideways
            self.do(Action.THICKER if event.y > 0 else Action.THINNER)

    def _on_key(self, event: pygame.event.Event) -> None:
        name = key_name(event)
        action = OF_KEYS.get(name)
        self._opened_by = event.unicode
        if self.state.typed is not None:
            self._on_key_in_text_field(name)
        elif action is Action.LABEL:
            self.activate(Bar(name))
        elif action is Action.CLASSIFY and self.state.focused is not None:
            self.activate(self.state.focused)
        elif action is not None:
            self.do(action)

    def _on_key_in_text_field(self, name: str) -> None:
        """Do what a key means that types nothing."""
        self._opened_by = ""
        self._change = Change.ALL
        if name == "backspace":
            self.state.typed = (self.state.typed or "")[:-1]
        elif name in ("return", "enter", "escape"):
            self.state.close_text_field(takes=name != "escape")
        elif name == "ctrl+q":
            self._quit()

    def _on_text(self, event: pygame.event.Event) -> None:
        if self.state.typed is not None and event.text != self._opened_by:
            self.state.type(event.text)
            self._change = Change.ALL

    def _on_drop(self, event: pygame.event.Event) -> None:
        _start(read_image, event.file, self.state.recognizer)

    def _on_image_read(self, event: pygame.event.Event) -> None:
        self.state.show_image(event.picture, event.name)
        self._layout = self._arrange()
        self._change = Change.ALL

    def _on_note(self, event: pygame.event.Event) -> None:
        (self.state.show_error if event.is_error else self.state.show_note)(event.text)
        self._change = Change.ALL

    def _on_hand_opened(self, event: pygame.event.Event) -> None:
        self.state.hand_opened(event.hand, event.owner, event.problem)
        self._change = Change.ALL

    def _on_resize(self, event: pygame.event.Event) -> None:
        forget()
        self._surface = pygame.display.get_surface()
        self._layout = self._arrange()
        self._change = Change.ALL

    def _on_leave(self, event: pygame.event.Event) -> None:
        self.state.hovered = None
        self._change = Change.ALL

    def _on_expose(self, event: pygame.event.Event) -> None:
        self._change = Change.ALL

    def _on_model_loading(self, event: pygame.event.Event) -> None:
        self.state.model_loading()
        self._change = Change.ALL

    def _on_model_loaded(self, event: pygame.event.Event) -> None:
        self.state.model_loaded(event.classifier)
        self._change = Change.ALL

    def _on_model_failed(self, event: pygame.event.Event) -> None:
        self.state.model_failed(event.sentence)
        self._change = Change.ALL

    def _on_quit(self, event: pygame.event.Event) -> None:
        self._quit()

    _HANDLERS: ClassVar = {
        pygame.MOUSEWHEEL: _on_wheel,
        pygame.KEYDOWN: _on_key,
        pygame.TEXTINPUT: _on_text,
        pygame.DROPFILE: _on_drop,
        pygame.VIDEORESIZE: _on_resize,
        pygame.VIDEOEXPOSE: _on_expose,
        pygame.WINDOWLEAVE: _on_leave,
        pygame.WINDOWFOCUSLOST: _on_focus_lost,
        IMAGE_READ: _on_image_read,
        NOTE: _on_note,
        HAND_OPENED: _on_hand_opened,
        MODEL_LOADING: _on_model_loading,
        MODEL_LOADED: _on_model_loaded,
        MODEL_FAILED: _on_model_failed,
        pygame.QUIT: _on_quit,
    }

    # Actions that concern more than the state

    def _close(self) -> None:
        """Put the help card away, or else close; leaning on the keys of a kiosk does not end it."""
        if self.state.has_help:
            self.state.has_help = False
        elif not self._options.kiosk:
            self._quit()

    def _change_hand(self) -> None:
        classifier, owner = self.state.classifier, self.state.teaching.owner
        if self._hands is None or classifier is None or owner is None:
            self.state.show_note(self.state.teaching.without_hand)
        else:
            _start(open_hand, classifier, self._hands, owner)

    def _quit(self) -> None:
        self._is_open = False

    def _switch_numbers(self) -> None:
        self.state.switch_numbers()
        self._layout = self._arrange()

    def _switch_theme(self) -> None:
        names = list(design_tokens.THEMES)
        self._theme = names[(names.index(self._theme) + 1) % len(names)]

    def _save(self) -> None:
        canvas = self.state.canvas
        if canvas.is_empty():
            self.state.show_note("Nothing is drawn yet that could be saved.")
            return
        from digits.drawing import export  # late: it is not needed to draw

        try:
            png, svg = export.save(None, canvas.strokes, widths=canvas.widths, columns=canvas.columns)
        except UserError as error:
            self.state.show_error(str(error))
        else:
            self.state.show_note(f"Saved {png.name} and {svg.suffix} in {png.parent}.")

    def _copy(self) -> None:
        canvas = self.state.canvas
        if canvas.is_empty():
            self.state.show_note("Nothing is drawn yet that could be copied.")
        else:
            _start(copy_drawing, canvas.strokes, canvas.widths, canvas.columns)

    def _move_focus(self, steps: int) -> None:
        buttons = list(self._layout.buttons)
        focused = self.state.focused
        before = -1 if steps > 0 else 0  # the first button, or the last
        now = before if focused is None or focused not in buttons else buttons.index(focused)
        self.state.focused = buttons[(now + steps) % len(buttons)]

    # The picture

    def _arrange(self) -> Layout:
        columns = WIDE if self.state.is_number else CELLS
        num_signs = len(self.state.bar_labels) - len(DIGITS)
        tools = [tool for tool in TOOLS if not (self._options.kiosk and tool in IN_NO_KIOSK)]
        return arrange(self._surface.get_size(), columns, self._options.projector, num_signs, tools)

    def _deadline(self) -> float | None:
        """Return when to go on without an event, if ever: for a late answer, or to reset a kiosk."""
        if self._change:
            return self._next_live_answer
        return self._last_input + KIOSK_SECONDS if self._options.kiosk else None

    def _reset_kiosk(self) -> None:
        """Start over for the next visitor where nobody has touched a kiosk for a while."""
        if not self._options.kiosk or self._clock() < self._last_input + KIOSK_SECONDS:
            return
        self._last_input = self._clock()
        self._let_go()
        self.state.forget()
        self._theme = self._options.theme
        if self.state.is_number != self._options.numbers:
            self._switch_numbers()

    def _let_go(self) -> None:
        self._pointer.let_go()
        self._change = Change.ALL

    def _paint(self) -> None:
        """Answer and show what changed; while the pen is down, answers wait if they would hold up the ink."""
        if not self._change:
            return
        change, self._change = self._change, Change.NOTHING
        began = self._clock()
        if not self.state.canvas.is_drawing or began >= self._next_live_answer:
            self.state.answer_live()
            ended = self._clock()
            self._next_live_answer = ended + (ended - began) * (1 - LIVE_SHARE) / LIVE_SHARE
        else:
            self._change = Change.INK
        if self._layout.bars and len(self._layout.bars) != len(self.state.bar_labels):
            self._layout, change = self._arrange(), Change.ALL
        theme = design_tokens.THEMES[self._theme]
        if change is Change.ALL or self.state.has_card:
            paint(self._surface, self.state, self._layout, theme)
            pygame.display.flip()
        else:
            pygame.display.update(paint_live(self._surface, self.state, self._layout, theme))


def _start(task: Callable[..., None], *arguments: object) -> None:
    threading.Thread(target=task, args=arguments, daemon=True).start()
