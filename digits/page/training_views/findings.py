"""What came of an experiment, beside the plain training: a few sentences with the numbers of both."""

from collections.abc import Sequence

from digits.models.evaluation import in_percent
from digits.page.jobs.runs import Run
from digits.training.presets import LEFT_OUT, Experiment

NAMED = 3  # answers to a digit that was left out
CLOSE = 0.002  # of two accuracies: less is no difference


def finding(experiment: Experiment, plain: Run, run: Run, confusion: Sequence[Sequence[int]] = ()) -> str:
    """Return what came of an experiment; confusion: how its network answered the test digits, if that is known."""
    numbers = compare(plain, run)
    called = calls(confusion, run.configuration.left_out) if experiment.name == LEFT_OUT.name else ""
    return " ".join(filter(None, (numbers, called, experiment.finding)))


def compare(plain: Run, run: Run) -> str:
    """Return how many test digits both runs read."""
    if run.test_accuracy is None:
        return f"It learned nothing that could be kept. {run.failure}".strip()
    if plain.test_accuracy is None:
        return f"Test accuracy: {in_percent(run.test_accuracy)}."
    difference = run.test_accuracy - plain.test_accuracy
    how = "about the same" if abs(difference) < CLOSE else _points(difference)
    both = in_percent(run.test_accuracy), in_percent(plain.test_accuracy)
    return f"Test accuracy: {both[0]}, and {both[1]} without the change: {how}."


def calls(confusion: Sequence[Sequence[int]], digit: int | None) -> str:
    """Return what a network calls a digit that it has never seen."""
    if digit is None or not confusion or not sum(confusion[digit]):
        return ""
    row = confusion[digit]
    likeliest = sorted(range(10), key=lambda answer: -row[answer])[:NAMED]
    named = [f"{in_percent(row[answer] / sum(row), 0)} a {answer}" for answer in likeliest if row[answer]]
    return f"Of the {sum(row):,} test digits that are a {digit}, it calls {', '.join(named)}."


def _points(difference: float) -> str:
    return f"{100 * abs(difference):.1f} points {'higher' if difference > 0 else 'lower'}"
