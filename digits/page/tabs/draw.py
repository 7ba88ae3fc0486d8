"""The tab Draw: the window of this computer with its live results, and the pad in the page."""

from collections.abc import Mapping

import streamlit as st

from digits.models.keras_allowlist import check_container
from digits.page import drawing_views, hands, history, pad, visitor_session
from digits.page.drawing_views import AnsweredDrawing
from digits.page.jobs import window_process
from digits.page.jobs.window_process import WindowHost, WindowSnapshot, WindowStatus
from digits.page.widgets import PICTURE_WIDTH, plain, show_drawing, show_error
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
    st.markdown("Draw a digit your way, in a window or right here, and a neural network tells you which one it is.")
    if not visitor_session.is_at_this_computer():
        show_pad()
        if not visitor_session.is_hosted():
            st.info(OTHER_MACHINE, icon=":material/info:")
        return
    window = visitor_session.window()
    snapshot = window.snapshot()
    obstacle = find_obstacle()
    if obstacle:
        show_pad()
        st.info(obstacle, icon=":material/info:")
        show_controls(window, snapshot, obstacle)
        show_results(snapshot, obstacle)
    else:
        show_window_and_pad(window, snapshot, keys)
    # Last of all: what follows a fragment can get lost when its timer fires while the page is being snapshot.
    rerun_on_change(window, snapshot, PAUSE_WITHOUT if obstacle else PAUSE[snapshot.status])


def show_window_and_pad(window: WindowHost, snapshot: WindowSnapshot, keys: Mapping[str, str]) -> None:
    """Show the window's part of the tab and the pad's, side by side."""
    left, right = st.columns([4, 5], gap="large")
    with left:
        st.subheader("In a window")
        show_controls(window, snapshot, None)
        show_results(snapshot, None)
        show_keys(keys)
    with right:
        st.subheader("On this page")
        show_pad()


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
        classifier = visitor_session.classifier() if hands.is_guest() else hands.current()
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
    return f"It goes by the hand of **{plain(hands.name())}**; see the tab *Your hand*."


def keep(record: dict) -> None:
    """Put an answer of the pad into the history."""
    visitor_session.remember(history.entries_of(AnsweredDrawing.from_record(record), "pad"))


def show_controls(window: WindowHost, snapshot: WindowSnapshot, obstacle: str | None) -> None:
    """Show the two buttons; each can be pressed only when it has something to do."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            "Start Drawing",
            type="primary",
            icon=":material/draw:",
            disabled=snapshot.is_alive or obstacle is not None,
            on_click=lambda: open_window(window),
        )
        st.button("Close window", disabled=not snapshot.is_alive or obstacle is not None, on_click=window.close)
        st.markdown(BADGES[snapshot.status], width="content")


def open_window(window: WindowHost) -> None:
    """Open the window with the model and the hand in use."""
    window.start(visitor_session.model_in_use(), hands.window_options())


def show_results(snapshot: WindowSnapshot, obstacle: str | None) -> None:
    """Show the window's latest answer, why it failed, or what to do."""
    if snapshot.failure:
        show_error(snapshot.failure.sentence)
        if snapshot.failure.details and not obstacle:
            st.code(snapshot.failure.details, language=None)
    if snapshot.drawings:
        show_drawing(snapshot.drawings[-1], hands.picture_of(snapshot.drawings[-1].answer))
        st.caption(f"All answers ({len(snapshot.drawings)}) of the window are in the tab *History*.")
    elif not obstacle:
        show_invitation(snapshot)


def show_keys(keys: Mapping[str, str]) -> None:
    """Show, on demand, what the keys of the window do."""
    with st.expander("Keys in the window", icon=":material/keyboard:"):
        st.markdown("  \n".join(f"`{key}` {effect}" for key, effect in keys.items()))


def show_invitation(snapshot: WindowSnapshot) -> None:
    """Fill the place of the answers while there are none."""
    with st.container(border=True):
        canvas, words = st.columns([1, 2], vertical_alignment="center", gap="medium")
        canvas.image(drawing_views.canvas_picture([]), width=PICTURE_WIDTH, alt="An empty canvas")
        if snapshot.is_alive:
            words.markdown("Draw a digit in the window and press **Classify**. The answer appears here.")
        else:
            words.markdown("Press **Start Drawing** and draw a digit in the window. The answer appears here.")


def rerun_on_change(window: WindowHost, snapshot: WindowSnapshot, pause: float) -> None:
    """Look at the window every `pause` seconds, and show the page again when there is something new."""

    @st.fragment(run_every=pause)
    def look_again() -> None:
        if window.snapshot() != snapshot:
            st.rerun()

    look_again()
