"""The page: draw, upload, teach, train, compare and understand, each in a tab of its own.

    streamlit run app.py                  with the shipped model
    streamlit run app.py -- model.h5      with a model of your own (.h5 or .keras)

The same server answers other programs under `/api` (`digits/api/server.py`). It imports this file once, to serve it,
and Streamlit runs it for every look at the page.

The window and the trainer are child processes, `recognition.py` and `handwriting.py`, one each for the whole server;
see `digits/page/jobs/window_process.py` and `digits/page/jobs/training_jobs.py`.
"""

import atexit
import os
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from functools import partial
from pathlib import Path

# For NumPy, when it is imported: its products are small here, and where the cores are busy, as during a training,
# threads that wait for each other take ten times as long as one.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import streamlit as st
from starlette.middleware import Middleware
from starlette.routing import Mount
from starlette.types import ASGIApp
from streamlit import config, runtime

from digits.api.late import Late
from digits.api.settings import Settings
from digits.page.learn import documents
from digits.page.visitor_limits import VisitorLimits
from digits.system import hosting
from digits.system.files import UserError
from digits.system.output import print_error
from digits.system.paths import ASSETS

USAGE = "Start the page with `streamlit run app.py`, or with a model of your own: `streamlit run app.py -- model.h5`."


def main(arguments: Sequence[str]) -> None:
    """Show the page once, as it is now."""
    # Here: the server is ready sooner without them. Pandas is not left to Streamlit, which imports it late: Altair, in
    # another tab's thread, fails where it meets half of it.
    import pandas as pd  # noqa: F401

    from digits.page import uploads
    from digits.page.learn import tab as learn
    from digits.page.tabs import draw, history, images, inside, model, train, your_hand
    from digits.page.visit import keeper
    from digits.page.widgets import show_error, style
    from digits.window import actions

    tabs = {
        "Draw": partial(draw.show, actions.HELP),
        "Images": images.show,
        "History": history.show,
        "Your hand": your_hand.show,
        "Train": train.show,
        "Model": model.show,
        "Look inside": inside.show,
        "Learn": learn.show,
    }
    keeping_inputs = {"Images": images.keep_inputs, "Train": train.keep_inputs}  # while another tab is open
    uploads.limit()  # also for those who upload without looking at the tab
    st.set_page_config("Draw a digit", str(ASSETS / "icon.png"), layout="wide")
    st.html(style(), unsafe_allow_javascript=True)  # our own, which no visitor has a hand in
    st.container(key="title").title("Draw a digit", anchor=False)
    if len(arguments) > 1 or any(argument.startswith("-") for argument in arguments):
        show_error(f"The page cannot be started with: {' '.join(arguments)}. {USAGE}")
        return
    st.session_state["named_model"] = named_model(arguments)
    kept_in_browser = st.container(key="visit")
    for tab, name in zip(st.tabs(list(tabs), key="tab", bind="query-params"), tabs, strict=True):
        with tab:
            try:
                (tabs if tab.open else keeping_inputs).get(name, lambda: None)()
            except UserError as error:
                show_error(str(error))
    with kept_in_browser, suppress(UserError):  # which the tab says
        keeper.show()


def named_model(arguments: Sequence[str]) -> Path:
    """Return the model on the command line, or the shipped one."""
    from digits.models import loading

    return Path(arguments[0]).resolve() if arguments else loading.SHIPPED


def create_api(arguments: Sequence[str], settings: Settings) -> ASGIApp:
    """Return the API, answered by the model that the page begins with."""
    from digits.api import server
    from digits.models import loading
    from digits.page.jobs.window_process import has_screen

    is_hosted = hosting.is_hosted(config.get_option("server.address"), has_screen())
    load = partial(loading.load, named_model(arguments))
    return server.create(load, config.get_option("server.allowedHosts"), settings._replace(is_hosted=is_hosted))


def read_environment() -> Settings:
    """Return the API's settings; ends the server with one sentence where a variable is wrong."""
    try:
        hosting.named_mode()
        return Settings.from_environment()
    except UserError as error:
        print_error("app.py", str(error))
        raise SystemExit(2) from error


def create_look_inside() -> ASGIApp:
    """Return the route by which *Look inside* follows the pen."""
    from digits.page.inside import route

    return route.create(config.get_option("server.allowedHosts"))


@asynccontextmanager
async def clean_up(_) -> AsyncIterator[None]:
    """Leave nothing behind: Uvicorn ends the process by the signal that it got, before Python's exit functions."""
    yield
    atexit._run_exitfuncs()


if __name__ == "__main__":  # run by Streamlit
    if not runtime.exists():
        print(USAGE, file=sys.stderr)
        raise SystemExit(2)
    main(sys.argv[1:])
else:  # imported by the server
    api = Mount("/api", Late(partial(create_api, sys.argv[1:], read_environment())))
    look_inside = Mount("/look-inside", Late(create_look_inside))
    routes = [api, look_inside, documents.mount()]
    app = st.App(__file__, routes=routes, middleware=[Middleware(VisitorLimits)], lifespan=clean_up)
