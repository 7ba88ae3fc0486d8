"""Whose hand answers a visitor, and what it is taught.

At the computer that runs the page it is a hand of the user's collection, which window and command line share; on any
other it is the visit's own and ends with it. A guest is answered by the network alone and teaches nothing.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import streamlit as st

from digits.drawing import ink
from digits.page import visitor_session
from digits.page.history import HistoryEntry
from digits.page.learn import quest_log
from digits.recognition import collection, hand_cache
from digits.recognition.classifier import Answer, Classifier, Recognizer
from digits.recognition.hand import Hand
from digits.recognition.stores import FolderStore, VisitStore
from digits.system.files import UserError

GUEST = ""  # no hand has this name
THIS_VISIT = "this visit"
WHY_NOT = "hand_error"  # in the session


class Opened(NamedTuple):
    """The hand in use, and what it was opened for."""

    name: str
    classifier: Classifier
    hand: Hand


def current() -> Hand:
    """Return the hand that answers this visitor, with the model in use; raises UserError for an unusable model."""
    hand = _opened().hand
    hand.is_on = is_on()
    return hand


def answering() -> Recognizer:
    """Return what answers this visitor: the hand, or for a guest the network alone; raises UserError."""
    return visitor_session.classifier() if is_guest() else current()


def name() -> str:
    """Return whose hand is chosen: a name, or GUEST."""
    usual = collection.default_hand() if visitor_session.is_at_this_computer() else THIS_VISIT
    return st.session_state.get("hand_name", usual)


def is_guest() -> bool:
    """Tell whether the visitor is a guest."""
    return name() == GUEST


def is_on() -> bool:
    """Tell whether what was taught counts."""
    return not is_guest() and not st.session_state.get("hand_off", False)


def of_this_visit() -> VisitStore:
    """Return what a visitor from another computer has taught; their browser keeps it over a reload."""
    return _store(THIS_VISIT)


def choose(chosen: str) -> None:
    """Have another hand answer from now on; raises UserError for a name that is none."""
    is_kept = visitor_session.is_at_this_computer() and chosen != GUEST
    st.session_state["hand_name"] = collection.hand_name(chosen) if is_kept else chosen


def switch(is_on: bool) -> None:
    """Have what was taught count, or not, to see the difference."""
    st.session_state["hand_off"] = not is_on


def names() -> list[str]:
    """Return the hands to choose from, without the guest."""
    if not visitor_session.is_at_this_computer():
        return [THIS_VISIT]
    try:
        found = collection.hands(collection.default_folder())
    except UserError:  # the hand says so too
        found = [collection.default_hand()]
    return found if is_guest() or name() in found else [*found, name()]


def window_options() -> list[str]:
    """Return the options with which the window goes by the same hand."""
    if not is_on():
        return ["--guest"]
    return ["--collection", str(collection.default_folder()), "--hand", name()]


def teach(
    hand: Hand, picture: np.ndarray, label: str | None, answer: Answer, strokes: Sequence[ink.Stroke] = ()
) -> None:
    """Remember what an answered picture, uint8 (28, 28), is, in place of what it was said to be before.

    No label forgets it. Raises UserError.
    """
    known = hand.find(picture)
    if label is not None:
        hand.remember(picture, label, answer, strokes, known and known.name)
        quest_log.notice([answer], strokes, label)
    elif known:
        hand.forget(known.name)


def attempt(action: Callable[..., object], *arguments: object) -> None:
    """Do something with a hand; where that fails, the tab Your hand says why (`why_not`)."""
    try:
        action(*arguments)
    except UserError as error:
        st.session_state[WHY_NOT] = str(error)


def why_not() -> str:
    """Return why the last attempt failed, once; empty if none has."""
    return st.session_state.pop(WHY_NOT, "")


def labelled(entries: Sequence[HistoryEntry]) -> list[HistoryEntry]:
    """Return answers with what their pictures are said to be, wherever that was said."""
    hand = current()
    hand.refresh()
    found = [hand.find(entry.picture) for entry in entries]
    return [replace(entry, label=known.label) if known else entry for entry, known in zip(entries, found, strict=True)]


def picture_of(answer: Answer) -> np.ndarray | None:
    """Return the remembered drawing that an answer goes by, uint8 (28, 28), if it goes by one that is still there."""
    source = current().drawing(answer.source)
    return source.picture if source else None


def _opened() -> Opened:
    """Return the hand in use, opened anew when the choice or the model has changed."""
    wanted, classifier = name(), visitor_session.classifier()
    opened: Opened | None = st.session_state.get("hand")
    if opened is None or opened.name != wanted or opened.classifier is not classifier:
        opened = Opened(wanted, classifier, _open(wanted, classifier))
        st.session_state["hand"] = opened
    return opened


def _open(wanted: str, classifier: Classifier) -> Hand:
    if visitor_session.is_at_this_computer() and wanted != GUEST:
        folder = collection.hand_folder(collection.default_folder(), wanted)
        return Hand(classifier, FolderStore(folder), hand_cache.place_of(folder))
    # What a guest corrects is in the history, and goes with the visit.
    return Hand(classifier, _store(wanted))


def _store(name: str) -> VisitStore:
    return st.session_state.setdefault(f"store of {name or 'a guest'}", VisitStore())
