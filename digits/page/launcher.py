"""The command `draw-a-digit-page`: Streamlit's server for `app.py`, wherever it is installed.

    draw-a-digit-page                        with the shipped model
    draw-a-digit-page -- model.h5            with a model of your own (.h5 or .keras)
    draw-a-digit-page --server.port 8502     with an option of `streamlit run`

The settings are those of `.streamlit/config.toml`, which is installed beside `app.py`.
"""

import sys

from streamlit.web import cli

from digits.system.paths import PAGE_SCRIPT


def main(argv: list[str] | None = None) -> int:
    """Serve the page until it is interrupted; the arguments are those of `streamlit run app.py`."""
    arguments = sys.argv[1:] if argv is None else argv
    return cli.main(["run", str(PAGE_SCRIPT), *arguments], prog_name="streamlit")
