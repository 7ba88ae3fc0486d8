"""Paths: the program's own files, and the user's folders."""

from pathlib import Path

PACKAGE = Path(__file__).resolve().parent.parent
ROOT = PACKAGE.parent  # the checkout, or the folder it is installed in: handwriting.py and recognition.py lie there
IN_CHECKOUT = (ROOT / "pyproject.toml").is_file()
ASSETS = (ROOT if IN_CHECKOUT else PACKAGE) / "assets"
PAGE_SCRIPT = (ROOT if IN_CHECKOUT else PACKAGE / "streamlit_app") / "app.py"
NAME = "handwriting"  # of the user's folders


def user_data() -> Path:
    """Return the folder for what the user makes; it may not exist yet."""
    import platformdirs  # late: the window opens before it

    return platformdirs.user_data_path(NAME, appauthor=False)


def user_cache() -> Path:
    """Return the folder for what can be made again; it may not exist yet."""
    import platformdirs

    return platformdirs.user_cache_path(NAME, appauthor=False)


def user_pictures() -> Path:
    """Return the user's folder for pictures; it may not exist."""
    import platformdirs

    return platformdirs.user_pictures_path()
