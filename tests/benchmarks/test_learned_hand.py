"""The benchmark of a hand: its figures on digits made up for two writers, and what it counts as a repeated mistake."""

from argparse import Namespace
from pathlib import Path

import numpy as np
import pytest

from benchmarks.recognition import learned_hand
from benchmarks.support import pen_strokes
from digits.models import loading
from digits.recognition.classifier import Answer

OF_TABLE = {"again_before", "again_after", "right_before", "right_after", "mended", "broken"}


@pytest.fixture
def strokes(tmp_path) -> Path:
    """240 digits of two writers, one of whom writes every third 7 as others write a 2."""
    made = pen_strokes.made_up(240)
    labels = made.labels.copy()
    labels[2::30] = 7
    strokes = [stroke for digit in made.digits for stroke in digit]
    offsets = np.cumsum([0, *map(len, strokes)])
    np.savez(
        tmp_path / "strokes.npz",
        points=np.concatenate(strokes).astype(np.float32),
        stroke_offsets=offsets,
        digit_offsets=np.cumsum([0, *map(len, made.digits)]),
        label=labels,
        writer=np.array(["Ada", "Bo"])[np.arange(240) // 120],
        suspect=np.zeros(240, bool),
    )
    return tmp_path / "strokes.npz"


def test_all_figures_are_there_and_those_of_the_table_have_goals(strokes, monkeypatch):
    monkeypatch.setattr(learned_hand, "SIZES", (20, 30))
    monkeypatch.setattr(learned_hand, "TIMED", 5)
    monkeypatch.setattr(learned_hand, "ASKED", 4)
    monkeypatch.setattr(learned_hand, "LEAST_OF_EACH", 8)
    monkeypatch.setattr(learned_hand, "goals", lambda figures: {})
    figures = learned_hand.measure(Namespace(strokes=strokes, seed=0, model=loading.SHIPPED, trained=0))
    assert figures.keys() >= OF_TABLE
    assert figures["digits"] == 240
    assert (figures["right_before"], figures["again_before"]) == (pytest.approx(232 / 240, abs=0.01), 6)
    assert figures["after_five"]["writers"] == 2
    assert figures["signs"]["right"] > 0.8
    assert figures["time"].keys() == {"20", "30"}


def test_a_mistake_is_repeated_by_the_same_writer_with_the_same_digits():
    def read_as(digit: int) -> Answer:
        return Answer(digit, 1.0, tuple(float(each == digit) for each in range(10)))

    labels, writers = np.array([7, 7, 7, 7, 1, 7]), np.array(["a", "a", "b", "a", "a", "a"])
    answers = [read_as(digit) for digit in (2, 2, 2, 1, 2, 7)]
    digits = learned_hand.Digits(np.empty(0), labels, writers, [], answers)
    assert learned_hand.again(digits, answers) == 1
