"""The content of a pad: strokes arrive as they were drawn, and what is none, or too much, is refused in a sentence."""

import numpy as np
import pytest

from digits.drawing import pad_content
from digits.drawing.canvas import CELLS, WIDE
from digits.system.files import UserError

SEVEN = [[[5, 5], [20.5, 5], [10, 25]]]


def payload(strokes: object = SEVEN, version: object = 3, columns: object = CELLS) -> dict:
    return {"version": version, "columns": columns, "strokes": strokes}


def test_strokes_arrive_as_they_were_drawn():
    sent = payload([[[0, 0], [28, 28]], [[1.25, 2.5]]], pad_content.MAX_VERSION)
    sheet = pad_content.parse(sent)
    assert (sheet.version, sheet.columns, sheet.is_number) == (pad_content.MAX_VERSION, CELLS, False)
    assert [stroke.tolist() for stroke in sheet.strokes] == [[[0, 0], [28, 28]], [[1.25, 2.5]]]
    assert {stroke.dtype for stroke in sheet.strokes} == {np.dtype(np.float64)}


def test_a_wide_canvas_is_a_number_and_reaches_farther():
    assert pad_content.parse(payload([[[84, 28]]], columns=WIDE)).is_number
    with pytest.raises(UserError):
        pad_content.parse(payload([[[84, 28]]], columns=CELLS))


@pytest.mark.parametrize(
    "sent",
    [
        None,
        "strokes",
        [],
        {},
        {"version": 1, "columns": CELLS},
        payload(version="1"),
        payload(version=True),
        payload(version=-1),
        payload(version=pad_content.MAX_VERSION + 1),
        payload(columns=29),
        payload(columns=[CELLS]),
        payload(None),
        payload("ab"),
        payload({"0": [[1, 2]]}),
        payload([1]),
        payload([[]]),
        payload([[1, 2]]),
        payload([[[1, 2, 3]]]),
        payload([[[1, 2], [3]]]),
        payload([[["1", "2"]]]),
        payload([[[None, 2]]]),
        payload([[[True, False]]]),
        payload([[[float("nan"), 2]]]),
        payload([[[float("inf"), 2]]]),
        payload([[[10**400, 2]]]),
        payload([[[-0.01, 2]]]),
        payload([[[2, 28.01]]]),
        payload([{"x": 1, "y": 2}]),
    ],
)
def test_what_is_no_drawing_is_refused_in_a_sentence(sent):
    with pytest.raises(UserError, match="reload it and draw again"):
        pad_content.parse(sent)


@pytest.mark.parametrize(
    ("strokes", "found"),
    [
        ([[[1, 1]]] * (pad_content.MAX_STROKES + 1), "101 strokes and at most 100"),
        ([[[1, 1]] * (pad_content.MAX_POINTS + 1)], "5001 points and at most 5000"),
        ([[[0, 0], [28, 28]] * 20] * 2, "3089 cells of ink and at most 1500"),
    ],
    ids=["strokes", "points", "length"],
)
def test_more_than_the_pad_holds_is_refused_with_a_way_out(strokes, found):
    with pytest.raises(UserError, match=f"{found}; press Undo or Clear"):
        pad_content.parse(payload(strokes))


def test_as_much_as_the_pad_holds_is_taken():
    points = pad_content.MAX_POINTS // pad_content.MAX_STROKES
    step = pad_content.MAX_LENGTH / pad_content.MAX_STROKES / points
    stroke = [[1 + step * place, 1] for place in range(points)]
    assert len(pad_content.parse(payload([stroke] * pad_content.MAX_STROKES)).strokes) == pad_content.MAX_STROKES
