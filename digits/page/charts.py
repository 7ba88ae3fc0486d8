"""The charts of the page: pure functions from numbers to Altair's charts, in the colours of the theme."""

import altair as alt
import numpy as np

from digits.models.evaluation import in_percent, per_digit
from digits.recognition.classifier import Answer, percent
from digits.system.design_tokens import EITHER_THEME, css

ACCENT, MUTED, TEXT, TRACK = range(4)  # colours of charts, by their number in the theme
LEAST_LABELLED = 0.001  # of probability
MOST_SIGNS = 8  # that have a bar
BAR_HEIGHT = 30  # CSS pixels, with the room above and below
LABEL_WIDTH = 64  # CSS pixels, of what is written behind a bar, with a gap before it
MATRIX_HEIGHT = 420  # CSS pixels
CURVE_HEIGHT = 280  # CSS pixels
CURVES = ["validation", "", "training"]  # of the theme's colours ACCENT and TEXT, which can be told apart, and ...
DASHES = [[1, 0], [1, 0], [7, 4]]  # ... in CSS pixels, for those who do not see colours
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


def curve_chart(rows: list[dict], label: str) -> alt.Chart:
    """Return two lines over the epochs; label: Vega's expression for a value on the axis.

    The scales are given: Vega warns of each that it finds out from data which come after the chart.
    """
    legend = alt.Legend(
        orient="top",
        direction="horizontal",
        offset=0,
        padding=0,
        values=CURVES[::2],
        symbolSize=400,
        symbolType="stroke",
    )
    epochs, values = ([row[name] for row in rows] for name in ("epoch", "value"))
    room = 0.05 * (max(values) - min(values)) or 0.01
    across = alt.Scale(domain=[1, max(epochs)] if max(epochs) > 1 else [0.5, 1.5])
    up = alt.Scale(domain=[min(values) - room, max(values) + room], nice=True, zero=False)
    return (
        alt.Chart(alt.Data(values=rows), height=CURVE_HEIGHT)
        .mark_line(point=alt.OverlayMarkDef(size=70))
        .encode(
            alt.X("epoch:Q", title="Epoch", scale=across, axis=alt.Axis(tickMinStep=1, format="d", labelFlush=False)),
            alt.Y("value:Q", title=None, scale=up, axis=alt.Axis(labelExpr=label)),
            alt.Color("digits:N", title=None, legend=legend, scale=alt.Scale(domain=CURVES)),
            alt.StrokeDash("digits:N", title=None, legend=legend, scale=alt.Scale(domain=CURVES, range=DASHES)),
            tooltip=["epoch:Q", "digits:N", alt.Tooltip("value:Q", format=".4f")],
        )
    )


def per_digit_chart(confusion: np.ndarray) -> alt.LayerChart:
    """Return the bar chart of the share of right answers for each digit, int (10, 10) by label and answer."""
    totals = confusion.sum(axis=1)
    rows = [
        {
            "digit": str(digit),
            "right": share,
            "words": in_percent(share),
            "wrong": f"{totals[digit] - confusion[digit, digit]:,} of {totals[digit]:,}",
            "bar": ACCENT,
            "text": TEXT,
            "track": TRACK,
            "whole": 1,
        }
        for digit, share in per_digit(confusion).items()
    ]
    axis = alt.Axis(domain=False, ticks=False, labelFlush=False, labelFontSize=14, labelPadding=8)
    tooltip = [alt.Tooltip("digit:N", title="Digit"), alt.Tooltip("words:N", title="Accuracy")]
    base = alt.Chart(alt.Data(values=rows)).encode(
        alt.Y("digit:N", title=None, sort=DIGITS, axis=axis),
        tooltip=[*tooltip, alt.Tooltip("wrong:N", title="Mistakes")],
    )
    bar = base.mark_bar(size=10, cornerRadius=5)
    track, bars = bar.encode(_length("whole"), themed("track")), bar.encode(_length("right"), themed("bar"))
    words = base.mark_text(align="right", fontSize=14).encode(themed("text"), x=alt.value("width"), text="words:N")
    return alt.LayerChart(layer=[track, bars, words]).properties(height=MATRIX_HEIGHT).configure_view(stroke=None)


def confusion_chart(confusion: np.ndarray) -> alt.LayerChart:
    """Return the matrix, int (10, 10) by label and answer, with cells to choose; mistakes are coloured."""
    chosen = alt.selection_point("cell", fields=["label", "answer"], empty=False)
    top, left = (alt.Axis(orient=side, labelAngle=0, labelFlush=False, ticks=False) for side in ("top", "left"))
    rows = _confusion_rows(confusion)
    tooltip = [alt.Tooltip("label:N", title="True digit"), alt.Tooltip("answer:N", title="Predicted digit")]
    base = alt.Chart(alt.Data(values=rows)).encode(
        alt.X("answer:N", title="Predicted digit", sort=DIGITS, axis=top),
        alt.Y("label:N", title="True digit", sort=DIGITS, axis=left),
        tooltip=[*tooltip, alt.Tooltip("digits:Q", title="How often", format=",")],
    )
    layers = _confusion_cells(base, chosen, max(row["mistakes"] for row in rows)), _confusion_counts(base)
    chart = alt.LayerChart(layer=[*layers]).resolve_scale(color="independent")
    return chart.properties(height=MATRIX_HEIGHT).configure_view(stroke=None)


def _confusion_rows(confusion: np.ndarray) -> list[dict]:
    """Return a row for each cell of the matrix, int (10, 10) by label and answer."""
    return [
        {
            "label": str(label),
            "answer": str(answer),
            "digits": int(count),
            "mistakes": int(count) if label != answer else 0,
            "text": TEXT,
        }
        for label, row in enumerate(confusion)
        for answer, count in enumerate(row)
    ]


def _confusion_cells(base: alt.Chart, chosen: alt.Parameter, most: int) -> alt.Chart:
    """Return the cells, the more mistakes of at most so many the darker, with a frame around the chosen one."""
    few_to_many = [css(EITHER_THEME.few), css(EITHER_THEME.many)]
    color = alt.Color("mistakes:Q", legend=None, scale=alt.Scale(range=few_to_many, domain=[0, max(1, most)]))
    opacity = alt.condition("datum.mistakes > 0", alt.value(1.0), alt.value(0.06))
    frame = alt.condition(chosen, alt.value(3), alt.value(0))
    cells = base.mark_rect(cornerRadius=3, stroke=css(EITHER_THEME.ink))
    return cells.encode(color, opacity=opacity, strokeWidth=frame).add_params(chosen)


def _confusion_counts(base: alt.Chart) -> alt.Chart:
    """Return the number of digits in each cell that has any."""
    on_mistakes = alt.value(css(EITHER_THEME.on_few_to_many))
    color = alt.condition("datum.mistakes > 0", on_mistakes, themed("text"))
    opacity = alt.condition("datum.digits > 0", alt.value(1.0), alt.value(0.0))
    return base.mark_text(fontSize=12).encode(text="digits:Q", opacity=opacity, color=color)


def themed(field: str) -> alt.Color:
    """Return the colour of a mark whose field holds ACCENT, MUTED, TEXT or TRACK: it changes with the theme."""
    return alt.Color(f"{field}:N", legend=None, scale=alt.Scale(domain=[ACCENT, MUTED, TEXT, TRACK]))


def _length(field: str) -> alt.X:
    across = alt.Scale(domain=[0, 1], range=[0, {"expr": f"width - {LABEL_WIDTH}"}])
    return alt.X(f"{field}:Q", axis=None, scale=across)
