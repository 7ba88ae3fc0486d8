"""What the server holds of a visitor's uploads: a limited sum, and little of what has been read."""

from types import SimpleNamespace

import pytest
import streamlit as st
from starlette.exceptions import HTTPException
from streamlit.proto.Common_pb2 import FileURLs
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.uploaded_file_manager import UploadedFile, UploadedFileRec

from digits.page import uploads


@pytest.fixture
def manager(monkeypatch):
    """Streamlit's keeper of uploads, limited to three files of ten bytes together, of which read files keep four."""
    manager = MemoryUploadedFileManager("/upload")
    monkeypatch.setattr(uploads, "_manager", lambda: manager)
    monkeypatch.setattr(uploads, "get_script_run_ctx", lambda: SimpleNamespace(session_id="mine"))
    monkeypatch.setattr(uploads, "MOST_FILES", 3)
    monkeypatch.setattr(uploads, "MOST_BYTES", 10)
    monkeypatch.setattr(uploads, "MOST_BYTES_OF_ALL", 25)
    monkeypatch.setattr(uploads, "MOST_BYTES_READ", 4)
    st.cache_resource.clear()
    uploads.limit()
    yield manager
    st.cache_resource.clear()


def put(manager, name, content, session="mine"):
    manager.add_file(session, UploadedFileRec(name, f"{name}.png", "image/png", content))


def held(manager, session="mine"):
    return {file.file_id: file.data for file in manager.held(session)}


def test_a_session_holds_so_many_bytes_and_no_more(manager):
    put(manager, "a", b"12345")
    put(manager, "b", b"12345")
    with pytest.raises(HTTPException) as refused:
        put(manager, "c", b"1")
    assert refused.value.status_code == 413
    assert set(held(manager)) == {"a", "b"}
    put(manager, "c", b"1234567890", session="another")
    put(manager, "b", b"1")  # in the place of the one before
    put(manager, "c", b"1234")


def test_a_session_holds_so_many_files_and_no_more(manager):
    for name in "abc":
        put(manager, name, b"")
    with pytest.raises(HTTPException):
        put(manager, "d", b"")
    manager.remove_file("mine", "a")
    put(manager, "d", b"")


def test_all_sessions_hold_so_many_bytes_and_no_more(manager):
    put(manager, "a", bytes(10))
    put(manager, "a", bytes(10), session="another")
    with pytest.raises(HTTPException) as refused:
        put(manager, "a", bytes(6), session="a third")
    assert refused.value.status_code == 503
    manager.remove_session_files("another")
    put(manager, "a", bytes(6), session="a third")


def test_of_what_was_read_the_earliest_is_let_go_of(manager):
    for name, content in (("a", b"123"), ("b", b"1234"), ("c", b"12")):
        put(manager, name, content)
    read = [UploadedFile(file, FileURLs()) for file in manager.held("mine")]
    uploads.let_go(read)
    assert held(manager) == {"a": b"", "b": b"", "c": b"12"}


def test_a_little_that_was_read_is_kept_for_another_model(manager):
    put(manager, "a", b"1234")
    uploads.let_go([UploadedFile(file, FileURLs()) for file in manager.held("mine")])
    assert held(manager) == {"a": b"1234"}
