"""The records of answered drawings: what is written comes back, and anything else is one clear error."""

import json

import numpy as np
import pytest

from digits.drawing.signs import Sign
from digits.recognition import records
from digits.recognition.classifier import Answer
from digits.recognition.records import DigitRecord, NumberRecord, RecordError, Told
from digits.recognition.segmentation import Reading

ANSWER = Answer(7, 0.91, (0.01,) * 7 + (0.91, 0.01, 0.01))
UNSURE = ANSWER._replace(digit=2, is_sure=False)
STROKES = [np.array([[1.23456, 2.0], [3.0, 4.0]], np.float32), np.array([[5.0, 6.0]])]
ROUNDED = [[[1.235, 2.0], [3.0, 4.0]], [[5.0, 6.0]]]
DIGIT = DigitRecord(1780000000.5, ANSWER, STROKES)
NUMBER = NumberRecord(
    5.0, [Reading((0,), (1.0, 2.0, 3.0, 4.0), UNSURE), Reading((1,), (5.0, 6.0, 5.0, 6.12345), ANSWER)], STROKES
)
DIGIT_JSON = {
    "time": 1780000000.5,
    "digit": 7,
    "confidence": 0.91,
    "probabilities": list(ANSWER.probabilities),
    "is_sure": True,
    "strokes": ROUNDED,
}
NUMBER_JSON = {
    "time": 5.0,
    "number": "27",
    "digits": [
        {**UNSURE.to_json(), "places": [0], "box": [1.0, 2.0, 3.0, 4.0]},
        {**ANSWER.to_json(), "places": [1], "box": [5.0, 6.0, 5.0, 6.123]},
    ],
    "strokes": ROUNDED,
}
TOLD_JSON = {
    **NUMBER_JSON,
    "digits": [NUMBER_JSON["digits"][0], {**NUMBER_JSON["digits"][1], "label": "+", "remembered": "a.json"}],
}


def as_text(record: DigitRecord | NumberRecord) -> str:
    return json.dumps(record.to_json())


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        (DIGIT, DIGIT_JSON),
        (DigitRecord(*DIGIT[:3], label="3"), {"label": 3, **DIGIT_JSON}),
        (DigitRecord(*DIGIT[:3], label="+", name="a.json"), {"label": "+", "remembered": "a.json", **DIGIT_JSON}),
        (NUMBER, NUMBER_JSON),
        (NUMBER._replace(told={1: Told("+", "a.json")}), TOLD_JSON),
    ],
    ids=["digit", "labelled digit", "remembered digit", "number", "corrected number"],
)
def test_a_record_comes_back_as_it_was_written(record, expected):
    text = as_text(record)
    assert text == json.dumps(expected)  # in this order, too
    again = records.from_json(json.loads(text))
    assert type(again) is type(record)
    assert as_text(again) == text


def test_a_record_says_what_was_drawn_and_answered():
    digit = DigitRecord.from_json({"label": 3, **DIGIT_JSON})
    assert (digit.time, digit.answer, digit.label) == (1780000000.5, ANSWER, "3")
    assert [(stroke.dtype, stroke.tolist()) for stroke in digit.strokes] == [(np.float64, points) for points in ROUNDED]
    number = NumberRecord.from_json(NUMBER_JSON)
    assert number.digits == [Reading((0,), (1.0, 2.0, 3.0, 4.0), UNSURE), Reading((1,), (5.0, 6.0, 5.0, 6.123), ANSWER)]
    assert [stroke.tolist() for stroke in number.strokes] == ROUNDED


def test_a_record_that_does_not_say_whether_it_is_sure_is():
    assert DigitRecord.from_json({key: value for key, value in DIGIT_JSON.items() if key != "is_sure"}).answer.is_sure


def error_of(record: object) -> str:
    """Return what is wrong with a record, "" if nothing is."""
    try:
        records.from_json(record)
    except RecordError as error:
        return str(error)
    return ""


def nested(depth: int) -> list:
    value: list = []
    for _ in range(depth):
        value = [value]
    return value


NOWHERE = (None, "7", [], {}, True)
NOT_NUMBERS = (*NOWHERE, -1, float("nan"), float("inf"), 10**400)
NOT_DIGITS = (*NOT_NUMBERS, 10, 7.0)
PROBABILITIES = DIGIT_JSON["probabilities"]
DAMAGED = {
    "label": [*(value for value in NOT_DIGITS if value not in (None, "7")), "", "a\nb", "thirteen chars"],
    "signs": [True, "+", ["+"], [["+"]], [["+", 2]]],
    "source": [True, 7, "s" * 300],
    "remembered": [True, 7, "s" * 300],
    "picture": [None, 7, [], ["00" * 28], ["00" * 27] * 28, ["word"] * 28],
    "time": [*NOT_NUMBERS, 1e10],
    "digit": NOT_DIGITS,
    "confidence": [*NOT_NUMBERS, 1.01],
    "probabilities": [*NOWHERE, PROBABILITIES[:9], [*PROBABILITIES, 0.0]]
    + [[*PROBABILITIES[:9], value] for value in (*NOT_NUMBERS, 1.01)],
    "is_sure": (None, "true", 1),
    "strokes": [*NOWHERE, nested(10_000), ["ab"], [[[1, 2]], []]]
    + [[point_list] for point_list in ([[]], [[1, 2, 3]], [[1, 2], [3]], [1, 2], [[1, 2], None], [["1", "2"]])]
    + [[[[1, value]]] for value in (None, "2", float("nan"), float("inf"), 10**400, 2801, -2801, -(2**63))],
}
DAMAGED_DIGITS = {
    **{key: DAMAGED[key] for key in ("digit", "confidence", "probabilities", "is_sure", "remembered")},
    "places": [*NOWHERE, 0, [2], *([value] for value in NOT_DIGITS)],
    "box": [*NOWHERE, [1, 2, 3], [1, 2, 3, 4, 5]]
    + [[1, 2, 3, value] for value in (*NOWHERE, float("nan"), 10**400, 2801, -2801)],
}


@pytest.mark.parametrize("key", DAMAGED)
def test_a_damaged_record_is_one_clear_error(key):
    errors = [(value, error_of({**DIGIT_JSON, key: value})) for value in DAMAGED[key]]
    assert [value for value, error in errors if f'"{key}" must' not in error] == []


@pytest.mark.parametrize("key", DAMAGED_DIGITS)
def test_a_number_with_a_damaged_digit_is_one_clear_error(key):
    first, second = NUMBER_JSON["digits"]
    numbers = [(value, {**NUMBER_JSON, "digits": [first, {**second, key: value}]}) for value in DAMAGED_DIGITS[key]]
    assert [value for value, number in numbers if f'"{key}" must' not in error_of(number)] == []


@pytest.mark.parametrize("key", [*DIGIT_JSON, *NUMBER_JSON])
def test_a_record_without_one_of_its_fields_is_an_error(key):
    for whole in (DIGIT_JSON, NUMBER_JSON):
        if key in whole and key not in ("is_sure", "number"):
            with pytest.raises(RecordError, match=f'"{key}" must'):
                records.from_json({name: value for name, value in whole.items() if name != key})


@pytest.mark.parametrize("record", [None, 7, "record", [], {}, [DIGIT_JSON], {"number": "7"}, nested(10_000)])
def test_what_is_no_record_at_all_is_an_error(record):
    said = "must be" if isinstance(record, dict) else '"record" must be a JSON object'
    for read in (records.from_json, DigitRecord.from_json, NumberRecord.from_json):
        with pytest.raises(RecordError, match=said):
            read(record)


@pytest.mark.parametrize("digits", [*NOWHERE, [None], [[]], [7]])
def test_a_number_without_digits_is_an_error(digits):
    with pytest.raises(RecordError, match='"digits" must'):
        NumberRecord.from_json({**NUMBER_JSON, "digits": digits})


def test_the_signs_of_a_number_come_back():
    sign = Sign("-", (1.0, 9.0, 4.0, 10.0))
    record = NumberRecord(1.0, [Reading((1,), (6.0, 2.0, 9.0, 20.0), ANSWER, sign)], [np.ones((2, 2)), np.ones((2, 2))])
    written = record.to_json()
    assert written["number"] == f"-{ANSWER.text}"
    assert NumberRecord.from_json(json.loads(json.dumps(written))).digits == record.digits


@pytest.mark.parametrize(
    "before", ["-", {"sign": "x", "box": [0, 0, 1, 1]}, {"sign": [], "box": [0, 0, 1, 1]}, {"sign": "-"}]
)
def test_a_sign_that_is_none_is_refused(before):
    record = NumberRecord(1.0, [Reading((0,), (6.0, 2.0, 9.0, 20.0), ANSWER)], [np.ones((2, 2))]).to_json()
    record["digits"][0]["before"] = before
    with pytest.raises(RecordError):
        NumberRecord.from_json(record)
