"""The tab Train: train a network of your own, watch it learn, experiment, compare what came of it, use it."""

import streamlit as st

from digits.models.evaluation import in_percent
from digits.page import visitor_session
from digits.page.jobs.runs import Run, experiment_of
from digits.page.jobs.training_jobs import TrainingHost
from digits.page.jobs.training_process import TrainingSnapshot, TrainingStatus
from digits.page.tabs import draw
from digits.page.tabs.trained_models import show_models
from digits.page.training_views import choosing, link, live, probes, runs_table, whole_mnist
from digits.page.training_views.findings import finding
from digits.page.widgets import plain, show_curves, show_error
from digits.system.files import UserError
from digits.training.configuration import Configuration

OUTCOMES = {
    TrainingStatus.FINISHED: ("success", "The training is finished and the model is saved below."),
    TrainingStatus.STOPPED: ("info", "The training was stopped; what it had learned is saved below, if it had begun."),
}
OTHER_MACHINE = (
    "A network can be trained only at the computer that runs this page. Run the page on your own computer to train one "
    "yourself."
)
PURPOSE = "Train the network yourself: watch it learn from chance to certainty, pause it, and ask what it needs."
PAD_WIDTH = 420  # CSS pixels
REFUSED = "training_refused"  # in the session: why the last training could not be started


def show() -> None:
    """Show the tab."""
    if not visitor_session.is_at_this_computer():
        st.info(OTHER_MACHINE, icon=":material/model_training:")
        return
    host = visitor_session.trainings()
    st.markdown(PURPOSE)
    if sentence := st.session_state.pop(REFUSED, ""):
        show_error(sentence)
    if host.is_busy:
        show_heading(host.snapshot())
        live.follow(host)
        show_pad_to_watch()
    else:
        show_outcome(host, host.snapshot())
        choosing.show(host, start)
        whole_mnist.show()
    runs_table.show(host)
    show_models(host)


def keep_inputs() -> None:
    """Keep what was typed into the form while another tab is open: Streamlit forgets what it does not show."""
    if visitor_session.is_at_this_computer() and not visitor_session.trainings().is_busy:
        choosing.ask_for_settings(start)


def start(configuration: Configuration, data: str = "", beside: Configuration | None = None) -> None:
    """Start a training; why it cannot be is said when the page is shown next."""
    visitor_session.speed().stop()
    try:
        visitor_session.trainings().start(configuration, data, beside=beside)
    except UserError as error:
        st.session_state[REFUSED] = str(error)
        return
    st.session_state["configuration"], st.session_state["data"] = configuration, data
    link.show(configuration)


def show_pad_to_watch() -> None:
    """Show the pad below a training: what is drawn there is answered by the network that learns."""
    if visitor_session.trainings().snapshot().is_own:
        return
    with st.expander("Draw a digit for it to answer", icon=":material/draw:"):
        st.caption("Its bars are above, in a frame. The answer on the pad is that of the model in use, as always.")
        with st.container(width=PAD_WIDTH):
            draw.show_pad()


def show_heading(snapshot: TrainingSnapshot) -> None:
    """Show what kind of training it is; of an experiment, its question."""
    st.header(live.title(snapshot))
    if experiment := live.experiment(snapshot):
        st.markdown(f"**{experiment.question}**")


def show_outcome(host: TrainingHost, snapshot: TrainingSnapshot) -> None:
    """Show how the last training ended, if there was one."""
    if snapshot.is_own and not snapshot.failure:
        st.info("The last training was on your own drawings; what came of it is in the tab *Your hand*.")
        return
    if snapshot.configuration and snapshot.status is not TrainingStatus.IDLE:
        show_heading(snapshot)
    if snapshot.failure:
        show_error(snapshot.failure.sentence)
        if snapshot.failure.details:
            st.code(snapshot.failure.details, language=None)
    elif snapshot.status in OUTCOMES:
        kind, sentence = OUTCOMES[snapshot.status]
        accuracy = snapshot.test_accuracy
        found = f" Test accuracy: {in_percent(accuracy)}." if accuracy is not None else ""
        getattr(st, kind)(sentence + found)
    show_finding(host, snapshot)
    if snapshot.curve:
        live.show_view(host, snapshot, probes.all_of_visitor())
    elif snapshot.epochs:
        show_curves(snapshot.epochs)


def show_finding(host: TrainingHost, snapshot: TrainingSnapshot) -> None:
    """Show what came of an experiment, once it and the plain training are over."""
    run = run_of(host, snapshot)
    compared = live.plain_run(host, snapshot)
    experiment = experiment_of(run) if run else None
    if run and compared and experiment:
        st.info(plain(finding(experiment, compared, run, run.confusion(host.folder))), icon=":material/lightbulb:")


def run_of(host: TrainingHost, snapshot: TrainingSnapshot) -> Run | None:
    """Return what is kept of a training that has ended."""
    return next((run for run in host.runs() if f"{run.name}.h5" == snapshot.model), None)
