"""The page: draw, upload, teach, train, compare and understand, each in a tab of its own.

    streamlit run app.py                  with the shipped model
    streamlit run app.py -- model.h5      with a model of your own (.h5 or .keras)

The window and the trainer are child processes, `recognition.py` and `handwriting.py`, one each for the whole server;
see `digits/page/window_process.py` and `digits/page/training_jobs.py`.
"""

import os
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path

# For NumPy, when it is imported: its products are small here, and where the cores are busy, as during a training,
# threads that wait for each other take ten times as long as one.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

# Not left to Streamlit, which imports Pandas late: Altair, in another tab's thread, fails where it meets half of it.
import pandas as pd  # noqa: F401
import streamlit as st
from streamlit import runtime

from digits.models import loading
from digits.page.tabs import draw, history, images, inside, model, train, your_hand
from digits.page.widgets import show_error, style
from digits.system.files import UserError
from digits.system.paths import ASSETS
from digits.window import actions

USAGE = "Start the page with `streamlit run app.py`, or with a model of your own: `streamlit run app.py -- model.h5`."
TABS = {
    "Draw": partial(draw.show, actions.HELP),
    "Images": images.show,
    "History": history.show,
    "Your hand": your_hand.show,
    "Train": train.show,
    "Model": model.show,
    "Look inside": inside.show,
}
KEEPING_INPUTS = {"Images": images.keep_inputs, "Train": train.keep_inputs}  # while another tab is open


def main(arguments: Sequence[str]) -> None:
    """Show the page once, as it is now."""
    st.set_page_config("Draw a digit", str(ASSETS / "icon.png"), layout="wide")
    st.html(style())
    st.title("Draw a digit")
    if len(arguments) > 1 or any(argument.startswith("-") for argument in arguments):
        show_error(f"The page cannot be started with: {' '.join(arguments)}. {USAGE}")
        return
    st.session_state["named_model"] = Path(arguments[0]).resolve() if arguments else loading.SHIPPED
    for tab, name in zip(st.tabs(list(TABS), key="tab", bind="query-params"), TABS, strict=True):
        with tab:
            try:
                (TABS if tab.open else KEEPING_INPUTS).get(name, lambda: None)()
            except UserError as error:
                show_error(str(error))


if __name__ == "__main__":
    if not runtime.exists():
        print(USAGE, file=sys.stderr)
        raise SystemExit(2)
    main(sys.argv[1:])
