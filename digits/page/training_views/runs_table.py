"""The table of all runs: their settings and results, two compared, a link to the settings, and one file of it all."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from digits.page.jobs.runs import Run
from digits.page.jobs.training_jobs import TrainingHost
from digits.page.training_views import link, live, runs_report

MOST_COMPARED = 2
SHOWN_HEIGHT = 320  # CSS pixels of the table


def show(host: TrainingHost) -> None:
    """Show the runs that are kept, if there are any."""
    runs = host.runs()
    if not runs:
        return
    st.header("All runs")
    st.dataframe(
        table(runs),
        hide_index=True,
        height=min(SHOWN_HEIGHT, 38 + 35 * len(runs)),
        column_config={
            "Test accuracy": st.column_config.NumberColumn(format="%.2f\N{NO-BREAK SPACE}%%"),
            "Digits": st.column_config.NumberColumn(format="localized"),
            "Time": st.column_config.NumberColumn(format="%.0f\N{NO-BREAK SPACE}s"),
            "Link": st.column_config.LinkColumn(display_text="Settings", help="Opens the page with these settings"),
        },
    )
    chosen = choose(runs)
    if chosen:
        live.show_runs(chosen)
        show_links(chosen)
    with st.container(horizontal=True):
        st.download_button(
            "Download all runs",
            lambda: runs_report.render(runs, host.folder, chosen),
            "trainings.html",
            "text/html",
            icon=":material/lab_profile:",
            on_click="ignore",
        )


def choose(runs: Sequence[Run]) -> list[Run]:
    """Ask which runs to compare."""
    by_name = {run.name: run for run in runs}
    names = st.multiselect(
        "Compare two runs",
        list(by_name),
        format_func=lambda name: f"{by_name[name].title}, {name}",
        max_selections=MOST_COMPARED,
        key="compared runs",
        placeholder="Choose one or two",
    )
    return [by_name[name] for name in names if name in by_name]


def show_links(runs: Sequence[Run]) -> None:
    """Show a link to the settings of each run, to be copied."""
    address = (st.context.url or "").partition("?")[0]
    for run in runs:
        st.caption(f"A link to the settings of {run.title}, {run.name}:")
        st.code(address + link.write(run.configuration), language=None)


def table(runs: Sequence[Run]) -> pd.DataFrame:
    """Return a row for each run, with its settings and its results."""
    rows = [
        {
            "Run": run.title,
            "Begun": run.name,
            "Test accuracy": None if run.test_accuracy is None else 100 * run.test_accuracy,
            "Time": run.seconds,
            "Status": run.status,
            "Data": run.data,
            "Network": run.configuration.network,
            "Digits": run.configuration.digits,
            "Epochs": run.configuration.epochs,
            "Batch size": run.configuration.batch_size,
            "Learning rate": run.configuration.learning_rate,
            "Seed": run.configuration.seed,
            "Link": link.write(run.configuration),
        }
        for run in runs
    ]
    return pd.DataFrame(rows)
