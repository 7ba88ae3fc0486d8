"""What can be trained: three presets, the experiments, and settings of one's own."""

from collections.abc import Callable, Mapping, Sequence

import streamlit as st

from digits.page import visitor_session
from digits.page.jobs.machine_speed import Speed
from digits.page.jobs.runs import Run, latest
from digits.page.jobs.training_jobs import TrainingHost, limits
from digits.page.training_views import link
from digits.page.training_views.live import in_words
from digits.page.widgets import show_error
from digits.system.files import UserError
from digits.training import mnist
from digits.training.configuration import NETWORKS, SETTINGS, Configuration
from digits.training.presets import CLASSROOM, EXPERIMENTS, PRESETS, Experiment, Preset

LOOK = 1.0  # seconds between looks at a measurement that is going on
COLUMNS = 3
ROWS = (("network", "epochs", "digits", "batch_size"), ("learning_rate", "seed", "left_out", "wrong_labels"))
SWITCHES = ("augmentation", "centring")
FORMS = {"learning_rate": "%.4f", "wrong_labels": "%.2f"}  # of numbers that are not whole
EMPTY = {"digits": "all", "left_out": "none"}  # what no number stands for
Start = Callable[..., None]


def show(host: TrainingHost, start: Start) -> None:
    """Offer all that can be trained; start: called with a configuration and the options of `TrainingHost.start`."""
    show_presets(host, start)
    show_experiments(host, start)
    ask_for_settings(start)


def show_presets(host: TrainingHost, start: Start) -> None:
    """Offer the presets, each with the time that it takes on this computer."""
    speed = visitor_session.speed().look()
    runs = host.runs()
    for place, preset in zip(st.columns(len(PRESETS)), PRESETS.values(), strict=True):
        with place.container(border=True, height="stretch"):
            st.markdown(f"**{preset.title}**  \n{preset.sentence}")
            show_time(expected_seconds(preset, speed, runs), speed.is_being_measured)
            is_possible = preset is CLASSROOM or mnist.find() is not None
            if not is_possible:
                st.caption("It needs all of MNIST: get it below.")
            st.space("stretch")
            st.button(
                f"Start {preset.title}",
                icon=":material/play_arrow:",
                type="primary" if preset is CLASSROOM else "secondary",
                on_click=start,
                args=(preset.configuration,),
                disabled=not is_possible,
            )
    if speed.is_being_measured:
        wait_for_speed()


def expected_seconds(preset: Preset, speed: Speed, runs: Sequence[Run]) -> float | None:
    """Return how long a preset takes here, as it was measured or as a run has shown; None where nobody knows.

    The shortest counts: other programs, pauses and a training beside it make a run longer.
    """
    took = [run.seconds for run in runs if run.configuration == preset.configuration and run.status == "finished"]
    measured = [speed.presets[preset.name]] if preset.name in speed.presets else []
    return min([*took, *measured], default=None)


def show_time(seconds: float | None, is_being_measured: bool) -> None:
    """Say how long a training takes."""
    if seconds is not None:
        st.caption(f":material/timer: About {in_words(seconds)} on this computer")
    elif is_being_measured:
        st.caption(":material/timer: Measuring how fast this computer is ...")


def wait_for_speed() -> None:
    """Show the page again when it is known how fast this computer is."""

    @st.fragment(run_every=LOOK)
    def look_again() -> None:
        if not visitor_session.speed().look(may_measure=False).is_being_measured:
            st.rerun()

    look_again()


def show_experiments(host: TrainingHost, start: Start) -> None:
    """Offer the experiments, each with its question."""
    st.header("Experiments")
    st.caption(
        "Each is the Classroom training with one thing changed, and is shown beside the plain one. Guess first: what "
        "will happen?"
    )
    experiments = list(EXPERIMENTS.values())
    for first in range(0, len(experiments), COLUMNS):
        for place, experiment in zip(st.columns(COLUMNS), experiments[first : first + COLUMNS], strict=False):
            with place.container(border=True, height="stretch"):
                st.markdown(experiment.question)
                st.space("stretch")
                st.button(
                    experiment.title,
                    key=f"experiment {experiment.name}",
                    icon=":material/science:",
                    on_click=start_experiment,
                    args=(host, start, experiment),
                )


def start_experiment(host: TrainingHost, start: Start, experiment: Experiment) -> None:
    """Start an experiment; the plain training runs beside it where none is kept from before."""
    plain = CLASSROOM.configuration
    start(experiment.configuration, beside=None if latest(host.runs(), plain, host.usual_data()) else plain)


def ask_for_settings(start: Start) -> None:
    """Ask for settings, and start a training with them; the form begins with those of a link, or the last ones."""
    chosen, is_linked = chosen_settings()
    with (
        st.expander(
            "Settings of your own", expanded=is_linked, icon=":material/tune:", key="own_settings", on_change="rerun"
        ),
        st.form("training", border=False),
    ):
        if is_linked:
            st.caption("These are the settings of the link that you opened.")
        settings: dict = {}
        for row in ROWS:
            for place, name in zip(st.columns(len(row)), row, strict=True):
                settings[name] = ask_for(place, name, getattr(chosen, name))
        with st.container(horizontal=True):
            for name in SWITCHES:
                settings[name] = st.toggle(title_of(name), getattr(chosen, name), help=help_of(name))
        data = st.text_input(
            "Data file",
            st.session_state.get("data", ""),
            placeholder="mnist.npz on this computer; empty: MNIST, or the sample of it",
        )
        if st.form_submit_button("Start training", icon=":material/model_training:"):
            try:
                configuration = configuration_of(settings)
            except UserError as error:
                show_error(str(error))
                return
            start(configuration, data=data or "")
            st.rerun()


def chosen_settings() -> tuple[Configuration, bool]:
    """Return what the form begins with, and whether that comes from a link."""
    try:
        linked = link.read(st.query_params)
    except UserError as error:
        show_error(f"The settings in the address cannot be used. {error}")
        linked = None
    last = st.session_state.get("configuration")
    return linked or last or CLASSROOM.configuration, linked not in (None, last)


def ask_for(place, name: str, value: float | str | None):
    """Ask for a setting within its limits.

    Numbers are asked for as floats: an infinite one or NaN is then replaced by the default and not an exception.
    """
    title, help_text = title_of(name), help_of(name)
    if name == "network":
        return place.selectbox(title, NETWORKS, NETWORKS.index(str(value)), help=help_text)
    least, most = map(float, limits(name))
    form, default = FORMS.get(name, "%.0f"), None if value is None else float(value)
    step = None if name == "learning_rate" else 0.05 if name == "wrong_labels" else 1.0
    return place.number_input(title, least, most, default, step, form, placeholder=EMPTY.get(name), help=help_text)


def title_of(name: str) -> str:
    """Return the name of a setting as it is shown."""
    return name.replace("_", " ").capitalize()


def help_of(name: str) -> str:
    """Return what a setting is for."""
    return SETTINGS[name].metadata["help"]


def configuration_of(settings: Mapping[str, float | str | bool | None]) -> Configuration:
    """Return the configuration that was typed; raises UserError."""
    typed = {name: "on" if value is True else "off" if value is False else value for name, value in settings.items()}
    return Configuration.checked(**typed)
