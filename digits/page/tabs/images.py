"""The tab Images: pictures of digits, one or many, uploaded or taken with the camera."""

import time
from collections.abc import Sequence

import pandas as pd
import streamlit as st

from digits.images.annotation import annotate
from digits.images.reading import MAX_BYTES, Sheet
from digits.page import drawing_views, history, image_jobs, visitor_session
from digits.page.history import Entry
from digits.page.widgets import plain, show_error
from digits.recognition.classifier import Classifier
from digits.system.files import UserError

TYPES = ["png", "jpg", "jpeg", "webp", "gif", "bmp", "tif", "tiff"]
MOST_MEGABYTES = MAX_BYTES // 1_000_000  # of a file
LARGE = 3  # pictures that are shown with their boxes at once; more are chosen from a list
Read = dict[str, tuple[str, Sheet | str, list[Entry]]]  # by upload: name, what was found or why not, its answers


def show() -> None:
    """Show the tab."""
    files = ask()
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
    show_answers(read)


def stay() -> None:
    """Keep the files that were given while another tab is open: Streamlit forgets those that it does not show."""
    ask(is_open=False)


def ask(is_open: bool = True) -> Sequence:
    """Say what the tab is for and return the files that the visitor has given; a camera is on while the tab is open."""
    st.markdown("Upload pictures of handwritten digits, or take one: each digit is found, boxed and read.")
    ways = ["Files", "Camera"]
    way = st.segmented_control("From", ways, default="Files", required=True, label_visibility="collapsed", key="from")
    if way == "Files":
        files = st.file_uploader(
            "Pictures", TYPES, accept_multiple_files=True, key="upload", max_upload_size=MOST_MEGABYTES
        )
        if is_open and not files:
            image_jobs.get_ready()
        return files
    taken = st.camera_input("A picture of digits on paper") if is_open else None
    return [taken] if taken else []


def read_all(files: Sequence, classifier: Classifier) -> Read:
    """Return what is on each file; each is read once, and what is taken away is forgotten."""
    model = visitor_session.model_in_use()
    kept: Read = st.session_state.setdefault("read", {})  # there at once: a run can be cut short by the next
    keys = {f"{file.file_id} {model}": file for file in files}
    fresh = [key for key in keys if key not in kept]
    bar = st.progress(0.0, "Reading ...") if len(fresh) > LARGE else None
    uploads = [(keys[key].name, keys[key].getvalue()) for key in fresh]
    for count, (key, sheet) in enumerate(zip(fresh, image_jobs.read_all(uploads, classifier), strict=True), start=1):
        name = keys[key].name
        kept[key] = name, sheet, remember(name, sheet)
        if bar and count % 10 == 0:
            bar.progress(count / len(fresh), f"{count} of {len(fresh)} pictures read")
    if bar:
        bar.empty()
    st.session_state["read"] = {key: kept[key] for key in keys}
    return st.session_state["read"]


def remember(name: str, sheet: Sheet | str) -> list[Entry]:
    """Put the answers on a file, if it could be read, into the history, and return them."""
    found = [] if isinstance(sheet, str) else sheet.digits
    names = [name] if len(found) == 1 else history.numbered(name, len(found))
    now = time.time()
    entries = [
        Entry(now, "image", entry_name, one.picture, one.answer) for entry_name, one in zip(names, found, strict=True)
    ]
    visitor_session.remember(entries)
    return entries


def show_failures(read: Read) -> None:
    """Say why files could not be read, one sentence each."""
    for name, sheet, _ in read.values():
        if isinstance(sheet, str):
            st.warning(f"**{plain(name)}**: {plain(sheet)}", icon=":material/broken_image:")


def show_boxes(read: Read) -> None:
    """Show pictures with a box around each digit that was found."""
    good = [(name, sheet) for name, sheet, _ in read.values() if isinstance(sheet, Sheet)]
    if not good:
        return
    chosen = good
    if len(good) > LARGE:
        place = st.selectbox("Picture", range(len(good)), format_func=lambda place: good[place][0])
        chosen = [good[place]]
    with st.container(horizontal=True):
        for name, sheet in chosen:
            st.image(annotate(sheet), f"{plain(name)}: {in_words(sheet)}", width="content")


def in_words(sheet: Sheet) -> str:
    """Return what a picture says, line by line."""
    return " / ".join(sheet.text.splitlines())


def show_answers(read: Read) -> None:
    """List every digit that was found; what it really was can be chosen in the table."""
    answered = [(key, place, entry) for key, (_, _, entries) in read.items() for place, entry in enumerate(entries)]
    if not answered:
        return
    st.subheader(f"{len(answered):,} digits" if len(answered) > 1 else "One digit")
    column = st.column_config
    edited = st.data_editor(
        table_of([entry for *_, entry in answered]),
        hide_index=True,
        row_height=44,
        placeholder="\N{EN DASH}",
        disabled=["picture", "answer", "confidence", "name"],
        key=f"answers {hash(tuple(read))}",
        column_config={
            "picture": column.ImageColumn("Picture", width=64, alignment="left"),
            "answer": column.TextColumn("Answer", width=140),
            "it was": column.SelectboxColumn("It was", options=[str(digit) for digit in range(10)], width=80),
            "confidence": column.ProgressColumn(
                "Confidence", width=110, format="%.1f\N{NO-BREAK SPACE}%%", min_value=0, max_value=100
            ),
            "name": column.TextColumn("File", width=180),
        },
    )
    st.caption("Wrong? Choose in the column *It was* what was written. Your history keeps it.")
    if correct(read, answered, edited["it was"].tolist()):
        st.rerun()


def table_of(entries: Sequence[Entry]) -> pd.DataFrame:
    """Return the answers as a table with thumbnails."""
    rows = [
        (
            entry.thumbnail,
            entry.verdict,
            None if entry.label is None else str(entry.label),
            100 * min(entry.answer.confidence, drawing_views.MOST),
            entry.name,
        )
        for entry in entries
    ]
    return pd.DataFrame(rows, columns=["picture", "answer", "it was", "confidence", "name"])


def correct(read: Read, answered: Sequence[tuple[str, int, Entry]], labels: Sequence[str | None]) -> bool:
    """Take the visitor's corrections into the history; tell whether there were any."""
    changed = False
    for (key, place, entry), text in zip(answered, labels, strict=True):
        new = entry.corrected(int(text) if isinstance(text, str) else None)  # Pandas says NaN where none was chosen
        if new.label != entry.label:
            visitor_session.replace(entry, new)
            read[key][2][place] = new
            changed = True
    return changed
