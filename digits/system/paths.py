"""Paths: the program's own files, and the user's folders."""

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
ASSETS = ROOT / "assets"
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
