"""Trainings that are ready to start: three presets, and the experiments of a lesson, each with a question.

An experiment is the Classroom training with one setting changed, so that whatever differs comes of that setting.
Free of Keras.
"""

from dataclasses import replace
from typing import NamedTuple

from digits.training.configuration import Configuration


class Preset(NamedTuple):
    """A training for an occasion."""

    name: str  # in links and files
    title: str
    sentence: str
    configuration: Configuration


class Experiment(NamedTuple):
    """A training beside the plain one: the question is asked before it, the finding explains what came of it."""

    name: str
    title: str
    question: str
    finding: str
    configuration: Configuration


CLASSROOM = Preset(
    "classroom",
    "Classroom",
    "A small network learns to read digits while the class is watching.",
    Configuration(epochs=5, batch_size=64, digits=8000, network="small"),
)
GOOD = Preset(
    "good",
    "Good",
    "The small network learns from all of MNIST and misreads fewer than one digit in a hundred.",
    Configuration(epochs=5, network="small"),
)
FULL = Preset(
    "full",
    "Full",
    "The network that this project ships: it also learns hands and ways of writing that MNIST lacks.",
    Configuration(),
)
PRESETS = {preset.name: preset for preset in (CLASSROOM, GOOD, FULL)}


def _experiment(name: str, title: str, question: str, finding: str, **changed: float) -> Experiment:
    return Experiment(name, title, question, finding, replace(CLASSROOM.configuration, **changed))


NO_AUGMENTATION = _experiment(
    "no_augmentation",
    "Without augmentation",
    "Does a network that has only seen tidy digits read a crooked one?",
    "A network knows what it was shown: distorted digits cost time in training and make it read other hands.",
    augmentation=False,
)
FEW_DIGITS = _experiment(
    "few_digits",
    "100 digits only",
    "Are ten examples of each digit enough?",
    "How many are enough depends on how differently people write: ten of a digit show only a few of the ways.",
    digits=100,
)
HIGH_RATE = _experiment(
    "high_rate",
    "Ten times the learning rate",
    "What happens if it takes steps that are ten times as large?",
    "If the steps are too large, they jump across the valley instead of leading down into it.",
    learning_rate=10 * CLASSROOM.configuration.learning_rate,
)
LEFT_OUT = _experiment(
    "left_out",
    "No sevens",
    "What does it call a seven when it has never seen one?",
    'It has no way to say "something new": it calls a seven whatever looks most like one.',
    left_out=7,
)
WRONG_LABELS = _experiment(
    "wrong_labels",
    "A fifth of the labels wrong",
    "How good can a pupil become whose teacher is wrong one time in five?",
    "Wrong labels point in all directions and mostly cancel out: it learns more slowly and is less sure.",
    wrong_labels=0.2,
)
NO_CENTRING = _experiment(
    "no_centring",
    "Digits anywhere",
    "Is it harder to read digits that do not lie in the middle?",
    "It has to learn every digit at every place; centring each drawing first does that work for it.",
    centring=False,
)
EXPERIMENTS = {
    each.name: each for each in (NO_AUGMENTATION, FEW_DIGITS, HIGH_RATE, LEFT_OUT, WRONG_LABELS, NO_CENTRING)
}
