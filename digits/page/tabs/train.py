"""The tab Train: train a network of your own, watch it learn, compare it, use it."""

from dataclasses import fields
from pathlib import Path

import pandas as pd
import streamlit as st

from digits.models import evaluation, loading, model_card
from digits.models.evaluation import Evaluation
from digits.page import visitor_session
from digits.page.tabs.model import evaluate_on_test_digits
from digits.page.training_jobs import TrainingHost, TrainingSnapshot, TrainingStatus, limits
from digits.page.widgets import plain, show_curves, show_error
from digits.system.files import UserError
from digits.training.configuration import LESSON, Configuration

PAUSE = 0.5  # seconds between looks at a running training
FORM = ("digits", "epochs", "batch_size", "learning_rate", "seed")  # settings, in the order of the form
WHO_IS_RIGHT = ("both right", "only the shipped model", "only this one", "neither")
OUTCOMES = {
    TrainingStatus.FINISHED: ("success", "The training is finished and the model is saved below."),
    TrainingStatus.STOPPED: (
        "info",
        "The training was stopped; its best epoch so far is saved below, if one was finished.",
    ),
}
OTHER_MACHINE = (
    "A network is trained by the person at the computer that runs this page. Run the page on your own computer to "
    "train one yourself."
)


def show() -> None:
    """Show the tab."""
    host = visitor_session.trainings()
    snapshot = host.snapshot()
    ask_for_training(host, snapshot)
    if snapshot.is_alive:
        follow(host)
    else:
        show_outcome(snapshot)
    show_models(host)


def keep_inputs() -> None:
    """Keep what was typed into the form while another tab is open: Streamlit forgets what it does not show."""
    host = visitor_session.trainings()
    ask_for_training(host, host.snapshot())


def ask_for_training(host: TrainingHost, snapshot: TrainingSnapshot) -> None:
    """Say what the tab is for and, unless a training is going on, ask those at this computer what to train."""
    st.markdown("Train the network yourself: choose how long and how fast it learns, and watch it.")
    if not visitor_session.is_at_this_computer():
        st.caption(OTHER_MACHINE)
    elif not snapshot.is_alive:
        show_form(host)


def show_form(host: TrainingHost) -> None:
    """Ask what to train, and start it; the form begins with what this visitor chose last."""
    chosen: Configuration = st.session_state.get("configuration", LESSON)
    with st.form("training", border=True):
        places = zip(FORM, st.columns(len(FORM)), strict=True)
        settings = {name: ask_for_setting(place, name, getattr(chosen, name)) for name, place in places}
        data = st.text_input(
            "Data file",
            st.session_state.get("data", ""),
            placeholder="mnist.npz on this computer; empty: the MNIST that the trainer finds",
        )
        if st.form_submit_button("Start training", type="primary", icon=":material/model_training:"):
            start(host, configuration_of(settings), data or "")


def ask_for_setting(place, name: str, value: float | None) -> float | None:
    """Ask for a setting within its limits.

    All are asked for as floats: an infinite number or NaN is then replaced by the default and not an exception.
    """
    (setting,) = (each for each in fields(Configuration) if each.name == name)
    form = "%.4f" if name == "learning_rate" else "%.0f"
    least, most = map(float, limits(name))
    label, default = name.replace("_", " ").capitalize(), None if value is None else float(value)
    step = None if name == "learning_rate" else 1.0
    help_text = setting.metadata["help"]
    return place.number_input(label, least, most, default, step, form, placeholder="all", help=help_text)


def configuration_of(settings: dict[str, float | None]) -> Configuration:
    """Return the configuration that was typed; settings: all of FORM."""
    given = {name: value for name, value in settings.items() if value is not None}
    rate = given.pop("learning_rate", LESSON.learning_rate)
    return Configuration(learning_rate=rate, **{name: int(value) for name, value in given.items()})


def start(host: TrainingHost, configuration: Configuration, data: str) -> None:
    """Start a training and show it."""
    try:
        host.start(configuration, data)
    except UserError as error:
        show_error(str(error))
        return
    st.session_state["configuration"], st.session_state["data"] = configuration, data
    st.rerun()


def follow(host: TrainingHost) -> None:
    """Show a training that is going on, again and again until it is over."""

    @st.fragment(run_every=PAUSE)
    def show_again() -> None:
        snapshot = host.snapshot()
        if not snapshot.is_alive:
            st.rerun()
        show_progress(host, snapshot)

    show_again()


def show_progress(host: TrainingHost, snapshot: TrainingSnapshot) -> None:
    """Show how far it is, how long it will take, and how well it learns."""
    with st.container(border=True):
        st.progress(snapshot.share_done, text=progress_in_words(snapshot))
        if visitor_session.is_at_this_computer():
            st.button(
                "Stop and keep the best so far",
                icon=":material/stop_circle:",
                on_click=host.stop,
                disabled=snapshot.status is TrainingStatus.STOPPING,
            )
        if snapshot.epochs:
            show_curves(snapshot.epochs)


def progress_in_words(snapshot: TrainingSnapshot) -> str:
    """Return what a training is doing, in a few words."""
    if snapshot.status is TrainingStatus.STARTING:
        return "Starting: TensorFlow takes some seconds ..."
    if snapshot.status is TrainingStatus.STOPPING:
        return "Stopping: the best epoch is tested and saved ..."
    if snapshot.seconds_left is None:
        return f"The first of {snapshot.num_epochs} epochs ..."
    if len(snapshot.epochs) == snapshot.num_epochs:
        return "All epochs are done: testing and saving ..."
    left = in_words(snapshot.seconds_left)
    return f"Epoch {len(snapshot.epochs)} of {snapshot.num_epochs} · about {left} left"


def in_words(seconds: float) -> str:
    """Return a duration for people."""
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"


def show_outcome(snapshot: TrainingSnapshot) -> None:
    """Show how the last training ended, if there was one; why it failed only to those at this computer."""
    if snapshot.failure and visitor_session.is_at_this_computer():
        show_error(snapshot.failure.sentence)
        if snapshot.failure.details:
            st.code(snapshot.failure.details, language=None)
    elif snapshot.status in OUTCOMES:
        kind, sentence = OUTCOMES[snapshot.status]
        accuracy = snapshot.test_accuracy
        found = f" It reads {accuracy:.2%} of the test digits." if accuracy is not None else ""
        getattr(st, kind)(sentence + found)
    if snapshot.epochs:
        show_curves(snapshot.epochs)


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
        st.markdown(f"**{plain(path.stem)}** · {summary(card)}" + (" · :primary[in use]" if is_in_use else ""))
        st.space("stretch")
        with st.container(horizontal=True, width="content"):
            st.button(
                "Use", key=f"use {path.stem}", disabled=is_in_use, on_click=visitor_session.use_model, args=(path,)
            )
            st.download_button("Download", path.read_bytes, path.name, key=f"download {path.stem}", on_click="ignore")
            with st.popover("More", key=f"more {path.stem}"):
                st.json({key: value for key, value in card.items() if key != "history"})
                if visitor_session.is_at_this_computer():
                    st.button("Delete this model", key=f"delete {path.stem}", on_click=host.delete, args=(path,))


def summary(card: dict) -> str:
    """Return what a model card says, in a line."""
    recipe = card.get("recipe", {})
    accuracy = f"{card['test_accuracy']:.2%} of the test digits" if "test_accuracy" in card else "not tested"
    return f"{accuracy} · {recipe.get('epochs', '?')} epochs, seed {recipe.get('seed', '?')}"


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
    rows = [("all", f"{ours.accuracy:.2%}", f"{theirs.accuracy:.2%}")]
    per_digit = (ours.per_digit, theirs.per_digit)
    rows += [(str(digit), *(f"{shares[digit]:.2%}" for shares in per_digit)) for digit in per_digit[0]]
    return pd.DataFrame(rows, columns=["digit", "shipped model", name])
