"""The page: opens the drawing window and shows what was answered in it.

    streamlit run app.py                  with the shipped model
    streamlit run app.py -- model.h5      with a model of your own (.h5 or .keras)

The window is a child process, `recognition.py`, one for the whole server; see `digits/host.py`.
"""

import re
import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import altair as alt

# Not left to Streamlit, which imports Pandas late: Altair, in another tab's thread, fails where it meets half of it.
import pandas as pd
import streamlit as st

from digits import drawings, host, models
from digits.classifier import Answer, stated
from digits.drawings import Drawing
from digits.files import UserError
from digits.host import Status, View, WindowHost
from digits.safety import check_container

ROOT = Path(__file__).resolve().parent
USAGE = "Start the page with `streamlit run app.py`, or with a model of your own: `streamlit run app.py -- model.h5`."

PAUSE = {Status.STARTING: 0.1, Status.OPEN: 0.25, Status.CLOSED: 1.0, Status.FAILED: 1.0}  # seconds between looks
BADGES = {
    Status.STARTING: ("Window starting", ":material/hourglass_top:", "orange"),
    Status.OPEN: ("Window open", ":material/draw:", "green"),
    Status.CLOSED: ("Window closed", ":material/crop_square:", "gray"),
    Status.FAILED: ("Window failed", ":material/error:", "red"),
}
LEAST_LABELLED = 0.001  # of probability, in the chart
PICTURE_WIDTH = 140  # CSS pixels
NO_SCREEN = (
    "There is no screen here on which a window could open: run `python recognition.py` on your own computer, "
    "or start this page on one that has a screen."
)
OTHER_MACHINE = (
    "The window opens on the computer that runs this page, and you are on another: open the page in a browser there, "
    "or run `python recognition.py` on your own computer."
)
STYLE = """<style>
.st-key-digit p {margin: 0; font-size: 9rem; font-weight: 700; line-height: 0.9;}
.st-key-confidence p {font-size: 1.25rem; font-weight: 600;}
.st-key-doubt p {font-size: 2.25rem; font-weight: 700; line-height: 1.1; text-wrap: balance;}
.st-key-pictures img {border-radius: 0.4rem;}
</style>"""


def main(arguments: Sequence[str]) -> None:
    """Show the page once, as it is now, and have it shown again when something changes."""
    st.set_page_config("Draw a digit", str(ROOT / "assets" / "icon.png"), initial_sidebar_state="auto")
    st.html(STYLE)
    show_instructions()
    show_welcome()
    if len(arguments) > 1 or any(argument.startswith("-") for argument in arguments):
        st.error(f"The page cannot be started with: {plain(' '.join(arguments))}. {USAGE}", icon=":material/error:")
        return
    model_path = Path(arguments[0]).resolve() if arguments else models.SHIPPED
    window = the_window(model_path)
    view = window.look()
    rerun_on_change(window, view)
    obstacle = find_obstacle(model_path)
    show_controls(window, view, obstacle)
    show_status(view, obstacle)
    if view.drawings:
        show_answer(view.drawings[-1])
        show_table(view.drawings)
    elif not obstacle:
        show_invitation(view)


@st.cache_resource(show_spinner=False)
def the_window(model_path: Path) -> WindowHost:
    """Return the one window of this server, shared by all tabs."""
    return WindowHost([sys.executable, str(ROOT / "recognition.py"), str(model_path)])


def find_obstacle(model_path: Path) -> str | None:
    """Return why no window can be opened for this visitor and what to do instead, or None if one can."""
    if not host.has_screen():
        return NO_SCREEN
    forwarded_for = st.context.headers.get("X-Forwarded-For", "").split(",")[0].strip()
    if not host.is_this_machine(forwarded_for or st.context.ip_address):
        return OTHER_MACHINE
    try:
        check_container(model_path)
    except UserError as error:
        return plain(str(error))
    return None


def show_instructions() -> None:
    """Fill the sidebar."""
    with st.sidebar:
        st.header("How it works")
        st.markdown(
            "1. Press **Start Drawing**. A window opens.\n"
            "2. Draw one digit in it, 0 to 9, in any size, anywhere on the grid.\n"
            "3. Press **Classify**. The answer appears in the window and on this page.\n"
            "4. Press **Reset** and draw the next one."
        )
        st.subheader("Keys in the window")
        st.markdown("`Enter` or `Space` classifies  \n`R` or `Delete` resets  \n`Esc` closes the window")
        st.caption("All tabs of this page share one window and its answers. It closes when the page's server stops.")


def show_welcome() -> None:
    """Say in one sentence what this is."""
    st.title("Draw a digit")
    st.markdown("Draw it with the mouse, your way, and a neural network tells you which one it is.")


def show_controls(window: WindowHost, view: View, obstacle: str | None) -> None:
    """Show the two buttons; each can be pressed only when it has something to do."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            "Start Drawing",
            type="primary",
            icon=":material/draw:",
            disabled=view.alive or obstacle is not None,
            on_click=window.start,
        )
        st.button("Close window", disabled=not view.alive or obstacle is not None, on_click=window.close)
        label, icon, color = BADGES[view.status]
        st.badge(label, icon=icon, color=color)


def show_status(view: View, obstacle: str | None) -> None:
    """Say what stands in the way of a window, or why it failed; nothing when all is well."""
    if obstacle:
        st.warning(obstacle, icon=":material/info:")
    if view.failure:
        st.error(plain(view.failure.sentence), icon=":material/error:")
        if view.failure.details:
            st.code(view.failure.details, language=None)


def show_invitation(view: View) -> None:
    """Fill the place of the answers while there are none."""
    with st.container(border=True):
        canvas, words = st.columns([1, 3], vertical_alignment="center", gap="medium")
        canvas.image(drawings.canvas_picture([]), width=PICTURE_WIDTH, alt="An empty canvas")
        if view.alive:
            words.markdown("Draw a digit in the window and press **Classify**. The answer appears here.")
        else:
            words.markdown("Press **Start Drawing** and draw a digit in the window. The answer appears here.")


def show_answer(drawing: Drawing) -> None:
    """Show the latest answer: the digit, how sure the network is, and what it answered to."""
    with st.container(border=True):
        answer, chart = st.columns(2, vertical_alignment="center", gap="medium")
        with answer:
            show_verdict(drawing.answer)
            with st.container(horizontal=True, key="pictures"):
                st.image(drawing.picture, "Your drawing", width=PICTURE_WIDTH)
                st.image(drawing.seen, "What the network saw", width=PICTURE_WIDTH)
        chart.altair_chart(probability_chart(drawing), alt="Bar chart of the probabilities of the ten digits")


def show_verdict(answer: Answer) -> None:
    """Show the digit in large, or between which digits the network wavers."""
    if answer.is_sure:
        st.container(key="digit").markdown(f":primary[{answer.digit}]")
        st.container(key="confidence").markdown(f"{stated(answer.confidence)} sure")
    else:
        st.container(key="doubt").markdown(f":orange[{answer.doubt.capitalize()}]")


def probability_chart(drawing: Drawing) -> alt.LayerChart:
    """Return the bar chart of the ten probabilities; its colours are the theme's, by their number there."""
    rows = [
        {
            "digit": str(digit),
            "probability": share,
            "stated": stated(share),
            "label": stated(share).removeprefix("over ") if share >= LEAST_LABELLED else "",
            "bar": 0 if digit == drawing.answer.digit else 1,
            "text": 0 if digit == drawing.answer.digit else 2,
            "track": 3,
            "whole": 1,
        }
        for digit, share in enumerate(drawing.answer.probabilities)
    ]
    base = alt.Chart(alt.Data(values=rows)).encode(
        alt.Y("digit:N", title=None, axis=alt.Axis(domain=False, ticks=False, labelFontSize=14, labelPadding=8)),
        tooltip=[alt.Tooltip("digit:N", title="Digit"), alt.Tooltip("stated:N", title="Probability")],
    )
    bar = {"size": 10, "cornerRadius": 5}
    track = base.mark_bar(**bar).encode(_length("whole"), _color("track"))
    bars = base.mark_bar(**bar).encode(_length("probability"), _color("bar"))
    labels = base.mark_text(align="right", fontSize=14).encode(_color("text"), x=alt.value("width"), text="label:N")
    return alt.layer(track, bars, labels).properties(height=330).configure_view(stroke=None)


def _length(field: str) -> alt.X:
    room_for_labels = 0.3  # of the length of a whole bar
    return alt.X(f"{field}:Q", axis=None, scale=alt.Scale(domain=[0, 1 + room_for_labels]))


def _color(field: str) -> alt.Color:
    return alt.Color(f"{field}:N", legend=None, scale=alt.Scale(domain=[0, 1, 2, 3]))


def show_table(shown: Sequence[Drawing]) -> None:
    """List all answers of this server, the latest first."""
    st.subheader(f"All answers ({len(shown)})")
    rows = [
        (
            number,
            drawing.thumbnail,
            str(drawing.answer.digit) if drawing.answer.is_sure else drawing.answer.doubt,
            100 * min(drawing.answer.confidence, drawings.MOST),
            time_of(drawing),
        )
        for number, drawing in enumerate(shown, start=1)
    ]
    table = pd.DataFrame(rows[::-1], columns=["number", "drawing", "digit", "confidence", "time"])
    column = st.column_config
    st.dataframe(
        table,
        hide_index=True,
        row_height=48,
        column_config={
            "number": column.NumberColumn("No.", width=42, alignment="left"),
            "drawing": column.ImageColumn("Drawing", width=64, alignment="left"),
            "digit": column.TextColumn("Digit", width=108),
            "confidence": column.ProgressColumn(
                "Confidence", width=108, format="%.1f\N{NO-BREAK SPACE}%%", min_value=0, max_value=100
            ),
            "time": column.DatetimeColumn("Time", format="HH:mm:ss", width=76),
        },
    )


def time_of(drawing: Drawing) -> datetime:
    """Return when a drawing was answered, by this machine's clock on the wall."""
    return datetime.fromtimestamp(drawing.time)


def plain(text: str) -> str:
    """Return the text such that Markdown shows it as it is: names of files have underscores, and options dashes."""
    return re.sub(r"([^\w\s/])", r"\\\1", text)


def rerun_on_change(window: WindowHost, view: View) -> None:
    """Look at the window from time to time, and show the page again when there is something new."""

    @st.fragment(run_every=PAUSE[view.status])
    def look_again() -> None:
        if window.look() != view:
            st.rerun()

    look_again()


if __name__ == "__main__":
    if not st.runtime.exists():
        print(USAGE, file=sys.stderr)
        raise SystemExit(2)
    main(sys.argv[1:])
