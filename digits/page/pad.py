"""The pad: a canvas in the page, for the mouse, a finger or a pen, that is answered while it is drawn on.

The browser (`pad_frontend/pad.js`) sends strokes, and the same classifier answers them as in the window. What it sends
may come from anybody, so nothing in it is trusted before `parse` has checked it.
"""

import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import NamedTuple, Protocol

import numpy as np
import streamlit as st
from streamlit.components.v2 import component

from digits.drawing import ink
from digits.drawing.canvas import CELLS, DOT, PEN_WIDTH, WIDE
from digits.drawing.prompts import ONLY_A_DOT, WELCOME, WELCOME_NUMBER
from digits.page import drawing_views
from digits.page.charts import LEAST_LABELLED
from digits.page.widgets import custom_properties
from digits.recognition.classifier import Answer, percent
from digits.recognition.records import DigitRecord, NumberRecord
from digits.recognition.segmentation import Reading, read_number
from digits.system.files import UserError

FRONTEND = Path(__file__).parent / "pad_frontend"
MAX_STROKES = 100  # on the pad at once
MAX_POINTS = 5000  # of all strokes together; pad.js thins them before
MAX_LENGTH = 1500.0  # cells, of all strokes together: the pen would have covered the wide canvas by then
MAX_VERSION = 2**53  # the whole numbers that JavaScript knows
COLOURS = ("doubt", "paper", "edge", "track", "muted_bar", "button_lit", "ink")  # of the design tokens, in pad.css
SETTINGS = {
    "columns": {"digit": CELLS, "number": WIDE},
    "rows": CELLS,
    "pen_width": PEN_WIDTH,
    "welcome": {"digit": WELCOME, "number": WELCOME_NUMBER},
    "full": "The pad is full: press Undo or Clear.",
}
UNREADABLE = "The page sent a drawing that cannot be read; reload it and draw again."
TOO_MUCH = "There is more on the pad than it can read, {:.0f} {} and at most {:.0f}; press Undo or Clear."

_html, _css, _js = ((FRONTEND / f"pad.{kind}").read_text("utf-8") for kind in ("html", "css", "js"))
_tokens = f".pad {{{custom_properties(*COLOURS)}}}\n"
_component = component("digit_pad", html=_html, css=_tokens + _css, js=_js)


class Classifier(Protocol):
    """What the pad asks of a classifier."""

    def classify(self, picture: np.ndarray) -> Answer:
        """Return the answer to a picture, uint8 (28, 28)."""
        ...


class PadContent(NamedTuple):
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
    kept = st.session_state.setdefault(f"{key}_kept", {"version": None, "is_shown": True})
    drawing = st.session_state.get(key, {}).get("drawing")
    answered = drawing and reply(drawing, classifier)
    most = {"strokes": MAX_STROKES, "points": MAX_POINTS, "length": MAX_LENGTH - 1}  # pad.js may sum up otherwise
    data = {**SETTINGS, "most": most, "key": key, "kept": kept["version"], "reply": answered}
    on_keep_change = partial(_keep, key, kept, classifier, on_keep)
    _component(key=key, data=data, on_drawing_change=lambda: None, on_keep_change=on_keep_change)
    if not kept["is_shown"]:
        kept["is_shown"] = True
        st.rerun()


def _keep(key: str, kept: dict, classifier: Classifier, on_keep: Callable[[dict], None]) -> None:
    """Keep the answer that the visitor wants to, once: what has no reply is sent again."""
    try:
        content = parse(st.session_state[key]["keep"])
    except UserError:
        return  # the pad never sends this
    record = record_of(content, classifier)
    if record is not None and content.version != kept["version"]:
        on_keep(record)
        kept.update(version=content.version, is_shown=False)


def parse(payload: object) -> PadContent:
    """Return what a browser sent; raises UserError where it is no drawing, or more than a pad holds."""
    if not isinstance(payload, dict):
        raise UserError(UNREADABLE)
    version, columns, strokes = (payload.get(name) for name in ("version", "columns", "strokes"))
    if type(version) is not int or not 0 <= version <= MAX_VERSION or columns not in (CELLS, WIDE):
        raise UserError(UNREADABLE)
    if not isinstance(strokes, list) or not all(isinstance(stroke, list) for stroke in strokes):
        raise UserError(UNREADABLE)
    num_points = sum(map(len, strokes))
    _check_amount(len(strokes), MAX_STROKES, "strokes")
    _check_amount(num_points, MAX_POINTS, "points")
    parsed = [_parse_stroke(stroke, columns) for stroke in strokes]
    _check_amount(sum(map(_length, parsed)), MAX_LENGTH, "cells of ink")
    return PadContent(version, columns, parsed)


def reply(payload: object, classifier: Classifier) -> dict:
    """Return what the pad is to show for a drawing that a browser sent (see `pad_frontend/pad.js`)."""
    try:
        content = parse(payload)
    except UserError as error:
        version = payload.get("version") if isinstance(payload, dict) else None
        return {"version": version, "digits": [], "error": str(error)}
    if not content.strokes:
        return {"version": content.version, "digits": []}
    readings = read(content, classifier)
    if not readings:
        return {"version": content.version, "digits": [], "hint": ONLY_A_DOT}
    digits = [_digit(reading, content.strokes) for reading in readings]
    return {"version": content.version, "digits": digits, "words": in_words([reading.answer for reading in readings])}


def record_of(content: PadContent, classifier: Classifier) -> dict | None:
    """Return the record of the answer to a drawing; None where there is no answer."""
    readings = read(content, classifier)
    if not readings:
        return None
    if content.is_number:
        return NumberRecord(time.time(), readings, content.strokes).to_json()
    return DigitRecord(time.time(), readings[0].answer, content.strokes).to_json()


def read(content: PadContent, classifier: Classifier) -> list[Reading]:
    """Return the digits on the pad: the one, or those of the number; none of an empty pad or a dot."""
    if ink.extent(content.strokes) < DOT:
        return []
    if content.is_number:
        return read_number(content.strokes, classifier.classify)
    points = np.concatenate(content.strokes)
    box = (*points.min(axis=0).tolist(), *points.max(axis=0).tolist())
    answer = classifier.classify(ink.normalize(content.strokes))
    return [Reading(tuple(range(len(content.strokes))), box, answer)]


def in_words(answers: list[Answer]) -> str:
    """Return how sure the answer is, of one digit or of several."""
    least = percent(min(answer.confidence for answer in answers))
    unsure = sum(not answer.is_sure for answer in answers)
    if len(answers) == 1:
        return f"at most {least} sure" if unsure else f"{least} sure"
    if unsure:
        return f"not sure of {unsure} of {len(answers)} digits"
    return f"{'' if least.startswith('over') else 'at least '}{least} sure of every digit"


def _check_amount(amount: float, most: float, what: str) -> None:
    if amount > most:
        raise UserError(TOO_MUCH.format(amount, what, most))


def _length(stroke: ink.Stroke) -> float:
    return float(np.hypot(*np.diff(stroke, axis=0).T).sum())


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
