"""The examples: each is read as what it is, and fits where it is put."""

import numpy as np
import pytest

from digits.drawing import examples, ink
from digits.drawing.canvas import CELLS
from digits.models import loading
from digits.sheets import reading


@pytest.mark.parametrize("digit", range(10))
def test_an_example_lies_in_the_middle_of_the_canvas_and_is_read_surely(digit):
    strokes = examples.digits()[digit]
    points = np.concatenate(strokes)
    assert (points.min(axis=0) + points.max(axis=0)) / 2 == pytest.approx([CELLS / 2, CELLS / 2], abs=0.2)
    assert 0 < points.min() < points.max() < CELLS
    answer = loading.load().classify(ink.normalize(strokes))
    assert (answer.digit, answer.is_sure) == (digit, True)


def test_the_sample_sheet_is_read_as_it_is_written():
    sheet = reading.read(examples.sheet(), "sheet.png", loading.load())
    assert tuple(sheet.text.splitlines()) == examples.SHEET
