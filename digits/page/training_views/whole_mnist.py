"""All of MNIST: what there is of it on this computer, and the rest on demand."""

import streamlit as st

from digits.page import visitor_session
from digits.page.widgets import show_error
from digits.training import mnist

LOOK = 0.5  # seconds between looks at a download that is going on
MEGABYTE = 1e6
ONLY_SAMPLE = (
    "Only a sample of MNIST is on this computer: 5,000 digits to learn from, and 1,000 to test with. *Classroom*, the "
    "experiments and the tab *Model* use it."
)


def show() -> None:
    """Say that there is only the sample and offer the rest, where that is so."""
    if mnist.find() is not None:
        return
    job = visitor_session.mnist_download()
    with st.container(border=True):
        st.markdown(ONLY_SAMPLE)
        if job.snapshot().is_going_on:
            follow()
            return
        if failure := job.snapshot().failure:
            show_error(failure)
        st.button(
            "Get all of MNIST", icon=":material/download:", on_click=job.start, help="11 MB, put where Keras keeps it"
        )


def follow() -> None:
    """Show the download until it is over."""

    @st.fragment(run_every=LOOK)
    def show_again() -> None:
        snapshot = visitor_session.mnist_download().snapshot()
        if not snapshot.is_going_on:
            st.rerun()
        received = f"{snapshot.received / MEGABYTE:.1f}"
        of = f" of {snapshot.of / MEGABYTE:.1f}" if snapshot.of else ""
        st.progress(snapshot.share_done, text=f"Downloading MNIST: {received}{of} MB")

    show_again()
