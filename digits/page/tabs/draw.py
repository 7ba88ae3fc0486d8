"""The tab Draw: the window of this computer with its live results, and the pad in the page."""

from collections.abc import Mapping

import streamlit as st

from digits.models.keras_allowlist import check_container
from digits.page import drawing_views, history, pad, visitor_session, window_process
from digits.page.drawing_views import Drawing
from digits.page.widgets import PICTURE_WIDTH, plain, show_drawing, show_error
from digits.page.window_process import Status, View, WindowHost
from digits.system.files import UserError

PAUSE = {Status.STARTING: 0.1, Status.OPEN: 0.25, Status.CLOSED: 1.0, Status.FAILED: 1.0}  # seconds between looks
PAUSE_OF_OTHERS = 5.0  # seconds between looks of those who cannot open it
BADGES = {
    Status.STARTING: ("Window starting", ":material/hourglass_top:", "orange"),
    Status.OPEN: ("Window open", ":material/draw:", "green"),
    Status.CLOSED: ("Window closed", ":material/crop_square:", "gray"),
    Status.FAILED: ("Window failed", ":material/error:", "red"),
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
    """Show the tab; `keys` of the window, as they are written, with what they do."""
    st.markdown("Draw a digit your way, in a window or right here, and a neural network tells you which one it is.")
    window = visitor_session.window()
    view = window.look()
    obstacle = find_obstacle()
    if obstacle:
        show_pad()
        st.info(obstacle, icon=":material/info:")
        show_controls(window, view, obstacle)
        show_results(view, obstacle)
    else:
        show_window_and_pad(window, view, keys)
    # Behind all else: what follows a fragment can get lost when its timer fires while the page is being shown.
    rerun_on_change(window, view, PAUSE_OF_OTHERS if obstacle else PAUSE[view.status])


def show_window_and_pad(window: WindowHost, view: View, keys: Mapping[str, str]) -> None:
    """Show the window's part of the tab and the pad's, side by side."""
    left, right = st.columns([4, 5], gap="large")
    with left:
        st.subheader("In a window")
        show_controls(window, view, None)
        show_results(view, None)
        show_keys(keys)
    with right:
        st.subheader("On this page")
        show_pad()


def find_obstacle() -> str | None:
    """Return why no window can be opened for this visitor and what to do instead, or None if one can."""
    if not window_process.has_screen():
        return NO_SCREEN
    forwarded_for = st.context.headers.get("X-Forwarded-For", "").split(",")[0].strip()
    if not window_process.is_this_machine(forwarded_for or st.context.ip_address):
        return OTHER_MACHINE
    try:
        check_container(visitor_session.model_in_use())
    except UserError as error:
        return plain(str(error))
    return None


def show_pad() -> None:
    """Show the pad, which answers by itself, and remember what the visitor keeps."""
    try:
        classifier = visitor_session.classifier()
    except UserError as error:
        show_error(str(error))
        return
    pad.show(classifier, keep)


def keep(record: dict) -> None:
    """Put an answer of the pad into the history."""
    visitor_session.remember(history.of_drawing(Drawing.from_record(record), "pad"))


def show_controls(window: WindowHost, view: View, obstacle: str | None) -> None:
    """Show the two buttons; each can be pressed only when it has something to do."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            "Start Drawing",
            type="primary",
            icon=":material/draw:",
            disabled=view.alive or obstacle is not None,
            on_click=window.start,
            args=(visitor_session.model_in_use(),),
        )
        st.button("Close window", disabled=not view.alive or obstacle is not None, on_click=window.close)
        label, icon, color = BADGES[view.status]
        st.badge(label, icon=icon, color=color)


def show_results(view: View, obstacle: str | None) -> None:
    """Show the window's latest answer, why it failed, or what to do."""
    if view.failure:
        show_error(view.failure.sentence)
        if view.failure.details:
            st.code(view.failure.details, language=None)
    if view.drawings:
        show_drawing(view.drawings[-1])
        st.caption(f"All answers ({len(view.drawings)}) of the window are in the tab *History*.")
    elif not obstacle:
        show_invitation(view)


def show_keys(keys: Mapping[str, str]) -> None:
    """Tell, on demand, what the keys of the window do."""
    with st.expander("Keys in the window", icon=":material/keyboard:"):
        st.markdown("  \n".join(f"`{key}` {effect}" for key, effect in keys.items()))


def show_invitation(view: View) -> None:
    """Fill the place of the answers while there are none."""
    with st.container(border=True):
        canvas, words = st.columns([1, 2], vertical_alignment="center", gap="medium")
        canvas.image(drawing_views.canvas_picture([]), width=PICTURE_WIDTH, alt="An empty canvas")
        if view.alive:
            words.markdown("Draw a digit in the window and press **Classify**. The answer appears here.")
        else:
            words.markdown("Press **Start Drawing** and draw a digit in the window. The answer appears here.")


def rerun_on_change(window: WindowHost, view: View, pause: float) -> None:
    """Look at the window every `pause` seconds, and show the page again when there is something new."""

    @st.fragment(run_every=pause)
    def look_again() -> None:
        if window.look() != view:
            st.rerun()

    look_again()
