"""The room of a class: who is in it, what is asked for, and everybody's latest drawing. It knows no server.

All of it is in memory, and gone with the class.
"""

import secrets
import unicodedata
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from digits.classroom import styles
from digits.classroom.signal import Signal
from digits.classroom.styles import Row, Style
from digits.drawing import ink, pad_content
from digits.drawing.canvas import DOT
from digits.drawing.prompts import ONLY_A_DOT
from digits.recognition.classifier import Answer, Recognizer, percent
from digits.recognition.labels import DIGITS
from digits.system.files import UserError
from digits.system.rate_limit import RateLimit

LETTERS = "ACDEFHJKMNPRTUVWXY"  # of a code: none that looks like another one, or like a numeral
CODE_LENGTH = 5
MOST_PUPILS = 60
LONGEST_NAME = 20  # characters
IN_NAMES = " -'.\N{RIGHT SINGLE QUOTATION MARK}"  # beside letters and numerals
DRAWINGS_A_MINUTE = 180  # of a pupil: three a second, as a pad sends them while it is drawn on
MOST_ROUNDS = 30  # that are kept until the class ends; the earliest are forgotten

FULL = f"This class is full: {MOST_PUPILS} have joined. Ask your teacher to remove somebody who has left."
UNKNOWN = "You are not in this class any more; join it again."
BAD_NAME = (
    f"A name has at most {LONGEST_NAME} letters, numerals, spaces, hyphens, apostrophes and full stops; "
    "choose another one, or leave it empty."
)


class Drawing(NamedTuple):
    """What a pupil drew: strokes float64 (n, 2) in cells, the picture uint8 (28, 28), its answer and its style."""

    strokes: list[ink.Stroke]
    picture: np.ndarray
    answer: Answer
    style: Style


class Pupil(NamedTuple):
    """Somebody in the room; version: of the latest change, by the room's signal."""

    number: int
    name: str
    drawing: Drawing | None = None
    is_hidden: bool = False
    version: int = 0


class Kept(NamedTuple):
    """A drawing of a round that is over, or not yet: who drew it, the picture uint8 (28, 28) and the answer."""

    name: str
    picture: np.ndarray
    answer: Answer


class Round(NamedTuple):
    """What was asked for, a digit or None for anything, what was drawn, and the tally of it."""

    asked: str | None
    drawings: list[Kept]
    tally: list[Row]


class Room:
    """A class. Its methods are called in one event loop; what `rounds` and `pupils` return may be read anywhere.

    classifier: answers the drawings.
    """

    def __init__(self, classifier: Recognizer):
        self.code = "".join(secrets.choice(LETTERS) for _ in range(CODE_LENGTH))
        self.key = secrets.token_urlsafe(16)  # the teacher's
        self.asked: str | None = None
        self.is_over = False
        self.changed = Signal()  # anything that the wall shows
        self.told = Signal()  # what pupils are told: a new round, and the end
        self._classifier = classifier
        self._pupils: dict[str, Pupil] = {}  # by their tokens
        self._rounds: list[Round] = []
        self._num_joined = 0
        self._rate = RateLimit(DRAWINGS_A_MINUTE)

    # Pupils

    def join(self, name: object) -> str:
        """Let somebody in and return the token by which they draw; raises UserError."""
        name = check_name(name)
        if len(self._pupils) >= MOST_PUPILS:
            raise UserError(FULL)
        self._num_joined += 1
        token = secrets.token_urlsafe(16)
        number = self._num_joined
        self._pupils[token] = Pupil(number, name or f"Pupil {number}", version=self.changed.send())
        return token

    def find(self, token: object) -> Pupil | None:
        """Return the pupil of a token."""
        return self._pupils.get(token) if isinstance(token, str) else None

    def draw(self, token: str, payload: object) -> dict:
        """Take what a pupil drew and return what their pad is to show (`frontend/pupil.js`).

        Raises UserError where the drawing is none, and TooManyRequestsError.
        """
        self._rate.take(token)
        content = pad_content.parse(payload)
        if content.is_number:
            raise UserError(pad_content.UNREADABLE)
        if ink.extent(content.strokes) < DOT:
            return {"version": content.version, "hint": ONLY_A_DOT if content.strokes else ""}
        picture = ink.normalize(content.strokes)
        answer = self._classifier.classify(picture)
        drawing = Drawing(content.strokes, picture, answer, styles.style_of(content.strokes, picture))
        self._change(token, drawing=drawing)
        shares = [round(share, 4) for share in answer.probabilities]
        return {"version": content.version, **in_words(answer), "shares": shares}

    def pupils(self) -> list[Pupil]:
        """Return all pupils in the order in which they came."""
        return list(self._pupils.values())

    # The teacher

    def ask(self, label: object) -> None:
        """Begin a round: everybody is asked for a digit, or for anything (None); raises UserError."""
        if label is not None and label not in DIGITS:
            raise UserError("Ask for one of the digits 0 to 9, or for anything.")
        if (ended := self._round()).drawings:
            self._rounds = [*self._rounds, ended][-MOST_ROUNDS:]
        self.asked = label if isinstance(label, str) else None
        version = self.changed.send()
        self._pupils = {token: pupil._replace(drawing=None, version=version) for token, pupil in self._pupils.items()}
        self.told.send()

    def hide(self, number: object, is_hidden: bool) -> None:
        """Take what a pupil draws off the wall, the tally and the files, or put it back."""
        for token in self._tokens(number):
            self._change(token, is_hidden=is_hidden)

    def remove(self, number: object) -> None:
        """Send a pupil out, and make room for another one."""
        for token in self._tokens(number):
            del self._pupils[token]
        self.changed.send()
        self.told.send()

    def end(self) -> None:
        """End the class and forget everything in it."""
        self.is_over = True
        self._pupils, self._rounds = {}, []
        self.changed.send()
        self.told.send()

    def rounds(self) -> list[Round]:
        """Return all rounds in which something was drawn, the present one last, without what is hidden."""
        return [each for each in (*self._rounds, self._round()) if each.drawings]

    def tally(self) -> list[Row]:
        """Return the tally of the present round."""
        shown = [pupil.drawing for pupil in self._shown()]
        return styles.tally(self.asked, [(drawing.answer, drawing.style) for drawing in shown if drawing])

    def _round(self) -> Round:
        kept = [Kept(each.name, each.drawing.picture, each.drawing.answer) for each in self._shown() if each.drawing]
        return Round(self.asked, kept, self.tally())

    def _shown(self) -> Iterator[Pupil]:
        return (pupil for pupil in self.pupils() if not pupil.is_hidden)

    def _tokens(self, number: object) -> list[str]:
        return [token for token, pupil in self._pupils.items() if pupil.number == number]

    def _change(self, token: str, **changes) -> None:
        self._pupils[token] = self._pupils[token]._replace(**changes, version=self.changed.send())


def check_name(name: object) -> str:
    """Return a name as it is shown, empty for none; raises UserError."""
    if not isinstance(name, str) or len(name) > 10 * LONGEST_NAME:
        raise UserError(BAD_NAME)
    tidy = " ".join(unicodedata.normalize("NFC", name).split())
    if len(tidy) > LONGEST_NAME or not all(unicodedata.category(each)[0] in "LMN" or each in IN_NAMES for each in tidy):
        raise UserError(BAD_NAME)
    return tidy


def in_words(answer: Answer) -> dict:
    """Return an answer as pads and wall say it."""
    return {
        "text": answer.text if answer.is_sure else answer.doubt.removeprefix("not sure: ").capitalize(),
        "words": f"{'' if answer.is_sure else 'at most '}{percent(answer.confidence)} sure",
        "is_sure": answer.is_sure,
    }
