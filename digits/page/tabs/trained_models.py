"""The list of trained models in the tab Train: each can be used, downloaded, looked at, compared and deleted."""

from pathlib import Path

import pandas as pd
import streamlit as st

from digits.models import evaluation, loading, model_card
from digits.models.evaluation import Evaluation, in_percent
from digits.models.model_card import ModelCard
from digits.page import visitor_session
from digits.page.jobs.training_jobs import TrainingHost
from digits.page.tabs.model import evaluate_on_test_digits
from digits.page.widgets import plain, show_error
from digits.system.files import UserError

WHO_IS_RIGHT = ("both right", "only the shipped model", "only this one", "neither")


def show_models(host: TrainingHost) -> None:
    """List the trained models, each with what can be done with it."""
    st.header("Your models")
    trained = host.models()
    if not trained:
        how = "it is listed here when the training is over" if host.is_busy else "start one above"
        st.info(f"No model has been trained here yet: {how}.", icon=":material/network_intelligence:")
        return
    in_use = visitor_session.model_in_use()
    kinds = {run.name: run.title for run in host.runs()}
    for path in trained:
        show_model(host, path, path == in_use, kinds.get(path.stem, ""))
    if in_use != loading.SHIPPED:
        st.button("Use the shipped model again", on_click=visitor_session.use_model, args=(loading.SHIPPED,))
    show_comparison(trained)


def show_model(host: TrainingHost, path: Path, is_in_use: bool, kind: str) -> None:
    """Show one model: in a line what it is, and what can be done with it; kind: of its training, if that is known."""
    card = model_card.read_card(model_card.companions(path).card)
    with st.container(horizontal=True, vertical_alignment="center", border=True):
        told = (f"**{plain(path.stem)}**", kind, summary(card), ":primary[in use]" if is_in_use else "")
        st.markdown(" · ".join(filter(None, told)))
        st.space("stretch")
        with st.container(horizontal=True, width="content"):
            st.button(
                "Use", key=f"use {path.stem}", disabled=is_in_use, on_click=visitor_session.use_model, args=(path,)
            )
            st.download_button("Download", path.read_bytes, path.name, key=f"download {path.stem}", on_click="ignore")
            with st.popover("More", key=f"more {path.stem}"):
                st.json({key: value for key, value in card.entries.items() if key not in ("history", "confusion")})
                st.button("Delete this model", key=f"delete {path.stem}", on_click=host.delete, args=(path,))


def summary(card: ModelCard) -> str:
    """Return what a model card says, in a line."""
    accuracy = "not tested" if card.test_accuracy is None else f"{in_percent(card.test_accuracy)} test accuracy"
    return f"{accuracy} · {card.recipe.get('epochs', '?')} epochs, seed {card.recipe.get('seed', '?')}"


def show_comparison(trained: list[Path]) -> None:
    """Compare a trained model with the shipped one, on the same test digits."""
    chosen = st.selectbox(
        "Compare with the shipped model",
        trained,
        None,
        lambda path: path.stem,
        key="compared",
        placeholder="Choose a model",
        persist_state="session",
    )
    if chosen is None:
        return
    try:
        ours, theirs = (evaluate_on_test_digits(path) for path in (loading.SHIPPED, chosen))
    except UserError as error:
        show_error(str(error))
        return
    st.dataframe(comparison_table(ours, theirs, chosen.stem), hide_index=True, height="content")
    counts = zip(WHO_IS_RIGHT, evaluation.differences(ours, theirs).values(), strict=True)
    st.caption(f"Of {len(ours.labels):,} test digits: " + ", ".join(f"{who} {count:,}" for who, count in counts) + ".")


def comparison_table(ours: Evaluation, theirs: Evaluation, name: str) -> pd.DataFrame:
    """Return the accuracy of two models, on all digits and on each, as a table of percentages."""
    rows = [("All", in_percent(ours.accuracy), in_percent(theirs.accuracy))]
    per_digit = (ours.per_digit, theirs.per_digit)
    rows += [(str(digit), *(in_percent(shares[digit]) for shares in per_digit)) for digit in per_digit[0]]
    return pd.DataFrame(rows, columns=["Digit", "Shipped model", name])
