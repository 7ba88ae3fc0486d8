"""The classifier: one 28x28 picture in, ten probabilities out, in a millisecond and without TensorFlow."""

import threading
from pathlib import Path
from typing import NamedTuple, Protocol

import numpy as np

from digits.drawing import ink
from digits.recognition.calibration import MAJORITY, odds, soften
from digits.system.native_stderr import native_stderr_silenced

SURE = 0.9995  # a probability that would round to 100 % is stated as "over 99.9 %"
LEAST_ODDS = 3.0  # of the digit against the next, below which an answer is not sure, where the card does not say
SPACED_OR = "\N{NO-BREAK SPACE}or\N{NO-BREAK SPACE}"
LIKELY = 0.15  # probability from which on a digit is named as one that it could be


def stated(probability: float) -> str:
    """Return a probability as people are told it: 0.9841 is "98.4 %", and nothing is ever "100 %"."""
    return f"{100 * probability:.1f}\N{NO-BREAK SPACE}%" if probability < SURE else "over 99.9\N{NO-BREAK SPACE}%"


def stated_shortly(probability: float) -> str:
    """Return a probability for a caption, in whole per cent and rounded down: nothing is "100%"."""
    return f"{min(int(100 * probability), 99)}%"


class Recognizer(Protocol):
    """What answers a picture, uint8 (28, 28): a `Classifier`, or something in its place."""

    def classify(self, picture: np.ndarray, /) -> "Answer":
        """Return the answer to a picture."""
        ...


class Answer(NamedTuple):
    """What the classifier makes of a picture: the digit, its probability, all ten, and whether it is sure of it."""

    digit: int
    confidence: float
    probabilities: tuple[float, ...]
    is_sure: bool = True

    @property
    def candidates(self) -> tuple[int, ...]:
        """The digit, if it is sure; else the one or two likeliest, or none where all are unlikely."""
        if self.is_sure:
            return (self.digit,)
        likeliest = sorted(range(10), key=lambda digit: -self.probabilities[digit])[:2]
        if self.confidence >= MAJORITY:  # it is the next one that casts the doubt
            return tuple(likeliest)
        return tuple(digit for digit in likeliest if self.probabilities[digit] >= LIKELY)

    @property
    def doubt(self) -> str:
        """What people are told in place of a digit when it is not sure."""
        if not self.candidates:
            return "not sure: is it a digit?"
        return f"not sure: {SPACED_OR.join(map(str, self.candidates))}?"


class Interpreter:
    """A .tflite model in memory: float32 (1, 28, 28, 1) in [0, 1] -> float32 (1, 10) probabilities."""

    def __init__(self, content: bytes):
        from ai_edge_litert.interpreter import Interpreter as LiteRT  # late: the window opens before it

        with native_stderr_silenced():  # it announces its delegate
            self._runner = LiteRT(model_content=content, num_threads=1)  # a second thread brings nothing here
            self._runner.allocate_tensors()
        self._input = self._runner.get_input_details()[0]["index"]
        self._output = self._runner.get_output_details()[0]["index"]
        self._lock = threading.Lock()  # one interpreter serves all sessions of the page
        self._content = content

    def __reduce__(self) -> tuple:
        """Have another process load the model anew: what runs it cannot go there."""
        return Interpreter, (self._content,)

    def __call__(self, picture: np.ndarray) -> np.ndarray:
        """Return the ten probabilities of one picture; callable from any thread."""
        with self._lock:
            self._runner.set_tensor(self._input, picture)
            self._runner.invoke()
            return self._runner.get_tensor(self._output)


class Classifier:
    """Answers pictures with calibrated probabilities."""

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
