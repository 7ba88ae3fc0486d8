"""The tab History: all answers of the visitor's session, to look at, to take home and to clear."""

from functools import partial

import streamlit as st

from digits.page import hands, history, visitor_session
from digits.page.history import HistoryEntry
from digits.page.tabs import answer_table
from digits.page.tabs.draw import rerun_on_change

PAUSE = 2.0  # seconds between looks at the window


def show() -> None:
    """Show the tab."""
    st.markdown("Every answer of this session, from the window, the pad and your images, to look at and to take home.")
    window = visitor_session.window()
    rerun_on_change(window, window.snapshot(), PAUSE)
    entries = hands.labelled(visitor_session.entries())
    if not entries:
        st.info("Nothing has been answered yet: draw a digit or upload a picture.", icon=":material/history:")
        return
    answer_table.show(entries, "history")
    show_downloads(entries)


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
