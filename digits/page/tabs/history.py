"""The tab History: all answers of the visitor's session, to look at, to take home and to clear."""

from functools import partial

import pandas as pd
import streamlit as st

from digits.page import history, visitor_session
from digits.page.history import HistoryEntry
from digits.page.tabs.draw import rerun_on_change
from digits.page.widgets import confidence_column

PAUSE = 2.0  # seconds between looks at the window
COLUMNS = ["number", "picture", "answer", "confidence", "source", "name", "time"]


def show() -> None:
    """Show the tab."""
    st.markdown("Every answer of this session, from the window, the pad and your images, to look at and to take home.")
    window = visitor_session.window()
    rerun_on_change(window, window.snapshot(), PAUSE)
    entries = visitor_session.entries()
    if not entries:
        st.info("Nothing has been answered yet: draw a digit or upload a picture.", icon=":material/history:")
        return
    show_table(entries)
    show_downloads(entries)


def show_table(entries: list[HistoryEntry]) -> None:
    """List the answers, the latest first."""
    rows = [
        (
            len(entries) - place,
            entry.thumbnail,
            entry.verdict,
            entry.percentage,
            entry.source,
            entry.name,
            pd.Timestamp.fromtimestamp(entry.time),
        )
        for place, entry in enumerate(entries)
    ]
    st.dataframe(pd.DataFrame(rows, columns=COLUMNS), hide_index=True, row_height=48, column_config=column_config())


def column_config() -> dict:
    """Return how the columns of the table look."""
    column = st.column_config
    return {
        "number": column.NumberColumn("No.", width=44, alignment="left"),
        "picture": column.ImageColumn("Picture", width=62, alignment="left"),
        "answer": column.TextColumn("Answer", width=128),
        "confidence": confidence_column(108),
        "source": column.TextColumn("From", width=70),
        "name": column.TextColumn("Drawing or file", width=150),
        "time": column.DatetimeColumn("Time", format="HH:mm:ss", width=76),
    }


def show_downloads(entries: list[HistoryEntry]) -> None:
    """Offer the history as files, and to clear it."""
    files = (
        ("Text", "answers.txt", history.as_text, "text/plain"),
        ("CSV", "answers.csv", history.as_csv, "text/csv"),
        ("JSON", "answers.json", history.as_json, "application/json"),
        ("Pictures (ZIP)", "answers.zip", history.as_zip, "application/zip"),
    )
    with st.container(horizontal=True):
        for label, name, content, kind in files:
            made_on_click = partial(content, entries)
            st.download_button(label, made_on_click, name, kind, icon=":material/download:", on_click="ignore")
        st.button("Clear", icon=":material/delete:", on_click=visitor_session.clear)
