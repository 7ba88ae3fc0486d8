"""The state of the window, and the actions that change it. It knows no window and no picture."""

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from digits.drawing import prompts
from digits.drawing.canvas import CELLS, PEN_WIDTH, PEN_WIDTHS, WIDE, Canvas
from digits.recognition import segmentation
from digits.recognition.classifier import Answer, Recognizer
from digits.recognition.records import append_record, classification, number
from digits.recognition.segmentation import Reading
from digits.system.files import UserError
from digits.window.actions import Action


class Bar(NamedTuple):
    """The bar of a digit, which a click makes the label of an answered drawing."""

    digit: int


Target = Action | Bar  # what a pointer or the keyboard can choose


class Message(NamedTuple):
    """A sentence to the user; an error is shown as one."""

    text: str
    is_error: bool = False


WELCOME = Message(prompts.WELCOME)
WELCOME_NUMBER = Message(prompts.WELCOME_NUMBER)
EMPTY = Message("Nothing is drawn yet. Draw a digit on the grid, then press Classify.")
DOT = Message(prompts.ONLY_A_DOT)
NOT_ANSWERED = "Draw a digit and press Classify; then tell what it really was."
ONE_AT_A_TIME = "A number is not corrected: draw the digit alone (N) and tell what it was."


class State:
    """A canvas, the classifier once it is there, what it answers, and what the user is told.

    `answer` (for a number: `readings`) is the answer to what is on the canvas now; it is a guess that follows the pen
    until Classify makes it final. `message` is shown where there is no answer, `note` below it.
    `hovered` and `pressed` are the button or bar under the pointer and the one held down, `focused` is the button
    chosen with the keyboard.
    """

    def __init__(
        self,
        results: Path | None = None,
        loading: str = "Getting ready ...",
        collection: Path | None = None,
        clock: Callable[[], float] = time.time,
    ):
        self.canvas = Canvas()
        self._other = Canvas(WIDE)  # the one that is not shown
        self.classifier: Recognizer | None = None
        self.answer: Answer | None = None
        self.readings: Sequence[Reading] = ()
        self.is_final = False
        self.label: int | None = None  # what the user says it was
        self.message = WELCOME
        self.note = ""
        self.num_collected: int | None = None
        self.is_live = True
        self.is_erasing = False
        self.has_help = False
        self.hovered: Target | None = None
        self.pressed: Target | None = None
        self.focused: Action | None = None
        self.failure: str | None = None
        self.image: np.ndarray | None = None  # the picture of a file, in place of a drawing
        self._loading = Message(loading)
        self._classify_when_ready = False
        self._results = results
        self._collection = collection
        self._collected: Path | None = None  # where this drawing is in the collection
        self._clock = clock
        self._answered = -1  # version of the canvas that the answer belongs to
        self._is_blank = True  # nothing to answer is on the canvas
        self.seen: np.ndarray | None = None  # uint8 (28, 28), what the network sees of a digit
        self._seen_version = -1  # version of the canvas that it belongs to
        self._cache: dict = {}  # of the digits of a number

    @property
    def is_number(self) -> bool:
        """Whether the canvas is wide."""
        return self.canvas.columns > CELLS

    @property
    def welcome(self) -> Message:
        """What is said before anything is drawn."""
        return WELCOME_NUMBER if self.is_number else WELCOME

    # Drawing

    def press(self, x: float, y: float, erase: bool = False) -> None:
        """Put the pen or the eraser down at a canvas position in cells; what was answered before no longer holds."""
        self._forget_answer()
        self.canvas.press(x, y, erase or self.is_erasing)

    def reset(self) -> None:
        """Empty the canvas; undo brings the drawing back."""
        self.canvas.clear()
        self._forget_answer()

    def forget(self) -> None:
        """Begin again as if just opened, with nothing to undo."""
        for canvas in (self.canvas, self._other):
            canvas.forget()
            canvas.pen_width = PEN_WIDTH
        self.has_help = self.is_erasing = False
        self.is_live = True
        self.focused = None
        self._forget_answer()

    def undo(self) -> None:
        """Take the last step back."""
        self.canvas.undo()
        self._forget_answer()

    def redo(self) -> None:
        """Do again what was undone."""
        self.canvas.redo()
        self._forget_answer()

    def change_pen(self, steps: int, around: bool = False) -> None:
        """Choose a broader or finer pen; `around` begins again after the broadest."""
        index = PEN_WIDTHS.index(self.canvas.pen_width) + steps
        index = index % len(PEN_WIDTHS) if around else min(max(index, 0), len(PEN_WIDTHS) - 1)
        if not self.canvas.is_drawing:
            self.canvas.pen_width = PEN_WIDTHS[index]

    def switch_eraser(self) -> None:
        """Take the eraser, or the pen again."""
        self.is_erasing = not self.is_erasing

    def switch_live(self) -> None:
        """Answer while drawing, or not."""
        self.is_live = not self.is_live
        if not self.is_final:
            self._forget_answer()

    def switch_help(self) -> None:
        """Show the help card, or put it away."""
        self.has_help = not self.has_help

    def switch_numbers(self) -> None:
        """Change between a canvas for one digit and a wide one for a number; each keeps its drawing."""
        self.canvas.release()
        self._other.pen_width = self.canvas.pen_width
        self.canvas, self._other = self._other, self.canvas
        self._seen_version = -1
        self._forget_answer()

    def show_image(self, picture: np.ndarray, name: str) -> None:
        """Show and answer the picture, uint8 (28, 28), of a file of that name."""
        if self.is_number:
            self.switch_numbers()
        self.canvas.clear()
        self._forget_answer()
        self.image, self.note = picture, name
        self.classify()

    # Answering

    def answer_live(self) -> None:
        """Look at what is drawn so far, and answer it if that is wished and possible and not done yet."""
        self._update_seen()
        if not self.is_live or self.is_final or self.classifier is None or self.failure:
            return
        if self._answered != self.canvas.version:
            self._answer(self.classifier)

    def classify(self) -> None:
        """Answer what is drawn, for good, and record the answer; say so where there is nothing to answer."""
        self.canvas.release()
        self._update_seen()
        if self.failure:
            self.message = Message(self.failure, True)
        elif self._is_blank:
            self.answer, self.readings = None, ()
            self.message = EMPTY if self.canvas.is_empty() else DOT
        elif self.classifier is None:
            self._classify_when_ready = True
            self.message = self._loading
        else:
            self._answer(self.classifier)
            self.is_final = True
            self.message = self.welcome
            self._record()

    def correct(self, label: int) -> None:
        """Take down what the answered drawing really was, in the user's collection."""
        if self.is_number:
            self.show_note(ONE_AT_A_TIME)
        elif not self.is_final or self.canvas.is_empty() or self.answer is None:
            self.show_note(NOT_ANSWERED)
        else:
            self._collect(label, self.answer)

    def show_note(self, sentence: str) -> None:
        """Show beside the answer that something was done; an earlier error disappears."""
        self.note = sentence
        if self.message.is_error and not self.failure:
            self.message = self.welcome

    def show_error(self, sentence: str) -> None:
        """Show what went wrong; an answer stays."""
        self.message = Message(sentence, True)

    def model_loaded(self, classifier: Recognizer) -> None:
        """Take the classifier; answer at once if that was asked for before."""
        self.classifier = classifier
        if self._classify_when_ready:
            self._classify_when_ready = False
            self.classify()
        elif self.message == self._loading:
            self.message = self.welcome

    def model_loading(self) -> None:
        """Show that the model takes its time."""
        self.message = self._loading

    def model_failed(self, sentence: str) -> None:
        """Show, from now on, why nothing can be answered."""
        self.failure = sentence
        self._forget_answer()

    def count_collected(self) -> int | None:
        """Return how many drawings the user's collection has; None where it cannot be told."""
        from digits.recognition import collection

        try:
            return collection.count(self._collection or collection.default_folder())
        except UserError:
            return None

    def _forget_answer(self) -> None:
        """Forget the answer; what is on the canvas is not answered any more."""
        self.answer, self.readings, self.is_final = None, (), False
        self.label = self._collected = None
        if self.image is not None:
            self.image, self._seen_version = None, -1
        self.note = ""
        self._classify_when_ready = False
        self._answered = -1
        self.message = Message(self.failure, True) if self.failure else self.welcome

    def _answer(self, classifier: Recognizer) -> None:
        self._answered = self.canvas.version
        if self._is_blank:
            self.answer, self.readings = None, ()
        elif self.is_number:
            self.readings = segmentation.read_number(self.canvas.strokes, classifier.classify, self._cache)
        elif self.seen is not None:
            self.answer = classifier.classify(self.seen)

    def _update_seen(self) -> None:
        if self.image is not None:
            self.seen, self._is_blank = self.image, False
        elif self._seen_version != self.canvas.version:
            self._is_blank = self.canvas.is_empty() or self.canvas.is_dot()
            # Of a number the network sees each digit alone.
            self.seen = None if self._is_blank or self.is_number else self.canvas.picture()
            self._seen_version = self.canvas.version

    def _record(self) -> None:
        if self._results is None or self.canvas.is_empty():
            return
        strokes = self.canvas.strokes
        record = number(self.readings, strokes) if self.answer is None else classification(self.answer, strokes)
        try:
            append_record(self._results, record)
        except OSError as error:
            self.show_error(f"This answer was not written to {self._results.name} ({error.strerror}).")

    def _collect(self, label: int, answer: Answer) -> None:
        from digits.recognition import collection  # late: it is not needed to draw

        folder = self._collection or collection.default_folder()
        is_new = self._collected is None
        try:
            path = collection.add(folder, self.canvas.strokes, label, answer, self._clock, self._collected)
        except UserError as error:
            self.show_error(str(error))
            return
        self._collected, self.label = path, label
        self.num_collected = self.count_collected() if self.num_collected is None else self.num_collected + is_new
        self.show_note(f"Noted: a {label}. {counted(self.num_collected or 1)} in your collection.")


def counted(count: int) -> str:
    """Return a number of drawings in words."""
    return f"{count:,} drawing" if count == 1 else f"{count:,} drawings"
