"""Training on the visitor's own drawings, in the tab Your hand: its progress, before and after, and *Use it*."""

import streamlit as st

from digits.models.evaluation import in_percent
from digits.page import hands, visitor_session
from digits.page.jobs.training_jobs import TrainingHost
from digits.page.jobs.training_process import OwnDigits, TrainingSnapshot, TrainingStatus
from digits.page.training_views import live
from digits.page.widgets import show_error
from digits.recognition import collection
from digits.system.files import UserError
from digits.training.configuration import FEWEST_OWN_DIGITS, OWN_DIGITS

OTHER_MACHINE = (
    "What you teach counts at once here too. A network can be trained on it only at the computer that runs this page: "
    "download your drawings, and run the page on your own computer to train one."
)
STANDINGS = (("own_accuracy", "Your held-back drawings read right"), ("large_accuracy", "Other people's digits"))


def show(num_digits: int) -> None:
    """Offer a training on the hand's drawings and show what is going on; num_digits: how many are digits."""
    st.header("Train the network on your hand")
    if not visitor_session.is_at_this_computer():
        st.caption(OTHER_MACHINE)
        return
    host = visitor_session.trainings()
    snapshot = host.snapshot()
    if host.is_busy:
        if snapshot.is_own:
            live.follow(host)
        else:
            st.info("Another training is going on; see the tab *Train*.", icon=":material/hourglass_top:")
        return
    if snapshot.is_own:
        show_outcome(host, snapshot)
    ask(host, num_digits)


def ask(host: TrainingHost, num_digits: int) -> None:
    """Offer to begin, as soon as there is enough to learn from."""
    st.caption(
        "A slower and deeper way than remembering: the network goes on learning, from your drawings and other people's "
        "digits. A fifth of yours is held back to compare before and after. It takes about a minute."
    )
    if num_digits < FEWEST_OWN_DIGITS:
        st.caption(f"{FEWEST_OWN_DIGITS} digits are needed; so far: {num_digits}.")
    elif st.button(f"Train on {num_digits} digits", icon=":material/model_training:"):
        start(host)


def start(host: TrainingHost) -> None:
    """Start the training from the model in use and show it."""
    own = OwnDigits(visitor_session.model_in_use(), collection.default_folder(), hands.name())
    try:
        host.start(OWN_DIGITS, own=own)
    except UserError as error:
        show_error(str(error))
        return
    st.rerun()


def show_outcome(host: TrainingHost, snapshot: TrainingSnapshot) -> None:
    """Show what came of the last training on own drawings: before and after, and the new network to use."""
    if snapshot.failure:
        show_error(snapshot.failure.sentence)
        if snapshot.failure.details:
            st.code(snapshot.failure.details, language=None)
        return
    if snapshot.own is None:
        if snapshot.status is TrainingStatus.STOPPED:
            st.info("The training was stopped; nothing was saved.")
        return
    with st.container(border=True):
        show_standings(snapshot.own)
        path = host.folder / snapshot.model
        if not snapshot.own["is_better"] or not path.is_file():
            st.info("The new network is no better, so the one in use stays.", icon=":material/balance:")
        elif path == visitor_session.model_in_use():
            st.success("The network that learned your hand is in use.", icon=":material/check:")
        else:
            st.success("The new network reads your hand better.", icon=":material/trending_up:")
            st.button("Use it", type="primary", on_click=visitor_session.use_model, args=(path,))


def show_standings(own: dict) -> None:
    """Show how well the network read before and reads after; own: the trainer's record."""
    with st.container(horizontal=True):
        for name, title in STANDINGS:
            before, after = own["before"][name], own["after"][name]
            change = None if before == after else f"{100 * (after - before):+.2f} points"
            st.metric(title, f"{in_percent(before, 1)} → {in_percent(after, 1)}", change)
    st.caption(f"Learned from {own['drawings']} of your drawings, compared on {own['held_back']} held back.")
