"""The model in use as a file for other programs: the .tflite that answers here, and an .onnx file on demand."""

from pathlib import Path

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from digits.models import loading
from digits.page import visitor_session
from digits.page.widgets import offer_file, show_error
from digits.system.files import UserError
from digits.system.installed import check_onnx
from digits.system.leftovers import TemporaryFolder

BYTES = "application/octet-stream"


def show(place: DeltaGenerator, path: Path) -> None:
    """Offer both; converting takes this computer some seconds, so only who sits at it can ask for ONNX."""
    content = visitor_session.load(path).content
    with place:
        offer_file("Download .tflite", content, f"{path.stem}.tflite", BYTES)
    if not visitor_session.is_at_this_computer():
        return
    digest = visitor_session.digest(str(path), path.stat().st_mtime_ns)
    if st.session_state.pop("onnx", None) == digest:
        try:
            content = onnx_of(digest, str(path))
        except UserError as error:
            show_error(str(error))
        else:
            st.session_state["onnx"] = digest
            with place:
                offer_file("Download .onnx", content, f"{path.stem}.onnx", BYTES)
            return
    place.button("Write as ONNX", icon=":material/swap_horiz:", on_click=_ask_for, args=[digest])


@st.cache_data(show_spinner="Writing the model as ONNX ...", max_entries=2)
def onnx_of(digest: str, path: str) -> bytes:
    """Return the .onnx file of a Keras file, once for each content; raises UserError."""
    check_onnx()
    with TemporaryFolder("handwriting-onnx-") as folder:
        loading.run_conversion(Path(path), folder / "model.onnx")
        return (folder / "model.onnx").read_bytes()


def _ask_for(digest: str) -> None:
    st.session_state["onnx"] = digest
