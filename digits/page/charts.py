"""The charts of the page: pure functions from numbers to Altair's charts, in the colours of the theme."""

import altair as alt
import numpy as np

from digits.recognition.classifier import Answer, percent
from digits.system.design_tokens import EITHER_THEME, css

ACCENT, MUTED, TEXT, TRACK = range(4)  # colours of charts, by their number in the theme
LEAST_LABELLED = 0.001  # of probability
MOST_SIGNS = 8  # that have a bar
BAR_HEIGHT = 30  # CSS pixels, with the room above and below
CURVE_HEIGHT = 280  # CSS pixels
ROOM_FOR_WORDS = 0.25  # beside the longest bar, of its length
DIGITS = [str(digit) for digit in range(10)]


def probability_chart(answer: Answer) -> alt.LayerChart:
    """Return the bar chart of the ten probabilities, and below them those of the signs that were taught."""
    rows = [
        {
            "digit": label,
            "probability": share,
            "stated": percent(share),
            "label": share_label(share),
            "bar": ACCENT if label == answer.text else MUTED,
            "text": ACCENT if label == answer.text else TEXT,
            "track": TRACK,
            "whole": 1,
        }
        for label, share in bars_of(answer)
    ]
    axis = alt.Axis(domain=False, ticks=False, labelFontSize=14, labelPadding=8)
    base = alt.Chart(alt.Data(values=rows)).encode(
        alt.Y("digit:N", title=None, sort=[row["digit"] for row in rows], axis=axis),
        tooltip=[alt.Tooltip("digit:N", title="Digit"), alt.Tooltip("stated:N", title="Probability")],
    )
    bar = base.mark_bar(size=10, cornerRadius=5)
    track = bar.encode(_length("whole"), themed("track"))
    bars = bar.encode(_length("probability"), themed("bar"))
    labels = base.mark_text(align="right", fontSize=14).encode(themed("text"), x=alt.value("width"), text="label:N")
    layers = alt.LayerChart(layer=[track, bars, labels])
    return layers.properties(height=BAR_HEIGHT * len(rows)).configure_view(stroke=None)


def bars_of(answer: Answer) -> list[tuple[str, float]]:
    """Return what has a bar and how likely it is: the ten digits, and of the signs that were taught the likeliest."""
    likeliest = sorted(answer.signs, key=lambda sign: -sign[1])[:MOST_SIGNS]
    return [*zip(DIGITS, answer.probabilities, strict=True), *sorted(likeliest)]


def share_label(share: float) -> str:
    """Return a probability as it is written beside its bar: nothing for one that is hardly there."""
    return percent(share) if share >= LEAST_LABELLED else ""


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


def per_digit_chart(shares: dict[int, float]) -> alt.LayerChart:
    """Return the bar chart of the share of right answers for each digit."""
    rows = [
        {"digit": str(digit), "right": share, "words": f"{share:.2%}", "bar": ACCENT, "text": TEXT}
        for digit, share in shares.items()
    ]
    low = min(0.9, min(row["right"] for row in rows))  # shares near 1 look alike on an axis from 0
    axis = alt.Axis(domain=False, ticks=False, labelFlush=False, labelFontSize=14, labelPadding=8)
    digits = alt.Y("digit:N", title=None, axis=axis)
    base = alt.Chart(alt.Data(values=rows)).encode(digits, tooltip=["digit:N", "words:N"])
    scale = alt.Scale(domain=[low, 1 + ROOM_FOR_WORDS * (1 - low)], clamp=True)
    bars = base.mark_bar(size=10, cornerRadius=5).encode(alt.X("right:Q", scale=scale, axis=None), themed("bar"))
    words = base.mark_text(align="right", fontSize=14).encode(themed("text"), x=alt.value("width"), text="words:N")
    return alt.LayerChart(layer=[bars, words]).properties(height=300).configure_view(stroke=None)


def confusion_chart(confusion: np.ndarray) -> alt.LayerChart:
    """Return the matrix, int (10, 10) by label and answer, with cells to choose; mistakes are coloured."""
    chosen = alt.selection_point("cell", fields=["written", "answered"], empty=False)
    top, left = (alt.Axis(orient=side, labelAngle=0, labelFlush=False, ticks=False) for side in ("top", "left"))
    base = alt.Chart(alt.Data(values=_confusion_rows(confusion))).encode(
        alt.X("answered:N", title="answered", sort=DIGITS, axis=top),
        alt.Y("written:N", title="written", sort=DIGITS, axis=left),
        tooltip=["written:N", "answered:N", "digits:Q"],
    )
    layers = _confusion_cells(base, chosen), _confusion_counts(base)
    return alt.LayerChart(layer=[*layers]).properties(height=420).configure_view(stroke=None)


def _confusion_rows(confusion: np.ndarray) -> list[dict]:
    """Return a row for each cell of the matrix, int (10, 10) by label and answer."""
    return [
        {
            "written": str(label),
            "answered": str(answer),
            "digits": int(count),
            "mistakes": int(count) if label != answer else 0,
        }
        for label, row in enumerate(confusion)
        for answer, count in enumerate(row)
    ]


def _confusion_cells(base: alt.Chart, chosen: alt.Parameter) -> alt.Chart:
    """Return the cells, the more mistakes the darker, with a frame around the chosen one."""
    few_to_many = [css(EITHER_THEME.few), css(EITHER_THEME.many)]
    color = alt.Color("mistakes:Q", legend=None, scale=alt.Scale(range=few_to_many, domainMin=0))
    opacity = alt.condition("datum.mistakes > 0", alt.value(1.0), alt.value(0.06))
    frame = alt.condition(chosen, alt.value(3), alt.value(0))
    cells = base.mark_rect(cornerRadius=3, stroke=css(EITHER_THEME.ink))
    return cells.encode(color, opacity=opacity, strokeWidth=frame).add_params(chosen)


def _confusion_counts(base: alt.Chart) -> alt.Chart:
    """Return the number of digits in each cell that has any."""
    on_mistakes, elsewhere = alt.value(css(EITHER_THEME.on_few_to_many)), alt.value(css(EITHER_THEME.grid))
    color = alt.condition("datum.mistakes > 0", on_mistakes, elsewhere)
    opacity = alt.condition("datum.digits > 0", alt.value(1.0), alt.value(0.0))
    return base.mark_text(fontSize=12).encode(text="digits:Q", opacity=opacity, color=color)


def themed(field: str) -> alt.Color:
    """Return the colour of a mark whose field holds ACCENT, MUTED, TEXT or TRACK: it changes with the theme."""
    return alt.Color(f"{field}:N", legend=None, scale=alt.Scale(domain=[ACCENT, MUTED, TEXT, TRACK]))


def _length(field: str) -> alt.X:
    room_for_labels = 0.3  # of the length of a whole bar
    return alt.X(f"{field}:Q", axis=None, scale=alt.Scale(domain=[0, 1 + room_for_labels]))
