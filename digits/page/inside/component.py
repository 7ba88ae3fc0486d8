"""The component that shows the network: its data from Streamlit, and its answers where the route cannot be reached."""

import base64
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import streamlit as st
from streamlit.components.v2 import component

from digits.models.inside import network
from digits.models.inside.other_network import OtherNetwork
from digits.page import visitor_session
from digits.page.inside import looks, words
from digits.page.inside.viewers import VIEWERS, AnyNetwork
from digits.page.widgets import custom_properties

FRONTEND = Path(__file__).parent / "frontend"
SCRIPTS = ("network", "terms", "row", "unit", "vote", "questions")  # one module for the browser, in this order
COLOURS = ("doubt", "paper", "edge", "track", "muted_bar", "button_lit", "ink", "faint_text")
KEY = "network"

_html, _css = ((FRONTEND / f"network.{kind}").read_text("utf-8") for kind in ("html", "css"))
_js = "\n".join((FRONTEND / f"{name}.js").read_text("utf-8") for name in SCRIPTS)
_tokens = f".network {{{custom_properties(*COLOURS)}}}\n"
_component = component("network", html=_html, css=_tokens + _css, js=_js)


def network_in_use() -> AnyNetwork:
    """Return the network of the model in use, read once per server; raises UserError."""
    path = visitor_session.model_in_use()
    classifier = visitor_session.classifier()
    return _load(str(path), path.stat().st_mtime_ns, classifier)


@st.cache_resource(show_spinner="Reading the network ...", max_entries=8)
def _load(path: str, modified: int, _classifier) -> AnyNetwork:
    return network.load(Path(path), _classifier) or OtherNetwork(_classifier)


@st.fragment
def show(
    model: AnyNetwork,
    example: np.ndarray,
    chosen: np.ndarray | None = None,
    on_left: Callable[[], None] = lambda: None,
) -> None:
    """Show the network at work on the drawing on the pad.

    example: the picture, uint8 (28, 28), that is shown while the pad is empty. chosen: the one that is looked at
    instead of the pad's, until that is drawn on: then `on_left` is called and the whole page is shown again.
    """
    key = st.session_state["viewer"] = VIEWERS.admit(st.session_state.get("viewer"), model)
    data = {
        "stages": words.stages(model),
        "glossary": words.GLOSSARY,
        "address": f"look-inside/{key}",
        "model": model.classifier.card.sha256,
        "isPlain": bool(model.stages),
        "example": _pixels(example),
        "chosen": None if chosen is None else _pixels(chosen),
        "reply": _reply(model),
    }
    _component(key=KEY, data=data, on_question_change=lambda: None, on_left_change=partial(_leave, on_left))
    if st.session_state.pop("network_left", False):
        st.rerun()


def _leave(on_left: Callable[[], None]) -> None:
    on_left()
    st.session_state["network_left"] = True


def _pixels(picture: np.ndarray) -> str:
    return base64.b64encode(picture.tobytes()).decode()


def _reply(model: AnyNetwork) -> dict | None:
    """Return the answer to what the browser has asked by way of Streamlit, computed once; None where it has not."""
    question = st.session_state.get(KEY, {}).get("question")
    if not isinstance(question, dict):
        return None
    asked, reply = st.session_state.get("network_reply", (None, None))
    if asked != (question, id(model)):
        reply = looks.answer(question, model) | {"ask": question.get("ask")}
        st.session_state["network_reply"] = (question, id(model)), reply
    return reply
