"""The tab Train: train a network of your own, watch it learn, compare it, use it."""

from pathlib import Path

import pandas as pd
import streamlit as st

from digits.models import evaluation, loading, model_card
from digits.models.evaluation import Evaluation
from digits.page import visitor_session
from digits.page.tabs.model import evaluate_on_test_digits
from digits.page.training_jobs import Status, TrainingHost, View, Wish
from digits.page.widgets import plain, show_curves, show_error
from digits.system.files import UserError

PAUSE = 0.5  # seconds between looks at a running training
WHO_IS_RIGHT = ("both right", "only the shipped model", "only this one", "neither")
SAID = {
    Status.FINISHED: ("success", "The training is finished and the model is saved below."),
    Status.STOPPED: ("info", "The training was stopped; its best epoch so far is saved below, if one was finished."),
}


def show() -> None:
    """Show the tab."""
    host = visitor_session.trainings()
    view = host.look()
    ask(host, view)
    if view.alive:
        follow(host)
    else:
        show_outcome(view)
    show_models(host)


def stay() -> None:
    """Keep what was typed into the form while another tab is open: Streamlit forgets what it does not show."""
    host = visitor_session.trainings()
    ask(host, host.look())


def ask(host: TrainingHost, view: View) -> None:
    """Say what the tab is for and, unless a training is going on, ask what to train."""
    st.markdown("Train the network yourself: choose how long and how fast it learns, and watch it.")
    if not view.alive:
        show_wishes(host, view.wish or Wish())


def show_wishes(host: TrainingHost, usual: Wish) -> None:
    """Ask what to train, and start it."""
    with st.form("training", border=True):
        first, second, third, fourth, fifth = st.columns(5)
        digits = first.number_input(
            "Digits", 1, 1_000_000, usual.digits, placeholder="all", help="How many it learns from: fewer are quicker."
        )
        epochs = second.number_input("Epochs", 1, 500, usual.epochs, help="How often it sees all of them.")
        batch_size = third.number_input("Batch size", 1, 4096, usual.batch_size, help="Digits per step.")
        rate = fourth.number_input(
            "Learning rate", 0.0001, 10.0, usual.learning_rate, format="%.4f", help="At its peak."
        )
        seed = fifth.number_input("Seed", 0, 2**32 - 1, usual.seed, help="The same seed gives the same model.")
        data = st.text_input(
            "Data file", usual.data, placeholder="mnist.npz on the server; empty: the MNIST that the trainer finds"
        )
        if st.form_submit_button("Start training", type="primary", icon=":material/model_training:"):
            start(host, Wish(int(epochs), int(batch_size), float(rate), int(seed), digits and int(digits), data))


def start(host: TrainingHost, wish: Wish) -> None:
    """Start a training and show it."""
    try:
        host.start(wish)
    except UserError as error:
        show_error(str(error))
        return
    st.rerun()


def follow(host: TrainingHost) -> None:
    """Show a training that is going on, again and again until it is over."""

    @st.fragment(run_every=PAUSE)
    def look_again() -> None:
        view = host.look()
        if not view.alive:
            st.rerun()
        show_progress(host, view)

    look_again()


def show_progress(host: TrainingHost, view: View) -> None:
    """Show how far it is, how long it will take, and how well it learns."""
    with st.container(border=True):
        st.progress(view.share_done, text=progress_in_words(view))
        st.button(
            "Stop and keep the best so far",
            icon=":material/stop_circle:",
            on_click=host.stop,
            disabled=view.status is Status.STOPPING,
        )
        if view.epochs:
            show_curves(view.epochs)


def progress_in_words(view: View) -> str:
    """Return what a training is doing, in a few words."""
    if view.status is Status.STARTING:
        return "Starting: TensorFlow takes some seconds ..."
    if view.status is Status.STOPPING:
        return "Stopping: the best epoch is tested and saved ..."
    if not view.epochs:
        return f"The first of {view.wish.epochs} epochs ..."
    if len(view.epochs) == view.wish.epochs:
        return "All epochs are done: testing and saving ..."
    return f"Epoch {len(view.epochs)} of {view.wish.epochs} · about {in_words(view.seconds_left)} left"


def in_words(seconds: float) -> str:
    """Return a duration for people."""
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"


def show_outcome(view: View) -> None:
    """Show how the last training ended, if there was one."""
    if view.status is Status.IDLE:
        return
    if view.failure:
        show_error(view.failure.sentence)
        if view.failure.details:
            st.code(view.failure.details, language=None)
    elif view.status in SAID:
        kind, sentence = SAID[view.status]
        found = f" It reads {view.test_accuracy:.2%} of the test digits." if view.test_accuracy is not None else ""
        getattr(st, kind)(sentence + found)
    if view.epochs:
        show_curves(view.epochs)


def show_models(host: TrainingHost) -> None:
    """List the trained models, each with what can be done with it."""
    st.subheader("Your models")
    trained = host.models()
    if not trained:
        st.info("No model has been trained here yet: start one above.", icon=":material/network_intelligence:")
        return
    in_use = visitor_session.model_in_use()
    for path in trained:
        show_model(host, path, path == in_use)
    if in_use != loading.SHIPPED:
        st.button("Use the shipped model again", on_click=visitor_session.use_model, args=(loading.SHIPPED,))
    show_comparison(trained)


def show_model(host: TrainingHost, path: Path, is_in_use: bool) -> None:
    """Show one model: in a line what it is, and what can be done with it."""
    card = model_card.read_card(model_card.companions(path).card)
    with st.container(horizontal=True, vertical_alignment="center", border=True):
        recipe = card.recipe
        accuracy = "not tested" if card.test_accuracy is None else f"{card.test_accuracy:.2%} of the test digits"
        told = (
            f"**{plain(path.stem)}** · {accuracy} · {recipe.get('epochs', '?')} epochs, seed {recipe.get('seed', '?')}"
        )
        st.markdown(told + (" · :primary[in use]" if is_in_use else ""))
        st.space("stretch")
        with st.container(horizontal=True, width="content"):
            st.button(
                "Use", key=f"use {path.stem}", disabled=is_in_use, on_click=visitor_session.use_model, args=(path,)
            )
            st.download_button("Download", path.read_bytes, path.name, key=f"download {path.stem}", on_click="ignore")
            with st.popover("More", key=f"more {path.stem}"):
                st.json({key: value for key, value in card.entries.items() if key != "history"})
                st.button("Delete this model", key=f"delete {path.stem}", on_click=host.delete, args=(path,))


def show_comparison(trained: list[Path]) -> None:
    """Put a trained model beside the shipped one, on the same test digits."""
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
    """Return the accuracy of two models, in all and of each digit, as a table of percentages in words."""
    rows = [("all", f"{ours.accuracy:.2%}", f"{theirs.accuracy:.2%}")]
    per_digit = (ours.per_digit, theirs.per_digit)
    rows += [(str(digit), *(f"{shares[digit]:.2%}" for shares in per_digit)) for digit in per_digit[0]]
    return pd.DataFrame(rows, columns=["digit", "shipped model", name])
