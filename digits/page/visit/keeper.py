"""The keeper: has the visitor's own browser keep the visit, and takes it back when the page is loaded again.

It lies in the storage of one tab of the browser (`frontend/keeper.js`), which neither other visitors nor other sites
can read, and goes with that tab.
"""

import secrets
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import streamlit as st
from streamlit.components.v2 import component

from digits.page import hands, pad, visitor_session
from digits.page.learn import quest_log
from digits.page.visit import contents
from digits.page.visit.contents import Visit
from digits.page.widgets import PATIENCE
from digits.system.files import UserError

KEY = "keeper"
STATE = "kept_visit"  # in the session

_js = (Path(__file__).parent / "frontend" / "keeper.js").read_text("utf-8")
_component = component("visit_keeper", js=_js + PATIENCE)


def show() -> None:
    """Have the browser keep the visit as it is now; invisible."""
    state = st.session_state.setdefault(STATE, {"session": secrets.token_hex(8), "is_back": False})
    visit = current()
    if state.get("mark") != (mark := _mark(visit)):  # packing a long history takes a tenth of a second
        state.update(mark=mark, content=contents.pack(visit))
    data = {name: state[name] for name in ("session", "is_back", "content")}
    _component(key=KEY, data=data, on_kept_change=lambda: take_back(st.session_state[KEY]["kept"], state))


def current() -> Visit:
    """Return the visit as it is now."""
    store = hands.of_this_visit()
    taught = {name: record for name in store.stamps() if (record := store.read(name))}
    removed = visitor_session.removed_from_window()
    settings = {
        "hand": hands.name(),
        "is_off": st.session_state.get("hand_off", False),
        "removed": [removed.until, sorted(removed.single)],
        "kept": pad.kept_version(),
        "model": visitor_session.model_in_use().name,
        "quests": sorted(quest_log.done()),
    }
    return Visit(visitor_session.own_entries(), taught, settings)


def _mark(visit: Visit) -> tuple:
    """Return what differs between two visits of a session exactly when their contents do."""
    entries = tuple((entry.time, entry.name) for entry in visit.entries)
    return entries, tuple((name, record.label) for name, record in visit.taught.items()), tuple(visit.settings.items())


def take_back(payload: object, state: dict) -> None:
    """Go on with what the browser kept, once."""
    if state["is_back"] or not isinstance(payload, dict):
        return
    state["is_back"] = True
    if visitor_session.current_drawing() is None:
        visitor_session.note_drawing(payload.get("drawing"))
    try:
        visit = contents.unpack(payload.get("content"))
    except ValueError:
        return  # kept by another version of the page
    visitor_session.take_back(visit.entries)
    for name, record in visit.taught.items():
        hands.of_this_visit().write(name, record)
    choose(visit.settings)


def choose(settings: Mapping[str, Any]) -> None:
    """Choose again what was chosen, as far as this visitor may choose it."""
    hand, kept, model = (settings.get(name) for name in ("hand", "kept", "model"))
    if hand in (*hands.names(), hands.GUEST):
        with suppress(UserError):
            hands.choose(str(hand))
    hands.switch(settings.get("is_off") is not True)
    with suppress(KeyError, TypeError, ValueError):  # it may be anything
        until, single = settings["removed"]
        names = frozenset((float(time), str(name)) for time, name in single)
        visitor_session.note_removed(visitor_session.Removed(float(until), names))
    if isinstance(kept, int):
        pad.note_kept(kept)
    quest_log.take_back(settings.get("quests"))
    if visitor_session.is_at_this_computer():
        trained = {path.name: path for path in visitor_session.trainings().models()}
        if model in trained:
            visitor_session.use_model(trained[str(model)])
