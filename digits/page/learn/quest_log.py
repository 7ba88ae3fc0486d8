"""The quest log: which quests a visitor has done, noticed from what they draw, correct and upload."""

from collections.abc import Sequence

import streamlit as st

from digits.drawing import ink
from digits.page import visitor_session
from digits.page.learn.quests import QUESTS, Deed
from digits.recognition.classifier import Answer

DONE = "quests_done"  # in the session: the names of those that are done
ON_PAD = "quests_drawing"  # ... the answers to what the pen has left on the pad, and its strokes
ON_QUEST = "on_quest"  # ... whether the visitor has seen the quests, and wants to know of each


def done() -> set[str]:
    """Return the names of the quests that the visitor has done."""
    return st.session_state.setdefault(DONE, set())


def take_back(names: object) -> None:
    """Note what the visitor's browser has kept of the quests that were done."""
    if isinstance(names, list):
        done().update(quest.name for quest in QUESTS if quest.name in names)


def notice(answers: Sequence[Answer], strokes: Sequence[ink.Stroke] = (), label: str | None = None) -> None:
    """Note which quests an answered drawing is the end of, and say so to those who know of the quests."""
    _notice(Deed(answers, strokes, label))


def notice_on_pad(answers: Sequence[Answer], strokes: Sequence[ink.Stroke]) -> None:
    """Do the same for what the pen has left on the pad; it may grow until another drawing is begun."""
    _, strokes_before = st.session_state.get(ON_PAD, ((), ()))
    if len(strokes) <= len(strokes_before):
        _notice_finished()
    st.session_state[ON_PAD] = answers, strokes
    _notice(Deed(answers, strokes, may_grow=True))


def _notice_finished() -> None:
    answers, strokes = st.session_state.get(ON_PAD, ((), ()))
    _notice(Deed(answers, strokes))


def _notice(deed: Deed) -> None:
    before = done()
    for quest in QUESTS:
        if quest.name not in before and quest.is_done(deed):
            before.add(quest.name)
            if st.session_state.get(ON_QUEST):
                st.toast(f"Quest done: **{quest.title}**", icon=":material/check_circle:")


def look_back() -> None:
    """Note what was done on the pad, in the window of this computer, and with pictures."""
    if len(done()) == len(QUESTS):
        return
    _notice_finished()
    if visitor_session.is_at_this_computer():
        for drawing in visitor_session.window().snapshot().drawings:
            told = next((told for told in drawing.told if told), None)
            notice(drawing.answers, drawing.strokes, told and told.label)
    pictures: dict[float, list[Answer]] = {}  # the answers to each picture, by the time when it was read
    for entry in visitor_session.entries():
        if entry.source == "image":
            pictures.setdefault(entry.time, []).append(entry.answer)
    for answers in pictures.values():
        notice(answers)
