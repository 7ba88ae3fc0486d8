"""The tab Model: what the model in use is, how it learned, how well it reads, and where it fails."""

from collections.abc import Callable
from pathlib import Path

import altair as alt
import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from digits.models import report
from digits.models.evaluation import Evaluation, evaluate
from digits.models.model_card import epochs
from digits.page import drawing_views, visitor_session
from digits.page.widgets import ACCENT, TEXT, plain, show_curves, show_error, themed
from digits.recognition.classifier import whole_percent
from digits.system.files import UserError
from digits.training import mnist

SHOWN = 24  # digits of a cell, and mistakes
ROOM_FOR_WORDS = 0.25  # beside the longest bar, of its length
PICTURE_WIDTH = 72  # CSS pixels
FEW_TO_MANY, ON_ORANGE = ("#fed7aa", "#fb923c"), "#431407"  # readable on either, and they on light and dark pages
NO_MNIST = (
    "There is no MNIST on this server to test with; name the path of an mnist.npz in the variable HANDWRITING_DATA, "
    "or train a network in the tab Train, which downloads it."
)
DIGITS = [str(digit) for digit in range(10)]


def show() -> None:
    """Show the tab."""
    st.markdown(
        "What the network in use is, how it learned, how often it is right on digits it has never seen, and where it "
        "fails."
    )
    path = visitor_session.model_in_use()
    try:
        card = visitor_session.load(path).card
        show_card(card, path)
        top = st.container()
        show_learning(card)
        if mnist.find() is None:
            show_untested(path, top)
            return
        evaluated = evaluate_on_test_digits(path)
    except UserError as error:
        show_error(str(error))
        return
    show_confusion(evaluated)
    show_per_digit(evaluated)
    show_hardest(evaluated)
    show_report(path, evaluated, top)


@st.cache_resource(show_spinner=False, max_entries=1)
def _test_digits(path: str, modified: int) -> tuple[np.ndarray, np.ndarray]:
    digits = mnist.read(Path(path))
    return digits.test_images, digits.test_labels  # the training digits would be six times as much to keep


@st.cache_resource(show_spinner="Reading the test digits ...", max_entries=4)
def _evaluate(digest: str, path: str, data: str, modified: int) -> Evaluation:
    return evaluate(visitor_session.load(Path(path)), *_test_digits(data, modified))


def evaluate_on_test_digits(path: Path) -> Evaluation:
    """Return a model's answers to MNIST's test digits, computed once; raises UserError without a whole MNIST."""
    data = mnist.find()
    if data is None:
        raise UserError(NO_MNIST)
    digest = visitor_session.digest(str(path), path.stat().st_mtime_ns)
    return _evaluate(digest, str(path), str(data), data.stat().st_mtime_ns if data.is_file() else 0)


def show_card(card: dict, path: Path) -> None:
    """Show the model card's figures, and the rest of it on demand."""
    recipe = card.get("recipe", {})
    figures = {
        "Test digits read": f"{card['test_accuracy']:.2%}" if "test_accuracy" in card else None,
        "Weights": f"{card['parameters']:,}" if "parameters" in card else None,
        "Epochs": recipe.get("epochs"),
        "Sure from odds of": f"{card['least_odds']:.1f} to 1" if "least_odds" in card else None,
        "Trained": str(card.get("date", ""))[:10] or None,
    }
    st.subheader(path.name)
    with st.container(horizontal=True):
        for label, value in figures.items():
            if value is not None:
                st.metric(label, value)
    with st.expander("The whole model card"):
        st.json({key: value for key, value in card.items() if key != "history"})


def show_learning(card: dict) -> None:
    """Show how accuracy and loss went over the epochs, if the card tells."""
    if learned := epochs(card):
        st.subheader("How it learned")
        show_curves(learned)


def show_untested(path: Path, top: DeltaGenerator) -> None:
    """Say what is missing to show where the model fails, and offer the report that lies beside it, if one does."""
    st.subheader("Where it fails")
    page, sentence = path.with_suffix(".html"), NO_MNIST
    if page.is_file():
        sentence += " Until then, the report above shows it."
        offer_report(page.read_bytes(), page.name, top)
    st.info(plain(sentence), icon=":material/network_intelligence:")


def show_confusion(evaluated: Evaluation) -> None:
    """Show what is taken for what; a click on a cell shows those digits, and so does a list, for the keyboard."""
    st.subheader("What is taken for what")
    st.caption("Rows are what was written, columns what was answered. Click a cell to see its digits.")
    chart = confusion_chart(evaluated)
    st.altair_chart(
        chart, on_select=lambda: choose_clicked(evaluated.confusion), key="confusion", alt="Confusion matrix"
    )
    cells = cells_in_order(evaluated.confusion)
    chosen = st.selectbox(
        "Digits of a cell",
        cells,
        None,
        lambda cell: f"{cell[0]} answered as {cell[1]}: {cells[cell]:,}",
        key="cell",
        placeholder="Click a cell, or choose one here",
    )
    if chosen is None:
        return
    places = evaluated.cell(*chosen)
    if len(places) > SHOWN:
        st.caption(f"The {SHOWN} surest of {len(places):,}:")
    show_digits(evaluated, places[:SHOWN], "cell")


def choose_clicked(confusion: np.ndarray) -> None:
    """Choose the cell that was clicked, or none where there are no digits."""
    clicked = st.session_state["confusion"].selection.get("cell") or [{"written": 0, "answered": 0}]
    cell = int(clicked[0]["written"]), int(clicked[0]["answered"])
    st.session_state["cell"] = cell if confusion[cell] else None


def cells_in_order(confusion: np.ndarray) -> dict[tuple[int, int], int]:
    """Return how many digits there are in each cell, (label, answer), that has any: mistakes first, most first."""
    cells = {(label, answer): int(confusion[label, answer]) for label, answer in np.argwhere(confusion).tolist()}
    return dict(sorted(cells.items(), key=lambda item: (item[0][0] == item[0][1], -item[1])))


def confusion_chart(evaluated: Evaluation) -> alt.LayerChart:
    """Return the matrix as a chart whose cells can be chosen; mistakes are coloured, and not what is right."""
    rows = [
        {
            "written": str(label),
            "answered": str(answer),
            "digits": int(count),
            "mistakes": int(count) if label != answer else 0,
        }
        for label, row in enumerate(evaluated.confusion)
        for answer, count in enumerate(row)
    ]
    chosen = alt.selection_point("cell", fields=["written", "answered"], empty=False)
    axis = {"labelAngle": 0, "labelFlush": False, "ticks": False}
    base = alt.Chart(alt.Data(values=rows)).encode(
        alt.X("answered:N", title="answered", sort=DIGITS, axis=alt.Axis(orient="top", **axis)),
        alt.Y("written:N", title="written", sort=DIGITS, axis=alt.Axis(**axis)),
        tooltip=["written:N", "answered:N", "digits:Q"],
    )
    color = alt.Color("mistakes:Q", legend=None, scale=alt.Scale(range=FEW_TO_MANY, domainMin=0))
    seen = alt.condition("datum.mistakes > 0", alt.value(1.0), alt.value(0.06))
    cells = (
        base.mark_rect(cornerRadius=3, stroke="#6366f1")
        .encode(color, opacity=seen, strokeWidth=alt.condition(chosen, alt.value(3), alt.value(0)))
        .add_params(chosen)
    )
    shown = alt.condition("datum.digits > 0", alt.value(1.0), alt.value(0.0))
    ink = alt.condition("datum.mistakes > 0", alt.value(ON_ORANGE), alt.value("#808098"))
    counts = base.mark_text(fontSize=12).encode(text="digits:Q", opacity=shown, color=ink)
    return alt.layer(cells, counts).properties(height=420).configure_view(stroke=None)


def show_per_digit(evaluated: Evaluation) -> None:
    """Show how often each digit is read rightly."""
    st.subheader("Right answers per digit")
    rows = [
        {"digit": str(digit), "right": share, "words": f"{share:.2%}", "bar": ACCENT, "text": TEXT}
        for digit, share in evaluated.per_digit.items()
    ]
    low = min(0.9, min(row["right"] for row in rows))  # shares near 1 look alike on an axis from 0
    axis = alt.Axis(domain=False, ticks=False, labelFlush=False, labelFontSize=14, labelPadding=8)
    digits = alt.Y("digit:N", title=None, axis=axis)
    base = alt.Chart(alt.Data(values=rows)).encode(digits, tooltip=["digit:N", "words:N"])
    scale = alt.Scale(domain=[low, 1 + ROOM_FOR_WORDS * (1 - low)], clamp=True)
    bars = base.mark_bar(size=10, cornerRadius=5).encode(alt.X("right:Q", scale=scale, axis=None), themed("bar"))
    words = base.mark_text(align="right", fontSize=14).encode(themed("text"), x=alt.value("width"), text="words:N")
    chart = alt.layer(bars, words).properties(height=300).configure_view(stroke=None)
    st.altair_chart(chart, alt="Accuracy per digit")


def show_hardest(evaluated: Evaluation) -> None:
    """Show the mistakes that give the truth the least probability."""
    st.subheader("The hardest mistakes")
    places = evaluated.hardest(SHOWN)
    if not len(places):
        st.success("There are none.")
        return
    show_digits(evaluated, places, "hardest")


def show_digits(evaluated: Evaluation, places, name: str) -> None:
    """Show digits with what was written and what was answered."""
    with st.container(horizontal=True, key=f"pixels {name}"):
        for place in places:
            label, answer = evaluated.labels[place], evaluated.answers[place]
            share = evaluated.probabilities[place, answer]
            picture = drawing_views.png(255 - drawing_views.enlarge(evaluated.pictures[place], 3))
            st.image(picture, f"{label} → {answer}, {whole_percent(share)}", width=PICTURE_WIDTH)


def show_report(path: Path, evaluated: Evaluation, top: DeltaGenerator) -> None:
    """Offer the report as a page to keep."""
    card = visitor_session.load(path).card

    def html() -> str:
        return report.render(card, evaluated.pictures, evaluated.labels, evaluated.probabilities, path.name)

    offer_report(html, f"{path.stem}.html", top)


def offer_report(html: bytes | Callable[[], str], name: str, top: DeltaGenerator) -> None:
    """Offer a page on the model to keep, at the top: below the mistakes a keyboard would find it last."""
    top.download_button(
        "Download the report", html, name, "text/html", icon=":material/lab_profile:", on_click="ignore"
    )
