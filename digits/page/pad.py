"""The pad: a canvas in the page, for the mouse, a finger or a pen, that is answered while it is drawn on.

The browser (`pad_frontend/pad.js`) sends strokes, and the same classifier answers them as in the window. What it sends
may come from anybody, so nothing in it is trusted before `parse` of `digits.drawing.pad_content` has checked it.
"""

import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
import streamlit as st
from streamlit.components.v2 import component

from digits.drawing import examples, ink
from digits.drawing.canvas import CELLS, DOT, PEN_WIDTH, WIDE
from digits.drawing.pad_content import MAX_LENGTH, MAX_POINTS, MAX_STROKES, UNREADABLE, PadContent, parse
from digits.drawing.prompts import ONLY_A_DOT, WELCOME, WELCOME_NUMBER
from digits.page import drawing_views, hands, visitor_session
from digits.page.charts import bars_of, share_label
from digits.page.learn import quest_log
from digits.page.widgets import PATIENCE, custom_properties
from digits.recognition.classifier import Answer, Recognizer, percent
from digits.recognition.hand import Hand
from digits.recognition.labels import MOST_CHARACTERS
from digits.recognition.records import DigitRecord, NumberRecord
from digits.recognition.segmentation import Reading, read_number
from digits.system.files import UserError

FRONTEND = Path(__file__).parent / "pad_frontend"
COLOURS = ("doubt", "paper", "edge", "track", "muted_bar", "button_lit", "ink")  # of the design tokens, in pad.css
SETTINGS = {
    "columns": {"digit": CELLS, "number": WIDE},
    "rows": CELLS,
    "pen_width": PEN_WIDTH,
    "welcome": {"digit": WELCOME, "number": WELCOME_NUMBER},
    "full": "The pad is full: press Undo or Clear.",
    "longest_label": MOST_CHARACTERS,
}

_html, _css, *_scripts = (
    (FRONTEND / name).read_text("utf-8")
    for name in ("pad.html", "pad.css", "pad.js", "keyboard_pen.js", "kept_drawings.js")
)
_tokens = f".pad {{{custom_properties(*COLOURS)}}}\n"
_component = component("digit_pad", html=_html, css=_tokens + _css, js="\n".join([*_scripts, PATIENCE]))


class Lesson(NamedTuple):
    """What is to be drawn on a pad on which one drawing follows another, and how far it is."""

    label: str
    done: int
    of: int


@st.fragment
def show(
    classifier: Recognizer,
    on_keep: Callable[[dict], None],
    key: str = "pad",
    lesson: Lesson | None = None,
    is_compact: bool = False,
) -> None:
    """Show the pad; it is answered without the rest of the page. A Hand is taught on it.

    on_keep: called with the record of an answer (see `digits.recognition.records`) that the visitor keeps; then the
    whole page is shown again. What it raises as UserError is said on the pad.
    is_compact: show the canvas and its tools alone, where something else beside it answers.
    """
    kept = _kept(key)
    drawing = st.session_state.get(key, {}).get("drawing")
    if drawing and lesson is None:
        visitor_session.note_drawing(drawing)
    answered = drawing and reply(drawing, classifier)
    if answered and answered["digits"] and not drawing.get("is_drawing"):
        _notice(parse(drawing), classifier)
    most = {"strokes": MAX_STROKES, "points": MAX_POINTS, "length": MAX_LENGTH - 1}  # pad.js may sum up otherwise
    state = {"kept": kept["version"], "refused": kept["refused"], "reply": answered}
    is_taught = isinstance(classifier, Hand) and lesson is None
    shown = [[stroke.tolist() for stroke in digit] for digit in examples.digits()]
    data = {**SETTINGS, "most": most, "key": key, "examples": shown, "is_taught": is_taught, **state}
    data["is_compact"] = is_compact
    data["lesson"] = lesson._asdict() if lesson else None
    on_keep_change = partial(_keep, key, kept, classifier, on_keep)
    on_teach_change = partial(_teach, key, kept, classifier)
    _component(
        key=key,
        data=data,
        on_drawing_change=lambda: None,
        on_keep_change=on_keep_change,
        on_teach_change=on_teach_change,
    )
    if not kept["is_shown"]:
        kept["is_shown"] = True
        st.rerun()


def kept_version(key: str = "pad") -> int | None:
    """Return the version of the drawing whose answer was kept last."""
    return _kept(key)["version"]


def note_kept(version: int, key: str = "pad") -> None:
    """Have the pad know that the answer to a version of its drawing has been kept, on whichever tab."""
    _kept(key)["version"] = version


def _kept(key: str) -> dict:
    return st.session_state.setdefault(f"{key}_kept", {"version": None, "is_shown": True, "refused": None})


def _notice(content: PadContent, classifier: Recognizer) -> None:
    """Tell the quests of a drawing that the pen has left, once."""
    if st.session_state.get("noticed") != (content.version, content.columns):
        st.session_state["noticed"] = content.version, content.columns
        quest_log.notice_on_pad([reading.answer for reading in read(content, classifier)], content.strokes)


def _keep(key: str, kept: dict, classifier: Recognizer, on_keep: Callable[[dict], None]) -> None:
    """Keep the answer that the visitor wants to, once: what has no reply is sent again."""
    try:
        content = parse(st.session_state[key]["keep"])
    except UserError:
        return  # the pad never sends this
    record = record_of(content, classifier)
    if record is not None and content.version != kept["version"]:
        try:
            on_keep(record)
        except UserError as error:
            kept["refused"] = {"version": content.version, "error": str(error)}
        else:
            kept.update(version=content.version, is_shown=False)


def _teach(key: str, kept: dict, classifier: Recognizer) -> None:
    """Have the hand remember, or forget, what the visitor says that a drawing is."""
    payload = st.session_state[key]["teach"]
    try:
        content = parse(payload)
        teach(content, payload, classifier)
        kept["refused"] = None
        kept["is_shown"] = hands.name() != hands.THIS_VISIT  # whose drawings the browser keeps: see the keeper
    except UserError as error:
        version = payload.get("version") if isinstance(payload, dict) else None
        kept["refused"] = {"version": version, "error": str(error)}


def teach(content: PadContent, payload: dict, classifier: Recognizer) -> None:
    """Remember what the strokes at "places" of a payload are, its "label", or forget it; raises UserError."""
    places, label = payload.get("places"), payload.get("label")
    numbers = range(len(content.strokes))
    if not isinstance(places, list) or not 0 < len(places) <= len(numbers):
        raise UserError(UNREADABLE)
    if not all(type(at) is int and at in numbers for at in places):
        raise UserError(UNREADABLE)
    if not isinstance(classifier, Hand) or not isinstance(label, str | None):
        raise UserError(UNREADABLE)
    strokes = [content.strokes[at] for at in places]
    picture = ink.normalize(strokes)
    hands.teach(classifier, picture, label, classifier.classify(picture), strokes)


def reply(payload: object, classifier: Recognizer) -> dict:
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
    digits = [_digit(reading, content.strokes, classifier) for reading in readings]
    return {"version": content.version, "digits": digits, "words": in_words([reading.answer for reading in readings])}


def record_of(content: PadContent, classifier: Recognizer) -> dict | None:
    """Return the record of the answer to a drawing; None where there is no answer."""
    readings = read(content, classifier)
    if not readings:
        return None
    if content.is_number:
        return NumberRecord(time.time(), readings, content.strokes).to_json()
    return DigitRecord(time.time(), readings[0].answer, content.strokes).to_json()


def read(content: PadContent, classifier: Recognizer) -> list[Reading]:
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
        taught = "as you taught it \N{MIDDLE DOT} " if answers[0].source else ""
        return f"at most {least} sure" if unsure else f"{taught}{least} sure"
    if unsure:
        return f"not sure of {unsure} of {len(answers)} digits"
    return f"at least {least} sure of every digit"


def _digit(reading: Reading, strokes: list[ink.Stroke], classifier: Recognizer) -> dict:
    """Return one digit for the pad to show."""
    answer = reading.answer
    picture = ink.normalize([strokes[place] for place in reading.strokes])
    known, source = None, None
    if isinstance(classifier, Hand):
        known, source = classifier.find(picture), classifier.drawing(answer.source)
    return {
        "text": answer.text,
        "sign": reading.sign.text if reading.sign else "",
        "is_sure": answer.is_sure,
        "confidence": answer.confidence,
        "share": percent(answer.confidence) if answer.is_sure else answer.doubt.removeprefix("not sure: "),
        "doubt": answer.doubt.capitalize(),
        "named": [str(label) for label in answer.candidates],
        "bars": [(label, round(share, 4), share_label(share)) for label, share in bars_of(answer)],
        "picture": _url(picture),
        "source": _url(source.picture) if source else None,
        "places": reading.strokes,
        "taught": known.label if known else None,
        "box": reading.box,
    }


def _url(picture: np.ndarray) -> str:
    return drawing_views.data_url(drawing_views.png(picture))
