"""Paths: the program's own files, and the user's folders."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from digits.system.files import UserError

PACKAGE = Path(__file__).resolve().parent.parent
ROOT = PACKAGE.parent  # the checkout, or the folder it is installed in: handwriting.py and recognition.py lie there
IN_CHECKOUT = (ROOT / "pyproject.toml").is_file()
ASSETS = (ROOT if IN_CHECKOUT else PACKAGE) / "assets"
PAGE_SCRIPT = (ROOT if IN_CHECKOUT else PACKAGE / "streamlit_app") / "app.py"
NAME = "handwriting"  # of the user's folders


def user_data() -> Path:
    """Return the folder for what the user makes; it may not exist yet. Raises UserError without a home folder."""
    import platformdirs  # late: the window opens before it

    with _home_needed():
        return platformdirs.user_data_path(NAME, appauthor=False)


def user_cache() -> Path:
    """Return the folder for what can be made again; it may not exist yet. Raises UserError without a home folder."""
    import platformdirs

    with _home_needed():
        return platformdirs.user_cache_path(NAME, appauthor=False)


def user_pictures() -> Path:
    """Return the user's folder for pictures; it may not exist."""
    import platformdirs

    with _home_needed():
        return platformdirs.user_pictures_path()


def user_home() -> Path:
    """Return the user's home folder; raises UserError where there is none."""
    with _home_needed():
        return Path.home()


def house_keras() -> None:
    """Without a home folder, let Keras keep its settings with temporary files, and not in a folder named "~" here."""
    try:
        Path.home()
    except RuntimeError:
        os.environ.setdefault("KERAS_HOME", str(Path(tempfile.gettempdir(), ".keras")))


def expand(path: Path | str) -> Path:
    """Return a path with the home folder in place of "~"; raises UserError for the home of nobody."""
    try:
        return Path(path).expanduser()
    except RuntimeError as error:
        raise UserError(f"There is no home folder for {path}; name the file by its whole path.") from error


@contextmanager
def _home_needed() -> Iterator[None]:
    try:
        yield
    except RuntimeError as error:
        raise UserError(
            "This user has no home folder; set the variable HOME to a folder that may be written."
        ) from error
