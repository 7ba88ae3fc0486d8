"""The tab Model: what the model in use is, how it learned, how well it reads, and where it fails."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from digits.models import report
from digits.models.evaluation import Evaluation, evaluate
from digits.models.model_card import ModelCard
from digits.page import drawing_views, visitor_session
from digits.page.charts import confusion_chart, per_digit_chart
from digits.page.tabs import own_model
from digits.page.widgets import plain, show_curves, show_error
from digits.recognition.classifier import whole_percent
from digits.system.files import UserError
from digits.training import mnist

SHOWN = 24  # digits of a cell, and mistakes
PICTURE_WIDTH = 72  # CSS pixels
NO_MNIST = (
    "There is no MNIST on this server to test with; name the path of an mnist.npz in the variable HANDWRITING_DATA, "
    "or train a network in the tab Train, which downloads it."
)


def show() -> None:
    """Show the tab."""
    st.markdown(
        "What the network in use is, how it learned, how often it is right on digits it has never seen, and where it "
        "fails."
    )
    own_model.show()
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


def show_card(card: ModelCard, path: Path) -> None:
    """Show the model card's figures, and the rest of it on demand."""
    figures = {
        "Test digits read": None if card.test_accuracy is None else f"{card.test_accuracy:.2%}",
        "Weights": None if card.parameters is None else f"{card.parameters:,}",
        "Epochs": card.recipe.get("epochs"),
        "Sure from odds of": f"{card.least_odds:.1f} to 1" if "least_odds" in card.entries else None,
        "Trained": card.date or None,
    }
    st.subheader(plain(visitor_session.name_of(path)))
    if card.warning:
        st.warning(plain(card.warning), icon=":material/warning:")
    with st.container(horizontal=True):
        for label, value in figures.items():
            if value is not None:
                st.metric(label, value)
    with st.expander("The whole model card"):
        st.json({key: value for key, value in card.entries.items() if key != "history"})


def show_learning(card: ModelCard) -> None:
    """Show accuracy and loss over the epochs, if the card has them."""
    if card.history:
        st.subheader("How it learned")
        show_curves(card.history)


def show_untested(path: Path, top: DeltaGenerator) -> None:
    """Say what is missing to show where the model fails, and offer the report beside the model, if there is one."""
    st.subheader("Where it fails")
    page, sentence = path.with_suffix(".html"), NO_MNIST
    if page.is_file():
        sentence += " Until then, the report above shows it."
        offer_report(page.read_bytes(), page.name, top)
    st.info(plain(sentence), icon=":material/network_intelligence:")


def show_confusion(evaluated: Evaluation) -> None:
    """Show the confusion matrix; a click on a cell shows those digits, and so does a list, for the keyboard."""
    st.subheader("What is taken for what")
    st.caption("Rows are what was written, columns what was answered. Click a cell to see its digits.")
    chart = confusion_chart(evaluated.confusion)
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
    if chosen is not None:
        show_cell(evaluated, *chosen)


def show_cell(evaluated: Evaluation, label: int, answer: int) -> None:
    """Show the digits of a cell, the surest first."""
    places = evaluated.cell(label, answer)
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


def show_per_digit(evaluated: Evaluation) -> None:
    """Show how often each digit is read correctly."""
    st.subheader("Right answers per digit")
    st.altair_chart(per_digit_chart(evaluated.per_digit), alt="Accuracy per digit")


def show_hardest(evaluated: Evaluation) -> None:
    """Show the mistakes that give the right digit the least probability."""
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
            share = float(evaluated.probabilities[place, answer])
            picture = drawing_views.png(255 - drawing_views.repeat_pixels(evaluated.pictures[place], 3))
            st.image(picture, f"{label} → {answer}, {whole_percent(share)}", width=PICTURE_WIDTH)


def show_report(path: Path, evaluated: Evaluation, top: DeltaGenerator) -> None:
    """Offer the report as a download."""
    card = visitor_session.load(path).card

    def html() -> str:
        return report.render(card, evaluated, path.name)

    offer_report(html, f"{path.stem}.html", top)


def offer_report(html: bytes | Callable[[], str], name: str, top: DeltaGenerator) -> None:
    """Offer a page about the model as a download, at the top: a keyboard would reach it last below the mistakes."""
    top.download_button(
        "Download the report", html, name, "text/html", icon=":material/lab_profile:", on_click="ignore"
    )
