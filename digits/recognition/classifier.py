"""The classifier: from a picture of 28x28 pixels to ten probabilities, in a millisecond and without TensorFlow."""

import threading
from pathlib import Path
from typing import NamedTuple, Protocol

import numpy as np

from digits.drawing import ink
from digits.recognition.calibration import MAJORITY, odds, soften
from digits.system.native_stderr import native_stderr_silenced

ROUNDED_TO_100 = 0.9995  # a probability from here on is written as "over 99.9 %"
LEAST_ODDS = 3.0  # of the digit against the next, below which an answer is not sure, unless the model card says
SPACED_OR = "\N{NO-BREAK SPACE}or\N{NO-BREAK SPACE}"
LIKELY = 0.15  # a digit of at least this probability is named as one that it could be


def percent(probability: float) -> str:
    """Return a probability in words: 0.9841 is "98.4 %", and nothing is ever "100 %"."""
    return (
        f"{100 * probability:.1f}\N{NO-BREAK SPACE}%"
        if probability < ROUNDED_TO_100
        else "over 99.9\N{NO-BREAK SPACE}%"
    )


def whole_percent(probability: float) -> str:
    """Return a probability for a caption, rounded down to whole per cent: 0.9841 is "98%", and nothing is "100%"."""
    return f"{min(int(100 * probability), 99)}%"


class Recognizer(Protocol):
    """What answers a picture, uint8 (28, 28): a `Classifier`, or something in its place."""

    def classify(self, picture: np.ndarray, /) -> "Answer":
        """Return the answer to a picture."""
        ...


class Answer(NamedTuple):
    """What the classifier returns: the digit, its probability, those of all ten digits, and whether it is sure."""

    digit: int
    confidence: float
    probabilities: tuple[float, ...]
    is_sure: bool = True

    @property
    def candidates(self) -> tuple[int, ...]:
        """The digit, if the answer is sure; else the one or two likeliest, or none where all are unlikely."""
        if self.is_sure:
            return (self.digit,)
        likeliest = sorted(range(10), key=lambda digit: -self.probabilities[digit])[:2]
        if self.confidence >= MAJORITY:  # it is not sure because of the next one
            return tuple(likeliest)
        return tuple(digit for digit in likeliest if self.probabilities[digit] >= LIKELY)

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
        self._input = self._runner.get_input_details()[0]["index"]
        self._output = self._runner.get_output_details()[0]["index"]
        self._lock = threading.Lock()  # one interpreter serves all sessions of the page
        self._content = content

    def __reduce__(self) -> tuple:
        """Pickle the model's content: the runner itself cannot be sent to another process."""
        return Interpreter, (self._content,)

    def __call__(self, picture: np.ndarray) -> np.ndarray:
        """Return the ten probabilities of one picture; callable from any thread."""
        with self._lock:
            self._runner.set_tensor(self._input, picture)
            self._runner.invoke()
            return self._runner.get_tensor(self._output)


class Classifier:
    """Classifies pictures with calibrated probabilities."""

    def __init__(self, tflite: Path, temperature: float = 1.0, least_odds: float = LEAST_ODDS):
        self.content = Path(tflite).read_bytes()
        self.temperature = temperature
        self.least_odds = least_odds
        self._interpreter = Interpreter(self.content)

    def classify(self, picture: np.ndarray) -> Answer:
        """Return the answer to one picture, uint8 (28, 28)."""
        raw = self._interpreter(ink.network_input(picture))[0]
        probabilities = soften(raw, self.temperature)
        digit = int(probabilities.argmax())
        is_sure = bool(odds(probabilities) >= self.least_odds)
        return Answer(digit, float(probabilities[digit]), tuple(map(float, probabilities)), is_sure)
