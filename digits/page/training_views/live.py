"""A training while it goes on and once it is over: in words, its curve, what it answers, and its first kernels.

The browser's part is `training_frontend/training.js`.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import streamlit as st
from streamlit.components.v2 import component

from digits.page.jobs.runs import Point, Run, latest, title_of
from digits.page.jobs.training_jobs import TrainingHost
from digits.page.jobs.training_process import TrainingSnapshot, TrainingStatus
from digits.page.training_views import probes
from digits.page.widgets import custom_properties, show_curves
from digits.training.presets import CLASSROOM, EXPERIMENTS, Experiment

PAUSE = 0.5  # seconds between looks at a running training
FRONTEND = Path(__file__).parent.parent / "training_frontend"
COLOURS = ("accent", "doubt", "paper", "edge", "text", "faint_text", "muted_bar")  # of the design tokens
PHASES = {  # as the trainer names them
    "drawing": "Drawing the digits to learn from ...",
    "testing": "Reading the test digits ...",
    "saving": "Calibrating and saving the network ...",
}

_html, _css, _js = ((FRONTEND / f"training.{kind}").read_text("utf-8") for kind in ("html", "css", "js"))
_tokens = f".training {{{custom_properties(*COLOURS)}}}\n"
_component = component("training", html=_html, css=_tokens + _css, js=_js)


def follow(host: TrainingHost) -> None:
    """Show a training that is going on, again and again until it is over."""

    @st.fragment(run_every=PAUSE)
    def show_again() -> None:
        if not host.is_busy:
            st.rerun()
        show_progress(host, host.snapshot())

    show_again()


def show_progress(host: TrainingHost, snapshot: TrainingSnapshot) -> None:
    """Show what it does, how long it will take, and how well it learns; with what it can be told."""
    beside = host.beside()
    is_waiting = beside is not None and not snapshot.is_alive  # for the plain training, which is slower
    going_on = beside if beside is not None and is_waiting else snapshot
    whose = "Plain training: " if is_waiting else ""
    with st.container(border=True):
        st.progress(going_on.share_done, text=whose + progress_in_words(going_on))
        show_buttons(host, going_on)
        if snapshot.is_own:
            if snapshot.epochs:
                show_curves(snapshot.epochs)
            return
        seen = probes.all_of_visitor()
        host.probe(np.stack([probe.picture for probe in seen]))
        show_view(host, snapshot, seen)


def show_buttons(host: TrainingHost, snapshot: TrainingSnapshot) -> None:
    """Offer to pause, to take one batch, to go on, and to stop."""
    # Also while the next epoch is drawn: a button that is disabled for a moment loses a press that is under way.
    is_learning = snapshot.status is TrainingStatus.RUNNING and snapshot.phase in ("drawing", "learning")
    with st.container(horizontal=True):
        if not snapshot.is_own:
            word, icon, command = (
                ("Go on", "play_arrow", "continue") if snapshot.is_paused else ("Pause", "pause", "pause")
            )
            st.button(
                word,
                key="pause training",
                icon=f":material/{icon}:",
                on_click=host.tell,
                args=(command,),
                disabled=not is_learning,
            )
            st.button(
                "One batch", icon=":material/skip_next:", on_click=host.tell, args=("step",), disabled=not is_learning
            )
        st.button(
            "Stop" if snapshot.is_own else "Stop and keep",
            icon=":material/stop_circle:",
            on_click=host.stop,
            disabled=snapshot.status is TrainingStatus.STOPPING,
        )


def progress_in_words(snapshot: TrainingSnapshot) -> str:
    """Return what a training is doing, in a few words."""
    if snapshot.status is TrainingStatus.STARTING:
        return "Waking TensorFlow, which takes a few seconds ..."
    if snapshot.status is TrainingStatus.STOPPING:
        return "Stopping: the best so far is tested and saved ..."
    if snapshot.phase in PHASES:
        return PHASES[snapshot.phase]
    if not snapshot.batch:
        return f"Epoch {min(len(snapshot.epochs) + 1, snapshot.num_epochs)} of {snapshot.num_epochs}"
    at = snapshot.batch
    place = f"epoch {at['epoch']} of {snapshot.num_epochs}, batch {at['batch']:,} of {at['batches']:,}"
    left = "" if snapshot.seconds_left is None else f" · about {in_words(snapshot.seconds_left)} left"
    return f"Paused · {place}" if snapshot.is_paused else f"Learning · {place}{left}"


def in_words(seconds: float) -> str:
    """Return a duration for people."""
    return (
        f"{seconds:.0f} s"
        if seconds < 90
        else f"{seconds / 60:.0f} min"
        if seconds < 5400
        else f"{seconds / 3600:.1f} h"
    )


def show_view(host: TrainingHost, snapshot: TrainingSnapshot, seen: Sequence[probes.Probe]) -> None:
    """Show curves, answers and kernels of a training, with the plain one if it is an experiment."""
    batch = snapshot.batch or {}
    curves = curves_of(snapshot.curve)
    if (plain := plain_points(host, snapshot)) is not None:
        curves.insert(1, {"kind": "plain", "name": "plain training", "points": accuracies(plain)})
    data = {
        "curves": curves,
        "images": snapshot.images_in_all,
        "probes": probes.answered(tuple(seen), batch.get("probes", [])),
        "kernels": batch.get("kernels", []),
        "is_live": snapshot.is_alive,
    }
    _component(key="training", data=data)


def plain_points(host: TrainingHost, snapshot: TrainingSnapshot) -> Sequence[Point] | None:
    """Return the curve of the plain training that an experiment is compared with: beside it, or kept from before."""
    if (beside := host.beside()) is not None:
        return beside.curve
    run = plain_run(host, snapshot)
    return run.curve if run else None


def plain_run(host: TrainingHost, snapshot: TrainingSnapshot) -> Run | None:
    """Return the plain run that an experiment is compared with, None if it is none or there is none."""
    return latest(host.runs(), CLASSROOM.configuration, snapshot.data) if experiment(snapshot) else None


def experiment(snapshot: TrainingSnapshot) -> Experiment | None:
    """Return the experiment that a training is, or None."""
    found = (each for each in EXPERIMENTS.values() if each.configuration == snapshot.configuration)
    return None if snapshot.configuration == CLASSROOM.configuration else next(found, None)


def curves_of(points: Sequence[Point]) -> list[dict]:
    """Return the curves of one training for the browser: on validation digits, and on the images it learns from."""
    learned = [(point.seen, point.training_accuracy) for point in points if point.training_accuracy is not None]
    return [
        {"kind": "main", "name": "validation accuracy", "points": accuracies(points)},
        {"kind": "seen", "name": "training accuracy", "points": learned},
    ]


def accuracies(points: Sequence[Point]) -> list[tuple[int, float]]:
    """Return a curve's accuracy on validation digits over the images seen, for the browser."""
    return [(point.seen, point.accuracy) for point in points]


def show_runs(runs: Sequence[Run]) -> None:
    """Show the curves of one or two runs together."""
    kinds = zip(("main", "plain"), runs, strict=False)
    curves = [
        {"kind": kind, "name": f"{run.title}, {run.name}", "points": accuracies(run.curve)} for kind, run in kinds
    ]
    _component(
        key="curves of runs", data={"curves": curves, "images": 0, "probes": [], "kernels": [], "is_live": False}
    )


def title(snapshot: TrainingSnapshot) -> str:
    """Return what kind of training it is."""
    return title_of(snapshot.configuration) if snapshot.configuration else "Training"
