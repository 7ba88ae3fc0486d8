"""Records: answered drawings as JSON objects, as the window, the page and the collection write and read them.

The window (`recognition.py --results FILE`) appends one line to FILE for every answer. For one digit:
    {"time": 1780000000.0, "digit": 7, "confidence": 0.98, "probabilities": [ten of them], "is_sure": true,
     "strokes": [[[x, y], ...]]}
For a number, with the indices of each digit's strokes and its box in cells:
    {"time": ..., "number": "2026", "digits": [{"digit": 2, "confidence": ..., "probabilities": ..., "is_sure": ...,
     "places": [0], "box": [left, top, right, bottom]}, ...], "strokes": ...}
A digit after a sign, as in "-5" and "3.14", has "before": {"sign": "-", "box": [left, top, right, bottom]}, too.
When the user then tells what it was, or takes that back, the record is appended once more, with the same time. The
drawing, or each digit of a number that was told, has a "label" then, and "remembered", its name in the collection.
A file of the collection is one record of a digit, with the label in front: {"label": 7, "time": ..., ...}; the label of
a sign that is no digit is a text, and what came from an image has its "picture", 28 rows of two hexadecimal digits for
each pixel, and no strokes. Where signs were taught, an answer has its "text" and their "signs"; where it goes by a
remembered drawing, that one's name is its "source" (`Answer`).
time in seconds since 1970, strokes in cells of the canvas, x to the right and y down.
"""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

import numpy as np

from digits.drawing import ink
from digits.drawing.canvas import CELLS
from digits.drawing.ink import SIZE, Stroke
from digits.drawing.signs import SIGNS, Box, Sign
from digits.recognition.classifier import Answer
from digits.recognition.labels import DIGITS, checked
from digits.recognition.segmentation import Reading
from digits.system.files import UserError

MAX_TIME = 9e9  # seconds since 1970, in the year 2255; pandas' calendar ends soon after
LONGEST_NAME = 255  # characters of a file's
MAX_COORDINATE = 100 * CELLS  # cells from the canvas' corner


class RecordError(ValueError):
    """What was read is not the record of an answered drawing; the text names the field at fault."""


class Told(NamedTuple):
    """What the user says that a drawing was, and the name by which it is remembered."""

    label: str
    name: str


class DigitRecord(NamedTuple):
    """A drawing of one digit and its answer."""

    time: float  # seconds since 1970
    answer: Answer
    strokes: Sequence[Stroke]  # float (n, 2) each, in cells
    label: str | None = None  # what the user says it was
    scan: np.ndarray | None = None  # uint8 (28, 28), of what came from an image and has no strokes
    name: str | None = None  # by which it is remembered

    @property
    def picture(self) -> np.ndarray:
        """What the network sees of it, uint8 (28, 28)."""
        return ink.normalize(self.strokes) if self.scan is None else self.scan

    def to_json(self) -> dict:
        """Return the record as a JSON object; coordinates are rounded to 0.001 cells."""
        label = {} if self.label is None else _label_to_json(self.label, self.name)
        drawn = {"strokes": _strokes_to_json(self.strokes)} if self.scan is None else _picture_to_json(self.scan)
        return {**label, "time": self.time, **self.answer.to_json(), **drawn}

    @classmethod
    def from_json(cls, record: object) -> "DigitRecord":
        """Return what `to_json` wrote; raises RecordError for anything else."""
        fields = _object(record, "record")
        label = fields.get("label")
        scan = _picture_from_json(fields["picture"]) if "picture" in fields else None
        return cls(
            _number(fields.get("time"), "time", MAX_TIME),
            _answer_from_json(fields),
            _strokes_from_json(fields) if scan is None else (),
            None if label is None else _label(label),
            scan,
            _name_from_json(fields, "remembered"),
        )


class NumberRecord(NamedTuple):
    """A drawing of a number and the answers to its digits, from left to right."""

    time: float  # seconds since 1970
    digits: Sequence[Reading]  # at least one
    strokes: Sequence[Stroke]  # float (n, 2) each, in cells
    told: Mapping[int, Told] = MappingProxyType({})  # by the places of the digits that the user told

    def to_json(self) -> dict:
        """Return the record as a JSON object; coordinates are rounded to 0.001 cells."""
        digits = [
            {**answer.to_json(), "places": list(places), "box": _rounded(box), **_sign_to_json(sign)}
            for places, box, answer, sign in self.digits
        ]
        for place, told in self.told.items():
            digits[place] |= _label_to_json(*told)
        text = "".join(digit.text for digit in self.digits)
        return {"time": self.time, "number": text, "digits": digits, "strokes": _strokes_to_json(self.strokes)}

    @classmethod
    def from_json(cls, record: object) -> "NumberRecord":
        """Return what `to_json` wrote; raises RecordError for anything else."""
        fields = _object(record, "record")
        strokes = _strokes_from_json(fields)
        found = _filled_list(fields, "digits")
        digits = [_reading_from_json(digit, len(strokes)) for digit in found]
        told = {place: told for place, digit in enumerate(found) if (told := _told_from_json(digit))}
        return cls(_number(fields.get("time"), "time", MAX_TIME), digits, strokes, told)


def from_json(record: object) -> DigitRecord | NumberRecord:
    """Return the drawing of a record of either kind; raises RecordError for anything else."""
    return (NumberRecord if "number" in _object(record, "record") else DigitRecord).from_json(record)


def _answer_from_json(fields: dict) -> Answer:
    probabilities = _filled_list(fields, "probabilities")
    is_sure = fields.get("is_sure", True)  # the first collections do not say
    if len(probabilities) != 10:
        raise RecordError('"probabilities" must be ten numbers.')
    if not isinstance(is_sure, bool):
        raise RecordError('"is_sure" must be true or false.')
    return Answer(
        _whole_number(fields.get("digit"), "digit", 9),
        _number(fields.get("confidence"), "confidence", 1),
        tuple(_number(share, "probabilities", 1) for share in probabilities),
        is_sure,
        tuple(map(_sign_from_json, _filled_list(fields, "signs"))) if fields.get("signs") else (),
        _name_from_json(fields, "source"),
    )


def _sign_from_json(sign: object) -> tuple[str, float]:
    if not isinstance(sign, list) or len(sign) != 2:
        raise RecordError('"signs" must be pairs of a label and a probability.')
    return _label(sign[0]), _number(sign[1], "signs", 1)


def _name_from_json(fields: dict, key: str) -> str | None:
    name = fields.get(key)
    if name is not None and not (isinstance(name, str) and len(name) <= LONGEST_NAME):
        raise RecordError(f'"{key}" must be the name of a drawing.')
    return name


def _told_from_json(fields: dict) -> Told | None:
    name = _name_from_json(fields, "remembered")
    return None if name is None else Told(_label(fields.get("label")), name)


def _label_to_json(label: str, name: str | None) -> dict:
    remembered = {} if name is None else {"remembered": name}
    return {"label": int(label) if label in DIGITS else label, **remembered}


def _label(label: object) -> str:
    """Return a label, which a digit of 0 to 9 may stand for."""
    if not isinstance(label, str):
        return str(_whole_number(label, "label", 9))
    try:
        return checked(label)
    except UserError as error:
        raise RecordError(f'"label" must be a label. {error}') from error


def _picture_to_json(picture: np.ndarray) -> dict:
    return {"picture": [row.tobytes().hex() for row in np.asarray(picture, np.uint8)]}


def _picture_from_json(rows: object) -> np.ndarray:
    try:
        pixels = [bytes.fromhex(row) for row in rows]  # pyright: ignore[reportGeneralTypeIssues]
        return np.frombuffer(b"".join(pixels), np.uint8).reshape(SIZE, SIZE).copy()
    except (TypeError, ValueError) as error:
        raise RecordError(f'"picture" must be {SIZE} rows of {SIZE} pixels.') from error


def _reading_from_json(digit: object, num_strokes: int) -> Reading:
    fields = _object(digit, "digits")
    places = tuple(_whole_number(place, "places", num_strokes - 1) for place in _filled_list(fields, "places"))
    return Reading(places, _box_from_json(fields), _answer_from_json(fields), _written_from_json(fields.get("before")))


def _box_from_json(fields: dict) -> Box:
    sides = _filled_list(fields, "box")
    if len(sides) != 4:
        raise RecordError('"box" must be four numbers.')
    left, top, right, bottom = (_number(side, "box", MAX_COORDINATE, -MAX_COORDINATE) for side in sides)
    return left, top, right, bottom


def _written_from_json(before: object) -> Sign | None:
    """Return the sign that is written before a digit."""
    if before is None:
        return None
    fields = _object(before, "before")
    if fields.get("sign") not in SIGNS:
        raise RecordError(f'"sign" must be one of {", ".join(SIGNS)}.')
    return Sign(fields["sign"], _box_from_json(fields))


def _sign_to_json(sign: Sign | None) -> dict:
    return {} if sign is None else {"before": {"sign": sign.text, "box": _rounded(sign.box)}}


def _rounded(box: Box) -> list[float]:
    return [round(side, 3) for side in box]


def _strokes_to_json(strokes: Sequence[Stroke]) -> list[list[list[float]]]:
    return [[[round(float(x), 3), round(float(y), 3)] for x, y in stroke] for stroke in strokes]


def _strokes_from_json(fields: dict) -> tuple[Stroke, ...]:
    return tuple(map(_stroke_from_json, _filled_list(fields, "strokes")))


def _stroke_from_json(points: object) -> Stroke:
    try:
        stroke = np.array(points)
    except (ValueError, OverflowError, RecursionError) as error:  # lists of unequal lengths
        raise RecordError('"strokes" must be lists of pairs.') from error
    if stroke.dtype.kind not in "if" or stroke.ndim != 2 or stroke.shape[1] != 2 or not len(stroke):
        raise RecordError('"strokes" must be lists of pairs of numbers.')
    stroke = stroke.astype(np.float64)
    if not (np.abs(stroke) <= MAX_COORDINATE).all():  # nor is NaN
        raise RecordError(f'"strokes" must lie within {MAX_COORDINATE} cells.')
    return stroke


def _object(value: object, name: str) -> dict:
    if not isinstance(value, dict):
        raise RecordError(f'"{name}" must be a JSON object.')
    return value


def _filled_list(fields: dict, name: str) -> list:
    value = fields.get(name)
    if not isinstance(value, list) or not value:
        raise RecordError(f'"{name}" must be a list that is not empty.')
    return value


def _number(value: object, name: str, high: float, low: float = 0) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool) or not low <= value <= high:  # nor is NaN
        raise RecordError(f'"{name}" must be from {low} to {high:g}.')
    return float(value)


def _whole_number(value: object, name: str, high: int) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= high:
        raise RecordError(f'"{name}" must be a whole number from 0 to {high}.')
    return value
