"""The tab Images: pictures of digits, one or many, uploaded or taken with the camera."""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import pandas as pd
import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from digits.images.annotation import annotate
from digits.images.reading import Sheet
from digits.page import history, image_jobs, uploads, visitor_session
from digits.page.history import HistoryEntry
from digits.page.widgets import confidence_column, plain, show_error
from digits.recognition.classifier import Classifier
from digits.system.files import UserError

TYPES = ["png", "jpg", "jpeg", "webp", "gif", "bmp", "tif", "tiff", "heic", "heif", "pdf"]
FEW = 3  # pictures that are shown with their boxes at once; of more, one is chosen from a list


class ReadFile(NamedTuple):
    """An uploaded file that was read: its name, the model that read it, its pages or why it has none, its answers."""

    name: str
    model: Path
    sheets: list[Sheet] | str
    entries: list[HistoryEntry]


Read = dict[str, ReadFile]  # by the id of the upload


def show() -> None:
    """Show the tab."""
    files = ask_for_files()
    try:
        read = read_all(files, visitor_session.classifier())
    except UserError as error:
        show_error(str(error))
        return
    if not read:
        st.info(
            "Choose a picture or drop it above: one digit, a number or a whole sheet; dark on light or light on dark, "
            "on plain, ruled or squared paper.",
            icon=":material/image:",
        )
        return
    show_failures(read)
    show_boxes(read)
    show_tables(read)
    show_answers(read)


def keep_inputs() -> None:
    """Keep the files that were given while another tab is open: Streamlit forgets those that it does not show."""
    ask_for_files(is_open=False)


def ask_for_files(is_open: bool = True) -> Sequence[UploadedFile]:
    """Say what the tab is for and return the files that the visitor has given; a camera is on while the tab is open."""
    st.markdown("Upload pictures of handwritten digits, or take one: each digit is found, boxed and read.")
    ways = ["Files", "Camera"]
    way = st.segmented_control("From", ways, default="Files", required=True, label_visibility="collapsed", key="from")
    if way == "Files":
        uploads.limit()
        files = st.file_uploader("Pictures", TYPES, accept_multiple_files=True, key="upload")
        if is_open and not files:
            image_jobs.get_ready()
        return files
    taken = st.camera_input("A picture of digits on paper") if is_open else None
    return [taken] if taken else []


def read_all(files: Sequence[UploadedFile], classifier: Classifier) -> Read:
    """Return what is on each file; each is read once by each model, and forgotten once the visitor takes it away."""
    read: Read = st.session_state.setdefault("read", {})  # there at once: a run can be cut short by the next
    fresh = unread(files, read)
    if fresh:
        read_fresh(fresh, classifier, read)
        uploads.let_go(files)
    kept = {file.file_id: read[file.file_id] for file in files}
    st.session_state["read"] = kept
    return kept


def unread(files: Sequence[UploadedFile], read: Read) -> list[UploadedFile]:
    """Return the files that the model in use has not read, as far as their content is still there."""
    model = visitor_session.model_in_use()
    return [file for file in files if file.file_id not in read or (read[file.file_id].model != model and file.size > 0)]


def read_fresh(files: Sequence[UploadedFile], classifier: Classifier, read: Read) -> None:
    """Read files, add them to those that were read, and their answers to the history; many show how far it is."""
    model = visitor_session.model_in_use()
    bar = st.progress(0.0, "Reading ...") if len(files) > FEW else None
    contents = [(file.name, file.getvalue()) for file in files]
    results = zip(files, image_jobs.read_all(contents, classifier), strict=True)
    for count, (file, sheets) in enumerate(results, start=1):
        entries = [entry for name, sheet in named(file.name, sheets) for entry in remember(name, sheet)]
        read[file.file_id] = ReadFile(file.name, model, sheets, entries)
        if bar and count % 10 == 0:
            bar.progress(count / len(files), f"{count} of {len(files)} pictures read")
    if bar:
        bar.empty()


def named(name: str, sheets: list[Sheet] | str) -> list[tuple[str, Sheet]]:
    """Return the pages of a file, if it could be read, with their names: the file's, numbered if it has several."""
    if isinstance(sheets, str):
        return []
    return [(name if len(sheets) == 1 else f"{name}, page {sheet.page}", sheet) for sheet in sheets]


def remember(name: str, sheet: Sheet) -> list[HistoryEntry]:
    """Put the answers on a page into the history, and return them."""
    found = sheet.digits
    names = [name] if len(found) == 1 else history.numbered_names(name, len(found))
    now = time.time()
    entries = [
        HistoryEntry(now, "image", entry_name, one.picture, one.answer)
        for entry_name, one in zip(names, found, strict=True)
    ]
    visitor_session.remember(entries)
    return entries


def show_failures(read: Read) -> None:
    """Say why files could not be read, one sentence each."""
    for name, _, failure, _ in read.values():
        if isinstance(failure, str):
            st.warning(f"**{plain(name)}**: {plain(failure)}", icon=":material/broken_image:")


def show_boxes(read: Read) -> None:
    """Show pictures with a box around each digit that was found."""
    good = [page for file in read.values() for page in named(file.name, file.sheets)]
    if not good:
        return
    chosen = good
    if len(good) > FEW:
        place = st.selectbox("Picture", range(len(good)), format_func=lambda place: good[place][0])
        chosen = [good[place]]
    with st.container(horizontal=True):
        for name, sheet in chosen:
            st.image(annotate(sheet), f"{plain(name)}: {in_words(sheet)}", width="content")


def show_tables(read: Read) -> None:
    """Show the digits that stand in the cells of a grid as a table, which can be downloaded as CSV."""
    pages = [(key, *page) for key, file in read.items() for page in named(file.name, file.sheets)]
    for key, name, sheet in pages:
        if not sheet.table:
            continue
        frame = pd.DataFrame(sheet.cells)
        with st.expander(f"Table in {plain(name)}", icon=":material/table:"):
            st.table(frame)
            st.download_button(
                "CSV",
                frame.to_csv(index=False, header=False),
                f"{name.partition('.')[0]}{f' {sheet.page}' if sheet.page > 1 else ''}.csv",
                "text/csv",
                icon=":material/download:",
                on_click="ignore",
                key=f"{key} {sheet.page}",
            )


def in_words(sheet: Sheet) -> str:
    """Return what a picture says, line by line."""
    return " / ".join(sheet.text.splitlines())


def show_answers(read: Read) -> None:
    """List every digit that was found; what it really was can be chosen in the table."""
    answered = [(key, place, entry) for key, file in read.items() for place, entry in enumerate(file.entries)]
    if not answered:
        return
    st.subheader(f"{len(answered):,} digits" if len(answered) > 1 else "One digit")
    edited = st.data_editor(
        table_of([entry for *_, entry in answered]),
        hide_index=True,
        row_height=44,
        placeholder="\N{EN DASH}",
        disabled=["picture", "answer", "confidence", "name"],
        key=f"answers {hash(tuple((key, file.model) for key, file in read.items()))}",
        column_config=column_config(),
    )
    st.caption("Wrong? Choose in the column *It was* what was written. Your history keeps it.")
    if correct(read, answered, edited["it was"].tolist()):
        st.rerun()


def column_config() -> dict:
    """Return how the columns of the table look."""
    column = st.column_config
    return {
        "picture": column.ImageColumn("Picture", width=64, alignment="left"),
        "answer": column.TextColumn("Answer", width=140),
        "it was": column.SelectboxColumn("It was", options=[str(digit) for digit in range(10)], width=80),
        "confidence": confidence_column(110),
        "name": column.TextColumn("File", width=180),
    }


def table_of(entries: Sequence[HistoryEntry]) -> pd.DataFrame:
    """Return the answers as a table with thumbnails."""
    rows = [
        (
            entry.thumbnail,
            entry.verdict,
            None if entry.label is None else str(entry.label),
            entry.percentage,
            entry.name,
        )
        for entry in entries
    ]
    return pd.DataFrame(rows, columns=["picture", "answer", "it was", "confidence", "name"])


def correct(read: Read, answered: Sequence[tuple[str, int, HistoryEntry]], labels: Sequence[str | None]) -> bool:
    """Put the visitor's corrections into the history; tell whether there were any."""
    changed = False
    for (key, place, entry), text in zip(answered, labels, strict=True):
        new = entry.corrected(int(text) if isinstance(text, str) else None)  # Pandas says NaN where none was chosen
        if new.label != entry.label:
            visitor_session.replace(entry, new)
            read[key].entries[place] = new
            changed = True
    return changed
