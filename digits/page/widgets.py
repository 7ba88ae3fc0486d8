"""What several tabs show: an answer with its bars, the curves of a training, plain text; and the style sheet."""

import re
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path

import numpy as np
import streamlit as st

from digits.page.charts import curve_chart, probability_chart
from digits.page.drawing_views import ZOOM, AnsweredDrawing, png, repeat_pixels
from digits.recognition.classifier import Answer, percent
from digits.system.design_tokens import DARK, LIGHT, css

PICTURE_WIDTH = 140  # CSS pixels
CURVES = (  # title, the fields of training and of validation digits, Vega's expression for a value
    ("Accuracy", "accuracy", "validation_accuracy", "format(100 * datum.value, '.4~r') + '\u00a0%'"),
    ("Loss", "loss", "validation_loss", "format(datum.value, '.3~g')"),
)
STYLE_SHEET, SCRIPT = (Path(__file__).parent / f"page.{kind}" for kind in ("css", "js"))
PATIENCE = (Path(__file__).parent / "patience.js").read_text("utf-8")  # for components that send again what gets lost


def offer_file(label: str, content: str | bytes | Callable[[], str | bytes], name: str, kind: str, **options) -> None:
    """Show a button that downloads a file of that name and MIME type, and leaves the page as it is.

    content: or what makes it once the button is pressed. options: of `st.download_button`.
    """
    st.download_button(label, content, name, kind, icon=":material/download:", on_click="ignore", **options)


@cache
def style() -> str:
    """Return the page's style sheet and script, for `st.html`."""
    colours = custom_properties("on_accent", "faint_text", "background")
    sheet = f"<style>:root {{{colours}}}\n{STYLE_SHEET.read_text('utf-8')}</style>"
    return f"{sheet}<script>{SCRIPT.read_text('utf-8')}</script>"


def custom_properties(*names: str) -> str:
    """Return colours of the design tokens as CSS declarations: "on_accent" -> "--on-accent: light-dark(...);"."""
    pairs = ((name, css(getattr(LIGHT, name)), css(getattr(DARK, name))) for name in names)
    return " ".join(f"--{name.replace('_', '-')}: light-dark({light}, {dark});" for name, light, dark in pairs)


def show_drawing(drawing: AnsweredDrawing, goes_by: np.ndarray | None = None) -> None:
    """Show an answer: the digit or the number, how sure the network is, and what it answered to.

    goes_by: the remembered drawing that the answer goes by, uint8 (28, 28).
    """
    with st.container(border=True):
        if drawing.is_number:
            _show_number(drawing)
            return
        show_verdict(drawing.answer)
        with st.container(horizontal=True, key="pictures"):
            _show_picture(drawing.picture, "Your drawing")
            _show_picture(drawing.seen, "What the network saw")
            if goes_by is not None:
                _show_picture(png(repeat_pixels(goes_by, ZOOM)), "The drawing of yours that it goes by")
        st.altair_chart(probability_chart(drawing.answer), alt="Bar chart of the probabilities")


def show_verdict(answer: Answer) -> None:
    """Show the answer in large, or between which digits the network is not sure."""
    if answer.is_sure:
        taught = "as you taught it \N{MIDDLE DOT} " if answer.source else ""
        st.container(key="digit").markdown(f":primary[{plain(answer.text)}]")
        st.container(key="confidence").markdown(f"{taught}{percent(answer.confidence)} sure")
    else:
        st.container(key="doubt").markdown(f":orange[{plain(answer.doubt.capitalize())}]")


def _show_number(drawing: AnsweredDrawing) -> None:
    digits = [f":primary[{plain(answer.text)}]" if answer.is_sure else ":orange[?]" for answer in drawing.answers]
    st.container(key="number").markdown("".join(digits))
    st.caption("  ·  ".join(map(_in_short, drawing.answers)))
    with st.container(key="pictures"):
        _show_picture(drawing.picture, "Your drawing", 3 * PICTURE_WIDTH)


def _show_picture(picture: bytes, caption: str, width: int = PICTURE_WIDTH) -> None:
    st.image(picture, caption, width=width, alt=caption)


def _in_short(answer: Answer) -> str:
    """Return a digit of a number and how sure it is."""
    said = percent(answer.confidence) if answer.is_sure else plain(answer.doubt)
    return f"{plain(answer.words if answer.is_sure else answer.text)}: {said}"


def show_curves(epochs: Sequence[dict]) -> None:
    """Show accuracy and loss over the epochs, of training and of validation digits."""
    for place, (title, training, validation, label) in zip(st.columns(2, gap="medium"), CURVES, strict=True):
        rows = [
            {"epoch": number, "value": epoch[field], "digits": name}
            for number, epoch in enumerate(epochs, start=1)
            for name, field in (("validation", validation), ("training", training))
        ]
        place.markdown(f"**{title}**")
        place.altair_chart(curve_chart(rows, label), alt=f"{title} over the epochs")


def confidence_column(width: int):
    """Return how a column of confidences in percent looks; width: in CSS pixels."""
    form = "%.1f\N{NO-BREAK SPACE}%%"
    return st.column_config.ProgressColumn("Confidence", width=width, format=form, min_value=0, max_value=100)


def plain(text: str) -> str:
    """Return the text such that Markdown shows it as it is: names of files have underscores, and options dashes."""
    return re.sub(r"([^\w\s/]|_)", r"\\\1", text)


def show_error(sentence: str) -> None:
    """Show one sentence on what went wrong."""
    st.error(plain(sentence), icon=":material/error:")
