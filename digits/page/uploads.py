"""Uploaded files: how much of them the server holds for one visitor's session, and for all of them.

Streamlit keeps every uploaded file in memory until its visitor takes it away or the session ends, and it limits the
size of each, not their sum. Here the sum is limited, and the content of files that have been read is let go of.
"""

from collections.abc import Sequence

import streamlit as st
from starlette.exceptions import HTTPException
from streamlit import runtime
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.uploaded_file_manager import UploadedFile, UploadedFileRec

MOST_FILES = 1000  # of a session at once
MOST_BYTES = 300_000_000  # of a session at once
MOST_BYTES_OF_ALL = 1_000_000_000  # of all sessions together
MOST_BYTES_READ = 30_000_000  # of a session's files that have been read: kept so that another model can read them


class LimitedUploads(MemoryUploadedFileManager):
    """Streamlit's own keeper of uploaded files, with limits for each session."""

    def add_file(self, session_id: str, file: UploadedFileRec) -> None:
        """Keep a file; the upload is refused where the session would hold too much (HTTP 413), or all (503)."""
        others = [held for held in self.held(session_id) if held.file_id != file.file_id]
        if len(others) >= MOST_FILES or sum(len(held.data) for held in [*others, file]) > MOST_BYTES:
            raise HTTPException(status_code=413, detail="Too many files at once")
        held = sum(len(each.data) for files in list(self.file_storage.values()) for each in list(files.values()))
        if held + len(file.data) > MOST_BYTES_OF_ALL:
            raise HTTPException(status_code=503, detail="The server holds as many files as it can; upload yours later")
        super().add_file(session_id, file)

    def held(self, session_id: str) -> list[UploadedFileRec]:
        """Return the files that a session holds."""
        return list(self.file_storage.get(session_id, {}).values())


@st.cache_resource(show_spinner=False)
def limit() -> None:
    """Limit the uploads of every session from now on; once per server."""
    manager = _manager()
    if manager is not None:
        manager.__class__ = LimitedUploads  # Streamlit has no setting for it, and its routes know this very object


def let_go(files: Sequence[UploadedFile]) -> None:
    """Let go of the content of files that have been read, the earliest first, as far as they are too much to keep."""
    manager, context = _manager(), get_script_run_ctx()
    excess = sum(file.size for file in files) - MOST_BYTES_READ
    for file in files:
        if excess <= 0 or manager is None or context is None:
            return
        excess -= file.size
        manager.add_file(context.session_id, UploadedFileRec(file.file_id, file.name, file.type, b""))


def _manager() -> MemoryUploadedFileManager | None:
    """Return the keeper of the running server; None in a test without one."""
    manager = runtime.get_instance().uploaded_file_mgr if runtime.exists() else None
    return manager if isinstance(manager, MemoryUploadedFileManager) else None
