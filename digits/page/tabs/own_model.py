"""A model of the visitor's own, uploaded in the tab Model: for the one who sits at the computer that runs the page.

It is converted as a file named on the command line is, in a process of its own, after the same check. Its name is shown
as text and is no path: the file lies in a temporary folder, for as long as the visitor's session.
"""

from pathlib import Path

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from digits.models import loading
from digits.page import uploads, visitor_session
from digits.page.widgets import show_error
from digits.system.files import UserError, shorten
from digits.system.leftovers import TemporaryFolder

TYPES = ["h5", "hdf5", "keras"]
LARGEST = 200  # MB


def show() -> None:
    """Offer to use a model of one's own, and to return to the shipped one."""
    if not visitor_session.is_at_this_computer():
        return
    with st.expander("Use a model of your own"):
        uploads.limit()
        file = st.file_uploader("A Keras file that reads digits", TYPES, key="own model", max_upload_size=LARGEST)
        if file is not None:
            if st.session_state.get("own_model") != file.file_id:
                st.session_state["own_model"], st.session_state["own_model_refused"] = file.file_id, use(file)
            if st.session_state["own_model_refused"]:
                show_error(st.session_state["own_model_refused"])
        if visitor_session.model_in_use() != loading.SHIPPED:
            st.button("Use the shipped model again", on_click=visitor_session.use_model, args=(loading.SHIPPED,))


def use(file: UploadedFile) -> str:
    """Convert an uploaded model and have it answer; return a sentence on why it is refused, or none."""
    folder = TemporaryFolder("handwriting-model-")
    path = folder.path / f"model{Path(file.name).suffix.lower()}"
    try:
        path.write_bytes(file.getbuffer())
        visitor_session.load(path)
    except UserError as error:
        return str(error).replace(str(path), shorten(file.name))
    except OSError as error:
        return f"The model cannot be kept among the temporary files ({error.strerror}); make room and try again."
    st.session_state["own_model_folder"] = folder  # removed with the session, or by the next upload
    visitor_session.use_model(path, shorten(file.name))
    return ""
