"""All runs as one self-contained HTML page: a table, the curves, and what came of the experiments."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from digits.models.evaluation import in_percent
from digits.models.reports import curves, report
from digits.models.reports.curves import Chart, Series
from digits.page.jobs.runs import Run, experiment_of, latest
from digits.page.training_views.findings import finding
from digits.system.design_tokens import css_variables
from digits.training.configuration import option_name
from digits.training.presets import CLASSROOM

TEMPLATE = Path(__file__).with_name("runs_report.html.jinja")
COLUMNS = ("Run", "Begun", "Status", "Test accuracy", "Seconds", "Data")


def render(runs: Sequence[Run], folder: Path, compared: Sequence[Run] = ()) -> str:
    """Return the page on the runs, the latest first; folder: of their models. compared: have their curves together."""
    return report.template(TEMPLATE).render(
        css_variables=css_variables(),
        columns=COLUMNS,
        runs=[_described(run, runs, folder) for run in runs],
        compared=_chart("Validation accuracy", compared),
    )


def settings_in_words(run: Run) -> str:
    """Return the settings of a run as the trainer's options, such as "--epochs 3 --network small"."""
    return " ".join(f"{option_name(name)} {text}" for name, text in run.configuration.as_text().items())


def _described(run: Run, runs: Sequence[Run], folder: Path) -> dict:
    experiment, confusion = experiment_of(run), run.confusion(folder)
    plain = latest(runs, CLASSROOM.configuration, run.data)
    accuracy = "" if run.test_accuracy is None else in_percent(run.test_accuracy)
    return {
        "title": run.title,
        "name": run.name,
        "question": experiment.question if experiment else "",
        "finding": finding(experiment, plain, run, confusion) if experiment and plain else "",
        "settings": f"{run.data}; {settings_in_words(run)}",
        "cells": (run.title, run.name, run.status, accuracy, f"{run.seconds:.0f}", run.data),
        "chart": _chart("Accuracy", [run], with_training=True),
        "confusion": report.confusion_cells(np.array(confusion)) if confusion else [],
    }


def _chart(title: str, runs: Sequence[Run], with_training: bool = False) -> Chart | None:
    series = []
    for run in filter(lambda run: run.curve, runs):
        name = "validation" if with_training else f"{run.title}, {run.name}"
        series.append(Series(name, [point.seen for point in run.curve], [point.accuracy for point in run.curve]))
        learned = [point for point in run.curve if point.training_accuracy is not None]
        if with_training and learned:
            shares = [point.training_accuracy or 0.0 for point in learned]
            series.append(Series("training", [point.seen for point in learned], shares))
    return curves.draw(title, "Images seen", series, is_share=True) if series else None
