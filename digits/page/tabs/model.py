"""The tab Model: what the model in use is, how it learned, how well it reads, and where it fails."""

from pathlib import Path

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from digits.models.evaluation import Evaluation, evaluate, in_percent
from digits.models.model_card import ModelCard
from digits.models.reports import report
from digits.page import drawing_views, visitor_session
from digits.page.charts import confusion_chart, per_digit_chart
from digits.page.tabs import exports, own_model
from digits.page.widgets import plain, show_curves, show_error
from digits.recognition.classifier import percent
from digits.system.files import UserError
from digits.training import mnist

SHOWN = 24  # digits of a cell, and mistakes
PICTURE_WIDTH = 72  # CSS pixels
HELP = {  # on figures that do not explain themselves
    "Sure from odds of": "An answer counts as sure when the likeliest digit is at least that many times as likely as "
    "the next; otherwise the network names both.",
}
ONLY_SAMPLE = "These digits are from the sample of MNIST that comes with the page."
ALL_OF_IT = " *Get all of MNIST* in the tab *Train* to see more."


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
    except UserError as error:
        show_error(str(error))
        return
    head, top = st.container(), st.container(horizontal=True)
    show_learning(card)
    try:
        evaluated = evaluate_on_test_digits(path)
    except UserError as error:
        show_card(head, card, path, np.array(card.confusion))
        show_error(str(error))
        return
    confusion = counted(card, evaluated)
    show_card(head, card, path, confusion)
    left, right = st.columns(2, gap="medium")
    with left:
        show_confusion(confusion)
        show_chosen_cell(confusion, evaluated)
    with right:
        show_per_digit(confusion)
    show_hardest(evaluated, is_part=confusion.sum() > len(evaluated.labels))
    show_report(path, evaluated, top)
    exports.show(top, path)


@st.cache_resource(show_spinner=False, max_entries=1)
def _test_digits(path: str, modified: int) -> tuple[np.ndarray, np.ndarray]:
    digits = mnist.read(Path(path))
    return digits.test_images, digits.test_labels  # the training digits would be six times as much to keep


@st.cache_resource(show_spinner="Reading the test digits ...", max_entries=4)
def _evaluate(digest: str, path: str, data: str, modified: int) -> Evaluation:
    return evaluate(visitor_session.load(Path(path)), *_test_digits(data, modified))


def evaluate_on_test_digits(path: Path, data: Path | None = None) -> Evaluation:
    """Return a model's answers to test digits, computed once; raises UserError.

    data: the file that holds them; by default MNIST, and its sample where there is no MNIST.
    """
    data = data or mnist.find() or mnist.SAMPLE
    digest = visitor_session.digest(str(path), path.stat().st_mtime_ns)
    return _evaluate(digest, str(path), str(data), data.stat().st_mtime_ns if data.is_file() else 0)


def counted(card: ModelCard, evaluated: Evaluation) -> np.ndarray:
    """Return the confusion matrix: of all test digits from the model card, where only the sample of them is here."""
    return np.array(card.confusion) if card.confusion and mnist.find() is None else evaluated.confusion


def show_card(place: DeltaGenerator, card: ModelCard, path: Path, confusion: np.ndarray) -> None:
    """Show the model card's figures, and the rest of it on demand; confusion: of the test digits, or empty."""
    accuracy = float(confusion.trace() / confusion.sum()) if confusion.size else card.test_accuracy
    figures = {
        "Test accuracy": None if accuracy is None else in_percent(accuracy),
        "Test digits": f"{confusion.sum():,}" if confusion.size else None,
        "Weights": None if card.parameters is None else f"{card.parameters:,}",
        "Epochs": card.recipe.get("epochs"),
        "Sure from odds of": f"{card.least_odds:.1f} to 1" if "least_odds" in card.entries else None,
        "Trained": card.date or None,
    }
    with place:
        st.header(plain(visitor_session.name_of(path)))
        if card.warning:
            st.warning(plain(card.warning), icon=":material/warning:")
        with st.container(horizontal=True):
            for label, value in figures.items():
                if value is not None:
                    st.metric(label, value, help=HELP.get(label))
        with st.expander("The whole model card"):
            st.json({key: value for key, value in card.entries.items() if key not in ("history", "confusion")})


def show_learning(card: ModelCard) -> None:
    """Show accuracy and loss over the epochs, if the card has them."""
    if card.history:
        st.header("How it learned")
        show_curves(card.history)


def show_confusion(confusion: np.ndarray) -> None:
    """Show the confusion matrix, in which a cell can be chosen."""
    st.header("Confusion matrix")
    st.caption(
        "How often each true digit (row) was answered as each predicted digit (column). Click a cell to see its digits."
    )
    st.altair_chart(
        confusion_chart(confusion), on_select=lambda: choose_clicked(confusion), key="confusion", alt="Confusion matrix"
    )


def show_chosen_cell(confusion: np.ndarray, evaluated: Evaluation) -> None:
    """Show the digits of the cell that was clicked, or chosen from a list, for the keyboard."""
    cells = cells_in_order(confusion)
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
    if not len(places):
        st.caption(f"None of them is here: {ONLY_SAMPLE[0].lower()}{ONLY_SAMPLE[1:]}")
    if len(places) > SHOWN:
        st.caption(f"The {SHOWN} surest of {len(places):,}:")
    show_digits(evaluated, places[:SHOWN], "cell")


def choose_clicked(confusion: np.ndarray) -> None:
    """Choose the cell that was clicked, or none where there are no digits."""
    clicked = st.session_state["confusion"].selection.get("cell") or [{"label": 0, "answer": 0}]
    cell = int(clicked[0]["label"]), int(clicked[0]["answer"])
    st.session_state["cell"] = cell if confusion[cell] else None


def cells_in_order(confusion: np.ndarray) -> dict[tuple[int, int], int]:
    """Return how many digits there are in each cell, (label, answer), that has any: mistakes first, most first."""
    cells = {(label, answer): int(confusion[label, answer]) for label, answer in np.argwhere(confusion).tolist()}
    return dict(sorted(cells.items(), key=lambda item: (item[0][0] == item[0][1], -item[1])))


def show_per_digit(confusion: np.ndarray) -> None:
    """Show how often each digit is read correctly."""
    st.header("Accuracy per digit")
    st.caption("How many of the test digits of each kind are read right.")
    st.altair_chart(per_digit_chart(confusion), alt="Accuracy per digit")


def show_hardest(evaluated: Evaluation, is_part: bool) -> None:
    """Show the mistakes that give the right digit the least probability; is_part: of the digits that were counted."""
    st.header("The hardest mistakes")
    places = evaluated.hardest(SHOWN)
    if len(places):
        show_digits(evaluated, places, "hardest")
    else:
        st.success("None of these digits is misread.")
    if is_part:
        st.caption(ONLY_SAMPLE + (ALL_OF_IT if visitor_session.is_at_this_computer() else ""))


def show_digits(evaluated: Evaluation, places, name: str) -> None:
    """Show digits with what was written and what was answered."""
    with st.container(horizontal=True, key=f"pixels {name}"):
        for place in places:
            label, answer = evaluated.labels[place], evaluated.answers[place]
            share = float(evaluated.probabilities[place, answer])
            picture = drawing_views.png(255 - drawing_views.repeat_pixels(evaluated.pictures[place], 3))
            words = f"{label} → {answer}, {percent(share)}"
            st.image(picture, words, width=PICTURE_WIDTH, alt=f"A {label} that is answered as {answer}")


def show_report(path: Path, evaluated: Evaluation, top: DeltaGenerator) -> None:
    """Offer the report as a download, at the top: a keyboard would reach it last below the mistakes.

    A report that lies beside the model may be of more digits than there are here.
    """
    card, page = visitor_session.load(path).card, path.with_suffix(".html")

    def html() -> bytes | str:
        is_of_more = mnist.find() is None and page.is_file()
        return page.read_bytes() if is_of_more else report.render(card, evaluated, path.name)

    top.download_button(
        "Download the report", html, page.name, "text/html", icon=":material/lab_profile:", on_click="ignore"
    )
