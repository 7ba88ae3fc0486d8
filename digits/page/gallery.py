"""The gallery: taught drawings as pictures, to be chosen, and relabelled or forgotten together.

The browser (`gallery_frontend/gallery.js`) sends names and a label; nothing in it is trusted before `act` has checked
it.
"""

from collections.abc import Sequence
from pathlib import Path

import streamlit as st
from streamlit.components.v2 import component

from digits.page import hands
from digits.page.drawing_views import data_url, png
from digits.page.widgets import PATIENCE, custom_properties
from digits.recognition.hand import Hand, Remembered
from digits.recognition.labels import MOST_CHARACTERS
from digits.system.files import UserError

FRONTEND = Path(__file__).parent / "gallery_frontend"
COLOURS = ("paper", "edge", "button_lit")  # of the design tokens, in gallery.css

ACTED = "gallery_acted"  # in the session

_html, _css, _js = ((FRONTEND / f"gallery.{kind}").read_text("utf-8") for kind in ("html", "css", "js"))
_tokens = f".gallery {{{custom_properties(*COLOURS)}}}\n"
_component = component("taught_drawings", html=_html, css=_tokens + _css, js=_js + PATIENCE)


def show(hand: Hand, drawings: Sequence[Remembered], key: str = "gallery") -> None:
    """Show drawings of a hand; what is done with them counts at once."""
    tiles = [
        {"name": drawing.name, "label": drawing.label, "picture": data_url(png(drawing.picture))}
        for drawing in drawings
    ]
    data = {"drawings": tiles, "longest_label": MOST_CHARACTERS, "acted": st.session_state.get(ACTED)}
    _component(key=key, data=data, on_act_change=lambda: act_once(st.session_state[key]["act"], hand))


def act_once(payload: object, hand: Hand) -> None:
    """Do what the browser asks, once: what has no reply is sent again. Where that fails, the tab says why."""
    at = payload.get("at") if isinstance(payload, dict) else None
    if at is None or at != st.session_state.get(ACTED):
        st.session_state[ACTED] = at
        hands.attempt(act, payload, hand)


def act(payload: object, hand: Hand) -> None:
    """Relabel the drawings of these names, or forget them; raises UserError."""
    names, label = (payload.get("names"), payload.get("label")) if isinstance(payload, dict) else (None, None)
    if not isinstance(names, list) or not isinstance(label, str | None):
        raise UserError("The page sent something that cannot be read; reload it.")
    known = [name for name in names if isinstance(name, str) and hand.drawing(name)]
    if label is None:
        hand.forget(*known)
    else:
        hand.relabel(known, label)
