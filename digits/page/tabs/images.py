"""The tab Images: pictures of digits, one or many, uploaded or taken with the camera."""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import pandas as pd
import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from digits.drawing import examples
from digits.page import hands, history, uploads, visitor_session
from digits.page.history import HistoryEntry
from digits.page.jobs import image_jobs
from digits.page.tabs import answer_table
from digits.page.widgets import offer_file, plain, show_error
from digits.recognition.classifier import Recognizer
from digits.sheets.annotation import annotate
from digits.sheets.reading import Sheet
from digits.system.files import UserError, as_cell, shorten

TYPES = ["png", "jpg", "jpeg", "webp", "gif", "bmp", "tif", "tiff", "heic", "heif", "pdf"]
FEW = 3  # pictures that are shown with their boxes at once; of more, one is chosen from a list


class SampleSheet:
    """A sheet of digits for those who have none at hand, as if it had been uploaded."""

    name, file_id = "sample sheet.png", "sample sheet"
    getvalue = staticmethod(examples.sheet)

    @property
    def size(self) -> int:
        """The number of bytes."""
        return len(self.getvalue())


class ReadFile(NamedTuple):
    """A file that was read: its name, what read it, its pages or why it has none, its answers."""

    name: str
    by: tuple[Path, str]  # the model and whose hand
    sheets: list[Sheet] | str
    entries: list[HistoryEntry]


File = UploadedFile | SampleSheet
Read = dict[str, ReadFile]  # by the id of the file


def show() -> None:
    """Show the tab."""
    files = ask_for_files()
    try:
        read = read_all(files, hands.current() if hands.is_on() else visitor_session.classifier())
    except UserError as error:
        show_error(str(error))
        return
    if not read:
        st.info(
            "Choose a picture or drop it above: one digit, a number or a whole sheet; dark on light or light on dark, "
            "on plain, ruled or squared paper. None at hand? Choose *Sample sheet*.",
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


def ask_for_files(is_open: bool = True) -> Sequence[File]:
    """Say what the tab is for and return the files that the visitor has given; a camera is on while the tab is open."""
    st.markdown("Upload pictures of handwritten digits, or take one: each digit is found, boxed and read.")
    ways = ["Files", "Camera", "Sample sheet"]
    way = st.segmented_control("From", ways, default="Files", required=True, label_visibility="collapsed", key="from")
    if way == "Files":
        uploads.limit()
        files = st.file_uploader("Pictures", TYPES, accept_multiple_files=True, key="upload")
        if is_open and not files:
            image_jobs.get_ready()
        return files
    if way == "Sample sheet":
        return [SampleSheet()]
    taken = st.camera_input("A picture of digits on paper") if is_open else None
    return [taken] if taken else []


def read_all(files: Sequence[File], classifier: Recognizer) -> Read:
    """Return what is on each file; each is read once by each model and hand, until the visitor takes it away."""
    read: Read = st.session_state.setdefault("read", {})  # there at once: a run can be cut short by the next
    fresh = unread(files, read)
    if fresh:
        read_fresh(fresh, classifier, read)
        uploads.let_go([file for file in files if isinstance(file, UploadedFile)])
    kept = {file.file_id: read[file.file_id] for file in files}
    st.session_state["read"] = kept
    return kept


def unread(files: Sequence[File], read: Read) -> list[File]:
    """Return the files that model and hand in use have not read, as far as their content is still there."""
    by = reader()
    return [file for file in files if file.file_id not in read or (read[file.file_id].by != by and file.size > 0)]


def reader() -> tuple[Path, str]:
    """Return what reads the files: the model in use, and whose hand."""
    return visitor_session.model_in_use(), hands.name() if hands.is_on() else hands.GUEST


def read_fresh(files: Sequence[File], classifier: Recognizer, read: Read) -> None:
    """Read files, add them to those that were read, and their answers to the history; many show how far it is."""
    by = reader()
    bar = st.progress(0.0, "Reading ...") if len(files) > FEW else None
    contents = [(file.name, file.getvalue()) for file in files]
    results = zip(files, image_jobs.read_all(contents, classifier), strict=True)
    for count, (file, sheets) in enumerate(results, start=1):
        shown = shorten(file.name)
        entries = [entry for name, sheet in named(shown, sheets) for entry in remember(name, sheet)]
        read[file.file_id] = ReadFile(shown, by, sheets, entries)
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
            sentence = failure if name in failure else f"{name}: {failure}"
            st.warning(plain(sentence), icon=":material/broken_image:")


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
            caption = f"{plain(name)}: {in_words(sheet)}"
            st.image(annotate(sheet), caption, width="content", alt=f"{name}, with a box around each digit")


def show_tables(read: Read) -> None:
    """Show the digits that stand in the cells of a grid as a table, which can be downloaded as CSV."""
    pages = [(key, *page) for key, file in read.items() for page in named(file.name, file.sheets)]
    for key, name, sheet in pages:
        if not sheet.table:
            continue
        frame = pd.DataFrame(sheet.cells)
        with st.expander(f"Table in {plain(name)}", icon=":material/table:"):
            st.table(frame)
            file = f"{name.partition('.')[0]}{f' {sheet.page}' if sheet.page > 1 else ''}.csv"
            offer_file(
                "CSV", frame.map(as_cell).to_csv(index=False, header=False), file, "text/csv", key=f"{key} {sheet.page}"
            )


def in_words(sheet: Sheet) -> str:
    """Return what a picture says, line by line."""
    return " / ".join(sheet.text.splitlines())


def show_answers(read: Read) -> None:
    """List every digit that was found; what it really was can be said in the table."""
    answered = hands.labelled([entry for file in read.values() for entry in file.entries])
    if not answered:
        return
    st.header(f"{len(answered):,} digits" if len(answered) > 1 else "One digit")
    answer_table.show(answered, "images", hidden=("number", "source", "time"))
