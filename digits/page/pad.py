"""The pad: a canvas in the page, for the mouse, a finger or a pen, that is answered while it is drawn on.

The browser (`assets/pad.js`) sends strokes, and the same classifier answers them as in the window. What it sends is a
stranger's, so nothing in it is believed before `parse` has looked at it.
"""

import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import streamlit as st

from digits.drawing import ink
from digits.drawing.canvas import CELLS, DOT, PEN_WIDTH, WIDE
from digits.drawing.prompts import ONLY_A_DOT, WELCOME, WELCOME_NUMBER
from digits.page import drawing_views
from digits.page.widgets import LEAST_LABELLED
from digits.recognition.classifier import Answer, Classifier, percent
from digits.recognition.records import DigitRecord, NumberRecord
from digits.recognition.segmentation import Reading, read_number
from digits.system.files import UserError

FRONTEND = Path(__file__).parent / "pad_frontend"
MAX_STROKES = 100  # on the pad at once
MAX_POINTS = 10_000  # of all strokes together
MAX_VERSION = 2**53  # the whole numbers that JavaScript knows
SETTINGS = {
    "columns": {"digit": CELLS, "number": WIDE},
    "rows": CELLS,
    "pen_width": PEN_WIDTH,
    "welcome": {"digit": WELCOME, "number": WELCOME_NUMBER},
}
UNREADABLE = "The page sent a drawing that cannot be read; reload it and draw again."
TOO_MUCH = "There is more on the pad than it can read, {} {} and at most {}; press Undo or Clear."

_component = st.components.v2.component(
    "digit_pad", **{kind: (FRONTEND / f"pad.{kind}").read_text("utf-8") for kind in ("html", "css", "js")}
)


class Sheet(NamedTuple):
    """What is on the pad: its version, the width of the canvas in cells, strokes float64 (n, 2) in cells."""

    version: int
    columns: int
    strokes: list[ink.Stroke]

    @property
    def is_number(self) -> bool:
        """Whether it is to be read as a number."""
        return self.columns > CELLS


@st.fragment
def show(classifier: Classifier, on_keep: Callable[[dict], None], key: str = "pad") -> None:
    """Show the pad; it is answered without the rest of the page.

    on_keep: called with the record of an answer (see `digits.recognition.records`) that the visitor keeps; then the
    whole page is shown again.
    """
    kept_key = f"{key}_kept"

    def keep() -> None:
        try:
            sheet = parse(st.session_state[key]["keep"])
        except UserError:
            return  # the pad never sends this
        record = record_of(sheet, classifier)
        if record is not None:
            on_keep(record)
            st.session_state[kept_key] = {"version": sheet.version, "is_told": False}

    kept = st.session_state.get(kept_key, {"version": None, "is_told": True})
    drawing = st.session_state.get(key, {}).get("drawing")
    data = {**SETTINGS, "key": key, "kept": kept["version"], "reply": drawing and reply(drawing, classifier)}
    _component(key=key, data=data, on_drawing_change=lambda: None, on_keep_change=keep)
    if not kept["is_told"]:
        kept["is_told"] = True
        st.rerun()


def parse(payload: object) -> Sheet:
    """Return what a browser sent; raises UserError where it is no drawing, or more than a pad holds."""
    try:
        version, columns, strokes = payload["version"], payload["columns"], payload["strokes"]
        num_points = sum(map(len, strokes))
    except (TypeError, KeyError, IndexError) as error:
        raise UserError(UNREADABLE) from error
    is_valid = type(version) is int and 0 <= version <= MAX_VERSION and columns in (CELLS, WIDE)
    if not is_valid or not isinstance(strokes, list):
        raise UserError(UNREADABLE)
    for count, most, what in ((len(strokes), MAX_STROKES, "strokes"), (num_points, MAX_POINTS, "points")):
        if count > most:
            raise UserError(TOO_MUCH.format(count, what, most))
    return Sheet(version, columns, [_parse_stroke(stroke, columns) for stroke in strokes])


def reply(payload: object, classifier: Classifier) -> dict:
    """Return what the pad is to show for a drawing that a browser sent (see `assets/pad.js`)."""
    try:
        sheet = parse(payload)
    except UserError as error:
        version = payload.get("version") if isinstance(payload, dict) else None
        return {"version": version, "digits": [], "error": str(error)}
    if not sheet.strokes:
        return {"version": sheet.version, "digits": []}
    readings = read(sheet, classifier)
    if not readings:
        return {"version": sheet.version, "digits": [], "hint": ONLY_A_DOT}
    digits = [_digit(reading, sheet.strokes) for reading in readings]
    return {"version": sheet.version, "digits": digits, "words": in_words([reading.answer for reading in readings])}


def record_of(sheet: Sheet, classifier: Classifier) -> dict | None:
    """Return the record of the answer to a drawing; None where there is no answer."""
    readings = read(sheet, classifier)
    if not readings:
        return None
    if sheet.is_number:
        return NumberRecord(time.time(), readings, sheet.strokes).to_json()
    return DigitRecord(time.time(), readings[0].answer, sheet.strokes).to_json()


def read(sheet: Sheet, classifier: Classifier) -> list[Reading]:
    """Return the digits on the pad: the one, or those of the number; none of an empty pad or a dot."""
    if ink.extent(sheet.strokes) < DOT:
        return []
    if sheet.is_number:
        return read_number(sheet.strokes, classifier.classify)
    points = np.concatenate(sheet.strokes)
    box = (*points.min(axis=0).tolist(), *points.max(axis=0).tolist())
    answer = classifier.classify(ink.normalize(sheet.strokes))
    return [Reading(tuple(range(len(sheet.strokes))), box, answer)]


def in_words(answers: list[Answer]) -> str:
    """Return how sure the answer is, of one digit or of several."""
    least = percent(min(answer.confidence for answer in answers))
    unsure = sum(not answer.is_sure for answer in answers)
    if len(answers) == 1:
        return f"at most {least} sure" if unsure else f"{least} sure"
    if unsure:
        return f"not sure of {unsure} of {len(answers)} digits"
    return f"{'' if least.startswith('over') else 'at least '}{least} sure of every digit"


def _parse_stroke(points: object, columns: int) -> ink.Stroke:
    """Return one stroke; raises UserError unless it is a list of pairs of finite numbers on the canvas."""
    try:
        stroke = np.array(points)
    except (ValueError, OverflowError) as error:  # lists of unequal lengths
        raise UserError(UNREADABLE) from error
    if stroke.dtype.kind not in "if" or stroke.ndim != 2 or stroke.shape[1] != 2:
        raise UserError(UNREADABLE)
    if not ((stroke >= 0) & (stroke <= (columns, CELLS))).all():  # nor is NaN
        raise UserError(UNREADABLE)
    return stroke.astype(np.float64)


def _digit(reading: Reading, strokes: list[ink.Stroke]) -> dict:
    """Return one digit for the pad to show."""
    answer = reading.answer
    picture = ink.normalize([strokes[place] for place in reading.strokes])
    return {
        "digit": answer.digit,
        "is_sure": answer.is_sure,
        "confidence": answer.confidence,
        "share": percent(answer.confidence) if answer.is_sure else answer.doubt.removeprefix("not sure: "),
        "doubt": answer.doubt.capitalize(),
        "named": answer.candidates,
        "bars": [(round(share, 4), _label(share)) for share in answer.probabilities],
        "picture": drawing_views.data_url(drawing_views.png(picture)),
        "box": reading.box,
    }


def _label(share: float) -> str:
    return percent(share).removeprefix("over ") if share >= LEAST_LABELLED else ""
