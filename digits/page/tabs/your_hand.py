"""The tab Your hand: whose hand it is, what it was taught, as pictures, and the ways to teach it more."""

from collections import Counter
from collections.abc import Sequence

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from digits.page import gallery, hands, uploads, visitor_session
from digits.page.tabs import lesson, own_training
from digits.page.widgets import offer_file, plain, show_error
from digits.recognition.hand import Hand, Remembered
from digits.recognition.labels import DIGITS
from digits.system.files import UserError

ALL = ""  # in place of a label
SHOWN = 120  # drawings at once
LARGEST = 50  # MB of a ZIP


def show() -> None:
    """Show the tab."""
    if not lesson.is_on():
        st.markdown("Correct it once, and from the next answer on it does not make that mistake again.")
    try:
        hand = hands.current()
    except UserError as error:
        show_error(str(error))
        return
    if not lesson.is_on():  # on which the pad and its button fit on a phone
        choose_hand()
    if sentence := hands.why_not():
        show_error(sentence)
    if hands.is_guest():
        st.info("A guest is answered by the network alone and teaches it nothing.", icon=":material/person_off:")
        return
    drawings = hand.drawings()
    if hand.problem:
        show_error(hand.problem)
    if lesson.is_on():
        lesson.show(hand)
        return
    show_taught(hand, drawings)
    show_ways_to_teach(drawings)
    own_training.show(sum(drawing.label in DIGITS for drawing in drawings))


def choose_hand() -> None:
    """Ask whose hand it is, and whether what it was taught counts."""
    options = [*hands.names(), hands.GUEST]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.selectbox(
            "Whose hand",
            options,
            options.index(hands.name()),
            lambda name: name or "Guest",
            key="whose hand",
            on_change=choose_named,
            accept_new_options=visitor_session.is_at_this_computer(),
            width=260,
            help="Choose one, or type a new name.",
        )
        if not hands.is_guest():
            st.toggle(
                "Use what it was taught",
                hands.is_on(),
                key="hand is on",
                on_change=lambda: hands.switch(st.session_state["hand is on"]),
                help="Switch it off to see what the network alone answers.",
            )


def choose_named() -> None:
    """Use the hand that was chosen or typed; if that is no name, the one before stays."""
    hands.attempt(hands.choose, st.session_state["whose hand"])
    st.session_state["whose hand"] = hands.name()


def show_taught(hand: Hand, drawings: Sequence[Remembered]) -> None:
    """Show the drawings as pictures, with what can be done with them."""
    st.header(f"Taught: {counted(len(drawings))}")
    if hand.damaged:
        st.caption(f"{counted(hand.damaged)} in the folder cannot be read and are left alone.")
    if drawings:
        chosen = choose_label(drawings)
        found = [drawing for drawing in drawings if chosen in (ALL, drawing.label)]
        gallery.show(hand, found[:SHOWN])
        if len(found) > SHOWN:
            st.caption(f"The latest {SHOWN} of {len(found):,}.")
    else:
        st.info(
            "Nothing yet. Say on the pad, in *Images* or in *History* what an answer should have been, or teach it "
            "your hand below. A sign that is no digit can be taught too: + or x, a letter, a heart.",
            icon=":material/school:",
        )
    show_files(hand, bool(drawings))


def counted(count: int) -> str:
    """Return a number of drawings in words."""
    return f"{count:,} drawing" if count == 1 else f"{count:,} drawings"


def choose_label(drawings: Sequence[Remembered]) -> str:
    """Ask which drawings to show: those of a label, or all."""
    counts = Counter(drawing.label for drawing in drawings)
    labels = [*(digit for digit in DIGITS if digit in counts), *sorted(set(counts) - set(DIGITS))]
    chosen = st.pills(
        "Label",
        [ALL, *labels],
        default=ALL,
        format_func=lambda label: f"{plain(label)} \N{MIDDLE DOT} {counts[label]}" if label else "All",
        key=f"label {hash(tuple(labels))}",
        label_visibility="collapsed",
    )
    return chosen or ALL


def show_files(hand: Hand, has_drawings: bool) -> None:
    """Offer undo, the ZIP of all drawings, and to bring one back."""
    with st.container(horizontal=True):
        st.button("Undo", icon=":material/undo:", disabled=not hand.can_undo, on_click=hands.attempt, args=(hand.undo,))
        name = f"hand {hands.name()}.zip"
        offer_file("Download all (ZIP)", hand.export, name, "application/zip", disabled=not has_drawings)
        with st.popover("Restore from a ZIP", icon=":material/upload:"):
            uploads.limit()
            file = st.file_uploader("A ZIP that was downloaded here", ["zip"], key="hand zip", max_upload_size=LARGEST)
            if file is not None:
                bring_back(hand, file)


def bring_back(hand: Hand, file: UploadedFile) -> None:
    """Add the drawings of a ZIP, once, and say how many there were."""
    if st.session_state.get("brought_back", ("",))[0] != file.file_id:
        try:
            added, known, damaged = hand.import_zip(file.getvalue())
            said = f"{added:,} added, {known:,} known already, {damaged:,} damaged."
        except UserError as error:
            said = str(error)
        st.session_state["brought_back"] = file.file_id, said
        st.rerun()
    st.caption(plain(st.session_state["brought_back"][1]))


def show_ways_to_teach(drawings: Sequence[Remembered]) -> None:
    """Offer the walk through the ten digits."""
    st.header("Teach it your hand")
    step = lesson.next_step(drawings)
    if step is None:
        st.caption("Ten of each digit are there.")
        return
    st.caption("A walk through ten of each digit. What you draw counts at once, and a network can be trained on it.")
    st.progress(step.done / step.of, f"{step.done} of {step.of}")
    words = "Go on" if step.done else "Begin"
    st.button(words, type="primary", icon=":material/gesture:", on_click=lesson.switch, args=(True,))
