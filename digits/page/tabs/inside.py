"""The tab Look inside: the network at work on the drawing, live, beside a smaller pad."""

import numpy as np
import streamlit as st

from digits.page import hands, pad, visitor_session
from digits.page.history import HistoryEntry
from digits.page.inside import component
from digits.page.widgets import show_error
from digits.system.files import UserError
from digits.training import synthetic_digits

CHOSEN = "looked_at"  # in the session: the place in the history, -1 for the pad
MOST_CHOICES = 100  # of the history, the latest


def show() -> None:
    """Show the tab."""
    purpose = "Draw, and watch the network at work: every picture is what one part of it makes of your drawing."
    st.container(key="purpose").markdown(purpose)
    try:
        model = component.network_in_use()
    except UserError as error:
        show_error(str(error))
        return
    left, right = st.columns([1, 3], gap="medium")
    with left, st.container(key="inside-pad"):
        pad.show(model.classifier, lambda record: None, is_compact=True)
    with right:
        st.container(key="inside-title").header("The network at work")
        chosen = choose(visitor_session.entries()[:MOST_CHOICES])
        component.show(model, example(), chosen, look_at_pad)
        if hands.is_on() and len(hands.current()):
            st.caption("The network alone answers here. What you have taught it counts in the tab *Draw*.")


def choose(entries: list[HistoryEntry]) -> np.ndarray | None:
    """Return the picture of the history to look at; None for what is on the pad."""
    if not entries:
        return None
    places = range(-1, len(entries))
    chosen = st.selectbox(
        "Drawing",
        places,
        key=CHOSEN,
        format_func=lambda place: "On the pad" if place < 0 else describe(entries[place], len(entries) - place),
    )
    return None if chosen < 0 else entries[chosen].picture


def look_at_pad() -> None:
    """Look at what is on the pad from now on."""
    st.session_state[CHOSEN] = -1


def describe(entry: HistoryEntry, number: int) -> str:
    """Return a line that names a drawing."""
    return f"No. {number}: {entry.verdict} ({entry.source}, {entry.name})"


def example() -> np.ndarray:
    """Return the picture that is looked at until there is a drawing, uint8 (28, 28)."""
    return synthetic_digits.draw(np.array([5]), np.random.default_rng(3))[0]
