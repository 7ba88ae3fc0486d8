"""The history of a visitor's session: what an answer becomes, and the files it can be downloaded in."""

import csv
import io
import json
import zipfile

import numpy as np
import pytest
from PIL import Image

from benchmarks.support import template_digits
from digits.drawing import ink
from digits.page import history
from digits.page.drawing_views import AnsweredDrawing
from digits.page.history import HistoryEntry
from digits.recognition.classifier import Answer
from digits.recognition.records import DigitRecord, NumberRecord
from digits.recognition.segmentation import Reading

SEVEN = ink.normalize(template_digits.strokes(7))
SURE = Answer(7, 0.98, tuple(0.98 if digit == 7 else 0.02 / 9 for digit in range(10)))
UNSURE = Answer(4, 0.5, tuple({4: 0.5, 9: 0.4}.get(digit, 0.1 / 8) for digit in range(10)), is_sure=False)


def entry(
    answer: Answer = SURE, name: str = "a.png", time: float = 1780000000.0, label: str | None = None
) -> HistoryEntry:
    return HistoryEntry(time, "image", name, SEVEN, answer, label=label)


def rows(entries: list[HistoryEntry]) -> list[dict]:
    return list(csv.DictReader(io.StringIO(history.as_csv(entries))))


def test_a_digit_of_the_window_is_one_entry():
    (made,) = history.entries_of(
        AnsweredDrawing.from_record(DigitRecord(5.0, SURE, template_digits.strokes(7)).to_json()), "window"
    )
    assert (made.time, made.source, made.verdict, made.answer) == (5.0, "window", "7", SURE)
    np.testing.assert_array_equal(made.picture, SEVEN)


def test_a_number_is_one_entry_per_digit_each_with_its_own_picture():
    strokes = [*template_digits.strokes(7), *(stroke + np.array([20, 0]) for stroke in template_digits.strokes(4))]
    readings = [Reading((0,), (0, 0, 10, 16), SURE), Reading((1, 2), (20, 0, 30, 16), UNSURE)]
    first, second = history.entries_of(
        AnsweredDrawing.from_record(NumberRecord(5.0, readings, strokes).to_json()), "pad"
    )
    assert [first.name, second.name] == ["7? (1 of 2)", "7? (2 of 2)"]
    np.testing.assert_array_equal(first.picture, SEVEN)
    np.testing.assert_array_equal(second.picture, ink.normalize(template_digits.strokes(4)))


def test_the_latest_comes_first():
    assert [one.time for one in history.latest_first([entry(time=1.0), entry(time=3.0), entry(time=2.0)])] == [
        3.0,
        2.0,
        1.0,
    ]


@pytest.mark.parametrize(
    ("answer", "label", "verdict"),
    [
        (SURE, "1", "1"),
        (SURE, None, "7"),
        (UNSURE, "+", "+"),
        (UNSURE, None, UNSURE.doubt),
        (SURE._replace(source="a"), None, "7, as you taught it"),
    ],
)
def test_the_verdict_is_what_it_is_said_to_be_or_the_answer(answer, label, verdict):
    assert entry(answer, label=label).verdict == verdict


def test_the_table_can_be_read_back():
    (row,) = rows([entry(label="1")])
    assert (row["answer"], row["digit"], row["confidence"], row["sure"], row["corrected"]) == (
        "1",
        "7",
        "0.98",
        "True",
        "1",
    )
    assert row["name"] == "a.png"


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", *"\uff1d\uff0b\uff0d\uff20"])
def test_a_name_that_a_spreadsheet_would_run_is_defused(start):
    for before in ("", " ", "a;", "a; ", "a\n", "a\t"):
        name = f"{before}{start}HYPERLINK(1)"
        place = len(before.rstrip(" "))
        assert rows([entry(name=name)])[0]["name"] == f"{name[:place]}'{name[place:]}", repr(before)


def test_a_label_that_a_spreadsheet_would_run_is_defused():
    (row,) = rows([entry(label="=1+1")])
    assert (row["answer"], row["corrected"]) == ("'=1+1", "'=1+1")


@pytest.mark.parametrize("name", ["a=b+c-d@e.png", "7-1.png", "a, -1.png", "a;b.png"])
def test_a_name_that_no_spreadsheet_would_run_stays_as_it_is(name):
    assert rows([entry(name=name)])[0]["name"] == name


def test_names_with_commas_quotes_and_line_breaks_stay_one_cell():
    name = 'a, "b"\nc.png'
    assert rows([entry(name=name), entry()])[0]["name"] == name


def test_json_holds_everything():
    (told,) = json.loads(history.as_json([entry(UNSURE)]))
    assert told["probabilities"] == list(UNSURE.probabilities)
    assert told["sure"] is False
    np.testing.assert_array_equal(told["picture"], SEVEN)


def test_the_archive_has_the_table_and_a_picture_each_named_by_what_it_shows():
    entries = [entry(), entry(UNSURE), entry(UNSURE, label="9"), entry(label="../a"), entry(label="\u2665")]
    with zipfile.ZipFile(io.BytesIO(history.as_zip(entries))) as archive:
        assert archive.namelist() == [
            "answers.csv",
            "0001-7.png",
            "0002-unsure.png",
            "0003-9.png",
            "0004-___a.png",
            "0005-_.png",
        ]
        picture = np.asarray(Image.open(io.BytesIO(archive.read("0001-7.png"))))
    np.testing.assert_array_equal(picture, SEVEN)


def test_the_text_has_a_line_for_each():
    lines = history.as_text([entry(), entry(UNSURE)]).splitlines()
    assert len(lines) == 2
    assert "7  (98.0\N{NO-BREAK SPACE}%)  a.png" in lines[0]
    assert UNSURE.doubt in lines[1]
