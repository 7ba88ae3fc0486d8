"""The evaluation of a model: counted by hand on a few digits."""

import numpy as np

from digits.models.evaluation import Evaluation, confusion_matrix, differences, evaluate, in_percent, worst_mistakes
from digits.recognition.classifier import Answer

LABELS = np.array([0, 0, 1, 1, 1])


def probabilities(*answers: tuple[int, float]) -> np.ndarray:
    rows = np.full((len(answers), 10), 0.001)
    for row, (digit, share) in zip(rows, answers, strict=True):
        row[digit] = share
    return rows


PICTURES = np.arange(5, dtype=np.uint8)[:, None, None] * np.ones((28, 28), np.uint8)
MADE = Evaluation(PICTURES, LABELS, probabilities((0, 0.9), (1, 0.6), (1, 0.9), (0, 0.7), (0, 0.95)))


def test_accuracy_is_counted_over_all_and_per_digit():
    assert MADE.accuracy == 2 / 5
    assert MADE.per_digit == {0: 1 / 2, 1: 1 / 3}


def test_the_matrix_has_labels_in_rows():
    assert MADE.confusion[1, 0] == 2
    assert MADE.confusion[0, 1] == 1
    assert MADE.confusion.sum() == 5


def test_a_share_is_written_in_one_way_and_never_rounded_up_to_all():
    shares = [in_percent(share).replace("\N{NO-BREAK SPACE}", " ") for share in (0.0, 0.47, 0.9966, 0.99999, 1.0)]
    assert shares == ["0.00 %", "47.00 %", "99.66 %", "99.99 %", "100 %"]


def test_a_cell_gives_its_digits_the_surest_first():
    assert MADE.cell(1, 0).tolist() == [4, 3]
    assert MADE.cell(5, 5).tolist() == []


def test_the_hardest_give_the_label_the_least_probability():
    assert set(MADE.hardest(3).tolist()) == {1, 3, 4}
    assert len(MADE.hardest(1)) == 1


def test_two_models_are_compared_digit_by_digit():
    other = MADE._replace(probabilities=probabilities((1, 0.9), (1, 0.6), (1, 0.9), (1, 0.7), (1, 0.95)))
    counts = {"both right": 1, "only the first right": 1, "only the second right": 2, "both wrong": 1}
    assert list(differences(MADE, other).items()) == list(counts.items())  # the page relies on the order


def test_evaluating_asks_the_classifier_for_each_picture():
    class Echo:
        def classify(self, picture: np.ndarray) -> Answer:
            digit = int(picture[0, 0])
            return Answer(digit, 1.0, tuple(float(d == digit) for d in range(10)))

    assert evaluate(Echo(), PICTURES, LABELS).answers.tolist() == [0, 1, 2, 3, 4]


def test_the_rows_are_labels_and_the_columns_answers():
    counts = confusion_matrix(np.array([7, 7, 7, 2], np.uint8), np.array([7, 1, 1, 2]))
    assert counts[7, 7] == 1
    assert counts[7, 1] == 2
    assert counts[2, 2] == 1
    assert counts.sum() == 4


def test_the_worst_mistake_gives_the_label_the_least_probability():
    labels = np.array([1, 2, 3, 4])
    given = probabilities((1, 0.9), (5, 0.9), (5, 0.9), (5, 0.9))
    given[1, 2], given[2, 3], given[3, 4] = 0.3, 0.001, 0.1
    assert worst_mistakes(labels, given, 10).tolist() == [2, 3, 1]
    assert worst_mistakes(labels, given, 1).tolist() == [2]
