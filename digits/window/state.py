"""The state of the window, and the actions that change it. It knows no window and no picture."""

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from digits.drawing import prompts
from digits.drawing.canvas import CELLS, PEN_WIDTH, PEN_WIDTHS, WIDE, Canvas
from digits.recognition import segmentation
from digits.recognition.classifier import Answer, Recognizer
from digits.recognition.labels import DIGITS, MOST_CHARACTERS
from digits.recognition.records import DigitRecord, NumberRecord
from digits.recognition.segmentation import Reading
from digits.system.files import UserError
from digits.system.json_lines import append_record
from digits.window.actions import Action
from digits.window.teaching import WHOLE, Example, Teaching, example_of

if TYPE_CHECKING:  # imported in the background, once the window is there
    from digits.recognition.hand import Hand


class Bar(NamedTuple):
    """The bar of a digit or a sign that was taught, which a click makes the label of an answered drawing."""

    label: str


class Place(NamedTuple):
    """A digit of a number by its place from the left, which a click chooses."""

    index: int


Target = Action | Bar | Place  # what a pointer or the keyboard can choose


class Message(NamedTuple):
    """A sentence to the user; an error is shown as one."""

    text: str
    is_error: bool = False


WELCOME = Message(prompts.WELCOME)
WELCOME_NUMBER = Message(prompts.WELCOME_NUMBER)
EMPTY = Message("Nothing is drawn yet. Draw a digit on the grid, then press Classify.")
DOT = Message(prompts.ONLY_A_DOT)
NOT_ANSWERED = "Draw a digit and press Classify; then tell what it really was."
UNSURE = "It is not sure: press the digit that it was."
MOST_SIGNS = 4  # bars below those of the ten digits


class State:
    """A canvas, the classifier once it is there, its answer, and the messages to the user.

    `answer` (for a number: `readings`) is the answer to what is on the canvas now; it is a guess that follows the pen
    until Classify makes it final. `message` is shown where there is no answer, `note` below it.
    `hovered` and `pressed` are the button or bar under the pointer and the one held down, `focused` is the button
    chosen with the keyboard.
    """

    def __init__(
        self,
        results: Path | None = None,
        loading: str = "Getting ready ...",
        clock: Callable[[], float] = time.time,
    ):
        self.canvas = Canvas()
        self._other = Canvas(WIDE)  # the one that is not shown
        self.classifier: Recognizer | None = None
        self.answer: Answer | None = None
        self.readings: Sequence[Reading] = ()
        self.is_final = False
        self.teaching = Teaching()
        self.chosen = 0  # the place of the digit of a number that is corrected
        self.typed: str | None = None  # what is in the text field; None where there is none
        self.message = WELCOME
        self.note = ""
        self.is_live = True
        self.is_erasing = False
        self.has_help = False
        self.has_signs = True  # in numbers
        self.is_kiosk = False  # which does less, and has fewer lines on its help card
        self.hovered: Target | None = None
        self.pressed: Target | None = None
        self.focused: Action | None = None
        self.failure: str | None = None
        self.image: np.ndarray | None = None  # the picture of a file, in place of a drawing
        self._loading = Message(loading)
        self._classify_when_ready = False
        self._label_when_opened: str | None = None
        self._results = results
        self._clock = clock
        self._time = 0.0  # of the final answer
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
    def signed(self) -> list[int]:
        """The places of the digits of a number that have a sign before them."""
        return [place for place, reading in enumerate(self.readings) if reading.sign]

    @property
    def recognizer(self) -> Recognizer | None:
        """What answers: the hand, or the classifier alone."""
        return self.classifier if self.teaching.hand is None else self.teaching.hand

    @property
    def can_teach(self) -> bool:
        """Whether there is a final answer that can be corrected."""
        is_answered = self.is_final and (self.answer is not None or bool(self.readings))
        return is_answered and (self.teaching.hand is not None or self.teaching.is_opening)

    @property
    def offers_teaching(self) -> bool:
        """Whether there are buttons to teach it; the note on a digit takes their place."""
        return self.can_teach and (self.is_number or not self.note)

    @property
    def has_card(self) -> bool:
        """Whether the help card or the text field lies over the window."""
        return self.has_help or self.typed is not None

    @property
    def bar_labels(self) -> tuple[str, ...]:
        """The labels that have bars: the ten digits, and the signs that were taught or the likeliest of them."""
        signs, shares = self.teaching.signs, dict(self.answer.signs) if self.answer else {}
        likeliest = sorted(signs, key=lambda sign: -shares.get(sign, 0.0))[:MOST_SIGNS]
        return (*DIGITS, *sorted(likeliest))

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
        """Take the last step back: what was told of the drawing, or else a stroke."""
        if self.teaching.can_undo():
            self._take_back()
        else:
            self.canvas.undo()
            self._forget_answer()

    def can_undo(self) -> bool:
        """Tell whether there is a step to take back."""
        return self.teaching.can_undo() or self.canvas.can_undo()

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
        """Answer what is drawn so far, where live answers are on, possible and not given yet."""
        self._update_seen()
        if not self.is_live or self.is_final or self.recognizer is None or self.failure:
            return
        if self._answered != self.canvas.version:
            self._answer(self.recognizer)

    def classify(self) -> None:
        """Answer what is drawn, for good, and record the answer; say so where there is nothing to answer."""
        self.canvas.release()
        self._update_seen()
        if self.failure:
            self.message = Message(self.failure, True)
        elif self._is_blank:
            self.answer, self.readings = None, ()
            self.message = EMPTY if self.canvas.is_empty() else DOT
        elif self.recognizer is None:
            self._classify_when_ready = True
            self.message = self._loading
        else:
            self._cache.clear()  # of what was answered before something was taught
            self._answer(self.recognizer)
            self.is_final, self._time = True, self._clock()
            self.message = self.welcome
            if problem := self.teaching.new_problem():
                self.show_error(problem)
            self._record()

    # Teaching

    def correct(self, label: str) -> None:
        """Remember what the answered drawing, or the chosen digit of a number, really was."""
        example = self._example()
        if example is None:
            self.show_note(NOT_ANSWERED)
        elif self.teaching.hand is None:
            self.show_note(self.teaching.without_hand)
            self._label_when_opened = label if self.teaching.is_opening else None
        else:
            self._tell(example, label)

    def confirm(self) -> None:
        """Remember that the answer was right."""
        example = self._example()
        if example is not None and self.can_teach and not example.answer.is_sure:
            self.show_note(UNSURE)
        else:
            self.correct(example.answer.text if example else "")

    def choose(self, place: int) -> None:
        """Choose the digit of a number that is corrected next; places go round."""
        if self.is_final and self.readings:
            self.chosen = place % len(self.readings)

    def open_text_field(self) -> None:
        """Ask for any text as label."""
        if self.can_teach:
            self.typed = ""
        else:
            self.correct("")  # says why not

    def type(self, text: str) -> None:
        """Add to what is in the text field, as far as a label may go."""
        if self.typed is not None and text.isprintable():
            self.typed = (self.typed + text)[:MOST_CHARACTERS]

    def close_cards(self) -> None:
        """Put away what lies over the window."""
        self.has_help, self.typed = False, None

    def close_text_field(self, takes: bool = False) -> None:
        """Leave the text field; if it `takes` what is in it, that is the label."""
        typed, self.typed = self.typed, None
        if takes and typed and typed.strip():
            self.correct(typed)

    def switch_memory(self) -> None:
        """Answer with what was taught, or without it, to see the difference."""
        self.teaching.switch()
        self._answer_again()
        self.show_note(self.teaching.in_words() or self.teaching.without_hand)

    def hand_opened(self, hand: "Hand | None", owner: str, problem: str = "") -> None:
        """Use a hand, or none; problem: why it could not be opened."""
        is_first = self.teaching.owner is None
        self.teaching.use(hand, owner, problem)
        if problem:
            self.show_error(problem)
        elif not is_first:
            self._answer_again()
            self.show_note(self.teaching.in_words())
        elif not self.is_final:
            self._answer_again()
        elif self._label_when_opened is not None:
            self.correct(self._label_when_opened)

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

    def _forget_answer(self) -> None:
        """Forget the answer; what is on the canvas is not answered any more."""
        self.answer, self.readings, self.is_final = None, (), False
        self.teaching.forget_drawing()
        self.chosen, self.typed = 0, None
        if self.image is not None:
            self.image, self._seen_version = None, -1
        self.note = ""
        self._classify_when_ready, self._label_when_opened = False, None
        self._answered = -1
        self.message = Message(self.failure, True) if self.failure else self.welcome

    def _answer(self, classifier: Recognizer) -> None:
        self._answered = self.canvas.version
        if self._is_blank:
            self.answer, self.readings = None, ()
        elif self.is_number:
            strokes = self.canvas.strokes
            self.readings = segmentation.read_number(strokes, classifier.classify, self._cache, self.has_signs)
            self.chosen = min(self.chosen, len(self.readings) - 1)
        elif self.seen is not None:
            self.answer = classifier.classify(self.seen)
            if self.answer.signs:
                self.teaching.signs = tuple(sign for sign, _ in self.answer.signs)

    def _answer_again(self) -> None:
        """Answer what is on the canvas as it is answered now, without a new record."""
        self._cache.clear()
        self._answered = -1
        if self.is_final and self.recognizer is not None:
            self._answer(self.recognizer)

    def _update_seen(self) -> None:
        if self.image is not None:
            self.seen, self._is_blank = self.image, False
        elif self._seen_version != self.canvas.version:
            self._is_blank = self.canvas.is_empty() or self.canvas.is_dot()
            # Of a number the network sees each digit alone.
            self.seen = None if self._is_blank or self.is_number else self.canvas.picture()
            self._seen_version = self.canvas.version

    def _example(self) -> Example | None:
        """Return what is corrected, if anything was answered: the drawing, or the chosen digit of a number."""
        if not self.is_final:
            return None
        if self.is_number:
            return example_of(self.readings[self.chosen], self.canvas.strokes) if self.readings else None
        if self.answer is None or self.seen is None:
            return None
        return Example(WHOLE, self.seen, self.answer, () if self.image is not None else self.canvas.strokes)

    def _tell(self, example: Example, label: str) -> None:
        try:
            label = self.teaching.tell(example, label)
        except UserError as error:
            self.show_error(str(error))
        else:
            self.show_note(f"Noted: {label}. {self.teaching.in_words()}")
            self._record()

    def _take_back(self) -> None:
        try:
            self.teaching.undo()
        except UserError as error:
            self.show_error(str(error))
        else:
            self.show_note(f"Taken back. {self.teaching.in_words()}")
            self._record()

    def _record(self) -> None:
        """Append the final answer, with what was told of it, to the results."""
        if self._results is None or self.canvas.is_empty():
            return
        try:
            append_record(self._results, self._as_record().to_json())
        except OSError as error:
            self.show_error(f"This answer was not written to {self._results.name} ({error.strerror}).")

    def _as_record(self) -> DigitRecord | NumberRecord:
        strokes = self.canvas.strokes
        if self.answer is None:
            places = enumerate(reading.strokes for reading in self.readings)
            told = {place: self.teaching.told[part] for place, part in places if part in self.teaching.told}
            return NumberRecord(self._time, self.readings, strokes, told)
        told = self.teaching.told.get(WHOLE)
        record = DigitRecord(self._time, self.answer, strokes)
        return record if told is None else record._replace(label=told.label, name=told.name)
