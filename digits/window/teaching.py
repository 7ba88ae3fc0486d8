"""Teaching: what the user says that an answered drawing, or each digit of a number, really was."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from digits.drawing import ink
from digits.drawing.canvas import CELLS
from digits.recognition.classifier import Answer
from digits.recognition.hands import GUEST
from digits.recognition.labels import DIGITS, checked
from digits.recognition.records import Told
from digits.recognition.segmentation import Reading
from digits.system.files import UserError

if TYPE_CHECKING:  # imported in the background, once the window is there
    from digits.recognition.hand import Hand

Part = tuple[int, ...]  # a digit of a number: the places of its strokes; a drawing of one digit is ()
WHOLE: Part = ()
OPENING = "One moment: what it was taught is being read."
A_GUEST = "A guest teaches it nothing; W chooses a hand."
NOTHING_REMEMBERED = "This window remembers nothing."


class Example(NamedTuple):
    """A part of what was answered, as a hand remembers it: picture uint8 (28, 28), strokes in cells."""

    part: Part
    picture: np.ndarray
    answer: Answer
    strokes: Sequence[ink.Stroke] = ()


def example_of(reading: Reading, strokes: Sequence[ink.Stroke]) -> Example:
    """Return a digit of a number, moved to the middle of a canvas of its own."""
    left, _, right, _ = reading.box
    offset = [(left + right - CELLS) / 2, 0]
    own = [strokes[place] for place in reading.strokes]
    return Example(reading.strokes, ink.normalize(own), reading.answer, [stroke - offset for stroke in own])


class Teaching:
    """The hand in use, and what was told of the drawing on the canvas.

    `hand` is None until it is opened and for a guest, `without_hand` says why; `owner` is its name. `told` has what
    each part was said to be; a part told again replaces what was remembered of it. `signs` are the labels beside the
    ten digits.
    """

    def __init__(self) -> None:
        self.hand: Hand | None = None
        self.owner: str | None = None  # None until a hand was asked for
        self.without_hand = NOTHING_REMEMBERED
        self.told: dict[Part, Told] = {}
        self.signs: tuple[str, ...] = ()
        self._steps: list[tuple[Part, Told | None]] = []  # each part, and what was told of it before
        self._problem = ""  # of the hand, when it was asked last

    @property
    def label(self) -> str | None:
        """What the user said that the drawing of one digit was."""
        return self.told[WHOLE].label if WHOLE in self.told else None

    @property
    def is_opening(self) -> bool:
        """Whether a hand will be there in a moment."""
        return self.hand is None and self.without_hand == OPENING

    @property
    def is_on(self) -> bool:
        """Whether a hand is in use and not switched off."""
        return self.hand is not None and self.hand.is_on

    def use(self, hand: "Hand | None", owner: str, problem: str = "") -> None:
        """Use a hand, or none; problem: why it could not be opened."""
        self.hand, self.owner = hand, owner
        self.without_hand = problem or A_GUEST
        self.forget_drawing()  # the next hand knows nothing of it
        self.find_signs()

    def switch(self) -> None:
        """Answer with what was taught, or without it."""
        if self.hand is not None:
            self.hand.is_on = not self.hand.is_on
            self.find_signs()

    def tell(self, example: Example, label: str) -> str:
        """Remember what a part was and return its label; raises UserError."""
        if self.hand is None:
            raise UserError(self.without_hand)
        before = self.told.get(example.part)
        name = self.hand.remember(example.picture, label, example.answer, example.strokes, before and before.name)
        label = checked(label)
        self.told[example.part] = Told(label, name)
        self._steps.append((example.part, before))
        self.find_signs()
        return label

    def can_undo(self) -> bool:
        """Tell whether something was told that can be taken back."""
        return bool(self._steps)

    def undo(self) -> None:
        """Take back what was told last; raises UserError."""
        if self.hand is None or not self._steps:
            return
        self.hand.undo()
        part, before = self._steps.pop()
        if before is None:
            del self.told[part]
        else:
            self.told[part] = before
        self.find_signs()

    def forget_drawing(self) -> None:
        """Forget what was told of the drawing on the canvas: it is another one."""
        self.told, self._steps = {}, []

    def new_problem(self) -> str:
        """Return why the hand could not be read just now; "" if it could, or if that was said before."""
        before, self._problem = self._problem, self.hand.problem if self.hand is not None else ""
        return self._problem if self._problem != before else ""

    def find_signs(self) -> None:
        """Look up which signs the hand knows."""
        drawings = self.hand.drawings() if self.hand is not None and self.is_on else []
        self.signs = tuple(sorted({drawing.label for drawing in drawings} - set(DIGITS)))

    def in_words(self) -> str:
        """Return whose hand is in use, and how much it knows; "" where there is none."""
        if self.hand is None:
            return "A guest: nothing is remembered." if self.owner == GUEST else ""
        if not self.hand.is_on:
            return f"{self.owner}'s hand is switched off."
        count, damaged = len(self.hand), self.hand.damaged
        left_out = f", {damaged:,} damaged" if damaged else ""
        return f"{self.owner}'s hand: {counted(count) if count else 'nothing taught yet'}{left_out}."


def counted(count: int) -> str:
    """Return a number of drawings in words."""
    return f"{count:,} drawing" if count == 1 else f"{count:,} drawings"
