"""The state of the window, and the actions that change it. It knows no window and no picture."""

from pathlib import Path
from typing import NamedTuple

import numpy as np

from digits.canvas import Canvas
from digits.classifier import Answer, Classifier
from digits.results import append_record, classification


class Message(NamedTuple):
    """A sentence to the user; an error is shown as one."""

    text: str
    is_error: bool = False


WELCOME = Message("Draw a digit, 0 to 9, anywhere and in any size.")
EMPTY = Message("Nothing is drawn yet. Draw a digit on the grid, then press Classify.")
DOT = Message("That is only a dot. Draw the whole digit, in one stroke or several.")


class State:
    """A canvas, the classifier once it is there, and what the user is told.

    `answer` is the answer to what is on the canvas now, or None; `message` is shown in its place.
    `hovered` and `pressed` name the button under the pointer and the button held down.
    """

    def __init__(self, results: Path | None = None, loading: str = "Getting ready ..."):
        self.canvas = Canvas()
        self.classifier: Classifier | None = None
        self.answer: Answer | None = None
        self.message = WELCOME
        self.hovered: str | None = None
        self.pressed: str | None = None
        self.failure: str | None = None
        self._loading = Message(loading)
        self._classify_when_ready = False
        self._results = results

    def press(self, x: float, y: float) -> None:
        """Begin a stroke at a canvas position in cells; what was answered before no longer holds."""
        self.answer = None
        if not self.failure:
            self.message = WELCOME
        self.canvas.press(x, y)

    def reset(self) -> None:
        """Empty the canvas."""
        self.canvas.clear()
        self.answer = None
        self._classify_when_ready = False
        self.message = Message(self.failure, True) if self.failure else WELCOME

    def classify(self) -> None:
        """Answer what is drawn and record the answer; a word to the user where there is nothing to answer."""
        self.canvas.release()
        if self.failure:
            self.message = Message(self.failure, True)
        elif self.canvas.is_empty():
            self.message = EMPTY
        elif self.canvas.is_dot():
            self.message = DOT
        elif self.classifier is None:
            self._classify_when_ready = True
            self.message = self._loading
        else:
            self.answer = self.classifier.classify(self.canvas.picture())
            self._record(self.answer)

    def model_loaded(self, classifier: Classifier) -> None:
        """Take the classifier; answer at once if that was asked for before."""
        self.classifier = classifier
        if self._classify_when_ready:
            self._classify_when_ready = False
            self.classify()
        elif self.message == self._loading:
            self.message = WELCOME

    def model_loading(self) -> None:
        """Say that the model takes its time."""
        self.message = self._loading

    def model_failed(self, sentence: str) -> None:
        """Say for the rest of the session why nothing can be answered."""
        self.failure = sentence
        self.message = Message(sentence, True)

    def _record(self, answer: Answer) -> None:
        if self._results is None:
            return
        try:
            append_record(self._results, classification(answer, [np.array(s) for s in self.canvas.strokes]))
        except OSError as error:
            self.message = Message(f"This answer was not written to {self._results.name} ({error.strerror}).", True)
        else:
            self.message = WELCOME
