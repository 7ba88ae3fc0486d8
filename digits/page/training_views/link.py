"""A training's settings in the page's address: whoever opens the link finds them filled in, and starts it or not."""

from collections.abc import Mapping
from urllib.parse import urlencode

import streamlit as st

from digits.page.jobs.training_jobs import check_limits
from digits.training.configuration import SETTINGS, Configuration


def write(configuration: Configuration) -> str:
    """Return the part of a link behind the page's address: "?tab=Train&epochs=3&network=small"."""
    return "?" + urlencode({"tab": "Train", **configuration.as_text()})


def show(configuration: Configuration) -> None:
    """Put the settings into the visitor's own address."""
    for name in SETTINGS:
        st.query_params.pop(name, None)
    st.query_params.update(configuration.as_text())


def read(query: Mapping[str, str]) -> Configuration | None:
    """Return the configuration in the query of an address, None without one; raises UserError for a wrong value."""
    given = {name: query[name] for name in SETTINGS if name in query}
    if not given:
        return None
    configuration = Configuration.checked(**given)
    check_limits(configuration)
    return configuration
