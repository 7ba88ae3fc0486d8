"""The class in the tab Learn: it is opened, shown how to join, saved and ended here."""

import streamlit as st

from digits.classroom import qr_code, report
from digits.classroom.host import ClassHost, OpenClass
from digits.page import visitor_session
from digits.page.widgets import offer_file, plain, show_error
from digits.system.files import UserError

QR_WIDTH = 260  # CSS pixels
PAUSE = 1.0  # seconds between looks at who has joined
WHAT_IT_IS = (
    "Your pupils draw on their phones, and a wall shows everybody's latest digit with its answer, live. Have everybody "
    "draw a 4, and see in how many ways a class writes it. The phones must be in the same network as this computer. "
    "Names are optional, and nothing is kept after the class unless you save it."
)
ELSEWHERE = "A class can be opened only at the computer that runs this page; phones in its network can then join."


@st.cache_resource(show_spinner=False)
def host() -> ClassHost:
    """Return the one class of this server."""
    return ClassHost()


def show() -> None:
    """Show the class that is open, or how to open one."""
    st.header("Class")
    if not visitor_session.is_at_this_computer():
        st.info(ELSEWHERE, icon=":material/groups:")
        return
    opened = host().current()
    if opened is None:
        st.markdown(WHAT_IT_IS)
        st.button("Open a class", type="primary", icon=":material/groups:", on_click=open_class)
        if sentence := st.session_state.pop("class_not_opened", ""):
            show_error(sentence)
    else:
        show_open(opened)


def open_class() -> None:
    """Open a class whose drawings the model in use answers."""
    try:
        host().open(visitor_session.classifier())
    except UserError as error:
        st.session_state["class_not_opened"] = str(error)


def show_open(opened: OpenClass) -> None:
    """Show how to join, and what the teacher can do."""
    picture, words = st.columns([1, 3], gap="large", vertical_alignment="center")
    picture.image(qr_code.png(opened.join_addresses[0]), width=QR_WIDTH, alt="QR code of the address of the class")
    with words:
        address = opened.addresses[0].removeprefix("http://")
        st.markdown(f"Scan the code with a phone, or type **{plain(address)}** and then the code")
        st.container(key="class-code").markdown(f"**{opened.room.code}**")
        if others := opened.join_addresses[1:]:
            st.caption("If the phones cannot reach it, try " + " or ".join(map(plain, others)))
        show_pupils(opened)
        show_actions(opened)


@st.fragment(run_every=PAUSE)
def show_pupils(opened: OpenClass) -> None:
    """Say who is there, and show the tab again once the class was ended on the wall."""
    if host().current() is not opened:
        st.rerun()
    pupils = opened.room.pupils()
    drawn = sum(pupil.drawing is not None for pupil in pupils)
    joined = f"{len(pupils)} pupil{'' if len(pupils) == 1 else 's'} joined"
    done = f"{drawn} {'has' if drawn == 1 else 'have'} drawn in this round."
    st.markdown(f"{joined}, {done}" if pupils else "Nobody has joined yet.")


def show_actions(opened: OpenClass) -> None:
    """Offer the wall, the drawings as a file, and the end."""
    with st.container(horizontal=True):
        st.link_button("Open the wall", opened.wall_address, type="primary", icon=":material/grid_view:")
        offer_file(
            "Download the drawings (ZIP)",
            lambda: report.as_zip(opened.room.rounds()),
            report.file_name(),
            "application/zip",
        )
        with st.popover("End the class", icon=":material/stop_circle:"):
            st.markdown("What was drawn will be forgotten. To keep it, download the drawings first.")
            st.button("End it now", type="primary", on_click=host().close)
