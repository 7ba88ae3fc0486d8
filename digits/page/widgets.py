"""What several tabs of the page show: an answer with its bars, how a network learned, and text from outside."""

import re
from collections.abc import Sequence

import altair as alt
import streamlit as st

from digits.page.drawing_views import Drawing
from digits.recognition.classifier import Answer, percent

ACCENT, MUTED, TEXT, TRACK = range(4)  # colours of charts, by their number in the theme
LEAST_LABELLED = 0.001  # of probability, in the chart
PICTURE_WIDTH = 140  # CSS pixels
CURVE_HEIGHT = 280  # CSS pixels
CURVES = (  # title, the fields of training and of validation digits, format as D3 writes it
    ("Accuracy", "accuracy", "validation_accuracy", "~%"),
    ("Loss", "loss", "validation_loss", ".3~g"),
)
STYLE = """<style>
[data-testid="stMainBlockContainer"] {max-width: 76rem;}
.st-key-digit p {margin: 0; font-size: 7rem; font-weight: 700; line-height: 0.95;}
.st-key-number p {margin: 0; font-size: 4rem; font-weight: 700; line-height: 1; letter-spacing: 0.06em;}
.st-key-confidence p {font-size: 1.25rem; font-weight: 600;}
.st-key-doubt p {font-size: 2.25rem; font-weight: 700; line-height: 1.1; text-wrap: balance;}
.st-key-pictures img {border-radius: 0.4rem;}
[data-testid="stTabs"] [role="tablist"] {padding-inline: 0.4rem; margin-inline: -0.4rem;}
[data-testid="stTab"] {padding-inline: 0.4rem; margin-inline: -0.4rem;}
[data-testid="stTab"][data-focus-visible] {box-shadow: none;}
[data-testid="stTab"][data-focus-visible]:focus {outline: 2px solid; outline-offset: -3px; border-radius: 0.5rem;}
/* A tab that loses the focus while the page is busy keeps the mark of it. */
[data-testid="stTab"][data-focus-visible]:not(:focus, :hover, [aria-selected="true"]) {color: inherit;}
[class*="st-key-pixels"] img {image-rendering: pixelated; border-radius: 0.3rem;}
[data-testid="stBaseButton-primary"]:enabled, [data-testid="stBaseButton-primaryFormSubmit"]:enabled
  {color: light-dark(#fff, #12131c);}
</style>"""


def show_drawing(drawing: Drawing) -> None:
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
    """Show the digit in large, or between which digits the network wavers."""
    if answer.is_sure:
        st.container(key="digit").markdown(f":primary[{answer.digit}]")
        st.container(key="confidence").markdown(f"{percent(answer.confidence)} sure")
    else:
        st.container(key="doubt").markdown(f":orange[{answer.doubt.capitalize()}]")


def _show_number(drawing: Drawing) -> None:
    digits = [f":primary[{answer.digit}]" if answer.is_sure else ":orange[?]" for answer in drawing.answers]
    st.container(key="number").markdown("".join(digits))
    shares = (
        f"{answer.digit}: {percent(answer.confidence) if answer.is_sure else answer.doubt}"
        for answer in drawing.answers
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
            "stated": percent(share),
            "label": percent(share).removeprefix("over ") if share >= LEAST_LABELLED else "",
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
    bar = {"size": 10, "cornerRadius": 5}
    track = base.mark_bar(**bar).encode(_length("whole"), themed("track"))
    bars = base.mark_bar(**bar).encode(_length("probability"), themed("bar"))
    labels = base.mark_text(align="right", fontSize=14).encode(themed("text"), x=alt.value("width"), text="label:N")
    return alt.layer(track, bars, labels).properties(height=300).configure_view(stroke=None)


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


def plain(text: str) -> str:
    """Return the text such that Markdown shows it as it is: names of files have underscores, and options dashes."""
    return re.sub(r"([^\w\s/]|_)", r"\\\1", text)


def show_error(sentence: str) -> None:
    """Show one sentence on what went wrong."""
    st.error(plain(sentence), icon=":material/error:")


def _length(field: str) -> alt.X:
    room_for_labels = 0.3  # of the length of a whole bar
    return alt.X(f"{field}:Q", axis=None, scale=alt.Scale(domain=[0, 1 + room_for_labels]))
