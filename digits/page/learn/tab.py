"""The tab Learn: eight quests for those who try it out, a class and a lesson plan for teachers, and the notebook."""

import streamlit as st

from digits.page.learn import class_section, documents, quest_log
from digits.page.learn.quests import QUESTS, Quest
from digits.page.widgets import offer_file
from digits.system.paths import ROOT

NOTEBOOK_FILE = ROOT / "notebooks" / "handwritten_digit_recognition.ipynb"


def show() -> None:
    """Show the tab."""
    st.session_state[quest_log.ON_QUEST] = True
    quest_log.look_back()
    show_quests()
    class_section.show()
    show_lesson_plan()
    show_notebook()


def show_quests() -> None:
    """Show the quests in two columns, those that are done with what they teach."""
    done = quest_log.done()
    st.header("Eight quests")
    st.markdown(
        "Try each of them. The page notices when you have done it, and tells you what it shows about the network."
    )
    st.progress(len(done) / len(QUESTS), f"{len(done)} of {len(QUESTS)} done")
    for start in range(0, len(QUESTS), 2):
        for column, quest in zip(st.columns(2), QUESTS[start : start + 2], strict=True):
            with column.container(border=True, height="stretch", gap="xsmall"):
                show_quest(quest, quest.name in done)


def show_quest(quest: Quest, is_done: bool) -> None:
    """Show one quest, with the way to its tab."""
    icon = ":primary[:material/check_circle:]" if is_done else ":gray[:material/circle:]"
    st.markdown(f"{icon} **{quest.title}**{' (done)' if is_done else ''}")
    st.markdown(quest.task)
    if is_done:
        st.markdown(f":primary[:material/lightbulb:] {quest.lesson}")
    else:
        st.button(
            f"Go to {quest.tab}",
            key=f"quest-{quest.name}",
            type="tertiary",
            icon=":material/arrow_forward:",
            help=f"{quest.title}: go to the tab {quest.tab}",
            on_click=go_to,
            args=(quest.tab,),
        )


def go_to(tab: str) -> None:
    """Open another tab of the page."""
    st.session_state["tab"] = tab


def show_lesson_plan() -> None:
    """Offer the lesson plan, to print and as a file."""
    st.header("A 45-minute lesson")
    st.markdown(
        "A plan for teachers who have never taught this before: what to prepare, what to ask and when, and a worksheet "
        "of the quests for the pupils. Two sheets of paper."
    )
    with st.container(horizontal=True):
        if documents.is_served():
            address = f"{documents.PATH}/{documents.LESSON_PLAN}"
            st.link_button("Open it to print", address, icon=":material/print:")
        offer_file("Download the lesson plan", documents.lesson_plan, documents.LESSON_PLAN, "text/html")


def show_notebook() -> None:
    """Offer the notebook, to read and to run."""
    st.header("How a computer learns to read digits")
    st.markdown(
        "A guided tour in a notebook, from sixty thousand examples to your own digit, with the code that does it and "
        "what that code showed. Read it here, or download it and run it yourself in Jupyter."
    )
    with st.container(horizontal=True):
        if documents.is_served():
            st.link_button("Read it", f"{documents.PATH}/{documents.NOTEBOOK}", icon=":material/menu_book:")
        offer_file("Download the page", documents.notebook, documents.NOTEBOOK, "text/html")
        if NOTEBOOK_FILE.is_file():  # an installed package is without it
            offer_file(
                "Download the notebook", NOTEBOOK_FILE.read_bytes, NOTEBOOK_FILE.name, "application/x-ipynb+json"
            )
