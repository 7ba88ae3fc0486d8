"""What several tabs show: an answer with its bars, the curves of a training, plain text; and the style sheet."""

import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import altair as alt
import streamlit as st

from digits.page.drawing_views import AnsweredDrawing
from digits.recognition.classifier import Answer, stated
from digits.system.design_tokens import DARK, LIGHT, css

ACCENT, MUTED, TEXT, TRACK = range(4)  # colours of charts, by their number in the theme
LEAST_LABELLED = 0.001  # of probability, in the chart
PICTURE_WIDTH = 140  # CSS pixels
CURVE_HEIGHT = 280  # CSS pixels
CURVES = (  # title, the fields of training and of validation digits, format as D3 writes it
    ("Accuracy", "accuracy", "validation_accuracy", "~%"),
    ("Loss", "loss", "validation_loss", ".3~g"),
)
STYLE_SHEET = Path(__file__).parent / "page.css"


@cache
def style() -> str:
    """Return the page's style sheet, for `st.html`."""
    return f"<style>:root {{{custom_properties('on_accent')}}}\n{STYLE_SHEET.read_text('utf-8')}</style>"


def custom_properties(*names: str) -> str:
    """Return colours of the design tokens as CSS declarations: "on_accent" -> "--on-accent: light-dark(...);"."""
    pairs = ((name, css(getattr(LIGHT, name)), css(getattr(DARK, name))) for name in names)
    return " ".join(f"--{name.replace('_', '-')}: light-dark({light}, {dark});" for name, light, dark in pairs)


def show_drawing(drawing: AnsweredDrawing) -> None:
    """Show an answer: the digit or the number, how sure the network is, and what it answered to."""
    with st.container(border=True):
        if drawing.is_number:
            _show_number(drawing)
            return
        show_verdict(drawing.answer)
        with st.container(horizontal=True, key="pictures"):
            st.image(drawing.picture, "Your drawing", width=PICTURE_WIDTH)
            st.image(drawing.seen, "What the network saw", width=PICTURE_WIDTH)
        st.altair_chart(probability_chart(drawing.answer), alt="Bar chart of the probabilities of the ten digits")


def show_verdict(answer: Answer) -> None:
    """Show the digit in large, or between which digits the network is not sure."""
    if answer.is_sure:
        st.container(key="digit").markdown(f":primary[{answer.digit}]")
        st.container(key="confidence").markdown(f"{stated(answer.confidence)} sure")
    else:
        st.container(key="doubt").markdown(f":orange[{answer.doubt.capitalize()}]")


def _show_number(drawing: AnsweredDrawing) -> None:
    digits = [f":primary[{answer.digit}]" if answer.is_sure else ":orange[?]" for answer in drawing.answers]
    st.container(key="number").markdown("".join(digits))
    shares = (
        f"{answer.digit}: {stated(answer.confidence) if answer.is_sure else answer.doubt}" for answer in drawing.answers
    )
    st.caption("  ·  ".join(shares))
    with st.container(key="pictures"):
        st.image(drawing.picture, "Your drawing", width=3 * PICTURE_WIDTH)


def probability_chart(answer: Answer) -> alt.LayerChart:
    """Return the bar chart of the ten probabilities."""
    rows = [
        {
            "digit": str(digit),
            "probability": share,
            "stated": stated(share),
            "label": stated(share).removeprefix("over ") if share >= LEAST_LABELLED else "",
            "bar": ACCENT if digit == answer.digit else MUTED,
            "text": ACCENT if digit == answer.digit else TEXT,
            "track": TRACK,
            "whole": 1,
        }
        for digit, share in enumerate(answer.probabilities)
    ]
    base = alt.Chart(alt.Data(values=rows)).encode(
        alt.Y("digit:N", title=None, axis=alt.Axis(domain=False, ticks=False, labelFontSize=14, labelPadding=8)),
        tooltip=[alt.Tooltip("digit:N", title="Digit"), alt.Tooltip("stated:N", title="Probability")],
    )
    bar = base.mark_bar(size=10, cornerRadius=5)
    track = bar.encode(_length("whole"), themed("track"))
    bars = bar.encode(_length("probability"), themed("bar"))
    labels = base.mark_text(align="right", fontSize=14).encode(themed("text"), x=alt.value("width"), text="label:N")
    return alt.LayerChart(layer=[track, bars, labels]).properties(height=300).configure_view(stroke=None)


def show_curves(epochs: Sequence[dict]) -> None:
    """Show accuracy and loss over the epochs, of training and of validation digits."""
    for place, (title, training, validation, form) in zip(st.columns(2), CURVES, strict=True):
        rows = [
            {"epoch": number, "value": epoch[field], "digits": name}
            for number, epoch in enumerate(epochs, start=1)
            for name, field in (("training", training), ("validation", validation))
        ]
        place.markdown(f"**{title}**")
        place.altair_chart(curve_chart(rows, form), alt=f"{title} over the epochs")


def curve_chart(rows: list[dict], form: str) -> alt.Chart:
    """Return two lines over the epochs; form: of the values, as D3 writes it."""
    legend = alt.Legend(orient="top", direction="horizontal", offset=0, padding=0)
    return (
        alt.Chart(alt.Data(values=rows), height=CURVE_HEIGHT)
        .mark_line(point=True)
        .encode(
            alt.X("epoch:Q", title="Epoch", axis=alt.Axis(tickMinStep=1, format="d", labelFlush=False)),
            alt.Y("value:Q", title=None, scale=alt.Scale(zero=False), axis=alt.Axis(format=form)),
            alt.Color("digits:N", title=None, legend=legend),
            tooltip=["epoch:Q", "digits:N", alt.Tooltip("value:Q", format=".4f")],
        )
    )


def themed(field: str) -> alt.Color:
    """Return the colour of a mark whose field holds ACCENT, MUTED, TEXT or TRACK: it changes with the theme."""
    return alt.Color(f"{field}:N", legend=None, scale=alt.Scale(domain=[ACCENT, MUTED, TEXT, TRACK]))


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


def _length(field: str) -> alt.X:
    room_for_labels = 0.3  # of the length of a whole bar
    return alt.X(f"{field}:Q", axis=None, scale=alt.Scale(domain=[0, 1 + room_for_labels]))
