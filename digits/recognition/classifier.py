"""The classifier: from a picture of 28x28 pixels to ten probabilities, in a millisecond and without TensorFlow."""

import threading
from pathlib import Path
from typing import NamedTuple, Protocol

import numpy as np

from digits.drawing import ink
from digits.recognition.calibration import MAJORITY, odds, soften
from digits.system.output import native_stderr_silenced

MOST_STATED = 0.999  # of a probability that is shown: nothing is certain
LEAST_ODDS = 3.0  # of the digit against the next, below which an answer is not sure, unless the model card says
SPACED_OR = "\N{NO-BREAK SPACE}or\N{NO-BREAK SPACE}"
LIKELY = 0.15  # a digit of at least this probability is named as one that it could be


def percent(probability: float) -> str:
    """Return a probability in words: 0.9841 is "98.4 %", and nothing is more than "99.9 %"."""
    return f"{100 * min(probability, MOST_STATED):.1f}\N{NO-BREAK SPACE}%"


class Recognizer(Protocol):
    """What answers a picture, uint8 (28, 28): a `Classifier`, or something in its place."""

    def classify(self, picture: np.ndarray, /) -> "Answer":
        """Return the answer to a picture."""
        ...


class Answer(NamedTuple):
    """What the classifier returns: the likeliest digit, how sure it is of its answer, and the probabilities of all ten.

    signs: the labels beside the ten digits that were taught, each with its probability, in order. `confidence` is that
    of `text`, which is one of them where it is likelier than any digit.
    source: the name of the remembered drawing that the answer goes by, where the network alone would answer otherwise.
    """

    digit: int
    confidence: float
    probabilities: tuple[float, ...]
    is_sure: bool = True
    signs: tuple[tuple[str, float], ...] = ()
    source: str | None = None

    @property
    def text(self) -> str:
        """What is answered: a digit or a sign that was taught."""
        sign, share = max(self.signs, key=lambda sign: sign[1], default=("", 0.0))
        return sign if share > self.probabilities[self.digit] else str(self.digit)

    @property
    def candidates(self) -> tuple[int | str, ...]:
        """The digit or sign, if the answer is sure; else the one or two likeliest, or none where all are unlikely."""
        if self.is_sure:
            return (self.digit if self.text == str(self.digit) else self.text,)
        likeliest = sorted([*enumerate(self.probabilities), *self.signs], key=lambda each: -each[1])[:2]
        least = 0.0 if self.confidence >= MAJORITY else LIKELY  # it is not sure because of the next one
        return tuple(label for label, share in likeliest if share >= least)

    @property
    def words(self) -> str:
        """The answer as it is said: "3", "3, as you taught it", or the doubt."""
        return (
            f"{self.text}, as you taught it"
            if self.is_sure and self.source
            else self.text
            if self.is_sure
            else self.doubt
        )

    def to_json(self) -> dict:
        """Return the fields of a record; those of the memory only where it has something to say."""
        signs = {"text": self.text, "signs": [list(sign) for sign in self.signs]} if self.signs else {}
        source = {"source": self.source} if self.source else {}
        return {
            "digit": self.digit,
            "confidence": self.confidence,
            "probabilities": list(self.probabilities),
            "is_sure": self.is_sure,
            **signs,
            **source,
        }

    @property
    def doubt(self) -> str:
        """What is shown in place of the digit when the answer is not sure."""
        if not self.candidates:
            return "not sure: is it a digit?"
        return f"not sure: {SPACED_OR.join(map(str, self.candidates))}?"


class Interpreter:
    """A .tflite model in memory: float32 (1, 28, 28, 1) in [0, 1] -> float32 (1, 10) probabilities."""

    def __init__(self, content: bytes):
        from ai_edge_litert.interpreter import Interpreter as LiteRT  # late: the window opens before it

        with native_stderr_silenced():  # it names its delegate
            self._runner = LiteRT(model_content=content, num_threads=1)  # a second thread does not help
            self._runner.allocate_tensors()
        details = self._runner.get_input_details()[0]
        self._input, self._shape = details["index"], tuple(details["shape"].tolist())
        self._outputs = [details["index"] for details in self._runner.get_output_details()]
        self._lock = threading.Lock()  # one interpreter serves all sessions of the page
        self._content = content

    def __reduce__(self) -> tuple:
        """Pickle the model's content: the runner itself cannot be sent to another process."""
        return Interpreter, (self._content,)

    def __call__(self, picture: np.ndarray) -> np.ndarray:
        """Return the ten probabilities of one picture; callable from any thread."""
        return self.outputs(picture)[0]

    def outputs(self, picture: np.ndarray) -> list[np.ndarray]:
        """Return all outputs of the model for one picture, the probabilities first; callable from any thread."""
        with self._lock:
            if picture.shape != self._shape:  # of a network that takes any width
                self._runner.resize_tensor_input(self._input, picture.shape)
                self._runner.allocate_tensors()
                self._shape = picture.shape
            self._runner.set_tensor(self._input, picture)
            self._runner.invoke()
            return [self._runner.get_tensor(output) for output in self._outputs]


class Classifier:
    """Classifies pictures with calibrated probabilities."""

    def __init__(self, tflite: Path, temperature: float = 1.0, least_odds: float = LEAST_ODDS):
        self.content = Path(tflite).read_bytes()
        self.temperature = temperature
        self.least_odds = least_odds
        self._interpreter = Interpreter(self.content)

    def classify(self, picture: np.ndarray) -> Answer:
        """Return the answer to one picture, uint8 (28, 28)."""
        return self.answer(soften(self._interpreter(ink.network_input(picture))[0], self.temperature))

    def answer(self, probabilities: np.ndarray) -> Answer:
        """Return the answer that ten calibrated probabilities are."""
        digit = int(probabilities.argmax())
        is_sure = bool(odds(probabilities) >= self.least_odds)
        return Answer(digit, float(probabilities[digit]), tuple(map(float, probabilities)), is_sure)
