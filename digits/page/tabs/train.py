"""The tab Train: train a network of your own, watch it learn, compare it, use it."""

from dataclasses import fields

import streamlit as st

from digits.page import visitor_session
from digits.page.jobs.training_jobs import TrainingHost, TrainingSnapshot, TrainingStatus, limits
from digits.page.tabs.trained_models import show_models
from digits.page.widgets import show_curves, show_error
from digits.system.files import UserError
from digits.training.configuration import LESSON, Configuration

PAUSE = 0.5  # seconds between looks at a running training
FORM = ("digits", "epochs", "batch_size", "learning_rate", "seed")  # settings, in the order of the form
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
    if not visitor_session.is_at_this_computer():
        st.markdown(OTHER_MACHINE)
        return
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
    if visitor_session.is_at_this_computer():
        host = visitor_session.trainings()
        ask_for_training(host, host.snapshot())


def ask_for_training(host: TrainingHost, snapshot: TrainingSnapshot) -> None:
    """Say what the tab is for and, unless a training is going on, ask what to train."""
    st.markdown("Train the network yourself: choose how long and how fast it learns, and watch it.")
    if not snapshot.is_alive:
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
        st.button(
            "Stop" if snapshot.is_own else "Stop and keep the best so far",
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
    """Show how the last training ended, if there was one."""
    if snapshot.failure:
        show_error(snapshot.failure.sentence)
        if snapshot.failure.details:
            st.code(snapshot.failure.details, language=None)
    elif snapshot.is_own:
        st.info("The last training was on your own drawings; what came of it is in the tab *Your hand*.")
    elif snapshot.status in OUTCOMES:
        kind, sentence = OUTCOMES[snapshot.status]
        accuracy = snapshot.test_accuracy
        found = f" It reads {accuracy:.2%} of the test digits." if accuracy is not None else ""
        getattr(st, kind)(sentence + found)
    if snapshot.epochs:
        show_curves(snapshot.epochs)
