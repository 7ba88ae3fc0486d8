"""The tab History: all answers of the visitor's session, to look at, to download and to clear."""

from functools import partial

import streamlit as st

from digits.drawing.pad_content import PadContent
from digits.page import hands, history, pad, visitor_session
from digits.page.drawing_views import AnsweredDrawing
from digits.page.history import HistoryEntry
from digits.page.tabs import answer_table
from digits.page.tabs.draw import keep, rerun_on_change
from digits.page.widgets import offer_file, plain
from digits.system.files import UserError

PAUSE = 2.0  # seconds between looks at the window


def show() -> None:
    """Show the tab."""
    st.markdown("Every answer of this session, from the window, the pad and your images, to look at and to download.")
    if visitor_session.is_at_this_computer():
        window = visitor_session.window()
        rerun_on_change(window, window.snapshot(), PAUSE)
    offer_undo()
    show_pad_drawing()
    found = visitor_session.entries()
    entries = hands.labelled(found)
    if not entries:
        st.info("The history is empty: keep an answer on the pad, or upload a picture.", icon=":material/history:")
        return
    answer_table.show(
        entries, "history", on_delete=lambda places: visitor_session.delete([found[place] for place in places])
    )
    show_downloads(entries)


def show_pad_drawing() -> None:
    """Show the drawing on the pad and its answer, with a way to keep it, unless it has been kept."""
    content = visitor_session.current_drawing()
    if content is None or content.version == pad.kept_version():
        return
    try:
        record = pad.record_of(content, hands.answering())
    except UserError:
        return  # the tab Draw says why
    if record is None:
        return
    drawing = AnsweredDrawing.from_record(record)
    with st.container(horizontal=True, vertical_alignment="center", border=True, key="pad-drawing"):
        st.image(drawing.thumbnail, width="content", alt="The drawing on the pad")
        st.markdown(f"On the pad now: **{plain(drawing.verdict)}**, {pad.in_words(list(drawing.answers))}")
        st.button("Keep", icon=":material/bookmark:", on_click=keep_from_pad, args=(record, content))


def keep_from_pad(record: dict, content: PadContent) -> None:
    """Put the answer to the drawing on the pad into the history."""
    keep(record)
    pad.note_kept(content.version)


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
            offer_file(label, made_on_click, name, kind)
        st.button("Clear history", icon=":material/delete:", on_click=visitor_session.clear)


def offer_undo() -> None:
    """Say what was deleted last, and offer to bring it back."""
    count = visitor_session.num_deleted()
    if count:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.caption(f"{counted(count)} deleted; the pad and what was taught are unchanged.", width="content")
            st.button("Undo", icon=":material/undo:", on_click=visitor_session.undo_delete)


def counted(count: int) -> str:
    """Return a number of answers in words."""
    return "One answer was" if count == 1 else f"{count:,} answers were"
