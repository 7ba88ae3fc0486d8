"""The table of answers in the tabs Images and History, in which the visitor says what was right and what was wrong."""

from collections.abc import Callable, Sequence

import pandas as pd
import streamlit as st

from digits.page import hands
from digits.page.drawing_views import thumbnail
from digits.page.history import HistoryEntry
from digits.page.widgets import confidence_column, show_error
from digits.recognition.labels import MOST_CHARACTERS
from digits.system.files import UserError

COLUMNS = ["number", "picture", "answer", "right", "it was", "goes by", "confidence", "source", "name", "time"]
EDITED = ("right", "it was")
DELETING = " To delete answers, tick their rows on the left and press the bin above the table."


def show(
    entries: Sequence[HistoryEntry],
    key: str,
    hidden: Sequence[str] = (),
    on_delete: Callable[[list[int]], None] | None = None,
) -> None:
    """Show the answers, labelled; what is said of them is remembered, and the page is shown again.

    hidden: columns that this table does not have. on_delete: gets the places of answers that the visitor deletes; where
    there is none, they cannot be deleted.
    """
    with_source = any(entry.answer.source for entry in entries)
    columns = [name for name in COLUMNS if name not in hidden and (with_source or name != "goes by")]
    # Another key once something was said: what has been typed into the table before is not typed into it again.
    told = hash(tuple((entry.time, entry.name, entry.label) for entry in entries))
    edited = st.data_editor(
        table_of(entries)[columns],
        hide_index=True,
        row_height=48,
        num_rows="delete" if on_delete else "fixed",
        placeholder="\N{EN DASH}",
        disabled=[name for name in columns if name not in EDITED],
        key=f"{key} {told}",
        column_config={name: column for name, column in column_config().items() if name in columns},
    )
    st.caption(caption() + (DELETING if on_delete else ""))
    if on_delete and len(edited) < len(entries):
        on_delete([place for place in range(len(entries)) if place not in edited.index])
        st.rerun()
    if teach(entries, edited["right"].tolist(), edited["it was"].tolist()):
        st.rerun()


def caption() -> str:
    """Return what the visitor can do, and where it goes."""
    asked = "Wrong? Write in the column *It was* what it was: a digit or any short text. Right? Tick it."
    if hands.is_guest():
        return f"{asked} Your history keeps it; as a guest you teach nothing."
    return f"{asked} It is remembered and counts from the next answer on."


def table_of(entries: Sequence[HistoryEntry]) -> pd.DataFrame:
    """Return the answers as a table."""
    rows = [
        (
            len(entries) - place,
            entry.thumbnail,
            entry.answer.words,
            entry.label == entry.answer.text,
            entry.label,
            goes_by(entry),
            entry.percentage,
            entry.source,
            entry.name,
            pd.Timestamp.fromtimestamp(entry.time),
        )
        for place, entry in enumerate(entries)
    ]
    return pd.DataFrame(rows, columns=COLUMNS).astype({"it was": object})


def goes_by(entry: HistoryEntry) -> str | None:
    """Return a small picture of the remembered drawing that an answer goes by, as data URL."""
    picture = hands.picture_of(entry.answer) if entry.answer.source else None
    return None if picture is None else thumbnail(picture)


def column_config() -> dict:
    """Return how the columns of the table look."""
    column = st.column_config
    return {
        "number": column.NumberColumn("No.", width=44, alignment="left"),
        "picture": column.ImageColumn("Picture", width=62, alignment="left"),
        "answer": column.TextColumn("Answer", width=150),
        "right": column.CheckboxColumn("Right", width=84, help="Right: remember it"),
        "it was": column.TextColumn("It was", width=80, max_chars=MOST_CHARACTERS, help="What it was in truth"),
        "goes by": column.ImageColumn("Goes by", width=66, alignment="left", help="The drawing that it was taught"),
        "confidence": confidence_column(108),
        "source": column.TextColumn("From", width=70),
        "name": column.TextColumn("Drawing or file", width=150),
        "time": column.DatetimeColumn("Time", format="HH:mm:ss", width=84),
    }


def teach(entries: Sequence[HistoryEntry], ticks: Sequence[bool], labels: Sequence[object]) -> bool:
    """Remember or forget what the visitor has said of each answer; tell whether there was anything."""
    has_changed, hand = False, hands.current()
    for entry, is_right, text in zip(entries, ticks, labels, strict=True):
        label = said(entry, bool(is_right), text.strip() if isinstance(text, str) else "")
        if label != entry.label:
            try:
                hands.teach(hand, entry.picture, label, entry.answer, entry.strokes)
            except UserError as error:
                show_error(str(error))
            else:
                has_changed = True
    return has_changed


def said(entry: HistoryEntry, is_right: bool, text: str) -> str | None:
    """Return the label that the visitor has given an answer; text: in the column "It was"."""
    if text != (entry.label or ""):
        return text or None
    if is_right != (entry.label == entry.answer.text):
        return entry.answer.text if is_right else None
    return entry.label
