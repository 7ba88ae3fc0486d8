"""The walk *Teach it your hand*, in the tab Your hand: ten of each digit on the pad, one after the other."""

from collections import Counter
from collections.abc import Sequence

import streamlit as st

from digits.page import hands, pad
from digits.page.learn import quest_log
from digits.page.pad import Lesson
from digits.recognition.hand import Hand, Remembered
from digits.recognition.labels import DIGITS
from digits.recognition.records import DigitRecord

OF_EACH = 10  # drawings of each digit
IN_LESSON = "in_lesson"  # in the session: whether the walk is on


def is_on() -> bool:
    """Tell whether the visitor is on the walk."""
    return st.session_state.get(IN_LESSON, False)


def switch(is_on: bool) -> None:
    """Begin the walk, or leave it."""
    st.session_state[IN_LESSON] = is_on


def next_step(drawings: Sequence[Remembered]) -> Lesson | None:
    """Return what is to be drawn next: a digit of which there are the fewest; None once there are ten of each."""
    counts = Counter(drawing.label for drawing in drawings)
    label = min(DIGITS, key=lambda digit: counts[digit])
    done = sum(min(counts[digit], OF_EACH) for digit in DIGITS)
    return Lesson(label, done, OF_EACH * len(DIGITS)) if counts[label] < OF_EACH else None


def show(hand: Hand) -> None:
    """Show the walk's next step."""
    st.header("Teach it your hand")
    step = next_step(hand.drawings())
    if step is None:
        st.success("Ten of each digit are there. It goes by them from now on.", icon=":material/check:")
        st.button("Go on", type="primary", on_click=switch, args=(False,))
        return
    st.caption("Draw each digit as you usually do, and press *Next* or Enter. You can stop and go on at any time.")

    def keep(record: dict) -> None:
        drawn = DigitRecord.from_json(record)
        hand.remember(drawn.picture, step.label, drawn.answer, drawn.strokes)
        quest_log.notice([drawn.answer], drawn.strokes, step.label)

    pad.show(hand, keep, "lesson", step)
    with st.container(horizontal=True):
        st.button(
            "Take the last one back",
            icon=":material/undo:",
            disabled=not hand.can_undo,
            on_click=hands.attempt,
            args=(hand.undo,),
        )
        st.button("Stop for now", on_click=switch, args=(False,))
