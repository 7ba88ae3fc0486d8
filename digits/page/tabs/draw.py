"""The tab Draw: the window of this computer with its live results, and the pad in the page."""

from collections.abc import Mapping

import streamlit as st

from digits.models.keras_allowlist import check_container
from digits.page import hands, history, pad, visitor_session
from digits.page.drawing_views import AnsweredDrawing
from digits.page.jobs import window_process
from digits.page.jobs.window_process import WindowHost, WindowSnapshot, WindowStatus
from digits.page.widgets import plain, show_drawing, show_error
from digits.system.files import UserError

PAUSE = {  # seconds between looks
    WindowStatus.STARTING: 0.1,
    WindowStatus.OPEN: 0.25,
    WindowStatus.CLOSED: 1.0,
    WindowStatus.FAILED: 1.0,
}
PAUSE_WITHOUT = 5.0  # seconds between looks where it cannot be opened
BADGES = {
    WindowStatus.STARTING: ":orange-badge[:material/hourglass_top: Window starting]",
    WindowStatus.OPEN: ":green-badge[:material/draw: Window open]",
    WindowStatus.CLOSED: ":gray-badge[:material/crop_square: Window closed]",
    WindowStatus.FAILED: ":red-badge[:material/error: Window failed]",
}
PURPOSE = "Draw a digit, and a neural network tells you which one it is."
PURPOSE_OF_BOTH = "Draw here or, with **Start Drawing**, in a window: a neural network tells you which digit it is."
NO_SCREEN = (
    "There is no screen here on which a window could open. Draw on the pad, or run `python recognition.py` on your own "
    "computer."
)
OTHER_MACHINE = (
    "The window opens on the computer that runs this page, and you are on another. Draw on the pad, or run "
    "`python recognition.py` on your own computer."
)


def show(keys: Mapping[str, str]) -> None:
    """Show the tab; keys: of the window, each with what it does."""
    if not visitor_session.is_at_this_computer():
        show_purpose(PURPOSE)
        show_pad()
        if not visitor_session.is_hosted():
            st.caption(OTHER_MACHINE)
        return
    window = visitor_session.window()
    snapshot = window.snapshot()
    obstacle = find_obstacle()
    with st.container(horizontal=True, vertical_alignment="center", key="window"):
        show_purpose(PURPOSE if obstacle else PURPOSE_OF_BOTH)
        if not obstacle:
            show_controls(window, snapshot, keys)
    show_pad_and_results(snapshot, obstacle)
    # Last of all: what follows a fragment can get lost when its timer fires while the page is being snapshot.
    rerun_on_change(window, snapshot, PAUSE_WITHOUT if obstacle else PAUSE[snapshot.status])


def show_purpose(words: str) -> None:
    """Say what the tab is for."""
    st.container(key="purpose").markdown(words)


def show_pad_and_results(snapshot: WindowSnapshot, obstacle: str | None) -> None:
    """Show the pad, and beside it what comes from the window, once there is something."""
    if snapshot.is_alive or snapshot.drawings or snapshot.failure:
        left, right = st.container(key="pad-and-results").columns([5, 2], gap="medium")
        with left:
            show_pad()
        with right:
            show_results(snapshot, obstacle)
    else:
        show_pad()
    if obstacle == NO_SCREEN:  # the pad says what is wrong with the model
        st.caption(NO_SCREEN)


def find_obstacle() -> str | None:
    """Return why no window can be opened here and what to do instead, or None if one can."""
    if not window_process.has_screen():
        return NO_SCREEN
    try:
        check_container(visitor_session.model_in_use())
    except UserError as error:
        return plain(str(error))
    return None


def show_pad() -> None:
    """Show the pad, which is answered without the rest of the page, and remember what the visitor keeps."""
    try:
        classifier = hands.answering()
    except UserError as error:
        show_error(str(error))
        return
    pad.show(classifier, keep)
    st.caption(hand_in_words())


def hand_in_words() -> str:
    """Return whose hand the answers go by."""
    if hands.is_guest():
        return "You are a guest: the network answers alone. Choose a hand in the tab *Your hand*."
    if not hands.is_on():
        return "What it was taught is switched off. Switch it on in the tab *Your hand*."
    if hands.name() == hands.THIS_VISIT:
        return "It goes by what you teach it during this visit; see the tab *Your hand*."
    return f"It knows the hand of **{plain(hands.name())}**; see the tab *Your hand*."


def keep(record: dict) -> None:
    """Put an answer of the pad into the history."""
    visitor_session.remember(history.entries_of(AnsweredDrawing.from_record(record), "pad"))


def show_controls(window: WindowHost, snapshot: WindowSnapshot, keys: Mapping[str, str]) -> None:
    """Show the two buttons of the window, each to be pressed only when it has something to do, and what its keys do."""
    st.markdown(BADGES[snapshot.status], width="content")
    with st.popover("Keys", icon=":material/keyboard:", width="content"):
        st.markdown("  \n".join(f"`{key}` {effect}" for key, effect in keys.items()))
    st.button("Close window", disabled=not snapshot.is_alive, on_click=window.close)
    st.button(
        "Start Drawing",
        type="primary",
        icon=":material/draw:",
        disabled=snapshot.is_alive,
        on_click=lambda: open_window(window),
    )


def open_window(window: WindowHost) -> None:
    """Open the window with the model and the hand in use."""
    window.start(visitor_session.model_in_use(), hands.window_options())


def show_results(snapshot: WindowSnapshot, obstacle: str | None) -> None:
    """Show the window's latest answer, why it failed, or what to do."""
    st.header("In the window")
    if snapshot.failure:
        show_error(snapshot.failure.sentence)
        if snapshot.failure.details and not obstacle:
            st.code(snapshot.failure.details, language=None)
    if snapshot.drawings:
        show_drawing(snapshot.drawings[-1], hands.picture_of(snapshot.drawings[-1].answer))
        st.caption(f"The window's answers ({len(snapshot.drawings)}) are in the tab *History*.")
    elif snapshot.is_alive:
        st.markdown("Draw a digit in the window and press **Classify**. The answer appears here.")


def rerun_on_change(window: WindowHost, snapshot: WindowSnapshot, pause: float) -> None:
    """Look at the window every `pause` seconds, and show the page again when there is something new."""

    @st.fragment(run_every=pause)
    def look_again() -> None:
        if window.snapshot() != snapshot:
            st.rerun()

    look_again()
