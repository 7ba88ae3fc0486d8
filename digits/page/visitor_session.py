"""A visitor's session: what the page remembers for one visitor, what all share, and who may use the computer."""

import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import streamlit as st
from streamlit import config

from digits.drawing.pad_content import PadContent, parse
from digits.models import loading
from digits.page import history
from digits.page.history import HistoryEntry
from digits.page.jobs import window_process
from digits.page.jobs.machine_speed import MachineSpeed
from digits.page.jobs.mnist_download import MnistDownload
from digits.page.jobs.training_jobs import TrainingHost
from digits.recognition.classifier import Classifier
from digits.system import addresses, hosting, paths
from digits.system.files import UserError, sha256

MOST_ENTRIES = 10_000  # of a visitor's history


class Removed(NamedTuple):
    """Which answers of the window are left out: all up to a time, and single ones, by time and name."""

    until: float = 0.0
    single: frozenset[tuple[float, str]] = frozenset()


@st.cache_resource(show_spinner=False)
def window() -> window_process.WindowHost:
    """Return the one drawing window of this server."""
    return window_process.WindowHost([sys.executable, str(paths.ROOT / "recognition.py")])


@st.cache_resource(show_spinner=False)
def trainings() -> TrainingHost:
    """Return the trainings of this server."""
    return TrainingHost(paths.user_data() / "models")


@st.cache_resource(show_spinner=False)
def speed() -> MachineSpeed:
    """Return how fast this server's machine trains."""
    return MachineSpeed(paths.user_cache())


@st.cache_resource(show_spinner=False)
def mnist_download() -> MnistDownload:
    """Return the download of MNIST of this server."""
    return MnistDownload()


def is_hosted() -> bool:
    """Tell whether the page serves strangers; raises UserError."""
    return hosting.is_hosted(config.get_option("server.address"), window_process.has_screen())


def is_at_this_computer() -> bool:
    """Tell whether the visitor sits at the computer that runs the page, whose window and trainings are theirs."""
    if is_hosted():
        return False
    headers = st.context.headers
    pairs = [(name, value) for name in headers for value in headers.get_all(name)]
    return addresses.is_local_request(st.context.ip_address, pairs)


def model_in_use() -> Path:
    """Return the Keras file that answers this visitor."""
    chosen = st.session_state.get("model")
    return chosen if chosen and chosen.is_file() else st.session_state.get("named_model", loading.SHIPPED)


def use_model(path: Path, name: str = "") -> None:
    """Have another model answer this visitor from now on; it is shown by its name, if it has one beside its path's."""
    st.session_state["model"] = path
    st.session_state["model_name"] = name


def name_of(path: Path) -> str:
    """Return the name by which a visitor knows a model."""
    return (path == st.session_state.get("model") and st.session_state.get("model_name")) or path.name


def classifier() -> Classifier:
    """Return the classifier of the model in use; raises UserError."""
    return load(model_in_use())


def load(path: Path) -> loading.LoadedModel:
    """Return a classifier, loaded once per server for each content of the file; raises UserError."""
    return _load(str(path), path.stat().st_mtime_ns if path.is_file() else 0)


@st.cache_resource(show_spinner="Preparing the model ...", max_entries=8)
def _load(path: str, modified: int) -> loading.LoadedModel:
    return loading.load(Path(path))


@st.cache_data(show_spinner=False, max_entries=8)
def digest(path: str, modified: int) -> str:
    """Return the sha256 of a file that was modified then."""
    return sha256(Path(path))


def current_drawing() -> PadContent | None:
    """Return the drawing on the visitor's pad, a digit or a number; None while there is none."""
    try:
        content = parse(st.session_state.get("drawing"))
    except UserError:
        return None
    return content if content.strokes else None


def note_drawing(payload: object) -> None:
    """Take what a pad has sent for the drawing that is on the visitor's pad from now on, on whichever tab."""
    st.session_state["drawing"] = payload


def entries() -> list[HistoryEntry]:
    """Return all answers of this session, the latest first: the visitor's own, and at this computer the window's."""
    return history.latest_first([*_from_window(removed_from_window()), *_own()])


def remember(new: list[HistoryEntry]) -> None:
    """Add answers to the history of this session, which forgets the earliest beyond MOST_ENTRIES."""
    own = _own()
    own.extend(new)
    del own[:-MOST_ENTRIES]


def take_back(kept: Sequence[HistoryEntry]) -> None:
    """Put answers that the visitor's browser kept before those of this session."""
    _own()[:0] = kept


def clear() -> None:
    """Delete all answers of this session."""
    _remove(Removed(time.time()), [])


def delete(gone: Sequence[HistoryEntry]) -> None:
    """Delete these of the answers that `entries` has returned; `undo_delete` brings them back."""
    until, single = removed_from_window()
    of_window = {(entry.time, entry.name) for entry in gone if entry.source == "window"}
    deleted = set(gone)
    _remove(Removed(until, single | of_window), [entry for entry in _own() if entry not in deleted])


def _remove(from_window: Removed, own: list[HistoryEntry]) -> None:
    st.session_state["before_deletion"] = removed_from_window(), list(_own())
    st.session_state["removed"] = from_window
    _own()[:] = own


def num_deleted() -> int:
    """Return how many answers `undo_delete` would bring back."""
    if "before_deletion" not in st.session_state:
        return 0
    before, own = st.session_state["before_deletion"]
    return len(set(own) - set(_own())) + len(_from_window(before)) - len(_from_window(removed_from_window()))


def undo_delete() -> None:
    """Bring the answers back that were deleted last."""
    st.session_state["removed"], before = st.session_state.pop("before_deletion")
    known = set(before)
    _own()[:] = [*before, *(entry for entry in _own() if entry not in known)]


def removed_from_window() -> Removed:
    """Return which of the window's answers this visitor has deleted."""
    return st.session_state.setdefault("removed", Removed())


def note_removed(removed: Removed) -> None:
    """Leave out these of the window's answers from now on."""
    st.session_state["removed"] = removed


def own_entries() -> Sequence[HistoryEntry]:
    """Return the answers of pad and images, the earliest first."""
    return _own()


def _from_window(removed: Removed) -> list[HistoryEntry]:
    """Return the window's answers without these, for those at this computer."""
    if not is_at_this_computer():
        return []
    drawn = [drawing for drawing in window().snapshot().drawings if drawing.time > removed.until]
    found = [entry for drawing in drawn for entry in history.entries_of(drawing, "window")]
    return [entry for entry in found if (entry.time, entry.name) not in removed.single]


def _own() -> list[HistoryEntry]:
    return st.session_state.setdefault("history", [])
